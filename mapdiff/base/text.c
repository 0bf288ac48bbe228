/* text.c - numbers <-> texts: see text.h. */
#include "mapdiff/base/text.h"

#include <inttypes.h>
#include <string.h>

#include "bootmem/count.h"
#include "handoff/capture/text.h"
#include "mapdiff/base/memory.h"
#include "x86/uefi_map.h"

const char *text_range(paddr_t start_paddr, paddr_t end_paddr)
{
	return memory_printf("0x%" PRIx64 "-0x%" PRIx64, start_paddr, end_paddr);
}

const char *text_size(uint64_t bytes)
{
	char text[TEXT_AMOUNT_BYTES];

	return memory_printf("%s", text_amount(text, bytes));
}

const char *text_letters(size_t number)
{
	char letters[24];
	size_t at = sizeof letters;

	for (size_t n = number + 1; n > 0 && at > 0; n = (n - 1) / 26)
		letters[--at] = (char)('A' + (n - 1) % 26);
	return memory_text(letters + at, sizeof letters - at);
}

const char *text_plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

const char *text_count(uint64_t n, const char *noun)
{
	return memory_printf("%" PRIu64 " %s%s", n, noun, text_plural(n));
}

const char *text_type(uint32_t e820_type)
{
	if (e820_type == E820_NONE)
		return "nothing";
	if (e820_type == E820_COREBOOT)
		return "coreboot's tables (type 16)";
	if (!e820_type_has_name(e820_type))
		return memory_printf("type %" PRIu32, e820_type);
	if (e820_type == E820_PMEM || e820_type == E820_PRAM) /* Linux names the number too */
		return memory_printf("persistent (type %" PRIu32 ")", e820_type);
	return e820_type_name(e820_type);
}

/* UEFI 2.10 §7.2.3, EFI_MEMORY_DESCRIPTOR.Attribute, without EFI_MEMORY_ before; and the letters
 * that Linux and GRUB have for them. */
static const struct {
	uint64_t bit;
	const char *name, *of_linux, *of_grub;
} attributes[] = {
	{ UINT64_C(0x1), "UC", "UC", "UC" },
	{ UINT64_C(0x2), "WC", "WC", "WC" },
	{ UINT64_C(0x4), "WT", "WT", "WT" },
	{ UEFI_MEMORY_WB, "WB", "WB", "WB" },
	{ UINT64_C(0x10), "UCE", "UCE", "UCE" },
	{ UINT64_C(0x1000), "WP", "WP", "WP" },
	{ UINT64_C(0x2000), "RP", "RP", "RP" },
	{ UINT64_C(0x4000), "XP", "XP", "XP" },
	{ UINT64_C(0x8000), "NV", "NV", "NV" },
	{ UINT64_C(0x10000), "MORE_RELIABLE", "MR", "MR" },
	{ UINT64_C(0x20000), "RO", "RO", "RO" },
	{ UEFI_MEMORY_SP, "SP", "SP", "SP" },
	{ UINT64_C(0x80000), "CPU_CRYPTO", "CC", "CRYPTO" },
	{ UINT64_C(0x100000), "HOT_PLUGGABLE", "HP", "HP" }, /* of UEFI 2.11 */
	{ UEFI_MEMORY_RUNTIME, "RUNTIME", "RUN", "RT" },
};

const char *text_attribute(uint64_t attribute)
{
	struct bytes text = { 0 };

	for (size_t i = 0; i < COUNT(attributes); i++) {
		if ((attribute & attributes[i].bit) == 0)
			continue;
		attribute &= ~attributes[i].bit;
		memory_append(&text, "%s%s", text.n_text > 0 ? " " : "", attributes[i].name);
	}
	if (attribute != 0)
		memory_append(&text, "%s0x%" PRIx64, text.n_text > 0 ? " " : "", attribute);
	return text.n_text > 0 ? text.text : "-";
}

static bool is_word(const char *word, const char *letters, size_t n)
{
	return strlen(word) == n && memcmp(word, letters, n) == 0;
}

uint64_t text_attribute_bit(const char *letters, size_t n)
{
	for (size_t i = 0; i < COUNT(attributes); i++)
		if (is_word(attributes[i].of_linux, letters, n) ||
		    is_word(attributes[i].of_grub, letters, n))
			return attributes[i].bit;
	return 0;
}

static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : UINT32_MAX;
}

size_t text_digits(const char *text, size_t bytes, unsigned base, uint64_t *ret_value)
{
	uint64_t value = 0;
	size_t n;

	for (n = 0; n < bytes; n++) {
		unsigned digit = digit_value(text[n]);

		if (digit >= base)
			break;
		if (value > (UINT64_MAX - digit) / base)
			return 0;
		value = value * base + digit;
	}
	if (n > 0)
		*ret_value = value;
	return n;
}

bool text_number(const char *text, uint64_t *ret_value, const char **ret_end)
{
	bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	size_t n;

	text += is_hex ? 2 : 0;
	n = text_digits(text, strlen(text), is_hex ? 16 : 10, ret_value);
	*ret_end = text + n;
	return n > 0;
}

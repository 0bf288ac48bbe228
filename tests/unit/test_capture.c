/*
 * test_capture.c - what is written into a capture is read back to the same; what is damaged is
 * noticed; what is no line of a capture is refused.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handoff/capture/capture.h"
#include "x86/crc32.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define STRIDE       48

/* What was written, all of it and the last line. */
struct paper {
	char text[32768];
	size_t bytes;
	size_t last; /* where the last line starts */
};
static struct paper paper;
static struct capture_writer writer;

static void take_line(void *context, const char *line, size_t bytes)
{
	struct paper *to = context;

	assert_true(bytes > 0 && bytes <= CAPTURE_LINE_BYTES && line[bytes - 1] == '\n');
	assert_null(memchr(line, '\n', bytes - 1));
	assert_true(to->bytes + bytes < sizeof to->text);
	memcpy(to->text + to->bytes, line, bytes);
	to->last = to->bytes;
	to->bytes += bytes;
	to->text[to->bytes] = '\0';
}

static void begin(void)
{
	paper.bytes = 0;
	capture_begin(&writer, take_line, &paper);
}

static const char *last_line(void)
{
	return paper.text + paper.last;
}

static bool parse(const char *line, struct capture_parsed *parsed)
{
	return capture_parse_line(line, strcspn(line, "\n"), parsed);
}

static bool words_are(struct capture_words words, const char *text)
{
	return words.bytes == strlen(text) && memcmp(words.start, text, words.bytes) == 0;
}

static void parse_last(struct capture_parsed *parsed)
{
	if (!parse(last_line(), parsed))
		fail_msg("cannot read %s", last_line());
}

/* --- lines --- */

static void a_capture_begins_and_ends(void **state)
{
	struct capture_parsed parsed;
	char want[40];

	(void)state;
	begin();
	assert_string_equal(paper.text, "bootmem-capture 1\n");
	parse_last(&parsed);
	assert_int_equal(parsed.kind, CAPTURE_BEGIN);
	assert_int_equal(parsed.value, CAPTURE_VERSION);
	capture_text(&writer, "label", "docked");
	snprintf(want, sizeof want, "checksum 0x%08x\n",
	         (unsigned)crc32_add(0, paper.text, paper.bytes));
	capture_end(&writer);
	assert_string_equal(last_line(), want);
	parse_last(&parsed);
	assert_int_equal(parsed.kind, CAPTURE_CHECKSUM);
}

static void texts_are_cleaned(void **state)
{
	static const struct {
		const char *text, *line;
	} rows[] = {
		{ "plain", "label plain\n" },
		{ "with  blanks", "label with  blanks\n" },
		{ "two\nlines\r", "label two?lines?\n" },
		{ "\t\x7f\x80\xff~", "label ????~\n" },
		{ "100% \"quoted\"", "label 100% \"quoted\"\n" },
	};
	struct capture_parsed parsed;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		begin();
		capture_text(&writer, "label", rows[i].text);
		assert_string_equal(last_line(), rows[i].line);
		parse_last(&parsed);
		assert_int_equal(parsed.kind, CAPTURE_OTHER);
		assert_true(words_are(parsed.key, "label"));
		assert_int_equal(parsed.text.bytes, strlen(rows[i].text));
	}
	begin();
	capture_text(&writer, "label", "");
	capture_text(&writer, "label", NULL);
	capture_text(&writer, "label", "  ");
	assert_string_equal(last_line(), "bootmem-capture 1\n");
	capture_text(&writer, "label", "  docked  ");
	assert_string_equal(last_line(), "label docked\n");
	capture_line(&writer, "keep-boot-services", "%s", "");
	assert_string_equal(last_line(), "keep-boot-services\n");
}

static void long_lines_are_cut(void **state)
{
	char text[2 * CAPTURE_LINE_BYTES];

	(void)state;
	for (size_t length = CAPTURE_LINE_BYTES - 10; length < sizeof text; length += 1) {
		size_t want = strlen("label \n") + length;

		memset(text, 'x', length);
		text[length] = '\0';
		begin();
		capture_text(&writer, "label", text);
		assert_int_equal(strlen(last_line()),
		                 want < CAPTURE_LINE_BYTES ? want : CAPTURE_LINE_BYTES);
		capture_text(&writer, text, "label");
		assert_true(strlen(last_line()) <= CAPTURE_LINE_BYTES);
	}
}

static void spans_may_have_names(void **state)
{
	struct capture_parsed parsed;

	(void)state;
	begin();
	capture_span(&writer, "initrd", (struct span){ 0x1000, 0x1000 }, "nothing");
	assert_string_equal(last_line(), "bootmem-capture 1\n");
	capture_span(&writer, "initrd", (struct span){ 0x1000, 0x2345 }, NULL);
	assert_string_equal(last_line(), "initrd 0x0000000000001000 0x0000000000002345\n");
	parse_last(&parsed);
	assert_true(parsed.kind == CAPTURE_SPAN && parsed.text.bytes == 0);
	capture_span(&writer, "smbios", (struct span){ 0xf04c0, UINT64_MAX }, "entry point");
	assert_string_equal(last_line(),
	                    "smbios 0x00000000000f04c0 0xffffffffffffffff entry point\n");
	parse_last(&parsed);
	assert_true(words_are(parsed.key, "smbios") && words_are(parsed.text, "entry point"));
	assert_true(parsed.start == 0xf04c0 && parsed.end == UINT64_MAX);
}

/* --- round trips --- */

/* Among the usual types, bits and sizes some that are extreme. */
static uint64_t random_u64(void)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13; /* Marsaglia's xorshift */
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static uint64_t random_some(void)
{
	switch (random_u64() % 5) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX - random_u64() % 3;
	case 2:
		return random_u64();
	default:
		return random_u64() % 0x1000 << 12;
	}
}

static struct uefi_descriptor random_descriptor(void)
{
	return (struct uefi_descriptor){
		.type = (uint32_t)(random_u64() % 2 ? random_some() : random_u64() % 20),
		.pad = random_u64() % 3 == 0 ? (uint32_t)random_some() : 0,
		.start_paddr = random_some(),
		.start_vaddr = random_u64() % 3 == 0 ? random_some() : 0,
		.n_pages = random_some(),
		.attribute = random_some(),
	};
}

static void descriptors_are_read_back(void **state)
{
	uint8_t wire[STRIDE];
	struct uefi_map map = { wire, STRIDE, STRIDE };
	struct capture_parsed parsed;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct uefi_descriptor descriptor = random_descriptor();

		memset(wire, 0, sizeof wire);
		memcpy(wire, &descriptor, sizeof descriptor);
		begin();
		capture_uefi_map(&writer, &map, 1);
		parse_last(&parsed);
		assert_int_equal(parsed.kind, CAPTURE_UEFI);
		assert_memory_equal(&parsed.descriptor, &descriptor, sizeof descriptor);
		assert_true(words_are(parsed.text, uefi_type_name(descriptor.type)));
		assert_true(parsed.start == descriptor.start_paddr && parsed.start <= parsed.end);
	}
}

static void a_uefi_map_looks_like_this(void **state)
{
	static const struct uefi_descriptor rows[] = {
		{ UEFI_CONVENTIONAL, 0, 0x100000, 0, 0x10, 0xf },
		{ UEFI_RUNTIME_SERVICES_DATA, 0, 0x7f000000, 0xfee00000, 1,
		  UEFI_MEMORY_RUNTIME | 0xf },
		{ 0x80000001, 0xaf, 0xfffffffffffff000, 0, 1, 0 },
		{ UEFI_RESERVED, 0, 0, 0, 0, 0 },
	};
	uint8_t wire[COUNT(rows) * STRIDE] = { 0 };
	struct uefi_map map = { wire, sizeof wire, STRIDE };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		memcpy(wire + i * STRIDE, &rows[i], sizeof rows[i]);
	begin();
	capture_uefi_map(&writer, &map, 1);
	assert_string_equal(
		paper.text,
		"bootmem-capture 1\n"
		"uefi-map 48 1\n"
		"uefi 0x0000000000100000 0x0000000000110000 7 0xf Conventional\n"
		"uefi 0x000000007f000000 0x000000007f001000 6 0x800000000000000f "
		"RuntimeServicesData vaddr=0xfee00000\n"
		"uefi 0xfffffffffffff000 0xfffffffffffff000 0x80000001 0x0 OS pages=0x1 pad=0xaf\n"
		"uefi 0x0000000000000000 0x0000000000000000 0 0x0 Reserved\n");
}

static void acpi_tables_are_read_back(void **state)
{
	static const struct acpi_table tables[] = {
		{ 0x1f77d000, 244, "FACP", 3, true, "XSDT" },
		{ 0xf0000, 36, "RSDP", 2, true, "configuration table" },
		{ 0, UINT32_MAX, "BGRT image", 0, false, "BGRT" },
		{ UINT64_MAX - 1, 1, "?\"??", 255, true, "RSDT" },
	};
	struct capture_parsed parsed;

	(void)state;
	begin();
	for (size_t i = 0; i < COUNT(tables); i++) {
		const struct acpi_table *table = &tables[i];
		bool has_crc32 = i % 2 == 0;

		capture_acpi(&writer, table, has_crc32, 0xbeef);
		parse_last(&parsed);
		assert_int_equal(parsed.kind, CAPTURE_ACPI);
		assert_true(parsed.table.paddr == table->paddr && parsed.start == table->paddr);
		assert_int_equal(parsed.table.length_bytes, table->length_bytes);
		assert_int_equal(parsed.end, table->paddr + table->length_bytes);
		assert_true(parsed.table.revision == table->revision &&
		            parsed.table.sum_ok == table->sum_ok);
		assert_string_equal(parsed.table.signature, i == 3 ? "?'??" : table->signature);
		assert_true(words_are(parsed.text, table->found_through));
		assert_true(parsed.has_crc32 == has_crc32 &&
		            parsed.crc32 == (has_crc32 ? 0xbeef : 0));
	}
	assert_string_equal(last_line(), "acpi 0xfffffffffffffffe 1 - 255 ok \"?'??\" RSDT\n");
}

static void reservations_are_read_back(void **state)
{
	static const char long_text[] = "a text that is longer than any of the fields of a "
					"reservation in the hand-off block, where they are cut";
	struct capture_parsed parsed;

	(void)state;
	begin();
	for (int i = 0; i < 200; i++) {
		paddr_t start_paddr = random_u64() >> 1;
		struct span span = { start_paddr, start_paddr + 1 + random_u64() % 100000 };
		struct reservation made = reservation_make(
			(enum reservation_kind)(1 + i % 15), (enum reservation_origin)(i % 2),
			(enum reservation_lifetime)(i % 3), span, i % 7 ? "ACPI FACP" : long_text,
			i % 5   ? "fixed description table, found through XSDT"
			: i % 2 ? long_text
				: "");

		paper.bytes = 0;
		capture_reservation(&writer, "amd64", &made);
		parse_last(&parsed);
		assert_int_equal(parsed.kind, CAPTURE_RESERVE);
		assert_true(words_are(parsed.target, "amd64"));
		assert_memory_equal(&parsed.reservation, &made, sizeof made);
	}
	struct reservation quoted =
		reservation_make(RESERVATION_ACPI, ORIGIN_EXTENSION, LIFETIME_ACPI,
	                         (struct span){ 0, 0x1000 }, "\"\" \"", "a \"b\" c");

	capture_reservation(&writer, "ia32", &quoted);
	assert_string_equal(last_line(), "reserve ia32 0x0000000000000000 0x0000000000001000 "
	                                 "extension acpi 10 \"'' '\" \"a 'b' c\"\n");
	parse_last(&parsed);
}

static void the_runs_of_a_bitmap_are_read_back(void **state)
{
	static uint64_t bits[PAGE_BYTES / 8];
	bootmem_data_t bdata;

	(void)state;
	init_bootmem(&bdata, bits, 1, 0x800, 8);
	begin();
	capture_bitmap(&writer, "ia32", &bdata, 0x900);
	assert_string_equal(last_line(), "max-low-pfn ia32 0x800\n");
	free_bootmem(&bdata, 0x1000, 0x5000);
	free_bootmem(&bdata, 0x7ff000, 0x800000);
	begin();
	capture_bitmap(&writer, "ia32", &bdata, 0x900);
	assert_string_equal(paper.text, "bootmem-capture 1\n"
	                                "max-pfn ia32 0x900\n"
	                                "max-low-pfn ia32 0x800\n"
	                                "free ia32 0x1 0x5\n"
	                                "free ia32 0x7ff 0x800\n");
}

/* --- lines that are none --- */

#define PAGE "0x0000000000001000 0x0000000000002000"

static const struct {
	const char *line;
	bool is_good;
	enum capture_key kind;
} rows[] = {
	{ "", true, CAPTURE_NOTHING },
	{ "\r", true, CAPTURE_NOTHING },
	{ "# e820 what", true, CAPTURE_NOTHING },
	{ " e820 " PAGE " 1", true, CAPTURE_OTHER },
	{ "nothing-we-know", true, CAPTURE_OTHER },
	{ "e82", true, CAPTURE_OTHER },
	{ "e8200 1", true, CAPTURE_OTHER },
	{ "bootmem-capture 1\r", true, CAPTURE_BEGIN },
	{ "bootmem-capture 99", true, CAPTURE_BEGIN },
	{ "bootmem-capture", false, CAPTURE_BEGIN },
	{ "bootmem-capture ", false, CAPTURE_BEGIN },
	{ "bootmem-capture one", false, CAPTURE_BEGIN },
	{ "bootmem-capture 1 2", false, CAPTURE_BEGIN },
	{ "checksum 0x12345678", true, CAPTURE_CHECKSUM },
	{ "checksum 0x1234567X", false, CAPTURE_CHECKSUM },
	{ "checksum 0x1234567A", false, CAPTURE_CHECKSUM },
	{ "checksum 0x12345678 ", true, CAPTURE_CHECKSUM },
	{ "checksum 0x", false, CAPTURE_CHECKSUM },
	/* Numbers: to 64 bits, and not a bit more. */
	{ "bootmem-capture 18446744073709551615", true, CAPTURE_BEGIN },
	{ "bootmem-capture 18446744073709551616", false, CAPTURE_BEGIN },
	{ "bootmem-capture 99999999999999999999999", false, CAPTURE_BEGIN },
	{ "bootmem-capture 0xffffffffffffffff", true, CAPTURE_BEGIN },
	{ "bootmem-capture 0x10000000000000000", false, CAPTURE_BEGIN },
	{ "bootmem-capture -1", false, CAPTURE_BEGIN },
	{ "bootmem-capture 1a", false, CAPTURE_BEGIN },
	{ "e820 " PAGE " 1 usable", true, CAPTURE_E820 },
	{ "e820 " PAGE " 1", true, CAPTURE_E820 },
	{ "e820 " PAGE " 0xefffffff soft reserved", true, CAPTURE_E820 },
	{ "e820 " PAGE " 0 nothing", false, CAPTURE_E820 },
	{ "e820 " PAGE " 0x100000000 type", false, CAPTURE_E820 },
	{ "e820 " PAGE, false, CAPTURE_E820 },
	{ "e820", false, CAPTURE_E820 },
	{ "e820  " PAGE " 1", false, CAPTURE_E820 },
	{ "e820 0x1000 0x1000 1", false, CAPTURE_E820 },
	{ "e820 0x2000 0x1000 1", false, CAPTURE_E820 },
	{ "uefi " PAGE " 7 0xf Conventional", true, CAPTURE_UEFI },
	{ "uefi " PAGE " 7 0xf", true, CAPTURE_UEFI },
	{ "uefi 0x1234 0x2234 7 0xf Conventional", true, CAPTURE_UEFI },
	{ "uefi 0x1000 0x1000 7 0xf Conventional pages=0x1", true, CAPTURE_UEFI },
	{ "uefi 0x1000 0x2001 7 0xf Conventional", false, CAPTURE_UEFI },
	{ "uefi 0x2000 0x1000 7 0xf Conventional", false, CAPTURE_UEFI },
	{ "uefi " PAGE " 0x100000000 0xf Conventional", false, CAPTURE_UEFI },
	{ "uefi " PAGE " 7", false, CAPTURE_UEFI },
	{ "uefi " PAGE " 7 0xf Conventional pages=0x1", false, CAPTURE_UEFI },
	{ "uefi " PAGE " 7 0xf Conventional pad=0x100000000", false, CAPTURE_UEFI },
	{ "uefi " PAGE " 7 0xf Conventional pad=", false, CAPTURE_UEFI },
	{ "uefi " PAGE " 7 0xf Conventional vaddr", false, CAPTURE_UEFI },
	{ "uefi " PAGE " 7 0xf Conventional what=0x1", false, CAPTURE_UEFI },
	{ "config-table 0x1000 8868e871-e4f1-11d3-bc22-0080c73c8881 ACPI 2.0", true,
	  CAPTURE_CONFIG_TABLE },
	{ "config-table 0x1000", false, CAPTURE_CONFIG_TABLE },
	{ "config-table ACPI", false, CAPTURE_CONFIG_TABLE },
	{ "acpi 0x1000 36 - 1 ok \"XSDT\" RSDP", true, CAPTURE_ACPI },
	{ "acpi 0x1000 36 0x123 1 bad \"XSDT\" RSDP", true, CAPTURE_ACPI },
	{ "acpi 0x1000 36 - 1 ok \"XSDT\"", true, CAPTURE_ACPI },
	{ "acpi 0x1000 36 - 1 ok \"twelve chars\" RSDP", false, CAPTURE_ACPI },
	{ "acpi 0x1000 36 - 1 ok \"XSDT RSDP", false, CAPTURE_ACPI },
	{ "acpi 0x1000 36 - 1 ok XSDT RSDP", false, CAPTURE_ACPI },
	{ "acpi 0x1000 36 - 1 ok \"XSDT\"RSDP", false, CAPTURE_ACPI },
	{ "acpi 0x1000 36 - 1 ok \"", false, CAPTURE_ACPI },
	{ "acpi 0x1000 36 - 1 ok", false, CAPTURE_ACPI },
	{ "acpi 0x1000 36 - 1 fine \"XSDT\" RSDP", false, CAPTURE_ACPI },
	{ "acpi 0x1000 36 - 256 ok \"XSDT\" RSDP", false, CAPTURE_ACPI },
	{ "acpi 0x1000 36 0x100000000 1 ok \"XSDT\" RSDP", false, CAPTURE_ACPI },
	{ "acpi 0x1000 0x100000000 - 1 ok \"XSDT\" RSDP", false, CAPTURE_ACPI },
	{ "acpi 0xffffffffffffffff 1 - 1 ok \"XSDT\" RSDP", false, CAPTURE_ACPI },
	{ "framebuffer " PAGE, true, CAPTURE_SPAN },
	{ "footprint 0x1000", false, CAPTURE_SPAN },
	{ "in-use " PAGE " page tables", true, CAPTURE_SPAN },
	{ "in-use 0x1000 0x2000", true, CAPTURE_SPAN },
	{ "in-use stack", false, CAPTURE_SPAN },
	{ "kernel 0x1000 0x1000", false, CAPTURE_SPAN },
	{ "bin 10 0x80 ACPIMemoryNVS", true, CAPTURE_BIN },
	{ "bin 10", false, CAPTURE_BIN },
	{ "bin 0x100000000 1", false, CAPTURE_BIN },
	{ "max-pfn ia32 0x20000", true, CAPTURE_PFN },
	{ "max-pfn 0x20000", false, CAPTURE_PFN },
	{ "max-low-pfn ia32 0x20000 more", false, CAPTURE_PFN },
	{ "free amd64 0x1 0x9f", true, CAPTURE_FREE },
	{ "free amd64 0x1 0x9f 3", false, CAPTURE_FREE },
	{ "free amd64 0x9f 0x1", false, CAPTURE_FREE },
	{ "free 0x1 0x9f", false, CAPTURE_FREE },
	{ "no-bitmap ia32 no RAM below 896 MiB", true, CAPTURE_NO_BITMAP },
	{ "no-bitmap", false, CAPTURE_NO_BITMAP },
	{ "reserve ia32 " PAGE " linux boot 1 \"kernel\" \"code\"", true, CAPTURE_RESERVE },
	{ "reserve ia32 " PAGE " linux boot 1 \"\" \"\"", true, CAPTURE_RESERVE },
	{ "reserve ia32 " PAGE " linux boot 1 \"kernel\" \"code\" x", false, CAPTURE_RESERVE },
	{ "reserve ia32 " PAGE " linux boot 1 \"kernel\"", false, CAPTURE_RESERVE },
	{ "reserve ia32 " PAGE " linux boot 256 \"kernel\" \"code\"", false, CAPTURE_RESERVE },
	{ "reserve ia32 " PAGE " linux never 1 \"kernel\" \"code\"", false, CAPTURE_RESERVE },
	{ "reserve ia32 " PAGE " bsd boot 1 \"kernel\" \"code\"", false, CAPTURE_RESERVE },
	{ "reserve ia32 " PAGE " linux boot 1 \"an owner of 24 characters\" \"\"", false,
	  CAPTURE_RESERVE },
	{ "reserve ia32", false, CAPTURE_RESERVE },
};

static void lines_are_read_or_refused(void **state)
{
	struct capture_parsed parsed;
	size_t n_failed = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t bytes = strlen(rows[i].line);
		char *exact = malloc(bytes + 1); /* so that ASan sees a read behind the line */

		assert_non_null(exact);
		exact = realloc(exact, bytes > 0 ? bytes : 1);
		memcpy(exact, rows[i].line, bytes);
		if (capture_parse_line(exact, bytes, &parsed) != rows[i].is_good ||
		    parsed.kind != rows[i].kind) {
			print_message("%s\n", rows[i].line);
			n_failed++;
		}
		free(exact);
	}
	assert_int_equal(n_failed, 0);
}

/* Every beginning of every line, and every line with a byte changed: no more than refused. */
static void damaged_lines_do_no_harm(void **state)
{
	struct capture_parsed parsed;
	char copy[200];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t bytes = strlen(rows[i].line);

		for (size_t n = 0; n < bytes; n++) {
			char *exact = malloc(n > 0 ? n : 1);

			assert_non_null(exact);
			memcpy(exact, rows[i].line, n);
			(void)capture_parse_line(exact, n, &parsed);
			free(exact);
			memcpy(copy, rows[i].line, bytes);
			for (int bit = 0; bit < 8; bit++) {
				copy[n] = (char)(rows[i].line[n] ^ 1 << bit);
				(void)capture_parse_line(copy, bytes, &parsed);
			}
		}
	}
}

static void fields_come_out(void **state)
{
	struct capture_parsed parsed;

	(void)state;
	assert_true(parse("config-table 0x1000 8868e871-e4f1-11d3-bc22-0080c73c8881 ACPI 2.0",
	                  &parsed));
	assert_true(parsed.start == 0x1000 && words_are(parsed.text, "ACPI 2.0"));
	assert_true(words_are(parsed.guid, "8868e871-e4f1-11d3-bc22-0080c73c8881"));
	assert_true(parse("bin 10 0x80 ACPIMemoryNVS", &parsed));
	assert_true(parsed.type == 10 && parsed.value == 0x80);
	assert_true(parse("max-pfn ia32 0x20000", &parsed));
	assert_true(words_are(parsed.target, "ia32") && parsed.value == 0x20000);
	assert_true(parse("free amd64 0x1 159", &parsed));
	assert_true(words_are(parsed.target, "amd64") && parsed.start == 1 && parsed.end == 159);
	assert_true(parse("no-bitmap ia32 no RAM below 896 MiB", &parsed));
	assert_true(words_are(parsed.target, "ia32") &&
	            words_are(parsed.text, "no RAM below 896 MiB"));
	assert_true(parse("e820-crc32 0x233f18ca", &parsed));
	assert_true(words_are(parsed.key, "e820-crc32") && words_are(parsed.text, "0x233f18ca"));
}

/* --- whole captures --- */

static struct e820_range ranges[] = {
	{ 0, 0xa0000, E820_RAM, 0 },
	{ 0x100000, 0x1eaa0000, E820_RAM, 0 },
	{ 0x1eaa0000, 0x1eba2000, E820_RESERVED, 0 },
	{ 0x1eba2000, 0x1ebc2000, 20, 0 },
	{ 0x100000000, 0x200000000, (uint32_t)E820_SOFT_RESERVED, 0 },
	{ 0x200000000, UINT64_MAX, 100, 0 },
};
static const struct e820_map map = { ranges, COUNT(ranges), COUNT(ranges) };

static void write_capture(void)
{
	begin();
	capture_text(&writer, "label", "docked");
	capture_e820(&writer, &map);
	capture_end(&writer);
}

/* Read from memory of exactly that size. */
static bool read_e820(const char *text, size_t bytes, struct e820_map *out)
{
	char *exact = malloc(bytes > 0 ? bytes : 1);
	bool is_good;

	assert_non_null(exact);
	memcpy(exact, text, bytes);
	is_good = capture_read_e820(exact, bytes, out);
	free(exact);
	return is_good;
}

static void an_e820_map_is_read_back(void **state)
{
	struct e820_range out_ranges[COUNT(ranges) + 1];
	struct e820_map out = { out_ranges, 1, COUNT(out_ranges) };

	(void)state;
	write_capture();
	out_ranges[0] = (struct e820_range){ 0xfff0000, 0xfff1000, E820_NVS, 0 };
	assert_true(read_e820(paper.text, paper.bytes, &out));
	assert_int_equal(out.n_ranges, COUNT(out_ranges));
	assert_memory_equal(out_ranges + 1, ranges, sizeof ranges);
	out.n_ranges = 2; /* no room for the last one */
	assert_false(read_e820(paper.text, paper.bytes, &out));
	assert_int_equal(out.n_ranges, 2);
}

static void line_ends_of_two_characters_are_read(void **state)
{
	struct e820_range out_ranges[COUNT(ranges)];
	struct e820_map out = { out_ranges, 0, COUNT(out_ranges) };
	static char text[2 * sizeof paper.text];
	size_t n = 0;

	(void)state;
	write_capture();
	for (size_t i = 0; i < paper.bytes; i++) {
		if (paper.text[i] == '\n')
			text[n++] = '\r';
		text[n++] = paper.text[i];
	}
	assert_true(read_e820(text, n, &out));
	assert_memory_equal(out_ranges, ranges, sizeof ranges);
}

static void every_truncation_and_every_flipped_bit_is_noticed(void **state)
{
	struct e820_range out_ranges[COUNT(ranges)];
	struct e820_map out = { out_ranges, 0, COUNT(out_ranges) };

	(void)state;
	write_capture();
	for (size_t bytes = 0; bytes < paper.bytes; bytes++) {
		assert_false(read_e820(paper.text, bytes, &out));
		for (int bit = 0; bit < 8; bit++) {
			paper.text[bytes] = (char)(paper.text[bytes] ^ 1 << bit);
			if (read_e820(paper.text, paper.bytes, &out))
				fail_msg("bit %d of byte %u", bit, (unsigned)bytes);
			paper.text[bytes] = (char)(paper.text[bytes] ^ 1 << bit);
		}
	}
	assert_int_equal(out.n_ranges, 0);
	assert_true(read_e820(paper.text, paper.bytes, &out));
	assert_false(read_e820(paper.text, paper.bytes + 1, &out)); /* the 0 byte is too much */
}

static void a_uefi_map_is_read_back(void **state)
{
	static const struct uefi_descriptor descriptors[] = {
		{ UEFI_MMIO, 0, 0x2000, 0, 3, UEFI_MEMORY_RUNTIME },
		{ UEFI_CONVENTIONAL, 7, 0x1000, 0x9000, 1, UEFI_MEMORY_WB },
		{ UINT32_C(0x80000001), 0, 0x9000, 0, 0, 0 },
	};
	struct uefi_map uefi = { descriptors, sizeof descriptors, sizeof descriptors[0] };
	struct uefi_descriptor out[COUNT(descriptors) + 1];

	(void)state;
	begin();
	capture_uefi_map(&writer, &uefi, 1);
	capture_e820(&writer, &map);
	capture_end(&writer);
	assert_int_equal(capture_read_uefi(paper.text, paper.bytes, out, COUNT(out)),
	                 COUNT(descriptors));
	assert_memory_equal(out, descriptors, sizeof descriptors);
	assert_int_equal(capture_read_uefi(paper.text, paper.bytes, out, 2), 2);
	assert_int_equal(capture_read_uefi(paper.text, 0, out, 2), 0);
}

/* The checksum is right, the rest is not. */
static void captures_that_are_none_are_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"e820 " PAGE " 1\n",
		"bootmem-capture 2\ne820 " PAGE " 1\n",
		"bootmem-capture 1\nbootmem-capture 1\ne820 " PAGE " 1\n",
		"bootmem-capture 1\ne820 " PAGE " 1\ne820 " PAGE " 1\n",
		"bootmem-capture 1\ne820 " PAGE " 1\ne820 0x0 0x1000 1\n",
		"bootmem-capture 1\ne820 " PAGE " 1\nuefi 3\n",
	};
	struct e820_range out_ranges[4];
	struct e820_map out = { out_ranges, 0, COUNT(out_ranges) };
	char text[200];

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		int bytes = snprintf(text, sizeof text, "%schecksum 0x%08x\n", texts[i],
		                     (unsigned)crc32_add(0, texts[i], strlen(texts[i])));

		if (read_e820(text, (size_t)bytes, &out))
			fail_msg("%s", text);
		assert_int_equal(out.n_ranges, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_capture_begins_and_ends),
		cmocka_unit_test(texts_are_cleaned),
		cmocka_unit_test(long_lines_are_cut),
		cmocka_unit_test(spans_may_have_names),
		cmocka_unit_test(descriptors_are_read_back),
		cmocka_unit_test(a_uefi_map_looks_like_this),
		cmocka_unit_test(acpi_tables_are_read_back),
		cmocka_unit_test(reservations_are_read_back),
		cmocka_unit_test(the_runs_of_a_bitmap_are_read_back),
		cmocka_unit_test(lines_are_read_or_refused),
		cmocka_unit_test(damaged_lines_do_no_harm),
		cmocka_unit_test(fields_come_out),
		cmocka_unit_test(an_e820_map_is_read_back),
		cmocka_unit_test(line_ends_of_two_characters_are_read),
		cmocka_unit_test(every_truncation_and_every_flipped_bit_is_noticed),
		cmocka_unit_test(a_uefi_map_is_read_back),
		cmocka_unit_test(captures_that_are_none_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

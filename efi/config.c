/* config.c - a table of keys, each with the function that reads its value: see config.h. */
#include "efi/config.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "handoff/handoff.h"

/* A piece of the text: [start, end). */
struct word {
	const char *start;
	const char *end;
};

static size_t length(struct word word)
{
	return (size_t)(word.end - word.start);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct word trim(struct word word)
{
	while (word.start < word.end && is_space(*word.start))
		word.start++;
	while (word.end > word.start && is_space(word.end[-1]))
		word.end--;
	return word;
}

static bool equals(struct word word, const char *text)
{
	const char *p = word.start;

	while (p < word.end && *text != '\0' && *p == *text)
		p++, text++;
	return p == word.end && *text == '\0';
}

/* Everything up to the first @separator (which goes), or all of it. ' ' is any blank. */
static struct word split_off(struct word *rest, char separator)
{
	struct word first = { rest->start, rest->start };

	while (first.end < rest->end && *first.end != separator &&
	       !(separator == ' ' && is_space(*first.end)))
		first.end++;
	rest->start = first.end < rest->end ? first.end + 1 : rest->end;
	return first;
}

static bool copy_word(char *to, size_t bytes, struct word word)
{
	if (length(word) >= bytes)
		return false;
	memcpy(to, word.start, length(word));
	to[length(word)] = '\0';
	return true;
}

/* A number in decimal, or in hexadecimal with 0x, with a suffix K, M, G or T. */
static bool parse_size(struct word word, uint64_t *ret_value)
{
	static const char digits[] = "0123456789abcdef", suffixes[] = "KMGT";
	unsigned base = 10, n_digits = 0;
	uint64_t value = 0;

	if (length(word) > 2 && word.start[0] == '0' && (word.start[1] | 0x20) == 'x') {
		base = 16;
		word.start += 2;
	}
	for (; word.start < word.end; word.start++, n_digits++) {
		unsigned digit = 0;
		char c =
			*word.start >= 'A' && *word.start <= 'F' ? *word.start | 0x20 : *word.start;

		while (digit < base && digits[digit] != c)
			digit++;
		if (digit == base)
			break;
		if (value > (base == 16 ? UINT64_MAX / 16 : UINT64_MAX / 10) ||
		    value * base > UINT64_MAX - digit)
			return false;
		value = value * base + digit;
	}
	for (unsigned i = 0; word.start < word.end && i < 4; i++) {
		unsigned shift = 10 * (i + 1);

		if ((*word.start & ~0x20) != suffixes[i])
			continue;
		if (value > UINT64_MAX >> shift)
			return false;
		value <<= shift;
		word.start++;
		break;
	}
	*ret_value = value;
	return n_digits > 0 && word.start == word.end;
}

struct choice {
	const char *name;
	uint32_t value;
};

static const struct choice targets[] = {
	{ "auto", CONFIG_TARGET_AUTO },
	{ "ia32", CONFIG_TARGET_IA32 },
	{ "amd64", CONFIG_TARGET_AMD64 },
	{ NULL, 0 },
};

static const struct choice policies[] = {
	{ "safe", POLICY_SAFE },
	{ "linux-2.6.24", POLICY_LINUX },
	{ NULL, 0 },
};

static const struct choice ends[] = {
	{ "halt", HANDOFF_END_HALT },
	{ "reset", HANDOFF_END_RESET },
	{ "poweroff", HANDOFF_END_POWEROFF },
	{ NULL, 0 },
};

static const struct choice errors[] = { { "continue", 0 }, { "wait", 1 }, { NULL, 0 } };
static const struct choice answers[] = { { "no", 0 }, { "yes", 1 }, { NULL, 0 } };

static const char *set_choice(const struct choice *choices, struct word value, uint32_t *ret)
{
	for (; choices->name != NULL; choices++) {
		if (equals(value, choices->name)) {
			*ret = choices->value;
			return NULL;
		}
	}
	return "not one of the values that this key can have";
}

/* The setters, each for fields of one type: NULL, or what is wrong with the value. */

static const char *set_path(void *path, struct word value)
{
	return copy_word(path, CONFIG_PATH_BYTES, value) ? NULL : "the path is too long";
}

static const char *set_cmdline(void *cmdline, struct word value)
{
	return copy_word(cmdline, CONFIG_CMDLINE_BYTES, value) ? NULL
	                                                       : "the command line is too long";
}

static const char *set_label(void *label, struct word value)
{
	bool fits = copy_word(label, CONFIG_LABEL_BYTES, value);

	return fits ? NULL : "the label is longer than 127 characters";
}

static const char *set_target(void *target, struct word value)
{
	return set_choice(targets, value, target);
}

static const char *set_policy(void *policy, struct word value)
{
	return set_choice(policies, value, policy);
}

static const char *set_at_end(void *at_end, struct word value)
{
	return set_choice(ends, value, at_end);
}

static const char *set_bool(const struct choice *choices, struct word value, bool *ret)
{
	uint32_t answer = 0;
	const char *what = set_choice(choices, value, &answer);

	*ret = answer != 0;
	return what;
}

static const char *set_answer(void *is_wanted, struct word value)
{
	return set_bool(answers, value, is_wanted);
}

static const char *set_on_error(void *waits, struct word value)
{
	return set_bool(errors, value, waits);
}

static const char *set_mem(void *limit_paddr, struct word value)
{
	if (!parse_size(value, limit_paddr))
		return "not a size below 2^64: a number, decimal or 0x..., with K, M, G or T behind it";
	return *(uint64_t *)limit_paddr >= PAGE_BYTES ? NULL : "less than a page of memory";
}

static const char *set_timeout(void *seconds, struct word value)
{
	if (equals(value, "never")) {
		*(uint64_t *)seconds = CONFIG_TIMEOUT_NEVER;
		return NULL;
	}
	if (parse_size(value, seconds) && *(uint64_t *)seconds <= 3600)
		return NULL;
	return "not a number of seconds up to 3600, and not never";
}

/* START-END reason, END not included. */
static const char *add_reserve(void *whole_config, struct word value)
{
	struct config *config = whole_config;
	struct word range = trim(split_off(&value, ' '));
	struct word start = split_off(&range, '-');
	char reason[RESERVATION_REASON_BYTES] = "asked for in " CONFIG_FILE;
	struct span span;

	value = trim(value);
	if (config->n_reserves == CONFIG_RESERVES)
		return "more than 16 reserve lines";
	if (length(value) > 0 && !copy_word(reason, sizeof reason, value))
		return "the reason is longer than 71 characters";
	if (!parse_size(start, &span.start_paddr) || !parse_size(range, &span.end_paddr))
		return "not START-END and a reason: two numbers, decimal or 0x...";
	if (span.start_paddr >= span.end_paddr)
		return "an empty range: END, which is not included, must be above START";
	config->reserves[config->n_reserves++] =
		reservation_make(RESERVATION_CONFIGURED, ORIGIN_EXTENSION, LIFETIME_FOREVER, span,
	                         "configuration", reason);
	return NULL;
}

static const struct {
	const char *key;
	size_t offset; /* of its field */
	const char *(*set)(void *field, struct word value);
	bool repeats;
} keys[] = {
	{ "kernel-ia32", offsetof(struct config, kernel_ia32), set_path, false },
	{ "kernel-amd64", offsetof(struct config, kernel_amd64), set_path, false },
	{ "target", offsetof(struct config, target), set_target, false },
	{ "cmdline", offsetof(struct config, cmdline), set_cmdline, false },
	{ "initrd", offsetof(struct config, initrd), set_path, false },
	{ "policy", offsetof(struct config, policy), set_policy, false },
	{ "mem", offsetof(struct config, mem_limit_paddr), set_mem, false },
	{ "reserve", 0, add_reserve, true },
	{ "keep-boot-services", offsetof(struct config, keep_boot_services), set_answer, false },
	{ "at-end", offsetof(struct config, at_end), set_at_end, false },
	{ "timeout", offsetof(struct config, timeout_seconds), set_timeout, false },
	{ "on-error", offsetof(struct config, waits_on_error), set_on_error, false },
	{ "capture", offsetof(struct config, writes_capture), set_answer, false },
	{ "label", offsetof(struct config, label), set_label, false },
};

void config_defaults(struct config *ret_config)
{
	static const char ia32[] = "\\bootmem\\kernel-ia32.elf";
	static const char amd64[] = "\\bootmem\\kernel-amd64.elf";

	memset(ret_config, 0, sizeof *ret_config);
	memcpy(ret_config->kernel_ia32, ia32, sizeof ia32);
	memcpy(ret_config->kernel_amd64, amd64, sizeof amd64);
	ret_config->writes_capture = true;
	ret_config->waits_on_error = true;
}

/* One line; what is wrong with it, and about which word. */
static const char *parse_line(struct config *config, struct word line, bool *seen,
                              struct word *ret_word)
{
	struct word value = line, key = trim(split_off(&value, '=')), rest = line;
	const char *what;

	*ret_word = key;
	if (split_off(&rest, '\0').end < line.end)
		return "not text: there is a 0 byte in this line";
	if (key.end == line.end)
		return "not a line of the form `key = value'";
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (!equals(key, keys[i].key))
			continue;
		if (seen[i] && !keys[i].repeats)
			return "this key stands here a second time";
		seen[i] = true;
		value = trim(value);
		what = keys[i].set((uint8_t *)config + keys[i].offset, value);
		if (what != NULL && length(value) > 0)
			*ret_word = value;
		return what;
	}
	return "not a key that bootmem knows";
}

bool config_parse(struct config *config, const char *text, size_t bytes,
                  struct config_error *ret_error)
{
	struct word rest = { text, text + bytes }, about = { text, text };
	bool seen[COUNT(keys)] = { false };
	const char *what = NULL;
	unsigned number = 0;

	if (bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) /* the mark of some editors */
		rest.start += 3;
	while (rest.start < rest.end && what == NULL) {
		struct word line = trim(split_off(&rest, '\n'));

		number++;
		if (length(line) > 0 && *line.start != '#')
			what = parse_line(config, line, seen, &about);
	}
	if (what == NULL)
		return true;
	ret_error->line = number;
	ret_error->what = what;
	if (length(about) >= sizeof ret_error->word)
		about.end = about.start + sizeof ret_error->word - 1;
	copy_word(ret_error->word, sizeof ret_error->word, about);
	return false;
}

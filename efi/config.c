/* config.c - a table of keys, each with the function that reads its value: see config.h. */
#include "efi/config.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "handoff/capture/text.h"
#include "handoff/handoff.h"
#include "x86/pin_block.h"
#include "x86/pin_home.h"

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
static const struct choice exceptions[] = { { "none", 0 }, { "paint", 1 }, { NULL, 0 } };
static const struct choice answers[] = { { "no", 0 }, { "yes", 1 }, { NULL, 0 } };

static const char no_choice[] = "not one of the values that this key can have";

static const char *set_choice(const struct choice *choices, struct word value, uint32_t *ret)
{
	for (; choices->name != NULL; choices++) {
		if (equals(value, choices->name)) {
			*ret = choices->value;
			return NULL;
		}
	}
	return no_choice;
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

static const char *set_options(void *options, struct word value)
{
	return copy_word(options, CONFIG_OPTIONS_BYTES, value) ? NULL : "the options are too long";
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
	uint32_t answer = *ret;
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

static const char *set_exceptions(void *paints, struct word value)
{
	return set_bool(exceptions, value, paints);
}

static const char *set_mem(void *limit_paddr, struct word value)
{
	uint64_t paddr;

	if (!parse_size(value, &paddr))
		return "not a size below 2^64: a number, decimal or 0x..., with K, M, G or T behind it";
	if (paddr < PAGE_BYTES)
		return "less than a page of memory";
	*(uint64_t *)limit_paddr = paddr;
	return NULL;
}

static const char *set_pin_pages(void *pages, struct word value)
{
	uint64_t n;

	if (!parse_size(value, &n) || n < 8 || n > PIN_MOST_PAGES)
		return "not a number of pages from 8 to 4096";
	*(uint32_t *)pages = (uint32_t)n;
	return NULL;
}

static const char *set_captures(void *most, struct word value)
{
	uint64_t n = CONFIG_CAPTURES_ALL;

	if (!equals(value, "all") && (!parse_size(value, &n) || n < 4 || n > 9999))
		return "not a number from 4 to 9999, and not all";
	*(uint32_t *)most = (uint32_t)n;
	return NULL;
}

static const char *set_timeout(void *timeout, struct word value)
{
	uint64_t seconds = CONFIG_TIMEOUT_NEVER;

	if (!equals(value, "never") && (!parse_size(value, &seconds) || seconds > 3600))
		return "not a number of seconds up to 3600, and not never";
	*(uint64_t *)timeout = seconds;
	return NULL;
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

/* HEX, or HEX PATH; nothing: no sum. */
static const char *add_sum(void *field, struct word value)
{
	struct config_sums *sums = field;
	struct word hex = split_off(&value, ' ');
	struct config_sum sum;

	if (length(hex) == 0)
		return NULL;
	if (sums->n_sums == CONFIG_SUMS)
		return "more than 4 lines of this key";
	if (!sha256_parse(hex.start, length(hex), sum.sha256))
		return "not a SHA-256: 64 hexadecimal digits, with or without a file behind them";
	if (!copy_word(sum.path, sizeof sum.path, trim(value)))
		return "the path is too long";
	sums->sums[sums->n_sums++] = sum;
	return NULL;
}

enum key_flags {
	IS_TEXT = 1,     /* quotes, # and capitals are its own */
	IS_LIST = 2,     /* each line adds to it */
	IS_EDITABLE = 4, /* says nothing about what is started, or how: see config_next_line() */
};

static const struct {
	const char *key;
	size_t offset; /* of its field */
	const char *(*set)(void *field, struct word value);
	const struct choice *choices; /* NULL: not one of a few words */
	unsigned flags;               /* enum key_flags */
} keys[] = {
	{ "kernel-ia32", offsetof(struct config, kernel_ia32), set_path, NULL, 0 },
	{ "kernel-amd64", offsetof(struct config, kernel_amd64), set_path, NULL, 0 },
	{ "kernel-sha256", offsetof(struct config, kernel_sums), add_sum, NULL, IS_LIST },
	{ "target", offsetof(struct config, target), set_target, targets, 0 },
	{ "cmdline", offsetof(struct config, cmdline), set_cmdline, NULL, IS_TEXT },
	{ "initrd", offsetof(struct config, initrd), set_path, NULL, 0 },
	{ "initrd-sha256", offsetof(struct config, initrd_sums), add_sum, NULL, IS_LIST },
	{ "chain", offsetof(struct config, chain), set_path, NULL, 0 },
	{ "chain-options", offsetof(struct config, chain_options), set_options, NULL, IS_TEXT },
	{ "pin", offsetof(struct config, pins), set_answer, answers, 0 },
	{ "pin-pages", offsetof(struct config, pin_pages), set_pin_pages, NULL, 0 },
	{ "policy", offsetof(struct config, policy), set_policy, policies, 0 },
	{ "mem", offsetof(struct config, mem_limit_paddr), set_mem, NULL, 0 },
	{ "reserve", 0, add_reserve, NULL, IS_TEXT | IS_LIST },
	{ "keep-boot-services", offsetof(struct config, keep_boot_services), set_answer, answers,
	  0 },
	{ "exceptions", offsetof(struct config, paints_exceptions), set_exceptions, exceptions, 0 },
	{ "at-end", offsetof(struct config, at_end), set_at_end, ends, IS_EDITABLE },
	{ "timeout", offsetof(struct config, timeout_seconds), set_timeout, NULL, IS_EDITABLE },
	{ "on-error", offsetof(struct config, waits_on_error), set_on_error, errors, IS_EDITABLE },
	{ "capture", offsetof(struct config, writes_capture), set_answer, answers, IS_EDITABLE },
	{ "captures", offsetof(struct config, most_captures), set_captures, NULL, IS_EDITABLE },
	{ "remember", offsetof(struct config, remembers), set_answer, answers, 0 },
	{ "label", offsetof(struct config, label), set_label, NULL, IS_TEXT | IS_EDITABLE },
};

void config_defaults(struct config *ret_config)
{
	static const char ia32[] = "\\bootmem\\kernel-ia32.elf";
	static const char amd64[] = "\\bootmem\\kernel-amd64.elf";

	memset(ret_config, 0, sizeof *ret_config);
	memcpy(ret_config->kernel_ia32, ia32, sizeof ia32);
	memcpy(ret_config->kernel_amd64, amd64, sizeof amd64);
	ret_config->pin_pages = PIN_USUAL_PAGES;
	ret_config->writes_capture = true;
	ret_config->waits_on_error = true;
	ret_config->paints_exceptions = true;
}

/* --- what may have been meant --- */

static char small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static size_t text_length(const char *text)
{
	size_t n = 0;

	while (text[n] != '\0')
		n++;
	return n;
}

static bool equals_but_for_capitals(struct word word, const char *text)
{
	size_t n = length(word);

	if (n != text_length(text))
		return false;
	for (size_t i = 0; i < n; i++)
		if (small(word.start[i]) != text[i])
			return false;
	return true;
}

/* How many letters have to be put in, left out or changed to make one of the other (Levenshtein);
 * at least so many, for words that are longer than any key. */
#define MOST_LETTERS 24
static unsigned distance(struct word word, const char *text)
{
	const size_t n = length(word), m = text_length(text);
	unsigned row[MOST_LETTERS + 1];

	if (n > MOST_LETTERS || m > MOST_LETTERS)
		return MOST_LETTERS;
	for (unsigned j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 0; i < n; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i + 1;
		for (size_t j = 0; j < m; j++) {
			unsigned changed = diagonal + (small(word.start[i]) != text[j]);

			diagonal = row[j + 1];
			row[j + 1] = (unsigned)min_u64(changed, min_u64(row[j], row[j + 1]) + 1);
		}
	}
	return row[m];
}

/* A third of the letters may be wrong. */
static bool is_near(unsigned n_wrong, struct word word)
{
	return n_wrong > 0 && (size_t)n_wrong * 3 <= length(word) + 1;
}

static void hint_key(struct word key, char *hint, size_t bytes)
{
	unsigned least = MOST_LETTERS;
	const char *nearest = NULL;

	for (size_t i = 0; i < COUNT(keys); i++) {
		unsigned n_wrong = distance(key, keys[i].key);

		if (equals_but_for_capitals(key, keys[i].key)) {
			text_format(hint, bytes, "Keys are in small letters: %s", keys[i].key);
			return;
		}
		if (n_wrong < least) {
			least = n_wrong;
			nearest = keys[i].key;
		}
	}
	if (nearest != NULL && is_near(least, key))
		text_format(hint, bytes, "Did you mean %s?", nearest);
	else
		text_format(hint, bytes, "The file that bootmem comes with has all keys in it.");
}

static void list_choices(const struct choice *choices, char *hint, size_t bytes)
{
	size_t n = text_format(hint, bytes, "It can be ");

	for (size_t i = 0; choices[i].name != NULL && n < bytes; i++)
		n += text_format(hint + n, bytes - n, "%s%s",
		                 i == 0                        ? ""
		                 : choices[i + 1].name == NULL ? " or "
		                                               : ", ",
		                 choices[i].name);
	if (n < bytes)
		text_format(hint + n, bytes - n, ".");
}

/* Mistakes that come naturally, where the value is no text of the user's own. */
static void hint_value(size_t key, struct word value, char *hint, size_t bytes)
{
	struct word rest = value;
	char first = length(value) > 0 ? *value.start : '\0';

	if ((keys[key].flags & IS_TEXT) != 0)
		return;
	for (const struct choice *choice = keys[key].choices;
	     choice != NULL && choice->name != NULL; choice++) {
		if (equals_but_for_capitals(value, choice->name)) {
			text_format(hint, bytes, "Values are in small letters: %s", choice->name);
			return;
		}
	}
	if (first == '"' || first == '\'')
		text_format(hint, bytes, "Write it without quotes.");
	else if (split_off(&rest, '#').end < value.end)
		text_format(hint, bytes, "A comment has to be a line of its own.");
	else if (keys[key].choices != NULL)
		list_choices(keys[key].choices, hint, bytes);
}

/* --- lines --- */

/* Of a path that has quotes around it, or a comment behind it. */
static const char *refuse_path(struct word value)
{
	struct word rest = value;
	struct word path = split_off(&rest, '#');

	if (length(value) > 0 && (*value.start == '"' || *value.start == '\''))
		return "not a path: it starts with a quote";
	if (path.end < value.end && path.end > path.start && is_space(path.end[-1]))
		return "not a path: there is a comment behind it";
	return NULL;
}

/* One line; what is wrong with it, and about which word. */
static const char *parse_line(struct config *config, struct word line, bool *seen,
                              struct word *ret_word, struct config_error *error)
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
		if (seen[i] && (keys[i].flags & IS_LIST) == 0)
			return "this key stands here a second time";
		seen[i] = true;
		value = trim(value);
		what = keys[i].set == set_path ? refuse_path(value) : NULL;
		if (what == NULL)
			what = keys[i].set((uint8_t *)config + keys[i].offset, value);
		if (what == NULL)
			return NULL;
		if (length(value) > 0)
			*ret_word = value;
		error->is_about_label = keys[i].set == set_label;
		hint_value(i, value, error->hint, sizeof error->hint);
		return what;
	}
	hint_key(key, error->hint, sizeof error->hint);
	return "not a key that bootmem knows";
}

static void copy_cut(char *to, size_t bytes, struct word word)
{
	if (length(word) > 0 && word.end[-1] == '\r') /* it ends the line, as its LF does */
		word.end--;
	if (length(word) >= bytes)
		word.end = word.start + bytes - 1;
	copy_word(to, bytes, word);
	for (; *to != '\0'; to++) /* it will be shown */
		if (*to < ' ' || *to > '~')
			*to = *to == '\t' ? ' ' : '?';
}

static void show_place(struct config_error *error, const struct word *lines, struct word about)
{
	const struct word *wrong = &lines[CONFIG_SHOWN_LINES - 1];

	for (size_t i = 0; i < CONFIG_SHOWN_LINES; i++)
		copy_cut(error->shown[i], sizeof error->shown[i], lines[i]);
	copy_cut(error->word, sizeof error->word, about);
	error->column = (unsigned)(about.start - wrong->start);
	error->length = (unsigned)length(about);
}

/* Editors save text so (Unicode 15.0 §3.10, D97): with a mark, or with every other byte 0. */
static bool is_utf16(const char *text, size_t bytes)
{
	return bytes >= 2 &&
	       (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0 ||
	        (text[0] != '\0') != (text[1] != '\0'));
}

const char *config_start(const char *text, size_t bytes)
{
	return bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
}

/* Neither blank nor a comment. */
static bool says_something(struct word line)
{
	return length(line) > 0 && *line.start != '#';
}

bool config_parse(struct config *config, const char *text, size_t bytes,
                  struct config_error *ret_error)
{
	struct word rest = { text, text + bytes }, lines[CONFIG_SHOWN_LINES];
	struct config_error error = { 0 };
	bool seen[COUNT(keys)] = { false };
	unsigned number = 0;

	*ret_error = error;
	if (is_utf16(text, bytes)) {
		ret_error->line = 1;
		ret_error->what = "not text in one byte a letter: it is UTF-16";
		text_format(ret_error->hint, sizeof ret_error->hint,
		            "Save it as UTF-8, which editors offer when they save.");
		return false;
	}
	for (size_t i = 0; i < CONFIG_SHOWN_LINES; i++)
		lines[i] = (struct word){ text, text };
	rest.start = config_start(text, bytes);
	while (rest.start < rest.end) {
		struct word whole = split_off(&rest, '\n'), line = trim(whole), about = line;

		memmove(lines, lines + 1, sizeof lines - sizeof lines[0]);
		lines[CONFIG_SHOWN_LINES - 1] = whole;
		number++;
		error = (struct config_error){ .line = number };
		if (says_something(line))
			error.what = parse_line(config, line, seen, &about, &error);
		if (error.what == NULL || ret_error->what != NULL)
			continue;
		show_place(&error, lines, about);
		*ret_error = error;
	}
	return ret_error->what == NULL;
}

/* --- what counts --- */

static bool is_editable(struct word key)
{
	for (size_t i = 0; i < COUNT(keys); i++)
		if (equals(key, keys[i].key))
			return (keys[i].flags & IS_EDITABLE) != 0;
	return false;
}

bool config_next_line(const char **at, const char *end, unsigned *number,
                      struct config_line *ret_line)
{
	struct word rest = { *at, end };

	while (rest.start < rest.end) {
		struct word value = trim(split_off(&rest, '\n')), key;

		*at = rest.start;
		++*number;
		if (!says_something(value))
			continue;
		key = trim(split_off(&value, '='));
		value = trim(value);
		if (is_editable(key))
			continue;
		*ret_line = (struct config_line){ .number = *number,
			                          .key = key.start,
			                          .value = value.start,
			                          .key_chars = length(key),
			                          .value_chars = length(value) };
		return true;
	}
	return false;
}

static char as_fat_has_it(char c)
{
	return c == '/' ? '\\' : small(c);
}

static const char *behind_root(const char *path)
{
	while (*path == '/' || *path == '\\')
		path++;
	return path;
}

bool config_is_same_path(const char *path, const char *other)
{
	path = behind_root(path);
	other = behind_root(other);
	while (*path != '\0' && as_fat_has_it(*path) == as_fat_has_it(*other))
		path++, other++;
	return *path == *other;
}

bool config_sum_is_of(const struct config_sum *sum, const char *path)
{
	return sum->path[0] == '\0' || config_is_same_path(sum->path, path);
}

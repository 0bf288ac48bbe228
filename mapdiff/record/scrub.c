/* scrub.c - a fact -> the same without what tells who somebody is: see scrub.h. */
#include "bootmem/count.h"
#include "mapdiff/record/scrub.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "mapdiff/base/memory.h"
#include "mapdiff/record/facts.h"

#define MOST_NAME 256 /* bytes of a name, of somebody or of a host */

/* Parameters of a kernel whose values name disks, hosts and networks; with a * all that begin so.
 * mem=, memmap=, efi= and the like, which decide about memory, are not among them. */
static const char *const private_parameters[] = {
	"root",       "rootflags", "real_root",   "resume",
	"nfsroot*",   "netroot",   "ip",          "ifname",
	"BOOTIF",     "bootdev",   "hostname",    "crypt*",
	"*luks*",     "rd.*",      "iscsi*",      "zfs*",
	"bootfs",     "img_dev",   "inst.*",      "nameserver",
	"swap",       "systemd.*", "fetch",       "url",
	"init",       "home",      "user*",       "pass*",
	"key",        "*.key",     "*keyfile*",   "*password*",
	"*passwd*",   "*secret*",  "*token*",     "*uuid*",
	"netconsole", "ds",        "domain*",     "machine_id",
	"cifsroot",   "nbdroot",   "real_resume", "*serialnumber*",
};

/* A part of a text. */
struct line_part {
	const char *start;
	size_t bytes;
};

/* x is a hexadecimal digit. */
static const char *const private_patterns[] = {
	"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", /* UUID */
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",     /* a machine's id */
	"xx:xx:xx:xx:xx:xx",                    /* MAC address */
	"xx-xx-xx-xx-xx-xx",
};

/* What stands before a private value wherever it is. */
static const char *const private_prefixes[] = {
	"UUID=",    "LABEL=", "PARTUUID=", "PARTLABEL=", "ID=",    "/dev/",  "http://",
	"https://", "ftp://", "tftp://",   "nfs://",     "smb://", "ssh://",
};

static bool is_parameter(const char *name, size_t bytes, const char *pattern)
{
	size_t length = strlen(pattern);

	bool is_open = pattern[length - 1] == '*';

	if (pattern[0] == '*' && is_open) /* "*luks*" */
		return memmem(name, bytes, pattern + 1, length - 2) != NULL;
	if (pattern[0] == '*') /* "*.key" */
		return bytes >= length - 1 &&
		       memcmp(name + bytes - (length - 1), pattern + 1, length - 1) == 0;
	if (is_open)
		return bytes >= length - 1 && memcmp(name, pattern, length - 1) == 0;
	return bytes == length && memcmp(name, pattern, length) == 0;
}

/* How long the text at @at is that has the form of @pattern; 0 if it has not. */
static size_t pattern_bytes(const char *at, const char *pattern)
{
	size_t i;

	for (i = 0; pattern[i] != '\0'; i++)
		if (pattern[i] == 'x' ? !isxdigit((unsigned char)at[i]) : at[i] != pattern[i])
			return 0;
	return isalnum((unsigned char)at[i]) ? 0 : i;
}

/* How many of the bytes at @at a name of somebody or of a host may have; a bound on what a hostile
 * text costs. */
static size_t name_bytes(const char *at)
{
	size_t bytes = 0;

	while (bytes < MOST_NAME && (isalnum((unsigned char)at[bytes]) ||
	                             (at[bytes] != '\0' && strchr("._-+", at[bytes]) != NULL)))
		bytes++;
	return bytes;
}

/* NAME@HOST, as in "Linux version 6.1.0 (root@laptop)". */
static size_t address_bytes(const char *at)
{
	size_t name = name_bytes(at), bytes = name, host;

	while (name > 0 && at[bytes] == '@' && (host = name_bytes(at + bytes + 1)) > 0)
		bytes += 1 + host;
	return bytes > name ? bytes : 0;
}

/* "root=UUID=..." at the start of a word: the length of "root=", or 0. */
static size_t parameter_bytes(const char *word)
{
	size_t bytes = strcspn(word, "= ");

	for (size_t i = 0; i < COUNT(private_parameters) && word[bytes] == '='; i++)
		if (is_parameter(word, bytes, private_parameters[i]))
			return bytes + 1;
	return 0;
}

/* Where the value of a parameter ends: it may be quoted, and so may be all of the parameter. */
static size_t value_bytes(const char *value, bool is_all_quoted)
{
	const char *end = *value == '"' ? strchr(value + 1, '"') : NULL;

	if (is_all_quoted)
		return strcspn(value, "\"");
	return end != NULL ? (size_t)(end + 1 - value) : strcspn(value, " ");
}

/* "10.0.0.7": four numbers. In a command line alone: versions look so, too. */
static size_t ip_bytes(const char *at)
{
	size_t bytes = 0;

	for (int part = 0; part < 4; part++) {
		size_t digits = strspn(at + bytes, "0123456789");

		if (digits == 0 || digits > 3 || (part < 3 && at[bytes + digits] != '.'))
			return 0;
		bytes += digits + (part < 3);
	}
	return isalnum((unsigned char)at[bytes]) || at[bytes] == '.' || at[bytes] == '-' ? 0
	                                                                                 : bytes;
}

/* In a command line, where memmap=64M@1G is no address of anybody. */
static size_t parameter_address_bytes(const char *at)
{
	size_t bytes = ip_bytes(at), name = name_bytes(at);

	if (bytes > 0)
		return bytes;
	return isalpha((unsigned char)at[0]) && at[name] == '@' &&
	                       isalpha((unsigned char)at[name + 1])
	               ? address_bytes(at)
	               : 0;
}

/* How many characters of the word at @at are private, after *ret_kept that are not. */
static size_t private_bytes(const char *at, bool is_command_line, bool is_quoted, size_t *ret_kept)
{
	size_t bytes;

	*ret_kept = is_command_line ? parameter_bytes(at) : 0;
	if (*ret_kept > 0)
		return value_bytes(at + *ret_kept, is_quoted);
	for (size_t i = 0; i < COUNT(private_patterns); i++)
		if ((bytes = pattern_bytes(at, private_patterns[i])) > 0)
			return bytes;
	for (size_t i = 0; i < COUNT(private_prefixes); i++) {
		*ret_kept = strlen(private_prefixes[i]);
		if (strncmp(at, private_prefixes[i], *ret_kept) == 0)
			return strcspn(at + *ret_kept, " ,)\"");
	}
	*ret_kept = 0;
	return is_command_line ? parameter_address_bytes(at) : address_bytes(at);
}

/* In what comes out of a capture. */
static bool is_left_out(const char *gone)
{
	return strncmp(gone, "...", 3) == 0;
}

/* Which of the secrets behind @kept of the @fact this is: from 1 on, in the order in which they
 * came. */
static size_t number_of(struct scrubber *scrubber, const char *fact, struct line_part kept,
                        struct line_part gone)
{
	const char *key = memory_printf("%s\n%.*s", fact, (int)kept.bytes, kept.start);
	size_t kind = intern_text(&scrubber->keys, key);
	size_t secret = intern_text(&scrubber->secrets,
	                            memory_printf("%s\n%.*s", key, (int)gone.bytes, gone.start));

	if (kind == scrubber->n_counts)
		*MEMORY_ADD(scrubber, counts) = 0;
	if (secret == scrubber->n_numbers)
		*MEMORY_ADD(scrubber, numbers) = ++scrubber->counts[kind];
	return scrubber->numbers[secret];
}

/* @scrubber: NULL, or who numbers what is left out. */
static char *scrub_with(struct scrubber *scrubber, const char *key, const char *value)
{
	bool is_command_line = fact_of_key(key)->has_parameters, is_in_word = false;
	struct bytes text = { 0 };
	char before = '\0';

	while (*value != '\0') {
		size_t kept, gone = 0;

		if (!is_in_word)
			gone = private_bytes(value, is_command_line, before == '"', &kept);
		if (gone == 0)
			kept = 1;
		memory_append(&text, "%.*s%s", (int)kept, value, gone > 0 ? "..." : "");
		if (gone > 0 && scrubber != NULL && !is_left_out(value + kept))
			memory_append(&text, "%zu",
			              number_of(scrubber, key, (struct line_part){ value, kept },
			                        (struct line_part){ value + kept, gone }));
		before = gone > 0 ? '\0' : value[0];
		is_in_word = isalnum((unsigned char)before);
		value += kept + gone;
	}
	return text.n_text > 0 ? text.text : memory_copy("");
}

char *scrub(const char *key, const char *value)
{
	return scrub_with(NULL, key, value);
}

void scrub_record(struct scrubber *scrubber, struct record *record)
{
	for (size_t i = 0; i < record->n_facts; i++)
		record->facts[i].value =
			scrub_with(scrubber, record->facts[i].key, record->facts[i].value);
	for (size_t i = 0; i < record->n_faults; i++)
		record->faults[i].what = scrub("", record->faults[i].what);
	for (size_t i = 0; i < record->pin.n_owners; i++) /* files are named after machines */
		record->pin.owners[i].name =
			scrub_with(scrubber, "last-pin-owner", record->pin.owners[i].name);
}

/* Without the numbers of what was left out. */
static char *without_numbers(const char *text)
{
	struct bytes plain = { 0 };

	for (; *text != '\0'; text++) {
		memory_append(&plain, "%c", *text);
		if (plain.n_text >= 3 && memcmp(plain.text + plain.n_text - 3, "...", 3) == 0)
			text += strspn(text + 1, "0123456789");
	}
	return plain.n_text > 0 ? plain.text : memory_copy("");
}

bool scrub_is_one(const char *key, const char *before, const char *after)
{
	const char *plain_before, *plain_after;

	if (strcmp(before, after) == 0)
		return true;
	plain_before = without_numbers(scrub(key, before));
	plain_after = without_numbers(scrub(key, after));
	return (strcmp(plain_before, after) == 0 || strcmp(before, plain_after) == 0) &&
	       strcmp(plain_before, plain_after) == 0;
}

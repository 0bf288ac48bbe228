/* scrub.c - a fact -> the same without what tells who somebody is: see scrub.h. */
#include "bootmem/count.h"
#include "mapdiff/record/scrub.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "mapdiff/base/memory.h"
#include "mapdiff/record/facts.h"

/* Parameters of a kernel whose values name disks, hosts and networks; with a * all that begin so.
 * mem=, memmap=, efi= and the like, which decide about memory, are not among them. */
static const char *const private_parameters[] = {
	"root",      "rootflags", "real_root", "resume",   "nfsroot*", "netroot",    "ip",
	"ifname",    "BOOTIF",    "bootdev",   "hostname", "crypt*",   "*luks*",     "rd.*",
	"iscsi*",    "zfs*",      "bootfs",    "img_dev",  "inst.*",   "nameserver", "swap",
	"systemd.*", "fetch",     "url",       "init",     "home",     "user*",      "pass*",
};

/* x is a hexadecimal digit. */
static const char *const private_patterns[] = {
	"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", /* UUID */
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",     /* a machine's id */
	"xx:xx:xx:xx:xx:xx",                    /* MAC address */
	"xx-xx-xx-xx-xx-xx",
};

/* What stands before a private value wherever it is. */
static const char *const private_prefixes[] = { "UUID=", "LABEL=", "/dev/" };

static bool is_parameter(const char *name, size_t bytes, const char *pattern)
{
	size_t length = strlen(pattern);

	if (pattern[0] == '*') /* "*luks*" */
		return memmem(name, bytes, pattern + 1, length - 2) != NULL;
	if (pattern[length - 1] == '*')
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

/* NAME@HOST, as in "Linux version 6.1.0 (root@laptop)". */
static size_t address_bytes(const char *at)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-+";
	size_t name_bytes = strspn(at, allowed), host_bytes;

	if (name_bytes == 0 || at[name_bytes] != '@')
		return 0;
	host_bytes = strspn(at + name_bytes + 1, allowed);
	return host_bytes > 0 ? name_bytes + 1 + host_bytes : 0;
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

/* Where the value of a parameter ends, which may be quoted. */
static size_t value_bytes(const char *value)
{
	const char *end = *value == '"' ? strchr(value + 1, '"') : NULL;

	return end != NULL ? (size_t)(end + 1 - value) : strcspn(value, " ");
}

/* How many characters of the word at @at are private, after *ret_kept that are not. */
static size_t private_bytes(const char *at, bool is_command_line, size_t *ret_kept)
{
	size_t bytes;

	*ret_kept = is_command_line ? parameter_bytes(at) : 0;
	if (*ret_kept > 0)
		return value_bytes(at + *ret_kept);
	for (size_t i = 0; i < COUNT(private_patterns); i++)
		if ((bytes = pattern_bytes(at, private_patterns[i])) > 0)
			return bytes;
	for (size_t i = 0; i < COUNT(private_prefixes); i++) {
		*ret_kept = strlen(private_prefixes[i]);
		if (strncmp(at, private_prefixes[i], *ret_kept) == 0)
			return strcspn(at + *ret_kept, " ,)\"");
	}
	*ret_kept = 0;
	/* memmap=64M@1G is no address of anybody. */
	return is_command_line ? 0 : address_bytes(at);
}

char *scrub(const char *key, const char *value)
{
	bool is_command_line = fact_of_key(key)->has_parameters, is_in_word = false;
	struct bytes text = { 0 };

	while (*value != '\0') {
		size_t kept, gone = is_in_word ? 0 : private_bytes(value, is_command_line, &kept);

		if (gone == 0)
			kept = 1;
		memory_append(&text, "%.*s%s", (int)kept, value, gone > 0 ? "..." : "");
		is_in_word = gone == 0 && isalnum((unsigned char)value[0]);
		value += kept + gone;
	}
	return text.n_text > 0 ? text.text : memory_copy("");
}

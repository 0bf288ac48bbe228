/* between.c - lines among those of a map that are no reason for doubt: see between.h. */
#include "mapdiff/read/between.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "bootmem/count.h"

#define HEAD_BYTES   80 /* in which a logger has said when, and who */
#define MOST_SUBJECT 40 /* bytes of "NX (Execute Disable) protection: " */
#define MOST_LEVEL   8  /* "[WARNING]" */

/* "10:25:43" */
static bool is_time(struct line line)
{
	for (size_t i = 0; i < 8; i++, line_move(&line, 1))
		if (i % 3 == 2 ? line_first(&line) != ':' : !isdigit(line_first(&line)))
			return false;
	return true;
}

/* "[    0.000000]", "[+0.000012]", "1714818148.123456 host" */
static bool is_seconds(struct line line)
{
	bool is_open = line_take(&line, "[");
	uint64_t n;

	line_skip(&line, " +<");
	return line_take_decimal(&line, &n) && line_take(&line, ".") &&
	       line_skip(&line, "0123456789") >= 6 && (!is_open || line_find(&line, "]"));
}

/* "systemd[1]: Started": a name, not what "see [1]: ..." refers to. */
static bool is_process(struct line line)
{
	uint64_t n;

	while (line_first(&line) > ' ' && line_first(&line) != '[')
		line_move(&line, 1);
	return line_first(&line) == '[' && isalnum((unsigned char)line.start[-1]) &&
	       line_take_all(&line, "[%u]: ", &n);
}

/* "MESSAGE=", "_HOSTNAME=" */
static bool is_field(struct line line)
{
	line_skip_blanks(&line);
	return line_skip(&line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") > 2 &&
	       line_first(&line) == '=';
}

/* "[INFO] ...", "[ WARN]: ..." */
static bool is_level(struct line line)
{
	static const char levels[] = " info debug warn warning error trace notice ";
	char word[MOST_LEVEL + 3] = " ";
	size_t n = 1;

	if (!line_take(&line, "["))
		return false;
	line_skip_blanks(&line);
	for (; isalpha(line_first(&line)) && n <= MOST_LEVEL; line_move(&line, 1))
		word[n++] = (char)tolower(line_first(&line));
	word[n++] = ' ';
	line_skip_blanks(&line);
	return n > 2 && line_take(&line, "]") && strstr(levels, word) != NULL;
}

/* "13", "2024-05-06T", "[Fri", "syslog:Sep": with what is around it? */
static bool is_of_date(struct line word)
{
	size_t n_letters = 0;

	for (size_t i = 0; i < word.bytes; i++) {
		if (isdigit((unsigned char)word.start[i]))
			return true;
		n_letters = isalpha((unsigned char)word.start[i]) ? n_letters + 1 : 0;
	}
	return (n_letters == 3 || n_letters == 4) && isupper(line_end(&word)[-(int)n_letters]);
}

/* Is there a time at the start of @line, or behind words of a date? */
static bool begins_with_time(struct line line)
{
	bool is_date = true;

	while (is_date && line.bytes > 0) {
		struct line word = line;

		while (line_first(&line) > ' ' && !is_time(line))
			line_move(&line, 1);
		word.bytes -= line.bytes;
		is_date = is_of_date(word);
		if (is_time(line))
			return word.bytes == 0 || ispunct(line_first(&word)) || is_date;
		line_skip_blanks(&line);
	}
	return false;
}

bool between_is_log(struct line line)
{
	static const char *const names[] = { "(XEN)", "TBOOT:" };
	struct line head = line_head(&line, HEAD_BYTES);

	if (is_field(head))
		return true;
	line_skip(&head, " \t>|`");
	for (size_t i = 0; i < COUNT(names); i++) {
		struct line rest = head;

		if (line_take(&rest, names[i]))
			return true;
	}
	return is_seconds(head) || is_level(head) || is_process(head) || begins_with_time(head);
}

/* What stands before a colon in messages of the kernel about the time when it prints the map, or
 * shortly after, between blanks; and what has some itself. */
static const char subjects[] =
	" efi tsc smpboot printk secureboot tboot random rcu pci acpi usb ftrace percpu cma "
	"kexec earlycon fpu numa console clocksource microcode bootconsole apic setup dmi ima "
	"integrity kvm-clock kvm-guest kvm xen mtrr cpuidle devtmpfs pinctrl thermal audit hpet "
	"iommu pnp mce pcpu-alloc ACPI DMI SMBIOS PM NX TSC PCI DMAR NUMA SRAT SLIT MADT IOAPIC "
	"CPU MTRR RCU SLUB BIOS AMD-Vi HPET APIC PAT IOMMU RAMDISK MPTABLE MDS ";
static const char *const long_subjects[] = {
	"NX (Execute Disable) protection",
	"[Firmware Bug]",
	"software IO TLB",
};

static bool is_known_subject(struct line subject)
{
	char word[MOST_SUBJECT + 3];

	for (size_t i = 0; i < COUNT(long_subjects); i++)
		if (subject.bytes == strlen(long_subjects[i]) &&
		    memcmp(subject.start, long_subjects[i], subject.bytes) == 0)
			return true;
	snprintf(word, sizeof word, " %.*s ", (int)subject.bytes, subject.start);
	return memchr(subject.start, ' ', subject.bytes) == NULL && subject.bytes > 0 &&
	       strstr(subjects, word) != NULL;
}

/* Words that people put before a colon, with a number, too: "EDIT2: ..." */
static const char *const remarks[] = {
	"nb", "fyi", "edit", "ps", "update", "ok", "rest", "note", "page", "part", "line", "fig",
};

static bool is_remark(struct line subject)
{
	for (size_t i = 0; i < COUNT(remarks); i++) {
		size_t n = strlen(remarks[i]), j = 0;

		while (j < n && j < subject.bytes &&
		       tolower((unsigned char)subject.start[j]) == remarks[i][j])
			j++;
		if (j == n && (j == subject.bytes || !isalpha((unsigned char)subject.start[j])))
			return true;
	}
	return false;
}

/* "x86/fpu", "i8042", "tpm_tis": a letter, then one word with what is in no word. */
static bool is_name(struct line subject)
{
	bool is_name = false;

	if (!isalpha(line_first(&subject)) || is_remark(subject))
		return false;
	for (; subject.bytes > 0 && line_first(&subject) > ' '; line_move(&subject, 1))
		is_name |= isdigit(line_first(&subject)) || line_first(&subject) == '_';
	return is_name && subject.bytes == 0;
}

bool between_is_message(struct line line)
{
	struct line subject = line_head(&line, MOST_SUBJECT), end = subject;

	if (!line_find(&end, ": ") || end.bytes <= 2)
		return false;
	subject.bytes -= end.bytes;
	return is_known_subject(subject) || is_name(subject);
}

/* "(0MB)": what a mail program broke off a line that is whole without it. */
static bool is_size(struct line line)
{
	uint64_t n;

	return line_take_all(&line, "(%u", &n) && line_skip(&line, " KMGTiB") > 0 &&
	       line_take(&line, ")") && line.bytes == 0;
}

/* "[code]", "[/quote]", "</td>", "{noformat}": one word. */
static bool is_tag(struct line line)
{
	static const char *const pairs = "[]{}<>";
	const char *open = line.bytes > 2 && line_first(&line) != '\0' /* which all have */
	                           ? strchr(pairs, line_first(&line))
	                           : NULL;
	bool is_end;

	if (open == NULL || line_end(&line)[-1] != open[1])
		return false;
	line_move(&line, 1);
	is_end = line_take(&line, "/");
	while (isalnum(line_first(&line)))
		line_move(&line, 1);
	return is_end || (line.bytes == 1 && open[0] != '<');
}

/* "12", "12.", "[1]", "| 3 |", "L12"; not "[    0.000", of a line that was cut off */
static bool is_number(struct line line)
{
	bool has_digit = false;

	line_take(&line, "L");
	for (; line.bytes > 0; line_move(&line, 1)) {
		if (line_first(&line) == '.' && line.bytes > 1 &&
		    isdigit((unsigned char)line.start[1]))
			return false;
		has_digit |= isdigit(line_first(&line));
		if (!isdigit(line_first(&line)) && strchr(" \t.:)([]|#", line_first(&line)) == NULL)
			return false;
	}
	return has_digit;
}

/* "Page 1 of 3", "- page 2 -", of what was printed. */
static bool is_page(struct line line)
{
	uint64_t n;

	line_skip(&line, " \f-");
	if (!(line_take(&line, "Page ") || line_take(&line, "page ") ||
	      line_take(&line, "PAGE ")) ||
	    !line_take_decimal(&line, &n))
		return false;
	if (line_take(&line, " of ") || line_take(&line, "/"))
		line_take_decimal(&line, &n);
	line_skip(&line, " \f\r-");
	return line.bytes == 0;
}

bool between_is_less(struct line line)
{
	uint64_t n;

	if (!line_take_all(&line, "lines %u-%u", &n, &n))
		return false;
	while (line.bytes > 0 && !islower(line_first(&line)))
		line_move(&line, 1);
	return line.bytes == 0;
}

bool between_is_furniture(struct line line)
{
	static const char *const pagers[] = { "--More--", "--MORE--", "Press ENTER" };
	struct line blank = line, pager = line;

	line_skip(&blank, " \t\r\f|`>");
	for (size_t i = 0; i < COUNT(pagers); i++)
		if (line_take(&pager, pagers[i]))
			return true;
	return blank.bytes == 0 || is_number(line) || is_size(line) || is_tag(line) ||
	       between_is_less(line) || is_page(line);
}

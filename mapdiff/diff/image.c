/*
 * image.c - two boots -> can the kernel of the second read the image of the first, and does it try?
 * See image.h.
 */
#include "mapdiff/diff/image.h"

#include <limits.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/diff/facts.h"
#include "mapdiff/record/command_line.h"
#include "mapdiff/record/start.h"
#include "mapdiff/record/system.h"

/* In its place: the weightiest come first, those of one weight in the order in which they came. */
static void add(struct diff *diff, enum verdict verdict, const char *text)
{
	struct resume *resume = &diff->resume;
	struct resume_reason *place = MEMORY_ADD(resume, reasons);

	for (; place > resume->reasons && place[-1].verdict < verdict; place--)
		*place = place[-1];
	*place = (struct resume_reason){ verdict, text };
}

void reason_add(struct diff *diff, enum verdict verdict, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(diff, verdict, memory_vprintf(format, args));
	va_end(args);
}

void reason_forbid(struct diff *diff, const char *to_do, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(diff, VERDICT_NO, memory_vprintf(format, args));
	va_end(args);
	if (diff->resume.to_do == NULL)
		diff->resume.to_do = to_do;
}

/* --- who reads the image --- */

/* What the image is like changed in these versions. */
static const struct format {
	unsigned int since;
	bool is_both_ways; /* the newer kernel does not read the old format either */
	const char *change;
} formats[] = {
	/* RESTORE_MAGIC of arch/x86/power went up each time. */
	{ SYSTEM_KERNEL(4, 10), true, "an MD5 sum of the e820 map in the image's header" },
	{ SYSTEM_KERNEL(5, 13), true, "a CRC-32 instead of an MD5 sum in the image's header" },
	/* pack_pfns() marks pages of zeros in the list of pages, and leaves them out. */
	{ SYSTEM_KERNEL(6, 6), false, "pages of zeros left out of the image" },
};

/* Linux of @after cannot read what that of @before wrote: since which version? NULL: it can. */
static const struct format *format_between(const struct record *before, const struct record *after)
{
	unsigned int writer = system_kernel(before), reader = system_kernel(after);

	if (writer == UINT_MAX || reader == UINT_MAX)
		return NULL;
	for (const struct format *format = formats; format < formats + COUNT(formats); format++)
		if ((writer < format->since && reader >= format->since && format->is_both_ways) ||
		    (writer >= format->since && reader < format->since))
			return format;
	return NULL;
}

static void judge_kernel(struct diff *diff)
{
	static const char same_kernel[] = "Boot the kernel of boot A again, then resume.";
	const struct record *before = diff_record(diff, 0), *after = diff_record(diff, 1);
	const struct format *format = format_between(before, after);
	unsigned int bits[2] = { system_kernel_bits(before), system_kernel_bits(after) };
	const char *versions[2];

	if (!facts_of_both(diff, FACT_KERNEL_VERSION, versions))
		return;
	if (bits[0] != 0 && bits[1] != 0 && bits[0] != bits[1])
		reason_forbid(
			diff, same_kernel,
			"A kernel of %u bits hibernated, one of %u bits would have to read the "
			"image.",
			bits[0], bits[1]);
	else if (bits[0] == 32 && bits[1] == 32 && system_has_pae(before) != system_has_pae(after))
		reason_forbid(
			diff, same_kernel,
			"Linux %s reads the image of %s: only one of them has PAE, so their "
			"page tables have different formats. Linux does not compare that, and "
			"would crash.",
			versions[1], versions[0]);
	else if (format != NULL)
		reason_forbid(
			diff, same_kernel,
			"Linux %s cannot read the image of %s: Linux %u.%u changed its format "
			"(%s).%s",
			versions[1], versions[0], format->since / SYSTEM_KERNEL(1, 0),
			format->since % SYSTEM_KERNEL(1, 0), format->change,
			format->is_both_ways ? "" : " It would fail with \"Error -14\".");
	else if (strcmp(versions[0], versions[1]) != 0)
		reason_add(diff, VERDICT_UNKNOWN,
		           "Another kernel, %s, reads the image of %s. On x86 this is allowed; it "
		           "is %s that goes on then.",
		           versions[1], versions[0], versions[0]);
}

/* --- the CPU, which Linux does not compare --- */

/* The first of the comma-separated words in @before that is not one of @after; its length is in
 * *ret_bytes. NULL: all are. Both are sorted, as facts are, so one pass does. */
static const char *lost_feature(const char *before, const char *after, size_t *ret_bytes)
{
	const char *separators =
		strchr(before, ',') != NULL || strchr(after, ',') != NULL ? "," : " ";

	for (;;) {
		size_t n;
		int order;

		before += strspn(before, ", ");
		after += strspn(after, ", ");
		*ret_bytes = strcspn(before, separators);
		n = strcspn(after, separators);
		if (*ret_bytes == 0)
			return NULL;
		order = n == 0 ? -1 : strncmp(before, after, *ret_bytes < n ? *ret_bytes : n);
		if (order == 0)
			order = (*ret_bytes > n) - (*ret_bytes < n);
		if (order < 0)
			return before;
		after += n;
		before += order == 0 ? *ret_bytes : 0;
	}
}

static void judge_cpu(struct diff *diff)
{
	static const char same_cpu[] = "Resume on the machine, and with the CPU, of boot A.";
	static const char set_up[] = "Linux does not compare it, but what it set up for the one "
				     "fails on the other.";
	const struct record *before = diff_record(diff, 0), *after = diff_record(diff, 1);
	const struct fact_change *cpu = facts_find(diff, FACT_CPU);
	const char *vendors[2] = { system_cpu_vendor(before), system_cpu_vendor(after) };
	const struct fact_change *features = facts_find(diff, FACT_CPU_FEATURES);
	const char *lost;
	uint64_t families[2];
	size_t lost_bytes;

	if (vendors[0] != NULL && vendors[1] != NULL && strcmp(vendors[0], vendors[1]) != 0)
		reason_forbid(diff, same_cpu, "The CPU is %s's, then %s's. %s", vendors[0],
		              vendors[1], set_up);
	else if (system_cpu_family(before, &families[0]) &&
	         system_cpu_family(after, &families[1]) && families[0] != families[1])
		reason_forbid(diff, same_cpu,
		              "The CPU is of family 0x%" PRIx64 ", then 0x%" PRIx64 ". %s",
		              families[0], families[1], set_up);
	else if (features != NULL &&
	         (lost = lost_feature(features->before, features->after, &lost_bytes)) != NULL)
		reason_forbid(
			diff, same_cpu,
			"The CPU lacks %.*s, which it had. Linux does not compare it, but the "
			"hibernated kernel would go on using it.",
			(int)lost_bytes, lost);
	else if (cpu != NULL)
		reason_add(diff, VERDICT_UNKNOWN,
		           "The CPU is another one: %s, then %s. Linux does not compare it; a "
		           "feature that is missing now would crash it.",
		           cpu->before, cpu->after);
}

/* --- whether it is tried at all --- */

/* Those that forbid hibernation forbid resuming as well. */
static const char *const forbidding[] = { "nohibernate", "hibernate=no", "noresume",
	                                  "hibernate=noresume" };
#define N_FORBID_HIBERNATION 2

static const char take_it_off[] = "Take that word off the kernel's command line, and boot again.";
static const char unlock[] = "Hibernation needs a kernel that is not locked down: in most cases, "
			     "disable Secure Boot.";

static void judge_will(struct diff *diff)
{
	for (size_t i = 0; i < COUNT(forbidding); i++) {
		if (i < N_FORBID_HIBERNATION &&
		    command_line_has(diff_record(diff, 0), forbidding[i]))
			reason_forbid(diff, take_it_off,
			              "%s in the command line of boot A: it cannot hibernate.",
			              forbidding[i]);
		if (command_line_has(diff_record(diff, 1), forbidding[i]))
			reason_forbid(
				diff, take_it_off,
				"%s in the command line of boot B: it does not look for an image.",
				forbidding[i]);
	}
}

static bool is_secure(const struct record *record)
{
	const char *secure_boot = record_fact(record, FACT_SECURE_BOOT);

	return secure_boot != NULL && strcmp(secure_boot, "enabled") == 0;
}

/* Linux hibernation_available(): not while it is locked down. */
static bool is_locked(const struct record *record)
{
	return command_line_value(record, "lockdown=") != NULL ||
	       record_fact(record, FACT_LOCKDOWN) != NULL;
}

/* True: there was something to say. */
static bool judge_lockdown(struct diff *diff, size_t side)
{
	const struct record *record = diff_record(diff, side);

	if (is_locked(record))
		reason_forbid(
			diff, unlock,
			"The kernel of boot %c is locked down%s: it neither hibernates nor resumes.",
			diff_letter(side), is_secure(record) ? ", as Secure Boot is enabled" : "");
	else if (is_secure(record))
		reason_add(diff, VERDICT_UNKNOWN,
		           "Secure Boot is enabled in boot %c: kernels that lock themselves "
		           "down then, as most distributions' do, neither hibernate nor resume.",
		           diff_letter(side));
	return is_locked(record) || is_secure(record);
}

/* Why @record's kernel does not even try, and what can be done about it; NULL: it may. */
static const char *forbidden_by(const struct record *record, const char **ret_to_do)
{
	enum start start = start_of(record);

	*ret_to_do = take_it_off;
	for (size_t i = 0; i < COUNT(forbidding); i++)
		if (command_line_has(record, forbidding[i]))
			return memory_printf(
				"%s is in the kernel's command line: %s.", forbidding[i],
				i < N_FORBID_HIBERNATION ? "it cannot hibernate"
							 : "it does not look for an image");
	*ret_to_do = "Take the log of the kernel that you hibernate: sudo journalctl -k -b.";
	if (start == START_CRASH || start == START_XEN)
		return memory_printf("This is %s: it neither hibernates nor resumes.",
		                     start_text(start));
	*ret_to_do = unlock;
	return is_locked(record) ? "The kernel is locked down: it neither hibernates nor resumes."
	                         : NULL;
}

struct advice image_advise(const struct record *record, bool *ret_forbidden)
{
	static const char sure[] = "One boot does not tell whether the next one has the same map.";
	const char *to_do, *why = forbidden_by(record, &to_do);

	*ret_forbidden = why != NULL;
	if (*ret_forbidden)
		return (struct advice){ to_do, why, "The boot says so itself." };
	if (is_secure(record))
		return (struct advice){ unlock,
			                "Secure Boot is enabled: kernels that lock themselves down "
			                "then, as most distributions' do, neither hibernate nor "
			                "resume.",
			                sure };
	return (struct advice){
		"Boot again, and compare: mapdiff A B tells whether the map changes.",
		"Nothing in this boot keeps Linux from resuming.", sure
	};
}

void image_judge(struct diff *diff)
{
	judge_kernel(diff);
	judge_cpu(diff);
	judge_will(diff);
	if (!judge_lockdown(diff, 0)) /* one of the boots is enough */
		judge_lockdown(diff, 1);
}

/*
 * answer.c - see answer.h. A table of what each outcome says; the rest fills in who and when.
 *
 * Equal checksums are necessary for a resume, and not sufficient: the words never promise one.
 */
#include "efi/screen/answer.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "bootmem/pfn.h"
#include "handoff/capture/text.h"

#define BRIEF_COLUMNS (VIEW_RIGHT_COLUMN - VIEW_LEFT_COLUMN)

/* The session that is hibernated is thrown away by a resume that fails. */
#define LOSES "A failed resume loses the session."

static unsigned number(const char *digits, size_t n)
{
	unsigned value = 0;

	for (size_t i = 0; i < n; i++)
		value = value * 10 + (unsigned)(digits[i] - '0');
	return value;
}

void answer_time(char *text, size_t bytes, const char *time, const char *now)
{
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	unsigned month = time[0] == '\0' ? 0 : number(time + 5, 2);

	if (month < 1 || month > COUNT(months))
		text_format(text, bytes, "%s", "");
	else if (memcmp(time, now, 4) == 0)
		text_format(text, bytes, "%u %s %.5s", number(time + 8, 2), months[month - 1],
		            time + 11);
	else
		text_format(text, bytes, "%u %s %.4s %.5s", number(time + 8, 2), months[month - 1],
		            time, time + 11);
}

void answer_when(char *text, size_t bytes, const struct past_boot *boot,
                 const struct past_boot *now)
{
	char time[ANSWER_WHEN_BYTES];
	size_t n;

	answer_time(time, sizeof time, boot->time, now->time);
	if (time[0] == '\0')
		text_format(time, sizeof time, "%04u.map", boot->number);
	n = text_format(text, bytes, "%s", time);
	if (boot->label[0] == '\0' || n + sizeof " (...)" > bytes)
		return;
	n += text_format(text + n, bytes - n, " (%s)", boot->label);
	if (n >= bytes)
		memcpy(text + bytes - sizeof "...)", "...)", sizeof "...)");
}

/* --- what differs beside the map --- */

/* In the order of their kinds; a boot option explains nothing, as loaders get one map. */
static const struct {
	const char *name;
	const char *differs; /* before, after */
	const char *to_do;   /* before; NULL: as with nothing known */
	bool is_size;
} facts[FACT_KINDS] = {
	[FACT_INSTALLED_BYTES] = { "Cause", "Installed RAM was %s and is now %s.",
	                           "Boot with %s to resume. " LOSES, true },
	[FACT_CPU_COUNT] = { "Cause", "There were %s CPUs, and there are now %s.",
	                     "Boot with %s CPUs to resume. " LOSES, false },
	[FACT_FIRMWARE_VERSION] = { "Cause", "The firmware was %s and is now %s.",
	                            "Start afresh: what was hibernated with firmware %s would be refused.",
	                            false },
	[FACT_BOOT_OPTION] = { "Differs", "The boot option was %s and is now %s.", NULL, false },
};

void answer_fact(const struct comparison_fact *fact, char before[COMPARISON_FACT_BYTES],
                 char after[COMPARISON_FACT_BYTES])
{
	char size[TEXT_AMOUNT_BYTES];

	if (facts[fact->kind].is_size) {
		text_format(before, COMPARISON_FACT_BYTES, "%s",
		            text_amount(size, fact->before_number));
		text_format(after, COMPARISON_FACT_BYTES, "%s",
		            text_amount(size, fact->after_number));
	} else {
		text_format(before, COMPARISON_FACT_BYTES, "%s", fact->before);
		text_format(after, COMPARISON_FACT_BYTES, "%s", fact->after);
	}
}

/* The first one, which would explain the others. */
static void name_cause(const struct comparison *comparison, struct answer *answer)
{
	char before[COMPARISON_FACT_BYTES], after[COMPARISON_FACT_BYTES];
	const struct comparison_fact *fact = &comparison->facts[0];
	size_t n;

	if (comparison->n_facts == 0) {
		text_format(answer->cause_name, sizeof answer->cause_name, "Cause");
		text_format(answer->cause, sizeof answer->cause,
		            "Nothing recorded in these boots explains it.");
		return;
	}
	answer_fact(fact, before, after);
	text_format(answer->cause_name, sizeof answer->cause_name, "%s", facts[fact->kind].name);
	n = text_format(answer->cause, sizeof answer->cause, facts[fact->kind].differs, before,
	                after);
	if (comparison->n_facts > 1 && n < sizeof answer->cause)
		text_format(answer->cause + n, sizeof answer->cause - n, " And %u more (D).",
		            (unsigned)(comparison->n_facts - 1));
	if (facts[fact->kind].to_do != NULL)
		text_format(answer->to_do, sizeof answer->to_do, facts[fact->kind].to_do, before);
}

/* --- the outcomes --- */

static void say_changed(const struct comparison *comparison, struct answer *answer)
{
	const struct past_boot *last = comparison->last;
	const struct past_boot *now = &comparison->now;
	struct view_band *band = &answer->band;
	char when[ANSWER_WHEN_BYTES];

	band->colour = CANVAS_RED;
	band->sign = '!';
	text_format(band->big, sizeof band->big, "MAP CHANGED");
	answer_when(when, 46, last, now);
	text_format(band->lines[0], sizeof band->lines[0], "since %s.", when);
	text_format(band->lines[1], sizeof band->lines[1],
	            "Linux would refuse to resume from hibernation.");
	answer_when(when, 29, last, now);
	text_format(band->brief, sizeof band->brief,
	            "MAP CHANGED since %s: Linux would refuse to resume", when);
	name_cause(comparison, answer);
	answer_when(when, sizeof when, last, now);
	if (answer->to_do[0] == '\0')
		text_format(answer->to_do, sizeof answer->to_do, "Boot it as on %s to resume. %s",
		            when, LOSES);
}

static void say_unchanged(const struct comparison *comparison, const struct answer_limits *limits,
                          struct answer *answer)
{
	const struct past_boot *now = &comparison->now;
	unsigned n_boots = (unsigned)comparison->n_boots;
	bool is_partial = limits->has_tpm_log || limits->has_rng;
	struct view_band *band = &answer->band;
	char when[ANSWER_WHEN_BYTES];

	band->colour = CANVAS_GREEN;
	band->sign = '=';
	text_format(band->big, sizeof band->big, "MAP UNCHANGED");
	answer_when(when, 30, comparison->last, now);
	if (comparison->n_maps == 1)
		text_format(band->lines[0], sizeof band->lines[0],
		            "%u boots of this machine, 1 map.", n_boots);
	else
		text_format(band->lines[0], sizeof band->lines[0], "since %s, as in %u of %u.",
		            when, comparison->n_with_this_map, n_boots - 1);
	text_format(band->lines[1], sizeof band->lines[1], "%s",
	            is_partial ? "This is the firmware's map, before Linux's part."
	                       : "The map would not stop Linux from resuming.");
	text_format(band->brief, sizeof band->brief, "MAP UNCHANGED%s%s: %s",
	            comparison->n_maps == 1 ? "" : " since ", comparison->n_maps == 1 ? "" : when,
	            is_partial ? "it is the firmware's map" : "it would not stop Linux");
	text_format(answer->cause_name, sizeof answer->cause_name, "Means");
	if (limits->has_tpm_log)
		text_format(answer->cause, sizeof answer->cause,
		            "Linux's own copy of the TPM log is not in it, and can move: this "
		            "promises no resume.");
	else if (limits->has_rng)
		text_format(answer->cause, sizeof answer->cause,
		            "The random seed that Linux keeps is not in it, and can move: this "
		            "promises no resume.");
	else
		text_format(answer->cause, sizeof answer->cause,
		            "Every range is where it was in the boot before.");
	text_format(answer->to_do, sizeof answer->to_do, "%s",
	            is_partial ? "Nothing. If a resume fails, compare the logs of Linux itself "
	                         "with mapdiff."
	                       : "Nothing. If a resume still fails, the memory map is not the "
	                         "cause: look at swap, kernel version and drivers in the log of "
	                         "that boot.");
}

static void say_first(const struct comparison *comparison, struct answer *answer)
{
	struct view_band *band = &answer->band;

	(void)comparison;
	band->colour = CANVAS_BLUE;
	band->sign = '1';
	text_format(band->big, sizeof band->big, "FIRST BOOT");
	text_format(band->lines[0], sizeof band->lines[0], "First capture of this machine.");
	text_format(band->lines[1], sizeof band->lines[1],
	            "Boot the stick again later to see what changes.");
	text_format(band->brief, sizeof band->brief, "FIRST BOOT: first capture of this machine");
	text_format(answer->to_do, sizeof answer->to_do,
	            "Boot the stick again: docked and undocked, before and after an update.");
}

static void say_failed(const struct comparison *comparison, struct answer *answer)
{
	struct view_band *band = &answer->band;

	band->colour = CANVAS_AMBER;
	band->sign = '?';
	text_format(band->big, sizeof band->big, "NOT COMPARED");
	if (comparison->damaged_number > 0)
		text_format(band->lines[0], sizeof band->lines[0], "%04u.map is %s.",
		            comparison->damaged_number,
		            comparison->damaged_status == EFI_INCOMPATIBLE_VERSION
		                    ? "of a later bootmem"
		                    : "damaged");
	else
		text_format(band->lines[0], sizeof band->lines[0],
		            "The captures on the stick cannot be read.");
	text_format(band->lines[1], sizeof band->lines[1],
	            "Whether Linux would resume is not known.");
	text_format(band->brief, sizeof band->brief, "NOT COMPARED: %s", band->lines[0]);
	text_format(answer->to_do, sizeof answer->to_do,
	            "Boot the stick again: the next boot is compared with this one.");
}

static void say_none(const struct comparison *comparison, struct answer *answer)
{
	struct view_band *band = &answer->band;

	(void)comparison;
	band->colour = CANVAS_AMBER;
	band->sign = '?';
	text_format(band->big, sizeof band->big, "NO CAPTURE");
	text_format(band->lines[0], sizeof band->lines[0], "The configuration says capture = no.");
	text_format(band->lines[1], sizeof band->lines[1], "Nothing is saved or compared.");
	text_format(band->brief, sizeof band->brief, "NO CAPTURE: capture = no");
	text_format(answer->to_do, sizeof answer->to_do,
	            "To compare boots, write capture = yes into bootmem.conf.");
}

/* Labels may have been written by anybody. */
static void make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

void answer_make(const struct comparison *comparison, const struct answer_limits *limits,
                 struct answer *ret_answer)
{
	memset(ret_answer, 0, sizeof *ret_answer);
	switch (comparison->kind) {
	case COMPARISON_NONE:
		say_none(comparison, ret_answer);
		break;
	case COMPARISON_FAILED:
		say_failed(comparison, ret_answer);
		break;
	case COMPARISON_FIRST:
		say_first(comparison, ret_answer);
		break;
	case COMPARISON_UNCHANGED:
		say_unchanged(comparison, limits, ret_answer);
		break;
	case COMPARISON_CHANGED:
		say_changed(comparison, ret_answer);
		break;
	}
	make_printable(ret_answer->band.lines[0]);
	make_printable(ret_answer->band.lines[1]);
	make_printable(ret_answer->band.brief);
	make_printable(ret_answer->cause);
	make_printable(ret_answer->to_do);
}

/* advice.c - a judged step -> what to do, why, and how sure: see advice.h. */
#include "mapdiff/diff/advice.h"

#include <ctype.h>
#include <string.h>

#include "mapdiff/base/text.h"
#include "mapdiff/diff/blame.h"
#include "mapdiff/diff/causes.h"
#include "mapdiff/diff/facts.h"

/* --- what to do --- */

/* What is installed, or, where no file says so, what the kernel could use. */
static const char *on_ram(const struct diff *diff)
{
	uint64_t installed[2];

	if (diff_is_of_excerpts(diff))
		return "Boot with the RAM of boot A again, then resume.";
	if (facts_numbers_of_both(diff, FACT_INSTALLED_BYTES, installed))
		return memory_printf("Boot with %s of RAM again, then resume.",
		                     text_size(installed[0]));
	return memory_printf("Boot with the RAM of boot A again (%s usable), then resume.",
	                     text_size(diff->sides[0]->ram_bytes));
}

static const char *on_cpus(const struct diff *diff)
{
	const struct fact_change *count = facts_find(diff, FACT_CPU_COUNT);

	if (count == NULL)
		return "Boot with the CPUs of boot A again, then resume.";
	return memory_printf("Boot with %s CPU%s again, then resume.", count->before,
	                     strcmp(count->before, "1") == 0 ? "" : "s");
}

static const char *on_firmware(const struct diff *diff)
{
	if (causes_have(diff, CAUSE_FIRMWARE))
		return "Go back to the firmware and the settings of boot A, then resume.";
	return "Start afresh: this image is lost. Compare a few more boots with mapdiff series before "
	       "you hibernate again.";
}

const char *advice_on_stub(const struct diff *diff)
{
	bool is_pin = diff->pin.helps == VERDICT_YES;

	if (!is_pin)
		return "Disable the TPM in the firmware's setup before you hibernate again.";
	return causes_is_event_log(diff)
	               ? "Start Linux through bootmem with pin = yes, or disable the TPM in the "
	                 "firmware's setup, before you hibernate again."
	               : "Start Linux through bootmem with pin = yes before you hibernate again.";
}

static const char *on_stub(const struct diff *diff)
{
	return memory_printf("Start afresh: this image is lost. %s", advice_on_stub(diff));
}

static const char *on_unknown(const struct diff *diff)
{
	if (facts_have_condition(diff))
		return memory_printf("Boot as in boot A again, then resume. What differs: %s.",
		                     facts_text(diff));
	return "Start afresh: this image is lost. Boot once with efi=debug, or from a bootmem stick: "
	       "that tells who owns what moved.";
}

/* To a map that is another one. */
static const char *on_cause(const struct diff *diff)
{
	if (diff->pin.reason == PIN_ONE_BOOT)
		return "Start afresh: this image is lost, once. Keep bootmem's pin = yes in each boot.";
	switch (diff->cause) {
	case CAUSE_RAM:
		return on_ram(diff);
	case CAUSE_CPU_COUNT:
		return on_cpus(diff);
	case CAUSE_FIRMWARE:
		return on_firmware(diff);
	case CAUSE_DEVICES:
		return "Attach the devices of boot A again (dock, power supply, screens), boot, then "
		       "resume.";
	case CAUSE_BOOT_LOADER:
		return "Resume through the boot loader of boot A.";
	case CAUSE_KERNEL_OPTIONS:
		return "Boot with the kernel options of boot A again, then resume.";
	case CAUSE_KERNEL_STUB:
		return on_stub(diff);
	case CAUSE_UNKNOWN:
		return on_unknown(diff);
	default:
		return blame_advice(diff, diff->cause);
	}
}

static const char *to_do(const struct diff *diff)
{
	const struct resume *resume = &diff->resume;

	if (!diff_is_comparable(diff))
		return blame_advice(diff, diff->cause);
	if (resume->verdict == VERDICT_YES)
		return "Nothing. If Linux still does not resume, look elsewhere: drivers, or the "
		       "disk.";
	if (resume->verdict == VERDICT_UNKNOWN && resume->one_map == VERDICT_NO)
		return memory_printf("Do not resume: a kernel before 4.10 does not notice. %s",
		                     on_cause(diff));
	if (resume->one_map == VERDICT_NO)
		return on_cause(diff);
	if (resume->to_do != NULL)
		return resume->to_do;
	return "Take the whole kernel log of both boots (sudo journalctl -k -b, and -b -1 for the boot "
	       "before), and compare those.";
}

/* --- why --- */

static const char *capitalized(const char *text)
{
	return memory_printf("%c%s", toupper((unsigned char)*text), text + 1);
}

static const char *why_other_map(const struct diff *diff)
{
	size_t n = diff_n_telling(diff);
	const char *ranges = memory_printf("%s of the memory map changed", text_count(n, "range"));

	if (n == 0)
		ranges = "The memory map changed";
	if (diff->cause == CAUSE_UNKNOWN)
		return memory_printf("%s. Cause: %s.", ranges, diff->cause_text);
	return memory_printf("%s. With it, %s.", capitalized(diff->cause_text), ranges);
}

static const char *why(const struct diff *diff)
{
	const struct resume *resume = &diff->resume;

	if (!diff_is_comparable(diff))
		return memory_printf("%s: its map is not the firmware's.",
		                     capitalized(diff->cause_text));
	if (resume->one_map == VERDICT_NO)
		return why_other_map(diff);
	if (resume->verdict == VERDICT_YES)
		return "Both boots have the same e820 checksum, which is what Linux compares.";
	return resume->n_reasons > 0 ? resume->reasons[0].text
	                             : "The files do not hold what Linux compares.";
}

/* --- how sure --- */

static const char *sure(const struct diff *diff)
{
	bool is_captured = false, is_printed = true;

	if (record_fact(diff_record(diff, 1), FACT_RESUME_LOG) != NULL)
		return "The log of boot B shows what came of it.";
	for (size_t side = 0; side < 2; side++) {
		is_captured |= diff_record(diff, side)->e820_view == VIEW_BOOTMEM;
		is_printed &= diff->resume.has_crc32[side];
	}
	if (is_captured)
		return "Predicted from captures of the firmware's map.";
	if (is_printed)
		return "Predicted from the maps that the two kernels got, by the rule that Linux "
		       "compares them with.";
	return "Predicted from what the files hold of the two maps.";
}

void advice_make(struct diff *diff)
{
	diff->advice = (struct advice){ to_do(diff), why(diff), sure(diff) };
}

/* print_pin.c - whether a block would help, where and how large -> text: see print_pin.h. */
#include "mapdiff/report/print_pin.h"

#include "mapdiff/base/text.h"
#include "mapdiff/diff/resume.h"
#include "mapdiff/report/pin_words.h"
#include "mapdiff/report/print_diff.h"
#include "x86/pin_home.h"

#define MOST_STEPS 40

static void print_answer(const struct output *out, const struct pin_advice *advice)
{
	static const char *const answers[] = {
		[VERDICT_UNKNOWN] = "not known", [VERDICT_YES] = "yes", [VERDICT_NO] = "no"
	};

	out_colour(out, BOLD, "Would pin = yes help? ");
	if (advice->pin.reason == PIN_AT_WORK)
		out_colour(out, GREEN, "it is on, and does\n");
	else
		out_colour(out, verdict_colours[advice->pin.helps], "%s\n",
		           answers[advice->pin.helps]);
	out_paragraph(out, PLAIN, 2, "%s", words_of_pin(&advice->pin));
	if (advice->n_refused > 0)
		out_paragraph(out, PLAIN, 2,
		              "Of %s in which the map moved, it would have helped in %zu.",
		              text_count(advice->n_refused, "step"), advice->n_helped);
}

static void print_block(const struct output *out, const struct pin_advice *advice)
{
	out_item(out, BOLD, "Where:     ", words_of_home(advice));
	out_item(out, BOLD, "How large: ",
	         memory_printf("%s (%s), pin-pages = %" PRIu32 "%s",
	                       text_count(advice->pin.n_pages, "page"),
	                       text_size(pfn_paddr(advice->pin.n_pages)), advice->pin.n_pages,
	                       advice->pin.n_pages == PIN_USUAL_PAGES ? ", as it is by itself"
	                                                              : ""));
}

static void print_steps(const struct output *out, const struct series *series)
{
	if (series->n_steps == 0)
		return;
	out_heading(out, "From each boot to the next");
	for (size_t i = 0; i < series->n_steps && i < MOST_STEPS; i++)
		out_paragraph(out, PLAIN, 2, "%s -> %s: %s", series->boots[i].name,
		              series->boots[i + 1].name, words_of_pin(&series->steps[i].pin));
	out_more(out, 2, series->n_steps, MOST_STEPS);
}

static void print_owner(const struct output *out, const struct record_pin_owner *owner)
{
	const char *refused = "";

	if (owner->refused_bytes > 0)
		refused = memory_printf(", and %" PRIu64 " found no room", owner->refused_bytes);
	out_text(out, "  %8" PRIu64 " bytes  %s%s\n", owner->served_bytes,
	         words_of_pin_owner(owner), refused);
}

static void print_served(const struct output *out, const struct record *record)
{
	const struct record_pin *pin = &record->pin;

	out_heading(out, "What the block at 0x%" PRIx64 " served, by %s%s: %" PRIu64 " bytes",
	            pin->block.start_paddr, record->name,
	            pin->is_of_this_boot ? "" : ", in the boot before", pin->served_bytes);
	MEMORY_EACH(owner, pin, owners)
		print_owner(out, owner);
	if (pin->refused_bytes > 0)
		out_colour(out, RED,
		           "  %" PRIu64 " bytes found no room: an overflow is as bad as no pin\n",
		           pin->refused_bytes);
	MEMORY_EACH(asked, pin, asked)
		out_text(out, "  Not served: %s of %s, %" PRIu64 " bytes\n",
		         text_count(asked->n, "request"), uefi_type_name(asked->type),
		         asked->bytes);
}

void print_pin(const struct output *out, const struct pin_advice *advice)
{
	size_t n_boots = advice->series != NULL ? advice->series->n_boots : 0;

	out_colour(out, BOLD, "mapdiff pin: %s\n\n", text_count(n_boots, "boot"));
	print_answer(out, advice);
	print_block(out, advice);
	if (advice->series != NULL)
		print_steps(out, advice->series);
	if (advice->served != NULL)
		print_served(out, advice->served);
}

/*
 * print_steps.c - the steps of a view -> text: a line a call, which begins with its function, and
 * below it the ribbon of the bitmap after it. See print_steps.h.
 */
#include "mapdiff/report/print_steps.h"

#include "mapdiff/base/text.h"
#include "mapdiff/report/step_words.h"
#include "mapdiff/report/view_words.h"

/* As wide as the widest cell needs. */
struct widths {
	int function, what, pages, before, after;
};

/* Where the bitmap has none of them: which they would be. */
static const char *pages_text(const struct view_step *step)
{
	struct record_run pages = { step->start_pfn, step->end_pfn };

	if (pages.start_pfn == pages.end_pfn && step->reservation == NULL)
		return "none";
	if (pages.start_pfn == pages.end_pfn)
		pages = (struct record_run){ pfn_down(step->reservation->start_paddr),
			                     pfn_up(step->reservation->end_paddr) };
	return memory_printf("0x%" PRIx64 "-0x%" PRIx64, pages.start_pfn, pages.end_pfn);
}

static const char *number_text(uint64_t n)
{
	return memory_printf("%" PRIu64, n);
}

static struct widths measure(const struct view_target *target)
{
	struct widths widths = { 16, 8, 5, 6, 0 };

	MEMORY_EACH(step, target, steps) {
		out_widen(&widths.function, step->name);
		if (step_touches_bits(step)) {
			out_widen(&widths.what, words_of_step(step));
			out_widen(&widths.pages, pages_text(step));
			out_widen(&widths.before, number_text(step->free_before));
			out_widen(&widths.after, number_text(step->free_after));
		}
	}
	return widths;
}

static char mark_of(const struct view_step *step)
{
	return step->caller != NULL ? 'L' : '+';
}

/* What changed, and what is free then. */
static void print_bits(const struct output *out, const struct view_step *step,
                       const struct widths *widths)
{
	out_text(out, " %c %-*s  %-*s  ", mark_of(step), widths->what, words_of_step(step),
	         widths->pages, pages_text(step));
	if (step->free_before == step->free_after)
		out_colour(out, DIM, "%*" PRIu64 " %s\n", widths->before, step->free_before,
		           words_of_no_change(step));
	else
		out_text(out, "%*" PRIu64 " -> %" PRIu64 "\n", widths->before, step->free_before,
		         step->free_after);
	out_colour(out, step->free_before == step->free_after ? DIM : PLAIN, "  |%s|\n",
	           step->ribbon);
}

static void print_step(const struct output *out, const struct view_step *step,
                       const struct widths *widths)
{
	out_colour(out, BOLD, "%-*s", widths->function, step->name);
	if (step_touches_bits(step))
		print_bits(out, step, widths);
	else
		out_text(out, " %c %s\n", mark_of(step), words_of_step(step));
}

/* Each function once: who calls it in 2.6.24. */
static void print_callers(const struct output *out, const struct view_target *target, int width)
{
	out_text(out, "\nWho calls it in Linux 2.6.24:\n");
	for (size_t i = 0; i < target->n_steps; i++) {
		const struct view_step *step = &target->steps[i];
		size_t first = 0;

		while (first < i && (target->steps[first].caller != step->caller ||
		                     target->steps[first].name != step->name))
			first++;
		if (first == i && step->caller != NULL)
			out_text(out, "  %-*s  %s\n", width, step->name, step->caller);
	}
}

/* free_all_bootmem() ends what bootmem is for. */
static void print_end(const struct output *out, const struct view_target *target, int width)
{
	if (target->steps_differ) {
		out_wrapped(out, RED, 0, words_of_difference(target));
		return;
	}
	out_colour(out, BOLD, "%-*s", width, "free_all_bootmem");
	out_text(out, " L %s\n", words_of_hand_over(target));
}

static void print_target(const struct output *out, const struct view *view,
                         const struct view_target *target)
{
	struct widths widths = measure(target);

	out_heading(out, "%s: how the bitmap is made, %s, policy %s", target->target->name,
	            target->is_recorded ? "from the reservations of the capture" : "computed",
	            view->policy != NULL ? view->policy : "not recorded");
	if (target->n_steps > 0)
		out_colour(out, BOLD, "%-*s   %-*s  %-*s  %*s\n", widths.function, "function",
		           widths.what, "what for", widths.pages, "pages", widths.before,
		           "free pages");
	MEMORY_EACH(step, target, steps)
		print_step(out, step, &widths);
	if (target->failure != NULL)
		out_colour(out, RED, "no bitmap: %s\n", target->failure);
	else if (target->n_steps > 0)
		print_end(out, target, widths.function);
	if (target->n_steps > 0)
		print_callers(out, target, widths.function);
}

void print_steps(const struct output *out, const struct view *view)
{
	const char *assumed = words_of_assumptions(view);

	out_colour(out, BOLD, "%s\n", record_title(view->record));
	if (assumed != NULL)
		out_wrapped(out, PLAIN, 0, assumed);
	out_text(out, "L: as Linux 2.6.24 does; +: an extension\n"
	              "ribbon: . free  # reserved  + some of both\n");
	for (size_t i = 0; i < RECORD_TARGETS; i++)
		if (view->targets[i].is_shown)
			print_target(out, view, &view->targets[i]);
}

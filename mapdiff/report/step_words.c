/* step_words.c - a step of the set-up of a bitmap -> its words: see step_words.h. */
#include "mapdiff/report/step_words.h"

#include "mapdiff/base/text.h"

bool step_touches_bits(const struct view_step *step)
{
	return step->function >= FUNCTION_INIT_BOOTMEM;
}

const char *words_of_step(const struct view_step *step)
{
	const char *count = text_count(step->end_pfn - step->start_pfn, "page");

	switch (step->function) {
	case FUNCTION_FIND_MAX_PFN:
		return memory_printf("RAM ends at page 0x%" PRIx64, step->end_pfn);
	case FUNCTION_FIND_MAX_LOW_PFN:
		return memory_printf("the bitmap covers pages 0 to 0x%" PRIx64, step->end_pfn);
	case FUNCTION_FIND_HOME:
		return memory_printf("the bitmap takes %s, at page 0x%" PRIx64, count,
		                     step->start_pfn);
	case FUNCTION_INIT_BOOTMEM:
		return "all reserved";
	case FUNCTION_FREE_BOOTMEM:
		return "usable RAM";
	default:
		return step->reservation->owner;
	}
}

const char *words_of_no_change(const struct view_step *step)
{
	if (step->function == FUNCTION_INIT_BOOTMEM)
		return "free";
	if (step->function == FUNCTION_FREE_BOOTMEM)
		return "no whole page";
	return step->start_pfn == step->end_pfn ? "not in bitmap" : "already";
}

const char *words_of_hand_over(const struct view_target *target)
{
	if (target->failure != NULL || target->steps_differ)
		return "";
	return memory_printf("gives away %s, and %" PRIu64 " of the bitmap",
	                     text_count(target->free_pages, "free page"),
	                     target->handed_over_pages - target->free_pages);
}

const char *words_of_difference(const struct view_target *target)
{
	uint64_t n_free = target->n_steps > 0 ? target->steps[target->n_steps - 1].free_after : 0;

	return memory_printf("These steps do not end in the bitmap of the capture: %s free here, "
	                     "%" PRIu64 " there. Its lines do not belong together.",
	                     text_count(n_free, "page"), target->free_pages);
}

/* change_words.c - the answer, and a change of the e820 map -> their words: see change_words.h. */
#include "mapdiff/report/change_words.h"

#include <inttypes.h>

#include "mapdiff/base/memory.h"
#include "mapdiff/base/text.h"

const char *words_of_answer(enum verdict verdict)
{
	static const char *const answers[] = {
		[VERDICT_UNKNOWN] = "Unknown: the files do not tell whether Linux would resume",
		[VERDICT_YES] = "Yes: the map would not stop Linux from resuming",
		[VERDICT_NO] = "No: Linux would refuse to resume from hibernation",
	};

	return answers[verdict];
}

const char *words_of_place(const struct change *change)
{
	const struct e820_range *before = &change->before, *after = &change->after;
	const struct e820_range *first = e820_is_empty(before) ? after : before;
	bool is_elsewhere = !e820_is_empty(after) && (first->start_paddr != after->start_paddr ||
	                                              first->end_paddr != after->end_paddr);
	const char *text = text_range(first->start_paddr, first->end_paddr);

	return is_elsewhere ? memory_printf("%s -> %s", text,
	                                    text_range(after->start_paddr, after->end_paddr))
	                    : text;
}

static uint64_t range_pages(const struct e820_range *range)
{
	return pages_of(range->end_paddr - range->start_paddr);
}

const char *words_of_amount(const struct change *change)
{
	uint64_t before = range_pages(&change->before), after = range_pages(&change->after);
	bool is_up = change->after.start_paddr > change->before.start_paddr;
	const char *pages = text_count(change->n_pages, "page");

	if (change->kind == CHANGE_MOVED && before != after)
		return memory_printf("%s %s, %c%" PRIu64, pages, is_up ? "up" : "down",
		                     after > before ? '+' : '-', distance_u64(before, after));
	if (change->kind == CHANGE_MOVED)
		return memory_printf("%s %s", pages, is_up ? "up" : "down");
	if (change->kind == CHANGE_GREW || change->kind == CHANGE_SHRANK)
		return memory_printf("%c%s", change->kind == CHANGE_GREW ? '+' : '-', pages);
	return pages;
}

const char *words_of_types(const struct change *change)
{
	const char *before = text_type(change->before.type), *after = text_type(change->after.type);

	if (change->kind == CHANGE_RETYPED)
		return memory_printf("%s -> %s", before, after);
	return e820_is_empty(&change->before) ? after : before;
}

const char *words_of_meaning(const char *what, const char *so, const char *advice)
{
	return memory_printf("%s%s%s%s%s", what, *so != '\0' ? " " : "", so,
	                     *advice != '\0' ? " " : "", advice);
}

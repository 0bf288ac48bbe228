/* advice.c - what moves, and what goes with it -> what to do, and why: see advice.h. */
#include "mapdiff/series/advice.h"

#include <inttypes.h>
#include <string.h>

#include "mapdiff/base/text.h"
#include "mapdiff/diff/advice.h"
#include "mapdiff/diff/causes.h"
#include "mapdiff/diff/owners.h"

#define MOST_VALUES_SHOWN 40 /* letters of all values */

/* The condition that decides which map there is; NULL: none is known to. */
static const struct series_condition *decider(const struct series *series)
{
	return series->n_conditions > 0 && series->conditions[0].decides ? &series->conditions[0]
	                                                                 : NULL;
}

/* That with which the thing that moves most moves. */
static const struct series_link *link_of_first(const struct series *series)
{
	return series->n_links > 0 && series->links[0].mover == 0 ? &series->links[0] : NULL;
}

/* The first step that what Linux's stub allocates explains, where it is what moves most; NULL where
 * that explains none: each has a cause beside it, and its cure would not be enough. */
static const struct diff *step_of_stub(const struct series *series)
{
	if (series->n_movers == 0 || series->movers[0].cause != CAUSE_KERNEL_STUB)
		return NULL;
	MEMORY_EACH(step, series, steps)
		if (step->cause == CAUSE_KERNEL_STUB)
			return step;
	return NULL;
}

/* " (docked or undocked)"; "" where that would be too long. */
static const char *values_of(const struct series *series, const char *key)
{
	struct bytes text = { 0 };

	MEMORY_EACH(varying, series, varying)
		for (size_t i = 0; strcmp(varying->key, key) == 0 && i < varying->n_values; i++)
			memory_append(&text, "%s%s", i == 0 ? " (" : " or ", varying->names[i]);
	if (text.n_text == 0 || text.n_text > MOST_VALUES_SHOWN)
		return "";
	memory_append(&text, ")");
	return bytes_text(&text);
}

static const char *to_do(const struct series *series)
{
	const struct series_condition *condition = decider(series);
	const struct series_link *link = link_of_first(series);
	const struct diff *stub = step_of_stub(series);

	if (series->n_boots < 2)
		return "Boot again, and compare: one boot tells nothing about the next.";
	if (series->n_maps == 1)
		return "Nothing. If Linux still does not resume, look elsewhere: drivers, or the disk.";
	if (condition != NULL)
		return memory_printf(
			"Resume with the same %s as you hibernated with%s: each value has its own map.",
			condition->key, values_of(series, condition->key));
	if (link != NULL)
		return memory_printf("Keep the %s the same from hibernation to resuming.",
		                     link->key);
	if (stub != NULL)
		return advice_on_stub(stub);
	if (series->n_movers > 0 && series->movers[0].cause != CAUSE_UNKNOWN &&
	    *series->movers[0].advice != '\0')
		return series->movers[0].advice;
	return "Shut down instead of hibernating, for now. Label a few more boots (label = docked), so "
	       "that what moves the map can be seen.";
}

static unsigned percent(uint64_t part, uint64_t whole)
{
	return (unsigned)((double)part * 100 / (double)whole + 0.5);
}

const char *series_chance_text(const struct series *series)
{
	size_t n_steps = series->n_steps, n_same = n_steps - series->n_different_steps;

	if (n_steps == 0)
		return "";
	return memory_printf(
		"Resume from hibernation, judging from the map: in the next boot, %zu of %s (%u %%); "
		"of any two boots, %" PRIu64 " of %s (%u %%).",
		n_same, text_count(n_steps, "time"), percent(n_same, n_steps), series->n_same_pairs,
		text_count(series->n_pairs, "pair"),
		percent(series->n_same_pairs, series->n_pairs));
}

const char *series_link_text(const struct series_link *link)
{
	return memory_printf(
		"It moved in %zu of %s in which %s had changed, and in %zu of %zu in which it had not.",
		link->n_changed_moved, text_count(link->n_changed, "boot"), link->key,
		link->n_kept_moved, link->n_kept);
}

/* "What moves most is a 64 KiB range of ACPI data (owner: ...), in 9 of 27 boots." */
static const char *why(const struct series *series)
{
	const struct series_condition *condition = decider(series);
	const struct series_link *link = link_of_first(series);
	const struct series_mover *mover = series->movers;
	const char *what;

	if (series->n_boots < 2)
		return "There is nothing to compare it with.";
	if (series->n_maps == 1 && series->n_boots == 2)
		return "Both boots have the same map.";
	if (series->n_maps == 1)
		return memory_printf("All %s have the same map.",
		                     text_count(series->n_boots, "boot"));
	if (series->n_movers == 0)
		return "The RAM itself changes, and nothing else does.";
	what = memory_printf("What moves most is a %s range of %s (owner: %s), in %zu of %s.",
	                     text_size(mover->most_pages << 12), text_type(mover->type),
	                     owner_text(mover->owner), mover->n_steps,
	                     text_count(series->n_steps, "boot"));
	if (condition != NULL)
		return memory_printf("%s This decides it: %s.", what, condition->text);
	if (link != NULL)
		return memory_printf("%s %s", what, series_link_text(link));
	if (mover->cause != CAUSE_UNKNOWN)
		return memory_printf("%s Cause: %s; %s.", what, cause_names[mover->cause],
		                     mover->because);
	return memory_printf("%s Nothing recorded in these files explains it.", what);
}

void series_advise(struct series *series)
{
	series->advice = (struct advice){ to_do(series), why(series),
		                          "Predicted from the maps of these boots." };
}

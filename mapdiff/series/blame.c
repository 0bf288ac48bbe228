/* blame.c - the steps in which a thing moved -> its cause: see blame.h. */
#include "mapdiff/series/blame.h"

#include "mapdiff/base/text.h"
#include "mapdiff/diff/blame.h"
#include "mapdiff/diff/causes.h"
#include "mapdiff/diff/facts.h"

/* How many of its steps have which cause, and the first that has: an index into mover->steps. */
struct votes {
	size_t n[CAUSE_COUNT], first[CAUSE_COUNT];
};

static struct votes count_votes(const struct series_mover *mover)
{
	struct votes votes = { .n = { 0 } };

	for (size_t i = 0; i < mover->n_steps; i++) {
		enum cause cause = mover->changes[i]->cause;

		if (votes.n[cause]++ == 0)
			votes.first[cause] = i;
	}
	return votes;
}

/* The cause of more than half of the steps; CAUSE_UNKNOWN if there is none. */
static enum cause majority(const struct series_mover *mover, const struct votes *votes)
{
	for (enum cause cause = CAUSE_UNKNOWN; cause < CAUSE_COUNT; cause++)
		if (2 * votes->n[cause] > mover->n_steps)
			return cause;
	return CAUSE_UNKNOWN;
}

/* "devices (2 steps), firmware (2 steps)" */
static const char *votes_text(const struct votes *votes)
{
	struct bytes text = { 0 };

	for (enum cause cause = CAUSE_UNKNOWN; cause < CAUSE_COUNT; cause++)
		if (votes->n[cause] > 0)
			memory_append(&text, "%s%s (%s)", text.n_text > 0 ? ", " : "",
			              cause_names[cause], text_count(votes->n[cause], "step"));
	return bytes_text(&text);
}

/* Is the map all that differs? */
static bool is_bare(const struct diff *step)
{
	return !facts_have_condition(step) && !causes_have(step, CAUSE_FIRMWARE) &&
	       !causes_have(step, CAUSE_RAM);
}

static const char *advice_on_firmware(const struct series *series, const struct series_mover *mover,
                                      const struct diff *example)
{
	for (size_t i = 0; i < mover->n_steps; i++)
		if (!is_bare(&series->steps[mover->steps[i]]))
			return blame_advice(&series->steps[mover->steps[i]], CAUSE_FIRMWARE);
	return mover->n_steps > 1 ? "This report is worth sending to the firmware's vendor."
	                          : blame_advice(example, CAUSE_FIRMWARE);
}

/* Does a fact decide the map, while what the steps name only goes with it? What is seen in the maps
 * themselves is no such thing: the size of RAM. Of what the EFI stub allocated, no fact tells. */
static bool is_decided_otherwise(const struct series *series, enum cause cause)
{
	uint32_t bit = UINT32_C(1) << cause;

	if (series->decider == NULL || cause == CAUSE_RAM)
		return false;
	if (cause == CAUSE_UNKNOWN)
		return fact_of_key(series->decider)->cause != CAUSE_UNKNOWN;
	return (series->decided_causes & bit) == 0 && (series->varying_causes & bit) != 0;
}

static void blame(const struct series *series, struct series_mover *mover)
{
	struct votes votes = count_votes(mover);
	const struct diff *example;

	for (size_t i = 0; i < mover->n_steps; i++)
		mover->n_bare_steps += is_bare(&series->steps[mover->steps[i]]);
	mover->cause = majority(mover, &votes);
	example = &series->steps[mover->steps[votes.first[mover->cause]]];
	mover->what = mover->changes[votes.first[mover->cause]]->what;
	if (is_decided_otherwise(series, mover->cause)) {
		mover->cause = fact_of_key(series->decider)->cause;
		mover->because = memory_printf("decided by %s", fact_name(series->decider));
	} else if (votes.n[mover->cause] == 0) {
		mover->because = memory_printf("its steps do not agree: %s", votes_text(&votes));
	} else {
		mover->because = blame_text(example, mover->cause);
	}
	mover->advice = mover->cause == CAUSE_FIRMWARE ? advice_on_firmware(series, mover, example)
	                                               : blame_advice(example, mover->cause);
}

void blame_movers(struct series *series)
{
	for (size_t i = 0; i < series->n_movers; i++)
		blame(series, &series->movers[i]);
}

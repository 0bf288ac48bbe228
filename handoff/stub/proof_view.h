/*
 * proof_view.h - how far a proof is, and what came of it -> its three screens: while it runs, when
 * it is over, and all checks with all their words. Pure: a view is all that is written to.
 *
 * What changes while it runs is drawn by itself, in the place that the whole screen has for it.
 */
#ifndef HANDOFF_STUB_PROOF_VIEW_H
#define HANDOFF_STUB_PROOF_VIEW_H

#include "handoff/screen/view.h"
#include "handoff/stub/checks.h"
#include "handoff/stub/picture.h"

struct proof_view {
	const struct proof *proof;
	bool is_trusted; /* the block: there is a picture, and perhaps an answer */
	struct picture picture;

	enum check_id running; /* CHECK_COUNT: none */
	uint32_t n_done;
	struct outcome outcomes[CHECK_COUNT]; /* of the first n_done */
	struct progress progress;             /* of the running one, n_whole 0: it says nothing */
	uint64_t n_proved;                    /* pages that are to be written and read back */
	bool is_part;                         /* those are not all that are free */

	bool is_failed;
	enum check_id failed;   /* the first one, or where it stopped */
	struct outcome failure; /* and why */
	bool is_stopped;        /* by a trap or a broken rule, in the middle of it */
};

/* Before the block is trusted; and from then on, on a canvas of @n_rows rows. */
void proof_view_init(struct proof_view *shown, const struct proof *proof);
void proof_view_trust(struct proof_view *shown, uint32_t n_rows);

/* The next check runs; it has come to @outcome; it stopped in the middle, for @reason. */
void proof_view_begin(struct proof_view *shown);
void proof_view_add(struct proof_view *shown, const struct outcome *outcome);
void proof_view_stop(struct proof_view *shown, const char *reason);

/* The running check has come so far; true if it begins something else with it. Then, until it is
 * false: a cell that has changed with it. */
bool proof_view_tell(struct proof_view *shown, const struct progress *progress);
bool proof_view_paint(struct proof_view *shown, struct picture_place *ret_place);

/* The screen while it runs; and its parts: the line of a check (and the count of checks), what the
 * running one does, its bar, and the picture's cells. */
void proof_view_draw(struct view *view, const struct proof_view *shown);
void proof_view_draw_title(struct view *view, const struct proof_view *shown);
void proof_view_draw_check(struct view *view, const struct proof_view *shown, enum check_id id);
void proof_view_draw_doing(struct view *view, const struct proof_view *shown);
void proof_view_draw_percent(struct view *view, const struct proof_view *shown);
void proof_view_draw_bar(struct view *view, const struct proof_view *shown, uint32_t from_dots,
                         uint32_t to_dots);
void proof_view_draw_cell(struct view *view, const struct proof_view *shown,
                          struct picture_place place);
#define PROOF_VIEW_BAR_DOTS ((VIEW_RIGHT_COLUMN - VIEW_LEFT_COLUMN) * FONT_WIDTH)

/* The screen when it is over, but for the last row; and the one with all words. */
void proof_view_draw_verdict(struct view *view, const struct proof_view *shown);
void proof_view_draw_all(struct view *view, const struct proof_view *shown);

/* The last row when it is over: what will be at @at_end in @seconds (0: nothing will), and the keys
 * that there are. */
void proof_view_draw_end(struct view *view, uint32_t at_end, uint32_t seconds, bool has_keys,
                         bool is_all);

#endif

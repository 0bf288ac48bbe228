/*
 * proof_view.h - how far a proof is, and what came of it, as far as its screens show it; and what
 * they have in common. Pure: a view is all that is written to.
 *
 * proof_running.h has the screen while it runs, proof_verdict.h those when it is over.
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

/* Columns of a line about a check: how it stands, its name, what it comes to. */
#define PROOF_VIEW_NAME_COLUMN   8
#define PROOF_VIEW_RESULT_COLUMN 18

/* A word for each check; and what all this is. */
const char *proof_view_name(enum check_id id);
const char *proof_view_program(void);

/* HANDOFF_ANSWER_*, as far as it is known here, and trusted; what it says, if there is one; and
 * that in a row. */
uint32_t proof_view_answer_kind(const struct proof_view *shown);
bool proof_view_has_answer(const struct proof_view *shown);
struct view_band proof_view_answer(const struct proof_view *shown);
void proof_view_draw_answer(struct view *view, const struct proof_view *shown);

/* In the row: ok, FAIL, n/a, now, wait. */
void proof_view_put_state(struct view *view, const struct proof_view *shown, enum check_id id,
                          uint32_t column);

#endif

/*
 * proof_verdict.h - the screens when the proof is over, or has stopped.
 */
#ifndef HANDOFF_STUB_PROOF_VERDICT_H
#define HANDOFF_STUB_PROOF_VERDICT_H

#include "handoff/stub/proof_view.h"

/* The answer that came with the block, the verdict, the picture, what to do; and all checks with
 * all their words. Neither has the last row. */
void proof_verdict_draw(struct view *view, const struct proof_view *shown);
void proof_verdict_draw_all(struct view *view, const struct proof_view *shown);

/* The last row: what will be at @at_end in @seconds (0: nothing will), and the keys that there are;
 * @is_all: of the second screen. */
void proof_verdict_draw_end(struct view *view, uint32_t at_end, uint32_t seconds, bool has_keys,
                            bool is_all);

#endif

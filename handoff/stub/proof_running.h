/*
 * proof_running.h - the screen while the proof runs. What changes is drawn by itself, in the place
 * that the whole screen has for it.
 */
#ifndef HANDOFF_STUB_PROOF_RUNNING_H
#define HANDOFF_STUB_PROOF_RUNNING_H

#include "handoff/stub/proof_view.h"

void proof_running_draw(struct view *view, const struct proof_view *shown);

/* Its parts: the count of checks in the title, the line of a check, what the running one does (with
 * an empty bar, or as far as it is), how far it is in percent, its bar from there to there, a cell
 * of the picture. */
void proof_running_draw_title(struct view *view, const struct proof_view *shown);
void proof_running_draw_check(struct view *view, const struct proof_view *shown, enum check_id id);
void proof_running_draw_doing(struct view *view, const struct proof_view *shown);
void proof_running_draw_percent(struct view *view, const struct proof_view *shown);
void proof_running_draw_bar(struct view *view, const struct proof_view *shown, uint32_t from_dots,
                            uint32_t to_dots);
void proof_running_draw_cell(struct view *view, const struct proof_view *shown,
                             struct picture_place place);
#define PROOF_RUNNING_BAR_DOTS ((VIEW_RIGHT_COLUMN - VIEW_LEFT_COLUMN) * FONT_WIDTH)

#endif

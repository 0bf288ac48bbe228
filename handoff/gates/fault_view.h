/*
 * fault_view.h - the screen of a fault, as a picture and as lines: who, what, where from, what is
 * mapped, the registers, and what to do.
 */
#ifndef HANDOFF_GATES_FAULT_VIEW_H
#define HANDOFF_GATES_FAULT_VIEW_H

#include "handoff/gates/fault.h"
#include "handoff/screen/view.h"

/* Draw and say all of it. It is the same each time: a canvas that keeps a window gets its part. */
void fault_view_draw(struct view *view, const struct fault *fault);

#endif

/*
 * repeats.h - the boots of a thread -> those that are there again: what somebody quotes of another
 * text, and what stands in a mail of a file that is attached.
 */
#ifndef MAPDIFF_READ_REPEATS_H
#define MAPDIFF_READ_REPEATS_H

#include "mapdiff/read/thread.h"

/* The record of each boot whose maps another one has, which is to be believed more or came before,
 * becomes NULL. The time grows with the lines of the maps, not with the pairs of boots. */
void repeats_drop(struct thread *thread);

#endif

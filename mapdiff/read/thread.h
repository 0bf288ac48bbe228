/*
 * thread.h - the texts of a file: a log, what several people wrote, what diff printed -> records.
 */
#ifndef MAPDIFF_READ_THREAD_H
#define MAPDIFF_READ_THREAD_H

#include "mapdiff/read/line.h"

/* How far a text is to be believed to be a boot of its own. */
enum thread_text {
	THREAD_FILE,  /* a file */
	THREAD_TALK,  /* what somebody wrote around it */
	THREAD_QUOTE, /* what somebody quotes of another one */
};

/* Quick to compare: one boot may have all of another one only if each bit of @lines is there, and
 * each of @facts is 0 in one of them, or the same. */
struct thread_key {
	uint64_t lines;
	uint32_t facts[3];
};

struct thread_record {
	struct record *record;
	enum thread_text text;
	struct thread_key key; /* repeats_drop() makes it */
};

/* All zero: nothing is read yet. */
struct thread {
	MEMORY_LIST(struct thread_record, records);
	const char *error; /* of the last text that has nothing; NULL: all have */
};

/* Read the boots in @input, which is plain text and lasts as long as the call: those of a diff as
 * NAME@- and NAME@+, the others as NAME. */
void thread_read(struct thread *thread, const struct input *input, enum thread_text text);

/* When all texts are read, and repeats_drop() has been: add the records that are left to @records.
 */
void thread_finish(struct thread *thread, struct records *records);

#endif

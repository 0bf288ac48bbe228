/*
 * linux_message.h - a line of a log -> the kernel's message in it, without what loggers, terminals
 * and forums put before it.
 */
#ifndef MAPDIFF_READ_LINUX_LINUX_MESSAGE_H
#define MAPDIFF_READ_LINUX_LINUX_MESSAGE_H

#include "mapdiff/read/line.h"

/* No logger writes more before a message. */
#define LINUX_PREFIX_BYTES 200

struct linux_message {
	struct line line;
	bool has_head; /* a time stamp of the kernel's, or "kernel:" of a logger */
	bool has_tag;  /* the latter alone */
	bool is_mark;  /* it says that people left lines out (gaps.h) */
	bool is_diff;  /* the line begins with + or -: an excerpt of diff -u */
	/* What tells the same boot again. */
	uint32_t mark; /* of time stamp and text; 0: the clock did not run yet */
	uint32_t wall; /* of date and host before "kernel:"; 0: not there */
	uint32_t host; /* of the host alone */
};

void linux_message_find(const struct line *line, struct linux_message *ret);

#endif

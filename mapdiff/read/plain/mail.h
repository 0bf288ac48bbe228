/* mail.h - a mail, or an mbox of them -> the texts and the files that are in it: RFC 5322, RFC 2045
 * to 2047, RFC 2231. */
#ifndef MAPDIFF_READ_PLAIN_MAIL_H
#define MAPDIFF_READ_PLAIN_MAIL_H

#include <stdbool.h>

#include "mapdiff/base/memory.h"

struct mail_part {
	char *name;         /* "dmesg.txt"; "2/text" of the second mail; NULL: it is all there is */
	struct bytes bytes; /* without what it was encoded with */
	unsigned long lines_before; /* in the mail; 0 for a file */
	bool is_talk; /* what somebody wrote, with pieces of logs or without; no file */
};

struct mail {
	MEMORY_LIST(struct mail_part, parts);
};

/* Does @bytes begin as one? */
bool mail_is(const struct bytes *bytes);

/*
 * All parts of @bytes that can be logs, in their order: no pictures, and of several alternatives
 * the one that has most numbers in it. False, and *ret_error, which goes on behind the file's name,
 * if something in it is damaged, or nested too deep.
 */
bool mail_read(const struct bytes *bytes, struct mail *mail, const char **ret_error);

#endif

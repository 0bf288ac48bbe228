/* mail.h - a mail as it is stored -> its lines. */
#ifndef MAPDIFF_READ_PLAIN_MAIL_H
#define MAPDIFF_READ_PLAIN_MAIL_H

#include "mapdiff/base/memory.h"

/* Undo quoted-printable (RFC 2045 §6.7), if @bytes is a mail that has it. */
void mail_decode(struct bytes *bytes);

#endif

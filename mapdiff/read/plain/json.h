/* json.h - logs as objects, of journalctl -o json, dmesg --json, and log collectors -> lines. */
#ifndef MAPDIFF_READ_PLAIN_JSON_H
#define MAPDIFF_READ_PLAIN_JSON_H

#include "mapdiff/base/memory.h"

/* Leave the messages, one a line, and the line ends, if @bytes is such a log. */
void json_decode(struct bytes *bytes);

#endif

/*
 * accepted.h - the block -> a capture of the map that ExitBootServices() accepted, on the serial
 * port: if `stub.capture' is a word of the command line.
 */
#ifndef HANDOFF_STUB_ACCEPTED_H
#define HANDOFF_STUB_ACCEPTED_H

#include <stdbool.h>

#include "handoff/stub/checks.h"

/* Is it asked for? */
bool accepted_is_wanted(const char *cmdline);

/* Of a block that check_block() was content with. Not on the screen: it is long, and for programs.
 */
void accepted_say(const struct proof *proof);

#endif

/*
 * console.h - where lines go: the first serial port and the QEMU debug console, each if it is
 * there. No wait is without bound.
 */
#ifndef HANDOFF_STUB_CONSOLE_H
#define HANDOFF_STUB_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

#include "handoff/capture/text.h"

/* Look for the serial port and for the debug console. */
void console_init(void);

/* One line; the end of the line is added. What is longer than 250 bytes is cut. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line of @bytes bytes, all of it. */
void console_put_line(const char *line, size_t bytes);

/* Wait, for a while, until the serial port has sent all of it. */
void console_drain(void);

/* Is this a virtual machine of QEMU's with a debug console? */
bool console_is_qemu(void);

#endif

/*
 * ports.h - where lines go: the first serial port and the QEMU debug console, each if it is
 * there. No wait is without bound.
 */
#ifndef HANDOFF_DEVICE_PORTS_H
#define HANDOFF_DEVICE_PORTS_H

#include <stdbool.h>
#include <stddef.h>

#include "handoff/capture/text.h"

/* Look for the serial port and for the debug console. */
void ports_find(void);

/* One line; the end of the line is added. What is longer than 250 bytes is cut. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line that begins, and is on the ports before it is whole; and the rest of it. Whatever else is
 * said in between ends it first. */
void say_begin(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_rest(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line of @bytes bytes, all of it. */
void ports_put_line(const char *line, size_t bytes);

/* Wait, for a while, until the serial port has sent all of it. */
void ports_drain(void);

/* Is this a virtual machine of QEMU's with a debug console? */
bool ports_are_qemus(void);

#endif

/*
 * keys.h - a keyboard that can be read without the firmware, and seconds.
 *
 * That is one behind a keyboard controller (8042), whose port is polled: nothing is sent to it, as
 * what answers there may be a chip, or firmware that makes a USB keyboard look like one.
 */
#ifndef HANDOFF_STUB_KEYS_H
#define HANDOFF_STUB_KEYS_H

#include <stdbool.h>

enum key { KEY_NONE, KEY_OTHER, KEY_DETAILS, KEY_POWER_OFF, KEY_RESTART };

/* Is there such a keyboard? What was typed before is forgotten. */
bool keys_begin(void);

/* Wait for a key, if @has_keys, or for about a second: KEY_NONE. */
enum key keys_wait_a_second(bool has_keys);

#endif

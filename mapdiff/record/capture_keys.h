/*
 * capture_keys.h - the words of a capture that only mapdiff knows, for its reader and its writer.
 */
#ifndef MAPDIFF_RECORD_CAPTURE_KEYS_H
#define MAPDIFF_RECORD_CAPTURE_KEYS_H

#include "mapdiff/record/record.h"

/* KEY START END NAME. */
struct capture_span_key {
	const char *key;
	enum landmark_kind kind;
	const char *name; /* where the line has none */
};
extern const struct capture_span_key capture_span_keys[];
extern const size_t n_capture_span_keys;

/* e820-view NAME: by enum e820_view. */
extern const char *const capture_view_names[];
extern const size_t n_capture_view_names;

#endif

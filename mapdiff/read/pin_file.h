/*
 * pin_file.h - the variable in which bootmem says what a pinned block served (x86/pin_record.h), as
 * Linux shows it: /sys/firmware/efi/efivars/BootmemPin-GUID, four bytes of attributes, then the
 * record -> a record without a map. It is bytes, no text: no reader of lines sees it.
 */
#ifndef MAPDIFF_READ_PIN_FILE_H
#define MAPDIFF_READ_PIN_FILE_H

#include "mapdiff/record/record.h"

/* Is it one, by its name, or by how it begins? */
bool pin_file_is(const char *name, const struct bytes *bytes);

/* Add what it says to @records. False, and *ret_error, a sentence that says what is wrong with it
 * and where, if it is damaged, or of a version that is not known here: whoever wrote it. */
bool pin_file_read(const char *name, const struct bytes *bytes, struct records *records,
                   const char **ret_error);

#endif

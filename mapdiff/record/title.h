/* title.h - a record -> what it is called in the headings of reports. */
#ifndef MAPDIFF_RECORD_TITLE_H
#define MAPDIFF_RECORD_TITLE_H

#include "mapdiff/record/record.h"

/* "boot.log (Linux log, damaged, boot 2 of 3, Linux 6.1.0, docked)": name, kind, what is known. */
const char *record_title(const struct record *record);

const char *record_source_name(enum record_source source); /* "Linux log" */

#endif

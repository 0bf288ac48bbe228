/* readers.h - the readers: one for each kind of file. */
#ifndef MAPDIFF_READ_READERS_H
#define MAPDIFF_READ_READERS_H

#include "mapdiff/read/read.h"

extern const struct reader capture_reader;
extern const struct reader linux_reader;
extern const struct reader iomem_reader;
extern const struct reader sysfs_reader;
extern const struct reader shell_reader;
extern const struct reader shell_sfo_reader;
extern const struct reader lsefimmap_reader;
extern const struct reader lsmmap_reader;

#endif

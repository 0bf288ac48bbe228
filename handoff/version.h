/* version.h - of all programs here: they are released together. */
#ifndef HANDOFF_VERSION_H
#define HANDOFF_VERSION_H

#define BOOTMEM_VERSION "1.0"

#endif

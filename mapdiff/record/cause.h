/*
 * cause.h - who or what can be behind a change of the map: the words for it that facts (as
 * evidence), steps and series share. Names are in diff/causes.c.
 */
#ifndef MAPDIFF_RECORD_CAUSE_H
#define MAPDIFF_RECORD_CAUSE_H

enum cause {
	CAUSE_UNKNOWN,
	CAUSE_FIRMWARE,       /* another build, or it put things elsewhere by itself */
	CAUSE_BOOT_LOADER,    /* another one, that writes other types */
	CAUSE_KERNEL_OPTIONS, /* which change the table that Linux keeps */
	CAUSE_KERNEL_STUB,    /* what the EFI stub of the kernel allocated */
	CAUSE_KEXEC,          /* no firmware started this kernel, but another kernel did */
	CAUSE_DEVICES,
	CAUSE_CPU_COUNT,
	CAUSE_RAM,
	CAUSE_COUNT
};

#endif

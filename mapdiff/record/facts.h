/*
 * facts.h - what boots say of themselves beside their maps: one row a fact, for all of mapdiff.
 *
 * A record has each fact as text under a key (FORMAT.md). Code names a fact by its number, reports
 * by its name for people; nobody else spells a key out. Keys without a row, those of other
 * programs, are conditions too: see fact_of_key().
 */
#ifndef MAPDIFF_RECORD_FACTS_H
#define MAPDIFF_RECORD_FACTS_H

#include <stdbool.h>
#include <stddef.h>

/* Who or what can be behind a change of the map: the words for it that facts (as evidence), steps
 * and series share. Names are in diff/causes.c. */
enum cause {
	CAUSE_UNKNOWN,
	CAUSE_FIRMWARE,       /* another build, or it put things elsewhere by itself */
	CAUSE_BOOT_LOADER,    /* another one, that writes other types */
	CAUSE_KERNEL_OPTIONS, /* which change the table that Linux keeps */
	CAUSE_KERNEL_STUB,    /* what the EFI stub of the kernel allocated */
	CAUSE_KEXEC,          /* no firmware started this kernel, but another kernel did */
	CAUSE_XEN,            /* nor this one, but Xen */
	CAUSE_DEVICES,
	CAUSE_CPU_COUNT,
	CAUSE_RAM,
	CAUSE_COUNT
};

/* In the order in which reports have them: what can move a map first. */
enum fact_id {
	FACT_KERNEL_VERSION, /* "6.1.0-56-amd64" */
	FACT_KERNEL_BUILD,   /* the rest of "Linux version", after the version */
	FACT_COMMAND_LINE,   /* the kernel's */
	FACT_CPU,            /* "AMD QEMU Virtual CPU version 2.5+ (family: 0xf, ...)" */
	FACT_CPU_COUNT,
	FACT_CPU_FEATURES, /* features that the log names, one by one, sorted */
	FACT_MACHINE,      /* "QEMU Standard PC (Q35 + ICH9, 2009)" */
	FACT_BIOS,         /* "vendor version date": of the DMI line, or of a capture */
	FACT_FIRMWARE_VENDOR,
	FACT_FIRMWARE_REVISION,
	FACT_FIRMWARE_BITS,
	FACT_UEFI_REVISION,
	FACT_SECURE_BOOT, /* "disabled" */
	FACT_LOCKDOWN,    /* who asked the kernel to lock itself down */
	FACT_LOADER,
	FACT_BOOT_CURRENT,
	FACT_LABEL,
	FACT_POLICY,
	FACT_MEM_LIMIT,
	FACT_KEEP_BOOT_SERVICES,
	FACT_INSTALLED_BYTES,
	FACT_KERNEL_SHA256,
	FACT_INITRD_SHA256,
	FACT_PRESENT_PAGES, /* pages that the kernel manages ("Memory: .../...K available") */
	FACT_BIOS_VENDOR,
	FACT_BIOS_VERSION,
	FACT_BIOS_DATE,
	FACT_SYSTEM_VENDOR,
	FACT_SYSTEM_PRODUCT,
	FACT_SYSTEM_VERSION,
	FACT_CPU_VENDOR,
	FACT_CPU_SIGNATURE,
	FACT_CPU_ADDRESS_BITS,
	FACT_UEFI_MAP,
	FACT_TIME,
	FACT_TAKEN,
	FACT_PROGRAM,
	FACT_ORIGIN,
	FACT_E820_CRC32,
	FACT_E820_RAM_CRC32,
	FACT_UNTOLD_TYPE, /* a type that sysfs has no name for, and does not tell; taken for 20 */
	FACT_RESUME_LOG,  /* what this boot itself says about a resume that it tried */
	FACT_PCI_DEVICES, /* no line of a file: what is summed up of each boot; so are these */
	FACT_ACPI_TABLES,
	FACT_ACPI_IDENTITY, /* who made a table, and which revision it is; between two boots */
	FACT_INITRD_SIZE,
	FACT_COUNT
};

enum fact_kind {
	FACT_IS_CONDITION, /* it may be why the map is another one */
	FACT_IS_RESULT,    /* it follows from the map */
	FACT_IS_NOISE,     /* it is never the same, or only says who wrote the file */
};

struct fact {
	const char *key;  /* "cpu-count" */
	const char *name; /* for people: "the number of CPUs" */
	enum fact_kind kind;
	/* A boot that does not say this lacks the thing itself; of others, it only did not say. */
	bool is_telling;
	/* Do two values mean the same? NULL: if their texts are one. */
	bool (*is_same)(const char *before, const char *after);
	enum cause cause; /* what a difference is evidence of; CAUSE_UNKNOWN: it may be chance */
	/* write_capture() writes it from the record itself, and not as it was read. */
	bool is_derived;
	bool has_parameters; /* its words are a kernel's parameters, some of which are private */
};

extern const struct fact fact_rows[FACT_COUNT];

/* The row of @key; where there is none, that of any other condition, whose key and name are "". A
 * PCI device ("device 0000:00:02.0") has one of its own: see fact_device(). */
const struct fact *fact_of_key(const char *key);

/* Where @key stands among the facts: less is earlier, and unknown keys are last, FACT_COUNT. */
unsigned fact_order(const char *key);

/* The name for people of the fact under @key: of one without a row, the key. */
const char *fact_name(const char *key);

/* Do two names of a machine, or of a firmware, mean the same? One may be a part of the other, in
 * whole words: a capture knows more of these than a log prints. */
bool fact_is_one_name(const char *before, const char *after);

/* The address of the device that a fact is about: what stands behind "device " in @key. NULL: it is
 * about none. */
const char *fact_device(const char *key);
/* The key of the device at @address, which has @bytes bytes. Memory: of the arena. */
char *fact_device_key(const char *address, size_t bytes);

#endif

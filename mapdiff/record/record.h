/*
 * record.h - what is known of one boot, whoever wrote it down: what all readers turn their files
 * into, and the only thing that reports are made from.
 *
 * What a record points at lives as long as the record. Ranges are half-open, in bytes. Facts that
 * are only shown and compared are text under a key; those that decide something have a field.
 */
#ifndef MAPDIFF_RECORD_RECORD_H
#define MAPDIFF_RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <inttypes.h> /* with PRIx64, for all who write numbers */

#include "mapdiff/base/intern.h"
#include "mapdiff/base/memory.h" /* with MEMORY_EACH, for all who go through lists */
#include "mapdiff/record/facts.h"
#include "x86/acpi.h"
#include "x86/e820.h"
#include "x86/reservation.h"
#include "x86/uefi_map.h"

enum record_source {
	SOURCE_CAPTURE,   /* of bootmem or its stub kernel */
	SOURCE_LINUX_LOG, /* dmesg, journal, serial console */
	SOURCE_IOMEM,     /* /proc/iomem */
	SOURCE_SYSFS,     /* /sys/firmware/memmap: the folder, or the text of its files */
	SOURCE_SHELL,     /* UEFI Shell memmap */
	SOURCE_SHELL_SFO, /* UEFI Shell memmap -sfo */
	SOURCE_LSEFIMMAP, /* GRUB */
	SOURCE_LSMMAP,    /* GRUB */
	SOURCE_XEN,       /* a log of Xen, perhaps with that of dom0 */
	SOURCE_RUNTIME,   /* /sys/firmware/efi/runtime-map */
	SOURCE_UBOOT,     /* U-Boot efidebug memmap */
	SOURCE_ESXI,      /* of ESXi's loader */
	SOURCE_FREEBSD,   /* FreeBSD's UEFI map */
	SOURCE_SMAP,      /* FreeBSD's e820 map */
	SOURCE_OPENBSD,   /* machine memory, of its loader */
	SOURCE_RUST,      /* MemoryDescriptor { ... } */
	SOURCE_LIMINE,    /* a loader's own print */
	SOURCE_PIN,       /* the variable in which bootmem says what a pinned block served */
	SOURCE_LIST,      /* base, length, type: Limine's and Multiboot's, as kernels print them */
	SOURCE_COUNT
};

/* Whose view of memory record.e820 is. */
enum e820_view {
	VIEW_NONE,     /* the record has no e820 */
	VIEW_FIRMWARE, /* what the kernel got, and hibernation compares: BIOS-e820, sysfs */
	VIEW_BOOTMEM,  /* what bootmem made of the UEFI map */
	VIEW_KERNEL,   /* edited by the kernel since: /proc/iomem */
	VIEW_GRUB,     /* lsmmap */
	VIEW_XEN,      /* what Xen got */
	VIEW_DOMAIN,   /* what Xen gave to a kernel: dom0's, or a guest's */
	VIEW_HOLES,    /* RAM alone, by the holes that a kernel leaves out of an image */
	VIEW_LISTED,   /* as another program prints it */
	VIEW_COUNT
};
extern const char *const record_view_names[VIEW_COUNT]; /* "firmware"; NULL for none */

/* Something with a name at an address: what owners are found from. Where only the address is
 * known, the end is one past it. */
enum landmark_kind {
	LANDMARK_CONFIG_TABLE, /* EFI configuration table, or an entry of the kernel's efi: line */
	LANDMARK_ACPI,
	LANDMARK_SMBIOS,
	LANDMARK_FRAMEBUFFER,
	LANDMARK_KERNEL,
	LANDMARK_INITRD,
	LANDMARK_FOOTPRINT, /* memory of bootmem's own */
	LANDMARK_IN_USE,    /* what the CPU ran on, though the map calls it free */
	LANDMARK_STUB,      /* memory of the Linux EFI stub's: TPM event log copy, ... */
	LANDMARK_PIN,       /* the block of `pin = yes' */
	LANDMARK_DEVICE,    /* a window of a device: PCI configuration space, a BAR */
	/* What lies there is nobody's by these alone; see landmark_is_owner(). */
	LANDMARK_BRIDGE,      /* a window of a PCI host bridge: BARs are put into it */
	LANDMARK_MOTHERBOARD, /* what ACPI reserves, as a resource of the motherboard */
	LANDMARK_MTRR, /* what a variable range register says of it; the default: everywhere */
	LANDMARK_ATTRIBUTES, /* an entry of the memory attributes table */
	LANDMARK_COUNT
};
/* What a capture calls those that it has as KEY START END NAME; of others, the key is NULL. */
struct record_span_key {
	const char *key;
	const char *name; /* where the line has none */
};
extern const struct record_span_key record_span_keys[LANDMARK_COUNT];

/* Configuration tables that decide something. */
enum record_table {
	TABLE_OTHER,
	TABLE_RSDP,
	TABLE_SMBIOS,
	TABLE_MEMORY_ATTRIBUTES,
	TABLE_EVENT_LOG, /* the copy of the TPM's that Linux's EFI stub makes */
	TABLE_RNG_SEED,
	TABLE_UNACCEPTED, /* which memory is not accepted yet: of the stub, too */
	TABLE_BOOT_MAP, /* the firmware's map, by the stub: no log has its address, see owners.c */
	TABLE_SMBIOS_STRUCTURES, /* which an entry point tells of */
	TABLE_PCI_CONFIG,        /* no table, but what the MCFG tells of: ECAM */
	TABLE_MTRR_WRITE_BACK,   /* nor these: registers, by their type */
	TABLE_MTRR_DEFAULT, /* what no register says anything of, where that is not RAM's type */
	TABLE_MTRR_DEFAULT_WB,
};

struct landmark {
	paddr_t start_paddr;
	paddr_t end_paddr;
	enum landmark_kind kind;
	enum record_table table; /* follows from the name */
	char *name;              /* "TPMEventLog", "ACPI FACP", "initrd" */
};

static inline bool landmark_is_owner(const struct landmark *landmark)
{
	return landmark->kind < LANDMARK_BRIDGE;
}

struct record_acpi {
	char signature[ACPI_NAME_BYTES]; /* "FACP"; ACPI_IMAGE_NAME */
	paddr_t paddr;
	uint32_t length_bytes; /* 0: not known */
	uint32_t revision;
	char *identity; /* OEM, table and creator ids as the log has them; "" if not known */
	uint32_t crc32;
	bool has_crc32;
};

/* MemoryTypeInformation: how much the firmware keeps for a type. */
struct record_bin {
	uint32_t type;
	uint64_t n_pages;
};

struct record_run {
	pfn_t start_pfn;
	pfn_t end_pfn;
};

/* A target's bitmap, as a capture has it. */
struct record_target {
	bool is_known;
	pfn_t max_pfn, max_low_pfn;
	MEMORY_LIST(struct record_run, free);
	MEMORY_LIST(struct reservation, reservations);
	char *failure; /* why there is no bitmap; NULL if there is one */
};
enum { RECORD_IA32, RECORD_AMD64, RECORD_TARGETS };
extern const char *const record_target_names[RECORD_TARGETS]; /* "ia32", "amd64" */

struct record_fact {
	const char *key;
	const char *value;
};

/* What a pinned block served, and to whom: x86/pin_record.h. */
struct record_pin_owner {
	paddr_t paddr;        /* where its image begins, or the call came from */
	uint64_t image_bytes; /* 0: it has no image that is known */
	uint64_t served_bytes, refused_bytes;
	const char *name; /* "": not known */
};
struct record_pin_asked {
	uint32_t type;
	uint64_t n, bytes;
};
struct record_pin {
	bool is_known;
	bool is_of_this_boot; /* else, of the one before */
	struct span block;
	uint64_t served_bytes, refused_bytes;
	MEMORY_LIST(struct record_pin_owner, owners);
	MEMORY_LIST(struct record_pin_asked, asked); /* other types that stay, and were asked for */
};

/* A line that belongs to a map and cannot be read, or something missing. */
struct record_fault {
	unsigned long line; /* from 1; 0: of the file as a whole */
	char *what;         /* one sentence without a full stop, with what stands there */
};

struct record {
	char *name; /* as the user named it */
	enum record_source source;
	unsigned long boot;    /* which boot of the file, from 1 */
	unsigned long n_boots; /* how many there are in it */
	unsigned long line;    /* where it starts in the file; 0: that does not matter */
	/* Of its e820 map in the file, and of a UEFI map that Linux printed: the first line, and
	 * the last. 0: not known. */
	unsigned long map_line, map_end_line;
	/* It is one side of a diff that does not have all of the map: the file's name, which the
	 * other side has too. What is in neither of them is alike in both. NULL: it is whole. */
	const char *excerpt_of;
	uint32_t file_crc32; /* of the file's bytes as they are; 0: of a file in an archive */

	/* The maps. The UEFI map in the order of the file. */
	MEMORY_LIST(struct uefi_descriptor, uefi);
	bool lacks_head;       /* the first lines of its e820 list are lost */
	bool is_uefi_accepted; /* by a log: the map of the exit. Captures say FACT_TAKEN */
	enum e820_view e820_view;
	struct e820_map e820; /* sanitized; as it was printed, e820_printed */
	MEMORY_LIST(struct e820_range, e820_printed);

	MEMORY_LIST(struct landmark, landmarks); /* sorted by start_paddr when the reader is done */
	MEMORY_LIST(struct record_acpi, acpi);   /* in the order of the file */
	MEMORY_LIST(struct record_bin, bins);
	struct record_target targets[RECORD_TARGETS];
	struct record_pin pin;

	/* Everything else: key -> value, in the order of the file, each key once. What programs ask
	 * for is in facts.h; a PCI device is a fact too ("8086:10d3 class 0x020000"). */
	MEMORY_LIST(struct record_fact, facts);
	struct intern fact_keys; /* by number, of the keys of facts */

	MEMORY_LIST(struct record_fault, faults);
};

#define RECORD_MOST_FAULTS 100 /* enough to say what is wrong with a file; more are not added */
#define RECORD_MOST_BINS   64  /* the variable has one for a type: more are no such variable */

/* An empty record, named @name (copied). Memory that cannot be had ends the program, here and
 * everywhere in mapdiff. */
struct record *record_new(const char *name, enum record_source source);

/* Boots, in the order of a file. */
struct records {
	MEMORY_LIST(struct record *, list);
};
/* One more, empty, at the end of @records; and the last one, NULL if there is none yet. */
struct record *records_add(struct records *records, const char *name, enum record_source source);
struct record *records_last(const struct records *records);

/* Add to the lists; texts are copied. To those that are not here, readers do it themselves. */
void record_add_e820(struct record *record, paddr_t start_paddr, paddr_t end_paddr, uint32_t type);
void record_add_landmark(struct record *record, paddr_t start_paddr, paddr_t end_paddr,
                         enum landmark_kind kind, const char *name);
void record_add_fault(struct record *record, unsigned long line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Set a fact: a later value of a key replaces the earlier one. @bytes of @value, which need not end
 * in a 0 byte; trailing blanks are cut off. By number, or by any key. */
void record_set_fact(struct record *record, enum fact_id id, const char *value, size_t bytes);
void record_set_value(struct record *record, const char *key, const char *value, size_t bytes);
/* The value, or NULL. */
const char *record_fact(const struct record *record, enum fact_id id);
const char *record_value(const struct record *record, const char *key);
/* The value as a number (decimal or 0x...); false if there is none. */
bool record_fact_number(const struct record *record, enum fact_id id, uint64_t *ret_value);

/* Is it a capture that the stub kernel printed? A kernel knows less of the boot than bootmem, and
 * its e820 map has the RAM above mem-limit cut off. */
bool record_is_accepted(const struct record *record);

/* Does it tell the number of each e820 type? sysfs has no names for those of loaders, 20 say: they
 * are taken for that, and what has the numbers in it, the checksum, is not known. */
bool record_tells_types(const struct record *record);

/* Give @record the lists and facts that only @other has, of which nothing is left then; with a map,
 * what is wrong with it. */
void record_merge(struct record *record, struct record *other);

/* Could this boot's kernel have printed the UEFI map, with efi=debug? Not on a machine without
 * UEFI, whose log has no efi: line. */
bool record_may_print_uefi(const struct record *record);

/* When everything is in: sanitize e820_printed into e820, sort the landmarks, and add those that
 * follow from the rest (ACPI tables). */
void record_finish(struct record *record);

/* The UEFI map as the raw descriptors that x86/uefi_map.h reads, of the record. */
struct uefi_map record_uefi_map(const struct record *record);

/* For headings: "boot.log (Linux log, damaged, boot 2 of 3, Linux 6.1.0, docked)": name, kind, what
 * is known. */
const char *record_title(const struct record *record);
const char *record_source_name(enum record_source source); /* "Linux log" */

#endif

/*
 * rules.h - the UEFI map of a record -> the e820 map that a loader makes of it: bootmem, Linux's
 * EFI stub, GRUB, each by its own rules.
 */
#ifndef MAPDIFF_MAP_RULES_H
#define MAPDIFF_MAP_RULES_H

#include "mapdiff/map/result.h"

extern const char *const rules_names[]; /* "bootmem", "linux", "linux-ia32", ... */
extern const char *const rules_texts[]; /* "Linux's EFI stub (64 bits)", ... */

/* The e820 type of a descriptor under @rules; E820_NONE: left out, a hole. */
uint32_t rules_e820_type(enum rules rules, const struct uefi_descriptor *descriptor);

/* Why @rules give @descriptor another type than bootmem does: why ours is as it is, on purpose, a
 * constant sentence without a full stop. NULL if they do not. */
const char *rules_difference(enum rules rules, const struct uefi_descriptor *descriptor);

/* An e820 map that was made of a UEFI map, and what is odd about that. */
struct translation {
	struct e820_map map; /* sanitized */
	struct uefi_faults faults;
	size_t n_overlaps; /* of what bootmem makes of it, too */
	enum linux_answer
		answer; /* to it; bootmem needs none, nor does what is no PC's whole map */
};

/* NULL, or why @record, whose UEFI map translates to @e820, is of no PC: a constant clause. */
const char *rules_lacks_pc(const struct record *record, const struct e820_map *e820);

/* Translate @record's UEFI map under @rules, for the kernel that it names, if any. */
struct translation rules_translate(enum rules rules, const struct record *record);

/* Is what Linux gets as its e820 map to be translated? Else the record has it, or the next best. */
bool rules_predicts_linux(const struct record *record);

/* The e820 map that Linux got at this boot: as it was printed, or else translated from the UEFI
 * map, also that of a capture, whose own map follows bootmem's rules: with Linux's answer. */
struct e820_map rules_linux_map(const struct record *record, enum linux_answer *ret_answer);

/* RAM ends here for bootmem: at mem= (@mem_limit_paddr, or the record's; 0: none), the CPU's
 * address width, and what page tables can map one to one. */
paddr_t rules_ram_limit(const struct record *record, paddr_t mem_limit_paddr);

/* Who describes which memory: a sanitized map whose types are indexes into record->uefi, plus
 * MAP_FIRST_LAYER. Where descriptors overlap it is the last of them. */
struct e820_map rules_descriptor_map(const struct record *record);
/* The descriptor that is meant by a type of that map; NULL for E820_NONE. */
const struct uefi_descriptor *rules_descriptor(const struct record *record, uint32_t type);

#endif

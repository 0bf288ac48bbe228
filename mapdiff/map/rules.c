/*
 * rules.c - UEFI descriptors -> e820 ranges, as others translate them: see rules.h.
 *
 * Ours is x86/uefi_map.c itself. Linux's EFI stub, GRUB and their elders agree with it on most
 * types, and look at no attribute but one: a row for what each does otherwise.
 */
#include "mapdiff/map/rules.h"

#include <limits.h>
#include <string.h>

#include "bootmem/count.h"
#include "handoff/load/pgtable.h"
#include "mapdiff/base/map.h"
#include "mapdiff/map/grub_sweep.h"
#include "mapdiff/map/linux_map.h"
#include "mapdiff/record/start.h"
#include "mapdiff/record/system.h"

#define MOST_PC_PADDR 0x200000 /* where a PC's RAM above the ISA hole has begun */

const char *const rules_names[] = {
	[RULES_BOOTMEM] = "bootmem",
	[RULES_LINUX] = "linux",
	[RULES_LINUX_612] = "linux-6.12",
	[RULES_LINUX_IA32] = "linux-ia32",
	[RULES_GRUB] = "grub",
	[RULES_OLD_GRUB] = "old-grub",
};
_Static_assert(COUNT(rules_names) == RULES_COUNT, "rules have no name");

const char *const rules_texts[] = {
	[RULES_BOOTMEM] = "bootmem",
	[RULES_LINUX] = "Linux's EFI stub, 64 bits",
	[RULES_LINUX_612] = "Linux's EFI stub, 64 bits, accepting memory lazily (6.12)",
	[RULES_LINUX_IA32] = "Linux's EFI stub, 32 bits",
	[RULES_GRUB] = "GRUB 2.06",
	[RULES_OLD_GRUB] = "GRUB 1.9x or ELILO",
};
_Static_assert(COUNT(rules_texts) == RULES_COUNT, "nobody translates by these rules");

/* What each does otherwise. */
static const struct {
	uint32_t runtime_code;
	uint32_t unaccepted;
	uint32_t unknown; /* types beyond those of UEFI */
	bool knows_sp;    /* specific-purpose memory becomes soft reserved */
} others[] = {
	[RULES_LINUX] = { E820_RESERVED, E820_NONE, E820_NONE, true },
	[RULES_LINUX_612] = { E820_RESERVED, E820_RAM, E820_NONE, true },
	[RULES_LINUX_IA32] = { E820_RESERVED, E820_NONE, E820_NONE, false },
	[RULES_GRUB] = { E820_GRUB_RUNTIME_CODE, E820_RESERVED, E820_RESERVED, false },
	[RULES_OLD_GRUB] = { E820_UNUSABLE, E820_RESERVED, E820_RESERVED, false },
};
_Static_assert(COUNT(others) == RULES_COUNT, "rules do not say what they do otherwise");

uint32_t rules_e820_type(enum rules rules, const struct uefi_descriptor *descriptor)
{
	uint32_t type = descriptor->type, ours = uefi_e820_type(type, descriptor->attribute);
	bool is_special = (descriptor->attribute & UEFI_MEMORY_SP) != 0;

	if (rules == RULES_BOOTMEM)
		return ours;
	if (type >= UEFI_TYPE_COUNT)
		return others[rules].unknown;
	if (type == UEFI_RUNTIME_SERVICES_CODE)
		return others[rules].runtime_code;
	if (type == UEFI_UNACCEPTED)
		return others[rules].unaccepted;
	if (uefi_is_ram(type))
		return is_special && others[rules].knows_sp ? (uint32_t)E820_SOFT_RESERVED
		                                            : E820_RAM;
	return ours;
}

/* The table that the loader writes. GRUB sorts before it merges, Linux's EFI stub never. */
static struct boot_table boot_table(enum rules rules, const struct record *record)
{
	struct boot_table table = { 0 };

	MEMORY_EACH(descriptor, record, uefi) {
		struct boot_entry entry = { descriptor->start_paddr,
			                    descriptor->n_pages << PAGE_SHIFT,
			                    rules_e820_type(rules, descriptor) };

		if (entry.type == E820_NONE)
			continue;
		if (rules == RULES_GRUB)
			*MEMORY_ADD(&table, entries) = entry;
		else
			boot_table_add(&table, &entry);
	}
	return rules == RULES_GRUB ? grub_sweep(&table) : table;
}

/* Machines of Arm and RISC-V have their memory where they like; most of it begins above that of a
 * PC, which has some at 0, or at 1 MiB. */
const char *rules_lacks_pc(const struct record *record, const struct e820_map *e820)
{
	static const char *const foreign[] = { "arm64", "aarch64", "riscv", "loongarch" };
	const char *version = record_fact(record, FACT_KERNEL_VERSION);
	size_t ram = 0;

	for (size_t i = 0; i < COUNT(foreign) && version != NULL; i++)
		if (strstr(version, foreign[i]) != NULL)
			return "it is no PC, by the release of its kernel";
	while (ram < e820->n_ranges && e820->ranges[ram].type != E820_RAM)
		ram++;
	return ram < e820->n_ranges && e820->ranges[ram].start_paddr >= MOST_PC_PADDR
	               ? "it is no PC: no RAM begins below 2 MiB"
	               : NULL;
}

static void translate_for_linux(enum rules rules, const struct record *record,
                                struct translation *translation)
{
	unsigned int kernel = system_kernel(record);
	bool takes_one = kernel != UINT_MAX && kernel >= SYSTEM_KERNEL(7, 0);
	struct boot_table table = boot_table(rules, record);

	translation->map = linux_map(&table, takes_one ? 1 : 2, &translation->answer);
	/* No kernel of a PC sees a piece of a map, or another machine's. */
	if (start_uefi_gap(record) != NULL || rules_lacks_pc(record, &translation->map) != NULL)
		translation->answer = LINUX_TAKES;
}

struct translation rules_translate(enum rules rules, const struct record *record)
{
	struct translation translation = { .map = map_new(record->n_uefi) };
	struct uefi_map uefi = record_uefi_map(record);

	/* There is room for what can come out, so nothing here fails. */
	uefi_map_to_e820(&uefi, &translation.map, &translation.faults);
	map_sanitize(&translation.map, &translation.n_overlaps);
	if (rules != RULES_BOOTMEM)
		translate_for_linux(rules, record, &translation);
	return translation;
}

bool rules_predicts_linux(const struct record *record)
{
	return record->n_uefi > 0 &&
	       (record->e820_view == VIEW_NONE || record->e820_view == VIEW_BOOTMEM);
}

struct e820_map rules_linux_map(const struct record *record, enum linux_answer *ret_answer)
{
	struct translation translation;

	*ret_answer = LINUX_TAKES;
	if (!rules_predicts_linux(record))
		return map_copy(&record->e820);
	translation = rules_translate(RULES_LINUX, record);
	*ret_answer = translation.answer;
	return translation.map;
}

paddr_t rules_ram_limit(const struct record *record, paddr_t mem_limit_paddr)
{
	paddr_t limit_paddr = PGTABLE_MAX_PADDR;
	uint64_t bits;

	if (record_fact_number(record, FACT_CPU_ADDRESS_BITS, &bits) && bits < 64)
		limit_paddr = min_u64(limit_paddr, UINT64_C(1) << bits);
	if (mem_limit_paddr == 0)
		record_fact_number(record, FACT_MEM_LIMIT, &mem_limit_paddr);
	return mem_limit_paddr != 0 ? min_u64(limit_paddr, mem_limit_paddr) : limit_paddr;
}

struct e820_map rules_descriptor_map(const struct record *record)
{
	struct e820_map map = map_new(record->n_uefi);

	for (size_t i = 0; i < record->n_uefi; i++) {
		struct span span = map_descriptor_span(&record->uefi[i]);

		e820_add(&map, span.start_paddr, span.end_paddr, MAP_FIRST_LAYER + (uint32_t)i);
	}
	map_sanitize(&map, NULL);
	return map;
}

const struct uefi_descriptor *rules_descriptor(const struct record *record, uint32_t type)
{
	return type != E820_NONE ? &record->uefi[type - MAP_FIRST_LAYER] : NULL;
}

const char *rules_difference(enum rules rules, const struct uefi_descriptor *descriptor)
{
	bool is_ram = uefi_is_ram(descriptor->type);

	if (rules_e820_type(rules, descriptor) == rules_e820_type(RULES_BOOTMEM, descriptor))
		return NULL;
	if (is_ram && (descriptor->attribute & UEFI_MEMORY_WB) == 0)
		return "RAM that is not write-back is no RAM for a kernel";
	if (is_ram && (descriptor->attribute & UEFI_MEMORY_RUNTIME) != 0)
		return "RAM that the runtime services claim is theirs";
	if (is_ram)
		return "specific-purpose memory is soft reserved for every kernel";
	if (descriptor->type == UEFI_RUNTIME_SERVICES_CODE)
		return "runtime code is reserved: 20 and 5 are loaders' own ideas";
	if (descriptor->type == UEFI_UNACCEPTED)
		return "unaccepted memory is reserved: no hole, and no RAM until it is accepted";
	return "unknown types are reserved: in a hole, PCI puts devices";
}

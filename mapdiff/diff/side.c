/* side.c - a record -> a side of a step: see side.h. */
#include "mapdiff/diff/side.h"

#include <stdlib.h>

#include "mapdiff/base/map.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/map/rules.h"
#include "x86/crc32.h"
#include "x86/pin_home.h"

static int compare_descriptors(const void *a, const void *b)
{
	const struct uefi_descriptor *left = a, *right = b;

	return compare_u64(left->start_paddr, right->start_paddr);
}

static struct uefi_descriptor *sorted_descriptors(const struct record *record)
{
	struct uefi_descriptor *sorted = memory_alloc(record->n_uefi, sizeof *sorted);

	for (size_t i = 0; i < record->n_uefi; i++)
		sorted[i] = record->uefi[i];
	qsort(sorted, record->n_uefi, sizeof *sorted, compare_descriptors);
	return sorted;
}

static bool is_bare(const struct record *record)
{
	return record_fact(record, FACT_CPU_COUNT) == NULL && record->n_acpi == 0 &&
	       record_fact(record, FACT_COMMAND_LINE) == NULL && record->n_uefi == 0;
}

static bool names_config_tables(const struct record *record)
{
	MEMORY_EACH(landmark, record, landmarks)
		if (landmark->kind == LANDMARK_CONFIG_TABLE || landmark->kind == LANDMARK_STUB)
			return true;
	return false;
}

/* Where it begins, the first that is served lies; firmware puts a head of its own before a pool. So
 * a log tells, if that has a name there. */
static struct span find_pin(const struct record *record)
{
	MEMORY_EACH(landmark, record, landmarks)
		if (landmark->kind == LANDMARK_PIN)
			return (struct span){ landmark->start_paddr, landmark->end_paddr };
	MEMORY_EACH(range, &record->e820, ranges)
		MEMORY_EACH(landmark, record, landmarks)
			if (range->type == E820_ACPI && landmark->kind == LANDMARK_STUB &&
			    landmark->start_paddr == range->start_paddr &&
			    pin_home_is_good(range->start_paddr, 1))
				return (struct span){ range->start_paddr, range->end_paddr };
	return (struct span){ 0, 0 };
}

struct diff_side *side_new(const struct record *record)
{
	struct diff_side *side;

	if (record->e820_view == VIEW_NONE && record->n_uefi == 0)
		return NULL;
	side = memory_alloc(1, sizeof *side);
	*side = (struct diff_side){
		.record = record,
		.start = start_of(record),
		.is_e820_recorded = !rules_predicts_linux(record),
		.sorted_uefi = sorted_descriptors(record),
		.is_bare = is_bare(record),
		.names_config_tables = names_config_tables(record),
		.pin = find_pin(record),
	};
	side->e820 = rules_linux_map(record, &side->answer);
	side->has_crc32 = record_tells_types(record) && side->answer == LINUX_TAKES;
	side->has_grub_map = e820_bytes_of_type(&side->e820, E820_GRUB_RUNTIME_CODE) > 0;
	side->crc32 = e820_hibernate_crc32(&side->e820);
	side->ram_crc32 = e820_ram_crc32(&side->e820);
	side->ram_bytes = e820_bytes_of_type(&side->e820, E820_RAM);
	return side;
}

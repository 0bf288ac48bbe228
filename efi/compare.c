/* compare.c - the boots of this machine, which maps they have, and the step to this one: see
 * compare.h. */
#include "efi/compare.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "x86/crc32.h"

#define MOST_TRIES 8 /* captures that the index has, and that are damaged when they are read */

/* All of this machine that are whole, and this boot. */
static void collect(struct comparison *comparison, const struct history *history, uint32_t machine)
{
	comparison->n_boots = 0;
	comparison->n_other_machines = 0;
	comparison->n_damaged = 0;
	for (unsigned number = 1; number <= history->last_number; number++) {
		const struct history_entry *entry = &history->entries[number];

		if (!entry->is_capture)
			continue;
		if (entry->status != EFI_SUCCESS) {
			comparison->n_damaged++;
			comparison->damaged_number = number;
			comparison->damaged_status = entry->status;
		} else if (entry->machine != machine) {
			comparison->n_other_machines++;
		} else {
			comparison->boots[comparison->n_boots++] = entry->boot;
		}
	}
	comparison->boots[comparison->n_boots++] = comparison->now;
}

/* Number the maps, in the order in which they come. */
static void number_maps(struct comparison *comparison)
{
	struct past_boot *boots = comparison->boots, *now = &boots[comparison->n_boots - 1];

	comparison->n_maps = 0;
	comparison->n_with_this_map = 0;
	for (struct past_boot *boot = boots; boot <= now; boot++) {
		const struct past_boot *first = boots;

		while (first->crc32 != boot->crc32)
			first++;
		boot->map = first == boot ? comparison->n_maps++ : first->map;
		comparison->n_with_this_map += boot < now && boot->crc32 == now->crc32;
	}
	comparison->now.map = now->map;
}

/* The newest boot with another map. */
static const struct past_boot *find_other(const struct comparison *comparison)
{
	size_t i = comparison->n_boots;

	while (i > 0 && comparison->boots[i - 1].crc32 == comparison->now.crc32)
		i--;
	return i > 0 ? &comparison->boots[i - 1] : NULL;
}

/* Into one block of memory: the changes, and the map before them. */
static EFI_STATUS keep(struct boot *boot, const struct step *step, const struct e820_map *before)
{
	struct comparison *comparison = &boot->comparison;
	size_t changes_bytes = step->n_changes * sizeof step->changes[0];
	size_t ranges_bytes = before->n_ranges * sizeof before->ranges[0];
	uint8_t *block = memory_claim_bytes(&boot->memory, changes_bytes + ranges_bytes + 1);

	if (block == NULL)
		return EFI_OUT_OF_RESOURCES;
	comparison->step = *step;
	comparison->step.changes = memcpy(block, step->changes, changes_bytes);
	comparison->step.capacity = step->n_changes;
	comparison->other_e820 = (struct e820_map){
		.ranges = memcpy(block + changes_bytes, before->ranges, ranges_bytes),
		.n_ranges = before->n_ranges,
		.capacity = before->n_ranges,
	};
	return EFI_SUCCESS;
}

static EFI_STATUS find_step(struct boot *boot, const struct recalled_file *file)
{
	struct step_side sides[SIDES] = {
		{ .e820 = &file->e820 },
		{ .e820 = &boot->plan.whole_e820, .uefi = boot->snapshot.map },
	};
	struct step step = { 0 };
	EFI_STATUS status = recall_uefi(boot, file, &sides[BEFORE].uefi);
	size_t scratch_bytes;
	void *scratch;

	if (EFI_ERROR(status))
		return status;
	step.capacity = changes_most(file->e820.n_ranges, sides[AFTER].e820->n_ranges);
	step.changes = memory_claim_bytes(&boot->memory, step.capacity * sizeof step.changes[0]);
	scratch_bytes = step_scratch_bytes(sides);
	scratch = memory_claim_bytes(&boot->memory, scratch_bytes);
	if (step.changes == NULL || scratch == NULL ||
	    step_find(sides, &step, scratch, scratch_bytes) != MAP_OK)
		return EFI_OUT_OF_RESOURCES;
	return keep(boot, &step, &file->e820);
}

/* Lines that both have, and that are not the same. */
static void find_facts(struct comparison *comparison, const struct recalled *before,
                       const struct recalled *after)
{
	static const struct {
		enum recall_fact fact;
		enum comparison_fact_kind kind;
	} rows[] = {
		{ RECALL_INSTALLED_BYTES, FACT_INSTALLED_BYTES },
		{ RECALL_CPU_COUNT, FACT_CPU_COUNT },
		{ RECALL_BIOS_VERSION, FACT_FIRMWARE_VERSION },
		{ RECALL_BIOS_DATE, FACT_FIRMWARE_VERSION },
		{ RECALL_FIRMWARE_REVISION, FACT_FIRMWARE_VERSION },
		{ RECALL_BOOT_CURRENT, FACT_BOOT_OPTION },
	};
	struct comparison_fact *facts = comparison->facts;
	size_t n = 0;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *was = before->facts[rows[i].fact].text;
		const char *is = after->facts[rows[i].fact].text;

		if (was[0] == '\0' || is[0] == '\0' ||
		    memcmp(was, is, COMPARISON_FACT_BYTES) == 0 ||
		    (n > 0 && facts[n - 1].kind == rows[i].kind))
			continue;
		facts[n].kind = rows[i].kind;
		memcpy(facts[n].before, was, COMPARISON_FACT_BYTES);
		memcpy(facts[n].after, is, COMPARISON_FACT_BYTES);
		facts[n].before_number = before->facts[rows[i].fact].number;
		facts[n++].after_number = after->facts[rows[i].fact].number;
	}
	comparison->n_facts = n;
}

/* EFI_COMPROMISED_DATA: it is not the one that the index tells of. */
static EFI_STATUS compare_with(struct boot *boot, const struct past_boot *other,
                               const struct recalled *said)
{
	unsigned n_claims = boot->memory.n_claims;
	char path[COMPARISON_PATH_BYTES];
	struct recalled_file file;
	EFI_STATUS status;

	text_format(path, sizeof path, RECALL_PATH, other->number);
	status = recall_file(boot, path, &file);
	if (status == EFI_SUCCESS && e820_hibernate_crc32(&file.e820) != other->crc32)
		status = EFI_COMPROMISED_DATA;
	if (status == EFI_SUCCESS)
		status = find_step(boot, &file);
	if (status == EFI_SUCCESS)
		find_facts(&boot->comparison, &file.said, said);
	else
		memory_give_back(&boot->memory, n_claims);
	while (boot->memory.n_claims > n_claims + 1) /* all but the last: see keep() */
		memory_release(&boot->memory, n_claims);
	return status;
}

/* What cannot be read after all is not a boot that is known. */
static void find_change(struct boot *boot, struct history *history, const struct recalled *said)
{
	struct comparison *comparison = &boot->comparison;
	EFI_STATUS status;

	for (unsigned n_tries = 0; n_tries < MOST_TRIES; n_tries++) {
		collect(comparison, history, said->machine);
		comparison->other = find_other(comparison);
		if (comparison->other == NULL)
			return;
		status = compare_with(boot, comparison->other, said);
		if (status == EFI_SUCCESS)
			return;
		if (status != EFI_OUT_OF_RESOURCES) {
			history->entries[comparison->other->number].status = status;
			history->is_index_old = true;
		}
	}
	collect(comparison, history, said->machine);
	comparison->other = NULL;
}

void compare_boots(struct boot *boot, struct history *history, const struct recalled *said)
{
	struct comparison *comparison = &boot->comparison;
	size_t n_most = 1;

	for (unsigned number = 1; number <= history->last_number; number++)
		n_most += history->entries[number].is_capture;
	comparison->boots = memory_claim_bytes(&boot->memory, n_most * sizeof comparison->boots[0]);
	comparison->kind = COMPARISON_FAILED;
	if (comparison->boots == NULL)
		return;
	find_change(boot, history, said);
	number_maps(comparison);
	if (comparison->n_boots > 1)
		comparison->last = &comparison->boots[comparison->n_boots - 2];
	if (comparison->last == NULL)
		comparison->kind = comparison->n_damaged > 0 ? COMPARISON_FAILED : COMPARISON_FIRST;
	else
		comparison->kind = comparison->last->crc32 == comparison->now.crc32
		                           ? COMPARISON_UNCHANGED
		                           : COMPARISON_CHANGED;
}

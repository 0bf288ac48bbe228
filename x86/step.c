/*
 * step.c - two boots' maps -> the step between them: see step.h.
 *
 * To know all descriptors that share a byte with a range, however they overlap, a UEFI map is made
 * into one without overlaps, in which the type of a range is the set of its owners.
 */
#include "x86/step.h"

#include "bootmem/sort.h"
#include "x86/crc32.h"

/* --- who has what --- */

/* A kind of owner starts at an address or, with this, ends there. */
#define OWNER_ENDS 0x100u

static size_t list_ends(const struct uefi_map *uefi, struct sort_item *ends)
{
	size_t n_descriptors = uefi_map_count(uefi), n = 0;

	for (size_t i = 0; i < n_descriptors; i++) {
		struct uefi_descriptor descriptor = uefi_map_get(uefi, i);
		enum owner_kind kind = owner_of_uefi_type(descriptor.type);
		paddr_t start_paddr, end_paddr;
		bool wraps;

		if (kind == OWNER_NONE ||
		    !uefi_descriptor_range(&descriptor, &start_paddr, &end_paddr, &wraps))
			continue;
		ends[n++] = (struct sort_item){ start_paddr, kind };
		ends[n++] = (struct sort_item){ end_paddr, kind | OWNER_ENDS };
	}
	return n;
}

/* The ends are sorted with as much room again, and make one range more than there are. */
static uint64_t owners_bytes(const struct uefi_map *uefi)
{
	uint64_t n_ends = 2 * (uint64_t)uefi_map_count(uefi);

	return n_ends * 2 * sizeof(struct sort_item) + (n_ends + 1) * sizeof(struct e820_range);
}

/* The whole address space, in ranges each of which has an owner_set as its type. */
static struct e820_map map_owners(const struct uefi_map *uefi, struct sort_item *ends)
{
	size_t n_here[OWNER_KINDS] = { 0 };
	size_t n = list_ends(uefi, ends);
	struct e820_map map = { .ranges = (struct e820_range *)(ends + 2 * n), .capacity = n + 1 };
	paddr_t start_paddr = 0;
	owner_set here = 0;

	sort_by_key(ends, n, ends + n);
	for (size_t i = 0; i < n; i++) {
		enum owner_kind kind = (enum owner_kind)(ends[i].value & ~(uint64_t)OWNER_ENDS);

		e820_add(&map, start_paddr, ends[i].key, here);
		start_paddr = ends[i].key;
		n_here[kind] += (ends[i].value & OWNER_ENDS) != 0 ? SIZE_MAX : 1;
		here = n_here[kind] > 0 ? here | owner_bit(kind) : here & ~owner_bit(kind);
	}
	e820_add(&map, start_paddr, UINT64_MAX, here);
	return map;
}

static void add_owners(const struct e820_map *map, const struct e820_range *range,
                       struct step_change *change)
{
	const owner_set firmware = owner_bit(OWNER_FIRMWARE);
	const struct e820_range *at;
	owner_set owners;

	if (e820_is_empty(range) || range->type == E820_RAM)
		return;
	at = e820_find(map, range->start_paddr);
	owners = at->type;
	while (at->end_paddr < range->end_paddr)
		owners |= (++at)->type;
	if (owners != firmware || range->type != E820_RESERVED)
		owners &= ~firmware;
	change->uefi |= owners;
	change->e820 = owner_of_e820_type(range->type);
}

static void find_owners(struct step *step, enum side side, const struct e820_map *map)
{
	for (size_t i = 0; i < step->n_changes; i++) {
		const struct change *change = &step->changes[i].change;

		add_owners(map, side == BEFORE ? &change->before : &change->after,
		           &step->changes[i]);
	}
}

/* --- what changed --- */

static void copy_changes(struct step *step, const struct change_list *list, bool is_consequence)
{
	for (size_t i = 0; i < list->n_entries; i++)
		if (list->entries[i].is_consequence == is_consequence)
			step->changes[step->n_changes++] =
				(struct step_change){ .change = list->entries[i] };
}

static void find_checksums(const struct step_side sides[SIDES], struct step *step)
{
	for (enum side side = BEFORE; side < SIDES; side++) {
		step->crc32[side] = e820_hibernate_crc32(sides[side].e820);
		step->ram_crc32[side] = e820_ram_crc32(sides[side].e820);
	}
	step->is_one_map = step->crc32[BEFORE] == step->crc32[AFTER];
}

/* --- the contract --- */

/* The list of changes; and what they are found with, or later the owners of a side. */
size_t step_scratch_bytes(const struct step_side sides[SIDES])
{
	const size_t n_before = sides[BEFORE].e820->n_ranges, n_after = sides[AFTER].e820->n_ranges;
	size_t most = changes_most(n_before, n_after), rest;

	rest = (size_t)min_u64(SIZE_MAX, max_u64(changes_scratch_bytes(n_before, n_after),
	                                         max_u64(owners_bytes(&sides[BEFORE].uefi),
	                                                 owners_bytes(&sides[AFTER].uefi))));
	return most > (SIZE_MAX - rest) / sizeof(struct change)
	               ? SIZE_MAX
	               : most * sizeof(struct change) + rest;
}

enum map_err step_find(const struct step_side sides[SIDES], struct step *step, void *scratch,
                       size_t scratch_bytes)
{
	const struct e820_map *before = sides[BEFORE].e820, *after = sides[AFTER].e820;
	size_t most = changes_most(before->n_ranges, after->n_ranges);
	struct change_list list = { .entries = scratch,
		                    .capacity = (size_t)min_u64(most, step->capacity) };
	enum map_err err;
	void *rest;

	step->n_changes = step->n_telling = 0;
	find_checksums(sides, step);
	if (scratch_bytes < step_scratch_bytes(sides))
		return MAP_NO_SCRATCH;
	rest = list.entries + most;
	err = e820_changes(before, after, &list, rest,
	                   scratch_bytes - most * sizeof list.entries[0]);
	if (err != MAP_OK)
		return err;
	copy_changes(step, &list, false);
	step->n_telling = step->n_changes;
	copy_changes(step, &list, true);
	for (enum side side = BEFORE; side < SIDES; side++) {
		struct e820_map owners = map_owners(&sides[side].uefi, rest);

		find_owners(step, side, &owners);
	}
	return MAP_OK;
}

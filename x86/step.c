/*
 * step.c - two boots' maps -> the step between them: see step.h.
 *
 * To know all descriptors that share a byte with a range, however they overlap, a UEFI map is made
 * into marks: an address, and the owners of memory from there on, up to the next mark.
 */
#include "x86/step.h"

#include "bootmem/sort.h"
#include "x86/crc32.h"

/* --- who has what --- */

struct marks {
	const struct sort_item *list; /* key: address, value: owner_set; sorted */
	size_t n;
};

/* A kind of owner starts at an address, or ends there: the value of a mark, before it is a set. */
#define MARK_END 0x100u

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
		ends[n++] = (struct sort_item){ end_paddr, kind | MARK_END };
	}
	return n;
}

/* Two ends of a descriptor are sorted with as much room again. */
#define MARKS_BYTES (4 * sizeof(struct sort_item))

static struct marks make_marks(const struct uefi_map *uefi, struct sort_item *room)
{
	size_t n_here[OWNER_KINDS] = { 0 };
	owner_set owners = 0;
	size_t n = list_ends(uefi, room);

	sort_by_key(room, n, room + n);
	for (size_t i = 0; i < n; i++) {
		enum owner_kind kind = (enum owner_kind)(room[i].value & ~(uint64_t)MARK_END);

		n_here[kind] += (room[i].value & MARK_END) != 0 ? SIZE_MAX : 1;
		owners = n_here[kind] > 0 ? owners | owner_bit(kind) : owners & ~owner_bit(kind);
		room[i].value = owners;
	}
	return (struct marks){ room, n };
}

/* The first mark above @paddr. */
static size_t first_above(const struct marks *marks, paddr_t paddr)
{
	size_t first = 0, end = marks->n;

	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (marks->list[middle].key <= paddr)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

/* Whoever has a byte of the range: at its start, and from each mark inside on. */
static owner_set owners_in(const struct marks *marks, const struct e820_range *range)
{
	size_t i = first_above(marks, range->start_paddr);
	owner_set owners = i > 0 ? (owner_set)marks->list[i - 1].value : 0;

	for (; i < marks->n && marks->list[i].key < range->end_paddr; i++)
		owners |= (owner_set)marks->list[i].value;
	return owners;
}

static void add_owners(const struct marks *marks, const struct e820_range *range,
                       struct step_change *change)
{
	const owner_set firmware = owner_bit(OWNER_FIRMWARE);
	owner_set owners;

	if (e820_is_empty(range) || range->type == E820_RAM)
		return;
	owners = owners_in(marks, range);
	if (owners != firmware || range->type != E820_RESERVED)
		owners &= ~firmware;
	change->uefi |= owners;
	change->e820 = owner_of_e820_type(range->type);
}

static void find_owners(struct step *step, enum side side, const struct marks *marks)
{
	for (size_t i = 0; i < step->n_changes; i++) {
		const struct change *change = &step->changes[i].change;

		add_owners(marks, side == BEFORE ? &change->before : &change->after,
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

static enum map_err find_changes(const struct step_side sides[SIDES], struct step *step,
                                 struct change_list *list, void *scratch, size_t scratch_bytes)
{
	enum map_err err =
		e820_changes(sides[BEFORE].e820, sides[AFTER].e820, list, scratch, scratch_bytes);

	if (err == MAP_OK && list->n_entries > step->capacity)
		err = MAP_FULL;
	if (err != MAP_OK)
		return err;
	copy_changes(step, list, false);
	step->n_telling = step->n_changes;
	copy_changes(step, list, true);
	return MAP_OK;
}

/* --- the contract --- */

static size_t most_changes(const struct step_side sides[SIDES])
{
	return changes_most(sides[BEFORE].e820->n_ranges, sides[AFTER].e820->n_ranges);
}

/* The list of changes; and what they are found with, or later the marks of a side. */
size_t step_scratch_bytes(const struct step_side sides[SIDES])
{
	size_t most = most_changes(sides);
	size_t rest =
		changes_scratch_bytes(sides[BEFORE].e820->n_ranges, sides[AFTER].e820->n_ranges);

	for (enum side side = BEFORE; side < SIDES; side++)
		rest = (size_t)max_u64(rest, uefi_map_count(&sides[side].uefi) * MARKS_BYTES);
	return most > (SIZE_MAX - rest) / sizeof(struct change)
	               ? SIZE_MAX
	               : most * sizeof(struct change) + rest;
}

enum map_err step_find(const struct step_side sides[SIDES], struct step *step, void *scratch,
                       size_t scratch_bytes)
{
	struct change_list list = { .entries = scratch, .capacity = most_changes(sides) };
	enum map_err err;
	void *rest;

	step->n_changes = step->n_telling = 0;
	for (enum side side = BEFORE; side < SIDES; side++) {
		step->crc32[side] = e820_hibernate_crc32(sides[side].e820);
		step->ram_crc32[side] = e820_ram_crc32(sides[side].e820);
	}
	step->is_one_map = step->crc32[BEFORE] == step->crc32[AFTER];
	if (scratch_bytes < step_scratch_bytes(sides))
		return MAP_NO_SCRATCH;
	rest = list.entries + list.capacity;
	err = find_changes(sides, step, &list, rest,
	                   scratch_bytes - list.capacity * sizeof list.entries[0]);
	for (enum side side = BEFORE; err == MAP_OK && side < SIDES; side++) {
		struct marks marks = make_marks(&sides[side].uefi, rest);

		find_owners(step, side, &marks);
	}
	return err;
}

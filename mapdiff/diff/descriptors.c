/*
 * descriptors.c - the UEFI maps of two records -> what is in one of them only, of which e820 shows
 * but some: see descriptors.h.
 */
#include "mapdiff/diff/descriptors.h"

#include "mapdiff/base/map.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/map/rules.h"

/* A descriptor; or, where bootmem's own memory is cut out, a part of one. */
struct piece {
	paddr_t start_paddr, end_paddr;
	uint32_t type;
	uint64_t attribute;
	uint64_t footprint_pages; /* bootmem's own */
};
struct pieces {
	MEMORY_LIST(struct piece, list);
};

/* What a capture says bootmem had or gave the kernel, touching ranges as one. Captures that were
 * made of the log of another kernel say nothing of that. */
static struct e820_map footprint_of(const struct record *record)
{
	bool is_ours = record->source == SOURCE_CAPTURE && record->e820_view != VIEW_FIRMWARE;
	struct e820_map footprint = map_new(record->n_landmarks);

	for (size_t i = 0; is_ours && i < record->n_landmarks; i++) {
		const struct landmark *landmark = &record->landmarks[i];

		if (landmark->kind == LANDMARK_FOOTPRINT || landmark->kind == LANDMARK_KERNEL ||
		    landmark->kind == LANDMARK_INITRD)
			e820_add(&footprint, landmark->start_paddr, landmark->end_paddr, E820_RAM);
	}
	map_sanitize(&footprint, NULL);
	return footprint;
}

/* A part of a descriptor: one with its neighbour, if they are alike. */
static void add_part(struct pieces *pieces, struct piece part, paddr_t start_paddr,
                     paddr_t end_paddr)
{
	struct piece *last = pieces->n_list > 0 ? &pieces->list[pieces->n_list - 1] : NULL;

	if (start_paddr >= end_paddr)
		return;
	part.start_paddr = start_paddr;
	part.end_paddr = end_paddr;
	if (last != NULL && last->end_paddr == start_paddr && last->type == part.type &&
	    last->attribute == part.attribute)
		last->end_paddr = end_paddr;
	else
		*MEMORY_ADD(pieces, list) = part;
}

/* Count what of @whole lies in @footprint; or @subtracts it: that memory becomes what it would be
 * without bootmem, free. Wholes come sorted, and *at is the range to go on with. Where they
 * overlap, a range is of the first only, or this would take forever. */
static void add_whole(struct pieces *pieces, struct piece whole, const struct e820_map *footprint,
                      size_t *at, bool subtracts)
{
	const struct piece vacant = { .type = UEFI_CONVENTIONAL, .attribute = whole.attribute };
	const struct e820_range *ranges = footprint->ranges;
	paddr_t start_paddr = whole.start_paddr;
	size_t i;

	while (*at < footprint->n_ranges && ranges[*at].end_paddr <= start_paddr)
		++*at;
	for (i = *at; i < footprint->n_ranges && ranges[i].start_paddr < whole.end_paddr; i++) {
		paddr_t from_paddr = max_u64(ranges[i].start_paddr, start_paddr);
		paddr_t to_paddr = min_u64(ranges[i].end_paddr, whole.end_paddr);

		if (!subtracts) {
			whole.footprint_pages += pages_of(to_paddr - from_paddr);
			continue;
		}
		add_part(pieces, whole, start_paddr, from_paddr);
		add_part(pieces, vacant, from_paddr, to_paddr);
		start_paddr = to_paddr;
	}
	if (i > *at)
		*at = i - 1; /* the last one may go on behind */
	if (subtracts)
		add_part(pieces, whole, start_paddr, whole.end_paddr);
	else
		*MEMORY_ADD(pieces, list) = whole;
}

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *left = a, *right = b;
	int order = compare_u64(left->type, right->type) ?: compare_spans(a, b);

	return order ?: compare_u64(left->attribute, right->attribute);
}

/* Boot @side's map, sorted by type. */
static struct pieces pieces_of(const struct diff *diff, size_t side)
{
	const struct record *record = diff_record(diff, side);
	struct e820_map footprint = footprint_of(record);
	struct pieces pieces = { 0 };
	size_t at = 0;

	for (size_t i = 0; i < record->n_uefi; i++) {
		const struct uefi_descriptor *descriptor = &diff->sides[side]->sorted_uefi[i];
		struct span span = map_descriptor_span(descriptor);
		struct piece whole = { span.start_paddr, span.end_paddr, descriptor->type,
			               descriptor->attribute, 0 };

		if (span.start_paddr < span.end_paddr)
			add_whole(&pieces, whole, &footprint, &at, diff->subtracts_footprint);
	}
	MEMORY_SORT(&pieces, list, compare_pieces);
	return pieces;
}

/* Types come in order: the row of this one is the last. */
static void count_piece(struct diff *diff, size_t side, const struct piece *piece, bool is_shared)
{
	const struct uefi_descriptor descriptor = { .type = piece->type,
		                                    .attribute = piece->attribute };
	struct uefi_change_row *row;

	if (diff->n_uefi == 0 || diff->uefi[diff->n_uefi - 1].type != piece->type)
		*MEMORY_ADD(diff, uefi) = (struct uefi_change_row){ .type = piece->type };
	row = &diff->uefi[diff->n_uefi - 1];
	row->n_pages[side] += (piece->end_paddr - piece->start_paddr) >> PAGE_SHIFT;
	row->footprint_pages[side] += piece->footprint_pages;
	if (is_shared)
		return;
	row->n_descriptors[side]++;
	row->is_visible |= rules_e820_type(RULES_LINUX, &descriptor) != E820_RAM;
}

static void drop_equal_rows(struct diff *diff)
{
	size_t n = 0;

	for (size_t i = 0; i < diff->n_uefi; i++)
		if (diff->uefi[i].n_descriptors[0] > 0 || diff->uefi[i].n_descriptors[1] > 0)
			diff->uefi[n++] = diff->uefi[i];
	diff->n_uefi = n;
}

void descriptors_compare(struct diff *diff)
{
	struct pieces before, after;

	diff->has_uefi = diff_record(diff, 0)->n_uefi > 0 && diff_record(diff, 1)->n_uefi > 0;
	if (!diff->has_uefi)
		return;
	before = pieces_of(diff, 0);
	after = pieces_of(diff, 1);
	for (size_t i = 0, j = 0; i < before.n_list || j < after.n_list;) {
		int order = SORTED_NEXT(i, before.n_list, j, after.n_list,
		                        compare_pieces(&before.list[i], &after.list[j]));

		if (order <= 0)
			count_piece(diff, 0, &before.list[i++], order == 0);
		if (order >= 0)
			count_piece(diff, 1, &after.list[j++], order == 0);
	}
	drop_equal_rows(diff);
	memory_give_back(before.list);
	memory_give_back(after.list);
}

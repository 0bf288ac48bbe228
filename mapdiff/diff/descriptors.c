/*
 * descriptors.c - the UEFI maps of two records -> what is in one of them only, of which e820 shows
 * but some: see descriptors.h.
 */
#include "mapdiff/diff/descriptors.h"

#include <stdlib.h>

#include "mapdiff/base/memory.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/map/rules.h"

/* A descriptor, or a part of one: bootmem's own memory is cut out. */
struct piece {
	uint32_t type;
	bool is_footprint;
	uint64_t attribute;
	paddr_t start_paddr, end_paddr;
};
struct pieces {
	struct piece *list;
	size_t n_list, list_capacity;
};
struct spans {
	struct span *list;
	size_t n_list, list_capacity;
};

/* What a capture says bootmem had or gave the kernel, sorted, touching spans as one. Captures that
 * were made of the log of another kernel say nothing of that. */
static struct spans footprint_of(const struct record *record)
{
	bool is_ours = record->source == SOURCE_CAPTURE && record->e820_view != VIEW_FIRMWARE;
	struct spans spans = { 0 };

	for (size_t i = 0; is_ours && i < record->n_landmarks; i++) {
		const struct landmark *landmark = &record->landmarks[i];
		struct span *last = spans.n_list > 0 ? &spans.list[spans.n_list - 1] : NULL;

		if (landmark->kind != LANDMARK_FOOTPRINT && landmark->kind != LANDMARK_KERNEL &&
		    landmark->kind != LANDMARK_INITRD)
			continue;
		if (last != NULL && landmark->start_paddr <= last->end_paddr)
			last->end_paddr = max_u64(last->end_paddr, landmark->end_paddr);
		else
			*MEMORY_ADD(&spans, list) =
				(struct span){ landmark->start_paddr, landmark->end_paddr };
	}
	return spans;
}

static void add_piece(struct pieces *pieces, const struct piece *whole, paddr_t start_paddr,
                      paddr_t end_paddr, bool is_footprint)
{
	struct piece *piece;

	if (start_paddr >= end_paddr)
		return;
	piece = MEMORY_ADD(pieces, list);
	*piece = *whole;
	piece->start_paddr = start_paddr;
	piece->end_paddr = end_paddr;
	piece->is_footprint = is_footprint;
}

/* @whole, with what lies in @spans apart. Wholes come sorted: *at is the span to go on with. Where
 * they overlap, a span is cut out of the first only, or this would take forever. */
static void cut_piece(struct pieces *pieces, const struct piece *whole, const struct spans *spans,
                      size_t *at)
{
	paddr_t start_paddr = whole->start_paddr;
	size_t i;

	while (*at < spans->n_list && spans->list[*at].end_paddr <= start_paddr)
		++*at;
	for (i = *at; i < spans->n_list && spans->list[i].start_paddr < whole->end_paddr; i++) {
		paddr_t from_paddr = max_u64(spans->list[i].start_paddr, start_paddr);
		paddr_t to_paddr = min_u64(spans->list[i].end_paddr, whole->end_paddr);

		add_piece(pieces, whole, start_paddr, from_paddr, false);
		add_piece(pieces, whole, from_paddr, to_paddr, true);
		start_paddr = to_paddr;
	}
	if (i > *at)
		*at = i - 1; /* the last one may go on behind */
	add_piece(pieces, whole, start_paddr, whole->end_paddr, false);
}

/* Memory of bootmem's own becomes what it would be without: free, and one with its neighbours. */
static void subtract_footprint(struct pieces *pieces)
{
	size_t n = 0;

	for (size_t i = 0; i < pieces->n_list; i++) {
		struct piece piece = pieces->list[i];
		struct piece *last = n > 0 ? &pieces->list[n - 1] : NULL;

		if (piece.is_footprint)
			piece.type = UEFI_CONVENTIONAL;
		piece.is_footprint = false;
		if (last != NULL && last->end_paddr == piece.start_paddr &&
		    last->type == piece.type && last->attribute == piece.attribute)
			last->end_paddr = piece.end_paddr;
		else
			pieces->list[n++] = piece;
	}
	pieces->n_list = n;
}

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *left = a, *right = b;
	int order = compare_u64(left->type, right->type);

	if (order == 0)
		order = compare_u64(left->start_paddr, right->start_paddr);
	if (order == 0)
		order = compare_u64(left->end_paddr, right->end_paddr);
	return order != 0 ? order : compare_u64(left->attribute, right->attribute);
}

/* Boot @side's map by type; whole descriptors, unless the footprint is subtracted. */
static struct pieces pieces_of(const struct diff *diff, size_t side, const struct spans *footprint)
{
	const struct record *record = diff_record(diff, side);
	struct pieces pieces = { 0 };
	size_t at = 0;

	for (size_t i = 0; i < record->n_uefi; i++) {
		const struct uefi_descriptor *descriptor = &diff->sides[side]->sorted_uefi[i];
		struct piece whole = { .type = descriptor->type,
			               .attribute = descriptor->attribute };
		bool wraps;

		if (!uefi_descriptor_range(descriptor, &whole.start_paddr, &whole.end_paddr,
		                           &wraps))
			continue;
		if (diff->subtracts_footprint)
			cut_piece(&pieces, &whole, footprint, &at);
		else
			*MEMORY_ADD(&pieces, list) = whole;
	}
	if (diff->subtracts_footprint)
		subtract_footprint(&pieces);
	if (pieces.n_list > 0)
		qsort(pieces.list, pieces.n_list, sizeof *pieces.list, compare_pieces);
	return pieces;
}

/* The row of @type: the last one, as types come in order. */
static struct uefi_change_row *row_of(struct diff *diff, uint32_t type)
{
	if (diff->n_uefi == 0 || diff->uefi[diff->n_uefi - 1].type != type)
		*MEMORY_ADD(diff, uefi) = (struct uefi_change_row){ .type = type };
	return &diff->uefi[diff->n_uefi - 1];
}

static void count_piece(struct diff *diff, size_t side, const struct piece *piece, bool is_shared)
{
	struct uefi_change_row *row = row_of(diff, piece->type);
	const struct uefi_descriptor descriptor = { .type = piece->type,
		                                    .attribute = piece->attribute };
	uint64_t n_pages = (piece->end_paddr - piece->start_paddr) >> PAGE_SHIFT;

	row->n_pages[side] += n_pages;
	if (is_shared)
		return;
	row->n_descriptors[side]++;
	if (rules_e820_type(RULES_LINUX, &descriptor) != E820_RAM)
		row->is_visible = true;
}

/* Pages of bootmem's own within the pages of the types that differ. */
static void count_footprint(struct diff *diff, size_t side, const struct spans *footprint)
{
	const struct record *record = diff_record(diff, side);
	struct pieces pieces = { 0 };
	size_t at = 0;

	for (size_t i = 0; i < record->n_uefi; i++) {
		const struct uefi_descriptor *descriptor = &diff->sides[side]->sorted_uefi[i];
		struct piece whole = { .type = descriptor->type };
		bool wraps;

		if (uefi_descriptor_range(descriptor, &whole.start_paddr, &whole.end_paddr, &wraps))
			cut_piece(&pieces, &whole, footprint, &at);
	}
	if (pieces.n_list > 0)
		qsort(pieces.list, pieces.n_list, sizeof *pieces.list, compare_pieces);
	for (size_t i = 0, row = 0; i < pieces.n_list; i++) {
		const struct piece *piece = &pieces.list[i];

		while (row < diff->n_uefi && diff->uefi[row].type < piece->type)
			row++;
		if (row < diff->n_uefi && diff->uefi[row].type == piece->type &&
		    piece->is_footprint)
			diff->uefi[row].footprint_pages[side] +=
				pages_of(piece->end_paddr - piece->start_paddr);
	}
	memory_give_back(pieces.list);
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
	struct spans footprint[2] = { footprint_of(diff_record(diff, 0)),
		                      footprint_of(diff_record(diff, 1)) };
	struct pieces before, after;

	diff->has_uefi = diff_record(diff, 0)->n_uefi > 0 && diff_record(diff, 1)->n_uefi > 0;
	before = pieces_of(diff, 0, &footprint[0]);
	after = pieces_of(diff, 1, &footprint[1]);
	for (size_t i = 0, j = 0; diff->has_uefi && (i < before.n_list || j < after.n_list);) {
		int order = i == before.n_list  ? 1
		            : j == after.n_list ? -1
		                                : compare_pieces(&before.list[i], &after.list[j]);

		if (order <= 0)
			count_piece(diff, 0, &before.list[i++], order == 0);
		if (order >= 0)
			count_piece(diff, 1, &after.list[j++], order == 0);
	}
	drop_equal_rows(diff);
	for (size_t side = 0; side < 2; side++) {
		if (!diff->subtracts_footprint)
			count_footprint(diff, side, &footprint[side]);
	}
	memory_give_back(before.list);
	memory_give_back(after.list);
}

/* pin_block.c - first fit, in a short list of pieces: see pin_block.h. */
#include "x86/pin_block.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "x86/uefi_map.h"

/* What stays after the exit, is asked for by type, and is not served (UEFI 2.10 §7.2). */
static const uint32_t other_types[PIN_RECORD_TYPES] = {
	UEFI_RESERVED, UEFI_RUNTIME_SERVICES_CODE, UEFI_RUNTIME_SERVICES_DATA, UEFI_UNUSABLE,
	UEFI_ACPI_NVS,
};

void pin_block_init(struct pin_block *block, paddr_t start_paddr, uint32_t n_pages)
{
	memset(block, 0, sizeof *block);
	block->record.version = PIN_RECORD_VERSION;
	block->record.record_bytes = sizeof block->record;
	block->record.block_paddr = start_paddr;
	block->record.block_pages = n_pages;
	for (size_t i = 0; i < COUNT(other_types); i++)
		block->record.asked[i].type = other_types[i];
}

static uint64_t block_bytes(const struct pin_block *block)
{
	return pfn_paddr(block->record.block_pages);
}

/* --- who --- */

/* The image in which @paddr lies; the last that was loaded there. NULL: none. */
static const struct pin_image *image_of(const struct pin_block *block, uint64_t paddr)
{
	unsigned n = (unsigned)min_u64(block->n_images, PIN_MOST_IMAGES);

	for (unsigned i = 1; i <= n; i++) {
		const struct pin_image *image =
			&block->images[(block->n_images - i) % PIN_MOST_IMAGES];

		if (paddr >= image->start_paddr && paddr - image->start_paddr < image->bytes)
			return image;
	}
	return NULL;
}

/* Two images that were loaded to one place are two owners: their names differ, or are one. */
static bool is_owner(const struct pin_owner *owner, uint64_t paddr, const char *name)
{
	return owner->paddr == paddr && memcmp(owner->name, name, PIN_NAME_BYTES) == 0;
}

/* The last place is for all who find none. */
static struct pin_owner *owner_of(struct pin_block *block, uint64_t caller_paddr)
{
	static const char no_name[PIN_NAME_BYTES];
	const struct pin_image *image = image_of(block, caller_paddr);
	uint64_t paddr = image != NULL ? image->start_paddr : caller_paddr;
	const char *name = image != NULL ? image->name : no_name;
	struct pin_record *record = &block->record;
	struct pin_owner *owner = record->owners;

	while (owner < record->owners + record->n_owners && !is_owner(owner, paddr, name))
		owner++;
	if (owner < record->owners + record->n_owners)
		return owner;
	if (record->n_owners == PIN_RECORD_OWNERS)
		return owner - 1;
	record->n_owners++;
	if (record->n_owners == PIN_RECORD_OWNERS) {
		owner->paddr = PIN_OTHERS_PADDR;
		return owner;
	}
	owner->paddr = paddr;
	owner->image_bytes = image != NULL ? (uint32_t)min_u64(image->bytes, UINT32_MAX) : 0;
	memcpy(owner->name, name, PIN_NAME_BYTES);
	return owner;
}

void pin_block_add_image(struct pin_block *block, paddr_t start_paddr, uint64_t bytes,
                         const char *name)
{
	struct pin_image *image = &block->images[block->n_images++ % PIN_MOST_IMAGES];

	memset(image, 0, sizeof *image);
	image->start_paddr = start_paddr;
	image->bytes = bytes;
	for (size_t i = 0; i < PIN_NAME_BYTES - 1 && name[i] != '\0'; i++)
		image->name[i] = name[i];
}

void pin_block_note_other(struct pin_block *block, uint32_t type, uint64_t bytes)
{
	for (size_t i = 0; i < COUNT(other_types); i++) {
		if (block->record.asked[i].type != type)
			continue;
		block->record.asked[i].n++;
		block->record.asked[i].bytes += bytes;
	}
}

/* --- what --- */

static void insert(struct pin_block *block, unsigned at, struct pin_piece piece)
{
	memmove(&block->pieces[at + 1], &block->pieces[at], (block->n_pieces - at) * sizeof piece);
	block->pieces[at] = piece;
	block->n_pieces++;
}

static void take_out(struct pin_block *block, unsigned at)
{
	block->n_pieces--;
	memmove(&block->pieces[at], &block->pieces[at + 1],
	        (block->n_pieces - at) * sizeof block->pieces[0]);
}

/* @end_offset is where the place has to end. *ret_at: where the piece goes in the list. */
static bool find_place(const struct pin_block *block, struct pin_piece *piece, uint64_t end_offset,
                       unsigned *ret_at)
{
	uint64_t align_bytes = piece->is_pages ? PAGE_BYTES : PIN_POOL_ALIGN, offset = 0;
	unsigned at = 0;

	while (at < block->n_pieces && block->pieces[at].offset < offset + piece->bytes) {
		offset = align_up((uint64_t)block->pieces[at].offset + block->pieces[at].bytes,
		                  align_bytes);
		at++;
	}
	piece->offset = (uint32_t)offset;
	*ret_at = at;
	return offset + piece->bytes <= end_offset;
}

/* Where in the block a place has to end, that ends at or below @last_paddr. */
static uint64_t end_offset_of(const struct pin_block *block, paddr_t last_paddr)
{
	paddr_t start_paddr = block->record.block_paddr;

	return last_paddr < start_paddr
	               ? 0
	               : min_u64(block_bytes(block) - 1, last_paddr - start_paddr) + 1;
}

static void note(struct pin_block *block, uint64_t caller_paddr, bool is_served, uint64_t bytes)
{
	struct pin_owner *owner = owner_of(block, caller_paddr);
	struct pin_record *record = &block->record;

	if (is_served) {
		owner->n_served++;
		owner->served_bytes += bytes;
		record->n_served++;
		record->served_bytes += bytes;
	} else {
		owner->refused_bytes += bytes;
		record->n_refused++;
		record->refused_bytes += bytes;
	}
}

static void note_live(struct pin_block *block)
{
	struct pin_record *record = &block->record;

	record->n_live = block->n_pieces;
	record->live_bytes = 0;
	for (unsigned i = 0; i < block->n_pieces; i++) {
		const struct pin_piece *piece = &block->pieces[i];

		record->live_bytes += piece->bytes;
		record->most_bytes =
			(uint32_t)max_u64(record->most_bytes, piece->offset + piece->bytes);
	}
}

bool pin_block_take(struct pin_block *block, bool is_pages, uint64_t bytes, paddr_t last_paddr,
                    uint64_t caller_paddr, paddr_t *ret_paddr)
{
	uint64_t room_bytes = align_up(min_u64(max_u64(bytes, 1), block_bytes(block) + 1),
	                               is_pages ? PAGE_BYTES : PIN_POOL_ALIGN);
	struct pin_piece piece = { .bytes = (uint32_t)room_bytes, .is_pages = is_pages };
	unsigned at = 0;
	bool fits = block->n_pieces < PIN_MOST_PIECES &&
	            find_place(block, &piece, end_offset_of(block, last_paddr), &at);

	note(block, caller_paddr, fits, bytes);
	if (!fits)
		return false;
	insert(block, at, piece);
	note_live(block);
	*ret_paddr = block->record.block_paddr + piece.offset;
	return true;
}

/* --- and back --- */

static enum pin_free wrong(struct pin_block *block)
{
	block->record.n_wrong_frees++;
	return PIN_WRONG;
}

static bool touches(const struct pin_block *block, paddr_t paddr, uint64_t bytes)
{
	paddr_t start_paddr = block->record.block_paddr;

	return paddr < start_paddr + block_bytes(block) &&
	       (paddr >= start_paddr || start_paddr - paddr < bytes);
}

enum pin_free pin_block_free_pool(struct pin_block *block, paddr_t paddr)
{
	if (!touches(block, paddr, 1))
		return PIN_NOT_OURS;
	for (unsigned i = 0; i < block->n_pieces; i++) {
		if (block->pieces[i].is_pages ||
		    block->record.block_paddr + block->pieces[i].offset != paddr)
			continue;
		take_out(block, i);
		note_live(block);
		return PIN_FREED;
	}
	return wrong(block);
}

/* Take [offset, offset + bytes) out of piece number @at, in which it lies. */
static enum pin_free cut(struct pin_block *block, unsigned at, uint32_t offset, uint32_t bytes)
{
	struct pin_piece *piece = &block->pieces[at];
	struct pin_piece tail = { .offset = offset + bytes, .is_pages = true };

	tail.bytes = piece->offset + piece->bytes - tail.offset;
	if (offset > piece->offset && tail.bytes > 0 && block->n_pieces == PIN_MOST_PIECES)
		return wrong(block);
	piece->bytes = offset - piece->offset;
	if (tail.bytes > 0 && piece->bytes > 0)
		insert(block, at + 1, tail);
	else if (tail.bytes > 0)
		*piece = tail;
	else if (piece->bytes == 0)
		take_out(block, at);
	note_live(block);
	return PIN_FREED;
}

enum pin_free pin_block_free_pages(struct pin_block *block, paddr_t paddr, uint64_t n_pages)
{
	uint64_t bytes = n_pages > pfn_down(UINT64_MAX) ? UINT64_MAX : pfn_paddr(n_pages), offset;

	if (!touches(block, paddr, bytes))
		return PIN_NOT_OURS;
	offset = paddr - block->record.block_paddr;
	for (unsigned i = 0; i < block->n_pieces && paddr >= block->record.block_paddr; i++) {
		const struct pin_piece *piece = &block->pieces[i];

		if (piece->is_pages && bytes > 0 && offset % PAGE_BYTES == 0 &&
		    offset >= piece->offset && offset - piece->offset < piece->bytes &&
		    bytes <= piece->bytes - (offset - piece->offset))
			return cut(block, i, (uint32_t)offset, (uint32_t)bytes);
	}
	return wrong(block);
}

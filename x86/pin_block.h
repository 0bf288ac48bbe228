/*
 * pin_block.h - requests for memory that stays -> pieces of one block at a fixed place, and a
 * record of them.
 *
 * Pure: it reads and writes nothing of the block itself, allocates nothing, and takes no lock; its
 * own state is all in one structure. So it can be called from anywhere in a firmware. Which types
 * of memory it is for, its caller knows.
 */
#ifndef X86_PIN_BLOCK_H
#define X86_PIN_BLOCK_H

#include <stdbool.h>

#include "bootmem/pfn.h"
#include "x86/pin_record.h"

#define PIN_MOST_PIECES  64 /* in use at a time: a boot has three or four */
#define PIN_MOST_IMAGES  16
#define PIN_POOL_ALIGN   16 /* firmware's pools have 8 */
#define PIN_MOST_PAGES   UINT32_C(4096)
#define PIN_NO_LIMIT     UINT64_MAX
#define PIN_OTHERS_PADDR UINT64_MAX /* the owner of what finds no room among the owners */

struct pin_piece {
	uint32_t offset, bytes;
	bool is_pages;
};

struct pin_image {
	uint64_t start_paddr;
	uint64_t bytes;
	char name[PIN_NAME_BYTES];
};

struct pin_block {
	struct pin_record record;
	struct pin_piece pieces[PIN_MOST_PIECES]; /* ascending, in use */
	unsigned n_pieces;
	struct pin_image images[PIN_MOST_IMAGES]; /* the last ones, in a circle */
	unsigned n_images;                        /* that there ever were */
};

/* An empty block of @n_pages pages, up to PIN_MOST_PAGES, at @start_paddr. */
void pin_block_init(struct pin_block *block, paddr_t start_paddr, uint32_t n_pages);

/*
 * Serve @bytes bytes (0 is as good as 1), as whole pages or as a pool, whose last byte lies at or
 * below @last_paddr, to the code at @caller_paddr: the lowest place that is free. False, and
 * counted as refused, if there is none; *ret_paddr is then untouched.
 */
bool pin_block_take(struct pin_block *block, bool is_pages, uint64_t bytes, paddr_t last_paddr,
                    uint64_t caller_paddr, paddr_t *ret_paddr);

enum pin_free {
	PIN_FREED,
	PIN_NOT_OURS, /* no byte of it lies in the block: the firmware's */
	PIN_WRONG,    /* some does, and it is not a piece that is in use: nothing is done */
};

/* Give back a pool. Its address has to be that of a pool. */
enum pin_free pin_block_free_pool(struct pin_block *block, paddr_t paddr);

/* Give back whole pages: all or a part of what was served as pages at a time, as firmware allows.
 * PIN_WRONG too where a part would leave two pieces, and there is room for no more. */
enum pin_free pin_block_free_pages(struct pin_block *block, paddr_t paddr, uint64_t n_pages);

/* An image was loaded: what its code asks for is its own. @name is copied, cut to fit. A later one
 * at the same place counts. */
void pin_block_add_image(struct pin_block *block, paddr_t start_paddr, uint64_t bytes,
                         const char *name);

/* Count a request of a type that is not served, if it is one of those that stay. */
void pin_block_note_other(struct pin_block *block, uint32_t type, uint64_t bytes);

#endif

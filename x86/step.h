/*
 * step.h - the maps of two boots -> the step between them: what changed, whose it is as far as
 * types can tell, and whether Linux sees one map. The lower half: what is known of a boot beyond
 * its maps is mapdiff's.
 */
#ifndef X86_STEP_H
#define X86_STEP_H

#include "x86/changes.h"
#include "x86/owner.h"
#include "x86/pairing.h"
#include "x86/uefi_map.h"

/* The maps of one boot. All of it is the caller's, and is only read. */
struct step_side {
	const struct e820_map *e820; /* sanitized */
	struct uefi_map uefi;        /* in any order, overlapping; all 0: none is known */
};

/* A change, and whose its ranges are that are not RAM. */
struct step_change {
	struct change change;
	/* By UEFI: the kinds of all descriptors that share a byte with one of them. OWNER_FIRMWARE
	 * only for a reserved range of which no other kind is known. */
	owner_set uefi;
	/* By e820, which tells less: what the type after tells, or else that before. OWNER_NONE if
	 * all is RAM. */
	enum owner_kind e820;
};

struct step {
	/* The caller's buffer, with room for changes_most() changes at most. First those that mean
	 * something, then the consequences; each by address. */
	struct step_change *changes;
	size_t capacity;
	size_t n_changes;
	size_t n_telling; /* those that mean something */

	/* The checksum that Linux compares before it resumes from hibernation, and that of the RAM
	 * alone (crc32.h). To Linux, maps with one checksum are one map. */
	uint32_t crc32[SIDES];
	uint32_t ram_crc32[SIDES];
	bool is_one_map;
};

/*
 * Find the step from sides[BEFORE] to sides[AFTER]. The caller has put the buffer into @step; all
 * else in it is overwritten. @scratch is step_scratch_bytes(), aligned to 8. MAP_FULL and
 * MAP_NO_SCRATCH as in e820.h; there are no changes in @step then. Descriptors that wrap or are
 * empty have no byte. O(n log n).
 */
size_t step_scratch_bytes(const struct step_side sides[SIDES]);
enum map_err step_find(const struct step_side sides[SIDES], struct step *step, void *scratch,
                       size_t scratch_bytes);

#endif

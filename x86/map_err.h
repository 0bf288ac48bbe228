/* map_err.h - what can be wrong with a map, or with the room for one. */
#ifndef X86_MAP_ERR_H
#define X86_MAP_ERR_H

enum map_err {
	MAP_OK,
	MAP_FULL,       /* more ranges than the caller's buffer holds */
	MAP_NO_SCRATCH, /* the scratch space is smaller than e820_scratch_bytes() says */
	MAP_BAD_STRIDE, /* descriptors smaller than the structure of the specification */
	MAP_EMPTY,      /* no RAM in it */
};

/* One sentence for each, without a full stop. */
const char *map_err_text(enum map_err err);

#endif

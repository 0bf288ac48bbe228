/* map_err.c - the errors of a map, in words for whoever has to fix it. */
#include "x86/map_err.h"

#include "bootmem/count.h"

static const char *const map_err_texts[] = {
	[MAP_OK] = "the map is in order",
	[MAP_FULL] = "the map has more ranges than there is room for",
	[MAP_NO_SCRATCH] = "the scratch space is too small to sort the map",
	[MAP_BAD_STRIDE] =
		"the firmware's descriptors are smaller than UEFI's structure of 40 bytes",
	[MAP_EMPTY] = "the map has no RAM in it",
};

_Static_assert(COUNT(map_err_texts) == MAP_EMPTY + 1, "an error has no text");

const char *map_err_text(enum map_err err)
{
	if ((unsigned)err > MAP_EMPTY)
		return "an unknown error of a map";
	return map_err_texts[err];
}

/* mtrr.c - registers -> ranges and their types: see mtrr.h. Names of registers are Intel's. */
#include "x86/mtrr.h"

#include "bootmem/count.h"

#define MTRRCAP       0xfe
#define MTRRCAP_VCNT  UINT64_C(0xff)
#define MTRRCAP_FIX   (UINT64_C(1) << 8)
#define PHYSBASE0     0x200
#define DEF_TYPE      0x2ff
#define DEF_TYPE_FE   (UINT64_C(1) << 10)
#define DEF_TYPE_E    (UINT64_C(1) << 11)
#define TYPE          UINT64_C(0xff)
#define PHYSMASK_V    (UINT64_C(1) << 11)
#define ADDRESS       UINT64_C(0x000ffffffffff000)
#define PHYS_END      (UINT64_C(1) << 52)
#define SYSCFG        0xc0010010
#define SYSCFG_TOM2   (UINT64_C(3) << 21) /* MtrrTom2En, Tom2ForceMemTypeWB */
#define TOP_MEM2      0xc001001d
#define TOP_MEM2_BITS UINT64_C(0x000fffffff800000)
#define HIGH_PADDR    (UINT64_C(1) << 32)
#define FIXED_TYPE    7 /* AMD has other bits above, which need not be hidden */

static const char *const types[] = {
	[0] = "uncachable",    [1] = "write-combining", [4] = "write-through",
	[5] = "write-protect", [6] = "write-back",
};
#define WRITE_BACK 6

const char *mtrr_err_text(enum mtrr_err err)
{
	static const char *const texts[] = {
		[MTRR_OK] = "nothing is wrong",
		[MTRR_NONE] = "the CPU has none",
		[MTRR_DISABLED] = "they are switched off",
		[MTRR_TOO_MANY] = "the CPU says that it has more than there can be",
		[MTRR_NO_RANGE] = "one is about what is no range",
		[MTRR_BAD_TYPE] = "one has a type of memory that there is not",
	};

	return texts[err];
}

static uint64_t read(const struct mtrr_source *source, uint32_t number)
{
	return source->read(source->context, number);
}

static enum mtrr_err add(struct mtrr_list *list, enum mtrr_kind kind, struct span span,
                         uint64_t type)
{
	if (type >= COUNT(types) || types[type] == NULL)
		return MTRR_BAD_TYPE;
	list->list[list->n++] = (struct mtrr){ span, kind, types[type] };
	return MTRR_OK;
}

/* The range behind the last one of the list, which it lengthens if they are of one type. */
static enum mtrr_err add_fixed(struct mtrr_list *list, struct span span, uint64_t type)
{
	struct mtrr *last = &list->list[list->n - 1];
	enum mtrr_err err = add(list, MTRR_FIXED, span, type);

	if (err == MTRR_OK && last->kind == MTRR_FIXED && last->type == last[1].type) {
		last->span.end_paddr = span.end_paddr;
		list->n--;
	}
	return err;
}

/* Each register has eight ranges of one size, the lowest byte for the first one. */
static enum mtrr_err find_fixed(const struct mtrr_source *source, struct mtrr_list *list)
{
	static const struct {
		uint32_t first, n, range_bytes;
	} rows[] = { { 0x250, 1, 0x10000 }, { 0x258, 2, 0x4000 }, { 0x268, 8, 0x1000 } };
	struct span span = { 0, 0 };
	enum mtrr_err err = MTRR_OK;

	for (size_t row = 0; row < COUNT(rows); row++) {
		for (uint32_t i = 0; i < rows[row].n; i++) {
			uint64_t bytes = read(source, rows[row].first + i);

			for (unsigned j = 0; j < 8 && err == MTRR_OK; j++, bytes >>= 8) {
				span.end_paddr = span.start_paddr + rows[row].range_bytes;
				err = add_fixed(list, span, bytes & FIXED_TYPE);
				span.start_paddr = span.end_paddr;
			}
		}
	}
	return err;
}

/* PHYSBASE and PHYSMASK: an address is in the range if the mask's bits of it are those of the base.
 */
static enum mtrr_err find_variable(const struct mtrr_source *source, uint32_t number,
                                   struct mtrr_list *list)
{
	uint64_t base = read(source, number), mask = read(source, number + 1);
	uint64_t ones = mask & ADDRESS, bytes = ones & -ones, above = ones + bytes;
	struct span span = { base & ADDRESS, (base & ADDRESS) + bytes };

	if ((mask & PHYSMASK_V) == 0)
		return MTRR_OK;
	if (ones == 0)
		span = (struct span){ 0, PHYS_END };
	else if ((above & (above - 1)) != 0 || (base & ADDRESS & (bytes - 1)) != 0)
		return MTRR_NO_RANGE;
	return add(list, MTRR_VARIABLE, span, base & TYPE);
}

/* AMD APM volume 2, §7.9.5. */
static enum mtrr_err find_tom2(const struct mtrr_source *source, struct mtrr_list *list)
{
	uint64_t end_paddr;

	if (!source->has_tom2 || (read(source, SYSCFG) & SYSCFG_TOM2) != SYSCFG_TOM2)
		return MTRR_OK;
	end_paddr = read(source, TOP_MEM2) & TOP_MEM2_BITS;
	if (end_paddr <= HIGH_PADDR)
		return MTRR_OK;
	return add(list, MTRR_VARIABLE, (struct span){ HIGH_PADDR, end_paddr }, WRITE_BACK);
}

static enum mtrr_err find_all(const struct mtrr_source *source, struct mtrr_list *list)
{
	const uint64_t cap = read(source, MTRRCAP), def_type = read(source, DEF_TYPE);
	const uint64_t n_variable = cap & MTRRCAP_VCNT;
	enum mtrr_err err;

	if ((def_type & DEF_TYPE_E) == 0)
		return MTRR_DISABLED;
	if (n_variable > MTRR_MOST_VARIABLE)
		return MTRR_TOO_MANY;
	err = add(list, MTRR_DEFAULT, (struct span){ 0, PHYS_END }, def_type & TYPE);
	if (err == MTRR_OK && (cap & MTRRCAP_FIX) != 0 && (def_type & DEF_TYPE_FE) != 0)
		err = find_fixed(source, list);
	for (uint32_t i = 0; i < n_variable && err == MTRR_OK; i++)
		err = find_variable(source, PHYSBASE0 + 2 * i, list);
	return err == MTRR_OK ? find_tom2(source, list) : err;
}

enum mtrr_err mtrr_find(const struct mtrr_source *source, struct mtrr_list *ret_list)
{
	enum mtrr_err err;

	ret_list->n = 0;
	err = find_all(source, ret_list);
	if (err != MTRR_OK)
		ret_list->n = 0;
	return err;
}

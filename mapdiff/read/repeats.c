/*
 * repeats.c - boots that are in a thread twice: see repeats.h.
 *
 * A boot is compared with those alone that have the line of its maps which the fewest have.
 */
#include "mapdiff/read/repeats.h"

#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/sorted.h"

static bool has_range(const struct record *record, const struct e820_range *range)
{
	MEMORY_EACH(other, record, e820_printed)
		if (other->start_paddr == range->start_paddr &&
		    other->end_paddr == range->end_paddr && other->type == range->type)
			return true;
	return false;
}

static bool has_descriptor(const struct record *record, const struct uefi_descriptor *descriptor)
{
	MEMORY_EACH(other, record, uefi)
		if (other->start_paddr == descriptor->start_paddr &&
		    other->n_pages == descriptor->n_pages && other->type == descriptor->type &&
		    other->attribute == descriptor->attribute)
			return true;
	return false;
}

/* What two records that are of one boot have in common. */
static const enum fact_id identities[] = { FACT_KERNEL_VERSION, FACT_MACHINE, FACT_TIME };

/* FNV-1a. */
static uint32_t hash_text(const char *text)
{
	uint32_t hash = 2166136261;

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619;
	return hash | 1; /* 0 is no text */
}

/* Of a line of a map; its upper six bits say which bit of a key is its own. */
static uint64_t hash_line(uint64_t start, uint64_t end, uint64_t type)
{
	return (start ^ end * 3 ^ type) * 0x9e3779b97f4a7c15;
}

static uint64_t hash_range(const struct e820_range *range)
{
	return hash_line(range->start_paddr, range->end_paddr, range->type);
}

static uint64_t hash_descriptor(const struct uefi_descriptor *descriptor)
{
	return hash_line(descriptor->start_paddr, descriptor->n_pages, descriptor->type);
}

static uint64_t line_bit(uint64_t hash)
{
	return 1ULL << (hash >> 58);
}

static struct thread_key make_key(const struct record *record)
{
	struct thread_key key = { 0 };

	for (size_t i = 0; i < COUNT(identities); i++)
		if (record_fact(record, identities[i]) != NULL)
			key.facts[i] = hash_text(record_fact(record, identities[i]));
	MEMORY_EACH(range, record, e820_printed)
		key.lines |= line_bit(hash_range(range));
	MEMORY_EACH(descriptor, record, uefi)
		key.lines |= line_bit(hash_descriptor(descriptor));
	return key;
}

static bool may_contain(const struct thread_key *whole, const struct thread_key *piece)
{
	if ((piece->lines & ~whole->lines) != 0)
		return false;
	for (size_t i = 0; i < COUNT(identities); i++)
		if (whole->facts[i] != piece->facts[i] && whole->facts[i] != 0 &&
		    piece->facts[i] != 0)
			return false;
	return true;
}

/* Does @whole have all of the maps of @piece? */
static bool contains(const struct thread_record *whole, const struct thread_record *piece)
{
	if (!may_contain(&whole->key, &piece->key))
		return false;
	MEMORY_EACH(range, piece->record, e820_printed)
		if (!has_range(whole->record, range))
			return false;
	MEMORY_EACH(descriptor, piece->record, uefi)
		if (!has_descriptor(whole->record, descriptor))
			return false;
	return true;
}

/* Is what is in @piece there to be seen in @other, which is to be believed more, or came before? */
static bool is_repeated(const struct thread_record *piece, const struct thread_record *other)
{
	if (other == piece || other->record == NULL || piece->record->excerpt_of != NULL)
		return false;
	if (piece->text == THREAD_QUOTE)
		return (other->text != THREAD_QUOTE || other < piece) && contains(other, piece);
	return piece->text == THREAD_TALK && other->text == THREAD_FILE && contains(other, piece);
}

/* --- who has a line --- */

#define ANY_LINE UINT64_C(0) /* which all have that have a map */

/* The upper half of a line's hash, and the first fact of the key of the record that has it. */
static uint64_t place_key(uint64_t hash, uint64_t fact)
{
	return (hash & ~UINT64_C(0xffffffff)) | fact;
}

struct place {
	uint64_t key;
	size_t record; /* its number in the thread */
};

struct places {
	MEMORY_LIST(struct place, list); /* sorted by the key */
};

static int compare_places(const void *a, const void *b)
{
	const struct place *left = a, *right = b;

	return compare_u64(left->key, right->key);
}

static void add_place(struct places *places, const struct thread_record *piece, size_t number,
                      uint64_t hash)
{
	*MEMORY_ADD(places, list) = (struct place){ place_key(hash, piece->key.facts[0]), number };
}

static void add_places(struct places *places, const struct thread_record *piece, size_t number)
{
	const struct record *record = piece->record;

	if (record->n_uefi > 0 || record->n_e820_printed > 0)
		add_place(places, piece, number, ANY_LINE);
	MEMORY_EACH(range, record, e820_printed)
		add_place(places, piece, number, hash_range(range));
	MEMORY_EACH(descriptor, record, uefi)
		add_place(places, piece, number, hash_descriptor(descriptor));
}

/* Places of the line @hash, of records whose fact lies from @first to @last. */
struct stretch {
	size_t start, end;
};

static struct stretch find_stretch(const struct places *places, uint64_t hash, uint32_t first,
                                   uint32_t last)
{
	const struct sorted sorted = SORTED(struct place, key, places->list, places->n_list);

	return (struct stretch){ sorted_n_below(sorted, place_key(hash, first)),
		                 sorted_n_up_to(sorted, place_key(hash, last)) };
}

static void take_rarer(const struct places *places, uint64_t hash, uint64_t *rarest, size_t *n)
{
	const struct stretch all = find_stretch(places, hash, 0, UINT32_MAX);

	if (all.end - all.start < *n) {
		*n = all.end - all.start;
		*rarest = hash;
	}
}

/* The line of @piece that the fewest have. */
static uint64_t find_rarest(const struct places *places, const struct thread_record *piece)
{
	uint64_t rarest = ANY_LINE;
	size_t n = SIZE_MAX;

	MEMORY_EACH(range, piece->record, e820_printed)
		take_rarer(places, hash_range(range), &rarest, &n);
	MEMORY_EACH(descriptor, piece->record, uefi)
		take_rarer(places, hash_descriptor(descriptor), &rarest, &n);
	return rarest;
}

static bool is_in(const struct thread *thread, const struct thread_record *piece,
                  const struct places *places, struct stretch stretch)
{
	for (size_t i = stretch.start; i < stretch.end; i++)
		if (is_repeated(piece, &thread->records[places->list[i].record]))
			return true;
	return false;
}

/* Is the boot of @piece in one of the others? */
static bool is_there(const struct thread *thread, const struct thread_record *piece,
                     const struct places *places)
{
	const uint64_t rarest = find_rarest(places, piece);
	const uint32_t fact = piece->key.facts[0];

	if (fact == 0)
		return is_in(thread, piece, places, find_stretch(places, rarest, 0, UINT32_MAX));
	return is_in(thread, piece, places, find_stretch(places, rarest, 0, 0)) ||
	       is_in(thread, piece, places, find_stretch(places, rarest, fact, fact));
}

/* What is no quote can be in files alone, and a log of many boots has none beside it. */
static bool may_be_there(const struct thread_record *piece, bool has_files)
{
	return piece->text == THREAD_QUOTE || (piece->text == THREAD_TALK && has_files);
}

void repeats_drop(struct thread *thread)
{
	struct places places = { 0 };
	bool has_files = false, may_be = false;

	MEMORY_EACH(piece, thread, records)
		has_files |= piece->text == THREAD_FILE;
	MEMORY_EACH(piece, thread, records)
		may_be |= may_be_there(piece, has_files);
	for (size_t i = 0; i < thread->n_records && may_be; i++) {
		thread->records[i].key = make_key(thread->records[i].record);
		add_places(&places, &thread->records[i], i);
	}
	MEMORY_SORT(&places, list, compare_places);
	for (size_t i = 0; i < thread->n_records && may_be; i++) {
		struct thread_record *piece = &thread->records[i];

		if (may_be_there(piece, has_files) && is_there(thread, piece, &places))
			piece->record = NULL;
	}
	memory_give_back(places.list);
}

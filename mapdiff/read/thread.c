/* thread.c - texts -> records, each boot once: see thread.h. */
#include "mapdiff/read/thread.h"

#include <string.h>

#include "mapdiff/read/plain/quotes.h"
#include "mapdiff/read/plain/sides.h"
#include "mapdiff/read/readers.h"

#define SEVERAL_BOOTS "the diff has pieces of several boots: make it of one of each"

static void add_records(struct thread *thread, const struct input *input, enum thread_text text)
{
	struct records records = { 0 };

	if (!readers_read(input, &records, &thread->error))
		return;
	for (size_t i = 0; i < records.n_list && sides_is_context(input); i++)
		record_add_fault(records.list[i], 0,
		                 "it is from diff -c, which has pieces of two maps: diff -u of the "
		                 "same files is read");
	for (size_t i = 0; i < records.n_list; i++)
		*MEMORY_ADD(thread, records) =
			(struct thread_record){ .record = records.list[i], .text = text };
}

/* --- diffs --- */

static bool has_map(const struct record *record)
{
	return record->n_uefi > 0 || record->n_e820_printed > 0;
}

static const char *side_name(const char *name, size_t side)
{
	return memory_printf("%s@%c", name, side == SIDE_BEFORE ? '-' : '+');
}

/* Are all lines of the map of @record there? It begins at 0, nothing is cut out of it, and a line
 * follows it, before anything is: that is none of the map. */
static bool is_whole(const struct sides_file *file, const struct input *input,
                     const struct record *record)
{
	struct line line = { 0 };
	unsigned long next = 0;

	if (record->n_faults > 0 || record->map_line == 0 || record->n_e820_printed == 0 ||
	    record->e820_printed[0].start_paddr != 0)
		return false;
	while (next == 0 && line_next(input, &line))
		if (line.number > record->map_end_line && line.bytes > 0)
			next = line.number;
	for (size_t i = 0; i < file->n_cuts; i++)
		if (file->cuts[i] >= record->map_line && (next == 0 || file->cuts[i] < next))
			return false;
	return next > 0;
}

/* One of the two texts: how many boots with a map are in it, and the last of them, or NULL. What is
 * not whole is read as what it is: lines that are missing are no damage then, and no UEFI map can
 * be made of it beside the other one. */
static struct record *read_side(const struct sides_file *file, const char *name, size_t side,
                                bool is_excerpt)
{
	struct records records = { 0 };
	struct record *last = NULL;
	const char *error;
	size_t n_boots = 0;
	const struct input input = {
		.name = side_name(name, side),
		.text = file->texts[side].text,
		.bytes = file->texts[side].n_text,
		.lines_before = file->lines_before,
		.is_excerpt = is_excerpt,
	};

	readers_read(&input, &records, &error);
	for (size_t i = 0; i < records.n_list; i++) {
		if (has_map(records.list[i]) || records.list[i]->n_faults > 0)
			last = records.list[i];
		n_boots += has_map(records.list[i]);
	}
	if (last == NULL || (!is_excerpt && !file->is_whole && !is_whole(file, &input, last)))
		return NULL;
	if (is_excerpt && last->n_e820_printed > 0)
		last->n_uefi = 0;
	if (is_excerpt && n_boots > 1)
		record_add_fault(last, 0,
		                 "the diff has pieces of several boots: give it one of "
		                 "each log");
	last->boot = last->n_boots = 1;
	return last;
}

/* Of a list that begins in the text: at which line; 0: its first lines are not there. */
static unsigned long beginning(const struct record *record)
{
	bool begins = record->n_e820_printed > 0 && record->e820_printed[0].start_paddr == 0;

	return begins ? record->map_line : 0;
}

/* Do the two have no hunk in common? Two maps that begin in other ones are of other boots: hunks of
 * logs of several boots have such. */
static bool are_apart(const struct sides_file *file, const struct record *before,
                      const struct record *after)
{
	unsigned long lines[] = { beginning(before), beginning(after) };
	size_t first = lines[0] > lines[1];

	if (lines[0] == 0 || lines[1] == 0)
		return lines[0] != lines[1];
	for (size_t i = 0; i < file->n_cuts; i++)
		if (file->cuts[i] >= lines[first] && file->cuts[i] < lines[1 - first])
			return true;
	return false;
}

/* A side that has nothing of what the other one has. */
static struct record *empty_side(const char *name, size_t side, const struct record *other)
{
	struct record *record = record_new(side_name(name, side), other->source);

	record->e820_view = other->e820_view;
	record->boot = record->n_boots = 1;
	record_finish(record);
	return record;
}

/* Both sides of a file, if there are maps in it. */
static bool read_pair(struct thread *thread, const struct sides_file *file, const char *name,
                      enum thread_text text)
{
	struct record *sides[SIDES_OF_DIFF];
	bool is_excerpt, is_apart;

	for (size_t side = 0; side < SIDES_OF_DIFF; side++)
		sides[side] = read_side(file, name, side, false);
	is_excerpt = sides[SIDE_BEFORE] == NULL || sides[SIDE_AFTER] == NULL ||
	             (!file->is_whole && are_apart(file, sides[SIDE_BEFORE], sides[SIDE_AFTER]));
	for (size_t side = 0; side < SIDES_OF_DIFF && is_excerpt; side++)
		sides[side] = read_side(file, name, side, true);
	if (sides[SIDE_BEFORE] == NULL && sides[SIDE_AFTER] == NULL)
		return false;
	for (size_t side = 0; side < SIDES_OF_DIFF; side++)
		if (sides[side] == NULL)
			sides[side] = empty_side(name, side, sides[1 - side]);
	is_apart = is_excerpt && are_apart(file, sides[SIDE_BEFORE], sides[SIDE_AFTER]);
	for (size_t side = 0; side < SIDES_OF_DIFF; side++) {
		if (is_apart)
			record_add_fault(sides[side], 0, SEVERAL_BOOTS);
		sides[side]->excerpt_of = is_excerpt ? name : NULL;
		*MEMORY_ADD(thread, records) =
			(struct thread_record){ .record = sides[side], .text = text };
	}
	return true;
}

/* --- what is quoted --- */

static void read_talk(struct thread *thread, const struct input *input, enum thread_text text)
{
	struct bytes own = { 0 }, quoted = { 0 };
	struct input piece = *input;

	switch (quotes_split(input, &own, &quoted)) {
	case QUOTES_NONE:
		add_records(thread, input, text);
		return;
	case QUOTES_ALL:
		add_records(thread, input, THREAD_QUOTE);
		return;
	case QUOTES_MIXED:
		break;
	}
	piece.text = own.text;
	piece.bytes = own.n_text;
	add_records(thread, &piece, text);
	piece.text = quoted.text;
	piece.bytes = quoted.n_text;
	add_records(thread, &piece, THREAD_QUOTE);
	memory_give_back(own.text);
	memory_give_back(quoted.text);
}

void thread_read(struct thread *thread, const struct input *input, enum thread_text text)
{
	struct thread pairs = { 0 };
	struct input rest = *input;
	struct sides sides;

	if (!sides_split(input, &sides)) {
		read_talk(thread, input, text);
		return;
	}
	MEMORY_EACH(file, &sides, files)
		read_pair(&pairs, file,
		          sides.n_files > 1 && file->name != NULL
		                  ? memory_printf("%s/%s", input->name, file->name)
		                  : input->name,
		          text);
	if (pairs.n_records > 0) {
		rest.text = sides.rest.text;
		rest.bytes = sides.rest.n_text;
	}
	read_talk(thread, &rest, text);
	MEMORY_EACH(file, &sides, files)
		for (size_t side = 0; side < SIDES_OF_DIFF; side++)
			memory_give_back(file->texts[side].text);
	memory_give_back(sides.rest.text);
	MEMORY_EACH(pair, &pairs, records)
		*MEMORY_ADD(thread, records) = *pair;
}

/* --- each boot once --- */

/* The boots of each text have numbers of their own. */
static void count_boots(const struct records *records)
{
	for (size_t first = 0, end; first < records->n_list; first = end) {
		const char *name = records->list[first]->name;

		for (end = first;
		     end < records->n_list && strcmp(records->list[end]->name, name) == 0; end++)
			records->list[end]->boot = end - first + 1;
		for (size_t i = first; i < end; i++)
			records->list[i]->n_boots = end - first;
	}
}

void thread_finish(struct thread *thread, struct records *records)
{
	MEMORY_EACH(piece, thread, records)
		if (piece->record != NULL)
			*MEMORY_ADD(records, list) = piece->record;
	count_boots(records);
}

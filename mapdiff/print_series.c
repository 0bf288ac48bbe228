/*
 * print_series.c - a series -> text: the boots by the digest of their map, called A, B, C, ...;
 * what moves between them, what stays, and which condition goes with which map.
 */
#include "mapdiff/output.h"

#include <string.h>

#define MOST_BOOTS 60
#define MOST_MAPS  26
#define MOST_ROWS  40
#define MOST_NAME  40 /* columns of a file's name: its end tells more */

/* The maps by the number of boots: A, B, ...; #27 and so on behind Z. */
static const char *map_name(char *buffer, size_t map)
{
	if (map < 26)
		snprintf(buffer, SIZE_TEXT_BYTES, "%c", (char)('A' + map));
	else
		snprintf(buffer, SIZE_TEXT_BYTES, "#%zu", map + 1);
	return buffer;
}

static const char *short_name(const char *name)
{
	size_t bytes = strlen(name);

	return bytes > MOST_NAME ? name + bytes - MOST_NAME : name;
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void print_verdict(const struct output *output, const struct series *series)
{
	size_t n_pairs = series->n_boots - 1;

	out(output, COLOUR_BOLD, "mapdiff series: %zu boot%s, %zu map%s\n", series->n_boots,
	    plural(series->n_boots), series->n_maps, plural(series->n_maps));
	if (series->n_maps == 1)
		out(output, COLOUR_GREEN, "The map is the same in all of them.\n");
	else
		out(output, COLOUR_RED,
		    "The map changes. Of %zu pair%s of boots that follow each other, %zu %s one map: "
		    "in %zu Linux would not resume from hibernation.\n",
		    n_pairs, plural(n_pairs), series->n_same_as_previous,
		    series->n_same_as_previous == 1 ? "has" : "have",
		    n_pairs - series->n_same_as_previous);
	out(output, COLOUR_NONE, "\n");
}

static void print_maps(const struct output *output, const struct series *series)
{
	size_t n_shown = series->n_maps < MOST_MAPS ? series->n_maps : MOST_MAPS;

	out(output, COLOUR_BOLD, "Map  e820 CRC-32   ranges   boots  usable RAM  first seen in\n");
	for (size_t i = 0; i < n_shown; i++) {
		const struct series_map *map = &series->maps[i];
		char name[SIZE_TEXT_BYTES], size[SIZE_TEXT_BYTES];

		out(output, COLOUR_NONE, "%-3s  0x%08lx  %7zu  %6zu  %10s  %s\n", map_name(name, i),
		    (unsigned long)map->crc32, map->e820.n_ranges, map->n_boots,
		    size_text(size, e820_bytes_of_type(&map->e820, E820_RAM)),
		    short_name(series->boots[map->first_boot].name));
	}
	if (n_shown < series->n_maps)
		out(output, COLOUR_DIM, "... and %zu more\n", series->n_maps - n_shown);
}

static int widest_name(const struct series *series, size_t n_shown)
{
	size_t width = strlen("boot");

	for (size_t i = 0; i < n_shown; i++) {
		size_t bytes = strlen(short_name(series->boots[i].name));

		width = bytes > width ? bytes : width;
	}
	return (int)width;
}

static void print_boots(const struct output *output, const struct series *series)
{
	size_t n_shown = series->n_boots < MOST_BOOTS ? series->n_boots : MOST_BOOTS;
	int width = widest_name(series, n_shown);

	out(output, COLOUR_BOLD, "\n%-*s  map  resume  %-19s  label\n", width, "boot", "time");
	for (size_t i = 0; i < n_shown; i++) {
		const struct series_boot *boot = &series->boots[i];
		bool is_same = i > 0 && boot->map == series->boots[i - 1].map;
		char name[SIZE_TEXT_BYTES];

		out(output, COLOUR_NONE, "%-*s  %-3s  ", width, short_name(boot->name),
		    map_name(name, boot->map));
		out(output,
		    is_same ? COLOUR_GREEN
		    : i > 0 ? COLOUR_RED
		            : COLOUR_NONE,
		    "%-6s",
		    is_same ? "yes"
		    : i > 0 ? "no"
		            : "-");
		out(output, COLOUR_NONE, "  %-19s  %s\n", boot->time, boot->label);
	}
	if (n_shown < series->n_boots)
		out(output, COLOUR_DIM, "... and %zu more\n", series->n_boots - n_shown);
}

static void print_mover(const struct output *output, const struct series *series,
                        const struct series_mover *mover)
{
	char type[TYPE_TEXT_BYTES];

	out(output, COLOUR_NONE, "  %-10s  0x%llx", type_text(type, mover->type),
	    (unsigned long long)mover->lowest_paddr);
	if (mover->highest_paddr != mover->lowest_paddr)
		out(output, COLOUR_NONE, " to 0x%llx (%llu pages apart)",
		    (unsigned long long)mover->highest_paddr,
		    (unsigned long long)pages_of(mover->highest_paddr - mover->lowest_paddr));
	out(output, COLOUR_NONE, ", %llu", (unsigned long long)mover->least_pages);
	if (mover->most_pages != mover->least_pages)
		out(output, COLOUR_NONE, " to %llu", (unsigned long long)mover->most_pages);
	out(output, COLOUR_NONE, " page%s, %zu place%s, %zu move%s", plural(mover->most_pages),
	    mover->n_places, plural(mover->n_places), mover->n_moves, plural(mover->n_moves));
	if (mover->n_boots < series->n_boots)
		out(output, COLOUR_NONE, ", in %zu of %zu boots", mover->n_boots, series->n_boots);
	if (*mover->owner != '\0')
		out(output, COLOUR_BLUE, "\n              %s", mover->owner);
	out(output, COLOUR_NONE, "\n");
}

static void print_movers(const struct output *output, const struct series *series)
{
	if (series->n_movers == 0)
		return;
	out(output, COLOUR_BOLD, "\nWhat moves: %zu (RAM gives way)\n", series->n_movers);
	for (size_t i = 0; i < series->n_movers && i < MOST_ROWS; i++)
		print_mover(output, series, &series->movers[i]);
	if (series->n_movers > MOST_ROWS)
		out(output, COLOUR_DIM, "  ... and %zu more\n", series->n_movers - MOST_ROWS);
}

static void print_stable(const struct output *output, const struct series *series)
{
	if (series->n_maps == 1 || series->n_stable == 0)
		return;
	out(output, COLOUR_BOLD, "\nWhat stays: %zu range%s that all boots have\n",
	    series->n_stable, plural(series->n_stable));
	for (size_t i = 0; i < series->n_stable && i < MOST_ROWS; i++) {
		const struct e820_range *range = &series->stable[i];
		char type[TYPE_TEXT_BYTES], text[RANGE_TEXT_BYTES];

		out(output, COLOUR_DIM, "  %-10s  %s\n", type_text(type, range->type),
		    range_text(text, range->start_paddr, range->end_paddr));
	}
	if (series->n_stable > MOST_ROWS)
		out(output, COLOUR_DIM, "  ... and %zu more\n", series->n_stable - MOST_ROWS);
}

static void print_conditions(const struct output *output, const struct series *series)
{
	if (series->n_maps == 1)
		return;
	out(output, COLOUR_BOLD, "\nWhich condition goes with which map\n");
	for (size_t i = 0; i < series->n_conditions && i < MOST_ROWS; i++) {
		const struct series_condition *condition = &series->conditions[i];

		out(output, condition->decides ? COLOUR_YELLOW : COLOUR_DIM, "  %s  %s\n",
		    condition->decides ? "decides  " : "goes with", condition->text);
	}
	if (series->n_conditions == 0)
		out(output, COLOUR_NONE,
		    "  None of those that the files name. Label the captures (label = docked) and "
		    "take some more.\n");
}

void series_print(const struct output *output, const struct series *series)
{
	if (series->n_boots > 0) {
		print_verdict(output, series);
		print_maps(output, series);
		print_boots(output, series);
		print_movers(output, series);
		print_stable(output, series);
		print_conditions(output, series);
	}
	for (size_t i = 0; i < series->n_skipped && i < MOST_ROWS; i++)
		out(output, COLOUR_YELLOW, "%sskipped: %s\n", i == 0 ? "\n" : "",
		    series->skipped[i]);
	if (series->n_skipped > MOST_ROWS)
		out(output, COLOUR_DIM, "... and %zu more skipped\n",
		    series->n_skipped - MOST_ROWS);
}

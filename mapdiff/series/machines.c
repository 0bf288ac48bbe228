/* machines.c - boots -> the machines that they are of: see machines.h. */
#include "mapdiff/series/machines.h"

#include <string.h>

#include "mapdiff/base/intern.h"
#include "mapdiff/base/memory.h"
#include "mapdiff/diff/facts.h"

#define MOST_COMPARED 256 /* names that are looked for in each other */

static const char *machine_of(const struct series_boot *boot)
{
	const char *machine = record_fact(boot->side->record, FACT_MACHINE);

	return machine != NULL ? machine : "";
}

static const char *name_at(const struct intern *names, size_t number)
{
	return names->entries[number].bytes;
}

/* The only other name that says the same in more words; else @index itself. */
static size_t longer_name(const struct intern *names, size_t index)
{
	const char *name = name_at(names, index);
	size_t found = index;

	for (size_t i = 0; names->n_entries <= MOST_COMPARED && i < names->n_entries; i++) {
		if (strlen(name_at(names, i)) <= strlen(name) ||
		    !facts_are_one_name(name_at(names, i), name))
			continue;
		if (found != index)
			return index;
		found = i;
	}
	return found;
}

/* Of each name, the one that is meant. */
static size_t *meant_names(const struct intern *names)
{
	size_t *meant = memory_alloc(names->n_entries, sizeof *meant), nameless = INTERN_NONE;
	size_t n_machines = 0, machine = 0;

	for (size_t i = 0; i < names->n_entries; i++) {
		size_t longer = i;

		if (*name_at(names, i) == '\0') {
			nameless = meant[i] = i;
			continue;
		}
		do {
			meant[i] = longer;
			longer = longer_name(names, meant[i]);
		} while (longer != meant[i]);
		if (meant[i] == i) {
			machine = i;
			n_machines++;
		}
	}
	if (nameless != INTERN_NONE && n_machines == 1)
		meant[nameless] = machine;
	return meant;
}

void machines_sort(const struct series_boot *boots, size_t n_boots, struct series_report *report)
{
	struct intern names = { 0 };
	size_t *numbers = memory_alloc(n_boots, sizeof *numbers);
	size_t *meant, *places; /* of each name: in report->machines, + 1 */

	for (size_t i = 0; i < n_boots; i++)
		numbers[i] = intern_text(&names, machine_of(&boots[i]));
	meant = meant_names(&names);
	places = memory_alloc(names.n_entries, sizeof *places);
	for (size_t i = 0; i < n_boots; i++) {
		size_t name = meant[numbers[i]];

		if (places[name] == 0) {
			*MEMORY_ADD(report, machines) =
				(struct series){ .machine = name_at(&names, name) };
			places[name] = report->n_machines;
		}
		*MEMORY_ADD(&report->machines[places[name] - 1], boots) = boots[i];
	}
}

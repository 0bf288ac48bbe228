/* machines.c - boots -> the machines that they are of: see machines.h. */
#include "mapdiff/series/machines.h"

#include <string.h>

#include "mapdiff/base/hash.h"
#include "mapdiff/base/memory.h"
#include "mapdiff/diff/facts.h"

#define MOST_COMPARED 256 /* names that are looked for in each other */

/* The names that there are, each once. */
struct names {
	const char **list;
	size_t n_list, list_capacity;
	struct hash table;
};

struct name_question {
	const struct names *names;
	const char *name;
};

static bool is_name(const void *context, size_t index)
{
	const struct name_question *question = context;

	return strcmp(question->names->list[index], question->name) == 0;
}

/* The number of @name; "" is one too. */
static size_t number_of(struct names *names, const char *name)
{
	const struct name_question question = { names, name };
	size_t index = hash_find_or_put(&names->table, hash_of_text(name), is_name, &question,
	                                names->n_list);

	if (index != HASH_NONE)
		return index;
	*MEMORY_ADD(names, list) = name;
	return names->n_list - 1;
}

static const char *machine_of(const struct series_boot *boot)
{
	const char *machine = record_fact(boot->side->record, FACT_MACHINE);

	return machine != NULL ? machine : "";
}

/* The only other name that says the same in more words; else @index itself. */
static size_t longer_name(const struct names *names, size_t index)
{
	const char *name = names->list[index];
	size_t found = index;

	for (size_t i = 0; names->n_list <= MOST_COMPARED && i < names->n_list; i++) {
		if (strlen(names->list[i]) <= strlen(name) ||
		    !facts_are_one_name(names->list[i], name))
			continue;
		if (found != index)
			return index;
		found = i;
	}
	return found;
}

/* Of each name, the one that is meant. */
static size_t *meant_names(const struct names *names)
{
	size_t *meant = memory_alloc(names->n_list, sizeof *meant), nameless = HASH_NONE;
	size_t n_machines = 0, machine = 0;

	for (size_t i = 0; i < names->n_list; i++) {
		size_t longer = i;

		if (*names->list[i] == '\0') {
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
	if (nameless != HASH_NONE && n_machines == 1)
		meant[nameless] = machine;
	return meant;
}

void machines_sort(const struct series_boot *boots, size_t n_boots, struct series_report *report)
{
	struct names names = { 0 };
	size_t *numbers = memory_alloc(n_boots, sizeof *numbers);
	size_t *meant, *places; /* of each name: in report->machines, + 1 */

	for (size_t i = 0; i < n_boots; i++)
		numbers[i] = number_of(&names, machine_of(&boots[i]));
	meant = meant_names(&names);
	places = memory_alloc(names.n_list, sizeof *places);
	for (size_t i = 0; i < n_boots; i++) {
		size_t name = meant[numbers[i]];

		if (places[name] == 0) {
			*MEMORY_ADD(report, machines) =
				(struct series){ .machine = names.list[name] };
			places[name] = report->n_machines;
		}
		*MEMORY_ADD(&report->machines[places[name] - 1], boots) = boots[i];
	}
}

/* gate.c - a series of boots -> pass, or not: see gate.h. */
#include "mapdiff/gate/gate.h"

#include "bootmem/count.h"
#include "mapdiff/base/map.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/lint/lint.h"
#include "mapdiff/record/start.h"

const char *const gate_bins_names[] = {
	[BINS_UNKNOWN] = "unknown",
	[BINS_HONOURED] = "honoured",
	[BINS_BROKEN] = "broken",
};
_Static_assert(COUNT(gate_bins_names) == BINS_COUNT, "a state of bins has no name");

const char *gate_obstacle(const struct record *first, const struct record *record)
{
	if (record->n_faults > 0)
		return "its map is damaged";
	if (record->e820_view == VIEW_HOLES)
		return "it tells of RAM alone";
	if (record->e820_view == VIEW_NONE && start_uefi_gap(record) != NULL)
		return start_uefi_gap(record);
	return record->e820_view == first->e820_view
	               ? NULL
	               : "its map is of another kind than that of the first";
}

static void add_text(struct gate_boot *boot, const char *text)
{
	*MEMORY_ADD(boot, texts) = text;
}

/* By the rules of lint about a bin that is not there as it was asked for. That pages lie outside
 * of one is none of these: if they move, the maps differ. */
static void judge_bins(const struct record *record, struct gate_boot *boot)
{
	const struct lint_options options = { .n_disabled = 0 };
	struct findings findings;

	lint_record(record, &options, &findings);
	MEMORY_EACH(row, &findings, rules)
		if (row->rule->bin != BIN_FITS && row->why_not == NULL)
			boot->bins = BINS_HONOURED;
	MEMORY_EACH(finding, &findings, entries) {
		if (finding->rule->bin != BIN_OVERFLOWED && finding->rule->bin != BIN_UNUSED)
			continue;
		boot->bins = BINS_BROKEN;
		MEMORY_EACH(place, finding, places)
			add_text(boot, memory_printf("%s: %s", finding->rule->title, place->text));
	}
}

static void add_boot(const struct series *series, const struct series_boot *from,
                     const struct gate_boot *first, const struct e820_map *e820, struct gate *gate)
{
	struct gate_boot *boot = MEMORY_ADD(gate, boots);

	*boot = (struct gate_boot){
		.name = from->name,
		.machine = series->machine,
		.crc32 = from->side->crc32,
		.is_same = map_is_same(e820, &from->side->e820),
	};
	if (!boot->is_same)
		add_text(boot, memory_printf("the e820 map is not that of %s", first->name));
	judge_bins(from->side->record, boot);
	gate->is_equal &= boot->is_same;
	gate->bins = (enum gate_bins)max_u64(gate->bins, boot->bins);
}

void gate_make(const struct series_report *report, struct gate *ret_gate)
{
	const struct series_boot *first = &report->machines[0].boots[0];
	const struct gate_boot named = { .name = first->name };

	*ret_gate = (struct gate){ .is_equal = true };
	MEMORY_EACH(series, report, machines)
		MEMORY_EACH(boot, series, boots)
			add_boot(series, boot, &named, &first->side->e820, ret_gate);
	ret_gate->is_passed = ret_gate->is_equal && ret_gate->bins != BINS_BROKEN;
}

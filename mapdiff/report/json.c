/*
 * json.c - reports -> JSON: see json.h, and report.schema.json for what each member is.
 *
 * One function for each structure, from the small ones to the reports; members that a reader can do
 * without are left out where they are empty.
 */
#include "mapdiff/report/json.h"

#include "handoff/version.h"
#include "mapdiff/base/memory.h"
#include "mapdiff/diff/causes.h"
#include "mapdiff/diff/diff.h"
#include "mapdiff/diff/owners.h"
#include "mapdiff/diff/resume.h"
#include "mapdiff/diff/tables.h"
#include "mapdiff/lint/lint.h"
#include "mapdiff/map/fate.h"
#include "mapdiff/map/rules.h"
#include "mapdiff/report/change_words.h"
#include "mapdiff/series/result.h"

/* --- values --- */

/* Logs are bytes; JSON is UTF-8. A text that is not has `?' for each byte beyond ASCII. */
static json_t *text_json(const char *text)
{
	json_t *json = json_string(text);
	char *copy;

	if (json != NULL)
		return json;
	copy = memory_copy(text);
	for (char *c = copy; *c != '\0'; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	return json_string(copy);
}

/* Sizes and counts of hostile maps may be beyond what JSON's readers take. */
static json_t *count_json(uint64_t n)
{
	return json_integer((json_int_t)min_u64(n, INT64_MAX));
}

static json_t *hex_json(uint64_t value)
{
	return json_sprintf("0x%" PRIx64, value);
}

/* A checksum: 8 digits always. */
static json_t *crc32_json(uint32_t crc32)
{
	return json_sprintf("0x%08" PRIx32, crc32);
}

static json_t *counts_json(uint64_t first, uint64_t second)
{
	return json_pack("[o, o]", count_json(first), count_json(second));
}

static json_t *known(bool is_known, json_t *value)
{
	return is_known ? value : json_null();
}

/* --- objects --- */

struct member {
	const char *key;
	json_t *value;
};

static struct member member(const char *key, json_t *value)
{
	return (struct member){ key, value };
}

static struct member count(const char *key, uint64_t n)
{
	return member(key, count_json(n));
}

static struct member counts(const char *key, uint64_t first, uint64_t second)
{
	return member(key, counts_json(first, second));
}

static struct member hex(const char *key, uint64_t value)
{
	return member(key, hex_json(value));
}

static struct member flag(const char *key, bool flag)
{
	return member(key, json_boolean(flag));
}

/* NULL: null. */
static struct member text(const char *key, const char *text)
{
	return member(key, text != NULL ? text_json(text) : json_null());
}

static json_t *add(json_t *json, const struct member *members)
{
	for (; members->key != NULL; members++)
		json_object_set_new(json, members->key, members->value);
	return json;
}

/* @json, an object, with these members at its end; and a new object of them. */
#define ADD(json, ...) add(json, (const struct member[]){ __VA_ARGS__, { NULL, NULL } })
#define OBJECT(...)    ADD(json_object(), __VA_ARGS__)

/* One more member of @json: a list of what @item_json is for each @item of the list @name of
 * *owner, fields NAME and n_NAME. */
#define ADD_LIST(json, key, owner, name, item, item_json)                          \
	do {                                                                       \
		json_t *list_ = json_array();                                      \
		for (size_t i_ = 0; i_ < (owner)->n_##name; i_++) {                \
			__typeof__((owner)->name) const item = &(owner)->name[i_]; \
			json_array_append_new(list_, item_json);                   \
		}                                                                  \
		json_object_set_new(json, key, list_);                             \
	} while (false)

/* --- maps --- */

static json_t *range_json(paddr_t start_paddr, paddr_t end_paddr)
{
	return OBJECT(hex("start", start_paddr), hex("end", end_paddr));
}

/* With its owners, unless it is RAM, as far as @record tells, which may be NULL. Null if empty. */
static json_t *e820_range_json(const struct e820_range *range, const struct record *record)
{
	struct owner owner = { .n_names = 0 };
	json_t *json;

	if (e820_is_empty(range))
		return json_null();
	json = ADD(range_json(range->start_paddr, range->end_paddr), count("type", range->type));
	if (record != NULL && range->type != E820_RAM)
		owner = owner_of_range(record, range->start_paddr, range->end_paddr);
	return owner.n_names > 0 ? ADD(json, text("owner", owner_text(&owner))) : json;
}

static json_t *add_e820(json_t *json, const struct e820_map *map, const struct record *record)
{
	ADD_LIST(json, "e820", map, ranges, range, e820_range_json(range, record));
	return json;
}

/* The end of a descriptor that wraps is what is left of it modulo 2^64: see pages. */
static json_t *descriptor_json(const struct uefi_descriptor *descriptor, enum rules rules)
{
	paddr_t start_paddr = descriptor->start_paddr;
	uint32_t e820_type = rules_e820_type(rules, descriptor);

	return ADD(range_json(start_paddr, start_paddr + (descriptor->n_pages << PAGE_SHIFT)),
	           count("type", descriptor->type), hex("attribute", descriptor->attribute),
	           count("pages", descriptor->n_pages),
	           text("name", uefi_type_name(descriptor->type)),
	           member("e820", known(e820_type != E820_NONE, count_json(e820_type))));
}

static void add_uefi(json_t *json, const struct record *record, enum rules rules)
{
	ADD_LIST(json, "uefi", record, uefi, descriptor, descriptor_json(descriptor, rules));
}

static json_t *reservation_json(const struct reservation *reservation)
{
	static const char *const lifetimes[] = {
		[LIFETIME_FOREVER] = "forever",
		[LIFETIME_BOOT] = "boot",
		[LIFETIME_ACPI] = "acpi",
	};
	bool is_linux = reservation->origin == ORIGIN_LINUX;

	return ADD(range_json(reservation->start_paddr, reservation->end_paddr),
	           text("owner", reservation->owner), text("reason", reservation->reason),
	           text("origin", is_linux ? "linux" : "extension"),
	           text("lifetime", lifetimes[reservation->lifetime % 3]),
	           count("kind", reservation->kind));
}

/* What became of which pages. The reservation that took them is given by its place in the list. */
static json_t *run_json(const struct view_run *run, const struct view_target *target)
{
	json_t *reservation = json_null();

	if (run->reservation != NULL)
		reservation = count_json((uint64_t)(run->reservation - target->reservations));
	return ADD(range_json(pfn_paddr(run->start_pfn), pfn_paddr(run->end_pfn)),
	           text("fate", fate_names[run->fate]), member("reservation", reservation));
}

static json_t *ledger_row_json(const struct ledger_row *row)
{
	return OBJECT(text("what", row->what), count("bytes", row->bytes));
}

static json_t *target_json(const struct view_target *target)
{
	json_t *json =
		OBJECT(count("max_pfn", target->max_pfn), count("max_low_pfn", target->max_low_pfn),
	               count("free_pages", target->free_pages));

	ADD_LIST(json, "free", target, free, run, counts_json(run->start_pfn, run->end_pfn));
	ADD_LIST(json, "reserved", target, reservations, one, reservation_json(one));
	ADD_LIST(json, "runs", target, runs, run, run_json(run, target));
	ADD_LIST(json, "ledger", target, ledger, row, ledger_row_json(row));
	ADD(json, flag("recorded", target->is_recorded));
	return target->failure != NULL ? ADD(json, text("failure", target->failure)) : json;
}

/* Nothing where there is no view. */
static json_t *targets_json(const struct view *view)
{
	json_t *json = json_object();

	for (size_t i = 0; i < RECORD_TARGETS && view != NULL; i++)
		if (view->targets[i].is_shown)
			ADD(json, member(record_target_names[i], target_json(&view->targets[i])));
	return json;
}

/* --- what is known of a boot --- */

static json_t *facts_json(const struct record *record)
{
	json_t *json = json_object();

	for (size_t i = 0; i < record->n_facts; i++)
		ADD(json, text(json_string_value(text_json(record->facts[i].key)),
		               record->facts[i].value));
	return json;
}

static json_t *landmark_json(const struct landmark *landmark)
{
	static const char *const kinds[] = {
		[LANDMARK_CONFIG_TABLE] = "configuration table",
		[LANDMARK_ACPI] = "ACPI table",
		[LANDMARK_SMBIOS] = "SMBIOS",
		[LANDMARK_FRAMEBUFFER] = "framebuffer",
		[LANDMARK_KERNEL] = "kernel",
		[LANDMARK_INITRD] = "initrd",
		[LANDMARK_FOOTPRINT] = "footprint",
		[LANDMARK_STUB] = "EFI stub",
		[LANDMARK_DEVICE] = "device",
	};

	return ADD(range_json(landmark->start_paddr, landmark->end_paddr),
	           text("kind", kinds[landmark->kind]), text("name", landmark->name));
}

/* NULL: null. */
static json_t *acpi_json(const struct record_acpi *table)
{
	if (table == NULL)
		return json_null();
	return OBJECT(text("signature", table->signature), hex("address", table->paddr),
	              count("bytes", table->length_bytes), count("revision", table->revision),
	              text("identity", table->identity != NULL ? table->identity : ""),
	              member("crc32", known(table->has_crc32, crc32_json(table->crc32))));
}

static json_t *record_json(const struct record *record)
{
	json_t *json = OBJECT(text("name", record->name),
	                      text("source", record_source_name(record->source)),
	                      count("boot", record->boot), count("boots", record->n_boots),
	                      member("facts", facts_json(record)));

	ADD_LIST(json, "faults", record, faults, fault,
	         OBJECT(count("line", fault->line), text("text", fault->what)));
	ADD_LIST(json, "landmarks", record, landmarks, landmark, landmark_json(landmark));
	ADD_LIST(json, "acpi", record, acpi, table, acpi_json(table));
	ADD_LIST(json, "bins", record, bins, bin,
	         OBJECT(count("type", bin->type), text("name", uefi_type_name(bin->type)),
	                count("pages", bin->n_pages)));
	return json;
}

/* --- reports --- */

static void *allocate(size_t bytes)
{
	return memory_alloc(1, bytes);
}

/* What all reports start with. From here on jansson's memory is ours, and cannot run out. */
static json_t *report_json(const char *kind)
{
	json_set_alloc_funcs(allocate, memory_give_back);
	return OBJECT(text("report", kind), text("program", "mapdiff " BOOTMEM_VERSION));
}

static json_t *view_report_json(const struct view *view, const char *kind)
{
	const struct uefi_faults *faults = &view->faults;
	json_t *json = report_json(kind);

	ADD(json, member("boot", record_json(view->record)),
	    text("rules", rules_names[view->options.rules]), text("policy", view->policy),
	    member("kernel", ADD(range_json(view->kernel.start_paddr, view->kernel.end_paddr),
	                         flag("assumed", view->is_kernel_assumed))));
	add_uefi(json, view->record, view->options.rules);
	ADD(json,
	    member("map_faults",
	           OBJECT(count("zero_pages", faults->n_zero_pages),
	                  count("wraps", faults->n_wraps), count("unaligned", faults->n_unaligned),
	                  count("out_of_order", faults->n_out_of_order),
	                  count("unknown_types", faults->n_unknown_types),
	                  count("ram_not_wb", faults->n_ram_not_wb),
	                  count("ram_runtime", faults->n_ram_runtime),
	                  count("runtime_unflagged", faults->n_runtime_unflagged),
	                  count("overlaps", view->n_overlaps))));
	add_e820(json, &view->e820, view->record);
	ADD(json, flag("e820_computed", view->is_e820_computed),
	    member("e820_crc32", crc32_json(view->e820_crc32)),
	    member("e820_ram_crc32", crc32_json(view->e820_ram_crc32)),
	    member("targets", targets_json(view)),
	    member("installed_bytes",
	           known(view->has_installed, count_json(view->installed_bytes))));
	ADD_LIST(json, "ledger", view, ledger, row, ledger_row_json(row));
	ADD(json, count("cut_bytes", view->cut_bytes),
	    text("other_rules", rules_names[view->other_rules]));
	/* Where bootmem's translation differs from Linux's on this map, and why. */
	ADD_LIST(json, "rules_differences", view, differences, row,
	         OBJECT(text("reason", row->reason), count("descriptors", row->n_descriptors),
	                count("bytes", row->bytes)));
	return json;
}

json_t *json_of_view(const void *result)
{
	const struct view *view = result;

	return view_report_json(view, view->options.is_translated ? "translate" : "show");
}

json_t *json_of_explanation(const void *result)
{
	const struct explanation *explanation = result;
	json_t *json = view_report_json(explanation->view, "explain");

	ADD(json, hex("address", explanation->paddr));
	ADD_LIST(json, "steps", explanation, steps, step,
	         OBJECT(text("stage", step->stage), text("text", step->text),
	                flag("decisive", step->is_decisive)));
	return json;
}

/* --- a step between two boots --- */

static json_t *change_json(const struct diff_change *entry)
{
	const struct change *change = &entry->change;

	return OBJECT(text("kind", change_kind_name(change->kind)),
	              member("before", e820_range_json(&change->before, NULL)),
	              member("after", e820_range_json(&change->after, NULL)),
	              count("pages", change->n_pages), text("amount", words_of_amount(change)),
	              text("owner", owner_text(&entry->owner)),
	              text("cause", cause_names[entry->cause]),
	              text("meaning", words_of_meaning(entry->what, entry->so, entry->advice)),
	              flag("consequence", change->is_consequence));
}

/* Null for a map that Linux does not compare. */
static struct member crc32s(const char *key, const struct resume *resume, const uint32_t crc32[2])
{
	return member(key, json_pack("[o, o]", known(resume->has_crc32[0], crc32_json(crc32[0])),
	                             known(resume->has_crc32[1], crc32_json(crc32[1]))));
}

static json_t *resume_json(const struct resume *resume)
{
	json_t *json = OBJECT(text("verdict", verdict_names[resume->verdict]),
	                      crc32s("e820_crc32", resume, resume->crc32),
	                      text("ram_only", verdict_names[resume->ram_only]),
	                      crc32s("ram_crc32", resume, resume->ram_crc32));

	ADD_LIST(json, "reasons", resume, reasons, reason, text_json(reason->text));
	ADD_LIST(json, "reason_verdicts", resume, reasons, reason,
	         text_json(verdict_names[reason->verdict]));
	return json;
}

/* What a diff, and each step of a series, says of two boots. */
static json_t *add_step(json_t *json, const struct diff *diff)
{
	ADD(json, flag("different", diff_is_different(diff)),
	    member("resume", resume_json(&diff->resume)));
	ADD_LIST(json, "changes", diff, changes, change, change_json(change));
	ADD(json, text("cause", cause_names[diff->cause]), text("because", diff->cause_text));
	ADD_LIST(json, "causes", diff, causes, cause,
	         OBJECT(text("cause", cause_names[cause->cause]), text("text", cause->text)));
	ADD_LIST(json, "conditions", diff, facts, fact,
	         OBJECT(text("key", fact->key), text("before", fact->before),
	                text("after", fact->after)));
	return json;
}

/* One side of a diff: what is known of the boot, and its maps. */
static json_t *side_json(const struct diff_side *side, const struct view *view)
{
	json_t *json = record_json(side->record);

	ADD(json, flag("e820_recorded", side->is_e820_recorded));
	add_e820(json, &side->e820, side->record);
	add_uefi(json, side->record, RULES_BOOTMEM);
	return ADD(json, count("ram_bytes", side->ram_bytes),
	           member("targets", targets_json(view)));
}

json_t *json_of_diff(const void *result)
{
	const struct diff *diff = result;
	json_t *json = report_json("diff");

	ADD(json, member("boots", json_pack("[o, o]", side_json(diff->sides[0], diff->views[0]),
	                                    side_json(diff->sides[1], diff->views[1]))));
	add_step(json, diff);
	ADD(json, flag("footprint_subtracted", diff->subtracts_footprint));
	ADD_LIST(json, "tables", diff, tables, table,
	         OBJECT(member("before", acpi_json(table->before)),
	                member("after", acpi_json(table->after)), text("what", table_text(table))));
	if (diff->has_uefi)
		ADD_LIST(json, "uefi", diff, uefi, row,
		         OBJECT(count("type", row->type), text("name", uefi_type_name(row->type)),
		                counts("descriptors", row->n_descriptors[0], row->n_descriptors[1]),
		                counts("pages", row->n_pages[0], row->n_pages[1]),
		                counts("footprint_pages", row->footprint_pages[0],
		                       row->footprint_pages[1]),
		                flag("visible", row->is_visible)));
	else
		ADD(json, member("uefi", json_null()));
	return json;
}

/* --- a check, findings --- */

static json_t *check_rule_json(const struct check_rule *rule)
{
	json_t *json = OBJECT(text("rules", rules_names[rule->rules]),
	                      text("text", rules_texts[rule->rules]), flag("exact", rule->is_exact),
	                      count("different_bytes", rule->different_bytes));

	ADD_LIST(json, "differences", rule, differences, row,
	         ADD(range_json(row->start_paddr, row->end_paddr),
	             count("expected", row->expected_type), count("found", row->found_type),
	             member("uefi",
	                    known(row->uefi_type != UINT32_MAX, count_json(row->uefi_type)))));
	return json;
}

/* A report of one boot and its maps: that of UEFI as @rules translate it. */
static json_t *boot_report_json(const char *kind, const struct record *record, enum rules rules)
{
	json_t *json = report_json(kind);

	ADD(json, member("boot", record_json(record)));
	add_uefi(json, record, rules);
	return add_e820(json, &record->e820, record);
}

json_t *json_of_check(const void *result)
{
	const struct check *check = result;
	json_t *json = boot_report_json("check", check->record, check->rules[0].rules);
	json_t *rules = json_array();

	for (size_t i = 0; i < RULES_COUNT; i++)
		json_array_append_new(rules, check_rule_json(&check->rules[i]));
	return ADD(json, flag("ambiguous", check->is_ambiguous), member("rules", rules));
}

static json_t *finding_json(const struct finding *finding)
{
	bool has_range = finding->start_paddr < finding->end_paddr;

	return OBJECT(text("rule", finding->rule->id),
	              text("severity", severity_names[finding->rule->severity]),
	              member("start", known(has_range, hex_json(finding->start_paddr))),
	              member("end", known(has_range, hex_json(finding->end_paddr))),
	              text("text", finding->text), text("title", finding->rule->title),
	              text("explanation", finding->rule->explanation),
	              text("reference", finding->rule->reference));
}

json_t *json_of_lint(const void *result)
{
	const struct findings *findings = result;
	json_t *json = boot_report_json("lint", findings->record, RULES_LINUX);

	ADD_LIST(json, "findings", findings, entries, finding, finding_json(finding));
	return json;
}

/* --- a series --- */

static json_t *series_map_json(const struct series_map *map)
{
	json_t *json = OBJECT(member("e820_crc32", crc32_json(map->crc32)),
	                      count("boots", map->n_boots), count("first_boot", map->first_boot));

	return add_e820(json, map->e820, NULL);
}

static json_t *step_json(const struct diff *diff, size_t index)
{
	return add_step(OBJECT(count("from", index), count("to", index + 1)), diff);
}

static json_t *mover_json(const struct series_mover *mover)
{
	return OBJECT(count("type", mover->type), count("other_type", mover->other_type),
	              text("owner", owner_text(mover->owner)), count("boots", mover->n_boots),
	              count("places", mover->n_places), count("moves", mover->n_steps),
	              hex("lowest", mover->lowest_paddr), hex("highest", mover->highest_paddr),
	              counts("pages", mover->least_pages, mover->most_pages),
	              flag("with_previous", mover->is_with_previous),
	              text("cause", cause_names[mover->cause]), text("because", mover->because),
	              text("meaning", words_of_meaning(mover->what, "", mover->advice)));
}

/* The series of one machine. */
static json_t *add_series(json_t *json, const struct series *series)
{
	ADD(json, text("machine", series->machine));
	ADD_LIST(json, "boots", series, boots, boot,
	         OBJECT(text("name", boot->name), text("time", boot->time),
	                text("label", boot->label),
	                member("e820_crc32", crc32_json(boot->side->crc32)),
	                count("map", boot->map)));
	ADD_LIST(json, "maps", series, maps, map, series_map_json(map));
	ADD_LIST(json, "steps", series, steps, diff,
	         step_json(diff, (size_t)(diff - series->steps)));
	ADD_LIST(json, "movers", series, movers, mover, mover_json(mover));
	ADD_LIST(json, "stable", series, stable, range, e820_range_json(range, NULL));
	ADD_LIST(json, "conditions", series, conditions, condition,
	         OBJECT(text("key", condition->key), count("values", condition->n_values),
	                flag("decides", condition->decides), text("text", condition->text)));
	ADD_LIST(json, "links", series, links, link,
	         OBJECT(count("mover", link->mover), text("key", link->key),
	                counts("changed", link->n_changed_moved, link->n_changed),
	                counts("kept", link->n_kept_moved, link->n_kept)));
	return ADD(json, text("order", series->is_by_time ? "time" : "files"),
	           counts("same_pairs", series->n_same_pairs, series->n_pairs),
	           count("same_as_previous", series->n_steps - series->n_different_steps));
}

/* The series of one machine is the report itself; those of several are a list in it. */
json_t *json_of_series(const void *result)
{
	const struct series_report *report = result;
	json_t *json = report_json("series");

	ADD(json, count("machines", report->n_machines));
	if (report->n_machines == 1)
		add_series(json, &report->machines[0]);
	else
		ADD_LIST(json, "series", report, machines, series,
		         add_series(json_object(), series));
	ADD_LIST(json, "left_out", report, left_out, line, text_json(*line));
	ADD_LIST(json, "skipped", report, skipped, line, text_json(*line));
	return json;
}

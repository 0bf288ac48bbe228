/*
 * json.c - reports -> JSON: see json.h, and report.schema.json for what each member is.
 *
 * One function for each structure, from the small ones to the reports. All take and give what they
 * are named after; members that a reader can do without are left out where they are empty.
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
#include "mapdiff/map/result.h"
#include "mapdiff/report/change_words.h"
#include "mapdiff/map/fate.h"
#include "mapdiff/map/rules.h"
#include "mapdiff/report/output.h"
#include "mapdiff/series/result.h"

/* --- values --- */

static void *allocate(size_t bytes)
{
	return memory_alloc(1, bytes);
}

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

static json_t *text_or_null(const char *text)
{
	return text != NULL ? text_json(text) : json_null();
}

static json_t *hex_json(uint64_t value)
{
	return json_sprintf("0x%" PRIx64, value);
}

/* A checksum: 8 digits always, or null where it is not known. */
static json_t *crc32_json(bool is_known, uint32_t crc32)
{
	return is_known ? json_sprintf("0x%08" PRIx32, crc32) : json_null();
}

/* Sizes and counts of hostile maps may be beyond what JSON's readers take. */
static json_t *count_json(uint64_t n)
{
	return json_integer((json_int_t)min_u64(n, INT64_MAX));
}

static json_t *range_json(paddr_t start_paddr, paddr_t end_paddr, uint32_t type)
{
	return json_pack("{s:o, s:o, s:o}", "start", hex_json(start_paddr), "end",
	                 hex_json(end_paddr), "type", count_json(type));
}

/* --- maps --- */

/* With the owners of what is not RAM, as far as @record tells; it may be NULL. */
static json_t *e820_json(const struct e820_map *map, const struct record *record)
{
	json_t *list = json_array();

	for (size_t i = 0; i < map->n_ranges; i++) {
		const struct e820_range *range = &map->ranges[i];
		json_t *json = range_json(range->start_paddr, range->end_paddr, range->type);

		if (record != NULL && range->type != E820_RAM) {
			const struct owner owner =
				owner_of_range(record, range->start_paddr, range->end_paddr);

			if (owner.n_names > 0)
				json_object_set_new(json, "owner", text_json(owner_text(&owner)));
		}
		json_array_append_new(list, json);
	}
	return list;
}

/* The end of a descriptor that wraps is what is left of it modulo 2^64: see pages. */
static json_t *uefi_json(const struct record *record, enum rules rules)
{
	json_t *list = json_array();

	for (size_t i = 0; i < record->n_uefi; i++) {
		const struct uefi_descriptor *descriptor = &record->uefi[i];
		paddr_t start_paddr = descriptor->start_paddr;
		uint32_t e820_type = rules_e820_type(rules, descriptor);
		json_t *json =
			range_json(start_paddr, start_paddr + (descriptor->n_pages << PAGE_SHIFT),
		                   descriptor->type);

		json_object_set_new(json, "attribute", hex_json(descriptor->attribute));
		json_object_set_new(json, "pages", count_json(descriptor->n_pages));
		json_object_set_new(json, "name", text_json(uefi_type_name(descriptor->type)));
		json_object_set_new(json, "e820",
		                    e820_type != E820_NONE ? count_json(e820_type) : json_null());
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *free_json(const struct record_run *runs, size_t n_runs)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n_runs; i++)
		json_array_append_new(list, json_pack("[o, o]", count_json(runs[i].start_pfn),
		                                      count_json(runs[i].end_pfn)));
	return list;
}

static json_t *reservation_json(const struct reservation *reservation)
{
	static const char *const lifetimes[] = {
		[LIFETIME_FOREVER] = "forever",
		[LIFETIME_BOOT] = "boot",
		[LIFETIME_ACPI] = "acpi",
	};

	return json_pack("{s:o, s:o, s:o, s:o, s:s, s:s, s:i}", "start",
	                 hex_json(reservation->start_paddr), "end",
	                 hex_json(reservation->end_paddr), "owner", text_json(reservation->owner),
	                 "reason", text_json(reservation->reason), "origin",
	                 reservation->origin == ORIGIN_LINUX ? "linux" : "extension", "lifetime",
	                 lifetimes[reservation->lifetime % 3], "kind", (int)reservation->kind);
}

/* What became of which pages. The reservation that took them is given by its place in the list. */
static json_t *runs_json(const struct view_target *target)
{
	json_t *list = json_array();

	for (size_t i = 0; i < target->n_runs; i++) {
		const struct view_run *run = &target->runs[i];

		json_array_append_new(
			list, json_pack("{s:o, s:o, s:s, s:o}", "start",
		                        hex_json(pfn_paddr(run->start_pfn)), "end",
		                        hex_json(pfn_paddr(run->end_pfn)), "fate",
		                        fate_names[run->fate], "reservation",
		                        run->reservation != NULL
		                                ? count_json((uint64_t)(run->reservation -
		                                                        target->reservations))
		                                : json_null()));
	}
	return list;
}

static json_t *ledger_json(const struct ledger_row *rows, size_t n_rows)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n_rows; i++)
		json_array_append_new(list, json_pack("{s:s, s:o}", "what", rows[i].what, "bytes",
		                                      count_json(rows[i].bytes)));
	return list;
}

static json_t *target_json(const struct view_target *target)
{
	json_t *reserved = json_array();
	json_t *json;

	for (size_t i = 0; i < target->n_reservations; i++)
		json_array_append_new(reserved, reservation_json(&target->reservations[i]));
	json = json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "max_pfn", count_json(target->max_pfn),
		"max_low_pfn", count_json(target->max_low_pfn), "free_pages",
		count_json(target->free_pages), "free", free_json(target->free, target->n_free),
		"reserved", reserved, "runs", runs_json(target), "ledger",
		ledger_json(target->ledger, target->n_ledger), "recorded", target->is_recorded);
	if (target->failure != NULL)
		json_object_set_new(json, "failure", text_json(target->failure));
	return json;
}

static json_t *targets_json(const struct view *view)
{
	json_t *json = json_object();

	for (size_t i = 0; i < RECORD_TARGETS; i++)
		if (view->targets[i].is_shown)
			json_object_set_new(json, record_target_names[i],
			                    target_json(&view->targets[i]));
	return json;
}

/* --- what is known of a boot --- */

static json_t *facts_json(const struct record *record)
{
	json_t *json = json_object();

	for (size_t i = 0; i < record->n_facts; i++)
		json_object_set_new(json, json_string_value(text_json(record->facts[i].key)),
		                    text_json(record->facts[i].value));
	return json;
}

static json_t *faults_json(const struct record *record)
{
	json_t *list = json_array();

	for (size_t i = 0; i < record->n_faults; i++)
		json_array_append_new(list, json_pack("{s:o, s:o}", "line",
		                                      count_json(record->faults[i].line), "text",
		                                      text_json(record->faults[i].what)));
	return list;
}

static json_t *landmarks_json(const struct record *record)
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
	json_t *list = json_array();

	for (size_t i = 0; i < record->n_landmarks; i++) {
		const struct landmark *landmark = &record->landmarks[i];

		json_array_append_new(list, json_pack("{s:o, s:o, s:s, s:o}", "start",
		                                      hex_json(landmark->start_paddr), "end",
		                                      hex_json(landmark->end_paddr), "kind",
		                                      kinds[landmark->kind], "name",
		                                      text_json(landmark->name)));
	}
	return list;
}

static json_t *acpi_json(const struct record_acpi *table)
{
	if (table == NULL)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "signature", text_json(table->signature),
	                 "address", hex_json(table->paddr), "bytes",
	                 count_json(table->length_bytes), "revision", count_json(table->revision),
	                 "identity", text_json(table->identity != NULL ? table->identity : ""),
	                 "crc32", crc32_json(table->has_crc32, table->crc32));
}

static json_t *acpi_list_json(const struct record *record)
{
	json_t *list = json_array();

	for (size_t i = 0; i < record->n_acpi; i++)
		json_array_append_new(list, acpi_json(&record->acpi[i]));
	return list;
}

static json_t *bins_json(const struct record *record)
{
	json_t *list = json_array();

	for (size_t i = 0; i < record->n_bins; i++)
		json_array_append_new(list, json_pack("{s:o, s:s, s:o}", "type",
		                                      count_json(record->bins[i].type), "name",
		                                      uefi_type_name(record->bins[i].type), "pages",
		                                      count_json(record->bins[i].n_pages)));
	return list;
}

static json_t *record_json(const struct record *record)
{
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
	                 text_json(record->name), "source", record_source_name(record->source),
	                 "boot", count_json(record->boot), "boots", count_json(record->n_boots),
	                 "facts", facts_json(record), "faults", faults_json(record), "landmarks",
	                 landmarks_json(record), "acpi", acpi_list_json(record), "bins",
	                 bins_json(record));
}

/* --- reports --- */

/* What all reports start with. From here on jansson's memory is ours, and cannot run out. */
static json_t *report_json(const char *kind)
{
	json_set_alloc_funcs(allocate, memory_give_back);
	return json_pack("{s:s, s:s}", "report", kind, "program", "mapdiff " BOOTMEM_VERSION);
}

/* Where bootmem's translation differs from Linux's on this map, and why. */
static json_t *rules_differences_json(const struct view *view)
{
	json_t *list = json_array();

	for (size_t i = 0; i < view->n_differences; i++) {
		const struct view_difference *entry = &view->differences[i];

		json_array_append_new(list,
		                      json_pack("{s:s, s:o, s:o}", "reason", entry->reason,
		                                "descriptors", count_json(entry->n_descriptors),
		                                "bytes", count_json(entry->bytes)));
	}
	return list;
}

static json_t *map_faults_json(const struct view *view)
{
	const struct uefi_faults *faults = &view->faults;

	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "zero_pages",
		count_json(faults->n_zero_pages), "wraps", count_json(faults->n_wraps), "unaligned",
		count_json(faults->n_unaligned), "out_of_order", count_json(faults->n_out_of_order),
		"unknown_types", count_json(faults->n_unknown_types), "ram_not_wb",
		count_json(faults->n_ram_not_wb), "ram_runtime", count_json(faults->n_ram_runtime),
		"runtime_unflagged", count_json(faults->n_runtime_unflagged), "overlaps",
		count_json(view->n_overlaps));
}

static json_t *view_report_json(const struct view *view, const char *kind)
{
	json_t *json = report_json(kind);

	json_object_set_new(json, "boot", record_json(view->record));
	json_object_set_new(json, "rules", json_string(rules_names[view->options.rules]));
	json_object_set_new(json, "policy", text_or_null(view->policy));
	json_object_set_new(
		json, "kernel",
		json_pack("{s:o, s:o, s:b}", "start", hex_json(view->kernel.start_paddr), "end",
	                  hex_json(view->kernel.end_paddr), "assumed", view->is_kernel_assumed));
	json_object_set_new(json, "uefi", uefi_json(view->record, view->options.rules));
	json_object_set_new(json, "map_faults", map_faults_json(view));
	json_object_set_new(json, "e820", e820_json(&view->e820, view->record));
	json_object_set_new(json, "e820_computed", json_boolean(view->is_e820_computed));
	json_object_set_new(json, "e820_crc32", crc32_json(true, view->e820_crc32));
	json_object_set_new(json, "e820_ram_crc32", crc32_json(true, view->e820_ram_crc32));
	json_object_set_new(json, "targets", targets_json(view));
	json_object_set_new(json, "installed_bytes",
	                    view->has_installed ? count_json(view->installed_bytes) : json_null());
	json_object_set_new(json, "ledger", ledger_json(view->ledger, view->n_ledger));
	json_object_set_new(json, "cut_bytes", count_json(view->cut_bytes));
	json_object_set_new(json, "other_rules", json_string(rules_names[view->other_rules]));
	json_object_set_new(json, "rules_differences", rules_differences_json(view));
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
	json_t *steps = json_array();

	for (size_t i = 0; i < explanation->n_steps; i++)
		json_array_append_new(
			steps, json_pack("{s:s, s:o, s:b}", "stage", explanation->steps[i].stage,
		                         "text", text_json(explanation->steps[i].text), "decisive",
		                         explanation->steps[i].is_decisive));
	json_object_set_new(json, "address", hex_json(explanation->paddr));
	json_object_set_new(json, "steps", steps);
	return json;
}

/* One side of a diff: what is known of the boot, and its maps. */
static json_t *side_json(const struct diff *diff, size_t index)
{
	const struct diff_side *side = diff->sides[index];
	const struct view *view = diff->views[index];
	json_t *json = record_json(side->record);

	json_object_set_new(json, "e820_recorded", json_boolean(side->is_e820_recorded));
	json_object_set_new(json, "e820", e820_json(&side->e820, side->record));
	json_object_set_new(json, "uefi", uefi_json(side->record, RULES_BOOTMEM));
	json_object_set_new(json, "ram_bytes", count_json(side->ram_bytes));
	json_object_set_new(json, "targets", view != NULL ? targets_json(view) : json_object());
	return json;
}

static json_t *half_json(const struct e820_range *range)
{
	return e820_is_empty(range) ? json_null()
	                            : range_json(range->start_paddr, range->end_paddr, range->type);
}

/* What it is, what follows, what can be done: one text for who shows one change alone. */
static json_t *meaning_json(const char *what, const char *so, const char *advice)
{
	return text_json(memory_printf("%s%s%s%s%s", what, *so != '\0' ? " " : "", so,
	                               *advice != '\0' ? " " : "", advice));
}

static json_t *changes_json(const struct diff *diff)
{
	json_t *list = json_array();

	for (size_t i = 0; i < diff->n_changes; i++) {
		const struct diff_change *entry = &diff->changes[i];
		const struct change *change = &entry->change;

		json_array_append_new(list,
		                      json_pack("{s:s, s:o, s:o, s:o, s:s, s:o, s:s, s:o, s:b}",
		                                "kind", change_kind_name(change->kind), "before",
		                                half_json(&change->before), "after",
		                                half_json(&change->after), "pages",
		                                count_json(change->n_pages), "amount",
		                                words_of_amount(change), "owner",
		                                text_json(owner_text(&entry->owner)), "cause",
		                                cause_names[entry->cause], "meaning",
		                                meaning_json(entry->what, entry->so, entry->advice),
		                                "consequence", change->is_consequence));
	}
	return list;
}

static json_t *causes_json(const struct diff *diff)
{
	json_t *list = json_array();

	for (size_t i = 0; i < diff->n_causes; i++)
		json_array_append_new(list, json_pack("{s:s, s:o}", "cause",
		                                      cause_names[diff->causes[i].cause], "text",
		                                      text_json(diff->causes[i].text)));
	return list;
}

static json_t *tables_json(const struct diff *diff)
{
	json_t *list = json_array();

	for (size_t i = 0; i < diff->n_tables; i++)
		json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "before",
		                                      acpi_json(diff->tables[i].before), "after",
		                                      acpi_json(diff->tables[i].after), "what",
		                                      text_json(table_text(&diff->tables[i]))));
	return list;
}

static json_t *conditions_json(const struct diff *diff)
{
	json_t *list = json_array();

	for (size_t i = 0; i < diff->n_facts; i++)
		json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "key",
		                                      text_json(diff->facts[i].key), "before",
		                                      text_or_null(diff->facts[i].before), "after",
		                                      text_or_null(diff->facts[i].after)));
	return list;
}

static json_t *uefi_changes_json(const struct diff *diff)
{
	json_t *list = json_array();

	for (size_t i = 0; i < diff->n_uefi; i++) {
		const struct uefi_change_row *row = &diff->uefi[i];

		json_array_append_new(
			list,
			json_pack("{s:o, s:s, s:[o, o], s:[o, o], s:[o, o], s:b}", "type",
		                  count_json(row->type), "name", uefi_type_name(row->type),
		                  "descriptors", count_json(row->n_descriptors[0]),
		                  count_json(row->n_descriptors[1]), "pages",
		                  count_json(row->n_pages[0]), count_json(row->n_pages[1]),
		                  "footprint_pages", count_json(row->footprint_pages[0]),
		                  count_json(row->footprint_pages[1]), "visible", row->is_visible));
	}
	return list;
}

static json_t *resume_json(const struct resume *resume)
{
	json_t *reasons = json_array(), *verdicts = json_array();

	for (size_t i = 0; i < resume->n_reasons; i++) {
		json_array_append_new(reasons, text_json(resume->reasons[i].text));
		json_array_append_new(verdicts,
		                      json_string(verdict_names[resume->reasons[i].verdict]));
	}
	return json_pack("{s:s, s:[o, o], s:s, s:[o, o], s:o, s:o}", "verdict",
	                 verdict_names[resume->verdict], "e820_crc32",
	                 crc32_json(resume->has_crc32[0], resume->crc32[0]),
	                 crc32_json(resume->has_crc32[1], resume->crc32[1]), "ram_only",
	                 verdict_names[resume->ram_only], "ram_crc32",
	                 crc32_json(resume->has_crc32[0], resume->ram_crc32[0]),
	                 crc32_json(resume->has_crc32[1], resume->ram_crc32[1]), "reasons", reasons,
	                 "reason_verdicts", verdicts);
}

/* What a diff, and each step of a series, says of two boots. */
static void add_step(json_t *json, const struct diff *diff)
{
	json_object_set_new(json, "different", json_boolean(diff_is_different(diff)));
	json_object_set_new(json, "resume", resume_json(&diff->resume));
	json_object_set_new(json, "changes", changes_json(diff));
	json_object_set_new(json, "cause", json_string(cause_names[diff->cause]));
	json_object_set_new(json, "because", text_json(diff->cause_text));
	json_object_set_new(json, "causes", causes_json(diff));
	json_object_set_new(json, "conditions", conditions_json(diff));
}

json_t *json_of_diff(const void *result)
{
	const struct diff *diff = result;
	json_t *json = report_json("diff");

	json_object_set_new(json, "boots",
	                    json_pack("[o, o]", side_json(diff, 0), side_json(diff, 1)));
	add_step(json, diff);
	json_object_set_new(json, "footprint_subtracted", json_boolean(diff->subtracts_footprint));
	json_object_set_new(json, "tables", tables_json(diff));
	json_object_set_new(json, "uefi", diff->has_uefi ? uefi_changes_json(diff) : json_null());
	return json;
}

static json_t *differences_json(const struct check_rule *rule)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rule->n_differences; i++) {
		const struct check_difference *difference = &rule->differences[i];

		json_array_append_new(list,
		                      json_pack("{s:o, s:o, s:o, s:o, s:o}", "start",
		                                hex_json(difference->start_paddr), "end",
		                                hex_json(difference->end_paddr), "expected",
		                                count_json(difference->expected_type), "found",
		                                count_json(difference->found_type), "uefi",
		                                difference->uefi_type != UINT32_MAX
		                                        ? count_json(difference->uefi_type)
		                                        : json_null()));
	}
	return list;
}

json_t *json_of_check(const void *result)
{
	const struct check *check = result;
	json_t *json = report_json("check");
	json_t *rules = json_array();

	for (size_t i = 0; i < RULES_COUNT; i++) {
		const struct check_rule *rule = &check->rules[i];

		json_array_append_new(rules, json_pack("{s:s, s:s, s:b, s:o, s:o}", "rules",
		                                       rules_names[rule->rules], "text",
		                                       rules_texts[rule->rules], "exact",
		                                       rule->is_exact, "different_bytes",
		                                       count_json(rule->different_bytes),
		                                       "differences", differences_json(rule)));
	}
	json_object_set_new(json, "boot", record_json(check->record));
	json_object_set_new(json, "uefi", uefi_json(check->record, check->rules[0].rules));
	json_object_set_new(json, "e820", e820_json(&check->record->e820, check->record));
	json_object_set_new(json, "ambiguous", json_boolean(check->is_ambiguous));
	json_object_set_new(json, "rules", rules);
	return json;
}

static json_t *series_boots_json(const struct series *series)
{
	json_t *list = json_array();

	for (size_t i = 0; i < series->n_boots; i++) {
		const struct series_boot *boot = &series->boots[i];

		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o, s:o}", "name",
		                                      text_json(boot->name), "time",
		                                      text_json(boot->time), "label",
		                                      text_json(boot->label), "e820_crc32",
		                                      crc32_json(true, boot->side->crc32), "map",
		                                      count_json(boot->map)));
	}
	return list;
}

static json_t *series_maps_json(const struct series *series)
{
	json_t *list = json_array();

	for (size_t i = 0; i < series->n_maps; i++) {
		const struct series_map *map = &series->maps[i];

		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "e820_crc32",
		                                      crc32_json(true, map->crc32), "boots",
		                                      count_json(map->n_boots), "first_boot",
		                                      count_json(map->first_boot), "e820",
		                                      e820_json(map->e820, NULL)));
	}
	return list;
}

static json_t *steps_json(const struct series *series)
{
	json_t *list = json_array();

	for (size_t i = 0; i < series->n_steps; i++) {
		json_t *json =
			json_pack("{s:o, s:o}", "from", count_json(i), "to", count_json(i + 1));

		add_step(json, &series->steps[i]);
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *movers_json(const struct series *series)
{
	json_t *list = json_array();

	for (size_t i = 0; i < series->n_movers; i++) {
		const struct series_mover *mover = &series->movers[i];

		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:[o, o], s:b, s:s, "
		                  "s:o, s:o}",
		                  "type", count_json(mover->type), "other_type",
		                  count_json(mover->other_type), "owner",
		                  text_json(owner_text(mover->owner)), "boots",
		                  count_json(mover->n_boots), "places", count_json(mover->n_places),
		                  "moves", count_json(mover->n_steps), "lowest",
		                  hex_json(mover->lowest_paddr), "highest",
		                  hex_json(mover->highest_paddr), "pages",
		                  count_json(mover->least_pages), count_json(mover->most_pages),
		                  "with_previous", mover->is_with_previous, "cause",
		                  cause_names[mover->cause], "because", text_json(mover->because),
		                  "meaning", meaning_json(mover->what, "", mover->advice)));
	}
	return list;
}

static json_t *links_json(const struct series *series)
{
	json_t *list = json_array();

	for (size_t i = 0; i < series->n_links; i++) {
		const struct series_link *link = &series->links[i];

		json_array_append_new(
			list, json_pack("{s:o, s:o, s:[o, o], s:[o, o]}", "mover",
		                        count_json(link->mover), "key", text_json(link->key),
		                        "changed", count_json(link->n_changed_moved),
		                        count_json(link->n_changed), "kept",
		                        count_json(link->n_kept_moved), count_json(link->n_kept)));
	}
	return list;
}

static json_t *series_conditions_json(const struct series *series)
{
	json_t *list = json_array();

	for (size_t i = 0; i < series->n_conditions; i++) {
		const struct series_condition *condition = &series->conditions[i];

		json_array_append_new(
			list, json_pack("{s:o, s:o, s:b, s:o}", "key", text_json(condition->key),
		                        "values", count_json(condition->n_values), "decides",
		                        condition->decides, "text", text_json(condition->text)));
	}
	return list;
}

static void add_series(json_t *json, const struct series *series)
{
	const struct e820_map stable = { series->stable, series->n_stable, series->n_stable };

	json_object_set_new(json, "machine", text_json(series->machine));
	json_object_set_new(json, "boots", series_boots_json(series));
	json_object_set_new(json, "maps", series_maps_json(series));
	json_object_set_new(json, "steps", steps_json(series));
	json_object_set_new(json, "movers", movers_json(series));
	json_object_set_new(json, "stable", e820_json(&stable, NULL));
	json_object_set_new(json, "conditions", series_conditions_json(series));
	json_object_set_new(json, "links", links_json(series));
	json_object_set_new(json, "order", json_string(series->is_by_time ? "time" : "files"));
	json_object_set_new(
		json, "same_pairs",
		json_pack("[o, o]", count_json(series->n_same_pairs), count_json(series->n_pairs)));
	json_object_set_new(json, "same_as_previous",
	                    count_json(series->n_steps - series->n_different_steps));
}

static json_t *texts_json(const char *const *texts, size_t n_texts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n_texts; i++)
		json_array_append_new(list, text_json(texts[i]));
	return list;
}

/* The series of one machine is the report itself; those of several are a list in it. */
json_t *json_of_series(const void *result)
{
	const struct series_report *report = result;
	json_t *json = report_json("series"), *list = json_array();

	json_object_set_new(json, "machines", count_json(report->n_machines));
	if (report->n_machines == 1)
		add_series(json, &report->machines[0]);
	for (size_t i = 0; i < report->n_machines && report->n_machines > 1; i++) {
		json_t *series = json_object();

		add_series(series, &report->machines[i]);
		json_array_append_new(list, series);
	}
	if (report->n_machines > 1)
		json_object_set_new(json, "series", list);
	json_object_set_new(json, "left_out", texts_json(report->left_out, report->n_left_out));
	json_object_set_new(json, "skipped", texts_json(report->skipped, report->n_skipped));
	return json;
}

static json_t *finding_json(const struct finding *finding)
{
	bool has_range = finding->start_paddr < finding->end_paddr;

	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:s, s:s}", "rule", finding->rule->id,
	                 "severity", severity_names[finding->rule->severity], "start",
	                 has_range ? hex_json(finding->start_paddr) : json_null(), "end",
	                 has_range ? hex_json(finding->end_paddr) : json_null(), "text",
	                 text_json(finding->text), "title", finding->rule->title, "explanation",
	                 finding->rule->explanation, "reference", finding->rule->reference);
}

json_t *json_of_lint(const void *result)
{
	const struct findings *findings = result;
	const struct record *record = findings->record;
	json_t *json = report_json("lint");
	json_t *list = json_array();

	for (size_t i = 0; i < findings->n_entries; i++)
		json_array_append_new(list, finding_json(&findings->entries[i]));
	json_object_set_new(json, "boot", record_json(record));
	json_object_set_new(json, "uefi", uefi_json(record, RULES_LINUX));
	json_object_set_new(json, "e820", e820_json(&record->e820, record));
	json_object_set_new(json, "findings", list);
	return json;
}

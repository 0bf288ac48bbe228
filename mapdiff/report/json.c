/*
 * json.c - reports -> JSON: see json.h, and report.schema.json for what each member is.
 *
 * One function for each structure, from the small ones to the reports; members that a reader can do
 * without are left out where they are empty.
 */
#include "mapdiff/report/json.h"

#include <stdarg.h>

#include "bootmem/count.h"
#include "handoff/version.h"
#include "mapdiff/diff/causes.h"
#include "mapdiff/diff/diff.h"
#include "mapdiff/diff/owners.h"
#include "mapdiff/diff/resume.h"
#include "mapdiff/diff/tables.h"
#include "mapdiff/gate/gate.h"
#include "mapdiff/lint/lint.h"
#include "mapdiff/map/fate.h"
#include "mapdiff/map/linux_map.h"
#include "mapdiff/map/rules.h"
#include "mapdiff/report/change_words.h"
#include "mapdiff/report/pin_words.h"
#include "mapdiff/report/step_words.h"
#include "mapdiff/report/view_words.h"
#include "mapdiff/series/advice.h"

/* --- values --- */

static void *allocate(size_t bytes)
{
	return memory_alloc(1, bytes);
}

void json_use_arena(void)
{
	json_set_alloc_funcs(allocate, memory_give_back);
}

json_t *json_of_text(const char *text)
{
	json_t *json = text != NULL ? json_string(text) : json_null();
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

static json_t *counts_json(uint64_t first, uint64_t second)
{
	return json_pack("[o, o]", count_json(first), count_json(second));
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

static json_t *known(bool is_known, json_t *value)
{
	return is_known ? value : json_null();
}

/* What @item_json is for each @item of the @n of @array. */
#define ARRAY(item, array, n, item_json)                                 \
	({                                                               \
		json_t *array_ = json_array();                           \
		for (size_t i_ = 0; i_ < (n); i_++) {                    \
			__typeof__(&*(array)) const item = &(array)[i_]; \
			json_array_append_new(array_, item_json);        \
		}                                                        \
		array_;                                                  \
	})

/* --- objects --- */

/* Members: keys, each with its value. */
#define member(key, value) (key), (value)
#define text(key, string)  member(key, json_of_text(string))
#define flag(key, is)      member(key, json_boolean(is))
#define count(key, n)      member(key, count_json(n))
#define pair(key, two)     member(key, counts_json((two)[0], (two)[1]))
#define hex(key, number)   member(key, hex_json(number))
#define crc32(key, sum)    member(key, crc32_json(sum))
/* Of the list @name of *owner, fields NAME and n_NAME: see ARRAY. */
#define list(key, item, owner, name, item_json) \
	member(key, ARRAY(item, (owner)->name, (owner)->n_##name, item_json))
/* Two of them: where something is. */
#define place(of) hex("start", (of)->start_paddr), hex("end", (of)->end_paddr)

/* @json, an object, with more members at its end, up to a key of NULL. One whose value is NULL is
 * left out. */
static json_t *add(json_t *json, ...)
{
	const char *key;
	va_list members;

	va_start(members, json);
	while ((key = va_arg(members, const char *)) != NULL)
		json_object_set_new(json, key, va_arg(members, json_t *));
	va_end(members);
	return json;
}

#define ADD(json, ...) add(json, __VA_ARGS__, (const char *)NULL)
#define OBJECT(...)    ADD(json_object(), __VA_ARGS__)

/* --- maps --- */

/* With its owners, unless it is RAM, as far as @record tells, which may be NULL. Null if empty. */
static json_t *e820_range_json(const struct e820_range *range, const struct record *record)
{
	struct owner owner = { .n_names = 0 };

	if (e820_is_empty(range))
		return json_null();
	if (record != NULL && range->type != E820_RAM)
		owner = owner_of_range(record, range->start_paddr, range->end_paddr);
	return OBJECT(place(range), count("type", range->type),
	              member("owner", owner.n_names > 0 ? json_of_text(owner_text(&owner)) : NULL));
}

/* The end of a descriptor that wraps is what is left of it modulo 2^64: see pages. */
static json_t *descriptor_json(const struct uefi_descriptor *descriptor, enum rules rules)
{
	uint32_t e820_type = rules_e820_type(rules, descriptor);

	return OBJECT(hex("start", descriptor->start_paddr),
	              hex("end", descriptor->start_paddr + pfn_paddr(descriptor->n_pages)),
	              count("type", descriptor->type), hex("attribute", descriptor->attribute),
	              count("pages", descriptor->n_pages),
	              text("name", uefi_type_name(descriptor->type)),
	              member("e820", known(e820_type != E820_NONE, count_json(e820_type))));
}

static json_t *reservation_json(const struct reservation *reservation)
{
	static const char *const lifetimes[] = {
		[LIFETIME_FOREVER] = "forever",
		[LIFETIME_BOOT] = "boot",
		[LIFETIME_ACPI] = "acpi",
	};
	bool is_linux = reservation->origin == ORIGIN_LINUX;

	return OBJECT(place(reservation), text("owner", reservation->owner),
	              text("reason", reservation->reason),
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
	return OBJECT(hex("start", pfn_paddr(run->start_pfn)), hex("end", pfn_paddr(run->end_pfn)),
	              text("fate", fate_names[run->fate]), member("reservation", reservation));
}

static json_t *ledger_row_json(const struct ledger_row *row)
{
	return OBJECT(text("what", row->what), count("bytes", row->bytes));
}

static json_t *target_json(const struct view_target *target)
{
	const char *failure = target->failure;

	return OBJECT(count("max_pfn", target->max_pfn), count("max_low_pfn", target->max_low_pfn),
	              count("free_pages", target->free_pages),
	              list("free", run, target, free, counts_json(run->start_pfn, run->end_pfn)),
	              list("reserved", one, target, reservations, reservation_json(one)),
	              list("runs", run, target, runs, run_json(run, target)),
	              list("ledger", row, target, ledger, ledger_row_json(row)),
	              flag("recorded", target->is_recorded),
	              member("failure", failure != NULL ? json_of_text(failure) : NULL));
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
		ADD(json, text(json_string_value(json_of_text(record->facts[i].key)),
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
		[LANDMARK_IN_USE] = "in use",
		[LANDMARK_STUB] = "EFI stub",
		[LANDMARK_PIN] = "pinned block",
		[LANDMARK_DEVICE] = "device",
		[LANDMARK_BRIDGE] = "host bridge window",
		[LANDMARK_MOTHERBOARD] = "motherboard resource",
		[LANDMARK_MTRR] = "MTRR",
		[LANDMARK_ATTRIBUTES] = "memory attributes",
	};
	_Static_assert(COUNT(kinds) == LANDMARK_COUNT, "a kind of landmarks has no name");

	return OBJECT(place(landmark), text("kind", kinds[landmark->kind]),
	              text("name", landmark->name));
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
	return OBJECT(text("name", record->name),
	              text("source", record_source_name(record->source)),
	              count("boot", record->boot), count("boots", record->n_boots),
	              member("facts", facts_json(record)),
	              list("faults", fault, record, faults,
	                   OBJECT(count("line", fault->line), text("text", fault->what))),
	              list("landmarks", landmark, record, landmarks, landmark_json(landmark)),
	              list("acpi", table, record, acpi, acpi_json(table)),
	              list("bins", bin, record, bins,
	                   OBJECT(count("type", bin->type), text("name", uefi_type_name(bin->type)),
	                          count("pages", bin->n_pages))));
}

/* --- reports --- */

/* What all reports start with. */
static json_t *report_json(const char *kind)
{
	return OBJECT(text("report", kind), text("program", "mapdiff " BOOTMEM_VERSION));
}

static json_t *faults_json(const struct view *view)
{
	const struct uefi_faults *faults = &view->faults;

	return OBJECT(count("zero_pages", faults->n_zero_pages), count("wraps", faults->n_wraps),
	              count("unaligned", faults->n_unaligned),
	              count("out_of_order", faults->n_out_of_order),
	              count("unknown_types", faults->n_unknown_types),
	              count("ram_not_wb", faults->n_ram_not_wb),
	              count("ram_runtime", faults->n_ram_runtime),
	              count("runtime_unflagged", faults->n_runtime_unflagged),
	              count("overlaps", view->n_overlaps));
}

static json_t *view_report_json(const struct view *view, const char *kind)
{
	const struct record *record = view->record;
	enum rules rules = view->options.rules;

	return ADD(
		report_json(kind), member("boot", record_json(record)),
		text("rules", rules_names[rules]), text("policy", view->policy),
		member("kernel",
	               OBJECT(place(&view->kernel), flag("assumed", view->is_kernel_assumed))),
		list("uefi", descriptor, record, uefi, descriptor_json(descriptor, rules)),
		member("map_faults", faults_json(view)),
		list("e820", range, &view->e820, ranges, e820_range_json(range, record)),
		flag("e820_computed", view->is_e820_computed),
		member("e820_crc32", known(view->has_crc32, crc32_json(view->e820_crc32))),
		text("linux", linux_answers[view->answer]),
		crc32("e820_ram_crc32", view->e820_ram_crc32),
		member("targets", targets_json(view)),
		member("installed_bytes",
	               known(view->has_installed, count_json(view->installed_bytes))),
		list("ledger", row, view, ledger, ledger_row_json(row)),
		count("cut_bytes", view->cut_bytes),
		text("other_rules", rules_names[view->other_rules]),
		/* Where bootmem's translation differs from Linux's on this map, and why. */
		list("rules_differences", row, view, differences,
	             OBJECT(text("reason", row->reason), count("descriptors", row->n_descriptors),
	                    count("bytes", row->bytes))));
}

/* What show's first screen says besides. */
static json_t *add_summary(json_t *json, const struct view *view)
{
	const struct advice *advice = view->advice;

	return ADD(json, flag("forbidden", view->is_forbidden), text("to_do", advice->to_do),
	           text("why", advice->why), text("sure", advice->sure),
	           text("lint", words_of_findings(view->findings)),
	           flag("lint_clean", lint_is_clean(view->findings)));
}

json_t *json_of_view(const struct view *view)
{
	if (view->options.is_translated)
		return view_report_json(view, "translate");
	return add_summary(view_report_json(view, "show"), view);
}

static json_t *call_json(const struct view_step *step)
{
	const struct reservation *reservation = step->reservation;
	bool has_bits = step_touches_bits(step);
	bool is_same = has_bits && step->free_before == step->free_after;

	return OBJECT(
		text("function", step->name), text("caller", step->caller),
		text("what", words_of_step(step)),
		text("reason", reservation != NULL ? reservation->reason : ""), place(&step->span),
		pair("pages", ((uint64_t[]){ step->start_pfn, step->end_pfn })),
		flag("bits", has_bits),
		list("changed", run, step, changed, counts_json(run->start_pfn, run->end_pfn)),
		pair("free", ((uint64_t[]){ step->free_before, step->free_after })),
		text("unchanged", is_same ? words_of_no_change(step) : ""),
		text("ribbon", step->ribbon));
}

static json_t *steps_json(const struct view_target *target)
{
	const char *failure = target->failure;

	return OBJECT(
		count("max_low_pfn", target->max_low_pfn), count("free_pages", target->free_pages),
		flag("recorded", target->is_recorded),
		member("failure", failure != NULL ? json_of_text(failure) : NULL),
		member("difference",
	               target->steps_differ ? json_of_text(words_of_difference(target)) : NULL),
		list("steps", step, target, steps, call_json(step)),
		text("end", words_of_hand_over(target)));
}

json_t *json_of_steps(const struct view *view)
{
	json_t *targets = json_object();

	for (size_t i = 0; i < RECORD_TARGETS; i++)
		if (view->targets[i].is_shown)
			ADD(targets, member(record_target_names[i], steps_json(&view->targets[i])));
	return ADD(report_json("steps"), member("boot", record_json(view->record)),
	           text("policy", view->policy), member("targets", targets));
}

json_t *json_of_explanation(const struct explanation *explanation)
{
	return ADD(view_report_json(explanation->view, "explain"),
	           hex("address", explanation->paddr),
	           list("steps", step, explanation, steps,
	                OBJECT(text("stage", step->stage), text("text", step->text),
	                       flag("decisive", step->is_decisive))));
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

/* Of both boots; null for a map that Linux does not compare. */
static json_t *crc32s_json(const struct resume *resume, const uint32_t crc32s[2])
{
	return ARRAY(crc32, crc32s, 2,
	             known(resume->has_crc32[crc32 - crc32s], crc32_json(*crc32)));
}

static json_t *resume_json(const struct resume *resume, const struct advice *advice)
{
	return OBJECT(text("verdict", verdict_names[resume->verdict]),
	              text("answer", words_of_answer(resume->verdict)),
	              text("to_do", advice->to_do), text("why", advice->why),
	              text("sure", advice->sure),
	              member("e820_crc32", crc32s_json(resume, resume->crc32)),
	              text("ram_only", verdict_names[resume->ram_only]),
	              member("ram_crc32", crc32s_json(resume, resume->ram_crc32)),
	              list("reasons", reason, resume, reasons, json_of_text(reason->text)),
	              list("reason_verdicts", reason, resume, reasons,
	                   json_of_text(verdict_names[reason->verdict])));
}

static json_t *pin_json(const struct pin *pin)
{
	return OBJECT(text("helps", verdict_names[pin->helps]), count("pages", pin->n_pages),
	              text("reason", pin_reason_name(pin->reason)),
	              text("text", words_of_pin(pin)));
}

/* What a diff, and each step of a series, says of two boots. */
static json_t *add_step(json_t *json, const struct diff *diff)
{
	return ADD(
		json, flag("different", diff_is_different(diff)),
		member("resume", resume_json(&diff->resume, &diff->advice)),
		member("pin", pin_json(&diff->pin)),
		list("changes", change, diff, changes, change_json(change)),
		text("cause", cause_names[diff->cause]), text("because", diff->cause_text),
		list("causes", cause, diff, causes,
	             OBJECT(text("cause", cause_names[cause->cause]), text("text", cause->text))),
		list("conditions", fact, diff, facts,
	             OBJECT(text("key", fact->key), text("before", fact->before),
	                    text("after", fact->after))));
}

/* One side of a diff: what is known of the boot, and its maps. */
static json_t *side_json(const struct diff_side *side, const struct view *view)
{
	const struct record *record = side->record;

	return ADD(
		record_json(record), flag("e820_recorded", side->is_e820_recorded),
		list("e820", range, &side->e820, ranges, e820_range_json(range, record)),
		list("uefi", descriptor, record, uefi, descriptor_json(descriptor, RULES_BOOTMEM)),
		count("ram_bytes", side->ram_bytes), member("targets", targets_json(view)));
}

json_t *json_of_diff(const struct diff *diff)
{
	json_t *boots = json_pack("[o, o]", side_json(diff->sides[0], diff->views[0]),
	                          side_json(diff->sides[1], diff->views[1]));
	json_t *json = add_step(ADD(report_json("diff"), member("boots", boots)), diff);
	json_t *uefi =
		ARRAY(row, diff->uefi, diff->n_uefi,
	              OBJECT(count("type", row->type), text("name", uefi_type_name(row->type)),
	                     pair("descriptors", row->n_descriptors), pair("pages", row->n_pages),
	                     pair("footprint_pages", row->footprint_pages),
	                     flag("visible", row->is_visible)));

	return ADD(json, flag("footprint_subtracted", diff->subtracts_footprint),
	           text("found", diff->found), flag("pieces", diff_is_of_excerpts(diff)),
	           list("tables", table, diff, tables,
	                OBJECT(member("before", acpi_json(table->before)),
	                       member("after", acpi_json(table->after)),
	                       text("what", table_text(table)))),
	           member("uefi", known(diff->has_uefi, uefi)));
}

/* --- a check, findings --- */

static json_t *check_rule_json(const struct check_rule *rule)
{
	return OBJECT(text("rules", rules_names[rule->rules]),
	              text("text", rules_texts[rule->rules]), flag("exact", rule->is_exact),
	              count("different_bytes", rule->different_bytes),
	              list("differences", row, rule, differences,
	                   OBJECT(place(row), count("expected", row->expected_type),
	                          count("found", row->found_type),
	                          member("uefi", known(row->uefi_type != UINT32_MAX,
	                                               count_json(row->uefi_type))))));
}

/* A report of one boot and its maps: that of UEFI as @rules translate it. */
static json_t *boot_report_json(const char *kind, const struct record *record, enum rules rules)
{
	return ADD(report_json(kind), member("boot", record_json(record)),
	           list("uefi", descriptor, record, uefi, descriptor_json(descriptor, rules)),
	           list("e820", range, &record->e820, ranges, e820_range_json(range, record)));
}

json_t *json_of_check(const struct check *check)
{
	return ADD(boot_report_json("check", check->record, check->rules[0].rules),
	           flag("ambiguous", check->is_ambiguous),
	           member("rules", ARRAY(rule, check->rules, RULES_COUNT, check_rule_json(rule))));
}

static json_t *finding_place_json(const struct finding_place *at)
{
	bool has_range = at->start_paddr < at->end_paddr;

	return OBJECT(member("start", known(has_range, hex_json(at->start_paddr))),
	              member("end", known(has_range, hex_json(at->end_paddr))),
	              text("text", at->text));
}

static json_t *finding_json(const struct finding *finding)
{
	const struct lint_rule *rule = finding->rule;

	return OBJECT(text("rule", rule->id), text("severity", severity_names[rule->severity]),
	              text("title", rule->title), text("explanation", rule->explanation),
	              text("reference", rule->reference),
	              list("places", at, finding, places, finding_place_json(at)));
}

json_t *json_of_lint(const struct findings *findings)
{
	json_t *counts = json_object();

	for (size_t severity = SEVERITY_COUNT; severity-- > 0;)
		ADD(counts,
		    count(severity_names[severity], lint_count(findings, (enum severity)severity)));
	return ADD(boot_report_json("lint", findings->record, RULES_LINUX),
	           member("counts", counts), count("rules_checked", findings->n_checked),
	           list("rules", row, findings, rules,
	                OBJECT(text("rule", row->rule->id), flag("checked", row->why_not == NULL),
	                       text("why_not", row->why_not))),
	           count("known", findings->n_known), count("descents", findings->n_descents),
	           list("findings", finding, findings, entries, finding_json(finding)));
}

/* All there is of a rule, and on how many recorded machines it fires. */
static json_t *rule_json(const struct lint_rule *rule)
{
	return OBJECT(text("rule", rule->id), text("severity", severity_names[rule->severity]),
	              text("title", rule->title), text("explanation", rule->explanation),
	              text("reference", rule->reference), count("fires", rule->n_machines));
}

json_t *json_of_rules(const struct findings *findings)
{
	return ADD(report_json("rules"), count("machines", LINT_MACHINES),
	           list("rules", row, findings, rules, rule_json(row->rule)));
}

/* --- a gate --- */

static json_t *gate_boot_json(const struct gate_boot *boot)
{
	return OBJECT(text("name", boot->name), text("machine", boot->machine),
	              crc32("e820_crc32", boot->crc32), flag("same", boot->is_same),
	              text("bins", gate_bins_names[boot->bins]),
	              list("texts", line, boot, texts, json_of_text(*line)));
}

json_t *json_of_gate(const struct gate *gate)
{
	return ADD(report_json("gate"), flag("pass", gate->is_passed),
	           flag("equal", gate->is_equal), text("bins", gate_bins_names[gate->bins]),
	           list("boots", boot, gate, boots, gate_boot_json(boot)));
}

/* --- a series --- */

static json_t *mover_json(const struct series_mover *mover)
{
	return OBJECT(count("type", mover->type), count("other_type", mover->other_type),
	              text("owner", owner_text(mover->owner)), count("boots", mover->n_boots),
	              count("places", mover->n_places), count("moves", mover->n_steps),
	              hex("lowest", mover->lowest_paddr), hex("highest", mover->highest_paddr),
	              member("pages", counts_json(mover->least_pages, mover->most_pages)),
	              flag("with_previous", mover->is_with_previous),
	              text("cause", cause_names[mover->cause]), text("because", mover->because),
	              text("meaning", words_of_meaning(mover->what, "", mover->advice)));
}

static json_t *map_json(const struct series_map *map)
{
	return OBJECT(member("e820_crc32", known(map->has_crc32, crc32_json(map->crc32))),
	              count("boots", map->n_boots), count("first_boot", map->first_boot),
	              list("e820", range, map->e820, ranges, e820_range_json(range, NULL)));
}

static json_t *step_json(const struct diff *diff, size_t index)
{
	return add_step(OBJECT(count("from", index), count("to", index + 1)), diff);
}

static json_t *varying_json(const struct series *series, const struct series_varying *varying)
{
	return OBJECT(text("key", varying->key),
	              member("names",
	                     ARRAY(name, varying->names, varying->n_values, json_of_text(*name))),
	              member("of_boots", ARRAY(value, varying->of_boots, series->n_boots,
	                                       known(*value != 0, count_json(*value - 1)))));
}

/* The series of one machine. */
static json_t *add_series(json_t *json, const struct series *series)
{
	return ADD(
		json, text("machine", series->machine), text("to_do", series->advice.to_do),
		text("why", series->advice.why), text("sure", series->advice.sure),
		text("chance", series_chance_text(series)),
		list("boots", boot, series, boots,
	             OBJECT(text("name", boot->name), text("time", boot->time),
	                    text("label", boot->label),
	                    member("e820_crc32",
	                           known(boot->side->has_crc32, crc32_json(boot->side->crc32))),
	                    count("map", boot->map))),
		list("maps", map, series, maps, map_json(map)),
		list("steps", diff, series, steps, step_json(diff, (size_t)(diff - series->steps))),
		list("movers", mover, series, movers, mover_json(mover)),
		list("stable", range, series, stable, e820_range_json(range, NULL)),
		list("conditions", condition, series, conditions,
	             OBJECT(text("key", condition->key), count("values", condition->n_values),
	                    flag("decides", condition->decides), text("text", condition->text))),
		list("varying", varying, series, varying, varying_json(series, varying)),
		list("links", link, series, links,
	             OBJECT(count("mover", link->mover), text("key", link->key),
	                    text("text", series_link_text(link)),
	                    member("changed", counts_json(link->n_changed_moved, link->n_changed)),
	                    member("kept", counts_json(link->n_kept_moved, link->n_kept)))),
		text("order", series->is_by_time ? "time" : "files"),
		member("same_pairs", counts_json(series->n_same_pairs, series->n_pairs)),
		count("same_as_previous", series->n_steps - series->n_different_steps));
}

/* The series of one machine is the report itself; those of several are a list in it. */
json_t *json_of_series(const struct series_report *report)
{
	json_t *json = ADD(report_json("series"), count("machines", report->n_machines));

	if (report->n_machines == 1)
		add_series(json, &report->machines[0]);
	else
		ADD(json,
		    list("series", series, report, machines, add_series(json_object(), series)));
	return ADD(json, list("left_out", line, report, left_out, json_of_text(*line)),
	           list("skipped", line, report, skipped, json_of_text(*line)));
}

/* --- a pinned block --- */

static json_t *served_json(const struct record *record)
{
	const struct record_pin *pin = &record->pin;

	return OBJECT(
		text("by", record->name), flag("this_boot", pin->is_of_this_boot),
		member("block", OBJECT(place(&pin->block))), count("served", pin->served_bytes),
		count("refused", pin->refused_bytes),
		list("owners", owner, pin, owners,
	             OBJECT(text("name", words_of_pin_owner(owner)), hex("address", owner->paddr),
	                    count("served", owner->served_bytes),
	                    count("refused", owner->refused_bytes))),
		list("asked", asked, pin, asked,
	             OBJECT(count("type", asked->type), text("name", uefi_type_name(asked->type)),
	                    count("requests", asked->n), count("bytes", asked->bytes))));
}

static json_t *pin_steps_json(const struct series *series)
{
	return series == NULL ? json_array()
	                      : ARRAY(diff, series->steps, series->n_steps,
	                              OBJECT(count("from", (size_t)(diff - series->steps)),
	                                     count("to", (size_t)(diff - series->steps) + 1),
	                                     member("pin", pin_json(&diff->pin))));
}

json_t *json_of_pin(const struct pin_advice *advice)
{
	const struct series *series = advice->series;
	bool has_block = advice->home == PIN_HOME_FOUND || advice->home == PIN_HOME_PINNED;
	json_t *boots = series == NULL ? json_array()
	                               : ARRAY(boot, series->boots, series->n_boots,
	                                       json_of_text(boot->name));

	return ADD(report_json("pin"), member("boots", boots),
	           member("pin", pin_json(&advice->pin)), count("refused", advice->n_refused),
	           count("helped", advice->n_helped),
	           member("block", known(has_block, OBJECT(place(&advice->block)))),
	           flag("pinned", advice->home == PIN_HOME_PINNED), count("maps", advice->n_maps),
	           text("where", words_of_home(advice)), member("steps", pin_steps_json(series)),
	           member("served",
	                  known(advice->served != NULL,
	                        advice->served != NULL ? served_json(advice->served) : NULL)));
}

/* sarif.c - findings -> SARIF, and JSON of before -> what is known: see sarif.h. */
#include "mapdiff/report/sarif.h"

#include <ctype.h>
#include <string.h>

#include "handoff/version.h"
#include "mapdiff/base/text.h"
#include "mapdiff/lint/lint.h"
#include "mapdiff/report/json.h"

/* The name of a file as a URI: RFC 3986 §2.3, and §4.2, by which a colon would end a scheme. */
static const char *uri_of(const char *file)
{
	struct bytes uri = { 0 };

	for (; *file != '\0'; file++)
		memory_append(&uri,
		              isalnum((unsigned char)*file) || strchr("-._~/@+,=", *file) != NULL
		                      ? "%c"
		                      : "%%%02X",
		              (unsigned char)*file);
	return bytes_text(&uri);
}

/* An address is a signed number there (SARIF 2.1.0 §3.32.6): what is beyond has none. */
static json_t *location_json(const char *file, const struct finding_place *place)
{
	uint64_t bytes = place->end_paddr - place->start_paddr;
	json_t *physical =
		json_pack("{s:{s:o}}", "artifactLocation", "uri", json_of_text(uri_of(file)));

	if (bytes > 0 && place->start_paddr <= INT64_MAX && bytes <= INT64_MAX)
		json_object_set_new(physical, "address",
		                    json_pack("{s:I, s:I}", "absoluteAddress",
		                              (json_int_t)place->start_paddr, "length",
		                              (json_int_t)bytes));
	return json_pack("{s:o, s:{s:o}}", "physicalLocation", physical, "message", "text",
	                 json_of_text(place->text));
}

static json_t *rule_json(const struct lint_rule *rule)
{
	return json_pack("{s:s, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}}", "id", rule->id,
	                 "shortDescription", "text", rule->title, "fullDescription", "text",
	                 rule->explanation, "help", "text",
	                 *rule->reference != '\0' ? rule->reference : rule->explanation,
	                 "defaultConfiguration", "level", severity_names[rule->severity]);
}

/* A fault is one result: its places go away together. */
static json_t *result_json(const char *file, const struct finding *finding)
{
	json_t *locations = json_array();
	struct bytes message = { 0 };

	memory_append(&message, "%s", finding->rule->title);
	MEMORY_EACH(place, finding, places) {
		const char *range = place->start_paddr < place->end_paddr
		                            ? text_range(place->start_paddr, place->end_paddr)
		                            : "the map";

		memory_append(&message, "\n%s: %s", range, place->text);
		json_array_append_new(locations, location_json(file, place));
	}
	return json_pack("{s:s, s:s, s:{s:o}, s:o}", "ruleId", finding->rule->id, "level",
	                 severity_names[finding->rule->severity], "message", "text",
	                 json_of_text(message.text), "locations", locations);
}

/* What was not checked: SARIF's notifications of the tool's configuration. */
static json_t *unchecked_json(const struct lint_verdict *verdict)
{
	return json_pack("{s:{s:o}, s:s, s:{s:s}}", "message", "text",
	                 json_of_text(memory_printf("not checked: %s", verdict->why_not)), "level",
	                 "note", "associatedRule", "id", verdict->rule->id);
}

json_t *sarif_of_lint(const struct findings *findings)
{
	json_t *rules = json_array(), *results = json_array(), *unchecked = json_array();
	const char *file = findings->record->name;
	json_t *driver, *run;

	MEMORY_EACH(row, findings, rules) {
		json_array_append_new(rules, rule_json(row->rule));
		if (row->why_not != NULL)
			json_array_append_new(unchecked, unchecked_json(row));
	}
	MEMORY_EACH(finding, findings, entries)
		json_array_append_new(results, result_json(file, finding));
	driver = json_pack("{s:s, s:s, s:o}", "name", "mapdiff", "version", BOOTMEM_VERSION,
	                   "rules", rules);
	run = json_pack("{s:{s:o}, s:[{s:b, s:o}], s:o}", "tool", "driver", driver, "invocations",
	                "executionSuccessful", 1, "toolConfigurationNotifications", unchecked,
	                "results", results);
	return json_pack("{s:s, s:s, s:[o]}", "$schema",
	                 "https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0",
	                 "runs", run);
}

/* --- a report of before --- */

static const char *string_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool know_finding(const json_t *finding, struct lint_known *known)
{
	const json_t *places = json_object_get(finding, "places");
	const char *rule = string_of(finding, "rule");

	for (size_t i = 0; i < json_array_size(places); i++) {
		const char *text = string_of(json_array_get(places, i), "text");

		if (rule == NULL || text == NULL)
			return false;
		lint_know(known, rule, text);
	}
	return json_is_array(places);
}

bool baseline_read(const char *path, struct lint_known *known, const char **ret_error)
{
	json_error_t error;
	const json_t *report, *findings;
	bool is_good;

	json_use_arena();
	report = json_load_file(path, 0, &error);
	if (report == NULL) {
		*ret_error = memory_printf("no JSON: %s", error.text);
		return false;
	}
	findings = json_object_get(report, "findings");
	is_good = json_is_array(findings) && string_of(report, "report") != NULL &&
	          strcmp(string_of(report, "report"), "lint") == 0;
	for (size_t i = 0; is_good && i < json_array_size(findings); i++)
		is_good = know_finding(json_array_get(findings, i), known);
	*ret_error = "it is no report of `mapdiff lint --format json'";
	return is_good;
}

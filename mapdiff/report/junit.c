/* junit.c - findings, or a gate -> JUnit's XML: see junit.h. */
#include "mapdiff/report/junit.h"

#include <ctype.h>
#include <string.h>

#include "mapdiff/base/text.h"
#include "mapdiff/gate/gate.h"
#include "mapdiff/lint/lint.h"
#include "mapdiff/report/json.h"

/* @text for XML. What may be no UTF-8 has `?' in place of it, as in JSON. */
static const char *xml(const char *text)
{
	static const char specials[] = "<>&\"'";
	static const char *const names[] = { "&lt;", "&gt;", "&amp;", "&quot;", "&apos;" };
	struct bytes out = { 0 };

	for (text = json_string_value(json_of_text(text)); *text != '\0'; text++) {
		const char *special = strchr(specials, *text);

		if (special != NULL)
			memory_append(&out, "%s", names[special - specials]);
		else
			memory_append(&out, "%c",
			              iscntrl((unsigned char)*text) && *text != '\n' ? '?' : *text);
	}
	return bytes_text(&out);
}

/* Attributes cannot have lines of their own; what does, is the text of an element. */
static void begin_suite(const struct output *out, const char *name, size_t n_tests,
                        size_t n_failures, size_t n_skipped)
{
	out_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	out_text(out,
	         "<testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
	         "skipped=\"%zu\">\n",
	         xml(name), n_tests, n_failures, n_skipped);
}

static void end_suite(const struct output *out)
{
	out_text(out, "</testsuite>\n</testsuites>\n");
}

static const struct finding *finding_of(const struct findings *findings,
                                        const struct lint_rule *rule)
{
	MEMORY_EACH(finding, findings, entries)
		if (finding->rule == rule)
			return finding;
	return NULL;
}

static const char *places_text(const struct finding *finding)
{
	struct bytes text = { 0 };

	MEMORY_EACH(place, finding, places)
		memory_append(&text, "%s  %s\n",
		              place->start_paddr < place->end_paddr
		                      ? text_range(place->start_paddr, place->end_paddr)
		                      : "-",
		              place->text);
	return bytes_text(&text);
}

static void print_rule(const struct output *out, const struct findings *findings,
                       const struct lint_verdict *verdict)
{
	const struct lint_rule *rule = verdict->rule;
	const struct finding *finding = finding_of(findings, rule);

	out_text(out, "<testcase classname=\"mapdiff.lint\" name=\"%s\">", rule->id);
	if (verdict->why_not != NULL)
		out_text(out, "<skipped message=\"%s\"/>", xml(verdict->why_not));
	else if (finding != NULL && rule->severity == SEVERITY_NOTE)
		out_text(out, "<system-out>%s\n%s</system-out>", xml(rule->title),
		         xml(places_text(finding)));
	else if (finding != NULL)
		out_text(out, "<failure type=\"%s\" message=\"%s\">%s</failure>",
		         severity_names[rule->severity], xml(rule->title),
		         xml(places_text(finding)));
	out_text(out, "</testcase>\n");
}

void junit_lint(const struct output *out, const struct findings *findings)
{
	begin_suite(out, findings->record->name, findings->n_rules,
	            lint_count(findings, SEVERITY_ERROR) + lint_count(findings, SEVERITY_WARNING),
	            findings->n_rules - findings->n_checked);
	MEMORY_EACH(verdict, findings, rules)
		print_rule(out, findings, verdict);
	end_suite(out);
}

/* All of a boot: readers take one failure of a test, and no more. */
static void print_failures(const struct output *out, const struct gate_boot *boot)
{
	if (boot->n_texts == 0)
		return;
	out_text(out, "<failure type=\"gate\" message=\"%s\">", xml(boot->texts[0]));
	MEMORY_EACH(text, boot, texts)
		out_text(out, "%s\n", xml(*text));
	out_text(out, "</failure>");
}

void junit_gate(const struct output *out, const struct gate *gate)
{
	size_t n_failures = 0;

	MEMORY_EACH(boot, gate, boots)
		n_failures += boot->n_texts > 0;
	begin_suite(out, "mapdiff gate", gate->n_boots, n_failures, 0);
	MEMORY_EACH(boot, gate, boots) {
		out_text(out, "<testcase classname=\"mapdiff.gate\" name=\"%s\">", xml(boot->name));
		print_failures(out, boot);
		out_text(out, "</testcase>\n");
	}
	end_suite(out);
}

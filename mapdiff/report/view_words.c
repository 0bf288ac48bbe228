/* view_words.c - a view of one boot -> sentences: see view_words.h. */
#include "mapdiff/report/view_words.h"

#include "mapdiff/base/text.h"
#include "mapdiff/lint/lint.h"

const char *words_of_assumptions(const struct view *view)
{
	bool is_computed = false;

	for (size_t i = 0; i < RECORD_TARGETS; i++)
		is_computed |= view->targets[i].is_shown && !view->targets[i].is_recorded;
	if (!is_computed || view->kernel.start_paddr == view->kernel.end_paddr)
		return NULL;
	return memory_printf("computed for a kernel at %s%s; this file does not show EBDA, MP "
	                     "tables and hand-off pages",
	                     text_range(view->kernel.start_paddr, view->kernel.end_paddr),
	                     view->is_kernel_assumed ? " (assumed)" : "");
}

const char *words_of_findings(const struct findings *findings)
{
	struct bytes text = { 0 };

	if (findings->n_checked == 0)
		return memory_printf("no rule could be checked: %s", findings->rules[0].why_not);
	for (size_t severity = SEVERITY_COUNT; severity-- > 0;)
		memory_append(&text, "%s%s", text.n_text > 0 ? ", " : "",
		              text_count(lint_count(findings, (enum severity)severity),
		                         severity_names[severity]));
	if (findings->n_entries > 0)
		memory_append(&text, "; first: %s. All: mapdiff lint",
		              findings->entries[0].rule->title);
	return bytes_text(&text);
}

/* outcome.c - a kind and a format -> an outcome: see outcome.h. */
#include "handoff/stub/outcome.h"

#define DEFINE_OUTCOME(name, outcome_kind)                                                   \
	struct outcome name(const char *format, ...)                                         \
	{                                                                                    \
		struct outcome outcome = { .kind = (outcome_kind), .pfn = OUTCOME_NO_PAGE }; \
		va_list args;                                                                \
                                                                                             \
		va_start(args, format);                                                      \
		text_vformat(outcome.text, sizeof outcome.text, format, args);               \
		va_end(args);                                                                \
		return outcome;                                                              \
	}
DEFINE_OUTCOME(outcome_ok, OUTCOME_OK)
DEFINE_OUTCOME(outcome_fail, OUTCOME_FAIL)
DEFINE_OUTCOME(outcome_not_applicable, OUTCOME_NOT_APPLICABLE)

struct outcome outcome_in_brief(struct outcome outcome, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vformat(outcome.brief, sizeof outcome.brief, format, args);
	va_end(args);
	return outcome;
}

struct outcome outcome_of_page(struct outcome outcome, pfn_t pfn, const char *what)
{
	outcome.pfn = pfn;
	outcome.what = what;
	return outcome_in_brief(outcome, "page 0x%llx", (ull)pfn);
}

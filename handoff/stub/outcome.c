/* outcome.c - a kind and a format -> an outcome: see outcome.h. */
#include "handoff/stub/outcome.h"

static struct outcome make(int kind, uint64_t n_seen, const char *format, va_list args)
{
	struct outcome outcome = { .kind = kind, .n_seen = n_seen, .pfn = OUTCOME_NO_PAGE };

	text_vformat(outcome.text, sizeof outcome.text, format, args);
	return outcome;
}

struct outcome outcome_ok(uint64_t n_seen, const char *format, ...)
{
	struct outcome outcome;
	va_list args;

	va_start(args, format);
	outcome = make(OUTCOME_OK, n_seen, format, args);
	va_end(args);
	return outcome;
}

#define DEFINE_OUTCOME(name, outcome_kind)                       \
	struct outcome name(const char *format, ...)             \
	{                                                        \
		struct outcome outcome;                          \
		va_list args;                                    \
                                                                 \
		va_start(args, format);                          \
		outcome = make((outcome_kind), 0, format, args); \
		va_end(args);                                    \
		return outcome;                                  \
	}
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

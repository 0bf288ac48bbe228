/* outcome.c - a kind and a format -> an outcome: see outcome.h. */
#include "handoff/stub/outcome.h"

static struct outcome outcome_of(int kind, const char *format, va_list args)
{
	struct outcome outcome = { .kind = kind };

	text_vformat(outcome.text, sizeof outcome.text, format, args);
	return outcome;
}

#define DEFINE_OUTCOME(name, outcome_kind)                        \
	struct outcome name(const char *format, ...)              \
	{                                                         \
		struct outcome outcome;                           \
		va_list args;                                     \
                                                                  \
		va_start(args, format);                           \
		outcome = outcome_of(outcome_kind, format, args); \
		va_end(args);                                     \
		return outcome;                                   \
	}
DEFINE_OUTCOME(outcome_ok, OUTCOME_OK)
DEFINE_OUTCOME(outcome_fail, OUTCOME_FAIL)
DEFINE_OUTCOME(outcome_not_applicable, OUTCOME_NOT_APPLICABLE)

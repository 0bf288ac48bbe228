/* outcome.c - a kind and a format -> an outcome: see outcome.h. */
#include "handoff/stub/outcome.h"

#define DEFINE_OUTCOME(name, outcome_kind)                                     \
	struct outcome name(const char *format, ...)                           \
	{                                                                      \
		struct outcome outcome = { .kind = (outcome_kind) };           \
		va_list args;                                                  \
                                                                               \
		va_start(args, format);                                        \
		text_vformat(outcome.text, sizeof outcome.text, format, args); \
		va_end(args);                                                  \
		return outcome;                                                \
	}
DEFINE_OUTCOME(outcome_ok, OUTCOME_OK)
DEFINE_OUTCOME(outcome_fail, OUTCOME_FAIL)
DEFINE_OUTCOME(outcome_not_applicable, OUTCOME_NOT_APPLICABLE)

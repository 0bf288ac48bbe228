/* rule.c - a rule's answer -> a finding: see rule.h. */
#include "mapdiff/lint/rule.h"

#include <stdarg.h>

#include "mapdiff/base/memory.h"

void rule_found(struct lint *lint, paddr_t start_paddr, paddr_t end_paddr, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	*MEMORY_ADD(lint->findings, entries) = (struct finding){
		.rule = lint->rule,
		.start_paddr = start_paddr,
		.end_paddr = end_paddr,
		.text = memory_vprintf(format, args),
	};
	va_end(args);
}

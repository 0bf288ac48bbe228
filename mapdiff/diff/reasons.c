/* reasons.c - see reasons.h. */
#include "mapdiff/diff/reasons.h"

#include "mapdiff/base/memory.h"

void reason_add(struct diff *diff, enum verdict verdict, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	*MEMORY_ADD(&diff->resume, reasons) =
		(struct resume_reason){ verdict, memory_vprintf(format, args) };
	va_end(args);
}

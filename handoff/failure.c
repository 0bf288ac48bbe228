/* failure.c - see failure.h. */
#include "handoff/failure.h"

#include <stddef.h>

static const char *const texts[FAILURE_END] = {
	[FAILURE_EXIT_REFUSED] = "The firmware refused 16 times to be left.",
	[FAILURE_EXIT_ERROR] = "The firmware failed while it was being left.",
	[FAILURE_MAP] = "The firmware's last memory map cannot be used.",
	[FAILURE_MOVES] = "A page for the kernel is no RAM any more.",
	[FAILURE_BITMAP] = "The last map leaves no room for the bitmap.",
	[FAILURE_PAGE_TABLES] = "The last map needs more page tables.",
	[FAILURE_CHECK_BLOCK] = "Check block failed.",
	[FAILURE_CHECK_LIMITS] = "Check limits failed.",
	[FAILURE_CHECK_BITMAP] = "Check bitmap failed.",
	[FAILURE_CHECK_ALLOCATOR] = "Check allocator failed.",
	[FAILURE_CHECK_MEMORY] = "Check memory failed.",
	[FAILURE_CHECK_ACPI] = "Check acpi failed.",
	[FAILURE_CHECK_SMBIOS] = "Check smbios failed.",
	[FAILURE_CHECK_INITRD] = "Check initrd failed.",
	[FAILURE_CHECK_OTHERS] = "Check others failed.",
	[FAILURE_CHECK_UNCHANGED] = "Check unchanged failed.",
	[FAILURE_CHECK_RUNTIME] = "Check runtime failed.",
	[FAILURE_STOPPED] = "The proof stopped in the middle.",
	[FAILURE_CHECK_ENTRY] = "Check entry failed.",
};

const char *failure_text(unsigned number)
{
	return number < FAILURE_END ? texts[number] : NULL;
}

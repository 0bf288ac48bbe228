/*
 * failure.h - the numbers of what can go wrong when the firmware is gone: on the loader's last
 * screen, and on that of the stub kernel's verdict. README.md explains each; tests/check-protocol
 * compares. A number that has been given is never used for something else.
 */
#ifndef HANDOFF_FAILURE_H
#define HANDOFF_FAILURE_H

enum failure {
	FAILURE_EXIT_REFUSED = 11, /* of the loader, after the first attempt to leave */
	FAILURE_EXIT_ERROR = 12,
	FAILURE_MAP = 13,
	FAILURE_MOVES = 14,
	FAILURE_BITMAP = 15,
	FAILURE_PAGE_TABLES = 16,

	FAILURE_CHECK_BLOCK = 31, /* of the stub kernel: its checks */
	FAILURE_CHECK_LIMITS = 32,
	FAILURE_CHECK_BITMAP = 33,
	FAILURE_CHECK_ALLOCATOR = 34,
	FAILURE_CHECK_MEMORY = 35,
	FAILURE_CHECK_ACPI = 36,
	FAILURE_CHECK_SMBIOS = 37,
	FAILURE_CHECK_INITRD = 38,
	FAILURE_CHECK_OTHERS = 39,
	FAILURE_CHECK_UNCHANGED = 40,
	FAILURE_CHECK_RUNTIME = 41,
	FAILURE_STOPPED = 42,
	FAILURE_CHECK_ENTRY = 43,
	FAILURE_END
};

/* One sentence for each, with a full stop, of up to 50 characters; NULL for a number that is none.
 */
const char *failure_text(unsigned number);

#endif

/*
 * hook_list.h - for the files that have hooks: the tables that they replace services in, and how a
 * line finds its hook. The hooks themselves are listed in hook.h.
 */
#ifndef TESTS_EFI_HOOK_LIST_H
#define TESTS_EFI_HOOK_LIST_H

#include <stdbool.h>

#include "efi/uefi.h"

/* The firmware's tables, and what was in them before the first hook. */
struct hook_tables {
	EFI_SYSTEM_TABLE *system;
	EFI_BOOT_SERVICES *boot;
	EFI_RUNTIME_SERVICES *runtime;
	EFI_SYSTEM_TABLE real_system;
	EFI_BOOT_SERVICES real_boot;
	EFI_RUNTIME_SERVICES real_runtime;
};
extern struct hook_tables hook_tables __attribute__((visibility("hidden")));

struct hook {
	const char *name;
	bool (*install)(const char *argument); /* false if the machine has nothing for it to hook */
};

/* Install the one of the @n hooks that @line names. False if there is none, or nothing to hook. */
bool hook_take(const struct hook *hooks, size_t n, const char *line);

/* An error by its number, without the error bit (UEFI 2.10 Appendix D). */
#define HOOK_ERROR(number) ((EFI_STATUS)(number) | (EFI_STATUS)1 << (sizeof(EFI_STATUS) * 8 - 1))

/* Each file's: install what @line names, and forget all of it. The tables are put right by hook.c.
 */
bool hook_map_install(const char *line);
void hook_map_reset(void);
bool hook_pages_install(const char *line);
void hook_pages_reset(void);
bool hook_runtime_install(const char *line);
void hook_runtime_reset(void);
bool hook_protocol_install(const char *line);
void hook_protocol_reset(void);
bool hook_gop_install(const char *line);
void hook_gop_reset(void);
bool hook_file_install(const char *line);
void hook_file_reset(void);

/* The start of the highest @n_pages pages that are free, or 0. */
EFI_PHYSICAL_ADDRESS hook_highest_free(UINT64 n_pages);

/* The map as the firmware has it, until the next call. False if it does not fit. */
struct hook_map {
	UINT8 *descriptors;
	UINTN bytes, key, stride;
	UINT32 version;
};
bool hook_read_map(struct hook_map *ret_map);

/* What is made of a protocol that the firmware has, or says not to have. */
EFI_STATUS hook_gop_change(const EFI_GUID *guid, EFI_STATUS status, VOID **interface);
EFI_STATUS hook_file_change(const EFI_GUID *guid, EFI_STATUS status, VOID **interface);

/* From here on HandleProtocol() and LocateProtocol() are ours. */
void hook_protocols(void);

bool hook_is_guid(const EFI_GUID *a, const EFI_GUID *b);

#endif

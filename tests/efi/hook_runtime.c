/* hook_runtime.c - the runtime services, and the watchdog: see hook.h. */
#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "tests/efi/hook_list.h"
#include "tests/efi/lines.h"

/* --- what lives after the exit --- */

static EFI_PHYSICAL_ADDRESS code_paddr; /* a page of the runtime services, or 0 */

#define CODE_GET_TIME     0x000
#define CODE_RESET_SYSTEM 0x800

/* The service whose code is at @offset of that page is these bytes, which need nothing of ours; 0
 * if there is no memory for it. */
static UINTN be_service(UINTN offset, const UINT8 *code, UINTN bytes)
{
	if (code_paddr == 0 && EFI_ERROR(hook_tables.real_boot.AllocatePages(
				       AllocateAnyPages, EfiRuntimeServicesCode, 1, &code_paddr)))
		return 0;
	memcpy((void *)((UINTN)code_paddr + offset), code, bytes);
	return (UINTN)code_paddr + offset;
}

static bool be_get_time(const UINT8 *code, UINTN bytes)
{
	UINTN start = be_service(CODE_GET_TIME, code, bytes);

	if (start != 0)
		hook_tables.runtime->GetTime = (EFI_GET_TIME)start;
	return start != 0;
}

static bool reset_returns(const char *at)
{
	static const UINT8 ret[] = { 0xc3 };
	UINTN start = be_service(CODE_RESET_SYSTEM, ret, sizeof ret);

	(void)at;
	if (start != 0)
		hook_tables.runtime->ResetSystem = (EFI_RESET_SYSTEM)start;
	return start != 0;
}

static bool get_time_hangs(const char *at)
{
	static const UINT8 jump_to_itself[] = { 0xeb, 0xfe };

	(void)at;
	return be_get_time(jump_to_itself, sizeof jump_to_itself);
}

static bool get_time_faults(const char *at)
{
	static const UINT8 ud2[] = { 0x0f, 0x0b };

	(void)at;
	return be_get_time(ud2, sizeof ud2);
}

static bool get_time_error(const char *at)
{
	EFI_STATUS error = HOOK_ERROR(lines_number(&at));
	UINT8 code[2 + sizeof error + 1] = { 0x48, 0xb8 }; /* mov rax, error */
	UINTN n = 2;

	if (sizeof error == 4)
		code[0] = 0xb8, n = 1; /* mov eax, error */
	memcpy(code + n, &error, sizeof error);
	code[n + sizeof error] = 0xc3; /* ret */
	return be_get_time(code, n + sizeof error + 1);
}

/* --- variables --- */

static EFI_STATUS set_variable_status;

static EFI_STATUS EFIAPI set_variable(CHAR16 *name, EFI_GUID *vendor, UINT32 attributes,
                                      UINTN bytes, VOID *data)
{
	(void)name, (void)vendor, (void)attributes, (void)bytes, (void)data;
	return set_variable_status;
}

static bool set_variable_error(const char *at)
{
	set_variable_status = HOOK_ERROR(lines_number(&at));
	hook_tables.runtime->SetVariable = set_variable;
	return true;
}

/* Success, and nothing was written. */
static EFI_STATUS EFIAPI get_variable_nothing(CHAR16 *name, EFI_GUID *vendor, UINT32 *attributes,
                                              UINTN *bytes, VOID *data)
{
	(void)name, (void)vendor, (void)attributes, (void)bytes, (void)data;
	return EFI_SUCCESS;
}

static bool null_variables(const char *at)
{
	(void)at;
	hook_tables.runtime->GetVariable = get_variable_nothing;
	return true;
}

/* --- SetWatchdogTimer --- */

static UINTN watchdog_seconds;

static EFI_STATUS EFIAPI set_watchdog_timer(UINTN seconds, UINT64 code, UINTN bytes, CHAR16 *data)
{
	return hook_tables.real_boot.SetWatchdogTimer(seconds > 0 ? watchdog_seconds : 0, code,
	                                              bytes, data);
}

static bool watchdog(const char *at)
{
	watchdog_seconds = (UINTN)lines_number(&at);
	hook_tables.boot->SetWatchdogTimer = set_watchdog_timer;
	return true;
}

/* --- all of them --- */

bool hook_runtime_install(const char *line)
{
	static const struct hook hooks[] = {
		{ "reset-returns", reset_returns },
		{ "get-time-hangs", get_time_hangs },
		{ "get-time-faults", get_time_faults },
		{ "get-time-error", get_time_error },
		{ "set-variable-error", set_variable_error },
		{ "null-variables", null_variables },
		{ "watchdog", watchdog },
	};

	return hook_take(hooks, COUNT(hooks), line);
}

void hook_runtime_reset(void)
{
	if (code_paddr != 0)
		hook_tables.boot->FreePages(code_paddr, 1);
	code_paddr = 0;
}

/* test_answer.c - an answer for Linux depends on two protocols of the firmware: they are asked for
 * by their names. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "efi/boot.h"
#include "tests/unit/fake_firmware.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

static struct boot boot;
static EFI_LOCATE_PROTOCOL others;

/* TCG EFI Protocol Specification 1.00 §6, EFI_TCG2_PROTOCOL; UEFI 2.10 §37.5.1, EFI_RNG_PROTOCOL.
 */
static struct {
	const char *rule;
	EFI_GUID guid;
	bool is_there, is_asked_for;
} protocols[] = {
	{ "TCG2",
	  { 0x607f766c, 0x7455, 0x42be, { 0x93, 0x0b, 0xe4, 0xd7, 0x6d, 0xb2, 0x72, 0x0f } },
	  false,
	  false },
	{ "RNG",
	  { 0x3152bca5, 0xeade, 0x433d, { 0x86, 0x2e, 0xc0, 0x1c, 0xdc, 0x29, 0x1f, 0x44 } },
	  false,
	  false },
};

static EFI_STATUS EFIAPI locate(EFI_GUID *guid, VOID *registration, VOID **ret_interface)
{
	for (size_t i = 0; i < N_OF(protocols); i++) {
		if (memcmp(guid, &protocols[i].guid, sizeof *guid) != 0)
			continue;
		protocols[i].is_asked_for = true;
		*ret_interface = protocols[i].is_there ? &protocols[i] : NULL;
		return protocols[i].is_there ? EFI_SUCCESS : EFI_NOT_FOUND;
	}
	return others(guid, registration, ret_interface);
}

static void run(void)
{
	EFI_BOOT_SERVICES *services = fake.firmware.boot_services;

	others = services->LocateProtocol;
	services->LocateProtocol = locate;
	if (setjmp(fake.end) == FAKE_RUNNING) {
		memset(&boot, 0, sizeof boot);
		boot.firmware = fake.firmware;
		boot_run(&boot);
	}
	services->LocateProtocol = others;
}

static void linux_protocols_are_asked_for(void **state)
{
	(void)state;
	for (size_t there = 0; there <= N_OF(protocols); there++) { /* none, or one of them */
		if (!fake_firmware_init()) {
			print_message("no memory of the host's at these addresses\n");
			skip();
		}
		fake.minds_watchdog = true;
		for (size_t i = 0; i < N_OF(protocols); i++) {
			protocols[i].is_there = i + 1 == there;
			protocols[i].is_asked_for = false;
		}
		run();
		for (size_t i = 0; i < N_OF(protocols); i++)
			if (!protocols[i].is_asked_for)
				fail_msg("%s", protocols[i].rule);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linux_protocols_are_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

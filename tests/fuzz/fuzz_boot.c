/*
 * fuzz_boot.c - any bytes -> a machine and its firmware, and up to three boots of it, each as it
 * would run: what it hands over must be right, what it gives back must be all, it must say what
 * went wrong, and it must not do what the specification forbids (tests/unit/fake_launch.h). For
 * libFuzzer: `make fuzz'.
 */
#include <setjmp.h>
#include <string.h>

#include "efi/boot.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/machine.h"
#include "tests/unit/fake_kernel.h"
#include "tests/unit/fake_launch.h"

static struct boot boot;
static EFI_STATUS status;

static enum fake_end run(void)
{
	enum fake_end end = (enum fake_end)setjmp(fake.end);

	if (end != FAKE_RUNNING)
		return end;
	memset(&boot, 0, sizeof boot);
	boot.firmware = fake.firmware;
	status = boot_run(&boot);
	return FAKE_RUNNING;
}

static const char *files_fault(const struct machine *machine)
{
	const struct handoff_block *block = fake_launch_block();
	const char *fault = NULL;

	if (!machine->is_sound)
		return NULL;
	if (fake.pad->entry_paddr != block->kernel_start_paddr + FAKE_KERNEL_ENTRY)
		return "the entry is not that of the file";
	fault = fake_kernel_fault(fake_launch_at(block->kernel_start_paddr));
	if (fault == NULL && block->initrd_end_paddr > 0 &&
	    memcmp(fake_launch_at(block->initrd_start_paddr), machine_initrd,
	           MACHINE_INITRD_BYTES) != 0)
		fault = "the initrd is not that of the file";
	return fault;
}

/* Policy safe keeps what the firmware has in RAM. */
static const char *tables_fault(const struct machine *machine)
{
	return boot.config.policy == POLICY_SAFE && machine->rsdp_paddr != 0 &&
	                       fake_launch_is_free(pfn_down(machine->rsdp_paddr))
	               ? "the page of the RSDP is free"
	               : NULL;
}

/* -c answers the Shell with a number, and -h with nothing; each other success is a kernel's. */
static bool is_answer(void)
{
	return boot.arguments.captures_only || boot.arguments.asks_for_help ||
	       boot.arguments.wrong[0] != '\0';
}

static const char *return_fault(const struct machine *machine)
{
	const char *fault = fake_return_fault(is_answer() ? EFI_ABORTED : status);

	if (fault != NULL || machine->is_silent || is_answer())
		return fault;
	if (status == EFI_ABORTED && boot.error.status == EFI_SUCCESS)
		return NULL; /* by a key */
	fault = fake_message_fault();
	return fault != NULL && !machine->is_named && strstr(fault, "unknown status") != NULL
	               ? NULL
	               : fault;
}

/* By a key, or by nobody's for ten minutes; or after an attempt to exit. A key stops all clocks. */
static const char *reset_fault(const struct machine *machine)
{
	if (fake.n_exits > 0)
		return fake_last_words_fault();
	if (fake.violation != NULL)
		return fake.violation;
	if (fake.stall_limit == 0)
		return fake.n_keys_read > 0 ? NULL : "it waits for ever";
	if (!machine->is_silent && strstr(fake.console, "bootmem: switching off\n") == NULL &&
	    strstr(fake.console, "bootmem: restarting\n") == NULL)
		return "reset without a word";
	return NULL;
}

static const char *end_fault(const struct machine *machine, enum fake_end end)
{
	const char *fault;

	if (end == FAKE_RUNNING)
		return return_fault(machine);
	if (end == FAKE_WAS_RESET)
		return reset_fault(machine);
	if (!fake_has_room_for_moves())
		return fake.violation;
	fault = fake_launch_fault(&boot);
	if (fault == NULL)
		fault = files_fault(machine);
	return fault != NULL ? fault : tables_fault(machine);
}

static void explain(const char *fault, enum fake_end end)
{
	fprintf(stderr, "--- the configuration:\n%s--- the console:\n%s\n--- then: %s\n",
	        fake_find_file("\\bootmem.conf") != NULL
	                ? (const char *)fake_find_file("\\bootmem.conf")->bytes
	                : "",
	        fake.console, fake.said);
	for (size_t i = 0; i < fake.n_faults; i++)
		fprintf(stderr, "--- a fault of %s: status 0x%llx\n",
		        fake.faults[i].service < FAKE_SERVICES
		                ? fake_service_names[fake.faults[i].service]
		                : "a call that was made",
		        (unsigned long long)fake.faults[i].status);
	fprintf(stderr, "--- ended in %d, status 0x%llx: %s\n", (int)end,
	        (unsigned long long)status, fault);
}

void fuzz_one(const uint8_t *data, size_t bytes)
{
	static struct machine machine;
	struct fuzz_dice dice = { data, bytes };
	uint32_t n_boots = 1 + fuzz_roll(&dice, 3);

	if (!machine_make(&dice, &machine))
		return;
	for (uint32_t i = 0; i < n_boots; i++) {
		enum fake_end end;
		const char *fault;

		if (i > 0)
			machine_start_again(&dice, &machine);
		end = run();
		fault = end_fault(&machine, end);
		if (fault != NULL) {
			explain(fault, end);
			abort();
		}
	}
}

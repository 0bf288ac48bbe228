/*
 * boot.c - the order of a boot, as a table of steps: see boot.h.
 *
 * Everything that can fail does so in a step before leave(), which does not return when it
 * succeeds: up to there nothing has been done that cannot be undone.
 */
#include "efi/boot.h"

#include "bootmem/count.h"
#include "efi/capture.h"
#include "efi/chain.h"
#include "efi/console.h"
#include "efi/describe.h"
#include "efi/hand_over.h"
#include "efi/leave.h"
#include "efi/notes.h"
#include "efi/pin.h"
#include "efi/remember.h"
#include "efi/report.h"
#include "efi/screen/dialogue.h"
#include "efi/screen/pages.h"
#include "efi/settings.h"
#include "efi/survey.h"
#include "efi/watchdog.h"

/* auto is amd64 if CPU and configuration allow it. */
static EFI_STATUS choose_target(struct boot *boot)
{
	const struct config *config = &boot->config;
	bool can_amd64 = boot->facts.cpu.has_long_mode && config->kernel_amd64[0] != '\0';
	bool is_amd64 = config->target == CONFIG_TARGET_AMD64 ||
	                (config->target == CONFIG_TARGET_AUTO &&
	                 (can_amd64 || config->kernel_ia32[0] == '\0'));

	boot->plan.booted = is_amd64 ? &boot->plan.amd64 : &boot->plan.ia32;
	if (is_amd64 && !boot->facts.cpu.has_long_mode)
		return console_error(
			&boot->firmware, EFI_UNSUPPORTED,
			"the CPU has no long mode: a kernel for amd64 cannot run on it");
	if (is_amd64 && boot->facts.cpu.has_encrypted_memory)
		return console_error(
			&boot->firmware, EFI_UNSUPPORTED,
			"memory is encrypted (SEV), which the page tables for amd64 do not know");
	if ((is_amd64 ? config->kernel_amd64 : config->kernel_ia32)[0] == '\0')
		return console_error(&boot->firmware, EFI_NOT_FOUND,
		                     "the configuration names no kernel for the target");
	return EFI_SUCCESS;
}

/* Nothing is started with -c. What is refused has no say in what is left in the firmware, either.
 */
static EFI_STATUS check_config(struct boot *boot)
{
	const char *asked = boot->arguments.config;
	EFI_STATUS status = trust_check_config(&boot->firmware, &boot->trust,
	                                       asked[0] != '\0' ? asked : CONFIG_FILE);

	boot->config.remembers &= !EFI_ERROR(status);
	return status;
}

/* How far the last boot got, before anything is done at which that one may have hung. */
static EFI_STATUS recall_last_boot(struct boot *boot)
{
	if (!boot->config.remembers)
		return EFI_SUCCESS;
	remember_begin(&boot->firmware, &boot->remember);
	if (boot->remember.last[0] != '\0')
		console_print(&boot->firmware, "bootmem: the last boot got as far as %s\n",
		              boot->remember.last);
	return EFI_SUCCESS;
}

/* Not a kernel: quietly, then, as at each boot of a machine. */
static bool starts_loader(const struct boot *boot)
{
	return boot->config.chain[0] != '\0';
}

/* For the capture alone, and as late as can be: firmware exists that hangs here. */
static EFI_STATUS read_clock(struct boot *boot)
{
	if (!boot->config.writes_capture)
		return EFI_SUCCESS;
	dialogue_tell(boot, starts_loader(boot) ? "" : "Reading the clock ...");
	describe_clock(&boot->firmware, boot->time);
	dialogue_tell(boot, "");
	return EFI_SUCCESS;
}

static EFI_STATUS show(struct boot *boot)
{
	char note[NOTE_BYTES];

	report_trust(&boot->firmware, &boot->trust);
	report_plan(&boot->firmware, &boot->snapshot.map, &boot->plan);
	report_in_use(&boot->firmware, &boot->in_use);
	for (unsigned i = 0; notes_get(boot, i, note); i++)
		console_note(&boot->firmware, "%s", note);
	return EFI_SUCCESS;
}

/* Where the configuration wants a screen that waits, it is ours from here on. */
static EFI_STATUS take_display(struct boot *boot)
{
	if (boot->arguments.captures_only || starts_loader(boot))
		return EFI_SUCCESS;
	if (boot->config.timeout_seconds != 0)
		dialogue_take_display(boot);
	report_firmware(&boot->firmware, &boot->trust);
	return EFI_SUCCESS;
}

static bool has_protocol(const struct firmware *firmware, EFI_GUID guid)
{
	void *protocol = NULL;

	return !EFI_ERROR(firmware->boot_services->LocateProtocol(&guid, NULL, &protocol)) &&
	       protocol != NULL;
}

/* What Linux's stub will add to the map, and when: see answer.h. */
static EFI_STATUS find_answer(struct boot *boot)
{
	static const EFI_GUID tcg2_guid = {
		0x607f766c, 0x7455, 0x42be, { 0x93, 0x0b, 0xe4, 0xd7, 0x6d, 0xb2, 0x72, 0x0f }
	};
	static const EFI_GUID rng_guid = {
		0x3152bca5, 0xeade, 0x433d, { 0x86, 0x2e, 0xc0, 0x1c, 0xdc, 0x29, 0x1f, 0x44 }
	};
	struct answer_limits limits = { .has_tpm_log = has_protocol(&boot->firmware, tcg2_guid),
		                        .has_rng = has_protocol(&boot->firmware, rng_guid) };

	answer_make(&boot->comparison, &limits, &boot->answer);
	if (boot->arguments.captures_only)
		page_answer(boot, ANSWER_NO_KEYS);
	return EFI_SUCCESS;
}

static EFI_STATUS end_plan(struct boot *boot)
{
	survey_end_plan(boot);
	return EFI_SUCCESS;
}

/* What a step is for. A capture needs neither a kernel nor all of the configuration: an error costs
 * the boot only. */
enum purpose { FOR_CAPTURE, FOR_START, FOR_KERNEL, FOR_LOADER };

/* What plans is done anew when the map has outgrown the plan. The stages are remember.h's. */
static const struct {
	EFI_STATUS (*run)(struct boot *boot);
	enum purpose purpose;
	bool is_planning;
	struct remember_stage stage;
} steps[] = {
	{ survey_in_use, FOR_CAPTURE, false, { "", false } },
	{ read_settings, FOR_CAPTURE, false, { "", false } },
	{ check_config, FOR_START, false, { "", false } },
	{ recall_last_boot, FOR_CAPTURE, false, { "", false } },
	{ take_display, FOR_CAPTURE, false, { "opening the display", false } },
	{ survey, FOR_CAPTURE, true, { "reading the memory map", false } },
	{ choose_target, FOR_KERNEL, true, { "", false } },
	{ check_files, FOR_KERNEL, false, { "", false } },
	{ load_files, FOR_KERNEL, true, { "reading the kernel", false } },
	{ place_handed_pages, FOR_KERNEL, true, { "planning the memory", false } },
	{ plan_bitmaps, FOR_KERNEL, true, { "", false } },
	{ end_plan, FOR_CAPTURE, true, { "", false } },
	{ pin_hold, FOR_START, false, { "", false } },
	{ show, FOR_KERNEL, false, { "", false } },
	{ read_clock, FOR_CAPTURE, false, { "reading the clock", false } },
	{ take_capture, FOR_CAPTURE, false, { "writing the capture", false } },
	{ find_answer, FOR_CAPTURE, false, { "", false } },
	{ dialogue_answer, FOR_KERNEL, false, { "showing the answer", true } },
	{ leave, FOR_KERNEL, false, { "leaving the firmware", true } },
	{ dialogue_answer_if_asked, FOR_LOADER, false, { "showing the answer", true } },
	{ chain_start, FOR_LOADER, false, { "starting the next loader", true } },
};

static EFI_STATUS run_step(struct boot *boot, size_t i)
{
	remember_reach(&boot->firmware, &boot->remember, &steps[i].stage);
	return steps[i].run(boot);
}

/* The map has outgrown the plan in step @last, which has done nothing else: plan with more slack,
 * and do that step again. */
static EFI_STATUS plan_anew(struct boot *boot, size_t last)
{
	EFI_STATUS status = EFI_SUCCESS;

	if (steps[last].is_planning)
		survey_end_plan(boot);
	if (!survey_forget(boot))
		return console_error(&boot->firmware, EFI_BUFFER_TOO_SMALL,
		                     "the firmware's memory map grows faster than can be planned");
	console_note(&boot->firmware, "the memory map has outgrown the plan: planned anew");
	for (size_t i = 0; i <= last && !EFI_ERROR(status); i++)
		if (steps[i].is_planning || i == last)
			status = run_step(boot, i);
	return status;
}

static EFI_STATUS run_planned_step(struct boot *boot, size_t i)
{
	EFI_STATUS status = run_step(boot, i);

	while (boot->is_outgrown)
		status = plan_anew(boot, i);
	return status;
}

static bool is_needed(const struct boot *boot, enum purpose purpose, EFI_STATUS first)
{
	if (purpose == FOR_CAPTURE)
		return true;
	if (EFI_ERROR(first) || boot->arguments.captures_only)
		return false;
	return purpose == FOR_START || (purpose == FOR_LOADER) == starts_loader(boot);
}

static EFI_STATUS run_steps(struct boot *boot)
{
	EFI_STATUS first = EFI_SUCCESS;

	for (size_t i = 0; i < COUNT(steps); i++) {
		EFI_STATUS status;

		watchdog_arm(&boot->firmware);
		status = is_needed(boot, steps[i].purpose, first) ? run_planned_step(boot, i)
		                                                  : EFI_SUCCESS;
		if (!EFI_ERROR(status))
			continue;
		first = EFI_ERROR(first) ? first : status;
		boot->plan.booted = NULL; /* nothing of it will be handed over */
		if (boot->root == NULL || boot->has_no_map)
			break; /* no volume or no map: no capture */
	}
	if (boot->has_no_map)
		boot->comparison.kind = COMPARISON_NONE; /* what it is about is gone, too */
	return first;
}

static void show_error(struct boot *boot)
{
	static const struct remember_stage stage = { "showing the error", true };

	remember_reach(&boot->firmware, &boot->remember, &stage);
	dialogue_error(boot);
}

/* bootmem.efi -c: what the Shell has in %lasterror%. */
static EFI_STATUS answer_shell(const struct boot *boot)
{
	const struct comparison *comparison = &boot->comparison;

	if (boot->error.status != EFI_SUCCESS || comparison->saved != EFI_SUCCESS)
		return ARGUMENTS_TROUBLE;
	switch (comparison->kind) {
	case COMPARISON_FIRST:
	case COMPARISON_UNCHANGED:
		return ARGUMENTS_SAME;
	case COMPARISON_CHANGED:
		return ARGUMENTS_CHANGED;
	default:
		return ARGUMENTS_TROUBLE;
	}
}

EFI_STATUS boot_run(struct boot *boot)
{
	EFI_STATUS status;

	boot->memory.firmware = &boot->firmware;
	boot->firmware.error = &boot->error;
	arguments_read(&boot->firmware, &boot->arguments);
	if (boot->arguments.asks_for_help) {
		console_print(&boot->firmware, "%s", arguments_help);
		return EFI_SUCCESS;
	}
	if (boot->arguments.wrong[0] != '\0') {
		console_error(&boot->firmware, EFI_INVALID_PARAMETER, "%s; -h helps",
		              boot->arguments.wrong);
		return ARGUMENTS_TROUBLE;
	}
	trust_read_secure_boot(&boot->firmware, &boot->trust);
	status = run_steps(boot);
	if (boot->arguments.captures_only)
		status = answer_shell(boot);
	else if (boot->error.status != EFI_SUCCESS)
		show_error(boot);
	pin_end(boot);
	watchdog_arm(&boot->firmware); /* who waited for a key disarmed it */
	if (boot->root != NULL)
		boot->root->Close(boot->root);
	if (boot->loader_root != NULL)
		boot->loader_root->Close(boot->loader_root);
	memory_give_back(&boot->memory, 0);
	remember_end(&boot->firmware, &boot->remember);
	watchdog_disarm(&boot->firmware);
	return status;
}

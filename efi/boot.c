/*
 * boot.c - the order of a boot, as a table of steps: see boot.h.
 *
 * Everything that can fail does so in a step before leave(), which does not return when it
 * succeeds: up to there nothing has been done that cannot be undone.
 */
#include "efi/boot.h"

#include "bootmem/count.h"
#include "efi/capture.h"
#include "efi/console.h"
#include "efi/hand_over.h"
#include "efi/leave.h"
#include "efi/medium.h"
#include "efi/report.h"
#include "efi/survey.h"
#include "efi/volume.h"

#define KEY_POLL_MICROSECONDS 100000
#define KEY_POLLS_PER_SECOND  10
#define KEY_ESC               0x17 /* UEFI 2.10 §12.1.2, Table 12.2 */

/* bootmem.conf, of the volume that bootmem came from, or of another one of the same disk, which is
 * boot->root then. */
static EFI_STATUS open_config(struct boot *boot, EFI_FILE_HANDLE *ret_file, uint64_t *ret_bytes)
{
	EFI_STATUS status = volume_open_file(boot->root, CONFIG_FILE, ret_file, ret_bytes);
	EFI_FILE_HANDLE data;

	if (status != EFI_NOT_FOUND)
		return status;
	data = medium_find_data(&boot->firmware);
	if (data == NULL)
		return status;
	boot->loader_root = boot->root;
	boot->root = data;
	return volume_open_file(boot->root, CONFIG_FILE, ret_file, ret_bytes);
}

/* The volume and its configuration. No file is no error: everything has a default. */
static EFI_STATUS read_config(struct boot *boot)
{
	struct config_error error;
	EFI_FILE_HANDLE file;
	uint64_t file_bytes;
	EFI_STATUS status;
	char *text;

	config_defaults(&boot->config);
	status = volume_open(&boot->firmware, boot->firmware.loaded_image->DeviceHandle,
	                     &boot->root);
	if (EFI_ERROR(status))
		return console_error(&boot->firmware, status,
		                     "the volume that bootmem came from cannot be opened");
	status = open_config(boot, &file, &file_bytes);
	if (status == EFI_NOT_FOUND) {
		console_warn(&boot->firmware, "no %s: the defaults hold", CONFIG_FILE);
		return EFI_SUCCESS;
	}
	if (EFI_ERROR(status))
		return console_error(&boot->firmware, status, CONFIG_FILE " cannot be opened");
	if (file_bytes > CONFIG_FILE_BYTES) {
		file->Close(file);
		return console_error(&boot->firmware, EFI_BAD_BUFFER_SIZE,
		                     CONFIG_FILE " is larger than 64 KiB");
	}
	text = memory_claim_bytes(&boot->memory, file_bytes + 1);
	status = text == NULL ? EFI_OUT_OF_RESOURCES
	                      : volume_read(file, 0, text, file_bytes, NULL, NULL);
	file->Close(file);
	if (EFI_ERROR(status))
		return console_error(&boot->firmware, status, CONFIG_FILE " cannot be read");
	if (config_parse(&boot->config, text, (size_t)file_bytes, &error))
		return EFI_SUCCESS;
	return console_error(&boot->firmware, EFI_INVALID_PARAMETER, "%s:%u: %s: %s", CONFIG_FILE,
	                     error.line, error.word, error.what);
}

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

static EFI_STATUS show(struct boot *boot)
{
	report_plan(&boot->firmware, &boot->snapshot.map, &boot->plan);
	return EFI_SUCCESS;
}

/* As long as the configuration says. A key stops the clock; then Enter goes on, and Esc goes back
 * to the firmware at any time. */
static EFI_STATUS wait_for_keys(struct boot *boot)
{
	SIMPLE_INPUT_INTERFACE *in = boot->firmware.system_table->ConIn;
	uint64_t polls = boot->config.timeout_seconds * KEY_POLLS_PER_SECOND;
	bool is_stopped = false;
	EFI_INPUT_KEY key;

	if (in != NULL)
		in->Reset(in, FALSE); /* keys that were meant for the boot menu */
	if (polls > 0 && in != NULL)
		console_print(&boot->firmware,
		              "\nStarting in %u s: any key stops, Esc goes back to the firmware\n",
		              (unsigned)boot->config.timeout_seconds);
	while (in != NULL && (polls > 0 || is_stopped)) {
		if (EFI_ERROR(in->ReadKeyStroke(in, &key))) {
			boot->firmware.boot_services->Stall(KEY_POLL_MICROSECONDS);
			polls -= polls > 0;
		} else if (key.ScanCode == KEY_ESC) {
			console_print(&boot->firmware, "bootmem: back to the firmware\n");
			return EFI_ABORTED;
		} else if (is_stopped && key.UnicodeChar == '\r') {
			break;
		} else if (!is_stopped) {
			is_stopped = true;
			console_print(&boot->firmware, "Stopped: Enter starts the kernel\n");
		}
	}
	console_print(&boot->firmware, "\nbootmem: leaving the firmware, entering the kernel\n");
	return EFI_SUCCESS;
}

EFI_STATUS boot_run(struct boot *boot)
{
	static EFI_STATUS (*const steps[])(struct boot *) = {
		read_config,  survey, choose_target, load_files,    place_handed_pages,
		plan_bitmaps, show,   take_capture,  wait_for_keys, leave,
	};
	EFI_STATUS status = EFI_SUCCESS;

	boot->memory.firmware = &boot->firmware;
	report_firmware(&boot->firmware);
	for (size_t i = 0; i < COUNT(steps) && !EFI_ERROR(status); i++)
		status = steps[i](boot);
	if (boot->root != NULL)
		boot->root->Close(boot->root);
	if (boot->loader_root != NULL)
		boot->loader_root->Close(boot->loader_root);
	memory_give_back(&boot->memory, 0);
	return status;
}

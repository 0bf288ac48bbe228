/* trust.c - see trust.h. */
#include "efi/trust.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "efi/console.h"
#include "efi/variable.h"
#include "efi/watchdog.h"
#include "handoff/handoff.h"

#define PIECE_BYTES (UINT64_C(4) << 20) /* between two looks at the watchdog */

#define SIGN_ANEW "make usb SIGN_KEY=... SIGN_CERT=..."

/* --- what the firmware says --- */

static EFI_STATUS read_flag(const struct firmware *firmware, CHAR16 *name, uint8_t *ret_value)
{
	static EFI_GUID global_variable_guid = EFI_GLOBAL_VARIABLE;
	UINTN bytes = sizeof *ret_value;
	EFI_STATUS status = variable_read(firmware, name, &global_variable_guid, ret_value, &bytes);

	return !EFI_ERROR(status) && bytes != sizeof *ret_value ? EFI_BUFFER_TOO_SMALL : status;
}

static uint32_t read_state(const struct firmware *firmware, EFI_STATUS status, uint8_t is_on)
{
	static CHAR16 setup_mode[] = L"SetupMode";
	uint8_t is_setup = 0;

	if (status == EFI_BUFFER_TOO_SMALL) /* there, but no flag */
		return HANDOFF_SECURE_BOOT_ON;
	if (EFI_ERROR(status))
		return HANDOFF_SECURE_BOOT_UNKNOWN;
	if (is_on != 0)
		return HANDOFF_SECURE_BOOT_ON;
	status = read_flag(firmware, setup_mode, &is_setup);
	return !EFI_ERROR(status) && is_setup == 1 ? HANDOFF_SECURE_BOOT_SETUP
	                                           : HANDOFF_SECURE_BOOT_OFF;
}

void trust_read_secure_boot(const struct firmware *firmware, struct trust *trust)
{
	static CHAR16 secure_boot[] = L"SecureBoot";
	uint8_t is_on = 0;
	EFI_STATUS status = read_flag(firmware, secure_boot, &is_on);

	trust->secure_boot = read_state(firmware, status, is_on);
	trust->is_untold = trust->secure_boot == HANDOFF_SECURE_BOOT_UNKNOWN &&
	                   status != EFI_NOT_FOUND && status != EFI_UNSUPPORTED;
}

bool trust_is_in_doubt(const struct trust *trust)
{
	return trust->is_untold && !manifest_is_there(&trust->manifest);
}

const char *trust_secure_boot_name(uint32_t secure_boot)
{
	static const char *const names[] = {
		[HANDOFF_SECURE_BOOT_UNKNOWN] = NULL,
		[HANDOFF_SECURE_BOOT_OFF] = "disabled",
		[HANDOFF_SECURE_BOOT_ON] = "enabled",
		[HANDOFF_SECURE_BOOT_SETUP] = "setup mode",
	};

	return secure_boot < COUNT(names) ? names[secure_boot] : NULL;
}

/* What firmware does not say may be so: an image that was signed with a list keeps to it then. */
static bool is_enforced(const struct trust *trust)
{
	return trust->secure_boot == HANDOFF_SECURE_BOOT_ON ||
	       (trust->secure_boot == HANDOFF_SECURE_BOOT_UNKNOWN &&
	        manifest_is_there(&trust->manifest));
}

const char *trust_reason(const struct trust *trust)
{
	return trust->secure_boot == HANDOFF_SECURE_BOOT_ON ? "Secure Boot is on"
	                                                    : "bootmem is signed";
}

/* --- the configuration --- */

static EFI_STATUS refuse_line(const struct firmware *firmware, const struct trust *trust)
{
	static const char *const texts[] = {
		[MANIFEST_SAME] = "it is not as it was signed",
		[MANIFEST_CHANGED] = "this line is not as it was signed",
		[MANIFEST_ADDED] = "this line was not there when it was signed",
		[MANIFEST_REMOVED] = "a line that was signed is not there",
		[MANIFEST_MOVED] = "this line had another place when it was signed",
	};
	const struct manifest_difference *difference = &trust->refusal.difference;
	char place[16] = "";

	if (difference->number > 0)
		text_format(place, sizeof place, ":%u", difference->number);
	return console_error(
		firmware, EFI_SECURITY_VIOLATION,
		"%s%s: %s, and %s: %s%s%s. Undo it, or write the stick "
		"again: " SIGN_ANEW,
		trust->refusal.path, place, trust_reason(trust), texts[difference->change],
		difference->found,
		difference->found[0] != '\0' && difference->wanted[0] != '\0' ? "; signed: " : "",
		difference->wanted);
}

EFI_STATUS trust_check_config(const struct firmware *firmware, struct trust *trust,
                              const char *path)
{
	struct refusal *refusal = &trust->refusal;

	if (!is_enforced(trust))
		return EFI_SUCCESS;
	if (!manifest_is_there(&trust->manifest)) {
		refusal->kind = REFUSAL_NO_LIST;
		return console_error(firmware, EFI_SECURITY_VIOLATION,
		                     "Secure Boot is on, and this bootmem has no list of the files "
		                     "that it may start: " SIGN_ANEW " makes one that has");
	}
	manifest_sum_config(trust->config_text, trust->config_bytes, refusal->found);
	refusal->has_wanted = manifest_sum(&trust->manifest, MANIFEST_CONFIG, refusal->wanted);
	if (refusal->has_wanted && sha256_is(refusal->wanted, refusal->found))
		return EFI_SUCCESS;
	refusal->kind = REFUSAL_CONFIG;
	refusal->path = path;
	manifest_compare(&trust->manifest, trust->config_text, trust->config_bytes,
	                 &refusal->difference);
	return refuse_line(firmware, trust);
}

/* --- files --- */

/* The first sum of the configuration that is for this file, behind @sum; NULL at first. */
static const struct config_sum *next_sum(const struct trust_file *file,
                                         const struct config_sum *sum)
{
	const struct config_sum *end = file->sums->sums + file->sums->n_sums;

	for (sum = sum == NULL ? file->sums->sums : sum + 1; sum < end; sum++)
		if (config_sum_is_of(sum, file->path))
			return sum;
	return NULL;
}

bool trust_asks_for(const struct trust *trust, const struct trust_file *file)
{
	return is_enforced(trust) || next_sum(file, NULL) != NULL;
}

static void take_sum(const struct firmware *firmware, const void *bytes, uint64_t n_bytes,
                     uint8_t ret_sum[SHA256_BYTES])
{
	const uint8_t *at = bytes;
	struct sha256 sha256;

	sha256_begin(&sha256);
	while (n_bytes > 0) {
		size_t piece = (size_t)min_u64(n_bytes, PIECE_BYTES);

		watchdog_arm(firmware);
		sha256_add(&sha256, at, piece);
		at += piece;
		n_bytes -= piece;
	}
	sha256_end(&sha256, ret_sum);
}

static EFI_STATUS refuse_file(const struct firmware *firmware, const struct trust *trust,
                              const struct trust_file *file)
{
	const struct refusal *refusal = &trust->refusal;
	char found[SHA256_TEXT_BYTES], wanted[SHA256_TEXT_BYTES];

	sha256_text(found, refusal->found);
	sha256_text(wanted, refusal->wanted);
	if (refusal->kind == REFUSAL_DAMAGED)
		return console_error(firmware, EFI_COMPROMISED_DATA,
		                     "%s %s: damaged, or another file: its SHA-256 is %s, and %s "
		                     "says %s. Copy it to the stick again, or, if it is the one "
		                     "that you want, delete that line",
		                     file->noun, file->path, found, file->key, wanted);
	return console_error(firmware, EFI_SECURITY_VIOLATION,
	                     "%s %s: %s, and this is not the file that was signed "
	                     "with this stick: its SHA-256 is %s, and signed is %s. Write the "
	                     "stick again: " SIGN_ANEW,
	                     file->noun, file->path, trust_reason(trust), found,
	                     refusal->has_wanted ? wanted : "none");
}

/* One of those that are for it, or none is. */
static bool is_as_configured(const struct trust_file *file, struct refusal *refusal)
{
	const struct config_sum *first = next_sum(file, NULL);

	for (const struct config_sum *sum = first; sum != NULL; sum = next_sum(file, sum))
		if (sha256_is(sum->sha256, refusal->found))
			return true;
	if (first != NULL)
		memcpy(refusal->wanted, first->sha256, sizeof refusal->wanted);
	return first == NULL;
}

EFI_STATUS trust_check_file(const struct firmware *firmware, struct trust *trust,
                            const struct trust_file *file, const void *bytes, uint64_t n_bytes)
{
	struct refusal *refusal = &trust->refusal;

	refusal->noun = file->noun;
	refusal->path = file->path;
	take_sum(firmware, bytes, n_bytes, refusal->found);
	if (is_enforced(trust)) {
		refusal->has_wanted = manifest_sum(&trust->manifest, file->name, refusal->wanted);
		if (!refusal->has_wanted || !sha256_is(refusal->wanted, refusal->found)) {
			refusal->kind = REFUSAL_NOT_SIGNED;
			return refuse_file(firmware, trust, file);
		}
	}
	refusal->has_wanted = true;
	if (!is_as_configured(file, refusal)) {
		refusal->kind = REFUSAL_DAMAGED;
		return refuse_file(firmware, trust, file);
	}
	trust->sums |= file->sum;
	memcpy(file->sum == HANDOFF_SUM_KERNEL ? trust->kernel_sha256 : trust->initrd_sha256,
	       refusal->found, SHA256_BYTES);
	return EFI_SUCCESS;
}

/*
 * test_trust.c - whole boots against a made-up firmware, in which a file is not the one that was
 * meant: by its sum in the configuration, and with Secure Boot on by the list in the image.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "efi/boot.h"
#include "handoff/handoff.h"
#include "tests/unit/fake_firmware.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

#define KERNEL_PADDR UINT64_C(0x10400000)
#define CODE_OFFSET  0x1000
#define CODE_BYTES   0x1800
#define KERNEL_BYTES 0x3001 /* more than is loaded */
#define INITRD_BYTES 5000
#define ANOTHER_SUM  "0000000000000000000000000000000000000000000000000000000000000bad"
#define TEXT_BYTES   4096

static struct boot boot;
static EFI_STATUS status;
static uint8_t kernel[KERNEL_BYTES], initrd[INITRD_BYTES], other_kernel[KERNEL_BYTES];
static char list[TEXT_BYTES], conf[TEXT_BYTES];

static void build_files(void)
{
	Elf64_Ehdr header = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB,
		                           EV_CURRENT },
		              .e_type = ET_EXEC,
		              .e_machine = EM_X86_64,
		              .e_version = EV_CURRENT,
		              .e_entry = KERNEL_PADDR,
		              .e_phoff = sizeof header,
		              .e_ehsize = sizeof header,
		              .e_phentsize = sizeof(Elf64_Phdr),
		              .e_phnum = 1 };
	Elf64_Phdr segment = { .p_type = PT_LOAD,
		               .p_offset = CODE_OFFSET,
		               .p_vaddr = KERNEL_PADDR,
		               .p_paddr = KERNEL_PADDR,
		               .p_filesz = CODE_BYTES,
		               .p_memsz = CODE_BYTES + 0x800,
		               .p_align = 4096 };

	for (size_t i = 0; i < sizeof kernel; i++)
		kernel[i] = (uint8_t)(i * 7 + i / 251);
	for (size_t i = 0; i < sizeof initrd; i++)
		initrd[i] = (uint8_t)(i * 11 + i / 253);
	memcpy(kernel, &header, sizeof header);
	memcpy(kernel + sizeof header, &segment, sizeof segment);
	memcpy(other_kernel, kernel, sizeof kernel);
	memset(other_kernel + CODE_OFFSET, 0xcc, CODE_BYTES);
}

/* K, I and C behind a % are the sums of kernel, initrd and the configuration @text; B is none. */
static void write_text(char to[TEXT_BYTES], const char *text, const char *signed_conf)
{
	uint8_t sum[SHA256_BYTES];
	char hex[SHA256_TEXT_BYTES];
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (*text != '%') {
			to[n++] = *text;
			continue;
		}
		text++;
		if (*text == 'K')
			sha256_of(kernel, sizeof kernel, sum);
		else if (*text == 'I')
			sha256_of(initrd, sizeof initrd, sum);
		else if (*text == 'C')
			manifest_sum_config(signed_conf, strlen(signed_conf), sum);
		n += (size_t)sprintf(to + n, "%s",
		                     *text == 'B' ? ANOTHER_SUM : sha256_text(hex, sum));
	}
	to[n] = '\0';
}

static const uint8_t is_on[] = { 1 }, is_off[] = { 0 };

static void set_variable(const CHAR16 *name, const void *bytes, UINTN n_bytes)
{
	fake.variables[fake.n_variables++] = (struct fake_variable){ name, bytes, n_bytes };
}

static void machine(const char *conf_text)
{
	if (!fake_firmware_init()) {
		print_message("no memory of the host's at the addresses that this test needs\n");
		skip();
	}
	build_files();
	list[0] = '\0';
	fake_add_file("\\bootmem\\kernel-amd64.elf", kernel, sizeof kernel);
	fake_add_file("\\initrd.img", initrd, sizeof initrd);
	if (conf_text == NULL)
		return;
	write_text(conf, conf_text, "");
	fake_add_file("\\bootmem.conf", conf, strlen(conf));
}

static enum fake_end run(void)
{
	enum fake_end end = (enum fake_end)setjmp(fake.end);

	if (end != FAKE_RUNNING)
		return end;
	memset(&boot, 0, sizeof boot);
	boot.firmware = fake.firmware;
	boot.trust.manifest = (struct manifest){ list, strlen(list) };
	status = boot_run(&boot);
	return FAKE_RUNNING;
}

static const struct handoff_block *the_block(void)
{
	return (const struct handoff_block *)(uintptr_t)fake.pad->block_paddr;
}

static bool has_sum(const uint8_t sum[SHA256_BYTES], const void *bytes, size_t n_bytes)
{
	uint8_t right[SHA256_BYTES];

	sha256_of(bytes, n_bytes, right);
	return sha256_is(sum, right);
}

static void check_launch(const char *rule, uint32_t sums)
{
	const struct handoff_block *block;

	if (fake.violation != NULL)
		fail_msg("%s: %s", rule, fake.violation);
	fake_make_moves();
	block = the_block();
	if (memcmp((const void *)(uintptr_t)KERNEL_PADDR, kernel + CODE_OFFSET, CODE_BYTES) != 0)
		fail_msg("%s: another kernel was loaded", rule);
	if (block->sums != sums)
		fail_msg("%s: sums 0x%x", rule, block->sums);
	if ((sums & HANDOFF_SUM_KERNEL) != 0 &&
	    !has_sum(block->kernel_sha256, kernel, sizeof kernel))
		fail_msg("%s: the kernel's sum", rule);
	if ((sums & HANDOFF_SUM_INITRD) != 0 &&
	    !has_sum(block->initrd_sha256, initrd, sizeof initrd))
		fail_msg("%s: the initrd's sum", rule);
}

static void check_refusal(const char *rule, const char *says, bool has_capture)
{
	char text[TEXT_BYTES];

	write_text(text, says, "");
	if (strstr(fake.console, text) == NULL)
		fail_msg("%s: %s", rule, fake.console);
	if (!EFI_ERROR(status))
		fail_msg("%s: no error was returned", rule);
	if (fake.n_claimed_pages != 0 || fake_open_files() != 0 || fake.violation != NULL)
		fail_msg("%s: something is left: %s", rule, fake.violation);
	if ((fake_find_file(FAKE_CAPTURES "\\0001.map") != NULL) != has_capture)
		fail_msg("%s: the capture", rule);
}

static void as_usual(void)
{
}

static void small_pieces(void)
{
	fake.read_most_bytes = 37;
}

static void last_byte_of_the_kernel(void)
{
	kernel[KERNEL_BYTES - 1] ^= 1;
}

static void kernel_of_a_tib(void)
{
	fake_find_file("\\bootmem\\kernel-amd64.elf")->n_bytes = UINT64_C(1) << 40;
}

static void empty_kernel(void)
{
	struct fake_file *file = fake_find_file("\\bootmem\\kernel-amd64.elf");

	file->n_bytes = file->n_readable_bytes = 0;
}

static void kernel_that_ends_early(void)
{
	fake_find_file("\\bootmem\\kernel-amd64.elf")->n_readable_bytes = KERNEL_BYTES - 1;
}

static void first_byte_of_the_initrd(void)
{
	initrd[0] ^= 0x80;
}

static void kernel_that_is_no_elf(void)
{
	memcpy(kernel, "MZ", 2);
}

/* --- sums in the configuration --- */

#define INITRD    "initrd = \\initrd.img\n"
#define HAS(what) HANDOFF_SUM_##what

static const struct {
	const char *rule, *conf;
	void (*damage)(void); /* after the sums were taken */
	uint32_t sums;
	const char *says; /* NULL: it is started */
} sums[] = {
	{ "nobody asks", INITRD, as_usual, 0, NULL },
	{ "nobody asks, and it is damaged", INITRD, last_byte_of_the_kernel, 0, NULL },
	{ "the right sum", "kernel-sha256 = %K\n", as_usual, HAS(KERNEL), NULL },
	{ "in small pieces", "kernel-sha256 = %K\n" INITRD "initrd-sha256 = %I\n", small_pieces,
	  HAS(KERNEL) | HAS(INITRD), NULL },
	{ "of this file", "kernel-sha256 = %K /BOOTMEM/kernel-amd64.elf\n", as_usual, HAS(KERNEL),
	  NULL },
	{ "the wrong one of another file", "kernel-sha256 = %B \\other.elf\n", as_usual, 0, NULL },
	{ "one of several", "kernel-sha256 = %B\nkernel-sha256 = %K\n", as_usual, HAS(KERNEL),
	  NULL },
	{ "an initrd's alone", INITRD "initrd-sha256 = %I\n", as_usual, HAS(INITRD), NULL },
	{ "of an initrd that there is not", "initrd-sha256 = %B\n", as_usual, 0, NULL },
	{ "no sum", "kernel-sha256 =\n", last_byte_of_the_kernel, 0, NULL },
	{ "another sum", "kernel-sha256 = %B\n", as_usual, 0,
	  "error: kernel \\bootmem\\kernel-amd64.elf: damaged, or another file: its SHA-256 is %K, and "
	  "kernel-sha256 says %B. Copy it to the stick again, or, if it is the one that you want, delete "
	  "that line (COMPROMISED_DATA)" },
	{ "another of this file",
	  "kernel-sha256 = %K \\x\nkernel-sha256 = %B \\bootmem\\kernel-amd64.elf\n", as_usual, 0,
	  "its SHA-256 is %K, and kernel-sha256 says %B." },
	{ "a byte that would not be loaded", "kernel-sha256 = %K\n", last_byte_of_the_kernel, 0,
	  "kernel-amd64.elf: damaged" },
	{ "before it is looked at", "kernel-sha256 = %K\n", kernel_that_is_no_elf, 0,
	  "kernel-amd64.elf: damaged" },
	{ "more than there is memory for", "kernel-sha256 = %K\n", kernel_of_a_tib, 0,
	  "kernel-amd64.elf: no memory to read all of it and sum it up (OUT_OF_RESOURCES)" },
	{ "an empty file", "kernel-sha256 = %K\n", empty_kernel, 0,
	  "its SHA-256 is e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, and" },
	{ "a file that is shorter than it says", "kernel-sha256 = %K\n", kernel_that_ends_early, 0,
	  "kernel-amd64.elf: cannot be read (END_OF_FILE)" },
	{ "another of the initrd", INITRD "initrd-sha256 = %I\n", first_byte_of_the_initrd, 0,
	  "error: initrd \\initrd.img: damaged, or another file: its SHA-256 is %I, and initrd-sha256 says " },
};

static void a_file_has_the_sum_that_the_configuration_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(sums); i++) {
		enum fake_end end;

		machine(sums[i].conf);
		sums[i].damage();
		end = run();
		if ((end == FAKE_LAUNCHED) != (sums[i].says == NULL))
			fail_msg("%s: %s", sums[i].rule, fake.console);
		if (end == FAKE_LAUNCHED)
			check_launch(sums[i].rule, sums[i].sums);
		else
			check_refusal(sums[i].rule, sums[i].says, true);
	}
}

/* What is judged is what is loaded, whatever the medium gives when it is asked again. */
static void a_file_is_read_once(void **state)
{
	(void)state;
	machine("kernel-sha256 = %K\n");
	fake_find_file("\\bootmem\\kernel-amd64.elf")->later_bytes = other_kernel;
	assert_int_equal(run(), FAKE_LAUNCHED);
	check_launch("the first bytes", HAS(KERNEL));
}

static void a_capture_has_the_sums(void **state)
{
	const struct fake_file *file;
	char text[TEXT_BYTES];

	(void)state;
	machine("kernel-sha256 = %K\n" INITRD "initrd-sha256 = %I\n");
	set_variable(L"SecureBoot", is_off, 1);
	assert_int_equal(run(), FAKE_LAUNCHED);
	file = fake_find_file(FAKE_CAPTURES "\\0001.map");
	assert_non_null(file);
	write_text(text, "\nkernel-sha256 %K\ninitrd-sha256 %I\n", "");
	assert_non_null(strstr(file->bytes, text));
	assert_non_null(strstr(file->bytes, "\nsecure-boot disabled\n"));
	write_text(text, "SHA-256 of the kernel: %K", "");
	assert_non_null(strstr(fake.console, text));
}

/* --- Secure Boot --- */

#define SIGNED                                         \
	"# my stick\n"                                 \
	"target = amd64\n" INITRD "mem = 0x13ff0000\n" \
	"timeout = 0\n"
#define LINES "line target = amd64\nline initrd = \\initrd.img\nline mem = 0x13ff0000\n"
#define LIST  MANIFEST_FIRST_LINE "\nkernel-amd64 %K\ninitrd %I\nconfig %C\n" LINES
#define BOTH  (HAS(KERNEL) | HAS(INITRD))

static const struct {
	const char *rule, *list, *conf;
	void (*damage)(void);
	const char *says; /* NULL: it is started */
} secure[] = {
	{ "as it was signed", LIST, SIGNED, as_usual, NULL },
	{ "an edited label", LIST,
	  "label = docked\r\n" SIGNED "capture = yes\non-error = continue\n", as_usual, NULL },
	{ "another kernel", LIST, SIGNED, last_byte_of_the_kernel,
	  "error: kernel \\bootmem\\kernel-amd64.elf: Secure Boot is on, and this is not the file that was "
	  "signed with this stick: its SHA-256 is %K, and signed is " },
	{ "another initrd", LIST, SIGNED, first_byte_of_the_initrd,
	  "error: initrd \\initrd.img: Secure Boot is on, and this is not the file that was signed" },
	{ "a kernel that was not signed", MANIFEST_FIRST_LINE "\ninitrd %I\nconfig %C\n" LINES,
	  SIGNED, as_usual,
	  "its SHA-256 is %K, and signed is none. Write the stick again: make usb SIGN_KEY=" },
	{ "one that was signed as something else",
	  MANIFEST_FIRST_LINE "\nkernel-ia32 %K\ninitrd %K\nconfig %C\n" LINES, SIGNED, as_usual,
	  "its SHA-256 is %K, and signed is none." },
	{ "a changed line", LIST, "target = amd64\n" INITRD "mem = 1G\n", as_usual,
	  "error: \\bootmem.conf:3: Secure Boot is on, and this line is not as it was signed: mem = 1G; "
	  "signed: mem = 0x13ff0000. Undo it, or write the stick again: " },
	{ "a line more", LIST, SIGNED "cmdline = init=/bin/sh\n", as_usual,
	  "\\bootmem.conf:6: Secure Boot is on, and this line was not there when it was signed: cmdline = "
	  "init=/bin/sh. Undo it" },
	{ "a line less", LIST, "target = amd64\n" INITRD, as_usual,
	  "\\bootmem.conf: Secure Boot is on, and a line that was signed is not there: mem = 0x13ff0000. " },
	{ "another order", LIST, INITRD "target = amd64\nmem = 0x13ff0000\n", as_usual,
	  "\\bootmem.conf:1: Secure Boot is on, and this line had another place when it was signed: " },
	{ "no configuration", LIST, NULL, as_usual,
	  "\\bootmem.conf: Secure Boot is on, and a line that was signed is not there: target = amd64." },
	{ "no list", "", SIGNED, as_usual,
	  "error: Secure Boot is on, and this bootmem has no list of the files that it may start: make usb "
	  "SIGN_KEY=" },
	{ "no sum of the configuration in it",
	  MANIFEST_FIRST_LINE "\nkernel-amd64 %K\ninitrd %I\n" LINES, SIGNED, as_usual,
	  "\\bootmem.conf: Secure Boot is on, and it is not as it was signed" },
};

static enum fake_end run_secure(size_t i)
{
	machine(secure[i].conf);
	write_text(list, secure[i].list, SIGNED);
	set_variable(L"SecureBoot", is_on, 1);
	secure[i].damage();
	return run();
}

static void with_secure_boot_on_only_what_was_signed_is_started(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(secure); i++) {
		enum fake_end end = run_secure(i);

		if ((end == FAKE_LAUNCHED) != (secure[i].says == NULL))
			fail_msg("%s: %s", secure[i].rule, fake.console);
		if (end != FAKE_LAUNCHED) {
			check_refusal(secure[i].rule, secure[i].says, true);
			assert_non_null(strstr(fake.console, "(SECURITY_VIOLATION)"));
			assert_true(boot.trust.refusal.kind != REFUSAL_NONE);
			continue;
		}
		check_launch(secure[i].rule, BOTH);
		assert_int_equal(the_block()->secure_boot, HANDOFF_SECURE_BOOT_ON);
	}
}

/* What is started is what was signed, whatever else goes wrong. */
static void any_call_of_the_firmware_may_fail(void **state)
{
	bool has_failed = true;

	(void)state;
	for (size_t n = 1; has_failed; n++) {
		enum fake_end end;

		machine(SIGNED);
		write_text(list, LIST, SIGNED);
		set_variable(L"SecureBoot", is_on, 1);
		fake.fail_call = n;
		fake.fail_status = EFI_DEVICE_ERROR;
		end = run();
		has_failed = fake.failed != FAKE_SERVICES;
		if (end == FAKE_LAUNCHED)
			check_launch("a call fails", BOTH);
		else if (end == FAKE_RUNNING && fake.n_claimed_pages + fake_open_files() != 0)
			fail_msg("call %zu fails: something is left", n);
		if (end != FAKE_LAUNCHED && !has_failed)
			fail_msg("not launched: %s", fake.console);
	}
}

static void a_configuration_has_both_a_list_and_sums(void **state)
{
	static const char text[] = "kernel-sha256 = %B\n";
	char signed_conf[TEXT_BYTES];

	(void)state;
	machine(text);
	write_text(signed_conf, text, "");
	write_text(list,
	           MANIFEST_FIRST_LINE "\nkernel-amd64 %K\nconfig %C\nline kernel-sha256 = %B\n",
	           signed_conf);
	set_variable(L"SecureBoot", is_on, 1);
	assert_int_equal(run(), FAKE_RUNNING);
	check_refusal("signed, and damaged", "kernel-sha256 says %B", true);
}

/* Where the Shell's words, or those of a boot option, name another configuration. */
static void another_configuration_is_held_against_the_list_too(void **state)
{
	static CHAR16 options[] = L"-f \\other.conf";

	(void)state;
	machine(SIGNED);
	write_text(list, LIST, SIGNED);
	set_variable(L"SecureBoot", is_on, 1);
	fake_add_file("\\other.conf", "target = amd64\n", 15);
	fake.firmware.loaded_image->LoadOptions = options;
	fake.firmware.loaded_image->LoadOptionsSize = sizeof options;
	assert_int_equal(run(), FAKE_RUNNING);
	check_refusal(
		"-f",
		"error: \\other.conf: Secure Boot is on, and a line that was signed is not there",
		true);
}

/* A signed image is not argued out of its list by firmware that does not say whether it is on. */
static void a_list_holds_where_the_firmware_does_not_say(void **state)
{
	(void)state;
	machine(SIGNED);
	write_text(list, LIST, SIGNED);
	assert_int_equal(run(), FAKE_LAUNCHED);
	check_launch("as it was signed", BOTH);
	assert_int_equal(the_block()->secure_boot, HANDOFF_SECURE_BOOT_UNKNOWN);
	machine(SIGNED);
	write_text(list, LIST, SIGNED);
	last_byte_of_the_kernel();
	assert_int_equal(run(), FAKE_RUNNING);
	check_refusal("another kernel", "kernel-amd64.elf: bootmem is signed, and this is not",
	              true);
	machine("mem = 1G\n");
	write_text(list, LIST, SIGNED);
	assert_int_equal(run(), FAKE_RUNNING);
	check_refusal(
		"another line",
		"bootmem.conf: bootmem is signed, and a line that was signed is not there: ", true);
}

static void a_refused_configuration_writes_no_variable(void **state)
{
	(void)state;
	machine(SIGNED "remember = yes\n");
	write_text(list, LIST, SIGNED);
	set_variable(L"SecureBoot", is_on, 1);
	assert_int_equal(run(), FAKE_RUNNING);
	check_refusal("remember", "bootmem.conf:6: Secure Boot is on, and this line was not there",
	              true);
	assert_int_equal(fake_count(FAKE_SET_VARIABLE), 0);
}

static void a_comparison_needs_no_signature(void **state)
{
	static CHAR16 options[] = L"-c";

	(void)state;
	machine("mem = 1G\n");
	set_variable(L"SecureBoot", is_on, 1);
	fake.firmware.loaded_image->LoadOptions = options;
	fake.firmware.loaded_image->LoadOptionsSize = sizeof options;
	assert_int_equal(run(), FAKE_RUNNING);
	assert_int_equal(status, ARGUMENTS_SAME);
	assert_non_null(fake_find_file(FAKE_CAPTURES "\\0001.map"));
}

static const struct {
	const char *rule;
	int secure_boot, secure_boot_bytes; /* bytes -1: there is no such variable */
	int setup_mode, setup_mode_bytes;
	uint32_t is;
} firmwares[] = {
	{ "without Secure Boot", 0, -1, 0, -1, HANDOFF_SECURE_BOOT_UNKNOWN },
	{ "that has it off", 0, 1, 0, 1, HANDOFF_SECURE_BOOT_OFF },
	{ "that has no SetupMode", 0, 1, 0, -1, HANDOFF_SECURE_BOOT_OFF },
	{ "in setup mode", 0, 1, 1, 1, HANDOFF_SECURE_BOOT_SETUP },
	{ "with a SetupMode of no meaning", 0, 1, 2, 1, HANDOFF_SECURE_BOOT_OFF },
	{ "with one that is too long", 0, 1, 1, 4, HANDOFF_SECURE_BOOT_OFF },
	{ "that has it on", 1, 1, 0, 1, HANDOFF_SECURE_BOOT_ON },
	{ "that has it on, in setup mode", 1, 1, 1, 1, HANDOFF_SECURE_BOOT_ON },
	{ "with a SecureBoot of no meaning", 2, 1, 0, 1, HANDOFF_SECURE_BOOT_ON },
	{ "that says that it has read it, and has not", 0xff, 1, 0xff, 1,
	  HANDOFF_SECURE_BOOT_UNKNOWN },
	{ "with one of no bytes", 0, 0, 1, 1, HANDOFF_SECURE_BOOT_ON },
	{ "with one that is too long", 0, 4, 1, 1, HANDOFF_SECURE_BOOT_ON },
	{ "with one that is much too long", 0, 4000, 1, 1, HANDOFF_SECURE_BOOT_ON },
};

static void the_firmware_says_whether_it_is_on(void **state)
{
	static uint8_t one[4000], other[4000];

	(void)state;
	for (size_t i = 0; i < N_OF(firmwares); i++) {
		bool starts = firmwares[i].is != HANDOFF_SECURE_BOOT_ON;

		machine("");
		one[0] = (uint8_t)firmwares[i].secure_boot;
		other[0] = (uint8_t)firmwares[i].setup_mode;
		if (firmwares[i].secure_boot_bytes >= 0)
			set_variable(L"SecureBoot", one, (UINTN)firmwares[i].secure_boot_bytes);
		if (firmwares[i].setup_mode_bytes >= 0)
			set_variable(L"SetupMode", other, (UINTN)firmwares[i].setup_mode_bytes);
		if ((run() == FAKE_LAUNCHED) != starts)
			fail_msg("firmware %s: %s", firmwares[i].rule, fake.console);
		if (boot.trust.secure_boot != firmwares[i].is ||
		    (starts && the_block()->secure_boot != firmwares[i].is))
			fail_msg("firmware %s: %u", firmwares[i].rule, boot.trust.secure_boot);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_has_the_sum_that_the_configuration_says),
		cmocka_unit_test(a_file_is_read_once),
		cmocka_unit_test(a_capture_has_the_sums),
		cmocka_unit_test(with_secure_boot_on_only_what_was_signed_is_started),
		cmocka_unit_test(any_call_of_the_firmware_may_fail),
		cmocka_unit_test(a_configuration_has_both_a_list_and_sums),
		cmocka_unit_test(another_configuration_is_held_against_the_list_too),
		cmocka_unit_test(a_list_holds_where_the_firmware_does_not_say),
		cmocka_unit_test(a_refused_configuration_writes_no_variable),
		cmocka_unit_test(a_comparison_needs_no_signature),
		cmocka_unit_test(the_firmware_says_whether_it_is_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_chain.c - boots that start another loader, on a made-up firmware: which one, with what, and
 * what is left when it comes back; and what it is served of a pinned block, whatever it asks for
 * and gives back. A loader is a function of this file, which runs in StartImage().
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "bootmem/count.h"
#include "efi/boot.h"
#include "tests/unit/fake_firmware.h"
#include "tests/unit/fake_kernel.h"
#include "tests/unit/fake_launch.h"
#include "x86/pin_block.h"

#define BLOCK_PADDR UINT64_C(0x12800000)
#define BLOCK_PAGES 8
#define BLOCK_END   (BLOCK_PADDR + BLOCK_PAGES * PAGE_BYTES)
#define PIN_CONF    "bootmem-pin 1\naddress 0x12800000\nchecksum 0x8f6009a7\n"

/* UEFI 2.10 §10.3.5.1: number, start, size, signature, a GPT, and it is one. */
#define HD(number, guid)                                                                          \
	4, 1, 42, 0, number, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, guid, guid, \
		guid, guid, guid, guid, guid, guid, guid, guid, guid, guid, guid, guid, guid,     \
		guid, 2, 2
#define PCI(device) 1, 1, 6, 0, 0, device
#define FILE_A      4, 4, 18, 0, '\\', 0, 'A', 0, '.', 0, 'e', 0, 'f', 0, 'i', 0, 0, 0
#define END         0x7f, 0xff, 4, 0

static const uint8_t own_path[] = { PCI(1), HD(1, 0x11), END };
static const uint8_t data_path[] = { PCI(1), HD(2, 0x22), END };
static const uint8_t other_path[] = { PCI(2), HD(1, 0x33), END };
static const uint8_t own_file[] = { 4,   4, 18,  0, '\\', 0, 'M', 0, '.', 0,
	                            'e', 0, 'f', 0, 'i',  0, 0,   0, END };
static EFI_BLOCK_IO no_blocks; /* without Media: nothing of it is read */

static struct boot boot;
static EFI_STATUS status;
static unsigned n_runs;
static EFI_BOOT_SERVICES *bs;
static CHAR16 options[64]; /* that the loader found, and how many */
static uint32_t options_bytes;

static EFI_STATUS run_and_return(void)
{
	n_runs++;
	options_bytes = fake.loaded.loaded.LoadOptionsSize;
	if (options_bytes > 0 && options_bytes <= sizeof options)
		memcpy(options, fake.loaded.loaded.LoadOptions, options_bytes);
	return EFI_NOT_FOUND;
}

static void add_partition(size_t i, const void *path, bool is_system)
{
	fake.partitions[i] = (struct fake_partition){ .device_path = path,
		                                      .blocks = &no_blocks,
		                                      .has_file_system = true,
		                                      .is_system = is_system };
	fake.n_partitions = i + 1;
}

static void firmware(void)
{
	fake.minds_watchdog = true;
	add_partition(0, own_path, true);
	add_partition(1, data_path, false);
	add_partition(2, other_path, true);
	fake.loader = run_and_return;
	fake.firmware.loaded_image->FilePath = (EFI_DEVICE_PATH *)own_file;
	bs = fake.firmware.boot_services;
}

static void machine(const char *conf)
{
	if (!fake_firmware_init()) {
		print_message("no memory of the host's at the addresses that this test needs\n");
		skip();
	}
	firmware();
	fake_add_file("\\bootmem.conf", conf, strlen(conf));
	fake_add_file("\\a.efi", "MZ", 2);
	fake_add_file("\\m.efi", "MZ", 2);
	fake_add_file("\\bootmem\\pin.conf", PIN_CONF, strlen(PIN_CONF))->may_go = true;
}

static enum fake_end run(void)
{
	enum fake_end end = (enum fake_end)setjmp(fake.end);

	if (end != FAKE_RUNNING)
		return end;
	n_runs = 0;
	memset(&boot, 0, sizeof boot);
	boot.firmware = fake.firmware;
	status = boot_run(&boot);
	return FAKE_RUNNING;
}

/* Back in the firmware, with its services as they were. */
static void check_returned(const char *rule)
{
	const char *fault = fake_return_fault(status);

	if (fault != NULL)
		fail_msg("%s: %s\n%s", rule, fault, fake.console);
	if (fake.tpl != TPL_APPLICATION)
		fail_msg("%s: the task priority", rule);
}

static bool is_hooked(void)
{
	static EFI_ALLOCATE_PAGES real;

	real = real == NULL ? bs->AllocatePages : real;
	return bs->AllocatePages != real;
}

static bool says(const char *text)
{
	return strstr(fake.console, text) != NULL;
}

static void write_over(const char *path, const char *text, size_t bytes)
{
	struct fake_file *file = fake_find_file(path);

	file->bytes = text;
	file->n_bytes = file->n_readable_bytes = bytes;
}

/* All of a file that is there. */
static const char *file_text(const char *path)
{
	static char text[FAKE_NEW_FILE_BYTES + 1];
	const struct fake_file *file = fake_find_file(path);

	if (file == NULL)
		fail_msg("there is no %s\n%s", path, fake.console);
	memcpy(text, file->bytes, file->n_bytes);
	text[file->n_bytes] = '\0';
	return text;
}

/* --- which loader --- */

static const struct {
	const char *rule, *conf;
	unsigned volume; /* where it is loaded from; 9: it is not */
	const char *said;
} paths[] = {
	{ "a path of the own volume", "chain = \\a.efi\n", 0, "Starting \\a.efi\n" },
	{ "with slashes", "chain = /a.efi\n", 0, "Starting /a.efi\n" },
	{ "a path of another ESP", "chain = /b.efi\n", 2,
	  "Starting /b.efi on partition 1 of another disk\n" },
	{ "the own volume comes first", "chain = \\both.efi\n", 0, "Starting \\both.efi\n" },
	{ "not of a partition that is no ESP", "chain = \\c.efi\n", 9,
	  "chain \\c.efi: not on this volume, nor on another ESP" },
	{ "a path that is nowhere", "chain = \\none.efi\n", 9,
	  "chain \\none.efi: not on this volume, nor on another ESP" },
	{ "a folder", "chain = \\bootmem\n", 9, "chain \\bootmem: not on this volume" },
	{ "bootmem itself", "chain = \\M.EFI\n", 9, "chain \\M.EFI: that is bootmem itself" },
	{ "a wrong configuration", "chain = \\a.efi\nchain-option = x\n", 9,
	  "not a key that bootmem knows. Did you mean chain-options?" },
};

static void a_path_is_looked_for_on_each_esp(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		machine(paths[i].conf);
		fake_add_file("\\both.efi", "MZ", 2);
		fake_add_file_to(2, "\\both.efi", "MZ", 2);
		fake_add_file_to(2, "\\b.efi", "MZ", 2);
		fake_add_file_to(1, "\\c.efi", "MZ", 2);
		assert_int_equal(run(), FAKE_RUNNING);
		check_returned(paths[i].rule);
		if (n_runs != (paths[i].volume < 9) || !says(paths[i].said) ||
		    fake.loaded.is_loaded)
			fail_msg("%s:\n%s", paths[i].rule, fake.console);
		if (paths[i].volume < 9)
			assert_ptr_equal(fake.loaded.loaded.DeviceHandle,
			                 &fake.partitions[paths[i].volume]);
	}
}

static void options_are_empty_unless_configured(void **state)
{
	static const CHAR16 wanted[] = { 'r', 'o', 'o', 't', '=', 'x', ' ', '#', 0 };

	(void)state;
	machine("chain = \\a.efi\n");
	run();
	assert_int_equal(options_bytes, 0);
	machine("chain = \\a.efi\nchain-options = root=x #\n");
	run();
	check_returned("options");
	assert_int_equal(options_bytes, sizeof wanted);
	assert_memory_equal(options, wanted, sizeof wanted);
}

static void what_comes_back_goes_on_to_the_next_entry(void **state)
{
	static CHAR16 *exit_data;

	(void)state;
	machine("chain = \\a.efi\n");
	run();
	assert_int_equal(status, EFI_NOT_FOUND);
	assert_true(says("\\a.efi has come back (NOT_FOUND): the firmware's next boot entry runs"));
	machine("chain = \\a.efi\n");
	fake.loader = NULL; /* returns success, at which a boot manager would stop */
	fake.pools[0].is_taken = true;
	fake.n_pools = 1;
	exit_data = (CHAR16 *)(void *)fake.pools[0].bytes;
	fake.exit_data = exit_data;
	run();
	check_returned("success");
	assert_int_equal(status, EFI_NOT_STARTED);
}

/* --- quietly, unless somebody asks --- */

static void press(UINT16 scan_code, CHAR16 character)
{
	fake.keys[fake.n_keys].ScanCode = scan_code;
	fake.keys[fake.n_keys++].UnicodeChar = character;
}

static EFI_STATUS EFIAPI draw_nothing(EFI_GRAPHICS_OUTPUT_PROTOCOL *gop,
                                      EFI_GRAPHICS_OUTPUT_BLT_PIXEL *pixels,
                                      EFI_GRAPHICS_OUTPUT_BLT_OPERATION what, UINTN from_x,
                                      UINTN from_y, UINTN x, UINTN y, UINTN width, UINTN height,
                                      UINTN stride)
{
	(void)gop, (void)pixels, (void)what, (void)from_x, (void)from_y;
	(void)x, (void)y, (void)width, (void)height, (void)stride;
	return EFI_SUCCESS;
}

static void add_screen(void)
{
	static EFI_GRAPHICS_OUTPUT_MODE_INFORMATION info = {
		.HorizontalResolution = 640,
		.VerticalResolution = 480,
		.PixelFormat = PixelBlueGreenRedReserved8BitPerColor,
		.PixelsPerScanLine = 640
	};
	static EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE mode = { .Info = &info };
	static EFI_GRAPHICS_OUTPUT_PROTOCOL gop = { .Mode = &mode };

	gop.Blt = draw_nothing;
	fake.gops[fake.n_gops++] = &gop;
}

static EFI_STATUS leave_at_once(void)
{
	bs->ExitBootServices(fake.firmware.image, fake.key);
	longjmp(fake.end, FAKE_LAUNCHED);
}

static void it_says_one_line_and_waits_for_nothing(void **state)
{
	(void)state;
	machine("chain = \\a.efi\ntimeout = never\n");
	fake.loader = leave_at_once;
	assert_int_equal(run(), FAKE_LAUNCHED);
	assert_string_equal(
		fake.console,
		"bootmem: FIRST BOOT: first capture of this machine. Starting \\a.efi\n");
	assert_int_equal(fake_count(FAKE_STALL), 0);
}

/* What was pressed before is one key; what follows is for the answer. */
static const struct {
	const char *rule;
	EFI_INPUT_KEY keys[2];
	unsigned n_runs;
	const char *said;
} asked[] = {
	{ "Enter", { { 0, ' ' }, { 0, '\r' } }, 1, "Enter start the loader" },
	{ "nobody there any more", { { 0, ' ' } }, 1, "Starts the loader in 30 s. Any key stops." },
	{ "Esc", { { 0, ' ' }, { SCAN_ESC, 0 } }, 0, "back to the firmware" },
};

static void a_key_shows_the_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(asked); i++)
		for (unsigned has_display = 0; has_display < 2; has_display++) {
			machine("chain = \\a.efi\n");
			if (has_display)
				add_screen();
			for (unsigned k = 0; k < 2; k++)
				if (asked[i].keys[k].UnicodeChar + asked[i].keys[k].ScanCode > 0)
					press(asked[i].keys[k].ScanCode,
					      asked[i].keys[k].UnicodeChar);
			run();
			check_returned(asked[i].rule);
			if (n_runs != asked[i].n_runs || !says(asked[i].said) ||
			    !says("Saved    \\bootmem\\captures\\0001.map"))
				fail_msg("%s:\n%s", asked[i].rule, fake.console);
		}
}

static void what_is_refused_by_its_signature_is_unloaded(void **state)
{
	(void)state;
	machine("chain = \\a.efi\npin = yes\npin-pages = 8\n");
	fake.refuses_signature = true;
	run();
	check_returned("signature");
	assert_int_equal(status, EFI_SECURITY_VIOLATION);
	assert_int_equal(n_runs, 0);
	assert_false(fake.loaded.is_loaded);
	assert_true(says("chain \\a.efi: cannot be loaded"));
}

static void the_map_is_captured_first(void **state)
{
	(void)state;
	machine("chain = \\a.efi\npin = yes\npin-pages = 8\n");
	run();
	assert_true(says("bootmem: FIRST BOOT: first capture of this machine. Starting \\a.efi, "
	                 "pinned at 0x12800000\n"));
	assert_false(says("Reading the clock"));
	assert_non_null(fake_find_file("\\bootmem\\captures\\0001.map"));
	assert_non_null(strstr(file_text("\\bootmem\\captures\\0001.map"),
	                       "uefi 0x0000000012800000 0x0000000012808000 9 "));
}

static bool has_capture(unsigned number)
{
	char path[64];

	snprintf(path, sizeof path, FAKE_CAPTURES "\\%04u.map", number);
	return fake_find_file(path) != NULL;
}

/* The firmware takes a page more: another map, for each @n. */
static void have_map(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		fake_set_pages(0x11000000 + i * 0x2000, 0x11001000 + i * 0x2000,
		               EfiReservedMemoryType);
}

static void captures_are_bounded(void **state)
{
	static const struct {
		unsigned map;
		bool has[8]; /* afterwards, of captures from 1 on */
	} boots[] = {
		{ 0, { 1 } },
		{ 1, { 1, 1 } },
		{ 1, { 1, 1, 1 } },
		{ 0, { 1, 1, 1, 1 } },
		{ 2, { 0, 1, 1, 1, 1 } }, /* two of map 0, two of map 1: the oldest */
		{ 2, { 0, 0, 1, 1, 1, 1 } },
		{ 3, { 0, 0, 1, 1, 0, 1, 1 } }, /* now maps 1 and 0 are there once */
		{ 4, { 0, 0, 0, 1, 0, 1, 1, 1 } },
	};

	(void)state;
	machine("chain = \\a.efi\ncaptures = 4\n");
	for (size_t i = 0; i < COUNT(boots); i++) {
		assert_true(fake_firmware_start_again());
		firmware();
		have_map(boots[i].map);
		run();
		check_returned("bounded");
		for (unsigned j = 0; j < 8; j++)
			if (has_capture(j + 1) != boots[i].has[j])
				fail_msg("boot %zu, capture %u", i + 1, j + 1);
	}
}

static void a_tenth_of_the_volume_stays_free(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		machine(i < 2 ? "chain = \\a.efi\n" : "chain = \\a.efi\ncaptures = all\n");
		fake.all_bytes = 1000000;
		fake.free_bytes = i == 0 ? 100000 : 99000;
		run();
		check_returned("room");
		assert_int_equal(n_runs, 1);
		assert_int_equal(has_capture(1), i != 1);
		assert_int_equal(says("no capture: less than a tenth of the volume is free"),
		                 i == 1);
	}
}

/* --- the next entry --- */

static const uint8_t short_entry[] = { 1, 0,           0,      0,   64,  0, 'x', 0, 0,
	                               0, HD(1, 0x33), FILE_A, END, 'o', 0, 0,   0 };
static const uint8_t gone_entry[] = { 1, 0, 0, 0, 64, 0, 'x', 0, 0, 0, HD(1, 0x44), FILE_A, END };
static const uint8_t full_entry[] = { 1, 0, 0, 0, 70, 0, 0, 0, PCI(2), HD(1, 0x33), FILE_A, END };
static const uint8_t disk_entry[] = { 1, 0, 0, 0, 10, 0, 0, 0, PCI(2), END };
static const uint8_t firmware_entry[] = { 1, 0, 0, 0, 22, 0, 0, 0, FILE_A, END };
static const uint8_t asleep_entry[] = { 0, 0, 0, 0, 70, 0, 0, 0, PCI(2), HD(1, 0x33), FILE_A, END };
static const uint8_t tool_entry[] = { 9, 1, 0, 0, 70, 0, 0, 0, PCI(2), HD(1, 0x33), FILE_A, END };
static const uint8_t hidden_entry[] = { 9, 0, 0, 0, 70, 0, 0, 0, PCI(2), HD(1, 0x33), FILE_A, END };
static const uint8_t endless_entry[] = { 1, 0, 0, 0, 18, 0, 0, 0, FILE_A };
static const uint8_t long_entry[] = { 1, 0, 0, 0, 0xff, 0xff, 0, 0, FILE_A, END };
static const uint8_t nameless_entry[] = { 1, 0, 0, 0, 4, 0, 'x', 0, 'y' };
static const uint8_t no_entry[] = { 1, 0, 0 };

#define ENTRY(bytes) bytes, sizeof bytes

static const struct {
	const char *rule;
	const void *entry;
	size_t bytes;
	const char *said; /* that it is started, or why not */
	uint32_t options_bytes;
} entries[] = {
	{ "HD()/File()", ENTRY(short_entry), ". Starting Boot00A3 \\A.efi", 4 },
	{ "a full path", ENTRY(full_entry), ". Starting Boot00A3 \\A.efi", 0 },
	{ "a partition that is not there", ENTRY(gone_entry),
	  "chain = next: the partition of Boot00A3 \\A.efi is not there", 0 },
	{ "a disk", ENTRY(disk_entry), "chain = next: Boot00A3 names no file of a partition", 0 },
	{ "a file of wherever", ENTRY(firmware_entry),
	  "chain = next: Boot00A3 names no file of a partition", 0 },
	{ "one that is not active", ENTRY(asleep_entry), "there is no other that is active", 0 },
	{ "a tool, which no boot tries", ENTRY(tool_entry), "there is no other that is active", 0 },
	{ "one that is hidden from menus", ENTRY(hidden_entry), ". Starting Boot00A3 \\A.efi", 0 },
	{ "a path without an end", ENTRY(endless_entry), "there is no other that is active", 0 },
	{ "a path that is longer than its entry", ENTRY(long_entry),
	  "there is no other that is active", 0 },
	{ "a name without an end", ENTRY(nameless_entry), "there is no other that is active", 0 },
	{ "an entry without an end", ENTRY(no_entry), "there is no other that is active", 0 },
};

static void set_entry(const uint16_t *order, size_t bytes, const void *entry, size_t entry_bytes)
{
	static const uint16_t current = 7;
	static const CHAR16 current_name[] = L"BootCurrent", order_name[] = L"BootOrder",
			    entry_name[] = L"Boot00A3";

	fake.variables[0] = (struct fake_variable){ current_name, &current, sizeof current };
	fake.variables[1] = (struct fake_variable){ order_name, order, bytes };
	fake.variables[2] = (struct fake_variable){ entry_name, entry, entry_bytes };
	fake.n_variables = 3;
}

static void next_is_the_entry_behind(void **state)
{
	static const uint16_t order[] = { 0xa3, 7, 9, 0xa3 }; /* there is no Boot0009 */

	(void)state;
	for (size_t i = 0; i < COUNT(entries); i++) {
		machine("chain = next\n");
		fake_add_file_to(2, "\\A.efi", "MZ", 2);
		set_entry(order, sizeof order, entries[i].entry, entries[i].bytes);
		options_bytes = 0;
		run();
		check_returned(entries[i].rule);
		if (!says(entries[i].said) || options_bytes != entries[i].options_bytes ||
		    (n_runs == 1) != (entries[i].said[0] == '.'))
			fail_msg("%s:\n%s", entries[i].rule, fake.console);
	}
}

static void nothing_behind_it_is_no_entry(void **state)
{
	static const uint16_t order[] = { 0xa3, 7 };

	(void)state;
	machine("chain = next\n");
	set_entry(order, sizeof order, ENTRY(full_entry));
	run();
	check_returned("the last one");
	assert_true(says("there is no other that is active"));
	fake.n_variables = 0;
	machine("chain = next\n");
	run();
	check_returned("no variables");
	assert_true(says("there is no other that is active"));
}

/* --- the block --- */

static EFI_STATUS pool(EFI_MEMORY_TYPE type, UINTN bytes, uint64_t *ret_paddr)
{
	VOID *buffer = NULL;
	EFI_STATUS result = bs->AllocatePool(type, bytes, &buffer);

	*ret_paddr = (uintptr_t)buffer;
	return result;
}

static bool is_in_block(uint64_t paddr)
{
	return paddr >= BLOCK_PADDR && paddr < BLOCK_END;
}

static EFI_STATUS ask_and_give_back(void)
{
	uint64_t log, map;
	EFI_PHYSICAL_ADDRESS pages = 0;

	n_runs++;
	assert_true(is_hooked());
	assert_true(fake_has_right_sum());
	assert_int_equal(pool(EfiACPIReclaimMemory, 0x247d, &log), EFI_SUCCESS);
	assert_int_equal(log, BLOCK_PADDR);
	memset((void *)(uintptr_t)log, 1, 0x247d);
	assert_int_equal(pool(EfiLoaderData, 0x100, &map), EFI_SUCCESS);
	assert_false(is_in_block(map));
	assert_int_equal(bs->FreePool((VOID *)(uintptr_t)map), EFI_SUCCESS);
	assert_int_equal(bs->AllocatePages(AllocateAnyPages, EfiACPIReclaimMemory, 2, &pages),
	                 EFI_SUCCESS);
	assert_int_equal(pages, BLOCK_PADDR + 0x3000);
	/* twice, a part, and what is nobody's */
	assert_int_equal(bs->FreePool((VOID *)(uintptr_t)(log + 16)), EFI_INVALID_PARAMETER);
	assert_int_equal(bs->FreePool((VOID *)(uintptr_t)log), EFI_SUCCESS);
	assert_int_equal(bs->FreePool((VOID *)(uintptr_t)log), EFI_INVALID_PARAMETER);
	assert_int_equal(bs->FreePages(pages + PAGE_BYTES, 1), EFI_SUCCESS);
	assert_int_equal(bs->FreePages(pages, 2), EFI_NOT_FOUND);
	assert_int_equal(bs->FreePages(BLOCK_PADDR - PAGE_BYTES, 2), EFI_NOT_FOUND);
	assert_int_equal(bs->FreePages(BLOCK_END - PAGE_BYTES, 2), EFI_NOT_FOUND);
	assert_int_equal(bs->FreePages(pages, 1), EFI_SUCCESS);
	return EFI_SUCCESS;
}

#define PINNED "chain = \\a.efi\npin = yes\npin-pages = 8\n"

static void a_loader_is_served_and_returns(void **state)
{
	(void)state;
	machine(PINNED);
	fake.loader = ask_and_give_back;
	assert_false(is_hooked());
	assert_int_equal(run(), FAKE_RUNNING);
	assert_int_equal(n_runs, 1);
	check_returned("served");
	assert_false(is_hooked());
	assert_true(fake_has_right_sum());
	assert_int_equal(fake.kept.n_bytes, 0);
	/* and once more in the same boot, of the firmware's next entry */
	assert_int_equal(run(), FAKE_RUNNING);
	assert_int_equal(n_runs, 1);
	check_returned("served again");
}

static EFI_STATUS ask_for_places(void)
{
	EFI_PHYSICAL_ADDRESS paddr = BLOCK_PADDR + PAGE_BYTES;
	EFI_ALLOCATE_TYPE address = AllocateAddress, below = AllocateMaxAddress;

	n_runs++;
	assert_int_equal(bs->AllocatePages(address, EfiACPIReclaimMemory, 1, &paddr),
	                 EFI_NOT_FOUND);
	assert_int_equal(bs->AllocatePages(address, EfiLoaderData, 1, &paddr), EFI_NOT_FOUND);
	/* below it, the firmware has something */
	paddr = BLOCK_PADDR - 1;
	assert_int_equal(bs->AllocatePages(below, EfiACPIReclaimMemory, 1, &paddr), EFI_SUCCESS);
	assert_true(paddr < BLOCK_PADDR);
	assert_int_equal(bs->FreePages(paddr, 1), EFI_SUCCESS);
	paddr = BLOCK_PADDR + PAGE_BYTES - 1;
	assert_int_equal(bs->AllocatePages(below, EfiACPIReclaimMemory, 1, &paddr), EFI_SUCCESS);
	assert_int_equal(paddr, BLOCK_PADDR);
	assert_int_equal(bs->FreePages(paddr, 1), EFI_SUCCESS);
	return EFI_ABORTED;
}

static void limits_and_addresses_are_honoured(void **state)
{
	(void)state;
	machine(PINNED);
	fake.loader = ask_for_places;
	run();
	assert_int_equal(n_runs, 1);
	check_returned("places");
}

static EFI_STATUS leave_something(void)
{
	uint64_t paddr;

	n_runs++;
	assert_int_equal(pool(EfiACPIReclaimMemory, 0x24, &paddr), EFI_SUCCESS);
	assert_true(is_in_block(paddr));
	return EFI_SUCCESS;
}

static void a_block_in_use_stays(void **state)
{
	(void)state;
	machine(PINNED);
	fake.loader = leave_something;
	run();
	assert_int_equal(n_runs, 1);
	assert_false(is_hooked());
	assert_int_equal(fake.n_claimed_pages, BLOCK_PAGES);
	for (uint64_t paddr = BLOCK_PADDR; paddr < BLOCK_END; paddr += PAGE_BYTES)
		assert_int_equal(fake.types[pfn_down(paddr)], EfiACPIReclaimMemory);
	/* the next entry finds it in use, and boots without */
	fake.loader = run_and_return;
	run();
	assert_int_equal(n_runs, 1);
	assert_true(says("not pinned: its place is not free in this boot"));
	assert_true(says("\\a.efi, NOT PINNED\n"));
	assert_false(is_hooked());
	assert_int_equal(fake.n_claimed_pages, BLOCK_PAGES);
}

static EFI_STATUS EFIAPI hook_of_a_loader(EFI_MEMORY_TYPE type, UINTN bytes, VOID **ret_buffer)
{
	(void)type, (void)bytes, (void)ret_buffer;
	return EFI_OUT_OF_RESOURCES;
}

static EFI_STATUS hook_and_return(void)
{
	n_runs++;
	bs->AllocatePool = hook_of_a_loader;
	return EFI_SUCCESS;
}

static void hooks_of_others_are_left_alone(void **state)
{
	(void)state;
	machine(PINNED);
	fake.loader = hook_and_return;
	run();
	check_returned("foreign hook");
	assert_true(bs->AllocatePool == hook_of_a_loader);
	assert_false(is_hooked());
	assert_true(says("a loader has put hooks of its own over those of pin"));
}

/* --- the record --- */

static const struct pin_record *kept_record(void)
{
	assert_int_equal(fake.kept.n_bytes, sizeof(struct pin_record));
	return (const struct pin_record *)fake.kept.bytes;
}

static EFI_STATUS overflow_and_exit(void)
{
	uint64_t paddr;

	n_runs++;
	pool(EfiACPIReclaimMemory, 0x2000, &paddr);
	assert_true(is_in_block(paddr));
	pool(EfiACPIReclaimMemory, 0x4000, &paddr);
	assert_true(is_in_block(paddr));
	pool(EfiACPIReclaimMemory, 0x2001, &paddr);
	assert_false(is_in_block(paddr));
	pool(EfiRuntimeServicesData, 0x10, &paddr);
	pool(EfiReservedMemoryType, 0x20, &paddr);
	assert_int_equal(bs->ExitBootServices(fake.firmware.image, fake.key - 1),
	                 EFI_INVALID_PARAMETER);
	assert_int_equal(bs->ExitBootServices(fake.firmware.image, fake.key), EFI_SUCCESS);
	longjmp(fake.end, FAKE_LAUNCHED);
}

static void check_record(void)
{
	const struct pin_record *record = kept_record();

	assert_int_equal(record->version, PIN_RECORD_VERSION);
	assert_int_equal(record->block_paddr, BLOCK_PADDR);
	assert_int_equal(record->block_pages, BLOCK_PAGES);
	assert_int_equal(record->n_served, 2);
	assert_int_equal(record->served_bytes, 0x6000);
	assert_int_equal(record->n_refused, 1);
	assert_int_equal(record->refused_bytes, 0x2001);
	assert_int_equal(record->n_live, 2);
	assert_int_equal(record->asked[0].bytes, 0x20);
	assert_int_equal(record->asked[2].bytes, 0x10);
	assert_int_equal(record->owners[0].image_bytes, 0);
	assert_true(record->owners[0].paddr != 0);
}

static void the_record_is_written_once_at_the_first_exit(void **state)
{
	(void)state;
	machine(PINNED);
	fake.loader = overflow_and_exit;
	assert_int_equal(run(), FAKE_LAUNCHED);
	assert_null(fake.violation);
	assert_int_equal(fake.n_exits, 2);
	assert_int_equal(fake_count(FAKE_SET_VARIABLE), 1);
	check_record();
	assert_int_equal(fake.kept.attributes,
	                 EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS);
}

/* A driver that takes memory, and calls back. */
static void set_and_call_back(void)
{
	uint64_t paddr;

	fake.when_set = NULL;
	assert_int_equal(pool(EfiACPIReclaimMemory, 0x10, &paddr), EFI_SUCCESS);
	assert_int_equal(bs->FreePool((VOID *)(uintptr_t)paddr), EFI_SUCCESS);
	fake.key++;
}

static EFI_STATUS exit_twice(void)
{
	UINTN key = fake.key;
	EFI_STATUS first = bs->ExitBootServices(fake.firmware.image, key);

	n_runs++;
	assert_true(first == EFI_SUCCESS || first == EFI_INVALID_PARAMETER);
	if (EFI_ERROR(first))
		assert_int_equal(bs->ExitBootServices(fake.firmware.image, fake.key), EFI_SUCCESS);
	longjmp(fake.end, FAKE_LAUNCHED);
}

static void a_variable_that_allocates_or_fails_costs_no_exit(void **state)
{
	static const EFI_STATUS errors[] = { EFI_SUCCESS, EFI_OUT_OF_RESOURCES, EFI_DEVICE_ERROR,
		                             EFI_WRITE_PROTECTED };

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(errors); i++) {
		machine(PINNED);
		fake.loader = exit_twice;
		fake.set_variable_error = errors[i / 2];
		fake.when_set = i % 2 == 0 ? NULL : set_and_call_back;
		assert_int_equal(run(), FAKE_LAUNCHED);
		assert_null(fake.violation);
		assert_int_equal(fake.n_exits, 1 + i % 2);
		assert_int_equal(fake_count(FAKE_SET_VARIABLE), 1);
	}
}

static void an_overflow_is_said_at_the_next_boot(void **state)
{
	const char *text;

	(void)state;
	machine(PINNED "remember = yes\n");
	fake.kept.n_bytes = 0;
	fake.loader = overflow_and_exit;
	/* the variable of the stages has the one place that there is: it is not asked for here */
	fake.faults[0] = (struct fake_fault){ FAKE_SET_VARIABLE, 0, 1, EFI_WRITE_PROTECTED };
	fake.n_faults = 1;
	assert_int_equal(run(), FAKE_LAUNCHED);
	check_record();
	assert_int_equal(fake.kept.attributes & EFI_VARIABLE_NON_VOLATILE,
	                 EFI_VARIABLE_NON_VOLATILE);
	assert_true(fake_firmware_start_again());
	firmware();
	run();
	assert_int_equal(n_runs, 1);
	assert_true(says("; the LAST BOOT'S BLOCK was too small by 8193 bytes: pin-pages = 11\n"));
	text = file_text("\\bootmem\\captures\\0002.map");
	assert_non_null(strstr(text, "\npin 0x0000000012800000 0x0000000012808000\n"));
	assert_non_null(
		strstr(text, "\nlast-pin 0x0000000012800000 0x0000000012808000 0x6000 0x2001\n"));
	assert_non_null(strstr(text, "\nlast-pin-owner 0x"));
	assert_non_null(strstr(text, " 0x0 0x6000 0x2001\n"));
	assert_non_null(strstr(text, "\nlast-pin-asked 0 1 0x20\nlast-pin-asked 6 1 0x10\n"));
	assert_null(strstr(file_text("\\bootmem\\captures\\0001.map"), "last-pin"));
}

static void a_record_of_others_is_none(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		machine(PINNED "remember = yes\n");
		fake.loader = overflow_and_exit;
		fake.faults[0] =
			(struct fake_fault){ FAKE_SET_VARIABLE, 0, 1, EFI_WRITE_PROTECTED };
		fake.n_faults = 1;
		assert_int_equal(run(), FAKE_LAUNCHED);
		if (i == 0)
			fake.kept.bytes[0] = 2; /* of another version */
		else if (i == 1)
			fake.kept.n_bytes--;
		else
			memset(fake.kept.bytes + 4, 0xff, sizeof(struct pin_record) - 4);
		assert_true(fake_firmware_start_again());
		firmware();
		run();
		assert_int_equal(n_runs, 1);
		assert_int_equal(says("LAST BOOT"), i == 2);
		assert_int_equal(strstr(file_text("\\bootmem\\captures\\0002.map"), "last-pin") !=
		                         NULL,
		                 i == 2);
	}
}

static void a_log_that_does_not_fit_is_said(void **state)
{
	static const struct {
		uint64_t bytes;
		UINT32 format;
		const char *said;
	} logs[] = {
		{ 0, 2, "pinned at 0x12800000\n" },
		{ 0x4000, 2, "pinned at 0x12800000\n" },
		{ 0x4001, 2, "; the block may be TOO SMALL for the TPM's log: pin-pages = 9\n" },
		{ 0x10000, 1, "; the block may be TOO SMALL for the TPM's log: pin-pages = 20\n" },
		{ 0x10000, 3, "pinned at 0x12800000\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(logs); i++) {
		machine(PINNED);
		fake.event_log_bytes = logs[i].bytes;
		fake.event_log_format = logs[i].format;
		run();
		check_returned("log");
		if (!says(logs[i].said))
			fail_msg("%s%s", logs[i].said, fake.console);
	}
}

/* --- images --- */

static EFI_STATUS look_at_types(void)
{
	n_runs++;
	assert_int_equal(fake.loaded.loaded.ImageCodeType, EfiLoaderCode);
	assert_int_equal(fake.loaded.loaded.ImageDataType, EfiLoaderData);
	return exit_twice();
}

static void an_image_without_types_is_given_some(void **state)
{
	(void)state;
	machine(PINNED);
	fake.gives_no_types = true;
	fake.loader = look_at_types;
	assert_int_equal(run(), FAKE_LAUNCHED);
	assert_int_equal(kept_record()->n_untyped_images, 1);
}

/* --- where it lies --- */

static const struct {
	const char *rule, *text;
} files[] = {
	{ "empty", "" },
	{ "cut", "bootmem-pin 1\naddress 0x12800000\n" },
	{ "cut in a line", "bootmem-pin 1\naddress 0x12800000\nchecksum 0x8f6009a7" },
	{ "another address", "bootmem-pin 1\naddress 0x12900000\nchecksum 0x8f6009a7\n" },
	{ "no address", "bootmem-pin 1\naddress x\nchecksum 0x8f6009a7\n" },
	{ "something behind it", PIN_CONF "address 0x12900000\n" },
	{ "another text", "\x7f\x45\x4c\x46\x01\n\n\n" },
	{ "an address above 2 GiB", "bootmem-pin 1\naddress 0x80000000\nchecksum 0x5209f6e6\n" },
};

static void what_is_no_address_is_no_pin(void **state)
{
	static char large[300];

	(void)state;
	memset(large, ' ', sizeof large);
	for (size_t i = 0; i <= COUNT(files); i++) {
		const char *text = i < COUNT(files) ? files[i].text : large;

		machine(PINNED);
		write_over("\\bootmem\\pin.conf", text,
		           i < COUNT(files) ? strlen(text) : sizeof large);
		run();
		check_returned("no address");
		if (n_runs != 1 || !says("not pinned: \\bootmem\\pin.conf is damaged"))
			fail_msg("%zu: %s", i, fake.console);
	}
}

/* 1 GiB of free memory, of which there is none in truth: it cannot be claimed. */
static void add_memory(void)
{
	fake_add_descriptor(EfiConventionalMemory, UINT64_C(0x20000000), 0x40000, UEFI_MEMORY_WB);
}

static void the_first_boot_finds_an_address(void **state)
{
	(void)state;
	machine(PINNED);
	add_memory();
	fake_find_file("\\bootmem\\pin.conf")->is_deleted = true;
	run();
	check_returned("first");
	assert_int_equal(n_runs, 1);
	assert_non_null(strstr(file_text("\\bootmem\\pin.conf"), "\naddress 0x40000000\n"));
	assert_true(says("not pinned: its place is not free in this boot"));
	assert_null(fake_find_file("\\bootmem\\pin.new"));
}

static void earlier_boots_have_a_say(void **state)
{
	(void)state;
	machine("chain = \\a.efi\n");
	fake_add_descriptor(EfiConventionalMemory, UINT64_C(0x20000000), 0x20000, UEFI_MEMORY_WB);
	fake_add_descriptor(EfiBootServicesData, UINT64_C(0x40000000), 0x20000, UEFI_MEMORY_WB);
	fake_find_file("\\bootmem\\pin.conf")->is_deleted = true;
	run();
	assert_non_null(fake_find_file("\\bootmem\\captures\\0001.map"));
	assert_true(fake_firmware_start_again());
	firmware();
	add_memory();
	write_over("\\bootmem.conf", PINNED, strlen(PINNED));
	run();
	check_returned("second");
	assert_non_null(strstr(file_text("\\bootmem\\pin.conf"), "\naddress 0x30000000\n"));
}

static void without_a_place_or_a_file_there_is_no_pin(void **state)
{
	(void)state;
	machine(PINNED);
	fake_find_file("\\bootmem\\pin.conf")->is_deleted = true;
	run();
	check_returned("no range");
	assert_int_equal(n_runs, 1);
	assert_true(says("not pinned: no range from 64 MiB to 2 GiB is free in this and all"));
	machine(PINNED);
	add_memory();
	fake_find_file("\\bootmem\\pin.conf")->is_deleted = true;
	fake.is_read_only = true;
	run();
	check_returned("read-only");
	assert_int_equal(n_runs, 1);
	assert_true(says("not pinned: \\bootmem\\pin.conf cannot be written"));
}

static void without_a_loader_there_is_no_pin(void **state)
{
	static uint8_t kernel[FAKE_KERNEL_FILE_BYTES];

	(void)state;
	machine("pin = yes\n");
	fake_kernel_build(kernel, true, ET_EXEC, FAKE_KERNEL_PADDR);
	fake_add_file("\\bootmem\\kernel-amd64.elf", kernel, sizeof kernel);
	assert_int_equal(run(), FAKE_LAUNCHED);
	assert_true(says("not pinned: there is no chain ="));
}

/* --- whatever fails --- */

static EFI_STATUS ask_for_anything(void)
{
	uint64_t paddr;

	n_runs++;
	for (unsigned i = 0; i < 20; i++) {
		if (!EFI_ERROR(pool(EfiACPIReclaimMemory, 0x900, &paddr)))
			bs->FreePool((VOID *)(uintptr_t)paddr);
		pool(EfiACPIReclaimMemory, 0x800, &paddr);
	}
	for (unsigned i = 0; i < 2 && EFI_ERROR(bs->ExitBootServices(&fake, fake.key)); i++)
		;
	longjmp(fake.end, FAKE_LAUNCHED);
}

/* What a boot needs: the map, memory, the configuration, the loader. */
static bool is_needed(enum fake_service service)
{
	static const enum fake_service needed[] = {
		FAKE_GET_MEMORY_MAP, FAKE_ALLOCATE_PAGES, FAKE_HANDLE_PROTOCOL, FAKE_OPEN_VOLUME,
		FAKE_OPEN,           FAKE_SET_POSITION,   FAKE_GET_POSITION,    FAKE_READ,
		FAKE_LOAD_IMAGE,     FAKE_START_IMAGE,
	};
	bool is_one = false;

	for (size_t i = 0; i < COUNT(needed); i++)
		is_one |= needed[i] == service;
	return is_one;
}

static void fail_call(size_t call, EFI_STATUS way, bool is_first_boot)
{
	machine(PINNED "on-error = continue\n");
	fake.loader = ask_for_anything;
	fake.fail_call = call;
	fake.fail_status = way;
	if (is_first_boot) {
		add_memory();
		fake_find_file("\\bootmem\\pin.conf")->is_deleted = true;
	}
	if (run() == FAKE_RUNNING) {
		check_returned(fake_service_names[fake.failed]);
		if (fake.failed_about_capture || !is_needed(fake.failed))
			fail_msg("call %zu: %s", call, fake.console);
	} else if (n_runs != 1 || fake.violation != NULL) {
		fail_msg("call %zu: %s\n%s", call, fake.violation, fake.console);
	}
}

/* Each call of the firmware fails once, or does nothing: the loader runs, or the firmware's next
 * entry does; and what is about captures and pin never costs the boot. */
static void each_call_may_fail(void **state)
{
	(void)state;
	for (unsigned is_first_boot = 0; is_first_boot < 2; is_first_boot++) {
		size_t n_calls = 1;

		for (size_t call = 0; call < n_calls; call++) {
			fail_call(call, EFI_DEVICE_ERROR, is_first_boot);
			n_calls = call == 0 ? fake.n_failable + 1 : n_calls;
			fail_call(call, EFI_SUCCESS, is_first_boot);
		}
		assert_in_range(n_calls, 50, 10000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_looked_for_on_each_esp),
		cmocka_unit_test(options_are_empty_unless_configured),
		cmocka_unit_test(what_comes_back_goes_on_to_the_next_entry),
		cmocka_unit_test(it_says_one_line_and_waits_for_nothing),
		cmocka_unit_test(a_key_shows_the_answer),
		cmocka_unit_test(what_is_refused_by_its_signature_is_unloaded),
		cmocka_unit_test(the_map_is_captured_first),
		cmocka_unit_test(captures_are_bounded),
		cmocka_unit_test(a_tenth_of_the_volume_stays_free),
		cmocka_unit_test(next_is_the_entry_behind),
		cmocka_unit_test(nothing_behind_it_is_no_entry),
		cmocka_unit_test(a_loader_is_served_and_returns),
		cmocka_unit_test(limits_and_addresses_are_honoured),
		cmocka_unit_test(a_block_in_use_stays),
		cmocka_unit_test(hooks_of_others_are_left_alone),
		cmocka_unit_test(the_record_is_written_once_at_the_first_exit),
		cmocka_unit_test(a_variable_that_allocates_or_fails_costs_no_exit),
		cmocka_unit_test(an_overflow_is_said_at_the_next_boot),
		cmocka_unit_test(a_record_of_others_is_none),
		cmocka_unit_test(a_log_that_does_not_fit_is_said),
		cmocka_unit_test(an_image_without_types_is_given_some),
		cmocka_unit_test(what_is_no_address_is_no_pin),
		cmocka_unit_test(the_first_boot_finds_an_address),
		cmocka_unit_test(earlier_boots_have_a_say),
		cmocka_unit_test(without_a_place_or_a_file_there_is_no_pin),
		cmocka_unit_test(without_a_loader_there_is_no_pin),
		cmocka_unit_test(each_call_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

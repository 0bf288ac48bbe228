/*
 * test_boot.c - whole boots, against a made-up firmware: up to the jump to the kernel, where the
 * block and every bit of the bitmap are compared with what the firmware knows about its pages; or
 * up to an error, after which nothing must be left behind. Then every boot again, with each call of
 * the firmware failing in turn.
 */
#define _GNU_SOURCE /* memmem() */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "efi/boot.h"
#include "efi/last_words.h"
#include "handoff/block.h"
#include "handoff/load/sha256.h"
#include "tests/unit/fake_firmware.h"
#include "tests/unit/fake_kernel.h"
#include "tests/unit/fake_launch.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

#define KERNEL_PADDR  FAKE_KERNEL_PADDR
#define DATA_PADDR    (KERNEL_PADDR + FAKE_KERNEL_DATA_OFFSET)
#define ACPI_PADDR    UINT64_C(0x13f00000)
#define RUNTIME_PADDR UINT64_C(0x13f10000)
#define INITRD_BYTES  10000

static struct boot boot;
static EFI_STATUS status;

/* The files. */

enum { FILE_IA32, FILE_AMD64, FILE_INITRD, FILE_CONF };

static uint8_t kernel_ia32[FAKE_KERNEL_FILE_BYTES], kernel_amd64[FAKE_KERNEL_FILE_BYTES];
static uint8_t initrd[INITRD_BYTES];
static uint8_t large_kernel[0x203000];
static uint8_t page_zero[PAGE_BYTES];

static void build_kernels(uint16_t file_type, paddr_t start_paddr)
{
	fake_kernel_build(kernel_ia32, false, file_type, start_paddr);
	fake_kernel_build(kernel_amd64, true, file_type, start_paddr);
}

/* The machine. */

static void put_number(uint8_t *at, unsigned bytes, uint64_t value)
{
	for (; bytes > 0; bytes--, value >>= 8)
		*at++ = (uint8_t)value;
}

/* An RSDP whose XSDT names one table (ACPI 6.5 §5.2.5.3, §5.2.6, §5.2.8); sums are not of interest
 * here. */
static void put_acpi_tables(void)
{
	static const EFI_GUID guid = ACPI_20_TABLE_GUID;
	uint8_t *at = (uint8_t *)(uintptr_t)ACPI_PADDR;

	fake_set_pages(ACPI_PADDR, RUNTIME_PADDR, EfiACPIReclaimMemory);
	fake_set_pages(RUNTIME_PADDR, RUNTIME_PADDR + 0x10000, EfiRuntimeServicesData);
	memset(at, 0, 0x10000);
	memcpy(at, "RSD PTR ", 8);
	at[15] = 2;
	put_number(at + 20, 4, 36);
	put_number(at + 24, 8, ACPI_PADDR + 0x100);
	memcpy(at + 0x100, "XSDT", 4);
	put_number(at + 0x104, 4, 44);
	put_number(at + 0x124, 8, ACPI_PADDR + 0x1000);
	memcpy(at + 0x1000, "TEST", 4);
	put_number(at + 0x1004, 4, 0x2000);
	fake_add_table(guid, ACPI_PADDR);
}

static void machine(const char *conf)
{
	if (!fake_firmware_init()) {
		print_message("no memory of the host's at the addresses that this test needs\n");
		skip();
	}
	fake.minds_watchdog = true;
	put_acpi_tables();
	fake.page_zero = page_zero;
	build_kernels(ET_EXEC, KERNEL_PADDR);
	fake_kernel_fill(initrd, sizeof initrd);
	fake_add_file("\\bootmem\\kernel-ia32.elf", kernel_ia32, sizeof kernel_ia32);
	fake_add_file("\\bootmem\\kernel-amd64.elf", kernel_amd64, sizeof kernel_amd64);
	fake_add_file("\\initrd.img", initrd, sizeof initrd);
	if (conf != NULL)
		fake_add_file("\\bootmem.conf", conf, strlen(conf));
}

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

/* What must hold at the kernel's first instruction. */

static const struct handoff_block *the_block(void)
{
	return fake_launch_block();
}

static const uint8_t *at_paddr(paddr_t paddr)
{
	return fake_launch_at(paddr);
}

static void must_be_right(const char *rule, const char *fault)
{
	if (fault != NULL)
		fail_msg("%s: %s", rule, fault);
}

/* The files are all alike in it. */
static uint64_t kernel_align(void)
{
	Elf64_Phdr segment;

	memcpy(&segment, kernel_amd64 + sizeof(Elf64_Ehdr), sizeof segment);
	return segment.p_align;
}

static void check_kernel(const char *rule)
{
	const struct handoff_block *block = the_block();

	if (fake.pad->entry_paddr != block->kernel_start_paddr + FAKE_KERNEL_ENTRY)
		fail_msg("%s: the entry is 0x%llx", rule,
		         (unsigned long long)fake.pad->entry_paddr);
	if ((block->kernel_start_paddr & (kernel_align() - 1)) != 0)
		fail_msg("%s: the kernel lies at 0x%llx", rule,
		         (unsigned long long)block->kernel_start_paddr);
	must_be_right(rule, fake_kernel_fault(at_paddr(block->kernel_start_paddr)));
	if (block->initrd_end_paddr > 0 &&
	    memcmp(at_paddr(block->initrd_start_paddr), initrd, sizeof initrd) != 0)
		fail_msg("%s: the initrd", rule);
}

/* What is handed over has its owner's name, and not its reason. */
static void check_owners(const char *rule)
{
	static const struct {
		uint32_t kind;
		const char *owner;
	} pieces[] = {
		{ HANDOFF_KIND_BLOCK, "hand-off block" },
		{ HANDOFF_KIND_STACK, "hand-off stack" },
		{ HANDOFF_KIND_GATES, "hand-off gates" },
	};
	const struct handoff_block *block = the_block();
	const struct handoff_reservation *list =
		(const struct handoff_reservation *)at_paddr(block->reservations_paddr);

	for (uint32_t i = 0; i < block->reservations_count; i++)
		for (size_t j = 0; j < N_OF(pieces); j++)
			if (list[i].kind == pieces[j].kind &&
			    strcmp(list[i].owner, pieces[j].owner) != 0)
				fail_msg("%s: the owner %s", rule, list[i].owner);
}

static void check_launch(const char *rule)
{
	const struct handoff_block *block;

	must_be_right(rule, fake_launch_fault(&boot));
	block = the_block();
	check_owners(rule);
	check_kernel(rule);
	assert_int_equal(block->rsdp_paddr, ACPI_PADDR);
	assert_int_equal(block->framebuffer.paddr, fake.n_gops > 0 ? 0x80000000 : 0);
	if (boot.config.paints_exceptions)
		assert_int_equal(strncmp(boot.handed.gates.head->known.kernel_name, "kernel-", 7),
		                 0);
}

/* What must hold after an error. */
static void check_nothing_is_left(const char *rule)
{
	must_be_right(rule, fake_return_fault(status));
}

static void check_message(const char *rule)
{
	must_be_right(rule, fake_message_fault());
}

/* How a firmware differs from the usual one. */

static void as_usual(void)
{
}

static void firmware_where_the_kernel_goes(void)
{
	fake_set_pages(KERNEL_PADDR - 0x1000, DATA_PADDR + 0x10000, EfiBootServicesCode);
}

static void take_the_kernels_first_page(void)
{
	fake_set_pages(KERNEL_PADDR, KERNEL_PADDR + 0x1000, EfiRuntimeServicesData);
}

static void firmware_that_stays_where_the_kernel_goes(void)
{
	firmware_where_the_kernel_goes();
	fake.stale_exits = 1;
	fake.when_stale = take_the_kernels_first_page;
}

static void firmware_in_the_kernels_last_page(void)
{
	fake_set_pages(DATA_PADDR + 0x2000, DATA_PADDR + 0x3000, EfiBootServicesData);
}

static void large_data(void)
{
	uint8_t *ia32 = kernel_ia32 + sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr);
	uint8_t *amd64 = kernel_amd64 + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);

	put_number(ia32 + offsetof(Elf32_Phdr, p_memsz), 4, 0x60000);
	put_number(amd64 + offsetof(Elf64_Phdr, p_memsz), 8, 0x60000);
}

/* To open the kernel, the firmware takes a page of its place, below which initrd and block fit. */
static void take_a_page_of_the_place(void)
{
	if (fake_count(FAKE_OPEN) == 2)
		fake_set_pages(DATA_PADDR + 0x1d000, DATA_PADDR + 0x1e000, EfiBootServicesData);
}

static void firmware_that_is_in_the_way_later(void)
{
	large_data();
	fake.when_opened = take_a_page_of_the_place;
}

/* It takes more, and gives it back when the kernel has been read: initrd and block fit there. */
static void take_part_of_the_place(void)
{
	if (fake_count(FAKE_OPEN) == 2)
		fake_set_pages(DATA_PADDR + 0x30000, DATA_PADDR + 0x60000, EfiBootServicesData);
}

static void give_the_place_back(void)
{
	if (fake_count(FAKE_CLOSE) == 2)
		fake_set_pages(DATA_PADDR + 0x30000, DATA_PADDR + 0x60000, EfiConventionalMemory);
}

static void firmware_that_is_in_the_way_for_a_time(void)
{
	large_data();
	fake.when_opened = take_part_of_the_place;
	fake.when_closed = give_the_place_back;
}

static void firmware_behind_the_kernel(void)
{
	fake_set_pages(DATA_PADDR + 0x8000, DATA_PADDR + 0x9000, EfiBootServicesData);
}

/* Stack, IDT, GDT and page tables from @start_paddr on, in memory that the map calls free, as
 * U-Boot 2023.01 has them: 0x40 pages of stack, then one for both tables, then three tables, of
 * which the second maps the first GiB to itself. */
static void run_on(paddr_t start_paddr)
{
	paddr_t gdt_paddr = start_paddr + 0x40000, root_paddr = start_paddr + 0x41000;
	uint8_t *root = (uint8_t *)(uintptr_t)root_paddr;

	fake_run_on(start_paddr, 0x44);
	memset((void *)(uintptr_t)start_paddr, 0x5a, 0x44000);
	memset(root, 0, 3 * PAGE_BYTES);
	put_number(root, 8, (root_paddr + 0x1000) | 3);
	put_number(root + 0x1000, 8, 0x83);
	put_number(root + 0x1008, 8, (root_paddr + 0x2000) | 3);
	fake.cpu_state = (struct cpu_state){
		.paging = { UINT64_C(1) << 31, root_paddr, 1 << 5, true },
		.sp = start_paddr + 0x20000,
		.gdt_paddr = gdt_paddr,
		.gdt_limit = 0x7ff,
		.idt_paddr = gdt_paddr + 0x800,
		.idt_limit = 0x7ff,
	};
}

static void cpu_where_the_kernel_goes(void)
{
	run_on(KERNEL_PADDR - 0x20000);
}

static void page_tables_where_the_kernel_goes(void)
{
	run_on(KERNEL_PADDR - 0x41000);
}

static void cpu_in_the_lowest_pages(void)
{
	fake.is_bottom_up = true;
	run_on(FAKE_RAM_PADDR);
}

static void cpu_in_the_highest_pages(void)
{
	fake_set_pages(FAKE_RAM_PADDR + 0x500000, FAKE_RAM_END_PADDR, EfiBootServicesData);
	run_on(FAKE_RAM_PADDR + 0x500000 - 0x44000);
}

static void page_tables_everywhere(void)
{
	const paddr_t root_paddr = FAKE_RAM_PADDR + 0x40000;
	uint8_t *root = (uint8_t *)(uintptr_t)root_paddr;

	fake_run_on(root_paddr, 2);
	memset(root, 0, 2 * PAGE_BYTES);
	put_number(root, 8, (root_paddr + 0x1000) | 3);
	put_number(root + 0x1000, 8, 0x83);
	for (unsigned i = 1; i <= IN_USE_RANGES; i++) {
		paddr_t table_paddr = FAKE_RAM_PADDR + 0x100000 + i * 0x2000;

		fake_run_on(table_paddr, 1);
		memset((void *)(uintptr_t)table_paddr, 0, PAGE_BYTES);
		put_number(root + (size_t)i * 8, 8, table_paddr | 3);
	}
	fake.cpu_state.paging = (struct paging){ UINT64_C(1) << 31, root_paddr, 1 << 5, true };
}

/* A MiB is free, and behind it the firmware stands. */
static void pie_and_little_room(void)
{
	build_kernels(ET_DYN, KERNEL_PADDR);
	fake_set_pages(FAKE_RAM_PADDR + 0x100000, FAKE_RAM_END_PADDR - 0x300000,
	               EfiBootServicesData);
}

static void no_configuration(void)
{
	fake.n_files = FILE_CONF;
}

static void pie(void)
{
	build_kernels(ET_DYN, KERNEL_PADDR);
}

/* The firmware gives away, for the program headers, the lowest place, which was free before. */
static void pie_and_bottom_up(void)
{
	build_kernels(ET_DYN, KERNEL_PADDR);
	fake.is_bottom_up = true;
}

static void pie_from_0(void)
{
	build_kernels(ET_DYN, 0);
}

/* It goes to a multiple of what its segments say. */
static void align_kernels(uint64_t bytes)
{
	for (size_t i = 0; i < 2; i++) {
		put_number(kernel_amd64 + sizeof(Elf64_Ehdr) + i * sizeof(Elf64_Phdr) +
		                   offsetof(Elf64_Phdr, p_align),
		           8, bytes);
		put_number(kernel_ia32 + sizeof(Elf32_Ehdr) + i * sizeof(Elf32_Phdr) +
		                   offsetof(Elf32_Phdr, p_align),
		           4, bytes);
	}
}

static void pie_on_2_mib(void)
{
	build_kernels(ET_DYN, 0);
	align_kernels(0x200000);
	fake_set_pages(FAKE_RAM_PADDR, FAKE_RAM_PADDR + 0x1000, EfiBootServicesData);
}

static void pie_on_2_mib_and_bottom_up(void)
{
	build_kernels(ET_DYN, 0);
	align_kernels(0x200000);
	fake.is_bottom_up = true;
}

static void empty_initrd(void)
{
	fake.files[FILE_INITRD].n_bytes = 0;
	fake.files[FILE_INITRD].n_readable_bytes = 0;
}

static void stale_once(void)
{
	fake.stale_exits = 1;
}

static void stale_15_times(void)
{
	fake.stale_exits = 15;
	fake.growth_when_stale = 2;
}

static void less_ram_when_stale(void)
{
	fake.stale_exits = 2;
	fake.growth_when_stale = 3;
	fake.growth_type = EfiRuntimeServicesData;
}

/* As firmware of confidential guests does: it accepts the rest of the memory in the exit. */
static void accept_memory(void)
{
	fake.extras[0].type = UEFI_CONVENTIONAL;
}

static void more_ram_when_stale(void)
{
	fake_add_descriptor(UEFI_UNACCEPTED, UINT64_C(0x100000000), 0x1000000, 0xf);
	fake.stale_exits = 1;
	fake.when_stale = accept_memory;
}

static void less_ram_with_each_map(void)
{
	fake.growth = 2;
	fake.growth_type = EfiACPIMemoryNVS;
}

static void growing(void)
{
	fake.growth = 3;
}

static void growing_by_100_descriptors(void)
{
	fake.growth = 50;
}

static void growing_and_stale(void)
{
	growing_by_100_descriptors();
	fake.stale_exits = 15;
}

static void growing_by_500_descriptors(void)
{
	fake.growth = 250;
}

static void growing_by_1200_descriptors(void)
{
	fake.growth = 600;
}

/* The firmware takes 400 pages apart, which are ranges of their own in e820, too. */
static void jump(void)
{
	for (paddr_t paddr = 0x11800000; paddr < 0x11800000 + 400 * 0x2000; paddr += 0x2000)
		if (fake.types[pfn_down(paddr)] == EfiConventionalMemory)
			fake_set_pages(paddr, paddr + PAGE_BYTES, EfiACPIMemoryNVS);
}

static void jump_when_the_kernel_is_closed(void)
{
	if (fake_count(FAKE_CLOSE) == 2)
		jump();
}

static void outgrown_while_planning(void)
{
	fake.when_closed = jump_when_the_kernel_is_closed;
}

static void jump_when_the_capture_is_closed(void)
{
	if (fake_count(FAKE_CLOSE_WRITTEN) > 0)
		jump();
}

static void outgrown_before_the_exit(void)
{
	fake.when_closed = jump_when_the_capture_is_closed;
}

static void outgrown_before_the_exit_and_pie(void)
{
	build_kernels(ET_DYN, KERNEL_PADDR);
	outgrown_before_the_exit();
}

static void stride_of_a_page(void)
{
	fake.stride = 4096;
}

static void null_root(void)
{
	fake.gives_null_root = true;
}

static void null_files(void)
{
	fake.gives_null_files = true;
}

static void encrypted_memory(void)
{
	fake.cpu.has_encrypted_memory = true;
}

static void reversed(void)
{
	fake.is_reversed = true;
}

static void stride_of_40(void)
{
	fake.stride = 40;
}

static void stride_told_late(void)
{
	fake.stride = 56;
	fake.query_sets_stride = false;
}

static void no_console(void)
{
	fake.firmware.system_table->ConOut = NULL;
	fake.firmware.system_table->ConIn = NULL;
}

static void bottom_up(void)
{
	fake.is_bottom_up = true;
}

static void not_executable(void)
{
	fake.is_nx = true;
}

static void short_reads(void)
{
	fake.read_most_bytes = 777;
}

static void reads_too_much(void)
{
	fake.overread_bytes = 1;
}

static void no_long_mode(void)
{
	fake.cpu.has_long_mode = false;
}

static void small_pages(void)
{
	fake.cpu.has_1g_pages = false;
	fake.cpu.has_sse = false;
}

static void odd_descriptors(void)
{
	fake_add_descriptor(UEFI_MMIO, UINT64_C(0xffc00000), 0x400, UEFI_MEMORY_RUNTIME);
	fake_add_descriptor(UEFI_CONVENTIONAL, UINT64_C(0xfffffffffffff000), 0x10, 0xf);
	fake_add_descriptor(UEFI_CONVENTIONAL, UINT64_C(0x200000000), 0, 0xf);
	fake_add_descriptor(UEFI_RESERVED, UINT64_C(0x11000000), 2, 0);
	fake_add_descriptor(0x70000001, UINT64_C(0x11001000), 3, 0xf);
	fake_add_descriptor(UEFI_RESERVED, UINT64_C(0xfd00000000), 0x300000, 0);
}

static void no_low_64k(void)
{
	fake_set_pages(0, FAKE_LOW_PADDR, EfiReservedMemoryType);
}

static void garbage_in_page_zero(void)
{
	static uint8_t garbage[PAGE_BYTES];

	memset(garbage, 0xff, sizeof garbage);
	fake.page_zero = garbage;
}

static void no_page_zero(void)
{
	fake.page_zero = NULL;
}

static void screen(void)
{
	static EFI_GRAPHICS_OUTPUT_MODE_INFORMATION info = {
		.HorizontalResolution = 640,
		.VerticalResolution = 480,
		.PixelFormat = PixelBlueGreenRedReserved8BitPerColor,
		.PixelsPerScanLine = 640
	};
	static EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE mode = { .Info = &info,
		                                          .FrameBufferBase = 0x80000000,
		                                          .FrameBufferSize = 640 * 480 * 4 };
	static EFI_GRAPHICS_OUTPUT_PROTOCOL gop = { .Mode = &mode };

	fake.gops[fake.n_gops++] = &gop;
}

static void null_handles(void)
{
	fake.gives_null_handles = true;
}

/* The console splitter's, say, before the one of the graphics card. */
static void screen_behind_one_without_a_framebuffer(void)
{
	static EFI_GRAPHICS_OUTPUT_MODE_INFORMATION info = { .PixelFormat = PixelBltOnly };
	static EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE mode = { .Info = &info };
	static EFI_GRAPHICS_OUTPUT_PROTOCOL gop = { .Mode = &mode };

	fake.gops[fake.n_gops++] = &gop;
	screen();
}

/* LocateHandleBuffer() lists it, and HandleProtocol() answers success with NULL. */
static void screen_that_is_null(void)
{
	fake.gops[fake.n_gops++] = NULL;
	fake.gives_null = true;
	screen();
}

static void press(UINT16 scan_code, CHAR16 character)
{
	fake.polls_before_keys = 3;
	fake.keys[fake.n_keys].ScanCode = scan_code;
	fake.keys[fake.n_keys++].UnicodeChar = character;
}

static void any_key_then_enter(void)
{
	press(0, 'x');
	press(0, 'y');
	press(0, '\r');
}

static void escape(void)
{
	press(0x17, 0);
}

static void any_key_then_escape(void)
{
	press(0, 'x');
	press(0x17, 0);
}

static void stale_16_times(void)
{
	fake.stale_exits = 16;
}

static void exit_that_fails(void)
{
	fake.exit_error = EFI_DEVICE_ERROR;
}

static void outgrown(void)
{
	fake.stale_exits = 1;
	fake.growth_when_stale = 200;
}

static void no_volume(void)
{
	fake.partitions[0].has_file_system = false;
}

static void overrun(void)
{
	fake.overrun_bytes = 1;
}

static void forgetful(void)
{
	for (paddr_t paddr = UINT64_C(0x12000000); paddr < UINT64_C(0x12080000); paddr += 0x2000)
		fake_set_pages(paddr, paddr + 0x1000, EfiBootServicesData);
	fake.unreported = 80;
}

static void stride_of_39(void)
{
	fake.stride = 39;
}

static void no_ram(void)
{
	memset(fake.types, EfiReservedMemoryType, sizeof fake.types);
}

static void hardly_any_memory(void)
{
	fake_set_pages(FAKE_RAM_PADDR + 0x8000, FAKE_RAM_END_PADDR, EfiBootServicesData);
}

static void config_that_is_too_large(void)
{
	fake.files[FILE_CONF].n_bytes = CONFIG_FILE_BYTES + 1;
}

static void config_that_ends_early(void)
{
	fake.files[FILE_CONF].n_readable_bytes = 3;
}

static void config_that_cannot_be_opened(void)
{
	fake.files[FILE_CONF].open_error = EFI_ACCESS_DENIED;
}

static void no_kernel(void)
{
	fake.files[FILE_AMD64].path = "\\other";
}

static void config_directory(void)
{
	fake.files[FILE_CONF].is_directory = true;
}

static void initrd_directory(void)
{
	fake.files[FILE_INITRD].is_directory = true;
}

static void kernel_directory(void)
{
	fake.files[FILE_AMD64].is_directory = true;
}

static void text_as_kernel(void)
{
	fake.files[FILE_AMD64].bytes = "#!/bin/sh\n# not a kernel, but longer than a header of one";
	fake.files[FILE_AMD64].n_bytes = fake.files[FILE_AMD64].n_readable_bytes = 57;
}

static void kernel_that_ends_early(void)
{
	fake.files[FILE_AMD64].n_readable_bytes = 0x3100;
}

static void kernel_that_is_cut(void)
{
	fake.files[FILE_AMD64].n_bytes = fake.files[FILE_AMD64].n_readable_bytes = 0x3100;
}

static void kernels_swapped(void)
{
	fake.files[FILE_AMD64].bytes = kernel_ia32;
	fake.files[FILE_IA32].bytes = kernel_amd64;
}

static void kernel_in_page_zero(void)
{
	build_kernels(ET_EXEC, 0);
}

static void kernel_beyond_ram(void)
{
	build_kernels(ET_EXEC, FAKE_RAM_END_PADDR);
}

/* Its pages, rounded up, would end at 0. */
static void kernel_in_the_last_page(void)
{
	uint8_t *segment = kernel_amd64 + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);

	put_number(segment + offsetof(Elf64_Phdr, p_paddr), 8, UINT64_C(0xfffffffffffff000));
	put_number(segment + offsetof(Elf64_Phdr, p_memsz), 8, 0xff0);
}

static void config_named_txt(void)
{
	fake.files[FILE_CONF].path = "\\bootmem.conf.txt";
}

static void kernel_of_the_upper_half(void)
{
	uint8_t *segments = kernel_amd64 + sizeof(Elf64_Ehdr);

	for (size_t i = 0; i < 2; i++, segments += sizeof(Elf64_Phdr))
		put_number(segments + offsetof(Elf64_Phdr, p_vaddr), 8,
		           UINT64_C(0xffffffff80400000) + i * 0x3000);
	put_number(kernel_amd64 + offsetof(Elf64_Ehdr, e_entry), 8, UINT64_C(0xffffffff80400004));
}

/* A kernel of the upper half whose linker script says nothing of where it is loaded. */
static void kernel_at_virtual_address(void)
{
	uint8_t *segments = kernel_amd64 + sizeof(Elf64_Ehdr);

	for (size_t i = 0; i < 2; i++, segments += sizeof(Elf64_Phdr)) {
		uint64_t vaddr = UINT64_C(0xffffffff80200000) + i * 0x10000;

		put_number(segments + offsetof(Elf64_Phdr, p_vaddr), 8, vaddr);
		put_number(segments + offsetof(Elf64_Phdr, p_paddr), 8, vaddr);
	}
	put_number(kernel_amd64 + offsetof(Elf64_Ehdr, e_entry), 8, UINT64_C(0xffffffff80200004));
}

static void kernel_on_acpi(void)
{
	build_kernels(ET_EXEC, ACPI_PADDR);
}

static void kernel_in_the_isa_hole(void)
{
	build_kernels(ET_EXEC, 0xc0000);
}

/* The page in which it begins is the kernel's, too. */
static void kernel_inside_a_page(void)
{
	build_kernels(ET_EXEC, 0xc0800);
}

static void acpi_in_ram(void)
{
	fake_set_pages(ACPI_PADDR, RUNTIME_PADDR, EfiBootServicesData);
	build_kernels(ET_EXEC, ACPI_PADDR);
}

static void acpi_behind_the_kernel(void)
{
	uint8_t *table = (uint8_t *)(uintptr_t)(DATA_PADDR + 0x8000);

	fake_set_pages(DATA_PADDR + 0x8000, DATA_PADDR + 0x9000, EfiBootServicesData);
	memcpy(table, at_paddr(ACPI_PADDR + 0x1000), 8);
	put_number(table + 4, 4, 64);
	put_number((uint8_t *)(uintptr_t)(ACPI_PADDR + 0x124), 8, DATA_PADDR + 0x8000);
}

static void pie_of(uint64_t bytes)
{
	build_kernels(ET_DYN, 0);
	put_number(kernel_amd64 + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) +
	                   offsetof(Elf64_Phdr, p_memsz),
	           8, bytes);
}

static void pie_of_128_mib(void)
{
	pie_of(128 << 20);
}

static void pie_of_40_mib(void)
{
	pie_of(40 << 20);
}

/* 2 MiB of a file, and no more memory than that beside where it goes. */
static void no_room_beside_the_place(void)
{
	fake_set_pages(FAKE_RAM_PADDR + 0x200000, FAKE_RAM_END_PADDR, EfiBootServicesData);
	fake.files[FILE_AMD64].bytes = large_kernel;
	fake.files[FILE_AMD64].n_bytes = fake.files[FILE_AMD64].n_readable_bytes =
		sizeof large_kernel;
	memcpy(large_kernel, kernel_amd64, sizeof kernel_amd64);
	put_number(large_kernel + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) +
	                   offsetof(Elf64_Phdr, p_filesz),
	           8, 0x200000);
	put_number(large_kernel + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) +
	                   offsetof(Elf64_Phdr, p_memsz),
	           8, 0x200000);
}

static void no_initrd(void)
{
	fake.files[FILE_INITRD].path = "\\other";
}

static void huge_initrd(void)
{
	fake.files[FILE_INITRD].n_bytes = UINT64_C(1) << 40;
}

static void initrd_that_ends_early(void)
{
	fake.files[FILE_INITRD].n_readable_bytes = 5000;
}

#define IA32        "target = ia32\n"
#define AMD64       "target = amd64\n"
#define LINUX       "policy = linux-2.6.24\n"
#define BOTH        HANDOFF_TARGET_AMD64
#define FIRST_PAGES "reserve = 0x10000000-0x10100000 x\n"

static const struct {
	const char *rule, *conf;
	void (*arrange)(void);
	uint32_t target;
} launches[] = {
	{ "a kernel in free memory", "", as_usual, HANDOFF_TARGET_AMD64 },
	{ "no configuration", NULL, no_configuration, HANDOFF_TARGET_AMD64 },
	{ "for IA-32", IA32, as_usual, HANDOFF_TARGET_IA32 },
	{ "a CPU without long mode", "", no_long_mode, HANDOFF_TARGET_IA32 },
	{ "no kernel for AMD64", "kernel-amd64 =\n", as_usual, HANDOFF_TARGET_IA32 },
	{ "page tables of 2 MiB pages", AMD64, small_pages, HANDOFF_TARGET_AMD64 },
	{ "a kernel in the place of the firmware", AMD64, firmware_where_the_kernel_goes,
	  HANDOFF_TARGET_AMD64 },
	{ "the same for IA-32", IA32, firmware_where_the_kernel_goes, HANDOFF_TARGET_IA32 },
	{ "in part", AMD64, firmware_in_the_kernels_last_page, HANDOFF_TARGET_AMD64 },
	{ "in part for IA-32", IA32, firmware_in_the_kernels_last_page, HANDOFF_TARGET_IA32 },
	{ "in part, since a moment ago", AMD64, firmware_that_is_in_the_way_later,
	  HANDOFF_TARGET_AMD64 },
	{ "in part, since a moment ago, for IA-32", IA32 "initrd = /initrd.img\n",
	  firmware_that_is_in_the_way_later, HANDOFF_TARGET_IA32 },
	{ "a CPU that runs on memory that the map calls free, where the kernel goes", AMD64,
	  cpu_where_the_kernel_goes, HANDOFF_TARGET_AMD64 },
	{ "the same for IA-32, and an initrd", IA32 LINUX "initrd = \\initrd.img\n",
	  cpu_where_the_kernel_goes, HANDOFF_TARGET_IA32 },
	{ "and its page tables there", AMD64, page_tables_where_the_kernel_goes,
	  HANDOFF_TARGET_AMD64 },
	{ "and they are what the firmware gives first", AMD64, cpu_in_the_lowest_pages,
	  HANDOFF_TARGET_AMD64 },
	{ "the same for IA-32, from the top", IA32, cpu_in_the_highest_pages, HANDOFF_TARGET_IA32 },
	{ "a PIE", AMD64, pie, HANDOFF_TARGET_AMD64 },
	{ "a PIE for IA-32", IA32, pie, HANDOFF_TARGET_IA32 },
	{ "a PIE that is linked at 0", AMD64, pie_from_0, HANDOFF_TARGET_AMD64 },
	{ "a PIE on 2 MiB", AMD64, pie_on_2_mib, HANDOFF_TARGET_AMD64 },
	{ "a PIE on 2 MiB for IA-32", IA32, pie_on_2_mib, HANDOFF_TARGET_IA32 },
	{ "a PIE on 2 MiB, and its place is taken", AMD64, pie_on_2_mib_and_bottom_up,
	  HANDOFF_TARGET_AMD64 },
	{ "a PIE whose first place is taken meanwhile", AMD64, pie_and_bottom_up,
	  HANDOFF_TARGET_AMD64 },
	{ "the same for IA-32", IA32, pie_and_bottom_up, HANDOFF_TARGET_IA32 },
	{ "a PIE, and its first free place is to be left alone", FIRST_PAGES, pie,
	  HANDOFF_TARGET_AMD64 },
	{ "a kernel beside what is to be left alone", FIRST_PAGES IA32, as_usual,
	  HANDOFF_TARGET_IA32 },
	{ "no gates", "exceptions = none\n", as_usual, HANDOFF_TARGET_AMD64 },
	{ "no gates for IA-32", IA32 "exceptions = none\n", as_usual, HANDOFF_TARGET_IA32 },
	{ "an initrd", "initrd = \\initrd.img\ncmdline = a b=c\n", as_usual, HANDOFF_TARGET_AMD64 },
	{ "an initrd for IA-32", IA32 "initrd = /initrd.img\n", as_usual, HANDOFF_TARGET_IA32 },
	{ "an empty initrd", "initrd = \\initrd.img\n", empty_initrd, HANDOFF_TARGET_AMD64 },
	{ "a limit", "mem = 0x12000000\n", as_usual, HANDOFF_TARGET_AMD64 },
	{ "boot services are kept", "keep-boot-services = yes\n", as_usual, HANDOFF_TARGET_AMD64 },
	{ "linux-2.6.24 for IA-32", IA32 LINUX "initrd = \\initrd.img\n", as_usual,
	  HANDOFF_TARGET_IA32 },
	{ "and the firmware behind the kernel", IA32 LINUX "initrd = \\initrd.img\n",
	  firmware_behind_the_kernel, HANDOFF_TARGET_IA32 },
	{ "and in its place", IA32 LINUX, firmware_where_the_kernel_goes, HANDOFF_TARGET_IA32 },
	{ "and a PIE", IA32 LINUX, pie, HANDOFF_TARGET_IA32 },
	{ "and a PIE behind which there is little room", IA32 LINUX, pie_and_little_room,
	  HANDOFF_TARGET_IA32 },
	{ "linux-2.6.24 for AMD64", AMD64 LINUX "initrd = \\initrd.img\n", no_low_64k,
	  HANDOFF_TARGET_AMD64 },
	{ "a stale key", "", stale_once, HANDOFF_TARGET_AMD64 },
	{ "a stale key for IA-32", IA32, stale_once, HANDOFF_TARGET_IA32 },
	{ "15 of them, and longer maps", "", stale_15_times, HANDOFF_TARGET_AMD64 },
	{ "pages that are no RAM any more when the exit succeeds", "", less_ram_when_stale,
	  HANDOFF_TARGET_AMD64 },
	{ "the same for IA-32", IA32, less_ram_when_stale, HANDOFF_TARGET_IA32 },
	{ "fewer pages of RAM with each map", "", less_ram_with_each_map, HANDOFF_TARGET_AMD64 },
	{ "RAM that the bitmap has no room for, when the exit succeeds", AMD64, more_ram_when_stale,
	  HANDOFF_TARGET_AMD64 },
	{ "the same for IA-32", IA32, more_ram_when_stale, HANDOFF_TARGET_IA32 },
	{ "a map that grows by itself", "", growing, HANDOFF_TARGET_AMD64 },
	{ "a map that grows by 100 descriptors with each call", "", growing_by_100_descriptors,
	  HANDOFF_TARGET_AMD64 },
	{ "the same for IA-32", IA32 LINUX, growing_by_100_descriptors, HANDOFF_TARGET_IA32 },
	{ "and 15 stale keys", "", growing_and_stale, HANDOFF_TARGET_AMD64 },
	{ "a map that outgrows the plan while it is made", "initrd = \\initrd.img\n",
	  outgrown_while_planning, HANDOFF_TARGET_AMD64 },
	{ "the same for IA-32 under the policy of 2.6.24", IA32 LINUX "initrd = \\initrd.img\n",
	  outgrown_while_planning, HANDOFF_TARGET_IA32 },
	{ "a map that outgrows the plan before the exit", "initrd = \\initrd.img\n",
	  outgrown_before_the_exit, HANDOFF_TARGET_AMD64 },
	{ "the same for a PIE under the policy of 2.6.24", IA32 LINUX "initrd = \\initrd.img\n",
	  outgrown_before_the_exit_and_pie, HANDOFF_TARGET_IA32 },
	{ "a map in no order", "", reversed, HANDOFF_TARGET_AMD64 },
	{ "descriptors as the specification has them", "", stride_of_40, HANDOFF_TARGET_AMD64 },
	{ "descriptors of a page each", "", stride_of_a_page, HANDOFF_TARGET_AMD64 },
	{ "NULL for the list of handles", "", null_handles, HANDOFF_TARGET_AMD64 },
	{ "encrypted memory, for IA-32", IA32, encrypted_memory, HANDOFF_TARGET_IA32 },
	{ "descriptors whose size is told late", "", stride_told_late, HANDOFF_TARGET_AMD64 },
	{ "descriptors of everything", "", odd_descriptors, HANDOFF_TARGET_AMD64 },
	{ "descriptors of everything, for IA-32", IA32, odd_descriptors, HANDOFF_TARGET_IA32 },
	{ "no console", "timeout = 10\n", no_console, HANDOFF_TARGET_AMD64 },
	{ "a screen", "", screen, HANDOFF_TARGET_AMD64 },
	{ "a screen behind one without a framebuffer", "", screen_behind_one_without_a_framebuffer,
	  HANDOFF_TARGET_AMD64 },
	{ "a screen behind one that is NULL", "", screen_that_is_null, HANDOFF_TARGET_AMD64 },
	{ "a firmware that allocates from the bottom", "initrd = \\initrd.img\n", bottom_up,
	  HANDOFF_TARGET_AMD64 },
	{ "for IA-32", IA32 "initrd = \\initrd.img\n", bottom_up, HANDOFF_TARGET_IA32 },
	{ "for IA-32 under the policy of 2.6.24", IA32 LINUX "initrd = \\initrd.img\n", bottom_up,
	  HANDOFF_TARGET_IA32 },
	{ "an initrd that would be put where the kernel will be moved to",
	  IA32 "initrd = /initrd.img\nmem = 0x10463000\n", firmware_that_is_in_the_way_for_a_time,
	  HANDOFF_TARGET_IA32 },
	{ "a block that would be put there", AMD64 "mem = 0x10463000\n",
	  firmware_that_is_in_the_way_for_a_time, HANDOFF_TARGET_AMD64 },
	{ "pages that cannot be executed", "", not_executable, HANDOFF_TARGET_AMD64 },
	{ "files in small pieces", "initrd = \\initrd.img\n", short_reads, HANDOFF_TARGET_AMD64 },
	{ "page 0 is full of garbage", "", garbage_in_page_zero, HANDOFF_TARGET_AMD64 },
	{ "page 0 is full of garbage, for IA-32", IA32, garbage_in_page_zero, HANDOFF_TARGET_IA32 },
	{ "page 0 cannot be read", "", no_page_zero, HANDOFF_TARGET_AMD64 },
	{ "the time is up", "timeout = 2\n", as_usual, HANDOFF_TARGET_AMD64 },
	{ "a key stops the clock, Enter goes on", "timeout = 2\n", any_key_then_enter,
	  HANDOFF_TARGET_AMD64 },
};

static void a_kernel_gets_a_right_bitmap(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(launches); i++) {
		machine(launches[i].conf);
		launches[i].arrange();
		if (run() != FAKE_LAUNCHED)
			fail_msg("%s: not launched: %s", launches[i].rule,
			         fake.console_bytes > 300 ? fake.console + fake.console_bytes - 300
			                                  : fake.console);
		check_launch(launches[i].rule);
		if (the_block()->target != launches[i].target)
			fail_msg("%s: target", launches[i].rule);
	}
}

/* They may be what a damage has left. */
static void what_is_empty_is_said(void **state)
{
	(void)state;
	machine("");
	assert_int_equal(run(), FAKE_LAUNCHED);
	assert_non_null(
		strstr(fake.console, "warning: \\bootmem.conf is empty: the defaults hold\n"));
	machine("#\n");
	assert_int_equal(run(), FAKE_LAUNCHED);
	assert_null(strstr(fake.console, "warning: "));
	machine("initrd = \\initrd.img\n");
	empty_initrd();
	assert_int_equal(run(), FAKE_LAUNCHED);
	assert_non_null(strstr(fake.console,
	                       "warning: initrd \\initrd.img is empty: the kernel gets none\n"));
}

/* Of CONFIG_PATH_BYTES - 1 characters. */
#define PART_OF_PATH "/sixteen.letters"
#define FOUR_PARTS   PART_OF_PATH PART_OF_PATH PART_OF_PATH PART_OF_PATH
#define LONG_PATH \
	FOUR_PARTS FOUR_PARTS FOUR_PARTS PART_OF_PATH PART_OF_PATH PART_OF_PATH "/and.15.letters"

_Static_assert(sizeof LONG_PATH == CONFIG_PATH_BYTES, "not the longest path");

static const struct {
	const char *rule, *conf;
	void (*arrange)(void);
	const char *says; /* all of it, or its beginning */
} failures[] = {
	{ "no volume", NULL, no_volume, "the volume that bootmem came from" },
	{ "NULL for it", NULL, null_root, "the volume that bootmem came from cannot be opened (" },
	{ "NULL for a file", NULL, null_files, "\\bootmem.conf cannot be opened (PROTOCOL_ERROR)" },
	{ "encrypted memory", "", encrypted_memory,
	  "memory is encrypted (SEV), which the page tables for amd64 do not know (UNSUPPORTED)" },
	{ "a line that means nothing", "#\ntargets = x\n", as_usual,
	  "\\bootmem.conf:2: targets: not a key" },
	{ "a configuration of more than 64 KiB", "", config_that_is_too_large,
	  "\\bootmem.conf is larger than 64 KiB (BAD_BUFFER_SIZE)" },
	{ "one that is shorter than it says", "target = ia32\n", config_that_ends_early,
	  "\\bootmem.conf cannot be read (END_OF_FILE)" },
	{ "one of which more is read than was asked for", "target = ia32\n", reads_too_much,
	  "\\bootmem.conf cannot be read (DEVICE_ERROR)" },
	{ "one that cannot be opened", "", config_that_cannot_be_opened,
	  "\\bootmem.conf cannot be opened (ACCESS_DENIED)" },
	{ "one that an editor named", "", config_named_txt,
	  "\\bootmem.conf.txt is not read: name it bootmem.conf" },
	{ "firmware that writes past the buffer", "", overrun,
	  "the firmware gives no usable memory map (BAD_BUFFER_SIZE)" },
	{ "firmware that forgets descriptors", "", forgetful,
	  "the firmware gives no usable memory map (BAD_BUFFER_SIZE)" },
	{ "a map that grows too fast", "", growing_by_1200_descriptors,
	  "the firmware gives no usable memory map (BUFFER_TOO_SMALL)" },
	{ "one that grows by 500 descriptors with each call", "", growing_by_500_descriptors,
	  "the firmware's memory map grows faster than can be planned" },
	{ "descriptors that are too small", "", stride_of_39,
	  "the firmware gives no usable memory map (BAD_BUFFER_SIZE)" },
	{ "no memory", "", no_ram, "" },
	{ "hardly any", "", hardly_any_memory, "" },
	{ "a limit below everything", "mem = 4K\n", as_usual, "" },
	{ "a limit below the kernel", "mem = 0x10400000\n", as_usual,
	  "kernel \\bootmem\\kernel-amd64.elf: segment 0x10400000-0x10402000 ends above" },
	{ "no kernel named", "kernel-ia32 =\nkernel-amd64 =\n", as_usual,
	  "the configuration names no kernel" },
	{ "no kernel named for the target", IA32 "kernel-ia32 =\n", as_usual,
	  "the configuration names no kernel" },
	{ "a CPU without long mode", AMD64, no_long_mode, "the CPU has no long mode" },
	{ "no kernel", "", no_kernel,
	  "kernel \\bootmem\\kernel-amd64.elf: cannot be opened (NOT_FOUND)" },
	{ "no kernel, and the longest path", AMD64 "kernel-amd64 = " LONG_PATH "\n", as_usual,
	  "kernel " LONG_PATH ": cannot be opened (NOT_FOUND)" },
	{ "a directory for it", "", kernel_directory,
	  "kernel \\bootmem\\kernel-amd64.elf: is a folder, no file (UNSUPPORTED)" },
	{ "and for the configuration", "", config_directory,
	  "\\bootmem.conf is a folder, no file (UNSUPPORTED)" },
	{ "and for the initrd", "initrd = \\initrd.img\n", initrd_directory,
	  "initrd \\initrd.img: is a folder, no file (UNSUPPORTED)" },
	{ "a kernel that is no ELF file", "", text_as_kernel,
	  "kernel \\bootmem\\kernel-amd64.elf: this is a script (LOAD_ERROR)" },
	{ "a kernel that is cut off", "", kernel_that_is_cut,
	  "kernel \\bootmem\\kernel-amd64.elf: program header 1: " },
	{ "a kernel that is shorter than it says", "", kernel_that_ends_early,
	  "kernel \\bootmem\\kernel-amd64.elf: cannot be read (END_OF_FILE)" },
	{ "a kernel for IA-32 as the one for AMD64", AMD64, kernels_swapped,
	  "kernel \\bootmem\\kernel-amd64.elf: is for IA-32" },
	{ "and the other way round", IA32, kernels_swapped,
	  "kernel \\bootmem\\kernel-ia32.elf: is for AMD64" },
	{ "a kernel in page 0", "", kernel_in_page_zero,
	  "kernel \\bootmem\\kernel-amd64.elf: segment 0x0-0x2000 lies in page 0" },
	{ "a kernel beyond all RAM", "", kernel_beyond_ram,
	  "kernel \\bootmem\\kernel-amd64.elf: segment 0x14000000-0x14002000 ends above" },
	{ "a kernel at the end of all addresses", AMD64, kernel_in_the_last_page,
	  "kernel \\bootmem\\kernel-amd64.elf: segment 0xfffffffffffff000-0x0 ends above" },
	{ "a kernel at its virtual address", AMD64, kernel_at_virtual_address,
	  "kernel \\bootmem\\kernel-amd64.elf: segment 0xffffffff80200000-0xffffffff80202000 ends above the "
	  "memory that can be handed over: its p_paddr is the virtual address; AT() in the linker script" },
	{ "a kernel where there is none", "", kernel_in_the_isa_hole,
	  "kernel \\bootmem\\kernel-amd64.elf: segment 0xc0000-0xc2000 has no usable RAM at 0xc0000: " },
	{ "one that begins inside a page", "", kernel_inside_a_page,
	  "kernel \\bootmem\\kernel-amd64.elf: segment 0xc0000-0xc2000 has no usable RAM at 0xc0000: " },
	{ "a kernel on ACPI memory", "", kernel_on_acpi,
	  "kernel \\bootmem\\kernel-amd64.elf: segment 0x13f00000-0x13f02000 has no usable RAM at 0x13f00000: " },
	{ "a kernel on an ACPI table in RAM", "", acpi_in_ram,
	  "kernel: segment at 0x13f00000-0x13f02000 would lie on: ACPI " },
	{ "a kernel where nothing may lie", "reserve = 0x10401000-0x10401001 bad DIMM\n", as_usual,
	  "kernel: segment at 0x10400000-0x10402000 would lie on: configuration (bad DIMM)" },
	{ "2.6.24's bitmap where nothing may lie",
	  IA32 LINUX "reserve = 0x1040b000-0x1040b001 bad DIMM\n", as_usual, "hand-off block at " },
	{ "2.6.24's bitmap on an ACPI table in RAM", IA32 LINUX, acpi_behind_the_kernel,
	  "hand-off block at " },
	{ "2.6.24's bitmap beyond all RAM", IA32 LINUX "mem = 0x10408000\n", as_usual,
	  "the bitmap would lie where there is no free RAM" },
	{ "a PIE that there is no room for", "", pie_of_128_mib,
	  "kernel \\bootmem\\kernel-amd64.elf: no room for it" },
	{ "page tables in 65 places that are called free", "", page_tables_everywhere,
	  "the CPU runs on memory that the firmware's map calls free, in more than 64 places" },
	{ "a PIE that there is room for once", "", pie_of_40_mib,
	  "kernel \\bootmem\\kernel-amd64.elf: does not fit twice: no room for 0x2803 pages beside "
	  "its place, to read it into (OUT_OF_RESOURCES)\n" },
	{ "a kernel that there is room for once", "", no_room_beside_the_place,
	  "kernel \\bootmem\\kernel-amd64.elf: does not fit twice: no room for 0x200 pages beside "
	  "its place, to read it into (OUT_OF_RESOURCES)\n" },
	{ "no initrd", "initrd = \\initrd.img\n", no_initrd,
	  "initrd \\initrd.img: cannot be opened (NOT_FOUND)" },
	{ "an initrd of a TiB", "initrd = \\initrd.img\n", huge_initrd,
	  "initrd \\initrd.img: no room for 1048576 MiB" },
	{ "an initrd that is shorter than it says", "initrd = \\initrd.img\n",
	  initrd_that_ends_early, "initrd \\initrd.img: cannot be read (END_OF_FILE)" },
	{ "all memory is to be left alone", "reserve = 0-0xffffffffffffffff x\n", as_usual, "" },
};

static void an_error_is_reported_and_leaves_nothing_behind(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(failures); i++) {
		machine(failures[i].conf);
		failures[i].arrange();
		if (run() != FAKE_RUNNING)
			fail_msg("%s: launched or reset", failures[i].rule);
		check_nothing_is_left(failures[i].rule);
		check_message(failures[i].rule);
		if (strncmp(strstr(fake.console, "error: ") + strlen("error: "), failures[i].says,
		            strlen(failures[i].says)) != 0)
			fail_msg("%s: %s", failures[i].rule, fake.console);
	}
}

static void take_the_bitmap(void)
{
	fake_set_pages(boot.handed.bootmap.final_paddr, boot.handed.bootmap.final_paddr + 1,
	               EfiRuntimeServicesData);
}

static void firmware_takes_the_bitmap(void)
{
	fake.stale_exits = 1;
	fake.when_stale = take_the_bitmap;
}

/* In places that need a page table each. */
static void have_tables_everywhere(void)
{
	for (unsigned i = 1; i <= 12; i++)
		fake_add_descriptor(UEFI_ACPI_RECLAIM, (paddr_t)i << 40, 1, 0xf);
}

static void more_tables_when_stale(void)
{
	fake.stale_exits = 1;
	fake.when_stale = have_tables_everywhere;
}

static void no_ram_is_left(void)
{
	fake_set_pages(0, (paddr_t)FAKE_PAGES << 12, EfiReservedMemoryType);
}

static void no_ram_when_stale(void)
{
	fake.stale_exits = 1;
	fake.when_stale = no_ram_is_left;
}

static const struct {
	const char *rule;
	void (*arrange)(void);
	unsigned n_exits;
	unsigned failure; /* its number */
	const char *detail;
} resets[] = {
	{ "16 stale keys", stale_16_times, 16, 11,
	  "INVALID_PARAMETER, after 16 calls of ExitBootServices()." },
	{ "an error that is no stale key", exit_that_fails, 1, 12, ", after 1 call of" },
	{ "a map that has outgrown its buffer", outgrown, 1, 12, "BUFFER_TOO_SMALL, after 1" },
	{ "no RAM any more", no_ram_when_stale, 2, 13, "Detail   The map has no RAM in it." },
	{ "the kernel's place is no RAM any more", firmware_that_stays_where_the_kernel_goes, 2, 14,
	  "Detail   Not all of it is RAM: 0x" },
	{ "nor is that of the bitmap", firmware_takes_the_bitmap, 2, 15,
	  "Detail   The bitmap would lie " },
	{ "more to map than there are pages for", more_tables_when_stale, 2, 16,
	  "Detail   They have " },
};

static void assert_said(const char *rule, const char *text)
{
	if (strstr(fake.said, text) == NULL)
		fail_msg("%s: `%s' is not in `%s'", rule, text, fake.said);
}

/* What is said, and that it stays for a while. */
static void check_last_words(const char *rule, unsigned failure, const char *detail)
{
	char text[96];

	snprintf(text, sizeof text, "failure %u\n", failure);
	assert_said(rule, text);
	snprintf(text, sizeof text, "bootmem: X NOT STARTED %s ", failure_text(failure));
	assert_said(rule, text);
	snprintf(text, sizeof text, "explains failure %u.", failure);
	assert_said(rule, text);
	assert_said(rule, detail);
	assert_said(rule, "bootmem: Restarts in 10 seconds.");
	must_be_right(rule, fake_last_words_fault());
}

/* A counter is believed that is neither too slow nor too fast to be one. */
static void the_wait_is_by_a_counter_that_can_be_one(void **state)
{
	static const struct {
		const char *rule;
		bool has_tsc;
		uint64_t ticks_per_us, believed_per_10ms;
	} rows[] = {
		{ "a counter", true, 2000, 20000000 },
		{ "none", false, 2000, 0 },
		{ "one that stands still, or a Stall() that does not wait", true, 0, 0 },
		{ "too slow", true, 9, 0 },
		{ "the slowest", true, 10, 100000 },
		{ "the fastest", true, 10000, 100000000 },
		{ "too fast", true, 10001, 0 },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		print_message("%s\n", rows[i].rule);
		machine("");
		exit_that_fails();
		fake.cpu.has_tsc = rows[i].has_tsc;
		fake.now_ticks = UINT64_MAX - 1000;
		fake.ticks_per_stall_us = rows[i].ticks_per_us;
		assert_int_equal(run(), FAKE_WAS_RESET);
		assert_int_equal(fake.waited_ticks_per_10ms, rows[i].believed_per_10ms);
		assert_int_equal(fake.n_seconds_waited, 10);
	}
}

static void after_an_attempt_to_exit_there_is_only_a_reset(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(resets); i++) {
		machine("");
		resets[i].arrange();
		if (run() != FAKE_WAS_RESET || fake.n_exits != resets[i].n_exits)
			fail_msg("%s", resets[i].rule);
		check_last_words(resets[i].rule, resets[i].failure, resets[i].detail);
	}
}

/* A stick with two partitions, the loader's the second. */
static void stick(const char *conf)
{
	static const uint8_t esp[] = { 1, 1, 6, 0, 0, 1, 4, 1, 5, 0, 2, 0x7f, 0xff, 4, 0 };
	static const uint8_t data[] = { 1, 1, 6, 0, 0, 1, 4, 1, 5, 0, 1, 0x7f, 0xff, 4, 0 };

	machine(NULL);
	fake.partitions[0].device_path = esp;
	fake.partitions[1] = (struct fake_partition){ data, .has_file_system = true };
	fake.n_partitions = 2;
	fake_add_file_to(1, "\\bootmem.conf", conf, strlen(conf));
}

static void configuration_and_captures_may_lie_on_another_partition(void **state)
{
	(void)state;
	stick(IA32);
	assert_int_equal(run(), FAKE_LAUNCHED);
	check_launch("the kernel is beside the loader");
	assert_int_equal(the_block()->target, HANDOFF_TARGET_IA32);
	assert_non_null(fake_find_file_on(1, FAKE_CAPTURES "\\0001.map"));
	assert_null(fake_find_file(FAKE_CAPTURES "\\0001.map"));
}

static void a_kernel_beside_the_configuration_goes_first(void **state)
{
	(void)state;
	stick(AMD64);
	fake_add_file_to(1, "\\bootmem\\kernel-amd64.elf", kernel_ia32, sizeof kernel_ia32);
	assert_int_equal(run(), FAKE_RUNNING);
	check_nothing_is_left("a kernel for IA-32 there");
	assert_non_null(strstr(fake.console, "kernel-amd64.elf: is for IA-32"));
}

static void a_configuration_beside_the_loader_goes_first(void **state)
{
	(void)state;
	stick("no configuration");
	fake_add_file("\\bootmem.conf", IA32, strlen(IA32));
	assert_int_equal(run(), FAKE_LAUNCHED);
	assert_non_null(fake_find_file(FAKE_CAPTURES "\\0001.map"));
}

static void escape_goes_back_to_the_firmware(void **state)
{
	void (*const keys[])(void) = { escape, any_key_then_escape };

	(void)state;
	for (size_t i = 0; i < N_OF(keys); i++) {
		machine("timeout = 5\n");
		keys[i]();
		assert_int_equal(run(), FAKE_RUNNING);
		assert_int_equal(status, EFI_ABORTED);
		check_nothing_is_left("Esc");
		assert_null(strstr(fake.console, "error"));
	}
}

/* --- what the kernel's screen will be --- */

static EFI_GRAPHICS_OUTPUT_MODE_INFORMATION info;
static EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE mode;
static EFI_GRAPHICS_OUTPUT_PROTOCOL gop;

static void no_gop(void)
{
	fake.n_gops = 0;
}

static void no_mode(void)
{
	gop.Mode = NULL;
}

static void no_info(void)
{
	mode.Info = NULL;
}

static void blt_only(void)
{
	info.PixelFormat = PixelBltOnly;
}

static void pixels_of_16_bits(void)
{
	info.PixelFormat = PixelBitMask;
	info.PixelInformation = (EFI_PIXEL_BITMASK){ 0xf800, 0x07e0, 0x001f, 0 };
}

static void short_lines(void)
{
	info.PixelsPerScanLine = 639;
}

static void endless_lines(void)
{
	info.PixelsPerScanLine = UINT32_MAX / 4 + 1;
}

static void no_pixels(void)
{
	info.VerticalResolution = 0;
}

static void at_0(void)
{
	mode.FrameBufferBase = 0;
}

static void between_pixels(void)
{
	mode.FrameBufferBase += 2;
}

static void ends_at_4_gib(void)
{
	mode.FrameBufferBase = (UINT64_C(1) << 32) - mode.FrameBufferSize;
}

static void ends_above_4_gib(void)
{
	ends_at_4_gib();
	mode.FrameBufferBase += PAGE_BYTES;
}

static void ends_with_the_address_space(void)
{
	mode.FrameBufferBase = (UINT64_C(1) << 40) - mode.FrameBufferSize;
}

static void ends_beyond_it(void)
{
	ends_with_the_address_space();
	mode.FrameBufferBase += PAGE_BYTES;
}

static void wraps(void)
{
	mode.FrameBufferBase = UINT64_MAX - PAGE_BYTES;
}

static void a_byte_short(void)
{
	mode.FrameBufferSize--;
}

static void no_size(void)
{
	mode.FrameBufferSize = 0;
}

static void short_before_ram(void)
{
	a_byte_short();
	fake_add_descriptor(UEFI_CONVENTIONAL, 0x8012b000, 16, UEFI_MEMORY_WB);
}

static void short_behind_ram(void)
{
	a_byte_short();
	fake_add_descriptor(UEFI_CONVENTIONAL, 0x7fff0000, 16, UEFI_MEMORY_WB);
	fake_add_descriptor(UEFI_CONVENTIONAL, 0x8012c000, 16, UEFI_MEMORY_WB);
}

static void short_in_reserved_memory(void)
{
	a_byte_short();
	fake_add_descriptor(UEFI_RESERVED, 0x80000000, 0x1000, 0);
	fake_add_descriptor(UEFI_MMIO, 0x80000000, 0x1000, UEFI_MEMORY_RUNTIME);
}

#define SCREEN_BYTES (640 * 480 * 4)
#define NO_SCREEN    "the kernel will have no screen: "
#define REPAIRED     "the framebuffer is said to be "

/* Beside the framebuffer that the kernel gets: what is noted before the exit. */
static const struct {
	const char *rule, *conf;
	void (*arrange)(void);
	const char *note;
	uint64_t bytes;
} screens[] = {
	{ "a good one", "", as_usual, NULL, SCREEN_BYTES },
	{ "none at all", "", no_gop, NO_SCREEN "there is no graphics output\n", 0 },
	{ "none without a mode", "", no_mode, NO_SCREEN "the graphics output has no mode\n", 0 },
	{ "none without a description", "", no_info, NO_SCREEN "the graphics output has no mode\n",
	  0 },
	{ "one for the firmware only", "", blt_only, NO_SCREEN "only the firmware draws", 0 },
	{ "pixels of 16 bits", "", pixels_of_16_bits, NO_SCREEN "its pixels are not of 32 bits\n",
	  0 },
	{ "lines that are too short", "", short_lines, NO_SCREEN "its lines are too short", 0 },
	{ "lines that have no end", "", endless_lines, NO_SCREEN "its lines are too short", 0 },
	{ "no lines", "", no_pixels, NO_SCREEN "its lines are too short", 0 },
	{ "one at address 0", "", at_0, NO_SCREEN "its framebuffer is nowhere\n", 0 },
	{ "one between pixels", "", between_pixels, NO_SCREEN "it is at no multiple of 4\n", 0 },
	{ "below 4 GiB, for IA-32", IA32, ends_at_4_gib, NULL, SCREEN_BYTES },
	{ "above it, for IA-32", IA32, ends_above_4_gib,
	  NO_SCREEN "it is above 4 GiB, at 0xffed5000\n", SCREEN_BYTES },
	{ "above it, for AMD64", AMD64, ends_above_4_gib, NULL, SCREEN_BYTES },
	{ "below what the CPU can address", AMD64, ends_with_the_address_space, NULL,
	  SCREEN_BYTES },
	{ "above it", AMD64, ends_beyond_it, NO_SCREEN "its framebuffer is beyond", 0 },
	{ "past the last address", AMD64, wraps, NO_SCREEN "its framebuffer is beyond", 0 },
	{ "a byte too few", "", a_byte_short, REPAIRED "0x12bfff bytes, and is 0x12c000\n",
	  SCREEN_BYTES },
	{ "no bytes", "", no_size, REPAIRED "0x0 bytes, and is 0x12c000\n", SCREEN_BYTES },
	{ "too few, and RAM where the others would be", "", short_before_ram,
	  NO_SCREEN "its framebuffer overlaps memory\n", 0 },
	{ "too few, between RAM", "", short_behind_ram, REPAIRED, SCREEN_BYTES },
	{ "too few, in reserved memory", "", short_in_reserved_memory, REPAIRED, SCREEN_BYTES },
};

static void use_screen(void)
{
	info = (EFI_GRAPHICS_OUTPUT_MODE_INFORMATION){
		.HorizontalResolution = 640,
		.VerticalResolution = 480,
		.PixelFormat = PixelBlueGreenRedReserved8BitPerColor,
		.PixelsPerScanLine = 640
	};
	mode = (EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE){ .Info = &info,
		                                    .FrameBufferBase = 0x80000000,
		                                    .FrameBufferSize = SCREEN_BYTES };
	gop.Mode = &mode;
	fake.gops[fake.n_gops++] = &gop;
}

static bool is_reserved_for_the_screen(void)
{
	const struct handoff_block *block = the_block();
	const struct handoff_reservation *list = (const void *)at_paddr(block->reservations_paddr);

	for (uint32_t i = 0; i < block->reservations_count; i++)
		if (list[i].kind == HANDOFF_KIND_FRAMEBUFFER)
			return list[i].start_paddr == block->framebuffer.paddr &&
			       list[i].end_paddr ==
			               block->framebuffer.paddr + block->framebuffer.bytes;
	return false;
}

/* In the report, and in the same words in the capture; else in neither. */
static void check_note(const char *rule, const char *note)
{
	const struct fake_file *capture = fake_find_file(FAKE_CAPTURES "\\0001.map");
	const char *said = strstr(fake.console, "bootmem: note: ");
	const char *written;

	assert_non_null(capture);
	written = memmem(capture->bytes, capture->n_bytes, "\n# note: ", strlen("\n# note: "));
	if ((said != NULL) != (note != NULL) || (written != NULL) != (note != NULL))
		fail_msg("%s: said: %.80s", rule, said != NULL ? said : "nothing");
	if (note != NULL && strncmp(said + strlen("bootmem: note: "), note, strlen(note)) != 0)
		fail_msg("%s: %.80s", rule, said);
	if (note != NULL && strncmp(written + strlen("\n# note: "), note, strlen(note)) != 0)
		fail_msg("%s: %.80s", rule, written);
}

static void a_secure_boot_that_cannot_be_read_is_said(void **state)
{
	static const struct {
		EFI_STATUS error;
		const char *note;
	} rows[] = {
		{ EFI_DEVICE_ERROR,
		  "whether Secure Boot is on cannot be read: no file is checked" },
		{ EFI_SECURITY_VIOLATION, "whether Secure Boot is on cannot be read: no file" },
		{ EFI_NOT_FOUND, NULL },   /* none was ever heard of */
		{ EFI_UNSUPPORTED, NULL }, /* nor of variables */
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		machine("");
		use_screen();
		fake.get_variable_error = rows[i].error;
		assert_int_equal(run(), FAKE_LAUNCHED);
		check_note("GetVariable() fails", rows[i].note);
	}
}

static void a_screen_is_whole_or_it_is_said_why_there_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(screens); i++) {
		const struct handoff_framebuffer *framebuffer;

		machine(screens[i].conf);
		use_screen();
		screens[i].arrange();
		if (run() != FAKE_LAUNCHED)
			fail_msg("%s: %s", screens[i].rule, fake.console);
		framebuffer = &the_block()->framebuffer;
		check_note(screens[i].rule, screens[i].note);
		if (framebuffer->bytes != screens[i].bytes ||
		    is_reserved_for_the_screen() != (screens[i].bytes > 0))
			fail_msg("%s: %llu bytes", screens[i].rule,
			         (unsigned long long)framebuffer->bytes);
		if (screens[i].bytes == 0 && (framebuffer->format != HANDOFF_FORMAT_NONE ||
		                              framebuffer->paddr != 0 || framebuffer->width != 0))
			fail_msg("%s: something is left of it", screens[i].rule);
	}
}

/* --- what is remembered --- */

#define REMEMBER "remember = yes\n"

static void next_start(const char *conf)
{
	struct fake_file *conf_file;

	assert_true(fake_firmware_start_again());
	conf_file = fake_find_file("\\bootmem.conf");
	fake.minds_watchdog = true;
	put_acpi_tables();
	fake.page_zero = page_zero;
	conf_file->bytes = conf;
	conf_file->n_bytes = conf_file->n_readable_bytes = strlen(conf);
}

static void must_say(const char *rule, const char *text)
{
	if (strstr(fake.console, text) == NULL)
		fail_msg("%s: not said: %s", rule, text);
}

static void must_not_say(const char *rule, const char *text)
{
	if (strstr(fake.console, text) != NULL)
		fail_msg("%s: said: %s", rule, text);
}

/* A machine whose last boot was cut off at a stage: the end of a run of it. */
static void cut_off(const char *rule, enum fake_service service, unsigned n_before,
                    const char *conf)
{
	machine(conf);
	fake.hangs_at = service;
	fake.n_before_hang = n_before;
	if (run() != FAKE_WAS_RESET)
		fail_msg("%s: it did not hang", rule);
	next_start(conf);
	if (run() != FAKE_LAUNCHED)
		fail_msg("%s: %s", rule, fake.console);
}

static const struct {
	const char *rule;
	enum fake_service hangs_at;
	unsigned n_before; /* the first map is read before the configuration, which asks for this */
	const char *stage;
} hangs[] = {
	{ "the map", FAKE_GET_MEMORY_MAP, 2, "reading the memory map" },
	{ "the clock", FAKE_GET_TIME, 0, "reading the clock" },
	{ "the capture", FAKE_WRITE, 0, "writing the capture" },
};

static void the_next_boot_says_how_far_the_last_one_got(void **state)
{
	char text[128], note[128];

	(void)state;
	for (size_t i = 0; i < N_OF(hangs); i++) {
		snprintf(text, sizeof text, "bootmem: the last boot got as far as %s\n",
		         hangs[i].stage);
		snprintf(note, sizeof note, "bootmem: note: the last boot got as far as %s\n",
		         hangs[i].stage);
		cut_off(hangs[i].rule, hangs[i].hangs_at, hangs[i].n_before, REMEMBER);
		must_say(hangs[i].rule, text);
		must_say(hangs[i].rule, note);
		cut_off(hangs[i].rule, hangs[i].hangs_at, hangs[i].n_before, "");
		must_not_say(hangs[i].rule, "the last boot");
		assert_int_equal(fake.kept.n_bytes, 0);
	}
}

/* Launched: the next boot says so, and finds nothing to note. */
static void a_boot_that_ended_well_is_no_note(void **state)
{
	(void)state;
	machine(REMEMBER);
	assert_int_equal(run(), FAKE_LAUNCHED);
	must_not_say("the first", "the last boot");
	assert_int_equal(fake_count(FAKE_SET_VARIABLE), 8); /* as the manual says */
	assert_int_equal(fake.kept.attributes, EFI_VARIABLE_NON_VOLATILE |
	                                               EFI_VARIABLE_BOOTSERVICE_ACCESS |
	                                               EFI_VARIABLE_RUNTIME_ACCESS);
	next_start(REMEMBER "timeout = 5\n");
	escape();
	assert_int_equal(run(), FAKE_RUNNING);
	must_say("after a launch", "bootmem: the last boot got as far as leaving the firmware\n");
	must_not_say("after a launch", "note: the last boot");
	assert_int_equal(fake.kept.n_bytes, 0); /* it returned */
	next_start(REMEMBER "timeout = 5\n");
	press(0, 'p');
	assert_int_equal(run(), FAKE_WAS_RESET);
	must_not_say("after Esc", "the last boot");
	assert_int_equal(fake.kept.n_bytes, 0); /* switched off by a key */
}

static void what_others_wrote_is_not_said(void **state)
{
	(void)state;
	machine(REMEMBER);
	assert_int_equal(run(), FAKE_LAUNCHED);
	for (int kind = 0; kind < 4; kind++) {
		next_start(REMEMBER);
		if (kind == 0)
			fake.kept.n_bytes--;
		if (kind == 1)
			fake.kept.bytes[0] = 9; /* of another version */
		if (kind == 2)
			fake.kept.bytes[5] = 0x1b;
		if (kind == 3)
			memset(fake.kept.bytes + 2, 'x', fake.kept.n_bytes - 2);
		assert_int_equal(run(), FAKE_LAUNCHED);
		must_not_say("it", "the last boot");
	}
}

static void firmware_may_refuse_to_remember(void **state)
{
	(void)state;
	machine(REMEMBER);
	fake.set_variable_error = EFI_WRITE_PROTECTED;
	assert_int_equal(run(), FAKE_LAUNCHED);
	check_launch("a variable that cannot be written");
	must_say("refused", "bootmem: note: how far this boot gets cannot be kept "
	                    "(WRITE_PROTECTED)\n");
	assert_int_equal(fake_count(FAKE_SET_VARIABLE), 1); /* it is not asked again */
}

/* --- the clock --- */

/* At which firmware may hang: once, the last thing before the capture, and not without one. */
static void the_clock_is_read_once_and_that_is_said_before(void **state)
{
	(void)state;
	machine("");
	fake.hangs_at = FAKE_GET_TIME;
	assert_int_equal(run(), FAKE_WAS_RESET);
	must_say("a clock that hangs", "bootmem: Reading the clock ...\n");
	must_say("a clock that hangs", "  . free  # reserved"); /* the plan is out */
	machine("");
	assert_int_equal(run(), FAKE_LAUNCHED);
	assert_int_equal(fake_count(FAKE_GET_TIME), 1);
	assert_string_equal(boot.comparison.now.time, "2026-01-02T03:04:05");
	machine("capture = no\n");
	assert_int_equal(run(), FAKE_LAUNCHED);
	assert_int_equal(fake_count(FAKE_GET_TIME), 0);
	must_not_say("no capture", "the clock");
}

/* --- the watchdog --- */

static void each_step_has_the_whole_time_of_the_watchdog(void **state)
{
	(void)state;
	machine("");
	assert_int_equal(run(), FAKE_LAUNCHED);
	assert_true(fake.n_arms >= 14);               /* a step each; pieces of files, too */
	assert_int_equal(fake.watchdog_seconds, 300); /* the exit switches it off */
}

static EFI_STATUS EFIAPI draw_nothing(EFI_GRAPHICS_OUTPUT_PROTOCOL *this,
                                      EFI_GRAPHICS_OUTPUT_BLT_PIXEL *buffer,
                                      EFI_GRAPHICS_OUTPUT_BLT_OPERATION operation, UINTN from_x,
                                      UINTN from_y, UINTN to_x, UINTN to_y, UINTN width,
                                      UINTN height, UINTN delta)
{
	(void)this, (void)buffer, (void)operation, (void)from_x, (void)from_y, (void)to_x;
	(void)to_y, (void)width, (void)height, (void)delta;
	return EFI_SUCCESS;
}

/* The volume is closed after a person has read the error, without a watchdog. */
static void a_volume_is_closed_under_the_watchdog(void **state)
{
	(void)state;
	machine("targets = x\n");
	screen();
	fake.gops[0]->Blt = draw_nothing;
	assert_int_equal(run(), FAKE_RUNNING);
	assert_true(fake_count(FAKE_STALL) > 0);
	check_nothing_is_left("an error on a screen");
}

/* Of what keys do, labels are written: under the watchdog. */
static void a_label_is_saved_under_the_watchdog(void **state)
{
	(void)state;
	machine("timeout = 5\n");
	fake.keys[0] = (EFI_INPUT_KEY){ .UnicodeChar = 'l' };
	fake.keys[1] = (EFI_INPUT_KEY){ .UnicodeChar = '1' };
	fake.keys[2] = (EFI_INPUT_KEY){ .UnicodeChar = '\r' };
	fake.keys[3] = (EFI_INPUT_KEY){ .ScanCode = SCAN_ESC };
	fake.n_keys = 4;
	assert_int_equal(run(), FAKE_RUNNING);
	assert_string_equal(boot.comparison.now.label, "docked");
	check_nothing_is_left("a label");
}

/* No bit, no reservation and no range comes of it, but a note, and lines of the capture. */
static void what_the_cpu_runs_on_is_told(void **state)
{
	static const char *const lines[] = {
		"\nin-use 0x00000000103e0000 0x0000000010420000 stack\n",
		"\nin-use 0x0000000010420000 0x0000000010421000 IDT\n",
		"\nin-use 0x0000000010420000 0x0000000010421000 GDT\n",
		"\nin-use 0x0000000010421000 0x0000000010424000 page tables\n",
		"\nfootprint 0x00000000103e0000 0x0000000010420000 left alone, as the CPU runs on it\n",
	};
	const struct fake_file *capture;

	(void)state;
	machine(AMD64);
	cpu_where_the_kernel_goes();
	assert_int_equal(run(), FAKE_LAUNCHED);
	check_launch("it runs where the kernel goes");
	capture = fake_find_file(FAKE_CAPTURES "\\0001.map");
	assert_non_null(capture);
	for (size_t i = 0; i < N_OF(lines); i++)
		if (memmem(capture->bytes, capture->n_bytes, lines[i], strlen(lines[i])) == NULL)
			fail_msg("no line %s", lines[i]);
	assert_non_null(strstr(fake.console,
	                       "\nbootmem: note: stack at 0x103e0000-0x10420000: the CPU uses it, "
	                       "though the map calls it free\n"));
}

/* Linked high, loaded low: no error, but worth knowing. */
static void a_kernel_of_the_upper_half_is_noted(void **state)
{
	(void)state;
	machine(AMD64);
	kernel_of_the_upper_half();
	assert_int_equal(run(), FAKE_LAUNCHED);
	assert_int_equal(fake.pad->entry_paddr, KERNEL_PADDR + 4);
	assert_non_null(strstr(fake.console,
	                       "linked to 0xffffffff80400004, entered at 0x10400004: paging is "
	                       "the kernel's\n"));
	machine(AMD64);
	assert_int_equal(run(), FAKE_LAUNCHED);
	assert_null(strstr(fake.console, "linked to"));
}

static void what_was_typed_before_is_not_for_us(void **state)
{
	(void)state;
	machine("timeout = 2\n");
	fake.has_stale_escape = true;
	assert_int_equal(run(), FAKE_LAUNCHED);
}

static void the_clock_runs_for_as_long_as_was_asked_for(void **state)
{
	(void)state;
	machine("timeout = 7\n");
	assert_int_equal(run(), FAKE_LAUNCHED);
	assert_int_equal(fake_count(FAKE_STALL), 70);
	machine("timeout = 0\n");
	assert_int_equal(run(), FAKE_LAUNCHED);
	assert_int_equal(fake_count(FAKE_READ_KEY), 0);
}

/* Right behind the kernel, where little room is left, the initrd keeps out of the way of block and
 * bitmap, which have no choice under linux-2.6.24. */
static void a_limit_may_be_anywhere(void **state)
{
	static const char *const confs[] = { IA32, AMD64, IA32 LINUX };

	(void)state;
	for (size_t i = 0; i < N_OF(confs); i++) {
		for (unsigned limit = 0x10400000; limit < 0x10430000; limit += 0x1000) {
			char conf[128];

			snprintf(conf, sizeof conf, "%sinitrd = \\initrd.img\nmem = 0x%x\n",
			         confs[i], limit);
			machine(conf);
			if (run() == FAKE_LAUNCHED) {
				check_launch(conf);
				continue;
			}
			check_nothing_is_left(conf);
			check_message(conf);
			if (strstr(fake.console, "lie on: the initrd") != NULL)
				fail_msg("%s: %s", conf, fake.console);
		}
	}
}

/* The kernel is summed up: a copy of its file is claimed before its place is known, and given back
 * before initrd and block are placed. */
static void sum_up_ia32(void)
{
	static char conf[256];
	char text[SHA256_TEXT_BYTES];
	uint8_t sum[SHA256_BYTES];

	sha256_of(fake.files[FILE_IA32].bytes, fake.files[FILE_IA32].n_bytes, sum);
	snprintf(conf, sizeof conf, IA32 LINUX "initrd = /initrd.img\nkernel-sha256 = %s\n",
	         sha256_text(text, sum));
	fake.files[FILE_CONF].bytes = conf;
	fake.files[FILE_CONF].n_bytes = fake.files[FILE_CONF].n_readable_bytes = strlen(conf);
}

/* A firmware that allocates from the bottom puts the loader's own pages where the kernel goes. */
static void a_kernel_may_lie_where_the_loader_is(void **state)
{
	static const char *const confs[] = { IA32, AMD64, IA32 LINUX, "with its sum" };
	unsigned n_launched = 0, n_clashes = 0;

	(void)state;
	for (size_t i = 0; i < N_OF(confs); i++) {
		for (paddr_t offset = 0; offset < 0xa0000; offset += 0x5000) {
			paddr_t start_paddr = FAKE_RAM_PADDR + offset;

			machine(confs[i]);
			build_kernels(ET_EXEC, start_paddr);
			if (i == 3)
				sum_up_ia32();
			fake_set_pages(start_paddr + 0x4000, start_paddr + 0x5000,
			               EfiBootServicesData);
			fake.is_bottom_up = true;
			if (run() == FAKE_LAUNCHED) {
				n_launched++;
				check_launch(confs[i]);
				continue;
			}
			n_clashes++;
			check_nothing_is_left(confs[i]);
			check_message(confs[i]);
			fail_msg("%s at 0x%llx: %s", confs[i], (unsigned long long)start_paddr,
			         strstr(fake.console, "error: "));
		}
	}
	print_message("%u launched, %u refused\n", n_launched, n_clashes);
	assert_int_not_equal(n_launched, 0);
	assert_int_equal(n_clashes, 0);
}

/* The FACS, in the XSDT here, is firmware's to write (ACPI 6.5 §5.2.10); nobody writes the others,
 * nor the initrd. */
static void what_nobody_writes_has_its_checksum_and_nothing_else(void **state)
{
	uint8_t *tables = (uint8_t *)(uintptr_t)ACPI_PADDR;
	const struct handoff_reservation *kept;
	size_t n_checked = 0, n_facs = 0;

	(void)state;
	machine("initrd = \\initrd.img\n");
	put_number(tables + 0x104, 4, 52);
	put_number(tables + 0x12c, 8, ACPI_PADDR + 0x4000);
	memcpy(tables + 0x4000, "FACS", 4);
	put_number(tables + 0x4004, 4, 64);
	assert_int_equal(run(), FAKE_LAUNCHED);
	fake_make_moves();
	kept = (const void *)at_paddr(the_block()->reservations_paddr);
	for (uint32_t i = 0; i < the_block()->reservations_count; i++, kept++) {
		bool is_facs = kept->start_paddr == ACPI_PADDR + 0x4000;
		bool is_settled =
			kept->kind == HANDOFF_KIND_ACPI || kept->kind == HANDOFF_KIND_INITRD;
		bool is_checked = (kept->flags & HANDOFF_RESERVATION_CHECKED) != 0;

		assert_int_equal(is_checked, is_settled && !is_facs);
		if (is_checked)
			assert_int_equal(kept->checksum,
			                 handoff_checksum(at_paddr(kept->start_paddr),
			                                  kept->end_paddr - kept->start_paddr));
		n_checked += is_checked;
		n_facs += is_facs;
	}
	assert_int_equal(n_checked, 4); /* RSDP, XSDT, TEST, initrd */
	assert_int_equal(n_facs, 1);
}

/* But for a buffer or two, which is larger. */
static void what_was_planned_in_vain_goes_back(void **state)
{
	unsigned n_claims;

	(void)state;
	machine("");
	assert_int_equal(run(), FAKE_LAUNCHED);
	n_claims = boot.memory.n_claims;
	machine("");
	outgrown_before_the_exit();
	assert_int_equal(run(), FAKE_LAUNCHED);
	assert_in_range(boot.memory.n_claims, 1, n_claims + 2);
}

static const struct handoff_reservation *reservations(void)
{
	return (const void *)at_paddr(the_block()->reservations_paddr);
}

static const struct handoff_reservation *reservation_at(paddr_t start_paddr)
{
	const struct handoff_reservation *list = reservations();

	for (uint32_t i = 0; i < the_block()->reservations_count; i++)
		if (list[i].start_paddr == start_paddr)
			return &list[i];
	fail_msg("no reservation at 0x%llx", (unsigned long long)start_paddr);
	return NULL;
}

static bool has_checksum(paddr_t start_paddr)
{
	return (reservation_at(start_paddr)->flags & HANDOFF_RESERVATION_CHECKED) != 0;
}

/* Not what the firmware would choose, from the top. */
static void a_pie_goes_to_the_lowest_place(void **state)
{
	static const char *const confs[] = { AMD64, IA32 LINUX };

	(void)state;
	for (size_t i = 0; i < N_OF(confs); i++) {
		machine(confs[i]);
		pie_on_2_mib();
		assert_int_equal(run(), FAKE_LAUNCHED);
		must_be_right(confs[i], fake_launch_fault(&boot));
		assert_int_equal(the_block()->kernel_start_paddr, FAKE_RAM_PADDR + 0x200000);
	}
}

/* Its segment stands at 0x40e. Without a copy of the page, nobody knows. */
static void page_0_tells_of_the_ebda(void **state)
{
	static uint8_t page[PAGE_BYTES];

	(void)state;
	put_number(page + 0x40e, 2, 0x9f40);
	machine("");
	fake.page_zero = page;
	assert_int_equal(run(), FAKE_LAUNCHED);
	assert_int_equal(reservation_at(0x9f400)->kind, HANDOFF_KIND_LOW_MEMORY);
	machine("");
	fake.page_zero = NULL;
	assert_int_equal(run(), FAKE_LAUNCHED);
	for (uint32_t i = 0; i < the_block()->reservations_count; i++)
		assert_true(reservations()[i].start_paddr != 0x9f400);
}

/* The firmware goes on writing its lock (ACPI 6.5 §5.2.10). */
static void the_facs_is_the_firmwares_for_ever(void **state)
{
	uint8_t *tables = (uint8_t *)(uintptr_t)ACPI_PADDR;

	(void)state;
	machine("");
	memcpy(tables + 0x1000, "FACS", 4);
	put_number(tables + 0x1004, 4, 64);
	assert_int_equal(run(), FAKE_LAUNCHED);
	fake_make_moves();
	assert_int_equal(reservation_at(ACPI_PADDR + 0x1000)->lifetime, HANDOFF_LIFETIME_FOREVER);
	assert_int_equal(reservation_at(ACPI_PADDR)->lifetime, HANDOFF_LIFETIME_ACPI);
	assert_false(has_checksum(ACPI_PADDR + 0x1000));
	assert_true(has_checksum(ACPI_PADDR));
}

/* Not even its header is read: where memory is not accepted, that is a fault for good. */
static void what_is_not_accepted_is_not_read(void **state)
{
	(void)state;
	machine("");
	fake_set_pages(ACPI_PADDR + 0x1000, ACPI_PADDR + 0x3000, UEFI_UNACCEPTED);
	fake_guard(ACPI_PADDR + 0x1000, ACPI_PADDR + 0x3000, false);
	assert_int_equal(run(), FAKE_LAUNCHED);
	fake_make_moves();
	assert_int_equal(boot.facts.n_acpi_tables, 2); /* RSDP, XSDT */
	assert_int_equal(boot.facts.acpi_faults.n_unreadable, 1);
	fake_guard(ACPI_PADDR + 0x1000, ACPI_PADDR + 0x3000, true);
}

static void the_table_goes(void)
{
	fake_set_pages(ACPI_PADDR + 0x1000, ACPI_PADDR + 0x3000, UEFI_UNACCEPTED);
	fake_guard(ACPI_PADDR + 0x1000, ACPI_PADDR + 0x3000, false);
}

/* A map of a moment ago says that it may be. */
static void after_the_exit_only_what_was_accepted_is_read(void **state)
{
	(void)state;
	machine("");
	fake.stale_exits = 1;
	fake.when_stale = the_table_goes;
	assert_int_equal(run(), FAKE_LAUNCHED);
	fake_guard(ACPI_PADDR + 0x1000, ACPI_PADDR + 0x3000, true);
	fake_make_moves();
	assert_false(has_checksum(ACPI_PADDR + 0x1000));
	assert_true(has_checksum(ACPI_PADDR));
}

/* Does the kernel find the page at its own address (Intel SDM 3A §4.5)? */
static bool is_mapped(paddr_t paddr)
{
	paddr_t table_paddr = the_block()->page_table_paddr;

	for (unsigned shift = 39; shift >= 12; shift -= 9) {
		uint64_t entry, bytes = UINT64_C(1) << shift;

		memcpy(&entry, at_paddr(table_paddr + (paddr >> shift & 511) * 8), sizeof entry);
		if ((entry & 1) == 0)
			return false;
		table_paddr = entry & UINT64_C(0xffffffffff000);
		if (shift == 12 || (entry & 0x80) != 0)
			return (table_paddr & ~(bytes - 1)) == (paddr & ~(bytes - 1));
	}
	return false;
}

static const struct {
	const char *rule;
	uint32_t type;
	bool is_mapped;
} above_4_gib[] = {
	{ "RAM", UEFI_CONVENTIONAL, true },
	{ "ACPI tables", UEFI_ACPI_RECLAIM, true },
	{ "ACPI NVS", UEFI_ACPI_NVS, true },
	{ "the runtime services", UEFI_RUNTIME_SERVICES_DATA, true },
	{ "reserved memory", UEFI_RESERVED, false },
	{ "unaccepted memory", UEFI_UNACCEPTED, false },
};

static void an_amd64_kernel_has_mapped_what_tells_about_the_machine(void **state)
{
	const paddr_t first_paddr = UINT64_C(1) << 36, apart_bytes = UINT64_C(1) << 32;

	(void)state;
	machine(AMD64);
	for (size_t i = 0; i < N_OF(above_4_gib); i++)
		fake_add_descriptor(above_4_gib[i].type, first_paddr + i * apart_bytes, 16,
		                    UEFI_MEMORY_WB);
	assert_int_equal(run(), FAKE_LAUNCHED);
	fake_make_moves();
	assert_true(is_mapped(0) && is_mapped(UINT64_C(0xfffff000)));
	for (size_t i = 0; i < N_OF(above_4_gib); i++)
		if (is_mapped(first_paddr + i * apart_bytes) != above_4_gib[i].is_mapped)
			fail_msg("%s", above_4_gib[i].rule);
}

/* Boots that are tried with every call failing in turn. */
static const struct {
	const char *rule, *conf;
	void (*arrange)(void);
} boots[] = {
	{ "amd64", "initrd = \\initrd.img\ntimeout = 1\n", as_usual },
	{ "ia32, moved", IA32 "initrd = \\initrd.img\n", firmware_where_the_kernel_goes },
	{ "linux-2.6.24", IA32 LINUX, firmware_behind_the_kernel },
	{ "a CPU where the kernel goes", IA32, cpu_where_the_kernel_goes },
	{ "a PIE, and a reserve", FIRST_PAGES, pie },
	{ "two attempts to exit", "", stale_once },
	{ "pages that cannot be executed", "", not_executable },
};

/* What a boot can do without: console, keys, screen, pages in their final place, clock, variables,
 * and its capture. */
static bool may_do_without(enum fake_service service)
{
	return service == FAKE_OUTPUT_STRING || service == FAKE_SET_ATTRIBUTE ||
	       service == FAKE_READ_KEY || service == FAKE_RESET_KEYS || service == FAKE_STALL ||
	       service == FAKE_LOCATE_HANDLES || service == FAKE_ALLOCATE_PAGES ||
	       service == FAKE_GET_TIME || service == FAKE_GET_VARIABLE ||
	       fake.failed_about_capture;
}

/* With call @n failing. False when there are no more calls. */
static bool boot_without_call(size_t i, size_t n, EFI_STATUS fail_status)
{
	char rule[96];
	enum fake_end end;

	machine(boots[i].conf);
	boots[i].arrange();
	fake.fail_call = n;
	fake.fail_status = fail_status;
	end = run();
	snprintf(rule, sizeof rule, "%s, call %u fails: %s", boots[i].rule, (unsigned)n,
	         fake.failed < FAKE_SERVICES ? fake_service_names[fake.failed] : "none");
	if (fake.failed == FAKE_SERVICES && end != FAKE_LAUNCHED)
		fail_msg("%s: not launched", rule);
	if (end == FAKE_LAUNCHED && fake.failed < FAKE_SERVICES && !may_do_without(fake.failed))
		fail_msg("%s: launched all the same", rule);
	if (end != FAKE_LAUNCHED && fake.failed_about_capture)
		fail_msg("%s: not launched for want of a capture", rule);
	if (end == FAKE_WAS_RESET && fake.n_exits == 0)
		fail_msg("%s: reset before any attempt to exit", rule);
	if (end == FAKE_LAUNCHED)
		check_launch(rule);
	if (end == FAKE_RUNNING) {
		check_nothing_is_left(rule);
		check_message(rule);
	}
	if (fake.violation != NULL)
		fail_msg("%s: %s", rule, fake.violation);
	return fake.failed != FAKE_SERVICES;
}

static void every_call_of_the_firmware_may_fail(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(boots); i++)
		for (size_t n = 1; boot_without_call(i, n, EFI_DEVICE_ERROR); n++)
			;
}

static void memory_may_run_out_at_any_call(void **state)
{
	(void)state;
	for (size_t n = 1; boot_without_call(0, n, EFI_OUT_OF_RESOURCES); n++)
		;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kernel_gets_a_right_bitmap),
		cmocka_unit_test(what_is_empty_is_said),
		cmocka_unit_test(an_error_is_reported_and_leaves_nothing_behind),
		cmocka_unit_test(after_an_attempt_to_exit_there_is_only_a_reset),
		cmocka_unit_test(the_wait_is_by_a_counter_that_can_be_one),
		cmocka_unit_test(configuration_and_captures_may_lie_on_another_partition),
		cmocka_unit_test(a_kernel_beside_the_configuration_goes_first),
		cmocka_unit_test(a_configuration_beside_the_loader_goes_first),
		cmocka_unit_test(escape_goes_back_to_the_firmware),
		cmocka_unit_test(a_volume_is_closed_under_the_watchdog),
		cmocka_unit_test(a_label_is_saved_under_the_watchdog),
		cmocka_unit_test(what_the_cpu_runs_on_is_told),
		cmocka_unit_test(a_screen_is_whole_or_it_is_said_why_there_is_none),
		cmocka_unit_test(a_secure_boot_that_cannot_be_read_is_said),
		cmocka_unit_test(the_next_boot_says_how_far_the_last_one_got),
		cmocka_unit_test(a_boot_that_ended_well_is_no_note),
		cmocka_unit_test(what_others_wrote_is_not_said),
		cmocka_unit_test(firmware_may_refuse_to_remember),
		cmocka_unit_test(the_clock_is_read_once_and_that_is_said_before),
		cmocka_unit_test(each_step_has_the_whole_time_of_the_watchdog),
		cmocka_unit_test(a_kernel_of_the_upper_half_is_noted),
		cmocka_unit_test(what_was_typed_before_is_not_for_us),
		cmocka_unit_test(the_clock_runs_for_as_long_as_was_asked_for),
		cmocka_unit_test(a_limit_may_be_anywhere),
		cmocka_unit_test(a_kernel_may_lie_where_the_loader_is),
		cmocka_unit_test(what_nobody_writes_has_its_checksum_and_nothing_else),
		cmocka_unit_test(what_was_planned_in_vain_goes_back),
		cmocka_unit_test(a_pie_goes_to_the_lowest_place),
		cmocka_unit_test(page_0_tells_of_the_ebda),
		cmocka_unit_test(the_facs_is_the_firmwares_for_ever),
		cmocka_unit_test(what_is_not_accepted_is_not_read),
		cmocka_unit_test(after_the_exit_only_what_was_accepted_is_read),
		cmocka_unit_test(an_amd64_kernel_has_mapped_what_tells_about_the_machine),
		cmocka_unit_test(every_call_of_the_firmware_may_fail),
		cmocka_unit_test(memory_may_run_out_at_any_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

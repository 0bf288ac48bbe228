/* machine.c - see machine.h. */
#define _GNU_SOURCE /* MAP_ANONYMOUS, MAP_FIXED_NOREPLACE */
#include "tests/fuzz/machine.h"

#include <elf.h>
#include <string.h>
#include <sys/mman.h>

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "handoff/load/sha256.h"
#include "tests/unit/fake_kernel.h"

#define TABLES_PADDR  UINT64_C(0x13f00000) /* of ACPI, and behind them of SMBIOS */
#define TABLES_BYTES  UINT64_C(0x10000)
#define SMBIOS_PADDR  (TABLES_PADDR + 0x8000)
#define PICTURE_PADDR UINT64_C(0x60000000)
#define PICTURE_BYTES (UINT64_C(16) << 20)
#define FILE_MOST     0x8000

uint8_t machine_initrd[FILE_MOST];

static uint8_t kernel_ia32[FILE_MOST], kernel_amd64[FILE_MOST], page_zero[PAGE_BYTES];

static void put_number(uint8_t *at, unsigned bytes, uint64_t value)
{
	for (; bytes > 0; bytes--, value >>= 8)
		*at++ = (uint8_t)value;
}

/* --- statuses --- */

#define LAST_NAMED_ERROR 35
#define LAST_WARNING     7

/* All errors of UEFI 2.10 Appendix D, and some that are nobody's or an OEM's. */
static EFI_STATUS error_of(struct fuzz_dice *dice, struct machine *machine)
{
	uint32_t code = 1 + fuzz_roll(dice, LAST_NAMED_ERROR + 5);
	bool is_named = code != 29 && code != 30 && code <= LAST_NAMED_ERROR;

	machine->is_named &= is_named;
	return code == LAST_NAMED_ERROR + 1 ? EFIERR(0)
	                                    : EFIERR(code) | (is_named ? 0 : EFIERR(0) >> 1);
}

static EFI_STATUS status_of(struct fuzz_dice *dice, struct machine *machine)
{
	if (!fuzz_is_one_in(dice, 3))
		return error_of(dice, machine);
	return fuzz_roll(dice, LAST_WARNING + 1); /* a success, or a warning */
}

/* --- memory --- */

static const uint8_t types[] = {
	EfiBootServicesData,    EfiBootServicesCode,   EfiConventionalMemory,  EfiLoaderData,
	EfiRuntimeServicesData, EfiReservedMemoryType, EfiACPIMemoryNVS,       EfiACPIReclaimMemory,
	EfiUnusableMemory,      EfiMemoryMappedIO,     EfiRuntimeServicesCode, EfiPalCode,
};

/* A place in RAM: one that matters, or any. */
static paddr_t place_of(struct fuzz_dice *dice)
{
	paddr_t paddr =
		fuzz_is_one_in(dice, 3)
			? FAKE_RAM_PADDR + fuzz_roll(dice, 0x3f00) * PAGE_BYTES
			: FAKE_KERNEL_PADDR + (fuzz_roll(dice, 64) - UINT64_C(16)) * PAGE_BYTES;

	return fuzz_is_one_in(dice, 8) ? FAKE_LOW_PADDR + fuzz_roll(dice, 0x90) * PAGE_BYTES
	                               : paddr;
}

static void arrange_pages(struct fuzz_dice *dice)
{
	for (uint32_t n = fuzz_roll(dice, 8); n > 0; n--) {
		paddr_t start_paddr = place_of(dice);
		paddr_t end_paddr = start_paddr + PAGE_BYTES * (UINT64_C(1) << fuzz_roll(dice, 13));
		paddr_t most_paddr = start_paddr < FAKE_LOW_END_PADDR ? 0xa0000 : TABLES_PADDR;

		fake_set_pages(start_paddr, min_u64(end_paddr, most_paddr),
		               types[fuzz_roll(dice, COUNT(types))]);
	}
}

/* Descriptors of anything. What is called RAM, or is read, has memory behind it or no neighbour
 * that has. */
static void add_descriptor(struct fuzz_dice *dice)
{
	static const paddr_t starts[] = {
		UINT64_C(0x100000000),   UINT64_C(0xfec00000),         UINT64_C(0x20000000),
		UINT64_C(0x120000000),   UINT64_C(0xfffffffffffff000), UINT64_C(0x8000000000),
		UINT64_C(0x10000000000),
	};
	static const uint64_t attributes[] = { UEFI_MEMORY_WB,
		                               UEFI_MEMORY_WB,
		                               UEFI_MEMORY_WB,
		                               UEFI_MEMORY_WB | UEFI_MEMORY_RUNTIME,
		                               UEFI_MEMORY_WB | UEFI_MEMORY_SP,
		                               0,
		                               UINT64_MAX };
	bool is_inside = fuzz_is_one_in(dice, 3);
	paddr_t start_paddr = is_inside ? place_of(dice) : starts[fuzz_roll(dice, COUNT(starts))];
	uint64_t n_pages = fuzz_roll(dice, 4) == 0
	                           ? fuzz_roll(dice, 3)
	                           : UINT64_C(1) << fuzz_roll(dice, is_inside ? 6 : 19);
	uint32_t type = fuzz_is_one_in(dice, 4) ? (uint32_t)fuzz_number(dice)
	                                        : fuzz_roll(dice, UEFI_TYPE_COUNT);

	/* What is RAM is whole pages, for who judges the bitmap page by page. */
	if (!uefi_is_ram(type) && fuzz_is_one_in(dice, 4))
		start_paddr += fuzz_roll(dice, PAGE_BYTES);
	if (is_inside && start_paddr >= FAKE_RAM_PADDR)
		n_pages = min_u64(n_pages, pfn_down(TABLES_PADDR - start_paddr));
	fake_add_descriptor(type, start_paddr, n_pages,
	                    attributes[fuzz_roll(dice, COUNT(attributes))]);
}

/* --- tables --- */

/* Where a table may say that another one is: what is described has memory. */
static paddr_t pointer_of(struct fuzz_dice *dice)
{
	static const paddr_t others[] = { 0,         0xf0000,    0xfffff,
		                          0x80,      0x1fffffff, UINT64_C(0xffffffff1fffffff),
		                          0x15000000 };

	return fuzz_is_one_in(dice, 3) ? others[fuzz_roll(dice, COUNT(others))]
	                               : TABLES_PADDR + fuzz_roll(dice, TABLES_BYTES);
}

static const char signatures[][5] = {
	"TEST", "FACP", "FACS", "DSDT", "SSDT", "APIC", "XSDT", "RSDT"
};

/* A table of many kinds, at a place of its own. */
static void put_table(struct fuzz_dice *dice, unsigned i)
{
	static const uint32_t lengths[] = { 36, 64, 244, 276,        0x2000,
		                            0,  8,  35,  0x7fffffff, UINT32_MAX };
	uint8_t *at = (uint8_t *)(uintptr_t)(TABLES_PADDR + 0x1000 + i * UINT64_C(0x400));

	memcpy(at, signatures[fuzz_roll(dice, COUNT(signatures))], 4);
	put_number(at + 4, 4, lengths[fuzz_roll(dice, COUNT(lengths))]);
	put_number(at + 36, 4, pointer_of(dice));
	put_number(at + 40, 4, pointer_of(dice));
	put_number(at + 132, 8, pointer_of(dice));
	put_number(at + 140, 8, pointer_of(dice));
}

static paddr_t put_acpi(struct fuzz_dice *dice)
{
	static const EFI_GUID acpi20 = ACPI_20_TABLE_GUID, acpi = ACPI_TABLE_GUID;
	uint8_t *at = (uint8_t *)(uintptr_t)TABLES_PADDR;
	uint32_t n = fuzz_roll(dice, 12);

	memcpy(at, "RSD PTR ", 8);
	at[15] = (uint8_t)(2 - fuzz_roll(dice, 3));
	put_number(at + 16, 4, TABLES_PADDR + 0x100);
	put_number(at + 20, 4, 36);
	put_number(at + 24, 8, fuzz_is_one_in(dice, 8) ? pointer_of(dice) : TABLES_PADDR + 0x100);
	memcpy(at + 0x100, at[15] == 2 ? "XSDT" : "RSDT", 4);
	put_number(at + 0x104, 4, 36 + n * (at[15] == 2 ? 8 : 4));
	for (uint32_t i = 0; i < n; i++) {
		put_number(at + 0x124 + i * (at[15] == 2 ? 8 : 4), at[15] == 2 ? 8 : 4,
		           fuzz_is_one_in(dice, 4) ? pointer_of(dice)
		                                   : TABLES_PADDR + 0x1000 + i * 0x400);
		put_table(dice, i);
	}
	if (fuzz_is_one_in(dice, 8)) {
		fake_add_table(acpi20, pointer_of(dice));
		return 0;
	}
	fake_add_table(fuzz_is_one_in(dice, 4) ? acpi : acpi20, TABLES_PADDR);
	return TABLES_PADDR;
}

static void put_smbios(struct fuzz_dice *dice)
{
	static const EFI_GUID smbios = SMBIOS_TABLE_GUID, smbios3 = SMBIOS3_TABLE_GUID;
	uint8_t *at = (uint8_t *)(uintptr_t)SMBIOS_PADDR;
	bool is_3 = fuzz_is_one_in(dice, 2);

	memcpy(at, is_3 ? "_SM3_" : "_SM_", is_3 ? 5 : 4);
	at[is_3 ? 6 : 5] = (uint8_t)(fuzz_is_one_in(dice, 4) ? fuzz_roll(dice, 256)
	                             : is_3                  ? 24
	                                                     : 31);
	put_number(at + (is_3 ? 12 : 22), is_3 ? 4 : 2, fuzz_roll(dice, 0x800));
	put_number(at + (is_3 ? 16 : 24), is_3 ? 8 : 4,
	           fuzz_is_one_in(dice, 4) ? pointer_of(dice) : SMBIOS_PADDR + 0x100);
	fuzz_take(dice, at + 0x100, fuzz_roll(dice, 128));
	fake_add_table(is_3 ? smbios3 : smbios,
	               fuzz_is_one_in(dice, 8) ? pointer_of(dice) : SMBIOS_PADDR);
}

static void arrange_tables(struct fuzz_dice *dice, struct machine *machine)
{
	uint8_t *rom = (uint8_t *)(uintptr_t)0xf0000;

	fake_set_pages(TABLES_PADDR, TABLES_PADDR + TABLES_BYTES,
	               fuzz_is_one_in(dice, 4) ? EfiBootServicesData : EfiACPIReclaimMemory);
	fake_set_pages(TABLES_PADDR + TABLES_BYTES, TABLES_PADDR + 2 * TABLES_BYTES,
	               EfiRuntimeServicesData);
	fake_set_pages(TABLES_PADDR + 2 * TABLES_BYTES, FAKE_RAM_END_PADDR, EfiReservedMemoryType);
	memset((void *)(uintptr_t)TABLES_PADDR, 0, TABLES_BYTES);
	machine->rsdp_paddr = fuzz_is_one_in(dice, 8) ? 0 : put_acpi(dice);
	if (fuzz_is_one_in(dice, 2))
		put_smbios(dice);
	memset(page_zero, 0, sizeof page_zero);
	put_number(page_zero + 0x40e, 2, 0x1000 + fuzz_roll(dice, 0xf000));
	if (fuzz_is_one_in(dice, 4))
		fuzz_take(dice, rom + 16 * fuzz_roll(dice, 0x1000), 16);
	if (fuzz_is_one_in(dice, 2)) {
		memcpy(rom + 0x100, "_MP_", 4);
		put_number(rom + 0x104, 4, pointer_of(dice));
		rom[0x108] = 1;
		rom[0x109] = 4;
		for (size_t i = 0; i < 16; i++)
			rom[0x10a] = (uint8_t)(rom[0x10a] - (i == 10 ? 0 : rom[0x100 + i]));
	}
	fake.page_zero = fuzz_is_one_in(dice, 8) ? NULL : page_zero;
}

/* --- screen, keys, CPU --- */

static EFI_GRAPHICS_OUTPUT_MODE_INFORMATION info;
static EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE mode;

static EFI_STATUS EFIAPI blt(EFI_GRAPHICS_OUTPUT_PROTOCOL *this,
                             EFI_GRAPHICS_OUTPUT_BLT_PIXEL *buffer,
                             EFI_GRAPHICS_OUTPUT_BLT_OPERATION operation, UINTN from_x,
                             UINTN from_y, UINTN to_x, UINTN to_y, UINTN width, UINTN height,
                             UINTN delta)
{
	(void)this, (void)buffer, (void)operation, (void)from_x, (void)from_y, (void)delta;
	if (to_x + width > info.HorizontalResolution || to_y + height > info.VerticalResolution)
		fake.violation = "drawn outside the screen";
	if (fake.n_exits > 0)
		fake.violation = "Blt() after an attempt to exit";
	return EFI_SUCCESS;
}

static EFI_GRAPHICS_OUTPUT_PROTOCOL gop = { .Blt = blt, .Mode = &mode };

/* What is drawn when the firmware is gone is drawn in memory of the host's. */
static bool map_picture(void)
{
	static void *picture;

	if (picture == NULL)
		picture = mmap(
			(void *)(uintptr_t)PICTURE_PADDR, PICTURE_BYTES, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	return picture == (void *)(uintptr_t)PICTURE_PADDR;
}

static void arrange_screen(struct fuzz_dice *dice)
{
	static const struct {
		uint32_t width, height;
	} sizes[] = {
		{ 640, 480 }, { 800, 600 }, { 1280, 800 }, { 1, 1 }, { 100, 1500 }, { 0, 0 }
	};
	uint32_t i = fuzz_roll(dice, COUNT(sizes));

	info = (EFI_GRAPHICS_OUTPUT_MODE_INFORMATION){
		.HorizontalResolution = sizes[i].width,
		.VerticalResolution = sizes[i].height,
		.PixelFormat = (EFI_GRAPHICS_PIXEL_FORMAT)((1 + fuzz_roll(dice, 5)) % 5),
		.PixelsPerScanLine = fuzz_is_one_in(dice, 8)
		                             ? (uint32_t)fuzz_number(dice)
		                             : sizes[i].width + fuzz_roll(dice, 3) - 1,
	};
	fuzz_take(dice, &info.PixelInformation, fuzz_is_one_in(dice, 4) ? 16 : 0);
	mode = (EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE){
		.Info = fuzz_is_one_in(dice, 16) ? NULL : &info,
		.FrameBufferBase = fuzz_is_one_in(dice, 8) ? 0 : PICTURE_PADDR,
		.FrameBufferSize =
			fuzz_is_one_in(dice, 4) ? (UINTN)fuzz_roll(dice, 0x100000) : 0x800000,
	};
	gop.Mode = fuzz_is_one_in(dice, 16) ? NULL : &mode;
	if ((uint64_t)info.PixelsPerScanLine * 4 * info.VerticalResolution > PICTURE_BYTES)
		info.PixelsPerScanLine = 0;
	fake.gops[fake.n_gops++] = fuzz_is_one_in(dice, 16) ? NULL : &gop;
}

static void arrange_keys(struct fuzz_dice *dice)
{
	static const EFI_INPUT_KEY keys[] = {
		{ 0, '\r' }, { 0, 'd' },         { 0, 'l' },  { SCAN_ESC, 0 },       { 0, '1' },
		{ 0, 't' },  { 0, ' ' },         { 0, '\t' }, { 0, '\b' },           { 0, 'x' },
		{ 0, 'r' },  { 0, 'p' },         { 0, 'L' },  { SCAN_PAGE_DOWN, 0 }, { SCAN_UP, 0 },
		{ 0, 0 },    { 0x7fff, 0xffff },
	};

	fake.polls_before_keys = fuzz_roll(dice, 4);
	for (uint32_t n = fuzz_roll(dice, 16); n > 0; n--)
		fake.keys[fake.n_keys++] = keys[fuzz_roll(dice, COUNT(keys))];
}

/* Stack and tables somewhere in free memory, as U-Boot has them. */
static void run_somewhere(struct fuzz_dice *dice)
{
	paddr_t start_paddr = place_of(dice);

	if (start_paddr < FAKE_RAM_PADDR || start_paddr + 0x50000 > TABLES_PADDR)
		return;
	for (paddr_t paddr = start_paddr; paddr < start_paddr + 0x41000; paddr += PAGE_BYTES)
		if (fake.types[pfn_down(paddr)] != EfiConventionalMemory)
			return;
	fake_run_on(start_paddr, 0x41);
	memset((void *)(uintptr_t)start_paddr, 0x5a, 0x41000);
	fake.cpu_state = (struct cpu_state){ .sp = start_paddr + 0x20000,
		                             .gdt_paddr = start_paddr + 0x40000,
		                             .gdt_limit = 0x7ff,
		                             .idt_paddr = start_paddr + 0x40800,
		                             .idt_limit = 0x7ff };
}

static void arrange_cpu(struct fuzz_dice *dice)
{
	static const unsigned widths[] = { 40, 36, 32, 46, 52 };

	fake.cpu.has_long_mode = !fuzz_is_one_in(dice, 6);
	fake.cpu.has_1g_pages = !fuzz_is_one_in(dice, 3);
	fake.cpu.has_sse = !fuzz_is_one_in(dice, 6);
	fake.cpu.has_tsc = fuzz_is_one_in(dice, 3);
	fake.cpu.is_amd_k7 = fuzz_is_one_in(dice, 6);
	fake.cpu.has_encrypted_memory = fuzz_is_one_in(dice, 24);
	fake.cpu.paddr_bits = widths[fuzz_roll(dice, COUNT(widths))];
	if (fuzz_is_one_in(dice, 4))
		run_somewhere(dice);
}

/* --- a disk --- */

static uint8_t sectors[64][512];
static EFI_BLOCK_IO_MEDIA media;

static EFI_STATUS EFIAPI read_blocks(EFI_BLOCK_IO *this, UINT32 media_id, EFI_LBA block,
                                     UINTN bytes, VOID *to)
{
	(void)this, (void)media_id;
	if (fake.n_exits > 0)
		fake.violation = "ReadBlocks() after an attempt to exit";
	if (bytes != media.BlockSize || bytes > FAKE_PAGES)
		return EFI_BAD_BUFFER_SIZE;
	for (UINTN i = 0; i < bytes; i++)
		((uint8_t *)to)[i] = sectors[(block * bytes + i) / 512 % COUNT(sectors)][i % 512];
	return EFI_SUCCESS;
}

static EFI_BLOCK_IO disk = { .Media = &media, .ReadBlocks = read_blocks };

/* A FAT of any kind, in disorder; the disk repeats itself. */
static void arrange_disk(struct fuzz_dice *dice)
{
	static const uint32_t blocks[] = { 512, 512, 4096, 1024, 0, 1, 0xffffffff };
	uint8_t *boot = sectors[0];

	memset(sectors, 0, sizeof sectors);
	media = (EFI_BLOCK_IO_MEDIA){ .BlockSize = blocks[fuzz_roll(dice, COUNT(blocks))],
		                      .MediaPresent = TRUE,
		                      .LastBlock = fuzz_number(dice) };
	put_number(boot + 11, 2, fuzz_is_one_in(dice, 8) ? fuzz_roll(dice, 0x10000) : 512);
	boot[13] = (uint8_t)(fuzz_is_one_in(dice, 8) ? fuzz_roll(dice, 256) : 1);
	put_number(boot + 14, 2, fuzz_roll(dice, 16));
	boot[16] = (uint8_t)fuzz_roll(dice, 4);
	put_number(boot + 17, 2, fuzz_roll(dice, 64) * 16);
	put_number(boot + 19, 2, fuzz_roll(dice, 0x10000));
	put_number(boot + 22, 2, fuzz_roll(dice, 8));
	put_number(boot + 32, 4, fuzz_is_one_in(dice, 2) ? fuzz_roll(dice, 0x100000) : 0);
	put_number(boot + 36, 4, fuzz_roll(dice, 16));
	put_number(boot + 44, 4, fuzz_roll(dice, 16));
	put_number(boot + 510, 2, 0xaa55);
	for (unsigned i = 1; i < COUNT(sectors); i++) {
		fuzz_take(dice, sectors[i], fuzz_roll(dice, 16));
		memcpy(sectors[i] + 64, "BOOTMEM    \x10", 12);
		put_number(sectors[i] + 64 + 26, 2, fuzz_roll(dice, 8));
		memcpy(sectors[i] + 96, "BOOTMEM CNF ", 12);
		put_number(sectors[i] + 96 + 26, 2, fuzz_roll(dice, 8));
	}
	fake.partitions[0].blocks = &disk;
}

/* --- what the firmware does wrong --- */

/* Services whose success nobody can check: ExitBootServices(), that a page can be executed, that
 * the power is off. */
static bool may_lie(enum fake_service service)
{
	return service != FAKE_EXIT_BOOT_SERVICES && service != FAKE_CLEAR_ATTRIBUTES &&
	       service != FAKE_LOCATE_PROTOCOL && service != FAKE_SET_POSITION;
}

static void add_fault(struct fuzz_dice *dice, struct machine *machine)
{
	struct fake_fault fault = { .service = (enum fake_service)fuzz_roll(dice, FAKE_SERVICES) };

	fault.n_before = fuzz_is_one_in(dice, 3) ? fuzz_roll(dice, 0x200) : fuzz_roll(dice, 16);
	fault.n_calls = fuzz_roll(dice, 4);
	fault.status = may_lie(fault.service) ? status_of(dice, machine) : error_of(dice, machine);
	fake.faults[fake.n_faults++] = fault;
	machine->is_silent |= fault.service == FAKE_OUTPUT_STRING;
}

/* Each case is a way in which firmware is odd; most machines have few. */
static void be_odd_about_map(struct fuzz_dice *dice, struct machine *machine)
{
	static const UINTN strides[] = { 40, 56, 4096, 48, 44, 39, 0, 4104 };
	static const unsigned growths[] = { 1, 2, 3, 10, 100 };
	static const unsigned stale[] = { 1, 2, 15, 16, 20, 1000 };

	switch (fuzz_roll(dice, 9)) {
	case 0:
		fake.stride = strides[fuzz_roll(dice, COUNT(strides))];
		break;
	case 1:
		fake.query_sets_stride = false;
		break;
	case 2:
		fake.is_reversed = true;
		break;
	case 3:
		fake.growth = growths[fuzz_roll(dice, COUNT(growths))];
		break;
	case 4:
		fake.growth_when_stale =
			growths[fuzz_roll(dice, COUNT(growths))]; /* fall through */
	case 5:
		fake.stale_exits = stale[fuzz_roll(dice, COUNT(stale))];
		break;
	case 6:
		fake.growth_type = types[fuzz_roll(dice, COUNT(types))];
		break;
	case 7:
		fake.overrun_bytes = fuzz_roll(dice, 17);
		break;
	default:
		fake.exit_error = error_of(dice, machine);
		break;
	}
}

static void be_odd_about_protocols(struct fuzz_dice *dice)
{
	EFI_SYSTEM_TABLE *table = fake.firmware.system_table;

	switch (fuzz_roll(dice, 6)) {
	case 0:
		fake.gives_null = fake.partitions[0].gives_null = true;
		break;
	case 1:
		table->ConOut = NULL;
		break;
	case 2:
		table->ConIn = NULL;
		break;
	case 3:
		fake.firmware.loaded_image->DeviceHandle = NULL;
		break;
	case 4:
		fake.partitions[0].has_file_system = false;
		break;
	default:
		fake.partitions[0].is_asleep = true;
		break;
	}
}

static void be_odd(struct fuzz_dice *dice, struct machine *machine)
{
	switch (fuzz_roll(dice, 8)) {
	case 0:
		fake.is_bottom_up = true;
		break;
	case 1:
		fake.ignores_limit = true;
		break;
	case 2:
		fake.moves_given = 1 + fuzz_roll(dice, PAGE_BYTES - 1);
		break;
	case 3:
		fake.is_nx = true;
		break;
	case 4:
		fake.read_most_bytes = 1 + fuzz_roll(dice, 0x1000);
		break;
	case 5:
		fake.overread_bytes = 1 + fuzz_roll(dice, 0x1000);
		break;
	case 6:
		fake.ticks_per_stall_us = fuzz_roll(dice, 0x4000);
		break;
	default:
		fake.set_variable_error = error_of(dice, machine);
		break;
	}
}

static void be_odd_about_files(struct fuzz_dice *dice, struct machine *machine)
{
	switch (fuzz_roll(dice, 10)) {
	case 0:
		fake.is_read_only = true;
		fake.read_only_error = error_of(dice, machine);
		break;
	case 1:
		fake.writes_short = true; /* fall through */
	case 2:
		fake.capacity_bytes = fuzz_roll(dice, 0x8000);
		break;
	case 3:
		fake.flush_error = error_of(dice, machine);
		break;
	case 4:
		fake.stays = true;
		break;
	case 5:
		fake.cannot_rename = true;
		break;
	case 6:
		fake.renames_nothing = true;
		break;
	case 7:
		fake.listing = (int)fuzz_roll(dice, 4);
		break;
	case 8:
		fake.time.Year = (UINT16)fuzz_roll(dice, 0x10000);
		break;
	default:
		fake.has_stale_escape = true;
		break;
	}
}

static void be_firmware(struct fuzz_dice *dice, struct machine *machine)
{
	for (uint32_t n = fuzz_roll(dice, 3); n > 0; n--)
		be_odd_about_map(dice, machine);
	for (uint32_t n = fuzz_roll(dice, 3); n > 0; n--)
		be_odd(dice, machine);
	for (uint32_t n = fuzz_roll(dice, 3); n > 0; n--)
		be_odd_about_files(dice, machine);
	if (fuzz_is_one_in(dice, 6))
		be_odd_about_protocols(dice);
	for (uint32_t n = fuzz_roll(dice, 4); n > 0; n--)
		add_fault(dice, machine);
}

/* --- words behind the program's name --- */

static void put_words(struct fuzz_dice *dice)
{
	static const char *const texts[] = { "bootmem.efi -c",
		                             "-c -l \"a b\"",
		                             "-f \\bootmem.conf",
		                             "-f \\no.conf -c",
		                             "-h",
		                             "bootmem.efi -x",
		                             "bootmem.efi -l a -f",
		                             "\x7f\x01 garbage" };
	static CHAR16 wide[64];
	const char *text = texts[fuzz_roll(dice, COUNT(texts))];
	size_t n = strlen(text);

	for (size_t i = 0; i <= n; i++)
		wide[i] = (unsigned char)text[i];
	fake.firmware.loaded_image->LoadOptions = wide;
	fake.firmware.loaded_image->LoadOptionsSize = (UINT32)(n * sizeof *wide);
}

/* --- files --- */

/* clang-format off */
static const char *const lines[] = {
	"target = ia32", "target = amd64", "target = auto", "policy = linux-2.6.24",
	"policy = safe", "initrd = \\initrd.img", "initrd = /INITRD.IMG", "initrd = \\nothing",
	"initrd = \\bootmem", "mem = 0x12000000", "mem = 0x10420000", "mem = 0x10463000",
	"mem = 4K", "mem = 1T", "reserve = 0x10000000-0x10100000 x",
	"reserve = 0x10401000-0x10401001 bad DIMM", "reserve = 0x1040b000-0x1040b001",
	"reserve = 0-0xffffffffffffffff all", "reserve = 0x9fc00-0x9fc01 y",
	"keep-boot-services = yes", "exceptions = none", "exceptions = paint",
	"at-end = poweroff", "timeout = 1", "timeout = 3", "timeout = never",
	"on-error = continue", "on-error = wait", "capture = no", "remember = yes",
	"label = docked", "cmdline = a b=c stub.memory=4G", "kernel-amd64 =", "kernel-ia32 =",
	"kernel-amd64 = \\bootmem\\kernel-ia32.elf", "kernel-ia32 = /bootmem/kernel-amd64.elf",
	"kernel-amd64 = \\nothing", "kernel-amd64 = \\initrd.img", "# a comment", "",
	"\xef\xbb\xbf", "targets = x", "timeout = 3601", "mem = 12Q", "target=ia32",
	"  target  =  amd64  \r", "chain = \\initrd.img", "chain = /nothing", "chain = next",
	"chain-options = x y", "pin = yes", "pin-pages = 9", "captures = 4",
	"kernel-sha256 = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	("initrd-sha256 = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 "
	 "\\initrd.img"),
};
/* clang-format on */

static size_t add_line(char *conf, size_t n, const char *line, size_t bytes)
{
	if (n + bytes + 2 > MACHINE_TEXT_BYTES)
		return n;
	memcpy(conf + n, line, bytes);
	conf[n + bytes] = '\n';
	return n + bytes + 1;
}

/* The sum that a file has. */
static size_t add_sum(char *conf, size_t n, const char *key, const struct fake_file *file)
{
	char text[SHA256_TEXT_BYTES], line[128];
	uint8_t sum[SHA256_BYTES];

	sha256_of(file->bytes, file->n_readable_bytes, sum);
	return add_line(
		conf, n, line,
		(size_t)snprintf(line, sizeof line, "%s = %s", key, sha256_text(text, sum)));
}

static void write_conf(struct fuzz_dice *dice, struct machine *machine)
{
	char garbage[32];
	size_t n = 0;

	for (uint32_t i = fuzz_roll(dice, 8); i > 0; i--) {
		const char *line = lines[fuzz_roll(dice, COUNT(lines))];

		n = add_line(machine->conf, n, line, strlen(line));
	}
	if (fuzz_is_one_in(dice, 8))
		n = add_sum(machine->conf, n, "kernel-sha256", &fake.files[fuzz_roll(dice, 2)]);
	if (fuzz_is_one_in(dice, 8))
		n = add_sum(machine->conf, n, "initrd-sha256", &fake.files[2]);
	if (fuzz_is_one_in(dice, 16)) {
		fuzz_take(dice, garbage, sizeof garbage);
		n = add_line(machine->conf, n, garbage, sizeof garbage);
	}
	fake_add_file("\\bootmem.conf", machine->conf, n);
}

static paddr_t kernel_paddr_of(struct fuzz_dice *dice)
{
	static const paddr_t places[] = { 0,
		                          0x1000,
		                          0x90000,
		                          0xc0000,
		                          0x100000,
		                          TABLES_PADDR,
		                          FAKE_RAM_END_PADDR,
		                          UINT64_C(0xfffff000) };

	if (fuzz_is_one_in(dice, 8))
		return places[fuzz_roll(dice, COUNT(places))];
	return fuzz_is_one_in(dice, 4) ? place_of(dice) : FAKE_KERNEL_PADDR;
}

static void damage(struct fuzz_dice *dice, struct fake_file *file, uint8_t *bytes)
{
	switch (fuzz_roll(dice, 8)) {
	case 0:
		file->n_bytes = file->n_readable_bytes = fuzz_roll(dice, FILE_MOST);
		break;
	case 1:
		file->n_readable_bytes = fuzz_roll(dice, FILE_MOST);
		break;
	case 2:
		file->is_directory = true;
		break;
	case 3:
		file->later_bytes = machine_initrd;
		file->n_bytes = min_u64(file->n_bytes, MACHINE_INITRD_BYTES);
		break;
	case 4:
		file->n_bytes = fuzz_number(dice);
		break;
	case 5:
		file->is_deleted = true;
		break;
	default:
		for (uint32_t n = 1 + fuzz_roll(dice, 6); n > 0 && bytes != NULL; n--)
			bytes[fuzz_roll(dice, 0xa0)] ^= (uint8_t)(1u << fuzz_roll(dice, 8));
	}
	file->n_readable_bytes = min_u64(file->n_readable_bytes, FILE_MOST);
}

static void add_files(struct fuzz_dice *dice, struct machine *machine)
{
	static const char *const paths[] = { "\\bootmem\\kernel-ia32.elf",
		                             "\\bootmem\\kernel-amd64.elf", "\\initrd.img" };
	uint8_t *const bytes[] = { kernel_ia32, kernel_amd64, machine_initrd };
	uint16_t file_type = fuzz_is_one_in(dice, 3) ? ET_DYN : ET_EXEC;
	paddr_t start_paddr = kernel_paddr_of(dice);

	memset(kernel_ia32, 0, sizeof kernel_ia32);
	memset(kernel_amd64, 0, sizeof kernel_amd64);
	fake_kernel_build(kernel_ia32, false, file_type, start_paddr);
	fake_kernel_build(kernel_amd64, true, file_type, start_paddr);
	fake_kernel_fill(machine_initrd, MACHINE_INITRD_BYTES);
	for (size_t i = 0; i < COUNT(paths); i++)
		fake_add_file(paths[i], bytes[i],
		              i == 2 ? MACHINE_INITRD_BYTES : FAKE_KERNEL_FILE_BYTES);
	machine->is_sound = !fuzz_is_one_in(dice, 3);
	if (!machine->is_sound) {
		uint32_t i = fuzz_roll(dice, COUNT(paths));

		damage(dice, &fake.files[i], i == 2 ? NULL : bytes[i]);
	}
	if (!fuzz_is_one_in(dice, 12))
		write_conf(dice, machine);
}

/* What somebody else has put there. */
static void add_captures(struct fuzz_dice *dice)
{
	static const char *const names[] = {
		FAKE_CAPTURES "\\0002.map", FAKE_CAPTURES "\\9999.map", FAKE_CAPTURES "\\0003.new",
		FAKE_CAPTURES "\\0000.map", FAKE_CAPTURES ".txt",       FAKE_CAPTURES "\\0002.NEW",
		FAKE_CAPTURES "\\a folder", "\\bootmem.conf.txt",       "\\bootmem\\last-err.new",
	};
	static uint8_t text[512];

	for (uint32_t n = fuzz_roll(dice, 4); n > 0; n--) {
		const char *path = names[fuzz_roll(dice, COUNT(names))];

		if (fake_find_file(path) != NULL)
			continue;
		fuzz_take(dice, text, fuzz_roll(dice, 64));
		fake_add_file(path, text, fuzz_roll(dice, sizeof text))->is_directory =
			fuzz_is_one_in(dice, 8);
	}
	if (fake_find_file(FAKE_CAPTURES) == NULL && fuzz_is_one_in(dice, 2))
		fake_add_file(FAKE_CAPTURES, NULL, 0)->is_directory = !fuzz_is_one_in(dice, 16);
}

/* --- all of it --- */

static void arrange(struct fuzz_dice *dice, struct machine *machine)
{
	machine->is_named = true;
	machine->is_silent = false;
	fake.minds_watchdog = true;
	fake.stall_limit = 20000;
	arrange_tables(dice, machine);
	arrange_pages(dice);
	for (uint32_t n = fuzz_is_one_in(dice, 2) ? fuzz_roll(dice, 6) : 0; n > 0; n--)
		add_descriptor(dice);
	arrange_cpu(dice);
	if (map_picture() && fuzz_is_one_in(dice, 2))
		arrange_screen(dice);
	arrange_keys(dice);
	if (fuzz_is_one_in(dice, 4))
		arrange_disk(dice);
	if (fuzz_is_one_in(dice, 12))
		put_words(dice);
	be_firmware(dice, machine);
	machine->is_silent |= fake.firmware.system_table->ConOut == NULL;
}

bool machine_make(struct fuzz_dice *dice, struct machine *ret_machine)
{
	memset(ret_machine, 0, sizeof *ret_machine);
	if (!fake_firmware_init())
		return false;
	add_files(dice, ret_machine);
	add_captures(dice);
	arrange(dice, ret_machine);
	return true;
}

static void damage_capture(struct fuzz_dice *dice, struct fake_file *file)
{
	uint8_t *bytes = (uint8_t *)(uintptr_t)file->bytes;

	if (file->n_bytes == 0 || file->is_directory)
		return;
	for (uint32_t n = fuzz_roll(dice, 6); n > 0; n--)
		bytes[fuzz_roll(dice, (uint32_t)file->n_bytes)] = (uint8_t)fuzz_roll(dice, 256);
	if (fuzz_is_one_in(dice, 4))
		file->n_bytes = file->n_readable_bytes = fuzz_roll(dice, (uint32_t)file->n_bytes);
}

void machine_start_again(struct fuzz_dice *dice, struct machine *machine)
{
	if (!fake_firmware_start_again())
		abort();
	for (size_t i = 0; i < fake.n_files; i++)
		if (fake.files[i].room != NULL && !fake.files[i].is_deleted &&
		    fuzz_is_one_in(dice, 3))
			damage_capture(dice, &fake.files[i]);
	add_captures(dice);
	arrange(dice, machine);
}

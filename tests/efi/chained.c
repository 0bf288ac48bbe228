/*
 * chained.c - a loader for `chain =', which does what loaders and Linux's stub do with memory that
 * stays, and what none should: for tests/qemu/test_chain.py. What it is told, its load options, is
 * a list of words, done one after the other:
 *
 *     log BYTES    AllocatePool() of ACPI reclaim memory, as the stub's copy of the TPM's log
 *     pages N      AllocatePages() of it
 *     below PADDR  the same of one page, that ends there or below
 *     at PADDR     the same of one page there, as loader data
 *     free         give all back that was served, the last first
 *     twice        give the last of it back twice, and a page inside the block that is nobody's
 *     part         pages: give back the middle of three, and then all three
 *     types        say the types of memory of this image
 *     exit         leave the firmware, and say what the record is then
 *
 * Each is said, and what came of it, in lines that begin with `plant: '; without `exit' it returns
 * "not found", as shim does without a second stage.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bootmem/mem.h"
#include "efi/uefi.h"
#include "handoff/capture/text.h"
#include "tests/efi/lines.h"
#include "x86/pin_record.h"

#define MOST_PIECES    200
#define MAP_BYTES      131072
#define SERIAL         0x3f8
#define DEBUG_EXIT     0x501
#define DEBUG_EXITCODE 0x12

static EFI_BOOT_SERVICES *bs;
static EFI_RUNTIME_SERVICES *runtime;
static EFI_HANDLE self;
static EFI_LOADED_IMAGE_PROTOCOL *loaded;
static char words[512];
static UINT8 map[MAP_BYTES] __attribute__((aligned(8)));

static struct {
	EFI_PHYSICAL_ADDRESS paddr;
	UINTN n_pages; /* 0: a pool */
} pieces[MOST_PIECES];
static unsigned n_pieces;

static unsigned error_number(EFI_STATUS status)
{
	return (unsigned)(status & 0xffff);
}

static void add_piece(EFI_STATUS status, EFI_PHYSICAL_ADDRESS paddr, UINTN n_pages)
{
	lines_say("error %u at 0x%llx", error_number(status),
	          EFI_ERROR(status) ? 0 : (unsigned long long)paddr);
	if (EFI_ERROR(status) || n_pieces == MOST_PIECES)
		return;
	pieces[n_pieces].paddr = paddr;
	pieces[n_pieces++].n_pages = n_pages;
}

static void ask_pool(UINTN bytes)
{
	VOID *buffer = NULL;
	EFI_STATUS status = bs->AllocatePool(EfiACPIReclaimMemory, bytes, &buffer);

	if (!EFI_ERROR(status))
		memset(buffer, 0xa5, bytes);
	add_piece(status, (UINTN)buffer, 0);
}

static void ask_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN n_pages,
                      EFI_PHYSICAL_ADDRESS paddr)
{
	EFI_STATUS status = bs->AllocatePages(how, type, n_pages, &paddr);

	add_piece(status, paddr, n_pages);
}

static EFI_STATUS give_back(unsigned i)
{
	return pieces[i].n_pages == 0 ? bs->FreePool((VOID *)(UINTN)pieces[i].paddr)
	                              : bs->FreePages(pieces[i].paddr, pieces[i].n_pages);
}

static void free_all(void)
{
	while (n_pieces > 0)
		lines_say("free error %u", error_number(give_back(--n_pieces)));
}

static void free_twice(void)
{
	EFI_PHYSICAL_ADDRESS paddr = pieces[--n_pieces].paddr;

	lines_say("once error %u", error_number(give_back(n_pieces)));
	lines_say("twice error %u", error_number(give_back(n_pieces)));
	lines_say("nobody's error %u", error_number(bs->FreePages(paddr & ~(UINT64)4095, 1)));
}

static void free_part(void)
{
	EFI_PHYSICAL_ADDRESS paddr = 0;
	EFI_STATUS status = bs->AllocatePages(AllocateAnyPages, EfiACPIReclaimMemory, 3, &paddr);

	lines_say("three pages error %u at 0x%llx", error_number(status),
	          (unsigned long long)paddr);
	lines_say("middle error %u", error_number(bs->FreePages(paddr + 4096, 1)));
	lines_say("all error %u", error_number(bs->FreePages(paddr, 3)));
	lines_say("first error %u", error_number(bs->FreePages(paddr, 1)));
	lines_say("last error %u", error_number(bs->FreePages(paddr + 8192, 1)));
}

/* --- after the exit --- */

static void put(char letter)
{
	UINT8 state;

	do
		__asm__ volatile("inb %w1, %b0" : "=a"(state) : "Nd"(SERIAL + 5));
	while ((state & 0x20) == 0);
	__asm__ volatile("outb %b0, %w1" : : "a"(letter), "Nd"(SERIAL));
}

static void say_after(const char *text)
{
	for (; *text != '\0'; text++)
		put(*text);
}

static void say_record(void)
{
	static CHAR16 name[] = L"BootmemPin";
	static EFI_GUID guid = {
		0x4f1b2d6e, 0x93c8, 0x4a57, { 0xb0, 0x1e, 0x6c, 0x2f, 0x88, 0x5d, 0x37, 0xa4 }
	};
	static struct pin_record record;
	char line[256];
	UINTN bytes = sizeof record;
	UINT32 attributes = 0;
	EFI_STATUS status = runtime->GetVariable(name, &guid, &attributes, &bytes, &record);

	text_format(
		line, sizeof line,
		"\r\nplant: record error %u, attributes %u, block 0x%llx, served %u, refused %u "
		"of %llu bytes, untyped %u, owner %s\r\n",
		error_number(status), (unsigned)attributes, (unsigned long long)record.block_paddr,
		(unsigned)record.n_served, (unsigned)record.n_refused,
		(unsigned long long)record.refused_bytes, (unsigned)record.n_untyped_images,
		record.owners[0].name);
	say_after(line);
}

/* As Linux's stub: the map, the exit, and once more if the map has changed since. */
static void leave(void)
{
	EFI_STATUS status = EFI_ABORTED;
	unsigned n_tries = 0;

	while (EFI_ERROR(status) && n_tries < 2) {
		UINTN bytes = sizeof map, key = 0, stride;
		UINT32 version;

		n_tries++;
		status = bs->GetMemoryMap(&bytes, (void *)map, &key, &stride, &version);
		if (!EFI_ERROR(status))
			status = bs->ExitBootServices(self, key);
	}
	if (EFI_ERROR(status))
		return;
	say_record();
	say_after(n_tries <= 2 ? "bootmem: verdict PASS\r\n" : "bootmem: verdict FAIL\r\n");
	__asm__ volatile("outw %w0, %w1" : : "a"(DEBUG_EXITCODE), "Nd"(DEBUG_EXIT));
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* --- words --- */

static void do_word(const char *at)
{
	UINT64 number;
	const char *behind = at;

	while (*behind > ' ')
		behind++;
	number = lines_number(&behind);
	if (lines_after(at, "log"))
		ask_pool((UINTN)number);
	else if (lines_after(at, "pages"))
		ask_pages(AllocateAnyPages, EfiACPIReclaimMemory, (UINTN)number, 0);
	else if (lines_after(at, "below"))
		ask_pages(AllocateMaxAddress, EfiACPIReclaimMemory, 1, number);
	else if (lines_after(at, "at"))
		ask_pages(AllocateAddress, EfiLoaderData, 1, number);
	else if (lines_after(at, "free"))
		free_all();
	else if (lines_after(at, "twice") && n_pieces > 0)
		free_twice();
	else if (lines_after(at, "part"))
		free_part();
	else if (lines_after(at, "types"))
		lines_say("types %u %u", (unsigned)loaded->ImageCodeType,
		          (unsigned)loaded->ImageDataType);
	else if (lines_after(at, "exit"))
		leave();
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
	static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;

	self = image;
	bs = table->BootServices;
	runtime = table->RuntimeServices;
	n_pieces = 0;
	lines_open(table);
	if (EFI_ERROR(bs->HandleProtocol(image, &loaded_image_guid, (void **)&loaded)))
		return EFI_UNSUPPORTED;
	if (loaded->LoadOptionsSize > 0)
		uefi_narrow(loaded->LoadOptions, words, sizeof words);
	lines_say("chained, %u bytes of options", (unsigned)loaded->LoadOptionsSize);
	for (const char *at = words; *at != '\0';) {
		if (*at > '9')
			do_word(at);
		while (*at > ' ')
			at++;
		while (*at == ' ')
			at++;
	}
	return EFI_NOT_FOUND;
}

/* fake_launch.c - see fake_launch.h. */
#include "tests/unit/fake_launch.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bootmem/count.h"
#include "efi/uefi.h"
#include "handoff/block.h"
#include "handoff/failure.h"

typedef unsigned long long ull;

static const char *fault_of(const char *format, ...) __attribute__((format(printf, 1, 2)));

static const char *fault_of(const char *format, ...)
{
	static char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return text;
}

const struct handoff_block *fake_launch_block(void)
{
	return (const struct handoff_block *)(uintptr_t)fake.pad->block_paddr;
}

const uint8_t *fake_launch_at(paddr_t paddr)
{
	return (const uint8_t *)(uintptr_t)paddr;
}

/* --- what is RAM --- */

static bool touches(paddr_t start_paddr, paddr_t end_paddr, pfn_t pfn)
{
	return start_paddr < (pfn + 1) * PAGE_BYTES && pfn * PAGE_BYTES < end_paddr;
}

static bool is_ram_type(uint32_t type)
{
	return type == EfiLoaderCode || type == EfiLoaderData || type == EfiBootServicesCode ||
	       type == EfiBootServicesData || type == EfiConventionalMemory;
}

/* What a descriptor of anything says of a page: NULL for nothing. One that wraps, or has no pages,
 * says nothing. */
static const struct uefi_descriptor *extra_at(size_t i, pfn_t pfn)
{
	const struct uefi_descriptor *extra = &fake.extras[i];

	if (extra->n_pages == 0 || extra->n_pages > pfn_down(UINT64_MAX - extra->start_paddr))
		return NULL;
	return touches(extra->start_paddr, extra->start_paddr + extra->n_pages * PAGE_BYTES, pfn)
	               ? extra
	               : NULL;
}

static bool is_ram_descriptor(const struct uefi_descriptor *descriptor)
{
	return is_ram_type(descriptor->type) &&
	       (descriptor->attribute & (UEFI_MEMORY_WB | UEFI_MEMORY_RUNTIME | UEFI_MEMORY_SP)) ==
	               UEFI_MEMORY_WB;
}

/* Somebody says that it is, and nobody that it is not. */
static bool firmware_has_ram(pfn_t pfn)
{
	bool is_ram = pfn < FAKE_PAGES && is_ram_type(fake.types[pfn]);

	if (pfn < FAKE_PAGES && fake.types[pfn] != FAKE_HOLE && !is_ram)
		return false;
	for (size_t i = 0; i < fake.n_extras; i++) {
		const struct uefi_descriptor *extra = extra_at(i, pfn);

		if (extra != NULL && !is_ram_descriptor(extra))
			return false;
		is_ram |= extra != NULL;
	}
	return is_ram;
}

static bool is_ram(const struct boot *boot, pfn_t pfn)
{
	const paddr_t limit_paddr = boot->config.mem_limit_paddr;

	if (fake_launch_block()->target == HANDOFF_TARGET_IA32 && pfn >= 0xa0 && pfn < 0x100)
		return false;
	if (limit_paddr != 0 && pfn >= pfn_down(limit_paddr))
		return false;
	if (pfn >> (fake.cpu.paddr_bits - PAGE_SHIFT) != 0)
		return false;
	return firmware_has_ram(pfn);
}

/* --- the bitmap --- */

static bool is_reserved(pfn_t pfn)
{
	const struct handoff_block *block = fake_launch_block();
	const struct handoff_reservation *list =
		(const void *)fake_launch_at(block->reservations_paddr);

	for (uint32_t i = 0; i < block->reservations_count; i++)
		if (touches(list[i].start_paddr, list[i].end_paddr, pfn))
			return true;
	return false;
}

static bool is_free(pfn_t pfn)
{
	const struct handoff_block *block = fake_launch_block();

	return pfn < block->node_low_pfn &&
	       !(fake_launch_at(block->node_bootmem_map_paddr)[pfn / 8] >> pfn % 8 & 1);
}

static const char *page_fault(const struct boot *boot, pfn_t pfn)
{
	bool expected =
		pfn < fake_launch_block()->node_low_pfn && is_ram(boot, pfn) && !is_reserved(pfn);

	return is_free(pfn) == expected
	               ? NULL
	               : fault_of("page 0x%llx is %s", (ull)pfn, expected ? "reserved" : "free");
}

/* Of the pages behind those that the machine has: both sides of each border. */
static const char *border_fault(const struct boot *boot)
{
	const char *fault = NULL;

	for (size_t i = 0; i < fake.n_extras && fault == NULL; i++) {
		pfn_t start_pfn = pfn_down(fake.extras[i].start_paddr);
		const pfn_t pfns[] = { start_pfn - 1, start_pfn, start_pfn + 1,
			               start_pfn + fake.extras[i].n_pages - 1,
			               start_pfn + fake.extras[i].n_pages };

		for (size_t j = 0; j < COUNT(pfns) && fault == NULL; j++)
			if (pfns[j] < UINT64_C(1) << 40)
				fault = page_fault(boot, pfns[j]);
	}
	return fault;
}

/* Where it ends: behind the last page of RAM that the target can have. */
static pfn_t end_of_ram(const struct boot *boot)
{
	pfn_t end_pfn = FAKE_PAGES;

	for (size_t i = 0; i < fake.n_extras; i++)
		if (is_ram_descriptor(&fake.extras[i]))
			return 0; /* not known so easily */
	while (end_pfn > 0 && !is_ram(boot, end_pfn - 1))
		end_pfn--;
	return end_pfn;
}

static const char *bitmap_fault(const struct boot *boot)
{
	const struct handoff_block *block = fake_launch_block();
	const pfn_t end_pfn = end_of_ram(boot);
	const char *fault = NULL;
	uint64_t n_free = 0;

	if (end_pfn != 0 && block->node_low_pfn != end_pfn)
		return fault_of("the bitmap ends at page 0x%llx", (ull)block->node_low_pfn);
	for (pfn_t pfn = 0; pfn < FAKE_PAGES && fault == NULL; pfn++) {
		fault = page_fault(boot, pfn);
		n_free += is_free(pfn);
	}
	if (fault == NULL)
		fault = border_fault(boot);
	if (fault == NULL && (block->free_pages == 0 || block->free_pages < n_free ||
	                      (end_pfn != 0 && block->free_pages != n_free)))
		fault = "free pages";
	return fault;
}

/* --- what is handed over --- */

struct piece {
	const char *what;
	struct span span;
};

#define MOST_PIECES (KERNEL_SEGMENTS + 8)

static size_t list_pieces(const struct boot *boot, struct piece *pieces)
{
	const struct handoff_block *block = fake_launch_block();
	const struct handed *handed = &boot->handed;
	paddr_t block_paddr = fake.pad->block_paddr, tables = block->page_table_paddr;
	const struct piece others[] = {
		{ "initrd", { block->initrd_start_paddr, block->initrd_end_paddr } },
		{ "block", { block_paddr, block_paddr + block->block_bytes } },
		{ "stack", { block->stack_start_paddr, block->stack_end_paddr } },
		{ "GDT", { block->stack_end_paddr, block->stack_end_paddr + LAUNCH_GDT_BYTES } },
		{ "page tables", { tables, tables + pfn_paddr(handed->layout.page_table_pages) } },
		{ "bitmap",
		  { block->node_bootmem_map_paddr,
		    block->node_bootmem_map_paddr + block->node_bootmem_map_bytes } },
		{ "gates",
		  { handed->gates.paddr, handed->gates.paddr + pfn_paddr(handed->gates.n_pages) } },
	};
	size_t n = handed->kernel.n_segments;

	for (size_t i = 0; i < n; i++)
		pieces[i] = (struct piece){ "kernel", handed->kernel.segments[i] };
	memcpy(&pieces[n], others, sizeof others);
	return n + COUNT(others);
}

/* None of it may be handed out by the kernel's allocator, and all of it is the loader's to give. */
static const char *piece_fault(const struct piece *piece)
{
	for (pfn_t pfn = pfn_down(piece->span.start_paddr); pfn < pfn_up(piece->span.end_paddr);
	     pfn++) {
		if (is_free(pfn))
			return fault_of("page 0x%llx of %s is free", (ull)pfn, piece->what);
		if (pfn >= FAKE_PAGES || !is_ram_type(fake.types[pfn]))
			return fault_of("page 0x%llx of %s is no RAM", (ull)pfn, piece->what);
	}
	return NULL;
}

static const char *pieces_fault(const struct boot *boot)
{
	struct piece pieces[MOST_PIECES];
	size_t n = list_pieces(boot, pieces);
	const char *fault = is_free(0) ? "page 0 is free" : NULL;

	for (size_t i = 0; i < n && fault == NULL; i++) {
		fault = piece_fault(&pieces[i]);
		for (size_t j = 0; j < i && fault == NULL; j++)
			if (pieces[i].what != pieces[j].what &&
			    pieces[i].span.start_paddr < pieces[j].span.end_paddr &&
			    pieces[j].span.start_paddr < pieces[i].span.end_paddr)
				fault = fault_of("%s lies on %s", pieces[i].what, pieces[j].what);
	}
	return fault;
}

/* The map in the block says of each page what the firmware knew when it accepted the exit. */
static const char *map_fault(void)
{
	static uint8_t types[FAKE_PAGES];
	const struct handoff_block *block = fake_launch_block();
	const struct uefi_map map = { fake_launch_at(block->uefi_map_paddr), block->uefi_map_bytes,
		                      block->uefi_descriptor_bytes };
	const size_t n = uefi_map_count(&map);

	memset(types, FAKE_HOLE, sizeof types);
	for (size_t i = 0; i < n; i++) {
		struct uefi_descriptor descriptor = uefi_map_get(&map, i);
		size_t at = fake.is_reversed ? n - 1 - i : i; /* those of anything are the last */

		if (at + fake.n_extras < n)
			memset(&types[pfn_down(descriptor.start_paddr)], (int)descriptor.type,
			       (size_t)descriptor.n_pages);
	}
	return memcmp(types, fake.types, sizeof types) == 0
	               ? NULL
	               : "the map is not the one that was accepted";
}

/* In the end there is nothing but maps and attempts, in turns. */
static const char *last_calls_fault(void)
{
	size_t n = 2 * fake.n_exits;

	for (size_t i = 0; i < n; i++)
		if (fake.calls[fake.n_calls - n + i] !=
		    (i % 2 == 0 ? FAKE_GET_MEMORY_MAP : FAKE_EXIT_BOOT_SERVICES))
			return fault_of("%s between map and exit",
			                fake_service_names[fake.calls[fake.n_calls - n + i]]);
	if (fake.n_calls == FAKE_MOST_CALLS || fake_count(FAKE_EXIT_BOOT_SERVICES) != fake.n_exits)
		return "calls";
	return NULL;
}

/* What has a checksum has it of what lies there now, as far as this host has it. */
static const char *checksums_fault(void)
{
	const struct handoff_block *block = fake_launch_block();
	const struct handoff_reservation *list =
		(const void *)fake_launch_at(block->reservations_paddr);

	for (uint32_t i = 0; i < block->reservations_count; i++)
		if ((list[i].flags & HANDOFF_RESERVATION_CHECKED) != 0 &&
		    list[i].start_paddr >= FAKE_RAM_PADDR &&
		    list[i].end_paddr <= FAKE_RAM_END_PADDR &&
		    list[i].checksum != handoff_checksum(fake_launch_at(list[i].start_paddr),
		                                         list[i].end_paddr - list[i].start_paddr))
			return fault_of("the checksum of %s at 0x%llx", list[i].owner,
			                (ull)list[i].start_paddr);
	return NULL;
}

/* --- the gates --- */

static uint64_t base_of(const struct launch_table_register *value)
{
	uint64_t paddr;

	memcpy(&paddr, value->base, sizeof paddr);
	return paddr;
}

static const char *idt_fault(const struct handed_gates *gates)
{
	const struct handoff_block *block = fake_launch_block();
	const struct launch_table_register *idtr = &fake.pad->idtr;

	if (idtr->limit + 1u != gates->head->idt_bytes || base_of(idtr) != gates->head->idt_paddr ||
	    base_of(idtr) < gates->paddr ||
	    base_of(idtr) >= gates->paddr + pfn_paddr(gates->n_pages))
		return "the IDT is not that of the gates";
	if (gates->head->known.kernel_start_paddr != block->kernel_start_paddr ||
	    gates->head->known.kernel_end_paddr != block->kernel_end_paddr ||
	    gates->head->known.mapped_end_paddr != block->mapped_end_paddr)
		return "the gates know something else";
	return NULL;
}

/* The IDT that the kernel gets lies in a piece of its own, which no move has written to; or there
 * is none. */
static const char *gates_fault(const struct boot *boot)
{
	const struct handoff_block *block = fake_launch_block();
	const struct handed_gates *gates = &boot->handed.gates;
	const struct handoff_reservation *list =
		(const void *)fake_launch_at(block->reservations_paddr);
	size_t n = 0;

	for (uint32_t i = 0; i < block->reservations_count; i++) {
		if (list[i].kind != HANDOFF_KIND_GATES)
			continue;
		n++;
		if (list[i].start_paddr != gates->paddr ||
		    list[i].lifetime != HANDOFF_LIFETIME_BOOT || list[i].flags != 0)
			return "the reservation of the gates";
	}
	if (!boot->config.paints_exceptions)
		return n == 0 && fake.pad->idtr.limit == 0 ? NULL : "gates that nobody wanted";
	return n == 1 ? idt_fault(gates) : "not one reservation for the gates";
}

/* --- all of it --- */

static const char *block_fault(const struct boot *boot)
{
	const struct handoff_block *block = fake_launch_block();
	enum handoff_err err = handoff_check(block, fake.pad->block_paddr, memory_reach_paddr());

	if (err == HANDOFF_OK)
		err = handoff_check_bitmap(block, fake_launch_at(block->node_bootmem_map_paddr));
	if (err != HANDOFF_OK)
		return handoff_err_text(err);
	if (block->firmware_bits != FIRMWARE_BITS || block->exit_attempts != fake.n_exits ||
	    block->page_table_paddr != fake.pad->page_table_paddr ||
	    block->stack_end_paddr != fake.pad->stack_end_paddr ||
	    strcmp((const char *)fake_launch_at(block->cmdline_paddr), boot->config.cmdline) != 0)
		return "the block says something else";
	return NULL;
}

bool fake_launch_is_free(pfn_t pfn)
{
	return is_free(pfn);
}

const char *fake_launch_fault(const struct boot *boot)
{
	const char *fault = fake.violation != NULL ? fake.violation : last_calls_fault();

	if (fault != NULL)
		return fault;
	fake_make_moves();
	fault = block_fault(boot);
	if (fault == NULL)
		fault = bitmap_fault(boot);
	if (fault == NULL)
		fault = pieces_fault(boot);
	if (fault == NULL)
		fault = gates_fault(boot);
	if (fault == NULL)
		fault = checksums_fault();
	if (fault == NULL)
		fault = map_fault();
	if (fault == NULL && fake.n_pools != 0)
		fault = "a pool was not given back";
	if (fault == NULL &&
	    fake_open_files() != (boot->loader_root == NULL ? 1 : 2)) /* the roots */
		fault = "a file is still open";
	return fault;
}

const char *fake_message_fault(void)
{
	static const char start[] = "bootmem: error: ", unnamed[] = "(unknown status)";
	const char *line = strstr(fake.console, start), *end;

	if (line == NULL)
		return "no message";
	end = strchr(line, '\n');
	if (end == NULL || end - line < (int)strlen(start) + 10 || end[-1] != ')')
		return fault_of("no line with something in it: %.200s", line);
	if (strstr(end, start) != NULL)
		return "a second error";
	if (memcmp(end - strlen(unnamed), unnamed, strlen(unnamed)) == 0)
		return fault_of("%.*s", (int)(end - line), line);
	return NULL;
}

const char *fake_return_fault(EFI_STATUS status)
{
	if (!EFI_ERROR(status))
		return "returned without an error";
	if (fake.n_claimed_pages != 0 || fake.n_nothing_pages != 0)
		return fault_of("%llu pages were not given back",
		                (ull)(fake.n_claimed_pages + fake.n_nothing_pages));
	if (fake.n_pools != 0)
		return "a pool was not given back";
	if (fake_open_files() != 0)
		return "a file is still open";
	if (fake.violation != NULL)
		return fake.violation;
	if (fake.n_exits != 0)
		return "returned after an attempt to exit";
	if (fake.watchdog_seconds != 0)
		return "the watchdog would reset who started it";
	return NULL;
}

const char *fake_last_words_fault(void)
{
	const char *named = strstr(fake.said, "failure ");
	char text[96];
	unsigned number;

	if (fake.violation != NULL)
		return fake.violation;
	if (fake.n_exits == 0)
		return "reset before any attempt to exit";
	if (named == NULL || sscanf(named, "failure %u", &number) != 1 ||
	    failure_text(number) == NULL)
		return fault_of("no failure is named: %.100s", fake.said);
	snprintf(text, sizeof text, "bootmem: X NOT STARTED %s ", failure_text(number));
	if (strstr(fake.said, text) == NULL)
		return fault_of("`%s' is not in `%.200s'", text, fake.said);
	if (fake.n_seconds_waited != 10 || fake.reset_type != EfiResetCold)
		return "not a cold reset after 10 seconds";
	return NULL;
}

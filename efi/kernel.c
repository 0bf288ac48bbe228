/* kernel.c - reads headers, finds or claims the places, reads segments into them: see kernel.h. */
#include "efi/kernel.h"

#include "bootmem/mem.h"
#include "efi/console.h"
#include "x86/setup.h"

#define STAGING_LIMIT_PADDR (UINT64_C(1) << 32) /* the moves to IA-32 are made with 32 bits */

struct loader {
	const struct firmware *firmware;
	struct memory *memory;
	const struct file_source *source;
	const char *path;
	const struct kernel_room *room;
	struct kernel *kernel;
	struct elf_segment segments[KERNEL_SEGMENTS];
};

static EFI_STATUS refuse(const struct loader *loader, EFI_STATUS status, const char *why)
{
	return source_refuse(loader->source, status, why);
}

static EFI_STATUS read_file(struct loader *loader, uint64_t offset, void *to, uint64_t bytes)
{
	return source_read(loader->source, offset, to, bytes);
}

/* It is no ELF file; what is it? */
static EFI_STATUS refuse_other(struct loader *loader, uint64_t file_bytes)
{
	char start[ELF_OTHER_BYTES];
	size_t bytes = (size_t)min_u64(sizeof start, file_bytes);
	EFI_STATUS status = read_file(loader, 0, start, bytes);

	return EFI_ERROR(status) ? status
	                         : refuse(loader, EFI_LOAD_ERROR, elf_other_text(start, bytes));
}

/* Where a kernel runs once it has paging: the upper half, and no place to be loaded to. */
static bool is_at_virtual_address(const struct loader *loader, struct span span)
{
	uint64_t upper = loader->kernel->elf.is_64 ? UINT64_C(1) << 47 : UINT64_C(0x80000000);

	for (size_t i = 0; i < loader->kernel->elf.n_segments; i++) {
		const struct elf_segment *segment = &loader->segments[i];

		if (segment->start_paddr >= span.start_paddr && segment->vaddr >= upper &&
		    segment->vaddr == segment->start_paddr)
			return true;
	}
	return false;
}

static EFI_STATUS refuse_range(const struct loader *loader, struct span span, const char *why)
{
	return console_error(loader->firmware, EFI_LOAD_ERROR,
	                     "kernel %s: segment 0x%llx-0x%llx %s%s", loader->path,
	                     (ull)span.start_paddr, (ull)span.end_paddr, why,
	                     is_at_virtual_address(loader, span)
	                             ? ": its p_paddr is the virtual address; AT() in the linker "
	                               "script says where it is loaded"
	                             : "");
}

/* The two widths of ELF file are the two targets. */
static EFI_STATUS check_target(const struct loader *loader)
{
	bool wants_64 = loader->room->target == &target_amd64;

	if (loader->kernel->elf.is_64 == wants_64)
		return EFI_SUCCESS;
	return refuse(loader, EFI_LOAD_ERROR,
	              wants_64 ? "is for IA-32, and the target is amd64"
	                       : "is for AMD64, and the target is ia32");
}

static EFI_STATUS read_headers(struct loader *loader, uint64_t file_bytes)
{
	struct elf_kernel *elf = &loader->kernel->elf;
	uint8_t header[ELF_HEADER_BYTES];
	uint64_t header_bytes = min_u64(sizeof header, file_bytes), table_bytes;
	size_t bad_segment;
	enum elf_err err;
	EFI_STATUS status;
	void *table;

	status = read_file(loader, 0, header, header_bytes);
	if (EFI_ERROR(status))
		return status;
	err = elf_read_header(header, (size_t)header_bytes, file_bytes, elf);
	if (err == ELF_NOT_ELF)
		return refuse_other(loader, file_bytes);
	if (err != ELF_OK)
		return refuse(loader, EFI_LOAD_ERROR, elf_err_text(err));
	status = check_target(loader);
	if (EFI_ERROR(status))
		return status;
	table_bytes = (uint64_t)elf->n_program_headers * elf->program_header_bytes;
	table = memory_claim_bytes(loader->memory, table_bytes);
	if (table == NULL)
		return refuse(loader, EFI_OUT_OF_RESOURCES, "no memory for its program headers");
	status = read_file(loader, elf->program_headers_offset, table, table_bytes);
	if (EFI_ERROR(status))
		return status;
	err = elf_read_segments(elf, table, loader->segments, KERNEL_SEGMENTS, &bad_segment);
	if (err == ELF_OK)
		return EFI_SUCCESS;
	if (bad_segment >= elf->n_program_headers)
		return refuse(loader, EFI_LOAD_ERROR, elf_err_text(err));
	return console_error(loader->firmware, EFI_LOAD_ERROR, "kernel %s: program header %u: %s",
	                     loader->path, (unsigned)bad_segment, elf_err_text(err));
}

/* Segments -> whole pages; those that touch the same page, or follow on each other, are one. */
static void join_segments(struct loader *loader, paddr_t load_paddr)
{
	struct kernel *kernel = loader->kernel;

	for (size_t i = 0; i < kernel->elf.n_segments; i++) {
		const struct elf_segment *segment = &loader->segments[i];
		paddr_t start_paddr = load_paddr + segment->start_paddr;
		struct span span = { align_down(start_paddr, PAGE_BYTES),
			             pfn_paddr(pfn_up(start_paddr + segment->memory_bytes)) };

		if (kernel->n_segments > 0 &&
		    kernel->segments[kernel->n_segments - 1].end_paddr >= span.start_paddr)
			kernel->segments[kernel->n_segments - 1].end_paddr = span.end_paddr;
		else
			kernel->segments[kernel->n_segments++] = span;
	}
}

/* Claim what is free of a range in which the firmware has something too, lest we put something of
 * our own there. What it has is RAM, so it is free after the exit. */
static void claim_free_parts(struct loader *loader, struct span span)
{
	const struct uefi_map *map = loader->room->uefi_map;
	size_t n = uefi_map_count(map);

	for (size_t i = 0; i < n; i++) {
		struct uefi_descriptor descriptor = uefi_map_get(map, i);
		paddr_t start_paddr, end_paddr;
		bool wraps;

		if (descriptor.type != UEFI_CONVENTIONAL ||
		    !uefi_descriptor_range(&descriptor, &start_paddr, &end_paddr, &wraps))
			continue;
		start_paddr = max_u64(start_paddr, span.start_paddr);
		end_paddr = min_u64(end_paddr, span.end_paddr);
		if (start_paddr < end_paddr)
			memory_claim_at(loader->memory, start_paddr,
			                pages_of(end_paddr - start_paddr));
	}
}

/* Say what is in the way, too: the range may be large, and mostly RAM. */
static EFI_STATUS refuse_not_ram(const struct loader *loader, struct span span)
{
	const struct e820_map *map = loader->room->e820;
	paddr_t paddr = span.start_paddr;
	const struct e820_range *range = e820_find(map, paddr);

	while (range != NULL && range->type == E820_RAM) {
		paddr = range->end_paddr;
		range = e820_find(map, paddr);
	}
	return console_error(loader->firmware, EFI_LOAD_ERROR,
	                     "kernel %s: segment 0x%llx-0x%llx has no usable RAM at 0x%llx: %s",
	                     loader->path, (ull)span.start_paddr, (ull)span.end_paddr, (ull)paddr,
	                     range == NULL ? "nothing is described there"
	                                   : e820_type_name(range->type));
}

/* May a segment of an ET_EXEC lie here, and is it free already? */
static EFI_STATUS claim_segment(struct loader *loader, struct span span, bool *ret_in_place)
{
	const struct kernel_room *room = loader->room;

	if (span.start_paddr < PAGE_BYTES)
		return refuse_range(loader, span, "lies in page 0, which nobody may use");
	if (span.end_paddr - 1 >= room->limit_paddr) /* an end of 2^64 is 0 here */
		return refuse_range(loader, span, "ends above the memory that can be handed over");
	if (!e820_all_mapped(room->e820, span.start_paddr, span.end_paddr, E820_RAM))
		return refuse_not_ram(loader, span);
	*ret_in_place = !EFI_ERROR(memory_claim_at(loader->memory, span.start_paddr,
	                                           pages_of(span.end_paddr - span.start_paddr)));
	if (!*ret_in_place)
		claim_free_parts(loader, span);
	return EFI_SUCCESS;
}

/* One segment into its place, or into pages from which it will be moved there. */
static EFI_STATUS read_segment(struct loader *loader, const struct elf_segment *segment,
                               paddr_t load_paddr, bool in_place)
{
	uint64_t clear_bytes = segment->memory_bytes - segment->file_bytes;
	struct launch_move move = { .to_paddr = load_paddr + segment->start_paddr,
		                    .copy_bytes = segment->file_bytes,
		                    .clear_bytes = clear_bytes };
	EFI_STATUS status;

	if (in_place) {
		memset((uint8_t *)memory_at(move.to_paddr) + segment->file_bytes, 0,
		       (size_t)clear_bytes);
		return read_file(loader, segment->file_offset, memory_at(move.to_paddr),
		                 segment->file_bytes);
	}
	status = memory_claim(loader->memory, EfiLoaderData, max_u64(pages_of(move.copy_bytes), 1),
	                      PAGE_BYTES, STAGING_LIMIT_PADDR, &move.from_paddr);
	if (EFI_ERROR(status))
		return refuse(loader, status, "no memory to load it beside its place");
	loader->kernel->moves[loader->kernel->n_moves++] = move;
	return read_file(loader, segment->file_offset, memory_at(move.from_paddr),
	                 segment->file_bytes);
}

static EFI_STATUS place_at_paddr(struct loader *loader)
{
	struct kernel *kernel = loader->kernel;
	bool in_place[KERNEL_SEGMENTS] = { false };
	EFI_STATUS status = EFI_SUCCESS;

	join_segments(loader, 0);
	for (size_t i = 0; i < kernel->n_segments && !EFI_ERROR(status); i++)
		status = claim_segment(loader, kernel->segments[i], &in_place[i]);
	for (size_t i = 0, joined = 0; i < kernel->elf.n_segments && !EFI_ERROR(status); i++) {
		while (loader->segments[i].start_paddr >= kernel->segments[joined].end_paddr)
			joined++;
		status = read_segment(loader, &loader->segments[i], 0, in_place[joined]);
	}
	kernel->span = (struct span){ kernel->elf.start_paddr, kernel->elf.end_paddr };
	kernel->entry_paddr = kernel->elf.entry_paddr;
	return status;
}

/* The lowest free place above 1 MiB: what follows it is more likely to be free as well. */
static bool find_place(const struct kernel_room *room, uint64_t pages, uint64_t align_bytes,
                       paddr_t *ret_paddr)
{
	uint64_t bytes = pfn_paddr(pages + room->tail_pages);

	if (pages > pfn_down(room->limit_paddr)) /* lest @bytes wrap */
		return false;
	for (size_t i = 0; i < room->vacant->n_ranges; i++) {
		const struct e820_range *range = &room->vacant->ranges[i];
		paddr_t end_paddr = min_u64(range->end_paddr, room->limit_paddr);

		if (range->type != E820_RAM || range->start_paddr > UINT64_MAX - align_bytes)
			continue;
		*ret_paddr =
			align_up(max_u64(range->start_paddr, LOW_MEGABYTE_END_PADDR), align_bytes);
		if (*ret_paddr < end_paddr && end_paddr - *ret_paddr >= bytes)
			return true;
	}
	return false;
}

static EFI_STATUS refuse_pie(const struct loader *loader, EFI_STATUS status, uint64_t pages)
{
	return console_error(loader->firmware, status,
	                     "kernel %s: no room for it: 0x%llx pages at a multiple of 0x%llx "
	                     "below 0x%llx",
	                     loader->path, (ull)pages, (ull)loader->kernel->elf.align_bytes,
	                     (ull)loader->room->limit_paddr);
}

static EFI_STATUS place_pie(struct loader *loader)
{
	struct kernel *kernel = loader->kernel;
	const struct elf_kernel *elf = &kernel->elf;
	uint64_t pages = pages_of(elf->end_paddr);
	paddr_t load_paddr;
	uint32_t type;
	enum elf_err err;
	EFI_STATUS status;

	if (!find_place(loader->room, pages, elf->align_bytes, &load_paddr))
		return refuse_pie(loader, EFI_OUT_OF_RESOURCES, pages);
	status = memory_claim_at(loader->memory, load_paddr, pages);
	if (EFI_ERROR(status)) /* the firmware has given it away since the map was read */
		status = memory_claim(loader->memory, EfiLoaderData, pages, elf->align_bytes,
		                      loader->room->limit_paddr, &load_paddr);
	if (EFI_ERROR(status))
		return refuse_pie(loader, status, pages);
	memset(memory_at(load_paddr), 0, (size_t)pfn_paddr(pages));
	for (size_t i = 0; i < elf->n_segments; i++) {
		status = read_segment(loader, &loader->segments[i], load_paddr, true);
		if (EFI_ERROR(status))
			return status;
	}
	err = elf_relocate(elf, memory_at(load_paddr), load_paddr, &type);
	if (err != ELF_OK)
		return refuse(loader, EFI_LOAD_ERROR, elf_err_text(err));
	kernel->span = (struct span){ load_paddr, load_paddr + elf->end_paddr };
	kernel->segments[0] = (struct span){ load_paddr, load_paddr + pfn_paddr(pages) };
	kernel->n_segments = 1;
	kernel->entry_paddr = load_paddr + elf->entry_paddr;
	return EFI_SUCCESS;
}

EFI_STATUS kernel_load(const struct file_source *source, struct memory *memory,
                       const struct kernel_room *room, struct kernel *ret_kernel)
{
	struct loader loader = { .firmware = source->firmware,
		                 .memory = memory,
		                 .source = source,
		                 .path = source->path,
		                 .room = room,
		                 .kernel = ret_kernel };
	EFI_STATUS status;

	memset(ret_kernel, 0, sizeof *ret_kernel);
	status = read_headers(&loader, source->file_bytes);
	if (!EFI_ERROR(status))
		status = ret_kernel->elf.is_pie ? place_pie(&loader) : place_at_paddr(&loader);
	if (!EFI_ERROR(status) && !ret_kernel->elf.is_pie &&
	    ret_kernel->elf.entry_vaddr != ret_kernel->entry_paddr)
		console_print(source->firmware,
		              "bootmem: note: kernel %s: linked to 0x%llx, entered at 0x%llx: "
		              "paging is the kernel's\n",
		              source->path, (ull)ret_kernel->elf.entry_vaddr,
		              (ull)ret_kernel->entry_paddr);
	return status;
}

EFI_STATUS initrd_load(const struct file_source *source, struct memory *memory, paddr_t limit_paddr,
                       struct span *ret_initrd)
{
	EFI_STATUS status = EFI_SUCCESS;
	paddr_t start_paddr = 0;

	*ret_initrd = (struct span){ 0, 0 };
	if (source->file_bytes > 0) /* an empty one is none */
		status = memory_claim(memory, EfiLoaderData, pages_of(source->file_bytes),
		                      PAGE_BYTES, limit_paddr, &start_paddr);
	if (EFI_ERROR(status))
		return console_error(source->firmware, status,
		                     "initrd %s: no room for %u MiB below 0x%llx", source->path,
		                     (unsigned)(source->file_bytes >> 20), (ull)limit_paddr);
	*ret_initrd = (struct span){ start_paddr, start_paddr + source->file_bytes };
	return source_read(source, 0, memory_at(start_paddr), source->file_bytes);
}

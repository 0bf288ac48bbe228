/*
 * kernel.c - reads headers, finds the places and keeps them free, reads segments into pages that
 * the firmware chose, from which the launch pad moves them: see kernel.h.
 */
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
static void join_segments(struct loader *loader)
{
	struct kernel *kernel = loader->kernel;

	for (size_t i = 0; i < kernel->elf.n_segments; i++) {
		const struct elf_segment *segment = &loader->segments[i];
		paddr_t start_paddr = segment->start_paddr;
		struct span span = { align_down(start_paddr, PAGE_BYTES),
			             pfn_paddr(pfn_up(start_paddr + segment->memory_bytes)) };

		if (kernel->n_segments > 0 &&
		    kernel->segments[kernel->n_segments - 1].end_paddr >= span.start_paddr)
			kernel->segments[kernel->n_segments - 1].end_paddr = span.end_paddr;
		else
			kernel->segments[kernel->n_segments++] = span;
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

/* May a segment of an ET_EXEC lie here? What is free of its place is kept free; what the firmware
 * has there is RAM, and so free after the exit. */
static EFI_STATUS fence_segment(struct loader *loader, struct span span)
{
	const struct kernel_room *room = loader->room;

	if (span.start_paddr < PAGE_BYTES)
		return refuse_range(loader, span, "lies in page 0, which nobody may use");
	if (span.end_paddr - 1 >= room->limit_paddr) /* an end of 2^64 is 0 here */
		return refuse_range(loader, span, "ends above the memory that can be handed over");
	if (!e820_all_mapped(room->e820, span.start_paddr, span.end_paddr, E820_RAM))
		return refuse_not_ram(loader, span);
	memory_fence(loader->memory, room->uefi_map, span);
	return EFI_SUCCESS;
}

/* Pages of the firmware's choice, which the places are fenced off from. */
static EFI_STATUS claim_staging(struct loader *loader, uint64_t bytes, paddr_t *ret_paddr)
{
	EFI_STATUS status = memory_claim(loader->memory, EfiLoaderData, pages_of(bytes), PAGE_BYTES,
	                                 STAGING_LIMIT_PADDR, ret_paddr);

	if (!EFI_ERROR(status))
		return status;
	return console_error(loader->firmware, status,
	                     "kernel %s: does not fit twice: no room for 0x%llx pages beside its "
	                     "place, to read it into",
	                     loader->path, (ull)pages_of(bytes));
}

static void add_move(struct kernel *kernel, const struct launch_move *move)
{
	kernel->moves[kernel->n_moves++] = *move;
}

/* One segment of an ET_EXEC, to be moved. Of one that is cleared only, there is nothing to read. */
static EFI_STATUS stage_segment(struct loader *loader, const struct elf_segment *segment)
{
	struct launch_move move = { .to_paddr = segment->start_paddr,
		                    .copy_bytes = segment->file_bytes,
		                    .clear_bytes = segment->memory_bytes - segment->file_bytes };
	EFI_STATUS status = EFI_SUCCESS;

	if (move.copy_bytes > 0)
		status = claim_staging(loader, move.copy_bytes, &move.from_paddr);
	add_move(loader->kernel, &move);
	return EFI_ERROR(status) || move.copy_bytes == 0
	               ? status
	               : read_file(loader, segment->file_offset, memory_at(move.from_paddr),
	                           move.copy_bytes);
}

/* All places are fenced off before anything is read. */
static EFI_STATUS place_at_paddr(struct loader *loader)
{
	struct kernel *kernel = loader->kernel;
	EFI_STATUS status = EFI_SUCCESS;

	join_segments(loader);
	for (size_t i = 0; i < kernel->n_segments && !EFI_ERROR(status); i++)
		status = fence_segment(loader, kernel->segments[i]);
	for (size_t i = 0; i < kernel->elf.n_segments && !EFI_ERROR(status); i++)
		status = stage_segment(loader, &loader->segments[i]);
	kernel->span = (struct span){ kernel->elf.start_paddr, kernel->elf.end_paddr };
	kernel->entry_paddr = kernel->elf.entry_paddr;
	return status;
}

/* The lowest free place above 1 MiB, with @tail_pages more that are free behind it: what follows is
 * more likely to be free as well. */
static bool find_place(const struct kernel_room *room, uint64_t pages, uint64_t tail_pages,
                       uint64_t align_bytes, paddr_t *ret_paddr)
{
	uint64_t bytes = pfn_paddr(pages + tail_pages);

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

/* A place of its own, which is found where the map of a moment ago has room. */
static EFI_STATUS claim_place(struct loader *loader, uint64_t pages, paddr_t *ret_paddr)
{
	const struct kernel_room *room = loader->room;
	uint64_t align_bytes = loader->kernel->elf.align_bytes;
	EFI_STATUS status;

	/* What is put behind it is moved there as well: the firmware may stand there. */
	if (!find_place(room, pages, room->tail_pages, align_bytes, ret_paddr) &&
	    !find_place(room, pages, 0, align_bytes, ret_paddr))
		return refuse_pie(loader, EFI_OUT_OF_RESOURCES, pages);
	status = memory_claim_at(loader->memory, *ret_paddr, pages);
	if (EFI_ERROR(status)) /* the firmware has given it away since the map was read */
		status = memory_claim(loader->memory, EfiLoaderData, pages, align_bytes,
		                      room->limit_paddr, ret_paddr);
	return EFI_ERROR(status) ? refuse_pie(loader, status, pages) : status;
}

/* The image of a PIE, as it will run at @load_paddr, in the @pages pages at @image. */
static EFI_STATUS build_image(struct loader *loader, uint8_t *image, uint64_t pages,
                              paddr_t load_paddr)
{
	const struct elf_kernel *elf = &loader->kernel->elf;
	enum elf_err err;
	uint32_t type;

	memset(image, 0, (size_t)pfn_paddr(pages));
	for (size_t i = 0; i < elf->n_segments; i++) {
		const struct elf_segment *segment = &loader->segments[i];
		EFI_STATUS status = read_file(loader, segment->file_offset,
		                              image + segment->start_paddr, segment->file_bytes);

		if (EFI_ERROR(status))
			return status;
	}
	err = elf_relocate(elf, image, load_paddr, &type);
	return err == ELF_OK ? EFI_SUCCESS : refuse(loader, EFI_LOAD_ERROR, elf_err_text(err));
}

static EFI_STATUS place_pie(struct loader *loader)
{
	struct kernel *kernel = loader->kernel;
	uint64_t bytes = kernel->elf.end_paddr, pages = pages_of(bytes);
	struct launch_move move = { .copy_bytes = bytes };
	EFI_STATUS status = claim_place(loader, pages, &move.to_paddr);

	if (!EFI_ERROR(status))
		status = claim_staging(loader, bytes, &move.from_paddr);
	if (!EFI_ERROR(status))
		status = build_image(loader, memory_at(move.from_paddr), pages, move.to_paddr);
	if (EFI_ERROR(status))
		return status;
	add_move(kernel, &move);
	kernel->span = (struct span){ move.to_paddr, move.to_paddr + bytes };
	kernel->segments[0] = (struct span){ move.to_paddr, move.to_paddr + pfn_paddr(pages) };
	kernel->n_segments = 1;
	kernel->entry_paddr = move.to_paddr + kernel->elf.entry_paddr;
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
		console_note(source->firmware,
		             "kernel %s: linked to 0x%llx, entered at 0x%llx: paging is the "
		             "kernel's",
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
	if (source->file_bytes == 0)
		console_warn(source->firmware, "initrd %s is empty: the kernel gets none",
		             source->path);
	else
		status = memory_claim(memory, EfiLoaderData, pages_of(source->file_bytes),
		                      PAGE_BYTES, limit_paddr, &start_paddr);
	if (EFI_ERROR(status))
		return console_error(source->firmware, status,
		                     "initrd %s: no room for %u MiB below 0x%llx", source->path,
		                     (unsigned)(source->file_bytes >> 20), (ull)limit_paddr);
	*ret_initrd = (struct span){ start_paddr, start_paddr + source->file_bytes };
	return source_read(source, 0, memory_at(start_paddr), source->file_bytes);
}

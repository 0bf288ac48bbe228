/*
 * elf.c - ELF kernel -> segments, entry, relocations (elf.h).
 *
 * The two classes have the same fields at other places, so there is one reader, and a table a class
 * that says where. All arithmetic is on 64 bits; what must stay below 4 GiB in ELF32 is compared
 * with the layout's last address.
 */
#include "handoff/load/elf.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "x86/wire.h"

/* gABI, chapter 4, "ELF Identification". */
#define EI_CLASS   4
#define EI_DATA    5
#define EI_VERSION 6

#define ELFCLASS32  1
#define ELFCLASS64  2
#define ELFDATA2LSB 1
#define EV_CURRENT  1
#define ET_EXEC     2
#define ET_DYN      3
#define EM_386      3
#define EM_X86_64   62
#define PN_XNUM     0xffff /* the number of program headers is elsewhere, and larger */

/* Fields of the header that lie at the same place in both classes. */
#define E_TYPE    16
#define E_MACHINE 18
#define E_VERSION 20
#define E_ENTRY   24

/* gABI, chapter 5, "Program Header". */
#define PT_LOAD    1
#define PT_DYNAMIC 2
#define PT_INTERP  3

/* gABI, chapter 5, "Dynamic Section". */
#define DT_NULL     0
#define DT_NEEDED   1
#define DT_PLTRELSZ 2
#define DT_RELA     7
#define DT_RELASZ   8
#define DT_RELAENT  9
#define DT_REL      17
#define DT_RELSZ    18
#define DT_RELENT   19
#define DT_PLTREL   20
#define DT_JMPREL   23
#define DT_RELRSZ   35
#define DT_RELR     36
#define DT_RELRENT  37
#define DT_KNOWN    38

/* R_386_NONE and R_X86_64_NONE, R_386_RELATIVE and R_X86_64_RELATIVE: the same numbers. */
#define R_NONE     0
#define R_RELATIVE 8

/* Where a class has its fields: gABI, chapter 4, Elf32_Ehdr and Elf64_Ehdr; chapter 5, Elf32_Phdr
 * and Elf64_Phdr. A word is an address or a size; in both classes p_offset, p_vaddr, p_paddr,
 * p_filesz and p_memsz are the words 1 to 5 of a program header. */
struct elf_layout {
	uint64_t last_address;
	uint64_t type_mask; /* of r_info: the relocation type; the rest is the symbol */
	enum elf_err wrong_machine;
	uint16_t machine;
	uint8_t word_bytes;
	uint8_t header_bytes, e_phoff, e_phentsize, e_phnum;
	uint8_t program_header_bytes, p_align;
};

static const struct elf_layout elf_layouts[] = {
	{
		.last_address = UINT32_MAX,
		.type_mask = 0xff,
		.wrong_machine = ELF_NOT_386,
		.machine = EM_386,
		.word_bytes = 4,
		.header_bytes = 52,
		.e_phoff = 28,
		.e_phentsize = 42,
		.e_phnum = 44,
		.program_header_bytes = 32,
		.p_align = 28,
	},
	{
		.last_address = UINT64_MAX,
		.type_mask = UINT32_MAX,
		.wrong_machine = ELF_NOT_X86_64,
		.machine = EM_X86_64,
		.word_bytes = 8,
		.header_bytes = 64,
		.e_phoff = 32,
		.e_phentsize = 54,
		.e_phnum = 56,
		.program_header_bytes = 56,
		.p_align = 48,
	},
};

static const char *const elf_err_texts[] = {
	[ELF_OK] = "no error",
	[ELF_TRUNCATED] = "the file ends inside the ELF header",
	[ELF_NOT_ELF] = "this is not an ELF file",
	[ELF_BAD_CLASS] = "the ELF class is neither 32-bit nor 64-bit",
	[ELF_BAD_ENDIAN] = "the ELF file is not little-endian",
	[ELF_BAD_VERSION] = "the ELF version is not 1",
	[ELF_NOT_386] = "the 32-bit ELF file is not for the 386",
	[ELF_NOT_X86_64] = "the 64-bit ELF file is not for x86-64",
	[ELF_NOT_EXECUTABLE] = "the ELF file is neither an executable nor a static-PIE",
	[ELF_NO_PROGRAM_HEADERS] =
		"the ELF file has no program headers, so there is nothing to load",
	[ELF_TOO_MANY_PROGRAM_HEADERS] = "the ELF file has 65535 or more program headers (PN_XNUM)",
	[ELF_BAD_PHENTSIZE] = "the program headers do not have the size of the specification",
	[ELF_PROGRAM_HEADERS_OUTSIDE] = "the program headers lie outside the file",
	[ELF_NEEDS_LINKER] = "the kernel asks for a dynamic linker (PT_INTERP)",
	[ELF_SEGMENT_SIZES] = "a segment has more bytes in the file than in memory",
	[ELF_SEGMENT_TRUNCATED] = "the file ends before the bytes of a segment do",
	[ELF_SEGMENT_WRAPS] = "a segment ends past the highest address of its class",
	[ELF_BAD_ALIGN] = "the alignment of a segment is not a power of two up to 1 GiB",
	[ELF_PIE_PADDR] = "a segment of the PIE has a physical address other than its virtual one",
	[ELF_NO_SEGMENTS] = "no segment takes memory",
	[ELF_TOO_MANY_SEGMENTS] = "there are more segments than the loader has room for",
	[ELF_SEGMENTS_OVERLAP] = "a segment overlaps another one in memory",
	[ELF_ENTRY_OUTSIDE] = "the entry point lies outside of every segment",
	[ELF_BAD_LOAD_PADDR] = "the PIE cannot be loaded at this address",
	[ELF_BAD_DYNAMIC] = "the dynamic section lies outside the segments",
	[ELF_NEEDS_LIBRARY] = "the kernel needs a shared library (DT_NEEDED)",
	[ELF_BAD_RELOCATION_TABLE] = "a relocation table is malformed or lies outside the segments",
	[ELF_RELOCATION_OUTSIDE] = "a relocation would write outside the segments",
	[ELF_BAD_RELOCATION_TYPE] = "a relocation has a type other than RELATIVE",
};
_Static_assert(COUNT(elf_err_texts) == ELF_ERR_COUNT, "an error has no text");

/* The first that matches: a bzImage may look like an EFI program, too, and is one. */
static const struct {
	size_t offset;
	const char *magic;
	const char *text;
} others[] = {
	{ 0x202, "HdrS", /* Linux, Documentation/arch/x86/boot.rst */
	  "this is a bzImage, which Linux's own loaders start: name the ELF file, vmlinux" },
	{ 0, "\x1f\x8b", "this is packed with gzip: unpack it with gunzip" },
	{ 0,
	  "\xfd"
	  "7zXZ",
	  "this is packed with xz: unpack it with unxz" },
	{ 0, "\x28\xb5\x2f\xfd", "this is packed with zstd: unpack it with unzstd" },
	{ 0, "BZh", "this is packed with bzip2: unpack it with bunzip2" },
	{ 0, "MZ",
	  "this is an EFI program, which the firmware starts itself: put it into its boot menu" },
	{ 0, "#!", "this is a script" },
};

const char *elf_other_text(const void *start, size_t bytes)
{
	for (size_t i = 0; i < COUNT(others); i++) {
		size_t n = 0;

		while (others[i].magic[n] != '\0')
			n++;
		if (others[i].offset + n <= bytes &&
		    memcmp((const char *)start + others[i].offset, others[i].magic, n) == 0)
			return others[i].text;
	}
	return "this is not an ELF file: a flat binary cannot be loaded, so leave out objcopy -O binary";
}

const char *elf_err_text(enum elf_err err)
{
	return (unsigned)err < ELF_ERR_COUNT ? elf_err_texts[err] : "unknown error";
}

static const struct elf_layout *layout_of(const struct elf_kernel *kernel)
{
	return &elf_layouts[kernel->is_64];
}

static uint64_t read_word(const struct elf_layout *layout, const void *at)
{
	return wire_number(at, layout->word_bytes);
}

static void write_word(const struct elf_layout *layout, uint8_t *at, uint64_t value)
{
	for (unsigned i = 0; i < layout->word_bytes; i++, value >>= 8)
		at[i] = (uint8_t)value;
}

/* Do [offset, offset + bytes) lie within @limit bytes? */
static bool lies_within(uint64_t offset, uint64_t bytes, uint64_t limit)
{
	return offset <= limit && bytes <= limit - offset;
}

/* Is it an ELF file for a machine that we know, by all but its program headers? */
static enum elf_err check_header(const uint8_t *header, size_t header_bytes)
{
	static const uint8_t magic[4] = { 0x7f, 'E', 'L', 'F' };
	const struct elf_layout *layout;

	if (memcmp(header, magic, (size_t)min_u64(header_bytes, sizeof(magic))) != 0)
		return ELF_NOT_ELF;
	if (header_bytes <= EI_VERSION)
		return ELF_TRUNCATED;
	if (header[EI_CLASS] != ELFCLASS32 && header[EI_CLASS] != ELFCLASS64)
		return ELF_BAD_CLASS;
	if (header[EI_DATA] != ELFDATA2LSB)
		return ELF_BAD_ENDIAN;

	layout = &elf_layouts[header[EI_CLASS] == ELFCLASS64];
	if (header_bytes < layout->header_bytes)
		return ELF_TRUNCATED;
	if (header[EI_VERSION] != EV_CURRENT || wire_u32(header + E_VERSION) != EV_CURRENT)
		return ELF_BAD_VERSION;
	if (wire_u16(header + E_MACHINE) != layout->machine)
		return layout->wrong_machine;
	if (wire_u16(header + E_TYPE) != ET_EXEC && wire_u16(header + E_TYPE) != ET_DYN)
		return ELF_NOT_EXECUTABLE;
	return ELF_OK;
}

static enum elf_err check_program_headers(const struct elf_kernel *kernel)
{
	if (kernel->n_program_headers == 0)
		return ELF_NO_PROGRAM_HEADERS;
	if (kernel->n_program_headers == PN_XNUM)
		return ELF_TOO_MANY_PROGRAM_HEADERS;
	if (kernel->program_header_bytes != layout_of(kernel)->program_header_bytes)
		return ELF_BAD_PHENTSIZE;
	if (!lies_within(kernel->program_headers_offset,
	                 (uint64_t)kernel->n_program_headers * kernel->program_header_bytes,
	                 kernel->file_bytes))
		return ELF_PROGRAM_HEADERS_OUTSIDE;
	return ELF_OK;
}

enum elf_err elf_read_header(const void *header, size_t header_bytes, uint64_t file_bytes,
                             struct elf_kernel *ret_kernel)
{
	const uint8_t *at = header;
	const struct elf_layout *layout;
	enum elf_err err = check_header(at, header_bytes);

	memset(ret_kernel, 0, sizeof(*ret_kernel));
	if (err != ELF_OK)
		return err;
	ret_kernel->is_64 = at[EI_CLASS] == ELFCLASS64;
	layout = layout_of(ret_kernel);
	ret_kernel->is_pie = wire_u16(at + E_TYPE) == ET_DYN;
	ret_kernel->file_bytes = file_bytes;
	ret_kernel->entry_vaddr = read_word(layout, at + E_ENTRY);
	ret_kernel->program_headers_offset = read_word(layout, at + layout->e_phoff);
	ret_kernel->program_header_bytes = wire_u16(at + layout->e_phentsize);
	ret_kernel->n_program_headers = wire_u16(at + layout->e_phnum);
	return check_program_headers(ret_kernel);
}

struct program_header {
	uint32_t type;
	uint64_t offset, vaddr, paddr, file_bytes, memory_bytes, align;
};

static struct program_header read_program_header(const struct elf_layout *layout, const uint8_t *at)
{
	const size_t word_bytes = layout->word_bytes;

	return (struct program_header){
		.type = wire_u32(at),
		.offset = read_word(layout, at + word_bytes),
		.vaddr = read_word(layout, at + 2 * word_bytes),
		.paddr = read_word(layout, at + 3 * word_bytes),
		.file_bytes = read_word(layout, at + 4 * word_bytes),
		.memory_bytes = read_word(layout, at + 5 * word_bytes),
		.align = read_word(layout, at + layout->p_align),
	};
}

static enum elf_err check_load(const struct elf_kernel *kernel, const struct program_header *load)
{
	const uint64_t last = layout_of(kernel)->last_address;

	if (load->file_bytes > load->memory_bytes)
		return ELF_SEGMENT_SIZES;
	if (load->file_bytes > 0 &&
	    !lies_within(load->offset, load->file_bytes, kernel->file_bytes))
		return ELF_SEGMENT_TRUNCATED;
	/* One less than there are addresses, as the end must be a number too: a segment that ends
	 * at 2^64 counts as one that wraps. At 2^32 it is treated alike. */
	if (load->memory_bytes > last - load->paddr)
		return ELF_SEGMENT_WRAPS;
	/* gABI: 0 and 1 mean that no alignment is required. */
	if ((load->align & (load->align - 1)) != 0 || load->align > ELF_MAX_ALIGN_BYTES)
		return ELF_BAD_ALIGN;
	if (kernel->is_pie && load->paddr != load->vaddr)
		return ELF_PIE_PADDR;
	return ELF_OK;
}

/* Where the entry point is, as the loads are read: by p_vaddr counts before by p_paddr. */
struct entry_search {
	bool is_virtual, is_physical;
	paddr_t virtual_paddr;
};

static void search_entry(struct entry_search *search, uint64_t entry,
                         const struct program_header *load)
{
	if (entry >= load->paddr && entry - load->paddr < load->memory_bytes)
		search->is_physical = true;
	if (!search->is_virtual && entry >= load->vaddr &&
	    entry - load->vaddr < load->memory_bytes) {
		search->is_virtual = true;
		search->virtual_paddr = entry - load->vaddr + load->paddr;
	}
}

/* One program header: whatever it says goes to where it belongs. A segment goes into its place, as
 * gABI sorts them by p_vaddr only; there are no more of them than the caller has room for. */
static enum elf_err take_header(struct elf_kernel *kernel, const struct program_header *header,
                                uint32_t index, struct elf_segment *segments, size_t capacity)
{
	enum elf_err err;
	size_t at;

	if (header->type == PT_INTERP)
		return ELF_NEEDS_LINKER;
	if (header->type == PT_DYNAMIC) {
		kernel->dynamic_vaddr = header->vaddr;
		kernel->dynamic_bytes = header->memory_bytes;
	}
	if (header->type != PT_LOAD)
		return ELF_OK;
	err = check_load(kernel, header);
	if (err != ELF_OK || header->memory_bytes == 0)
		return err;
	if (kernel->n_segments == capacity)
		return ELF_TOO_MANY_SEGMENTS;
	kernel->align_bytes = max_u64(kernel->align_bytes, header->align);
	for (at = kernel->n_segments++; at > 0 && segments[at - 1].start_paddr > header->paddr;
	     at--)
		segments[at] = segments[at - 1];
	segments[at] = (struct elf_segment){
		.start_paddr = header->paddr,
		.vaddr = header->vaddr,
		.file_offset = header->offset,
		.file_bytes = header->file_bytes,
		.memory_bytes = header->memory_bytes,
		.header_index = index,
	};
	return ELF_OK;
}

static enum elf_err check_overlap(const struct elf_segment *segments, size_t n,
                                  size_t *ret_bad_segment)
{
	for (size_t i = 1; i < n; i++) {
		const struct elf_segment *low = &segments[i - 1];

		if (segments[i].start_paddr - low->start_paddr < low->memory_bytes) {
			*ret_bad_segment = segments[i].header_index;
			return ELF_SEGMENTS_OVERLAP;
		}
	}
	return ELF_OK;
}

/* The extent of the kernel. That of a PIE begins at 0, and its segments and entry move along. */
static void place(struct elf_kernel *kernel, struct elf_segment *segments)
{
	const struct elf_segment *highest = &segments[kernel->n_segments - 1];

	kernel->start_paddr = segments[0].start_paddr;
	kernel->end_paddr = highest->start_paddr + highest->memory_bytes;
	if (!kernel->is_pie)
		return;
	kernel->link_base = align_down(kernel->start_paddr, kernel->align_bytes);
	kernel->start_paddr = 0;
	kernel->end_paddr -= kernel->link_base;
	kernel->entry_paddr -= kernel->link_base;
	for (size_t i = 0; i < kernel->n_segments; i++)
		segments[i].start_paddr -= kernel->link_base;
}

enum elf_err elf_read_segments(struct elf_kernel *kernel, const void *program_headers,
                               struct elf_segment *segments, size_t capacity,
                               size_t *ret_bad_segment)
{
	const struct elf_layout *layout = layout_of(kernel);
	struct entry_search search = { .is_virtual = false };
	const uint8_t *at = program_headers;
	enum elf_err err;

	kernel->n_segments = 0;
	kernel->align_bytes = PAGE_BYTES;
	kernel->link_base = kernel->dynamic_vaddr = kernel->dynamic_bytes = 0;
	for (uint32_t i = 0; i < kernel->n_program_headers;
	     i++, at += layout->program_header_bytes) {
		const struct program_header header = read_program_header(layout, at);

		*ret_bad_segment = i;
		err = take_header(kernel, &header, i, segments, capacity);
		if (err != ELF_OK)
			return err;
		if (header.type == PT_LOAD)
			search_entry(&search, kernel->entry_vaddr, &header);
	}

	*ret_bad_segment = kernel->n_program_headers;
	if (kernel->n_segments == 0)
		return ELF_NO_SEGMENTS;
	err = check_overlap(segments, kernel->n_segments, ret_bad_segment);
	if (err != ELF_OK)
		return err;
	if (!search.is_virtual && !search.is_physical)
		return ELF_ENTRY_OUTSIDE;
	kernel->entry_paddr = search.is_virtual ? search.virtual_paddr : kernel->entry_vaddr;
	place(kernel, segments);
	return ELF_OK;
}

/* A PIE that is being relocated. */
struct relocation {
	const struct elf_layout *layout;
	uint8_t *image;
	uint64_t image_bytes;
	uint64_t link_base; /* the address that image[0] was linked at */
	uint64_t bias;      /* what is added to an address, modulo the class' word */
	uint32_t bad_type;
};

/* The @bytes bytes at the address @vaddr of the file, or NULL if the image does not hold them. */
static uint8_t *in_image(const struct relocation *job, uint64_t vaddr, uint64_t bytes)
{
	const uint64_t offset = vaddr - job->link_base; /* of what lies below it: too large */

	return lies_within(offset, bytes, job->image_bytes) ? job->image + (size_t)offset : NULL;
}

/* Add the bias to the word at @vaddr: REL and RELR keep the addend where it is applied. */
static enum elf_err add_bias(const struct relocation *job, uint64_t vaddr)
{
	uint8_t *at = in_image(job, vaddr, job->layout->word_bytes);

	if (at == NULL)
		return ELF_RELOCATION_OUTSIDE;
	write_word(job->layout, at, read_word(job->layout, at) + job->bias);
	return ELF_OK;
}

/* One entry of @words words: r_offset, r_info and, in RELA, r_addend. */
static enum elf_err relocate_entry(struct relocation *job, const uint8_t *entry, unsigned words)
{
	const size_t word_bytes = job->layout->word_bytes;
	const uint64_t vaddr = read_word(job->layout, entry);
	const uint64_t type = read_word(job->layout, entry + word_bytes) & job->layout->type_mask;
	uint8_t *at;

	if (type == R_NONE)
		return ELF_OK;
	if (type != R_RELATIVE) {
		job->bad_type = (uint32_t)type;
		return ELF_BAD_RELOCATION_TYPE;
	}
	if (words == 2)
		return add_bias(job, vaddr);
	at = in_image(job, vaddr, word_bytes);
	if (at == NULL)
		return ELF_RELOCATION_OUTSIDE;
	write_word(job->layout, at, read_word(job->layout, entry + 2 * word_bytes) + job->bias);
	return ELF_OK;
}

/* A table of REL (2 words) or RELA (3 words) entries. */
static enum elf_err relocate_table(struct relocation *job, uint64_t vaddr, uint64_t bytes,
                                   unsigned words)
{
	const size_t entry_bytes = words * (size_t)job->layout->word_bytes;
	const uint8_t *at = in_image(job, vaddr, bytes);
	enum elf_err err = ELF_OK;

	if (at == NULL)
		return ELF_BAD_RELOCATION_TABLE;
	for (; bytes >= entry_bytes && err == ELF_OK; bytes -= entry_bytes, at += entry_bytes)
		err = relocate_entry(job, at, words);
	return err == ELF_OK && bytes > 0 ? ELF_BAD_RELOCATION_TABLE : err;
}

/* The words from @vaddr on whose bit in @bits is 1. */
static enum elf_err relocate_bits(const struct relocation *job, uint64_t vaddr, uint64_t bits)
{
	enum elf_err err = ELF_OK;

	for (; bits != 0 && err == ELF_OK; bits >>= 1, vaddr += job->layout->word_bytes)
		if ((bits & 1) != 0)
			err = add_bias(job, vaddr);
	return err;
}

/*
 * RELR (gABI, chapter 5, "Relative Relocation Table"): an even word is an address to relocate; an
 * odd one is a bitmap, from bit 1 on, of the words that come after what is dealt with already.
 */
static enum elf_err relocate_packed(const struct relocation *job, uint64_t table_vaddr,
                                    uint64_t bytes)
{
	const size_t word_bytes = job->layout->word_bytes;
	const uint8_t *at = in_image(job, table_vaddr, bytes);
	uint64_t next_vaddr = 0;
	bool has_address = false;
	enum elf_err err = ELF_OK;

	if (at == NULL || (bytes & (word_bytes - 1)) != 0)
		return ELF_BAD_RELOCATION_TABLE;
	for (; bytes > 0 && err == ELF_OK; bytes -= word_bytes, at += word_bytes) {
		const uint64_t word = read_word(job->layout, at);

		if ((word & 1) == 0) {
			err = add_bias(job, word);
			next_vaddr = word + word_bytes;
			has_address = true;
		} else if (has_address) {
			err = relocate_bits(job, next_vaddr, word >> 1);
			next_vaddr += (8 * (uint64_t)word_bytes - 1) * word_bytes;
		} else {
			err = ELF_BAD_RELOCATION_TABLE;
		}
	}
	return err;
}

/* The values of the dynamic section, by tag; 0 for those that it does not have. */
struct dynamic {
	uint64_t values[DT_KNOWN];
	uint64_t seen; /* bit n: it has tag n */
};

_Static_assert(DT_KNOWN <= 64, "a tag has no bit");

static enum elf_err read_dynamic(const struct relocation *job, const struct elf_kernel *kernel,
                                 struct dynamic *dynamic)
{
	const size_t word_bytes = job->layout->word_bytes;
	const uint8_t *at = in_image(job, kernel->dynamic_vaddr, kernel->dynamic_bytes);
	uint64_t left_bytes = kernel->dynamic_bytes;

	memset(dynamic, 0, sizeof *dynamic);
	if (at == NULL)
		return ELF_BAD_DYNAMIC;
	for (; left_bytes >= 2 * word_bytes; left_bytes -= 2 * word_bytes, at += 2 * word_bytes) {
		const uint64_t tag = read_word(job->layout, at);

		if (tag == DT_NULL)
			break;
		if (tag == DT_NEEDED)
			return ELF_NEEDS_LIBRARY;
		if (tag < DT_KNOWN) {
			dynamic->values[tag] = read_word(job->layout, at + word_bytes);
			dynamic->seen |= UINT64_C(1) << tag;
		}
	}
	return ELF_OK;
}

/* A table without a size must not pass for an empty one, nor a size without a table for one at 0.
 */
static bool is_torn(const struct dynamic *dynamic, unsigned table_tag, unsigned size_tag)
{
	return ((dynamic->seen >> table_tag ^ dynamic->seen >> size_tag) & 1) != 0;
}

/* All tables that there are. Those of the PLT are no exception: they must not need symbols. */
static enum elf_err relocate_tables(struct relocation *job, const struct dynamic *dynamic)
{
	const uint64_t *values = dynamic->values;
	const uint64_t word_bytes = job->layout->word_bytes;
	enum elf_err err = ELF_OK;

	if (is_torn(dynamic, DT_REL, DT_RELSZ) || is_torn(dynamic, DT_RELA, DT_RELASZ) ||
	    is_torn(dynamic, DT_RELR, DT_RELRSZ) || is_torn(dynamic, DT_JMPREL, DT_PLTRELSZ))
		return ELF_BAD_RELOCATION_TABLE;
	if ((values[DT_RELSZ] > 0 && values[DT_RELENT] != 2 * word_bytes) ||
	    (values[DT_RELASZ] > 0 && values[DT_RELAENT] != 3 * word_bytes) ||
	    (values[DT_RELRSZ] > 0 && values[DT_RELRENT] != word_bytes))
		return ELF_BAD_RELOCATION_TABLE;
	if (values[DT_RELSZ] > 0)
		err = relocate_table(job, values[DT_REL], values[DT_RELSZ], 2);
	if (err == ELF_OK && values[DT_RELASZ] > 0)
		err = relocate_table(job, values[DT_RELA], values[DT_RELASZ], 3);
	if (err == ELF_OK && values[DT_PLTRELSZ] > 0)
		err = relocate_table(job, values[DT_JMPREL], values[DT_PLTRELSZ],
		                     values[DT_PLTREL] == DT_RELA ? 3 : 2);
	if (err == ELF_OK && values[DT_RELRSZ] > 0)
		err = relocate_packed(job, values[DT_RELR], values[DT_RELRSZ]);
	return err;
}

enum elf_err elf_relocate(const struct elf_kernel *kernel, void *image, paddr_t load_paddr,
                          uint32_t *ret_type)
{
	struct relocation job = {
		.layout = layout_of(kernel),
		.image = image,
		.image_bytes = kernel->end_paddr,
		.link_base = kernel->link_base,
		.bias = load_paddr - kernel->link_base,
	};
	struct dynamic dynamic;
	enum elf_err err;

	*ret_type = R_NONE;
	if (!kernel->is_pie)
		return ELF_OK;
	if ((load_paddr & (kernel->align_bytes - 1)) != 0 ||
	    !lies_within(load_paddr, kernel->end_paddr, job.layout->last_address))
		return ELF_BAD_LOAD_PADDR;
	if (kernel->dynamic_bytes == 0)
		return ELF_OK;
	err = read_dynamic(&job, kernel, &dynamic);
	if (err == ELF_OK)
		err = relocate_tables(&job, &dynamic);
	*ret_type = job.bad_type;
	return err;
}

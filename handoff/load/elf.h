/*
 * elf.h - what a loader needs of an ELF kernel: where its bytes go, how much memory it takes, where
 * it is entered, and its relocations. ELF32 for the 386 and ELF64 for x86-64, both little-endian;
 * ET_EXEC at physical addresses and static-PIE (ET_DYN).
 *
 * Pure functions over bytes: the caller reads the file, and owns all memory. The bytes are hostile:
 * whatever is wrong has a value of its own. After the System V gABI, chapters 4 and 5, and its
 * supplements for the i386 and the x86-64.
 *
 * Order of use: elf_read_header() on the first bytes of the file; elf_read_segments() on the
 * program headers that it located; bytes of the file to where the segments say, the rest of each
 * segment cleared; for a PIE, elf_relocate().
 */
#ifndef HANDOFF_LOAD_ELF_H
#define HANDOFF_LOAD_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bootmem/pfn.h"

enum elf_err {
	ELF_OK,

	/* elf_read_header() */
	ELF_TRUNCATED,
	ELF_NOT_ELF,
	ELF_BAD_CLASS,
	ELF_BAD_ENDIAN,
	ELF_BAD_VERSION,
	ELF_NOT_386,
	ELF_NOT_X86_64,
	ELF_NOT_EXECUTABLE,
	ELF_NO_PROGRAM_HEADERS,
	ELF_TOO_MANY_PROGRAM_HEADERS,
	ELF_BAD_PHENTSIZE,
	ELF_PROGRAM_HEADERS_OUTSIDE,

	/* elf_read_segments() */
	ELF_NEEDS_LINKER,
	ELF_SEGMENT_SIZES,
	ELF_SEGMENT_TRUNCATED,
	ELF_SEGMENT_WRAPS,
	ELF_BAD_ALIGN,
	ELF_PIE_PADDR,
	ELF_NO_SEGMENTS,
	ELF_TOO_MANY_SEGMENTS,
	ELF_SEGMENTS_OVERLAP,
	ELF_ENTRY_OUTSIDE,

	/* elf_relocate() */
	ELF_BAD_LOAD_PADDR,
	ELF_BAD_DYNAMIC,
	ELF_NEEDS_LIBRARY,
	ELF_BAD_RELOCATION_TABLE,
	ELF_RELOCATION_OUTSIDE,
	ELF_BAD_RELOCATION_TYPE,

	ELF_ERR_COUNT
};

/* One sentence for each, without a full stop. */
const char *elf_err_text(enum elf_err err);

/* The most that elf_read_header() looks at: the header of an ELF64 file. */
#define ELF_HEADER_BYTES 64

/* All alignments are at least this, and at most ELF_MAX_ALIGN_BYTES: the size of the largest page
 * that a kernel can be mapped with. */
#define ELF_MAX_ALIGN_BYTES (UINT64_C(1) << 30)

/*
 * Addresses are physical for ET_EXEC. For a PIE they are offsets from where the loader puts it,
 * which is a multiple of align_bytes, and start_paddr is 0.
 */
struct elf_kernel {
	/* From elf_read_header(). */
	bool is_64;
	bool is_pie;
	uint64_t file_bytes;
	uint64_t entry_vaddr;            /* e_entry as it stands in the file */
	uint64_t program_headers_offset; /* into the file */
	uint32_t program_header_bytes;   /* of one */
	uint32_t n_program_headers;      /* below 65535 */

	/* From elf_read_segments(). */
	size_t n_segments;
	paddr_t start_paddr; /* lowest and one past the highest byte of the segments */
	paddr_t end_paddr;
	paddr_t entry_paddr;
	uint64_t align_bytes;   /* the largest p_align; a power of two, 4096 or more */
	uint64_t link_base;     /* PIE: the p_vaddr that offset 0 stands for */
	uint64_t dynamic_vaddr; /* PT_DYNAMIC as it stands in the file */
	uint64_t dynamic_bytes; /* 0: there is none */
};

/* A PT_LOAD: file_bytes bytes from the file, the rest of memory_bytes cleared. */
struct elf_segment {
	paddr_t start_paddr;
	uint64_t vaddr; /* p_vaddr as it stands in the file */
	uint64_t file_offset;
	uint64_t file_bytes;
	uint64_t memory_bytes; /* more than 0, not less than file_bytes */
	uint32_t header_index; /* of its program header */
};

/*
 * Read the header of a file of @file_bytes bytes from its first @header_bytes bytes, which are
 * min(ELF_HEADER_BYTES, file_bytes). On success the program headers,
 * n_program_headers * program_header_bytes bytes at program_headers_offset, lie within the file.
 */
enum elf_err elf_read_header(const void *header, size_t header_bytes, uint64_t file_bytes,
                             struct elf_kernel *ret_kernel);

/* What a file is that is no ELF file, by its first @bytes bytes (ELF_OTHER_BYTES, or all of a
 * shorter one), and what to do; a sentence without a full stop. */
#define ELF_OTHER_BYTES 1024
const char *elf_other_text(const void *start, size_t bytes);

/*
 * Read the program headers that elf_read_header() located: fills in the rest of *kernel, and
 * @segments with each PT_LOAD that takes memory, in ascending order of address, disjoint, inside
 * the file and (ELF32) below 4 GiB. *ret_bad_segment is the index of the program header at fault,
 * n_program_headers if it is none of them. @segments is scratch space after an error.
 *
 * e_entry is a virtual address. If a segment holds it by p_vaddr, entry_paddr is where that byte
 * goes; else, if one holds it by p_paddr, it is taken as physical already (which is how kernels
 * that start without paging are often linked).
 *
 * A PIE is placed by p_vaddr, and p_paddr must be the same. Its offset 0 is the lowest p_vaddr,
 * rounded down to align_bytes.
 */
enum elf_err elf_read_segments(struct elf_kernel *kernel, const void *program_headers,
                               struct elf_segment *segments, size_t capacity,
                               size_t *ret_bad_segment);

/*
 * Relocate a PIE that will run at @load_paddr, a multiple of align_bytes. @image is its memory
 * image: end_paddr bytes, all segments loaded at their offsets, the gaps between them the caller's
 * (cleared). It need not lie at @load_paddr yet. Does nothing for ET_EXEC.
 *
 * DT_REL, DT_RELA and DT_RELR, of relocation type RELATIVE (and NONE, which does nothing). Each
 * other type needs symbols, which a static-PIE has resolved: an error, and *ret_type names the
 * type. Nothing outside @image is read or written; after an error it is of no use.
 */
enum elf_err elf_relocate(const struct elf_kernel *kernel, void *image, paddr_t load_paddr,
                          uint32_t *ret_type);

#endif

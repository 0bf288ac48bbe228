/*
 * setup.h - sanitized e820 map -> page bitmap, for either target: the boot-memory set-up of
 * setup_arch() of Linux 2.6.24.
 *
 * The whole is a function of its inputs: nothing is printed, nothing is kept between runs, and it
 * can be run again on a later map (which the loader does after ExitBootServices).
 */
#ifndef X86_SETUP_H
#define X86_SETUP_H

#include "bootmem/bootmem.h"
#include "x86/e820.h"
#include "x86/phys.h"
#include "x86/reservation.h"
#include "x86/target.h"

enum boot_policy {
	POLICY_SAFE,  /* what 2.6.24 does, and the labelled extensions */
	POLICY_LINUX, /* linux-2.6.24: bit for bit what it would have built */
};

/* What decides a bitmap beside the map. All of it the caller's, and only read. */
struct boot_inputs {
	const struct boot_target *target;
	enum boot_policy policy;
	const struct e820_map *e820; /* sanitized */
	struct span kernel;          /* _text to _end */
	/*
	 * The pages that the loader hands over beside kernel and bitmap: block, stack, GDT, page
	 * tables. They stand where 2.6.24 has its first page tables: up to init_pg_tables_end
	 * behind an IA-32 kernel, table_start to table_end on AMD64.
	 */
	struct span tables;
	struct span initrd;
	paddr_t bootmap_paddr;       /* where the bitmap has been put; 0: look for a home */
	const struct phys_mem *phys; /* for EBDA and MP tables */
	bool is_amd_k7;              /* CPU of AMD family 6 */
	/* What the search for a home steps over, beside what 2.6.24 does: in ascending order. */
	const struct span *in_use;
	size_t n_in_use;
	/* What policy safe reserves beyond 2.6.24 (extensions.h); in any order. */
	const struct reservation *extensions;
	size_t n_extensions;
};

enum setup_err {
	SETUP_OK,
	SETUP_NO_RAM,            /* the map has no RAM below the target's limit */
	SETUP_NO_BOOTMAP_HOME,   /* no place for the bitmap */
	SETUP_BOOTMAP_NOT_RAM,   /* the place that the policy prescribes for it is not RAM */
	SETUP_RESERVATIONS_FULL, /* the list of reservations is too small */
	SETUP_INITRD_TOO_HIGH,   /* the initrd ends above low memory */
	SETUP_NO_WAKEUP_PAGE,    /* no low page for the ACPI wake-up code */
};

/* One sentence for each, without a full stop. */
const char *setup_err_text(enum setup_err err);

/* What comes out. The caller provides the storage of the list and of the bitmap. */
struct boot_setup {
	const struct boot_inputs *inputs;
	pfn_t min_low_pfn; /* first page of the bitmap */
	pfn_t max_low_pfn; /* end of what the bitmap is about */
	pfn_t max_pfn;     /* end of RAM */
	bootmem_data_t bdata;
	struct reservation_list reservations;
	enum setup_err err; /* the first thing that went wrong; later steps do nothing */
};

/*
 * First half: the limits (max_pfn, max_low_pfn) and the home of the bitmap (min_low_pfn), which is
 * inputs->bootmap_paddr if that is not 0. Fills in *ret_setup but for bdata and reservations.
 * Bitmap storage of bootmem_bootmap_pages(max_low_pfn) pages is needed after it.
 */
enum setup_err boot_setup_plan(struct boot_setup *ret_setup, const struct boot_inputs *inputs);

/*
 * Second half: the bitmap, in @bootmap (that many pages, which will lie at min_low_pfn), and the
 * list of reservations, whose storage the caller has put into setup->reservations. Dispatches to
 * setup_bootmem_allocator() for IA-32 and contig_initmem() for AMD64. The map is complete
 * afterwards: get_mapsize() bytes.
 */
enum setup_err boot_setup_run(struct boot_setup *setup, void *bootmap);

/* IA-32: setup_bootmem_allocator() of arch/x86/kernel/setup_32.c. */
void setup_bootmem_allocator(struct boot_setup *setup, void *bootmap);

/* AMD64: contig_initmem_init() of arch/x86/kernel/setup_64.c and what setup_arch() does after. */
void contig_initmem(struct boot_setup *setup, void *bootmap);

#endif

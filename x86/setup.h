/*
 * setup.h - sanitized e820 map -> page bitmap, for either target: the boot-memory set-up of
 * setup_arch() of Linux 2.6.24.
 *
 * The whole is a function of its inputs: nothing is printed, nothing is kept between runs, and it
 * can be run again on a later map, which the loader does after ExitBootServices().
 */
#ifndef X86_SETUP_H
#define X86_SETUP_H

#include "bootmem/bootmem.h"
#include "x86/e820.h"
#include "x86/phys.h"
#include "x86/reservation.h"
#include "x86/target.h"

enum boot_policy {
	POLICY_SAFE, /* what 2.6.24 does, and the labelled extensions */
	/*
	 * linux-2.6.24: bit for bit what it would have built, of a map in whole pages. Of RAM that
	 * starts inside a page its find_e820_area() gives the page before to the bitmap, which
	 * need not be RAM: here the bitmap starts with the first whole page (home.h). Where it
	 * would write a bitmap on what is no RAM, or go on without an initrd that ends above low
	 * memory, the run ends in an error.
	 */
	POLICY_LINUX,
};

/* The calls of 2.6.24 that make a bitmap, by their names on IA-32. */
enum boot_function {
	FUNCTION_FIND_MAX_PFN,
	FUNCTION_FIND_MAX_LOW_PFN,
	FUNCTION_FIND_HOME, /* find_e820_area(), or what stands in its place */
	FUNCTION_INIT_BOOTMEM,
	FUNCTION_FREE_BOOTMEM,
	FUNCTION_RESERVE_BOOTMEM,
	FUNCTION_ALLOC_BOOTMEM_LOW,
	FUNCTION_COUNT
};

struct boot_call {
	enum boot_function function;
	struct span span; /* in bytes, as the call has it: rounded by nobody, clipped to the node */
	/* What is reserved, in full, where something is: its entry in the list; else NULL. */
	const struct reservation *reservation;
};

struct boot_setup;

/*
 * Hears of each call in its order. Calls that find something, and init_bootmem(), are over, and
 * *setup has what came out; free_bootmem() and reserve_bootmem() are still to come, so that the
 * bits of the span tell which pages will change; of alloc_bootmem_low() the pages are taken, and
 * were free. Reservations that lie past the node have an empty span. Nothing of *setup may be
 * changed.
 */
typedef void boot_observer_fn(void *context, const struct boot_setup *setup,
                              const struct boot_call *call);

/* What decides a bitmap beside the map. All of it is the caller's, and is only read. */
struct boot_inputs {
	const struct boot_target *target;
	enum boot_policy policy;
	const struct e820_map *e820; /* sanitized */
	/*
	 * Policy safe looks here for a home for the bitmap: the same map, sanitized, with what is
	 * in use at the moment, and the extensions, as not RAM. 2.6.24 runs when nobody else is
	 * left, and needs no such thing.
	 */
	const struct e820_map *vacant;
	struct span kernel; /* _text to _end */
	/*
	 * The pages that the loader hands over beside kernel and bitmap: block, stack, GDT, page
	 * tables. They stand where 2.6.24 has its first page tables: up to init_pg_tables_end
	 * behind an IA-32 kernel, table_start to table_end on AMD64. Whole pages.
	 */
	struct span tables;
	struct span initrd;
	paddr_t home_limit_paddr; /* the bitmap ends below: what the loader itself can reach */
	paddr_t bootmap_paddr; /* where the bitmap has been put by an earlier run; 0: find a home */
	const struct phys_mem *phys; /* for EBDA and MP tables */
	bool is_amd_k7;              /* the CPU is of AMD family 6 */
	/* What is handed over, piece by piece: kernel segments, block, stack, page tables, ...
	 * Policy linux is 2.6.24's bit for bit as long as they lie within @kernel and @tables,
	 * which all do but the gates. */
	const struct reservation *pieces;
	size_t n_pieces;
	/* What policy safe reserves beyond 2.6.24 (extensions.h). Policy linux passes over all but
	 * what the configuration asks for: its ranges, and boot services. */
	const struct reservation *extensions;
	size_t n_extensions;
	/*
	 * Storage for the bitmap that will lie at @start_paddr: @n_pages pages, page-aligned, of
	 * any contents, kept as long as the result is used. It need not be that place yet. NULL if
	 * there is none.
	 */
	void *(*bootmap_storage)(void *context, paddr_t start_paddr, uint64_t n_pages);
	void *context;
	boot_observer_fn *observer; /* NULL: nobody looks on, as in the loader */
	void *observer_context;
};

enum setup_err {
	SETUP_OK,
	SETUP_NO_RAM,            /* the map has no RAM below the target's limit */
	SETUP_NO_HOME,           /* no place for the bitmap */
	SETUP_HOME_NOT_RAM,      /* the place that is prescribed for it is not low memory */
	SETUP_NO_STORAGE,        /* bootmap_storage() had none */
	SETUP_RESERVATIONS_FULL, /* the list of reservations is too small */
	SETUP_INITRD_TOO_HIGH,   /* the initrd ends above low memory */
	SETUP_NO_WAKEUP_PAGE,    /* no low page for the ACPI wake-up code */
};

/* One sentence for each, without a full stop. */
const char *setup_err_text(enum setup_err err);

/* What comes out. */
struct boot_setup {
	const struct boot_inputs *inputs;
	pfn_t min_low_pfn; /* first page of the bitmap */
	pfn_t max_low_pfn; /* end of what the bitmap is about */
	pfn_t max_pfn;     /* end of RAM */
	bootmem_data_t bdata;
	struct reservation_list reservations; /* in the order in which they were made */
	enum setup_err err; /* the first thing that went wrong; steps after it do nothing */
};

/*
 * Run the set-up of inputs->target. The caller has put the storage for the list into
 * setup->reservations (entries, capacity); everything else in *setup is overwritten. The map is
 * complete afterwards: get_mapsize() bytes. @inputs must live as long as @setup.
 *
 * Clipped to the end of the map, as 2.6.24 clips: a reservation stands in the list in full.
 */
enum setup_err boot_setup_run(struct boot_setup *setup, const struct boot_inputs *inputs);

/*
 * Make the bitmap that @n @reservations of an earlier run made, by init_bootmem(), free_bootmem()
 * for all RAM of inputs->e820, and reserve_bootmem() for each of them in their order: of a machine
 * whose list is known, and which cannot be asked any more. Of @inputs only target, map, storage and
 * observer count. The rest is as with boot_setup_run(); the list needs room for @n, and
 * setup->min_low_pfn is that of the first reservation that is a bitmap, or 0.
 */
enum setup_err boot_setup_replay(struct boot_setup *setup, const struct boot_inputs *inputs,
                                 const struct reservation *reservations, size_t n);

/* The most reservations that boot_setup_run() adds of its own, beside pieces and extensions. */
#define SETUP_OWN_RESERVATIONS 16

#endif

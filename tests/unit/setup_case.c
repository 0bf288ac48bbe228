/*
 * setup_case.c - see setup_case.h. Every two bytes are a choice; where there are no more, all
 * choices are the first.
 */
#include "tests/unit/setup_case.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bootmem/count.h"

#define PAGE         UINT64_C(4096)
#define MOST_RANGES  64
#define MOST_ENTRIES 64
#define MOST_PAGES   UINT64_C(0x100020) /* 4 GiB and some */
#define MAP_BYTES    (MOST_PAGES / 8 + PAGE)
#define MEMORY_BYTES 0x120000

/* --- one run, and 2.6.24 --- */

static const char *compare_state(const bootmem_data_t *bdata, const struct literal_node *node)
{
	if (bdata->last_success != node->last_success)
		return "last_success";
	if (bdata->last_pos != node->last_pos)
		return "last_pos";
	if (bdata->last_offset != node->last_offset)
		return "last_offset";
	return NULL;
}

/* Of a bitmap that is complete. */
static const char *compare_bitmap(const bootmem_data_t *bdata, const struct literal_node *node,
                                  unsigned long_bytes)
{
	uint64_t bytes = literal_get_mapsize(node, long_bytes);
	uint8_t *bitmap = malloc((size_t)bytes + 1);
	const char *fault = NULL;

	if (bitmap == NULL)
		abort();
	literal_bitmap(node, long_bytes, bitmap);
	if (get_mapsize(bdata) != bytes)
		fault = "the size of the bitmap";
	else if (memcmp(bdata->node_bootmem_map, bitmap, (size_t)bytes) != 0)
		fault = "the bitmap";
	free(bitmap);
	return fault;
}

static const char *compare_setup(const struct boot_setup *setup,
                                 const struct literal_setup *literal)
{
	static const enum setup_err errs[] = {
		[LITERAL_DONE] = SETUP_OK,
		[LITERAL_NO_RAM] = SETUP_NO_RAM,
		[LITERAL_NO_HOME] = SETUP_NO_HOME,
		[LITERAL_HOME_IS_BAD] = SETUP_HOME_NOT_RAM,
		[LITERAL_NO_LOW_PAGE] = SETUP_NO_WAKEUP_PAGE,
	};
	enum setup_err expected = errs[literal->end];
	const char *fault;

	if (expected == SETUP_OK && literal->drops_initrd)
		expected = SETUP_INITRD_TOO_HIGH;
	if (literal->node.is_bug)
		return "2.6.24 ends in BUG()";
	if (setup->err != expected)
		return setup_err_text(expected);
	if (setup->err != SETUP_OK)
		return NULL;
	if (setup->max_pfn != literal->max_pfn)
		return "max_pfn";
	if (setup->max_low_pfn != literal->node.end_pfn)
		return "max_low_pfn";
	if (setup->min_low_pfn != literal->min_low_pfn)
		return "min_low_pfn";
	fault = compare_bitmap(&setup->bdata, &literal->node, literal->long_bytes);
	return fault != NULL ? fault : compare_state(&setup->bdata, &literal->node);
}

static bool is_empty(struct span span)
{
	return span.start_paddr == span.end_paddr;
}

static void run_literal(const struct boot_inputs *inputs, struct literal_setup *literal)
{
	size_t n = inputs->e820->n_ranges;
	struct literal_range *ranges = calloc(n + 1, sizeof *ranges);
	struct literal_machine machine = {
		.is_amd64 = strcmp(inputs->target->name, "amd64") == 0,
		.is_amd_k7 = inputs->is_amd_k7,
		.e820 = ranges,
		.n_e820 = n,
		.text = inputs->kernel.start_paddr,
		.end = inputs->kernel.end_paddr,
		.read = inputs->phys->read,
		.context = inputs->phys->context,
	};

	if (ranges == NULL)
		abort();
	for (size_t i = 0; i < n; i++)
		ranges[i] = (struct literal_range){ inputs->e820->ranges[i].start_paddr,
			                            inputs->e820->ranges[i].end_paddr,
			                            inputs->e820->ranges[i].type };
	if (!is_empty(inputs->tables)) {
		machine.tables_start = inputs->tables.start_paddr;
		machine.tables_end = inputs->tables.end_paddr;
	}
	if (!is_empty(inputs->initrd)) {
		machine.ramdisk_image = inputs->initrd.start_paddr;
		machine.ramdisk_end = inputs->initrd.end_paddr;
	}
	literal_setup_arch(&machine, literal);
	free(ranges);
}

bool setup_case_is_literal(const struct boot_setup *setup, char *fault, size_t fault_bytes)
{
	struct literal_setup literal;
	const char *what;

	run_literal(setup->inputs, &literal);
	what = compare_setup(setup, &literal);
	if (what != NULL)
		snprintf(fault, fault_bytes, "\"%s\"; 2.6.24 differs in: %s",
		         setup_err_text(setup->err), what);
	literal_setup_free(&literal);
	return what == NULL;
}

/* --- calls --- */

uint64_t setup_call_literal(const struct setup_call *call, struct literal_node *node)
{
	switch (call->kind) {
	case CALL_FREE:
		literal_free_bootmem(node, call->start_paddr, call->end_paddr - call->start_paddr);
		return LITERAL_NONE;
	case CALL_RESERVE:
		literal_reserve_bootmem(node, call->start_paddr,
		                        call->end_paddr - call->start_paddr);
		return LITERAL_NONE;
	default:
		return literal_alloc_bootmem_core(node, call->bytes, call->align, call->goal_paddr,
		                                  call->limit_paddr);
	}
}

uint64_t setup_call_ours(const struct setup_call *call, bootmem_data_t *bdata)
{
	switch (call->kind) {
	case CALL_FREE:
		free_bootmem(bdata, call->start_paddr, call->end_paddr);
		return BOOTMEM_NONE;
	case CALL_RESERVE:
		reserve_bootmem(bdata, call->start_paddr, call->end_paddr);
		return BOOTMEM_NONE;
	default:
		return alloc_bootmem_core(bdata, call->bytes, call->align, call->goal_paddr,
		                          call->limit_paddr);
	}
}

/* --- bytes -> choices --- */

struct choices {
	const uint8_t *data;
	size_t bytes;
};

static uint64_t choose(struct choices *choices, uint64_t n)
{
	uint64_t number = 0;

	for (unsigned width = n > 0x10000 ? 4 : 2; width > 0 && choices->bytes > 0; width--) {
		number = number << 8 | *choices->data++;
		choices->bytes--;
	}
	return number % n;
}

struct setup_case {
	struct e820_range ranges[2 * MOST_RANGES];
	struct e820_map e820;
	struct boot_inputs inputs;
	struct phys_mem phys;
	unsigned ebda_segment, ebda_kib;
	paddr_t mp_paddr, mp_table_paddr;
	struct reservation entries[MOST_ENTRIES];
	struct setup_call calls[SETUP_CASE_CALLS];
	size_t n_calls;
};

/* Ranges in order, some of them not in whole pages. */
static void choose_map(struct choices *choices, struct setup_case *own, uint64_t n_pages)
{
	static const uint32_t types[] = { E820_RAM, E820_NONE, E820_RAM, E820_RAM,
		                          E820_RAM, E820_ACPI, E820_NVS, E820_RESERVED };
	static uint64_t scratch[8192];
	paddr_t at_paddr = 0, end_paddr = n_pages * PAGE;

	own->e820 = (struct e820_map){ own->ranges, 0, COUNT(own->ranges) };
	while (at_paddr < end_paddr && own->e820.n_ranges < MOST_RANGES && choices->bytes > 0) {
		uint32_t type = types[choose(choices, COUNT(types))];
		uint64_t bytes = (1 + choose(choices, n_pages)) * PAGE;

		switch (choose(choices, 4)) {
		case 0:
			bytes = (1 + bytes / PAGE % 16) * PAGE;
			break;
		case 1:
			bytes = 1 + choose(choices, 0x8000);
			break;
		}
		bytes = min_u64(bytes, end_paddr - at_paddr);
		if (type != E820_NONE &&
		    e820_add(&own->e820, at_paddr, at_paddr + bytes, type) != 0)
			abort();
		at_paddr += bytes;
	}
	if (e820_scratch_bytes(own->e820.n_ranges) > sizeof scratch ||
	    e820_sanitize(&own->e820, scratch, sizeof scratch, NULL) != MAP_OK)
		abort();
}

/* Mostly from near the start of a range on; empty once in a while, if it may be. */
static struct span choose_span(struct choices *choices, const struct setup_case *own,
                               uint64_t n_pages, uint64_t most_bytes)
{
	paddr_t start_paddr = choose(choices, n_pages) * PAGE;
	uint64_t bytes = 1 + choose(choices, most_bytes);

	if (own->e820.n_ranges > 0 && choose(choices, 4) != 0) {
		const struct e820_range *range = &own->ranges[choose(choices, own->e820.n_ranges)];

		start_paddr = align_down(range->start_paddr, PAGE) + start_paddr / PAGE % 32 * PAGE;
	}
	return (struct span){ start_paddr, start_paddr + bytes };
}

static void choose_load(struct choices *choices, struct setup_case *own, uint64_t n_pages)
{
	struct boot_inputs *inputs = &own->inputs;
	struct span tables = choose_span(choices, own, n_pages, 16 * PAGE);
	struct span initrd = choose_span(choices, own, n_pages, 300 * PAGE);

	inputs->kernel = choose_span(choices, own, n_pages, 64 * PAGE);
	tables.end_paddr = align_up(tables.end_paddr, PAGE);
	switch (choose(choices, 3)) {
	case 0:
		break;
	case 1:
		inputs->tables.start_paddr = align_up(inputs->kernel.end_paddr, PAGE);
		inputs->tables.end_paddr =
			inputs->tables.start_paddr + tables.end_paddr - tables.start_paddr;
		break;
	default:
		inputs->tables = tables;
	}
	switch (choose(choices, 4)) {
	case 0:
		break;
	case 1: /* up to the end of memory, if there is RAM */
		inputs->initrd.end_paddr = n_pages * PAGE;
		inputs->initrd.start_paddr = n_pages * PAGE - 1 - choose(choices, PAGE / 2);
		break;
	default:
		inputs->initrd.start_paddr = initrd.start_paddr + choose(choices, PAGE);
		inputs->initrd.end_paddr = initrd.end_paddr + PAGE;
	}
}

/* --- what stands in the low megabyte: the same for all cases, but for what one writes there --- */

static uint8_t memory[MEMORY_BYTES];

static const void *read_memory(void *context, paddr_t start_paddr, uint64_t bytes)
{
	(void)context;
	return bytes > MEMORY_BYTES || start_paddr > MEMORY_BYTES - bytes ? NULL
	                                                                  : memory + start_paddr;
}

static void write_word(paddr_t paddr, uint64_t word)
{
	memory[paddr] = (uint8_t)word;
	memory[paddr + 1] = (uint8_t)(word >> 8);
}

static void plant(const struct setup_case *own)
{
	uint8_t *at = memory + own->mp_paddr, sum = 0;

	write_word((paddr_t)own->ebda_segment << 4, own->ebda_kib);
	write_word(0x40e, own->ebda_segment);
	if (own->mp_paddr == 0)
		return;
	memcpy(at, "_MP_", 4);
	write_word(own->mp_paddr + 4, own->mp_table_paddr);
	write_word(own->mp_paddr + 6, own->mp_table_paddr >> 16);
	at[8] = 1;
	at[9] = 4;
	for (int i = 0; i < 16; i++)
		sum = (uint8_t)(sum + at[i]);
	at[10] = (uint8_t)-sum;
}

static void clear(const struct setup_case *own)
{
	memset(memory + ((size_t)own->ebda_segment << 4), 0, 2);
	memset(memory + 0x40e, 0, 2);
	if (own->mp_paddr != 0)
		memset(memory + own->mp_paddr, 0, 16);
}

static void choose_firmware(struct choices *choices, struct setup_case *own, uint64_t n_pages)
{
	static const unsigned segments[] = { 0,      0x9fc0, 0x9fff, 0x9f00, 0x8000,
		                             0x0800, 0xffff, 1,      0x0f00 };
	static const paddr_t pointers[] = { 0,       0x10,    0x3f0,   0x400,   0xff0,
		                            0x9fbf0, 0x9fc00, 0x9fff0, 0xf0000, 0xffff0,
		                            0x80000, 0x803f0, 0x80400, 0x80ff0, 0x81000 };

	own->inputs.is_amd_k7 = choose(choices, 2) != 0;
	own->ebda_segment = segments[choose(choices, COUNT(segments))];
	if (choose(choices, 4) == 1)
		own->ebda_segment = (unsigned)choose(choices, 0x10000);
	own->ebda_kib = (unsigned)choose(choices, 70);
	own->mp_paddr = pointers[choose(choices, COUNT(pointers))];
	if (choose(choices, 4) == 1)
		own->mp_paddr = choose(choices, 0x10000) << 4;
	if (choose(choices, 3) != 0)
		own->mp_table_paddr = choose(choices, n_pages) * PAGE + choose(choices, PAGE);
}

static uint64_t choose_size(struct choices *choices, bool is_amd64)
{
	switch (choose(choices, 8)) {
	case 1: /* more than a page of bitmap */
		return 1 + choose(choices, 0x9100);
	case 2: /* 896 MiB */
		return 0x37ff0 + choose(choices, 0x20);
	case 3: /* 4 GiB */
		return is_amd64 ? 0xffff0 + choose(choices, 0x20) : 1 + choose(choices, 0x200);
	default:
		return 1 + choose(choices, 0x600);
	}
}

static _Alignas(4096) uint8_t storage[MAP_BYTES];

static void *give_storage(void *context, paddr_t start_paddr, uint64_t n_pages)
{
	(void)context;
	(void)start_paddr;
	if (n_pages * PAGE > sizeof storage)
		abort();
	memset(storage, 0xa5, (size_t)(n_pages * PAGE));
	return storage;
}

static void choose_machine(struct choices *choices, struct setup_case *own)
{
	bool is_amd64 = choose(choices, 2) != 0;
	uint64_t n_pages = choose_size(choices, is_amd64);

	memset(own, 0, sizeof *own);
	choose_map(choices, own, n_pages);
	own->phys.read = read_memory;
	own->inputs.target = is_amd64 ? &target_amd64 : &target_ia32;
	own->inputs.policy = POLICY_LINUX;
	own->inputs.e820 = own->inputs.vacant = &own->e820;
	own->inputs.home_limit_paddr = UINT64_MAX;
	own->inputs.phys = &own->phys;
	own->inputs.bootmap_storage = give_storage;
	choose_load(choices, own, n_pages);
	choose_firmware(choices, own, n_pages);
}

/* An address in the node or a page behind, every second one at a page. */
static paddr_t choose_paddr(struct choices *choices, const struct literal_node *node)
{
	uint64_t pfn = node->start_pfn + choose(choices, node->end_pfn - node->start_pfn + 2);

	return pfn * PAGE + (choose(choices, 2) != 0 ? choose(choices, PAGE) : 0);
}

static struct setup_call choose_call(struct choices *choices, const struct literal_node *node)
{
	static const uint64_t sizes[] = { 4096, 1, 64, 100, 1000, 4095, 4097, 8192, 30000 };
	static const uint64_t aligns[] = { 4096, 1, 8, 128, 2048, 0, 8192, 16384, 65536 };
	struct setup_call call = { .kind = CALL_ALLOC };
	uint64_t kind = CALL_FREE + choose(choices, 6);

	if (kind <= CALL_RESERVE)
		call.kind = (enum setup_call_kind)kind;

	if (call.kind == CALL_ALLOC) {
		call.bytes = sizes[choose(choices, COUNT(sizes))];
		call.align = aligns[choose(choices, COUNT(aligns))];
		call.goal_paddr = choose(choices, 2) != 0 ? choose_paddr(choices, node) : 0;
		call.limit_paddr = choose(choices, 3) == 1 ? choose_paddr(choices, node) : 0;
	} else {
		call.start_paddr = choose_paddr(choices, node);
		call.end_paddr = call.start_paddr + 1 + choose(choices, 64 * PAGE);
	}
	return call;
}

/* --- a case in words --- */

static void print_span(FILE *out, const char *name, struct span span)
{
	if (!is_empty(span))
		fprintf(out, "  .%s = { 0x%" PRIx64 ", 0x%" PRIx64 " },\n", name, span.start_paddr,
		        span.end_paddr);
}

/* The runs of free pages, which is what a row of test_setup.c has. */
static void print_free(FILE *out, const struct literal_setup *literal)
{
	const uint8_t *is_reserved = literal->node.is_reserved;
	uint64_t pfn = 0, end, n = 0;

	fputs("\"", out);
	while (pfn < literal->node.end_pfn) {
		for (end = pfn; end < literal->node.end_pfn && is_reserved[end] == 0; end++)
			;
		if (end > pfn)
			fprintf(out, "%s%" PRIx64 "-%" PRIx64, n++ > 0 ? " " : "", pfn, end);
		pfn = end + 1;
	}
	fputs("\"", out);
}

static void print_machine(FILE *out, const struct setup_case *own,
                          const struct literal_setup *literal)
{
	static const char *const ends[] = { "", "NO_RAM", "NO_HOME", "HOME_NOT_RAM",
		                            "NO_WAKEUP_PAGE" };
	bool is_amd64 = own->inputs.target == &target_amd64;

	fprintf(out, "{ \"found by fuzzing\",\n  .map = \"");
	for (size_t i = 0; i < own->e820.n_ranges; i++)
		fprintf(out, "%s%" PRIx64 "-%" PRIx64 "/%u", i == 0 ? "" : " ",
		        own->ranges[i].start_paddr, own->ranges[i].end_paddr,
		        (unsigned)own->ranges[i].type);
	fprintf(out, "\",\n");
	print_span(out, "kernel", own->inputs.kernel);
	print_span(out, "tables", own->inputs.tables);
	print_span(out, "initrd", own->inputs.initrd);
	fprintf(out,
	        "  .has_no_tables = %d, .is_amd_k7 = %d, .ebda_segment = 0x%x, .ebda_kib = %u,\n"
	        "  .mp_paddr = 0x%" PRIx64 ", .mp_table_paddr = 0x%" PRIx64
	        ",\n  .free = { [%s] = ",
	        is_empty(own->inputs.tables), own->inputs.is_amd_k7, own->ebda_segment,
	        own->ebda_kib, own->mp_paddr, own->mp_table_paddr,
	        is_amd64 ? "AMD64_LINUX" : "IA32_LINUX");
	if (literal->end != LITERAL_DONE)
		fprintf(out, "\"%s\"", ends[literal->end]);
	else if (literal->drops_initrd)
		fprintf(out, "\"INITRD_TOO_HIGH\"");
	else
		print_free(out, literal);
	fprintf(out, " } },\n");
}

static void print_calls(FILE *out, const struct setup_case *own, const struct literal_node *node,
                        uint64_t expected)
{
	fprintf(out, "{ \"found by fuzzing\", 0x%" PRIx64 ", 0x%" PRIx64 ",\n  {\n",
	        node->start_pfn, node->end_pfn);
	for (size_t i = 0; i < own->n_calls; i++) {
		const struct setup_call *call = &own->calls[i];

		if (call->kind == CALL_ALLOC)
			fprintf(out,
			        "    ALLOC(0x%" PRIx64 ", 0x%" PRIx64 ", 0x%" PRIx64 ", 0x%" PRIx64
			        "),\n",
			        call->bytes, call->align, call->goal_paddr, call->limit_paddr);
		else
			fprintf(out, "    %s(0x%" PRIx64 ", 0x%" PRIx64 "),\n",
			        call->kind == CALL_FREE ? "FREE" : "RESERVE", call->start_paddr,
			        call->end_paddr);
	}
	fprintf(out, "  },\n  0x%" PRIx64 " },\n", expected);
}

/* --- a case --- */

static void count_pages(void *context, pfn_t first_pfn, uint64_t n_pages)
{
	(void)first_pfn;
	*(uint64_t *)context += n_pages;
}

/* And at the end, the whole of it: which gives the node of ours away. */
static const char *compare_whole(bootmem_data_t *bdata, const struct literal_node *node)
{
	uint64_t n_counted = 0, n_pages = literal_free_all_bootmem(node, bdata->word_bytes);
	const char *fault;

	bootmem_complete(bdata);
	fault = compare_bitmap(bdata, node, bdata->word_bytes);
	if (fault == NULL &&
	    (free_all_bootmem(bdata, count_pages, &n_counted) != n_pages || n_counted != n_pages))
		fault = "free_all_bootmem()";
	return fault;
}

/* Calls that are no bug, to both, one after the other, without the faults that are not kept. */
static bool run_calls(struct choices *choices, struct setup_case *own, bootmem_data_t *bdata,
                      struct literal_node *node, FILE *out)
{
	uint64_t expected = LITERAL_NONE, got = BOOTMEM_NONE;
	const char *fault = NULL;

	node->faults = 0;
	own->n_calls = 0;
	while (fault == NULL && own->n_calls < SETUP_CASE_CALLS && choices->bytes > 0) {
		struct setup_call call = choose_call(choices, node);

		expected = setup_call_literal(&call, node);
		if (node->is_bug) {
			node->is_bug = false;
			continue;
		}
		own->calls[own->n_calls++] = call;
		got = setup_call_ours(&call, bdata);
		fault = got != expected ? "the address" : compare_state(bdata, node);
	}
	if (fault == NULL)
		fault = compare_whole(bdata, node);
	if (fault == NULL)
		return true;
	fprintf(out, "%s: 0x%" PRIx64 ", and not as in the row of test_literal.c:\n", fault, got);
	print_calls(out, own, node, expected);
	return false;
}

static bool run_machine(struct choices *choices, struct setup_case *own, FILE *out)
{
	struct boot_setup setup = { .reservations = { own->entries, 0, MOST_ENTRIES, 0 } };
	struct literal_setup literal;
	const char *fault;
	bool is_right = true;

	plant(own);
	boot_setup_run(&setup, &own->inputs);
	run_literal(&own->inputs, &literal);
	clear(own);
	fault = compare_setup(&setup, &literal);
	if (fault != NULL) {
		fprintf(out, "\"%s\", and not as in the row of test_setup.c: %s\n",
		        setup_err_text(setup.err), fault);
		print_machine(out, own, &literal);
		is_right = false;
	} else if (setup.err == SETUP_OK &&
	           !run_calls(choices, own, &setup.bdata, &literal.node, out)) {
		fprintf(out, "after the set-up of:\n");
		print_machine(out, own, &literal);
		is_right = false;
	}
	literal_setup_free(&literal);
	return is_right;
}

/* --- policy safe: there is no second source, but the list of reservations is the truth --- */

static uint8_t is_ram[MOST_PAGES], n_owners[MOST_PAGES]; /* of each page below max_low_pfn */

static void paint_safe(const struct setup_case *own, const struct boot_setup *setup)
{
	const struct reservation *entry = setup->reservations.entries;
	uint64_t end_pfn = setup->max_low_pfn;

	memset(is_ram, 0, (size_t)end_pfn);
	memset(n_owners, 0, (size_t)end_pfn);
	for (size_t i = 0; i < own->e820.n_ranges; i++)
		for (uint64_t pfn = (own->ranges[i].start_paddr + PAGE - 1) / PAGE;
		     own->ranges[i].type == E820_RAM && pfn < end_pfn &&
		     (pfn + 1) * PAGE <= own->ranges[i].end_paddr;
		     pfn++)
			is_ram[pfn] =
				own->inputs.target == &target_amd64 || pfn < 0xa0 || pfn >= 0x100;
	for (size_t i = 0; i < setup->reservations.n_entries; i++, entry++)
		for (uint64_t pfn = entry->start_paddr / PAGE;
		     pfn < end_pfn && pfn * PAGE < entry->end_paddr; pfn++)
			n_owners[pfn]++;
}

/* Of all pages of it that there are. */
static bool has_owners(struct span span, const struct boot_setup *setup, unsigned least,
                       unsigned most)
{
	for (uint64_t pfn = span.start_paddr / PAGE; pfn * PAGE < span.end_paddr; pfn++)
		if (pfn < setup->max_low_pfn && (n_owners[pfn] < least || n_owners[pfn] > most))
			return false;
	return true;
}

/* What it takes for itself, it takes of nobody else. */
static bool is_nobody_elses(const struct boot_setup *setup)
{
	for (size_t i = 0; i < setup->reservations.n_entries; i++) {
		const struct reservation *entry = &setup->reservations.entries[i];

		if (entry->kind == RESERVATION_WAKEUP &&
		    !has_owners((struct span){ entry->start_paddr, entry->end_paddr }, setup, 1, 1))
			return false;
	}
	return has_owners((struct span){ setup->min_low_pfn * PAGE,
	                                 setup->min_low_pfn * PAGE + get_mapsize(&setup->bdata) },
	                  setup, 1, 1);
}

static const char *check_safe(const struct setup_case *own, const struct boot_setup *setup)
{
	static const struct span page_zero = { 0, PAGE_BYTES };
	const uint8_t *bitmap = setup->bdata.node_bootmem_map;

	if (setup->err != SETUP_OK)
		return NULL;
	paint_safe(own, setup);
	if (!is_nobody_elses(setup))
		return "bitmap or wake-up code lies on what is reserved";
	if (!has_owners(page_zero, setup, 1, 9) || !has_owners(own->inputs.kernel, setup, 1, 9) ||
	    !has_owners(own->inputs.tables, setup, 1, 9) ||
	    !has_owners(own->inputs.initrd, setup, 1, 9))
		return "what is in use is not reserved";
	for (uint64_t pfn = 0; pfn < setup->max_low_pfn; pfn++)
		if ((is_ram[pfn] != 0 && n_owners[pfn] == 0) !=
		    ((bitmap[pfn / 8] >> pfn % 8 & 1) == 0))
			return "the bitmap is not RAM without the reservations";
	return NULL;
}

/* With everything that policy linux has for bad areas as pieces, as the loader has them. */
static bool run_safe(struct setup_case *own, FILE *out)
{
	struct reservation pieces[] = {
		reservation_make(RESERVATION_KERNEL, ORIGIN_LINUX, LIFETIME_BOOT,
		                 own->inputs.kernel, "kernel", "a piece"),
		reservation_make(RESERVATION_BLOCK, ORIGIN_EXTENSION, LIFETIME_BOOT,
		                 own->inputs.tables, "block", "a piece"),
	};
	struct boot_setup setup = { .reservations = { own->entries, 0, MOST_ENTRIES, 0 } };
	struct literal_setup literal;
	const char *fault;

	own->inputs.policy = POLICY_SAFE;
	own->inputs.pieces = pieces;
	own->inputs.n_pieces = COUNT(pieces);
	plant(own);
	boot_setup_run(&setup, &own->inputs);
	run_literal(&own->inputs, &literal);
	clear(own);
	fault = check_safe(own, &setup);
	if (fault != NULL) {
		fprintf(out, "policy safe: %s, of the machine of this row of test_setup.c:\n",
		        fault);
		print_machine(out, own, &literal);
	}
	literal_setup_free(&literal);
	return fault == NULL;
}

/* A small node anywhere, as a kernel of several nodes has them. */
static bool run_node(struct choices *choices, struct setup_case *own, FILE *out)
{
	static const pfn_t bases[] = { 0, 1, 0x400, 0xffff0, UINT64_C(1) << 40 };
	pfn_t start_pfn = bases[choose(choices, COUNT(bases))] + choose(choices, 64);
	pfn_t end_pfn = start_pfn + 1 + choose(choices, 300);
	unsigned word_bytes = choose(choices, 2) != 0 ? 8 : 4;
	struct literal_node node;
	bootmem_data_t bdata;
	bool is_right;

	literal_init_bootmem(&node, start_pfn, end_pfn, 0);
	memset(storage, 0xa5, PAGE);
	init_bootmem_core(&bdata, storage, 0x40, start_pfn, end_pfn, word_bytes);
	is_right = run_calls(choices, own, &bdata, &node, out);
	literal_node_free(&node);
	return is_right;
}

bool setup_case_run(const uint8_t *data, size_t bytes, FILE *out)
{
	static struct setup_case own;
	struct choices choices = { data, bytes };

	if (choose(&choices, 3) == 0)
		return run_node(&choices, &own, out);
	choose_machine(&choices, &own);
	return run_machine(&choices, &own, out) && run_safe(&own, out);
}

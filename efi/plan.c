/* plan.c - the set-up, run on claimed buffers, as often as there are maps: see plan.h. */
#include "efi/plan.h"

#include "bootmem/mem.h"
#include "handoff/handoff.h"
#include "handoff/load/pgtable.h"
#include "x86/vacant.h"

static bool claim_ranges(struct plan *plan, struct e820_map *map, size_t capacity)
{
	map->capacity = capacity;
	map->ranges = memory_claim_bytes(plan->memory, capacity * sizeof *map->ranges);
	return map->ranges != NULL;
}

static bool claim_list(struct plan *plan, struct reservation_list *list, size_t capacity)
{
	list->capacity = capacity;
	list->entries = memory_claim_bytes(plan->memory, capacity * sizeof *list->entries);
	return list->entries != NULL;
}

EFI_STATUS plan_init(struct plan *plan, struct memory *memory, const struct config *config,
                     const struct facts *facts, size_t most_descriptors)
{
	const size_t most_ranges = e820_most_ranges(most_descriptors);
	size_t most_extensions, most_reservations, most_vacant;

	memset(plan, 0, sizeof *plan);
	plan->memory = memory;
	plan->config = config;
	plan->facts = facts;
	plan->most_descriptors = most_descriptors;
	plan->ia32.target = &target_ia32;
	plan->amd64.target = &target_amd64;
	plan->extension_facts = (struct extension_facts){
		.acpi_tables = facts->acpi_tables,
		.n_acpi_tables = facts->n_acpi_tables,
		.smbios = facts->smbios,
		.n_smbios = facts->n_smbios,
		.framebuffer = { facts->framebuffer.paddr,
		                 facts->framebuffer.paddr + facts->framebuffer.bytes },
		.keep_boot_services = config->keep_boot_services,
		.configured = config->reserves,
		.n_configured = config->n_reserves,
	};
	most_extensions = extensions_most(&plan->extension_facts, most_descriptors);
	most_reservations = most_extensions + PLAN_PIECES + SETUP_OWN_RESERVATIONS;
	most_vacant = vacant_layers(most_ranges, most_descriptors, most_extensions);
	plan->scratch_bytes = e820_scratch_bytes(most_vacant);
	plan->scratch = memory_claim_bytes(memory, plan->scratch_bytes);
	plan->mapped =
		memory_claim_bytes(memory, (most_ranges + most_extensions) * sizeof *plan->mapped);
	if (plan->scratch != NULL && plan->mapped != NULL &&
	    claim_ranges(plan, &plan->whole_e820, most_ranges) &&
	    claim_ranges(plan, &plan->e820, most_ranges) &&
	    claim_ranges(plan, &plan->vacant, e820_most_ranges(most_vacant)) &&
	    claim_list(plan, &plan->extensions, most_extensions) &&
	    claim_list(plan, &plan->ia32.setup.reservations, most_reservations) &&
	    claim_list(plan, &plan->amd64.setup.reservations, most_reservations))
		return EFI_SUCCESS;
	return EFI_OUT_OF_RESOURCES;
}

/* RAM ends where mem= says, or where the CPU has no more address lines, or cannot map it 1:1; and
 * after the exit, in which firmware may accept memory (SEV-SNP), where the bitmap's pages end. */
static paddr_t ram_limit_paddr(const struct plan *plan)
{
	unsigned bits = plan->facts->cpu.paddr_bits;
	paddr_t limit_paddr = bits < 64 ? UINT64_C(1) << bits : UINT64_MAX;

	limit_paddr = min_u64(limit_paddr, PGTABLE_MAX_PADDR);
	if (plan->config->mem_limit_paddr != 0)
		limit_paddr = min_u64(limit_paddr, plan->config->mem_limit_paddr);
	if (plan->bitmap_limit_paddr != 0)
		limit_paddr = min_u64(limit_paddr, plan->bitmap_limit_paddr);
	return limit_paddr;
}

static void add_mapped(struct plan *plan, paddr_t start_paddr, paddr_t end_paddr)
{
	end_paddr = min_u64(end_paddr, PGTABLE_MAX_PADDR);
	if (start_paddr < end_paddr)
		plan->mapped[plan->n_mapped++] = (struct span){ start_paddr, end_paddr };
}

/* RAM, and what tells about the machine: firmware has tables above all RAM, too. */
static bool is_mapped_type(uint32_t e820_type)
{
	return e820_type == E820_RAM || e820_type == E820_ACPI || e820_type == E820_NVS;
}

static bool is_mapped_kind(uint8_t kind)
{
	return kind == RESERVATION_ACPI || kind == RESERVATION_SMBIOS ||
	       kind == RESERVATION_FRAMEBUFFER || kind == RESERVATION_RUNTIME;
}

static void collect_mapped(struct plan *plan)
{
	plan->n_mapped = 0;
	for (size_t i = 0; i < plan->e820.n_ranges; i++)
		if (is_mapped_type(plan->e820.ranges[i].type))
			add_mapped(plan, plan->e820.ranges[i].start_paddr,
			           plan->e820.ranges[i].end_paddr);
	for (size_t i = 0; i < plan->extensions.n_entries; i++)
		if (is_mapped_kind(plan->extensions.entries[i].kind))
			add_mapped(plan, plan->extensions.entries[i].start_paddr,
			           plan->extensions.entries[i].end_paddr);
}

enum map_err plan_translate(struct plan *plan, const struct uefi_map *map)
{
	enum map_err err;

	plan->whole_e820.n_ranges = 0;
	err = uefi_map_to_e820(map, &plan->whole_e820, &plan->faults);
	if (err == MAP_OK)
		err = e820_sanitize(&plan->whole_e820, plan->scratch, plan->scratch_bytes,
		                    &plan->n_overlaps);
	if (err == MAP_OK)
		err = e820_copy(&plan->e820, &plan->whole_e820);
	if (err != MAP_OK)
		return err;
	plan->cut_bytes = e820_limit_ram(&plan->e820, ram_limit_paddr(plan));
	if (e820_end_of_ram_pfn(&plan->e820) == 0)
		return MAP_EMPTY;
	plan->extension_facts.uefi_map = map;
	plan->extensions.n_entries = 0;
	plan->extensions.n_lost = 0;
	extensions_collect(&plan->extension_facts, &plan->extensions);
	collect_mapped(plan);
	return plan->extensions.n_lost == 0 ? MAP_OK : MAP_FULL;
}

enum map_err plan_find_vacant(struct plan *plan, const struct uefi_map *map)
{
	return vacant_find(&plan->e820, map, &plan->extensions, &plan->vacant, plan->scratch,
	                   plan->scratch_bytes);
}

void plan_add_piece(struct plan *plan, enum reservation_kind kind, struct span span,
                    const char *owner, const char *reason)
{
	/* Under policy linux they are part of what 2.6.24 reserves, see inputs.tables; but the
	 * gates, which lie elsewhere. */
	bool is_linux = plan->config->policy == POLICY_LINUX && kind != RESERVATION_GATES;
	enum reservation_origin origin =
		is_linux || kind == RESERVATION_KERNEL ? ORIGIN_LINUX : ORIGIN_EXTENSION;

	plan->pieces[plan->n_pieces++] =
		reservation_make(kind, origin, LIFETIME_BOOT, span, owner, reason);
}

enum setup_err plan_run(struct plan *plan, struct target_plan *target,
                        void *(*storage)(void *context, paddr_t start_paddr, uint64_t n_pages),
                        void *context)
{
	target->inputs = (struct boot_inputs){
		.target = target->target,
		.policy = plan->config->policy,
		.e820 = &plan->e820,
		.vacant = &plan->vacant,
		.kernel = plan->kernel,
		.tables = plan->tables,
		.initrd = plan->initrd,
		.home_limit_paddr = memory_reach_paddr(),
		.bootmap_paddr = target->inputs.bootmap_paddr,
		.phys = &plan->facts->phys,
		.is_amd_k7 = plan->facts->cpu.is_amd_k7,
		.pieces = plan->pieces,
		.n_pieces = plan->n_pieces,
		.extensions = plan->extensions.entries,
		.n_extensions = plan->extensions.n_entries,
		.bootmap_storage = storage,
		.context = context,
	};
	if (boot_setup_run(&target->setup, &target->inputs) == SETUP_OK)
		target->inputs.bootmap_paddr = pfn_paddr(target->setup.min_low_pfn);
	return target->setup.err;
}

/* Everything whose contents are settled. What firmware goes on using is not: the one ACPI table
 * that is kept for ever, the FACS, whose lock it writes (ACPI 6.5 §5.2.10); the framebuffer; what
 * the runtime services have. */
static bool has_settled_contents(const struct reservation *reservation)
{
	switch (reservation->kind) {
	case RESERVATION_ACPI:
		return reservation->lifetime != LIFETIME_FOREVER;
	case RESERVATION_SMBIOS:
	case RESERVATION_INITRD:
		return true;
	default:
		return false;
	}
}

void plan_record_checksums(struct plan *plan)
{
	struct reservation_list *list = &plan->booted->setup.reservations;

	for (size_t i = 0; i < list->n_entries; i++) {
		struct reservation *reservation = &list->entries[i];
		uint64_t bytes = reservation->end_paddr - reservation->start_paddr;
		const void *contents =
			phys_read(&plan->facts->phys, reservation->start_paddr, bytes);

		if (contents == NULL || !has_settled_contents(reservation))
			continue;
		reservation->checksum = handoff_checksum(contents, bytes);
		reservation->is_checked = true;
	}
}

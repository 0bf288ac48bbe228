/*
 * survey.c - the machine and its memory map, at the moment -> facts, e820, what is vacant: see
 * survey.h.
 */
#include "efi/survey.h"

#include "bootmem/mem.h"
#include "efi/console.h"

/* For a map. What the CPU runs on may be given away as free: it is kept, and others are asked for.
 */
static void *claim_buffer(struct memory *memory, uint64_t bytes)
{
	struct cpu_state cpu;
	struct span span;

	cpu_read_state(&cpu);
	do {
		if (EFI_ERROR(memory_claim(memory, EfiLoaderData, pages_of(bytes), PAGE_BYTES,
		                           memory_reach_paddr(), &span.start_paddr)))
			return NULL;
		span.end_paddr = span.start_paddr + pfn_paddr(pages_of(bytes));
	} while (in_use_touches(&cpu, &memory_phys, span));
	return memory_at(span.start_paddr);
}

/* A buffer for the map as it is now, with the slack, and the map in it. */
static EFI_STATUS claim_snapshot(struct boot *boot)
{
	UINTN capacity_bytes, stride;
	EFI_STATUS status =
		memmap_room(&boot->firmware, boot->slack_descriptors, &capacity_bytes, &stride);
	void *buffer;

	if (EFI_ERROR(status))
		return status;
	buffer = claim_buffer(&boot->memory, capacity_bytes + MEMMAP_GUARD_BYTES);
	if (buffer == NULL)
		return EFI_OUT_OF_RESOURCES;
	memmap_init(&boot->snapshot, buffer, capacity_bytes);
	return memmap_read(&boot->firmware, &boot->snapshot);
}

/* False if there is no more. */
static bool add_slack(struct boot *boot)
{
	if (boot->slack_descriptors == MEMMAP_MOST_SLACK)
		return false;
	boot->slack_descriptors = MEMMAP_MOST_SLACK;
	return true;
}

/* The map as it is now, into the buffer that there is, or into a larger one. Firmware's may grow
 * with each call. */
static EFI_STATUS take_snapshot(struct boot *boot)
{
	EFI_STATUS status = EFI_BUFFER_TOO_SMALL;

	if (boot->snapshot.buffer != NULL)
		status = memmap_read(&boot->firmware, &boot->snapshot);
	if (status == EFI_BUFFER_TOO_SMALL)
		status = claim_snapshot(boot);
	while (status == EFI_BUFFER_TOO_SMALL && add_slack(boot))
		status = claim_snapshot(boot);
	return status;
}

/* Without a map nothing is kept free; and survey() says that there is none. */
EFI_STATUS survey_in_use(struct boot *boot)
{
	struct in_use *in_use = &boot->in_use;
	struct cpu_state cpu;

	boot->slack_descriptors = MEMMAP_SLACK_DESCRIPTORS;
	boot->first_snapshot = take_snapshot(boot);
	if (EFI_ERROR(boot->first_snapshot))
		return EFI_SUCCESS;
	cpu_read_state(&cpu);
	in_use_find(&cpu, &memory_phys, &boot->snapshot.map, in_use);
	for (size_t i = 0; i < in_use->n_ranges; i++)
		memory_fence(&boot->memory, &boot->snapshot.map, in_use->ranges[i].span);
	return EFI_SUCCESS;
}

EFI_STATUS translate_snapshot(struct boot *boot)
{
	EFI_STATUS status = take_snapshot(boot);
	enum map_err err;

	if (EFI_ERROR(status))
		return console_error(&boot->firmware, status,
		                     "the firmware gives no usable memory map");
	if (uefi_map_count(&boot->snapshot.map) > boot->plan.most_descriptors)
		return survey_outgrown(boot);
	err = plan_translate(&boot->plan, &boot->snapshot.map);
	if (err == MAP_OK)
		err = plan_find_vacant(&boot->plan, &boot->snapshot.map);
	if (err != MAP_OK)
		return console_error(&boot->firmware, EFI_LOAD_ERROR, "%s", map_err_text(err));
	return EFI_SUCCESS;
}

EFI_STATUS survey_outgrown(struct boot *boot)
{
	boot->is_outgrown = true;
	return EFI_BUFFER_TOO_SMALL;
}

void survey_end_plan(struct boot *boot)
{
	boot->planned.end_claim = boot->memory.n_claims;
}

bool survey_forget(struct boot *boot)
{
	while (boot->planned.end_claim > boot->planned.first_claim)
		memory_release(&boot->memory, --boot->planned.end_claim);
	boot->memory.n_fences = boot->planned.n_fences;
	boot->plan.booted = NULL;
	memset(&boot->handed, 0, sizeof boot->handed);
	boot->snapshot.buffer = NULL;
	boot->is_outgrown = false;
	boot->has_no_map = !add_slack(boot);
	return !boot->has_no_map;
}

/* What the configuration wants left alone is nobody's, not even ours. */
static void fence_reserves(struct boot *boot)
{
	for (size_t i = 0; i < boot->config.n_reserves; i++) {
		const struct reservation *reserve = &boot->config.reserves[i];

		memory_fence(&boot->memory, &boot->snapshot.map,
		             (struct span){ reserve->start_paddr, reserve->end_paddr });
	}
}

static EFI_STATUS plan_with_map(struct boot *boot)
{
	EFI_STATUS status = boot->first_snapshot;
	size_t most_descriptors;

	boot->planned.first_claim = boot->memory.n_claims;
	boot->planned.n_fences = boot->memory.n_fences;
	if (!EFI_ERROR(status) && boot->snapshot.buffer == NULL)
		status = take_snapshot(boot);
	if (EFI_ERROR(status))
		return console_error(&boot->firmware, status,
		                     "the firmware gives no usable memory map");
	/* The slack is for the firmware: what we claim ourselves may split two for a segment. */
	most_descriptors = boot->snapshot.capacity_bytes / boot->snapshot.map.stride +
	                   boot->slack_descriptors + (size_t)2 * KERNEL_SEGMENTS;
	fence_reserves(boot);
	status = facts_find(&boot->firmware, &boot->memory, &boot->snapshot.map, &boot->facts);
	if (!EFI_ERROR(status))
		status = plan_init(&boot->plan, &boot->memory, &boot->config, &boot->facts,
		                   most_descriptors);
	if (EFI_ERROR(status))
		return console_error(&boot->firmware, status, "no memory to work in");
	return translate_snapshot(boot);
}

EFI_STATUS survey(struct boot *boot)
{
	EFI_STATUS status = plan_with_map(boot);

	boot->has_no_map = EFI_ERROR(status);
	return status;
}

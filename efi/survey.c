/*
 * survey.c - the machine and its memory map, at the moment -> facts, e820, what is vacant: see
 * survey.h.
 */
#include "efi/survey.h"

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

/* The map as it is now, into the buffer that there is, or into a larger one. */
static EFI_STATUS take_snapshot(struct memory *memory, struct memmap *snapshot)
{
	UINTN capacity_bytes, stride;
	EFI_STATUS status;
	void *buffer;

	if (snapshot->buffer != NULL) {
		status = memmap_read(memory->firmware, snapshot);
		if (status != EFI_BUFFER_TOO_SMALL)
			return status;
	}
	status = memmap_room(memory->firmware, &capacity_bytes, &stride);
	if (EFI_ERROR(status))
		return status;
	buffer = claim_buffer(memory, capacity_bytes + MEMMAP_GUARD_BYTES);
	if (buffer == NULL)
		return EFI_OUT_OF_RESOURCES;
	memmap_init(snapshot, buffer, capacity_bytes);
	return memmap_read(memory->firmware, snapshot);
}

/* Without a map nothing is kept free; and survey() says that there is none. */
EFI_STATUS survey_in_use(struct boot *boot)
{
	struct in_use *in_use = &boot->in_use;
	struct cpu_state cpu;

	boot->first_snapshot = take_snapshot(&boot->memory, &boot->snapshot);
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
	EFI_STATUS status = take_snapshot(&boot->memory, &boot->snapshot);
	enum map_err err;

	if (EFI_ERROR(status))
		return console_error(&boot->firmware, status,
		                     "the firmware gives no usable memory map");
	err = plan_translate(&boot->plan, &boot->snapshot.map);
	if (err == MAP_OK)
		err = plan_find_vacant(&boot->plan, &boot->snapshot.map);
	if (err != MAP_OK)
		return console_error(&boot->firmware, EFI_LOAD_ERROR, "%s", map_err_text(err));
	return EFI_SUCCESS;
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

EFI_STATUS survey(struct boot *boot)
{
	EFI_STATUS status = boot->first_snapshot;
	size_t most_descriptors;

	if (EFI_ERROR(status))
		return console_error(&boot->firmware, status,
		                     "the firmware gives no usable memory map");
	/* The slack is for the firmware: what we claim ourselves may split two for a segment. */
	most_descriptors = boot->snapshot.capacity_bytes / boot->snapshot.map.stride +
	                   MEMMAP_SLACK_DESCRIPTORS + (size_t)2 * KERNEL_SEGMENTS;
	fence_reserves(boot);
	status = facts_find(&boot->firmware, &boot->memory, &boot->snapshot.map, &boot->facts);
	if (!EFI_ERROR(status))
		status = plan_init(&boot->plan, &boot->memory, &boot->config, &boot->facts,
		                   most_descriptors);
	if (EFI_ERROR(status))
		return console_error(&boot->firmware, status, "no memory to work in");
	return translate_snapshot(boot);
}

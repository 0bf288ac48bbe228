/* accepted.c - see accepted.h. The lines are those of mapdiff/FORMAT.md, as far as a kernel knows.
 */
#include "handoff/stub/accepted.h"

#include "handoff/block.h"
#include "handoff/capture/capture.h"
#include "handoff/device/ports.h"
#include "handoff/stub/entry.h"
#include "handoff/version.h"

/* An array of the block as e820 ranges: the two structures are one. */
_Static_assert(sizeof(struct handoff_range) == sizeof(struct e820_range) &&
                       offsetof(struct handoff_range, end_paddr) ==
                               offsetof(struct e820_range, end_paddr) &&
                       offsetof(struct handoff_range, type) == offsetof(struct e820_range, type),
               "handoff_range is not e820_range");

bool accepted_is_wanted(const char *cmdline)
{
	static const char word[] = "stub.capture";
	size_t length = 0; /* of what is right so far in this word */
	bool is_right = true;

	for (; *cmdline != '\0'; cmdline++) {
		if (*cmdline == ' ') {
			if (is_right && word[length] == '\0')
				return true;
			length = 0;
			is_right = true;
		} else {
			is_right = is_right && word[length] == *cmdline;
			length += is_right;
		}
	}
	return is_right && word[length] == '\0';
}

static void emit(void *context, const char *line, size_t bytes)
{
	(void)context;
	ports_put_line(line, bytes - 1); /* without its LF */
}

/* The block has the e820 map with its RAM cut; where, it does not say. */
static void say_limit(const struct proof *proof, struct capture_writer *writer)
{
	pfn_t max_pfn = proof->block->max_pfn;

	if (max_pfn < naive_max_pfn(&proof->view, naive_uefi_type))
		capture_line(writer, "mem-limit", "0x%llx", (ull)pfn_paddr(max_pfn));
}

static void say_boot(const struct proof *proof, struct capture_writer *writer, const char *target)
{
	const struct handoff_block *block = proof->block;

	capture_line(writer, "program", "stub kernel %s, bootmem %s", target, BOOTMEM_VERSION);
	capture_text(writer, "taken", "accepted");
	capture_line(writer, "firmware-bits", "%u", (unsigned)block->firmware_bits);
	capture_text(writer, "policy",
	             block->policy == HANDOFF_POLICY_LINUX ? "linux-2.6.24" : "safe");
	say_limit(proof, writer);
	capture_text(writer, "target", target);
}

static void say_firmware_map(const struct handoff_block *block, struct capture_writer *writer)
{
	const struct uefi_map map = {
		.descriptors = (const void *)(uintptr_t)block->uefi_map_paddr,
		.map_bytes = block->uefi_map_bytes,
		.stride = block->uefi_descriptor_bytes,
	};
	const struct handoff_framebuffer *fb = &block->framebuffer;

	capture_uefi_map(writer, &map, block->uefi_descriptor_version);
	capture_span(writer, "framebuffer", (struct span){ fb->paddr, fb->paddr + fb->bytes },
	             NULL);
}

/* Only read; a later version of the protocol, with longer ranges, is not known here. */
static void say_e820(const struct handoff_block *block, struct capture_writer *writer)
{
	const struct e820_map map = {
		.ranges = (struct e820_range *)(uintptr_t)block->e820_paddr,
		.n_ranges = block->e820_count,
		.capacity = block->e820_count,
	};

	if (block->e820_entry_bytes == sizeof(struct e820_range))
		capture_e820(writer, &map);
	capture_span(writer, "kernel",
	             (struct span){ block->kernel_start_paddr, block->kernel_end_paddr }, NULL);
	capture_span(writer, "initrd",
	             (struct span){ block->initrd_start_paddr, block->initrd_end_paddr }, NULL);
}

static struct reservation reservation_of(const struct handoff_reservation *entry)
{
	bool is_linux = (entry->flags & HANDOFF_RESERVATION_LINUX) != 0;
	bool is_known = entry->lifetime <= HANDOFF_LIFETIME_ACPI;

	return reservation_make(
		(enum reservation_kind)entry->kind, is_linux ? ORIGIN_LINUX : ORIGIN_EXTENSION,
		is_known ? (enum reservation_lifetime)entry->lifetime : LIFETIME_FOREVER,
		(struct span){ entry->start_paddr, entry->end_paddr }, entry->owner, entry->reason);
}

/* What bootmem had from the firmware and the kernel was given. */
static bool is_footprint(const struct reservation *reservation)
{
	switch (reservation->kind) {
	case RESERVATION_BOOTMAP:
	case RESERVATION_BLOCK:
	case RESERVATION_STACK:
	case RESERVATION_PAGE_TABLES:
	case RESERVATION_GATES:
		return true;
	default:
		return false;
	}
}

/* As whole pages, which is how they were claimed. */
static void say_footprint(const struct proof *proof, struct capture_writer *writer)
{
	for (size_t i = 0; i < proof->view.n_reservations; i++) {
		struct reservation reservation = reservation_of(naive_reservation(&proof->view, i));
		struct span span = { pfn_paddr(pfn_down(reservation.start_paddr)),
			             pfn_paddr(pfn_up(reservation.end_paddr)) };

		if (is_footprint(&reservation))
			capture_span(writer, "footprint", span, reservation.owner);
	}
}

static void say_bitmap(const struct proof *proof, struct capture_writer *writer, const char *target)
{
	bootmem_data_t bdata;

	handoff_bootmem(proof->block, proof->bitmap, &bdata);
	capture_bitmap(writer, target, &bdata, proof->block->max_pfn);
	for (size_t i = 0; i < proof->view.n_reservations; i++) {
		struct reservation reservation = reservation_of(naive_reservation(&proof->view, i));

		capture_reservation(writer, target, &reservation);
	}
}

void accepted_say(const struct proof *proof)
{
	const char *target = STUB_TARGET == HANDOFF_TARGET_IA32 ? "ia32" : "amd64";
	struct capture_writer writer;

	capture_begin(&writer, emit, NULL);
	say_boot(proof, &writer, target);
	say_firmware_map(proof->block, &writer);
	say_footprint(proof, &writer);
	say_e820(proof->block, &writer);
	say_bitmap(proof, &writer, target);
	capture_end(&writer);
}

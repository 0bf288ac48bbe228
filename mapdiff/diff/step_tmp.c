#include "mapdiff/diff/result.h"
#include "mapdiff/base/sorted.h"
const char *owner_kind_name(enum owner_kind kind)
{
	static const char *const names[OWNER_KINDS] = { "",
		                                        "unknown",
		                                        "ACPI",
		                                        "firmware",
		                                        "runtime services code",
		                                        "runtime services data",
		                                        "MMIO",
		                                        "MMIO port space",
		                                        "PAL code",
		                                        "persistent memory",
		                                        "unaccepted memory",
		                                        "an OEM's own type",
		                                        "an OS loader's own type",
		                                        "faulty memory",
		                                        "specific-purpose memory" };
	return names[kind];
}
static enum owner_kind uefi_owner(uint32_t t)
{
	static const enum owner_kind k[UEFI_TYPE_COUNT] = {
		[UEFI_RUNTIME_SERVICES_CODE] = OWNER_RUNTIME_CODE,
		[UEFI_RUNTIME_SERVICES_DATA] = OWNER_RUNTIME_DATA,
		[UEFI_MMIO] = OWNER_MMIO,
		[UEFI_MMIO_PORT_SPACE] = OWNER_MMIO_PORTS,
		[UEFI_PAL_CODE] = OWNER_PAL_CODE,
		[UEFI_PERSISTENT] = OWNER_PERSISTENT,
		[UEFI_UNACCEPTED] = OWNER_UNACCEPTED
	};
	if (t >= 0x80000000u)
		return OWNER_OS;
	if (t >= 0x70000000u)
		return OWNER_OEM;
	return t < UEFI_TYPE_COUNT ? k[t] : OWNER_NONE;
}
static void add(struct owner_kinds *k, enum owner_kind kind)
{
	for (int i = 0; i < k->n_kinds; i++)
		if (k->kinds[i] == kind)
			return;
	if (k->n_kinds < 4)
		k->kinds[k->n_kinds++] = (uint8_t)kind;
}
static enum owner_kind e820_owner(uint32_t t)
{
	switch (t) {
	case E820_ACPI:
		return OWNER_ACPI;
	case E820_NVS:
		return OWNER_FIRMWARE;
	case E820_UNUSABLE:
		return OWNER_FAULTY;
	case E820_PMEM:
	case E820_PRAM:
		return OWNER_PERSISTENT;
	case E820_SOFT_RESERVED:
		return OWNER_SPECIAL;
	case E820_GRUB_RUNTIME_CODE:
		return OWNER_RUNTIME_CODE;
	default:
		return OWNER_UNKNOWN;
	}
}
void step_tmp(const struct diff *diff, const struct change *change, struct step_change *ret)
{
	const struct e820_range *ranges[2] = { &change->before, &change->after };
	*ret = (struct step_change){ .change = *change };
	for (size_t side = 0; side < 2; side++) {
		const struct e820_range *range = ranges[side];
		const struct uefi_descriptor *list = diff->sides[side]->sorted_uefi;
		size_t n = diff_record(diff, side)->n_uefi, i;
		bool res = false, known = false;
		if (e820_is_empty(range) || range->type == E820_RAM)
			continue;
		i = sorted_n_below(SORTED(struct uefi_descriptor, start_paddr, list, n),
		                   range->start_paddr);
		for (i -= i > 0; i < n && list[i].start_paddr < range->end_paddr; i++) {
			paddr_t s, e;
			bool w;
			enum owner_kind k = uefi_owner(list[i].type);
			if (!uefi_descriptor_range(&list[i], &s, &e, &w) || e <= range->start_paddr)
				continue;
			res |= list[i].type == UEFI_RESERVED;
			known |= k != OWNER_NONE;
			if (k != OWNER_NONE)
				add(&ret->uefi, k);
		}
		if (res && !known && range->type == E820_RESERVED)
			add(&ret->uefi, OWNER_FIRMWARE);
		ret->e820 = e820_owner(range->type);
	}
}

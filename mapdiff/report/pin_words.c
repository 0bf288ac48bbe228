/* pin_words.c - would a pinned block help -> its words: see pin_words.h. */
#include "mapdiff/report/pin_words.h"

#include "bootmem/count.h"
#include "mapdiff/base/text.h"
#include "x86/pin_block.h"

/* A name, and what stands behind "pin would help", "would not help" or "not known, because". */
static const struct {
	const char *name, *text;
} rows[] = {
	[PIN_STUB_MEMORY] = { "stub memory",
	                      "what moved is memory that Linux's EFI stub, or a loader, "
	                      "allocates as \"ACPI data\"" },
	[PIN_ONE_BOOT] = { "one boot", "it is on in one of the boots only. The first resume after "
	                               "that is refused, once; from then on the map stays" },
	[PIN_TOO_SMALL] = { "too small", "the block was too small" },
	[PIN_AT_WORK] = { "at work", "both boots are pinned, and have one map" },
	[PIN_NOT_NEEDED] = { "not needed", "both boots have one map" },
	[PIN_NOT_THE_MAP] = { "not the map", "it is not the map alone that forbids it" },
	[PIN_ELSEWHERE] = { "elsewhere", "both boots are pinned, but not to the same place: "
	                                 "pin.conf was lost or changed in between" },
	[PIN_LOADERS] = { "loaders",
	                  "the two boot loaders write different types for the same "
	                  "memory. Resume through the one that started the hibernated system" },
	[PIN_OPTIONS] = { "kernel options", "kernel options changed the map" },
	[PIN_CPUS] = { "CPU count", "with the number of CPUs the firmware's own ranges moved" },
	[PIN_RAM] = { "RAM", "the size of RAM changed" },
	[PIN_FIRMWARE] = { "firmware", "the firmware's own ranges moved: it allocates them before "
	                               "any loader starts" },
	[PIN_OTHER_TYPE] = { "other type", "what moved is of another type, and pin keeps \"ACPI "
	                                   "data\" in place, nothing else" },
	[PIN_BEFORE] = { "before",
	                 "it had moved before bootmem started, and pin keeps in place what "
	                 "is allocated later" },
	[PIN_NO_OWNER] = { "owner unknown", "nothing tells who allocated the \"ACPI data\" that "
	                                    "moved" },
	[PIN_NO_TABLES] = { "no tables", "a log names no ACPI tables: what moved may be theirs" },
	[PIN_CAPTURES] = { "captures", "captures are taken before the kernel's EFI stub allocates. "
	                               "Compare the logs of the two kernels" },
	[PIN_MIXED] = { "not alike",
	                "the two files do not show the map at the same moment of a boot" },
	[PIN_ALONE] = { "alone", "one boot does not tell what moves. Give two, or more" },
	[PIN_NO_MAP] = { "map unknown", "it is not known whether the two maps are one" },
};
_Static_assert(COUNT(rows) == PIN_REASON_COUNT, "a reason has no words");

const char *pin_reason_name(enum pin_reason reason)
{
	return rows[reason].name;
}

const char *words_of_pin(const struct pin *pin)
{
	const char *text = rows[pin->reason].text;

	if (pin->helps == VERDICT_YES)
		return memory_printf("It would help, with a block of %s: %s.",
		                     text_count(pin->n_pages, "page"), text);
	if (pin->helps == VERDICT_UNKNOWN)
		return memory_printf("Not known whether it would help, because %s.", text);
	if (pin->reason == PIN_AT_WORK || pin->reason == PIN_NOT_NEEDED)
		return memory_printf("%s: %s.",
		                     pin->reason == PIN_AT_WORK ? "It helps" : "Not needed", text);
	return memory_printf("It would not help: %s.", text);
}

const char *words_of_home(const struct pin_advice *advice)
{
	const char *block = text_range(advice->block.start_paddr, advice->block.end_paddr);
	const char *later = "";

	if (advice->n_kernel > 0)
		later = " Logs of Linux show it when loaders are in memory, too: captures tell more.";
	switch (advice->home) {
	case PIN_HOME_PINNED:
		return memory_printf("%s: it is there.", block);
	case PIN_HOME_FOUND:
		return memory_printf(
			"%s: in the middle of the largest range below 2 GiB that is free in %s.%s",
			block, text_count(advice->n_maps, "boot"), later);
	case PIN_HOME_NONE:
		return memory_printf(
			"nowhere: no range from 64 MiB to 2 GiB is free in %s, and more than "
			"64 MiB long.%s",
			text_count(advice->n_maps, "boot"), later);
	default:
		return "not known: no file has a UEFI map, as captures have it, and logs of Linux with "
		       "efi=debug.";
	}
}

const char *words_of_pin_owner(const struct record_pin_owner *owner)
{
	if (owner->paddr == PIN_OTHERS_PADDR)
		return "others";
	if (*owner->name != '\0')
		return owner->name;
	return memory_printf("%s at 0x%" PRIx64, owner->image_bytes > 0 ? "an image" : "code",
	                     owner->paddr);
}

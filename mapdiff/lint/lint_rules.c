/* lint_rules.c - the rules of lint, the worst first: see lint.h. */
#include "mapdiff/lint/lint_rules.h"

const char *const severity_names[3] = {
	[SEVERITY_NOTE] = "note",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_ERROR] = "error",
};

const struct lint_rule lint_rules[] = {
	{ "overlap", SEVERITY_ERROR, "ranges share bytes",
	  "What lies there has two types, and each loader has an idea of its own which one counts. "
	  "bootmem and Linux take the higher e820 type; others have crashed.",
	  "UEFI 2.10 §7.2.3", check_overlap, false },
	{ "wrap", SEVERITY_ERROR, "a descriptor ends past 2^64",
	  "Start and number of pages cannot both be right. It is passed over, and with it whatever "
	  "it was to protect.",
	  "UEFI 2.10 §7.2.3", check_wrap, true },
	{ "unaligned", SEVERITY_ERROR, "a range does not start at a page",
	  "Descriptors are of pages of 4 KiB, aligned to 4 KiB. The page at either end belongs to "
	  "two ranges, and a kernel gives it to the one that it likes.",
	  "UEFI 2.10 §7.2.3", check_unaligned, true },
	{ "unknown-type", SEVERITY_ERROR, "a type that the specification does not have",
	  "Types from 16 to 0x6fffffff are reserved. Linux's EFI stub leaves such a range out of its "
	  "e820 map, as if nothing were there; bootmem reserves it.",
	  "UEFI 2.10 §7.2, EFI_MEMORY_TYPE", check_unknown_type, true },
	{ "acpi-in-ram", SEVERITY_ERROR, "an ACPI table is in memory that kernels use",
	  "After the exit from boot services this is free memory, and the table is overwritten, "
	  "unless the kernel looks for each table and keeps it. Allocate tables as "
	  "EfiACPIReclaimMemory or EfiACPIMemoryNVS.",
	  "UEFI 2.10 §2.3.4; ACPI 6.5 §15.4", check_acpi_in_ram, false },
	{ "framebuffer-in-ram", SEVERITY_ERROR, "the framebuffer is in memory that kernels use",
	  "What the kernel puts there shows on the screen, and what is drawn destroys it. Describe "
	  "the framebuffer as reserved memory, or not at all.",
	  "", check_framebuffer_in_ram, false },
	{ "runtime-without-attribute", SEVERITY_ERROR,
	  "runtime services memory without EFI_MEMORY_RUNTIME",
	  "A kernel maps for SetVirtualAddressMap() only what has the attribute. The first runtime "
	  "call that touches this range faults.",
	  "UEFI 2.10 §7.2.3", check_runtime_without_attribute, true },
	{ "runtime-attribute-on-ram", SEVERITY_ERROR,
	  "EFI_MEMORY_RUNTIME on memory that kernels use",
	  "By its type a kernel may use this memory, by its attribute the runtime services do. Linux "
	  "goes by the type; bootmem and Xen reserve it. What the runtime services need is of a "
	  "runtime services type.",
	  "UEFI 2.10 §7.2.3", check_runtime_on_ram, true },
	{ "no-low-memory", SEVERITY_ERROR, "no memory below 640 KiB to start processors with",
	  "A processor starts in real mode, at a page below 1 MiB that the kernel must have. Without "
	  "one, only the first processor runs, and there is no resume from sleep.",
	  "Intel SDM, volume 3A, Multiple-Processor Initialization", check_no_low_memory, false },
	{ "beyond-address-width", SEVERITY_ERROR, "RAM above what the CPU can address",
	  "Kernels cut it off, or fault when they touch it: address bits are taken by memory "
	  "encryption, or the map is wrong.",
	  "", check_beyond_address_width, false },
	{ "runtime-attribute-on-acpi", SEVERITY_WARNING, "EFI_MEMORY_RUNTIME on ACPI memory",
	  "The firmware must not ask for a virtual mapping of ACPI memory.", "UEFI 2.10 §2.3.4",
	  check_runtime_on_acpi, true },
	{ "ram-not-wb", SEVERITY_WARNING, "RAM that is not write-back cacheable",
	  "Linux's EFI stub uses it all the same, and it is slow; bootmem, and Xen, do not use it. "
	  "It is memory of a device that should be reserved, or lacks EFI_MEMORY_WB.",
	  "UEFI 2.10 §7.2.3", check_ram_not_wb, true },
	{ "zero-pages", SEVERITY_WARNING, "descriptors of no pages",
	  "They describe nothing. Loaders that compute the last byte of each descriptor, or divide by "
	  "its size, trip over them.",
	  "UEFI 2.10 §7.2.3", check_zero_pages, true },
	{ "acpi-outside", SEVERITY_WARNING, "an ACPI table is not in ACPI memory",
	  "Nobody overwrites it, but a kernel that only maps ACPI memory does not find it, and memory "
	  "that the map does not describe may be given to a PCI device.",
	  "UEFI 2.10 §2.3.4", check_acpi_outside, false },
	{ "facs-in-reclaim", SEVERITY_WARNING, "the FACS is in reclaimable memory",
	  "Firmware and kernel use the FACS as long as the system runs, and the firmware looks into "
	  "it on resume from sleep: it must be in EfiACPIMemoryNVS.",
	  "UEFI 2.10 §2.3.4; ACPI 6.5 §5.2.10", check_facs_in_reclaim, true },
	{ "little-low-memory", SEVERITY_WARNING,
	  "little memory below 640 KiB to start processors with",
	  "Linux's trampoline takes some 24 to 32 KiB of it in one piece, by its version; without it, "
	  "only the first processor runs.",
	  "", check_little_low_memory, false },
	{ "mmio-in-ram", SEVERITY_WARNING, "a device's registers amid RAM",
	  "RAM touches it on both sides, so a kernel that maps RAM in large pages maps it too, as "
	  "cacheable memory.",
	  "UEFI 2.10 §7.2.3", check_mmio_in_ram, true },
	{ "bin-overflow", SEVERITY_WARNING, "a bin was too small at this boot",
	  "The map has as many pages of the type as MemoryTypeInformation asks for, but not in one "
	  "piece. edk2 raises the variable when a boot has used more than its bin: then what did not "
	  "fit was allocated wherever there was room, and may be somewhere else on another boot, and a "
	  "hibernated Linux does not resume. The next boot should have the larger bin; if this stays, "
	  "the variable is lost between boots, or nobody reads it.",
	  "", check_bin_overflow, true },
	{ "many-entries", SEVERITY_WARNING,
	  "more e820 entries than Linux's boot_params has room for",
	  "Entries from the 129th on take another way to the kernel (SETUP_E820_EXT), which not every "
	  "loader knows, and a kernel that is started by kexec may lack them.",
	  "", check_many_entries, false },
	{ "hole", SEVERITY_NOTE, "memory between RAM that the map does not describe",
	  "It may be RAM that the firmware keeps. As it is not reserved, a kernel may put a PCI device "
	  "there.",
	  "", check_hole, false },
	{ "smbios-in-ram", SEVERITY_NOTE, "SMBIOS is in memory that kernels use",
	  "EfiBootServicesData is allowed, but a kernel that reads SMBIOS late finds what it put "
	  "there since. EfiRuntimeServicesData is recommended.",
	  "UEFI 2.10 §2.3.4", check_smbios_in_ram, false },
	{ "oem-type", SEVERITY_NOTE, "types of an OEM, or of an operating system's loader",
	  "Linux's EFI stub leaves them out, as if nothing were there; GRUB and bootmem reserve them.",
	  "UEFI 2.10 §7.2, EFI_MEMORY_TYPE", check_oem_type, true },
	{ "out-of-order", SEVERITY_NOTE, "descriptors are not sorted by address",
	  "The specification does not ask for it. Loaders that merge only neighbours hand over more "
	  "entries than there need be.",
	  "UEFI 2.10 §7.2.3", check_out_of_order, true },
	{ "rsdp-in-nvs", SEVERITY_NOTE, "the RSDP is in ACPI NVS memory",
	  "That is allowed. Reclaimable memory is recommended for tables, as a kernel gets that "
	  "back.",
	  "UEFI 2.10 §2.3.4", check_rsdp_in_nvs, true },
	{ "bgrt-in-boot-services", SEVERITY_NOTE, "the boot logo is in boot services memory",
	  "That is where it should be. A kernel that shows it again must keep it before it takes boot "
	  "services memory into use.",
	  "ACPI 6.5, Boot Graphics Resource Table", check_bgrt_image, true },
	{ "bin-outside", SEVERITY_NOTE, "pages of a type outside its bin",
	  "They were allocated before there were bins, or at a fixed address, and stay where they are; "
	  "or the bin was full, and they may move. `mapdiff series' over some boots tells which.",
	  "", check_bin_outside, true },
	{ "bin-unused", SEVERITY_NOTE, "fewer pages of a type than its bin has",
	  "Unused room of a bin is reported as of its type, so this bin was not made: the firmware "
	  "does not use the variable, or could not, or has raised it since for the next boot.",
	  "", check_bin_unused, true },
	{ "many-descriptors", SEVERITY_NOTE, "a map of many descriptors",
	  "Tools with tables of fixed size, memory testers and older loaders among them, lose the "
	  "last ones.",
	  "", check_many_descriptors, true },
	{ "no-memory-attributes", SEVERITY_NOTE, "there is no memory attributes table",
	  "Without it a kernel maps runtime services code and data writable and executable at once.",
	  "UEFI 2.10 §4.6, EFI_MEMORY_ATTRIBUTES_TABLE", check_no_memory_attributes, false },
};
const size_t n_lint_rules = sizeof lint_rules / sizeof lint_rules[0];

"""Maps -> the texts that UEFI Shell and GRUB print of them, and captures. A map is a list of
(type, attribute, start, end), ends exclusive, as firmware lists it."""

import zlib

PAGE = 4096
RUNTIME = 1 << 63

# By edk2's ShellPkg, MemMap.c: of the table, and of -sfo where that is another.
SHELL = ["Reserved", "LoaderCode", "LoaderData", "BS_Code", "BS_Data", "RT_Code", "RT_Data", "Available",
         "Unusable", "ACPI_Recl", "ACPI_NVS", "MMIO", "MMIO_Port", "PalCode", "Persistent", "Unaccepted"]
SFO = ["Reserved", "LoaderCode", "LoaderData", "BootServiceCode", "BootServiceData", "RuntimeCode",
       "RuntimeData", "Available", "UnusableMemory", "ACPIReclaimMemory", "ACPIMemoryNVS", "MemoryMappedIO",
       "MemoryMappedIOPortSpace", "PalCode", "Persistent", "Unaccepted"]
# Of the EFI Shell, before edk2.
OLD_SHELL = ["reserved", "LoaderCode", "LoaderData", "BS_code", "BS_data", "RT_code", "RT_data", "available",
             "Unusable", "ACPI_recl", "ACPI_NVS", "MemMapIO", "MemPortIO", "PAL_code"]
# Those that the Shell has a total for, in its order.
TOTALS = [0, 1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 15, 7, 14]
COUNTED = {1, 2, 3, 4, 5, 6, 7, 9, 10, 13, 14, 15}
SUMMARY = [0, 3, 4, 5, 6, 1, 2, 7, 11, 12, 8, 9, 10, 13, 15, 14]
GRUB = ["reserved", "ldr-code", "ldr-data", "BS-code ", "BS-data ", "RT-code ", "RT-data ", "conv-mem",
        "unusable", "ACPI-rec", "ACPI-nvs", "MMIO    ", "IO-ports", "PAL-code", "persist "]
GRUB_ATTRIBUTES = [(RUNTIME, "RT"), (1, "UC"), (2, "WC"), (4, "WT"), (8, "WB"), (0x10, "UCE"), (0x1000, "WP"),
                   (0x2000, "RP"), (0x4000, "XP"), (0x8000, "NV"), (0x10000, "MR"), (0x20000, "RO")]
LSMMAP = {1: "available RAM", 2: "reserved RAM", 3: "ACPI reclaimable RAM", 4: "ACPI non-volatile storage RAM",
          5: "faulty RAM (BadRAM)", 7: "persistent RAM", 12: "persistent RAM (legacy)",
          16: "RAM holding coreboot tables", 20: "RAM holding firmware code"}


def pages(start, end):
    return (end - start) // PAGE


def last(end):
    return (end - 1) % (1 << 64)


def sums(uefi):
    of_type = {}
    for kind, _, start, end in uefi:
        of_type[kind] = of_type.get(kind, 0) + pages(start, end)
    return of_type


def shell(uefi, names=None, totals=True):
    names = names or SHELL
    lines = ["Type       Start            End              # Pages          Attributes"]
    for kind, attribute, start, end in uefi:
        name = f"{names[kind]:<10}" if kind < len(names) else f"{kind:08x}  "
        lines.append(f"{name} {start:016X}-{last(end):016X} {pages(start, end):016X} {attribute:016X}")
    if totals:
        of_type = sums(uefi)
        lines.append(" ")
        lines += [f"  {SHELL[kind]:<10}: {of_type.get(kind, 0):14,} Pages ({of_type.get(kind, 0) * PAGE:,} Bytes)"
                  for kind in TOTALS]
        lines += [f"  {kind:08x}  : {n:14,} Pages ({n * PAGE:,} Bytes)"
                  for kind, n in sorted(of_type.items()) if kind >= len(SHELL)]
        total = sum(n for kind, n in of_type.items() if kind in COUNTED or kind >= len(SHELL)) * PAGE
        lines += ["              -------------- ", f"Total Memory: {total >> 20:14,} MB ({total:,} Bytes)"]
    return "\r\n".join(lines) + "\r\n"


def shell_sfo(uefi):
    """Types of OEMs and of operating systems are not in it."""
    lines = ['ShellCommand,"memmap"']
    for kind, attribute, start, end in uefi:
        if kind < len(SFO):
            lines.append(f'MemoryMap,"{SFO[kind]}","{start:X}","{last(end):X}","{pages(start, end):X}",'
                         f'"{attribute:X}"')
    of_type = sums(uefi)
    values = [sum(n for kind, n in of_type.items() if kind in COUNTED)] + [of_type.get(kind, 0) for kind in SUMMARY]
    fields = [f'"{n * PAGE}"' for n in values]
    lines.append("MemoryMapSummary," + ",".join(fields[:-1]) + ", " + fields[-1])
    return "\r\n".join(lines) + "\r\n"


def grub_size(size):
    for shift, unit in ((10, "K"), (20, "M"), (30, "G"), (40, "T")):
        if size & ((1024 << shift) - 1):
            return f"{size >> shift:6}{unit}iB"
    return f"{size >> 50:6}PiB"


def lsefimmap(uefi):
    lines = ["Type      Physical start  - end             #Pages        Size Attributes"]
    for kind, attribute, start, end in uefi:
        name = f"{GRUB[kind]} " if kind < len(GRUB) else f"Unk {kind:02x}   "
        words = "".join(" " + word for bit, word in GRUB_ATTRIBUTES if attribute & bit)
        lines.append(f"{name} {start:016x}-{last(end):016x} {pages(start, end):08x} {grub_size(end - start)}{words}")
    return "\n".join(lines) + "\n"


def lsmmap(e820):
    """Of (start, end, type)."""
    return "".join(f"base_addr = 0x{start:x}, length = 0x{end - start:x}, "
                   + LSMMAP.get(kind, f"type = 0x{kind:x}") + "\n" for start, end, kind in e820)


def number(value, most):
    return str(value) if value <= most else f"0x{value:x}"


def capture(*lines, uefi=(), e820=(), version=1):
    """A capture of such lines, with its checksum."""
    text = [f"bootmem-capture {version}", *lines]
    text += [f"uefi 0x{start:016x} 0x{end:016x} {number(kind, 15)} 0x{attribute:x} name"
             for kind, attribute, start, end in uefi]
    text += [f"e820 0x{start:016x} 0x{end:016x} {number(kind, 99)} name" for start, end, kind in e820]
    body = "".join(line + "\n" for line in text)
    return body + f"checksum 0x{zlib.crc32(body.encode()):08x}\n"


# --- what other programs print ---

XEN_NAMES = {1: "usable", 2: "reserved", 3: "ACPI data", 4: "ACPI NVS", 5: "unusable"}


def xen_e820(e820, name="Xen-e820"):
    """Of (start, end, type)."""
    return [f"(XEN) {name} RAM map:"] + [f"(XEN)  {start:016x} - {end:016x} " + (f"({XEN_NAMES[kind]})" if kind in XEN_NAMES
                                                                                  else f"type {kind}")
                                         for start, end, kind in e820]


def xen_e820_new(e820, name="EFI"):
    """Since 4.14."""
    return [f"(XEN) {name} RAM map:"] + [f"(XEN)  [{start:016x}, {end - 1:016x}] ({XEN_NAMES[kind]})"
                                         for start, end, kind in e820]


def tboot(e820):
    return ["TBOOT: original e820 map:"] + [f"TBOOT: \t{start:016x} - {end:016x}  ({kind})" for start, end, kind in e820]


def xen_efi(uefi):
    return ["(XEN) EFI memory map:"] + [f"(XEN)  {start:013x}-{last(end):013x} type={kind} attr={attribute:016x}"
                                        for kind, attribute, start, end in uefi]


UBOOT = ["RESERVED", "LOADER CODE", "LOADER DATA", "BOOT CODE", "BOOT DATA", "RUNTIME CODE", "RUNTIME DATA", "CONVENTIONAL",
         "UNUSABLE MEM", "ACPI RECLAIM MEM", "ACPI NVS MEM", "IO", "IO PORT", "PAL CODE"]


def uboot(uefi):
    lines = ["=> efidebug memmap", "Type             Start            End              Attributes",
             "================ ================ ================ =========="]
    for kind, attribute, start, end in uefi:
        words = [word for bit, word in GRUB_ATTRIBUTES[1:] + GRUB_ATTRIBUTES[:1] if attribute & bit]
        lines.append(f"{UBOOT[kind]:16} {start:016x}-{end:016x} {'|'.join(words)}")
    return lines


RUST = ["RESERVED", "LOADER_CODE", "LOADER_DATA", "BOOT_SERVICES_CODE", "BOOT_SERVICES_DATA", "RUNTIME_SERVICES_CODE",
        "RUNTIME_SERVICES_DATA", "CONVENTIONAL", "UNUSABLE", "ACPI_RECLAIM", "ACPI_NON_VOLATILE", "MMIO", "MMIO_PORT_SPACE",
        "PAL_CODE", "PERSISTENT_MEMORY"]
RUST_ATTRIBUTES = [(1, "UNCACHEABLE"), (2, "WRITE_COMBINE"), (4, "WRITE_THROUGH"), (8, "WRITE_BACK"), (0x10, "UNCACHABLE_EXPORTED"),
                   (0x1000, "WRITE_PROTECT"), (0x2000, "READ_PROTECT"), (0x4000, "EXECUTE_PROTECT"), (0x8000, "NON_VOLATILE"),
                   (0x10000, "MORE_RELIABLE"), (0x20000, "READ_ONLY"), (RUNTIME, "RUNTIME")]


def rust_fields(kind, attribute, start, end, wrap="{}"):
    words = " | ".join(word for bit, word in RUST_ATTRIBUTES if attribute & bit) or "(empty)"
    return [f"ty: {RUST[kind] if kind < len(RUST) else f'MemoryType({kind})'}", "padding: 0", f"phys_start: {start}",
            "virt_start: 0", f"page_count: {pages(start, end)}", "att: " + wrap.format(words)]


def rust(uefi):
    return ["INFO: MemoryDescriptor { " + ", ".join(rust_fields(*row)) + " }" for row in uefi]


def rust_new(uefi):
    """Newer: no padding, and attributes in a bracket."""
    return ["[ INFO]:  src/main.rs@042: MemoryDescriptor { " + ", ".join(
        field for field in rust_fields(*row, wrap="MemoryAttribute({})") if "padding" not in field) + " }" for row in uefi]


def rust_pretty(uefi):
    """{:#?}"""
    return [line for row in uefi for line in ["MemoryDescriptor {", *(f"    {field}," for field in rust_fields(*row)), "}"]]


def esxi(uefi):
    return [f"<6>MMap[{i}]: {start:#x} - {last(end):#x} len={end - start}, type={kind}, attr={attribute:#x}"
            for i, (kind, attribute, start, end) in enumerate(uefi)]


FREEBSD = ["Reserved", "LoaderCode", "LoaderData", "BootServicesCode", "BootServicesData", "RuntimeServicesCode",
           "RuntimeServicesData", "ConventionalMemory", "UnusableMemory", "ACPIReclaimMemory", "ACPIMemoryNVS",
           "MemoryMappedIO", "MemoryMappedIOPortSpace", "PalCode", "PersistentMemory"]


def freebsd(uefi):
    lines = ["EFI map:", f"{'Type':>23} {'Physical':>12} {'Virtual':>12} {'#Pages':>8} {'Attr':>4}"]
    names = {**dict(GRUB_ATTRIBUTES[1:]), 0x10000: "MORE_RELIABLE", RUNTIME: "RUNTIME"}
    for kind, attribute, start, end in uefi:
        words = "".join(f"{word} " for bit, word in names.items() if attribute & bit)
        lines.append(f"{FREEBSD[kind]:>23} {start:012x} {'0x0':>12} {pages(start, end):08x} {words}")
    return lines


def smap(e820):
    return [f"SMAP type={kind:02x} base={start:016x} len={end - start:016x}" for start, end, kind in e820]


def smap_sysctl(e820):
    return [f"SMAP type={kind:02x}, xattr=00, base={start:016x}, len={end - start:016x}" for start, end, kind in e820]


def openbsd(e820):
    return ["boot> machine memory"] + [f"Region {i}: type {kind} at 0x{start:x} for {end - start >> 10}KB"
                                       for i, (start, end, kind) in enumerate(e820)] + ["Low ram: 639KB  High ram: 523136KB"]


def multiboot(e820):
    """The example kernel of its specification."""
    return [f" size = 0x14, base_addr = 0x{start >> 32:x}{start & 0xffffffff:08x}, length = 0x{end - start >> 32:x}"
            f"{end - start & 0xffffffff:08x}, type = 0x{kind:x}" for start, end, kind in e820]


def multiboot_colon(e820):
    return [f"mmap: addr: {start:#x}, len: {end - start:#x}, type: {kind}" for start, end, kind in e820]


LIMINE_NUMBERS = {1: 0, 2: 1, 3: 2, 4: 3, 5: 4}
LIMINE_NAMES = {1: "Usable", 2: "Reserved", 3: "ACPI Reclaimable", 4: "ACPI NVS", 5: "Bad Memory"}


def limine_numbers(e820):
    return [f"Entry {i}: base={start:#018x} length={end - start:#018x} type={LIMINE_NUMBERS[kind]}"
            for i, (start, end, kind) in enumerate(e820)]


def limine_names(e820):
    return [f"[{i}] Base: {start:#x}, Length: {end - start:#x}, Type: {LIMINE_NAMES[kind]}"
            for i, (start, end, kind) in enumerate(e820)]


def limine_constants(e820):
    names = {kind: "LIMINE_MEMMAP_" + name.upper().replace(" ", "_") for kind, name in LIMINE_NAMES.items()}
    return [f"base: {start:#x} | length: {end - start:#x} | type: {names[kind]}" for start, end, kind in e820]


def limine_own(e820):
    return [f"[{start:016X} -> {end:016X}] : {end - start:016X} <{LIMINE_NAMES[kind].lower()} (aligned)>"
            for start, end, kind in e820]


def runtime_map(uefi, folder="/sys/firmware/efi/runtime-map/"):
    """Of the descriptors with the attribute RUNTIME, as grep -r prints them."""
    rows = [row for row in uefi if row[1] & RUNTIME]
    return [f"{folder}{i}/{name}:{value:#x}" for i, (kind, attribute, start, end) in enumerate(rows) for name, value in
            (("attribute", attribute), ("num_pages", pages(start, end)), ("phys_addr", start), ("type", kind),
             ("virt_addr", 0xfffffffeff900000 + start))]


def arm64(uefi):
    """Without numbers, as arm64 has them."""
    names = ["Reserved", "Loader Code", "Loader Data", "Boot Code", "Boot Data", "Runtime Code", "Runtime Data", "Conventional",
             "Unusable", "ACPI Reclaim", "ACPI Mem NVS", "MMIO", "MMIO Port", "PAL Code", "Persistent"]
    lines = []
    for kind, attribute, start, end in uefi:
        cells = "|".join(word if attribute & bit else " " * len(word) for bit, word in
                         [(RUNTIME, "RUN"), (0x10000, "MR"), (0x4000, "XP"), (0x2000, "RP"), (0x1000, "WP"), (0x20000, "RO"),
                          (0x10, "UCE"), (8, "WB"), (4, "WT"), (2, "WC"), (1, "UC")])
        lines.append(f"efi:   {start:#014x}-{last(end):#014x} [{names[kind]:12}|{cells}]" + ("*" if attribute & RUNTIME else ""))
    return lines


def holes(e820, who="PM: hibernation: Registered nosave memory: "):
    """What is no RAM below the last RAM; and where that ends."""
    lines, end_of_ram = [], 0
    for start, end, kind in e820:
        if kind == 1:
            if start > end_of_ram:
                lines.append(f"{who}[mem {end_of_ram:#010x}-{start - 1:#010x}]")
            end_of_ram = end
    return [f"e820: last_pfn = {end_of_ram >> 12:#x} max_arch_pfn = 0x400000000", *lines]

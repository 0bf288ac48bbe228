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

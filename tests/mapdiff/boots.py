"""Texts of boots for the tests of mapdiff: the log of a Linux kernel, and a capture, of a given
e820 map and whatever else is to differ."""

import struct
import zlib

NAMES = {1: "usable", 2: "reserved", 3: "ACPI data", 4: "ACPI NVS", 5: "unusable"}
CPU = "AMD Ryzen 5 (family: 0x17, model: 0x18, stepping: 0x1)"

# A small laptop: what moves in the tests is the ACPI data at 0x7f000000.
LAPTOP = ((0x0, 0xA0000, 1), (0x100000, 0x7F000000, 1), (0x7F000000, 0x7F00D000, 3),
          (0x7F00D000, 0x7F800000, 1), (0x7F800000, 0x7F900000, 4), (0x7F900000, 0x7FA00000, 2),
          (0xE0000000, 0xF0000000, 2), (0x100000000, 0x180000000, 1))


def moved(pages, size=13, base=LAPTOP):
    """The laptop, its ACPI data moved by so many pages, and of so many pages."""
    start = 0x7F000000 + pages * 0x1000
    end = start + size * 0x1000
    return base[:1] + ((0x100000, start, 1), (start, end, 3), (end, 0x7F800000, 1)) + base[4:]


def log(e820=LAPTOP, kernel="6.1.0-18-amd64", line="root=/dev/sda1 quiet", kib=4190000, cpu=CPU, cpus=4,
        dmi="Example Laptop/Board, BIOS 1.07 01/02/2023", more=()):
    """What dmesg would have of it."""
    lines = [f"Linux version {kernel} (builder@host) (gcc 12) #1 SMP", f"Command line: {line}",
             "BIOS-provided physical RAM map:"]
    lines += [f"BIOS-e820: [mem 0x{start:016x}-0x{end - 1:016x}] {NAMES.get(kind, f'type {kind}')}"
              for start, end, kind in e820]
    lines += ["efi: EFI v2.70 by Example", f"DMI: {dmi}"]
    lines += more
    lines += [f"smpboot: Allowing {cpus} CPUs, 0 hotplug CPUs"]
    if kib:
        lines += [f"Memory: {kib // 2}K/{kib}K available (14343K kernel code, 2338K rwdata)"]
    if cpu:
        lines += [f"smpboot: CPU0: {cpu}"]
    return "".join(f"[    0.{number:06}] {text}\n" for number, text in enumerate(lines))


def capture(e820=LAPTOP, more=()):
    """What bootmem would have written."""
    lines = ["bootmem-capture 1", "program bootmem 1.0 x64", "taken planned", *more]
    lines += [f"e820 0x{start:016x} 0x{end:016x} {kind} {NAMES.get(kind, 'type')}"
              for start, end, kind in e820]
    body = "".join(f"{text}\n" for text in lines)
    return body + f"checksum 0x{zlib.crc32(body.encode()):08x}\n"


def pin_variable(version=1, n_bytes=920, paddr=0x20000000, pages=32, most=0x45c0, served=0x45c0, refused=0,
                 owners=((0x1d000000, 0xb8c000, 3, 0x4580, 0, b"vmlinuz.efi"), (0x1e3f2010, 0, 1, 0x40, 0, b"")), n_owners=None,
                 asked=((6, 1, 0x4000),), attributes=6):
    """The variable in which bootmem says what a block served: x86/pin_record.h, behind its attributes."""
    data = struct.pack("<IIQIIIIQQIIII", version, n_bytes, paddr, pages, most, 4, 1 if refused else 0, served, refused, 4, most, 0, 0)
    for row in (*asked, *((0, 0, 0),) * 5)[:5]:
        data += struct.pack("<IIQ", *row)
    data += struct.pack("<II", len(owners) if n_owners is None else n_owners, 0)
    return struct.pack("<I", attributes) + data.ljust(152, b"\0") + b"".join(
        struct.pack("<QIIQQ32s", *owner) for owner in owners).ljust(768, b"\0")


def write(folder, *texts):
    """Files with these texts: their paths."""
    paths = []
    for number, text in enumerate(texts, 1):
        path = folder / f"boot{number}"
        path.write_text(text)
        paths.append(path)
    return paths

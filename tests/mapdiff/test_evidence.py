"""What differs between two boots, one thing a row -> all the evidence that is seen, in its order and in its words; and
what is made of it: the cause of each change, and of all."""

import boots
import pytest

FOUR_GIB = 1 << 32
SSDT, APIC, FACP, DSDT = (f"ACPI: {name} 0x000000007F9000{place:02X} 000100 (v01 OEM    TABLE    00000001 INTL 00000001)"
                          for place, name in enumerate(("SSDT", "APIC", "FACP", "DSDT")))
TABLES = "efi: ACPI=0x7f801000 ACPI 2.0=0x7f801014 "
EVENT_LOG = "efi: ACPI=0x7f801000 TPMEventLog=0x%x "
BRIDGE = "pci 0000:00:00.0: [8086:29c0] type 00 class 0x060000"
NIC = "pci 0000:02:00.0: [8086:15fb] type 00 class 0x020000"
NVME = "pci 0000:03:00.0: [144d:a808] type 00 class 0x010802"


def of(size, table):
    """The table, of another size."""
    return table.replace("000100", f"{size:06X}")


def boot(what):
    """A dict: the arguments of boots.log(), or the lines of a capture under "lines"."""
    if "lines" in what:
        return boots.capture(what.get("e820", boots.LAPTOP), what["lines"])
    return boots.log(**what)


def low(*ranges):
    """The laptop below 4 GiB, with these ranges from there on."""
    return boots.LAPTOP[:-1] + ranges


def top(*ranges):
    """The laptop, with these ranges at the top of its low memory."""
    return boots.LAPTOP[:4] + ranges + boots.LAPTOP[6:]


GRUB = top((0x7F800000, 0x7F900000, 4), (0x7F900000, 0x7FA00000, 20))
KEXEC = ((0x100, 0xA0000, 1),) + boots.LAPTOP[1:]
CRASH = ((0x1000, 0xA0000, 1), (0x11000000, 0x2D000000, 1))
GIB = "the size of RAM: "
OPTION = "the kernel option efi=nosoftreserve, which boot %s alone has"
FAKE = "the kernel option efi_fake_mem=, which differs"
IMAGE = "the boot loader: BOOT_IMAGE= is in the command line of boot %s only, as GRUB puts it there"
GONE = "%s, which boot %s has, and boot %s has not (ACPI table %s)"
STUB = "the EFI stub of Linux allocates this memory (TPMEventLog) where there is room at that moment"
BIN = ("what the firmware keeps for %s, which it learns from boot to boot (MemoryTypeInformation): %s pages")
NEEDS = "what the firmware keeps for itself, as another build or other settings would (%s): %s pages"


def uefi(*rows):
    """Lines of a capture, for (type, start, pages)."""
    return ["uefi-map 48 1"] + [f"uefi 0x{start:016x} 0x{start + pages * 0x1000:016x} {kind} 0xf name"
                                for kind, start, pages in rows]


def table(name, size=256, place=0):
    return f'acpi 0x{0x7F900000 + place:016x} {size} 0x12345678 1 ok "{name}" XSDT'


EVIDENCE = (
    # the rule, both boots, all that is seen
    ("nothing", {}, {}, []),
    ("the second was kexec'ed", {}, {"e820": KEXEC}, [("kexec", "boot B is a kernel that kexec started")]),
    ("the first was kexec'ed", {"e820": KEXEC}, {}, [("kexec", "boot A is a kernel that kexec started")]),
    ("a crash kernel", {}, {"e820": CRASH, "line": "elfcorehdr=1"},
     [("kexec", "boot B is a crash kernel (elfcorehdr= is in its command line)")]),

    ("RAM above 4 GiB", {}, {"e820": low((FOUR_GIB, FOUR_GIB + (1 << 30), 1))}, [("RAM", GIB + "3.9 GiB -> 2.9 GiB")]),
    ("the same, the other way", {"e820": low((FOUR_GIB, FOUR_GIB + (1 << 30), 1))}, {}, [("RAM", GIB + "2.9 GiB -> 3.9 GiB")]),
    ("RAM across 4 GiB, of which more is above", {"e820": ((0, 0xA0000, 1), (0x100000, 5 << 30, 1))},
     {"e820": ((0, 0xA0000, 1), (0x100000, 6 << 30, 1))}, [("RAM", GIB + "4.9 GiB -> 5.9 GiB")]),
    ("RAM that ends at 4 GiB, or goes on behind", {"e820": ((0, 0xA0000, 1), (0x100000, FOUR_GIB, 1))},
     {"e820": ((0, 0xA0000, 1), (0x100000, 6 << 30, 1))}, [("RAM", GIB + "3.9 GiB -> 5.9 GiB")]),
    ("RAM above, in two pieces", {"e820": low((FOUR_GIB, 5 << 30, 1), (6 << 30, 7 << 30, 1))},
     {"e820": low((FOUR_GIB, 5 << 30, 1), (6 << 30, 8 << 30, 1))}, [("RAM", GIB + "3.9 GiB -> 4.9 GiB")]),
    ("RAM below 4 GiB", {"e820": low()}, {"e820": boots.LAPTOP[:1] + ((0x100000, 0x40000000, 1),) + boots.LAPTOP[6:-1]},
     [("RAM", GIB + "1.9 GiB -> 1023.6 MiB")]),
    ("a MiB of it", {"e820": boots.LAPTOP[:2]}, {"e820": boots.LAPTOP[:1] + ((0x100000, 0x7F100000, 1),)},
     [("RAM", GIB + "1.9 GiB -> 1.9 GiB")]),
    ("less than a MiB", {"e820": boots.LAPTOP[:2]}, {"e820": boots.LAPTOP[:1] + ((0x100000, 0x7F0FF000, 1),)}, []),
    ("the firmware keeps more at the end of it", {},
     {"e820": boots.LAPTOP[:3] + ((0x7F00D000, 0x7F600000, 1), (0x7F600000, 0x7FA00000, 2)) + boots.LAPTOP[6:]}, []),
    ("more NVS at the end of it", {"e820": low()}, {"e820": boots.LAPTOP[:1] + ((0x100000, 0x7D000000, 1), (0x7D000000, 0x7FA00000, 4))
                                                    + boots.LAPTOP[6:-1]}, []),
    ("more ACPI data at the end of it", {"e820": low()}, {"e820": boots.LAPTOP[:1] + ((0x100000, 0x7D000000, 1), (0x7D000000, 0x7FA00000, 3))
                                                          + boots.LAPTOP[6:-1]}, []),
    ("it ends below a reserved range that does not touch it", {"e820": top((0x7F800000, 0x7FA00000, 1))},
     {"e820": top((0x7F800000, 0x7F900000, 1), (0x7F901000, 0x7FA00000, 2))}, [("RAM", GIB + "3.9 GiB -> 3.9 GiB")]),
    ("a part of it soft reserved", {}, {"e820": low((FOUR_GIB, 5 << 30, 1), (5 << 30, 6 << 30, 0xEFFFFFFF))}, []),
    ("the same below 4 GiB", {"e820": low()}, {"e820": boots.LAPTOP[:1] + ((0x100000, 0x60000000, 1), (0x60000000, 0x7FA00000, 0xEFFFFFFF))
                                               + boots.LAPTOP[6:-1]}, []),
    ("a larger window for devices, RAM above it", {},
     {"e820": boots.LAPTOP[:1] + ((0x100000, 0x6FA00000, 1), (0xE0000000, 0xF0000000, 2), (FOUR_GIB, 0x190000000, 1))}, []),
    ("reserved above, which is a device's", {}, {"e820": boots.LAPTOP + ((6 << 30, 8 << 30, 2),)}, []),
    ("the firmware keeps more at the end of RAM above 4 GiB", {"e820": low((FOUR_GIB, 6 << 30, 1))},
     {"e820": low((FOUR_GIB, (6 << 30) - (8 << 20), 1), ((6 << 30) - (8 << 20), 6 << 30, 2))}, []),
    ("it keeps some that does not touch it", {"e820": low((FOUR_GIB, 6 << 30, 1))},
     {"e820": low((FOUR_GIB, (6 << 30) - (8 << 20), 1), ((6 << 30) - (4 << 20), 6 << 30, 2))}, [("RAM", GIB + "3.9 GiB -> 3.9 GiB")]),
    ("reserved from 4 GiB on is no DRAM of its own", {"e820": low((FOUR_GIB, 6 << 30, 1))}, {"e820": low((FOUR_GIB, 6 << 30, 2))},
     [("RAM", GIB + "3.9 GiB -> 1.9 GiB")]),
    ("RAM, and the installed memory is the same", {"lines": ["installed-bytes 0x100000000"]},
     {"lines": ["installed-bytes 4294967296"], "e820": low((FOUR_GIB, 5 << 30, 1))}, []),
    ("RAM, and so is the installed memory", {"lines": ["installed-bytes 0x100000000"]},
     {"lines": ["installed-bytes 0xc0000000"], "e820": low((FOUR_GIB, 5 << 30, 1))}, [("RAM", GIB + "3.9 GiB -> 2.9 GiB")]),
    ("RAM, and one says what is installed", {"lines": []},
     {"lines": ["installed-bytes 0xc0000000"], "e820": low((FOUR_GIB, 5 << 30, 1))}, [("RAM", GIB + "3.9 GiB -> 2.9 GiB")]),
    ("RAM, and the other says it", {"lines": ["installed-bytes 0xc0000000"]},
     {"lines": [], "e820": low((FOUR_GIB, 5 << 30, 1))}, [("RAM", GIB + "3.9 GiB -> 2.9 GiB")]),
    ("the installed memory alone", {"lines": ["installed-bytes 0x100000000"]}, {"lines": ["installed-bytes 0xc0000000"]},
     [("RAM", "the installed memory: 4 GiB -> 3 GiB")]),

    ("CPUs", {"cpus": 4}, {"cpus": 8}, [("CPU count", "the number of CPUs: 4 -> 8")]),
    ("the size of the MADT, of as many CPUs", {"more": [APIC]}, {"more": [of(288, APIC)]},
     [("firmware", "the ACPI tables: 1 of another size")]),
    ("CPUs, and the size of the MADT", {"cpus": 4, "more": [APIC]}, {"cpus": 8, "more": [of(288, APIC)]},
     [("CPU count", "the number of CPUs: 4 -> 8"), ("firmware", "the ACPI tables: 1 of another size")]),
    ("a MADT that only the second names", {"more": [SSDT]}, {"more": [SSDT, APIC]}, [("firmware", "the ACPI tables: 1 new")]),
    ("a MADT that only the first names", {"more": [SSDT, APIC]}, {"more": [SSDT]}, [("firmware", "the ACPI tables: 1 gone")]),
    ("the size of the MADT, where CPUs are not counted", {"lines": [table("APIC")]}, {"lines": [table("APIC", 288)]},
     [("CPU count", "the ACPI table of CPUs (MADT): 256 -> 288 bytes"), ("firmware", "the ACPI tables: 1 of another size")]),
    ("they are counted in the first alone", {"lines": ["cpu-count 4", table("APIC")]}, {"lines": [table("APIC", 240)]},
     [("CPU count", "the ACPI table of CPUs (MADT): 256 -> 240 bytes"), ("firmware", "the ACPI tables: 1 of another size")]),
    ("in the second alone", {"lines": [table("APIC")]}, {"lines": ["cpu-count 4", table("APIC", 240)]},
     [("CPU count", "the ACPI table of CPUs (MADT): 256 -> 240 bytes"), ("firmware", "the ACPI tables: 1 of another size")]),
    ("where CPUs are not counted, one MADT", {"lines": [table("APIC"), table("FACP")]}, {"lines": [table("APIC"), table("FACP", 288)]},
     [("firmware", "the ACPI tables: 1 of another size")]),
    ("where CPUs are not counted, a MADT that only the second names", {"lines": [table("SSDT")]}, {"lines": [table("SSDT"), table("APIC")]},
     [("firmware", "the ACPI tables: 1 new")]),
    ("where CPUs are not counted, a MADT that only the first names", {"lines": [table("SSDT"), table("APIC")]}, {"lines": [table("SSDT")]},
     [("firmware", "the ACPI tables: 1 gone")]),
    ("CPUs that nr_cpus= limits", {"cpus": 4, "line": "quiet"}, {"cpus": 2, "line": "quiet nr_cpus=2"}, []),
    ("CPUs that maxcpus= limits", {"cpus": 2, "line": "quiet maxcpus=2"}, {"cpus": 4, "line": "quiet"}, []),
    ("CPUs that possible_cpus= limits", {"cpus": 4, "line": "quiet"}, {"cpus": 2, "line": "quiet possible_cpus=2"}, []),
    ("CPUs that nosmp limits", {"cpus": 4, "line": "quiet"}, {"cpus": 1, "line": "quiet nosmp"}, []),
    ("CPUs, and another option", {"cpus": 4, "line": "quiet"}, {"cpus": 2, "line": "quiet mem=1G"},
     [("CPU count", "the number of CPUs: 4 -> 2")]),
    ("CPUs, under one limit", {"cpus": 4, "line": "quiet nr_cpus=8"}, {"cpus": 2, "line": "nr_cpus=8"},
     [("CPU count", "the number of CPUs: 4 -> 2")]),
    ("another table of another size", {"more": [FACP, APIC]}, {"more": [of(288, FACP), APIC]},
     [("firmware", "the ACPI tables: 1 of another size")]),

    ("an option of the first", {"line": "efi=nosoftreserve"}, {"line": "quiet"}, [("kernel options", OPTION % "A")]),
    ("an option of the second", {"line": "quiet"}, {"line": "efi=nosoftreserve"}, [("kernel options", OPTION % "B")]),
    ("an option of both", {"line": "efi=nosoftreserve"}, {"line": "quiet efi=debug,nosoftreserve"}, []),
    *((f"an option in {line!r}", {"line": line}, {"line": "quiet"}, [("kernel options", OPTION % "A")]) for line in (
        "efi=debug,nosoftreserve", "efi=nosoftreserve,debug", "efi=debug,nosoftreserve,runtime", "efi=debug efi=nosoftreserve",
        "efi=nosoftreserve efi=debug", "efi=nosoftreserve\tquiet", "quiet  efi=nosoftreserve", "3 efi=nosoftreserve")),
    *((f"no option in {line!r}", {"line": line}, {"line": "quiet"}, []) for line in (
        "efi=nosoftreserved", "efi=nosoftreserv", "efi=nosoftreservx", "efi=xnosoftreserve", "efi= nosoftreserve", "efi=debug,", "efi=,", "nosoftreserve",
        "efi=debug;nosoftreserve", "xefi=nosoftreserve", "efi=debug nosoftreserve")),
    ("a value of which the last counts", {"line": "efi_fake_mem=1G@5G:0x40000 efi_fake_mem=2G@5G:0x40000"},
     {"line": "efi_fake_mem=2G@5G:0x40000"}, []),
    ("a value that goes on", {"line": "efi_fake_mem=1G@5G:0x4000 quiet"}, {"line": "efi_fake_mem=1G@5G:0x40000"}, [("kernel options", FAKE)]),
    ("a value that went on", {"line": "efi_fake_mem=1G@5G:0x40000 quiet"}, {"line": "efi_fake_mem=1G@5G:0x4000"}, [("kernel options", FAKE)]),
    ("at the end of the line", {"line": "efi_fake_mem=1G@5G:0x40000 quiet"}, {"line": "quiet efi_fake_mem=1G@5G:0x40000"}, []),
    ("an option with a value", {"line": "efi_fake_mem=1G@5G:0x40000"}, {"line": "quiet"}, [("kernel options", FAKE)]),
    ("two values", {"line": "efi_fake_mem=1G@5G:0x40000"}, {"line": "efi_fake_mem=2G@5G:0x40000"}, [("kernel options", FAKE)]),
    ("the first option goes before the second", {"line": "efi_fake_mem=1G@5G:0x40000"}, {"line": "efi=nosoftreserve"},
     [("kernel options", OPTION % "B")]),
    ("a command line that is not known", {"line": "efi=nosoftreserve efi_fake_mem=1G@5G:0x40000"}, {"lines": []}, []),
    ("nor is the first", {"lines": []}, {"line": "efi=nosoftreserve efi_fake_mem=1G@5G:0x40000"}, []),

    ("from GRUB to Linux's EFI stub", {"e820": GRUB}, {},
     [("boot loader", "the boot loader: GRUB (runtime code is type 20) -> Linux's EFI stub (runtime code is reserved)")]),
    ("from Linux's EFI stub to GRUB", {}, {"e820": GRUB},
     [("boot loader", "the boot loader: Linux's EFI stub (runtime code is reserved) -> GRUB (runtime code is type 20)")]),
    ("GRUB both times", {"e820": GRUB}, {"e820": GRUB}, []),
    ("BOOT_IMAGE= of the first", {"line": "BOOT_IMAGE=/vmlinuz quiet"}, {"line": "quiet"}, [("boot loader", IMAGE % "A")]),
    ("BOOT_IMAGE= of the second", {"line": "quiet"}, {"line": "BOOT_IMAGE=/vmlinuz quiet"}, [("boot loader", IMAGE % "B")]),
    ("BOOT_IMAGE= of both", {"line": "BOOT_IMAGE=/vmlinuz quiet"}, {"line": "BOOT_IMAGE=/vmlinuz.old"}, []),
    ("BOOT_IMAGE= that is not the first word", {"line": "quiet"}, {"line": "quiet BOOT_IMAGE=/vmlinuz"}, []),
    ("BOOT_IMAGE=, and no command line beside it", {"lines": []}, {"line": "BOOT_IMAGE=/vmlinuz quiet"}, []),
    ("BOOT_IMAGE=, and none before it", {"line": "BOOT_IMAGE=/vmlinuz quiet"}, {"lines": []}, []),
    ("type 20 goes before BOOT_IMAGE=", {"e820": GRUB, "line": "BOOT_IMAGE=/vmlinuz"}, {"line": "quiet"},
     [("boot loader", "the boot loader: GRUB (runtime code is type 20) -> Linux's EFI stub (runtime code is reserved)")]),

    ("the copy of the event log", {"more": [EVENT_LOG % 0x7F000000]},
     {"more": [EVENT_LOG % 0x7F002000], "e820": boots.moved(2)}, [("kernel stub", STUB)]),
    ("an event log that stays", {"more": [EVENT_LOG % 0x7F800000]}, {"more": [EVENT_LOG % 0x7F800000], "e820": boots.moved(2)}, []),

    ("a TPM of the first", {"more": [SSDT, SSDT.replace("SSDT", "TPM2")]}, {"more": [SSDT]},
     [("devices", GONE % ("a TPM", "A", "B", "TPM2")), ("firmware", "the ACPI tables: 1 gone")]),
    ("a TPM of the second", {"more": [SSDT]}, {"more": [SSDT, SSDT.replace("SSDT", "TCPA")]},
     [("devices", GONE % ("a TPM", "B", "A", "TCPA")), ("firmware", "the ACPI tables: 1 new")]),
    ("an NVDIMM", {"more": [SSDT]}, {"more": [SSDT, SSDT.replace("SSDT", "NFIT")]},
     [("devices", GONE % ("an NVDIMM", "B", "A", "NFIT")), ("firmware", "the ACPI tables: 1 new")]),
    ("an IOMMU of Intel's", {"more": [SSDT]}, {"more": [SSDT, SSDT.replace("SSDT", "DMAR")]},
     [("devices", GONE % ("an IOMMU", "B", "A", "DMAR")), ("firmware", "the ACPI tables: 1 new")]),
    ("an IOMMU of AMD's", {"more": [SSDT]}, {"more": [SSDT, SSDT.replace("SSDT", "IVRS")]},
     [("devices", GONE % ("an IOMMU", "B", "A", "IVRS")), ("firmware", "the ACPI tables: 1 new")]),
    ("a table of a device that is there both times", {"more": [DSDT.replace("DSDT", "TPM2")]},
     {"more": [of(288, DSDT.replace("DSDT", "TPM2"))]}, [("firmware", "the ACPI tables: 1 of another size")]),
    ("a table that is no device's", {"more": [SSDT]}, {"more": [SSDT, FACP]}, [("firmware", "the ACPI tables: 1 new")]),

    ("a device is new", {"more": [BRIDGE]}, {"more": [BRIDGE, NIC]},
     [("devices", "PCI devices: 1 differs, 0000:02:00.0 (8086:15fb class 0x020000) first")]),
    ("a device is gone", {"more": [BRIDGE, NIC]}, {"more": [BRIDGE]}, [("devices", "PCI devices: 1 differs, 0000:02:00.0 (gone) first")]),
    ("another device", {"more": [BRIDGE, NIC]}, {"more": [BRIDGE, NIC.replace("15fb", "15fc")]},
     [("devices", "PCI devices: 1 differs, 0000:02:00.0 (another one) first")]),
    ("two devices: the first by its address is named", {"more": [BRIDGE, NVME]}, {"more": [NIC, BRIDGE]},
     [("devices", "PCI devices: 2 differ, 0000:02:00.0 (8086:15fb class 0x020000) first")]),
    ("devices that only the second names", {}, {"more": [BRIDGE]}, []),
    ("devices that only the first names", {"more": [BRIDGE]}, {}, []),

    ("a bin of one page", {"lines": ["bin 9 13 ACPIReclaim"]}, {"lines": ["bin 9 1 ACPIReclaim"]},
     [("firmware", (BIN % ("ACPIReclaim", "13 -> 1"))[:-1])]),
    ("a bin", {"lines": ["bin 9 13 ACPIReclaim"]}, {"lines": ["bin 9 15 ACPIReclaim"]}, [("firmware", BIN % ("ACPIReclaim", "13 -> 15"))]),
    ("the second of the bins", {"lines": ["bin 9 13 ACPIReclaim", "bin 10 4 ACPIMemoryNVS"]},
     {"lines": ["bin 10 3 ACPIMemoryNVS", "bin 9 13 ACPIReclaim"]}, [("firmware", BIN % ("ACPIMemoryNVS", "4 -> 3"))]),
    ("bins of two types", {"lines": ["bin 9 13 ACPIReclaim"]}, {"lines": ["bin 10 15 ACPIMemoryNVS"]}, []),
    ("the same bins", {"lines": ["bin 9 13 ACPIReclaim"]}, {"lines": ["bin 9 13 ACPIReclaim"]}, []),

    ("runtime code of another size", {"lines": uefi((5, 0x7F900000, 4))}, {"lines": uefi((5, 0x7F900000, 6))},
     [("firmware", NEEDS % ("RuntimeServicesCode", "4 -> 6"))]),
    ("runtime data of another size", {"lines": uefi((6, 0x7F900000, 4))}, {"lines": uefi((6, 0x7F900000, 6))},
     [("firmware", NEEDS % ("RuntimeServicesData", "4 -> 6"))]),
    ("runtime data of one page left", {"lines": uefi((6, 0x7F900000, 4))}, {"lines": uefi((6, 0x7F900000, 1))},
     [("firmware", (NEEDS % ("RuntimeServicesData", "4 -> 1"))[:-1])]),
    ("flash of another size", {"lines": uefi((11, 0x7F900000, 4))}, {"lines": uefi((11, 0x7F900000, 6))},
     [("firmware", NEEDS % ("MemoryMappedIO", "4 -> 6"))]),
    ("boot services of another size", {"lines": uefi((4, 0x7F000000, 4))}, {"lines": uefi((4, 0x7F000000, 6))}, []),
    ("runtime data elsewhere, of one size", {"lines": uefi((6, 0x7F900000, 4))}, {"lines": uefi((6, 0x7F902000, 4))}, []),

    ("tables are new, gone, and of another size", {"more": [SSDT, FACP, of(512, DSDT)]},
     {"more": [SSDT.replace("SSDT", "HPET"), SSDT.replace("SSDT", "MCFG"), of(288, FACP), DSDT]},
     [("firmware", "the ACPI tables: 2 new, 1 gone, 2 of another size")]),
    ("tables elsewhere, of one size", {"more": [SSDT]}, {"more": [SSDT.replace("7F9000", "7F9010")]}, []),
)


@pytest.mark.parametrize("rule, before, after, evidence", EVIDENCE, ids=[row[0] for row in EVIDENCE])
def test_all_that_is_seen(report, tmp_path, rule, before, after, evidence):
    got = report(*boots.write(tmp_path, boot(before), boot(after)))["causes"]
    assert [(row["cause"], row["text"]) for row in got] == evidence, rule


FACTS = (
    # a line of a capture, with two values; the evidence that it is, if any
    ("bios", "1.07", "1.08", "firmware", "the firmware's build"),
    ("bios-vendor", "One", "Other", "firmware", "the firmware's build"),
    ("bios-version", "1.07", "1.08", "firmware", "the firmware's build"),
    ("bios-date", "01/02/2023", "01/02/2024", "firmware", "the firmware's build"),
    ("firmware-vendor", "One", "Other", "firmware", "the firmware's vendor"),
    ("firmware-revision", "0x10000", "0x20000", "firmware", "the firmware's revision"),
    ("firmware-bits", "32", "64", "firmware", "the firmware's width"),
    ("uefi-revision", "2.70", "2.80", "firmware", "the revision of UEFI"),
    ("loader", "grub", "efi-stub", "boot loader", "the boot loader"),
    ("boot-current", "0001", "0002", "boot loader", "the boot option"),
    ("machine", "One", "Other", "devices", "the machine"),
    ("system-vendor", "One", "Other", "devices", "the machine"),
    ("system-product", "One", "Other", "devices", "the machine"),
    ("system-version", "One", "Other", "devices", "the machine"),
    ("cpu-count", "4", "8", "CPU count", "the number of CPUs"),
    ("kernel-version", "6.1.0", "6.1.1", None, None),
    ("kernel-build", "#1 SMP", "#2 SMP", None, None),
    ("cpu", "One", "Other", None, None),
    ("cpu-features", "NX", "NX, SMEP", None, None),
    ("secure-boot", "enabled", "disabled", None, None),
    ("lockdown", "somebody", "nobody", None, None),
    ("kernel-sha256", 64 * "0", 64 * "1", None, None),
    ("initrd-sha256", 64 * "0", 64 * "1", None, None),
    ("label", "docked", "alone", None, None),
    ("policy", "safe", "linux-2.6.24", None, None),
    ("present-pages", "1000", "1001", None, None),
    ("cpu-vendor", "One", "Other", None, None),
    ("cpu-address-bits", "39", "46", None, None),
    ("something", "old", "new", None, None),
)


@pytest.mark.parametrize("key, before, after, cause, name", FACTS, ids=[row[0] for row in FACTS])
def test_a_fact_that_is_evidence(report, tmp_path, key, before, after, cause, name):
    """That it differs; and nothing is seen where only one boot has it."""
    def causes(*values):
        paths = boots.write(tmp_path, *(boots.capture(more=[f"{key} {value}"] if value else []) for value in values))
        return [(row["cause"], row["text"]) for row in report(*paths)["causes"]]

    seen = [] if cause is None else [(cause, f"{name}: {before} -> {after}")]
    assert causes(before, after) == seen
    assert causes(before, None) == causes(None, after) == causes(before, before) == []


def test_the_evidence_has_an_order(report, tmp_path):
    """What would explain what is below it stands first."""
    device, log = "device 0000:00:02.0 8086:%s class 0x030000", "config-table 0x%016x - TPMEventLog"
    before = boots.capture(boots.LAPTOP, [
        "origin a log", "cpu-count 4", "command-line quiet", "bios 1.07", "boot-current 0001", "machine One",
        device % "9a49", log % 0x7F000000, "bin 9 23 ACPIReclaim", *uefi((6, 0x7F900000, 4)), table("SSDT")])
    after = boots.capture(boots.moved(2)[:-1] + ((FOUR_GIB, 5 << 30, 1),), [
        "origin a log", "cpu-count 8", "command-line efi=nosoftreserve", "bios 1.08", "boot-current 0002",
        "machine Other", device % "9a4a", log % 0x7F002000, "bin 9 24 ACPIReclaim", *uefi((6, 0x7F900000, 5)),
        table("SSDT"), table("TPM2", place=512)])
    got = report(*boots.write(tmp_path, before, after))["causes"]
    assert [(row["cause"], row["text"]) for row in got] == [
        ("RAM", GIB + "3.9 GiB -> 2.9 GiB"), ("CPU count", "the number of CPUs: 4 -> 8"), ("kernel options", OPTION % "B"),
        ("firmware", "the firmware's build: 1.07 -> 1.08"), ("boot loader", "the boot option: 0001 -> 0002"),
        ("kernel stub", STUB), ("devices", "the machine: One -> Other"), ("devices", GONE % ("a TPM", "B", "A", "TPM2")),
        ("devices", "PCI devices: 1 differs, 0000:00:02.0 (another one) first"),
        ("firmware", BIN % ("ACPIReclaim", "23 -> 24")), ("firmware", NEEDS % ("RuntimeServicesData", "4 -> 5")),
        ("firmware", "the ACPI tables: 1 new")]

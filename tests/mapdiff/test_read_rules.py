"""A line of a Linux log -> what is read of it, field by field, in every spelling; and what it is not taken for. Each
rule alone. test_read_linux.py has whole logs."""

import pytest

from formats import text
from naive import SOFT, e820_of

RAM = "BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable"


@pytest.fixture
def read(report):
    """read(lines): the report of the boot."""
    return lambda lines: report("show", "--private", "-", stdin=text(lines))


# --- facts ---

KERNEL = "Linux version 6.1.0-1 (joe@host) #1 SMP"
NX, X87, SSE = ("NX (Execute Disable) protection: active", "x86/fpu: Supporting XSAVE feature 0x001: 'x87 registers'",
                "x86/fpu: Supporting XSAVE feature 0x002: 'SSE registers'")
ERROR = "The DSDT has been corrupted or replaced"
FACTS = (
    # the rule, lines of a log, facts: a fact that is not there has None
    ("a version alone", ["Linux version 6.1.0"], {"kernel-version": "6.1.0", "kernel-build": None}),
    ("a version, and its build", [KERNEL], {"kernel-version": "6.1.0-1", "kernel-build": "(joe@host) #1 SMP"}),
    ("the first command line counts", ["Command line: quiet", "Kernel command line: quiet more"], {"command-line": "quiet"}),
    ("in its other place", ["Kernel command line: quiet", "Command line: more"], {"command-line": "quiet"}),
    ("without the blanks around it", ["Command line:    quiet splash  "], {"command-line": "quiet splash"}),
    ("an empty one is none", ["Command line: ", "Kernel command line: quiet"], {"command-line": "quiet"}),
    ("it is the start of a message", ["my Command line: quiet"], {"command-line": None}),

    ("a machine without a BIOS", ["DMI: Example Laptop"], {"machine": None, "bios": None}),
    ("the first machine", ["DMI: One, BIOS 1", "DMI: Other, BIOS 2"], {"machine": "One", "bios": "1"}),
    ("UEFI", ["efi: EFI v2.70 by EDK II"], {"uefi-revision": "2.70", "firmware-vendor": "EDK II"}),
    ("UEFI of old kernels", ["EFI v2.31 by Apple"], {"uefi-revision": "2.31", "firmware-vendor": "Apple"}),
    ("a revision of nobody", ["efi: EFI v2.70"], {"uefi-revision": None, "firmware-vendor": None}),
    ("Secure Boot", ["secureboot: Secure boot enabled"], {"secure-boot": "enabled"}),
    ("Secure Boot of old kernels", ["Secure boot disabled"], {"secure-boot": "disabled"}),
    ("who locked the kernel down", ["Kernel is locked down from EFI Secure Boot; see man kernel_lockdown.7"],
     {"lockdown": "EFI Secure Boot"}),
    ("to the end", ["Kernel is locked down from command line"], {"lockdown": "command line"}),

    ("pages", ["Memory: 1000K/4000K available (1K kernel code)"], {"present-pages": "1000"}),
    ("in small letters", ["Memory: 1000k/4000k available (1k kernel code)"], {"present-pages": "1000"}),
    ("without their holes", ["Memory: 1000k/4000k available (1k kernel code, 400k absent, 1k reserved)"],
     {"present-pages": "900"}),
    ("of which all is one", ["Memory: 1000k/4000k available (1k kernel code, 4000k absent, 1k reserved)"],
     {"present-pages": "1000"}),
    ("all but four", ["Memory: 1000k/4000k available (1k kernel code, 3996k absent, 1k reserved)"], {"present-pages": "1"}),
    ("holes without a number", ["Memory: 1000k/4000k available (k absent)"], {"present-pages": "1000"}),
    ("the first count", ["Memory: 1K/4000K available (1K kernel code)", "Memory: 1K/8000K available (1K kernel code)"],
     {"present-pages": "1000"}),
    ("nothing is available", ["Memory: 1000K/4000K (1K kernel code)"], {"present-pages": None}),
    ("megabytes are none", ["Memory: 1000M/4000M available (1K kernel code)"], {"present-pages": None}),
    ("one number is none", ["Memory: 1000K available (1K kernel code)"], {"present-pages": None}),

    ("the CPU", ["smpboot: CPU0: Intel X (family: 0x6, model: 0x8e)"], {"cpu": "Intel X (family: 0x6, model: 0x8e)"}),
    ("of old kernels", ["CPU0: Intel Pentium II stepping 03"], {"cpu": "Intel Pentium II stepping 03"}),
    ("the first", ["smpboot: CPU0: One (fam: 06)", "CPU0: Other (fam: 06)"], {"cpu": "One (fam: 06)"}),
    ("another word of it", ["smpboot: CPU0: hotplugged", "CPU0: Other (fam: 06)"], {"cpu": "Other (fam: 06)"}),
    ("another CPU", ["smpboot: CPU1: Intel X (family: 0x6, model: 0x8e)"], {"cpu": None}),

    ("CPUs", ["smpboot: Allowing 4 CPUs, 0 hotplug CPUs"], {"cpu-count": "4"}),
    ("CPUs of old kernels", ["SMP: Allowing 4 CPUs, 2 hotplug CPUs"], {"cpu-count": "2"}),
    ("CPUs of new ones", ["CPU topo: Allowing 4 present CPUs plus 2 hotplug CPUs"], {"cpu-count": "4"}),
    ("one that can be plugged, of two", ["smpboot: Allowing 2 CPUs, 1 hotplug CPUs"], {"cpu-count": "1"}),
    ("all can be plugged", ["smpboot: Allowing 4 CPUs, 4 hotplug CPUs"], {"cpu-count": "4"}),
    ("no number of them", ["smpboot: Allowing more CPUs"], {"cpu-count": None}),
    ("the first count of CPUs", ["smpboot: Allowing 4 CPUs, 0 hotplug CPUs", "smpboot: Allowing 8 CPUs, 0 hotplug CPUs"],
     {"cpu-count": "4"}),
    ("CPUs that came up", ["smp: Brought up 1 node, 4 CPUs"], {"cpu-count": "4"}),
    ("in old kernels", ["Brought up 4 CPUs"], {"cpu-count": "4"}),
    ("in others", ["x86: Booted up 1 node, 4 CPUs"], {"cpu-count": "4"}),
    ("the first time", ["smp: Brought up 1 node, 4 CPUs", "smp: Brought up 1 node, 8 CPUs"], {"cpu-count": "4"}),
    ("a node, and no number", ["smp: Brought up 1 node, all CPUs"], {"cpu-count": None}),
    ("no number at all", ["smp: Brought up all CPUs"], {"cpu-count": None}),
    ("those that are there before those that came up",
     ["smpboot: Allowing 4 CPUs, 0 hotplug CPUs", "smp: Brought up 1 node, 2 CPUs"],
     {"cpu-count": "4"}),
    ("in whatever order", ["smp: Brought up 1 node, 2 CPUs", "smpboot: Allowing 4 CPUs, 0 hotplug CPUs"], {"cpu-count": "4"}),

    ("a feature", [X87], {"cpu-features": "x87 registers"}),
    ("features are sorted", [X87, NX, SSE], {"cpu-features": "NX, SSE registers, x87 registers"}),
    ("each once", [NX, X87, NX, X87, SSE], {"cpu-features": "NX, SSE registers, x87 registers"}),
    ("a feature without its end", [X87[:-1]], {"cpu-features": "x87 registers"}),
    ("without a name", ["x86/fpu: Supporting XSAVE feature 0x001"], {"cpu-features": None}),
    ("more than any CPU has", [f"x86/fpu: Supporting XSAVE feature 0x1: '{number:02}'" for number in range(70)],
     {"cpu-features": ", ".join(f"{number:02}" for number in range(64))}),

    ("the clock", ["rtc_cmos 00:01: setting system clock to 2026-11-22T08:30:57 UTC (17)"], {"time": "2026-11-22T08:30:57"}),
    ("with a blank", ["rtc_cmos 00:01: setting system clock to 2026-11-22 08:30:57 UTC (17)"], {"time": "2026-11-22T08:30:57"}),
    ("to the end of the line", ["rtc_cmos 00:01: setting system clock to 2026-11-22T08:30:57"], {"time": "2026-11-22T08:30:57"}),
    ("a part of it", ["rtc_cmos 00:01: setting system clock to 2026-11-22T08:30:5"], {"time": None}),
    ("the first time of day", [f"rtc_cmos 00:01: setting system clock to 2026-11-2{day}T08:30:57 UTC (17)" for day in (1, 2)],
     {"time": "2026-11-21T08:30:57"}),
    ("another word of the clock", ["rtc_cmos 00:01: RTC can wake from S4"], {"time": None}),

    *((f"a resume: {word}", [f"PM: hibernation: {word} x"], {"resume-log": f"{word} x"}) for word in (
        "Image signature found, resuming", "Hibernate inconsistent memory map detected",
        "Unrecognized hibernate image header format",
        "Image mismatch", "Error -", "Failed to load image, recovering", "Failed to load hibernation image, recovering",
        "resume failed", "resume from hibernation failed", "Image successfully loaded", "Hibernation image restored successfully",
        "hibernation exit")),
    ("a resume in a kernel of another spelling", ["PM: Hibernation: resume failed (-5)"], {"resume-log": "resume failed (-5)"}),
    ("without that", ["PM: resume failed (-5)"], {"resume-log": "resume failed (-5)"}),
    ("without any of it: the map", ["Hibernate inconsistent memory map detected!"],
     {"resume-log": "Hibernate inconsistent memory map detected!"}),
    ("the header", ["Unrecognized hibernate image header format!"],
     {"resume-log": "Unrecognized hibernate image header format!"}),
    ("the end", ["hibernation exit"], {"resume-log": "hibernation exit"}),
    ("another word of PM", ["PM: suspend entry (deep)"], {"resume-log": None}),
    ("all of them, each once", ["PM: Image mismatch: version", "PM: resume failed (-5)", "PM: Image mismatch: version"],
     {"resume-log": "Image mismatch: version; resume failed (-5)"}),
    ("not more than a report can have", [f"PM: Image mismatch: {'x' * 400}{number}" for number in range(4)],
     {"resume-log": f"Image mismatch: {'x' * 400}0; Image mismatch: {'x' * 400}1"}),
    ("the DSDT", [f"ACPI BIOS Error (bug): {ERROR} - old, new headers below"], {"resume-log": ERROR}),
    ("the DSDT of old kernels", [f"ACPI Error: {ERROR} - old, new headers below"], {"resume-log": ERROR}),
    ("another error of ACPI's", ["ACPI Error: No handler for Region"], {"resume-log": None}),

    ("a device", ["pci 0000:00:02.0: [8086:0166] type 00 class 0x030000"], {"device 0000:00:02.0": "8086:0166 class 0x030000"}),
    ("with small numbers", ["pci 0000:00:02.0: [0008:0001] type 00 class 0x000001"],
     {"device 0000:00:02.0": "0008:0001 class 0x000001"}),
    ("a device twice: the first time", ["pci 0000:00:02.0: [8086:0166] type 00 class 0x030000",
                                        "pci 0000:00:02.0: [8086:0167] type 00 class 0x030000"],
     {"device 0000:00:02.0": "8086:0166 class 0x030000"}),
    ("a device without a class", ["pci 0000:00:02.0: [8086:0166] type 00"], {"device 0000:00:02.0": None}),
    ("what has no address", ["pci bus: [8086:0166] type 00 class 0x030000 of a name"],
     {"device bus": "8086:0166 class 0x030000"}),
    ("an address that is none", ["pci 0000:00:02.0 or so: [8086:0166] type 00 class 0x030000"], {"device 0000:00:02.0": None}),
)


@pytest.mark.parametrize("rule, lines, facts", FACTS, ids=[row[0] for row in FACTS])
def test_what_a_message_says(read, rule, lines, facts):
    got = read([*lines, RAM])["boot"]["facts"]
    assert {key: got.get(key) for key in facts} == facts, rule
    assert len(got) == sum(value is not None for value in facts.values())


def test_devices_are_bounded(read):
    got = read([RAM, *(f"pci 0000:{number >> 5:02x}:{number & 31:02x}.0: [8086:0166] type 00 class 0x030000"
                       for number in range(520))])
    assert len(got["boot"]["facts"]) == 512


# --- places ---

TABLE, STUB, DEVICE, INITRD, SCREEN, ACPI = ("configuration table", "EFI stub", "device", "initrd", "framebuffer", "ACPI table")
MOST = 1 << 52
PLACES = (
    # the rule, lines of a log, all places: name, start, bytes, kind
    *((f"{name} is a table", [f"efi: {name}=0x1f770000 "], [(name, 0x1F770000, 1, TABLE)])
      for name in ("ACPI", "ACPI 2.0", "SMBIOS", "SMBIOS 3.0", "MEMATTR", "ESRT", "MOKvar", "MPS", "TPMFinalLog", "HCDP",
                   "x-y_z")),
    *((f"{name} is the EFI stub's", [f"efi: {name}=0x1f770000 "], [(name, 0x1F770000, 1, STUB)])
      for name in ("TPMEventLog", "INITRD", "RNG", "MEMRESERVE", "Unaccepted")),
    *((f"{name} first, in old kernels", [f" {name}=0x1f770000  X=0x1000"], [("X", 0x1000, 1, TABLE), (name, 0x1F770000, 1, kind)])
      for name, kind in (("ACPI", TABLE), ("ACPI 2.0", TABLE), ("SMBIOS", TABLE), ("SMBIOS 3.0", TABLE), ("MEMATTR", TABLE),
                         ("ESRT", TABLE), ("RNG", STUB), ("INITRD", STUB), ("MOKvar", TABLE), ("MPS", TABLE),
                         ("TPMFinalLog", TABLE),
                         ("TPMEventLog", STUB))),
    ("another name is none of those", [" HCDP=0x1f770000 "], []),
    ("a table at no address", ["efi: ACPI=0x0 SMBIOS=0x1000 "], [("SMBIOS", 0x1000, 1, TABLE)]),
    ("behind what is no table", ["efi: ACPI=0x1000 SMBIOS:0x2000 ESRT=0x3000"], [("ACPI", 0x1000, 1, TABLE)]),
    ("a long name", [f"efi: {'x' * 23}=0x1000"], [("x" * 23, 0x1000, 1, TABLE)]),
    ("a longer one", [f"efi: {'x' * 24}=0x1000"], []),
    ("the version of a table, where the line was broken: ACPI", ["2.0=0x1f77d014 ESRT=0x1000"],
     [("ESRT", 0x1000, 1, TABLE), ("ACPI 2.0", 0x1F77D014, 1, TABLE)]),
    ("SMBIOS", ["3.0=0x1f77d014"], [("SMBIOS 3.0", 0x1F77D014, 1, TABLE)]),
    ("a version that is no address", ["2.0=0xg"], []),
    ("the highest address that there is", [f"efi: ACPI={MOST - 1:#x}"], [("ACPI", MOST - 1, 1, TABLE)]),
    ("one above it", [f"efi: ACPI={MOST:#x}"], []),

    ("an initrd", ["RAMDISK: [mem 0x1000-0x1fff]"], [("initrd", 0x1000, 0x1000, INITRD)]),
    ("an initrd of old kernels", ["RAMDISK: 00001000 - 00002000"], [("initrd", 0x1000, 0x1000, INITRD)]),
    ("the HPET", ["ACPI: HPET id: 0x8086a201 base: 0xfed00000"], [("HPET", 0xFED00000, 0x400, DEVICE)]),
    ("an I/O APIC", ["IOAPIC[0]: apic_id 2, version 17, address 0xfec00000, GSI 0-23"], [("I/O APIC", 0xFEC00000, 64, DEVICE)]),
    ("Intel's graphics", ["Reserving Intel graphics memory at [mem 0xcda00000-0xcf9fffff]"],
     [("Intel graphics memory", 0xCDA00000, 0x2000000, DEVICE)]),
    ("of old kernels", ["Reserving Intel graphics stolen memory at 0xcda00000-0xcf9fffff"],
     [("Intel graphics memory", 0xCDA00000, 0x2000000, DEVICE)]),
    ("ECAM", ["PCI: ECAM [mem 0xe0000000-0xefffffff] (base 0xe0000000) for domain 0000"],
     [("PCI configuration space", 0xE0000000, 0x10000000, DEVICE)]),
    ("not that which Linux gave up", ["PCI: ECAM [mem 0xe0000000-0xefffffff] reserved as E820 entry"], []),
    ("ECAM of older kernels", ["PCI: MMCONFIG for domain 0000 [bus 00-ff] at [mem 0xe0000000-0xefffffff] (base 0xe0000000)"],
     [("PCI configuration space", 0xE0000000, 0x10000000, DEVICE)]),
    ("what a device keeps", ["DMAR: RMRR base: 0x000000ad000000 end: 0x000000af7fffff"],
     [("DMAR RMRR", 0xAD000000, 0x2800000, DEVICE)]),
    ("the ESRT", ["esrt: Reserving ESRT space from 0x000000007b7e8018 to 0x000000007b7e8050."],
     [("ESRT", 0x7B7E8018, 0x38, TABLE)]),
    ("a framebuffer", ["efifb: framebuffer at 0xd0000000, using 3072k, total 3072k"],
     [("framebuffer", 0xD0000000, 3 << 20, SCREEN)]),
    ("a window above all addresses", [f"RAMDISK: [mem {MOST:#x}-{MOST + 4095:#x}]"], []),
    ("one that only ends there", [f"RAMDISK: [mem 0x1000-{MOST:#x}]"], []),
    ("one that ends below", [f"RAMDISK: [mem 0x1000-{MOST - 1:#x}]"], [("initrd", 0x1000, MOST - 0x1000, INITRD)]),
    ("a message that goes on before it", ["my RAMDISK: [mem 0x1000-0x1fff]"], []),

    ("memory of a device", ["pci 0000:00:02.0: BAR 0 [mem 0xf0000000-0xf03fffff 64bit]"],
     [("PCI 0000:00:02.0", 0xF0000000, 0x400000, DEVICE)]),
    ("of older kernels", ["pci 0000:00:02.0: reg 0x10: [mem 0xf0000000-0xf03fffff 64bit]"],
     [("PCI 0000:00:02.0", 0xF0000000, 0x400000, DEVICE)]),
    ("of the oldest", ["pci 0000:00:02.0: reg 10: [mem 0xf0000000-0xf03fffff]"],
     [("PCI 0000:00:02.0", 0xF0000000, 0x400000, DEVICE)]),
    ("one byte of it", ["pci 0000:00:02.0: BAR 0 [mem 0xf0000000-0xf0000000]"], [("PCI 0000:00:02.0", 0xF0000000, 1, DEVICE)]),
    ("it ends before it starts", ["pci 0000:00:02.0: BAR 0 [mem 0xf0000001-0xf0000000]"], []),
    ("where Linux puts it", ["pci 0000:00:02.0: BAR 0 [mem 0xf0000000-0xf03fffff]: assigned"], []),
    ("at no address", ["pci 0000:00:02.0: BAR 0 [mem 0x00000000-0xf03fffff]"], []),
    ("ports", ["pci 0000:00:02.0: BAR 4 [io  0x6080-0x609f]"], []),
    ("another word of a device", ["pci 0000:00:02.0: Video device with shadowed ROM at [mem 0x000c0000-0x000dffff]"], []),
    ("the longest name of a device", ["pci 10000:00:02.0-a: BAR 0 [mem 0xf0000000-0xf0000fff]"],
     [("PCI 10000:00:02.0-a", 0xF0000000, 0x1000, DEVICE)]),
    ("a longer name", ["pci 10000:00:02.0-ab: BAR 0 [mem 0xf0000000-0xf0000fff]"], []),
)


@pytest.mark.parametrize("rule, lines, places", PLACES, ids=[row[0] for row in PLACES])
def test_what_lies_where(read, rule, lines, places):
    got = read([RAM, *lines])["boot"]["landmarks"]
    assert [(row["name"], int(row["start"], 0), max(int(row["end"], 0) - int(row["start"], 0), 1), row["kind"])
            for row in got] == places, rule


FACP = "ACPI: FACP 0x000000001F778000 0000F4"
TABLES = (
    # the rule, lines of a log; all tables: name, address, bytes, revision, identity
    ("a table", [f"{FACP} (v03 BOCHS  BXPC     00000001 BXPC 00000001)"],
     [("FACP", 0x1F778000, 0xF4, 3, "BOCHS  BXPC     00000001 BXPC 00000001")]),
    ("of older kernels", ["ACPI: FACP 000000001f778000 000F4 (v12 A B)"], [("FACP", 0x1F778000, 0xF4, 12, "A B")]),
    ("of the oldest", ["ACPI: FACP 1F778000, 00F4 (r3 A B)"], [("FACP", 0x1F778000, 0xF4, 3, "A B")]),
    ("with blanks behind it", [f"{FACP} (v03 A B  )"], [("FACP", 0x1F778000, 0xF4, 3, "A B")]),
    ("that says nothing of itself", [FACP], [("FACP", 0x1F778000, 0xF4, 0, "")]),
    ("nor of its length", [FACP[:-7]], [("FACP", 0x1F778000, 0, 0, "")]),
    ("other words behind it", [f"{FACP} somewhere (v03 A B)"], [("FACP", 0x1F778000, 0xF4, 0, "")]),
    ("a table without its end", [f"{FACP} (v03 A B"], [("FACP", 0x1F778000, 0xF4, 3, "A B")]),
    ("a revision alone", [f"{FACP} (v03)"], [("FACP", 0x1F778000, 0xF4, 3, "")]),
    ("without a number", [f"{FACP} (v A B)"], [("FACP", 0x1F778000, 0xF4, 0, "A B")]),
    ("the RSDP", ["ACPI: RSDP 0x000000001F77D014 000024 (v02 BOCHS )"], [("RSDP", 0x1F77D014, 36, 2, "BOCHS")]),
    ("one twice", [f"{FACP} (v03 A B)", f"{FACP} (v04 A B)"], [("FACP", 0x1F778000, 0xF4, 3, "A B")]),
    ("two of a name", [FACP, FACP.replace("8000", "9000")],
     [("FACP", 0x1F778000, 0xF4, 0, ""), ("FACP", 0x1F779000, 0xF4, 0, "")]),
    ("two at an address", [FACP, FACP.replace("FACP", "SSDT")],
     [("FACP", 0x1F778000, 0xF4, 0, ""), ("SSDT", 0x1F778000, 0xF4, 0, "")]),
    ("loaded later, whose address is Linux's", ["ACPI: Dynamic OEM Table Load:", FACP, FACP.replace("FACP", "SSDT")],
     [("SSDT", 0x1F778000, 0xF4, 0, "")]),
    ("a header that was copied", ["ACPI: FACP 0x0000000000000000 0000F4"], []),
    ("a virtual address", [FACP.replace("0x00000000", "0xFFFF8880")], []),
    ("the highest address", [FACP.replace("0x000000001F778000", f"{MOST - 1:#x}")], [("FACP", MOST - 1, 0xF4, 0, "")]),
    ("one above it", [FACP.replace("0x000000001F778000", f"{MOST:#x}")], []),
    ("as long as can be", [FACP.replace("0000F4", "FFFFFFFF")], [("FACP", 0x1F778000, 0xFFFFFFFF, 0, "")]),
    ("longer", [FACP.replace("0000F4", "100000000")], []),
    ("a name of three letters", ["ACPI: FAC 0x000000001F778000 0000F4"], []),
    ("of five", ["ACPI: FACPX 0x000000001F778000 0000F4"], []),
    ("with a blank in it", ["ACPI: F CP 0x000000001F778000 0000F4"], []),
    ("a number that is no address", ["ACPI: Core 20220331 (v1)", "ACPI: Pins 0x12345 0000F4"], [("Core", 0x20220331, 0, 1, "")]),
    ("a short line", ["ACPI: FAC"], []),
)


@pytest.mark.parametrize("rule, lines, tables", TABLES, ids=[row[0] for row in TABLES])
def test_tables_of_a_log(read, rule, lines, tables):
    got = read([RAM, *lines])["boot"]["acpi"]
    assert [(row["signature"], int(row["address"], 0), row["bytes"], row["revision"], row["identity"])
            for row in got] == tables, rule


# --- ranges ---

NAMES = {"usable": 1, "System RAM": 1, "reserved": 2, "device reserved": 2, "ACPI data": 3, "ACPI Tables": 3, "ACPI NVS": 4,
         "ACPI Non-volatile Storage": 4, "unusable": 5, "Persistent Memory": 7, "soft reserved": SOFT, "Unknown E820 type": 20,
         "type 6": 6, "type 20": 20,
         "persistent (type 7)": 7, "persistent (type 12)": 12, "persistent RAM (type 7)": 7, "persistent RAM (type 12)": 12,
         "type 4294967295": 0xFFFFFFFF, "USABLE": 1, "acpi nvs": 4, "Persistent (type 7)": 7}


@pytest.mark.parametrize("behind", ("", " ", "\t", "<br>", "[/code]", '"', "'", "`", "\\n", "&amp;", ",", ";", "|", "*"))
def test_what_may_stand_behind_a_name(read, behind):
    assert e820_of(read([RAM.replace("usable", "reserved") + behind])) == [(0, 0xA0000, 2)]


@pytest.mark.parametrize("name", NAMES)
def test_each_name_in_each_spelling(read, name):
    """Until 3.4 names have brackets around them, and numbers have not."""
    old = name if name.startswith("type ") else f"({name})"
    for line in (RAM.replace("usable", name), RAM.replace("usable", f" {name}"),
                 f" BIOS-e820: 0000000000000000 - 00000000000a0000 {old if '(type' not in name else name}"):
        assert e820_of(read([line])) == [(0, 0xA0000, NAMES[name])]


NEXT = "BIOS-e820: [mem 0x00000000000a0000-0x00000000000fffff] reserved"
GAP = "BIOS-e820: [gap 0x00000000000a0000-0x00000000000fffff]"
HIGH = "BIOS-e820: [mem 0x0000000000100000-0x00000000001fffff] usable"
HEADER = "BIOS-provided physical RAM map:"
UNREADABLE, BACKWARD, OVER = "a line of the e820 map cannot be read", "ends before it starts", "lies over the one before it"
LATE, LOST = "does not begin here; its first lines are missing", "lines were lost here"
GONE = "a line of the e820 map is missing before this one"
DROPPED = "** 12 printk messages dropped **"
RANGES = (
    # the rule, lines of a log; the ranges, and the line and words of the fault, if there is one
    ("one byte", [RAM.replace("9ffff", "00000")], [(0, 1, 1)], None),
    ("one byte of old kernels", [" BIOS-e820: 0000000000000000 - 0000000000000001 (usable)"], [(0, 1, 1)], None),
    ("ranges one behind the other", [RAM, NEXT, HIGH], [(0, 0xA0000, 1), (0xA0000, 0x100000, 2), (0x100000, 0x200000, 1)], None),
    ("a hole", [RAM, HIGH], [(0, 0xA0000, 1), (0x100000, 0x200000, 1)], None),
    ("a hole in a list that tells gaps", [RAM.replace("usable", "System RAM"), HIGH], [(0, 0xA0000, 1), (0x100000, 0x200000, 1)],
     (2, GONE)),
    ("by another of its names", [RAM.replace("usable", "device reserved"), HIGH], [(0, 0xA0000, 2), (0x100000, 0x200000, 1)],
     (2, GONE)),
    ("a gap that is told", [RAM.replace("usable", "System RAM"), GAP, HIGH], [(0, 0xA0000, 1), (0x100000, 0x200000, 1)], None),
    ("a gap behind which one is missing", [RAM, GAP, HIGH.replace("0x0000000000100000", "0x0000000000101000")],
     [(0, 0xA0000, 1), (0x101000, 0x200000, 1)], (3, GONE)),
    ("nothing is missing behind what cannot be read",
     [RAM, GAP, "BIOS-e820: [mem 0x", HIGH.replace("0x0000000000100000", "0x0000000000101000")],
     [(0, 0xA0000, 1), (0x101000, 0x200000, 1)], (3, UNREADABLE)),
    ("it starts a byte before the other ends", [RAM, NEXT.replace("0x00000000000a0000", "0x000000000009ffff")],
     [(0, 0x9FFFF, 1), (0x9FFFF, 0x100000, 2)], (2, OVER)),
    ("it begins above 0", [HIGH], [(0x100000, 0x200000, 1)], (1, LATE)),
    ("with its header", [HEADER, NEXT], [(0xA0000, 0x100000, 2)], None),
    ("with the header of newer kernels", ["e820: " + HEADER, NEXT], [(0xA0000, 0x100000, 2)], None),
    ("with its header, and nothing of low memory", [HEADER, HIGH], [(0x100000, 0x200000, 1)], (2, LATE)),
    ("without it", [NEXT], [(0xA0000, 0x100000, 2)], (1, LATE)),
    ("of kexec-tools", [RAM.replace("0000-", "0100-")], [(0x100, 0xA0000, 1)], None),
    ("of kexec-tools, for a crash kernel", [RAM.replace("0000-", "1000-")], [(0x1000, 0xA0000, 1)], None),
    ("reserved from there on is of no list", [RAM.replace("0000-", "1000-").replace("usable", "reserved")],
     [(0x1000, 0xA0000, 2)], (1, LATE)),
    ("nor is another page", [RAM.replace("0000-", "2000-")], [(0x2000, 0xA0000, 1)], (1, LATE)),
    ("a sentence is no header", ["Behold the " + HEADER, HIGH], [(0x100000, 0x200000, 1)], (2, LATE)),
    ("the extended list begins once more", [RAM, "extended: [mem 0x0000000000000000-0x000000000000ffff] usable",
                                            "extended: [mem 0x0000000000010000-0x000000000001ffff] reserved"],
     [(0, 0x10000, 1), (0x10000, 0x20000, 2)], None),
    ("it begins above 0, too", [RAM, "extended: [mem 0x0000000000010000-0x000000000001ffff] usable"], [(0x10000, 0x20000, 1)],
     (2, LATE)),
    ("a bracket without its end", [RAM, " BIOS-e820: 00000000000a0000 - 0000000000100000 (reserved"], [(0, 0xA0000, 1)],
     (2, UNREADABLE)),
    ("a name that goes on", [RAM, NEXT + "ly"], [(0, 0xA0000, 1)], (2, UNREADABLE)),
    ("behind its bracket", [RAM, " BIOS-e820: 00000000000a0000 - 0000000000100000 (reserved)ly"], [(0, 0xA0000, 1)],
     (2, UNREADABLE)),
    ("more in the bracket", [RAM, " BIOS-e820: 00000000000a0000 - 0000000000100000 (reserved, I think)"], [(0, 0xA0000, 1)],
     (2, UNREADABLE)),
    ("persistent, without a number", [RAM, NEXT.replace("reserved", "persistent (type )")], [(0, 0xA0000, 1)], (2, UNREADABLE)),
    ("persistent, without an end", [RAM, NEXT.replace("reserved", "persistent (type 7")], [(0, 0xA0000, 1)], (2, UNREADABLE)),
    ("numbers of two lengths", [RAM, NEXT.replace("0x00000000000fffff", "0x0000000fffff")], [(0, 0xA0000, 1)], (2, UNREADABLE)),
    ("a sentence with a number", [RAM, "see the list BIOS-e820: 640 of it"], [(0, 0xA0000, 1)], None),
    ("no number at all", [RAM, "BIOS-e820: usable"], [(0, 0xA0000, 1)], (2, UNREADABLE)),
    ("no minus between them", [RAM, NEXT.replace("-0x", "+0x")], [(0, 0xA0000, 1)], (2, UNREADABLE)),
    ("no bracket behind them", [RAM, NEXT.replace("fff]", "fff ")], [(0, 0xA0000, 1)], (2, UNREADABLE)),
    ("a range two in one", [RAM, NEXT + " " + HIGH], [(0, 0xA0000, 1)], (2, UNREADABLE)),

    ("lines were lost in it", [RAM, DROPPED, NEXT], [(0, 0xA0000, 1), (0xA0000, 0x100000, 2)], (2, LOST)),
    ("right behind it", [RAM, NEXT, DROPPED], [(0, 0xA0000, 1), (0xA0000, 0x100000, 2)], (3, LOST)),
    ("two lines behind it", [RAM, NEXT, "x", DROPPED], [(0, 0xA0000, 1), (0xA0000, 0x100000, 2)], (4, LOST)),
    ("three lines behind it", [RAM, NEXT, "x", "x", DROPPED], [(0, 0xA0000, 1), (0xA0000, 0x100000, 2)], None),
    ("two lines before it", [DROPPED, "x", RAM], [(0, 0xA0000, 1)], (3, LOST)),
    ("three lines before it", [DROPPED, "x", "x", RAM], [(0, 0xA0000, 1)], None),
    ("beside what only begins like a map", [RAM, "x", "x", DROPPED, "efi: memattr: Processing EFI Memory Attributes table:"],
     [(0, 0xA0000, 1)], None),
    ("the journal lost some", [RAM, "Missed 12 kernel messages"], [(0, 0xA0000, 1)], (2, LOST)),
    ("it missed something else", [RAM, "Missed 12 trains"], [(0, 0xA0000, 1)], None),
)


@pytest.mark.parametrize("rule, lines, ranges, fault", RANGES, ids=[row[0] for row in RANGES])
def test_ranges_of_a_list(report, rule, lines, ranges, fault):
    """What is wrong is wrong once, in one line."""
    got = report("show", "--damaged", "-", stdin=text(lines))
    faults = [(row["line"], fault is not None and fault[1] in row["text"]) for row in got["boot"]["faults"]]
    assert faults == ([] if fault is None else [(fault[0], True)]), got["boot"]["faults"]
    assert e820_of(got) == ranges, rule

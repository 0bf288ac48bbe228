"""A change, and the evidence -> its cause; what is said of it: what it is, what a resumed kernel would do there, and
what can be done. Each rule alone."""

import boots
import pytest
from test_evidence import APIC, BRIDGE, EVENT_LOG, FOUR_GIB, GRUB, NIC, SSDT, TABLES, boot, low, table, top, uefi

# What is said, by a piece of it that nothing else has.
SAID = {
    # what it is
    "follows": "The RAM ranges changed only because their neighbours did.",
    "more RAM": "There is more RAM here than before.",
    "less RAM": "There is less RAM here than before.",
    "RAM elsewhere": "This RAM is elsewhere now.",
    "the event log": "This is the copy of the TPM event log",
    "the table of unaccepted memory": "keeps its table of unaccepted memory here.",
    "may be the event log": "It may be the TPM event log that Linux's EFI stub copies",
    "no table": "something that ran before Linux allocated it",
    "tables": "ACPI tables: the kernel reads them at boot",
    "20": "Type 20 is GRUB's number for the code of the runtime services",
    "another name": "the same memory under another name.",
    "20 once": "in one of the boots only",
    "NVS": "ACPI NVS: the firmware uses this memory",
    "persistent": "Hibernation does not save persistent memory.",
    "special": "Specific-purpose memory is left to a driver.",
    "runtime": "Runtime services: what the kernel calls",
    "reserved": "Reserved memory belongs to the firmware, or to devices.",
    # what follows
    "the old place": "The resumed kernel would look in the old place",
    "the new place is RAM": "and overwrite the new one.",
    "the new part is RAM": "would overwrite the new part, which it takes for RAM.",
    "it became RAM": "would treat the new RAM as what it was before.",
    # what can be done
    "loader": "Resume through the boot loader that started the hibernated system.",
    "options": "Resume with the same kernel options as when it hibernated.",
    "stub": "Neither firmware nor boot loader moved it",
    "devices": "Resume on the same machine, with the same devices",
    "CPUs": "Resume with the same number of CPUs as when it hibernated.",
    "RAM": "Linux can resume only with the same RAM as when it hibernated.",
    "build": "cannot resume this image with another firmware build, other settings, or other tables",
    "more differs": "More differs between the boots: ",
    "vendor": "worth a report to the firmware's vendor.",
}


def said(text):
    return {name for name, piece in SAID.items() if piece in text}


def moved(pages, **more):
    return {"e820": boots.moved(pages), **more}


def hole(kind, start=0x7F900000, end=0x7FA00000):
    """The laptop, with a range of this type at the top of its low memory; 0: nothing there."""
    return top((0x7F800000, 0x7F900000, 4), *(((start, end, kind),) if kind else ()))


def two(low, high, size=0x2000):
    """The laptop, with two blocks of ACPI data, of two pages each."""
    ends = (low, low + size, high, high + size)
    return boots.LAPTOP[:1] + tuple((start, end, kind) for start, end, kind in zip(
        (0x100000, *ends), (*ends, 0x7F800000), (1, 3, 1, 3, 1))) + boots.LAPTOP[4:]


def at(place, table=SSDT):
    """The line of a table, which lies there."""
    return table.replace("000000007F9000" + table.split()[2][-2:], f"{place:016X}")


NOTHING = "nothing; they hold little beside the map"
STUB_OR = 'the firmware, or Linux\'s EFI stub; a line "efi:" with addresses would tell'
STUB = "the EFI stub of Linux allocates this memory (TPMEventLog) where there is room at that moment"
STUB_TABLES = STUB.replace("Log)", "Log, ACPI SSDT)")
TOO = "not known, because ACPI tables of the firmware are elsewhere, too: what moved them may have moved this"
FIRMWARE = "the firmware, or something started before Linux; nothing else that the two files show explains it"
OTHER_LOADER = "a different boot loader, which translated the same UEFI map in its own way"
LOG = "origin a log"
UNACCEPTED = TABLES + "Unaccepted=0x%x "
CPUS = "the number of CPUs: 4 -> 8"
CHANGES = (
    # the rule, both boots, why; of each change that is none of RAM that follows: its type, kind, cause, and what is said
    ("ACPI data without a table", moved(0, more=[TABLES]), moved(2, more=[TABLES]), FIRMWARE,
     [(3, "moved", "firmware", {"no table", "the old place", "the new place is RAM", "vendor"})]),
    ("ACPI data, and no line of configuration tables", moved(0), moved(2), STUB_OR,
     [(3, "moved", "unknown", {"may be the event log", "the old place", "the new place is RAM"})]),
    ("ACPI data, and only the first has that line", moved(0, more=[TABLES]), moved(2), STUB_OR,
     [(3, "moved", "unknown", {"may be the event log", "the old place", "the new place is RAM"})]),
    ("ACPI data, and only the second has it", moved(0), moved(2, more=[TABLES]), STUB_OR,
     [(3, "moved", "unknown", {"may be the event log", "the old place", "the new place is RAM"})]),
    ("ACPI data, and a line that has what the stub allocated", moved(0, more=["efi: INITRD=0x7f900000 "]),
     moved(2, more=["efi: INITRD=0x7f900000 "]), FIRMWARE,
     [(3, "moved", "firmware", {"no table", "the old place", "the new place is RAM", "vendor"})]),
    ("ACPI tables", moved(0, more=[SSDT.replace("7F9000", "7F0000")]),
     moved(2, more=[SSDT.replace("7F9000", "7F0020")]), FIRMWARE,
     [(3, "moved", "firmware", {"tables", "the old place", "the new place is RAM", "vendor"})]),
    ("a bin of ACPI data", moved(0, lines=["cpu-count 4", "bin 9 13 ACPIReclaim"]),
     moved(2, lines=["cpu-count 4", "bin 9 13 ACPIReclaim"]),
     FIRMWARE, [(3, "moved", "firmware", {"tables", "the old place", "the new place is RAM", "vendor"})]),
    ("the event log", moved(0, more=[EVENT_LOG % 0x7F000000]), moved(2, more=[EVENT_LOG % 0x7F002000]),
     "the EFI stub of Linux allocates this memory (TPMEventLog) where there is room at that moment",
     [(3, "moved", "kernel stub", {"the event log", "the old place", "the new place is RAM", "stub"})]),
    ("the event log and a table, as one block", moved(0, more=[at(0x7F000000), EVENT_LOG % 0x7F001000]),
     moved(2, more=[at(0x7F002000), EVENT_LOG % 0x7F003000]), FIRMWARE,
     [(3, "moved", "firmware", {"tables", "the old place", "the new place is RAM", "vendor"})]),
    ("as one block, and the kernel is another", moved(0, more=[at(0x7F000000), EVENT_LOG % 0x7F001000]),
     moved(2, more=[at(0x7F002000), EVENT_LOG % 0x7F003000], kernel="6.1.0-20-amd64"),
     "not known, because more differs than the map: the kernel (6.1.0-18-amd64 -> 6.1.0-20-amd64)",
     [(3, "moved", "unknown", {"tables", "the old place", "the new place is RAM"})]),
    ("as neighbours, by one distance", {"e820": two(0x7F000000, 0x7F100000), "more": [at(0x7F000000), EVENT_LOG % 0x7F100000]},
     {"e820": two(0x7F004000, 0x7F104000), "more": [at(0x7F004000), EVENT_LOG % 0x7F104000]}, FIRMWARE,
     [(3, "moved", "firmware", {"tables", "the old place", "the new place is RAM", "vendor"}),
      (3, "moved", "firmware", {"the event log", "the old place", "the new place is RAM", "vendor"})]),
    ("as neighbours, by two distances", {"e820": two(0x7F000000, 0x7F100000),
                                         "more": [at(0x7F100000), EVENT_LOG % 0x7F000000]},
     {"e820": two(0x7F008000, 0x7F104000), "more": [at(0x7F104000), EVENT_LOG % 0x7F008000]}, TOO,
     [(3, "moved", "unknown", {"the event log", "the old place", "the new place is RAM"}),
      (3, "moved", "firmware", {"tables", "the old place", "the new place is RAM", "vendor"})]),
    ("as neighbours that grow, each at its end", {"e820": two(0x7F000000, 0x7F100000), "more": [at(0x7F000000), EVENT_LOG % 0x7F100000]},
     {"e820": two(0x7F000000, 0x7F100000, 0x3000), "more": [at(0x7F001000), EVENT_LOG % 0x7F100000]}, FIRMWARE,
     [(3, "grew", "firmware", {"tables", "the new part is RAM", "vendor"}),
      (3, "grew", "unknown", {"the event log", "the new part is RAM"})]),
    ("the event log alone, beside tables that stay in their block",
     {"e820": two(0x7F000000, 0x7F100000), "more": [at(0x7F000000), EVENT_LOG % 0x7F100000]},
     {"e820": two(0x7F000000, 0x7F104000), "more": [at(0x7F000000), EVENT_LOG % 0x7F104000]}, STUB,
     [(3, "moved", "kernel stub", {"the event log", "the old place", "the new place is RAM", "stub"})]),
    ("a longer event log in one block with tables that stay", moved(0, more=[at(0x7F000000), EVENT_LOG % 0x7F001000]),
     {"e820": boots.moved(0, size=15), "more": [at(0x7F000000), EVENT_LOG % 0x7F001000]}, STUB_TABLES,
     [(3, "grew", "kernel stub", {"the event log", "the new part is RAM", "stub"})]),
    ("the same, and the second names no tables", moved(0, more=[at(0x7F000000), EVENT_LOG % 0x7F001000]),
     {"e820": boots.moved(0, size=15), "more": [EVENT_LOG % 0x7F001000]}, STUB_TABLES,
     [(3, "grew", "kernel stub", {"the event log", "the new part is RAM", "stub"})]),
    ("an RSDT, which Linux does not print, is not missed", {"lines": [table("SSDT", 256, -0x900000), table("RSDT", 64, -0x8FFF00)]},
     {"e820": boots.moved(0, size=15), "more": [at(0x7F000000), EVENT_LOG % 0x7F001000]},
     STUB.replace("TPMEventLog", "ACPI SSDT, RSDT, TPMEventLog"), [(3, "grew", "kernel stub", {"the event log", "the new part is RAM", "stub"})]),
    ("another table is", {"lines": [table("SSDT", 256, -0x900000), table("FACP", 64, -0x8FFF00)]},
     {"e820": boots.moved(0, size=15), "more": [at(0x7F000000), EVENT_LOG % 0x7F001000]},
     "the ACPI tables: 1 gone", [(3, "grew", "firmware", {"tables", "the new part is RAM", "build"})]),
    ("a table in the block is longer", moved(0, more=[at(0x7F000000), EVENT_LOG % 0x7F001000]),
     {"e820": boots.moved(0, size=15), "more": [at(0x7F000000).replace("000100", "000120"), EVENT_LOG % 0x7F001000]},
     "the ACPI tables: 1 of another size", [(3, "grew", "firmware", {"tables", "the new part is RAM", "build"})]),
    ("a table in the block is another one", moved(0, more=[at(0x7F000000), EVENT_LOG % 0x7F001000]),
     {"e820": boots.moved(0, size=15), "more": [at(0x7F000000).replace("SSDT", "FACP"), EVENT_LOG % 0x7F001000]},
     "the ACPI tables: 1 new, 1 gone", [(3, "grew", "firmware", {"tables", "the new part is RAM", "build"})]),
    ("the table of unaccepted memory", moved(0, more=[UNACCEPTED % 0x7F000000]),
     moved(2, more=[UNACCEPTED % 0x7F002000]),
     "the EFI stub of Linux allocates this memory (Unaccepted) where there is room at that moment",
     [(3, "moved", "kernel stub", {"the table of unaccepted memory", "the old place", "the new place is RAM",
                                   "stub"})]),
    ("NVS beside the event log is not the stub's", moved(0, more=[EVENT_LOG % 0x7F000000]),
     {"e820": boots.moved(2)[:4] + ((0x7F801000, 0x7F900000, 4),) + boots.LAPTOP[5:], "more": [EVENT_LOG % 0x7F002000]},
     "the EFI stub of Linux allocates this memory (TPMEventLog) where there is room at that moment",
     [(3, "moved", "kernel stub", {"the event log", "the old place", "the new place is RAM", "stub"}),
      (4, "shrank", "firmware", {"NVS", "vendor"})]),
    ("what moves everything moves the event log, too: CPUs", moved(0, more=[EVENT_LOG % 0x7F000000]),
     moved(2, more=[EVENT_LOG % 0x7F002000], cpus=8), CPUS, [(3, "moved", "CPU count",
      {"the event log", "the old place", "the new place is RAM", "CPUs"})]),
    ("and RAM", moved(0, more=[EVENT_LOG % 0x7F000000]),
     {"e820": boots.moved(2)[:-1] + ((FOUR_GIB, 5 << 30, 1),),
      "more": [EVENT_LOG % 0x7F002000]}, "the size of RAM: 3.9 GiB -> 2.9 GiB",
     [(3, "moved", "RAM", {"the event log", "the old place", "the new place is RAM", "RAM"}),
      (1, "shrank", "RAM", {"less RAM", "RAM"})]),

    ("it grew into RAM", {}, {"e820": boots.moved(0, size=14), "more": [TABLES]}, STUB_OR,
     [(3, "grew", "unknown", {"may be the event log", "the new part is RAM"})]),
    ("it shrank", {}, {"e820": boots.moved(0, size=12), "more": [TABLES]}, STUB_OR,
     [(3, "shrank", "unknown", {"may be the event log", "it became RAM"})]),
    ("it moved into a hole", {"e820": hole(2)}, {"e820": hole(2, 0x80000000, 0x80100000)}, FIRMWARE,
     [(2, "moved", "firmware", {"vendor", "reserved", "the old place"})]),
    ("it appeared in a hole", {"e820": hole(0)}, {"e820": hole(2)}, FIRMWARE,
     [(2, "appeared", "firmware", {"vendor", "reserved"})]),
    ("it vanished, and a hole is left", {"e820": hole(2)}, {"e820": hole(0)}, FIRMWARE,
     [(2, "vanished", "firmware", {"vendor", "reserved"})]),
    ("it grew up to RAM, and not into it", {"e820": top((0x7F800000, 0x7F8FF000, 4), (0x7F900000, 0x7FA00000, 1))},
     {"e820": top((0x7F800000, 0x7F900000, 4), (0x7F900000, 0x7FA00000, 1))}, FIRMWARE, [(4, "grew", "firmware",
                                                                                          {"vendor", "NVS"})]),
    ("it grew down to RAM, and not into it", {"e820": top((0x7F601000, 0x7F900000, 4),
                                                          (0x7F900000, 0x7FA00000, 2))[:3] + (
        (0x7F00D000, 0x7F600000, 1), (0x7F601000, 0x7F900000, 4)) + boots.LAPTOP[5:]},
     {"e820": boots.LAPTOP[:3] + ((0x7F00D000, 0x7F600000, 1),
                                  (0x7F600000, 0x7F900000, 4)) + boots.LAPTOP[5:]}, FIRMWARE,
     [(4, "grew", "firmware", {"vendor", "NVS"})]),
    ("it was retyped", {"e820": hole(2)}, {"e820": hole(4)}, FIRMWARE, [(4, "retyped", "firmware", {"vendor", "NVS"})]),
    ("persistent memory", {"e820": hole(7)}, {"e820": hole(0)}, FIRMWARE,
     [(7, "vanished", "firmware", {"vendor", "persistent"})]),
    ("persistent memory of the old kind", {"e820": hole(12)}, {"e820": hole(0)}, FIRMWARE,
     [(12, "vanished", "firmware", {"vendor", "persistent"})]),
    ("specific-purpose memory", {"e820": hole(0xEFFFFFFF)}, {"e820": hole(0)}, FIRMWARE,
     [(0xEFFFFFFF, "vanished", "firmware", {"vendor", "special"})]),
    ("specific-purpose memory that ACPI data is now", {"e820": hole(0xEFFFFFFF)}, {"e820": hole(3)}, STUB_OR,
     [(3, "retyped", "unknown", {"may be the event log"})]),
    ("faulty memory", {"e820": hole(5)}, {"e820": hole(0)}, FIRMWARE,
     [(5, "vanished", "firmware", {"vendor", "reserved"})]),
    ("more RAM", {}, {"e820": boots.LAPTOP[:-1] + ((FOUR_GIB, 7 << 30, 1),)}, "the size of RAM: 3.9 GiB -> 4.9 GiB",
     [(1, "grew", "RAM", {"more RAM", "RAM"})]),
    ("RAM that is new", {"e820": low()}, {}, "the size of RAM: 1.9 GiB -> 3.9 GiB",
     [(1, "appeared", "RAM", {"more RAM", "RAM"})]),
    ("RAM that is gone", {}, {"e820": low()}, "the size of RAM: 3.9 GiB -> 1.9 GiB",
     [(1, "vanished", "RAM", {"less RAM", "RAM"})]),
    ("RAM elsewhere", {"e820": low((FOUR_GIB, 5 << 30, 1))},
     {"e820": low((FOUR_GIB + (1 << 28), (5 << 30) + (1 << 28), 1))},
     FIRMWARE, [(1, "moved", "firmware", {"RAM elsewhere", "vendor"})]),
    ("two files that hold nothing beside the map", moved(0, lines=[]), moved(2, lines=[]), NOTHING,
     [(3, "moved", "unknown", {"may be the event log", "the old place", "the new place is RAM"})]),
    ("the first holds nothing else", {"e820": hole(2), "lines": []}, {"e820": hole(0), "lines": ["cpu-count 4"]},
     NOTHING,
     [(2, "vanished", "unknown", {"reserved"})]),
    ("the second holds nothing else", {"e820": hole(2), "lines": ["cpu-count 4"]}, {"e820": hole(0), "lines": []},
     NOTHING,
     [(2, "vanished", "unknown", {"reserved"})]),
    ("runtime data", {"lines": [LOG, *uefi((6, 0x7F900000, 256))]},
     {"lines": [LOG, *uefi((6, 0x7F900000, 256))], "e820": hole(2, end=0x7F980000)},
     FIRMWARE, [(2, "shrank", "firmware", {"runtime", "vendor"})]),
    ("runtime code", {"lines": [LOG, *uefi((5, 0x7F900000, 256))]},
     {"lines": [LOG, *uefi((5, 0x7F900000, 256))], "e820": hole(2, end=0x7F980000)},
     FIRMWARE, [(2, "shrank", "firmware", {"runtime", "vendor"})]),

    ("type 20 under another name, and who translated is said", {"e820": GRUB}, {},
     "the boot loader: GRUB (runtime code is type 20) -> Linux's EFI stub (runtime code is reserved)",
     [(2, "retyped", "boot loader", {"20", "another name", "loader"})]),
    ("type 20 that moved", {"e820": GRUB}, {"e820": hole(20, 0x7F901000, 0x7FA01000)}, FIRMWARE,
     [(20, "moved", "firmware", {"vendor", "20", "the old place"})]),
    ("the other way", {}, {"e820": GRUB},
     "the boot loader: Linux's EFI stub (runtime code is reserved) -> GRUB (runtime code is type 20)",
     [(20, "retyped", "boot loader", {"20", "another name", "loader"})]),
    ("who translated renames it, whatever else differs", {"e820": GRUB}, {"cpus": 8},
     "the boot loader: GRUB (runtime code is type 20) -> Linux's EFI stub (runtime code is reserved)",
     [(2, "retyped", "boot loader", {"20", "another name", "loader"})]),

    ("UEFI has one type for what was retyped", {"lines": [LOG, *uefi((0, 0x7F900000, 256))], "e820": hole(2)},
     {"lines": [LOG, *uefi((0, 0x7F900000, 256))], "e820": hole(4)}, OTHER_LOADER, [(4, "retyped", "boot loader",
                                                                                     {"NVS", "loader"})]),
    ("it lies in a larger descriptor, behind another", {"lines": [LOG, *uefi((7, 0, 1), (0, 0x7F8FF000, 258))],
                                                        "e820": hole(2)},
     {"lines": [LOG, *uefi((0, 0x7F8FF000, 258), (7, 0, 1))],
      "e820": hole(4)}, OTHER_LOADER, [(4, "retyped", "boot loader", {"NVS", "loader"})]),
    ("UEFI has two", {"lines": [LOG, *uefi((0, 0x7F900000, 256))], "e820": hole(2)},
     {"lines": [LOG, *uefi((10, 0x7F900000, 256))], "e820": hole(4)}, FIRMWARE, [(4, "retyped", "firmware",
                                                                                  {"NVS", "vendor"})]),
    ("UEFI has one for a part of it, in the second", {"lines": [LOG, *uefi((0, 0x7F900000, 256))], "e820": hole(2)},
     {"lines": [LOG, *uefi((0, 0x7F900000, 255))], "e820": hole(4)}, FIRMWARE, [(4, "retyped", "firmware",
                                                                                 {"NVS", "vendor"})]),
    ("in the first", {"lines": [LOG, *uefi((0, 0x7F900000, 255))], "e820": hole(2)},
     {"lines": [LOG, *uefi((0, 0x7F900000, 256))], "e820": hole(4)}, FIRMWARE, [(4, "retyped", "firmware",
                                                                                 {"NVS", "vendor"})]),
    ("UEFI is known in the first, GRUB translated in the second",
     {"lines": [LOG, *uefi((5, 0x7F900000, 256))], "e820": hole(2)},
     {"lines": [LOG], "e820": hole(20)}, "the boot loader: Linux's EFI stub (runtime code is reserved) -> GRUB (runtime code is type 20)",
     [(20, "retyped", "boot loader", {"20", "another name", "loader"})]),
    ("and the other way", {"lines": [LOG], "e820": hole(20)},
     {"lines": [LOG, *uefi((5, 0x7F900000, 256))], "e820": hole(2)},
     "the boot loader: GRUB (runtime code is type 20) -> Linux's EFI stub (runtime code is reserved)",
     [(2, "retyped", "boot loader", {"20", "another name", "loader"})]),
    ("UEFI has nothing up to there", {"lines": [LOG, *uefi((0, 0x7F901000, 255))], "e820": hole(2)},
     {"lines": [LOG, *uefi((0, 0x7F901000, 255))], "e820": hole(4)}, FIRMWARE, [(4, "retyped", "firmware",
                                                                                 {"NVS", "vendor"})]),
    ("UEFI has two, and the kernel is another", {"lines": [LOG, "kernel-version 6.1.0", *uefi((0, 0x7F900000, 256))],
                                                 "e820": hole(2)},
     {"lines": [LOG, "kernel-version 6.1.1", *uefi((10, 0x7F900000, 256))], "e820": hole(4)}, FIRMWARE,
     [(4, "retyped", "firmware", {"NVS", "more differs"})]),

    ("a build of the firmware", {"e820": hole(2)}, {"e820": hole(0),
                                                    "dmi": "Example Laptop/Board, BIOS 1.08 05/05/2024"},
     "the firmware's build: 1.07 01/02/2023 -> 1.08 05/05/2024", [(2, "vanished", "firmware", {"reserved", "build"})]),
    ("devices", {"e820": hole(2), "more": [BRIDGE]}, {"e820": hole(0), "more": [BRIDGE, NIC]},
     "PCI devices: 1 differs, 0000:02:00.0 (8086:15fb class 0x020000) first", [(2, "vanished", "devices",
                                                                                {"reserved", "devices"})]),
    ("an option", {"e820": hole(0xEFFFFFFF)}, {"e820": hole(1), "line": "efi=nosoftreserve"},
     "the kernel option efi=nosoftreserve, which boot B alone has", [(0xEFFFFFFF, "vanished", "kernel options",
                                                                      {"special", "it became RAM", "options"})]),
    ("an option, and nothing that it moves", {"e820": hole(2)}, {"e820": hole(0), "line": "efi=nosoftreserve"},
     "not known, because more differs than the map: the kernel's command line (root=...1 quiet -> efi=nosoftreserve)",
     [(2, "vanished", "unknown", {"reserved"})]),
    ("a condition that is evidence of nothing", {"e820": hole(2)}, {"e820": hole(0), "kernel": "6.1.0-20-amd64"},
     "not known, because more differs than the map: the kernel (6.1.0-18-amd64 -> 6.1.0-20-amd64)", [(2, "vanished",
      "unknown", {"reserved"})]),
    ("evidence, and one map", {}, {"cpus": 8}, "nothing changed", []),
    ("tables of another size", {"e820": hole(2), "more": [APIC]},
     {"e820": hole(0), "more": [APIC.replace("000100", "000120")]},
     "the ACPI tables: 1 of another size", [(2, "vanished", "firmware", {"reserved", "build"})]),
    ("and ACPI data of which nobody knows", moved(0, more=[APIC]), moved(2, more=[APIC.replace("000100", "000120")]),
     "the ACPI tables: 1 of another size", [(3, "moved", "firmware",
      {"may be the event log", "the old place", "the new place is RAM", "build"})]),
    ("and a condition, which is more than a symptom", {"e820": hole(2), "more": [APIC]},
     {"e820": hole(0), "more": [APIC.replace("000100", "000120")], "kernel": "6.1.0-20-amd64"},
     "not known, because more differs than the map: the kernel (6.1.0-18-amd64 -> 6.1.0-20-amd64)", [(2, "vanished",
      "unknown", {"reserved"})]),
    ("one file, twice", {}, {}, "nothing changed", []),
)


@pytest.mark.parametrize("rule, before, after, because, changes", CHANGES, ids=[row[0] for row in CHANGES])
def test_what_is_said_of_a_change(report, tmp_path, rule, before, after, because, changes):
    got = report(*boots.write(tmp_path, boot(before), boot(after)))
    assert got["because"] == because
    assert [((row["after"] or row["before"])["type"], row["kind"], row["cause"], said(row["meaning"]))
            for row in got["changes"] if not row["consequence"]] == changes, rule
    assert all(said(row["meaning"]) == {"follows"} for row in got["changes"] if row["consequence"])

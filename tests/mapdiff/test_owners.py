"""A range that changed -> whose it is, in words; and whether that is the EFI stub of Linux. Each rule alone."""

import boots
import pytest

START, END = 0x7F000000, 0x7F00D000  # of what changes: 13 pages
NO_TABLE, NO_TABLES = "unknown: no ACPI table lies there", "unknown: the file names no ACPI tables"
BIN = "MemoryTypeInformation bin"


def with_range(kind, start=START, end=END):
    """The laptop, with such a range in its memory."""
    return boots.LAPTOP[:1] + ((0x100000, start, 1), (start, end, kind), (end, 0x7F800000, 1)) + boots.LAPTOP[4:]


WITHOUT = boots.LAPTOP[:1] + ((0x100000, 0x7F800000, 1),) + boots.LAPTOP[4:]


def table(name, start, size=0x100):
    return f'acpi 0x{start:016x} {size} 0x12345678 1 ok "{name}" XSDT'


def config(name, start):
    return f"config-table 0x{start:016x} 11111111-2222-3333-4444-555555555555 {name}"


def uefi(*rows):
    """A UEFI map: (type, start, end)."""
    return ["uefi-map 48 1"] + [f"uefi 0x{start:016x} 0x{end:016x} {kind if kind < 16 else hex(kind)} 0xf name"
                                for kind, start, end in rows]


def boot(e820, lines):
    """A capture of what a kernel got."""
    return boots.capture(e820, ["origin a log", *lines])


def only_change(report, tmp_path, *texts):
    (change,) = [row for row in report(*boots.write(tmp_path, *texts))["changes"] if not row["consequence"]]
    return change


OWNERS = (
    # the rule, the type of the range, what the boot that has it knows, whose it is
    ("what starts where it starts", 3, [table("SSDT", START)], "ACPI SSDT"),
    ("what starts at its last byte", 3, [table("SSDT", END - 1)], "ACPI SSDT"),
    ("what starts where it ends is another's", 3, [table("SSDT", END)], NO_TABLE),
    ("what starts before it, too, though it reaches into it", 3, [table("SSDT", START - 1)], NO_TABLE),
    ("what others start in between", 3, [table("APIC", START - 0x1000), table("SSDT", START), table("FACP", END)], "ACPI SSDT"),
    ("a table twice", 3, [table("SSDT", START), table("SSDT", START + 0x1000)], "ACPI SSDT"),
    ("tables, by address", 3, [table("FACP", START + 0x1000), table("SSDT", START)], "ACPI SSDT, FACP"),
    ("three tables", 3, [table(name, START + place) for place, name in enumerate(("SSDT", "FACP", "APIC"))], "ACPI SSDT, FACP, APIC"),
    ("more than three", 3, [table(name, START + place) for place, name in enumerate(("SSDT", "FACP", "APIC", "HPET"))],
     "ACPI SSDT, FACP, APIC, ..."),
    ("three, of which one comes again", 3, [table(name, START + place) for place, name in enumerate(("SSDT", "FACP", "APIC", "SSDT"))],
     "ACPI SSDT, FACP, APIC"),
    ("what is no table goes first", 3, [table("SSDT", START), config("SMBIOS 3.0", START + 0x100)], "SMBIOS 3.0, ACPI SSDT"),
    ("the RSDP is a table of ACPI", 3, [config("ACPI 2.0", START), config("TPMFinalLog", START + 0x100)], "TPMFinalLog, ACPI RSDP"),
    ("the RSDP twice", 3, [config("ACPI 2.0", START), config("ACPI", START + 0x14)], "ACPI RSDP"),
    ("the RSDP before its tables", 3, [config("ACPI 2.0", START), table("XSDT", START + 0x100)], "ACPI RSDP, XSDT"),
    ("a name that only begins like those of tables", 3, ["stub 0x000000007f000000 0x000000007f001000 ACPI", table("SSDT", START + 0x1000)],
     "ACPI RSDP, SSDT"),

    ("a bin of ACPI data", 3, ["bin 9 13 ACPIReclaim"], BIN),
    ("a bin of another size", 3, ["bin 9 12 ACPIReclaim"], NO_TABLES),
    ("a bin of NVS is none of ACPI data", 3, ["bin 10 13 ACPIMemoryNVS"], NO_TABLES),
    ("a bin of NVS", 4, ["bin 10 13 ACPIMemoryNVS"], BIN),
    ("a bin of ACPI data is none of NVS", 4, ["bin 9 13 ACPIReclaim"], "firmware"),
    ("a bin of runtime data is none of ACPI data", 3, ["bin 6 13 RuntimeServicesData"], NO_TABLES),
    ("nor of NVS", 4, ["bin 6 13 RuntimeServicesData"], "firmware"),
    ("a bin is none of reserved memory", 2, ["bin 9 13 ACPIReclaim", "bin 10 13 ACPIMemoryNVS"], "unknown without a UEFI map"),
    ("the second of the bins", 3, ["bin 10 13 ACPIMemoryNVS", "bin 9 13 ACPIReclaim"], BIN),
    ("a bin with a table in it", 3, ["bin 9 13 ACPIReclaim", table("SSDT", START)], "ACPI SSDT, in a MemoryTypeInformation bin"),

    ("ACPI data where no table is known", 3, [], NO_TABLES),
    ("ACPI data without one of the tables", 3, [table("SSDT", 0x7F900000)], NO_TABLE),
    ("reserved, and UEFI has nothing there", 2, uefi((7, 0, 0xA0000)), "unknown"),
    ("an own type of GRUB's", 20, [], "runtime services code"),
    ("persistent", 7, [], "persistent memory"),
    ("soft reserved", 0xEFFFFFFF, [], "specific-purpose memory"),
    ("faulty", 5, [], "faulty memory"),
    ("coreboot's", 16, [], "coreboot (CBMEM)"),

    ("by UEFI's type", 2, uefi((6, START, END)), "runtime services data"),
    ("by two of UEFI's types", 2, uefi((6, START, START + 0x1000), (5, START + 0x1000, END)), "runtime services data, runtime services code"),
    ("by UEFI's type, and by name", 2, uefi((6, START, END)) + [config("SMBIOS", START)], "runtime services data (SMBIOS)"),
    ("UEFI's type goes before the bin", 3, uefi((6, START, END)) + ["bin 9 13 ACPIReclaim"],
     "runtime services data, in a MemoryTypeInformation bin"),
    ("UEFI's reserved, for which there is no other name", 2, uefi((0, START, END)), "firmware"),
)


@pytest.mark.parametrize("turn", ("vanished", "appeared"))
@pytest.mark.parametrize("rule, kind, lines, owner", OWNERS, ids=[row[0] for row in OWNERS])
def test_whose_it_is(report, tmp_path, rule, kind, lines, owner, turn):
    """Whether the boot that has it is the first or the second."""
    texts = [boot(with_range(kind), lines), boot(WITHOUT, [])]
    change = only_change(report, tmp_path, *(texts if turn == "vanished" else texts[::-1]))
    assert (change["kind"], change["owner"]) == (turn, owner), rule


def test_a_bin_of_nothing_is_none(report, tmp_path):
    """As large as less than a page."""
    texts = [boot(with_range(3, START, START + 0x800), ["bin 9 0 ACPIReclaim"]), boot(WITHOUT, [])]
    assert only_change(report, tmp_path, *texts)["owner"] == NO_TABLES


MOVED = with_range(3, START + 0x2000, END + 0x2000)
BOTH = (
    # the rule, what each boot knows, whose it is that moved by two pages
    ("one table", [table("SSDT", START)], [table("SSDT", START + 0x2000)], "ACPI SSDT"),
    ("what only the first names", [table("SSDT", START)], [], "ACPI SSDT"),
    ("what only the second names", [], [table("SSDT", START + 0x2000)], "ACPI SSDT"),
    ("both names", [table("SSDT", START)], [table("FACP", START + 0x2000)], "ACPI SSDT, FACP"),
    ("where it was before is not looked at in the second", [], [table("SSDT", START)], NO_TABLE),
    ("nor where it is now in the first", [table("SSDT", END)], [], NO_TABLES),
    ("the boot that has it last names tables", [], [table("SSDT", 0x7F900000)], NO_TABLE),
    ("and the first does", [table("SSDT", 0x7F900000)], [], NO_TABLES),
    ("a bin of the first", ["bin 9 13 ACPIReclaim"], [], BIN),
    ("a bin of the second", [], ["bin 9 13 ACPIReclaim"], BIN),
)


@pytest.mark.parametrize("rule, before, after, owner", BOTH, ids=[row[0] for row in BOTH])
def test_whose_it_is_that_moved(report, tmp_path, rule, before, after, owner):
    change = only_change(report, tmp_path, boot(with_range(3), before), boot(MOVED, after))
    assert (change["kind"], change["owner"]) == ("moved", owner), rule


STUB = (
    # the rule, the type of the range, what the boot that has it knows, whether the EFI stub allocated it
    ("the event log", 3, [config("TPMEventLog", START)], True),
    ("at its last byte", 3, [config("TPMEventLog", END - 1)], True),
    ("where it ends", 3, [config("TPMEventLog", END)], False),
    ("before it", 3, [config("TPMEventLog", START - 1)], False),
    ("with a table of the firmware's", 3, [table("SSDT", START), config("TPMEventLog", START + 0x1000)], False),
    ("beside a table that stays", 3, [table("SSDT", 0x7F900000), config("TPMEventLog", START + 0x1000)], True),
    ("before Linux 6.12 it is RAM", 4, [config("TPMEventLog", START)], False),
    ("the table of unaccepted memory", 3, [config("Unaccepted", START)], True),
    ("the last log, which is the firmware's", 3, [config("TPMFinalLog", START)], False),
    ("the RSDP", 3, [config("ACPI 2.0", START)], False),
)


@pytest.mark.parametrize("turn", (False, True), ids=("vanished", "appeared"))
@pytest.mark.parametrize("rule, kind, lines, is_stub", STUB, ids=[row[0] for row in STUB])
def test_whether_the_stub_allocated_it(report, tmp_path, rule, kind, lines, is_stub, turn):
    texts = [boot(with_range(kind), lines), boot(WITHOUT, [config("SMBIOS", 0x7F900000)])]
    change = only_change(report, tmp_path, *(texts[::-1] if turn else texts))
    assert (change["cause"] == "kernel stub") == is_stub, rule

"""Where the RAM went: each kind of loss, of the map and of a target; and what became of each page. Each rule alone."""

import pytest

from naive import PAGE, RUNTIME, SOFT, WB, capture

MIB, GIB = 1 << 20, 1 << 30
LOG = ["origin a log"]  # the e820 map is what a kernel got
RAM = (MIB, 64 * MIB, 1)
BEHIND = (65 * MIB, 66 * MIB, 1)


def ledger(report, uefi=(), e820=(), lines=(), args=()):
    """The rows, in their order, in KiB; and the installed memory that is believed."""
    got = report("show", *args, "-", stdin=capture(uefi, e820, lines))
    return [(row["what"], row["bytes"] / 1024) for row in got["ledger"]], got["installed_bytes"]


USABLE, ALONE = ("usable", 64 * 1024), ("usable", 63 * 1024)
E820 = (
    # the rule, what stands beside 63 MiB of RAM and, but where it is last, one more; all rows
    ("nothing", [], [ALONE]),
    ("reserved, between RAM", [(64 * MIB, 65 * MIB, 2), BEHIND], [USABLE, ("reserved", 1024)]),
    ("reserved, behind RAM", [(64 * MIB, 65 * MIB, 2)], [ALONE]),
    ("reserved, up to RAM", [(64 * MIB, 65 * MIB, 2), (65 * MIB, 65 * MIB + PAGE, 1)],
     [("usable", 63 * 1024 + 4), ("reserved", 1024)]),
    ("reserved, before ACPI data", [(64 * MIB, 65 * MIB, 2), (65 * MIB, 66 * MIB, 3)],
     [ALONE, ("ACPI data", 1024), ("reserved", 1024)]),
    ("reserved, of an unknown type", [(64 * MIB, 65 * MIB, 13), BEHIND], [USABLE, ("reserved", 1024)]),
    ("ACPI data", [(64 * MIB, 65 * MIB, 3), BEHIND], [USABLE, ("ACPI data", 1024)]),
    ("NVS", [(64 * MIB, 65 * MIB, 4)], [ALONE, ("ACPI NVS", 1024)]),
    ("unusable", [(64 * MIB, 65 * MIB, 5)], [ALONE, ("unusable", 1024)]),
    ("persistent", [(64 * MIB, 65 * MIB, 7)], [ALONE, ("persistent", 1024)]),
    ("persistent, of the old kind", [(64 * MIB, 65 * MIB, 12)], [ALONE, ("persistent", 1024)]),
    ("soft reserved", [(64 * MIB, 65 * MIB, SOFT)], [ALONE, ("soft reserved (specific purpose)", 1024)]),
    ("GRUB's runtime code", [(64 * MIB, 65 * MIB, 20)], [ALONE, ("UEFI runtime services", 1024)]),
    ("a hole", [BEHIND], [USABLE]),
    ("in the order of the table", [(64 * MIB, 65 * MIB, 2), (65 * MIB, 66 * MIB, 5), (66 * MIB, 68 * MIB, 4),
                                   (68 * MIB, 71 * MIB, 3)],
     [ALONE, ("ACPI data", 3072), ("ACPI NVS", 2048), ("unusable", 1024), ("reserved", 1024)]),

    ("reserved below 4 GiB, RAM above it", [(3 * GIB, 4 * GIB, 2), (4 * GIB, 4 * GIB + MIB, 1)], [USABLE]),
    ("reserved above 4 GiB, between RAM", [(4 * GIB, 4 * GIB + MIB, 1), (5 * GIB, 5 * GIB + MIB, 2),
                                           (6 * GIB, 6 * GIB + MIB, 1)],
     [("usable", 65 * 1024), ("reserved", 1024)]),
    ("reserved above 4 GiB, behind RAM", [(4 * GIB, 4 * GIB + MIB, 1), (5 * GIB, 5 * GIB + MIB, 2)], [USABLE]),
    ("reserved above 4 GiB, before RAM", [(4 * GIB, 4 * GIB + MIB, 2), (5 * GIB, 5 * GIB + MIB, 1)],
     [USABLE, ("reserved", 1024)]),
    ("reserved across 4 GiB, RAM behind: what is above",
     [(4 * GIB - MIB, 4 * GIB + 2 * MIB, 2), (5 * GIB, 5 * GIB + MIB, 1)],
     [USABLE, ("reserved", 2048)]),
    ("RAM across 4 GiB is DRAM up to there", [(64 * MIB, 65 * MIB, 2), (4 * GIB - MIB, 4 * GIB + MIB, 1)],
     [("usable", 65 * 1024), ("reserved", 1024)]),
    ("and above", [(4 * GIB - MIB, 4 * GIB + MIB, 1), (5 * GIB, 5 * GIB + MIB, 2)], [("usable", 65 * 1024)]),
    ("RAM up to 4 GiB", [(64 * MIB, 65 * MIB, 2), (4 * GIB - MIB, 4 * GIB, 1), (4 * GIB, 4 * GIB + MIB, 2)],
     [USABLE, ("reserved", 1024)]),
)


@pytest.mark.parametrize("rule, e820, rows", E820, ids=[row[0] for row in E820])
def test_losses_without_a_uefi_map(report, rule, e820, rows):
    assert ledger(report, e820=[RAM, *e820], lines=LOG) == (rows, None), rule


AT, END = 64 * MIB, 65 * MIB
WHOLE = (7, WB, MIB, 66 * MIB)
AROUND = [(7, WB, MIB, AT), (7, WB, END, 66 * MIB)]
BOTH = (
    # the rule, the UEFI map, the e820 type of 1 MiB in the RAM (0: a hole), what that is called; None: no loss of RAM
    ("usable", [WHOLE], 1, "usable"),
    ("another descriptor over it", [(0, WB, AT, END), WHOLE], 2, "RAM that another descriptor overlaps"),
    ("it lies over another descriptor", [WHOLE, (0, WB, AT, END)], 2, "reserved"),
    ("boot services that another descriptor overlaps", [(0, WB, AT, END), (4, WB, MIB, 66 * MIB)], 2,
     "RAM that another descriptor overlaps"),
    ("faulty for the kernel, and RAM for UEFI", [WHOLE], 5, "RAM that another descriptor overlaps"),
    ("the map leaves it out", [WHOLE], 0, "RAM that the e820 map leaves out"),
    ("whatever its attributes", [*AROUND, (7, RUNTIME, AT, END)], 0, "RAM that the e820 map leaves out"),
    ("the runtime services claim it", [*AROUND, (7, WB | RUNTIME, AT, END)], 2, "RAM that the runtime services claim"),
    ("and it is not write-back, too", [*AROUND, (7, RUNTIME, AT, END)], 2, "RAM that the runtime services claim"),
    ("it is not write-back", [*AROUND, (2, 1, AT, END)], 2, "RAM that is not write-back"),
    ("runtime code", [*AROUND, (5, WB, AT, END)], 2, "UEFI runtime services"),
    ("runtime data", [*AROUND, (6, WB, AT, END)], 2, "UEFI runtime services"),
    ("PAL code that the runtime services have", [*AROUND, (13, WB | RUNTIME, AT, END)], 2, "UEFI runtime services"),
    ("PAL code", [*AROUND, (13, WB, AT, END)], 2, "reserved"),
    ("reserved, with the runtime attribute", [*AROUND, (0, WB | RUNTIME, AT, END)], 2, "reserved"),
    ("runtime code that an old GRUB calls unusable", [*AROUND, (5, WB, AT, END)], 5, "UEFI runtime services"),
    ("unusable to both", [*AROUND, (8, WB, AT, END)], 5, "unusable"),
    ("unusable to UEFI alone", [*AROUND, (8, WB, AT, END)], 2, "reserved"),
    ("unusable to the kernel alone", AROUND, 5, "unusable"),
    ("devices", [*AROUND, (11, WB, AT, END)], 2, None),
    ("ports of devices", [*AROUND, (12, WB, AT, END)], 2, None),
    ("devices that the map leaves out", [*AROUND, (11, WB, AT, END)], 0, None),
    ("not accepted", [*AROUND, (15, WB, AT, END)], 0, "not accepted"),
    ("a type after the last", [*AROUND, (16, WB, AT, END)], 0, "of an unknown type"),
    ("ACPI data, whatever UEFI says", [WHOLE], 3, "ACPI data"),
    ("reserved, and UEFI says nothing", AROUND, 2, "reserved"),
    ("a hole in both", AROUND, 0, None),
)


@pytest.mark.parametrize("rule, uefi, kind, what", BOTH, ids=[row[0] for row in BOTH])
def test_losses_with_both_maps(report, rule, uefi, kind, what):
    e820 = [RAM, *([(AT, END, kind)] if kind else []), BEHIND]
    expected = {"usable": 64 * 1024}
    if what is not None:
        expected[what] = expected.get(what, 0) + 1024
    assert dict(ledger(report, uefi, e820, LOG)[0]) == expected, rule


CUT = (
    # the rule, the limit in MiB; what becomes of RAM that the map leaves out from 32 MiB to 33 MiB
    ("the limit is below", 31, "cut off by a limit"),
    ("it is there", 32, "cut off by a limit"),
    ("it is above", 33, "RAM that the e820 map leaves out"),
)


@pytest.mark.parametrize("rule, limit, what", CUT, ids=[row[0] for row in CUT])
def test_what_a_limit_cut(report, rule, limit, what):
    rows, _ = ledger(report, [(7, WB, MIB, 33 * MIB)], [(MIB, 32 * MIB, 1)], LOG, ["--mem", f"{limit}M"])
    assert rows == [("usable", 31 * 1024), (what, 1024)], rule


MOST = 1 << 52
INSTALLED = (
    # the rule, the installed bytes; all rows of 63 MiB of RAM, 1 MiB of NVS at the end, and 2 MiB that are reserved before it
    ("just what there is", 66 * MIB, [("ACPI NVS", 1024), ("reserved", 2048)]),
    ("more", 67 * MIB, [("ACPI NVS", 1024), ("reserved", 2048), ("in no map", 1024)]),
    ("a part of what is reserved is no DRAM", 65 * MIB, [("ACPI NVS", 1024), ("reserved", 1024)]),
    ("all of what is reserved is none", 64 * MIB, [("ACPI NVS", 1024)]),
    ("less than is sure", 64 * MIB - 1, None),
    ("as much as can be", MOST, [("ACPI NVS", 1024), ("reserved", 2048), ("in no map", (MOST - 66 * MIB) / 1024)]),
    ("more than can be", MOST + 1, None),
)


@pytest.mark.parametrize("rule, installed, rows", INSTALLED, ids=[row[0] for row in INSTALLED])
def test_installed_memory(report, rule, installed, rows):
    got = ledger(report, e820=[RAM, (64 * MIB, 66 * MIB, 2), (66 * MIB, 67 * MIB, 4)],
                 lines=[*LOG, f"installed-bytes {installed}"])
    not_believed = [("ACPI NVS", 1024), ("reserved", 2048)]
    assert got == ([ALONE, *(rows or not_believed)] if rows != [] else [ALONE], installed if rows else None), rule


# --- a target ---

KINDS = ("kernel", "bitmap", "hand-off block", "hand-off stack", "page tables", "initrd", "low memory of PCs",
         "ACPI wake-up code",
         "MP tables", "ACPI tables in RAM", "SMBIOS in RAM", "framebuffer in RAM", "UEFI runtime services in RAM",
         "UEFI boot services, kept", "reserved by the configuration", "handler of exceptions")
TARGET = [(0, 0xA0000, 1), (MIB, 16 * MIB, 1)]


def reserve(start, end, kind=1, target="amd64"):
    return f'reserve {target} {start:#018x} {end:#018x} linux forever {kind} "somebody" "a reason"'


def target_of(report, lines, name="amd64", e820=TARGET, args=()):
    lines = [*LOG, f"max-pfn {name} 0x1000", f"max-low-pfn {name} 0x1000", *lines]
    got = report("show", *args, "-", stdin=capture(e820=e820, lines=lines))["targets"][name]
    assert got["recorded"]
    return got


@pytest.mark.parametrize("kind, what", [*enumerate(KINDS, 1), (0, "reserved for something else"),
                                        (17, "reserved for something else")])
def test_kinds_of_reservations(report, kind, what):
    got = target_of(report, [reserve(MIB, 2 * MIB, kind), f"free amd64 0x0 {0xA0:#x}", "free amd64 0x200 0x1000"])
    assert [(row["what"], row["bytes"] // PAGE) for row in got["ledger"]] == [("free", 0xA0 + 0xE00), (what, 0x100)]


TARGETS = (
    # the rule, the target, lines of a capture; its ledger in pages
    ("nothing is said of it", "amd64", [], [("reserved, and no reason is known", 0xFA0)]),
    ("two reservations of a kind", "amd64", [reserve(MIB, 2 * MIB), reserve(4 * MIB, 5 * MIB)],
     [("kernel", 0x200), ("reserved, and no reason is known", 0xDA0)]),
    ("the first one has the page", "amd64", [reserve(MIB, 3 * MIB, 1), reserve(2 * MIB, 4 * MIB, 2)],
     [("kernel", 0x200), ("bitmap", 0x100), ("reserved, and no reason is known", 0xCA0)]),
    ("what is free is not reserved", "amd64", [reserve(MIB, 3 * MIB, 1), "free amd64 0x200 0x400"],
     [("free", 0x200), ("kernel", 0x100), ("reserved, and no reason is known", 0xCA0)]),
    ("parts of pages are reserved as a whole", "amd64", [reserve(MIB + 1, MIB + PAGE + 1)],
     [("kernel", 2), ("reserved, and no reason is known", 0xF9E)]),
    ("a reservation of what is no RAM", "amd64", [reserve(0x90000, 2 * MIB)],
     [("kernel", 0x110), ("reserved, and no reason is known", 0xE90)]),
)


@pytest.mark.parametrize("rule, name, lines, rows", TARGETS, ids=[row[0] for row in TARGETS])
def test_the_ledger_of_a_target(report, rule, name, lines, rows):
    got = target_of(report, lines, name)
    assert [(row["what"], row["bytes"] // PAGE) for row in got["ledger"]] == rows, rule


PARTS = (
    # the rule, the target, the e820 map, words of the command line; its ledger in bytes, without what is free or has no reason
    ("RAM in the ISA hole", "ia32", [(0, 0xB0000, 1), (MIB, 16 * MIB, 1)], [],
     [("640 KiB to 1 MiB, no RAM for IA-32", 0x10000)]),
    ("which the other target has", "amd64", [(0, 0xB0000, 1), (MIB, 16 * MIB, 1)], [], []),
    ("all of the ISA hole", "ia32", [(0, 16 * MIB, 1)], [], [("640 KiB to 1 MiB, no RAM for IA-32", 0x60000)]),
    ("above a limit", "amd64", [(0, 0xA0000, 1), (MIB, 16 * MIB, 1)], ["--mem=12M"],
     [("above the limit of memory", 4 * MIB)]),
    ("parts of pages", "amd64", [(0, 0x9F400, 1), (MIB + 0x800, 16 * MIB, 1)], [], [("parts of pages", 0xC00)]),
)


@pytest.mark.parametrize("rule, name, e820, args, rows", PARTS, ids=[row[0] for row in PARTS])
def test_what_a_target_cannot_use(report, rule, name, e820, args, rows):
    got = report("show", *args, "-", stdin=capture(e820=e820, lines=LOG))["targets"][name]["ledger"]
    names = ("640 KiB to 1 MiB, no RAM for IA-32", "above the limit of memory", "parts of pages", "above low memory")
    assert [(row["what"], row["bytes"]) for row in got if row["what"] in names] == rows, rule


def test_a_limit_in_the_isa_hole(report):
    """What is above it is counted once."""
    got = target_of(report, ["free ia32 0x0 0xa0"], "ia32", [(0, 0xF0000, 1)], ["--mem=0xc0000"])["ledger"]
    assert [(row["what"], row["bytes"]) for row in got] == [
        ("free", 0xA0000), ("640 KiB to 1 MiB, no RAM for IA-32", 0x20000), ("above the limit of memory", 0x30000)]


def test_memory_above_low_memory(report):
    got = report("show", "-", stdin=capture(e820=[(0, 0xA0000, 1), (MIB, GIB, 1)], lines=LOG))["targets"]
    assert ("above low memory", 128 * MIB) in [(row["what"], row["bytes"]) for row in got["ia32"]["ledger"]]
    assert "above low memory" not in [row["what"] for row in got["amd64"]["ledger"]]


RUNS = (
    # the rule, the e820 map, lines of a capture; the runs of pages: start, end, fate, reservation
    ("no RAM, and no reason", TARGET, [],
     [(0, 0xA0, "no reason", None), (0xA0, 0x100, "not RAM", None), (0x100, 0x1000, "no reason", None)]),
    ("it begins with a hole", TARGET[1:], [], [(0, 0x100, "not RAM", None), (0x100, 0x1000, "no reason", None)]),
    ("free, reserved, and free again", TARGET[1:], ["free amd64 0x100 0x200", reserve(2 * MIB, 3 * MIB),
                                                    "free amd64 0x300 0x1000"],
     [(0, 0x100, "not RAM", None), (0x100, 0x200, "free", None), (0x200, 0x300, "reserved", 0),
      (0x300, 0x1000, "free", None)]),
    ("the first reservation wins", TARGET[1:], [reserve(2 * MIB, 4 * MIB), reserve(MIB, 3 * MIB),
                                                reserve(3 * MIB, 16 * MIB)],
     [(0, 0x100, "not RAM", None), (0x100, 0x200, "reserved", 1), (0x200, 0x400, "reserved", 0),
      (0x400, 0x1000, "reserved", 2)]),
    ("parts of pages are no RAM", [(MIB + 1, 2 * MIB - 1, 1)], [],
     [(0, 0x101, "not RAM", None), (0x101, 0x1FF, "no reason", None)]),
    ("less than a page", [(MIB + 1, MIB + PAGE, 1), (2 * MIB, 3 * MIB, 1)], [],
     [(0, 0x200, "not RAM", None), (0x200, 0x300, "no reason", None)]),
    ("RAM in two ranges", [(MIB, 2 * MIB, 1), (2 * MIB, 3 * MIB, 4), (3 * MIB, 4 * MIB, 1)], ["free amd64 0x300 0x400"],
     [(0, 0x100, "not RAM", None), (0x100, 0x200, "no reason", None), (0x200, 0x300, "not RAM", None),
      (0x300, 0x400, "free", None)]),
)


@pytest.mark.parametrize("rule, e820, lines, runs", RUNS, ids=[row[0] for row in RUNS])
def test_runs_of_pages(report, rule, e820, lines, runs):
    got = target_of(report, lines, e820=e820)["runs"]
    assert [(int(run["start"], 16) // PAGE, int(run["end"], 16) // PAGE, run["fate"],
             run["reservation"]) for run in got] == runs, rule


def test_pages_above_low_memory_are_a_run(report):
    got = report("show", "-", stdin=capture(e820=[(MIB, 4 * MIB, 1)], lines=[
        *LOG, "max-pfn ia32 0x400", "max-low-pfn ia32 0x300", "free ia32 0x100 0x300", reserve(3 * MIB, 4 * MIB,
                                                                                               target="ia32")]))
    assert [(run["start"], run["fate"]) for run in got["targets"]["ia32"]["runs"]] == [
        ("0x0", "not RAM"), ("0x100000", "free"), ("0x300000", "above low")]

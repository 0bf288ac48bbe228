"""What changed, whose it is, and why: real pairs (tests/maps/hibernate), and made ones."""

import boots
import pytest
from conftest import MAPS, cpu_seconds


def changes(report, *paths):
    """(kind, start before, start after, pages, owner, cause) of what changed by itself."""
    def start(half):
        return int(half["start"], 16) if half else None

    return [(row["kind"], start(row["before"]), start(row["after"]), row["pages"], row["owner"], row["cause"])
            for row in report(*paths)["changes"] if not row["consequence"]]


DATA, CODE = "runtime services data", "runtime services code"
BOTH = f"{DATA}, {CODE} (SMBIOS)"
TABLES = "ACPI BGRT, WAET, MCFG, ..."
NO_TABLE, NO_TABLES = "unknown: no ACPI table lies there", "unknown: the file names no ACPI tables"
REAL = {
    "direct-to-grub": [("retyped", 0x1F5EC000, 0x1F5EC000, 256, CODE, "boot loader")],
    "grubplant-reserved-to-runtimecode": [
        ("retyped", 0x10200000, 0x10200000, 16, f"firmware, {CODE}", "firmware")],
    "plant-acpi-moved-1page": [("moved", 0x10000000, 0x10001000, 1, NO_TABLE, "firmware")],
    "smp-1-to-2": [
        ("moved", 0x1EAA0000, 0x1EA8A000, 22, DATA, "CPU count"),
        ("moved", 0x1FEF4000, 0x1FEEC000, 8, DATA, "CPU count"),
        ("grew", 0x1FF78000, 0x1FF70000, 8, "firmware", "CPU count"),
    ],
    "mem-512-to-768M": [
        ("grew", 0x900000, 0x900000, 0x10000, "", "RAM"),
        ("moved", 0x1EAA0000, 0x2EAA0000, 0x10000, DATA, "RAM"),
        ("moved", 0x1F4EC000, 0x2F4EC000, 0x10000, BOTH, "RAM"),
        ("moved", 0x1F76C000, 0x2F76C000, 0x10000, TABLES, "RAM"),
        ("moved", 0x1F77E000, 0x2F77E000, 0x10000, "ACPI FACS", "RAM"),
        ("moved", 0x1FEF4000, 0x2FEF4000, 0x10000, DATA, "RAM"),
        ("moved", 0x1FF78000, 0x2FF78000, 0x10000, "firmware", "RAM"),
    ],
    "same-direct-nokaslr": [], "same-grub": [], "vars-lost": [], "add-e1000": [], "direct-to-sdboot": [],
    "plant-loader-boot-data": [], "raw-order": [], "k612-to-k61": [], "opt-mem-400M": [],
}


@pytest.mark.parametrize("name", REAL)
def test_real_pairs(report, name):
    paths = [MAPS / "hibernate" / f"{name}-{boot}.map" for boot in (1, 2)]
    assert changes(report, *paths) == REAL[name]


EVENT_LOG = "efi: ACPI=0x7f801000 TPMEventLog=0x%x "
SEED = "efi: ACPI=0x7f801000 RNG=0x%x "
SSDT = "ACPI: SSDT 0x%016X 000100 (v01 OEM    TABLE    00000001 INTL 00000001)"
FACP = "ACPI: FACP 0x000000007F901000 0000F4 (v06 OEM    TABLE    00000001 INTL 00000001)"
NO_LOG = "efi: ACPI=0x7f801000 ACPI 2.0=0x7f801014 "
TPM2 = "ACPI: TPM2 0x000000007F902000 00004C (v04 OEM    TABLE    00000001 OEM  00000001)"
MACHINE = "Example Desktop/Board, BIOS 1.07 01/02/2023"
NIC = "pci 0000:02:00.0: [8086:15fb] type 00 class 0x020000"
BRIDGE = "pci 0000:00:00.0: [8086:29c0] type 00 class 0x060000"
BIOS = "Example Laptop/Board, BIOS 1.08 05/05/2024"
CAUSES = (
    # what differs, both boots, the change, its owner, its cause
    ("nothing that is known", {}, {}, NO_TABLES, "unknown"),
    ("nothing, and it is not the event log", {"more": [NO_LOG]}, {"more": [NO_LOG]}, NO_TABLES, "firmware"),
    ("the copy of the TPM event log", {"more": [EVENT_LOG % 0x7F000000]}, {"more": [EVENT_LOG % 0x7EFFE000]},
     "TPMEventLog", "kernel stub"),
    ("ACPI tables in it", {"more": [SSDT % 0x7F001000]}, {"more": [SSDT % 0x7EFFF000]}, "ACPI SSDT", "firmware"),
    ("its copy, and CPUs", {"more": [EVENT_LOG % 0x7F000000], "cpus": 4},
     {"more": [EVENT_LOG % 0x7EFFE000], "cpus": 8}, "TPMEventLog", "CPU count"),
    ("the event log behind ACPI tables, which the stub cannot move",
     {"more": [SSDT % 0x7F000000, EVENT_LOG % 0x7F001018]},
     {"more": [SSDT % 0x7EFFE000, EVENT_LOG % 0x7EFFF018]}, "TPMEventLog, ACPI SSDT", "firmware"),
    ("the seed of the random number generator", {"more": [SEED % 0x7F000000]}, {"more": [SEED % 0x7EFFE000]},
     "RNG", "kernel stub"),
    ("the seed beside ACPI tables", {"more": [SEED % 0x7F000000, SSDT % 0x7F001000]},
     {"more": [SEED % 0x7EFFE000, SSDT % 0x7EFFF000]}, "RNG, ACPI SSDT", "firmware"),
    ("CPUs", {"cpus": 4}, {"cpus": 8}, NO_TABLES, "CPU count"),
    ("devices", {"more": [BRIDGE]}, {"more": [BRIDGE, NIC]}, NO_TABLES, "devices"),
    ("a TPM", {"more": [SSDT % 0x7F900000]}, {"more": [SSDT % 0x7F900000, TPM2]}, NO_TABLE, "devices"),
    ("the machine", {}, {"dmi": MACHINE}, NO_TABLES, "devices"),
    ("the firmware's build", {}, {"dmi": BIOS}, NO_TABLES, "firmware"),
    ("the boot loader", {}, {"line": "BOOT_IMAGE=/vmlinuz quiet"}, NO_TABLES, "boot loader"),
)


@pytest.mark.parametrize("what, before, after, owner, cause", CAUSES, ids=[row[0] for row in CAUSES])
def test_cause(report, tmp_path, what, before, after, owner, cause):
    paths = boots.write(tmp_path, boots.log(**before), boots.log(boots.moved(-2), **after))
    assert changes(report, *paths) == [("moved", 0x7F000000, 0x7EFFE000, 2, owner, cause)]


def test_the_meaning_of_a_moved_event_log(report, tmp_path):
    paths = boots.write(tmp_path, boots.log(more=[EVENT_LOG % 0x7F000000]),
                        boots.log(boots.moved(3), more=[EVENT_LOG % 0x7F003000]))
    meaning = report(*paths)["changes"][0]["meaning"]
    assert "Linux's EFI stub" in meaning and "Neither firmware" in meaning


GRUB = boots.LAPTOP[:5] + ((0x7F900000, 0x7FA00000, 20),) + boots.LAPTOP[6:]
TYPE_20 = (
    # both maps, whether type 20 is said to be in one of the boots only
    (GRUB, GRUB[:5] + ((0x7F901000, 0x7FA01000, 20),) + GRUB[6:], False),
    (GRUB, GRUB[:5] + ((0x7F900000, 0x7F980000, 20), (0x7F980000, 0x7FA00000, 2)) + GRUB[6:], True),
)


@pytest.mark.parametrize("before, after, is_said", TYPE_20, ids=("moved", "retyped"))
def test_type_20_in_one_boot_only(report, tmp_path, before, after, is_said):
    """Only where this memory is of that type in one of the boots alone, and not where it moved."""
    rows = report(*boots.write(tmp_path, boots.log(before), boots.log(after)))["changes"]
    said = ["in one of the boots only" in row["meaning"] for row in rows if "Type 20" in row["meaning"]]
    assert said == [is_said]


def capture(pages, bin_pages):
    """One whose 13 pages of ACPI data are elsewhere, with a bin for them."""
    return boots.capture(boots.moved(pages), more=[f"bin 9 {bin_pages} ACPIReclaim"])


def test_bins(report, tmp_path):
    """What the firmware learned is a cause; memory as large as a bin is one."""
    paths = boots.write(tmp_path, capture(0, 13), capture(2, 15))
    assert changes(report, *paths) == [
        ("moved", 0x7F000000, 0x7F002000, 2, "MemoryTypeInformation bin", "firmware")]
    assert "MemoryTypeInformation): 13 -> 15 pages" in report(*paths)["resume"]["reasons"][0]


@pytest.mark.parametrize("after, what", (
    (boots.moved(1), "look in the old place and overwrite the new one"),
    (boots.moved(0, size=14), "overwrite the new part, which it takes for RAM"),
    (boots.moved(0, size=12), "treat the new RAM as what it was before"),
))
def test_what_follows(report, tmp_path, after, what):
    """From where RAM was, and where it is: for a kernel that goes on with the map of before."""
    assert what in report(*boots.write(tmp_path, boots.log(), boots.log(after)))["changes"][0]["meaning"]


OWNERS = (
    # the type, what else the log has, the owner of such a range
    (2, [], "unknown without a UEFI map"),
    (4, [], "firmware"),
    (5, [], "faulty memory"),
    (3, [SSDT % 0x7F900000], NO_TABLE),
    (3, [], NO_TABLES),
    (3, [SSDT % 0x7F000000], "ACPI SSDT"),
    (20, [], "runtime services code"),
)


@pytest.mark.parametrize("kind, more, owner", OWNERS)
def test_owner_by_what_little_is_known(report, tmp_path, kind, more, owner):
    """No range but RAM is without: where the owner is not known, that is said, and why."""
    before = tuple((start, end, kind if start == 0x7F000000 else old) for start, end, old in boots.LAPTOP)
    after = boots.LAPTOP[:1] + ((0x100000, 0x7F800000, 1),) + boots.LAPTOP[4:]
    rows = report(*boots.write(tmp_path, boots.log(before, more=more), boots.log(after, more=more)))["changes"]
    assert [(row["kind"], row["owner"]) for row in rows] == [("vanished", owner)]

def test_ram_size(report, tmp_path):
    more = boots.LAPTOP[:-1] + ((0x100000000, 0x280000000, 1),)
    paths = boots.write(tmp_path, boots.log(), boots.log(more))
    assert [(row["kind"], row["cause"]) for row in report(*paths)["changes"]] == [("grew", "RAM")]


def test_what_vanished_here_and_appeared_there_has_moved(report, tmp_path):
    """Another size, far away: one thing all the same, as it is the only one of its type."""
    paths = boots.write(tmp_path, boots.log(), boots.log(boots.moved(-100, size=20)))
    (change,) = changes(report, *paths)
    assert change[:4] == ("moved", 0x7F000000, 0x7EF9C000, 100)


TABLE_CHANGES = (
    # tables of both boots, what the cause says of them
    ([SSDT % 0x7F000000], [SSDT % 0x7F000000, FACP], "the ACPI tables: 1 new"),
    ([SSDT % 0x7F000000, FACP], [FACP.replace("0000F4", "0000F5")], "the ACPI tables: 1 gone, 1 of another size"),
)


@pytest.mark.parametrize("before, after, text", TABLE_CHANGES)
def test_what_there_is_none_of_is_not_counted(report, tmp_path, before, after, text):
    paths = boots.write(tmp_path, boots.log(more=before), boots.log(boots.moved(1), more=after))
    assert text in [cause["text"] for cause in report(*paths)["causes"]]


def test_tables_of_one_signature(report, tmp_path):
    def ssdt(name, address, length):
        return f"ACPI: SSDT 0x{address:016X} {length:06X} (v02 OEM    {name} 00001000 INTL 20160527)"

    before = [ssdt("TableA", 0x7F000000, 0x100), ssdt("TableB", 0x7F001000, 0x200),
              ssdt("TableC", 0x7F002000, 0x300)]
    after = [ssdt("TableA", 0x7F000000, 0x100), ssdt("TableC", 0x7F001000, 0x300),
             ssdt("TableD", 0x7F002000, 0x300)]
    tables = report(*boots.write(tmp_path, boots.log(more=before), boots.log(more=after)))["tables"]
    assert [row["what"] for row in tables] == ["moved by -1 page", "moved by +1 page, grew by 256 bytes"]


def test_contents_of_a_table(report, tmp_path):
    def acpi(crc32):
        return [f'acpi 0x000000007f000000 0x100 0x{crc32:08x} 1 ok "SSDT" XSDT']

    tables = report(*boots.write(tmp_path, boots.capture(more=acpi(1)), boots.capture(more=acpi(2))))["tables"]
    assert [row["what"] for row in tables] == ["contents differ"]


CONDITIONS = (
    ("the kernel", {"kernel": "6.1.0-20-amd64"}, ["kernel-version"]),
    ("the command line", {"line": "quiet splash"}, ["command-line"]),
    ("UEFI 2.70, which 6.12 prints as 2.7", {"more": ["efi: EFI v2.7 by Example"]}, []),
    ("a device", {"more": [BRIDGE, NIC]}, ["device 0000:02:00.0"]),
    ("nothing", {}, []),
)


@pytest.mark.parametrize("what, after, keys", CONDITIONS, ids=[row[0] for row in CONDITIONS])
def test_conditions(report, tmp_path, what, after, keys):
    paths = boots.write(tmp_path, boots.log(more=[BRIDGE]), boots.log(**{"more": [BRIDGE], **after}))
    assert [row["key"] for row in report(*paths)["conditions"]] == keys


def test_long_conditions_stand_below_each_other(mapdiff, tmp_path):
    kernels = [f"6.1.0-{name * 25}" for name in ("old", "new")]
    text = mapdiff(*boots.write(tmp_path, *(boots.log(kernel=kernel) for kernel in kernels)))[1]
    assert f"kernel-version:\n    A: {kernels[0]}\n    B: {kernels[1]}\n" in text


def test_a_capture_beside_a_log(report, tmp_path):
    """Each knows what the other does not; that is no difference."""
    acpi = ['acpi 0x000000007f001000 0x100 0x12345678 1 ok "RSDT" RSDP',
            'acpi 0x000000007f002000 0x100 0x12345678 1 ok "SSDT" XSDT',
            'acpi 0x0000000010000018 0x100 0x12345678 0 ok "BGRT image" BGRT']
    ours = boots.capture(more=[
        "bios-vendor Example", "bios-version 1.07", "bios-date 01/02/2023", "system-vendor Example",
        "system-product Laptop/Board", "system-version 3", "cpu-vendor AuthenticAMD", "cpu-signature 0x810f81",
        *acpi])
    result = report(*boots.write(tmp_path, ours, boots.log(more=[SSDT % 0x7F002000])))
    assert (result["conditions"], result["tables"], result["causes"]) == ([], [], [])
    assert not any("machines" in reason or "CPU" in reason for reason in result["resume"]["reasons"])


def uefi_capture(own_pages):
    """A capture whose writer has so many pages of its own in the middle of free memory."""
    middle, own_end = 0x10000000, 0x10000000 + own_pages * 0x1000
    return boots.capture(((0, 0x20000000, 1),), [
        "uefi-map 48 1",
        f"uefi 0x{0:016x} 0x{middle:016x} 7 0xf Conventional",
        f"uefi 0x{middle:016x} 0x{own_end:016x} 2 0xf LoaderData",
        f"uefi 0x{own_end:016x} 0x{0x20000000:016x} 7 0xf Conventional",
        f"footprint 0x{middle:016x} 0x{own_end:016x} image",
    ])


def test_footprint(mapdiff, report, tmp_path):
    """It shows in the UEFI map alone; subtracted, the two boots are the same."""
    paths = boots.write(tmp_path, uefi_capture(16), uefi_capture(24))
    rows = report(*paths)["uefi"]
    assert [(row["name"], row["descriptors"], row["pages"], row["visible"]) for row in rows] == [
        ("LoaderData", [1, 1], [16, 24], False), ("Conventional", [1, 1], [0x1FFF0, 0x1FFE8], False)]
    assert "(16, 24 of bootmem's own)" in mapdiff(*paths)[1]
    assert report("--subtract-footprint", *paths)["uefi"] == []
    assert mapdiff("--subtract-footprint", *paths)[0] == 0


STATUS = (
    ("the same", boots.log(), 0),
    ("another e820 map", boots.log(boots.moved(1)), 1),
    ("another condition only", boots.log(line="splash"), 0),
    ("no map", "Linux version 6.1.0 (a@b) #1\n", 2),
)


@pytest.mark.parametrize("what, after, status", STATUS, ids=[row[0] for row in STATUS])
def test_status(mapdiff, tmp_path, what, after, status):
    assert mapdiff(*boots.write(tmp_path, boots.log(), after))[0] == status


def test_what_is_one_has_no_plural(mapdiff, tmp_path):
    one = ((0, 0xA0000, 1),)
    paths = boots.write(tmp_path, boots.log(one), boots.log(one), boots.log(((0, 0x9F000, 1), (0x9F000, 0xA0000, 2))))
    assert "The e820 maps are equal: 1 range. Usable" in mapdiff(*paths[:2])[1]
    assert "Changes of the e820 map: 1, and 1 of RAM that follows\n" in mapdiff(*paths[1:])[1]


def test_text_can_be_pasted(mapdiff):
    """Short lines, the verdict on top, no colours where there is no terminal; colours on demand."""
    paths = [MAPS / "hibernate" / f"smp-1-to-2-{boot}.map" for boot in (1, 2)]
    text = mapdiff(*paths)[1]
    lines = text.splitlines()
    assert "\033" not in text
    assert max(len(line) for line in lines[3:]) <= 100
    assert lines[3] == "No: Linux would refuse to resume from hibernation"
    assert "  moved     reserved  0x1eaa0000-0x1eba2000 -> 0x1ea8a000-0x1eb8c000  22 pages down" in lines
    assert "the number of CPUs: 1 -> 2" in " ".join(text.split())
    assert "\033[31m" in mapdiff("--color=always", *paths)[1]


PMEM = ((0x180000000, 0x1C0000000, 7), (0x1C0000000, 0x8000000000, 2))
WIDE = "GRUB_IS_HERE=" + "x" * 40


@pytest.mark.parametrize("before, after", (
    (boots.log(boots.moved(-4)), boots.log(boots.moved(9) + PMEM)),
    (boots.log(line=f"{WIDE} {WIDE}"), boots.log(line=f"{WIDE}1 {WIDE}2", dmi=f"{'long ' * 30}, BIOS 1.07")),
    (boots.log(more=[f"ACPI: SS{i:02} 0x000000007F00{i:02}00 000100" for i in range(10, 60)]),
     boots.log(boots.moved(1), more=[f"ACPI: SS{i:02} 0x000000007F01{i:02}00 000100" for i in range(10, 60)])),
))
def test_lines_fit(mapdiff, tmp_path, before, after):
    """100 columns, whatever the types, owners and command lines are."""
    text = mapdiff(*boots.write(tmp_path, before, after))[1]
    assert max(len(line) for line in text.splitlines()[2:]) <= 100, text


@pytest.mark.parametrize("before", REAL)
@pytest.mark.parametrize("after", ("direct-to-grub", "mem-512-to-768M", "smp-1-to-2"))
def test_lines_of_real_pairs_fit(mapdiff, before, after):
    text = mapdiff(MAPS / "hibernate" / f"{before}-1.map", MAPS / "hibernate" / f"{after}-2.map", fast=True)[1]
    assert max(len(line) for line in text.splitlines()[2:]) <= 100, text


def test_tables_that_go_together_are_one_line(mapdiff):
    paths = [MAPS / "hibernate" / f"mem-512-to-768M-{boot}.map" for boot in (1, 2)]
    assert "  moved by +65536 pages: APIC, BGRT, DSDT" in mapdiff(*paths)[1]


def test_a_log_cannot_command_the_terminal(mapdiff, tmp_path):
    evil = boots.log(cpu="AMD \033]0;evil\007 (family: 0x17, model: 0x1)")
    text = mapdiff(*boots.write(tmp_path, boots.log(), evil))[1]
    assert "\033" not in text and "\007" not in text


def comb(shift=0, kind=2):
    """20000 ranges of a page."""
    return tuple((0x100000 + i * 0x4000 + shift, 0x101000 + i * 0x4000 + shift, kind) for i in range(20000))


TABLES_OF_A_COMB = [f'acpi 0x{0x80000000 + i * 0x100:016x} 0x40 0x{i:08x} 1 ok "SSDT" XSDT' for i in range(20000)]


@pytest.mark.parametrize("before, after", (
    (comb(), comb(0x1000)),
    (comb(), comb(kind=4)),
    (comb(kind=3), comb(kind=3, shift=0x1000)),
), ids=("moved", "retyped", "of nobody"))
def test_many_changes_take_no_time(mapdiff, tmp_path, before, after):
    """Linear, or nearly."""
    texts = [boots.capture(e820, more=TABLES_OF_A_COMB) for e820 in (before, after)]
    before = cpu_seconds()
    assert mapdiff(*boots.write(tmp_path, *texts), fast=True)[0] == 1
    assert cpu_seconds() - before < 20

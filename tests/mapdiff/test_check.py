"""mapdiff check: does an e820 map follow from the UEFI map beside it, and by whose rules."""

import pytest

from naive import RULES_OF_LOADER, TRANSLATED, WB, capture, name_of

MIB = 1 << 20
FAMILY = {"linux-6.12": "linux", "linux-ia32": "linux"}
RAM = [(7, WB, 0, 0xA0000), (7, WB, MIB, 64 * MIB)]
FIRMWARE = ["loader efi-stub"]  # the e820 map is Linux's, not bootmem's


def exact(got):
    return {rule["rules"] for rule in got["rules"] if rule["exact"]}


@pytest.mark.parametrize("map", TRANSLATED, ids=name_of)
def test_every_map_names_its_loader(report, map):
    got = report("check", map.path)
    best = got["rules"][0]["rules"]
    assert map.rules in exact(got)
    assert FAMILY.get(best, best) == FAMILY.get(map.rules, map.rules)
    assert got["ambiguous"] is False


def check(report, uefi, e820, *lines):
    return report("check", "-", stdin=capture(uefi, e820, [*FIRMWARE, *lines]))


def test_the_map_may_not_tell_loaders_apart(report):
    got = check(report, RAM, [(0, 0xA0000, 1), (MIB, 64 * MIB, 1)])
    assert got["ambiguous"] and exact(got) == {"bootmem", "linux-6.12", *RULES_OF_LOADER.values()}
    assert got["rules"][0]["rules"] == "linux"


@pytest.mark.parametrize(
    "version, best",
    [
        ("6.1.0-56-amd64", "linux"),
        ("6.4.9", "linux"),
        ("6.5.0", "linux-6.12"),
        ("6.12.1-arch1-1", "linux-6.12"),
        ("7.0.0-rc1", "linux-6.12"),
        ("6.1.0-56-686-pae", "linux-ia32"),
        ("nonsense", "linux"),
    ],
)
def test_among_equals_the_kernel_that_ran_decides(report, version, best):
    got = check(report, [*RAM, (8, WB, 64 * MIB, 65 * MIB), (16, WB, 65 * MIB, 66 * MIB)],
                [(0, 0xA0000, 1), (MIB, 64 * MIB, 1), (64 * MIB, 65 * MIB, 5)], f"kernel-version {version}")
    assert got["rules"][0]["rules"] == best and got["rules"][0]["exact"]


@pytest.mark.parametrize(
    "taken, ram_end",
    [
        pytest.param("planned", 64 * MIB, id="as firmware gave it"),
        pytest.param("accepted", 32 * MIB, id="as a kernel was handed it"),
    ],
)
def test_bootmem_made_its_own_captures(report, taken, ram_end):
    data = capture(RAM, [(0, 0xA0000, 1), (MIB, ram_end, 1)], ["mem-limit 0x2000000", f"taken {taken}"])
    got = report("check", "-", stdin=data)
    assert got["rules"][0]["rules"] == "bootmem" and "bootmem" in exact(got)
    assert ("linux" in exact(got)) == (taken == "planned"), "this RAM is nothing special to anyone"


@pytest.mark.parametrize(
    "rule, e820, expected",
    [
        ("a range that is retyped",
         [(0, 0xA0000, 1), (MIB, 32 * MIB, 1), (32 * MIB, 33 * MIB, 2), (33 * MIB, 64 * MIB, 1)],
         [("0x2000000", "0x2100000", 1, 2, 7)]),
        ("a range that is missing", [(MIB, 64 * MIB, 1)], [("0x0", "0xa0000", 1, 0, 7)]),
        ("a range that nobody describes",
         [(0, 0xA0000, 1), (MIB, 64 * MIB, 1), (64 * MIB, 65 * MIB, 3)], [("0x4000000", "0x4100000", 0, 3, None)]),
    ],
)
def test_differences(report, mapdiff, rule, e820, expected):
    got = check(report, RAM, e820)
    assert not exact(got), rule
    rows = got["rules"][0]["differences"]
    assert [(row["start"], row["end"], row["expected"], row["found"], row["uefi"]) for row in rows] == expected
    status, out, _ = mapdiff("check", "-", stdin=capture(RAM, e820, FIRMWARE))
    assert status == 1 and "does not follow" in out and f"{expected[0][0]}-{expected[0][1]}" in out


def test_the_nearest_rules_come_first(report):
    """GRUB's type 20, and one page that nobody explains."""
    uefi = [*RAM, (5, WB, 64 * MIB, 65 * MIB)]
    got = check(report, uefi, [(0, 0x9F000, 1), (0x9F000, 0xA0000, 2), (MIB, 64 * MIB, 1), (64 * MIB, 65 * MIB, 20)])
    assert got["rules"][0]["rules"] == "grub" and not got["rules"][0]["exact"]
    assert [row["start"] for row in got["rules"][0]["differences"]] == ["0x9f000"]


@pytest.mark.parametrize(
    "uefi, e820, words",
    [
        (RAM, [], "there is no e820 map in it"),
        ([], [(0, 0xA0000, 1)], "there is no UEFI map in it (Linux prints it with efi=debug)"),
    ],
)
def test_it_takes_both_maps(mapdiff, uefi, e820, words):
    status, _, err = mapdiff("check", "-", stdin=capture(uefi, e820))
    assert status == 2 and words in err


def test_text(mapdiff):
    data = capture(RAM, [(0, 0xA0000, 1), (MIB, 64 * MIB, 1)], FIRMWARE)
    status, out, _ = mapdiff("check", "-", stdin=data)
    assert status == 0
    assert "follows from the UEFI map by the rules of Linux's EFI stub, 64 bits (linux)." in out
    assert "Those of other loaders give the same map: it does not tell which one ran." in out
    assert "the kernel came through" not in out


@pytest.mark.parametrize("found, words", [(2, "came through its EFI stub"), (20, "a GRUB that makes its own e820 map"),
                                          (5, "an old GRUB, or ELILO")])
def test_the_loader_is_named(mapdiff, found, words):
    data = capture([*RAM, (5, WB, 64 * MIB, 65 * MIB)],
                   [(0, 0xA0000, 1), (MIB, 64 * MIB, 1), (64 * MIB, 65 * MIB, found)], FIRMWARE)
    assert words in (text := " ".join(mapdiff("check", "-", stdin=data)[1].split())) and "or a loader with the same rules" in text


@pytest.mark.parametrize("uefi, e820, why", [
    ([(6, WB | 1 << 63, MIB, 2 * MIB)], [(0, 0xA0000, 1), (MIB, 64 * MIB, 1)], "cannot be decided: its UEFI map is not whole"),
    (RAM, [(0x100, 0xA0000, 1), (MIB, 64 * MIB, 1)], "cannot be decided: its e820 map is not the firmware's: this is a kernel that kexec started"),
], ids=["runtime descriptors", "an e820 map of kexec-tools"])
def test_what_kexec_hands_on_cannot_be_decided(mapdiff, uefi, e820, why):
    status, out, err = mapdiff("check", "-", stdin=capture(uefi, e820, FIRMWARE))
    assert (status, out) == (2, "") and why in err


def test_what_xen_had_came_through_no_stub(mapdiff):
    """Xen is no Linux: whose rules they are is all that is said."""
    lines = ["(XEN) Xen version 4.17.3", "(XEN) EFI memory map:",
             "(XEN)  0000000000000-000000009ffff type=4 attr=000000000000000f",
             "(XEN)  0000000100000-00000bfffffff type=7 attr=000000000000000f",
             "(XEN) EFI RAM map:", "(XEN)  [0000000000000000, 000000000009ffff] (usable)",
             "(XEN)  [0000000000100000, 00000000bfffffff] (usable)"]
    status, out, _ = mapdiff("check", "-", stdin="".join(f"{line}\n" for line in lines).encode())
    assert status == 0 and "by the rules of" in out and "Xen made it itself" in out
    assert "the kernel came" not in out and "loaded the kernel" not in out

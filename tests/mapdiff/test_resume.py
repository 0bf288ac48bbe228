"""Would Linux resume from hibernation? Pairs of real boots (tests/maps/hibernate), and each reason
that there is, alone."""

import struct
import zlib

import boots
import pytest
from conftest import MAPS

# The pair; what Linux did; its checksums, read out of the image and of the second boot.
PAIRS = (
    ("same-direct-nokaslr", "yes", "0x233f18ca", "0x233f18ca"),
    ("same-grub", "yes", "0x0a3adec7", "0x0a3adec7"),
    ("vars-lost", "yes", "0x233f18ca", "0x233f18ca"),
    ("add-e1000", "yes", "0x233f18ca", "0x233f18ca"),
    ("direct-to-sdboot", "yes", "0x233f18ca", "0x233f18ca"),
    ("plant-loader-boot-data", "yes", "0xda994fe8", "0xda994fe8"),
    ("raw-order", "yes", "0xa8609dd9", "0xa8609dd9"),
    ("direct-to-grub", "no", "0x233f18ca", "0x0a3adec7"),
    ("grubplant-reserved-to-runtimecode", "no", "0x043e98b1", "0x6eda4a1e"),
    ("mem-512-to-768M", "no", "0x233f18ca", "0xeca5c4fc"),
    ("plant-acpi-moved-1page", "no", "0xda994fe8", "0x8a7771a2"),
    ("smp-1-to-2", "no", "0x233f18ca", "0x08494cdf"),
    ("k612-to-k61", "no", "0x233f18ca", "0x233f18ca"),
    ("opt-mem-400M", "no", "0x233f18ca", "0x233f18ca"),
)


def pair(name):
    return [MAPS / "hibernate" / f"{name}-{boot}.map" for boot in (1, 2)]


@pytest.mark.parametrize("name, verdict, before, after", PAIRS, ids=[row[0] for row in PAIRS])
def test_real_hibernation(report, name, verdict, before, after):
    resume = report(*pair(name))["resume"]
    assert resume["verdict"] == verdict, resume["reasons"]
    assert [int(crc, 16) for crc in resume["e820_crc32"]] == [int(before, 16), int(after, 16)]


def test_every_real_pair_has_a_row():
    files = {path.stem[:-2] for path in (MAPS / "hibernate").glob("*.map")}
    assert files == {row[0] for row in PAIRS}


TURNS = (
    # what differs, the second boot, the verdict, and what the reason says
    ("nothing", {}, "yes", "the same e820 checksum"),
    ("one page of ACPI data moved", {"e820": boots.moved(1)}, "no", "inconsistent memory map"),
    ("present pages", {"kib": 4180000}, "no", "memory size"),
    ("mem=", {"line": "quiet mem=1G", "kib": 1048000}, "no", "mem= differs"),
    ("mem= without a Memory: line", {"line": "quiet mem=1G", "kib": 0}, "no", "mem="),
    ("mem= above all RAM", {"line": "quiet mem=64G", "kib": 0}, "yes", "the same e820 checksum"),
    ("memmap= of as many pages", {"line": "memmap=1M$16M"}, "yes", "not the same ones"),
    ("an older kernel than the image's", {"kernel": "5.19.0-1-amd64"}, "yes", "Another kernel"),
    ("a kernel that has another header", {"kernel": "5.10.0-28-amd64"}, "no", "cannot read the image"),
    ("a newer kernel", {"kernel": "6.12.9-amd64"}, "yes", "Another kernel"),
    ("another kernel of the same version", {"kernel": "6.1.0-20-amd64"}, "yes", "Another kernel"),
    ("32 bits", {"kernel": "6.1.0-18-686-pae"}, "no", "32 bits"),
    ("another vendor's CPU",
     {"cpu": "Intel(R) Core(TM) i5 (family: 0x6, model: 0x8e, stepping: 0xa)"}, "no", "AMD's"),
    ("another family", {"cpu": boots.CPU.replace("0x17", "0x19")}, "no", "family 0x17"),
    ("another model", {"cpu": boots.CPU.replace("0x18", "0x60")}, "yes", "another one"),
    ("noresume", {"line": "quiet noresume"}, "no", "does not look for an image"),
    ("noresume before a word that only begins so", {"line": "quiet noresume noresume2"}, "no",
     "does not look for an image"),
    ("a word that only looks like noresume", {"line": "quiet noresume2"}, "yes", "the same e820 checksum"),
    ("nohibernate", {"line": "quiet nohibernate"}, "no", "nohibernate"),
    ("lockdown=", {"line": "quiet lockdown=integrity"}, "no", "locked down"),
    ("a kernel that says so", {"more": ["Kernel is locked down from EFI Secure Boot; see man kernel_lockdown.7"]},
     "no", "locked down"),
    ("Secure Boot", {"more": ["secureboot: Secure boot enabled"]}, "yes", "Secure Boot"),
    ("a table elsewhere in its range",
     {"more": ["ACPI: SSDT 0x000000007F003000 000100 (v01 OEM    TABLE    00000001 INTL 00000001)"]},
     "yes", "ACPI table"),
)


@pytest.mark.parametrize("what, after, verdict, reason", TURNS, ids=[row[0] for row in TURNS])
def test_each_reason_alone(report, tmp_path, what, after, verdict, reason):
    ssdt = "ACPI: SSDT 0x000000007F002000 000100 (v01 OEM    TABLE    00000001 INTL 00000001)"
    same = {"kib": 0} if after.get("kib") == 0 else {}
    paths = boots.write(tmp_path, boots.log(more=[ssdt], **same), boots.log(**{"more": [ssdt], **after}))
    resume = report(*paths)["resume"]
    assert resume["verdict"] == verdict, resume["reasons"]
    assert any(reason in text for text in resume["reasons"]), resume["reasons"]


def test_no_type_is_dropped_in_silence(report, tmp_path):
    planted = tuple((0x10000000 + kind * 0x100000, 0x10010000 + kind * 0x100000, kind) for kind in (2, 3, 4, 5, 7, 20))
    holes = [(0x100000, 0x10200000, 1)]
    holes += [(end, end + 0xF0000, 1) for _, end, _ in planted if end < 0x10700000]
    after = tuple(sorted(planted + tuple(holes) + boots.LAPTOP[:1]))
    before = boots.LAPTOP[:1] + ((0x100000, after[-1][1], 1),)
    reason = report(*boots.write(tmp_path, boots.log(before), boots.log(after)))["resume"]["reasons"][0]
    assert ", ..." in reason and "ACPI NVS (1 range)" in reason, reason


PM = "PM: hibernation: "
ATTEMPTS = (
    # what the log of the second boot says of it, the verdict
    (["PM: Image signature found, resuming", "PM: Image successfully loaded"], "yes"),
    (["PM: Image signature found, resuming", "PM: Error -14 resuming", PM + "resume failed (-14)"], "no"),
    (["PM: Image signature found, resuming", PM + "Failed to load image, recovering."], "no"),
)


@pytest.mark.parametrize("lines, verdict", ATTEMPTS)
def test_what_the_second_log_says(report, tmp_path, lines, verdict):
    """Whatever the reason is: when it says that it failed, it did."""
    resume = report(*boots.write(tmp_path, boots.log(), boots.log(more=lines)))["resume"]
    assert resume["verdict"] == verdict
    told = [kind for kind, text in zip(resume["reason_verdicts"], resume["reasons"]) if "itself says" in text]
    assert told == [verdict]


def test_headers_of_a_dsdt_that_changed_are_no_tables(report, tmp_path):
    """Linux prints them, without an address, when it goes on and finds another DSDT."""
    dsdt = "ACPI: DSDT 0x%016X %06X (v01 BOCHS  BXPC     00000001 BXPC 00000001)"
    paths = boots.write(tmp_path, boots.log(more=[dsdt % (0x7F001000, 0x2099)]), boots.log(
        more=[dsdt % (0x7F001000, 0x20AA), dsdt % (0, 0x2099), dsdt % (0, 0x20AA)]))
    result = report(*paths)
    assert [row["what"] for row in result["tables"]] == ["grew by 17 bytes"]
    (note,) = [text for text in result["resume"]["reasons"] if "ACPI table" in text]
    assert "1 ACPI table differs within the same ranges (DSDT grew by 17 bytes)" in note
    assert "corrupted or replaced" in note


def test_pae(report, tmp_path):
    """Page tables of another format: Linux does not look, and crashes."""
    paths = boots.write(tmp_path, boots.log(kernel="6.1.0-50-686"), boots.log(kernel="6.1.0-50-686-pae"))
    resume = report(*paths)["resume"]
    assert resume["verdict"] == "no" and "PAE" in resume["reasons"][0]


IMAGES = (
    # who hibernated, who resumes
    ("6.12.1-amd64", "6.1.0-amd64", "no"),
    ("6.6.0-amd64", "6.5.0-amd64", "no"),
    ("6.5.0-amd64", "6.6.0-amd64", "yes"),
    ("6.12.1-amd64", "6.6.0-amd64", "yes"),
    ("5.13.0-amd64", "5.12.0-amd64", "no"),
    ("5.12.0-amd64", "5.13.0-amd64", "no"),
    ("4.10.0-amd64", "5.12.0-amd64", "yes"),
    ("4.9.0-amd64", "4.10.0-amd64", "no"),
)


@pytest.mark.parametrize("image, kernel, verdict", IMAGES)
def test_formats_of_the_image(report, tmp_path, image, kernel, verdict):
    paths = boots.write(tmp_path, boots.log(kernel=image), boots.log(kernel=kernel))
    assert report(*paths)["resume"]["verdict"] == verdict


def crc32(e820):
    """FACTS: the count, then start, size and type of each, packed."""
    data = struct.pack("<I", len(e820))
    for start, end, kind in e820:
        data += struct.pack("<QQI", start, end - start, kind)
    return zlib.crc32(data)


def test_both_checksums_are_those_of_linux(report, tmp_path):
    before, after = boots.LAPTOP, boots.moved(-2)
    resume = report(*boots.write(tmp_path, boots.log(before), boots.log(after)))["resume"]
    assert [int(crc, 16) for crc in resume["e820_crc32"]] == [crc32(before), crc32(after)]
    ram = [[row for row in e820 if row[2] == 1] for e820 in (before, after)]
    assert [int(crc, 16) for crc in resume["ram_crc32"]] == [crc32(e820) for e820 in ram]
    assert resume["ram_only"] == "no"


def test_ram_alone_may_be_the_same(report, tmp_path):
    after = tuple((start, end, 4 if kind == 3 else kind) for start, end, kind in boots.LAPTOP)
    resume = report(*boots.write(tmp_path, boots.log(), boots.log(after)))["resume"]
    assert (resume["verdict"], resume["ram_only"]) == ("no", "yes")
    assert "differ in ACPI data -> ACPI NVS (1 range)" in resume["reasons"][0]


def test_without_an_e820_map_the_verdict_is_unknown(report, tmp_path):
    iomem = "".join(f"{start:08x}-{end - 1:08x} : {'System RAM' if kind == 1 else 'Reserved'}\n"
                    for start, end, kind in boots.LAPTOP)
    resume = report(*boots.write(tmp_path, boots.log(), iomem))["resume"]
    assert resume["verdict"] == "unknown"


def test_captures_predict(report, tmp_path):
    same = boots.write(tmp_path, boots.capture(), boots.capture())
    resume = report(*same)["resume"]
    assert resume["verdict"] == "yes"
    assert any("prediction" in text for text in resume["reasons"])
    other = boots.write(tmp_path, boots.capture(), boots.capture(boots.moved(3)))
    assert report(*other)["resume"]["verdict"] == "no"


def test_before_4_10_nothing_compares_the_map(report, tmp_path):
    paths = boots.write(tmp_path, boots.log(kernel="4.4.0-amd64"),
                        boots.log(boots.moved(1), kernel="4.4.0-amd64"))
    assert report(*paths)["resume"]["verdict"] == "unknown"


def test_what_the_log_itself_says_is_told_and_does_not_decide(report, tmp_path):
    says = ["PM: Image signature found, resuming", "Hibernate inconsistent memory map detected!"]
    resume = report(*boots.write(tmp_path, boots.log(), boots.log(more=says)))["resume"]
    assert resume["verdict"] == "yes"
    assert any("log of boot B itself" in text for text in resume["reasons"])


def test_two_captures_are_compared_as_linux_would_have_it(report, tmp_path):
    """OEM memory is reserved for bootmem, and a hole for Linux: that it goes is no difference to it."""
    ram = "uefi 0x0000000000000000 0x0000000000100000 7 0xf Conventional\n" \
        "uefi 0x0000000000300000 0x0000000000400000 0 0xf Reserved"
    rest = (0x300000, 0x400000, 2)
    oem = "uefi 0x0000000000100000 0x0000000000200000 0x70000001 0xf OEM"
    both = report(*boots.write(tmp_path, boots.capture(((0, 0x100000, 1), (0x100000, 0x200000, 2), rest), [ram, oem]),
                               boots.capture(((0, 0x100000, 1), rest), [ram])))
    assert both["resume"]["verdict"] == "yes" and both["changes"] == []
    assert both["resume"]["e820_crc32"][0] == both["resume"]["e820_crc32"][1]


def test_a_map_that_linux_refuses_has_no_checksum(report, tmp_path):
    two = ["uefi 0x0000000000000000 0x0000000000100000 7 0xf Conventional",
           "uefi 0x0000000000300000 0x0000000000400000 0 0xf Reserved"]
    past = "uefi 0xfffffffffffff000 0xfffffffffffff000 0 0xf Reserved pages=0x2"
    e820 = ((0, 0x100000, 1), (0x300000, 0x400000, 2))
    resume = report(*boots.write(tmp_path, boots.capture(e820, two), boots.capture(e820, [*two, past])))["resume"]
    assert resume["verdict"] == "unknown"
    assert [value is None for value in resume["e820_crc32"]] == [False, True]
    assert any("Boot B: Linux refuses this map: an entry ends past 2^64, so" in reason
               for reason in resume["reasons"]), resume["reasons"]


def test_a_damaged_map_is_no_reason_to_refuse(mapdiff, report, tmp_path):
    """What could not be read of it is not what changed."""
    whole, damaged = tmp_path / "whole", tmp_path / "damaged"
    whole.write_text(boots.log())
    damaged.write_text(boots.log().replace("0x0000000000100000", "0xzz", 1))
    for pair in ((whole, damaged), (damaged, whole), (damaged, damaged)):
        resume = report("--damaged", *pair)["resume"]
        assert resume["verdict"] == resume["ram_only"] == "unknown"
        assert [value is None for value in resume["e820_crc32"]] == [path == damaged for path in pair]
        assert "is damaged (a line of the e820 map cannot be read" in " ".join(resume["reasons"])
    assert "damaged (Linux log, damaged, " in mapdiff("--damaged", whole, damaged)[1]


def test_no_reason_is_cut(report, tmp_path):
    """All that is kept of the second log's words, and the sentence around them."""
    words = [f"PM: Image mismatch: {number} {'x' * 79}" for number in range(10)]
    resume = report(*boots.write(tmp_path, boots.log(), boots.log(more=words)))["resume"]
    (said,) = [text for text in resume["reasons"] if "itself says" in text]
    assert len(said) > 1000 and said.endswith(words[-1].removeprefix("PM: "))


@pytest.mark.parametrize("name, before, after, status", [
    ("yes", boots.log(), boots.log(), 0),
    ("yes, though what differs is found", boots.log(), boots.log(line="root=/dev/sda1 quiet splash"), 0),
    ("no", boots.log(), boots.log(boots.moved(3)), 1),
    ("no, with one map", boots.log(), boots.log(kib=4000000), 1),
    ("unknown", boots.log(), boots.log(line="elfcorehdr=0x1"), 2),
    ("unknown: a kernel that does not compare", boots.log(kernel="3.16.0"), boots.log(boots.moved(3), kernel="3.16.0"), 2),
    ("trouble", boots.log(), "nothing", 2),
], ids=lambda value: value if isinstance(value, str) and len(value) < 60 else "")
def test_the_exit_status_can_be_the_verdicts(mapdiff, report, tmp_path, name, before, after, status):
    paths = boots.write(tmp_path, before, after)
    got, text, _ = mapdiff("--resume", *paths)
    assert got == status
    assert text == mapdiff(*paths)[1]
    if text:
        assert {"yes": 0, "no": 1, "unknown": 2}[report(*paths)["resume"]["verdict"]] == status


def test_a_verdict_is_no_matter_of_other_commands(mapdiff):
    status, _, err = mapdiff("lint", "--resume", "-", stdin=b"")
    assert status == 2 and "--resume means nothing to `mapdiff lint'" in err


@pytest.mark.parametrize("rule, more, verdict", [
    ("the log ends in its map", "", "unknown"),
    ("the kernel went on", "[    0.000001] Memory: 2000000K/4190000K available (14343K kernel code)\n", "no"),
    ("and named the machine", "[    0.000001] DMI: Example Laptop/Board, BIOS 1.07 01/02/2023\n", "no"),
], ids=lambda value: value if isinstance(value, str) and " " in value and "[" not in value else "")
def test_a_map_that_may_be_cut_off(report, tmp_path, rule, more, verdict):
    """All of its ranges are the first of the other one."""
    whole = boots.log()
    cut = whole[:whole.index("[    0.000007]")] + more
    for paths in (boots.write(tmp_path, whole, cut), boots.write(tmp_path, cut, whole)):
        assert report(*paths)["resume"]["verdict"] == verdict, rule


@pytest.mark.parametrize("name, to_do, why", [
    ("smp-1-to-2", "Boot with 1 CPU again, then resume.", "The number of CPUs: 1 -> 2. With it, 3 ranges of the memory map changed."),
    ("mem-512-to-768M", "Boot with the RAM of boot A again (505.5 MiB usable), then resume.", "The size of RAM: "),
    ("direct-to-grub", "Resume through the boot loader of boot A.", "The boot loader: "),
    ("same-grub", "Nothing. ", "Both boots have the same e820 checksum"),
])
def test_a_verdict_says_what_to_do_and_why(mapdiff, report, name, to_do, why):
    files = [MAPS / "hibernate" / f"{name}-{n}.map" for n in (1, 2)]
    resume = report(*files)["resume"]
    assert resume["to_do"].startswith(to_do) and resume["why"].startswith(why) and resume["sure"]
    lines = mapdiff(*files)[1].splitlines()
    at = lines.index(resume["answer"])
    assert resume["answer"].lower().startswith(resume["verdict"])
    assert lines[at + 1].startswith(f"  What to do: {to_do[:40].rstrip()}")


@pytest.mark.parametrize("before, after, to_do", [
    ({"kernel": "6.6.9"}, {"kernel": "6.1.0"}, "Boot the kernel of boot A again, then resume."),
    ({}, {"line": "quiet noresume"}, "Take that word off the kernel's command line, and boot again."),
    ({}, {"line": "quiet mem=1G", "kib": 1000000}, "Boot the kernel of boot A, with the same options, again; then resume."),
])
def test_what_to_do_where_the_map_is_not_why(report, tmp_path, before, after, to_do):
    resume = report(*boots.write(tmp_path, boots.log(**before), boots.log(**after)))["resume"]
    assert (resume["verdict"], resume["to_do"]) == ("no", to_do)
    assert resume["why"] == resume["reasons"][0]

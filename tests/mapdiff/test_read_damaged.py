"""Damaged, truncated and huge files: what is wrong is named with its line, nothing is used in silence, and
nothing takes long."""

import gzip
import random

import pytest

from conftest import cpu_seconds
from formats import dmesg, e820_2_6, e820_7, iomem, messages, sysfs_grep, text, uefi_numbered
from naive import ALL, e820_of

BY_NAME = {map.path.stem: map for map in ALL}
SMALL = BY_NAME["x64-q35-512M"]
RAM = "BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable"
HIGH = "BIOS-e820: [mem 0x0000000000100000-0x000000001fffffff] usable"
LAST = "BIOS-e820: [mem 0x0000000020000000-0x000000002fffffff] usable"
MEM0 = "efi: mem00: [Boot Code   |   |WB|WT|WC|UC] range=[0x0000000000000000-0x0000000000000fff] (0MB)"
MEM1 = "efi: mem01: [Conventional|   |WB|WT|WC|UC] range=[0x0000000000001000-0x000000000009ffff] (0MB)"


IOMEM_ROWS = [
    ("a digit is lost", 3, "cannot be read: 0010000-1fffffff", "0010000-1fffffff : System RAM"),
    ("an o for a 0", 3, "cannot be read: 001o0000", "001o0000-1fffffff : System RAM"),
    ("cut off", 3, "cannot be read: 00100000-1fff", "00100000-1fff"),
    ("backward", 3, "ends before it starts: 00100000", "00100000-000fffff : System RAM"),
    ("not sorted", 3, "starts before the one above it", "00000800-00000fff : System RAM"),
]


@pytest.mark.parametrize("rule, line, said, entry", IOMEM_ROWS, ids=[row[0] for row in IOMEM_ROWS])
def test_an_entry_of_iomem_is_named(mapdiff, rule, line, said, entry):
    err = refused(mapdiff, text(["00000000-00000fff : Reserved", "00001000-0009ffff : System RAM", entry, "20000000-2fffffff : Reserved"]))
    assert err.startswith(f"mapdiff: -:{line}: ")
    assert said in err


def refused(mapdiff, content, path="-"):
    """The messages of `show', which must not go on."""
    status, out, err = mapdiff("show", path, stdin=content)
    assert (status, out) == (2, "")
    assert "--damaged" in err
    return err


def test_a_log_in_reverse_order_is_told(mapdiff):
    """As journalctl -r prints it: each line would begin a list of its own."""
    lines = ["Linux version 6.1.0", RAM, "BIOS-e820: [mem 0x00000000000a0000-0x00000000000fffff] reserved", HIGH, "Memory: 1K/2K available"]
    assert "reverse order" in refused(mapdiff, text(lines[::-1]))


UNREADABLE, BACKWARD = "a line of the e820 map cannot be read", "ends before it starts"
EFI_UNREADABLE = "a line of the EFI map cannot be read"

# What is wrong, the line with the fault (from 1), what is said, the lines.
ROWS = [
    ("cut in the first number", 2, UNREADABLE, [RAM, "BIOS-e820: [mem 0x0000000000100"]),
    ("cut in the second number", 2, UNREADABLE, [RAM, HIGH[:-9]]),
    ("cut by a pager", 2, "journalctl --no-pager", ["kernel: " + RAM, "kernel: " + HIGH[:45] + ">"]),
    ("cut in the name", 2, UNREADABLE, [RAM, HIGH[:-2]]),
    ("nothing behind the colon", 2, UNREADABLE, [RAM, "BIOS-e820:"]),
    ("a digit is lost", 2, UNREADABLE, [RAM, HIGH.replace("0x0000000000100000", "0x000000000100000")]),
    ("a letter that is no digit", 2, UNREADABLE, [RAM, HIGH.replace("1ff", "1gf")]),
    ("a number above 64 bits", 2, UNREADABLE, [RAM, "BIOS-e820: [mem 0x10000000000000000-0x1ffffffffffffffff] usable"]),
    ("an unknown name", 2, UNREADABLE, [RAM, HIGH.replace("usable", "usuable")]),
    ("a number of no type", 2, UNREADABLE, [RAM, HIGH.replace("usable", "type 4294967296")]),
    ("2.6.24, cut", 2, UNREADABLE, [*e820_2_6(SMALL)[:1], e820_2_6(SMALL)[1][:-4]]),
    ("it ends before it starts", 2, BACKWARD, [RAM, "BIOS-e820: [mem 0x0000000000100000-0x00000000000fffff] usable"]),
    ("it ends where it starts", 2, BACKWARD, [RAM, " BIOS-e820: 0000000000100000 - 0000000000100000 (usable)"]),
    ("it ends at 2^64", 2, BACKWARD, [RAM, "BIOS-e820: [mem 0x0000000000100000-0xffffffffffffffff] usable"]),
    ("a range over the one before", 2, "lies over the one before it", [RAM, HIGH.replace("0x0000000000100", "0x0000000000090")]),
    ("a range over the one before the last", 3, "lies over the one before it", [RAM, HIGH, LAST.replace("2000", "0008", 1)]),
    ("a range over the last but not the first", 3, "lies over the one before it", [RAM, HIGH, LAST.replace("2000", "1fff", 1)]),
    ("the first lines are lost", 1, "its first lines are missing", [HIGH]),
    ("a line is lost where Linux prints gaps", 3, "a line of the e820 map is missing", e820_7(SMALL)[:2] + e820_7(SMALL)[3:]),
    ("the console lost lines", 2, "lines were lost here", [RAM, "** 12 printk messages dropped **", HIGH]),
    ("an old console lost lines", 2, "lines were lost here", [RAM, "** 12 printk messages dropped ** [    0.000000] " + HIGH]),
    ("the first lines are lost, and it says so", 3, "lines were lost here",
     ["BIOS-provided physical RAM map:", "** 12 printk messages dropped **", HIGH]),
    ("the journal lost lines", 2, "lines were lost here", [RAM, "systemd-journald[12]: Missed 12 kernel messages", HIGH]),
    ("two lines on one", 2, UNREADABLE, [RAM, HIGH + " " + HIGH.replace("000-0x0000000", "000-0x0000001")]),
    ("another CPU's line in it", 2, UNREADABLE, [RAM, HIGH[:40] + "[    0.000000] smpboot: CPU0", HIGH[40:]]),
    ("cut behind something unknown", 2, UNREADABLE, ["klog| " + RAM, "klog| " + HIGH[:-2]]),
    ("cut in a list of an HTML page", 2, UNREADABLE, ["<li>" + RAM + "</li>", "<li>" + HIGH[:40] + "</li>"]),
    ("a mail broke the line, and its rest is lost", 2, UNREADABLE, [RAM, HIGH.split("0x", maxsplit=1)[0], "Regards, Joe"]),

    ("the EFI map begins late", 2, "mem00 of the EFI map is missing", [RAM, MEM1]),
    ("one is left out", 3, "mem01 of the EFI map is missing", [RAM, MEM0, MEM1.replace("mem01", "mem02")]),
    ("some are left out", 3, "mem01 to mem09 of the EFI map are missing", [RAM, MEM0, MEM1.replace("mem01", "mem10")]),
    ("one comes late", 4, "stands behind mem01", [RAM, MEM0, MEM1, MEM1]),
    ("cut in the number", 3, EFI_UNREADABLE, [RAM, MEM0, "efi: mem01"]),
    ("cut in the attributes", 3, EFI_UNREADABLE, [RAM, MEM0, MEM1[:25]]),
    ("cut in the range", 3, EFI_UNREADABLE, [RAM, MEM0, MEM1[:-12]]),
    ("the closing bracket is lost", 3, EFI_UNREADABLE, [RAM, MEM0, MEM1.replace("UC]", "UC")]),
    ("an unknown type", 3, EFI_UNREADABLE, [RAM, MEM0, MEM1.replace("Conventional", "Konventional")]),
    ("an unknown attribute", 3, EFI_UNREADABLE, [RAM, MEM0, MEM1.replace("|WB", "|WW")]),
    ("an EFI range backward", 3, BACKWARD, [RAM, MEM0, MEM1.replace("9ffff", "00fff").replace("00001000", "00005000")]),
    ("half a page", 3, "not of whole pages", [RAM, MEM0, MEM1.replace("9ffff", "9f7ff")]),
    ("a digit has changed", 3, "not of the size behind it", [RAM, MEM0, MEM1.replace("9ffff", "f9ffff"[:5])
                                                              .replace("(0MB)", "(7MB)")]),
    ("2.6.24's EFI line, cut", 3, EFI_UNREADABLE, [RAM, uefi_numbered(SMALL)[0], uefi_numbered(SMALL)[1][:40]]),
]


@pytest.mark.parametrize("rule, line, said, lines", ROWS, ids=[row[0] for row in ROWS])
def test_the_line_is_named(mapdiff, rule, line, said, lines):
    first = refused(mapdiff, text(lines)).splitlines()[0]
    assert first.startswith(f"mapdiff: -:{line}: ")
    assert said in first


def test_what_stands_there_is_shown(mapdiff):
    err = refused(mapdiff, dmesg([RAM, "BIOS-e820: [mem 0x00\x07\xff: rm -rf"]))
    assert "BIOS-e820: [mem 0x00??" in err or "BIOS-e820: [mem 0x00???" in err


def test_the_rest_is_used_when_the_user_says_so(mapdiff, report):
    content = dmesg([RAM, "BIOS-e820: [mem 0x0000", HIGH])
    refused(mapdiff, content)
    assert e820_of(report("show", "--damaged", "-", stdin=content)) == [(0, 0xA0000, 1), (0x100000, 0x20000000, 1)]


def test_a_map_that_has_nothing_that_can_be_read(mapdiff):
    """An excerpt of which somebody cut the types off."""
    for content in (text([RAM[:-7], HIGH[:-7]]), text([f"{RAM} {HIGH}"])):
        status, out, err = mapdiff("show", "-", stdin=content)
        assert (status, out) == (2, "")
        assert "Line 1: a line of the e820 map cannot be read: BIOS-e820: [mem" in err


def test_the_clean_print_of_a_boot_goes_before_the_damaged(report):
    """A console that lost characters, and dmesg of the same boot behind it."""
    good = dmesg(messages(SMALL))
    bad = good.replace(b"] usable", b"] usab", 1)
    for content in (bad + good, good + bad):
        assert e820_of(report("show", "-", stdin=content)) == SMALL.e820


def test_two_prints_of_a_boot_that_differ(mapdiff):
    good = dmesg(messages(SMALL))
    other = good.replace(b"] ACPI data", b"] ACPI NVS", 1)
    assert "twice, and its e820 map is not the same" in refused(mapdiff, good + other)


def test_lines_keep_their_numbers(mapdiff):
    """Whatever is taken out of a file: faults name its lines. HTML on one line has none: they are counted."""
    lines = [RAM, "", HIGH[:30], HIGH]
    for content in (dmesg(lines), text(lines, "<br>\n"), text(f"<tr><td>{line}</td></tr>" for line in lines),
                    text(lines).decode().encode("utf-16"), gzip.compress(text(lines)),
                    text('{"MESSAGE":"%s"}' % line for line in lines), "<br>".join(lines).replace("<br><br>", "<br>|<br>")
                    .encode(), text(lines, "\r")):
        assert refused(mapdiff, content).startswith("mapdiff: -:3: ")
    mail = b"\nContent-Transfer-Encoding: quoted-printable\n" + text(lines).replace(b"-0x", b"-0x=\n", 1)
    assert refused(mapdiff, mail).startswith("mapdiff: -:6: ")


def test_iomem_without_root(mapdiff):
    zeros = text(f"00000000-00000000 : {name}" for name in ("Reserved", "System RAM", "ACPI Tables"))
    status, _, err = mapdiff("show", "-", stdin=zeros)
    assert status == 2
    assert "root" in err


@pytest.mark.parametrize("lost, said", [("0/start", "entry 0 has no start"), ("3/end", "entry 3 has no end"),
                                        ("2/type", "entry 2 has no type"), ("1/", "entry 1 is missing")])
def test_sysfs_with_holes(mapdiff, lost, said):
    lines = sysfs_grep(SMALL, "./").decode().splitlines()
    assert said in refused(mapdiff, text(line for line in lines if not line.startswith("./" + lost)))


@pytest.mark.parametrize("content, said", [
    (b"", "empty"), (b"\n\n", "no memory map found"), (b"\0" * 5000, "no memory map found"),
    (b"hello\n", "no memory map found"), (b"\xff\xfe", "empty"),
    (b"Linux version 6.1.0 (x) #1\nCommand line: quiet\n", "no BIOS-e820 line"),
    (gzip.compress(text([RAM, HIGH]), mtime=0)[:-20], "gzip file that is damaged, or cut off"),
    (gzip.compress(text([RAM, HIGH]), mtime=0) + b"xxxx", "gzip file that is damaged, or cut off"),
    (gzip.compress(b"", mtime=0), "empty"),
    (b"PK\x03\x04dmesg.txt", "zip file that is damaged, or cut off"),
    (b"LPKSHHRH\0\0", "journalctl -k --file="),
    (b"\x89PNG\r\n\x1a\n", "a picture"),
    (b'{"MESSAGE": "hello"}', "no memory map found"),
    (b'{"MESSAGE": "hel', "no memory map found"),
    (b'{"MESSAGE":"\\', "no memory map found"),
    (b'{"MESSAGE":"\\u00', "no memory map found"),
    (b'{"', "no memory map found"), (b"<br", "no memory map found"), (b"[3", "no memory map found"), (b"&#", "no memory map found"), (b"\x1b", "empty"),
    (b"\x1b[", "empty"), (b"\x1b]0;", "empty"),
])
def test_files_without_a_map(mapdiff, content, said):
    status, out, err = mapdiff("show", "-", stdin=content)
    assert (status, out) == (2, "")
    assert said in err


def test_any_cut_and_any_byte(mapdiff):
    """Whatever happens to a log: an answer or trouble, and no sanitizer has a word to say."""
    chance = random.Random(1)
    log = dmesg(messages(SMALL)) + iomem(SMALL) + sysfs_grep(SMALL)
    for _ in range(20):
        damaged = bytearray(log[:chance.randrange(len(log))])
        for _ in range(chance.randrange(20)):
            damaged[chance.randrange(len(damaged))] = chance.choice(b"\0\n\r\x1b[]|-=()x0f\xff ")
        status, _, _ = mapdiff("show", "--damaged", "-", stdin=bytes(damaged))
        assert status in (0, 2)


NOISE = b"".join(b"[%5d.%06d] usb 1-%d: new high-speed USB device number %d using xhci_hcd\n" % (i // 7, i, i % 9, i % 127)
                 for i in range(20000))
HUGE = [
    ("a log", dmesg(messages(SMALL)) + NOISE * 20),
    ("a line", b"x" * (30 << 20)),
    ("a line of beginnings", b"[BIOS-e820: " * (2 << 20)),
    ("one list again and again", text([RAM, HIGH]) * 200000),
    ("one list", text(f"BIOS-e820: [mem {i << 12:#018x}-{(i << 12) + 4095:#018x}] {('usable', 'reserved')[i % 2]}"
                      for i in range(300000))),
    ("damaged lines", text([RAM[:30]]) * 500000),
    ("boots", text(["Linux version 6.1", "Command line: x"]) * 500000),
    ("devices", b"".join(b"pci %04x:%02x:%02x.0: [8086:1234] type 00 class 0x030000\n" % (i >> 13, i >> 5 & 255, i & 31)
                         for i in range(300000))),
    ("escape sequences", b"\x1b[33m" * (4 << 20)),
    ("carriage returns", b"\r" * (30 << 20)),
    ("terminal titles without an end", b"\x1b]0;" * (4 << 20)),
    ("tags without an end", b"<span " * (4 << 20)),
    ("tags", b"<p><br>" * (4 << 20)),
    ("stamps without an end", b"[    0.00000" * (2 << 20)),
    ("tags of loggers", b"kernel[" * (4 << 20)),
]


@pytest.mark.parametrize("rule, content", HUGE, ids=[row[0] for row in HUGE])
def test_huge_files_are_read_in_seconds(mapdiff, rule, content):
    content = text(["Linux version 6.0"]) + content
    before = cpu_seconds()
    status, _, _ = mapdiff("lint", "--damaged", "-", stdin=content, fast=True)
    assert status in (0, 1, 2)
    assert cpu_seconds() - before < 10, rule

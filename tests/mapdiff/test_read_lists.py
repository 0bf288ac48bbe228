"""The lists of a kernel beside the e820 map: the EFI map of a log, /proc/iomem, /sys/firmware/memmap; the boots of a
log, and what stands before each message. Each rule alone."""

import boots
import pytest

from formats import e820_3, text, uefi_named
from naive import ALL, SOFT, e820_of
from test_read_rules import RAM

SMALL, OTHER = ({map.path.stem: map for map in ALL}[name] for name in ("x64-q35-512M", "x64-q35-8G"))


@pytest.fixture
def read(report):
    """read(lines): the report of the boot, damaged or not."""
    return lambda lines: report("show", "--damaged", "-", stdin=text(lines))


def faults_of(report):
    return [(row["line"], row["text"].split(":")[0]) for row in report["boot"]["faults"]]


# --- the EFI map ---


def mem(number, cells, start, end, behind=""):
    """A line of newer kernels; the end is the last byte."""
    return f"efi: mem{number:02}: [{cells}] range=[0x{start:016x}-0x{end:016x}]{behind}"


def uefi_of(report):
    return [(row["type"], int(row["attribute"], 0), int(row["start"], 0), int(row["end"], 0)) for row in report["uefi"]]


def invalid(number, start, rest):
    return f"efi: mem{number:02}: [Reserved    |   |UC] range=[0x{start:016x}-0x{rest}] (invalid)"


EFI_UNREADABLE = "a line of the EFI map cannot be read"
DATA, FREE = "Boot Data   |   |WB|WT|WC|UC", "Conventional|   |WB|WT|WC|UC"
FIRST = mem(0, DATA, 0, 0xFFF)
NUMBERED = "efi: mem00: type=%s, attr=%s, range=[0x%016x-0x%016x) (0MB)"
UEFI = (
    # the rule, lines of a log, the EFI map, its faults
    ("a page", [FIRST], [(4, 15, 0, 0x1000)], []),
    ("two", [FIRST, mem(1, FREE, 0x1000, 0x9FFFF)], [(4, 15, 0, 0x1000), (7, 15, 0x1000, 0xA0000)], []),
    ("its size behind it", [mem(0, DATA, 0, 0x1FFFFF, " (2MB)")], [(4, 15, 0, 0x200000)], []),
    ("not all of it", [mem(0, DATA, 0, 0x2FEFFF, " (2MB)")], [(4, 15, 0, 0x2FF000)], []),
    ("another size", [mem(0, DATA, 0, 0x1FFFFF, " (1MB)")], [],
     [(1, "a range of the EFI map that is not of the size behind it")]),
    ("an end that is excluded", [NUMBERED % (4, "0xf", 0, 0x1000)], [(4, 15, 0, 0x1000)], []),
    ("a type that nobody knows", [NUMBERED % (0x70000001, "0xf", 0, 0x1000)], [(0x70000001, 15, 0, 0x1000)], []),
    ("the highest", [NUMBERED % (0xFFFFFFFF, "0xf", 0, 0x1000)], [(0xFFFFFFFF, 15, 0, 0x1000)], []),
    ("one above it", [NUMBERED % (0x100000000, "0xf", 0, 0x1000)], [], [(1, EFI_UNREADABLE)]),
    ("a type without attributes", [(NUMBERED % (4, "0xf", 0, 0x1000)).replace(", attr=0xf", "")], [], [(1, EFI_UNREADABLE)]),
    ("a type by its number in brackets", [mem(0, "type=1879048193|   |WB", 0, 0xFFF)], [(0x70000001, 8, 0, 0x1000)], []),
    ("above 32 bits", [mem(0, "type=4294967296|   |WB", 0, 0xFFF)], [], [(1, EFI_UNREADABLE)]),
    ("with a letter behind it", [mem(0, "type=7x|   |WB", 0, 0xFFF)], [], [(1, EFI_UNREADABLE)]),
    ("all attributes as a number", [mem(0, "Boot Data|attr=0x800000000000000f", 0, 0xFFF)], [(4, 0x800000000000000F, 0, 0x1000)],
     []),
    ("with a letter behind that", [mem(0, "Boot Data|attr=0xfg", 0, 0xFFF)], [], [(1, EFI_UNREADABLE)]),
    ("no attribute", [mem(0, "Boot Data|   |  |  ", 0, 0xFFF)], [(4, 0, 0, 0x1000)], []),
    ("a type alone", [mem(0, "Boot Data", 0, 0xFFF)], [(4, 0, 0, 0x1000)], []),
    ("nothing in the brackets", [mem(0, "", 0, 0xFFF)], [], [(1, EFI_UNREADABLE)]),
    ("no bracket, in a line as long as the kernel's buffer",
     [mem(0, "type=1879048193|   |" + " |" * 20 + "WB", 0, 0xFFF).replace("WB]", "WB")],
     [(0x70000001, 8, 0, 0x1000)], []),
    ("in a shorter one", [mem(0, "type=1879048193|   |" + " |" * 19 + "WB", 0, 0xFFF).replace("WB]", "WB")], [],
     [(1, EFI_UNREADABLE)]),
    ("the last page of all", [mem(0, DATA, (1 << 64) - 0x1000, (1 << 64) - 1)], [(4, 15, (1 << 64) - 0x1000, 0)], []),
    ("no page", [mem(0, DATA, 0x1000, 0xFFF)], [(4, 15, 0x1000, 0x1000)], []),
    ("it ends before it starts", [mem(0, DATA, 0x2000, 0xFFF)], [], [(1, "a range of the EFI map ends before it starts")]),
    ("parts of pages", [mem(0, DATA, 0, 0xFFE)], [], [(1, "a range of the EFI map that is not of whole pages")]),
    ("no end of the range", [FIRST[:-1]], [], [(1, EFI_UNREADABLE)]),
    ("one number", [FIRST.replace("-0x", " 0x")], [], [(1, EFI_UNREADABLE)]),
    ("no colon", [FIRST.replace("mem00:", "mem00")], [], [(1, EFI_UNREADABLE)]),

    ("the second is missing", [FIRST, mem(2, FREE, 0x1000, 0x1FFF)], [(4, 15, 0, 0x1000), (7, 15, 0x1000, 0x2000)],
     [(2, "mem01 of the EFI map is missing before this line")]),
    ("two are missing", [FIRST, mem(3, FREE, 0x1000, 0x1FFF)], [(4, 15, 0, 0x1000), (7, 15, 0x1000, 0x2000)],
     [(2, "mem01 to mem02 of the EFI map are missing before this line")]),
    ("one comes twice", [FIRST, mem(1, FREE, 0x1000, 0x1FFF), mem(1, FREE, 0x1000, 0x1FFF)],
     [(4, 15, 0, 0x1000), (7, 15, 0x1000, 0x2000)],
     [(3, "a line of the EFI map stands behind mem01")]),
    ("what cannot be read is there, all the same", [FIRST, mem(1, "?", 0x1000, 0x1FFF), mem(2, FREE, 0x2000, 0x2FFF)],
     [(4, 15, 0, 0x1000), (7, 15, 0x2000, 0x3000)], [(2, EFI_UNREADABLE)]),
    ("the list once more is of the run time",
     [FIRST, mem(1, FREE, 0x1000, 0x1FFF), mem(0, FREE, 0x5000, 0x5FFF), mem(7, FREE, 0x6000, 0x6FFF)],
     [(4, 15, 0, 0x1000), (7, 15, 0x1000, 0x2000)], []),
    ("what Linux leaves out, of which a digit is none", [invalid(0, 0x1000, "g0000000000000fff")], [], [(1, EFI_UNREADABLE)]),
    ("a number of no list", [FIRST, FIRST.replace("mem00", "mem4294967296")], [(4, 15, 0, 0x1000)], []),

    ("old kernels", [FIRST.replace("efi:", "EFI:")], [(4, 15, 0, 0x1000)], []),
    ("IA-32's", [(NUMBERED % (4, "0xf", 0, 0x1000))[5:]], [(4, 15, 0, 0x1000)], []),
    ("behind what nobody knows", ["klog| host " + FIRST], [(4, 15, 0, 0x1000)], []),
    ("of another", [FIRST[5:]], [], []),
)


@pytest.mark.parametrize("rule, lines, uefi, faults", UEFI, ids=[row[0] for row in UEFI])
def test_the_efi_map(read, rule, lines, uefi, faults):
    got = read([*lines, RAM])
    assert faults_of(got) == faults, rule
    assert uefi_of(got) == uefi


INVALID = (
    # the rule, lines before a map of two pages; where the other comes to stand, its start and its pages
    ("no page", [invalid(1, 0x5000, "0000000000000000")], 1, 0x5000, 0),
    ("it goes on behind 2^64", [invalid(0, 0xFFFFFFFFFFFFF000, "10000000000000fff")], 0, 0xFFFFFFFFFFFFF000, 2),
    ("the last page", [invalid(0, 0xFFFFFFFFFFFFF000, "f" * 16)], 0, 0xFFFFFFFFFFFFF000, 1),
    ("round to its own start, from the lower half", [invalid(2, 0x2000, "0000000000000fff")], 2, 0x2000, (1 << 52) - 1),
    ("and from the upper one", [invalid(2, (1 << 63) + 0x2000, "8000000000000fff")], 2, (1 << 63) + 0x2000, (1 << 52) - 1),
    ("all that there is", [invalid(9, 0, "1ffffffffffffffff")], 2, 0, 1 << 52),
    ("far behind it", [invalid(2, 0x1000, "f0000000000000fff")], 2, 0x1000, 15 << 52),
)


@pytest.mark.parametrize("rule, lines, place, start, pages", INVALID, ids=[row[0] for row in INVALID])
def test_what_linux_leaves_out_is_put_back(mapdiff, rule, lines, place, start, pages):
    status, out, _ = mapdiff("convert", "-", stdin=text([*lines, RAM, FIRST, mem(1, FREE, 0x1000, 0x1FFF)]))
    rows = [line.split() for line in out.splitlines() if line.startswith("uefi 0x")]
    assert (status, len(rows)) == (0, 3), rule
    words = rows[place]
    found = [int(word[6:], 0) for word in words if word.startswith("pages=")] or [(int(words[2], 0) - int(words[1], 0)) >> 12]
    assert (int(words[1], 0), found) == (start, [pages])


def test_invalid_ones_behind_the_list_are_no_more_news(read):
    got = read([RAM, FIRST, invalid(0, 0x5000, "0000000000000000")])
    assert uefi_of(got) == [(4, 15, 0, 0x1000)] and not got["boot"]["faults"]


def test_the_map_of_a_log_is_the_last_one_of_the_firmware(mapdiff):
    """The EFI stub has it from its last call."""
    for lines, is_accepted in (([RAM, FIRST], True), ([RAM], False)):
        assert ("taken accepted\n" in mapdiff("convert", "-", stdin=text(lines))[1]) == is_accepted


# --- what stands before a message ---

FRAMES = (
    # what stands before each line, and whether it is taken off
    *((frame, True) for frame in (
        "> ", "| ", "` ", '" ', "\t", "[code] ", "<6>", "<6> [x] ", "&gt; ", f"[{'x' * 78}] ", "12: ", "12. ", "12) ", "12 ",
        "* ", "- ",
        "MESSAGE=", "2024-05-08T08:20:04,123456+00:00 ", "6,339,5140900,-;", "6,339,5140900,-,caller=T1;",
        "host [    0.123456] ", "host [0.123456] ", f"host [{' ' * 24}0.123456] ", "host [Wed May  8 08:20:04 2024] ",
        "[x] host [    0.123456] ",
        "host kernel: ", "host kernel[1]: ", "host kernel - - - ", "host kernel - - ", "host kernel - - [a][b] ",
        "host kern  :info  : ",
        "host kern:: ", "kernels or kernel: ", "host [    0.123456] kernel: ", "host kernel: [    0.123456] ",
        f"{'x' * 180} kernel: ")),
    *((frame, False) for frame in (
        "# ", "12, ", "12:", "*", "*-", "[0x1] ", "<0x1> ", f"[{'x' * 79}] ", "[code ", "2024-05-08 ", "6,339,x,-;",
        f"6,339,1,{'x' * 80};",
        "host [.123456] ", "host [0.12345] ", "host [a.123456] ", f"host [{' ' * 25}0.123456] ", "host [08:20:04 2024] ",
        "host [Wed May  8 08:20 04 2024] ",
        "host kernel ", "host kernel[x]: ", "host kernel - ", "host kern  :info ", "host kern info  : ", "user: ",
        "host user  :info  : ",
        f"{'x' * 195} kernel: ")),
)


@pytest.mark.parametrize("frame, is_known", FRAMES)
def test_what_stands_before_a_message(read, frame, is_known):
    facts = read([frame + "DMI: One [1] of it, BIOS 1", RAM])["boot"]["facts"]
    assert facts.get("machine") == ("One [1] of it" if is_known else None)


def test_another_message_that_broke_in_is_no_frame(read):
    """What stands before a map's line ends where the map's line starts."""
    for broken in ("[    0.000000] CPU0", "kernel: CPU0"):
        got = read([RAM, f"BIOS-e820: [mem 0x00000000000a0000-{broken}"])
        assert faults_of(got) == [(2, "a line of the e820 map cannot be read")]


# --- boots ---


def stamped(lines, second=0):
    return [f"[{second:5}.{1 + place:06}] {line}" for place, line in enumerate(lines)]


LONG = ["Linux version 6.1.0 (x) #1", "Command line: quiet", *e820_3(SMALL)[:3], "DMI: One, BIOS 1",
        "secureboot: Secure boot disabled",
        "smpboot: Allowing 4 CPUs, 0 hotplug CPUs"]
STAMPED = stamped(LONG)
QUIET, LOUD = stamped(LONG[:2] + LONG[3:]), stamped([LONG[0], "Command line: splash", *LONG[2:]])
HOST = "May  4 12:22:28 host kernel: "
CLOCK = "rtc_cmos 00:04: setting system clock to 2026-11-{:02}T10:00:00 UTC"
BOOTS = (
    # the rule, lines of a log, the number of boots
    ("one", STAMPED, 1),
    ("one twice, with its times", STAMPED * 2, 1),
    ("one twice, of which the second lacks two of eight", STAMPED + STAMPED[:-2], 1),
    ("another time", STAMPED + stamped(LONG, 1), 2),
    ("at another time by its clock", stamped([*LONG, CLOCK.format(9)]) + stamped([*LONG, CLOCK.format(3)]), 2),
    ("at one time by its clock", stamped([*LONG, CLOCK.format(9)]) * 2, 1),
    ("one says no time by its clock", STAMPED + stamped([*LONG, CLOCK.format(9)]), 1),
    ("of eight messages six are the same",
     STAMPED + STAMPED[:6] + ["[    0.000009] DMI: Two, BIOS 1", "[    0.000009] secureboot: Secure boot enabled"], 1),
    ("of eight five are", STAMPED + STAMPED[:5] + [
        f"[    0.000009] {word}" for word in ("DMI: Two, BIOS 1", "secureboot: Secure boot enabled", LONG[-1])], 2),
    ("without times: two that say where they begin", LONG * 2, 2),
    ("without times: one does not", LONG[1:] + LONG, 1),
    ("whose map is another", LONG[1:] + [LONG[0], *e820_3(OTHER)], 2),
    ("at one time of day", [HOST + line for line in LONG] * 2, 1),
    ("at two times of day", [HOST + line for line in LONG] + [HOST.replace("28", "29") + line for line in LONG], 2),
    ("of two hosts", [HOST + line for line in LONG] + [HOST.replace("host", "other") + line for line in LONG], 2),
    ("a clock that does not run yet tells nothing", [
        f"[    0.000000] host kernel: {line}" for line in [*LONG, LONG[0], *e820_3(OTHER)]], 2),
    ("nor one behind a name", [f"my old host [    0.000000] {line}" for line in LONG] * 2, 2),
    ("what journalctl puts between two", [*LONG[1:], "-- Boot 470e4533 --", *LONG[1:]], 1),
    ("before both", ["-- Boot 1 --", *LONG[1:], "-- Boot 2 --", *LONG[1:]], 2),
    ("older journals", ["-- Reboot --", *LONG[1:], "-- Reboot --", *LONG[1:]], 2),
    ("a sentence about a version", [*LONG, "Linux version of the day", *LONG[1:2]], 1),
    ("lists alone", [*e820_3(SMALL), *e820_3(OTHER)], 2),
    ("a list that begins lower", [LONG[0], "BIOS-provided physical RAM map:", *e820_3(SMALL)[2:], *e820_3(SMALL)], 2),
    ("nothing known between two versions", ["Linux version 6.1.0", "Linux version 6.1.0", *LONG[1:]], 2),
)


@pytest.mark.parametrize("rule, lines, count", BOOTS, ids=[row[0] for row in BOOTS])
def test_how_many_boots(read, rule, lines, count):
    got = read(lines)["boot"]
    assert (got["boots"], got["boot"]) == (count, count) or got["boots"] == count, rule


TABLE, PLACE = "ACPI: FACP 0x000000001F778000 0000F4 (v03 A B)", "RAMDISK: [mem 0x1000-0x1fff]"
PARTS = {"e820": e820_3(SMALL)[:3], "uefi": uefi_named(SMALL)[:3], "acpi": [TABLE], "places": [PLACE],
         "facts": ["DMI: One, BIOS 1"]}


@pytest.mark.parametrize("turn", (False, True), ids=("first", "second"))
@pytest.mark.parametrize("part", PARTS)
def test_what_one_print_of_a_boot_has_the_other_gets(mapdiff, read, part, turn):
    """A console lost some lines, which dmesg has: the boot has all of it, once."""
    every = [LONG[0], LONG[1], *(line for lines in PARTS.values() for line in lines)]
    whole = stamped(every)
    less = [row for row, line in zip(whole, every) if line not in PARTS[part]]
    lines = less + whole if turn else whole + less
    got, wanted = read(lines), read(whole)
    for row in (got, wanted):
        row["boot"]["landmarks"].sort(key=str)
        row["boot"]["facts"] = dict(sorted(row["boot"]["facts"].items()))
    assert got["boot"]["boots"] == 1
    assert [got[key] for key in ("boot", "e820", "uefi")] == [wanted[key] for key in ("boot", "e820", "uefi")]
    assert "taken accepted\n" in mapdiff("convert", "-", stdin=text(lines))[1]


def test_the_print_with_fewer_faults_is_kept(read):
    """Unless it has less."""
    bad = [line.replace("usable", "usab") if place == 2 else line for place, line in enumerate(STAMPED)]
    for lines in (STAMPED + bad, bad + STAMPED):
        assert not read(lines)["boot"]["faults"]
    less = [line for line in STAMPED if "BIOS-e820" not in line]
    assert len(read(bad + less)["boot"]["faults"]) == 1
    other = [line.replace("usable", "reserved") if place == 2 else line for place, line in enumerate(STAMPED)]
    said = "one boot is in the log twice, and its e820 map is not the same in both"
    assert [row["text"] for row in read(STAMPED + other)["boot"]["faults"]] == [said]


def test_another_kernel_is_another_boot(report):
    """Whatever its times are: a small machine takes the same ones."""
    both = boots.log(kernel="6.1.1") + boots.log(boots.moved(3), kernel="6.1.2")
    got = report("show", "-", stdin=both.encode())["boot"]
    assert (got["boots"], got["faults"]) == (2, [])


PIECES = (
    # the rule, the pieces of a line, whether they are one
    ("two, at a blank", ["BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff]", "usable"], True),
    ("two, in a word", ["BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usa", "ble"], True),
    ("four", ["BIOS-e820: [mem 0x00000000", "00000000-0x0000", "00000009ffff] us", "able"], True),
    ("six", ["BIOS-e820: [mem 0x00000000", "00000000-0x0000", "00000009ffff", "] us", "ab", "le"], True),
    ("seven", ["BIOS-e820: [mem 0x00000000", "00000000-0x0000", "00000009ffff", "] us", "a", "b", "le"], False),
    ("in a mail", ["BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff]", "> usable"], True),
    ("of a mail of a mail", ["BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff]", "> > usable"], True),
    ("a message that begins", ["BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff]", "[    0.000000] usable"], False),
    ("with a tag", ["BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff]", "kernel: usable"], False),
    ("a long piece", ["BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff]" + " " * 470, "usable"], False),
    ("nearly as long", ["BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff]" + " " * 440, "usable"], True),
    ("a long rest", ["BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff]", "usable" + " " * 510], False),
)


@pytest.mark.parametrize("rule, pieces, is_one", PIECES, ids=[row[0] for row in PIECES])
def test_pieces_of_a_line(read, rule, pieces, is_one):
    got = read([FIRST, *pieces, "x"])
    assert (got["e820"][:1] == [{"start": "0x0", "end": "0xa0000", "type": 1}] and not got["boot"]["faults"]) == is_one, rule


def test_pieces_of_the_efi_map(read):
    for pieces in ([FIRST[:30], FIRST[30:]], [FIRST[:FIRST.index(" range")], FIRST[FIRST.index("range"):]]):
        assert uefi_of(read([*pieces, RAM])) == [(4, 15, 0, 0x1000)]


# --- /proc/iomem ---

LOW, MIDDLE = "00000000-00000fff : Reserved", "00001000-0009ffff : System RAM"
TWO = [(0, 0x1000, 2), (0x1000, 0xA0000, 1)]
IOMEM = (
    # the rule, lines behind two others, the ranges that come of them, places, faults
    ("nothing", [], [], [], []),
    ("a range in a device", ["b0000000-bfffffff : PCI MMCONFIG", "  b0000000-bfffffff : Reserved"], [(0xB0000000, 0xC0000000, 2)],
     [("PCI MMCONFIG", 0xB0000000, 0xC0000000)], []),
    ("a range in another", ["00100000-00ffffff : System RAM", "  00200000-002fffff : Reserved", "01000000-01ffffff : Reserved"],
     [(0x100000, 0x1000000, 1), (0x1000000, 0x2000000, 2)], [], []),
    ("deep in another",
     ["00100000-00ffffff : System RAM", "  00200000-002fffff : Kernel code", "    00200000-002fffff : Reserved"],
     [(0x100000, 0x1000000, 1)], [("Kernel code", 0x200000, 0x300000)], []),
    ("behind that", ["00100000-00ffffff : System RAM", "  00200000-002fffff : Reserved", "  00300000-003fffff : Reserved",
                     "01000000-01ffffff : ACPI Tables"], [(0x100000, 0x1000000, 1), (0x1000000, 0x2000000, 3)], [], []),
    ("with tabs", ["00100000-00ffffff : System RAM", "\t00200000-002fffff : Reserved"], [(0x100000, 0x1000000, 1)], [], []),
    ("beside a device",
     ["00100000-00ffffff : System RAM", "  00200000-002fffff : Reserved", "01000000-01ffffff : PCI Bus 0000:00",
                         "  01000000-01ffffff : Reserved"], [(0x100000, 0x1000000, 1), (0x1000000, 0x2000000, 2)],
     [("PCI Bus 0000:00", 0x1000000, 0x2000000)], []),
    ("a name that only begins so", ["00100000-00ffffff : Reserved by me"], [], [("Reserved by me", 0x100000, 0x1000000)], []),
    ("no name", ["00100000-00ffffff : "], [], [], [(3, "this entry cannot be read")]),
    ("more digits", ["100000000-1ffffffff : System RAM"], [(1 << 32, 1 << 33, 1)], [], []),
    ("fewer", ["0100000-00ffffff : System RAM"], [], [], [(3, "this entry cannot be read")]),
    ("far fewer: no entry", ["100000-ffffff : System RAM"], [], [], []),
    ("fewer in the second", ["00100000-ffffff : System RAM"], [], [], [(3, "this entry cannot be read")]),
    ("an l for a 1", ["00l00000-00ffffff : System RAM"], [], [], [(3, "this entry cannot be read")]),
    ("a sentence", ["00100000-00ffffff is RAM"], [], [], []),
    ("no minus", ["00100000 00ffffff : System RAM"], [], [], []),
    ("one byte", ["00100000-00100000 : Reserved"], [(0x100000, 0x100001, 2)], [], []),
    ("backward", ["00100001-00100000 : Reserved"], [], [], [(3, "an entry ends before it starts")]),
    ("to the end of all", ["00100000-ffffffffffffffff : Reserved"], [], [], [(3, "an entry ends before it starts")]),
    ("at the place of the one above", ["00001000-0009ffff : ACPI Tables"], [(0x1000, 0xA0000, 3)], [], []),
    ("before the one above", ["00000fff-0009ffff : ACPI Tables"], [], [], [(3, "this entry starts before the one above it")]),
    ("a zero", ["00000000-00000000 : Reserved"], [], [], []),
    ("two", ["00000000-00000000 : Reserved"] * 2, [], [], [(0, "all addresses are zero")]),
    ("behind grep", ["/proc/iomem:00100000-00ffffff : Reserved"], [(0x100000, 0x1000000, 2)], [], []),
    ("behind grep -n", ["/proc/iomem:12:00100000-00ffffff : Reserved"], [(0x100000, 0x1000000, 2)], [], []),
    ("behind a number", ["12:00100000-00ffffff : Reserved"], [(0x100000, 0x1000000, 2)], [], []),
)


@pytest.mark.parametrize("rule, lines, ranges, places, faults", IOMEM, ids=[row[0] for row in IOMEM])
def test_iomem(read, rule, lines, ranges, places, faults):
    got = read([LOW, MIDDLE, *lines])
    found = [(row["name"], int(row["start"], 0), int(row["end"], 0)) for row in got["boot"]["landmarks"]]
    assert (faults_of(got), found) == (faults, places), rule
    if "at the place" in rule:
        assert (0x1000, 0xA0000, 3) in e820_of(got)
    else:
        assert e820_of(got) == TWO + ranges, rule


IOMEM_LISTS = (
    # the rule, the lines, the number of lists
    ("the same once more", [LOW, MIDDLE, LOW, MIDDLE], 2),
    ("one that begins lower", [MIDDLE, LOW, MIDDLE], 2),
    ("one in another is none", [LOW, MIDDLE, "  00000000-00000fff : Reserved"], 1),
    ("nor is what is damaged", [LOW, MIDDLE, "00000000-ffffffffffffffff : Reserved"], 1),
)


@pytest.mark.parametrize("rule, lines, count", IOMEM_LISTS, ids=[row[0] for row in IOMEM_LISTS])
def test_lists_of_iomem(read, rule, lines, count):
    assert read(lines)["boot"]["boots"] == count, rule


def test_kinds_of_places(read):
    got = read([LOW, MIDDLE, "00100000-00ffffff : System RAM", "  00100000-001fffff : Kernel code",
                "  00200000-002fffff : Kernels",
                "b0000000-bfffffff : PCI Bus 0000:00"])["boot"]["landmarks"]
    assert [(row["name"], row["kind"]) for row in got] == [
        ("Kernel code", "kernel"), ("Kernels", "device"), ("PCI Bus 0000:00", "device")]


# --- /sys/firmware/memmap ---


def entry(number, start, last, kind, folder="/sys/firmware/memmap/"):
    return [f"{folder}{number}/end:{last:#x}", f"{folder}{number}/start:{start:#x}", f"{folder}{number}/type:{kind}"]


ZERO, ONE = entry(0, 0, 0x9FFFF, "System RAM"), entry(1, 0x100000, 0x1FFFFF, "Reserved")
BOTH = [(0, 0xA0000, 1), (0x100000, 0x200000, 2)]
SYSFS = (
    # the rule, the lines, the ranges, faults
    ("two entries", ZERO + ONE, BOTH, []),
    ("in another order", ONE[::-1] + ZERO, BOTH, []),
    ("one is missing", ZERO + entry(2, 0x100000, 0x1FFFFF, "Reserved"), BOTH, [(0, "entry 1 is missing")]),
    ("no start", ZERO + [ONE[0], ONE[2]], BOTH[:1], [(0, "entry 1 has no start that can be read")]),
    ("no end", ZERO + ONE[1:], BOTH[:1], [(0, "entry 1 has no end that can be read")]),
    ("no type", ZERO + ONE[:2], BOTH[:1], [(0, "entry 1 has no type that can be read")]),
    ("an end that is none", ZERO + ["/sys/firmware/memmap/1/end:0xg", *ONE[1:]], BOTH[:1], [(4, "this entry cannot be read")]),
    ("a type that is none", ZERO + ONE[:2] + ["/sys/firmware/memmap/1/type:x"], BOTH[:1], [(6, "this entry cannot be read")]),
    ("one byte", entry(0, 0, 0, "System RAM"), [(0, 1, 1)], []),
    ("it ends before it starts", ZERO + entry(1, 0x100001, 0x100000, "Reserved"), BOTH[:1],
     [(0, "entry 1 ends before it starts")]),
    ("it ends at the end of all", ZERO + entry(1, 0x100000, (1 << 64) - 1, "Reserved"), BOTH[:1],
     [(0, "entry 1 ends before it starts")]),
    ("more than Linux has room for", ZERO + [ONE[0].replace("/1/", "/4096/")], BOTH[:1], [(4, "no map has so many entries")]),
    ("what has no colon", ZERO + ["/sys/firmware/memmap/1/start 0x100000"], BOTH[:1], []),
    ("another file", ZERO + ["/sys/firmware/memmap/1/name:x"], BOTH[:1], []),
    ("a number in another folder", ZERO + ["/x1/start:0x100000"], BOTH[:1], []),
    ("as head prints them", [line for row in ZERO for line in (f"==> {row.split(':')[0]} <==", row.split(":", 1)[1], "")],
     BOTH[:1], []),
    ("of which one is empty", [line for row in ZERO for line in (f"==> {row.split(':')[0]} <==", row.split(":", 1)[1])] + [
        "==> /sys/firmware/memmap/1/end <==", ""], BOTH[:1], [(8, "this entry cannot be read")]),
    ("of which one has no line", [line for row in ZERO for line in (f"==> {row.split(':')[0]} <==", row.split(":", 1)[1])] + [
        "==> /sys/firmware/memmap/1/end <=="], BOTH[:1], [(7, "this entry cannot be read")]),
    ("numbers in capitals", [line.replace("0x", "0X") for line in ZERO], BOTH[:1], []),
    ("a loop", ["0 0x0 0x9ffff System RAM", "1 0x100000 0x1fffff Reserved"], BOTH, []),
    ("a loop, one number short", ["0 0x0 0x9ffff System RAM", "1 0x100000 Reserved"], BOTH[:1], []),
)


@pytest.mark.parametrize("rule, lines, ranges, faults", SYSFS, ids=[row[0] for row in SYSFS])
def test_sysfs(read, rule, lines, ranges, faults):
    got = read(lines)
    assert faults_of(got) == faults and e820_of(got) == ranges, rule
    assert got["boot"]["boots"] == 1


NAMES = {"System RAM": 1, "Reserved": 2, "ACPI Tables": 3, "ACPI Non-volatile Storage": 4, "Unusable memory": 5,
         "Persistent Memory": 7, "Persistent Memory (legacy)": 12, "Soft Reserved": SOFT, "Unknown E820 type": 20}


@pytest.mark.parametrize("name", NAMES)
def test_each_name_of_a_type(read, name):
    """In sysfs, and in /proc/iomem."""
    for line in (f"0 0x0 0x9ffff {name}", f"00000000-0009ffff : {name}"):
        assert e820_of(read([line])) == [(0, 0xA0000, NAMES[name])]


@pytest.mark.parametrize("lines", (ZERO + ONE + ZERO, ZERO + ZERO[1:2], ["0 0x0 0x9ffff System RAM"] * 2))
def test_lists_of_sysfs(read, lines):
    """What says the same of an entry once more is of the next one."""
    assert read(lines)["boot"]["boots"] == 2

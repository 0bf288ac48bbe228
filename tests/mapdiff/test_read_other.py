"""Captures, and what UEFI Shell and GRUB print, in all their spellings, framed and damaged."""

import pytest

import formats_other as formats

WB = 0xf
MAP = [
    (3, WB, 0x0, 0x1000),
    (7, WB, 0x1000, 0xa0000),
    (7, WB, 0x100000, 0x1000000),
    (4, WB, 0x1000000, 0x1400000),
    (1, WB, 0x1400000, 0x1500000),
    (2, WB, 0x1500000, 0x1501000),
    (9, WB, 0x1501000, 0x1511000),
    (10, WB, 0x1511000, 0x1600000),
    (5, WB | formats.RUNTIME, 0x1600000, 0x1640000),
    (6, WB | formats.RUNTIME, 0x1640000, 0x1680000),
    (8, WB, 0x1680000, 0x1681000),
    (13, WB, 0x1681000, 0x1682000),
    (14, WB | 0x8000, 0x100000000, 0x140000000),
    (0, 0, 0x1682000, 0x1700000),
    (11, 0x800000000000100d, 0xe0000000, 0xf0000000),
    (12, formats.RUNTIME | 1, 0xfec00000, 0xfec01000),
    (0, 0, 0x0, 0x0),
]
OEM = (0x70000001, WB, 0x2000000, 0x2010000)
UNACCEPTED = (15, WB, 0x140000000, 0x180000000)


def rows(report_of):
    return [(row["type"], int(row["attribute"], 16), int(row["start"], 16), int(row["end"], 16))
            for row in report_of["uefi"]]


def reads(report, text, want):
    """@text is read as the map @want."""
    data = text if isinstance(text, bytes) else text.encode()
    assert rows(report("translate", "-", stdin=data)) == want


def fails(mapdiff, text, line, words):
    """@text is damaged: the message names the line and says what is there."""
    data = text if isinstance(text, bytes) else text.encode()
    status, _, err = mapdiff("translate", "-", stdin=data)
    assert status == 2
    assert words in err
    if line:
        assert f":{line}: " in err


# --- UEFI Shell ---

SHELL = formats.shell(MAP + [OEM, UNACCEPTED])
BARE = formats.shell(MAP, totals=False)


@pytest.mark.parametrize("text, want", [
    pytest.param(SHELL, MAP + [OEM, UNACCEPTED], id="edk2, all types, totals"),
    pytest.param(BARE, MAP, id="no totals"),
    pytest.param(formats.shell(MAP[:12] + MAP[13:], formats.OLD_SHELL, False), MAP[:12] + MAP[13:], id="EFI Shell"),
    pytest.param(BARE.split("\r\n", 1)[1], MAP, id="no header"),
    pytest.param(BARE.replace("\r\n", "\n"), MAP, id="LF"),
    pytest.param(BARE.replace("-", " - ").replace("F ", "F   "), MAP, id="more blanks"),
    pytest.param("".join("  > " + row + "  \n" for row in BARE.splitlines()), MAP, id="quoted in a mail"),
    pytest.param("".join("    " + row + "\n" for row in SHELL.splitlines()), MAP + [OEM, UNACCEPTED], id="indented"),
    pytest.param(SHELL.encode("utf-16"), MAP + [OEM, UNACCEPTED], id="UTF-16, as the Shell writes files"),
    pytest.param("FS0:\\> memmap\r\n" + SHELL + "FS0:\\> \r\n", MAP + [OEM, UNACCEPTED], id="between prompts"),
    pytest.param("".join("\x1b[1;37;40m" + row + "\x1b[0m\n" for row in BARE.splitlines()), MAP, id="colours"),
    pytest.param(BARE.replace("ACPI_NVS", "Press ENTER to continue or 'Q' break:\r          \rACPI_NVS"), MAP,
                 id="a question for a key, written over"),
    pytest.param(BARE.replace("\r\nACPI_NVS", "\r\nPress ENTER to continue or 'Q' break:\r\nACPI_NVS"), MAP,
                 id="a question for a key, left"),
    pytest.param(formats.shell(MAP + [UNACCEPTED]).replace("  Unaccepted:", "  something :")
                 .replace("PalCode   :              1 ", "PalCode   :        262,145 "), MAP + [UNACCEPTED],
                 id="unaccepted memory counted as PalCode"),
    pytest.param("[code]" + BARE.strip() + "[/code]\n", MAP, id="BBCode"),
    pytest.param("[quote=joe][code=text]" + BARE.split("\r\n", 1)[1].strip() + "[/code][/quote]", MAP, id="BBCode, no header"),
    pytest.param("<pre>" + BARE.strip() + "</pre>", MAP, id="HTML"),
    pytest.param("<br>".join(BARE.splitlines()), MAP, id="HTML, one line"),
    pytest.param("".join(f"| {row} |\n" for row in BARE.splitlines()), MAP, id="a table of Markdown"),
    pytest.param("".join(f"[10:25:43.{i:03}] {row}\n" for i, row in enumerate(BARE.splitlines())), MAP, id="tio"),
    pytest.param("".join(f"[2026-11-22 10:25:43] {row}\n" for row in BARE.splitlines()), MAP, id="minicom"),
    pytest.param(BARE.replace("ACPI_NVS", "Press ENTER to continue or 'Q' break:        ACPI_NVS"), MAP,
                 id="a question for a key, wiped out with blanks"),
    pytest.param("Available memory is below.\n" + BARE + "Reserved ranges are not RAM.\n", MAP, id="prose around"),
])
def test_a_shell_table_is_read_row_by_row(report, text, want):
    reads(report, text, want)


@pytest.mark.parametrize("text, line, words", [
    pytest.param(SHELL.replace("BS_Data    0000000001000000-00000000013FFFFF 0000000000000400 000000000000000F\r\n", ""),
                 25, "rows are missing: the total has 1024 pages of BootServicesData, the rows above it have 0",
                 id="a row that scrolled away"),
    pytest.param(BARE.replace("00013FFFFF", "00013FFFFE"), 5, "do not agree: BS_Data    0000000001000000-", id="a digit"),
    pytest.param(BARE.replace("LoaderCode", "L0aderCode"), 6, "type of this row is not known: L0aderCode", id="a name"),
    pytest.param(BARE.replace("0000000001400000-", "000000000l400000-"), 6, "this row cannot be read", id="an l for a 1"),
    pytest.param(BARE.replace("0000000000000100 000000000000000F", "0000000000000100 00000000000000OF"), 6,
                 "the attributes of this row cannot be read", id="an O in the attributes"),
    pytest.param(BARE.replace("LoaderCode ", "some words LoaderCode "), 6, "this row cannot be read: some words", id="words"),
    pytest.param(BARE[:BARE.index("ACPI_NVS") + 25], 9, "this row cannot be read: ACPI_NVS   00000000", id="cut off"),
])
def test_a_damaged_shell_table_is_not_taken_for_whole(mapdiff, text, line, words):
    fails(mapdiff, text, line, words)


def test_each_map_of_a_shell_session_is_a_boot(report, tmp_path):
    log = tmp_path / "session.log"
    log.write_text(formats.shell(MAP) + "FS0:\\> memmap\n" + formats.shell(MAP[:4]), newline="")
    assert rows(report("translate", f"{log}@1")) == MAP
    assert rows(report("translate", f"{log}@2")) == MAP[:4]


SFO = formats.shell_sfo(MAP + [UNACCEPTED])


@pytest.mark.parametrize("text", [
    pytest.param(SFO, id="edk2"),
    pytest.param(SFO.encode("utf-16"), id="UTF-16"),
    pytest.param(SFO.split("\r\n", 1)[1], id="no header"),
    pytest.param(SFO[:SFO.index("MemoryMapSummary")], id="no summary"),
    pytest.param(SFO.replace("BootService", "BootServices"), id="names of the specification"),
    pytest.param(SFO.replace(',"', ', "'), id="blanks"),
])
def test_standard_format_output_is_read(report, text):
    reads(report, text, MAP + [UNACCEPTED])


@pytest.mark.parametrize("text, line, words", [
    pytest.param(SFO.replace('"13FFFFF"', '"13FFFFE"'), 5, "do not agree", id="a digit"),
    pytest.param(SFO.replace('"LoaderCode"', '"Loader"'), 6, "the type of this row is not known", id="a name"),
    pytest.param(SFO.replace('"13FFFFF","400"', '"13FFFFF","4'), 5, "this row cannot be read", id="a field"),
    pytest.param("\r\n".join(SFO.split("\r\n")[:4] + SFO.split("\r\n")[5:]), 19, "rows are missing", id="a row"),
])
def test_damaged_standard_format_output_is_named(mapdiff, text, line, words):
    fails(mapdiff, text, line, words)


# --- GRUB ---

LSEFIMMAP = formats.lsefimmap(MAP + [OEM, UNACCEPTED])


@pytest.mark.parametrize("text", [
    pytest.param(LSEFIMMAP, id="GRUB 2"),
    pytest.param("grub> lsefimmap\r\n" + LSEFIMMAP.replace("\n", "\r\n") + "grub> ", id="on a serial line"),
    pytest.param(LSEFIMMAP.split("\n", 1)[1], id="no header"),
    pytest.param("".join("> > " + row + "\n" for row in LSEFIMMAP.splitlines()), id="quoted"),
    pytest.param(LSEFIMMAP.replace("ACPI-rec", "--MORE--\r        \rACPI-rec"), id="a pager's question, written over"),
    pytest.param(LSEFIMMAP.replace("ACPI-rec", "\x1b[24;1H--MORE--\x1b[24;1H        \x1b[24;1HACPI-rec"),
                 id="a pager's question on a terminal"),
])
def test_lsefimmap_is_read(report, text):
    reads(report, text, MAP + [OEM, UNACCEPTED])


@pytest.mark.parametrize("text, line, words", [
    pytest.param(LSEFIMMAP.replace("UC WC WT WB", "UC WC VT WB", 1), 2, "the attributes of this row cannot be read",
                 id="an attribute"),
    pytest.param(LSEFIMMAP.replace("00000400 ", "00000401 "), 5, "do not agree", id="the pages"),
    pytest.param(LSEFIMMAP.replace("ldr-code", "ldr-cod3"), 6, "the type of this row is not known", id="a name"),
])
def test_damaged_lsefimmap_is_named(mapdiff, text, line, words):
    fails(mapdiff, text, line, words)


E820 = [(0x0, 0x9f000, 1), (0x9f000, 0xa0000, 2), (0x100000, 0x1000000, 1), (0x1000000, 0x1010000, 3),
        (0x1010000, 0x1020000, 4), (0x1020000, 0x1030000, 5), (0x1030000, 0x1040000, 7), (0x1040000, 0x1050000, 12),
        (0x1050000, 0x1060000, 16), (0x1060000, 0x1070000, 20), (0x1070000, 0x1080000, 0x66)]


def e820_rows(report_of):
    return [(int(row["start"], 16), int(row["end"], 16), row["type"]) for row in report_of["e820"]]


@pytest.mark.parametrize("text, want", [
    pytest.param(formats.lsmmap(E820), E820, id="GRUB 2"),
    pytest.param("grub> lsmmap\r\n" + formats.lsmmap(E820).replace("\n", "\r\n"), E820, id="on a serial line"),
    pytest.param("[code]" + formats.lsmmap(E820).strip() + "[/code]", E820, id="BBCode"),
    pytest.param("".join(f"[10:25:43.123] {row}\n" for row in formats.lsmmap(E820).splitlines()), E820, id="tio"),
    pytest.param("base_addr = 0x0, length = 0x9f000, available\nbase_addr = 0x9f000, length = 0x1000, firmware code\n"
                 "base_addr = 0xa0000, length = 0x60000, hole\n", [(0, 0x9f000, 1), (0x9f000, 0xa0000, 20)], id="GRUB 1.9x"),
    pytest.param(formats.lsmmap(E820[::-1]), E820, id="in the firmware's order"),
])
def test_lsmmap_is_read(report, text, want):
    assert e820_rows(report("show", "-", stdin=text.encode())) == want


def test_each_lsmmap_is_a_boot(report, tmp_path):
    log = tmp_path / "session.log"
    log.write_text(formats.lsmmap(E820) + "\n" + formats.lsmmap(E820[:3]))
    assert e820_rows(report("show", f"{log}@1")) == E820
    assert e820_rows(report("show", log)) == E820[:3]


@pytest.mark.parametrize("text, line, words", [
    pytest.param(formats.lsmmap(E820).replace("faulty", "fault"), 6, "the type of this range is not known", id="a name"),
    pytest.param(formats.lsmmap(E820).replace("0x9f000, length", "0x9g000, length"), 2, "this range cannot be read",
                 id="an address"),
    pytest.param("base_addr = 0x1000, length = 0xffffffffffffffff, available RAM\n" + formats.lsmmap(E820), 1,
                 "ends past 2^64", id="a length"),
])
def test_damaged_lsmmap_is_named(mapdiff, text, line, words):
    fails(mapdiff, text, line, words)


# --- captures ---

FACTS = ["program bootmem 1.0 x64", "taken planned", "system-vendor QEMU", "system-product Standard PC",
         "bios-vendor EDK II", "bios-date 02/02/2022", "something new", "keep-boot-services"]
CAPTURE = formats.capture(*FACTS, uefi=MAP + [OEM], e820=E820)


def prefixed(text, prefix):
    return "".join(prefix + line + "\n" for line in text.splitlines())


@pytest.mark.parametrize("text", [
    pytest.param(CAPTURE, id="alone"),
    pytest.param(CAPTURE.replace("\n", "\r\n"), id="CRLF"),
    pytest.param("BdsDxe: loading Boot0001\n" + CAPTURE + "[    0.000000] Linux\n", id="in a serial log"),
    pytest.param("bootmem: check block ok version 1.1\r\n" + CAPTURE + "bootmem: check entry ok 46 values as promised\r\n"
                 "bootmem: check limits ", id="in a serial log that ends in a check"),
    pytest.param(prefixed(CAPTURE, "> "), id="quoted in a mail"),
    pytest.param("".join(f"{line:120}\n" for line in CAPTURE.splitlines()), id="padded by a terminal"),
    pytest.param("[code]" + CAPTURE.strip() + "[/code]", id="BBCode"),
    pytest.param("<pre>" + CAPTURE.strip() + "</pre>", id="HTML"),
    pytest.param(prefixed(CAPTURE, "[2026-11-22 10:25:43] "), id="with time stamps"),
    pytest.param(prefixed(CAPTURE, "    ").replace("    \n", "\n"), id="indented"),
    pytest.param(formats.capture("# a remark", "", *FACTS, uefi=MAP + [OEM], e820=E820), id="remarks"),
])
def test_a_capture_is_read_wherever_it_stands(report, text):
    read = report("show", "-", stdin=text.encode())
    assert rows(read) == MAP + [OEM]
    assert e820_rows(read) == E820


@pytest.mark.parametrize("text, line, words", [
    pytest.param(CAPTURE.replace("0x0000000000100000", "0x0000000000200000", 1), 39,
                 "the checksum says 0x", id="edited"),
    pytest.param(CAPTURE[:CAPTURE.rindex("checksum")], 0, "no checksum: its end is missing", id="cut off"),
    pytest.param(CAPTURE.replace("0x0000000000100000 0x", "0x00000000001O0000 0x", 1), 12,
                 "this line cannot be read: uefi 0x00000000001O0000", id="a damaged address"),
    pytest.param(CAPTURE.replace("e820 0x", "[    0.1] tsc: 5\ne820 0x", 1), 28,
                 "this is no line of a capture: [    0.1] tsc: 5", id="another line in it"),
    pytest.param(formats.capture(uefi=MAP, version=2), 1, "captures of format 2 are not known", id="a newer format"),
    pytest.param(formats.capture("free vax 0x1 0x2", uefi=MAP), 2, "this is no line of a capture", id="a target"),
    pytest.param(formats.capture("acpi-identity BOCHS", uefi=MAP), 2, "this is no line", id="an identity of nothing"),
    pytest.param(formats.capture("stub 0x2000 0x1000 log", uefi=MAP), 2, "this is no line", id="a span that ends early"),
])
def test_a_damaged_capture_is_named(mapdiff, text, line, words):
    fails(mapdiff, text, line, words)


def test_captures_of_several_boots_stand_in_one_log(report, mapdiff, tmp_path):
    log = tmp_path / "serial.log"
    second = formats.capture("program bootmem 1.0 x64", uefi=MAP[:5])
    log.write_text("noise\n" + CAPTURE + "noise\n" + CAPTURE[:500] + "\n" + second)
    assert rows(report("translate", f"{log}@1")) == MAP + [OEM]
    assert rows(report("translate", f"{log}@3")) == MAP[:5]
    status, _, err = mapdiff("translate", f"{log}@2")
    assert status == 2 and "its end is missing" in err


def test_captures_and_boots_of_linux_stand_in_one_log(report, tmp_path):
    log = tmp_path / "serial.log"
    linux = "[    0.000000] Linux version 6.{}\n[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x{:016x}] usable\n"
    log.write_text(linux.format(1, 0x9efff) + CAPTURE + linux.format(2, 0x9dfff) + CAPTURE + "noise\n")
    got = [report("show", f"{log}@{n}") for n in (1, 2, 3, 4)]
    assert [one["boot"]["source"] for one in got] == ["Linux log", "capture", "Linux log", "capture"]
    assert e820_rows(got[0]) == [(0, 0x9f000, 1)]
    assert e820_rows(got[1]) == e820_rows(got[3]) == E820
    assert e820_rows(got[2]) == [(0, 0x9e000, 1)]


def test_what_looks_like_markup_in_a_capture_is_text(report):
    label = "<b>docked</b> &amp; [b]on battery[/b]"
    text = formats.capture(f"label {label}", uefi=MAP)
    assert report("show", "-", stdin=text.encode())["boot"]["facts"]["label"] == label


def test_facts_of_captures_get_their_common_names(report):
    facts = report("show", "-", stdin=CAPTURE.encode())["boot"]["facts"]
    assert facts["machine"] == "QEMU Standard PC"
    assert facts["bios"] == "EDK II 02/02/2022"


# --- all of them ---

JUNK = [b"\0", b"\xff" * 40, b"9" * 40, b"\r", b"\x1b[", b"f" * 17, b"\n", b"-", b'"']


@pytest.mark.parametrize("text", [CAPTURE, SHELL, SFO, LSEFIMMAP, formats.lsmmap(E820)],
                         ids=["capture", "shell", "sfo", "lsefimmap", "lsmmap"])
def test_hostile_input_is_survived(mapdiff, text):
    data = text.encode()
    for i, at in enumerate(range(0, len(data), len(data) // 20)):
        status, _, _ = mapdiff("lint", "--damaged", "-", stdin=data[:at] + JUNK[i % len(JUNK)] + data[at + 1:])
        assert status in (0, 1, 2)

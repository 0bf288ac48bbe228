"""What is no map is called what it is, and where a map is to be had."""

import pytest

from formats import FRAMES, framed, text

HEADLESS = ["pid_max: default: 32768 minimum: 301", "pci_bus 0000:00: root bus resource [mem 0x000a0000-0x000bffff window]",
            "e820: reserve RAM buffer [mem 0x0009fc00-0x0009ffff]"]
ROWS = (
    # the rule, the file; what is said of it
    ("nothing", b"", ("it is empty", "sudo dmesg", "sudo journalctl -k -b")),
    ("a log without its head", text(f"[    0.034324] {line}" for line in HEADLESS),
     ("a Linux log without its beginning", "sudo dmesg", "journalctl -k -b", "/sys/firmware/memmap")),
    ("one of a logger", text(f"May  4 12:22:28 host kernel: {line}" for line in HEADLESS), ("a Linux log without its beginning",)),
    ("one that a mail quotes", text(f"> > [    0.034324] {line}" for line in HEADLESS), ("a Linux log without its beginning",)),
    ("with a head, but no map", text(["Linux version 6.1.0 (x) #1", *HEADLESS]), ("no BIOS-e820 line", "/sys/firmware/memmap")),
    ("of an arm64 kernel", text(["Linux version 5.10.0-8-arm64 (x) #1", *HEADLESS]), ("an arm64 kernel", "efi=debug")),
    ("of an arm64 kernel, too", text(["Linux version 5.14.0.aarch64 (x) #1", *HEADLESS]), ("an arm64 kernel", "efi=debug")),
    ("journalctl has nothing", b"-- No entries --\n", ("found no entries", "sudo journalctl -k -b", "adm")),
    ("nor has it a head line", b"-- Logs begin at Mon 2024-05-06, end at Tue. --\n-- No entries --\n", ("found no entries",)),
    ("journalctl may read nothing", b"No journal files were opened due to insufficient permissions.\n", ("sudo journalctl",)),
    ("journalctl shows what is the user's",
     b"Hint: You are currently not seeing messages from other users and the system.\n", ("sudo journalctl",)),
    ("there is no earlier boot", b"Specifying boot ID or boot offset has no effect, no persistent journal was found.\n",
     ("Storage=persistent",)),
    ("dmesg may not", b"dmesg: read kernel buffer failed: Operation not permitted\n", ("sudo dmesg",)),
    ("cat may not", b"cat: /sys/firmware/memmap/0/end: Permission denied\n", ("sudo",)),
    ("words", b"hello\n", ("no memory map found",)),
)


@pytest.mark.parametrize("rule, content, said", ROWS, ids=[row[0] for row in ROWS])
def test_what_is_no_map(mapdiff, tmp_path, rule, content, said):
    status, out, err = mapdiff("show", "-", stdin=content)
    assert (status, out) == (2, ""), rule
    assert all(words in err for words in said), err
    (tmp_path / "a").write_bytes(content)
    assert mapdiff("diff", tmp_path / "a", tmp_path / "a")[0] == 2


@pytest.mark.parametrize("before", [frame for frame in FRAMES if "kernel" in frame])
def test_a_log_of_any_logger_without_its_head(mapdiff, before):
    assert "a Linux log without its beginning" in mapdiff("show", "-", stdin=framed(before)(HEADLESS))[2]


RAM = "BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable"
HINT = "with efi=debug to see owners"
HINTS = (
    # the rule, lines of a log, whether the hint is given
    ("an excerpt", [RAM], True),
    ("a log of a machine with UEFI", [RAM, "efi: EFI v2.70 by EDK II", "ACPI: RSDP 0x000000001ECBC014 000024 (v02 BOCHS )"], True),
    ("a log of one without", [RAM, "ACPI: RSDP 0x00000000000F59D0 000014 (v00 BOCHS )"], False),
    ("a log that has the map", [RAM, "efi: mem00: [Boot Code   |   |WB|WT|WC|UC] range=[0x0000000000000000-0x0000000000000fff] (0MB)"],
     False),
)


@pytest.mark.parametrize("rule, lines, is_given", HINTS, ids=[row[0] for row in HINTS])
def test_how_owners_are_seen(mapdiff, tmp_path, rule, lines, is_given):
    assert (HINT in mapdiff("show", "-", stdin=text(lines))[1]) == is_given, rule
    for name, end in (("a", "9ffff"), ("b", "9efff")):
        (tmp_path / name).write_bytes(text(lines).replace(b"9ffff", end.encode()))
    assert (HINT in mapdiff("diff", tmp_path / "a", tmp_path / "b")[1]) == is_given, rule


@pytest.mark.parametrize("word, meant", (("shwo", "show"), ("sho", "show"), ("shows", "show"), ("xhow", "show"), ("lnit", "lint"),
                                         ("dif", "diff"), ("seires", "series"), ("cnvert", "convert"), ("explian", "explain"),
                                         ("chek", "check"), ("translat", "translate"), ("foo", None), ("x", None),
                                         ("woh", None)))
def test_a_slip_of_a_command(mapdiff, word, meant):
    for operands in ((word,), (word, "boot.log"), (word, "a.log", "b.log")):
        status, out, err = mapdiff(*operands)
        assert (status, out) == (2, "")
        assert ("did you mean" in err) == (meant is not None), err
        assert meant is None or f"`{word}': did you mean `{meant}'?" in err


def test_a_file_with_such_a_name_is_a_file(mapdiff, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shwo").write_bytes(text([RAM]))
    assert mapdiff("shwo", "shwo")[0] == 0

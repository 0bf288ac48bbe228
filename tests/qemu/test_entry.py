"""Check `entry': the state of the CPU that PROTOCOL.md §2 promises, and what the stub kernel says when a row
of it is not so. And the checks themselves: one that hangs is named, one that has nothing to look at, too."""

import re
import time

import pytest

import elves
import machine
import screen_text
from test_boot import CHECKS, OWN_WIDTH, Row, boot, for_each, rows

PATIENCE_SECONDS = 200

# What code that spoils it could not come back from: check `block' finds no block; nothing runs with A20
# closed; a CPU does not leave long mode; and a stack that does not begin at 0 has nothing at its end.
CANNOT_BE_SPOILT = {"ia32": {"EBX", "A20"}, "amd64": {"RDI", "A20", "EFER"}}
BITS = {"ia32": "IA32", "amd64": "AMD64"}


def promised(target):
    """The names of the rows of the stub kernel's table."""
    table = (machine.ROOT / "handoff/stub/state.c").read_text()
    return {name for name, bits in re.findall(r'^\t\{ "([^"]+)",\s+(\w+),', table, re.MULTILINE)
            if bits in ("BOTH", BITS[target])}


@rows(for_each(OWN_WIDTH, "each row is spoilt, and named", kernel="spoilt", memory="64M",
               conf="capture = no\n"))
def test_each_row_is_seen_to_fail(row, tmp_path):
    seen = boot(row, tmp_path)
    assert seen.verdict == "PASS", f"{seen.complaint}\n{seen.text}"
    lines = re.findall(r"^spoilt: (.+?): (ok|FAIL) (.*)$", seen.text, re.MULTILINE)
    assert lines and lines[0][:2] == ("nothing", "ok"), seen.text
    for name, result, text in lines[1:]:
        assert result == "FAIL" and re.match(rf"{name}[:,] ", text), f"{name}: {result} {text}"
    assert {name for name, _, _ in lines[1:]} == promised(row.target) - CANNOT_BE_SPOILT[row.target]


# ---------------------------------------------------------------------------------------------
# The loader, with an instruction of its pad (handoff/launch/pad.S) as another one: what it was to do is left as
# the firmware or the pad had it. All that follows is as it is.

UNMADE = [
    ("IDTR", "its limit: 0x0, and 0x[7f]ff", "lidt LAUNCH_IDTR(%ebx)", b"\x0f\x01\x5b\x40", b"\x0f\x1f\x40\x00"),
    ("GDTR", "its base: ", "lgdt LAUNCH_GDTR(%ebx)", b"\x0f\x01\x53\x30", b"\x0f\x1f\x40\x00"),
    ("DR7", "0x401, and 0x400", "movl $DR7_NONE, %eax; movl %eax, %dr7", b"\xb8\x00\x04\x00\x00\x0f\x23",
     b"\xb8\x01\x04\x00\x00\x0f\x23"),
    ("ESI", "0x[0-9a-f]+, and 0x0", "xorl %esi, %esi", b"\x31\xf6\x31\xff\x31\xed\x6a",
     b"\x66\x90\x31\xff\x31\xed\x6a"),
    ("RSI", "0x[0-9a-f]+, and 0x0", "xorl %esi, %esi", b"\x31\xf6\x31\xed\x45", b"\x66\x90\x31\xed\x45"),
    ("x87", "F[CS]W: 0x[0-9a-f]+, and 0x(?:0|37f) ", "fninit", b"\xdb\xe3\xf7", b"\xd9\xf6\xf7"),  # fdecstp
]
UNMADE_ON = [(*pair, *unmade) for pair in OWN_WIDTH for unmade in UNMADE
             if unmade[0] in promised(pair[1])]


@pytest.mark.parametrize("firmware, target, name, says, _what, old, new", UNMADE_ON,
                         ids=[f"{row[4]} {row[1]}".replace(" ", "-") for row in UNMADE_ON])
def test_what_the_loader_leaves_undone_is_named(firmware, target, name, says, _what, old, new, tmp_path):
    loader = machine.loader(firmware).read_bytes()
    assert 1 <= loader.count(old) <= 2, "pad.S has it once for each target"
    row = Row("an instruction less", firmware, target, memory="64M", conf="capture = no\n",
              files={machine.removable(firmware): loader.replace(old, new)})
    seen = boot(row, tmp_path)
    assert seen.status == 1 and seen.checks["entry"] == "FAIL", seen.text
    assert re.match(f"FAIL entry: {name}[:,] {says}", seen.verdict), seen.text


# ---------------------------------------------------------------------------------------------

def boot_until_it_hangs(row, directory, check):
    """In that check; and the screen when it says so."""
    screen_file = directory / "screen.ppm"
    screens = []

    def look(control):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            control.screenshot(screen_file)
            screens.append(screen_text.Screen.of_file(screen_file))
            if re.search(rf"now +{check}\b", screens[-1].text):
                break
        control.quit()

    seen = boot(row, directory, at_start=(f"bootmem: check {check} ", look),
                options=("--no-debug-exit", "--timeout", str(2 * PATIENCE_SECONDS)))
    assert seen.verdict is None
    assert seen.text.splitlines()[-1] == f"bootmem: check {check} ", seen.text
    assert seen.debugcon.decode().splitlines()[-1] == f"bootmem: check {check} "
    assert re.search(rf"now +{check}\b", screens[-1].text), screens[-1].text
    return seen, screens[-1]


@pytest.mark.parametrize("firmware, target, check", [
    (*OWN_WIDTH[0], "smbios"), (*OWN_WIDTH[1], "limits"), ("x64", "ia32", "entry"), ("ia32", "amd64", "acpi")])
def test_a_check_that_hangs_is_named(firmware, target, check, tmp_path):
    row = Row("a check hangs", firmware, target, memory="64M", conf="capture = no\n",
              change=elves.hanging_in(f"check_{check}"))
    seen, _screen = boot_until_it_hangs(row, tmp_path, check)
    assert list(seen.checks) == CHECKS[:CHECKS.index(check)]


@pytest.mark.parametrize("text, complaint", [
    ("bootmem: check acpi ok 11 as recorded", None),
    ("bootmem: check others n/a no checksum was recorded", None),
    ("bootmem: check acpi n/a no checksum was recorded", "check acpi: n/a"),
    ("bootmem: check runtime n/a GetTime: status 0x3", "check runtime: n/a"),
    ("bootmem: check entry n/a", "check entry: n/a"),
    ("bootmem: check acpi FAIL", "check acpi: FAIL"),
])
def test_a_check_that_had_nothing_to_look_at_is_no_pass(text, complaint):
    """The verdict is PASS, as nothing is wrong; a row of these tests wants more, but where it names the check."""
    seen = machine.Boot(status=0, complaint="", debugcon=b"", text=text + (
        "\nbootmem: pages free 1 reserved 1 total 2 (policy safe, target ia32, firmware 32)"
        "\nbootmem: verdict PASS\n"))
    if complaint:
        with pytest.raises(AssertionError, match=complaint):
            machine.assert_pass(seen)
        name = complaint.split()[1].strip(":")
        if "n/a" in complaint:
            machine.assert_pass(seen, {name})
    else:
        machine.assert_pass(seen)

"""What the stub kernel shows: its screens are copied from a machine that stands still, and read back
as text (screen_text.py). What they say of answers and failures of every kind is in
tests/unit/test_proof_view.c; here it is about displays, time and keys.
"""

import dataclasses
import re
import time

import pytest

import screen_text
from test_boot import CHECKS, INITRD, OWN_WIDTH, Row, assert_pass, boot, for_each, rows, wrong

DISPLAYS = [(640, 480), (1280, 800), (1920, 1080), (3840, 2160)]


def of_size(display):
    """For tests/qemu/run: what the display says of itself, which OVMF follows. At 75 Hz, QEMU's
    default, 3840 x 2160 would be more than the fields of an EDID hold."""
    width, height = display
    return ["--", "-global", f"VGA.xres={width}", "-global", f"VGA.yres={height}",
            "-global", "VGA.refresh_rate=50000", "-global", "VGA.vgamem_mb=64"]


def picture(control, directory, pictures):
    """A copy of the screen; it is read when the machine no longer waits for that."""
    pictures.append(directory / f"screen-{len(pictures)}.ppm")
    control.screenshot(pictures[-1])


def press(control, key):
    control.execute("send-key", keys=[{"type": "qcode", "data": key}])


def pictures_at_verdict(directory, pictures, keys=(), patience_seconds=2):
    """For boot(): a picture when the verdict has been said, and after each of the keys."""
    def take(control):
        picture(control, directory, pictures)
        for key in keys:
            time.sleep(patience_seconds)
            press(control, key)
            time.sleep(patience_seconds)
            picture(control, directory, pictures)
        control.quit()
    return take


def read(pictures):
    return [screen_text.Screen.of_file(picture) for picture in pictures]


def assert_whole(screen, display):
    assert (screen.width, screen.height) == display
    assert screen.is_sharp
    assert screen.colours_used <= set(screen_text.COLOURS), screen.colours_used
    assert "..." not in screen.text
    for row in screen.rows:
        assert row.text[:1].isspace() and len(row.text) <= 78, row.text


def assert_has_all_cells(screen, memory_mib):
    """As many cells as there is memory; each free one is proved."""
    cell = re.search(r"1 cell = (\d+) (KiB|MiB)", screen.text)
    cell_kib = int(cell.group(1)) * {"KiB": 1, "MiB": 1024}[cell.group(2)]
    first = next(row for row in screen.rows if " 0 MiB" in row.text)
    last_y = screen.find("free, proved").y
    green = sum(line[11 * 8:75 * 8].count("green")
                for line in screen.dots[first.y:last_y - last_y % 2])
    assert abs(green / (7 * 14) * cell_kib / 1024 - memory_mib) < memory_mib / 5


@pytest.mark.parametrize("display", DISPLAYS, ids="{0[0]}x{0[1]}".format)
def test_a_pass_is_shown_on_displays_of_every_size(display, tmp_path):
    pictures = []
    row = Row("a pass", memory="192M")
    seen = boot(row, tmp_path, pictures_at_verdict(tmp_path, pictures, ("d",)),
                ["--no-debug-exit", *of_size(display)])
    assert_pass(row, seen)
    verdict, checks = read(pictures)
    assert_whole(verdict, display)
    assert verdict.find("PROOF PASS").colours("PASS") == {("background", "green")}
    assert verdict.find("This boot's map is right, page for page.")
    assert verdict.find("MiB filled and read back, nothing else changed.")
    assert verdict.rows[-1].text.strip().startswith("Finished. Switch the computer off.")
    assert_has_all_cells(verdict, 192)
    assert_whole(checks, display)
    for name in CHECKS:
        assert re.search(rf"^  (ok  |n/a ) +{name} +\w", checks.text, re.MULTILINE), checks.text


@pytest.mark.parametrize("display", DISPLAYS[:3], ids="{0[0]}x{0[1]}".format)
@rows([*wrong([("x64", "amd64")], "a page of an ACPI table is free", "acpi-free"),
       *wrong([("ia32", "ia32")], "a usable page is not free", "usable-reserved")])
def test_a_failure_is_shown_with_its_page(row, display, tmp_path):
    pictures = []
    seen = boot(row, tmp_path, pictures_at_verdict(tmp_path, pictures),
                ["--no-debug-exit", *of_size(display)])
    page = seen.find(r"^bootmem: verdict FAIL bitmap: page (0x[0-9a-f]+)").group(1)
    screen, = read(pictures)
    assert_whole(screen, display)
    assert screen.find("PROOF FAIL").colours("FAIL") == {("background", "red")}
    assert screen.find(f"Page {page} is ")
    assert screen.find("That is a fault in bootmem.")
    assert screen.find("Photograph this screen and report it.")
    failed = [glyph for line in screen.rows for glyph in line.glyphs
              if glyph.char == "!" and glyph.on == "red"]
    assert len(failed) == 2, "a cell, and what it means"
    assert screen.find("check 4 of 12, bitmap")


X64, IA32 = [("x64", "amd64")], [("ia32", "ia32")]


def hooked(pairs, rule, *hooks):
    """Firmware that fails: tests/efi/hook.h."""
    return for_each(pairs, rule, plant=tuple(f"hook {hook}" for hook in hooks))


# RAM that is none lies behind that of the machine, where the bitmap has bits. The numbers of failures
# 34 and 40 are those of faults in the stub kernel itself: tests/unit/test_proof_view.c.
FAILURES = {
    31: wrong(IA32, "the kernel is said to be elsewhere", "kernel-elsewhere"),
    32: wrong(X64, "more RAM than there is", "more-ram"),
    33: wrong(IA32, "a page of the runtime services is free", "runtime-free"),
    35: hooked(X64, "RAM that keeps nothing", "exit-adds 7 0xf000000 16"),
    36: wrong(IA32, "an ACPI table changes", "acpi-changed"),
    37: wrong(X64, "the SMBIOS tables change", "smbios-changed"),
    38: wrong(IA32, "the initrd changes", "initrd-changed", files={"/initrd.img": INITRD}),
    39: wrong(X64, "the runtime services change", "runtime-changed"),
    41: hooked(IA32, "the clock fails in the kernel", "get-time-error 9"),
    42: hooked(X64, "the clock is an invalid opcode", "get-time-faults"),
}


@pytest.mark.parametrize("number", FAILURES)
def test_each_failure_is_shown_with_its_number(number, tmp_path):
    row, = FAILURES[number]
    conf = row.conf + "capture = no\n" + ("initrd = \\initrd.img\n" if row.files else "")
    display, pictures = DISPLAYS[number % 2], []
    seen = boot(dataclasses.replace(row, conf=conf), tmp_path, pictures_at_verdict(tmp_path, pictures),
                ["--no-debug-exit", *of_size(display)])
    assert seen.verdict and seen.verdict.startswith("FAIL"), seen.text
    screen, = read(pictures)
    assert_whole(screen, display)
    assert screen.find("PROOF FAIL").colours("FAIL") == {("background", "red")}
    assert f"Failure {number} in README.md." in " ".join(screen.text.split()), screen.text


@rows(for_each(OWN_WIDTH, "the bar moves while memory is filled", memory="1G"))
def test_the_proof_is_shown_while_it_runs(row, tmp_path):
    pictures = []

    def take(control):
        for _ in range(5):
            control.execute("stop")
            picture(control, tmp_path, pictures)
            control.execute("cont")
            time.sleep(0.1)

    seen = boot(row, tmp_path, at_line=("bootmem: check allocator ok", take))
    assert_pass(row, seen)
    # One that was taken while a part of it was drawn is not sharp there.
    screens = [screen for screen in read(pictures) if screen.is_sharp]
    percents = [re.search(r"pass [12] of 2 +(\d+) %", screen.text) for screen in screens]
    percents = [int(percent.group(1)) for percent in percents if percent]
    assert percents and percents == sorted(percents), [screen.text for screen in screens]
    # Between two checks there is a moment in which none runs: the one before is ok already.
    running = [screen for screen in screens if re.search(r"now +memory", screen.text)]
    assert running, [screen.text for screen in screens]
    screen = running[0]
    assert_whole(screen, (1280, 800))
    for name in CHECKS:
        assert screen.find(name), f"{name} is not named before it begins"
    assert screen.find("now").colours("now") == {("background", "amber")}
    assert screen.find("wait  acpi") and screen.find("ok    bitmap")
    assert screen.find("Only memory is written, never a disk. You may switch off at any time.")


@pytest.mark.parametrize("key, reason", [("p", "guest-shutdown"), ("r", "guest-reset")])
def test_a_key_ends_it(key, reason, tmp_path):
    row = Row("a key", conf="at-end = halt\n")

    def end(control):
        time.sleep(2)
        press(control, key)

    seen = boot(row, tmp_path, end, ["--no-debug-exit"])
    assert_pass(row, seen)
    assert seen.shutdown_reason == reason


def test_what_happens_by_itself_is_announced_and_any_key_stops_it(tmp_path):
    pictures = []
    row = Row("a countdown", conf="at-end = poweroff\n")

    def take(control):
        time.sleep(2)
        pictures_at_verdict(tmp_path, pictures, ("spc",))(control)

    seen = boot(row, tmp_path, take, ["--no-debug-exit"])
    assert_pass(row, seen)
    before, after = read(pictures)
    assert re.search(r"Powers off in \d s\. Any key stops it\.", before.text), before.text
    assert after.find("Finished. Switch the computer off."), after.text


def test_a_machine_without_a_screen_is_proved_as_well(tmp_path):
    row = Row("no screen")
    seen = boot(row, tmp_path, options=["--", "-vga", "none"])
    assert_pass(row, seen)

"""Firmware that fails in the application's hands: plant.efi starts it unchanged, with services of
the firmware's replaced (tests/efi/hook.h)."""

import dataclasses
import hashlib
import re
import time

import pytest

import machine
import screen_text
import test_boot
import test_entry
from live import Live
from test_boot import CROSSED, LINUX, OWN_WIDTH, PAIRS, Row, boot, for_each, rows

NO_SCREEN = r"the kernel will have no screen: "


def hooked(pairs, rule, *hooks, **fields):
    return for_each(pairs, rule, plant=tuple(f"hook {hook}" for hook in hooks), **fields)


def noted(text):
    """In the report, and on the page of the answer, where a sentence begins."""
    return (f"^bootmem: note: {text}", f"^bootmem: Note +{text[0].upper()}{text[1:]}")


def assert_hooked(seen):
    assert seen.find("^plant: 0 of 0 ranges planted"), seen.text
    assert not seen.find("^plant: cannot hook"), seen.text


# ---------------------------------------------------------------------------------------------
# What firmware may do, and the boot goes on.

HARMLESS = [
    *hooked(OWN_WIDTH, "the exit is refused three times", "exit-refused 3",
            says=("exit attempts 4$",)),
    *hooked(OWN_WIDTH, "it is refused once", "exit-refused 1", says=("exit attempts 2$",)),
    *hooked(CROSSED, "it is refused 15 times", "exit-refused 15", says=("exit attempts 16$",)),
    *hooked(CROSSED, "the map grows by 16 descriptors at the exit", "exit-grows 16",
            says=("exit attempts 2$",)),
    *hooked(OWN_WIDTH, "descriptors as the specification has them", "map-stride 40",
            conf="cmdline = stub.capture\n", says=("^uefi-map 40 1$",)),
    *hooked(CROSSED, "descriptors of 56 bytes", "map-stride 56",
            conf="cmdline = stub.capture\n", says=("^uefi-map 56 1$",)),
    *hooked(PAIRS, "descriptors of a page each", "map-stride 4096",
            conf="cmdline = stub.capture\n", says=("^uefi-map 4096 1$",)),
    *hooked(CROSSED, "descriptors of version 2", "map-version 2",
            conf="cmdline = stub.capture\n", says=(r"^uefi-map \d+ 2$",)),
    *hooked(OWN_WIDTH, "a map that grows by 10 descriptors at each call", "map-grows 10"),
    *hooked(CROSSED, "and the exit is refused 15 times", "map-grows 10", "exit-refused 15",
            says=("exit attempts 16$",)),
    *hooked(PAIRS, "a map that grows by 100 descriptors at each call", "map-grows 100"),
    *hooked(OWN_WIDTH, "and the exit is refused, too, 15 times", "map-grows 100", "exit-refused 15",
            says=("exit attempts 16$",)),
    *hooked(CROSSED, "a map that outgrows the plan while it is made", "map-grows 600 4",
            policy=test_boot.LINUX),
    *hooked(OWN_WIDTH, "a map that outgrows the plan before the exit", "map-grows 600 5",
            policy=test_boot.LINUX),
    *hooked(OWN_WIDTH, "address 0 for pages, three times", "pages-zero 3"),
    *hooked(OWN_WIDTH, "NULL for lists of handles", "null-handles",
            says=noted(NO_SCREEN + "there is no graphics output")),
    *hooked(CROSSED, "NULL for the blocks of the volume", "null-protocol block-io"),
    *hooked(CROSSED, "NULL for consoles", "null-protocol text-output", conf="timeout = 1\n"),
    *hooked(OWN_WIDTH, "variables that are not written", "null-variables", conf="remember = yes\n"),
    *hooked(OWN_WIDTH, "no console to read from", "no-con-in", conf="timeout = 1\n"),
    *hooked(CROSSED, "no console for errors", "no-std-err"),
    *hooked(CROSSED, "no path of the image", "no-file-path"),
    *hooked(OWN_WIDTH, "a kernel that comes in small pieces", "file-pieces 4099 .elf"),
    *hooked(CROSSED, "a kernel that has grown since it was opened", "file-grows 100 .elf"),
    *hooked(OWN_WIDTH, "there is no clock", "get-time-error 3", may_be_na=("runtime",),
            says=(r"^bootmem: check runtime n/a GetTime: status 0x8.*3$",)),
    *hooked(OWN_WIDTH, "no graphics output", "gop-none",
            says=noted(NO_SCREEN + "there is no graphics output")),
    *hooked(OWN_WIDTH, "NULL for the graphics output", "null-protocol gop",
            says=noted(NO_SCREEN + "there is no graphics output")),
    *hooked(CROSSED, "a graphics output without a mode", "gop-no-mode",
            says=noted(NO_SCREEN + "the graphics output has no mode")),
    *hooked(CROSSED, "a mode without its description", "gop-no-info",
            says=noted(NO_SCREEN + "the graphics output has no mode")),
    *hooked(CROSSED, "only the firmware can draw", "gop-blt-only",
            says=noted(NO_SCREEN + r"only the firmware draws \(BltOnly\)")),
    *hooked(OWN_WIDTH, "the firmware cannot draw", "gop-blt-error 7", conf="timeout = 1\n",
            says=("^bootmem: 1 FIRST BOOT ",)),
    *hooked(OWN_WIDTH, "lines that are too short", "gop-pitch 10",
            says=noted(NO_SCREEN + "its lines are too short")),
    *hooked(CROSSED, "a framebuffer between pixels", "gop-at 0x80000002",
            says=noted(NO_SCREEN + "it is at no multiple of 4")),
    *hooked([("x64", "ia32"), ("ia32", "ia32")], "a framebuffer above 4 GiB", "gop-at 0x800000000",
            says=noted(NO_SCREEN + "it is above 4 GiB, at 0x800000000")),
    # What is asked for first would fill the kernel's place, and nothing else could be put there.
    *hooked(PAIRS, "pages from the bottom, where the kernel goes", "pages-lowest 16"),
    *hooked([("x64", "ia32"), ("ia32", "ia32")], "the same, and a bitmap behind it", "pages-lowest",
            policy=LINUX),
    *hooked(OWN_WIDTH, "NULL for memory attributes", "null-protocol memory-attribute"),
    *hooked(CROSSED, "NULL for device paths", "null-protocol device-path"),
    *hooked(OWN_WIDTH, "a variable that cannot be written", "set-variable-error 8",
            conf="remember = yes\n",
            says=("^bootmem: note: how far this boot gets cannot be kept .WRITE_PROTECTED.$",)),
]


@rows(HARMLESS)
def test_boots_all_the_same(row, tmp_path):
    seen = boot(row, tmp_path)
    test_boot.assert_pass(row, seen)
    assert_hooked(seen)


@rows(hooked(OWN_WIDTH, "no console to write to", "no-con-out"))
def test_without_a_console_the_kernel_says_all_that_is_said(row, tmp_path):
    seen = boot(row, tmp_path)
    test_boot.assert_pass(row, seen)
    assert_hooked(seen)
    assert seen.find("^plant: .*\n+bootmem: stub kernel"), seen.text


@rows(hooked([("x64", "amd64"), ("x64", "ia32")], "a kernel that is summed up, from the bottom of 64 MiB",
             "pages-lowest", memory="64M", policy=LINUX))
def test_the_copy_of_a_kernel_is_in_nobodys_way(row, tmp_path):
    """Its copy is where it will be moved to, and is given back before the rest is placed."""
    digest = hashlib.sha256(machine.kernel(row.target, row.kernel).read_bytes()).hexdigest()
    row = dataclasses.replace(row, conf=f"kernel-sha256 = {digest}\ninitrd = \\initrd.img\n",
                              files={"/initrd.img": test_boot.INITRD})
    seen = boot(row, tmp_path)
    test_boot.assert_pass(row, seen)
    assert_hooked(seen)
    assert seen.find(f"^bootmem: SHA-256 of the kernel: {digest}$"), seen.text


@rows([*hooked([("x64", "amd64"), ("ia32", "amd64")], "a framebuffer above 4 GiB for AMD64",
               "gop-at 0x800000000"),
       *hooked([("x64", "ia32")], "a framebuffer of 16 MiB", "gop-bytes 0x1000000")])
def test_a_good_screen_is_no_note(row, tmp_path):
    seen = boot(row, tmp_path)
    test_boot.assert_pass(row, seen)
    assert_hooked(seen)
    assert not seen.find("note: the"), seen.text


@rows(hooked(PAIRS, "a framebuffer that is said to be too small", "gop-bytes 4096",
             says=noted("the framebuffer is said to be 0x1000 bytes, and is 0x3e8000")))
def test_a_framebuffer_is_repaired(row, tmp_path):
    """It is reserved so, and the kernel draws on all of it."""
    screen_file = tmp_path / "screen.ppm"

    def look(control):
        control.screenshot(screen_file)
        control.quit()

    seen = boot(row, tmp_path, look, ["--no-debug-exit"])
    test_boot.assert_pass(row, seen)
    test_boot.assert_screen_says_pass(screen_text.Screen.of_file(screen_file))
    span = seen.find(r"^  \+ ([0-9a-f]+)-([0-9a-f]+) framebuffer ")
    assert int(span.group(2), 16) - int(span.group(1), 16) == 0x3e8000, span.group()


# ---------------------------------------------------------------------------------------------
# What cannot be done without.

NEEDED = [
    *hooked(OWN_WIDTH, "NULL for the volume", "null-protocol file-system",
            says=("^bootmem: error: the volume that bootmem came from cannot be opened",)),
    *hooked(OWN_WIDTH, "NULL for the loaded image", "null-protocol loaded-image",
            says=("^bootmem: error: the firmware does not say what it has started",)),
    *hooked(OWN_WIDTH, "no device that the image comes from", "no-device",
            says=("^bootmem: error: the volume that bootmem came from cannot be opened",)),
    *hooked(OWN_WIDTH, "NULL for the root of the volume", "null-root",
            says=("^bootmem: error: the volume that bootmem came from cannot be opened",)),
    *hooked(OWN_WIDTH, "NULL for the configuration", "null-file .conf",
            says=(r"^bootmem: error: \\bootmem.conf cannot be opened .PROTOCOL_ERROR",)),
    *hooked(CROSSED, "NULL for the kernel", "null-file .elf",
            says=(r"^bootmem: error: kernel \S+\.elf: cannot be opened .PROTOCOL_ERROR",)),
    *hooked(CROSSED, "a configuration that has shrunk since it was opened", "file-shrinks 5 .conf",
            says=(r"^bootmem: error: \\bootmem.conf cannot be read .END_OF_FILE",)),
    *hooked(OWN_WIDTH, "a kernel that has shrunk since it was opened", "file-shrinks 800000 .elf",
            says=(r"^bootmem: error: kernel \S+\.elf: cannot be read .END_OF_FILE",)),
    *hooked(OWN_WIDTH, "address 0 for all pages", "pages-zero",
            says=("^bootmem: error: ",)),
]


@rows(NEEDED)
def test_an_error_names_what_is_missing(row, tmp_path):
    seen = boot(row, tmp_path, options=("--", "-vga", "none"))  # nobody watches: nothing waits
    assert seen.verdict is None, seen.text
    test_boot.assert_says(row, seen)
    assert_hooked(seen)
    assert seen.find("^plant: returned error "), seen.text
    assert seen.find("^plant: memory given back ok"), seen.text


@rows(hooked(OWN_WIDTH, "a map that grows by 500 descriptors at each call", "map-grows 500",
             says=(r"^bootmem: error: the firmware's memory map grows faster than can be planned",)))
def test_a_map_that_outgrows_each_plan_is_one_line(row, tmp_path):
    """What it grows by is the hook's, and so is what the firmware needs to note that."""
    seen = boot(row, tmp_path, options=("--", "-vga", "none"))
    assert seen.verdict is None and not seen.find("stub kernel"), seen.text
    test_boot.assert_says(row, seen)
    assert_hooked(seen)
    assert seen.find("^plant: returned error ") and not seen.find("^bootmem: saved "), seen.text


# ---------------------------------------------------------------------------------------------
# The clock, which hangs: it is said before, and what can end the machine does.

@rows(hooked(OWN_WIDTH, "the clock hangs", "get-time-hangs", "watchdog 2",
             conf="remember = yes\n"))
def test_the_watchdog_ends_a_hang_and_the_next_boot_names_it(row, tmp_path):
    variables = tmp_path / "variables.fd"
    hung = boot(row, tmp_path, options=("--keep-vars", variables))
    assert hung.verdict is None and "no verdict before QEMU ended" in hung.complaint, hung.text
    assert_hooked(hung)
    assert hung.text.rstrip().endswith("bootmem: Reading the clock ..."), hung.text

    next_row = Row(row.rule, row.firmware, row.target, conf=row.conf)
    after = boot(next_row, tmp_path, options=("--keep-vars", variables))
    test_boot.assert_pass(next_row, after)
    for pattern in ("^bootmem: the last boot got as far as reading the clock$",
                    *noted("the last boot got as far as reading the clock")):
        assert after.find(pattern), after.text

    well = boot(next_row, tmp_path, options=("--keep-vars", variables))
    test_boot.assert_pass(next_row, well)
    assert well.find("^bootmem: the last boot got as far as leaving the firmware$"), well.text
    assert not well.find("[Nn]ote:? +[Tt]he last boot"), well.text


@rows(hooked(OWN_WIDTH, "the exit hangs", "exit-hangs", "watchdog 2"))
def test_the_watchdog_ends_a_firmware_that_cannot_be_left(row, tmp_path):
    """What was said last names it."""
    seen = boot(row, tmp_path, options=("--no-debug-exit",))
    assert seen.verdict is None and "no verdict before QEMU ended" in seen.complaint, seen.text
    assert_hooked(seen)
    assert seen.text.rstrip().endswith("bootmem: leaving the firmware, entering the kernel"), seen.text


@rows(hooked(OWN_WIDTH, "the clock is an invalid opcode", "get-time-faults",
             conf="capture = no\n"))
def test_a_fault_in_the_clock_is_the_verdict(row, tmp_path):
    seen = boot(row, tmp_path)
    assert_hooked(seen)
    assert seen.find("^bootmem: check runtime $"), seen.text
    assert seen.verdict.startswith("FAIL") and "in check runtime" in seen.verdict, seen.text


@rows(hooked(OWN_WIDTH, "the clock hangs in the kernel", "get-time-hangs",
             conf="capture = no\n"))
def test_a_hang_in_the_kernel_names_itself(row, tmp_path):
    seen, _screen = test_entry.boot_until_it_hangs(row, tmp_path, "runtime")
    assert_hooked(seen)


# ---------------------------------------------------------------------------------------------
# The firmware cannot be left.

def failing(pairs, rule, number, says, detail, *hooks, **fields):
    """Each pair has a screen of another size."""
    words = (f"leaving the firmware failure {number}", says, "The kernel has not been entered.",
             f"Detail {detail}",
             f"To do Photograph this screen. README.md explains failure {number}.",
             "Restarts in 10 seconds.")
    return [(row, size, words) for row, size in
            zip(hooked(pairs, rule, *hooks, **fields), ((640, 480), (1280, 800)))]


# Reserved, ACPI data: UEFI 2.10 section 7.2.3. Half a terabyte needs two pages of tables, and there
# are eight to spare.
FAILING = [
    *failing(OWN_WIDTH, "the exit is refused for ever", 11, "The firmware refused 16 times to be left.",
             "INVALID_PARAMETER, after 16 calls of ExitBootServices()", "exit-refused"),
    *failing(CROSSED, "the exit is refused 20 times", 11, "The firmware refused 16 times to be left.",
             "INVALID_PARAMETER, after 16 calls of ExitBootServices()", "exit-refused 20"),
    *failing(CROSSED, "the exit fails otherwise", 12, "The firmware failed while it was being left.",
             "DEVICE_ERROR, after 1 call of ExitBootServices()", "exit-error 7"),
    *failing(OWN_WIDTH, "the last map has no room", 12, "The firmware failed while it was being left.",
             "BUFFER_TOO_SMALL, after 1 call of ExitBootServices()", "exit-adds 0 0x10000000000 1 1000 1"),
    *failing(OWN_WIDTH, "the last map has no RAM", 13, "The firmware's last memory map cannot be used.",
             "The map has no RAM in it", "exit-adds 0 0 0x10000000000"),
    *failing(CROSSED, "the kernel's first page is no RAM in the last map", 14,
             "A page for the kernel is no RAM any more.", "Not all of it is RAM: 0x100000-0x", "exit-adds 0 0x100000 1"),
    *failing(OWN_WIDTH, "the bitmap's place is no RAM in the last map", 15,
             "The last map leaves no room for the bitmap.",
             "The bitmap would lie where there is no free RAM",
             "exit-adds 0 0x100000 0x700"),
    *failing([("x64", "amd64"), ("ia32", "amd64")], "the last map has ACPI data everywhere", 16,
             "The last map needs more page tables.", "They have ", "exit-adds 9 0x10000000000 1 16 0x8000000"),
]


def words_of(text):
    """One blank between two words, and none of the prefixes of lines."""
    return re.sub(r"\s+", " ", re.sub(r"(?m)^bootmem:", "", text))


@pytest.mark.parametrize("row, size, words", FAILING, ids=[row.id for row, _, _ in FAILING])
def test_an_exit_that_fails_is_shown_and_starts_no_kernel(row, size, words, tmp_path):
    """There is nobody to go back to: after ten seconds, in which it can be read, the machine is
    reset."""
    with Live(tmp_path / "live", test_boot.make_volume(row, tmp_path), *test_boot.options_for(row),
              "--no-debug-exit", "--debugcon", tmp_path / "debugcon", size=size) as live:
        live.wait_for("Restarts in 10 seconds.")
        began = time.monotonic()
        picture = live.last_picture()
        live.ends()
        seconds = time.monotonic() - began
        said, ended_by = live.said, live.ended_by()
    screen = screen_text.Screen.of_file(picture)
    assert "plant: 0 of 0 ranges planted" in said and "plant: cannot hook" not in said, said
    assert "stub kernel" not in said
    said = words_of(said[said.index("entering the kernel"):])
    debugcon = words_of((tmp_path / "debugcon").read_bytes().decode("ascii", "replace"))
    for text in words:
        assert text in said and text in debugcon and text in words_of(screen.text), \
            f"{text}\n{said}\n{screen.text}"
    assert screen.is_sharp and screen.find("NOT STARTED")
    # Ten, by the TSC; where a busy host spoils the measuring of that, by a port, which is faster here.
    assert seconds > 1 and ended_by == "guest-reset"


@rows(hooked(OWN_WIDTH, "the firmware does not reset the machine", "exit-refused",
             "reset-returns", says=("the firmware does not restart the computer: the CPU does",)))
def test_a_firmware_that_cannot_reset_is_not_waited_for(row, tmp_path):
    seen = boot(row, tmp_path, lambda control: None, ["--no-debug-exit"])
    assert_hooked(seen)
    assert seen.verdict is None and not seen.find("stub kernel"), seen.text
    test_boot.assert_says(row, seen)
    assert seen.shutdown_reason == "guest-reset"


# ---------------------------------------------------------------------------------------------
# Pages that are not where they were asked for.

@rows(hooked(PAIRS, "pages above the limit that was given", "pages-above", memory="5G",
             conf="capture = no\ncmdline = stub.memory=64M\n"))
def test_pages_above_the_limit_are_not_used(row, tmp_path):
    """Refused by name before the exit, or made do without: never a kernel that gets them."""
    seen = boot(row, tmp_path, options=("--", "-vga", "none"))
    assert_hooked(seen)
    if seen.verdict is None:
        assert seen.find("^bootmem: error: "), f"{seen.complaint}\n{seen.text}"
        assert seen.find("^plant: memory given back ok"), seen.text
    else:
        test_boot.assert_pass(row, seen)

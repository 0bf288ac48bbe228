"""The screens of the application, as a person sees them: read off pictures of the display."""

import re
import shutil

import pytest

import machine
from live import Live

CONF = "timeout = never\n"
SIZES = [(640, 480), (1280, 800), (1920, 1080), (3840, 2160)]
READY = "bootmem: Switches off in 10:00. Any key keeps it on."
BANDS = {"FIRST BOOT": "blue", "MAP CHANGED": "red", "MAP UNCHANGED": "green", "ERROR": "amber",
         "NOT STARTED": "amber"}


def make_stick(directory, conf=None):
    """The stick that `make usb' makes, with its own configuration or another one."""
    stick = directory / "stick.img"
    shutil.copyfile(machine.built("bootmem-usb.img"), stick)
    if conf:
        file = directory / "conf"
        file.write_text(conf)
        done = machine.mtools("mcopy", machine.partition(stick, 1), "-o", file, "::/bootmem.conf")
        assert done.returncode == 0, done.stderr
    return stick


def read(stick, path):
    return machine.read_file(machine.partition(stick, 1), path).decode("ascii")


def start(directory, image, *options, memory="192M", **more):
    return Live(directory, image, "--usb", "--write", "--memory", memory, *options, **more)


def check_screen(screen, live, answer):
    """Sharp, in the eight colours, the answer in its band; and nothing is seen that was not said."""
    assert screen.is_sharp
    assert not [name for name in screen.colours_used if name.startswith("#")]
    assert screen.find(answer).colours(answer) == {("background", BANDS[answer])}
    said = " ".join(live.said.split())
    for row in screen.rows:
        if row.y > (screen.n_rows - 2) * 16:
            continue  # the keys, which do not stand on columns
        for part in re.split(r"  +", row.text.strip()):
            assert part in said or is_drawn_only(part), f"seen, and not said: {part}\n{live.said}"


def is_drawn_only(part):
    """The program's name; an answer that stands in one row, and is said whole; and the clock, of which the
    first moment alone is said."""
    return part == "bootmem" or part.startswith(tuple(f"{name}:" for name in BANDS)) or re.fullmatch(
        r"(Switches off|Goes on to the next boot entry|Starts the kernel) in .*", part)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_answer_on_every_display(size, tmp_path):
    """First boot, another map, the same map again; on each a capture."""
    image = make_stick(tmp_path)
    for number, (answer, memory, more) in enumerate((
            ("FIRST BOOT", "192M", "Done: this boot is saved as \\bootmem\\captures\\0001.map."),
            ("MAP CHANGED", "256M", "Installed RAM was 192 MiB and is now 256 MiB."),
            ("MAP UNCHANGED", "256M", "as in 1 of 2."))):
        with start(tmp_path / str(number), image, memory=memory, size=size) as live:
            live.wait_for(READY)
            screen = live.screen("Switches off in")
            check_screen(screen, live, answer)
            assert screen.find(more), screen.text
            assert screen.scale == min(size[0] // 640, size[1] // 352)
            if answer == "MAP CHANGED":
                live.press("d", "2")
                details = live.screen("page 1 of").text
                assert re.search(r"runtime services data +\+64 MiB$", details, re.MULTILINE), details
                assert "data+" not in details


@pytest.mark.parametrize("firmware, options", [("ia32", ()), ("x64", ("--ehci",))],
                         ids=["ia32", "ehci"])
def test_other_firmware_and_controllers(firmware, options, tmp_path):
    image = make_stick(tmp_path)
    with start(tmp_path / "run", image, "--firmware", firmware, *options) as live:
        live.wait_for(READY)
        check_screen(live.screen("Switches off in"), live, "FIRST BOOT")


def test_a_display_that_has_the_text_too(tmp_path):
    """U-Boot writes all text on the screen, and scrolls it: the picture comes after the text, always."""
    image = make_stick(tmp_path)
    for number, answer in enumerate(("FIRST BOOT", "MAP UNCHANGED")):
        with start(tmp_path / str(number), image, "--firmware", "uboot-ia32", "--ehci") as live:
            live.wait_for(READY)
            screen = live.screen("Switches off in")
            check_screen(screen, live, answer)
            assert (screen.width, screen.height) == (1024, 768)
            live.press("d", "2")
            screen = live.screen("page 1 of")
            assert screen.is_sharp
            assert not [name for name in screen.colours_used if name.startswith("#")]
            live.press("esc")
            check_screen(live.screen("prove memory"), live, answer)
    assert read(image, "/bootmem/captures/0002.map").startswith("bootmem-capture 1\n")


def test_keys(tmp_path):
    """A label, the details, and then the proof."""
    image = make_stick(tmp_path)
    with start(tmp_path / "run", image) as live:
        live.wait_for(READY)
        live.press("l", "2", "3", "t", "l", "i", "d")
        screen = live.screen("label = undocked, on battery, lid")
        assert screen.find("[x] undocked") and screen.find("[ ] docked")
        live.press("ret")
        live.screen("prove memory")
        live.press("d", "2")
        screen = live.screen("page 1 of")
        assert screen.find("00000100000"), screen.text
        live.press("esc")
        live.screen("prove memory")
        live.press("ret")
        assert live.ends() == 0, live.said
        assert live.said.splitlines()[-1] == "bootmem: verdict PASS"
    assert "\nlabel undocked, on battery, lid\n" in read(image, "/bootmem/captures/0001.map")


def test_a_stick_that_was_taken_out(tmp_path):
    """The boot is saved on it, and the kernel is in memory."""
    image = make_stick(tmp_path)
    with start(tmp_path / "run", image) as live:
        live.wait_for(READY)
        live.take_stick_out()
        live.press("l", "2", "ret")
        screen = live.screen("The label is not saved: the stick is not there.")
        assert screen.find("Done: this boot is saved as \\bootmem\\captures\\0001.map."), screen.text
        live.press("ret")
        assert live.ends() == 0, live.said
    assert "\nlabel" not in read(image, "/bootmem/captures/0001.map")


def test_an_error_waits(tmp_path):
    """And costs no capture."""
    image = make_stick(tmp_path, CONF + "lable = docked\n")
    with start(tmp_path / "run", image) as live:
        live.wait_for("bootmem: Goes on to the next boot entry in 30 s. Any key: wait.")
        screen = live.screen("Goes on to the next boot entry in")
        check_screen(screen, live, "ERROR")
        assert screen.find("Did you mean label?") and screen.find("^^^^^ here")
        assert screen.find("This boot is saved all the same: \\bootmem\\captures\\0001.map")
        live.press("ret")
        check_screen(live.screen("Esc"), live, "FIRST BOOT")
    said = read(image, "/bootmem/last-error.txt")
    assert said.startswith("bootmem: error: \\bootmem.conf:2: lable: ")


def test_a_clock_starts_the_kernel(tmp_path):
    image = make_stick(tmp_path, "timeout = 2\n")
    with start(tmp_path / "run", image) as live:
        live.wait_for("bootmem: Starts the kernel in 2 s. Any key stops.")
        assert live.ends() == 0, live.said


def test_without_a_display_all_is_said(tmp_path):
    image = make_stick(tmp_path)
    with start(tmp_path / "run", image, size=None) as live:
        live.wait_for(READY)
        assert "\nbootmem: 1 FIRST BOOT First capture of this machine. " in live.said
        live.press("ret")
        assert live.ends() == 0, live.said

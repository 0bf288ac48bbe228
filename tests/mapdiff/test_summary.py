"""The first screen of mapdiff show: which machine, how much RAM, what would keep it from resuming, what lint says;
and no line is wider than the terminal."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import boots
import pytest

from conftest import MAPS, ROOT
from formats_other import capture

GRUB = MAPS / "hibernate" / "same-grub-1.map"
OVERLAP = MAPS / "fake-overlap-q35-512M.map"
E820 = [(0, 0x9F000, 1), (0x100000, 0x20000000, 1)]


def summary(mapdiff, *args, stdin=None, **more):
    """Name -> text, of the lines before the first empty one."""
    lines = mapdiff("show", *args, stdin=stdin, **more)[1].split("\n\n")[0].splitlines()
    joined = re.sub("\n {12}", " ", "\n".join(lines[1:]))
    return dict((line[:12].strip(), line[12:]) for line in joined.splitlines())


def test_the_first_screen_says_what_it_is(mapdiff, report):
    rows, found = summary(mapdiff, GRUB), report("show", GRUB)
    assert rows["Machine"] == found["boot"]["facts"]["machine"] and rows["Firmware"] == found["boot"]["facts"]["bios"]
    assert rows["RAM"] == "505.5 MiB usable; free for ia32: 504.5 MiB, for amd64: 504.5 MiB"
    assert rows["Resume"].startswith("Nothing in this boot keeps Linux from resuming.")
    assert rows["Lint"] == "0 errors, 0 warnings, 0 notes"
    assert rows["e820 map"] == f"{len(found['e820'])} ranges, as the kernel got it from its loader"
    out = mapdiff("show", GRUB, env={"COLUMNS": "80"})[1]
    assert len(out.split("\n\n")[0].splitlines()) <= 20


def test_lints_result_is_that_of_lint(mapdiff, report):
    counts, findings = (report("lint", OVERLAP)[key] for key in ("counts", "findings"))
    said = summary(mapdiff, OVERLAP)["Lint"]
    assert [int(n) for n in re.findall(r"(\d+) (?:error|warning|note)", said)] == [counts[s] for s in ("error", "warning", "note")]
    assert f"first: {findings[0]['title']}." in said


@pytest.mark.parametrize("lines, is_forbidden, to_do", [
    (["command-line quiet"], False, "Boot again, and compare: mapdiff A B tells whether the map changes."),
    (["command-line noresume"], True, "Take that word off the kernel's command line, and boot again."),
    (["command-line elfcorehdr=0x1000"], True, "Take the log of the kernel that you hibernate: sudo journalctl -k -b."),
    (["secure-boot enabled"], False, "Hibernation needs a kernel that is not locked down: in most cases, disable Secure Boot."),
])
def test_text_and_json_say_the_same(mapdiff, report, lines, is_forbidden, to_do):
    data = capture("origin a log", *lines, e820=E820).encode()
    found, rows = report("show", "-", stdin=data), summary(mapdiff, "-", stdin=data)
    assert (found["forbidden"], found["to_do"]) == (is_forbidden, to_do)
    assert rows["Resume"] == f"{found['why']} {to_do}" and rows["Lint"] == found["lint"]
    assert found["lint_clean"] == (mapdiff("lint", "-", stdin=data)[0] != 1)
    assert found["lint"].startswith("no rule could be checked: ") == (mapdiff("lint", "-", stdin=data)[0] == 2)
    assert "to_do" not in report("translate", "-", stdin=capture("origin a log", uefi=[(7, 0xF, 0, 0x100000)]).encode())


@pytest.mark.parametrize("lines, words", [
    (["secure-boot enabled"], "Secure Boot is enabled"),
    (["command-line quiet nohibernate"], "nohibernate is in the kernel's command line: it cannot hibernate. Take that word off"),
    (["command-line quiet noresume"], "noresume is in the kernel's command line: it does not look for an image. Take that word off"),
    (["command-line lockdown=integrity"], "The kernel is locked down"),
    (["command-line elfcorehdr=0x1000"], "This is a crash kernel"),
    (["command-line quiet"], "Nothing in this boot keeps Linux from resuming."),
])
def test_what_would_keep_it_from_resuming(mapdiff, lines, words):
    assert summary(mapdiff, "-", stdin=capture("origin a log", *lines, e820=E820).encode())["Resume"].startswith(words)


def test_without_a_uefi_map_the_summary_says_how_to_get_it(mapdiff, tmp_path):
    [path] = boots.write(tmp_path, boots.log())
    assert "efi=debug" in summary(mapdiff, path)["UEFI map"]


def test_only_show_has_it(mapdiff):
    assert "Lint  " in mapdiff("show", GRUB)[1] and "Lint  " not in mapdiff("translate", GRUB)[1]


@pytest.mark.parametrize("columns", [40, 80, 132])
@pytest.mark.parametrize("args", [["show", OVERLAP], ["show", GRUB], [GRUB, OVERLAP], ["series", MAPS / "hibernate"], ["lint", OVERLAP]],
                         ids=["show", "show grub", "diff", "series", "lint"])
def test_no_line_is_wider_than_columns(mapdiff, args, columns):
    """The same words as in a file, in the same order."""
    folded = mapdiff(*args, "--color=always", env={"COLUMNS": str(columns)})[1]
    assert "\33[" in folded
    plain = re.sub("\33\\[\\d+m", "", folded)
    assert max(map(len, plain.splitlines())) <= columns
    assert plain.replace(" ", "").replace("\n", "") == mapdiff(*args)[1].replace(" ", "").replace("\n", "")


def on_a_terminal(columns, *args):
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    env = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    with subprocess.Popen([ROOT / "build" / "mapdiff", *args], stdout=follower, env=env) as program:
        os.close(follower)
        out = b""
        try:
            while data := os.read(leader, 65536):
                out += data
        except OSError:  # what Linux says at the end
            pass
        os.close(leader)
    assert program.returncode == 0
    return re.sub("\33\\[\\d+m", "", out.decode().replace("\r\n", "\n"))


def test_a_terminal_has_its_width(mapdiff):
    widths = {columns: max(map(len, on_a_terminal(columns, "show", GRUB).splitlines())) for columns in (80, 100, 300)}
    assert widths[80] <= 80 < widths[100] <= 100 < widths[300]
    file = mapdiff("show", GRUB)[1]
    assert max(map(len, file.splitlines())) == widths[300] > 100

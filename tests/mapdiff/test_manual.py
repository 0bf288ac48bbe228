"""Each example of the manual page is typed, in a folder that has what it names, and what it shows is what one sees.
Nothing in that changes from build to build."""

import gzip
import os
import re
import subprocess

import pytest

from conftest import MAPS, ROOT
from shown import assert_is_seen

MANUAL = (ROOT / "mapdiff" / "mapdiff.1").read_text()
EXAMPLES = MANUAL.split(".Sh EXAMPLES\n")[1].split(".Sh SEE ALSO\n")[0]
TYPED = [(command, shown.splitlines()) for block in re.findall(r"\.Bd -literal.*\n([^\0]*?)\.Ed\n", EXAMPLES)
         for command, shown in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block.replace("\\&", ""), re.MULTILINE)]
JOURNAL = MAPS / "journal.gz"
RECORDED = ("same-grub-1", "same-grub-2", "mem-512-to-768M-2")  # boots of one machine


def boots():
    """The journal's, in pieces."""
    text = gzip.decompress(JOURNAL.read_bytes()).decode()
    return [piece.split("\n", 1)[1] for piece in text.split("-- Boot ")[1:]]


def mail(parts):
    """As a program for mail sends files."""
    lines = ["From: owner@example.org", "Subject: does not resume", "MIME-Version: 1.0",
             'Content-Type: multipart/mixed; boundary="part"', ""]
    for name, text in parts:
        lines += ["--part", "Content-Type: text/plain; charset=utf-8",
                  f'Content-Disposition: attachment; filename="{name}"', "", text]
    return "\n".join([*lines, "--part--", ""])


def make_folder(tmp_path_factory):
    """What the examples name. journalctl is played: it has the journal, and its third boot is this one."""
    folder = tmp_path_factory.mktemp("manual")
    before, after = boots()[1:3]
    (folder / "whole").write_bytes(gzip.decompress(JOURNAL.read_bytes()))
    for name, text in (("-1", before), ("", after)):
        (folder / f"boot{name}").write_text(text)
    programs = folder / "programs"
    programs.mkdir()
    (programs / "journalctl").write_text("#!/bin/sh\ncase $* in\n_TRANSPORT=kernel) cat whole ;;\n"
                                         "'-k -b -1') cat boot-1 ;;\n'-k -b') cat boot ;;\n*) exit 1 ;;\nesac\n")
    (programs / "sudo").write_text('#!/bin/sh\n"$@"\n')
    for program in programs.iterdir():
        program.chmod(0o755)
    (programs / "mapdiff").symlink_to(os.environ.get("MAPDIFF", ROOT / "build" / "mapdiff-checked"))
    captures = folder / "media/stick/bootmem/captures"
    captures.mkdir(parents=True)
    for number, name in enumerate(RECORDED):
        text = (MAPS / "hibernate" / f"{name}.map").read_text()
        (captures / f"{number + 1:04}.map").write_text(text)
        (folder / f"boot{number + 1}.map").write_text(text)
    (folder / "mail.eml").write_text(mail((("before.txt", before), ("after.txt", after))))
    (folder / "post.txt").write_text((MAPS / "shell-thinkpad-e460.map").read_text())
    return folder


def type_in(folder, command):
    """A shell does; (exit status, what is seen)."""
    command = command.replace("/media/", "media/")
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False,
                          env={**os.environ, "PATH": f"{folder}/programs:{os.environ['PATH']}", "COLUMNS": "80"})
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(name="typed", scope="module")
def fixture_typed(tmp_path_factory):
    """All of them, one after the other: what one writes, another reads."""
    folder = make_folder(tmp_path_factory)
    return [type_in(folder, command) for command, _ in TYPED]


@pytest.mark.parametrize("at", range(len(TYPED)), ids=[command[:60] for command, _ in TYPED])
def test_what_it_shows_is_what_one_sees(typed, at):
    status, seen, trouble = typed[at]
    assert status in (0, 1) and trouble == ""
    assert_is_seen(TYPED[at][1], seen.replace("media/", "/media/").splitlines())


def test_it_has_an_example_of_each_command():
    words = {word for command, _ in TYPED for word in command.split()}
    helped = subprocess.run([os.environ.get("MAPDIFF", ROOT / "build" / "mapdiff-checked"), "--help"],
                            capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"^  ([a-z]+) +(?:[A-Z].*?  |)[a-z]", helped, re.MULTILINE)
    assert "series" in commands and "diff" in commands
    assert set(commands) - words <= {"diff", "show", "rules", "check", "convert"}

"""Each example of the manual page is typed, in a folder that has what it names, and what it shows is what one sees.
Nothing in that changes from build to build."""

import gzip
import os
import re
import subprocess

import pytest

from conftest import MAPS, ROOT, run_mapdiff
from shown import assert_is_seen

README = (ROOT / "README.md").read_text()
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


def test_the_help_of_each_command_is_the_help():
    """One text, which the man page has the options of: test_options.py."""
    text = run_mapdiff("--help")[1]
    commands = re.findall(r"^  ([a-z]+) +[A-Z]", text, re.M)
    assert len(commands) >= 10
    for command in [*commands, "rules"]:
        assert run_mapdiff(command, "--help") == (0, text, ""), command


def test_short_options_are_those_of_the_man_page():
    short = set(re.findall(r"^ +-([a-zA-Z]),", run_mapdiff("--help")[1], re.M))
    assert short == set(re.findall(r"^\.It Fl ([a-zA-Z]) ,", MANUAL, re.M))


def test_choices_are_those_of_the_man_page():
    """What --help says can be chosen has its word in the manual, and the default is named."""
    text = " ".join(run_mapdiff("--help")[1].split())
    for option, words in re.findall(r"--(\w+)=[A-Z]+ ((?:[\w.-]+(?: \(the default\))?, )+[\w.-]+)", text):
        for word in words.replace(" (the default)", "").split(", "):
            assert re.search(rf"^\.(?:It )?Cm .*\b{re.escape(word)}\b", MANUAL, re.M), (option, word)


def test_readme_is_not_wider_than_a_hundred_columns():
    assert [line for line in README.splitlines() if len(line) > 100 and line.lstrip()[:1] not in "|!" and
            not line.startswith("    ")] == []


def test_readme_begins_with_three_doors():
    doors = re.findall(r"^### (.+)$", README.split("\n## ")[0], re.M)
    assert doors == ["My laptop does not resume", "I write a kernel", "I study the kernel"]
    listed = re.findall(r"^- \[(.+)\]\(#([\w-]+)\)$", README.split("\n### ")[0], re.M)
    assert listed == [(door, door.lower().replace(" ", "-")) for door in doors]
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
               for heading in re.findall(r"^##+ (.+)$", README, re.M)}
    assert set(re.findall(r"\]\(#([^)]+)\)", README)) <= anchors


def test_readme_names_each_command_of_mapdiff():
    listed = README.split("\nThe other commands")[1].split("\n\n`mapdiff --resume")[0]
    commands = set(re.findall(r"^  ([a-z]+) +[A-Z]", run_mapdiff("--help")[1], re.M)) - {"diff"}
    assert set(re.findall(r"^- `(\w+)`: ", listed, re.M)) == commands


# How sure a text is has one wording, which the man page lists under `How sure it is'.
SURE = ("would", "would not", "judging from the files", "judging from the map", "may be", "not known", "unknown")
OTHER_WORDS = re.compile(r"\b(probabl[ey]|probably|(un)?likely|perhaps|maybe|possibly|presumably|apparently|supposedly|"
                         r"surely|certainly|undoubtedly|most certain|nobody knows|it seems|seems to)\b", re.I)
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.S | re.M)
PROSE = ["README.md", "esp/README.TXT", "esp/bootmem.conf", "mapdiff/mapdiff.1", "mapdiff/CHAPTER.md"]


def test_how_sure_a_text_is_has_one_wording():
    section = MANUAL.split("\n.Ss How sure it is\n")[1].split("\n.Ss ")[0]
    listed = [word for line in re.findall(r"^\.It Dq (.*)$", section, re.M) for word in line.split(" , ")]
    assert tuple(listed) == SURE
    for name in PROSE:
        assert not OTHER_WORDS.search((ROOT / name).read_text()), (name, OTHER_WORDS.search((ROOT / name).read_text()))
    files = [file for folder in ("mapdiff", "efi", "handoff", "x86", "bootmem") for file in (ROOT / folder).rglob("*")
             if file.suffix in (".c", ".h", ".js")]
    assert len(files) > 100
    for file in files:
        for string in STRING.findall(COMMENT.sub("", file.read_text())):
            assert not OTHER_WORDS.search(string), (file, string)

"""The examples of the man page, and README's commands for mapdiff: each is run as it stands, by a shell,
with a made-up laptop behind `journalctl', and what is shown below `$ ' is what one sees, line by line.
`...' stands for one line at least. Nothing in it changes from build to build."""

import os
import re
import subprocess

import pytest

import boots
import threads
from conftest import MAPS, ROOT, compare_shown, run_mapdiff

README = (ROOT / "README.md").read_text()
MANUAL = (ROOT / "mapdiff" / "mapdiff.1").read_text()
# As journalctl: of which boots, by the arguments, and nothing but what README and the man page give it.
JOURNALCTL = """#!/bin/sh
case "$*" in
"_TRANSPORT=kernel") cat "$BOOTS/journal" ;;
"-k -b -1") cat "$BOOTS/boot3" ;;
"-k" | "-k -b") cat "$BOOTS/boot4" ;;
*) echo "journalctl: $*" >&2; exit 64 ;;
esac
"""
SUDO = '#!/bin/sh\nexec "$@"\n'
MAKE = '#!/bin/sh\n[ "$*" = mapdiff ]\n'


def journal(text, day):
    return "".join(f"Nov {day} 08:00:{n:02} laptop kernel: {line.split('] ', 1)[1]}\n"
                   for n, line in enumerate(text.splitlines()))


@pytest.fixture
def laptop(tmp_path):
    """run(script): (exit status, lines) of the shell there, in a folder with all that examples name."""
    programs, folder = tmp_path / "programs", tmp_path / "here"
    for path in (programs, folder / "build", folder / "captures"):
        path.mkdir(parents=True)
    texts = [journal(boots.log(boots.moved(5) if day % 2 else boots.LAPTOP), day) for day in range(24, 28)]
    (tmp_path / "journal").write_text("-- Boot 0123456789abcdef0123456789abcdef --\n".join(texts))
    for number, text in enumerate(texts, 1):
        (tmp_path / f"boot{number}").write_text(text)
    mapdiff = f'#!/bin/sh\nexec {os.environ.get("MAPDIFF", str(ROOT / "build" / "mapdiff-checked"))} "$@"\n'
    for path, text in ((programs / "journalctl", JOURNALCTL), (programs / "sudo", SUDO), (programs / "make", MAKE),
                       (programs / "mapdiff", mapdiff), (folder / "build" / "mapdiff", mapdiff)):
        path.write_text(text)
        path.chmod(0o755)
    (folder / "tests").symlink_to(ROOT / "tests")
    for number in (1, 2, 3):
        (folder / f"boot{number}.map").write_text(boots.capture())
        (folder / "captures" / f"000{number}.map").write_text(boots.capture())
    (folder / "known.json").write_text(run_mapdiff("lint", "-f", "json", folder / "boot1.map")[1])
    (folder / "post.txt").write_bytes((MAPS / "shell-thinkpad-x1c7.map").read_bytes())
    (folder / "mail.eml").write_bytes(bytes(threads.mail("See both.\n", ("one.txt", texts[0].encode()),
                                                   ("two.txt", texts[1].encode()))))

    def run(script):
        done = subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, text=True, check=False,
                              env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "BOOTS": str(tmp_path)})
        assert "Sanitizer" not in done.stderr
        assert done.stderr == "", (script, done.stderr)
        return done.returncode, done.stdout.splitlines()

    return run


def examples():
    """Each block or line of EXAMPLES: (what it is, its lines), as they are printed."""
    text = MANUAL.split("\n.Sh EXAMPLES\n")[1].split("\n.Sh ")[0]
    found = re.findall(r"^\.Dl ([^\n]*)$|^\.Bd -literal -offset indent\n(.*?)^\.Ed$", text, re.M | re.S)
    return [(line or block).strip("\n").replace("\\e", "\\").replace("\\&", "").splitlines() for line, block in found]


def test_each_example_of_the_man_page_runs_and_says_this(laptop):
    n_shown = 0
    for lines in examples():
        for command, *shown in (part.rstrip("\n").split("\n") for part in re.split(r"^\$ ", "\n".join(lines), flags=re.M)[1:]):
            status, seen = laptop(command)
            assert status in (0, 1), (command, status)
            if shown:
                compare_shown(shown, [line.rstrip() for line in seen])
                n_shown += 1
            else:
                assert bool(seen) != (" -o " in command or " > " in command), command
    assert n_shown >= 5 and len(examples()) >= 9


def test_every_line_of_an_example_belongs_to_a_command():
    for lines in examples():
        assert lines[0].startswith("$ "), lines


def test_the_doors_of_readme_can_be_walked_through(laptop):
    """What stands indented below the doors of laptop owners and students, from the first line to the last."""
    for heading in ("My laptop does not resume", "I study the kernel"):
        section = README.split(f"\n### {heading}\n")[1].split("\n## ")[0].split("\n### ")[0]
        commands = [line.strip() for line in re.findall(r"^ {4,}(\S.*)$", section, re.M)]
        commands = [command.split("  # ")[0].strip() for command in commands]
        assert len(commands) >= 2, heading
        for command in commands:
            if command == "make run":  # tests/qemu/test_readme.py
                continue
            status, seen = laptop(command)
            assert status in (0, 1), command
            if "series" in command:
                words = re.search(r"The first line counts the maps: `(.*)`", section).group(1)
                assert seen[0] == f"mapdiff series: {words}"
            assert seen or ">" in command or command == "make mapdiff", command


def test_readme_gives_a_whole_journal_to_series(laptop):
    command = "journalctl _TRANSPORT=kernel | mapdiff series -"
    assert f"`{command}`" in README
    status, seen = laptop(command)
    assert status == 1 and seen[0] == "mapdiff series: 4 boots, 2 maps"
    assert laptop("journalctl _TRANSPORT=kernel >all; mapdiff series all")[1][0] == seen[0]


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
SURE = ("would", "would not", "as far as the files tell", "as far as the map decides", "may be", "not known", "unknown")
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

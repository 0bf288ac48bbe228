"""The command line: what is asked for, what is refused, and the exit status."""

import json
import pathlib
import re
import subprocess

import pytest

from conftest import MAPS, ROOT

A, B = MAPS / "x64-q35-512M.map", MAPS / "x64-q35-8G.map"
RULES = ("bootmem", "linux", "linux-6.12", "linux-ia32", "grub", "old-grub")
MANUAL = ROOT / "mapdiff" / "mapdiff.1"


@pytest.mark.parametrize(
    "rule, args, status",
    [
        ("the same map twice is no difference", [A, A], 0),
        ("two maps that differ are", [A, B], 1),
        ("diff is the command that is meant", ["diff", A, B], 1),
        ("options stand anywhere", [A, "--format", "json", B], 1),
        ("a report of one boot is no difference", ["show", A], 0),
        ("the log's map follows from its UEFI map", ["check", A], 0),
        ("one map in all boots", ["series", A, A], 0),
        ("two maps among the boots", ["series", A, B], 1),
        ("help is no trouble", ["--help"], 0),
        ("nor is usage", ["--usage"], 0),
        ("nor is the version", ["--version"], 0),
        ("no operand", [], 2),
        ("one file is nothing to compare", [A], 2),
        ("three are too many", [A, B, A], 2),
        ("no such option", ["--nonsense", A, B], 2),
        ("no such format", ["--format", "pdf", A, B], 2),
        ("no such target", ["show", "--target", "arm", A], 2),
        ("no such rules", ["translate", "--rules", "windows", A], 2),
        ("no such file", [A, "there-is-no-such-file"], 2),
        ("a folder is no file to compare", [A, MAPS.parent], 2),
        ("a file that is no map", [A, pathlib.Path(__file__)], 2),
        ("an empty file", [A, "/dev/null"], 2),
        ("no such boot in the file", [A, f"{B}@7"], 2),
        ("no address", ["explain", A, "here"], 2),
        ("a report that cannot be written", ["-o", "/no/such/folder/report", A, B], 2),
        ("a full disk", ["-o", "/dev/full", A, B], 2),
        ("standard input twice", ["-", "-"], 2),
        ("no address of 65 bits", ["explain", A, "0x10000000000000000"], 2),
        ("nor with a unit", ["explain", A, "16777216T"], 2),
        ("nor a page past the last", ["explain", A, "pfn:0x10000000000000"], 2),
        ("nor a negative one", ["explain", "--", A, "-1"], 2),
        ("nor with a blank", ["explain", A, " 1"], 2),
        ("nor half a number", ["explain", A, "0x"], 2),
        ("nor with a unit that nobody has", ["explain", A, "1Q"], 2),
        ("an end below the start", ["show", "--kernel=2M-1M", A], 2),
        ("no RAM at all", ["show", "--mem=0", A], 2),
        ("an option that lint has no use for", ["lint", "--target=ia32", A], 2),
        ("one of diff alone", ["show", "--subtract-footprint", A], 2),
        ("one of translate that diff has no use for", ["--rules=linux", A, B], 2),
        ("a capture is not JSON", ["convert", "--format=json", A], 2),
    ],
)
def test_exit_status(mapdiff, rule, args, status):
    got, out, err = mapdiff(*args)
    assert got == status, f"{rule}: {err}"
    if status == 2:
        assert err.startswith("mapdiff: ") or "--help" in err, rule
        assert out == "", f"{rule}: nothing is reported"


@pytest.mark.parametrize(
    "text, address",
    [("4096", 0x1000), ("0x1000", 0x1000), ("0X1f", 0x1F), ("4K", 0x1000), ("4k", 0x1000), ("0x4k", 0x1000),
     ("1M", 1 << 20), ("3g", 3 << 30), ("2T", 2 << 40), ("0100", 100), ("09", 9), ("pfn:0x9f", 0x9F000),
     ("pfn:256", 1 << 20), ("pfn:0xfffffffffffff", (1 << 64) - 4096), ("18446744073709551615", (1 << 64) - 1)],
)
def test_addresses(report, text, address):
    assert int(report("explain", A, text)["address"], 0) == address


def options_of_help(text):
    """[(option, its argument or None, the commands that take it)], by the headings of the help; beside
    those that end the program."""
    commands = re.findall(r"^  ([a-z]+) +[A-Z]", text, re.M)
    rows, takers = [], commands
    for line in re.sub(r"(\n For .*,)\n ", r"\1 ", text).splitlines():  # a long heading is folded
        if heading := re.fullmatch(r" For (.*):", line):
            takers = heading[1].split(", ")
        elif option := re.match(r"  (?:-[a-z], |    )(--[a-z-]+)(?:=([A-Z-]+))?  ", line):
            rows.append((option[1], option[2], takers))
    return commands, [row for row in rows if row[0] not in ("--help", "--usage", "--version")]


ARGUMENTS = {"WHEN": "never", "FILE": "/dev/full", "FORMAT": "json", "TARGET": "ia32", "POLICY": "safe", "RULES": "grub",
             "START-END": "16M-17M", "SIZE": "256M", "RULE": "hole"}


def test_an_option_for_nothing_is_refused_and_named(mapdiff):
    """By each command that the help does not name for it, and by no other."""
    commands, rows = options_of_help(mapdiff("--help")[1])
    assert len(commands) == 11 and len(rows) == 16
    for command in commands:
        operands = {"diff": [A, A], "explain": [A, "0"]}.get(command, [A])
        for option, argument, takers in rows:
            given = option if argument is None else f"{option}={ARGUMENTS[argument]}"
            err = mapdiff(command, given, *operands)[2]
            assert (f"mapdiff: {option} means nothing to `mapdiff {command}'\n" in err) == (command not in takers), given


@pytest.mark.parametrize(
    "rule, args, message",
    [
        ("a choice is one of these", ["--format=pdf", A, B], "--format is one of text, json, html, markdown, sarif, junit, not `pdf'"),
        ("so are colours", ["--color=yes", A, B], "--color is one of auto, always, never, not `yes'"),
        ("and the letter is as good", ["show", "-tarm", A], "--target is one of both, ia32, amd64, not `arm'"),
        ("and policies", ["show", "-p", "", A], "--policy is one of safe, linux-2.6.24, not `'"),
        ("and rules", ["show", "-r", "lin", A], f"--rules is one of {', '.join(RULES)}, not `lin'"),
        ("a size is a number", ["show", "--mem=much", A], "--mem wants a size, 256M say, not `much'"),
        ("a span has two ends", ["show", "--kernel=2M", A], "--kernel wants START-END, 16M-18M say, not `2M'"),
        ("which are addresses", ["show", "--initrd=2M-x", A], "--initrd wants START-END, 16M-18M say, not `2M-x'"),
        ("nothing is in between", ["show", "--initrd=2M--3M", A], "--initrd wants START-END, 16M-18M say, not `2M--3M'"),
        ("an option that nobody has", ["--pictures", A, B], "unrecognized option '--pictures'"),
        ("an option without its argument", [A, B, "-o"], "option requires an argument -- 'o'"),
        ("a flag has none", ["--damaged=yes", A, B], "option '--damaged' doesn't allow an argument"),
        ("too few operands", ["explain", A], "usage: mapdiff explain [OPTION...] FILE ADDRESS"),
        ("too many", ["lint", A, B], "usage: mapdiff lint [OPTION...] FILE"),
        ("none", ["--damaged"], "what is to be compared is missing"),
        ("one input twice", ["series", "-", A, "-"], "standard input is one file: `-' can stand only once"),
    ],
)
def test_a_mistake_is_named_in_one_line(mapdiff, rule, args, message):
    """With what can be chosen; then where help is."""
    status, out, err = mapdiff(*args)
    assert (status, out) == (2, ""), rule
    assert err == f"mapdiff: {message}\nTry `mapdiff --help' or `mapdiff --usage' for more information.\n", rule


@pytest.mark.parametrize(
    "rule, args",
    [
        ("an option may follow the operands", ["show", A, "-t", "ia32", "-f", "json"]),
        ("or stand before the command", ["-t", "ia32", "--format", "json", "show", A]),
        ("a letter may have its argument at it", ["show", "-tia32", "-fjson", A]),
        ("a name may be cut short", ["show", "--targ=ia32", "--form=json", A]),
        ("the last one counts", ["show", "-t", "both", "--target=ia32", "-f", "html", "-f", "json", A]),
        ("two dashes end the options", ["-tia32", "show", "-fjson", "--", A]),
    ],
)
def test_where_options_stand(mapdiff, rule, args):
    status, out, err = mapdiff(*args)
    assert status == 0, f"{rule}: {err}"
    assert list(json.loads(out)["targets"]) == ["ia32"], rule


def test_what_starts_with_a_dash_can_be_a_file(mapdiff, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pathlib.Path("-o").write_bytes(A.read_bytes())
    assert mapdiff("diff", "--", "-o", A)[0] == 0


def test_help_fits_a_terminal(mapdiff):
    """And usage; of all that can be chosen the help tells, and which is the default."""
    text, usage = mapdiff("--help")[1], mapdiff("--usage")[1]
    assert max(map(len, (text + usage).splitlines())) < 80
    assert not re.search(r"^[a-z]+$", text, re.M), "a word that had no room in its row"
    plain = " ".join(text.split())
    for words in ("text, json, html", "auto, always, never", "both, ia32, amd64", "safe, linux-2.6.24", ", ".join(RULES)):
        assert words.replace(",", " (the default),", 1) in plain
    for option, argument, _ in options_of_help(text)[1]:
        assert f"[{option}{'=' + argument if argument else ''}]" in usage


@pytest.mark.parametrize("args", [["--help"], ["--usage"], ["--version"], ["show", A], ["show", "-f", "json", A],
                                  ["show", "-f", "html", A], ["series", A], ["convert", A]])
def test_a_full_disk_behind_standard_output(args):
    """Nothing is lost in silence."""
    import os

    program = os.environ.get("MAPDIFF", str(ROOT / "build" / "mapdiff-checked"))
    with open("/dev/full", "w", encoding="utf-8") as full:
        result = subprocess.run([program, *map(str, args)], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr == "mapdiff: standard output: No space left on device\n"


def test_a_reader_that_goes_away(mapdiff):
    """As `mapdiff ... | head -1': the program ends, by the signal, and says nothing."""
    import os

    program = os.environ.get("MAPDIFF", str(ROOT / "build" / "mapdiff-checked"))
    result = subprocess.run(["bash", "-c", f"{program} show {MAPS / 'x64-q35-960G.map'} | true; echo ${{PIPESTATUS[0]}}"],
                            capture_output=True, text=True, check=False)
    assert (result.stdout in ("141\n", "0\n")) and result.stderr == ""


def test_standard_input(mapdiff):
    assert mapdiff("-", B, stdin=A.read_bytes())[0] == 1
    assert mapdiff("-", A, stdin=A.read_bytes())[0] == 0


@pytest.mark.parametrize("args", [[A, B], ["-f", "json", A, B], ["-f", "html", A, B], ["convert", A]])
def test_output_goes_to_a_file(mapdiff, tmp_path, args):
    """All of it, in place of what was there; or it is said why not."""
    (tmp_path / "file").write_text("of another day" * 100000)
    status, out, _ = mapdiff(*args, "-o", tmp_path / "file")
    assert out == "" and (status, (tmp_path / "file").read_text(), "") == mapdiff(*args)
    assert mapdiff(*args, "-o", "/dev/full")[2] == "mapdiff: /dev/full: No space left on device\n"
    assert mapdiff(*args, "-o", "/no/such/file")[2] == "mapdiff: /no/such/file: No such file or directory\n"


@pytest.mark.parametrize(
    "rule, args, env, coloured",
    [
        ("no terminal, no colours", [], {}, False),
        ("unless they are asked for", ["--color=always"], {}, True),
        ("what is asked for is more than NO_COLOR", ["--color=always"], {"NO_COLOR": "1"}, True),
        ("never is never", ["--color=never"], {}, False),
    ],
)
def test_colours(mapdiff, rule, args, env, coloured):
    assert ("\x1b[" in mapdiff(*args, A, B, env=env)[1]) == coloured, rule


@pytest.mark.parametrize("no_color, coloured", [("", True), ("1", False)])
def test_no_color_on_a_terminal(no_color, coloured):
    """https://no-color.org, seen on a real terminal, of script(1)."""
    import os

    program = os.environ.get("MAPDIFF", str(ROOT / "build" / "mapdiff-checked"))
    out = subprocess.run(["script", "-qec", f"{program} {A} {B}", "/dev/null"], capture_output=True,
                         env={**os.environ, "NO_COLOR": no_color, "TERM": "xterm"}, check=False).stdout
    assert (b"\x1b[" in out) == coloured


def test_manual_names_all_options_and_commands(mapdiff):
    """The manual is true to the help, and the help to the manual."""
    text = mapdiff("--help")[1]
    manual = MANUAL.read_text()
    for option in set(re.findall(r"--([a-z][a-z-]+)", text)):
        assert f"Fl -{option}" in manual, option
    for command in re.findall(r"^  ([a-z]+) +[A-Z]", text, re.M):
        assert f".It Cm {command}" in manual, command
    for option in set(re.findall(r"Fl -([a-z][a-z-]+)", manual)):
        assert f"--{option}" in text, option
    for rules in RULES:
        assert f".It Cm {rules}" in manual and rules in text, rules


def test_manual_is_well_formed():
    out = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", MANUAL], capture_output=True, text=True,
                         check=False).stdout
    assert not [line for line in out.splitlines() if "lacks" not in line], out


def test_install(tmp_path):
    """PREFIX and DESTDIR, as packagers expect; what is installed runs."""
    import os

    program = pathlib.Path(os.environ.get("MAPDIFF_FAST", str(ROOT / "build" / "mapdiff")))
    subprocess.run(["make", "-s", "install", f"B={program.parent}", f"DESTDIR={tmp_path}", "PREFIX=/usr"],
                   cwd=ROOT, check=True, capture_output=True)
    installed = tmp_path / "usr" / "bin" / "mapdiff"
    assert subprocess.run([installed, "--version"], capture_output=True, check=True).stdout.startswith(b"mapdiff")
    assert (tmp_path / "usr" / "share" / "man" / "man1" / "mapdiff.1").read_bytes() == MANUAL.read_bytes()
    assert (tmp_path / "usr" / "share" / "mapdiff" / "report.schema.json").exists()

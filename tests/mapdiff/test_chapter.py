"""mapdiff/CHAPTER.md: each command of it is run, what it shows is what one sees, and what it names is there."""

import re
import shlex
import subprocess

import pytest

from conftest import ROOT, compare_shown, run_mapdiff

CHAPTER = (ROOT / "mapdiff" / "CHAPTER.md").read_text()
BLOCKS = re.findall(r"^    \$ (.+)\n((?:    .*\n)*)", CHAPTER, re.MULTILINE)
EXERCISES = re.split(r"^\*\*(\d+)\. ", CHAPTER.split("\n## Eight exercises\n")[1].split("\n## ")[0], flags=re.MULTILINE)


def run(command, tmp_path):
    """Lines of its output. Nothing in them changes from build to build."""
    program, *args = shlex.split(command)
    if program == "grep":
        return subprocess.run(["grep", *args], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert program == "build/mapdiff", "the guide has these two programs"
    args = [str(tmp_path / arg) if at > 0 and args[at - 1] == "-o" else arg for at, arg in enumerate(args)]
    status, out, err = run_mapdiff(*[str(ROOT / arg) if arg.startswith("tests/") else arg for arg in args])
    assert (status, err) == (0, ""), command
    return out.replace(f"{ROOT}/", "").splitlines()


def test_there_are_as_many_blocks_as_commands():
    assert len(BLOCKS) == len(re.findall(r"^ +\$ ", CHAPTER, re.MULTILINE)) >= 20


@pytest.mark.parametrize("command, shown", BLOCKS, ids=[f"{n}-{command[:60]}" for n, (command, _) in enumerate(BLOCKS)])
def test_what_it_shows_is_what_one_sees(tmp_path, command, shown):
    compare_shown([line[4:] for line in shown.splitlines()], [line.rstrip() for line in run(command, tmp_path)])
    assert shown or "-o" in command


def test_each_function_is_in_its_file():
    rows = re.findall(r"^\| [^|]+ \| `([^`|]+)` \| `([^`|]+)` \| \[[^]]+\]\(#([^)]+)\) \|$", CHAPTER, re.MULTILINE)
    assert len(rows) == CHAPTER.split("## The way through")[1].split("\n### ")[0].count("\n| ") - 1 > 10
    for name, file, _ in rows:
        text = (ROOT / file).read_text()
        pattern = rf"^[a-z].*\b{name[:-2]}\([^;]*\n(?:[^;]*\n)?{{" if name.endswith("()") else rf"^enum {name} {{"
        assert re.search(pattern, text, re.MULTILINE), (name, file)


def test_each_file_and_link_is_there():
    headings = re.findall(r"^##+ (.+)$", CHAPTER, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", CHAPTER)) <= anchors
    files = re.findall(r"`((?:bootmem|x86|handoff|tests|mapdiff)/[\w./-]+)`", CHAPTER)
    assert len(files) > 10 and all((ROOT / file).exists() for file in files)


def test_there_are_eight_exercises_each_with_a_solution_that_a_command_checks():
    assert [int(n) for n in EXERCISES[1::2]] == list(range(1, 9))
    for text in EXERCISES[2::2]:
        question, solution = text.split("<details><summary>Solution</summary>\n")
        assert "?" in question and "    $ " not in question
        assert re.search(r"^    \$ build/mapdiff .+\n    ", solution, re.MULTILINE) and solution.rstrip().endswith("</details>")


def test_the_words_of_the_steps_are_in_the_glossary():
    glossary = CHAPTER.split("\n## Glossary\n")[1]
    entries = [line.split(", ") for line in re.findall(r"^- \*\*([^*]+)\*\*:", glossary, re.MULTILINE)]
    assert [entry[0] for entry in entries] == sorted((entry[0] for entry in entries), key=str.lower)
    terms = [term for entry in entries for term in entry]
    for wanted in ("page frame", "pfn", "e820", "bootmem", "low memory", "EBDA", "MP table", "initrd", "node", "owner",
                   "range", "capture", "reservation", "bitmap", "trampoline", "extension", "policy", "framebuffer"):
        assert wanted in terms, wanted
    assert "mapdiff/CHAPTER.md#glossary" in (ROOT / "README.md").read_text()


def test_prose_is_not_wider_than_a_hundred_columns():
    assert [line for line in CHAPTER.splitlines() if len(line) > 100 and line[0] not in "| "] == []

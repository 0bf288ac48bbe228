"""The tools that measure: what a budget lets pass, what `make budget' writes, and that BENCHMARKS.md names
commands that there are."""

import importlib.machinery
import importlib.util
import re
import subprocess

import machine

BENCH = machine.ROOT / "tests/bench"


def load(name):
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(BENCH / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


budget = load("check-budget")
LINES = """# a comment
core a | 1,000 | instructions | measured
core a | <= 1,020 | instructions | goal: a round number
boot b | 4 | calls | measured
"""


def rows(**numbers):
    """core a=1000 -> the rows that were measured."""
    units = {"core a": "instructions", "boot b": "calls", "boot c": "calls", "boot all": "instructions"}
    return {name: budget.costs.Row(name, number, units[name], is_ours=not name.endswith("all"))
            for name, number in ((name.replace("_", " "), number) for name, number in numbers.items())}


def failures(capsys, **numbers):
    lines = [line for line in map(budget.Line, LINES.splitlines()) if line.name]
    failed = budget.check(lines, rows(**numbers))
    said = [line for line in capsys.readouterr().out.splitlines() if line.endswith("FAILED")]
    assert failed == len(said)
    return said


def test_a_budget_may_be_exceeded_by_5_percent_and_a_goal_by_nothing(capsys):
    assert not failures(capsys, core_a=1020, boot_b=4)
    assert len(failures(capsys, core_a=1050, boot_b=4)) == 1  # the goal
    assert len(failures(capsys, core_a=1051, boot_b=4)) == 2
    assert len(failures(capsys, core_a=10, boot_b=5)) == 1


def test_what_is_measured_has_a_line_and_a_line_is_measured(capsys):
    assert len(failures(capsys, core_a=1000)) == 1
    assert len(failures(capsys, core_a=1000, boot_b=4, boot_c=1)) == 1
    assert not failures(capsys, core_a=1000, boot_b=4, boot_all=9)


def test_numbers_are_written_and_goals_stay():
    written = budget.rewrite(LINES, rows(core_a=77, boot_b=3, boot_c=2))
    fields = [[field.strip() for field in line.split("|")] for line in written.splitlines()]
    assert fields == [["# a comment"], ["core a", "77", "instructions", "measured"],
                      ["core a", "<= 1,020", "instructions", "goal: a round number"],
                      ["boot b", "3", "calls", "measured"], ["boot c", "2", "calls", "measured"]]


def test_each_command_of_benchmarks_md_is_one():
    text = (BENCH / "BENCHMARKS.md").read_text(encoding="utf-8")
    commands = re.findall(r"^    (\S.*?)(?:   .*)?$", text, re.MULTILINE)
    assert len(commands) >= 7
    for command in commands:
        program, *arguments = command.split()
        if program == "make":
            subprocess.run(["make", "-n", *arguments], cwd=machine.ROOT, check=True, capture_output=True)
        elif program.startswith("tests/"):
            subprocess.run([machine.ROOT / program, "--help"], check=True, capture_output=True)
        else:
            assert program in ("valgrind", "build/bench/core", "apt-get"), command

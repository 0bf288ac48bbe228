"""mapdiff as the program that it is: run, and what came out. MAPDIFF names the binary with the
sanitizers in it, MAPDIFF_FAST the one that is installed. Limits are of CPU time: a busy machine takes
longer, and that is no fault."""

import json
import os
import pathlib
import resource
import subprocess

import pytest

from browser import Browser

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAPS = ROOT / "tests" / "maps"
MOST_CPU_SECONDS = 300  # of one run, before it is killed


def limit_cpu():
    """For preexec_fn."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS))


def cpu_seconds():
    """What all programs that were run, and have ended, have taken."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run_mapdiff(*args, stdin=None, fast=False, env=None):
    """(exit status, standard output, standard error), as text."""
    name, built = ("MAPDIFF_FAST", "mapdiff") if fast else ("MAPDIFF", "mapdiff-checked")
    program = os.environ.get(name, str(ROOT / "build" / built))
    result = subprocess.run([program, *map(str, args)], input=stdin, capture_output=True, preexec_fn=limit_cpu,
                            env={**os.environ, "UBSAN_OPTIONS": "print_stacktrace=1", **(env or {})},
                            check=False)
    out, err = (text.decode("utf-8", "replace") for text in (result.stdout, result.stderr))
    assert result.returncode >= 0, f"killed by signal {-result.returncode}"
    assert "Sanitizer" not in err and "runtime error" not in err, err
    return result.returncode, out, err


def compare_shown(shown, lines):
    """What a document shows is what one sees, line by line; its line `...' stands for one line at least."""
    at, is_gap = 0, False
    for line in shown:
        if line == "...":
            is_gap = True
            continue
        if is_gap:
            assert line in lines[at + 1:], line
            at = lines.index(line, at + 1)
        assert at < len(lines) and lines[at] == line, (line, lines[at:at + 2])
        at, is_gap = at + 1, False
    assert is_gap == (at < len(lines)), "it says where it ends"


@pytest.fixture
def mapdiff():
    """mapdiff(*args, stdin=bytes, fast=False): run it."""
    return run_mapdiff


@pytest.fixture
def report():
    """report(*args): run it with --format json, and give the object. No trouble is expected."""

    def run(*args, stdin=None):
        status, out, err = run_mapdiff(*args, "--format", "json", stdin=stdin)
        assert status in (0, 1), err
        return json.loads(out)

    return run


@pytest.fixture(name="browser", scope="module")
def the_browser():
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture(name="page")
def the_page(browser, mapdiff, tmp_path):
    """page(*arguments of mapdiff): the report as JSON; its page is open in the browser, and was silent."""

    def make(*args, stdin=None):
        path = tmp_path / "report.html"
        status, out, err = mapdiff(*args, "-f", "html", stdin=stdin)
        assert status in (0, 1), err
        path.write_text(out)
        browser.media(scheme="light")
        browser.resize(1280, 1400)
        browser.open(path)
        assert browser.errors == []
        assert browser.requests == [f"file://{path}"]
        return json.loads(mapdiff(*args, "-f", "json", stdin=stdin)[1])

    return make

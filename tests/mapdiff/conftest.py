"""mapdiff as the program that it is: run, and what came out. MAPDIFF names the binary with the
sanitizers in it, MAPDIFF_FAST the one that is installed."""

import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAPS = ROOT / "tests" / "maps"


def run_mapdiff(*args, stdin=None, fast=False, env=None):
    """(exit status, standard output, standard error), as text."""
    name, built = ("MAPDIFF_FAST", "mapdiff") if fast else ("MAPDIFF", "mapdiff-checked")
    program = os.environ.get(name, str(ROOT / "build" / built))
    result = subprocess.run([program, *map(str, args)], input=stdin, capture_output=True, timeout=300,
                            env={**os.environ, "UBSAN_OPTIONS": "print_stacktrace=1", **(env or {})},
                            check=False)
    out, err = (text.decode("utf-8", "replace") for text in (result.stdout, result.stderr))
    assert "Sanitizer" not in err and "runtime error" not in err, err
    return result.returncode, out, err


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

"""mapdiff is built alone: with a C compiler, make and its libraries, on a machine that can build nothing
else; and what is missing there is said in one line."""

import re
import shutil
import subprocess

import pytest

from conftest import ROOT

TOOLS = ("as bash cat cp env find gcc grep id install ld make mkdir mktemp mv printf rm sed sh tail true "
         "xargs").split()
FOREIGN = re.compile(r"efi/|gnu-efi|gnuefi|spleen|-m32|elf_i386|stubs-32|setup (build|run|test|fuzz)")
LIBRARIES = ("jansson", "archive", "zlib")


@pytest.fixture
def machine(tmp_path):
    """machine(*arguments of make, CC=..., has=[programs to add]): a machine with few programs. Returns make's exit
    status and output; what was asked of its apt-get, if it has one, is in machine.asked()."""
    programs = tmp_path / "bin"
    asked = tmp_path / "asked"
    programs.mkdir()
    for tool in TOOLS:
        if shutil.which(tool):
            (programs / tool).symlink_to(shutil.which(tool))

    def add(name, script):
        (programs / name).unlink(missing_ok=True)
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)

    def run(*args, without=(), root=None):
        for name in without:  # its header is there, and cannot be used
            (tmp_path / "damaged").mkdir(exist_ok=True)
            (tmp_path / "damaged" / f"{name}.h").write_text("#error it is not there\n")
        if root is not None:
            add("apt-get", f'echo "$@" >> {asked}')
            add("id", f"echo {0 if root else 1000}")
        result = subprocess.run([programs / "make", f"B={tmp_path / 'build'}", f"CC=gcc -I{tmp_path / 'damaged'}", *args],
                                cwd=ROOT, capture_output=True, text=True, check=False,
                                env={"PATH": str(programs), "HOME": str(tmp_path)})
        return result.returncode, result.stdout + result.stderr

    run.asked = lambda: asked.read_text().splitlines() if asked.exists() else []
    run.folder = tmp_path
    return run


def test_no_rule_names_what_the_rest_needs(machine):
    status, out = machine("-n", "V=1", "install")
    assert status == 0 and "tests/setup mapdiff" in out and "-ljansson" in out
    assert not FOREIGN.search(out), FOREIGN.search(out)


def test_it_is_built_installed_and_runs(machine):
    """Nothing is asked of apt-get, and no header of others is read, by whatever way."""
    status, out = machine("-j2", "install", f"DESTDIR={machine.folder}", "PREFIX=/usr", root=True)
    assert status == 0, out
    assert machine.asked() == []
    installed = machine.folder / "usr" / "bin" / "mapdiff"
    assert subprocess.run([installed, "--version"], capture_output=True, check=True).stdout.startswith(b"mapdiff")
    read = [path.read_text() for path in (machine.folder / "build").rglob("*.d")]
    assert len(read) > 50 and not FOREIGN.search("".join(read))
    assert {path.name for path in (machine.folder / "build").iterdir()} == {"host", "mapdiff"}


@pytest.mark.parametrize(
    "without, named",
    [
        (["jansson"], "libjansson-dev (Fedora: jansson-devel; Arch: jansson)"),
        (["archive"], "libarchive-dev (Fedora: libarchive-devel; Arch: libarchive)"),
        (["zlib"], "zlib1g-dev (Fedora: zlib-devel; Arch: zlib)"),
        (["jansson", "archive"], "libjansson-dev libarchive-dev (Fedora: jansson-devel libarchive-devel; Arch: jansson libarchive)"),
    ],
)
def test_what_is_missing_is_one_line_where_there_is_no_apt_get(machine, without, named):
    status, out = machine("mapdiff", without=without)
    lines = [line for line in out.splitlines() if not line.startswith("make: ")]
    assert (status, lines) == (2, [f"bootmem: please install what Debian calls {named}"])


def test_who_may_not_install_is_told_how_to(machine):
    status, out = machine("mapdiff", without=LIBRARIES, root=False)
    assert status == 2 and out.startswith("bootmem: please install: apt-get install libjansson-dev libarchive-dev zlib1g-dev\n")
    assert machine.asked() == []


def test_root_installs_what_mapdiff_needs_and_nothing_else(machine):
    out = machine("mapdiff", without=LIBRARIES, root=True)[1]
    assert [line for line in machine.asked() if " install " in line] == \
        ["-q install -y --no-install-recommends libjansson-dev libarchive-dev zlib1g-dev"]
    assert "bootmem: installed, but not found: libjansson-dev libarchive-dev zlib1g-dev" in out


def test_no_compiler(machine):
    status, out = machine("mapdiff", "CC=no-such-compiler")
    assert status == 2 and out.startswith("bootmem: please install what Debian calls gcc ")

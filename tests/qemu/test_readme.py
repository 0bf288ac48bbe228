"""What README.md shows is what one sees: each line, but for numbers that another build has others of."""

import os
import re
import subprocess

import pytest

import machine
import screen_text

README = (machine.ROOT / "README.md").read_text()
NUMBER = re.compile(r"\b(0x)?[0-9a-f]*[0-9][0-9a-f]*\b| [A-Z][a-z]{2} (?=\d\d:)")


def shown(start):
    """The lines of the block that begins so; the parts between its lines `...'."""
    block = re.search(rf"^    {re.escape(start)}.*\n(?:(?:    .*)?\n)*", README, re.MULTILINE).group()
    lines = [line.removeprefix("    ").rstrip() for line in block.rstrip().splitlines()]
    parts = [[]]
    for line in lines:
        if line.strip() == "...":
            parts.append([])
        else:
            parts[-1].append(line)
    return [part for part in parts if part]


def without_numbers(lines):
    return [" ".join(NUMBER.sub("#", line).split()) for line in lines]


def find(part, lines, start):
    for at in range(start, len(lines) - len(part) + 1):
        if lines[at:at + len(part)] == part:
            return at + len(part)
    raise AssertionError("not seen:\n" + "\n".join(part) + "\n\nbut:\n" + "\n".join(lines[start:]))


def test_make_run_ends_like_this(tmp_path):
    image = machine.make_image(tmp_path, {
        **{machine.REMOVABLE[width]: machine.loader(width) for width in ("x64", "ia32")},
        **{f"/bootmem/kernel-{target}.elf": machine.kernel(target) for target in ("amd64", "ia32")},
        "/bootmem.conf": machine.ROOT / "esp/bootmem.conf"})
    seen = machine.run(tmp_path, image, "--memory", "512M")
    assert seen.status == 0
    lines, at = without_numbers(seen.text.rstrip("\n").splitlines()), 0
    for part in shown("e820 map: "):
        at = find(without_numbers(part), lines, at)
    assert at == len(lines), "the block ends where the run does"


COMMANDS = re.findall(r"^    \$ (build/mapdiff .+)$", README, re.MULTILINE)


def run_mapdiff(command, directory):
    """The status, and what it says."""
    program, *words = command.split()
    done = subprocess.run([machine.built(program.removeprefix("build/")), *words], cwd=directory,
                          capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1) and done.stderr == "", done.stderr
    return done.returncode, [line.rstrip() for line in done.stdout.splitlines()]


@pytest.mark.parametrize("command", COMMANDS)
def test_mapdiff_says_this(command):
    (_, *first), *others = shown("$ " + command)
    status, lines = run_mapdiff(command, machine.ROOT)
    at = 0
    for part in (first, *others):
        at = find(part, lines, at)
    assert status == 1


PLAYED = """#!/bin/sh
case $* in
_TRANSPORT=kernel) zcat tests/maps/journal.gz ;;
'-k -b -1') zcat tests/maps/journal.gz | sed '/^-- Boot 0f1e/,$d' ;;
-k) zcat tests/maps/journal.gz | sed '1,/^-- Boot 77aa/d' ;;
*) exit 1 ;;
esac
"""


def test_what_the_doors_have_typed(tmp_path):
    """Each line with mapdiff, in order, and those that write what it reads. journalctl plays the tests' journal."""
    for name, text in (("journalctl", PLAYED), ("sudo", '#!/bin/sh\nexec "$@"\n')):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "tests").symlink_to(machine.ROOT / "tests")
    (tmp_path / "build").symlink_to(machine.BUILD)
    doors = README.split("Which door is yours?")[1].split("\n## ")[0]
    typed = re.findall(r"^ {4,}(.*(?:journalctl|build/mapdiff) .+)$", doors, re.MULTILINE)
    assert [word for line in typed for word in line.split() if word in ("series", "steps")] == ["series", "steps"]
    for line in typed:
        done = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False,
                              env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
        assert done.returncode in (0, 1) and done.stderr == "", (line, done.stderr)
        assert ">" in line or done.stdout.count("\n") > 20, line


@pytest.mark.parametrize("name, says", [
    ("changed", ["MAP CHANGED", "since 27 Nov 13:22 (docked).", "Switches off in"]),
    ("details", ["MAP CHANGED since", "page 1 of 1", "follows"]),
    ("proof", ["MAP CHANGED", "PROOF PASS", "1 cell = 2 MiB"]),
    ("error", ["ERROR", "Did you mean label?", "^^^^^ here"])])
def test_its_pictures(name, says):
    file = machine.ROOT / f"esp/pictures/{name}.png"
    screen = screen_text.Screen.of_file(file)
    assert screen.is_sharp and (screen.width, screen.height) == (1280, 800)
    for text in says:
        assert screen.find(text), screen.text
    assert file.stat().st_size < 16384, "it has a palette"


def test_what_it_links_to_is_there():
    links = re.findall(r"\]\(([^)#:]+)[^):]*\)", README)
    assert len(links) > 10
    for link in links:
        assert (machine.ROOT / link).exists(), link


def test_the_door_of_kernel_authors(tmp_path):
    """Its commands: `make run' puts the file and the configuration on a volume as this does."""
    section = README.split("\n### I write a kernel\n")[1].split("\n### ")[0]
    commands = re.findall(r"^    (\S.*)$", section, re.M)
    make, echo, run = commands
    assert make == "make kernels"
    subprocess.run(["sh", "-c", echo], cwd=tmp_path, check=True)
    source, target = re.fullmatch(r"make run CONF=my\.conf FILES=build/(\S+)=(/\S+)", run).groups()
    image = machine.make_image(tmp_path, {
        machine.REMOVABLE["x64"]: machine.loader("x64"), target: machine.built(source),
        "/bootmem.conf": tmp_path / "my.conf"})
    seen = machine.run(tmp_path, image, "--memory", "512M")
    assert seen.status == 0 and seen.text.rstrip("\n").endswith("bootmem: verdict PASS")


def test_a_key_of_ones_own(tmp_path):
    """README's openssl lines, as they stand: what they make signs an application, and is what firmware enrols."""
    section = README.split("\n### Secure Boot\n")[1].split("\n### ")[0].replace("\\\n", " ")
    commands = re.findall(r"^    (openssl .*)$", section, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        subprocess.run(["sh", "-ec", command], cwd=tmp_path, capture_output=True, check=True)
    subprocess.run(["sbsign", "--key", "my.key", "--cert", "my.pem", "--output", "signed.efi",
                    machine.loader("x64")], cwd=tmp_path, capture_output=True, check=True)
    subprocess.run(["sbverify", "--cert", "my.pem", "signed.efi"], cwd=tmp_path, capture_output=True, check=True)
    subprocess.run(["openssl", "x509", "-inform", "DER", "-in", "my.cer", "-noout"], cwd=tmp_path, check=True)

"""The scripts that make images, run machines and check the sources, without a boot."""

import fcntl
import hashlib
import os
import pathlib
import re
import subprocess

import pytest

import machine
import screen_text


def test_the_same_files_make_the_same_image(tmp_path):
    for options in ([], ["--gpt"]):
        images = []
        for name in ("a", "b"):
            directory = tmp_path / f"{name}{len(options)}"
            directory.mkdir()
            images.append(machine.make_image(
                directory, {"/EFI/BOOT/BOOTX64.EFI": b"a" * 5000, "/bootmem.conf": "# nothing\n"},
                "--size", "33M", *options).read_bytes())
        assert images[0] == images[1]


@pytest.mark.parametrize("options, sector_bytes, at, name", [
    ([], 512, 82, b"FAT32"), (["--fat", "12"], 512, 54, b"FAT12"), (["--fat", "16"], 512, 54, b"FAT16"),
    (["--sector", "4096"], 4096, 82, b"FAT32")])
def test_an_image_has_the_fat_that_is_asked_for(options, sector_bytes, at, name, tmp_path):
    boot_sector = machine.make_image(tmp_path, {"/a": b"a"}, *options).read_bytes()[:512]
    assert int.from_bytes(boot_sector[11:13], "little") == sector_bytes
    assert boot_sector[at:at + 5] == name


@pytest.mark.parametrize("arguments, complaint", [
    (["--image", "none.img"], "no disk image none.img"),
    ([], "--image FILE is missing"),
    (["--image", __file__, "--firmware", "ia32", "--machine", "pc"], "take --machine q35"),
    (["--image", __file__, "--firmware", "uboot-x64", "--usb"], "take --ehci"),
    (["--image", __file__, "--firmware", "uboot-ia32", "--keep-vars", "vars"], "keeps no variables"),
    (["--image", __file__, "--firmware", "uboot"], "no firmware uboot"),
    (["--image", __file__, "--memory", "lots"], "--memory lots"),
    (["--image", __file__, "--smp", "0"], "--smp 0: not a number of processors"),
    (["--image", __file__, "--disk", "floppy"], "no disk floppy"),
    (["--image", __file__, "--tpm", "1.2"], "--tpm 1.2: say tis or crb"),
    (["--image", __file__, "--ovmf", "8M"], "--ovmf 8M: say 4M, 2M or smm"),
    (["--image", __file__, "--ovmf", "smm", "--machine", "pc"], "take --machine q35"),
    (["--image", __file__, "--ovmf", "2M", "--firmware", "ia32"], "--ovmf is for the x64 OVMF"),
    (["--image", __file__, "--ovmf", "2M", "--secure"], "--ovmf is for the x64 OVMF"),
    (["--image", __file__, "--colour"], "unknown option --colour"),
])
def test_a_run_that_cannot_be_tried_has_status_2(arguments, complaint):
    done = subprocess.run([machine.HERE / "run", *arguments], capture_output=True,
                                  text=True, check=False)
    assert done.returncode == 2
    assert complaint in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("firmware, variable, package", [
    ("x64", "OVMF_DIR", "ovmf"), ("uboot-x64", "UBOOT_DIR", "u-boot-qemu")])
def test_a_run_without_firmware_says_what_to_install(firmware, variable, package, tmp_path):
    done = subprocess.run([machine.HERE / "run", "--image", __file__, "--firmware", firmware],
                                  env={**os.environ, variable: str(tmp_path)},
                                  capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f"bootmem: please install: apt-get install {package}\n"


def make_shows(*arguments):
    """The commands that make would run, without what is built for them."""
    done = subprocess.run(["make", "-n", "--no-print-directory", *arguments], cwd=machine.ROOT, capture_output=True, text=True,
                          check=True, env={**os.environ, "MAKEFLAGS": ""})
    return done.stdout.splitlines()


def test_make_run_hands_its_variables_on():
    command = make_shows("run", "SMP=3", "TIMEOUT=77", "QEMU_ARGS=-name 'a b'")[-1].split(" ", 1)
    assert command[0] == "tests/qemu/run"
    assert " --smp 3 --timeout 77 -- -name 'a b'" in command[1]
    assert " --smp" not in make_shows("run")[-1] and " -- " not in make_shows("run")[-1]


@pytest.mark.parametrize("conf, display, ends", [
    (None, (), "\non-error = continue\n"),
    ("label = x", (), "label = x\non-error = continue\n"),
    ("on-error = wait\n", (), "on-error = wait\n"),
    ("label = x\n", ("DISPLAY=gtk",), "label = x\n"),
])
def test_an_error_waits_where_it_can_be_seen(conf, display, ends, tmp_path):
    (tmp_path / "conf").write_text(conf or "")
    options = [f"CONF={tmp_path}/conf"] if conf else []
    subprocess.run(["make", "-s", f"B={tmp_path}", f"{tmp_path}/run.conf", *options, *display],
                   cwd=machine.ROOT, check=True, env={**os.environ, "MAKEFLAGS": ""})
    text = (tmp_path / "run.conf").read_text()
    assert text.endswith(ends) and text.count("\non-error =") <= 1


KERNELS = ["64.elf=/bootmem/kernel-amd64.elf", "32.elf=/bootmem/kernel-ia32.elf", "my.elf=/My.ELF",
           "pie.elf=/pie.elf"]


@pytest.mark.parametrize("conf, cpu, kernel", [
    ("", "", "64.elf"),
    ("", "qemu64,-lm", "32.elf"),
    ("", "max,lm=off", "32.elf"),
    ("target = ia32\n", "", "32.elf"),
    ("target = amd64\n", "qemu64,-lm", "64.elf"),
    ("kernel-amd64 =\n", "", "32.elf"),
    ("# target = ia32\n  kernel-amd64=\\mY.elf\r\n", "", "my.elf"),
    ("\ufeffkernel-amd64 = my.elf", "max", "my.elf"),
    ("kernel-amd64 = \\none.elf\n", "", None),
    ("kernel-amd64 =\nkernel-ia32 =\n", "", None),
])
def test_the_symbols_are_those_of_the_kernel_that_runs(conf, cpu, kernel, tmp_path):
    for name in ("64.elf", "32.elf", "my.elf"):
        (tmp_path / name).write_bytes(b"\x7fELF" + 12 * b"\0" + b"\2\0")
    (tmp_path / "conf").write_text(conf)
    done = subprocess.run([machine.HERE / "symbols", "conf", cpu, *KERNELS], cwd=tmp_path,
                          capture_output=True, text=True, check=True)
    assert done.stdout == (f"-ex 'add-symbol-file {kernel}'\n" if kernel else "")
    assert bool(done.stderr) == (kernel is None)


def test_a_kernel_without_an_address_has_its_symbols_later(tmp_path):
    (tmp_path / "pie.elf").write_bytes(b"\x7fELF" + 12 * b"\0" + b"\3\0")
    (tmp_path / "conf").write_text("kernel-amd64 = /pie.elf\n")
    done = subprocess.run([machine.HERE / "symbols", "conf", "", *KERNELS], cwd=tmp_path,
                          capture_output=True, text=True, check=True)
    assert done.stdout == "" and "type in gdb: add-symbol-file pie.elf -o ADDRESS" in done.stderr


def test_make_debug_asks_for_them():
    command = make_shows("debug", "CONF=esp/bootmem.conf", "FILES=my.elf=/my.elf", "CPU=max,-lm")
    assert any(line.startswith("symbols=$(tests/qemu/symbols build/run.conf 'max,-lm' build/x64/")
               and " my.elf=/my.elf)" in line for line in command), command

@pytest.mark.parametrize("conf, lines", [
    # what `make usb' adds to a configuration: of A, B and C, which are at \a.elf, \b.elf and \c.img
    ("kernel-ia32 = \\a.elf\nkernel-amd64 = b.elf\n", ["kernel-sha256 = A \\a.elf", "kernel-sha256 = B b.elf"]),
    ("kernel-ia32 = /A.ELF\nkernel-amd64 =\ninitrd = \\c.img",
     ["kernel-sha256 = A /A.ELF", "initrd-sha256 = C \\c.img"]),
    ("kernel-ia32 = \\a.elf\nkernel-amd64 = \\b.elf\nkernel-sha256 =\n", []),
    ("kernel-ia32 = \\none.elf\nkernel-amd64 =\n", []),
    ("kernel-ia32 = \\a.elf\nkernels = x\n", []),
], ids=["both", "one-and-initrd", "has-the-key", "not-there", "an-error"])
def test_sums_are_of_what_is_named(conf, lines, tmp_path):
    wanted = "\n".join(lines)
    for name in "ABC":
        (tmp_path / name).write_text(name)
        wanted = wanted.replace(f"= {name} ", f"= {hashlib.sha256(name.encode()).hexdigest()} ")
    (tmp_path / "conf").write_text(conf)
    done = subprocess.run([machine.built("manifest"), "--sums", "conf", "=/dir/", "A=/a.elf", "B=/b.elf", "C=/c.img",
                           "C=/a.elf"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == wanted.splitlines()
    assert ("not on the stick" in done.stderr) == ("none" in conf)


def test_a_configuration_with_an_error_is_not_signed(tmp_path):
    (tmp_path / "conf").write_text("kernels = x\n")
    done = subprocess.run([machine.built("manifest"), "--list", "conf"], cwd=tmp_path, capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "manifest: conf:1: kernels: not a key that bootmem knows\n"


def test_a_configuration_that_would_not_be_read_goes_on_no_stick(tmp_path):
    """Each line has a byte more there. The lock is that of test_secure.py, which makes the same file."""
    (tmp_path / "conf").write_text(32000 * "#\n")
    with open(machine.BUILD / "signed.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        build = machine.BUILD.relative_to(machine.ROOT)
        done = subprocess.run(["make", "-s", f"B={build}", f"{build}/usb.conf", f"CONF={tmp_path}/conf"],
                              cwd=machine.ROOT, capture_output=True, text=True, check=False,
                              env={**os.environ, "MAKEFLAGS": ""})
    assert done.returncode == 2 and "/conf: larger than 64 KiB, with the sums and CR LF" in done.stderr


def test_a_key_needs_its_certificate():
    done = subprocess.run(["make", "-n", "usb", "SIGN_KEY=my.key"], cwd=machine.ROOT, capture_output=True, text=True,
                          check=False, env={**os.environ, "MAKEFLAGS": ""})
    assert done.returncode == 2 and "SIGN_KEY and SIGN_CERT go together" in done.stderr


def test_key_and_certificate_may_have_blanks_in_their_paths(tmp_path):
    key, certificate = tmp_path / "my own.key", tmp_path / "my own.pem"
    key.touch()
    certificate.touch()
    done = subprocess.run(["make", "-n", "usb", f"SIGN_KEY={key}", f"SIGN_CERT={certificate}"], cwd=machine.ROOT,
                          capture_output=True, text=True, check=False, env={**os.environ, "MAKEFLAGS": ""})
    assert done.returncode == 0, done.stderr
    assert f"--key '{key}' --cert '{certificate}'" in done.stdout


def test_a_line_is_whole_before_a_machine_is_ended_for_it():
    """What ends it at the first half of a line would lose the half that says why."""
    source, sink = os.pipe()
    told = []

    def the_rest(control):
        told.append(control)
        os.write(sink, b" load: Access Denied\r\nnext\n")
        os.close(sink)

    os.write(sink, b"first\nBdsDxe: failed to")
    with open(source, "rb") as lines:
        seen = list(machine.watch(lines, "control", at_line=("BdsDxe: failed", lambda _: told.append("whole")),
                                  at_start=("BdsDxe: failed", the_rest)))
    assert seen == [b"first\n", b"BdsDxe: failed to load: Access Denied\r\n", b"next\n"]
    assert told == ["control", "whole"]


def test_one_script_alone_starts_qemu():
    name = "qemu-" + "system-x86_64"
    users = []
    for file in machine.ROOT.rglob("*"):
        is_ours = not {".git", "build"} & set(file.relative_to(machine.ROOT).parts)
        if is_ours and file.is_file() and file.suffix not in (".md", ".txt", ".pyc"):
            if name in file.read_text(errors="replace"):
                users.append(file.relative_to(machine.ROOT))
    assert sorted(users) == [pathlib.Path("tests/qemu/run"), pathlib.Path("tests/setup")]


def test_the_report_of_two_boots(tmp_path):
    image = machine.make_image(tmp_path, {
        machine.REMOVABLE["x64"]: machine.loader("x64"),
        "/bootmem/kernel-amd64.elf": machine.kernel("amd64"),
        "/bootmem.conf": "target = amd64\nlabel = mine\n"})
    before, out = image.read_bytes(), tmp_path / "out"
    done = subprocess.run([machine.HERE / "report", "--mapdiff", machine.built("mapdiff"),
                           "--image", image, "--out", out, "192M", "200M"],
                          env={name: value for name, value in os.environ.items()
                               if name not in ("DISPLAY", "WAYLAND_DISPLAY")},
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{out}/0001.map (capture, with 192M of memory)" in done.stdout
    assert f"{out}/0002.map (capture, with 200M of memory)" in done.stdout
    assert done.stdout.endswith(f"bootmem: the report as a page: {out}/report.html\n")
    assert (out / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert (out / "report.txt").read_text() in done.stdout
    assert sorted(file.name for file in out.iterdir()) == [
        "0001.map", "0002.map", "boot1.log", "boot2.log", "report.html", "report.txt"]
    assert image.read_bytes() == before, "the image itself is not booted"


@pytest.mark.parametrize("files, told", [
    ({"a/x.c": '#include "b/y.h"', "b/y.h": '#include "b/z.h"', "b/z.h": ""}, []),
    ({"a/x.c": '#include "a/y.h"', "a/x.h": "", "a/y.h": '#include "a/x.h"'},
     ["a circle of files: a/x -> a/y -> a/x", "    a/x -> a/y: a/x.c includes a/y.h",
      "    a/y -> a/x: a/y.h includes a/x.h"]),
    ({"a/x.h": '#include "a/y.h"', "a/y.h": '#include "a/x.h"\n#include "a/z.h"', "a/z.h": '#include "a/y.h"', "a/w.c": ""},
     ["a circle of files: a/x -> a/y -> a/x", "    a/x -> a/y: a/x.h includes a/y.h",
      "    a/y -> a/x: a/y.h includes a/x.h", "a circle of files: a/y -> a/z -> a/y",
      "    a/y -> a/z: a/y.h includes a/z.h", "    a/z -> a/y: a/z.h includes a/y.h"]),
    ({"a/x.c": '#include "b/y.h"', "b/y.h": '#include "a/z.h"', "a/z.h": ""},
     ["a circle of folders: a -> b -> a", "    a -> b: a/x.c includes b/y.h",
      "    b -> a: b/y.h includes a/z.h"]),
    ({"a/x.c": "void y(void); void x(void) { y(); }",
      "a/y.c": "void x(void); void y(void) { x(); }"},
     ["a circle of files: a/x -> a/y -> a/x", "    a/x -> a/y: a/x.c calls y",
      "    a/y -> a/x: a/y.c calls x"]),
], ids=["none", "of includes", "two", "of folders alone", "of calls that no header shows"])
def test_a_circle_is_named(files, told, tmp_path):
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "objects/a").mkdir(parents=True)
    for path in files:
        if path.endswith(".c"):
            subprocess.run(["gcc", "-c", "-I.", path, "-o", f"objects/{path[:-2]}.o"],
                           cwd=tmp_path, check=True)
    done = subprocess.run([machine.HERE.parent / "check-circles", "--objects", "objects",
                           *sorted({path[0] for path in files})],
                          cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout.splitlines(), done.returncode) == (told, 1 if told else 0)


def draw(dots, x, y, size, text, colour):
    glyphs = {char: rows for rows, char in screen_text.read_glyphs().items()}
    for number, char in enumerate(text):
        for row, bits in enumerate(glyphs.get(char, bytes(16))):
            for column in range(8 * size):
                if bits >> 7 - column // size & 1:
                    for line in range(size):
                        dots[y + row * size + line][x + 8 * size * number + column] = colour


def picture(dots, scale, margin):
    """The bytes of a picture, with a margin of so many pixels at the left and right."""
    rgb = {name: value.to_bytes(3, "big") for name, value in screen_text.COLOURS.items()}
    side = rgb["panel"] * margin
    lines = [side + b"".join(rgb[dot] * scale for dot in line) + side for line in dots]
    return b"".join(line * scale for line in lines)


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_the_text_of_a_screen_is_read(scale):
    dots = [["background"] * 640 for _ in range(352)]
    dots[200:220] = [["amber"] * 640 for _ in range(20)]
    draw(dots, 16, 4, 1, "Any text (of ASCII), \\path_0001.map: 100 %!", "white")
    draw(dots, 16, 40, 2, "MAP CHANGED", "red")
    draw(dots, 208, 40, 1, "since 27 Nov.", "grey")
    draw(dots, 16, 201, 1, "Esc", "background")
    draw(dots, 61, 201, 1, "back", "panel")  # between columns
    margin = 5
    screen = screen_text.Screen(640 * scale + 2 * margin, 352 * scale,
                                picture(dots, scale, margin))
    assert screen.is_sharp
    assert [(row.y, row.size, row.text) for row in screen.rows] == [
        (4, 1, "  Any text (of ASCII), \\path_0001.map: 100 %!"),
        (40, 2, " MAP CHANGED"), (40, 1, " " * 26 + "since 27 Nov."),
        (201, 1, "  Esc   back")]
    assert screen.find("Esc").colours("Esc") == {("background", "amber")}
    assert screen.find("since").colours("Nov") == {("grey", "background")}


def test_a_dot_that_is_no_square_is_noticed():
    pixels = bytearray(picture([["grey"] * 640 for _ in range(352)], 2, 0))
    pixels[3 * (100 * 1280 + 101)] ^= 0x80
    assert not screen_text.Screen(1280, 704, bytes(pixels)).is_sharp


# ---------------------------------------------------------------------------------------------
# The checks of the sources.

def test_clang_tidy_reads_a_file_again_when_something_has_changed_that_it_read(tmp_path):
    """tests/tidy, with a clang-tidy that counts; one that finds something gets no stamp."""
    (tmp_path / "stamps").mkdir()
    (tmp_path / "clang-tidy").write_text("#!/bin/bash\n[ \"$1\" = --version ] && exec cat version\n"
                                         "echo called >>calls\n! grep -q fault a.c\n")
    (tmp_path / "clang-tidy").chmod(0o755)
    for name, text in (("version", "14"), (".clang-tidy", "Checks: '*'\n"), ("a.h", ""),
                       ("a.c", "#include <stdint.h>\n#include \"a.h\"\n"), ("calls", "")):
        (tmp_path / name).write_text(text)

    def calls(*flags):
        before = (tmp_path / "calls").read_text().count("\n")
        done = subprocess.run([machine.ROOT / "tests/tidy", "stamps", "a.c", *flags], cwd=tmp_path, check=False,
                              env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
        return (tmp_path / "calls").read_text().count("\n") - before, done.returncode

    assert calls() == (1, 0) and calls() == (0, 0)
    assert calls("-DX") == (1, 0) and calls("-DX") == (0, 0)
    for name in ("a.h", "a.c", ".clang-tidy", "version"):
        with open(tmp_path / name, "a", encoding="ascii") as file:
            file.write("/* */\n")
        assert calls() == (1, 0) and calls() == (0, 0), name
    (tmp_path / "a.c").write_text("/* fault */\n")
    assert calls() == (1, 1) and calls() == (1, 1)


def test_the_summary_says_what_each_part_had_and_cost(tmp_path):
    """tests/run-all, with a make that takes a second of the CPU in one part, and fails in another."""
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin/make"
    fake.write_text(f"""#!/bin/bash
case ${{!#}} in
test-unit)
	mkdir -p {tmp_path}/host64
	printf '[  PASSED  ] 7 test(s).\\n[  SKIPPED ] 2 test(s).\\n' >{tmp_path}/host64/test_a.log
	exec /usr/bin/python3 -c 'import os
while os.times().user < 1.1: sum(range(100000))' ;;
lint) echo 'lint: a ok'; echo 'lint: b FAILED'; exit 2 ;;
test-mapdiff | test-resume | test-qemu) echo '5 passed, 1 skipped in 0.10s' ;;
*) echo 'floors: ok' ;;
esac
""")
    fake.chmod(0o755)
    done = subprocess.run([machine.ROOT / "tests/run-all", tmp_path], stdout=subprocess.PIPE, text=True, check=False,
                          env={**os.environ, "PATH": f"{fake.parent}:{os.environ['PATH']}"})
    summary = done.stdout[done.stdout.index("== summary, "):].splitlines()
    assert re.fullmatch(r"== summary, \d+ s; CPU [1-9]\d* s user, \d+ s system", summary[0]), summary
    parts = {line.split()[0]: line for line in summary[1:-1]}
    assert list(parts) == ["test-unit", "test-floors", "test-build", "lint", "test-mapdiff", "test-budget", "test-resume",
                           "test-qemu"]
    assert re.search(r" 7 passed, 0 failed, 2 skipped  \(\d+ s; CPU [1-9]\d* s user, \d+ s system\)$",
                     parts["test-unit"]), summary
    assert " 1 passed, 1 failed, 0 skipped  (" in parts["lint"] and "; CPU 0 s user, " in parts["lint"], summary
    assert summary[-1] == "26 passed, 1 failed, 5 skipped" and done.returncode == 1, summary

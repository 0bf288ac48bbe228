"""Secure Boot, with OVMF's snakeoil keys, whose private half is known: what `make usb SIGN_KEY= SIGN_CERT=' makes
starts, and nothing else does."""

import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess

import pytest

import machine
from live import Live
from test_screens import check_screen
from test_stick import DATA, ESP, put, read

KEYS = pathlib.Path("/usr/share/ovmf")
CERTIFICATE = KEYS / "PkKek-1-snakeoil.pem"
INITRD = bytes(range(256)) * 20
CONF = "initrd = \\initrd.img\nmem = 160M\nlabel = signed\nat-end = poweroff\n"
REFUSED = "bootmem: error: "
KERNELS = ("/bootmem/kernel-amd64.elf", "/bootmem/kernel-ia32.elf")


@pytest.fixture(name="key", scope="module")
def fixture_key(tmp_path_factory):
    """sbsign asks for the pass phrase of one that has it."""
    key = tmp_path_factory.mktemp("key") / "snakeoil.key"
    subprocess.run(["openssl", "pkey", "-in", KEYS / "PkKek-1-snakeoil.key", "-passin", "pass:snakeoil",
                    "-out", key], check=True)
    return key


def make_signed(directory, key, conf, files):
    """A signed stick: two workers must not make it at a time. files: path on it -> bytes."""
    (directory / "conf").write_text(conf)
    image = directory / "usb.img"
    for path, data in files.items():
        (directory / path[1:]).write_bytes(data)
    variables = {"B": machine.BUILD.relative_to(machine.ROOT), "USB_IMAGE": image, "SIGN_KEY": key,
                 "SIGN_CERT": CERTIFICATE, "CONF": directory / "conf",
                 "FILES": " ".join(f"{directory}{path}={path}" for path in files)}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    with open(machine.BUILD / "signed.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(["make", "-s", "usb", *(f"{name}={value}" for name, value in variables.items())],
                              cwd=machine.ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        shutil.copyfile(machine.BUILD / "x64/bootmem-listed.efi", directory / "unsigned.efi")
    return image


@pytest.fixture(name="signed", scope="module")
def fixture_signed(key, tmp_path_factory):
    return make_signed(tmp_path_factory.mktemp("signed"), key, CONF, {"/initrd.img": INITRD})


def sign(key, program, directory, certificate=CERTIFICATE):
    subprocess.run(["sbsign", "--key", key, "--cert", certificate, "--output", directory / "program.efi", program],
                   check=True, capture_output=True)
    return directory / "program.efi"


@pytest.fixture(name="stick")
def fixture_stick(signed, tmp_path):
    return pathlib.Path(shutil.copyfile(signed, tmp_path / "stick.img"))


def boot(directory, stick, *options):
    """Up to the first boot entry's end: the firmware has more, which come to the same."""
    return machine.run(directory, stick, "--secure", "--usb", "--write", "--memory", "192M", *options,
                       at_line=("BdsDxe: failed to ", lambda control: control.execute("quit")))


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def refused(seen):
    """The message, where the firmware has started bootmem, and that has started no kernel."""
    assert seen.verdict is None, seen.text
    assert seen.find(r"^bootmem: Secure Boot: enabled$"), seen.text
    assert seen.find(r"^bootmem: Saved    \\bootmem\\captures\\0001\.map$"), seen.text
    errors = seen.lines(REFUSED)
    assert len(errors) == 1 and errors[0].endswith(" (SECURITY_VIOLATION)"), seen.text
    return errors[0].removeprefix(REFUSED).removesuffix(" (SECURITY_VIOLATION)")


def edit(stick, change, waits="timeout = 0\r\non-error = continue\r\n"):
    """bootmem.conf, changed; and the lines that say that nothing waits, or what does."""
    conf = read(stick, DATA, "/bootmem.conf").decode("ascii")
    put(stick, DATA, "/bootmem.conf", change(conf) + waits)


def as_it_is(conf):
    return conf


@pytest.mark.parametrize("firmware, target, cpu", [("x64", "amd64", "qemu64"), ("ia32", "ia32", "qemu64,-lm")])
def test_a_signed_stick_starts(firmware, target, cpu, stick, tmp_path):
    """With lines that may be edited, comments, and other ends of lines."""
    edit(stick, lambda conf: "# mine\n\n" + conf.replace("\r\n", "\n").replace("= signed", "= edited  ")
         .replace("poweroff", "reset"))
    seen = boot(tmp_path, stick, "--firmware", firmware, "--cpu", cpu)
    machine.assert_pass(seen, machine.may_be_na(firmware, target, has_initrd=True))
    kernel = sha256(machine.kernel(target).read_bytes())
    lines = read(stick, DATA, "/bootmem/captures/0001.map").decode("ascii").splitlines()
    assert {"label edited", "secure-boot enabled", f"kernel-sha256 {kernel}",
            f"initrd-sha256 {sha256(INITRD)}"} <= set(lines), lines
    assert seen.find(f"^bootmem: SHA-256 of the kernel: {kernel}$"), seen.text


@pytest.mark.parametrize("rule, change, says", [
    ("changed", lambda conf: conf.replace("160M", "161M"),
     r"\bootmem.conf:2: Secure Boot is on, and this line is not as it was signed: mem = 161M; signed: mem = 160M."),
    ("added", lambda conf: conf + "cmdline = stub.memory=4M\r\n",
     "this line was not there when it was signed: cmdline = stub.memory=4M."),
    ("removed", lambda conf: conf.replace("mem = 160M\r\n", ""),
     r"\bootmem.conf: Secure Boot is on, and a line that was signed is not there: mem = 160M.")],
    ids=lambda value: value if isinstance(value, str) and len(value) < 8 else "")
def test_a_configuration_with_another_line_does_not(rule, change, says, stick, tmp_path):
    edit(stick, change)
    assert says in refused(boot(tmp_path, stick)), rule
    assert says in read(stick, DATA, "/bootmem/last-error.txt").decode("ascii")


@pytest.mark.parametrize("line", ["chain = \\chained.efi", "pin = yes"])
def test_a_loader_that_was_not_in_the_list_does_not(line, stick, tmp_path):
    edit(stick, lambda conf: conf + line + "\r\n")
    seen = boot(tmp_path, stick)
    assert seen.verdict is None and "Starting" not in seen.text, seen.text
    assert seen.find(r"^bootmem: error: .*this line was not there when it was signed: "
                     + re.escape(line) + r"\. .*SECURITY_VIOLATION\)$"), seen.text


def test_a_loader_has_to_be_signed_too(key, tmp_path):
    """The firmware looks at it; bootmem's list has the lines that name it, and not its sum."""
    conf = "chain = \\chained.efi\nchain-options = log 100 exit\npin = yes\n"
    stick = make_signed(tmp_path, key, conf, {"/chained.efi": machine.loader("x64", "chained").read_bytes()})
    edit(stick, as_it_is, "on-error = continue\r\n")
    seen = boot(tmp_path, stick)
    assert seen.find(r"^bootmem: error: chain \\chained.efi: cannot be loaded \((SECURITY_VIOLATION|"
                     r"ACCESS_DENIED)\)$"), seen.text
    assert seen.verdict is None and "plant: chained" not in seen.text, seen.text
    put(stick, DATA, "/chained.efi", sign(key, machine.loader("x64", "chained"), tmp_path))
    seen = boot(tmp_path, stick)
    assert seen.verdict == "PASS", seen.text
    assert seen.find(r"Starting \\chained.efi, (NOT PINNED|pinned at 0x[0-9a-f]+)"), seen.text


def test_behind_shim_an_image_without_types_is_given_some(key, tmp_path):
    """shim starts bootmem, and verifies what that starts: its LoadImage() leaves the types of memory 0. They are
    counted."""
    conf = "chain = \\chained.efi\nchain-options = types log 100 exit\npin = yes\n"
    stick = make_signed(tmp_path, key, conf, {"/chained.efi": machine.loader("x64", "chained").read_bytes()})
    edit(stick, as_it_is, "on-error = continue\r\n")
    (tmp_path / "bootmem.efi").write_bytes(read(stick, ESP, "/EFI/BOOT/BOOTX64.EFI"))
    put(stick, ESP, "/EFI/BOOT/grubx64.efi", tmp_path / "bootmem.efi")
    put(stick, ESP, "/EFI/BOOT/BOOTX64.EFI", sign(key, "/usr/lib/shim/shimx64.efi", tmp_path))
    put(stick, DATA, "/chained.efi", sign(key, machine.loader("x64", "chained"), tmp_path))
    seen = boot(tmp_path, stick, "--memory", "512M")
    assert seen.find(r"Starting \\chained.efi, pinned at 0x[0-9a-f]+\r?$") and seen.verdict == "PASS", seen.text
    assert seen.find(r"^plant: types 1 2\r?$") and seen.find(r"^plant: record error 0, .* untyped 1, "), seen.text
    put(stick, DATA, "/chained.efi", machine.loader("x64", "chained"))
    seen = boot(tmp_path, stick, "--memory", "512M")
    assert seen.find(r"^bootmem: error: chain \\chained.efi: cannot be loaded \(") and seen.verdict is None, seen.text


def spoil(stick, path, directory):
    """A byte more at its end, of which a kernel would never see anything. The bytes as they were."""
    number = ESP if path in KERNELS else DATA
    data = read(stick, number, path)
    (directory / "changed").write_bytes(data + b"!")
    put(stick, number, path, directory / "changed")
    return data


def take_list_away(stick, key, directory):
    put(stick, ESP, "/EFI/BOOT/BOOTX64.EFI", sign(key, machine.loader("x64"), directory))


@pytest.mark.parametrize("path, noun", [("/bootmem/kernel-amd64.elf", "kernel"), ("/initrd.img", "initrd")])
def test_a_changed_file_does_not(path, noun, stick, tmp_path):
    edit(stick, as_it_is)
    data = spoil(stick, path, tmp_path)
    says = refused(boot(tmp_path, stick))
    assert says.startswith(f"{noun} {path}: ".replace("/", "\\")), says
    assert f"its SHA-256 is {sha256(data + b'!')}, and signed is {sha256(data)}." in says


def test_an_unsigned_application_is_not_even_started(stick, signed, tmp_path):
    put(stick, ESP, "/EFI/BOOT/BOOTX64.EFI", signed.parent / "unsigned.efi")
    seen = boot(tmp_path, stick)
    assert "Access Denied" in seen.text and not seen.find("^bootmem: x64"), seen.text


def test_one_that_is_signed_with_a_key_that_the_firmware_does_not_know_neither(stick, tmp_path):
    key, certificate = tmp_path / "other.key", tmp_path / "other.pem"
    subprocess.run(["openssl", "req", "-new", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                    "/CN=another key/", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    put(stick, ESP, "/EFI/BOOT/BOOTX64.EFI", sign(key, machine.loader("x64"), tmp_path, certificate))
    seen = boot(tmp_path, stick)
    assert "Access Denied" in seen.text and not seen.find("^bootmem: x64"), seen.text


def test_one_without_a_list_starts_nothing(stick, key, tmp_path):
    take_list_away(stick, key, tmp_path)
    edit(stick, as_it_is)
    assert refused(boot(tmp_path, stick)).startswith("Secure Boot is on, and this bootmem has no list of the files")


SCREENS = [
    ("kernel", (640, 480), ("kernel-amd64.elf is not", "the file that was signed with this stick.")),
    ("kernel", (1280, 800), ("kernel-amd64.elf is not", "the file that was signed with this stick.")),
    ("initrd", (640, 480), ("initrd.img is not", "the file that was signed with this stick.")),
    ("configuration", (1280, 800), ("bootmem.conf is not", "mem = 160M", "line 2: mem = 161M")),
    ("list", (640, 480), ("this bootmem has no", "list of the files that it may start.")),
]


@pytest.mark.parametrize("what, size, words", SCREENS,
                         ids=[f"{what}-{size[0]}x{size[1]}" for what, size, _ in SCREENS])
def test_the_screen_of_what_is_refused(what, size, words, stick, key, tmp_path):
    """The answer is on it, and so are its keys and its time."""
    edit(stick, lambda conf: conf.replace("160M", "161M") if what == "configuration" else conf,
         "timeout = never\r\n")
    if what in ("kernel", "initrd"):
        data = spoil(stick, KERNELS[0] if what == "kernel" else "/initrd.img", tmp_path)
        words += (sha256(data), sha256(data + b"!"))
    elif what == "list":
        take_list_away(stick, key, tmp_path)
    with Live(tmp_path / "run", stick, "--secure", "--usb", "--write", "--memory", "192M", size=size) as live:
        live.wait_for("bootmem: Switches off in 10:00. Any key keeps it on.")
        screen = live.screen("Switches off in")
        check_screen(screen, live, "NOT STARTED")
        for text in words + ("Secure Boot on", "FIRST BOOT: first capture", "Before", "BitLocker"):
            assert screen.find(text), screen.text
        if what != "kernel":
            return
        live.press("l", "1", "ret")
        live.wait_for("NOT STARTED", times=2)
        live.press("d")
        live.screen("page 1 of")
        live.press("esc")
        check_screen(live.screen("NOT STARTED"), live, "NOT STARTED")
        live.press("ret")
        check_screen(live.screen("firmware"), live, "FIRST BOOT")
        assert not live.screen("firmware").find("prove memory")
    assert "label docked" in read(stick, DATA, "/bootmem/captures/0001.map").decode("ascii").splitlines()

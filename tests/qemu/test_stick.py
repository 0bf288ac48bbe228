"""The stick that `make usb' makes: what is on it, and boots from it. The first partition is its owner's,
and the second is the firmware's."""

import hashlib
import shutil
import struct
import subprocess
import uuid

import pytest

import fat
import machine

BASIC_DATA = uuid.UUID("EBD0A0A2-B9E5-4433-87C0-68B6B72699C7")
EFI_SYSTEM = uuid.UUID("C12A7328-F81F-11D2-BA4B-00A0C93EC93B")
DATA, ESP = 1, 2
CAPTURE = "/bootmem/captures/0001.map"


@pytest.fixture(name="stick")
def fixture_stick(tmp_path):
    return copy(machine.built("bootmem-usb.img"), tmp_path / "stick.img")


def copy(source, target):
    shutil.copyfile(source, target)
    return target


def put(stick, number, path, source):
    """A file on a partition, from a path or of these contents."""
    if isinstance(source, str):
        file = stick.parent / "put"
        file.write_text(source)
        source = file
    done = machine.mtools("mcopy", machine.partition(stick, number), "-o", source, "::" + path)
    assert done.returncode == 0, done.stderr


def read(stick, number, path):
    return machine.read_file(machine.partition(stick, number), path)


def listed(stick, number):
    done = machine.mtools("mdir", machine.partition(stick, number), "-/", "-b", "::")
    return sorted(done.stdout.decode().replace("::", "").split())


def boot(directory, stick, firmware="x64", options=("--usb",)):
    return machine.run(directory, stick, "--firmware", firmware, "--memory", "192M", "--write", *options)


def assert_sound(stick):
    for number in (DATA, ESP):
        file = stick.parent / f"partition-{number}"
        file.write_bytes(machine.partition_bytes(stick, number))
        done = subprocess.run(["/usr/sbin/fsck.fat", "-n", file], capture_output=True, text=True,
                              check=False)
        assert done.returncode == 0, done.stdout
        file.unlink()


def test_what_is_on_it(stick):
    table = machine.partition_table(stick)
    types = [uuid.UUID(bytes_le=table[at:at + 16]) for at in range(0, len(table), 128)]
    starts = [struct.unpack_from("<Q", table, at + 32)[0] for at in (0, 128)]
    assert types == [BASIC_DATA, EFI_SYSTEM] + 126 * [uuid.UUID(int=0)]
    assert starts[0] < starts[1], "a desktop that shows one partition shows the first"
    assert listed(stick, DATA) == ["/README.TXT", "/bootmem.conf", "/bootmem/", "/bootmem/captures/"]
    assert [path for path in listed(stick, ESP) if not path.endswith("/")] == [
        "/EFI/BOOT/BOOTIA32.EFI", "/EFI/BOOT/BOOTX64.EFI", "/bootmem/kernel-amd64.elf",
        "/bootmem/kernel-ia32.elf"]
    assert_sound(stick)


def sums():
    """Lines for the two kernels, as sha256sum would have them."""
    return "".join(
        f"kernel-sha256 = {hashlib.sha256(machine.kernel(target).read_bytes()).hexdigest()} "
        f"\\bootmem\\kernel-{target}.elf\n" for target in ("ia32", "amd64"))


def test_its_owner_can_read_it(stick):
    for path, source, more in (("/README.TXT", "esp/README.TXT", ""), ("/bootmem.conf", "esp/bootmem.conf", sums())):
        text = read(stick, DATA, path)
        own = ((machine.ROOT / source).read_text() + more).replace("\n", "\r\n").encode()
        assert text == own.replace(b"\ntimeout = 0\r", b"\ntimeout = never\r"), path
    assert b"\ntimeout = never\r\n" in text
    lines = read(stick, DATA, "/README.TXT").decode("ascii").splitlines()
    assert len(lines) == 10 and max(len(line) for line in lines) < 80


@pytest.mark.parametrize("firmware, target, options", [
    ("x64", "amd64", ["--usb"]), ("x64", "ia32", ["--ehci"]), ("ia32", "amd64", ["--usb"]),
    ("ia32", "ia32", ["--ehci"]), ("x64", "amd64", [])],
    ids=lambda value: " ".join(value) or "on-SATA" if isinstance(value, list) else value)
def test_captures_are_on_the_first_partition(firmware, target, options, stick, tmp_path):
    put(stick, DATA, "/bootmem.conf", f"target = {target}\r\nlabel = from the first\r\n")
    before = listed(stick, ESP)
    seen = boot(tmp_path, stick, firmware, options)
    machine.assert_pass(seen)
    assert seen.find(r"^bootmem: Saved    \\bootmem\\captures\\0001\.map$"), seen.text
    lines = read(stick, DATA, CAPTURE).decode("ascii").splitlines()
    assert "label from the first" in lines and f"target {target}" in lines
    assert listed(stick, ESP) == before
    assert_sound(stick)


def test_a_kernel_is_dragged_to_the_first_partition(stick, tmp_path):
    put(stick, DATA, "/my kernel.elf", machine.kernel("amd64", "example"))
    put(stick, DATA, "/bootmem.conf", "kernel-amd64 = \\my kernel.elf\n")
    seen = boot(tmp_path, stick)
    assert seen.verdict == "PASS" and seen.find(r"^example: +\d+ pages free$"), seen.text


def test_a_damaged_kernel_is_not_started(stick, tmp_path):
    """One byte of it, in the stick's own configuration; another kernel in its place, with its line deleted, is."""
    conf = read(stick, DATA, "/bootmem.conf").decode().replace("timeout = never", "timeout = 0")
    put(stick, DATA, "/bootmem.conf", conf.replace("on-error = wait", "on-error = continue"))
    kernel = bytearray(machine.kernel("amd64").read_bytes())
    kernel[len(kernel) // 2] ^= 1
    (tmp_path / "damaged").write_bytes(kernel)
    put(stick, ESP, "/bootmem/kernel-amd64.elf", tmp_path / "damaged")
    seen = machine.run(tmp_path, stick, "--memory", "192M", "--usb")
    found, meant = hashlib.sha256(kernel).hexdigest(), sums().split()[-2]
    assert seen.verdict is None and (
        r"bootmem: error: kernel \bootmem\kernel-amd64.elf: damaged, or another file: its SHA-256 is "
        f"{found}, and kernel-sha256 says {meant}. Copy it to the stick again") in seen.text
    put(stick, DATA, "/bootmem.conf", "".join(
        line for line in conf.splitlines(True) if not line.startswith("kernel-sha256") or "ia32" in line))
    put(stick, ESP, "/bootmem/kernel-amd64.elf", machine.kernel("amd64", "example"))
    seen = boot(tmp_path, stick)
    assert seen.verdict == "PASS" and seen.find(r"^example: +\d+ pages free$"), seen.text


def test_a_configuration_beside_the_application_goes_first(stick, tmp_path):
    """As on a medium that was made before there were two partitions."""
    put(stick, ESP, "/bootmem.conf", "label = from the second\n")
    seen = boot(tmp_path, stick)
    machine.assert_pass(seen)
    assert b"\nlabel from the second\n" in read(stick, ESP, CAPTURE)
    assert read(stick, DATA, CAPTURE) is None
    assert_sound(stick)


def root_in_a_circle(volume):
    volume.set_next(volume.root, volume.root)


def ntfs(volume):
    volume.data[:1 << 20] = (b"\xebR\x90NTFS    " + bytes(499) + b"\x55\xaa").ljust(1 << 20, b"\0")


def erased(volume):
    volume.data[:1 << 20] = bytes(1 << 20)


@pytest.mark.parametrize("firmware, options, damage", [
    ("x64", ["--usb"], erased), ("x64", ["--usb"], ntfs), ("uboot-ia32", ["--ehci"], root_in_a_circle)])
def test_one_whose_first_partition_is_lost_boots(firmware, options, damage, stick, tmp_path):
    """Not OVMF where the clusters of its root lead in a circle: that holds it up before it starts bootmem."""
    with fat.Fat(stick, int(machine.partition(stick, DATA).rpartition("@@")[2])) as volume:
        damage(volume)
    seen = boot(tmp_path, stick, firmware, [*options, "--", "-vga", "none"])
    machine.assert_pass(seen, machine.may_be_na(firmware))
    assert seen.find(r"^bootmem: warning: no \\bootmem\.conf on a sound FAT volume of this disk: the defaults hold$")
    assert read(stick, ESP, CAPTURE).startswith(b"bootmem-capture 1\n")


def test_another_stick_is_not_touched(stick, tmp_path):
    other = copy(stick, tmp_path / "other.img")
    put(stick, DATA, "/bootmem.conf", "# the defaults\n")
    before = other.read_bytes()
    seen = boot(tmp_path, stick, options=["--usb", "--second-image", other])
    machine.assert_pass(seen)
    assert read(stick, DATA, CAPTURE) and other.read_bytes() == before


def test_it_boots_as_usb_write_leaves_it_on_a_larger_one(tmp_path):
    """The backup of the partition table is not at its end then (UEFI 2.10 §5.3.2)."""
    block = tmp_path / "sys/class/block/sdb"
    block.mkdir(parents=True)
    for name, text in (("removable", "1"), ("size", str(256 * 2048)), ("dev", "8:16")):
        (block / name).write_text(text)
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/mountinfo").touch()
    (tmp_path / "proc/swaps").touch()
    stick = tmp_path / "dev/sdb"
    stick.parent.mkdir()
    with open(stick, "wb") as file:
        file.truncate(256 << 20)
    subprocess.run([machine.ROOT / "esp/usb-write", "--root", tmp_path,
                    machine.built("bootmem-usb.img"), "/dev/sdb"], input=b"sdb\n", check=True)
    put(stick, DATA, "/bootmem.conf", "# the defaults\n")
    seen = boot(tmp_path, stick)
    machine.assert_pass(seen)
    assert read(stick, DATA, CAPTURE)

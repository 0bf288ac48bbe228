"""esp/install-esp: on a tree of files in place of the ESP, efivarfs, sysfs and /proc, where small programs play
efibootmgr and blkid (tests/qemu/played); and what that wrote, booted on OVMF's own variables. With the real
efibootmgr, in a Linux: tests/hibernate/test_install.py."""

import importlib.machinery
import importlib.util
import os
import pathlib
import shutil
import subprocess

import pytest

import load_option
import machine

SCRIPT = machine.ROOT / "esp" / "install-esp"
PLAYED = machine.HERE / "played"
GUID = "0b007e3e-0000-4000-8000-000000000002"  # of tests/qemu/image's EFI system partition
PARTITION = (2048, 131072, GUID)
SHIM = "\\EFI\\debian\\shimx64.efi"
PIN = "BootmemPin-4f1b2d6e-93c8-4a57-b01e-6c2f885d37a4"
STAGE = "BootmemStage-92c23a9a-66cd-47a8-8ea2-5d0ae99c2f85"
MOUNT = "36 25 {} / {} {},relatime shared:1 - {} {} rw\n"
ROOT_MOUNT = MOUNT.format("8:2", "/", "rw", "ext4", "/dev/sda2")
ESP_MOUNT = MOUNT.format("8:1", "/boot/efi", "rw", "vfat", "/dev/sda1")
IMAGES = {"x64": b"MZ of 64 bits", "ia32": b"MZ of 32 bits"}
CONF = "chain = next\npin = no\n"


def entry(label, file, guid=GUID, **more):
    return load_option.load_option(label, load_option.hd(1, *PARTITION[:2], guid) + load_option.file(file), **more)


class Machine:
    def __init__(self, folder):
        self.root = folder / "root"
        self.esp = self.root / "boot/efi"
        self.firmware = self.root / "sys/firmware/efi"
        self.build = folder / "build"
        self.failure = ""

    def put(self, path, contents):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents if isinstance(contents, bytes) else contents.encode())

    def set(self, name, contents):
        self.put(self.variable(name), load_option.KEPT.to_bytes(4, "little") + contents)

    def variable(self, name):
        return self.firmware / "efivars" / (name if "-" in name else f"{name}-{load_option.GLOBAL}")

    def run(self, *arguments, **more):
        environment = {**os.environ, "PATH": f"{PLAYED}:{os.environ['PATH']}", "PLAYED_FAILURE": self.failure,
                       "PLAYED_EFIVARS": str(self.firmware / "efivars"),
                       "PLAYED_PARTITION": " ".join(map(str, PARTITION)), **more}
        return subprocess.run([SCRIPT, "--root", self.root, "--build", self.build, "--conf", self.build / "esp.conf",
                               *(arguments or ("/boot/efi",))],
                              capture_output=True, text=True, check=False, env=environment)

    def install(self):
        done = self.run()
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def remove(self, *options):
        done = self.run("--remove", *options, "/boot/efi")
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    @property
    def order(self):
        return load_option.numbers(self.variable("BootOrder").read_bytes()[4:])

    @property
    def state(self):
        """All files and folders of the ESP, and all variables."""
        places = (self.esp, self.firmware / "efivars")
        return {str(path.relative_to(self.root)): path.read_bytes() if path.is_file() else None
                for place in places for path in sorted(place.rglob("*"))}


@pytest.fixture(name="pc")
def fixture_pc(tmp_path):
    pc = Machine(tmp_path)
    pc.put(pc.root / "proc/self/mountinfo", ROOT_MOUNT + ESP_MOUNT)
    disk = pc.root / "sys/devices/pci0000:00/ata1/block/sda"
    for number in (1, 2):
        pc.put(disk / f"sda{number}/partition", f"{number}\n")
        (pc.root / "sys/dev/block").mkdir(parents=True, exist_ok=True)
        (pc.root / f"sys/dev/block/8:{number}").symlink_to(
            pathlib.Path("../../devices/pci0000:00/ata1/block/sda") / f"sda{number}")
    pc.put(pc.firmware / "fw_platform_size", "64\n")
    pc.set("Boot0000", load_option.load_option("UiApp", load_option.node((4, 7), bytes(16)), attributes=0x109))
    pc.set("Boot0001", entry("debian", SHIM))
    pc.set("Boot0003", entry("bootmem", "\\EFI\\bootmem\\bootmemx64.efi", "11111111-0000-4000-8000-000000000002"))
    pc.set("BootOrder", load_option.order(0, 1, 3))
    pc.put(pc.esp / "EFI/debian/shimx64.efi", "MZ of shim")
    for width, image in IMAGES.items():
        pc.put(pc.build / width / "bootmem.efi", image)
    pc.put(pc.build / "esp.conf", CONF)
    return pc


@pytest.mark.parametrize("width", ["x64", "ia32"])
def test_it_comes_first_and_goes_without_a_trace(pc, width):
    """Captures are the user's, and are kept; and deleted when that is asked for."""
    pc.put(pc.firmware / "fw_platform_size", "64\n" if width == "x64" else "32\n")
    before = pc.state
    assert pc.install() == [
        "make /boot/efi/EFI/bootmem", f"write /boot/efi/EFI/bootmem/bootmem{width}.efi", "write /boot/efi/bootmem.conf",
        "make a boot entry, bootmem, the first in BootOrder", f"chain = next starts Boot0001 debian, {SHIM}",
        "bootmem: installed"]
    assert (pc.esp / f"EFI/bootmem/bootmem{width}.efi").read_bytes() == IMAGES[width]
    assert (pc.esp / "bootmem.conf").read_text() == CONF
    assert pc.order == [2, 0, 1, 3]
    assert pc.variable("Boot0002").read_bytes()[4:] == entry("bootmem", f"\\EFI\\bootmem\\bootmem{width}.efi")
    # What boots leave behind.
    pc.put(pc.esp / "bootmem/pin.conf", "bootmem-pin 1\n")
    pc.put(pc.esp / "bootmem/last-error.txt", "no")
    pc.put(pc.esp / "bootmem/captures/0001.map", "map")
    pc.set(PIN, b"record")
    pc.set(STAGE, b"stage")
    said = pc.remove()
    assert "/boot/efi/bootmem/captures is kept, with 1 files: CAPTURES=delete deletes them" in said
    after = {"boot/efi/bootmem": None, "boot/efi/bootmem/captures": None, "boot/efi/bootmem/captures/0001.map": b"map"}
    assert pc.state == {**before, **after}
    pc.remove("--captures")
    assert pc.state == before


def test_a_variable_of_this_boot_goes_by_itself(pc):
    """Firmware does not delete it once it has been left."""
    pc.install()
    pc.put(pc.variable(PIN), (6).to_bytes(4, "little") + b"record")
    assert not any(PIN in line for line in pc.remove())
    assert pc.variable(PIN).exists()


def test_what_is_not_its_own_is_not_deleted(pc):
    pc.install()
    pc.put(pc.esp / "EFI/bootmem/mine.txt", "mine")
    pc.put(pc.esp / "bootmem/kernel-amd64.elf", "mine, too")
    said = pc.remove("--captures")
    assert "/boot/efi/EFI/bootmem is kept, with mine.txt" in said
    assert "/boot/efi/bootmem is kept, with kernel-amd64.elf" in said
    assert (pc.esp / "EFI/bootmem/mine.txt").exists() and (pc.esp / "bootmem/kernel-amd64.elf").exists()


def test_to_install_again_updates_it(pc):
    """The image is a new one, the configuration is the user's, and the entry that is there comes first again."""
    pc.install()
    pc.put(pc.build / "x64/bootmem.efi", "MZ of tomorrow")
    pc.put(pc.esp / "bootmem.conf", "chain = next\npin = yes\n")
    pc.set("BootOrder", load_option.order(1, 2, 0, 3))
    names = set(pc.state)
    assert pc.install() == [
        "write /boot/efi/EFI/bootmem/bootmemx64.efi",
        "/boot/efi/bootmem.conf is there, and is kept: edit it to change something",
        "put the boot entry Boot0002 bootmem, \\EFI\\bootmem\\bootmemx64.efi first in BootOrder",
        f"chain = next starts Boot0001 debian, {SHIM}", "bootmem: installed"]
    assert set(pc.state) == names and pc.order == [2, 1, 0, 3]
    assert (pc.esp / "EFI/bootmem/bootmemx64.efi").read_bytes() == b"MZ of tomorrow"
    assert (pc.esp / "bootmem.conf").read_text() == "chain = next\npin = yes\n"
    assert "the boot entry Boot0002 bootmem, \\EFI\\bootmem\\bootmemx64.efi is there, and the first" in pc.install()
    assert set(pc.state) == names and pc.order == [2, 1, 0, 3]


def test_entries_that_do_not_work_are_made_anew(pc):
    """One that is switched off, one in other letters, one of the other width: all of them are its own."""
    pc.set("Boot0005", entry("bootmem", "\\EFI\\BOOTMEM\\BOOTMEMX64.EFI"))
    pc.set("Boot0006", entry("bootmem", "\\EFI\\bootmem\\bootmemx64.efi", attributes=0))
    pc.set("Boot0007", entry("bootmem", "\\EFI\\bootmem\\bootmemia32.efi"))
    pc.set("BootOrder", load_option.order(1, 7, 6, 5))
    pc.install()
    assert pc.order == [5, 1]
    assert not any(pc.variable(f"Boot000{number}").exists() for number in (2, 6, 7))


def test_dry_runs_do_nothing(pc):
    before = pc.state
    done = pc.run("--dry-run", "/boot/efi")
    assert done.returncode == 0 and pc.state == before
    assert done.stdout.splitlines() == [
        "would make /boot/efi/EFI/bootmem", "would write /boot/efi/EFI/bootmem/bootmemx64.efi",
        "would write /boot/efi/bootmem.conf", "would make a boot entry, bootmem, the first in BootOrder",
        f"chain = next starts Boot0001 debian, {SHIM}", "bootmem: nothing was done"]
    pc.install()
    pc.put(pc.esp / "bootmem/captures/0001.map", "map")
    before = pc.state
    done = pc.run("--remove", "--captures", "--dry-run", "/boot/efi")
    assert done.returncode == 0 and pc.state == before
    assert "would delete the boot entry Boot0002 bootmem, \\EFI\\bootmem\\bootmemx64.efi" in done.stdout


def test_what_will_be_next_is_told(pc):
    pc.set("BootOrder", load_option.order(0, 4, 1))
    pc.set("Boot0004", load_option.load_option("Network", load_option.node((3, 11), bytes(33))))
    assert any(line.startswith("WARNING: the next entry is Boot0004 Network, which names no file") for line in pc.install())
    pc.variable("Boot0004").unlink()
    assert f"chain = next starts Boot0001 debian, {SHIM}" in pc.install()
    pc.set("BootOrder", load_option.order(2))
    assert any(line.startswith("WARNING: there is no other boot entry for chain = next") for line in pc.install())


def test_a_configuration_without_chain_is_warned_of(pc):
    pc.put(pc.esp / "bootmem.conf", "#chain = next\nchain =\n\n")
    assert "WARNING: it has no chain =, so bootmem starts a kernel, and no other loader" in pc.install()


def test_the_next_boot_is_not_one_of_a_deleted_entry(pc):
    pc.install()
    pc.set("BootNext", load_option.order(2))
    pc.remove()
    assert not pc.variable("BootNext").exists()
    pc.install()
    pc.set("BootNext", load_option.order(1))
    pc.remove()
    assert pc.variable("BootNext").exists()


def test_secure_boot_is_warned_of(pc):
    pc.set("SecureBoot", b"\1")
    assert any(line.startswith("WARNING: Secure Boot is on") for line in pc.install())


def test_a_partition_table_of_the_old_kind(pc):
    """blkid calls that partition by the disk's number and its own."""
    pc.install()
    path = load_option.node(load_option.HD, (1).to_bytes(4, "little") + bytes(16) + b"\x78\x56\x34\x12" + bytes(12) +
                            b"\1\1") + load_option.file("\\EFI\\bootmem\\bootmemx64.efi")
    pc.set("Boot0002", load_option.load_option("bootmem", path))
    pc.run("--remove", "/boot/efi", PLAYED_PARTITION="1 2 12345678-01")
    assert not pc.variable("Boot0002").exists()


def unmount(pc):
    pc.put(pc.root / "proc/self/mountinfo", ROOT_MOUNT)


def mount(device="8:1", kind="vfat", options="rw"):
    return lambda pc: pc.put(pc.root / "proc/self/mountinfo",
                             ROOT_MOUNT + ESP_MOUNT + MOUNT.format(device, "/boot/efi", options, kind, "/dev/x"))


def without(*parts):
    def take(pc):
        path = pc.root.parent.joinpath(*parts)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return take


def md(pc):
    (pc.root / "sys/devices/virtual/block/md0").mkdir(parents=True)
    (pc.root / "sys/dev/block/9:0").symlink_to("../../devices/virtual/block/md0")
    mount("9:0")(pc)


REFUSED = [  # what is done to the machine, and the complaint
    ("no UEFI", without("root", "sys", "firmware"),
     "this system was not started by UEFI firmware: there is no /sys/firmware/efi"),
    ("no efivarfs", without("root", "sys", "firmware", "efi", "efivars"),
     "no variables in /sys/firmware/efi/efivars: mount -t efivarfs efivarfs /sys/firmware/efi/efivars"),
    ("no width", without("root", "sys", "firmware", "efi", "fw_platform_size"),
     "/sys/firmware/efi/fw_platform_size does not say 32 or 64"),
    ("no folder", without("root", "boot"), "/boot/efi is no folder: ESP=/boot/efi, or where the ESP is mounted"),
    ("not mounted", unmount, "nothing is mounted at /boot/efi"),
    ("no FAT", mount(kind="ext4"), "/boot/efi is ext4, not the FAT of an ESP"),
    ("not yet mounted", mount(kind="autofs"), "/boot/efi is autofs, not the FAT of an ESP"),
    ("read-only", mount(options="ro"), "/boot/efi is mounted read-only"),
    ("RAID", md, "/boot/efi lies on md0, which is no partition of a disk: no boot entry can name it"),
    ("not built", without("build", "x64"),
     "{build}/x64/bootmem.efi: No such file or directory: make builds it"),
]


@pytest.mark.parametrize("break_it, says", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_be_is_refused(pc, break_it, says):
    break_it(pc)
    before = pc.state
    done = pc.run()
    assert (done.returncode, done.stderr) == (2, f"bootmem: {says.format(build=pc.build)}\n")
    assert pc.state == before and "installed" not in done.stdout


@pytest.fixture(name="install_esp")
def fixture_install_esp():
    loader = importlib.machinery.SourceFileLoader("install_esp", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("install_esp", loader))
    loader.exec_module(module)
    return module


def test_no_room(pc, install_esp, monkeypatch):
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result((4096, 4096, 50, 25, 25, 0, 0, 0, 0, 255)))
    monkeypatch.setenv("PATH", f"{PLAYED}:{os.environ['PATH']}")
    monkeypatch.setenv("PLAYED_PARTITION", " ".join(map(str, PARTITION)))
    before = pc.state
    with pytest.raises(install_esp.Refusal, match="/boot/efi has no room: 100 KiB are free, and 2048 are needed"):
        install_esp.main(["--root", str(pc.root), "--build", str(pc.build), "--conf", str(pc.build / "esp.conf"),
                          "/boot/efi"])
    assert pc.state == before


def test_firmware_that_takes_no_entry_leaves_nothing_behind(pc):
    """A full variable store, as efibootmgr says it."""
    pc.failure = "--create"
    before = pc.state
    done = pc.run()
    assert (done.returncode, done.stderr) == (
        1, "bootmem: efibootmgr failed: Could not prepare Boot variable: No space left on device\n")
    assert pc.state == before


def test_an_update_that_fails_leaves_the_old_one(pc):
    pc.install()
    pc.set("BootOrder", load_option.order(1, 2))
    pc.failure = "--bootorder"
    before = pc.state
    assert pc.run().returncode == 1
    assert pc.state == before


def test_a_removal_that_fails_leaves_what_the_entry_names(pc):
    pc.install()
    pc.failure = "--delete-bootnum"
    before = pc.state
    assert pc.run("--remove", "/boot/efi").returncode == 1
    assert pc.state == before


@pytest.mark.parametrize("missing", ["efibootmgr", "blkid"])
def test_a_program_that_is_missing(pc, tmp_path, missing):
    (tmp_path / "bin").mkdir()
    for name in {"efibootmgr", "blkid"} - {missing}:
        (tmp_path / "bin" / name).symlink_to(PLAYED / name)
    before = pc.state
    done = pc.run(PATH=str(tmp_path / "bin"))
    assert (done.returncode, done.stderr) == (2, f"bootmem: please install: {missing}\n")
    assert pc.state == before


def test_without_an_esp(pc):
    done = pc.run("--dry-run")
    assert (done.returncode, done.stderr) == (
        2, "bootmem: say where the EFI system partition is mounted: ESP=/boot/efi\n")


def test_only_root_may(tmp_path):
    """Nobody reads the sources of this tree, maybe: a copy."""
    tmp_path.chmod(0o755)
    script = shutil.copy(SCRIPT, tmp_path / "install-esp")
    as_nobody = {"user": 65534} if os.geteuid() == 0 else {}
    done = subprocess.run(["/usr/bin/python3", "-c", script.read_text(), "/boot/efi"], capture_output=True, text=True,
                          check=False, cwd="/", **as_nobody)
    assert done.returncode == 2 and done.stderr.startswith("bootmem: only root can do that: sudo "), done.stderr


def test_help_names_what_is_written():
    done = subprocess.run([SCRIPT, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    for word in ("bootmemx64.efi", "bootmem.conf", "pin.conf", "--dry-run", "--remove", "--captures"):
        assert word in done.stdout


def make(*arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(["make", *arguments], cwd=machine.ROOT, env=environment, capture_output=True, text=True,
                          check=False)


@pytest.mark.parametrize("options, says", [
    ((), {"chain = next"}), (("PIN=yes",), {"chain = next", "pin = yes"}), (("CONF={conf}",), None)])
def test_make_writes_the_configuration(tmp_path, options, says):
    """The manual with these lines, and one's own as it is."""
    (tmp_path / "conf").write_text("chain = \\EFI\\a.efi\nchain =\n")
    done = make("-s", f"B={tmp_path}", f"{tmp_path}/esp.conf", *(word.format(conf=tmp_path / "conf") for word in options))
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "esp.conf").read_text()
    manual = (machine.ROOT / "esp/bootmem.conf").read_text()
    if says is None:
        assert written == (tmp_path / "conf").read_text()
    else:
        assert len(written.splitlines()) == len(manual.splitlines())
        assert {new for new, old in zip(written.splitlines(), manual.splitlines()) if new != old} == says


def test_make_signs_what_it_installs(tmp_path):
    (tmp_path / "key").touch()
    done = make("-n", "install-esp", "ESP=/boot/efi", f"SIGN_KEY={tmp_path}/key", f"SIGN_CERT={tmp_path}/key")
    assert done.returncode == 0, done.stderr
    assert "esp/install-esp --build 'build/signed-esp' --conf 'build/esp.conf' /boot/efi" in " ".join(done.stdout.split())
    assert f"sbsign --key '{tmp_path}/key'" in done.stdout


@pytest.mark.parametrize("goal, options, says", [
    ("install-esp", ("DRY_RUN=1",), "--dry-run /boot/efi"), ("uninstall-esp", (), "--remove /boot/efi"),
    ("uninstall-esp", ("CAPTURES=delete", "DRY_RUN=1"), "--remove --captures --dry-run /boot/efi")])
def test_make_passes_on_what_is_wanted(goal, options, says):
    done = make("-n", goal, "ESP=/boot/efi", *options)
    assert done.returncode == 0 and says in " ".join(done.stdout.split()), done.stderr


@pytest.mark.parametrize("firmware", ["x64", "ia32"])
def test_what_it_writes_boots(pc, tmp_path, firmware):
    """The variables of the tree, set in OVMF, and its ESP on a disk: bootmem starts what was first before."""
    pc.build = machine.BUILD
    pc.put(pc.firmware / "fw_platform_size", f"{machine.BITS[firmware]}\n")
    pc.set("Boot0001", entry("debian", SHIM, options="exit\0".encode("utf-16-le")))
    pc.set("BootOrder", load_option.order(1))
    shutil.copy(machine.loader(firmware, "chained"), pc.esp / "EFI/debian/shimx64.efi")
    pc.install()
    # OVMF has entries of its own under the first numbers.
    variables = {f"Boot{0x100 + number:04X}": pc.variable(f"Boot{number:04X}").read_bytes()[4:] for number in pc.order}
    variables["BootOrder"] = load_option.order(*(0x100 + number for number in pc.order))
    files = {f"/{path.relative_to(pc.esp)}": path for path in pc.esp.rglob("*") if path.is_file()}
    image = machine.make_image(tmp_path, {
        **files, machine.removable(firmware): machine.loader(firmware, "plant"),
        "/plant.conf": "".join(f"variable {name} \\{name}\n" for name in variables),
        **{f"/{name}": contents for name, contents in variables.items()}}, "--gpt")
    run = (tmp_path, image, "--firmware", firmware, "--write", "--keep-vars", tmp_path / "vars.fd")
    machine.run(*run)
    seen = machine.run(*run, "--own-order")
    assert seen.verdict == "PASS", seen.text
    assert seen.find(r"^bootmem: FIRST BOOT.*Starting Boot0101 \\EFI\\debian\\shimx64.efi\r?$"), seen.text

"""esp/usb-write, with a tree of files in place of devices, sysfs and /proc.

A machine here has the disk sdb, a stick with the partitions sdb1 and sdb2, unless a row says otherwise.
"""

import importlib.machinery
import importlib.util
import os
import pathlib
import subprocess

import pytest

import machine

SCRIPT = machine.ROOT / "esp" / "usb-write"
STICK_BYTES = 8 << 20
IMAGE = os.urandom((5 << 20) + 512)
ON_USB = "sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block"
ON_PCI = "sys/devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block"
MOUNT = "36 25 {} / {} rw,relatime shared:1 - {} {} rw\n"
ROOT_MOUNT = MOUNT.format("8:1", "/", "ext4", "/dev/sda1")
SWAPS = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")


def add_disk(root, name, parent, partitions=(), number=16, **attributes):
    """Attributes: `device_model' is the file device/model."""
    disk = root / parent / name
    files = {"size": STICK_BYTES // 512, "ro": 0, "removable": 1, "dev": f"8:{number}",
             "queue_logical_block_size": 512, "device_vendor": "SanDisk ",
             "device_model": "Ultra Fit       ", "device_type": 0, **attributes}
    for path, text in files.items():
        put(disk / path.replace("device_", "device/").replace("queue_", "queue/"), str(text))
    (disk / "holders").mkdir()
    for n in partitions:
        put(disk / f"{name}{n}" / "partition", str(n))
        put(disk / f"{name}{n}" / "dev", f"8:{number + n}")
        put(disk / f"{name}{n}" / "size", "2048")
        (disk / f"{name}{n}" / "holders").mkdir()
    (root / "dev").mkdir(exist_ok=True)
    (root / "sys/class/block").mkdir(parents=True, exist_ok=True)
    for entry in (disk, *(disk / f"{name}{n}" for n in partitions)):
        (root / "sys/class/block" / entry.name).symlink_to(
            pathlib.Path("../../..") / entry.relative_to(root))
        device = root / "dev" / entry.name
        device.touch()
        os.truncate(device, int((entry / "size").read_text()) * 512)
    return disk


@pytest.fixture(name="root")
def fixture_root(tmp_path):
    root = tmp_path / "root"
    add_disk(root, "sda", ON_PCI, (1,), 0, removable=0, device_model="Internal")
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/mountinfo").write_text(ROOT_MOUNT)
    (root / "proc/swaps").write_text(SWAPS)
    (tmp_path / "image").write_bytes(IMAGE)
    return root


def run(root, *arguments, types="sdb\n", image=None):
    return subprocess.run([SCRIPT, "--root", root, image or root.parent / "image", *arguments],
                          input=types, capture_output=True, text=True, check=False)


def contents(root, name="sdb"):
    return (root / "dev" / name).read_bytes()


@pytest.mark.parametrize("types", ["sdb\n", "/dev/sdb\n", " sdb"])
@pytest.mark.parametrize("parent, removable", [(ON_USB, 1), (ON_USB, 0), (ON_PCI, 1)],
                         ids=["a stick", "a disk on USB", "a card reader"])
def test_it_writes_what_is_a_stick_and_was_named(parent, removable, types, root):
    add_disk(root, "sdb", parent, (1, 2), removable=removable)
    done = run(root, "/dev/sdb", types=types)
    assert done.returncode == 0, done.stderr
    assert contents(root) == IMAGE + bytes(STICK_BYTES - len(IMAGE))
    assert done.stdout.splitlines() == [
        "/dev/sdb: SanDisk Ultra Fit, 8 MiB, with sdb1, sdb2",
        "Everything on it will be lost. To go on, type its name, sdb: ",
        "writing 5 MiB", "reading back 5 MiB",
        "bootmem: /dev/sdb has been written and read back; eject it before you pull it out"]


def test_a_link_to_the_device_is_as_good(root):
    add_disk(root, "sdb", ON_USB)
    (root / "dev/disk/by-id").mkdir(parents=True)
    (root / "dev/disk/by-id/usb-SanDisk").symlink_to("../../sdb")
    assert run(root, "/dev/disk/by-id/usb-SanDisk").returncode == 0
    assert contents(root).startswith(IMAGE)


def test_a_stick_that_is_just_large_enough(root):
    add_disk(root, "sdb", ON_USB, size=len(IMAGE) // 512)
    assert run(root, "/dev/sdb").returncode == 0
    assert contents(root) == IMAGE


@pytest.mark.parametrize("types", ["", "\n", "y\n", "yes\n", "sda\n", "sdb1\n", "SDB\n"])
def test_without_its_name_nothing_is_written(types, root):
    add_disk(root, "sdb", ON_USB)
    done = run(root, "/dev/sdb", types=types)
    assert done.returncode == 1 and done.stderr == "bootmem: nothing has been written to /dev/sdb\n"
    assert not any(contents(root))


def holder(entry):
    (entry / "holders" / "dm-0").mkdir()


REFUSED = [  # what the disk has that the usual one has not; what is mounted; swap; the complaint
    ("the disk is mounted", {}, MOUNT.format("8:16", "/media/my\\040stick", "vfat", "/dev/sdb"), "",
     "/dev/sdb is mounted on /media/my stick: umount it first"),
    ("a partition is mounted", {}, MOUNT.format("8:18", "/boot/efi", "vfat", "/dev/sdb2"), "",
     "/dev/sdb2 is mounted on /boot/efi: umount it first"),
    ("mounted under another name", {}, MOUNT.format("8:17", "/", "ext4", "/dev/root"), "",
     "/dev/sdb1 is mounted on /: umount it first"),
    ("mounted under another number", {}, MOUNT.format("0:44", "/mnt", "btrfs", "/dev/sdb1"), "",
     "/dev/sdb1 is mounted on /mnt: umount it first"),
    ("a partition is swap", {}, "", "/dev/sdb2 partition 1000 0 -2\n",
     "/dev/sdb2 is swap space: swapoff it first"),
    ("the disk is swap", {}, "", "/dev/sdb partition 1000 0 -2\n",
     "/dev/sdb is swap space: swapoff it first"),
    ("the disk is held", {"hold": ""}, "", "", "/dev/sdb is part of dm-0 (LVM, RAID, encryption)"),
    ("a partition is held", {"hold": "sdb1"}, "", "",
     "/dev/sdb1 is part of dm-0 (LVM, RAID, encryption)"),
    ("not removable", {"parent": ON_PCI, "removable": 0}, "", "",
     "/dev/sdb is not removable, and not on USB"),
    ("a CD drive", {"device_type": 5}, "", "", "/dev/sdb is a CD drive"),
    ("read only", {"ro": 1}, "", "", "/dev/sdb is write-protected"),
    ("a card reader without a card", {"size": 0}, "", "", "/dev/sdb has no medium in it"),
    ("sectors of 4096 bytes", {"queue_logical_block_size": 4096}, "", "",
     "/dev/sdb has sectors of another size than 512 bytes"),
    ("too small", {"size": len(IMAGE) // 512 - 1}, "", "",
     "/dev/sdb is too small: 5 MiB, and 5 MiB are to be written"),
]


@pytest.mark.parametrize("differs, mounted, swaps, says", [row[1:] for row in REFUSED],
                         ids=[row[0] for row in REFUSED])
def test_what_is_in_use_or_no_stick_is_refused(differs, mounted, swaps, says, root):
    differs = dict(differs)
    hold = differs.pop("hold", None)
    disk = add_disk(root, "sdb", differs.pop("parent", ON_USB), (1, 2), **differs)
    if hold is not None:
        holder(disk / hold)
    (root / "proc/self/mountinfo").write_text(ROOT_MOUNT + mounted)
    (root / "proc/swaps").write_text(SWAPS + swaps)
    done = run(root, "/dev/sdb")
    assert (done.returncode, done.stderr, done.stdout) == (2, f"bootmem: {says}\n", "")
    assert not any(contents(root))


@pytest.mark.parametrize("device, says", [
    ("/dev/sdb1", "/dev/sdb1 is a partition; the whole device is /dev/sdb"),
    ("/dev/sda", "/dev/sda is not removable, and not on USB"),
    ("/dev/sdc", "/dev/sdc: No such file or directory"),
    ("/dev", "/dev is no block device"),
    ("/dev/unknown", "/dev/unknown: the kernel does not know it"),
])
def test_what_is_no_disk_is_refused(device, says, root):
    add_disk(root, "sdb", ON_USB, (1,))
    (root / "dev/unknown").touch()
    done = run(root, device)
    assert (done.returncode, done.stderr) == (2, f"bootmem: {says}\n")


def test_a_file_is_no_device_on_a_real_machine(tmp_path):
    (tmp_path / "image").write_bytes(IMAGE)
    done = subprocess.run([SCRIPT, tmp_path / "image", tmp_path / "image"], input="image\n",
                          capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.endswith("is no block device\n")


def test_where_nobody_tells_what_is_mounted_nothing_is_written(root):
    add_disk(root, "sdb", ON_USB)
    (root / "proc/self/mountinfo").unlink()
    done = run(root, "/dev/sdb")
    assert done.returncode == 2 and "what is mounted is not known" in done.stderr
    assert not any(contents(root))


def test_without_an_image(root):
    add_disk(root, "sdb", ON_USB)
    done = run(root, "/dev/sdb", image="none.img")
    assert (done.returncode, done.stderr) == (2, "bootmem: no image none.img: make usb makes it\n")


def test_without_a_device_the_sticks_are_listed(root):
    assert run(root).stderr == "bootmem: say which device, as DEVICE=/dev/sdX; there is no stick\n"
    add_disk(root, "sdb", ON_USB, (1,))
    add_disk(root, "sdc", ON_USB.replace("2-1", "2-2"), number=32, size=30277632, device_vendor="",
             device_model="")
    done = run(root)
    assert done.returncode == 2 and done.stderr.splitlines() == [
        "bootmem: say which device, as DEVICE=/dev/sdX; there are:",
        "  /dev/sdb: SanDisk Ultra Fit, 8 MiB, with sdb1",
        "  /dev/sdc: no name, 14.4 GiB, without partitions"]


@pytest.fixture(name="usb_write")
def fixture_usb_write():
    loader = importlib.machinery.SourceFileLoader("usb_write", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("usb_write", loader))
    loader.exec_module(module)
    return module


def put_image(usb_write, root):
    disk = usb_write.Disk(root, (root / "sys/class/block/sdb").resolve())
    with open(root.parent / "image", "rb") as image:
        usb_write.put(image, root / "dev/sdb", disk, len(IMAGE))


def test_a_stick_that_forgets_is_found_out(root, usb_write, monkeypatch):
    add_disk(root, "sdb", ON_USB)
    pread = os.pread
    monkeypatch.setattr(os, "pread", lambda fd, n, at: bytes(n) if at >= 4 << 20 else pread(fd, n, at))
    with pytest.raises(usb_write.Failure, match="differs in the 4 MiB from 0x400000 on"):
        put_image(usb_write, root)


def test_a_device_may_take_less_at_a_time(root, usb_write, monkeypatch):
    add_disk(root, "sdb", ON_USB)
    pwrite = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: pwrite(fd, data[:100000], at))
    put_image(usb_write, root)
    assert contents(root).startswith(IMAGE)


def test_a_device_that_breaks_is_no_success(root, usb_write, monkeypatch):
    add_disk(root, "sdb", ON_USB)

    def fail(*_):
        raise OSError(5, "Input/output error")
    monkeypatch.setattr(os, "fdatasync", fail)
    with pytest.raises(usb_write.Failure, match="/dev/sdb: Input/output error"):
        put_image(usb_write, root)


def test_what_a_desktop_mounts_while_it_is_asked_about_is_refused(root, usb_write):
    add_disk(root, "sdb", ON_USB, (1,))
    mounted = MOUNT.format("8:17", "/media/x", "vfat", "/dev/sdb1")
    (root / "proc/self/mountinfo").write_text(ROOT_MOUNT + mounted)
    with pytest.raises(usb_write.Refusal, match="/dev/sdb1 is mounted on /media/x"):
        put_image(usb_write, root)
    assert not any(contents(root))

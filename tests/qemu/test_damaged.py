"""Damaged media: FAT chains that lead in a circle or into another file, files that lie about their
size, entries without a name. Each is an error that names what and where, or costs what it has to and no
more; nothing waits for ever. Kernel and initrd are in test_errors.py.
"""

import hashlib

import pytest

import fat
import machine

KERNEL, CONF, FOLDER = "/bootmem/kernel-amd64.elf", "/bootmem.conf", "/bootmem/captures"
REPAIR = r"chkdsk or fsck repairs the volume"
COPY_FILE = r"Repair the volume with chkdsk or fsck, then copy the file to it again"
COPY_FILES = r"Repair the volume with chkdsk or fsck, then copy the files to it again"
MAYBE_OF_ANOTHER = (r"^bootmem: note: kernel \\bootmem\\kernel-amd64\.elf: it has more clusters than its size needs, "
                    r"may be another file's: run chkdsk or fsck$")
COMMENT = "#" + 78 * "-" + "\n"


def make_image(directory, firmware, conf="", files=()):
    """With a partition table for U-Boot, which starts no other stick."""
    return machine.make_image(directory, {
        machine.removable(firmware): machine.loader(firmware), KERNEL: machine.kernel("amd64"),
        CONF: f"target = amd64\n{conf}", **dict(files)}, *(["--gpt"] if is_uboot(firmware) else []))


def is_uboot(firmware):
    return firmware.startswith(machine.UBOOT)


def volume_of(image, firmware):
    if not is_uboot(firmware):
        return fat.Fat(image)
    return fat.Fat(image, int(machine.partition(image, 1).rpartition("@@")[2]))


def read_file(image, firmware, path):
    return machine.read_file(machine.partition(image, 1) if is_uboot(firmware) else image, path)


# Without a display no error waits for a person.
NOBODY_WATCHES = ["--", "-vga", "none"]


def boot(directory, image, firmware="x64", options=()):
    if is_uboot(firmware):
        options = ["--ehci", *options]
    return machine.run(directory, image, "--firmware", firmware, "--memory", "192M", "--write", *options)


def assert_pass(seen, firmware):
    machine.assert_pass(seen, machine.may_be_na(firmware))


def assert_error(seen, says):
    """And nothing is started."""
    assert seen.find(r"^bootmem: error: " + says), seen.text
    assert seen.status == 1 and seen.verdict is None, seen.text
    assert "the firmware found nothing more to boot" in seen.complaint


@pytest.mark.parametrize("firmware", ["x64", "uboot-ia32"])
def test_captures_are_passed_over(firmware, tmp_path):
    """Seven of nine cannot be read, and one has no name; the last one is compared."""
    image = make_image(tmp_path, firmware)
    assert_pass(boot(tmp_path, image, firmware), firmware)
    text = read_file(image, firmware, f"{FOLDER}/0001.map")
    image = make_image(tmp_path, firmware, files={
        "/bootmem/captures.txt": 99 * COMMENT, **{f"{FOLDER}/{number:04}.map": text for number in range(1, 10)}})
    with volume_of(image, firmware) as volume:
        volume.loop(f"{FOLDER}/0001.map", 1)
        volume.cross_link(f"{FOLDER}/0002.map", f"{FOLDER}/0003.map", 1)
        volume.set_size(f"{FOLDER}/0003.map", 0xffffffff)
        volume.set_size(f"{FOLDER}/0004.map", 100000)
        volume.set_size(f"{FOLDER}/0005.map", 0)
        volume.break_chain(f"{FOLDER}/0006.map", fat.FREE, 1)
        volume.set_first(f"{FOLDER}/0007.map", 0x0ffffff0)
        volume.loop("/bootmem/captures.txt", 1)
        volume.rename(f"{FOLDER}/0008.map", b"           ")
    seen = boot(tmp_path, image, firmware)
    assert_pass(seen, firmware)
    assert seen.find(r"^bootmem: = MAP UNCHANGED [23] boots of this machine"), seen.text
    assert seen.find(r"^bootmem: Note     [67] captures cannot be read, 0007\.map for one\.$"), seen.text
    assert seen.find(r"^bootmem: Saved    \\bootmem\\captures\\0010\.map$"), seen.text
    assert read_file(image, firmware, f"{FOLDER}/0010.map").startswith(b"bootmem-capture 1\n")
    assert read_file(image, firmware, "/bootmem/captures.txt").startswith(b"bootmem-captures 1\n")


@pytest.mark.parametrize("firmware", ["x64", "ia32", "uboot-ia32"])
def test_a_folder_of_captures_in_a_circle_costs_the_capture(firmware, tmp_path):
    """OVMF never comes back from opening one."""
    image = make_image(tmp_path, firmware, files={f"{FOLDER}/{number:04}.map": b"" for number in range(40)})
    with volume_of(image, firmware) as volume:
        volume.loop(FOLDER)
        before = bytes(volume.data)
    seen = boot(tmp_path, image, firmware)
    assert_pass(seen, firmware)
    assert seen.find(r"^bootmem: warning: no capture: \\bootmem\\captures is damaged: " + REPAIR), seen.text
    assert seen.find(r"^bootmem: Saved    Not saved: the stick is damaged: run chkdsk\.$"), seen.text
    assert volume_of(image, firmware).data == before


def test_the_folder_of_bootmem_in_a_circle(tmp_path):
    image = make_image(tmp_path, "x64")
    with fat.Fat(image) as volume:
        volume.loop("/bootmem")
    assert_error(boot(tmp_path, image, options=NOBODY_WATCHES),
                 r"\\bootmem is damaged: the clusters of \\bootmem lead in a circle\. " + REPAIR)


@pytest.mark.parametrize("damage, says", [
    (lambda volume: volume.loop(CONF, 0),
     r"\\bootmem\.conf is damaged: the clusters of \\bootmem\.conf lead in a circle\. " + REPAIR),
    (lambda volume: volume.set_size(CONF, 0xffffffff),
     r"\\bootmem\.conf is damaged: its clusters end after \d+ of 4294967295 bytes\. " + COPY_FILE),
    (lambda volume: volume.break_chain(CONF, fat.FREE),
     r"\\bootmem\.conf is damaged: its clusters lead to a free one after 0 of \d+ bytes\. " + COPY_FILE),
    (lambda volume: volume.cross_link(CONF, KERNEL),
     r"\\bootmem\.conf and kernel \\bootmem\\kernel-amd64\.elf are damaged: both have the same clusters\. "
     + COPY_FILES),
], ids=["circle", "size", "free", "kernel"])
def test_the_configuration(damage, says, tmp_path):
    image = make_image(tmp_path, "x64", 40 * COMMENT)
    with fat.Fat(image) as volume:
        damage(volume)
    seen = boot(tmp_path, image, options=NOBODY_WATCHES)
    assert_error(seen, says)
    assert seen.find(r"^bootmem: Saved    \\bootmem\\captures\\0001\.map$"), seen.text


@pytest.mark.parametrize("firmware", ["x64", "uboot-ia32"])
@pytest.mark.parametrize("n_left", [0, 1, 40])
def test_a_kernel_that_goes_on_in_the_middle_of_another_file(n_left, firmware, tmp_path):
    """Two clusters lead to one, which no table may have: also where their number is right."""
    image = make_image(tmp_path, firmware, files={"/other.bin": b"\xff" * (4 << 20)})
    with volume_of(image, firmware) as volume:
        kernel, other = volume.clusters(KERNEL), volume.clusters("/other.bin")
        at = len(kernel) // 3
        volume.set_next(kernel[at], other[len(other) - (len(kernel) - 1 - at) - n_left])
        held = (at + 1) * volume.cluster_bytes
    assert_error(boot(tmp_path, image, firmware, options=NOBODY_WATCHES),
                 r"kernel \\bootmem\\kernel-amd64\.elf is damaged: its clusters are another file's, too, after "
                 rf"{held} of \d+ bytes\. " + COPY_FILE)


def test_a_kernel_with_the_clusters_of_a_file_of_the_right_size(tmp_path):
    """No table is wrong then; its sum is, and before the firmware is left."""
    digest = hashlib.sha256(machine.kernel("amd64").read_bytes()).hexdigest()
    with fat.Fat(make_image(tmp_path, "x64")) as volume:
        n, cluster_bytes = len(volume.clusters(KERNEL)), volume.cluster_bytes
    image = make_image(tmp_path, "x64", f"kernel-sha256 = {digest}\n",
                       {"/other.bin": b"\xff" * ((n - 9) * cluster_bytes)})
    with fat.Fat(image) as volume:
        volume.cross_link(KERNEL, "/other.bin", 8)
        assert len(volume.clusters(KERNEL)) == n
    assert_error(boot(tmp_path, image, options=NOBODY_WATCHES),
                 r"kernel \\bootmem\\kernel-amd64\.elf: damaged, or another file: its SHA-256 is \w+, and "
                 rf"kernel-sha256 says {digest}\.")


def test_a_kernel_that_goes_on_as_another_file_ends(tmp_path):
    """Its clusters are too many, which need not be wrong: only a sum that the configuration has of it
    tells. What it does then is an end, too."""
    image = make_image(tmp_path, "x64", files={"/other.bin": b"\xff" * (1 << 20)})
    with fat.Fat(image) as volume:
        volume.cross_link(KERNEL, "/other.bin", 8)
    seen = boot(tmp_path, image)
    assert seen.status == 1 and seen.verdict is None, seen.text
    assert "no verdict within" not in seen.complaint, seen.complaint
    assert seen.find(MAYBE_OF_ANOTHER), seen.text


def test_clusters_behind_the_end_of_a_kernel_are_noted(tmp_path):
    """Drivers exist that get clusters before they are written to, and a power cut that leaves them."""
    image = make_image(tmp_path, "x64")
    with fat.Fat(image) as volume:
        volume.lengthen(KERNEL, 3)
    seen = boot(tmp_path, image)
    assert_pass(seen, "x64")
    assert seen.find(MAYBE_OF_ANOTHER), seen.text
    assert b"\n# note: kernel " in read_file(image, "x64", f"{FOLDER}/0001.map")


@pytest.mark.parametrize("firmware", ["ia32", "uboot-ia32"])
@pytest.mark.parametrize("path, other", [(KERNEL, "/initrd.img"), ("/initrd.img", KERNEL)],
                         ids=["kernel", "initrd"])
def test_kernel_and_initrd_with_the_same_clusters(firmware, path, other, tmp_path):
    """Each would be read without an error; all of one, or the end alone."""
    image = make_image(tmp_path, firmware, "initrd = \\initrd.img\n",
                       {"/initrd.img": b"\xff" * len(machine.kernel("amd64").read_bytes())})
    with volume_of(image, firmware) as volume:
        volume.set_next(volume.clusters(path)[2], volume.clusters(other)[3])
    assert_error(boot(tmp_path, image, firmware, options=NOBODY_WATCHES),
                 r"kernel \\bootmem\\kernel-amd64\.elf and initrd \\initrd\.img are damaged: both have the same "
                 r"clusters\. " + COPY_FILES)

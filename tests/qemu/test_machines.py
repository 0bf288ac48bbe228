"""Machines that people have: one table, a row each. What is booted from, what it is shown on, and what
the machine is made of.

Each row ends in PASS, with the bitmap that model.py paints from the machine's memory; or, where it
says so, in the one right error line. Those that cover the most are of `make test'; all of them run
with -m '', and the others with `make test-deep'.
"""

import dataclasses
import mmap
import subprocess

import machine
import model
import screen_text
from test_boot import Row, assert_pass, assert_screen_says_pass, boot_volume, make_volume, memory_bytes, rows
from test_capture import free_bytes

# Some take long, and the machine that they run on is not theirs.
PATIENCE = ("--timeout", "900")

# On a machine that is larger, RAM goes on above 4 GiB: q35 has so much below.
LOW_RAM_BYTES = 2 << 30


@dataclasses.dataclass(frozen=True)
class Machine(Row):
    """Most machines are deep ones."""

    is_deep: bool = True
    image: tuple = ()  # options of tests/qemu/image
    change_image: object = None  # directory, image -> the image that is booted
    qemu: tuple = ()  # arguments of QEMU
    has_screen: bool = True  # that a kernel can draw on, and that can be looked at


def row(rule, *options, **fields):
    return Machine(rule, options=options, **fields)


def shallow(rule, *options, **fields):
    """One for `make test'."""
    return row(rule, *options, is_deep=False, **fields)


IA32 = {"firmware": "ia32", "target": "ia32"}
IA32_KERNEL = {"target": "ia32"}
IA32_FIRMWARE = {"firmware": "ia32"}

# ---------------------------------------------------------------------------------------------
# What is booted from.

SAVED = (r"^bootmem: Saved +\\bootmem\\captures\\0001\.map",)
READ_ONLY = (r"no capture: \\bootmem\\captures\\0001\.map cannot be written \(WRITE_PROTECTED\)$",)
FULL = (r"no capture: \\bootmem\\captures\\0001\.map cannot be written \(VOLUME_FULL\)$",)
FAT12, FAT16, SECTORS_4K = ("--fat", "12"), ("--fat", "16"), ("--sector", "4096")


def filled(directory, image):
    filler = directory / "filler"
    filler.write_bytes(bytes(free_bytes(image)))
    assert machine.mtools("mcopy", image, filler, "::/filler").returncode == 0
    assert free_bytes(image) == 0
    return image


def on_cd(directory, image):
    """El Torito: the volume is the boot image of platform EFI (UEFI 2.10 §13.3.2.1)."""
    tree = directory / "cd"
    tree.mkdir()
    image.rename(tree / "efi.img")
    subprocess.run(["xorriso", "-as", "mkisofs", "-quiet", "-e", "efi.img", "-no-emul-boot",
                    "-o", directory / "cd.iso", tree], check=True)
    return directory / "cd.iso"


DISKS = [
    shallow("an NVMe disk with sectors of 4 KiB", "--disk", "nvme/4096", image=SECTORS_4K, says=SAVED),
    row("an NVMe disk", "--disk", "nvme", says=SAVED, **IA32_FIRMWARE),
    row("virtio-blk", "--disk", "virtio-blk", says=SAVED, **IA32),
    row("virtio-blk with sectors of 4 KiB", "--disk", "virtio-blk/4096", image=SECTORS_4K, says=SAVED,
        **IA32_KERNEL),
    row("virtio-blk that is write-protected", "--disk", "virtio-blk", "--read-only", says=READ_ONLY),
    row("virtio-scsi", "--disk", "virtio-scsi", says=SAVED),
    row("virtio-scsi with sectors of 4 KiB", "--disk", "virtio-scsi/4096", image=SECTORS_4K, says=SAVED,
        **IA32),
    row("virtio-scsi with a partition table", "--disk", "virtio-scsi", gpt=True, says=SAVED, **IA32_KERNEL),
    row("AHCI on machine pc", "--disk", "ahci", machine="pc", says=SAVED),
    row("a stick with sectors of 4 KiB", "--disk", "usb/4096", image=SECTORS_4K, says=SAVED),
    row("a stick behind EHCI", "--disk", "ehci", says=SAVED, **IA32_FIRMWARE),
    row("a stick behind UHCI", "--disk", "uhci", says=SAVED, **IA32_KERNEL),
    row("FAT12", image=FAT12, says=SAVED),
    row("FAT12 without room", image=FAT12, change_image=filled, says=FULL, **IA32),
    row("FAT16", image=FAT16, says=SAVED, **IA32_FIRMWARE),
    row("FAT16 with a partition table, on a stick", "--disk", "usb", gpt=True, image=FAT16, says=SAVED),
    row("FAT16 that is write-protected, on a stick", "--disk", "usb", "--read-only", image=FAT16,
        says=READ_ONLY, **IA32_KERNEL),
    row("FAT16 without room", image=FAT16, change_image=filled, says=FULL),
    row("sectors of 4 KiB without room", "--disk", "nvme/4096", image=SECTORS_4K, change_image=filled,
        says=FULL, **IA32_KERNEL),
    shallow("a CD", "--disk", "cd", image=FAT16, change_image=on_cd, says=READ_ONLY, **IA32_KERNEL),
    row("a CD with FAT12", "--disk", "cd", image=FAT12, change_image=on_cd, says=READ_ONLY, **IA32_FIRMWARE),
    row("a CD on machine pc", "--disk", "cd", machine="pc", image=FAT16, change_image=on_cd, says=READ_ONLY),
]

# ---------------------------------------------------------------------------------------------
# What it is shown on.


def display(*arguments):
    return ("-vga", "none", *arguments)


NO_SCREEN = "^bootmem: note: the kernel will have no screen: "
DISPLAYS = [
    shallow("no display", qemu=display(), has_screen=False, says=(NO_SCREEN,)),
    row("no display under an ia32 kernel", qemu=display(), has_screen=False, says=(NO_SCREEN,), **IA32),
    row("virtio-vga", qemu=display("-device", "virtio-vga")),
    row("virtio-gpu, which has no framebuffer", qemu=display("-device", "virtio-gpu-pci"), has_screen=False,
        says=(NO_SCREEN + r"only the firmware draws \(BltOnly\)",)),
    row("bochs-display", qemu=display("-device", "bochs-display"), **IA32_KERNEL),
    row("QXL", qemu=("-vga", "qxl"), **IA32_FIRMWARE),
    row("Cirrus", qemu=("-vga", "cirrus"), machine="pc"),
    row("ramfb", qemu=display("-device", "ramfb")),
    row("ramfb under the policy of 2.6.24", qemu=display("-device", "ramfb"), policy="linux-2.6.24", **IA32_KERNEL),
    row("two displays", qemu=("-device", "bochs-display")),
    row("no serial port", "--no-serial"),
    row("no serial port and no display", "--no-serial", qemu=display(), has_screen=False, **IA32),
]

# ---------------------------------------------------------------------------------------------
# What it is made of.


def nodes(count, mebibytes):
    """NUMA nodes with a CPU each."""
    arguments = []
    for i in range(count):
        arguments += ["-object", f"memory-backend-ram,id=node{i},size={mebibytes}M",
                      "-numa", f"node,nodeid={i},cpus={i},memdev=node{i}"]
    return tuple(arguments)


def latencies(count):
    """HMAT: each node to each."""
    return tuple(argument for i in range(count) for j in range(count) for kind, value in (
        ("latency", f"latency={5 + 10 * (i != j)}"), ("bandwidth", "bandwidth=200M"))
        for argument in ("-numa", f"hmat-lb,initiator={i},target={j},hierarchy=memory,"
                                  f"data-type=access-{kind},{value}"))


SLOTS = ("-m", "slots=4,maxmem=8G")
DIMM = (*SLOTS, "-object", "memory-backend-ram,id=dimm,size=512M", "-device", "pc-dimm,memdev=dimm")
NVDIMM = (*SLOTS, "-machine", "nvdimm=on", "-object", "memory-backend-ram,id=nvdimm,size=256M",
          "-device", "nvdimm,memdev=nvdimm")
IVSHMEM = ("-object", "memory-backend-ram,id=shared,size=8G,reserve=off,share=on",
           "-device", "ivshmem-plain,memdev=shared")
SOME = "cmdline = stub.memory=256M\n"  # the stub kernel writes no more than that
NO_LONG_MODE = r"^bootmem: error: the CPU has no long mode: a kernel for amd64 cannot run on it \(UNSUPPORTED\)$"

BUILDS = [
    # OVMF then has tables of its own.
    shallow("no ACPI of the machine's", qemu=("-machine", "acpi=off")),
    row("no ACPI of the machine's, under an ia32 kernel", qemu=("-machine", "acpi=off"), **IA32),
    shallow("two NUMA nodes with HMAT, a DIMM and an NVDIMM", "--smp", "2",
            qemu=("-machine", "hmat=on", *nodes(2, 96), *latencies(2), *DIMM, *NVDIMM[2:])),
    row("two NUMA nodes", "--smp", "2", qemu=nodes(2, 96), **IA32),
    row("eight NUMA nodes", "--smp", "8", memory="256M", qemu=nodes(8, 32)),
    row("HMAT", "--smp", "2", qemu=("-machine", "hmat=on", *nodes(2, 96), *latencies(2)), **IA32_KERNEL),
    row("a DIMM", qemu=DIMM, **IA32_FIRMWARE),
    row("an NVDIMM", qemu=NVDIMM, **IA32_KERNEL),
    row("64 CPUs", "--smp", "64"),
    row("64 CPUs under an ia32 kernel", "--smp", "64", **IA32_KERNEL),
    row("an IOMMU of Intel's", qemu=("-device", "intel-iommu")),
    row("an IOMMU of AMD's", qemu=("-device", "amd-iommu"), **IA32_KERNEL),
    row("an IOMMU of virtio's", qemu=("-device", "virtio-iommu-pci")),
    shallow("a BAR of 8 GiB", qemu=("-device", "pci-testdev,membar=8G")),
    row("a BAR of 8 GiB, with memory behind it", qemu=IVSHMEM, **IA32_KERNEL),
    shallow("a CPU with five levels of page tables", cpu="max,la57=on"),
    row("a CPU with them, under an ia32 kernel", cpu="max,la57=on", **IA32_KERNEL),
    row("a CPU without pages of 1 GiB", cpu="max,-pdpe1gb", memory="48G", conf=SOME),
    row("a CPU of AMD's", cpu="EPYC"),
    row("a CPU of Intel's", cpu="Skylake-Server"),
    row("a CPU without NX", cpu="qemu64,-nx"),
    shallow("a Pentium III", cpu="pentium3", **IA32),
    row("an Atom that has PAE and no long mode", cpu="n270", **IA32),
    row("OVMF of 2 MiB", "--ovmf", "2M"),
    row("OVMF of 2 MiB on machine pc", "--ovmf", "2M", machine="pc", **IA32_KERNEL),
    row("OVMF with SMM", "--ovmf", "smm"),
    row("OVMF with SMM, and 4 GiB", "--ovmf", "smm", memory="4G", conf=SOME, **IA32_KERNEL),
    shallow("a TPM with CRB", "--tpm", "crb", "--ovmf", "smm", says=("TPM",)),
    row("a TPM with TIS", "--tpm", "tis", **IA32),
]

# ---------------------------------------------------------------------------------------------
# How much memory it has.

ABOVE_1_TIB = r"^  uefi 0000010000000000-.* 7 Conventional$"
SIZES = [
    row("64 MiB", memory="64M"),
    row("96 MiB", memory="96M", **IA32),
    row("an odd number of MiB", memory="257M", **IA32_KERNEL),
    row("895 MiB", memory="895M", conf=SOME, **IA32_FIRMWARE),
    row("2 GiB", memory="2G", conf=SOME, **IA32_KERNEL),
    row("4 GiB", memory="4G", conf=SOME),
    row("16 GiB", memory="16G", conf=SOME, **IA32_FIRMWARE),
    row("64 GiB", memory="64G", conf=SOME, **IA32_KERNEL),
    row("256 GiB", memory="256G", conf=SOME, **IA32),
    row("960 GiB", memory="960G", conf=SOME),
    # Above 1010 GiB or so a CPU of AMD's has its RAM from 1 TiB on: HyperTransport's range is below.
    row("1 TiB, from 1 TiB on", memory="1T", cpu="EPYC,phys-bits=42", conf=SOME, says=(ABOVE_1_TIB,)),
    row("1 TiB", memory="1T", cpu="Skylake-Server,phys-bits=42", conf=SOME),
]

PASSING = [*DISKS, *DISPLAYS, *BUILDS, *SIZES]


def boot_machine(row, directory, *options, **callbacks):
    image = make_volume(row, directory, *row.image)
    if row.change_image:
        image = row.change_image(directory, image)
    return boot_volume(row, directory, image, options=(*options, *PATIENCE, "--", *row.qemu), **callbacks)


@rows(PASSING)
def test_the_bitmap_is_right_on(row, tmp_path):
    memory_file, screen_file = tmp_path / "memory", tmp_path / "screen.ppm"

    def copy_memory(control):
        if row.has_screen:
            control.screenshot(screen_file)
        control.save_memory(memory_file, min(memory_bytes(row), LOW_RAM_BYTES))
        control.quit()

    seen = boot_machine(row, tmp_path, "--no-debug-exit", at_verdict=copy_memory)
    assert_pass(row, seen)
    if row.has_screen:
        assert_screen_says_pass(screen_text.Screen.of_file(screen_file))
    with open(memory_file, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as memory:
        memory_file.unlink()
        block = model.check(memory)
        assert seen.find(rf"\b{block.free_pages}\b"), f"{block.free_pages} free pages are nowhere"


# ---------------------------------------------------------------------------------------------
# More memory than the model above can paint a byte a page of. That the stub kernel ends is the rule: what
# it need not touch it walks by runs, and it says of how much it looked at a part only.

IN_BLOCKS = (r"check allocator ok \d+ pages handed out and given back, \d+ of them in blocks, \d+ freed",
             r"check memory ok 256 MiB of \d+, spread evenly, as stub.memory says")
INTEL = "max,vendor=GenuineIntel,phys-bits="  # one of AMD's has its RAM elsewhere, see SIZES
LARGE = [
    shallow("960 GiB", memory="960G", conf=SOME, says=IN_BLOCKS),
    row("4 TiB", memory="4T", cpu=INTEL + "43", conf=SOME, says=IN_BLOCKS),
    row("16 TiB", memory="16T", cpu=INTEL + "45", conf=SOME, says=IN_BLOCKS),
]


@rows(LARGE)
def test_the_proof_comes_to_an_end_on(row, tmp_path):
    seen = boot_machine(row, tmp_path)
    assert_pass(row, seen)
    handed_out, given_in_blocks = map(int, seen.find(
        r"check allocator ok (\d+) pages handed out and given back, (\d+) of them in blocks").groups())
    assert seen.find(rf"^bootmem: pages free {handed_out} ")
    # One by one: those of 4 GiB, and fewer than 2^15 of each run that the firmware left.
    assert 0 < handed_out - given_in_blocks < (1 << 20) + 64 * (1 << 15)


# ---------------------------------------------------------------------------------------------
# Machines that cannot.

REFUSED = [
    row("an amd64 kernel on a Pentium III", cpu="pentium3", says=(NO_LONG_MODE,), **IA32_FIRMWARE),
]


@rows(REFUSED)
def test_an_error_says_why_not(row, tmp_path):
    seen = boot_machine(row, tmp_path)
    assert seen.verdict is None and seen.status == 1, seen.text
    assert len(seen.lines("bootmem: error: ")) == 1, seen.text
    for pattern in row.says:
        assert seen.find(pattern), seen.text

"""Boots on OVMF and U-Boot: a table of rows, each a rule, and the machine that shows it.

A boot that succeeds ends with the stub kernel's verdict PASS; a build that is wrong on purpose ends
with its verdict FAIL. To see some of them alone:

    /usr/bin/python3 -m pytest tests/qemu -k 'initrd and ia32'
"""

import dataclasses
import re

import pytest

import elves
import machine
import model
import screen_text

# Where the files of the volume are, for bootmem.conf, and the paths that make_image() takes.
KERNEL_CONF = {"ia32": r"\bootmem\kernel-ia32.elf", "amd64": r"\bootmem\kernel-amd64.elf"}
KERNEL_FILE = {"ia32": "/bootmem/kernel-ia32.elf", "amd64": "/bootmem/kernel-amd64.elf"}
# Of the stub kernel, in their order.
CHECKS = ["block", "entry", "limits", "bitmap", "allocator", "memory", "acpi", "smbios", "initrd", "others",
          "unchanged", "runtime"]
SAFE, LINUX = "safe", "linux-2.6.24"


@dataclasses.dataclass(frozen=True)
class Row:
    """A machine, and what is on its volume. `conf' is added to bootmem.conf; a key that is None
    has no line there."""

    rule: str
    firmware: str = "x64"
    target: str = "amd64"
    machine: str = "q35"
    memory: str = "192M"  # small: the stub kernel writes and reads all of it
    cpu: str = None
    usb: bool = False
    gpt: bool = False
    policy: str = SAFE
    kernel: str = "stub"
    change: object = None  # bytes of the kernel -> the bytes that are on the volume
    loader: str = "bootmem"
    conf: str = ""
    files: dict = dataclasses.field(default_factory=dict)
    plant: tuple = None  # lines of plant.conf, without its `start' line
    may_be_na: tuple = ()  # checks, besides those of machine.may_be_na()
    says: tuple = ()  # patterns (regular expressions) that the serial log must have
    options: tuple = ()  # of tests/qemu/run
    is_deep: bool = False  # of `make test-deep' alone

    @property
    def has_display(self):
        """The x64 build of U-Boot does not run the option ROM of the VGA."""
        return self.firmware != "uboot-x64"

    @property
    def id(self):
        return f"{self.rule} ({self.firmware} firmware, {self.target} kernel)".replace(" ", "-")


def rows(table):
    ids = [row.id for row in table]
    assert len(set(ids)) == len(ids), "two rows have one name"
    return pytest.mark.parametrize("row", [
        pytest.param(row, id=row.id, marks=[pytest.mark.deep] if row.is_deep else [])
        for row in table])


PAIRS = [(firmware, target) for firmware in ("x64", "ia32") for target in ("amd64", "ia32")]
# Each width once, on firmware of its own: for rules that do not depend on the pair.
OWN_WIDTH = [("x64", "amd64"), ("ia32", "ia32")]
CROSSED = [("x64", "ia32"), ("ia32", "amd64")]


def for_each(pairs, rule, **fields):
    return [Row(rule, firmware, target, **fields) for firmware, target in pairs]


# U-Boot starts the EFI system partition of a stick; it has no driver for xHCI.
STICK_OF_UBOOT = {"machine": "pc", "gpt": True, "options": ("--ehci",)}


def on_uboot(widths, target, rule, **fields):
    return [Row(rule, machine.UBOOT + width, target, **{**STICK_OF_UBOOT, **fields})
            for width in widths]


def configuration(row):
    lines = [f"kernel-{row.target} = {KERNEL_CONF[row.target]}", f"target = {row.target}",
             f"policy = {row.policy}"]
    lines += [line for line in ("timeout = 0", "at-end = halt")
              if line.split()[0] not in row.conf]
    return "\n".join(lines) + "\n" + row.conf


def make_volume(row, directory, *options):
    image_of_kernel = machine.kernel(row.target, row.kernel)
    if row.change:
        image_of_kernel = row.change(image_of_kernel.read_bytes())
    files = {machine.removable(row.firmware): machine.loader(row.firmware, row.loader),
             "/bootmem.conf": configuration(row), KERNEL_FILE[row.target]: image_of_kernel}
    if row.plant is not None:
        files[machine.PLANTED] = files.pop(machine.removable(row.firmware))
        files[machine.removable(row.firmware)] = machine.loader(row.firmware, "plant")
        files["/plant.conf"] = "\n".join(row.plant) + "\nstart " + \
            machine.PLANTED.replace("/", "\\") + "\n"
    files.update(row.files)
    return machine.make_image(
        directory, {path: file for path, file in files.items() if file is not None},
        *(["--gpt"] if row.gpt else []), *options)


def options_for(row):
    """Of tests/qemu/run, beside the image."""
    return ["--firmware", row.firmware, "--machine", row.machine, "--memory", row.memory,
            *(["--cpu", row.cpu] if row.cpu else []), *(["--usb"] if row.usb else []), *row.options]


def boot(row, directory, at_verdict=None, options=(), **moments):
    return boot_volume(row, directory, make_volume(row, directory), at_verdict, options, **moments)


def boot_volume(row, directory, image, at_verdict=None, options=(), **moments):
    return machine.run(directory, image, *options_for(row), *options,
                       at_verdict=at_verdict, **moments)


def assert_says(row, seen):
    for pattern in row.says:
        assert seen.find(pattern), f"nobody said /{pattern}/:\n{seen.text}"
    assert_planted(row, seen)


def assert_debug_console_too(seen):
    said = seen.debugcon.decode("utf-8", "replace").replace("\r", "").splitlines()
    for line in seen.lines("bootmem: check ") + seen.lines("bootmem: verdict "):
        assert line in said, f"not on the debug console: {line}"


def assert_screen_says_pass(screen):
    assert screen.is_sharp and screen.find("PROOF PASS"), screen.text
    assert screen.find("1 cell = "), screen.text


def assert_planted(row, seen):
    count = sum(line[0].isdigit() for line in row.plant or ())
    assert not count or f"plant: {count} of {count} ranges planted" in seen.text, seen.text


def assert_pass(row, seen):
    named = machine.may_be_na(row.firmware, row.target, row.policy, "initrd = " in row.conf)
    machine.assert_pass(seen, named | set(row.may_be_na))
    assert list(seen.checks) == CHECKS, seen.text
    assert_debug_console_too(seen)
    assert_says(row, seen)


# ---------------------------------------------------------------------------------------------
# Boots whose bitmap is recomputed from the machine's memory (model.py) after the verdict; and whose
# screen is looked at.

# Pages of every type, in places that no firmware of QEMU's has them in; one page each, so that
# descriptors do not merge. Types 14 to 16 cannot be allocated.
ODD_TYPES = tuple(f"{t} {0x4000000 + i * 0x3000:#x} 1" for i, t in enumerate(
    (0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 0x70000000, 0x7fffffff, 0x80000000, 0xffffffff)))
# 600 ranges that do not merge in e820 either: more than Linux's 128, and more than fit a page.
MANY_RANGES = tuple(f"{(9, 10, 0)[i % 3]} {0x5000000 + i * 0x2000:#x} 1" for i in range(600))
# Bins of edk2's Memory Type Information as its PEI makes them, newer ones than Debian's: of all
# types that it has a bin for, at the same places in each boot, and the boot services' next to those
# that the runtime keeps. What is not used of a bin has its type, too.
BINS = ("4 0x5000000 0xf00", "3 0x5f00000 0x180", "5 0x6080000 0x30", "6 0x60b0000 0x24",
        "0 0x60d4000 4", "9 0x60d8000 8", "10 0x60e0000 4")
LOW_PAGES = ("5 0x10000 1", "10 0x12000 1", "2 0x20000 4", "0 0x58000 1", "6 0x88000 8")
INITRD = bytes(range(251)) * 12503  # 3 MiB, and no multiple of a page

MODELLED = [
    *for_each(PAIRS, "the bitmap is right under the safe policy"),
    *for_each(PAIRS, "the bitmap is right under the policy of 2.6.24", policy=LINUX),
    *for_each(PAIRS, "without gates, it is 2.6.24's bit for bit", policy=LINUX,
              conf="exceptions = none\n"),
    *for_each(OWN_WIDTH, "a mem= limit ends the bitmap", conf="mem = 100M\n"),
    *for_each(CROSSED, "memory below the limit alone is used of a large machine",
              memory="48G", conf="mem = 96M\n"),
    *for_each(OWN_WIDTH, "a reserve line is in the bitmap",
              conf="reserve = 0x3123456-0x3124001 the first of two\n"
                   "reserve = 64M-0x4000001 the second of two\n",
              says=("the first of two", "the second of two")),
    *for_each(CROSSED, "boot services memory is kept if the configuration says so",
              conf="keep-boot-services = yes\n"),
    *for_each(PAIRS, "an initrd is handed over whole",
              files={"/bootmem/initrd.img": INITRD},
              conf="initrd = \\bootmem\\initrd.img\ncmdline = quiet root=/dev/ram0 a=\"b c\"\n"),
    *for_each(OWN_WIDTH, "pages of every type in odd places", plant=ODD_TYPES),
    *for_each(CROSSED, "hundreds of ranges are no limit", plant=MANY_RANGES),
    *for_each(OWN_WIDTH, "low memory is as the firmware left it", plant=LOW_PAGES),
    *for_each(OWN_WIDTH, "bins of all types in fixed places", plant=BINS),
    *for_each(CROSSED, "bins of all types in fixed places under the policy of 2.6.24", plant=BINS,
              policy=LINUX),
    *for_each([("x64", "amd64")], "bins, and boot services memory is kept", plant=BINS,
              conf="keep-boot-services = yes\n"),
    *for_each(CROSSED, "hundreds of ranges are no limit under the policy of 2.6.24",
              plant=MANY_RANGES, policy=LINUX),
    # Its x64 build has its stack, IDT and page tables in memory that its map calls free, where the
    # stub kernels at 1 MiB go.
    *on_uboot(["x64", "ia32"], "amd64", "the bitmap is right on U-Boot"),
    *on_uboot(["x64", "ia32"], "ia32", "the bitmap is right on U-Boot", policy=LINUX),
]
MEM_LIMIT = {"a-mem=-limit": 100 << 20, "memory-below-the-limit": 96 << 20}
UNITS = {"M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def memory_bytes(row):
    return int(row.memory[:-1]) * UNITS[row.memory[-1]]


@rows(MODELLED)
def test_the_bitmap_is_what_the_model_paints(row, tmp_path):
    memory_file = tmp_path / "memory"
    mem_limit = next((limit for start, limit in MEM_LIMIT.items() if row.id.startswith(start)),
                     None)

    screen_file = tmp_path / "screen.ppm"

    def copy_memory(control):
        control.screenshot(screen_file)
        control.save_memory(memory_file, min(mem_limit or 1 << 40, memory_bytes(row)))
        control.quit()

    seen = boot(row, tmp_path, copy_memory, ["--no-debug-exit"])
    assert_pass(row, seen)
    memory = memory_file.read_bytes()
    memory_file.unlink()
    if row.has_display:
        assert_screen_says_pass(screen_text.Screen.of_file(screen_file))
    block = model.check(memory, mem_limit, has_gates="exceptions = none" not in row.conf)

    assert block.firmware_bits == machine.BITS[machine.width(row.firmware)]
    assert block.target == {"ia32": model.TARGET_IA32, "amd64": model.TARGET_AMD64}[row.target]
    assert block.policy == {SAFE: model.POLICY_SAFE, LINUX: model.POLICY_LINUX}[row.policy]
    assert block.cmdline == ('quiet root=/dev/ram0 a="b c"' if "cmdline" in row.conf else "")
    assert block.initrd == (INITRD if "initrd" in row.conf else b"")
    # What was printed before the exit and after it is the same number that the model has.
    assert seen.find(rf"\b{block.free_pages}\b"), f"{block.free_pages} free pages are nowhere"


# ---------------------------------------------------------------------------------------------
# Boots that succeed, on the machines and with the kernels that people have.

PASSING = [
    *for_each([("x64", "amd64"), ("x64", "ia32")], "machine pc is as good", machine="pc"),
    *for_each(OWN_WIDTH, "128 MiB are enough", memory="128M"),
    # A kernel is read beside its place, and so has to fit twice.
    *for_each(PAIRS, "64 MiB are enough", memory="64M"),
    *for_each(PAIRS, "64 MiB are enough under the policy of 2.6.24", memory="64M", policy=LINUX),
    *for_each(OWN_WIDTH, "512 MiB, which is what a run has", memory="512M"),
    *for_each(CROSSED, "1 GiB, with memory above the 896 MiB of IA-32", memory="1G"),
    *for_each([("x64", "ia32")], "3 GiB on pc reach up to the PCI hole",
              machine="pc", memory="3G"),
    *for_each([("ia32", "amd64")], "3 GiB on q35 reach above 4 GiB", memory="3G"),
    *for_each(PAIRS, "5 GiB", memory="5G"),
    *for_each(PAIRS, "a static-PIE is put where there is room", kernel="stub-pie"),
    *for_each(OWN_WIDTH, "and under the policy of 2.6.24 where there is room behind it", memory="64M",
              kernel="stub-pie", policy=LINUX),
    *for_each(OWN_WIDTH, "a USB stick with a partition table boots", usb=True, gpt=True),
    *for_each(CROSSED, "a USB stick that is one file system boots", usb=True),
    *for_each([("x64", "amd64"), ("ia32", "amd64")], "without bootmem.conf the defaults hold",
              files={"/bootmem.conf": None}, says=("the defaults hold",)),
    Row("firmware that has many CPU features", cpu="max"),
    Row("an ia32 kernel on a CPU without long mode", "ia32", "ia32", cpu="qemu64,-lm"),
    Row("auto is ia32 on a CPU without long mode", "ia32", "ia32", cpu="qemu64,-lm",
        files={"/bootmem.conf": "target = auto\n"}),
    Row("auto is the only kernel that is named", "x64", "ia32",
        files={"/bootmem.conf": "kernel-amd64 =\n"}),
    Row("lines end as on Windows, and a file begins with a mark",
        files={"/bootmem.conf": b"\xef\xbb\xbf# comment\r\n\r\ntarget = amd64\r\n"
                                b"  kernel-amd64=\\bootmem\\kernel-amd64.elf  \r\n"}),
    *on_uboot(["x64"], "amd64", "the policy of 2.6.24 on U-Boot", policy=LINUX),
    *on_uboot(["x64"], "ia32", "the safe policy on U-Boot"),
    *on_uboot(["x64", "ia32"], "amd64", "a static-PIE on U-Boot", kernel="stub-pie"),
    *on_uboot(["x64"], "ia32", "a static-PIE on U-Boot", kernel="stub-pie"),
    *on_uboot(["x64"], "amd64", "a static-PIE, and the policy of 2.6.24, on U-Boot",
              kernel="stub-pie", policy=LINUX),
    *on_uboot(["x64"], "ia32", "a static-PIE, and the policy of 2.6.24, on U-Boot",
              kernel="stub-pie", policy=LINUX),
    *on_uboot(["ia32"], "ia32", "a static-PIE on U-Boot, from a disk", kernel="stub-pie",
              policy=LINUX, machine="q35", options=()),
    # The stub kernel is linked to 1 MiB.
    *for_each(CROSSED, "boot services memory where the kernel goes is no obstacle",
              plant=("4 0x100000 256",)),
]


@rows(PASSING)
def test_boots(row, tmp_path):
    seen = boot(row, tmp_path)
    assert_pass(row, seen)


@rows(for_each(PAIRS, "a kernel linked where the firmware stands is moved there",
               kernel="stub-moved"))
def test_a_kernel_is_moved_to_where_the_firmware_was(row, tmp_path):
    seen = boot(row, tmp_path)
    assert_pass(row, seen)
    file = elves.Elf(machine.kernel(row.target, row.kernel).read_bytes())
    first, last = (file.get_segment(i, "paddr") for i in (0, -1))
    boot_services = [(int(start, 16), int(end, 16)) for start, end in re.findall(
        r"^  uefi ([0-9a-f]+)-([0-9a-f]+) [0-9a-f]+ +[34] ", seen.text, re.MULTILINE)]
    for paddr in (first, last):
        assert any(start <= paddr < end for start, end in boot_services), (
            f"{paddr:#x} was free: link stub-moved.elf (MOVED_PADDR) to where this firmware has "
            f"{[(hex(start), hex(end)) for start, end in boot_services]}")


@rows(for_each(OWN_WIDTH, "a kernel in odd pieces is there to the byte",
               change=elves.in_odd_pieces, memory="64M"))
def test_what_is_moved_is_right_to_the_byte(row, tmp_path):
    memory_file = tmp_path / "memory"

    def copy_memory(control):
        control.save_memory(memory_file, 64 << 20)
        control.quit()

    seen = boot(row, tmp_path, copy_memory, ["--no-debug-exit"])
    assert_pass(row, seen)
    memory = memory_file.read_bytes()
    data = row.change(machine.kernel(row.target, row.kernel).read_bytes())
    pieces = list(elves.loaded_bytes(data))
    assert len(pieces) > 6
    for paddr, expected in pieces:
        assert memory[paddr:paddr + len(expected)] == expected, f"{len(expected)} at {paddr:#x}"


@rows(for_each(PAIRS, "the example kernel of PROTOCOL.md counts the same pages",
               kernel="example") +
      for_each(PAIRS, "its other one takes a page, and hands over the rest and the bitmap",
               kernel="allocate"))
def test_the_example_kernels(row, tmp_path):
    seen = boot(row, tmp_path)  # they halt, which ends the run
    assert seen.verdict == "PASS", f"{seen.complaint}\n{seen.text}"
    assert seen.status == 0, seen.complaint
    counted = int(seen.find(r"^example: +(\d+) pages free$").group(1))
    planned = seen.find(r"\(booted\): .* (\d+) bytes\n +(\d+) pages free")
    bitmap_pages = -(-int(planned.group(1)) // 4096)
    assert counted == int(planned.group(2)) + (
        bitmap_pages - 1 if row.kernel == "allocate" else 0)


# ---------------------------------------------------------------------------------------------
# The end of a boot.

ENDS = [
    *for_each(OWN_WIDTH, "reset", conf="at-end = reset\n"),
    *for_each(CROSSED, "poweroff", conf="at-end = poweroff\n"),
]


@rows(ENDS)
def test_the_machine_ends_as_configured(row, tmp_path):
    seen = boot(row, tmp_path, lambda control: None, ["--no-debug-exit"])
    assert_pass(row, seen)
    assert seen.shutdown_reason == {"reset": "guest-reset", "poweroff": "guest-shutdown"}[row.rule]


@rows(for_each(OWN_WIDTH, "a kernel that halts without a verdict", change=elves.halting) +
      [Row("one that halts while other processors do nothing", change=elves.halting,
           options=("--smp", "2"))])
def test_a_kernel_that_halts_has_failed(row, tmp_path):
    seen = boot(row, tmp_path)
    assert seen.status == 1 and seen.verdict is None, seen.text
    assert "FAIL: no verdict; the kernel has halted" in seen.complaint


# ---------------------------------------------------------------------------------------------
# Builds that are wrong on purpose: the proof must not only be able to say yes.

def wrong(pairs, rule, name, **fields):
    """What is wrong: a row of tests/efi/sabotage.c."""
    return for_each(pairs, rule, loader="bootmem-fail", conf=f"cmdline = sabotage={name}\n", **fields)


WRONG = [
    *wrong(OWN_WIDTH, "a page of an ACPI table is free", "acpi-free"),
    *wrong(OWN_WIDTH, "a page of the runtime services is free", "runtime-free"),
    *wrong(OWN_WIDTH, "a used page of the block is free", "block-free"),
    *wrong(OWN_WIDTH, "a usable page is not free", "usable-reserved"),
]


@rows(WRONG)
def test_a_wrong_bitmap_fails(row, tmp_path):
    seen = boot(row, tmp_path)
    assert seen.status == 1, seen.text
    assert seen.verdict and seen.verdict.startswith("FAIL"), seen.text
    assert "FAIL" in seen.checks.values(), seen.checks
    assert seen.find(r"page 0x[0-9a-f]+"), f"no page is named:\n{seen.text}"


# ---------------------------------------------------------------------------------------------
# Errors before the exit: see test_errors.py. Here, what comes after one.

def test_the_firmware_goes_on_after_an_error(tmp_path):
    """Without plant.efi: the next boot entry of OVMF's is its shell."""
    row = Row("a bad configuration", conf="colour = red\n")
    seen = boot(row, tmp_path)
    assert seen.status == 1
    assert "the firmware found nothing more to boot" in seen.complaint

"""Errors before the exit: one line that names the file and the reason, all memory given back, an
error returned to the firmware. Nothing boots half-loaded.

One machine has all the cases on its volume. There plant.efi starts the loader once for each, on the
configuration of the case, and compares the memory maps before and after (tests/efi/plant.c).
"""

import dataclasses
import re

import pytest

import elves
import fat
import machine

GOOD_KERNEL = {target: f"/bootmem/kernel-{target}.elf" for target in ("ia32", "amd64")}


@dataclasses.dataclass(frozen=True)
class Case:
    """`conf' is the third line of bootmem.conf. Patterns may have {target} in them."""

    rule: str
    says: str  # pattern that the error line must have
    conf: str = ""
    kernel: str = "stub"
    change: object = None  # bytes of the kernel -> the bytes that are on the volume
    path: str = None  # of the kernel, where it is not the file of the case
    targets: tuple = ("amd64", "ia32")
    text: str = None  # all of bootmem.conf
    damage: object = None  # what is done to the volume, a Fat, and the path of the case's kernel on it


OTHER = {"amd64": "ia32", "ia32": "amd64"}
KERNEL = r"kernel \\cases\\\d+\.elf: "  # names the file of the case
CONF = r"\\bootmem\.conf:3: "
DAMAGED = (r" is damaged: its clusters %s after \d+ of \d+ bytes\. Repair the volume with chkdsk or fsck, then copy "
           r"the file to it again .VOLUME_CORRUPTED")
DAMAGED_KERNEL = r"kernel \\cases\\\d+\.elf" + DAMAGED
CIRCLE = (r"kernel (\\cases\\\d+\.elf) is damaged: the clusters of \1 lead in a circle\. chkdsk or fsck repairs "
          "the volume .VOLUME_CORRUPTED")
# Pages that the machine has beside the firmware's own, each where a case has a segment.
PLANTED = ("0 0x6001000 1", "6 0x7001000 1", "10 0x8000000 1")

CASES = [
    Case("the kernel is missing", r"kernel \\none\.elf: cannot be opened .NOT_FOUND",
         path=r"\none.elf"),
    Case("the kernel is a directory", r"kernel \\EFI: is a folder, no file", path=r"\EFI"),
    Case("no kernel is named", "names no kernel", path=""),
    Case("the kernel is empty", KERNEL + ".*ends inside the ELF header", change=elves.empty),
    Case("the kernel is half a header", KERNEL + ".*ends inside the ELF header",
         change=elves.header_alone),
    Case("the kernel is truncated", KERNEL + ".*the file ends before the bytes of a segment do",
         change=elves.truncated),
    Case("the kernel is not ELF", KERNEL + ".*this is an EFI program", change=elves.not_elf),
    Case("the kernel is big-endian", KERNEL + ".*not little-endian", change=elves.big_endian),
    Case("the kernel is for another machine", KERNEL + ".*is not for", change=elves.for_arm),
    Case("the kernel is an object file", KERNEL + ".*neither an executable nor a static-PIE",
         change=elves.relocatable),
    Case("the kernel is for the other target",
         r"kernel \\bootmem\\kernel-\w+\.elf: is for (IA-32|AMD64)", path="other"),
    Case("a cluster of the kernel is bad", DAMAGED_KERNEL % "lead to one that is marked as bad",
         damage=lambda volume, path: volume.break_chain(path, fat.BAD)),
    Case("a cluster of the kernel is free", DAMAGED_KERNEL % "lead to a free one",
         damage=lambda volume, path: volume.break_chain(path, fat.FREE, 20), targets=("amd64",)),
    Case("the kernel's clusters end early", DAMAGED_KERNEL % "end",
         damage=lambda volume, path: volume.break_chain(path, fat.END, 20), targets=("amd64",)),
    Case("the kernel goes on behind the volume", DAMAGED_KERNEL % "lead out of the volume",
         damage=lambda volume, path: volume.break_chain(path, 0x0ffffff0, 20), targets=("amd64",)),
    Case("the kernel goes on as a short file", DAMAGED_KERNEL % "end",
         damage=lambda volume, path: volume.cross_link(path, "/cases/short.bin", 20), targets=("amd64",)),
    Case("the kernel's clusters lead in a circle", CIRCLE,
         damage=lambda volume, path: volume.loop(path), targets=("amd64",)),
    Case("in a circle of one", CIRCLE, damage=lambda volume, path: volume.loop(path, 0), targets=("amd64",)),
    Case("the kernel is in a folder that leads in a circle",
         r"kernel \\circle\\kernel\.elf is damaged: the clusters of \\circle lead in a circle\. chkdsk or fsck "
         r"repairs the volume .VOLUME_CORRUPTED", path=r"\circle\kernel.elf",
         damage=lambda volume, path: volume.loop("/circle"), targets=("amd64",)),
    Case("the kernel's size is too small", KERNEL + ".*the file ends before the bytes of a segment do",
         damage=lambda volume, path: volume.set_size(path, 5000), targets=("amd64",)),
    Case("the kernel's size is 0", KERNEL + ".*ends inside the ELF header",
         damage=lambda volume, path: volume.set_size(path, 0), targets=("amd64",)),
    Case("segments overlap", KERNEL + ".*overlaps", change=elves.overlapping_segments),
    Case("a segment wraps", KERNEL + ".*highest address", change=elves.wrapping_segment),
    Case("a segment is larger in the file than in memory", KERNEL + ".*more bytes in the file",
         change=elves.smaller_in_memory),
    Case("the entry point is outside", KERNEL + ".*entry point lies outside",
         change=elves.entry_outside),
    Case("a segment behind the RAM", KERNEL + ".*0x4[0-9a-f]{7}-.*above the memory",
         change=elves.moved_to(0x40000000)),
    Case("a segment in the PCI hole", KERNEL + ".*0xe[0-9a-f]{7}-.*above the memory",
         change=elves.moved_to(0xe0000000)),
    Case("a segment above 896 MiB for IA-32", KERNEL + ".*0x381[0-9a-f]{5}-.*above the memory",
         change=elves.moved_to(0x38100000), targets=("ia32",)),
    Case("a segment in the ISA hole", KERNEL + ".*0xc0000-.*RAM", change=elves.moved_to(0xc0000)),
    Case("a segment in page 0", KERNEL + ".*page 0", change=elves.moved_to(0)),
    Case("a segment on reserved memory", KERNEL + ".*0x6000000-.*RAM",
         change=elves.moved_to(0x6000000)),
    Case("a segment on runtime services memory", KERNEL + ".*0x7000000-.*RAM",
         change=elves.moved_to(0x7000000)),
    Case("a segment on ACPI NVS", KERNEL + ".*0x8000000-.*RAM", change=elves.moved_to(0x8000000)),
    Case("no room for the kernel", KERNEL + ".*above the memory", change=elves.huge_in_memory),
    Case("no room for a static-PIE", KERNEL + ".*no room", kernel="stub-pie",
         change=elves.huge_in_memory),
    Case("the initrd is missing", r"initrd \\none\.img: cannot be opened .NOT_FOUND",
         conf=r"initrd = \none.img"),
    Case("the initrd is a directory", r"initrd \\EFI: is a folder, no file", conf=r"initrd = \EFI"),
    Case("no room for the initrd", r"initrd \\cases\\large\.img: no room for 60 MiB",
         conf="initrd = \\cases\\large.img\nmem = 48M"),
    Case("the initrd's clusters lead in a circle",
         r"initrd \\cases\\circle\.img is damaged: the clusters of \\cases\\circle\.img lead in a circle",
         conf=r"initrd = \cases\circle.img", damage=lambda volume, path: volume.loop("/cases/circle.img"),
         targets=("amd64",)),
    Case("the initrd has 4 GiB", r"initrd \\cases\\huge\.img" + DAMAGED % "end",
         conf=r"initrd = \cases\huge.img",
         damage=lambda volume, path: volume.set_size("/cases/huge.img", 0xffffffff), targets=("amd64",)),
    Case("the initrd is shorter than it says", r"initrd \\cases\\long\.img" + DAMAGED % "end",
         conf=r"initrd = \cases\long.img",
         damage=lambda volume, path: volume.set_size("/cases/long.img", 5 << 20), targets=("amd64",)),
    Case("a limit below the kernel", KERNEL + ".*above the memory", conf="mem = 1M"),
    Case("a limit that leaves no room for a static-PIE", KERNEL + ".*no room", conf="mem = 4K",
         kernel="stub-pie"),
    Case("an unknown key", CONF + "colour: not a key", conf="colour = red"),
    Case("a line without =", CONF + "halt: not a line of the form", conf="halt"),
    Case("a bad choice", CONF + "maybe: ", conf="keep-boot-services = maybe"),
    Case("a bad size", CONF + "12Q: not a size", conf="mem = 12Q"),
    Case("a size of more than 64 bits", CONF + "9+: not a size", conf="mem = " + 24 * "9"),
    Case("an empty reserve range", CONF + ".*an empty range", conf="reserve = 4096-4096 nothing"),
    Case("half a reserve range", CONF + ".*not START-END", conf="reserve = 4096 nothing"),
    Case("a key twice", r"\\bootmem\.conf:4: policy: .*second time",
         conf="policy = safe\npolicy = safe"),
    Case("a path that is too long", CONF + ".*too long", conf="initrd = \\" + 300 * "a"),
    Case("a configuration that is too large", r"\\bootmem\.conf is larger than 64 KiB",
         text=1100 * ("#" + 62 * "-" + "\n")),
    Case("bytes that are no text", r"\\bootmem\.conf:1: ", text="\x7fELF\2\1\1\0\0"),
]
# U-Boot's files, folders and pages are its own, and it takes its time: one of each kind, for the target
# of its width, and no captures, for which test_capture.py has rows.
ON_UBOOT = ("the kernel is missing", "the kernel is truncated", "the kernel's clusters lead in a circle",
            "a segment on reserved memory", "no room for a static-PIE", "the initrd is missing",
            "an unknown key")
# Its LoadImage() keeps so much of each image, also of one that returns at once.
UBOOT_KEEPS = "plant: memory leaked 3 pages of type 4"
NO_LONG_MODE = [Case("an amd64 kernel on a CPU without long mode", "no long mode",
                     targets=("amd64",))]


def case_name(number, target):
    return f"{number}{len(target)}"  # digits alone: an 8.3 name for the FAT


def configuration(case, number, target, firmware):
    path = case.path
    if path is None:
        path = rf"\cases\{case_name(number, target)}.elf"
    elif path == "other":
        path = GOOD_KERNEL[OTHER[target]].replace("/", "\\")
    end = "capture = no\n" if firmware.startswith(machine.UBOOT) else ""
    return case.text or f"target = {target}\nkernel-{target} = {path}\n{case.conf}\n{end}"


def cases_on(firmware, cpu):
    """What is tried there: number, case and target."""
    own = {"uboot-x64": "amd64", "uboot-ia32": "ia32"}.get(firmware)
    for number, case in enumerate(NO_LONG_MODE if cpu else CASES):
        for target in case.targets:
            if own is None or (target == own and case.rule in ON_UBOOT):
                yield number, case, target


def volume_of(cases, firmware):
    files = {GOOD_KERNEL[target]: machine.kernel(target) for target in GOOD_KERNEL}
    files["/cases/large.img"] = bytes(60 << 20)
    files["/circle/kernel.elf"] = b""
    for name in ("short.bin", "circle.img", "huge.img", "long.img"):
        files[f"/cases/{name}"] = bytes(2000)
    for number, case, target in cases:
        name = case_name(number, target)
        files[f"/cases/{name}.conf"] = configuration(case, number, target, firmware)
        if case.path is None:
            data = machine.kernel(target, case.kernel).read_bytes()
            files[f"/cases/{name}.elf"] = case.change(data) if case.change else data
    return files


# Without a display no error waits for a person, whatever the configuration says, or is.
NOBODY_WATCHES = ["--", "-vga", "none"]


def boot_all(firmware, cpu, directory):
    """Run every case of a machine; what was said in each."""
    is_uboot = firmware.startswith(machine.UBOOT)
    cases = list(cases_on(firmware, cpu))
    names = [case_name(number, target) for number, _, target in cases]
    if is_uboot:  # its first start of all takes a page of its own, which it keeps: that one is not looked at
        names.insert(0, names[0])
    start = machine.PLANTED.replace("/", "\\")
    plant_conf = [*PLANTED, f"start {start}", *(rf"case \cases\{name}.conf" for name in names)]
    image = machine.make_image(directory, {
        machine.removable(firmware): machine.loader(firmware, "plant"),
        machine.PLANTED: machine.loader(firmware),
        "/plant.conf": "\n".join(plant_conf) + "\n",
        **volume_of(cases, firmware)}, *(["--gpt"] if is_uboot else []))
    with fat.Fat(image, machine.partition_offset(image, 1) if is_uboot else 0) as volume:
        for number, case, target in cases:
            if case.damage:
                case.damage(volume, f"/cases/{case_name(number, target)}.elf")
    # Ninety starts of the loader: half a minute of a machine that does nothing else.
    seen = machine.run(directory, image, "--firmware", firmware, "--memory", "1G", "--timeout", "900",
                       *(["--cpu", cpu] if cpu else []),
                       *NOBODY_WATCHES)
    image.unlink()
    assert f"plant: {len(PLANTED)} of {len(PLANTED)} ranges planted" in seen.text, seen.text
    said = re.split(r"^plant: case \\cases\\(\d+)\.conf\n", seen.text, flags=re.MULTILINE)
    return dict(zip(said[1::2], said[2::2]))


def parameters():
    for firmware, cpu in (("x64", None), ("ia32", None), ("ia32", "qemu64,-lm"),
                          ("uboot-x64", None), ("uboot-ia32", None)):
        for number, case, target in cases_on(firmware, cpu):
            name = f"{case.rule} ({firmware} firmware, {target} kernel)"
            # One worker of xdist for all cases of a machine, so that it boots once.
            yield pytest.param(firmware, cpu, number, target, id=name.replace(" ", "-"),
                               marks=pytest.mark.xdist_group(f"errors on {firmware} {cpu}"))


@pytest.fixture(scope="session", name="said_on")
def fixture_said_on(tmp_path_factory):
    """A machine is booted when the first of its cases is asked for."""
    said = {}

    def ask(firmware, cpu):
        if (firmware, cpu) not in said:
            said[firmware, cpu] = boot_all(firmware, cpu, tmp_path_factory.mktemp("errors"))
        return said[firmware, cpu]
    return ask


@pytest.mark.parametrize("firmware, cpu, number, target", parameters())
def test_an_error_leaves_no_trace(firmware, cpu, number, target, said_on):
    case = (NO_LONG_MODE if cpu else CASES)[number]
    said = said_on(firmware, cpu).get(case_name(number, target), "nothing")
    lines = said.splitlines()
    errors = [line for line in lines if line.startswith("bootmem: error: ")]
    returns = [line for line in lines if line.startswith("plant: returned ")]

    # More than once, where the firmware filled a cache of its own.
    assert returns and len(set(returns)) == 1 and "returned error" in returns[0], said
    assert len(errors) == len(returns) and len(set(errors)) == 1, said
    assert re.search(case.says, errors[0]), f"/{case.says}/ is not in `{errors[0]}'"
    assert "bootmem: verdict" not in said
    assert [line for line in lines if line.startswith("plant: memory ")] == [
        UBOOT_KEEPS if firmware.startswith(machine.UBOOT) else "plant: memory given back ok"], said

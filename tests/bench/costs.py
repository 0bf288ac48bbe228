"""What is measured: rows of the core (core.c under callgrind), and of boots (boots.py). A row is a name, a
number, and its unit."""

import dataclasses
import pathlib
import re
import subprocess

import boots

ROOT = boots.ROOT
CORE = ROOT / "build/bench/core"


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    number: int
    unit: str
    each: int = 1  # of how many things it is the cost
    thing: str = ""
    nanoseconds: int = 0
    is_ours: bool = True  # not what a limit costs, and not the firmware's as well


# ---------------------------------------------------------------------------------------------
# The core.

# What none of our work can do without, and the loop around it.
LIMITS = ("fill-", "sort-libc-", "loop-")


def dumped(directory):
    """The dumps of callgrind's: name of the row -> instructions."""
    counts = {}
    for path in directory.glob("dump.*"):
        text = path.read_text(encoding="ascii", errors="replace")
        name = re.search(r"^desc: Trigger: Client Request: (\S+)$", text, re.MULTILINE)
        total = re.search(r"^summary: (\d+)$", text, re.MULTILINE)
        if name and total:
            counts[name[1]] = int(total[1])
    return counts


def core_lines(command, *arguments):
    done = subprocess.run([*command, CORE, *arguments], check=True, capture_output=True, text=True)
    return [line.split() for line in done.stdout.splitlines()]


def core_rows(directory, *arguments, with_time=False):
    """With "--all", those that only plots show, too."""
    callgrind = ["valgrind", "--tool=callgrind", "--collect-atstart=no", f"--callgrind-out-file={directory}/dump"]
    lines = core_lines(callgrind, *arguments)
    counts = dumped(directory)
    times = {line[0]: int(line[3]) for line in core_lines([], *arguments)} if with_time else {}
    return [Row(f"core {name}", counts[name], "instructions", int(each), thing, times.get(name, 0),
                not name.startswith(LIMITS))
            for name, each, thing, _ in lines]


# ---------------------------------------------------------------------------------------------
# Boots. Their configuration is as quiet as there is a key for.

MANUAL = (ROOT / "esp/bootmem.conf").read_text(encoding="utf-8")
QUIET = "report = none\n" if re.search(r"^#?report =", MANUAL, re.MULTILINE) else ""
NO_CAPTURE = "capture = no\ntimeout = 0\n"
# Calls whose number is ours to decide. What others are for, the driver of a disk or a timer, differs.
COUNTED = ("GetMemoryMap", "AllocatePages", "FreePages", "OutputString", "Open", "Read")


@dataclasses.dataclass(frozen=True)
class Boot:
    name: str
    conf: str
    options: dict
    is_budgeted: bool = True


def boot(name, conf=NO_CAPTURE + QUIET, is_budgeted=True, **options):
    target = "ia32" if options.get("firmware") == "ia32" else "amd64"
    return Boot(name, f"target = {target}\n" + conf, {"target": target, **options}, is_budgeted)


INTEL = "max,vendor=GenuineIntel,phys-bits="  # AMD's have RAM elsewhere from 1 TiB on
SCREEN = ("-vga", "std")
LARGE_BYTES = 8 << 20
# A file of the kernel's is moved by the launch pad, an initrd is summed up where it lies.
LARGE = {"more_bytes": LARGE_BYTES, "files": {"/initrd.img": bytes(LARGE_BYTES)}}
LARGE_CONF = NO_CAPTURE + QUIET + "initrd = \\initrd.img\n"
BOOTS = [
    boot("boot 512M"),
    boot("boot 512M ia32", firmware="ia32"),
    boot("boot 512M screen", NO_CAPTURE, arguments=SCREEN),
    boot("boot 960G", memory="960G"),
    boot("boot 8M+8M", LARGE_CONF, **LARGE),
    boot("boot 8M+8M ia32", LARGE_CONF, firmware="ia32", **LARGE),
    boot("boot 512M capture", "timeout = 0\n" + QUIET, is_budgeted=False),
    boot("boot 64G", memory="64G", is_budgeted=False),
    boot("boot 4T", memory="4T", cpu=INTEL + "43", is_budgeted=False),
]


def rows_of_boot(one, cost):
    name = one.name
    yield Row(f"{name} all", cost.all, "instructions", is_ours=False)
    yield Row(f"{name} own", cost.own, "instructions")
    yield Row(f"{name} pad", cost.calls[boots.PAD][1], "instructions")
    for kind in () if "more_bytes" in one.options else COUNTED:
        yield Row(f"{name} {kind}", cost.calls.get(kind, (0, 0))[0], "calls")


def boot_costs(directory, wanted=BOOTS):
    """Yields each boot with its cost."""
    plugin = boots.build_plugin(pathlib.Path(directory))
    for one in wanted:
        yield one, boots.cost_of_boot(pathlib.Path(directory), plugin, one.conf, **one.options)


def boot_rows(directory, wanted=BOOTS):
    for one, cost in boot_costs(directory, wanted):
        yield from rows_of_boot(one, cost)

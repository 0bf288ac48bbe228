"""Time grows with the size of a file, not with its square: each kind of large or hostile input, and one
of four times the size. Quadratic would be sixteen times the time; sorting is a little more than four."""

import os
import resource
import subprocess

import pytest

import boots
import naive
from conftest import ROOT, limit_cpu

MOST_TIMES = 8
LEAST_SECONDS = 0.05  # below that, the clock and the start of the program are what is measured


def capture(lines):
    return naive.capture(lines=lines)


def e820(start, end, kind):
    return f"e820 {start:#018x} {end:#018x} {kind} x"


def uefi(start, end, kind, attribute=15):
    return f"uefi {start:#018x} {end:#018x} {kind} {attribute:#018x} x"


def ranges(n):
    return capture(e820(i << 13, (i << 13) + 0x1000 + (0x1000 if i % 3 == 0 else 0), 1 + i % 4) for i in range(n))


def moved_ranges(n):
    return capture(e820(i * 0x3000 + (i % 2 << 12), i * 0x3000 + 0x2000, 2 + i % 3) for i in range(n))


def look_alikes(n):
    return capture(e820(i << 14, (i << 14) + 0x1000, 3) for i in range(n))


def look_alikes_moved(n):
    return capture(e820((i << 14) + 0x2000, (i << 14) + 0x3000, 3) for i in range(n))


def nested(n):
    return capture(uefi(i << 12, (2 * n - i) << 12, i % 16) for i in range(n))


def descriptors(n):
    return capture(uefi(i << 13, (i << 13) + 0x1000 + (i % 3 // 2 << 12), i % 16) for i in range(n))


def runtime(n):
    return capture(uefi(i << 13, (i << 13) + 0x1000, 7, 15 | 1 << 63) for i in range(n))


def reservations(n):
    return capture([uefi(i << 12, (i + 1) << 12, 7) for i in range(n)] + [f"max-pfn amd64 {n:#x}"]
                   + [f"free amd64 {i:#x} {i + 1:#x}" for i in range(0, n, 2)]
                   + [f'reserve amd64 {i << 12:#x} {(i << 12) + 0x800:#x} extension boot 1 "o{i}" "r"' for i in range(n)])


def landmarks(n):
    return capture([e820(0x1000, n << 14, 2)] + [f"config-table {i * 7919 % n << 14:#018x} - T{i}" for i in range(n)])


def tables(n):
    return capture([e820(0, n << 14, 1), e820(n << 14, n << 15, 3)]
                   + [f'acpi {(n << 14) + i * 0x100:#018x} {200 + i % 3} - 1 ok "SSDT" "XSDT"' for i in range(n)])


def facts(n):
    return capture([e820(0, 1 << 20, 1)] + [f"key-{i} value" for i in range(n)])


def bins(n):
    return capture([e820(i << 14, (i << 14) + 0x1000, 3) for i in range(n)] + [f"bin 9 {i + 1000} x" for i in range(n)])


def damaged(n):
    return b"bootmem-capture 1\n" + b"e820 bad\n" * n


def log_of_boots(n):
    return "".join(f"Linux version 6.{i}\nBIOS-e820: [mem {0:#018x}-{0x9ffff + i * 4096:#018x}] usable\n"
                   for i in range(n)).encode()


def log_of_devices(n):
    return (boots.log() + "".join(
        f"[    1.{i % 10**6:06}] pci {i >> 16:04x}:{i >> 8 & 255:02x}:{i >> 3 & 31:02x}.{i & 7}: [8086:{i & 0xffff:04x}] "
        f"type 00 class 0x020000\n[    1.{i % 10**6:06}] ACPI: SSDT {0x7f900000 + i * 256:#018x} 000100 (v02 A B 1 C 1)\n"
        for i in range(n))).encode()


def one_line(n):
    return boots.log().encode() + b"[<" * n + b"\n"


def quoted_boots(n):
    """Each of another kernel, and all of one map: a quote is compared with those before it."""
    return "".join(f"> Linux version 6.{i}\n" + "".join(f"> {line}\n" for line in boots.log(kernel=f"6.{i}").splitlines()[1:])
                   for i in range(n)).encode()


# what it is, how large, which commands; with two files the diff is from the second to the first
ROWS = [
    (ranges, 10000, "show lint convert"), (descriptors, 10000, "show lint translate check"),
    (nested, 10000, "show lint translate explain"), (runtime, 10000, "show lint"), (reservations, 10000, "show explain"),
    (landmarks, 10000, "show explain lint"), (tables, 10000, "show lint explain"), (facts, 10000, "show convert"),
    (bins, 10000, "show lint"), (damaged, 25000, "show"), (log_of_boots, 15000, "series show"),
    (log_of_devices, 10000, "show"), (one_line, 500000, "show"), (quoted_boots, 4000, "series"),
    ((ranges, moved_ranges), 20000, "diff series"), ((look_alikes, look_alikes_moved), 15000, "diff series"),
    ((descriptors, nested), 15000, "diff"), ((landmarks, tables), 15000, "diff"), ((bins, moved_ranges), 15000, "diff"),
    ((facts, facts), 10000, "diff"),
]


def seconds(folder, makes, n, command):
    """User time of the program that is installed; the least of two runs."""
    paths = []
    for make in makes:
        path = folder / f"{make.__name__}-{n}"
        if not path.exists():
            path.write_bytes(make(n))
        paths.append(str(path))
    program = os.environ.get("MAPDIFF_FAST", str(ROOT / "build" / "mapdiff"))
    more = ["0x100000"] if command == "explain" else []
    times = []
    for _ in range(2):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        result = subprocess.run([program, command, "--damaged", *paths, *more], stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, preexec_fn=limit_cpu, check=False)
        times.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
        assert result.returncode in (0, 1, 2) and b"Sanitizer" not in result.stderr
    return min(times)


@pytest.mark.parametrize("makes,n,commands", ROWS,
                         ids=lambda value: value.__name__ if callable(value) else
                         "-".join(make.__name__ for make in value) if isinstance(value, tuple) else None)
def test_time_is_not_quadratic(tmp_path, makes, n, commands):
    makes = makes if isinstance(makes, tuple) else (makes,)
    for command in commands.split():
        small = max(seconds(tmp_path, makes, n, command), LEAST_SECONDS)
        large = seconds(tmp_path, makes, 4 * n, command)
        assert large < MOST_TIMES * small, f"{command}: {small:.2f} s, and {large:.2f} s for four times as much"


def test_twenty_thousand_boots(mapdiff, tmp_path):
    """Linear, even where no map comes twice; and in memory, what is kept of a boot is small."""
    for number in range(20000):
        more = [f"label day {number % 7}", f"time 2026-11-22T10:00:{number % 60:02}"]
        (tmp_path / f"{number:05}.map").write_text(boots.capture(boots.moved(-(number % 5000)), more))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    status, text, _ = mapdiff("series", tmp_path, fast=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert status == 1 and "20000 boots, 5000 maps" in text
    assert after.ru_utime - before.ru_utime < 20

"""What a log says of a place beside its map, by name, as a capture of it has it; and which numbers without 0x
are hexadecimal."""

import pytest

from test_lint import INTEL, MTRR, UC, e820_lines, log, masked


def lines_of(capture, key):
    return [line for line in capture.splitlines() if line.startswith(key + " ")]


@pytest.mark.parametrize("kind", ("write-back", "write-through", "write-protect"))
def test_a_range_register_has_its_name(mapdiff, kind):
    text = log(*e820_lines((0, 0xA0000, "usable")), UC, INTEL, MTRR % (0, 0, masked(1 << 30), kind))
    status, capture, _ = mapdiff("convert", "-", stdin=text.encode())
    assert status == 0
    assert lines_of(capture, "mtrr") == [f"mtrr 0x{0:016x} 0x{1 << 30:016x} MTRR {kind}",
                                         f"mtrr 0x{0:016x} 0x{1 << 52:016x} MTRR default uncachable"]


NUMBERS = (
    # the rule, how it is written, what it is
    ("decimal", "40960", 40960),
    ("a letter", "a000", 0xA000),
    ("eight digits that are padded", "00409600", 0x409600),
    ("sixteen of them", "0000000000409600", 0x409600),
    ("nine", "000409600", 0x409600),
    ("seven that are", "0409600", 409600),
    ("not padded, of whole pages as it is", "40960000", 40960000),
    ("and only if it is hexadecimal", "10000000", 0x10000000),
)


@pytest.mark.parametrize("name, number, value", NUMBERS, ids=[row[0] for row in NUMBERS])
def test_a_number_without_0x_is_what_makes_sense(report, name, number, value):
    text = f"base=0 length=4096 type=1\nbase={number} length=4096 type=1\n"
    assert int(report("show", "-", stdin=text.encode())["e820"][1]["start"], 16) == value

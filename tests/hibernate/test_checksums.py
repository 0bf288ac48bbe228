"""The kernel's memory map with `pin = yes' is the same, however long the TPM's log is, whatever is plugged in, and
whichever loader starts the kernel's stub; without, it is as it happens. A boot is ended when it has printed its map."""

import functools

import pytest

import lab
from lab import NIC, RNG, Setup


@pytest.fixture(name="reference", scope="session")
def fixture_reference(linux, tmp_path_factory):
    """For each kind of machine and `pin': the map of the shortest log, once a worker."""
    return functools.cache(lambda setup: lab.map_of(tmp_path_factory.mktemp("reference") / "boot", setup, linux))


# Of the machine of the row, with the stub and the shortest log: all these are equal to it.
PINNED = [
    ("the log grows", {"events": 40}, False),
    ("with other devices", {"events": 40, "devices": (RNG, NIC)}, False),
    ("systemd-boot", {"events": 40, "loader": lab.systemd_boot}, False),
    ("GRUB's chainloader", {"loader": lab.grub_chainloader}, True),
    ("UKI", {"events": 40, "loader": lab.uki}, True),
    ("shim and UKI", {"events": 40, "loader": lab.shim_uki}, True),
    ("the log is full", {"events": 120}, True),
    ("systemd-boot, and an RNG", {"loader": lab.systemd_boot, "devices": (RNG,)}, True),
]
# What the row has in place of the shortest log, and whether the map is the same: (name, of both, of the second).
UNPINNED = [
    ("again", {}, {}, True, False),
    ("the log grows", {}, {"events": 40}, False, False),
    ("a network card, and an RNG", {"events": 6, "devices": (RNG,)}, {"events": 6, "devices": (RNG, NIC)}, False, True),
    ("UKI, the log grows", {"loader": lab.uki}, {"loader": lab.uki, "events": 40}, False, True),
    ("GRUB's linux, the log grows", {"loader": lab.grub_linux}, {"loader": lab.grub_linux, "events": 40}, True, True),
    ("another loader", {"events": 40}, {"events": 40, "loader": lab.systemd_boot}, False, True),
]


def rows(table):
    return [pytest.param(*row[:-1], id=row[0], marks=[pytest.mark.deep] if row[-1] else []) for row in table]


# On one worker, as they have one reference.
@pytest.mark.xdist_group("pinned")
@pytest.mark.parametrize("name, changed", rows(PINNED))
def test_pinned_all_maps_are_one(name, changed, reference, linux, tmp_path):
    ranges, block = reference(Setup(pin=True))
    assert (f"{block:#018x}", f"{block + 0x1ffff:#018x}", "ACPI data") in ranges, name
    assert lab.map_of(tmp_path / "boot", Setup(pin=True, **changed), linux) == (ranges, block)


@pytest.mark.xdist_group("unpinned")
@pytest.mark.parametrize("name, first, second, is_same", rows(UNPINNED))
def test_without_a_pin_it_is_as_it_happens(name, first, second, is_same, reference, linux, tmp_path):
    ranges, _ = reference(Setup(**first))
    assert (lab.map_of(tmp_path / "boot", Setup(**second), linux)[0] == ranges) == is_same, name


def test_an_empty_variable_store(linux, tmp_path):
    """A new machine, or one whose battery was taken out."""
    setup = Setup(pin=True, devices=(RNG,))
    variables = tmp_path / "variables"
    first, again = (lab.map_of(tmp_path / name, setup, linux, variables) for name in ("first", "again"))
    assert first == again


@pytest.mark.deep
def test_firmware_of_32_bits(linux, tmp_path):
    short, long = (lab.map_of(tmp_path / str(events), Setup(pin=True, loader=lab.mixed, events=events), linux)
                   for events in (2, 40))
    assert short == long


@pytest.mark.deep
def test_another_kernel(linux, other_linux, tmp_path):
    maps = [lab.map_of(tmp_path / name, Setup(pin=True), kernel)
            for name, kernel in (("today", linux), ("other", other_linux))]
    assert maps[0] == maps[1]

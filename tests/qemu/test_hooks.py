"""Firmware that fails in the application's hands: plant.efi starts it unchanged, with services of
the firmware's replaced (tests/efi/hook.h)."""

import machine
import test_boot
from test_boot import CROSSED, OWN_WIDTH, Row, boot, for_each, rows


def hooked(pairs, rule, *hooks, **fields):
    return for_each(pairs, rule, plant=tuple(f"hook {hook}" for hook in hooks), **fields)


def assert_hooked(seen):
    assert seen.find("^plant: 0 of 0 ranges planted"), seen.text
    assert not seen.find("^plant: cannot hook"), seen.text


# ---------------------------------------------------------------------------------------------
# What firmware may do, and the boot goes on.

HARMLESS = [
    *hooked(OWN_WIDTH, "the exit is refused three times", "exit-refused 3",
            says=("exit attempts 4$",)),
    *hooked(OWN_WIDTH, "the map grows by 16 descriptors at the exit", "exit-grows 16",
            says=("exit attempts 2$",)),
    *hooked(OWN_WIDTH, "there is no clock", "get-time-error 3",
            says=(r"^bootmem: check runtime +n/a +GetTime: status 0x8.*3$",)),
]


@rows(HARMLESS)
def test_boots_all_the_same(row, tmp_path):
    seen = boot(row, tmp_path)
    test_boot.assert_pass(row, seen)
    assert_hooked(seen)

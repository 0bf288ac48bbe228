"""A machine hibernates, and is started again: it resumes, or the kernel refuses its own image since the memory map
is another one. With `pin = yes' it resumes wherever nothing but what a stub or a loader allocates has moved it; and
what mapdiff says, of the two logs as they were before the kernel tried, is what came."""

import dataclasses
import json
import re
import subprocess

import pytest

import lab
from lab import NIC, RNG, Setup

SWAP_BYTES = 512 << 20


@dataclasses.dataclass(frozen=True)
class Pair:
    """The boot that hibernates, the one after it, and what comes of it."""

    name: str
    first: Setup
    second: Setup
    resumes: bool
    is_updated: bool = False  # the kernel, in between
    is_deep: bool = True
    cause: str = None  # of mapdiff, where the map has changed


def pair(name, resumes, first=None, second=None, **both):
    """What both boots have; then what each has beside it, or in its place."""
    fields = {field.name for field in dataclasses.fields(Pair)}
    own = {key: both.pop(key) for key in tuple(both) if key in fields}
    return Pair(name, Setup(**{**both, **(first or {})}), Setup(**{**both, **(second or {})}), resumes, **own)


LONGER = {"second": {"events": 40}}
PAIRS = [
    pair("the log grows, pinned", True, pin=True, is_deep=False, **LONGER),
    pair("the log grows", False, cause="kernel stub", is_deep=False, **LONGER),
    pair("to the log's end, pinned", True, pin=True, second={"events": 120}),
    pair("systemd-boot, the log grows, pinned", True, pin=True, loader=lab.systemd_boot, devices=(RNG,), **LONGER),
    pair("systemd-boot, the log grows", False, cause="kernel stub", loader=lab.systemd_boot, **LONGER),
    pair("UKI, the log grows, pinned", True, pin=True, loader=lab.uki, **LONGER),
    pair("UKI, the log grows", False, cause="kernel stub", loader=lab.uki, **LONGER),
    pair("shim and UKI, the log grows, pinned", True, pin=True, loader=lab.shim_uki, **LONGER),
    pair("shim and UKI, the log grows", False, cause="kernel stub", loader=lab.shim_uki, **LONGER),
    pair("GRUB's chainloader, the log grows, pinned", True, pin=True, loader=lab.grub_chainloader, **LONGER),
    pair("GRUB's chainloader, the log grows", False, cause="kernel stub", loader=lab.grub_chainloader, **LONGER),
    # GRUB 2.06 enters the kernel behind its stub, so that nothing is copied.
    pair("GRUB's linux, the log grows, pinned", True, pin=True, loader=lab.grub_linux, devices=(RNG,), **LONGER),
    pair("GRUB's linux, the log grows", True, loader=lab.grub_linux, **LONGER),
    pair("shim and GRUB's linux, the log grows, pinned", True, pin=True, loader=lab.shim_grub_linux, **LONGER),
    pair("a network card more, pinned", True, pin=True, first={"devices": (RNG,)},
         second={"devices": (RNG, NIC), "events": 40}),
    # With so many events the copy is just outside of the firmware's bin.
    pair("a network card more", False, cause="kernel stub", events=6, first={"devices": (RNG,)},
         second={"devices": (RNG, NIC)}),
    pair("another loader, pinned", True, pin=True, first={"loader": lab.uki},
         second={"loader": lab.systemd_boot, "events": 40}),
    pair("the kernel is updated, pinned", True, pin=True, devices=(RNG,), is_updated=True),
    # Once, and not again.
    pair("pin is switched on", False, second={"pin": True}),
]


def hibernate(directory, pair, kernels):
    """The logs of both boots."""
    directory.mkdir()
    swap = directory / "swap"
    with open(swap, "wb") as file:
        file.truncate(SWAP_BYTES)
    disk = ("-drive", f"if=none,id=swap,format=raw,file={swap}", "-device", "virtio-blk-pci,drive=swap")
    return [lab.boot(directory / f"boot{number}", setup, linux, None, disk, directory / "variables")[0].text
            for number, setup, linux in zip("12", (pair.first, pair.second), kernels)]


def said(text):
    """By init, of the kernel's log."""
    return re.findall(r"\] lab: (.*?)\r?$", text, re.MULTILINE)


def predicted(directory, texts):
    """mapdiff's report on the logs, up to where the kernel tries."""
    logs = []
    for number, text in enumerate(texts):
        logs.append(directory / f"{number + 1}.log")
        logs[-1].write_text(re.split(r"^.*\] lab: (?:hibernate|resume)\r?$", text, flags=re.MULTILINE)[0])
    done = subprocess.run([lab.machine.BUILD / "mapdiff", "--format", "json", *logs], capture_output=True, check=False)
    return json.loads(done.stdout)


@pytest.mark.parametrize("case", [
    pytest.param(case, id=case.name, marks=[pytest.mark.deep] if case.is_deep else []) for case in PAIRS])
def test_pair(case, linux, request, tmp_path):
    kernels = (request.getfixturevalue("other_linux") if case.is_updated else linux, linux)
    texts = hibernate(tmp_path / "pair", case, kernels)
    # Resumed, the machine says no more what its kernel said when it began.
    came = [said(text) for text in texts]
    assert came[0] == ["hibernate"], texts[0]
    assert came[1] == (["resume", "resumed"] if case.resumes else ["resume", "refused"]), texts[1]
    maps = [lab.e820(text) for text in texts]
    assert (maps[0] == maps[1]) == case.resumes
    report = predicted(tmp_path, texts)
    assert report["resume"]["verdict"] == ("yes" if case.resumes else "no"), report
    if case.cause:
        assert report["cause"] == case.cause, report

"""The kernels, fetched once; without them, a row is skipped and says why."""

import fcntl
import re
import subprocess

import pytest

import lab


def fetch(name, *package):
    folder = lab.machine.BUILD / "hibernate" / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w", encoding="ascii") as lock:  # of the workers, one fetches
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run([lab.HERE / "kernel", folder, *package], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(done.stderr.strip())
        if not (folder / "initramfs").exists():
            subprocess.run([lab.HERE / "initramfs", folder], check=True)
    return lab.Linux(folder / "vmlinuz", folder / "initramfs")


@pytest.fixture(name="linux", scope="session")
def fixture_linux():
    """The one that Debian installs today."""
    return fetch("today")


@pytest.fixture(name="other_linux", scope="session")
def fixture_other_linux():
    """The oldest that the package lists still have, to update from."""
    listed = subprocess.run(["apt-cache", "search", "--names-only", r"^linux-image-[0-9.]+-[0-9]+-amd64$"],
                            capture_output=True, text=True, check=True).stdout
    names = sorted(re.findall(r"^(linux-image-\S+)", listed, re.MULTILINE),
                   key=lambda name: [int(number) for number in re.findall(r"\d+", name)])
    if len(names) < 2:
        pytest.skip("apt lists one kernel only")
    return fetch("other", names[0])

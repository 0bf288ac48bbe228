"""From the UEFI Shell: words behind the program's name, and its exit status. And from a network, which is
not supported.
"""

import re
import shutil

import machine

SCRIPT = """@echo -off
fs0:
bootmem.efi -c -l "docked, lid"
echo "status 1 is %lasterror%"
bootmem.efi -c -f \\other.conf
echo "status 2 is %lasterror%"
bootmem.efi -c -f \\none.conf
echo "status 3 is %lasterror%"
bootmem.efi -x
echo "status 4 is %lasterror%"
bootmem.efi -h
echo "status 5 is %lasterror%"
reset -s
"""


def run_script(directory, image, memory):
    return machine.run(directory, image, "--shell", "--write", "--memory", memory)


def statuses(seen):
    return [int(status, 16) for status in re.findall(r"^status \d is 0x(\w+)$", seen.text, re.MULTILINE)]


def test_captures_are_compared_from_the_shell(tmp_path):
    """0 is the same map, or a first boot; 1 another one; 2 trouble, which costs no capture."""
    image = machine.make_image(tmp_path, {
        "/bootmem.efi": machine.loader("x64"), "/startup.nsh": SCRIPT, "/bootmem.conf": "timeout = never\n",
        "/other.conf": "label = other\n"})
    first = run_script(tmp_path, image, "192M")
    assert statuses(first) == [0, 0, 2, 2, 0], first.text
    assert first.find("^bootmem: 1 FIRST BOOT ") and first.find("^bootmem: = MAP UNCHANGED "), first.text
    assert first.find(r"^bootmem: error: \\none\.conf cannot be opened"), first.text
    assert first.find(r"^bootmem: error: -x: not an option that bootmem knows; -h helps"), first.text
    assert first.find(r"^bootmem\.efi \[-c\] \[-l LABEL\] \[-f FILE\]$"), first.text
    for number, label in (1, b"docked, lid"), (2, b"other"):
        capture = machine.read_file(image, f"/bootmem/captures/{number:04}.map")
        assert b"\nlabel " + label + b"\n" in capture
    second = run_script(tmp_path, image, "256M")
    assert statuses(second)[0] == 1 and second.find("^bootmem: ! MAP CHANGED since "), second.text


def test_a_network_is_refused(tmp_path):
    image = machine.make_image(tmp_path, {"/nothing": "here"})
    (tmp_path / "tftp").mkdir()
    shutil.copyfile(machine.loader("x64"), tmp_path / "tftp/bootmem.efi")
    seen = machine.run(tmp_path, image, "--", "-netdev",
                       f"user,id=net,tftp={tmp_path}/tftp,bootfile=bootmem.efi", "-device",
                       "virtio-net-pci,netdev=net,bootindex=1,romfile=",
                       at_line=("start it from a disk or a stick", lambda control: control.quit()))
    assert seen.find("^bootmem: error: started over the network, which bootmem does not support: "
                     "start it from a disk or a stick"), seen.text

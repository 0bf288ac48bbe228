"""Captures: the file that each boot leaves on its volume, what a boot says about the last one, and
the capture that the stub kernel prints."""

import json
import re
import subprocess
import zlib

import pytest

import machine

PAIRS = [(firmware, target) for firmware in ("x64", "ia32") for target in ("amd64", "ia32")]
FOLDER = "/bootmem/captures"
MAY_NOT_BE_THERE = ("SECRET", "5ec2e700", "52:54:00:5e:c2:e7", "5254005ec2e7")


def make_image(directory, firmware, target, conf="", files=(), options=()):
    return machine.make_image(directory, {
        machine.removable(firmware): machine.loader(firmware),
        f"/bootmem/kernel-{target}.elf": machine.kernel(target),
        "/bootmem.conf": f"target = {target}\n{conf}",
        **dict(files)}, *options)


def boot(directory, image, firmware="x64", memory="192M", options=("--write",)):
    seen = machine.run(directory, image, "--firmware", firmware, "--memory", memory, *options)
    machine.assert_pass(seen, machine.may_be_na(firmware) if firmware.startswith(machine.UBOOT) else None)
    assert seen.text.splitlines()[-1] == "bootmem: verdict PASS"
    return seen


def whole(text):
    """The lines of a capture, whose checksum is right."""
    lines = text.splitlines()
    assert lines[0] == "bootmem-capture 1"
    covered = "".join(line + "\n" for line in lines[:-1]).encode()
    assert lines[-1] == f"checksum 0x{zlib.crc32(covered):08x}"
    return lines


def capture(image, number):
    """The lines of a capture on the volume; None if it is not there."""
    data = machine.read_file(image, f"{FOLDER}/{number:04}.map")
    return None if data is None else whole(data.decode("ascii"))


def values(lines, key):
    return [line.removeprefix(key + " ") for line in lines if line.startswith(key + " ")]


def ends(lines, key):
    return [line.split()[:2] for line in values(lines, key)]


def names(image):
    """Of the files in the folder of captures."""
    listed = machine.mtools("mdir", image, "-b", "::" + FOLDER).stdout.decode().split()
    return sorted(name.rsplit("/", 1)[1] for name in listed)


def e820_crc32(lines):
    return values(lines, "e820-crc32")[0]


def index(image, damaged=0):
    """Number, checksum and label of each whole capture in the index, whose checksum is right."""
    lines = machine.read_file(image, f"{FOLDER}.txt").decode("ascii").splitlines()
    assert lines[0] == "bootmem-captures 1"
    covered = "".join(line + "\n" for line in lines[:-1]).encode()
    assert lines[-1] == f"checksum 0x{zlib.crc32(covered):08x}"
    rows = [line.split(" ", 9) for line in lines[1:-1]]
    whole_rows = [row for row in rows if row[0] == "capture" and row[4] == "whole"]
    assert len(whole_rows) + damaged == len(rows)
    return [(int(row[1]), row[6], "".join(row[9:])) for row in whole_rows]


FIRST = r"^bootmem: 1 FIRST BOOT First capture of this machine\. "
UNCHANGED = (r"^bootmem: = MAP UNCHANGED %u boots of this machine, 1 map\. "
             r"The map would not stop Linux from resuming\.$")


def printed_by(seen):
    """The lines of the capture that the stub kernel prints."""
    return whole(re.search(r"^bootmem-capture 1$.*?^checksum 0x[0-9a-f]{8}$", seen.text,
                           re.MULTILINE | re.DOTALL)[0])


def saved(seen):
    """The number of the capture that it says it has made."""
    found = seen.find(r"^bootmem: Saved    \\bootmem\\captures\\(\d{4})\.map(   full report: .*)?$")
    return found and int(found[1])


@pytest.mark.parametrize("firmware, target", PAIRS)
def test_each_boot_leaves_a_capture_and_is_compared_with_the_last_one(firmware, target, tmp_path):
    image = make_image(tmp_path, firmware, target, "label = on battery\n")
    first = boot(tmp_path, image, firmware)
    assert first.find(FIRST) and saved(first) == 1, first.text
    same = boot(tmp_path, image, firmware)
    assert same.find(UNCHANGED % 2) and saved(same) == 2, same.text
    other = boot(tmp_path, image, firmware, "256M")
    assert other.find(r"^bootmem: ! MAP CHANGED since \d+ \w+ \d\d:\d\d \(on battery\)\. "
                      r"Linux would refuse to resume from hibernation\.$"), other.text
    assert saved(other) == 3, other.text
    assert other.find(r"^bootmem: Cause    Installed RAM was 192 MiB and is now 256 MiB\.$"), other.text
    assert index(image) == [(number, e820_crc32(capture(image, number)), "on battery")
                            for number in (1, 2)]
    assert names(image) == ["0001.map", "0002.map", "0003.map"], "a second name is left"

    captures = [capture(image, number) for number in (1, 2, 3)]
    assert captures[0] and captures[1] and captures[2] and not capture(image, 4)
    assert values(captures[0], "e820") == values(captures[1], "e820")
    assert values(captures[0], "e820") != values(captures[2], "e820")
    assert values(captures[0], "label") == ["on battery"]
    assert values(captures[0], "target") == [target]
    assert values(captures[0], "firmware-bits") == [{"x64": "64", "ia32": "32"}[firmware]]
    assert values(captures[0], "installed-bytes") == [f"{192 << 20:#x}"]
    assert values(captures[2], "installed-bytes") == [f"{256 << 20:#x}"]
    assert not [line for line in captures[0] if line != line.rstrip()]
    without = [line for line in captures[0] if not re.match("time|checksum", line)]
    assert without == [line for line in captures[1] if not re.match("time|checksum", line)]
    for key in ("uefi", "config-table", "acpi", "smbios", "footprint", "kernel", "bin",
                "free ia32", "free amd64", "reserve ia32", "reserve amd64"):
        assert values(captures[0], key), f"no line {key}"


@pytest.mark.parametrize("firmware, target", PAIRS)
def test_the_stub_kernel_prints_the_map_that_was_accepted(firmware, target, tmp_path):
    image = make_image(tmp_path, firmware, target, "cmdline = quiet stub.capture\n")
    seen = boot(tmp_path, image, firmware)
    printed = printed_by(seen)
    planned = capture(image, 1)
    assert values(printed, "taken") == ["accepted"] and values(planned, "taken") == ["planned"]
    assert values(printed, "target") == [target]
    # Between the two maps firmware and loader took pages, none of which is no RAM afterwards.
    assert values(printed, "e820") == values(planned, "e820")
    assert values(printed, "e820-crc32") == values(planned, "e820-crc32")
    assert values(printed, "kernel") == values(planned, "kernel")
    assert values(printed, "uefi-map") == values(planned, "uefi-map")
    assert ends(printed, "uefi")[-1] == ends(planned, "uefi")[-1]
    assert values(printed, f"free {target}") == values(planned, f"free {target}")
    assert values(printed, f"reserve {target}") == values(planned, f"reserve {target}")


@pytest.mark.parametrize("firmware, target", [
    (machine.UBOOT + width, target) for width in ("x64", "ia32") for target in ("amd64", "ia32")])
def test_uboot_writes_captures_and_compares_them(firmware, target, tmp_path):
    image = make_image(tmp_path, firmware, target, "cmdline = stub.capture\n", options=("--gpt",))
    first, same, other = (boot(tmp_path, image, firmware, memory, ("--ehci", "--write"))
                          for memory in ("192M", "192M", "256M"))
    assert first.find(FIRST) and saved(first) == 1, first.text
    assert same.find(UNCHANGED % 2) and saved(same) == 2, same.text
    assert other.find(r"^bootmem: ! MAP CHANGED since ") and saved(other) == 3, other.text

    volume = machine.partition(image, 1)
    assert names(volume) == ["0001.map", "0002.map", "0003.map"], "a second name is left"
    captures = [capture(volume, number) for number in (1, 2, 3)]
    assert values(captures[0], "e820") == values(captures[1], "e820")
    assert values(captures[0], "e820") != values(captures[2], "e820")
    assert values(captures[0], "target") == [target]
    for key in ("uefi", "config-table", "acpi", "smbios", "footprint", "kernel",
                "free ia32", "free amd64", "reserve ia32", "reserve amd64"):
        assert values(captures[0], key), f"no line {key}"
    printed = printed_by(first)
    for key in ("e820", "e820-crc32", "kernel", "uefi-map", f"reserve {target}"):
        assert values(printed, key) == values(captures[0], key), key


def reports(*files):
    """What mapdiff says about two files, as JSON."""
    done = subprocess.run([machine.built("mapdiff"), "--format", "json", *files], check=False,
                          capture_output=True)
    assert done.returncode <= 1 and not done.stderr, done.stderr
    return json.loads(done.stdout)


DEVICE_RULES = ("window-covered", "mtrr-not-write-back", "attributes-gap")


@pytest.mark.parametrize("firmware", ["x64", "ia32"])
def test_what_the_machine_says_of_memory_elsewhere_is_told_and_checked(firmware, tmp_path):
    """QEMU's hole for PCI, and OVMF's tables: and lint finds them in order."""
    image = make_image(tmp_path, firmware, "amd64")
    boot(tmp_path, image, firmware)
    lines = capture(image, 1)
    assert ends(lines, "host-window") == [[f"{0xc0000000:#018x}", f"{0xfc000000:#018x}"]]
    mtrrs = values(lines, "mtrr")
    assert mtrrs[:3] == [f"{0:#018x} {1 << 52:#018x} MTRR default write-back",
                         f"{0:#018x} {0xa0000:#018x} MTRR fixed write-back",
                         f"{0xa0000:#018x} {0x100000:#018x} MTRR fixed uncachable"]
    assert f"{0x80000000:#018x} {0x100000000:#018x} MTRR uncachable" in mtrrs[3:]
    entries = [[int(end, 0) for end in line] for line in ends(lines, "memory-attributes")]
    runtime = [line.split() for line in values(lines, "uefi") if line.split()[2] in ("5", "6")]
    assert runtime
    for start, end, *_ in runtime:
        inside = [entry for entry in entries if int(start, 0) <= entry[0] and entry[1] <= int(end, 0)]
        assert sum(entry[1] - entry[0] for entry in inside) == int(end, 0) - int(start, 0)
    assert not [line for line in lines if line.startswith("#")], "something could not be told"

    file = tmp_path / "capture.map"
    file.write_text("\n".join(lines) + "\n")
    done = subprocess.run([machine.built("mapdiff"), "lint", "--format", "json", file],
                          check=False, capture_output=True)
    report = json.loads(done.stdout)
    checked = {rule["rule"]: rule["checked"] for rule in report["rules"]}
    assert [checked[rule] for rule in DEVICE_RULES] == [True, True, True]
    assert not set(DEVICE_RULES) & {finding["rule"] for finding in report["findings"]}


@pytest.mark.parametrize("conf", ["", "mem = 100M\n"])
def test_planned_and_accepted_differ_in_what_the_firmware_did_in_between(conf, tmp_path):
    """Read from the middle of a log of the serial port."""
    image = make_image(tmp_path, "x64", "amd64", f"cmdline = stub.capture\nlabel = docked\n{conf}")
    log, planned = tmp_path / "serial.log", tmp_path / "planned.map"
    log.write_text(boot(tmp_path, image).text)
    planned.write_text("\n".join(capture(image, 1)) + "\n")
    for files in ((planned, log), (log, planned)):
        report = reports(*files)
        assert report["changes"] == [] and report["resume"]["verdict"] == "yes"
        assert report["conditions"] == []


def test_a_limit_to_ram_is_no_change(tmp_path):
    image = make_image(tmp_path, "x64", "amd64")
    boot(tmp_path, image)
    conf = tmp_path / "limited"
    conf.write_text("target = amd64\nmem = 100M\n")
    assert machine.mtools("mcopy", image, "-o", conf, "::/bootmem.conf").returncode == 0
    seen = boot(tmp_path, image)
    assert seen.find(UNCHANGED % 2) and saved(seen) == 2, seen.text


def test_a_volume_that_cannot_be_written_boots(tmp_path):
    image = make_image(tmp_path, "x64", "amd64")
    seen = boot(tmp_path, image, options=("--usb", "--read-only"))
    assert seen.find(r"^bootmem: warning: no capture: \\bootmem\\captures\\0001\.map cannot be "
                     r"written \(WRITE_PROTECTED\)$"), seen.text
    assert capture(image, 1) is None


def free_bytes(image):
    listed = machine.mtools("mdir", image, "::/").stdout.decode()
    return int(re.search(r"([\d ]+) bytes free", listed)[1].replace(" ", ""))


def test_a_kernel_that_has_no_room_costs_the_boot_only(tmp_path):
    """64M, of which an IA-32 kernel and what follows it may take all that the firmware has left."""
    image = make_image(tmp_path, "ia32", "ia32", "policy = linux-2.6.24\ninitrd = \\initrd\non-error = continue\n",
                       {"/initrd": bytes(3 << 20)}.items())
    seen = machine.run(tmp_path, image, "--firmware", "ia32", "--memory", "64M", "--write")
    assert seen.find(r"^bootmem: error: initrd \\initrd: no room for 3 MiB below 0x"), seen.text
    assert seen.find(r"^bootmem: Saved +\\bootmem\\captures\\0001\.map"), seen.text
    assert capture(image, 1)


@pytest.mark.parametrize("left_bytes", [0, 1024, 8192])
def test_a_full_volume_boots(left_bytes, tmp_path):
    image = make_image(tmp_path, "x64", "amd64", options=("--size", "33M"))
    filler = tmp_path / "filler"
    filler.write_bytes(bytes(free_bytes(image) - left_bytes))
    assert machine.mtools("mcopy", image, filler, "::/filler").returncode == 0
    assert free_bytes(image) == left_bytes
    seen = boot(tmp_path, image)
    assert seen.find(r"^bootmem: warning: no capture: \\bootmem\\captures\\0001\.map cannot be "
                     r"written \(VOLUME_FULL\)$"), seen.text
    assert machine.read_file(image, f"{FOLDER}/0001.map") is None
    assert left_bytes - 1024 <= free_bytes(image) <= left_bytes, "the space was not given back"


@pytest.mark.parametrize("rule, conf, files, says, made", [
    ("none is wanted", "capture = no\n", {}, None, None),
    ("a damaged one is passed over", "", {f"{FOLDER}/0001.map": "bootmem-capture 1\n"},
     r"^bootmem: \? NOT COMPARED 0001\.map is damaged\. ", 2),
    ("a later format is passed over", "",
     {f"{FOLDER}/0001.map": "bootmem-capture 2\nchecksum 0x00000000\n"},
     r"^bootmem: \? NOT COMPARED 0001\.map is of a later bootmem\. ", 2),
    ("the folder is a file", "", {FOLDER: "mine"},
     r"warning: no capture: a file is where the folder \\bootmem\\captures has to be: rename it$", None),
    ("gaps stay", "", {f"{FOLDER}/0041.map": "", f"{FOLDER}/notes on captures.txt": ""},
     r"^bootmem: Saved    \\bootmem\\captures\\0042\.map$", 42),
    ("no number is left", "", {f"{FOLDER}/9999.map": ""},
     r"warning: no capture: \\bootmem\\captures\\9999\.map is the last one that there can be$",
     None),
])
def test_files_that_are_there(rule, conf, files, says, made, tmp_path):
    image = make_image(tmp_path, "ia32", "amd64", conf, files)
    seen = boot(tmp_path, image, "ia32")
    assert says is None or seen.find(says), f"{rule}:\n{seen.text}"
    listed = machine.mtools("mdir", image, "-b", "::" + FOLDER).stdout.decode().split("\n")
    assert len([name for name in listed if name]) == len(files) + (made is not None)
    assert made is None or capture(image, made)
    assert says or "apture" not in seen.text


@pytest.mark.parametrize("firmware", ["x64", "ia32"])
def test_nothing_tells_one_machine_from_another_of_its_model(firmware, tmp_path):
    """As a serial number, a UUID, an asset tag, a MAC address would."""
    image = make_image(tmp_path, firmware, "amd64", "cmdline = stub.capture\n")
    uuid = "5ec2e700-5ec2-e700-5ec2-e7005ec2e700"
    seen = boot(tmp_path, image, firmware, options=(
        "--write", "--", "-uuid", uuid,
        "-smbios", "type=0,vendor=ACME,version=1.2,date=12/31/2025",
        "-smbios", f"type=1,manufacturer=ACME,product=Anvil,version=v3,serial=SECRET123,"
                   f"uuid={uuid},sku=SECRET-sku,family=SECRET-family",
        "-smbios", "type=2,manufacturer=ACME,product=Board,version=v4,serial=SECRET456,"
                   "asset=SECRET-tag,location=SECRET-location",
        "-smbios", "type=3,serial=SECRET789,asset=SECRET-tag",
        "-smbios", "type=17,serial=SECRET000,asset=SECRET-tag,part=SECRET-part",
        "-netdev", "user,id=net", "-device", "e1000,netdev=net,mac=52:54:00:5e:c2:e7"))
    lines = capture(image, 1)
    for key, value in (("bios-vendor", "ACME"), ("bios-version", "1.2"),
                       ("bios-date", "12/31/2025"), ("system-vendor", "ACME"),
                       ("system-product", "Anvil"), ("system-version", "v3"),
                       ("board-vendor", "ACME"), ("board-product", "Board")):
        assert values(lines, key) == [value]
    for secret in MAY_NOT_BE_THERE:
        assert secret.lower() not in "\n".join(lines).lower()
        assert secret.lower() not in seen.text.lower()
    reversed_uuid = "00e7c25e"  # the first field as a little-endian number
    assert reversed_uuid not in "\n".join(lines).lower()


def test_what_a_power_cut_leaves_is_finished_or_goes(tmp_path):
    """Before the first one was renamed, and while the second one was written."""
    image = make_image(tmp_path, "x64", "amd64")
    boot(tmp_path, image)
    text = machine.read_file(image, f"{FOLDER}/0001.map")
    assert machine.mtools("mren", image, f"::{FOLDER}/0001.map", "0001.new").returncode == 0
    half = tmp_path / "half"
    half.write_bytes(text[:len(text) // 2])
    assert machine.mtools("mcopy", image, half, f"::{FOLDER}/0002.new").returncode == 0
    seen = boot(tmp_path, image)
    assert seen.find(UNCHANGED % 2) and saved(seen) == 3, seen.text
    assert names(image) == ["0001.map", "0003.map"]
    assert machine.read_file(image, f"{FOLDER}/0001.map") == text


def put_into_itself(image, name):
    """Let a folder in the folder of captures be that folder. FAT32, folders of one cluster."""
    data = bytearray(image.read_bytes())
    sector, n_reserved, n_fats, fat_sectors, cluster = (
        int.from_bytes(data[at:at + n], "little")
        for at, n in ((11, 2), (14, 2), (16, 1), (36, 4), (44, 4)))
    cluster_bytes = data[13] * sector
    first = n_reserved * sector + n_fats * fat_sectors * sector

    def entry(name):
        start = first + (cluster - 2) * cluster_bytes
        return next(at for at in range(start, start + cluster_bytes, 32)
                    if data[at:at + 11] == name and data[at + 11] & 0x18 == 0x10)

    for parent in (b"BOOTMEM    ", b"CAPTURES   "):
        at = entry(parent)
        cluster = int.from_bytes(data[at + 26:at + 28], "little")
    at = entry(name)
    data[at + 26:at + 28] = cluster.to_bytes(2, "little")
    image.write_bytes(data)


@pytest.mark.parametrize("firmware", ["x64", "ia32"])
def test_a_folder_may_contain_itself(firmware, tmp_path):
    """One whose clusters lead in a circle is another matter: OVMF never comes back from Open()."""
    image = make_image(tmp_path, firmware, "amd64")
    boot(tmp_path, image, firmware)
    assert machine.mtools("mmd", image, f"::{FOLDER}/0007.MAP").returncode == 0
    put_into_itself(image, b"0007    MAP")
    seen = boot(tmp_path, image, firmware)
    assert seen.find(UNCHANGED % 2) and saved(seen) == 8, seen.text


def test_five_hundred_captures_are_read_once(tmp_path):
    image = make_image(tmp_path, "x64", "amd64")
    boot(tmp_path, image)
    text = machine.read_file(image, f"{FOLDER}/0001.map")
    folder = tmp_path / "captures"
    folder.mkdir()
    for number in range(2, 501):
        (folder / f"{number:04}.map").write_bytes(text)
    (folder / "0501.map").write_bytes(b"\n" * (4 << 20))
    assert machine.mtools("mcopy", image, *sorted(folder.iterdir()), f"::{FOLDER}").returncode == 0
    for number in (502, 503):
        seen = boot(tmp_path, image)
        assert seen.find(UNCHANGED % (number - 1)) and saved(seen) == number, seen.text
        assert seen.find(r"^bootmem: Note     1 capture cannot be read, 0501\.map for one\.$"), seen.text
    assert len(index(image, damaged=1)) == 501

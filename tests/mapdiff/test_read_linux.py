"""Logs of Linux, /proc/iomem and /sys/firmware/memmap: what stands in them is what is read."""

import itertools

import pytest

import formats
from formats import (E820_SPELLINGS, FRAMES, UEFI_SPELLINGS, WRITERS, dmesg, e820_3, messages, syslog, sysfs_folder, sysfs_grep,
                     sysfs_loop, text, uefi_named)
from naive import ALL, TRANSLATED, e820_of, name_of

BY_NAME = {map.path.stem: map for map in ALL}
TYPES = BY_NAME["plant-types-q35-1G"]  # each UEFI type, OEM and OS types, 162 descriptors
SMALL, OTHER = BY_NAME["x64-q35-512M"], BY_NAME["x64-q35-8G"]
GRUB = BY_NAME["grubplant-types-q35-1G"]  # type 20 in e820
SOFT = BY_NAME["plant-sp-q35-1G"]
ZEROS = BY_NAME["lenovo-x240"]  # descriptors of no pages


class Case:
    """A map as a test makes it up."""

    def __init__(self, e820=(), uefi=()):
        self.e820, self.uefi = list(e820), list(uefi)


def uefi_of(report):
    return [(row["type"], int(row["attribute"], 0), int(row["start"], 0), int(row["end"], 0)) for row in report["uefi"]]


@pytest.fixture
def read(report):
    """read(text, boot=None): the report of one boot. No faults, or `show' ends with trouble."""

    def run(content, path=None):
        return report("show", "--private", path or "-", stdin=content)

    return run


def check(report, map):
    assert e820_of(report) == map.e820
    assert not report["uefi"] or uefi_of(report) == map.uefi


@pytest.mark.parametrize("writer", WRITERS + [pytest.param(formats.framed(frame), id=frame) for frame in FRAMES])
@pytest.mark.parametrize("map", [TYPES, GRUB], ids=name_of)
def test_whatever_wrote_the_log(read, map, writer):
    got = read(writer(messages(map)))
    check(got, map)
    assert got["boot"]["boots"] == 1
    assert len(got["uefi"]) == len(map.uefi)
    assert got["boot"]["facts"]["kernel-version"] == "6.1.0-56-amd64"
    assert got["boot"]["facts"]["command-line"] == "BOOT_IMAGE=/vmlinuz root=/dev/sda2 efi=debug"
    assert got["boot"]["facts"]["present-pages"] == "260469"
    assert "TPMEventLog" in [landmark["name"] for landmark in got["boot"]["landmarks"]]


@pytest.mark.parametrize("columns", [50, 64, 80, 100])
@pytest.mark.parametrize("map", [TYPES, SOFT, GRUB, ZEROS], ids=name_of)
def test_a_terminal_that_was_too_narrow(read, map, columns):
    check(read(formats.terminal(messages(map), columns)), map)


def test_a_line_that_was_cut_is_not_mended_with_the_next_one(mapdiff):
    lines = messages(SMALL)
    lines[4] = lines[4][:lines[4].index("]") + 1]
    for behind in [[], ["a word of the user's"], ["reserved for later use, the manual says"]]:
        status, _, err = mapdiff("show", "-", stdin=dmesg(lines[:5]) + text(behind) + dmesg(lines[5:]))
        assert status == 2 and "-:5: a line of the e820 map cannot be read" in err


def test_what_is_present_is_unknown_if_what_is_absent_is_cut_off(read):
    line = "Memory: 65772340k/69206016k available (7796k kernel code,"
    for rest in ["", "\n2195092k absent, 1238584k reserved)"]:
        assert "present-pages" not in read(f"{e820_3(SMALL)[0]}\n{line}{rest}\n".encode())["boot"]["facts"]


@pytest.mark.parametrize("broken", ["ACPI=0x1f77d000\nACPI 2.0=0x1f77d014 SMBIOS 3.0=0x1f520000", "ACPI=0x1f77d000 ACPI\n2.0=0x1f77d014 "
                                    "SMBIOS 3.0=0x1f520000", "ACPI=0x1f77d000 ACPI 2.0=0x1f77d014 SMBIOS\n3.0=0x1f520000"])
def test_tables_of_a_line_that_a_mail_broke(read, broken):
    got = read(f"{e820_3(SMALL)[0]}\nefi: {broken}\n".encode())["boot"]["landmarks"]
    assert [(row["name"], row["start"]) for row in got] == [("SMBIOS 3.0", "0x1f520000"), ("ACPI", "0x1f77d000"),
                                                            ("ACPI 2.0", "0x1f77d014")]


@pytest.mark.parametrize("e820, uefi", zip(itertools.cycle(E820_SPELLINGS), UEFI_SPELLINGS))
@pytest.mark.parametrize("map", [TYPES, SOFT, ZEROS, GRUB], ids=name_of)
def test_spellings_of_all_kernels(read, map, e820, uefi):
    got = read(dmesg(messages(map, e820, uefi)))
    check(got, map)
    assert len(got["uefi"]) == len(map.uefi)


@pytest.mark.parametrize("map", TRANSLATED, ids=name_of)
def test_all_recorded_maps(read, map):
    got = read(dmesg(messages(map)))
    check(got, map)
    assert len(got["uefi"]) == len(map.uefi)


@pytest.mark.parametrize("name, number", [("persistent (type 12)", 12), ("persistent (type 7)", 7), ("type 20", 20),
                                          ("persistent RAM (type 7)", 7), ("soft reserved", 0xEFFFFFFF),
                                          ("Soft Reserved", 0xEFFFFFFF), ("type 4026531839", 0xEFFFFFFF),
                                          ("unusable", 5), ("device reserved", 2), ("System RAM", 1)])
def test_names_of_types(read, name, number):
    got = read(text(["BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] " + name]))
    assert e820_of(got) == [(0, 0xA0000, number)]


@pytest.mark.parametrize("cells, attribute", [
    ("|   |  |  |  |  |  |  |  |   |WB|WT|WC|UC]", 0xF),
    ("|RUN|HP|MR|CC|SP|NV|XP|RP|WP|RO|UCE|WB|WT|WC|UC]", 0x80000000001FF01F),
    ("|attr=0x0800000000000000f]", 0x800000000000000F),
    ("|RUN|  |  |  |  |  |  |  |   |  |  |  |  ]", 1 << 63),
])
def test_attributes_are_read_by_name(read, cells, attribute):
    line = f"efi: mem00: [Boot Code{cells} range=[0x0000000000000000-0x0000000000000fff] (0MB)"
    assert uefi_of(read(text([line]))) == [(3, attribute, 0, 0x1000)]


def test_invalid_descriptors_go_back_where_they_were(read):
    """efi_clean_memmap() lists them first, by their number, and leaves them out of the map."""
    lines = uefi_named(SMALL)
    lines[:0] = ["efi: [Firmware Bug]: Invalid EFI memory map entries:",
                 "efi: mem02: [Reserved    |   |UC] range=[0x0000000010400000-0x0000000000000000] (invalid)",
                 "efi: mem05: [Boot Data   |   |UC] range=[0xfffffffffffff000-0x10000000000000fff] (invalid)",
                 "efi: Removing 2 invalid memory map entries."]
    got = read(text(e820_3(SMALL) + lines))["uefi"]
    assert len(got) == len(SMALL.uefi) + 2
    assert (got[2]["type"], got[2]["start"], got[2]["end"]) == (0, "0x10400000", "0x10400000")
    assert (got[5]["type"], got[5]["start"]) == (4, "0xfffffffffffff000")


def test_the_extended_list_is_the_whole_one(read):
    """More than 128 entries: BIOS-e820 has the first 128 only."""
    whole = Case(e820=[(i * 0x1000, (i + 1) * 0x1000, 1 + i % 2) for i in range(140)])
    first = Case(e820=whole.e820[:128])
    got = read(text(e820_3(first) + ["extended physical RAM map:"] + e820_3(whole, "extended")))
    assert e820_of(got) == whole.e820


def test_only_the_first_efi_map_is_the_firmwares(read):
    """efi=debug prints it again, as it is mapped at run time."""
    again = uefi_named(Case(uefi=SMALL.uefi[5:9]))
    check(read(dmesg(messages(SMALL) + again)), SMALL)


@pytest.mark.parametrize("who", ["Xen", "BIOS-e801", "BIOS-88"])
@pytest.mark.parametrize("e820", [formats.e820_2_6, e820_3])
def test_what_has_another_source_than_e820(read, who, e820):
    check(read(dmesg(["e820: BIOS-provided physical RAM map:", *e820(SMALL, who)])), SMALL)


def test_sentences_about_a_map(read):
    """In a mail, before and behind the log."""
    said = b"The line BIOS-e820: [mem 0x0000000000100000-0x00000000001fffff] ACPI data is new, and BIOS-e820: is odd.\n"
    check(read(said + dmesg(messages(SMALL)) + said), SMALL)


# --- boots ---


def boots(read, content, tmp_path):
    path = tmp_path / "log"
    path.write_bytes(content)
    n = read(None, path)["boot"]["boots"]
    return [read(None, f"{path}@{i + 1}") for i in range(n)]


BOOTS = [
    ("one boot after the other", dmesg(messages(SMALL)) + dmesg(messages(OTHER)), [SMALL, OTHER]),
    ("console and dmesg of one boot", dmesg(messages(SMALL)) * 2, [SMALL]),
    ("the same map at two times of day", syslog(messages(SMALL)) + syslog(messages(SMALL)).replace(b":22:", b":23:"),
     [SMALL, SMALL]),
    ("the same time of day is the same boot", syslog(messages(SMALL)) * 2, [SMALL]),
    ("through grep, without Linux version", text(e820_3(SMALL) + e820_3(OTHER)), [SMALL, OTHER]),
    ("through grep, the same twice", text(e820_3(SMALL) * 2), [SMALL]),
    ("what journalctl puts between them", b"-- Boot 59140821 --\n" + text(messages(SMALL)) + b"-- Boot 470e4533 --\n" +
     text(messages(OTHER)), [SMALL, OTHER]),
    ("an excerpt before the log", text(e820_3(SMALL)) + dmesg(messages(SMALL)), [SMALL]),
    ("three, the second once more", dmesg(messages(SMALL)) + dmesg(messages(OTHER)) * 2 + dmesg(messages(GRUB)),
     [SMALL, OTHER, GRUB]),
    ("dmesg --decode of two boots", formats.dmesg_decoded(messages(SMALL)) + formats.dmesg_decoded(messages(OTHER)),
     [SMALL, OTHER]),
    ("the journal of two boots as JSON", formats.journal_json(messages(SMALL)) + formats.journal_json(messages(OTHER)),
     [SMALL, OTHER]),
    ("a sentence is no boot", dmesg(messages(SMALL)) + b"My Linux version is 6.1.\nLinux version of the day\n", [SMALL]),
]


@pytest.mark.parametrize("rule, content, maps", BOOTS, ids=[row[0] for row in BOOTS])
def test_boots_of_a_file(read, tmp_path, rule, content, maps):
    got = boots(read, content, tmp_path)
    assert len(got) == len(maps)
    for i, (report, map) in enumerate(zip(got, maps)):
        check(report, map)
        assert report["boot"]["boot"] == i + 1


def test_the_last_boot_with_a_map_is_meant(read, tmp_path):
    path = tmp_path / "log"
    path.write_bytes(dmesg(messages(SMALL)) + b"[    0.000000] Linux version 6.2\n[    0.000000] Command line: quiet\n")
    check(read(None, path), SMALL)


def test_a_file_with_an_at_sign_goes_first(read, tmp_path):
    (tmp_path / "log").write_bytes(dmesg(messages(SMALL)))
    (tmp_path / "log@1").write_bytes(dmesg(messages(OTHER)))
    check(read(None, tmp_path / "log@1"), OTHER)


def test_the_output_of_a_loop_does_not_disturb_a_log(read):
    check(read(sysfs_loop(OTHER) + dmesg(messages(SMALL)) + sysfs_loop(OTHER)), SMALL)


# --- facts ---

FACTS = [
    ("kernel-version", "6.1.0-56-amd64", "Linux version 6.1.0-56-amd64 (debian@lists) (gcc-12) #1 SMP"),
    ("kernel-build", "(debian@lists) (gcc-12) #1 SMP", "Linux version 6.1.0 (debian@lists) (gcc-12) #1 SMP"),
    ("command-line", "quiet mem=4G", "Command line: quiet mem=4G"),
    ("command-line", "quiet", "Kernel command line: quiet [/code]"),
    ("present-pages", "260469", "Memory: 194292K/1041876K available (14343K kernel code, 2338K rwdata)"),
    ("present-pages", "2066372", "Memory: 7980784k/8265488k available (5270k kernel code)"),
    ("present-pages", "16752731", "Memory: 5741364k/69206016k available (7760k kernel code, 2195092k absent, 1525708k "
     "reserved)"),
    ("machine", "LENOVO 20AL008EUK/20AL008EUK", "DMI: LENOVO 20AL008EUK/20AL008EUK, BIOS GIET69WW (2.19 ) 02/06/2014"),
    ("bios", "GIET69WW (2.19 ) 02/06/2014", "DMI: LENOVO 20AL008EUK/20AL008EUK, BIOS GIET69WW (2.19 ) 02/06/2014"),
    ("uefi-revision", "2.7", "efi: EFI v2.7 by American Megatrends"),
    ("firmware-vendor", "Apple", "EFI v1.10 by Apple"),
    ("cpu", "Intel(R) Core(TM) i5-3317U CPU @ 1.70GHz (fam: 06, model: 3a, stepping: 09)",
     "smpboot: CPU0: Intel(R) Core(TM) i5-3317U CPU @ 1.70GHz (fam: 06, model: 3a, stepping: 09)"),
    ("cpu", None, "CPU0: Thermal monitoring enabled (TM2)"),
    ("cpu-count", "4", "smpboot: Allowing 4 CPUs, 0 hotplug CPUs"),
    ("cpu-count", "4", "smpboot: Allowing 8 CPUs, 4 hotplug CPUs"),
    ("cpu-count", "12", "CPU topo: Allowing 12 present CPUs plus 4 hotplug CPUs"),
    ("cpu-count", "4", "smp: Brought up 1 node, 4 CPUs"),
    ("cpu-count", "2", "Brought up 2 CPUs"),
    ("cpu-features", "x87 floating point registers",
     "x86/fpu: Supporting XSAVE feature 0x001: 'x87 floating point registers'"),
    ("secure-boot", "disabled", "secureboot: Secure boot disabled"),
    ("time", "2026-11-22T08:30:57", "rtc_cmos 00:02: setting system clock to 2026-11-22T08:30:57 UTC (1795336257)"),
    ("time", "2010-10-02T08:02:43", "rtc_cmos 00:03: setting system clock to 2010-10-02 08:02:43 UTC (1286006563)"),
    ("device 0000:00:02.0", "8086:0166 class 0x030000", "pci 0000:00:02.0: [8086:0166] type 00 class 0x030000"),
    ("device 0000:00:02.0", "8086:7d41 class 0x030000",
     "pci 0000:00:02.0: [8086:7d41] type 00 class 0x030000 conventional PCI endpoint"),
    ("resume-log", "Hibernate inconsistent memory map detected!", "Hibernate inconsistent memory map detected!"),
    ("resume-log", "Image mismatch: memory size", "PM: hibernation: Image mismatch: memory size"),
    ("resume-log", "Error -14 resuming", "PM: Error -14 resuming"),
    ("resume-log", "The DSDT has been corrupted or replaced",
     "ACPI BIOS Error (bug): The DSDT has been corrupted or replaced - old, new headers below (20220331/tbutils-87)"),
    ("resume-log", None, "ACPI BIOS Error (bug): Could not resolve symbol [_SB.PC00], AE_NOT_FOUND (20220331/dswload-15)"),
]


@pytest.mark.parametrize("key, value, line", FACTS)
def test_facts(read, key, value, line):
    assert read(dmesg([line, *e820_3(SMALL)]))["boot"]["facts"].get(key) == value


LANDMARKS = [
    ("efi:  ACPI 2.0=0x1f77d014  TPMEventLog=0x1dd05f18 ", "ACPI 2.0", 0x1F77D014, 1, "configuration table"),
    ("efi: ACPI=0x1f77d000 TPMEventLog=0x1dd05f18 ", "TPMEventLog", 0x1DD05F18, 1, "EFI stub"),
    (" ACPI=0x7fefe000  ACPI 2.0=0x7fefe014  SMBIOS=0x7fed3000 ", "SMBIOS", 0x7FED3000, 1, "configuration table"),
    ("RAMDISK: [mem 0x3db48000-0x3dc43fff]", "initrd", 0x3DB48000, 0xFC000, "initrd"),
    ("RAMDISK: 37a2d000 - 37fef000", "initrd", 0x37A2D000, 0x5C2000, "initrd"),
    ("ACPI: FACP 0x000000001F778000 0000F4 (v03 BOCHS  BXPC     00000001)", "ACPI FACP", 0x1F778000, 0xF4, "ACPI table"),
    ("ACPI: ASF! 00000000dcefd000 0000A5 (v32 LENOVO TP-GI    00002190)", "ACPI ASF!", 0xDCEFD000, 0xA5, "ACPI table"),
    ("ACPI: FACP 1FF80290, 00F4 (r3 A M I  OEMFACP   4000521)", "ACPI FACP", 0x1FF80290, 0xF4, "ACPI table"),
    ("pci 0000:00:02.0: reg 0x10: [mem 0xf0000000-0xf03fffff 64bit]", "PCI 0000:00:02.0", 0xF0000000, 0x400000, "device"),
    ("pci 0000:00:02.0: BAR 0 [mem 0x501a000000-0x501affffff 64bit pref]", "PCI 0000:00:02.0", 0x501A000000, 1 << 24,
     "device"),
    ("PCI: ECAM [mem 0xe0000000-0xefffffff] (base 0xe0000000) for domain 0000 [bus 00-ff]", "PCI configuration space",
     0xE0000000, 1 << 28, "device"),
    ("PCI: MMCONFIG for domain 0000 [bus 00-ff] at [mem 0xb0000000-0xbfffffff] (base 0xb0000000)",
     "PCI configuration space", 0xB0000000, 1 << 28, "device"),
    ("DMAR: RMRR base: 0x000000ad000000 end: 0x000000af7fffff", "DMAR RMRR", 0xAD000000, 0x2800000, "device"),
    ("efifb: framebuffer at 0xd0000000, using 3072k, total 3072k", "framebuffer", 0xD0000000, 3 << 20, "framebuffer"),
]


@pytest.mark.parametrize("line, name, start, size, kind", LANDMARKS)
def test_landmarks(read, line, name, start, size, kind):
    found = read(dmesg([*e820_3(SMALL), line]))["boot"]["landmarks"]
    assert {"start": hex(start), "end": hex(start + size), "kind": kind, "name": name} in found


@pytest.mark.parametrize("line", ["ACPI: SSDT 0xFFFF8880035A8000 000123 (v02 PmRef  Cpu0Ist  00003000)",
                                  "ACPI: DSDT 0x0000000000000000 002099 (v01 BOCHS  BXPC     00000001 BXPC 00000001)",
                                  "pci 0000:00:05.0: BAR 0 [mem 0x20000000-0x200fffff]: assigned",
                                  "pci 0000:00:05.0: BAR 0 [mem 0x00000000-0x000fffff]", "ACPI: PM-Timer IO Port: 0x608"])
def test_what_is_no_place_of_the_firmwares(read, line):
    assert read(dmesg([*e820_3(SMALL), line]))["boot"]["landmarks"] == []


# --- files of the kernel ---


def test_iomem(read):
    assert e820_of(read(formats.iomem(SMALL))) == SMALL.e820


@pytest.mark.parametrize("frame", ["> ", "> > ", "\t", "/proc/iomem:", "{}:", "/proc/iomem:{}:"])
def test_iomem_in_mails_and_behind_grep(read, frame):
    lines = formats.iomem(SMALL).decode().splitlines()
    assert e820_of(read(text(frame.format(i) + line for i, line in enumerate(lines)))) == SMALL.e820


def test_each_list_is_a_boot(read, tmp_path):
    for writer in (formats.iomem, sysfs_grep, sysfs_loop, formats.sysfs_tail):
        path = tmp_path / "lists"
        path.write_bytes(writer(SMALL) + b"\n" + writer(OTHER))
        assert [e820_of(read(None, f"{path}@{n}")) for n in (1, 2)] == [SMALL.e820, OTHER.e820]


def test_sysfs_as_tail_prints_it(read):
    assert e820_of(read(formats.sysfs_tail(GRUB))) == GRUB.e820


@pytest.mark.parametrize("folder", ["/sys/firmware/memmap/", "", "./", "copy/of/memmap/"])
@pytest.mark.parametrize("map", [SMALL, OTHER, GRUB], ids=name_of)
def test_sysfs_as_text(read, map, folder):
    assert e820_of(read(sysfs_grep(map, folder))) == map.e820


def test_sysfs_as_a_loop_and_as_a_folder(read, tmp_path):
    assert e820_of(read(sysfs_loop(SMALL))) == SMALL.e820
    assert e820_of(read(None, sysfs_folder(GRUB, tmp_path / "memmap"))) == GRUB.e820

"""Maps of other programs than Linux, GRUB and the Shell, as people post them: each format, behind whatever stands before its
lines; and maps of Linux that are not the firmware's."""

import pytest

import formats_other as other
from formats import dmesg, e820_3, framed, text
from naive import ALL, e820_of

BY_NAME = {map.path.stem: map for map in ALL}
MAP, PLANTED = BY_NAME["x64-q35-512M"], BY_NAME["x64-q35-8G"]
RUNTIME = other.RUNTIME
E820 = [row for row in MAP.e820 if row[2] in (1, 2, 3, 4, 5)]
UEFI = [row for row in MAP.uefi if row[0] < 14]

OF_UEFI = {"Xen log": [other.xen_efi], "U-Boot efidebug memmap": [other.uboot],
           "Rust MemoryDescriptor": [other.rust, other.rust_new, other.rust_pretty], "ESXi MMap": [other.esxi],
           "FreeBSD EFI map": [other.freebsd], "Linux log": [other.arm64]}
OF_E820 = {"Xen log": [other.xen_e820, other.xen_e820_new, other.tboot], "FreeBSD SMAP": [other.smap, other.smap_sysctl],
           "OpenBSD machine memory": [other.openbsd], "GRUB lsmmap": [other.multiboot],
           "list of base, length and type": [other.multiboot_colon, other.limine_numbers, other.limine_names,
                                             other.limine_constants],
           "Limine map": [other.limine_own]}
PAIRS_UEFI = [(source, writer) for source, writers in OF_UEFI.items() for writer in writers]
PAIRS_E820 = [(source, writer) for source, writers in OF_E820.items() for writer in writers]
NAMES = [f"{writer.__name__}" for _, writer in PAIRS_UEFI]
FRAMES = {"alone": text, "windows": lambda lines: text(lines, "\r\n"), "quoted": framed("> "), "quoted twice": framed("> > "),
          "indented": framed("    "), "serial": lambda lines: text(lines, "\r\r\n"), "blank lines": lambda lines: text(lines, "\n\n"),
          "html": lambda lines: b"<pre>" + text(line.replace("<", "&lt;").replace(">", "&gt;") for line in lines) + b"</pre>\n",
          "stamped by a terminal": framed("[10:25:43.123] "), "words around": lambda lines: b"Hello, my map:\n\n" + text(lines)
          + b"\nDoes anybody know?\n", "utf-16": lambda lines: text(lines).decode().encode("utf-16"),
          "a block of Markdown": lambda lines: b"```\n" + text(lines) + b"```\n"}


def described(uefi):
    return [(kind, attribute, start, end) for kind, attribute, start, end in uefi]


def descriptors_of(got):
    return [(row["type"], int(row["attribute"], 0), int(row["start"], 0), int(row["end"], 0)) for row in got["uefi"]]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("source, writer", PAIRS_UEFI, ids=NAMES)
def test_uefi_maps(report, source, writer, frame):
    got = report("show", "-", stdin=FRAMES[frame](writer(UEFI)))
    assert got["boot"]["source"] == source
    assert descriptors_of(got) == described(UEFI)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("source, writer", PAIRS_E820, ids=[writer.__name__ for _, writer in PAIRS_E820])
def test_e820_maps(report, source, writer, frame):
    got = report("show", "-", stdin=FRAMES[frame](writer(E820)))
    assert got["boot"]["source"] == source
    assert e820_of(got) == E820


@pytest.mark.parametrize("source, writer", PAIRS_UEFI + PAIRS_E820, ids=[writer.__name__ for _, writer in PAIRS_UEFI + PAIRS_E820])
def test_a_hole_in_any_of_them(mapdiff, source, writer):
    is_uefi = (source, writer) in PAIRS_UEFI
    lines = writer(UEFI if is_uefi else E820)
    at = len(lines) // 2 // 8 * 8 if writer is other.rust_pretty else len(lines) // 2 + 1
    status, out, err = mapdiff("show", "-", stdin=text([*lines[:at], "[...]", *lines[at + 1:]]))
    assert (status, out) == (2, "") and f"-:{at + 1}: lines were left out here" in err, err


@pytest.mark.parametrize("source, writer", PAIRS_UEFI + PAIRS_E820, ids=[writer.__name__ for _, writer in PAIRS_UEFI + PAIRS_E820])
def test_two_of_them_are_two_boots(report, source, writer):
    lines = writer(UEFI if (source, writer) in PAIRS_UEFI else E820)
    if writer not in (other.arm64,):
        assert report("show", "-", stdin=text([*lines, "", "And after:", "", *lines]))["boot"]["boots"] in (1, 2)


@pytest.mark.parametrize("rule, line, said", [
    ("a type of Xen's", "(XEN)  00000000000a0000 - 0000000000100000 (weird)", "cannot be read"),
    ("a range of Xen's that is cut", "(XEN)  00000000000a0000 - 00000000001", "cannot be read"),
])
def test_what_is_damaged_in_a_log_of_xen(mapdiff, rule, line, said):
    lines = other.xen_e820(E820)
    status, _, err = mapdiff("show", "-", stdin=text([*lines[:2], line, *lines[2:]]))
    assert status == 2 and "-:3: " in err and said in err, rule


def test_rust_entries_that_are_damaged(mapdiff):
    lines = other.rust(UEFI)
    for damaged, said in ((lines[2].replace("phys_start", "phys"), "this entry cannot be read"),
                          (lines[2].replace("ty: ", "ty: X"), "the type of this entry is not known")):
        status, _, err = mapdiff("show", "-", stdin=text([*lines[:2], damaged, *lines[3:]]))
        assert status == 2 and "-:3: " in err and said in err


def test_other_lines_among_rows_with_numbers(mapdiff, report):
    """The numbers tell whether a row is missing."""
    for lines, rest in ((other.esxi(UEFI), "<6>Relocating"), (other.openbsd(E820), "and what follows"), (other.multiboot(E820), "")):
        whole = report("show", "-", stdin=text(lines))
        got = report("show", "-", stdin=text([*lines[:3], rest, *lines[3:]]))
        assert (got["e820"], got["uefi"]) == (whole["e820"], whole["uefi"])
        if rest:
            status, out, err = mapdiff("show", "-", stdin=text([*lines[:3], rest, *lines[4:]]))
            assert (status, out) == (2, "") and "1 row is missing before this line" in err


def test_other_lines_of_the_log_that_rust_prints_to(mapdiff, report):
    lines = other.rust(UEFI)
    whole = report("show", "-", stdin=text(lines))
    got = report("show", "-", stdin=text([*lines[:2], "INFO: frame allocator: added a region", *lines[2:]]))
    assert got["uefi"] == whole["uefi"]
    for prefix, doubt in (("", "the rest: as before"), ("> ", "> the rest: as before"), ("> ", "> INFO and so on")):
        content = text(prefix + line for line in [*lines[:2], doubt.removeprefix(prefix), *lines[2:]])
        assert ":3: " in mapdiff("show", "-", stdin=content)[2], doubt


def test_rust_entries_that_a_mail_broke(report):
    lines = []
    for line in other.rust(UEFI):
        at = line.index("virt_start")
        lines += ["> " + line[:at - 1], "> " + line[at:]]
    assert descriptors_of(report("show", "-", stdin=text(lines))) == described(UEFI)


# --- Xen, with dom0 ---


def xen_log():
    return ["(XEN) Xen version 4.17.2 (user@host) (gcc 12.2.0) debug=n Tue May 28 09:25:50 UTC 2024", "(XEN) Bootloader: EFI",
            *other.xen_e820(E820, "EFI"), "(XEN) System RAM: 511MB (523000kB)", "(XEN) ACPI: RSDP 1F77D014, 0024 (r2 BOCHS )",
            *other.xen_efi(UEFI), "(XEN) Domain heap initialised"]


DOM0 = ["Linux version 6.1.0-56-amd64 (user@host) (gcc 12.2.0) #1 SMP", "Command line: root=/dev/sda2 quiet", "Released 0 page(s)",
        "BIOS-provided physical RAM map:", "Xen: [mem 0x0000000000000000-0x000000000009ffff] usable",
        "Xen: [mem 0x0000000000100000-0x000000000fffffff] usable", "Xen: [mem 0x0000000010000000-0x000000001fffffff] unusable",
        "NX (Execute Disable) protection: active", "Hypervisor detected: Xen"]


@pytest.mark.parametrize("before", ("", "> ", "[    0.000000] ", "Oct 11 07:31:13 host xenconsoled: ", "[10:25:43] "))
def test_a_log_of_xen(report, before):
    got = report("show", "-", stdin=text(before + line for line in xen_log()))
    assert descriptors_of(got) == described(UEFI) and e820_of(got) == E820
    assert [row["signature"] for row in got["boot"]["acpi"]] == ["RSDP"]


@pytest.mark.parametrize("stamp", ("[2024-05-28 09:25:50] ", "[    0.123456] ", "[00000001a2b3c4d5] ", "[2024-05-28 09:25:50.123] "))
def test_stamps_of_xen(report, stamp):
    lines = [line.replace("(XEN) ", f"(XEN) {stamp}", 1) for line in xen_log()]
    got = report("show", "-", stdin=text(lines))
    assert descriptors_of(got) == described(UEFI) and e820_of(got) == E820


def test_xen_and_dom0_are_one_boot(report):
    got = report("show", "-", stdin=text([*xen_log(), *(f"[    0.000000] {line}" for line in DOM0)]))
    assert got["boot"]["source"] == "Xen log" and got["boot"]["boots"] == 1
    assert got["boot"]["facts"]["kernel-version"].startswith("6.1.0-56")
    assert e820_of(got) == E820 and descriptors_of(got) == described(UEFI)


def test_a_second_list_of_xen_is_of_another_boot(report):
    """Where the version was not copied. What was copied twice is one boot."""
    after = [*E820[:-1], (E820[-1][0], E820[-1][1] + 0x1000, E820[-1][2])]
    for first, second in ((other.xen_e820(E820), other.xen_e820(after)), (other.xen_e820_new(E820), other.xen_e820_new(after)),
                          ([*other.xen_e820(E820, "EFI"), *other.xen_efi(UEFI)], [*other.xen_e820(after, "EFI"), *other.xen_efi(UEFI)])):
        got = report("-", stdin=text(["Before:", *first, "", "After:", *second]))
        assert [[(int(row["start"], 0), int(row["end"], 0), row["type"]) for row in side["e820"]] for side in got["boots"]] == [E820, after]
        got = report("show", "-", stdin=text(["Before:", *first, "", "And again:", *first]))
        assert e820_of(got) == E820 and got["boot"]["boots"] == 1
        got = report("show", "-", stdin=text(line for row in first for line in (row, row)))
        assert e820_of(got) == E820 and got["boot"]["boots"] == 1


def test_two_boots_of_xen(report, tmp_path):
    log = [*xen_log(), *(f"[    0.000000] {line}" for line in DOM0)]
    assert report("show", "-", stdin=text([*log, *log]))["boot"]["boots"] == 2


def test_the_map_of_dom0_is_no_firmware_s(mapdiff, report, tmp_path):
    status, out, _ = mapdiff("show", "-", stdin=text(DOM0))
    assert status == 0 and "as Xen gave it to this kernel, not the firmware's" in out
    for name, end in (("a", "0fff"), ("b", "0eff")):
        (tmp_path / name).write_bytes(text(DOM0).replace(b"0x000000000fff", b"0x00000000" + end.encode()))
    got = report("diff", tmp_path / "a", tmp_path / "b")
    assert got["resume"]["verdict"] == "unknown"
    assert "faulty" not in mapdiff("diff", tmp_path / "a", tmp_path / "b")[1]


def test_old_kernels_of_dom0(report):
    lines = [" Xen: 0000000000000000 - 00000000000a0000 (usable)", " Xen: 0000000000100000 - 0000000040000000 (usable)"]
    assert e820_of(report("show", "-", stdin=text(lines))) == [(0, 0xA0000, 1), (0x100000, 0x40000000, 1)]


# --- Linux ---


def test_holes_of_ram(report, mapdiff, tmp_path):
    """The head of the log is lost; what is not saved in an image is known all the same."""
    ram = []
    for start, end, kind in E820:
        if kind == 1:
            ram.append((start, end, 1))
    for who in ("PM: hibernation: Registered nosave memory: ", "PM: Registered nosave memory: "):
        content = dmesg([*other.holes(E820, who), "smpboot: Allowing 1 CPUs, 0 hotplug CPUs"])
        assert e820_of(report("show", "-", stdin=content)) == ram, who
    assert "RAM alone" in mapdiff("show", "-", stdin=content)[1]
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(content)
    assert report("diff", tmp_path / "a", tmp_path / "b")["resume"]["verdict"] == "unknown"


def test_a_hole_that_ends_above_4_gib(mapdiff, report):
    """Of "%#010Lx" each address has eight digits, or as many as it takes."""
    lines = ["last_pfn = 0x140000 max_arch_pfn = 0x400000000", "PM: hibernation: Registered nosave memory: [mem 0x000a0000-0x000fffff]",
             "PM: hibernation: Registered nosave memory: [mem 0x3fef4000-0x11fffffff]"]
    got = report("show", "-", stdin=text(lines))
    assert e820_of(got) == [(0, 0xa0000, 1), (0x100000, 0x3fef4000, 1), (0x120000000, 0x140000000, 1)]
    for bad in ("0x3fef400-0x11fffffff", "0x3fef4000-0x011fffffff", "0x3fef4000-0x1fffff"):
        content = text([*lines[:2], lines[2].replace("0x3fef4000-0x11fffffff", bad)])
        assert "a line of the holes of RAM cannot be read" in mapdiff("show", "-", stdin=content)[2], bad


def test_old_holes(report):
    lines = ["last_pfn = 0x40000 max_arch_pfn = 0x400000000", "PM: Registered nosave memory: 00000000000a0000 - 0000000000100000"]
    assert e820_of(report("show", "-", stdin=dmesg(lines))) == [(0, 0xA0000, 1), (0x100000, 0x40000000, 1)]


def test_holes_beside_the_list_say_nothing_new(report):
    content = dmesg([*e820_3(MAP), *other.holes(E820)])
    assert e820_of(report("show", "-", stdin=content)) == MAP.e820


def test_holes_with_a_hole(mapdiff):
    lines = other.holes(E820 + [(0x40000000, 0x50000000, 1), (0x60000000, 0x70000000, 1)])
    assert mapdiff("show", "-", stdin=dmesg([*lines[:2], "[...]", *lines[3:]]))[0] in (0, 2)
    status, _, err = mapdiff("show", "-", stdin=text([*lines[:2], "[...]", *lines[3:]]))
    assert status == 2 and "-:3: lines were left out here" in err


def test_a_hole_that_a_mail_broke(report):
    lines = ["[    0.000000] last_pfn = 0x40000", "[    0.000000] PM: hibernation: Registered nosave memory:", "[mem 0x000a0000-0x000fffff]"]
    assert e820_of(report("show", "-", stdin=text(lines))) == [(0, 0xA0000, 1), (0x100000, 0x40000000, 1)]


def test_the_runtime_map(report, mapdiff, tmp_path):
    runtime = [row for row in described(UEFI) if row[1] & RUNTIME]
    assert runtime
    for folder in ("/sys/firmware/efi/runtime-map/", "runtime-map/", "./", ""):
        content = text(other.runtime_map(UEFI, folder))
        assert descriptors_of(report("show", "-", stdin=content)) == runtime, folder
    tail = content.replace(b":", b" <==\n").replace(b"0/", b"==> 0/") if len(runtime) == 1 else None
    assert tail is None or descriptors_of(report("show", "-", stdin=tail)) == runtime
    assert "runtime ranges only" in mapdiff("show", "-", stdin=content)[1]
    for line in other.runtime_map(UEFI, ""):
        path, value = line.split(":")
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(value + "\n")
    assert descriptors_of(report("show", tmp_path)) == runtime
    assert report("series", tmp_path)["machines"]


def test_a_runtime_map_that_lacks_something(mapdiff):
    lines = other.runtime_map(UEFI)
    status, _, err = mapdiff("show", "-", stdin=text(line for line in lines if "0/num_pages" not in line))
    assert status == 2 and "entry 0 has no num_pages that can be read" in err


def test_coreboot_s_tables_have_a_name(mapdiff):
    lines = ["BIOS-e820: [mem 0x0000000000000000-0x0000000000000fff] type 16",
             "BIOS-e820: [mem 0x0000000000001000-0x000000000009ffff] usable"]
    assert "coreboot's tables (type 16)" in mapdiff("show", "-", stdin=text(lines))[1]


def test_soft_reserved_memory_that_left_iomem(report):
    """Of Linux 7.x: what is below the entry that has gone."""
    lines = ["00001000-0009ffff : System RAM", "00100000-1fffffff : System RAM", "100000000-1ffffffff : CXL Window 0",
             "  100000000-17fffffff : dax1.0", "    100000000-17fffffff : System RAM (kmem)", "200000000-2ffffffff : dax2.0"]
    soft = 0xEFFFFFFF
    assert e820_of(report("show", "-", stdin=text(lines))) == [
        (0x1000, 0xA0000, 1), (0x100000, 0x20000000, 1), (0x100000000, 0x180000000, soft), (0x200000000, 0x300000000, soft)]
    old = ["00001000-0009ffff : System RAM", "100000000-17fffffff : Soft Reserved", "  100000000-17fffffff : dax1.0"]
    assert e820_of(report("show", "-", stdin=text(old))) == [(0x1000, 0xA0000, 1), (0x100000000, 0x180000000, soft)]


@pytest.mark.parametrize("source, writer", PAIRS_UEFI + PAIRS_E820, ids=[writer.__name__ for _, writer in PAIRS_UEFI + PAIRS_E820])
def test_a_row_that_is_cut_or_broken(mapdiff, report, source, writer):
    """Cut off it is a fault, wherever that is; broken at a blank, as mails do it, it is whole."""
    is_uefi = (source, writer) in PAIRS_UEFI
    lines = writer(UEFI if is_uefi else E820)
    at = len(lines) // 2
    if writer is other.rust_pretty:  # its entries are of several lines
        return
    for cut in (3, 2):
        status, _, err = mapdiff("show", "-", stdin=text([*lines[:at], lines[at][:len(lines[at]) * cut // 4], *lines[at + 1:]]))
        assert status == 2 and f"-:{at + 1}: " in err, (cut, err)
    if source in ("Xen log", "Limine map", "GRUB lsmmap") or writer is other.uboot:  # whose attributes may be missing
        return
    last = lines[at].rindex(" ")
    got = report("show", "-", stdin=text([*lines[:at], lines[at][:last], lines[at][last + 1:], *lines[at + 1:]]))
    assert descriptors_of(got) == described(UEFI) if is_uefi else e820_of(got) == E820

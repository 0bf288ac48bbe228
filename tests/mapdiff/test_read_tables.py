"""The tables of UEFI Shell and GRUB, and captures: each name, each field, each rule of what ends a table, alone."""

import pytest

import formats_other as formats
from naive import SOFT, e820_of

WB = 0xF
RAM = (7, WB, 0x1000, 0xA0000)


@pytest.fixture
def read(report):
    """read(text): the report of the boot, damaged or not."""
    return lambda content: report("show", "--damaged", "-", stdin=content.encode())


def uefi_of(report):
    return [(row["type"], int(row["attribute"], 0), int(row["start"], 0), int(row["end"], 0)) for row in report["uefi"]]


def faults_of(report):
    return [(row["line"], row["text"].split(": ")[0]) for row in report["boot"]["faults"]]


# --- UEFI Shell ---

NAMES = (
    ("Reserved", "reserved", "RESERVED"), ("LoaderCode", "ldr-code"), ("LoaderData", "ldr-data"),
    ("BS_Code", "BS_code", "BS-code", "BootServiceCode", "BootServicesCode", "BootCode"),
    ("BS_Data", "BS_data", "BS-data", "BootServiceData", "BootServicesData", "BootData"),
    ("RT_Code", "RT-code", "RuntimeCode", "RuntimeServicesCode"), ("RT_Data", "RT-data", "RuntimeData", "RuntimeServicesData"),
    ("Available", "available", "conv-mem", "Conventional", "ConventionalMemory"), ("Unusable", "UnusableMemory"),
    ("ACPI_Recl", "ACPI_recl", "ACPI-rec", "ACPIReclaim", "ACPIReclaimMemory"),
    ("ACPI_NVS", "ACPI-nvs", "ACPIMemoryNVS", "ACPIMemNVS"),
    ("MMIO", "MemMapIO", "MemoryMappedIO"), ("MMIO_Port", "MemPortIO", "IO-ports", "MemoryMappedIOPortSpace", "MMIOPortSpace"),
    ("PalCode", "PAL_code", "PAL-code"), ("persist", "Persistent", "PersistentMemory"), ("Unaccepted", "UnacceptedMemory"),
    ("00000010",), ("70000001",), ("FFFFFFFF",))


def row(name, start, end, pages=None, attribute="000000000000000F"):
    return f"{name} {start:016X}-{end - 1:016X} {(end - start) // 0x1000 if pages is None else pages:016X} {attribute}\n"


def test_each_name_of_a_type(read):
    rows = [(kind if kind < 16 else int(name, 16), name) for kind, names in enumerate(NAMES) for name in names]
    got = read("".join(row(name, place * 0x1000, (place + 1) * 0x1000) for place, (_, name) in enumerate(rows)))
    assert not faults_of(got)
    assert [(kind, name) for (kind, _, _, _), (_, name) in zip(uefi_of(got), rows)] == rows and len(got["uefi"]) == len(rows)


ROW, MORE = row("Available", 0x1000, 0xA0000), row("BS_Data", 0x100000, 0x200000)
HEADER = "Type       Start            End              # Pages          Attributes\n"
UNREADABLE, NO_TYPE = "this row cannot be read", "the type of this row is not known"
NO_ATTRIBUTE = "the attributes of this row cannot be read"
NOT_EQUAL, MISSING = "the end of this row and its number of pages do not agree", "rows are missing"


def total(name, pages):
    return f"  {name:<10}: {pages:>14} Pages ({pages} Bytes)\n"


TWO = [RAM, (4, WB, 0x100000, 0x200000)]
ALL = total("Available", "159") + total("BS_Data", "256")
SHELL = (
    # the rule, what is behind a first row; the map that comes of both, and its faults
    ("a row", MORE, TWO, []),
    ("blanks behind it", MORE[:-1] + "  \n", TWO, []),
    ("a bar", MORE[:-1] + " |\n", TWO, []),
    ("a back quote", MORE[:-1] + "`\n", TWO, []),
    ("a word", MORE[:-1] + " x\n", TWO[:1], [(2, NO_ATTRIBUTE)]),
    ("a letter", MORE[:-1] + "x\n", TWO[:1], [(2, NO_ATTRIBUTE)]),
    ("no attributes", MORE[:-18] + "\n", TWO[:1], [(2, NO_ATTRIBUTE)]),
    ("no pages", MORE[:-35] + "\n", TWO[:1], [(2, UNREADABLE)]),
    ("a page more", row("BS_Data", 0x100000, 0x200000, 257), TWO[:1], [(2, NOT_EQUAL)]),
    ("a page less", row("BS_Data", 0x100000, 0x200000, 255), TWO[:1], [(2, NOT_EQUAL)]),
    ("another name", MORE.replace("BS_Data", "BS_Date"), TWO[:1], [(2, NO_TYPE)]),
    ("the end of a name", MORE.replace("BS_Data", "Data"), TWO[:1], [(2, NO_TYPE)]),
    ("its start", MORE.replace("BS_Data", "Boot"), TWO[:1], [(2, NO_TYPE)]),
    ("a long word", MORE.replace("BS_Data", "x" * 60), TWO[:1], [(2, NO_TYPE)]),
    ("no name", MORE.replace("BS_Data ", ""), TWO[:1], [(2, UNREADABLE)]),
    ("a name that goes on", MORE.replace("BS_Data", "BS_Data_"), TWO, []),
    ("a number of seven digits", MORE.replace("BS_Data", "7000001"), TWO[:1], [(2, NO_TYPE)]),
    ("of nine", MORE.replace("BS_Data", "070000001"), TWO[:1], [(2, NO_TYPE)]),
    ("a number that goes on", MORE.replace("BS_Data", "70000001x"), TWO[:1], [(2, NO_TYPE)]),
    ("GRUB's number", MORE.replace("BS_Data", "Unk 20"), TWO[:1] + [(32, *TWO[1][1:])], []),
    ("an O for a 0", MORE.replace("0000000000100000-", "OO00000000100000-"), TWO[:1], [(2, UNREADABLE)]),
    ("an o", MORE.replace("0000000000100000-", "oooo000000100000-"), TWO[:1], [(2, UNREADABLE)]),
    *((f"{first} for {'0' * len(first)}", MORE.replace(" " + "0" * len(first), " " + first, 1), TWO[:1], [(2, UNREADABLE)])
      for first in ("l", "I", "x", "|", "0l", "00?", "000l", "lIx|")),
    ("cut in its start", MORE[:14] + "\n", TWO[:1], [(2, UNREADABLE)]),
    ("cut before four digits", "BS_Data 000\n", TWO[:1], []),
    ("a word of a page", "Reserved 2007 by me\n", TWO[:1], [(2, UNREADABLE)]),
    ("a shorter number", "Reserved 200 by me\n", TWO[:1], []),
    ("a type that is not known, and a short number", "Somebody 0000000000100000\n", TWO[:1], [(2, UNREADABLE)]),
    ("a shorter one", "Somebody 000000000010000\n", TWO[:1], []),
    ("words before it", "some words " + MORE, TWO[:1], [(2, UNREADABLE)]),
    ("words before most of it", "some words 000000100000-00000000001FFFFF\n", TWO[:1], [(2, UNREADABLE)]),
    ("before less", "some words 00000100000-00000000001FFFFF\n", TWO[:1], []),
    ("a word that runs into it", "x" + MORE.split(" ", 1)[1], TWO[:1], [(2, UNREADABLE)]),

    ("totals", MORE + ALL, TWO, []),
    ("a total that is missing", MORE + total("Available", "159"), TWO, []),
    ("a total of a type that is not there", MORE + ALL + total("LoaderCode", "0"), TWO, []),
    ("a total of too many pages", MORE + total("Available", "160"), TWO, [(3, MISSING)]),
    ("of too few", MORE + total("Available", "158"), TWO, [(3, MISSING)]),
    ("of two", MORE + total("Available", "160") + total("BS_Data", "0"), TWO, [(4, MISSING), (3, MISSING)]),
    ("of a number of a type", MORE + ALL + total("70000001", "5"), TWO, []),
    ("with commas", row("BS_Data", 1 << 32, 3 << 32) + total("BS_Data", "2,097,152"), [RAM, (4, WB, 1 << 32, 3 << 32)], []),
    ("with four digits behind one: none", MORE + total("BS_Data", "1,1000"), TWO, []),
    ("with nothing behind one: none", MORE + total("BS_Data", "1,"), TWO, []),
    ("too large to be one", MORE + total("BS_Data", "18,446,744,073,709,551,616"), TWO, []),
    ("the largest", MORE + total("BS_Data", "18,446,744,073,709,551,615"), TWO, [(3, MISSING)]),
    ("a total of no number", MORE + "  BS_Data   : Pages (1 Bytes)\n", TWO, []),
    ("a total of bytes is none", MORE + total("BS_Data", "1").replace("Pages", "Bytes"), TWO, []),
    ("totals of a damaged table are no news", MORE.replace("1FFFFF", "1FFFFE") + ALL, TWO[:1], [(2, NOT_EQUAL)]),
    ("persistent memory with a total",
     row("Persistent", 0x100000, 0x200000) + total("Available", "159") + total("Persistent", "256"),
     [RAM, (14, WB, 0x100000, 0x200000)], []),
    ("persistent memory without: it is counted as available", row("Persistent", 0x100000, 0x200000) + total("Available", "415"),
     [RAM, (14, WB, 0x100000, 0x200000)], []),
    ("unaccepted memory with a total", row("Unaccepted", 0x100000, 0x200000) + total("PalCode", "0") + total("Unaccepted", "256"),
     [RAM, (15, WB, 0x100000, 0x200000)], []),
    ("unaccepted memory without: it is counted as PAL code", row("Unaccepted", 0x100000, 0x200000) + total("PalCode", "256"),
     [RAM, (15, WB, 0x100000, 0x200000)], []),

    ("behind the totals a new map begins", ALL.split("\n", 1)[0] + "\n" + MORE, TWO[1:], []),
    ("and not by a damaged row", ALL.split("\n", 1)[0] + "\n" + MORE.replace("1FFFFF", "1FFFFE"), TWO[:1], []),
    ("nor by a part of one", ALL.split("\n", 1)[0] + "\nsome words " + MORE, TWO[:1], []),
    ("a header begins one", HEADER + MORE, TWO[1:], []),
    ("whose totals are its own", ALL.split("\n", 1)[0] + "\n" + HEADER + MORE, TWO[1:], []),
)


@pytest.mark.parametrize("rule, content, uefi, faults", SHELL, ids=[line[0] for line in SHELL])
def test_rows_of_a_shell(read, rule, content, uefi, faults):
    got = read(ROW + content)
    assert faults_of(got) == faults and uefi_of(got) == uefi, rule


FAULT = ("2: rows are missing: the total has 1 page of Conventional, the rows above it have 159",
         "2: rows are missing: the total has 160 pages of Conventional, the rows above it have 159",
         "2: this row cannot be read: some words 0000000000100000-00000000001FFFFF")


@pytest.mark.parametrize("content, said",
                         zip((total("Available", "1"), total("Available", "160"), "some words 0000000000100000-00000000001FFFFF  \n"), FAULT))
def test_what_is_said_of_a_damaged_table(mapdiff, content, said):
    assert mapdiff("show", "-", stdin=(ROW + content).encode())[2].splitlines()[0] == f"mapdiff: -:{said}"


SFO = 'ShellCommand,"memmap"\nMemoryMap,"Available","1000","9FFFF","9F","F"\n'
SUMMARY = [0, 3, 4, 5, 6, 1, 2, 7, 11, 12, 8, 9, 10]


def summary(**pages):
    return "MemoryMapSummary,\"1\"," + ",".join(f'"{pages.get(f"type{kind}", 0) * 0x1000}"' for kind in SUMMARY) + "\n"


STANDARD = (
    # the rule, what is behind a first row, the map, its faults
    ("a row", 'MemoryMap,"BootServiceData","100000","1FFFFF","100","F"\n', TWO, []),
    ("with blanks", 'MemoryMap, "BootServiceData", "100000", "1FFFFF", "100", "F"\n', TWO, []),
    ("a type that is not known", 'MemoryMap,"BootServiceDate","100000","1FFFFF","100","F"\n', TWO[:1], [(3, NO_TYPE)]),
    ("without its end", 'MemoryMap,"BootServiceData,"100000","1FFFFF","100","F"\n', TWO[:1], [(3, NO_TYPE)]),
    ("a field is missing", 'MemoryMap,"BootServiceData","100000","1FFFFF","100"\n', TWO[:1], [(3, UNREADABLE)]),
    ("a page more", 'MemoryMap,"BootServiceData","100000","1FFFFF","101","F"\n', TWO[:1], [(3, NOT_EQUAL)]),
    ("a summary", summary(type7=0x9F), TWO[:1], []),
    ("in which free memory is not looked at", summary(type7=0), TWO[:1], []),
    *((f"that has {kind}", summary(**{f"type{kind}": 1}), TWO[:1], [(3, MISSING)]) for kind in SUMMARY if kind != 7),
    ("a short summary", 'MemoryMapSummary,"1","0","4096"\n', TWO[:1], [(3, MISSING)]),
    ("a summary of nothing", "MemoryMapSummary,\n", TWO[:1], []),
)


@pytest.mark.parametrize("rule, content, uefi, faults", STANDARD, ids=[line[0] for line in STANDARD])
def test_standard_format(read, rule, content, uefi, faults):
    got = read(SFO + content)
    assert faults_of(got) == faults and uefi_of(got) == uefi, rule


# --- GRUB ---

GRUB = "conv-mem 0000000000001000-000000000009ffff 0000009f    636KiB UC WC WT WB\n"
ATTRIBUTES = {"UC": 1, "WC": 2, "WT": 4, "WB": 8, "UCE": 0x10, "WP": 0x1000, "RP": 0x2000, "XP": 0x4000, "NV": 0x8000,
              "MR": 0x10000,
              "RO": 0x20000, "SP": 0x40000, "CRYPTO": 0x80000, "RT": 1 << 63, "RT UC WB": 1 << 63 | 9, "": 0}


@pytest.mark.parametrize("words", ATTRIBUTES)
def test_attributes_of_grub(read, words):
    assert uefi_of(read(GRUB + GRUB.replace("UC WC WT WB", words)))[-1] == (7, ATTRIBUTES[words], 0x1000, 0xA0000)


@pytest.mark.parametrize("size, is_one", (*((f"1{unit}iB", True) for unit in "KMGTPE"), ("1XiB", False), ("1KB", False),
                                          ("KiB", False), ("1", False)))
def test_sizes_of_grub(read, size, is_one):
    assert faults_of(read(GRUB + GRUB.replace("636KiB", size))) == ([] if is_one else [(2, NO_ATTRIBUTE)])


LSMMAP = {"available RAM": 1, "reserved RAM": 2, "ACPI reclaimable RAM": 3, "ACPI non-volatile storage RAM": 4,
          "faulty RAM (BadRAM)": 5,
          "persistent RAM": 7, "persistent RAM (legacy)": 12, "RAM holding coreboot tables": 16, "RAM holding firmware code": 20,
          "available": 1, "reserved": 2, "ACPI reclamaible": 3, "NVS": 4, "BadRAM": 5, "firmware code": 20, "type = 0x66": 0x66,
          "type = 0xefffffff": SOFT, "hole": None}
BASE = "base_addr = 0x0, length = 0x1000, available RAM\n"


@pytest.mark.parametrize("name", LSMMAP)
def test_names_of_lsmmap(read, name):
    got = read(BASE + f"base_addr = 0x1000, length = 0x1000, {name}\n")
    kind = LSMMAP[name]
    assert e820_of(got) == ([(0, 0x2000, 1)] if kind == 1 else [(0, 0x1000, 1)] + [(0x1000, 0x2000, kind)] * (kind is not None))


RANGE = "base_addr = 0x1000, length = 0x1000, reserved RAM\n"
LISTS = (
    # the rule, the lines, the last list, the number of lists, its faults
    ("one", BASE + RANGE, [(0, 0x1000, 1), (0x1000, 0x2000, 2)], 1, []),
    ("the first range once more", BASE + RANGE + BASE, [(0, 0x1000, 1)], 2, []),
    ("the command once more", BASE + "grub> lsmmap\n" + RANGE, [(0x1000, 0x2000, 2)], 2, []),
    ("the second range once more", BASE + RANGE * 2, [(0, 0x1000, 1), (0x1000, 0x2000, 2)], 1, []),
    ("an empty range where it starts", BASE + "base_addr = 0x0, length = 0x0, reserved RAM\n" + RANGE,
     [(0, 0x1000, 1), (0x1000, 0x2000, 2)], 1, []),
    ("one byte there", BASE + "base_addr = 0x0, length = 0x1, reserved RAM\n", [(0, 1, 2)], 2, []),
    ("behind words", "x" + BASE + "y" + RANGE, [(0, 0x1000, 1), (0x1000, 0x2000, 2)], 1, []),
    ("a type above 32 bits", BASE + RANGE.replace("reserved RAM", "type = 0x100000000"), [(0, 0x1000, 1)], 1,
     [(2, "the type of this range is not known")]),
    ("the end of all", BASE + "base_addr = 0x1000, length = 0xffffffffffffefff, reserved RAM\n",
     [(0, 0x1000, 1), (0x1000, (1 << 64) - 1, 2)], 1, []),
    ("a byte behind it", BASE + "base_addr = 0x1000, length = 0xfffffffffffff000, reserved RAM\n", [(0, 0x1000, 1)], 1,
     [(2, "this range ends past 2^64")]),
    ("no length", BASE + "base_addr = 0x1000, reserved RAM\n", [(0, 0x1000, 1)], 1, [(2, "this range cannot be read")]),
)


@pytest.mark.parametrize("rule, content, ranges, count, faults", LISTS, ids=[line[0] for line in LISTS])
def test_lists_of_lsmmap(read, rule, content, ranges, count, faults):
    got = read(content)
    assert (e820_of(got), got["boot"]["boots"], faults_of(got)) == (ranges, count, faults), rule


SOURCES = {"a Shell": (ROW, "UEFI Shell memmap"), "its standard format": (SFO, "UEFI Shell memmap -sfo"),
           "GRUB": (GRUB, "GRUB lsefimmap"),
           "GRUB's list": (BASE, "GRUB lsmmap"),
           "Linux": ("BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable\n", "Linux log"),
           "a capture": (formats.capture(uefi=[RAM]), "capture"),
           "/proc/iomem": ("00000000-00000fff : System RAM\n", "/proc/iomem"),
           "sysfs": ("0 0x0 0x9ffff System RAM\n", "/sys/firmware/memmap")}


@pytest.mark.parametrize("name", SOURCES)
def test_what_a_file_is(read, name):
    content, source = SOURCES[name]
    assert read(content)["boot"]["source"] == source


FIRST = ("a capture", "Linux", "its standard format", "a Shell", "GRUB", "GRUB's list", "sysfs", "/proc/iomem")


@pytest.mark.parametrize("better, worse", zip(FIRST, FIRST[1:]))
def test_of_two_kinds_in_a_file_the_telling_one_is_read(read, better, worse):
    for content in (SOURCES[worse][0] + SOURCES[better][0], SOURCES[better][0] + SOURCES[worse][0]):
        got = read(content)
        assert got["boot"]["source"] == SOURCES[better][1] or {better, worse} == {"a capture", "Linux"}


# --- captures ---

CAPTURES = (
    # the rule, lines of a capture; what is read of it, by the keys of the report of the boot, or of its facts
    ("a table that has a name", ["config-table 0x2000 8868e871-e4f1-11d3-bc22-0080c73c8881 ACPI 2.0"],
     {"landmarks": [("ACPI 2.0", 0x2000, 0x2001, "configuration table")]}),
    ("one that has none", ["config-table 0x2000 8868e871-e4f1-11d3-bc22-0080c73c8881 -"],
     {"landmarks": [("8868e871-e4f1-11d3-bc22-0080c73c8881", 0x2000, 0x2001, "configuration table")]}),
    ("nor a blank behind it", ["config-table 0x2000 8868e871-e4f1-11d3-bc22-0080c73c8881"],
     {"landmarks": [("8868e871-e4f1-11d3-bc22-0080c73c8881", 0x2000, 0x2001, "configuration table")]}),
    ("SMBIOS", ["smbios 0x1000 0x2000 entry point"], {"landmarks": [("SMBIOS entry point", 0x1000, 0x2000, "SMBIOS")]}),
    ("with its name", ["smbios 0x1000 0x2000 SMBIOS 3.0"], {"landmarks": [("SMBIOS 3.0", 0x1000, 0x2000, "SMBIOS")]}),
    *((f"{key} without a name", [f"{key} 0x1000 0x2000"], {"landmarks": [(name, 0x1000, 0x2000, kind)]}) for key, name, kind in (
        ("smbios", "SMBIOS", "SMBIOS"), ("framebuffer", "framebuffer", "framebuffer"), ("footprint", "bootmem", "footprint"),
        ("in-use", "in use", "in use"),
        ("kernel", "kernel", "kernel"), ("initrd", "initrd", "initrd"), ("stub", "EFI stub", "EFI stub"),
        ("window", "device", "device"))),
    *((f"{key} with a name", [f"{key} 0x1000 0x2000 of mine"], {"landmarks": [("of mine", 0x1000, 0x2000, kind)]}) for key,
      kind in (
        ("framebuffer", "framebuffer"), ("footprint", "footprint"), ("in-use", "in use"), ("kernel", "kernel"), ("initrd", "initrd"),
        ("stub", "EFI stub"),
        ("window", "device"))),
    ("an ACPI table", ['acpi 0x2000 36 0x12345678 2 ok "RSDP" EFI system table'],
     {"acpi": [("RSDP", 0x2000, 36, 2, "", 0x12345678)]}),
    ("without a sum", ['acpi 0x2000 36 - 2 bad "FACS" FADT'], {"acpi": [("FACS", 0x2000, 36, 2, "", None)]}),
    ("with its identity", ['acpi 0x2000 36 - 2 ok "APIC" XSDT', 'acpi 0x3000 36 - 2 ok "SSDT" XSDT', "acpi-identity A B"],
     {"acpi": [("APIC", 0x2000, 36, 2, "", None), ("SSDT", 0x3000, 36, 2, "A B", None)]}),
    ("bins", ["bin 9 37 ACPIReclaim", "bin 10 0x100 ACPIMemoryNVS"], {"bins": [(9, 37), (10, 256)]}),
    ("a device", ["device 0000:00:02.0 8086:1616 class 0x030000"], {"device 0000:00:02.0": "8086:1616 class 0x030000"}),
    ("a device of which nothing is known", ["device 0000:00:02.0"], {"device": "0000:00:02.0"}),
    ("a key that nobody knows", ["some-key2 a text"], {"some-key2": "a text"}),
    ("a key alone", ["some-key"], {"some-key": ""}),
    ("the BIOS", ["bios-vendor One", "bios-version 1.07", "bios-date 01/02/2023"], {"bios": "One 1.07 01/02/2023"}),
    ("a part of it", ["bios-version 1.07"], {"bios": "1.07"}),
    ("of which one is empty", ["bios-vendor", "bios-version 1.07"], {"bios": "1.07"}),
    ("the machine", ["system-vendor One", "system-product Laptop", "system-version 2"], {"machine": "One Laptop 2"}),
    ("the CPU", ["cpu-vendor GenuineIntel", "cpu-signature 0x306c3"], {"cpu": "GenuineIntel 0x306c3"}),
    ("nothing of it", [], {"cpu": None, "bios": None, "machine": None}),
)


def fields(boot):
    """The lists of a boot as tuples, and its facts."""
    return {"landmarks": [(row["name"], int(row["start"], 0), int(row["end"], 0), row["kind"]) for row in boot["landmarks"]
                          if row["kind"] != "ACPI table"],
            "acpi": [(row["signature"], int(row["address"], 0), row["bytes"], row["revision"], row["identity"],
                      row["crc32"] and int(row["crc32"], 0)) for row in boot["acpi"]],
            "bins": [(row["type"], row["pages"]) for row in boot["bins"]], **boot["facts"]}


@pytest.mark.parametrize("rule, lines, want", CAPTURES, ids=[line[0] for line in CAPTURES])
def test_lines_of_a_capture(read, rule, lines, want):
    got = read(formats.capture(*lines, uefi=[RAM]))["boot"]
    assert not got["faults"] and {key: fields(got).get(key) for key in want} == want, rule


NONE = (
    # lines that are none of a capture
    "stub 0x2000 0x1000 x", "stub 0x2000 0x2000 x", "stub 0x2000", "window x", "acpi-identity A", "e820-view mine", "Some key",
    "some_key x", " x y",
    "-:- x", "free vax 0x1 0x2", "max-pfn vax 0x1", "max-low-pfn vax 0x1", "no-bitmap vax because",
    'reserve vax 0x0 0x1000 linux forever 1 "a" "b"')


@pytest.mark.parametrize("line", NONE)
def test_what_is_no_line_of_a_capture(read, line):
    assert faults_of(read(formats.capture(line, uefi=[RAM]))) == [(2, "this is no line of a capture")]


@pytest.mark.parametrize("line", ("uefi 0x1000 0x2000", "e820 0x1000", "config-table x", "acpi 0x2000 36", "bin x 1 name",
                                  "max-pfn amd64 x",
                                  "free amd64 0x1", "smbios 0x2000 0x1000 x", "kernel x", "reserve amd64 0x0"))
def test_a_line_that_lacks_something(read, line):
    assert faults_of(read(formats.capture(line, uefi=[RAM]))) == [(2, "this line cannot be read")]


E820 = [(0, 0x1000, 1), (0x1000, 0x2000, 2)]
VIEWS = (
    # whose list it is, by which lines; whether Linux's checksum is told of it
    ("bootmem's own", [], True), ("a kernel's, by its origin", ["origin a log"], True), ("by its loader", ["loader grub"], True),
    ("firmware's", ["e820-view firmware"], True), ("the kernel's later", ["origin x", "e820-view kernel"], False),
    ("GRUB's", ["e820-view grub"], False), ("bootmem's by name", ["origin x", "e820-view bootmem"], True))
BOOTMEM_SAYS, NO_MAP = "This is a prediction", "has no e820 map as the firmware"


@pytest.mark.parametrize("rule, lines, is_compared", VIEWS, ids=[line[0] for line in VIEWS])
def test_whose_list_a_capture_has(report, tmp_path, rule, lines, is_compared):
    path = tmp_path / "capture"
    path.write_text(formats.capture(*lines, e820=E820))
    resume = report(path, path)["resume"]
    said = " ".join(resume["reasons"])
    assert (resume["verdict"] == "yes") == is_compared and (NO_MAP in said) != is_compared, rule
    assert (BOOTMEM_SAYS in said) == rule.startswith("bootmem")


def test_a_view_of_nothing(report, tmp_path):
    """A capture that has no ranges has no list, whosever it says that is."""
    path = tmp_path / "capture"
    path.write_text(formats.capture("e820-view firmware", uefi=[RAM]))
    assert report(path, path)["resume"]["verdict"] == "unknown"


CAPTURE = formats.capture("label x", uefi=[RAM])


def prefixed(prefix):
    return "".join(prefix + line + "\n" for line in CAPTURE.splitlines())


WHERE = (
    # the rule, a text, the facts of it; None: it is no capture
    ("alone", CAPTURE, {"label": "x"}),
    *((f"behind {before!r}", prefixed(before), {"label": "x"}) for before in (" ", "\t", "> ", "|", "x]", "x:", "y" * 79 + " ")),
    *((f"not behind {before!r}", prefixed(before), None) for before in ("x", "-", "y" * 80 + " ")),
    ("with blanks behind each line", CAPTURE.replace("\n", "  \n"), {"label": "x"}),
    ("with other versions", CAPTURE.replace("capture 1", "capture x"), None),
)


@pytest.mark.parametrize("rule, content, facts", WHERE, ids=[line[0] for line in WHERE])
def test_where_a_capture_stands(mapdiff, read, rule, content, facts):
    if facts is None:
        assert mapdiff("show", "-", stdin=content.encode())[0] == 2
    else:
        got = read(content)["boot"]
        assert (got["facts"], got["faults"]) == (facts, []), rule


SERIAL = "BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable\n"
SAYS = formats.capture("label BIOS-e820: is odd", uefi=[RAM])
BESIDE = (
    # the rule, a text, the sources of its boots
    ("what looks like a log in a capture is a text", SAYS, ["capture"]),
    ("with blank lines behind it", SAYS + "\n\n", ["capture"]),
    ("two captures that do", SAYS * 2, ["capture"] * 2),
    ("a kernel that says nothing of its map behind it", CAPTURE + "Linux version 6.1.0 (x) #1\nCommand line: quiet\n",
     ["capture"]),
    ("a log behind it", SAYS + SERIAL, ["capture", "Linux log"]),
    ("a log before it", SERIAL + SAYS, ["Linux log", "capture"]),
    ("two captures, and a log between them", CAPTURE + SERIAL + CAPTURE, ["capture", "Linux log", "capture"]),
)


@pytest.mark.parametrize("rule, content, sources", BESIDE, ids=[line[0] for line in BESIDE])
def test_captures_beside_logs(report, tmp_path, rule, content, sources):
    path = tmp_path / "serial"
    path.write_text(content)
    got = [report("show", f"{path}@{number + 1}")["boot"] for number in range(len(sources))]
    assert [row["source"] for row in got] == sources and got[0]["boots"] == len(sources), rule

"""What two boots say of themselves -> the facts, and the ACPI tables, that differ. Each rule alone."""

import boots
import pytest
from naive import capture
from test_evidence import BRIDGE, NIC, boot

LOG_CPU, OTHER_CPU = boots.CPU, boots.CPU.replace("stepping: 0x1", "stepping: 0x2")
LAPTOP = "Example Laptop/Board"


def build(number):
    return {"kernel": f"6.1.0-18-amd64 (builder@host) (gcc 12) #{number} SMP"}


def dmi(name):
    return {"dmi": f"{name}, BIOS 1.07 01/02/2023"}


FACTS = (
    # the rule, both boots, the facts that differ: key, before, after
    ("the revision of UEFI", {"lines": ["uefi-revision 2.70"]}, {"lines": ["uefi-revision 2.80"]},
     [("uefi-revision", "2.70", "2.80")]),
    ("without its zero", {"lines": ["uefi-revision 2.70"]}, {"lines": ["uefi-revision 2.7"]}, []),
    ("without it before", {"lines": ["uefi-revision 2.7"]}, {"lines": ["uefi-revision 2.70"]}, []),
    ("another digit behind", {"lines": ["uefi-revision 2.7"]}, {"lines": ["uefi-revision 2.71"]},
     [("uefi-revision", "2.7", "2.71")]),
    ("another digit behind, before", {"lines": ["uefi-revision 2.71"]}, {"lines": ["uefi-revision 2.7"]},
     [("uefi-revision", "2.71", "2.7")]),
    ("nothing in common but zeros", {"lines": ["uefi-revision 0"]}, {"lines": ["uefi-revision 1.0"]},
     [("uefi-revision", "0", "1.0")]),

    ("the machine", {}, dmi("Other Laptop/Board"), [("machine", LAPTOP, "Other Laptop/Board")]),
    ("its name in more words", dmi("Example Laptop"), {}, []),
    ("in fewer", {}, dmi("Laptop/Board"), []),
    ("a word that goes on", {}, dmi("Example Laptop/Boards"), [("machine", LAPTOP, "Example Laptop/Boards")]),
    ("a word that begins earlier", {}, dmi("xExample Laptop/Board"), [("machine", LAPTOP, "xExample Laptop/Board")]),
    ("the second time it is the word", dmi("Boards of Board"), dmi("Board"), []),
    ("the firmware in more words", {"lines": ["bios 1.07"]}, {"lines": ["bios Vendor 1.07 01/02/2023"]}, []),
    ("other words", {"lines": ["bios 1.07"]}, {"lines": ["bios Vendor 1.08"]}, [("bios", "1.07", "Vendor 1.08")]),
    ("another key in more words", {"lines": ["loader grub"]}, {"lines": ["loader grub 2"]},
     [("loader", "grub", "grub 2")]),

    ("the CPU", {}, {"cpu": OTHER_CPU}, [("cpu", LOG_CPU, OTHER_CPU)]),
    ("a log names another thing than a capture", {}, {"lines": ["cpu AuthenticAMD 0x810f81"]}, []),
    ("and before it", {"lines": ["cpu AuthenticAMD 0x810f81"]}, {}, []),
    ("two captures", {"lines": ["cpu AuthenticAMD 0x810f81"]}, {"lines": ["cpu AuthenticAMD 0x810f82"]},
     [("cpu", "AuthenticAMD 0x810f81", "AuthenticAMD 0x810f82")]),

    ("the build of a kernel", {"lines": ["kernel-version 6.1", "kernel-build #1"]},
     {"lines": ["kernel-version 6.1", "kernel-build #2"]},
     [("kernel-build", "#1", "#2")]),
    ("that of another kernel", {"lines": ["kernel-version 6.1", "kernel-build #1"]},
     {"lines": ["kernel-version 6.2", "kernel-build #2"]},
     [("kernel-version", "6.1", "6.2")]),
    ("one of which no version is known", {"lines": ["kernel-build #1"]},
     {"lines": ["kernel-version 6.2", "kernel-build #2"]},
     [("kernel-build", "#1", "#2")]),
    ("nor of the second", {"lines": ["kernel-version 6.1", "kernel-build #1"]}, {"lines": ["kernel-build #2"]},
     [("kernel-build", "#1", "#2")]),
    ("one build of two kernels", {"lines": ["kernel-version 6.1", "kernel-build #1"]},
     {"lines": ["kernel-version 6.2", "kernel-build #1"]},
     [("kernel-version", "6.1", "6.2")]),

    ("a label", {"lines": []}, {"lines": ["label docked"]}, [("label", None, "docked")]),
    ("a label of the first", {"lines": ["label docked"]}, {"lines": []}, [("label", "docked", None)]),
    ("a limit of memory", {"lines": []}, {"lines": ["mem-limit 0x10000000"]}, [("mem-limit", None, "0x10000000")]),
    ("memory that is kept", {"lines": ["keep-boot-services"]}, {"lines": []}, [("keep-boot-services", "", None)]),
    ("a policy says nothing where it is missing", {"lines": ["policy safe"]}, {"lines": []}, []),
    ("what the kernel printed says less", {"lines": ["taken accepted"]}, {"lines": ["taken planned", "label docked"]},
     []),
    ("so does the second", {"lines": ["taken planned", "label docked"]}, {"lines": ["taken accepted"]}, []),
    ("what it says all the same", {"lines": ["taken accepted", "label docked"]},
     {"lines": ["taken accepted", "label alone"]},
     [("label", "docked", "alone")]),

    ("a device", {"more": [BRIDGE]}, {"more": [BRIDGE, NIC]},
     [("device 0000:02:00.0", None, "8086:15fb class 0x020000")]),
    ("what only one names, and devices of both", {"lines": ["device 0000:02:00.0 8086:0001 x"]},
     {"lines": ["device 0000:02:00.0 8086:0001 x", "something new"]}, []),
    ("devices of one file only", {}, {"more": [BRIDGE, NIC]}, []),
    ("and of the first only", {"more": [BRIDGE, NIC]}, {}, []),

    ("what is never the same", {"lines": ["time 2026-11-22T10:25:43", "program bootmem 1.0 x64", "origin a log",
                                          "taken planned"]},
     {"lines": ["time 2026-11-22T10:25:44", "program bootmem 1.1 x64", "origin dmesg", "taken later"]}, []),
    ("checksums follow from the map", {"lines": ["e820-crc32 0x12345678", "e820-ram-crc32 0x12345678"]},
     {"lines": ["e820-crc32 0x12345679", "e820-ram-crc32 0x12345679"]}, []),
    ("what the log says of a resume", {}, {"more": ["PM: Image signature found, resuming"]}, []),
    ("pages are a result, and told", {"kib": 4190000}, {"kib": 4180000}, [("present-pages", "1047500", "1045000")]),
    ("keys that nobody knows", {"lines": ["something old"]}, {"lines": ["something new"]},
     [("something", "old", "new")]),
    ("a key that nobody knows, of one boot", {"lines": ["something old"]}, {"lines": []}, []),
    ("in their order: known, devices, unknown ones by name",
     {"lines": ["zebra 1", "device 0000:00:03.0 8086:0001 class 0x020000", "label docked",
                "device 0000:00:02.0 8086:0001 class 0x030000", "apple 1",
                "cpu-count 4", "loader grub"]},
     {"lines": ["loader stub", "label alone", "apple 2", "zebra 2", "cpu-count 8",
                "device 0000:00:03.0 8086:0002 class 0x020000"]},
     [("cpu-count", "4", "8"), ("loader", "grub", "stub"), ("label", "docked", "alone"), ("apple", "1", "2"),
      ("device 0000:00:02.0", "8086:0001 class 0x030000", None),
      ("device 0000:00:03.0", "8086:0001 class 0x020000", "8086:0002 class 0x020000"), ("zebra", "1", "2")]),
)


@pytest.mark.parametrize("rule, before, after, facts", FACTS, ids=[row[0] for row in FACTS])
def test_the_facts_that_differ(report, tmp_path, rule, before, after, facts):
    got = report(*boots.write(tmp_path, boot(before), boot(after)))["conditions"]
    assert [(row["key"], row["before"], row["after"]) for row in got] == facts, rule


def test_devices_are_seen_wherever_a_file_has_them(report, tmp_path):
    """As its first line, too."""
    one, other = (f"device 0000:0{number}:00.0 8086:0001 class 0x020000" for number in (2, 3))
    paths = boots.write(tmp_path, *(capture(e820=boots.LAPTOP, lines=rows).decode() for rows in ([one], [other, "label x"])))
    assert [row["key"] for row in report(*paths)["conditions"]] == ["label", "device 0000:02:00.0", "device 0000:03:00.0"]


LONG = "x" * 40
NAMED = (
    # the rule, lines of both captures, what is named where nothing else explains a change
    ("one", ["label docked"], ["label alone"], "the label (docked -> alone)"),
    ("one that only the second has", [], ["label alone"], "the label (none -> alone)"),
    ("one that only the first has", ["label docked"], [], "the label (docked -> none)"),
    ("three", ["policy a", "cpu A", "lockdown no"], ["policy b", "cpu B", "lockdown yes"],
     "the CPU (A -> B), the kernel's lockdown (no -> yes), bootmem's policy (a -> b)"),
    ("four", ["policy a", "cpu A", "lockdown no", "cpu-vendor A"],
     ["policy b", "cpu B", "lockdown yes", "cpu-vendor B"],
     "the CPU (A -> B), the kernel's lockdown (no -> yes), bootmem's policy (a -> b) and 1 more"),
    ("five", ["policy a", "cpu A", "lockdown no", "cpu-vendor A", "x 1"],
     ["policy b", "cpu B", "lockdown yes", "cpu-vendor B", "x 2"],
     "the CPU (A -> B), the kernel's lockdown (no -> yes), bootmem's policy (a -> b) and 2 more"),
    ("a value of 40 characters", ["label " + LONG], ["label alone"], f"the label ({LONG} -> alone)"),
    ("a longer one", [f"label {LONG}x"], ["label alone"], "the label"),
    ("a longer one of the second", ["label alone"], [f"label {LONG}x"], "the label"),
    ("a result is none", ["label docked", "present-pages 1"], ["label alone", "present-pages 2"],
     "the label (docked -> alone)"),
    ("a key that nobody knows", ["docking station"], ["docking none"], "docking (station -> none)"),
    ("a name of one letter", ["x " + LONG * 2, "y 1"], ["x 1", "y 2"], "x, y (1 -> 2)"),
    ("the kernel", ["kernel-version 6.1.0"], ["kernel-version 6.1.1"], "the kernel (6.1.0 -> 6.1.1)"),
    ("its build", ["kernel-build #1"], ["kernel-build #2"], "the kernel's build (#1 -> #2)"),
    ("the features of the CPU", ["cpu-features NX"], ["cpu-features SMEP"], "the CPU's features (NX -> SMEP)"),
    ("Secure Boot", ["secure-boot disabled"], ["secure-boot enabled"], "Secure Boot (disabled -> enabled)"),
    ("Secure Boot in setup mode", ["secure-boot setup mode"], ["secure-boot enabled"],
     "Secure Boot (setup mode -> enabled)"),
    ("the files of kernel and initrd", ["kernel-sha256 " + 64 * "0", "initrd-sha256 " + 64 * "0"],
     ["kernel-sha256 " + 64 * "1", "initrd-sha256 " + 64 * "1"], "the kernel's file, the initrd's file"),
    ("the CPU's signature", ["cpu-signature 0x1"], ["cpu-signature 0x2"],
     "the CPU (0x1 -> 0x2), the CPU's signature (0x1 -> 0x2)"),
    ("its width", ["cpu-address-bits 39"], ["cpu-address-bits 46"], "the CPU's address width (39 -> 46)"),
    ("what bootmem kept", ["mem-limit 1"], ["mem-limit 2", "keep-boot-services"],
     "bootmem's mem-limit (1 -> 2), bootmem's keep-boot-services (none -> )"),
)


@pytest.mark.parametrize("rule, before, after, named", NAMED, ids=[row[0] for row in NAMED])
def test_conditions_are_named(report, tmp_path, rule, before, after, named):
    e820 = boots.LAPTOP[:4] + ((0x7F801000, 0x7F900000, 4),) + boots.LAPTOP[5:]
    texts = boots.capture(more=["bios 1", *before]), boots.capture(e820, ["bios 1", "cpu-count 4", *after])
    got = report(*boots.write(tmp_path, *texts))
    assert got["because"] == f"not known, because more differs than the map: {named}", rule


# --- ACPI tables ---


def table(name, start, size=256, crc="0x12345678", identity=None):
    """Lines of a capture."""
    return [f'acpi 0x{start:016x} {size} {crc} 1 ok "{name}" XSDT'] + ([f"acpi-identity {identity}"] if identity else [])


AT = 0x7F900000
SAME = table("FACP", 0x7F901000)  # without any, a boot says nothing of tables
TABLES = (
    # the rule, lines of both captures, the tables that differ: signature, what happened to it
    ("one page up", table("SSDT", AT), table("SSDT", AT + 0x1000), [("SSDT", "moved by +1 page")]),
    ("two pages down", table("SSDT", AT), table("SSDT", AT - 0x2000), [("SSDT", "moved by -2 pages")]),
    ("half a page", table("SSDT", AT), table("SSDT", AT + 0x800), [("SSDT", "moved by +2048 bytes")]),
    ("one byte", table("SSDT", AT), table("SSDT", AT - 1), [("SSDT", "moved by -1 byte")]),
    ("longer", table("SSDT", AT), table("SSDT", AT, 258), [("SSDT", "grew by 2 bytes")]),
    ("shorter by one", table("SSDT", AT), table("SSDT", AT, 255), [("SSDT", "shrank by 1 byte")]),
    ("elsewhere, and shorter", table("SSDT", AT), table("SSDT", AT + 0x1000, 200),
     [("SSDT", "moved by +1 page, shrank by 56 bytes")]),
    ("a length that is not known", table("SSDT", AT, 0), table("SSDT", AT), []),
    ("nor of the second", table("SSDT", AT), table("SSDT", AT, 0), []),
    ("other contents", table("SSDT", AT), table("SSDT", AT, crc="0x12345679"), [("SSDT", "contents differ")]),
    ("other contents, elsewhere", table("SSDT", AT), table("SSDT", AT + 0x1000, crc="0x12345679"),
     [("SSDT", "moved by +1 page, contents differ")]),
    ("other contents of another length are no news", table("SSDT", AT), table("SSDT", AT, 258, "0x12345679"),
     [("SSDT", "grew by 2 bytes")]),
    ("contents that are not known", table("SSDT", AT, crc="-"), table("SSDT", AT), []),
    ("nor of the second, either", table("SSDT", AT), table("SSDT", AT, crc="-"), []),
    ("new", SAME, SAME + table("SSDT", AT), [("SSDT", "appeared")]),
    ("gone", SAME + table("SSDT", AT), SAME, [("SSDT", "vanished")]),
    ("no tables in the first", [], table("SSDT", AT), []),
    ("no tables in the second", table("SSDT", AT), [], []),
    ("an RSDT that captures have", SAME, SAME + table("RSDT", AT), [("RSDT", "appeared")]),
    ("one by the name, whatever the order", table("SSDT", AT) + table("APIC", AT + 0x100),
     table("APIC", AT + 0x100) + table("SSDT", AT + 0x10),
     [("SSDT", "moved by +16 bytes")]),
    ("two of a name: by identity", table("SSDT", AT, identity="A") + table("SSDT", AT + 0x1000, identity="B"),
     table("SSDT", AT, identity="B") + table("SSDT", AT + 0x1000, identity="A"), [("SSDT", "moved by +1 page"),
                                                                                  ("SSDT", "moved by -1 page")]),
    ("of one identity: by address", table("SSDT", AT + 0x1000, 300, identity="A") + table("SSDT", AT, identity="A"),
     table("SSDT", AT + 0x10, identity="A") + table("SSDT", AT + 0x1000, 300,
                                                    identity="A"), [("SSDT", "moved by +16 bytes")]),
    ("another identity: by name", table("SSDT", AT, identity="A"), table("SSDT", AT, 300, identity="B"),
     [("SSDT", "grew by 44 bytes")]),
    ("of which one is left over", table("SSDT", AT, identity="A"),
     table("SSDT", AT, 300, identity="B") + table("SSDT", AT + 0x1000, identity="C"),
     [("SSDT", "grew by 44 bytes"), ("SSDT", "appeared")]),
    ("and the other way", table("SSDT", AT, 300, identity="B") + table("SSDT", AT + 0x1000, identity="C"),
     table("SSDT", AT, identity="A"),
     [("SSDT", "shrank by 44 bytes"), ("SSDT", "vanished")]),
    ("names between each other", table("APIC", AT) + table("HPET", AT), table("FACP", AT) + table("HPET", AT),
     [("APIC", "vanished"), ("FACP", "appeared")]),
)


def named(name, identity, place=0, revision=1):
    return [table(name, AT + place)[0].replace(" 1 ok", f" {revision} ok")] + ([f"acpi-identity {identity}"] if identity else [])


ONE, OTHER = "LENOVO TP-N23   00001810 PTEC 00000002", "LENOVO TP-N23   00001830 PTEC 00000002"
IDENTITIES = (
    # the rule, tables of both boots; what the fact says, if it differs
    ("one", named("FACP", ONE), named("FACP", ONE), None),
    ("another revision of its maker's", named("FACP", ONE), named("FACP", OTHER), (f"FACP v01 {ONE}", f"FACP v01 {OTHER}")),
    ("another maker", named("FACP", ONE), named("FACP", ONE.replace("LENOVO", "OTHER ")),
     (f"FACP v01 {ONE}", f"FACP v01 {ONE.replace('LENOVO', 'OTHER ')}")),
    ("another revision of the table", named("FACP", ONE), named("FACP", ONE, revision=6), (f"FACP v01 {ONE}", f"FACP v06 {ONE}")),
    ("of one length, at one place, or elsewhere", named("FACP", ONE), named("FACP", OTHER, 0x1000), (f"FACP v01 {ONE}", f"FACP v01 {OTHER}")),
    ("the first of them is named", named("MCFG", ONE) + named("DSDT", ONE, 0x1000), named("MCFG", OTHER) + named("DSDT", OTHER, 0x1000),
     (f"DSDT v01 {ONE}", f"DSDT v01 {OTHER}")),
    ("a mail has blanks once", named("FACP", ONE), named("FACP", " ".join(ONE.split())), None),
    ("Linux 2.6.24 prints no zeros in front", named("FACP", ONE), named("FACP", ONE.replace("00001810", "    1810").replace("0000000", "")), None),
    ("a zero elsewhere counts", named("FACP", ONE), named("FACP", ONE.replace("1810", "181")),
     (f"FACP v01 {ONE}", f"FACP v01 {ONE.replace('1810', '181')}")),
    ("one is the other's beginning", named("FACP", ONE), named("FACP", ONE[:-1]), (f"FACP v01 {ONE}", f"FACP v01 {ONE[:-1]}")),
    ("one that is not known", named("FACP", ONE), named("FACP", None, revision=6), None),
    ("nor before", named("FACP", None), named("FACP", OTHER), None),
    ("SSDTs are made for the CPUs that there are", named("SSDT", ONE), named("SSDT", OTHER), None),
    ("a table that came, and one that went", SAME + named("TPM2", ONE), SAME + named("MCFG", OTHER), None),
    ("two of a name, of which one changed", named("OEM1", ONE) + named("OEM1", OTHER, 0x1000),
     named("OEM1", ONE) + named("OEM1", ONE + "3", 0x1000), (f"OEM1 v01 {OTHER}", f"OEM1 v01 {ONE}3")),
    ("two of a name, of which one is left", named("OEM1", ONE) + named("OEM1", ONE + "3", 0x1000), named("OEM1", OTHER), None),
    ("and the other way", named("OEM1", OTHER), named("OEM1", ONE) + named("OEM1", ONE + "3", 0x1000), None),
)


@pytest.mark.parametrize("rule, before, after, said", IDENTITIES, ids=[row[0] for row in IDENTITIES])
def test_the_identity_of_tables(report, tmp_path, rule, before, after, said):
    """It is a fact, and evidence of another build of the firmware: no difference of the maps."""
    got = report(*boots.write(tmp_path, boots.capture(more=before), boots.capture(more=after)))
    rows = [(row["before"], row["after"]) for row in got["conditions"] if row["key"] == "ACPI identity"]
    assert rows == ([said] if said else []), rule
    texts = [row["text"] for row in got["causes"] if "identity" in row["text"]]
    assert texts == ([f"the identity of ACPI tables: {said[0]} -> {said[1]}"] if said else [])
    assert all(row["cause"] == "firmware" for row in got["causes"] if "identity" in row["text"])


def tables_of(report):
    return [((row["before"] or row["after"])["signature"], row["what"]) for row in report["tables"]]


@pytest.mark.parametrize("rule, before, after, tables", TABLES, ids=[row[0] for row in TABLES])
def test_the_tables_that_differ(report, tmp_path, rule, before, after, tables):
    got = report(*boots.write(tmp_path, boots.capture(more=before), boots.capture(more=after)))
    assert tables_of(got) == tables, rule
    assert all((row["before"] is None) == (row["what"] == "appeared") and (row["after"] is None) == (row["what"] == "vanished")
               for row in got["tables"])


OURS = table("RSDT", AT) + table("BGRT image", 0x10000000)
BESIDE = (
    # the rule, the capture beside a log with a FACP, the tables that differ
    ("what only a capture names", SAME + OURS, []),
    ("another table is missed", SAME + OURS + table("SSDT", AT), ["SSDT"]),
)


@pytest.mark.parametrize("turn", (False, True), ids=("capture first", "log first"))
@pytest.mark.parametrize("rule, lines, tables", BESIDE, ids=[row[0] for row in BESIDE])
def test_tables_of_a_capture_beside_a_log(report, tmp_path, rule, lines, tables, turn):
    texts = [boots.capture(more=lines),
             boots.log(more=["ACPI: FACP 0x000000007F901000 000100 (v01 OEM    TABLE    00000001 INTL 00000001)"])]
    got = report(*boots.write(tmp_path, *(texts[::-1] if turn else texts)))
    assert tables_of(got) == [(name, "appeared" if turn else "vanished") for name in tables], rule


@pytest.mark.parametrize("turn", (False, True), ids=("capture first", "log first"))
def test_what_both_name_is_compared(report, tmp_path, turn):
    """Also where most logs do not name it."""
    log = boots.log(more=["ACPI: RSDT 0x000000007F900000 000110 (v01 OEM    TABLE    00000001 INTL 00000001)"])
    texts = [boots.capture(more=table("RSDT", AT)), log]
    got = report(*boots.write(tmp_path, *(texts[::-1] if turn else texts)))
    assert tables_of(got) == [("RSDT", "shrank by 16 bytes" if turn else "grew by 16 bytes")]


def test_tables_of_two_captures_are_all_counted(report, tmp_path):
    """And so they are of two logs: what one names, the other would."""
    for origin in ([], ["origin a log"]):
        texts = (boots.capture(more=origin + lines) for lines in (SAME + OURS, SAME))
        assert tables_of(report(*boots.write(tmp_path, *texts))) == [("BGRT image", "vanished"), ("RSDT", "vanished")]


def test_tables_stand_by_what_happened_to_them(mapdiff, tmp_path):
    """The least first; three that are alike are one line, before the others."""
    names = ("AAAA", "BBBB", "CCCC", "DDDD", "EEEE", "FFFF", "GGGG", "HHHH", "IIII", "JJJJ", "KKKK")
    before = [line for place, name in enumerate(names) for line in table(name, AT + 0x1000 * place)]
    after = (table("AAAA", AT + 0x1000) + table("BBBB", AT) + table("CCCC", AT + 0x2000, 300) + table("DDDD",
                                                                                                      AT + 0x3000, 212)
             + table("EEEE", AT + 0x4000, crc="0x1") + table("GGGG", AT + 0x9000) + table("HHHH", AT + 0xA000)
             + table("IIII", AT + 0xB000) + table("JJJJ", AT + 0x9000, 257) + table("KKKK", AT + 0xA000) + table("LLLL",
              AT + 0x2F00))
    text = mapdiff(*boots.write(tmp_path, boots.capture(more=before), boots.capture(more=after)))[1]
    rows = text.split("ACPI tables that differ: 11\n")[1].splitlines()[:9]
    assert [row.strip().split("  ")[-1] for row in rows] == [
        "moved by +3 pages: GGGG, HHHH, IIII", "contents differ", "grew by 1 byte", "shrank by 44 bytes", "grew by 44 bytes",
        "moved by -1 page", "moved by +1 page", "vanished", "appeared"]
    assert [row.split()[0] for row in rows[1:]] == ["EEEE", "JJJJ", "DDDD", "CCCC", "BBBB", "AAAA", "FFFF", "LLLL"]


def test_tables_that_come_or_go_alike_are_one_line(mapdiff, tmp_path):
    few, more = SAME, SAME + [line for place in range(3) for line in table(f"SSD{place}", AT + 0x100 * place)]
    for before, after, what in ((few, more, "appeared"), (more, few, "vanished")):
        text = mapdiff(*boots.write(tmp_path, boots.capture(more=before), boots.capture(more=after)))[1]
        assert f"{what}: SSD0, SSD1, SSD2" in text

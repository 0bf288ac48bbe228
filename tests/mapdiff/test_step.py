"""One step between two boots, one cause: what `diff` says of two boots, a step of `series` says, in JSON
and in the sentence; and what a series makes of its steps."""

import boots
import pytest
from conftest import MAPS

PAIRS = {path.name[:-6]: [path.with_name(f"{path.name[:-6]}-{boot}.map") for boot in (1, 2)]
         for path in sorted((MAPS / "hibernate").glob("*-1.map"))}
PAIRS |= {f"{a}-{b}": [MAPS / "pin" / f"{name}.map" for name in (a, b)] for a, b in (("u1", "u2"), ("v1", "v2"), ("u1", "v1"))}
SHARED = ("different", "resume", "changes", "cause", "because", "causes", "conditions")


def sentences(text):
    return " ".join(text.split())


def cause_sentence(text):
    """What stands behind "judging from the files:", up to the end of the sentence that it is in."""
    return sentences(text).lower().split("judging from the files: ")[1]


@pytest.mark.parametrize("name", PAIRS)
def test_diff_and_series_say_the_same(mapdiff, report, name):
    """All of it, of all recorded pairs; and the cause of each thing that moves is that of its change."""
    diff, series = report(*PAIRS[name]), report("series", *PAIRS[name])
    (step,) = series["steps"]
    assert {key: step[key] for key in SHARED} == {key: diff[key] for key in SHARED}
    assert (step["from"], step["to"]) == (0, 1)
    own = [row for row in diff["changes"] if not row["consequence"] and (row["before"] or row["after"])["type"] != 1]
    assert sorted((row["owner"], row["cause"]) for row in series["movers"]) == sorted(
        (row["owner"], row["cause"]) for row in own)
    assert {row["because"] for row in series["movers"]} <= {diff["because"]}
    if own:
        because = sentences(diff["because"]).lower()
        assert all(cause_sentence(mapdiff(*args, *PAIRS[name])[1]).startswith(because) for args in ((), ("series",)))


def test_a_longer_event_log_moves_the_map(report):
    """u1 hibernated, u2 was refused; pinned, v1 and v2 have one map."""
    (step,) = report("series", *PAIRS["u1-u2"])["steps"]
    assert [(row["kind"], row["owner"], row["cause"]) for row in step["changes"]] == [
        ("appeared", "TPMEventLog", "kernel stub")]
    assert step["resume"]["verdict"] == "no"
    (step,) = report("series", *PAIRS["v1-v2"])["steps"]
    assert step["changes"] == [] and step["resume"]["verdict"] == "yes" and not step["cause"] == "firmware"


NO_LOG = boots.LAPTOP[:1] + ((0x100000, 0x7F800000, 1),) + boots.LAPTOP[4:]
TPM2 = "ACPI: TPM2 0x000000007F902000 00004C (v04 OEM    TABLE    00000001 OEM  00000001)"


@pytest.mark.parametrize("tpms, cause", ((("TPM2", None), "devices"), ((None, "TCPA"), "devices"), (("TPM2", "TPM2"), "kernel stub"),
                                         (("TPM2", "SSDT"), "devices"), ((None, None), "kernel stub")), ids=str)
def test_an_event_log_that_comes_and_goes_with_the_tpm(report, tmp_path, tpms, cause):
    """No stub takes it away when the TPM is off."""
    def boot(tpm, e820, *more):
        tables = [TPM2.replace("TPM2", name) for name in ("FACP", tpm) if name]
        return boots.log(e820, more=["efi: ACPI=0x7f801000 " + "".join(more), *tables])
    texts = [boot(tpms[0], boots.LAPTOP, "TPMEventLog=0x7f000018 "), boot(tpms[1], NO_LOG)]
    for paths in (boots.write(tmp_path, *texts), boots.write(tmp_path, *texts[::-1])):
        row = report(*paths)["changes"][0]
        assert (row["kind"] in ("appeared", "vanished"), row["owner"], row["cause"]) == (True, "TPMEventLog", cause)


# --- a series asks its steps ---

NIC = ["pci 0000:02:00.0: [8086:15fb] type 00 class 0x020000"]
BRIDGE = ["pci 0000:00:00.0: [8086:29c0] type 00 class 0x060000"]
SSDT = "ACPI: SSDT 0x000000007F900000 000100 (v01 OEM    TABLE    00000001 INTL 00000001)"
FACP = "ACPI: FACP 0x000000007F901000 0000F4 (v06 OEM    TABLE    00000001 INTL 00000001)"
TABLES = ["efi: ACPI=0x7f801000 ACPI 2.0=0x7f801014 "]


def nvs(pages, **more):
    """A boot whose NVS begins so many pages further up."""
    e820 = boots.LAPTOP[:4] + ((0x7F800000 + 0x1000 * pages, 0x7F900000, 4),) + boots.LAPTOP[5:]
    return boots.log(e820, **{"more": TABLES, **more})


def mover(report, tmp_path, *texts):
    (only,) = report("series", *boots.write(tmp_path, *texts))["movers"]
    return only


@pytest.mark.parametrize("what, pages, counts, cause", (
    ("most steps have the cause", (0, 1, 0, 1, 2), (4, 8, 4, 8, 8), "CPU count"),
    ("half of the steps are not most", (0, 1, 0, 1, 2), (4, 8, 4, 4, 4), "unknown"),
    ("two steps that do not agree", (0, 1, 2), (4, 8, 8), "unknown"),
    ("one step alone has its cause", (0, 1, 1), (4, 8, 8), "CPU count"),
    ("where nothing else differs, it is the firmware", (0, 1, 0, 2), (4, 4, 4, 4), "firmware"),
), ids=lambda value: value if isinstance(value, str) and " " in value else "")
def test_the_majority_of_the_steps(report, tmp_path, what, pages, counts, cause):
    texts = [nvs(place, cpus=cpus) for place, cpus in zip(pages, counts)]
    row = mover(report, tmp_path, *texts)
    assert row["cause"] == cause, row["because"]


def test_steps_that_do_not_agree_are_counted(report, tmp_path):
    row = mover(report, tmp_path, nvs(0), nvs(1, cpus=8), nvs(2, cpus=8))
    assert row["because"] == "its steps do not agree: firmware (1 step), CPU count (1 step)"


def test_what_correlates_is_no_cause(report, tmp_path):
    """The devices change in two steps, in one of which it moves; the other file names the build."""
    bios = "Example Laptop/Board, BIOS 1.08 05/05/2024"
    series = report("series", *boots.write(
        tmp_path, nvs(0, more=TABLES + BRIDGE), nvs(1, more=TABLES + BRIDGE + NIC, dmi=bios),
        nvs(1, more=TABLES + BRIDGE, dmi=bios), nvs(1, more=TABLES + BRIDGE, dmi=bios),
        nvs(1, more=TABLES + BRIDGE, dmi=bios)))
    assert series["movers"][0]["cause"] == "firmware" and series["links"] == []
    assert series["movers"][0]["because"] == "the firmware's build: 1.07 01/02/2023 -> 1.08 05/05/2024"


DECIDES = (
    # which boots have the dock, which the other CPUs or the other kernel; the pages; the cause
    ("devices decide, CPUs only go with it", (0, 1, 0, 1, 0, 0), (4, 8, 4, 4, 4, 8), "devices", "decided by the PCI devices"),
    ("an option that limits the CPUs decides", (0,) * 6, (4, 2, 4, 2, 4, 4), "unknown", "not known, because more differs than "
     "the map: the kernel's command line (root=...1 quiet -> quiet nr_cpus=2), the number of CPUs (4 -> 2)"),
    ("both decide", (0, 1, 0, 1, 0, 0), (4, 8, 4, 8, 4, 4), "CPU count", "the number of CPUs: 4 -> 8"),
)


@pytest.mark.parametrize("what, docked, cpus, cause, because", DECIDES, ids=[row[0] for row in DECIDES])
def test_what_decides_goes_before_what_goes_with_it(report, tmp_path, what, docked, cpus, cause, because):
    texts = [nvs(dock or count == 2, cpus=count, more=TABLES + BRIDGE + NIC * dock,
                 line="quiet nr_cpus=2" if count == 2 else "root=/dev/sda1 quiet") for dock, count in zip(docked, cpus)]
    row = mover(report, tmp_path, *texts)
    assert (row["cause"], row["because"]) == (cause, because)


def test_what_decides_and_is_no_evidence_is_named(report, tmp_path):
    kernels = ("6.1.0-18-amd64", "6.12.9-amd64")
    texts = [nvs(new, cpus=count, kernel=kernels[new])
             for new, count in zip((0, 1, 0, 1, 0, 0), (4, 8, 4, 8, 8, 4))]
    row = mover(report, tmp_path, *texts)
    assert (row["cause"], row["because"]) == ("unknown", "decided by the kernel")


def test_what_follows_has_the_cause_of_what_it_follows(report):
    """RAM beside the event log: its cause is no other, and not that of the step by itself."""
    rows = report(MAPS / "pin" / "u2.map", MAPS / "pin" / "v1.map")
    assert {row["cause"] for row in rows["changes"]} == {rows["cause"]} == {"kernel stub"}


VENDOR = (
    # what differs in the second boot, whether somebody is told to write to the vendor, what is named
    ("nothing", {}, True, None),
    ("the time", {"more": TABLES + ["rtc_cmos 00:01: setting system clock to 2026-11-01T10:25:43 UTC (1)"]}, True, None),
    ("the pages that follow from the map", {"kib": 4180000}, True, None),
    ("the kernel", {"kernel": "6.12.9-amd64"}, False, "the kernel (6.1.0-18-amd64 -> 6.12.9-amd64)"),
    ("the command line", {"line": "root=/dev/sda1 splash"}, False, "the kernel's command line"),
    ("the CPU", {"cpu": boots.CPU.replace("stepping: 0x1", "stepping: 0x2")}, False, "the CPU"),
    ("Secure Boot", {"more": TABLES + ["secureboot: Secure boot enabled"]}, True, None),  # only one file says
    ("the firmware's build", {"dmi": "Example Laptop/Board, BIOS 1.08 05/05/2024"}, False, "the firmware's build"),
    ("the devices", {"more": TABLES + BRIDGE + NIC}, True, None),  # the other names none
    ("a table's identity", {"more": TABLES + [FACP.replace("TABLE    00000001", "TABLE    00000002")]}, False, "the identity of ACPI tables"),
    ("an SSDT's identity", {"more": TABLES + [FACP, SSDT.replace("TABLE    ", "Cpu0Tst  ")]}, True, None),
)


@pytest.mark.parametrize("what, after, is_told, named", VENDOR, ids=[row[0] for row in VENDOR])
def test_who_is_written_to_where_nothing_else_differs(mapdiff, report, tmp_path, what, after, is_told, named):
    """Diff and series, text and JSON: with any condition that differs, that is named instead."""
    before = {"more": TABLES + [FACP, SSDT][:sum("ACPI: " in row for row in after.get("more", []))]}
    paths = boots.write(tmp_path, nvs(0, **before), nvs(1, **after), nvs(0, **before), nvs(1, **after))
    for args in (paths[:2], ["series", *paths[:2]], ["series", *paths]):
        text = sentences(mapdiff(*args)[1])
        assert ("vendor" in text.replace("firmware-vendor", "")) == is_told, text
        assert named is None or named in text, text
        result = report(*args)
        rows = result["movers"] if "movers" in result else result["changes"]
        causes = {row["cause"] for row in rows if not row.get("consequence")}
        assert causes == {"firmware"} if is_told or what in ("the firmware's build", "a table's identity") else causes == {"unknown"}, causes


AGAIN = (
    # what differs in the third boot, of three that move; what is advised
    ("nothing", {}, "worth sending to the firmware's vendor"),
    ("the kernel", {"kernel": "6.12.9-amd64"}, "More differs between the boots: the kernel (6.1.0-18-amd64 -> 6.12.9-amd64)"),
    ("the firmware's build", {"dmi": "Example Laptop/Board, BIOS 1.08 05/05/2024"}, "go back to those of before, or start afresh"),
)


@pytest.mark.parametrize("what, third, advice", AGAIN, ids=[row[0] for row in AGAIN])
def test_one_step_of_many_in_which_more_differs(mapdiff, report, tmp_path, what, third, advice):
    """It is the firmware by most of the steps, and nobody writes to its vendor."""
    paths = boots.write(tmp_path, nvs(0), nvs(1), nvs(0), nvs(1, **third))
    assert report("series", *paths)["movers"][0]["cause"] == "firmware"
    text = sentences(mapdiff("series", *paths)[1])
    assert advice in text and ("vendor" in text) == (what == "nothing")


def test_a_label_is_named_and_no_vendor(mapdiff, tmp_path):
    """Captures: what the user says is a condition, too, also where one boot has none."""
    nvs_map = boots.LAPTOP[:4] + ((0x7F801000, 0x7F900000, 4),) + boots.LAPTOP[5:]
    tables = ["config-table 0x000000007f801014 - ACPI 2.0", "cpu-count 4"]
    paths = boots.write(tmp_path, boots.capture(more=tables), boots.capture(nvs_map, more=tables + ["label docked"]))
    for args in (paths, ["series", *paths]):
        text = sentences(mapdiff(*args)[1])
        assert "the label (none -> docked)" in text and "vendor" not in text


MORE = (
    # both boots, the cause: what seems to differ, and does not; what seems the same, and is not
    ("an option that limits the CPUs", {}, {"cpus": 1, "line": "root=/dev/sda1 quiet nr_cpus=1"}, "unknown"),
    ("a build whose name only begins so", {"dmi": "Example Laptop/Board, BIOS 1.1 01/02/2023"},
     {"dmi": "Example Laptop/Board, BIOS 1.1.1 01/02/2023"}, "firmware"),
    ("an initrd of another size", {"more": TABLES + ["RAMDISK: [mem 0x36000000-0x37ffffff]"]},
     {"more": TABLES + ["RAMDISK: [mem 0x36000000-0x36ffffff]"]}, "unknown"),
    ("tables that came, and the kernel", {"more": TABLES + [SSDT]},
     {"more": TABLES + [SSDT, FACP], "kernel": "6.12.9-amd64"}, "unknown"),
)


@pytest.mark.parametrize("what, before, after, cause", MORE, ids=[row[0] for row in MORE])
def test_other_causes(mapdiff, report, tmp_path, what, before, after, cause):
    paths = boots.write(tmp_path, nvs(0, **before), nvs(1, **after))
    assert [row["cause"] for row in report(*paths)["changes"]] == [cause]
    assert "vendor" not in mapdiff("series", *paths)[1]


def test_a_log_and_its_capture_are_one_boot(mapdiff, report, tmp_path):
    """What a capture leaves out of a fact is no difference."""
    log = tmp_path / "log"
    log.write_text(nvs(0, line="root=UUID=01234567-89ab-cdef-0123-456789abcdef quiet"))
    (tmp_path / "capture").write_text(mapdiff("convert", log)[1])
    assert report(log, tmp_path / "capture")["conditions"] == []


def test_what_the_firmware_keeps_above_4_gib_is_dram(report, tmp_path):
    """It takes 16 MiB more at the end: the size of RAM is no other."""
    def high(end):
        return boots.LAPTOP[:-1] + ((0x100000000, end, 1), (end, 0x180000000, 2))

    paths = boots.write(tmp_path, boots.log(high(0x17F000000), more=TABLES), boots.log(high(0x17E000000), more=TABLES))
    assert {row["cause"] for row in report(*paths)["changes"]} == {"firmware"}


# --- kernel options ---

SOFT = boots.LAPTOP[:-1] + ((0x100000000, 0x140000000, 1), (0x140000000, 0x180000000, 0xEFFFFFFF))
OPTIONS = (
    # both command lines, the cause of a soft reserved range that goes
    ("quiet", "quiet efi=nosoftreserve", "kernel options"),
    ("quiet", "quiet efi=debug,nosoftreserve", "kernel options"),
    ("efi_fake_mem=1G@5G:0x40000", "quiet", "kernel options"),
    ("efi_fake_mem=1G@5G:0x40000", "efi_fake_mem=1G@6G:0x40000", "kernel options"),
    ("quiet", "quiet mem=64G", "unknown"),
    ("quiet", "quiet memmap=1G$5G", "unknown"),
    ("quiet", "quiet efi=debug", "unknown"),
    ("quiet", "quiet xefi=nosoftreserve", "unknown"),
    ("quiet efi=nosoftreserve", "efi=nosoftreserve quiet", "unknown"),
)


def soft_log(e820, line, **more):
    return boots.log(e820, line=line, more=TABLES, **more).replace("type 4026531839", "soft reserved")


@pytest.mark.parametrize("before, after, cause", OPTIONS)
def test_kernel_options(report, tmp_path, before, after, cause):
    paths = boots.write(tmp_path, soft_log(SOFT, before), soft_log(boots.LAPTOP, after))
    for rows in (report(*paths)["changes"], report("series", *paths)["steps"][0]["changes"]):
        assert [(row["kind"], row["owner"], row["cause"]) for row in rows if not row["consequence"]] == [
            ("vanished", "specific-purpose memory", cause)]
    assert "vendor" not in str(report("series", *paths)["movers"])


def test_kernel_options_move_nothing_else(report, tmp_path):
    """The NVS that moved in the same step is not theirs; and a larger RAM is no option's."""
    moved = SOFT[:4] + ((0x7F801000, 0x7F900000, 4),) + boots.LAPTOP[5:]
    paths = boots.write(tmp_path, soft_log(SOFT, "quiet"), soft_log(moved, "quiet efi=nosoftreserve"))
    causes = {(row["before"] or row["after"])["type"]: row["cause"] for row in report(*paths)["changes"]
              if not row["consequence"]}
    assert causes == {4: "unknown", 0xEFFFFFFF: "kernel options"}


# --- boots that no firmware started ---

CRASH = boots.log(((0, 0x1000, 2), (0x1000, 0xA0000, 1), (0x11000000, 0x2D000000, 1)) + boots.LAPTOP[4:7],
                  line="elfcorehdr=0x11000000 quiet nr_cpus=1")
KEXEC = boots.log(((0x100, 0xA0000, 1),) + boots.LAPTOP[1:])
RUNTIME = boots.log(boots.moved(3),
                    more=[f"efi: mem{number:02}: [Runtime Data|RUN| | | | | | | |WB| | | ] range=[0x{start:016x}-0x{start + 0xfff:016x}] (0MB)"
                                          for number, start in enumerate((0x7F900000, 0x7F910000))])
NOT_FIRMWARE = (("a crash kernel", CRASH, "unknown"), ("kexec", KEXEC, "no"), ("kexec", RUNTIME, "no"))


@pytest.mark.parametrize("name, text, verdict", NOT_FIRMWARE, ids=("elfcorehdr", "0x100", "runtime descriptors"))
@pytest.mark.parametrize("turn", (False, True), ids=("second", "first"))
def test_what_no_firmware_started_is_left_out(mapdiff, report, tmp_path, name, text, verdict, turn):
    """It is named, nothing of it moved, and nobody is blamed."""
    paths = boots.write(tmp_path, *((text, boots.log()) if turn else (boots.log(), text)))
    diff = report(*paths)
    assert (diff["cause"], diff["changes"], diff["resume"]["verdict"]) == ("kexec", [], verdict)
    words = sentences(mapdiff(*paths)[1])
    assert name in words and "vendor" not in words and "equal" not in words
    series = report("series", *paths, boots.write(tmp_path / "..", boots.log(boots.moved(3)))[0])
    assert len(series["boots"]) == 2 and name in series["left_out"][0]
    assert [row["type"] for row in series["movers"]] == [3] and len(series["steps"]) == 1


def dom0(unusable, more=()):
    """What a PV kernel prints under Xen: a list of Xen's own."""
    rows = ((0, 0xA0000, "usable"), (0xA0000, 0x100000, "reserved"), (0x100000, 0x10000000, "usable"), (0x1000B000, unusable, "unusable"))
    return "".join(f"[    0.000000] {line}\n" for line in (
        "Linux version 4.9.56-21.pvops.qubes.x86_64 (user@build) (gcc) #1 SMP", "e820: BIOS-provided physical RAM map:",
        *(f"Xen: [mem 0x{start:016x}-0x{end - 1:016x}] {name}" for start, end, name in rows), *more,
        "Memory: 194292K/1041876K available (14343K kernel code)"))


@pytest.mark.parametrize("other", (dom0(0xAF0AA000), dom0(0xAF0AB000), boots.log()), ids=("the same", "another", "a firmware's"))
def test_of_a_map_that_xen_gave_its_dom0_there_is_no_verdict(mapdiff, report, tmp_path, other):
    """It is named as that; "unusable" is what dom0 was not given, and faulty for nobody."""
    paths = boots.write(tmp_path, dom0(0xAF0AA000), other)
    diff, (_, text, _) = report(*paths), mapdiff(*paths)
    assert (diff["cause"], diff["changes"], diff["resume"]["verdict"]) == ("Xen", [], "unknown")
    assert diff["resume"]["e820_crc32"][0] is None
    assert "is a kernel that Xen started (dom0, whose map is Xen's own): its map is not the firmware's" in text
    assert "faulty" not in text and "CRC-32" not in text
    shown = mapdiff("show", paths[0])[1]
    assert "as Xen gave it to this kernel, not the firmware's" in shown and "CRC-32 that hibernation" not in shown
    series = mapdiff("series", paths[0], paths[0], *boots.write(tmp_path / "..", boots.log()))[1]
    assert "boot1: a kernel that Xen started" in series
    (tmp_path / "map").write_text(mapdiff("convert", paths[0])[1])
    assert report(tmp_path / "map", paths[0])["cause"] == "Xen"


def coreboot(start, more=()):
    rows = ((0, 0x1000, 16), (0x1000, 0xA0000, 1), (0x100000, start, 1), (start, 0x80000000, 16), (0x100000000, 0x280000000, 1))
    lines = ["Linux version 5.10.11 (user@build) (gcc) #1 SMP", "BIOS-provided physical RAM map:"]
    lines += [f"BIOS-e820: [mem 0x{a:016x}-0x{b - 1:016x}] {'usable' if kind == 1 else 'type 16'}" for a, b, kind in rows]
    return "".join(f"[    0.000000] {line}\n" for line in [*lines, *more])


def test_type_16_is_coreboots(mapdiff, report, tmp_path):
    """It has a name, an owner, and who moves it is the firmware: also where a log holds nothing else."""
    paths = boots.write(tmp_path, coreboot(0x7FF63000), coreboot(0x7FF5F000))
    diff, (_, text, _) = report(*paths), mapdiff(*paths)
    assert [(row["kind"], row["owner"], row["cause"]) for row in diff["changes"][:1]] == [("grew", "coreboot (CBMEM)", "firmware")]
    assert diff["cause"] == "firmware" and "coreboot's tables (type 16)" in text
    assert "coreboot's tables (type 16)" in mapdiff("show", paths[0])[1]


def sysfs(rows):
    return "".join(f"{i} {start:#x} {end - 1:#x} {name}\n" for i, (start, end, name) in enumerate(rows))


UNTOLD = sysfs(((0, 0xA0000, "System RAM"), (0x100000, 0x40000000, "System RAM"), (0x40000000, 0x40010000, "Unknown E820 type")))
OTHERS = (
    # the second boot, as a log: the types of its ranges; is it one map, and are there checksums?
    ("the same number may be meant", 20, "yes", [None, True]),
    ("or another one", 16, "unknown", [None, True]),
    ("but none that sysfs has a name for", 2, "no", [None, True]),
)


@pytest.mark.parametrize("name, kind, verdict, checksums", OTHERS, ids=[row[0] for row in OTHERS])
@pytest.mark.parametrize("turn", (False, True), ids=("second", "first"))
def test_a_type_that_sysfs_does_not_tell_is_in_no_checksum(report, mapdiff, tmp_path, name, kind, verdict, checksums, turn):
    other = boots.log(((0, 0xA0000, 1), (0x100000, 0x40000000, 1), (0x40000000, 0x40010000, kind)), kib=0)
    paths = boots.write(tmp_path, *((other, UNTOLD) if turn else (UNTOLD, other)))
    resume = report(*paths)["resume"]
    assert resume["verdict"] == verdict
    assert [value and True for value in resume["e820_crc32"]] == (checksums[::-1] if turn else checksums)
    assert any("Unknown E820 type" in text for text in resume["reasons"])
    shown, (_, text, _) = report("show", paths[turn]), mapdiff("show", paths[turn])
    assert shown["e820_crc32"] is None and "CRC-32 that hibernation compares: not known" in text
    series = report("series", *paths[turn:turn + 1])
    assert series["boots"][0]["e820_crc32"] is None and series["maps"][0]["e820_crc32"] is None
    assert "e820-crc32" not in mapdiff("convert", paths[turn])[1]
    (tmp_path / "map").write_text(mapdiff("convert", paths[turn])[1])
    assert report("show", tmp_path / "map")["e820_crc32"] is None


def test_a_series_of_crash_kernels_has_nothing_to_compare(mapdiff, tmp_path):
    status, text, err = mapdiff("series", *boots.write(tmp_path, CRASH, CRASH))
    assert (status, text) == (2, "") and "a crash kernel" in err


# --- in which order, and of which machine ---


def journal(*rows):
    """One file with a boot for each (time, pages)."""
    texts = [boots.log(boots.moved(pages), more=[f"rtc_cmos 00:01: setting system clock to 2026-11-{time} UTC (1)"])
             for time, pages in rows]
    return "".join(text.replace("[    0.", f"[    {number}.") for number, text in enumerate(texts))


def test_boots_of_one_file_stand_in_its_order(report, tmp_path):
    """Whatever their clocks say."""
    (tmp_path / "log").write_text(journal(("15T08:00:00", 0), ("15T19:00:00", 0), ("14T05:00:00", 4), ("15T06:00:00", 4)))
    series = report("series", tmp_path / "log")
    assert [row["map"] for row in series["boots"]] == [0, 0, 1, 1] and series["order"] == "files"
    assert series["same_as_previous"] == 2


def test_files_stand_by_the_time_of_their_first_boot(report, tmp_path):
    """And each keeps its own order."""
    (tmp_path / "a").write_text(journal(("20T08:00:00", 0), ("03T08:00:00", 1)))
    (tmp_path / "b").write_text(journal(("10T08:00:00", 0), ("11T08:00:00", 1)))
    series = report("series", tmp_path / "a", tmp_path / "b")
    assert [row["name"].rsplit("/")[-1] for row in series["boots"]] == ["b@1", "b@2", "a@1", "a@2"]
    assert series["order"] == "time"


def machine(number, pages=0):
    return boots.log(boots.moved(pages), dmi=f"Vendor Model{number}/Board{number}, BIOS 1.0 01/01/2020")


def test_a_pile_of_machines_is_a_series_each(mapdiff, report, tmp_path):
    """More than a condition may have values; numbers that others begin with; each count is right."""
    texts = [machine(number, pages) for number in range(1, 16) for pages in (0, number % 2)]
    paths = boots.write(tmp_path, *texts)
    result = report("series", *paths)
    assert result["machines"] == 15 and [row["machine"] for row in result["series"]] == [
        f"Vendor Model{number}/Board{number}" for number in range(1, 16)]
    assert [(len(row["boots"]), len(row["maps"]), len(row["steps"])) for row in result["series"]] == [
        (2, 1 + number % 2, 1) for number in range(1, 16)]
    text = sentences(mapdiff("series", *paths)[1])
    assert "30 boots of 15 machines" in text and text.count(": 2 boots, ") == 15


@pytest.mark.parametrize("names, machines", (
    (("Example Laptop/Board", ""), 1),
    (("Example Laptop/Board", "Other Desktop/Board", ""), 3),
    (("", ""), 1),
    (("Example Laptop/Board", "Example Laptop/Board2"), 2),
    (("Example Laptop/Board", "Example Laptop/Board 3"), 1),
    (("Example Laptop/Board", "Example Laptop/Board 3", ""), 1),
    (("Example", "Example Laptop", "Example Desktop"), 3),
))
def test_which_names_mean_one_machine(report, tmp_path, names, machines):
    texts = [boots.log(dmi=f"{name}, BIOS 1.0 01/01/2020" if name else "nothing") for name in names]
    assert report("series", *boots.write(tmp_path, *texts))["machines"] == machines

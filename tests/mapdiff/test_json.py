"""JSON reports: what mapdiff/report.schema.json says of them, and what the schema cannot say."""

import json
import re
import struct
import zlib

import jsonschema
import pytest

from conftest import MAPS, ROOT
from formats_other import capture

SCHEMA = json.loads((ROOT / "mapdiff" / "report.schema.json").read_text())
PAIRS = sorted({path.name[:-6] for path in (MAPS / "hibernate").glob("*-[12].map")})
KINDS = {"translate": "show"}


def pair(name):
    return [MAPS / "hibernate" / f"{name}-{n}.map" for n in (1, 2)]


def faults(report):
    """Where a report is not what the schema says, for a person."""
    schema = {**SCHEMA, "$ref": "#/$defs/" + KINDS.get(report["report"], report["report"])}
    del schema["oneOf"]
    return [f"{error.json_path}: {error.message[:300]}" for error in jsonschema.Draft202012Validator(schema).iter_errors(report)]


def crc32(ranges):
    """Linux's hibernation checksum, from a report's map."""
    data = struct.pack("<I", len(ranges))
    for r in ranges:
        start, end = int(r["start"], 16), int(r["end"], 16)
        data += struct.pack("<QQI", start, end - start, r["type"])
    return f"{zlib.crc32(data):#010x}"


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", PAIRS)
def test_a_diff_is_as_the_schema_says(report, name):
    result = report(*pair(name))
    assert faults(result) == []
    jsonschema.validate(result, SCHEMA, jsonschema.Draft202012Validator)


@pytest.mark.parametrize("command", ["show", "steps", "translate", "lint", "check", "explain"])
@pytest.mark.parametrize("path", sorted(MAPS.glob("*.map"))[::4], ids=lambda path: path.stem)
def test_one_boot_is_as_the_schema_says(mapdiff, command, path):
    status, out, err = mapdiff(command, path, *(["0x100000"] if command == "explain" else []), "-f", "json")
    if status == 2:
        assert "has no" in err or "there is no" in err or "lacks" in err or "no UEFI" in err, err
        return
    result = json.loads(out)
    assert result["report"] == command
    assert faults(result) == []
    jsonschema.validate(result, SCHEMA, jsonschema.Draft202012Validator)


@pytest.mark.parametrize("args", [("rules",), ("gate", *pair("same-grub")), ("gate", *pair("smp-1-to-2")), ("series", *pair("smp-1-to-2")),
                                  ("pin", MAPS / "pin" / "u1.map", MAPS / "pin" / "u2.map")],
                         ids=lambda args: args[0])
def test_so_are_the_others(report, args):
    result = report(*args)
    assert faults(result) == []
    jsonschema.validate(result, SCHEMA, jsonschema.Draft202012Validator)


UNTOLD = b"0 0x0 0x9ffff System RAM\n1 0x100000 0x3fffffff System RAM\n2 0x40000000 0x4000ffff Unknown E820 type\n"


@pytest.mark.parametrize("command", ("show", "series"))
def test_so_is_what_was_not_told(report, command):
    result = report(command, "-", stdin=UNTOLD)
    assert faults(result) == []
    jsonschema.validate(result, SCHEMA, jsonschema.Draft202012Validator)


def test_a_series_is_as_the_schema_says(report):
    result = report("series", MAPS / "hibernate")
    assert faults(result) == []
    assert sum(m["boots"] for m in result["maps"]) == len(result["boots"])
    for boot in result["boots"]:
        assert result["maps"][boot["map"]]["e820_crc32"] == boot["e820_crc32"]


# What is broken in a report -> the schema says no.
BREAKS = {
    "an address as a number": lambda r: r["e820"][0].update(start=0),
    "an address with leading zeros": lambda r: r["e820"][0].update(start="0x00"),
    "a type as a name": lambda r: r["e820"][0].update(type="usable"),
    "no e820 map": lambda r: r.pop("e820"),
    "no end of RAM": lambda r: r["targets"]["amd64"].pop("max_pfn"),
    "a run of one number": lambda r: r["targets"]["amd64"]["free"].append([1]),
    "a target of another machine": lambda r: r["targets"].update(riscv={}),
    "a member nobody knows": lambda r: r.update(colour="red"),
    "nor of the boot": lambda r: r["boot"].update(colour="red"),
    "a file of a kind nobody knows": lambda r: r["boot"].update(source="tea leaves"),
    "rules nobody knows": lambda r: r.update(rules="windows"),
    "a policy nobody knows": lambda r: r.update(policy="brave"),
    "no target": lambda r: r.update(targets={}),
    "a fault that is not counted": lambda r: r["map_faults"].pop("wraps"),
    "an end as decimal text": lambda r: r["uefi"][0].update(end="4096"),
    "an attribute as a number": lambda r: r["uefi"][0].update(attribute=15),
    "a reservation without an owner": lambda r: r["targets"]["ia32"]["reserved"][0].pop("owner"),
    "one without a reason": lambda r: r["targets"]["ia32"]["reserved"][0].pop("reason"),
    "one of neither origin": lambda r: r["targets"]["ia32"]["reserved"][0].update(origin="windows"),
    "a run of addresses": lambda r: r["targets"]["ia32"]["free"].append(["0x0", "0x1000"]),
    "free pages that a reservation took": lambda r: next(
        run for run in r["targets"]["ia32"]["runs"] if run["fate"] == "free").update(reservation=0),
}
# The same of a diff.
DIFF_BREAKS = {
    "a kind of change nobody knows": lambda r: r["changes"][0].update(kind="hid"),
    "a change of nothing": lambda r: r["changes"][0].update(before=None, after=None),
    "what appeared was there before": lambda r: r["changes"][0].update(
        kind="appeared", before=r["boots"][0]["e820"][0] | {}, after={"start": "0x0", "end": "0x1", "type": 1}),
    "a verdict nobody knows": lambda r: r["resume"].update(verdict="perhaps"),
    "one checksum": lambda r: r["resume"]["e820_crc32"].pop(),
    "a checksum without its zeros": lambda r: r["resume"].update(e820_crc32=["0x1", "0x2"]),
    "reasons as one text": lambda r: r["resume"].update(reasons="the map"),
    "targets as a list": lambda r: r["boots"][0].update(targets=[]),
    "three boots": lambda r: r["boots"].append(r["boots"][0]),
    "a boot with a member nobody knows": lambda r: r["boots"][1].update(colour="red"),
}


@pytest.mark.parametrize("what", BREAKS)
def test_the_schema_refuses(report, what):
    result = report("show", pair("same-grub")[0])
    assert faults(result) == []
    BREAKS[what](result)
    assert faults(result) != []
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(result, SCHEMA, jsonschema.Draft202012Validator)


@pytest.mark.parametrize("what", DIFF_BREAKS)
def test_the_schema_refuses_of_a_diff(report, what):
    result = report(*pair("direct-to-grub"))
    for boot in result["boots"]:  # what is not broken takes time
        boot.update(uefi=[], targets={}, landmarks=[], acpi=[])
    assert faults(result) == [] and result["changes"]
    DIFF_BREAKS[what](result)
    assert faults(result) != []


@pytest.mark.parametrize("name", PAIRS[::3])
def test_checksums_are_those_of_the_maps(report, name):
    result = report(*pair(name))
    for boot, checksum in zip(result["boots"], result["resume"]["e820_crc32"]):
        assert checksum == crc32(boot["e820"])
    shown = report("show", pair(name)[0])
    assert shown["e820_crc32"] == crc32(shown["e820"])
    assert shown["e820_ram_crc32"] == crc32([r for r in shown["e820"] if r["type"] == 1])


@pytest.mark.parametrize("name", PAIRS[1::3])
def test_runs_and_ledgers_add_up(report, name):
    result = report("show", pair(name)[0])
    ram = sum(int(r["end"], 16) - int(r["start"], 16) for r in result["e820"] if r["type"] == 1)
    if result["installed_bytes"] is not None:
        assert sum(row["bytes"] for row in result["ledger"]) == result["installed_bytes"]
    for target in result["targets"].values():
        assert sum(end - start for start, end in target["free"]) == target["free_pages"]
        assert all(0 <= start < end <= target["max_pfn"] for start, end in target["free"])
        assert target["free"] == sorted(target["free"])
        free = [[int(run["start"], 16) // 4096, int(run["end"], 16) // 4096] for run in target["runs"] if run["fate"] == "free"]
        assert free == target["free"]
        assert all((run["reservation"] is not None) == (run["fate"] == "reserved") for run in target["runs"])
        assert sum(row["bytes"] for row in target["ledger"]) == ram


def test_consequences_come_last(report):
    for name in PAIRS:
        follow = [change["consequence"] for change in report(*pair(name))["changes"]]
        assert follow == sorted(follow)


RAM = [(7, 0xF, 0, 0x1000000)]


def test_a_descriptor_that_wraps_ends_modulo_2_64(mapdiff):
    line = "uefi 0xfffffffffffff000 0xfffffffffffff000 11 0xf MMIO pages=0x2"
    _, out, _ = mapdiff("show", "-", "-f", "json", stdin=capture(line, uefi=RAM).encode())
    result = json.loads(out)
    assert faults(result) == []
    assert {"start": "0xfffffffffffff000", "end": "0x1000", "type": 11, "pages": 2}.items() <= result["uefi"][0].items()


def test_texts_that_are_no_utf_8_are_texts_all_the_same(mapdiff):
    log = (b"[    0.000000] Linux version 6.1.0 (\xff\xfe gcc\xc3\xa9)\n[    0.000000] Command line: x=\xff\xc3\n"
           b"[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x0000000000ffffff] usable\n"
           b"[    0.000000] BIOS-e820: [mem 0x0000000001000000-0x0000000001ffffff] reserved\n")
    status, out, err = mapdiff("show", "-", "-f", "json", stdin=log)
    assert status == 0, err
    assert faults(json.loads(out)) == []


def test_what_is_not_known_is_null(mapdiff, tmp_path):
    """Without an e820 map there is no checksum of Linux's, and the verdict is open."""
    for name in "ab":
        (tmp_path / name).write_text(capture(uefi=RAM))
    status, out, err = mapdiff(tmp_path / "a", tmp_path / "b", "-f", "json")
    assert status == 0, err
    result = json.loads(out)
    assert faults(result) == []
    assert result["changes"] == []
    assert not any(boot["e820_recorded"] for boot in result["boots"])
    if None in result["resume"]["e820_crc32"]:
        assert result["resume"]["verdict"] == "unknown"


WORDS = (
    # a table of the page, in which file, and where the schema has its words
    ("LIFETIMES", "boot.js", ("reservation", "properties", "lifetime", "enum")),
    ("FAULTS", "boot.js", ("view", "properties", "map_faults", "properties")),
    ("FATES", "memory.js", ("target", "properties", "runs", "items", "properties", "fate", "enum")),
    ("TARGETS", "memory.js", ("targets", "properties")),
    ("VERDICTS", "diff.js", ("verdict", "enum")),
)


@pytest.mark.parametrize("table, script, place", WORDS, ids=[row[0] for row in WORDS])
def test_the_page_has_the_words_of_the_schema(table, script, place):
    """What the page says for each word of a report; without an entry it would say `undefined'."""
    text = (ROOT / "mapdiff" / "report" / "page" / script).read_text()
    entries = re.search(rf"const {table} = {{(.*?)}};", text, re.DOTALL)[1]
    words = SCHEMA["$defs"]
    for step in place:
        words = words[step]
    assert set(re.findall(r'"?(\w[\w ]*)"?: [\["]', entries)) == set(words)


def test_the_page_has_a_colour_for_each_loss():
    text = (ROOT / "mapdiff" / "report" / "page" / "boot.js").read_text()
    losses = re.findall(r'"([^"]+)": "', re.search(r"const LEDGER_KINDS = {(.*?)};", text, re.DOTALL)[1])
    source = (ROOT / "mapdiff" / "map" / "ledger.c").read_text()
    assert losses and [loss for loss in losses if f'"{loss}"' not in source] == []

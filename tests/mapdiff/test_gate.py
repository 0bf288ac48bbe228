"""For a firmware's CI: lint as SARIF and JUnit, rules left out, what is new since a report; the catalogue of
rules, held against all recorded machines; and the gate over some boots."""

import collections
import json
import re
import urllib.parse
import xml.etree.ElementTree as xml

import boots
import formats_other as formats
import pytest
from conftest import MAPS
from test_lint import GOOD, LOW, NVS, RAM, TABLES, WB, table

BAD = formats.capture(table("SSDT", 0x50000000), table("FACP", 0x50001000), table("DSDT", 0x3ffff000),
                      uefi=GOOD + [(0x70000000, WB, 0x60000000, 0x60001000)]).encode()

# All that lint finds on the boots in tests/maps. Those with planted faults have these, and no others.
RECORDED = {
    "asus-u32vj-ami": {"runtime-pieces"},
    "asus-ux32vd-ami": {"runtime-pieces"},
    "fake-overlap-q35-512M": {"zero-pages", "overlap"},
    "grubplant-types-q35-1G": {"mmio-in-ram", "oem-type"},
    "ia32-mixed-q35-8G": {"hole"},
    "ia32-pae-q35-16G": {"hole"},
    "lenovo-x240": {"zero-pages"},
    "plant-merge-q35-1G": {"oem-type"},
    "plant-types-q35-1G": {"mmio-in-ram", "oem-type"},
}


def test_lint_of_all_recorded_machines(report):
    """What each has; and how often each rule fires on those without planted faults, as the catalogue says."""
    found, fires, n_machines = {}, collections.Counter(), 0
    for path in MAPS.rglob("*.map"):
        rules = {finding["rule"] for finding in report("lint", path)["findings"]}
        if rules:
            found[str(path.relative_to(MAPS).with_suffix(""))] = rules
        if path.parent == MAPS and "plant" not in path.name and "fake" not in path.name:
            n_machines += 1
            fires.update(rules)
    assert found == RECORDED
    catalogue = report("rules")
    assert catalogue["machines"] == n_machines
    assert {row["rule"]: row["fires"] for row in catalogue["rules"] if row["fires"]} == fires


def test_the_catalogue_has_what_lint_asks(report, mapdiff):
    catalogue = report("rules")["rules"]
    assert [row["rule"] for row in catalogue] == [row["rule"] for row in report("lint", "-", stdin=BAD)["rules"]]
    text = mapdiff("rules")[1]
    assert all(row["rule"] in text and row["title"] in text for row in catalogue)


# --- formats ---


def test_sarif(mapdiff, report):
    status, out, _ = mapdiff("lint", "-f", "sarif", "-", stdin=BAD)
    [run] = json.loads(out)["runs"]
    assert status == 1 and json.loads(out)["version"] == "2.1.0"
    lint = report("lint", "-", stdin=BAD)
    assert [row["ruleId"] for row in run["results"]] == [row["rule"] for row in lint["findings"]]
    assert [row["level"] for row in run["results"]] == ["error", "warning", "note"]
    assert [len(row["locations"]) for row in run["results"]] == [1, 2, 1]
    address = run["results"][1]["locations"][0]["physicalLocation"]["address"]
    assert address == {"absoluteAddress": 0x50000000, "length": 0x100}
    assert "acpi-outside" in [row["id"] for row in run["tool"]["driver"]["rules"]]
    skipped = [row["associatedRule"]["id"] for row in run["invocations"][0]["toolConfigurationNotifications"]]
    assert skipped == [row["rule"] for row in lint["rules"] if not row["checked"]]


# SARIF 2.1.0, its sections: what an object must have, and what it may, of what is written. Its schema says the same.
LEVELS = {"none", "note", "warning", "error"}
SARIF = {
    "log §3.13": ({"version", "runs"}, {"$schema"}), "run §3.14": ({"tool"}, {"invocations", "results"}), "tool §3.18": ({"driver"}, set()),
    "driver §3.19": ({"name"}, {"version", "rules"}), "rule §3.49": ({"id"}, {"shortDescription", "fullDescription", "help", "defaultConfiguration"}),
    "invocation §3.20": ({"executionSuccessful"}, {"toolConfigurationNotifications"}),
    "notification §3.58": ({"message"}, {"level", "associatedRule"}), "result §3.27": ({"message"}, {"ruleId", "level", "locations"}),
    "location §3.28": (set(), {"physicalLocation", "message"}), "physicalLocation §3.29": ({"artifactLocation"}, {"address"}),
    "address §3.32": (set(), {"absoluteAddress", "length"}), "message §3.11": ({"text"}, set()), "artifactLocation §3.4": ({"uri"}, set()),
}


def holds(name, thing):
    must, may = next(row for key, row in SARIF.items() if key.startswith(name + " "))
    assert isinstance(thing, dict) and must <= set(thing) <= must | may, (name, thing)
    return thing


def check_message(thing):
    assert isinstance(holds("message", thing)["text"], str) and thing["text"]


def check_result(result, ids):
    holds("result", result)
    check_message(result["message"])
    assert result["level"] in LEVELS and result["ruleId"] in ids and result["locations"]
    for location in result["locations"]:
        place = holds("physicalLocation", holds("location", location)["physicalLocation"])
        check_message(location["message"])
        assert re.fullmatch(r"([-A-Za-z0-9._~/@+,=]|%[0-9A-F]{2})+", holds("artifactLocation", place["artifactLocation"])["uri"])
        if "address" in place:
            assert all(isinstance(value, int) and 0 <= value < 1 << 63 for value in holds("address", place["address"]).values())


@pytest.mark.parametrize("path", sorted(MAPS.glob("*.map")), ids=lambda path: path.stem)
def test_sarif_is_as_its_schema_wants(mapdiff, path):
    log = holds("log", json.loads(mapdiff("lint", "-f", "sarif", path, fast=True)[1]))
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json") and len(log["runs"]) == 1
    run = holds("run", log["runs"][0])
    driver = holds("driver", holds("tool", run["tool"])["driver"])
    for rule in driver["rules"]:
        holds("rule", rule)
        for key in ("shortDescription", "fullDescription", "help"):
            check_message(rule[key])
        assert rule["defaultConfiguration"]["level"] in LEVELS
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids)
    for result in run["results"]:
        check_result(result, ids)
    for row in holds("invocation", run["invocations"][0])["toolConfigurationNotifications"]:
        check_message(holds("notification", row)["message"])
        assert row["level"] in LEVELS and row["associatedRule"]["id"] in ids


def test_a_name_is_a_uri(mapdiff, tmp_path):
    path = tmp_path / "c: a b%20#1?[x].log"
    path.write_bytes(BAD)
    for result in json.loads(mapdiff("lint", "-f", "sarif", path)[1])["runs"][0]["results"]:
        for location in result["locations"]:
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert urllib.parse.unquote(uri) == str(path) and uri.endswith("c%3A%20a%20b%2520%231%3F%5Bx%5D.log")


# What readers of JUnit's XML know: elements, the attributes that they must have, and those that they may; how often each may be in one.
JUNIT = {"testsuites": ((), (), {"testsuite": 1}),
         "testsuite": (("name", "tests", "failures", "errors", "skipped"), (), {"testcase": 1 << 30}),
         "testcase": (("classname", "name"), (), {"failure": 1, "skipped": 1, "system-out": 1}),
         "failure": (("message", "type"), (), {}), "skipped": (("message",), (), {}), "system-out": ((), (), {})}


def check_junit(element):
    must, may, inside = JUNIT[element.tag]
    assert set(must) <= set(element.attrib) <= {*must, *may}, element.attrib
    for tag, n in collections.Counter(child.tag for child in element).items():
        assert n <= inside[tag]
    for child in element:
        check_junit(child)
    if element.tag == "testsuite":
        assert element.get("tests") == str(len(element)) and element.get("failures") == str(len(element.findall("testcase/failure")))
        assert element.get("skipped") == str(len(element.findall("testcase/skipped"))) and element.get("errors") == "0"


def test_junit_is_as_its_readers_want(mapdiff, tmp_path):
    for path in sorted(MAPS.glob("*.map")):
        check_junit(xml.fromstring(mapdiff("lint", "-f", "junit", path, fast=True)[1]))
    check_junit(xml.fromstring(mapdiff("lint", "-f", "junit", "-", stdin=BAD)[1]))
    for maps in ((0, 0), (0, 1, 2)):
        paths = boots.write(tmp_path, *(boots.log(boots.moved(pages)) for pages in maps))
        check_junit(xml.fromstring(mapdiff("gate", "-f", "junit", *paths)[1]))


def test_all_that_is_wrong_with_a_boot_is_one_failure(mapdiff, report, tmp_path):
    """Its map differs, and a bin was not honoured."""
    uefi = [LOW, RAM, (6, WB | 1 << 63, 0x60000000, 0x60001000), (6, WB | 1 << 63, 0x61000000, 0x61001000)]
    moved = [*uefi[:3], (6, WB | 1 << 63, 0x62000000, 0x62001000)]
    paths = boots.write(tmp_path, *(formats.capture("bin 6 0x2", uefi=rows) for rows in (uefi, moved)))
    texts = [boot["texts"] for boot in report("gate", *paths)["boots"]]
    [suite] = xml.fromstring(mapdiff("gate", "-f", "junit", *paths)[1])
    assert max(map(len, texts)) > 1
    for case, wrong in zip(suite, texts):
        failures = case.findall("failure")
        assert len(failures) == bool(wrong)
        for failure in failures:
            assert failure.get("message") == wrong[0] and failure.text.splitlines() == wrong


def test_an_address_that_sarif_cannot_say(mapdiff):
    content = formats.capture("uefi 0xfffffffffffff000 0xfffffffffffff000 0 0xf Reserved pages=0x2", uefi=GOOD).encode()
    result, refusal = json.loads(mapdiff("lint", "-f", "sarif", "-", stdin=content)[1])["runs"][0]["results"]
    assert refusal["ruleId"] == "linux-refuses"
    assert result["ruleId"] == "wrap" and "address" not in result["locations"][0]["physicalLocation"]
    assert "0xfffffffffffff000" in result["message"]["text"]


def test_junit(mapdiff, report):
    status, out, _ = mapdiff("lint", "-f", "junit", "-", stdin=BAD)
    [suite] = xml.fromstring(out)
    cases = {case.get("name"): case for case in suite}
    lint = report("lint", "-", stdin=BAD)
    assert status == 1 and list(cases) == [row["rule"] for row in lint["rules"]]
    assert suite.get("failures") == "2" == str(len(suite.findall("testcase/failure")))
    assert suite.get("skipped") == str(len(suite.findall("testcase/skipped"))) == str(sum(not row["checked"] for row in lint["rules"]))
    assert cases["acpi-outside"].find("failure").text.count("0x5000") == 4
    assert cases["oem-type"].find("failure") is None and "0x60000000" in cases["oem-type"].find("system-out").text
    assert cases["hole"].find("*") is None


def test_a_name_that_xml_would_misread(mapdiff, tmp_path):
    path = tmp_path / 'a<b>&"c\'\x01\u00e4'
    path.write_bytes(BAD)
    [suite] = xml.fromstring(mapdiff("lint", "-f", "junit", path)[1])
    assert suite.get("name").endswith('a<b>&"c\'?\u00e4')


@pytest.mark.parametrize("args", [("show", "-f", "sarif"), ("diff", "-f", "junit", "-"), ("series", "-f", "sarif"), ("check", "-f", "junit"),
                                  ("explain", "0", "-f", "junit")], ids=lambda args: args[0])
def test_other_reports_have_no_such_format(mapdiff, args):
    operands = [MAPS / "grub-q35-512M.map", "0"] if args[0] == "explain" else [MAPS / "grub-q35-512M.map"] * (2 if args[0] == "diff" else 1)
    status, out, err = mapdiff(args[0], "-f", args[-1] if args[0] == "explain" else args[2], *operands)
    assert (status, out) == (2, "") and f"means nothing to `mapdiff {args[0]}'" in err


@pytest.mark.parametrize("args", [("rules",), ("gate", MAPS / "grub-q35-512M.map", MAPS / "grub-q35-512M.map")], ids=("rules", "gate"))
def test_neither_has_a_page(mapdiff, args):
    assert mapdiff(*args, "--format", "html")[0] == 2


# --- rules left out, and a baseline ---


def test_a_rule_can_be_left_out(mapdiff, report):
    got = report("lint", "--disable", "acpi-outside", "--disable=acpi-in-ram", "-", stdin=BAD)
    assert [row["rule"] for row in got["findings"]] == ["oem-type"]
    assert {row["rule"] for row in got["rules"] if row["why_not"] == "the user does not want it"} == {"acpi-outside", "acpi-in-ram"}
    assert mapdiff("lint", "--disable", "acpi-outside", "--disable=acpi-in-ram", "-", stdin=BAD)[0] == 0
    status, out, err = mapdiff("lint", "--disable", "acpi-outsid", "-", stdin=BAD)
    assert (status, out) == (2, "") and "--disable=acpi-outsid: there is no such rule" in err


SINCE = (
    # what is there now; how many places are known, and what is new
    ("the same", [table("SSDT", 0x50000000)], 1, set(), 0),
    ("the same elsewhere, of another build", [table("SSDT", 0x50003000)], 1, set(), 0),
    ("one more of it", [table("SSDT", 0x50000000), table("SSDT", 0x50003000)], 1, {"acpi-outside"}, 1),
    ("another", [table("SSDT", 0x50000000), table("DSDT", 0x200000)], 1, {"acpi-in-ram"}, 1),
    ("less", [], 0, set(), 0),
)


@pytest.mark.parametrize("name, lines, n_known, new, status", SINCE, ids=[row[0] for row in SINCE])
def test_what_is_new_since(mapdiff, report, tmp_path, name, lines, n_known, new, status):
    known = tmp_path / "known.json"
    mapdiff("lint", "-f", "json", "-o", known, "-", stdin=formats.capture(table("SSDT", 0x50000000), uefi=GOOD).encode())
    content = formats.capture(*lines, uefi=GOOD).encode()
    got = report("lint", "--baseline", known, "-", stdin=content)
    assert {row["rule"] for row in got["findings"]} == new and got["known"] == n_known
    assert got["counts"]["error"] + got["counts"]["warning"] == len(new)
    assert mapdiff("lint", "--baseline", known, "-", stdin=content)[0] == status


@pytest.mark.parametrize("content, why", [(None, "No such file"), ("{", "no JSON"), ("{}", "no report of"), ('{"report": "show", "findings": []}', "no report of"),
                                          ('{"report": "lint", "findings": [{"rule": 1}]}', "no report of"), ("[]", "no report of")])
def test_a_baseline_that_is_none(mapdiff, tmp_path, content, why):
    if content is not None:
        (tmp_path / "known.json").write_text(content)
    status, out, err = mapdiff("lint", "--baseline", tmp_path / "known.json", "-", stdin=BAD)
    assert (status, out) == (2, "") and why in err


# --- the gate ---


def bins(*lines, uefi=(LOW, RAM, TABLES, NVS)):
    return formats.capture(*lines, uefi=list(uefi), e820=boots.LAPTOP)


RUNTIME_MAP = "".join(f"/sys/firmware/efi/runtime-map/0/{name}:{value}\n" for name, value in (
    ("attribute", "0x800000000000000f"), ("num_pages", "0x100"), ("phys_addr", "0x1eaa0000"), ("type", "0x6"), ("virt_addr", "0xfffe0000")))
NOSAVE = "".join(f"PM: Registered nosave memory: [mem {start:#010x}-{end - 1:#010x}]\n" for start, end in ((0, 0x1000), (0xA0000, 0x100000)))

GATES = (
    # the boots; the exit status, what the bins are, which boots have something wrong
    ("all equal, no bins known", [boots.log(), boots.log(), boots.log()], 0, "unknown", []),
    ("one differs", [boots.log(), boots.log(), boots.log(boots.moved(1))], 1, "unknown", [2]),
    ("the first differs from the rest", [boots.log(boots.moved(1)), boots.log(), boots.log()], 1, "unknown", [1, 2]),
    ("bins are there", [bins("bin 9 16 ACPIReclaim"), bins("bin 9 16 ACPIReclaim")], 0, "honoured", []),
    ("pages outside of one do not fail", [bins("bin 9 15 ACPIReclaim")] * 2, 0, "honoured", []),
    ("one was too small", [bins("bin 9 16 ACPIReclaim"), bins("bin 9 17 ACPIReclaim", uefi=[LOW, RAM, TABLES, NVS, (9, WB, 0x60000000, 0x60002000)])], 1,
     "broken", [0, 1]),
    ("one was not made", [bins("bin 10 17 ACPIMemoryNVS")] * 2, 1, "broken", [0, 1]),
    ("a crash kernel", [boots.log(), boots.log(line="elfcorehdr=0x1")], 2, None, None),
    ("a file that is none", [boots.log(), "nothing"], 2, None, None),
    ("a damaged one", [boots.log(), boots.log().replace("usable", "usabel", 1)], 2, None, None),
    ("one boot", [boots.log()], 2, None, None),
    ("runtime ranges alone", [RUNTIME_MAP] * 2, 2, None, None),
    ("RAM alone", [NOSAVE] * 2, 2, None, None),
    ("of two kinds", [boots.log(), boots.capture()], 2, None, None),
)


@pytest.mark.parametrize("name, texts, status, state, wrong", GATES, ids=[row[0] for row in GATES])
def test_the_gate(mapdiff, report, tmp_path, name, texts, status, state, wrong):
    paths = boots.write(tmp_path, *texts)
    got, text, err = mapdiff("gate", *paths)
    assert got == status, err
    if status == 2:
        assert text == "" and err.startswith("mapdiff: ")
        return
    assert ("PASS" if status == 0 else "FAIL") in text.splitlines()[0]
    gate = report("gate", *paths)
    assert gate["pass"] == (status == 0) and gate["bins"] == state and len(gate["boots"]) == len(texts)
    if name != "one was too small":
        assert [i for i, boot in enumerate(gate["boots"]) if boot["texts"]] == wrong
    [suite] = xml.fromstring(mapdiff("gate", "-f", "junit", *paths)[1])
    assert suite.get("failures") == str(sum(bool(boot["texts"]) for boot in gate["boots"]))


def test_a_gate_over_a_file_of_several_boots(mapdiff, tmp_path):
    """Boots of one file are boots."""
    (tmp_path / "log").write_text("".join(boots.log().replace("[    0.", f"[    {n}.") for n in range(3)))
    assert mapdiff("gate", tmp_path / "log")[0] == 0


def test_a_damaged_map_passes_no_gate(mapdiff, tmp_path):
    paths = boots.write(tmp_path, *[boots.log().replace("usable", "usabel", 1)] * 2)
    status, out, err = mapdiff("gate", "--damaged", *paths)
    assert (status, out) == (2, "") and "its map is damaged" in err


def test_a_series_without_verdicts_says_so(mapdiff, tmp_path):
    """Of RAM alone it is not known whether Linux would resume."""
    out = " ".join(mapdiff("series", *boots.write(tmp_path, NOSAVE, NOSAVE))[1].split())
    assert "Linux would resume in each" not in out and "it is unknown whether Linux would resume" in out


@pytest.mark.parametrize("name, first", [("of Arm", 0x40000000), ("of RISC-V", 0x80000000)])
def test_what_is_no_pc_has_memory_elsewhere(report, name, first):
    content = formats.capture(uefi=[(7, WB, first, first + 0x10000000)]).encode()
    assert report("lint", "-", stdin=content)["counts"]["error"] == 0

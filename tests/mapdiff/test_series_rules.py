"""What a series makes of its boots: the order, the maps, what moves, and what goes with it. Each rule alone."""

import boots
import pytest
from test_evidence import FOUR_GIB
from test_meaning import said


def captures(report, tmp_path, rows):
    """Of (pages by which the ACPI data has moved, or a map; lines of a capture)."""
    texts = [boots.capture(boots.moved(what) if isinstance(what, int) else what, lines) for what, lines in rows]
    return report("series", *boots.write(tmp_path, *texts))


def turns(pages, *columns):
    """Boots of these maps, with a line for each column of values; None: nothing is said."""
    return [(what, [line for line in lines if line is not None]) for what, *lines in zip(pages, *columns)]


def line(key, values):
    return [None if value is None else f"{key} {value}" for value in values]


# --- conditions that go with the map ---

LONG = "x" * 100
TWICE = (0, 1, 0, 1)
TEXT_12 = "; ".join(f"{value} -> {map} (2 boots)" for value, map in zip("abcdefghijkl", "ABCDEFGHIJKL"))
CONDITIONS = (
    # the rule, the pages of each boot, the column of a condition; what is said of it, and whether it decides
    ("a value for each map", TWICE, line("label", "abab"), "label: a -> A (2 boots); b -> B (2 boots)", True),
    ("a map for both values", TWICE, line("label", "aabb"), None, False),
    ("one value", TWICE, line("label", "aaaa"), None, False),
    ("a value that leaves a choice", (0, 1, 2, 1, 2, 0), line("label", "abbbba"),
     "label: a -> A (2 boots); b -> B, C (4 boots)", False),
    ("maps stand by their letters", (1, 0, 0, 2, 2, 0), line("label", "abbbba"), None, False),
    ("a boot that says nothing", (0, 1, 0, 1, 0), line("label", ("a", "b", None, "b", "a")),
     "label: a -> A (2 boots); b -> B (2 boots)", False),
    ("a change without another map", (0, 1, 2, 0, 1, 2), line("label", "abcabc"),
     "label: a -> A (2 boots); b -> B (2 boots); c -> C (2 boots)", True),
    ("values of one boot are chance", (0, 1, 2, 0, 0, 0), line("label", "abcaaa"), None, False),
    ("but for two values that come again", (0, 1, 2, 0, 1, 0), line("label", "abcaba"),
     "label: a -> A (3 boots); b -> B (2 boots); c -> C (1 boot)", True),
    ("as many maps as half the boots", (0, 1, 2, 2, 0, 0), line("label", "abbbaa"),
     "label: a -> A (3 boots); b -> B, C (3 boots)", False),
    ("more maps than that", (0, 1, 2, 3, 0, 0), line("label", "abbbaa"), None, False),
    ("twelve values", tuple(range(12)) * 2, line("label", "abcdefghijkl" * 2), "label: " + TEXT_12, True),
    ("thirteen values are a counter", tuple(range(13)) * 2, line("label", "abcdefghijklm" * 2), None, False),
    ("a value of 100 characters", TWICE, line("label", (LONG, "b") * 2),
     f"label: b -> B (2 boots); {LONG} -> A (2 boots)", True),
    ("a longer one", TWICE, line("label", (LONG + "y", "b") * 2), f"label: b -> B (2 boots); {LONG}... -> A (2 boots)",
     True),
    ("long ones go by the words in which they differ", TWICE, line("label", (LONG + " on quiet", LONG + " on splash") * 2),
     "label: ...quiet -> A (2 boots); ...splash -> B (2 boots)", True),
    ("by whole words", TWICE, line("label", (LONG + " s", LONG + " splash") * 2),
     "label: ...s -> A (2 boots); ...splash -> B (2 boots)", True),
    ("all of them do", (0, 1, 2) * 2, line("label", (LONG + " a c", LONG + " a d", LONG + " b") * 2),
     "label: ...a c -> A (2 boots); ...a d -> B (2 boots); ...b -> C (2 boots)", True),
    ("those that differ before stand as they are", TWICE, line("label", ("x " * 40 + "a " + LONG, "x " * 40 + "b") * 2),
     f"label: {'x ' * 40}a {LONG[:18]}... -> A (2 boots); {'x ' * 40}b -> B (2 boots)", True),
    ("a clock is none", TWICE, line("time", "abab"), None, False),
    ("a result is none", TWICE, line("present-pages", "1212"), None, False),
    ("a key that nobody knows", TWICE, line("docking", "abab"), "docking: a -> A (2 boots); b -> B (2 boots)", True),
    ("devices", TWICE, line("device 0000:02:00.0", ("8086:0001", None) * 2), None, False),
    ("other devices", TWICE, line("device 0000:02:00.0", ("8086:0001", "8086:0002") * 2), "PCI devices: 1 (digest ",
     True),
    ("tables", TWICE, [f'acpi 0x000000007f900000 {size} 0x12345678 1 ok "SSDT" XSDT' for size in (16, 32) * 2],
     "ACPI tables: 1 with 16 bytes -> A (2 boots); 1 with 32 bytes -> B (2 boots)", True),
    ("the initrd", TWICE, [f"initrd 0x0000000010000000 0x{0x10000000 + size:016x}" for size in (16, 32) * 2],
     "size of the initrd: 16 bytes -> A (2 boots); 32 bytes -> B (2 boots)", True),
    ("the initrd, elsewhere", TWICE, [f"initrd 0x{start:016x} 0x{start + 16:016x}" for start in (0x10000000,
     0x20000000) * 2], None, False),
    ("an initrd of which only the address is known", TWICE,
     [f"initrd 0x0000000010000000 0x{0x10000000 + size:016x}" for size in (1, 2) * 2], None, False),
    ("a framebuffer is no initrd", TWICE, [f"framebuffer 0x0000000010000000 0x{0x10000000 + size:016x}" for size in (16,
     32) * 2], None, False),
)


@pytest.mark.parametrize("rule, pages, column, text, decides", CONDITIONS, ids=[row[0] for row in CONDITIONS])
def test_a_condition(report, tmp_path, rule, pages, column, text, decides):
    got = captures(report, tmp_path, turns(pages, column))["conditions"]
    assert [row["decides"] for row in got] == ([] if text is None else [decides]), rule
    assert text is None or got[0]["text"] == text or text.endswith("digest ") and got[0]["text"].startswith(text), got


def test_parts_of_a_label(report, tmp_path):
    """Each is a condition, beside the whole."""
    rows = turns(TWICE, line("label", ("docked, on battery,charger", "alone") * 2))
    got = captures(report, tmp_path, rows)["conditions"]
    assert [row["text"].split(" -> ")[0] for row in got] == ["label: alone"]
    rows = turns(TWICE, line("label", ("docked, battery,x", "alone,  charger") * 2))
    got = captures(report, tmp_path, rows)["conditions"]
    assert [row["text"] for row in got] == [
        "label: alone,  charger -> B (2 boots); docked, battery,x -> A (2 boots)",
        "label (part 1): alone -> B (2 boots); docked -> A (2 boots)",
        "label (part 2): battery -> A (2 boots); charger -> B (2 boots)"]


def test_devices_are_told_by_address_and_identity(report, tmp_path):
    """In whatever order a file has them."""
    one, two = "device 0000:02:00.0 8086:0001", "device 0000:03:00.0 8086:0002"
    got = captures(report, tmp_path, [(0, [one, two]), (1, [two]), (0, [two, one]), (1, [two])])["conditions"]
    assert [(row["values"], row["text"].split(" (digest")[0]) for row in got] == [(2, "PCI devices: 1")]
    swapped = [one.replace("0001", "0002"), two.replace("0002", "0001")]
    got = captures(report, tmp_path, [(0, [one, two]), (1, swapped), (0, [one, two]), (1, swapped)])["conditions"]
    assert [row["values"] for row in got] == [2]


def test_conditions_have_an_order(report, tmp_path):
    """What decides, then what the user says, then by name."""
    rows = turns((0, 1, 0, 1, 0), line("zebra", "abab" + "a"), line("label", "abab" + "a"),
                 line("apple", ("a", "b", None, "b", "a")),
                 line("boat", "abab" + "a"))
    assert [row["key"] for row in captures(report, tmp_path, rows)["conditions"]] == ["label", "boat", "zebra", "apple"]


# --- what decides ---


def less(pages):
    """The map of boots.moved(), with less RAM."""
    return boots.moved(pages)[:-1] + ((FOUR_GIB, 5 << 30, 1),)


OR_STUB = 'the firmware, or Linux\'s EFI stub; a line "efi:" with addresses would tell'
DISAGREE = "its steps do not agree: "
DECIDERS = (
    # the rule, columns of facts, beside CPUs that change in the first step and RAM that does in the second; the cause, and why
    ("nothing", [], "unknown", OR_STUB),
    ("the firmware's build", [line("bios", "abcdd")], "firmware", "decided by the firmware's build"),
    ("the boot loader", [line("loader", "abcdd")], "boot loader", "decided by the boot loader"),
    ("of two that decide, the first in the table", [line("loader", "abcdd"), line("bios", "abcdd")], "firmware",
     "decided by the firmware's build"),
    ("whichever is named first", [line("bios", "abcdd"), line("loader", "abcdd")], "firmware",
     "decided by the firmware's build"),
    ("it must differ where the map does", [line("bios", "abccc")], "unknown", OR_STUB),
    ("and nowhere else", [line("bios", "abcde")], "unknown",
     DISAGREE + "firmware (1 step), CPU count (1 step), RAM (1 step)"),
    ("all boots must name it", [line("bios", ("a", "b", "c", "d", None))], "unknown",
     DISAGREE + "firmware (1 step), CPU count (1 step), RAM (1 step)"),
    ("what is evidence goes before what is not", [line("label", "abcdd"), line("device 0000:02:00.0", "abcdd")], "devices",
     "decided by the PCI devices"),
    ("what is evidence of nothing decides nothing", [line("label", "abcdd")], "unknown",
     "not known, because more differs than the map: the label (c -> d)"),
)
FIVE = (boots.moved(0), boots.moved(1), less(2), less(3), less(3))


@pytest.mark.parametrize("rule, columns, cause, because", DECIDERS, ids=[row[0] for row in DECIDERS])
def test_what_decides(report, tmp_path, rule, columns, cause, because):
    (mover,) = captures(report, tmp_path, turns(FIVE, line("cpu-count", "48888"), *columns))["movers"]
    assert (mover["cause"], mover["because"]) == (cause, because), rule


def test_what_is_seen_in_the_maps_is_not_decided_by_a_fact(report, tmp_path):
    """The size of RAM, though one boot does not say what is installed, and the firmware's build goes with it."""
    maps = (boots.moved(0), less(1), boots.moved(2), less(3), less(3))
    rows = turns(maps, line("installed-bytes", (4 << 30, 3 << 30, 4 << 30, 3 << 30, None)), line("bios", "abcdd"))
    (mover,) = captures(report, tmp_path, rows)["movers"]
    assert (mover["cause"], mover["because"]) == ("RAM", "the size of RAM: 3.9 GiB -> 2.9 GiB")


TELLS = ["config-table 0x000000007f801014 - ACPI 2.0", "command-line quiet"]  # it would name the event log
MEANINGS = (
    # the rule, columns beside ACPI data that moves in each of three steps; its cause, and all that is said of it
    ("firmware", [], "firmware", {"no table"}, "This report is worth sending to the firmware's vendor."),
    ("CPUs", [line("cpu-count", "4848")], "CPU count", {"no table", "CPUs"}, None),
    ("devices", [line("device 0000:02:00.0", "abab")], "devices", {"no table", "devices"}, None),
    ("the boot loader", [line("loader", "abab")], "boot loader", {"no table", "loader"}, None),
    ("the firmware's build", [line("bios", "abab")], "firmware", {"no table", "build"}, None),
    ("more than the map", [line("label", "abab")], "unknown", {"no table"}, None),
    ("more than the map, once", [line("label", "abbb")], "firmware", {"no table", "more differs"},
     "More differs between the boots: the label (a -> b)."),
)


@pytest.mark.parametrize("rule, columns, cause, pieces, words", MEANINGS, ids=[row[0] for row in MEANINGS])
def test_what_is_said_of_what_moves(report, tmp_path, rule, columns, cause, pieces, words):
    rows = [(what, TELLS + lines) for what, lines in turns((0, 1, 0, 1), *columns)]
    (mover,) = captures(report, tmp_path, rows)["movers"]
    assert (mover["cause"], said(mover["meaning"])) == (cause, pieces), rule
    assert words is None or words in mover["meaning"]


def test_what_is_said_of_it_is_of_a_step_with_its_cause(report, tmp_path):
    """It is faulty memory then, and was NVS before."""
    maps = [boots.LAPTOP[:4] + ((start, 0x7F900000, kind),) + boots.LAPTOP[5:] for start, kind in (
        (0x7F800000, 4), (0x7F801000, 4), (0x7F801000, 5), (0x7F802000, 5))]
    (mover,) = captures(report, tmp_path, turns(maps, line("cpu-count", "4484"), line("label", "abbb")))["movers"]
    assert (mover["cause"], said(mover["meaning"])) == ("CPU count", {"reserved", "CPUs"})


def test_two_other_maps_are_too_few_to_decide(report, tmp_path):
    rows = turns((boots.moved(0), boots.moved(1), less(2)), line("cpu-count", "488"), line("bios", "abc"))
    (mover,) = captures(report, tmp_path, rows)["movers"]
    assert (mover["cause"], mover["because"]) == ("unknown", DISAGREE + "CPU count (1 step), RAM (1 step)")


# --- what moves when something changes ---

LINKS = (
    # the rule, the pages of each boot, columns of conditions; the links: key, in how many steps it moved, of those in which
    # the condition changed, and of those in which it was kept
    ("it moves with each change", (0, 1, 1, 2, 2, 3, 3), [line("label", "abbccdd")], [("label", [3, 3], [0, 3])]),
    ("two changes are enough", (0, 1, 1, 2, 2, 2, 3), [line("label", "abbcccc")], [("label", [2, 2], [1, 4])]),
    ("one change is chance", (0, 1, 2, 3, 3, 3), [line("label", "abbbbb")], []),
    ("two steps without one are enough", (0, 1, 2, 3, 3, 3), [line("label", "abcddd")], [("label", [3, 3], [0, 2])]),
    ("one step without one is chance", (0, 1, 2, 3, 3), [line("label", "abcdd")], []),
    ("two steps with another map are few", (0, 1, 1, 2, 2), [line("label", "abbcc")], []),
    ("more often by half", (0, 1, 2, 3, 3, 4, 4, 4, 4), [line("label", "abcdeeeee")], [("label", [3, 4], [1, 4])]),
    ("by less than half", (0, 1, 2, 2, 3, 3, 3, 3, 3), [line("label", "abcdddddd")], []),
    ("as often without a change", (0, 1, 2, 3, 4), [line("label", "abbcc")], []),
    ("a step that one end says nothing of", (0, 1, 1, 2, 2, 3, 3, 4), [line("label", [*"abbccdd", None])],
     [("label", [3, 3], [0, 3])]),
    ("nor the other", (0, 1, 1, 2, 2, 3, 3, 4), [line("label", [None, *"bbccddd"])], [("label", [2, 2], [1, 4])]),
    ("in their order: the label, then by name", (0, 1, 1, 2, 2, 3, 3),
     [line("zebra", "abbccdd"), line("label", "abbccdd"), line("apple", "abbccdd")],
     [("label", [3, 3], [0, 3]), ("apple", [3, 3], [0, 3]), ("zebra", [3, 3], [0, 3])]),
    ("what is seen more often first", (0, 1, 1, 2, 2, 3, 3, 3), [line("apple", "abbccdde"), line("zebra", "abbccddd")],
     [("zebra", [3, 3], [0, 4]), ("apple", [3, 4], [0, 3])]),
)


@pytest.mark.parametrize("rule, pages, columns, links", LINKS, ids=[row[0] for row in LINKS])
def test_what_moves_when_something_changes(report, tmp_path, rule, pages, columns, links):
    got = captures(report, tmp_path, turns(pages, *columns))["links"]
    assert [(row["key"], row["changed"], row["kept"]) for row in got] == links, rule


# --- what moves, and what stays ---

WITHOUT = boots.LAPTOP[:1] + ((0x100000, 0x7F800000, 1),) + boots.LAPTOP[4:]


def nvs(e820, pages):
    """The map, its NVS beginning so many pages further up."""
    return tuple((start + pages * 0x1000 if kind == 4 else start, end, kind) for start, end, kind in e820)


def split(e820):
    """The map, its NVS in two, with a page of another type between."""
    rows = ((0x7F800000, 0x7F840000, 4), (0x7F840000, 0x7F841000, 5), (0x7F841000, 0x7F900000, 4))
    return e820[:4] + rows + e820[5:]


LOW, HIGH, HIGHER = "0x7f000000", "0x7f002000", "0x7f005000"
MOVERS = (
    # the rule, the maps; of what moves: types, boots, places, moves, lowest, highest, pages, whether it moves with the one before
    ("nothing", (boots.LAPTOP, boots.LAPTOP), []),
    ("two places", (boots.moved(0), boots.moved(2)), [((3, 3), 2, 2, 1, LOW, HIGH, [13, 13], False)]),
    ("there and back", (boots.moved(0), boots.moved(2), boots.moved(0)),
     [((3, 3), 3, 2, 2, LOW, HIGH, [13, 13], False)]),
    ("three places", (boots.moved(2), boots.moved(0), boots.moved(5)),
     [((3, 3), 3, 3, 2, LOW, HIGHER, [13, 13], False)]),
    ("of other sizes", (boots.moved(0), boots.moved(2, size=12), boots.moved(5, size=20)),
     [((3, 3), 3, 3, 2, LOW, HIGHER, [12, 20], False)]),
    ("it grows", (boots.moved(0), boots.moved(0, size=14)), [((3, 3), 2, 2, 1, LOW, LOW, [13, 14], False)]),
    ("it goes", (boots.moved(0), boots.moved(0), WITHOUT), [((3, 3), 2, 1, 1, LOW, LOW, [13, 13], False)]),
    ("it comes", (WITHOUT, WITHOUT, boots.moved(2)), [((3, 3), 1, 1, 1, HIGH, HIGH, [13, 13], False)]),
    ("it goes, and comes elsewhere", (boots.moved(0), WITHOUT, boots.moved(2)),
     [((3, 3), 1, 1, 1, LOW, LOW, [13, 13], False), ((3, 3), 1, 1, 1, HIGH, HIGH, [13, 13], False)]),
    ("it comes back where it was", (boots.moved(0), WITHOUT, boots.moved(0)),
     [((3, 3), 2, 1, 2, LOW, LOW, [13, 13], False)]),
    ("another type", (boots.LAPTOP, nvs(boots.LAPTOP, 0)[:5] + ((0x7F900000, 0x7FA00000, 5),) + boots.LAPTOP[6:]),
     [((2, 5), 2, 2, 1, "0x7f900000", "0x7f900000", [256, 256], False)]),
    ("two that move together", (boots.moved(0), nvs(boots.moved(2), 1), boots.moved(0)),
     [((3, 3), 3, 2, 2, LOW, HIGH, [13, 13], False), ((4, 4), 3, 2, 2, "0x7f800000", "0x7f801000", [255, 256], True)]),
    ("two that do not: what moves more often first", (boots.moved(0), nvs(boots.moved(0), 1), nvs(boots.moved(2), 2)),
     [((4, 4), 3, 3, 2, "0x7f800000", "0x7f802000", [254, 256], False), ((3, 3), 3, 2, 1, LOW, HIGH, [13, 13], False)]),
    ("two that move once each: the earlier one first", (boots.moved(0), nvs(boots.moved(0), 1), nvs(boots.moved(2), 1)),
     [((4, 4), 3, 2, 1, "0x7f800000", "0x7f801000", [255, 256], False), ((3, 3), 3, 2, 1, LOW, HIGH, [13, 13], False)]),
)


@pytest.mark.parametrize("rule, maps, movers", MOVERS, ids=[row[0] for row in MOVERS])
def test_what_moves(report, tmp_path, rule, maps, movers):
    got = captures(report, tmp_path, [(e820, []) for e820 in maps])["movers"]
    assert [((row["type"], row["other_type"]), row["boots"], row["places"], row["moves"], row["lowest"], row["highest"],
             row["pages"],
             row["with_previous"]) for row in got] == movers, rule


def test_what_is_split_moves_once_in_a_step(report, tmp_path):
    """And the boots that have it, whole or in parts, count once."""
    got = captures(report, tmp_path, [(boots.LAPTOP, []), (split(boots.LAPTOP), []), (boots.LAPTOP, [])])["movers"]
    assert [(row["type"], row["other_type"], row["boots"], row["moves"]) for row in got] == [(4, 5, 3, 2)]


def test_ram_is_nothing_that_moves(report, tmp_path):
    assert captures(report, tmp_path, [(boots.LAPTOP, []),
                                       (boots.LAPTOP[:-1] + ((FOUR_GIB, 5 << 30, 1),), [])])["movers"] == []


STABLE = (
    # the rule, the maps, where what stays begins
    ("all of it", (boots.LAPTOP, boots.LAPTOP), [0x7F000000, 0x7F800000, 0x7F900000, 0xE0000000]),
    ("but for what moves", (boots.moved(0), boots.moved(2)), [0x7F800000, 0x7F900000, 0xE0000000]),
    ("but for what grows", (boots.LAPTOP, nvs(boots.LAPTOP, 1)), [0x7F000000, 0x7F900000, 0xE0000000]),
    ("but for what has another end", (boots.LAPTOP, boots.moved(0, size=14)), [0x7F800000, 0x7F900000, 0xE0000000]),
    ("but for what is of another type", (boots.LAPTOP, boots.LAPTOP[:5] + ((0x7F900000, 0x7FA00000,
                                                                            5),) + boots.LAPTOP[6:]),
     [0x7F000000, 0x7F800000, 0xE0000000]),
    ("but for what is missing once", (boots.LAPTOP, boots.LAPTOP, WITHOUT), [0x7F800000, 0x7F900000, 0xE0000000]),
    ("and not what came", (WITHOUT, WITHOUT, boots.LAPTOP), [0x7F800000, 0x7F900000, 0xE0000000]),
    ("what is at the end", (boots.LAPTOP[:-1], boots.LAPTOP[:-1] + ((5 << 30, 6 << 30, 2),)),
     [0x7F000000, 0x7F800000, 0x7F900000, 0xE0000000]),
)


@pytest.mark.parametrize("rule, maps, starts", STABLE, ids=[row[0] for row in STABLE])
def test_what_stays(report, tmp_path, rule, maps, starts):
    got = captures(report, tmp_path, [(e820, []) for e820 in maps])["stable"]
    assert [int(row["start"], 16) for row in got] == starts, rule


def test_whose_it_is_the_first_step_that_knows_says(report, tmp_path):
    table = 'acpi 0x%016x 256 0x12345678 1 ok "%s" XSDT'
    rows = [(boots.moved(0), []), (boots.moved(2), []), (boots.moved(4), [table % (0x7F004000, "SSDT")]),
            (boots.moved(6), [table % (0x7F006000, "FACP")])]
    (mover,) = captures(report, tmp_path, rows)["movers"]
    assert mover["owner"] == "ACPI SSDT"
    (mover,) = captures(report, tmp_path, rows[:2])["movers"]
    assert mover["owner"] == "unknown: the file names no ACPI tables"


# --- the order, the maps, the pairs ---

PAIRS = (
    # the rule, the pages of each boot; the maps by letter, their boots, pairs that are the same, and steps that are
    ("two boots", (0, 0), "AA", [2], [1, 1], 1),
    ("two maps", (0, 1), "AB", [1, 1], [0, 1], 0),
    ("the most frequent is the first", (0, 1, 1), "BAA", [2, 1], [1, 3], 1),
    ("of equals, the one that came first", (0, 1, 1, 0), "ABBA", [2, 2], [2, 6], 1),
    ("three maps", (2, 0, 1, 0, 1, 1), "CBABAA", [3, 2, 1], [4, 15], 1),
)


@pytest.mark.parametrize("rule, pages, letters, counts, pairs, same", PAIRS, ids=[row[0] for row in PAIRS])
def test_maps_and_pairs(report, tmp_path, rule, pages, letters, counts, pairs, same):
    got = captures(report, tmp_path, [(what, []) for what in pages])
    assert "".join("ABC"[row["map"]] for row in got["boots"]) == letters, rule
    assert [row["boots"] for row in got["maps"]] == counts and [letters.index(letter) for letter in "ABC"[:len(counts)]] == [
        row["first_boot"] for row in got["maps"]]
    assert (got["same_pairs"], got["same_as_previous"]) == (pairs, same)
    assert [(step["from"], step["to"], step["different"]) for step in got["steps"]] == [
        (place, place + 1, bool(step["changes"])) for place, step in enumerate(got["steps"])]


def at(day):
    return [f"time 2026-11-{day:02}T10:00:00"] if day else []


def test_labels_of_boots(report, tmp_path):
    got = captures(report, tmp_path, turns((0, 1, 1), line("label", ("docked", None, "alone"))))["boots"]
    assert [row["label"] for row in got] == ["docked", "", "alone"]


ORDERS = (
    # the rule, the day of each file, 0: not known; the files in their order, by number, and by what
    ("by time", (3, 1, 2), "231", "time"),
    ("in order already", (1, 2, 3), "123", "time"),
    ("one does not know", (3, 0, 2), "123", "files"),
    ("equal times: as they came", (2, 1, 1), "231", "time"),
)


@pytest.mark.parametrize("rule, days, files, order", ORDERS, ids=[row[0] for row in ORDERS])
def test_the_order_of_boots(mapdiff, report, tmp_path, rule, days, files, order):
    paths = boots.write(tmp_path, *(boots.capture(more=at(day)) for day in days))
    got = report("series", *paths)
    assert ("".join(row["name"][-1] for row in got["boots"]), got["order"]) == (files, order), rule
    assert [row["time"] for row in got["boots"]] == [(at(days[int(name) - 1]) or ["time "])[0][5:] for name in files]
    assert ("which is not that of the files" in " ".join(mapdiff("series",
     *paths)[1].split())) == (order == "time" and files != "123")


def test_letters_of_maps(report, tmp_path):
    """A to Z, then AA; a value has up to eight."""
    pages = [number for number in range(28) for _ in (1, 2)]
    (condition,) = captures(report, tmp_path, turns(pages,
     line("label", ["abcd"[number // 7] for number in pages])))["conditions"]
    assert condition["text"].startswith("label: a -> A, B, C, D, E, F, G (14 boots); b -> H, ")
    assert condition["text"].endswith("; d -> V, W, X, Y, Z, AA, AB (14 boots)")

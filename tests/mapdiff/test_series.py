"""Many boots: which maps there are, what moves, which condition goes with it; and how long it takes."""

import time

import boots
from conftest import MAPS


def captures(folder, rows):
    """Files of (pages by which the ACPI data has moved, label), in their order."""
    for number, (pages, label) in enumerate(rows):
        more = [f"label {label}", f"time 2026-11-22T10:00:{number % 60:02}"]
        (folder / f"{number:05}.map").write_text(boots.capture(boots.moved(pages), more))
    return folder


DOCKED = [(0, "docked"), (2, "undocked"), (2, "undocked"), (0, "docked"), (0, "docked"), (2, "undocked"),
          (0, "docked")]


def test_maps_by_digest(report, tmp_path):
    series = report("series", captures(tmp_path, DOCKED))
    assert [row["boots"] for row in series["maps"]] == [4, 3]
    assert [row["map"] for row in series["boots"]] == [0, 1, 1, 0, 0, 1, 0]
    assert len({row["e820_crc32"] for row in series["boots"]}) == 2


def test_pairs_that_would_resume(mapdiff, tmp_path):
    status, text, _ = mapdiff("series", captures(tmp_path, DOCKED))
    assert status == 1
    assert "Of 6 pairs of boots that follow each other, 2 have one map: in 4 Linux would not resume" in text


def test_what_moves_and_what_stays(report, tmp_path):
    series = report("series", captures(tmp_path, DOCKED))
    (mover,) = series["movers"]
    assert (mover["type"], mover["places"], mover["moves"], mover["pages"]) == (3, 2, 4, [13, 13])
    assert (mover["lowest"], mover["highest"]) == ("0x7f000000", "0x7f002000")
    assert [row["start"] for row in series["stable"]] == ["0x7f800000", "0x7f900000", "0xe0000000"]


def test_one_thing_that_goes_through_many_places(report, tmp_path):
    """Each step is from one place to the next; the first and the last never follow each other."""
    series = report("series", captures(tmp_path, [(pages, "same") for pages in (0, 5, 1, 5, 30, 2)]))
    (mover,) = series["movers"]
    assert (mover["places"], mover["moves"]) == (5, 5)
    assert (mover["lowest"], mover["highest"]) == ("0x7f000000", "0x7f01e000")


def test_what_comes_and_goes(mapdiff, tmp_path):
    without = boots.LAPTOP[:1] + ((0x100000, 0x7F800000, 1),) + boots.LAPTOP[4:]
    boots.write(tmp_path, boots.log(), boots.log(without), boots.log(), boots.log())
    text = mapdiff("series", tmp_path)[1]
    assert "1 place, 2 moves, in 3 of 4 boots" in text


def test_the_condition_that_decides(report, tmp_path):
    (condition,) = report("series", captures(tmp_path, DOCKED))["conditions"]
    assert condition["key"] == "label" and condition["decides"]
    assert condition["text"] == "label: docked -> A (4 boots); undocked -> B (3 boots)"


def test_a_condition_that_leaves_a_choice(report, tmp_path):
    rows = DOCKED + [(7, "undocked")]
    (condition,) = report("series", captures(tmp_path, rows))["conditions"]
    assert not condition["decides"]
    assert condition["text"] == "label: docked -> A (4 boots); undocked -> B, C (4 boots)"


def test_no_condition(report, tmp_path):
    rows = [(0, "docked"), (2, "docked"), (0, "undocked"), (2, "undocked")]
    assert report("series", captures(tmp_path, rows))["conditions"] == []


def test_one_map(mapdiff, tmp_path):
    status, text, _ = mapdiff("series", captures(tmp_path, [(0, "docked"), (0, "undocked")]))
    assert status == 0 and "The map is the same in all of them." in text


def test_real_boots(report):
    """The first boots of the hibernated pairs."""
    series = report("series", *sorted((MAPS / "hibernate").glob("*-1.map")))
    assert [(int(row["e820_crc32"], 16), row["boots"]) for row in series["maps"]] == [
        (0x233F18CA, 9), (0xDA994FE8, 2), (0x043E98B1, 1), (0xA8609DD9, 1), (0x0A3ADEC7, 1)]


def test_files_without_a_map_are_named(report, tmp_path):
    captures(tmp_path, DOCKED)
    (tmp_path / "notes.txt").write_text("nothing of interest\n")
    series = report("series", tmp_path)
    assert len(series["boots"]) == len(DOCKED)
    assert "notes.txt" in series["skipped"][0]


def test_twenty_thousand_boots(mapdiff, tmp_path):
    """Linear, even where no map comes twice."""
    rows = [(-(number % 5000), f"day {number % 7}") for number in range(20000)]
    captures(tmp_path, rows)
    start = time.monotonic()
    status, text, _ = mapdiff("series", tmp_path, fast=True)
    assert status == 1 and "20000 boots, 5000 maps" in text
    assert time.monotonic() - start < 20

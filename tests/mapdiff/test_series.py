"""Many boots: which maps there are, what moves, which condition goes with it."""

import os

import pytest

import boots
import formats
import naive
from conftest import MAPS


def sentences(text):
    """Without the line feeds in them."""
    return " ".join(text.split())


def captures(folder, rows):
    """Files of (pages by which the ACPI data has moved, label), in their order."""
    for number, (pages, label) in enumerate(rows):
        more = [f"label {label}", f"time 2026-11-22T10:00:{number % 60:02}"]
        (folder / f"{number:05}.map").write_text(boots.capture(boots.moved(pages), more))
    return folder


def conditions(report):
    return {row["key"]: row for row in report["conditions"]}


def links(report):
    return {row["key"]: row for row in report["links"]}


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
    assert "in the next boot, 2 of 6 times (33 %); of any two boots, 9 of 21 pairs (43 %)" in sentences(text)


def test_one_step_of_one_pair(mapdiff, tmp_path):
    text = mapdiff("series", captures(tmp_path, [(0, "docked"), (1, "undocked")]))[1]
    assert "in the next boot, 0 of 1 time (0 %); of any two boots, 0 of 1 pair (0 %)" in sentences(text)


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
    assert "2 moves, 1 place: 0x7f000000, in 3 of 4 boots" in text


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
    assert status == 0 and "The map is the same in all of them" in text
    assert "2 boots are few" in text


def test_one_boot(mapdiff, tmp_path):
    status, text, _ = mapdiff("series", captures(tmp_path, [(0, "docked")]))
    assert status == 0 and "There is nothing to compare it with." in text and "the same" not in text


def test_real_boots(report):
    """The first boots of the hibernated pairs, in the order of their times: eight pairs have one in common, and
    two another."""
    series = report("series", *sorted((MAPS / "hibernate").glob("*-1.map")))
    assert [(int(row["e820_crc32"], 16), row["boots"]) for row in series["maps"]] == [
        (0x233F18CA, 2), (0x0A3ADEC7, 1), (0xDA994FE8, 1), (0xA8609DD9, 1), (0x043E98B1, 1)]
    assert len(series["left_out"]) == 8


def test_files_without_a_map_are_named(report, tmp_path):
    captures(tmp_path, DOCKED)
    (tmp_path / "notes.txt").write_text("nothing of interest\n")
    series = report("series", tmp_path)
    assert len(series["boots"]) == len(DOCKED)
    assert "notes.txt" in series["skipped"][0]


@pytest.mark.parametrize("name", ["captures.txt", "CAPTURES.TXT", ".captures.txt.swp"])
def test_the_index_of_the_captures_is_passed_over(name, report, tmp_path):
    captures(tmp_path, DOCKED)
    (tmp_path / name).write_text("bootmem-captures 1\nchecksum 0x12345678\n")
    series = report("series", tmp_path)
    assert len(series["boots"]) == len(DOCKED) and series["skipped"] == []


def test_the_first_lines_tell_it(mapdiff, tmp_path):
    """Whose, what, how often, the class of cause, and how likely a resume is."""
    paths = boots.write(tmp_path, *(boots.log(boots.moved(pages), more=[f"efi: TPMEventLog=0x{0x7f000018 + pages * 4096:x}"])
                                    for pages in (0, 3, 3, 0, 9, 0, 1)))
    first = sentences(mapdiff("series", *paths)[1].split("What moves")[0])
    assert "One range moves: TPMEventLog (ACPI data), in 5 of 6 steps from one boot to the next." in first
    assert "Class of cause: kernel stub." in first and "With the TPM disabled" in first
    assert "Resume from hibernation" in first


@pytest.mark.parametrize("rows", [[(0, "a"), (3, "b"), (3, "b"), (0, "a")], [(k, "") for k in (0, 3, 3, 0)], [(0, "")] * 3, [(0, "")]],
                         ids=["decided", "not known", "one map", "one boot"])
def test_what_to_do_is_the_same_phrase_everywhere(report, mapdiff, tmp_path, rows):
    """Text and Markdown have it before why, and each once in its first lines."""
    folder = captures(tmp_path, rows)
    series = report("series", folder)
    assert series["to_do"] and bool(series["chance"]) == (len(rows) > 1)
    text = sentences(mapdiff("series", folder)[1].split("\nMap  e820 CRC-32")[0])
    assert text.count("What to do: " + series["to_do"]) == text.count(series["to_do"]) == 1
    markdown = mapdiff("series", folder, "-f", "markdown")[1].split("<details>")[0]
    assert markdown.count(f"**What to do:** {series['to_do']}") == 1 and series["chance"] in markdown
    if len(series["maps"]) > 1:
        assert text.index(series["chance"]) < text.index("What to do: ") < text.index("range moves") < text.index("What moves: ")
        assert markdown.index("What to do") < markdown.index("Why")


@pytest.mark.parametrize("rule, more, is_said", (
    ("another number of CPUs", ({}, {"cpus": 8}), False),
    ("another kernel", ({}, {"kernel": "6.12.9"}), False),
    ("more RAM", ({"e820": boots.LAPTOP}, {"e820": boots.moved(3, base=(*boots.LAPTOP[:-1], (0x100000000, 0x200000000, 1)))}), False),
    ("nothing", ({}, {}), True),
), ids=lambda value: value if isinstance(value, str) else "")
def test_that_no_condition_goes_with_it_is_said_where_none_differs(mapdiff, tmp_path, rule, more, is_said):
    """In two or three boots it may be chance; but that there is none would be wrong."""
    one, other = ({"e820": boots.moved(pages), **given} for pages, given in zip((0, 3), more))
    text = sentences(mapdiff("series", *boots.write(tmp_path, *(boots.log(**given) for given in (one, other, one))))[1])
    assert ("Nothing recorded in these files explains it." in text) == is_said, text


def test_whose_cause_is_not_known(mapdiff, tmp_path):
    """A block without a name, and nothing that goes with it: nobody is blamed."""
    text = mapdiff("series", *boots.write(tmp_path, *(boots.log(boots.moved(pages)) for pages in (0, -2, 0, -1))))[1]
    assert "Class of cause: not known." in text and "4 boots are few" in text
    assert "vendor" not in text


NVS = boots.LAPTOP[:4] + ((0x7F801000, 0x7F900000, 4),) + boots.LAPTOP[5:]
BOTH = boots.moved(2)[:4] + ((0x7F801000, 0x7F900000, 4),) + boots.LAPTOP[5:]


@pytest.mark.parametrize("maps,together", [((boots.LAPTOP, BOTH, BOTH, boots.LAPTOP), True),
                                           ((boots.LAPTOP, NVS, BOTH, NVS), False)], ids=["together", "apart"])
def test_what_moves_with_what(report, tmp_path, maps, together):
    movers = report("series", *boots.write(tmp_path, *(boots.log(e820) for e820 in maps)))["movers"]
    assert sorted(row["type"] for row in movers) == [3, 4]
    assert [row["with_previous"] for row in movers] == [False, together]


def test_the_same_place_under_another_type(report, tmp_path):
    """GRUB's number for runtime code: nothing moves, and still the map is another one."""
    grub = boots.LAPTOP[:5] + ((0x7F900000, 0x7FA00000, 20),) + boots.LAPTOP[6:]
    paths = boots.write(tmp_path, boots.log(), boots.log(grub), boots.log(grub), boots.log())
    (mover,) = report("series", *paths)["movers"]
    assert (mover["type"], mover["other_type"], mover["moves"], mover["cause"]) == (2, 20, 2, "boot loader")


def test_ram_alone(mapdiff, tmp_path):
    more = boots.LAPTOP[:-1] + ((0x100000000, 0x200000000, 1),)
    text = mapdiff("series", *boots.write(tmp_path, boots.log(), boots.log(more)))[1]
    assert "Only RAM itself differs." in text and "What moves" not in text


# --- what is given twice ---

WHO = ["machine Example Laptop/Board", "time 2026-11-22T10:00:00"]


def hard_link(path, name):
    os.link(path, path.with_name(name))
    return path.with_name(name)


def copy(path, name, text=None):
    path.with_name(name).write_text(text or path.read_text())
    return path.with_name(name)


TWICE = (
    # the rule, lines of the first boot, what is given beside it, how many boots that is
    ("once", WHO, lambda path: [], 1),
    ("the same path", WHO, lambda path: [path, path], 1),
    ("another path of it", [], lambda path: [path.parent / ".." / path.parent.name / path.name], 1),
    ("a symbolic link", [], lambda path: [path.with_name("link").symlink_to(path) or path.with_name("link")], 1),
    ("a hard link", [], lambda path: [hard_link(path, "link")], 1),
    ("its folder, too", [], lambda path: [path.parent], 1),
    ("a boot of it", [], lambda path: [f"{path}@1", f"{path}@1"], 2),
    ("a copy", WHO, lambda path: [copy(path, "copy")], 1),
    ("two copies", WHO, lambda path: [copy(path, "copy"), copy(path, "third")], 1),
    ("a copy without a time", WHO[:1], lambda path: [copy(path, "copy")], 2),
    ("a copy without a machine", WHO[1:], lambda path: [copy(path, "copy")], 2),
    ("another boot of that machine and time", WHO, lambda path: [copy(path, "copy", boots.capture(more=[*WHO, "label docked"]))], 2),
    ("another time", WHO, lambda path: [copy(path, "copy", boots.capture(more=[WHO[0], WHO[1].replace(":00", ":01")]))], 2),
    ("the same from a pipe", WHO, lambda path: ["-"], 1),
)


@pytest.mark.parametrize("rule, lines, others, n_boots", TWICE, ids=[row[0] for row in TWICE])
def test_what_is_given_twice_is_read_once(mapdiff, report, tmp_path, rule, lines, others, n_boots):
    """And it is said, and is no trouble."""
    path = tmp_path / "boot"
    path.write_text(boots.capture(more=lines))
    files = [path, *others(path)]
    text = path.read_bytes() if "-" in files else None
    got = report("series", *files, stdin=text)
    n_said = len(files) - n_boots
    assert (len(got["boots"]), len(got["left_out"]), got["skipped"]) == (n_boots, n_said, []), rule
    assert all("given twice: read once" in reason for reason in got["left_out"])
    status, text, _ = mapdiff("series", *files, stdin=text)
    assert (status, sentences(text).count("given twice: read once")) == (0, n_said)


def test_a_copy_names_what_it_is_a_copy_of(report, tmp_path):
    paths = boots.write(tmp_path, *[boots.capture(more=WHO)] * 2)
    assert report("series", *paths)["left_out"] == [f"{paths[1]}: given twice: read once, as {paths[0]}"]


# --- in which order ---


def test_boots_by_time(report, mapdiff, tmp_path):
    """journalctl -b -12 > boot-12.log: names run against time."""
    for number, pages in enumerate((0, 0, 0, 2, 2, 2)):
        time = [f"rtc_cmos 00:01: setting system clock to 2026-11-{number + 1:02}T10:25:43 UTC (1795335815)"]
        (tmp_path / f"boot-{6 - number:02}.log").write_text(boots.log(boots.moved(pages), more=time))
    series = report("series", tmp_path)
    assert series["order"] == "time" and [row["map"] for row in series["boots"]] == [0, 0, 0, 1, 1, 1]
    assert series["boots"][0]["name"].endswith("boot-06.log") and series["maps"][1]["first_boot"] == 3
    assert "in the order of their times, which is not that of the files" in mapdiff("series", tmp_path)[1]


def test_boots_by_name_where_one_has_no_time(report, tmp_path):
    captures(tmp_path, DOCKED)
    (tmp_path / "2.map").write_text(boots.capture())
    series = report("series", tmp_path)
    assert series["order"] == "files" and series["boots"][5]["name"].endswith("/00005.map")


def test_many_boots_in_one_log(report, tmp_path):
    """journalctl -k without -b: one file, a line between the boots."""
    text = "".join(f"-- Boot {number:032x} --\n" + boots.log(boots.moved(pages), more=[f"x {number}"])
                   .replace("[    0.", f"[    {number}.") for number, pages in enumerate((0, 3, 3, 0)))
    (tmp_path / "journal").write_text(text)
    series = report("series", tmp_path / "journal")
    assert [row["map"] for row in series["boots"]] == [0, 1, 1, 0]
    assert series["boots"][2]["name"].endswith("journal@3")


# --- conditions that change with the map ---


def test_a_rebuild_moves_it(report, tmp_path):
    """Each build has another command line: no value comes often, but where it changes, the map does."""
    builds = (1, 1, 2, 2, 2, 3, 3, 4, 4, 4)
    paths = boots.write(tmp_path, *(boots.log(boots.moved(-build), line=f"init=/store/{build}") for build in builds))
    series = report("series", *paths)
    assert links(series) == {"command-line": {"mover": 0, "key": "command-line", "changed": [3, 3], "kept": [0, 6],
                                              "text": "It moved in 3 of 3 boots in which command-line had changed, and in 0 of 6 in which it had not."}}


def test_a_change_that_moves_nothing(report, tmp_path):
    builds = (1, 1, 2, 2, 3, 3, 4)
    paths = boots.write(tmp_path, *(boots.log(boots.moved(number % 2), line=f"init=/store/{build}")
                                    for number, build in enumerate(builds)))
    assert report("series", *paths)["links"] == []


def test_the_part_of_the_label(report, tmp_path):
    rows = [(2, "docked, battery"), (2, "docked, charger"), (0, "alone, charger"), (0, "alone, battery"),
            (2, "docked, battery"), (0, "alone, charger")]
    series = report("series", captures(tmp_path, rows))
    assert conditions(series)["label (part 1)"]["decides"]
    assert "label (part 2)" not in conditions(series) and "label (part 2)" not in links(series)


def test_devices_that_come_and_go(report, tmp_path):
    dock = ["device 0000:2c:00.0 8086:15eb class 0x0c0330"]
    for number, docked in enumerate((0, 1, 1, 0, 1, 0, 0)):
        more = ["device 0000:00:02.0 8086:9a49 class 0x030000"] + dock * docked
        (tmp_path / f"{number}.map").write_text(boots.capture(boots.moved(2 * docked), more))
    series = report("series", tmp_path)
    assert conditions(series)["PCI devices"]["decides"] and series["movers"][0]["cause"] == "devices"


def test_each_mover_has_its_own_condition(report, tmp_path):
    """The NVS goes with the dock, while the ACPI data moves as it likes."""
    dock = ["device 0000:2c:00.0 8086:15eb class 0x0c0330"]
    for number, (pages, docked) in enumerate(((0, 0), (1, 1), (1, 0), (2, 0), (3, 1), (0, 1), (0, 0), (1, 0))):
        e820 = boots.moved(pages)[:4] + ((0x7F800000 + 0x1000 * docked, 0x7F900000, 4),) + boots.LAPTOP[5:]
        more = ["device 0000:00:02.0 8086:9a49 class 0x030000"] + dock * docked
        (tmp_path / f"{number}.map").write_text(boots.capture(e820, more))
    series = report("series", tmp_path)
    causes = {row["type"]: row["cause"] for row in series["movers"]}
    assert causes == {3: "unknown", 4: "devices"}
    (link,) = series["links"]
    assert series["movers"][link["mover"]]["type"] == 4 and link["changed"] == [4, 4] and link["kept"] == [0, 3]


def test_one_odd_boot_is_no_cause(report):
    """Two CPUs in one of many boots: what moved then, in both directions, is named; the rest is not."""
    series = report("series", MAPS / "hibernate")
    assert series["conditions"] == [] and series["movers"][0]["cause"] == "unknown"
    assert [row["changed"] for row in series["links"] if row["key"] == "cpu-count"] == [[2, 2]] * 3


def test_chance_is_no_condition(report, tmp_path):
    """Nearly each boot has a map of its own: that no value shares one means nothing."""
    rows = [(-number, "docked" if number < 4 else "undocked") for number in range(8)]
    assert report("series", captures(tmp_path, rows))["conditions"] == []


# --- what else lies in a folder ---


def test_several_machines(mapdiff, report, tmp_path):
    other = boots.log().replace("Example Laptop/Board", "Other Desktop/Board")
    paths = boots.write(tmp_path, boots.log(), boots.log(), other)
    assert report("series", *paths)["machines"] == 2
    text = sentences(mapdiff("series", *paths)[1])
    assert "3 boots of 2 machines" in text and "Example Laptop/Board: 2 boots" in text and "Other Desktop/Board: 1 boot," in text


def test_several_kinds_of_maps(mapdiff, tmp_path):
    paths = boots.write(tmp_path, boots.log(), boots.capture())
    assert "1 of what a kernel got, 1 capture of bootmem" in sentences(mapdiff("series", *paths)[1])


def test_folders_in_a_folder(report, tmp_path):
    """Also a copy of /sys/firmware/memmap, a link in a circle, and a pipe that nobody writes to."""
    for name in ("a", "b/c"):
        (tmp_path / name).mkdir(parents=True)
        captures(tmp_path / name, DOCKED)
    formats.sysfs_folder(naive.ALL[0], tmp_path / "memmap")
    (tmp_path / "b" / "up").symlink_to("..")
    os.mkfifo(tmp_path / "pipe")
    series = report("series", tmp_path)
    assert len(series["boots"]) == 2 * len(DOCKED) + 1
    assert [row.split(": ")[1] for row in series["skipped"]] == ["it is neither a file nor a folder"] * 2


def test_a_file_that_was_asked_for_and_has_no_map_is_trouble(mapdiff, tmp_path):
    """The others are reported all the same."""
    captures(tmp_path, DOCKED)
    missing = tmp_path / "missing"
    status, text, err = mapdiff("series", tmp_path, missing)
    assert status == 2 and f"{len(DOCKED)} boots" in text
    assert err == f"mapdiff: {missing}: No such file or directory\n"


def test_damage_is_named_with_its_place(mapdiff, tmp_path):
    good, bad = boots.log(), boots.log().replace("0x0000000000100000", "0xzz", 1)
    (tmp_path / "log").write_text(good + bad.replace("[    0.", "[    1.") + good.replace("[    0.", "[    2."))
    status, text, _ = mapdiff("series", tmp_path)
    assert status == 0 and "1 file or boot was left out: see the end." in text
    assert "log@2: line " in text.splitlines()[-1] and "0xzz" in text.splitlines()[-1]


@pytest.mark.parametrize("names", [[], ["empty"], ["empty", "notes"]])
def test_nothing_to_report(mapdiff, tmp_path, names):
    for name in names:
        (tmp_path / name).write_text("")
    status, text, err = mapdiff("series", tmp_path)
    assert status == 2 and text == ""
    assert err.count("it is empty") == len(names) or "there is no file in it" in err

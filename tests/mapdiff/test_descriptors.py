"""The UEFI maps of two boots -> what is in one of them only, by type; and what of it is the writer's own. Each rule alone."""

import boots
import pytest
from formats_other import capture
from naive import SP, WB

FREE = (7, WB, 0, 0x100000)


def change(report, tmp_path, before, after, *args):
    """Rows of (type, descriptors, pages, own pages, whether e820 shows it); None: the maps are not both known."""
    rows = report(*args, *boots.write(tmp_path, *(capture(*lines, uefi=uefi) for uefi, lines in (before, after))))["uefi"]
    return rows and [(row["type"], row["descriptors"], row["pages"], row["footprint_pages"], row["visible"]) for row in rows]


def at(kind, page, pages=1, attribute=WB):
    return (kind, attribute, page << 12, (page + pages) << 12)


CHANGES = (
    # the rule, the UEFI maps of both boots beside 1 MiB of free memory; the rows
    ("nothing", [at(4, 256)], [at(4, 256)], []),
    ("in another order", [at(4, 256), at(2, 257)], [at(2, 257), at(4, 256)], []),
    ("new", [], [at(4, 256)], [(4, [0, 1], [0, 1], [0, 0], False)]),
    ("gone", [at(4, 256, 3)], [], [(4, [1, 0], [3, 0], [0, 0], False)]),
    ("elsewhere", [at(4, 256, 2)], [at(4, 258, 2)], [(4, [1, 1], [2, 2], [0, 0], False)]),
    ("longer", [at(4, 256, 2)], [at(4, 256, 5)], [(4, [1, 1], [2, 5], [0, 0], False)]),
    ("another attribute", [at(4, 256)], [at(4, 256, attribute=WB | 1)], [(4, [1, 1], [1, 1], [0, 0], False)]),
    ("beside one that is the same", [at(4, 256), at(4, 300, 7)], [at(4, 258), at(4, 300, 7)],
     [(4, [1, 1], [8, 8], [0, 0], False)]),
    ("another type", [at(4, 256)], [at(3, 256)], [(3, [0, 1], [0, 1], [0, 0], False), (4, [1, 0], [1, 0], [0, 0], False)]),
    ("types by number", [at(10, 256), at(0, 257)], [], [(0, [1, 0], [1, 0], [0, 0], True), (10, [1, 0], [1, 0], [0, 0], True)]),
    ("two of a type", [at(4, 256), at(4, 300)], [at(4, 258)], [(4, [2, 1], [2, 1], [0, 0], False)]),
    ("the same one twice", [at(4, 256), at(4, 256)], [at(4, 256)], [(4, [1, 0], [2, 1], [0, 0], False)]),
    ("without a page", [at(4, 256, 0)], [], []),
    ("what Linux reserves shows", [], [at(9, 256)], [(9, [0, 1], [0, 1], [0, 0], True)]),
    ("memory for a purpose shows", [], [at(7, 256, attribute=WB | SP)], [(7, [0, 1], [256, 257], [0, 0], True)]),
    ("one of two that do", [], [at(7, 256, attribute=WB | SP), at(7, 300)], [(7, [0, 2], [256, 258], [0, 0], True)]),
    ("in whatever order", [], [at(7, 256), at(7, 300, attribute=WB | SP)], [(7, [0, 2], [256, 258], [0, 0], True)]),
    ("that is in both does not show", [at(7, 300, attribute=WB | SP)], [at(7, 256), at(7, 300, attribute=WB | SP)],
     [(7, [0, 1], [257, 258], [0, 0], False)]),
)


@pytest.mark.parametrize("rule, before, after, rows", CHANGES, ids=[row[0] for row in CHANGES])
def test_what_is_in_one_of_them(report, tmp_path, rule, before, after, rows):
    assert change(report, tmp_path, ([FREE, *before], []), ([FREE, *after], [])) == rows, rule


@pytest.mark.parametrize("turn", (False, True))
def test_maps_that_are_not_both_known(report, tmp_path, turn):
    texts = [capture(uefi=[FREE], e820=[(0, 0x100000, 1)]), capture(e820=[(0, 0x100000, 1)])]
    assert report(*boots.write(tmp_path, *(texts[::-1] if turn else texts)))["uefi"] is None


def own(key, page, pages=1):
    return f"{key} 0x{page << 12:016x} 0x{(page + pages) << 12:016x}"


OWN = (
    # the rule, the second UEFI map, lines of its capture; the rows, and the rows where what is the writer's own is subtracted
    ("its image", [at(2, 256, 4)], [own("footprint", 256, 4)], [(2, [0, 1], [0, 4], [0, 4], False)],
     [(7, [1, 1], [256, 260], [0, 0], False)]),
    ("its kernel", [at(2, 256, 4)], [own("kernel", 256, 4)], [(2, [0, 1], [0, 4], [0, 4], False)],
     [(7, [1, 1], [256, 260], [0, 0], False)]),
    ("its initrd", [at(2, 256, 4)], [own("initrd", 256, 4)], [(2, [0, 1], [0, 4], [0, 4], False)],
     [(7, [1, 1], [256, 260], [0, 0], False)]),
    ("the screen is not its own", [at(2, 256, 4)], [own("framebuffer", 256, 4)], [(2, [0, 1], [0, 4], [0, 0], False)],
     [(2, [0, 1], [0, 4], [0, 0], False)]),
    ("a part at the start", [at(2, 256, 4)], [own("footprint", 255, 2)],
     [(2, [0, 1], [0, 4], [0, 1], False), (7, [0, 0], [256, 256], [0, 1], False)],
     [(2, [0, 1], [0, 3], [0, 0], False), (7, [1, 1], [256, 257], [0, 0], False)]),
    ("in the middle", [at(2, 256, 4)], [own("footprint", 257)], [(2, [0, 1], [0, 4], [0, 1], False)],
     [(2, [0, 2], [0, 3], [0, 0], False), (7, [0, 1], [256, 257], [0, 0], False)]),
    ("at the end", [at(2, 256, 4)], [own("footprint", 259, 9)], [(2, [0, 1], [0, 4], [0, 1], False)],
     [(2, [0, 1], [0, 3], [0, 0], False), (7, [0, 1], [256, 257], [0, 0], False)]),
    ("two of them in one", [at(2, 256, 8)], [own("footprint", 257), own("footprint", 260, 2)],
     [(2, [0, 1], [0, 8], [0, 3], False)],
     [(2, [0, 3], [0, 5], [0, 0], False), (7, [0, 2], [256, 259], [0, 0], False)]),
    ("one over two", [at(2, 256, 2), at(1, 258, 2)], [own("footprint", 257, 2)],
     [(1, [0, 1], [0, 2], [0, 1], False), (2, [0, 1], [0, 2], [0, 1], False)],
     [(1, [0, 1], [0, 1], [0, 0], False), (2, [0, 1], [0, 1], [0, 0], False), (7, [0, 1], [256, 258], [0, 0], False)]),
    ("elsewhere", [at(2, 256, 4)], [own("footprint", 300)], [(2, [0, 1], [0, 4], [0, 0], False)],
     [(2, [0, 1], [0, 4], [0, 0], False)]),
    ("beside it", [at(2, 256, 4)], [own("footprint", 260)], [(2, [0, 1], [0, 4], [0, 0], False)],
     [(2, [0, 1], [0, 4], [0, 0], False)]),
    ("with another attribute than what is free", [at(2, 256, 4, WB | 1)], [own("footprint", 256, 4)],
     [(2, [0, 1], [0, 4], [0, 4], False)],
     [(7, [0, 1], [256, 260], [0, 0], False)]),
    ("what another program wrote is no one's own", [at(2, 256, 4)], ["origin a log", own("kernel", 256, 4)],
     [(2, [0, 1], [0, 4], [0, 0], False)],
     [(2, [0, 1], [0, 4], [0, 0], False)]),
)


@pytest.mark.parametrize("rule, after, lines, rows, subtracted", OWN, ids=[row[0] for row in OWN])
def test_what_is_the_writers_own(report, tmp_path, rule, after, lines, rows, subtracted):
    for args, want in (((), rows), (("--subtract-footprint",), subtracted)):
        texts = (capture("x y", uefi=[FREE], e820=[(0, 0x1000, 1)]), capture(*lines, uefi=[FREE, *after], e820=[(0, 0x1000, 1)]))
        got = report(*args, *boots.write(tmp_path, *texts))
        assert got["footprint_subtracted"] == bool(args)
        assert [(row["type"], row["descriptors"], row["pages"], row["footprint_pages"], row["visible"])
                for row in got["uefi"]] == [
            row for row in want if row[1] != [0, 0]], rule


TABLE = 'acpi 0x000000007f900000 %d 0x12345678 1 ok "SSDT" XSDT'
DIFFERENT = (
    # the rule, both captures, whether they differ at all
    ("nothing", boots.capture(), boots.capture(), False),
    ("a fact is no map", boots.capture(), boots.capture(more=["label x"]), False),
    ("a table", boots.capture(more=[TABLE % 16]), boots.capture(more=[TABLE % 17]), True),
    ("a descriptor", capture(uefi=[FREE]), capture(uefi=[FREE, at(4, 256)]), True),
    ("a range", boots.capture(), boots.capture(boots.moved(1)), True),
    ("a descriptor that Linux does not see", capture(uefi=[FREE], e820=[(0, 0x1000, 1)]),
     capture(uefi=[FREE, at(0x70000001, 256)], e820=[(0, 0x1000, 1)]), True),
)


@pytest.mark.parametrize("rule, before, after, is_different", DIFFERENT, ids=[row[0] for row in DIFFERENT])
def test_whether_boots_differ(mapdiff, report, tmp_path, rule, before, after, is_different):
    paths = boots.write(tmp_path, before, after)
    assert report(*paths)["different"] == is_different and mapdiff(*paths)[0] == is_different, rule


def test_each_side_has_both_targets(report, tmp_path):
    """As show has them."""
    paths = boots.write(tmp_path, boots.capture(), boots.capture(boots.moved(1)))
    got = report(*paths)["boots"]
    assert [side["targets"] for side in got] == [report("show", path)["targets"] for path in paths]
    assert all(set(side["targets"]) == {"ia32", "amd64"} for side in got) and got[0]["targets"] != got[1]["targets"]

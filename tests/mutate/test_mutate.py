"""Where defects are made, in which order, and what is kept of what was found."""

import collections
import pathlib

import pytest

import choose
import equal
import groups
import places
import record
import summary

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCE = """
#include <stdbool.h>
#define LIMIT (3 + 4)
typedef unsigned long pfn_t;
pfn_t pfn_up(pfn_t paddr);
int pfn_down(int from, int to);
void tell(const char *text);
static const int table[] = { 5 };

bool body(int a, int b)
{
	int c = LIMIT;

	if (a < b && c != 7)
		tell("a < b");
	c = pfn_down(a, b);
	return (int)pfn_up(c) + table[0] == b;
}
"""
# Each expression, and all that can be done to it.
WANTED = {
    ("table", "constant changed", "5 => 6"),
    ("body", "condition negated", "a < b && c != 7 => !(a < b && c != 7)"),
    ("body", "comparison turned", "< => >"), ("body", "off by one", "< => <="), ("body", "and/or", "&& => ||"),
    ("body", "comparison turned", "!= => =="), ("body", "constant changed", "7 => 8"),
    ("body", "call dropped", 'tell("a < b") => (void)0'),
    ("body", "assignment dropped", "c = pfn_down(a, b) => (void)0"),
    ("body", "rounding turned", "pfn_down => pfn_up"), ("body", "rounding turned", "pfn_up => pfn_down"),
    ("body", "arguments swapped", "a, b => b, a"),
    ("body", "arithmetic", "+ => -"), ("body", "constant changed", "0 => 1"),
    ("body", "comparison turned", "== => !="),
    ("body", "return changed", "(int)pfn_up(c) + table[0] == b => !((int)pfn_up(c) + table[0] == b)"),
}


@pytest.fixture
def mutants(tmp_path):
    def read(text):
        (tmp_path / "a.c").write_text(text)
        return places.File(tmp_path, "a.c", ["-std=c11"]).mutants()

    return read


def test_every_expression_has_its_defects_and_texts_and_macros_have_none(mutants):
    found = {tuple(mutant.key.split(" | ", 3)[1:]) for mutant in mutants(SOURCE)}
    assert found == WANTED


def test_a_key_stays_when_lines_move_and_goes_when_the_expression_changes(mutants):
    before = {mutant.key for mutant in mutants(SOURCE)}
    assert {mutant.key for mutant in mutants("\n\n/* < */" + SOURCE)} == before
    changed = {mutant.key for mutant in mutants(SOURCE.replace("c != 7", "c != 9"))}
    assert before - changed == {"a.c | body | condition negated | a < b && c != 7 => !(a < b && c != 7)",
                                "a.c | body | constant changed | 7 => 8"}


def test_one_place_is_changed_and_lines_stay_where_they_are(mutants):
    text = SOURCE.replace("a < b && c", "a < b &&\n\t    c").encode()
    for mutant in mutants(text.decode()):
        changed = mutant.applied_to(text)
        assert changed != text and changed.count(b"\n") >= text.count(b"\n")
        assert changed[: mutant.start] == text[: mutant.start]


def test_what_reads_the_same_is_counted(mutants):
    keys = [mutant.key for mutant in mutants("int f(int a)\n{\n\treturn a + a + a;\n}\n") if "arith" in mutant.key]
    assert keys == ["a.c | f | arithmetic | + => -", "a.c | f | arithmetic | + => - | 2"]


def test_a_seed_has_one_order_and_another_seed_another(mutants):
    found = mutants(SOURCE)
    orders = [[mutant.key for mutant in choose.in_order_of(seed, groups.GROUPS[0], found)] for seed in "112"]
    assert orders[0] == orders[1] != orders[2]
    assert collections.Counter(orders[0]) == collections.Counter(mutant.key for mutant in found)


def test_a_name_that_is_of_nothing_is_no_defect():
    """It would not link, and a test that cannot be built notices nothing."""
    compiler = choose.Compiler(ROOT, groups.FREE)
    assert compiler.instructions(b"int f(void) { return 1; }") is not None
    assert compiler.instructions(b"int f(void) { return count_up(1); }") is None


def test_every_source_is_in_one_group():
    grouped = collections.Counter(file for group in groups.GROUPS for file in group.files(ROOT))
    sources = {str(path.relative_to(ROOT)) for folder in ("bootmem", "x86", "handoff", "efi", "mapdiff")
               for path in (ROOT / folder).rglob("*.c")}
    assert {file for file, n in grouped.items() if n > 1} == set()
    assert {file for file in sources - set(grouped) if not file.startswith("handoff/example/")} == set()


def test_each_boot_is_a_test():
    for group in groups.GROUPS:
        for row in group.boots:
            file, name = row.split("::")
            assert f"def {name.split('[')[0]}(" in (ROOT / "tests" / "qemu" / file).read_text()


def test_each_that_is_said_to_be_equal_has_a_reason_and_a_place():
    known = equal.known(ROOT)
    assert all(known.values())
    files = {key.split(" | ")[0] for key in known}
    every = [mutant for group in groups.GROUPS if files & set(group.files(ROOT))
             for mutant in choose.all_places(ROOT, group)]
    assert equal.gone(known, every) == []


RESULT = record.Result("x86", "a.c | f | and/or | && => ||", 3, "and/or", None, None, 1.0)


def test_a_run_goes_on_where_it_was_interrupted(tmp_path):
    file = tmp_path / "1.results"
    record.Results(file, "state").add(RESULT)
    with file.open("a") as half:
        half.write('{"group": "x8')
    assert record.Results(file, "state")[RESULT.key] == RESULT
    assert RESULT.key not in record.Results(file, "other state")


def test_a_group_fails_below_its_share_and_what_is_equal_is_no_part_of_it():
    x86 = groups.GROUPS[1]
    killed = [record.Result("x86", str(i), 1, "", "test", None, 1.0) for i in range(19)]
    same = record.Result("x86", "same", 1, "", None, "why", 1.0)
    assert summary.figures(x86, [*killed, RESULT, same])["percent"] == 95.0
    assert summary.figures(x86, [*killed, RESULT, same])["is_enough"]
    assert not summary.figures(x86, [*killed[1:], RESULT])["is_enough"]


def test_a_group_fails_if_less_was_tried_than_was_to_be(tmp_path):
    """Nothing that was tried is nothing that was noticed."""
    x86 = groups.GROUPS[1]
    killed = [record.Result("x86", str(i), 1, "", "test", None, 1.0) for i in range(19)]
    same = record.Result("x86", "same", 1, "", None, "why", 1.0)
    for results, least_tried, status in (([], 0, 0), ([], 1, 1), (killed, 19, 0), ([*killed, same], 20, 1)):
        assert summary.write(tmp_path / "1", "1", results, [x86], [], least_tried) == status

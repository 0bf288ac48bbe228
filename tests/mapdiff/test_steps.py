"""mapdiff steps: after each call the bitmap is what a model has that is painted page by page, and after the
last one it is that of show."""

import random
import re

import pytest

from naive import ALL, PAGE, WB, capture, e820_of, free_pages, name_of, ram_ranges, reserved_of, runs_of

POLICIES = ("safe", "linux-2.6.24")
WAKEUP_PAGES = {"ia32": 1, "amd64": 2}
MIB = 1 << 20
RAM = [(7, WB, 0, 0xA0000), (7, WB, MIB, 64 * MIB)]
RESERVE = "reserve {} {:#018x} {:#018x} {} {} {} \"{}\" \"{}\""
KERNEL, BOOTMAP, LOW_MEMORY, WAKEUP = 1, 2, 7, 8


def ribbon_of(pages):
    """One character for each 64th, as of one byte a page, 1 = free."""
    size = len(pages) // 64 + 1
    cells = [pages[at:at + size] for at in range(0, len(pages), size)]
    return "".join("#" if 1 not in cell else "+" if 0 in cell else "." for cell in cells)  # of bytes: memchr()


class Model:
    """One byte a page, 1 = free; each method paints what one call does."""

    def __init__(self, n_pages):
        self.pages = bytearray(n_pages)

    def paint(self, first, end, value):
        end = min(end, len(self.pages))
        if first >= end:
            return []
        before = self.pages[first:end]
        self.pages[first:end] = bytes([value]) * (end - first)
        changed = before if value == 0 else before.translate(bytes([1, 0]) + bytes(254))
        return [[first + start, first + stop] for start, stop in runs_of(changed)]

    def free(self, start, end):
        return self.paint(-(-start // PAGE), end // PAGE, 1)

    def reserve(self, start, end):
        return self.paint(start // PAGE, -(-end // PAGE), 0)

    def first_fit(self, n):
        """Where __alloc_bootmem_core() without a goal finds @n pages."""
        at = self.pages.find(b"\1" * n)
        assert at >= 0
        return at * PAGE, (at + n) * PAGE


def expected(model, e820, reserved, name):
    """What is to be seen: (function, runs that change) for each call that there must be, in order."""
    yield ("init_bootmem",), lambda: []
    for start, end in ram_ranges(e820, name):
        end = min(end, len(model.pages) * PAGE)
        if start < end:
            yield ("free_bootmem", "free_bootmem_node"), lambda start=start, end=end: model.free(start, end)
    for start, end, owner in reserved:
        if owner == "ACPI wake-up":
            yield ("alloc_bootmem_low",), lambda start=start, end=end: (
                model.reserve(*model.first_fit(WAKEUP_PAGES[name])))
        else:
            yield ("reserve_bootmem", "reserve_bootmem_generic"), lambda start=start, end=end: model.reserve(start, end)


def compare(target, shown, e820, name):
    """Each step with the model, the last one with show."""
    steps = [step for step in target["steps"] if step["bits"]]
    assert [step["ribbon"] for step in target["steps"] if not step["bits"]] == [""] * (len(target["steps"]) - len(steps))
    reserved = [(int(row["start"], 0), int(row["end"], 0), row["owner"]) for row in shown["reserved"]]
    model = Model(shown["max_low_pfn"])
    calls = list(expected(model, e820, reserved, name))
    n_free = 0
    for at, (functions, paint) in enumerate(calls[:len(steps)]):
        step = steps[at]
        assert step["function"] in functions, (at, step)
        changed = paint()
        assert step["changed"] == changed, (at, step)
        change = sum(end - first for first, end in changed) * (1 if "free" in step["function"] else -1)
        assert step["free"] == [n_free, n_free + change] and step["free"][1] == model.pages.count(1), (at, step)
        n_free += change
        assert step["ribbon"] == ribbon_of(model.pages), (at, step)
    if "failure" in target:
        assert target["failure"] == shown["failure"] and target["end"] == ""
        return
    assert len(steps) == len(calls)
    assert runs_of(model.pages) == shown["free"] and target["free_pages"] == shown["free_pages"] == n_free
    bitmap_pages = -(-(-(-shown["max_low_pfn"] // 8)) // PAGE)
    assert target["end"] == f"gives away {n_free} free page{'s' * (n_free != 1)}, and {bitmap_pages} of the bitmap"
    assert "difference" not in target


def check(report, *args, stdin=None):
    steps, shown = report("steps", *args, stdin=stdin), report("show", *args, stdin=stdin)
    assert set(steps["targets"]) == set(shown["targets"]) and steps["policy"] == shown["policy"]
    for name, target in steps["targets"].items():
        compare(target, shown["targets"][name], e820_of(shown), name)
    return steps


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("map", ALL, ids=name_of)
def test_each_step_is_what_the_painted_model_has(report, map, policy):
    check(report, "-p", policy, map.path)


def random_ram(rng):
    """Pieces of memory below 64 MiB, some of them not whole pages; RAM for a kernel most of the time."""
    at, e820 = 0, []
    for _ in range(rng.choice([1, 3, 10, 40])):
        start = at + rng.choice([0, 0, 1, PAGE, 3 * PAGE + 5, MIB])
        at = start + rng.choice([1, PAGE - 1, PAGE, 2 * PAGE + 7, 100 * PAGE, MIB])
        e820.append((start, at, rng.choice([1, 1, 1, 2, 3, 4])))
    if rng.random() < 0.8:
        start = max(at, MIB)
        e820.append((start, start + rng.choice([2, 5, 40]) * MIB, 1))
    return e820


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("seed", range(25))
def test_so_it_is_on_random_maps(report, seed, policy):
    rng = random.Random(seed)
    lines = ["origin a log"]
    for _ in range(rng.randrange(4)):
        start = rng.randrange(0x1000, 8 * MIB)
        lines.append(f'acpi {start:#018x} {rng.randrange(1, 9000):#x} - 1 ok "SSDT" XSDT')
    check(report, "-p", policy, "-", stdin=capture(e820=random_ram(rng), lines=lines))


def recorded(shown, policy):
    """A capture of bootmem's that has the bitmaps of a report."""
    lines = [f"policy {policy}"]
    for name, target in shown["targets"].items():
        lines += [f"max-pfn {name} {target['max_pfn']:#x}", f"max-low-pfn {name} {target['max_low_pfn']:#x}"]
        lines += [f"free {name} {first:#x} {end:#x}" for first, end in target["free"]]
        lines += [RESERVE.format(name, int(row["start"], 0), int(row["end"], 0), row["origin"], row["lifetime"], row["kind"],
                                 row["owner"], row["reason"]) for row in target["reserved"]]
    return capture(RAM, [(start, end, 1) for _, _, start, end in RAM], lines)


@pytest.mark.parametrize("policy", POLICIES)
def test_the_reservations_of_a_capture_are_made_again(report, policy):
    shown = report("show", "-p", policy, "-", stdin=capture(RAM))
    steps = check(report, "-", stdin=recorded(shown, policy))
    assert all(target["recorded"] for target in steps["targets"].values())
    computed = report("steps", "-p", policy, "-", stdin=capture(RAM))
    for name, target in steps["targets"].items():
        bits = [step for step in target["steps"] if step["bits"]]
        assert [step["changed"] for step in bits] == [step["changed"] for step in computed["targets"][name]["steps"] if step["bits"]]


@pytest.mark.parametrize("target, caller", [("ia32", "reserve_ebda_region"), ("amd64", "setup_arch")])
@pytest.mark.parametrize("policy", POLICIES)
def test_the_ebda_is_reserved_by_its_own_function(report, mapdiff, policy, target, caller):
    """reserve_ebda_region() of setup_32.c; the page of a K7 behind it, and page 0, are of who calls that."""
    shown = report("show", "-p", policy, "-", stdin=capture(RAM))
    rows = shown["targets"][target]["reserved"]
    at = next(n for n, row in enumerate(rows) if row["owner"] == "page 0") + 1
    low = {"origin": "linux", "lifetime": "forever", "kind": LOW_MEMORY, "reason": "a page"}
    rows[at:at] = [{**low, "owner": "EBDA", "start": "0x9f000", "end": "0xa0000"}, {**low, "owner": "AMD K7", "start": "0x9f000", "end": "0xa0000"}]
    data = recorded(shown, policy)
    usual = "setup_bootmem_allocator" if target == "ia32" else "setup_arch"
    steps = report("steps", "--damaged", "-", stdin=data)["targets"][target]["steps"]
    callers = {step["what"]: step["caller"] for step in steps}
    assert {name: callers[name] for name in ("page 0", "EBDA", "AMD K7", "SMP trampoline")} == {
        "page 0": usual, "EBDA": caller, "AMD K7": usual, "SMP trampoline": usual}
    out = mapdiff("steps", "--damaged", "-t", target, "-", stdin=data)[1]
    assert re.search(r"^reserve_bootmem\S* +L EBDA", out, re.M) and (f"  {caller}\n" in out)


@pytest.mark.parametrize("policy", POLICIES)
def test_another_policy_than_that_of_the_capture_is_computed(report, policy):
    data = recorded(report("show", "-p", policy, "-", stdin=capture(RAM)), policy)
    other = POLICIES[1 - POLICIES.index(policy)]
    assert check(report, "-p", policy, "-", stdin=data)["targets"]["ia32"]["recorded"]
    steps = report("steps", "-p", other, "-", stdin=data)
    computed = check(report, "-p", other, "-", stdin=capture(RAM))
    assert steps["policy"] == other and steps["targets"] == computed["targets"]


def test_a_capture_whose_lines_do_not_belong_together_is_named(mapdiff, report):
    data = recorded(report("show", "-", stdin=capture(RAM)), "safe").decode().splitlines()
    at = next(n for n, line in enumerate(data) if line.startswith("reserve ia32") and '"kernel"' in line)
    del data[at]
    text = "\n".join(data[:-1])
    head = [line for line in text.splitlines()[1:] if not line.startswith(("uefi", "e820"))]
    again = capture(RAM, [(start, end, 1) for _, _, start, end in RAM], head)
    says = "These steps do not end in the bitmap of the capture: 16284 pages free here, 16028 there."
    out = mapdiff("steps", "-t", "ia32", "-", stdin=again)[1]
    assert says in " ".join(out.split()) and "free_all_bootmem" not in out
    assert report("steps", "-t", "ia32", "-", stdin=again)["targets"]["ia32"]["end"] == ""
    assert report("steps", "-t", "ia32", "-", stdin=again)["targets"]["ia32"]["difference"].startswith(says)


NAMES = {
    ("ia32", "safe"): ["find_max_pfn", "find_max_low_pfn", "find_e820_area", "init_bootmem", "free_bootmem", "free_bootmem",
                       "reserve_bootmem", "reserve_bootmem", "reserve_bootmem", "reserve_bootmem", "reserve_bootmem",
                       "alloc_bootmem_low", "free_all_bootmem"],
    ("ia32", "linux-2.6.24"): ["find_max_pfn", "find_max_low_pfn", "setup_memory", "init_bootmem", "free_bootmem",
                               "free_bootmem", "reserve_bootmem", "reserve_bootmem", "reserve_bootmem",
                               "alloc_bootmem_low", "free_all_bootmem"],
    ("amd64", "safe"): ["e820_end_of_ram", "find_e820_area", "init_bootmem", "free_bootmem_node", "free_bootmem_node",
                        "reserve_bootmem", "reserve_bootmem_generic", "reserve_bootmem_generic",
                        "reserve_bootmem_generic", "reserve_bootmem_generic", "alloc_bootmem_low", "free_all_bootmem"],
    ("amd64", "linux-2.6.24"): ["e820_end_of_ram", "find_e820_area", "init_bootmem", "free_bootmem_node",
                                "free_bootmem_node", "reserve_bootmem", "reserve_bootmem_generic",
                                "reserve_bootmem_generic", "reserve_bootmem_generic", "alloc_bootmem_low",
                                "free_all_bootmem"],
}


@pytest.mark.parametrize("target, policy", NAMES)
def test_each_line_begins_with_the_function(mapdiff, target, policy):
    status, out, err = mapdiff("steps", "-t", target, "-p", policy, "-", stdin=capture(RAM))
    assert (status, err) == (0, "")
    part = out.split("free pages\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in part if not line.startswith("  |")] == NAMES[target, policy]
    ribbons = [line for line in part if line.startswith("  |")]
    assert all(re.fullmatch(r"  \|[.#+]{1,64}\|", line) for line in ribbons)
    assert all(len(line) <= 80 and line == line.rstrip() for line in part)


def test_lines_of_a_large_machine_fit_a_hundred_columns(mapdiff):
    out = mapdiff("steps", "-", stdin=capture([*RAM, (7, WB, 1 << 32, 1 << 38)]))[1]
    assert max(len(line) for line in out.splitlines()) <= 100


def test_what_changes_nothing_says_why(mapdiff):
    lines = ["origin a log", "framebuffer 0x00000000c0000000 0x00000000c0300000"]
    out = mapdiff("steps", "-t", "amd64", "-", stdin=capture(RAM[1:], [(0x800, 0x1800, 1), (MIB, 64 * MIB, 1)], lines))[1]
    assert "usable RAM" in out and "no whole page" in out
    assert re.search(r"\+ framebuffer +0xc0000-0xc0300 +\d+ not in bitmap", out)
    assert re.search(r"L page 0 .*already", out)


@pytest.mark.parametrize("args, data", [
    (["-"], b"nothing of a map\n"),
    (["-"], b"bootmem-capture 1\nuefi 0x0 0x1000 7 0xf x\n"),
    (["/nonexistent"], None),
    (["--target=arm", "-"], capture(RAM)),
    (["--policy=bold", "-"], capture(RAM)),
    (["--kernel=5", "-"], capture(RAM)),
    (["--resume", "-"], capture(RAM)),
])
def test_trouble_is_told_as_by_show(mapdiff, args, data):
    said = [mapdiff(command, *args, stdin=data) for command in ("steps", "show")]
    assert said[0][0] == said[1][0] == 2 and said[0][1] == said[1][1] == ""
    assert said[0][2] and said[0][2].replace("steps", "show") == said[1][2]


@pytest.mark.parametrize("uefi, words", [
    ([(7, WB, 0, 0xA0000)], "no bitmap: there is no RAM for a kernel at or above 1 MiB"),
    ([(7, WB, MIB, 2 * MIB)], "no bitmap: no free range of memory is large enough for the bitmap"),
    ([*RAM, (7, WB, 1 << 44, (1 << 44) + (1 << 46) - PAGE)], "no bitmap: the bitmap would take "),
])
def test_where_there_is_no_bitmap_the_steps_end_with_the_reason(mapdiff, uefi, words):
    out = mapdiff("steps", "-t", "amd64", "-", stdin=capture(uefi))[1]
    assert words in out and words in mapdiff("show", "-t", "amd64", "-", stdin=capture(uefi))[1]
    assert "free_all_bootmem" not in out and "|" not in out


def test_ranges_that_overlap_are_freed_once(report):
    """A capture that says so is damaged or sanitized: no step frees a page twice."""
    data = capture(RAM, [(0, 0x9F000, 1), (0x80000, 0xA0000, 1), (MIB, 8 * MIB, 1), (MIB, 8 * MIB, 1)])
    check(report, "--damaged", "-", stdin=data)
    shown = report("show", "-", stdin=capture(RAM))
    lines = recorded(shown, "safe").decode().splitlines()[1:-1]
    lines = [line for line in lines if not line.startswith(("uefi", "e820"))]
    report("steps", "--damaged", "-", stdin=capture(RAM, [(0, 0xA0000, 1), (0, 0xA0000, 1)], lines))


def test_the_model_would_see_a_wrong_page():
    """The second opinion has one of its own."""
    model = Model(0x4000)
    for start, end in ram_ranges([(0, 0x9FC00, 1), (MIB, 64 * MIB, 1)], "ia32"):
        model.free(start, end)
    model.reserve(0x9F800, 0x9FC01)
    assert model.pages == free_pages([(0, 0x9FC00, 1), (MIB, 64 * MIB, 1)], [(0x9F800, 0x9FC01)], "ia32", 0x4000)
    assert model.pages[0x9F] == 0 and model.first_fit(2) == (0, 2 * PAGE) and reserved_of({"reserved": []}) == []

"""The HTML page in a browser: what is drawn is what the JSON has; keyboard, pointer, dark, paper; and
nothing in a report is ever more than text."""

import html
import re

import boots
import pytest

from conftest import MAPS
from formats_other import capture

GRUB = MAPS / "hibernate" / "same-grub-1.map"
MOVED = [MAPS / "hibernate" / f"plant-acpi-moved-1page-{n}.map" for n in (1, 2)]
SMP = [MAPS / "hibernate" / f"smp-1-to-2-{n}.map" for n in (1, 2)]
GREW = [MAPS / "hibernate" / f"mem-512-to-768M-{n}.map" for n in (1, 2)]
REPORTS = {
    "diff": MOVED, "diff of other RAM": GREW, "show": ["show", GRUB], "translate": ["translate", GRUB],
    "explain": ["explain", GRUB, "0x9f000"], "series": ["series", MAPS / "hibernate"], "lint": ["lint", GRUB],
    "check": ["check", GRUB],
}
HOSTILE = "</script><img src=x onerror=alert(1)><!--<b>&amp;"


def bands(browser):
    """Name of each band -> how many ranges are drawn in it."""
    return dict(browser.run("[...document.querySelectorAll('.strip .band')]"
                            ".map(g => [g.getAttribute('aria-label'), g.children.length])"))


def rows(browser, title):
    """Of the table of a section."""
    return browser.run(f"[...document.querySelectorAll('section')].filter(s => s.querySelector('h2').firstChild.data === {title!r})"
                       ".map(s => s.querySelectorAll('tbody tr').length)[0] || 0")


def turn_switches(browser):
    browser.run("document.querySelectorAll('.switch input').forEach(box => box.click())")
    browser.settle()


def ranges_in(browser, band):
    """Of a map in a diff: a box is one range, or says how many it stands for."""
    names = browser.run(f"[...document.querySelector('.strip [aria-label=\"{band}\"]').children].map(g => g.getAttribute('aria-label'))")
    return sum(int(re.search(r": (?:(\d+) ranges)?", name)[1] or 1) for name in names)


def details(browser):
    return browser.run("document.getElementById('details').innerText")


def focused(browser):
    return browser.run("document.activeElement.getAttribute('aria-label')")


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_is_a_page_that_draws_without_a_word(browser, page, name):
    report = page(*REPORTS[name])
    assert browser.run("new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size") == browser.run(
        "document.querySelectorAll('[id]').length")
    assert browser.run("document.title").endswith("mapdiff")
    assert browser.run("document.querySelectorAll('.strip .range').length") > 0
    assert browser.run("document.body.scrollWidth <= innerWidth"), "the page is too wide"
    assert browser.run("document.body.innerText.match(/undefined|NaN|object Object/)") is None
    assert report["program"] in browser.run("document.getElementById('footer').innerText")
    browser.resize(390, 900)
    browser.settle()
    assert browser.run("document.documentElement.scrollWidth") <= 390, "the page is too wide for a telephone"


def test_what_moved_and_whose_it_is_stands_in_the_picture(browser, page):
    page(*SMP)
    said = browser.run("[...document.querySelectorAll('.strip .callout')].map(t => t.textContent.replace(/^\\d: /, ''))")
    assert said == ["reserved moved down by 88 KiB", "runtime services data", "reserved moved down by 32 KiB",
                    "runtime services data", "ACPI NVS grew by 32 KiB", "firmware"]
    page(*GREW)
    said = browser.run("[...document.querySelectorAll('.strip .callout')].map(t => t.textContent)")
    assert said == ["usable grew by 256 MiB", "RAM", "2 to 7: all moved up by 256 MiB"]


def boxes(browser, selector):
    """[left, top, right, bottom] of each."""
    return browser.run(f"[...document.querySelectorAll({selector!r})].map(e => e.getBoundingClientRect())"
                       ".map(b => [b.left, b.top, b.right, b.bottom])")


def collisions(rectangles):
    return [(a, b) for n, a in enumerate(rectangles) for b in rectangles[:n]
            if min(a[2], b[2]) - max(a[0], b[0]) > 1 and min(a[3], b[3]) - max(a[1], b[1]) > 1]


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_labels_do_not_lie_upon_each_other(browser, page, width):
    page(*SMP)
    browser.resize(width, 1000)
    browser.settle()
    assert collisions(boxes(browser, ".strip .axis")) == []
    assert collisions(boxes(browser, ".strip .bubble") + boxes(browser, ".strip .callout-paper")) == []
    assert collisions(boxes(browser, ".labels svg:last-child text")) == []


def test_where_ranges_overlap_their_letters_do_not(browser, page):
    page("show", MAPS / "fake-overlap-q35-512M.map")
    assert collisions(boxes(browser, ".strip g[aria-label=UEFI] text")) == []


def test_nothing_is_said_twice(browser, page):
    report = page(*GREW)
    text = browser.run("document.querySelector('main').textContent")
    for change in report["changes"]:
        assert text.count(change["meaning"]) == 1
    assert text.count(report["boots"][0]["facts"]["command-line"]) == 1


def test_a_rule_of_lint_is_explained_once(browser, page):
    report = page("lint", MAPS / "fake-overlap-q35-512M.map")
    text = browser.run("document.querySelector('main').innerText")
    [overlap] = [finding for finding in report["findings"] if finding["rule"] == "overlap"]
    assert len(overlap["places"]) > 3
    assert text.count(overlap["explanation"]) == 1
    assert all(place["text"] in text for place in overlap["places"])
    assert "not checked: it does not say where SMBIOS lies: smbios-in-ram." in text


def test_sizes_are_those_of_the_text(browser, page, mapdiff):
    page(*SMP)
    sizes = re.search(r"Usable RAM: ([\d.]+ MiB) -> ([\d.]+ MiB) \((.32 KiB)\)", mapdiff(*SMP)[1]).groups()
    row = browser.run("[...document.querySelector('.legend tbody tr').cells].map(cell => cell.textContent)")
    assert [cell.strip().replace("\N{MINUS SIGN}", "-") for cell in row] == ["usable", *sizes]


def test_of_one_there_is_no_plural(browser, page, tmp_path):
    page("show", "-", stdin=capture(e820=[(0x1000, 0x1001, 1)]).encode())
    assert browser.run("document.querySelector('.legend tbody tr').innerText").split("\t")[-1].strip() == "1 byte"
    page(*boots.write(tmp_path, boots.log(((0, 0xA0000, 1),)), boots.log(((0, 0x9F000, 1), (0x9F000, 0xA0000, 2)))))
    assert "1, and 1 RAM range changed only because its neighbours did" in browser.run("document.body.innerText")


def test_reasons_have_the_signs_of_their_verdicts(browser, page):
    report = page(*[MAPS / "hibernate" / f"direct-to-grub-{n}.map" for n in (1, 2)])
    shown = browser.run("[...document.querySelectorAll('.verdict li')].map(li => [li.textContent, li.className])")
    resume = report["resume"]
    assert shown == [[text.replace("->", "→"), f"says-{verdict}"] for text, verdict in zip(resume["reasons"], resume["reason_verdicts"])]
    assert {verdict for _, verdict in shown} == {"says-no", "says-yes", "says-unknown"}


def test_what_was_left_out_is_said(browser, page):
    said = "bootmem's own memory left out"
    page(*SMP)
    assert said not in browser.run("document.querySelector('main').innerText")
    page(*SMP, "--subtract-footprint")
    assert said in browser.run("document.querySelector('main').innerText")


def test_a_page_says_first_what_it_is(browser, page):
    page("explain", GRUB, "0x100000")
    said = browser.run("[...document.querySelectorAll('.figures div')].map(d => [d.children[0].innerText, d.children[1].firstChild.data])")
    assert said == [["UEFI", "Conventional"], ["e820", "usable"], ["IA-32", "kernel"], ["AMD64", "kernel"]]


def test_what_could_not_be_read_stands_first(browser, page):
    lines = capture(e820=[(0, 0x9F000, 1), (0x100000, 0x20000000, 1)]).replace("e820 0x00000000001", "e820 0xnothing001")
    report = page("show", "-", "--damaged", stdin=lines.encode())
    assert report["boot"]["faults"]
    assert browser.run("document.querySelector('main').firstChild.innerText").startswith(f"{len(report['boot']['faults'])} fault")


def test_a_boot_has_all_its_ranges_in_bands_and_tables(browser, page):
    report = page("show", GRUB)
    drawn = bands(browser)
    assert drawn["UEFI"] == rows(browser, "UEFI map") == sum(d["pages"] > 0 for d in report["uefi"])
    assert drawn["e820"] == rows(browser, "e820 map") == len(report["e820"])
    for target, label in (("ia32", "IA-32"), ("amd64", "AMD64")):
        assert drawn[label] >= sum(run["fate"] != "not RAM" for run in report["targets"][target]["runs"])


@pytest.mark.parametrize("files", [MOVED, GREW], ids=["one page", "other RAM"])
def test_a_diff_has_both_boots_and_all_changes(browser, page, files):
    report = page(*files)
    assert list(bands(browser)) == ["e820, A", "changes", "e820, B"]
    turn_switches(browser)
    drawn = bands(browser)
    assert list(drawn) == ["AMD64, A", "IA-32, A", "UEFI, A", "e820, A", "changes", "e820, B", "UEFI, B", "IA-32, B", "AMD64, B"]
    for side, boot in zip("AB", report["boots"]):
        assert drawn[f"UEFI, {side}"] == sum(d["pages"] > 0 for d in boot["uefi"])
        assert ranges_in(browser, f"e820, {side}") == len(boot["e820"])
    own = sum(not change["consequence"] for change in report["changes"])
    assert drawn["changes"] == own
    assert rows(browser, "Changes") == len(report["changes"])
    assert browser.run("document.querySelectorAll('.strip .bubble').length") == own
    assert rows(browser, "ACPI tables that differ") == len(report["tables"])
    assert browser.run("document.querySelectorAll('table.boots .differs').length") >= len(report["conditions"])
    banner = browser.run("document.querySelector('.verdict').textContent")
    assert banner.lower().find(report["resume"]["verdict"]) >= 0
    assert all(checksum in banner for checksum in report["resume"]["e820_crc32"])


def test_equal_boundaries_stand_above_each_other(browser, page):
    page(*MOVED)
    edges = browser.run("""[...document.querySelectorAll('.strip .band')].flatMap(g => [...g.children]
        .filter(i => i.querySelector('rect')).map(i => [i.getAttribute('aria-label').match(/0x[0-9a-f]+/)[0],
                                                         +i.querySelector('rect').getAttribute('x')]))""")
    places = {}
    for start, x in edges:
        places.setdefault(start, set()).add(x)
    assert all(len(xs) == 1 for xs in places.values())
    ordered = [xs.pop() for _, xs in sorted(places.items(), key=lambda place: int(place[0], 16))]
    assert ordered == sorted(ordered)


def test_keys_move_pin_and_let_go(browser, page):
    page(*MOVED)
    browser.run("document.querySelector('.strip .item[tabindex=\"0\"]').focus()")
    first = focused(browser)
    assert first.startswith("e820 A")
    browser.press("ArrowRight")
    second = focused(browser)
    assert second != first
    assert re.search("0x[0-9a-f]+–0x[0-9a-f]+", second)[0] in details(browser)
    browser.press("ArrowLeft")
    assert focused(browser) == first
    turn_switches(browser)
    browser.run("document.querySelector('.strip .item[tabindex=\"0\"]').focus()")
    seen = []
    for _ in range(9):
        seen.append(focused(browser).split(":")[0])
        browser.press("ArrowDown")
    assert seen == ["AMD64 A", "IA-32 A", "UEFI A", "e820 A", "changes", "e820 B", "UEFI B", "IA-32 B", "AMD64 B"]

    browser.press("ArrowUp", "Home", "Enter")
    pinned = details(browser)
    assert "pinned" in pinned
    browser.press("ArrowRight", "ArrowRight")
    assert details(browser) == pinned
    browser.press("Escape", "ArrowRight")
    assert details(browser) != pinned and "pinned" not in details(browser)


def test_focus_is_seen(browser, page):
    page("show", GRUB)
    browser.run("document.querySelector('.strip .item[tabindex=\"0\"]').focus()")
    browser.press("ArrowRight")
    assert browser.run("getComputedStyle(document.activeElement.querySelector('.range')).strokeWidth") == "2.5px"


def test_a_row_shows_its_change(browser, page):
    report = page(*GREW)
    numbered = [change for change in report["changes"] if not change["consequence"]]
    browser.run("[...document.querySelectorAll('tr')].find(tr => tr.querySelector('.number')?.textContent === '2').click()")
    assert details(browser).startswith("2: ")
    assert numbered[1]["meaning"] in details(browser)
    assert browser.run("document.querySelectorAll('.strip .cursor').length") == 2


def test_all_ranges_of_a_long_map_can_be_seen(browser, page):
    uefi = [(7 if n % 2 else 4, 0xF, n << 12, (n + 1) << 12) for n in range(300)] + [(7, 0xF, 1 << 32, 1 << 36)]
    page("translate", "-", stdin=capture(uefi=uefi).encode())
    widths = "[...document.querySelectorAll('.strip g[aria-label=UEFI] .range')].map(r => +r.getAttribute('width'))"
    narrow = browser.run(widths)
    assert len(narrow) == len(uefi)
    assert min(narrow) >= 1
    browser.run("[...document.querySelectorAll('.tools button')].find(b => b.title.startsWith('Zoom in')).click()")
    assert min(browser.run(widths)) > 1.4 * min(narrow)
    assert browser.run("document.querySelector('.strip').scrollWidth > document.querySelector('.strip').clientWidth")
    assert browser.run("document.querySelectorAll('.overview .window').length") == 1


def many_ranges(n):
    return [(start << 12, start + 1 << 12, 1 + start % 2) for start in range(n)]


def test_a_map_of_ten_thousand_ranges_is_drawn_where_one_looks(browser, page):
    count = 10000
    page("show", "-", stdin=capture(uefi=[(7 if n % 2 else 4, 0xF, n << 12, n + 1 << 12) for n in range(count)],
                                    e820=many_ranges(count)).encode())
    assert browser.run("document.querySelectorAll('*').length") < 40000
    browser.run("document.querySelector('.strip .item[tabindex=\"0\"]').focus()")
    browser.press("End")
    assert hex((count - 1) << 12) in focused(browser)
    left, _, right, _ = browser.run("(b => [b.left, b.top, b.right, b.bottom])(document.activeElement.getBoundingClientRect())")
    assert 0 < left <= right < 1280
    browser.press("+", "ArrowLeft")
    assert hex((count - 2) << 12) in focused(browser)


def test_all_rows_of_a_long_table_are_there_when_asked_for(browser, page):
    page("show", "-", stdin=capture(e820=many_ranges(700)).encode())
    assert 0 < rows(browser, "e820 map") < 700
    browser.run("document.querySelector('.more button').click()")
    assert rows(browser, "e820 map") == 700
    assert browser.run("document.querySelectorAll('.more').length") == 0


def test_where_words_have_room_there_is_no_scale(browser, page):
    page("show", "-", stdin=capture(e820=[(0, 0x10000, 1), (0x10000, 0x2000000, 2)]).encode())
    assert browser.run("document.querySelectorAll('.widths').length") == 0
    assert browser.run("document.querySelector('.note').innerText").startswith("Not to scale")


def test_examples_of_widths_are_true(browser, page):
    page("show", "-", stdin=capture(e820=many_ranges(100)).encode())
    assert browser.run("document.title").startswith("standard input")
    shown = dict(browser.run("[...document.querySelectorAll('.widths span')].map(s => [s.innerText.trim(), s.querySelector('i').offsetWidth])"))
    assert "4 KiB" in shown and len(set(shown.values())) == len(shown)
    drawn = browser.run("[...document.querySelectorAll('.strip g[aria-label=e820] .range')].map(r => +r.getAttribute('width'))")
    assert abs(shown["4 KiB"] - drawn[50]) <= 1


def test_keys_zoom_and_keep_the_focus(browser, page):
    page("show", GRUB)
    width = "+document.querySelector('.strip svg').getAttribute('width')"
    whole = browser.run(width)
    browser.run("document.querySelector('.strip .item[tabindex=\"0\"]').focus()")
    browser.press("ArrowDown", "ArrowRight")
    there = focused(browser)
    browser.press("+", "+")
    assert browser.run(width) > 2 * whole
    assert focused(browser) == there
    browser.press("0")
    assert browser.run(width) == whole
    assert focused(browser) == there


def test_what_is_below_does_not_jump(browser, page):
    page(*SMP)
    browser.run("document.querySelector('.strip .bubble').dispatchEvent(new PointerEvent('pointerover', {bubbles: true}))")
    height = browser.run("document.body.scrollHeight")
    assert details(browser).startswith("1: ")
    browser.run("document.querySelector('.strip .k-same').dispatchEvent(new PointerEvent('pointerover', {bubbles: true}))")
    assert not details(browser).startswith("1: ")
    assert browser.run("document.body.scrollHeight") == height


def test_a_gap_is_short_and_4_kib_beside_64_gib_is_not(browser, page):
    page("translate", "-", stdin=capture(uefi=[(7, 0xF, 0, 0x1000), (0, 0xF, 0x1000, 0x2000), (7, 0xF, 1 << 40, (1 << 40) + (1 << 36))]).encode())
    edges = browser.run("[...document.querySelectorAll('.strip g[aria-label=UEFI] .range')].map(r => [+r.getAttribute('x'), +r.getAttribute('width')])")
    assert edges[0][1] > 20
    assert edges[2][1] < 15 * edges[0][1]
    assert edges[2][0] - sum(edges[1]) < edges[2][1] / 2


# Luminance and ratio as WCAG 2.1 has them, of each kind's letters on its colour, and of the page's texts.
CONTRASTS = """(() => {
    const channel = x => x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4;
    const luminance = colour => { const [r, g, b] = colour.match(/[\\d.]+/g).map(x => channel(x / 255)); return .2126 * r + .7152 * g + .0722 * b; };
    const ratio = colours => { const [a, b] = colours.map(luminance).sort((a, b) => b - a); return (a + .05) / (b + .05); };
    const probe = document.body.appendChild(document.createElement("div"));
    const colour = (kind, name) => { probe.className = kind; probe.style.color = `var(${name})`; return getComputedStyle(probe).color; };
    const kinds = [...document.styleSheets[0].cssRules].map(rule => rule.selectorText || "").filter(s => s.startsWith(".k-"))
        .flatMap(s => s.split(",")).map(s => s.trim().slice(1)).map(kind => [kind, "--fill", "--text"]);
    const texts = [["--ink", "--paper"], ["--soft", "--paper"], ["--soft", "--card"], ["--yes", "--yes-paper"], ["--no", "--no-paper"],
        ["--unknown", "--unknown-paper"], ["--accent", "--card"], ["--paper", "--no"]].map(pair => ["", ...pair]);
    return [...kinds, ...texts].map(([kind, a, b]) => [kind + a + b, ratio([colour(kind, a), colour(kind, b)])]);
})()"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_can_be_read_on_their_colours(browser, page, scheme):
    page("show", GRUB)
    browser.media(scheme=scheme)
    ratios = browser.run(CONTRASTS)
    assert len(ratios) > 25
    assert [(what, ratio) for what, ratio in ratios if ratio < 4.5] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(browser, page, scheme):
    page(*MOVED)
    browser.media(scheme=scheme)
    brightness = "Math.max(...getComputedStyle(document.body).%s.match(/\\d+/g).slice(0, 3).map(Number))"
    paper, ink = (browser.run(brightness % what) for what in ("backgroundColor", "color"))
    assert (paper > 200 > 60 > ink) if scheme == "light" else (paper < 60 < 200 < ink)
    other = "dark" if scheme == "light" else "light"
    while other not in browser.run("document.getElementById('theme').textContent"):
        browser.run("document.getElementById('theme').click()")
    assert (browser.run(brightness % "backgroundColor") > 128) == (other == "light")


def test_paper_has_the_picture_and_the_tables_and_no_buttons(browser, page):
    page(*GREW)
    assert browser.run("document.querySelectorAll('.paper svg').length") == 0, "drawn before it is printed"
    browser.media("print", "light")
    visible = "[...document.querySelectorAll(%r)].filter(e => e.getClientRects().length > 0).length"
    assert browser.run(visible % "button:not(.number, .boots-strip button), .details, #as-text") == 0
    assert browser.run(visible % ".paper svg") > 0
    assert browser.run(visible % "main table") == browser.run("document.querySelectorAll('main table').length - document.querySelectorAll('.details table').length")
    browser.media(scheme="dark")
    pdf = browser.pdf()
    assert pdf.startswith(b"%PDF-")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 8
    width, height = (float(n) for n in re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups())
    assert abs(width - 595) < 2 and abs(height - 842) < 2


def test_nothing_in_a_report_is_more_than_text(browser, page):
    lines = [f"label {HOSTILE}", f"machine {HOSTILE}", f"config-table 0x0000000001000000 x {HOSTILE}",
             'reserve amd64 0x0000000000001000 0x0000000000002000 linux forever 1 "</script><img src=x>" "<img src=x onerror=alert(1)>"',
             "max-pfn amd64 0x1000", "max-low-pfn amd64 0x1000", "free amd64 0x2 0x1000"]
    stdin = capture(*lines, e820=[(0, 0x1000000, 1), (0x1000000, 0x1001000, 3)]).encode()
    page("show", "-", stdin=stdin)
    assert browser.run("document.images.length + document.querySelectorAll('b, script:not([type]) ~ script').length") == 0
    assert HOSTILE in browser.run("document.querySelector('main').innerText")


def test_the_page_is_one_file_without_a_way_out(mapdiff):
    text = mapdiff(*MOVED, "-f", "html")[1]
    assert "default-src 'none'" in text
    assert not re.search(r"""(src|href)\s*=|@import|url\((?!#)|https?://(?!www\.w3\.org/2000/svg)""", text)
    assert "@JSON@" not in text and "@TEXT@" not in text


def test_the_text_report_is_there_to_be_copied(browser, page, mapdiff):
    page(*MOVED)
    assert browser.run("document.getElementById('text').textContent") == mapdiff(*MOVED)[1]
    assert not browser.run("document.getElementById('as-text').open")


def test_without_a_script_the_text_is_there(mapdiff):
    text = mapdiff(*MOVED, "-f", "html")[1]
    static = text[:text.index("<script")]
    assert "<details id=\"as-text\" open>" in static
    assert html.unescape(re.search("<pre id=\"text\"[^>]*>(.*)</pre>", static, re.S)[1]) == mapdiff(*MOVED)[1]


def test_where_something_was_not_there_its_line_has_a_gap(browser, page, tmp_path):
    folder = tmp_path / "boots"
    folder.mkdir()
    for n in range(9):
        e820 = [(0, 0x1000000, 1), (0x2000000, 0x2100000, 4)]
        if n != 4:
            e820.insert(1, (0x1000000 + (n % 2 << 12), 0x100D000 + (n % 2 << 12), 3))
        (folder / f"{n + 1:04}.map").write_text(capture(e820=e820))
    page("series", folder)
    lines = browser.run("[...document.querySelectorAll('.mover path')].map(p => p.getAttribute('d'))")
    assert [line.count("M") for line in lines] == [2] * len(lines) != []


def test_many_boots_are_squares_and_plots(browser, page, tmp_path):
    folder = tmp_path / "boots"
    folder.mkdir()
    for n in range(40):
        start = 0x1000000 + (n * 7 % 5 << 12)
        e820 = [(0, start, 1), (start, start + 0xD000, 3), (start + 0xD000, 0x2000000, 1), (0x2000000, 0x2100000, 4)]
        (folder / f"{n + 1:04}.map").write_text(capture(e820=e820))
    report = page("series", folder)
    assert browser.run("document.querySelectorAll('.boots-strip button').length") == len(report["boots"]) == 40
    assert len(report["maps"]) == 5
    assert browser.run("document.querySelectorAll('main svg[role=img] circle').length") == 40 * len(report["movers"]) > 0
    browser.run("document.querySelector('.boots-strip button').focus()")
    browser.press("ArrowRight")
    assert focused(browser).startswith("2: 0002.map")


def test_several_machines_have_a_series_each(browser, page, tmp_path):
    """And a step says what a diff of its boots says; a crash kernel is named."""
    folder = tmp_path / "boots"
    folder.mkdir()
    for n in range(4):
        log = boots.log(boots.moved(n % 2), cpus=4 + n % 2).replace("Laptop/Board", f"Model{n // 2}/Board")
        (folder / f"{n}.log").write_text(log)
    (folder / "4.log").write_text(boots.log(line="elfcorehdr=0x11000000 quiet"))
    report = page("series", folder)
    assert report["machines"] == 2
    machines = browser.run("[...document.querySelectorAll('h2.machine')].map(node => node.textContent)")
    assert machines == ["Example Model0/Board", "Example Model1/Board"]
    text = browser.run("document.querySelector('main').textContent")
    assert text.count("the number of CPUs: 4") >= 2 and "a crash kernel" in text

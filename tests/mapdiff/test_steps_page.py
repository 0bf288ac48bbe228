"""The page of mapdiff steps in a browser: at each step it shows what the JSON has, by slider, keys and list."""

import json

import pytest

from conftest import MAPS
from naive import PAGE, capture

BOOT = MAPS / "hibernate" / "smp-1-to-2-1.map"
MIB = 1 << 20


@pytest.fixture(name="page")
def the_page(page):
    """page(*arguments of mapdiff steps): as that of all commands, on a desk."""
    return lambda *args, **more: page("steps", *args, **{"size": (1280, 800), **more})


def text(browser, selector):
    return browser.run(f"document.querySelector({json.dumps(selector)}).innerText")


def painted(target, at):
    pages = bytearray(target["max_low_pfn"])
    for step in target["steps"][:at + 1]:
        for first, end in step["changed"]:
            pages[first:end] = bytes([step["function"].startswith("free_")]) * (end - first)
    return pages


def shown_bits(browser):
    """Page -> what its square says, of all squares that are shown; and which are outlined."""
    return browser.run("""(() => { const bits = {}, here = []; let pfn = 0;
        for (const s of document.querySelectorAll('.bits span')) {
            if (s.classList.contains('row')) { pfn = parseInt(s.innerText); continue; }
            if (s.classList.contains('here')) here.push(pfn);
            bits[pfn++] = s.innerText; }
        return [bits, here]; })()""")


def check_step(browser, target, at):
    step, pages = target["steps"][at], painted(target, at)
    assert text(browser, ".walk-bar strong") == f"Step {at + 1} of {len(target['steps'])}"
    assert text(browser, ".walk-free") == f"{step['free'][1]:,} free page{'s' * (step['free'][1] != 1)}"
    assert browser.run("+document.querySelector('.walk-slider input').value") == at + 1
    assert text(browser, ".walk-list [aria-current] span").strip() == str(at + 1)
    assert text(browser, ".walk-step h2").startswith(step["function"] + "(")
    assert step["what"] in text(browser, ".walk-step p") and step["reason"] in text(browser, ".walk-step p")
    if not step["bits"]:
        assert browser.run("document.querySelectorAll('.bits').length") == 0
        return
    bits, here = shown_bits(browser)
    assert len(bits) == 128 and all(bit == str(1 - pages[int(pfn)]) for pfn, bit in bits.items())
    assert here == [pfn for pfn in map(int, bits) if step["pages"][0] <= pfn < step["pages"][1]]
    assert f"{step['free'][1]:,} free page" in browser.run("document.querySelector('.walk-step svg').getAttribute('aria-label')")
    if 1 in pages:
        assert f"The lowest free page is {pages.find(1):#x}," in text(browser, ".read")


def test_each_step_shows_its_bits(browser, page):
    target = page(BOOT)["targets"]["amd64"]
    for at in range(len(target["steps"])):
        check_step(browser, target, at)
        browser.press("ArrowRight")
    check_step(browser, target, len(target["steps"]) - 1)
    assert target["end"] in text(browser, ".walk-step")


def test_keys_slider_list_and_buttons_go_to_a_step(browser, page):
    report = page(BOOT)
    target, n = report["targets"]["amd64"], len(report["targets"]["amd64"]["steps"])
    browser.press("End")
    check_step(browser, target, n - 1)
    browser.press("ArrowLeft", "ArrowLeft")
    check_step(browser, target, n - 3)
    browser.press("Home")
    check_step(browser, target, 0)
    browser.run("document.querySelector('.walk-slider input').focus()")
    browser.press("ArrowRight", "ArrowRight")
    check_step(browser, target, 2)
    browser.press("End")
    check_step(browser, target, n - 1)
    browser.run("document.querySelectorAll('.walk-list button')[7].click()")
    check_step(browser, target, 7)
    browser.run("document.querySelector('.walk-list [aria-current]').focus()")
    browser.press("ArrowRight")
    check_step(browser, target, 8)
    assert browser.run("document.activeElement.getAttribute('aria-current')") == "step"
    browser.run("document.getElementById('as-text').open = true; document.getElementById('text').focus()")
    browser.press("ArrowRight")
    check_step(browser, target, 8)
    browser.run("document.querySelector('[aria-label=\"One step back\"]').click()")
    check_step(browser, target, 7)
    browser.run("document.querySelector('.walk-bar button[value=ia32]').click()")
    check_step(browser, report["targets"]["ia32"], 7)
    pressed = "[...document.querySelectorAll('.walk-bar [aria-pressed]')].map(b => [b.value, b.getAttribute('aria-pressed')])"
    assert browser.run(pressed) == [["ia32", "true"], ["amd64", "false"]]


def test_the_list_has_each_step_and_what_it_changed(browser, page):
    target = page(BOOT)["targets"]["amd64"]
    rows = browser.run("[...document.querySelectorAll('.walk-list button')].map(b => [...b.children].map(c => c.textContent))")
    assert len(rows) == len(target["steps"])
    for row, step in zip(rows, target["steps"]):
        change = step["free"][1] - step["free"][0]
        if change:
            assert row[-1] == f"{change:+,}".replace("-", "\N{MINUS SIGN}")
        else:
            assert row[-1] == ("0" if step["function"] == "init_bootmem" else step["unchanged"])
        assert not step["reason"] or row[1] == f"reserve: {step['what']}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_it_fits_in_both_themes(browser, page, size, scheme):
    page(BOOT, size=size, scheme=scheme)
    browser.press(*["ArrowRight"] * 12)
    assert browser.run("document.documentElement.scrollWidth") <= size[0]
    assert browser.run("document.body.innerText.match(/undefined|NaN|object /)") is None
    lightness = browser.run("""['.b0', '.b1', '.walk-list .later', '.walk-step p'].map(s => {
        const e = document.querySelector(s), rgb = c => c.match(/[\\d.]+/g).map(Number);
        let paper = e;
        while (getComputedStyle(paper).backgroundColor === 'rgba(0, 0, 0, 0)') paper = paper.parentElement;
        return [rgb(getComputedStyle(e).color), rgb(getComputedStyle(paper).backgroundColor)]; })""")

    def luminance(rgb):
        return sum(weight * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
                   for weight, c in zip((0.2126, 0.7152, 0.0722), (v / 255 for v in rgb)))

    for ink, paper in lightness:
        low, high = sorted((luminance(ink), luminance(paper)))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, paper)
    top = browser.run("document.querySelector('.figures').getBoundingClientRect().bottom + scrollY")
    assert top < 600, "what the step does is on the first screen"


def test_a_page_without_a_bitmap_says_why(browser, page):
    report = page("-", stdin=capture([(7, 0xF, 0, 0xA0000)]))
    failure = report["targets"]["amd64"]["failure"]
    assert f"No bitmap: {failure}." in text(browser, "main") and text(browser, ".walk-bar strong") == "No steps"
    browser.press("ArrowRight", "End")
    assert browser.errors == []


def test_thousands_of_steps_can_be_gone_through(browser, page):
    e820 = [(n * 4 * PAGE + MIB, n * 4 * PAGE + MIB + (2 if n % 2 else 3) * PAGE, 1) for n in range(3000)] + [(64 * MIB, 80 * MIB, 1)]
    target = page("-", stdin=capture(e820=e820, lines=["origin a log"]))["targets"]["amd64"]
    assert len(target["steps"]) > 3000 and browser.run("document.querySelectorAll('*').length") < 5000
    browser.press("End", "ArrowLeft")
    check_step(browser, target, len(target["steps"]) - 2)
    browser.run("document.querySelectorAll('.walk-list button')[0].click()")
    check_step(browser, target, len(target["steps"]) - 400)


def test_the_question_mark_tells_of_the_slider(browser, page):
    """And not of pictures, which this page does not have."""
    page(BOOT)
    browser.press("?")
    said = text(browser, "#help")
    assert "slider" in said and "Home" in said and "picture" not in said

"""--format markdown, as cmark-gfm, which GitHub has, makes HTML of it: a verdict, what to do, a table, the report
collapsed; and nothing that a file says is ever more than text."""

import html
import re
import subprocess

import boots
import pytest

from conftest import MAPS
from formats_other import capture

HOSTILE = ["</details><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a | b | c", "``` ```` out", "@torvalds fixes #1",
           "[link](https://evil.example) ![x](y.png)", "https://evil.example/ www.evil.example", "**bold** _it_ ~~gone~~ $x$ &lt;b&gt; \\"]


def render(text):
    return subprocess.run(["cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tagfilter"],
                          input=text.encode(), capture_output=True, check=True).stdout.decode()


def pair(name):
    return [MAPS / "hibernate" / f"{name}-{n}.map" for n in (1, 2)]


def cells(page):
    return [[html.unescape(re.sub("<[^>]*>", "", cell)) for cell in re.findall("<td[^>]*>(.*?)</td>", row, re.S)]
            for row in re.findall("<tr>(.*?)</tr>", page, re.S)][1:]


def test_the_answer_is_first_then_what_to_do_then_what_moved(mapdiff, report):
    text = mapdiff(*pair("smp-1-to-2"), "-f", "markdown")[1]
    page, found = render(text), report(*pair("smp-1-to-2"))
    lines = page.splitlines()
    assert lines[0] == "<p><strong>No: Linux would refuse to resume from hibernation.</strong></p>"
    assert lines[1] == f"<p><strong>What to do:</strong> {found['resume']['to_do']}</p>"
    own = [change for change in found["changes"] if not change["consequence"]]
    assert [row[:2] + row[3:] for row in cells(page)] == [
        [str(k + 1), {2: "reserved", 4: "ACPI NVS"}[change["after"]["type"]],
         *(f"{half['start']}-{half['end']}" for half in (change["before"], change["after"])), change["owner"]]
        for k, change in enumerate(own)]
    assert len(text.split("<details>")[0]) < 1500


def test_the_whole_report_is_in_a_collapsed_block(mapdiff):
    page = render(mapdiff(*pair("smp-1-to-2"), "-f", "markdown")[1])
    block = re.search("<details>\n<summary>[^<]*</summary>\n<pre[^>]*><code[^>]*>(.*)</code></pre>\n</details>\n$", page, re.S)
    assert html.unescape(block[1]) == mapdiff(*pair("smp-1-to-2"))[1]


@pytest.mark.parametrize("label", HOSTILE)
def test_what_a_file_says_is_text(mapdiff, tmp_path, label):
    """The same elements as with a harmless label; no link, no picture, no name that a tracker would call."""

    def made(word):
        files = boots.write(tmp_path, *(capture(f"label {word}", f"machine {word}", f"bios {word} {n}", f"cmdline {word}", f"kernel-version 6.1 {word} {n}",
                                                e820=[(0, 0x100000 + (n << 12), 1), (0x100000 + (n << 12), 0x200000, 2)]) for n in (1, 2)))
        return mapdiff(*files, "-f", "markdown")[1]

    text, plain = made(label), made("harmless")
    page = render(text)
    assert re.findall(r"</?([a-z0-9]+)", page) == re.findall(r"</?([a-z0-9]+)", render(plain))
    assert html.unescape(label)[:3] in html.unescape(page)
    assert not re.search(r"[^\\]\$", re.sub("(`+).*?\\1", "", text, flags=re.S))  # of a formula
    outside = re.sub("<code.*?</code>", "", page, flags=re.S)
    assert not re.search(r"[@#]\w|https?://|www\.\w", html.unescape(outside).replace("\N{ZERO WIDTH SPACE}", "\0"))


def test_findings_and_a_series_have_a_table_too(mapdiff, report):
    file = MAPS / "fake-overlap-q35-512M.map"
    page = render(mapdiff("lint", file, "-f", "markdown")[1])
    assert [row[1] for row in cells(page)] == [finding["rule"] for finding in report("lint", file)["findings"]] != []
    folder = MAPS / "hibernate"
    page = render(mapdiff("series", folder, "-f", "markdown")[1])
    movers = report("series", folder)["movers"]
    assert [int(row[2]) for row in cells(page)] == [mover["moves"] for mover in movers]
    assert "<strong>20 boots, 9 maps.</strong>" in page


def test_what_has_no_markdown_says_so(mapdiff):
    assert mapdiff("rules", "-f", "markdown")[2] == "mapdiff: --format=markdown means nothing to `mapdiff rules'\n"


def test_a_name_of_a_file_does_not_end_the_block(mapdiff, tmp_path):
    path = tmp_path / "a\n```\n<b>out"
    path.write_text(capture(e820=[(0, 0x100000, 1)]))
    page = render(mapdiff(path, path, "-f", "markdown")[1])
    assert "<b>" not in page and page.count("&lt;b&gt;out") >= 2

"""Bytes -> the text that readers get: encodings, line ends, JSON, mails, markup, what a terminal obeys; and folders. Each
rule alone, seen by what a message is after it."""

import json

import pytest

from formats import text
from naive import e820_of
from test_read_rules import RAM


@pytest.fixture
def machine(report):
    """machine(content): what the message "DMI: ..., BIOS 1" in it has become; None: there is none."""
    def run(content):
        data = content if isinstance(content, bytes) else content.encode()
        return report("show", "-", stdin=data + b"\n" + RAM.encode() + b"\n")["boot"]["facts"].get("machine")

    return run


def dmi(name):
    return f"DMI: {name}, BIOS 1"


# --- markup ---

ENTITIES = {"&gt;": ">", "&lt;": "<", "&amp;": "&", "&quot;": '"', "&apos;": "'", "&#39;": "'", "&#x27;": "'", "&#34;": '"',
            "&nbsp;": " ",
            "&#160;": " ", "&#xa0;": " ", "&#xA0;": " ", "\u00a0": " ", "&gt": "&gt", "&x;": "&x;", "&": "&"}


@pytest.mark.parametrize("entity", ENTITIES)
def test_entities(machine, entity):
    assert machine(dmi(f"a{entity}b")) == f"a{ENTITIES[entity]}b"


GONE = ("<span>", "</span>", '<span class="t">', "<code>", "<a href='x'>", "<b>", "<i>", "<em>", "<strong>", "<font>", "<tt>",
        "<mark>", "<samp>",
        "<SPAN>", "[b]", "[/b]", "[i]", "[color=red]", "[size=2]", "[font=x]", "[tt]", "[33m", "[1;33m", "^[[0m", "\x1b[33m",
        "\x1b[1;33m",
        "\x1b[?25l", "\x1b(B", "\x1b7", "\x1b=", "\x1b]0;title\x07", "\x1b]0;title\x1b\\", "[123456789012m", f"<b {'x' * 390}>")
STAYS = ("<x>", "<spanx>", "<spoilersx>", "<1>", "< b>", "<>", "<b", "[x]", "[b", "[33]", "[3x3m", "[m", "[1234567890123m",
         "[color red]", "<b=x>", "[1]",
         f"<b {'x' * 400}>", "<b <", "^[", "[span]", "<color>")
BREAKS = ("<br>", "<br/>", "<br />", "<BR>", "<p>", "</p>", "<div>", "<tr>", "<li>", "<pre>", "[code]", "[/code]", "[code=text]",
          "[quote]", '[quote="joe"]',
          "[spoiler]", "[pre]", "[hide]", "[list]")


@pytest.mark.parametrize("tag", GONE)
def test_what_is_taken_out(machine, tag):
    assert machine(dmi(f"a{tag}b")) == "ab"


@pytest.mark.parametrize("tag", STAYS)
def test_what_only_looks_like_a_tag_stays(machine, tag):
    assert machine(dmi(f"a{tag}b")) == f"a{tag}b"


@pytest.mark.parametrize("tag", BREAKS)
def test_what_ends_a_line(machine, tag):
    """Behind words a message is none."""
    assert machine(f"some words {dmi('a')}") is None
    assert machine(f"some words{tag}{dmi('a')}") == "a"


@pytest.mark.parametrize("tag", ("<td>", "</td>", "<th>", "<TD class='x'>"))
def test_what_is_a_cell(machine, tag):
    assert machine(dmi(f"a{tag}b")) == "a b"


LINES = (
    # the rule, a text before a line that is damaged, the number of that line
    ("nothing", "", 1), ("a line end", "\n", 2), ("a break", "x<br>", 2), ("a break, and a line end", "x<br>\n", 2),
    ("a break before anything", "<br>", 1),
    ("blanks before it", "  <br>", 1), ("two breaks", "x<br><br>", 2), ("two breaks with blanks between", "x<br> <br>", 2),
    ("a break in each of two lines", "x<br>\ny<br>\n", 3),
    ("a title without an end", "\x1b]0;title\n", 2), ("a colour without an end", "\x1b[3\n", 2),
    ("a carriage return that goes back", "x\r\n", 2),
)


@pytest.mark.parametrize("rule, before, number", LINES, ids=[row[0] for row in LINES])
def test_lines_are_counted(mapdiff, rule, before, number):
    status, _, err = mapdiff("lint", "-", stdin=f"{RAM}\n{before}{RAM[:40]}\n".encode())
    assert status == 2 and f"-:{number + 1}: a line of the e820 map cannot be read" in err, rule


# --- JSON ---

STRINGS = (
    # a string of JSON, and what it is
    (r"a\"b", 'a"b'), (r"a\\b", "a\\b"), (r"a\/b", "a/b"), (r"a\nb", "a b"), (r"a\rb", "a b"), (r"a\tb", "a b"), (r"a\bb", "a b"),
    (r"a\fb", "a b"),
    (r"a\u0041b", "aAb"), (r"a\u007eb", "a~b"), (r"a\u00a0b", "a b"), (r"a\u0080b", "a?b"), (r"a\u0000b", "a?b"),
    (r"a\u20acb", "a?b"), (r"a\u41,b", "a?,b"),
    (r"a\u004141b", "aA41b"), (r"a\u00gb", "a?gb"), ("a&gt;b", "a>b"))


@pytest.mark.parametrize("written, is_", STRINGS)
def test_strings_of_json(report, written, is_):
    content = "".join('{"MESSAGE":"%s"}\n' % line for line in (dmi(written), RAM))
    assert report("show", "-", stdin=content.encode())["boot"]["facts"]["machine"] == is_


OBJECTS = (
    # the rule, a text, whether the message in it is read
    *((f"the key {key}", json.dumps({key: dmi("a")}), True) for key in ("MESSAGE", "msg", "message", "log", "text")),
    *((f"the key {key}", json.dumps({key: dmi("a")}), False) for key in ("MESSAG", "MESSAGES", "MESSAGE_ID", "texts", "")),
    ("another key before it", '{"x":"y","MESSAGE":"%s"}', True), ("a number before it", '{"x":5,"MESSAGE":"%s"}', True),
    ("a list of numbers, of another key", '{"MESSAGE":[1,2],"x":"%s"}', False),
    ("a number, of another key", '{"MESSAGE":5,"x":"%s"}', False),
    ("blanks and line ends", ' \n {\t"MESSAGE"\n:\r "%s" }', True), ("a list", '[{"MESSAGE":"%s"}]', True),
    ("a list, with blanks", '[ {"MESSAGE":"%s"} ]', True),
    ("an object in an object", '{"dmesg":[{"msg":"%s"}]}', True), ("-o json-sse", 'data: {"MESSAGE":"%s"}', True),
    ("-o json-seq", '\x1e{"MESSAGE":"%s"}', True),
    ("an object without a key is none", '{5, "MESSAGE":"%s"}', False), ("words before it", 'x {"MESSAGE":"%s"}', False),
    ("the second message of a line", '{"MESSAGE":"some words","MESSAGE":"%s"}', True),
    ("the first", '{"MESSAGE":"%s","MESSAGE":"some words"}', True),
    ("behind a number of its key", '{"MESSAGE":5,"MESSAGE":"%s"}', True),
    ("behind a letter", '{"MESSAGE":"x","MESSAGE":"%s"}', True),
    ("behind an empty one", '{"MESSAGE":"","MESSAGE":"%s"}', True),
    ("a string without an end", '{"MESSAGE":"%s', True),
)


@pytest.mark.parametrize("rule, content, is_read", OBJECTS, ids=[row[0] for row in OBJECTS])
def test_objects_of_json(report, rule, content, is_read):
    """The map is read by itself: what is no JSON is text, and has it in its first line."""
    content = content.replace("%s", dmi("a"))
    data = (content + "\n" + json.dumps({"MESSAGE": RAM}) + "\n").encode()
    try:
        got = report("show", "-", stdin=data)["boot"]["facts"].get("machine")
    except AssertionError:
        got = None
    assert (got == "a") == is_read, rule


@pytest.mark.parametrize("key", ("output", "dmesg", "stdout", "anything"))
def test_a_log_in_a_string_of_json(report, key):
    """Of any name, if it has a line of a map."""
    lines = ["Linux version 6.1.0-18-amd64 (x) #1", "BIOS-provided physical RAM map:", "BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable",
             "BIOS-e820: [mem 0x0000000000100000-0x000000007fffffff] usable", "DMI: QEMU \"PC\", BIOS 1.0 01/01/2026"]
    content = "".join(f"[    0.{i:06}] {line}\n" for i, line in enumerate(lines))
    for data in (json.dumps({"changed": True, key: content, "rc": 0}), json.dumps({"tasks": [{"hosts": {"a": {key: content}}}]}, indent=2),
                 json.dumps({"changed": True, key: content.splitlines()})):
        got = report("show", "-", stdin=data.encode())
        assert e820_of(got) == [(0, 0xA0000, 1), (0x100000, 0x80000000, 1)] and got["boot"]["boots"] == 1, data



# --- encodings ---

ENCODED = (
    # the rule, bytes for "DMI: ...", what the machine is
    ("ASCII", dmi("ab").encode(), "ab"),
    ("UTF-8 with a mark", b"\xef\xbb\xbf" + dmi("ab").encode(), "ab"),
    ("lines that end in CR LF", b"x\r\n" + dmi("ab").encode() + b"\r\n", "ab"),
    ("in CR CR LF", b"x\r\r\n" + dmi("ab").encode() + b"\r\r\n", "ab"),
)


@pytest.mark.parametrize("rule, content, name", ENCODED, ids=[row[0] for row in ENCODED])
def test_bytes(machine, rule, content, name):
    assert machine(content) == name, rule


@pytest.mark.parametrize("name, is_", (("ab", "ab"), ("a\u00a0b", "a b"), ("a\u20acb", "a?b"), ("a\u0080b", "a?b"),
                                       ("a\u007eb", "a~b"), ("a\ufeffb", "ab")))
@pytest.mark.parametrize("code", ("utf-16-le", "utf-16-be"))
@pytest.mark.parametrize("mark", ("", "\ufeff"), ids=("bare", "marked"))
def test_utf_16(report, code, mark, name, is_):
    content = f"{mark}{dmi(name)}\n{RAM}\n".encode(code)
    for data in (content, content + b"x"):  # half a character at the end
        assert report("show", "-", stdin=data)["boot"]["facts"]["machine"] == is_


def test_text_that_is_mostly_no_utf_16(report):
    """A few zeros in a log: it is not taken for another encoding."""
    got = report("show", "-", stdin=b"\0x" * 20 + b"\n" + text([dmi("a"), RAM]))
    assert got["boot"]["facts"]["machine"] == "a"


def test_lines_that_end_in_cr_alone(report):
    other = RAM.replace("0x0000000000000000-0x000000000009ffff", "0x0000000000100000-0x00000000001fffff")
    assert e820_of(report("show", "-", stdin=f"{RAM}\r{other}\r".encode())) == [(0, 0xA0000, 1), (0x100000, 0x200000, 1)]


BINARY = ((b"LPKSHHRH", "a journal of systemd"), (b"%PDF-", "a PDF"), (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"))


@pytest.mark.parametrize("magic, said", BINARY)
def test_what_is_no_text(mapdiff, magic, said):
    for content, is_it in ((magic + text([RAM]), True), (magic[:-1] + text([RAM]), False), (b"x" + magic + text([RAM]), False)):
        assert (said in mapdiff("show", "-", stdin=content)[2]) == is_it


HEAD = "From: joe\nContent-Transfer-Encoding: quoted-printable\n\n"
MAILS = (
    # the rule, a mail, the machine
    ("a character", HEAD + dmi("a=3Db"), "a=b"), ("in small letters", HEAD + dmi("a=3db"), "a=b"),
    ("a line that goes on", HEAD + dmi("a=\nb"), "ab"),
    ("with CR LF", HEAD + dmi("a=\r\nb"), "ab"), ("an = of its own", HEAD + dmi("a=b"), "a=b"),
    ("with one digit", HEAD + dmi("a=3xb"), "a=3xb"),
    ("twice", HEAD + dmi("a=\nb=\nc"), "abc"), ("a header in capitals", HEAD.upper() + dmi("a=3Db"), "a=b"),
    ("another encoding", HEAD.replace("quoted-printable", "8bit") + dmi("a=3Db"), "a=3Db"),
    ("a header in the first line is a sentence", HEAD.split("\n", 1)[1] + dmi("a=3Db"), "a=3Db"),
    ("a header that is quoted", HEAD.replace("Content", "> Content") + dmi("a=3Db"), "a=3Db"),
    ("no header", dmi("a=3Db"), "a=3Db"),
)


@pytest.mark.parametrize("rule, content, name", MAILS, ids=[row[0] for row in MAILS])
def test_mails(machine, rule, content, name):
    assert machine(content) == name, rule


def test_an_equals_sign_at_the_end_of_a_mail(report):
    for end in ("=", "=3", "=3D"):
        got = report("show", "-", stdin=(HEAD + RAM + "\n" + dmi("a") + end).encode())["boot"]["facts"]
        assert got["bios"] == "1" + end.replace("=3D", "=")


# --- what is said of a line ---

QUOTES = (
    # the rule, a damaged line, what is shown of it
    ("all of it", "BIOS-e820: [mem 0x00", "BIOS-e820: [mem 0x00"),
    ("not what is behind it", "BIOS-e820: [mem 0x00\nanother line", "BIOS-e820: [mem 0x00"),
    ("nor blanks at its end", "BIOS-e820: [mem 0x00   ", "BIOS-e820: [mem 0x00"),
    ("what is no letter is a ?", "BIOS-e820: [mem 0x00\x07\x7f\x01x", "BIOS-e820: [mem 0x00???x"),
    ("as much as a terminal has", "BIOS-e820: [mem 0x" + "x" * 60 + "yz", "BIOS-e820: [mem 0x" + "x" * 60),
)


@pytest.mark.parametrize("rule, line, shown", QUOTES, ids=[row[0] for row in QUOTES])
def test_what_is_shown_of_a_damaged_line(mapdiff, rule, line, shown):
    assert mapdiff("show", "-",
                   stdin=text([RAM,
                               line]))[2].splitlines()[0] == f"mapdiff: -:2: a line of the e820 map cannot be read: {shown}", rule


def test_a_line_that_a_pager_cut(mapdiff):
    said = "a line of the e820 map cannot be read (a pager cut it off; journalctl --no-pager does not): BIOS-e820: [mem 0x00>"
    assert mapdiff("show", "-", stdin=text([RAM, "BIOS-e820: [mem 0x00>"]))[2].splitlines()[0] == f"mapdiff: -:2: {said}"


# --- folders ---


def test_a_folder_that_is_no_map(mapdiff, tmp_path):
    (tmp_path / "x").mkdir()
    for path in (tmp_path, tmp_path / "x"):
        assert f"mapdiff: {path}: it is a folder, but no copy of /sys/firmware/memmap" in mapdiff("show", path)[2]
    assert "No such file" in mapdiff("show", tmp_path / "y")[2]


def test_which_files_of_a_folder_are_read(report, tmp_path):
    """All but hidden ones, by name, numbers as numbers; links to files, too, but not to folders."""
    folder = tmp_path / ".boots"
    (folder / "sub").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    for name in ("log10", "log9", "sub/log1", ".log", ".hidden/log"):
        (folder / name).write_bytes(text([RAM]))
    (tmp_path / "other").mkdir()
    (tmp_path / "other/log").write_bytes(text([RAM]))
    (folder / "to-file").symlink_to(tmp_path / "other/log")
    (folder / "to-folder").symlink_to(tmp_path / "other")
    names = [row["name"].removeprefix(f"{folder}/") for row in report("series", folder)["boots"]]
    assert names == ["log9", "log10", "sub/log1", "to-file"]


def test_a_map_in_a_folder_is_one_boot(report, tmp_path):
    for name in ("a", "b"):
        for file, value in (("start", "0x0"), ("end", "0x9ffff"), ("type", "System RAM")):
            (tmp_path / name / "0").mkdir(parents=True, exist_ok=True)
            (tmp_path / name / "0" / file).write_text(value + "\n")
    assert [row["name"] for row in report("series", tmp_path)["boots"]] == [f"{tmp_path}/a", f"{tmp_path}/b"]

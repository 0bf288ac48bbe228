"""A thread as it is: mails with what is attached, mboxes, quotes, diffs, pages, journals. Each boot that is in it
is read, once, and from all of it."""

import difflib
import gzip
import json

import pytest

import threads
from boots import LAPTOP, capture, log, moved
from formats import text
from naive import e820_of

A = log().encode()
B_THEN = log(moved(-3)).encode()  # at the same times, as the first lines of all boots are
B = B_THEN.replace(b"[    0.000", b"[    0.001")
MAP_A, MAP_B = (sorted(map) for map in (LAPTOP, moved(-3)))
LIST_A, LIST_B = ([line for line in content.splitlines(keepends=True) if b"BIOS-e820: " in line] for content in (A, B_THEN))


def e820(report, *args, stdin):
    return e820_of(report("show", *args, stdin=stdin))


def compared(report, stdin, *args):
    """(verdict, map A, map B) of the two that are compared."""
    got = report("diff", *(args or ("-",)), stdin=stdin)
    return got["resume"]["verdict"], *(
        [(int(row["start"], 0), int(row["end"], 0), row["type"]) for row in side["e820"]] for side in got["boots"])


# --- mails with one map ---

HTML = "<html><body><p>See:</p><pre>" + A.decode().replace(">", "&gt;") + "</pre></body></html>"
APPLE = threads.raw_mail(b"--aa\nContent-Type: text/plain\n\nSee it.\n\n--aa\nContent-Type: multipart/mixed; boundary=bb\n\n"
                         b"--bb\nContent-Type: text/html\n\n<b>See it.</b>\n--bb\nContent-Type: text/plain; name=dmesg.txt\n"
                         b"Content-Transfer-Encoding: base64\n\n" + threads.b64(A) + b"--bb--\n--aa--\n",
                         'Content-Type: multipart/alternative; boundary="aa"')


def alternatives(plain, page):
    message = threads.mail(plain)
    message.add_alternative(page, subtype="html")
    return bytes(message)


def forwarded():
    return bytes(threads.mail("See below.", **{"X-Y": "z"})).replace(b"text/plain", b"message/rfc822", 1)


MAILS = [
    ("a text", bytes(threads.mail(A.decode()))),
    ("in base64", bytes(threads.mail(A.decode(), cte="base64"))),
    ("in base64, without a sender", b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + threads.b64(A)),
    ("quoted-printable", bytes(threads.mail(A.decode(), cte="quoted-printable"))),
    ("quoted-printable, broken in words", threads.raw_mail(threads.qp_narrow(A), "Content-Transfer-Encoding: quoted-printable")),
    ("quoted-printable, with blanks behind the =",
     threads.raw_mail(threads.qp_narrow(A).replace(b"=\n", b"= \n"), "Content-Transfer-Encoding: quoted-printable")),
    ("quoted, broken, and quoted-printable",
     threads.raw_mail(threads.qp(threads.wrapped(threads.quoted(A))), "Content-Transfer-Encoding: quoted-printable")),
    ("flowed", threads.raw_mail(threads.flowed(A), "Content-Type: text/plain; format=flowed")),
    ("flowed, without the blanks",
     threads.raw_mail(threads.flowed(A, delsp=True), 'Content-Type: text/plain; charset=utf-8; format="flowed"; delsp=yes')),
    ("flowed, and quoted", threads.raw_mail(threads.quoted(threads.flowed(A, 66)), "Content-Type: text/plain; format=flowed")),
    ("in UTF-16", bytes(threads.mail(A.decode(), charset="utf-16", cte="base64"))),
    ("in Latin 1, with blanks that do not break",
     threads.raw_mail(A.replace(b"] usable", b"]\xa0usable"), "Content-Type: text/plain; charset=iso-8859-1",
                      "Content-Transfer-Encoding: 8bit")),
    ("in lines that end in CR LF", bytes(threads.mail(A.decode(), cte="quoted-printable")).replace(b"\n", b"\r\n")),
    ("an attachment", bytes(threads.mail("See it.", ("dmesg.txt", A)))),
    ("an attachment of text", bytes(threads.mail("See it.", ("dmesg.txt", A, "text", "plain")))),
    ("an attachment that is packed", bytes(threads.mail("See it.", ("dmesg.txt.gz", gzip.compress(A))))),
    ("beside a picture and a signature",
     bytes(threads.mail("See it.", ("a.png", b"\x89PNG" + A, "image", "png"), ("dmesg.txt", A),
                        ("s.asc", b"-----BEGIN PGP", "application", "pgp-signature")))),
    ("a mail that is forwarded", bytes(threads.mail("See it.", ("x.eml", bytes(threads.mail("Here.", ("dmesg.txt", A))))))),
    ("text and page", alternatives(A.decode(), HTML)),
    ("a page, and a text without it", alternatives("Your program shows no pages.", HTML)),
    ("a page alone", bytes(threads.mail(HTML, subtype="html"))),
    ("a file in an alternative", APPLE),
    ("an mbox of one", threads.mbox(threads.mail(A.decode()))),
    ("what is cut out of the log in the text, all of it attached",
     bytes(threads.mail("It is this:\n\n" + b"".join(LIST_A[2:5]).decode() + "\nall is attached.", ("dmesg.txt", A)))),
    ("and its beginning", bytes(threads.mail("It is this:\n\n" + b"".join(LIST_A[:5]).decode(), ("dmesg.txt", A)))),
    ("a line of a list behind base64", threads.raw_mail(threads.b64(A) + b"\n______\nlist mailing list\n", "Content-Transfer-Encoding: base64")),
]


@pytest.mark.parametrize("rule, content", MAILS, ids=[row[0] for row in MAILS])
def test_the_map_in_a_mail(report, mapdiff, rule, content):
    assert e820(report, "-", stdin=content) == MAP_A
    # once:
    assert "there is one boot with a map in it" in mapdiff("-", stdin=content)[2]


NAMES = [
    ("by its name", 'Content-Disposition: attachment; filename="boot 1.txt"', "boot 1.txt"),
    ("by that of its type", "Content-Type: text/plain; name=boot.txt", "boot.txt"),
    ("in UTF-8", "Content-Disposition: attachment; filename*=UTF-8''boot%201%2Etxt", "boot 1.txt"),
    ("in pieces", 'Content-Disposition: attachment;\n filename*0="boot";\n filename*1=".txt"', "boot.txt"),
    ("both ways", "Content-Disposition: attachment; filename=x.txt; filename*=utf-8''boot.txt", "boot.txt"),
    ("an encoded word", 'Content-Disposition: attachment; filename="=?utf-8?B?Ym9vdC50eHQ=?="', "boot.txt"),
    ("a quoted-printable word", 'Content-Disposition: attachment; filename="=?utf-8?Q?boot=2Etxt?="', "boot.txt"),
    ("with what a terminal obeys", 'Content-Disposition: attachment; filename="a\x1b[2Jb"', "a?[2Jb"),
    ("with folders", "Content-Disposition: attachment; filename=/var/log/dmesg", "var/log/dmesg"),
    ("no name", "Content-Disposition: attachment", "text-2"),
]


@pytest.mark.parametrize("rule, header, name", NAMES, ids=[row[0] for row in NAMES])
def test_names_of_attachments(mapdiff, report, tmp_path, rule, header, name):
    path = tmp_path / "thread"
    path.write_bytes(threads.raw_mail(b"--x\n\nHello\n\n--x\n" + header.encode() + b"\n\n" + A + b"\n--x--\n",
                                      "Content-Type: multipart/mixed; boundary=x"))
    assert e820_of(report("show", f"{path}/{name}")) == MAP_A
    assert mapdiff("show", path)[1].startswith(f"{path}/{name} (")


# --- several boots ---

TWO = bytes(threads.mail("Before, and after.", ("boot1.txt", A), ("boot2.txt", B)))
BOX = threads.mbox(threads.mail("Please send both logs."), threads.mail("The first:", ("dmesg.txt", A)),
                   threads.mail("The second:\n" + threads.quoted(A).decode() + "\nand:\n" + B.decode()))
THREADS = [
    # the rule, a thread, what it says of it
    ("two attachments", TWO, "- has 2 boots with a map: boot1.txt, boot2.txt."),
    ("two of one name", bytes(threads.mail("Both.", ("dmesg.txt", A), ("dmesg.txt", B))),
     "- has 2 boots with a map: dmesg.txt, dmesg.txt-2."),
    ("an mbox", BOX, "- has 2 boots with a map: 2/dmesg.txt, 3/text."),
    ("an mbox of CR LF", BOX.replace(b"\n", b"\r\n"), "- has 2 boots with a map: 2/dmesg.txt, 3/text."),
    ("mails behind each other", bytes(threads.mail(A.decode(), cte="base64")) + b"\n" + bytes(threads.mail(B.decode(), cte="base64")),
     "- has 2 boots with a map: 1/text, 2/text."),
    ("both in a text", bytes(threads.mail(f"Before:\n{A.decode()}\nAfter:\n{B.decode()}")), "- has 2 boots with a map: @1, @2."),
    ("the first one is quoted below the second", bytes(threads.mail(B.decode() + "\n\nJoe wrote:\n" + threads.quoted(A).decode())),
     None),
    ("a reply that quotes a part of the first in between",
     threads.mbox(threads.mail(A.decode()),
                  threads.mail(threads.quoted(b"".join(LIST_A[1:4])).decode() + "I have:\n" + B.decode())),
     "- has 2 boots with a map: 1/text, 2/text."),
    ("a forum's page", text(["I have two boots.", "Before:"]) + b"".join(LIST_A) + b"After:\n" + b"".join(LIST_B),
     "- has 2 boots with a map: @1, @2."),
    ("Markdown", threads.markdown(A) + threads.markdown(B, "After:", "~~~"), "- has 2 boots with a map: @1, @2."),
    ("an issue's page", threads.issue_page(A, B), "- has 2 boots with a map: @1, @2."),
    ("three boots", bytes(threads.mail("All.", ("a", log(moved(5)).encode()), ("b", A), ("c", B))),
     "- has 3 boots with a map: a, b, c; the last two are compared."),
    ("what a forge answers", json.dumps({"body": A.decode(), "comments": [{"body": "And now:\r\n" + B.decode()}]}).encode(),
     "- has 2 boots with a map: @1, @2."),
    ("a journal's export", threads.journal_export(A.decode().splitlines() + B.decode().splitlines()),
     "- has 2 boots with a map: @1, @2."),
]


@pytest.mark.parametrize("rule, content, said", THREADS, ids=[row[0] for row in THREADS])
def test_the_last_two_boots_of_a_thread(mapdiff, report, rule, content, said):
    verdict, before, after = compared(report, content)
    assert verdict == "no"
    if said is None:  # in which order is the reader's to say
        assert sorted((before, after)) == sorted((MAP_A, MAP_B))
        return
    assert (before, after) == (MAP_A, MAP_B)
    status, out, _ = mapdiff("-", stdin=content)
    assert status == 1 and said in " ".join(out.split())
    assert report("-", stdin=content)["found"] == said[:-1]


def test_many_boots_are_counted(mapdiff):
    content = b"".join(log(moved(i)).replace("0.0000", f"{i}.0000").encode() for i in range(12))
    assert "- has 12 boots with a map; the last two are compared.\n" in mapdiff("-", stdin=content)[1]


def test_boots_of_a_thread_by_number(report, mapdiff, tmp_path):
    path = tmp_path / "thread"
    path.write_bytes(TWO)
    assert e820_of(report("show", f"{path}@1")) == MAP_A
    assert e820_of(report("show", f"{path}@2")) == MAP_B
    assert "there is no boot 3 in it: it has 2" in mapdiff("show", f"{path}@3")[2]
    assert f"give one: {path}/boot1.txt, {path}/boot2.txt\n" in mapdiff("show", path)[2]


ALONE = [
    ("one boot", A, "there is one boot with a map in it, -: another one is missing"),
    ("one with and one without", A + b"Linux version 6.1.0-18-amd64 (x) #1\nCommand line: quiet\n", "one boot with a map in it, -@1: "),
    ("none", b"Linux version 6.1.0 (x) #1\nCommand line: quiet\n", "it is a Linux log"),
    ("no log", b"hello\n", "no memory map found"),
]


@pytest.mark.parametrize("rule, content, said", ALONE, ids=[row[0] for row in ALONE])
def test_one_file_without_two_boots(mapdiff, rule, content, said):
    status, out, err = mapdiff("-", stdin=content)
    assert (status, out) == (2, "") and said in err


def test_one_boot_of_a_file_is_not_two(mapdiff, tmp_path):
    path = tmp_path / "boots"
    path.write_bytes(A + B)
    assert "it is one boot" in mapdiff(f"{path}@1")[2]
    assert mapdiff(path)[0] == 1


# --- mails that are damaged ---

BAD = threads.b64(A)
DAMAGED = [
    # the rule, a mail, what is said
    ("no digit", threads.raw_mail(BAD[:200] + b"*" + BAD[201:], "Content-Transfer-Encoding: base64"), "line 7: text is in base64 that is damaged"),
    ("cut off", threads.raw_mail(BAD[:-40], "Content-Transfer-Encoding: base64"), "base64 that is damaged, or cut off, here"),
    ("a mark of its end in it", threads.raw_mail(BAD[:70] + b"==\n" + BAD[73:], "Content-Transfer-Encoding: base64"), "line 6: text is in base64"),
    ("an attachment", bytes(threads.mail("See it.", ("dmesg.txt", A))).replace(BAD[80:90], b"%%%%%%%%%%"), "dmesg.txt is in base64"),
    ("nested too deep", b"".join(b"Content-Type: multipart/mixed; boundary=b%d\nMIME-Version: 1.0\n\n--b%d\n" % (i, i) for i in range(40)),
     "nested deeper than people do"),
    ("too many parts", threads.raw_mail(b"--x\n\na\n" * 65537, "Content-Type: multipart/mixed; boundary=x"), "more parts than people send"),
    ("a mail that is cut, in an attachment of base64",
     bytes(threads.mail("See it.", ("dmesg.txt", A))).split(BAD[-160:-120])[0] + b"\n", "base64 that is damaged, or cut off, here"),
]


@pytest.mark.parametrize("rule, content, said", DAMAGED, ids=[row[0] for row in DAMAGED])
def test_mails_that_are_refused(mapdiff, rule, content, said):
    status, out, err = mapdiff("show", "-", stdin=content)
    assert (status, out) == (2, "") and said in err, err
    assert "it is a mail in which something is damaged, line " in err


def test_a_line_that_is_damaged_is_that_of_the_mail(mapdiff):
    """For an attachment it is a line of that file."""
    bad = A.replace(b"000e0000000-", b"000e000000-")
    line = bad[:bad.index(b"000e000000-")].count(b"\n") + 1
    before = threads.raw_mail(b"Hello\n\n", "Content-Type: text/plain")
    number = line + before.count(b"\n")
    assert f"-:{number}: a line of the e820 map" in mapdiff("show", "-", stdin=before + bad)[2]
    content = bytes(threads.mail("See it.", ("dmesg.txt", bad)))
    assert f"-/dmesg.txt:{line}: a line of the e820 map" in mapdiff("show", "-", stdin=content)[2]
    content = threads.mbox(threads.mail("Hello"), threads.mail(bad.decode()))
    line = content[:content.index(b"000e000000-")].count(b"\n") + 1
    assert f"-/2/text:{line}: a line of the e820 map" in mapdiff("show", "-", stdin=content)[2]


@pytest.mark.parametrize("order", ("ab", "aba", "abb", "aab", "abab", "aabb"))
def test_one_boot_with_two_maps(mapdiff, order):
    """However often it is printed: nothing tells which map is right."""
    content = b"".join({"a": A, "b": B_THEN}[name] for name in order)
    status, out, err = mapdiff("show", "-", stdin=content)
    assert (status, out) == (2, "") and "one boot is in the log twice, and its e820 map is not the same in both" in err


# --- diffs ---

LISTS = b"".join(LIST_A), b"".join(LIST_B)
KINDS = {"unified": ("-u",), "git's": ("-u", "--label=a/boot.log", "--label=b/boot.log"), "of few lines": ("-U0",), "of all lines": ("-U999",),
         "plain": (), "side by side": ("-y", "-W300"), "side by side, without tabs": ("-y", "-t", "-W240"),
         "side by side, differences alone": ("-y", "-W300", "--suppress-common-lines"),
         "side by side, common lines once": ("-y", "-W300", "--left-column")}
AROUND = {"alone": lambda content: content, "in a text": lambda content: b"Here is what differs:\n\n" + content + b"\nRegards, Joe\n",
          "quoted": threads.quoted, "indented": lambda content: threads.quoted(content, b"    "),
          "in Markdown": threads.markdown, "in a mail": lambda content: bytes(threads.mail(content.decode(), cte="base64")),
          "attached": lambda content: bytes(threads.mail("See it.", ("boots.diff", content)))}


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("before, after", ((A, B_THEN), LISTS), ids=("logs", "lists"))
def test_a_diff_shows_what_moved(report, tmp_path, before, after, kind, around):
    content = AROUND[around](threads.diff(tmp_path, before, after, *KINDS[kind]))
    got = report("-", stdin=content)
    assert got["resume"]["verdict"] == "no" and got["resume"]["ram_only"] == "no"
    telling = [row for row in got["changes"] if not row["consequence"]]
    assert [(row["kind"], row["before"]["start"], row["after"]["start"], row["after"]["end"], row["amount"]) for row in telling] == [
        ("moved", "0x7f000000", "0x7effd000", "0x7f00a000", "3 pages down")]
    assert {row["after"]["type"] for row in got["changes"] if row["consequence"]} == {1}
    whole = kind in ("of all lines", "side by side", "side by side, without tabs", "side by side, common lines once")
    # A list alone may go on behind the last line that the hunk has.
    assert got["pieces"] == (not whole or (kind == "of all lines" and before == LISTS[0]))
    if not got["pieces"]:
        assert compared(report, content)[1:] == (MAP_A, MAP_B)


# Lines of Linux with two ranges, by what prints them.
TWO_RANGES = {
    "NUMA": ["NUMA: Node 0 [mem 0x00000000-0x0009ffff] + [mem 0x00100000-0x3fffffff] -> [mem 0x00000000-0x3fffffff]",
             "NUMA: Node 0 [mem 0x00000000-0x3fffffff] + [mem 0x40000000-0x7fffffff] -> [mem 0x00000000-0x7fffffff]"],
    "an initrd": ["RAMDISK: [mem 0x7d334000-0x7d437d60]",
                  "Move RAMDISK from [mem 0x7d334000-0x7d437d60] to [mem 0x35e7a000-0x35f7dd60]",
                  "Move RAMDISK from [mem 0x7d334000-0x7d437d60] to [mem 0x35e7a000-0x35f7dd60]"],
    "clipped": ["acpi PNP0A08:00: clipped [mem 0xa0000000-0xdfffffff] to [mem 0xa0000000-0xcfffffff] for e820 entry [mem 0xd0000000-0xdfffffff]"] * 3,
    "a sanity check": [f"resource sanity check: requesting [mem 0x{n}00c0000-0x{n}00dffff], which spans more than [mem 0x{n}00d0000-0x{n}00d3fff]"
                       for n in "0000"],
    "PNP": [f"pnp 00:0{n}: disabling [mem 0x000c0000-0x000c3fff] because it overlaps 0000:01:00.0 BAR 6 [mem 0x000c0000-0x000dffff pref]"
            for n in range(4)],
    "the same word before both": [f"disabling [mem 0x0{n}0c0000-0x0{n}0c3fff], because of the bridge, disabling [mem 0x0{n}0c0000-0x0{n}0dffff]"
                                  for n in range(4)],
}


@pytest.mark.parametrize("name", TWO_RANGES)
def test_lines_with_two_ranges_are_no_diff(report, name):
    """They stand in logs of one boot, and of two; the list has more lines than that."""
    first = log(more=TWO_RANGES[name]).encode()
    grown = tuple((start, end + 0x10000 * (kind == 4), kind) if kind != 2 or start != 0x7F900000 else (start + 0x10000, end, kind)
                  for start, end, kind in LAPTOP)
    second = log(grown, more=TWO_RANGES[name]).encode().replace(b"[    0.000", b"[    0.001")
    got = report("show", "-", stdin=first)
    assert e820_of(got) == MAP_A and got["boot"]["boots"] == 1
    got = report("show", "-", stdin=second)
    assert e820_of(got) == sorted(grown) and got["boot"]["boots"] == 1
    assert compared(report, first + second) == ("no", MAP_A, sorted(grown))
    assert compared(report, first + first.replace(b"[    0.000", b"[    0.001")) == ("yes", MAP_A, MAP_A)


PROOFS = [
    # the rule, two logs, the options of diff, the verdict
    ("one line differs", LISTS[0], LISTS[0].replace(b"0x0000000180000000", b"0x0000000190000000").replace(b"17fffffff", b"18fffffff"), ("-u",), "no"),
    ("something else differs, and the map is in the hunk", A, A.replace(b"root=/dev/sda1 quiet", b"quiet"), ("-u",), "unknown"),
    ("and it is whole", A, A.replace(b"root=/dev/sda1 quiet", b"quiet"), ("-U99",), "yes"),
    ("and diff has all lines", A, A.replace(b"root=/dev/sda1 quiet", b"quiet"), ("-y", "-W300"), "yes"),
    ("a line is in one only", A, A.replace(LIST_A[6], b""), ("-U0",), "no"),
    ("a line is in one only, of plain diff", A.replace(LIST_A[6], b""), A, (), "no"),
    ("RAM is alike", A, A.replace(b"7f9fffff] reserved", b"7fafffff] reserved"), ("-u",), "no"),
]


@pytest.mark.parametrize("rule, before, after, options, verdict", PROOFS, ids=[row[0] for row in PROOFS])
def test_what_a_diff_proves(report, tmp_path, rule, before, after, options, verdict):
    got = report("-", stdin=threads.diff(tmp_path, before, after, *options))
    assert got["resume"]["verdict"] == verdict
    if rule == "RAM is alike":
        assert got["resume"]["ram_only"] == "unknown"
    if got["pieces"]:
        assert got["resume"]["e820_crc32"] == [None, None]
        assert "pieces of the maps" in " ".join(got["resume"]["reasons"])


@pytest.mark.parametrize("label", ("{+1234+}", "x {+12345678+}", "[-12345678-]", "[-0x1000-0x1fff-]{+0x1000-0x2fff+}", "@@ -1,3 +1,3 @@"))
def test_a_capture_is_no_diff(report, label):
    """What its lines say is text, and in its checksum."""
    assert e820(report, "-", stdin=capture(more=[f"label {label}"]).encode()) == MAP_A


def test_the_sides_of_a_diff_have_names(mapdiff, report, tmp_path):
    path = tmp_path / "boots.diff"
    path.write_bytes(threads.diff(tmp_path, A, B_THEN, "-u"))
    assert mapdiff(f"{path}@-", f"{path}@+")[1].split("\n\n", 1)[1] == mapdiff(path)[1].split("\n\n", 1)[1]
    for other, said in ((tmp_path / "boot1.log", "can be compared with its other side alone"), (f"{path}@-", None)):
        status, out, err = mapdiff(other, f"{path}@+" if said else f"{path}@-")
        assert (status, said or "") == ((2, said) if said else (0, "")), err
        assert said is None or said in err
    for command in (["show"], ["lint"], ["check"], ["translate"], ["convert"]):
        status, out, err = mapdiff(*command, f"{path}@+")
        assert (status, out) == (2, "") and f"only a part of this map; mapdiff diff {path} says what that shows" in err
    status, out, err = mapdiff("show", path)
    assert (status, out) == (2, "") and "it is a diff, and has only pieces of two maps; mapdiff diff FILE" in err
    path.write_bytes(threads.diff(tmp_path, A, B_THEN, "-U99"))
    assert e820_of(report("show", f"{path}@-")) == MAP_A
    assert e820_of(report("show", f"{path}@+")) == MAP_B


def test_a_series_leaves_pieces_out(mapdiff, tmp_path):
    path = tmp_path / "boots.diff"
    path.write_bytes(threads.diff(tmp_path, A, B_THEN, "-u"))
    status, _, err = mapdiff("series", path)
    assert status == 2 and "the diff has only a part of this map" in err


def test_a_header_in_the_context_is_no_beginning(report, tmp_path):
    """The first lines of the map are in no hunk; that the header is in one does not tell where the map begins."""
    before, after = (content.replace(b"6.1.0-18", b"6.1.0-19") if content == B_THEN else content for content in (A, B_THEN))
    content = threads.diff(tmp_path, before, after, "-U2")
    got = report("-", stdin=content)
    assert got["pieces"] and got["resume"]["verdict"] == "no"


def test_lines_that_diff_cut_are_refused(mapdiff, tmp_path):
    """At its default width, diff -y has no room for a line of a log."""
    status, out, err = mapdiff("-", stdin=threads.diff(tmp_path, A, B_THEN, "-y", "-W150"))
    assert (status, out) == (2, "") and "a line of the e820 map cannot be read" in err and "diff -y" in err


def test_a_type_that_diff_cut_is_not_guessed(mapdiff, tmp_path):
    """type 12 is not type 1."""
    before, after = (content.replace(b"ACPI NVS", b"type 12") for content in (b"".join(LIST_A), b"".join(LIST_B)))
    widths = [width for width in range(150, 190)
              if b"type 1 " in (got := threads.diff(tmp_path, before, after, "-y", "-t", f"-W{width}")) and b"type 12" not in got]
    assert widths
    for width in widths:
        status, out, _ = mapdiff("-", stdin=threads.diff(tmp_path, before, after, "-y", "-t", f"-W{width}"))
        assert (status, out) == (2, "")


@pytest.mark.parametrize("encode", (threads.qp, threads.qp_narrow))
def test_a_diff_that_was_encoded(report, tmp_path, encode):
    """Lines that were put together do not end a hunk early."""
    content = threads.diff(tmp_path, A, B_THEN, "-u")
    got = report("-", stdin=threads.raw_mail(encode(content), "Content-Transfer-Encoding: quoted-printable"))
    assert got["changes"] == report("-", stdin=content)["changes"] and got["found"] == report("-", stdin=content)["found"]


@pytest.mark.parametrize("options", (["-c"], ["-C99"], ["-C1"]))
def test_diff_c_is_refused(mapdiff, tmp_path, options):
    """Its sections look like two logs, and may have equal pieces of maps that differ."""
    for after in (B_THEN, A.replace(b"root=/dev/sda1 quiet", b"quiet")):
        content = threads.diff(tmp_path, A, after, *options)
        status, out, err = mapdiff("-", stdin=content)
        assert (status, out) == (2, ""), err
    assert "it is from diff -c" in mapdiff("show", "-", stdin=threads.diff(tmp_path, A, B_THEN, "-c"))[2]


N_LINES = len(A.splitlines())
HUNK = f"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,{N_LINES} +1,{N_LINES} @@\n".encode()
# As they mark the words, and whether the diff is known to be of all lines.
WORDS = {"wdiff": threads.wdiff(A, B_THEN), "git's words": threads.word_marks(A, B_THEN), "git's words in a hunk": HUNK + threads.word_marks(A, B_THEN),
         "in colours": threads.colour_words(A, B_THEN), "lists": threads.wdiff(*LISTS),
         "a part of it": b"@@ -4,6 +4,6 @@\n" + b"".join(threads.word_marks(A, B_THEN).splitlines(True)[3:9]),
         "wdiff -3": b"\n" + b"=" * 70 + b"\n\n" + (b"\n" + b"=" * 70 + b"\n\n").join(threads.wdiff(A, B_THEN).splitlines(True)[4:7])}


@pytest.mark.parametrize("around", ("alone", "in a text", "quoted", "in Markdown", "in a mail", "attached"))
@pytest.mark.parametrize("kind", WORDS)
def test_words_that_are_marked(report, kind, around):
    content = AROUND[around](WORDS[kind])
    got = report("-", stdin=content)
    assert got["resume"]["verdict"] == "no"
    telling = [row for row in got["changes"] if not row["consequence"]]
    assert [(row["kind"], row["before"]["start"], row["after"]["start"], row["amount"]) for row in telling] == [
        ("moved", "0x7f000000", "0x7effd000", "3 pages down")]
    if kind in ("wdiff", "git's words", "in colours"):
        assert not got["pieces"] and compared(report, content)[1:] == (MAP_A, MAP_B)
    if kind in ("a part of it", "wdiff -3"):
        assert got["pieces"]


def test_words_of_one_text_alone(report):
    """A line that was added has all of it marked; so has one that spans lines."""
    lines = A.splitlines(True)
    content = b"".join(lines[:6]) + b"[-" + b"".join(lines[6:8])[:-1] + b"-]\n" + b"".join(lines[8:])
    verdict, before, after = compared(report, content)
    assert verdict == "no" and before == MAP_A and after == [row for row in MAP_A if row[0] not in (0x7F00D000, 0x7F800000)]
    content = b"".join(lines[:6]) + b"{+" + lines[6][:-1] + b"+}\n" + b"".join(lines[7:])
    verdict, before, after = compared(report, content)
    assert verdict == "no" and after == MAP_A and before == [row for row in MAP_A if row[0] != 0x7F00D000]


def test_brackets_in_a_log_are_no_marks(report):
    """An error number, and a list of flags."""
    more = b"[    5.000000] foo: error [-22] in 0x12345678\n[    6.000000] bar: {+x} 0x12345678-0x12345fff\n"
    assert e820(report, "-", stdin=A + more) == MAP_A


def test_ndiff_of_python(report):
    """It has a blank behind each mark, and lines that show what differs."""
    content = text(line.rstrip("\n") for line in difflib.ndiff(A.decode().splitlines(), B_THEN.decode().splitlines()))
    assert compared(report, content) == ("no", MAP_A, MAP_B)


@pytest.mark.parametrize("width", (66, 72, 76))
def test_a_unified_diff_that_a_mail_program_broke(report, tmp_path, width):
    """The rest of a line is of the side that it was of."""
    content = threads.wrapped(threads.diff(tmp_path, A, B_THEN, "-U99"), width)
    assert compared(report, content) == ("no", MAP_A, MAP_B)


def test_a_patch_of_source_is_no_diff_of_maps(report):
    patch = b"--- a/x.c\n+++ b/x.c\n@@ -1,3 +1,3 @@ int f(void)\n int a;\n-int b = 0x12345678;\n+int b = 0x12345679;\n int c;\n"
    assert e820(report, "-", stdin=bytes(threads.mail("This fixes:\n\n" + A.decode() + "\n---\n" + patch.decode()))) == MAP_A


def test_several_files_in_a_diff(mapdiff, tmp_path):
    more = threads.diff(tmp_path, b"a\n", b"b\n", "-u", "--label=a/x", "--label=b/x")
    content = more + threads.diff(tmp_path, A, B_THEN, "-u", "--label=a/dmesg", "--label=b/dmesg")
    status, out, _ = mapdiff("-", stdin=content)
    assert status == 1 and out.startswith("mapdiff A: -/dmesg@- (") and "3 pages down" in out


def test_pieces_of_several_boots_are_refused(mapdiff, tmp_path):
    """A boot more in one log: its map is not that of a boot of the other one."""
    c = log(moved(7)).replace("[    0.000", "[    0.002").encode()
    for before, after in ((A + B, B + A), (A + B, B + c), (B, A + B), (A, A + c)):
        status, out, err = mapdiff("-", stdin=threads.diff(tmp_path, before, after, "-U0"))
        assert (status, out) == (2, "") and "pieces of several boots" in err


# --- journals ---

ODD = [line.replace("usable", "usable\x1b[0m") if "0x0000000100000000" in line else line for line in A.decode().splitlines()]


@pytest.mark.parametrize("writer", (threads.journal_export, threads.journal_json))
def test_fields_of_a_journal_that_are_no_text(report, writer):
    """A message with a colour in it."""
    assert e820(report, "-", stdin=writer(ODD, lambda line: "\x1b" in line)) == MAP_A
    assert e820(report, "-", stdin=writer(ODD, lambda line: "0x" in line)) == MAP_A


def test_a_binary_field_of_an_export_is_skipped(report):
    """What is in it is no line of a log: here one that would damage the map."""
    content = threads.journal_export(A.decode().splitlines())
    other = b"\n" + LIST_B[2] + b"\n"
    field = b"COREDUMP\n" + len(other).to_bytes(8, "little") + other + b"\n"
    at = content.index(b"\n\n", content.index(b"BIOS-e820: [mem 0x0000000000100000")) + 1
    assert e820(report, "-", stdin=content[:at] + field + content[at:]) == MAP_A


@pytest.mark.parametrize("cut", (1, 7, 9, 30))
def test_an_export_that_is_cut_in_a_field(mapdiff, cut):
    content = threads.journal_export(ODD, lambda line: "\x1b" in line)
    at = content.index(b"MESSAGE\n") + len(b"MESSAGE\n")
    status, out, err = mapdiff("show", "-", stdin=content[:at + cut])
    assert (status, out) == (2, "") and "a journal's export that is cut off in a field" in err


# --- what is quoted ---


MARKS = ("[snip: boring]", "...", "Note: I cut some", "and so on", "This one moves:")


@pytest.mark.parametrize("mark", MARKS)
def test_a_quote_with_a_hole_is_no_map(mapdiff, report, mark):
    """What stands between quoted lines is not quoted itself, and the answer has a map of its own."""
    holes = threads.quoted(b"".join(LIST_A[:3])) + mark.encode() + b"\n" + threads.quoted(b"".join(LIST_A[4:]))
    content = b"Joe wrote:\n" + holes + b"\nMine:\n\n\n\n" + B
    status, out, err = mapdiff("-", stdin=content)
    assert (status, out) == (2, "") and ("lines were left out here" in err or "lines may be missing here" in err)
    # What is whole beside it is read:
    assert e820(report, "-", stdin=A + b"\nJoe wrote:\n" + holes) == MAP_A


REPLIES = [
    ("all of it", threads.quoted(A)),
    ("all of it, broken", threads.wrapped(threads.quoted(A))),
    ("twice", threads.quoted(threads.quoted(A))),
    ("a line", threads.quoted(LIST_A[3])),
    ("the first lines, and then words", threads.quoted(b"".join(LIST_A[:3])) + b"Is this all?\n" + threads.quoted(LIST_A[5])),
    ("some, with a mark between", threads.quoted(LIST_A[0] + b"[...]\n" + LIST_A[5])),
    ("by two people", threads.quoted(b"".join(LIST_A[:5])) + b"So?\n" + threads.quoted(A) + b"Well.\n"),
]


@pytest.mark.parametrize("rule, reply", REPLIES, ids=[row[0] for row in REPLIES])
@pytest.mark.parametrize("form", ("an mbox", "a text"))
def test_a_reply_is_no_boot(report, mapdiff, form, rule, reply):
    if form == "an mbox":
        content = threads.mbox(threads.mail(A.decode(), cte="base64"), threads.mail("On Monday, Joe wrote:\n" + reply.decode()))
    else:
        content = A + b"\nJack answered:\n\n" + reply + b"\nI see.\n"
    assert e820(report, "-", stdin=content) == MAP_A
    assert "there is one boot with a map in it" in mapdiff("-", stdin=content)[2]


def test_a_quote_of_another_boot_is_one(report):
    """Nothing else in the thread has that map."""
    content = bytes(threads.mail(threads.quoted(A).decode() + "\nMine is another one:\n" + B.decode()))
    verdict, *maps = compared(report, content)
    assert verdict == "no" and sorted(maps) == sorted((MAP_A, MAP_B))


def test_a_map_that_two_people_have(report):
    """Two mails with one map are two boots, if nobody quotes."""
    content = threads.mbox(threads.mail("", ("a", A)), threads.mail("", ("b", A)))
    assert compared(report, content)[0] == "yes"


# --- pages ---


ESCAPED = {"all": threads.escaped(A), "in a mail": bytes(threads.mail(threads.escaped(A).decode())),
           "a list": b"".join(b"- " + threads.escaped(line) for line in LIST_A), "line ends": A.replace(b"\n", b"\\\n")}


@pytest.mark.parametrize("kind", ESCAPED)
def test_markdown_that_is_escaped(report, kind):
    assert e820(report, "-", stdin=ESCAPED[kind]) == MAP_A


def test_an_elision_that_is_escaped(mapdiff):
    content = A.replace(LIST_A[3], b"\\[...\\]\n")
    assert "lines were left out here" in mapdiff("show", "-", stdin=content)[2]


# What pages and word processors make of a character; by number, too.
CHARACTERS = [("-0x", "\u20140x"), ("-0x", "\u20110x"), ("-0x", "\u22120x"), ("-0x", "&mdash;0x"), ("-0x", "&#8722;0x"), ("-0x", "&minus;0x"),
              ("] ", "]\u2009"), ("] ", "]\u3000"), ("] ", "]\u202f"), ("] ", "]&#x2003;"), ("[mem", "\u200b[mem"), ("e820", "\u00ade820"), ("e820", "&shy;e820"),
              ("e820", "\u2060e820"), ("[mem", "&#8203;[mem"), ("\n", "\n\ufeff"), ("\n", "\u200e\n")]


@pytest.mark.parametrize("plain, other", CHARACTERS)
def test_characters_of_pages(report, plain, other):
    assert e820(report, "-", stdin=A.decode().replace(plain, other).encode()) == MAP_A


KEYS = ("body", "text", "content", "raw", "note", "cooked", "message", "comment", "description", "log")


@pytest.mark.parametrize("key", KEYS)
def test_texts_in_the_answers_of_sites(report, key):
    content = json.dumps({"bugs": {"1": {"comments": [{key: "Hi", "id": 1}, {key: A.decode(), "id": 2}]}}}).encode()
    assert e820(report, "-", stdin=content) == MAP_A


@pytest.mark.parametrize("key", ("line", "_raw", "MESSAGE", "msg", "message"))
def test_lines_that_a_collector_kept(report, key):
    assert e820(report, "-", stdin=text(json.dumps({"result": {key: line}, "labels": {"host": "x"}}) for line in A.decode().splitlines())) == MAP_A


def test_objects_without_any_message(mapdiff):
    """That file is not empty."""
    status, _, err = mapdiff("show", "-", stdin=json.dumps({"data": "aGVsbG8K", "content_type": "x"}).encode())
    assert status == 2 and "no memory map found. mapdiff reads" in err



def test_what_a_page_hides_is_not_read(report, mapdiff):
    content = threads.issue_page(A)
    assert e820(report, "-", stdin=content) == MAP_A
    assert "there is one boot" in mapdiff("-", stdin=content)[2]


def test_a_page_whose_quotes_are_blocks(report, mapdiff):
    content = threads.issue_page(A) + b"<blockquote>\n<p>first line</p><pre>" + b"".join(LIST_A[2:5]) + b"</pre></blockquote>\n"
    assert e820(report, "-", stdin=content) == MAP_A
    assert "there is one boot" in mapdiff("-", stdin=content)[2]


def test_numbers_of_characters(report):
    content = A.replace(b"[mem", b"&#91;mem").replace(b"] ", b"&#x5D; ").replace(b"-0x", b"&#45;0x")
    assert e820(report, "-", stdin=b"<pre>" + content + b"</pre>") == MAP_A


@pytest.mark.parametrize("mark", ("+", "-"))
def test_a_list_of_ranges_is_no_diff(mapdiff, mark):
    """As bootmem prints its reservations, on the serial port that a capture is on, too."""
    item = f"  {mark} 0063d3000-0063ed000 hand-off block       header, command line, maps\n"
    status, said, complaint = mapdiff("show", "-", stdin=(item + log()).encode())
    assert status == 0 and "Linux log" in said, complaint

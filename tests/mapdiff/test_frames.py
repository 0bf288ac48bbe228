"""Recorded logs in 200 frames, as threads have them: what loggers put before a line, what mail programs and pages do
to it, what it is sent in, and what happens to it on the way. The map is read as it was, or it is refused: a frame
that loses lines is refused, one that loses none is not."""

import gzip
import random
import re

import pytest

import formats
import threads
from conftest import run_mapdiff
from naive import ALL, name_of

N_FRAMES = 200
RECORDED = [map for map in ALL if 4 <= len(map.e820) <= 40]

# --- what happens to the messages of a kernel: lines -> lines ---


def other_lines(lines, random):
    """Others break in between, as in a journal."""
    out = []
    for line in lines:
        out += [line, *["random: crng init done", "usb 1-1: new device", "systemd[1]: Started x."][:random.randrange(3)]]
    return out


def cut_head(lines, _):
    """All below 1 MiB: a map of kexec begins at 0x1000."""
    low = [i for i, line in enumerate(lines) if re.search(r"BIOS-e820: (\[(mem|gap) 0x)?00000000000[0-9a-f]{5}", line)]
    return lines[low[-1] + 1:]


def cut_inside(lines, random):
    """In a line of the map."""
    at = random.choice([i for i, line in enumerate(lines) if "BIOS-e820: " in line])
    return [*lines[:at], lines[at][:random.randrange(20, 50)]]


MESSAGES = {"all": lambda lines, _: lines, "others between": other_lines}
LOSSES = {"head lost": cut_head, "cut": cut_inside}

# --- what a logger, a terminal or a forum makes of them: lines -> bytes ---

WRITERS = [formats.dmesg, formats.dmesg_bare, formats.dmesg_raw, formats.dmesg_date, formats.dmesg_decoded, formats.dmesg_caller,
           formats.journal, formats.journal_monotonic, formats.journal_iso, formats.syslog, threads.journal_export, threads.journal_json]
# Each line of it is one of the log.
PLAIN = WRITERS[:-2]

# --- what is done to the text: bytes -> bytes ---


def doubled(content):
    """On the console, and from dmesg."""
    return content + b"root@host:~# dmesg\n" + content


def between(content):
    """Words before and behind it."""
    return b"Hi all,\n\nhere is the log:\n\n" + content + b"\nAny idea?\n-- \nJoe\n"


BODIES = {
    "as it is": lambda content: content, "quoted": threads.quoted, "quoted twice": lambda content: threads.quoted(threads.quoted(content)),
    "wrapped": threads.wrapped, "quoted, then wrapped": lambda content: threads.wrapped(threads.quoted(content)),
    "wrapped, then quoted": lambda content: threads.quoted(threads.wrapped(content)), "CR LF": lambda content: content.replace(b"\n", b"\r\n"),
    "doubled": doubled, "words around": between, "indented": lambda content: threads.quoted(content, b"    "),
    "blank lines": lambda content: content.replace(b"\n", b"\n\n"), "Markdown": threads.markdown, "a page": threads.issue_page,
    "BBCode": lambda content: b"[code]" + content + b"[/code]\n", "quoted, and answered": lambda content: threads.quoted(content) + b"\nI see.\n",
    "sent, and quoted in a reply": lambda content: content + b"\nOn Monday, Joe wrote:\n" + threads.quoted(content),
}

# --- what it is sent in: bytes -> bytes ---


def mail(headers, encode):
    return lambda content: threads.raw_mail(encode(content), *headers)


def attached(content):
    return bytes(threads.mail("See the log.", ("dmesg.txt", content)))


CARRIERS = {
    "a file": lambda content: content, "gzip": gzip.compress,
    "UTF-16": lambda content: content.decode().encode("utf-16"),
    "a mail": mail((), lambda content: content),
    "base64": mail(("Content-Transfer-Encoding: base64",), threads.b64),
    "quoted-printable": mail(("Content-Transfer-Encoding: quoted-printable",), threads.qp),
    "narrow quoted-printable": mail(("Content-Transfer-Encoding: Quoted-Printable",), threads.qp_narrow),
    "flowed": mail(("Content-Type: text/plain; format=flowed",), threads.flowed),
    "attached": attached, "attached, packed": lambda content: bytes(threads.mail("See it.", ("dmesg.txt.gz", gzip.compress(content)))),
    "attached, forwarded": lambda content: bytes(threads.mail("See it.", ("mail.eml", attached(content)))),
    "an mbox": lambda content: threads.mbox(threads.mail("Please send a log."), threads.mail("Here:", ("dmesg.txt", content)), threads.mail("> Here:\n\nThanks.")),
}


def make(number):
    """(what it is, the recorded map, bytes, is it refused) of a frame."""
    dice = random.Random(number)
    recorded = dice.choice(RECORDED)
    # All of the carriers with all of the bodies come before a pair comes again.
    carrier, body = list(CARRIERS)[number % len(CARRIERS)], list(BODIES)[number // len(CARRIERS) % len(BODIES)]
    loss = dice.choice(list(LOSSES)) if number % 5 == 4 else None
    kind = loss or dice.choice(list(MESSAGES))
    # Linux 2.6 knew no persistent memory.
    spellings = formats.E820_SPELLINGS[any(row[2] in (7, 12) for row in recorded.e820):]
    lines = {**MESSAGES, **LOSSES}[kind](formats.messages(recorded, dice.choice(spellings)), dice)
    lines = [line for line in lines if "reserve setup_data" not in line]
    write = dice.choice(WRITERS if body in ("as it is", "CR LF") and carrier != "flowed" and not loss else PLAIN)
    if write is threads.journal_export:
        body = "as it is"
    content = CARRIERS[carrier](BODIES[body](write(lines)))
    return f"{kind}, {write.__name__}, {body}, {carrier}", recorded, content, loss is not None


@pytest.mark.parametrize("group", range(8))
def test_a_log_in_a_frame(group):
    """All that go wrong are told, with what is needed to make them."""
    wrong = []
    for number in range(group, N_FRAMES, 8):
        what, recorded, content, is_refused = make(number)
        status, out, err = run_mapdiff("convert", "-", stdin=content, fast=number % 4 != 0)
        got = [tuple(int(word, 0) for word in line.split()[1:4]) for line in out.splitlines() if line.startswith("e820 ")]
        if is_refused:
            is_right = (status, out) == (2, "")
        else:
            is_right = status == 0 and got == recorded.e820
        if not is_right:
            wrong.append(f"{number}: {what}, {name_of(recorded)}: {status} {err.splitlines()[:1]} {got[:2]}...")
    assert not wrong, "\n".join(wrong)

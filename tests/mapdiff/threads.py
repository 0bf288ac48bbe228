"""Logs -> threads, as people post them: mails (made by Python's own email package), mboxes, diffs (made by
diff itself), pages, exports of a journal. And logs put into frames, for test_frames.py."""

import base64
import email.message
import email.policy
import html
import json
import quopri
import re
import subprocess

from formats import text

# --- mails ---

POLICY = email.policy.SMTP.clone(linesep="\n", max_line_length=78)
FROM_LINE = b"From joe@example.org Mon Nov  2 10:00:00 2026\n"


def mail(body=None, *attachments, cte=None, subtype="plain", charset="utf-8", **headers):
    """A mail with a text and attachments: (name, bytes) or (name, bytes, maintype, subtype)."""
    message = email.message.EmailMessage(policy=POLICY)
    message["From"], message["To"], message["Subject"] = "Joe <joe@example.org>", "list@example.org", "It does not resume"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    if body is not None:
        message.set_content(body, subtype=subtype, charset=charset, cte=cte)
    for name, content, *kind in attachments:
        maintype, kind = kind or ("application", "octet-stream")
        message.add_attachment(content, maintype=maintype, subtype=kind, filename=name)
    return message


def mbox(*mails):
    return b"".join(FROM_LINE + bytes(message) + b"\n" for message in mails)


def raw_mail(body, *headers):
    """A mail as its bytes are: what Python would not write."""
    return "".join(f"{line}\n" for line in ("From: joe@example.org", "MIME-Version: 1.0", *headers, "")).encode() + body


def quoted(content, mark=b"> "):
    return b"".join(mark + line + b"\n" for line in content.splitlines())


def wrapped(content, width=76):
    """As a mail program breaks lines at blanks, without a mark before the rest."""
    return text(part for line in content.decode().splitlines()
                for part in re.sub(rf"(.{{1,{width}}})( |$)", r"\1\n", line).splitlines())


def flowed(content, width=72, delsp=False):
    """RFC 3676: broken lines end in a blank, the rest is quoted as deep, and what begins with a blank gets one more."""
    out = []
    for line in content.decode().splitlines():
        body = line.lstrip("> ") if line.startswith(">") else line
        marks = ">" * line[:len(line) - len(body)].count(">")
        body = body.rstrip()
        parts = []
        while len(body) > width and " " in body[1:width]:
            at = body.rindex(" ", 1, width) + 1
            parts.append(body[:at] + (" " if delsp else ""))
            body = body[at:]
        out += [marks + (" " if marks or part[:1] in (" ", ">") else "") + part for part in [*parts, body]]
    return "".join(f"{line}\n" for line in out).encode()


def qp(content):
    return b"".join(quopri.encodestring(line + b"\n") for line in content.splitlines())


def qp_narrow(content, width=40):
    """Soft breaks in the middle of words."""
    out = []
    for line in content.decode().splitlines():
        line = line.replace("=", "=3D")
        while len(line) > width:
            at = width - (2 if "=" in line[width - 2:width] else 0)
            out.append(line[:at] + "=")
            line = line[at:]
        out.append(line)
    return "".join(f"{line}\n" for line in out).encode()


def b64(content):
    return base64.encodebytes(content)


# --- diffs ---


def diff(folder, before, after, *options):
    """What diff prints of two texts."""
    paths = []
    for name, content in (("boot1.log", before), ("boot2.log", after)):
        (folder / name).write_bytes(content)
        paths.append(name)
    result = subprocess.run(["diff", *options, *paths], cwd=folder, capture_output=True, check=False)
    assert result.returncode in (0, 1), result.stderr
    return result.stdout


def word_marks(before, after):
    """What git diff --word-diff prints of two logs with as many lines: the words that differ are marked, line by line."""
    out = []
    for old, new in zip(before.decode().splitlines(), after.decode().splitlines()):
        words = zip(re.split(r"( +)", old), re.split(r"( +)", new))
        out.append("".join(a if a == b else f"[-{a}-]{{+{b}+}}" for a, b in words))
    return text(out)


def wdiff(before, after):
    """The same of GNU wdiff, which has a blank between."""
    return word_marks(before, after).replace(b"-]{+", b"-] {+")


def colour_words(before, after):
    """git diff --color-words: one hunk, and the colours alone."""
    marked = word_marks(before, after)
    for mark, colour in ((b"[-", b"\33[31m"), (b"-]", b"\33[m"), (b"{+", b"\33[32m"), (b"+}", b"\33[m")):
        marked = marked.replace(mark, colour)
    n = before.count(b"\n")
    return (f"\33[1mdiff --git a/x b/x\33[m\n\33[1m--- a/x\33[m\n\33[1m+++ b/x\33[m\n\33[36m@@ -1,{n} +1,{n} @@\33[m\n").encode() + marked


def escaped(content):
    """Markdown that was not to be one."""
    return re.sub(rb"([\[\]_*`<>#])", rb"\\\1", content)


# --- journals ---


def journal_export(lines, binary=lambda line: False):
    """journalctl -o export: a field that is no text has its length before it."""
    out = b""
    for i, line in enumerate(lines):
        content = line if isinstance(line, bytes) else line.encode()
        out += f"__CURSOR=s=abc;i={i:x}\n__REALTIME_TIMESTAMP=1714818148123456\n_BOOT_ID=0123456789abcdef\n".encode()
        out += b"_TRANSPORT=kernel\nPRIORITY=6\n"
        if binary(line):
            out += b"MESSAGE\n" + len(content).to_bytes(8, "little") + content + b"\n"
        else:
            out += b"MESSAGE=" + content + b"\n"
        out += b"SYSLOG_IDENTIFIER=kernel\n\n"
    return out


def journal_json(lines, binary=lambda line: False):
    """journalctl -o json: such a field is a list of its bytes."""
    return text(json.dumps({"PRIORITY": "6", "MESSAGE": list(line.encode()) if binary(line) else line,
                            "_TRANSPORT": "kernel"}) for line in lines)


# --- pages ---


def markdown(log, before="My log:", fence="```"):
    return f"# It does not resume\n\n{before}\n\n{fence}text\n".encode() + log + f"{fence}\n\nThanks!\n".encode()


def issue_page(*comments):
    """A page of an issue, as a forge writes it: the log in a block of code, and once more, in JSON, in a script."""
    state = json.dumps({"comments": [{"body": log.decode(), "bodyHTML": f"<pre>{log.decode()}</pre>"} for log in comments]})
    blocks = "".join(f'<div class="comment"><h3>joe</h3><div class="highlight"><pre class="notranslate"><code class="notranslate">'
                     f"{html.escape(log.decode())}</code></pre></div></div>\n" for log in comments)
    return (f"<!DOCTYPE html>\n<html><head><title>BIOS-e820 &middot; Issue</title>\n<style>pre > code {{ color: red }}</style>\n"
            f'<script type="application/json">{state}</script></head>\n<body><!-- {comments[0].decode()[:70]} -->\n'
            f"{blocks}</body></html>\n").encode()

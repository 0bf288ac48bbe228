"""Maps of each form that is no log of Linux, in frames as threads have them: the map is read as it is when it stands alone,
or, where lines were left out or lost, refused."""

import re

import pytest

import formats
import formats_other as other
import threads
from conftest import run_mapdiff
from formats import text
from naive import ALL

MACHINE = {map.path.stem: map for map in ALL}["x64-q35-8G"]
UEFI, E820 = [tuple(row) for row in MACHINE.uefi], MACHINE.e820

FORMS = {
    "shell": other.shell(UEFI).replace("\r", "").splitlines(), "shell, without totals": other.shell(UEFI, totals=False).replace("\r", "").splitlines(),
    "shell -sfo": other.shell_sfo(UEFI).replace("\r", "").splitlines(), "lsefimmap": other.lsefimmap(UEFI).splitlines(),
    "lsmmap": other.lsmmap(E820).splitlines(), "Xen's e820": other.xen_e820(E820), "Xen's e820, since 4.14": other.xen_e820_new(E820),
    "tboot": other.tboot(E820), "Xen's EFI map": other.xen_efi(UEFI), "U-Boot": other.uboot(UEFI), "Rust": other.rust(UEFI),
    "Rust, newer": other.rust_new(UEFI), "ESXi": other.esxi(UEFI), "FreeBSD": other.freebsd(UEFI), "SMAP": other.smap(E820),
    "SMAP, of sysctl": other.smap_sysctl(E820), "OpenBSD": other.openbsd(E820), "Multiboot": other.multiboot(E820),
    "Multiboot, with colons": other.multiboot_colon(E820), "Limine's numbers": other.limine_numbers(E820),
    "Limine's names": other.limine_names(E820), "Limine's constants": other.limine_constants(E820), "Limine itself": other.limine_own(E820),
    "arm64": other.arm64(UEFI), "iomem": formats.iomem(MACHINE).decode().splitlines(), "sysfs": formats.sysfs_grep(MACHINE).decode().splitlines(),
    "a loop over sysfs": formats.sysfs_loop(MACHINE).decode().splitlines(),
}
TELLS_NUMBERS = ("ESXi", "OpenBSD", "Limine's numbers", "Limine's names")
# Each entry has three lines, in any order, and a number.
LISTS = [name for name in FORMS if "sysfs" not in name]


def mail(content, *headers):
    return threads.raw_mail(content, *headers)


FRAMES = {
    "CR LF": lambda content: content.replace(b"\n", b"\r\n"), "quoted": threads.quoted,
    "quoted, and answered": lambda content: b"Joe wrote:\n" + threads.quoted(content) + b"\nI see.\n",
    "Markdown": threads.markdown, "escaped": threads.escaped, "BBCode": lambda content: b"[code]" + content + b"[/code]",
    "base64": lambda content: mail(threads.b64(content), "Content-Transfer-Encoding: base64"),
    "quoted-printable": lambda content: mail(threads.qp(content), "Content-Transfer-Encoding: quoted-printable"),
    "narrow": lambda content: mail(threads.qp_narrow(content), "Content-Transfer-Encoding: quoted-printable"),
    "flowed": lambda content: mail(threads.flowed(content), "Content-Type: text/plain; format=flowed"),
    "UTF-16": lambda content: content.decode().encode("utf-16"), "indented": lambda content: threads.quoted(content, b"    "),
    "times": lambda content: threads.quoted(content, b"[2026-11-02 10:00:00] "), "blank lines": lambda content: content.replace(b"\n", b"\n\n"),
    "words around": lambda content: b"Hi all,\n\nhere it is:\n\n" + content + b"\nAny idea?\n-- \nJoe\n",
    "wrapped": lambda content: mail(threads.wrapped(content, 72)), "hard blanks": lambda content: content.replace(b"  ", b"\xc2\xa0 "),
    "colours": lambda content: b"".join(b"\x1b[37m" + line + b"\x1b[0m\n" for line in content.splitlines()),
    "numbers and bars": lambda content: text(f"{i:4} | {line}" for i, line in enumerate(content.decode().splitlines(), 1)),
    "numbers": lambda content: text(f"{i}. {line}" for i, line in enumerate(content.decode().splitlines(), 1)),
    "cat -n": lambda content: text(f"{i:6}\t{line}" for i, line in enumerate(content.decode().splitlines(), 1)),
    "quoted in an answer below": lambda content: content + b"\nJim wrote:\n" + threads.quoted(content) + b"\nThanks\n",
}
# Broken, these rows have no end that tells where they end; a tab and a number begin entries of sysfs.
NOT = {("Limine itself", "wrapped")}


def converted(content):
    status, out, err = run_mapdiff("convert", "-", stdin=content, fast=True)
    return status, [line for line in out.splitlines() if line.startswith(("uefi ", "e820 "))], err


@pytest.mark.parametrize("name", FORMS)
def test_a_map_in_a_frame(name):
    alone = converted(text(FORMS[name]))
    assert alone[0] == 0 and len(alone[1]) >= len(E820)
    wrong = []
    for frame, put in FRAMES.items():
        got = converted(put(text(FORMS[name])))
        if (name, frame) not in NOT and got[:2] != alone[:2]:
            wrong.append(f"{frame}: {got[2]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", LISTS)
def test_a_map_with_a_hole(name):
    lines = FORMS[name]
    at = len(lines) // 2
    for mark in ("[...]", "<snip>", "and so on", "***", ":", "(lots more)", "hello there"):
        status, out, err = run_mapdiff("show", "-", stdin=text([*lines[:at], mark, *lines[at + 1:]]), fast=True)
        assert (status, out) == (2, "") and f"-:{at + 1}: " in err, (mark, err)


@pytest.mark.parametrize("name", TELLS_NUMBERS)
@pytest.mark.parametrize("n_lost", (1, 3))
def test_rows_with_numbers(name, n_lost):
    """What is missing is told where the next one is."""
    lines = FORMS[name]
    content = text([*lines[:5], *lines[5 + n_lost:]])
    said = "1 row is missing before this line" if n_lost == 1 else "3 rows are missing before this line"
    status, out, err = run_mapdiff("show", "-", stdin=content)
    assert (status, out) == (2, "") and f"-:6: {said}" in err, err
    # A second print begins anew.
    assert converted(text(lines) + text(lines))[0] == 0


STRICT = ("lsefimmap", "FreeBSD", "U-Boot", "shell, without totals")


@pytest.mark.parametrize("name", STRICT)
def test_attributes_that_were_broken_off(name):
    """The row can be read without them, and they are not lost; words behind a map are none."""
    alone = converted(text(FORMS[name]))[1]
    row = next(i for i, line in enumerate(FORMS[name]) if re.search(r"[ |]WB", line) or line.endswith("000000000000000F"))
    lines = FORMS[name]
    for cut in ([" WB"] if " WB" in lines[row] else ["WB"] if "WB" in lines[row] else [" 000000000000000F"]):
        at = lines[row].index(cut)
        broken = [*lines[:row], lines[row][:at], lines[row][at:].strip(), *lines[row + 1:]]
        assert converted(text(broken))[1] == alone, cut
        assert converted(text(broken[:row] + lines[row:]) + b"WBW and others\n")[1] == alone

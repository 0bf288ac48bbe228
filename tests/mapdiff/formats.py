"""A recorded map (naive.Map) -> text as people have it: logs of Linux in its spellings, as loggers,
consoles and forums write them, /proc/iomem, /sys/firmware/memmap."""

import codecs
import gzip
import json
import quopri
import re

from naive import RUNTIME, SOFT, SP

PAGE = 4096

# --- messages of the kernel: lists of lines ---

E820_NAMES = {1: "usable", 2: "reserved", 3: "ACPI data", 4: "ACPI NVS", 5: "unusable", 7: "persistent (type 7)",
              12: "persistent (type 12)", SOFT: "soft reserved"}
E820_NAMES_7 = {**E820_NAMES, 1: "System RAM", 2: "device reserved", 7: "persistent RAM (type 7)",
                12: "persistent RAM (type 12)"}
SYSFS_NAMES = {1: "System RAM", 2: "Reserved", 3: "ACPI Tables", 4: "ACPI Non-volatile Storage", 5: "Unusable memory",
               7: "Persistent Memory", 12: "Persistent Memory (legacy)", SOFT: "Soft Reserved"}


def e820_2_6(map, who="BIOS-e820"):
    """Until 3.4: the end is one past, names are in brackets, numbers are not."""
    return [f" {who}: {start:016x} - {end:016x} " + (f"({E820_NAMES[kind]})" if kind in E820_NAMES else f"type {kind}")
            for start, end, kind in map.e820]


def e820_3(map, who="BIOS-e820"):
    """3.5 to 6.x: the end is the last byte."""
    return [f"{who}: [mem {start:#018x}-{end - 1:#018x}] {E820_NAMES.get(kind, f'type {kind}')}"
            for start, end, kind in map.e820]


def e820_7(map, who="BIOS-e820"):
    """7.0: other names, two blanks before them, and gaps."""
    lines, last = [], 0
    for start, end, kind in map.e820:
        if start > last:
            lines.append(f"{who}: [gap {last:#018x}-{start - 1:#018x}]")
        lines.append(f"{who}: [mem {start:#018x}-{end - 1:#018x}]  {E820_NAMES_7.get(kind, f'type {kind}')}")
        last = end
    return lines


E820_SPELLINGS = [e820_2_6, e820_3, e820_7]

UEFI_NAMES = ["Reserved", "Loader Code", "Loader Data", "Boot Code", "Boot Data", "Runtime Code", "Runtime Data",
              "Conventional", "Unusable", "ACPI Reclaim", "ACPI Mem NVS", "MMIO", "MMIO Port", "PAL Code", "Persistent",
              "Unaccepted"]
UEFI_NAMES_4 = [*UEFI_NAMES[:7], "Conventional Memory", "Unusable Memory", "ACPI Reclaim Memory", "ACPI Memory NVS",
                "Memory Mapped I/O", "MMIO Port Space", "PAL Code", "Persistent Memory"]
ATTRIBUTES = {"RUN": RUNTIME, "HP": 1 << 20, "MR": 1 << 16, "CC": 1 << 19, "SP": SP, "NV": 1 << 15, "XP": 1 << 14,
              "RP": 1 << 13, "WP": 1 << 12, "RO": 1 << 17, "UCE": 16, "WB": 8, "WT": 4, "WC": 2, "UC": 1}


def uefi_numbered(map, prefix="efi: "):
    """Until 4.3: the end is one past. "EFI: " until 3.3, nothing at all on IA-32 before that."""
    return [f"{prefix}mem{i:02}: type={kind}, attr={attribute:#x}, range=[{start:#018x}-{end:#018x}) "
            f"({end - start >> 20}MB)" for i, (kind, attribute, start, end) in enumerate(map.uefi)]


def typeattr(kind, attribute, names, columns):
    """As efi_md_typeattr_format() does it, in the 64 bytes that its caller has."""
    width = max(map(len, names)) + (len(names) == len(UEFI_NAMES_4))
    text = f"[{names[kind]:{width}}" if kind < len(names) else f"[type={kind}"
    if attribute & ~sum(ATTRIBUTES[name] for name in columns):
        return f"{text}|attr={attribute:#018x}]"[:63]
    cells = (name if attribute & ATTRIBUTES[name] else "" for name in columns)
    return (text + "".join(f"|{cell:>{len(name)}}" for cell, name in zip(cells, columns)) + "]")[:63]


def uefi_named(map, names=tuple(UEFI_NAMES), without=()):
    """Since 4.4: the end is the last byte."""
    columns = [name for name in ATTRIBUTES if name not in without]
    return [f"efi: mem{i:02}: {typeattr(kind, attribute, names, columns)} "
            f"range=[{start:#018x}-{(end - 1) % 2**64:#018x}] ({end - start >> 20}MB)"
            for i, (kind, attribute, start, end) in enumerate(map.uefi)]


def uefi_named_4(map):
    return uefi_named(map, tuple(UEFI_NAMES_4), ("HP", "CC", "SP"))


def uefi_bare(map):
    return uefi_numbered(map, "")


def uefi_upper(map):
    return uefi_numbered(map, "EFI: ")


UEFI_SPELLINGS = [uefi_numbered, uefi_upper, uefi_bare, uefi_named, uefi_named_4]


def messages(map, e820=e820_3, uefi=uefi_named, version="6.1.0-56-amd64"):
    """What a kernel says of its maps, with what stands around them."""
    return [f"Linux version {version} (user@host) (gcc 12.2.0) #1 SMP",
            "Command line: BOOT_IMAGE=/vmlinuz root=/dev/sda2 efi=debug", "BIOS-provided physical RAM map:",
            *e820(map), "NX (Execute Disable) protection: active",
            "e820: update [mem 0x1dcfb018-0x1dd04c57] usable ==> usable", "extended physical RAM map:",
            *e820_3(map, "reserve setup_data"), "efi: EFI v2.70 by EDK II",
            "efi: ACPI=0x1f77d000 ACPI 2.0=0x1f77d014 SMBIOS 3.0=0x1f520000 TPMEventLog=0x1dd05f18 ", *uefi(map),
            "efi: memattr: Processing EFI Memory Attributes table:", "user-defined physical RAM map:",
            "user: [mem 0x0000000000000000-0x000000000009ffff] usable",
            "Memory: 194292K/1041876K available (14343K kernel code)"]


# --- what writes them down: lines -> bytes ---


def text(lines, end="\n"):
    return "".join(line + end for line in lines).encode()


def dmesg(lines):
    return text(f"[{i // 100:5}.{i * 7:06}] {line}" for i, line in enumerate(lines))


def dmesg_bare(lines):
    return text(lines)


def dmesg_date(lines):
    return text(f"[Wed May  8 08:20:04 2024] {line}" for line in lines)


def dmesg_iso(lines):
    return text(f"2024-05-08T08:20:04,123456+00:00 {line}" for line in lines)


def dmesg_raw(lines):
    return text(f"<6>[    0.000000] {line}" for line in lines)


def dmesg_decoded(lines):
    return text(f"kern  :info  : [    0.000000] {line}" for line in lines)


def dmesg_coloured(lines):
    return text(f"\x1b[32m[    0.000000] \x1b[0m\x1b[33m{line[:10]}\x1b[0m{line[10:]}" for line in lines)


def dmesg_caller(lines):
    return text(f"[    0.000000][    T0] {line}" for line in lines)


def journal(lines):
    return text(f"May 04 12:22:28 host kernel: {line}" for line in lines)


def journal_monotonic(lines):
    return text(f"[    0.000000] host kernel: {line}" for line in lines)


def journal_iso(lines):
    return text(f"2024-05-04T12:22:28+0200 host kernel: {line}" for line in lines)


def syslog(lines):
    return text(f"May  4 12:22:28 host kernel: [    0.000000] {line}" for line in lines)


def serial(lines):
    """Firmware and GRUB before, CR CR LF, and a last line without an end."""
    firmware = b"\x1b[2J\x1b[01;01H\x1b[=3h\x1b[2JBdsDxe: starting Boot0001\r\r\nGNU GRUB  version 2.06\r\r\n\0\0"
    return firmware + text((f"[    0.000000] {line}" for line in lines), "\r\r\n") + b"login: "


def mail(lines):
    return text(f"> > [    0.000000] {line}" for line in lines)


def bbcode(lines):
    return b"Here is my log:\n[code]" + dmesg_raw(lines)[:-1] + b"[/code]\nIt does not resume, see BIOS-e820 above.\n"


def html(lines):
    return b"<pre>" + text((f"[    0.000000] {line.replace('>', '&gt;')}" for line in lines), "<br>\n") + b"</pre>\n"


def html_quote(lines):
    return text(f"&gt; [    0.000000] {line}" for line in lines)


def tabs(lines):
    return text(f"\t[    0.000000]\t{line.replace('] ', ']   ')}" for line in lines)


def grep(lines):
    return text(f"dmesg.0:{i}:[    0.000000] {line}" for i, line in enumerate(lines))


def blank_lines(lines):
    return text((f"[    0.000000] {line}" for line in lines), "\n\n")


def windows(lines):
    return codecs.BOM_UTF8 + text((f"[    0.000000] {line}" for line in lines), "\r\n")


def utf16(lines):
    return dmesg(lines).decode().encode("utf-16")


def utf16_big(lines):
    return codecs.BOM_UTF16_BE + dmesg(lines).decode().encode("utf-16-be")


def utf16_bare(lines):
    """Without a byte order mark."""
    return dmesg(lines).decode().encode("utf-16-le")


def utf16_big_bare(lines):
    return dmesg(lines).decode().encode("utf-16-be")


def framed(before, behind="\n"):
    """A writer that puts something before each line: a text, or a function of the line's number."""

    def writer(lines):
        return b"".join((before(i) if callable(before) else before).encode() + line.encode() + behind.encode()
                        for i, line in enumerate(lines))

    return writer


def dmesg_human(lines):
    return text(("[May 8 08:20] " if i == 0 else f"[  +0.{i:06}] ") + line for i, line in enumerate(lines))


def dmesg_json(lines):
    rows = (f'      {{\n         "pri": 6,\n         "time": {i / 1000:12.6f},\n         "msg": {json.dumps(line)}\n      }}'
            for i, line in enumerate(lines))
    return ('{\n   "dmesg": [\n' + ",".join(rows) + "\n   ]\n}\n").encode()


def json_line(lines):
    """All of it on one line."""
    return json.dumps({"dmesg": [{"pri": 6, "msg": line} for line in lines]}).encode()


def journal_json(lines):
    return text(json.dumps({"__CURSOR": f"s=abc;i={i:x}", "__REALTIME_TIMESTAMP": "1714818148123456", "PRIORITY": "6",
                            "SYSLOG_IDENTIFIER": "kernel", "MESSAGE": line, "_TRANSPORT": "kernel"},
                           separators=(",", ":")) for i, line in enumerate(lines))


def journal_json_pretty(lines):
    return text(json.dumps({"_HOSTNAME": "host", "MESSAGE": line, "PRIORITY": "6"}, indent="\t") for line in lines)


def journal_json_sse(lines):
    return text("data: " + json.dumps({"MESSAGE": line, "PRIORITY": "6"}) + "\n" for line in lines)


def journal_verbose(lines):
    return text(f"Sat 2024-05-04 12:22:28.{i:06} CEST [s=abc;i={i:x};m=0;t=1;x=2]\n    PRIORITY=6\n    _TRANSPORT=kernel\n"
                f"    MESSAGE={line}\n    _HOSTNAME=host" for i, line in enumerate(lines))


def journal_export(lines):
    return text(f"__CURSOR=s=abc;i={i:x}\nPRIORITY=6\nMESSAGE={line}\n_HOSTNAME=host\n" for i, line in enumerate(lines))


def html_break(lines):
    """A page on which the log is one line."""
    return b"<html><p>" + "<br />".join(f"[    0.000000] {line.replace('>', '&gt;')}" for line in lines).encode() + b"</p>"


def html_span(lines):
    return b"<pre>" + text(f'<span class="t">[    0.000000]</span> <span class="m">{line.replace(">", "&gt;")}</span>'
                           for line in lines) + b"</pre>"


def html_table(lines):
    return text(f'<tr><td id="L{i}">{i}</td><td>[    0.000000] {line}</td></tr>' for i, line in enumerate(lines))


def html_blanks(lines):
    return text(("[    0.000000] " + line).replace("  ", "&nbsp; ") for line in lines)


def firm_blanks(lines):
    """U+00A0, as forums have it where there are two blanks."""
    return text(("[    0.000000] " + line).replace("  ", "\u00a0 ") for line in lines)


def bare_colours(lines):
    """The log of a job that lost the ESC."""
    return text(f"[32m[    0.000000] [0m[33m{line[:10]}[0m{line[10:]}" for line in lines)


def titles(lines):
    """What a shell and systemd tell a terminal."""
    return text(f"\x1b]0;joe@host\x07\x1b]3008;start=1;user=joe\x1b\\[    0.000000] \x1b7{line}\x1b(B" for line in lines)


def old_mac(lines):
    return text((f"[    0.000000] {line}" for line in lines), "\r")


def garbage_first(lines):
    return b"\xff\xfe\xfa\x80\x00hello\n" + dmesg(lines)


def packed(lines):
    half = len(lines) // 2
    return gzip.compress(dmesg(lines[:half])) + gzip.compress(dmesg(lines[half:]))


def mail_file(lines):
    """As the archive of a mailing list has it."""
    head = b"From: joe\nMIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\nHi!\n"
    return head + b"".join(quopri.encodestring(line.encode() + b"\n") for line in dmesg(lines).decode().splitlines())


def mail_wrapped(lines, quote="> "):
    """A mail program broke what was too long for it, at blanks."""
    return text(quote + part for line in dmesg(lines).decode().splitlines()
                for part in re.sub(r"(.{1,76})( |$)", r"\1\n", line).splitlines())


def terminal(lines, columns=80):
    """Copied from a window that was too narrow."""
    return text(line[at:at + columns] for line in dmesg(lines).decode().splitlines()
                for at in range(0, len(line), columns))


def bbcode_quote(lines):
    return b'[quote="joe, post: 12345, member: 999"][code=text]' + text(lines)[:-1] + b"[/code][/quote]\n"


WRITERS = [dmesg, dmesg_bare, dmesg_date, dmesg_iso, dmesg_raw, dmesg_decoded, dmesg_coloured, dmesg_caller, journal,
           journal_monotonic, journal_iso, syslog, serial, mail, bbcode, html, html_quote, tabs, grep, blank_lines,
           windows, utf16, utf16_big, utf16_bare, utf16_big_bare, dmesg_human, dmesg_json, json_line, journal_json,
           journal_json_pretty, journal_json_sse, journal_verbose, journal_export, html_break, html_span, html_table,
           html_blanks, firm_blanks, bare_colours, titles, old_mac, garbage_first, packed, mail_file,
           mail_wrapped, bbcode_quote]
# What stands before each line.
FRAMES = ["f\u00e9v 21 23:02:31 host kernel: ", "Sat 2024-05-04 12:22:28 CEST host kernel: ",
          "May 04 12:22:28.123456 host kernel: ", "2024-05-04T12:22:28.123456+0200 host kernel: ",
          "1714818148.123456 host kernel: ", "[    0.123456 <    0.000001 >] host kernel: ",
          "[    0.123456               ] host kernel: ", "[    0.123456] kernel: ", "May  4 12:22:28 host kernel[0]: ",
          "May  4 12:22:28 host user.info kernel: [    0.000000] ",
          "<6>1 2024-05-04T12:22:28.123456+02:00 host kernel - - - [    0.000000] ",
          "<6>1 2024-05-04T12:22:28.123456+02:00 host kernel - - - ",
          '<6>1 2024-05-04T12:22:28.123456+02:00 host kernel - - [timeQuality tzKnown="1"][meta sequenceId="7"] ',
          "2024-05-04T12:22:28.123456+02:00 host kernel: [    0.000000] ", "[    0.000000 <    0.000000>] ",
          "[Wed May  8 08:20:04 2024 <    0.000000>] ", "[<    0.000000>] ",
          "kern  :info  : [Wed May  8 08:20:04 2024] ", "kern  :info  : 2024-05-08T08:20:04,123456+00:00 ",
          "kern  :info  : ", "<6>[    0.000000][    T0] ", "[    0.000000] [   C0] ", "6,0,0,-;", "6,0,0,-,caller=T0;",
          "[2026-11-22 10:25:43] [    0.000000] ", "[10:25:43.123] ", "[0.000017 0.000001] ", "* ", "- ", "12. ", "  123  ",
          "  123\t[    0.000000] ", "| > "]

# --- files of the kernel ---


def iomem(map):
    """A PCI window that a reserved range lies in, and something in RAM."""
    lines = []
    for start, end, kind in map.e820:
        row = f"{start:08x}-{end - 1:08x} : {SYSFS_NAMES[kind]}"
        if kind == 2 and start >= 1 << 31:
            lines += [row.replace("Reserved", "PCI Bus 0000:00"), "  " + row, "    " + row.replace("Reserved", "pnp 00:04")]
        else:
            lines.append(row)
            if kind == 1 and start == 0x100000:
                lines.append(f"  {start:08x}-{start + 0xFFF:08x} : Kernel code")
    return text(lines)


def sysfs_grep(map, folder="/sys/firmware/memmap/"):
    """In the order of a shell's *: 0, 1, 10, 11, 2, ..."""
    rows = sorted(enumerate(map.e820), key=lambda row: str(row[0]))
    return text(f"{folder}{i}/{line}" for i, (start, end, kind) in rows
                for line in (f"end:{end - 1:#x}", f"start:{start:#x}", f"type:{SYSFS_NAMES.get(kind, 'Unknown E820 type')}"))


def sysfs_tail(map):
    """tail /sys/firmware/memmap/*/*"""
    return sysfs_grep(map).replace(b":", b" <==\n").replace(b"/sys/", b"\n==> /sys/")


def sysfs_loop(map):
    return text(f"{i} {start:#x} {end - 1:#x} {SYSFS_NAMES.get(kind, 'Unknown E820 type')}"
                for i, (start, end, kind) in enumerate(map.e820))


def sysfs_folder(map, path):
    for i, (start, end, kind) in enumerate(map.e820):
        (path / str(i)).mkdir(parents=True)
        (path / str(i) / "start").write_text(f"{start:#x}\n")
        (path / str(i) / "end").write_text(f"{end - 1:#x}\n")
        (path / str(i) / "type").write_text(SYSFS_NAMES.get(kind, "Unknown E820 type") + "\n")
    return path

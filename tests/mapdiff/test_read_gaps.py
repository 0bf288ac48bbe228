"""Maps with lines that are not there: left out by people, lost by loggers, or before the first line that was kept. Nothing
follows from such a map; what is only quoted again takes nothing from it."""

import pytest

from formats import E820_SPELLINGS, FRAMES, dmesg, framed, iomem, sysfs_grep, sysfs_loop, text
from formats_other import lsefimmap, lsmmap, shell, shell_sfo
from naive import ALL, e820_of

BY_NAME = {map.path.stem: map for map in ALL}
SMALL, LARGE = BY_NAME["x64-q35-512M"], BY_NAME["x64-q35-8G"]

MARKS = ["[...]", "...", "[ ... ]", "(...)", "<...>", "{...}", "[..]", ". . .", ".", "\u2026", "[\u2026]", "\u22ee", "&hellip;",
         "[&#8230;]", "<snip>", "[snip]", "(snip)", "snip", "SNIP", "*snip*", "--snip--", "... snip ...", "<<<snip>>>",
         "=== snip ===", "--8<--", "-----8<-----", "8< 8< 8<", "---- >8 ----", "%<---", "\u2702 - - -", "[cut]", "<cut>",
         "-- cut --", "[12 lines omitted]", "(20 lines skipped)", "[... 45 lines ...]", "...some lines removed...",
         "[lots of other lines]", "<many lines>", "*** truncated ***", "[trimmed]", "(cut for brevity)", "~~~ snipped ~~~",
         "// ...", "# ...", "etc.", "[2 more entries]", "> [...]", "> > ...", "| ...", "[    0.000000] [...]",
         "[    0.000000] ...", "host kernel: [...]", "+-- 12 lines: BIOS-e820 ---", "I removed some entries here", "some lines are missing",
         "[gek\u00fcrzt]", "-- schnipp --", "[coup\u00e9]", "<coup\u00e9>", "[\u4e2d\u7565]", "\uff08\u7701\u7565\uff09", "<\u0432\u044b\u0440\u0435\u0437\u0430\u043d\u043e>",
         "[blah blah]",
         "[    0.000000] -- snip --", "[    0.000000] ...more...", "[    0.000000] (many more)", "[    0.000000] 20 more lines",
         "host kernel: --- cut ---", "[    0.000000] *** lines removed ***", "[    0.000000] some lines omitted", "[    0.000000] (etc)",
         "[    0.000000] ... and so on ...", "[    0.000000] 12 lines skipped", "[    0.000000] === snip ===", "[    0.000000] more lines here",
         "[    0.000000] [snip]", "[    0.000000] <snip>", "et cetera", "\u2704 - -"]
# What loggers, pagers and pages put between lines of maps.
OTHERS = ["", "[    0.000000] ------------[ cut here ]------------", "[    0.000000] ---[ end trace 0000000000000000 ]---",
          "[    0.000000] .... node  #0, CPUs:        #1", "[    0.000000] ...trying to set up timer as Virtual Wire IRQ...", "[    0.000000] <TASK>",
          "[    0.000000] ... version:                0", "[    0.000000] 2 locks held by swapper/0:", "[    0.000000] *** DEADLOCK ***",
          "[    0.000000] **********************************************************", "[    0.000000] -----------------------------------------",
          "May  6 10:00:00 host dockerd: hello", "2024-05-06T10:00:00+02:00 host dockerd: hello", "10:00:00 hello",
          "Mon May  6 10:00:00 hello", "/var/log/syslog:May  6 10:00:00 host dockerd: hello", "python3[12]: hello", "[    0.000000] NX (Execute Disable) protection: active",
          "Sep 13 16:15:28 host systemd[1]: Removed slice user.slice.", "    PRIORITY=6", "    _TRANSPORT=kernel", "    _HOSTNAME=host",
          "[code]", "[/quote]", "[bash]", "[/geshi]", "{noformat}", "[INFO]", "[ INFO] main: hello", "(XEN)", "<br>", "</figure>", "|", "> ", "12", "12.",
          "[    0.000000] [    T0]", "[Fri Nov 27 10:00:01 2026]", "(0MB)", "L12", "--More--", "lines 1-23", "\f", "Page 1 of 3", "\fPage 2/3", "- page 2 -",
          "[    0.000000] e820: remove [mem 0x000a0000-0x000fffff] usable", "[1]", "| |", "systemd[1]: Started foo.",
          "1714818148.123456 host cron: hello", "Sep 13 16:15:28 host foo[1]: lost contact, message sent",
          "Sep 13 16:15:28 host foo[1]: Missed a message", "[+0.000012] usb 1-1: new device",
          "Sep 13 16:15:28 host cron[1]: pam: session removed, 12 lines cut off by somebody who had no use for them",
          "Sep 13 16:15:28 host cron[1]: a line that a mail program\nbroke in two"]
# What nobody has a reason to put there if all lines of the map are there.
DOUBTS = [":", "***", "and so on", "and so forth", "(lots more)", "~", "~~~", "-", "--", "-----", "====", "* * *", "#", "##", "+++", "__", "^^^", "!!",
          ">8", "hello, world", "On Monday, Joe wrote:", "> and?", "[joe@host ~]$ dmesg | tail", "-- Logs begin at Mon 2024-05-06 --", "blah", "same as before",
          "12 more", "rest is the same", "x x x", "\u2014", "[ ]", "[]", "and 12 more", "usw.", "<redacted>", "NB:", "The usual:", "$", "(usable)", "I see: nothing",
          "(12)x", "(3 MB or so)", "[info about the rest", "OK=yes", "Note: some", "<figure>",
          "[1]: the rest is in the paste", "see [1]: the rest", "at 10:00:00 I cut the rest", "my kernel: prints more here", "the kernel: more", "kernel: more of it", "[    0.0000", "[    0.000000",
          "On 2024-05-06 10:00:00 Joe wrote:", "Page 1 of it is the same", "Pages 1 of 3", "I use (XEN) here", "This is kernel: the rest", "I had TBOOT: and more",
          *(f"{remark}: the rest is the same" for remark in (
              "cut here", "lots of those", "NB", "FYI", "EDIT", "UPDATE", "OK", "PS", "EDIT2", "rest", "note", "but", "snip", "etc", "btw", "todo", "page2"))]
# Behind the time of a kernel's message, what no kernel prints there.
IDLE = ["----", ":", "***", "~~~", "===", "_", ";;", "12", "x", "same", "same as above", "more", "and so on", "hello", "reserving memory",
        "foo bar baz qux", "as before, see above", "ACPI: and more", "e820: the rest", "lines 3-12 as before", "ACPI: and so on", "ACPI: lines omitted"]
# What one does.
KERNELS = ["Disabled fast string operations", "tsc: Fast TSC calibration using PIT", "efi: EFI v2.70 by INSYDE", "kvm-guest: enabled",
           "random: crng init done", "SMBIOS 2.8 present.", "Zone ranges:", "signal: max sigframe size: 1776", "A20",
           "Kernel memory protection disabled.", "  Intel GenuineIntel", "KERNEL supported cpus:"]
TIMES = ["[    0.000000] ", "[    0.000000][    T0] ", "[Mon May  6 10:00:00 2024] ", "kern  :info  : [    0.000000] ",
         "May  6 10:00:00 host kernel: [    0.000000] ", "> [    0.000000] ", "2024-05-06T10:00:00,000000+00:00 ", "[  +0.000001] "]
LOSSES = ["Sep 13 16:15:28 host rsyslogd: imjournal: 12 messages lost due to rate-limiting (20000 allowed within 600 seconds)",
          "Jun 28 10:32:15 host rsyslogd-2177: imjournal: begin to drop messages due to rate-limiting",
          "Jun 28 10:32:15 host rsyslogd-2177: imuxsock begins to drop messages from pid 12 due to rate-limiting",
          "Jun 28 10:32:15 host rsyslogd-2177: imuxsock lost 12 messages from pid 12 due to rate-limiting",
          "systemd-journald[12]: Missed 12 kernel messages", "systemd-journald[1]: Suppressed 917 messages from kernel",
          "systemd-journald[1]: Forwarding to syslog missed 12 messages.", "** 12 printk messages dropped **",
          "systemd-journald[1]: /dev/kmsg buffer overrun, some messages lost.",
          "syslog-ng[5]: Destination queue full, dropping messages; queue_len='10000'"]


def frame(mark):
    return text([mark]) if mark.isascii() else f"{mark}\n".encode()


def maps(map):
    """Each way to write a map down, as its lines."""
    yield from ((spelling.__name__, dmesg(spelling(map)[1:])) for spelling in E820_SPELLINGS)
    uefi = [(kind, attribute, start, end) for kind, attribute, start, end in map.uefi]
    yield "iomem", iomem(map)
    yield "sysfs_grep", sysfs_grep(map)
    yield "sysfs_loop", sysfs_loop(map)
    yield "shell", shell(uefi, totals=False).encode()
    yield "shell_sfo", shell_sfo(uefi).encode()
    yield "lsefimmap", lsefimmap(uefi).encode()
    yield "lsmmap", lsmmap(map.e820).encode()


def put_in(content, line, at):
    lines = content.splitlines(True)
    return b"".join(lines[:at]) + line + b"".join(lines[at:])


def refused(mapdiff, content):
    status, out, err = mapdiff("show", "-", stdin=content)
    assert (status, out) == (2, ""), content
    return err


@pytest.mark.parametrize("mark", MARKS)
def test_what_was_left_out_is_named(mapdiff, mark):
    for spelling in E820_SPELLINGS[:2]:
        content = put_in(dmesg(spelling(SMALL)), frame(mark), 3)
        err = refused(mapdiff, content)
        assert "mapdiff: -:4: lines were left out here, in the middle of the map" in err, mark


@pytest.mark.parametrize("name", [name for name, _ in maps(SMALL)])
def test_in_a_map_of_every_form(mapdiff, name):
    content = dict(maps(SMALL))[name]
    for mark in (b"[...]\n", b"> <snip>\r\n", b"--8<--\n"):
        assert ":5: lines were left out here" in refused(mapdiff, put_in(content, mark, 4)), mark


def test_no_verdict_on_two_maps_with_one_hole(mapdiff, tmp_path, report):
    """They are equal, as far as they go."""
    lines = E820_SPELLINGS[1](SMALL)
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(text([*lines[:3], "[...]", *lines[4:]]))
    status, out, err = mapdiff("diff", tmp_path / "a", tmp_path / "b")
    assert (status, out) == (2, "") and "a:4: lines were left out here" in err
    got = report("diff", "--damaged", tmp_path / "a", tmp_path / "b")
    assert got["resume"]["verdict"] == "unknown"


@pytest.mark.parametrize("other", OTHERS)
def test_other_lines_take_nothing_from_a_map(report, other):
    for spelling in E820_SPELLINGS:
        content = put_in(dmesg(spelling(SMALL)), text([other]), 3)
        assert e820_of(report("show", "-", stdin=content)) == SMALL.e820, other


@pytest.mark.parametrize("doubt", DOUBTS)
def test_what_is_no_line_of_a_map_puts_it_in_doubt(mapdiff, report, doubt):
    """Among its lines; before them and behind them it is a text around a map."""
    for spelling in E820_SPELLINGS[:2]:
        for content in (dmesg(spelling(SMALL)), text(spelling(SMALL))):
            assert "-:4: " in (err := refused(mapdiff, put_in(content, frame(doubt), 3))), doubt
            assert "lines may be missing here" in err or "lines were left out here" in err
            if not doubt.startswith((">8", "usw")):
                around = frame(doubt) + content + b"[    0.000000] NX (Execute Disable) protection: active\n" + frame(doubt)
                assert e820_of(report("show", "-", stdin=around)) == SMALL.e820


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("words", IDLE + KERNELS)
def test_what_no_kernel_says_puts_a_map_in_doubt(mapdiff, words, time):
    """With a time before it, too, as all of its lines have; messages of a kernel do not."""
    lines = E820_SPELLINGS[1](SMALL)
    status, _, err = mapdiff("show", "-", stdin=text(time + line for line in [*lines[:3], words, *lines[3:]]))
    assert status == (2 if words in IDLE else 0), err
    assert ("-:4: this stands in the middle" in err or "-:4: lines were left out" in err) == (words in IDLE), err


@pytest.mark.parametrize("time", ("(XEN) ", "(XEN) [    0.000000] ", "(XEN) [2026-11-28 07:00:00] "))
@pytest.mark.parametrize("words", IDLE)
def test_what_xen_does_not_say_puts_its_map_in_doubt(mapdiff, words, time):
    lines = ["Xen version 4.17.0 (Debian) x86_64", "Xen-e820 RAM map:", " [0000000000000000, 000000000009ffff] (usable)",
             " [0000000000100000, 000000007e9fefff] (usable)", words, " [000000007e9ff000, 000000007fffffff] (reserved)"]
    assert "-:5: " in refused(mapdiff, text(time + line for line in lines))


@pytest.mark.parametrize("doubt", DOUBTS[:6])
def test_doubt_in_a_map_of_every_form(mapdiff, report, doubt):
    """Not where the lines themselves tell whether one is missing: gaps, or numbers."""
    for name, content in maps(SMALL):
        content = put_in(dmesg(E820_SPELLINGS[2](SMALL)) if name == "e820_7" else content, frame(doubt), 4)
        if name in ("e820_7", "sysfs_grep", "sysfs_loop"):
            assert e820_of(report("show", "-", stdin=content)) == SMALL.e820, name
        else:
            assert ":5: " in refused(mapdiff, content), name


def test_no_doubt_about_numbered_descriptors(report):
    mem = [f"efi: mem{i:02}: [Conventional|   |  |  |  |  |  |  |  |   |WB|WT|WC|UC] range=[{i << 20:#018x}-{(i + 1 << 20) - 1:#018x}] (1MB)" for i in range(4)]
    got = report("show", "-", stdin=text([*mem[:2], "and then", *mem[2:]]))
    assert len(got["uefi"]) == 4


def test_the_rest_of_a_broken_line_of_another_program(mapdiff, report):
    """A line of a log may have been broken into four; what comes behind these is in doubt."""
    lines = [f"[    0.000000] {line}" for line in E820_SPELLINGS[1](SMALL)]
    for n in (3, 4):
        content = text([*lines[:3], "[    5.123456] audit: a long line", *["that goes on"] * n, *lines[3:]])
        if n == 3:
            assert e820_of(report("show", "-", stdin=content)) == SMALL.e820
        else:
            assert "-:8: this stands in the middle of the map" in refused(mapdiff, content)


def test_in_a_log_with_times_a_line_without_one_is_no_message(mapdiff, report):
    lines = E820_SPELLINGS[1](SMALL)
    stamped = [f"[    0.000000] {line}" for line in lines]
    for other in ("x86/fpu: Supporting XSAVE feature 0x001", "ACPI: Early table checksum", "NX (Execute Disable) protection: active",
                  "e820: update [mem 0x00000000-0x00000fff] usable ==> reserved", "tsc: Fast TSC calibration using PIT", "kvm-clock: cpu 0"):
        assert e820_of(report("show", "-", stdin=text([*lines[:3], other, *lines[3:]]))) == SMALL.e820
        assert "-:4: " in refused(mapdiff, text([*stamped[:3], other, *stamped[3:]]))


def test_who_says_it_is_known_by_the_other_lines(mapdiff, report):
    """"my kernel: " is a host's tag only if the map has it. Words before the tag may be levels."""
    for frame in ("host kernel: ", "kernel: ", "host kern.info kernel: ", "May  6 10:00:00 host INFO kernel: "):
        lines = [frame + line for line in E820_SPELLINGS[1](SMALL)]
        mixed = [line.replace("info", "debug").replace("INFO", "warning") if n % 2 else line for n, line in enumerate(lines)]
        for other in (f"{frame}random: hello", f"{frame.replace('info', 'err').replace('INFO', 'err')}random: hello"):
            assert e820_of(report("show", "-", stdin=text([*mixed[:3], other, *mixed[3:]]))) == SMALL.e820, other
        for doubt in ("my kernel: prints more here", "I think my kernel: prints more here"):
            assert "-:4: " in refused(mapdiff, text([*mixed[:3], doubt, *mixed[3:]])), (frame, doubt)
        if "host" in frame:
            other = text([*lines[:3], lines[3].replace("host", "guest"), *lines[4:]])
            assert "-:4: this line is of another host" in refused(mapdiff, other)


@pytest.mark.parametrize("loss", LOSSES)
def test_what_a_logger_lost_is_named(mapdiff, loss):
    lines = [f"Sep 13 16:15:28 host kernel: {line}" for line in E820_SPELLINGS[1](LARGE)]
    for at in (2, len(lines) - 1, len(lines)):
        err = refused(mapdiff, text([*lines[:at], loss, *lines[at:]]))
        assert f"-:{at + 1}: lines were lost here" in err, at


def test_a_mark_before_the_first_line(mapdiff, report):
    """It matters where the map need not begin: all maps of firmware have address 0."""
    lines = E820_SPELLINGS[1](SMALL)
    assert e820_of(report("show", "-", stdin=text(["[...]", *lines]))) == SMALL.e820
    assert e820_of(report("show", "-", stdin=text(["[...]", "BIOS-provided physical RAM map:", *lines]))) == SMALL.e820
    err = refused(mapdiff, text(["BIOS-provided physical RAM map:", "[...]", *lines[1:]]))
    assert "-:3: " in err


def test_a_mark_behind_the_last_line(mapdiff, report):
    """What ends above 4 GiB has all that is below."""
    for map, is_whole in ((LARGE, True), (SMALL, False)):
        lines = [line for line in E820_SPELLINGS[1](map)]
        content = text([*lines, "", "[...]", "[    0.000000] NX (Execute Disable) protection: active"])
        if is_whole or map.e820[-1][1] >= 1 << 32:
            assert e820_of(report("show", "-", stdin=content)) == map.e820
    low = [line for line in E820_SPELLINGS[1](SMALL) if "0x00000000" in line][:4]
    assert "-:5: lines were left out here, and the map may go on" in refused(mapdiff, text([*low, "[...]"]))
    content = text([*low, "[    0.000000] NX (Execute Disable) protection: active", "[...]"])
    assert len(e820_of(report("show", "-", stdin=content))) == 4


def test_lines_that_are_quoted_again(report):
    lines = E820_SPELLINGS[1](SMALL)
    for again in ([lines[2]], [lines[0]], lines[1:3], lines[:2], [lines[-1]], [lines[0], "and", lines[0]]):
        for quote in ("", "> ", "[    0.000000] "):
            content = text([*lines, "", "The table is in the middle of", *(quote + line for line in again), "and so it is lost."])
            got = report("show", "-", stdin=content)
            assert e820_of(got) == SMALL.e820, again
            assert got["boot"]["boots"] == 1, again


def test_a_line_of_the_efi_map_that_is_quoted_again(report):
    mem = ["efi: mem00: [Boot Code   |   |WB|WT|WC|UC] range=[0x0000000000000000-0x0000000000000fff] (0MB)",
           "efi: mem01: [Conventional|   |WB|WT|WC|UC] range=[0x0000000000001000-0x000000000009ffff] (0MB)",
           "efi: mem02: [Conventional|   |WB|WT|WC|UC] range=[0x0000000000100000-0x00000000001fffff] (1MB)"]
    got = report("show", "-", stdin=text([*E820_SPELLINGS[1](SMALL), *mem, "Look at this:", mem[1]]))
    assert len(got["uefi"]) == 3


HEADLESS = ["NX (Execute Disable) protection: active", "DMI: QEMU Standard PC, BIOS 1.0 01/01/2026"]


@pytest.mark.parametrize("n_lost", (1, 2, 3))
def test_a_second_print_without_its_head(report, n_lost):
    """The ring buffer had run over before somebody called dmesg."""
    lines = E820_SPELLINGS[1](SMALL)
    log = ["Linux version 6.1.0 (x) #1", "BIOS-provided physical RAM map:", *lines, *HEADLESS]
    stamped = [f"[    0.000000] {line}" for line in log] + ["[    7.123456] systemd[1]: Started something."]
    again = stamped[2 + n_lost:]
    got = report("show", "-", stdin=text([*stamped, "root@host:~# dmesg", *again]))
    assert e820_of(got) == SMALL.e820
    assert got["boot"]["boots"] == 1


def test_a_second_print_of_another_boot_without_its_head(mapdiff, report, tmp_path):
    """It is a boot of its own, and no map; the whole one is read."""
    lines = E820_SPELLINGS[1](SMALL)
    first = [f"[    0.000000] {line}" for line in ["Linux version 6.1.0 (x) #1", *lines, *HEADLESS]]
    moved = [line.replace("000 ", "fff ").replace("0000-", "1000-") for line in lines]
    second = [f"[    0.000000] {line}" for line in [*moved[3:], *HEADLESS]]
    path = tmp_path / "log"
    path.write_bytes(text([*first, "[    7.123456] usb 1-1: new device", "$ dmesg", *second]))
    got = report("show", path)
    assert e820_of(got) == SMALL.e820 and got["boot"]["boots"] == 2
    status, _, err = mapdiff("show", f"{path}@2")
    assert status == 2 and "its first lines are missing" in err


def test_a_list_that_goes_on_far_behind(mapdiff, report):
    """What is between is more than what another CPU or a console puts there."""
    lines = [f"[    0.000000] {line}" for line in E820_SPELLINGS[1](SMALL)]
    other = ["[    7.123456] usb 1-1: new device"]
    assert e820_of(report("show", "-", stdin=text([*lines[:3], *other, *lines[3:]]))) == SMALL.e820
    err = refused(mapdiff, text([*lines[:3], *other * 20, *lines[4:]]))
    assert "-:24: the e820 map goes on here, far behind its other lines" in err


def test_interleaved_lines(report):
    """Of another host, another program, or another message of the kernel; and each line twice."""
    lines = [f"[    0.000000] {line}" for line in E820_SPELLINGS[1](SMALL)]
    for between in ("Sep  1 10:00:00 host systemd[1]: Started foo.", "[    0.100000] ACPI: RSDP 0x00000000000F59D0 000014 (v00 BOCHS )",
                    "[    5.123456] usb 1-1: new device", "--More--", "lines 1-23"):
        got = report("show", "-", stdin=text(piece for line in lines for piece in (line, between)))
        assert e820_of(got) == SMALL.e820 and got["boot"]["boots"] == 1, between
    got = report("show", "-", stdin=text(piece for line in lines for piece in (line, line)))
    assert e820_of(got) == SMALL.e820 and got["boot"]["boots"] == 1


def test_a_line_that_is_quoted_before_its_list(report):
    lines = E820_SPELLINGS[1](SMALL)
    got = report("show", "-", stdin=text([lines[0], "is what I mean:", "BIOS-provided physical RAM map:", *lines]))
    assert e820_of(got) == SMALL.e820 and got["boot"]["boots"] == 1


def test_a_line_of_the_boot_before_is_quoted(report):
    lines = E820_SPELLINGS[1](SMALL)
    moved = [line.replace("ACPI NVS", "ACPI data") for line in lines]
    assert moved != lines
    nvs = next(line for line in lines if "ACPI NVS" in line)
    got = report("show", "-", stdin=text([*lines, "After:", *moved, "and here it was", nvs, "before."]))
    assert got["boot"]["boots"] == 2 and len(e820_of(got)) == len(SMALL.e820) - (1 if len(got["e820"]) < len(lines) else 0)


@pytest.mark.parametrize("mark", (" [...]", " ...", "   <snip>", " \u2026"))
def test_a_mark_behind_a_line(mapdiff, mark):
    lines = E820_SPELLINGS[1](SMALL)
    content = "".join(line + "\n" for line in [*lines[:2], lines[2] + mark, *lines[4:]]).encode()
    assert "-:3: lines were left out here" in refused(mapdiff, content)


@pytest.mark.parametrize("before", FRAMES)
def test_marks_behind_what_loggers_write(mapdiff, before):
    lines = E820_SPELLINGS[1](SMALL)
    content = framed(before)([*lines[:2], "[...]", *lines[3:]])
    assert ":3: lines were left out here" in refused(mapdiff, content)


def test_what_a_logger_lost_is_said_without_the_host(mapdiff):
    for loss in LOSSES:
        content = put_in(dmesg(E820_SPELLINGS[0](SMALL)), text([loss.replace(" host ", " lovelace ")]), 3)
        assert "lovelace" not in refused(mapdiff, content)
    content = text(f"Sep 13 16:15:28 lovelace kernel: {line}" for line in E820_SPELLINGS[0](SMALL))
    assert "lovelace" not in refused(mapdiff, put_in(content, b"Sep 13 16:15:28 lovelace kernel: [...]\n", 4))


# --- two logs in one text ---


def boot_of(map, host="", moved=False):
    """The lines of a boot of @map, with times, as @host logs them."""
    lines = E820_SPELLINGS[1](map)
    if moved:
        lines = [line.replace("000 ", "fff ").replace("0000-", "1000-") for line in lines]
    lines = ["Linux version 6.1.0 (x) #1", "Command line: quiet", "BIOS-provided physical RAM map:", *lines, *HEADLESS]
    return [f"May  4 12:22:28 {host} kernel: [    0.{i:06}] {line}" if host else f"[    0.{i:06}] {line}" for i, line in enumerate(lines)]


def test_lines_of_two_hosts_are_no_map(mapdiff, report):
    """Only the host tells whose a line is."""
    a, b = boot_of(SMALL, "hosta"), boot_of(LARGE, "hostb")
    for at in (5, 7):
        err = refused(mapdiff, text([*a[:at], *b[:at], *a[at:], *b[at:]]))
        assert "this line is of another host than those before it" in err or "another boot begins here" in err
    assert e820_of(report("show", "-", stdin=text([*a, *b]))) == LARGE.e820
    assert e820_of(report("show", "-", stdin=text(a))) == SMALL.e820


def test_a_boot_that_begins_within_a_map(mapdiff, report, tmp_path):
    """Each kernel prints more behind its list; who quotes lists alone leaves that out, or a line between."""
    a, b = boot_of(SMALL), [line.replace("0.000", "0.001") for line in boot_of(SMALL, moved=True)]
    path = tmp_path / "log"
    path.write_bytes(text([*a[:6], *b]))
    status, out, err = mapdiff("show", f"{path}@1")
    assert (status, out) == (2, "") and f"{path}:7: another boot begins here, within the e820 map" in err
    for between in ([""], ["After:"], [a[-1]]):
        path.write_bytes(text([*a[:6], *between, *b]))
        assert len(e820_of(report("show", f"{path}@1"))) == 3
    # Of logs that went through grep.
    path.write_bytes(text([a[0], *a[3:6], *b]))
    assert len(e820_of(report("show", f"{path}@1"))) == 3


def test_maps_that_went_through_grep_are_whole(mapdiff, report, tmp_path):
    """Nothing of the file shows that a kernel would have printed more here."""
    a, b = boot_of(SMALL), [line.replace("0.000", "0.001") for line in boot_of(LARGE)]
    hosts = boot_of(SMALL, "hosta"), boot_of(LARGE, "hostb")
    n_a, n_b = len(a) - len(HEADLESS), len(b) - len(HEADLESS)
    journal = [["-- Boot 0123456789abcdef0123456789abcdef --"], ["-- Boot 123456789abcdef0123456789abcdef0 --"]]
    path = tmp_path / "log"
    for first, second in (([a[0], *a[2:n_a]], [b[0], *b[2:n_b]]), (a[:n_a], b[:n_b]), (hosts[0][:n_a], hosts[1][:n_b]),
                          ([*journal[0], *hosts[0][2:n_a]], [*journal[1], *hosts[1][2:n_b]])):
        path.write_bytes(text([*first, *second]))
        assert e820_of(report("show", f"{path}@1")) == SMALL.e820
        assert report("show", f"{path}@2")["boot"]["boots"] == 2
    # The second boot was not put through grep, and so nor was the first.
    path.write_bytes(text([*a[:6], *b]))
    assert "another boot begins here" in mapdiff("show", f"{path}@1")[2]
    # Nor was the first, which has another line before its list.
    path.write_bytes(text([*a[:2], a[-1], *a[2:6], *b[:n_b]]))
    assert "another boot begins here" in mapdiff("show", f"{path}@1")[2]


def test_faults_go_where_their_map_goes(mapdiff):
    """The first print of the boot has no map, the second one's is damaged."""
    lines = boot_of(SMALL)
    err = refused(mapdiff, text([*lines[:2], *lines[:5], "[...]", *lines[6:]]))
    assert "-:8: lines were left out here" in err

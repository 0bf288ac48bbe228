"""Whatever mapdiff reads, as a capture: nothing of the map is lost, and nothing private is in it."""

import pytest

import formats_other as formats
from test_read_other import CAPTURE, E820, LSEFIMMAP, MAP, OEM, SFO, SHELL, UNACCEPTED

LOG = """\
[    0.000000] Linux version 6.1.0-56-amd64 (joe@joes-laptop) (gcc-12 12.2.0) #1 SMP Debian 6.1.192-2 (2026-11-16)
[    0.000000] Command line: BOOT_IMAGE=/vmlinuz {command_line}
[    0.000000] BIOS-provided physical RAM map:
[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable
[    0.000000] BIOS-e820: [mem 0x0000000000100000-0x000000001fffffff] usable
[    0.000000] BIOS-e820: [mem 0x0000000020000000-0x000000002000ffff] ACPI data
[    0.000000] efi: EFI v2.70 by EDK II
[    0.000000] efi: SMBIOS=0x1f520000 ACPI 2.0=0x20000014 MEMATTR=0x1d8b4018 TPMEventLog=0x2000f018
[    0.000000] DMI: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 0.0.0 02/06/2015
[    0.000000] ACPI: RSDP 0x0000000020000014 000024 (v02 BOCHS )
[    0.000000] ACPI: FACP 0x0000000020001000 0000F4 (v03 BOCHS  BXPC     00000001 BXPC 00000001)
"""
IOMEM = """\
00000000-00000fff : Reserved
00001000-0009ffff : System RAM
00100000-1fffffff : System RAM
20000000-2000ffff : ACPI Tables
"""
FULL = formats.capture(
    "program bootmem 1.0 x64", "taken accepted", "time 2026-11-22T10:25:43", "label docked, on battery",
    "uefi-map 48 1", "system-vendor QEMU", "cpu-vendor GenuineIntel", "cpu-signature 0x306c3", "keep-boot-services",
    "uefi 0x0000000000001000 0x0000000000003000 7 0xf Conventional vaddr=0xffff000 pad=0x1",
    "uefi 0xfffffffffffff000 0xfffffffffffff000 7 0xf Conventional pages=0x2",
    "config-table 0x0000000020000014 8868e871-e4f1-11d3-bc22-0080c73c8881 ACPI 2.0",
    "config-table 0x0000000000003000 11111111-2222-3333-4444-555555555555 -",
    "smbios 0x000000001f520000 0x000000001f52001f entry point",
    "framebuffer 0x0000000080000000 0x0000000080400000", "footprint 0x0000000000005000 0x0000000000006000 map buffer",
    "kernel 0x0000000000100000 0x0000000000200000", "initrd 0x0000000000300000 0x0000000000400000",
    'acpi 0x0000000020000014 36 0x12345678 2 ok "RSDP" EFI system table',
    'acpi 0x0000000020001000 244 - 6 bad "FACP" XSDT', "acpi-identity BOCHS BXPC",
    'acpi 0x0000000020002000 40000 0x00000001 0 ok "BGRT image" BGRT',
    "bin 9 37 ACPIReclaim", "bin 10 0x100 ACPIMemoryNVS",
    "max-pfn ia32 0x20000", "max-low-pfn ia32 0x20000", "free ia32 0x1 0x9f", "free ia32 0x100 0x1000",
    'reserve ia32 0x0000000000000000 0x0000000000001000 linux forever 7 "page 0" "BIOS data area"',
    "no-bitmap amd64 no room for the bitmap",
    "stub 0x0000000000600000 0x0000000000601000 TPM event log", "window 0x0000000090000000 0x0000000090001000 00:02.0",
    "device 0000:00:02.0 8086:1616 class 0x030000", uefi=MAP + [OEM], e820=E820)


def convert(mapdiff, text, *options):
    status, out, err = mapdiff("convert", *options, "-", stdin=text if isinstance(text, bytes) else text.encode())
    assert status == 0, err
    return out


def facts(capture):
    """Its lines, without first and last, as a list of (key, value)."""
    return [(*line.split(" ", 1), "")[:2] for line in capture.splitlines()[1:-1]]


@pytest.mark.parametrize("text", [
    pytest.param(CAPTURE, id="capture"),
    pytest.param(FULL, id="capture with everything"),
    pytest.param(LOG.format(command_line="quiet"), id="Linux log"),
    pytest.param(SHELL, id="Shell memmap"),
    pytest.param(SFO, id="Shell memmap -sfo"),
    pytest.param(LSEFIMMAP, id="lsefimmap"),
    pytest.param(formats.lsmmap(E820[::-1]), id="lsmmap, in its own order"),
    pytest.param(IOMEM, id="/proc/iomem"),
])
def test_a_record_goes_through_a_capture_unchanged(mapdiff, report, text):
    capture = convert(mapdiff, text)
    assert convert(mapdiff, capture) == capture
    before, after = (report("show", "-", stdin=data.encode()) for data in (text, capture))
    for key in ("uefi", "e820", "targets"):
        assert before[key] == after[key]
    kept = before["boot"].get("facts", {})
    assert {key: after["boot"]["facts"].get(key) for key in kept} == {
        key: value.replace("...1", "...") for key, value in kept.items()}


def test_a_capture_of_everything_keeps_its_lines(mapdiff):
    """But the GUIDs, which a record does not have, who points at a table, and whether its sum is right; and the
    names that go without saying."""
    before, after = (sorted(facts(text)) for text in (FULL, convert(mapdiff, FULL)))
    changed = {"config-table", "acpi", "smbios", "uefi", "e820", "bin"}
    assert [fact for fact in before if fact[0] not in changed] == [
        fact for fact in after if fact[0] not in changed | {"machine", "cpu", "e820-crc32", "e820-ram-crc32"}]
    for key in changed:
        assert [fact[0] for fact in before].count(key) == [fact[0] for fact in after].count(key)
    lines = convert(mapdiff, FULL)
    assert "uefi 0x0000000000001000 0x0000000000003000 7 0xf Conventional vaddr=0xffff000 pad=0x1\n" in lines
    assert "uefi 0xfffffffffffff000 0xfffffffffffff000 7 0xf Conventional pages=0x2\n" in lines
    assert "smbios 0x000000001f520000 0x000000001f52001f SMBIOS entry point\n" in lines
    assert 'acpi 0x0000000020002000 40000 0x00000001 0 ok "BGRT image" -\n' in lines
    assert "uefi-map 48 1\n" in lines


@pytest.mark.parametrize("text, view", [
    pytest.param(LOG.format(command_line="quiet"), None, id="what the kernel got"),
    pytest.param(IOMEM, "kernel", id="/proc/iomem"),
    pytest.param(formats.lsmmap(E820), "grub", id="lsmmap"),
])
def test_a_capture_says_whose_list_of_ranges_it_has(mapdiff, text, view):
    lines = facts(convert(mapdiff, text))
    assert dict(lines).get("e820-view") == view
    assert ("e820-crc32" in dict(lines)) == (view is None)


def test_a_capture_says_where_it_comes_from(mapdiff, tmp_path):
    folder = tmp_path / "home-of-joe"
    folder.mkdir()
    (folder / "dmesg.txt").write_text(LOG.format(command_line="quiet"))
    _, out, _ = mapdiff("convert", folder / "dmesg.txt")
    assert "origin dmesg.txt, Linux log\n" in out
    assert "joe" not in out


@pytest.mark.parametrize("before, after", [
    pytest.param("mem=4G memmap=64M$0x10000000 memmap=4G@1G", None, id="memory"),
    pytest.param("ro quiet efi=debug,nosoftreserve hibernate=no pci=nocrs", None, id="flags"),
    pytest.param("crashkernel=256M@16M console=ttyS0,115200n8 resume_offset=1234", None, id="numbers"),
    pytest.param("root=UUID=01234567-89ab-cdef-0123-456789abcdef ro", "root=... ro", id="root"),
    pytest.param("root=/dev/sda2 rootflags=subvol=@joe", "root=... rootflags=...", id="root, a partition"),
    pytest.param("resume=/dev/disk/by-id/nvme-SAMSUNG_S4EWNX0 quiet", "resume=... quiet", id="resume"),
    pytest.param("rd.luks.uuid=luks-01234567-89ab-cdef-0123-456789abcdef", "rd.luks.uuid=...", id="LUKS"),
    pytest.param("luks.name=01234567-89ab-cdef-0123-456789abcdef=joe", "luks.name=...", id="LUKS of systemd"),
    pytest.param("cryptdevice=/dev/sda3:joe rd.lvm.lv=joes-pc/root", "cryptdevice=... rd.lvm.lv=...", id="LVM"),
    pytest.param("ip=10.0.0.7::10.0.0.1 BOOTIF=01-52-54-00-12-34-56", "ip=... BOOTIF=...", id="network"),
    pytest.param("hostname=joes-pc systemd.machine_id=0123456789abcdef0123456789abcdef", "hostname=... systemd.machine_id=...",
                 id="host"),
    pytest.param("foo=52:54:00:12:34:56 bar=01234567-89ab-cdef-0123-456789abcdef", "foo=... bar=...", id="by their form"),
    pytest.param("foo=LABEL=joes-disk swap=/dev/sda3", "foo=LABEL=... swap=...", id="a label"),
    pytest.param('root="LABEL=my disk" ro', "root=... ro", id="quoted"),
])
def test_what_tells_who_somebody_is_is_left_out(mapdiff, before, after):
    capture = convert(mapdiff, LOG.format(command_line=before))
    assert dict(facts(capture))["command-line"] == f"BOOT_IMAGE=/vmlinuz {after or before}"
    assert dict(facts(capture))["kernel-build"] == "(...) (gcc-12 12.2.0) #1 SMP Debian 6.1.192-2 (2026-11-16)"


def test_a_long_fact_is_not_cut(mapdiff):
    capture = convert(mapdiff, LOG.format(command_line=" ".join(f"param{i}=1" for i in range(200))))
    assert dict(facts(capture))["command-line"].endswith("param199=1")
    assert convert(mapdiff, capture) == capture


def test_what_could_be_read_of_a_damaged_file_is_converted_when_asked_for(mapdiff):
    damaged = SHELL.replace("LoaderCode", "L0aderCode", 1)
    status, out, _ = mapdiff("convert", "-", stdin=damaged.encode())
    assert (status, out) == (2, "")
    status, out, _ = mapdiff("convert", "--damaged", "-", stdin=damaged.encode())
    assert status == 0 and out.count("\nuefi 0x") == len(MAP + [OEM, UNACCEPTED]) - 1
    status, out, err = mapdiff("show", "-", stdin=out.encode())
    assert (status, out) == (2, "") and "has no checksum" in err  # a hole is one in the capture, too

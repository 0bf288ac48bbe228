"""A group of folders -> its sources, how clang reads them, how many must be killed, and what QEMU shows of them."""

import dataclasses

FREE = ("-std=c11", "-ffreestanding", "-I.", "-Ibuild")
EFI = FREE + ("-fshort-wchar", "-DGNU_EFI_USE_MS_ABI", "-isystem", "/usr/include/efi",
              "-isystem", "/usr/include/efi/x86_64")
HOST = ("-std=c11", "-I.", "-Ibuild", "-D_GNU_SOURCE")

# Boots, as `file of tests/qemu: part of the name'. Each shows something that those before it do not.
BOOTS = (
    "test_boot.py::test_boots[64-MiB-are-enough-(x64-firmware,-amd64-kernel)]",
    "test_boot.py::test_boots[64-MiB-are-enough-under-the-policy-of-2.6.24-(ia32-firmware,-ia32-kernel)]",
)
CROSSED = (
    "test_boot.py::test_boots[a-static-PIE-is-put-where-there-is-room-(x64-firmware,-ia32-kernel)]",
    "test_boot.py::test_boots[a-static-PIE-is-put-where-there-is-room-(ia32-firmware,-amd64-kernel)]",
)
KERNEL = BOOTS + CROSSED + (
    "test_boot.py::test_a_wrong_bitmap_fails[a-usable-page-is-not-free-(x64-firmware,-amd64-kernel)]",
    "test_boot.py::test_a_wrong_bitmap_fails[a-page-of-an-ACPI-table-is-free-(ia32-firmware,-ia32-kernel)]",
    "test_faults.py::test_a_fault_is_said_and_shown[write-x64-amd64]",
    "test_faults.py::test_a_fault_is_said_and_shown[undefined-ia32-ia32]",
    "test_faults.py::test_without_a_screen_the_lines_are_said",
    "test_proof_screen.py::test_the_proof_is_shown_while_it_runs",
    "test_proof_screen.py::test_a_key_ends_it",
    "test_proof_screen.py::test_what_happens_by_itself_is_announced_and_any_key_stops_it",
    "test_proof_screen.py::test_a_failure_is_shown_with_its_page[a-page-of-an-ACPI-table-is-free-"
    "(x64-firmware,-amd64-kernel)-640x480]",
)
FIRMWARE = BOOTS + CROSSED + (
    "test_capture.py::test_each_boot_leaves_a_capture_and_is_compared_with_the_last_one[x64-amd64]",
    "test_screens.py::test_keys",
    "test_screens.py::test_an_error_waits",
    "test_shell.py::test_captures_are_compared_from_the_shell",
    "test_boot.py::test_the_machine_ends_as_configured",
)


@dataclasses.dataclass(frozen=True)
class Group:
    name: str
    sources: tuple  # patterns, of files
    flags: tuple
    least_percent: int
    boots: tuple = ()
    is_mapdiff: bool = False  # the program itself is what is tested
    is_in_mapdiff: bool = False  # or what it stands on
    checks: tuple = ()  # that are quick, and read the sources

    def files(self, root):
        return sorted(str(path.relative_to(root)) for pattern in self.sources for path in root.glob(pattern))


GROUPS = (
    Group("bootmem", ("bootmem/*.c",), FREE, 95, BOOTS, is_in_mapdiff=True),
    Group("x86", ("x86/*.c",), FREE, 95, BOOTS, is_in_mapdiff=True),
    Group("handoff", ("handoff/*.c", "handoff/load/*.c", "handoff/capture/*.c", "handoff/screen/*.c"), FREE, 95,
          BOOTS, is_in_mapdiff=True, checks=("tests/check-protocol",)),
    Group("kernel", tuple(f"handoff/{part}/*.c" for part in ("launch", "stub", "device", "gates")), EFI, 95, KERNEL),
    Group("efi", ("efi/*.c", "efi/screen/*.c"), EFI, 90, FIRMWARE),
    Group("mapdiff", ("mapdiff/**/*.c",), HOST, 90, is_mapdiff=True),
)

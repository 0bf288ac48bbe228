"""A kernel that faults before it has an IDT: the gates that it was entered with say what happened, on
the serial port, the debug console and the screen, and it halts; or, where nothing can be said, the
machine resets. The kernel is tests/kernels/faulty.c, which does what its command line says.
"""

import re
import subprocess

import pytest

import live
import machine

HALTED = "Halted. Photograph this screen, then hold the power button for 10 seconds."
PAIRS = (("x64", "amd64"), ("ia32", "ia32"))
MIXED = (("ia32", "amd64"), ("x64", "ia32"))

# What the command line says, on which pairs, and what is said of it. A * in the kernel's name: both.
ROWS = (
    ("write", PAIRS[:1] + MIXED[:1], (
        "Page fault in your kernel (vector 14).",
        "Did wrote to a page that is not mapped (error code 0x2)",
        "At 0x0000123456789000 CR2, the address that it wanted",
        "Mapped 0x0 to 0x100000000 by the hand-off page tables, to itself",
        "> ?rdi 0000123456789000",
        "Register rdi (>) holds the address that it wanted.",
        "mapped above 0x100000000 by bootmem: see PROTOCOL.md, section 2.")),
    ("read", PAIRS[:1], ("Did read from a page that is not mapped (error code 0x0)",)),
    ("jump", PAIRS[:1], (
        "Did jumped to a page that is not mapped",
        "From 0x0000123456789000 RIP, not in the kernel",
        "To do If it was called, from: addr2line -e faulty.elf 0x")),
    ("canonical", PAIRS[:1], ("General protection in your kernel (vector 13).",
                              "Did did what the CPU does not allow")),
    ("undefined", PAIRS + MIXED, ("Invalid opcode in your kernel (vector 6).",
                                  "Did ran bytes that are no instruction for this CPU, or UD2")),
    ("divide", PAIRS, ("Divide error in your kernel (vector 0).",
                       "Did divided by zero, or the quotient did not fit")),
    ("selector", PAIRS, ("General protection in your kernel (vector 13).",
                         "Did used selector 0x28 of the GDT (error code 0x28)")),
    ("nmi", PAIRS[:1], ("Non-maskable interrupt in your kernel (vector 2).",)),
    ("breakpoint", PAIRS[1:], ("Breakpoint in your kernel (vector 3).", "Did ran INT3")),
    ("interrupt", PAIRS, ("Interrupt 0x80, which nobody handles.", "or ran INT 0x80")),
    ("timer", PAIRS, ("Interrupt 0x20, which nobody handles.",
                      "Did let interrupts in (STI), and one came",
                      "Load an IDT, and mask what may interrupt, before STI")),
    ("timer-at-8", PAIRS, ("Interrupt 0x8, which nobody handles.", "in the kernel: its start + 0x")),
    ("other-cs", PAIRS[:1], ("Interrupt 0x8, which nobody handles.", "in the kernel: its start + 0x")),
    ("flags", PAIRS, ("Invalid opcode in your kernel (vector 6).", "flags 00047402")),
    ("step", PAIRS, ("Debug in your kernel (vector 1).", "Did hit a debug trap")),
    ("machine-check", PAIRS, ("Machine check in your kernel (vector 18).",)),
    ("outside", PAIRS, ("Invalid opcode in your kernel (vector 6).", "IP, not in the kernel",
                        "To do If it was called, from: addr2line -e faulty.elf 0x")),
    ("lost-stack", PAIRS, ("A fault in your kernel, whose stack is gone.",
                           "Did left its stack where no memory is: what happened is lost")),
    ("stack-at-0", PAIRS[1:], ("A fault in your kernel, whose stack is gone.",)),
    ("tables", PAIRS[1:], ("Page fault in your kernel (vector 14).",
                           "Mapped as CR3 says by page tables of the kernel's own",
                           "> ?edi 40000000")),
    # Of an even number: the kernel that lies at 1 MiB, in another large page than the gates.
    ("read-only", PAIRS, ("Page fault in your kernel (vector 14).",
                          "Did wrote to a page that is mapped, but not for that (error code 0x3)",
                          "Mapped as CR3 says by page tables of the kernel's own")),
)


def image_of(directory, firmware, target, variant, fault, more=""):
    configuration = (f"target = {target}\nkernel-{target} = \\faulty.elf\ncmdline = {fault}\n"
                     f"on-error = continue\n{more}")
    return machine.make_image(directory, {
        machine.REMOVABLE[firmware]: machine.loader(firmware),
        "/faulty.elf": machine.kernel(target, variant), "/bootmem.conf": configuration})


def words(text):
    """One blank between two words, and none of the prefixes of lines."""
    return re.sub(r"\s+", " ", re.sub(r"(?m)^bootmem:", "", text))


def pattern(text):
    return re.escape(text).replace(r">\ \?", "> ?")


def parameters():
    for number, (fault, pairs, _) in enumerate(ROWS):
        for firmware, target in pairs:
            yield pytest.param(number, firmware, target, id=f"{fault}-{firmware}-{target}")


@pytest.mark.parametrize("number, firmware, target", parameters())
def test_a_fault_is_said_and_shown(number, firmware, target, tmp_path):
    fault, _, texts = ROWS[number]
    variant = "faulty-pie" if number % 2 else "faulty"
    size = ((640, 480), (1280, 800))[number % 2]
    image = image_of(tmp_path, firmware, target, variant, fault)
    with live.Live(tmp_path / "live", image, "--firmware", firmware, "--debugcon",
                   tmp_path / "debugcon", size=size) as running:
        running.wait_for(HALTED)
        screen = running.screen(HALTED)
        said = running.said
    said = said[said.index("entering the kernel"):]
    shown = words(screen.text)
    for text in texts + ("KERNEL FAULT", "faulty.elf"):
        assert re.search(pattern(text), words(said)), f"not said: {text}\n{said}"
        assert re.search(pattern(text), shown), f"not shown: {text}\n{screen.text}"
    assert HALTED.encode() in (tmp_path / "debugcon").read_bytes()


# Functions of faulty.c.
@pytest.mark.parametrize("variant", ("faulty", "faulty-pie"))
@pytest.mark.parametrize("fault, target, function", (
    ("write", "amd64", "write_nowhere"), ("jump", "amd64", "jump_nowhere"),
    ("divide", "ia32", "divide"), ("outside", "ia32", "call_outside")))
def test_addr2line_finds_the_line(fault, target, function, variant, tmp_path):
    image = image_of(tmp_path, "x64", target, variant, fault)
    boot = machine.run(tmp_path, image)
    address = boot.find(r"addr2line -e faulty\.elf (0x[0-9a-f]+)")
    assert address, boot.text
    found = subprocess.run(["addr2line", "-i", "-f", "-e", machine.kernel(target, variant), address[1]],
                           check=True, capture_output=True, text=True).stdout
    assert function in found.split() and "tests/kernels/faulty.c:" in found, found


def test_a_screen_that_is_not_mapped_is_not_drawn_on(tmp_path):
    """The lines come first, and the second fault is said, too."""
    boot = machine.run(tmp_path, image_of(tmp_path, "x64", "amd64", "faulty", "tables"))
    assert "Mapped   as CR3 says          by page tables of the kernel's own" in boot.text
    assert boot.lines("bootmem: " + HALTED) == ["bootmem: " + HALTED]
    assert boot.text.rstrip().endswith("bootmem: vector 14 while that was shown: halted")
    assert "the kernel has halted" in boot.complaint


def test_without_a_screen_the_lines_are_said(tmp_path):
    boot = machine.run(tmp_path, image_of(tmp_path, "x64", "ia32", "faulty", "undefined"),
                       "--", "-vga", "none")
    assert "bootmem: " + HALTED in boot.text and "while that" not in boot.text


@pytest.mark.parametrize("target, fault, more", (
    ("amd64", "stack", ""),  # where nothing can be pushed to, the CPU gives up
    ("amd64", "undefined", "exceptions = none\n"),
    ("ia32", "undefined", "exceptions = none\n")))
def test_what_cannot_be_said_is_a_reset(target, fault, more, tmp_path):
    boot = machine.run(tmp_path, image_of(tmp_path, "x64", target, "faulty", fault, more))
    assert boot.text.rstrip().endswith("entering the kernel"), boot.text
    assert "a triple fault ends it too" in boot.complaint

"""What the fuzzers (tests/fuzz) and inputs without measure have found."""

import boots
import naive


def convert(mapdiff, data):
    status, out, err = mapdiff("convert", "--damaged", "-", stdin=data)
    assert status == 0, err
    return out


def test_a_zero_byte_ends_a_text(mapdiff):
    """A blank before it is not in the capture, and so not in a capture of that."""
    capture = convert(mapdiff, naive.capture(e820=boots.LAPTOP, lines=["label docked \0 alone"]))
    assert "\nlabel docked\n" in capture and convert(mapdiff, capture.encode()) == capture


def test_facts_without_number(mapdiff):
    """Nothing is dropped."""
    capture = convert(mapdiff, naive.capture(e820=boots.LAPTOP, lines=[f"key-{i} value" for i in range(6000)]))
    assert "\nkey-0 value\n" in capture and "\nkey-5999 value\n" in capture


def test_bins_without_number(mapdiff):
    """The variable has an entry for a type; more than there are types are named."""
    data = naive.capture(e820=boots.LAPTOP, lines=[f"bin 9 {i + 1} x" for i in range(65)])
    status, _, err = mapdiff("show", "-", stdin=data)
    assert status == 2 and "bin 9 65 x" in err


def test_a_label_like_a_line_of_a_log(mapdiff):
    """In a file that is a capture and nothing else, it is a label, and no boot of Linux."""
    label = "BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable"
    capture = convert(mapdiff, naive.capture(e820=boots.LAPTOP, lines=["label " + label]))
    assert f"\nlabel {label}\n" in capture and convert(mapdiff, capture.encode()) == capture


def test_a_rust_descriptor_without_a_type(mapdiff):
    """The row is named; a member that is not there is looked for in nothing."""
    row = "INFO: MemoryDescriptor {{ {}: CONVENTIONAL, padding: 0, phys_start: {}, virt_start: 0, page_count: 15, att: WRITE_BACK }}\n"
    status, _, err = mapdiff("show", "-", stdin=(row.format("ty", 0) + row.format("t?", 1 << 20)).encode())
    assert status == 2 and ":2: " in err

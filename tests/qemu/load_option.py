"""Boot entries as the firmware's variables have them: EFI_LOAD_OPTION (UEFI 2.10, section 3.1.3)."""

import struct
import uuid

GLOBAL = "8be4df61-93ca-11d2-aa0d-00e098032b8c"
KEPT = 7  # attributes of a variable: non-volatile, at boots, at run time
ACTIVE = 1
END = bytes([0x7f, 0xff, 4, 0])
HD, FILE = (4, 1), (4, 4)
BYTES_HD = 42


def node(kind, contents):
    return struct.pack("<BBH", *kind, 4 + len(contents)) + contents


def hd(number, start, sectors, guid):
    """A partition of a GPT: section 10.3.5.1."""
    return node(HD, struct.pack("<IQQ", number, start, sectors) + uuid.UUID(guid).bytes_le + b"\2\2")


def file(path):
    return node(FILE, (path + "\0").encode("utf-16-le"))


def load_option(label, path, options=b"", attributes=ACTIVE):
    """path: nodes, without the end."""
    path += END
    return struct.pack("<IH", attributes, len(path)) + (label + "\0").encode("utf-16-le") + path + options


def order(*numbers):
    return struct.pack(f"<{len(numbers)}H", *numbers)


def numbers(contents):
    """Of BootOrder."""
    return list(struct.unpack(f"<{len(contents) // 2}H", contents))

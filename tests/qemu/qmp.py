"""QEMU's control socket (QMP): pictures of the screen, copies of the guest's memory, and why the
machine ended. Standard library only.
"""

import json
import socket
import struct
import time
import zlib


class Qmp:
    """A connection to the socket that tests/qemu/run --qmp makes. QEMU may still be starting."""

    def __init__(self, path, patience_seconds=10):
        deadline = time.monotonic() + patience_seconds
        while True:
            self._socket = socket.socket(socket.AF_UNIX)
            try:
                self._socket.connect(str(path))
                break
            except (FileNotFoundError, ConnectionRefusedError):
                self._socket.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        self._lines = self._socket.makefile("rb")
        self.events = []
        self._next_message()  # the greeting
        self.execute("qmp_capabilities")

    def _next_message(self):
        """The next message that is no event, which are kept; None when QEMU has ended."""
        while True:
            try:
                line = self._lines.readline()
            except ConnectionResetError:
                return None
            if not line:
                return None
            message = json.loads(line)
            if "event" not in message:
                return message
            self.events.append(message)

    def execute(self, command, **arguments):
        request = {"execute": command, "arguments": arguments}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        answer = self._next_message()
        if answer is not None and "error" in answer:
            raise RuntimeError(f"{command}: {answer['error']['desc']}")
        return answer and answer["return"]

    def screenshot(self, ppm_path):
        self.execute("screendump", filename=str(ppm_path))

    def save_memory(self, path, end_paddr):
        """Physical memory from 0 to end_paddr."""
        self.execute("pmemsave", val=0, size=end_paddr, filename=str(path))

    def quit(self):
        self.execute("quit")

    def shutdown_reason(self):
        """After QEMU's end: `guest-reset', `guest-shutdown' (power-off), ..."""
        while self._next_message() is not None:
            pass
        reasons = [e["data"]["reason"] for e in self.events if e["event"] == "SHUTDOWN"]
        return reasons[-1] if reasons else None


def read_ppm(data):
    """A binary PPM (P6, 8 bits): width, height and the bytes R, G, B of each pixel."""
    magic, width, height, depth = data.split(maxsplit=4)[:4]
    if magic != b"P6" or depth != b"255":
        raise ValueError("not a PPM of 8 bits a colour")
    width, height = int(width), int(height)
    pixels = data[len(data) - 3 * width * height:]  # the header is followed by these alone
    return width, height, pixels


def png_of_ppm(data):
    """The PNG (no filter) of a PPM: of 16 colours or fewer with a palette, else RGB of 8 bits."""
    width, height, pixels = read_ppm(data)
    lines = [pixels[at:at + 3 * width] for at in range(0, len(pixels), 3 * width)]
    colours = sorted({line[x:x + 3] for line in set(lines) for x in range(0, 3 * width, 3)})
    has_palette = len(colours) <= 16
    if has_palette:
        index = {colour: number for number, colour in enumerate(colours)}
        packed = {line: _pack(line, index) for line in set(lines)}
        lines = [packed[line] for line in lines]

    def chunk(kind, body):
        checked = kind + body
        return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))

    depth, kind = (4, 3) if has_palette else (8, 2)
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
            (chunk(b"PLTE", b"".join(colours)) if has_palette else b"") +
            chunk(b"IDAT", zlib.compress(b"".join(b"\0" + line for line in lines), 9)) +
            chunk(b"IEND", b""))


def _pack(line, index):
    """Two pixels a byte, the left one in its upper half."""
    values = [index[line[x:x + 3]] for x in range(0, len(line), 3)] + [0]
    return bytes(left << 4 | right for left, right in zip(values[::2], values[1::2]))

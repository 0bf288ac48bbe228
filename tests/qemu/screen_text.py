#!/usr/bin/python3
"""A picture of a screen -> its text: rows of characters with their colours, found by comparing what
is there with the glyphs of the font, in any place. Standard library only.

Usage: tests/qemu/screen_text.py PICTURE.ppm|PICTURE.png

What a screen is: handoff/screen/canvas.h (80 columns, dots of whole pixels, eight colours).
"""

import collections
import dataclasses
import gzip
import pathlib
import struct
import sys
import zlib

import qmp

FONT = pathlib.Path("/usr/share/consolefonts/spleen-8x16.psfu.gz")
COLUMNS, LEAST_ROWS, MOST_ROWS, GLYPH_WIDTH, GLYPH_HEIGHT = 80, 22, 30, 8, 16
DOTS_ACROSS = COLUMNS * GLYPH_WIDTH
COLOURS = {"background": 0x0f1419, "panel": 0x26313d, "grey": 0x9aa7b4, "white": 0xf2f5f7,
           "red": 0xff8274, "green": 0x5fd39a, "amber": 0xf2c14e, "blue": 0x7fb4ff}
LEAST_BIG_GLYPHS = 3  # in a row of glyphs of 2 x 2 dots: fewer are an accident


def read_glyphs(path=FONT):
    """{rows of a glyph, as 16 bytes: its character} for the printable characters of ASCII."""
    data = gzip.decompress(path.read_bytes())
    n_glyphs = 512 if data[2] & 1 else 256
    at = 4 + GLYPH_HEIGHT * n_glyphs
    glyphs = {}
    for number in range(n_glyphs):
        end = at
        while data[end:end + 2] != b"\xff\xff":
            end += 2
        codes = struct.unpack(f"<{(end - at) // 2}H", data[at:end])
        at = end + 2
        rows = data[4 + GLYPH_HEIGHT * number:][:GLYPH_HEIGHT]
        for code in codes:
            if 0x20 < code < 0x7f:
                glyphs[rows] = chr(code)
    return glyphs


def read_png(data):
    """Width, height and the bytes R, G, B of each pixel, of a PNG that is not interlaced."""
    at, header, palette, body = 8, None, b"", b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        chunk = data[at + 8:at + 8 + length]
        at += length + 12
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", chunk)
        elif kind == b"PLTE":
            palette = chunk
        elif kind == b"IDAT":
            body += chunk
    width, height, depth, kind = header[:4]
    channels = {0: 1, 2: 3, 3: 1, 6: 4}[kind]
    stride, step = -(-width * channels * depth // 8), max(1, channels * depth // 8)
    raw, line, lines = zlib.decompress(body), bytes(stride), []
    for y in range(height):
        start = y * (stride + 1)
        line = _unfilter(raw[start], bytearray(raw[start + 1:start + 1 + stride]), line, step)
        lines.append(_rgb_of(line, width, depth, kind, palette))
    return width, height, b"".join(lines)


def _unfilter(kind, line, above, step):
    for i in range(len(line) if kind else 0):
        left, up = line[i - step] if i >= step else 0, above[i]
        corner = above[i - step] if i >= step else 0
        if kind == 4:
            guess = left + up - corner
            near = min((left, up, corner), key=lambda value: abs(guess - value))
        else:
            near = (0, left, up, (left + up) // 2)[kind]
        line[i] = (line[i] + near) & 0xff
    return bytes(line)


def _rgb_of(line, width, depth, kind, palette):
    if kind == 2:
        return line
    if kind == 6:
        return b"".join(line[i:i + 3] for i in range(0, len(line), 4))
    per_byte, mask = 8 // depth, (1 << depth) - 1
    values = [line[x // per_byte] >> (per_byte - 1 - x % per_byte) * depth & mask
              for x in range(width)]
    if kind == 3:
        return b"".join(palette[3 * value:3 * value + 3] for value in values)
    return b"".join(bytes([value * 255 // mask]) * 3 for value in values)


@dataclasses.dataclass(frozen=True)
class Glyph:
    """A character, the dot at its upper left, how many dots a dot of it has each way; colours."""

    char: str
    x: int
    y: int
    size: int
    colour: str
    on: str

    @property
    def end(self):
        return self.x + GLYPH_WIDTH * self.size

    def meets(self, other):
        return (self.x < other.end and other.x < self.end and
                self.y < other.y + GLYPH_HEIGHT * other.size and
                other.y < self.y + GLYPH_HEIGHT * self.size)


@dataclasses.dataclass
class Row:
    """Glyphs of one height, from left to right. A blank is where there is none."""

    y: int
    size: int
    glyphs: list

    @property
    def text(self):
        """From the left edge on, a column a character."""
        text = ""
        for glyph in self.glyphs:
            column = round(glyph.x / GLYPH_WIDTH / self.size)
            text += " " * max(0, column - len(text)) + glyph.char
        return text

    def colours(self, part):
        """The colours of the first place where the row says `part', each with what it is on."""
        start = self.text.index(part)
        inside = [glyph for glyph in self.glyphs
                  if start <= round(glyph.x / GLYPH_WIDTH / self.size) < start + len(part)]
        return {(glyph.colour, glyph.on) for glyph in inside}


class Screen:
    """The text of a picture. `rows' is from top to bottom; those of big glyphs are among them."""

    def __init__(self, width, height, pixels):
        self.width, self.height = width, height
        self.scale = min(width // DOTS_ACROSS, height // (LEAST_ROWS * GLYPH_HEIGHT))
        if self.scale == 0:
            raise ValueError(f"{width} x {height}: too small for a screen")
        self.n_rows = min(MOST_ROWS, height // (GLYPH_HEIGHT * self.scale))
        self.colour_names = {value: name for name, value in COLOURS.items()}
        self.is_sharp = True  # each dot is a whole square of one colour
        self.dots = self._read_dots(pixels)
        self.colours_used = {name for line in self.dots for name in set(line)}
        self._glyphs, self._known = read_glyphs(), {}
        self.rows = self._find_rows()

    @classmethod
    def of_file(cls, path):
        data = pathlib.Path(path).read_bytes()
        return cls(*(qmp.read_ppm if data.startswith(b"P6") else read_png)(data))

    def _read_dots(self, pixels):
        """Lines of colour names."""
        scale, stride, lines = self.scale, 3 * self.width, []
        left = (self.width - DOTS_ACROSS * scale) // 2
        top = (self.height - self.n_rows * GLYPH_HEIGHT * scale) // 2
        for y in range(self.n_rows * GLYPH_HEIGHT):
            first = (top + y * scale) * stride
            line = pixels[first:first + stride]
            for other in range(1, scale):
                self.is_sharp &= pixels[first + other * stride:][:stride] == line
            part = line[3 * left:3 * (left + DOTS_ACROSS * scale)]
            for channel in range(3):
                columns = {part[channel + 3 * i::3 * scale] for i in range(scale)}
                self.is_sharp &= len(columns) == 1
            channels = [part[channel::3 * scale] for channel in range(3)]
            lines.append([self._name(*rgb) for rgb in zip(*channels)])
        return lines

    def _name(self, red, green, blue):
        value = red << 16 | green << 8 | blue
        return self.colour_names.setdefault(value, f"#{value:06x}")

    def _glyph_at(self, x, y, size):
        """The character there, its colour and what it is on; None for anything else."""
        window = tuple(tuple(self.dots[y + i * size][x:x + GLYPH_WIDTH * size:size])
                       for i in range(GLYPH_HEIGHT))
        if window not in self._known:
            self._known[window] = self._read_glyph(window)
        found = self._known[window]
        if found and size > 1 and not self._is_doubled(x, y):
            return None
        return found

    def _is_doubled(self, x, y):
        return all(self.dots[y + i] == self.dots[y + i + 1] or
                   self.dots[y + i][x:x + 16] == self.dots[y + i + 1][x:x + 16]
                   for i in range(0, 2 * GLYPH_HEIGHT, 2)) and all(
                       self.dots[y + i][x:x + 16:2] == self.dots[y + i][x + 1:x + 16:2]
                       for i in range(0, 2 * GLYPH_HEIGHT, 2))

    def _read_glyph(self, window):
        counted = collections.Counter(colour for row in window for colour in row)
        if len(counted) == 1:
            return None
        for colour in counted:
            bits = bytes(sum((dot == colour) << (7 - i) for i, dot in enumerate(row))
                         for row in window)
            if bits in self._glyphs:
                on = next(name for name, _ in counted.most_common() if name != colour)
                return self._glyphs[bits], colour, on
        return None

    def _row_at(self, y, size, columns):
        found = []
        for x in columns:
            glyph = self._glyph_at(x, y, size)
            if glyph:
                found.append(Glyph(glyph[0], x, y, size, glyph[1], glyph[2]))
        return found

    def _find_rows(self):
        """Rows with the most glyphs first: what fits by accident lies across them."""
        taken = []
        for size, least in ((2, LEAST_BIG_GLYPHS), (1, 1)):
            step = range(0, DOTS_ACROSS - GLYPH_WIDTH * size + 1, GLYPH_WIDTH)
            ends = len(self.dots) - GLYPH_HEIGHT * size + 1
            found = {y: self._row_at(y, size, step) for y in range(ends)}
            while True:
                y = max(found, key=lambda y: (len(found[y]), -y), default=None)
                if y is None or len(found[y]) < least:
                    break
                row = self._fill_gaps(found.pop(y), y, size)
                taken.append(Row(y, size, row))
                for other in list(found):
                    if abs(other - y) < GLYPH_HEIGHT * size:
                        found[other] = [glyph for glyph in found[other]
                                        if not any(glyph.meets(mine) for mine in row)]
            if size == 2:
                big = [glyph for row in taken for glyph in row.glyphs]
                self._known = {}
        kept = [Row(row.y, row.size, [glyph for glyph in row.glyphs if row.size == 2 or
                                      not any(glyph.meets(other) for other in big)])
                for row in taken]
        return sorted((row for row in kept if row.glyphs), key=lambda row: row.y)

    def _fill_gaps(self, row, y, size):
        """Keys do not stand on columns: what is between the glyphs that do."""
        for glyph in self._row_at(y, size, range(DOTS_ACROSS - GLYPH_WIDTH * size + 1)):
            if not any(glyph.meets(other) for other in row):
                row.append(glyph)
        return sorted(row, key=lambda glyph: glyph.x)

    @property
    def text(self):
        return "\n".join(row.text for row in self.rows)

    def find(self, part):
        """The first row that says `part', or None."""
        return next((row for row in self.rows if part in row.text), None)


def main(arguments):
    if len(arguments) != 1:
        print(__doc__.split("\n\n")[1].strip(), file=sys.stderr)
        return 2
    screen = Screen.of_file(arguments[0])
    for row in screen.rows:
        print(f"{row.y:4} {row.text}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

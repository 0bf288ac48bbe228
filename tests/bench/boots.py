"""What a boot costs: instructions of a guest from the loader's first one to the kernel's first one, split
into the loader's own and what each kind of call to the firmware cost.

Counted by a plugin of QEMU's (count.c), on the unmodified programs. Time passes by instructions
(-icount), so that the firmware's timer costs the same each time. The same image, kernel, memory map and
volume give the same number of our own instructions and of calls; those of the firmware differ a little.
"""

import bisect
import collections
import dataclasses
import pathlib
import re
import struct
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/qemu"))

import elves  # noqa: E402
import machine  # noqa: E402

LOADER_BYTES, KERNEL_BYTES = 14, 7  # of their first block, which no other begins with
LARGE_PADDR = 32 << 20
INTERRUPT = "interrupt"
PAD = "launch pad"
CALL = re.compile(r"->([A-Z][A-Za-z]+)\(")


@dataclasses.dataclass(frozen=True)
class Cost:
    """In instructions."""

    all: int
    own: int
    calls: dict  # kind: (how many, instructions)
    functions: dict  # of our own: instructions


def build_plugin(directory):
    plugin = directory / "libcount.so"
    subprocess.run(["gcc", "-std=gnu11", "-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-o", plugin,
                    ROOT / "tests/bench/count.c"], check=True)
    return plugin


def pe_header(data):
    pe, = struct.unpack_from("<I", data, 0x3c)
    return pe


def entry_and_size(data):
    """Of an image, both from where it starts in memory."""
    pe = pe_header(data)
    return struct.unpack_from("<I", data, pe + 40)[0], struct.unpack_from("<I", data, pe + 80)[0]


def entry_of_loader(data):
    """The bytes at the entry point of a PE file, whose .text lies in the file where it does in memory."""
    pe = pe_header(data)
    entry, _ = entry_and_size(data)
    sections = pe + 24 + struct.unpack_from("<H", data, pe + 20)[0]
    for at in range(sections, sections + 40 * struct.unpack_from("<H", data, pe + 6)[0], 40):
        size, start, _, offset = struct.unpack_from("<IIII", data, at + 8)
        if start <= entry < start + size:
            return data[offset + entry - start:][:LOADER_BYTES]
    raise ValueError("no section has the entry point")


def entry_of_kernel(elf):
    """The bytes at the entry point of an ELF file of machine.kernel()."""
    entry = elf.get("entry") - elf.get_segment(0, "vaddr") + elf.get_segment(0, "offset")
    return bytes(elf.data[entry:entry + KERNEL_BYTES])


def larger(elf, file_bytes, bss_bytes=0):
    """A stub kernel with one more segment, in the place of its last program header, which loads nothing."""
    elf.data += bytes(-len(elf.data) % 4096)
    elf.make_load(3)
    elf.set_segment(3, offset=len(elf.data), vaddr=LARGE_PADDR, paddr=LARGE_PADDR, filesz=file_bytes,
                    memsz=file_bytes + bss_bytes, flags=elves.PF_W, align=4096)
    return elf.bytes() + bytes(file_bytes)


def run(plugin_options, out, *options):
    """Boot until the plugin ends it. Returns the lines that it wrote."""
    out.unlink(missing_ok=True)
    done = subprocess.run([ROOT / "tests/qemu/run", *options, "-icount", "shift=6,sleep=off", "-plugin",
                           f"{plugin_options},out={out}"],
                          check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if not out.exists():
        raise RuntimeError("the kernel was not reached:\n" + done.stdout.decode("utf-8", "replace")[-4000:])
    lines = out.read_text(encoding="ascii").splitlines()
    out.unlink()
    return lines


def symbols_of(firmware):
    return ROOT / f"build/{firmware}/bootmem.so"


def returns_of_calls(symbols):
    """Where each call through a pointer goes on."""
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", symbols], check=True, capture_output=True,
                          text=True).stdout
    places, is_call = set(), False
    for line in text.splitlines():
        found = re.match(r"\s*([0-9a-f]+):\s+(\S.*)", line)
        if not found:
            continue
        if is_call:
            places.add(int(found[1], 16))
        is_call = re.match(r"call\s+\*", found[2]) is not None
    return places


def lines_of(symbols, offsets):
    """The line of the source that each of these instructions comes from: (file, number)."""
    text = subprocess.run(["addr2line", "-e", symbols, *[hex(offset) for offset in offsets]], check=True,
                          capture_output=True, text=True).stdout
    for line in text.splitlines():
        file, _, number = line.split(" ")[0].rpartition(":")
        yield file, int(number) if number.isdigit() else 0


def service_at(file, number):
    """The function of the firmware that is called in a line, which may end in the next one; the line, if it
    calls none. launch.c calls the launch pad alone."""
    if file.endswith("handoff/launch/launch.c"):
        return PAD
    path = ROOT / file
    if not path.is_file() or number == 0:
        return f"{file}:{number}"
    source = path.read_text(encoding="utf-8").splitlines()
    for line in source[number - 1:number + 1]:
        found = CALL.search(line)
        if found:
            return found[1]
    return f"{file}:{number}"


def kinds_of(places, firmware):
    """places: where the image was left -> (times, instructions). By the kind of what was called."""
    symbols = symbols_of(firmware)
    returns = returns_of_calls(symbols)
    calls = sorted(offset for offset in places if offset in returns)
    kinds = collections.defaultdict(lambda: (0, 0))
    named = {offset: service_at(*line) for offset, line in zip(calls, lines_of(symbols, [at - 1 for at in calls]))}
    for offset, (times, instructions) in places.items():
        kind = named.get(offset, INTERRUPT)
        kinds[kind] = (kinds[kind][0] + times, kinds[kind][1] + instructions)
    return dict(kinds)


def functions_of(blocks, firmware):
    """blocks: (where one starts, instructions). By the function that they were compiled to."""
    text = subprocess.run(["nm", "--defined-only", "-n", symbols_of(firmware)], check=True, capture_output=True,
                          text=True).stdout
    symbols = [(int(address, 16), name) for address, kind, name in map(str.split, text.splitlines()) if kind in "tT"]
    starts = [address for address, _ in symbols]
    functions = collections.Counter()
    for offset, instructions in blocks:
        functions[symbols[max(bisect.bisect(starts, offset) - 1, 0)][1]] += instructions
    return dict(functions)


def cost_of_boot(directory, plugin, conf, firmware="x64", target="amd64", memory="512M", cpu=None, files=None,
                 more_bytes=0, arguments=("-vga", "none")):
    """A boot of the loader and the stub kernel, as they were built; or of a kernel that is larger."""
    loader = machine.loader(firmware).read_bytes()
    kernel = machine.kernel(target).read_bytes()
    code = entry_of_kernel(elves.Elf(kernel))
    if more_bytes:
        kernel = larger(elves.Elf(kernel), more_bytes)
    image = machine.make_image(directory, {machine.REMOVABLE[firmware]: loader, "/bootmem.conf": conf,
                                           f"/bootmem/kernel-{target}.elf": kernel, **(files or {})})
    entry, size = entry_and_size(loader)
    options = f"{plugin},from={entry_of_loader(loader).hex()},to={code.hex()}," \
        f"entry={entry},size={size}"
    lines = run(options, directory / "count", "--firmware", firmware, "--memory", memory,
                *(["--cpu", cpu] if cpu else []), "--image", image, "--", *arguments)
    image.unlink()
    rows = [line.split() for line in lines[2:]]
    places = {int(row[1]): (int(row[2]), int(row[3])) for row in rows if row[0] == "call"}
    blocks = [(int(row[1]), int(row[2])) for row in rows if row[0] == "block"]
    return Cost(int(lines[0]), int(lines[1].split()[1]), kinds_of(places, firmware), functions_of(blocks, firmware))

"""Costs -> plots of cost against size, as SVG."""

import re

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

UNITS = {"": 1, "M": 1 / 1024, "G": 1, "T": 1024, "GiB": 1, "TiB": 1024}


def points(core, prefix):
    """Of the rows prefix-SIZE: (size, instructions), by size."""
    found = []
    for name, row in core.items():
        size = re.fullmatch(prefix + r"-(\d+)(GiB|TiB)?", name)
        if size:
            found.append((int(size[1]) * UNITS[size[2] or ""], row))
    return sorted(found, key=lambda point: point[0])


def line(axes, of, label, get=lambda row: row.number, **style):
    if of:
        axes.plot([size for size, _ in of], [get(row) for _, row in of], marker="o", label=label, **style)


def save(folder, name, title, x, y, fill, is_y_log=True):
    figure, axes = plt.subplots(figsize=(7, 4.5))
    axes.set(title=title, xlabel=x, ylabel=y, xscale="log")
    if is_y_log:
        axes.set_yscale("log")
    fill(axes)
    if not is_y_log:
        axes.set_ylim(bottom=0)
    axes.grid(True, which="major", alpha=0.4)
    axes.legend()
    figure.tight_layout()
    path = folder / name
    figure.savefig(path)
    plt.close(figure)
    return path


def draw(folder, core, boots):
    """The plots, one at a time: their paths."""
    def build(axes):
        line(axes, points(core, "build"), "build")
        line(axes, points(core, "fill"), "limit: memset()", linestyle="--")

    def sanitize(axes):
        for shape in ("sorted", "disjoint", "random", "onion"):
            line(axes, points(core, f"sanitize-{shape}"), shape)
        line(axes, points(core, "sort-libc"), "limit: qsort()", linestyle="--")

    def allocate(axes):
        def mean(row):
            return row.number / row.each
        line(axes, points(core, "mixed"), "without a goal", mean)
        line(axes, points(core, "mixed-above"), "goal 16 MiB", mean)

    def boot(axes):
        found = []
        for name, cost in boots.items():
            size = re.fullmatch(r"boot (\d+)([MGT])", name)
            if size:
                found.append((int(size[1]) * UNITS[size[2]], cost))
        found.sort(key=lambda point: point[0])
        line(axes, found, "all", lambda cost: cost.all)
        line(axes, found, "our own", lambda cost: cost.own)

    yield save(folder, "build.svg", "Building the bitmap", "memory, GiB", "instructions", build)
    yield save(folder, "sanitize.svg", "Sanitizing an e820 map", "ranges", "instructions", sanitize)
    yield save(folder, "allocate.svg", "Blocks of eight kinds", "blocks", "instructions each", allocate, False)
    yield save(folder, "boot.svg", "A boot, to the kernel's first instruction", "memory, GiB", "instructions", boot)

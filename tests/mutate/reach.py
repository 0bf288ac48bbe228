"""A source -> the unit tests that can call it, nearest first, by what includes what.

A test calls what its headers declare; what defines that is the source of the same name, which has headers
again. The compiler wrote down who includes what.
"""

import functools
import pathlib


def prerequisites(depends):
    """The project's files in a makefile that the compiler made, without the object."""
    words = depends.read_text().replace("\\\n", " ").split("\n", 1)[0].split()
    return tuple(word for word in words[1:] if not word.startswith("/"))


@functools.cache
def needed(build, source):
    """The sources and headers that a source is made of."""
    depends = pathlib.Path(build, source).with_suffix(".d")
    return prerequisites(depends) if depends.exists() else ()


def included(build, source):
    return [file for file in needed(build, source) if file.endswith(".h")]


def shared_headers(build, root, source):
    """Of a source without a header of its name: those of its folder that are no other source's own."""
    folder = pathlib.Path(source).parent
    return [header for header in included(build, source)
            if pathlib.Path(header).parent == folder and not pathlib.Path(root, header).with_suffix(".c").exists()]


@functools.cache
def sources_of(build, root):
    """Header -> the sources that define what it declares."""
    result = {}
    for depends in pathlib.Path(build).rglob("*.d"):
        source = str(depends.relative_to(build).with_suffix(".c"))
        own = source[:-len(".c")] + ".h"
        headers = [own] if pathlib.Path(root, own).exists() else shared_headers(build, root, source)
        for header in headers:
            result.setdefault(header, set()).add(source)
    return result


@functools.cache
def is_linked(root, test, source):
    """Is that source in the test's program? Its debug information has the name. A program that is not there, as a
    defect kept it from being linked, may have it."""
    program = pathlib.Path(root, "build/host64", test)
    if source in needed(f"{root}/build/host64", f"tests/unit/{test}.c"):
        return True
    return not program.exists() or source.encode() in program.read_bytes()


@functools.cache
def distances(root, test):
    """Source -> how many steps away from the test it is."""
    build = str(pathlib.Path(root, "build/host64"))
    first = f"tests/unit/{test}.c"
    # Some tests are made of the source itself.
    result = {source: 0 for source in needed(build, first) if source.endswith(".c") and source != first}
    front, step = [first, *result], 0
    while front:
        headers = {header for source in front for header in included(build, source)}
        new = {source for header in headers for source in sources_of(build, root).get(header, ())}
        front = sorted(new - set(result))
        result.update({source: step for source in front})
        step += 1
    return result


def tests_of(root, source):
    """[(test, steps)]: the nearest first; of those, the one with its name."""
    stem = pathlib.Path(source).stem
    tests = sorted(path.stem for path in pathlib.Path(root, "tests/unit").glob("test_*.c"))
    found = [(test, distances(str(root), test)[source]) for test in tests
             if source in distances(str(root), test) and is_linked(root, test, source)]
    return sorted(found, key=lambda item: (item[1], item[0] != f"test_{stem}", item[0]))

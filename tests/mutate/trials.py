"""A mutant in its tree -> the first test that notices it, the cheapest first."""

import re

import reach

# The dearest healthy ones take 3 s, and 20 s.
UNIT_CPU_SECONDS, SLOW_CPU_SECONDS = 10, 60
# Those with the most rows come after all others.
SLOW = ("test_setup", "test_literal", "test_boot", "test_proof_view", "test_fault_view")

# Tests of the program, by wing: those that would notice first. All others follow.
OF_WING = {
    "base": ("show", "options"), "record": ("facts", "convert", "private", "read_rules"),
    "read": ("read_rules", "read_formats", "read_other", "read_linux", "read_lists", "read_plain", "threads",
             "read_tables", "read_gaps", "frames", "read_damaged", "read_packed"),
    "map": ("check", "translate", "explain", "ledger", "show"), "lint": ("lint",), "gate": ("gate",),
    "diff": ("diff", "step", "evidence", "owners", "reasons", "resume", "descriptors", "meaning"),
    "series": ("series", "series_rules"), "report": ("show", "json", "diff", "series", "html", "gate", "lint"),
}
# What they notice of the floors below.
OF_FLOORS = ("check", "translate", "explain", "step", "diff", "facts", "convert")
# One builds and installs: that is no defect of the sources. One measures: last.
NEVER, LAST = ("alone",), ("speed",)

# What a unit test says when it fails: cmocka, then the sanitizers. A signal or a limit says nothing.
WHAT_FAILED = (r"^\[  FAILED  \] (?!\d+ test)(\w+)$", r"Sanitizer: ([\w-]+)", r"runtime error: (.{1,60})")


def first_line(pattern, text):
    match = re.search(pattern, text, re.M)
    return match[1].strip() if match else ""


class Trials:
    """`noticed_by()' is the name of what noticed, or None."""

    def __init__(self, tree, group, mutant):
        self.tree, self.group, self.mutant = tree, group, mutant

    def noticed_by(self, is_quick):
        kinds = [self.checks, self.unit_64]
        if not is_quick:
            kinds += [self.unit_32, self.mapdiff, self.boots]
        elif self.group.is_mapdiff:
            kinds = [self.mapdiff]
        return next((name for name in (kind() for kind in kinds) if name), None)

    def built(self, *targets):
        status, out = self.tree.make(*targets)
        return None if status == 0 else "make " + first_line(r"error: (.*)", out)

    def checks(self):
        for check in self.group.checks:
            status, _ = self.tree.run([check], UNIT_CPU_SECONDS)
            if status != 0:
                return check
        return None

    def unit_64(self):
        order = reach.tests_of(self.tree.path, self.mutant.path)
        return self.unit("host64", [test for test, _ in order])

    def unit_32(self):
        order = reach.tests_of(self.tree.path, self.mutant.path)
        return self.unit("host32", [test for test, distance in order if distance <= 1 and test not in SLOW])

    def unit(self, width, tests):
        for test in sorted(tests, key=lambda test: test in SLOW and SLOW.index(test) + 1):
            program = f"build/{width}/{test}"
            failed = self.built(program)
            if failed:
                return failed
            seconds = SLOW_CPU_SECONDS if test in SLOW else UNIT_CPU_SECONDS
            command = ["qemu-i386", program] if width == "host32" else [program]
            status, out = self.tree.run(command, seconds)
            if status != 0:
                row = next(filter(None, (first_line(pattern, out) for pattern in WHAT_FAILED)), status)
                return f"{width} {test} {row}"
        return None

    def mapdiff(self):
        if not self.group.is_mapdiff and not self.group.is_in_mapdiff:
            return None
        failed = self.built("build/mapdiff-checked", "build/mapdiff")
        if failed:
            return failed
        return self.pytest([f"tests/mapdiff/test_{name}.py" for name in self.program_tests()], "MAPDIFF")

    def program_tests(self):
        if not self.group.is_mapdiff:
            return OF_FLOORS
        parts = self.mutant.path[: -len(".c")].split("/")[1:]
        every = sorted(path.stem[len("test_"):] for path in (self.tree.path / "tests/mapdiff").glob("test_*.py"))
        own = [name for name in every if name in parts[-1]]
        first = own + list(OF_WING.get(parts[0], OF_WING["report"]))
        every = [name for name in every if name not in LAST] + list(LAST)
        return [name for name in dict.fromkeys(first + every) if name not in NEVER]

    def boots(self):
        if not self.group.boots:
            return None
        failed = self.built("test-programs", "build/bootmem-usb.img")
        if failed:
            return failed
        return next((name for name in (self.pytest([f"tests/qemu/{row}"]) for row in self.group.boots) if name), None)

    def pytest(self, rows, *limited):
        variables = {"MAPDIFF": "tests/mutate/limited", "MAPDIFF_FAST": "build/mapdiff"} if limited else {}
        variables = {name: str(self.tree.path / path) for name, path in variables.items()}
        status, out = self.tree.run(["/usr/bin/python3", "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider",
                                     *rows], **variables)
        if status == 0:
            return None
        if status in (1, None):
            return first_line(r"^(?:FAILED|ERROR) tests/(.*?)(?: - |$)", out) or rows[0]
        raise SystemExit(f"tests/mutate: pytest cannot run {rows}:\n{out}")

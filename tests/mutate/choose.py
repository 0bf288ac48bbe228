"""A seed -> the mutants of each group: by operator first, then by place, so that rare operators have their turn.

What does not compile, or compiles to the same instructions, is no defect: another place is taken.
"""

import random
import subprocess

import places


class Compiler:
    """gcc, asked for the instructions of one file."""

    def __init__(self, root, flags):
        self.root, self.flags = root, flags
        self.healthy = {}

    def instructions(self, text):
        """None where it does not compile, or calls what nobody declares: a name that was turned may be of nothing."""
        command = ["gcc", *self.flags, "-O2", "-Werror=implicit-function-declaration", "-g0", "-x", "c", "-", "-S", "-o", "-"]
        result = subprocess.run(command, input=text, cwd=self.root, capture_output=True, check=False)
        return result.stdout if result.returncode == 0 else None

    def makes_a_difference(self, mutant):
        text = (self.root / mutant.path).read_bytes()
        if mutant.path not in self.healthy:
            self.healthy[mutant.path] = self.instructions(text)
            assert self.healthy[mutant.path] is not None, mutant.path
        changed = self.instructions(mutant.applied_to(text))
        return changed is not None and changed != self.healthy[mutant.path]


def all_places(root, group):
    flags = [str(root / flag) if flag.startswith("/") else flag for flag in group.flags]
    flags = [f"-I{root / flag[2:]}" if flag.startswith("-I") else flag for flag in flags]
    return [mutant for path in group.files(root) for mutant in places.File(root, path, flags).mutants()]


def in_order_of(seed, group, mutants):
    """All of them, in the order in which the seed takes them."""
    dice = random.Random(f"{seed} {group.name}")
    by_operator = {}
    for mutant in mutants:
        by_operator.setdefault(mutant.operator, []).append(mutant)
    for operator in by_operator.values():
        dice.shuffle(operator)
    while by_operator:
        operator = dice.choice(sorted(by_operator))
        yield by_operator[operator].pop()
        if not by_operator[operator]:
            del by_operator[operator]


def chosen(root, group, every, seed, n_mutants, equal):
    """Of every mutant, n that are not known to be equal, and those that are which came up before them."""
    compiler, result, n_counted = Compiler(root, group.flags), [], 0
    for mutant in in_order_of(seed, group, every):
        if n_counted == n_mutants:
            break
        if compiler.makes_a_difference(mutant):
            result.append(mutant)
            n_counted += mutant.key not in equal
    return result

"""equal.txt -> the defects that are none, each with its reason.

A line without a tab is the key of a mutant; those with one, below it, say why nothing can notice it.
"""

import pathlib

FILE = "tests/mutate/equal.txt"


def known(root):
    result, key = {}, None
    for number, line in enumerate(pathlib.Path(root, FILE).read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        if not line.startswith("\t"):
            key = line
            if key in result:
                raise SystemExit(f"{FILE}:{number}: a second time: {key}")
            result[key] = ""
        elif key is None:
            raise SystemExit(f"{FILE}:{number}: a reason, and for what?")
        else:
            result[key] = (result[key] + " " + line.strip()).strip()
    without = [key for key, reason in result.items() if not reason]
    if without:
        raise SystemExit(f"{FILE}: no reason: {without[0]}")
    return result


def gone(keys, mutants):
    """Keys that no mutant has any more: the expression was changed, and the reason may be wrong."""
    return sorted(set(keys) - {mutant.key for mutant in mutants})

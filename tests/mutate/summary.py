"""Results -> figures for each group, as text and as JSON."""

import collections
import dataclasses
import json


def figures(group, results, least_tried=0):
    """Of one group, of which so many were to be made. What is equal is no defect, and counts neither way."""
    count = collections.Counter(result.verdict for result in results)
    tried = count["killed"] + count["survived"]
    percent = round(100 * count["killed"] / tried, 1) if tried else 100.0
    return {"group": group.name, "tried": tried, "killed": count["killed"], "survived": count["survived"],
            "equal": count["equal"], "percent": percent, "least_percent": group.least_percent,
            "is_enough": percent >= group.least_percent and tried >= least_tried}


def table(rows):
    yield f"{'group':10} {'tried':>6} {'killed':>7} {'survived':>9} {'equal':>6} {'percent':>8} {'at least':>9}"
    for row in rows:
        yield (f"{row['group']:10} {row['tried']:6} {row['killed']:7} {row['survived']:9} {row['equal']:6} "
               f"{row['percent']:8} {row['least_percent']:9}{'' if row['is_enough'] else '   NOT ENOUGH'}")


def listed(title, results, last):
    if results:
        yield ""
        yield title
        for result in sorted(results, key=lambda result: (result.group, result.key)):
            yield f"  {result.key}   (line {result.line})"
            if last(result):
                yield f"      {last(result)}"


def text(rows, results, stale):
    by = {verdict: [r for r in results if r.verdict == verdict] for verdict in ("killed", "survived", "equal")}
    wrong = [result for result in by["killed"] if result.equal]
    yield from table(rows)
    yield from listed("Nothing noticed:", by["survived"], lambda result: "")
    yield from listed("Equal, and why:", by["equal"], lambda result: result.equal)
    yield from listed("Said to be equal, and noticed all the same:", wrong, lambda result: result.noticed_by)
    if stale:
        yield from ["", "In equal.txt, and not in the sources any more:", *(f"  {key}" for key in stale)]
    yield from listed("What noticed the others:", by["killed"], lambda result: result.noticed_by)
    yield ""
    yield from table(rows)


def write(path, seed, results, groups, stale, least_tried=0):
    """The exit status: 0 if each group has its share of at least so many, and equal.txt is right."""
    rows = [figures(group, [result for result in results if result.group == group.name], least_tried) for group in groups]
    whole = "\n".join(text(rows, results, stale)) + "\n"
    path.with_name(path.name + ".txt").write_text(whole)
    path.with_name(path.name + ".json").write_text(json.dumps(
        {"seed": seed, "groups": rows,
         "mutants": [{**dataclasses.asdict(result), "verdict": result.verdict} for result in results]}, indent=1) + "\n")
    print(whole, end="")
    is_right = not stale and not any(result.equal and result.noticed_by for result in results)
    return 0 if is_right and all(row["is_enough"] for row in rows) else 1

"""What a document shows of a program, held against what one sees."""


def assert_is_seen(shown, seen):
    """Line by line; a line `...' stands for one line at least. The document says where the output ends."""
    seen, at, is_gap = [line.rstrip() for line in seen], 0, False
    for line in shown:
        if line == "...":
            is_gap = True
            continue
        if is_gap:
            assert line in seen[at + 1:], line
            at = seen.index(line, at + 1)
        assert at < len(seen) and seen[at] == line, (line, seen[at:at + 2])
        at, is_gap = at + 1, False
    assert is_gap == (at < len(seen)), "it says where it ends"

"""The text of one C file -> every place where a defect can be made, and the text it would have there.

clang's library says where expressions begin and end and which type they have. What a macro makes is passed
over: its parts have no place of their own in the text.
"""

import dataclasses
import re

from clang import cindex

Kind = cindex.CursorKind
Type = cindex.TypeKind
NOTHING = "(void)0"


@dataclasses.dataclass(frozen=True)
class Mutant:
    """`old' at `start' becomes `new'. `nth' tells it from others in the same function that read the same."""

    path: str
    function: str
    operator: str
    start: int
    old: bytes
    new: bytes
    line: int
    nth: int = 0

    @property
    def key(self):
        """What names it: it stays when lines move, and goes when the expression changes."""
        texts = (" ".join(text.decode().split()) for text in (self.old, self.new))
        name = " | ".join((self.path, self.function, self.operator, " => ".join(texts)))
        return name + (f" | {self.nth + 1}" if self.nth else "")

    def applied_to(self, text):
        end = self.start + len(self.old)
        assert text[self.start : end] == self.old
        # Lines stay where they are.
        lines = b"\n" * (self.old.count(b"\n") - self.new.count(b"\n"))
        return text[: self.start] + self.new + lines + text[end:]


# Binary operators, and what becomes of them.
TURNED = {"<": [">"], ">": ["<"], "<=": [">="], ">=": ["<="], "==": ["!="], "!=": ["=="]}
BY_ONE = {"<": ["<="], "<=": ["<"], ">": [">="], ">=": [">"]}
LOGIC = {"&&": ["||"], "||": ["&&"]}
ARITHMETIC = {"+": ["-"], "-": ["+"], "<<": [">>"], ">>": ["<<"], "&": ["|"], "|": ["&"],
              "*": ["+"], "/": ["*"], "%": ["/"], "+=": ["-="], "-=": ["+="], "|=": ["&="], "&=": ["|="]}
BINARY = {"comparison turned": TURNED, "off by one": BY_ONE, "and/or": LOGIC, "arithmetic": ARITHMETIC}
ROUNDED = {"up": "down", "down": "up"}
NUMBER = re.compile(rb"(0[xX][0-9a-fA-F]+|[0-9]+)([uUlL]*)\Z")
WORDS = {b"true": b"false", b"false": b"true"}
# Whose order of arguments means nothing.
IN_ANY_ORDER = re.compile(r"(min|max)_|(min|max|least|memcmp|strcmp|strncmp)$")
WITH_CONDITION = {Kind.IF_STMT, Kind.WHILE_STMT, Kind.CONDITIONAL_OPERATOR}
BODIES = {Kind.COMPOUND_STMT, Kind.IF_STMT, Kind.FOR_STMT, Kind.WHILE_STMT, Kind.CASE_STMT, Kind.DEFAULT_STMT}
INTEGERS = {Type.UCHAR, Type.USHORT, Type.UINT, Type.ULONG, Type.ULONGLONG, Type.CHAR_S, Type.SCHAR,
            Type.SHORT, Type.INT, Type.LONG, Type.LONGLONG}


class File:
    """One C file, read by clang."""

    def __init__(self, root, path, flags):
        self.path, self.result = path, ""
        self.text = (root / path).read_bytes()
        index = cindex.Index.create()
        self.unit = index.parse(str(root / path), args=flags)
        errors = [str(d) for d in self.unit.diagnostics if d.severity >= cindex.Diagnostic.Error]
        if errors:
            raise SystemExit(f"tests/mutate: clang cannot read {path}: {errors[0]}")

    def span(self, cursor):
        return cursor.extent.start.offset, cursor.extent.end.offset

    def of(self, cursor):
        start, end = self.span(cursor)
        return self.text[start:end]

    def mutants(self):
        """All of them, in the order of the text; those that read the same are counted."""
        found = []
        for top in self.unit.cursor.get_children():
            if top.location.file and top.location.file.name == self.unit.spelling:
                if top.kind in (Kind.FUNCTION_DECL, Kind.VAR_DECL):
                    self.result = top.result_type.spelling
                    self.walk(top, top.spelling, found)
        found.sort(key=lambda m: (m.start, m.operator, m.new))
        seen, result = {}, []
        for mutant in dict.fromkeys(found):
            nth = seen[mutant.key] = seen.get(mutant.key, -1) + 1
            result.append(dataclasses.replace(mutant, nth=nth))
        return result

    def walk(self, cursor, function, found):
        for operator, start, end, new in self.at(cursor):
            old = self.text[start:end]
            # A macro's parts all have the place of the macro: they are no expression there.
            if old and old != new and old.count(b"(") == old.count(b")"):
                line = self.text.count(b"\n", 0, start) + 1
                found.append(Mutant(self.path, function, operator, start, old, new, line))
        for child in cursor.get_children():
            self.walk(child, function, found)

    def at(self, cursor):
        """(operator, start, end, new text) of what can be done to this node itself."""
        kind, children = cursor.kind, list(cursor.get_children())
        if kind in (Kind.BINARY_OPERATOR, Kind.COMPOUND_ASSIGNMENT_OPERATOR):
            yield from self.binary(children)
        if kind in WITH_CONDITION and children:
            yield from self.negated(children[0])
        if kind == Kind.CALL_EXPR:
            yield from self.call(cursor)
        if kind == Kind.RETURN_STMT and children:
            yield from self.returned(children[0])
        if kind in BODIES:
            yield from self.dropped(kind, children)
        yield from self.constant(cursor)

    def binary(self, operands):
        if len(operands) != 2:
            return
        left_end, right_start = self.span(operands[0])[1], self.span(operands[1])[0]
        between = self.text[left_end:right_start]
        token = between.strip().decode()
        start = left_end + len(between) - len(between.lstrip())
        for operator, table in BINARY.items():
            for new in table.get(token, []):
                yield operator, start, start + len(token), new.encode()

    def negated(self, condition):
        start, end = self.span(condition)
        yield "condition negated", start, end, b"!(" + self.of(condition) + b")"

    def call(self, cursor):
        name = cursor.spelling
        start, end = self.span(cursor)
        text = self.text[start:end]
        if not name or not text.startswith(name.encode() + b"(") or not text.endswith(b")"):
            return
        head, _, last = name.rpartition("_")
        if last in ROUNDED:
            yield "rounding turned", start, start + len(name), f"{head}_{ROUNDED[last]}".encode()
        if IN_ANY_ORDER.match(name):
            return
        arguments = list(cursor.get_arguments())
        for first, second in zip(arguments, arguments[1:]):
            one, two = self.of(first), self.of(second)
            same_type = first.type.get_canonical().spelling == second.type.get_canonical().spelling
            if one and two and one != two and same_type:
                (from_, middle), (again, to) = self.span(first), self.span(second)
                if middle <= again:
                    yield "arguments swapped", from_, to, two + self.text[middle:again] + one

    def returned(self, value):
        start, end = self.span(value)
        text, kind = self.of(value), value.type.get_canonical().kind
        if text in WORDS or NUMBER.match(text):
            return  # a constant, which is turned as one
        if kind == Type.BOOL:
            yield "return changed", start, end, b"!(" + text + b")"
        elif kind == Type.POINTER:
            yield "return changed", start, end, b"(void *)0"
        elif kind == Type.ENUM or self.result == "EFI_STATUS":  # all is well
            yield "return changed", start, end, b"0"
        elif kind in INTEGERS:
            yield "return changed", start, end, b"(" + text + b") + 1"

    def dropped(self, kind, children):
        """Statements that are an expression."""
        for child in children if kind == Kind.COMPOUND_STMT else children[1:]:
            start, end = self.span(child)
            is_statement = self.text[end : end + 1] == b";"
            if is_statement and child.kind == Kind.CALL_EXPR:
                yield "call dropped", start, end, NOTHING.encode()
            if is_statement and child.kind in (Kind.COMPOUND_ASSIGNMENT_OPERATOR, Kind.UNARY_OPERATOR):
                yield "assignment dropped", start, end, NOTHING.encode()
            if is_statement and child.kind == Kind.BINARY_OPERATOR and b"=" in self.of(child):
                yield "assignment dropped", start, end, NOTHING.encode()

    def constant(self, cursor):
        start, end = self.span(cursor)
        text = self.text[start:end]
        if text in WORDS:
            yield "constant changed", start, end, WORDS[text]
        if cursor.kind != Kind.INTEGER_LITERAL:
            return
        match = NUMBER.match(text)
        if match:
            is_hex = text[:2].lower() == b"0x"
            number = int(match[1], 16 if is_hex else 10) + 1
            yield "constant changed", start, end, (hex(number) if is_hex else str(number)).encode() + match[2]

"""What was found, kept line by line, so that a run can go on where it was interrupted."""

import dataclasses
import hashlib
import json


@dataclasses.dataclass(frozen=True)
class Result:
    group: str
    key: str
    line: int
    operator: str
    noticed_by: str  # None: nothing did
    equal: str  # why no test can, or None
    seconds: float

    @property
    def verdict(self):
        if self.noticed_by:
            return "killed"
        return "equal" if self.equal else "survived"

    def sentence(self):
        by = f"   by {self.noticed_by}" if self.noticed_by else ""
        return f"{self.verdict:8} {self.key}{by}   ({self.seconds:.0f} s)"


def digest(root):
    """Of all that could change a verdict."""
    result = hashlib.sha256()
    folders = ("bootmem", "x86", "handoff", "efi", "mapdiff", "esp", "tests")
    files = [path for folder in folders for path in (root / folder).rglob("*")
             if path.is_file() and "__pycache__" not in path.parts]
    for path in sorted([*files, root / "Makefile"]):
        result.update(f"{path.relative_to(root)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return result.hexdigest()


class Results:
    """By the key of the mutant. Those of another state of the sources are forgotten; `of' is that state, and
    empty where nothing is to be remembered."""

    def __init__(self, path, of):
        self.path, self.by_key = path, {}
        lines = path.read_text().splitlines() if of and path.exists() else []
        if lines and lines[0] == of:
            # The last line of a run that was killed may be half a line.
            for line in lines[1:]:
                if line.endswith("}"):
                    self.keep(Result(**json.loads(line)))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([of, *map(self.as_line, self.by_key.values())]) + "\n")

    @staticmethod
    def as_line(result):
        return json.dumps(dataclasses.asdict(result))

    def keep(self, result):
        self.by_key[result.key] = result

    def add(self, result):
        self.keep(result)
        with self.path.open("a") as file:
            file.write(self.as_line(result) + "\n")

    def __contains__(self, key):
        return key in self.by_key

    def __getitem__(self, key):
        return self.by_key[key]

    def __len__(self):
        return len(self.by_key)

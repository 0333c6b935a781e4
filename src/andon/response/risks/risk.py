"""The values of this package, and which files are code that runs in production."""

from __future__ import annotations

import re

from andon.record import Record

#: Endings of files that hold code or settings of the product itself.
_SOURCE = (
    ".py", ".rb", ".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx", ".go", ".rs", ".java", ".kt", ".kts",
    ".scala", ".php", ".cs", ".ex", ".exs", ".swift", ".yml", ".yaml", ".toml", ".json", ".ini",
    ".properties",
)  # fmt: skip
#: Directories whose files do not run in production.
_BESIDE = frozenset(
    (
        "test", "tests", "spec", "specs", "__tests__", "fixtures", "docs", "doc", "examples", "example",
        "node_modules", "vendor", "site-packages", ".github", ".gitlab", "e2e", "cypress", "testdata",
    )
)  # fmt: skip
#: `NAME = "text"`, `name: 3`, `"X-Api-Version": "2"`: a name and its literal. Bounded everywhere.
_ASSIGNMENT = re.compile(
    r"""(?<![\w.-])["']?([A-Za-z_][\w-]{1,60})["']?\s{0,8}(?::\s{0,3}[A-Za-z]\w{0,20}\s{0,3})?"""
    r"""(?:=>|:=|=|:)\s{0,8}"""
    r"""(?:["'`]([^"'`\n]{1,200})["'`]|(\d{1,12}(?:\.\d{1,6})?)\b)"""
)
#: Characters of a line that are looked at: nobody writes a setting further right.
_WIDEST = 400


class Change(Record):
    """A file that differs: as the release to go back to has it, and as what runs now has it."""

    path: str
    #: "" when it is not there; `is_new` and `is_gone` say so for an empty file.
    old: str
    new: str
    #: True when the older release has no such file.
    is_new: bool = False
    #: True when what runs now has no such file.
    is_gone: bool = False


class Risk(Record):
    """One thing that goes back together with the code, or does not."""

    #: `configuration`, `format`, `dependency`, `interface`, `flag`, or `unread` for what nobody looked at.
    kind: str
    path: str
    text: str
    #: 0 where no single line shows it.
    line: int = 0
    #: True for what breaks rather than surprises.
    is_loud: bool = False

    @property
    def place(self) -> str:
        """`file:line`, or the file alone."""
        return f"{self.path}:{self.line}" if self.line else self.path

    def __str__(self) -> str:
        """One line for a plan."""
        return f"{self.kind}: {self.text} ({self.place})" if self.path else f"{self.kind}: {self.text}"


def is_source(path: str) -> bool:
    """True for a file that may hold code or settings."""
    return path.lower().endswith(_SOURCE)


def is_beside(path: str) -> bool:
    """True for tests, documents and other people's code: they do not run in production."""
    parts = path.lower().split("/")
    name = parts[-1]
    tested = name.startswith("test_") or any(
        mark in name for mark in (".test.", ".spec.", "_test.", "_spec.")
    )
    return tested or bool(_BESIDE.intersection(parts[:-1]))


def assignments(text: str) -> dict[str, tuple[str, int]]:
    """Return each name that is given a literal, with the literal and its line; of several the first."""
    found: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        for match in _ASSIGNMENT.finditer(line[:_WIDEST]):
            found.setdefault(match[1], (match[2] or match[3], number))
    return found


def line_of(text: str, words: str) -> int:
    """Return the first line that holds `words`; 0 when none does."""
    at = text.find(words) if words else -1
    return text.count("\n", 0, at) + 1 if at >= 0 else 0

"""How an entry names a test: `PATH::NAME`, `PATH::Class::name`, or `PATH` for every test of a file."""

from __future__ import annotations

import re

from andon.record import Record

#: A path has a folder or an ending, and blanks only in front of a name; a name may be a sentence, as runners
#: of JavaScript and Ruby have them.
_PATH = r"""[^\s`:,;|<>"'*?]{1,300}|[^`:,;|<>"'*?\n]{1,300}\.\w{1,8}(?=::)"""
_NAMED = re.compile(rf"`?({_PATH})(?:::([^`\n]{{1,300}}?))?`?")
#: In running text: the path of a file, `::`, and an identifier, so that no sentence is taken for one.
_IN_TEXT = re.compile(r"([\w./-]{1,200}\.\w{1,5})::([A-Za-z_]\w*(?:::[A-Za-z_]\w*)?)")
_LETTER = re.compile(r"[A-Za-z]:")


class TestName(Record):
    """A test as somebody names it."""

    __test__ = False

    #: Relative to the repository, with `/`.
    path: str
    #: Classes and name, joined by `::`; "" for the whole file.
    name: str = ""

    def __str__(self) -> str:
        """As it is written."""
        return f"{self.path}::{self.name}" if self.name else self.path


def read_names(text: str) -> tuple[TestName | None, ...]:
    """Return the tests that a field names, one a line; None for each line that names none."""
    lines = [line.strip().removeprefix("- ").strip() for line in text.split("\n")]
    return tuple(read_name(line) for line in lines if line)


def read_name(text: str) -> TestName | None:
    """Return the test that a text is, None when it is something else or leads out of the repository."""
    found = _NAMED.fullmatch(text.strip())
    if found is None or found[1].startswith(("/", "~", "\\", "-")) or _LETTER.match(text.strip()):
        return None
    parts = [part for part in found[1].replace("\\", "/").split("/") if part not in ("", ".")]
    if not parts or ".." in parts or not ("." in parts[-1] or len(parts) > 1):
        return None
    return TestName(path="/".join(parts), name=(found[2] or "").strip())


def offered(text: str) -> TestName | None:
    """Return the test that a text plainly refers to; it may be offered to a person, never taken."""
    found = _IN_TEXT.search(text)
    return read_name(found[0]) if found else None

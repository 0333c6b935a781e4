"""A change as the rules of the hotfix guard see it: each file with its structure on both sides, read once."""

from __future__ import annotations

from andon.record import Record
from andon.response.change import Kind
from andon.response.gates.results import Objection
from andon.response.guard.structure import Structure, read_structure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.response.change import Change, ChangedFile, Hunk

TESTS_KEPT = "tests-kept"
#: Characters that are read by structure in one change: about a second. What comes later is judged as text.
MOST_READ = 4_000_000
#: Files that are read by structure in one change, for the same reason.
MOST_FILES = 300
#: Objections of one rule that are named; the evidence counts all.
MOST_NAMED = 200
#: Characters of a snippet that a fingerprint is made from.
_SNIPPET = 400


class Sides(Record):
    """One changed file with what it held before and what it holds now."""

    file: ChangedFile
    before: Structure
    after: Structure

    @property
    def path(self) -> str:
        """Path after the change."""
        return self.file.path

    @property
    def old_path(self) -> str:
        """Path before the change."""
        return self.file.old_path or self.file.path

    @property
    def as_text(self) -> str:
        """Why a side could not be read by structure; "" when each that exists was."""
        if self.after.unread and self.file.kind is not Kind.REMOVED:
            return self.file.unread or self.after.unread
        if self.file.before is not None and self.before.unread:
            return self.before.unread
        return self.file.unread


def read_change(change: Change) -> tuple[Sides, ...]:
    """Read every file of a change by structure, as far as `MOST_READ` goes; generated texts are not read."""
    left = MOST_READ
    found = []
    for number, file in enumerate(change.files):
        left = left if number < MOST_FILES else 0
        sides = []
        for path, text in ((file.old_path or file.path, file.before), (file.path, file.after)):
            size = len(text or "")
            if size > left or number >= MOST_FILES:
                sides.append(Structure(language="", unread="the change is too large to read all of it"))
            else:
                left -= size
                sides.append(read_structure(path, text))
        found.append(Sides(file=file, before=sides[0], after=sides[1]))
    return tuple(found)


def hunk_span(hunk: Hunk) -> tuple[int, int]:
    """First and last line after the change; before it, where lines were only removed."""
    if hunk.added:
        return hunk.new_start, hunk.new_start + len(hunk.added) - 1
    return hunk.old_start, hunk.old_start + len(hunk.removed) - 1


def objection(
    rule: str,
    file: ChangedFile,
    text: str,
    *,
    hunk: Hunk | None = None,
    line: int = 0,
    end_line: int = 0,
    is_hint: bool = False,
) -> Objection:
    """Return an objection to a hunk, to lines of it, or to the whole file; a hint for a weak sign."""
    snippet = ""
    if hunk is None and line:
        hunk = hunk_at(file, line)
    if hunk is not None:
        first, last = hunk_span(hunk)
        line, end_line = line or first, end_line or (line or last)
        at = line - hunk.new_start
        lines = hunk.added[at : at + end_line - line + 1] if hunk.added and at >= 0 else ()
        snippet = "\n".join(lines or hunk.added or hunk.removed)[:_SNIPPET]
    return Objection(
        rule=rule,
        path=file.path,
        line=line,
        end_line=end_line or line,
        text=text,
        snippet=snippet,
        is_hint=is_hint,
    )


def hunk_at(file: ChangedFile, line: int) -> Hunk | None:
    """Return the hunk that added or changed a line, counted after the change."""
    for hunk in file.hunks:
        if hunk.new_start <= line < hunk.new_start + len(hunk.added):
            return hunk
    return None


def hunk_before(file: ChangedFile, line: int, end_line: int = 0) -> Hunk | None:
    """Return the first hunk that removed one of these lines, counted before the change."""
    for hunk in file.hunks:
        if hunk.old_start <= max(line, end_line) and line < hunk.old_start + len(hunk.removed):
            return hunk
    return None


def is_new(file: ChangedFile) -> bool:
    """True for a file that was not there before."""
    return file.kind is Kind.ADDED


def added_lines(file: ChangedFile) -> list[tuple[int, str]]:
    """Return every added line with its number after the change."""
    return [(hunk.new_start + at, line) for hunk in file.hunks for at, line in enumerate(hunk.added)]


def removed_lines(file: ChangedFile) -> list[tuple[int, str]]:
    """Return every removed line with its number before the change."""
    return [(hunk.old_start + at, line) for hunk in file.hunks for at, line in enumerate(hunk.removed)]

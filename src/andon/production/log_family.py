"""Which files belong to a log: the one that is written to, and what rotation made of its predecessors.

Known forms for `app.log`: `app.log.1`, `app.log-20261126`, `app.log.2026-11-26`, `app-2026-11-26.log`,
`app-2026-11-26.1.log`, `app.1.log`, each also packed as `.gz`. A pattern such as `app-*.log` means every file
that it fits.
"""

from __future__ import annotations

import fnmatch
import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Files of a directory that are looked at, and of a family that are told, the newest.
ENTRIES, MEMBERS = 50_000, 64
#: A number or a moment in a rotated file's name; the moment with a counter for more than one a day.
_NUMBER = r"(?P<number>\d{1,4})"
_MOMENT = (
    r"(?P<moment>\d{4}-\d\d(?:-\d\d)?(?:[-T_.]\d[\d:-]*)?|\d{8,14}(?:-\d{1,6})?)(?:[.-](?P<counter>\d{1,5}))?"
)


def is_pattern(path: str) -> bool:
    """True when the name stands for several files."""
    return any(character in os.path.basename(path) for character in "*?[")


def family(path: str, *, unbroken: bool = False) -> tuple[str, ...]:
    """Return the files of a log, the one that is written to first (there or not), then the newest first.

    `unbroken` leaves out those behind a missing number. For a pattern: every file that fits, last written
    first. Raises OSError when the directory cannot be read.
    """
    directory, base = os.path.split(path)
    if is_pattern(path):
        return _fitting(directory, base)
    return (path, *(os.path.join(directory, name) for name in _predecessors(directory, base, unbroken)))


def _fitting(directory: str, pattern: str) -> tuple[str, ...]:
    found = []
    for entry in _entries(directory):
        if fnmatch.fnmatchcase(entry.name, pattern) and not entry.is_dir():
            try:
                touched = entry.stat().st_mtime
            except OSError:  # gone meanwhile, or a link that leads nowhere
                continue
            found.append((touched, entry.name))
    return tuple(os.path.join(directory, name) for _, name in sorted(found, reverse=True)[:MEMBERS])


def _predecessors(directory: str, base: str, unbroken: bool) -> list[str]:
    forms = _forms(base)
    numbered, dated = [], []
    for entry in _entries(directory):
        for form in forms:
            if not (match := form.fullmatch(entry.name)):
                continue
            parts = match.groupdict()
            if parts.get("moment"):
                digits = "".join(c for c in parts["moment"] if c.isdigit())
                is_plain = not entry.name.endswith(
                    ".gz"
                )  # one that is being packed comes before what it becomes
                dated.append((digits, int(parts["counter"] or 0), is_plain, entry.name))
            else:
                numbered.append((int(parts["number"]), entry.name))
            break
    numbered.sort()
    ordered: list[str] = []
    for place, (number, name) in enumerate(numbered):
        before = numbered[place - 1][0] if place else 0
        if unbroken and number > before + 1:
            return ordered
        ordered.append(name)
    ordered += [name for *_, name in sorted(dated, reverse=True)]
    return ordered[: MEMBERS - 1]


def _forms(base: str) -> tuple[re.Pattern[str], ...]:
    stem, extension = os.path.splitext(base)
    whole, stem, extension = re.escape(base), re.escape(stem), re.escape(extension)
    forms = [rf"{whole}[.-]{_MOMENT}", rf"{whole}\.{_NUMBER}"]
    if extension:
        forms += [rf"{stem}[-._]{_MOMENT}{extension}", rf"{stem}\.{_NUMBER}{extension}"]
    return tuple(re.compile(rf"{form}(?:\.gz)?") for form in forms)


def _entries(directory: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(directory or ".") as entries:
        for number, entry in enumerate(entries):
            if number >= ENTRIES:
                return
            yield entry

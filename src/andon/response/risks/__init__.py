"""What going back brings along beyond the database: configuration, formats, libraries, interfaces, flags.

Pure: the caller hands over the files that differ. Nothing here forbids a rollback; it is what a person wants
to know before one, each with its file and, where there is one, its line.
"""

from __future__ import annotations

from andon.record import Record
from andon.response.risks.configuration import configuration_risks, is_provider
from andon.response.risks.flag_files import flag_risks, is_flag_file
from andon.response.risks.formats import constant_risks, format_kind, format_risks
from andon.response.risks.interfaces import interface_risks
from andon.response.risks.lockfiles import is_lockfile, lockfile_risks
from andon.response.risks.risk import Change, Risk, is_beside, is_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ("MOST", "Change", "Looked", "Risk", "concerns", "find_risks")

#: Risks that are listed; a range with more of them needs a look of its own.
MOST = 60


class Looked(Record):
    """The risks of going back, loudest first, and how much was looked at."""

    risks: tuple[Risk, ...]
    #: Risks that were found and are not listed.
    left_out: int = 0


def concerns(path: str) -> int:
    """Say how much a changed file matters here: 2 a file read for its own sake, 1 source code, 0 neither."""
    if is_provider(path) or is_lockfile(path) or is_flag_file(path) or format_kind(path):
        return 2
    return 1 if is_source(path) and not is_beside(path) else 0


def find_risks(changes: Sequence[Change]) -> Looked:
    """Return what going back from the newer state of `changes` to the older one brings along."""
    found: list[Risk] = list(configuration_risks(changes))
    for change in changes:
        if is_lockfile(change.path):
            found.extend(lockfile_risks(change))
        elif is_flag_file(change.path):
            found.extend(flag_risks(change))
        elif format_kind(change.path):
            found.extend(format_risks(change))
        if is_source(change.path) and not is_beside(change.path):
            found.extend(constant_risks(change))
            found.extend(interface_risks(change))
    found.sort(key=lambda risk: (not risk.is_loud, risk.kind, risk.path, risk.line, risk.text))
    return Looked(risks=tuple(found[:MOST]), left_out=max(len(found) - MOST, 0))

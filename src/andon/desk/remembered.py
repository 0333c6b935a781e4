"""The regression log as the gates ask for it: its entries with the tests they name. Imported by hooks."""

from __future__ import annotations

from andon.response.gates.regression_tests import Remembered
from andon.review.quick_log import quick_entries
from andon.review.test_names import read_names


def remembered(text: str, name: str) -> tuple[Remembered, ...]:
    """Return the entries of a log; the Markdown parser is loaded only for a text that needs it."""
    quick = quick_entries(text)
    if quick is not None:
        return tuple(_entry(one.id, name, one.line, one.test) for one in quick)
    from andon.review.regressions import read_entries

    return tuple(_entry(entry.id, name, entry.line, entry.test) for entry in read_entries(text, name))


def _entry(identity: str, name: str, line: int, test: str) -> Remembered:
    tests = tuple((named.path, named.name) if named else None for named in read_names(test))
    return Remembered(id=identity, file=name, line=line, tests=tests)

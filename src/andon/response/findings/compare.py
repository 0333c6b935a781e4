"""What is new among findings: those after a change that were not there before it.

A finding is known again by its rule, its file, the function around it and its code without blanks, wherever
its lines moved to. Equal ones are counted: a second of the same kind is new.
"""

from __future__ import annotations

import re
from collections import Counter

from andon.record import replace
from andon.response.findings.symbols import Symbols

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from andon.response.change import Change
    from andon.response.findings.finding import Finding

#: What silences a scanner, at the end of a line: it does not make another finding of an old one.
_SILENCER = re.compile(
    r"#\s*(?:noqa|nosec|nosemgrep|type:\s*ignore)\b[^\n]*|//\s*(?:nosemgrep|nolint)\b[^\n]*"
)
#: A comma that a formatter puts before a closing bracket.
_LAST_COMMA = re.compile(r",(?=[)\]}])")
#: Lines of a finding that are compared; longer ones are told apart by their beginning.
_LINES = 40

Key = tuple[str, str, str, str, str]


def new_findings(
    base: Iterable[Finding],
    head: Iterable[Finding],
    change: Change,
    before: Mapping[str, str] | None = None,
    after: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """Return the findings of `head` that `base` has not, each with its symbol and its code, by path and line.

    `before` and `after` are the texts by path, before and after; those of `change` are used without them.
    Of equal findings, those on lines that the change adds count as the new ones.
    """
    old_texts, new_texts = texts_of(change)
    old, new = Symbols(before or old_texts), Symbols(after or new_texts)
    renamed = {f.old_path: f.path for f in change.files if f.old_path}
    before_it = [(_placed(f, old), renamed.get(f.path, f.path)) for f in base]
    known = Counter(_key(finding, path) for finding, path in before_it)
    added = _added_lines(change)
    placed = [_placed(f, new) for f in head]
    kept = sorted(placed, key=lambda f: (any(n in added.get(f.path, ()) for n in _span(f)), f.path, f.line))
    found = []
    for finding in kept:
        key = _key(finding, finding.path)
        if known[key] > 0:
            known[key] -= 1
        else:
            found.append(finding)
    previous = {f.path: f.old_path or f.path for f in change.files}
    return tuple(
        sorted(
            (f for f in found if not _was_renamed(f, known, old, new, previous.get(f.path, f.path))),
            key=lambda f: (f.path, f.line, f.rule),
        )
    )


def _was_renamed(finding: Finding, known: Counter[Key], old: Symbols, new: Symbols, old_path: str) -> bool:
    """True when the function around it has a new name: the old one is gone, and had the same finding."""
    if not finding.symbol or finding.symbol in old.names(old_path):
        return False
    tool, rule, path, _, code = _key(finding, finding.path)
    gone = new.names(path)
    for key, count in known.items():
        if count > 0 and key[:3] == (tool, rule, path) and key[4] == code and key[3] and key[3] not in gone:
            known[key] -= 1
            return True
    return False


def on_added_lines(finding: Finding, change: Change) -> bool:
    """True when a finding is on a line that the change adds."""
    added = _added_lines(change).get(finding.path, frozenset())
    return any(line in added for line in _span(finding))


def texts_of(change: Change) -> tuple[dict[str, str], dict[str, str]]:
    """Return the texts of a change's files by path, before and after it."""
    before = {f.old_path or f.path: f.before for f in change.files if f.before is not None}
    return before, {f.path: f.after for f in change.files if f.after is not None}


def normalised(code: str) -> str:
    """Return code without blanks, silencing comments and what a formatter changes: quotes, last commas."""
    bare = "".join(_SILENCER.sub("", code).split())
    return _LAST_COMMA.sub("", bare).replace('"', "'")


def _placed(finding: Finding, symbols: Symbols) -> Finding:
    """Return the finding with the code it is about and what is around it, as far as its file is there."""
    lines = symbols.lines(finding.path)
    if not lines or not 0 < finding.line <= len(lines):
        return finding
    code = "\n".join(lines[finding.line - 1 : min(finding.end_line, finding.line + _LINES) or finding.line])
    return replace(finding, snippet=code, symbol=symbols.around(finding.path, finding.line))


def _key(finding: Finding, path: str) -> Key:
    code = normalised(finding.snippet) or finding.message
    return (finding.tool.lower(), finding.rule, path, finding.symbol, code)


def _span(finding: Finding) -> Sequence[int]:
    return range(finding.line, max(finding.end_line, finding.line) + 1)[:_LINES]


def _added_lines(change: Change) -> dict[str, frozenset[int]]:
    return {
        f.path: frozenset(n for h in f.hunks for n in range(h.new_start, h.new_start + len(h.added)))
        for f in change.files
    }

"""The risks of going back beyond the database, read from git: what differs, bounded, and what nobody read."""

from __future__ import annotations

from andon.desk.deployments import commit_of
from andon.desk.redacting import redacted
from andon.errors import AndonError
from andon.incident.events import Fact
from andon.record import replace
from andon.response.risks import Change, Looked, Risk, concerns, find_risks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.desk.ports import Desk
    from andon.desk.values import FileChange
    from andon.incident.ledger import Ledger

#: Files that are read for their own sake, and files of source code; each is read twice.
_MOST_FILES = 200
_MOST_SOURCES = 120
#: Bytes; a lockfile of a large product has two million, source code a hundredth.
_LARGEST = 6_000_000
#: Risks that a plan lists, and those that weigh in an assessment.
_IN_A_PLAN = 12
_IN_AN_ASSESSMENT = 5


def risks_between(desk: Desk, base: str, head: str) -> Looked:
    """Return what going back from commit `head` to `base` brings along; raises NotFound, Unavailable."""
    changes = desk.repository.changes(base, head)
    wanted = [change for change in changes if concerns(change.path) == 2]
    sources = [change for change in changes if concerns(change.path) == 1]
    unread = list(_unread(wanted, _MOST_FILES)) + list(_unread(sources, _MOST_SOURCES))
    read, skipped = _read(desk, base, head, (*wanted[:_MOST_FILES], *sources[:_MOST_SOURCES]))
    looked = find_risks(read)
    risks = (*looked.risks, *skipped, *unread)
    return replace(looked, risks=tuple(replace(risk, text=redacted(desk, risk.text)) for risk in risks))


def _unread(changes: Sequence[FileChange], limit: int) -> Iterator[Risk]:
    if len(changes) > limit:
        text = f"{len(changes) - limit} more changed files were not looked at"
        yield Risk(kind="unread", path=changes[limit].path, text=text)


def _read(
    desk: Desk, base: str, head: str, changes: Sequence[FileChange]
) -> tuple[tuple[Change, ...], tuple[Risk, ...]]:
    """Return the files that can be read, both states of each, and a risk for each that cannot."""
    read, skipped = [], []
    for change in changes:
        try:
            old = desk.repository.content(base, change.path)
            new = desk.repository.content(head, change.path)
        except AndonError as problem:
            skipped.append(Risk(kind="unread", path=change.path, text=f"not looked at: {problem.message}"))
            continue
        largest = max(len(old or b""), len(new or b""))
        if largest > _LARGEST:
            text = f"not looked at: it is larger than {_LARGEST} bytes"
            skipped.append(Risk(kind="unread", path=change.path, text=text))
            continue
        if b"\0" in (old or b"")[:8192] or b"\0" in (new or b"")[:8192]:
            continue
        read.append(
            Change(
                path=change.path,
                old=(old or b"").decode("utf-8", "replace"),
                new=(new or b"").decode("utf-8", "replace"),
                is_new=old is None,
                is_gone=new is None,
            )
        )
    return tuple(read), tuple(skipped)


def risks_of_going_back(desk: Desk, ledger: Ledger, target: str, running: str) -> Looked:
    """Return the risks of going from `running` back to `target`; what is not known is one, not an error."""
    commits = []
    for version in (target, running):
        release = ledger.find(version)
        commits.append((release.commit if release else "") or (commit_of(desk, version) if version else ""))
    if not all(commits):
        text = "which files differ between the two releases is not known, so nothing was looked at"
        return Looked(risks=(Risk(kind="unread", path="", text=text),))
    try:
        return risks_between(desk, *commits)
    except AndonError as problem:
        return Looked(risks=(Risk(kind="unread", path="", text=f"not looked at: {problem.message}"),))


def risk_lines(looked: Looked) -> tuple[str, ...]:
    """Return the risks as a plan lists them: the loudest, and how many more there are."""
    lines = [str(risk) for risk in looked.risks[:_IN_A_PLAN]]
    more = len(looked.risks) - len(lines) + looked.left_out
    return (*lines, f"{more} more: andon migrations") if more else tuple(lines)


def risk_facts(looked: Looked) -> tuple[Fact, ...]:
    """Return the risks that speak against a rollback, for the rule table's answer."""
    loud = [risk for risk in looked.risks if risk.is_loud]
    return tuple(Fact(text=f"risk, {risk}", against="rollback") for risk in loud[:_IN_AN_ASSESSMENT])

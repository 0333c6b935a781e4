"""The migration gate over real releases: what git says of every release since the one to go back to."""

from __future__ import annotations

from andon.desk.deployments import commit_of
from andon.desk.redacting import redacted
from andon.errors import AndonError
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.ports import Desk
    from andon.incident.ledger import Ledger
    from andon.response.schema.gate import RangeFile, SchemaGate

#: Older migrations that are read for what a newer one alters, and files that say what a release starts.
_MOST_OLDER = 400
_MOST_BOOT = 80
#: Bytes of one file; what is longer is not judged.
_LARGEST = 2_000_000


def schema_gate(desk: Desk, ledger: Ledger, target: str, running: str) -> SchemaGate:
    """Say whether the database lets `target` back in place of `running`; never raises for what git lacks.

    Every release that ran since `target` counts: one in between may have changed the database although its
    code is gone again.
    """
    from andon.response.schema.gate import not_readable  # its readers are only for those who ask

    release = ledger.find(target)
    later = [d.version for d in ledger.deployments if release and d.deployed_at > release.deployed_at]
    versions = [v for v in dict.fromkeys((running, *reversed(later))) if v != target]
    commits = [_commit(desk, ledger, version) for version in (target, *versions)]
    if not all(commits):
        return not_readable("which files changed between the two releases is not known")
    try:
        found = gate_between(desk, commits[0], commits[1:])
    except AndonError as problem:
        return not_readable(f"git cannot say what changed: {redacted(desk, problem.message)}")
    return _without_secrets(desk, found)


def answers_told(gate: SchemaGate) -> tuple[str, ...]:
    """Return the gate's questions and answers, one line each."""
    return tuple(f"{a.question}: {a.verdict}, {a.text}" for a in gate.answers)


def gate_between(desk: Desk, base: str, heads: Sequence[str]) -> SchemaGate:
    """Judge going back to commit `base` from all of `heads`; raises NotFound, Unavailable."""
    from andon.response.schema.gate import SchemaRange, pass_range

    changed, files = _files(desk, base, heads)
    if not files:
        empty = SchemaRange(changed=changed, files=(), older={}, beside=frozenset(), boot={})
        return pass_range(empty)
    beside = frozenset(path for head in heads[:1] for path in desk.repository.files(head))
    there = desk.repository.files(base)
    read = SchemaRange(
        changed=changed,
        files=files,
        older=_older(desk, base, there, files),
        beside=beside,
        boot=_boot(desk, base, there),
        source=_source(desk, base),
    )
    return pass_range(read)


def _commit(desk: Desk, ledger: Ledger, version: str) -> str:
    release = ledger.find(version)
    return (release.commit if release else "") or (commit_of(desk, version) if version else "")


def _files(desk: Desk, base: str, heads: Sequence[str]) -> tuple[int, tuple[RangeFile, ...]]:
    """Return how many files differ, and each form of each that could be a migration."""
    from andon.response.schema.gate import RangeFile
    from andon.response.schema.layouts import is_candidate

    changed: set[str] = set()
    found: dict[str, RangeFile] = {}
    edits: list[RangeFile] = []
    for head in dict.fromkeys(heads):
        changes = desk.repository.changes(base, head)
        changed |= {change.path for change in changes}
        told = [change for change in changes if is_candidate(change.path, desk.config.migrations)]
        after = _texts(desk, head, [change.path for change in told if change.kind != "removed"])
        older = _texts(desk, base, [change.path for change in told if change.kind != "added"])
        for change in told:
            now, before = after.get(change.path), older.get(change.path)
            file = RangeFile(path=change.path, kind=change.kind, text=now, before=before)
            known = found.setdefault(change.path, file)
            if known.text != now:  # two releases had it in two forms
                edits.append(RangeFile(path=change.path, kind="changed", text=now, before=known.text))
    return len(changed), (*found.values(), *edits)


def _texts(desk: Desk, commit: str, paths: Sequence[str]) -> dict[str, str]:
    """Return files as texts, in the order of `paths`; left out is what is not there, or is none."""
    contents = desk.repository.contents(commit, paths, _LARGEST)
    texts = {path: _as_text(contents[path]) for path in paths if path in contents}
    return {path: text for path, text in texts.items() if text is not None}


def _as_text(content: bytes) -> str | None:
    try:
        return None if b"\0" in content else content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _older(desk: Desk, base: str, there: Sequence[str], files: Sequence[RangeFile]) -> dict[str, str]:
    """Return the older migrations next to those that alter a field: only they tell what it was."""
    places = {f.path.rpartition("/")[0] for f in files if f.text and "AlterField" in f.text}
    paths = [p for p in there if p.endswith(".py") and p.rpartition("/")[0] in places]
    return _texts(desk, base, sorted(paths)[:_MOST_OLDER])


def _boot(desk: Desk, base: str, there: Sequence[str]) -> dict[str, str]:
    """Return the files of the older release that say what it starts, those near the root first."""
    from andon.response.schema.boot import is_boot_file

    paths = sorted((p for p in there if is_boot_file(p)), key=lambda p: (p.count("/"), p))
    return _texts(desk, base, paths[:_MOST_BOOT])


def _source(desk: Desk, base: str) -> dict[str, str]:
    """Return the files of the older release in which a program may migrate from within."""
    from andon.response.schema.from_within import ENDINGS_WITHIN, FILES_WITHIN, WORDS_WITHIN

    paths = desk.repository.search(base, WORDS_WITHIN, ENDINGS_WITHIN, FILES_WITHIN + 1)
    return _texts(desk, base, paths)


def _without_secrets(desk: Desk, gate: SchemaGate) -> SchemaGate:
    """Return the answer with the known secrets taken out: names of files and commands come from others."""
    return replace(
        gate,
        reason=redacted(desk, gate.reason),
        findings=tuple(redacted(desk, f) for f in gate.findings),
        steps=tuple(redacted(desk, s) for s in gate.steps),
        answers=tuple(replace(a, text=redacted(desk, a.text)) for a in gate.answers),
    )

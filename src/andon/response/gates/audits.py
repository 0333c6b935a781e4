"""Whether what a commit depends on was audited: recently, on these lock files, with nothing severe found."""

from __future__ import annotations

from datetime import timedelta

from andon.incident.words import Verdict, counted
from andon.response.gates.results import Objection, failed, passed, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from andon.incident.gate_record import Audited
    from andon.response.gates.results import RuleResult

RULE = "audit-fresh"
_AUDIT = "andon prevent audit"
_GRADES = ("info", "low", "medium", "high", "critical")
#: Files that name dependencies, fixed to a version or not; requirements files beside them.
_MANIFESTS = frozenset((
    "package.json", "pyproject.toml", "setup.py", "setup.cfg", "pipfile", "go.mod", "cargo.toml", "gemfile",
    "composer.json", "pom.xml", "build.gradle", "build.gradle.kts", "mix.exs", "pubspec.yaml",
    "package.swift", "build.sbt", "packages.config", "directory.packages.props", "environment.yml",
))  # fmt: skip


def is_manifest(path: str) -> bool:
    """True for a file that names what the code depends on."""
    name = path.rpartition("/")[2].lower()
    requirements = name.startswith("requirements") and name.endswith((".txt", ".in"))
    return name in _MANIFESTS or requirements or name.endswith((".csproj", ".fsproj", ".gemspec"))


def judge_audits(
    audits: Sequence[Audited],
    *,
    tools: Iterable[str],
    days: int,
    now: datetime,
    commit: str,
    lockfiles: str,
    manifests: Sequence[str],
    least: str = "high",
) -> RuleResult:
    """Say whether the newest answer of each tool holds: young enough, on these lock files, and passed.

    `tools` names those that have to answer; empty for all that ever audited dependencies. `lockfiles` is the
    hash of the commit's lock files, "" for none; `manifests` are files that name dependencies without fixing
    them, for which an audit holds only on the very commit. Findings below the grade `least` are told by the
    audit, and are no objection. Unknown is not clean.
    """
    named = tuple(dict.fromkeys(tools))
    wanted = named or tuple(dict.fromkeys(a.event.tool for a in audits if a.event.lockfiles or not lockfiles))
    if not lockfiles and not manifests and not named:
        return passed(RULE, "no lock file and no list of dependencies in this commit")
    if not wanted:
        return unknown(RULE, "no audit of dependencies is on record", _AUDIT)
    clean: list[str] = []
    doubts: list[str] = []
    found: list[Objection] = []
    for tool in wanted:
        newest = next((a for a in reversed(audits) if a.event.tool == tool), None)
        doubt = _doubt(newest, tool, now - timedelta(days=days), commit, lockfiles)
        if doubt:
            doubts.append(doubt)
        elif newest is not None and newest.event.verdict is Verdict.FAILED:
            found += _findings(newest, least)
        elif newest is not None:
            clean.append(f"{tool} on {newest.at:%Y-%m-%d}: {newest.event.summary or 'clean'}")
    if found:
        found += [Objection(rule=RULE, text=doubt, snippet=doubt.partition(":")[0]) for doubt in doubts]
        told = f"{counted(len(found), 'objection')}, such as {found[0].text}"
        return failed(RULE, told, f"update what is named, then: {_AUDIT}", tuple(found))
    if doubts:
        return unknown(RULE, "; ".join(doubts), _AUDIT)
    return passed(RULE, "; ".join(clean))


def _doubt(newest: Audited | None, tool: str, oldest: datetime, commit: str, lockfiles: str) -> str:
    """Return why the newest answer of a tool says nothing of this commit, "" when it does."""
    if newest is None:
        return f"{tool}: never ran"
    event = newest.event
    if newest.at < oldest:
        return f"{tool}: its answer is of {newest.at:%Y-%m-%d}, too old"
    if event.commit != commit and (not lockfiles or event.lockfiles != lockfiles):
        return f"{tool}: it looked at other lock files"
    if event.verdict is Verdict.UNKNOWN:
        return f"{tool}: could not say: {event.summary}"
    return ""


def _findings(audited: Audited, least: str) -> list[Objection]:
    event = audited.event
    severe = tuple(f for f in event.findings if not _is_milder(f, least))
    texts = severe or (event.summary or "it found something severe",)
    return [
        Objection(rule=RULE, text=f"{event.tool}: {text}", snippet=f"{event.tool} {_identity(text)}")
        for text in texts
    ]


def _is_milder(finding: str, least: str) -> bool:
    """True for a finding of a lower grade; one without a grade is never mild."""
    grade = finding.partition(":")[0].rpartition(" ")[2].lower()
    return grade in _GRADES and least in _GRADES and _GRADES.index(grade) < _GRADES.index(least)


def _identity(finding: str) -> str:
    """Return what names a finding in every audit: its id and the package, not the version or the words."""
    identity, _, rest = finding.partition(" ")
    return f"{identity} {rest.partition(': ')[2].split(',')[0].split(' ')[0]}"

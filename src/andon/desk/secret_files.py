"""The audit of secret files: asking git what it would ignore, reading what is there, proposing what lacks."""

from __future__ import annotations

from andon.desk.casefile import service_stream
from andon.desk.redacting import redacted
from andon.errors import NotFound, Refused
from andon.incident.events import SecretFilesAudited
from andon.incident.words import Verdict, counted
from andon.record import Record, replace
from andon.response.gates.audits import is_manifest
from andon.secrets import ignore_audit as judge
from andon.secrets.gate import scan
from andon.secrets.known_values import known_values_from_env_file
from andon.secrets.secret_files import Holds, entries, holds, is_in_use

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from andon.desk.ports import Desk
    from andon.desk.team_files import Change
    from andon.secrets.gate import SecretFinding
    from andon.secrets.ignore_audit import IgnoreFinding, IgnoreRule, Proposal
    from andon.secrets.secret_files import Guarded

#: Bytes of a committed file that is judged.
_LARGEST = 1 << 20
#: Findings that are recorded; the rest is counted.
_RECORDED = 200
_RULE = "environment-files"


class SecretFilesAudit(Record):
    """What one audit found."""

    #: The commit whose rules and files it is about; "" before the first.
    commit: str
    findings: tuple[IgnoreFinding, ...]
    proposal: Proposal
    #: What limits the answer, in words.
    notes: tuple[str, ...] = ()
    #: Names that git was asked about, secret files that are committed, and such files that lie here.
    names: int = 0
    committed: int = 0
    here: int = 0
    #: True when the .gitignore of the work tree has the proposed lines already, and is not committed.
    is_written: bool = False
    at: datetime | None = None

    @property
    def verdict(self) -> Verdict:
        """Failed with any finding; unknown when the only thing wrong is what could not be read."""
        kinds = {finding.kind for finding in self.findings}
        if not kinds:
            return Verdict.PASSED
        return Verdict.UNKNOWN if kinds == {judge.Kind.UNREAD} else Verdict.FAILED

    @property
    def severe(self) -> tuple[IgnoreFinding, ...]:
        """The findings by which a secret is in the repository."""
        return tuple(finding for finding in self.findings if finding.is_severe)

    @property
    def summary(self) -> str:
        """What was seen, in one sentence."""
        asked = f"{counted(self.names, 'name')} asked, {counted(self.committed, 'such file')} committed"
        return f"{asked}, {counted(len(self.findings), 'finding')}" + (
            f", {len(self.severe)} severe" if self.severe else ""
        )


def look_at_secret_files(desk: Desk, commit: str = "", *, with_work_tree: bool = True) -> SecretFilesAudit:
    """Return what is wrong with the secret files of a commit (default: HEAD) and of this work tree.

    Nothing is changed, and no value leaves this function. Raises NotFound, Unavailable.
    """
    ignores, notes = desk.ignores, []
    if not commit:
        try:
            commit = desk.repository.head()
        except NotFound as problem:
            notes.append(f"{problem.message}: no rule holds yet, and nothing is committed")
    with_work_tree = with_work_tree and ignores.has_work_tree
    files = ignores.files(commit) if commit else ()
    untracked = ignores.untracked() if with_work_tree else ()
    seen = _Seen(desk, commit, files, untracked, _configured(desk, untracked))
    findings = [*seen.tracked(), *seen.exposed(), *seen.settings(), *seen.examples()]
    lacking = seen.lacking(with_work_tree)
    rows = tuple(row for row, _ in lacking)
    proposal, still_open = seen.proposal(rows, {f.path for f in findings if f.is_severe})
    notes += still_open
    if with_work_tree and (others := _others(ignores.tracked_although_ignored())):
        also = f"{counted(others, 'other file')} committed although a rule ignores them"
        notes.append(f"{also}: git ls-files -ci --exclude-standard")
    if commit and (inside := ignores.submodules(commit)):
        which = f"{counted(len(inside), 'submodule')} not looked into"
        notes.append(f"{which}, such as {inside[0]}: audit it there")
    findings += [finding for _, finding in lacking]
    return SecretFilesAudit(
        commit=commit,
        findings=tuple(
            replace(f, path=_shown(f.path), text=redacted(desk, _shown(f.text)))
            for f in sorted(findings, key=lambda f: not f.is_severe)
        ),
        proposal=proposal,
        notes=tuple(map(_shown, notes)),
        names=len(seen.probes),
        committed=len(seen.suspects),
        here=len(seen.here),
        is_written=bool(proposal.lines) and with_work_tree and _is_written(desk, proposal),
    )


def audit_secret_files(desk: Desk) -> SecretFilesAudit:
    """Look at everything and put the answer on record; raises NotFound, Unavailable."""
    found = look_at_secret_files(desk)
    lines = tuple(f"{f.kind}: {f.path + ': ' if f.path else ''}{f.text}" for f in found.findings)
    event = SecretFilesAudited(
        verdict=found.verdict,
        summary=found.summary,
        commit=found.commit,
        findings=lines[:_RECORDED],
        severe=len(found.severe),
    )
    desk.append(service_stream(desk), (event,))
    return replace(found, at=desk.clock.now())


def write_rules(desk: Desk, proposal: Proposal) -> Change | None:
    """Append what lacks to the .gitignore at the root, in its own line ends; None when nothing lacks.

    Raises Refused in a bare repository, and what `team_files.change_file` raises.
    """
    from andon.desk.team_files import change_file

    if not proposal.lines:
        return None
    if not desk.ignores.has_work_tree:
        raise Refused(
            "a bare repository has no .gitignore to write",
            where=desk.config.root,
            rule=_RULE,
            remedy="run it in a clone: andon secrets audit --write",
        )
    return change_file(desk.config.root, ".gitignore", lambda text: _appended(text, proposal))


def _is_written(desk: Desk, proposal: Proposal) -> bool:
    text = (desk.ignores.content_here(".gitignore") or b"").decode("utf-8", "replace")
    return _appended(text, proposal) == text


def _appended(text: str | None, proposal: Proposal) -> str:
    """Return a .gitignore with what lacks at its end; unchanged when it has all of that already."""
    text = text or ""
    newline = "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"
    there = [line.rstrip("\r") for line in text.split("\n")]
    if _has_in_order(there, proposal.lines):
        return text
    between = "" if not text or text.endswith("\n") else newline
    return text + between + (newline if text else "") + proposal.text(newline)


def _has_in_order(there: Sequence[str], lines: Sequence[str]) -> bool:
    """True when no exception stands before a line that it takes something back from, and none lacks."""
    last = {line: n for n, line in enumerate(there)}
    if any(line not in last for line in lines):
        return False
    rules = [last[line] for line in lines if not line.startswith("!")]
    return all(last[line] > max(rules, default=-1) for line in lines if line.startswith("!"))


class _Seen:
    """What was asked and read for one audit."""

    def __init__(
        self,
        desk: Desk,
        commit: str,
        files: Sequence[str],
        untracked: Sequence[str],
        configured: Sequence[str],
    ) -> None:
        self._desk, self._commit, self._files = desk, commit, files
        self.rows = judge.asked(files)
        self._examples = judge.examples_among(files)
        self._new_examples = judge.examples_among(untracked)
        self.suspects = tuple(path for path in files if holds(path))
        self.here = tuple(dict.fromkeys((*(path for path in untracked if holds(path)), *configured)))
        self._places = _directories((*files, *self.here))
        self.probes = judge.probes(self.rows, self._places)
        asked = (*self.probes, *self.suspects, *self.here, *self._examples, *self._new_examples)
        self._rules = desk.ignores.committed(commit, asked)
        read = (*self.suspects, *self._examples)
        self._contents = desk.repository.contents(commit, read, _LARGEST) if read else {}

    def tracked(self) -> list[IgnoreFinding]:
        """Return what is committed and holds a secret, or may."""
        found = []
        for path in self.suspects:
            content, what = self._contents.get(path), holds(path)
            if content is None or what is None:
                found.append(judge.unread(path, "it is no file, or longer than 1 MB"))
                continue
            answer = is_in_use(what, path, content)
            if answer is None and what is Holds.CREDENTIALS and _sure(content, path):
                answer = True
            if answer is not False:
                found.append(judge.tracked(path, what, answer, self._rule(path)))
        return found

    def exposed(self) -> list[IgnoreFinding]:
        """Return what lies here and would be added with everything else."""
        found = []
        for path in self.here:
            rule, what = self._rule(path), holds(path) or Holds.SETTINGS
            if rule.ignores:
                continue
            content = self._desk.ignores.content_here(path)
            if content is not None and is_in_use(what, path, content) is False:
                continue
            mine = self._desk.ignores.here((path,)).get(path, rule)
            found.append(judge.exposed(path, mine))
        return found

    def settings(self) -> list[IgnoreFinding]:
        """Return which files of settings have no example, and what the other examples lack or leak."""
        found: list[IgnoreFinding] = []
        for path, content in self._settings():
            text = content.decode("utf-8", "surrogateescape")
            names = {entry.name for entry in entries(text)}
            example = judge.example_for(path, self._examples)
            if not names:
                continue
            if not example:
                new = judge.example_for(path, self._new_examples)
                lacks = judge.without_example(path, len(names))
                commit_it = replace(
                    lacks, text=f"has its example {new} here, and not in a commit", remedy=f"git add {new}"
                )
                found.append(commit_it if new else lacks)
            elif content := self._contents.get(example, b""):
                known = known_values_from_env_file(text)
                found += judge.compare(path, text, example, content.decode("utf-8", "surrogateescape"), known)
        return found

    def examples(self) -> list[IgnoreFinding]:
        """Return the examples that hold a secret, or that are ignored themselves."""
        paths = dict.fromkeys((*self._examples, *self._new_examples, *_expected(self.rows)))
        found = list(judge.ignored_examples(paths, self._rules))
        for path in self._examples:
            if path not in self._contents:
                found.append(judge.unread(path, "it is no file, or longer than 1 MB"))
            found += [
                judge.holds_secret(path, one.line, f"what looks like a secret ({one.kind})")
                for one in _sure(self._contents.get(path, b""), path)
            ]
        return found

    def lacking(self, with_work_tree: bool) -> tuple[tuple[Guarded, IgnoreFinding], ...]:
        """Return the lines that no committed .gitignore has, with what that leaves open."""
        open_ones = [path for path in self.probes if not self._rule(path).ignores]
        mine = self._desk.ignores.here(open_ones) if with_work_tree and open_ones else {}
        return judge.unguarded(self.rows, self._places, self._rules, mine)

    def proposal(self, lacking: Sequence[Guarded], wrong: set[str]) -> tuple[Proposal, list[str]]:
        """Return the lines to append, tried by git, and the names that even they leave open.

        `wrong` are files that are to go: no exception is made for them.
        """
        if not lacking:
            return judge.Proposal(), []
        ask = self._desk.ignores.committed
        kept = [path for path in (*self._files, *self._new_examples) if path not in wrong]
        lines = [row.line for row in lacking]
        hit = {path: rule for path, rule in ask(self._commit, kept, lines).items() if rule.pattern in lines}
        before = ask(self._commit, tuple(hit)) if hit else {}
        taken: dict[str, list[str]] = {}
        for path, rule in hit.items():
            if not before.get(path, judge.IgnoreRule()).ignores:
                taken.setdefault(rule.pattern, []).append(path)
        proposal = judge.propose(lacking, taken)
        left = {line for line, _ in proposal.left_out}
        names = judge.probes([row for row in lacking if row.line not in left], self._places)
        tried = ask(self._commit, names, proposal.lines)
        there = set(kept)
        meant = {name for row in lacking for name in row.probes}
        notes = [
            f"{line} is not proposed: it would ignore {path} and others" for line, path in proposal.left_out
        ]
        return proposal, notes + [
            f"{path} would stay open: {rule.place} takes it back"
            for path, rule in tried.items()
            if path.rpartition("/")[2] in meant and path not in there and rule.pattern.startswith("!")
        ][:3]

    def _settings(self) -> list[tuple[str, bytes]]:
        """Return the files of settings, committed or here, with their contents."""
        found = [
            (path, content)
            for path in self.suspects
            if holds(path) is Holds.SETTINGS and (content := self._contents.get(path, b""))
            if is_in_use(Holds.SETTINGS, path, content)
        ]
        here = (path for path in self.here if holds(path) in (Holds.SETTINGS, None))
        return [*found, *((path, self._desk.ignores.content_here(path) or b"") for path in here)]

    def _rule(self, path: str) -> IgnoreRule:
        return self._rules.get(path, judge.IgnoreRule())


def _sure(content: bytes, path: str) -> list[SecretFinding]:
    """Return what the gate would not let in; what it only wants to be looked at is no proof here."""
    return [one for one in scan(content, path) if getattr(one, "tier", "block") == "block"]


def _configured(desk: Desk, untracked: Iterable[str]) -> tuple[str, ...]:
    """Return the files of `secret_files` that lie here and are in no commit, whatever they are called."""
    there = set(untracked)
    return tuple(name for name in desk.config.secret_files if name in there)


def _directories(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the directories in which a file of settings is likely: beside a manifest, or where one is."""
    found = {path.rpartition("/")[0] for path in paths if is_manifest(path) or holds(path)}
    return tuple(sorted(found - {""}, key=lambda place: (place.count("/"), place)))[: judge.DIRECTORIES]


def _expected(rows: Iterable[Guarded]) -> tuple[str, ...]:
    return tuple(name for row in rows for name in row.but)


def _others(paths: Iterable[str]) -> int:
    return sum(1 for path in paths if holds(path) is None)


def _shown(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")

"""Is it free of secrets? Looks at whole files, their names, messages and the name of the branch.

Of a range each commit is looked at by itself: what one adds and the next removes is in the history for good.
Of a finding only its kind and place are told.
"""

from __future__ import annotations

from andon.errors import Unavailable
from andon.incident.words import counted
from andon.response.gates.results import Objection, failed, passed
from andon.response.gates.table import Point
from andon.secrets.gate import finds_its_canary, new_secrets, scan, scan_pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.desk.ports import Changes
    from andon.response.change import Change, ChangedFile
    from andon.response.gates.results import RuleResult
    from andon.secrets.gate import SecretFinding

RULE = "secrets"
#: Modes of what is no file: nothing, a submodule.
_NO_FILE = ("", "160000")
#: Findings that are told; the rest is counted.
_TOLD = 100


def check(context: GateContext) -> RuleResult:
    """Object to every secret that comes in; raises Unavailable when the engine finds nothing at all."""
    if not finds_its_canary():
        raise Unavailable(
            "the search for secrets does not find its own canary", rule=RULE, remedy="install Andon again"
        )
    if context.point is Point.COMMIT_MSG:
        return _answer(_in_words(context.asked.message, "the message", ""), 0, 0, _MESSAGE)
    found: list[Objection] = []
    for name in dict.fromkeys((context.asked.branch, context.asked.target.removeprefix("refs/heads/"))):
        found += _in_words(name, "the name of the branch or tag", "")
    found += _in_words(context.asked.message, "the message of the tag", "")
    files = commits = 0
    known: dict[str, tuple[SecretFinding, ...]] = {}
    for change in context.each_commit():
        files += len(change.files)
        found += _in_files(context.desk.changes, change, known)
        for commit in change.commits:
            commits += 1
            found += _in_words(commit.message, f"the message of {commit.id[:10]}", commit.id[:10])
    return _answer(found, files, commits, _COMMITS if context.asked.head else _STAGED)


_STAGED = "take it out of the file, then: git add; what was ever pushed has to be replaced by a new one"
_MESSAGE = "write the message without it"
_COMMITS = "take it out of the commit itself: git rebase --interactive; replace the secret by a new one"


def _in_files(
    changes: Changes, change: Change, known: dict[str, tuple[SecretFinding, ...]]
) -> list[Objection]:
    """Return what the files of one change bring; `known` keeps what was found in an object before."""
    after = [f for f in change.files if f.new_object and not f.is_submodule]
    _read(changes, [(f.new_object, f.path) for f in after], known)
    told = [f for f in after if known[_named(f.new_object, f.path)]]
    _read(changes, [(f.old_object, f.old_path or f.path) for f in told if f.old_mode not in _NO_FILE], known)
    found = []
    for file in told:
        old = known.get(_named(file.old_object, file.old_path or file.path), ())
        new = new_secrets(old, known[_named(file.new_object, file.path)])
        found += [_objection(file, finding, n, change.head) for n, finding in enumerate(new)]
    return found


def _named(identity: str, path: str) -> str:
    return f"{identity} {path}"


def _read(
    changes: Changes, files: list[tuple[str, str]], known: dict[str, tuple[SecretFinding, ...]]
) -> None:
    paths: dict[str, list[str]] = {}
    for identity, path in files:
        if identity and _named(identity, path) not in known:
            paths.setdefault(identity, []).append(path)
    for identity, pieces in changes.objects(tuple(paths)):
        first, *others = paths[identity]
        content = (b"".join(pieces),) if others else pieces
        for path in (first, *others):
            known[_named(identity, path)] = scan_pieces(content, path)


def _in_words(text: str, place: str, commit: str) -> list[Objection]:
    found = scan(text.encode("utf-8", "backslashreplace"), "")
    return [
        Objection(
            rule=RULE,
            text=f"{_called(f.kind)} in {place}" + (f", line {f.line}" if "\n" in text else ""),
            snippet=f"{commit} {f.kind} {n}",
        )
        for n, f in enumerate(found)
    ]


def _objection(file: ChangedFile, finding: SecretFinding, number: int, commit: str) -> Objection:
    inside = f" (commit {commit[:10]})" if commit else ""
    return Objection(
        rule=RULE,
        path=file.path,
        line=finding.line,
        end_line=finding.line,
        text=f"{_called(finding.kind)}{inside}",
        snippet=f"{commit[:10]} {finding.kind} {number}",
    )


def _called(kind: str) -> str:
    names = {
        "assignment": "the value of a password or key",
        "environment-file": "a file with the settings of an environment",
        "key-file": "a file with a key",
    }
    return names.get(kind, f"a secret ({kind})")


def _answer(found: list[Objection], files: int, commits: int, remedy: str) -> RuleResult:
    if not found:
        parts = [counted(files, "file")] + [counted(commits, "message")] * bool(commits)
        read = " and ".join(parts) if files or commits else ""
        return passed(RULE, f"none in {read}" if read else "none")
    shown = "; ".join(f"{o.place}: {o.text}" if o.path else o.text for o in found[:3])
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return failed(RULE, f"{shown}{more}", remedy, tuple(found[:_TOLD]))

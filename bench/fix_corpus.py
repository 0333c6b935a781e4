"""Real fixes, commits by subject and made-up tangles for `hotfix_guard`, read from bare git repositories.

The fixes are the patches of BugsInPy (https://github.com/soarsmu/BugsInPy): bug fixes without anything else
in them, each with the test that showed the bug. Nothing of the data is kept here.
"""

from __future__ import annotations

import argparse
import re
import subprocess
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from andon.record import Record, replace
from andon.response.change import Change, ChangeCommit, ChangedFile, Hunk, Kind
from andon.response.guard.context import IncidentContext

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from random import Random

HEAD = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)")
SOURCE = re.compile(r"\.(py|pyx|js|jsx|ts|tsx|go|rb|java|kt|php|rs|cs)$")
ASIDE = re.compile(
    r"(^|/)(tests?|specs?|docs?|examples?|benchmarks?)/|(^|/)(test_|conftest|setup\.py)"
    r"|_test\.|\.(spec|test)\."
)
FIX = re.compile(r"\bfix(es|ed|ing)?\b|\bbugs?\b|\bregression\b", re.IGNORECASE)
NOISE = re.compile(
    r"\b(typos?|docs?|documentation|changelog|readme|version|bump|release|merge|revert|translat\w+|pep-?8)\b",
    re.IGNORECASE,
)
FEATURE = re.compile(
    r"^\W*(\[\w+\] |\w+: )?(add(s|ed)?|implement\w*|support\w*|introduc\w+|new|feat\w*|allow\w*|enable\w*)\b",
    re.IGNORECASE,
)
REFACTOR = re.compile(
    r"\b(refactor\w*|clean\w* ?up|renam\w+|simplif\w+|extract\w*|reorgani[sz]\w+|restructur\w+"
    r"|mov(e|es|ed|ing)|moderni[sz]\w+|reformat\w*)\b",
    re.IGNORECASE,
)


class Sample(Record):
    """A change with what is known of it."""

    project: str
    name: str
    change: Change
    #: What an incident would have known, from the failing test; empty when nothing can be said honestly.
    context: IncidentContext = IncidentContext()
    #: For a tangle: (path, first line, last line after the change) of what does not belong.
    foreign: tuple[tuple[str, int, int], ...] = ()
    #: Whether whole files were there, or only what the patch shows.
    is_whole: bool = True


class Logged(NamedTuple):
    """A commit as `git log --numstat` tells it."""

    id: str
    subject: str
    paths: tuple[str, ...]
    size: int


class Repository:
    """A bare repository, read through one `git cat-file`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.parent.name if path.name == "repo" else path.name
        self._reader: subprocess.Popen[bytes] | None = None

    def git(self, *words: str) -> str:
        """Return what git says."""
        done = subprocess.run(["git", "-C", str(self.path), *words], capture_output=True, check=False)
        return done.stdout.decode("utf-8", "replace")

    def text(self, revision: str, path: str) -> str | None:
        """Return a file at a commit, None when there is none or it is not text."""
        if self._reader is None:
            self._reader = subprocess.Popen(
                ["git", "-C", str(self.path), "cat-file", "--batch"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        assert self._reader.stdin is not None and self._reader.stdout is not None
        if "\n" in path:
            return None
        self._reader.stdin.write(f"{revision}:{path}\n".encode())
        self._reader.stdin.flush()
        told = self._reader.stdout.readline().split()
        if told[-1] in (b"missing", b"ambiguous"):
            return None
        content = self._reader.stdout.read(int(told[2]) + 1)[:-1]
        if told[1] != b"blob" or b"\0" in content[:8000]:
            return None
        return content.decode("utf-8", "replace").replace("\r\n", "\n")

    def close(self) -> None:
        """Let the reader go."""
        if self._reader is not None:
            self._reader.communicate()
            self._reader = None

    @cache  # noqa: B019 - as many repositories as were named
    def commits(self, most: int = 8000) -> tuple[Logged, ...]:
        """Return the newest commits that are no merges."""
        found = []
        for block in self.git("log", "--no-merges", f"-n{most}", "--numstat", "--format=%x01%H%x02%s").split(
            "\x01"
        )[1:]:
            first, _, rest = block.partition("\n")
            commit, _, subject = first.partition("\x02")
            rows = [line.split("\t") for line in rest.strip().splitlines() if line.count("\t") == 2]
            size = sum(int(n) for row in rows for n in row[:2] if n.isdigit())
            found.append(Logged(commit, subject, tuple(row[2] for row in rows), size))
        return tuple(found)

    def change(self, commit: str, subject: str = "") -> Change:
        """Return what a commit changed, with whole texts."""
        told = self.git(
            "show", "-U0", "-M", "--format=", "--full-index", "--no-color", "--no-ext-diff", commit
        )
        files = tuple(
            replace(
                file,
                before=self.text(f"{commit}^", file.old_path or file.path)
                if file.kind is not Kind.ADDED
                else None,
                after=self.text(commit, file.path) if file.kind is not Kind.REMOVED else None,
            )
            for file in patched(told)
        )
        logged = ChangeCommit(id=commit, message=subject, parents=(f"{commit}^",))
        return Change(base=f"{commit}^", head=commit, files=files, commits=(logged,))


def by_subject(repository: Repository, kind: str) -> list[Logged]:
    """Return the commits of a kind (`fix`, `feature`, `refactoring`) that touch source outside of tests."""
    return [
        c
        for c in repository.commits()
        if kind_of(c.subject) == kind
        and 3 <= c.size <= 600
        and len(c.paths) <= 30
        and any(is_source(p) for p in c.paths)
    ]


def is_source(path: str) -> bool:
    """Say whether a path is a source file and no test, example or document."""
    return bool(SOURCE.search(path)) and not ASIDE.search(path)


def kind_of(subject: str) -> str:
    """Return `fix`, `feature`, `refactoring` or "" by the words of a subject."""
    if NOISE.search(subject):
        return ""
    if FIX.search(subject):
        return "fix"
    if REFACTOR.search(subject):
        return "refactoring"
    return "feature" if FEATURE.search(subject) else ""


def patched(text: str) -> Iterator[ChangedFile]:
    """Read a unified diff; context lines are taken off, so hunks are as `git diff -U0` has them."""
    for block in re.split(r"(?m)^diff --git ", text)[1:]:
        lines = block.split("\n")
        named = re.match(r"a/(.*) b/(.*)", lines[0])
        if named is None:
            continue
        old, new, kind, binary, hunks = named[1], named[2], Kind.CHANGED, False, []
        number = 1
        while number < len(lines) and not lines[number].startswith("@@"):
            line = lines[number]
            kind = Kind.ADDED if line.startswith("new file") else kind
            kind = Kind.REMOVED if line.startswith("deleted file") else kind
            kind = Kind.RENAMED if line.startswith("rename from") else kind
            binary |= line.startswith(("Binary files", "GIT binary"))
            number += 1
        while number < len(lines):
            head = HEAD.match(lines[number])
            number += 1
            if head is None:
                continue
            body = []
            while number < len(lines) and lines[number][:1] in ("+", "-", " ", "\\"):
                body.append(lines[number])
                number += 1
            hunks += split(body, int(head[1]) + (head[2] == "0"), int(head[3]) + (head[4] == "0"))
        yield ChangedFile(
            path=new,
            kind=kind,
            old_path=old if kind is Kind.RENAMED else "",
            is_binary=binary,
            hunks=tuple(hunks),
        )


def split(body: Iterable[str], old: int, new: int) -> Iterator[Hunk]:
    """Cut a hunk with context into hunks without; `old` and `new` are the numbers of its first lines."""
    removed: list[str] = []
    added: list[str] = []
    for line in (*body, " "):
        if line[:1] == "-":
            removed.append(line[1:])
        elif line[:1] == "+":
            added.append(line[1:])
        elif line[:1] == " ":
            if removed or added:
                yield Hunk(
                    old_start=old if removed else old - 1,
                    new_start=new if added else new - 1,
                    removed=tuple(removed),
                    added=tuple(added),
                )
            old, new = old + len(removed) + 1, new + len(added) + 1
            removed, added = [], []


def shown(text: str, path: str) -> tuple[str, str]:
    """Return before and after of one file as far as a patch shows them; the rest is blank lines."""
    block = next(b for b in re.split(r"(?m)^diff --git ", text)[1:] if f" b/{path}\n" in b)
    before: dict[int, str] = {}
    after: dict[int, str] = {}
    old = new = 0
    for line in block.split("\n"):
        head = HEAD.match(line)
        if head:
            old, new = int(head[1]), int(head[3])
            is_free = old - 1 not in before and new - 1 not in after
            if is_free and re.match(r"\s*(def|class|async def) ", head[5]):
                before[old - 1] = after[new - 1] = head[5]
        elif old or new:
            if line[:1] in ("-", " "):
                before[old] = line[1:]
                old += 1
            if line[:1] in ("+", " "):
                after[new] = line[1:]
                new += 1
    return _filled(before), _filled(after)


def _filled(lines: dict[int, str]) -> str:
    return "".join(lines.get(n, "") + "\n" for n in range(1, max(lines, default=0) + 1))


def applied(file: ChangedFile, before: str) -> ChangedFile | None:
    """Give a file of a patch its whole texts; None when the patch does not fit."""
    lines = before.split("\n")
    for hunk in reversed(file.hunks):
        at = hunk.old_start - 1 if hunk.removed else hunk.old_start
        if lines[at : at + len(hunk.removed)] != list(hunk.removed):
            return None
        lines[at : at + len(hunk.removed)] = hunk.added
    return replace(file, before=before, after="\n".join(lines))


def fixes(bugs: Repository, projects: dict[str, Repository]) -> Iterator[Sample]:
    """Return every fix of BugsInPy; with whole files for the projects that are there."""
    names = bugs.git("ls-tree", "-r", "--name-only", "HEAD").splitlines()
    for name in sorted(n.removesuffix("/bug_patch.txt") for n in names if n.endswith("/bug_patch.txt")):
        project, number = name.split("/")[1], name.split("/")[3]
        patch = bugs.text("HEAD", f"{name}/bug_patch.txt") or ""
        info = dict(re.findall(r'(\w+) *= *"([^"]*)"', bugs.text("HEAD", f"{name}/bug.info") or ""))
        test = bugs.text("HEAD", f"{name}/run_test.sh") or ""
        repository = projects.get(project)
        files = []
        is_whole = repository is not None
        for file in patched(patch):
            before = (
                repository.text(info["buggy_commit_id"], file.path)
                if repository and file.kind is not Kind.ADDED
                else ""
            )
            whole = applied(file, before) if before is not None and repository else None
            if whole is None:
                is_whole = False
                before, after = shown(patch, file.path)
                whole = replace(file, before=before, after=after)
            if file.kind is Kind.ADDED:
                whole = replace(whole, before=None)
            elif file.kind is Kind.REMOVED:
                whole = replace(whole, after=None)
            files.append(whole)
        change = Change(
            base=info["buggy_commit_id"], head=info.get("fixed_commit_id", ""), files=tuple(files)
        )
        context = failing(repository, info, test)
        yield Sample(
            project=project, name=f"{project}-{number}", change=change, context=context, is_whole=is_whole
        )


def failing(repository: Repository | None, info: dict[str, str], script: str) -> IncidentContext:
    """Return what the failing test tells: its path, its name, and its body when it is at hand."""
    words: list[str] = []
    for line in script.splitlines():
        said = line.split()[-1:] if line.strip() else []
        words += said
        for path in info.get("test_file", "").split(";"):
            text = repository.text(info.get("fixed_commit_id", ""), path) if repository else None
            last = re.split(r"[.:\[]+", said[0].partition("[")[0])[-1] if said else ""
            if text and last:
                words.append(body(text, last))
    return IncidentContext(words=tuple(w for w in words if w))


def body(text: str, name: str) -> str:
    """Return a Python function by its name, "" when there is none."""
    found = re.search(rf"(?m)^([ \t]*)(async )?def {re.escape(name)}\b.*\n((?:\1[ \t]+.*\n|[ \t]*\n)*)", text)
    return found[0] if found else ""


def aside(fix: Sample, partner: Change, partner_name: str) -> Sample | None:
    """Tangle a fix with a commit that touches other files; None when they share one."""
    ours = {p for f in fix.change.files for p in (f.path, f.old_path) if p}
    if any({f.path, f.old_path} & ours for f in partner.files):
        return None
    foreign = tuple((f.path, *lines_of(h)) for f in partner.files for h in f.hunks)
    files = tuple(sorted((*fix.change.files, *partner.files), key=lambda f: f.path))
    change = replace(fix.change, files=files)
    return replace(fix, name=f"{fix.name}+{partner_name}", change=change, foreign=foreign)


def lines_of(hunk: Hunk) -> tuple[int, int]:
    """Return first and last line after the change."""
    return hunk.new_start, hunk.new_start + max(len(hunk.added), 1) - 1


def within(fix: Sample, partner: Change, partner_name: str) -> Sample | None:
    """Tangle a fix with a commit that touches one of its files; None when they do not fit together."""
    files: dict[str, ChangedFile] = {f.path: f for f in fix.change.files}
    foreign: list[tuple[str, int, int]] = []
    shared = False
    for theirs in partner.files:
        ours = files.get(theirs.path)
        if ours is None:
            files[theirs.path] = theirs
            foreign += [(theirs.path, *lines_of(h)) for h in theirs.hunks]
            continue
        if ours.before is None or theirs.before is None or theirs.after is None:
            return None
        both = woven(ours, theirs)
        if both is None:
            return None
        files[theirs.path], marked = both
        foreign += [(theirs.path, *lines_of(h)) for h in marked]
        shared = True
    if not shared or not foreign:
        return None
    change = replace(fix.change, files=tuple(files[p] for p in sorted(files)))
    return replace(fix, name=f"{fix.name}+{partner_name}", change=change, foreign=tuple(foreign))


def woven(ours: ChangedFile, theirs: ChangedFile) -> tuple[ChangedFile, list[Hunk]] | None:
    """Put their hunks into our file where their surroundings are found; return it, and their hunks in it."""
    assert ours.before is not None and theirs.before is not None
    lines = ours.before.split("\n")
    edits = [(h.old_start - (1 if h.removed else 0), h, False) for h in ours.hunks]
    other = theirs.before.split("\n")
    for hunk in theirs.hunks:
        at = hunk.old_start - (1 if hunk.removed else 0)
        place = found(lines, other, at, len(hunk.removed))
        if place is None:
            return None
        edits.append((place, hunk, True))
    edits.sort(key=lambda e: (e[0], e[2]))
    for (at, hunk, _), (then, _, _) in pairwise(edits):
        if at + len(hunk.removed) >= then:
            return None  # they touch: one could not tell whose line it is
    hunks, marked, moved = [], [], 0
    for at, hunk, is_theirs in edits:
        old = at + (1 if hunk.removed else 0)
        here = replace(hunk, old_start=old, new_start=at + moved + (1 if hunk.added else 0))
        hunks.append(here)
        marked += [here] if is_theirs else []
        moved += len(hunk.added) - len(hunk.removed)
    bare = replace(ours, hunks=tuple(hunks))
    whole = applied(bare, ours.before)
    return (whole, marked) if whole else None


def found(lines: list[str], other: list[str], at: int, count: int) -> int | None:
    """Return where lines `at` to `at + count` of `other` are in `lines`, by three lines around them."""
    for around in (3, 2):
        start = max(at - around, 0)
        wanted = other[start : at + count + around]
        if not any(w.strip() for w in wanted):
            continue
        places = [n for n in range(len(lines) - len(wanted) + 1) if lines[n : n + len(wanted)] == wanted]
        if places:
            return min(places, key=lambda n: abs(n - start)) + at - start
    return None


def tangles(
    samples: Iterable[Sample],
    repository: Repository,
    random: Random,
    *,
    same_file: bool,
    each: int = 2,
    only: bool = False,
) -> Iterator[Sample]:
    """Return up to `each` tangles a fix, with feature and refactoring commits of the project, of 3-80 lines.

    `only` leaves out partners that touch another file besides the shared one.
    """
    partners = [
        c for kind in ("feature", "refactoring") for c in by_subject(repository, kind) if c.size <= 80
    ]
    changes: dict[str, Change] = {}
    for sample in samples:
        paths = {f.path for f in sample.change.files}
        fitting = [
            c for c in partners if bool(paths & set(c.paths)) == same_file and c.id != sample.change.head
        ]
        if only:
            fitting = [c for c in fitting if set(c.paths) <= paths]
        random.shuffle(fitting)
        made = 0
        for commit in fitting[:40]:
            change = changes.get(commit.id) or changes.setdefault(commit.id, repository.change(commit.id))
            both = (within if same_file else aside)(sample, change, commit.id[:8])
            if both is not None:
                yield both
                made += 1
            if made == each:
                break


def with_tests(samples: Iterable[Sample], bugs: Repository, repository: Repository) -> Iterator[Sample]:
    """Return fixes with what their commit did to the test that showed the bug, up to 150 lines of it."""
    for sample in samples:
        said = bugs.text("HEAD", f"projects/{'/bugs/'.join(sample.name.rsplit('-', 1))}/bug.info") or ""
        named = re.search(r'test_file *= *"([^"]*)"', said)
        paths = [p for p in (named[1] if named else "").split(";") if p]
        base, head = sample.change.base, sample.change.head
        told = repository.git(
            "diff", "-U0", "--no-color", "--full-index", "--no-renames", base, head, "--", *paths
        )
        have = {f.path for f in sample.change.files}
        tests = tuple(
            replace(
                file,
                before=None if file.kind is Kind.ADDED else repository.text(base, file.path),
                after=None if file.kind is Kind.REMOVED else repository.text(head, file.path),
            )
            for file in patched(told)
            if file.path not in have
        )
        if sum(f.size for f in tests) <= 150:
            files = tuple(sorted((*sample.change.files, *tests), key=lambda f: f.path))
            yield replace(sample, change=replace(sample.change, files=files))


def sample_of(repository: Repository, project: str, commit: Logged) -> Sample:
    """Return a commit as it is."""
    change = repository.change(commit.id, commit.subject)
    return Sample(project=project, name=f"{project}@{commit.id[:8]} {commit.subject}", change=change)


def project_of(path: Path) -> str:
    """Return BugsInPy's name for a repository, from its directory: `owner+name/repo`, `name.git`."""
    name = path.parent.name if path.name in ("repo", ".git") else path.name
    name = name.removesuffix(".git").rpartition("+")[2]
    return {"pysnooper": "PySnooper"}.get(name.lower(), name.lower())


def read_arguments(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Read what both benchmarks are given: where BugsInPy is, and the repositories of its projects."""
    parser.add_argument("bugs", type=lambda p: Repository(Path(p)), help="a clone of BugsInPy")
    parser.add_argument("projects", nargs="+", type=Path, help="clones of its projects, as many as there are")
    given = parser.parse_args()
    given.projects = {project_of(p): Repository(p) for p in given.projects}
    return given

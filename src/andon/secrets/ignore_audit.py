"""Would git keep secret files out, and are any in? The findings, and the lines that .gitignore lacks. Pure.

What git says is asked for beforehand (`production.git_ignores`); only a committed rule counts, because only
that one holds for everybody.
"""

from __future__ import annotations

from enum import StrEnum

from andon.incident.words import counted
from andon.record import Record
from andon.secrets.secret_files import GUARDED, Holds, entries, example_of, is_example

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from andon.secrets.secret_files import Guarded

#: Stands for every directory that there will be.
ANYWHERE = "andon-asks/anywhere"
#: Directories of the project that are asked about, beside the root and ANYWHERE.
DIRECTORIES = 30
HEADING = "# Secrets: settings of environments, keys, credentials. Only examples are committed."
_AGAIN = "andon secrets audit"
_WRITE = "andon secrets audit --write"
#: Names that are told of a longer list.
_TOLD = 8


class Kind(StrEnum):
    """What is wrong."""

    TRACKED = "tracked"
    NO_RULE = "no-rule"
    EXPOSED = "exposed"
    NO_EXAMPLE = "no-example"
    EXAMPLE_LACKS = "example-lacks-names"
    EXAMPLE_IGNORED = "example-ignored"
    EXAMPLE_REAL = "example-holds-a-secret"
    UNREAD = "unread"


class IgnoreRule(Record):
    """The rule of git that decides about a path; without a pattern there is none."""

    source: str = ""
    line: int = 0
    pattern: str = ""

    @property
    def ignores(self) -> bool:
        """True when the path is ignored; the last rule may also take it back."""
        return bool(self.pattern) and not self.pattern.startswith("!")

    @property
    def place(self) -> str:
        """`file:line`."""
        return f"{self.source}:{self.line}"


class IgnoreFinding(Record):
    """One thing that is wrong, in words that name no value."""

    kind: Kind
    text: str
    remedy: str
    #: The file it is about; "" for a rule that is missing.
    path: str = ""
    line: int = 0
    #: A secret is in the repository, or as good as.
    is_severe: bool = False


class Proposal(Record):
    """The lines that .gitignore lacks, in their order."""

    lines: tuple[str, ...] = ()
    #: Lines that would take away files which are tracked on purpose, with such a file each.
    left_out: tuple[tuple[str, str], ...] = ()

    def text(self, newline: str = "\n") -> str:
        """Return the block that is appended to a .gitignore; "" when nothing lacks."""
        return newline.join((HEADING, *self.lines)) + newline if self.lines else ""


def asked(files: Iterable[str]) -> tuple[Guarded, ...]:
    """Return the lines that are asked about in a repository with these files."""
    endings = {one.where for one in GUARDED if one.where}
    there = {ending for path in files for ending in endings if path.endswith(ending)}
    return tuple(one for one in GUARDED if not one.where or one.where in there)


def probes(rows: Sequence[Guarded], directories: Sequence[str]) -> tuple[str, ...]:
    """Return the paths about which git is asked: each name at the root, in each directory, and anywhere."""
    return tuple(
        f"{place}/{name}" if place else name
        for place in ("", *directories[:DIRECTORIES], ANYWHERE)
        for row in rows
        for name in (*row.probes, *row.but)
    )


def unguarded(
    rows: Sequence[Guarded],
    directories: Sequence[str],
    committed: Mapping[str, IgnoreRule],
    here: Mapping[str, IgnoreRule],
) -> tuple[tuple[Guarded, IgnoreFinding], ...]:
    """Return each line that lacks, with what that leaves open, where, and what makes it look well here."""
    found = []
    for row in rows:
        open_names: dict[str, list[str]] = {}
        for place in ("", *directories[:DIRECTORIES], ANYWHERE):
            for name in row.probes:
                path = f"{place}/{name}" if place else name
                if not committed.get(path, IgnoreRule()).ignores:
                    open_names.setdefault(name, []).append(place)
        if open_names:
            more = f"{_where(open_names)}{_only_here(open_names, here)}"
            text = f"no committed rule ignores {_listed(open_names)}{more}"
            found.append((row, IgnoreFinding(kind=Kind.NO_RULE, text=text, remedy=_WRITE)))
    return tuple(found)


def _where(open_names: Mapping[str, Sequence[str]]) -> str:
    places = list(dict.fromkeys(place for found in open_names.values() for place in found))
    if "" in places:
        return ""
    if places == [ANYWHERE]:
        return " in other directories than those there are"
    return (
        f" in {_listed([place for place in places if place != ANYWHERE])}; the rule holds for the root alone"
    )


def _only_here(open_names: Mapping[str, Sequence[str]], here: Mapping[str, IgnoreRule]) -> str:
    """Say which rule of this machine makes it look as if all were well; "" for none."""
    for name, places in open_names.items():
        for place in places:
            rule = here.get(f"{place}/{name}" if place else name, IgnoreRule())
            if rule.ignores:
                return f"; {name} is ignored here alone, {_whose(rule)}"
    return ""


def _whose(rule: IgnoreRule) -> str:
    if rule.source.rpartition("/")[2] == ".gitignore" and not rule.source.startswith("/"):
        return f"by {rule.place}, which is not committed"
    if rule.source.endswith("info/exclude"):
        return "by .git/info/exclude, which no clone has"
    return "by your own excludes file, which nobody else has"


def propose(lacking: Sequence[Guarded], taken: Mapping[str, Sequence[str]]) -> Proposal:
    """Return the lines to append: those that lack, then what must stay in.

    `taken` has, by line, the files that it would newly ignore and that belong into the repository: few are
    named as exceptions, for many the line is left out.
    """
    lines: list[str] = []
    back: list[str] = []
    left_out = []
    for row in lacking:
        files = [path for path in taken.get(row.line, ()) if path.rpartition("/")[2] not in row.but]
        if len(files) > _TOLD:
            left_out.append((row.line, files[0]))
            continue
        lines.append(row.line)
        back += [f"!{name}" for name in row.but]
        back += [f"!/{escaped(path)}" for path in files]
    return Proposal(lines=(*lines, *dict.fromkeys(back)), left_out=tuple(left_out))


def escaped(path: str) -> str:
    """Return a path as a pattern of .gitignore that means that file alone: gitignore(5)."""
    plain = "".join(f"\\{c}" if c in "*?[\\" else c for c in path)
    return plain[:-1] + "\\ " if plain.endswith(" ") else plain


def tracked(path: str, what: Holds, is_in_use: bool | None, rule: IgnoreRule) -> IgnoreFinding:
    """Return the finding of a secret file that is committed; in doubt it only warns."""
    although = f", although {rule.place} ignores it" if rule.ignores else ""
    said = f"holds {what}" if is_in_use else f"is called like a file with {what}"
    return IgnoreFinding(
        kind=Kind.TRACKED,
        path=path,
        text=f"is committed{although} and {said}",
        remedy="git rm --cached it, and put a new secret in the place of each that it holds",
        is_severe=bool(is_in_use),
    )


def exposed(path: str, rule: IgnoreRule) -> IgnoreFinding:
    """Return the finding of a file of this work tree that no committed rule keeps from being added."""
    but = f"; it is ignored here alone, {_whose(rule)}" if rule.ignores else ": the next git add takes it"
    return IgnoreFinding(
        kind=Kind.EXPOSED, path=path, text=f"lies here, and no committed rule ignores it{but}", remedy=_WRITE
    )


def unread(path: str, why: str) -> IgnoreFinding:
    """Return that a file could not be judged: unknown is no pass."""
    remedy = f"look at it yourself, then: {_AGAIN}"
    return IgnoreFinding(kind=Kind.UNREAD, path=path, text=f"could not be read: {why}", remedy=remedy)


def without_example(path: str, names: int) -> IgnoreFinding:
    """Return that nobody can know what a file of settings has to hold."""
    return IgnoreFinding(
        kind=Kind.NO_EXAMPLE,
        path=path,
        text=f"has no committed example beside it, so nobody else knows its {counted(names, 'name')}",
        remedy=f"commit {path.rpartition('/')[2]}.example with the names alone",
    )


def compare(
    path: str, text: str, example: str, example_text: str, known: Iterable[bytes]
) -> Iterator[IgnoreFinding]:
    """Yield what an example lacks of a file's names, and where it holds a secret value of it (`known`)."""
    told = {entry.name for entry in entries(example_text)} | _commented(example_text)
    lacks = dict.fromkeys(e.name for e in entries(text) if e.name not in told)
    if lacks:
        yield IgnoreFinding(
            kind=Kind.EXAMPLE_LACKS,
            path=example,
            text=f"does not name {_listed(lacks)}, which {path} sets",
            remedy=f"add the names, without a value, to {example}",
        )
    secret = {value.decode("utf-8", "surrogateescape") for value in known}
    for entry in entries(example_text):
        if entry.value in secret:
            yield holds_secret(example, entry.line, f"the value of {entry.name} that {path} has")


def holds_secret(example: str, line: int, what: str) -> IgnoreFinding:
    """Return that an example holds something real."""
    return IgnoreFinding(
        kind=Kind.EXAMPLE_REAL,
        path=example,
        line=line,
        text=f"holds {what}",
        remedy="leave the value empty there, and put a new secret in its place: that one is in the history",
        is_severe=True,
    )


def ignored_examples(paths: Iterable[str], committed: Mapping[str, IgnoreRule]) -> Iterator[IgnoreFinding]:
    """Yield the examples that a committed rule keeps out, so that whoever adds one loses it."""
    for path in paths:
        rule = committed.get(path, IgnoreRule())
        if rule.ignores:
            yield IgnoreFinding(
                kind=Kind.EXAMPLE_IGNORED,
                path=path,
                text=f"is ignored by {rule.place} ({rule.pattern[:60]}), and belongs into the repository",
                remedy=f"add the line !{path.rpartition('/')[2]} to .gitignore",
            )


def examples_among(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the examples of files of settings."""
    return tuple(path for path in paths if is_example(path))


def example_for(path: str, paths: Iterable[str]) -> str:
    """Return the example that stands for a file of settings; "" for none."""
    return example_of(path, paths)


def _commented(text: str) -> set[str]:
    """Return names that an example shows in a comment: `# NAME=`."""
    bare = "\n".join(line.lstrip().lstrip("#") for line in text.splitlines() if line.lstrip().startswith("#"))
    return {entry.name for entry in entries(bare)}


def _listed(names: Iterable[str]) -> str:
    told = list(names)
    more = f" and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
    return ", ".join(told[:_TOLD]) + more

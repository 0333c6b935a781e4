"""From where a leak is known: values that somebody gives, a finding of the gate, a file that leaked whole."""

from __future__ import annotations

import re

from andon.errors import InvalidInput, NotFound, Unavailable
from andon.record import Record, replace
from andon.secrets.finding import Tier
from andon.secrets.gate import IN_THE_NAME, scan
from andon.secrets.hits import hits
from andon.secrets.known_values import known_values_from_env_file
from andon.secrets.leak.credential import Credential, why_doubtful

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from andon.desk.ports import Desk

#: Bytes that are read of what somebody gives.
LARGEST = 1 << 20
#: Commits that a search for a finding goes through.
FURTHEST = 20_000
#: Branches besides HEAD that a search goes through.
MOST_TIPS = 200
_BRANCHES = ("refs/heads/", "refs/remotes/", "refs/stash")
#: Secrets of one report: more than that is a dump, and worked on file by file.
MOST = 200

#: What the gate says of a file as a whole: the value is none, the file itself is the secret.
_WHOLE_FILES = ("environment-file", "key-file")
_MARK = re.compile(r"(?:\[redacted:)?(?:[a-z0-9 -]+:)?([0-9a-f]{6})\]?")
_NAME = re.compile(rb"([A-Za-z_][\w.-]{0,60})[\"']?[ \t]*[:=][ \t]*[\"'`]?$")


class Given(Record):
    """Secrets that are known to have got out."""

    #: `finding`, `value`, `alert`.
    source: str
    credentials: tuple[Credential, ...]
    #: Where each was first seen, by its mark.
    seen_at: tuple[tuple[str, str], ...] = ()
    #: Files that leaked whole.
    paths: tuple[str, ...] = ()
    #: False when each only may be a secret.
    is_sure: bool = True
    #: What is known of who could read it: `public`, `private`, `unknown`, or "" when nobody said.
    visibility: str = ""
    #: When a host says that it saw one first; None when none did.
    alerted_at: datetime | None = None
    #: What was not taken over, in words.
    left_out: tuple[str, ...] = ()

    @property
    def doubtful(self) -> tuple[tuple[Credential, str], ...]:
        """The values that cannot be told from ordinary text, with the reason."""
        found = ((c, why_doubtful(c.value)) for c in self.credentials)
        return tuple((c, why) for c, why in found if why)


def from_values(desk: Desk, content: bytes, place: str = "") -> Given:
    """Return the secrets in what somebody typed or piped: one a line, a private key over several lines.

    Raises InvalidInput when there is none.
    """
    found = [_credential(desk, value) for value in _lines(content)]
    if not found:
        raise InvalidInput(
            "no value was given", rule="leak-start", remedy="andon leak start --value, one secret a line"
        )
    return _given("value", found, {c.mark: place for c in found if place})


def from_finding(desk: Desk, wanted: str, tell: Callable[[str], None]) -> Given:
    """Return the secret that the gate called by its mark: staged, in the newest commits, or further back.

    Raises InvalidInput for what is no mark, and NotFound.
    """
    match = _MARK.fullmatch(wanted.strip().lower())
    if match is None:
        raise InvalidInput(
            f"{wanted[:40]!r} is not the mark of a secret",
            rule="leak-start",
            remedy="the six digits that the gate shows: andon leak start --finding a1b2c3; or --value",
        )
    mark = match[1]
    for place, path, content in _contents(desk, tell):
        for finding in scan(content, path):
            value = finding.sealed.value
            if desk.redactor.mark(value) != mark:
                continue
            if finding.kind in _WHOLE_FILES:
                return replace(from_paths(desk, (path,), tell), source="finding")
            kind = finding.kind.removesuffix(IN_THE_NAME)
            found = Credential(mark=mark, kind=kind, value=value, variable=_variable(content, value))
            given = _given("finding", [found], {mark: place.format(line=finding.line)})
            return replace(given, is_sure=finding.tier is Tier.BLOCK)
    raise NotFound(
        f"nothing that is staged or in the last {FURTHEST} commits of a branch is called {mark}",
        where=desk.config.root,
        rule="leak-start",
        remedy="andon leak start --value, and paste it: it is not shown",
    )


def from_paths(desk: Desk, paths: Iterable[str], tell: Callable[[str], None]) -> Given:
    """Return every secret that files which leaked whole hold, or held in any commit of a branch.

    Raises NotFound for a file that was never there, and InvalidInput for one that holds no secret.
    """
    wanted = tuple(dict.fromkeys(paths))
    found: dict[str, Credential] = {}
    seen: dict[str, str] = {}
    there: set[str] = set()
    for place, path, content in _contents(desk, tell, wanted):
        there.add(path)
        for line, kind, value in values_in(content, path):
            mark = desk.redactor.mark(value)
            if mark not in found:
                variable = _variable(content, value)
                found[mark] = Credential(mark=mark, kind=kind, value=value, variable=variable)
                seen[mark] = place.format(line=line)
    lost = [path for path in wanted if path not in there]
    if lost:
        raise NotFound(
            f"{lost[0]} is neither staged nor in any commit of a branch",
            where=desk.config.root,
            rule="leak-start",
            remedy="its path from the root of the repository: git log --all -- PATH",
        )
    if not found:
        raise InvalidInput(
            "nothing in it looks like a secret",
            where=", ".join(wanted),
            rule="leak-start",
            remedy="give the values themselves: andon leak start --value --path PATH",
        )
    return _given("value", list(found.values()), seen, wanted)


def values_in(content: bytes, path: str) -> Iterator[tuple[int, str, bytes]]:
    """Yield (line, kind, value) of the secrets in a file that leaked whole, every setting's value too."""
    taken: set[bytes] = set()
    for finding in scan(content, path):
        value = finding.sealed.value
        if finding.kind not in _WHOLE_FILES and value not in taken:
            taken.add(value)
            yield finding.line, finding.kind.removesuffix(IN_THE_NAME), value
    text = content.decode("utf-8", "surrogateescape")
    for value in known_values_from_env_file(text):
        at = content.find(value)
        if value not in taken and at >= 0 and not any(value in other for other in taken):
            yield content.count(b"\n", 0, at) + 1, "environment-value", value


def together(first: Given, *others: Given) -> Given:
    """Return one report of several; a value stands in it once."""
    given = (first, *others)
    credentials = {c.mark: c for g in reversed(given) for c in reversed(g.credentials)}
    seen = {mark: place for g in reversed(given) for mark, place in g.seen_at}
    return Given(
        source=first.source,
        credentials=tuple(
            credentials[m] for m in dict.fromkeys(c.mark for g in given for c in g.credentials)
        ),
        seen_at=tuple(seen.items()),
        paths=tuple(dict.fromkeys(p for g in given for p in g.paths)),
        visibility=next((g.visibility for g in given if g.visibility), ""),
        is_sure=any(g.is_sure for g in given),
        alerted_at=min((g.alerted_at for g in given if g.alerted_at), default=None),
        left_out=tuple(text for g in given for text in g.left_out),
    )


def _given(source: str, found: list[Credential], seen: dict[str, str], paths: tuple[str, ...] = ()) -> Given:
    unique = {c.mark: c for c in reversed(found)}
    credentials = tuple(unique[mark] for mark in dict.fromkeys(c.mark for c in found))
    if len(credentials) > MOST:
        raise InvalidInput(
            f"{len(credentials)} secrets at once; {MOST} are worked on together",
            rule="leak-start",
            remedy="one file after the other: andon leak start --path FILE",
        )
    return Given(source=source, credentials=credentials, seen_at=tuple(seen.items()), paths=paths)


def _credential(desk: Desk, value: bytes, kind: str = "") -> Credential:
    found = kind or next((hit.kind for hit in hits(value, "") if hit.value == value), "")
    return Credential(mark=desk.redactor.mark(value), kind=found or "secret", value=value)


def _lines(content: bytes) -> Iterator[bytes]:
    """Yield the values: one a line, the lines of a key together."""
    key: list[bytes] = []
    for line in content.replace(b"\r\n", b"\n").split(b"\n"):
        if key or line.lstrip().startswith(b"-----BEGIN"):
            key.append(line)
            if b"-----END" in line:
                yield b"\n".join(key)
                key = []
        elif line.strip():
            yield line.strip()
    if key:
        yield b"\n".join(key).rstrip(b"\n")


def _variable(content: bytes, value: bytes) -> str:
    """Return the name to which a value is assigned where it stands first; "" for none."""
    start = content.find(value)
    line = content[content.rfind(b"\n", 0, start) + 1 : start] if start >= 0 else b""
    match = _NAME.search(line)
    return match[1].decode("ascii", "replace") if match else ""


def _contents(
    desk: Desk, tell: Callable[[str], None], paths: tuple[str, ...] = ()
) -> Iterator[tuple[str, str, bytes]]:
    """Yield (place, path, content) of what is staged, then of the commits of HEAD and of other branches.

    The place has `{line}` where the number of the line belongs. With `paths`, only of these.
    """
    seen: set[str] = set()

    def of(change_files: Iterable[tuple[str, str]], where: str) -> Iterator[tuple[str, str, bytes]]:
        wanted = {i: p for i, p in change_files if i and i not in seen and (not paths or p in paths)}
        seen.update(wanted)
        for identity, pieces in desk.changes.objects(tuple(wanted)):
            content = b"".join(pieces)
            yield (
                f"{wanted[identity].replace('{', '(').replace('}', ')')}:{{line}}{where}",
                wanted[identity],
                content,
            )

    try:
        staged = desk.changes.staged()
    except Unavailable as problem:
        raise Unavailable(
            problem.message,
            where=desk.config.root,
            rule="leak-start",
            remedy="cd into the repository in which it leaked; or andon leak start --value",
        ) from problem
    yield from of(((f.new_object, f.path) for f in staged.files if not f.is_submodule), " (staged)")
    try:
        head = desk.repository.head()
    except NotFound:  # nothing is committed yet
        return
    searched: set[str] = set()
    for tip in (head, *_other_tips(desk, head)):
        commits = desk.changes.commits((head,) if tip != head else (), tip, FURTHEST)
        new = [commit for commit in commits if commit.id not in searched]
        searched.update(commit.id for commit in new)
        for number, change in enumerate(desk.changes.each(new)):
            if number and number % 500 == 0:
                tell(f"searched {number} of {len(new)} commits")
            files = [(f.new_object, f.path) for f in change.files if not f.is_submodule]
            yield from of(files, f" in {change.head[:10]}")


def _other_tips(desk: Desk, head: str) -> tuple[str, ...]:
    """Return what other branches, remotes' branches and the stash stand for, as far as they are searched."""
    named = (r.object for r in desk.objects.references() if r.name.startswith(_BRANCHES))
    return tuple(one for one in dict.fromkeys(named) if one != head)[:MOST_TIPS]

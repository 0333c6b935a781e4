"""Reading what may hold a secret: files of changes, raw commits and tags, names. Finds; judges nothing."""

from __future__ import annotations

from andon.incident.words import counted
from andon.record import Record, replace
from andon.secrets.gate import Found, Sealed, SecretFinding, new_secrets, scan_pieces
from andon.secrets.judging import place_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from andon.desk.ports import Desk
    from andon.desk.ports_changes import Changes
    from andon.response.change import Change, ChangedFile
    from andon.secrets.finding import Tier
    from andon.secrets.judging import Place
    from andon.secrets.views import Limits

#: What a limit kept from being read is called.
NOT_READ = "not-read"
#: What nobody can read, so that nothing can be said of it: encrypted, of an unknown format.
CLOSED = "closed"
#: Modes of what is no file: nothing, a submodule.
_NO_FILE = ("", "160000")
#: Modes of files that have lines.
_PLAIN = frozenset(("100644", "100755"))
#: Objects that are asked for together.
_TOGETHER = 400
#: Files up to which each is read as a whole at once, and bytes of versions that are compared together.
_FEW, _HELD = 20, 32 << 20
#: The first line of a pointer of git LFS (https://git-lfs.com/spec/v1) and the longest that one can be.
LFS, _LFS_SIZE = b"version https://git-lfs.github.com/spec/", 1024


class Sighting(Record):
    """A secret, and where it was seen."""

    finding: SecretFinding
    #: Where, in words, when it is in no file: `the message of 12ab34cd56`.
    place: str = ""
    #: The commit that brings it; "" for the index.
    commit: str = ""
    #: Why it could not be read, for NOT_READ and CLOSED.
    why: str = ""


class SecretSearch:
    """One search: what was seen, and how much was read."""

    def __init__(self, desk: Desk, limits: Limits, seconds: float) -> None:
        """Take the limits of one content, and the seconds after which nothing more is begun."""
        self._changes: Changes = desk.changes
        self._limits = limits
        self._clock = desk.clock
        self._until = desk.clock.monotonic() + seconds
        #: What an object was found to hold under a path.
        self._known: dict[tuple[str, str], Found] = {}
        self.sightings: list[Sighting] = []
        self.files = self.commits = 0
        #: What was told of a history by path, and the sightings in it with their objects.
        self._in_history: set[tuple[str, str, Sealed, Tier]] = set()
        self._blobs: list[tuple[int, str]] = []
        #: What could not be looked at because time was up.
        self.left_out = 0

    def is_late(self) -> bool:
        """True when time is up."""
        return self._clock.monotonic() > self._until

    def words(self, content: bytes, place: str, commit: str = "") -> None:
        """Look into a message or a name."""
        found = scan_pieces((content,), "", self._limits, self.is_late)
        self._see(found, ("", ""), place, commit)

    def changes(self, changes: Iterable[Change]) -> None:
        """Look into the files that the changes bring, and into their commits as git keeps them."""
        files: list[tuple[str, ChangedFile]] = []
        commits: list[str] = []
        for change in changes:
            self.files += len(change.files)
            files += [(change.head, replace(f, hunks=())) for f in change.files if _comes_in(f)]
            commits += [commit.id for commit in change.commits]
            if len(files) + len(commits) >= _TOGETHER:
                self._look(files, commits)
                files, commits = [], []
        self._look(files, commits)

    def pieces(self, path: str, pieces: Iterable[bytes]) -> None:
        """Look into a content that is in no repository, under its path."""
        self.files += 1
        self._see(self._scanned(pieces, path), (path, path), "", "")

    def finds(self, content: bytes, path: str) -> bool:
        """True when there is anything to tell of a content; nothing is kept."""
        found = scan_pieces((content,), path, self._limits, self.is_late)
        return bool(found.findings or found.problems or found.closed)

    def blob(self, identity: str, path: str, pieces: Iterable[bytes]) -> None:
        """Look into a file of a history; what was seen under its path before is not told again."""
        found = self._scanned(pieces, path)
        new = [f for f in found.findings if (path, f.kind, f.sealed, f.tier) not in self._in_history]
        self._in_history.update((path, f.kind, f.sealed, f.tier) for f in new)
        named = "" if path else f"the object {identity[:10]}, which has no name"
        first = len(self.sightings)
        self._see(replace(found, findings=tuple(new)), (identity, path), named, "")
        self._blobs += [(number, identity) for number in range(first, len(self.sightings))]

    def name_first_commits(self) -> None:
        """Put the commit that first brought each file of a history to what was seen in it."""
        if self._blobs:
            commits = self._changes.first_commits(sorted({identity for _, identity in self._blobs}))
            for number, identity in self._blobs:
                commit = commits.get(identity, "")
                self.sightings[number] = replace(self.sightings[number], commit=commit)
        self._blobs = []

    @property
    def read_so_far(self) -> str:
        """How much was read, in words; "" for nothing."""
        parts = [counted(self.files, "file")] + [counted(self.commits, "message")] * bool(self.commits)
        return " and ".join(parts) if self.files or self.commits else ""

    def _look(self, files: list[tuple[str, ChangedFile]], commits: list[str]) -> None:
        if self.is_late():
            self.left_out += len(files) + len(commits)
            return
        self._look_at_commits(commits)
        files = self._with_news(files)
        self._read([(f.new_object, f.path) for _, f in files])
        told = [(c, f) for c, f in files if self._known[f.new_object, f.path] != _NOTHING]
        olds = [(f.old_object, f.old_path or f.path) for _, f in told if f.old_mode not in _NO_FILE]
        self._read([(identity, path) for identity, path in olds if identity])
        for commit, file in told:
            found = self._known[file.new_object, file.path]
            old = self._known.get((file.old_object, file.old_path or file.path), _NOTHING)
            if file.new_object == file.old_object:  # renamed: only its name can be new
                found = replace(found, problems=(), closed=())
            new = new_secrets(old.findings, found.findings)
            self._see(replace(found, findings=new), (file.new_object, file.path), "", commit)

    def _look_at_commits(self, commits: list[str]) -> None:
        """Look into raw commits: all at once, and one by one when anything is in them."""
        raw = [(identity, b"".join(pieces)) for identity, pieces in self._changes.objects(commits)]
        self.commits += len(raw)
        if len(raw) > 1 and not self.finds(b"\n\n".join(content for _, content in raw), ""):
            return
        for identity, content in raw:
            head, _, message = content.partition(b"\n\n")
            self.words(message, f"the message of {identity[:10]}", identity)
            self.words(head, f"the author, committer or header of {identity[:10]}", identity)

    def _with_news(self, files: list[tuple[str, ChangedFile]]) -> list[tuple[str, ChangedFile]]:
        """Return the files without those in whose new lines there is nothing; all when they are few."""
        if len(files) < _FEW:
            return files
        from andon.secrets.new_lines import around_news

        changed = [
            f for _, f in files if f.old_object and f.old_path in ("", f.path) and f.old_mode in _PLAIN
        ]
        changed = [f for f in changed if f.new_mode in _PLAIN and not place_of(f.path).is_environment]
        contents: dict[str, bytes] = {}
        room = _HELD
        for identity, pieces in self._changes.objects(
            [o for f in changed for o in (f.old_object, f.new_object)]
        ):
            content, more = next(pieces, b""), next(pieces, None)
            room -= len(content)
            if more is not None or room < 0:
                break
            contents[identity] = content
        quiet: set[tuple[str, str, str]] = set()
        portions: dict[Place, list[tuple[ChangedFile, bytes]]] = {}
        for file in changed:
            old, new = contents.get(file.old_object), contents.get(file.new_object)
            if old is None or new is None or new.startswith(LFS):
                continue
            if (what_is_new := around_news(old, new)) is not None:
                portions.setdefault(place_of(file.path), []).append((file, what_is_new))
        for portion in portions.values():
            if not self.finds(b"\n\n".join(new for _, new in portion), portion[0][0].path):
                quiet.update((f.old_object, f.new_object, f.path) for f, _ in portion)
                continue
            for f, new in portion:
                if not self.finds(new, f.path):
                    quiet.add((f.old_object, f.new_object, f.path))
        return [(c, f) for c, f in files if (f.old_object, f.new_object, f.path) not in quiet]

    def _read(self, files: Sequence[tuple[str, str]]) -> None:
        """Find what is in objects; one that is too much to hold twice is read once for every path."""
        paths: dict[str, list[str]] = {}
        for identity, path in files:
            if (identity, path) not in self._known and path not in paths.setdefault(identity, []):
                paths[identity].append(path)
        wanted = [identity for identity in paths if paths[identity]]
        for identity, pieces in self._changes.objects(wanted):
            first, *others = paths[identity]
            content = [b"".join(pieces)] if others else pieces
            for path in (first, *others):
                self._known[identity, path] = self._scanned(content, path)

    def _scanned(self, pieces: Iterable[bytes], path: str) -> Found:
        start: list[bytes] = []

        def told() -> Iterator[bytes]:
            for piece in pieces:
                start[:] = start or [piece[:_LFS_SIZE]]
                yield piece

        found = scan_pieces(told(), path, self._limits, self.is_late)
        if start and start[0].startswith(LFS):
            found = replace(
                found, closed=(*found.closed, "its content is kept by git LFS, and only that is there")
            )
        return found

    def _see(self, found: Found, at: tuple[str, str], place: str, commit: str) -> None:
        """Keep what was found in an object, and under which path it was read."""
        identity, path = at
        for finding in found.findings:
            self.sightings.append(Sighting(finding=finding, place=place, commit=commit))
        for kind, reasons in ((NOT_READ, found.problems), (CLOSED, found.closed)):
            for why in reasons:
                sealed = Sealed(f"{kind} {identity}".encode())
                finding = SecretFinding(kind=kind, path=path, sealed=sealed)
                self.sightings.append(Sighting(finding=finding, place=place, commit=commit, why=why))


def _comes_in(file: ChangedFile) -> bool:
    return bool(file.new_object) and not file.is_submodule


_NOTHING = Found()

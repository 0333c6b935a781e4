"""What lies around a repository's objects: references, reflogs, git's own files, the work tree, remotes."""

from __future__ import annotations

import os
import re
import stat

from andon.desk.leak.stored import IndexEntry, LogLine, Part, Reference, RemotePlace, Storage
from andon.production.git_moments import signature
from andon.production.git_objects import OVERLAP, GitObjects
from andon.production.workplace import common_directory, git_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Bytes of a file that are read at once, and up to which it is handed over whole.
_PIECE = 8 << 20
_PACKED_NAMES = re.compile(r"pack-[0-9a-f]{40,64}\.[a-z0-9.-]+|multi-pack-index.*|[0-9a-f]{38,62}")
_KNOWN = ("info", "pack")


class GitStorage(GitObjects):
    """The port `Objects`."""

    def storage(self) -> Storage:
        """Return what is known to be left out of, or put beside, this repository; raises Unavailable."""
        settings = self._settings()
        partial = self._partial(settings)
        shared = common_directory(self.root) or self.root
        return Storage(
            is_bare=not self._work_tree(),
            is_shallow=_size(os.path.join(shared, "shallow")) > 0,
            partial=partial,
            promised=self._promised() if partial else 0,
            alternates=self._alternates(shared),
            garbage=self._garbage(shared),
            form=settings.get("extensions.objectformat", "sha1"),
            submodules=self._submodules(shared),
        )

    def references(self) -> tuple[Reference, ...]:
        """Return every reference and HEAD, of all work trees, as it is."""
        found = []
        for line in self._lines("for-each-ref", "--format=%(objectname) %(refname)"):
            name, _, reference = line.partition(" ")
            found.append(Reference(name=reference, object=name))
        head = self._lines("rev-parse", "--verify", "--quiet", "HEAD")
        found += [Reference(name="HEAD", object=name) for name in head]
        here, place = os.path.realpath(self.root), ""
        for line in self._lines("worktree", "list", "--porcelain"):
            word, _, rest = line.partition(" ")
            if word == "worktree":
                place = rest
            elif word == "HEAD" and rest.strip("0") and os.path.realpath(place) != here:
                found.append(Reference(name=f"HEAD of {os.path.basename(place)}", object=rest))
        return tuple(found)

    def log_lines(self) -> Iterator[LogLine]:
        """Yield the reflogs' lines, of each log the oldest first."""
        for place in self._directories():
            logs = os.path.join(place, "logs")
            for path in _files(logs):
                name = os.path.relpath(path, logs)
                for content in _pieces(path, {}, by_line=True):
                    for line in content.split(b"\n"):
                        told, _, message = line.partition(b"\t")
                        words = told.split(b" ", 2)
                        if len(words) == 3:
                            yield LogLine(
                                reference=name,
                                old=words[0].decode("ascii", "replace"),
                                new=words[1].decode("ascii", "replace"),
                                at=signature(words[2])[1],
                                message=message.decode("utf-8", "replace"),
                            )

    def git_files(self, broken: dict[str, str]) -> Iterator[Part]:
        """Yield the files of git's own directory besides objects, in parts that overlap."""
        for place in self._directories():
            for path in _files(place, skipped=("objects",), nested="modules"):
                name = os.path.relpath(path, place)
                where = "lfs" if name.startswith("lfs" + os.sep) else "git"
                yield from _parts(path, name, where, broken)

    def work_files(self, broken: dict[str, str]) -> Iterator[Part]:
        """Yield the files of the work tree, tracked or not, but for ignored ones; nothing in a bare one."""
        if not self._work_tree():
            return
        tracked = set(self._names("ls-files", "-z", "--cached"))
        others = self._names("ls-files", "-z", "--others", "--exclude-standard")
        for name in (*sorted(tracked), *others):
            path = os.path.join(self.root, name)
            where = "tracked" if name in tracked else "untracked"
            if os.path.islink(path):
                yield Part(path=name, content=os.fsencode(os.readlink(path)), place=where)
            elif os.path.isfile(path):
                yield from _parts(path, name, where, broken)

    def index(self) -> tuple[IndexEntry, ...]:
        """Return what is staged; nothing in a bare repository."""
        found = []
        for entry in self._names("ls-files", "-z", "--stage"):
            told, _, path = entry.partition("\t")
            found.append(IndexEntry(path=path, object=told.split(" ")[1]))
        return tuple(found)

    def remotes(self) -> tuple[RemotePlace, ...]:
        """Return the configured remotes."""
        found: dict[str, list[str]] = {}
        fetches: dict[str, list[str]] = {}
        for line in self._names("config", "-z", "--get-regexp", r"^remote\..*\.(url|pushurl|fetch)$"):
            key, _, value = line.partition("\n")
            name, _, kind = key.removeprefix("remote.").rpartition(".")
            (fetches if kind == "fetch" else found).setdefault(name, []).append(value)
        return tuple(
            RemotePlace(name=name, addresses=tuple(dict.fromkeys(urls)), fetches=tuple(fetches.get(name, ())))
            for name, urls in found.items()
        )

    def _names(self, *words: str) -> list[str]:
        with self.running(*words) as (read, _):
            answer = b"".join(iter(read, b""))
        return [part for part in answer.decode("utf-8", "surrogateescape").split("\0") if part]

    def _lines(self, *words: str) -> list[str]:
        with self.running(*words) as (read, _):
            answer = b"".join(iter(read, b""))
        return [line for line in answer.decode("utf-8", "surrogateescape").split("\n") if line]

    def _settings(self) -> dict[str, str]:
        told = (line.partition("\n") for line in self._names("config", "-z", "--list"))
        return {key.lower(): value for key, _, value in told}

    def _work_tree(self) -> bool:
        return os.path.lexists(os.path.join(self.root, ".git"))

    def _directories(self) -> tuple[str, ...]:
        """Return the directories of git: what all work trees share holds those of the others."""
        shared, own = common_directory(self.root), git_directory(self.root)
        places = [place for place in (shared, own) if place]
        if len(places) == 2 and os.path.realpath(places[1]).startswith(os.path.realpath(places[0])):
            places.pop()
        return tuple(places)

    def _partial(self, settings: dict[str, str]) -> str:
        for key, value in settings.items():
            if key.startswith("remote.") and key.endswith(".partialclonefilter"):
                return value or "some objects"
        promising = any(k.startswith("remote.") and k.endswith(".promisor") for k in settings)
        return "some objects" if promising or "extensions.partialclone" in settings else ""

    def _promised(self) -> int:
        return sum(
            line.startswith("?") for line in self._lines("rev-list", "--objects", "--all", "--missing=print")
        )

    def _alternates(self, shared: str) -> tuple[str, ...]:
        try:
            with open(os.path.join(shared, "objects", "info", "alternates"), encoding="utf-8") as file:
                return tuple(line.strip() for line in file if line.strip() and not line.startswith("#"))
        except (OSError, UnicodeDecodeError):
            return ()

    def _garbage(self, shared: str) -> tuple[str, ...]:
        objects = os.path.join(shared, "objects")
        found = []
        for path in _files(objects):
            name = os.path.relpath(path, objects)
            folder, _, file = name.rpartition(os.sep)
            if folder.startswith("info") or file.endswith(
                (".keep", ".promisor", ".lock", ".graph", ".bitmap")
            ):
                continue
            if not _PACKED_NAMES.fullmatch(file) or folder.startswith(("incoming", "tmp_objdir")):
                found.append(name)
        return tuple(found)

    def _submodules(self, shared: str) -> tuple[str, ...]:
        modules = os.path.join(shared, "modules")
        found = []
        for place, folders, files in os.walk(modules):
            if "HEAD" in files and "objects" in folders:
                found.append(os.path.relpath(place, modules))
                folders[:] = []
        return tuple(sorted(found))


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


def _files(place: str, skipped: tuple[str, ...] = (), nested: str = "") -> Iterator[str]:
    """Yield the regular files below a directory, sorted; not those of the folders left out at its top."""
    for folder, folders, files in os.walk(place):
        at_top = folder == place
        folders[:] = sorted(f for f in folders if not (at_top and f in (*skipped, nested)))
        for name in sorted(files):
            path = os.path.join(folder, name)
            if stat.S_ISREG(os.lstat(path).st_mode):
                yield path


def _parts(path: str, name: str, where: str, broken: dict[str, str]) -> Iterator[Part]:
    before = b""
    is_whole = True
    problems: dict[str, str] = {}
    for piece in _pieces(path, problems):
        is_whole = is_whole and len(piece) < _PIECE
        yield Part(path=name, content=before + piece, place=where, is_whole=is_whole and not before)
        before = piece[-OVERLAP:]
    if problems:
        broken[name] = problems[path]


def _pieces(path: str, broken: dict[str, str], *, by_line: bool = False) -> Iterator[bytes]:
    """Yield what a file holds; nothing of what is no file any more; one closed to us is in `broken`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return
            while piece := file.read(_PIECE):
                yield piece + (file.readline() if by_line else b"")
    except OSError as problem:
        broken[path] = f"it cannot be read: {problem.strerror}"

"""The files in which flags may be asked for: listed by git, read from disk or from git's objects."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from andon.desk.flags.sources import Source
from andon.errors import AndonError, Conflict, Refused, Unavailable
from andon.production.own_files import OwnFile
from andon.production.quick_git import QuickGit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: Bytes of git's list of files, and of what it says of one file's lines.
_LISTED = 1 << 28
#: Marks of which something is kept; the oldest go.
_KEPT = 4
_PREFIX = "flag-scan-"


class GitFlagSources:
    """The port `FlagSources`."""

    def __init__(self, root: str) -> None:
        """Take the root of the work tree."""
        self.root = root
        self._git = QuickGit(root)

    def here(self) -> tuple[Source, ...]:
        """Return the tracked files of the work tree."""
        listed = self._listed("ls-files", "--stage", "-z")
        told = self._git.answer("diff-files", "-z", "--name-only", "--no-ext-diff", limit=_LISTED)
        changed = set(_names(told))
        return tuple(
            Source(path=path, identity="" if path in changed else identity) for path, identity in listed
        )

    def at(self, commit: str) -> tuple[Source, ...]:
        """Return the files of a commit, or of the index."""
        if not commit:
            listed = self._listed("ls-files", "--stage", "-z")
        else:
            listed = self._listed("ls-tree", "-r", "-z", "--full-tree", commit)
        return tuple(Source(path=path, identity=identity, is_here=False) for path, identity in listed)

    def _listed(self, *words: str) -> list[tuple[str, str]]:
        """Return (path, identity) of plain files: `100644 ID 0<TAB>path`, or `100644 blob ID<TAB>path`."""
        found = []
        at = 2 if words[0] == "ls-tree" else 1
        for line in self._git.answer(*words, limit=_LISTED).split(b"\0"):
            head, _, name = line.partition(b"\t")
            if head[:3] == b"100":  # no link, no submodule
                found.append((name.decode("utf-8", "surrogateescape"), head.split(b" ")[at].decode()))
        return found

    def read(self, sources: Sequence[Source], largest: int) -> Iterator[tuple[Source, bytes | None]]:
        """Yield each file with its content."""
        here = [source for source in sources if source.is_here]
        directory = os.open(self.root, os.O_RDONLY) if here else -1
        try:
            for source in here:
                yield source, _read(directory, source.path, largest)
        finally:
            if directory >= 0:
                os.close(directory)
        by_identity: dict[str, list[Source]] = {}
        for source in sources:
            if not source.is_here:
                by_identity.setdefault(source.identity, []).append(source)
        if not by_identity:
            return
        from andon.production.git_stream import stream

        for identity, pieces in stream(self._git, list(by_identity)):
            content, size = [], 0
            for piece in pieces:
                size += len(piece)
                if size <= largest:
                    content.append(piece)
            whole = b"".join(content) if size <= largest else None
            for source in by_identity[identity]:
                yield source, whole

    def content(self, path: str) -> bytes | None:
        """Return a file of the work tree."""
        directory = os.open(self.root, os.O_RDONLY)
        try:
            return _read(directory, path, 1 << 26)
        finally:
            os.close(directory)

    def write(self, path: str, before: bytes, after: bytes) -> None:
        """Replace a file of the work tree; its mode stays."""
        if self.content(path) != before:
            raise Conflict(f"{path} has changed meanwhile", where=path, remedy="give the command again")
        place = os.path.join(self.root, path)
        root = os.path.realpath(self.root)
        if os.path.commonpath((root, os.path.realpath(place))) != root:
            raise Refused("it leads out of the repository", where=path, rule="links-inside")
        draft = f"{place}.{os.getpid()}.andon"
        try:
            mode = os.stat(place).st_mode & 0o7777
            end = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with open(end, "wb") as file:
                file.write(after)
                file.flush()
                os.fsync(end)
            os.chmod(draft, mode)
            os.replace(draft, place)
        except OSError as problem:
            if os.path.lexists(draft):
                os.unlink(draft)
            raise Unavailable(f"{problem.strerror}", where=path, remedy=f"ls -l {path}") from problem

    def line_times(self, path: str) -> tuple[datetime | None, ...]:
        """Return when each line of a file last changed."""
        try:
            said = self._git.answer("blame", "--porcelain", "--", path, limit=_LISTED)
        except AndonError:
            return ()
        is_cut = self._git.ask("rev-parse", "--is-shallow-repository").raw.strip() == b"true"
        return tuple(_times(said.decode("utf-8", "replace"), is_cut))

    def kept(self, mark: str) -> dict[str, str]:
        """Return what was kept under a mark."""
        try:
            lines = OwnFile(self.root, _PREFIX + mark).read().split("\n")
        except AndonError:
            return {}
        return {key: text for key, _, text in (line.partition("\t") for line in lines) if key}

    def keep(self, mark: str, texts: Mapping[str, str]) -> None:
        """Keep texts under a mark; of other marks only the newest."""
        file = OwnFile(self.root, _PREFIX + mark)
        try:
            file.put("".join(f"{key}\t{text}\n" for key, text in texts.items()), lasts=False)
            place = os.path.dirname(file.path)
            beside = [os.path.join(place, name) for name in os.listdir(place) if name.startswith(_PREFIX)]
            for old in sorted(beside, key=os.path.getmtime)[:-_KEPT]:
                os.unlink(old)
        except (AndonError, OSError):
            return  # then the next one looks again


def _names(answer: bytes) -> list[str]:
    return [name.decode("utf-8", "surrogateescape") for name in answer.split(b"\0") if name]


def _read(directory: int, path: str, largest: int) -> bytes | None:
    """Return a plain file below a directory, without following a link at its end."""
    try:
        end = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=directory)
    except OSError:
        return None
    try:
        content = os.read(end, 1 << 16)
        if len(content) < 1 << 16:
            return content if len(content) <= largest else None
        parts, size = [content], len(content)
        while size <= largest and (more := os.read(end, 1 << 18)):
            parts.append(more)
            size += len(more)
        return b"".join(parts) if size <= largest else None
    except OSError:
        return None
    finally:
        os.close(end)


def _times(said: str, is_cut: bool) -> Iterator[datetime | None]:
    """Yield the time of each line of `git blame --porcelain`; None for one from where a clone is cut off."""
    times: dict[str, float] = {}
    boundaries: set[str] = set()
    commit = ""
    for line in said.split("\n"):
        if line.startswith("\t"):
            if is_cut and commit in boundaries:
                yield None
            else:
                yield datetime.fromtimestamp(times.get(commit, 0.0), UTC)
        elif line.startswith("committer-time "):
            times[commit] = float(line[15:])
        elif line == "boundary":
            boundaries.add(commit)
        elif (word := line.partition(" ")[0]) and len(word) in (40, 64) and word.isalnum():
            commit = word

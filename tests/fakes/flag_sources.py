"""The files of a repository in memory, for what looks after flags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from andon.desk.flags.sources import Source
from andon.errors import Conflict
from andon.incident.digest import digest


class FakeFlagSources:
    """The port `FlagSources`: the same files in the work tree, the index and every commit."""

    root = "memory"

    def __init__(self, files: Mapping[str, str] | None = None) -> None:
        self.files = {path: text.encode() for path, text in (files or {}).items()}
        #: Files as they are in a commit, or in the index for ""; those of the work tree where none is given.
        self.commits: dict[str, dict[str, bytes]] = {}
        self.times: dict[str, tuple[datetime | None, ...]] = {}
        self.cache: dict[str, dict[str, str]] = {}
        #: Paths whose content was asked for.
        self.asked: list[str] = []

    def here(self) -> tuple[Source, ...]:
        return tuple(Source(path=path, identity=digest(raw)[:40]) for path, raw in self.files.items())

    def at(self, commit: str) -> tuple[Source, ...]:
        files = self.commits.get(commit, self.files)
        return tuple(
            Source(path=path, identity=digest(raw)[:40], is_here=False) for path, raw in files.items()
        )

    def read(self, sources: Sequence[Source], largest: int) -> Iterator[tuple[Source, bytes | None]]:
        every = [self.files, *self.commits.values()]
        known = {digest(raw)[:40]: raw for files in every for raw in files.values()}
        for source in sources:
            self.asked.append(source.path)
            raw = known.get(source.identity, self.files.get(source.path))
            yield source, raw if raw is not None and len(raw) <= largest else None

    def content(self, path: str) -> bytes | None:
        return self.files.get(path)

    def write(self, path: str, before: bytes, after: bytes) -> None:
        if self.files.get(path) != before:
            raise Conflict("changed meanwhile", where=path)
        self.files[path] = after

    def line_times(self, path: str) -> tuple[datetime | None, ...]:
        return self.times.get(path, ())

    def kept(self, mark: str) -> dict[str, str]:
        return dict(self.cache.get(mark, {}))

    def keep(self, mark: str, texts: Mapping[str, str]) -> None:
        self.cache[mark] = dict(texts)

"""Turns what was seen into places: paths, the commit that brought it, its author, what reaches it."""

from __future__ import annotations

import os

from andon.incident.parts import LeakPlace
from andon.secrets.leak.history import reached_from
from andon.secrets.leak.inside import inside
from andon.secrets.views_archives import is_zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from andon.desk.leak.located import History
    from andon.desk.leak.scan import Scanned
    from andon.desk.leak.stored import CommitHeader, Part
    from andon.desk.ports_leak import Objects
    from andon.secrets.leak.finder import Finder
    from andon.secrets.leak.history import Origin, Traced

#: Paths that one place lists.
_PATHS = 20


class Places:
    """Every place of one repository that holds a credential."""

    def __init__(
        self,
        objects: Objects,
        finder: Finder,
        scanned: Scanned,
        traced: Traced,
        history: History,
        reachable: set[str],
    ) -> None:
        """Take what was read; the files around the objects are read by `all`."""
        self._objects = objects
        self._finder = finder
        self._scanned = scanned
        self._traced = traced
        self._history = history
        self._reachable = reachable
        self._rank = {name: number for number, name in enumerate(history.order)}
        #: Files that could not be read.
        self.broken: dict[str, str] = {}
        #: True when what HEAD stands for holds a value, or a tracked file of the work tree does.
        self.in_head = False
        self.missing_lfs = 0

    def all(self) -> list[LeakPlace]:
        """Return the places, those that a reference reaches first; raises Unavailable."""
        origins = self._origins()
        own = [name for name, kind in self._scanned.kinds.items() if kind == "commit"]
        headers = self._objects.headers([*(first for _, first in origins.values()), *own])
        notes = self._notes()
        found = [
            *self._blobs(origins, headers, notes),
            *self._file_names(headers),
            *self._messages(headers),
            *self._reference_names(),
            *self._index(),
            *self._git_files(),
            *self._work_files(),
        ]
        self._look_at_head()
        unique = {(p.mark, p.kind, p.name, p.encoding, p.paths): p for p in found}
        return sorted(unique.values(), key=lambda place: not place.is_reachable)

    def _origins(self) -> dict[str, tuple[list[Origin], str]]:
        """Return by object its origins and the commit that brought it first, reachable if one is."""
        grouped: dict[str, list[Origin]] = {}
        for origin in self._traced.origins:
            if origin.object in self._scanned.hits:
                grouped.setdefault(origin.object, []).append(origin)
        return {
            name: (origins, self._first(c for o in origins for c in o.commits))
            for name, origins in grouped.items()
        }

    def _first(self, commits: Iterable[str]) -> str:
        """Return the commit to name: reachable before others, the oldest by its clock, then by descent."""
        nodes = self._history.nodes
        return min(
            commits, key=lambda c: (c not in self._reachable, nodes[c].committed or 1 << 60, self._rank[c])
        )

    def _notes(self) -> set[str]:
        tips = [tip for name, tip in self._history.tips.items() if name.startswith("refs/notes/")]
        if not tips:
            return set()
        others = [tip for name, tip in self._history.tips.items() if not name.startswith("refs/notes/")]
        nodes = self._history.nodes
        return reached_from(nodes, tips) - reached_from(nodes, others)

    def _blobs(
        self,
        origins: dict[str, tuple[list[Origin], str]],
        headers: dict[str, CommitHeader],
        notes: set[str],
    ) -> Iterator[LeakPlace]:
        direct = {reference.object for reference in self._history.references}
        direct.update(self._scanned.tags.values())
        staged = {entry.object: entry.path for entry in self._objects.index()}
        for name, held in self._scanned.hits.items():
            if self._scanned.kinds[name] != "blob":
                continue
            brought, first = origins.get(name, ([], ""))
            header = headers.get(first)
            paths = [self._shown(o.path) for o in brought[:_PATHS]]
            if not brought and name in staged:
                paths = [self._finder.without(staged[name])]
            for mark, encoding in held:
                yield LeakPlace(
                    mark=mark,
                    kind="note" if first in notes else "blob",
                    name=name,
                    encoding=encoding,
                    paths=tuple(dict.fromkeys(paths)),
                    commit=first,
                    author=self._finder.without(header.author) if header else "",
                    at=header.committed if header else None,
                    is_reachable=first in self._reachable or name in direct,
                )

    def _file_names(self, headers: dict[str, CommitHeader]) -> Iterator[LeakPlace]:
        """Yield the paths with a value in a name; trees that no commit has are named by their id."""
        names = self._scanned.names
        seen: set[bytes] = set()
        grouped: dict[bytes, list[str]] = {}
        for origin in self._traced.origins:
            parts = origin.path.split(b"/")
            for number, part in enumerate(parts):
                if part in names:
                    grouped.setdefault(b"/".join(parts[: number + 1]), []).extend(origin.commits)
        firsts = {path: self._first(commits) for path, commits in grouped.items()}
        known = {**headers, **self._objects.headers(c for c in firsts.values() if c not in headers)}
        for path, first in firsts.items():
            last = path.rpartition(b"/")[2]
            seen.add(last)
            header = known.get(first)
            for mark, encoding in names[last]:
                yield LeakPlace(
                    mark=mark,
                    kind="file-name",
                    name=self._history.nodes[first].tree,
                    encoding=encoding,
                    paths=(self._shown(path),),
                    commit=first,
                    author=self._finder.without(header.author) if header else "",
                    at=header.committed if header else None,
                    is_reachable=first in self._reachable,
                )
        for name, told in names.items():
            if name not in seen:
                for mark, encoding in told:
                    yield LeakPlace(
                        mark=mark,
                        kind="file-name",
                        name="a tree of no commit",
                        encoding=encoding,
                        paths=(self._shown(name),),
                        is_reachable=False,
                    )

    def _messages(self, headers: dict[str, CommitHeader]) -> Iterator[LeakPlace]:
        direct = {reference.object for reference in self._history.references}
        for name, held in self._scanned.hits.items():
            kind = self._scanned.kinds[name]
            if kind not in ("commit", "tag"):
                continue
            header = headers.get(name)
            for mark, encoding in held:
                yield LeakPlace(
                    mark=mark,
                    kind=kind,
                    name=name,
                    encoding=encoding,
                    commit=name if kind == "commit" else self._scanned.tags.get(name, ""),
                    author=self._finder.without(header.author) if header else "",
                    at=header.committed if header else None,
                    is_reachable=name in (self._reachable if kind == "commit" else direct),
                )

    def _reference_names(self) -> Iterator[LeakPlace]:
        for reference in self._history.references:
            for mark, encoding in self._finder.told(os.fsencode(reference.name)):
                yield LeakPlace(
                    mark=mark,
                    kind="ref-name",
                    name=self._finder.without(reference.name),
                    encoding=encoding,
                    commit=self._history.tips.get(reference.name, ""),
                )

    def _index(self) -> Iterator[LeakPlace]:
        for entry in self._objects.index():
            shown = self._finder.without(entry.path)
            held = [*self._scanned.hits.get(entry.object, ()), *self._finder.told(os.fsencode(entry.path))]
            for mark, encoding in held:
                yield LeakPlace(mark=mark, kind="index", name=entry.object, encoding=encoding, paths=(shown,))

    def _git_files(self) -> Iterator[LeakPlace]:
        stored = set()
        for part in self._objects.git_files(self.broken):
            if part.place == "lfs":
                stored.add(part.path.rpartition(os.sep)[2])
            kind = "lfs" if part.place == "lfs" else _kind_of(part.path)
            if part.path != "index":
                yield from self._in_file(part, kind, is_reachable=kind != "reflog")
        self.missing_lfs = len(self._scanned.lfs - stored)

    def _work_files(self) -> Iterator[LeakPlace]:
        for part in self._objects.work_files(self.broken):
            for place in self._in_file(part, "work-tree", is_reachable=True):
                self.in_head = self.in_head or part.place == "tracked"
                yield place

    def _in_file(self, part: Part, kind: str, *, is_reachable: bool) -> Iterator[LeakPlace]:
        spans, packed = self._finder.scan(part.content)
        held = [(span.mark, span.encoding) for span in spans]
        held += self._finder.told(os.fsencode(part.path))
        shown = self._finder.without(part.path)
        if packed or is_zlib(part.content):
            problems: dict[str, None] = {}
            if part.is_whole:
                held += inside(self._finder, part.content, problems)
            else:
                problems["it is too large to look into archives in it"] = None
            if problems and kind != "work-tree":
                self.broken[shown] = "; ".join(self._finder.without(problem) for problem in problems)
        for mark, encoding in dict.fromkeys(held):
            yield LeakPlace(
                mark=mark, kind=kind, name=shown, encoding=encoding, paths=(shown,), is_reachable=is_reachable
            )

    def _look_at_head(self) -> None:
        head = self._history.tips.get("HEAD", "")
        if head in self._traced.holding:
            self.in_head = True

    def _shown(self, path: bytes) -> str:
        return self._finder.without(path.decode("utf-8", "surrogateescape"))


def _kind_of(path: str) -> str:
    """Return what a file of git's directory is."""
    parts = path.split(os.sep)
    own = parts[2:] if parts[0] == "worktrees" else parts
    if own[:1] == ["logs"]:
        return "reflog"
    if own[:1] == ["refs"] or own == ["packed-refs"]:
        return "ref-name"
    return "index" if own == ["index"] else "git-file"

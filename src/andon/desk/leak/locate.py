"""Finds every place that holds a leaked value: objects, names, git's own files, the work tree."""

from __future__ import annotations

from andon.desk.leak.located import History, Located, Tainted
from andon.desk.leak.places import Places
from andon.desk.leak.report import report_of
from andon.desk.leak.scan import scan_objects
from andon.incident.leak_events import LeakLocated
from andon.incident.words import Verdict
from andon.secrets.leak.finder import Finder
from andon.secrets.leak.history import descended_from, parents_first, reached_from, trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from andon.desk.leak.scan import Scanned
    from andon.desk.leak.stored import Reference, Storage
    from andon.desk.ports import Desk
    from andon.desk.ports_leak import Objects
    from andon.secrets.leak.credential import Credential
    from andon.secrets.leak.history import Change, Traced

#: Places that the incident's own history lists; the evidence has all of them.
LISTED = 50
#: Depth of a chain of tags that is followed.
_TAGS = 16


def locate(desk: Desk, credentials: Sequence[Credential], tell: Callable[[str], None]) -> Located:
    """Search this repository for the credentials, in every form, and return where they are.

    Nothing is changed and nothing is fetched. The verdict is unknown when something could not be read, and
    says what. The report is stored as evidence, without any value. Raises Unavailable.
    """
    objects = desk.objects
    finder = Finder(credentials)
    storage = objects.storage()
    scanned = scan_objects(objects, finder, desk.clock, tell)
    tell(f"{scanned.objects} objects read; following {len(scanned.nodes)} commits")
    references = objects.references()
    tips = _tips(scanned, references)
    order = parents_first(scanned.nodes)
    submodules: set[str] = set()
    changes = _changes(objects, scanned, submodules)

    def is_wanted(path: bytes, name: str) -> bool:
        return name in scanned.hits or (bool(scanned.names) and _named(path, scanned.names))

    traced = trace(scanned.nodes, order, changes, is_wanted)
    reachable = reached_from(scanned.nodes, tips.values())
    history = History(
        nodes=scanned.nodes,
        order=tuple(order),
        references=references,
        tips=tips,
        brought=_brought(scanned, traced),
        holding=frozenset(traced.holding).union(n for n in scanned.hits if n in scanned.nodes),
    )
    places = Places(objects, finder, scanned, traced, history, reachable)
    found = places.all()
    incomplete, notes = _gaps(storage, scanned, submodules, places)
    verdict = Verdict.UNKNOWN if incomplete else Verdict.PASSED
    names = tuple(r.name for r in references if finder.holds(r.name.encode("utf-8", "surrogateescape")))
    event = LeakLocated(
        verdict=verdict,
        summary=_summary(scanned, history, len(found), incomplete),
        objects=scanned.objects,
        holders=len(scanned.hits),
        commits=len(history.holding),
        references=tuple(finder.without(name) for name in _holding(history, order)),
        places=tuple(found[:LISTED]),
        in_head=places.in_head,
    )
    located = Located(
        event=event,
        verdict=verdict,
        incomplete=incomplete,
        notes=notes,
        places=tuple(found),
        tainted=tuple(
            Tainted(id=name, kind=scanned.kinds[name], held=tuple(held))
            for name, held in scanned.hits.items()
        ),
        tainted_references=names,
        history=history,
        storage=storage,
        credentials=tuple(credentials),
    )
    return report_of(desk, located, scanned)


def _tips(scanned: Scanned, references: Iterable[Reference]) -> dict[str, str]:
    """Return the commit that each reference leads to, through tags."""
    found = {}
    for reference in references:
        target = reference.object
        for _ in range(_TAGS):
            if target not in scanned.tags:
                break
            target = scanned.tags[target]
        if target in scanned.nodes:
            found[reference.name] = target
    return found


def _changes(objects: Objects, scanned: Scanned, submodules: set[str]) -> Mapping[str, list[Change]]:
    """Return by commit the changes against its first parent that concern what holds a value."""
    pairs: dict[tuple[str, str], list[str]] = {}
    nodes = scanned.nodes
    for name, node in nodes.items():
        parent = nodes.get(node.parents[0]) if node.parents else None
        before = parent.tree if parent is not None else ""
        if before != node.tree:
            pairs.setdefault((before, node.tree), []).append(name)
    blobs, names = scanned.hits, scanned.names
    found: dict[str, list[Change]] = {}
    broken: dict[str, str] = {}
    listed = list(pairs)
    for number, differences in objects.differences(listed, broken):
        own = []
        for path, old, new, is_submodule in differences:
            if is_submodule:
                submodules.add(path.decode("utf-8", "backslashreplace"))
            if new in blobs or old in blobs or (names and _named(path, names)):
                own.append((path, old, new))
        if own:
            for commit in pairs[listed[number]]:
                found[commit] = own
    scanned.broken.update(broken)
    return found


def _named(path: bytes, names: Mapping[bytes, object]) -> bool:
    return any(part in names for part in path.split(b"/"))


def _brought(scanned: Scanned, traced: Traced) -> dict[str, tuple[str, ...]]:
    """Return by mark the commits that brought a credential."""
    found: dict[str, dict[str, None]] = {}
    for origin in traced.origins:
        marks = [mark for mark, _ in scanned.hits.get(origin.object, ())]
        for part in origin.path.split(b"/"):
            marks += [mark for mark, _ in scanned.names.get(part, ())]
        for mark in marks:
            found.setdefault(mark, {}).update(dict.fromkeys(origin.commits))
    for name, held in scanned.hits.items():
        if scanned.kinds[name] == "commit":
            for mark, _ in held:
                found.setdefault(mark, {})[name] = None
    return {mark: tuple(commits) for mark, commits in found.items()}


def _holding(history: History, order: Iterable[str]) -> list[str]:
    """Return the references whose history has a value."""
    tainted = descended_from(
        history.nodes, order, (c for commits in history.brought.values() for c in commits)
    )
    return [name for name, tip in history.tips.items() if tip in tainted]


def _gaps(
    storage: Storage, scanned: Scanned, submodules: set[str], places: Places
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what keeps the search from being complete, and what is only worth knowing."""
    gaps, notes = [], []
    if storage.is_shallow:
        gaps.append("this clone is shallow, older commits are not here: git fetch --unshallow")
    if storage.promised:
        gaps.append(
            f"{storage.promised} objects were left out of this clone ({storage.partial}): "
            "git fetch --refetch --no-filter, or a new clone"
        )
    gaps += [f"{name[:12]}: {why}" for name, why in list(scanned.broken.items())[:20]]
    if len(scanned.broken) > 20:
        gaps.append(f"{len(scanned.broken) - 20} more objects cannot be read: git fsck")
    gaps += [f"{name[:12]}: {why}" for name, why in list(scanned.closed.items())[:20]]
    if len(scanned.closed) > 20:
        gaps.append(f"{len(scanned.closed) - 20} more objects could not be opened")
    gaps += [f"{name}: {why}" for name, why in places.broken.items()]
    if places.missing_lfs:
        gaps.append(f"{places.missing_lfs} files of Git LFS are not here: git lfs fetch --all")
    if storage.garbage:
        gaps.append(
            f"{len(storage.garbage)} files among the objects are none of git's: git gc, or look at them"
        )
    if storage.alternates:
        notes.append(f"objects of {', '.join(storage.alternates)} were read too; its references were not")
    told = "is a repository of its own: search there as well"
    notes += [f"the submodule {path} {told}" for path in sorted(submodules)]
    return tuple(gaps), tuple(notes)


def _summary(scanned: Scanned, history: History, places: int, incomplete: Sequence[str]) -> str:
    held = len(scanned.hits)
    found = f"{held} of {scanned.objects} objects, {len(history.holding)} commits, {places} places"
    if not incomplete:
        return found
    more = f" (and {len(incomplete) - 1} more)" if len(incomplete) > 1 else ""
    return f"{found}; not complete: {incomplete[0]}{more}"

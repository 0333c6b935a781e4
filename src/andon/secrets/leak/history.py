"""Which commits brought a leaked content, which have it, what reaches them: by trees' differences. Pure."""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TypeAlias

    #: A file as a commit has it: path, object.
    Held: TypeAlias = tuple[bytes, str]
    #: Path, object before, object after.
    Change: TypeAlias = tuple[bytes, str, str]


class Node(Record):
    """A commit as the graph knows it."""

    tree: str
    parents: tuple[str, ...]
    #: Seconds after 1970 by the clock of who committed; 0 when that cannot be read.
    committed: int = 0
    #: True when the host's own name is on it: it was made there, by a button.
    is_by_host: bool = False


class Origin(Record):
    """Commits that brought a file: it is in them and in none of their parents."""

    path: bytes
    object: str
    commits: tuple[str, ...]


class Traced(Record):
    """What a history did with the contents that were looked for."""

    origins: tuple[Origin, ...]
    #: Commits whose files hold one, with what they hold.
    holding: Mapping[str, frozenset[Held]]


def parents_first(nodes: Mapping[str, Node]) -> list[str]:
    """Return the commits so that each comes after its parents, as far as these are here."""
    waiting = {name: sum(p in nodes for p in set(node.parents)) for name, node in nodes.items()}
    children: dict[str, list[str]] = {}
    for name, node in nodes.items():
        for parent in set(node.parents):
            if parent in nodes:
                children.setdefault(parent, []).append(name)
    ready = [name for name, count in waiting.items() if not count]
    order = []
    while ready:
        name = ready.pop()
        order.append(name)
        for child in children.get(name, ()):
            waiting[child] -= 1
            if not waiting[child]:
                ready.append(child)
    return order


def reached_from(nodes: Mapping[str, Node], tips: Iterable[str]) -> set[str]:
    """Return the commits that these reach, themselves included."""
    found: set[str] = set()
    waiting = [tip for tip in tips if tip in nodes]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting.extend(p for p in nodes[name].parents if p in nodes and p not in found)
    return found


def descended_from(nodes: Mapping[str, Node], order: Iterable[str], sources: Iterable[str]) -> set[str]:
    """Return the commits that reach any of `sources`, these included; `order` as `parents_first` gives it."""
    found = set(sources)
    for name in order:
        if name not in found and any(parent in found for parent in nodes[name].parents):
            found.add(name)
    return found


def trace(
    nodes: Mapping[str, Node],
    order: Iterable[str],
    changes: Mapping[str, Iterable[Change]],
    is_wanted: Callable[[bytes, str], bool],
) -> Traced:
    """Follow the wanted files through a history; `changes` are those of a commit against its first parent.

    What a commit holds is what its first parent held, with its own changes, so that a merge which brings
    something that neither side had is seen as well.
    """
    nothing: frozenset[Held] = frozenset()
    holding: dict[str, frozenset[Held]] = {}
    brought: dict[Held, list[str]] = {}
    for name in order:
        parents = nodes[name].parents
        held = holding.get(parents[0], nothing) if parents else nothing
        if own := changes.get(name):
            gone = {(path, old) for path, old, _ in own}
            come = {(path, new) for path, _, new in own if is_wanted(path, new)}
            held = (held - gone) | come
        if not held:
            continue
        holding[name] = held
        for new in held.difference(*(holding.get(parent, nothing) for parent in parents)):
            brought.setdefault(new, []).append(name)
    origins = (
        Origin(path=path, object=name, commits=tuple(commits)) for (path, name), commits in brought.items()
    )
    return Traced(origins=tuple(origins), holding=holding)

"""Which commits a purge has to write anew: those that hold a secret and all that follow. Pure."""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set


class Lines(Record):
    """What of a history changes, and where that begins and ends."""

    #: Every commit that gets another id.
    changed: frozenset[str]
    #: The changed ones none of whose parents changes: what a clone must not have any more.
    first: tuple[str, ...]
    #: The changed ones that have no child: writing them anew writes all.
    last: tuple[str, ...]
    #: Commits that stay as they are, whose child changes: where the writing begins.
    before: tuple[str, ...]


def lines_of_change(parents: Mapping[str, tuple[str, ...]], holders: Set[str]) -> Lines:
    """Return what changes in the history `parents` (commit to its parents) when the `holders` do."""
    children: dict[str, list[str]] = {}
    for commit, above in parents.items():
        for parent in above:
            children.setdefault(parent, []).append(commit)
    changed: set[str] = set()
    waiting = [commit for commit in holders if commit in parents]
    while waiting:
        commit = waiting.pop()
        if commit not in changed:
            changed.add(commit)
            waiting += children.get(commit, ())
    first = sorted(c for c in changed if not any(p in changed for p in parents[c]))
    last = sorted(c for c in changed if not children.get(c))
    edge = {p for c in changed for p in parents[c] if p not in changed}
    return Lines(
        changed=frozenset(changed), first=tuple(first), last=tuple(last), before=tuple(_ends(parents, edge))
    )


def _ends(parents: Mapping[str, tuple[str, ...]], edge: set[str]) -> Iterable[str]:
    """Return the commits of the edge that no other of them is known to follow directly.

    All that they reach stays too, so leaving one out that another reaches changes nothing.
    """
    covered = {p for commit in edge for p in parents.get(commit, ())}
    return sorted(edge - covered) or sorted(edge)


def trees_that_hold(below: Mapping[str, tuple[str, ...]], direct: Iterable[str]) -> frozenset[str]:
    """Return the trees that hold something, themselves or further down: `below` is tree to its subtrees."""
    above: dict[str, list[str]] = {}
    for tree, subtrees in below.items():
        for subtree in subtrees:
            above.setdefault(subtree, []).append(tree)
    found: set[str] = set()
    waiting = list(direct)
    while waiting:
        tree = waiting.pop()
        if tree not in found:
            found.add(tree)
            waiting += above.get(tree, ())
    return frozenset(found)

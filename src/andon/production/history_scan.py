"""Reading every object of a repository once: which of them hold a secret, and how they hang together."""

from __future__ import annotations

import re
import time
from typing import cast

from andon.desk.leak.scan import scan_objects
from andon.production.git_storage import GitStorage
from andon.record import Record
from andon.secrets.leak.lines import trees_that_hold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from andon.desk.ports_journal import Clock
    from andon.secrets.leak.removal import Remover

    #: Object to what it holds: (digits of the secret, how it is written).
    Holders: TypeAlias = dict[str, tuple[tuple[str, str], ...]]

#: How an entry of a tree is written: its mode, its name, and after it the id.
_DIRECTORY = (b"40000", b"040000")


class Found(Record):
    """What one pass over all objects found."""

    objects: int
    blobs: Holders
    commits: Holders
    tags: Holders
    #: Trees with a name that holds one.
    trees: Holders
    #: Trees that hold one, themselves or further down; empty when nobody asked.
    tainted_trees: frozenset[str]
    #: Each commit's tree and parents.
    tree_of: dict[str, str]
    parents: dict[str, tuple[str, ...]]
    #: What could not be read to its end, with the reason.
    unread: dict[str, str]


def scan(git_dir: str, remover: Remover, tell: Callable[[str], None], *, with_trees: bool = True) -> Found:
    """Read every object of the repository once; raises Unavailable without git.

    `with_trees` also says which trees hold something, directly or further down.
    """
    objects = GitStorage(git_dir)
    seen = scan_objects(objects, remover.finder, cast("Clock", time), tell)
    groups: dict[str, Holders] = {"blob": {}, "commit": {}, "tag": {}, "tree": {}}
    for name, held in seen.hits.items():
        groups[seen.kinds[name]][name] = tuple(held)
    holders = {bytes.fromhex(name) for name in groups["blob"]}
    tainted: frozenset[str] = frozenset()
    if with_trees and (holders or groups["tree"]):
        tainted = _tainted(objects, seen.trees, holders, groups["tree"])
    return Found(
        objects=seen.objects,
        blobs=groups["blob"],
        commits=groups["commit"],
        tags=groups["tag"],
        trees=groups["tree"],
        tainted_trees=tainted,
        tree_of={name: node.tree for name, node in seen.nodes.items()},
        parents={name: node.parents for name, node in seen.nodes.items()},
        unread={**seen.broken, **seen.closed},
    )


def signed(git_dir: str, commits: Iterable[str]) -> int:
    """Return how many of the commits are signed."""
    count = 0
    for batch in GitStorage(git_dir).contents(commits):
        for _, _, start, stop in batch.objects:
            head = batch.content[start : batch.content.find(b"\n\n", start, stop)]
            count += b"\ngpgsig" in head
    return count


def _tainted(
    objects: GitStorage, trees: list[str], holders: set[bytes], named: Iterable[str]
) -> frozenset[str]:
    """Return the trees that hold one of the blobs, themselves or further down, or are `named` already."""
    width = len(trees[0]) // 2 if trees else 20
    entry = re.compile(rb"(\d{5,6}) [^\0]+\0(.{%d})" % width, re.DOTALL)
    below: dict[str, tuple[str, ...]] = {}
    direct = list(named)
    for batch in objects.contents(trees):
        for name, _, start, stop in batch.objects:
            subtrees = []
            is_direct = False
            for mode, one in entry.findall(batch.content, start, stop):
                if mode in _DIRECTORY:
                    subtrees.append(one.hex())
                elif one in holders:
                    is_direct = True
            below[name] = tuple(subtrees)
            if is_direct:
                direct.append(name)
    return trees_that_hold(below, direct)

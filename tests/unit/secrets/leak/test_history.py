"""Which commits brought a file, and which have it, over merges, removals and cut-off histories."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from andon.secrets.leak.history import (
    Node,
    descended_from,
    parents_first,
    reached_from,
    trace,
)

SECRET = "5" * 40
ZERO = "0" * 40


def graph(**parents: str) -> dict[str, Node]:
    return {name: Node(tree=name, parents=tuple(p.split())) for name, p in parents.items()}


def wanted(_: bytes, name: str) -> bool:
    return name == SECRET


def test_a_file_is_held_until_it_is_removed() -> None:
    nodes = graph(a="", b="a", c="b", d="c")
    changes = {"b": [(b"x", ZERO, SECRET)], "d": [(b"x", SECRET, ZERO)]}
    traced = trace(nodes, parents_first(nodes), changes, wanted)
    assert set(traced.holding) == {"b", "c"}
    assert [(o.path, o.commits) for o in traced.origins] == [(b"x", ("b",))]


def test_a_merge_only_brings_what_no_parent_had() -> None:
    nodes = graph(a="", b="a", c="a", m="b c", n="c b", e="b c")
    changes = {
        "c": [(b"x", ZERO, SECRET)],
        "m": [(b"x", ZERO, SECRET)],  # from its second parent
        "e": [(b"x", ZERO, SECRET), (b"y", ZERO, SECRET)],  # y is of the merge itself
    }
    traced = trace(nodes, parents_first(nodes), changes, wanted)
    assert set(traced.holding) == {"c", "m", "n", "e"}
    assert {(o.path, o.commits) for o in traced.origins} == {(b"x", ("c",)), (b"y", ("e",))}


def test_a_history_that_is_cut_off_begins_where_it_is_cut() -> None:
    nodes = graph(b="gone", c="b")
    traced = trace(nodes, parents_first(nodes), {"b": [(b"x", ZERO, SECRET)]}, wanted)
    assert traced.origins[0].commits == ("b",)
    assert set(traced.holding) == {"b", "c"}


def test_what_reaches_and_what_is_reached() -> None:
    nodes = graph(a="", b="a", c="a", m="b c", z="")
    order = parents_first(nodes)
    assert reached_from(nodes, ["m", "nothing"]) == {"m", "b", "c", "a"}
    assert descended_from(nodes, order, ["c"]) == {"c", "m"}


@given(st.lists(st.lists(st.integers(0, 30), max_size=3), max_size=30))
def test_every_commit_comes_after_its_parents(shape: list[list[int]]) -> None:
    nodes = {
        str(n): Node(tree="t", parents=tuple(str(p % n) for p in parents) if n else ())
        for n, parents in enumerate(shape)
    }
    order = parents_first(nodes)
    assert sorted(order) == sorted(nodes)
    places = {name: place for place, name in enumerate(order)}
    assert all(places[p] < places[name] for name, node in nodes.items() for p in node.parents)

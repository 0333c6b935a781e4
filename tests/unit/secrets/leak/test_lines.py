"""Which commits change when some do: these, all that follow, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from andon.secrets.leak.lines import lines_of_change, trees_that_hold


def test_a_line_changes_from_the_holder_on() -> None:
    parents = {"a": (), "b": ("a",), "c": ("b",), "d": ("c",)}
    lines = lines_of_change(parents, {"c"})
    assert (lines.changed, lines.first, lines.last, lines.before) == ({"c", "d"}, ("c",), ("d",), ("b",))


def test_a_merge_changes_with_one_of_its_parents() -> None:
    parents = {"a": (), "b": ("a",), "c": ("a",), "m": ("b", "c")}
    lines = lines_of_change(parents, {"c"})
    assert lines.changed == {"c", "m"}
    assert set(lines.before) >= {"b"}


def test_nothing_changes_without_a_holder() -> None:
    lines = lines_of_change({"a": (), "b": ("a",)}, set())
    assert (lines.changed, lines.first, lines.last, lines.before) == (frozenset(), (), (), ())


@st.composite
def histories(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    """Return a history: each commit's parents are older ones."""
    size = draw(st.integers(1, 14))
    names = [f"c{number}" for number in range(size)]
    return {
        name: tuple(draw(st.lists(st.sampled_from(names[:at]), max_size=3, unique=True))) if at else ()
        for at, name in enumerate(names)
    }


@given(histories(), st.data())
def test_what_is_written_is_exactly_what_changes(
    parents: dict[str, tuple[str, ...]], data: st.DataObject
) -> None:
    holders = set(data.draw(st.lists(st.sampled_from(sorted(parents)), max_size=3)))
    lines = lines_of_change(parents, holders)

    def reached(ends: tuple[str, ...]) -> set[str]:
        found: set[str] = set()
        waiting = list(ends)
        while waiting:
            commit = waiting.pop()
            if commit not in found:
                found.add(commit)
                waiting += parents[commit]
        return found

    changes = {c for c in parents if reached((c,)) & holders}
    assert lines.changed == changes
    assert reached(lines.last) >= changes
    assert not reached(lines.before) & changes
    # All that is left out stays, and all parents of what is written are either written or left out.
    written = reached(lines.last) - reached(lines.before)
    assert changes <= written
    assert set(lines.first) == {c for c in changes if not set(parents[c]) & changes}


def test_a_tree_holds_what_its_subtrees_hold() -> None:
    below = {"root": ("src", "doc"), "src": ("deep",), "deep": (), "doc": (), "other": ("doc",)}
    assert trees_that_hold(below, ["deep"]) == {"deep", "src", "root"}

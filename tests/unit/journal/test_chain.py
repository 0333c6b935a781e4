"""The formula of the chain, computed a second time from its description."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.incident.digest import digest
from andon.journal.chain import ORIGIN, link, verify

if TYPE_CHECKING:
    from andon.journal.chain import Row

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
FIELDS = ("seq", "id", "type", "at", "actor", "command", "data")


def recomputed(previous: str, stream: str, fields: tuple[object, ...]) -> str:
    """What docs and docstring say, in other words than the code's."""
    content = {"stream": stream, **dict(zip(FIELDS, fields, strict=True))}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(previous.encode("ascii") + text.encode("utf-8")).hexdigest()


@given(TEXTS, st.integers(1), TEXTS, TEXTS)
def test_the_formula_is_the_described_one(stream: str, seq: int, actor: str, data: str) -> None:
    fields = (seq, "id", "NoteAdded", "2026-03-01T03:04:05.000000Z", actor, "c1", data)
    assert link(ORIGIN, stream, fields) == recomputed(ORIGIN, stream, fields)


def test_the_formula_never_changes() -> None:
    fields = (1, "0" * 31 + "1", "NoteAdded", "2026-03-01T03:04:05.000000Z", "Zoë", "c1", '{"text":"hé\\n"}')
    known = "d7450fe1dca104ba829e48f0dd2c69bfe9bc1b4cab701767b19b2268a599f942"
    assert link(ORIGIN, "INC-1", fields) == known


@given(st.binary())
def test_the_fast_digest_is_sha_256(content: bytes) -> None:
    assert digest(content) == hashlib.sha256(content).hexdigest()


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_text_cannot_move_from_one_field_into_the_next(a: str, b: str, c: str, d: str) -> None:
    one = link(ORIGIN, "INC-1", (1, "id", "T", "at", a, b, "{}"))
    other = link(ORIGIN, "INC-1", (1, "id", "T", "at", c, d, "{}"))
    assert (one == other) == ((a, b) == (c, d))


def chain(length: int) -> list[Row]:
    rows: list[Row] = []
    previous = ORIGIN
    for seq in range(1, length + 1):
        fields = (seq, f"id{seq}", "NoteAdded", "at", "alice", f"c{seq}", "{}")
        previous = link(previous, "INC-1", fields)
        rows.append((*fields, previous))
    return rows


@given(st.integers(0, 12))
def test_a_chain_is_whole_as_it_was_made(length: int) -> None:
    rows = chain(length)
    report = verify("INC-1", rows, length or None, rows[-1][-1] if rows else "")
    assert (report.reason, report.verified, report.broken_at) == ("", length, 0)
    assert report.head == (rows[-1][-1] if rows else "")


@given(st.integers(1, 12), st.data())
def test_any_change_anywhere_is_found_at_its_place(length: int, data: st.DataObject) -> None:
    rows = chain(length)
    place = data.draw(st.integers(1, length))
    column = data.draw(st.integers(0, 7))
    altered = [*rows[place - 1]]
    altered[column] = data.draw(st.one_of(st.none(), st.binary(), st.integers(), st.text(), st.floats()))
    if altered == [*rows[place - 1]] and type(altered[column]) is type(rows[place - 1][column]):
        return
    rows[place - 1] = tuple(altered)  # type: ignore[assignment]
    report = verify("INC-1", rows, length, chain(length)[-1][-1])
    assert report.broken_at == place
    assert report.reason
    assert report.verified == place - 1


@pytest.mark.parametrize("length", [1, 5])
def test_a_chain_of_another_stream_is_not_this_ones(length: int) -> None:
    rows = chain(length)
    assert verify("INC-2", rows, length, rows[-1][-1]).broken_at == 1

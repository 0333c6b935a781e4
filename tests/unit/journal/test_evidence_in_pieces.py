"""Evidence that is too large to be held twice is redacted piece by piece, and comes out the same."""

from __future__ import annotations

import tracemalloc

import pytest

from andon.journal import evidence
from andon.secrets.redaction import PatternRedactor

SECRET = b"kept-from-everybody-4711"


def redactor() -> PatternRedactor:
    return PatternRedactor(known=[SECRET], key=b"k" * 32, block=4096, look=1024)


@pytest.mark.parametrize("limit", [0, 40, 3000, 29_000, 33_000, 200_000])
@pytest.mark.parametrize("lines", [0, 1, 900])
def test_in_pieces_it_is_the_same_as_whole(monkeypatch: pytest.MonkeyPatch, limit: int, lines: int) -> None:
    content = b"".join(b"line %d says %s\n" % (n, SECRET if n % 7 == 0 else b"nothing") for n in range(lines))
    whole = evidence.prepared(content, redactor(), limit)
    monkeypatch.setattr(evidence, "_IN_PIECES", -1)
    monkeypatch.setattr(evidence, "_PIECE", 1000)
    assert evidence.prepared(content, redactor(), limit) == whole
    assert SECRET not in whole[0]


def test_markers_that_were_there_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "_IN_PIECES", -1)
    clean, first = evidence.prepared(SECRET + b"\n" + SECRET, redactor())
    assert first == 2
    assert evidence.prepared(clean, redactor()) == (clean, 0)


def test_a_large_piece_costs_no_second_one() -> None:
    content = b"INFO GET /checkout 200 in 14 ms\n" * 700_000  # 22 MB
    large = PatternRedactor(known=[SECRET], key=b"k" * 32)
    large.redact(content[:100_000])  # what it loads at first is not counted
    tracemalloc.start()
    try:
        kept, _ = evidence.prepared(content, large, 1_000_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(kept) <= 1_000_000
    assert peak < 14_000_000

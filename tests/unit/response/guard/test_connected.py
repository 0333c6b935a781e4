"""What the rules `connected` and `loose-ends` answer, and what the signs behind them are worth."""

from __future__ import annotations

import pytest

from andon.incident.words import Verdict
from andon.response.change import Change, ChangedFile, Hunk, Kind
from andon.response.guard import connected
from andon.response.guard.connected import judge_connection
from andon.response.guard.context import IncidentContext
from andon.response.guard.cuts import Cut, likeness_to_a_fix, signs
from andon.response.guard.evidence import between
from andon.response.guard.pieces import Rarity, pieces_of
from andon.response.guard.reading import read_change
from andon.response.guard.weights import CUT, FIX, LINK, MAYBE_TWO_THINGS, TWO_THINGS
from tests.unit.response.guard.changes import change_of
from tests.unit.response.guard.test_links import CART, FIXED, NOTHING, TIDIED

KNOWN = IncidentContext(symbols=("total",))


def test_one_thing_passes_both_rules_and_says_what_was_not_known() -> None:
    for result in judge_connection(read_change(change_of({"shop/cart.py": (CART, FIXED)})), NOTHING):
        assert result.verdict is Verdict.PASSED
        assert result.evidence.endswith("no stack frame or failing probe of the incident was known")


def test_a_plain_second_thing_blocks_and_is_not_said_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    sides = read_change(change_of({"shop/cart.py": (CART, TIDIED)}))
    monkeypatch.setattr(connected, "TWO_THINGS", -10.0)

    plain, loose = judge_connection(sides, KNOWN)

    assert (plain.rule, plain.verdict) == ("connected", Verdict.FAILED)
    assert {o.rule for o in plain.objections} == {"connected"}
    assert plain.remedy
    assert (loose.rule, loose.verdict) == ("loose-ends", Verdict.PASSED)


def test_what_only_seems_a_second_thing_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    sides = read_change(change_of({"shop/cart.py": (CART, TIDIED)}))
    monkeypatch.setattr(connected, "TWO_THINGS", 100.0)
    monkeypatch.setattr(connected, "MAYBE_TWO_THINGS", -10.0)

    plain, loose = judge_connection(sides, KNOWN)

    assert plain.verdict is Verdict.PASSED
    assert loose.verdict is Verdict.FAILED
    assert {o.rule for o in loose.objections} == {"loose-ends"}


def test_a_language_nobody_reads_falls_back_to_the_text_and_says_so() -> None:
    sides = read_change(change_of({"shop/cart.zzz": (CART, TIDIED)}))

    _, loose = judge_connection(sides, KNOWN)

    assert [(o.line, "judged as text" in o.text) for o in loose.objections] == [(64, True)]


def test_too_many_hunks_cannot_be_decided() -> None:
    hunks = tuple(Hunk(old_start=n * 5, new_start=n * 5, removed=("a",), added=("b",)) for n in range(1, 99))
    file = ChangedFile(path="a.py", kind=Kind.CHANGED, hunks=hunks, before="", after="")

    results = judge_connection(read_change(Change(base="a", head="b", files=(file,))), NOTHING)

    assert [r.verdict for r in results] == [Verdict.UNKNOWN, Verdict.UNKNOWN]
    assert "98 hunks in 1 file: too large to judge" in results[0].evidence


def test_every_sign_has_a_weight_and_every_weight_a_sign() -> None:
    sides = read_change(change_of({"shop/cart.py": (CART, TIDIED)}))
    pieces = pieces_of(sides)
    links = [[0.0] * len(pieces) for _ in pieces]
    cut = Cut(small=(0,), large=tuple(range(1, len(pieces))))

    assert between(pieces[0], pieces[1], Rarity(sides)).keys() == LINK.keys()
    assert signs(cut, pieces, links, [0.0] * len(pieces)).keys() == CUT.keys()
    assert likeness_to_a_fix(pieces[:1], [0.0]).keys() == FIX.keys()
    assert TWO_THINGS > MAYBE_TWO_THINGS


def test_links_are_the_same_from_either_side() -> None:
    sides = read_change(change_of({"shop/cart.py": (CART, TIDIED)}))
    pieces, rarity = pieces_of(sides), Rarity(sides)

    for a in pieces:
        for b in pieces:
            assert between(a, b, rarity) == between(b, a, rarity)


@pytest.mark.parametrize(
    ("name", "before", "after", "sign"),
    [
        (
            "a name that one defines and the other uses",
            ("LIMIT = 1\n", "def f():\n    return 1\n"),
            ("LIMIT = 1\nPAUSE_SECONDS = 2\n", "def f():\n    return PAUSE_SECONDS\n"),
            "defines what it uses",
        ),
        (
            "one calls the function that the other changes",
            ("def send_mail(x):\n    return x\n", "def g(y):\n    y()\n"),
            ("def send_mail(x):\n    return x or 1\n", "def g(y):\n    send_mail(y)\n"),
            "names its function",
        ),
        (
            "one names the file of the other",
            ("A = 1\n", "def g(y):\n    y()\n"),
            ("A = 2\n", "def g(y):\n    first.run(y)\n"),
            "names its file",
        ),
        (
            "the same edit",
            ("def f(a):\n    return a.old_name\n", "def g(b):\n    b.old_name()\n"),
            ("def f(a):\n    return a.new_name\n", "def g(b):\n    b.new_name()\n"),
            "same edit",
        ),
    ],
)
def test_a_sign_is_seen(name: str, before: tuple[str, str], after: tuple[str, str], sign: str) -> None:
    files = {"first.py": (before[0], after[0]), "second.py": (before[1], after[1])}
    sides = read_change(change_of(files))
    a, b = pieces_of(sides)

    assert between(a, b, Rarity(sides))[sign] > 0, name

"""The exit codes of a kill, and what is printed of who has it."""

from __future__ import annotations

from argparse import Namespace

import pytest

from andon.cli.flags_kill import _next, _one, _worse
from andon.cli.flags_told import show_end
from andon.desk.flags.kill import Killed
from andon.errors import InvalidInput
from andon.incident.flag_state import fold_act
from andon.incident.words import Outcome
from tests.unit.incident.cases import START, flag_ended, flag_planned


@pytest.mark.parametrize(
    ("confirmed", "verified", "code"),
    [(0, 0, 0), (0, 1, 1), (3, 0, 3), (0, 3, 3), (3, 1, 1), (3, 3, 3), (1, 0, 1)],
)
def test_a_failure_counts_before_what_is_not_known(confirmed: int, verified: int, code: int) -> None:
    assert _worse(confirmed, verified) == code


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "3 of 3 processes confirmed in 41 ms, slowest web-3"),
        ({"confirmed": 2, "silent": ("web-2\x1b[2J",)}, "silent   web-2\\x1b[2J"),
        (
            {"confirmed": 0, "connected": 20, "silent": tuple(f"w{n}" for n in range(20))},
            "10 more: andon flags status",
        ),
        ({"confirmed": 2, "silent": ("web-2",)}, "ask them again: andon flags status pricing"),
        ({"can_confirm": False}, "the flag system cannot say"),
        ({"connected": 0, "confirmed": 0}, "no process is connected"),
        ({"outcome": Outcome.FAILED, "can_confirm": False, "detail": "503"}, "it was not taken: 503"),
        ({"outcome": Outcome.UNKNOWN, "can_confirm": False, "detail": "503"}, "is not known: 503"),
    ],
)
def test_who_has_it(changes: dict[str, object], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    acts = fold_act((), flag_planned(), START, "ann", 1)
    (act,) = fold_act(acts, flag_ended(**changes), START, "ann", 2)

    show_end(act)

    assert said in capsys.readouterr().out


def test_several_flags_are_several_kills() -> None:
    with pytest.raises(InvalidInput) as refused:
        _one(Namespace(key=["new-pricing", "red banner"]))
    assert refused.value.remedy == "andon flags kill new-pricing; andon flags kill 'red banner'"
    assert (_one(Namespace(key=["a", "a"])), _one(Namespace(key=[]))) == ("a", "")


@pytest.mark.parametrize(
    ("changes", "command"),
    [
        ({}, "andon flags enable pricing"),
        ({"confirmed": 2, "silent": ("web-2",)}, "andon flags status pricing"),
        ({"can_confirm": False}, "andon declare"),
        ({"outcome": Outcome.FAILED}, "andon flags kill pricing"),
        ({"outcome": Outcome.UNKNOWN}, "andon flags kill pricing"),
    ],
)
def test_what_comes_next_outside_of_an_incident(changes: dict[str, object], command: str) -> None:
    acts = fold_act((), flag_planned(), START, "ann", 1)
    (act,) = fold_act(acts, flag_ended(**changes), START, "ann", 2)
    code = 0 if not changes else 3
    assert _next(Killed(act=act, is_new=True), code)[1] == command

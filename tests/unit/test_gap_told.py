"""What andon gap says on a terminal: no dead ends, no line without a meaning."""

from __future__ import annotations

from argparse import Namespace
from typing import Any, cast

import pytest

from andon.cli.gap_told import tell_found
from andon.desk.gap.find import Found
from andon.gaps.beliefs import Exchange
from andon.gaps.experiment import Part, Replay
from andon.gaps.failure import Seen
from andon.gaps.verdict import Search, Verdict
from andon.gaps.words import Answer, Kind, Showed


def told(search: Search, capsys: pytest.CaptureFixture[str]) -> str:
    found = Found(search=search, incident=None, page="")
    tell_found(cast(Any, None), Namespace(json=False, report=""), found)
    return capsys.readouterr().out


def test_a_request_that_no_world_knows_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    asked = tuple(Exchange(method="GET", path="/quotes", status=404) for _ in range(30))
    control = Replay(parts=(), showed=Showed.PASSED, runs=30, exchanges=asked)
    seen = Seen(test="test_shop.py::test_quote", text="HTTP Error 500")
    part = Part(kind=Kind.ENVIRONMENT, place=("TAX",))
    other = Replay(parts=(part,), showed=Showed.OTHER, runs=3, seen=seen)
    verdict = Verdict(answer=Answer.UNKNOWN, summary="nothing fails so")
    out = told(
        Search(id="G1", verdict=verdict, replays=(("control", control), ("production", other))), capsys
    )
    assert "GET /quotes answers 404 in the tests' world" in out
    assert "production's environment TAX: test_shop.py::test_quote failed" in out


def test_nothing_stands_below_no_heading(capsys: pytest.CaptureFixture[str]) -> None:
    out = told(Search(id="G1", verdict=Verdict(answer=Answer.UNKNOWN, summary="nothing differs")), capsys)
    assert "why:" not in out and "not tried:" not in out

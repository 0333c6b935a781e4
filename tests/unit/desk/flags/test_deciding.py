"""The decision for a kill switch, made by the command that carries it out."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.desk.assess import run_assessment
from andon.desk.flags.deciding import decide_kill
from andon.errors import Refused
from andon.incident.words import Authority, Choice, Verdict
from tests.fakes.production import FakeProbe
from tests.unit.desk.flags.flag_shop import KEY, flagged
from tests.unit.desk.shop import decided, declared


def test_before_any_assessment_the_person_who_names_the_flag_decides(tmp_path: Path) -> None:
    desk = flagged(tmp_path)

    state = decide_kill(desk, declared(desk), KEY, "")

    assert state.decision is not None
    assert (state.decision.choice, state.decision.rule) == (Choice.KILL_SWITCH, "flag-named")
    assert state.decision.authority is Authority.ON_CALL


def test_who_has_no_authority_says_why_they_decide(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    state = declared(desk)
    eve = desk.another("eve")

    with pytest.raises(Refused) as refused:
        decide_kill(eve, state, KEY, "")
    assert refused.value.rule == "authority"
    assert decide_kill(eve, state, KEY, "ann and bob sleep").decision is not None


def test_what_is_decided_stands(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    state = decide_kill(desk, declared(desk), KEY, "")

    assert decide_kill(desk, state, KEY, "") is state


def test_another_decision_is_overruled_only_for_a_reason(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    state = decided(desk, Choice.ROLLBACK)

    with pytest.raises(Refused) as refused:
        decide_kill(desk, state, KEY, "")
    assert refused.value.rule == "overrule" and "decided is rollback" in refused.value.message
    made = decide_kill(desk, state, KEY, "it is the new prices").decision
    assert made is not None and made.choice is Choice.KILL_SWITCH and made.reason == "it is the new prices"


def test_what_the_table_recommends_is_overruled_only_for_a_reason(tmp_path: Path) -> None:
    desk = flagged(tmp_path, probes=(FakeProbe("search", Verdict.FAILED, critical=True),))
    state = run_assessment(desk, declared(desk)).incident

    with pytest.raises(Refused) as refused:
        decide_kill(desk, state, KEY, "")
    assert refused.value.rule == "overrule" and "recommends" in refused.value.message

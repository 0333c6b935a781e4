"""The flag system in the response: recommended, killed, verified, and what mitigate then asks for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from andon.config.model import Config
from andon.config.model_production import FlagConfig
from andon.desk.assess import run_assessment
from andon.desk.circumstances import flags, touched
from andon.desk.decide import recommendation
from andon.desk.deployments import changed_since_proof, read_ledger
from andon.desk.flags.deciding import decide_kill
from andon.desk.flags.kill import kill_flag
from andon.desk.recording import record
from andon.desk.verify import run_verification
from andon.errors import Refused
from andon.incident.commands import Mitigate
from andon.incident.events import VerificationRan
from andon.incident.next_step import next_step
from andon.incident.state import Incident
from andon.incident.words import Choice, ReleaseVerdict, Verdict
from tests.fakes.desk import FakeDesk
from tests.fakes.production import FakeProbe
from tests.unit.desk.flags.flag_shop import KEY, flagged, now, system_of
from tests.unit.desk.shop import declared
from tests.unit.incident.cases import assert_commands_exist

CHECKOUT = FakeProbe("checkout", Verdict.FAILED, critical=True, covers="checkout")


def verify(desk: FakeDesk, state: Incident) -> VerificationRan:
    return run_verification(desk, state, watch=1.0, tell=lambda _: None).verification


def mended(desk: FakeDesk) -> None:
    desk.probes = (FakeProbe("checkout", Verdict.PASSED, critical=True, covers="checkout"),)


def test_the_flag_that_covers_what_is_broken_is_recommended_with_its_command(tmp_path: Path) -> None:
    desk = flagged(tmp_path, probes=(CHECKOUT,))

    state = run_assessment(desk, declared(desk)).incident

    found = recommendation(desk, state)
    assert (found.rule, found.flag) == ("flag-covers", KEY)
    assert found.flag_off == ("andon", "flags", "kill", KEY)


def test_a_flag_that_is_killed_already_is_not_recommended(tmp_path: Path) -> None:
    desk = flagged(tmp_path, probes=(CHECKOUT,))
    kill_flag(desk, KEY)

    assert flags(desk) == ((), ())


def test_the_teams_own_way_of_turning_it_off_counts(tmp_path: Path) -> None:
    own = FlagConfig(name=KEY, covers="checkout", off=("ops/flag", "off"))
    desk = flagged(tmp_path, config=Config(service="shop", flags=(own,)))

    ((known,), _) = flags(desk)

    assert known.off == ("ops/flag", "off")


def test_a_flag_system_that_does_not_answer_is_a_gap_in_the_evidence(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    system_of(desk).is_reachable = False

    state = run_assessment(desk, declared(desk)).incident

    assert "flag system" in {gap.source for gap in state.capture_failures}


def test_what_was_switched_is_a_change_without_a_release(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    kill_flag(desk, KEY)

    (change,) = touched(desk, read_ledger(desk))

    assert (change.kind, change.what, change.covers) == ("flag", f"kill of the flag {KEY}", "checkout")


def test_a_kill_that_answers_the_incident_is_no_cause_of_it(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    state = declared(desk)
    kill_flag(desk, KEY, incident=state.id)
    assert touched(desk, read_ledger(desk), now(desk, state)) == ()


def test_a_kill_after_somebody_noticed_is_no_cause_and_one_before_may_be(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    kill_flag(desk, KEY)
    desk.clock.sleep(60)
    state = declared(desk)
    desk.clock.sleep(60)
    kill_flag(desk, "banner", "none")
    found = touched(desk, read_ledger(desk), now(desk, state))
    assert [change.what for change in found] == [f"kill of the flag {KEY}"]


def test_a_kill_that_is_asked_for_again_is_one_change(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    system_of(desk).silent = ("web-9",)
    kill_flag(desk, KEY)
    system_of(desk).silent = ()
    kill_flag(desk, KEY)
    assert len(touched(desk, read_ledger(desk))) == 1


def test_from_the_decision_to_the_proof(tmp_path: Path) -> None:
    desk = flagged(tmp_path, probes=(CHECKOUT,))
    state = run_assessment(desk, declared(desk)).incident
    state = decide_kill(desk, state, KEY, "")
    step = next_step(state.__class__(**{**_fields(state), "status": "acknowledged"}))
    assert step.command == f"andon flags kill {KEY}"
    assert_commands_exist(step.command)

    kill_flag(desk, KEY, incident=state.id)
    state = now(desk, state)
    assert verify(desk, state).verdict is Verdict.FAILED
    with pytest.raises(Refused):
        record(desk, now(desk, state), Mitigate(by="kill-switch"))
    mended(desk)
    ran = verify(desk, now(desk, state))
    state = now(desk, state)

    assert ran.verdict is Verdict.PASSED and ran.operation == state.flag_acts[-1].id
    assert record(desk, state, Mitigate(by="kill-switch")).mitigated is not None
    assert read_ledger(desk).find("v3").verdict is ReleaseVerdict.UNKNOWN  # type: ignore[union-attr]


def test_what_was_proven_before_the_kill_is_no_proof_after_it(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    state = run_assessment(desk, declared(desk)).incident
    mended(desk)
    assert verify(desk, state).verdict is Verdict.PASSED
    kill_flag(desk, KEY, incident=state.id)

    with pytest.raises(Refused) as refused:
        record(desk, now(desk, state), Mitigate(by="luck"))
    assert refused.value.rule == "proof-of-recovery"


def test_a_flag_switched_outside_the_incident_makes_its_proof_old(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    state = run_assessment(desk, declared(desk)).incident
    mended(desk)
    verify(desk, state)
    desk.clock.moment += timedelta(minutes=1)
    done = kill_flag(desk.another("bob"), KEY)

    found = changed_since_proof(desk, now(desk, state))

    assert found == f"the flag {KEY} was switched (kill {done.act.id})"
    with pytest.raises(Refused) as refused:
        record(desk, now(desk, state), Mitigate(by="luck", changed_since=found))
    assert "was switched" in refused.value.message


def test_a_kill_says_nothing_good_or_bad_of_a_release(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    state = decide_kill(desk, declared(desk), KEY, "")
    kill_flag(desk, KEY, incident=state.id)
    mended(desk)
    before = read_ledger(desk).releases

    verify(desk, now(desk, state))

    assert read_ledger(desk).releases == before
    assert state.decision is not None and state.decision.choice is Choice.KILL_SWITCH


def _fields(state: Incident) -> dict[str, object]:
    return {field: getattr(state, field) for field in state.__fields__}

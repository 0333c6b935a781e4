"""The review: a postmortem is complete before it is out, and deferred work is settled once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from andon.errors import NotFound
from andon.incident import commands as c
from andon.incident import events as e
from tests.unit.incident.cases import (
    HASH,
    MITIGATED,
    OWNED,
    RESOLVED,
    START,
    assert_commands_exist,
    declared,
    given,
    published,
    reopened,
    skipped,
    state,
)
from tests.unit.incident.test_checks import REGRESSION


def publish(*missing: str) -> c.PublishPostmortem:
    return c.PublishPostmortem(
        path="docs/postmortems/INC-7.md", evidence=HASH, chain_head="ab", missing=missing
    )


OUT = e.PostmortemPublished(path="docs/postmortems/INC-7.md", evidence=HASH, chain_head="ab")


@pytest.mark.parametrize("history", [MITIGATED, RESOLVED])
def test_a_complete_postmortem_is_published(history: tuple[e.Event, ...]) -> None:
    given(*history).when(publish()).then(OUT)


def test_an_incomplete_one_is_not_and_says_what_is_missing() -> None:
    problem = given(*RESOLVED).when(publish("user impact", "lessons")).refused("postmortem-complete")
    assert "user impact; lessons" in problem.message


@pytest.mark.parametrize("history", [(declared(),), OWNED])
def test_it_is_written_when_the_harm_has_stopped(history: tuple[e.Event, ...]) -> None:
    given(*history).when(publish()).refused("moments-in-order")


def test_what_is_published_is_final_until_it_is_reopened() -> None:
    case = given(*RESOLVED, published())
    case.when(publish()).refused("published-is-final")
    case.when(c.WriteSection(section="lessons/went-well", text="x")).refused("published-is-final")
    again = given(*RESOLVED, published(), reopened())
    again.when(c.WriteSection(section="lessons/went-well", text="x")).then(
        e.SectionWritten(section="lessons/went-well", text="x")
    )


def test_sections_are_kept_the_last_word_counts() -> None:
    after = state(
        *RESOLVED, e.SectionWritten(section="a/b", text="one"), e.SectionWritten(section="a/b", text="two")
    )
    assert after.sections == {"a/b": "two"}


def test_a_draft_is_on_record() -> None:
    given(*RESOLVED).when(c.DraftPostmortem(evidence=HASH)).then(e.PostmortemDrafted(evidence=HASH))


# ---- deferred work

OPENED = e.ActionOpened(
    action="A1", title="alarm", origin="person", owner="bob", due_at=START, kind="monitoring"
)


def test_work_is_opened_with_an_owner_and_a_day() -> None:
    command = c.OpenAction(
        action="A1", title="alarm", origin="person", owner="bob", due_at=START, kind="monitoring"
    )
    given(*OWNED).when(command).then(OPENED)


def test_work_says_what_it_is() -> None:
    given(*OWNED).when(c.OpenAction(action="A1", title=" ", origin="person")).refused("evidence-or-a-name")


def test_two_people_who_open_work_at_once_get_two_ids() -> None:
    command = c.OpenAction(action="A1", title="other", origin="person")
    given(*OWNED, OPENED).when(command).then(e.ActionOpened(action="A2", title="other", origin="person"))
    taken = (OPENED, e.ActionOpened(action="a3", title="t", origin="person"))
    given(*OWNED, *taken).when(command).then(e.ActionOpened(action="A4", title="other", origin="person"))


def test_work_is_handed_on_under_its_id() -> None:
    later = START + timedelta(days=9)
    given(*OWNED, OPENED).when(c.AssignAction(action="a1", owner="cyd", due_at=later)).then(
        e.ActionAssigned(action="A1", owner="cyd", due_at=later)
    )
    (item,) = state(*OWNED, OPENED, e.ActionAssigned(action="A1", owner="cyd", due_at=later)).actions
    assert (item.id, item.owner, item.due_at, item.state) == ("A1", "cyd", later, "open")
    given(*OWNED, OPENED).when(c.AssignAction(action="A1", owner=" ")).refused("evidence-or-a-name")
    done = e.ActionDone(action="A1", proof="commit 12")
    given(*OWNED, OPENED, done).when(c.AssignAction(action="A1", owner="cyd")).refused("settle-once")


@pytest.mark.parametrize("named", ["A1", "a1"])
def test_work_is_done_with_proof_or_dropped_with_a_reason(named: str) -> None:
    case = given(*OWNED, OPENED)
    case.when(c.FinishAction(action=named, proof="commit 12")).then(
        e.ActionDone(action="A1", proof="commit 12")
    )
    case.when(c.DropAction(action=named, reason="moot")).then(e.ActionDropped(action="A1", reason="moot"))
    case.when(c.FinishAction(action=named, proof="")).refused("evidence-or-a-name")
    case.when(c.DropAction(action=named, reason=" ")).refused("evidence-or-a-name")


@pytest.mark.parametrize(
    "end", [e.ActionDone(action="A1", proof="commit 12"), e.ActionDropped(action="A1", reason="moot")]
)
def test_work_is_settled_once(end: e.Event) -> None:
    case = given(*OWNED, OPENED, end)
    case.when(c.FinishAction(action="A1", proof="again")).refused("settle-once")
    case.when(c.DropAction(action="A1", reason="again")).refused("settle-once")


def test_unknown_work_is_named() -> None:
    for command in (c.FinishAction(action="A9", proof="x"), c.DropAction(action="A9", reason="x")):
        with pytest.raises(NotFound, match="no action item 'A9'") as caught:
            given(*OWNED, OPENED).when(command).then()
        assert_commands_exist(caught.value.remedy)


def test_the_state_knows_what_became_of_the_work() -> None:
    after = state(*OWNED, *skipped("s4.3"), e.ActionDone(action="A1", proof="commit 12"))
    (item,) = after.actions
    assert (item.state, item.proof, item.origin, item.opened_seq) == ("done", "commit 12", "shortcut:s4.3", 6)
    dropped = state(*OWNED, OPENED, e.ActionDropped(action="A1", reason="moot")).actions[0]
    assert (dropped.state, dropped.proof, dropped.owner) == ("dropped", "moot", "bob")


# ---- the team's files


def test_what_was_written_to_the_teams_files_is_recorded() -> None:
    given(*RESOLVED).when(c.LogRegression(regression=REGRESSION)).then(REGRESSION)
    given(*RESOLVED).when(c.LogIncident(path="INCIDENTS.md")).then(e.IncidentLogged(path="INCIDENTS.md"))
    after = state(*RESOLVED, REGRESSION, e.IncidentLogged(path="INCIDENTS.md"))
    assert after.regressions == (REGRESSION,) and after.logged_in == "INCIDENTS.md"

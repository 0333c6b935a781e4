"""What now: after any history the next step is one that a rule does not refuse, and no circle."""

from __future__ import annotations

import pytest

from andon.incident import events as e
from andon.incident.next_step import next_step
from andon.incident.words import Choice, Outcome, Severity, Status, Verdict
from andon.protocol.compiled import ProtocolItem
from tests.unit.incident.cases import (
    DECIDED,
    MITIGATED,
    OWNED,
    RESOLVED,
    ROLLED_BACK,
    adopted,
    approved,
    assert_commands_exist,
    assessed,
    closed,
    commands_in,
    culprit,
    decided,
    declared,
    finished,
    hotfix_checked,
    hotfix_planned,
    hotfix_started,
    hurt,
    mitigated,
    planned,
    published,
    reopened,
    resolved,
    signed,
    skipped,
    started,
    state,
    verified,
)

ACK = e.IncidentAcknowledged()
FAILED, UNKNOWN = Verdict.FAILED, Verdict.UNKNOWN
UNDONE = (started("op1-undo", "undo"), finished(operation="op1-undo"))
DRAFTED = (*RESOLVED, e.PostmortemDrafted())
PUBLISHED = (*RESOLVED, published())
SETTLED = (*PUBLISHED, *skipped("s4.3"), signed("s5.2"))
LOGGED = (*SETTLED, e.IncidentLogged(path="INCIDENTS.md"))
SMALL = (declared(Severity.P3), adopted(), hurt(), ACK, verified(), mitigated(), resolved())
LOST = e.ShortcutTaken(item="x", reason="no time", action="A9", pre_justified=True)


def by(choice: Choice, *more: e.Event) -> tuple[e.Event, ...]:
    return (*OWNED, assessed(), decided(choice), *more)


TABLE: list[tuple[str, tuple[e.Event, ...], str]] = [
    ("just declared", (declared(), adopted()), "andon ack"),
    ("nothing confirms it", (declared(), adopted(), ACK), "andon note"),
    ("somebody signed the impact", (declared(), adopted(), ACK, signed("impact-confirmed")), "andon assess"),
    ("owned", OWNED, "andon assess"),
    ("assessed", (*OWNED, assessed()), "andon decide"),
    ("rollback decided", DECIDED, "andon rollback"),
    ("planned only", (*DECIDED, planned()), "andon rollback"),
    ("killed while it ran", (*DECIDED, planned(), started()), "andon rollback --resume"),
    (
        "nobody saw the end",
        (*DECIDED, planned(), started(), finished(Outcome.UNKNOWN)),
        "andon rollback --resume",
    ),
    ("the act failed", (*DECIDED, planned(), started(), finished(Outcome.FAILED)), "andon rollback"),
    ("rolled back", ROLLED_BACK, "andon verify"),
    (
        "verification does not know",
        (*ROLLED_BACK, verified(UNKNOWN)),
        "andon verify; or andon sign failure-resolved",
    ),
    ("verified", (*ROLLED_BACK, verified()), "andon mitigate"),
    ("signed", (*ROLLED_BACK, signed("failure-resolved")), "andon mitigate"),
    ("still broken", (*ROLLED_BACK, verified(FAILED)), "andon assess"),
    ("still broken, assessed again", (*ROLLED_BACK, verified(FAILED), assessed()), "andon decide"),
    (
        "still broken, decided again",
        (*ROLLED_BACK, verified(FAILED), assessed(), decided()),
        "andon rollback",
    ),
    (
        "still broken, now a hotfix",
        (*ROLLED_BACK, verified(FAILED), assessed(), decided(Choice.HOTFIX)),
        "andon hotfix start",
    ),
    ("assessed again while it holds", (*ROLLED_BACK, assessed()), "andon verify"),
    ("undone", (*ROLLED_BACK, *UNDONE), "andon verify"),
    ("hotfix decided", by(Choice.HOTFIX), "andon hotfix start"),
    ("hotfix started", by(Choice.HOTFIX, hotfix_started()), "andon hotfix check"),
    (
        "the guard objects",
        by(Choice.HOTFIX, hotfix_started(), hotfix_checked(FAILED)),
        "andon hotfix check",
    ),
    (
        "the guard has passed it",
        by(Choice.HOTFIX, hotfix_started(), hotfix_checked()),
        "andon hotfix ship",
    ),
    (
        "hotfix approved",
        by(Choice.HOTFIX, hotfix_started(), hotfix_checked(), hotfix_planned(), approved(purpose="hotfix")),
        "andon hotfix ship --resume",
    ),
    (
        "hotfix resolved, not on the main line",
        by(
            Choice.HOTFIX,
            hotfix_started(),
            hotfix_checked(),
            started("op1", "hotfix"),
            finished(),
            verified(),
            mitigated(),
            resolved(),
        ),
        "andon hotfix finish",
    ),
    (
        "hotfix out",
        by(Choice.HOTFIX, started("op1", "hotfix"), finished()),
        "andon verify",
    ),
    ("kill switch decided", by(Choice.KILL_SWITCH), "andon verify"),
    ("workaround decided", by(Choice.WORKAROUND), "andon verify"),
    ("workaround, unknown", by(Choice.WORKAROUND, verified(UNKNOWN)), "andon verify; or andon sign"),
    ("workaround failed", by(Choice.WORKAROUND, verified(FAILED)), "andon assess"),
    ("it passed by itself", (*OWNED, verified()), "andon mitigate"),
    ("mitigated", MITIGATED, 'andon resolve --cause "..."; or andon bisect --suspects'),
    (
        "mitigated by something else",
        by(Choice.WORKAROUND, verified(), mitigated()),
        'andon resolve --cause "..."',
    ),
    ("mitigated, culprit found", (*MITIGATED, culprit()), 'andon resolve --cause "..."'),
    (
        "deployed since",
        (*MITIGATED, started("op2", "hotfix"), finished(operation="op2")),
        "andon verify",
    ),
    ("deploying since", (*MITIGATED, started("op2", "hotfix")), "andon rollback --resume"),
    ("broken again", (*MITIGATED, verified(FAILED)), "andon reopen"),
    ("resolved", RESOLVED, "andon postmortem draft"),
    (
        "resolved, and all tests had passed",
        (*MITIGATED, e.IncidentResolved(cause="c", tests_had_passed=True)),
        "andon gap; or andon postmortem draft",
    ),
    ("resolved and broken again", (*RESOLVED, verified(FAILED)), "andon reopen"),
    ("drafted", DRAFTED, "andon postmortem edit; andon postmortem publish"),
    ("published, items open", PUBLISHED, "andon sign s4.3"),
    ("published, follow-up lost", (*PUBLISHED, LOST), "andon sign s4.3"),
    ("all settled", SETTLED, "andon log export"),
    ("in the log", LOGGED, "andon close"),
    ("small: nothing owed", SMALL, "andon log export"),
    ("closed", (*LOGGED, closed()), ""),
    ("duplicate", (*OWNED, closed("INC-1")), ""),
    ("reopened", (*MITIGATED, reopened()), "andon assess"),
    ("reopened and decided", (*MITIGATED, reopened(), assessed(), decided()), "andon rollback"),
]


@pytest.mark.parametrize(("events", "command"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_next_step(events: tuple[e.Event, ...], command: str) -> None:
    step = next_step(state(*events))
    assert step.text
    if not command:
        assert step.command == ""
        return
    assert step.command.startswith(command), step
    assert commands_in(step.command)
    assert_commands_exist(step.command)


def test_after_the_guard_the_words_fit_what_stopped_it() -> None:
    stopped = by(Choice.HOTFIX, hotfix_started(), hotfix_checked(FAILED))
    assert "mend it" in next_step(state(*stopped)).text
    justified = e.ShortcutTaken(
        item="guard:minimal:0123456789ab", reason="its test", action="A1", pre_justified=False
    )
    assert "justified; ask the guard again" in next_step(state(*stopped, justified)).text
    answers = (e.RuleAnswer(rule="no-new-finding", verdict=UNKNOWN, effect="blocks", summary="no scanner"),)
    undecided = hotfix_checked(UNKNOWN, answers=answers, objections=())
    step = next_step(state(*by(Choice.HOTFIX, hotfix_started(), undecided)))
    assert "could not decide (no-new-finding)" in step.text and "mend" not in step.text


def test_the_culprit_is_named_when_the_cause_is_asked_for() -> None:
    step = next_step(state(*MITIGATED, culprit()))
    assert "cccccccccc Count prices in cents broke it" in step.text
    assert "bisect" not in step.command
    several = next_step(state(*MITIGATED, culprit("narrowed", "b" * 40, "c" * 40)))
    assert "or one of the 1 before it" in several.text
    assert (
        "bisect"
        in next_step(state(*MITIGATED, culprit(), reopened(), *ROLLED_BACK[4:], *MITIGATED[-2:])).command
    )


def test_the_table_has_every_status() -> None:
    assert {state(*events).status for _, events, _ in TABLE} == set(Status)


def test_a_failed_item_is_skipped_not_signed() -> None:
    arrive = adopted(items=(ProtocolItem(key="s4.9", text="See it arrive", check="deployed"),))
    failed = (started("op2", "undo"), finished(Outcome.FAILED, "op2"))
    late = (*RESOLVED, published(), arrive, *failed)
    assert next_step(state(*late)).command.startswith("andon skip s4.9")


def test_an_item_with_a_command_of_its_own_names_it() -> None:
    for check, command in (
        ("follow-ups-created", "andon actions add"),
        ("regressions-updated", "andon regressions add"),
    ):
        only = adopted(items=(ProtocolItem(key="s5.9", text="An item", check=check),))
        step = next_step(state(*RESOLVED, published(), only))
        assert step.command.startswith(command)
        assert_commands_exist(step.command)

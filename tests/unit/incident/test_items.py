"""Items: signed with a name, skipped with a follow-up, never skipped, and where each of them stands."""

from __future__ import annotations

import pytest

from andon.errors import InvalidInput, NotFound
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.checklist import Standing, checklist, find_item, open_lines
from andon.incident.policy import NEVER_JUSTIFIED
from andon.incident.signing import kind_of_work
from andon.incident.words import Choice, Outcome, Severity, Verdict
from andon.protocol.compiled import ProtocolItem
from tests.unit.incident.cases import (
    ALLOWED,
    DECIDED,
    MITIGATED,
    OWNED,
    RESOLVED,
    ROLLED_BACK,
    START,
    adopted,
    assert_commands_exist,
    decided,
    declared,
    finished,
    given,
    hurt,
    planned,
    published,
    severity,
    signed,
    skipped,
    started,
    state,
    verified,
)


def skip(item: str, reason: str = "no time", action: str = "A1") -> c.TakeShortcut:
    return c.TakeShortcut(item=item, reason=reason, action=action, owner="bob", due_at=START)


def shortcut(
    key: str, text: str, *, kind: str = "other", justified: bool = True, action: str = "A1"
) -> tuple[e.Event, ...]:
    return (
        e.ShortcutTaken(item=key, reason="no time", action=action, pre_justified=justified),
        e.ActionOpened(
            action=action,
            title=f"Do what was skipped: {text}",
            origin=f"shortcut:{key}",
            owner="bob",
            due_at=START,
            kind=kind,
        ),
    )


def standings(*events: e.Event) -> dict[str, Standing]:
    return {line.item.key: line.standing for line in checklist(state(*events))}


# ---- signing


@pytest.mark.parametrize("named", ["s4.3", "clean up", "TEMPORARY files", " s4.3 "])
def test_a_person_vouches_for_an_item(named: str) -> None:
    given(*OWNED).when(c.SignItem(item=named, reason="I looked")).then(signed("s4.3"))


def test_a_bound_item_is_signed_under_its_check() -> None:
    given(*OWNED).when(c.SignItem(item="s4.1", reason="I looked")).then(signed("failure-resolved"))


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_signature_has_a_reason(reason: str) -> None:
    given(*OWNED).when(c.SignItem(item="s4.3", reason=reason)).refused("evidence-or-a-name")


def test_evidence_beats_a_signature() -> None:
    case = given(*ROLLED_BACK, verified(Verdict.FAILED))
    for item in ("failure-resolved", "s4.2"):
        problem = case.when(c.SignItem(item=item, reason="looks fine")).refused("evidence-beats-signature")
        assert "evidence against it" in problem.message
    looked = e.ItemChecked(check="fix-no-secrets", verdict=Verdict.FAILED, summary="a key in line 3")
    hotfix = given(*OWNED, decided(Choice.HOTFIX), looked)
    hotfix.when(c.SignItem(item="s7.1", reason="I looked")).refused("evidence-beats-signature")


def test_evidence_that_comes_later_beats_the_signature_too() -> None:
    assert standings(*ROLLED_BACK, signed("critical-paths-pass"))["s4.2"] is Standing.SIGNED
    later = standings(*ROLLED_BACK, signed("critical-paths-pass"), verified(Verdict.FAILED))
    assert later["s4.2"] is Standing.FAILED


@pytest.mark.parametrize("gate", ["failure-resolved", "impact-confirmed", "migrations-reversible"])
def test_what_a_rule_asks_for_can_be_signed_under_any_protocol(gate: str) -> None:
    given(declared(), adopted(items=())).when(c.SignItem(item=gate, reason="I looked")).then(signed(gate))
    given(declared()).when(c.SignItem(item=gate, reason="I looked")).then(signed(gate))


def test_an_item_that_is_not_there_is_named_with_the_way_to_the_list() -> None:
    with pytest.raises(NotFound, match="no item of the protocol is called 'clean the kitchen'") as caught:
        find_item(state(*OWNED), "clean the kitchen")
    assert_commands_exist(caught.value.remedy)


@pytest.mark.parametrize("empty", ["", "   "])
def test_nothing_names_no_item(empty: str) -> None:
    with pytest.raises(NotFound):
        find_item(state(*OWNED), empty)


def test_words_that_fit_several_items_choose_none() -> None:
    with pytest.raises(InvalidInput, match=r"'the' fits 4 items: s4.1 \(The failure is gone\)") as caught:
        find_item(state(*OWNED), "the")
    assert caught.value.remedy == "name one by its key"


def test_an_exact_key_beats_words() -> None:
    items = (ProtocolItem(key="a", text="Look at b"), ProtocolItem(key="b", text="Look at a"))
    assert find_item(state(declared(), adopted(items)), "b").text == "Look at a"


# ---- skipping


def test_a_shortcut_opens_its_follow_up_in_the_same_breath() -> None:
    given(*OWNED).when(skip("s4.3")).then(*shortcut("s4.3", "Clean up temporary files", kind="cleanup"))


def test_a_shortcut_is_pre_justified_in_an_emergency_only() -> None:
    calm = given(declared(Severity.P3), adopted())
    calm.when(skip("s4.3")).then(
        *shortcut("s4.3", "Clean up temporary files", kind="cleanup", justified=False)
    )
    after = given(*MITIGATED)
    after.when(skip("s4.3")).then(*shortcut("s4.3", "Clean up temporary files", kind="cleanup"))
    over = given(*RESOLVED)
    over.when(skip("s4.3")).then(
        *shortcut("s4.3", "Clean up temporary files", kind="cleanup", justified=False)
    )


@pytest.mark.parametrize(("words", "policy"), [("classification", ALLOWED[0]), ("by hand", ALLOWED[1])])
def test_what_the_protocol_allows_to_put_off_can_be_put_off(words: str, policy: str) -> None:
    kind = kind_of_work(policy)
    given(*OWNED).when(skip(words)).then(*shortcut(f"policy:{policy}", policy, kind=kind))


def test_a_shortcut_has_a_reason_and_is_taken_once() -> None:
    given(*OWNED).when(skip("s4.3", reason="")).refused("evidence-or-a-name")
    given(*OWNED, *skipped("s4.3")).when(skip("s4.3", action="A2")).refused("skip-once")


def test_two_people_who_skip_at_once_open_two_follow_ups() -> None:
    given(*OWNED, *skipped("s4.3", "A1")).when(skip("s4.2", action="A1")).then(
        *shortcut("s4.2", "Critical paths work", action="A2")
    )


@pytest.mark.parametrize("check", sorted(NEVER_JUSTIFIED))
def test_what_nothing_justifies_is_refused_with_the_reason(check: str) -> None:
    items = (ProtocolItem(key="s1.1", text="An item", check=check),)
    case = given(declared(), adopted(items))
    for named in ("s1.1", check):
        problem = case.when(skip(named)).refused("never-justified")
        assert NEVER_JUSTIFIED[check] in problem.message


def test_the_review_of_an_emergency_is_not_skipped() -> None:
    given(*RESOLVED).when(skip("memo")).refused("never-justified")
    given(declared(Severity.P3), adopted()).when(skip("memo")).then(
        *shortcut("s5.2", "Write a memo", justified=False)
    )
    given(declared(Severity.P1), adopted(), severity(Severity.P1, Severity.P3, "small")).when(
        skip("memo")
    ).refused("never-justified")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Write tests", "tests"),
        ("Run the smoke test later", "verification"),
        ("Full verification", "verification"),
        ("Cleanup", "cleanup"),
        ("Memory updates", "memory"),
        ("SolutionIndex", "memory"),
        ("Update Regressions.md", "regressions"),
        ("Add monitoring", "monitoring"),
        ("Call everybody", "other"),
    ],
)
def test_deferred_work_is_sorted_by_its_words(words: str, kind: str) -> None:
    assert kind_of_work(words) == kind


# ---- where items stand


def test_a_new_incident_has_open_items_and_none_of_a_response() -> None:
    assert standings(declared(), adopted()) == {
        "s1.1": Standing.OPEN,
        "s4.1": Standing.OPEN,
        "s4.2": Standing.OPEN,
        "s4.3": Standing.OPEN,
        "s5.1": Standing.OPEN,
        "s5.2": Standing.OPEN,
        "s6.1": Standing.NOT_APPLICABLE,
        "s6.2": Standing.NOT_APPLICABLE,
        "s7.1": Standing.NOT_APPLICABLE,
        "s7.2": Standing.NOT_APPLICABLE,
    }


@pytest.mark.parametrize(
    ("choice", "needed"),
    [
        (Choice.ROLLBACK, {"s6.1", "s6.2"}),
        (Choice.HOTFIX, {"s7.1", "s7.2"}),
        (Choice.KILL_SWITCH, set()),
        (Choice.WORKAROUND, set()),
    ],
)
def test_the_decided_response_brings_its_items(choice: Choice, needed: set[str]) -> None:
    found = standings(*OWNED, decided(choice))
    assert {k for k in ("s6.1", "s6.2", "s7.1", "s7.2") if found[k] is Standing.OPEN} == needed


def test_a_rolled_back_and_verified_incident_is_proven_to_the_review() -> None:
    assert standings(*MITIGATED) == {
        "s1.1": Standing.PASSED,
        "s4.1": Standing.PASSED,
        "s4.2": Standing.PASSED,
        "s4.3": Standing.OPEN,
        "s5.1": Standing.PASSED,
        "s5.2": Standing.OPEN,
        "s6.1": Standing.PASSED,
        "s6.2": Standing.PASSED,
        "s7.1": Standing.NOT_APPLICABLE,
        "s7.2": Standing.NOT_APPLICABLE,
    }
    assert [line.item.key for line in open_lines(state(*MITIGATED))] == ["s4.3", "s5.2"]


def test_signed_and_skipped_items_say_by_whom_and_why() -> None:
    lines = {line.item.key: line for line in checklist(state(*OWNED, signed("s5.2"), *skipped("s4.3")))}
    assert (lines["s5.2"].standing, lines["s5.2"].by, lines["s5.2"].summary) == (
        Standing.SIGNED,
        "ann",
        "I looked",
    )
    assert lines["s5.2"].proof == (5,)
    assert lines["s4.3"].standing is Standing.SKIPPED
    assert lines["s4.3"].summary == "skipped: no time (follow-up A1)"


def test_a_signature_from_before_the_last_deployment_no_longer_stands() -> None:
    early = (*DECIDED, signed("critical-paths-pass"), signed("s4.3"))
    assert standings(*early)["s4.2"] is Standing.SIGNED
    late = standings(*early, planned(), started(), finished())
    assert late["s4.2"] is Standing.OPEN
    assert late["s4.3"] is Standing.SIGNED


@pytest.mark.parametrize(
    ("verdict", "standing"),
    [
        (Verdict.PASSED, Standing.PASSED),
        (Verdict.FAILED, Standing.FAILED),
        (Verdict.UNKNOWN, Standing.OPEN),
    ],
)
def test_a_check_that_looked_at_the_world_counts(verdict: Verdict, standing: Standing) -> None:
    looked = e.ItemChecked(check="fix-no-secrets", verdict=verdict, summary="scanned 3 files")
    found = {line.item.key: line for line in checklist(state(*OWNED, decided(Choice.HOTFIX), looked))}
    assert (found["s7.1"].standing, found["s7.1"].summary) == (standing, "scanned 3 files")


def test_unknown_never_settles_an_item() -> None:
    unknown = standings(*ROLLED_BACK, verified(Verdict.UNKNOWN))
    assert unknown["s4.1"] is Standing.OPEN and unknown["s4.2"] is Standing.OPEN
    assert not Standing.OPEN.settled and not Standing.FAILED.settled
    assert all(s.settled for s in Standing if s not in (Standing.OPEN, Standing.FAILED))


def test_without_a_protocol_there_is_no_checklist() -> None:
    assert checklist(state(declared(), hurt())) == ()


def test_a_rollback_that_failed_or_was_undone_is_not_proven() -> None:
    failed = (*DECIDED, planned(), started(), finished(Outcome.FAILED))
    assert standings(*failed)["s6.2"] is Standing.FAILED
    elsewhere = (*DECIDED, planned(), started(), finished(running_version="v3"))
    assert standings(*elsewhere)["s6.2"] is Standing.FAILED
    unclear = (*DECIDED, planned(), started(), finished(Outcome.UNKNOWN))
    assert standings(*unclear)["s6.2"] is Standing.OPEN
    undo = started("op1-undo", "undo", from_version="v2", version="v3")
    undone = (*ROLLED_BACK, undo, finished(operation="op1-undo", running_version="v3"))
    assert standings(*undone)["s6.2"] is Standing.FAILED
    back = started("op2-undo", "undo", from_version="v3", version="v2")
    again = (*undone, back, finished(operation="op2-undo", running_version="v2"))
    assert standings(*again)["s6.2"] is Standing.PASSED
    assert standings(*MITIGATED, published())["s5.1"] is Standing.PASSED

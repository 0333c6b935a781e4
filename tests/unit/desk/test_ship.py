"""The SHIP gate at a desk: each rule with what blocks and what passes, waivers, and the decision."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from andon.config.model import Config
from andon.config.model_production import DeployConfig, FlagSystemConfig
from andon.config.model_team import ShipConfig
from andon.desk.actions import add, assign, drop, finish
from andon.desk.casefile import service_stream
from andon.desk.gate.context import Asked, GateContext
from andon.desk.gate.rules import check_for
from andon.desk.gate.run import run_gate
from andon.desk.gate.standing import standing
from andon.desk.recording import record
from andon.desk.ship import Checked, abandon_ship, check_ship, record_ship
from andon.desk.suite import run_suite, take_report
from andon.desk.values import Attempt
from andon.desk.waiving import grant, withdraw
from andon.errors import InvalidInput, NotFound, Refused, Unavailable
from andon.flags.overrides import ROLLOUT, Override
from andon.incident import commands as c
from andon.incident.events import AuditRan, GearDeclared, ShipRecorded
from andon.incident.gate_record import fold_gates
from andon.incident.words import Severity, Verdict
from andon.record import replace
from andon.response.gates.judge import Effect, Judgement
from andon.response.gates.results import RuleResult, passed
from andon.response.gates.table import Point
from tests.fakes.desk import FakeDesk
from tests.fakes.flag_system import FakeFlagSystem
from tests.fakes.production import FakeCheckouts, FakeProbe, FakeRepository
from tests.unit.desk.shop import COMMITS, declared, shop
from tests.unit.incident.cases import assert_commands_exist

HEAD = "d" * 40
SECRET = "hunter2hunter2"
NEXT = (*COMMITS, (HEAD, "fourth", ("shop/cart.py",), ()))
CONFIG = Config(
    service="shop",
    deploy=DeployConfig(kind="symlink", root="/srv", settle=2.0),
    ship=ShipConfig(test=("./dev", "test")),
)


def ready(root: Path, *, told: dict[tuple[str, str], bytes | None] | None = None, **changes: Any) -> FakeDesk:
    """Return a desk with a fourth commit that nobody shipped yet; v3 runs, and v2 is known to be good."""
    history = changes.pop("history", NEXT)
    given: dict[str, Any] = {
        "repository": FakeRepository(str(root), history, told),
        "config": CONFIG,
        "staging": (FakeProbe("checkout", Verdict.PASSED),),
        "checkouts": FakeCheckouts(lambda commit, arguments: attempt("3 passed in 0.1s")),
    }
    return shop(root, **{**given, **changes})


def attempt(output: str, code: int = 0, **said: Any) -> Attempt:
    return Attempt(code=code, ending=f"exit code {code}", output=output, seconds=1.5, **said)


def ask(desk: FakeDesk, rule: str, commit: str = HEAD) -> RuleResult:
    """Return what one rule says of the commit; its remedy names commands that exist."""
    check = check_for(rule)
    assert check is not None
    result = check(GateContext(desk, Point.SHIP, standing(desk), Asked(base="c" * 40, head=commit)))
    assert result.rule == rule and result.evidence
    assert bool(result.remedy) == (result.verdict is not Verdict.PASSED)
    if not any(later in result.remedy for later in ("andon prevent", "andon hotfix")):
        assert_commands_exist(result.remedy)
    return result


def heard(_: str) -> None:
    """Progress that nobody looks at."""


# ---- tests-green


def test_a_run_of_the_tests_makes_the_commit_green_and_no_other(tmp_path: Path) -> None:
    desk = ready(tmp_path)
    assert ask(desk, "tests-green").verdict is Verdict.UNKNOWN
    suite = run_suite(desk, "", heard)
    assert (suite.commit, suite.verdict, suite.seconds) == (HEAD, Verdict.PASSED, 1.5)
    assert desk.checkouts.done == [(HEAD, True), (HEAD, ("./dev", "test"))]
    assert ask(desk, "tests-green").verdict is Verdict.PASSED
    assert ask(desk, "tests-green", "c" * 40).verdict is Verdict.UNKNOWN
    desk.config = replace(desk.config, ship=ShipConfig(test=("true",)))
    assert "another command" in ask(desk, "tests-green").evidence


def test_the_evidence_of_a_run_is_the_end_of_its_output_without_secrets(tmp_path: Path) -> None:
    desk = ready(tmp_path, checkouts=FakeCheckouts(lambda *_: attempt(f"key {SECRET}\n1 failed in 1s", 1)))
    suite = run_suite(desk, "", heard)
    assert suite.verdict is Verdict.FAILED and suite.evidence is not None
    content = desk.evidence.get(suite.evidence).content
    assert b"1 failed" in content and SECRET.encode() not in content


@pytest.mark.parametrize(
    ("done", "verdict"),
    [
        (attempt("no tests ran in 0.1s"), Verdict.FAILED),
        (attempt("all is well"), Verdict.UNKNOWN),
        (attempt("3 passed in 0.1s", 1), Verdict.FAILED),
        (attempt("3 passed in 0.1s", -15, timed_out=True), Verdict.FAILED),
        (attempt("", 127, is_missing=True), Verdict.UNKNOWN),
    ],
)
def test_what_is_not_green_never_becomes_green(tmp_path: Path, done: Attempt, verdict: Verdict) -> None:
    desk = ready(tmp_path, checkouts=FakeCheckouts(lambda *_: done))
    assert run_suite(desk, "", heard).verdict is verdict
    assert ask(desk, "tests-green").verdict is verdict


def test_a_setup_that_fails_proves_nothing(tmp_path: Path) -> None:
    desk = ready(tmp_path, checkouts=FakeCheckouts(lambda _, words: attempt("", int(words == ("./setup",)))))
    desk.config = replace(desk.config, ship=replace(desk.config.ship, setup=("./setup",)))
    suite = run_suite(desk, "", heard)
    assert suite.verdict is Verdict.UNKNOWN and "setup failed" in suite.summary
    assert ask(desk, "tests-green").verdict is Verdict.UNKNOWN


def test_without_a_command_the_lines_to_add_are_told(tmp_path: Path) -> None:
    desk = ready(tmp_path, config=replace(CONFIG, ship=ShipConfig()))
    with pytest.raises(Unavailable) as caught:
        run_suite(desk, "", heard)
    assert "[ship]" in caught.value.remedy and "test = [" in caught.value.remedy
    assert "[ship]" in ask(desk, "tests-green").remedy


def test_submodules_are_not_forgotten(tmp_path: Path) -> None:
    desk = ready(tmp_path, told={(HEAD, ".gitmodules"): b"[submodule]"})
    with pytest.raises(Refused, match="submodules"):
        run_suite(desk, "", heard)


def test_a_report_of_ci_stands_for_a_run(tmp_path: Path) -> None:
    desk = ready(tmp_path, config=replace(CONFIG, ship=ShipConfig()))
    take_report(desk, "", b'<testsuite><testcase name="a"/></testsuite>', "ci.xml")
    assert ask(desk, "tests-green").verdict is Verdict.PASSED
    take_report(desk, "", b'<testsuite><testcase name="a"><failure/></testcase></testsuite>', "ci.xml")
    assert ask(desk, "tests-green").verdict is Verdict.FAILED


# ---- rollback-plan


def test_the_way_back_is_planned_as_if_the_commit_ran(tmp_path: Path) -> None:
    desk = ready(tmp_path)
    result = ask(desk, "rollback-plan")
    assert result.verdict is Verdict.PASSED and "undo: andon rollback --to v2" in result.evidence, result


def test_what_runs_is_the_way_back_once_it_is_known_to_be_good(tmp_path: Path) -> None:
    from andon.desk.deployments import judge
    from andon.incident.words import ReleaseVerdict

    desk = ready(tmp_path)
    judge(desk, "v3", ReleaseVerdict.GOOD, "watched")
    result = ask(desk, "rollback-plan")
    assert "back to v3" in result.evidence and result.verdict is Verdict.PASSED
    assert "back to v2" in ask(desk, "rollback-plan", "c" * 40).evidence, "v3 itself: back to what was before"


def test_a_migration_that_takes_away_closes_the_way_back(tmp_path: Path) -> None:
    path = "db/migrations/4_drop.sql"
    history = (*COMMITS, (HEAD, "fourth", (path,), ()))
    desk = ready(tmp_path, history=history, told={(HEAD, path): b"ALTER TABLE orders DROP COLUMN price;\n"})
    result = ask(desk, "rollback-plan")
    assert result.verdict is Verdict.FAILED and "4_drop.sql" in result.evidence, result


def test_no_release_at_all_is_no_way_back(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path, repository=FakeRepository(str(tmp_path), NEXT), config=CONFIG)
    assert ask(desk, "rollback-plan").verdict is Verdict.UNKNOWN


def test_the_plan_records_nothing(tmp_path: Path) -> None:
    desk = ready(tmp_path)
    before = len(desk.history(service_stream(desk)))
    ask(desk, "rollback-plan")
    assert len(desk.history(service_stream(desk))) == before


# ---- incidents, postmortems, follow-ups


def test_an_open_emergency_blocks_and_a_smaller_incident_does_not(tmp_path: Path) -> None:
    desk = ready(tmp_path)
    declared(desk, Severity.P2)
    assert ask(desk, "no-open-incident").verdict is Verdict.PASSED
    declared(desk, Severity.P0)
    result = ask(desk, "no-open-incident")
    assert result.verdict is Verdict.FAILED and "P0" in result.evidence


def test_an_emergency_that_was_calmed_down_is_told(tmp_path: Path) -> None:
    desk = ready(tmp_path)
    record(desk, declared(desk, Severity.P0), c.ChangeSeverity(severity=Severity.P2, reason="few customers"))
    result = ask(desk, "no-open-incident")
    assert result.verdict is Verdict.PASSED and "was P0, is P2" in result.evidence


def test_a_postmortem_is_late_until_it_is_published(tmp_path: Path) -> None:
    desk = ready(tmp_path)
    state = record(desk, declared(desk), c.Acknowledge())
    state = record(desk, state, c.SignItem(item="failure-resolved", reason="we looked at it ourselves"))
    state = record(desk, state, c.Mitigate(by="rollback"))
    assert ask(desk, "no-late-postmortem").verdict is Verdict.PASSED
    desk.clock.sleep(49 * 3600)
    result = ask(desk, "no-late-postmortem")
    assert result.verdict is Verdict.FAILED and state.id in result.evidence
    record(
        desk,
        state,
        c.PublishPostmortem(
            path="1.md",
            evidence=desk.evidence.put(b"it", "text/markdown").evidence,
            chain_head="",
            missing=(),
        ),
    )
    assert ask(desk, "no-late-postmortem").verdict is Verdict.PASSED


@pytest.mark.parametrize("way", ["done", "dropped"])
def test_a_follow_up_is_overdue_until_it_is_done_or_dropped(tmp_path: Path, way: str) -> None:
    desk = ready(tmp_path)
    state, action = add(desk, declared(desk), title="Add an alarm for missing orders", due="2d")
    assert ask(desk, "no-overdue-action").verdict is Verdict.PASSED
    desk.clock.sleep(3 * 86400)
    result = ask(desk, "no-overdue-action")
    assert result.verdict is Verdict.FAILED and "overdue since" in result.objections[0].text
    if way == "done":
        finish(desk, state, action, "tests/test_alarm.py in commit 4f3c2a1")
    else:
        drop(desk, state, action, "the shop is closed for good")
    assert ask(desk, "no-overdue-action").verdict is Verdict.PASSED


def test_a_day_that_is_moved_after_it_passed_is_told(tmp_path: Path) -> None:
    desk = ready(tmp_path)
    state, action = add(desk, declared(desk), title="Add an alarm for missing orders", due="2d")
    state = assign(desk, state, action, due="3d")
    assert ask(desk, "no-overdue-action").evidence == "none", "moved in time"
    desk.clock.sleep(4 * 86400)
    state = assign(desk, state, action, owner="bob")
    assert ask(desk, "no-overdue-action").verdict is Verdict.FAILED, "another owner is no other day"
    assign(desk, state, action, due="9w")
    result = ask(desk, "no-overdue-action")
    assert result.verdict is Verdict.PASSED and f"{action} (was due " in result.evidence


def test_follow_ups_of_small_incidents_do_not_block(tmp_path: Path) -> None:
    desk = ready(tmp_path)
    add(desk, declared(desk, Severity.P3), title="Write a page about the alarm", due="1d")
    desk.clock.sleep(3 * 86400)
    assert ask(desk, "no-overdue-action").verdict is Verdict.PASSED


# ---- audit, staging, flags


def test_an_audit_is_held_against_the_lock_files_of_the_commit(tmp_path: Path) -> None:
    from andon.desk.code_facts import code_facts

    history = (*COMMITS, (HEAD, "fourth", ("uv.lock",), ()))
    desk = ready(tmp_path, history=history)
    assert ask(desk, "audit-fresh").verdict is Verdict.UNKNOWN
    lockfiles = code_facts(desk, HEAD).lockfiles
    assert lockfiles
    event = AuditRan(tool="pip-audit", verdict=Verdict.PASSED, lockfiles=lockfiles)
    desk.append(service_stream(desk), (event,))
    assert ask(desk, "audit-fresh").verdict is Verdict.PASSED
    desk.clock.sleep(8 * 86400)
    assert ask(desk, "audit-fresh").verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("verdict", list(Verdict))
def test_staging_is_asked_now(tmp_path: Path, verdict: Verdict) -> None:
    probes = (FakeProbe("health", Verdict.PASSED), FakeProbe("checkout", verdict))
    assert ask(ready(tmp_path, staging=probes), "staging-smoke").verdict is verdict
    runs = 2 if verdict is Verdict.PASSED else 1
    assert [p.runs for p in probes] == [runs, runs]


def test_a_smoke_test_of_staging_that_passes_now_and_then_does_not_pass(tmp_path: Path) -> None:
    moody = FakeProbe("checkout", (Verdict.PASSED, Verdict.FAILED))
    assert ask(ready(tmp_path, staging=(moody,)), "staging-smoke").verdict is Verdict.FAILED


def test_without_smoke_tests_of_staging_nobody_knows(tmp_path: Path) -> None:
    result = ask(ready(tmp_path, staging=()), "staging-smoke")
    assert result.verdict is Verdict.UNKNOWN and "[[staging]]" in result.remedy


def flag(name: str, **said: str) -> str:
    return f'[[flag]]\nname = "{name}"\n' + "".join(f'{k} = "{v}"\n' for k, v in said.items())


WELL = flag("new", owner="mia", purpose="two-step checkout", default="off")


@pytest.mark.parametrize(
    ("before", "now", "verdict"),
    [
        ("", "", Verdict.PASSED),
        (flag("old"), flag("old"), Verdict.PASSED),
        (flag("old"), flag("old") + WELL, Verdict.PASSED),
        (flag("old"), flag("old") + flag("new", owner="mia", purpose="x", default="on"), Verdict.FAILED),
        (flag("old"), flag("old") + flag("new"), Verdict.FAILED),
        ("flag = 3", flag("new"), Verdict.FAILED),
        ("nonsense [", WELL, Verdict.PASSED),
    ],
)
def test_flags_are_compared_with_the_running_release(
    tmp_path: Path, before: str, now: str, verdict: Verdict
) -> None:
    told: dict[tuple[str, str], bytes | None] = {
        ("c" * 40, "andon.toml"): before.encode(),
        (HEAD, "andon.toml"): now.encode(),
    }
    assert ask(ready(tmp_path, told=told), "flags-off").verdict is verdict


# ---- flags of the flag file: off, and tested in both states

FLAG_FILE = b'[flags]\nfile = "flags.json"\n'
ANSWERED_FOR = {"owner": "mia", "purpose": "two-step checkout"}
BOTH: dict[str, Any] = {"on": True, "off": False}


def defined(key: str = "new", **more: Any) -> dict[str, Any]:
    """Return one flag of a flag file: off, and answered for, but for what is given."""
    flag = {"state": "ENABLED", "variants": BOTH, "defaultVariant": "off", "metadata": ANSWERED_FOR}
    return {key: {**flag, **more}}


def flagged(
    root: Path, now: dict[str, Any], before: dict[str, Any] | None = None, **changes: Any
) -> FakeDesk:
    told: dict[tuple[str, str], bytes | None] = {
        ("c" * 40, "flags.json"): None if before is None else json.dumps({"flags": before}).encode(),
        (HEAD, "flags.json"): json.dumps({"flags": now}).encode(),
        (HEAD, "andon.toml"): FLAG_FILE,
    }
    return ready(root, told=told, **changes)


def share(*parts: Any) -> dict[str, Any]:
    return {"fractional": list(parts)}


STAFF = {"if": [{"ends_with": [{"var": "email"}, "@shop.example"]}, "on"]}


@pytest.mark.parametrize(
    ("now", "before", "verdict", "word"),
    [
        (defined(), {}, Verdict.PASSED, "off"),
        (defined(), None, Verdict.PASSED, "off"),
        (defined(defaultVariant="on"), {}, Verdict.FAILED, "on by default"),
        (defined(defaultVariant=None), {}, Verdict.FAILED, "no default"),
        (defined(state="DISABLED"), {}, Verdict.FAILED, "no default"),
        (defined(metadata={"owner": "mia"}), {}, Verdict.FAILED, "no purpose"),
        (defined(metadata=None), {}, Verdict.FAILED, "no owner"),
        (defined(targeting=STAFF), {}, Verdict.PASSED, "off"),
        (defined(targeting=share(["on", 5], ["off", 95])), {}, Verdict.FAILED, "on by default"),
        (defined(targeting={"if": [True, "on"]}), {}, Verdict.FAILED, "on by default"),
        (defined(targeting={"nonsense": []}), {}, Verdict.FAILED, "no default"),
        (defined(defaultVariant="on"), defined(defaultVariant="on"), Verdict.PASSED, "no flag is new"),
        (defined(defaultVariant="on"), defined(), Verdict.FAILED, "off in v3, and no longer here"),
        (
            defined(defaultVariant="on", metadata={**ANSWERED_FOR, "kind": "ops"}),
            {},
            Verdict.PASSED,
            "meant to stay",
        ),
        (
            defined(variants={"a": "x", "b": "y"}, defaultVariant="a", metadata=ANSWERED_FOR),
            {},
            Verdict.FAILED,
            "no default",
        ),
        (
            defined(
                variants={"a": "x", "b": "y"},
                defaultVariant="a",
                metadata={**ANSWERED_FOR, "safeVariant": "a"},
            ),
            {},
            Verdict.PASSED,
            "off",
        ),
    ],
)
def test_new_flags_of_the_flag_file_are_off_for_everybody(
    tmp_path: Path, now: dict[str, Any], before: dict[str, Any] | None, verdict: Verdict, word: str
) -> None:
    result = ask(flagged(tmp_path, now, before), "flags-off")
    assert (result.verdict, word in result.evidence) == (verdict, True), result
    assert all(objection.path == "flags.json" for objection in result.objections)


def reported(root: Path, *states: tuple[str, str, Any], commit: str = HEAD, clean: bool = True) -> None:
    """Leave the report of tests that ran with these states."""
    kept = [
        {"flag": flag, "variant": variant, "value": value, "tests": ["t::x"], "count": 1}
        for flag, variant, value in states
    ]
    report = {"format": 1, "commit": commit, "clean": clean, "states": kept}
    (root / ".andon-flag-states.json").write_text(json.dumps(report))


ON, OFF = ("new", "on", True), ("new", "off", False)
ROLLED_OUT = defined(targeting=share(["on", 5], ["off", 95]))


@pytest.mark.parametrize(
    ("now", "before", "states", "verdict", "word"),
    [
        (defined(), {}, (ON, OFF), Verdict.PASSED, "every state of new"),
        (defined(), {}, (ON,), Verdict.FAILED, "no test ran with off"),
        (defined(), {}, (), Verdict.FAILED, "no test ran with on, off"),
        (defined(), defined(), (), Verdict.PASSED, "no flag"),
        (ROLLED_OUT, ROLLED_OUT, (ON,), Verdict.FAILED, "rolled out in part"),
        (ROLLED_OUT, ROLLED_OUT, (ON, OFF), Verdict.PASSED, "every state"),
        (ROLLED_OUT, ROLLED_OUT, (("new", "yes", True), OFF), Verdict.PASSED, "every state"),
        (defined(metadata={"kind": "ops"}), {}, (), Verdict.PASSED, "no flag"),
        (defined(variants={"on": True}), {}, (ON,), Verdict.FAILED, "cannot be switched off"),
        (defined(variants={"a": "x", "b": "y"}), {}, (("new", "a", "x"),), Verdict.FAILED, "ran with b"),
    ],
)
def test_both_states_of_flags_that_change_something_were_tested(
    tmp_path: Path,
    now: dict[str, Any],
    before: dict[str, Any],
    states: tuple[tuple[str, str, Any], ...],
    verdict: Verdict,
    word: str,
) -> None:
    desk = flagged(tmp_path, now, before)
    reported(tmp_path, *states)
    result = ask(desk, "flags-tested")
    assert (result.verdict, word in result.evidence) == (verdict, True), result


def test_a_report_of_another_commit_or_of_changed_files_proves_nothing(tmp_path: Path) -> None:
    desk = flagged(tmp_path, defined(), {})
    for word, said in (
        ("no report", None),
        ("is of cccccccccc", {"commit": "c" * 40}),
        ("names no commit", {"commit": ""}),
        ("changes that are in no commit", {"clean": False}),
    ):
        if said is not None:
            reported(tmp_path, ON, OFF, **said)  # type: ignore[arg-type]
        result = ask(desk, "flags-tested")
        assert (result.verdict, word in result.evidence) == (Verdict.UNKNOWN, True), result
    for content in ("{", "[]", '{"format": 1}', '{"format": 2}', "[" * 100_000):
        (tmp_path / ".andon-flag-states.json").write_text(content)
        assert ask(desk, "flags-tested").verdict is Verdict.UNKNOWN


SERVED = replace(CONFIG, flag_system=FlagSystemConfig(file="flags.json", server="http://127.0.0.1:8014"))


def rolled(percent: float) -> FakeFlagSystem:
    """Return a flag system in which `new` is at so many percent."""
    system = FakeFlagSystem(defined())
    system.put(Override(flag="new", layer=ROLLOUT, variant="on", percent=percent, operation="o1"))
    return system


@pytest.mark.parametrize(
    ("percent", "verdict"), [(5, Verdict.FAILED), (100, Verdict.PASSED), (0, Verdict.PASSED)]
)
def test_a_stage_of_a_rollout_in_the_flag_system_counts(
    tmp_path: Path, percent: float, verdict: Verdict
) -> None:
    desk = flagged(tmp_path, defined(), defined(), config=SERVED, flag_system=rolled(percent))
    reported(tmp_path, ON)
    assert ask(desk, "flags-tested").verdict is verdict


def test_a_flag_system_that_cannot_be_asked_leaves_it_unknown(tmp_path: Path) -> None:
    system = rolled(100)
    system.is_reachable = False
    desk = flagged(tmp_path, defined(), defined(), config=SERVED, flag_system=system)
    result = ask(desk, "flags-tested")
    assert result.verdict is Verdict.UNKNOWN and "cannot be seen" in result.evidence


def test_a_release_that_writes_a_whole_rollout_down_turns_nothing_on(tmp_path: Path) -> None:
    on = defined(defaultVariant="on")
    for percent, verdict in ((100, Verdict.PASSED), (50, Verdict.FAILED)):
        desk = flagged(tmp_path, on, defined(), config=SERVED, flag_system=rolled(percent))
        assert ask(desk, "flags-off").verdict is verdict


def test_without_a_flag_file_nothing_has_to_be_tested(tmp_path: Path) -> None:
    assert ask(ready(tmp_path), "flags-tested").verdict is Verdict.PASSED


@pytest.mark.parametrize("rule", ["flags-off", "flags-tested"])
def test_a_flag_file_that_is_missing_or_cannot_be_read_is_unknown(tmp_path: Path, rule: str) -> None:
    for content in (None, b'{"flags": {', b'{"flags": [', b"\xff"):
        told: dict[tuple[str, str], bytes | None] = {
            (HEAD, "flags.json"): content,
            (HEAD, "andon.toml"): FLAG_FILE,
        }
        row = next(r for r in gate(ready(tmp_path, told=told)).rows if r.result.rule == rule)
        assert row.result.verdict is Verdict.UNKNOWN and "flags.json" in row.result.evidence, row.result


def test_the_report_of_the_tests_comes_out_of_their_checkout(tmp_path: Path) -> None:
    checkouts = FakeCheckouts(lambda commit, arguments: attempt("3 passed in 0.1s"))
    desk = flagged(tmp_path, defined(), {}, checkouts=checkouts)
    reported(tmp_path, ON, OFF)
    kept = tmp_path / ".andon-flag-states.json"
    checkouts.left[kept.name] = kept.read_bytes()
    kept.unlink()
    run_suite(desk, "", heard)
    assert ask(desk, "flags-tested").verdict is Verdict.PASSED
    for other in (b"{", kept.read_bytes().replace(HEAD.encode(), b"e" * 40)):
        checkouts.left[kept.name] = other
        run_suite(desk, "", heard)
        assert ask(desk, "flags-tested").verdict is Verdict.PASSED, "what is not of this commit is left there"


def test_a_configuration_that_cannot_be_read_in_the_commit_is_unknown(tmp_path: Path) -> None:
    told: dict[tuple[str, str], bytes | None] = {(HEAD, "andon.toml"): b"flag = 3"}
    row = next(r for r in gate(ready(tmp_path, told=told)).rows if r.result.rule == "flags-off")
    assert row.result.verdict is Verdict.UNKNOWN and f"andon.toml in {HEAD[:10]}" in row.result.evidence


# ---- the whole gate, waivers, the decision


def gate(desk: FakeDesk) -> Judgement:
    return check_ship(desk, "").judgement


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the rules of other parts pass: each has its own tests."""
    ours = {"tests-green", "rollback-plan", "audit-fresh", "staging-smoke", "flags-off", "no-open-incident"}
    ours.add("flags-tested")
    ours |= {"no-late-postmortem", "no-overdue-action", "gear-known", "configuration"}
    monkeypatch.setattr(
        "andon.desk.gate.run.check_for",
        lambda rule: check_for(rule) if rule in ours else lambda _: passed(rule, "somebody else's"),
    )


def effects(judgement: Judgement) -> dict[str, Effect]:
    return {row.result.rule: row.effect for row in judgement.rows}


@pytest.mark.usefixtures("alone")
def test_a_commit_goes_from_red_to_shipped(tmp_path: Path) -> None:
    desk = ready(tmp_path)
    heard: list[str] = []
    checked = check_ship(desk, "", heard.append)
    assert checked.judgement.verdict is Verdict.UNKNOWN
    assert [r for r, e in effects(checked.judgement).items() if e is Effect.BLOCKS] == ["tests-green"]
    assert heard == list(effects(checked.judgement))
    assert record_ship(desk, "v4", "").shipped is None
    run_suite(desk, "", lambda _: None)
    assert gate(desk).verdict is Verdict.PASSED
    done = record_ship(desk, "v4", "")
    assert done.shipped is not None and (done.shipped.by, done.shipped.event.version) == ("ann", "v4")
    event = done.shipped.event
    assert {a.rule for a in event.answers} == set(effects(gate(desk))) and event.evidence is not None
    told = json.loads(desk.evidence.get(event.evidence).content)
    assert told["commit"] == HEAD and all(rule["verdict"] == "passed" for rule in told["rules"])


@pytest.mark.usefixtures("alone")
def test_a_decision_is_recorded_once(tmp_path: Path) -> None:
    desk = ready(tmp_path)
    run_suite(desk, "", heard)
    first = record_ship(desk, "v4", "")
    again = record_ship(desk.another("bob"), "v4", "")
    assert again.was_recorded and again.shipped == first.shipped
    events = [r.event for r in desk.history(service_stream(desk)) if isinstance(r.event, ShipRecorded)]
    assert len(events) == 1
    desk.clock.sleep(1)
    abandon_ship(desk, "the launch was called off")
    assert not record_ship(desk, "v4", "").was_recorded
    assert record_ship(desk, "v4", "").was_recorded
    desk.append(service_stream(desk), (GearDeclared(gear="SHIP", reason="once more"),))
    assert not record_ship(desk, "v4", "").was_recorded, "committed anew, decided anew"


@pytest.mark.usefixtures("alone")
def test_two_people_who_decide_at_once_decide_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = ready(tmp_path)
    run_suite(desk, "", heard)
    real, bob = desk.append, desk.another("bob")

    def slower(stream: str, events: Any, *rest: Any, **said: Any) -> Any:
        if isinstance(events[0], ShipRecorded):
            monkeypatch.setattr(desk, "append", real)
            record_ship(bob, "v4", "")
        return real(stream, events, *rest, **said)

    monkeypatch.setattr(desk, "append", slower)
    done = record_ship(desk, "v4-again", "")
    assert done.was_recorded and done.shipped is not None
    assert (done.shipped.by, done.shipped.event.version) == ("bob", "v4")
    assert len(fold_gates(desk.history(service_stream(desk))).ships) == 1


@pytest.mark.usefixtures("alone")
def test_what_was_given_up_stays_so_when_the_clock_goes_back(tmp_path: Path) -> None:
    desk = ready(tmp_path)
    run_suite(desk, "", heard)
    record_ship(desk, "v4", "")
    desk.clock.sleep(-3600)
    abandon_ship(desk, "the launch was called off")
    assert fold_gates(desk.history(service_stream(desk))).decision(HEAD) is None


def test_giving_up_needs_something_to_give_up_and_a_reason(tmp_path: Path) -> None:
    desk = ready(tmp_path)
    with pytest.raises(Refused):
        abandon_ship(desk, "the launch was called off")
    desk.append(service_stream(desk), (GearDeclared(gear="SHIP", reason="launch on Monday"),))
    with pytest.raises(InvalidInput):
        abandon_ship(desk, "x")
    abandon_ship(desk, "the launch was called off")
    assert fold_gates(desk.history(service_stream(desk))).abandoned_at == desk.clock.now()
    with pytest.raises(Refused):
        abandon_ship(desk, "the launch was called off")


@pytest.mark.parametrize("version", ["--force", "a\nb", "\x1b[2J", "v" * 200, " "])
def test_a_version_is_a_name(tmp_path: Path, version: str) -> None:
    with pytest.raises(InvalidInput):
        record_ship(ready(tmp_path), version, "")


@pytest.mark.usefixtures("alone")
def test_a_release_is_called_by_its_tag(tmp_path: Path) -> None:
    desk = ready(
        tmp_path, history=(*COMMITS, (HEAD, "fourth", ("shop/cart.py",), ("v4",)), ("e" * 40, "5", (), ()))
    )
    run_suite(desk, "v4", heard)
    done = record_ship(desk, "v4", "")
    assert done.shipped is not None and done.shipped.event.commit == HEAD
    assert done.shipped.event.version == "v4"


@pytest.mark.usefixtures("alone")
def test_a_waiver_passes_a_rule_until_its_day_is_over(tmp_path: Path) -> None:
    desk = ready(tmp_path, staging=(FakeProbe("checkout", Verdict.FAILED),))
    run_suite(desk, "", heard)
    assert gate(desk).verdict is Verdict.FAILED
    grant(desk, "staging-smoke", "staging is rebuilt until Thursday", "2d")
    row = next(r for r in gate(desk).rows if r.effect is Effect.WAIVED)
    assert row.waived_by == "ann: staging is rebuilt until Thursday, until 2026-03-03"
    done = record_ship(desk, "v4", "")
    assert done.shipped is not None and done.shipped.event.waived == ("staging-smoke",)
    desk.clock.sleep(3 * 86400)
    assert effects(gate(desk))["staging-smoke"] is Effect.BLOCKS


@pytest.mark.usefixtures("alone")
def test_a_waiver_of_one_objection_leaves_the_others(tmp_path: Path) -> None:
    desk = ready(tmp_path)
    state, _ = add(desk, declared(desk), title="Add an alarm for orders", due="1d")
    add(desk, state, title="Add a test for prices", due="1d")
    desk.clock.sleep(3 * 86400)
    one, other = ask(desk, "no-overdue-action").objections
    grant(desk, "no-overdue-action", "Bob is ill until Monday", subject=one.fingerprint)
    row = next(r for r in gate(desk).rows if r.result.rule == "no-overdue-action")
    assert row.effect is Effect.BLOCKS and row.result.objections == (other,)
    grant(desk, "no-overdue-action", "Bob is ill until Monday", subject=other.fingerprint)
    assert effects(gate(desk))["no-overdue-action"] is Effect.WAIVED


@pytest.mark.usefixtures("alone")
def test_a_waiver_can_be_taken_back(tmp_path: Path) -> None:
    desk = ready(tmp_path, staging=(FakeProbe("checkout", Verdict.FAILED),))
    grant(desk, "staging-smoke", "staging is rebuilt until Thursday")
    withdraw(desk, "staging-smoke", "it is there again")
    assert effects(gate(desk))["staging-smoke"] is Effect.BLOCKS
    with pytest.raises(NotFound):
        withdraw(desk, "staging-smoke")


@pytest.mark.parametrize("reason", ["", "x", "   ", "todo", "n/a", "because", "a" * 30, "word " * 200])
def test_a_waiver_says_why(tmp_path: Path, reason: str) -> None:
    with pytest.raises(InvalidInput, match="the reason says too"):
        grant(ready(tmp_path), "staging-smoke", reason)


@pytest.mark.parametrize("rule", ["secrets", "no-new-finding", "red-then-green"])
def test_what_is_never_justified_cannot_be_waived(tmp_path: Path, rule: str) -> None:
    with pytest.raises(Refused):
        grant(ready(tmp_path), rule, "we are in a great hurry today")


def test_nothing_holds_where_the_journal_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = ready(tmp_path)

    def broken(*_: object) -> None:
        raise Unavailable("the journal is locked", remedy="andon doctor")

    for port, name in ((desk, "history"), (desk.journal, "read"), (desk.journal, "newest")):
        monkeypatch.setattr(port, name, broken)
    judgement = run_gate(desk, Point.SHIP, Asked(head=HEAD))
    assert judgement.verdict is not Verdict.PASSED
    rows = {r.result.rule: r.result for r in judgement.rows}
    for rule in ("tests-green", "rollback-plan", "no-open-incident", "gear-known"):
        assert rows[rule].verdict is Verdict.UNKNOWN, rule


def test_in_hotfix_nothing_is_shipped(tmp_path: Path) -> None:
    desk = ready(tmp_path)
    declared(desk, Severity.P0)
    checked: Checked = check_ship(desk, "")
    assert checked.judgement.gear.value == "HOTFIX"
    assert effects(checked.judgement)["no-open-incident"] is Effect.BLOCKS


def test_a_commit_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        check_ship(ready(tmp_path), "no-such-thing")


def test_an_empty_repository_has_nothing_to_ship(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        check_ship(FakeDesk(tmp_path), "")

"""A hotfix at a desk over a real repository: begun, tested red and green, guarded, planned, brought home."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.config.model_team import HotfixConfig
from andon.desk import acting
from andon.desk.gate.context import Asked, GateContext
from andon.desk.gate.hotfix_merged import check as hotfix_merged
from andon.desk.gate.rules import MODULES
from andon.desk.gate.standing import Standing
from andon.desk.hotfix_check import check_hotfix
from andon.desk.hotfix_finish import finish_hotfix
from andon.desk.hotfix_ship import approve_hotfix, plan_hotfix, proposed_hotfix
from andon.desk.hotfix_start import branch_named, start_hotfix
from andon.desk.incident_context import incident_context
from andon.desk.lost_fixes import lost_fixes
from andon.desk.recording import record
from andon.desk.values import ReleaseOnDisk
from andon.errors import Refused, Unavailable
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.words import Choice, Gear, Outcome, Severity, Verdict
from andon.record import replace
from andon.response.gates.results import Objection, RuleResult, failed, passed
from andon.response.gates.table import Point, rules_at
from tests.integration.fixed_shop import BROKEN, FIXED, SOURCE, TEST, FixedShop, commit, git
from tests.unit.incident.cases import decided, mitigated, resolved

#: Rules of the guard that other tests are about.
OTHERS = [rule.id for rule in rules_at(Point.HOTFIX) if rule.id not in ("red-then-green", "gear-known")]
PROOF = (sys.executable, "-B", "test_shop.py")


@pytest.fixture(autouse=True)
def guard(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, RuleResult]]:
    """Every other rule agrees, unless a test says otherwise; git has no configuration."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    answers: dict[str, RuleResult] = {}
    for rule in OTHERS:
        monkeypatch.delitem(MODULES, rule, raising=False)

    def check_for(rule: str):  # type: ignore[no-untyped-def]
        from andon.desk.gate import gear_known, red_then_green

        own = {"red-then-green": red_then_green.check, "gear-known": gear_known.check}
        return own.get(rule, lambda _context: answers.get(rule, passed(rule, "agreed")))

    monkeypatch.setattr("andon.desk.gate.run.check_for", check_for)
    yield answers


@pytest.fixture
def shop(tmp_path: Path) -> FixedShop:
    return FixedShop(tmp_path / "shop")


def told(_line: str) -> None:
    """Nobody listens."""


def ready(shop: FixedShop) -> str:
    """Begin, fix and check; return the commit."""
    start_hotfix(shop.desk, shop.state)
    fix = shop.fix()
    assert check_hotfix(shop.desk, shop.state, told).judgement.verdict is Verdict.PASSED
    return fix


def built(shop: FixedShop, version: str = "v1.2.0-hotfix.1") -> None:
    """Let the deployer have a version, as a build would."""
    shop.deployer.available = (*shop.deployer.available, ReleaseOnDisk(version=version))


def ship(shop: FixedShop) -> e.HotfixPlanned:
    """Plan, approve, deploy and enter it, as a worker does."""
    built(shop)
    plan = plan_hotfix(shop.desk, shop.state, "", told)
    approve_hotfix(shop.desk, shop.state, plan)
    acting.recheck(shop.desk, shop.state.id, plan.operation)
    acting.claim(shop.desk, shop.state.id, plan.operation, "here")
    report = shop.deployer.deploy(plan.to_version, plan.operation)
    acting.finish(shop.desk, shop.state.id, plan.operation, report)
    acting.end(shop.desk, shop.state.id, plan.operation, verdict=Verdict.PASSED)
    return plan


# ---- start


def test_it_starts_from_what_runs_and_says_so_again(shop: FixedShop) -> None:
    begun = start_hotfix(shop.desk, shop.state)
    assert (begun.hotfix.base_version, begun.hotfix.base_commit) == (BROKEN, shop.base)
    assert git(shop.root, "branch", "--show-current") == "hotfix/INC-7" and begun.is_new
    again = start_hotfix(shop.desk, shop.state)
    assert not again.is_new and again.place == str(shop.root)
    assert shop.said("HotfixStarted") == ["HotfixStarted"]


def test_a_branch_that_somebody_removed_is_made_again_where_it_was(shop: FixedShop) -> None:
    fix = ready(shop)
    git(shop.root, "switch", "-q", "main")
    git(shop.root, "branch", "-D", "hotfix/INC-7")
    start_hotfix(shop.desk, shop.state)
    assert git(shop.root, "rev-parse", "hotfix/INC-7") == fix


def test_a_branch_that_was_there_is_taken_when_it_comes_from_what_runs(shop: FixedShop) -> None:
    git(shop.root, "branch", "hotfix/INC-7", shop.base)
    assert start_hotfix(shop.desk, shop.state).is_new
    git(shop.root, "branch", "hotfix/INC-7-old", shop.good)
    with pytest.raises(Refused, match=r"does not come from v1\.2\.0"):
        start_hotfix(shop.desk, shop.state, "old")


def test_unfinished_work_stays_where_it_is(shop: FixedShop) -> None:
    (shop.root / "next.py").write_text("half done\n")
    begun = start_hotfix(shop.desk, shop.state, "Empty basket")
    assert begun.hotfix.branch == "hotfix/INC-7-empty-basket"
    assert begun.place != str(shop.root) and begun.hotfix.worktree == begun.place
    assert (Path(begun.place) / "shop.py").read_text() == SOURCE
    assert (shop.root / "next.py").read_text() == "half done\n"


def test_the_configuration_is_not_lost_by_switching(shop: FixedShop) -> None:
    """It came with a commit that customers do not have yet."""
    commit(shop.root, {"andon.toml": "service = 'shop'\n"}, "Tell Andon about the shop")
    shop.desk.config = replace(shop.desk.config, path=str(shop.root / "andon.toml"))
    begun = start_hotfix(shop.desk, shop.state)
    assert begun.place != str(shop.root) and git(shop.root, "branch", "--show-current") == "main"
    assert (Path(begun.place) / "andon.toml").read_text() == "service = 'shop'\n"
    assert "do not commit it" in begun.notes[0]


def test_a_commit_that_nobody_knows_is_no_base(shop: FixedShop) -> None:
    shop.deployer.live = "v1.2.9"
    with pytest.raises(Refused, match=r"the commit of v1\.2\.9") as caught:
        start_hotfix(shop.desk, shop.state)
    assert caught.value.rule == "hotfix-base" and "--commit" in caught.value.remedy


@pytest.mark.parametrize("name", ["../x", "a b\nc", "-", "x" * 80, "ü", "a..b", "a.lock", "$(x)"])
def test_names_that_no_branch_can_have(shop: FixedShop, name: str) -> None:
    try:
        branch = branch_named(shop.state, name)
    except Refused as problem:
        assert problem.remedy
    else:
        assert git(shop.root, "check-ref-format", "--branch", branch) == branch


# ---- check


def test_nothing_to_look_at(shop: FixedShop) -> None:
    with pytest.raises(Refused, match="no hotfix was started"):
        check_hotfix(shop.desk, shop.state, told)
    start_hotfix(shop.desk, shop.state)
    with pytest.raises(Refused, match="nothing is committed"):
        check_hotfix(shop.desk, shop.state, told)
    git(shop.root, "reset", "-q", "--hard", shop.good)
    with pytest.raises(Refused, match=r"does not come from v1\.2\.0"):
        check_hotfix(shop.desk, shop.state, told)


def test_the_answers_are_kept_once(shop: FixedShop) -> None:
    fix = ready(shop)
    check_hotfix(shop.desk, shop.state, told)
    assert shop.said("HotfixChecked") == ["HotfixChecked"], "the same answer is not told twice"
    kept = shop.state.hotfix_checks[-1]
    assert kept.commit == fix and kept.evidence is not None
    assert b"hotfix guard: passed" in shop.desk.evidence.get(kept.evidence).content


def test_what_is_not_committed_is_told(shop: FixedShop) -> None:
    ready(shop)
    (shop.root / "shop.py").write_text("more\n")
    assert check_hotfix(shop.desk, shop.state, told).uncommitted == ("shop.py",)


def test_an_objection_is_justified_and_shown_with_who_and_why(
    shop: FixedShop, guard: dict[str, RuleResult]
) -> None:
    objection = Objection(rule="minimal", path="shop.py", line=2, text="too much", snippet="s")
    guard["minimal"] = failed("minimal", "90 lines", "make it smaller", (objection,))
    start_hotfix(shop.desk, shop.state)
    shop.fix()
    assert check_hotfix(shop.desk, shop.state, told).judgement.verdict is Verdict.FAILED
    with pytest.raises(Refused, match="the guard says failed: minimal"):
        plan_hotfix(shop.desk, shop.state, "", told)
    name = f"minimal:{objection.fingerprint}"
    record(shop.desk, shop.state, c.TakeShortcut(item=name, reason="its test", action="A1"))
    again = check_hotfix(shop.desk, shop.state, told)
    assert again.judgement.verdict is Verdict.PASSED
    row = next(row for row in again.judgement.rows if row.result.rule == "minimal")
    assert row.waived_by == "ann: its test"
    built(shop)
    assert "its test" in " ".join(plan_hotfix(shop.desk, shop.state, "", told).risks)


def test_hints_are_shown_and_ship(shop: FixedShop, guard: dict[str, RuleResult]) -> None:
    hint = Objection(rule="no-feature", path="shop.py", line=2, text="a helper", snippet="s", is_hint=True)
    guard["no-feature"] = failed("no-feature", "1 sign of a feature, only hints", "take it out", (hint,))
    ready(shop)
    (kept,) = [a for a in shop.state.hotfix_checks[-1].answers if a.rule == "no-feature"]
    assert (kept.verdict, kept.effect) == (Verdict.FAILED, "warns")
    assert [o.text for o in shop.state.hotfix_checks[-1].objections] == ["a helper"]
    ship(shop)
    assert [v for v, _ in shop.deployer.deployed] == ["v1.2.0-hotfix.1"]


def test_red_without_the_fix_green_with_it(shop: FixedShop) -> None:
    start_hotfix(shop.desk, shop.state)
    fix = shop.fix({"shop.py": FIXED, "test_shop.py": TEST})
    found = check_hotfix(shop.desk, shop.state, told, PROOF)
    tested = shop.state.hotfix_tests[-1]
    assert (tested.before, tested.after, tested.commit) == (Verdict.FAILED, Verdict.PASSED, fix)
    row = next(row for row in found.judgement.rows if row.result.rule == "red-then-green")
    assert row.result.verdict is Verdict.PASSED and "fails without the fix" in row.result.evidence
    report = shop.desk.evidence.get(tested.evidence).content
    assert b"KeyError: 'prize'" in report and b"tests put in: test_shop.py" in report
    assert git(shop.root, "status", "--porcelain") == "", "the work tree is as it was"
    check_hotfix(shop.desk, shop.state, told)
    assert len(shop.state.hotfix_tests) == 1, "the same commit is not tested twice"


LEFTOVER = """\
import pathlib, sys
left = pathlib.Path(sys.argv[1]); was_there = left.exists(); left.touch(); sys.exit(0 if was_there else 1)
"""
LOADED = "from tax import rate\n\nassert rate == 3\n"
IGNORED = """\
import pathlib, sys
left = pathlib.Path("left.tmp"); was_there = left.exists(); left.touch(); sys.exit(0 if was_there else 1)
"""


@pytest.mark.parametrize(
    ("files", "command", "words"),
    [
        (
            {"test_left.py": LEFTOVER},
            ("test_left.py", "PLACE"),
            "when it ran again, it ended with exit code 0",
        ),
        ({"test_tax.py": LOADED, "tax.py": "rate = 3\n"}, ("test_tax.py",), "No module named 'tax'"),
    ],
)
def test_red_and_green_for_another_reason_is_no_proof(
    shop: FixedShop, tmp_path: Path, files: dict[str, str], command: tuple[str, ...], words: str
) -> None:
    start_hotfix(shop.desk, shop.state)
    shop.fix({"shop.py": SOURCE + "# mended\n", **files})
    filled = (sys.executable, "-B", *(str(tmp_path / "left") if w == "PLACE" else w for w in command))
    found = check_hotfix(shop.desk, shop.state, told, filled)
    tested = shop.state.hotfix_tests[-1]
    assert (tested.before, tested.after) == (Verdict.FAILED, Verdict.PASSED) and words in tested.doubt
    row = next(row for row in found.judgement.rows if row.result.rule == "red-then-green")
    assert (
        "for another reason" in row.result.evidence
        and "fails without the fix (exit" not in row.result.evidence
    )


def test_no_run_sees_what_another_left_in_the_checkout(shop: FixedShop) -> None:
    start_hotfix(shop.desk, shop.state)
    shop.fix({"shop.py": SOURCE + "# mended\n", ".gitignore": "*.tmp\n", "test_left.py": IGNORED})
    check_hotfix(shop.desk, shop.state, told, (sys.executable, "-B", "test_left.py"))
    assert shop.state.hotfix_tests[-1].after is Verdict.FAILED


def test_a_test_that_is_not_called_one_is_put_in_as_well(shop: FixedShop) -> None:
    """Missing is not failing: a new file that the command names is a test."""
    start_hotfix(shop.desk, shop.state)
    shop.fix({"shop.py": FIXED, "prove.py": TEST})
    check_hotfix(shop.desk, shop.state, told, (sys.executable, "-B", "prove.py"))
    tested = shop.state.hotfix_tests[-1]
    assert (tested.before, tested.after, tested.doubt) == (Verdict.FAILED, Verdict.PASSED, "")
    assert b"KeyError: 'prize'" in shop.desk.evidence.get(tested.evidence).content


def test_a_fix_that_cures_nothing_is_stopped(shop: FixedShop) -> None:
    start_hotfix(shop.desk, shop.state)
    shop.fix({"shop.py": SOURCE + "# mended\n", "test_shop.py": TEST})
    found = check_hotfix(shop.desk, shop.state, told, PROOF)
    assert found.judgement.verdict is Verdict.FAILED
    assert "fails with the fix as it does without" in str(found.judgement.rows)


def test_the_configured_test_runs_by_itself(tmp_path: Path) -> None:
    shop = FixedShop(tmp_path / "shop", HotfixConfig(test=("no-such-program-here",)))
    start_hotfix(shop.desk, shop.state)
    shop.fix()
    found = check_hotfix(shop.desk, shop.state, told)
    assert found.judgement.verdict is Verdict.UNKNOWN, "what did not run is no proof"
    record(shop.desk, shop.state, c.TakeShortcut(item="by hand", reason="", action="A1"))
    assert check_hotfix(shop.desk, shop.state, told).judgement.verdict is Verdict.PASSED, "relaxed"


# ---- ship


def test_the_plan_has_its_way_back_before_anything_is_done(shop: FixedShop) -> None:
    fix = ready(shop)
    built(shop)
    plan = plan_hotfix(shop.desk, shop.state, "", told)
    assert (plan.from_version, plan.to_version, plan.commit) == (BROKEN, "v1.2.0-hotfix.1", fix)
    assert plan.undo == "andon rollback --to v1.2.0" and plan.migrations == ()
    assert git(shop.root, "rev-parse", "v1.2.0-hotfix.1") == fix
    assert not shop.deployer.deployed


def test_only_showing_makes_nothing(shop: FixedShop) -> None:
    ready(shop)
    plan = plan_hotfix(shop.desk, shop.state, "", told, only_show=True)
    assert "once it is built" in plan.steps[0]
    assert "hotfix.1" not in git(shop.root, "tag")


def test_a_migration_is_shown(shop: FixedShop) -> None:
    start_hotfix(shop.desk, shop.state)
    shop.fix({"shop.py": FIXED, "migrations/0002_price.sql": "ALTER TABLE items ADD COLUMN price int;\n"})
    check_hotfix(shop.desk, shop.state, told)
    built(shop)
    plan = plan_hotfix(shop.desk, shop.state, "", told)
    assert any("0002_price.sql" in migration for migration in plan.migrations)
    assert any("database" in risk for risk in plan.risks)


def test_a_commit_after_the_check_does_not_go_out(shop: FixedShop) -> None:
    ready(shop)
    commit(shop.root, {"more.py": "MORE = 1\n"}, "While we are here")
    with pytest.raises(Refused, match="the guard has not looked at it"):
        plan_hotfix(shop.desk, shop.state, "", told)


def test_something_else_runs_now(shop: FixedShop) -> None:
    ready(shop)
    shop.deployer.live = "v1.1.0"
    with pytest.raises(Refused, match=r"v1\.1\.0 runs now, and the hotfix was made from v1\.2\.0"):
        plan_hotfix(shop.desk, shop.state, "", told)


def test_without_an_artefact_or_a_deployer(shop: FixedShop, tmp_path: Path) -> None:
    ready(shop)
    with pytest.raises(Refused, match="cannot be deployed") as caught:
        plan_hotfix(shop.desk, shop.state, "", told)
    assert "[hotfix] build" in caught.value.remedy
    shop.desk.deployer = None
    with pytest.raises(Unavailable) as missing:
        plan_hotfix(shop.desk, shop.state, "", told)
    assert "andon deployed VERSION --hotfix" in missing.value.remedy


def test_the_build_runs_in_a_checkout_of_the_fix(tmp_path: Path) -> None:
    made = tmp_path / "made"
    write = (
        "import sys, pathlib\n"
        "told = ' '.join(sys.argv[1:3]) + open('shop.py').read()\n"
        "pathlib.Path(sys.argv[3]).write_text(told)"
    )
    build = HotfixConfig(build=(sys.executable, "-c", write, "{version}", "{commit}", str(made)))
    shop = FixedShop(tmp_path / "shop", build)
    fix = ready(shop)
    with pytest.raises(Refused, match="cannot be deployed"):
        plan_hotfix(shop.desk, shop.state, "", told)
    assert made.read_text() == f"v1.2.0-hotfix.1 {fix}{FIXED}"
    made.unlink()
    built(shop)
    plan_hotfix(shop.desk, shop.state, "", told)
    assert not made.exists(), "what the deployer has is not built again"


HALF = """\
import pathlib, sys
place = pathlib.Path(sys.argv[1]); place.write_text(place.read_text() + "x" if place.exists() else "x")
sys.exit(len(place.read_text()) == 1)
"""


def test_half_a_build_is_not_deployed(tmp_path: Path) -> None:
    """The first try leaves something under the version's name, which the deployer then offers."""
    made = tmp_path / "made"
    shop = FixedShop(
        tmp_path / "shop", HotfixConfig(build=(sys.executable, "-c", HALF, str(made), "{version}"))
    )
    ready(shop)
    with pytest.raises(Refused, match="failed: exit code 1"):
        plan_hotfix(shop.desk, shop.state, "", told)
    built(shop)
    plan_hotfix(shop.desk, shop.state, "", told)
    assert made.read_text() == "xx", "built anew, although something is there"
    plan_hotfix(shop.desk, shop.state, "", told)
    assert made.read_text() == "xx", "and then not again"


def test_a_build_that_was_killed_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tmp_path / "made"
    shop = FixedShop(
        tmp_path / "shop", HotfixConfig(build=(sys.executable, "-c", HALF, str(made), "{version}"))
    )
    ready(shop)
    with monkeypatch.context() as killed:
        killed.setattr("andon.desk.hotfix_ship.redacted", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            plan_hotfix(shop.desk, shop.state, "", told)
    built(shop)
    with pytest.raises(Refused, match="failed"):
        plan_hotfix(shop.desk, shop.state, "", told)
    assert made.read_text() == "x", "it was built, although something was there"


def test_a_build_that_fails_deploys_nothing(tmp_path: Path) -> None:
    build = HotfixConfig(build=(sys.executable, "-c", "raise SystemExit('no compiler')"))
    shop = FixedShop(tmp_path / "shop", build)
    ready(shop)
    with pytest.raises(Refused, match=r"building v1\.2\.0-hotfix\.1 failed.*no compiler"):
        plan_hotfix(shop.desk, shop.state, "", told)
    assert not shop.deployer.deployed and "EvidenceAttached" in shop.said("EvidenceAttached")


def test_a_version_that_no_tag_can_be_called(shop: FixedShop) -> None:
    fix = ready(shop)
    built(shop, "registry/shop:2026-03-01")
    plan = plan_hotfix(shop.desk, shop.state, "registry/shop:2026-03-01", told)
    assert "registry" not in git(shop.root, "tag") and plan.commit == fix
    approve_hotfix(shop.desk, shop.state, plan)
    acting.recheck(shop.desk, shop.state.id, plan.operation)


@pytest.mark.parametrize(
    ("running", "tags", "expected"),
    [
        ("v1.2.0", (), "v1.2.0-hotfix.1"),
        ("v1.2.0", ("v1.2.0-hotfix.1",), "v1.2.0-hotfix.2"),
        ("COMMIT", (), "FIX"),
        ("SHORT", (), "FIX"),
    ],
)
def test_what_a_hotfix_is_called(shop: FixedShop, running: str, tags: tuple[str, ...], expected: str) -> None:
    start_hotfix(shop.desk, shop.state)
    fix = shop.fix()
    named = {"COMMIT": shop.base, "SHORT": shop.base[:10]}.get(running, running)
    wanted = {"COMMIT": fix, "SHORT": fix[:10]}[running] if expected == "FIX" else expected
    if named != BROKEN:
        started = replace(shop.state.hotfix, base_version=named)
        shop.desk.append(shop.state.id, (started,))
        shop.deployer.available = (ReleaseOnDisk(version=named, commit=shop.base),)
        shop.deployer.live = named
    check_hotfix(shop.desk, shop.state, told)
    for tag in tags:
        git(shop.root, "tag", tag, shop.good)
    assert plan_hotfix(shop.desk, shop.state, "", told, only_show=True).to_version == wanted


def test_it_goes_out_once_and_what_it_replaced_is_not_blocked_yet(shop: FixedShop) -> None:
    ready(shop)
    plan = ship(shop)
    assert [v for v, _ in shop.deployer.deployed] == ["v1.2.0-hotfix.1"]
    acting.block(shop.desk, shop.state.id, plan.operation, Verdict.UNKNOWN)
    from andon.desk.deployments import read_ledger

    ledger = read_ledger(shop.desk)
    assert ledger.blocks == ()
    release = ledger.find("v1.2.0-hotfix.1")
    assert release is not None and (release.source, release.commit) == ("hotfix", plan.commit)
    with pytest.raises(Refused, match="runs already"):
        plan_hotfix(shop.desk, shop.state, "", told)


def test_what_changed_since_the_approval_stops_it(shop: FixedShop, guard: dict[str, RuleResult]) -> None:
    ready(shop)
    built(shop)
    plan = plan_hotfix(shop.desk, shop.state, "", told)
    approve_hotfix(shop.desk, shop.state, plan)
    acting.recheck(shop.desk, shop.state.id, plan.operation)
    shop.deployer.live = "v1.1.0"
    with pytest.raises(Refused, match=r"the deployer says v1\.1\.0 runs"):
        acting.recheck(shop.desk, shop.state.id, plan.operation)
    shop.deployer.live = BROKEN
    git(shop.root, "tag", "-f", "v1.2.0-hotfix.1", shop.good)
    with pytest.raises(Refused, match=r"the tag v1\.2\.0-hotfix\.1 is at"):
        acting.recheck(shop.desk, shop.state.id, plan.operation)
    git(shop.root, "tag", "-f", "v1.2.0-hotfix.1", plan.commit)
    guard["secrets"] = failed("secrets", "a key", "take it out")
    check_hotfix(shop.desk, shop.state, told)
    with pytest.raises(Refused, match="the guard says failed: secrets"):
        acting.recheck(shop.desk, shop.state.id, plan.operation)


def test_two_people_who_ship_at_once_ship_once(shop: FixedShop) -> None:
    ready(shop)
    built(shop)
    seen, bob = shop.state, shop.desk.another("bob")
    ours = plan_hotfix(shop.desk, seen, "", told)
    theirs = plan_hotfix(bob, seen, "", told)
    approve_hotfix(shop.desk, seen, ours)
    with pytest.raises(Refused) as caught:
        approve_hotfix(bob, seen, theirs)
    assert caught.value.remedy
    assert [a.operation for a in shop.state.approvals] == [ours.operation]
    assert shop.state.hotfix_plan == ours, "the plan that lost is not on record as the newest"


@pytest.mark.parametrize("end", ["resolved", "calmer", "decided otherwise"])
def test_nothing_goes_out_after_the_emergency_is_over(shop: FixedShop, end: str) -> None:
    ready(shop)
    built(shop)
    seen = shop.state
    plan = plan_hotfix(shop.desk, seen, "", told)
    over: tuple[e.Event, ...] = (mitigated(), resolved())
    calm: tuple[e.Event, ...] = (
        e.SeverityChanged(previous=Severity.P1, severity=Severity.P3, reason="few customers"),
    )
    other: tuple[e.Event, ...] = (decided(Choice.ROLLBACK),)
    shop.desk.append(seen.id, {"resolved": over, "calmer": calm, "decided otherwise": other}[end])
    with pytest.raises(Refused):
        approve_hotfix(shop.desk, seen, plan)
    assert not shop.state.approvals and not shop.deployer.deployed


def test_only_the_newest_plan_is_approved(shop: FixedShop) -> None:
    ready(shop)
    built(shop)
    plan = plan_hotfix(shop.desk, shop.state, "", told)
    record(shop.desk, shop.state, c.PlanHotfix(plan=plan))
    assert proposed_hotfix(shop.desk, shop.state, plan.operation) == plan
    with pytest.raises(Refused, match="is not the newest plan"):
        proposed_hotfix(shop.desk, shop.state, "INC-7-9-x")


# ---- finish


def test_it_is_missed_until_the_main_line_has_it(shop: FixedShop) -> None:
    ready(shop)
    with pytest.raises(Refused, match="not in production yet"):
        finish_hotfix(shop.desk, shop.state)
    plan = ship(shop)
    home = finish_hotfix(shop.desk, shop.state)
    assert home.merged is None and home.missing == (plan.commit,)
    assert home.commands[:2] == ("git switch main", "git merge --no-ff hotfix/INC-7")
    assert gate(shop).verdict is Verdict.FAILED
    lost = lost_fixes(shop.desk, shop.main)
    assert [(fix.incident, fix.version) for fix in lost] == [("INC-7", "v1.2.0-hotfix.1")]
    home = finish_hotfix(shop.desk, shop.state, merge=True)
    assert home.merged is not None and home.merged.seen_by == "ancestry"
    assert finish_hotfix(shop.desk, shop.state).merged == home.merged
    assert shop.said("HotfixMerged") == ["HotfixMerged"]
    head = git(shop.root, "rev-parse", "main")
    assert lost_fixes(shop.desk, head) == () and gate(shop, head).verdict is Verdict.PASSED
    assert gate(shop, shop.main).verdict is Verdict.FAILED, "an older commit lacks it all the same"


@pytest.mark.parametrize("way", ["cherry-pick", "squash", "by hand"])
def test_there_are_other_ways_home(shop: FixedShop, way: str) -> None:
    ready(shop)
    plan = ship(shop)
    git(shop.root, "switch", "-q", "main")
    if way == "cherry-pick":
        git(shop.root, "cherry-pick", plan.commit)
    else:
        commit(shop.root, {"shop.py": FIXED, "also.py": "ALSO = 1\n"}, "Bring the fix")
    home = finish_hotfix(shop.desk, shop.state)
    assert home.merged is not None
    assert home.merged.seen_by == ("patch" if way == "cherry-pick" else "content")
    assert lost_fixes(shop.desk, git(shop.root, "rev-parse", "main")) == ()
    assert lost_fixes(shop.desk, shop.main) != ()


def test_a_person_says_which_commit_does_the_same(shop: FixedShop) -> None:
    ready(shop)
    ship(shop)
    git(shop.root, "switch", "-q", "main")
    other = commit(shop.root, {"shop.py": "def price(item):\n    return item.price\n"}, "Rework prices")
    with pytest.raises(Refused, match="for a reason"):
        finish_hotfix(shop.desk, shop.state, stated=other)
    with pytest.raises(Refused, match="is not on main"):
        finish_hotfix(shop.desk, shop.state, stated="hotfix/INC-7", reason="r")
    home = finish_hotfix(shop.desk, shop.state, stated=other, reason="prices are objects now")
    assert home.merged is not None and home.merged.merge_commit == other


def test_what_was_taken_back_is_not_missed(shop: FixedShop) -> None:
    ready(shop)
    ship(shop)
    back = e.DeployStarted(operation="o", purpose="rollback", from_version="x", version="v1.1.0", undo="u")
    shop.desk.append(shop.state.id, (back, e.DeployFinished(operation="o", outcome=Outcome.SUCCEEDED)))
    with pytest.raises(Refused, match="not in production any more"):
        finish_hotfix(shop.desk, shop.state)
    assert lost_fixes(shop.desk, shop.main) == ()


def gate(shop: FixedShop, head: str = "") -> RuleResult:
    stands = Standing(gear=Gear.SHIP, why="declared")
    return hotfix_merged(GateContext(shop.desk, Point.SHIP, stands, Asked(head=head)))


# ---- what the guard is told of the incident


def test_the_context_of_the_incident(shop: FixedShop) -> None:
    trace = (
        "2026-03-01T02:00:00Z ERROR GET /\nTraceback (most recent call last):\n"
        '  File "/srv/shop/shop.py", line 2, in price\n    return item["prize"]\nKeyError: \'prize\'\n'
    )
    stored = shop.desk.evidence.put(trace.encode(), "text/plain")
    log = e.EvidenceAttached(
        evidence=stored.evidence, kind="log", title="log", media_type="text/plain", size=len(trace)
    )
    culprit = e.CulpritFound(
        commits=(shop.base,), subject="s", good="g", bad="b", candidates=2, tests=2, confidence="proven"
    )
    shop.desk.append(shop.state.id, (log, culprit))
    found = incident_context(shop.desk, shop.state)
    assert any(path.endswith("shop.py") for path in found.files)
    assert found.symbols == ("price",) and "checkout" in found.words
    assert found.culprit_files == ("shop.py",)

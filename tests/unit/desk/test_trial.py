"""The order of a trial's steps, and what its result does to the migration gate of an incident."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.desk.migration_range import named_steps, ordered, read_range
from andon.desk.migrations import keep, review
from andon.desk.recording import record
from andon.desk.rollback import pass_gate, plan_rollback
from andon.desk.trial import try_range
from andon.desk.values import TrialFailed
from andon.errors import NotFound, Refused
from andon.incident import commands as c
from andon.incident.production_checks import migrations_reversible
from andon.incident.state import Incident
from andon.incident.words import Verdict
from andon.response.schema.layouts import Framework, read_layout
from andon.response.trial import TrialResult
from tests.fakes.desk import FakeDesk
from tests.fakes.production import FakeRepository
from tests.fakes.trial import FakeRunner, FakeTrial
from tests.unit.desk.shop import COMMITS, decided, shop
from tests.unit.incident.cases import assert_commands_exist

ALEMBIC = """
revision = "{own}"
down_revision = {parent}
# up: CREATE TABLE {table}
# down: DROP TABLE {table}
"""


def shop_with(root: Path, *, old: dict[str, str], new: dict[str, str]) -> FakeDesk:
    """Return a desk whose v2 has the old files and whose v3 has the new ones as well."""
    both = {**old, **new}
    told = {("b" * 40, path): old[path].encode() if path in old else None for path in both}
    told |= {("c" * 40, path): text.encode() for path, text in both.items()}
    told |= {("a" * 40, path): text.encode() for path, text in old.items()}
    history = (
        (*COMMITS[0][:2], tuple(old), ("v1",)),
        (*COMMITS[1][:2], tuple(old), ("v2",)),
        (*COMMITS[2][:2], tuple(new), ("v3",)),
    )
    desk = shop(root, repository=FakeRepository(str(root), history, told))
    desk.trials = FakeTrial()
    return desk


SQL = {"db/migrations/1_a.up.sql": "CREATE TABLE a (x)", "db/migrations/1_a.down.sql": "DROP TABLE a"}
MORE = {"db/migrations/2_b.up.sql": "CREATE TABLE b (x)", "db/migrations/2_b.down.sql": "DROP TABLE b"}


def run(desk: FakeDesk) -> TrialResult:
    assert desk.trials is not None
    return try_range(desk, read_range(desk, "v2", "v3"), desk.trials)


# ---- the steps


def test_the_older_schema_is_built_and_each_step_goes_up_down_up(tmp_path: Path) -> None:
    desk = shop_with(tmp_path, old=SQL, new=MORE)
    heard: list[str] = []
    assert desk.trials is not None
    result = try_range(desk, read_range(desk, "v2", "v3"), desk.trials, heard.append)
    assert result.verdict is Verdict.PASSED
    [copy] = desk.trials.copies
    up, down = MORE.values()
    assert copy.applied == ["CREATE TABLE a (x)", up, down, up, down]
    assert desk.trials.dropped == 1
    assert heard == [
        "making a copy: memory",
        "building the older schema: 1 migrations",
        "trying db/migrations/2_b.up.sql",
        "trying the whole way back",
    ]


def test_a_copy_with_tables_is_taken_as_the_older_schema(tmp_path: Path) -> None:
    desk = shop_with(tmp_path, old=SQL, new=MORE)
    desk.trials = FakeTrial(tables=("a",))
    assert run(desk).verdict is Verdict.PASSED
    assert desk.trials.copies[0].applied[0] == "CREATE TABLE b (x)"


@pytest.mark.parametrize(
    ("trial", "told"),
    [
        (FakeTrial(problem=TrialFailed("the disk is full")), "no copy to try it on: the disk is full"),
        (FakeTrial(tables=("b",)), "up fails on the copy"),
        (FakeTrial(tables=("a", "x"), stubborn=("x",)), ""),
    ],
)
def test_what_goes_wrong_with_a_copy_is_not_known(tmp_path: Path, trial: FakeTrial, told: str) -> None:
    desk = shop_with(tmp_path, old=SQL, new=MORE)
    desk.trials = trial
    result = run(desk)
    assert result.verdict is Verdict.UNKNOWN
    assert told in result.summary
    assert trial.dropped == len(trial.copies)


def test_a_copy_that_cannot_be_read_is_no_failure_of_the_way_down(tmp_path: Path) -> None:
    blind = {"db/migrations/2_b.up.sql": "CREATE TABLE b (x)",
             "db/migrations/2_b.down.sql": "DROP TABLE b; CREATE TABLE blind (x)"}  # fmt: skip
    result = run(shop_with(tmp_path, old=SQL, new=blind))
    assert result.verdict is Verdict.UNKNOWN
    assert result.summary == "the copy cannot be read any more: the disk is full"


def test_a_copy_of_production_is_refused(tmp_path: Path) -> None:
    desk = shop_with(tmp_path, old=SQL, new=MORE)
    desk.trials = FakeTrial(problem=Refused("no", rule="never-production", remedy="andon migrations"))
    with pytest.raises(Refused):
        run(desk)


def test_what_cannot_be_tried_makes_no_copy(tmp_path: Path) -> None:
    edited = shop_with(tmp_path / "1", old=SQL, new={next(iter(SQL)): "CREATE TABLE z (x)"})
    gone = shop_with(tmp_path / "2", old={**SQL, **MORE}, new=MORE)
    told = gone.repository.told
    told.update({("c" * 40, path): None for path in MORE})
    program = shop_with(tmp_path / "3", old=SQL, new={"migrations/2.js": "exports.up = knex => 1"})
    reaching = shop_with(tmp_path / "4", old=SQL, new={**MORE, "db/migrations/3_c.up.sql": "CREATE ROLE x"})
    for desk, why in (
        (edited, "was edited after it was released"),
        (gone, "is not there any more"),
        (program, "is a program of Knex, and nothing here runs it"),
        (reaching, "would change more than the copy"),
        (shop_with(tmp_path / "5", old=SQL, new={"shop.py": "x"}), "no migration between"),
    ):
        result = run(desk)
        assert result.verdict is Verdict.UNKNOWN
        assert why in result.summary
        assert desk.trials is not None and desk.trials.copies == []


def test_programs_are_run_in_their_own_order(tmp_path: Path) -> None:
    def alembic(own: str, parent: str) -> str:
        return ALEMBIC.format(own=own, parent=parent, table=f"t_{own}")

    old = {"alembic/versions/zz_first.py": alembic("ff", "None")}
    new = {
        "alembic/versions/aa_third.py": alembic("aa", '"bb"'),
        "alembic/versions/mm_second.py": alembic("bb", '"ff"'),
    }
    desk = shop_with(tmp_path, old=old, new=new)
    assert desk.trials is not None
    runner = FakeRunner(desk.trials)
    desk.runners[Framework.ALEMBIC] = runner
    result = run(desk)
    assert result.verdict is Verdict.PASSED, result
    assert [step.name.rpartition("/")[2] for step in result.steps[:2]] == ["mm_second.py", "aa_third.py"]
    assert runner.ran[0] == ("up", ("ff",))
    assert runner.ran[-1] == ("down", ("aa", "bb"))


def test_what_tools_are_told_of_a_migration() -> None:
    django = "class Migration(migrations.Migration):\n    pass"
    layout = read_layout({"shop/migrations/0001_a.py": django, "shop/migrations/0002_b.py": django})
    steps = list(named_steps(ordered(layout.migrations)).values())
    assert [(s.app, s.revision, s.previous) for s in steps] == [
        ("shop", "0001_a", "zero"),
        ("shop", "0002_b", "0001_a"),
    ]
    circle = {f"a/versions/{own}.py": ALEMBIC.format(own=own, parent=f'"{other}"', table="t")
              for own, other in (("one", "two"), ("two", "one"))}  # fmt: skip
    assert len(ordered(read_layout(circle).migrations)) == 2, "a circle ends"


# ---- the gate


def tried(desk: FakeDesk, state: Incident, verdict: Verdict) -> Incident:
    looked = review(desk, state, "", "")
    return keep(desk, state, looked, TrialResult(verdict=verdict, summary="as told"))


#: Old code cannot run on what this leaves, so that the gate is closed.
GONE = {"db/migrations/2_b.up.sql": "DROP TABLE a;", "db/migrations/2_b.down.sql": "CREATE TABLE a (x int);"}


@pytest.fixture
def desk(tmp_path: Path) -> FakeDesk:
    return shop_with(tmp_path, old=SQL, new=GONE)


def test_after_a_passed_trial_somebody_says_that_the_way_down_ran(desk: FakeDesk) -> None:
    state = decided(desk)
    with pytest.raises(Refused):
        pass_gate(desk, state, plan_rollback(desk, state, ""))
    state = tried(desk, state, Verdict.PASSED)
    plan = plan_rollback(desk, state, "")
    with pytest.raises(Refused, match="take the schema back with v3's own way down") as caught:
        pass_gate(desk, state, plan)
    assert caught.value.rule == "migration-gate"
    assert_commands_exist(caught.value.remedy.partition("then: ")[2])
    state = record(desk, state, c.SignItem(item="migrations-reversible", reason="2_b.down.sql ran: DROP"))
    pass_gate(desk, state, plan)
    assert plan.risks[0].startswith("before the switch, take the schema back with v3's own way down: ")
    state = record(desk, state, c.PlanRollback(plan=plan))
    result = migrations_reversible(state)
    assert result.verdict is Verdict.PASSED
    assert result.proof == (state.marks["MigrationsTried"].seq,)
    [kept] = [e for e in state.evidence if e.source == "andon migrations --trial"]
    assert state.trial is not None and state.trial.evidence == kept.evidence


def test_a_failed_trial_closes_the_gate_against_a_signature(desk: FakeDesk) -> None:
    state = decided(desk)
    state = record(desk, state, c.SignItem(item="migrations-reversible", reason="looked at it"))
    plan = plan_rollback(desk, state, "")
    pass_gate(desk, state, plan)
    state = tried(desk, state, Verdict.FAILED)
    with pytest.raises(Refused) as caught:
        pass_gate(desk, state, plan)
    assert caught.value.rule == "evidence-beats-signature"
    assert_commands_exist(caught.value.remedy)
    state = record(desk, state, c.PlanRollback(plan=plan))
    with pytest.raises(Refused) as caught:
        record(desk, state, c.SignItem(item="migrations-reversible", reason="I insist"))
    assert caught.value.rule == "evidence-beats-signature"


def test_an_unknown_trial_changes_nothing(desk: FakeDesk) -> None:
    state = decided(desk)
    state = tried(desk, state, Verdict.UNKNOWN)
    plan = plan_rollback(desk, state, "")
    with pytest.raises(Refused) as caught:
        pass_gate(desk, state, plan)
    assert caught.value.rule == "migration-gate"
    state = record(desk, state, c.SignItem(item="migrations-reversible", reason="looked at it"))
    pass_gate(desk, state, plan)


def test_a_trial_counts_for_its_two_releases_only(desk: FakeDesk) -> None:
    state = decided(desk)
    looked = review(desk, state, "v1", "v3")
    state = keep(desk, state, looked, TrialResult(verdict=Verdict.PASSED, summary="as told"))
    with pytest.raises(Refused, match="whether the database allows"):
        pass_gate(desk, state, plan_rollback(desk, state, ""))
    with pytest.raises(Refused, match="take the schema back"):
        pass_gate(desk, state, plan_rollback(desk, state, "v1"))


def test_a_later_trial_replaces_an_earlier_one(desk: FakeDesk) -> None:
    state = decided(desk)
    state = tried(desk, tried(desk, state, Verdict.FAILED), Verdict.PASSED)
    state = record(desk, state, c.SignItem(item="migrations-reversible", reason="2_b.down.sql ran: DROP"))
    pass_gate(desk, state, plan_rollback(desk, state, ""))


def test_a_gate_that_passed_is_not_closed_by_a_way_down_nobody_needs(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = tried(desk, decided(desk), Verdict.FAILED)
    plan = plan_rollback(desk, state, "")
    assert plan.migrations is Verdict.PASSED
    pass_gate(desk, state, plan)


# ---- the range


def test_the_default_is_from_what_runs_to_the_last_known_good(desk: FakeDesk) -> None:
    looked = review(desk, None, "", "")
    assert (looked.from_version, looked.to_version) == ("v3", "v2")
    assert [m.path for m in looked.range.migrations] == ["db/migrations/2_b.up.sql"]
    assert looked.after(None)[0] is not Verdict.PASSED
    assert looked.after(TrialResult(verdict=Verdict.PASSED, summary="s"))[0] is Verdict.PASSED
    assert looked.after(TrialResult(verdict=Verdict.FAILED, summary="s"))[0] is Verdict.FAILED


def test_a_release_that_nobody_knows(desk: FakeDesk) -> None:
    with pytest.raises(NotFound):
        review(desk, None, "v2", "v99")

"""The migration gate over releases: which files are read, of which commits, and what the plan tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.desk.deployments import read_ledger
from andon.desk.recording import record
from andon.desk.rollback import pass_gate, plan_rollback
from andon.desk.schema_gate import schema_gate
from andon.desk.way_back import gate as way_back_gate
from andon.errors import Refused, Unavailable
from andon.incident import commands as c
from andon.incident.words import Outcome, Verdict
from andon.response.schema.gate import Route, SchemaGate
from tests.fakes.desk import FakeDesk
from tests.fakes.engine import execute
from tests.fakes.production import FakeRepository
from tests.unit.desk.shop import decided, shop

V1, V2, V3 = "a" * 40, "b" * 40, "c" * 40
UP, DOWN = "db/migrations/2_price.up.sql", "db/migrations/2_price.down.sql"
PATIENT = {(V1, "Procfile"): b"release: dbmate up\n"}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks of these tests stay in their own directory."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def desk_with(root: Path, told: dict[tuple[str, str], bytes | None], *paths: str) -> FakeDesk:
    """Return a desk whose third release added `paths`, unless `told` has them in an older one too."""
    history = (
        (V1, "first", ("shop/cart.py",), ("v1",)),
        (V2, "second", ("shop/cart.py", *paths), ("v2",)),
        (V3, "third", ("shop/cart.py", *paths), ("v3",)),
    )
    kept = {(V1, path): None for path in paths} | {(V2, path): None for path in paths}
    return shop(root, repository=FakeRepository(str(root), history, {**kept, **told}))


def gate(desk: FakeDesk, target: str = "v2") -> SchemaGate:
    """The gate's answer for going back from v3."""
    return schema_gate(desk, read_ledger(desk), target, "v3")


def test_an_addition_passes_with_code_only(tmp_path: Path) -> None:
    text = b"-- migrate:up\nALTER TABLE a ADD b int;\n-- migrate:down\nALTER TABLE a DROP b;\n"
    found = gate(desk_with(tmp_path, {(V3, "db/2_price.sql"): text}, "db/2_price.sql"))
    assert (found.verdict, found.route) == (Verdict.PASSED, Route.CODE_ONLY), found


def test_the_old_release_is_asked_what_it_starts(tmp_path: Path) -> None:
    path = "shop/migrations/versions/b_price.py"
    text = (
        b"from alembic import op\nimport sqlalchemy as sa\ndown_revision = 'a'\n"
        b"def upgrade():\n    op.create_index('i', 'a', ['b'])\ndef downgrade():\n    op.drop_index('i')\n"
    )
    told = {
        (V3, path): text,
        (V2, "Procfile"): b"release: alembic upgrade head\n",
        (V3, "Procfile"): b"web: x\n",
    }
    found = gate(desk_with(tmp_path, told, path))
    assert (found.verdict, found.route) == (Verdict.FAILED, Route.WITHOUT_MIGRATE)
    assert "Procfile:1" in found.reason
    told[V2, "Procfile"] = b"web: gunicorn shop\n"
    assert gate(desk_with(tmp_path, told, path)).verdict is Verdict.PASSED


def test_the_older_program_may_migrate_from_within(tmp_path: Path) -> None:
    path, program = "shop/migrations/versions/b_price.py", "shop/startup.py"
    text = (
        b"from alembic import op\nimport sqlalchemy as sa\ndown_revision = 'a'\n"
        b"def upgrade():\n    op.create_index('i', 'a', ['b'])\ndef downgrade():\n    op.drop_index('i')\n"
    )
    call = b"from alembic import command\n\ncommand.upgrade(config(), 'head')\n"
    told: dict[tuple[str, str], bytes | None] = {(V3, path): text, (V2, "Procfile"): b"web: gunicorn shop\n"}
    assert gate(desk_with(tmp_path, {**told, (V3, program): call}, path)).verdict is Verdict.PASSED
    found = gate(desk_with(tmp_path, {**told, (V2, program): call}, path))
    assert (found.verdict, found.route) == (Verdict.FAILED, Route.WITHOUT_MIGRATE)
    assert "shop/startup.py:3 has `command.upgrade(config(), 'head')`" in found.reason


def test_the_assessment_hears_the_way_out(tmp_path: Path) -> None:
    told = {(V3, UP): b"ALTER TABLE a ADD b int NOT NULL;", (V3, DOWN): b"ALTER TABLE a DROP b;"}
    desk = desk_with(tmp_path, told, UP, DOWN)
    verdict, reason = way_back_gate(desk, read_ledger(desk), "v3")("v2")
    assert verdict is Verdict.FAILED
    assert (
        "; first: a person runs the way down, from the image of the newer release" in reason
        and DOWN in reason
    )


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a\0b", b"x" * 2_000_001])
def test_what_is_no_text_is_unknown(tmp_path: Path, content: bytes) -> None:
    found = gate(desk_with(tmp_path, {(V3, UP): content}, UP))
    assert found.verdict is Verdict.UNKNOWN and "cannot be read" in found.findings[0]


def test_a_field_is_compared_with_the_older_migrations(tmp_path: Path) -> None:
    first, second = "shop/migrations/0001_first.py", "shop/migrations/0002_second.py"
    head = "class Migration(migrations.Migration):\n    operations = ["
    create = f"{head}migrations.CreateModel('Order', [('note', models.CharField(max_length=20))])]\n"
    alter = f"{head}migrations.AlterField('order', 'note', models.CharField(max_length=30))]\n"
    told: dict[tuple[str, str], bytes | None] = {(V3, second): alter.encode()}
    assert gate(desk_with(tmp_path, told, second)).verdict is Verdict.UNKNOWN
    told |= {(commit, first): create.encode() for commit in (V1, V2, V3)}
    assert gate(desk_with(tmp_path, told, second)).verdict is Verdict.PASSED


def test_two_forms_of_one_migration_are_unknown(tmp_path: Path) -> None:
    told = {(V2, UP): b"CREATE INDEX i ON a (b)", (V3, UP): b"CREATE INDEX j ON a (b)"}
    found = gate(desk_with(tmp_path, told, UP), "v1")
    assert found.verdict is Verdict.UNKNOWN and any("was edited" in f for f in found.findings)


def test_git_that_cannot_answer_is_unknown(tmp_path: Path) -> None:
    class Broken(FakeRepository):
        def files(self, commit: str, under: str = "") -> tuple[str, ...]:
            raise Unavailable("the disk is gone")

    desk = desk_with(tmp_path, {(V3, UP): b"SELECT 1"}, UP)
    desk.repository = Broken(str(tmp_path), desk.repository.history, desk.repository.told)
    found = gate(desk)
    assert found.verdict is Verdict.UNKNOWN and "the disk is gone" in found.reason


def test_a_plan_tells_the_answers_and_the_steps(tmp_path: Path) -> None:
    told = {(V3, UP): b"ALTER TABLE a ADD b int NOT NULL;", (V3, DOWN): b"ALTER TABLE a DROP b;"}
    desk = desk_with(tmp_path, told, UP, DOWN)
    state = decided(desk)
    plan = plan_rollback(desk, state, "v2")
    assert (plan.migrations, plan.migrations_route) == (Verdict.FAILED, "way down first")
    assert len(plan.migrations_answers) == 5
    assert plan.migrations_found[0].startswith(f"{UP}:1 ")
    assert DOWN in plan.steps[0] and plan.steps[-1] == "put v2 into production"
    assert state.assessment is not None and state.assessment.migrations_found


def test_a_signature_opens_the_gate_that_said_no(tmp_path: Path) -> None:
    told = {(V3, UP): b"ALTER TABLE a ADD b int NOT NULL;", (V3, DOWN): b"ALTER TABLE a DROP b;"}
    desk = desk_with(tmp_path, told, UP, DOWN)
    state = decided(desk)
    with pytest.raises(Refused, match="is failed"):
        pass_gate(desk, state, plan_rollback(desk, state, "v2"))
    again = desk.another("ann")
    signed = c.SignItem(item="migrations-reversible", reason="the way down ran: 1 migration undone")
    state = record(again, state, signed)
    plan = plan_rollback(again, state, "v2")
    pass_gate(again, state, plan)
    assert execute(again, state, plan).outcome is Outcome.SUCCEEDED

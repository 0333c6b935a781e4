"""Leases on a real PostgreSQL: work of the dead is taken over, and that of the living is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from andon.workflows import leases as module
from andon.workflows.dbos_engine import DbosEngine, database_url, engine_url, schema_of
from andon.workflows.leases import FENCED, Leases
from tests.acceptance.shop import wait_for

if TYPE_CHECKING:
    from andon.workflows.engine import Run

    Change = Callable[..., None]


@pytest.fixture
def place(empty_postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where an engine of its own is, whose leases are looked at often."""
    monkeypatch.setattr(module, "BEAT", 0.05)
    monkeypatch.setattr(module, "LOOK", 0.05)
    return engine_url(empty_postgres_url, "shop")


@pytest.fixture
def change(place: str) -> Iterator[Change]:
    """A function that changes the engine's tables behind its back."""
    database = sa.create_engine(database_url(place))

    def changing(text: str, **given: Any) -> None:
        with database.begin() as db:
            db.execute(sa.text(text.replace("@", f'"{schema_of(place)}".')), given)

    yield changing
    database.dispose()


def held(place: str, leave: Callable[[int], None], executor: str = "me") -> Leases:
    """Take and keep a lease."""
    made = Leases(place, executor, ttl=5.0, leave=leave)
    made.take()
    return made


def test_who_lost_the_lease_ends(place: str, change: Change) -> None:
    left: list[int] = []
    mine = held(place, left.append)
    mine._renew()
    assert left == []
    change("DELETE FROM @andon_lease")
    mine._renew()
    assert left == [FENCED]
    mine.give_up()


def test_work_of_the_dead_is_taken_over_once_and_that_of_the_living_is_not(
    place: str, change: Change
) -> None:
    done: list[str] = []
    left: list[int] = []

    def body(run: Run, arguments: Mapping[str, str]) -> None:
        run.step("first", lambda: done.append(f"first {arguments['name']}"))
        run.step("second", lambda: done.append(f"second {arguments['name']}"))

    mine = held(place, left.append)
    engine = DbosEngine(place, {"body": body}, "me")
    try:
        for name in ("dead", "nobody", "living"):
            engine.start("body", name, {"name": name})
            wait_for(lambda name=name: state(engine, name) == "done", name)
            fields = "status = 'PENDING', executor_id = :name"
            change(f"UPDATE @workflow_status SET {fields} WHERE workflow_uuid = :name", name=name)
            change(
                "DELETE FROM @operation_outputs WHERE workflow_uuid = :name AND function_id = 2", name=name
            )
        change("INSERT INTO @andon_lease VALUES ('dead', now() - interval '1 second')")
        change("INSERT INTO @andon_lease VALUES ('living', now() + interval '1 hour')")
        done.clear()
        mine.keep()
        for name in ("dead", "nobody"):
            wait_for(lambda name=name: state(engine, name) == "done", f"the work of {name}")
        assert sorted(done) == ["second dead", "second nobody"], "what had ended is not done again"
        assert state(engine, "living") == "running" and left == []
        mine.give_up()
        change("UPDATE @workflow_status SET status = 'SUCCESS' WHERE workflow_uuid = 'living'")
    finally:
        engine.close()


def test_who_leaves_lets_others_take_over_at_once(place: str) -> None:
    mine = held(place, lambda code: None)
    mine.give_up()
    database = sa.create_engine(database_url(place))
    with database.begin() as db:
        table = f'"{schema_of(place)}".andon_lease'
        assert db.execute(sa.text(f"SELECT expires <= now() FROM {table}")).scalar() is True
    database.dispose()


def state(engine: DbosEngine, task: str) -> str:
    found = engine.find(task)
    return found.state if found else ""

"""What every durable engine promises, held against the one in memory and against DBOS on both databases."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from andon.errors import Refused, Unavailable
from tests.acceptance.shop import wait_for
from tests.fakes.engine import FakeEngine

if TYPE_CHECKING:
    from andon.workflows.engine import DurableEngine, Run

    Open = Callable[[Mapping[str, Any]], DurableEngine]

KINDS = ("fake", "sqlite", "postgres")


@pytest.fixture(params=KINDS)
def open_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """A function that opens an engine, and again what the last one left; closed at the end."""
    opened: list[DurableEngine] = []
    memory: dict[str, Any] = {}
    place = ""
    if request.param == "postgres":
        from andon.workflows.dbos_engine import engine_url

        place = engine_url(request.getfixturevalue("empty_postgres_url"), "shop")
    elif request.param == "sqlite":
        from andon.workflows.dbos_engine import engine_url

        place = engine_url(str(tmp_path / "journal.db"), "shop")

    def opening(bodies: Mapping[str, Any]) -> DurableEngine:
        for last in opened:
            last.close()
        opened.clear()
        if request.param == "fake":
            opened.append(FakeEngine(bodies, memory))
        else:
            from andon.workflows.dbos_engine import DbosEngine

            opened.append(DbosEngine(place, bodies))
        return opened[0]

    yield opening
    for last in opened:
        last.close()


def over(engine: DurableEngine, task: str, state: str = "done") -> None:
    """Wait until a workflow is in a state."""

    def is_there() -> bool:
        found = engine.find(task)
        return found is not None and found.state == state

    wait_for(is_there, f"{task} to be {state}")


def test_everything_at_one_opening(open_engine: Open) -> None:
    """One test, because opening the real engine takes a second."""
    done: list[str] = []
    tries: list[int] = []

    def body(run: Run, arguments: Mapping[str, str]) -> None:
        name = arguments["name"]
        first = run.step("first", lambda: done.append(name) or {"a": [1, None, "ü"], "b": {"c": 2.5}})
        assert first == {"a": [1, None, "ü"], "b": {"c": 2.5}}
        run.sleep(0.01)
        run.step("last", lambda: done.append(f"{name} {first['a'][0]}"))

    def refusing(run: Run, arguments: Mapping[str, str]) -> None:
        def work() -> None:
            raise Refused("no", where="here", rule="r", remedy="andon status")

        with pytest.raises(Refused) as caught:
            run.step("ask", work)
        problem = caught.value
        told = [problem.message, problem.where, problem.rule, problem.remedy]
        run.step("tell", lambda: done.extend(told))

    def patient(run: Run, arguments: Mapping[str, str]) -> None:
        def work() -> str:
            tries.append(1)
            if len(tries) < 3:
                raise Unavailable("not yet")
            return "there"

        done.append(run.step("wait", work))

    def broken(run: Run, arguments: Mapping[str, str]) -> None:
        run.step("well", lambda: None)
        raise KeyError("a bug in a body")

    engine = open_engine({"body": body, "refusing": refusing, "patient": patient, "broken": broken})
    assert engine.find("t:1") is None and engine.tasks() == ()
    engine.start("body", "t:1", {"name": "ann"})
    over(engine, "t:1")
    assert done == ["ann", "ann 1"]
    engine.start("body", "t:1", {"name": "bob"})
    over(engine, "t:1")
    assert done == ["ann", "ann 1"], "one workflow per id, whoever starts it with what"
    found = engine.find("t:1")
    assert found is not None
    assert (found.id, found.name, found.state, found.step) == ("t:1", "body", "done", "last")
    engine.start("refusing", "t:2", {})
    over(engine, "t:2")
    assert done[2:] == ["no", "here", "r", "andon status"]
    engine.start("patient", "t:3", {})
    over(engine, "t:3")
    assert len(tries) == 3 and done[-1] == "there"
    engine.start("broken", "t:4", {})
    over(engine, "t:4", "failed")
    assert {t.id: t.state for t in engine.tasks()} == {
        "t:1": "done",
        "t:2": "done",
        "t:3": "done",
        "t:4": "failed",
    }


def test_what_is_not_over_is_taken_up_at_the_step_that_was_cut_short(open_engine: Open) -> None:
    """The death is that of the engine: a step that never comes back, and another engine at the same place."""
    done: list[str] = []
    life = [1]

    def body(run: Run, arguments: Mapping[str, str]) -> None:
        began = run.step("when", time.time)
        moments.append(began)
        run.step("first", lambda: done.append(f"first in life {life[0]}"))
        run.step("second", cut_short)
        run.step("third", lambda: done.append("third"))

    moments: list[float] = []

    def cut_short() -> None:
        done.append(f"second in life {life[0]}")
        if life[0] == 1:
            raise SystemExit  # ends the thread, or the fake: nothing is remembered of this step

    engine = open_engine({"body": body})
    with suppress(SystemExit):
        engine.start("body", "t:1", {})
    wait_for(lambda: len(done) == 2, "the second step")
    life[0] = 2
    engine = open_engine({"body": body})
    over(engine, "t:1")
    assert done == ["first in life 1", "second in life 1", "second in life 2", "third"]
    assert len(set(moments)) == 1, "what a step returned is remembered, not made again"

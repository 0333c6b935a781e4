"""The drill from beginning to end: build, break, notice, respond, review, show what was written, clear up."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import TextIO

from andon.drill.asking import Asking
from andon.drill.play import Derailed, Player
from andon.drill.scenarios import SCENARIOS
from andon.drill.script import Outcome, Scenario, Stage
from andon.drill.session import Session
from andon.drill.settings import ON_CALL
from andon.drill.summary import show_clocks, show_documents, show_score, summarise
from andon.drill.telling import Telling
from andon.drill.world import World
from andon.errors import NotFound

#: Failed visits after which the customers' record counts as an alarm.
ALARM = 4


def find(name: str) -> Scenario:
    """Return the scenario of that name; raises NotFound."""
    if name not in SCENARIOS:
        raise NotFound(
            f"there is no scenario {name!r}; there are: {', '.join(SCENARIOS)}",
            rule="scenario",
            remedy="andon drill --list",
        )
    return SCENARIOS[name]


def main(
    name: str,
    *,
    fast: bool = False,
    interactive: bool = False,
    keep: bool = False,
    output: TextIO | None = None,
    answers: TextIO | None = None,
    report: Callable[[dict[str, object]], None] | None = None,
) -> int:
    """Run a drill and return 0 when everything went as it should, else 1.

    Everything it starts is stopped when this returns or raises; KeyboardInterrupt, SIGTERM and SIGHUP
    included. `report` gets the result for programs.
    """
    scenario = find(name)
    telling = Telling(output or sys.stdout, fast=fast)
    restore = _interrupt_on(signal.SIGTERM, signal.SIGHUP)
    try:
        with World.make() as world:
            stage = Stage(world=world, session=_session(world))
            if keep:
                world.keep()
            outcome = _drill(scenario, stage, telling, answers or sys.stdin if interactive else None)
            if report is not None:
                report(summarise(scenario, stage, outcome))
            if keep:
                telling.say(f"kept: {world.home} (its processes are stopped)")
            return 1 if outcome.failures else 0
    finally:
        restore()


def _drill(scenario: Scenario, stage: Stage, telling: Telling, answers: TextIO | None) -> Outcome:
    outcome = Outcome()
    ask = Asking(telling, answers) if answers is not None else None
    player = Player(stage=stage, telling=telling, outcome=outcome, ask=ask)
    _open(scenario, stage, telling)
    _record_the_past(stage, telling)
    _break(scenario, stage, telling)
    with suppress(Derailed):
        player.play(scenario.script)
    _check_the_end(stage, outcome, telling)
    show_documents(stage, telling)
    show_clocks(scenario, stage, outcome, telling)
    if ask is not None:
        show_score(stage, outcome, telling)
    return outcome


def _session(world: World) -> Session:
    return Session(
        world.repository.path,
        {
            "ANDON_JOURNAL": world.journal,
            "ANDON_ACTOR": ON_CALL,
            "XDG_CACHE_HOME": os.path.join(world.home, "cache"),
            "XDG_DATA_HOME": os.path.join(world.home, "data"),
        },
    )


def _open(scenario: Scenario, stage: Stage, telling: Telling) -> None:
    world = stage.world
    telling.chapter("A shop, in production")
    telling.say(scenario.opening)
    world.build(datetime.now(UTC), timedelta(days=scenario.quiet_days))
    world.open(scenario.past_orders)
    log = world.repository.git("log", "--reverse", "--format=%h  %ad  %D  %s", "--date=short")
    telling.frame(log.replace("HEAD -> main, ", "").replace("tag: ", ""))
    telling.say(
        f"{world.running_release()} is deployed and serves on 127.0.0.1:{world.ports['shop']}. "
        "Everything lives in a temporary directory and ends with the drill."
    )
    _tell_customers(stage, telling)
    telling.pause(2)


def _record_the_past(stage: Stage, telling: Telling) -> None:
    """Give Andon the deployments that the team's pipeline would have recorded when they happened."""
    for version, at in stage.world.deployed_at.items():
        stage.session.run(
            "deployed", version, "--at", at.isoformat(timespec="seconds"),
            "--verdict", "good", "--reason", "days in production without errors",
        )  # fmt: skip
    telling.say("The pipeline has told Andon about each deployment; what ran well is known.")
    telling.command("andon releases")
    telling.frame(stage.session.run("releases").output)
    telling.pause(2)


def _break(scenario: Scenario, stage: Stage, telling: Telling) -> None:
    telling.chapter("It breaks")
    stage.broke_at = time.time()
    telling.say(scenario.break_it(stage))
    world = stage.world

    def alarming() -> bool:
        return sum(b.failed.get(scenario.symptom, 0) for b in world.beats(stage.broke_at)) >= ALARM

    world.wait_for(alarming, f"customers to notice that {scenario.symptom} fails", 30)
    stage.noticed_at = time.time()
    first = next(b.at for b in world.beats(stage.broke_at - 1) if b.lost)
    stage.broke_at = max(stage.broke_at, first - 0.5)
    took = stage.noticed_at - stage.broke_at
    telling.failure(f"customers fail at {scenario.symptom}; noticed {took:.1f} s after it broke")
    _tell_customers(stage, telling)
    telling.pause(2)


def _tell_customers(stage: Stage, telling: Telling) -> None:
    seen = stage.world.beats(time.time() - 2)
    telling.customers(sum(b.fine for b in seen), sum(b.lost for b in seen), 2)


def _check_the_end(stage: Stage, outcome: Outcome, telling: Telling) -> None:
    """The incident is closed and the customers are served, or the drill has failed."""
    if outcome.failures:
        return
    status = stage.session.ask("status", stage.incident)
    if status.get("status") != "closed":
        outcome.failures.append(f"the incident is {status.get('status')}, not closed")
    try:
        stage.world.wait_until_served()
    except TimeoutError as problem:
        outcome.failures.append(str(problem))
    _tell_customers(stage, telling)


def _interrupt_on(*signals: signal.Signals) -> Callable[[], None]:
    """Turn these signals into KeyboardInterrupt; returns how to undo that."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in signals}

    def restore() -> None:
        for number, action in before.items():
            signal.signal(number, action)

    return restore

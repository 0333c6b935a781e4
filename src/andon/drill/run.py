"""The drill from beginning to end: build, break, notice, respond, review, show what was written, clear up."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import TextIO

from andon.drill.asking import Asking
from andon.drill.play import Derailed, Player, look_at_customers
from andon.drill.releases import HISTORY
from andon.drill.scenarios import SCENARIOS
from andon.drill.script import Outcome, Scenario, Stage, Step
from andon.drill.session import Session
from andon.drill.settings import ON_CALL
from andon.drill.summary import show_clocks, show_documents, show_score, summarise
from andon.drill.telling import Telling
from andon.drill.world import World
from andon.errors import NotFound, Unavailable

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
    if shutil.which("git") is None:
        raise Unavailable("the drill needs git, and there is none on the PATH", remedy="install git")
    if scenario.lacks is not None and (missing := scenario.lacks()):
        raise Unavailable(missing, where=name, rule="scenario", remedy="andon drill --list")
    telling = Telling(output or sys.stdout, fast=fast)
    with Interruptions() as interruptions, World.make() as world:
        try:
            if keep:
                world.keep()
            stage = Stage(world=world, session=_session(world))
            outcome = _drill(scenario, stage, telling, answers or sys.stdin if interactive else None)
            if report is not None:
                report(summarise(scenario, stage, outcome))
            if keep:
                telling.say(f"kept: {world.home} (its processes are stopped)")
            return 1 if outcome.failures else 0
        finally:
            interruptions.ignore()


def _drill(scenario: Scenario, stage: Stage, telling: Telling, answers: TextIO | None) -> Outcome:
    outcome = Outcome()
    ask = Asking(telling, answers) if answers is not None else None
    player = Player(stage=stage, telling=telling, outcome=outcome, ask=ask)
    _open(scenario, stage, telling)
    try:
        _record_the_past(player)
        _break(scenario, stage, telling)
        player.play(scenario.script)
        _check_the_end(stage, outcome)
        _prove(scenario, stage, telling)
    except Derailed:
        return _stopped(outcome, telling)
    except (TimeoutError, RuntimeError, subprocess.SubprocessError) as problem:
        outcome.failures.append(_told(problem))
        return _stopped(outcome, telling)
    show_documents(stage, telling)
    show_clocks(scenario, stage, outcome, telling)
    if ask is not None:
        show_score(stage, outcome, telling)
    return outcome


def _stopped(outcome: Outcome, telling: Telling) -> Outcome:
    telling.chapter("The drill stops here")
    telling.say("A step did not do what it should. Nothing after it would be true.")
    for failure in outcome.failures:
        telling.failure(failure)
    telling.remark("with --keep the directory stays, for a look at its log, journal and repository")
    return outcome


def _told(problem: Exception) -> str:
    if isinstance(problem, subprocess.CalledProcessError):
        words = problem.stderr if isinstance(problem.stderr, str) else (problem.stderr or b"").decode()
        return f"{problem}: {words.strip()}"
    return str(problem)


def _session(world: World) -> Session:
    return Session(world.repository.path, {**world.andon_settings, "ANDON_ACTOR": ON_CALL})


def _open(scenario: Scenario, stage: Stage, telling: Telling) -> None:
    world = stage.world
    telling.chapter("A shop, in production")
    telling.say(scenario.opening)
    world.build(
        datetime.now(UTC),
        timedelta(days=scenario.quiet_days),
        (*HISTORY, *scenario.history),
        has_flags=scenario.has_flags,
    )
    if scenario.prepare is not None:
        scenario.prepare(world)
    world.open(scenario.past_orders)
    log = world.repository.git("log", "--reverse", "--format=%h  %ad  %D  %s", "--date=short")
    telling.frame(log.replace("HEAD -> main, ", "").replace("tag: ", ""))
    telling.say(
        f"{world.running_release()} is deployed and serves on 127.0.0.1:{world.ports['shop']}. "
        "Everything lives in a temporary directory and ends with the drill."
    )
    look_at_customers(stage, telling)
    telling.pause(2)


def _record_the_past(player: Player) -> None:
    """Give Andon the deployments that the team's pipeline would have recorded when they happened."""
    for version, at in player.stage.world.deployed_at.items():
        player.quietly(
            "deployed", version, "--at", at.isoformat(timespec="seconds"),
            "--verdict", "good", "--reason", "days in production without errors",
        )  # fmt: skip
    ledger = Step(
        say="The pipeline has told Andon about each deployment, and what ran well is known.",
        command=("releases",),
        shows=("v1.0.0", "v1.3.0", "good"),
    )
    player.play((ledger,))


def _break(scenario: Scenario, stage: Stage, telling: Telling) -> None:
    telling.chapter("It breaks" if scenario.symptom else "Nothing breaks")
    stage.broke_at = time.time()
    telling.say(scenario.break_it(stage))
    stage.broken_at = time.time()
    if not scenario.symptom:
        stage.broke_at = stage.noticed_at = time.time()
        look_at_customers(stage, telling)
        telling.pause(2)
        return
    world = stage.world

    def alarming() -> bool:
        # A restart on the way turns customers away, too, and its log says nothing of the harm.
        return sum(b.failed.get(scenario.symptom, 0) for b in world.beats_begun(stage.broken_at)) >= ALARM

    world.wait_for(alarming, f"customers to notice that {scenario.symptom} fails")
    stage.noticed_at = time.time()
    first = next(b.at for b in world.beats(stage.broke_at - 1) if b.lost)
    stage.broke_at = max(stage.broke_at, first - 0.5)
    took = stage.noticed_at - stage.broke_at
    telling.failure(f"customers fail at {scenario.symptom}; noticed {took:.1f} s after it broke")
    look_at_customers(stage, telling)
    telling.pause(2)


def _check_the_end(stage: Stage, outcome: Outcome) -> None:
    """The incident is closed and the customers are served, or the drill has failed."""
    status = stage.session.ask("status", stage.incident)
    if status.get("status") != "closed":
        outcome.failures.append(f"the incident is {status.get('status')}, not closed")
    try:
        stage.world.wait_until_served()
    except TimeoutError as problem:
        outcome.failures.append(str(problem))


def _prove(scenario: Scenario, stage: Stage, telling: Telling) -> None:
    """Look for what else the scenario promises; raises RuntimeError when it is not so."""
    if scenario.proof is not None:
        telling.chapter("The drill looks for itself")
        telling.frame(scenario.proof(stage))


class Interruptions:
    """While active, these signals interrupt the drill; once it clears up, nothing interrupts that."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __enter__(self) -> Interruptions:
        """Let every signal raise KeyboardInterrupt."""
        self._before = {number: signal.signal(number, self._interrupt) for number in self.SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        """Put everything back as it was."""
        for number, action in self._before.items():
            signal.signal(number, action)

    def ignore(self) -> None:
        """From now on, finish undisturbed."""
        for number in self.SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    @staticmethod
    def _interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

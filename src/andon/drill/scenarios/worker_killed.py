"""What carries out the rollback is killed in the middle: another process takes it to its end, once."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from dataclasses import replace

from andon.desk.operation import holder_of, worker_lock
from andon.drill import supervisor
from andon.drill.chapters import cord, mitigate, own_it, watch
from andon.drill.play import typed
from andon.drill.releases import Edit, Release
from andon.drill.review import closing, reviewing
from andon.drill.scenarios import bad_release
from andon.drill.script import Decision, Option, Scenario, Stage, Step

#: A release of last week that runs well, and takes a while to come up: time enough for something to die.
WARM = Release(
    version="v1.3.1",
    message="Warm up before the first customer",
    author="Tom",
    edits=(
        Edit(
            file="shop/server.py",
            old="    with Shop(settings) as shop:\n",
            new="    time.sleep(3)  # read the catalogue into memory\n    with Shop(settings) as shop:\n",
        ),
    ),
)
ROLLBACK = ("rollback", "--yes", "--no-verify")


def _roll_back_and_kill(stage: Stage) -> str:
    """Begin the rollback; when the deployment runs, kill -9 the worker that carries it out."""
    killed: list[int] = []
    world = stage.world

    def kill() -> str:
        world.wait_for(lambda: world.running_release() == WARM.version, "the deployment to begin")
        worker = holder_of(worker_lock(world.journal, ""))
        if not worker.isdigit():
            raise RuntimeError("no worker carries out the rollback")
        os.kill(int(worker), signal.SIGKILL)
        killed.append(int(worker))
        middle.close()
        return f"    --- in another terminal: kill -9 {worker}, the worker ---"

    with ExitStack() as middle:
        # However busy the machine is, the worker dies in the middle: the shop does not restart before that.
        middle.enter_context(supervisor.locked(world.production, "restart"))
        ran = stage.session.run_until("deploying v1.3.1", kill, *ROLLBACK)
    if not killed:
        raise RuntimeError(f"the rollback never began: {ran.output}")
    if ran.code != 0:
        raise RuntimeError(f"the rollback ended with exit code {ran.code}: {ran.output}")
    if "starting another one" not in ran.output:
        raise RuntimeError(f"nobody took the rollback up again: {ran.output}")
    return f"$ {typed(ROLLBACK)}\n{ran.output}"


def _count_the_starts(stage: Stage) -> str:
    """Look into the shop's own log: how often was the old release started since the bad one ran?"""
    with open(stage.world.log, encoding="utf-8") as file:
        since = file.read().rpartition("shop 1.4.0 listens")[2]
    starts = since.count("shop 1.3.1 listens")
    if starts != 1:
        raise RuntimeError(f"v1.3.1 was started {starts} times, not once")
    return f"$ grep -c 'shop 1.3.1 listens' shop.log   # since v1.4.0\n{starts}"


_VERIFY = Step(
    say="Carried out once is not yet repaired. The smoke tests and the log decide.",
    command=("verify", "--watch", "60"),
    proves=("failure-resolved", "critical-paths-pass", "no-new-failures", "logs-clean"),
)

_RESPONSE = Decision(
    name="response",
    question="v1.4.0 broke it, v1.3.1 is known to be good. And this machine is about to play up. What now?",
    options=(
        Option(
            label="roll back to the last known good release",
            points=3,
            because="A deployment close before the break: the way back is faster than any fix.",
            steps=(
                Step(
                    say="The rule table says rollback, and Mina is on call.",
                    command=("decide", "--yes"),
                    shows=("rollback", "v1.3.1"),
                ),
                Step(
                    say="The command only tells what happens. A worker, a process of its own, does it. In "
                    "the middle of the deployment that worker is killed.",
                    act=_roll_back_and_kill,
                    proves=("last-known-good", "migrations-reversible", "previous-version-deployed"),
                ),
                Step(
                    say="Another worker has seen it to its end. Was anything done twice?",
                    act=_count_the_starts,
                ),
                Step(command=("workflows",), shows=("over", "succeeded")),
            ),
        ),
        Option(
            label="look for a calmer machine first",
            points=0,
            because="Once approved and on record, it does not matter which process dies.",
            steps=(watch(5),),
            again=True,
        ),
    ),
)

SCENARIO = Scenario(
    name="worker-killed",
    summary="kill -9 in the middle of the rollback: it is resumed, and deployed once",
    opening="The same small shop, on a day on which a process will die at the worst moment.",
    quiet_days=3,
    past_orders=470,
    history=(WARM,),
    break_it=bad_release.ship,
    script=(
        *cord("Checkout fails", "support: guests cannot pay, three calls in a minute"),
        own_it(
            Step(
                chapter="Find out",
                say="What is broken, since when, and is the way back faster than a fix?",
                command=("assess",),
                proves=("broken-part-identified", "break-time-identified", "rollback-weighed"),
                shows=("checkout", "v1.4.0", "v1.3.1"),
            )
        ),
        Step(chapter="Decide and act"),
        _RESPONSE,
        mitigate(_VERIFY),
        *reviewing(
            replace(
                bad_release.REVIEW,
                sections={
                    **bad_release.REVIEW.sections,
                    "lessons/went-well": "A process died in the middle, and nobody had to know what to do.",
                },
                signatures={
                    "no-data-corruption": "v1.4.0 wrote no order that v1.3.1 cannot read: same columns",
                    "dependencies-compatible": "the payment interface is the same in both releases",
                },
            )
        ),
        *closing(),
    ),
    lesson="What is approved and on record is carried out once, whatever dies on the way.",
)

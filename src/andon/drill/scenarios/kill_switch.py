"""A feature that somebody turned on for everybody breaks the checkout: it is off everywhere in a second."""

from __future__ import annotations

from datetime import UTC, datetime

from andon.drill import switches
from andon.drill.chapters import cord, mitigate, own_it, watch
from andon.drill.review import Review, closing, reviewing
from andon.drill.script import Decision, Option, Scenario, Stage, Step

#: Processes and connections that read the flag: the shop, the forking parent and its workers, the fleet.
READERS = 1 + 1 + switches.WORKERS + switches.FLEETS * switches.CLIENTS
#: Those of them that write down what they see.
WITNESSES = READERS - 2


def _tom_turns_it_on(stage: Stage) -> str:
    """Change the definition, as somebody does in a hurry; the flags' server streams it."""
    world = stage.world
    world.wait_for(lambda: len(switches.standing(world)) >= WITNESSES, "every client of the flags")
    switches.turn_on(world)
    world.repository.commit("Give the discount to everybody", "Tom", datetime.now(UTC))
    return (
        "Friday, five o'clock. Tom turns the discount on for everybody: one word in flags.json, no release. "
        f"{READERS} processes have it in the same second."
    )


def _off_everywhere(stage: Stage) -> str:
    """Look at what each client wrote down by itself; raises RuntimeError when one still has it on."""
    still = [who for who, is_on in switches.standing(stage.world).items() if is_on]
    if still:
        raise RuntimeError(f"the flag is still on for {', '.join(still[:5])}")
    had_it = {str(line["who"]): line["pid"] for line in switches.seen(stage.world) if line["on"]}
    if len(had_it) != WITNESSES:
        raise RuntimeError(f"{len(had_it)} of {WITNESSES} ever had the flag on: the others follow nobody")
    workers = {pid for who, pid in had_it.items() if who.startswith("quotes-")}
    return (
        f"{len(had_it)} clients wrote down that it was on and is off, "
        f"{len(workers)} of them forked workers of a parent that was connected before it forked"
    )


_KILL = (
    Step(
        say="Nothing was deployed, so there is nothing to roll back. One flag covers what is broken.",
        command=("decide", "--yes"),
        shows=("kill-switch",),
    ),
    Step(
        say="The way back is written down first. Then the switch, and then everybody has to confirm it.",
        command=("flags", "kill", switches.FLAG, "--yes", "--watch", "60", "--reason", "the checkout fails"),
        shows=("processes confirmed", "undo"),
        proves=("response-applied",),
    ),
)

_RESPONSE = Decision(
    name="response",
    question="The checkout fails, the last release is days old, a flag was changed a minute ago. What now?",
    options=(
        Option(
            label="turn the feature off",
            points=3,
            because="The smallest step there is, and the fastest: nothing is deployed.",
            steps=_KILL,
        ),
        Option(
            label="roll back to the release before",
            points=0,
            because="The release has run well for days with the flag off; the flag is what changed.",
            steps=(watch(4),),
            again=True,
        ),
        Option(
            label="write a fix and ship it",
            points=1,
            because="The fix comes later, in calm; customers are turned away now.",
            steps=(watch(6),),
            again=True,
        ),
    ),
)

_VERIFY = Step(
    say="Off everywhere is not the same as well again. A purchase is.",
    command=("verify", "--watch", "60"),
    proves=("failure-resolved", "no-new-failures"),
)

_REVIEW = Review(
    cause="the discount has no percentage for a quantity of one, and was turned on for everybody at once",
    sections={
        "summary/user-impact": "Nobody could buy anything while the discount was on.",
        "cause/why-not-caught": "The tests ran with the flag off only; nobody tried it on a few first.",
        "lessons/went-well": "The feature had a switch, and the switch was known to cover the checkout.",
        "lessons/went-poorly": "It was turned on for everybody in one step, on a Friday.",
        "lessons/next-time": "Five percent first, with somebody watching.",
    },
    actions=(
        ("Test the discount on and off", "mina", "tests"),
        ("Alarm when checkouts fail", "mina", "monitoring"),
        ("Roll new flags out in stages", "tom", "other"),
    ),
    test=switches.TEST,
    cure=(switches.CURE,),
    done={
        "tests": "tests/test_pricing.py, commit {commit}",
        "monitoring": "ops/watch_checkout.py, commit {commit}",
    },
    regression={
        "symptom": "every POST /checkout answers 500 while the discount is on",
        **switches.FAULT,
    },
    signatures={},
)

SCENARIO = Scenario(
    name="kill-switch",
    summary="a flag is turned on and breaks the checkout: killed in every process, forked ones too",
    opening="A small shop sells tea and cups. A discount is deployed and switched off. Beside the shop is "
    f"a service of forked workers, and {switches.FLEETS * switches.CLIENTS} clients that read the same flag.",
    quiet_days=3,
    past_orders=412,
    history=(switches.RELEASE,),
    has_flags=True,
    prepare=switches.prepare,
    break_it=_tom_turns_it_on,
    script=(
        *cord("Nobody can check out", "support: every purchase ends with an error"),
        own_it(
            Step(
                chapter="Find out",
                say="What broke, since when, and what changed right before?",
                command=("assess",),
                proves=("broken-part-identified", "break-time-identified", "rollback-weighed"),
                shows=(switches.FLAG, "kill-switch"),
            )
        ),
        Step(chapter="Decide and act"),
        _RESPONSE,
        Step(
            say="Is it really off everywhere? Each client has written down what it saw.", act=_off_everywhere
        ),
        mitigate(_VERIFY),
        *reviewing(_REVIEW),
        *closing(),
        Step(
            chapter="And now?",
            say="The flag stays off until somebody shows the fix, both states tested, and a watched rollout.",
            command=("flags", "enable", switches.FLAG, "--yes"),
            expect=1,
            lines=14,
        ),
    ),
    lesson="A switch is the fastest way out, if it reaches everybody and if somebody proves that it did. "
    "Turning it off is no fix: what is owed stands in the list of actions.",
    proof=_off_everywhere,
)

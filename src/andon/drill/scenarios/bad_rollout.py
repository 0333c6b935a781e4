"""A rollout that breaks for a few: its first stage sees it, turns it off and pulls the cord by itself."""

from __future__ import annotations

from andon.drill import switches
from andon.drill.chapters import WORD_GETS_OUT, own_it
from andon.drill.review import Review, closing, reviewing
from andon.drill.scenarios.kill_switch import READERS, WITNESSES
from andon.drill.script import Decision, Option, Scenario, Stage, Step

_STAGES = ("5%", "25%", "100%")


def _nothing_yet(stage: Stage) -> str:
    """Wait until the production is whole."""
    world = stage.world
    world.wait_for(lambda: len(switches.standing(world)) >= WITNESSES, "every client of the flags")
    return "The discount is ready. Tom wants it out, and this time in stages, with somebody watching."


def _few_were_hit(stage: Stage) -> str:
    """Count whom it hit; raises RuntimeError when it was more than a first stage may hit."""
    beats = stage.world.beats(stage.broke_at)
    lost, fine = sum(b.lost for b in beats), sum(b.fine for b in beats)
    still = [who for who, is_on in switches.standing(stage.world).items() if is_on]
    if still:
        raise RuntimeError(f"the flag is still on for {', '.join(still[:5])}")
    if not lost or lost > fine / 5:
        raise RuntimeError(f"{lost} visits failed and {fine} did not: that is no stage of five percent")
    return f"{lost} visits failed, {fine} did not; the flag is off for all {READERS} that read it"


_ROLLOUT = Step(
    chapter="In stages",
    say="Five percent first. Who is in at five is in at every later stage; each is watched like a rollback.",
    command=(
        "flags", "rollout", switches.FLAG, *_STAGES,
        "--every", "5m", "--watch", "240", "--yes", "--reason", "the spring campaign begins",
    ),
    expect=1,
    shows=("5 %", "killed"),
)  # fmt: skip

_HOW = Decision(
    name="how to turn it on",
    question="The discount is tested, they say. How does it reach the customers?",
    options=(
        Option(
            label="in stages, each watched",
            points=3,
            because="What breaks, breaks for a few, and somebody looks.",
            steps=(_ROLLOUT,),
        ),
        Option(
            label="for everybody: it was tested",
            points=0,
            because="The scenario kill-switch shows what that costs.",
            again=True,
        ),
    ),
)

_PROOF = (
    Step(
        say="The rollout turned it off by itself. Did that help? No smoke test had failed: none buys as one "
        "of the five percent. So they cannot say that it is gone.",
        command=("verify", "--watch", "60"),
        expect=3,
        proves=("no-new-failures",),
    ),
    Step(
        say="What the machine cannot know, a person answers for.",
        command=("sign", "failure-resolved", "--reason", "the guests who failed have bought since; I looked"),
        proves=("failure-resolved",),
    ),
    Step(
        say="The harm has stopped, and somebody stands for it.",
        command=("mitigate",),
    ),
)

_REVIEW = Review(
    cause="the discount has no percentage for a quantity of one",
    sections={
        "summary/user-impact": "One customer in twenty could not buy anything, for less than a minute.",
        "cause/why-not-caught": "The tests ran with the flag off only.",
        "lessons/went-well": "The first stage saw it, turned it off and declared it before anybody called.",
        "lessons/went-poorly": "Nobody had run the tests with the flag on.",
        "lessons/next-time": "Both states of a flag are tested before its first stage.",
    },
    actions=(
        ("Test the discount on and off", "mina", "tests"),
        ("Alarm when anything fails for anybody", "mina", "monitoring"),
    ),
    test=switches.TEST,
    cure=(switches.CURE,),
    done={
        "tests": "tests/test_pricing.py, commit {commit}",
        "monitoring": "ops/watch_errors.py, commit {commit}",
    },
    regression={
        "symptom": "POST /checkout answers 500 for customers who have the discount",
        **switches.FAULT,
    },
    signatures={},
    watch=switches.practise_alarm,
)

SCENARIO = Scenario(
    name="bad-rollout",
    summary="a rollout breaks at its first stage: killed and declared by itself, for one customer in twenty",
    opening="A small shop sells tea and cups. A discount is deployed and switched off; today it goes out.",
    quiet_days=3,
    past_orders=412,
    history=(switches.RELEASE,),
    has_flags=True,
    prepare=switches.prepare,
    symptom="",
    break_it=_nothing_yet,
    script=(
        _HOW,
        WORD_GETS_OUT,
        own_it(
            Step(
                chapter="Find out",
                say="The incident is there already, with the evidence of the stage.",
                command=("assess",),
                proves=("broken-part-identified", "break-time-identified", "rollback-weighed"),
            )
        ),
        *_PROOF,
        *reviewing(_REVIEW),
        *closing(),
    ),
    lesson="A watched stage turns a night into a note: few are hit, and nobody has to wake up to stop it.",
    proof=_few_were_hit,
)

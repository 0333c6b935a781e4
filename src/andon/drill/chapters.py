"""The parts every response shares: pulling the cord, owning it, proving that the harm has stopped."""

from __future__ import annotations

import time

from andon.drill.script import Decision, Option, Part, Stage, Step
from andon.drill.settings import ON_CALL


def watch(seconds: float) -> Step:
    """Do nothing for a while; the customers' line shows what that costs."""
    return Step(say="Time passes. Customers do not wait for it.", act=lambda stage: _let_pass(stage, seconds))


def _let_pass(stage: Stage, seconds: float) -> str:
    began = time.time()
    stage.world.wait_for(lambda: time.time() - began >= seconds, "time to pass")
    lost = sum(beat.lost for beat in stage.world.beats(began))
    return f"{lost} more visits failed in {seconds:.0f} s"


def cord(title: str, report: str) -> tuple[Part, ...]:
    """Return the decisions to declare and how severe it is, with the declaration and who hears of it."""
    return (
        Decision(
            name="pull the cord",
            question="Customers are being turned away and nobody has told you why. What do you do?",
            options=(
                Option(
                    label="pull the cord now",
                    points=2,
                    because="Real impact is enough to declare; the cause is found afterwards.",
                ),
                Option(
                    label="keep watching, it may go away",
                    points=0,
                    because="Not declaring saves nothing: the clock runs from the break.",
                    steps=(watch(4),),
                    again=True,
                ),
            ),
        ),
        Decision(
            name="severity",
            question="How bad is it? Buying is what the shop lives on.",
            options=(
                Option(
                    label="P0, critical",
                    points=2,
                    because="Between two severities the worse one is right until somebody knows better.",
                    steps=(_declare(title, report, "P0"),),
                ),
                Option(
                    label="P1, high",
                    points=1,
                    because="Also an emergency; but in doubt the worse severity is taken.",
                    steps=(_declare(title, report, "P1"),),
                ),
                Option(
                    label="P2, medium, so that nobody is alarmed",
                    points=0,
                    because="P2 does not call for HOTFIX; in doubt, escalate.",
                    steps=(_declare(title, report, "P2"), _ESCALATE),
                ),
            ),
        ),
        WORD_GETS_OUT,
    )


def _wait_for_the_message(stage: Stage) -> str:
    def delivered() -> bool:
        waits = bool(stage.session.ask("status", stage.incident).get("undelivered"))
        if waits:
            stage.world.deliver(stage.session.settings)
        return not waits

    stage.world.wait_for(delivered, "the stakeholders' message")
    return "\n".join(f"stakeholders read: {title}" for title in stage.world.told())


WORD_GETS_OUT = Step(
    say="No command waits for messages, but a moment later those who must know have one.",
    act=_wait_for_the_message,
    proves=("stakeholders-notified",),
)


def _declare(title: str, report: str, severity: str) -> Step:
    return Step(
        chapter="Pull the cord",
        say="The declaration is on disk before anything slow is tried; then Andon captures the evidence: "
        "releases, failing smoke tests, the log, what changed since the last good release.",
        command=("declare", title, "--severity", severity, "--impact", "report", "--because", report),
        proves=("impact-confirmed", "severity-declared", "evidence-captured"),
    )


_ESCALATE = Step(
    say="Customers cannot buy: that is no P2. Anyone may escalate, and in doubt should.",
    command=("severity", "P0", "--reason", "customers cannot buy"),
    proves=("gear-hotfix",),
)


def own_it(*finding_out: Step) -> Decision:
    """Return the decision who owns the incident, with the assessment after it or before it."""
    ack = Step(
        say=f"{ON_CALL.capitalize()} is on call and takes it. From here on somebody owns this incident.",
        command=("ack",),
    )
    return Decision(
        name="ownership",
        question="The incident is declared. What comes first?",
        options=(
            Option(
                label="acknowledge it: it is yours",
                points=1,
                because="An incident without an owner is one everybody leaves to the others.",
                steps=(ack, *finding_out),
            ),
            Option(
                label="look for the cause first",
                points=0,
                because="Whoever looks without owning it lets others start the same search.",
                steps=(*finding_out, ack),
            ),
        ),
    )


def mitigate(verify: Step) -> Decision:
    """Return the decision when to say that the harm has stopped."""
    done = Step(
        say="The harm has stopped, and there is proof of it. The deadline of the postmortem starts to run.",
        command=("mitigate",),
        proves=("failure-resolved", "postmortem-scheduled"),
    )
    return Decision(
        name="proof before mitigated",
        question="The change is made. When do you say that the harm has stopped?",
        options=(
            Option(
                label="after the smoke tests and the log say so",
                points=2,
                because="Mitigated needs a passing verification, or a person's signature.",
                steps=(verify, done),
            ),
            Option(
                label="now: it surely helped",
                points=0,
                because="Hoping is not knowing.",
                steps=(
                    Step(say="Andon asks for proof.", command=("mitigate",), expect=1),
                    verify,
                    done,
                ),
            ),
        ),
    )

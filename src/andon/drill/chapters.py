"""The parts every scenario shares: pulling the cord, owning it, mitigating, and the review afterwards."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from andon.drill.script import Argv, Decision, Option, Part, Stage, Step
from andon.drill.settings import ON_CALL
from andon.drill.standing import standings


def watch(seconds: float) -> Step:
    """Do nothing for a while; the customers' line shows what that costs."""
    return Step(say="Time passes. Customers do not wait for it.", act=lambda stage: _let_pass(stage, seconds))


def _let_pass(stage: Stage, seconds: float) -> str:
    began = time.time()
    stage.world.wait_for(lambda: time.time() - began >= seconds, "time to pass", seconds + 5)
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
        Step(
            say="No command waits for messages, but a moment later those who must know have one.",
            act=_wait_for_the_message,
            proves=("stakeholders-notified",),
        ),
    )


def _wait_for_the_message(stage: Stage) -> str:
    def delivered() -> bool:
        return not stage.session.ask("status", stage.incident).get("undelivered")

    stage.world.wait_for(delivered, "the stakeholders' message")
    return "\n".join(f"stakeholders read: {title}" for title in stage.world.told())


def _declare(title: str, report: str, severity: str) -> Step:
    return Step(
        chapter="Pull the cord",
        say="The declaration is on disk before anything slow is tried; then Andon captures the evidence: "
        "releases, failing smoke tests, the log, what changed since the last good release.",
        command=("declare", title, "--severity", severity, "--impact", "report", "--because", report),
        proves=("impact-confirmed", "severity-declared", "evidence-captured"),
    )


_ESCALATE = Step(
    say="Half of all checkouts fail: that is no P2. Anyone may escalate.",
    command=("severity", "P0", "--reason", "nobody without an account can buy anything"),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What people write after the emergency; everything else Andon knows from the events."""

    cause: str
    #: Fields of the postmortem that only people can fill, by section.
    sections: Mapping[str, str]
    #: Follow-ups: title, owner, kind.
    actions: Sequence[tuple[str, str, str]]
    #: The follow-up that is done during the drill, by kind, with where that can be seen.
    done: Mapping[str, str]
    regression: Mapping[str, str]
    #: Reasons for items that only a person can vouch for, by check or key.
    signatures: Mapping[str, str]


def sign_open(stage: Stage, reasons: Mapping[str, str]) -> list[Argv]:
    """Return a signature for every open item that has a reason; the others stay open and fail the drill."""
    status = stage.session.ask("status", stage.incident)
    waiting = [s for s in standings(status).values() if s.waits]
    return [
        ("sign", s.item, "--reason", reasons[s.check or s.item])
        for s in waiting
        if (s.check or s.item) in reasons
    ]


def reviewing(review: Review) -> tuple[Part, ...]:
    """Return resolving and everything that is written afterwards, in order or after trying without it."""
    written = _written(review)
    return (
        Step(
            chapter="Resolve",
            say="Whoever knows the cause states it, for the postmortem and for the next person at 3 a.m.",
            command=("resolve", "--cause", review.cause),
            proves=("cause-documented",),
        ),
        Decision(
            name="review before closing",
            question="Customers are served again, the cause is gone, and it is late. Do you close it?",
            options=(
                Option(
                    label="write the postmortem first",
                    points=1,
                    because="An incident nobody learned from comes back; the postmortem is owed.",
                    steps=written,
                ),
                Option(
                    label="close it now, write later",
                    points=0,
                    because="Closed means: published, and every follow-up has an owner and a day.",
                    steps=(
                        Step(
                            say="Andon keeps it open.",
                            command=("close",),
                            expect=1,
                            shows=("postmortem-before-close",),
                        ),
                        *written,
                    ),
                ),
            ),
        ),
    )


def _written(review: Review) -> tuple[Step, ...]:
    return (
        Step(
            chapter="Learn",
            say="Most of the postmortem is there already: the events wrote it.",
            command=("postmortem", "draft"),
            lines=14,
        ),
        Step(
            say="People add what only they know: who was hit, why nothing caught it, what they learned.",
            command=("postmortem", "edit", *_settings(review.sections)),
            lines=6,
        ),
        Step(
            say="Every follow-up gets an owner and a day.",
            command=lambda _stage: [
                ("actions", "add", title, "--owner", owner, "--kind", kind)
                for title, owner, kind in review.actions
            ],
            proves=("follow-ups-created",),
            brief=True,
        ),
        Step(
            say="Two of them are done before anybody goes home.",
            command=lambda stage: _finished(stage, review.done),
            proves=("test-added", "monitoring-added"),
            brief=True,
        ),
        Step(
            say="The regression log tells the case to whoever works on this next.",
            command=("regressions", "add", *_flags(review.regression)),
            proves=("regressions-updated",),
        ),
        Step(
            say="What no machine can see, a person vouches for, by name.",
            command=lambda stage: sign_open(stage, {**SIGNATURES, **review.signatures}),
            brief=True,
        ),
        Step(command=("postmortem", "lint")),
        Step(
            say="Complete. From here on nobody changes it silently.",
            command=("postmortem", "publish"),
            proves=("lessons-documented",),
        ),
        Step(
            say="The team's own incident log gets its entry, in Markdown, in the repository.",
            command=("log", "export"),
        ),
    )


def _settings(sections: Mapping[str, str]) -> Argv:
    return tuple(word for key, text in sections.items() for word in ("--set", f"{key}={text}"))


def _flags(fields: Mapping[str, str]) -> Argv:
    return tuple(word for name, text in fields.items() for word in (f"--{name}", text))


def _finished(stage: Stage, done: Mapping[str, str]) -> list[Argv]:
    """Return what ends the open follow-ups of the kinds that are done."""
    actions = stage.session.ask("actions", "list").get("actions")
    return [
        ("actions", "done", a["id"], "--proof", done[a["kind"]])
        for a in (actions if isinstance(actions, list) else [])
        if a["state"] == "open" and a["kind"] in done
    ]


#: What the responder vouches for in every scenario.
SIGNATURES: Mapping[str, str] = {}


def closing() -> tuple[Part, ...]:
    """Return closing the incident and checking that nothing was altered."""
    return (
        Step(
            chapter="Close", say="Everything is proven, signed, or tracked with an owner.", command=("close",)
        ),
        Step(
            say="Every event carries the hash of the one before; every piece of evidence its own.",
            command=("audit",),
        ),
    )

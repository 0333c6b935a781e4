"""What follows every emergency: the cause, the postmortem, follow-ups really done, the logs, the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

from andon.drill.releases import Edit
from andon.drill.script import Argv, Decision, Option, Part, Stage, Step
from andon.drill.settings import ON_CALL
from andon.drill.standing import standings

#: An alarm for the checkout, in the shop's own repository: exits 1 when one purchase in twenty fails.
ALARM = Edit(
    file="ops/watch_checkout.py",
    old="",
    new='''"""Alarm when checkouts fail: `python ops/watch_checkout.py LOG SECONDS [UNTIL]` exits 1 then."""

import re
import sys
from datetime import UTC, datetime, timedelta

LINE = re.compile(r"^(\\S+) INFO shop: POST /checkout (\\d+) ")


def statuses(log: str, since: datetime, until: datetime) -> list[int]:
    """Return the statuses of the checkouts between two moments."""
    with open(log, encoding="utf-8") as file:
        found = [match for line in file if (match := LINE.match(line))]
    return [int(m.group(2)) for m in found if since <= datetime.fromisoformat(m.group(1)) <= until]


if __name__ == "__main__":
    seconds = int(sys.argv[2])
    until = datetime.fromisoformat(sys.argv[3]) if sys.argv[3:] else datetime.now(UTC)
    seen = statuses(sys.argv[1], until - timedelta(seconds=seconds), until)
    failed = sum(status >= 500 for status in seen)
    alarm = failed * 20 > len(seen)
    print(f"{'ALARM' if alarm else 'fine'}: {failed} of {len(seen)} checkouts failed in {seconds} s")
    sys.exit(1 if alarm else 0)
''',
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What people write after the emergency; everything else Andon knows from the events."""

    cause: str
    #: Fields of the postmortem that only people can fill, by section.
    sections: Mapping[str, str]
    #: Follow-ups: title, owner, kind.
    actions: Sequence[tuple[str, str, str]]
    #: A test for the case, when the response did not bring one; red until `cure` when there is a cure.
    test: Edit | None
    cure: tuple[Edit, ...]
    #: Follow-ups that are done during the drill, one of a kind, with where that can be seen.
    done: Mapping[str, str]
    #: What goes into the regression log; nothing where it was written before.
    regression: Mapping[str, str]
    #: Reasons for items that only a person can vouch for, by check or key.
    signatures: Mapping[str, str]
    #: Writes an alarm of its own and shows what it says; None for the alarm of the checkout.
    watch: Callable[[Stage], str] | None = None


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
            say="Two of them are settled before anybody goes home: the case has a test, and an alarm.",
            act=lambda stage: _learn(stage, review),
        ),
        Step(
            command=lambda stage: _finished(stage, review.done),
            proves=("test-added", "monitoring-added"),
            brief=True,
        ),
        Step(
            when=lambda _stage: bool(review.regression),
            say="The regression log tells the case to whoever works on this next.",
            command=("regressions", "add", *_flags(review.regression)),
            proves=("regressions-updated",),
        ),
        Step(
            when=lambda _stage: bool(review.signatures),
            say="What no machine can see, a person vouches for, by name.",
            command=lambda stage: sign_open(stage, review.signatures),
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


def _learn(stage: Stage, review: Review) -> str:
    """Write the test and the alarm, see both say no to what happened and yes to what is now, and commit."""
    repository, told = stage.world.repository, []
    if review.test is not None:
        repository.edit(review.test)
        told.append(f"{review.test.file}:")
        if review.cure:
            told.append(_tests(stage, passing=False))
            for edit in review.cure:
                repository.edit(edit)
        told.append(_tests(stage, passing=True))
    if review.watch is None:
        repository.edit(ALARM)
        told += [would_have_rung(stage), is_silent(stage)]
    else:
        told.append(review.watch(stage))
    watched = "the checkout" if review.watch is None else "for more of its kind"
    message = f"Test the case, and watch {watched}" if review.test else f"Watch {watched}"
    repository.commit(message, ON_CALL.capitalize(), datetime.now(UTC))
    told.append(repository.git("show", "--stat=60", "--format=%h %an: %s", "HEAD").strip())
    return "\n".join(told)


def _tests(stage: Stage, *, passing: bool) -> str:
    code, words = stage.world.repository.test()
    if (code == 0) is not passing:
        raise RuntimeError(f"the shop's tests should {'pass' if passing else 'fail'}: {words}")
    return words


def would_have_rung(stage: Stage, file: str = ALARM.file) -> str:
    """Return what an alarm would have said when the customers' record was alarming; raises RuntimeError.

    Of those seconds only: who looks at more finds the harm among what went well before and since.
    """
    seconds = ceil(stage.noticed_at - stage.broken_at)
    noticed = datetime.fromtimestamp(stage.noticed_at, UTC).isoformat()
    code, told = stage.world.repository.run(file, stage.world.log, str(seconds), noticed)
    if code == 0:
        raise RuntimeError(f"{file} would not have rung: {told}")
    return f"{file}: {told.strip()}"


def is_silent(stage: Stage, file: str = ALARM.file) -> str:
    """Return what an alarm says of the last two seconds; raises TimeoutError when it never is silent."""
    told = [""]

    def silent() -> bool:
        code, told[0] = stage.world.repository.run(file, stage.world.log, "2")
        return code == 0

    stage.world.wait_for(silent, "the alarm to be silent")
    return f"{file}: {told[0].strip()}"


def _finished(stage: Stage, done: Mapping[str, str]) -> list[Argv]:
    """Return what ends the first open follow-up of each kind that is done."""
    actions = stage.session.ask("actions", "list").get("actions")
    commit = stage.world.repository.git("rev-parse", "--short", "HEAD").strip()
    first: dict[str, str] = {}
    for action in actions if isinstance(actions, list) else []:
        if action["state"] == "open" and action["kind"] in done:
            first.setdefault(action["kind"], action["id"])
    return [
        ("actions", "done", name, "--proof", done[kind].format(commit=commit)) for kind, name in first.items()
    ]


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

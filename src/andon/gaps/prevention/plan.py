"""What a generated test does and asks, whatever its language. The writers make a text of it. Pure."""

from __future__ import annotations

import itertools
from enum import StrEnum

from andon.gaps.prevention.asking import heading, mark, one_line, wanted
from andon.gaps.prevention.late_answer import late_answer
from andon.gaps.scale.journey import content_type
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.gaps.beliefs import Exchange
    from andon.gaps.failure import Failure
    from andon.gaps.verdict import Search

#: How often all users of a crowd go.
ROUNDS = 3
#: What a test turned round says when the request does not fail any more.
_MENDED = "answers as it should: the cause is mended, so turn this test round"


class Ask(StrEnum):
    """What can be asked of an answer."""

    #: There is one.
    COMES = "comes"
    #: Its status, its text and its seconds.
    BELOW = "below"
    OTHER_THAN = "other than"
    WITHOUT = "without"
    HOLDING = "holding"
    WITHIN = "within"


class Check(Record):
    """One thing that an answer is asked, and what the test says where it is not so."""

    ask: Ask
    number: float = 0
    text: str = ""
    told: str


class Step(Record):
    """A request."""

    method: str
    path: str
    body: str
    media: str


class Plan(Record):
    """A test that goes the failing way, alone or in a crowd, and checks the answer."""

    heading: tuple[str, ...]
    title: str
    #: Method and path without its query, for a name in a language that has no titles.
    asked: str
    failing: Step
    checks: tuple[Check, ...]
    #: What its message begins with: the search by which it is known, and the request.
    told: str
    #: The requests of the journey before the failing one, and how many go it at once; 0 for one alone.
    way: tuple[Step, ...] = ()
    users: int = 0
    #: For a test turned round, which passes while the request fails: what it says once that does not fail any
    #: more. "" for one that has to pass.
    turned: str = ""


class Slowing(Record):
    """The journey's own test file, with production's network before each of its tests."""

    text: str
    heading: tuple[str, ...]
    #: A script for the page that holds one answer back; "" for a slow connection.
    script: str = ""
    #: Milliseconds, and bytes a second down and up; -1 for as many as there are.
    latency: float = 0.0
    down: float = -1
    up: float = -1


def planned(
    search: Search,
    failure: Failure,
    *,
    needs: str = "",
    way: Sequence[Exchange] = (),
    users: int = 0,
    is_turned: bool = False,
) -> Plan:
    """Return the plan of a test; `needs` tells the world in which it can be red."""
    told = f"{mark(search)}: {failure.method} {failure.path}"
    ending = "fails until its cause is mended" if is_turned else "answers as it should"
    return Plan(
        heading=heading(search, needs, is_turned=is_turned),
        title=f"{failure.method} {one_line(failure.endpoint, 80)} {ending}",
        asked=f"{failure.method} {failure.endpoint}",
        failing=_step(failure.method, failure.path, failure.body, failure.content_type),
        checks=_checks(told, failure),
        told=told,
        way=tuple(_step(one.method, one.path, one.sent) for one in way) if users else (),
        users=users,
        turned=one_line(f"{told} {_MENDED}", 300) if is_turned else "",
    )


def _step(method: str, path: str, body: str, media: str = "") -> Step:
    return Step(method=method, path=path, body=body, media=media or content_type(body))


def _checks(asked: str, failure: Failure) -> tuple[Check, ...]:
    ask = wanted(failure)
    checks = [Check(ask=Ask.COMES, told=f"{asked} did not answer")]
    if ask.below:
        checks.append(Check(ask=Ask.BELOW, number=ask.below, told=asked))
    if ask.other_than:
        checks.append(Check(ask=Ask.OTHER_THAN, number=ask.other_than, told=asked))
    if ask.without:
        checks.append(Check(ask=Ask.WITHOUT, text=ask.without, told=asked))
    if ask.holding:
        checks.append(Check(ask=Ask.HOLDING, text=ask.holding, told=asked))
    if ask.within:
        checks.append(Check(ask=Ask.WITHIN, number=ask.within, told=f"{asked} is slow"))
    return tuple(checks)


def slowed(
    search: Search,
    text: str,
    *,
    profile: tuple[float, float, float] = (0.0, 0.0, 0.0),
    endpoint: str = "",
    milliseconds: float = 0.0,
    needs: str = "",
) -> Slowing:
    """Return the plan of a test file with production's network: a profile, or one endpoint's late answer."""
    head = heading(search, needs)
    if endpoint:
        return Slowing(text=text, heading=head, script=late_answer(endpoint, milliseconds))
    latency, down, up = profile
    return Slowing(text=text, heading=head, latency=latency, down=down or -1, up=up or -1)


def looking_again(
    lines: Sequence[str],
    begins: Callable[[str], object],
    sees: Callable[[str], object],
    wait: Callable[[str], str],
) -> list[str]:
    """Let each test look once more, when the late answer has come, at what it saw last.

    `begins` and `sees` tell a line that begins a test and one that looks; `wait` is the line that waits, from
    the indentation of the look.
    """
    starts = [i for i, line in enumerate(lines) if begins(line)] + [len(lines)]
    last = set()
    for start, end in itertools.pairwise(starts):
        last.update([i for i in range(start, end) if sees(lines[i])][-1:])
    again = []
    for i, line in enumerate(lines):
        again.append(line)
        if i in last:
            again += [wait(line[: len(line) - len(line.lstrip())]), line]
    return again

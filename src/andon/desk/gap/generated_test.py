"""The test that a search leaves behind: drafted, proven by the team's own suite, or why there is none."""

from __future__ import annotations

import contextlib

from andon.desk.gap.consent import Consents
from andon.desk.gap.prevention import Made
from andon.desk.gap.proving import Proof, prove
from andon.desk.redacting import shown
from andon.errors import AndonError
from andon.gaps.failure import Failure, template
from andon.gaps.prevention.asking import mark
from andon.gaps.prevention.drafts import draft
from andon.gaps.prevention.profiles import PROFILES
from andon.gaps.words import Answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.desk.gap.prevention import Wanted
    from andon.desk.ports import Desk
    from andon.gaps.beliefs import Beliefs, Exchange
    from andon.gaps.prevention.drafts import Draft, Drafted, Style
    from andon.gaps.verdict import Search

#: Requests that each user of a generated crowd makes before the failing one.
_WAY = 10


def test_of(
    desk: Desk,
    wanted: Wanted,
    search: Search,
    failure: Failure,
    beliefs: Beliefs,
    style: Style,
    say: Callable[[str], None],
) -> tuple[Made | None, str]:
    """Return the test of a search and why there is none that was shown red and green; "" where there is.

    Both are given where no world is known in which it is green: then it is turned round.
    """
    way = _way(search, beliefs, failure, style)
    tried = None
    if search.verdict.answer is Answer.INPUT:
        tried = _tried(desk, wanted, search, beliefs, failure)
    drafted: Drafted = draft(search, failure, style, way, _profile(desk), tried)
    if drafted.draft is None:
        return None, f"test: {drafted.told}"
    if not wanted.prove:
        return None, "test: it was not run (--no-proof), and one that was not shown red is not kept"
    proof: Proof = prove(
        desk,
        drafted.draft,
        failure,
        beliefs,
        may=Consents(wanted.consents),
        deadline=desk.clock.monotonic() + wanted.minutes * 60,
        say=say,
    )
    if not proof.holds:
        told = "; ".join(filter(None, (drafted.told, proof.told)))
        return None, f"test: {shown(desk, told)}"
    made = _made(desk, drafted.draft, proof)
    return (
        made,
        f"test: {drafted.told}; it is written turned round" if drafted.told else "",
    )


def _made(desk: Desk, draft: Draft, proof: Proof) -> Made:
    directory = desk.config.gap.directory
    path = f"{directory}/{draft.path}" if directory else draft.path
    return Made(
        what="turned-test" if draft.turned else "test",
        path=path,
        text="" if draft.is_theirs else draft.turned or draft.text,
        proof=proof.told,
        title=_to_do(draft, path),
        kind="tests",
    )


def _to_do(made: Draft, path: str) -> str:
    shared = " and ".join(part.name for part in made.parts)
    if made.is_theirs:
        return f"run {path} in a tests' world that shares {shared}; mend the cause"
    run = f" (the suite's command does not take it up: {' '.join(made.command)})" if made.command else ""
    if made.turned:
        return f"mend the cause; {path} is red then: turn it round, and keep it{run}"
    if not made.parts:
        return f"mend the cause until {path} is green, and keep the test{run}"
    return f"keep {path} in a tests' world that shares {shared}; mend the cause{run}"


def _tried(desk: Desk, wanted: Wanted, search: Search, beliefs: Beliefs, failure: Failure) -> Exchange | None:
    """Return a request of the tests to the endpoint that failed, which was answered well.

    By the artefacts; else the suite is run once, for its requests are seen on their way.
    """
    known = (*beliefs.exchanges, *(e for _, replay in search.replays[:1] for e in replay.exchanges))
    found = _answered(known, failure)
    if found is None and wanted.prove and failure.can_be_sent:
        deadline = desk.clock.monotonic() + wanted.minutes * 60
        sight = Failure(text=mark(search))
        with (
            contextlib.suppress(AndonError),
            desk.gap_works.open(
                sight, beliefs, (), consent=Consents(wanted.consents), deadline=deadline
            ) as laboratory,
        ):
            found = _answered(laboratory.replay((), times=1).exchanges, failure)
    return shown(desk, found) if found is not None else None


def _answered(known: Sequence[Exchange], failure: Failure) -> Exchange | None:
    asked = (failure.method.upper(), template(failure.path))
    for one in known:
        is_there = (one.method.upper(), template(one.path)) == asked and 0 < one.status < 400
        if is_there and not one.is_mocked and (one.path, one.sent) != (failure.path, failure.body):
            return one
    return None


def _way(search: Search, beliefs: Beliefs, failure: Failure, style: Style) -> tuple[Exchange, ...]:
    """Return the journey's requests that change something: with them many get into each other's way.

    By the artefacts, else as an experiment's front saw them in the tests' own world.
    """
    base = beliefs.base_url.rstrip("/")
    file = style.file.rpartition("/")[2]
    known = [
        one
        for test in beliefs.tests
        if not file or file in test.id
        for one in test.exchanges
        if not base or not one.origin or one.origin == base
    ]
    if not known:
        known = [one for _, replay in search.replays[:1] for one in replay.exchanges]
    changing = {
        (one.method, one.path, one.sent): one
        for one in known
        if one.method.upper() not in ("GET", "HEAD", "OPTIONS") and not one.is_mocked
    }
    return tuple(
        one for one in changing.values() if (one.method, one.path) != (failure.method, failure.path)
    )[:_WAY]


def _profile(desk: Desk) -> tuple[float, float, float]:
    return PROFILES.get(desk.config.gap_prod.network, (0.0, 0.0, 0.0))

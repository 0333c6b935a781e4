"""What keeps a gap from coming back: made of the last search, proven, written and put on record."""

from __future__ import annotations

import contextlib
import json

from andon.desk.gap.consent import Consents
from andon.desk.gap.failure import Told, failure_of, in_words
from andon.desk.gap.keeping import keep
from andon.desk.gap.kept import read_search
from andon.desk.gap.prevention import Made, Prevention
from andon.desk.gap.proving import Proof, prove
from andon.desk.gap.suite_style import style_of
from andon.desk.redacting import shown
from andon.desk.team_files import path_in, read_text
from andon.errors import AndonError, InvalidInput, NotFound
from andon.gaps.artefacts.reading import read_artefacts
from andon.gaps.failure import Failure, template
from andon.gaps.prevention import monitoring, parity, regression
from andon.gaps.prevention.asking import mark
from andon.gaps.prevention.drafts import draft, name_in
from andon.gaps.prevention.explaining import explain
from andon.gaps.prevention.profiles import PROFILES
from andon.gaps.words import Answer
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.desk.ports import Desk
    from andon.gaps.beliefs import Beliefs, Exchange
    from andon.gaps.prevention.drafts import Draft, Drafted, Style
    from andon.gaps.prevention.explaining import Explanation
    from andon.gaps.verdict import Search
    from andon.incident.state import Incident

#: Requests that each user of a generated crowd makes before the failing one.
_WAY = 10


class Wanted(Record):
    """What the command line asks for."""

    told: Told = Told()
    #: A file with `andon gap --json`; "" for the search that the incident keeps.
    search: str = ""
    artefacts: tuple[str, ...] = ()
    write: bool = False
    #: Do not run the test: then it is not kept.
    prove: bool = True
    minutes: float = 5.0
    consents: tuple[str, ...] = ()


def prevent(desk: Desk, state: Incident | None, wanted: Wanted, say: Callable[[str], None]) -> Prevention:
    """Make what prevents the gap that was found last; with `write`, write it and put it on record.

    A test is kept only when it was red with the gap and green without. Twice makes nothing twice. Raises
    NotFound without a search, InvalidInput for a file that holds none.
    """
    search = _search(desk, state, wanted)
    failure = shown(desk, _failure(desk, state, wanted, search))
    given = wanted.artefacts or desk.config.gap.artefacts
    beliefs = read_artefacts(_paths(desk, given), desk.redactor)
    explanation = shown(desk, explain(search, beliefs, failure))
    style = style_of(desk.config.gap, desk.config.root, beliefs, failure)
    made: list[Made] = []
    not_made: list[str] = []
    test = _test(desk, wanted, search, failure, beliefs, style, say, not_made)
    if test is not None:
        made.append(test)
    brought = test is not None and "what it brings about" in test.proof
    made += _others(desk, search, failure, brought=brought)
    made += [
        Made(what="semantics", path=style.file or "the journey's test", title=one, kind="tests")
        for one in explanation.proposals
    ]
    fields = _fields(search, failure, explanation, made, style)
    found = Prevention(
        search=search,
        explanation=explanation,
        made=tuple(made),
        not_made=tuple(not_made),
        smoke=monitoring.smoke_test(search, failure, desk.config.gap_prod.url)
        if desk.config.gap_prod.url
        else "",
        regression=fields,
        incident=state,
    )
    return keep(desk, found) if wanted.write else found


# ---- what it begins with


def _search(desk: Desk, state: Incident | None, wanted: Wanted) -> Search:
    remedy = "andon gap finds it; or give its --json output: andon gap prevent --search FILE"
    if wanted.search:
        text = read_text(wanted.search)
        if text is None:
            raise NotFound("there is no such file", where=wanted.search, rule="gap-search", remedy=remedy)
        return _read(text, wanted.search, remedy)
    ended = state.gap.ended if state is not None and state.gap is not None else None
    if ended is None or ended.evidence is None:
        where = state.id if state is not None else "andon gap prevent"
        raise NotFound("no search for the gap is on record", where=where, rule="gap-search", remedy=remedy)
    return _read(desk.evidence.get(ended.evidence).content.decode(), str(ended.evidence), remedy)


def _read(text: str, where: str, remedy: str) -> Search:
    try:
        return read_search(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise InvalidInput("that is no search", where=where, rule="gap-search", remedy=remedy) from problem


def _failure(desk: Desk, state: Incident | None, wanted: Wanted, search: Search) -> Failure:
    """Return what was searched for: as it is told now, as the incident knows it, else as it was seen."""
    told = any(getattr(wanted.told, field) for field in wanted.told.__fields__)
    try:
        found = failure_of(desk.config, state, wanted.told)
    except AndonError:
        if told:
            raise
        found = Failure()
    started = state.gap.started if state is not None and state.gap is not None else None
    if told or (started is not None and in_words(found) == started.failure):
        return found
    seen = next((r.seen for _, r in search.replays if r.reproduced and r.seen is not None), None)
    if seen is None:
        return found
    sent = next(
        (
            e.sent
            for _, r in search.replays
            for e in r.exchanges
            if (e.method, e.path) == (seen.method, seen.path)
        ),
        "",
    )
    by_status = seen.status >= 400
    return Failure(
        method=seen.method or "GET",
        path=seen.path,
        body=sent,
        status=seen.status if by_status else 0,
        text="" if by_status else seen.text[:200],
        source="the search",
    )


def _paths(desk: Desk, given: tuple[str, ...]) -> tuple[str, ...]:
    gap = desk.config.gap
    return tuple(
        path_in(desk.config.root, f"{gap.directory}/{one}" if gap.directory else one) for one in given
    )


# ---- the test


def _test(
    desk: Desk,
    wanted: Wanted,
    search: Search,
    failure: Failure,
    beliefs: Beliefs,
    style: Style,
    say: Callable[[str], None],
    not_made: list[str],
) -> Made | None:
    way = _way(search, beliefs, failure, style)
    tried = None
    if search.verdict.answer is Answer.INPUT:
        tried = _tried(desk, wanted, search, beliefs, failure)
    drafted: Drafted = draft(search, failure, style, way, _profile(desk), tried)
    if drafted.draft is None:
        not_made.append(f"test: {drafted.told}")
        return None
    if not wanted.prove:
        not_made.append("test: it was not run (--no-proof), and one that was not shown red is not kept")
        return None
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
        not_made.append(f"test: {shown(desk, proof.told)}")
        return None
    directory = desk.config.gap.directory
    path = f"{directory}/{drafted.draft.path}" if directory else drafted.draft.path
    return Made(
        what="test",
        path=path,
        text="" if drafted.draft.is_theirs else drafted.draft.text,
        proof=proof.told,
        title=_to_do(drafted.draft, path),
        kind="tests",
    )


def _to_do(made: Draft, path: str) -> str:
    shared = " and ".join(part.name for part in made.parts)
    if made.is_theirs:
        return f"run {path} in a tests' world that shares {shared}; mend the cause"
    run = f" (the suite's command does not take it up: {' '.join(made.command)})" if made.command else ""
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


# ---- the rest


def _others(desk: Desk, search: Search, failure: Failure, *, brought: bool) -> list[Made]:
    made = []
    if facts := parity.facts_of(search, brought_by_test=brought):
        text = parity.with_facts(read_text(path_in(desk.config.root, parity.NAME)), facts)
        made.append(
            Made(
                what="parity",
                path=parity.NAME,
                text=shown(desk, text),
                title=f"let the tests' world share {' '.join(facts[0].place)}; in CI: andon gap parity",
                kind="verification",
            )
        )
    if search.verdict.kinds:
        path = f"monitoring/andon-gap-{search.id.lower()}.rules.yml"
        made.append(
            Made(
                what="monitoring",
                path=path,
                text=shown(desk, monitoring.alert_rule(search, failure)),
                title=f"load {path} where production is watched, with the names of metrics used there",
                kind="monitoring",
            )
        )
    return made


def _fields(
    search: Search, failure: Failure, explanation: Explanation, made: list[Made], style: Style
) -> dict[str, str]:
    test = next((one.path for one in made if one.what == "test"), "")
    text = next((one.text or style.text for one in made if one.what == "test"), "")
    name = f"{test}::{name_in(text, style.flavour)}" if test else ""
    return regression.fields(
        search, failure, explanation, test=name, paths=[one.path for one in made if one.text]
    )

"""What keeps a gap from coming back: made of the last search, proven, written and put on record."""

from __future__ import annotations

import json

from andon.desk.gap.failure import failure_of, in_words
from andon.desk.gap.generated_test import test_of
from andon.desk.gap.keeping import keep
from andon.desk.gap.kept import read_search
from andon.desk.gap.log_signature import log_signature
from andon.desk.gap.prevention import Made, Prevention
from andon.desk.gap.suite_style import style_of
from andon.desk.redacting import shown
from andon.desk.team_files import path_in, read_text
from andon.errors import AndonError, InvalidInput, NotFound
from andon.gaps.artefacts.reading import read_artefacts
from andon.gaps.failure import Failure
from andon.gaps.prevention import monitoring, parity, regression
from andon.gaps.prevention.drafts import name_in
from andon.gaps.prevention.explaining import explain
from andon.gaps.words import Answer
from andon.response.kinds import ALGORITHM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.desk.gap.prevention import Wanted
    from andon.desk.ports import Desk
    from andon.gaps.prevention.drafts import Style
    from andon.gaps.prevention.explaining import Explanation
    from andon.gaps.verdict import Search
    from andon.incident.state import Incident

#: Answers that name nothing that could come back.
_NOT_KNOWN = (Answer.UNKNOWN, Answer.FLAKY, Answer.OTHER_BUILD)


def prevent(desk: Desk, state: Incident | None, wanted: Wanted, say: Callable[[str], None]) -> Prevention:
    """Make what prevents the gap that was found last; with `write`, write it and put it on record.

    A test is kept only when it was red with the gap and green without; one that is green in no world that is
    known is turned round. Twice makes nothing twice. Raises NotFound without a search,
    InvalidInput for a file that holds none.
    """
    search = _search(desk, state, wanted)
    failure = shown(desk, _failure(desk, state, wanted, search))
    given = wanted.artefacts or desk.config.gap.artefacts
    beliefs = read_artefacts(_paths(desk, given), desk.redactor)
    explanation = shown(desk, explain(search, beliefs, failure))
    style = style_of(desk.config.gap, desk.config.root, beliefs, failure, _failed(search))
    test, not_proven = test_of(desk, wanted, search, failure, beliefs, style, say)
    made = [test] if test is not None else []
    brought = test is not None and "what it brings about" in test.proof
    made += _facts_and_rules(desk, search, failure, brought=brought)
    url = desk.config.gap_prod.url
    smoke = monitoring.smoke_test(search, failure, url) if url else ""
    sign = "" if search.verdict.answer in _NOT_KNOWN else log_signature(desk, state, search)
    known_error = monitoring.known_error(search, sign, ALGORITHM) if sign else ""
    made += _tables(search, smoke, sign)
    made += [
        Made(what="semantics", path=style.file or "the journey's test", title=one, kind="tests")
        for one in explanation.proposals
    ]
    found = Prevention(
        search=search,
        explanation=explanation,
        made=tuple(made),
        not_made=(not_proven,) if not_proven else (),
        smoke=smoke,
        known_error=known_error,
        regression=_fields(search, failure, explanation, made, style),
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
    """Return what was searched for: as it is told now, as the search has it.

    Of a search that an earlier version kept: as the incident knows it, else as it was seen.
    """
    if any(getattr(wanted.told, field) for field in wanted.told.__fields__):
        return failure_of(desk.config, state, wanted.told)
    if search.failure is not None:
        return search.failure
    try:
        found = failure_of(desk.config, state, wanted.told)
    except AndonError:
        found = Failure()
    started = state.gap.started if state is not None and state.gap is not None else None
    if started is not None and in_words(found) == started.failure:
        return found
    return _as_seen(search) or found


def _as_seen(search: Search) -> Failure | None:
    """Return the failure by the first sight of it; None where nothing was seen."""
    seen = next((r.seen for _, r in search.replays if r.reproduced and r.seen is not None), None)
    if seen is None:
        return None
    asked = (seen.method, seen.path)
    every = (e for _, replay in search.replays for e in replay.exchanges)
    by_status = seen.status >= 400
    return Failure(
        method=seen.method or "GET",
        path=seen.path,
        body=next((e.sent for e in every if (e.method, e.path) == asked), ""),
        status=seen.status if by_status else 0,
        text="" if by_status else seen.text[:200],
        source="the search",
    )


def _paths(desk: Desk, given: tuple[str, ...]) -> tuple[str, ...]:
    gap = desk.config.gap
    return tuple(
        path_in(desk.config.root, f"{gap.directory}/{one}" if gap.directory else one) for one in given
    )


def _failed(search: Search) -> tuple[str, ...]:
    """Return the tests in which an experiment saw the failure, as the runner names them."""
    seen = [r.seen for _, r in search.replays if r.reproduced and r.seen is not None]
    return tuple(dict.fromkeys(one.test for one in seen if one.test))


# ---- beside the test


def _facts_and_rules(desk: Desk, search: Search, failure: Failure, *, brought: bool) -> list[Made]:
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


def _tables(search: Search, smoke: str, sign: str) -> list[Made]:
    """Return what is to be put into andon.toml; its owner does that, for it is the team's own file."""
    made = []
    if smoke:
        title = f"put the [[smoke]] of search {search.id} into andon.toml: andon gap prevent shows it"
        made.append(Made(what="smoke", path="andon.toml", title=title, kind="monitoring"))
    if sign:
        title = f"put the [[known_error]] of search {search.id} into andon.toml: {sign}"
        made.append(Made(what="log", path="andon.toml", title=title, kind="monitoring"))
    return made


def _fields(
    search: Search, failure: Failure, explanation: Explanation, made: list[Made], style: Style
) -> dict[str, str]:
    if search.verdict.answer in _NOT_KNOWN:
        return {}
    kept = next((one for one in made if one.what in ("test", "turned-test")), None)
    test, text = (kept.path, kept.text or style.text) if kept is not None else ("", "")
    name = f"{test}::{name_in(text, style.flavour)}" if test else ""
    return regression.fields(
        search, failure, explanation, test=name, paths=[one.path for one in made if one.text]
    )

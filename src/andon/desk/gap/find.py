"""Finding the gap: from the failure of production to a verdict, within the time there is, on the record."""

from __future__ import annotations

import os

from andon.desk.gap import recording
from andon.desk.gap.consent import Consents, asked
from andon.desk.gap.failure import Told, failure_of, in_words
from andon.desk.gap.next_look import with_next_look, with_untried
from andon.desk.gap.plan import Plan, plan
from andon.desk.redacting import shown
from andon.errors import AndonError
from andon.gaps.artefacts.reading import read_artefacts
from andon.gaps.coverage import cover, journey
from andon.gaps.measured import with_measured
from andon.gaps.search import Given, search
from andon.gaps.words import Kind
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.desk.ports import Desk
    from andon.gaps.beliefs import Beliefs
    from andon.gaps.coverage import Coverage
    from andon.gaps.experiment import Load
    from andon.gaps.failure import Failure
    from andon.gaps.verdict import Search
    from andon.incident.state import Incident

#: Seconds that are kept for the report and the record.
_SPARE = 1.0


class Wanted(Record):
    """What the command line asks for."""

    told: Told = Told()
    artefacts: tuple[str, ...] = ()
    #: Kinds to look at; empty for all five.
    only: tuple[Kind, ...] = ()
    #: Rest on what can be read; build no world.
    observe: bool = False
    #: Minutes for the whole; 0 for what is configured.
    minutes: float = 0.0
    consents: tuple[str, ...] = ()
    #: True where no process may be started, not even to see whether the suite can be run.
    plan: bool = False
    #: The command so far as it says how production failed, for the advice to give it again.
    again: str = "andon gap"


class Prepared(Record):
    """What a search begins with, before anything but files was looked at."""

    failure: Failure
    #: The failing request as it is sent, with the secrets that it needs; nothing keeps it.
    sends: Failure
    beliefs: Beliefs
    coverage: Coverage
    journey: tuple[str, ...]
    kinds: tuple[Kind, ...]
    minutes: float
    may: Consents
    #: Why no world can be built, with the way out; empty when one can.
    problems: tuple[str, ...]
    #: What else cannot be tried.
    remarks: tuple[str, ...]
    #: True to rest on what can be read.
    observe: bool
    #: The command so far as it says how production failed.
    again: str
    #: True when the minutes were given with the command.
    minutes_given: bool

    @property
    def experiments(self) -> bool:
        """True when worlds are built."""
        return not self.observe and not self.problems


class Found(Record):
    """A search with its report, and the incident it is recorded in."""

    search: Search
    page: str
    incident: Incident | None


def prepare(desk: Desk, state: Incident | None, wanted: Wanted) -> Prepared:
    """Read what there is to read: configuration, incident, artefacts. No process is started.

    Raises InvalidInput where nobody knows how production failed or nothing is configured.
    """
    from andon.desk.gap.proposal import refuse_unconfigured

    config = desk.config
    refuse_unconfigured(config)
    sends = failure_of(config, state, wanted.told)
    failure = shown(desk, sends)
    suite_problem = "" if wanted.plan else desk.gap_works.suite_problem()
    beliefs = read_artefacts(
        _artefacts(desk, wanted.artefacts),
        desk.redactor,
        root=config.root,
        directory=os.path.join(config.root, config.gap.directory),
    )
    return Prepared(
        failure=failure,
        sends=sends,
        beliefs=beliefs,
        coverage=cover(beliefs, failure),
        journey=config.gap.journey or journey(beliefs, failure),
        kinds=wanted.only or tuple(Kind),
        minutes=wanted.minutes or config.gap.minutes,
        may=Consents(wanted.consents),
        problems=_problems(desk, failure, suite_problem),
        remarks=((f"the suite: {suite_problem}",) if suite_problem else ()),
        observe=wanted.observe,
        again=wanted.again,
        minutes_given=bool(wanted.minutes),
    )


def planned(desk: Desk, prepared: Prepared) -> Plan:
    """Return what a search would do."""
    return plan(
        desk.config,
        prepared.failure,
        prepared.beliefs,
        prepared.coverage,
        prepared.journey,
        kinds=prepared.kinds,
        minutes=prepared.minutes,
        experiments=prepared.experiments,
        may=prepared.may,
        problems=prepared.problems,
    )


def find(desk: Desk, state: Incident | None, prepared: Prepared, say: Callable[[str], None]) -> Found:
    """Search, and record the search in the incident if there is one; `say` hears what comes next.

    Interrupted, it leaves nothing running and is recorded as given up. Raises Unavailable.
    """
    name = f"G{desk.ids.new()[:8]}"
    if state is not None:
        state = _begin(desk, state, name, prepared)
    try:
        found = _search(desk, name, prepared, say)
    except (KeyboardInterrupt, AndonError) as problem:
        if state is not None:
            why = "interrupted" if isinstance(problem, KeyboardInterrupt) else str(problem)
            recording.give_up(desk, state, name, why)
        raise
    page = _page(found, prepared)
    if state is not None:
        state = recording.finish(desk, state, found, page)
    return Found(search=found, page=page, incident=state)


def _begin(desk: Desk, state: Incident, name: str, prepared: Prepared) -> Incident:
    """Give up a search that was cut short, and record this one."""
    gap = state.gap
    is_open = gap is not None and gap.started is not None and _is_open(gap.started.search, gap)
    if gap is not None and gap.started is not None and is_open:
        why = "it was cut short, or still runs: another search began"
        state = recording.give_up(desk, state, gap.started.search, why)
    hosts = asked(desk.config, prepared.may)
    names = tuple(dict.fromkeys(one.host for one in hosts if one.has_consent and one.host))
    return recording.begin(desk, state, name, in_words(prepared.failure), names, prepared.may.given)


def _is_open(started: str, gap: object) -> bool:
    """True when the search that started last has no end of either sort on record."""
    ended = getattr(gap, "ended", None)
    return ended is None or ended.search != started


def _search(desk: Desk, name: str, prepared: Prepared, say: Callable[[str], None]) -> Search:
    clock = desk.clock.monotonic
    began = clock()
    deadline = began + prepared.minutes * 60
    works = desk.gap_works
    with works.open(
        prepared.failure,
        prepared.beliefs,
        prepared.journey,
        consent=prepared.may,
        deadline=deadline,
        sends=prepared.sends,
    ) as laboratory:
        say(f"looking at both worlds: {', '.join(prepared.kinds)}")
        observed = laboratory.observe(prepared.kinds)
        given = Given(
            id=name,
            failure=prepared.failure,
            coverage=prepared.coverage,
            observed=observed,
            other_build=works.other_build(prepared.may),
            kinds=prepared.kinds,
            experiments=prepared.experiments,
        )
        found = search(laboratory, given, clock=clock, deadline=deadline - _SPARE, say=say)
        found = with_measured(found, prepared.failure)
        if Kind.SCALE in found.verdict.kinds and prepared.experiments:
            say("a bounded load on the tests' own world, for the report")
            found = _with_load(found, laboratory.load())
    found = replace(found, failure=prepared.failure, seconds=clock() - began)
    found = with_untried(found, desk.config, prepared)
    return shown_search(desk, with_next_look(found, desk.config, prepared))


def _with_load(found: Search, load: Load) -> Search:
    """Put what a load on the tests' own world came to beside the verdict that scale is to blame."""
    told = (f"a bounded load on the tests' own world: {load.told}",) if load.told else ()
    return replace(
        found,
        verdict=replace(found.verdict, reasons=(*found.verdict.reasons, *told)),
        curves=(*found.curves, *load.curves),
        requests=found.requests + load.requests,
    )


def shown_search(desk: Desk, found: Search) -> Search:
    """Return a search without secrets in any of its texts."""
    cleaned: Search = shown(desk, replace(found, replays=()))
    replays = tuple(
        (purpose, replace(shown(desk, replace(replay, pictures=())), pictures=replay.pictures))
        for purpose, replay in found.replays
    )
    return replace(cleaned, replays=replays)


def _problems(desk: Desk, failure: Failure, suite_problem: str) -> tuple[str, ...]:
    """Return why no world can be built."""
    config, found = desk.config, []
    if not config.gap_test.start:
        found.append(
            "the tests' world cannot be started: [gap.test] has no start; "
            'write start = ["program", "--port", "{port}"]'
        )
    if suite_problem and not failure.can_be_sent:
        found.append(f"the failure shows in the suite only, and that cannot be run: {suite_problem}")
    if not config.gap.is_configured and not failure.can_be_sent:
        found.append("there is no suite to run, and no request to send: write [gap] suite, or give --url")
    return tuple(found)


def _artefacts(desk: Desk, given: Sequence[str]) -> tuple[str, ...]:
    """Return the paths to read: those given (from where the command was given), else those configured."""
    if given:
        return tuple(os.path.abspath(one) for one in given)
    base = os.path.join(desk.config.root, desk.config.gap.directory)
    return tuple(os.path.join(base, one) for one in desk.config.gap.artefacts)


def _page(found: Search, prepared: Prepared) -> str:
    from andon.gaps.report.page import page

    return page(found, prepared.beliefs, prepared.failure)

"""Whether the tests that passed went where production failed, by what their artefacts hold. Pure."""

from __future__ import annotations

from andon.gaps.failure import endpoint_of
from andon.gaps.relevance import words
from andon.gaps.words import Reach
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.gaps.beliefs import Assertion, Beliefs, Exchange, TestBelief
    from andon.gaps.failure import Failure

#: Tests of a journey, at most: more would take the time that experiments need.
JOURNEY = 5
#: Tests, assertions and endpoints that are told, at most.
_TOLD = 20
#: Outcomes of tests that say how the world was believed to be.
_PASSED = ("passed", "flaky")


class Coverage(Record):
    """How far the tests went towards the failure."""

    reach: Reach
    #: One sentence.
    told: str
    #: Ids of the tests that reach the failing endpoint, or mock it; most direct first.
    tests: tuple[str, ...] = ()
    #: What those tests asked for about the failing endpoint's answer, else all that they asked for.
    assertions: tuple[Assertion, ...] = ()
    #: Endpoints that the suite knows by made-up answers alone: a finding by itself.
    mocked: tuple[str, ...] = ()


def cover(beliefs: Beliefs, failure: Failure) -> Coverage:
    """Return whether a passing test went to the failing endpoint, met a made-up answer there, or never did.

    Unknown where the artefacts cannot tell: a JUnit report holds no request, and a test without a trace
    may have gone anywhere.
    """
    mocked = only_mocked(beliefs)
    if why := _cannot_know(beliefs, failure):
        return Coverage(reach=Reach.UNKNOWN, told=why, mocked=mocked)
    there = [(test, found) for test in _passing(beliefs) if (found := _at(beliefs, test, failure))]
    endpoint = endpoint_of(failure.method, failure.path)
    real = [(test, found) for test, found in there if any(not e.is_mocked for e in found)]
    if real:
        tests = _most_direct(real)
        return Coverage(
            reach=Reach.REACHED,
            told=f"{_some(tests)} went to {endpoint} and passed{_how(real)}",
            tests=_ids(tests),
            assertions=_looking(real),
            mocked=mocked,
        )
    if there:
        tests = _most_direct(there)
        return Coverage(
            reach=Reach.MOCKED,
            told=f"{_some(tests)} went to {endpoint}, where the suite itself made up the answer: no test has "
            "seen the real one",
            tests=_ids(tests),
            assertions=_looking(there),
            mocked=mocked,
        )
    silent = sum(not test.is_traced for test in _passing(beliefs))
    if silent:
        told = f"no test with a trace went to {endpoint}, and {silent} that passed left none"
        return Coverage(reach=Reach.UNKNOWN, told=told, mocked=mocked)
    tried = _outcomes_there(beliefs, failure)
    return Coverage(reach=Reach.NEVER, told=f"no test that passed went to {endpoint}{tried}", mocked=mocked)


def journey(beliefs: Beliefs, failure: Failure) -> tuple[str, ...]:
    """Return the ids of the tests that go the failing way, most direct first; () when none is known to.

    Of a failure without a request, those that share most words with what it showed.
    """
    if not failure.path:
        return _by_words(beliefs, failure)
    there = [(test, found) for test in _passing(beliefs) if (found := _at(beliefs, test, failure))]
    real = [(test, found) for test, found in there if any(not e.is_mocked for e in found)]
    return _ids(_most_direct(real or there))[:JOURNEY]


def only_mocked(beliefs: Beliefs) -> tuple[str, ...]:
    """Return the endpoints that the suite knows by made-up answers alone."""
    made_up = {_endpoint(e) for e in beliefs.exchanges if e.is_mocked}
    return tuple(sorted(made_up - {_endpoint(e) for e in beliefs.exchanges if not e.is_mocked}))[:_TOLD]


def _endpoint(exchange: Exchange) -> str:
    return endpoint_of(exchange.method, exchange.path)


def _cannot_know(beliefs: Beliefs, failure: Failure) -> str:
    if not beliefs.tests:
        return "there are no artefacts of a suite: where its tests went is not known"
    foreign = next((problem for problem in beliefs.problems if "another suite" in problem), "")
    if foreign:
        return foreign
    if not any(test.is_traced for test in beliefs.tests):
        return "the artefacts hold no request: run the suite with traces (--trace on; pytest: --tracing on)"
    if not failure.path:
        return "the failure names no request, so which tests go there is not known"
    if not _passing(beliefs):
        return "the artefacts hold no test that passed"
    return ""


def _passing(beliefs: Beliefs) -> tuple[TestBelief, ...]:
    """Return the tests that passed; what only a HAR tells has no outcome and counts as well."""
    return tuple(t for t in beliefs.tests if t.outcome in _PASSED or (not t.id and t.exchanges))


def _at(beliefs: Beliefs, test: TestBelief, failure: Failure) -> tuple[Exchange, ...]:
    """Return a test's requests to the failing endpoint; the application's own before anybody else's."""
    wanted = endpoint_of(failure.method, failure.path)
    found = tuple(e for e in test.exchanges if endpoint_of(e.method, e.path) == wanted)
    own = tuple(e for e in found if beliefs.base_url and beliefs.base_url.startswith(e.origin))
    return own or found


def _most_direct(there: list[tuple[TestBelief, tuple[Exchange, ...]]]) -> list[TestBelief]:
    """Return tests by how soon they arrive; those that ask for something first."""
    return [test for test, _ in sorted(there, key=lambda one: (not one[0].assertions, len(one[0].exchanges)))]


def _ids(tests: list[TestBelief]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(test.id for test in tests if test.id))[:_TOLD]


def _some(tests: list[TestBelief]) -> str:
    name = tests[0].id or tests[0].title
    return name if len(tests) == 1 else f"{name} and {len(tests) - 1} more"


def _how(there: list[tuple[TestBelief, tuple[Exchange, ...]]]) -> str:
    """Say what is to be known about the answers that tests got there."""
    answers = [e for _, found in there for e in found if not e.is_mocked]
    statuses = sorted({e.status for e in answers if e.status})
    if not _looking(there):
        return ", but asked for nothing afterwards"
    bad = [status for status in statuses if status >= 400]
    return f", although it answered {', '.join(map(str, bad))}" if bad and bad == statuses else ""


def _looking(there: list[tuple[TestBelief, tuple[Exchange, ...]]]) -> tuple[Assertion, ...]:
    """Return the assertions whose expected value is in what the endpoint answered; all of them if none is."""
    close: list[Assertion] = []
    every: list[Assertion] = []
    for test, found in there:
        bodies = "\n".join(e.answer for e in found)
        every += test.assertions
        close += [
            a for a in test.assertions if any(len(part) > 1 and part in bodies for part in _parts(a.expected))
        ]
    return tuple(dict.fromkeys(close or every))[:_TOLD]


def _parts(expected: str) -> tuple[str, ...]:
    return (expected, *expected.split())


def _outcomes_there(beliefs: Beliefs, failure: Failure) -> str:
    others = [t for t in beliefs.tests if t.outcome not in _PASSED and _at(beliefs, t, failure)]
    return f"; {_some(others)}, which {others[0].outcome}, did" if others else ""


def _by_words(beliefs: Beliefs, failure: Failure) -> tuple[str, ...]:
    wanted = words(failure.text) | words(failure.absent)

    def shared(test: TestBelief) -> int:
        said = [test.title, *(f"{a.expected} {a.locator}" for a in test.assertions)]
        return len(wanted & frozenset().union(*map(words, said)))

    ranked = sorted(((shared(test), test) for test in _passing(beliefs)), key=lambda one: -one[0])
    return _ids([test for count, test in ranked if count])[:JOURNEY]

"""What the tests missed, why, and what makes them see it: sentences made of the verdict and the artefacts."""

from __future__ import annotations

import re

from andon.gaps.failure import endpoint_of, template
from andon.gaps.words import Answer, Kind
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.gaps.beliefs import Assertion, Beliefs, Exchange, TestBelief
    from andon.gaps.experiment import Difference
    from andon.gaps.failure import Failure
    from andon.gaps.verdict import Search

#: Assertions that hold for a page with an error on it as well, without case and marks.
_WEAK = frozenset(
    ("tobevisible", "tobeattached", "tobeenabled", "tobeinviewport", "tohaveurl", "tohavetitle", "tobeok")
)
#: Shortest expected value of which it means something that a made-up answer holds it too.
_TELLING = 3
#: Weight of a difference from which on it explains a failure by itself (`gaps.relevance`).
_TELLS = 4
#: What a browser itself says of something that it could not load; it does not say of what.
_NOT_LOADED = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")


class Explanation(Record):
    """The answers to the questions that a review asks."""

    missed: str
    why: str
    catch: str
    #: What the tests assert that was the wrong question; "" where they ask right.
    semantics: str = ""
    #: What to assert instead, one line for each test.
    proposals: tuple[str, ...] = ()


class Wrong(Record):
    """An assertion that asks the wrong question, and what to ask instead."""

    told: str
    instead: str


def explain(search: Search, beliefs: Beliefs, failure: Failure) -> Explanation:
    """Return the answers for a search; those of a search that knows nothing say so."""
    wrong = wrong_questions(beliefs, failure)
    return Explanation(
        missed=_missed(search),
        why=_why(search, beliefs, failure),
        catch=_catch(search, failure),
        semantics=" ".join(one.told for one in wrong),
        proposals=tuple(one.instead for one in wrong),
    )


def difference_at(search: Search, kind: Kind, place: Sequence[str]) -> Difference | None:
    """Return what was observed at a place, or at the nearest place that holds it; None for nothing.

    Rows are not observed but columns are: of `orders 812 email` it is what `orders email` shows. Another
    column of the table is told only where it lies on the failing way and explains a failure.
    """
    place = tuple(place)
    every = [d for one in search.observed for d in one.differences] or list(search.differences)
    seen = sorted((d for d in every if d.kind is kind), key=lambda d: -d.weight)
    if kind is Kind.DATA:
        table, *rest = place
        own = [d for d in seen if len(rest) > 1 and d.place == (table, rest[1])]
        telling = [d for d in seen if d.place[0] == table and d.weight >= _TELLS]
        return next(iter(own or telling or [d for d in seen if d.place == (table,)]), None)
    for size in range(len(place), 0, -1):
        for one in seen:
            if one.place[:size] == place[:size]:
                return one
    return None


def where(kind: Kind, place: Sequence[str]) -> str:
    """Return a place in words."""
    first, *rest = (*place, "")
    match kind:
        case Kind.ENVIRONMENT:
            return f"the setting {first}"
        case Kind.DATA:
            row = f", row {place[1]}" if len(place) > 1 else ""
            column = f", column {place[2]}" if len(place) > 2 else ""
            return f"the table {first}{row}{column}"
        case Kind.DEPENDENCY:
            return f"{first}'s answer" + (f" to {rest[0]}" if rest[0] else "") + _field(place)
        case Kind.SCALE:
            return "many users at once" if first == "users" else f"the number of rows in {rest[0]}"
        case Kind.NETWORK:
            if first == "delay":
                return f"the order in which answers come ({rest[0]} late)"
            return f"the way to the {rest[0]}" if first == "link" else "the browser's connection"


def _field(place: Sequence[str]) -> str:
    return f", {place[2]}" if len(place) > 2 else ""


def _missed(search: Search) -> str:
    verdict = search.verdict
    if verdict.answer in (Answer.UNTESTED, Answer.MOCKED, Answer.INPUT, Answer.FLAKY, Answer.OTHER_BUILD):
        return verdict.summary
    if not verdict.kinds:
        return "It is not known what the tests missed."
    told = []
    places = (verdict.place, *verdict.other_places)
    for kind, place in zip(verdict.kinds, places, strict=False):
        seen = difference_at(search, kind, place)
        differs = (
            f": {_ended(seen.test)} in the tests, {_ended(seen.production)} in production" if seen else ""
        )
        told.append(f"{where(kind, place)}{differs}")
    sentence = "The tests never met " + " together with ".join(told) + "."
    if verdict.threshold is not None:
        sentence += f" It takes {verdict.threshold:g} {verdict.unit}".rstrip()
        sentence += f"; with {verdict.below:g} nothing fails." if verdict.below is not None else "."
    return sentence


def _why(search: Search, beliefs: Beliefs, failure: Failure) -> str:
    reaching = going(beliefs, failure)
    if not beliefs.tests:
        return "What the tests do is not known: no artefacts of a run were read."
    if failure.path and not reaching and not all(test.is_traced for test in beliefs.tests):
        return "What the tests ask for is not known: their last run left no trace of every test."
    if failure.path and not reaching:
        return f"None of {len(beliefs.tests)} tests asks for {failure.method} {template(failure.path)}."
    names = ", ".join(test.title or test.id for test in reaching[:3]) or "the journey"
    if mocked := [t for t in reaching if any(e.is_mocked for e in _at(t, failure))]:
        return (
            f"{len(mocked)} of {len(reaching)} tests that ask for it answer it themselves"
            f" ({mocked[0].title or mocked[0].id}), so the real answer was never seen."
        )
    if not search.verdict.kinds:
        return f"{len(reaching) or len(beliefs.tests)} tests go there ({names}) and pass."
    always = " and ".join(_always(search))
    slowest = (
        f" (their slowest answer took {beliefs.slowest * 1000:.0f} ms)" if _times(search, beliefs) else ""
    )
    many = f"{len(reaching)} tests go" if len(reaching) != 1 else "1 test goes"
    return f"{many if reaching else 'The tests go'} that way ({names}), always {always}{slowest}."


def _always(search: Search) -> list[str]:
    """Return, for each kind, in which condition the tests always went."""
    verdict = search.verdict
    told = []
    for kind, place in zip(verdict.kinds, (verdict.place, *verdict.other_places), strict=False):
        seen = difference_at(search, kind, place)
        was = f" ({_ended(seen.test)})" if seen else ""
        match kind:
            case Kind.ENVIRONMENT:
                told.append(f"with {place[0]} as the tests have it{was}")
            case Kind.DATA if seen and len(seen.place) > 1:
                fact = seen.production.partition(":")[0]
                told.append(f"on rows of {place[0]} of which no {seen.place[1]} is so: {fact}")
            case Kind.DATA:
                told.append(f"on the tests' own rows of {place[0]}")
            case Kind.DEPENDENCY:
                told.append(f"with the answer of {place[0]} that was recorded for the tests{was}")
            case Kind.SCALE if place[0] == "users":
                told.append("alone, one request after the other")
            case Kind.SCALE:
                told.append(f"on few rows of {place[-1]}{was}")
            case Kind.NETWORK if place[0] == "link":
                told.append(f"with the {place[1]} near by{was}")
            case Kind.NETWORK:
                told.append("over a connection without delay")
    return told


def _times(search: Search, beliefs: Beliefs) -> bool:
    return bool(beliefs.slowest) and Kind.NETWORK in search.verdict.kinds


def _catch(search: Search, failure: Failure) -> str:
    verdict = search.verdict
    asked = f"{failure.method} {failure.path}" if failure.path else "the journey"
    match verdict.answer:
        case Answer.UNTESTED:
            return f"A test that asks for {asked}."
        case Answer.MOCKED:
            return f"A test that lets {asked} be answered for real, beside the one that makes the answer up."
        case Answer.INPUT:
            return f"A test with this very input: {asked}."
        case Answer.FLAKY:
            return "The journey repeated until it fails, and its cause found: a retry only hides it."
        case Answer.OTHER_BUILD:
            return "A check before the tests count: the build they ran against is the one that is released."
        case Answer.UNKNOWN:
            return verdict.next_step or "Nothing is known that would."
    known = {
        Kind.ENVIRONMENT: f"{asked} in a world whose {'/'.join(verdict.place[:1])} is as in production",
        Kind.DATA: _row(search, asked),
        Kind.DEPENDENCY: _answer(search, asked),
        Kind.SCALE: _more(search, asked),
        Kind.NETWORK: f"{asked} with production's delays",
    }
    return "A test of " + " and ".join(known[kind] for kind in verdict.kinds) + "."


def _answer(search: Search, asked: str) -> str:
    verdict = search.verdict
    places = dict(zip(verdict.kinds, (verdict.place, *verdict.other_places), strict=False))
    place = places.get(Kind.DEPENDENCY, ())
    seen = difference_at(search, Kind.DEPENDENCY, place) if place else None
    form = f": {' '.join(seen.place[1:])} {_ended(seen.production)}" if seen and seen.place[1:] else ""
    return f"{asked} with {' '.join(place[:1]) or 'the service'}'s answer as production's gives it now{form}"


def _row(search: Search, asked: str) -> str:
    verdict = search.verdict
    places = dict(zip(verdict.kinds, (verdict.place, *verdict.other_places), strict=False))
    place = places.get(Kind.DATA, ())
    seen = difference_at(search, Kind.DATA, place) if place else None
    if seen is None:
        return f"{asked} with a row in the test data like {' '.join(place[:2])} of production"
    fact = seen.production.partition(":")[0]
    return f"{asked} with a row in the test data whose {'.'.join(seen.place)} is like production's ({fact})"


def _more(search: Search, asked: str) -> str:
    verdict = search.verdict
    amount = f"{verdict.threshold:g}" if verdict.threshold is not None else "many"
    if verdict.place[:1] == ("rows",):
        return f"{asked} with {amount} rows in {verdict.place[1]}"
    return f"{asked} by {amount} users at once"


def _ended(text: str) -> str:
    return text.strip().rstrip(".") or "nothing"


# ---- what the tests assert


def going(beliefs: Beliefs, failure: Failure) -> tuple[TestBelief, ...]:
    """Return the tests that ask for the failing endpoint; all of them when no endpoint is known."""
    if not failure.path:
        return beliefs.tests
    return tuple(test for test in beliefs.tests if _at(test, failure))


def _at(test: TestBelief, failure: Failure) -> list[Exchange]:
    wanted = endpoint_of(failure.method, failure.path)
    return [e for e in test.exchanges if not failure.path or endpoint_of(e.method, e.path) == wanted]


def wrong_questions(beliefs: Beliefs, failure: Failure) -> tuple[Wrong, ...]:
    """Return what the tests that go the failing way ask wrongly: nothing, visibility, their own mock."""
    found: list[Wrong] = []
    for test in going(beliefs, failure):
        name = test.title or test.id
        found += _copied(test, name)
        if not test.assertions and test.exchanges:
            found.append(
                Wrong(
                    told=f"'{name}' goes there and asserts nothing.",
                    instead=f"'{name}': assert what a customer must see at the end{_for(failure)}",
                )
            )
        elif test.assertions and all(_is_weak(a) for a in test.assertions):
            last = test.assertions[-1]
            found.append(
                Wrong(
                    told=(
                        f"'{name}' only asks whether something is there ({last.expression}"
                        f"{' ' + last.locator if last.locator else ''}), which a page with an error has too."
                    ),
                    instead=f"'{name}': assert the text and the number of what is shown{_for(failure)}",
                )
            )
        if errors := [e for e in test.console_errors if _is_of_the_application(e, test)]:
            found.append(
                Wrong(
                    told=f"'{name}' passes although the console says {errors[0][:120]!r}.",
                    instead=f"'{name}': fail on errors of the console (page.on('pageerror') and 'console')",
                )
            )
    return tuple(found)


def _copied(test: TestBelief, name: str) -> list[Wrong]:
    """Find expected values that only repeat what the test itself made up."""
    for assertion in test.assertions:
        expected = assertion.expected.strip().strip("\"'")
        if len(expected) < _TELLING:
            continue
        for exchange in test.exchanges:
            if exchange.is_mocked and expected in exchange.answer:
                asked = endpoint_of(exchange.method, exchange.path)
                return [
                    Wrong(
                        told=f"'{name}' expects what its own made-up answer to {asked} says.",
                        instead=f"'{name}': expect what a recorded, real answer to {asked} says",
                    )
                ]
    return []


def _is_of_the_application(error: str, test: TestBelief) -> bool:
    """False for an icon that browsers ask for by themselves, and for what no request of the test shows."""
    missing = _NOT_LOADED.search(error)
    if missing is None:
        return "favicon" not in error
    return any(e.status == int(missing[1]) and "favicon" not in e.path for e in test.exchanges)


def _is_weak(assertion: Assertion) -> bool:
    bare = "".join(c for c in assertion.expression.lower() if c.isalnum())
    return bare in _WEAK or f"to{bare}" in _WEAK


def _for(failure: Failure) -> str:
    if failure.absent:
        return f", so that {failure.absent[:60]!r} is missed when it is not there"
    if failure.text:
        return f", and that {failure.text[:60]!r} is not"
    return ""

"""How far the tests went towards the failure: there, only to a made-up answer, never, or nobody can tell."""

from __future__ import annotations

import pytest

from andon.gaps.beliefs import Assertion, Beliefs, Exchange
from andon.gaps.beliefs import TestBelief as Belief
from andon.gaps.coverage import cover, journey
from andon.gaps.failure import Failure
from andon.gaps.words import Reach

FAILURE = Failure(path="/orders/812", status=500, text="KeyError: 'email'")


def went(
    path: str, *, mocked: bool = False, answer: str = "", status: int = 200, origin: str = ""
) -> Exchange:
    return Exchange(
        method="GET", path=path, is_mocked=mocked, answer=answer, status=status, origin=origin, seconds=0.1
    )


def asked(expected: str) -> Assertion:
    return Assertion(expression="toHaveText", locator="#a", expected=expected)


def belief(
    name: str, *exchanges: Exchange, outcome: str = "passed", is_traced: bool = True, expects: str = ""
) -> Belief:
    return Belief(
        id=name,
        title=name,
        outcome=outcome,
        exchanges=exchanges,
        is_traced=is_traced,
        assertions=(asked(expects),) if expects else (),
    )


def believed(*tests: Belief, base_url: str = "", problems: tuple[str, ...] = ()) -> Beliefs:
    return Beliefs(flavour="playwright", tests=tests, base_url=base_url, problems=problems)


def test_a_passing_test_went_there() -> None:
    far = belief("far:1", went("/"), went("/x"), went("/orders/3"), expects="ok")
    near = belief("near:1", went("/orders/7?full=1", answer="Total 12"), expects="Total 12")
    found = cover(believed(far, near), FAILURE)
    assert found.reach is Reach.REACHED
    assert found.tests == ("near:1", "far:1")
    assert [a.expected for a in found.assertions] == ["Total 12"], "the one that looked at what was answered"
    assert found.told == "near:1 and 1 more went to GET /orders/{} and passed"


def test_a_test_that_asked_for_nothing_is_told_to() -> None:
    assert cover(believed(belief("a:1", went("/orders/1"))), FAILURE).told.endswith(
        "asked for nothing afterwards"
    )


def test_a_test_that_passed_on_an_error_is_told_to() -> None:
    found = cover(believed(belief("a:1", went("/orders/1", status=503), expects="sorry")), FAILURE)
    assert found.told.endswith("although it answered 503")


def test_only_a_made_up_answer_was_met_there() -> None:
    mocked = belief("a:1", went("/orders/1", mocked=True))
    found = cover(believed(mocked, belief("b:1", went("/"))), FAILURE)
    assert (found.reach, found.tests) == (Reach.MOCKED, ("a:1",))
    assert found.mocked == ("GET /orders/{}",)


def test_one_real_answer_makes_up_for_the_made_up_ones() -> None:
    mocked, real = belief("a:1", went("/orders/1", mocked=True)), belief("b:1", went("/orders/1"))
    found = cover(believed(mocked, real), FAILURE)
    assert (found.reach, found.tests, found.mocked) == (Reach.REACHED, ("b:1",), ())


def test_the_application_s_own_answer_counts_more_than_a_stranger_s() -> None:
    exchanges = (
        went("/orders/1", mocked=True, origin="http://127.0.0.1:4000"),
        went("/orders/1", origin="https://elsewhere.example"),
    )
    found = cover(believed(belief("a:1", *exchanges), base_url="http://127.0.0.1:4000/app"), FAILURE)
    assert found.reach is Reach.MOCKED


def test_no_test_ever_went_there() -> None:
    found = cover(believed(belief("a:1", went("/orders")), belief("b:1", went("/"))), FAILURE)
    assert (found.reach, found.tests) == (Reach.NEVER, ())


def test_a_test_that_failed_is_no_proof() -> None:
    failed = belief("a:1", went("/orders/1"), outcome="failed")
    found = cover(believed(failed, belief("b:1", went("/"))), FAILURE)
    assert found.reach is Reach.NEVER
    assert "a:1, which failed, did" in found.told


@pytest.mark.parametrize(
    ("beliefs", "told"),
    [
        (Beliefs(), "no artefacts"),
        (believed(belief("a:1", is_traced=False)), "hold no request"),
        (believed(belief("a:1", went("/")), belief("b:1", is_traced=False)), "1 that passed left none"),
        (believed(belief("a:1", went("/"), outcome="failed")), "no test that passed"),
        (
            believed(belief("a:1", went("/orders/1")), problems=("x: the artefacts are another suite's",)),
            "another",
        ),
    ],
    ids=["nothing", "junit", "half", "failed", "foreign"],
)
def test_what_the_artefacts_cannot_tell_is_unknown(beliefs: Beliefs, told: str) -> None:
    found = cover(beliefs, FAILURE)
    assert found.reach is Reach.UNKNOWN
    assert told in found.told


def test_a_failure_without_a_request_has_no_endpoint_to_reach() -> None:
    beliefs = believed(
        belief("a:1", went("/"), expects="Total: 12"), belief("b:1", went("/"), expects="Welcome")
    )
    failure = Failure(text="Total: NaN")
    assert cover(beliefs, failure).reach is Reach.UNKNOWN
    assert journey(beliefs, failure) == ("a:1",)


def test_the_journey_is_of_tests_that_go_there_in_earnest() -> None:
    mocked, real = belief("a:1", went("/orders/1", mocked=True)), belief("b:1", went("/orders/1"))
    assert journey(believed(mocked, real), FAILURE) == ("b:1",)
    assert journey(believed(mocked), FAILURE) == ("a:1",)
    assert journey(believed(belief("c:1", went("/"))), FAILURE) == ()


def test_the_journey_is_short() -> None:
    many = [belief(f"{n}:1", went("/orders/1")) for n in range(30)]
    assert len(journey(believed(*many), FAILURE)) == 5

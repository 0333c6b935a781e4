"""What a verdict is worth, by the truth of a pair."""

import pytest

from bench.gapbench.judge import ABSTAINED, BROKEN, RIGHT, WRONG, broken, judged, totals

ENVIRONMENT = {"answer": "environment", "place": ["TZ"], "tier": "narrowed", "needs": []}
TWO = {
    "answer": "interaction",
    "kinds": ["environment", "data"],
    "places": [["CHARSET"], ["people", "7"]],
    "also": [["people", "7", "name"]],
    "tier": "narrowed",
    "needs": [],
}
FLAKY = {"answer": "flaky", "needs": ["chromium"]}


def _judged(truth, **verdict):
    return judged("pair", truth, {"verdict": verdict, "runs": 3, "requests": 9}, 12.0)


@pytest.mark.parametrize(
    ("truth", "verdict", "outcome", "exact"),
    [
        (ENVIRONMENT, {"answer": "environment", "place": ["TZ"], "tier": "narrowed"}, RIGHT, True),
        (ENVIRONMENT, {"answer": "environment", "place": ["LANG"], "tier": "flipped"}, RIGHT, False),
        (ENVIRONMENT, {"answer": "data", "place": ["TZ"], "tier": "narrowed"}, WRONG, True),
        (ENVIRONMENT, {"answer": "flaky"}, WRONG, False),
        (ENVIRONMENT, {"answer": "unknown"}, ABSTAINED, False),
        (
            TWO,
            {
                "answer": "interaction",
                "kinds": ["data", "environment"],
                "place": ["people", "7", "name"],
                "other_places": [["CHARSET"]],
            },
            RIGHT,
            True,
        ),
        (TWO, {"answer": "interaction", "kinds": ["data", "scale"], "place": ["people", "7"]}, WRONG, False),
        (FLAKY, {"answer": "flaky", "tier": None}, RIGHT, False),
        (FLAKY, {"answer": "unknown"}, ABSTAINED, False),
    ],
)
def test_a_verdict_is_judged(truth, verdict, outcome, exact) -> None:
    found = _judged(truth, **verdict)
    assert (found.outcome, found.is_exact) == (outcome, exact)


def test_a_tier_below_the_truths_is_not_as_sure() -> None:
    assert _judged(ENVIRONMENT, answer="environment", place=["TZ"], tier="narrowed").is_as_sure
    assert not _judged(ENVIRONMENT, answer="environment", place=["TZ"], tier="flipped").is_as_sure


def test_a_gap_told_where_there_is_none_is_a_false_alarm() -> None:
    assert _judged(FLAKY, answer="network").is_false_alarm
    assert not _judged(FLAKY, answer="input").is_false_alarm


def test_totals_keep_gaps_and_no_gaps_apart() -> None:
    results = [
        _judged(ENVIRONMENT, answer="environment", place=["TZ"], tier="narrowed"),
        _judged(ENVIRONMENT, answer="unknown"),
        _judged(FLAKY, answer="flaky"),
        broken("other", FLAKY, 3.0, "no output"),
    ]
    text = "\n".join(totals(results))
    assert "kind right           1/2 (50 %)" in text
    assert "abstained            1/2 (50 %)" in text
    assert "no gap, told so      1/2 (50 %)" in text
    assert results[-1].outcome == BROKEN
    assert "same answer in the reruns" in text and "same answer, place and tier" in text

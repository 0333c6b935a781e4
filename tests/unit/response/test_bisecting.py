"""The search for the culprit: always right, never beyond its tests, whatever cannot be tested or wavers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from math import ceil, log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.response.bisecting import (
    Answer,
    Found,
    Misled,
    NextTest,
    Range,
    chances,
    most_tests,
    next_test,
)

GOOD, BAD, SKIP = Answer.GOOD, Answer.BAD, Answer.SKIP


def span(count: int, **more: object) -> Range:
    return Range(good="c0", commits=tuple(f"c{n}" for n in range(1, count + 1)), **more)  # type: ignore[arg-type]


def place(commit: str) -> int:
    return int(commit[1:])


def search(
    span: Range, test: Callable[[str, int], Answer], *, most: int = 400
) -> tuple[Found | Misled, dict[str, list[Answer]], Counter[str]]:
    """Drive a search with a test that knows the commit and how often it was asked before."""
    answers: dict[str, list[Answer]] = {}
    purposes: Counter[str] = Counter()
    for _ in range(most):
        step = next_test(span, answers)
        if not isinstance(step, NextTest):
            return step, answers, purposes
        given = answers.setdefault(step.commit, [])
        given.append(test(step.commit, len(given)))
        purposes[step.purpose] += 1
    raise AssertionError(f"no end after {most} tests")


def steady(culprit: int, skips: frozenset[int] = frozenset()) -> Callable[[str, int], Answer]:
    def test(commit: str, _times: int) -> Answer:
        if place(commit) in skips:
            return SKIP
        return BAD if place(commit) >= culprit else GOOD

    return test


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))))
def test_every_culprit_is_found_within_the_tests_that_are_promised(case: tuple[int, int]) -> None:
    count, culprit = case
    found, _, purposes = search(span(count), steady(culprit))
    assert isinstance(found, Found)
    assert (found.commits, found.confidence) == ((f"c{culprit}",), "proven")
    assert len(found.tested) == purposes["search"] <= most_tests(count) <= ceil(log2(count)) + 2
    assert purposes["end"] == 2
    assert purposes["confirmation"] <= 2


@given(
    st.integers(2, 80).flatmap(
        lambda n: st.tuples(st.just(n), st.integers(1, n), st.frozensets(st.integers(1, max(n - 1, 1))))
    )
)
def test_what_cannot_be_tested_widens_the_answer_and_no_more(case: tuple[int, int, frozenset[int]]) -> None:
    count, culprit, skips = case
    skips -= {count}
    found, answers, purposes = search(span(count), steady(culprit, skips))
    assert isinstance(found, Found)
    first, last = place(found.commits[0]), place(found.commits[-1])
    assert first <= culprit <= last
    assert set(range(first, last)) <= skips  # nothing testable is left open
    assert last not in skips
    assert first - 1 not in skips
    assert (found.confidence == "proven") == (first == last)
    assert len(found.tested) <= most_tests(count)
    assert purposes["search"] <= most_tests(count) + len(found.skipped)
    assert all(given.count(SKIP) <= 1 for given in answers.values())


def test_a_stretch_that_does_not_build_is_left_quickly() -> None:
    broken = frozenset(range(20, 46))
    found, answers, _ = search(span(64), steady(10, broken))
    assert isinstance(found, Found)
    assert found.commits == ("c10",)
    assert sum(SKIP in given for given in answers.values()) <= 6  # of 26


@given(
    st.integers(2, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))),
    st.dictionaries(st.integers(0, 60), st.integers(0, 2), max_size=6),
)
def test_one_wrong_answer_of_a_commit_that_is_asked_again_misleads_nobody(
    case: tuple[int, int], lies: Mapping[int, int]
) -> None:
    """With votes of two, one lie per commit cannot decide, whenever it is told."""
    count, culprit = case

    def test(commit: str, times: int) -> Answer:
        truth = steady(culprit)(commit, times)
        return truth if lies.get(place(commit)) != times else BAD if truth is GOOD else GOOD

    found, answers, _ = search(span(count, votes=2), test)
    assert isinstance(found, Found)
    assert found.commits == (f"c{culprit}",)
    assert (found.confidence == "likely") == bool(found.flaky)
    assert all(len(given) <= 3 for given in answers.values())


def test_a_wrong_first_answer_is_noticed_where_it_would_accuse() -> None:
    def test(commit: str, times: int) -> Answer:
        return BAD if commit == "c13" and times == 0 else steady(14)(commit, times)

    found, _, _ = search(span(16), test)
    assert isinstance(found, Found)
    assert found.commits == ("c14",)
    assert (found.confidence, found.flaky) == ("likely", ("c13",))


@pytest.mark.parametrize(
    ("culprit", "commit", "expected", "answered"), [(0, "c0", GOOD, BAD), (9, "c8", BAD, GOOD)]
)
def test_a_range_that_is_not_what_it_is_said_to_be_is_not_searched(
    culprit: int, commit: str, expected: Answer, answered: Answer
) -> None:
    found, answers, purposes = search(span(8), steady(culprit))
    assert found == Misled(commit=commit, expected=expected, answered=answered)
    assert answers[commit] == [answered, answered]  # asked twice before it is believed
    assert purposes["search"] == 0


def test_an_end_that_cannot_be_tested_ends_the_search() -> None:
    found, _, _ = search(span(8), steady(3, frozenset({0})))
    assert found == Misled(commit="c0", expected=GOOD, answered=SKIP)


def test_an_end_that_wavers_is_asked_until_two_agree() -> None:
    def test(commit: str, times: int) -> Answer:
        return BAD if commit == "c0" and times == 0 else steady(3)(commit, times)

    found, answers, _ = search(span(8), test)
    assert isinstance(found, Found)
    assert found.commits == ("c3",)
    assert answers["c0"] == [BAD, GOOD, GOOD]
    assert len(answers["c8"]) == 2  # once the test is known to waver, every commit is asked twice


@settings(max_examples=30)
@given(st.integers(2, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))))
def test_a_search_that_was_cut_short_goes_on_where_it_was(case: tuple[int, int]) -> None:
    count, culprit = case
    whole: list[str] = []

    def test(commit: str, times: int) -> Answer:
        whole.append(commit)
        return steady(culprit)(commit, times)

    found, _, _ = search(span(count), test)
    answers: dict[str, list[Answer]] = {}
    for commit in whole:
        step = next_test(span(count), {c: tuple(given) for c, given in answers.items()})
        assert isinstance(step, NextTest)
        assert step.commit == commit
        answers.setdefault(commit, []).append(steady(culprit)(commit, 0))
    assert next_test(span(count), answers) == found


def test_the_only_commit_of_a_range_is_accused_after_both_ends_were_tested() -> None:
    found, answers, purposes = search(span(1), steady(1))
    assert isinstance(found, Found)
    assert found.commits == ("c1",)
    assert answers == {"c0": [GOOD, GOOD], "c1": [BAD, BAD]}
    assert purposes["search"] == 0


def test_the_newest_commits_are_tested_first_and_what_is_suspected_before_them() -> None:
    ends = {"c0": [GOOD], "c50": [BAD]}
    step = next_test(span(50), ends)
    assert isinstance(step, NextTest)
    assert place(step.commit) > 44
    accused = next_test(span(50, suspected=(("c7", 5000.0),)), ends)
    assert isinstance(accused, NextTest)
    assert accused.commit in ("c6", "c7")


def test_chances_fall_with_age_and_add_up() -> None:
    found = chances(50)
    assert sum(found) == pytest.approx(1)
    assert list(found) == sorted(found)
    assert found[-1] / found[-4] == pytest.approx(4**1.5)

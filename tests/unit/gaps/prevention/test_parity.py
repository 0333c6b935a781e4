"""The facts that the tests' world must share: written, read back, checked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.errors import InvalidInput
from andon.gaps.experiment import Difference, Observed
from andon.gaps.prevention.parity import Fact, check, facts_of, read_facts, with_facts
from andon.gaps.words import Kind
from tests.unit.gaps.prevention.searches import search

ZONE = Fact(
    kind=Kind.ENVIRONMENT,
    place=("STORE_TZ",),
    tests="missing",
    production="Asia/Tokyo",
    search="G1",
    why="it is so",
)
USERS = Fact(kind=Kind.SCALE, place=("users",), tests="1", production="40", least=20.0, search="G2")
texts = st.text(st.characters(exclude_categories=("Cs",)))


def test_a_verdict_gives_its_fact_in_words() -> None:
    (fact,) = facts_of(search(Kind.ENVIRONMENT, ("STORE_TZ",), test="missing", production="Asia/Tokyo"))
    assert (fact.place, fact.tests, fact.production) == (("STORE_TZ",), "missing", "Asia/Tokyo")
    (fact,) = facts_of(search(Kind.SCALE, ("rows", "orders"), threshold=900.0))
    assert fact.least == 900.0
    assert facts_of(search(Kind.SCALE, ("users",)), brought_by_test=True) == ()


@given(
    st.lists(
        st.builds(
            Fact,
            kind=st.sampled_from(Kind),
            place=st.lists(texts, min_size=1).map(tuple),
            tests=texts,
            production=texts,
            least=st.none() | st.floats(allow_nan=False, allow_infinity=False),
            search=texts,
            why=texts,
        )
    )
)
def test_what_is_written_is_read_back(facts: list[Fact]) -> None:
    expected = tuple({(f.kind, f.place): f for f in facts}.values())
    text = with_facts(None, facts)
    assert read_facts(text) == expected
    assert with_facts(text, facts) == text  # twice makes no second one


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fact = 1", "list of tables"),
        ("[[fact]]\nkind = 'weather'\nplace = ['x']", "kind is one of"),
        ("[[fact]]\nkind = 'data'", "place is a list"),
        ("[[fact]]\nkind = 'data'\nplace = ['x']\nleast = 'many'", "least is a number"),
        ("[[fact]]\nkind = 'data'\nplace = ['x']\nwhy = 1", "are texts"),
        ("[[", "no TOML"),
    ],
)
def test_what_is_no_fact_is_said_with_its_place(text: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told) as wrong:
        read_facts(text)
    assert wrong.value.where == ".andon-gap-parity.toml"


@pytest.mark.parametrize(
    ("fact", "here", "holds"),
    [
        (ZONE, "Asia/Tokyo", True),
        (ZONE, "missing", False),
        (ZONE, None, None),
        (USERS, "20", True),
        (USERS, "1", False),
        (USERS, "many", None),
    ],
)
def test_the_tests_world_alone_is_enough_where_it_can_be_told(
    fact: Fact, here: str | None, holds: bool | None
) -> None:
    checked = check(fact, None, here)
    assert checked.holds is holds
    assert bool(checked.remedy) is not bool(holds)


def looked(*differences: Difference, problems: tuple[str, ...] = ()) -> Observed:
    return Observed(kind=Kind.DATA, differences=differences, looked="3 tables", problems=problems)


def test_a_fact_without_words_of_its_own_is_told_by_both_worlds() -> None:
    fact = Fact(
        kind=Kind.DATA,
        place=("orders", "email"),
        tests="never in 4 rows",
        production="null: 1 of 9",
        search="G",
    )
    still = Difference(kind=Kind.DATA, place=fact.place, test="never in 5 rows", production="null: 2 of 10")
    assert check(fact, looked(still), None).holds is False
    assert check(fact, looked(), None).holds is True
    assert check(fact, looked(problems=("refused",)), None).holds is None
    assert "add a row" in check(fact, looked(still), None).remedy


def test_a_secret_whose_words_are_alike_is_not_judged_by_them() -> None:
    alike = Fact(
        kind=Kind.ENVIRONMENT,
        place=("KEY",),
        tests="a secret of 9 to 16",
        production="a secret of 9 to 16",
        search="G",
    )
    assert check(alike, None, "a secret of 9 to 16").holds is None

"""What is judged of two databases without asking either: schema, rows, clones, weights."""

from __future__ import annotations

import pytest

from andon.gaps.data.clones import can_be_cloned, clones, other
from andon.gaps.data.facts import (
    Fact,
    Sort,
    are_names,
    bucket,
    bucket_name,
    facts_to_ask,
    look,
    shows,
    told_apart,
)
from andon.gaps.data.named import named_rows, named_values, quoted_texts
from andon.gaps.data.rows import Loaded, chosen, differing, is_voluminous
from andon.gaps.data.schema import Column, Family, ForeignKey, Table, schema_differences, with_named_keys
from andon.gaps.data.weighing import of_fact, spoken, way
from andon.gaps.failure import Failure

WHOLE, TEXT = Family.WHOLE, Family.TEXT
ORDERS = Table(
    name="orders",
    columns=(
        Column(name="id", type="integer", family=WHOLE),
        Column(name="customer_id", type="integer", family=WHOLE),
        Column(name="code", type="varchar(8)", family=TEXT, longest=8),
        Column(name="status", type="text", family=TEXT),
    ),
    key=("id",),
    uniques=(("code",),),
)
CUSTOMERS = Table(
    name="customers",
    columns=(
        Column(name="id", type="integer", family=WHOLE),
        Column(name="email", type="text", family=TEXT),
    ),
    key=("id",),
)
TABLES = {"orders": ORDERS, "customers": CUSTOMERS}


def loaded(table: Table, *rows: tuple[object, ...]) -> Loaded:
    return Loaded(table, table.names, rows, is_whole=True)


def test_a_schema_differs_by_what_it_holds_and_never_from_itself() -> None:
    changed = Table(
        name="orders",
        columns=(
            Column(name="id", type="bigint", family=WHOLE),
            Column(name="code", type="varchar(4)", family=TEXT, longest=4, is_required=True),
            Column(name="status", type="text", family=TEXT, default="'x'"),
            Column(name="new", type="text", family=TEXT, is_required=True),
        ),
        key=("id",),
    )
    assert schema_differences(TABLES, TABLES) == ()
    found = schema_differences({"orders": ORDERS}, {"orders": changed})
    told = {(d.column, d.production, d.is_breaking) for d in found}
    assert told == {
        ("id", "bigint", False),
        ("customer_id", "no such column", True),
        ("code", "varchar(4)", True),
        ("code", "NOT NULL", True),
        ("code", "no unique (code)", True),
        ("status", "a default", False),
        ("new", "there, must be given", True),
    }
    assert not any("'x'" in repr(d) for d in found)


def test_a_column_that_is_named_like_a_table_refers_to_it() -> None:
    [key] = with_named_keys(TABLES)["orders"]
    assert (key.parent, key.columns, key.is_declared) == ("customers", ("customer_id",), False)


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("TypeError: 'NoneType' object is not subscriptable", Sort.NULL),
        ("UnicodeEncodeError: 'latin-1' codec can't encode", Sort.ASTRAL),
        ("ZeroDivisionError: division by zero", Sort.ZERO),
        ("psycopg.errors.NumericValueOutOfRange: integer out of range", Sort.BEYOND_INT32),
        ("Cannot read properties of undefined (reading 'label')", Sort.CATEGORY),
        ("sqlalchemy.exc.MultipleResultsFound: Multiple rows were found", Sort.DUPLICATE),
    ],
)
def test_an_error_speaks_of_a_sort_of_value(text: str, sort: Sort) -> None:
    assert sort in spoken(text)


@pytest.mark.parametrize(
    "text", ["", "Internal Server Error", "json.decoder.JSONDecodeError: Expecting value"]
)
def test_an_error_that_says_nothing_of_characters_speaks_of_none(text: str) -> None:
    assert not spoken(text) & {Sort.ASTRAL, Sort.BEYOND_LATIN, Sort.BEYOND_ASCII, Sort.NULL}


@pytest.mark.parametrize(
    ("failure", "rows", "named", "total", "weight"),
    [
        (Failure(path="/orders", text="'NoneType' object"), 9, 0, 90, 4),
        (Failure(path="/orders", text="column status is null"), 9, 0, 90, 5),
        (Failure(path="/orders", text="Internal Server Error"), 9, 0, 90, 3),
        (Failure(path="/orders/5", text="'NoneType' object"), 9, 1, 90, 5),
        (Failure(path="/orders/5", text=""), 9, 1, 90, 3),
        (Failure(path="/report", text="'NoneType' object"), 1, 0, 900, 4),
        (Failure(path="/report", text="'NoneType' object"), 90, 0, 900, 2),
        (Failure(path="/report", text=""), 1, 0, 900, 2),
    ],
)
def test_a_fact_weighs_by_what_the_failure_says(
    failure: Failure, rows: int, named: int, total: int, weight: int
) -> None:
    on = way(failure, TABLES, {}, ())
    seen = look(ORDERS.columns[3], ["paid"], soon="2030-01-01")
    fact = Fact(table="orders", column="status", sort=Sort.NULL)
    assert of_fact(failure, on, fact, seen, rows, named, total, "shop").weight == weight


def test_facts_are_asked_for_only_where_the_tests_cannot_show_them() -> None:
    column = ORDERS.columns[3]
    seen = look(column, ["paid", "", None, "é"], soon="2030-01-01")
    asked = {f.sort for f in facts_to_ask(ORDERS, column, seen, soon="2030-01-01", keys=(), quoted=())}
    assert not asked & {Sort.EMPTY, Sort.NULL, Sort.BEYOND_ASCII, Sort.FUTURE}
    assert Sort.ASTRAL in asked and Sort.LONGER in asked
    assert not list(facts_to_ask(ORDERS, column, look(column, [], soon="2030"), soon="", keys=(), quoted=()))


def test_a_fact_that_another_implies_is_not_told() -> None:
    facts = [Fact(table="t", column="c", sort=s) for s in (Sort.ASTRAL, Sort.BEYOND_ASCII, Sort.CATEGORY)]
    assert told_apart([(f, 1) for f in facts]) == facts[:1]
    assert told_apart([(facts[0], 1), (facts[1], 2)]) == facts[:2]


@pytest.mark.parametrize(
    ("value", "sort"), [(-1, Sort.NEGATIVE), ("1.5", Sort.FRACTION), ("x", Sort.NOT_A_NUMBER)]
)
def test_a_value_shows_its_fact_as_number_or_as_text(value: object, sort: Sort) -> None:
    assert shows(Fact(table="t", column="c", sort=sort), value)
    assert not shows(Fact(table="t", column="c", sort=sort), None)
    assert not shows(Fact(table="t", column="c", sort=sort), "7")


def test_lengths_are_told_in_buckets() -> None:
    assert bucket(7) == 16 and bucket_name(77) == "up to 128 characters"


def test_the_request_names_rows_by_numbers_after_their_word_and_by_texts() -> None:
    failure = Failure(path="/orders/812/lines?customer_id=5&day=2026-12-01", body='{"code": "A-7"}')
    found = {(n.table, n.column, n.value) for n in named_rows(failure, TABLES)}
    assert {("orders", "id", "812"), ("customers", "id", "5"), ("orders", "code", "A-7")} <= found
    assert ("customers", "id", "812") not in found
    assert "2026-12-01" in named_values(failure) and "812" not in named_values(failure)
    assert quoted_texts(Failure(text="KeyError: 'held'")) == ("held",)


def test_rows_that_differ_and_no_others() -> None:
    test = loaded(ORDERS, (1, 1, "a", "paid"), (2, 1, "b", "paid"))
    prod = loaded(ORDERS, (1, 1, "a", "paid"), (2, 1, "b", "held"), (3, 1, "c", "paid"))
    assert differing(test, prod) == [("2",), ("3",)]


def test_the_rows_that_are_tried_hold_those_with_facts_and_not_the_volume() -> None:
    prod = loaded(ORDERS, *[(n, 1, f"c{n}", "paid") for n in range(3000)])
    fact = Fact(table="orders", column="status", sort=Sort.NULL)
    taken = chosen(prod, list(prod.rows), [(fact, ("2222",))], [("17",)], None, 10)
    assert taken[:2] == [("17",), ("2222",)] and len(taken) <= 100
    assert is_voluminous(10, 3000) and not is_voluminous(10, 90) and not is_voluminous(1000, 3000)


def test_clones_have_keys_of_their_own_and_keep_what_they_refer_to() -> None:
    test = loaded(ORDERS, (1, 7, "INV-0001", "paid"), (2, 8, "INV-0002", "sent"))
    made = list(clones(test, 500))
    assert len({row["id"] for row in made} | {1, 2}) == 502
    assert len({row["code"] for row in made} | {"INV-0001", "INV-0002"}) == 502
    assert all(len(str(row["code"])) <= 8 for row in made)
    assert {row["customer_id"] for row in made} == {7, 8}


def test_a_table_whose_keys_are_all_of_others_cannot_be_cloned() -> None:
    keys = tuple(ForeignKey(columns=(c,), parent="x", parent_columns=("id",)) for c in ("a", "b"))
    assert not can_be_cloned(Table(name="pairs", columns=(), key=("a", "b"), foreign_keys=keys))
    assert can_be_cloned(ORDERS)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ada@example.org", "ada-3@example.org"),
        ("INV-0007", "INV-0003"),
        ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000300000001"),
        (None, None),
    ],
)
def test_another_value_has_the_same_form(value: object, expected: object) -> None:
    assert other(CUSTOMERS, "email", value, 3) == expected


def test_names_of_which_the_tests_have_two_are_no_categories() -> None:
    fact = Fact(table="orders", column="status", sort=Sort.CATEGORY, limit=("a", "b"))
    status = ORDERS.columns[3]
    names = look(status, ["Ada", "Grace"], soon="2027-01-01")
    assert are_names(fact, names, 40, 40)
    assert not are_names(fact, names, 3, 40)
    assert not are_names(fact, names, 3, 3)
    assert not are_names(fact, look(status, ["open", "open", "done"], soon="2027-01-01"), 40, 40)

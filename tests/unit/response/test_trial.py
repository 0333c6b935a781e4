"""What a trial proves: passed only for a way down that restored everything and a way up that runs again."""

from __future__ import annotations

from typing import Any

import pytest

from andon.incident.words import Verdict
from andon.record import replace
from andon.response.trial import (
    Attempt,
    Rows,
    Snapshot,
    Tried,
    catalog_differences,
    judge_attempt,
    judge_trial,
    row_differences,
    told,
    words_of,
)


def snapshot(
    *catalog: str, orders: str = "d1", count: int = 1, note: str = "n1", empty: Any = ()
) -> Snapshot:
    rows = (Rows(table="orders", count=count, digest=orders, columns=(("id", "i1"), ("note", note))),)
    return Snapshot(catalog=tuple(sorted(catalog)), rows=rows, empty=empty)


OLD, NEW = snapshot("table orders: "), snapshot("column orders.tip: integer", "table orders: ")
GOOD = Attempt(name="2.sql", words=words_of("ALTER TABLE x"), before=OLD, up=NEW, down=OLD, second_up=NEW)


def test_a_way_down_that_restores_everything() -> None:
    tried = judge_attempt(GOOD)
    assert (tried.verdict, tried.differences) == (Verdict.PASSED, ())


@pytest.mark.parametrize(
    ("changes", "verdict", "summary"),
    [
        ({"failed_in": "up", "failure": "no", "up": None}, Verdict.UNKNOWN, "up fails on the copy: no"),
        ({"before": None}, Verdict.UNKNOWN, "up fails on the copy"),
        ({"has_down": False, "down": None, "second_up": None}, Verdict.UNKNOWN, "no way down"),
        ({"failed_in": "down", "failure": "no", "down": None}, Verdict.FAILED, "down fails: no"),
        ({"down": None}, Verdict.UNKNOWN, "down was not run"),
        ({"down": NEW}, Verdict.FAILED, "down does not restore the schema"),
        ({"down": snapshot("table orders: ", count=0)}, Verdict.FAILED, "down does not restore the rows"),
        ({"down": snapshot("table orders: ", orders="d2")}, Verdict.FAILED, "down does not restore the rows"),
        (
            {"failed_in": "second up", "failure": "no", "second_up": None},
            Verdict.FAILED,
            "cannot be run again",
        ),
        ({"second_up": None}, Verdict.UNKNOWN, "up was not run again"),
        ({"second_up": OLD}, Verdict.FAILED, "another schema"),
        ({"failed_in": "up", "timed_out": True}, Verdict.UNKNOWN, "up did not end in time"),
        ({"failed_in": "down", "timed_out": True}, Verdict.UNKNOWN, "down did not end in time"),
        ({"failed_in": "second up", "timed_out": True}, Verdict.UNKNOWN, "second up did not end in time"),
    ],
)
def test_anything_else_does_not_pass(changes: dict[str, Any], verdict: Verdict, summary: str) -> None:
    tried = judge_attempt(replace(GOOD, **changes))
    assert tried.verdict is verdict
    assert summary in tried.summary


def test_rows_that_were_not_tried_count_only_where_the_migration_reaches() -> None:
    blind = replace(OLD, empty=(("public.orders", "a check"),))
    touched = replace(GOOD, before=blind, words=words_of("UPDATE orders SET a = 1"))
    assert judge_attempt(touched).verdict is Verdict.UNKNOWN
    assert "public.orders (a check)" in judge_attempt(touched).summary
    elsewhere = replace(GOOD, before=replace(OLD, empty=(("public.others", "a check"),)))
    assert judge_attempt(elsewhere).verdict is Verdict.PASSED
    by_catalog = replace(GOOD, before=blind)
    assert judge_attempt(by_catalog).verdict is Verdict.UNKNOWN, "its column changed"


def test_differences_say_what_is_missing_and_what_is_left() -> None:
    assert catalog_differences(("a", "b"), ("b", "c")) == ["- a", "+ c"]
    assert row_differences(OLD, snapshot(orders="d2", note="n2")) == ["- rows orders: other values in note"]
    assert row_differences(OLD, snapshot(orders="d2")) == ["- rows orders: other values in some column"]
    gone = Snapshot(catalog=(), rows=())
    assert row_differences(OLD, gone) == ["- rows orders: 1 rows and the table are gone"]
    assert row_differences(gone, OLD) == [], "a table that is new is the catalog's matter"


def test_many_differences_are_counted() -> None:
    many = snapshot(*(f"table t{n}: " for n in range(40)))
    tried = judge_attempt(replace(GOOD, down=many))
    assert len(tried.differences) == 21
    assert tried.differences[-1] == "and 21 more lines"


def test_one_way_back_may_be_the_whole_one() -> None:
    assert judge_trial([step(Verdict.PASSED)], None, is_whole=True).verdict is Verdict.PASSED
    assert judge_trial([step(Verdict.UNKNOWN)], None, is_whole=True).verdict is Verdict.UNKNOWN
    assert judge_trial([step(Verdict.PASSED)], None, "not reached", is_whole=True).verdict is Verdict.UNKNOWN
    assert judge_trial([], None, is_whole=True).verdict is Verdict.UNKNOWN


def step(verdict: Verdict, name: str = "2.sql") -> Tried:
    return Tried(name=name, verdict=verdict, summary="told", seconds=0.5)


@pytest.mark.parametrize(
    ("steps", "whole", "missing", "expected"),
    [
        ((Verdict.PASSED, Verdict.PASSED), Verdict.PASSED, "", Verdict.PASSED),
        ((Verdict.PASSED, Verdict.FAILED), None, "", Verdict.FAILED),
        ((Verdict.UNKNOWN, Verdict.FAILED), None, "", Verdict.FAILED),
        ((Verdict.PASSED, Verdict.UNKNOWN), Verdict.PASSED, "", Verdict.UNKNOWN),
        ((Verdict.PASSED,), Verdict.FAILED, "", Verdict.FAILED),
        ((Verdict.PASSED,), None, "", Verdict.UNKNOWN),
        ((Verdict.PASSED,), Verdict.PASSED, "2 more were not reached", Verdict.UNKNOWN),
        ((), None, "", Verdict.UNKNOWN),
        ((), Verdict.PASSED, "", Verdict.UNKNOWN),
    ],
)
def test_a_range_is_as_good_as_its_worst(
    steps: tuple[Verdict, ...], whole: Verdict | None, missing: str, expected: Verdict
) -> None:
    tried = [step(v) for v in steps]
    result = judge_trial(tried, step(whole, "all") if whole else None, missing)
    assert result.verdict is expected
    assert result.summary
    assert result.seconds == pytest.approx(0.5 * (len(tried) + bool(whole)))
    assert next(told(result)).startswith(expected.value)

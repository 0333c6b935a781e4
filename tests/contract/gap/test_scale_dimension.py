"""Scale as a dimension: what it sees, flips and checks; the counting of rows is given."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from andon.config.model_gap import GapConfig, WorldConfig
from andon.errors import Unavailable
from andon.gaps.beliefs import Beliefs, Exchange
from andon.gaps.experiment import Part, Ran, Setting
from andon.gaps.failure import Failure
from andon.gaps.scale.overlap import most_at_once
from andon.gaps.words import Kind
from andon.production.gap.crowd import crowd
from andon.production.gap.databases import host_asked
from andon.production.gap.scale import ScaleDimension
from tests.fakes.crowded_app import crowded_app

TEST = WorldConfig(users=1, database="sqlite:test.db")
PROD = WorldConfig(users=300, database="postgresql://reader:canary@db.example.com/shop")
ROWS = {TEST.database: {"orders": 10}, PROD.database: {"orders": 50_000}}


def dimension(
    test: WorldConfig = TEST, prod: WorldConfig = PROD, allowed: tuple[str, ...] = ("db.example.com",)
) -> ScaleDimension:
    def counts(address: str) -> Mapping[str, int]:
        return ROWS[address]

    return ScaleDimension(
        GapConfig(), test, prod, Beliefs(), "", counts=counts, consent=lambda host: host in allowed
    )


USERS = Part(kind=Kind.SCALE, place=("users",), amount=64.0, least=1.0)


def test_it_sees_users_and_rows_and_says_that_users_are_capped() -> None:
    seen = dimension().observe(Beliefs(), Failure(path="/orders", status=503))
    assert [d.place for d in seen.differences] == [("users",), ("rows", "orders")]
    assert seen.problems == ("production has 300 users at once; experiments have 64 at most",)
    assert "canary" not in repr(seen)


def test_production_is_not_counted_without_consent() -> None:
    seen = dimension(allowed=()).observe(Beliefs(), Failure())
    assert [d.place for d in seen.differences] == [("users",)]
    assert "db.example.com was not asked for rows: give --i-own-this db.example.com" in seen.problems


def test_a_database_that_refuses_is_told() -> None:
    def refuses(_: str) -> Mapping[str, int]:
        raise Unavailable("the server refused")

    one = ScaleDimension(
        GapConfig(), TEST, WorldConfig(users=1, database="sqlite:p.db"), Beliefs(), "", counts=refuses
    )
    assert one.parts() == ()
    assert "rows of production were not counted: the server refused" in one.cannot()


def test_parts_are_quantities_that_are_not_split() -> None:
    parts = dimension().parts()
    assert [(p.place, p.amount) for p in parts] == [(("users",), 64.0), (("rows", "orders"), 50_000.0)]
    assert all(dimension().split(part) == () for part in parts)
    assert dimension().cannot() == ""


@pytest.mark.parametrize(("parts", "users"), [((USERS,), 64), ((), 1)])
def test_users_are_written_into_the_conditions(parts: tuple[Part, ...], users: int) -> None:
    setting = Setting("", {})
    with dimension().prepare(setting, parts):
        assert setting.conditions.users == users
    assert bool(setting.remarks) is bool(parts)


@pytest.mark.parametrize(("most", "holds"), [(64, True), (52, True), (20, False), (0, None)])
def test_a_flip_took_hold_when_most_were_under_way_at_once(most: int, holds: bool | None) -> None:
    held = dimension().took_hold((USERS,), Ran(most_at_once=most))
    assert held is not None
    assert held.holds is holds
    assert dimension().took_hold((), Ran(most_at_once=most)) is None


def test_a_real_crowd_takes_hold_and_a_ramp_gives_curves() -> None:
    quick = Exchange(method="GET", path="/quick")
    with crowded_app() as url:
        found = crowd(url, [quick], 64, 1, 20.0)
        held = dimension().took_hold((USERS,), Ran(most_at_once=most_at_once(found)))
        assert held is not None
        assert held.holds, held.told
    curved = dimension().curve("http://shop.example.com", [quick])
    assert "load_hosts" in curved.problem
    assert curved.curves == ()


def test_the_host_of_a_database_is_told_whatever_its_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROD_DB", "postgres://u:p@db.example.com:5433/shop")
    assert host_asked("$PROD_DB") == host_asked("${PROD_DB}") == "db.example.com"
    for form in ("jdbc:postgresql", "pgsql", "psql", "postgresql+psycopg"):
        assert host_asked(f"{form}://db.example.com/shop") == "db.example.com", form
    assert host_asked("postgresql:///shop?host=db.example.com") == "db.example.com"
    assert host_asked("postgresql://127.0.0.1,db.example.com/shop") == "db.example.com"
    assert host_asked("postgresql://127.example.com/shop") == "127.example.com"
    assert host_asked("postgresql:///?service=replica") == "replica"
    assert host_asked("sqlite:shop.db") == ""
    assert host_asked("postgresql:///shop?host=/run") == ""
    assert host_asked("postgresql://[bad") == ""


def test_what_libpq_takes_from_its_own_variables_is_asked_for_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example.com")
    assert host_asked("postgresql:///shop") == "db.example.com"
    assert host_asked("postgresql://localhost/shop") == ""
    monkeypatch.setenv("PGHOSTADDR", "192.0.2.7")
    assert host_asked("postgresql://localhost/shop") == "192.0.2.7"
    monkeypatch.delenv("PGHOSTADDR")
    monkeypatch.setenv("PGSERVICE", "replica")
    assert host_asked("postgresql://localhost/shop") == "replica"

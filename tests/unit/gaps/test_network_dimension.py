"""The network as one of the five kinds: what differs, what is flipped, and whether it took hold."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.config.model_gap import GapConfig, GapDependencyConfig, WorldConfig
from andon.errors import Unavailable
from andon.gaps.beliefs import Beliefs, Exchange
from andon.gaps.beliefs import TestBelief as Belief
from andon.gaps.experiment import Difference, Part, Ran, Setting
from andon.gaps.failure import Failure
from andon.gaps.words import Kind
from andon.production.gap.database_link import Link, link_of, relayed
from andon.production.gap.network import NetworkDimension
from andon.production.gap.network_profiles import PROFILES

TEST_DATABASE = "postgresql://shop:pw@127.0.0.1:5432/shop_test"
BROWSER = Part(kind=Kind.NETWORK, place=("browser",), amount=562.5)
DATABASE = Part(kind=Kind.NETWORK, place=("link", "database"), amount=100.0)
SERVICE = Part(kind=Kind.NETWORK, place=("link", "payments"), amount=700.0)
DELAY = Part(kind=Kind.NETWORK, place=("delay", "GET /search"), amount=1500.0)


def dimension(
    test: WorldConfig | None = None,
    prod: WorldConfig | None = None,
    *services: GapDependencyConfig,
    **more: Any,
) -> NetworkDimension:
    return NetworkDimension(GapConfig(), test or WorldConfig(), prod or WorldConfig(), services, "", **more)


def service(world: str, name: str = "payments", **more: Any) -> GapDependencyConfig:
    return GapDependencyConfig(world=world, name=name, variable="PAYMENTS_URL", **more)


def beliefs(*exchanges: Exchange) -> Beliefs:
    test = Belief(id="a", title="a", outcome="passed", exchanges=exchanges)
    return Beliefs(tests=(test,), base_url="http://localhost:3000")


def fetched(path: str, **more: Any) -> Exchange:
    return Exchange(method="GET", origin="http://127.0.0.1:3000", path=path, resource="fetch", **more)


# -- what can be flipped


def test_equal_networks_have_no_parts() -> None:
    assert dimension().parts() == ()
    assert dimension().cannot() == ""


def test_the_connection_of_browsers_is_a_part_with_its_latency() -> None:
    found = dimension(WorldConfig(network="fast-4g"), WorldConfig(network="slow-3g")).parts()
    assert found == (Part(kind=Kind.NETWORK, place=("browser",), amount=2000.0, least=165.0),)


def test_the_link_to_the_database_is_a_part_where_it_is_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DB", TEST_DATABASE)
    far = WorldConfig(database_latency=4.0)
    for address in (TEST_DATABASE, "$TEST_DB"):
        found = dimension(WorldConfig(database=address), far).parts()
        assert found == (Part(kind=Kind.NETWORK, place=("link", "database"), amount=4.0),)
    on_disk = dimension(WorldConfig(database="sqlite:test.db"), far)
    assert on_disk.parts() == ()
    assert "no PostgreSQL" in on_disk.cannot()


def test_a_link_to_a_service_is_a_part_where_it_differs() -> None:
    both = (service("test", latency=5.0), service("prod", latency=700.0))
    alone = (service("prod", "mail", latency=50.0), service("test", "maps"), service("prod", "maps"))
    found = dimension(None, None, *both, *alone).parts()
    assert found == (Part(kind=Kind.NETWORK, place=("link", "payments"), amount=700.0, least=5.0),)


def test_what_a_page_asks_for_while_it_is_used_can_come_late() -> None:
    seen = beliefs(
        fetched("/search?q=a"),
        fetched("/search?q=ab"),
        fetched("/orders/12"),
        fetched("/mocked", is_mocked=True),
        Exchange(method="GET", origin="https://cdn.example.com", path="/x", resource="fetch"),
        Exchange(method="GET", origin="http://localhost:3000", path="/page", resource="document"),
    )
    places = [part.place for part in dimension(beliefs=seen).parts()]
    assert places == [("delay", "GET /search"), ("delay", "GET /orders/{}")]
    assert dimension().split(DELAY) == ()


# -- what is seen without an experiment


def looked(
    failure: Failure, test: WorldConfig, prod: WorldConfig, *services: Any, **more: Any
) -> list[Difference]:
    return list(
        dimension(test, prod, *services, **more)
        .observe(beliefs(fetched("/a", seconds=0.04)), failure)
        .differences
    )


WEIGHTS = [
    ("KeyError: 'STORE_TZ'", {("browser",): 2, ("link", "database"): 1, ("link", "payments"): 1}),
    ("AbortError: signal is aborted", {("browser",): 4, ("link", "database"): 3, ("link", "payments"): 2}),
    ("payments: read timed out", {("browser",): 2, ("link", "database"): 3, ("link", "payments"): 5}),
    ("PaymentError: deadline exceeded", {("browser",): 2, ("link", "database"): 3, ("link", "payments"): 4}),
    ("payments refused the card", {("browser",): 2, ("link", "database"): 1, ("link", "payments"): 3}),
]


@pytest.mark.parametrize(("text", "weights"), WEIGHTS, ids=[text for text, _ in WEIGHTS])
def test_how_much_a_difference_weighs(text: str, weights: dict[tuple[str, ...], int]) -> None:
    found = looked(
        Failure(path="/checkout", text=text),
        WorldConfig(),
        WorldConfig(network="fast-3g", database_latency=40.0),
        service("test"),
        service("prod", latency=300.0),
    )
    assert {one.place: one.weight for one in found} == weights


def test_a_host_that_nobody_owns_is_not_asked() -> None:
    prod = WorldConfig(url="https://shop.example.com")
    seen = dimension(None, prod, service("prod", url="https://pay.example.com")).observe(Beliefs(), Failure())
    assert seen.problems == (
        "pay.example.com was not asked: give --i-own-this pay.example.com",
        "shop.example.com was not asked: give --i-own-this shop.example.com",
    )
    assert (seen.requests, seen.differences) == (0, ())


def test_connecting_to_a_host_that_may_be_asked_is_timed_a_few_times() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        seen = dimension(None, WorldConfig(url=url)).observe(Beliefs(), Failure())
    assert (seen.requests, seen.problems) == (3, ())
    assert "3 connections were timed" in seen.looked


def test_a_host_that_does_not_answer_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
    seen = dimension(None, WorldConfig(url=url)).observe(Beliefs(), Failure())
    assert seen.problems[0].startswith("127.0.0.1 could not be reached")


# -- flipping


def test_the_conditions_are_those_of_the_tests_without_a_part_and_of_production_with_it() -> None:
    own = dimension(WorldConfig(network="fast-4g"), WorldConfig(network="fast-3g"))
    setting = Setting("", {})
    with own.prepare(setting, ()):
        assert (setting.conditions.latency, setting.conditions.up) == (165.0, 168_750.0)
    setting = Setting("", {})
    with own.prepare(setting, (BROWSER, DELAY, Part(kind=Kind.SCALE, place=("users",), amount=9))):
        assert (setting.conditions.latency, setting.conditions.down) == (562.5, 180_000.0)
        assert setting.conditions.delays == (("GET /search", 1500.0),)
    setting = Setting("", {})
    with own.prepare(setting, (Part(kind=Kind.NETWORK, place=("browser",), amount=300.0),)):
        assert setting.conditions.latency == 300.0


def test_a_relay_takes_the_databases_place_while_the_world_lasts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with server.accept()[0] as connection:
                connection.sendall(b"hello")

        answering = threading.Thread(target=answer)
        answering.start()
        port = server.getsockname()[1]
        before = f"postgresql://shop:pw@127.0.0.1:{port}/copy?sslmode=disable"
        own = dimension(WorldConfig(database=TEST_DATABASE), WorldConfig(database_latency=100.0))
        setting = Setting("", {"DATABASE_URL": before})
        with own.prepare(setting, (DATABASE,)):
            link = link_of(setting.variables["DATABASE_URL"])
            assert link is not None
            assert link.port != port
            held = own.took_hold((DATABASE,), Ran())
            assert held is not None
            assert (held.holds, "ignores DATABASE_URL, or the journey does not use it" in held.told) == (
                False,
                True,
            )
            with socket.create_connection((link.host, link.port), 5) as client:
                assert client.recv(5) == b"hello"
        answering.join()
        held = own.took_hold((DATABASE,), Ran())
        assert held is not None
        assert held.holds is True
    with pytest.raises(ConnectionError), socket.create_connection((link.host, link.port), 2):
        pass


def test_a_variable_without_a_database_cannot_be_slowed_down() -> None:
    own = dimension(WorldConfig(database=TEST_DATABASE), WorldConfig(database_latency=100.0))
    with pytest.raises(Unavailable, match="DATABASE_URL"), own.prepare(Setting("", {}), (DATABASE,)):
        pass


HELD = [
    (BROWSER, Ran(fastest_document=0.57), True),
    (BROWSER, Ran(fastest_document=0.02), False),
    (BROWSER, Ran(exchanges=(fetched("/", status=200, seconds=0.6),)), True),
    (BROWSER, Ran(exchanges=(fetched("/", status=200, seconds=0.01),)), False),
    (BROWSER, Ran(), None),
    (SERVICE, Ran(exchanges=(fetched("/", status=500, seconds=0.7),)), True),
    (SERVICE, Ran(exchanges=(fetched("/", status=200, seconds=0.1),)), None),
    (DELAY, Ran(exchanges=(fetched("/search?q=a", status=200, seconds=1.5),)), True),
    (DELAY, Ran(exchanges=(fetched("/search?q=a", status=200, seconds=0.1),)), False),
    (DELAY, Ran(exchanges=(fetched("/other", status=200, seconds=9.0),)), False),
]


@pytest.mark.parametrize(("part", "ran", "holds"), HELD)
def test_whether_a_flip_took_hold(part: Part, ran: Ran, holds: bool | None) -> None:
    held = dimension().took_hold((part,), ran)
    assert held is not None
    assert (held.holds, bool(held.told)) == (holds, True)


def test_one_part_that_did_not_take_hold_is_enough_and_no_part_says_nothing() -> None:
    ran = Ran(fastest_document=0.6)
    held = dimension().took_hold((BROWSER, SERVICE, DELAY), ran)
    assert held is not None
    assert held.holds is False
    assert dimension().took_hold((Part(kind=Kind.DATA, place=("orders",)),), ran) is None


def test_names_that_promise_more_are_faster() -> None:
    order = ["slow-3g", "fast-3g", "fast-4g"]
    assert [PROFILES[name].latency for name in order] == sorted(
        (PROFILES[n].latency for n in order), reverse=True
    )
    assert PROFILES["slow-4g"].latency == PROFILES["fast-3g"].latency


# -- addresses of databases

ADDRESSES = [
    ("postgresql://u:p%40@db.example.com/shop", Link(host="db.example.com", port=5432)),
    ("postgresql+psycopg://db:6432/shop?sslmode=require", Link(host="db", port=6432)),
    ("jdbc:postgresql://db:5433/shop", Link(host="db", port=5433)),
    ("postgres:///shop?host=/var/run/postgresql&port=5433", Link(host="/var/run/postgresql", port=5433)),
    ("postgresql://[::1]:5432/shop", Link(host="::1", port=5432)),
    ("host=db port=6432 dbname=shop password='a b'", Link(host="db", port=6432)),
    ("dbname=shop", Link(host="localhost", port=5432)),
    ("postgresql://one:5432,two:5432/shop", None),
    ("sqlite:///shop.db", None),
    ("mysql://db/shop", None),
    ("", None),
]


@pytest.mark.parametrize(("address", "link"), ADDRESSES, ids=[address for address, _ in ADDRESSES])
def test_where_a_database_is_and_that_a_relay_can_take_its_place(address: str, link: Link | None) -> None:
    assert link_of(address) == link
    moved = relayed(address, "127.0.0.1", 7777)
    assert link_of(moved) == (Link(host="127.0.0.1", port=7777) if link else None)
    for kept in ("p%40", "sslmode=require", "password='a b'", "dbname=shop", "/shop"):
        assert (kept in moved) == (kept in address)


@given(st.text())
def test_no_address_breaks_it(address: str) -> None:
    link_of(address)
    relayed(address, "127.0.0.1", 1)


def test_endpoints_beyond_those_that_are_tried_are_told() -> None:
    many = beliefs(*(fetched(f"/api/{chr(97 + n)}") for n in range(13)))
    ours = dimension(beliefs=many)
    assert len([p for p in ours.parts() if p.place[0] == "delay"]) == 8
    told = "not held back, one at a time: GET /api/i, GET /api/j, GET /api/k and 2 more"
    assert told in ours.observe(many, Failure(path="/", status=500)).problems
    few = beliefs(fetched("/api/a"))
    assert dimension(beliefs=few).observe(few, Failure(path="/", status=500)).problems == ()

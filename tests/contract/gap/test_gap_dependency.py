"""Outside services as a dimension: answered for as in either world, taken apart to a field, checked."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from andon.config.model_gap import GapConfig, GapDependencyConfig
from andon.errors import Unavailable
from andon.gaps.beliefs import Beliefs
from andon.gaps.experiment import Part, Ran, Setting
from andon.gaps.failure import Failure
from andon.gaps.words import Kind
from andon.production.gap.dependency import DependencyDimension
from andon.secrets.service import ServiceRedactor

TEST = [{"ask": "GET /rates?base=EUR", "json": {"amount": 12, "currency": "EUR", "items": [{"price": 1}]}}]
PROD = [
    {
        "ask": "GET /rates?base=EUR",
        "status": 200,
        "headers": {"API-Version": "2026-01-01"},
        "json": {"amount": {"value": 12}, "currency": "EUR", "items": [{"price": 2}], "extra": 1},
    }
]


def config(world: str, **given: Any) -> GapDependencyConfig:
    return GapDependencyConfig(world=world, name="payments", variable="PAYMENTS_URL", **given)


def dimension(root: Path, test: Any = TEST, production: Any = PROD, **given: Any) -> DependencyDimension:
    (root / "test.json").write_text(json.dumps({"answers": test}))
    (root / "prod.json").write_text(json.dumps({"answers": production}))
    both = (config("test", recording="test.json"), config("prod", recording="prod.json"))
    return DependencyDimension(
        GapConfig(), given.pop("dependencies", both), str(root), ServiceRedactor("", (), str), **given
    )


def setting(root: Path, **variables: str) -> Setting:
    return Setting(str(root), variables)


def ask(url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def part(*place: str) -> Part:
    return Part(kind=Kind.DEPENDENCY, place=place)


def asked(one: DependencyDimension, root: Path, *parts: Part, path: str = "/rates?base=EUR") -> Any:
    world = setting(root, PAYMENTS_URL="https://sandbox.example")
    with one.prepare(world, parts):
        status, _, body = ask(world.variables["PAYMENTS_URL"] + path)
    assert status == 200
    return json.loads(body)


def test_without_parts_it_answers_as_in_the_tests(tmp_path: Path) -> None:
    assert asked(dimension(tmp_path), tmp_path) == TEST[0]["json"]


def test_a_service_is_taken_apart_to_the_field_and_each_is_answered(tmp_path: Path) -> None:
    one = dimension(tmp_path)
    (whole,) = one.parts()
    assert whole == part("payments")
    assert asked(one, tmp_path, whole) == PROD[0]["json"]
    (endpoint,) = one.split(whole)
    assert endpoint == part("payments", "GET /rates")
    assert asked(one, tmp_path, endpoint) == PROD[0]["json"]
    places = {p.place[2] for p in one.split(endpoint)}
    assert places == {"header api-version", "$.amount", "$.items[*].price", "$.extra"}
    amount = part("payments", "GET /rates", "$.amount")
    mixed = asked(one, tmp_path, amount)
    assert mixed == {"amount": {"value": 12}, "currency": "EUR", "items": [{"price": 1}]}
    assert one.split(amount) == ()
    assert asked(one, tmp_path, *one.split(endpoint)) == PROD[0]["json"]


def test_a_flip_holds_only_when_the_application_asked(tmp_path: Path) -> None:
    one = dimension(tmp_path)
    world = setting(tmp_path)
    with one.prepare(world, [part("payments")]):
        pass
    held = one.took_hold([part("payments")], Ran())
    assert held is not None
    assert held.holds is False
    assert "did not ask payments at all" in held.told
    assert "PAYMENTS_URL" in held.told
    world = setting(tmp_path)
    with one.prepare(world, [part("payments")]):
        ask(world.variables["PAYMENTS_URL"] + "/rates?base=EUR")
        within = one.took_hold([part("payments")], Ran())
        assert within is not None
        assert within.holds is True
    held = one.took_hold([part("payments")], Ran())
    assert held is not None
    assert held.holds is True
    assert one.took_hold([], Ran()) is None
    other = one.took_hold([part("payments")], Ran(environment=(("PAYMENTS_URL", "http://elsewhere"),)))
    assert other is not None
    assert other.holds is False


def test_what_is_not_recorded_is_told_to_the_application_and_in_the_check(tmp_path: Path) -> None:
    one = dimension(tmp_path)
    world = setting(tmp_path)
    with one.prepare(world, [part("payments")]):
        status, _, body = ask(world.variables["PAYMENTS_URL"] + "/refunds", "POST", b"{}")
    assert status == 502
    assert b"nothing is recorded of POST /refunds" in body
    held = one.took_hold([part("payments")], Ran())
    assert held is not None
    assert held.holds is False
    assert "nothing is recorded of POST /refunds" in held.told


def test_an_observation_names_the_field_and_never_a_value(tmp_path: Path) -> None:
    canary = "canary-value-4711"
    production = [{**PROD[0], "json": {**PROD[0]["json"], "amount": {"value": canary}, "note": canary}}]  # type: ignore[dict-item]
    one = dimension(tmp_path, production=production)
    failure = Failure(path="/checkout", status=500, text="TypeError: unsupported operand: 'dict' and 'int'")
    seen = one.observe(Beliefs(), failure)
    assert seen.differences[0].place == ("payments", "GET /rates", "$.amount")
    assert seen.differences[0].weight == 4
    assert all(other.weight < 4 for other in seen.differences[1:])
    assert canary not in repr(seen)
    assert not seen.problems


def test_a_service_of_the_tests_alone_cannot_be_flipped(tmp_path: Path) -> None:
    one = dimension(tmp_path, dependencies=())
    assert (one.parts(), one.cannot()) == ((), "")
    one = dimension(tmp_path, dependencies=(config("test", recording="test.json"),))
    assert one.parts() == ()
    assert "[[gap.prod.dependency]]" in one.cannot()
    with pytest.raises(Unavailable), one.prepare(setting(tmp_path), [part("payments")]):
        pass


def test_a_service_of_production_alone_is_left_alone_until_it_is_flipped(tmp_path: Path) -> None:
    one = dimension(tmp_path, dependencies=(config("prod", recording="prod.json"),))
    one._known = None
    world = setting(tmp_path)
    with one.prepare(world, ()):
        assert "PAYMENTS_URL" not in world.variables
    assert one.parts() == (part("payments"),)
    world = setting(tmp_path)
    dimension(tmp_path)
    with one.prepare(world, one.parts()):
        assert json.loads(ask(world.variables["PAYMENTS_URL"] + "/rates?base=EUR")[2]) == PROD[0]["json"]


def test_a_slow_link_holds_answers_back(tmp_path: Path) -> None:
    import time

    one = dimension(tmp_path)
    world = setting(tmp_path)
    with one.prepare(world, [Part(kind=Kind.NETWORK, place=("link", "payments"), amount=200)]):
        began = time.monotonic()
        ask(world.variables["PAYMENTS_URL"] + "/rates?base=EUR")
        assert time.monotonic() - began >= 0.2


def test_after_a_replay_nothing_listens(tmp_path: Path) -> None:
    one = dimension(tmp_path)
    world = setting(tmp_path)
    with pytest.raises(KeyboardInterrupt), one.prepare(world, ()):
        address = world.variables["PAYMENTS_URL"]
        ask(address + "/rates")
        raise KeyboardInterrupt
    port = int(address.rsplit(":", 1)[1])
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1)

"""The switchboard before real services: passed through, only read, blended; broken connections; addresses."""

from __future__ import annotations

import http.client
import json
import logging
import time
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
from tests.integration.gap.upstreams import as_json, upstream

WHOLE = Part(kind=Kind.DEPENDENCY, place=("payments",))
FAILURE = Failure(path="/checkout", status=500)


def dimension(
    root: Path, *, test: str | list[Any], production: str | list[Any], consent: Any = lambda host: True
) -> DependencyDimension:
    found = []
    for world, given in (("test", test), ("prod", production)):
        if isinstance(given, str):
            one = {"url": given}
        else:
            (root / f"{world}.json").write_text(json.dumps({"answers": given}))
            one = {"recording": f"{world}.json"}
        found.append(GapDependencyConfig(world=world, name="payments", variable="PAYMENTS_URL", **one))
    return DependencyDimension(GapConfig(), found, str(root), ServiceRedactor("", (), str), consent=consent)


def ask(
    url: str, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    host, _, base = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        connection.request(method, (f"/{base}" if base else "") + path, body, headers)
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_the_tests_live_service_gets_everything_as_it_was_sent(tmp_path: Path) -> None:
    answers = {"POST /v1/pay?x=1": as_json({"ok": 1}, 201, **{"X-Own": "a"})}
    with upstream(answers) as live:
        one = dimension(tmp_path, test=f"{live.url}/v1", production=[{"ask": "GET /rates", "json": 1}])
        world = Setting(str(tmp_path), {"PAYMENTS_URL": f"{live.url}/v1"})
        with one.prepare(world, ()):
            assert world.variables["PAYMENTS_URL"].endswith("/v1")
            status, headers, body = ask(
                world.variables["PAYMENTS_URL"], "/pay?x=1", "POST", b"abc", Authorization="Bearer t"
            )
        assert (status, headers["x-own"], json.loads(body)) == (201, "a", {"ok": 1})
        ((asked, sent_headers, sent),) = live.asked
        assert (asked, sent_headers["authorization"], sent) == ("POST /v1/pay?x=1", "Bearer t", b"abc")


def test_production_is_only_read_and_the_same_thing_once(tmp_path: Path) -> None:
    answers = {"GET /rates": as_json({"amount": {"v": 1}})}
    with upstream(answers) as live:
        recorded = [{"ask": "GET /rates", "json": {"amount": 1}}, {"ask": "POST /pay", "json": {"ok": 1}}]
        one = dimension(tmp_path, test=recorded, production=live.url)
        seen = one.observe(Beliefs(), Failure(path="/rate", status=500))
        assert seen.requests == 1
        assert seen.differences[0].place == ("payments", "GET /rates", "$.amount")
        (endpoint,) = one.split(WHOLE)
        amount = Part(kind=Kind.DEPENDENCY, place=(*endpoint.place, "$.amount"))
        assert amount in one.split(endpoint)
        world = Setting(str(tmp_path), {})
        for _ in range(3):
            with one.prepare(world, [WHOLE]):
                address = world.variables["PAYMENTS_URL"]
                assert json.loads(ask(address, "/rates")[2]) == {"amount": {"v": 1}}
                assert json.loads(ask(address, "/pay", "POST", b"{}")[2]) == {"ok": 1}  # as in the tests
        assert [asked for asked, _, _ in live.asked] == ["GET /rates"]
        only_pay = one.took_hold([Part(kind=Kind.DEPENDENCY, place=("payments", "POST /pay"))], Ran())
        assert only_pay is not None
        assert only_pay.holds is False
        assert "POST is not sent to production" in only_pay.told


def test_production_is_not_asked_without_consent(tmp_path: Path) -> None:
    with upstream({}) as live:
        recorded = [{"ask": "GET /rates", "json": 1}]
        one = dimension(tmp_path, test=recorded, production=live.url, consent=lambda host: False)
        seen = one.observe(Beliefs(), FAILURE)
        assert seen.problems == ("127.0.0.1 was not asked: give --i-own-this 127.0.0.1",)
        assert one.parts() == ()
        assert "--i-own-this" in one.cannot()
        with pytest.raises(Unavailable, match="i-own-this"), one.prepare(Setting("", {}), [WHOLE]):
            pass
        assert live.asked == []


def test_a_production_that_cannot_be_reached_is_no_answer_of_production(tmp_path: Path) -> None:
    with upstream({}) as live:
        url = live.url
    one = dimension(tmp_path, test=[{"ask": "GET /rates", "json": 1}], production=url)
    seen = one.observe(Beliefs(), FAILURE)
    assert seen.differences == ()
    assert "could not be asked from this machine: no connection" in seen.problems[0]
    world = Setting(str(tmp_path), {})
    with one.prepare(world, [WHOLE]):
        assert ask(world.variables["PAYMENTS_URL"], "/rates")[2] == b"1"
    held = one.took_hold([WHOLE], Ran())
    assert held is not None
    assert held.holds is False
    assert "no connection" in held.told


@pytest.mark.parametrize("problem", ["reset", "refused", "cut"])
def test_a_connection_that_breaks_off_is_broken_off(tmp_path: Path, problem: str) -> None:
    recorded = [{"ask": "GET /rates", "text": "hello", "problem": problem}]
    one = dimension(tmp_path, test=[{"ask": "GET /rates", "text": "hello"}], production=recorded)
    world = Setting(str(tmp_path), {})
    with one.prepare(world, [WHOLE]), pytest.raises((ConnectionError, http.client.HTTPException)):
        ask(world.variables["PAYMENTS_URL"], "/rates")
    assert one.split(WHOLE)[0].place == ("payments", "GET /rates")
    assert one.split(one.split(WHOLE)[0]) == ()


def test_an_answer_that_never_comes_is_given_up_with_the_world(tmp_path: Path) -> None:
    recorded = [{"ask": "GET /rates", "problem": "timeout"}]
    one = dimension(tmp_path, test=[{"ask": "GET /rates", "text": "hello"}], production=recorded)
    world = Setting(str(tmp_path), {})
    began = time.monotonic()
    with one.prepare(world, [WHOLE]):
        host = world.variables["PAYMENTS_URL"].removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=0.3)
        connection.request("GET", "/rates")
        with pytest.raises(TimeoutError):
            connection.getresponse()
        connection.close()
    assert time.monotonic() - began < 30


def test_answers_come_in_turn_and_begin_anew_with_each_world(tmp_path: Path) -> None:
    turns = [{"ask": "GET /job", "text": "pending"}, {"ask": "GET /job", "text": "done"}]
    one = dimension(tmp_path, test=turns, production=[{"ask": "GET /job", "text": "pending"}])
    for parts, wanted in (
        ((), [b"pending", b"done", b"done"]),
        ((WHOLE,), [b"pending"] * 3),
        ((), [b"pending"]),
    ):
        world = Setting(str(tmp_path), {})
        with one.prepare(world, parts):
            assert [ask(world.variables["PAYMENTS_URL"], "/job")[2] for _ in wanted] == wanted


def test_the_services_own_addresses_lead_back_to_the_switchboard(tmp_path: Path) -> None:
    recorded = [
        {
            "ask": "GET https://api.pay.example/v2/a",
            "status": 302,
            "headers": {"Location": "https://api.pay.example/v2/b"},
        },
        {
            "ask": "GET https://api.pay.example/v2/b",
            "json": {"next": "https://api.pay.example/v2/b?page=2", "other": "https://elsewhere.example/"},
            "headers": {"Link": '<https://api.pay.example/v2/b?page=2>; rel="next"'},
        },
        {"ask": "GET https://api.pay.example/v2/lib.js", "text": "go('https://api.pay.example/v2')"},
    ]
    one = dimension(tmp_path, test=recorded, production=recorded)
    world = Setting(str(tmp_path), {"PAYMENTS_URL": "https://api.pay.example/v2/"})
    with one.prepare(world, ()):
        own = world.variables["PAYMENTS_URL"]
        assert own.endswith("/v2/")
        own = own.rstrip("/")
        assert ask(own, "/a")[1]["location"] == f"{own}/b"
        _, headers, body = ask(own, "/b")
        assert headers["link"] == f'<{own}/b?page=2>; rel="next"'
        assert json.loads(body) == {"next": f"{own}/b?page=2", "other": "https://elsewhere.example/"}
        assert ask(own, "/lib.js")[2] == b"go('https://api.pay.example/v2')"
    assert one.parts() == ()


def test_several_services_have_a_port_each_and_are_flipped_apart(tmp_path: Path) -> None:
    found = []
    for world in ("test", "prod"):
        for name in ("payments", "mail"):
            path = f"{world}-{name}.json"
            (tmp_path / path).write_text(
                json.dumps({"answers": [{"ask": "GET /who", "text": f"{world} {name}"}]})
            )
            found.append(
                GapDependencyConfig(world=world, name=name, variable=f"{name.upper()}_URL", recording=path)
            )
    one = DependencyDimension(GapConfig(), found, str(tmp_path), ServiceRedactor("", (), str))
    assert [part.place for part in one.parts()] == [("payments",), ("mail",)]
    world = Setting(str(tmp_path), {"MAIL_URL": "localhost:1"})
    with one.prepare(world, [WHOLE]):
        assert ask(world.variables["PAYMENTS_URL"], "/who")[2] == b"prod payments"
        assert "://" not in world.variables["MAIL_URL"]
        assert ask(f"http://{world.variables['MAIL_URL']}", "/who")[2] == b"test mail"


def test_nothing_that_is_secret_is_told_logged_or_raised(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    canaries = [f"sk_live_{n}canaryCANARY{n}" for n in range(12)]
    test = [{"ask": f"GET /rates?key={canaries[0]}", "json": {"token": canaries[1], "amount": 1}}]
    production = [
        {
            "ask": f"GET /rates?key={canaries[2]}",
            "json": {"token": {"v": canaries[3]}, "amount": canaries[4], canaries[5]: 1},
            "headers": {"Set-Cookie": f"s={canaries[6]}", "X-Token": canaries[7], "API-Version": canaries[8]},
        },
        {"ask": "GET /broken", "status": canaries[9]},
        {"ask": f"FETCH /{canaries[10]}", "text": canaries[11]},
    ]
    one = dimension(tmp_path, test=test, production=production)
    seen = one.observe(Beliefs(), FAILURE)
    world = Setting(str(tmp_path), {})
    parts = one.parts()
    finer = [p for part in parts for p in one.split(part)]
    finest = [p for part in finer for p in one.split(part)]
    with one.prepare(world, finest):
        url = world.variables["PAYMENTS_URL"]
        ask(url, f"/rates?key={canaries[0]}", Authorization=f"Bearer {canaries[1]}", Cookie=canaries[2])
        refused = ask(url, f"/x?token={canaries[3]}", "POST", canaries[4].encode())
    told = repr((seen, parts, finer, finest, one.took_hold(finest, Ran()), world.remarks, refused[2]))
    out = capsys.readouterr()
    for text in (told, caplog.text, out.out, out.err):
        assert not [canary for canary in canaries if canary in text]
    assert len(seen.problems) == 2

"""OFREP over loopback: what is evaluated, cached, notified and refused; and its official Python client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from andon.server.flag_access import Access
from tests.flag_server import Running, running_server, switch

COUNTRY = {"if": [{"in": [{"var": "country"}, ["CH", "AT"]]}, "on", None]}
FLAGS: dict[str, Any] = {
    "static": switch(metadata={"owner": "shop", "expires": "2027-01-01"}),
    "rules": switch(defaultVariant="off", targeting=COUNTRY),
    "share": switch(targeting={"fractional": [["on", 50], ["off", 50]]}),
    "disabled": switch(state="DISABLED"),
    "none": switch(defaultVariant=None),
    "broken": switch(targeting={"no_such_operator": [1]}),
    "text": {"state": "ENABLED", "variants": {"a": "x", "b": "é\n"}, "defaultVariant": "b"},
    "whole": {"state": "ENABLED", "variants": {"a": 7}, "defaultVariant": "a"},
    "number": {"state": "ENABLED", "variants": {"a": 1.0, "b": 2}, "defaultVariant": "a"},
    "object": {"state": "ENABLED", "variants": {"a": {"k": [1, None]}}, "defaultVariant": "a"},
    "a/b %41\n": switch(),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_server(tmp_path_factory.mktemp("ofrep"), FLAGS) as running:
        yield running


def single(server: Running, key: str, context: dict[str, Any] | None = None) -> tuple[int, Any]:
    body = {"context": {"targetingKey": "mina", **(context or {})}}
    return server.ask("POST", f"/ofrep/v1/evaluate/flags/{key}", body)[:2]


@pytest.mark.parametrize(
    ("key", "context", "wanted"),
    [
        ("static", {}, {"value": True, "variant": "on", "reason": "STATIC"}),
        ("rules", {"country": "CH"}, {"value": True, "variant": "on", "reason": "TARGETING_MATCH"}),
        ("rules", {"country": "DE"}, {"value": False, "variant": "off", "reason": "DEFAULT"}),
        ("text", {}, {"value": "é\n", "variant": "b", "reason": "STATIC"}),
        ("whole", {}, {"value": 7, "variant": "a", "reason": "STATIC"}),
        ("number", {}, {"value": 1.0, "variant": "a", "reason": "STATIC"}),
        ("object", {}, {"value": {"k": [1, None]}, "variant": "a", "reason": "STATIC"}),
        ("a%2Fb%20%2541%0A", {}, {"value": True, "variant": "on", "reason": "STATIC"}),
    ],
)
def test_one_flag(server: Running, key: str, context: dict[str, Any], wanted: dict[str, Any]) -> None:
    status, answer = single(server, key, context)
    assert status == 200
    assert {name: answer[name] for name in wanted} == wanted
    assert type(answer["value"]) is type(wanted["value"])


def test_metadata_come_along(server: Running) -> None:
    assert single(server, "static")[1]["metadata"] == {"owner": "shop", "expires": "2027-01-01"}


@pytest.mark.parametrize(("key", "reason"), [("disabled", "DISABLED"), ("none", "DEFAULT")])
def test_where_the_code_decides_there_is_no_value(server: Running, key: str, reason: str) -> None:
    status, answer = single(server, key)
    assert (status, answer["reason"]) == (200, reason)
    assert "value" not in answer and "variant" not in answer


def test_a_flag_that_is_not_there_and_one_that_is_broken(server: Running) -> None:
    status, answer = single(server, "nope%0A")
    assert (status, answer["key"], answer["errorCode"]) == (404, "nope\n", "FLAG_NOT_FOUND")
    status, answer = single(server, "broken")
    assert (status, answer["errorCode"]) == (400, "PARSE_ERROR")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "PARSE_ERROR"),
        (b"{", 400, "PARSE_ERROR"),
        (b'{"context": NaN}', 400, "PARSE_ERROR"),
        (b"[" * 100_000, 400, "PARSE_ERROR"),
        (b"[]", 400, "INVALID_CONTEXT"),
        (b'{"context": []}', 400, "INVALID_CONTEXT"),
        (b'{"context": null}', 400, "INVALID_CONTEXT"),
        (b'{"context": {"targetingKey": 7}}', 400, "INVALID_CONTEXT"),
        (b'{"context": {"x": ' + b"[" * 80 + b"]" * 80 + b"}}", 400, "GENERAL"),
        (b'{"context": {"x": "' + b"x" * (1 << 20) + b'"}}', 413, "GENERAL"),
    ],
)
@pytest.mark.parametrize("path", ["/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags/static"])
def test_a_bad_request_says_what_is_wrong(
    server: Running, path: str, body: bytes, status: int, code: str
) -> None:
    got, answer, _ = server.ask("POST", path, body)
    assert (got, answer["errorCode"]) == (status, code)
    assert answer.get("key") == ("static" if path.endswith("static") else None)


def test_another_type_of_content_or_method_is_refused(server: Running) -> None:
    path = "/ofrep/v1/evaluate/flags/static"
    assert server.ask("POST", path, b"{}", Content_Type="text/plain")[0] == 400
    assert server.ask("GET", path)[0] == 405


def test_a_flag_that_needs_no_targeting_key_is_evaluated_without_one(server: Running) -> None:
    for body in ({}, {"context": {}}):
        assert server.ask("POST", "/ofrep/v1/evaluate/flags/static", body)[1]["value"] is True


def test_hostile_strings_in_a_context_change_nothing(server: Running) -> None:
    hostile = {"country": "\ud800\x00\x1b[31m", "__class__": {}, "targetingKey": "\ud800"}
    status, answer, _ = server.ask("POST", "/ofrep/v1/evaluate/flags/rules", {"context": hostile})
    assert (status, answer["value"]) == (200, False)
    assert server.ask("POST", "/ofrep/v1/evaluate/flags/share", {"context": hostile})[0] in (200, 400)


# ---- all of them


def test_all_flags_at_once_and_not_again_while_nothing_changed(tmp_path: Path) -> None:
    with running_server(tmp_path, FLAGS) as server:
        path, body = "/ofrep/v1/evaluate/flags", {"context": {"targetingKey": "mina", "country": "CH"}}
        status, answer, headers = server.ask("POST", path, body)
        assert status == 200
        by_key = {flag["key"]: flag for flag in answer["flags"]}
        assert set(by_key) == set(FLAGS)
        assert by_key["rules"]["value"] is True
        assert by_key["broken"]["errorCode"] == "PARSE_ERROR"
        tag = headers["etag"]
        assert server.ask("POST", path, body, If_None_Match=tag)[0] == 304
        assert server.ask("POST", path, body, If_None_Match=f'W/{tag}, "x"')[0] == 304
        other = {"context": {"targetingKey": "noor", "country": "CH"}}
        assert server.ask("POST", path, other, If_None_Match=tag)[0] == 200, "another context"
        server.put("static")
        again = server.ask("POST", path, body, If_None_Match=tag)
        assert again[0] == 200
        assert {flag["key"]: flag for flag in again[1]["flags"]}["static"]["value"] is False


def test_rules_that_read_the_clock_are_not_cached_by_the_version(tmp_path: Path) -> None:
    soon = {"if": [{">": [{"var": "$flagd.timestamp"}, 1]}, "on", "off"]}
    with running_server(tmp_path, {"timed": switch(targeting=soon)}) as server:
        body = {"context": {"targetingKey": "mina"}}
        first = server.ask("POST", "/ofrep/v1/evaluate/flags", body)[2]["etag"]
        assert server.ask("POST", "/ofrep/v1/evaluate/flags", body, If_None_Match=first)[0] == 304


def test_who_listens_is_told_to_ask_again(tmp_path: Path) -> None:
    access = Access(admin="admin-of-this-test", read="read-of-this-test")
    with running_server(tmp_path, FLAGS, access=access) as server:
        header = {"Authorization": f"Bearer {access.read}"}
        answer = server.ask("POST", "/ofrep/v1/evaluate/flags", {"context": {}}, **header)[1]
        (where,) = answer["eventStreams"]
        assert where["type"] == "sse"
        assert server.ask("GET", "/ofrep/v1/events")[0] == 401
        assert server.ask("GET", "/ofrep/v1/events?ticket=wrong")[0] == 401
        path = where["endpoint"]["requestUri"]
        assert access.read not in path and access.admin not in path
        with server.stream(path=path) as events:
            override = {"flag": "static", "layer": "kill", "variant": "off", "operation": "o"}
            put = server.ask("PUT", "/flags/v1/overrides", override, Authorization=f"Bearer {access.admin}")[
                1
            ]
            told = events.next("message")
        assert told.data["type"] == "refetchEvaluation"
        assert told.data["etag"] == told.number == str(put["version"])
        with server.stream(path=path, Last_Event_ID="1") as events:
            assert events.next().data["type"] == "refetchEvaluation", "one was missed"


def test_pages_of_a_named_origin_may_evaluate(tmp_path: Path) -> None:
    with running_server(tmp_path, FLAGS, origins=("https://shop.example",)) as server:
        path, body = "/ofrep/v1/evaluate/flags", {"context": {}}
        allowed = server.ask("POST", path, body, Origin="https://shop.example")[2]
        assert allowed["access-control-allow-origin"] == "https://shop.example"
        assert allowed["access-control-expose-headers"].lower() == "etag"
        assert (
            "access-control-allow-origin" not in server.ask("POST", path, body, Origin="https://x.example")[2]
        )
        wanted = {"Access_Control_Request_Method": "PUT", "Origin": "https://shop.example"}
        assert server.ask("OPTIONS", "/flags/v1/overrides", **wanted)[0] == 400, "none may switch"


def test_what_is_asked_here_is_counted(tmp_path: Path) -> None:
    with running_server(tmp_path, FLAGS) as server:
        for _ in range(3):
            single(server, "static")
        single(server, "disabled")
        counts = server.ask("GET", "/flags/v1/usage")[1]["counts"]
        assert counts["static"]["on"][0] == 3
        assert counts["disabled"][""][0] == 1


# ---- the official client


def test_the_official_client_evaluates_every_type(server: Running) -> None:
    provider = pytest.importorskip("openfeature.contrib.provider.ofrep").OFREPProvider(server.address)
    from openfeature.evaluation_context import EvaluationContext
    from openfeature.exception import FlagNotFoundError, ParseError, TypeMismatchError

    mina = EvaluationContext("mina", {"country": "CH"})
    try:
        assert provider.resolve_boolean_details("static", False).value is True
        assert provider.resolve_boolean_details("rules", False, mina).reason == "TARGETING_MATCH"
        assert provider.resolve_boolean_details("rules", True, EvaluationContext("noor")).value is False
        assert provider.resolve_string_details("text", "", mina).value == "é\n"
        assert provider.resolve_integer_details("whole", 0, mina).value == 7
        assert provider.resolve_float_details("number", 0.0, mina).value == 1.0
        assert provider.resolve_object_details("object", {}, mina).value == {"k": [1, None]}
        assert provider.resolve_boolean_details("static", False, mina).flag_metadata["owner"] == "shop"
        with pytest.raises(FlagNotFoundError):
            provider.resolve_boolean_details("nope", False, mina)
        with pytest.raises(ParseError):
            provider.resolve_boolean_details("broken", False, mina)
        with pytest.raises(TypeMismatchError):
            provider.resolve_string_details("static", "", mina)
    finally:
        provider.session.close()


def test_answers_are_one_document_of_json(server: Running) -> None:
    answer = server.ask("POST", "/ofrep/v1/evaluate/flags", {"context": {}})[1]
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer

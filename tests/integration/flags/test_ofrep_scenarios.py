"""flagd's scenarios for evaluators once more, asked by OFREP over HTTP, as any language's SDK would.

The protocol has no types: an SDK compares the type of the value with what it wants, as the client here does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from andon.flags.details import Details
from tests.flag_server import Running, running_server
from tests.integration.flags.conformance import Asked, Scenario, folder
from tests.integration.flags.test_flagd_testkit import SCENARIOS, why_excluded

BASE = folder("flagd-testbed/evaluator")
#: What the hash of the server excludes, test_flagd_testkit.py has by name and with the reason.
APPLIES = [one for one in SCENARIOS if not why_excluded("v3", one)]
TYPES: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict, list),
}


class OverOfrep:
    """An evaluator that is a flag server, so that the steps of the scenarios can ask it."""

    def __init__(self, connection: HTTPConnection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        kind = name.removesuffix("_details")
        if name.endswith("_details"):
            return lambda *asked: self._details(kind, *asked)
        return lambda *asked: self._details(kind, *asked).value

    def _details(self, kind: str, key: str, default: Any, context: dict[str, Any]) -> Details:
        body = json.dumps({"context": context})
        sent = {"Content-Type": "application/json"}
        self._connection.request("POST", f"/ofrep/v1/evaluate/flags/{key}", body, sent)
        told = json.loads(self._connection.getresponse().read())
        value, code = told.get("value", default), told.get("errorCode")
        is_right = isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
        if code is None and not is_right:
            told, value, code = {}, default, "TYPE_MISMATCH"
        return Details(
            value=float(value) if kind == "number" else value,
            variant=told.get("variant"),
            reason="ERROR" if code else told["reason"],
            error_code=code,
            metadata=told.get("metadata", {}),
            flag_key=key,
        )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    place: Path = tmp_path_factory.mktemp("served")
    (place / "flags.json").write_bytes((BASE / "flags" / "testkit-flags.json").read_bytes())
    with running_server(place) as running:
        yield running


@pytest.fixture(scope="module")
def connection(server: Running) -> Iterator[HTTPConnection]:
    made = HTTPConnection("127.0.0.1", server.port, timeout=10)
    yield made
    made.close()


@pytest.mark.parametrize("scenario", [pytest.param(one, id=one.name) for one in APPLIES])
def test_a_scenario_comes_out_the_same_over_http(connection: HTTPConnection, scenario: Scenario) -> None:
    Asked(OverOfrep(connection)).run(scenario)  # type: ignore[arg-type]


def test_all_of_them_are_asked() -> None:
    assert (len(SCENARIOS), len(APPLIES)) == (140, 119)

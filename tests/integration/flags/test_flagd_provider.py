"""What flagd promises of its providers, promise by promise; the public data have no scenarios of that.

Our own words, after flagd's specification of providers. PROMISES has each of them with the test that keeps
it, or with why one does not apply or is kept otherwise. The evaluator's public scenarios run here through the
SDK.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import EventDetails, ProviderEvent
from openfeature.exception import ErrorCode
from openfeature.provider import ProviderStatus

from andon.flags.client import connect, from_file
from andon.flags.details import Details
from andon.flags.evaluator import Evaluator
from andon.flags.openfeature_provider import AndonProvider
from tests.fakes.flag_stream import FlagStream, flag, until
from tests.integration.flags.conformance import Asked, Scenario, folder
from tests.integration.flags.test_flagd_testkit import SCENARIOS, why_excluded

OTHERWISE, NOT_OURS = "otherwise: ", "not ours: "
#: Promise to the test that keeps it, or to why it does not apply.
PROMISES = {
    # lifecycle
    "ready once the first set is there within the deadline": "a_first_set_makes_it_ready",
    "an error without one, and ready as soon as one comes": "late_flags_make_an_error_and_then_ready",
    "stale while the stream is away, answered from the stored rules": "away_it_is_stale_and_answers",
    "an error after a grace period of being away": OTHERWISE
    + "it stays STALE, as it answers from the last good set and says how old that is",
    "ready again after reconnection, with the newest rules": "back_it_is_ready_and_has_what_it_missed",
    "a change event at each reconnection": OTHERWISE + "only when something changed: the keys are named",
    "it reconnects for ever, whatever status it is refused with": "refused_it_asks_again_until_it_is_let_in",
    "a pause before the stream is opened again": "tests/unit/flags/test_pace.py",
    "a list of status codes that are fatal": NOT_OURS
    + "a wrong token is said in the problem and tried again: a token that is put right needs no restart",
    "the stream is closed at shutdown": OTHERWISE
    + "the watch ends; the flags stay open for whoever made them, who closes them",
    # rules
    "JSONLogic with flagd's operators, and shared rules": "a_public_scenario_through_the_sdk",
    "shared rules do not refer to each other": OTHERWISE + "they may; a cycle spoils the flag only",
    "the targeting key is a property of the context": "the_targeting_key_is_a_property",
    "key and time of an evaluation are properties that nobody can set": "key_and_time_cannot_be_set",
    # changes
    "what was added, taken out or changed is named": "changes_are_named",
    "a change of metadata is a change": "changes_are_named",
    "a message without a change tells nothing": "the_same_set_again_tells_nothing",
    # metadata
    "metadata of set and flag are merged, the flag's first": "metadata_are_merged",
    "missing, disabled and broken flags have those of the set": "metadata_come_as_far_as_they_are_known",
    "metadata of the set are the provider's": OTHERWISE
    + "the SDK's provider metadata are a name; those of the set come with every answer",
    "properties that the server sends go into every context": NOT_OURS
    + "the server sends none; the SDK's own global context does it",
    # file
    "a file, read again when it changes, without a network": "a_file_is_followed_without_a_network",
    "a file that cannot be read leaves the last set": "a_broken_file_leaves_the_last_set",
    # what belongs to a mode or a protocol that is not here
    "static answers of a remote flagd are cached": NOT_OURS
    + "nothing is asked remotely: there is nothing to cache",
    "retries of remote calls": NOT_OURS + "no remote call is made for an evaluation",
    "selectors pick a set of several": NOT_OURS + "one server serves the one set of one service",
    "options by environment variables": NOT_OURS + "they are arguments of connect and from_file",
    "custom name resolution": NOT_OURS + "an address is a URL",
    "the name is flagd": NOT_OURS + "it is another provider, named andon",
}


def test_each_promise_is_kept_by_a_test_or_says_why_not() -> None:
    for promise, kept in PROMISES.items():
        if kept.startswith((OTHERWISE, NOT_OURS)):
            continue
        is_there = (
            Path(__file__).parents[3].joinpath(kept).is_file() if "/" in kept else f"test_{kept}" in globals()
        )
        assert is_there, promise


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    api.shutdown()


def status() -> ProviderStatus:
    return api.get_client().get_provider_status()


class Heard:
    """The events of the SDK: names in order, and keys that changed."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.changed: list[str] = []
        for one in ProviderEvent:
            api.add_handler(one, self._hear(one.value.removeprefix("PROVIDER_")))

    def _hear(self, name: str) -> Any:
        def hear(details: EventDetails) -> None:
            self.changed.extend(details.flags_changed or ())
            self.names.append(name)

        return hear


# ---- lifecycle


def test_a_first_set_makes_it_ready() -> None:
    heard = Heard()
    with FlagStream({"a": flag(True)}, 100) as server, connect(server.address) as flags:
        api.set_provider_and_wait(AndonProvider(flags, patience=60))
        until(lambda: "READY" in heard.names)
        assert status() is ProviderStatus.READY and "ERROR" not in heard.names
        assert api.get_client().get_boolean_value("a", False) is True


def test_late_flags_make_an_error_and_then_ready() -> None:
    heard = Heard()
    with FlagStream() as gone:
        gone.close()
        with connect(gone.address) as flags:
            api.set_provider(AndonProvider(flags, patience=0.0))
            until(lambda: "ERROR" in heard.names)
            with FlagStream({"a": flag(True)}, 100, port=gone.port):
                until(lambda: status() is ProviderStatus.READY)
                assert api.get_client().get_boolean_value("a", False) is True
        until(lambda: "READY" in heard.names[heard.names.index("ERROR") :])


def test_away_it_is_stale_and_answers() -> None:
    with FlagStream({"a": flag(True)}, 100) as server, connect(server.address) as flags:
        api.set_provider_and_wait(AndonProvider(flags, stale_after=0.05, patience=60))
        heard = Heard()
        server.close()
        until(lambda: "STALE" in heard.names and status() is ProviderStatus.STALE)
        found = api.get_client().get_boolean_details("a", False)
        assert (found.value, found.variant) == (True, "on") and "ERROR" not in heard.names


def test_back_it_is_ready_and_has_what_it_missed() -> None:
    with FlagStream({"a": flag(True)}, 100) as server, connect(server.address) as flags:
        api.set_provider_and_wait(AndonProvider(flags, stale_after=0.05, patience=60))
        server.close()
        until(lambda: status() is ProviderStatus.STALE)
        heard = Heard()
        with FlagStream({"a": flag(False), "b": flag(True)}, 101, port=server.port):
            until(lambda: status() is ProviderStatus.READY)
            until(lambda: sorted(set(heard.changed)) == ["a", "b"])
            until(lambda: {"READY", "CONFIGURATION_CHANGED"} <= set(heard.names))
            assert api.get_client().get_boolean_value("a", True) is False


@pytest.mark.parametrize("code", ["401 Unauthorized", "404 Not Found", "503 Service Unavailable"])
def test_refused_it_asks_again_until_it_is_let_in(code: str) -> None:
    with FlagStream({"a": flag(True)}, 100) as server:
        real = server.greet
        refused: list[int] = []

        def greet(connection: Any, request: Any, *rest: Any) -> None:
            if not refused:
                refused.append(1)
                connection.sendall(f"HTTP/1.1 {code}\r\nContent-Length: 0\r\n\r\n".encode())
                return
            real(connection, request, *rest)

        server.greet = greet  # type: ignore[method-assign]
        with connect(server.address) as flags:
            api.set_provider(AndonProvider(flags, patience=0.0))
            until(lambda: status() is ProviderStatus.READY)
            assert refused and api.get_client().get_boolean_value("a", False) is True


# ---- rules and contexts

EMAIL = {"if": [{"===": [{"var": "targetingKey"}, "mia"]}, "on", "off"]}
BY_KEY = {"if": [{"===": [{"var": "$flagd.flagKey"}, "a"]}, "on", "off"]}
BY_TIME = {"if": [{">": [{"var": "$flagd.timestamp"}, 1_700_000_000]}, "on", "off"]}


def ready(document: dict[str, Any]) -> OpenFeatureClient:
    evaluator = Evaluator()
    evaluator.replace(document)
    api.set_provider_and_wait(AndonProvider(evaluator))
    return api.get_client()


def test_the_targeting_key_is_a_property() -> None:
    client = ready({"flags": {"a": {**flag(False), "targeting": EMAIL}}})
    assert client.get_boolean_value("a", False, EvaluationContext("mia")) is True
    assert client.get_boolean_value("a", True, EvaluationContext("eve")) is False


def test_key_and_time_cannot_be_set() -> None:
    by = {name: {**flag(False), "targeting": rule} for name, rule in (("a", BY_KEY), ("b", BY_TIME))}
    client = ready({"flags": {**by, "c": by["a"]}})
    forged = EvaluationContext("mia", {"$flagd": {"flagKey": "c", "timestamp": 1}})
    for context in (EvaluationContext("mia"), forged):
        found = [client.get_boolean_value(key, key == "c", context) for key in "abc"]
        assert found == [True, True, False]


class ThroughTheSdk:
    """An evaluator that is the SDK's client, so that the steps of the scenarios can ask it."""

    def __init__(self, client: OpenFeatureClient) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        kind = name.removesuffix("_details").replace("number", "float")
        if name.endswith("_details"):
            return lambda *asked: self._details(kind, *asked)
        return lambda *asked: self._details(kind, *asked).value

    def _details(self, kind: str, key: str, default: Any, given: dict[str, Any]) -> Details:
        context = EvaluationContext(
            given.get("targetingKey"), {k: v for k, v in given.items() if k != "targetingKey"}
        )
        found = getattr(self._client, f"get_{kind}_details")(key, default, context)
        code = found.error_code.value if found.error_code else None
        return Details(
            value=found.value,
            variant=found.variant,
            reason=str(found.reason),
            error_code=code,
            error_message=found.error_message or "",
            metadata=found.flag_metadata,
            flag_key=found.flag_key,
        )


BASE = folder("flagd-testbed/evaluator")
#: What the hash of the evaluator excludes, test_flagd_testkit.py has by name and with the reason.
APPLIES = [one for one in SCENARIOS if not why_excluded("v3", one)]


@pytest.mark.parametrize("scenario", [pytest.param(one, id=one.name) for one in APPLIES])
def test_a_public_scenario_through_the_sdk(scenario: Scenario) -> None:
    client = ready(json.loads((BASE / "flags" / "testkit-flags.json").read_text(encoding="utf-8")))
    Asked(ThroughTheSdk(client)).run(scenario)  # type: ignore[arg-type]


def test_all_of_them_go_through_the_sdk() -> None:
    assert (len(SCENARIOS), len(APPLIES)) == (140, 119)


# ---- changes


def test_changes_are_named() -> None:
    before = {
        "same": flag(True),
        "gone": flag(True),
        "other": flag(True),
        "told": flag(True),
        "rule": flag(True),
    }
    with FlagStream(before, 100) as server, connect(server.address) as flags:
        api.set_provider_and_wait(AndonProvider(flags, patience=60))
        heard = Heard()
        told = {**flag(True), "metadata": {"owner": "mia"}}
        server.put(
            {
                "same": flag(True),
                "other": flag(False),
                "told": told,
                "new": flag(True),
                "rule": {**flag(True), "targeting": EMAIL},
            }
        )
        until(lambda: sorted(heard.changed) == ["gone", "new", "other", "rule", "told"])


def test_the_same_set_again_tells_nothing() -> None:
    with FlagStream({"a": flag(True)}, 100) as server, connect(server.address) as flags:
        api.set_provider_and_wait(AndonProvider(flags, patience=60))
        heard = Heard()
        server.put({"a": flag(True)})
        server.put({"a": flag(True), "b": flag(True)})
        until(lambda: heard.changed)
        assert heard.changed == ["b"] and heard.names.count("CONFIGURATION_CHANGED") == 1


# ---- metadata

SET = {"team": "shop", "version": 3}
WITH_METADATA = {
    "flags": {
        "a": {**flag(True), "metadata": {"team": "prices", "owner": "mia"}},
        "off": {**flag(True), "state": "DISABLED"},
        "broken": {**flag(True), "targeting": {"no_such_operator": []}},
        "wrong": {**flag(True), "targeting": {"if": [True, "nowhere"]}},
    },
    "metadata": SET,
}


def test_metadata_are_merged() -> None:
    found = ready(WITH_METADATA).get_boolean_details("a", False)
    assert found.flag_metadata == {"team": "prices", "version": 3, "owner": "mia"}


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("nowhere", ErrorCode.FLAG_NOT_FOUND),
        ("off", None),
        ("broken", ErrorCode.PARSE_ERROR),
        ("wrong", ErrorCode.GENERAL),
    ],
)
def test_metadata_come_as_far_as_they_are_known(key: str, code: ErrorCode | None) -> None:
    found = ready(WITH_METADATA).get_boolean_details(key, False)
    assert (found.error_code, found.value) == (code, False)
    assert found.flag_metadata == SET


# ---- a file


def test_a_file_is_followed_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("it opened a connection"))
    file = tmp_path / "flags.json"
    file.write_text(json.dumps({"flags": {"a": flag(True), "b": flag(True)}}))
    with from_file(str(file), every=0.01) as flags:
        api.set_provider_and_wait(AndonProvider(flags))
        heard = Heard()
        file.write_text(json.dumps({"flags": {"a": flag(False), "b": flag(True)}}))
        until(lambda: heard.changed)
        assert heard.changed == ["a"]
        assert api.get_client().get_boolean_value("a", True) is False
    until(lambda: not [one for one in threading.enumerate() if one.name == "andon-flags"])


def test_a_broken_file_leaves_the_last_set(tmp_path: Path) -> None:
    file = tmp_path / "flags.json"
    file.write_text(json.dumps({"flags": {"a": flag(True)}}))
    with from_file(str(file), every=0.01) as flags:
        api.set_provider_and_wait(AndonProvider(flags))
        file.write_text('{"flags": {\n "a": {"state"')
        until(lambda: f"{file}:2" in flags.status().problem)
        assert api.get_client().get_boolean_value("a", False) is True
        assert status() is ProviderStatus.READY

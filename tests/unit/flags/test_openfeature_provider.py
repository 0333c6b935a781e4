"""The provider: what it answers in OpenFeature's words, what contexts become, and its events."""

from __future__ import annotations

import asyncio
import enum
import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from openfeature import api
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import EventDetails, ProviderEvent
from openfeature.exception import ErrorCode, ProviderNotReadyError
from openfeature.hook import Hook
from openfeature.provider import ProviderStatus
from openfeature.track import TrackingEventDetails
from openfeature.transaction_context import ContextVarsTransactionContextPropagator

from andon.flags.evaluator import Evaluator
from andon.flags.openfeature_context import flat
from andon.flags.openfeature_provider import AndonProvider
from tests.fakes.flags import FakeFlags
from tests.unit.flags.openfeature_flags import DOCUMENT, METADATA


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    api.shutdown()


def evaluator() -> Evaluator:
    made = Evaluator()
    made.replace(DOCUMENT)
    return made


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)


# ---- answers


@pytest.mark.parametrize(
    ("key", "how", "default", "value", "variant", "reason", "code"),
    [
        ("on", "boolean", False, True, "on", "STATIC", None),
        ("staff", "boolean", True, False, "off", "DEFAULT", None),
        ("text", "string", "", "alpha", "a", "STATIC", None),
        ("whole", "integer", 1, 10, "ten", "STATIC", None),
        ("real", "float", 1.5, 0.5, "half", "STATIC", None),
        ("object", "object", {}, {"deep": [1, {"a": None}]}, "x", "STATIC", None),
        ("list", "object", [], [1, 2], "x", "STATIC", None),
        ("disabled", "boolean", False, False, None, "DISABLED", None),
        ("disabled", "boolean", True, True, None, "DISABLED", None),
        ("undecided", "boolean", True, True, None, "DEFAULT", None),
        ("nowhere", "boolean", True, True, None, "ERROR", ErrorCode.FLAG_NOT_FOUND),
        ("text", "boolean", True, True, None, "ERROR", ErrorCode.TYPE_MISMATCH),
        ("on", "integer", 7, 7, None, "ERROR", ErrorCode.TYPE_MISMATCH),
        ("broken", "boolean", False, False, None, "ERROR", ErrorCode.PARSE_ERROR),
    ],
)
def test_an_answer_says_what_and_why(
    key: str, how: str, default: Any, value: Any, variant: str | None, reason: str, code: ErrorCode | None
) -> None:
    api.set_provider_and_wait(AndonProvider(evaluator()))
    client = api.get_client()
    for found in (
        getattr(client, f"get_{how}_details")(key, default),
        asyncio.run(getattr(client, f"get_{how}_details_async")(key, default)),
    ):
        assert (found.value, found.variant, found.reason, found.error_code) == (value, variant, reason, code)
        assert found.flag_key == key and bool(found.error_message) == (code is not None)
    assert getattr(client, f"get_{how}_value")(key, default) == value


def test_the_metadata_of_flag_and_set_come_along_and_cannot_be_changed() -> None:
    api.set_provider_and_wait(AndonProvider(evaluator()))
    found = api.get_client().get_boolean_details("on", False)
    assert found.flag_metadata == {**METADATA, "set": "shop"}
    with pytest.raises(TypeError):
        found.flag_metadata["owner"] = "eve"  # type: ignore[index]
    assert api.get_client().get_boolean_details("on", False).flag_metadata["owner"] == "mia"


def test_each_domain_has_its_own_flags() -> None:
    other = Evaluator()
    other.replace({"flags": {"on": {**DOCUMENT["flags"]["on"], "defaultVariant": "off"}}})
    api.set_provider_and_wait(AndonProvider(evaluator()))
    api.set_provider_and_wait(AndonProvider(other), domain="other")
    assert api.get_client().get_boolean_value("on", False) is True
    assert api.get_client("other").get_boolean_value("on", True) is False
    assert api.get_client("nobody's").get_boolean_value("on", False) is True


# ---- contexts


def test_a_context_is_the_targeting_key_and_the_attributes() -> None:
    attributes = {"email": "a@b.c", "age": 3}
    assert flat("u1", attributes) == {"targetingKey": "u1", "email": "a@b.c", "age": 3}
    assert flat(None, attributes) is attributes and flat("", attributes) is attributes
    assert flat("own", {"targetingKey": "given"}) == {"targetingKey": "own"}
    assert flat(None, {"targetingKey": "given"}) == {"targetingKey": "given"}
    assert attributes == {"email": "a@b.c", "age": 3}


class Plan(enum.StrEnum):
    GOLD = "gold"


def test_what_json_does_not_know_becomes_something_that_a_rule_can_compare() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100):
        deep = {"d": deep}
    given = {
        "at": datetime(2026, 3, 1, 12, tzinfo=UTC),
        "day": date(2026, 3, 1),
        "plan": Plan.GOLD,
        "many": ({"a": date(2026, 1, 1)}, 1),
        "odd": object(),
        "nothing": None,
        "deep": deep,
    }
    made = flat("u", given)
    assert made["at"] == "2026-03-01T12:00:00+00:00" and made["day"] == "2026-03-01"
    assert made["plan"] == "gold" and made["many"] == [{"a": "2026-01-01"}, 1]
    assert made["odd"] is None and made["nothing"] is None and "d" in made["deep"]


@pytest.mark.parametrize(
    ("key", "attributes", "value"),
    [
        ("since", {"born": datetime(1990, 1, 1, tzinfo=UTC)}, True),
        ("since", {"born": date(2010, 1, 1)}, False),
        ("nested", {"user": {"plan": "gold"}}, True),
        ("nested", {"user": {"plan": Plan.GOLD}}, True),
        ("nested", {"user": None}, False),
        ("staff", {"email": "mia@shop.example"}, True),
    ],
)
def test_rules_see_instants_and_nested_values(key: str, attributes: dict[str, Any], value: bool) -> None:
    api.set_provider_and_wait(AndonProvider(evaluator()))
    context = EvaluationContext("u1", attributes)
    assert api.get_client().get_boolean_value(key, not value, context) is value


def test_the_contexts_of_all_levels_reach_the_rules() -> None:
    api.set_provider_and_wait(AndonProvider(evaluator()))
    api.set_transaction_context_propagator(ContextVarsTransactionContextPropagator())
    api.set_transaction_context(EvaluationContext())
    assert api.get_client().get_boolean_value("staff", False) is False
    api.set_transaction_context(EvaluationContext(attributes={"email": "mia@shop.example"}))
    assert api.get_client().get_boolean_value("staff", False) is True
    api.set_transaction_context(EvaluationContext())
    api.set_evaluation_context(EvaluationContext(attributes={"email": "mia@shop.example"}))
    assert api.get_client().get_boolean_value("staff", False) is True


def test_a_targeting_key_that_is_missing_or_no_text_breaks_nothing() -> None:
    api.set_provider_and_wait(AndonProvider(evaluator()))
    for key in (None, "", 7):
        found = api.get_client().get_boolean_details("share", False, EvaluationContext(key))  # type: ignore[arg-type]
        assert found.value is False


# ---- hooks, tracking


def test_the_hooks_of_the_provider_are_called() -> None:
    called: list[str] = []

    class Noting(Hook):
        def after(self, hook_context: Any, details: Any, hints: Any) -> None:
            called.append(hook_context.flag_key)

    api.set_provider_and_wait(AndonProvider(evaluator(), hooks=[Noting()]))
    api.get_client().get_boolean_value("on", False)
    assert called == ["on"]


def test_what_is_tracked_is_passed_on() -> None:
    tracked: list[Any] = []
    api.set_provider_and_wait(AndonProvider(evaluator(), track=lambda *given: tracked.append(given)))
    api.get_client().track("bought", EvaluationContext("u1"), TrackingEventDetails(9.5))
    assert tracked[0][0] == "bought" and tracked[0][1].targeting_key == "u1" and tracked[0][2].value == 9.5
    api.set_provider_and_wait(AndonProvider(evaluator()))
    api.get_client().track("bought")


# ---- events


class Heard:
    """The events of the SDK, in the order in which they came."""

    def __init__(self) -> None:
        self.events: list[tuple[str, EventDetails]] = []
        for event in ProviderEvent:
            api.add_handler(event, self._hear(event.value.removeprefix("PROVIDER_")))

    def _hear(self, name: str) -> Callable[[EventDetails], None]:
        return lambda details: self.events.append((name, details))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.events]


def status() -> ProviderStatus:
    return api.get_client().get_provider_status()


def test_a_provider_without_flags_is_in_error_until_they_come() -> None:
    flags = FakeFlags()
    with pytest.raises(ProviderNotReadyError):
        api.set_provider_and_wait(AndonProvider(flags, patience=0.0))  # type: ignore[arg-type]
    assert status() is ProviderStatus.ERROR
    heard = Heard()
    assert api.get_client().get_boolean_details("on", False).error_code is ErrorCode.FLAG_NOT_FOUND
    flags.arrive(DOCUMENT)
    until(lambda: status() is ProviderStatus.READY)
    assert api.get_client().get_boolean_value("on", False) is True
    until(lambda: {"CONFIGURATION_CHANGED", "READY"} <= set(heard.names))


def test_changed_flags_are_named() -> None:
    flags = FakeFlags(DOCUMENT)
    api.set_provider_and_wait(AndonProvider(flags))  # type: ignore[arg-type]
    heard = Heard()
    flags.arrive({"flags": {"b": {}, "a": {}}})
    until(lambda: "CONFIGURATION_CHANGED" in heard.names)
    details = next(details for name, details in heard.events if name == "CONFIGURATION_CHANGED")
    assert details.flags_changed == ["a", "b"] and details.provider_name == "andon"


def test_a_server_that_is_away_makes_it_stale_and_one_that_is_back_ready() -> None:
    flags = FakeFlags(DOCUMENT)
    api.set_provider_and_wait(AndonProvider(flags, stale_after=30.0))  # type: ignore[arg-type]
    flags.lose(after=29.0)
    heard = Heard()
    flags.lose(after=31.0)
    until(lambda: status() is ProviderStatus.STALE)
    until(lambda: "STALE" in heard.names)
    assert dict(heard.events)["STALE"].message == "the server is gone"
    assert api.get_client().get_boolean_value("on", False) is True, "the last good set stays in force"
    flags.arrive(DOCUMENT)
    until(lambda: status() is ProviderStatus.READY)


def test_nothing_is_told_after_shutdown_and_it_can_begin_again() -> None:
    flags = FakeFlags(DOCUMENT)
    provider = AndonProvider(flags)  # type: ignore[arg-type]
    api.set_provider_and_wait(provider)
    provider.shutdown()
    heard = Heard()
    flags.lose(after=100.0)
    flags.arrive(DOCUMENT)
    assert "STALE" not in heard.names and "CONFIGURATION_CHANGED" not in heard.names
    assert not [thread for thread in threading.enumerate() if thread.name == "andon-openfeature"]
    provider.initialize(EvaluationContext())
    flags.lose(after=100.0)
    until(lambda: status() is ProviderStatus.STALE)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings(
    "ignore:This process:DeprecationWarning"
)  # it has threads; so do servers that fork
def test_a_forked_process_watches_for_itself() -> None:
    flags = FakeFlags(DOCUMENT)
    api.set_provider_and_wait(AndonProvider(flags))  # type: ignore[arg-type]
    child = os.fork()
    if not child:
        code = 1
        try:
            flags.lose(after=100.0)
            until(lambda: status() is ProviderStatus.STALE)
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert status() is ProviderStatus.READY

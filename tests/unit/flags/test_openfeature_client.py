"""The fast client gives the answers of the SDK's own, and takes the short way only where it may."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openfeature import api
from openfeature.evaluation_context import EvaluationContext
from openfeature.flag_evaluation import FlagEvaluationOptions
from openfeature.hook import Hook
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider
from openfeature.transaction_context import ContextVarsTransactionContextPropagator

from andon.flags.evaluator import Evaluator
from andon.flags.openfeature_client import FastClient, fast_client
from andon.flags.openfeature_provider import AndonProvider
from tests.unit.flags.openfeature_flags import DOCUMENT, FLAGS

DEFAULTS: dict[str, tuple[Any, ...]] = {
    "boolean": (True, False, None, "x"),
    "string": ("", "d", None, 3),
    "integer": (0, 7, True, 1.5),
    "float": (0.0, 1.5, 2, "x"),
    "object": ({}, {"d": 1}, [1], "x"),
}
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=False),
    st.sampled_from(("", "gold", "mia@shop.example", "on", "1990-01-01")),
    st.just(datetime(1990, 1, 1, tzinfo=UTC)),
    st.dictionaries(st.sampled_from(("plan", "x")), st.sampled_from(("gold", 1)), max_size=2),
    st.lists(st.integers(0, 2), max_size=2),
)
CONTEXTS = st.one_of(
    st.none(),
    st.builds(
        EvaluationContext,
        st.one_of(st.none(), st.sampled_from(("", "u1", "u2", "user-é"))),
        st.dictionaries(
            st.sampled_from(("email", "born", "user", "choice", "targetingKey")), VALUES, max_size=4
        ),
    ),
)


@pytest.fixture(autouse=True)
def provider() -> Iterator[AndonProvider]:
    evaluator = Evaluator()
    evaluator.replace(DOCUMENT)
    made = AndonProvider(evaluator)
    api.set_provider_and_wait(made)
    yield made
    api.shutdown()


def both(kind: str, how: str, *given: Any) -> tuple[Any, Any]:
    return tuple(  # type: ignore[return-value]
        getattr(client, f"get_{kind}_{how}")(*given) for client in (fast_client(), api.get_client())
    )


@settings(max_examples=300)
@given(data=st.data())
def test_fast_and_slow_say_the_same(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(DEFAULTS)))
    key = data.draw(st.sampled_from((*FLAGS, "nowhere", "")))
    asked = (key, data.draw(st.sampled_from(DEFAULTS[kind])), data.draw(CONTEXTS))
    fast, slow = both(kind, "value", *asked)
    assert (type(fast), fast) == (type(slow), slow), asked
    fast, slow = both(kind, "details", *asked)
    assert fast == slow, asked
    client = fast_client()
    assert asyncio.run(getattr(client, f"get_{kind}_details_async")(*asked)) == slow
    assert asyncio.run(getattr(client, f"get_{kind}_value_async")(*asked)) == slow.value


def goes_short(client: FastClient) -> bool:
    return client._flags() is not None


class Noting(Hook):
    def __init__(self) -> None:
        self.called = 0

    def before(self, hook_context: Any, hints: Any) -> EvaluationContext:
        self.called += 1
        return EvaluationContext(attributes={"email": "mia@shop.example"})


def test_hooks_of_every_level_are_called() -> None:
    for place in ("api", "client", "options", "provider"):
        hook, client, options = Noting(), fast_client(), None
        assert goes_short(client) and client.get_boolean_value("staff", False) is False
        if place == "api":
            api.add_hooks([hook])
        elif place == "client":
            client.add_hooks([hook])
        elif place == "options":
            options = FlagEvaluationOptions(hooks=[hook])
        else:
            api.set_provider_and_wait(AndonProvider(_evaluator(), hooks=[hook]))
        assert client.get_boolean_value("staff", False, None, options) is True, place
        assert client.get_boolean_details("staff", False, None, options).value is True
        assert hook.called == 2
        api.clear_hooks()


def _evaluator() -> Evaluator:
    made = Evaluator()
    made.replace(DOCUMENT)
    return made


def test_contexts_of_every_level_are_merged() -> None:
    staff = EvaluationContext(attributes={"email": "mia@shop.example"})
    client = fast_client()
    api.set_evaluation_context(staff)
    assert not goes_short(client) and client.get_boolean_value("staff", False) is True
    api.set_evaluation_context(EvaluationContext())
    assert goes_short(client)
    client.context = staff
    assert not goes_short(client) and client.get_boolean_value("staff", False) is True
    client.context = EvaluationContext()
    api.set_transaction_context_propagator(ContextVarsTransactionContextPropagator())
    api.set_transaction_context(staff)
    assert not goes_short(client) and client.get_boolean_value("staff", False) is True


def test_another_provider_is_asked_as_the_sdk_asks_it() -> None:
    client = fast_client()
    api.set_provider_and_wait(InMemoryProvider({"on": InMemoryFlag("off", {"off": False})}))
    assert not goes_short(client) and client.get_boolean_value("on", True) is False
    api.shutdown()
    assert client.get_boolean_value("on", True) is True


def test_a_provider_that_is_not_ready_gives_the_default(provider: AndonProvider) -> None:
    provider.initialize = lambda *_: (_ for _ in ()).throw(RuntimeError("no"))  # type: ignore[method-assign]
    client = fast_client("other")
    api.set_provider_and_wait(provider, domain="other")
    assert client.get_boolean_value("on", False) is True, "the provider is ready in the default domain"
    api.shutdown()
    assert client.get_boolean_value("on", False) is False


def test_each_evaluation_is_counted_once(provider: AndonProvider) -> None:
    client = fast_client()
    client.get_boolean_value("on", False)
    client.get_boolean_details("on", False)
    asyncio.run(client.get_boolean_value_async("on", False))
    assert provider.flags.counts()[("on", "on")] == 3  # type: ignore[union-attr]

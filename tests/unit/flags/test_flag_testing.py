"""Overrides of a test: who sees them, how they nest, and that nothing is left of them."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.hook import Hook
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider

from andon.errors import InvalidInput
from andon.flags import overlay
from andon.flags.client import from_file
from andon.flags.evaluator import Evaluator
from andon.flags.openfeature_client import fast_client
from andon.flags.openfeature_provider import AndonProvider
from andon.flags.testing import override, watched
from tests.fakes.flags import FakeFlags
from tests.unit.flags.openfeature_flags import DOCUMENT, FLAGS


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    evaluate = OpenFeatureClient.evaluate_flag_details
    yield
    assert not overlay.wanted and overlay.kept is None
    assert OpenFeatureClient.evaluate_flag_details is evaluate
    api.shutdown()


def evaluator() -> Evaluator:
    made = Evaluator()
    made.replace(DOCUMENT)
    return made


def test_every_evaluator_has_the_state_and_has_its_own_again() -> None:
    first, second = evaluator(), Evaluator()
    with override({"on": False, "nowhere": True}):
        made_inside = evaluator()
        for flags in (first, second, made_inside):
            assert flags.boolean("on", True) is False and flags.boolean("nowhere", False) is True
        details = first.boolean_details("on", True)
        assert (details.variant, details.reason, details.metadata["owner"]) == ("off", "STATIC", "mia")
    assert first.boolean("on", False) is True and second.boolean("on", False) is False
    assert made_inside.boolean("on", False) is True
    assert second.boolean_details("nowhere", False).error_code == "FLAG_NOT_FOUND"


def test_it_stands_above_rules_kills_and_sets_that_come_meanwhile() -> None:
    flags = evaluator()
    with override(share=True, disabled=True, broken=False):
        assert all(flags.boolean("share", False, {"targetingKey": f"u{n}"}) for n in range(50))
        assert flags.boolean("disabled", False) is True and flags.boolean("broken", True) is False
        flags.patch({"share": {**FLAGS["share"], "defaultVariant": "off", "targeting": {}}}, ("disabled",), 7)
        assert flags.boolean("share", False) is True and flags.boolean("disabled", False) is True
        assert flags.version == 7
        flags.replace({"flags": {}}, 8)
        assert flags.boolean("share", False) is True
    assert flags.version == 8 and flags.boolean("share", False) is False


def test_a_variant_may_be_named_or_given_by_its_value() -> None:
    flags = evaluator()
    with override(text="empty", whole=0, real="two", object={}, list=[1, 2]):
        assert flags.string("text", "x") == "" and flags.integer("whole", 5) == 0
        assert flags.number("real", 5.0) == 2 and flags.object("object", None) == {}
    with override(brand="blue", limit=3, ratio=0.25, shape={"a": [1]}):
        assert flags.string("brand", "") == "blue" and flags.integer("limit", 0) == 3
        assert flags.number("ratio", 0.0) == 0.25 and flags.object("shape", None) == {"a": [1]}


@pytest.mark.parametrize("wanted", ["sideways", 1, 0, {}])
def test_a_value_that_the_flag_does_not_have_is_refused(wanted: Any) -> None:
    flags = evaluator()
    with pytest.raises(InvalidInput, match="on, off"), override(on=wanted):
        pass
    assert flags.boolean("on", False) is True


@pytest.mark.parametrize("layer", [{"": True}, {3: True}, {"a": None}, {"a": object()}])
def test_what_no_flag_can_be_is_refused(layer: dict[Any, Any]) -> None:
    with pytest.raises(InvalidInput), override(layer):
        pass


def test_overrides_nest_and_end_with_an_exception() -> None:
    flags = evaluator()
    with override(on=False):
        with pytest.raises(ZeroDivisionError), override({"on": True}, text="empty"):
            assert flags.boolean("on", False) is True and flags.string("text", "") == ""
            raise ZeroDivisionError
        assert flags.boolean("on", True) is False and flags.string("text", "") == "alpha"
    assert flags.boolean("on", False) is True


@given(order=st.permutations(range(4)), values=st.lists(st.booleans(), min_size=4, max_size=4))
def test_in_whatever_order_they_end_nothing_is_left(order: list[int], values: list[bool]) -> None:
    flags = evaluator()
    entered = [override(staff=value) for value in values]
    for block in entered:
        block.__enter__()
    left = dict(enumerate(values))
    for number in order:
        assert flags.boolean("staff", False) is left[max(left)]
        entered[number].__exit__(None, None, None)
        del left[number]
    assert flags.boolean("staff", False) is False and not overlay.wanted


def test_threads_and_tasks_see_it_those_that_were_there_before_too() -> None:
    flags, ask, answered, found = evaluator(), threading.Event(), threading.Event(), []

    def work() -> None:
        ask.wait(10)
        found.append(flags.boolean("on", True))
        answered.set()

    thread = threading.Thread(target=work)
    thread.start()

    async def ask_in_a_task() -> bool:
        async def asked() -> bool:
            await asyncio.sleep(0)
            return flags.boolean("on", True)

        return await asyncio.create_task(asked()) or await asyncio.to_thread(flags.boolean, "on", True)

    with override(on=False):
        ask.set()
        answered.wait(10)
        assert asyncio.run(ask_in_a_task()) is False
    thread.join(10)
    assert found == [False]


def test_sets_that_arrive_meanwhile_never_show_through() -> None:
    flags, seen, is_over = evaluator(), set[bool](), threading.Event()

    def arrive() -> None:
        while not is_over.is_set():
            flags.replace({"flags": {"on": {**FLAGS["on"], "metadata": {"n": len(seen)}}}}, 1)
            flags.patch({"on": FLAGS["on"]}, (), 2)

    thread = threading.Thread(target=arrive)
    with override(on=False):
        thread.start()
        for _ in range(3000):
            seen.add(flags.boolean("on", True))
    is_over.set()
    thread.join(10)
    assert seen == {False} and flags.boolean("on", False) is True


def test_the_client_of_a_program_has_it(tmp_path: Any) -> None:
    import json

    path = tmp_path / "flags.json"
    path.write_text(json.dumps(DOCUMENT))
    with from_file(str(path)) as flags, override(on=False):
        assert flags.wait_ready(60) and flags.boolean("on", True) is False
    with override(on=False), from_file(str(path)) as flags:
        assert flags.wait_ready(60) and flags.boolean("on", True) is False


# ---- through OpenFeature


class Noting(Hook):
    def __init__(self) -> None:
        self.values: list[Any] = []

    def after(self, hook_context: Any, details: Any, hints: Any) -> None:
        self.values.append((hook_context.provider_metadata.name, details.value))


def provided(kind: str) -> None:
    if kind == "andon":
        api.set_provider_and_wait(AndonProvider(evaluator()))
    elif kind == "andon without flags":
        api.set_provider(AndonProvider(FakeFlags(), patience=60.0))  # type: ignore[arg-type]
    elif kind == "another":
        flags = {"on": InMemoryFlag("on", {"on": True}), "other": InMemoryFlag("on", {"on": True})}
        api.set_provider_and_wait(InMemoryProvider(flags))


@pytest.mark.parametrize("kind", ["andon", "andon without flags", "another", "none"])
def test_whatever_provider_there_is_the_code_under_test_gets_the_state(kind: str) -> None:
    provided(kind)
    for client in (api.get_client(), fast_client(), api.get_client("domain")):
        before = client.get_boolean_value("on", False)
        hook = Noting()
        client.add_hooks([hook])
        with override(on=False, fresh="x"):
            assert client.get_boolean_value("on", True) is False
            assert client.get_string_details("fresh", "").variant == "x"
            assert asyncio.run(client.get_boolean_value_async("on", True)) is False
            assert client.get_boolean_details("on", True).variant == "off"
            assert client.get_boolean_value("other", False) is (kind == "another")
        assert hook.values[0][1] is False and len(hook.values) >= 4, "hooks are called as always"
        assert hook.values[0][0] == {"another": "In-Memory Provider", "none": "No-op Provider"}.get(
            kind, "andon"
        )
        assert client.get_boolean_value("on", False) is before


# ---- what was asked for


def test_what_is_asked_for_is_noted_with_its_state() -> None:
    flags = evaluator()
    flags.boolean("on", False)
    with watched() as asked:
        flags.boolean("staff", False)
        Evaluator().boolean("staff", True)
        with override({"new": True, "text": "empty"}):
            made = Evaluator()
            made.boolean("new", False)
            flags.string("text", "")
        del made
        gc.collect()
        flags.boolean("disabled", False)
        found = sorted(asked())
    assert found == [("new", "on", True), ("staff", "off", False), ("text", "empty", "")]
    with watched() as asked:
        assert asked() == []


def test_who_watches_within_a_watch_takes_nothing_from_it() -> None:
    with watched() as outer:
        with watched() as inner:
            evaluator().boolean("on", False)
            assert inner() == [("on", "on", True)]
        assert outer() == [("on", "on", True)]


def test_evaluators_are_not_kept_alive() -> None:
    made = weakref.ref(evaluator())
    gc.collect()
    assert made() is None

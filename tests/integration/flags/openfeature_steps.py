"""The steps of OpenFeature's scenarios, public data beside the tree, on the SDK and Andon's provider."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any

from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEventDetails
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagEvaluationDetails, FlagEvaluationOptions
from openfeature.hook import Hook
from openfeature.transaction_context import ContextVarsTransactionContextPropagator

from andon.flags.evaluator import Evaluator
from andon.flags.openfeature_provider import AndonProvider
from tests.fakes.flags import FakeFlags

Table = tuple[tuple[str, ...], ...]
Step = Callable[..., None]
STEPS: list[tuple[re.Pattern[str], Step]] = []
#: What the scenarios' conditions are in JSONLogic; they are written in another language.
RULES: dict[str, Any] = {
    "email == 'ballmer@macrosoft.com' ? 'zero' : ''": {
        "if": [{"===": [{"var": "email"}, "ballmer@macrosoft.com"]}, "zero", None]
    },
    "!customer && email == 'ballmer@macrosoft.com' && age > 10 ? 'internal' : ''": {
        "if": [
            {
                "and": [
                    {"!": {"var": "customer"}},
                    {"===": [{"var": "email"}, "ballmer@macrosoft.com"]},
                    {">": [{"var": "age"}, 10]},
                ]
            },
            "internal",
            None,
        ]
    },
}
#: A flag of the older scenarios that is in no file.
CONTEXT_AWARE = {
    "state": "ENABLED",
    "variants": {"internal": "INTERNAL", "external": "EXTERNAL"},
    "defaultVariant": "external",
    "targeting": {
        "if": [
            {
                "and": [
                    {"===": [{"var": "fn"}, "Sulisław"]},
                    {"===": [{"var": "ln"}, "Świętopełk"]},
                    {"===": [{"var": "age"}, 29]},
                    {"===": [{"var": "customer"}, False]},
                ]
            },
            "internal",
        ]
    },
}
LEVELS = ("API", "Transaction", "Client", "Invocation", "Before Hooks")


def step(pattern: str) -> Callable[[Step], Step]:
    """Have a function do the steps of this text."""

    def known(function: Step) -> Step:
        STEPS.append((re.compile(pattern), function))
        return function

    return known


def document(flags: dict[str, Any]) -> dict[str, Any]:
    """Return the scenarios' flags as a flag file."""
    made = {}
    for key, flag in flags.items():
        made[key] = {"state": "DISABLED" if flag.get("disabled") else "ENABLED", "variants": flag["variants"]}
        if flag.get("defaultVariant"):
            made[key]["defaultVariant"] = flag["defaultVariant"]
        if flag.get("flagMetadata"):
            made[key]["metadata"] = flag["flagMetadata"]
        if flag.get("contextEvaluator"):
            made[key]["targeting"] = RULES[flag["contextEvaluator"]]
    return {"flags": {**made, "context-aware": CONTEXT_AWARE}}


class Recorder(Evaluator):
    """An evaluator that remembers which context it was given last."""

    seen: Any = None

    def boolean_details(self, key: str, default: bool, context: Any = None) -> Any:
        type(self).seen = context
        return super().boolean_details(key, default, context)


class Noting(Hook):
    """A hook that notes when it is called, and with what."""

    def __init__(self, world: World, name: str = "") -> None:
        self.world, self.name = world, name

    def before(self, hook_context: Any, hints: Any) -> EvaluationContext | None:
        self.world.hooked.append((f"{self.name}before", None))
        entry = self.world.before
        return EvaluationContext(attributes=entry) if entry else None

    def after(self, hook_context: Any, details: Any, hints: Any) -> None:
        self.world.hooked.append((f"{self.name}after", details))

    def error(self, hook_context: Any, exception: Exception, hints: Any) -> None:
        self.world.hooked.append((f"{self.name}error", exception))

    def finally_after(self, hook_context: Any, details: Any, hints: Any) -> None:
        self.world.hooked.append((f"{self.name}finally", details))


class World:
    """What one scenario works with."""

    def __init__(self, flags: dict[str, Any]) -> None:
        self.flags = document(flags)
        self.client: OpenFeatureClient = api.get_client()
        self.kind, self.key, self.default = "boolean", "", None
        self.context: dict[str, Any] = {}
        self.before: dict[str, Any] = {}
        self.details: FlagEvaluationDetails[Any] | None = None
        self.hooked: list[tuple[str, Any]] = []
        self.options: FlagEvaluationOptions | None = None
        self.fake: FakeFlags | None = None

    def provide(self, flags: Any, *, wait: bool = True, **more: Any) -> AndonProvider:
        provider = AndonProvider(flags, **more)
        (api.set_provider_and_wait if wait else api.set_provider)(provider)
        return provider

    def evaluate(self, how: str = "details", context: dict[str, Any] | None = None) -> Any:
        ask = getattr(self.client, f"get_{self.kind}_{how}")
        given = self.context if context is None else context
        return ask(self.key, self.default, EvaluationContext(attributes=given), self.options)

    @property
    def found(self) -> FlagEvaluationDetails[Any]:
        assert self.details is not None
        return self.details

    def close(self) -> None:
        if self.fake is not None:
            self.fake.arrive({"flags": {}})
        # The SDK initializes in threads of its own: one that ends after the shutdown would watch on for ever.
        for thread in threading.enumerate():
            if "_run_initialize" in thread.name:
                thread.join(10)
        api.shutdown()


def run(world: World, text: str, table: Table) -> None:
    """Do one step; raises LookupError for one that nobody wrote."""
    for pattern, function in STEPS:
        if found := pattern.fullmatch(text):
            function(world, *found.groups(), *([table] if table else []))
            return
    raise LookupError(text)


def value_of(kind: str, text: str) -> Any:
    """Return a value of the scenarios."""
    kind, text = kind.lower(), text.replace('\\"', '"')
    if text == "null":
        return None
    if kind == "boolean":
        return text == "true"
    if kind == "object":
        return json.loads(text)
    return {"string": str, "integer": int, "float": float}[kind](text)


def same(value: Any, kind: str, text: str) -> None:
    expected = value_of(kind, text)
    assert (type(value), value) == (type(expected), expected), (value, expected)


# ---- the provider


@step("a stable provider")
def _stable(world: World) -> None:
    evaluator = Evaluator()
    evaluator.replace(world.flags)
    world.provide(evaluator)


@step("a not ready provider")
def _not_ready(world: World) -> None:
    world.fake = FakeFlags()
    world.provide(world.fake, wait=False, patience=60.0)


@step("a fatal provider")
def _fatal(world: World) -> None:
    world.fake = FakeFlags(world.flags)
    details = ProviderEventDetails(error_code=ErrorCode.PROVIDER_FATAL)
    world.provide(world.fake).emit_provider_error(details)


@step("a error provider")
def _erring(world: World) -> None:
    world.fake = FakeFlags()
    world.provide(world.fake, wait=False, patience=0.0)
    until(lambda: world.client.get_provider_status().value == "ERROR")


@step("a stale provider")
def _stale(world: World) -> None:
    world.fake = FakeFlags(world.flags)
    world.provide(world.fake, stale_after=5.0)
    world.fake.lose(after=6.0)
    until(lambda: world.client.get_provider_status().value == "STALE")


@step('the provider status should be "(.*)"')
def _status(world: World, expected: str) -> None:
    assert world.client.get_provider_status().value == expected


@step("a stable provider with retrievable context is registered")
def _retrievable(world: World) -> None:
    api.set_transaction_context_propagator(ContextVarsTransactionContextPropagator())
    api.set_transaction_context(EvaluationContext())
    evaluator = Recorder()
    evaluator.replace(world.flags)
    world.provide(evaluator)
    world.key, world.default = "boolean-flag", False
    world.client.add_hooks([Noting(world)])


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


# ---- a flag, a context, an evaluation


@step('an? (\\w+)-flag with key "(.*?)" and a (?:fallback|default) value "(.*)"')
def _flag(world: World, kind: str, key: str, default: str) -> None:
    world.kind, world.key = kind.lower(), key
    world.default = value_of(kind, default)


@step('a context containing a key "(.*)", with type "(.*)" and with value "(.*)"')
def _context(world: World, key: str, kind: str, value: str) -> None:
    world.context[key] = value_of(kind, value)


@step('a context containing a key "(.*)" with null value')
def _nothing(world: World, key: str) -> None:
    world.context[key] = None


@step("the flag was evaluated with details(?: using the evaluation options)?")
def _evaluated(world: World) -> None:
    world.details = world.evaluate()


@step("the flag was evaluated with details asynchronously")
def _asynchronously(world: World) -> None:
    world.details = asyncio.run(world.evaluate("details_async"))


@step("the evaluation should complete without blocking")
def _without_blocking(world: World) -> None:
    assert world.found.error_code is None


@step('the resolved details value should be "(.*)"')
def _value(world: World, expected: str) -> None:
    same(world.found.value, world.kind, expected)


@step('the reason should be "(.*)"')
def _reason(world: World, expected: str) -> None:
    assert world.found.reason == expected


@step('the error-code should be "(.*)"')
def _error_code(world: World, expected: str) -> None:
    assert world.found.error_code == expected


@step('the flag key should be "(.*)"')
def _flag_key(world: World, expected: str) -> None:
    assert world.found.flag_key == expected


@step('the variant should be "([^"]*)"')
def _variant(world: World, expected: str) -> None:
    assert world.found.variant == expected


@step("the resolved metadata should contain")
def _metadata(world: World, table: Table) -> None:
    for key, kind, value in table[1:]:
        same(world.found.flag_metadata[key], kind, value)


@step("the resolved metadata is empty")
def _no_metadata(world: World) -> None:
    assert not world.found.flag_metadata


# ---- hooks


@step("a client with added hook")
def _with_hook(world: World) -> None:
    world.client.add_hooks([Noting(world)])


@step('the "(.*)" hook should have been executed')
def _executed(world: World, name: str) -> None:
    assert name in [hook for hook, _ in world.hooked]


@step('the "(.*)" hooks should be called with evaluation details')
def _called_with(world: World, names: str, table: Table) -> None:
    for name in names.split(", "):
        details = next(given for hook, given in world.hooked if hook == name)
        for kind, key, value in table[1:]:
            same(getattr(details, key) if value == "null" else _plain(getattr(details, key)), kind, value)


def _plain(value: Any) -> Any:
    return str(value.value) if hasattr(value, "value") else value


@step("evaluation options containing specific hooks")
def _options(world: World) -> None:
    world.options = FlagEvaluationOptions(hooks=[Noting(world, "first-"), Noting(world, "second-")])


@step("the specified hooks should execute during evaluation")
def _specified(world: World) -> None:
    assert {name for name, _ in world.hooked} >= {"first-before", "second-before", "first-finally"}


@step("the hook order should be maintained")
def _order(world: World) -> None:
    names = [name for name, _ in world.hooked]
    assert names.index("first-before") < names.index("second-before")
    assert names.index("second-after") < names.index("first-after")


# ---- levels of context


@step('A context entry with key "(.*)" and value "(.*)" is added to the "(.*)" level')
def _entry(world: World, key: str, value: str, level: str) -> None:
    entry = EvaluationContext(attributes={key: value})
    if level == "API":
        api.set_evaluation_context(api.get_evaluation_context().merge(entry))
    elif level == "Transaction":
        api.set_transaction_context(api.get_transaction_context().merge(entry))
    elif level == "Client":
        world.client.context = world.client.context.merge(entry)
    elif level == "Invocation":
        world.context[key] = value
    else:
        world.before[key] = value


@step("A table with levels of increasing precedence")
def _levels(world: World, table: Table) -> None:
    world.levels = [row[0] for row in table]  # type: ignore[attr-defined]


@step(
    'Context entries for each level from API level down to the "(.*)" level, with key "(.*)" and value "(.*)"'
)
def _down_to(world: World, last: str, key: str, value: str) -> None:
    levels = world.levels  # type: ignore[attr-defined]
    for level in levels[: levels.index(last) + 1]:
        _entry(world, key, value if level == last else f"of {level}", level)


@step("Some flag was evaluated")
def _some(world: World) -> None:
    world.details = world.evaluate()


@step('The merged context contains an entry with key "(.*)" and value "(.*)"')
def _merged(world: World, key: str, value: str) -> None:
    assert Recorder.seen[key] == value


# ---- the older scenarios

_OLD = '(\\w+) flag with key "(.*)" is evaluated with'


@step(f'an? {_OLD} (details and )?(?:default value "?|a )(.*?)"?(?: default value)?')
def _old(world: World, kind: str, key: str, details: str | None, default: str) -> None:
    world.kind, world.key = kind, key
    world.default = {} if default == "null" else value_of(kind, default)
    if details:
        world.details = world.evaluate()
    else:
        value = world.evaluate("value")
        world.details = FlagEvaluationDetails(flag_key=key, value=value)


@step('the resolved (\\w+) (?:details )?value should be (?!contain)"?([^"]*?)"?')
def _old_value(world: World, kind: str, expected: str) -> None:
    same(world.found.value, kind, expected)


@step(
    'the resolved (\\w+) details value should be "?(.*?)"?, the variant should be "(.*)", '
    'and the reason should be "(.*)"'
)
def _old_details(world: World, kind: str, expected: str, variant: str, reason: str) -> None:
    same(world.found.value, kind, expected)
    assert (world.found.variant, world.found.reason) == (variant, reason)


@step("the resolved object (?:details )?value should be contain fields .*")
def _old_object(world: World) -> None:
    expected = {"showImages": True, "title": "Check out these pics!", "imagesPerPage": 100}
    assert world.found.value == expected


@step('the variant should be "(.*)", and the reason should be "(.*)"')
def _old_variant(world: World, variant: str, reason: str) -> None:
    assert (world.found.variant, world.found.reason) == (variant, reason)


@step('context contains keys "fn", "ln", "age", "customer" with values "(.*)", "(.*)", (\\d+), "(.*)"')
def _old_context(world: World, first: str, last: str, age: str, customer: str) -> None:
    world.context = {"fn": first, "ln": last, "age": int(age), "customer": customer == "true"}


@step('a flag with key "(.*)" is evaluated with default value "(.*)"')
def _old_aware(world: World, key: str, default: str) -> None:
    world.kind, world.key, world.default = "string", key, default
    world.details = world.evaluate()


@step('the resolved string response should be "(.*)"')
def _old_response(world: World, expected: str) -> None:
    assert world.found.value == expected


@step('the resolved flag value is "(.*)" when the context is empty')
def _old_empty(world: World, expected: str) -> None:
    assert world.evaluate("value", {}) == expected


@step('a non-existent string flag with key "(.*)" is evaluated with details and a fallback value "(.*)"')
def _old_missing(world: World, key: str, default: str) -> None:
    _old(world, "string", key, "details", default)


@step('a string flag with key "(.*)" is evaluated as an integer, with details and a fallback value (\\d+)')
def _old_wrong(world: World, key: str, default: str) -> None:
    _old(world, "integer", key, "details", default)


@step("the default (\\w+) value should be returned")
def _old_default(world: World, _kind: str) -> None:
    assert world.found.value == world.default


@step('the reason should indicate an error and the error code should indicate .* with "(.*)"')
def _old_error(world: World, code: str) -> None:
    assert (world.found.reason, world.found.error_code) == ("ERROR", code)

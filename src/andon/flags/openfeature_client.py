"""An OpenFeature client that goes the short way when nobody could see the difference.

The SDK's client merges four contexts and walks the hooks for every evaluation, which costs twenty times what
deciding a flag does. Where there is no hook and no context but the caller's, none of that changes the answer;
then this client asks Andon's evaluator directly, and in every other case it is the SDK's client unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

try:
    from openfeature import evaluation_context as _contexts
except ModuleNotFoundError as missing:
    words = "OpenFeature's SDK is not installed: pip install 'andon[openfeature]'"
    raise ModuleNotFoundError(words, name=missing.name) from missing

from openfeature import hook as _hooks
from openfeature import transaction_context as _transactions
from openfeature.client import OpenFeatureClient, _typecheck_flag_value
from openfeature.flag_evaluation import FlagEvaluationDetails, FlagType, Reason
from openfeature.provider import ProviderStatus
from openfeature.provider._registry import provider_registry as _registry
from openfeature.transaction_context.no_op_transaction_context_propagator import (
    NoOpTransactionContextPropagator,
)

from andon.flags.openfeature_context import flat
from andon.flags.openfeature_provider import AndonProvider, resolution

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from openfeature.evaluation_context import EvaluationContext
    from openfeature.flag_evaluation import FlagEvaluationOptions, FlagValueType

    from andon.flags.client import Flags
    from andon.flags.details import Details
    from andon.flags.evaluator import Evaluator

    Structure = Sequence[FlagValueType] | Mapping[str, FlagValueType]

_NOT_READY, _FATAL = ProviderStatus.NOT_READY, ProviderStatus.FATAL


class FastClient(OpenFeatureClient):
    """The SDK's client with a short way through `AndonProvider`; every answer is the SDK's."""

    def _flags(self) -> Flags | Evaluator | None:
        """Return what evaluates; None when the SDK's own way could give another answer.

        Looked up each time: hooks, contexts and providers may be set at any moment. These names are the
        SDK's own variables (its accessors would cost as much again); pyproject.toml pins the SDK's minor
        version, and tests/unit/flags/test_openfeature_client.py compares both ways.
        """
        registry = _registry
        domain = self.domain
        provider = registry._default_provider
        if domain is not None:
            provider = registry._providers.get(domain, provider)
        if provider.__class__ is not AndonProvider or provider._hooks or self.hooks or _hooks._hooks:
            return None
        status = registry._provider_status.get(provider, _NOT_READY)
        if status is _NOT_READY or status is _FATAL:
            return None
        everywhere, own = _contexts._evaluation_context, self.context
        if everywhere.attributes or everywhere.targeting_key or own.attributes or own.targeting_key:
            return None
        propagator = _transactions._evaluation_transaction_context_propagator
        if propagator.__class__ is not NoOpTransactionContextPropagator:
            return None
        return provider.flags

    # ---- values

    def get_boolean_value(
        self,
        flag_key: str,
        default_value: bool,
        evaluation_context: EvaluationContext | None = None,
        flag_evaluation_options: FlagEvaluationOptions | None = None,
    ) -> bool:
        """Return what the SDK's client returns."""
        if flag_evaluation_options is None and (flags := self._flags()) is not None:
            if evaluation_context is None:
                return flags.boolean(flag_key, default_value)
            given = flat(evaluation_context.targeting_key, evaluation_context.attributes)
            return flags.boolean(flag_key, default_value, given)
        return super().get_boolean_value(flag_key, default_value, evaluation_context, flag_evaluation_options)

    def get_string_value(
        self,
        flag_key: str,
        default_value: str,
        evaluation_context: EvaluationContext | None = None,
        flag_evaluation_options: FlagEvaluationOptions | None = None,
    ) -> str:
        """Return what the SDK's client returns."""
        if flag_evaluation_options is None and (flags := self._flags()) is not None:
            if evaluation_context is None:
                return flags.string(flag_key, default_value)
            given = flat(evaluation_context.targeting_key, evaluation_context.attributes)
            return flags.string(flag_key, default_value, given)
        return super().get_string_value(flag_key, default_value, evaluation_context, flag_evaluation_options)

    def get_integer_value(
        self,
        flag_key: str,
        default_value: int,
        evaluation_context: EvaluationContext | None = None,
        flag_evaluation_options: FlagEvaluationOptions | None = None,
    ) -> int:
        """Return what the SDK's client returns."""
        if flag_evaluation_options is None and (flags := self._flags()) is not None:
            if evaluation_context is None:
                return flags.integer(flag_key, default_value)
            given = flat(evaluation_context.targeting_key, evaluation_context.attributes)
            return flags.integer(flag_key, default_value, given)
        return super().get_integer_value(flag_key, default_value, evaluation_context, flag_evaluation_options)

    def get_float_value(
        self,
        flag_key: str,
        default_value: float,
        evaluation_context: EvaluationContext | None = None,
        flag_evaluation_options: FlagEvaluationOptions | None = None,
    ) -> float:
        """Return what the SDK's client returns."""
        if flag_evaluation_options is None and (flags := self._flags()) is not None:
            if evaluation_context is None:
                return flags.number(flag_key, default_value)
            given = flat(evaluation_context.targeting_key, evaluation_context.attributes)
            return flags.number(flag_key, default_value, given)
        return super().get_float_value(flag_key, default_value, evaluation_context, flag_evaluation_options)

    def get_object_value(
        self,
        flag_key: str,
        default_value: Structure,
        evaluation_context: EvaluationContext | None = None,
        flag_evaluation_options: FlagEvaluationOptions | None = None,
    ) -> Structure:
        """Return what the SDK's client returns."""
        if flag_evaluation_options is None and (flags := self._flags()) is not None:
            if evaluation_context is None:
                return flags.object(flag_key, default_value)  # type: ignore[no-any-return]
            given = flat(evaluation_context.targeting_key, evaluation_context.attributes)
            return flags.object(flag_key, default_value, given)  # type: ignore[no-any-return]
        return super().get_object_value(flag_key, default_value, evaluation_context, flag_evaluation_options)

    # ---- details; the SDK's asynchronous forms end here too

    def evaluate_flag_details(
        self,
        flag_type: FlagType,
        flag_key: str,
        default_value: Any,
        evaluation_context: EvaluationContext | None = None,
        flag_evaluation_options: FlagEvaluationOptions | None = None,
    ) -> FlagEvaluationDetails[Any]:
        """Return what the SDK's client returns."""
        ask = _DETAILS.get(flag_type) if flag_evaluation_options is None else None
        if ask is None or (flags := self._flags()) is None:
            return super().evaluate_flag_details(
                flag_type, flag_key, default_value, evaluation_context, flag_evaluation_options
            )
        given = None
        if evaluation_context is not None:
            given = flat(evaluation_context.targeting_key, evaluation_context.attributes)
        return _evaluated(ask(flags)(flag_key, default_value, given), flag_type, flag_key, default_value)

    async def evaluate_flag_details_async(
        self,
        flag_type: FlagType,
        flag_key: str,
        default_value: Any,
        evaluation_context: EvaluationContext | None = None,
        flag_evaluation_options: FlagEvaluationOptions | None = None,
    ) -> FlagEvaluationDetails[Any]:
        """Return what the SDK's client returns; nothing in the short way waits for anything."""
        if flag_type in _DETAILS and flag_evaluation_options is None and self._flags() is not None:
            return self.evaluate_flag_details(flag_type, flag_key, default_value, evaluation_context)
        found: FlagEvaluationDetails[Any] = await super().evaluate_flag_details_async(
            flag_type, flag_key, default_value, evaluation_context, flag_evaluation_options
        )
        return found


def fast_client(domain: str | None = None, version: str | None = None) -> FastClient:
    """Return a client as `openfeature.api.get_client` does, with the short way."""
    return FastClient(domain=domain, version=version)


#: Which of the evaluator's questions a type of flag asks.
_DETAILS: dict[FlagType, Callable[[Flags | Evaluator], Callable[..., Details]]] = {
    FlagType.BOOLEAN: lambda flags: flags.boolean_details,
    FlagType.STRING: lambda flags: flags.string_details,
    FlagType.INTEGER: lambda flags: flags.integer_details,
    FlagType.FLOAT: lambda flags: flags.number_details,
    FlagType.OBJECT: lambda flags: flags.object_details,
}


def _evaluated(
    details: Details, flag_type: FlagType, flag_key: str, default_value: Any
) -> FlagEvaluationDetails[Any]:
    """Return the details as the SDK ends an evaluation: checked by type, the default after an error."""
    found = resolution(details)
    if found.error_code is None and (wrong := _typecheck_flag_value(found.value, flag_type)) is not None:
        return FlagEvaluationDetails(
            flag_key=flag_key,
            value=default_value,
            reason=Reason.ERROR,
            error_code=wrong.error_code,
            error_message=wrong.error_message,
        )
    made = found.to_flag_evaluation_details(flag_key)
    if made.error_code is not None:
        made.value = default_value
    return made

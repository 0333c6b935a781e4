"""The provider for OpenFeature's Python SDK. Only the modules `openfeature_*` import the SDK (an extra).

What decides is `andon.flags.evaluator`; here its words become the SDK's, and what happens to the client of
the flag server becomes the SDK's events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

try:
    from openfeature.event import ProviderEventDetails
except ModuleNotFoundError as missing:
    words = "OpenFeature's SDK is not installed: pip install 'andon[openfeature]'"
    raise ModuleNotFoundError(words, name=missing.name) from missing

from openfeature.exception import ErrorCode, ProviderNotReadyError
from openfeature.flag_evaluation import FlagResolutionDetails
from openfeature.immutable_dict.mapping_proxy_type import MappingProxyType as Unchangeable
from openfeature.provider import AbstractProvider, Metadata

from andon.flags.openfeature_context import flat
from andon.flags.openfeature_watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from openfeature.evaluation_context import EvaluationContext
    from openfeature.flag_evaluation import FlagValueType
    from openfeature.hook import Hook
    from openfeature.track import TrackingEventDetails

    from andon.flags.client import Flags
    from andon.flags.details import Details
    from andon.flags.evaluator import Evaluator

    Track = Callable[[str, EvaluationContext | None, TrackingEventDetails | None], None]

NAME = "andon"
_NOTHING: Mapping[str, Any] = Unchangeable()
#: The evaluator's error codes are OpenFeature's own words.
_CODES = {code.value: code for code in ErrorCode}


class AndonProvider(AbstractProvider):
    """Resolve flags with an `Evaluator`, or with the `Flags` of a client, whose state becomes events."""

    def __init__(
        self,
        flags: Flags | Evaluator,
        *,
        stale_after: float = 30.0,
        patience: float = 5.0,
        hooks: Iterable[Hook] = (),
        track: Track | None = None,
    ) -> None:
        """Take what evaluates; nothing is started before `initialize`.

        After `stale_after` seconds without the flag server the provider is STALE. `initialize` waits
        `patience` seconds for a first set of flags. `track` gets what the application tracks.
        The flags stay open after `shutdown`: who made them closes them.
        """
        super().__init__()
        self.flags = flags
        self._patience = patience
        self._hooks = list(hooks)
        self._track = track
        self._watch = Watch(self, stale_after)

    def get_metadata(self) -> Metadata:
        """Return the provider's name."""
        return Metadata(name=NAME)

    def get_provider_hooks(self) -> list[Hook]:
        """Return the hooks that were given."""
        return self._hooks

    def initialize(self, evaluation_context: EvaluationContext) -> None:  # noqa: ARG002  # the SDK's
        """Wait for a first set of flags, then watch; raises ProviderNotReadyError when none comes in time.

        The SDK then says ERROR, and every caller gets the default until the watch sees flags and says READY.
        """
        is_ready = self._watch.start(self._patience)
        if not is_ready:
            raise ProviderNotReadyError(f"no flags after {self._patience:g} s: {self._watch.problem()}")

    def shutdown(self) -> None:
        """Stop watching; it can be initialized again."""
        self._watch.stop()

    def track(
        self,
        tracking_event_name: str,
        evaluation_context: EvaluationContext | None = None,
        tracking_event_details: TrackingEventDetails | None = None,
    ) -> None:
        """Pass on what the application tracks, where somebody takes it."""
        if self._track is not None:
            self._track(tracking_event_name, evaluation_context, tracking_event_details)

    # ---- the five types; the SDK's asynchronous forms call these, as nothing here ever waits

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        """Resolve a boolean flag; never raises."""
        return resolution(self.flags.boolean_details(flag_key, default_value, _flat(evaluation_context)))

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        """Resolve a string flag; never raises."""
        return resolution(self.flags.string_details(flag_key, default_value, _flat(evaluation_context)))

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        """Resolve a flag of whole numbers; never raises."""
        return resolution(self.flags.integer_details(flag_key, default_value, _flat(evaluation_context)))

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        """Resolve a flag of numbers; never raises."""
        return resolution(self.flags.number_details(flag_key, default_value, _flat(evaluation_context)))

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        """Resolve a flag of objects or lists; never raises."""
        return resolution(self.flags.object_details(flag_key, default_value, _flat(evaluation_context)))


def _flat(context: EvaluationContext | None) -> Mapping[str, Any]:
    return _NOTHING if context is None else flat(context.targeting_key, context.attributes)


def resolution(details: Details) -> FlagResolutionDetails[Any]:
    """Return what the evaluator says in the SDK's words; a code that it does not know is GENERAL."""
    code = details.error_code
    return FlagResolutionDetails(
        details.value,
        None if code is None else _CODES.get(code, ErrorCode.GENERAL),
        details.error_message or None,
        details.reason,
        details.variant,
        Unchangeable(details.metadata) if details.metadata else _NOTHING,
    )


def changed(keys: Iterable[str], message: str = "") -> ProviderEventDetails:
    """Return the details of an event about some flags."""
    return ProviderEventDetails(flags_changed=sorted(keys), message=message or None)

"""A test's overrides for the clients of OpenFeature's SDK, whatever provider they have, ready or not."""

from __future__ import annotations

from typing import Any

from openfeature.client import OpenFeatureClient
from openfeature.provider import FeatureProvider, Metadata, ProviderStatus

from andon.flags import overlay
from andon.flags.evaluator import Evaluator
from andon.flags.openfeature_provider import AndonProvider

#: The SDK's own ways, while ours stand in their place; empty otherwise.
_replaced: dict[str, Any] = {}
#: Has no flags but those that are overridden.
_evaluator = Evaluator()


def reach(is_wanted: bool) -> None:
    """Stand in the way of every evaluation while something is overridden, and no longer."""
    if is_wanted and not _replaced:
        _replaced["evaluate_flag_details"] = OpenFeatureClient.evaluate_flag_details
        _replaced["evaluate_flag_details_async"] = OpenFeatureClient.evaluate_flag_details_async
        OpenFeatureClient.evaluate_flag_details = _evaluate  # type: ignore[method-assign]
        OpenFeatureClient.evaluate_flag_details_async = _evaluate_async  # type: ignore[method-assign]
    elif not is_wanted and _replaced:
        for name in tuple(_replaced):
            setattr(OpenFeatureClient, name, _replaced.pop(name))


class _Forced(AndonProvider):
    """What a test wants, with the hooks and the name of the provider whose place it takes."""

    def __init__(self, instead: FeatureProvider) -> None:
        super().__init__(_evaluator, hooks=instead.get_provider_hooks())
        self._metadata = instead.get_metadata()

    def get_metadata(self) -> Metadata:
        return self._metadata


class _ForcedClient(OpenFeatureClient):
    """The client that was asked, with its hooks and context, and another provider."""

    def __init__(self, asked: OpenFeatureClient) -> None:
        super().__init__(asked.domain, asked.version, asked.context, asked.hooks)
        self._forced = _Forced(asked.provider)

    @property
    def provider(self) -> FeatureProvider:
        return self._forced

    def get_provider_status(self) -> ProviderStatus:
        return ProviderStatus.READY


def _evaluate(self: OpenFeatureClient, flag_type: Any, flag_key: str, *given: Any, **named: Any) -> Any:
    return _way("evaluate_flag_details")(_for(self, flag_key), flag_type, flag_key, *given, **named)


async def _evaluate_async(
    self: OpenFeatureClient, flag_type: Any, flag_key: str, *given: Any, **named: Any
) -> Any:
    way = _way("evaluate_flag_details_async")
    return await way(_for(self, flag_key), flag_type, flag_key, *given, **named)


def _way(name: str) -> Any:
    """Return the SDK's own way; another thread may just have put it back."""
    return _replaced.get(name) or getattr(OpenFeatureClient, name)


def _for(client: OpenFeatureClient, flag_key: str) -> OpenFeatureClient:
    """Return who answers: the client itself where its own evaluator knows what is wanted."""
    is_ours = isinstance(client.provider, AndonProvider)
    if flag_key not in overlay.wanted or isinstance(client, _ForcedClient):
        return client
    if is_ours and client.get_provider_status() not in (ProviderStatus.NOT_READY, ProviderStatus.FATAL):
        return client
    return _ForcedClient(client)

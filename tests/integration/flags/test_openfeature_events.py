"""OpenFeature's SDK with a client of a flag server: a kill, a server that goes, and one that comes late."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from openfeature import api
from openfeature.event import EventDetails, ProviderEvent
from openfeature.provider import ProviderStatus

from andon.flags.client import connect
from andon.flags.openfeature_client import fast_client
from andon.flags.openfeature_provider import AndonProvider
from andon.flags.testing import override
from tests.fakes.flag_stream import FlagStream, flag, until


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    api.shutdown()


def status() -> ProviderStatus:
    return api.get_client().get_provider_status()


def test_a_kill_reaches_the_application_as_an_event_and_as_a_value() -> None:
    both = {"new-pricing": flag(True), "other": flag(True)}
    with FlagStream(both, 100) as server, connect(server.address, name="shop") as flags:
        api.set_provider_and_wait(AndonProvider(flags, stale_after=0.2, patience=60))
        client, changed = fast_client(), list[EventDetails]()
        api.add_handler(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, changed.append)
        assert client.get_boolean_value("new-pricing", False) is True
        server.patch({"new-pricing": flag(False)})
        until(lambda: [details.flags_changed for details in changed] == [["new-pricing"]])
        assert client.get_boolean_value("new-pricing", True) is False
        with override({"new-pricing": True}):
            server.patch({"other": flag(False)})
            until(lambda: client.get_boolean_value("other", True) is False)
            assert client.get_boolean_value("new-pricing", False) is True
        assert client.get_boolean_value("new-pricing", True) is False
        server.close()
        until(lambda: status() is ProviderStatus.STALE)
        assert client.get_boolean_value("other", True) is False, "the last good set stays in force"


def test_flags_that_come_late_make_it_ready() -> None:
    with FlagStream() as gone:
        gone.close()
        with connect(gone.address, name="shop") as flags:
            api.set_provider(AndonProvider(flags, patience=0.0))
            until(lambda: status() is ProviderStatus.ERROR)
            assert fast_client().get_boolean_value("new-pricing", True) is True
            with FlagStream({"new-pricing": flag(False)}, 100, port=gone.port):
                until(lambda: status() is ProviderStatus.READY)
                assert fast_client().get_boolean_value("new-pricing", True) is False

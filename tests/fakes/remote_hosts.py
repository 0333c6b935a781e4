"""Remotes and hosts that say what a test tells them to."""

from __future__ import annotations

from collections.abc import Mapping

from andon.errors import Unavailable


class FakeRemoteHosts:
    """The port `RemoteHosts`; what was not told does not answer."""

    def __init__(
        self,
        references: Mapping[str, tuple[tuple[str, str], ...]] | None = None,
        visibility: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        self._references = references or {}
        self._visibility = visibility or {}
        self.asked: list[str] = []

    def references(self, remote: str) -> tuple[tuple[str, str], ...]:
        self.asked.append(remote)
        if remote not in self._references:
            raise Unavailable("its references cannot be listed", where="ls-remote")
        return self._references[remote]

    def visibility(self, address: str) -> tuple[str, str]:
        self.asked.append(address)
        return self._visibility.get(address, ("unknown", "its host did not say"))

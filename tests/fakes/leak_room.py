"""A room for leaks in memory, with directories of the test's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from andon.secrets.leak.credential import Credential


class FakeLeakRoom:
    """The port `LeakRoom`."""

    def __init__(self, directory: Path) -> None:
        self.host = "laptop"
        self._directory = directory
        self._kept: dict[str, dict[str, Credential]] = {}

    def place(self, incident: str) -> str:
        place = self._directory / incident
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return str(place)

    def keep(self, incident: str, credentials: Sequence[Credential]) -> None:
        self._kept.setdefault(incident, {}).update({c.mark: c for c in credentials})

    def credentials(self, incident: str) -> tuple[Credential, ...]:
        return tuple(self._kept.get(incident, {}).values())

    def values(self) -> tuple[bytes, ...]:
        return tuple(c.value for kept in self._kept.values() for c in kept.values())

    def forget(self, incident: str) -> bool:
        self._kept.pop(incident, None)
        return True

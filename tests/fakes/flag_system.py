"""A flag system in memory: flagd's JSON, overrides above it, and processes that confirm or keep silent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from andon.desk.flags.values import Confirmed, FlagHealth, FlagSeen, FlagUsage
from andon.errors import NotFound, Unavailable
from andon.flags.overrides import KILL, ROLLOUT, Override, effective, on_variant, refuse_another, safe_variant


class FakeFlagSystem:
    """The port `FlagSystem`."""

    kind = "andon"
    address = "memory"

    def __init__(self, flags: dict[str, dict[str, Any]] | None = None, processes: int = 3) -> None:
        self.definitions = dict(flags or {})
        self.overrides: dict[tuple[str, str], Override] = {}
        self.version = 1
        #: Names of the processes that never confirm.
        self.silent: tuple[str, ...] = ()
        self.processes = processes
        #: The acts that were asked for, in order.
        self.acts: list[tuple[str, str, str]] = []
        #: Raised by the next act instead of doing it.
        self.breaks: Exception | None = None
        self.is_reachable = True
        self.used: tuple[FlagUsage, ...] = ()
        #: What it says that somebody should look at.
        self.problems: tuple[str, ...] = ()

    def flags(self) -> tuple[FlagSeen, ...]:
        self._reach()
        return tuple(self.find(key) for key in self.definitions)

    def find(self, key: str, /) -> FlagSeen:
        self._reach()
        flag = self.definitions.get(key)
        if flag is None:
            raise NotFound(f"there is no flag {key}", where=self.address, remedy="andon flags list")
        metadata = flag.get("metadata", {})
        kill, rollout = self.overrides.get((key, KILL)), self.overrides.get((key, ROLLOUT))
        return FlagSeen(
            key=key,
            variants=tuple(flag["variants"]),
            default_variant=flag.get("defaultVariant") or "",
            is_enabled=flag.get("state", "ENABLED") == "ENABLED",
            safe_variant=safe_variant(flag),
            on_variant=on_variant(flag),
            purpose_kind=metadata.get("kind", ""),
            owner=metadata.get("owner", ""),
            purpose=metadata.get("purpose", ""),
            created=metadata.get("created", ""),
            expires=metadata.get("expires", ""),
            ticket=metadata.get("ticket", ""),
            covers=metadata.get("covers", ""),
            kill=kill,
            rollout=rollout,
            definition=flag,
            state="killed" if kill else f"{rollout.percent:g} %" if rollout else "as defined",
        )

    def put(self, override: Override, /) -> str:
        self.find(override.flag)
        known = self.overrides.get((override.flag, override.layer))
        if known != override:
            self._act("put", override.flag, override.operation)
            self.overrides[override.flag, override.layer] = override
            self.version += 1
        return str(self.version)

    def take(self, key: str, layer: str, operation: str, only: str = "", /) -> str:
        self.find(key)
        if (key, layer) in self.overrides:
            refuse_another(self.overrides[key, layer].operation, only, key, self.address)
            self._act("take", key, operation)
            del self.overrides[key, layer]
            self.version += 1
        return str(self.version)

    def confirmations(self, version: str, patience: float, tell: Callable[[str], None], /) -> Confirmed:
        self._reach()
        return Confirmed(
            connected=self.processes,
            confirmed=self.processes - len(self.silent),
            silent=self.silent,
            milliseconds=41.0,
            slowest="web-3",
        )

    def health(self) -> FlagHealth:
        self._reach()
        return FlagHealth(
            summary=f"version {self.version}, {self.processes} processes", problems=self.problems
        )

    def usage(self) -> tuple[FlagUsage, ...]:
        self._reach()
        return self.used

    def now(self, key: str) -> dict[str, Any]:
        """Return what clients have of a flag: its definition under its overrides."""
        above = [o for (flag, _), o in self.overrides.items() if flag == key]
        return effective(self.definitions[key], above)

    def _act(self, verb: str, key: str, operation: str) -> None:
        self._reach()
        if self.breaks is not None:
            problem, self.breaks = self.breaks, None
            raise problem
        self.acts.append((verb, key, operation))

    def _reach(self) -> None:
        if not self.is_reachable:
            raise Unavailable("the flag system does not answer", where=self.address, remedy="andon doctor")

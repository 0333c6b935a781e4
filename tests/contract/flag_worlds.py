"""Worlds for the contract of flag systems: each has the same flags, and shows what its clients are given."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from andon.desk.ports_flags import FlagSystem
from andon.flags.overrides import effective
from andon.production.flag_http import FlagApi
from andon.production.flag_overrides_file import FlagsInFile
from andon.production.flags_andon import FlagServerSystem
from andon.production.flags_file import FlagFile
from andon.production.flags_launchdarkly import LaunchDarkly
from andon.production.flags_unleash import Unleash
from tests.fakes.flag_apis import TOKEN, LaunchDarklyStub, UnleashStub
from tests.fakes.flag_system import FakeFlagSystem
from tests.flag_server import Running, running_server

#: A flag with a rollout of its own, one that is on for all, and one whose safe side is not its off side.
FLAGS: dict[str, dict[str, Any]] = {
    "new-checkout": {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "targeting": {"fractional": [["on", 25], ["off", 75]]},
        "metadata": {"owner": "Mia", "purpose": "two steps", "kind": "release", "covers": "checkout"},
    },
    "search": {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "on",
        "metadata": {"owner": "Bob", "purpose": "the new index", "kind": "ops"},
    },
    "engine": {
        "state": "ENABLED",
        "variants": {"old": "v1", "new": "v2"},
        "defaultVariant": "new",
        "metadata": {"safeVariant": "old"},
    },
}


class World(Protocol):
    """A flag system with these flags, and what stands behind it."""

    system: FlagSystem
    #: False where the system has no rollout that could be taken back exactly.
    rolls_out: bool

    def state(self) -> object:
        """Return everything the system has, to be compared."""

    def served(self, key: str) -> str:
        """Return what everybody is given: a variant, or "" when rules decide."""


class FakeWorld:
    """The flag system in memory, which all other tests use."""

    rolls_out = True

    def __init__(self) -> None:
        self.fake = FakeFlagSystem(FLAGS)
        self.system: FlagSystem = self.fake

    def state(self) -> object:
        return json.dumps([self.fake.now(key) for key in FLAGS])

    def served(self, key: str) -> str:
        return default_of(self.fake.now(key))


class FileWorld:
    """A real file in flagd's format."""

    rolls_out = True

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.path.write_text(text)
        self.system: FlagSystem = FlagFile(str(path), path.name)

    def state(self) -> object:
        return self.path.read_bytes()

    def served(self, key: str) -> str:
        from andon.production.flag_outline import outline

        return default_of(outline(self.path.read_text(), self.path.name).flags[key].value)


def default_of(flag: dict[str, Any]) -> str:
    """Return what a flag of flagd's format gives everybody; "" when its rules decide."""
    return "" if flag.get("targeting") else str(flag["defaultVariant"])


@contextmanager
def fake(_place: Path) -> Iterator[World]:
    yield FakeWorld()


@contextmanager
def json_file(place: Path) -> Iterator[World]:
    yield FileWorld(
        place / "flags.json", json.dumps({"flags": FLAGS, "metadata": {"version": "3"}}, indent=2)
    )


@contextmanager
def yaml_file(place: Path) -> Iterator[World]:
    text = "# flags\nflags:\n" + "".join(
        f"  # about {key}\n  {key}:\n"
        + "".join(f"    {part}: {json.dumps(value)}\n" for part, value in flag.items())
        for key, flag in FLAGS.items()
    )
    yield FileWorld(place / "flags.yaml", text)


class UnleashWorld:
    """Unleash's Admin API on the loopback."""

    rolls_out = False

    def __init__(self) -> None:
        self.stub = UnleashStub()
        api = FlagApi(self.stub.url, TOKEN, name="Unleash", token_name="UNLEASH_TOKEN", sleep=lambda _: None)
        self.system: FlagSystem = Unleash(api, "shop", "production")

    def state(self) -> object:
        return json.dumps(self.stub.features)

    def served(self, key: str) -> str:
        found = next(e for e in self.stub.features[key]["environments"] if e["name"] == "production")
        if not found["enabled"]:
            return "off"
        (strategy,) = found["strategies"]
        for_all = strategy["parameters"]["rollout"] == "100" and not strategy["constraints"]
        return "on" if for_all else ""


class LaunchDarklyWorld:
    """LaunchDarkly's REST API on the loopback."""

    rolls_out = False

    def __init__(self) -> None:
        self.stub = LaunchDarklyStub()
        api = FlagApi(self.stub.url, TOKEN, name="LaunchDarkly", token_name="LD_TOKEN", sleep=lambda _: None)
        self.system: FlagSystem = LaunchDarkly(api, "shop", "production")

    def state(self) -> object:
        """Return everything but the counters of changes, which only ever grow."""
        flags = json.loads(json.dumps(self.stub.flags))
        for flag in flags.values():
            for counter in ("version", "lastModified"):
                del flag["environments"]["production"][counter]
        return json.dumps(flags)

    def served(self, key: str) -> str:
        flag = self.stub.flags[key]
        found = flag["environments"]["production"]
        if found["on"] and (found["rules"] or "rollout" in found["fallthrough"]):
            return ""
        at = found["fallthrough"]["variation"] if found["on"] else found["offVariation"]
        return str(flag["variations"][at]["name"])


class ServerWorld:
    """`andon flags serve` in this process, spoken to over loopback."""

    rolls_out = True

    def __init__(self, running: Running) -> None:
        self._running = running
        self.adapter = FlagServerSystem(running.address)
        self.system: FlagSystem = self.adapter

    def state(self) -> object:
        return json.dumps(self._served()["flags"], sort_keys=True)

    def served(self, key: str) -> str:
        return default_of(self._served()["flags"][key])

    def _served(self) -> Any:
        return self._running.ask("GET", "/flags/v1/flags")[1]["document"]


class BesideWorld:
    """A file of Andon's own, with the overrides in a file beside it."""

    rolls_out = True

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_text(json.dumps({"flags": FLAGS}))
        self.system: FlagSystem = FlagsInFile(str(path))

    def state(self) -> object:
        return json.dumps(
            [(flag.kill is None, flag.rollout, flag.definition) for flag in self.system.flags()], default=str
        )

    def served(self, key: str) -> str:
        seen = self.system.find(key)
        assert seen.definition is not None
        return default_of(effective(seen.definition, [o for o in (seen.kill, seen.rollout) if o is not None]))


@contextmanager
def andon_server(place: Path) -> Iterator[World]:
    with running_server(place, FLAGS) as running:
        made = ServerWorld(running)
        try:
            yield made
        finally:
            made.adapter.close()


@contextmanager
def andon_file(place: Path) -> Iterator[World]:
    yield BesideWorld(place / "flags.json")


@contextmanager
def unleash(_place: Path) -> Iterator[World]:
    made = UnleashWorld()
    try:
        yield made
    finally:
        made.stub.close()


@contextmanager
def launchdarkly(_place: Path) -> Iterator[World]:
    made = LaunchDarklyWorld()
    try:
        yield made
    finally:
        made.stub.close()


WORLDS: dict[str, Callable[[Path], Any]] = {
    "fake": fake,
    "file-json": json_file,
    "file-yaml": yaml_file,
    "andon-server": andon_server,
    "andon-file": andon_file,
    "unleash": unleash,
    "launchdarkly": launchdarkly,
}

"""The same incident, whatever flag system there is: killed, proven, told, undone to the byte."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.acceptance.flag_shop import FLAGS, KEY, FlagAnswer
from tests.acceptance.shop import Shop
from tests.fakes.flag_apis import TOKEN, LaunchDarklyStub, Stub, UnleashStub


class Elsewhere:
    """A flag system that is not Andon's, with what it would give to everybody."""

    def __init__(self, toml: str, state: Callable[[], Any], is_off: Callable[[], bool]) -> None:
        self.toml = toml
        self.state = state
        self._is_off = is_off

    def now(self, _key: str) -> str:
        """Return what the shop's checkout is given, as its `Program` would."""
        return "off" if self._is_off() else "on"


def flagd_file(shop: Shop) -> Elsewhere:
    path = shop.repository / "flags.json"
    path.write_text(json.dumps(FLAGS, indent=4) + "\n")
    return Elsewhere(
        'system = "file"\nfile = "flags.json"\n',
        path.read_bytes,
        lambda: "targeting" not in json.loads(path.read_text())["flags"][KEY],
    )


def api(system: str, stub: Stub) -> str:
    return (
        f'system = "{system}"\nserver = "{stub.url}"\nproject = "shop"\n'
        'environment = "production"\ntoken = "$SHOP_FLAGS"\n'
    )


def unleash(stub: UnleashStub) -> Elsewhere:
    flag = stub.features["new-checkout"]
    flag["name"], stub.features[KEY] = KEY, flag
    environment = flag["environments"][1]
    return Elsewhere(
        api("unleash", stub), lambda: json.dumps(stub.features), lambda: not environment["enabled"]
    )


def launchdarkly(stub: LaunchDarklyStub) -> Elsewhere:
    flag = stub.flags["new-checkout"]
    flag["key"], stub.flags[KEY] = KEY, flag
    environment = flag["environments"]["production"]

    def state() -> str:
        counters = ("version", "lastModified")
        return json.dumps({part: value for part, value in environment.items() if part not in counters})

    return Elsewhere(api("launchdarkly", stub), state, lambda: not environment["on"])


@pytest.fixture(params=["file", "unleash", "launchdarkly"])
def elsewhere(request: pytest.FixtureRequest, shop: Shop) -> Iterator[Elsewhere]:
    stub: Any = {"unleash": UnleashStub, "launchdarkly": LaunchDarklyStub}.get(request.param, lambda: None)()
    if stub is None:
        made = flagd_file(shop)
    else:
        made = unleash(stub) if request.param == "unleash" else launchdarkly(stub)
    flag = f'[[flag]]\nname = "{KEY}"\ncovers = "checkout"\n'
    shop.configure(more=f"[flags]\n{made.toml}confirm = 0.5\n\n{flag}")
    shop.environment["SHOP_FLAGS"] = TOKEN
    shop.environment["NO_PROXY"] = "127.0.0.1"
    shop.production.RequestHandlerClass = FlagAnswer
    shop.program = made
    yield made
    if stub is not None:
        stub.close()


def test_the_incident_does_not_care_which_system_it_is(shop: Shop, elsewhere: Elsewhere) -> None:
    before = elsewhere.state()
    listed = {flag["key"]: flag for flag in shop.ask("flags", "list")["flags"]}
    assert listed[KEY]["safe_variant"] == "off"
    assert listed[KEY]["kill"] is None
    incident = shop.declare()
    shop.quickly("ack")
    shop.quickly("assess")

    done = shop.andon("flags", "kill", KEY, "--yes", "--reason", "alone tonight", code=3)

    assert elsewhere.now(KEY) == "off"
    assert "verification passed" in done.stdout
    assert "nobody can say" in done.stdout or "does not say which process" in done.stdout
    assert shop.ask("flags", "list", KEY)["flags"][0]["kill"]["operation"]
    assert TOKEN not in done.stdout + done.stderr
    story = "\n".join(shop.texts(incident))
    assert f"flag {KEY}: kill to off planned" in story
    assert TOKEN not in story

    kill = shop.ask("flags", "status", KEY)["kill"]["operation"]
    shop.quickly("flags", "undo", kill, "--yes", "--reason", "the cache was cold")
    assert elsewhere.state() == before
    assert shop.ask("flags", "list", KEY)["flags"][0]["kill"] is None


class Nowhere(Stub):
    """A flag system that nobody reaches."""

    def __init__(self) -> None:
        self.url = "http://127.0.0.1:9"


def test_a_flag_system_that_cannot_be_asked_stops_nothing_else(shop: Shop) -> None:
    shop.configure(more=f"[flags]\n{api('unleash', Nowhere())}\n")
    shop.environment.pop("SHOP_FLAGS", None)
    incident = shop.declare()
    shop.quickly("ack")
    shop.andon("assess")
    assert any("SHOP_FLAGS is not set" in text for text in shop.texts(incident))
    shop.quickly("decide", "--explain")
    shop.quickly("status")
    shop.quickly("timeline")
    lines = {line["subject"]: line for line in shop.ask("doctor", code=(0, 1))}
    assert lines["flags"]["fix"].startswith("export SHOP_FLAGS=")
    refused = shop.andon("flags", code=3)
    assert "export SHOP_FLAGS=" in refused.stderr

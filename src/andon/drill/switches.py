"""The flags of the practice production: the release that brings one, its server, and who asks it."""

from __future__ import annotations

import json
import os
import time
from math import ceil

from andon.drill.releases import Edit, Release
from andon.drill.script import Stage
from andon.drill.world import World

FLAG = "quantity-discount"
#: Workers of the forked service, client programs, and clients in each of them.
WORKERS, FLEETS, CLIENTS = 4, 4, 49

_FILE = {
    "$schema": "https://flagd.dev/schema/v0/flags.json",
    "flags": {
        FLAG: {
            "state": "ENABLED",
            "variants": {"on": True, "off": False},
            "defaultVariant": "off",
            "metadata": {
                "owner": "tom",
                "purpose": "cheaper for whoever buys several of a kind",
                "kind": "release",
                "created": "2026-01-12",
                "expires": "2027-01-12",
                "ticket": "SHOP-218",
                "covers": "checkout",
            },
        }
    },
}

SWITCHES = '''"""What of the shop can be switched, and how it stands for a customer."""

from andon.flags.client import Flags, connect

_flags: Flags | None = None


def begin(server: str, keep: str) -> None:
    """Ask this server from now on; what it said last is kept in a file for the day it is away."""
    global _flags
    _flags = connect(server, keep=keep, name="shop")


def is_on(feature: str, customer: dict[str, str]) -> bool:
    """Say whether a customer gets the feature; nobody does where no server was ever named."""
    key = customer.get("id") or customer.get("name", "")
    return _flags is not None and _flags.boolean(feature, False, {"targetingKey": key})
'''

#: The feature, off until somebody turns it on; it fails for a quantity that it has no percentage for.
RELEASE = Release(
    version="v1.4.0",
    message="Discount for several of a kind, behind a flag that is off",
    author="Tom",
    edits=(
        Edit(file="shop/switches.py", old="", new=SWITCHES),
        Edit(file="flags.json", old="", new=json.dumps(_FILE, indent=2) + "\n"),
        Edit(
            file="shop/settings.py",
            old='        self.payments: str = values["payments"]\n',
            new='        self.payments: str = values["payments"]\n'
            '        self.flags: str = values.get("flags", "")\n'
            '        self.flags_kept: str = values.get("flags_kept", "")\n',
        ),
        Edit(
            file="shop/server.py",
            old="    store.migrate(settings.database)\n",
            new="    store.migrate(settings.database)\n"
            "    if settings.flags:\n"
            "        switches.begin(settings.flags, settings.flags_kept)\n",
        ),
        Edit(
            file="shop/server.py",
            old="from . import __version__, orders, store\n",
            new="from . import __version__, orders, store, switches\n",
        ),
        Edit(
            file="shop/pricing.py",
            old="FREE_SHIPPING_FROM = 4000\n",
            new="FREE_SHIPPING_FROM = 4000\nPERCENT_OFF = {2: 5, 3: 8, 5: 12}\n",
        ),
        Edit(
            file="shop/pricing.py",
            old="    goods = sum(price * quantity for price, quantity in lines)\n",
            new=f'    if is_on("{FLAG}", customer):\n'
            "        lines = [(p * (100 - PERCENT_OFF[number]) // 100, number) for p, number in lines]\n"
            "    goods = sum(price * quantity for price, quantity in lines)\n",
        ),
        Edit(
            file="shop/pricing.py",
            old="Customer = dict[str, str]\n",
            new="from .switches import is_on\n\nCustomer = dict[str, str]\n",
        ),
    ),
)

CURE = Edit(
    file="shop/pricing.py",
    old="(100 - PERCENT_OFF[number])",
    new="(100 - PERCENT_OFF.get(number, 0))",
)
TEST = Edit(
    file="tests/test_pricing.py",
    old="",
    new=f'''"""What a basket costs, with the discount and without it."""

import unittest

from andon.flags.evaluator import Evaluator
from andon.flags.testing import override

from shop import switches
from shop.pricing import total


class Prices(unittest.TestCase):
    """Both states of the flag, for one of a kind and for several."""

    def setUp(self) -> None:
        """Switches without a server."""
        switches._flags = Evaluator()

    def test_without_the_discount(self) -> None:
        """The plain sum."""
        with override({{"{FLAG}": False}}):
            self.assertEqual(total([(5000, 2)], {{"name": "Guest"}}), 10000)

    def test_several_of_a_kind(self) -> None:
        """Five percent off."""
        with override({{"{FLAG}": True}}):
            self.assertEqual(total([(5000, 2)], {{"name": "Guest"}}), 9500)

    def test_one_of_a_kind(self) -> None:
        """No discount, and no error."""
        with override({{"{FLAG}": True}}):
            self.assertEqual(total([(5000, 1)], {{"name": "Guest"}}), 5000)
''',
)

#: What the regression log says of the fault, however it was let out.
FAULT = {
    "root-cause": "PERCENT_OFF has no entry for a quantity of one",
    "incorrect-behaviour": "a table that is read without asking whether it has the entry",
    "correct-solution": "no discount where the table has no percentage",
    "enforced-path": "shop/pricing.py: total",
    "prevention-mechanism": "tests/test_pricing.py: test_one_of_a_kind",
}


def prepare(world: World) -> None:
    """Start the flags' server, a service of forked workers, and a fleet of clients; wait for all of them."""
    port, state = str(world.ports["flags"]), os.path.join(world.home, "flags")
    arguments = ["-m", "andon", "flags", "serve", "--port", port, "--state", state]
    world.launch("flags", arguments, world.repository.path, world.andon_settings)
    world.wait_for(lambda: world.listens("flags"), "the flags' server")
    here = os.path.dirname(os.path.abspath(__file__))
    record = os.path.join(world.home, "quotes.jsonl")
    quotes = [os.path.join(here, "quotes.py"), str(world.ports["quotes"]), world.flags, str(WORKERS), record]
    world.launch("quotes", quotes)
    for number in range(FLEETS):
        record = os.path.join(world.home, f"fleet-{number}.jsonl")
        fleet = [os.path.join(here, "fleet.py"), world.flags, str(CLIENTS), record, FLAG]
        world.launch(f"fleet-{number}", fleet)


def seen(world: World) -> list[dict[str, object]]:
    """Return what the forked workers and the fleet wrote down: each change of the flag as they saw it."""
    found: list[dict[str, object]] = []
    for name in ("quotes", *(f"fleet-{number}" for number in range(FLEETS))):
        try:
            with open(os.path.join(world.home, f"{name}.jsonl"), encoding="utf-8") as file:
                found += [json.loads(line) for line in file if line.endswith("\n")]
        except FileNotFoundError:
            continue
    return found


def standing(world: World) -> dict[str, bool]:
    """Return how the flag stands for each client of the fleet and each forked worker, by its name."""
    return {str(line["who"]): bool(line["on"]) for line in seen(world)}


def turn_on(world: World) -> None:
    """Make the flag on for everybody, in the file, as somebody does who trusts it."""
    text = world.repository.read("flags.json")
    world.repository.write("flags.json", text.replace('"defaultVariant": "off"', '"defaultVariant": "on"'))


#: An alarm for what hits few, in the shop's own repository: exits 1 when an error of any kind was logged.
ALARM = Edit(
    file="ops/watch_errors.py",
    old="",
    new='''"""Alarm when any request fails: `python ops/watch_errors.py LOG SECONDS` exits 1 then."""

import re
import sys
from datetime import UTC, datetime, timedelta

LINE = re.compile(r"^(\\S+) ERROR ")


def errors(log: str, since: datetime) -> int:
    """Return how many errors were logged since then."""
    with open(log, encoding="utf-8") as file:
        found = [match.group(1) for line in file if (match := LINE.match(line))]
    return sum(datetime.fromisoformat(at) >= since for at in found)


if __name__ == "__main__":
    seconds = int(sys.argv[2])
    seen = errors(sys.argv[1], datetime.now(UTC) - timedelta(seconds=seconds))
    print(f"{'ALARM' if seen else 'fine'}: {seen} errors in {seconds} s")
    sys.exit(1 if seen else 0)
''',
)


def practise_alarm(stage: Stage) -> str:
    """Write the alarm and see it say no to what happened and yes to what is now; raises RuntimeError."""
    repository = stage.world.repository
    repository.edit(ALARM)
    told = []
    since = ceil(time.time() - stage.broke_at)
    for seconds, fires in ((since, True), (2, False)):
        code, words = repository.run(ALARM.file, stage.world.log, str(seconds))
        if (code != 0) is not fires:
            raise RuntimeError(f"{ALARM.file} should {'fire' if fires else 'be silent'}: {words}")
        told.append(f"{ALARM.file}: {words.strip()}")
    return "\n".join(told)

"""What one evaluation of a flag costs in this process, beside a hand-written floor and the fastest peers.

Three flags: `a` static, `b` an address that ends with a text and a country in a list, `c` five percent by
user. A thousand users; every client in processes of its own, taken in turn; thread CPU time of rounds of a
hundred evaluations, the lower quartile of a process, the least of the processes. The answers are compared:
`a` and `b` are equal for all, `c` is equal where the hash is flagd's and 2 to 9 percent elsewhere.

Peers are measured where they are installed: `pip install eppo-server-sdk openfeature-flagd-core`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from andon.flags.bucketing import encode, thresholds

#: Nanoseconds that the value API may take, and how many times the floor and the fastest peer.
BUDGETS = {"a": 150.0, "b": 350.0, "c": 550.0}
OF_FLOOR, OF_PEER = 1.6, 1.5
IMPORT_MS, IMPORT_MB = 10.0, 4.0
HALF = {"on": True, "off": False}
COUNTRIES, ENDING, SHARE = ["us", "ca", "de"], "@example.com", 5
DOCUMENT: dict[str, Any] = {
    "flags": {
        "a": {"state": "ENABLED", "variants": HALF, "defaultVariant": "on"},
        "b": {
            "state": "ENABLED",
            "variants": HALF,
            "defaultVariant": "off",
            "targeting": {
                "if": [
                    {
                        "and": [
                            {"ends_with": [{"var": "email"}, ENDING]},
                            {"in": [{"var": "country"}, COUNTRIES]},
                        ]
                    },
                    "on",
                    "off",
                ]
            },
        },
        "c": {
            "state": "ENABLED",
            "variants": HALF,
            "defaultVariant": "off",
            "targeting": {"fractional": [["on", SHARE], ["off", 100 - SHARE]]},
        },
    }
}
USERS = [
    {
        "targetingKey": f"user-{number}",
        "email": f"user{number}{ENDING if number % 2 else '@example.org'}",
        "country": ("us", "ca", "fr", "it")[number // 2 % 4],
    }
    for number in range(1000)
]
Ask = Callable[[str, bool, dict[str, Any]], Any]

# -- clients: a function `(key, default, user) -> bool`, called as an application calls it


def floor() -> Ask:
    """What a programmer would write by hand: a dictionary of functions, and the hash in C."""
    import mmh3

    hash_of, (end, _) = mmh3.hash, thresholds([SHARE, 100 - SHARE]) or (0, 0)
    before = b"\x82" + encode("c")
    heads = {length: before + bytes((0x60 + length,)) for length in range(24)}
    countries = frozenset(COUNTRIES)

    def static(_: dict[str, Any]) -> bool:
        return True

    def targeted(user: dict[str, Any]) -> bool:
        return user["email"].endswith(ENDING) and user["country"] in countries

    def rolled_out(user: dict[str, Any]) -> bool:
        key = user["targetingKey"].encode()
        return hash_of(heads[len(key)] + key, 0, False) < end

    functions = {"a": static, "b": targeted, "c": rolled_out}
    return lambda key, _, user: functions[key](user)


def andon_values() -> Ask:
    """Andon's value API."""
    from andon.flags.evaluator import Evaluator

    evaluator = Evaluator()
    evaluator.replace(DOCUMENT, 1)
    return evaluator.boolean


def andon_details() -> Ask:
    """Andon's details API."""
    from andon.flags.evaluator import Evaluator

    evaluator = Evaluator()
    evaluator.replace(DOCUMENT, 1)
    return evaluator.boolean_details


def eppo() -> Ask:
    """Eppo's SDK, in Rust."""
    import eppo_client

    def flag(key: str, *allocations: dict[str, Any]) -> dict[str, Any]:
        variations = {name: {"key": name, "value": value} for name, value in HALF.items()}
        return {
            "key": key,
            "enabled": True,
            "variationType": "BOOLEAN",
            "variations": variations,
            "allocations": list(allocations),
            "totalShards": 10000,
        }

    def allocation(variant: str, end: int = 10000, **rules: Any) -> dict[str, Any]:
        shards = [{"salt": "rollout", "ranges": [{"start": 0, "end": end}]}] if end < 10000 else []
        split = {"variationKey": variant, "shards": shards}
        return {"key": f"to-{variant}", "splits": [split], "doLog": False, **rules}

    conditions = [
        {"attribute": "email", "operator": "MATCHES", "value": ENDING.replace(".", r"\.") + "$"},
        {"attribute": "country", "operator": "ONE_OF", "value": COUNTRIES},
    ]
    flags = {
        "a": flag("a", allocation("on")),
        "b": flag("b", allocation("on", rules=[{"conditions": conditions}]), allocation("off")),
        "c": flag("c", allocation("on", SHARE * 100), allocation("off")),
    }
    document = {"createdAt": "2026-01-01T00:00:00Z", "environment": {"name": "bench"}, "flags": flags}
    configuration = eppo_client.Configuration(flags_configuration=json.dumps(document).encode())
    client = eppo_client.init(
        eppo_client.ClientConfig(
            api_key="none",
            base_url="http://127.0.0.1:9",
            assignment_logger=eppo_client.AssignmentLogger(),
            poll_interval_seconds=None,
            initial_configuration=configuration,
        )
    )
    ask = client.get_boolean_assignment
    return lambda key, default, user: ask(key, user["targetingKey"], user, default)


def flagd_core() -> Ask:
    """flagd's evaluator for Python, with the contexts made before."""
    from openfeature.contrib.tools.flagd.core import FlagdCore
    from openfeature.evaluation_context import EvaluationContext

    core = FlagdCore()
    core.set_flags(json.dumps(DOCUMENT))
    contexts = {user["targetingKey"]: EvaluationContext(user["targetingKey"], user) for user in USERS}
    ask = core.resolve_boolean_value
    return lambda key, default, user: ask(key, default, contexts[user["targetingKey"]])


CLIENTS: dict[str, tuple[Callable[[], Ask], str, str]] = {
    "hand-written floor": (floor, "mmh3", "mmh3"),
    "Andon, values": (andon_values, "mmh3", "andon.flags.evaluator"),
    "Andon, details": (andon_details, "mmh3", "andon.flags.evaluator"),
    "Eppo (Rust)": (eppo, "eppo_client", "eppo_client"),
    "flagd-core": (flagd_core, "openfeature.contrib", "openfeature.contrib.tools.flagd.core"),
}
#: Who hashes as flagd does, so that the very same users are in.
OF_FLAGD = ("hand-written floor", "Andon, values", "Andon, details", "flagd-core")


def is_there(module: str) -> bool:
    """Say whether a client is installed."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


# -- in the process of one client


def measured(name: str) -> dict[str, Any]:
    """Return nanoseconds of an evaluation and the answers, by flag."""
    ask = CLIENTS[name][0]()
    found: dict[str, Any] = {"ns": {}, "answers": {}}
    for key in DOCUMENT["flags"]:
        answers = [ask(key, False, user) for user in USERS]
        answers = [answer if isinstance(answer, bool) else answer.value for answer in answers]
        found["answers"][key] = "".join("1" if answer else "0" for answer in answers)
        rounds: list[float] = []
        until = time.thread_time() + 0.12
        start = 0
        while time.thread_time() < until:
            rounds.append(a_round(ask, key, USERS[start : start + 100]))
            start = (start + 100) % 1000
        found["ns"][key] = sorted(rounds)[len(rounds) // 4]
    return found


def a_round(ask: Ask, key: str, users: list[dict[str, Any]]) -> float:
    """Return nanoseconds of CPU time of one evaluation, over some users."""
    begun = time.thread_time_ns()
    for user in users:
        ask(key, False, user)
    return (time.thread_time_ns() - begun) / len(users)


IMPORTING = """
import sys, time
def resident():
    with open('/proc/self/statm') as file:
        return int(file.read().split()[1]) * 4096
modules, memory, begun = len(sys.modules), resident(), time.process_time()
import {module}
print((time.process_time() - begun) * 1000, (resident() - memory) / 1e6, len(sys.modules) - modules)
"""


def imported(module: str, rounds: int) -> tuple[float, float, float]:
    """Return the milliseconds of CPU time, megabytes and modules of an import, the least of some."""
    rows = []
    with tempfile.TemporaryDirectory() as kept:  # compiled once, as an installed program is
        command = [sys.executable, "-X", f"pycache_prefix={kept}", "-c", IMPORTING.format(module=module)]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        for _ in range(rounds + 1):
            done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
            rows.append(tuple(map(float, done.stdout.split())))
    least = [min(column) for column in zip(*rows, strict=True)]
    return least[0], least[1], least[2]


# -- all of them


def main() -> int:
    """Measure, print, and with `--check` fail when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=5, help="of each client")
    parser.add_argument("--check", action="store_true", help="fail when a target is missed")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measured(options.measure)))
        return 0
    names = [name for name, (_, module, _) in CLIENTS.items() if is_there(module)]
    missing = [name for name in CLIENTS if name not in names]
    if missing:
        print(f"not installed, so not measured: {', '.join(missing)}")
    least: dict[str, dict[str, float]] = {}
    answers: dict[str, dict[str, str]] = {}
    for _ in range(options.processes):
        for name in names:
            command = [sys.executable, __file__, "--measure", name]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            found = json.loads(done.stdout)
            answers[name] = found["answers"]
            for key, cost in found["ns"].items():
                row = least.setdefault(name, {})
                row[key] = min(row.get(key, cost), cost)
    same_answers(answers)
    return report(least, options.check, options.processes)


def same_answers(answers: dict[str, dict[str, str]]) -> None:
    """Raise when the clients do not do the same work."""
    first = answers["hand-written floor"]
    for name, found in answers.items():
        for key in ("a", "b", *(("c",) if name in OF_FLAGD else ())):
            if found[key] != first[key]:
                raise SystemExit(f"{name} answers {key} otherwise than the floor")
        if not 20 <= found["c"].count("1") <= 90:
            raise SystemExit(f"{name} lets {found['c'].count('1')} of 1000 in, not about 50")


def report(least: dict[str, dict[str, float]], is_checked: bool, processes: int) -> int:
    """Print the table; return 1 for a target that was missed where that counts."""
    bottom = least["hand-written floor"]
    print(f"{'ns of CPU time':20}" + "".join(f"{key:>8}{'of floor':>10}" for key in bottom))
    for name, row in least.items():
        print(f"{name:20}" + "".join(f"{row[key]:8.0f}{row[key] / bottom[key]:10.2f}" for key in bottom))
    print(f"\n{'import':20}{'ms':>8}{'MB':>8}{'modules':>9}")
    costs = {}
    for name in least:
        if name != "Andon, details":
            costs[name] = imported(CLIENTS[name][2], processes)
            print(f"{name:20}" + "{:8.1f}{:8.1f}{:9.0f}".format(*costs[name]))
    ours = least["Andon, values"]
    missed = [f"{key}: {ours[key]:.0f} ns" for key in BUDGETS if ours[key] > BUDGETS[key]]
    missed += [
        f"{key}: {ours[key] / bottom[key]:.2f} of the floor"
        for key in ours
        if ours[key] > OF_FLOOR * bottom[key]
    ]
    peers = [name for name in least if name not in ("hand-written floor", "Andon, values", "Andon, details")]
    for peer in peers:
        print(f"ahead of {peer}: " + ", ".join(f"{key} {least[peer][key] / ours[key]:.1f}" for key in ours))
        missed += [
            f"{key}: only {least[peer][key] / ours[key]:.2f} ahead of {peer}"
            for key in ours
            if least[peer][key] < OF_PEER * ours[key]
        ]
    milliseconds, megabytes, _ = costs["Andon, values"]
    if milliseconds > IMPORT_MS or megabytes > IMPORT_MB:
        missed.append(f"import takes {milliseconds:.1f} ms and {megabytes:.1f} MB")
    print("targets: " + ("; ".join(missed) if missed else "all met"))
    return 1 if missed and is_checked else 0


if __name__ == "__main__":
    sys.exit(main())

"""What an evaluation of a flag costs through OpenFeature's SDK: Andon's provider and fast client, and peers.

The flags, users and statistics are those of bench/flags_evaluate.py: `a` static, `b` two conditions, `c` five
percent; thread CPU time of rounds of a hundred evaluations, the lower quartile of a process, the least of the
processes. The contexts are made before; `b+` makes one for each evaluation, as a request does. Whatever has
rules gives the same answers. The SDK alone is its client with the provider that does nothing.

flagd's evaluator is measured where it is installed: `pip install openfeature-flagd-core`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.flags_evaluate import COUNTRIES, DOCUMENT, ENDING, HALF, USERS, is_there

#: Nanoseconds that the fast client may take, and that our provider may add to the SDK alone.
FAST, ADDED = 1000.0, 1500.0
ALONE, SLOW, QUICK = "SDK alone", "SDK, Andon's provider", "Andon's fast client"
CASES = ("a", "b", "b+", "c")
Ask = Callable[[str, bool, Any], bool]


def _client(provider: Any, make: Any = None) -> Ask:
    from openfeature import api

    api.set_provider_and_wait(provider)
    ask: Ask = (make or api.get_client)().get_boolean_value
    return ask


def sdk_alone() -> Ask:
    """The SDK's client, whose provider returns the default."""
    from openfeature.provider.no_op_provider import NoOpProvider

    return _client(NoOpProvider())


def in_memory() -> Ask:
    """The SDK's own provider; its rules are Python functions."""
    from openfeature.flag_evaluation import FlagResolutionDetails
    from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider

    def targeted(_: Any, context: Any) -> Any:
        attributes = context.attributes
        is_on = attributes["email"].endswith(ENDING) and attributes["country"] in COUNTRIES
        return FlagResolutionDetails(is_on, variant="on" if is_on else "off")

    flags = {
        "a": InMemoryFlag("on", HALF),
        "b": InMemoryFlag("off", HALF, context_evaluator=targeted),
        "c": InMemoryFlag("off", HALF),
    }
    return _client(InMemoryProvider(flags))


def flagd_core() -> Ask:
    """A provider of a few lines over flagd's evaluator for Python."""
    from openfeature.contrib.tools.flagd.core import FlagdCore
    from openfeature.provider import AbstractProvider, Metadata

    core = FlagdCore()
    core.set_flags(json.dumps(DOCUMENT))

    class Provider(AbstractProvider):
        def get_metadata(self) -> Metadata:
            return Metadata(name="flagd-core")

        def resolve_boolean_details(
            self, flag_key: str, default_value: bool, evaluation_context: Any = None
        ) -> Any:
            return core.resolve_boolean_value(flag_key, default_value, evaluation_context)

        resolve_string_details = resolve_integer_details = resolve_float_details = resolve_boolean_details
        resolve_object_details = resolve_boolean_details

    return _client(Provider())


def _andon() -> Any:
    from andon.flags.evaluator import Evaluator
    from andon.flags.openfeature_provider import AndonProvider

    evaluator = Evaluator()
    evaluator.replace(DOCUMENT, 1)
    return AndonProvider(evaluator)


def andon_slow() -> Ask:
    """The SDK's client with Andon's provider."""
    return _client(_andon())


def andon_fast() -> Ask:
    """Andon's client with Andon's provider."""
    from andon.flags.openfeature_client import fast_client

    return _client(_andon(), fast_client)


CLIENTS: dict[str, tuple[Callable[[], Ask], str]] = {
    ALONE: (sdk_alone, "openfeature"),
    "SDK, InMemoryProvider": (in_memory, "openfeature"),
    "SDK, flagd-core": (flagd_core, "openfeature.contrib.tools.flagd"),
    SLOW: (andon_slow, "openfeature"),
    QUICK: (andon_fast, "openfeature"),
}
#: Who has the flags' rules; InMemoryProvider has no share of everybody.
WITH_RULES = {"SDK, flagd-core": "abc", SLOW: "abc", QUICK: "abc", "SDK, InMemoryProvider": "ab"}


# -- in the process of one client


def measured(name: str) -> dict[str, Any]:
    """Return nanoseconds of an evaluation by case, and the answers."""
    from openfeature.evaluation_context import EvaluationContext

    ask = CLIENTS[name][0]()
    contexts = [EvaluationContext(user["targetingKey"], user) for user in USERS]
    found: dict[str, Any] = {"ns": {}, "answers": {}}
    for case in CASES:
        key = case[0]
        found["answers"][key] = "".join("1" if ask(key, False, context) else "0" for context in contexts)
        rounds: list[float] = []
        until = time.thread_time() + 0.15
        start = 0
        while time.thread_time() < until:
            given = contexts[start : start + 100]
            begun = time.thread_time_ns()
            if case == "b+":
                for user in given:
                    ask(key, False, EvaluationContext(user.targeting_key, user.attributes))
            else:
                for context in given:
                    ask(key, False, context)
            rounds.append((time.thread_time_ns() - begun) / len(given))
            start = (start + 100) % 1000
        found["ns"][case] = sorted(rounds)[len(rounds) // 4]
    return found


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
    names = [name for name, (_, module) in CLIENTS.items() if is_there(module)]
    if missing := [name for name in CLIENTS if name not in names]:
        print(f"not installed, so not measured: {', '.join(missing)}")
    least: dict[str, dict[str, float]] = {}
    answers: dict[str, dict[str, str]] = {}
    for _ in range(options.processes):
        for name in names:
            command = [sys.executable, __file__, "--measure", name]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            answers[name] = found["answers"]
            row = least.setdefault(name, {})
            for case, cost in found["ns"].items():
                row[case] = min(row.get(case, cost), cost)
    for name, keys in WITH_RULES.items():
        for key in keys:
            if name in answers and answers[name][key] != answers[SLOW][key]:
                raise SystemExit(f"{name} answers {key} otherwise than {SLOW}")
    return report(least, options.check)


def report(least: dict[str, dict[str, float]], is_checked: bool) -> int:
    """Print the table; return 1 for a target that was missed where that counts."""
    fast, alone = least[QUICK], least[ALONE]
    print(f"{'ns of CPU time':24}" + "".join(f"{case:>9}{'of fast':>9}" for case in CASES))
    for name, row in least.items():
        print(f"{name:24}" + "".join(f"{row[case]:9.0f}{row[case] / fast[case]:9.1f}" for case in CASES))
    added = {case: least[SLOW][case] - alone[case] for case in CASES}
    print("Andon's provider adds to the SDK: " + ", ".join(f"{c} {ns:.0f} ns" for c, ns in added.items()))
    missed = [f"fast {case}: {fast[case]:.0f} ns" for case in "abc" if fast[case] > FAST]
    missed += [f"added {case}: {ns:.0f} ns" for case, ns in added.items() if ns > ADDED]
    print("targets: " + ("; ".join(missed) if missed else "all met"))
    return 1 if missed and is_checked else 0


if __name__ == "__main__":
    sys.exit(main())

"""What it costs to read, to replace and to patch a set of flags, beside flagd's evaluator for Python.

A set of many flags of the usual shapes as one JSON text. `load` is from the bytes to the first evaluation;
`reload` puts the same document with one changed flag in force; `patch` changes one flag; `first` is what the
first evaluation of a flag costs that has targeting, of a shape that was compiled before and of a new one.
CPU time of this thread, the lower quartile and the least of the rounds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from andon.flags.compiled import _CODES
from andon.flags.evaluator import Evaluator
from andon.flags.reading import read_document

LOAD_MS, PATCH_MS = 15.0, 0.1


def document(count: int) -> dict[str, Any]:
    """Return a set: four in ten static, three by targeting, three by percentage, with the usual metadata."""
    flags: dict[str, Any] = {}
    for number in range(count):
        flag: dict[str, Any] = {
            "state": "ENABLED",
            "variants": {"on": True, "off": False},
            "defaultVariant": "off",
            "metadata": {"owner": f"team-{number % 9}", "purpose": "a purpose in words", "kind": "release"},
        }
        if number % 10 in (4, 5, 6):
            country = {"in": [{"var": "country"}, ["us", "ca", f"x{number}"]]}
            address = {"ends_with": [{"var": "email"}, f"@{number}.example.com"]}
            flag["targeting"] = {"if": [{"and": [address, country]}, "on", "off"]}
        elif number % 10 in (7, 8, 9):
            flag["targeting"] = {"fractional": [["on", number % 100], ["off", 100 - number % 100]]}
        flags[f"flag-{number}"] = flag
    return {"flags": flags}


def cost(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Return milliseconds of CPU time: the lower quartile and the least."""
    found = []
    for _ in range(rounds):
        begun = time.thread_time_ns()
        work()
        found.append((time.thread_time_ns() - begun) / 1e6)
    found.sort()
    return found[len(found) // 4], found[0]


def ours(content: bytes, rounds: int) -> dict[str, tuple[float, float]]:
    """Measure Andon."""
    rows = {}

    def load() -> None:
        evaluator = Evaluator()
        evaluator.replace(read_document(content, "flags.json"), 1)
        evaluator.boolean("flag-0", False)

    rows["load"] = cost(load, rounds)
    evaluator = Evaluator()
    evaluator.replace(read_document(content), 1)
    keys = evaluator.keys()
    for key in keys:
        evaluator.boolean(key, False, {})
        evaluator.boolean_details(key, False, {})
    other = [read_document(content) for _ in range(2)]
    other[1]["flags"]["flag-5"]["defaultVariant"] = "on"
    turn = iter(range(10**9))
    rows["reload"] = cost(lambda: evaluator.replace(other[next(turn) % 2], 2), rounds)
    killed = {**evaluator.definition("flag-5"), "targeting": {}}
    alive = evaluator.definition("flag-5")
    rows["patch"] = cost(
        lambda: evaluator.patch({"flag-5": (killed, alive)[next(turn) % 2]}, (), 3), rounds * 5
    )

    def first(is_new: bool) -> Callable[[], None]:
        def work() -> None:
            if is_new:
                _CODES.clear()
            evaluator.boolean("flag-4", False, {})

        return work

    for name, is_new in (("first, a known shape", False), ("first, a new shape", True)):
        costs = []
        for number in range(rounds * 2):
            evaluator.patch({"flag-4": document(5)["flags"]["flag-4"]}, (), number)
            costs.append(cost(first(is_new), 1)[0])
        costs.sort()
        rows[name] = costs[len(costs) // 4], costs[0]
    return rows


def theirs(content: bytes, rounds: int) -> dict[str, tuple[float, float]]:
    """Measure flagd-core: a change of one flag is a whole document there."""
    from openfeature.contrib.tools.flagd.core import FlagdCore

    text = content.decode()

    def load() -> None:
        core = FlagdCore()
        core.set_flags(text)
        core.resolve_boolean_value("flag-0", False)

    rows = {"load": cost(load, rounds)}
    core = FlagdCore()
    core.set_flags(text)
    rows["reload"] = cost(lambda: core.set_flags_and_get_changed_keys(text), rounds)
    rows["patch"] = rows["reload"]
    return rows


def main() -> int:
    """Measure, print, and with `--check` fail when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flags", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--check", action="store_true", help="fail when a target is missed")
    options = parser.parse_args()
    content = json.dumps(document(options.flags), indent=1).encode()
    rows = ours(content, options.rounds)
    peer: dict[str, tuple[float, float]] = {}
    try:
        peer = theirs(content, options.rounds)
    except ModuleNotFoundError:
        print("not installed, so not measured: openfeature-flagd-core")
    print(f"{options.flags} flags, {len(content) / 1000:.0f} KB of JSON; milliseconds of CPU time")
    print(f"{'':22}{'Andon':>9}{'least':>9}{'flagd-core':>12}{'least':>9}{'times':>8}")
    for name, (quartile, least) in rows.items():
        told = f"{name:22}{quartile:9.3f}{least:9.3f}"
        if name in peer:
            told += f"{peer[name][0]:12.3f}{peer[name][1]:9.3f}{peer[name][0] / quartile:8.1f}"
        print(told)
    missed = [
        f"{name} takes {rows[name][0]:.2f} ms"
        for name, most in (("load", LOAD_MS), ("patch", PATCH_MS))
        if rows[name][0] > most
    ]
    print("targets: " + ("; ".join(missed) if missed else "all met"))
    return 1 if missed and options.check else 0


if __name__ == "__main__":
    sys.exit(main())

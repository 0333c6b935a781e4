"""What a program pays for its flags before the first evaluation: time and memory of the import, with peers.

Whole processes in a shuffled order. A process measures itself: processor time and resident memory before and
after; the bare interpreter is thereby taken off. A value is the lower quartile of the rounds.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile

MEASURED = """
import sys, time
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096
modules, memory, begun = len(sys.modules), resident(), time.process_time()
{program}
taken = time.process_time() - begun
print('[%f, %f, %d]' % (taken * 1e3, (resident() - memory) / 2**20, len(sys.modules) - modules))
"""
FIRST = """
flags = connect("http://127.0.0.1:9")
flags.boolean("a", False)
"""
PROGRAMS = {
    "nothing": "pass",
    "andon.flags.client": "from andon.flags.client import connect",
    "  with connect and an evaluation": "from andon.flags.client import connect" + FIRST,
    "json, which most programs have": "import json",
    "eppo_client (Rust)": "import eppo_client",
    "ldclient": "import ldclient",
}
NEEDS = {"eppo_client (Rust)": "eppo_client", "ldclient": "ldclient"}
#: The targets, in milliseconds and MiB.
MOST_MS, MOST_MIB = 10.0, 4.0


def measure(programs: dict[str, str], rounds: int) -> dict[str, list[tuple[float, float, int]]]:
    """Run each program once a round; every module is compiled before, as it is where it is installed."""
    taken: dict[str, list[tuple[float, float, int]]] = {name: [] for name in programs}
    with tempfile.TemporaryDirectory(prefix="andon-bench-") as compiled:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for number in range(rounds + 1):
            for name in random.sample(list(programs), len(programs)):
                words = [sys.executable, "-c", MEASURED.format(program=programs[name])]
                found = subprocess.run(words, check=True, capture_output=True, env=environment).stdout
                if number:  # the first round only compiles
                    taken[name].append(tuple(json.loads(found)))
    return taken


def main() -> int:
    """Print the table; with --check, fail when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed")
    arguments = parser.parse_args()
    here = {
        name: program
        for name, program in PROGRAMS.items()
        if name not in NEEDS or importlib.util.find_spec(NEEDS[name]) is not None
    }
    taken = measure(here, arguments.rounds)
    print(
        f"Python {sys.version.split()[0]}, {arguments.rounds} rounds, lower quartiles, over the interpreter\n"
    )
    print(f"{'import of':36}{'CPU ms':>9}{'RSS MiB':>9}{'modules':>9}")
    results = {}
    for name, rows in taken.items():
        results[name] = [statistics.quantiles(column, n=4)[0] for column in zip(*rows, strict=True)]
        print(f"{name:36}{results[name][0]:9.1f}{results[name][1]:9.1f}{results[name][2]:9.0f}")
    for name in PROGRAMS.keys() - here.keys():
        print(f"{name:36}  not installed")
    milliseconds, mebibytes, _ = results["andon.flags.client"]
    is_kept = milliseconds <= MOST_MS and mebibytes <= MOST_MIB
    print(f"\ntarget: {MOST_MS:g} ms and {MOST_MIB:g} MiB: {'kept' if is_kept else 'MISSED'}")
    return 0 if is_kept or not arguments.check else 1


if __name__ == "__main__":
    sys.exit(main())

"""How long the everyday commands take from nothing to done, beside the bare interpreter and some peers.

Whole processes, started in turn in a shuffled order, so that a busy machine is busy for all of them. The
budget is a ratio to the bare interpreter of the same run: 3 for --help, 3.5 for status and declare.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ANDON = str(Path(sys.executable).with_name("andon"))
BARE = "python -c pass"
DECLARE = "andon declare --no-capture"
BUDGETS = {"andon --help": 3.0, "andon status": 3.5, DECLARE: 3.5}
ARGPARSE = (
    "import argparse; p = argparse.ArgumentParser(); p.add_argument('name'); print(p.parse_args().name)"
)
CLICK = "import click\n@click.command()\n@click.argument('name')\ndef hello(name): print(name)\nhello()"
COMMANDS = {
    BARE: [sys.executable, "-c", "pass"],
    "andon --help": [ANDON, "--help"],
    "andon status": [ANDON, "status"],
    DECLARE: [ANDON, "declare", "Checkout is down", "--no-capture"],
    "hello, with argparse": [sys.executable, "-c", ARGPARSE, "you"],
    "hello, with click": [sys.executable, "-c", CLICK, "you"],
    "git --version": ["git", "--version"],
    "git status": ["git", "status"],
}


def prepare(directory: Path) -> dict[str, str]:
    """Make a repository whose service had an incident before; return the environment to run commands in."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "XDG_DATA_HOME": str(directory / "data"),
        "LC_ALL": "C.UTF-8",
    }
    shop = directory / "shop"
    shop.mkdir()
    os.chdir(shop)
    (shop / "andon.toml").write_text('service = "shop"\n')
    for words in (
        ["init", "-q"],
        ["config", "user.name", "Bench"],
        ["config", "user.email", "b@example.org"],
    ):
        subprocess.run(["git", *words], check=True, env=environment)
    for command in (COMMANDS[DECLARE], COMMANDS["andon status"]):
        measure(command, environment)
    shutil.copytree(directory / "data", directory / "before")
    return environment


def put_back(directory: Path) -> None:
    """Return the journal to its one incident."""
    shutil.rmtree(directory / "data")
    shutil.copytree(directory / "before", directory / "data")


def measure(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Run a command to its end; return its wall and processor time in milliseconds. Raises when it fails."""
    null = os.open(os.devnull, os.O_RDWR)
    files = [(os.POSIX_SPAWN_DUP2, null, number) for number in (0, 1, 2)]
    begun = time.perf_counter()
    process = os.posix_spawnp(command[0], command, environment, file_actions=files)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - begun
    os.close(null)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def run(rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Measure every command once a round, in a new order each time; the first round only warms up."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory(prefix="andon-bench-") as name:
        directory = Path(name)
        environment = prepare(directory)
        for number in range(rounds + 1):
            for command in random.sample(list(COMMANDS), len(COMMANDS)):
                put_back(directory)
                times = measure(COMMANDS[command], environment)
                if number:
                    taken[command].append(times)
        os.chdir("/")
    return taken


def ratios(times: list[tuple[float, float]], bare: list[tuple[float, float]]) -> tuple[float, float]:
    """Return how many times longer than the bare interpreter of the same round, wall and processor."""
    pairs = list(zip(times, bare, strict=True))
    wall, processor = (statistics.median(own[kind] / other[kind] for own, other in pairs) for kind in (0, 1))
    return wall, processor


def main() -> int:
    """Print the table; with --check, fail when a budget is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--check", action="store_true", help="exit 1 when a budget is broken")
    arguments = parser.parse_args()
    taken = run(arguments.rounds)
    print(f"Python {sys.version.split()[0]}, {arguments.rounds} rounds, medians; x = times the interpreter\n")
    print(f"{'':28}{'wall ms':>9}{'min':>8}{'x':>7}{'CPU ms':>9}{'x':>7}   budget")
    broken = []
    for name, times in taken.items():
        wall, processor = (statistics.median(column) for column in zip(*times, strict=True))
        walls, processors = ratios(times, taken[BARE])
        budget = BUDGETS.get(name)
        if budget and walls > budget:
            broken.append(name)
        verdict = "" if not budget else f"{budget:g} {'BROKEN' if name in broken else 'kept'}"
        shortest = min(times)[0]
        print(f"{name:28}{wall:9.1f}{shortest:8.1f}{walls:7.2f}{processor:9.1f}{processors:7.2f}   {verdict}")
    return 1 if broken and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())

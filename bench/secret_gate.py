"""What looking for secrets costs: a staged change in a cold process, ranges of commits, a whole history.

`./dev bench secret_gate REPOSITORY`: one with a long history, such as Celery's. Peers on PATH are
measured in the same run, in turn, every live check off: gitleaks, betterleaks (both engines), kingfisher.
Quoted are the least wall time and CPU time of a process and its children, and the largest resident memory.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import string
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ANDON = str(Path(sys.executable).with_name("andon"))
#: The bounds: of gitleaks and of Betterleaks in wall time, of Betterleaks and of gitleaks in CPU time, MB.
STAGED_GITLEAKS, STAGED_BETTERLEAKS, RANGE_BETTERLEAKS, HISTORY_GITLEAKS, MEMORY = 0.15, 1.0, 1.0, 0.75, 200.0


class Took:
    """What processes took."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []
        self.memory = 0.0

    def add(self, command: list[str], environment: dict[str, str], cwd: Path) -> None:
        """Run a command; it may find something."""
        began = time.perf_counter()
        with open(os.devnull, "w") as nothing:
            process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=nothing, stderr=nothing)
            _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.wall.append((time.perf_counter() - began) * 1000)
        self.cpu.append((used.ru_utime + used.ru_stime) * 1000)
        self.memory = max(self.memory, used.ru_maxrss / 1024)


def contestants(mode: str, place: Path, commits: int = 0) -> dict[str, list[str]]:
    """Return the commands for one figure."""
    log = f"-{commits} HEAD" if commits else "--all"
    range_ = f"HEAD~{commits}..HEAD"
    own = {
        "staged": ["--staged"],
        "range": ["--range", range_],
        "history": ["--history"],
    }[mode]
    staged = mode == "staged"
    found = {
        "andon": [ANDON, "secrets", "scan", *own],
        "gitleaks": [
            "gitleaks",
            "git",
            "--no-banner",
            *(["--staged"] if staged else [f"--log-opts={log}"]),
            str(place),
        ],
    }
    for engine in ("stdlib", "re2"):
        options = ["--staged"] if staged else [f"--log-opts={log}"]
        words = ["betterleaks", "git", "--no-banner", f"--regex-engine={engine}", *options, str(place)]
        found[f"betterleaks {engine}"] = words
    fisher = ["kingfisher", "scan", str(place), "--no-validate", "--no-update-check"]
    if staged:
        found["kingfisher"] = [*fisher, "--staged"]
    elif mode == "history":
        found["kingfisher"] = fisher
    return {name: words for name, words in found.items() if shutil.which(words[0])}


def compare(
    title: str, commands: dict[str, list[str]], runs: int, place: Path, cache: Path
) -> dict[str, Took]:
    """Run all in turn, in a shuffled order, and print what they took."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(cache),
        "XDG_CACHE_HOME": str(cache / "cache"),
        "XDG_DATA_HOME": str(cache / "data"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C.UTF-8",
    }
    took = {name: Took() for name in commands}
    for _ in range(runs):
        names = list(commands)
        random.shuffle(names)
        for name in names:
            took[name].add(commands[name], environment, place)
    print(title)
    for name, one in took.items():
        middle = statistics.median(one.wall)
        wall = f"wall {min(one.wall):8.0f} ms (first {one.wall[0]:.0f}, median {middle:.0f})"
        print(f"  {name:20} {wall}, CPU {min(one.cpu):8.0f} ms, {one.memory:5.0f} MB")
    return took


def ratio(took: dict[str, Took], peer: str, what: str, bound: float) -> bool:
    """Print and judge how Andon compares with a peer."""
    own, others = took["andon"], [one for name, one in took.items() if name.startswith(peer)]
    if not others:
        return True
    found = min(getattr(own, what)) / min(min(getattr(one, what)) for one in others)
    print(f"  {found:.2f} of {peer} in {what} (bound {bound})")
    return found <= bound


def staged_change(place: Path) -> None:
    """Stage 10 files with 300 lines and one token."""
    chance = random.Random(3)
    git = ["git", "-C", str(place), "-c", "user.name=Bench", "-c", "user.email=b@example.org"]
    subprocess.run(["git", "init", "-q", "-b", "main", str(place)], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "Begin"], check=True)
    for number in range(10):
        lines = [
            f"def step_{number}_{n}(value):\n    return value + {chance.randrange(999)}" for n in range(15)
        ]
        if number == 4:
            word = "".join(chance.choices(string.ascii_uppercase + "234567", k=16))
            lines[7] = f'KEY = "{"AK" + "IA" + word}"\n'
        (place / f"module_{number}.py").write_text("\n".join(lines) + "\n")
    subprocess.run([*git, "add", "."], check=True)


def main() -> int:
    """Measure, print, and fail when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path, nargs="?")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--ranges", default="20,100,1000")
    parser.add_argument("--no-history", action="store_true")
    given = parser.parse_args()
    good = []
    with tempfile.TemporaryDirectory() as directory:
        cache, staged = Path(directory) / "home", Path(directory) / "staged"
        cache.mkdir()
        staged_change(staged)
        took = compare(
            "staged: 10 files, 300 lines", contestants("staged", staged), given.runs, staged, cache
        )
        good += [
            ratio(took, "gitleaks", "wall", STAGED_GITLEAKS),
            ratio(took, "betterleaks", "wall", STAGED_BETTERLEAKS),
        ]
        if given.repository is None:
            return 0 if all(good) else 1
        place = given.repository.resolve()
        for commits in map(int, given.ranges.split(",")):
            runs = max(given.runs // 2, 1)
            commands = contestants("range", place, commits)
            took = compare(f"range of {commits} commits", commands, runs, place, cache)
            bound = RANGE_BETTERLEAKS if commits == 100 else float("inf")
            good.append(ratio(took, "betterleaks", "cpu", bound))
        if not given.no_history:
            took = compare("full history", contestants("history", place), 1, place, cache)
            good += [ratio(took, "gitleaks", "cpu", HISTORY_GITLEAKS), took["andon"].memory <= MEMORY]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())

"""What a commit waits for: Andon's whole pre-commit gate, beside the pre-commit framework and lefthook.

A change of 10 files and 300 lines is staged, in a service that was deployed and has no open incident.
Measured as whole processes, in turn in a shuffled order, so that a busy machine is busy for all of them: the
gate alone, and `git commit` without a hook, with a hook that only leaves, with Andon's, and with those of
pre-commit and lefthook that each run a no-op (`true`). The peers check nothing at all; Andon asks every rule
but the secrets engine (`--secrets` puts it back). lefthook is measured as PyPI ships it, started through
Python, and with its own binary. The budget of the gate alone is 4 times the bare interpreter, also while a
P1 is open.
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

import andon

ANDON = str(Path(sys.executable).with_name("andon"))
START = str(Path(andon.__file__).with_name("hook_start.py"))
BARE = "python -c pass"
GATE = "the gate alone, as the hook starts it"
HOT = "the gate alone, a P1 open (HOTFIX)"
PLAIN = "git commit, no hook"
BUDGETS = {GATE: 4.0, HOT: 4.0}
FRAMEWORK = """\
repos:
- repo: local
  hooks:
  - {id: nothing, name: nothing, language: system, entry: "true", always_run: true, pass_filenames: false}
"""
LEFTHOOK = 'pre-commit:\n  jobs:\n    - name: nothing\n      run: "true"\n'
#: Starts the gate without the rule that another figure measures.
WITHOUT = """\
import sys
from andon.desk.gate import rules
from andon.response.gates.results import passed
found = rules.check_for
def check_for(rule):
    return (lambda context: passed(rule, "left out")) if rule in {left_out!r} else found(rule)
import andon.desk.gate.run as run
run.check_for = check_for
"""


class Bench:
    """A directory with a repository for each contestant, all with the same change staged."""

    def __init__(self, directory: Path, left_out: tuple[str, ...]) -> None:
        self.directory = directory
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(directory),
            "XDG_DATA_HOME": str(directory / "data"),
            "XDG_CACHE_HOME": str(directory / "cache"),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        (directory / ".gitconfig").write_text(
            "[user]\nname = Bench\nemail = b@example.org\n[gc]\nauto = 0\n[init]\ndefaultBranch = main\n"
        )
        self.start = directory / "start.py"
        path = f"import sys; sys.path.append({os.path.dirname(os.path.dirname(START))!r})\n"
        self.start.write_text(
            path + WITHOUT.format(left_out=left_out) + "from andon.__main__ import run as go; go()\n"
            if left_out
            else Path(START).read_text()
        )
        self.left_out = left_out

    def run(self, words: list[str], cwd: Path) -> None:
        done = subprocess.run(words, cwd=cwd, env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}: {done.stdout}{done.stderr}")

    def repository(self, name: str, *, hot: bool = False) -> Path:
        """Make a repository of a service with a past, and stage 10 files with 300 lines."""
        place = self.directory / name
        place.mkdir()
        self.run(["git", "init", "-q"], place)
        (place / "andon.toml").write_text(f'service = "{name}"\n')
        for number in range(10):
            lines = "\n".join(f"value_{line} = {line}" for line in range(60))
            (place / f"module_{number}.py").write_text(f"{lines}\n")
        self.run(["git", "add", "."], place)
        self.run(["git", "commit", "-qm", "begin"], place)
        for number in range(10):
            lines = "\n".join(f"value_{line} = {line * (line % 2)}" for line in range(60))
            (place / f"module_{number}.py").write_text(f"{lines}\n")
        self.run(["git", "add", "."], place)
        self.run([ANDON, "deployed", "v1", "--verdict", "good", "--reason", "it was watched"], place)
        if hot:
            self.run([ANDON, "declare", "it is down", "--no-capture"], place)
        return place

    def hook(self, place: Path, *names: str) -> None:
        """Put some of Andon's hooks in, which start what this bench starts."""
        self.run([ANDON, "hooks", "install"], place)
        for hook in (place / ".git" / "hooks").iterdir():
            if hook.name in names:
                hook.write_text(hook.read_text().replace(f"'{START}'", f"'{self.start}'"))
            elif "." not in hook.name:
                hook.unlink()


def contestants(bench: Bench) -> dict[str, tuple[list[str], Path]]:
    """Return what is measured, by name: a command and where it is given."""
    commit = ["git", "commit", "-q", "-m", "x"]
    calm, hot, plain = bench.repository("calm"), bench.repository("hot", hot=True), bench.repository("plain")
    gate = [sys.executable, "-I", "-S", str(bench.start), "gate", "pre-commit"]
    found = {
        BARE: ([sys.executable, "-c", "pass"], calm),
        GATE: (gate, calm),
        HOT: (gate, hot),
        PLAIN: (commit, plain),
    }
    leaves = bench.repository("leaves")
    hook = leaves / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\nexit 0\n")
    hook.chmod(0o755)
    found["git commit, a hook that only leaves"] = (commit, leaves)
    ours = bench.repository("ours")
    bench.hook(ours, "pre-commit")
    found["git commit, Andon's gate"] = (commit, ours)
    both = bench.repository("both")
    (bench.directory / "message").write_text("x\n")
    asked = [sys.executable, str(bench.start), "gate", "commit-msg", str(bench.directory / "message")]
    if measure(asked, both, bench.environment)[2] != 2:  # 2: a gate that knows no messages
        bench.hook(both, "pre-commit", "commit-msg")
        found["git commit, gates of files and message"] = (commit, both)
        every = bench.repository("every")
        bench.hook(every, "pre-commit", "commit-msg", "reference-transaction")
        found["git commit, these and reference-transaction"] = (commit, every)
        moved = bench.repository("moved")
        bench.hook(moved, "reference-transaction")
        found["git commit --no-verify, reference-transaction"] = ([*commit, "--no-verify"], moved)
    for name, file, content in (
        ("pre-commit", ".pre-commit-config.yaml", FRAMEWORK),
        ("lefthook", "lefthook.yml", LEFTHOOK),
    ):
        if shutil.which(name, path=bench.environment["PATH"]) is None:
            print(f"{name} is not installed: ./dev bench hooks")
            continue
        place = bench.repository(name)
        (place / file).write_text(content)
        bench.run(["git", "add", file], place)
        bench.run([name, "install"], place)
        found[f"git commit, {name} with a no-op"] = (commit, place)
        if (
            binary := next(Path(sys.prefix).rglob("bin/lefthook-*/lefthook"), None)
            if name == "lefthook"
            else None
        ):
            place = bench.repository("binary")
            (place / file).write_text(content)
            bench.run(["git", "add", file], place)
            bench.run([str(binary), "install"], place)
            hook = place / ".git" / "hooks" / "pre-commit"
            hook.write_text(hook.read_text().replace("#!/bin/sh", f"#!/bin/sh\nLEFTHOOK_BIN='{binary}'", 1))
            found["git commit, lefthook's binary, a no-op"] = (commit, place)
    return found


def measure(words: list[str], cwd: Path, environment: dict[str, str]) -> tuple[float, float, int]:
    """Run a command to its end; return wall and processor time in milliseconds, and its exit code."""
    null = os.open(os.devnull, os.O_RDWR)
    os.chdir(cwd)
    files = [(os.POSIX_SPAWN_DUP2, null, number) for number in (0, 1, 2)]
    begun = time.perf_counter()
    process = os.posix_spawnp(words[0], words, environment, file_actions=files)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - begun
    os.close(null)
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000, os.waitstatus_to_exitcode(status)


def put_back(place: Path, environment: dict[str, str]) -> None:
    """Undo a commit, keeping what was staged."""
    subprocess.run(["git", "reset", "-q", "--soft", "first"], cwd=place, env=environment, check=True)


def main() -> int:
    """Print the table; with --check, fail when the budget is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--check", action="store_true", help="exit 1 when the budget is broken")
    parser.add_argument("--secrets", action="store_true", help="with the secrets engine")
    arguments = parser.parse_args()
    left_out = () if arguments.secrets else ("secrets",)
    with tempfile.TemporaryDirectory(prefix="andon-bench-") as name:
        bench = Bench(Path(name), left_out)
        found = contestants(bench)
        for place in {where for _, where in found.values()}:
            bench.run(["git", "tag", "first"], place)
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in found}
        for number in range(arguments.rounds + 1):
            for contestant in random.sample(list(found), len(found)):
                words, place = found[contestant]
                wall, processor, code = measure(words, place, bench.environment)
                if words[0] == "git":
                    if code:
                        raise SystemExit(f"{contestant}: the commit was stopped ({code})")
                    put_back(place, bench.environment)
                elif code not in (0, 1, 3):
                    raise SystemExit(f"{contestant} ended with {code}")
                if number:
                    taken[contestant].append((wall, processor))
        os.chdir("/")
    return report(taken, arguments.check)


def report(taken: dict[str, list[tuple[float, float]]], check: bool) -> int:
    """Print medians, and medians of the ratios to the bare interpreter of the same round."""
    rounds = len(taken[BARE])
    print(f"Python {sys.version.split()[0]}, {rounds} rounds, medians; x = times the interpreter\n")
    print(f"{'':46}{'wall ms':>9}{'x':>7}{'CPU ms':>9}{'x':>7}{'more than no hook':>20}")
    broken = False
    for name, times in taken.items():
        wall, processor = (statistics.median(column) for column in zip(*times, strict=True))
        pairs = list(zip(times, taken[BARE], strict=True))
        walls, processors = (statistics.median(a[k] / b[k] for a, b in pairs) for k in (0, 1))
        more = statistics.median(a[1] - b[1] for a, b in zip(times, taken[PLAIN], strict=True))
        tail = f"{more:+13.1f} CPU ms" if name.startswith("git") and name != PLAIN else ""
        if name in BUDGETS:
            kept = processors <= BUDGETS[name]
            broken |= not kept
            tail = f"   budget {BUDGETS[name]:g} {'kept' if kept else 'BROKEN'}"
        print(f"{name:46}{wall:9.1f}{walls:7.2f}{processor:9.1f}{processors:7.2f}{tail}")
    return 1 if broken and check else 0


if __name__ == "__main__":
    sys.exit(main())

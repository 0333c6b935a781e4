"""Kill what carries out real rollbacks with SIGKILL at any moment: workers, runners, and whoever looks on.

python -m tests.campaigns.rollback_kills [--kills N] [--minutes N] [--seed N] [--postgres]

Real processes, a deploy tool that writes down the operation of each of its runs, smoke tests, a log. Checked
for each rollback: deployed once, or not at all and known to be, or asked about; every event of it once; none
lost. With --postgres two workers on machines of their own (no common operations directory) share the journal,
are started again when they die, and the time until the other one takes over is measured.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from andon.desk.operation import holder_of, worker_lock
from andon.incident.codec import type_of
from andon.journal.open import open_journal
from andon.workflows.dbos_engine import EngineView, engine_url
from andon.workflows.rollback import task_of
from tests.acceptance.shop import PATIENCE, Shop, open_shop, wait_for
from tests.fakes.journal import FakeRedactor
from tests.postgres import fresh_schema, running_server

#: Seconds within which another worker has to take over.
TAKEOVER = 15.0
#: Events of an operation that there may be one of.
SINGLE = ("OperationApproved", "DeployStarted", "DeployFinished", "VerificationRan", "OperationEnded")


@dataclass
class Tally:
    """What a campaign counted."""

    kills: Counter[str] = field(default_factory=Counter)
    rollbacks: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    #: Seconds until another worker had taken over.
    takeovers: list[float] = field(default_factory=list)

    @property
    def killed(self) -> int:
        return sum(self.kills.values())


class Campaign:
    """One shop whose rollbacks are disturbed."""

    def __init__(self, shop: Shop, chance: Random, journal: str = "") -> None:
        self.shop = shop
        self.chance = chance
        self.is_shared = bool(journal)
        self.journal = journal or str(shop.journal)
        self.tally = Tally()
        #: The data directories of the machines: what is in one cannot be seen from the other.
        self.homes = [shop.environment["XDG_DATA_HOME"]]
        self.workers: list[subprocess.Popen[bytes]] = []
        self.incident = ""
        self.view: EngineView | None = None
        shop.deploy_by_command("(here / 'tool').write_text(str(os.getpid())); time.sleep(0.4)")
        shop.andon("verify")
        if self.is_shared:
            shop.environment["ANDON_WORKER"] = "manual"
            self.homes.append(str(shop.home / "another machine"))
            self.workers = [self._worker(home) for home in self.homes]
            self.view = EngineView(engine_url(journal, "shop"))

    def run(self, kills: int, minutes: float = 600.0, takeovers: int = 0) -> Tally:
        """Roll back again and again until `kills` processes were killed, or the time is over.

        `takeovers`: so many of them were workers at work, which another one had to take over from.
        """
        self.begin()
        enough = time.monotonic() + 60 * minutes
        while self._goes_on(kills, takeovers) and time.monotonic() < enough:
            self._rollback(max(min(self.chance.choice((1, 2, 3, 4)), kills - self.tally.killed), 1))
            self.spoil()
            if self.tally.rollbacks % 10 == 0:
                print(f"{self.tally.killed} killed in {self.tally.rollbacks} rollbacks", flush=True)
        return self.tally

    def _goes_on(self, kills: int, takeovers: int) -> bool:
        return self.tally.killed < kills or len(self.tally.takeovers) < takeovers

    def begin(self) -> None:
        """Declare an incident and decide to roll back."""
        self.spoil()
        self.incident = str(self.shop.json("declare", "checkout answers 500", "-s", "P0")["incident"])
        self.shop.andon("assess")
        self.shop.andon("decide", "rollback", "--reason", "alone", "--yes")

    def close(self) -> None:
        """End the workers of the campaign."""
        for worker in self.workers:
            worker.kill()
            worker.communicate()
        if self.view is not None:
            self.view.close()

    # ---- one rollback

    def spoil(self) -> None:
        """Put the broken release into production."""
        self.shop.release("v1.2.0")
        self.shop.switch("v1.2.0")

    def _rollback(self, kills: int) -> None:
        runs = len(self.shop.deploys())
        follower = self.shop.start("rollback", "--to", "v1.1.0", "--yes", "--watch", "0")
        try:
            operation = wait_for(lambda: self.approved(), "the approval")
            for _ in range(kills):
                time.sleep(self.chance.uniform(0.0, 2.0))  # the moment is the point
                if self.is_over(operation):
                    break
                self._kill(follower, operation)
        finally:
            with suppress(ProcessLookupError):
                follower.kill()
            follower.communicate()
        self._to_the_end(operation)
        self.check(operation, self.shop.deploys()[runs:])
        self.tally.rollbacks += 1

    def _events(self) -> list[Any]:
        journal, _ = open_journal(self.journal, FakeRedactor())
        try:
            return list(journal.read(self.incident))
        finally:
            journal.close()

    def approved(self) -> str:
        """Return the operation that was approved and that nothing is known of yet."""
        self.revive()
        events = self._events()
        ids = [r.event.operation for r in events if type_of(r.event) == "OperationApproved"]
        return ids[-1] if len(ids) > self.tally.rollbacks else ""

    def is_over(self, operation: str) -> bool:
        """True when nobody works on the operation any more."""
        self.revive()
        return any(
            type_of(r.event) == "OperationEnded" and r.event.operation == operation for r in self._events()
        )

    def _kill(self, follower: subprocess.Popen[bytes], operation: str) -> None:
        """Kill one of those who have to do with the operation."""
        victims = ("worker", "idle", "runner", "runner and tool", "follower")
        victim = self.chance.choices(victims, (6, 1, 2, 2, 1))[0]
        if victim == "follower" and follower.poll() is None:
            follower.kill()
            self.tally.kills[victim] += 1
        elif victim.startswith("runner"):
            self._kill_runner(operation, victim)
        elif self.is_shared:
            self._kill_worker(operation, victim)
        else:
            self._kill_process(holder_of(worker_lock(self.journal, "shop")), "worker")

    def _kill_runner(self, operation: str, victim: str) -> None:
        """Kill who deploys, and the tool too if so decided, somewhere in the middle."""
        wait_for(lambda: self._holder(operation) or self.is_over(operation), "the runner")
        time.sleep(self.chance.uniform(0.0, 0.5))
        self._kill_process(self._holder(operation), victim)
        if victim.endswith("tool"):
            with suppress(FileNotFoundError, ProcessLookupError):
                tool = self.shop.place / "tool"
                os.kill(int(tool.read_text()), signal.SIGKILL)
                self.tally.kills["tool"] += 1
                tool.unlink()

    def _holder(self, operation: str) -> str:
        """Return the process that holds the operation, on whichever machine."""
        places = [Path(home) / "andon" / "operations" / operation for home in self.homes]
        return next((holder for place in places if (holder := holder_of(str(place)))), "")

    def _kill_process(self, process: str, victim: str) -> None:
        with suppress(ProcessLookupError, ValueError):
            os.kill(int(process), signal.SIGKILL)
            self.tally.kills[victim] += 1

    def _to_the_end(self, operation: str) -> None:
        """Do what a person does: follow it again, and say how it ended when nobody else can."""
        deadline = time.monotonic() + 3 * PATIENCE
        while not self.is_over(operation):
            assert time.monotonic() < deadline, f"waited in vain for the end of {operation}"
            follower = self.shop.start("rollback", "--resume", "--watch", "0")
            try:
                wait_for(lambda f=follower: self._has_ended(f), "the follower")
            finally:
                follower.kill()
                follower.communicate()
        last = [r.event for r in self._events() if type_of(r.event) == "DeployFinished"]
        if last and last[-1].operation == operation and last[-1].outcome.value == "unknown":
            self._say(operation)

    def _has_ended(self, follower: subprocess.Popen[bytes]) -> bool:
        self.revive()
        return follower.poll() is not None

    def _say(self, operation: str) -> None:
        """Somebody looks at production and says what they see, once the tool is no longer at work."""
        wait_for(lambda: not self._holder(operation), "the end of the deploy tool")
        self.tally.ends["asked about"] += 1
        done = self.shop.running() == "v1.1.0"
        words = "succeeded" if done else "failed"
        self.shop.andon("rollback", "--resume", "--outcome", words, "--no-verify", code=(0, 1, 2))

    def check(self, operation: str, runs: list[str]) -> None:
        """Nothing twice, nothing lost."""
        mine = [r.event for r in self._events() if getattr(r.event, "operation", "") == operation]
        counted = Counter(type_of(event) for event in mine)
        outcomes = [event.outcome.value for event in mine if type_of(event) == "DeployFinished"]
        allowed = 2 if outcomes[:1] == ["unknown"] else 1  # asked about, and then answered
        for kind in SINGLE:
            most = allowed if kind == "DeployFinished" else 1
            assert counted[kind] <= most, (operation, counted)
        assert counted["OperationEnded"] == counted["OperationApproved"] == 1, (operation, counted)
        assert len(runs) <= 1, (operation, runs)
        assert all(run.split()[0] == operation for run in runs), (operation, runs)
        end = outcomes[-1] if outcomes else "stopped"
        if end == "succeeded":
            assert len(runs) == 1 and self.shop.running() == "v1.1.0", (operation, runs)
            assert self._in_the_ledger(operation) == 1, operation
        if outcomes == ["succeeded"]:
            assert counted["VerificationRan"] == 1, (operation, counted)
        self.tally.ends[end] += 1
        assert self.shop.json("audit")["whole"], operation

    def _in_the_ledger(self, operation: str) -> int:
        """Return how many deployments the ledger has for the operation."""
        journal, _ = open_journal(self.journal, FakeRedactor())
        try:
            ledger = journal.read("service:shop")
        finally:
            journal.close()
        return sum(
            type_of(r.event) == "ReleaseDeployed" and r.command == f"{operation}/ledger" for r in ledger
        )

    # ---- two workers

    def revive(self) -> None:
        """Start the workers again that ended by themselves, as a service manager does.

        Where the machine is so busy that a worker cannot renew its lease, it has to leave.
        """
        for number, worker in enumerate(self.workers):
            if worker.poll() not in (None, -signal.SIGKILL):
                worker.communicate()
                self.workers[number] = self._worker(self.homes[number])

    def at_work(self, operation: str) -> subprocess.Popen[bytes] | None:
        """Return the worker that has the operation, None while none of ours does."""
        self.revive()
        named = self.worker_of(operation)
        return next((worker for worker in self.workers if f"-{worker.pid}-" in named), None)

    def _worker(self, home: str) -> subprocess.Popen[bytes]:
        return self.shop.start("worker", XDG_DATA_HOME=home)

    def _kill_worker(self, operation: str, victim: str) -> None:
        """Kill the worker that has the operation, or the other one, and see who has it then."""
        at_work = self.worker_of(operation)
        for number, worker in enumerate(self.workers):
            is_at_work = f"-{worker.pid}-" in at_work
            if is_at_work == (victim == "worker"):
                worker.kill()
                worker.communicate()
                self.tally.kills[f"{victim} worker" if victim == "idle" else "worker"] += 1
                if is_at_work:
                    self._measure(operation, at_work)
                self.workers[number] = self._worker(self.homes[number])
                return

    def worker_of(self, operation: str) -> str:
        """Return who has it according to the engine itself, "" while nobody does."""
        assert self.view is not None
        named = [t for t in self.view.tasks() if t.id == task_of(operation) and t.state == "running"]
        return named[0].worker if named else ""

    def _measure(self, operation: str, dead: str) -> None:
        """Wait until somebody else works on it, or it is over."""
        began = time.monotonic()

        def is_taken() -> bool:
            return self.is_over(operation) or self.worker_of(operation) not in ("", dead)

        wait_for(is_taken, f"somebody to take over {operation}")
        self.tally.takeovers.append(time.monotonic() - began)


@contextmanager
def disturbed(place: Path, seed: int, journal: str = "") -> Iterator[Campaign]:
    """Yield a campaign in a directory; its processes end with it."""
    with open_shop(place) as shop:
        if journal:
            shop.environment["ANDON_JOURNAL"] = journal
        made = Campaign(shop, Random(seed), journal)
        try:
            yield made
        finally:
            made.close()


def main() -> int:
    """Run from the command line; the seed is printed, so that a failure can be repeated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3)))
    parser.add_argument("--minutes", type=float, default=600.0, help="end after so long, however many")
    parser.add_argument("--postgres", action="store_true", help="two workers on a shared journal")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="andon-kills-") as place:
        if arguments.postgres:
            with running_server() as url, fresh_schema(url) as journal:
                tally = _campaign(Path(place), arguments, journal)
        else:
            tally = _campaign(Path(place), arguments, "")
    killed = ", ".join(f"{count} {name}" for name, count in sorted(tally.kills.items()))
    ends = ", ".join(f"{count} {name}" for name, count in sorted(tally.ends.items()))
    print(f"{tally.killed} processes killed ({killed}) in {tally.rollbacks} rollbacks ({ends})")
    if tally.takeovers:
        ordered = sorted(tally.takeovers)
        middle, worst = ordered[len(ordered) // 2], ordered[-1]
        print(f"taken over {len(ordered)} times: median {middle:.1f} s, worst {worst:.1f} s")
        if worst > TAKEOVER:
            print(f"that is too late: {TAKEOVER:.0f} s is the limit, on a machine that does nothing else")
            return 1
    print("every deployment once or asked about, every event once, none lost")
    return 0


def _campaign(place: Path, arguments: argparse.Namespace, journal: str) -> Tally:
    with disturbed(place, arguments.seed, journal) as made:
        return made.run(arguments.kills, arguments.minutes)


if __name__ == "__main__":
    sys.exit(main())

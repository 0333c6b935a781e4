"""One practice production: its directory, its processes, and their certain end."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO

from andon.drill import supervisor
from andon.drill.addresses import free_ports, listens
from andon.drill.environment import environment
from andon.drill.releases import HISTORY, TESTS, Release, Repository
from andon.drill.settings import andon_toml

PREFIX = "andon-drill-"
MARKER = "andon-drill.json"
HERE = os.path.dirname(os.path.abspath(__file__))

#: Orders the shop has taken before the drill begins, and visits that must succeed before it does.
PAST_ORDERS, FIRST_VISITS = 412, 4
#: Seconds after which something that is waited for counts as never coming; a busy machine takes its time.
PATIENCE = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """Half a second in the lives of the synthetic customers."""

    at: float
    fine: int
    failed: dict[str, int]

    @property
    def lost(self) -> int:
        """Visits that failed."""
        return sum(self.failed.values())


class World:
    """A practice production in a directory of its own; use as a context manager."""

    def __init__(self, home: str) -> None:
        """Make the directory's layout and become its owner."""
        self.home = home
        self.production = os.path.join(home, "production")
        self.repository = Repository(os.path.join(home, "shop"))
        self.journal = os.path.join(home, "journal", "andon.db")
        self.customers = os.path.join(home, "customers.jsonl")
        self.inbox = os.path.join(home, "stakeholders.jsonl")
        self.log = os.path.join(self.production, "shop.log")
        self.deployed_at: dict[str, datetime] = {}
        self.ports: dict[str, int] = {}
        self.kept = False
        #: Whether the shop has switches, which a server of its own streams.
        self.has_flags = False
        self._children: list[subprocess.Popen[bytes]] = []
        for part in ("production/releases", "production/run", "journal", "cache"):
            os.makedirs(os.path.join(home, part))
        self._owner = _owned(self.production)
        self._mark()

    @classmethod
    def make(cls) -> World:
        """Make a production in a fresh temporary directory, after clearing away what a killed drill left."""
        sweep()
        home = os.path.realpath(tempfile.mkdtemp(prefix=PREFIX))
        try:
            return cls(home)
        except BaseException:
            shutil.rmtree(home, ignore_errors=True)
            raise

    def __enter__(self) -> World:
        """Enter; leaving stops everything."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop every process and remove the directory unless it is kept."""
        self.end()

    def keep(self) -> None:
        """Leave the directory behind when the drill ends; its processes stop all the same."""
        self.kept = True
        self._mark()

    def _mark(self) -> None:
        with open(os.path.join(self.home, MARKER), "w", encoding="utf-8") as file:
            json.dump({"made_by": "andon drill", "kept": self.kept}, file)

    # -- building ----------------------------------------------------------------------------------

    def build(
        self,
        now: datetime,
        last_deployed: timedelta = timedelta(days=3),
        history: Sequence[Release] = HISTORY,
        *,
        has_flags: bool = False,
    ) -> None:
        """Write the shop's history and its release directories; the newest went live `last_deployed` ago."""
        self.has_flags = has_flags
        self.ports = free_ports("shop", "payments", "stakeholders", "flags", "quotes")
        shutil.copy(os.path.join(HERE, "supervisor.py"), os.path.join(self.production, "service.py"))
        self._configure()
        self.repository.create()
        self.repository.write("andon.toml", self._andon_toml())
        for age, release in zip(range(len(history) - 1, -1, -1), history, strict=True):
            at = now - last_deployed - timedelta(days=9 * age)
            self.repository.release(release, at - timedelta(hours=2))
            self.deployed_at[release.version] = at
            self._export(release.version, at)
        os.symlink(os.path.join("releases", history[-1].version), os.path.join(self.production, "current"))

    def _configure(self) -> None:
        shop = {
            "port": self.ports["shop"],
            "database": os.path.join(self.production, "shop.db"),
            "log": self.log,
            "payments": f"http://127.0.0.1:{self.ports['payments']}",
            "flags": self.flags if self.has_flags else "",
            "flags_kept": os.path.join(self.production, "flags.json"),
        }
        for name, values in (
            ("shop.json", shop),
            (
                "payments.json",
                {"port": self.ports["payments"], "requests_per_connection": 0, "status_page": 1},
            ),
        ):
            with open(os.path.join(self.production, name), "w", encoding="utf-8") as file:
                json.dump(values, file, indent=2)

    def _andon_toml(self) -> str:
        script = os.path.join(self.repository.path, "ops", "buy_ten.py")
        return andon_toml(
            production=self.production,
            log=self.log,
            ports=self.ports,
            restart=self.restart_command,
            repeat=[sys.executable, script, f"http://127.0.0.1:{self.ports['shop']}/checkout"],
            test=[sys.executable, "-B", *TESTS],
            build=[sys.executable, "-B", "ops/build.py", "{version}", self.production],
            flags=self.flags if self.has_flags else "",
        )

    def _export(self, version: str, at: datetime) -> None:
        target = os.path.join(self.production, "releases", version)
        self.repository.git("worktree", "add", "--quiet", "--detach", target, version)
        os.unlink(os.path.join(target, ".git"))
        self.repository.git("worktree", "prune")
        with open(os.path.join(target, "REVISION"), "w", encoding="utf-8") as file:
            file.write(self.repository.git("rev-list", "-1", version))
        os.utime(target, (at.timestamp(), at.timestamp()))

    # -- running -----------------------------------------------------------------------------------

    def open(self, past_orders: int = PAST_ORDERS) -> None:
        """Start the provider, the shop and the customers, and wait until visits succeed."""
        inbox = [str(self.ports["stakeholders"]), self.inbox]
        self.launch("stakeholders", [os.path.join(HERE, "stakeholders.py"), *inbox])
        self.start_payments()
        self.restart()
        self.number_orders(past_orders)
        record = [str(self.ports["shop"]), self.customers]
        self.launch("customers", [os.path.join(HERE, "customers.py"), *record])
        self.wait_for(lambda: self.listens("stakeholders"), "the stakeholders' inbox")
        self.wait_for(lambda: sum(b.fine for b in self.beats()) >= FIRST_VISITS, "the first customers")

    def start_payments(self) -> None:
        """Start the payment provider and wait until it answers."""
        self.launch(
            "payments", [os.path.join(HERE, "payments.py"), os.path.join(self.production, "payments.json")]
        )
        self.wait_for(lambda: listens(self.ports["payments"]), "the payment provider")

    def deliver(self, env: dict[str, str]) -> None:
        """Start what brings waiting messages to the stakeholders, unless it is at work already."""
        if not supervisor.running(self.production, "delivery"):
            self._reap()
            self.launch("delivery", ["-m", "andon", "notify", "deliver"], self.repository.path, env)

    def told(self) -> tuple[str, ...]:
        """Return the titles of the messages the stakeholders have received."""
        try:
            with open(self.inbox, encoding="utf-8") as file:
                return tuple(str(json.loads(line).get("title", "")) for line in file if line.endswith("\n"))
        except FileNotFoundError:
            return ()

    def stop_payments(self) -> None:
        """Stop the payment provider."""
        supervisor.stop_named(self.production, "payments")
        self._reap()

    def restart(self) -> None:
        """Restart the shop with its own restart command; raises CalledProcessError when it stays down."""
        subprocess.run(self.restart_command, check=True, capture_output=True)

    @property
    def restart_command(self) -> list[str]:
        """The shop's restart command, as an argument list."""
        return [sys.executable, os.path.join(self.production, "service.py"), "restart"]

    def deploy(self, release: Release) -> datetime:
        """Commit, tag and deploy a release now, with the team's own script; returns when it went live."""
        self.repository.release(release, datetime.now(UTC))
        self.ship(release.version)
        return self.deployed_at[release.version]

    def ship(self, version: str) -> str:
        """Deploy a tagged release now, with the team's own script; returns what it printed."""
        words = self.repository.deploy(version, self.production)
        self.deployed_at[version] = datetime.now(UTC)
        return words

    @property
    def flags(self) -> str:
        """The address of the flags' server."""
        return f"http://127.0.0.1:{self.ports['flags']}"

    @staticmethod
    def free_port() -> int:
        """Return a port of this machine that nobody uses now."""
        return free_ports("one")["one"]

    def listens(self, name: str) -> bool:
        """Say whether somebody listens on a port of this production."""
        return listens(self.ports[name])

    @property
    def andon_settings(self) -> dict[str, str]:
        """The variables with which Andon itself runs here."""
        return {
            "ANDON_JOURNAL": self.journal,
            "XDG_CACHE_HOME": os.path.join(self.home, "cache"),
            "XDG_DATA_HOME": os.path.join(self.home, "data"),
        }

    def beside(self, name: str) -> str:
        """Return a directory beside the shop's repository."""
        return os.path.join(self.home, name)

    def running_release(self) -> str:
        """Return the version `current` points at."""
        return os.path.basename(os.path.realpath(os.path.join(self.production, "current")))

    def number_orders(self, last: int) -> None:
        """Fill the order book up to this running number, as months of business would have."""
        script = os.path.join(self.repository.path, "ops", "import_orders.py")
        database = os.path.join(self.production, "shop.db")
        subprocess.run([sys.executable, script, database, str(last)], check=True, capture_output=True)

    # -- watching ----------------------------------------------------------------------------------

    def beats(self, since: float = 0.0) -> tuple[Beat, ...]:
        """Return what the customers wrote down after `since` (seconds since the epoch)."""
        try:
            with open(self.customers, encoding="utf-8") as file:
                lines = [json.loads(line) for line in file if line.endswith("\n")]
        except FileNotFoundError:
            return ()
        return tuple(Beat(**line) for line in lines if line["at"] > since)

    def beats_begun(self, since: float) -> tuple[Beat, ...]:
        """Return the beats that began after `since`: the first that ends after it may have begun before."""
        return self.beats(since)[1:]

    def wait_until_served(self, beats: int = 3) -> None:
        """Wait until the customers' last few beats, from now on, went without a failure."""
        since = time.time()

        def served() -> bool:
            newest = self.beats_begun(since)[-beats:]
            return len(newest) == beats and all(b.fine and not b.lost for b in newest)

        self.wait_for(served, "customers to be served again")

    def wait_for(self, condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        """Wait until the condition holds; raises TimeoutError naming `what` when it never does."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {seconds:.0f} s for {what}")
            time.sleep(0.05)

    # -- ending ------------------------------------------------------------------------------------

    def end(self) -> None:
        """Stop every process by its id and start time; remove the directory unless it is kept."""
        if self._owner.closed:
            return
        supervisor.close(self.production)
        for child in self._children:  # one that was only just started has not registered yet
            if child.poll() is None:
                child.terminate()
                child.wait()
        if not self.kept:
            _remove(self.home)
        self._owner.close()

    def launch(
        self, name: str, arguments: list[str], directory: str = "", env: dict[str, str] | None = None
    ) -> None:
        """Start a program under this name; it ends with the production."""
        child = supervisor.launch(self.production, name, arguments, directory or self.home, environment(env))
        self._children.append(child)

    def _reap(self) -> None:
        self._children = [child for child in self._children if child.poll() is None]


def sweep() -> tuple[str, ...]:
    """Clear away productions whose drill was killed; returns their directories. Kept ones stay."""
    found = []
    for entry in os.scandir(tempfile.gettempdir()):
        if not entry.name.startswith(PREFIX) or not _is_abandoned(entry):
            continue
        try:
            owner = _owned(os.path.join(entry.path, "production"))
        except OSError:  # a drill that is still going on, or a directory that is being removed
            continue
        with owner, suppress(OSError):
            supervisor.close(os.path.join(entry.path, "production"))
            _remove(entry.path)
            found.append(entry.path)
    return tuple(found)


def _remove(home: str) -> None:
    """Remove a directory, also one in which what is just being ended still makes a file."""
    for _ in range(100):
        shutil.rmtree(home, ignore_errors=True)
        if not os.path.exists(home):
            return
        time.sleep(0.05)


def _is_abandoned(entry: os.DirEntry[str]) -> bool:
    try:
        if not entry.is_dir(follow_symlinks=False) or entry.stat(follow_symlinks=False).st_uid != os.getuid():
            return False
        with open(os.path.join(entry.path, MARKER), encoding="utf-8") as file:
            marker = json.load(file)
    except (OSError, ValueError):
        return False
    return isinstance(marker, dict) and marker.get("made_by") == "andon drill" and not marker.get("kept")


def _owned(production: str) -> IO[str]:
    """Take the lock that says the owner is alive; raises BlockingIOError while another owner is."""
    file = open(os.path.join(production, "run", "owner.lock"), "a")  # noqa: SIM115 held until the end
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    return file

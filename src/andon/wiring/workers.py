"""Starting the processes that work on when the command has ended."""

from __future__ import annotations

import os
import sys

from andon.errors import Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.wiring.given import Given
else:
    Given = object


class WorkerProcesses(Given):
    """The processes that carry on what a command began."""

    def deliver_soon(self) -> None:
        """Start the delivery of waiting messages in a process of its own, which nobody waits for."""
        if os.environ.get("ANDON_DELIVERY") != "manual":
            self.start_worker()

    def start_worker(self) -> int:
        """Start a process that carries out what is approved and then leaves; return its id, 0 for none.

        It survives our terminal. What it has to say before it has a journal goes to a file of its own.
        """
        from andon.desk.operation import directory

        if not self.starts_workers:
            return 0
        return _start(self, "worker", "--until-done", said=os.path.join(directory(), "worker.log"))

    @property
    def worker_lock(self) -> str:
        """The file that a worker on this machine holds."""
        from andon.desk.operation import worker_lock

        return worker_lock(self.place, self.config.service)

    @property
    def starts_workers(self) -> bool:
        """False where only `andon worker` is to carry out what is approved: ANDON_WORKER=manual."""
        return os.environ.get("ANDON_WORKER") != "manual"

    def start_runner(self, incident: str, operation: str, actor: str) -> int:
        """Start the process that carries out one deployment and return its id; raises Unavailable."""
        child = _start(self, "worker", "--carry-out", incident, operation, "--as", actor)
        if not child:
            raise Unavailable(
                "the process that deploys cannot be started",
                where=operation,
                rule="one-act-at-a-time",
                remedy="make room for another process; it is tried again",
            )
        return child


def _start(desk: WorkerProcesses, *words: str, said: str = os.devnull) -> int:
    argv = [sys.executable, "-m", "andon", *words]
    place = desk.place if "://" in desk.place else os.path.abspath(os.path.expanduser(desk.place))
    surroundings = {**os.environ, "ANDON_JOURNAL": place}
    actions = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDWR, 0)]
    actions += [(os.POSIX_SPAWN_OPEN, d, said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600) for d in (1, 2)]
    try:
        if said != os.devnull:
            os.makedirs(os.path.dirname(said), mode=0o700, exist_ok=True)
        here = os.getcwd()
        os.chdir(desk.config.root)  # where its configuration is
        try:
            return os.posix_spawn(sys.executable, argv, surroundings, file_actions=actions, setsid=True)
        finally:
            os.chdir(here)
    except (OSError, NotImplementedError):
        return 0  # no room for another process, or no such system; whoever looks next sets it going

"""Deployments in processes of their own: started once, holding a lock, leaving their outcome on disk.

The file `started` is made by whoever begins, with O_EXCL: one beginning per operation and operations
directory, whatever dies when. Nothing but the deployer's call happens in between `started` and `outcome`.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from andon.desk.acting import finish
from andon.desk.operation import directory, held, hold, holder_of, trace, unwritable
from andon.desk.redacting import redacted
from andon.desk.values import DeployReport
from andon.errors import AndonError, Conflict, Unavailable
from andon.incident.evolve import fold
from andon.incident.words import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.desk.ports import Desk

#: Seconds for which the traces of an operation are kept: longer than anybody leaves one unresolved.
_KEPT = 90 * 86400.0


class DetachedRunner:
    """The port `DeployRunner`: a process per deployment, in a session of its own."""

    def __init__(self, launch: Callable[[str, str, str], int]) -> None:
        """Take what starts the process for an incident, an operation and an actor, and returns its id."""
        self._launch = launch
        self._children: list[int] = []
        self.host = _host()

    def begin(self, incident: str, operation: str, actor: str) -> None:
        """Start the operation's deployment unless it ever was; raises Unavailable."""
        if self.phase(operation) == "new":
            self._children.append(self._launch(incident, operation, actor))

    def phase(self, operation: str) -> str:
        """Return `new`, `running`, `ended` or `gone`."""
        self._children = [child for child in self._children if not _has_left(child)]
        if self.report(operation) is not None:
            return "ended"
        if held(operation):
            return "running"
        if not os.path.exists(trace(operation, "started")):
            return "new"
        return "ended" if self.report(operation) is not None else "gone"  # it may have ended just now

    def report(self, operation: str) -> DeployReport | None:
        """Return how the deployment ended, None when it has not, or when nobody saw it."""
        try:
            with open(trace(operation, "outcome"), encoding="utf-8") as file:
                told = json.load(file)
            return DeployReport(**{**told, "outcome": Outcome(told["outcome"])})
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def forbid(self, operation: str) -> bool:
        """Take the one beginning, so that nobody else can; False when somebody has."""
        return _begin(operation, "forbidden")


def _has_left(child: int) -> bool:
    """True when the process has ended; it is buried here, which only its parent can do."""
    try:
        return os.waitpid(child, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return True


def carry_out(desk: Desk, incident: str, operation: str) -> Outcome | None:
    """Deploy what the operation is for, once; None when that was not ours to do.

    Runs in a process of its own. The outcome is on disk before it is in the journal; whoever looks next
    makes up for a journal that cannot be reached now.
    """
    try:
        with hold(operation):
            act = fold(desk.history(incident)).operation(operation)
            if act is None or act.outcome is not None or desk.deployer is None:
                return None
            if not _begin(operation, str(os.getpid())):
                return None
            report = desk.deployer.deploy(act.version, operation)
            report = DeployReport(
                outcome=report.outcome,
                output=redacted(desk, report.output),
                detail=redacted(desk, report.detail),
                seconds=report.seconds,
                running_version=redacted(desk, report.running_version),
            )
            _write_outcome(operation, report)
    except Conflict:
        return None  # somebody else is at it
    try:
        finish(desk, incident, operation, report)
    except AndonError:
        return report.outcome  # it lies in the outcome file, for the worker
    return report.outcome


def forget_old(now: float) -> None:
    """Remove what operations left behind that were over long ago; `now` is in seconds since the epoch."""
    place = directory()
    for name in os.listdir(place) if os.path.isdir(place) else ():
        path = os.path.join(place, name)
        try:
            if name != "host" and now - os.stat(path).st_mtime > _KEPT and not holder_of(path):
                os.unlink(path)
        except OSError:
            continue


def _begin(operation: str, by: str) -> bool:
    """Make the file that says it was begun; False when it is there. Raises Unavailable."""
    path = trace(operation, "started")
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    except OSError as problem:
        raise unwritable(path, problem) from problem
    _keep(descriptor, by.encode())
    _sync_directory(path)
    return True


def _write_outcome(operation: str, report: DeployReport) -> None:
    path = trace(operation, "outcome")
    plain = {field: getattr(report, field) for field in report.__fields__}
    try:
        descriptor = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        _keep(descriptor, json.dumps(plain).encode())
        os.replace(f"{path}.new", path)
        _sync_directory(path)
    except OSError:
        return  # a full disk: the journal may still take it, and if not, the deployer is asked


def _keep(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: str) -> None:
    descriptor = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _host() -> str:
    """Return the identity of this operations directory, made when first asked for; raises Unavailable."""
    path = os.path.join(directory(), "host")
    try:
        os.makedirs(directory(), mode=0o700, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            _keep(descriptor, f"{os.uname().nodename}-{os.urandom(6).hex()}".encode())
        with open(path, encoding="utf-8") as file:
            known = file.read().strip()
    except OSError as problem:
        raise unwritable(path, problem) from problem
    if not known:
        raise Unavailable(
            "the identity of the operations directory is empty",
            where=path,
            rule="one-act-at-a-time",
            remedy=f"remove it when nothing is under way: rm {path}",
        )
    return known

"""andon worker: carry out what is approved; many may run on a shared journal."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
import time

from andon.cli.output import print_json, wants_json
from andon.cli.terminal import next_line, one_line, say, style
from andon.desk.operation import holder_of, unwritable
from andon.desk.telling import tell_progress

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.wiring.desk import WiredDesk
    from andon.workflows.engine import Body

#: Seconds in which a worker that has looked for the last time is gone; it may have missed what is new.
_LEAVING = 4.0

EPILOG = """\
Every command that approves an act starts a worker of its own, which leaves when it is done. A team that
shares a journal on PostgreSQL keeps two or more of these running: when one dies, another takes over within
15 seconds."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("--until-done", action="store_true", help="leave when nothing is left to carry out")
    parser.add_argument(
        "--carry-out",
        nargs=2,
        metavar=("INCIDENT", "OPERATION"),
        help="carry out one deployment that has been claimed; workers give this to themselves",
    )


def run(desk: WiredDesk, arguments: argparse.Namespace) -> int:
    """Work until stopped, or until nothing is left."""
    if arguments.carry_out:
        from andon.workflows.runner import carry_out

        incident, operation = arguments.carry_out
        outcome = carry_out(desk, incident, operation)
        return _said(arguments, 0 if outcome is not None else 1, "carried out" if outcome else "not ours")
    if "://" not in desk.place or arguments.until_done:
        lock = desk.worker_lock
        if _take(lock, patiently=not arguments.until_done) < 0:
            return _said(arguments, 0, f"process {holder_of(lock)} is at it, and sees what is new")
    code = _work(desk, arguments)
    return _said(arguments, code, "something is left that broke" if code == 1 else "nothing is left to do")


def _said(arguments: argparse.Namespace, code: int, told: str) -> int:
    if wants_json(arguments):
        print_json({"process": os.getpid(), "told": told})
    elif not arguments.carry_out:
        next_line(told, "andon workflows")
    return code


def _take(path: str, *, patiently: bool) -> int:
    """Return the locked file, -1 when another worker has it and does not leave."""
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise unwritable(path, problem) from problem
    enough = time.monotonic() + _LEAVING
    while not _is_locked(descriptor):
        if patiently:
            say(f"process {holder_of(path)} works on this journal; waiting until it leaves")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            break
        if time.monotonic() > enough:
            return -1
        time.sleep(0.1)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _say_of_a_thread(broken: threading.ExceptHookArgs) -> None:
    """Put what broke in a thread on standard error, which may be the file worker.log, without secrets."""
    import traceback

    from andon.secrets.spoken import hidden_anyhow

    told = "".join(traceback.format_exception(broken.exc_type, broken.exc_value, broken.exc_traceback))
    print(hidden_anyhow(told), file=sys.stderr)


def _work(desk: WiredDesk, arguments: argparse.Namespace) -> int:
    from andon.workflows import deadlines, flag_rollouts, messages, rollback, secret_audits
    from andon.workflows.dbos_engine import DbosEngine, engine_url
    from andon.workflows.runner import DetachedRunner, forget_old
    from andon.workflows.worker import Worker

    threading.excepthook = _say_of_a_thread
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: stopped.append(received))
    place, is_shared = engine_url(desk.place, desk.config.service), "://" in desk.place
    forget_old(desk.clock.now().timestamp())
    bodies: dict[str, Body] = {
        rollback.NAME: rollback.Act(desk.beside, DetachedRunner(desk.start_runner), tell_progress),
        flag_rollouts.NAME: flag_rollouts.Stages(desk.beside, tell_progress),
        messages.NAME: messages.Delivery(desk.beside),
        deadlines.NAME: deadlines.Deadline(desk.beside),
        secret_audits.NAME: secret_audits.Reminder(desk.beside),
    }
    leases = None
    executor = "local"
    if is_shared:
        from andon.workflows.leases import Leases

        executor = f"{os.uname().nodename}-{os.getpid()}-{desk.ids.new()[:8]}"
        leases = Leases(place, executor)
        leases.take()
    engine = DbosEngine(place, bodies, executor)
    if leases is not None:
        leases.keep()
    if not arguments.until_done and not wants_json(arguments):
        where = desk.journal.place
        print(
            style(f"working on {one_line(where)} (process {os.getpid()}); Ctrl-C stops it", "dim"), flush=True
        )
    worker = Worker(
        desk,
        engine,
        until_done=arguments.until_done,
        is_stopped=lambda: bool(stopped),
        with_messages=os.environ.get("ANDON_DELIVERY") != "manual",
        place="" if is_shared else os.path.dirname(os.path.abspath(os.path.expanduser(desk.place))),
    )
    code = worker.work()
    if leases is not None:
        leases.give_up()
    return 130 if stopped and stopped[0] == signal.SIGINT else code

"""This process, as the flag server knows it, and what is to be done when it forks or ends.

A fork copies the memory of a process, but only one of its threads: the child has the flags and nobody who
keeps them fresh. Each open client is renewed in the child, with an identity of its own.
"""

from __future__ import annotations

import os
import sys
import time
from _thread import get_ident

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from andon.flags.quiet import Quiet

    class Renewed(Protocol):
        """What has threads and sockets."""

        @property
        def quiet(self) -> Quiet:
            """What its thread holds while it works."""

        def after_fork(self) -> None:
            """Begin anew, in a forked process."""

        def at_exit(self) -> None:
            """Say good-bye, quickly."""


#: Clients that are open. Held strongly: a bound method of one may be all that a program keeps of it.
_open: list[Renewed] = []
_is_registered = False
#: What each thread that forks just now holds.
_held: dict[int, list[Quiet]] = {}
#: A fork waits so long for the threads, in seconds. They are quiet mostly, or within a millisecond; the
#: lookup of a name may take longer, and does not hold up the program.
FORK_PATIENCE = 0.1


class Identity(Record):
    """Who speaks to the server."""

    #: 32 hexadecimal digits, new in every process.
    process: str
    #: APP/HOST/PID, for people.
    name: str
    #: The `process` of the parent, when this one was forked from it.
    forked_from: str = ""


def identify(app: str, forked_from: str = "") -> Identity:
    """Return the identity of this process now."""
    host = os.uname().nodename if hasattr(os, "uname") else "host"
    shown = (app or os.path.basename(sys.argv[0] if sys.argv else "") or "python").replace("/", "-")
    name = f"{shown[:100]}/{host[:100]}/{os.getpid()}"
    return Identity(process=os.urandom(16).hex(), name=name, forked_from=forked_from)


def enter(client: Renewed) -> None:
    """Have a client renewed in forked processes and closed at the end of this one."""
    global _is_registered
    if not _is_registered:
        import atexit

        _is_registered = True
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=_before_fork, after_in_parent=_after_in_parent, after_in_child=_after_fork
            )
        atexit.register(_at_exit)
    _open.append(client)


def leave(client: Renewed) -> None:
    """Forget a closed client."""
    if client in _open:
        _open.remove(client)


def draw() -> float:
    """Return a number from 0 to 1 by chance; not `random`, whose state two forked processes would share."""
    return int.from_bytes(os.urandom(4), "big") / 0xFFFFFFFF


def _before_fork() -> None:
    """Have the threads of all clients quiet, as far as that takes no longer than a program should wait."""
    until = time.monotonic() + FORK_PATIENCE
    _held[get_ident()] = [
        quiet for client in tuple(_open) if (quiet := client.quiet).hold(max(0.0, until - time.monotonic()))
    ]


def _after_in_parent() -> None:
    for quiet in _held.pop(get_ident(), ()):
        quiet.let_go()


def _after_fork() -> None:
    _held.clear()
    for client in tuple(_open):
        try:
            client.after_fork()
            # A child of multiprocessing ends without `atexit`, by what is registered with that module.
            if (module := sys.modules.get("multiprocessing.util")) is not None:
                module.register_after_fork(client, _close_with_multiprocessing)
        except Exception as error:  # noqa: BLE001  # a fork of the program must not fail for its flags
            print(f"andon: flags are not kept fresh in this forked process: {error!r}", file=sys.stderr)


def _close_with_multiprocessing(client: Renewed) -> None:
    sys.modules["multiprocessing.util"].Finalize(client, client.at_exit, exitpriority=1)


def _at_exit() -> None:
    for client in tuple(_open):
        client.at_exit()

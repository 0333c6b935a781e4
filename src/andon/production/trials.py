"""Which adapter makes a copy of what: by the form of the address."""

from __future__ import annotations

import contextlib
import os
import signal
import threading

from andon.errors import InvalidInput
from andon.production.trial_runners import environment_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from andon.desk.ports_trial import SchemaCopy, SchemaTrial


def trial_for(address: str, production: Sequence[str], root: str, limit: float) -> SchemaTrial:
    """Return what makes copies of the database at `address`.

    `production` are addresses and files that are refused, each as it is configured. Raises InvalidInput for
    what is no address, Refused for one of production, NotFound for a file that is not there.
    """
    known = environment_values(production, os.environ)
    if address.startswith(("postgresql://", "postgres://")) or "dbname=" in address or "host=" in address:
        from andon.production.trial_postgres import PostgresTrial

        servers = [own for own in known if _is_server(own)]
        return Gentle(PostgresTrial(address, servers, limit))
    if address.startswith("sqlite:"):
        from andon.production.trial_sqlite import SqliteTrial

        files = [os.path.join(root, _file(own)) for own in known if not _is_server(own)]
        path = _file(address)
        return Gentle(SqliteTrial(os.path.join(root, path) if path else "", files, limit))
    raise InvalidInput(
        "this is no database that Andon can copy",  # never the address itself: it may hold a password
        where="trial database",
        rule="trial-dsn",
        remedy="name a variable that holds a PostgreSQL address: --trial-dsn '$NAME'; or sqlite:PATH",
    )


def _is_server(address: str) -> bool:
    return address.startswith(("postgresql://", "postgres://")) or "host=" in address or "dbname=" in address


def _file(address: str) -> str:
    """Return the file of `sqlite:PATH`, `sqlite:///PATH` (as SQLAlchemy has it) or a bare path."""
    rest = address.removeprefix("sqlite:")
    return rest.removeprefix("///") if rest.startswith("///") else rest.removeprefix("//")


class Gentle:
    """A trial whose copy is dropped also when the process is asked to end."""

    def __init__(self, trial: SchemaTrial) -> None:
        """Take the adapter."""
        self._trial = trial
        self.place = trial.place

    @contextlib.contextmanager
    def copy(self) -> Iterator[SchemaCopy]:
        """Make a copy; SIGTERM and SIGHUP end the trial as Ctrl-C does, so that the copy is dropped."""
        with _ended_gently(), self._trial.copy() as copy:
            yield copy


@contextlib.contextmanager
def _ended_gently() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

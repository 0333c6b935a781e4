"""Leases of workers that share an engine on PostgreSQL: who lives, and whose work is to be taken over.

DBOS keeps the work of a process that died for ever; a lease that runs out says that it did. A worker whose
lease was taken by others stops at once: it may be alive, but what it began has another owner.
"""

from __future__ import annotations

import os
import threading
from time import monotonic
from typing import TYPE_CHECKING

import sqlalchemy as sa
from dbos import DBOS

from andon.workflows.dbos_engine import database_url, schema_of

if TYPE_CHECKING:
    from collections.abc import Callable

#: Seconds a lease holds after its last renewal. With the pauses below, work is taken over within 12 seconds.
TTL = 8.0
#: Seconds between two renewals, and between two looks for leases that ran out.
BEAT = 2.0
LOOK = 1.0
#: Exit code of a worker that found its lease gone.
FENCED = 70

_TABLE = """
CREATE TABLE IF NOT EXISTS {schema}.andon_lease (
    executor text PRIMARY KEY,
    expires timestamptz NOT NULL
)
"""


class Leases:
    """The lease of this process, and the reaper of the others'."""

    def __init__(
        self, place: str, executor: str, *, ttl: float = TTL, leave: Callable[[int], None] = os._exit
    ) -> None:
        """Take the engine's place; `leave` ends the process at once when the lease is gone."""
        self._executor = executor
        self._ttl = ttl
        self._leave = leave
        self._schema = f'"{schema_of(place)}"'
        self._database = sa.create_engine(database_url(place), pool_size=2, pool_pre_ping=True)
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        #: Until when, on our own clock, nobody is reaped: after an outage everybody's lease has run out.
        self._quiet_until = 0.0

    def take(self) -> None:
        """Take the lease, before the engine is opened: work without one would be taken away."""
        with self._database.begin() as db:
            db.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": self._schema})
            db.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {self._schema}"))
            db.execute(sa.text(_TABLE.format(schema=self._schema)))
            db.execute(
                self._sql("INSERT INTO {lease} VALUES (:me, now() + make_interval(secs => :ttl))"), self._me
            )

    def keep(self) -> None:
        """Renew the lease and look for work to take over, in the background, until `give_up`."""
        for name, pause, work in (("renew", BEAT, self._renew), ("reap", LOOK, self._reap)):
            thread = threading.Thread(target=self._repeat, args=(pause, work), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def give_up(self) -> None:
        """Let others take over at once what this process has not ended."""
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=5)
        try:
            with self._database.begin() as db:
                db.execute(self._sql("UPDATE {lease} SET expires = now() WHERE executor = :me"), self._me)
        except sa.exc.SQLAlchemyError:
            pass  # it runs out by itself
        self._database.dispose()

    @property
    def _me(self) -> dict[str, object]:
        return {"me": self._executor, "ttl": self._ttl}

    def _sql(self, text: str) -> sa.TextClause:
        return sa.text(text.format(lease=f"{self._schema}.andon_lease"))

    def _repeat(self, pause: float, work: Callable[[], None]) -> None:
        while not self._over.wait(pause):
            try:
                work()
            except Exception:  # noqa: BLE001 - whatever it was: a reaper that dies takes over nothing
                # After an outage nobody is reaped for the time of one lease: all have to renew first.
                self._quiet_until = monotonic() + self._ttl

    def _renew(self) -> None:
        with self._database.begin() as db:
            statement = (
                "UPDATE {lease} SET expires = now() + make_interval(secs => :ttl) WHERE executor = :me"
            )
            if db.execute(self._sql(statement), self._me).rowcount != 1:
                self._leave(FENCED)

    def _reap(self) -> None:
        """Take over what dead workers began, and what nobody has a lease for."""
        if monotonic() < self._quiet_until:
            return
        statement = (
            "SELECT executor FROM {lease} WHERE expires < now() AND executor <> :me FOR UPDATE SKIP LOCKED"
        )
        with self._database.begin() as db:  # a dead worker's lease is locked until its work is taken
            for dead in [str(row[0]) for row in db.execute(self._sql(statement), self._me)]:
                for workflow in _pending(dead):
                    DBOS.resume_workflow(workflow)
                db.execute(self._sql("DELETE FROM {lease} WHERE executor = :dead"), {"dead": dead})
        self._sweep()

    def _sweep(self) -> None:
        """Take over what was begun by somebody who has no lease at all any more."""
        if not _pending():
            return
        with self._database.begin() as db:
            lock = sa.text("SELECT pg_try_advisory_xact_lock(hashtext(:name))")
            if not db.execute(lock, {"name": f"{self._schema} sweep"}).scalar():
                return  # somebody else is at it
            living = {str(row[0]) for row in db.execute(self._sql("SELECT executor FROM {lease}"))}
            for workflow, executor in _pending().items():
                if executor not in living:
                    DBOS.resume_workflow(workflow)


def _pending(executor: str | None = None) -> dict[str, str]:
    """Return the workflows under way, of one worker or of all, with who works on them."""
    found = DBOS.list_workflows(status="PENDING", executor_id=executor, load_input=False, load_output=False)
    return {workflow.workflow_id: str(workflow.executor_id) for workflow in found}

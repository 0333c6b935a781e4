"""The durable engine on DBOS: a SQLite file beside an embedded journal, a schema of its own on PostgreSQL.

The only module, with `leases`, that knows DBOS. It is one per process, as DBOS is. See docs/decisions/0012.
"""

from __future__ import annotations

import logging
import os
import re
import warnings
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import sqlalchemy
    from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, SetWorkflowID

from andon.errors import Unavailable
from andon.workflows.engine import Task, attempt, outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from dbos import DBOSConfig

    from andon.workflows.engine import Body, Plain

#: Fixed, so that a newer Andon goes on with what an older one began; raised only to leave old work alone.
VERSION = "1"
#: The executor's name where one process at a time has the engine: what the last one left is its own.
ALONE = "local"
#: How long workflows are kept that are over.
_KEPT = timedelta(days=90)
#: Newest workflows that are shown although they are over.
_SHOWN = 20

_STATES = {
    "PENDING": "running",
    "ENQUEUED": "waiting",
    "DELAYED": "waiting",
    "SUCCESS": "done",
}

#: The bodies of this process by name: DBOS knows its functions by name too, for the whole process.
_bodies: dict[str, Body] = {}


@DBOS.workflow(name="andon")
def _andon(name: str, arguments: dict[str, str]) -> None:
    """Run a body; the one function that DBOS has to find again after a death."""
    _bodies[name](_Run(), arguments)


class _Run:
    """The port `Run` inside a DBOS workflow."""

    def step(self, name: str, work: Callable[[], Plain]) -> Plain:
        remembered: dict[str, Any] = DBOS.run_step({"name": name}, attempt, work)
        return outcome_of(remembered)

    def sleep(self, seconds: float) -> None:
        DBOS.sleep(seconds)


class DbosEngine:
    """The port `DurableEngine`, with the bodies of this process."""

    def __init__(self, place: str, bodies: Mapping[str, Body], executor: str = ALONE) -> None:
        """Open the engine at what `engine_url` returned, and take up what was left; raises Unavailable."""
        _bodies.clear()
        _bodies.update(bodies)
        _quieten()
        config = {
            "name": "andon",
            **_settings(place),
            "application_version": VERSION,
            "executor_id": executor,
            "log_level": "CRITICAL",
            "serializer": DBOSPortableJSONSerializer(),
            "use_listen_notify": False,
            "scheduler_polling_interval_sec": 600.0,
        }
        try:
            _use_wal(place)
            DBOS(config=cast("DBOSConfig", config))
            DBOS.launch()
            _forget_old()
        except Exception as problem:
            raise _unavailable(place, problem) from problem

    def start(self, name: str, task: str, arguments: Mapping[str, str]) -> None:
        """Begin a body under an id, unless there is one under it already."""
        if self.find(task) is None:
            with SetWorkflowID(task):
                DBOS.start_workflow(_andon, name, dict(arguments))

    def find(self, task: str) -> Task | None:
        """Return a workflow, None for an unknown id."""
        found = DBOS.list_workflows(workflow_ids=[task], load_output=False)
        return _task(found[0], DBOS.list_workflow_steps) if found else None

    def tasks(self) -> tuple[Task, ...]:
        """Return the workflows that are not over, and the newest of the others."""
        return _tasks(DBOS)

    def close(self) -> None:
        """Stop working."""
        DBOS.destroy(workflow_completion_timeout_sec=0)


class EngineView:
    """What the engine knows, for somebody who only looks: nothing is taken up."""

    def __init__(self, place: str) -> None:
        """Take what `engine_url` returned; raises Unavailable."""
        _quieten()
        settings = _settings(place)
        self._place = place
        self._client: DBOSClient | None = None
        if not _exists(place):
            return
        try:
            self._client = DBOSClient(
                system_database_url=str(settings["system_database_url"]),
                dbos_system_schema=str(settings.get("dbos_system_schema", "dbos")),
                serializer=DBOSPortableJSONSerializer(),
                retry_connection_errors=False,
            )
        except Exception as problem:
            raise _unavailable(place, problem) from problem

    def tasks(self) -> tuple[Task, ...]:
        """Return the workflows that are not over, and the newest others; none where no engine ever ran.

        Raises Unavailable.
        """
        try:
            return _tasks(self._client) if self._client else ()
        except sqlalchemy.exc.ProgrammingError:
            return ()  # its tables are not made yet
        except Exception as problem:
            raise _unavailable(self._place, problem) from problem

    def close(self) -> None:
        """Release the connection."""
        if self._client:
            self._client.destroy()


def engine_url(journal: str, service: str) -> str:
    """Return where the engine of a journal and a service is: beside the file, or in the same database.

    Services may share a journal, but no worker knows how to deploy another service's releases.
    """
    if "://" not in journal:
        file = os.path.abspath(os.path.expanduser(journal))
        return f"sqlite:///{os.path.splitext(file)[0]}-engine.db"
    return f"{journal}#{service}"


def schema_of(place: str) -> str:
    """Return the schema of the engine in a PostgreSQL database: one per service and journal."""
    from hashlib import sha256

    readable = re.sub(r"[^a-z0-9]+", "_", place.rpartition("#")[2].lower())[:30]
    search_path = re.search(r"search_path(?:%3D|=)([\w-]+)", place)
    mark = f"{search_path.group(1) if search_path else ''}#{place.rpartition('#')[2]}"
    return f"andon_engine_{readable}_{sha256(mark.encode()).hexdigest()[:8]}"


def database_url(place: str) -> str:
    """Return the URL of a PostgreSQL database as the toolkit below DBOS spells it."""
    url = place.rpartition("#")[0]
    return "postgresql+psycopg://" + url.partition("://")[2]


def _settings(place: str) -> dict[str, Any]:
    if place.startswith("sqlite:"):
        return {"system_database_url": place}
    return {"system_database_url": database_url(place), "dbos_system_schema": schema_of(place)}


def _forget_old() -> None:
    """Remove workflows that were over long ago: the journal keeps what happened, and DBOS removes nothing."""
    before = (datetime.now(UTC) - _KEPT).isoformat()
    over = DBOS.list_workflows(
        status=["SUCCESS", "ERROR"], completed_before=before, limit=1000, load_input=False, load_output=False
    )
    if over:
        DBOS.delete_workflows([found.workflow_id for found in over])


def _use_wal(place: str) -> None:
    """Have readers and the writer of the file not wait for each other; DBOS leaves it as it is."""
    if not place.startswith("sqlite:"):
        return
    path = place.removeprefix("sqlite:///")
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    toolkit = sqlalchemy.create_engine(place)
    try:
        with toolkit.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    finally:
        toolkit.dispose()


def _exists(place: str) -> bool:
    return not place.startswith("sqlite:") or os.path.exists(place.removeprefix("sqlite:///"))


def _tasks(source: Any) -> tuple[Task, ...]:
    """Return what DBOS or its client lists."""
    open_ones = source.list_workflows(
        status=["PENDING", "ENQUEUED", "DELAYED"], name="andon", load_output=False
    )
    newest = source.list_workflows(name="andon", sort_desc=True, limit=_SHOWN, load_output=False)
    known = {found.workflow_id: found for found in (*open_ones, *reversed(newest))}
    return tuple(_task(found, source.list_workflow_steps) for found in known.values())


def _task(found: Any, steps_of: Callable[..., Any]) -> Task:
    arguments = (found.input or {}).get("args") or ("",)
    steps = steps_of(found.workflow_id, load_output=False)
    return Task(
        id=found.workflow_id,
        name=str(arguments[0]),
        state=_STATES.get(found.status, "failed"),
        step=str(steps[-1]["function_name"]) if steps else "",
        began=(found.created_at or 0) / 1000.0,
        worker="" if found.executor_id == ALONE else str(found.executor_id or ""),
    )


def _quieten() -> None:
    """Keep the toolkits' own log lines away from whoever reads our output."""
    for name in ("dbos", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _unavailable(place: str, problem: Exception) -> Unavailable:
    """Return the error in our words; the toolkits' may quote the URL with its password."""
    where = place.removeprefix("sqlite:///") if place.startswith("sqlite:") else "postgresql"
    return Unavailable(
        f"the workflow engine cannot be opened: {type(problem).__name__}",
        where=where,
        rule="durable-engine",
        remedy="andon doctor; an engine file that is broken may be moved away: the journal holds everything",
    )

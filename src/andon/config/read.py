"""`andon.toml` to a Config, strictly. Only runs when the cache has no current answer.

Each group of tables has a module of its own beside this one: deploy, probes, people, gates.
"""

from __future__ import annotations

import tomllib

from andon.config.model import Config
from andon.config.read_deploy import read_deploy
from andon.config.read_flags import read_flag_system
from andon.config.read_gap import read_gap, read_gap_dependencies, read_world
from andon.config.read_gates import (
    read_gates,
    read_hotfix,
    read_scanners,
    read_secrets,
    read_ship,
    read_trial,
)
from andon.config.read_leak import read_leak
from andon.config.read_people import read_decision, read_notify, read_people, read_review, read_verify
from andon.config.read_probes import read_flags, read_known_errors, read_logs, read_probes
from andon.config.table import Table
from andon.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_config(content: bytes, *, path: str, root: str, default_service: str) -> Config:
    """Return the configuration in `content`; raises InvalidInput naming file and line."""
    try:
        text = content.decode()
        values = tomllib.loads(text)
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise InvalidInput(
            "the file is not UTF-8 text", where=f"{path}:{line}", rule="configuration", remedy="andon init"
        ) from problem
    except tomllib.TOMLDecodeError as problem:
        raise InvalidInput(
            f"this is not TOML: {problem}",
            where=_toml_place(path, text, str(problem)),
            rule="configuration",
            remedy="mend the line; Andon's docs/reference/configuration.md shows an example",
        ) from problem
    table = Table(values, file=path, text=text)
    config = Config(
        service=_service(table, default_service),
        path=path,
        root=root,
        protocol=table.string("protocol", ""),
        words=table.word("words", ("gears", "levels"), "gears"),
        journal=table.string("journal", ""),
        migrations=table.strings("migrations"),
        secret_files=table.strings("secret_files", (".env",)),
        setting_files=table.strings("setting_files"),
        deploy=read_deploy(table.table("deploy")),
        smoke=read_probes(table.tables("smoke")),
        dependencies=read_probes(table.tables("dependency")),
        logs=read_logs(table.tables("logs")),
        known_errors=read_known_errors(table.tables("known_error")),
        flags=read_flags(table.tables("flag")),
        notify=read_notify(table.table("notify")),
        people=read_people(table.table("people")),
        review=read_review(table.table("review")),
        decision=read_decision(table.table("decision")),
        verify=read_verify(table.table("verify")),
        trial=read_trial(table.table("trial")),
        gates=read_gates(table.table("gates")),
        ship=read_ship(table.table("ship")),
        staging=read_probes(table.tables("staging")),
        scanners=read_scanners(table.tables("scanner")),
        hotfix=read_hotfix(table.table("hotfix")),
        secrets=read_secrets(table.table("secrets")),
        leak=read_leak(table.table("leak")),
        flag_system=read_flag_system(table.table("flags")),
        **_gap(table.table("gap")),
    )
    _refuse_no_place(table, config.migrations)
    table.finish()
    return config


def _gap(table: Table) -> dict[str, Any]:
    test, prod = table.table("test"), table.table("prod")
    dependencies = (*read_gap_dependencies(test, "test"), *read_gap_dependencies(prod, "prod"))
    return {
        "gap_dependencies": dependencies,
        "gap_test": read_world(test),
        "gap_prod": read_world(prod),
        "gap": read_gap(table),
    }


def _refuse_no_place(table: Table, places: tuple[str, ...]) -> None:
    """Raise InvalidInput for a place that can hold nothing of the repository: it would be ignored."""
    for place in places:
        if not place or place.startswith("/") or ".." in place.split("/"):
            raise table.wrong("migrations", "a directory or file in the repository, such as db/migrations")


def _toml_place(path: str, text: str, message: str) -> str:
    _, _, after = message.partition("at line ")
    line = after.split(",")[0] if after else str(text.rstrip().count("\n") + 1)  # at end of document
    return f"{path}:{line}" if line.isdigit() else path


def _service(table: Table, default: str) -> str:
    service = table.string("service", default)
    fits = service.strip() and service.isprintable() and len(service.encode()) <= 100
    if not fits or any(c in service for c in "/\\") or service.startswith("."):
        raise table.wrong("service", "a short printable name without slashes that does not start with a dot")
    return service

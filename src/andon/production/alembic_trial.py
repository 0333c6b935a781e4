"""Runs Alembic migrations one by one on the database in ANDON_TRIAL_URL, in the project's own Python.

Not imported by Andon: it is started with the interpreter that has the project's Alembic, and reads what to
run from a file. The project's env.py is not run, because that one knows the way to production; only the
plugins of Alembic that it imports are loaded.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
from types import ModuleType

#: Drivers to try for an address that names none, newest first.
DRIVERS = {"postgresql": ("psycopg", "psycopg2", "pg8000"), "postgres": ("psycopg", "psycopg2", "pg8000")}


_PLUGIN = re.compile(r"^[ \t]{0,40}(?:import|from)[ \t]+(alembic_\w{1,60})", re.MULTILINE)


def main(plan: str) -> int:
    """Run the plan's migrations; returns 0, else 1 with the reason as the last line of standard output."""
    try:
        migration = importlib.import_module("alembic.migration")
        operations = importlib.import_module("alembic.operations")
        sqlalchemy = importlib.import_module("sqlalchemy")
    except ImportError as problem:
        print(f"this Python cannot run the migrations: {problem}")
        return 1
    with open(plan, encoding="utf-8") as file:
        wanted = json.load(file)
    root = os.environ["ANDON_TRIAL_ROOT"]
    sys.path[:0] = [root, os.path.join(root, "src")]  # migrations import their application
    _load_plugins(root, [path for path, _ in wanted["steps"]])
    engine = sqlalchemy.create_engine(_address(os.environ["ANDON_TRIAL_URL"]))
    for path, text in wanted["steps"]:
        try:
            module = _module(path, text)
            with engine.connect() as connection:
                context = migration.MigrationContext.configure(connection)
                with context.begin_transaction(), operations.Operations.context(context):
                    (module.upgrade if wanted["way"] == "up" else module.downgrade)()
                connection.commit()
        except Exception as problem:  # noqa: BLE001 - whatever a migration raises is the answer
            lines = str(problem).strip().splitlines() or [""]
            print(f"{path}: {type(problem).__name__}: {lines[0]}")
            return 1
    return 0


def _load_plugins(root: str, paths: list[str]) -> None:
    """Import what adds operations to Alembic: the modules called alembic_... that env.py imports."""
    for directory in sorted({os.path.dirname(os.path.dirname(path)) for path in paths}):
        try:
            with open(os.path.join(root, directory, "env.py"), encoding="utf-8", errors="replace") as file:
                names = _PLUGIN.findall(file.read(1_000_000))
        except OSError:
            continue
        for name in names:
            importlib.import_module(name)


def _module(path: str, text: str) -> ModuleType:
    """Return the migration as a module; the file itself may be of another commit."""
    module = ModuleType("andon_trial_migration")
    module.__file__ = path
    exec(compile(text, path, "exec"), module.__dict__)  # noqa: S102 - running it is what a trial is
    return module


def _address(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    for driver in DRIVERS.get(scheme, ()):
        try:
            importlib.import_module(driver)
        except ImportError:
            continue
        return f"postgresql+{driver}{separator}{rest}"
    return url


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""Ranges of SQL migrations for trials: a repository in memory whose newer release has more of them."""

from __future__ import annotations

from pathlib import Path

from andon.config.model import Config
from andon.desk.migration_range import MigrationRange, read_range
from tests.fakes.desk import FakeDesk
from tests.fakes.production import FakeRepository

BASE, HEAD = "a" * 40, "b" * 40
#: The first migration: what both releases know.
ORDERS = "CREATE TABLE orders (id integer PRIMARY KEY, note varchar(40), total integer NOT NULL);"


def range_of(
    root: Path, *steps: tuple[str, str | None], first: str = ORDERS
) -> tuple[FakeDesk, MigrationRange]:
    """Return a desk and the range whose n-th migration goes up and down as told."""
    files = {
        "db/migrations/0001_orders.up.sql": first,
        "db/migrations/0001_orders.down.sql": "DROP TABLE orders;",
    }
    told: dict[tuple[str, str], bytes | None] = {}
    for path, text in files.items():
        told[BASE, path] = told[HEAD, path] = text.encode()
    added: list[str] = []
    for number, (up, down) in enumerate(steps, start=2):
        for way, text in (("up", up), ("down", down)):
            path = f"db/migrations/{number:04}_step.{way}.sql"
            if text is not None:
                added.append(path)
                told[BASE, path], told[HEAD, path] = None, text.encode()
    history = (("a" * 40, "first", tuple(files), ("v1",)), ("b" * 40, "second", tuple(added), ("v2",)))
    desk = FakeDesk(root, config=Config(service="shop"), repository=FakeRepository(str(root), history, told))
    return desk, read_range(desk, BASE, HEAD)

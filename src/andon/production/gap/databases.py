"""Which adapter reads and copies the database that a world names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from andon.errors import InvalidInput, NotFound
from andon.production.gap.postgres_address import is_address
from andon.production.gap.sqlite_data import SqliteSource, path_in

if TYPE_CHECKING:
    from andon.production.gap.data_source import Copies, Source
    from andon.production.gap.pace import Pace


def resolved(address: str, world: str) -> str:
    """Return an address, looked up where `$NAME` stands for it; raises NotFound, InvalidInput for none."""
    if not address:
        raise InvalidInput(f"`database` of [gap.{world}] is not given", rule="gap-database")
    if not address.startswith("$"):
        return address
    found = os.environ.get(address.lstrip("$").strip("{}"), "")
    if not found:
        raise NotFound(
            f"{address} is not set", where=f"[gap.{world}] database", remedy="export it before the search"
        )
    return found


def source_of(address: str, root: str, pace: Pace | None = None) -> Source:
    """Return what reads a database, on another host at this pace; raises InvalidInput for no address."""
    if is_address(address):
        from andon.production.gap.postgres_data import PostgresSource

        return PostgresSource(address, pace)
    return SqliteSource(path_in(address, root))


def copies_of(address: str, root: str) -> Copies:
    """Return what makes copies of a database."""
    if is_address(address):
        from andon.production.gap.postgres_copy_data import PostgresCopies

        return PostgresCopies(address)
    from andon.production.gap.sqlite_copy_data import SqliteCopies

    return SqliteCopies(path_in(address, root))


def host_asked(address: str) -> str:
    """Return the other machine that a database is on, for its consent; "" for this one or what is none."""
    try:
        address = resolved(address, "prod")
        if not is_address(address):
            return ""
        from andon.production.gap.postgres_data import PostgresSource

        host = PostgresSource(address).host
    except (InvalidInput, NotFound):
        return ""
    return "" if host == "localhost" else host


def is_same(one: str, other: str, root: str) -> bool:
    """True when two addresses name the same database, however they are written."""
    if not one or not other:
        return False
    try:
        one, other = resolved(one, "test"), resolved(other, "prod")
    except (InvalidInput, NotFound):
        return False
    if is_address(one) and is_address(other):
        from andon.production.gap.postgres_data import place_of

        return place_of(one) == place_of(other)
    if is_address(one) or is_address(other):
        return False
    return os.path.realpath(path_in(one, root)) == os.path.realpath(path_in(other, root))

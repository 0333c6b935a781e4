"""The queries of postgres_catalog.sql: what a schema consists of, and what the trial asks about tables."""

from __future__ import annotations

import os
import re
from functools import cache

_HEADING = re.compile(r"^-- (kind|query): ([a-z ]+)$", re.MULTILINE)


@cache
def catalog() -> tuple[tuple[str, str], ...]:
    """Return each kind of object with the query that returns (name, definition) of all of them."""
    return tuple((name, query) for kind, name, query in _queries() if kind == "kind")


@cache
def query(name: str) -> str:
    """Return one of the other queries."""
    return next(text for kind, named, text in _queries() if kind == "query" and named == name)


@cache
def _queries() -> tuple[tuple[str, str, str], ...]:
    path = os.path.join(os.path.dirname(__file__), "postgres_catalog.sql")
    with open(path, encoding="utf-8") as file:
        parts = _HEADING.split(file.read())
    found = zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    return tuple((kind, name, text.partition(";")[0].strip()) for kind, name, text in found)

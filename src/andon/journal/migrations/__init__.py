"""Numbered plain SQL, one directory per database. A published file never changes; add the next number."""

from __future__ import annotations

import os


def migrations(database: str, after: int, up_to: int) -> list[tuple[int, str]]:
    """Return (number, script) of the migrations of `database` with after < number <= up_to, in order."""
    directory = os.path.join(os.path.dirname(__file__), database)
    found = []
    for name in sorted(os.listdir(directory)):
        number, _, rest = name.partition("_")
        if rest.endswith(".sql") and number.isdigit() and after < int(number) <= up_to:
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                found.append((int(number), file.read()))
    return found

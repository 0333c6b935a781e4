"""What secrets look like: one row per kind and prefix, found by a literal that every such secret contains.

The table is the project's own, from what providers publish; the modules hold its families. Pure.
"""

from __future__ import annotations

from andon.secrets.formats import cloud, code, generic, models, services
from andon.secrets.formats.row import Format

__all__ = ["FORMATS", "Format", "row_of"]

#: In the order in which they are believed: of several that find the same, the first names it.
FORMATS = (
    *generic.KEYS,
    *code.FORMATS,
    *models.FORMATS,
    *services.FORMATS,
    *cloud.FORMATS,
    *generic.FORMATS,
)

_rows: dict[str, list[Format]] = {}


def row_of(kind: str, value: bytes) -> Format | None:
    """Return the row by which a value of a kind was found: the one whose prefix it has, else the first."""
    if not _rows:
        for row in FORMATS:
            _rows.setdefault(row.kind, []).append(row)
    rows = _rows.get(kind, ())
    folded = value[:40].lower()
    plain = None
    for row in rows:
        if folded.startswith(row.needles):
            return row
        if plain is None and not row.letters and not row.checksum:
            plain = row
    return plain or (rows[0] if rows else None)

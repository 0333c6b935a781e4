"""Carrying out, in a copy, the changes that make it as some parts say; which those are is `gaps.data`'s."""

from __future__ import annotations

from typing import TYPE_CHECKING

from andon.errors import Conflict, Unavailable

if TYPE_CHECKING:
    from andon.gaps.data.mixing import Change, Mixture
    from andon.gaps.data.rows import Loaded
    from andon.production.gap.data_source import Copy


def apply(copy: Copy, mixture: Mixture, change: Change, remarks: list[str]) -> None:
    """Carry out one table's changes; where the tests' schema refuses rows, production's comes with them.

    Raises Unavailable when that does not help.
    """
    table = change.table
    ours, theirs = mixture.worlds.test.get(table), mixture.worlds.prod.get(table)
    is_reshaped = change.is_reshaped or ours is None
    if is_reshaped:
        copy.reshape(table, ours, theirs)
    if change.removed:
        test = mixture.worlds.test_rows[table]
        key = test.key or test.columns
        copy.remove(table, key, [keys_of(test, i, key) for i in change.removed])
    if change.put:
        try:
            _put(copy, mixture, change)
        except Conflict as refused:
            if is_reshaped or ours is None or theirs is None or table not in mixture.worlds.reshaped:
                raise Unavailable(refused.message, rule="gap-database") from None
            copy.reshape(table, ours, theirs)
            remarks.append(f"{table} was made as in production: the tests' schema refused the rows")
            _put(copy, mixture, change)
    if change.amount:
        columns = [c for c in copy.columns(table) if c in mixture.worlds.test_rows[table].columns]
        copy.put(table, (), columns, (tuple(row.get(c) for c in columns) for row in mixture.filling(change)))
    if change.put or change.amount or change.last_key:
        copy.last_key(table, change.last_key)


def _put(copy: Copy, mixture: Mixture, change: Change) -> None:
    rows = list(change.put.values())
    known = {c for row in rows for c in row}
    columns = [c for c in copy.columns(change.table) if c in known]
    table = mixture.worlds.prod.get(change.table) or mixture.worlds.test[change.table]
    uniques = [u for u in (table.key, *table.uniques) if u]
    copy.put(change.table, uniques, columns, (tuple(row.get(c) for c in columns) for row in rows))


def keys_of(rows: Loaded, identity: tuple[str, ...], key: tuple[str, ...]) -> list[object]:
    """Return the values of a row's key."""
    row = rows.row(identity) or {}
    return [row.get(c) for c in key]

"""A database mixed from both worlds: which rows and schemas go into the tests' copy for which parts. Pure.

The copy begins as the tests'. A table that is flipped gets production's schema and rows; the tests' own rows
stay, for the suite needs them, except where production lacks rows that are asked for by name. Only what is
flipped brings values of production: a row that a flipped one refers to, and that is not flipped itself, is
made like one of the tests' under production's key; so is the row that the failing request names, in every
world, that the request can be made at all. Foreign keys of such a stand-in are production's, unless they
lead nowhere there. A flipped row brings stand-ins for some rows that refer to it, so that it is met on
the ways on which it is met in production.
"""

from __future__ import annotations

from andon.gaps.data.clones import can_be_cloned, clones, like
from andon.gaps.data.worlds import LAST_KEY, MOST, NEAR_INT32, ODD, SCHEMA, values_of
from andon.gaps.words import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from andon.gaps.data.rows import Identity, Row
    from andon.gaps.data.schema import ForeignKey
    from andon.gaps.data.worlds import Worlds
    from andon.gaps.experiment import Part

#: Flipped rows that are few, and stand-ins that each brings.
_FEW = 3


class Change:
    """What is done to one table of a copy."""

    def __init__(self, table: str) -> None:
        """Begin with nothing."""
        self.table = table
        self.is_reshaped = False
        #: Identities of the tests' rows to remove, and rows to put in, by identity.
        self.removed: list[Identity] = []
        self.put: dict[Identity, Row] = {}
        #: Those of them that are production's, wholly or in part: what a manipulation check looks for.
        self.flipped: list[Identity] = []
        #: Rows that the table is filled to with clones; 0 for none.
        self.amount = 0
        self.last_key: int | None = None


class Mixture:
    """The changes that make the tests' copy as some parts say."""

    def __init__(self, worlds: Worlds, parts: Collection[Part]) -> None:
        """Work them out."""
        self.worlds = worlds
        self.remarks: list[str] = []
        self._changes: dict[str, Change] = {}
        self._mix(parts)

    @property
    def changes(self) -> list[Change]:
        """What is done to each table."""
        return list(self._changes.values())

    def _mix(self, parts: Collection[Part]) -> None:
        changes, remarks = self._changes, self.remarks
        amounts = {p.place[1]: int(p.amount or 0) for p in parts if _is_rows(p)}
        for part in parts:
            if part.kind is Kind.DATA:
                table = part.place[0]
                self._flip(changes.setdefault(table, Change(table)), part, amounts.get(table))
        self._stand_in()
        for change in list(changes.values()):
            self._follow(changes, change)
        self._close(changes, remarks)
        for table, amount in amounts.items():
            self._fill(changes.setdefault(table, Change(table)), amount, remarks)

    def _stand_in(self) -> None:
        """Put in the rows that the request names, as far as neither world has put them there."""
        for table, identity in self.worlds.named:
            change = self._changes.setdefault(table, Change(table))
            test = self.worlds.test_rows.get(table)
            if identity in change.put or (test and identity in test.rows):
                continue
            base = None if self.worlds.has_odd_key(table, identity) else self.worlds.base(table, identity)
            if base is not None:
                change.put[identity] = base
                name = self.worlds.name(table, identity)
                self.remarks.append(f"{table} {name}, which the request names, is like one of the tests'")

    def _flip(self, change: Change, part: Part, amount: int | None) -> None:
        table, rest = change.table, part.place[1:]
        prod = self.worlds.prod_rows.get(table)
        if not rest or rest[0] == SCHEMA:
            change.is_reshaped = change.is_reshaped or table in self.worlds.reshaped
        if (not rest or rest[0] == LAST_KEY) and (last := self.worlds.next_key(table)):
            change.last_key = last
        if prod is None or (rest and rest[0] in (SCHEMA, LAST_KEY)):
            return
        if not rest:
            wanted = self.worlds.taken.get(table, [])
            if amount is not None and amount > len(wanted):
                there = set(wanted)
                more = [i for i in self.worlds.differ.get(table, ()) if i not in there]
                wanted = [*wanted, *more[: amount - len(wanted)]]
            change.removed += [i for i in self.worlds.missing.get(table, ()) if self._is_free(table, i)]
            for identity in wanted:
                change.put[identity] = self._over(table, identity)
            change.flipped += wanted
            return
        found = self.worlds.identity(table, rest[0])
        if found is None:
            return
        identity, is_test = found
        if is_test:
            if self._is_free(table, identity):
                change.removed.append(identity)
        elif len(rest) == 1:
            change.put[identity] = self._over(table, identity)
            change.flipped.append(identity)
        else:
            row = prod.row(identity) or {}
            base = change.put.get(identity) or self.worlds.base(table, identity) or dict(row)
            change.put[identity] = {**base, rest[1]: row.get(rest[1])}
            change.flipped.append(identity)

    def _over(self, table: str, identity: Identity) -> Row:
        """Return production's row, with what the tests' have in columns that production does not know."""
        row = self.worlds.prod_rows[table].row(identity) or {}
        test = self.worlds.test_rows.get(table)
        if test is None or all(c in row for c in test.columns):
            return row
        return {**(like(test, 0, {}) or {}), **row}

    def _is_free(self, table: str, identity: Identity) -> bool:
        """True when no row of the tests refers to one of theirs."""
        row = self.worlds.test_rows[table].row(identity) or {}
        for child, keys in self.worlds.keys.items():
            rows = self.worlds.test_rows.get(child)
            for key in keys:
                if (
                    key.parent == table
                    and rows is not None
                    and rows.holds(key.columns, values_of(row, key.parent_columns))
                ):
                    return False
        return True

    def _follow(self, changes: dict[str, Change], change: Change) -> None:
        """Put in stand-ins for some rows that refer to flipped ones, in tables that are not flipped."""
        shown = self.worlds.shown.get(change.table, {})
        flipped = set(change.flipped)
        odd = [i for i in shown if i in flipped][:ODD] or (change.flipped if len(flipped) <= _FEW else [])
        for child, keys in self.worlds.keys.items():
            for key in keys:
                if (
                    key.parent != change.table
                    or child == change.table
                    or (child in changes and changes[child].flipped)
                ):
                    continue
                for parent, identity in (
                    (p, i) for p in odd for i in self.worlds.referring(child, key, p)[:_FEW]
                ):
                    own = changes.setdefault(child, Change(child))
                    test = self.worlds.test_rows.get(child)
                    base = self.worlds.base(child, identity) if test and identity not in test.rows else None
                    if base is not None and identity not in own.put:
                        row = self.worlds.prod_rows[change.table].row(parent) or {}
                        theirs = zip(key.columns, key.parent_columns, strict=True)
                        own.put[identity] = {
                            **base,
                            **{c: row[p] for c, p in theirs if c in base and p in row},
                        }

    def _close(self, changes: dict[str, Change], remarks: list[str]) -> None:
        """Put in what the rows refer to, like the tests' own, where only production has such a row."""
        queue = [(table, row) for table, change in changes.items() for row in change.put.values()]
        stood: dict[str, int] = {}
        known: dict[tuple[str, tuple[str, ...]], set[tuple[str, ...]]] = {}
        while queue:
            table, row = queue.pop()
            for key in self.worlds.keys.get(table, ()):
                wanted = values_of(row, key.columns)
                if "None" in wanted or (key.parent == table and wanted == values_of(row, key.parent_columns)):
                    continue
                place = key.parent, key.parent_columns
                if place not in known:
                    known[place] = self._there(changes, key)
                there = known[place]
                if wanted in there:
                    continue
                there.add(wanted)
                prod = self.worlds.prod_rows.get(key.parent)
                identity = prod.index(key.parent_columns).get(wanted) if prod else None
                base = self.worlds.base(key.parent, identity) if identity is not None else None
                if identity is None or base is None:
                    continue
                changes.setdefault(key.parent, Change(key.parent)).put[identity] = base
                stood[key.parent] = stood.get(key.parent, 0) + 1
                queue.append((key.parent, base))
        remarks += [
            f"{n} rows of {table} that others refer to are like the tests'"
            if n > 1
            else f"a row of {table} that others refer to is like the tests'"
            for table, n in stood.items()
        ]

    def _there(self, changes: dict[str, Change], key: ForeignKey) -> set[tuple[str, ...]]:
        test = self.worlds.test_rows.get(key.parent)
        found = set(test.index(key.parent_columns)) if test else set()
        change = changes.get(key.parent)
        if change is not None:
            found |= {values_of(row, key.parent_columns) for row in change.put.values()}
        return found

    def _fill(self, change: Change, amount: int, remarks: list[str]) -> None:
        test = self.worlds.test_rows.get(change.table)
        if test is None or not test.rows:
            remarks.append(f"{change.table} cannot be filled: the tests have no row to go by")
        elif not can_be_cloned(test.table):
            remarks.append(f"{change.table} cannot be filled: its keys are all of other tables' rows")
        else:
            change.amount = min(amount, MOST)
            if amount > MOST:
                remarks.append(f"{change.table} was filled to {MOST} rows only")

    def filling(self, change: Change) -> Iterator[Row]:
        """Yield the clones that fill a table to its amount."""
        test = self.worlds.test_rows.get(change.table)
        if test is None or not change.amount:
            return
        there = len(test.rows) - len(change.removed) + sum(1 for i in change.put if i not in test.rows)
        taken = max(
            (int(part) for i in change.put for part in i if part.isdecimal() and len(part) < 19), default=0
        )
        if change.put and taken > NEAR_INT32:
            taken = 0
        prod = self.worlds.prod_rows.get(change.table)
        skipped = max((prod.number(i) for i in change.put), default=0) if prod else 0
        yield from clones(test, max(0, change.amount - there), taken, skipped)


def _is_rows(part: Part) -> bool:
    return part.kind is Kind.SCALE and len(part.place) == 2 and part.place[0] == "rows"

"""A database mixed from both worlds: which rows and schemas go into the tests' copy for which parts. Pure.

The copy begins as the tests'. A table that is flipped gets production's schema and rows; the tests' own rows
stay, for the suite needs them, except where production lacks rows that are asked for by name. Only what is
flipped brings values of production: a row that a flipped one refers to, and that is not flipped itself, is
made like one of the tests' under production's key; so is the row that the failing request names, in every
world, that the request can be made at all. Foreign keys of such a stand-in are production's, unless they
lead nowhere there.
"""

from __future__ import annotations

from andon.gaps.data.clones import can_be_cloned, clones, like
from andon.gaps.data.rows import chosen, differing, is_voluminous, missing, showing
from andon.gaps.data.schema import BOOKKEEPING, schema_differences, with_named_keys
from andon.gaps.experiment import Part
from andon.gaps.words import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from andon.gaps.data.facts import Fact
    from andon.gaps.data.named import NamedRow
    from andon.gaps.data.rows import Identity, Loaded, Row
    from andon.gaps.data.schema import ForeignKey, Table

#: Rows that a table is filled to at most.
MOST = 200_000
#: A key that the database makes next, beyond which it is near the end of 32 bits.
NEAR_INT32 = 2_147_480_000
SCHEMA = "schema"
LAST_KEY = "next key"
_OF_THE_TESTS = "tests' "


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


class Worlds:
    """The tables and rows of both worlds, and what parts there are."""

    def __init__(
        self,
        test: Mapping[str, Table],
        prod: Mapping[str, Table],
        test_rows: Mapping[str, Loaded],
        prod_rows: Mapping[str, Loaded],
        facts: Sequence[Fact],
        named: Sequence[NamedRow],
        spoken: str,
    ) -> None:
        """Take them as they were read; `facts` are those to look for in rows, `spoken` what the failure says."""
        self.test, self.prod = test, prod
        self.test_rows, self.prod_rows = test_rows, prod_rows
        self._spoken = spoken
        self.keys = {name: keys for name, keys in {**with_named_keys(test), **with_named_keys(prod)}.items()}
        self.reshaped = {d.table for d in schema_differences(test, prod)}
        self.differ: dict[str, list[Identity]] = {}
        self.missing: dict[str, list[Identity]] = {}
        self.taken: dict[str, list[Identity]] = {}
        self.shown: dict[str, dict[Identity, dict[str, Fact]]] = {}
        self.named = self._named(named)
        for name, rows in prod_rows.items():
            if name.lower() not in BOOKKEEPING:
                self._compare(name, rows, [f for f in facts if f.table == name])
        self._identities: dict[tuple[str, str], tuple[Identity, bool]] = {}

    def _compare(self, name: str, rows: Loaded, facts: Sequence[Fact]) -> None:
        test = self.test_rows.get(name)
        self.differ[name] = differing(test, rows)
        self.missing[name] = missing(test, rows)
        shown = self.shown[name] = {}
        found = list(showing(facts, rows, self.prod_rows))
        for fact, identity in found:
            shown.setdefault(identity, {})[fact.column] = fact
        ours = len(test.rows) if test else 0
        volume = is_voluminous(ours, self.prod[name].count)
        wanted = ours if volume else MOST
        self.taken[name] = chosen(rows, self.differ[name], found, self._kin(name), test, wanted)[:MOST]

    def _named(self, named: Sequence[NamedRow]) -> list[tuple[str, Identity]]:
        """Return the rows of production that the request names."""
        found: dict[tuple[str, Identity], None] = {}
        for one in named:
            rows = self.prod_rows.get(one.table)
            identity = rows.index((one.column,)).get((one.value,)) if rows else None
            if identity is not None:
                found[one.table, identity] = None
        return list(found)

    def _kin(self, table: str) -> Iterator[Identity]:
        """Yield rows of a table that the request names, then those they refer to and that refer to them."""
        rows = self.prod_rows[table]
        for name, identity in self.named:
            if name == table:
                yield identity
        for name, identity in self.named:
            row = self.prod_rows[name].row(identity) or {}
            for key in self.keys.get(name, ()):
                if key.parent == table:
                    found = rows.index(key.parent_columns).get(_values(row, key.columns))
                    if found:
                        yield found
            for key in self.keys.get(table, ()):
                if key.parent == name and all(c in rows.columns for c in key.columns):
                    wanted = _values(row, key.parent_columns)
                    places = [rows.columns.index(c) for c in key.columns]
                    same = (i for i, r in rows.rows.items() if tuple(str(r[p]) for p in places) == wanted)
                    yield from [i for _, i in zip(range(50), same, strict=False)]

    def parts(self) -> tuple[Part, ...]:
        """Return one part for each table that differs, the ones on the failing way first."""
        found = []
        for name in sorted({*self.test, *self.prod}):
            if name.lower() in BOOKKEEPING:
                continue
            if self.differ.get(name) or self.missing.get(name) or self._next_key(name):
                found.append(Part(kind=Kind.DATA, place=(name,)))
            elif name in self.reshaped:
                found.append(Part(kind=Kind.DATA, place=(name, SCHEMA)))
        first = {name for name, _ in self.named}
        return tuple(sorted(found, key=lambda p: (p.place[0] not in first, not self.shown.get(p.place[0]))))

    def _next_key(self, name: str) -> int | None:
        """Return production's last key where the tests' is far from the end of 32 bits, and it is not."""
        theirs = self.prod[name].last_key if name in self.prod else None
        ours = self.test[name].last_key if name in self.test else None
        return theirs if theirs is not None and theirs >= NEAR_INT32 and (ours or 0) < NEAR_INT32 else None

    def split(self, part: Part) -> tuple[Part, ...]:
        """Return the finer parts: a table's schema and rows, a row's columns; () when nothing is finer."""
        table = part.place[0]
        if len(part.place) == 1:
            finer = [(table, SCHEMA)] if table in self.reshaped else []
            finer += [(table, LAST_KEY)] if self._next_key(table) else []
            finer += [(table, self.name(table, i)) for i in self.taken.get(table, ())]
            finer += [(table, self.name(table, i, is_test=True)) for i in self.missing.get(table, ())]
            return tuple(Part(kind=Kind.DATA, place=place) for place in finer)
        if len(part.place) == 2 and part.place[1] not in (SCHEMA, LAST_KEY):
            columns = self._columns(table, part.place[1])
            return tuple(Part(kind=Kind.DATA, place=(*part.place, c)) for c in columns)
        return ()

    def name(self, table: str, identity: Identity, *, is_test: bool = False) -> str:
        """Return what a row is called: its number or UUID, a key that the failure itself says, else its position."""
        rows = (self.test_rows if is_test else self.prod_rows)[table]
        name = rows.name(identity)
        if (
            name.startswith("#")
            and len(identity) == 1
            and len(identity[0]) > 1
            and identity[0] in self._spoken
        ):
            name = identity[0]
        name = f"{_OF_THE_TESTS}{name}" if is_test else name
        self._identities[table, name] = identity, is_test
        return name

    def identity(self, table: str, name: str) -> tuple[Identity, bool] | None:
        """Return the row that was called so, and whether it is one that only the tests have."""
        if (table, name) not in self._identities:
            for identity in self.taken.get(table, ()):
                self.name(table, identity)
            for identity in self.missing.get(table, ()):
                self.name(table, identity, is_test=True)
        return self._identities.get((table, name))

    def _columns(self, table: str, name: str) -> list[str]:
        """Return the columns in which a row of production is not like what stands in for it."""
        found = self.identity(table, name)
        test = self.test_rows.get(table)
        if found is None or found[1] or test is None or not test.rows:
            return []
        row = self.prod_rows[table].row(found[0]) or {}
        base = self._base(table, found[0])
        if base is None:
            return []
        differ = [c for c in row if c in base and str(row[c]) != str(base[c])]
        shown = self.shown.get(table, {}).get(found[0], {})
        return sorted(differ, key=lambda c: c not in shown)

    def _base(self, table: str, identity: Identity) -> Row | None:
        """Return the row that production's is put over: the tests' own under that key, or one like theirs."""
        test, prod = self.test_rows.get(table), self.prod_rows[table]
        if test is None:
            return None
        own = test.row(identity)
        if own is not None:
            return own
        row = prod.row(identity) or {}
        number = prod.number(identity)
        given = {c: row[c] for c in prod.key if c in row}
        for key in self.keys.get(table, ()):
            if self._leads_somewhere(key, row):
                given.update({c: row[c] for c in key.columns if c in row})
        return like(test, number, given)

    def _leads_somewhere(self, key: ForeignKey, row: Row) -> bool:
        wanted = _values(row, key.columns)
        parent = self.prod_rows.get(key.parent)
        return parent is not None and "None" not in wanted and parent.holds(key.parent_columns, wanted)

    def mix(self, parts: Collection[Part]) -> tuple[list[Change], list[str]]:
        """Return the changes that make the tests' copy as these parts say, and remarks."""
        changes: dict[str, Change] = {}
        remarks: list[str] = []
        amounts = {p.place[1]: int(p.amount or 0) for p in parts if _is_rows(p)}
        for part in parts:
            if part.kind is Kind.DATA:
                table = part.place[0]
                self._flip(changes.setdefault(table, Change(table)), part, amounts.get(table))
        for table, identity in self.named:
            change = changes.setdefault(table, Change(table))
            test = self.test_rows.get(table)
            if identity in change.put or (test and identity in test.rows):
                continue
            base = self._base(table, identity)
            if base is None:
                continue
            change.put[identity] = base
            remarks.append(
                f"{table} {self.name(table, identity)}, which the request names, is like one of the tests'"
            )
        self._close(changes, remarks)
        for table, amount in amounts.items():
            self._fill(changes.setdefault(table, Change(table)), amount, remarks)
        return list(changes.values()), remarks

    def _flip(self, change: Change, part: Part, amount: int | None) -> None:
        table, rest = change.table, part.place[1:]
        prod = self.prod_rows.get(table)
        if not rest or rest[0] == SCHEMA:
            change.is_reshaped = change.is_reshaped or table in self.reshaped
        if (not rest or rest[0] == LAST_KEY) and (last := self._next_key(table)):
            change.last_key = last
        if prod is None or (rest and rest[0] in (SCHEMA, LAST_KEY)):
            return
        if not rest:
            wanted = self.taken.get(table, [])
            if amount is not None and amount > len(wanted):
                more = [i for i in self.differ.get(table, ()) if i not in set(wanted)]
                wanted = [*wanted, *more[: amount - len(wanted)]]
            change.removed += [i for i in self.missing.get(table, ()) if self._is_free(table, i)]
            for identity in wanted:
                change.put[identity] = self._over(table, identity)
            change.flipped += wanted
            return
        found = self.identity(table, rest[0])
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
            base = change.put.get(identity) or self._base(table, identity) or dict(row)
            change.put[identity] = {**base, rest[1]: row.get(rest[1])}
            change.flipped.append(identity)

    def _over(self, table: str, identity: Identity) -> Row:
        """Return production's row, with what the tests' have in columns that production does not know."""
        row = self.prod_rows[table].row(identity) or {}
        test = self.test_rows.get(table)
        if test is None or all(c in row for c in test.columns):
            return row
        return {**(like(test, 0, {}) or {}), **row}

    def _is_free(self, table: str, identity: Identity) -> bool:
        """True when no row of the tests refers to one of theirs."""
        row = self.test_rows[table].row(identity) or {}
        for child, keys in self.keys.items():
            rows = self.test_rows.get(child)
            for key in keys:
                if (
                    key.parent == table
                    and rows is not None
                    and rows.holds(key.columns, _values(row, key.parent_columns))
                ):
                    return False
        return True

    def _close(self, changes: dict[str, Change], remarks: list[str]) -> None:
        """Put in what the rows refer to: like the tests' own, where production has such a row and nobody else does."""
        queue = [(table, row) for table, change in changes.items() for row in change.put.values()]
        stood: dict[str, int] = {}
        known: dict[tuple[str, tuple[str, ...]], set[tuple[str, ...]]] = {}
        while queue:
            table, row = queue.pop()
            for key in self.keys.get(table, ()):
                wanted = _values(row, key.columns)
                if "None" in wanted or key.parent == table and wanted == _values(row, key.parent_columns):
                    continue
                place = key.parent, key.parent_columns
                if place not in known:
                    known[place] = self._there(changes, key)
                there = known[place]
                if wanted in there:
                    continue
                there.add(wanted)
                prod = self.prod_rows.get(key.parent)
                identity = prod.index(key.parent_columns).get(wanted) if prod else None
                base = self._base(key.parent, identity) if identity is not None else None
                if identity is None or base is None:
                    continue
                changes.setdefault(key.parent, Change(key.parent)).put[identity] = base
                stood[key.parent] = stood.get(key.parent, 0) + 1
                queue.append((key.parent, base))
        remarks += [
            f"{n} rows of {table} that others refer to are like the tests'" for table, n in stood.items()
        ]

    def _there(self, changes: dict[str, Change], key: ForeignKey) -> set[tuple[str, ...]]:
        test = self.test_rows.get(key.parent)
        found = set(test.index(key.parent_columns)) if test else set()
        change = changes.get(key.parent)
        if change is not None:
            found |= {_values(row, key.parent_columns) for row in change.put.values()}
        return found

    def _fill(self, change: Change, amount: int, remarks: list[str]) -> None:
        test = self.test_rows.get(change.table)
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
        test = self.test_rows.get(change.table)
        if test is None or not change.amount:
            return
        there = len(test.rows) - len(change.removed) + sum(1 for i in change.put if i not in test.rows)
        taken = max(
            (int(part) for i in change.put for part in i if part.isdecimal() and len(part) < 19), default=0
        )
        if change.put and taken > NEAR_INT32:
            taken = 0
        yield from clones(test, max(0, change.amount - there), taken)


def _is_rows(part: Part) -> bool:
    return part.kind is Kind.SCALE and len(part.place) == 2 and part.place[0] == "rows"


def _values(row: Row, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row.get(c)) for c in columns)

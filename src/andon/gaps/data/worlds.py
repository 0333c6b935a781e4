"""The tables and rows of both worlds side by side, and the parts in which they differ. Pure."""

from __future__ import annotations

from collections import Counter

from andon.gaps.data.clones import like
from andon.gaps.data.rows import chosen, differing, is_voluminous, missing, showing
from andon.gaps.data.schema import BOOKKEEPING, schema_differences, with_named_keys
from andon.gaps.experiment import Part
from andon.gaps.words import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from andon.gaps.data.facts import Fact
    from andon.gaps.data.named import NamedRow
    from andon.gaps.data.rows import Identity, Loaded, Row
    from andon.gaps.data.schema import ForeignKey, Table

#: Rows that a table is filled to at most.
MOST = 200_000
#: A key that the database makes next, beyond which it is near the end of 32 bits.
NEAR_INT32 = 2_147_480_000
#: Rows with facts for which those that refer to them are looked for, and how many of these to each.
ODD = 20
_FOLLOWERS = 20
#: Rows that are named by one value.
_NAMED_BY_VALUE = 50
SCHEMA = "schema"
LAST_KEY = "next key"
_OF_THE_TESTS = "tests' "


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
        values: Sequence[str] = (),
        *,
        is_one_system: bool = True,
    ) -> None:
        """Take them as they were read; `facts` are those to look for in rows, `spoken` what the failure says,
        `values` the texts of its request, by which it may mean rows whose key it does not give.

        Between two database systems no schema is flipped, only rows of tables that both have.
        """
        self.test, self.prod = test, prod
        self.test_rows, self.prod_rows = test_rows, prod_rows
        self._spoken = spoken
        self.keys = {**with_named_keys(test), **with_named_keys(prod)}
        self.reshaped = {d.table for d in schema_differences(test, prod)} if is_one_system else set()
        self.differ: dict[str, list[Identity]] = {}
        self.missing: dict[str, list[Identity]] = {}
        self.taken: dict[str, list[Identity]] = {}
        self.shown: dict[str, dict[Identity, dict[str, Fact]]] = {}
        #: Columns of stand-ins that are as in production, because the request names the row by them.
        self._given: dict[tuple[str, Identity], set[str]] = {}
        self._followed: dict[tuple[str, ForeignKey], dict[tuple[str, ...], list[Identity]]] = {}
        self.named = self._named(named)
        tables = [n for n in prod_rows if n.lower() not in BOOKKEEPING and (is_one_system or n in test)]
        found = {name: self._compare(name, [f for f in facts if f.table == name]) for name in tables}
        self.named += self._named_by_value(values)
        for name in tables:
            self._take(name, found[name])
        self._identities: dict[tuple[str, str], tuple[Identity, bool]] = {}

    def _compare(self, name: str, facts: Sequence[Fact]) -> list[tuple[Fact, Identity]]:
        rows, test = self.prod_rows[name], self.test_rows.get(name)
        self.differ[name] = differing(test, rows)
        self.missing[name] = missing(test, rows)
        shown = self.shown[name] = {}
        found = list(showing(facts, rows, self.prod_rows))
        many = Counter(fact for fact, _ in found)
        # The rarest first: a row among few of its sort is likelier to be met by one request only.
        found.sort(key=lambda one: many[one[0]])
        for fact, identity in found:
            shown.setdefault(identity, {})[fact.column] = fact
        return found

    def _take(self, name: str, found: Sequence[tuple[Fact, Identity]]) -> None:
        """Choose the rows of a table that are tried."""
        rows, test = self.prod_rows[name], self.test_rows.get(name)
        ours = len(test.rows) if test else 0
        wanted = ours if is_voluminous(ours, self.prod[name].count) else MOST
        first = [*self._kin(name), *self._of_the_odd(name)]
        self.taken[name] = chosen(rows, self.differ[name], found, first, test, wanted)[:MOST]

    def _of_the_odd(self, name: str) -> Iterator[Identity]:
        """Yield rows that refer to rows of other tables with facts: on them the facts are met."""
        for key in self.keys.get(name, ()):
            odd = list(self.shown.get(key.parent, {}))[:ODD] if key.parent != name else []
            for identity in odd:
                yield from self.referring(name, key, identity)[:_FOLLOWERS]

    def referring(self, child: str, key: ForeignKey, parent: Identity) -> list[Identity]:
        """Return production's rows of a table that refer to one of another."""
        rows, parents = self.prod_rows.get(child), self.prod_rows.get(key.parent)
        if rows is None or parents is None or any(c not in rows.columns for c in key.columns):
            return []
        if (child, key) not in self._followed:
            places = [rows.columns.index(c) for c in key.columns]
            grouped = self._followed[child, key] = {}
            for identity, row in rows.rows.items():
                grouped.setdefault(tuple(str(row[p]) for p in places), []).append(identity)
        wanted = values_of(parents.row(parent) or {}, key.parent_columns)
        return self._followed[child, key].get(wanted, [])

    def _named_by_value(self, values: Sequence[str]) -> list[tuple[str, Identity]]:
        """Return rows of production that have a text of the request where no row of the tests has it.

        Those that refer to rows with facts come first.
        """
        found: dict[tuple[str, Identity], None] = {}
        for name, rows in self.prod_rows.items():
            test = self.test_rows.get(name)
            for column in (c for c in rows.columns if test is not None and values and c in test.columns):
                ours = {str(v) for v in test.values(column)} if test else set()
                place = rows.columns.index(column)
                same = [i for i, row in rows.rows.items() if str(row[place]) in values]
                for identity in same:
                    self._given.setdefault((name, identity), set()).add(column)
                new = [i for i in same if str(rows.rows[i][place]) not in ours]
                odd = set(self._of_the_odd(name)) if new else set()
                for identity in sorted(new, key=lambda i: i not in odd)[:_NAMED_BY_VALUE]:
                    found[name, identity] = None
        return [one for one in found if one not in self.named]

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
                    found = rows.index(key.parent_columns).get(values_of(row, key.columns))
                    if found:
                        yield found
            for key in self.keys.get(table, ()):
                if key.parent == name:
                    yield from self.referring(table, key, identity)[:50]

    def parts(self) -> tuple[Part, ...]:
        """Return one part for each table that differs, the ones on the failing way first."""
        found = []
        for name in sorted({*self.test, *self.prod}):
            if name.lower() in BOOKKEEPING:
                continue
            if self.differ.get(name) or self.missing.get(name) or self.next_key(name):
                found.append(Part(kind=Kind.DATA, place=(name,)))
            elif name in self.reshaped:
                found.append(Part(kind=Kind.DATA, place=(name, SCHEMA)))
        first = {name for name, _ in self.named}
        return tuple(sorted(found, key=lambda p: (p.place[0] not in first, not self.shown.get(p.place[0]))))

    def next_key(self, name: str) -> int | None:
        """Return production's last key where only that is at the end of 32 bits."""
        return near_the_end(self.test.get(name), self.prod.get(name))

    def split(self, part: Part) -> tuple[Part, ...]:
        """Return the finer parts: a table's schema and rows, a row's columns; () when nothing is finer."""
        table = part.place[0]
        if len(part.place) == 1:
            finer = [(table, SCHEMA)] if table in self.reshaped else []
            finer += [(table, LAST_KEY)] if self.next_key(table) else []
            finer += [(table, self.name(table, i)) for i in self.taken.get(table, ())]
            finer += [(table, self.name(table, i, is_test=True)) for i in self.missing.get(table, ())]
            return tuple(Part(kind=Kind.DATA, place=place) for place in finer)
        if len(part.place) == 2 and part.place[1] not in (SCHEMA, LAST_KEY):
            found = self.identity(table, part.place[1])
            if found is not None and not found[1] and self.has_odd_key(table, found[0]):
                return ()  # every stand-in for it has the key as well: it is the row that is odd
            columns = self._columns(table, part.place[1])
            return tuple(Part(kind=Kind.DATA, place=(*part.place, c)) for c in columns)
        return ()

    def name(self, table: str, identity: Identity, *, is_test: bool = False) -> str:
        """Return what a row is called: its number or UUID, a key that the failure says, else its position."""
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
        base = self.base(table, found[0])
        if base is None:
            return []
        differ = [c for c in row if c in base and str(row[c]) != str(base[c])]
        shown = self.shown.get(table, {}).get(found[0], {})
        return sorted(differ, key=lambda c: c not in shown)

    def base(self, table: str, identity: Identity) -> Row | None:
        """Return the row that production's is put over: the tests' own under that key, or one like theirs."""
        test, prod = self.test_rows.get(table), self.prod_rows[table]
        if test is None:
            return None
        own = test.row(identity)
        if own is not None:
            return own
        row = prod.row(identity) or {}
        number = prod.number(identity)
        given = {c: row[c] for c in (*prod.key, *self._given.get((table, identity), ())) if c in row}
        shown = self.shown.get(table, {}).get(identity, {})
        for key in self.keys.get(table, ()):
            if self._leads_somewhere(key, row) and not any(c in shown for c in key.columns):
                given.update({c: row[c] for c in key.columns if c in row})
        return like(test, number, given)

    def has_odd_key(self, table: str, identity: Identity) -> bool:
        """True when the row's key is itself what no key of the tests can be."""
        shown = self.shown.get(table, {}).get(identity, {})
        return any(c in shown for c in self.prod_rows[table].key)

    def _leads_somewhere(self, key: ForeignKey, row: Row) -> bool:
        wanted = values_of(row, key.columns)
        parent = self.prod_rows.get(key.parent)
        return parent is not None and "None" not in wanted and parent.holds(key.parent_columns, wanted)


def near_the_end(test: Table | None, prod: Table | None) -> int | None:
    """Return production's last key where it is at the end of 32 bits, and the tests' is not."""
    theirs, ours = prod.last_key if prod else None, test.last_key if test else None
    return theirs if theirs is not None and theirs >= NEAR_INT32 and (ours or 0) < NEAR_INT32 else None


def values_of(row: Row, columns: Sequence[str]) -> tuple[str, ...]:
    """Return some columns' values as texts."""
    return tuple(str(row.get(c)) for c in columns)

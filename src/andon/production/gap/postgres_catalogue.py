"""What PostgreSQL's catalogue says of tables, views, triggers and functions: questions and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from andon.gaps.data.schema import Column, Family, ForeignKey, Table
from andon.production.gap.conditions import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

TABLES = """
SELECT c.oid::int8,
       CASE WHEN n.nspname = current_schema() THEN c.relname ELSE n.nspname || '.' || c.relname END,
       format('%I.%I', n.nspname, c.relname), c.reltuples::int8,
       has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                  AND d.deptype = 'e')
ORDER BY 2
"""
_COLUMNS = """
SELECT a.attrelid::int8, a.attname, format_type(a.atttypid, a.atttypmod), t.typname, t.typcategory::text,
       a.attnotnull, coalesce(pg_get_expr(d.adbin, d.adrelid), ''), a.attidentity::text, a.attgenerated::text,
       CASE WHEN a.atttypmod > 4 AND t.typname IN ('varchar', 'bpchar') THEN a.atttypmod - 4 ELSE 0 END
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = ANY(%s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum
"""
_INDEXES = """
SELECT i.indrelid::int8, i.indisprimary, i.indisunique AND i.indpred IS NULL,
       (SELECT array_agg(coalesce(a.attname, 'expression') ORDER BY k.n)
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(att, n)
        LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.att AND k.att > 0
        WHERE k.n <= i.indnkeyatts)::text[],
       CASE WHEN EXISTS (SELECT FROM pg_constraint c
                         WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
            THEN '' ELSE pg_get_indexdef(i.indexrelid) END
FROM pg_index i WHERE i.indrelid = ANY(%s::oid[]) AND i.indisvalid ORDER BY i.indexrelid::regclass::text
"""
_CONSTRAINTS = """
SELECT c.conrelid::int8, c.conname, c.contype::text, pg_get_constraintdef(c.oid),
       (SELECT array_agg(a.attname ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k(att, n)
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.att)::text[],
       c.confrelid::int8,
       (SELECT array_agg(a.attname ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY k(att, n)
        JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.att)::text[]
FROM pg_constraint c WHERE c.conrelid = ANY(%s::oid[]) AND c.contype IN ('p', 'u', 'f', 'c', 'x')
ORDER BY c.contype <> 'p', c.contype = 'f', c.conname
"""
_LAST_KEYS = """
SELECT d.refobjid::int8, s.last_value FROM pg_depend d
JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S' JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_sequences s ON s.schemaname = n.nspname AND s.sequencename = c.relname
WHERE d.refobjid = ANY(%s::oid[]) AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  AND s.last_value IS NOT NULL
"""
ENUMS = """
SELECT format('%I.%I', n.nspname, t.typname), t.typname,
       (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
        FROM pg_enum e WHERE e.enumtypid = t.oid)
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
#: Sort, name, text, and names and types of columns, but for what belongs to the server or an extension.
STORED = """
WITH own AS (
    SELECT oid, nspname, CASE WHEN nspname = current_schema() THEN '' ELSE nspname || '.' END AS before
    FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), lent AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e')
SELECT 'view', own.before || c.relname, pg_get_viewdef(c.oid),
       (SELECT array_agg(ARRAY[a.attname::text, format_type(a.atttypid, a.atttypmod)] ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
FROM pg_class c JOIN own ON own.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND ('pg_class'::regclass, c.oid) NOT IN (TABLE lent)
UNION ALL
SELECT 'trigger', own.before || c.relname || '.' || t.tgname, pg_get_triggerdef(t.oid), NULL
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN own ON own.oid = c.relnamespace
WHERE NOT t.tgisinternal AND NOT c.relispartition
UNION ALL
SELECT 'function', own.before || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
       pg_get_functiondef(p.oid), NULL
FROM pg_proc p JOIN own ON own.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p') AND ('pg_proc'::regclass, p.oid) NOT IN (TABLE lent)
"""
#: The questions about tables, by what they tell; each takes the tables.
OF_TABLES = {
    "columns": _COLUMNS,
    "indexes": _INDEXES,
    "constraints": _CONSTRAINTS,
    "keys": _LAST_KEYS,
}


def grouped(rows: list[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    """Return the rest of rows by their first value, which is a table's."""
    found: dict[int, list[tuple[Any, ...]]] = {}
    for oid, *rest in rows:
        found.setdefault(int(oid), []).append(tuple(rest))
    return found


def table_of(
    name: str,
    full: str,
    own: dict[str, list[tuple[Any, ...]]],
    by_oid: dict[int, str],
    enums: list[tuple[Any, ...]],
    count: int,
    *,
    is_counted: bool,
) -> Table:
    """Return a table from what was answered about it."""
    columns = tuple(
        Column(
            name=column,
            type=kind,
            family=_family(base, category),
            is_required=bool(required),
            default="" if generated else default,
            is_made=bool(generated),
            longest=int(longest),
        )
        for column, kind, base, category, required, default, _, generated, longest in own["columns"]
    )
    indexes = [(bool(p), bool(u), tuple(names or ())) for p, u, names, _ in own["indexes"]]
    key = next((names for is_primary, _, names in indexes if is_primary), ())
    return Table(
        name=name,
        columns=columns,
        key=key,
        uniques=tuple(sorted({n for p, u, n in indexes if u and not p and "expression" not in n})),
        indexes=tuple(sorted({n for p, _, n in indexes if not p})),
        foreign_keys=tuple(
            ForeignKey(columns=tuple(ours), parent=by_oid[parent], parent_columns=tuple(theirs))
            for _, sort, _, ours, parent, theirs in own["constraints"]
            if sort == "f" and parent in by_oid
        ),
        count=count,
        is_counted=is_counted,
        last_key=max((int(row[0]) for row in own["keys"]), default=None),
        definition=tuple(_definition(full, own, enums)),
    )


def _definition(
    full: str, own: dict[str, list[tuple[Any, ...]]], enums: list[tuple[Any, ...]]
) -> Iterator[str]:
    """Yield the statements that make a table; a partitioned one is made as a plain one."""
    kinds = {row[2].lstrip("_") for row in own["columns"]}
    for enum, short, labels in enums:
        if short in kinds:
            yield f"CREATE TYPE {enum} AS ENUM ({labels or ''})"
    lines = []
    for name, kind, _, _, required, default, identity, generated, _ in own["columns"]:
        line = f"{quoted(name)} {kind}"
        if generated:
            line += f" GENERATED ALWAYS AS ({default}) STORED"
        elif identity or default.startswith("nextval("):
            line += " GENERATED BY DEFAULT AS IDENTITY"
        elif default:
            line += f" DEFAULT {default}"
        lines.append(f"{line}{' NOT NULL' if required else ''}")
    yield f"CREATE TABLE {full} ({', '.join(lines)})"
    for name, sort, text, *_ in own["constraints"]:
        marker = " NOT VALID" if sort == "f" and "NOT VALID" not in text else ""
        yield f"ALTER TABLE {full} ADD CONSTRAINT {quoted(name)} {text}{marker}"
    for *_, index in own["indexes"]:
        if index:
            yield str(index)


def _family(base: str, category: str) -> Family:
    if base in ("int2", "int4", "int8"):
        return Family.WHOLE
    if base in ("json", "jsonb"):
        return Family.JSON
    if base in ("date", "timestamp", "timestamptz"):
        return Family.MOMENT
    if category == "E" or base == "citext":
        return Family.TEXT
    return {"N": Family.NUMBER, "S": Family.TEXT, "B": Family.TRUTH}.get(category, Family.OTHER)

"""Names of database objects in one form, so that `"A"`, `a` and `public.a` can be compared."""

from __future__ import annotations

from sqlglot import exp


def bare(name: str | None) -> str:
    """Return a name without quotes, in lower case, without the default schema."""
    text = (name or "").strip().strip('"`[]').lower()
    return text.removeprefix("public.").removeprefix("dbo.").replace('"', "")


def named(found: object) -> str:
    """Return the name of a parsed table, function or identifier, with its schema; "" for anything else."""
    if isinstance(found, exp.UserDefinedFunction):
        found = found.this
    if isinstance(found, exp.Table):
        if not isinstance(found.this, (exp.Identifier, exp.Anonymous)):
            return ""
        schema = bare(found.db)
        name = bare(found.name)
        return f"{schema}.{name}" if schema not in ("", "public", "dbo") else name
    if isinstance(found, (exp.Identifier, exp.Column)):
        return bare(found.name)
    return ""


def names_of(found: exp.Expr) -> tuple[str, ...]:
    """Return the names of the columns that an expression mentions, each once, in order."""
    said = [bare(c.name) for c in found.find_all(exp.Column)]
    said += [bare(i.name) for i in found.args.get("expressions") or () if isinstance(i, exp.Identifier)]
    return tuple(dict.fromkeys(n for n in said if n))

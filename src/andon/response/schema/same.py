"""Whether an edit of a migration left its statements as they were: comments and spacing do not count."""

from __future__ import annotations

import ast

from andon.response.schema.program import parse


def same_statements(path: str, before: str | None, now: str) -> bool:
    """True when both texts say the same; False in doubt."""
    if before is None:
        return False
    if before == now:
        return True
    if path.endswith(".py"):
        return _same_python(before, now)
    return path.endswith(".sql") and _same_sql(before, now)


def _same_python(before: str, now: str) -> bool:
    one, other = parse(before), parse(now)
    if isinstance(one, str) or isinstance(other, str):
        return False
    try:
        return ast.dump(_without_words(one)) == ast.dump(_without_words(other))
    except RecursionError:
        return False


def _without_words(module: ast.Module) -> ast.Module:
    """Return a module without its docstring."""
    body = module.body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return ast.Module(body=body, type_ignores=[])


def _same_sql(before: str, now: str) -> bool:
    from andon.response.schema.sections import split_sections
    from andon.response.schema.sql import spelled

    if split_sections(before) != split_sections(now) and (split_sections(before) or split_sections(now)):
        return False
    one, other = spelled(before), spelled(now)
    return one is not None and one == other

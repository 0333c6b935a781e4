"""The tables of docs/reference/protocol.md; `python -m tests.docs.protocol_tables` rewrites them."""

from __future__ import annotations

import re
from pathlib import Path

from andon.protocol.bind import Binding, bind, tally
from andon.protocol.catalogue import CATALOGUE, MANUAL_KINDS
from andon.protocol.lint import RULES
from andon.protocol.parse import parse
from tests.unit.protocol.founding import GEARS, LEVELS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "protocol.md"


def tables() -> dict[str, str]:
    """Return each table of the page that can be made here, by the name of its markers."""
    made = {"catalogue": _catalogue(), "manual-kinds": _manual_kinds(), "rules": _rules()}
    if GEARS.is_file() and LEVELS.is_file():
        made |= {"counts": _counts(), "bindings": _bindings()}
    return made


def table_in(page: str, name: str) -> str:
    """Return what stands between the markers of a table; raises ValueError when they are missing."""
    found = re.search(_between(name), page, re.DOTALL)
    if found is None:
        raise ValueError(f"no markers for the table {name}")
    return found[1]


def rewrite() -> None:
    """Put the present tables into the page."""
    page = PAGE.read_text(encoding="utf-8")
    for name, table in tables().items():
        whole = re.search(_between(name), page, re.DOTALL)
        if whole is None:
            raise ValueError(f"no markers for the table {name}")
        page = page[: whole.start(1)] + table + page[whole.end(1) :]
    PAGE.write_text(page, encoding="utf-8")


def _between(name: str) -> str:
    return rf"<!-- {name}: made by tests/docs/protocol_tables.py -->\n(.*?)<!-- end of {name} -->"


def _table(*rows: tuple[object, ...]) -> str:
    head, *rest = [f"| {' | '.join(str(cell) for cell in row)} |\n" for row in rows]
    return "".join(["\n", head, "|" + "---|" * len(rows[0]) + "\n", *rest, "\n"])


def _catalogue() -> str:
    rows = [
        (f"`{c.id}`", c.title, c.manual or "machine", c.phase, "; ".join(c.phrases[:3]).replace("|", "\\|"))
        for c in CATALOGUE.values()
    ]
    return _table(("check", "says that", "answered by", "phase", "some of its phrases"), *rows)


def _manual_kinds() -> str:
    return _table(("kind", "means"), *MANUAL_KINDS.items())


def _rules() -> str:
    return _table(("rule", "found when"), *((f"`{rule}`", about) for rule, about in RULES.items()))


def _founding(path: Path) -> list[Binding]:
    return [b for b in bind(parse(path.read_text(encoding="utf-8"), path.name)) if b.item.box]


def _counts() -> str:
    rows = []
    for path in (GEARS, LEVELS):
        counted = tally(_founding(path))
        rows.append((path.name, counted.items, counted.machine, counted.manual, counted.unbound))
    return _table(("document", "lines", "machine check", "named manual kind", "unbound"), *rows)


def _bindings() -> str:
    rows = [
        (a.item.line, b.item.line, _check(a), _check(b))
        for a, b in zip(_founding(GEARS), _founding(LEVELS), strict=True)
    ]
    return _table(
        ("line (gears)", "line (levels)", "check", "answered by"),
        *((a, b, f"`{check}`", kind) for a, b, (check, kind), other in rows if other == (check, kind)),
    )


def _check(binding: Binding) -> tuple[str, str]:
    check = binding.check
    return (check.id, check.manual or "machine") if check else ("", "")


if __name__ == "__main__":
    rewrite()

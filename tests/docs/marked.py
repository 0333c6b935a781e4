"""Parts of a page that are made from the code: what stands between two markers, read and replaced."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
REMEDY = "run: python -m tests.docs.regenerate"


def part_in(page: str, name: str) -> str:
    """Return what stands between the markers of a part; raises ValueError when they are missing."""
    return _found(page, name)[2]


def with_part(page: str, name: str, text: str) -> str:
    """Return the page with `text` between the markers of a part; raises ValueError when they are missing."""
    found = _found(page, name)
    return f"{page[: found.start(2)]}{text}{page[found.end(2) :]}"


def table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table with blank lines around it."""
    first, *rest = ["| " + " | ".join(_cell(cell) for cell in line) + " |\n" for line in (head, *rows)]
    return "".join(["\n", first, "|" + "---|" * len(head) + "\n", *rest, "\n"])


def rows_of(text: str) -> list[tuple[str, ...]]:
    """Return the cells of every table row in a Markdown text, without the lines below the heads."""
    rows = []
    for line in text.splitlines():
        if line.startswith("|") and not set(line) <= set("|-: "):
            cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
            rows.append(tuple(cell.strip().replace("\\|", "|") for cell in cells))
    return rows


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ").strip()


def _found(page: str, name: str) -> re.Match[str]:
    begin = rf"(<!-- {name}: made by python -m tests\.docs\.regenerate -->\n)"
    found = re.search(rf"{begin}(.*?)(?=<!-- end of {name} -->)", page, re.DOTALL)
    if found is None:
        raise ValueError(f"no markers for the part {name!r}")
    return found

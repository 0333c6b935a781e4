"""Rewrites every part of the documentation that is made from the code: `python -m tests.docs.regenerate`."""

from __future__ import annotations

from collections.abc import Callable

from tests.docs import (
    commands_part,
    decision_part,
    events_part,
    flag_lint_part,
    gates_part,
    gears_part,
    protocol_tables,
    secrets_part,
)
from tests.docs.marked import DOCS, with_part

#: Page below docs, part, and what makes it.
PARTS: tuple[tuple[str, str, Callable[[], str]], ...] = (
    ("reference/commands.md", "overview", commands_part.overview),
    ("reference/commands.md", "everywhere", commands_part.everywhere),
    ("reference/commands.md", "listing", commands_part.listing),
    ("reference/events.md", "overview", events_part.overview),
    ("reference/events.md", "envelope", events_part.envelope),
    ("reference/events.md", "listing", events_part.listing),
    ("reference/events.md", "parts", events_part.parts),
    ("glossary.md", "events", events_part.glossary),
    ("reference/gates.md", "rules", gates_part.rules),
    ("reference/flag-lint.md", "rules", flag_lint_part.rules),
    ("reference/secret-formats.md", "formats", secrets_part.formats),
    ("reference/secret-formats.md", "rotation", secrets_part.rotation),
    ("reference/decision.md", "rules", decision_part.rules),
    ("reference/decision.md", "thresholds", decision_part.thresholds),
    ("reference/decision.md", "never-justified", decision_part.never_justified),
    ("reference/gears.md", "moves", gears_part.moves),
    ("reference/gears.md", "answered", gears_part.answered),
    ("reference/gears.md", "hardenable", gears_part.hardenable),
)


def rewrite() -> list[str]:
    """Put the present parts into their pages and return the names of the pages that changed."""
    changed = []
    for name in dict.fromkeys(page for page, _, _ in PARTS):
        path = DOCS / name
        before = page = path.read_text(encoding="utf-8")
        for owner, part, make in PARTS:
            if owner == name:
                page = with_part(page, part, make())
        if page != before:
            path.write_text(page, encoding="utf-8")
            changed.append(name)
    protocol_tables.rewrite()
    return changed


if __name__ == "__main__":
    print("\n".join(rewrite()) or "nothing changed")

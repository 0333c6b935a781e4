"""Every relative link and every path in the documentation leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.marked import ROOT

PAGES = [
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "constraints/README.md")),
]
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def prose(page: Path) -> str:
    """Return a page without its code."""
    text = re.sub(r"(?ms)^(```+).*?^\1", "", page.read_text(encoding="utf-8"))
    return re.sub(r"`[^`\n]+`(?!\])", "", text)


def anchors(page: Path) -> set[str]:
    """Return the names under which the headings of a page can be linked to."""
    text = re.sub(r"(?ms)^(```+).*?^\1", "", page.read_text(encoding="utf-8"))
    found: set[str] = set()
    for heading in re.findall(r"(?m)^#{1,6} +(.+?) *$", text):
        name = re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", heading).lower()).replace(" ", "-")
        number = 0
        while (unique := f"{name}-{number}" if number else name) in found:
            number += 1
        found.add(unique)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    broken = []
    for target in _LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        place = (page.parent / name).resolve() if name else page
        if not place.exists():
            broken.append(f"{target}: there is no such file")
        elif anchor and anchor not in anchors(place):
            broken.append(f"{target}: that page has no such heading")
    assert not broken, "\n".join(broken)


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    left = [ROOT / "README.md"]
    while left:
        page = left.pop()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        names = (target.partition("#")[0] for target in _LINK.findall(prose(page)))
        left += [(page.parent / name).resolve() for name in names if name and not re.match(r"[a-z]+:", name)]
    lost = {page for page in PAGES if page.is_relative_to(ROOT / "docs")} - reached
    assert not lost, f"no link leads to {', '.join(sorted(p.name for p in lost))}"


def test_every_page_that_the_program_names_exists() -> None:
    named: set[str] = set()
    for source in (ROOT / "src" / "andon").rglob("*.py"):
        named |= set(
            re.findall(r"docs/(?:reference|how-to|decisions)/[\w-]+(?:\.md)?", source.read_text("utf-8"))
        )
    named.add("docs/glossary.md")
    assert named
    for name in named:
        place = ROOT / name
        found = place.is_file() or any(place.parent.glob(f"{place.name}-*.md"))
        assert found, f"the source names {name}"


def test_headings_become_anchors(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# What `andon` does, and why\n\n## `[deploy]`\n\n```sh\n# no heading\n```\n\n## `[deploy]`\n"
    )
    assert anchors(page) == {"what-andon-does-and-why", "deploy", "deploy-1"}

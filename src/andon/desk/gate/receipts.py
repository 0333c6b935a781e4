"""Receipts: what a gate judged and let pass, so that the doctor sees what no gate has seen."""

from __future__ import annotations

from andon.errors import AndonError
from andon.incident.digest import digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from andon.desk.ports import Desk


def rules_digest() -> str:
    """Return twelve digits that change with what the rule about secrets looks for."""
    from andon import __version__
    from andon.secrets.formats import FORMATS

    return digest(f"{__version__} {FORMATS!r}".encode())[:12]


def give_receipts(desk: Desk, commits: Iterable[str]) -> None:
    """Write that these commits passed; where that cannot be written, the doctor will name them."""
    try:
        desk.receipts.give(commits, rules_digest())
    except AndonError:
        return


def begin_receipts(desk: Desk) -> None:
    """Write where the branches stand, once: what was there before the hooks needs no receipt."""
    try:
        if not desk.receipts.has_begun:
            desk.receipts.begin(desk.references.tips())
    except AndonError:
        return

"""Receipts: what a gate judged and let pass, so that the doctor sees what no gate has seen."""

from __future__ import annotations

from andon.errors import AndonError
from andon.incident.digest import digest
from andon.incident.words import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from andon.desk.ports import Desk
    from andon.response.change import ChangeCommit
    from andon.response.gates.judge import Judgement


def rules_digest() -> str:
    """Return twelve digits that change with what the rule about secrets looks for."""
    from andon import __version__
    from andon.secrets.formats import FORMATS

    return digest(f"{__version__} {FORMATS!r}".encode())[:12]


def give_after(desk: Desk, judgement: Judgement, arriving: Iterable[ChangeCommit]) -> None:
    """Give receipts where the hooks are in and the rule about secrets passed; elsewhere nobody reads them."""
    if not any(r.result.rule == "secrets" and r.result.verdict is Verdict.PASSED for r in judgement.rows):
        return
    try:
        if desk.receipts.has_begun:
            desk.receipts.give((commit.id for commit in arriving), rules_digest())
    except AndonError:
        return


def staged_before(desk: Desk) -> tuple[str, str]:
    """Return what is staged, before it is judged; empty where nobody asks for receipts."""
    try:
        return desk.references.index() if desk.receipts.has_begun else ("", "")
    except AndonError:
        return "", ""


def give_while_committing(desk: Desk, judgement: Judgement, staged: tuple[str, str], message: str) -> None:
    """Keep that the index passed, or that it passed with this message: the commit is not judged once more."""
    if not any(r.result.rule == "secrets" and r.result.verdict is Verdict.PASSED for r in judgement.rows):
        return
    try:
        if all(staged):
            desk.receipts.keep_staged(*staged)
        elif message and desk.receipts.has_begun:
            desk.receipts.give_worded(message, rules_digest())
    except AndonError:
        return


def begin_receipts(desk: Desk) -> None:
    """Write where the branches stand, once: what was there before the hooks needs no receipt."""
    try:
        if not desk.receipts.has_begun:
            desk.receipts.begin(desk.references.tips())
    except AndonError:
        return

"""Where the items of the protocol stand, as `andon status --json` tells it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One item of the protocol."""

    item: str
    check: str
    text: str
    standing: str
    evidence: str

    @property
    def proven(self) -> bool:
        """True when a machine showed it or a person signed it."""
        return self.standing in ("passed", "signed")

    @property
    def rank(self) -> int:
        """How far it is: nothing to do, to be done, done."""
        return 2 if self.proven else 1 if self.waits else 0

    @property
    def waits(self) -> bool:
        """True when somebody still has to do something about it."""
        return self.standing in ("open", "failed")


def standings(status: Mapping[str, object]) -> dict[str, Standing]:
    """Return the items of a status answer by check, or by key where they have none, in the document's order.

    Several items may ask for the same check; the one that is furthest speaks for it.
    """
    lines = status.get("checklist")
    found: dict[str, Standing] = {}
    for line in lines if isinstance(lines, list) else []:
        name = line["check"] or line["item"]
        standing = Standing(
            item=line["item"],
            check=line["check"],
            text=_short(line["text"]),
            standing=line["standing"],
            evidence=_evidence(line),
        )
        if name not in found or standing.rank > found[name].rank:
            found[name] = standing
    return found


def _short(text: str) -> str:
    """Return the item without what follows its first colon or semicolon."""
    return re.split(r"[:;] ", text, maxsplit=1)[0]


def _evidence(line: Mapping[str, object]) -> str:
    proof = line.get("proof")
    events = ", ".join(f"#{number}" for number in proof) if isinstance(proof, list) and proof else ""
    signed = f"signed by {line['by']}: " if line.get("by") else ""
    return f"{signed}{line['summary']}" + (f" ({events})" if events else "")

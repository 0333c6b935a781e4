"""placeholder for the artefacts branch"""

from __future__ import annotations

from andon.gaps.words import Reach
from andon.record import Record


class Coverage(Record):
    reach: Reach
    told: str
    tests: tuple[str, ...] = ()

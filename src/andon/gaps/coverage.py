"""How far the tests that passed went towards the place where production failed."""

from __future__ import annotations

from andon.gaps.words import Reach
from andon.record import Record


class Coverage(Record):
    reach: Reach
    told: str
    tests: tuple[str, ...] = ()

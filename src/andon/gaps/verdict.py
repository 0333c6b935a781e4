"""The answer of a search: what it is, where exactly, how sure, and what would make it surer."""

from __future__ import annotations

from andon.gaps.experiment import Curve, Difference, Observed, Replay
from andon.gaps.failure import Failure
from andon.gaps.words import Answer, Kind, Tier
from andon.record import Record


class Verdict(Record):
    """What the search came to."""

    answer: Answer
    #: For a gap: the kinds to blame; two for an interaction.
    kinds: tuple[Kind, ...] = ()
    #: The exact place: ("STORE_TZ",), ("orders", "812", "email"); the first of two for an interaction.
    place: tuple[str, ...] = ()
    #: The places of the other kinds of an interaction.
    other_places: tuple[tuple[str, ...], ...] = ()
    #: For a quantity, the least amount that still fails, and the greatest that does not.
    threshold: float | None = None
    below: float | None = None
    unit: str = ""
    #: None when the answer rests on no difference: untested, flaky, unknown.
    tier: Tier | None = None
    #: True when production's world was seen not to fail without it; a narrowed place may lack that.
    is_restored: bool = False
    #: One sentence for whoever reads only that.
    summary: str = ""
    #: Why, step by step; each a sentence.
    reasons: tuple[str, ...] = ()
    #: What could not be tried, and why.
    not_tried: tuple[str, ...] = ()
    #: The cheapest thing that would find out more, and the command for it.
    next_step: str = ""
    next_command: str = ""

    @property
    def how_sure(self) -> str:
        """The tier in words; "" where the answer rests on no difference."""
        if self.tier is None:
            return ""
        is_short = self.tier is Tier.NARROWED and not self.is_restored
        return f"{self.tier}, not restored" if is_short else str(self.tier)


class Search(Record):
    """A whole search: the verdict with all that it rests on."""

    id: str
    verdict: Verdict
    #: How production failed, as it was searched for; None in what an earlier version kept.
    failure: Failure | None = None
    #: Differences that have to do with the failure, weightiest first, and how many others there are.
    differences: tuple[Difference, ...] = ()
    others: int = 0
    observed: tuple[Observed, ...] = ()
    #: The replays by what they were for: `control`, `production`, `flip`, `restore`, `added`, `pair`,
    #: `narrow`.
    replays: tuple[tuple[str, Replay], ...] = ()
    curves: tuple[Curve, ...] = ()
    seconds: float = 0.0
    #: Runs of the journey, and requests that were sent, to whichever host.
    runs: int = 0
    requests: int = 0

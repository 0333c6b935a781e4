"""Whether a verdict is right, by the pair's truth; and what the verdicts of many pairs come to. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import Any

GAPS = ("environment", "data", "dependency", "scale", "network", "interaction")
TIERS = ("", "observed", "flipped", "restored", "narrowed")

RIGHT, WRONG, ABSTAINED, BROKEN = "right", "WRONG", "abstained", "BROKEN"


@dataclass(frozen=True)
class Result:
    """One run of the command on one pair."""

    pair: str
    is_gap: bool
    has_browser: bool
    outcome: str
    answer: str
    place: str = ""
    is_exact: bool = False
    tier: str = ""
    is_as_sure: bool = False
    seconds: float = 0.0
    runs: int = 0
    requests: int = 0
    told: str = ""
    verdict: dict[str, Any] = field(default_factory=dict)

    @property
    def is_false_alarm(self) -> bool:
        return not self.is_gap and self.answer in GAPS


def outcome(truth: dict[str, Any], verdict: dict[str, Any]) -> str:
    """Return whether the kind is right: right, WRONG, or abstained."""
    answer = verdict["answer"]
    if answer == truth["answer"]:
        kinds = set(truth.get("kinds", ()))
        return RIGHT if not kinds or kinds == set(verdict.get("kinds", ())) else WRONG
    return ABSTAINED if answer == "unknown" else WRONG


def is_exact(truth: dict[str, Any], verdict: dict[str, Any]) -> bool:
    """True when every place that the truth names was named, and none but those that go with them."""
    told = [list(verdict.get("place") or ()), *(list(one) for one in verdict.get("other_places") or ())]
    told = [one for one in told if one and one not in truth.get("beside", [])]
    wanted = truth.get("places") or ([truth["place"]] if "place" in truth else [])
    allowed = [*wanted, *truth.get("also", [])]
    if not wanted or len(told) != len(wanted) or any(one not in allowed for one in told):
        return False
    return len({one[0] for one in told}) == len(told)


def judged(name: str, truth: dict[str, Any], search: dict[str, Any], seconds: float) -> Result:
    """Return what a search's JSON is worth."""
    verdict = search["verdict"]
    tier = verdict.get("tier") or ""
    places = [verdict.get("place") or [], *(verdict.get("other_places") or [])]
    return Result(
        pair=name,
        is_gap="place" in truth or "places" in truth,
        has_browser="chromium" in truth["needs"],
        outcome=outcome(truth, verdict),
        answer=verdict["answer"],
        place=" + ".join(" ".join(place) for place in places if place),
        is_exact=is_exact(truth, verdict),
        tier=tier,
        is_as_sure=TIERS.index(tier) >= TIERS.index(truth.get("tier", "")),
        seconds=seconds,
        runs=search.get("runs", 0),
        requests=search.get("requests", 0),
        told=verdict.get("summary", ""),
        verdict=verdict,
    )


def broken(name: str, truth: dict[str, Any], seconds: float, told: str) -> Result:
    """Return what it is worth when the command gave no search at all."""
    return Result(
        pair=name,
        is_gap="place" in truth or "places" in truth,
        has_browser="chromium" in truth["needs"],
        outcome=BROKEN,
        answer="",
        seconds=seconds,
        told=told,
    )


def totals(results: list[Result]) -> list[str]:
    """Return the lines below the table: shares of gaps and of no-gaps, places, seconds, steadiness."""
    gaps = [one for one in results if one.is_gap]
    others = [one for one in results if not one.is_gap]
    lines = []
    if gaps:
        lines.append(f"kind right           {_share(gaps, lambda r: r.outcome == RIGHT)}")
        lines.append(f"kind wrong           {_share(gaps, lambda r: r.outcome == WRONG)}")
        lines.append(f"abstained            {_share(gaps, lambda r: r.outcome == ABSTAINED)}")
        lines.append(f"no search at all     {_share(gaps, lambda r: r.outcome == BROKEN)}")
        lines.append(f"place exact          {_share(gaps, lambda r: r.is_exact)}")
        lines.append(f"as sure as it can be {_share(gaps, lambda r: r.is_as_sure)}")
    if others:
        lines.append(f"no gap, told so      {_share(others, lambda r: r.outcome == RIGHT)}")
        lines.append(f"no gap, false alarm  {_share(others, lambda r: r.is_false_alarm)}")
        lines.append(f"no gap, no search    {_share(others, lambda r: r.outcome == BROKEN)}")
    for called, picked in (
        ("API", [one.seconds for one in results if not one.has_browser]),
        ("browser", [one.seconds for one in results if one.has_browser]),
    ):
        if picked:
            lines.append(
                f"seconds, {called:12}median {median(picked):.0f}, most {max(picked):.0f}, n {len(picked)}"
            )
    names = {one.pair for one in results}
    if len(results) > len(names):
        same = sum(_steadiness([one.answer for one in results if one.pair == name]) for name in names)
        lines.append(f"same answer in the reruns of a pair: {100 * same / len(names):.0f} %")
        verdicts = {name: [_verdict(one) for one in results if one.pair == name] for name in names}
        whole = sum(map(_steadiness, verdicts.values()))
        lines.append(f"same answer, place and tier:         {100 * whole / len(names):.0f} %")
    return lines


def _share(results: list[Result], holds: Any) -> str:
    count = sum(1 for one in results if holds(one))
    return f"{count}/{len(results)} ({100 * count / len(results):.0f} %)"


def _verdict(one: Result) -> str:
    return f"{one.answer} {one.place} {one.tier}"


def _steadiness(answers: list[str]) -> float:
    return max(answers.count(answer) for answer in answers) / len(answers)

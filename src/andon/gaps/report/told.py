"""The verdict of a search in words and marks: what it is, where, how sure, why, and what to do next. Pure."""

from __future__ import annotations

from andon.gaps.report.markup import Markup, element, figure, joined, listed, seconds, text
from andon.gaps.words import Answer, Tier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.gaps.failure import Failure
    from andon.gaps.verdict import Search, Verdict

_TITLES = {
    Answer.ENVIRONMENT: "A setting differs",
    Answer.DATA: "The data differs",
    Answer.DEPENDENCY: "An outside service answers differently",
    Answer.SCALE: "There is more of it",
    Answer.NETWORK: "The network is slower",
    Answer.INTERACTION: "Two differences together",
    Answer.UNTESTED: "No test goes there",
    Answer.MOCKED: "The tests made up the answer",
    Answer.INPUT: "An input that no test tries",
    Answer.FLAKY: "It fails in the tests' world too, now and then",
    Answer.OTHER_BUILD: "Production runs another build",
    Answer.UNKNOWN: "Not known",
}
_TIERS = {
    Tier.OBSERVED: "seen to differ",
    Tier.FLIPPED: "fails when it alone is as in production",
    Tier.RESTORED: "production without it passes",
    Tier.NARROWED: "down to the smallest part",
}


def title(verdict: Verdict) -> str:
    """Return the answer in a few words, with its place."""
    place = " · ".join(verdict.place)
    others = "".join(f" and {' · '.join(one)}" for one in verdict.other_places)
    return f"{_TITLES[verdict.answer]}{': ' if place else ''}{place}{others}"


def verdict_box(search: Search) -> Markup:
    """Return the verdict, with the tier it rests on and what the search took."""
    verdict = search.verdict
    sort = "unsure" if verdict.answer is Answer.UNKNOWN or verdict.tier is Tier.OBSERVED else ""
    if verdict.answer in (Answer.UNTESTED, Answer.MOCKED, Answer.INPUT, Answer.FLAKY, Answer.OTHER_BUILD):
        sort = "none"
    return element(
        "section",
        element("p", _kind(verdict), class_="eyebrow"),
        element("h1", title(verdict)),
        *(element("p", told, class_="lead") for told in _lead(search)),
        _tiers(verdict),
        _facts(search),
        class_=f"verdict {sort}".strip(),
    )


def _lead(search: Search) -> Iterator[str]:
    """Yield the summary where it says more than the title, and what differs at the place."""
    verdict = search.verdict
    if verdict.summary and verdict.summary != f"{verdict.answer}: {' '.join(verdict.place)}":
        yield verdict.summary
    seen = next((one for one in search.differences if one.place == verdict.place), None)
    if seen is not None and seen.summary not in ("", verdict.summary):
        yield text(f"{seen.summary}; tests: {seen.test or '-'}; production: {seen.production or '-'}", 400)


def _kind(verdict: Verdict) -> str:
    kinds = " and ".join(verdict.kinds) or str(verdict.answer).replace("-", " ")
    return f"The tests passed and production failed: {kinds}"


def _tiers(verdict: Verdict) -> Markup | None:
    """Return the four tiers, those that were reached filled in."""
    if verdict.tier is None:
        return None
    marks = [
        element("li", f"{tier}: {told}", class_="on" if _is_reached(tier, verdict) else None)
        for tier, told in _TIERS.items()
    ]
    return element("ul", *marks, class_="tiers", aria_label=f"how sure: {verdict.how_sure}")


def _is_reached(tier: Tier, verdict: Verdict) -> bool:
    """True for a tier that the verdict rests on; a narrowed place may not have been restored."""
    if verdict.tier is None or (tier is Tier.RESTORED and not verdict.is_restored):
        return False
    return tier.rank <= verdict.tier.rank


def _facts(search: Search) -> Markup:
    verdict = search.verdict
    facts = {"How sure": verdict.how_sure or "rests on no difference"}
    if verdict.threshold is not None:
        facts["Fails from"] = f"{figure(verdict.threshold)} {verdict.unit}".strip()
    if verdict.below is not None:
        facts["Still passes at"] = f"{figure(verdict.below)} {verdict.unit}".strip()
    facts |= {
        "Experiments": figure(len(search.replays)),
        "Runs of the journey": figure(search.runs),
        "Requests": figure(search.requests),
        "Took": seconds(search.seconds),
    }
    return element(
        "dl",
        *(element("div", element("dt", name), element("dd", said)) for name, said in facts.items()),
        class_="facts",
    )


def failure_told(failure: Failure) -> Markup:
    """Return what production showed."""
    asked = f"{failure.method} {failure.path}" if failure.path else "no request is known"
    answered = [f"answered {failure.status}"] if failure.status else []
    if failure.slower_than:
        answered.append(f"took longer than {seconds(failure.slower_than)}")
    if failure.absent:
        answered.append("did not show what it should")
    return joined(
        (
            element("h2", "What production showed"),
            element("p", element("code", text(asked, 500)), " ", ", ".join(answered)),
            element("pre", text(failure.text, 2000)) if failure.text else None,
            element("p", "Missing: ", element("code", text(failure.absent, 500))) if failure.absent else None,
            element("p", f"Known from {failure.source}.", class_="soft small") if failure.source else None,
        )
    )


def reasons(verdict: Verdict) -> Markup:
    """Return why, and what to do next."""
    parts: list[Markup] = []
    if verdict.reasons:
        parts += [element("h2", "Why"), listed(verdict.reasons)]
    if verdict.next_step or verdict.next_command:
        parts += [element("h2", "What next"), element("p", verdict.next_step)]
        if verdict.next_command:
            parts.append(element("pre", verdict.next_command))
    return joined(parts)

"""The report of a search: one HTML file that runs no script and loads nothing. Pure."""

from __future__ import annotations

from andon.gaps.report.experiments import differences, experiments, looked_at
from andon.gaps.report.markup import Markup, element, joined
from andon.gaps.report.plots import plots, usable
from andon.gaps.report.sides import failing, passing, pictures, waterfalls
from andon.gaps.report.style import POLICY, STYLE
from andon.gaps.report.suite_told import suite_told
from andon.gaps.report.told import failure_told, reasons, title, verdict_box

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.gaps.beliefs import Beliefs
    from andon.gaps.failure import Failure
    from andon.gaps.verdict import Search


def page(
    search: Search, beliefs: Beliefs, failure: Failure, *, prevention: Sequence[tuple[str, str]] = ()
) -> str:
    """Return the page. Everything is escaped; it shows what it is given, so that has to be redacted before.

    `prevention` are steps against the next one, each with what it is and its text: a test, a rule, a check.
    """
    test, production = passing(search), failing(search)
    body = element(
        "main",
        verdict_box(search),
        reasons(search.verdict),
        failure_told(failure),
        pictures(test, production),
        waterfalls(test, production, beliefs, failure),
        _curves(search),
        experiments(search),
        differences(search),
        suite_told(beliefs, failure),
        looked_at(search.observed, search.verdict.not_tried),
        prevented(prevention),
        element("footer", f"andon gap, search {search.id}. This page runs no script and loads nothing."),
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"{title(search.verdict)} - andon gap"),
        element("style", Markup(STYLE)),
    )
    return f"<!doctype html>\n{element('html', head, element('body', body), lang='en')}\n"


def _curves(search: Search) -> Markup:
    found = [*search.curves, *(c for one in search.observed for c in one.curves if c not in search.curves)]
    drawable = [curve for curve in found if usable(curve)]
    if not drawable:
        return Markup()
    verdict = search.verdict
    return joined((element("h2", "Curves"), plots(drawable, verdict.threshold, verdict.unit)))


def prevented(steps: Sequence[tuple[str, str]]) -> Markup:
    """Return what was done against the next one; nothing for no steps."""
    if not steps:
        return Markup()
    told = [joined((element("h3", name), element("pre", said) if said else None)) for name, said in steps]
    return joined((element("h2", "So that it does not happen again"), *told))


def with_prevention(made: str, steps: Sequence[tuple[str, str]]) -> str:
    """Return a page that was made before, with what was done since; as it is when it has no end."""
    at = made.rfind("<footer>")
    return made[:at] + prevented(steps) + made[at:] if at >= 0 else made

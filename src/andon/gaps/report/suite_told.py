"""What the suite that passed believes, as far as it has to do with the failure. Pure."""

from __future__ import annotations

from andon.gaps.coverage import cover
from andon.gaps.report.markup import Markup, element, joined, listed, seconds, text
from andon.incident.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.gaps.beliefs import Assertion, Beliefs, Exchange
    from andon.gaps.failure import Failure

#: Endpoints that are listed.
_ENDPOINTS = 30


def suite_told(beliefs: Beliefs, failure: Failure) -> Markup:
    """Return what the tests did there, asked for, made up, and did not mind."""
    coverage = cover(beliefs, failure)
    errors = beliefs.console_errors
    parts: list[Markup | None] = [
        element("h2", "What the tests believed"),
        element("p", _sentence(coverage.told)),
        _facts(beliefs),
    ]
    if coverage.assertions:
        parts += [element("h3", "What they asked for"), listed(map(_assertion, coverage.assertions))]
    if went := beliefs.by_endpoint():
        more = len(went) - _ENDPOINTS
        parts += [
            element("h3", "Where they went"),
            listed(_went(name, requests) for name, requests in list(went.items())[:_ENDPOINTS]),
            element("p", f"and {more} more", class_="soft small") if more > 0 else None,
        ]
    if coverage.mocked:
        parts += [
            element("h3", "Answers that only the suite itself has given"),
            listed(element("code", one) for one in coverage.mocked),
        ]
    if errors:
        parts += [
            element("h3", "Errors on the console that failed no test"),
            listed(text(one, 300) for one in errors[:10]),
        ]
    if beliefs.problems:
        parts += [
            element("h3", "What could not be read"),
            listed(text(p, 400) for p in beliefs.problems[:20]),
        ]
    return joined(parts)


def _sentence(told: str) -> str:
    """Return what is told as a sentence; the name of a test stays as it is."""
    is_name = any(c in told.partition(" ")[0] for c in "./:_")
    return told + "." if is_name else f"{told[:1].upper()}{told[1:]}."


def _facts(beliefs: Beliefs) -> Markup | None:
    facts = {
        "Tests": str(len(beliefs.tests)) if beliefs.tests else "",
        "Made with": f"{beliefs.flavour} {beliefs.version}".strip(),
        "Against": beliefs.base_url,
        "Browser": " ".join(filter(None, (beliefs.browser, beliefs.viewport))),
        "Locale, time zone": ", ".join(filter(None, (beliefs.locale, beliefs.timezone))),
        "Slowest answer": f"{seconds(beliefs.slowest)}, {beliefs.slowest_endpoint}"
        if beliefs.slowest
        else "",
    }
    told = [
        element("div", element("dt", name), element("dd", text(said, 200)))
        for name, said in facts.items()
        if said
    ]
    return element("dl", *told, class_="facts") if told else None


def _went(name: str, requests: Sequence[Exchange]) -> Markup:
    """Return one endpoint with what it answered, how slowly, and how often the answer was made up."""
    made_up = sum(1 for one in requests if one.is_mocked)
    statuses = ", ".join(map(str, sorted({one.status for one in requests if one.status})))
    slowest = max((one.seconds for one in requests if not one.is_mocked), default=0.0)
    told = [f"answered {statuses}" if statuses else "no answer", counted(len(requests), "request")]
    told += [f"{made_up} of them made up"] if made_up else []
    told += [f"at most {seconds(slowest)}"] if slowest else []
    return element(
        "span", element("code", text(name, 200)), " ", element("span", "; ".join(told), class_="soft")
    )


def _assertion(one: Assertion) -> Markup:
    place = f"{one.file}:{one.line} " if one.line else ""
    return element(
        "span",
        element("span", place, class_="soft"),
        element("code", text(" ".join(filter(None, (one.locator, one.expression))), 200)),
        " ",
        text(one.expected, 200),
    )

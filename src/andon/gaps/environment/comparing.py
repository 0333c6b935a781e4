"""Which settings differ between two worlds, of what sort the difference is, and what it weighs. Pure."""

from __future__ import annotations

import re

from andon.gaps.environment.keys import (
    is_about_text,
    is_about_time,
    is_browsers,
    is_machines_own,
    is_runtimes,
)
from andon.gaps.environment.values import Form
from andon.gaps.experiment import Difference
from andon.gaps.relevance import is_named, shared
from andon.gaps.words import Kind
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from andon.gaps.environment.values import Facts
    from andon.gaps.failure import Failure

#: What a look at the environments says when the settings of either could be read.
BOTH_READ = "the settings of both worlds"

_DATE = re.compile(
    r"\b\d{4}-\d{2}(?:-\d{2})?\b|\b\d{1,2}:\d{2}\b|\b(?:date|day|hour|month|year|week|time ?zone|today"
    r"|tomorrow|yesterday|fiscal|midnight|due|deadline|overdue|expire[ds]?|utc|offset)\b",
    re.IGNORECASE,
)
_TEXTUAL = re.compile(
    r"codec|encod|decod|unicode|utf-?8|ascii|latin|charset|surrogate|decimal|comma|locale|collat|\bsort",
    re.IGNORECASE,
)


class Mentions(Record):
    """Where the application's source names keys."""

    #: False when the source could not be searched: then a key may be anywhere.
    is_known: bool = False
    keys: frozenset[str] = frozenset()
    #: Those that are named beside the failing endpoint.
    beside_endpoint: frozenset[str] = frozenset()


class Sort(Record):
    """Of what sort a difference is."""

    #: As a phrase that follows the key.
    told: str
    #: True for what breaks programs; False for what they are made for.
    breaks: bool


def differing(test: Mapping[str, Facts], production: Mapping[str, Facts]) -> tuple[str, ...]:
    """Return the keys that are in one world only, or whose values are not the very same."""
    return tuple(
        key for key in sorted({*test, *production}) if _digest(test, key) != _digest(production, key)
    )


def _digest(world: Mapping[str, Facts], key: str) -> str:
    return world[key].digest if key in world else ""


def sort_of(test: Facts | None, production: Facts | None) -> Sort:
    """Return of what sort the difference between two values of one key is."""
    if production is None:
        return Sort(told="is missing in production", breaks=True)
    if test is None:
        is_odd = production.is_untrimmed or production.is_quoted or production.is_placeholder
        return Sort(told="is set in production only", breaks=is_odd)
    for told, is_so in (
        ("is empty in production", production.form is Form.EMPTY and test.form is not Form.EMPTY),
        ("is empty in test", test.form is Form.EMPTY),
        ("is a placeholder in production", production.is_placeholder and not test.is_placeholder),
        ("has white space around it in production", production.is_untrimmed and not test.is_untrimmed),
        ("has white space around it in test", test.is_untrimmed and not production.is_untrimmed),
        ("has quotes around it in production", production.is_quoted and not test.is_quoted),
        ("has control characters in production", production.has_controls and not test.has_controls),
        ("has letters beyond ASCII in production", not production.is_ascii and test.is_ascii),
        ("is written otherwise in production", production.trimmed == test.trimmed),
        ("is true or false in another way", _is_other_boolean(test, production)),
        (
            f"is {production.form.value} in production and {test.form.value} in test",
            _is_other(test, production),
        ),
        (f"is an address of {production.scheme} in production", _is_other_scheme(test, production)),
    ):
        if is_so:
            return Sort(told=told, breaks=True)
    return Sort(told="has another value in production", breaks=False)


def _is_other(test: Facts, production: Facts) -> bool:
    """True for another type; a level, a path or a list of one is a text to a program."""
    numbers = {Form.WHOLE: 1, Form.DECIMAL: 2, Form.BOOLEAN: 3, Form.ADDRESS: 4, Form.JSON: 5, Form.COMMA: 6}
    return numbers.get(test.form, 0) != numbers.get(production.form, 0)


def _is_other_scheme(test: Facts, production: Facts) -> bool:
    """True for another protocol; that production is reached by https is no news."""
    return test.scheme != production.scheme and {test.scheme, production.scheme} != {"http", "https"}


def _is_other_boolean(test: Facts, production: Facts) -> bool:
    return production.form is Form.BOOLEAN and production.is_odd_boolean and not test.is_odd_boolean


def difference(
    key: str,
    test: Facts | None,
    production: Facts | None,
    failure: Failure,
    mentions: Mentions,
    *,
    held: str = "",
    command: str = "",
) -> Difference:
    """Return a key that differs with its weight, by the rules of `gaps.relevance`."""
    sort = sort_of(test, production)
    weight, reasons = _weight(key, sort, failure, mentions)
    return Difference(
        kind=Kind.ENVIRONMENT,
        place=(key,),
        test="missing" if test is None else test.words,
        production="missing" if production is None else production.words,
        weight=weight,
        reasons=(*reasons, *((held,) if held else ())),
        summary=f"{key} {sort.told}",
        probe="settings",
        command=command,
    )


def _weight(key: str, sort: Sort, failure: Failure, mentions: Mentions) -> tuple[int, tuple[str, ...]]:
    if is_machines_own(key, is_named=not mentions.is_known or key in mentions.keys):
        return 0, ("it says where a process runs, not how the application is set",)
    if is_named(failure, key):
        return 5, (f"the failure names {key}",)
    is_read = not mentions.is_known or key in mentions.keys or is_runtimes(key)
    if not is_read:
        return 1, ("the application's source does not name it",)
    way = _on_the_way(key, failure, mentions)
    breaks = sort.breaks or _is_of_the_failures_sort(key, failure) or is_browsers(key)
    if way:
        return (4, (way, sort.told)) if breaks else (3, (way,))
    return (2, (sort.told,)) if breaks else (1, ())


def _on_the_way(key: str, failure: Failure, mentions: Mentions) -> str:
    """Return why a key is on the failing way; "" when nothing says so."""
    if key in mentions.beside_endpoint:
        return f"the source names it where it answers {failure.endpoint}"
    if common := shared(failure, key):
        return f"it shares {_listed(common)} with the failure"
    if is_browsers(key) and not failure.path:
        return "it is a policy that browsers obey, and the failure is a page's"
    if is_about_time(key) and _DATE.search(_texts(failure)):
        return "the failure is about a time or a day"
    if is_about_text(key) and _TEXTUAL.search(_texts(failure)):
        return "the failure is about how text is read or written"
    return ""


def _is_of_the_failures_sort(key: str, failure: Failure) -> bool:
    """True for another time zone where a moment is wrong, another encoding where a text is."""
    text = _texts(failure)
    return bool((is_about_time(key) and _DATE.search(text)) or (is_about_text(key) and _TEXTUAL.search(text)))


def _texts(failure: Failure) -> str:
    return f"{failure.text}\n{failure.absent}\n{failure.endpoint}"


def _listed(found: Collection[str]) -> str:
    return " and ".join(f"'{word}'" for word in sorted(found)[:3])

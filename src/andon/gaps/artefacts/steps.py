"""What a test asked for, from the steps that its trace or report holds. Pure."""

from __future__ import annotations

import re

from andon.gaps.artefacts import loose
from andon.gaps.beliefs import Assertion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Characters of an expected value that are kept.
EXPECTED = 2000
_TITLE = re.compile(
    r'(?:soft )?expect (?:soft )?"([^"]{1,80})"|expect(?:\.soft)?\.((?:not\.)?\w{1,60})', re.IGNORECASE
)
_UNDEFINED = ("undefined",)


def expression_of(step: dict[str, Any]) -> str:
    """Return the name of a step's assertion, such as `toHaveText`; "" when it is no assertion."""
    params = loose.table(step, "params")
    if loose.text(step, "class") == "Frame" and loose.text(step, "method") == "expect":
        negated = "not." if params.get("isNot") is True else ""
        return f"{negated}{loose.text(params, 'expression')}"
    for told in (loose.text(step, "title"), loose.text(step, "apiName")):
        if found := _TITLE.match(told):
            return (found[1] or found[2]).replace("not ", "not.")
    return ""


def assertion(step: dict[str, Any], expression: str, file: str = "", line: int = 0) -> Assertion:
    """Return what a step asked for."""
    params = loose.table(step, "params")
    locator = loose.text(params, "locator") or loose.text(params, "selector") or loose.text(step, "subtitle")
    return Assertion(
        expression=expression[:80],
        locator=locator[:500],
        expected=_expected(params)[:EXPECTED],
        file=file,
        line=line,
    )


def _expected(params: dict[str, Any]) -> str:
    """Return an expected value as text, in whichever of its forms it is kept."""
    if "expected" in params:
        return _plain(params["expected"])
    if texts := list(loose.tables(params, "expectedText")):
        return "\n".join(
            loose.text(one, "string") or f"/{loose.text(one, 'regexSource')}/" for one in texts[:50]
        )
    if "expectedNumber" in params:
        return _plain(params["expectedNumber"])
    return _serialised(loose.table(params, "expectedValue", "value"))


def _plain(value: object) -> str:
    if isinstance(value, str):
        return loose.text({"": value}, "")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"{value:.15g}" if abs(value) < 1e15 else "a number"
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value[:50] if not isinstance(one, (list, dict)))
    return ""


def _serialised(value: dict[str, Any]) -> str:
    """Return a value as the protocol of Playwright writes it: one key that tells its type."""
    for key in ("s", "n", "b", "d", "u", "bi"):
        if key in value:
            return _plain(value[key])
    return ""

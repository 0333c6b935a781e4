"""Whether two worlds run the same build. Pure."""

from __future__ import annotations

import re

from andon.record import Record

_HEX = re.compile(r"[0-9a-f]{7,40}")


class Release(Record):
    """What a world runs."""

    #: As it was given or read; "" when it is not known.
    text: str = ""
    #: The whole id of its commit, when git knows it.
    commit: str = ""
    #: Why it is not known.
    told: str = ""


def is_other(test: Release, production: Release) -> tuple[bool | None, str]:
    """Say whether production's build is another one, and how that is known; None when it is not."""
    for one, where in ((production, "production"), (test, "the tests' world")):
        if not one.text and not one.commit:
            return None, f"which build {where} runs is not known: {one.told or 'nothing says it'}"
    if test.commit and production.commit:
        is_same = test.commit == production.commit
    elif _is_part_of(test.text, production.text):
        is_same = True
    elif _are_of_one_kind(test.text, production.text):
        is_same = False
    else:
        return None, f"{test.text} and {production.text} cannot be compared: git does not know one of them"
    if is_same:
        return False, f"both run {production.text or production.commit[:12]}"
    return True, f"production runs {production.text}, the tests ran against {test.text}"


def _is_part_of(one: str, other: str) -> bool:
    """True for the same text but for a leading v, or two lengths of one commit's id."""
    one, other = one.lower().removeprefix("v"), other.lower().removeprefix("v")
    if one == other:
        return True
    both_hex = _HEX.fullmatch(one) and _HEX.fullmatch(other)
    return bool(both_hex) and (one.startswith(other) or other.startswith(one))


def _are_of_one_kind(one: str, other: str) -> bool:
    return bool(_HEX.fullmatch(one.lower())) == bool(_HEX.fullmatch(other.lower()))

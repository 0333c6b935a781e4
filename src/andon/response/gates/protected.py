"""Branches that are protected, and what looks like a release."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: v1.2, 1.2.3, shop-2026.11, v2.0.0-rc.1: two numbers at least.
_RELEASE = re.compile(r"(?:^|[^0-9A-Za-z.])v?\d+(?:\.\d+)+(?:[-+.][0-9A-Za-z.+-]+)?$|^v\d+$")


def is_protected(branch: str, patterns: Iterable[str]) -> bool:
    """True when a branch is one of those that `[gates] protected` names; `*` stands for any characters."""
    return bool(branch) and any(_pattern(one).fullmatch(branch) for one in patterns)


def looks_like_release(ref: str) -> bool:
    """True for the full name of a tag that is called like a version."""
    name = ref.removeprefix("refs/tags/")
    return name != ref and _RELEASE.search(name.rpartition("/")[2]) is not None


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("*")), re.DOTALL)

"""How bad a leak is by what is known of who could read it. Pure."""

from __future__ import annotations

from andon.incident.words import Severity

#: Who could read it, by what a remote, an alert or a search tells; the worst first.
READERS = ("public", "unknown", "private", "local")


def urgency(readers: str, *, is_sure: bool = True) -> tuple[Severity, str]:
    """Return the severity of a leak that such readers could see, and why.

    `is_sure` is False when it only may be a secret: then it is one step less. In doubt it is worse: what
    nobody has looked at counts as public.
    """
    steps = (Severity.P0, Severity.P1, Severity.P2, Severity.P3)
    first, why = {
        "public": (0, "everybody could read it"),
        "private": (1, "it reached a remote that is private: everybody with access could read it"),
        "local": (2, "no remote has it: it stands in commits of this machine only"),
    }.get(readers, (0, "it may have reached a remote, and who reads there is not known: taken as public"))
    if is_sure:
        return steps[first], why
    return steps[first + 1], f"{why}; but it only may be a secret"

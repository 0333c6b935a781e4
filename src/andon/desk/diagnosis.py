"""What the doctor says of one thing."""

from __future__ import annotations

from andon.record import Record


class Diagnosis(Record):
    """One thing that was looked at."""

    subject: str
    #: `ok`, `missing`, `broken` or `unknown`.
    state: str
    summary: str
    fix: str = ""


def ok(subject: str, summary: str) -> Diagnosis:
    """Return that something is as it should be."""
    return Diagnosis(subject=subject, state="ok", summary=summary)


def missing(subject: str, summary: str, fix: str) -> Diagnosis:
    """Return that something is not there, and how to get it."""
    return Diagnosis(subject=subject, state="missing", summary=summary, fix=fix)

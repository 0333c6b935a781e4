"""What may be waived, and for how long: a few rules never, everything else by name and for days."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from andon.errors import InvalidInput, NotFound, Refused
from andon.response.gates.table import RULES

#: Days a waiver holds when nobody says, and at most.
DAYS, MOST_DAYS = 7, 30
#: Rules whose answer is no judgement: without it nothing else can be asked.
_FOUNDATIONS = ("configuration", "gear-known")
_FINGERPRINT = re.compile(r"[0-9a-f]{12}")
_HINT = "--until 2026-05-01, --until 5d or --until 2w"


def refuse_unwaivable(rule: str) -> None:
    """Raise NotFound for a rule that there is none of, Refused for one that nobody can waive."""
    rows = [row for row in RULES if row.id == rule]
    if not rows:
        close = sorted({row.id for row in RULES if rule and (rule in row.id or row.id in rule)})
        hint = f"did you mean {close[0]}?" if close else "andon ship check names them"
        raise NotFound(f"there is no rule {rule[:60]!r}; {hint}", rule="waiver", remedy="andon ship check")
    if any(row.never_justified for row in rows):
        raise Refused(
            f"{rule} can never be waived: {_why(rule)}",
            where=rule,
            rule="never-justified",
            remedy="take away what it names; andon ship check shows it",
        )
    if rule in _FOUNDATIONS:
        raise Refused(
            f"{rule} cannot be waived: what cannot be read says nothing of the other rules",
            where=rule,
            rule="waiver",
            remedy="andon doctor",
        )


def _why(rule: str) -> str:
    return {
        "secrets": "a secret in a commit is a second incident",
        "no-new-finding": "security is not traded for speed",
        "red-then-green": "verification is never skipped",
    }.get(rule, "nothing justifies it")


def check_subject(subject: str) -> str:
    """Return the fingerprint of an objection; raises InvalidInput for what is none. "" is the whole rule."""
    given = subject.strip().lower()
    if given and not _FINGERPRINT.fullmatch(given):
        raise InvalidInput(
            f"{subject[:40]!r} is no objection's fingerprint: twelve hexadecimal digits",
            rule="waiver",
            remedy="andon ship check shows one beside each objection",
        )
    return given


def until(text: str, now: datetime) -> datetime:
    """Return when a waiver ends: a day's end in UTC; raises InvalidInput for one that is past or too far."""
    today = now.astimezone(UTC).date()
    words = text.strip().lower()
    try:
        if not words:
            day = today + timedelta(days=DAYS)
        elif words[:-1].isdecimal() and words[-1] in "dw" and len(words) < 5:
            day = today + timedelta(days=int(words[:-1]) * (7 if words[-1] == "w" else 1))
        else:
            day = datetime.strptime(words, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as problem:
        raise InvalidInput(f"{text[:40]!r} is no day", rule="waiver", remedy=_HINT) from problem
    if not 0 <= (day - today).days <= MOST_DAYS:
        why = "past" if day < today else f"more than {MOST_DAYS} days away"
        raise InvalidInput(
            f"{day} is {why}: a waiver ends within {MOST_DAYS} days", rule="waiver", remedy=_HINT
        )
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)

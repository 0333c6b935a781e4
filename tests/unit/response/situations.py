"""Situations and assessments for the tests of the response: one ordinary case, changed field by field."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from andon.incident import events as e
from andon.incident.ledger import Ledger, fold_ledger
from andon.incident.words import ReleaseVerdict, Verdict
from andon.response.assessment import ErrorSign, Situation
from tests.unit.incident.cases import START, history

GOOD, BAD, ABORTED, UNKNOWN = (
    ReleaseVerdict.GOOD,
    ReleaseVerdict.BAD,
    ReleaseVerdict.ABORTED,
    ReleaseVerdict.UNKNOWN,
)


def ago(minutes: float) -> datetime:
    """So many minutes before the declaration."""
    return START - timedelta(minutes=minutes)


def put(version: str, minutes_ago: float, source: str = "symlink", seconds: float = 0.0) -> e.ReleaseDeployed:
    """A deployment."""
    return e.ReleaseDeployed(
        version=version, commit="", deployed_at=ago(minutes_ago), source=source, seconds=seconds
    )


def judged(
    version: str, verdict: ReleaseVerdict = GOOD, reason: str = "watched", **more: Any
) -> e.ReleaseJudged:
    """A verdict."""
    return e.ReleaseJudged(version=version, verdict=verdict, reason=reason, **more)


def ledger(*events: e.Event) -> Ledger:
    """The ledger of these events."""
    return fold_ledger(history(*events))


#: v1 and v2 were good; v3 came ten minutes before the declaration.
RELEASES = (put("v1", 9000), judged("v1"), put("v2", 5000), judged("v2"), put("v3", 10))


def probe(name: str = "checkout", verdict: Verdict = Verdict.FAILED, **more: Any) -> e.ProbeOutcome:
    """A smoke test's answer."""
    return e.ProbeOutcome(**{"name": name, "verdict": verdict, "critical": True, "summary": "500", **more})


def error(minutes_ago: float | None = 8, count: int = 40, **more: Any) -> ErrorSign:
    """A kind of error in the log."""
    given = {
        "log": "shop",
        "component": "",
        "signature": "TypeError in cart",
        "sample": "TypeError: price is None",
        "count": count,
        "first_seen": None if minutes_ago is None else ago(minutes_ago),
        "density": count / max(minutes_ago or 1, 1),
    }
    return ErrorSign(**{**given, **more})


def situation(**changes: Any) -> Situation:
    """Checkout fails, and v3 was deployed ten minutes ago."""
    given = {
        "declared_at": START,
        "began_at": None,
        "probes": (probe(),),
        "dependencies": (),
        "errors": (error(),),
        "impacts": (),
        "ledger": ledger(*RELEASES),
        "running": "v3",
        "available": frozenset(("v1", "v2", "v3")),
        "deploy_limit": 300.0,
    }
    return Situation(**{**given, **changes})

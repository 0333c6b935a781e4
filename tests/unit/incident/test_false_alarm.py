"""A false alarm is closed with how somebody knows; what was shown to be broken is none."""

from __future__ import annotations

import pytest

from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.words import Impact
from tests.unit.incident.cases import MITIGATED, OWNED, assessed, declared, given, reopened

WHY = "the monitor itself was down; orders went through all the time"


def test_nothing_was_broken() -> None:
    given(declared()).when(c.Close(false_alarm=WHY)).then(e.IncidentClosed(false_alarm=WHY))


def test_a_report_alone_can_be_wrong() -> None:
    report = e.ImpactConfirmed(kind=Impact.REPORT, summary="a customer called")
    given(declared(), report).when(c.Close(false_alarm=WHY)).then(e.IncidentClosed(false_alarm=WHY))


def test_a_failing_smoke_test_is_no_false_alarm() -> None:
    shown = e.ImpactConfirmed(kind=Impact.PROBE, summary="checkout: 500", sign="checkout")
    given(declared(), shown).when(c.Close(false_alarm=WHY)).refused("false-alarm")


@pytest.mark.parametrize("why", [" ", "\n"])
def test_it_needs_words(why: str) -> None:
    given(declared()).when(c.Close(false_alarm=why)).refused("evidence-or-a-name")


def test_what_an_assessment_found_is_no_false_alarm() -> None:
    """The impact was a report; the failing smoke test was seen later, or the errors stood in a log."""
    for source in ("probe", "log"):
        found = e.Finding(component="checkout", symptom="500", source=source, sign="checkout")
        given(*OWNED, assessed(broken=(found,))).when(c.Close(false_alarm=WHY)).refused("false-alarm")
    reported = e.Finding(component="reported", symptom="a customer called", source="report")
    said = e.IncidentClosed(false_alarm=WHY)
    given(*OWNED, assessed(broken=(reported,))).when(c.Close(false_alarm=WHY)).then(said)
    given(*MITIGATED, reopened()).when(c.Close(false_alarm=WHY)).refused("false-alarm")

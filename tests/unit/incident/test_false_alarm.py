"""A false alarm is closed with how somebody knows; what was shown to be broken is none."""

from __future__ import annotations

import pytest

from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.words import Impact
from tests.unit.incident.cases import declared, given

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

"""No sign proves alone that a flag is left over; two do, and what is not known is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from andon.flags.hygiene.definitions import DefinedFlags
from andon.flags.hygiene.leftover import Known, Served, judge_left_over, settled

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OLD, NEW = NOW - timedelta(days=90), NOW - timedelta(days=3)
USED = Served(counts={"on": 3}, last_at=NEW, since=OLD)
DEAD = Served(counts={}, since=OLD)
PLAIN: dict[str, Any] = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off"}
TARGETED = {**PLAIN, "targeting": {"if": [{"var": "x"}, "on", None]}}
EXPIRED = {"metadata": {"expires": "2026-01-01"}}


def told(flag: dict[str, Any], known: Known, computed: int = 0) -> list[tuple[str, str]]:
    defined = DefinedFlags(path="flags.json", flags={"k": flag}, places={})
    found = judge_left_over(defined, {"k": known}, NOW, 30, computed=computed)
    return [(one.rule, one.text) for one in found]


def rules(flag: dict[str, Any], known: Known) -> list[str]:
    return [rule for rule, _ in told(flag, known)]


def test_one_sign_is_a_sign() -> None:
    assert rules(PLAIN, Known(changed_at=OLD, served=USED, places=2)) == ["flag-settled"]
    assert rules(TARGETED, Known(changed_at=OLD, served=DEAD, places=2)) == ["flag-unused"]
    assert rules(TARGETED, Known(changed_at=OLD, served=USED, places=0)) == ["flag-unreferenced"]
    assert rules(TARGETED, Known(changed_at=OLD, served=USED, places=2, in_tests=2)) == ["flag-unreferenced"]


def test_two_signs_agree_and_both_are_said() -> None:
    (found,) = told(PLAIN, Known(changed_at=OLD, served=DEAD, places=2))
    assert found[0] == "flag-left-over"
    assert "off for everybody since 2025-12-01 (90 days)" in found[1] and "not evaluated since" in found[1]
    (expired,) = told({**PLAIN, **EXPIRED}, Known(changed_at=OLD, served=USED, places=5))
    assert expired[0] == "flag-left-over" and "to be gone by 2026-01-01" in expired[1]


@pytest.mark.parametrize(
    "known",
    [
        Known(),
        Known(changed_at=NEW, served=USED, places=1),
        Known(changed_at=OLD, layer="kill", variant="off", places=1),
        Known(changed_at=OLD, layer="rollout", percent=25, variant="on", places=1),
        Known(changed_at=NEW, served=Served(counts={}, since=NEW), places=1),
        Known(changed_at=NEW, served=Served(counts={}), places=1),
    ],
)
def test_what_is_not_known_or_under_way_is_no_sign(known: Known) -> None:
    assert told(PLAIN, known) == []


def test_a_flag_that_is_meant_to_stay_is_never_left_over() -> None:
    stays = {**PLAIN, "metadata": {"permanent": True, "expires": "2020-01-01"}}
    assert told(stays, Known(changed_at=OLD, served=DEAD, places=0)) == []


def test_a_computed_key_could_mean_any_flag() -> None:
    ((_, text),) = told(TARGETED, Known(changed_at=NEW, served=USED, places=0), computed=2)
    assert "unless one of 2 calls" in text


@pytest.mark.parametrize(
    ("flag", "known", "what"),
    [
        (PLAIN, Known(), "off for everybody"),
        (TARGETED, Known(), ""),
        ({**PLAIN, "state": "DISABLED"}, Known(), "DISABLED, so that every caller's default counts"),
        ({**PLAIN, "defaultVariant": None}, Known(), "every caller's default for everybody"),
        ({**PLAIN, "targeting": {"fractional": [["on", 100], ["off", 0]]}}, Known(), "on for everybody"),
        ({**PLAIN, "targeting": {"fractional": [["on", 50], ["off", 50]]}}, Known(), ""),
        (TARGETED, Known(layer="rollout", percent=100, variant="on"), "on for everybody"),
    ],
)
def test_what_everybody_gets(flag: dict[str, Any], known: Known, what: str) -> None:
    assert settled(flag, known) == what


@pytest.mark.parametrize(
    "known",
    [
        Known(changed_at=OLD, layer="kill", variant="off", served=DEAD, places=0),
        Known(changed_at=OLD, layer="rollout", percent=25, variant="on", served=DEAD, places=0),
    ],
)
def test_a_flag_that_somebody_works_on_is_not_called_left_over(known: Known) -> None:
    assert rules({**PLAIN, **EXPIRED}, known) == ["flag-unused", "flag-unreferenced"]
    whole = Known(changed_at=OLD, layer="rollout", percent=100, variant="on", served=DEAD, places=0)
    assert rules(PLAIN, whole) == ["flag-left-over"]

"""Semantic versions as flagd's `sem_ver` compares them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.flags import versions
from andon.flags.versions import sem_ver, version

#: From semver.org, section 11: each is below the next.
ORDERED = (
    "0.9.0",
    "1.0.0-0",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.2.0",
    "2.0.0",
    "10.0.0",
)


def test_the_order_is_the_specifications() -> None:
    for place, low in enumerate(ORDERED):
        for high in ORDERED[place + 1 :]:
            assert sem_ver(low, "<", high) is True
            assert sem_ver(high, ">", low) is True
            assert sem_ver(low, ">=", high) is False
        assert sem_ver(low, "=", low) is True
        assert sem_ver(low, "<=", low) is True


@pytest.mark.parametrize(
    ("found", "operator", "wanted", "said"),
    [
        ("v1.2.3", "=", "1.2.3", True),
        ("V1.2", "=", "1.2.0", True),
        (1.2, "=", "1.2.0", True),
        (2, "!=", "2.0.0", False),
        ("1.0.0+a", "=", "1.0.0+b", True),
        ("1.9.0", "^", "1.0.0", True),
        ("2.0.0", "^", "1.9.0", False),
        ("1.2.9", "~", "1.2.0", True),
        ("1.3.0", "~", "1.2.0", False),
        ("1.0.0", "==", "1.0.0", None),
        ("1.0.0", 3, "1.0.0", None),
        ("1.0.0", "=", None, None),
    ],
)
def test_a_comparison(found: Any, operator: Any, wanted: Any, said: bool | None) -> None:
    assert sem_ver(found, operator, wanted) is said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v",
        "1.2.3.4",
        "01.2.3",
        "1.2.3-",
        "1.2.3-01",
        "1.2.3+",
        "1.2.3-a..b",
        "a",
        "1.2.x",
        "１.2.3",
        " 1.0.0",
    ],
)
def test_no_version(text: str) -> None:
    assert version(text) is None


def test_neither_true_nor_a_list_nor_a_very_long_text_is_a_version() -> None:
    for value in (True, None, [1], {"a": 1}, "1." + "0" * 300, 1e300):
        assert version(value) is None


@given(st.text(max_size=40))
def test_any_text_is_a_version_or_none(text: str) -> None:
    found = version(text)
    assert found is None or found == version(text)


def test_what_is_remembered_is_bounded() -> None:
    for number in range(5000):
        version(f"1.0.{number}")
    assert len(versions._KNOWN) <= 2048

"""The signature of a failure in the log: production's where it is known, else the experiment's own."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from andon.desk.gap.log_signature import log_signature
from andon.gaps.failure import Seen
from andon.gaps.prevention.monitoring import known_error
from andon.gaps.verdict import Search
from andon.gaps.words import Kind
from andon.incident.parts import Finding
from andon.record import replace
from andon.response.kinds import ALGORITHM
from tests.fakes.desk import FakeDesk
from tests.unit.gaps.prevention.searches import search

TRACE = """\
{"error": "internal"}
Traceback (most recent call last):
  File "shop/zones.py", line 12, in render
    return zone.name
AttributeError: 'NoneType' object has no attribute 'name'
"""
SIGN = "AttributeError in shop/zones.py:render"


def seeing(text: str, test: str = "") -> Search:
    found = search(Kind.ENVIRONMENT, ("STORE_TZ",))
    seen = Seen(method="GET", path="/zone", status=500, text=text, test=test)
    return replace(found, replays=(("flip", replace(found.replays[0][1], seen=seen)),))


def incident(*signs: str, algorithm: int = ALGORITHM) -> Any:
    found = [Finding(component="shop", symptom=s, source="log", sign=s, algorithm=algorithm) for s in signs]
    return SimpleNamespace(assessment=SimpleNamespace(broken=tuple(found)))


@pytest.mark.parametrize(
    ("state", "text", "expected"),
    [
        (None, TRACE, SIGN),
        (None, "TypeError: of the answer alone", ""),
        (None, '{"error": "internal"}\nGET /zone 200', ""),
        (incident("mail lost"), TRACE, "mail lost"),
        (incident("mail lost", SIGN), TRACE, SIGN),
        (incident("mail lost", algorithm=ALGORITHM - 1), TRACE, SIGN),
        (incident("mail lost"), "", "mail lost"),
    ],
    ids=["experiment", "answer", "nothing", "production", "both", "older", "only production"],
)
def test_the_signature_of_a_failure(tmp_path: Path, state: Any, text: str, expected: str) -> None:
    assert log_signature(FakeDesk(tmp_path), state, seeing(text)) == expected


def test_a_failing_test_is_no_log(tmp_path: Path) -> None:
    assert log_signature(FakeDesk(tmp_path), None, seeing(TRACE, test="tests/test_zone.py::test_it")) == ""


def test_the_table_is_what_andon_reads() -> None:
    (table,) = tomllib.loads(known_error(seeing(TRACE), f'{SIGN} "\\', ALGORITHM))["known_error"]
    assert table == {"signature": f'{SIGN} "\\', "grouping": ALGORITHM}

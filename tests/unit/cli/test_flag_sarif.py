"""The findings about flags as SARIF, held against the structure the standard asks for."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from andon.cli.flag_sarif import sarif_of
from andon.flags.hygiene.finding import RULES, FlagFinding
from tests.unit.response.gates.test_sarif_report import check

TEXT = st.text(max_size=20)
FINDINGS = st.builds(
    FlagFinding,
    rule=st.sampled_from([rule.id for rule in RULES]),
    key=TEXT,
    path=TEXT,
    line=st.integers(0, 9),
    text=TEXT.map(lambda text: text or "?"),
    remedy=TEXT,
)


@given(findings=st.lists(FINDINGS, max_size=4), unread=st.lists(TEXT, max_size=2))
def test_any_findings_have_a_sound_report(findings: list[FlagFinding], unread: list[str]) -> None:
    report = json.loads(json.dumps(sarif_of(findings, unread, "1.0")))
    check(report)
    (run,) = report["runs"]
    assert len(run["results"]) == len(findings)
    assert run["invocations"][0]["executionSuccessful"] is not bool(unread)


def test_a_flag_that_a_server_defines_has_no_place_in_the_repository() -> None:
    one = FlagFinding(rule="flag-owner", key="k", path="https://flags.example.com", text="k has no owner")
    (result,) = sarif_of([one], (), "1.0")["runs"][0]["results"]
    assert result["locations"] == []

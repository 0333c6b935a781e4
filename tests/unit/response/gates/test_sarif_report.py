"""The SARIF report of a gate, held against the structure the standard asks for."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote_to_bytes

from hypothesis import given
from hypothesis import strategies as st

from andon.incident.words import Gear
from andon.response.gates.judge import Waived, judge
from andon.response.gates.results import Objection, RuleResult, failed, passed, unknown
from andon.response.gates.sarif_report import sarif_report, uri
from andon.response.gates.table import RULES, Point

TEXT = st.text(max_size=20)


@st.composite
def results(draw: st.DrawFn) -> tuple[RuleResult, ...]:
    found = []
    for rule in draw(st.sets(st.sampled_from(sorted({r.id for r in RULES})))):
        places = tuple(
            Objection(
                rule=rule,
                path=draw(TEXT),
                line=draw(st.integers(0, 9)),
                end_line=draw(st.integers(0, 9)),
                text=draw(TEXT),
            )
            for _ in range(draw(st.integers(0, 2)))
        )
        found.append(
            draw(
                st.sampled_from(
                    [passed(rule, "y"), failed(rule, "n", "r", places), unknown(rule, draw(TEXT) or "?", "r")]
                )
            )
        )
    return tuple(found)


def check(report: dict[str, Any]) -> None:
    """Check what SARIF 2.1.0 requires of a log, a run, a rule, a result, a place (sections 3.13 to 3.30)."""
    assert report["version"] == "2.1.0" and report["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = report["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rule["shortDescription"]["text"] for rule in rules)
    for invocation in run["invocations"]:
        assert isinstance(invocation["executionSuccessful"], bool)
        for told in invocation["toolExecutionNotifications"]:
            assert told["message"]["text"] and told["level"] in ("none", "note", "warning", "error")
    assert isinstance(run["results"], list)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error") and result["message"]["text"]
        for key, value in result.get("partialFingerprints", {}).items():
            assert key and isinstance(value, str)
        for suppression in result.get("suppressions", ()):
            assert suppression["kind"] in ("inSource", "external")
        for location in result.get("locations", ()):
            physical = location["physicalLocation"]
            place = physical["artifactLocation"]
            assert place["uriBaseId"] in run["originalUriBaseIds"]
            assert place["uri"].isascii() and not set(place["uri"]) & set(' <>"{}|\\^`#?[]')
            if "region" in physical:
                assert 1 <= physical["region"]["startLine"] <= physical["region"]["endLine"]


@given(st.sampled_from(list(Point)), st.sampled_from(list(Gear)), results())
def test_any_judgement_has_a_sound_report(point: Point, gear: Gear, found: tuple[RuleResult, ...]) -> None:
    waived = [Waived(rule=r.rule, by="ann", reason="because") for r in found[:2]]
    report = sarif_report([judge(point, gear, found, waivers=waived)], "1.0")
    check(json.loads(json.dumps(report)))


def test_what_blocks_is_an_error_at_its_place() -> None:
    place = Objection(rule="conflict-markers", path="a b/ü.py", line=3, end_line=4, text="a marker")
    judged = judge(Point.PRE_PUSH, Gear.BUILD, [failed("conflict-markers", "bad", "mend it", (place,))])
    report = sarif_report([judged], "1.0")
    (result,) = [r for r in report["runs"][0]["results"] if r["ruleId"] == "conflict-markers"]
    assert result["level"] == "error"
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "a%20b/%C3%BC.py"
    assert physical["region"] == {"startLine": 3, "endLine": 4}
    assert result["partialFingerprints"] == {"andonObjection/v1": place.fingerprint}


def test_what_could_not_be_decided_is_told() -> None:
    report = sarif_report([judge(Point.CI, Gear.BUILD, [])], "1.0")
    (invocation,) = report["runs"][0]["invocations"]
    assert not invocation["executionSuccessful"]
    assert any("secrets" in told["message"]["text"] for told in invocation["toolExecutionNotifications"])


@given(st.binary(min_size=1, max_size=20))
def test_a_uri_names_the_bytes_of_the_file(name: bytes) -> None:
    told = uri(name.decode("utf-8", "backslashreplace"))
    assert told.isascii()
    if b"\\x" not in name:
        assert unquote_to_bytes(told) == name

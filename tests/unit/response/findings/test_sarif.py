"""SARIF as scanners write it, and as nobody should: read as findings, or refused, never taken for clean."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.errors import InvalidInput
from andon.response.findings.finding import Grade, Scan
from andon.response.findings.places import relative_path
from andon.response.findings.sarif import read_sarif

PATHS = ("src/app.js", "src/my file.py", "lib/100%.py", "deep/src/view.ts", "README.md")


def result(**more: Any) -> dict[str, Any]:
    region = {"startLine": 7}
    place = {"physicalLocation": {"artifactLocation": {"uri": "src/app.js"}, "region": region}}
    return {"ruleId": "R1", "message": {"text": "bad"}, "locations": [place], **more}


def run(*results: dict[str, Any], rules: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    return {"tool": {"driver": {"name": "Probe", "rules": rules or []}}, "results": list(results), **more}


def read(*runs: Any, **more: Any) -> tuple[Scan, ...]:
    content = json.dumps({"version": "2.1.0", "runs": list(runs)}).encode()
    return read_sarif(content, where="x.sarif", paths=PATHS, **more)


def at(uri: str, **location: Any) -> dict[str, Any]:
    artifact = {"uri": uri, **location}
    return result(locations=[{"physicalLocation": {"artifactLocation": artifact}}])


def test_a_plain_result() -> None:
    (scan,) = read(run(result()))
    (finding,) = scan.findings
    assert (finding.tool, finding.rule, finding.path, finding.line, finding.message) == (
        "Probe", "R1", "src/app.js", 7, "bad",
    )  # fmt: skip
    assert (finding.grade, finding.is_silenced, scan.problems) == (Grade.MEDIUM, False, ())


@pytest.mark.parametrize(
    ("given_result", "rule", "grade"),
    [
        ({}, {}, Grade.MEDIUM),
        ({"level": "error"}, {}, Grade.HIGH),
        ({"level": "note"}, {}, Grade.LOW),
        ({"level": "none"}, {}, Grade.INFO),
        ({"kind": "informational"}, {}, Grade.INFO),
        ({"kind": "review"}, {}, Grade.MEDIUM),
        ({}, {"defaultConfiguration": {"level": "error"}}, Grade.HIGH),
        ({"level": "note"}, {"defaultConfiguration": {"level": "error"}}, Grade.LOW),
        ({"level": "note"}, {"properties": {"security-severity": "9.0"}}, Grade.CRITICAL),
        ({}, {"properties": {"security-severity": "8.9"}}, Grade.HIGH),
        ({}, {"properties": {"security-severity": 7}}, Grade.HIGH),
        ({}, {"properties": {"security-severity": "6.9"}}, Grade.MEDIUM),
        ({}, {"properties": {"security-severity": "0.1"}}, Grade.LOW),
        (
            {"properties": {"security-severity": "9.8"}},
            {"properties": {"security-severity": "1"}},
            Grade.CRITICAL,
        ),
        ({"level": "error"}, {"properties": {"security-severity": "high"}}, Grade.HIGH),
        ({"level": "error"}, {"properties": {"security-severity": "NaN"}}, Grade.HIGH),
        ({"level": ["error"]}, {}, Grade.MEDIUM),
    ],
)  # fmt: skip
def test_the_grade(given_result: dict[str, Any], rule: dict[str, Any], grade: Grade) -> None:
    (scan,) = read(run(result(**given_result), rules=[{"id": "R1", **rule}]))
    assert [f.grade for f in scan.findings] == [grade]


@pytest.mark.parametrize(
    ("more", "silenced"),
    [
        ({"suppressions": []}, False),
        ({"suppressions": [{"kind": "inSource"}]}, True),
        ({"suppressions": [{"kind": "external", "status": "accepted"}]}, True),
        ({"suppressions": [{"kind": "external", "status": "rejected"}]}, False),
        ({"suppressions": [{"kind": "inSource"}, {"kind": "external", "status": "underReview"}]}, False),
        ({"suppressions": "all"}, False),
    ],
)
def test_a_suppressed_result_stays_a_finding(more: dict[str, Any], silenced: bool) -> None:
    (scan,) = read(run(result(**more)))
    assert [f.is_silenced for f in scan.findings] == [silenced]


def test_what_is_no_finding() -> None:
    (scan,) = read(
        run(result(kind="pass"), result(kind="notApplicable"), result(baselineState="absent"), result())
    )
    assert len(scan.findings) == 1


def test_the_rule_is_found_by_index_and_in_an_extension() -> None:
    driver = {"name": "Probe", "rules": [{"id": "A"}, {"id": "B", "shortDescription": {"text": "b is bad"}}]}
    extension = {"name": "more", "rules": [{"id": "X", "defaultConfiguration": {"level": "error"}}]}
    results = [
        {"ruleIndex": 1},
        {"rule": {"index": 0, "toolComponent": {"index": 0}}},
        {"ruleId": "X"},
        {"ruleId": "B/sub", "ruleIndex": 1},
        {"ruleIndex": 99},
        {"ruleIndex": -1, "ruleId": "A"},
        {"ruleIndex": True, "rule": {"toolComponent": {"index": "0"}}},
    ]
    (scan,) = read({"tool": {"driver": driver, "extensions": [extension]}, "results": results})
    assert [(f.rule, f.grade) for f in scan.findings] == [
        ("B", Grade.MEDIUM), ("X", Grade.HIGH), ("X", Grade.HIGH), ("B/sub", Grade.MEDIUM),
        ("without a rule", Grade.MEDIUM), ("A", Grade.MEDIUM), ("without a rule", Grade.MEDIUM),
    ]  # fmt: skip
    assert scan.findings[0].message == "b is bad"


def test_a_message_by_its_id_with_arguments() -> None:
    rules = [{"id": "R1", "messageStrings": {"m": {"text": "{0} reaches\n {1}"}}}]
    (scan,) = read(run(result(message={"id": "m", "arguments": ["input", "eval"]}), rules=rules))
    assert scan.findings[0].message == "input reaches eval"


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("src/app.js", "src/app.js"),
        ("./src/app.js", "src/app.js"),
        ("src/../src/app.js", "src/app.js"),
        ("src\\app.js", "src/app.js"),
        ("src/my%20file.py", "src/my file.py"),
        ("lib/100%.py", "lib/100%.py"),
        ("lib/100%25.py", "lib/100%.py"),
        ("file:///repo/src/app.js", "src/app.js"),
        ("file:///repo/src/my%20file.py", "src/my file.py"),
        ("/repo/src/app.js", "src/app.js"),
        ("file://build-host/home/ci/shop/src/app.js", "src/app.js"),
        ("/home/runner/builds/shop/shop/src/app.js", "src/app.js"),
        ("C:\\agent\\_work\\1\\s\\src\\app.js", "src/app.js"),
        ("file:///C:/agent/_work/1/s/src/app.js", "src/app.js"),
        ("FILE:///c:/agent/src/app.js", "src/app.js"),
        ("/somewhere/else.js", ""),
        ("https://example.com/src/app.js", ""),
        ("../../etc/passwd", ""),
        ("new/file.js", "new/file.js"),
        ("work/checkout/src/app.js", "src/app.js"),
        ("%FF%FE.js", "\\xff\\xfe.js"),
        ("%zz.js", "%zz.js"),
        ("", ""),
    ],
)
def test_where_an_address_leads(uri: str, path: str) -> None:
    assert relative_path(uri, root="/repo", paths=frozenset(PATHS)) == path


@pytest.mark.parametrize(
    ("bases", "base", "path"),
    [
        ({"SRCROOT": {"uri": "file:///ci/build/"}}, "SRCROOT", "src/view.ts"),
        ({"SRCROOT": {"uri": "deep/"}}, "SRCROOT", "deep/src/view.ts"),
        (
            {"A": {"uri": "src/", "uriBaseId": "B"}, "B": {"uri": "file:///repo/deep/"}},
            "A",
            "deep/src/view.ts",
        ),
        ({"A": {"uriBaseId": "B"}, "B": {"uriBaseId": "A"}}, "A", "src/view.ts"),
        ({}, "%SRCROOT%", "src/view.ts"),
    ],
)  # fmt: skip
def test_addresses_relative_to_a_base(bases: dict[str, Any], base: str, path: str) -> None:
    uri = "view.ts" if bases.get(base, {}).get("uri") == "src/" else "src/view.ts"
    (scan,) = read(run(at(uri, uriBaseId=base), originalUriBaseIds=bases), root="/repo")
    assert [f.path for f in scan.findings] == [path]


def test_an_address_in_the_list_of_artifacts() -> None:
    place = {"physicalLocation": {"artifactLocation": {"index": 1}, "region": {"startLine": 3, "endLine": 4}}}
    artifacts = [{"location": {"uri": "README.md"}}, {"location": {"uri": "src/app.js"}}]
    (scan,) = read(run(result(locations=[place]), artifacts=artifacts))
    assert [(f.path, f.line, f.end_line) for f in scan.findings] == [("src/app.js", 3, 4)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-with-mark"])
def test_other_encodings(encoding: str) -> None:
    text = json.dumps({"version": "2.1.0", "runs": [run(result())]})
    content = (
        b"\xff\xfe" + text.encode("utf-16-le") if encoding.startswith("utf-16-le") else text.encode(encoding)
    )
    (scan,) = read_sarif(content, where="x")
    assert len(scan.findings) == 1


# ---- what is no answer


@pytest.mark.parametrize(
    ("given_run", "told"),
    [
        ({"tool": {"driver": {"name": "Probe"}}}, "did not look"),
        ({"tool": {"driver": {"name": "Probe"}}, "results": None}, "did not look"),
        (run(invocations=[{"executionSuccessful": False}]), "failed"),
        (
            run(
                invocations=[
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [{"level": "error", "message": {"text": "no space"}}],
                    }
                ]
            ),
            "no space",
        ),
        (
            run(invocations=[{"toolConfigurationNotifications": [{"level": "error", "message": {}}]}]),
            "without a message",
        ),
    ],
)
def test_a_run_that_did_not_look_is_a_problem(given_run: dict[str, Any], told: str) -> None:
    (scan,) = read(given_run)
    assert len(scan.problems) == 1 and told in scan.problems[0]


def test_an_empty_list_of_results_is_an_answer() -> None:
    (scan,) = read(run(invocations=[{"executionSuccessful": True}]))
    assert scan == Scan(tool="Probe")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"not json",
        b"\xff\xfe\x00",
        b"\x80\x81",
        b'{"runs": []}',
        b'{"version": "2.1.0", "runs": []}',
        b'{"version": "2.1.0", "runs": {}}',
        b'{"version": "1.0.0", "runs": [{"results": []}]}',
        b'{"version": "2.1.0", "runs": [3]}',
        b'{"version": "2.1.0", "runs": [{"results": {}}]}',
        b'{"version": "2.1.0", "runs": [{"results": [null]}]}',
        b'{"version": "2.1.0", "runs": [{"results": ["x"]}]}',
        b'{"version": "2.1.0", "runs": [{"results": [], "invocations": [1]}]}',
        b"[" * 100_000,
        b'{"version": "2.1.0", "runs": ' + b'[{"a":' * 60_000,
        b'{"version": "2.1.0", "runs": [{"results": ' + b"9" * 5000 + b"}]}",
    ],
    ids=range(19),
)
def test_what_is_not_sarif_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_sarif(content, where="x.sarif")
    assert caught.value.remedy and caught.value.where == "x.sarif"


def test_a_file_or_a_list_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("andon.response.findings.sarif.MOST", 2)
    with pytest.raises(InvalidInput, match="more than 2 results"):
        read(run(result(), result(), result()))
    monkeypatch.setattr("andon.response.findings.sarif.LARGEST", 20)
    with pytest.raises(InvalidInput, match="larger"):
        read(run(result()))


KEYS = (
    "ruleId", "ruleIndex", "rule", "level", "kind", "message", "text", "id", "arguments", "locations",
    "physicalLocation", "artifactLocation", "uri", "index", "uriBaseId", "region", "startLine", "endLine",
    "snippet", "suppressions", "status", "properties", "security-severity", "tool", "driver", "name",
    "rules", "extensions", "results", "invocations", "artifacts", "location", "originalUriBaseIds",
    "versionControlProvenance", "revisionId", "defaultConfiguration",
)  # fmt: skip
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 99) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=20,
)


@given(anything, anything, anything, anything)
def test_wrong_kinds_anywhere_are_read_or_refused(one: Any, other: Any, third: Any, fourth: Any) -> None:
    made = {"tool": one, "results": [result(**r) if isinstance(r, dict) else r for r in (other, third)]}
    made |= {"artifacts": fourth, "originalUriBaseIds": fourth, "invocations": fourth}
    made |= third if isinstance(third, dict) else {}
    content = json.dumps({"version": "2.1.0", "runs": [made]}).encode()
    try:
        scans = read_sarif(content, where="x", root="/repo", paths=PATHS)
    except InvalidInput:
        return
    assert all(isinstance(f.path, str) and f.rule for s in scans for f in s.findings)

"""The answers of audit tools, as they write them and as they should not: read, or no answer, never clean."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.errors import InvalidInput
from andon.response.audits.cvss import base_score
from andon.response.audits.formats import READERS, tool_of
from andon.response.audits.weakness import Answer, Weakness, joined
from andon.response.findings.finding import Grade

WORST = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"

PIP_AUDIT = {
    "dependencies": [
        {
            "name": "flask",
            "version": "0.5",
            "vulns": [
                {
                    "id": "PYSEC-2019-179",
                    "fix_versions": ["1.0"],
                    "aliases": ["CVE-2019-1"],
                    "description": "slow",
                },
                {"id": "PYSEC-2018-66", "fix_versions": [], "aliases": []},
            ],
        },
        {"name": "jinja2", "version": "3.0.2", "vulns": []},
    ],
    "fixes": [],
}
NPM_7 = {
    "auditReportVersion": 2,
    "vulnerabilities": {
        "minimist": {
            "name": "minimist",
            "severity": "critical",
            "isDirect": False,
            "range": "<1.2.6",
            "nodes": [],
            "via": [
                {
                    "source": 1179,
                    "name": "minimist",
                    "dependency": "minimist",
                    "title": "Prototype pollution",
                    "url": "https://github.com/advisories/GHSA-xvch-5gv4-984h",
                    "severity": "critical",
                    "range": "<1.2.6",
                }
            ],
            "fixAvailable": True,
        },
        "mkdirp": {"name": "mkdirp", "severity": "critical", "via": ["minimist"], "nodes": []},
    },
    "metadata": {"vulnerabilities": {"critical": 2, "total": 2}, "dependencies": {"prod": 2, "total": 2}},
}
PNPM = {
    "actions": [],
    "advisories": {
        "1096": {
            "id": 1096,
            "module_name": "ip",
            "severity": "high",
            "title": "SSRF",
            "patched_versions": "<0.0.0",
            "vulnerable_versions": "<=2.0.1",
            "github_advisory_id": "GHSA-2p57-rm9w-gvfp",
            "url": "https://github.com/advisories/GHSA-2p57-rm9w-gvfp",
            "findings": [{"version": "1.1.5", "paths": [".>ip"]}],
        }
    },
    "muted": [],
    "metadata": {"vulnerabilities": {"high": 1}, "totalDependencies": 12},
}
YARN_1 = [
    {"type": "info", "data": "looking"},
    {"type": "auditAdvisory", "data": {"resolution": {"id": 5}, "advisory": PNPM["advisories"]["1096"]}},  # type: ignore[index]
    {"type": "auditAdvisory", "data": {"resolution": {"id": 6}, "advisory": PNPM["advisories"]["1096"]}},  # type: ignore[index]
    {"type": "auditSummary", "data": {"vulnerabilities": {"high": 2}, "totalDependencies": 40}},
]
YARN_4 = [
    {
        "value": "ip",
        "children": {
            "ID": 1101,
            "Issue": "SSRF",
            "URL": "https://github.com/advisories/GHSA-2p57-rm9w-gvfp",
            "Severity": "high",
            "Vulnerable Versions": "<=2.0.1",
            "Tree Versions": ["1.1.5"],
            "Dependents": ["a@npm:1"],
        },
    }
]
OSV = {
    "results": [
        {
            "source": {"path": "/tmp/go.mod", "type": "lockfile"},
            "packages": [
                {
                    "package": {"name": "github.com/gogo/protobuf", "version": "1.3.1", "ecosystem": "Go"},
                    "vulnerabilities": [
                        {"id": "GHSA-c3h9-896r-86jm", "summary": "bad index", "aliases": ["CVE-2021-3121"]},
                        {"id": "GO-2021-0053", "summary": "bad index"},
                        {"id": "GHSA-v", "severity": [{"type": "CVSS_V3", "score": WORST}]},
                        {"id": "GHSA-w", "database_specific": {"severity": "MODERATE"}},
                        {"id": "GHSA-u"},
                    ],
                    "groups": [{"ids": ["GHSA-c3h9-896r-86jm", "GO-2021-0053"], "max_severity": "8.6"}],
                }
            ],
        }
    ]
}
CARGO = {
    "database": {"advisory-count": 600, "last-commit": "abc", "last-updated": "2026-01-01T00:00:00Z"},
    "lockfile": {"dependency-count": 88},
    "settings": {},
    "vulnerabilities": {
        "found": True,
        "count": 1,
        "list": [
            {
                "advisory": {"id": "RUSTSEC-2022-0013", "package": "regex", "title": "slow", "cvss": WORST},
                "versions": {"patched": [">=1.5.5"], "unaffected": []},
                "package": {"name": "regex", "version": "1.3.1"},
            }
        ],
    },
    "warnings": {
        "unmaintained": [
            {
                "kind": "unmaintained",
                "package": {"name": "dirs", "version": "1"},
                "advisory": {"id": "RUSTSEC-2020-0053", "title": "nobody looks after it"},
                "versions": None,
            }
        ],
        "yanked": [{"kind": "yanked", "package": {"name": "old", "version": "2"}, "advisory": None}],
    },
}
BUNDLER = {
    "version": "0.9.2",
    "created_at": "2026-01-01 00:00:00 +0000",
    "results": [
        {"type": "insecure_source", "source": "http://gems.example.org/"},
        {
            "type": "unpatched_gem",
            "gem": {"name": "rack", "version": "1.4.4"},
            "advisory": {
                "id": "CVE-2013-0263",
                "cve": "2013-0263",
                "ghsa": "xc85-32mf-xpv8",
                "title": "timing",
                "criticality": "high",
                "patched_versions": ["~> 1.4.5", ">= 1.5.2"],
            },
        },
    ],
}
GOVULNCHECK = [
    {"config": {"protocol_version": "v1.0.0", "scanner_name": "govulncheck"}},
    {"progress": {"message": "scanning"}},
    {"osv": {"id": "GO-2021-0113", "summary": "out of range"}},
    {
        "finding": {
            "osv": "GO-2021-0113",
            "fixed_version": "v0.3.7",
            "trace": [{"module": "golang.org/x/text", "version": "v0.3.5"}],
        }
    },
    {
        "finding": {
            "osv": "GO-2021-0113",
            "fixed_version": "v0.3.7",
            "trace": [
                {"module": "golang.org/x/text", "version": "v0.3.5", "package": "l", "function": "Parse"}
            ],
        }
    },
    {"finding": {"osv": "GO-2020-1", "trace": [{"module": "example.org/y"}]}},
]


def lines(values: list[Any]) -> bytes:
    return "\n".join(json.dumps(v) for v in values).encode()


def one(value: Any) -> bytes:
    return json.dumps(value).encode()


SAMPLES: list[tuple[str, bytes, list[str], int | None]] = [
    (
        "pip-audit",
        one(PIP_AUDIT),
        [
            "PYSEC-2019-179 ungraded: flask 0.5, fixed in 1.0",
            "PYSEC-2018-66 ungraded: flask 0.5",
        ],
        2,
    ),
    (
        "pip-audit",
        one(PIP_AUDIT["dependencies"]),
        [
            "PYSEC-2019-179 ungraded: flask 0.5, fixed in 1.0",
            "PYSEC-2018-66 ungraded: flask 0.5",
        ],
        2,
    ),
    ("npm audit", one(NPM_7), ["GHSA-xvch-5gv4-984h critical: minimist <1.2.6, Prototype pollution"], 2),
    ("pnpm audit", one(PNPM), ["GHSA-2p57-rm9w-gvfp high: ip 1.1.5, SSRF"], 12),
    ("yarn audit", lines(YARN_1), ["GHSA-2p57-rm9w-gvfp high: ip 1.1.5, SSRF"], 40),
    ("yarn audit", lines(YARN_4), ["GHSA-2p57-rm9w-gvfp high: ip 1.1.5, SSRF"], None),
    (
        "osv-scanner",
        one(OSV),
        [
            "GHSA-c3h9-896r-86jm high: github.com/gogo/protobuf 1.3.1, bad index",
            "GO-2021-0053 high: github.com/gogo/protobuf 1.3.1, bad index",
            "GHSA-v critical: github.com/gogo/protobuf 1.3.1",
            "GHSA-w medium: github.com/gogo/protobuf 1.3.1",
            "GHSA-u ungraded: github.com/gogo/protobuf 1.3.1",
        ],
        None,
    ),
    (
        "cargo audit",
        one(CARGO),
        [
            "RUSTSEC-2022-0013 critical: regex 1.3.1, slow, fixed in >=1.5.5",
            "RUSTSEC-2020-0053 info: dirs 1, nobody looks after it",
            "yanked info: old 2, yanked",
        ],
        88,
    ),
    (
        "bundle-audit",
        one(BUNDLER),
        [
            "insecure-source medium: http://gems.example.org/, not encrypted",
            "GHSA-xc85-32mf-xpv8 high: rack 1.4.4, timing, fixed in ~> 1.4.5, >= 1.5.2",
        ],
        None,
    ),
    (
        "govulncheck",
        lines(GOVULNCHECK),
        [
            "GO-2021-0113 high: golang.org/x/text v0.3.5, out of range, fixed in v0.3.7",
            "GO-2020-1 low: example.org/y",
        ],
        None,
    ),
]


@pytest.mark.parametrize(
    ("tool", "content", "told", "looked"), SAMPLES, ids=[f"{n} {s[0]}" for n, s in enumerate(SAMPLES)]
)
def test_an_answer_is_read_and_its_tool_is_known(
    tool: str, content: bytes, told: list[str], looked: int | None
) -> None:
    answer = READERS[tool](content)
    assert [w.line for w in answer.weaknesses] == told
    assert (answer.problems, answer.looked_at) == ((), looked)
    assert tool_of(content) == tool
    assert READERS[tool](b"\xef\xbb\xbf" + content).weaknesses == answer.weaknesses


@pytest.mark.parametrize(
    ("tool", "content", "told"),
    [
        ("pip-audit", b'{"dependencies": [], "fixes": []}', "looked at no dependency"),
        (
            "pip-audit",
            one({"dependencies": [{"name": "own", "skip_reason": "not on the index"}]}),
            "own was skipped",
        ),
        (
            "npm audit",
            one({"message": "request failed", "error": {"summary": "", "detail": ""}}),
            "request failed",
        ),
        ("npm audit", one({"error": {"code": "ENOLOCK", "summary": "no lock file"}}), "no lock file"),
        (
            "npm audit",
            one({"auditReportVersion": 2, "vulnerabilities": {}, "metadata": {"dependencies": {"total": 0}}}),
            "no dependency",
        ),
        ("pnpm audit", one({"error": {"code": "ERR_PNPM_AUDIT", "message": "answered 500"}}), "answered 500"),
        ("yarn audit", lines([{"type": "error", "data": "no network"}]), "no network"),
        ("yarn audit", lines([{"type": "info", "data": "looking"}]), "did not come to its end"),
        ("yarn audit", lines([{"type": "auditSummary", "data": {"totalDependencies": 0}}]), "no dependency"),
        ("cargo audit", one({**CARGO, "lockfile": {"dependency-count": 0}}), "no dependency"),
        ("cargo audit", one({**CARGO, "database": {"advisory-count": 0}}), "database is empty"),
    ],
)
def test_what_was_not_looked_at_is_a_problem(tool: str, content: bytes, told: str) -> None:
    assert any(told in problem for problem in READERS[tool](content).problems)


NONSENSE = [
    b"",
    b"null",
    b"[]x",
    b"{}",
    b"3",
    b'"text"',
    b"not json",
    b"<html>",
    b"\xff\xfe",
    b"[" * 50_000,
    b'{"a": ' * 50_000,
]


@pytest.mark.parametrize("content", NONSENSE, ids=range(len(NONSENSE)))
@pytest.mark.parametrize("tool", READERS)
def test_what_is_no_answer_is_refused(tool: str, content: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        READERS[tool](content)
    assert "--import" in caught.value.remedy


@pytest.mark.parametrize("content", [*NONSENSE, b"[]", b'{"results": 3, "x": 1}'[:0]])
def test_nonsense_is_of_no_tool(content: bytes) -> None:
    assert tool_of(content) == ""


def test_sarif_is_known() -> None:
    assert tool_of(b'{"version": "2.1.0", "runs": []}') == "sarif"


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 5) | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(("tool", "content"), [(s[0], s[1]) for s in SAMPLES], ids=range(len(SAMPLES)))
@given(data=st.data(), wrong=anything)
def test_a_wrong_kind_anywhere_is_read_or_refused(
    tool: str, content: bytes, data: st.DataObject, wrong: Any
) -> None:
    """Put something else at one place of a real answer."""
    values = [json.loads(line) for line in content.decode().splitlines()]
    here: Any = values
    for _ in range(data.draw(st.integers(1, 7))):
        keys = (
            list(here) if isinstance(here, dict) else list(range(len(here))) if isinstance(here, list) else []
        )
        if not keys:
            break
        key = data.draw(st.sampled_from(keys))
        if not isinstance(here[key], (dict, list)) or data.draw(st.booleans()):
            here[key] = wrong
            break
        here = here[key]
    try:
        answer = READERS[tool](lines(values))
    except InvalidInput:
        return
    assert all(isinstance(w.line, str) for w in answer.weaknesses)
    tool_of(lines(values))


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        (WORST, 9.8),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
        ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:H", 5.9),
        ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L", 1.6),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0),
        ("CVSS:4.0/AV:N/AC:L/AT:N", None),
        ("CVSS:3.1/AV:N", None),
        ("CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", None),
        ("", None),
    ],
)
def test_the_score_of_a_vector(vector: str, score: float | None) -> None:
    assert base_score(vector) == score


def test_several_answers_are_one() -> None:
    mild = Weakness(identity="A", package="x", grade=Grade.LOW)
    bad = Weakness(identity="B", package="y", grade=Grade.CRITICAL)
    plain = Weakness(identity="C", package="z")
    whole = joined(
        (Answer(weaknesses=(mild, plain), looked_at=2), Answer(weaknesses=(mild, bad), looked_at=3))
    )
    assert [w.identity for w in whole.weaknesses] == ["B", "C", "A"]
    assert whole.looked_at == 5
    assert joined((whole, Answer(problems=("p",)))).looked_at is None

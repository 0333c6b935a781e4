"""Every planted weakness is found by the real ruff and by three dialects of SARIF; no old one ever is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from andon.production.scanner_ruff import RuffScanner
from andon.response.change import Change, ChangedFile, Hunk, Kind
from andon.response.findings.compare import new_findings
from andon.response.findings.finding import Finding
from andon.response.findings.sarif import read_sarif

#: Rule and the line that breaks it; all imports are there before and after.
PLANTED = [
    ("S102", "exec(given)"),
    ("S103", "os.chmod(given, 0o777)"),
    ("S104", "bind('0.0.0.0')"),
    ("S105", "password = 'correct horse'"),
    ("S106", "connect(password='correct horse')"),
    ("S108", "open('/tmp/state')"),
    ("S113", "requests.get(given)"),
    ("S201", "app.run(debug=True)"),
    ("S202", "tarfile.open(given).extractall()"),
    ("S301", "pickle.loads(given)"),
    ("S302", "marshal.loads(given)"),
    ("S303", "cryptography.hazmat.primitives.hashes.MD5()"),
    ("S306", "tempfile.mktemp()"),
    ("S307", "eval(given)"),
    ("S308", "django.utils.safestring.mark_safe(given)"),
    ("S310", "urllib.request.urlopen(given)"),
    ("S311", "random.random()"),
    ("S312", "telnetlib.Telnet(given)"),
    ("S314", "xml.etree.ElementTree.parse(given)"),
    ("S321", "ftplib.FTP(given)"),
    ("S323", "ssl._create_unverified_context()"),
    ("S324", "hashlib.md5(given)"),
    ("S501", "requests.get(given, verify=False, timeout=1)"),
    ("S502", "ssl.wrap_socket(ssl_version=ssl.PROTOCOL_SSLv3)"),
    ("S506", "yaml.load(given)"),
    ("S508", "pysnmp.hlapi.CommunityData('x', mpModel=0)"),
    ("S602", "subprocess.run(given, shell=True)"),
    ("S603", "subprocess.run(given)"),
    ("S604", "anything(given, shell=True)"),
    ("S605", "os.system(given)"),
    ("S606", "os.execl(given)"),
    ("S607", "subprocess.run(['ls'])"),
    ("S608", "query = f'SELECT * FROM people WHERE name = {given}'"),
    ("S609", "os.system('chmod 600 *')"),
    ("S611", "django.db.models.expressions.RawSQL(given)"),
    ("S701", "jinja2.Environment(autoescape=False)"),
    ("S702", "mako.template.Template(given)"),
]
IMPORTS = "".join(
    f"import {name}\n"
    for name in (
        "cryptography.hazmat.primitives.hashes, django.db.models.expressions, django.utils.safestring, flask",
        "ftplib, hashlib, jinja2, mako.template, marshal, os, pickle, pysnmp.hlapi, random, requests, ssl",
        "subprocess, tarfile, telnetlib, tempfile, urllib.request, xml.etree.ElementTree, yaml",
    )
)
SETUP = "app = flask.Flask('x')\n"


def before(line: str) -> str:
    """A file with an old finding of the same rule, and of another."""
    return (
        f"{IMPORTS}{SETUP}\n\ndef old(given):\n    {line}\n    os.popen(given)\n\n\n"
        "def fixed(given):\n    return given\n"
    )


def after(line: str) -> str:
    """The same, moved and indented, with the weakness planted in another function."""
    return (
        f'"""Text on top."""\n\n{IMPORTS}\nimport added\n\n{SETUP}\n\ndef old(given):\n    if given:\n'
        f"        {line}\n        os.popen(given)\n\n\ndef fixed(given):\n    {line}\n    return given\n"
    )


def planted_line(line: str) -> int:
    lines = after(line).split("\n")
    return len(lines) - 1 - lines[::-1].index(f"    {line}") + 1


def change(line_of: dict[str, str], *, is_planted: bool = True) -> Change:
    files = []
    for path, line in line_of.items():
        new = after(line)
        if not is_planted:
            new = new.replace(f"    {line}\n    return given", "    return given")
        hunk = Hunk(old_start=1, new_start=1, added=tuple(new.split("\n")))
        file = ChangedFile(path=path, kind=Kind.CHANGED, before=before(line), after=new, hunks=(hunk,))
        files.append(file)
    return Change(base="a", head="b", files=tuple(files))


def texts(made: Change, side: str) -> dict[str, str]:
    return {f.path: getattr(f, side) for f in made.files}


def scanned(made: Change) -> tuple[Finding, ...]:
    scanner = RuffScanner()
    sides = [
        [f for s in scanner.scan("", texts(made, side)) for f in s.findings] for side in ("before", "after")
    ]
    assert all(any(f.path == path for f in sides[0]) for path in texts(made, "before")), "no old finding"
    return new_findings(sides[0], sides[1], made)


LINES = {f"shop/{rule.lower()}.py": line for rule, line in PLANTED}


def test_ruff_finds_every_planted_weakness_and_nothing_else() -> None:
    found = {(f.path, f.rule, f.line) for f in scanned(change(LINES))}
    wanted = {(f"shop/{rule.lower()}.py", rule, planted_line(line)) for rule, line in PLANTED}
    assert len(wanted) >= 30
    assert wanted <= found, f"missed: {sorted(wanted - found)}"
    places = {(path, line) for path, _, line in wanted}
    beside = {one for one in found if (one[0], one[2]) not in places}
    assert not beside, f"old ones: {sorted(beside)}"


def test_no_old_finding_is_new_without_the_planted_line() -> None:
    assert scanned(change(LINES, is_planted=False)) == ()


# ---- three dialects of SARIF


def codeql(hits: list[tuple[str, int]]) -> bytes:
    """Relative to a base, rules by index in the driver, `security-severity`."""
    results = [
        {
            "ruleId": "js/code-injection",
            "ruleIndex": 0,
            "rule": {"id": "js/code-injection", "index": 0},
            "message": {"text": "a value reaches eval"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": path, "uriBaseId": "%SRCROOT%", "index": 0},
                        "region": {"startLine": line, "startColumn": 3, "endColumn": 9},
                    }
                }
            ],
            "partialFingerprints": {"primaryLocationLineHash": f"{line:x}:1"},
        }
        for path, line in hits
    ]
    rule = {
        "id": "js/code-injection",
        "defaultConfiguration": {"enabled": True, "level": "error"},
        "properties": {"security-severity": "9.3", "tags": ["security"]},
    }
    return log("CodeQL", results, [rule], invocations=[{"executionSuccessful": True}])


def semgrep(hits: list[tuple[str, int]]) -> bytes:
    """Absolute addresses of the machine it ran on, snippets, rules by id only."""
    results = [
        {
            "ruleId": "rules.javascript.eval",
            "message": {"text": "eval of a value"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": f"file:///home/runner/builds/shop/shop/{path}"},
                        "region": {"startLine": line, "endLine": line, "snippet": {"text": "  eval(name)"}},
                    }
                }
            ],
            "fingerprints": {"matchBasedId/v1": f"{path}{line}"},
        }
        for path, line in hits
    ]
    return log(
        "Semgrep OSS", results, [{"id": "rules.javascript.eval", "defaultConfiguration": {"level": "error"}}]
    )


def windows(hits: list[tuple[str, int]]) -> bytes:
    """With a byte order mark, and Windows paths by index in the list of artifacts."""
    results = [
        {
            "ruleId": "CA3001",
            "level": "error",
            "message": {"id": "default", "arguments": ["eval"]},
            "locations": [
                {"physicalLocation": {"artifactLocation": {"index": n}, "region": {"startLine": line}}}
            ],
        }
        for n, (_, line) in enumerate(hits)
    ]
    artifacts = [{"location": {"uri": f"C:\\agent\\_work\\1\\s\\{p.replace('/', chr(92))}"}} for p, _ in hits]
    rules = [{"id": "CA3001", "messageStrings": {"default": {"text": "review {0}"}}}]
    return b"\xef\xbb\xbf" + log("Analyzer", results, rules, artifacts=artifacts)


def log(name: str, results: list[Any], rules: list[Any], **more: Any) -> bytes:
    run = {"tool": {"driver": {"name": name, "rules": rules}}, "results": results, **more}
    return json.dumps({"version": "2.1.0", "runs": [run]}).encode()


OLD_JS = "function a(name) {\n  eval(name)\n}\n\nfunction b(name) {\n  return name\n}\n"
NEW_JS = (
    "import x from 'x'\n\nfunction a(name) {\n    eval( name )\n}\n\n"
    "function b(name) {\n  eval(name)\n  return name\n}\n"
)


@pytest.mark.parametrize("dialect", [codeql, semgrep, windows])
def test_every_dialect_tells_the_planted_weakness_from_the_old_ones(dialect: Any) -> None:
    names = [f"web/src/page{n}.js" for n in range(12)]
    files = tuple(ChangedFile(path=name, kind=Kind.CHANGED, before=OLD_JS, after=NEW_JS) for name in names)
    made = Change(base="a", head="b", files=files)
    old = [(name, 2) for name in names]
    new = [(name, line) for name in names for line in (4, 8)]
    (base,) = read_sarif(dialect(old), where="base", paths=names)
    (head,) = read_sarif(dialect(new), where="head", paths=names)
    found = new_findings(base.findings, head.findings, made)
    assert [(f.path, f.line, f.symbol) for f in found] == [(name, 8, "b") for name in sorted(names)]
    assert all(f.grade.reaches(type(f.grade).HIGH) for f in found)
    moved = [(name, 4) for name in names]
    (head,) = read_sarif(dialect(moved), where="head", paths=names)
    assert new_findings(base.findings, head.findings, made) == ()

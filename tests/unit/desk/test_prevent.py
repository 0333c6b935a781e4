"""Audits at the desk: what is asked, what is on record, what is new, and what nobody could say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from andon.config.model import Config
from andon.config.model_team import GatesConfig, ScannerConfig
from andon.desk.prevent import audit, on_record, take_in
from andon.desk.values import AuditAnswer
from andon.errors import InvalidInput, NotFound, Unavailable
from andon.incident.words import Verdict
from andon.response.findings.finding import Grade
from tests.fakes.audit_tools import FakeAuditTools
from tests.fakes.desk import FakeDesk
from tests.fakes.production import FakeRepository
from tests.fakes.scanner import FakeScanner

COMMIT = "c" * 40
FILES = {"requirements.txt": b"flask==0.5\njinja2==3.0.2\n"}


def pip_audit(*identities: str, names: tuple[str, ...] = ("flask", "jinja2")) -> AuditAnswer:
    vulns = [{"id": one, "fix_versions": ["1.0"]} for one in identities]
    listed = [{"name": n, "version": "1", "vulns": vulns if n == "flask" else []} for n in names]
    listed.append({"name": "pyyaml", "version": "3.12", "vulns": [{"id": "canary", "fix_versions": []}]})
    return AuditAnswer(code=1 if vulns else 0, content=json.dumps({"dependencies": listed}).encode())


NAMES = ("flask", "jinja2", "pyyaml")
#: An index without data of weaknesses, and one that has none of the packages.
MIRROR = json.dumps({"dependencies": [{"name": n, "version": "1", "vulns": []} for n in NAMES]}).encode()
SKIPPED = json.dumps({"dependencies": [{"name": n, "skip_reason": "not found"} for n in NAMES]}).encode()


def desk_with(
    tmp_path: Path,
    programs: dict[str, AuditAnswer],
    files: dict[str, bytes] | None = None,
    scanners: tuple[FakeScanner, ...] = (),
) -> FakeDesk:
    told = FILES if files is None else files
    repository = FakeRepository(
        str(tmp_path),
        [(COMMIT, "begin", tuple(told), ("v1",))],
        {(COMMIT, path): content for path, content in told.items()},
    )
    configured = tuple(ScannerConfig(name=s.name, command=("x", "{output}")) for s in scanners)
    config = Config(service="shop", gates=GatesConfig(), scanners=configured)
    tools = FakeAuditTools(programs)
    return FakeDesk(tmp_path, config=config, repository=repository, audit_tools=tools, scanners=scanners)


def test_an_answer_is_recorded_with_its_date_lock_files_and_evidence(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, {"pip-audit": pip_audit("GHSA-1")})
    (told,) = audit(desk)
    event = told.event
    assert (event.tool, event.verdict, event.summary) == ("pip-audit", Verdict.FAILED, "1 known weakness")
    assert event.findings == told.new == ("GHSA-1 ungraded: flask 1, fixed in 1.0",)
    assert event.commit == COMMIT and len(event.lockfiles) == 16
    assert event.evidence is not None and b"GHSA-1" in desk.evidence.get(event.evidence).content
    (asked,) = desk.audit_tools.asked
    assert dict(asked.files) == {"pinned.txt": "flask==0.5\njinja2==3.0.2\npyyaml==3.12\n"}


def test_what_is_new_is_told_from_what_was_known(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, {"pip-audit": pip_audit("GHSA-1")})
    audit(desk)
    desk.audit_tools.programs["pip-audit"] = pip_audit("GHSA-1", "GHSA-2")
    (told,) = audit(desk)
    assert [line.split(" ")[0] for line in told.new] == ["GHSA-2"]
    (shown,) = on_record(desk)
    assert shown.new == told.new and shown.at is not None
    desk.audit_tools.programs["pip-audit"] = pip_audit()
    (told,) = audit(desk)
    assert (told.event.verdict, told.event.summary, told.new) == (Verdict.PASSED, "nothing in 2 packages", ())


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (AuditAnswer(code=127, failure="did not end within its time limit"), "did not end"),
        (AuditAnswer(code=2, content=b"usage: ...", account="exit code 2: usage"), "exit code 2"),
        (AuditAnswer(code=1, content=b"", account="exit code 1: no network"), "no network"),
        (AuditAnswer(code=0, content=b"<html>proxy</html>", account="exit code 0"), "not JSON"),
        (AuditAnswer(code=0, content=b""), "says nothing"),
        (AuditAnswer(code=0, content=b'{"dependencies": [], "fixes": []}'), "looked at no dependency"),
        (AuditAnswer(code=0, content=MIRROR), "it knows no weakness of an old pyyaml"),
        (AuditAnswer(code=0, content=SKIPPED), "flask was skipped: not found"),
        (pip_audit(names=("flask",)), "answers for 1 of 2 packages"),
    ],
)
def test_no_answer_is_unknown_and_never_clean(tmp_path: Path, answer: AuditAnswer, told: str) -> None:
    (found,) = audit(desk_with(tmp_path, {"pip-audit": answer}))
    assert found.event.verdict is Verdict.UNKNOWN and told in found.event.summary


def test_a_missing_tool_is_unknown_with_the_way_to_get_it(tmp_path: Path) -> None:
    (found,) = audit(desk_with(tmp_path, {}))
    assert (found.event.tool, found.event.verdict) == ("pip-audit", Verdict.UNKNOWN)
    assert (found.event.summary, found.remedy) == ("pip-audit is not installed", "pip install pip-audit")


def test_what_is_not_pinned_is_told(tmp_path: Path) -> None:
    files = {"requirements.txt": b"flask==0.5\njinja2==3\nloose>=1\n"}
    (found,) = audit(desk_with(tmp_path, {"pip-audit": pip_audit()}, files))
    assert found.event.verdict is Verdict.UNKNOWN and "loose>=1" in found.event.summary


def test_several_lock_files_of_a_tool_are_one_answer(tmp_path: Path) -> None:
    pinned = b"flask==0.5\njinja2==3\n"
    files = {"requirements.txt": pinned, "api/requirements.txt": pinned}
    desk = desk_with(tmp_path, {"pip-audit": pip_audit("GHSA-1")}, files)
    (found,) = audit(desk)
    assert len(desk.audit_tools.asked) == 2 and found.event.summary == "1 known weakness"


def test_a_repository_without_lock_files_or_commit_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no lock file with packages"):
        audit(desk_with(tmp_path, {}, {"README.md": b"x"}))
    with pytest.raises(NotFound):
        audit(desk_with(tmp_path, {}), commit="nonsense")


def test_a_configured_scanner_is_part_of_the_audit(tmp_path: Path) -> None:
    scanner = FakeScanner({"bad": Grade.HIGH, "told": Grade.INFO})
    desk = desk_with(tmp_path, {}, {"app.py": b"x\nbad\ntold\n"}, (scanner,))
    (found,) = audit(desk)
    assert (found.event.tool, found.event.verdict) == ("fake", Verdict.FAILED)
    assert found.event.findings == ("bad high: app.py line 2, bad is used",)
    assert found.event.lockfiles == "" and found.event.commit == COMMIT
    broken = FakeScanner({}, failure=Unavailable("no scanner here"))
    (found,) = audit(desk_with(tmp_path, {}, {"app.py": b""}, (broken,)))
    assert (found.event.verdict, found.event.summary) == (Verdict.UNKNOWN, "no scanner here")


# ---- answers in files


def test_files_are_taken_in(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, {})
    (tmp_path / "pip.json").write_bytes(pip_audit("GHSA-1").content)
    place = {"artifactLocation": {"uri": "app.py"}, "region": {"startLine": 3}}
    results = [
        {
            "ruleId": "R",
            "level": "error",
            "message": {"text": "m"},
            "locations": [{"physicalLocation": place}],
        }
    ]
    runs = [
        {"tool": {"driver": {"name": name}}, "results": r} for name, r in (("probe", results), ("other", []))
    ]
    (tmp_path / "scan.sarif").write_text(json.dumps({"version": "2.1.0", "runs": runs}))
    told = take_in(desk, [str(tmp_path / "pip.json"), str(tmp_path / "scan.sarif")], "v1")
    assert [(t.event.tool, t.event.verdict, t.event.commit) for t in told] == [
        ("pip-audit", Verdict.FAILED, COMMIT),
        ("probe", Verdict.FAILED, COMMIT),
        ("other", Verdict.PASSED, COMMIT),
    ]
    assert [t.event.tool for t in on_record(desk)] == ["pip-audit", "probe", "other"]


def test_files_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, {})
    (tmp_path / "odd.json").write_text('{"odd": 1}')
    with pytest.raises(InvalidInput, match="no audit tool"):
        take_in(desk, [str(tmp_path / "odd.json")])
    with pytest.raises(NotFound, match="no such file"):
        take_in(desk, [str(tmp_path / "none.json")])
    with pytest.raises(Unavailable):
        take_in(desk, [str(tmp_path)])
    assert on_record(desk) == ()

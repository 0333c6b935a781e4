"""The rule no-new-finding: what is new blocks, what was there does not, what nobody looked at is unknown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from andon.config.model import Config
from andon.config.model_team import GatesConfig
from andon.desk.gate.context import Asked, GateContext
from andon.desk.gate.no_new_finding import check
from andon.desk.gate.standing import Standing
from andon.errors import Unavailable
from andon.incident.words import Gear, Verdict
from andon.record import replace
from andon.response.change import Change, ChangedFile, Hunk, Kind
from andon.response.findings.finding import Grade
from andon.response.gates.results import RuleResult
from andon.response.gates.table import Point
from tests.fakes.changes import FakeChanges
from tests.fakes.desk import FakeDesk
from tests.fakes.production import FakeRepository
from tests.fakes.scanner import FakeScanner

BASE, HEAD = "a" * 40, "b" * 40
WORDS = {
    "worst": Grade.CRITICAL,
    "bad": Grade.HIGH,
    "soso": Grade.MEDIUM,
    "mild": Grade.LOW,
    "told": Grade.INFO,
}


def file(path: str, before: str | None, after: str | None, **more: object) -> ChangedFile:
    """A changed file whose new lines are those that were not there."""
    old, new = (before or "").split("\n"), (after or "").split("\n")
    hunks = tuple(Hunk(old_start=0, new_start=n, added=(t,)) for n, t in enumerate(new, 1) if t not in old)
    kind = Kind.ADDED if before is None else Kind.REMOVED if after is None else Kind.CHANGED
    made = ChangedFile(path=path, kind=kind, before=before, after=after, hunks=hunks)
    return replace(made, **more) if more else made


def asked(
    tmp_path: Path,
    *files: ChangedFile,
    gear: Gear = Gear.HOTFIX,
    scanners: tuple[FakeScanner, ...] | None = None,
    gates: GatesConfig | None = None,
    base: str = BASE,
    sarif: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
) -> RuleResult:
    change = Change(base=base, head=HEAD, files=files)
    desk = FakeDesk(
        tmp_path,
        config=Config(service="shop", gates=gates or GatesConfig()),
        changes=FakeChanges(ranges={(base, HEAD): change}),
        scanners=(FakeScanner(WORDS),) if scanners is None else scanners,
        repository=FakeRepository(str(tmp_path), ()),
    )
    about = Asked(base=base, head=HEAD, sarif_base=sarif[0], sarif_head=sarif[1])
    return check(GateContext(desk, Point.CI, Standing(gear=gear, why="test"), about))


@pytest.mark.parametrize(
    ("gear", "severity", "word", "verdict"),
    [
        (Gear.HOTFIX, "high", "worst", Verdict.FAILED),
        (Gear.HOTFIX, "high", "mild", Verdict.FAILED),
        (Gear.HOTFIX, "high", "told", Verdict.PASSED),
        (Gear.BUILD, "high", "bad", Verdict.FAILED),
        (Gear.BUILD, "high", "soso", Verdict.PASSED),
        (Gear.SHIP, "medium", "soso", Verdict.FAILED),
        (Gear.SHIP, "critical", "bad", Verdict.PASSED),
    ],
)
def test_the_grade_that_counts(
    tmp_path: Path, gear: Gear, severity: str, word: str, verdict: Verdict
) -> None:
    gates = GatesConfig(severity=severity)
    changed = file("shop/pay.py", "x = 1\n", f"x = 1\n{word}()\n")
    result = asked(tmp_path, changed, gear=gear, gates=gates)
    assert (result.rule, result.verdict) == ("no-new-finding", verdict)
    assert [o.place for o in result.objections] == (["shop/pay.py:2"] if verdict is Verdict.FAILED else [])


def test_an_old_finding_never_blocks(tmp_path: Path) -> None:
    moved = file("shop/pay.py", "bad()\n", "import os\n\n\nbad()\n")
    renamed = file("new.py", "bad()\n", "y = 2\nbad()\n", kind=Kind.RENAMED, old_path="old.py")
    result = asked(tmp_path, moved, renamed)
    assert (result.verdict, result.evidence) == (Verdict.PASSED, "fake: nothing new")


def test_everything_is_new_where_nothing_was_before(tmp_path: Path) -> None:
    assert asked(tmp_path, file("a.py", None, "bad()\n"), base="").verdict is Verdict.FAILED


def test_a_scanner_that_did_not_look_is_unknown(tmp_path: Path) -> None:
    gone = FakeScanner(WORDS, failure=Unavailable("there is no ruff on PATH", remedy="pip install ruff"))
    result = asked(tmp_path, file("a.py", "", "x = 1\n"), scanners=(gone,))
    assert (result.verdict, result.remedy) == (Verdict.UNKNOWN, "pip install ruff")


def test_a_failed_scanner_does_not_hide_what_another_finds(tmp_path: Path) -> None:
    gone = FakeScanner(WORDS, failure=Unavailable("gone"))
    result = asked(tmp_path, file("a.py", "", "bad()\n"), scanners=(gone, FakeScanner(WORDS)))
    assert result.verdict is Verdict.FAILED


def test_a_file_that_a_scanner_cannot_read_is_unknown(tmp_path: Path) -> None:
    scanner = FakeScanner(WORDS, broken={HEAD: ("a.py",)})
    result = asked(tmp_path, file("a.py", "", "bad()\n"), scanners=(scanner,))
    assert (result.verdict, result.evidence) == (Verdict.UNKNOWN, "a.py cannot be read")


def test_the_fix_of_a_file_that_could_not_be_read_answers_for_its_own_lines_only(tmp_path: Path) -> None:
    scanner = FakeScanner(WORDS, broken={BASE: ("a.py",)})
    mended = file("a.py", "bad()\ndef f(:\n", "bad()\ndef f():\n")
    assert asked(tmp_path, mended, scanners=(scanner,)).verdict is Verdict.PASSED
    worse = file("a.py", "bad()\ndef f(:\n", "bad()\ndef f(): worst()\n")
    assert asked(tmp_path, worse, scanners=(scanner,)).verdict is Verdict.FAILED


def test_source_that_no_scanner_looks_at_is_unknown_unless_the_team_says_so(tmp_path: Path) -> None:
    changed = file("web/app.ts", "", "let x = 1\n"), file("README.md", "", "bad\n")
    result = asked(tmp_path, *changed)
    assert result.verdict is Verdict.UNKNOWN
    assert "web/app.ts" in result.evidence and "[[scanner]]" in result.remedy
    allowed = asked(tmp_path, *changed, gates=GatesConfig(unscanned=(".ts",)))
    assert allowed.verdict is Verdict.PASSED and ".ts" in allowed.evidence


def test_what_is_no_source_needs_no_scanner(tmp_path: Path) -> None:
    result = asked(
        tmp_path,
        file("README.md", "", "x\n"),
        file("gone.py", "bad()\n", None),
        file("link.py", None, "target.py", new_mode="120000"),
        file("vendor/lib", None, None, kind=Kind.ADDED, new_mode="160000", unread="a submodule"),
        scanners=(),
    )
    assert result.verdict is Verdict.PASSED


def test_source_that_could_not_be_read_is_unknown(tmp_path: Path) -> None:
    result = asked(tmp_path, file("big.py", None, None, kind=Kind.ADDED, unread="larger than 4194304 bytes"))
    assert result.verdict is Verdict.UNKNOWN and "big.py" in result.evidence


# ---- files that somebody gives


def sarif(place: Path, *lines: int, tool: str = "probe", **more: object) -> str:
    results = [
        {
            "ruleId": "R1",
            "level": "error",
            "message": {"text": "bad"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "web/app.ts"},
                        "region": {"startLine": line},
                    }
                }
            ],
        }
        for line in lines
    ]
    run = {"tool": {"driver": {"name": tool}}, "results": results, **more}
    place.write_text(json.dumps({"version": "2.1.0", "runs": [run]}))
    return str(place)


CHANGED = file("web/app.ts", "bad()\n", "let x = 1\nbad()\nworse()\n")


def test_given_sarif_files_are_compared(tmp_path: Path) -> None:
    before, after = sarif(tmp_path / "a", 1), sarif(tmp_path / "b", 2, 3)
    result = asked(tmp_path, CHANGED, sarif=((before,), (after,)))
    assert [o.place for o in result.objections] == ["web/app.ts:3"]
    unchanged = sarif(tmp_path / "c", 2)
    result = asked(tmp_path, CHANGED, sarif=((before,), (unchanged,)))
    assert (result.verdict, result.evidence) == (Verdict.PASSED, "probe: nothing new")


def test_given_sarif_files_that_do_not_fit_are_unknown(tmp_path: Path) -> None:
    before, after = sarif(tmp_path / "a", 1), sarif(tmp_path / "b", 2)
    other = sarif(tmp_path / "c", 1, tool="other")
    stale = sarif(tmp_path / "d", 2, versionControlProvenance=[{"revisionId": "c" * 40}])
    fresh = sarif(tmp_path / "e", 2, versionControlProvenance=[{"revisionId": HEAD}])
    broken = tmp_path / "f"
    broken.write_text("{}")
    for files, told in {
        ((), (after,)): "nothing to compare",
        ((before,), ()): "nothing was given for the change",
        ((other,), (after,)): "ran after the change only",
        ((before,), (stale,)): "looked at commit cccccccccc",
        ((before,), (str(broken),)): "not a SARIF",
        ((before,), (str(tmp_path),)): "cannot be read",
        ((before,), (str(tmp_path / "none"),)): "no such file",
    }.items():
        result = asked(tmp_path, CHANGED, sarif=files)
        assert result.verdict is Verdict.UNKNOWN and told in result.evidence, (files, result)
        assert result.remedy
    assert asked(tmp_path, CHANGED, sarif=((before,), (fresh,))).verdict is Verdict.PASSED

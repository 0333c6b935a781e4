"""Every way to hide a token, staged or in a history, is seen; what is innocent beside them passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.desk.gate.arriving import received
from andon.desk.gate.context import Asked, GateContext
from andon.desk.gate.secrets import check
from andon.desk.gate.standing import Standing
from andon.incident.words import Gear, Verdict
from andon.production.git_changes import GitChanges
from andon.production.git_ranges import GitRanges
from andon.response.gates.pushed import RefUpdate
from andon.response.gates.results import RuleResult
from andon.response.gates.table import Point
from tests.evasions import HISTORY, INNOCENT, STAGED, STAGED_TOO, Way, begun, git, made_token
from tests.fakes.desk import FakeDesk

TOKEN = made_token(41)


def desk_at(place: Path) -> FakeDesk:
    found = FakeDesk(place, changes=GitChanges(str(place)))  # type: ignore[arg-type]
    found.ranges = GitRanges(str(place))  # type: ignore[assignment]
    return found


def staged(place: Path) -> RuleResult:
    desk = desk_at(place)
    asked = Asked(branch=desk.ranges.branch())
    return check(GateContext(desk, Point.PRE_COMMIT, Standing(gear=Gear.BUILD, why="test"), asked))  # type: ignore[arg-type]


def pushed(place: Path, server: Path) -> list[RuleResult]:
    """Push every reference to an empty server, and let the rule of its hook judge each."""
    server.mkdir()
    git(server, "init", "-q", "--bare")
    git(server, "fetch", "-q", str(place), "+refs/*:refs/incoming/*")
    lines = git(server, "for-each-ref", "--format=%(objectname) %(refname)").splitlines()
    desk = desk_at(server)
    results = []
    for line in lines:
        new, ref = line.split(" ", 1)
        git(server, "update-ref", "-d", ref)
    for line in lines:
        new, ref = line.split(" ", 1)
        update = RefUpdate(ref=ref.replace("refs/incoming/", "refs/"), old="", new=new)
        for asked in received(desk, (update,)):  # type: ignore[arg-type]
            stands = Standing(gear=Gear.BUILD, why="test")
            assert not asked.problem, asked.problem
            results.append(check(GateContext(desk, Point.PRE_RECEIVE, stands, asked)))  # type: ignore[arg-type]
    return results


def test_the_matrix_is_as_large_as_it_is_quoted() -> None:
    assert (len(STAGED), len(HISTORY)) == (24, 15)
    assert len({way.name for way in (*STAGED, *STAGED_TOO)}) == len(STAGED) + len(STAGED_TOO)


@pytest.mark.parametrize("way", [*STAGED, *STAGED_TOO], ids=lambda way: way.name)
def test_a_token_is_seen_wherever_it_is_staged(way: Way, tmp_path: Path) -> None:
    place = begun(tmp_path / "shop")
    way.hide(place, TOKEN)
    result = staged(place)
    assert result.verdict is Verdict.FAILED, result.evidence
    assert not result.is_only_hints
    assert TOKEN not in repr(result) and TOKEN[4:] not in repr(result)


@pytest.mark.parametrize("way", HISTORY, ids=lambda way: way.name)
def test_a_token_is_seen_wherever_it_is_in_a_history(way: Way, tmp_path: Path) -> None:
    place = begun(tmp_path / "shop")
    way.hide(place, TOKEN)
    results = pushed(place, tmp_path / "server")
    failed = [result for result in results if result.verdict is Verdict.FAILED]
    assert failed and not failed[0].is_only_hints
    assert TOKEN not in repr(failed) and TOKEN[4:] not in repr(failed)


@pytest.mark.parametrize("way", INNOCENT, ids=lambda way: way.name)
def test_what_holds_nothing_passes(way: Way, tmp_path: Path) -> None:
    place = begun(tmp_path / "shop")
    way.hide(place, TOKEN)
    result = staged(place)
    assert result.verdict is Verdict.PASSED, result.evidence

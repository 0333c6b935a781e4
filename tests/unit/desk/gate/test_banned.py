"""The rule about banned things, and the use cases that change the list."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.desk.gate.banned import check
from andon.desk.gate.context import Asked, GateContext
from andon.desk.gate.standing import Standing
from andon.desk.leak.ban import ban, export, lift, list_of, take_over
from andon.errors import InvalidInput, NotFound
from andon.incident.words import Gear, Verdict
from andon.response.change import Change, ChangeCommit, ChangedFile, Kind
from andon.response.gates.results import RuleResult
from andon.response.gates.table import Point
from tests.fakes.changes import FakeChanges
from tests.fakes.desk import FakeDesk

BASE, HEAD, BLOB = "b" * 40, "c" * 40, "d" * 40
VALUE = b"Tr0ub4dor&3-and-more"


def desk_with(tmp_path: Path, content: bytes = b"clean\n", message: str = "work") -> FakeDesk:
    file = ChangedFile(path="settings.py", kind=Kind.ADDED, new_mode="100644", new_object=BLOB)
    commit = ChangeCommit(id=HEAD, message=message, parents=(BASE,))
    change = Change(base=BASE, head=HEAD, files=(file,), commits=(commit,))
    changes = FakeChanges(change, {(BASE, HEAD): change}, contents={(HEAD, "settings.py"): content})
    changes.objects = lambda wanted: ((one, iter((content,))) for one in wanted)  # type: ignore[method-assign,assignment]
    return FakeDesk(tmp_path, changes=changes)


def asked(desk: FakeDesk) -> RuleResult:
    stands = Standing(gear=Gear.BUILD, why="declared")
    return check(GateContext(desk, Point.PRE_RECEIVE, stands, Asked(base=BASE, head=HEAD)))


@pytest.mark.parametrize("identity", [HEAD, BLOB])
def test_a_banned_object_is_refused(tmp_path: Path, identity: str) -> None:
    desk = desk_with(tmp_path)
    assert asked(desk).verdict is Verdict.PASSED, "there is no list"
    done = ban(desk, [identity], [], print, why="INC-4")
    assert (done.objects, done.values, done.total) == (1, 0, 1)
    said = asked(desk)
    assert said.rule == "banned" and said.verdict is Verdict.FAILED
    assert "INC-4" in said.evidence and "never merge" in said.remedy
    lift(desk, identity[:8], "it was the wrong one")
    assert asked(desk).verdict is Verdict.PASSED
    assert "it was the wrong one" in desk.bans.text


def test_a_banned_value_is_refused_in_files_names_and_messages(tmp_path: Path) -> None:
    for content, message in ((b"key = '" + VALUE + b"'\n", "work"), (b"", f"use {VALUE.decode()}")):
        desk = desk_with(tmp_path, content, message)
        assert ban(desk, [], [VALUE], print).values == 1
        said = asked(desk)
        assert said.verdict is Verdict.FAILED
        assert desk.redactor.mark(VALUE) in said.evidence
        assert VALUE.decode() not in str(said) + desk.bans.text


def test_a_list_goes_to_another_repository(tmp_path: Path) -> None:
    here, there = desk_with(tmp_path), desk_with(tmp_path, b"x " + VALUE)
    ban(here, [BLOB], [VALUE, b"password"], print, why="INC-4")
    done = take_over(there, export(here))
    assert done.objects == 1 and done.values >= 1
    assert take_over(there, export(here)).total == done.total, "a second time changes nothing"
    assert asked(there).verdict is Verdict.FAILED


def test_a_word_is_not_banned_and_that_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    desk = desk_with(tmp_path, b"password")
    done = ban(desk, [], [b"password"], told.append)
    assert done.left_out == 1 and not list_of(desk) and "word" in told[0] and "password" not in told[0]


def test_what_is_no_list_is_refused(tmp_path: Path) -> None:
    desk = desk_with(tmp_path)
    with pytest.raises(InvalidInput, match="line 1"):
        take_over(desk, "hello\n")
    with pytest.raises(InvalidInput, match="whole id"):
        ban(desk, ["abc123"], [], print)
    with pytest.raises(InvalidInput, match="missing"):
        lift(desk, HEAD, " ")
    with pytest.raises(NotFound):
        lift(desk, HEAD, "why not")
    desk.bans.text = "hello\n"
    with pytest.raises(InvalidInput, match="banned:1"):
        asked(desk)

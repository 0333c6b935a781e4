"""The rule secrets: whole files, names, messages, each commit by itself; what was there before passes."""

from __future__ import annotations

from pathlib import Path

import pytest

import andon.desk.gate.secrets as rule
from andon.desk.gate.context import Asked, GateContext
from andon.desk.gate.secrets import check
from andon.desk.gate.standing import Standing
from andon.errors import Unavailable
from andon.incident.words import Gear, Verdict
from andon.response.change import Change, ChangeCommit, ChangedFile, Kind
from andon.response.gates.results import RuleResult
from andon.response.gates.table import Point
from tests.evasions import made_token
from tests.fakes.changes import FakeChanges
from tests.fakes.desk import FakeDesk
from tests.fakes.journal import FakeRedactor

TOKEN = made_token(1)
MARK = FakeRedactor().mark(TOKEN.encode())
OTHER = made_token(2)


def file(
    path: str, content: str | None, before: str | None = None, **more: object
) -> tuple[ChangedFile, dict[str, bytes]]:
    """A changed file, and the objects it needs."""
    objects = {f"{hash(c) & 0xFFFF_FFFF:040x}": c.encode() for c in (content, before) if c is not None}
    new = f"{hash(content) & 0xFFFF_FFFF:040x}" if content is not None else ""
    old = f"{hash(before) & 0xFFFF_FFFF:040x}" if before is not None else ""
    made = ChangedFile(
        path=path,
        kind=Kind.CHANGED if before is not None else Kind.ADDED,
        new_object=new,
        old_object=old,
        new_mode="100644" if new else "",
        old_mode="100644" if old else "",
        **more,  # type: ignore[arg-type]
    )
    return made, objects


def staged(tmp_path: Path, *given: tuple[ChangedFile, dict[str, bytes]], branch: str = "") -> RuleResult:
    blobs = {name: content for _, objects in given for name, content in objects.items()}
    change = Change(base="", head="", files=tuple(f for f, _ in given))
    desk = FakeDesk(tmp_path, changes=FakeChanges(staged=change, blobs=blobs))
    stands = Standing(gear=Gear.BUILD, why="test")
    return check(GateContext(desk, Point.PRE_COMMIT, stands, Asked(branch=branch)))


def test_a_secret_blocks_and_its_value_is_told_nowhere(tmp_path: Path) -> None:
    result = staged(tmp_path, file("app.py", f'x = 1\ntoken = "{TOKEN}"\n'))
    assert (result.rule, result.verdict) == ("secrets", Verdict.FAILED)
    assert [(o.place, o.text) for o in result.objections] == [("app.py:2", f"a secret (github-token) {MARK}")]
    assert TOKEN not in repr(result)


def test_what_is_clean_or_was_there_before_passes(tmp_path: Path) -> None:
    old = f'token = "{TOKEN}"\n'
    result = staged(
        tmp_path,
        file("app.py", "x = 2\n", "x = 1\n"),
        file("old.py", "import os\n" + old, old),
        file("moved.py", old + "y\n", old, old_path="was.py"),
        file("gone.py", None, old),
    )
    assert (result.verdict, result.evidence) == (Verdict.PASSED, "none in 4 files")


def test_a_second_secret_beside_an_old_one_blocks(tmp_path: Path) -> None:
    old = f'token = "{TOKEN}"\n'
    result = staged(tmp_path, file("app.py", old + f'other = "{OTHER}"\n', old))
    assert [o.place for o in result.objections] == ["app.py:2"]


def test_the_same_content_in_two_files_is_read_for_both(tmp_path: Path) -> None:
    result = staged(
        tmp_path, file("a.py", TOKEN), file("b.py", TOKEN), file(".env", "A=1\n"), file("x.txt", "A=1\n")
    )
    assert [o.path for o in result.objections] == ["a.py", "b.py", ".env"]


def test_a_link_is_read_and_a_submodule_is_not(tmp_path: Path) -> None:
    link, objects = file("link", f"/srv/{TOKEN}")
    module = ChangedFile(path="lib", kind=Kind.ADDED, new_object="9" * 40, new_mode="160000")
    result = staged(tmp_path, (link, objects), (module, {}))
    assert [o.path for o in result.objections] == ["link"]


def test_the_name_of_what_is_pushed_is_read(tmp_path: Path) -> None:
    desk, stands = FakeDesk(tmp_path), Standing(gear=Gear.BUILD, why="test")
    asked = Asked(branch="main", target=f"refs/tags/{TOKEN}")
    result = check(GateContext(desk, Point.PRE_PUSH, stands, asked))
    assert [o.text for o in result.objections] == [
        f"a secret (github-token) {MARK} in the name of the branch or tag"
    ]


def test_the_name_of_the_branch_is_read(tmp_path: Path) -> None:
    assert staged(tmp_path, branch=f"fix/{TOKEN}").verdict is Verdict.FAILED
    assert staged(tmp_path, branch="fix/checkout").verdict is Verdict.PASSED


def test_a_message_is_read_when_it_is_written(tmp_path: Path) -> None:
    desk, stands = FakeDesk(tmp_path), Standing(gear=Gear.BUILD, why="test")
    context = GateContext(desk, Point.COMMIT_MSG, stands, Asked(message=f"Fix\n\nwith {TOKEN}\n"))
    result = check(context)
    assert result.objections[0].text == f"a secret (github-token) {MARK} in the message, line 3"
    assert check(GateContext(desk, Point.COMMIT_MSG, stands, Asked(message="Fix"))).verdict is Verdict.PASSED


def ranged(tmp_path: Path, changes: FakeChanges, head: str = "c2") -> RuleResult:
    desk = FakeDesk(tmp_path, changes=changes)
    asked = Asked(base="c0", head=head)
    return check(GateContext(desk, Point.PRE_PUSH, Standing(gear=Gear.BUILD, why="test"), asked))


def test_a_secret_that_a_later_commit_removes_is_still_found(tmp_path: Path) -> None:
    added, objects = file("app.py", f'token = "{TOKEN}"\n')
    one = ChangeCommit(id="c1", message="Add", parents=("c0",))
    two = ChangeCommit(id="c2", message=f"Remove {OTHER}", parents=("c1",))
    changes = FakeChanges(
        ranges={
            ("c0", "c2"): Change(base="c0", head="c2", commits=(two, one)),
            ("c0", "c1"): Change(base="c0", head="c1", files=(added,), commits=(one,)),
            ("c1", "c2"): Change(base="c1", head="c2", commits=(two,)),
        },
        blobs=objects,
    )
    result = ranged(tmp_path, changes)
    assert [o.text for o in result.objections] == [
        f"a secret (github-token) {FakeRedactor().mark(OTHER.encode())} in the message of c2",
        f"a secret (github-token) {MARK} (commit c1)",
    ]


def test_an_object_that_is_missing_is_unknown(tmp_path: Path) -> None:
    made, _ = file("app.py", "x")
    with pytest.raises(Unavailable):
        staged(tmp_path, (made, {}))


def test_an_engine_that_finds_nothing_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule, "finds_its_canary", lambda: False)
    with pytest.raises(Unavailable, match="canary"):
        staged(tmp_path)

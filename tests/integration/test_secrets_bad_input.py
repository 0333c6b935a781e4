"""Repositories that are cut, broken or hostile: seen, or told as not seen; nothing hangs."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest

import andon.desk.gate.secrets as rule
from andon.desk.gate.context import Asked, GateContext
from andon.desk.gate.secrets import check
from andon.desk.gate.standing import Standing
from andon.desk.secret_scan import begin, finished, look_at_history
from andon.errors import AndonError
from andon.incident.words import Gear, Verdict
from andon.production.git_changes import GitChanges
from andon.production.git_ranges import GitRanges
from andon.response.gates.results import RuleResult
from andon.response.gates.table import Point
from andon.secrets.views import Limits
from tests.evasions import begun, git, made_token, zipped
from tests.fakes.desk import FakeDesk

TOKEN = made_token(21)
CODE = f"token = '{TOKEN}'\n"


def desk_at(place: Path) -> FakeDesk:
    desk = FakeDesk(place, changes=GitChanges(str(place)))  # type: ignore[arg-type]
    desk.ranges = GitRanges(str(place))  # type: ignore[assignment]
    return desk


def staged(place: Path) -> RuleResult:
    stands = Standing(gear=Gear.BUILD, why="test")
    return check(GateContext(desk_at(place), Point.PRE_COMMIT, stands, Asked()))  # type: ignore[arg-type]


def ranged(place: Path, base: str, head: str = "HEAD") -> RuleResult:
    desk, stands = desk_at(place), Standing(gear=Gear.BUILD, why="test")
    asked = Asked(base=git(place, "rev-parse", base) if base else "", head=git(place, "rev-parse", head))
    return check(GateContext(desk, Point.CI, stands, asked))  # type: ignore[arg-type]


def history(place: Path) -> RuleResult:
    desk = desk_at(place)
    search = begin(desk)  # type: ignore[arg-type]
    look_at_history(desk, search, unreachable=True)  # type: ignore[arg-type]
    return finished(desk, search).result  # type: ignore[arg-type]


def committed(place: Path, content: str = CODE, path: str = "key.py") -> str:
    (place / path).write_text(content)
    git(place, "add", "-A")
    git(place, "commit", "-qm", "Go on")
    return git(place, "rev-parse", "HEAD")


def test_sha256(tmp_path: Path) -> None:
    place = begun(tmp_path / "shop", "--object-format=sha256")
    (place / "a.py").write_text(CODE)
    git(place, "add", ".")
    assert staged(place).verdict is Verdict.FAILED
    committed(place)
    assert ranged(place, "HEAD~1").verdict is Verdict.FAILED
    assert history(place).verdict is Verdict.FAILED


def test_bare_alternates_and_worktrees(tmp_path: Path) -> None:
    place = begun(tmp_path / "shop")
    committed(place)
    git(tmp_path, "clone", "-q", "--bare", "--shared", str(place), "shared.git")
    git(place, "worktree", "add", "-q", "../beside")
    for other in (tmp_path / "shared.git", tmp_path / "beside"):
        assert history(other).verdict is Verdict.FAILED
        assert ranged(other, "HEAD~1").verdict is Verdict.FAILED


def test_a_shallow_clone_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    place = begun(tmp_path / "shop")
    committed(place)
    committed(place, "x = 3\n")
    git(tmp_path, "clone", "-q", "--depth=2", f"file://{place}", "cut")
    assert ranged(tmp_path / "cut", "").verdict is Verdict.FAILED


def test_a_partial_clone_fetches_nothing_by_itself_and_decides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = begun(tmp_path / "shop")
    git(place, "config", "uploadpack.allowfilter", "true")
    committed(place)
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{place}", "part")
    shutil.move(place, tmp_path / "gone")  # whatever would be fetched is not there
    with pytest.raises(AndonError):
        ranged(tmp_path / "part", "HEAD~1")
    with pytest.raises(AndonError):
        history(tmp_path / "part")


def test_a_corrupt_object_is_never_clean(tmp_path: Path) -> None:
    place = begun(tmp_path / "shop")
    committed(place, "y = 1\n")
    blob = git(place, "rev-parse", "HEAD:key.py")
    file = place / ".git" / "objects" / blob[:2] / blob[2:]
    file.chmod(0o600)
    file.write_bytes(b"x\x9c broken")
    with pytest.raises(AndonError):
        ranged(place, "HEAD~1")
    file.unlink()
    with pytest.raises(AndonError):
        ranged(place, "HEAD~1")
    with pytest.raises(AndonError):
        history(place)


def test_a_submodule_is_not_read_and_a_pointer_of_lfs_is_told(tmp_path: Path) -> None:
    place = begun(tmp_path / "shop")
    git(place, "update-index", "--add", "--cacheinfo", "160000", git(place, "rev-parse", "HEAD"), "lib")
    assert staged(place).verdict is Verdict.PASSED
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12\n"
    (place / "film.mp4").write_text(pointer)
    git(place, "add", "film.mp4")
    result = staged(place)
    assert result.is_only_hints and "git LFS" in result.evidence


@pytest.mark.parametrize(
    "name", ["a b", "ä", "q\"uote'", "-rf", "tab\there", "new\nline", "$(touch x)", "\\x"]
)
def test_odd_names(tmp_path: Path, name: str) -> None:
    place = begun(tmp_path / "shop")
    (place / name).write_text(CODE)
    git(place, "add", "--", name)
    (told,) = staged(place).objections
    assert told.line == 1
    assert not (place / "x").exists()


def test_what_is_too_much_is_never_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule, "LIMITS", Limits(whole=1 << 20, packed=2 << 20, unpacked=3 << 20, entries=50))
    place = begun(tmp_path / "shop")
    many = {f"f{n}": b"x" for n in range(99)}
    for name, content, why in (
        ("bomb.gz", gzip.compress(b"\0" * (30 << 20)), "more than 3 MB come out of it"),
        ("many.zip", zipped(many), "more than 50 files are packed in it"),
        (
            "deep.gz",
            gzip.compress(zipped({"a": gzip.compress(gzip.compress(b"a" * 9999))})),
            "more than 3 deep",
        ),
    ):
        (place / name).write_bytes(content)
        git(place, "add", name)
        result = staged(place)
        assert result.verdict is Verdict.UNKNOWN
        assert name in result.evidence and why in result.evidence
        assert "andon secrets except" in result.remedy
        git(place, "rm", "-q", "--cached", name)


def test_a_sparse_file_larger_than_memory_should_be_is_read_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule, "LIMITS", Limits(whole=1 << 20))
    place = begun(tmp_path / "shop")
    with (place / "disk.img").open("wb") as file:
        file.seek(40 << 20)
        file.write(CODE.encode())
        file.truncate(60 << 20)
    git(place, "add", "disk.img")
    assert [o.path for o in staged(place).objections] == ["disk.img"]


def test_time_that_is_up_decides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule, "PATIENCE", -1.0)
    place = begun(tmp_path / "shop")
    (place / "a.py").write_text("x = 2\n")
    git(place, "add", ".")
    assert staged(place).verdict is Verdict.UNKNOWN


def test_the_same_value_elsewhere_in_the_file_is_not_new(tmp_path: Path) -> None:
    place = begun(tmp_path / "shop")
    committed(place)
    (place / "key.py").write_text(f"import os\n\nt = ['{TOKEN}']  # moved\n")
    git(place, "add", ".")
    assert staged(place).verdict is Verdict.PASSED
    (place / "key.py").write_text(f"import os\n\nt = ['{made_token(22)}']\n")
    git(place, "add", ".")
    assert [o.line for o in staged(place).objections] == [3]

"""Secrets where git keeps them: staged, marked as binary, in a huge file, in a merge, with odd names."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import andon.desk.gate.secrets as rule
from andon.desk.gate.context import Asked, GateContext
from andon.desk.gate.secrets import check
from andon.desk.gate.standing import Standing
from andon.errors import Unavailable
from andon.incident.words import Gear
from andon.production.git_changes import GitChanges
from andon.response.gates.results import RuleResult
from andon.response.gates.table import Point
from andon.secrets.views import Limits
from tests.evasions import made_token
from tests.fakes.desk import FakeDesk

TOKEN = made_token(1)


def git(place: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *settings, *arguments], cwd=place, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "app.py").write_text("x = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "Begin")
    return tmp_path


def asked(shop: Path, point: Point = Point.PRE_COMMIT, base: str = "", head: str = "") -> RuleResult:
    desk = FakeDesk(shop, changes=GitChanges(str(shop)))  # type: ignore[arg-type]
    return check(GateContext(desk, point, Standing(gear=Gear.BUILD, why="test"), Asked(base=base, head=head)))


def places(result: RuleResult) -> list[str]:
    return sorted(o.place for o in result.objections)


def test_what_is_staged_is_read_as_git_has_it(shop: Path) -> None:
    (shop / ".gitattributes").write_text("*.txt binary\n*.md -diff\n")
    (shop / "a.txt").write_text(f"one\n{TOKEN}\n")
    (shop / "b.md").write_text(TOKEN)
    (shop / "nul.bin").write_bytes(b"\0\1" + TOKEN.encode() + b"\0")
    (shop / "wide.txt").write_text(f"one\ntwo\n{TOKEN}\n", encoding="utf-16")
    (shop / "with space\nand line").write_text(TOKEN)
    (shop / "link").symlink_to(f"/srv/{TOKEN}")
    git(shop, "add", ".")
    (shop / "a.txt").write_text("clean again, but not what is staged\n")
    assert places(asked(shop)) == [
        "a.txt:2", "b.md:1", "link:1", "nul.bin:1", "wide.txt:3", "with space\nand line:1",
    ]  # fmt: skip


def test_an_empty_repository_and_nothing_staged_pass(tmp_path: Path, shop: Path) -> None:
    assert asked(shop).objections == ()
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    (other / "x").write_text(TOKEN)
    git(other, "add", ".")
    assert places(asked(other)) == ["x:1"]


def test_a_huge_file_is_read_in_pieces(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule, "LIMITS", Limits(whole=1 << 20))
    line = b"%d some words of a log that is much too large\n"
    with (shop / "huge.log").open("wb") as file:
        for n in range(50_000):
            file.write(line % n)
        file.write(TOKEN.encode() + b"\n")
    (shop / "small.py").write_text(f"a = '{TOKEN}'")
    git(shop, "add", ".")
    assert places(asked(shop)) == ["huge.log:50001", "small.py:1"]


def test_each_commit_of_a_range_and_what_a_merge_brings(shop: Path) -> None:
    base = git(shop, "rev-parse", "HEAD")
    git(shop, "checkout", "-qb", "side")
    (shop / "side.py").write_text(f"a = '{TOKEN}'\n")
    git(shop, "add", ".")
    git(shop, "commit", "-qm", "Side")
    git(shop, "rm", "-q", "side.py")
    git(shop, "commit", "-qm", "Not any more")
    git(shop, "checkout", "-q", "main")
    (shop / "main.py").write_text("b = 1\n")
    git(shop, "add", ".")
    git(shop, "commit", "-qm", "Main")
    git(shop, "merge", "-q", "--no-commit", "side")
    (shop / "app.py").write_text(f"x = '{TOKEN}'\n")
    git(shop, "add", ".")
    git(shop, "commit", "-qm", "Merge")
    found = asked(shop, Point.PRE_PUSH, base, git(shop, "rev-parse", "HEAD"))
    assert places(found) == ["app.py:1", "side.py:1"]


def test_contents_come_in_order_and_whole(shop: Path) -> None:
    changes = GitChanges(str(shop))
    names = []
    for n in range(5):
        (shop / f"f{n}").write_bytes(b"%d" % n * (n * 6_000_000))
        names.append(git(shop, "hash-object", "-w", f"f{n}"))
    sizes = {name: sum(map(len, pieces)) for name, pieces in changes.objects([*names, names[0]])}
    assert sizes == {name: n * 6_000_000 for n, name in enumerate(names)}
    small = {name: b"".join(p) for name, p in changes.objects(names[:2])}
    assert small[names[0]] == b"" and len(small[names[1]]) == 6_000_000
    for wanted in (["f" * 40], ["f" * 40, *names]):
        with pytest.raises(Unavailable, match="not in this repository"):
            list(changes.objects(wanted))


def test_a_name_of_line_ends_hides_nothing_in_a_merge(shop: Path) -> None:
    base = git(shop, "rev-parse", "HEAD")
    git(shop, "checkout", "-qb", "side")
    git(shop, "commit", "-q", "--allow-empty", "-m", "Side")
    git(shop, "checkout", "-q", "main")
    git(shop, "commit", "-q", "--allow-empty", "-m", "Main")
    git(shop, "merge", "-q", "--no-commit", "side")
    for number, name in enumerate(("\n", "\n\n", "\nfirst", "last\n")):
        (shop / name).write_text(made_token(20 + number))
    git(shop, "add", ".")
    git(shop, "commit", "-qm", "Merge")
    found = asked(shop, Point.PRE_PUSH, base, git(shop, "rev-parse", "HEAD"))
    assert {o.path for o in found.objections} == {"\n", "\n\n", "\nfirst", "last\n"}

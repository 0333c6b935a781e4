"""The rule `regression-tests` in a real repository: it reads the index and commits, not the work tree."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from andon.desk.gate.context import Asked, GateContext
from andon.desk.gate.regression_tests import check
from andon.desk.gate.standing import Standing
from andon.desk.regressions import checked, name_test
from andon.errors import InvalidInput, NotFound, Unavailable
from andon.incident.words import Gear, Verdict
from andon.production.git_changes import LARGEST, GitChanges
from andon.record import replace
from andon.response.gates.results import RuleResult
from andon.response.gates.table import Point
from tests.fakes.desk import FakeDesk

LOG = "docs/regressions.md"
ENTRY = "# R\n\n## REG-1 - x\n\n- **Symptom:** x\n- **Test:** tests/test ä.py::test_a\n"
TEST = "tests/test ä.py"
BODY = "def test_a():\n    assert 1\n"


def git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", root, "-c", "user.name=a", "-c", "user.email=a@example.org", *words],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    write(tmp_path, LOG, ENTRY)
    write(tmp_path, TEST, BODY)
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")


def desk_in(root: Path) -> FakeDesk:
    desk = FakeDesk(root)
    desk.changes = GitChanges(str(root))  # type: ignore[assignment]
    assert desk.config.review.regressions == LOG
    return desk


def asked(root: Path, **given: str) -> RuleResult:
    context = GateContext(
        desk_in(root), Point.PRE_COMMIT, Standing(gear=Gear.BUILD, why="default"), Asked(**given)
    )
    return check(context)


def test_what_is_committed_passes(root: Path) -> None:
    assert asked(root).verdict is Verdict.PASSED
    assert asked(root, head="HEAD").evidence == "1 entries, 1 tests run"


def test_the_index_counts_and_not_the_work_tree(root: Path) -> None:
    (root / TEST).unlink()
    assert asked(root).verdict is Verdict.PASSED
    git(root, "rm", "-q", "--cached", TEST)
    write(root, TEST, BODY)
    result = asked(root)
    assert result.verdict is Verdict.FAILED and "the file is not there" in result.evidence
    assert result.objections[0].place == f"{LOG}:3"


def test_a_skipped_test_is_seen_in_the_commit_that_skips_it(root: Path) -> None:
    first = git(root, "rev-parse", "HEAD")
    write(root, TEST, f"@pytest.mark.skip\n{BODY}")
    git(root, "commit", "-qam", "quick")
    git(root, "revert", "--no-edit", "HEAD")
    assert asked(root, base=first, head="HEAD~1").verdict is Verdict.FAILED
    assert asked(root, base=first, head="HEAD").verdict is Verdict.PASSED


def test_an_entry_or_the_whole_log_taken_out_is_told(root: Path) -> None:
    write(root, LOG, "# R\n")
    git(root, "add", "-A")
    assert [o.text for o in asked(root).objections] == ["REG-1: it is taken out of the log"]
    git(root, "rm", "-qf", LOG)
    assert asked(root).verdict is Verdict.FAILED
    git(root, "commit", "-qm", "gone")
    assert asked(root).evidence == "there is no regression log"


def test_a_log_that_is_moved_away_is_told(root: Path) -> None:
    git(root, "mv", LOG, "docs/old.md")
    assert asked(root).verdict is Verdict.FAILED


def test_a_log_by_another_way_to_its_name_is_found(root: Path) -> None:
    desk = desk_in(root)
    review = replace(desk.config.review, regressions=f"./{LOG}")
    desk.config = replace(desk.config, review=review)
    git(root, "rm", "-q", "--cached", LOG)
    context = GateContext(desk, Point.PRE_COMMIT, Standing(gear=Gear.BUILD, why="default"), Asked())
    assert check(context).verdict is Verdict.FAILED


def test_in_an_empty_repository_nothing_is_asked(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert asked(tmp_path).verdict is Verdict.PASSED
    write(tmp_path, LOG, ENTRY)
    git(tmp_path, "add", "-A")
    assert asked(tmp_path).verdict is Verdict.FAILED


def test_a_range_that_is_not_known_is_unknown(root: Path) -> None:
    assert asked(root, problem="the clone is shallow").verdict is Verdict.UNKNOWN


def test_contents_of_commits_and_of_the_index(root: Path) -> None:
    changes = GitChanges(str(root))
    assert changes.content("HEAD", TEST) == changes.content("", TEST) == BODY.encode()
    assert changes.contents("", ("tests", "no such", "", "a\nb", TEST, LOG)).keys() == {TEST, LOG}
    assert changes.content("no-such-commit", TEST) is None
    (root / "large").write_bytes(b"x" * (LARGEST + 1))
    git(root, "add", "-A")
    with pytest.raises(Unavailable, match="large"):
        changes.content("", "large")


def test_a_person_names_a_test_and_asks_for_all(root: Path) -> None:
    desk = desk_in(root)
    assert [one.verdict for one in checked(desk)] == [Verdict.PASSED]
    assert name_test(desk, "1", "`./tests/x.py::test_b`").test == "tests/x.py::test_b"
    (one,) = checked(desk)
    assert (one.verdict, one.tests[0][0]) == (Verdict.FAILED, "tests/x.py::test_b")
    with pytest.raises(InvalidInput):
        name_test(desk, "1", "../x.py::t")
    with pytest.raises(NotFound):
        name_test(desk, "7", "x.py::t")


def test_a_mechanism_that_speaks_of_a_test_is_offered_and_not_taken(root: Path) -> None:
    write(root, LOG, "## REG-1 - x\n\n- **Prevention mechanism:** see tests/x.py::test_b\n")
    (one,) = checked(desk_in(root))
    assert (one.verdict, one.offer) == (None, "tests/x.py::test_b")

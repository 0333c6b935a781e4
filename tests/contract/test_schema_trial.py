"""What every maker of disposable copies promises: the fake, SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from andon.desk.values import TrialFailed
from andon.production.trials import trial_for
from andon.response.trial import catalog_differences, row_differences
from tests.fakes.trial import FakeTrial

if TYPE_CHECKING:
    from andon.desk.ports_trial import SchemaCopy, SchemaTrial


@pytest.fixture(params=["fake", "sqlite", "postgres"])
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> SchemaTrial:
    """A maker of copies that begin empty."""
    if request.param == "fake":
        return FakeTrial()
    if request.param == "sqlite":
        return trial_for("sqlite:", (), str(tmp_path), 20.0)
    return trial_for(request.getfixturevalue("empty_database_url"), (), str(tmp_path), 20.0)


@pytest.fixture
def copy(trial: SchemaTrial) -> Iterator[SchemaCopy]:
    with trial.copy() as made:
        yield made


def test_a_copy_begins_as_what_it_was_made_from(trial: SchemaTrial) -> None:
    with trial.copy() as first:
        assert first.is_empty
        first.apply("CREATE TABLE one (a integer)")
        first.seed()
    with trial.copy() as second:
        assert second.is_empty
        assert second.snapshot().rows == ()


def test_a_script_changes_the_catalog_and_its_opposite_changes_it_back(copy: SchemaCopy) -> None:
    before = copy.snapshot()
    copy.apply("CREATE TABLE one (a integer);\n-- a comment\nCREATE TABLE two (b integer);")
    after = copy.snapshot()
    added = catalog_differences(before.catalog, after.catalog)
    assert added and all(line.startswith("+ ") for line in added)
    assert [row.table.rpartition(".")[2] for row in after.rows] == ["one", "two"]
    copy.apply("DROP TABLE two; DROP TABLE one")
    assert copy.snapshot().catalog == before.catalog


def test_a_seeded_table_has_a_row_whose_loss_shows(copy: SchemaCopy) -> None:
    copy.apply("CREATE TABLE one (a integer)")
    assert [row.count for row in copy.snapshot().rows] == [0]
    copy.seed()
    copy.seed()
    before = copy.snapshot()
    assert [row.count for row in before.rows] == [1], "a table that has a row gets no other"
    assert before.empty == ()
    copy.apply("DELETE FROM one")
    [line] = row_differences(before, copy.snapshot())
    assert line.endswith("1 rows before, 0 after")


@pytest.mark.parametrize(
    "script", ["NONSENSE", "DROP TABLE absent", "CREATE TABLE one (a integer); NONSENSE"]
)
def test_what_fails_says_why_and_the_copy_can_still_be_read(copy: SchemaCopy, script: str) -> None:
    with pytest.raises(TrialFailed) as caught:
        copy.apply(script)
    assert caught.value.reason.strip()
    assert not caught.value.timed_out
    copy.snapshot()


def test_an_empty_script_changes_nothing(copy: SchemaCopy) -> None:
    before = copy.snapshot()
    copy.apply("")
    copy.apply("-- nothing here\n;\n/* or here */")
    assert copy.snapshot() == before


def test_a_failure_inside_leaves_no_copy_behind(trial: SchemaTrial) -> None:
    with pytest.raises(RuntimeError), trial.copy() as made:
        made.apply("CREATE TABLE one (a integer)")
        raise RuntimeError("the program died here")
    with trial.copy() as made:
        assert made.is_empty

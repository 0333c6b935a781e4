"""Where the engine keeps what it knows: private, apart from the journal, apart from other services."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from andon.errors import Unavailable
from andon.workflows.dbos_engine import DbosEngine, EngineView, engine_url, schema_of


def test_every_service_and_every_journal_has_an_engine_of_its_own(tmp_path: Path) -> None:
    shared = "postgresql://andon@db.example.org/andon"
    places = [
        engine_url(shared, "shop"),
        engine_url(shared, "shop-2"),
        engine_url(shared, "Shop"),
        engine_url(f"{shared}?options=-c%20search_path%3Done", "shop"),
        engine_url(f"{shared}?options=-c%20search_path%3Danother", "shop"),
    ]
    schemas = [schema_of(place) for place in places]
    assert len(set(schemas)) == len(schemas)
    assert all(schema.isidentifier() and len(schema) < 63 and schema.islower() for schema in schemas)
    assert engine_url(str(tmp_path / "journal.db"), "shop") == f"sqlite:///{tmp_path}/journal-engine.db"


def test_the_file_is_private_and_readers_do_not_wait(tmp_path: Path) -> None:
    place = engine_url(str(tmp_path / "new" / "journal.db"), "shop")
    view = EngineView(place)
    assert view.tasks() == (), "nothing ever ran here"
    view.close()
    engine = DbosEngine(place, {})
    try:
        file = tmp_path / "new" / "journal-engine.db"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        with sqlite3.connect(file) as db:
            assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        db.close()
        view = EngineView(place)
        assert view.tasks() == ()
        view.close()
    finally:
        engine.close()


def test_an_engine_that_cannot_be_opened_says_so_and_what_is_safe(tmp_path: Path) -> None:
    (tmp_path / "journal-engine.db").write_text("this is no database " * 100)
    with pytest.raises(Unavailable, match="the workflow engine cannot be opened") as caught:
        DbosEngine(engine_url(str(tmp_path / "journal.db"), "shop"), {})
    assert "the journal holds everything" in caught.value.remedy

"""The journal is locked, read-only, full, cut off, falsified or newer: said clearly, and nothing is lost."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.acceptance.shop import BROKEN, Shop, explains, open_shop


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a shop has on record of an incident of some length, with evidence; made once, for copies."""
    with open_shop(tmp_path_factory.mktemp("told")) as shop:
        shop.break_it()
        shop.declare()
        shop.quickly("ack")
        shop.quickly("assess")
        shop.quickly("note", "called ben")
        return shop.journal.parent


@pytest.fixture
def told(shop: Shop, history: Path) -> Shop:
    """A shop with that history, in which v1.2.0 runs."""
    shutil.copytree(history, shop.journal.parent)
    shop.release(BROKEN)
    shop.switch(BROKEN)
    return shop


def unavailable(shop: Shop, *words: str, **extra: str) -> str:
    """Check that a command says that it could not decide, where and what to do, and return what it said."""
    done = shop.andon(*words, code=3, **extra)
    explains(done, "journal")
    assert shop.ask(*words, code=3, **extra)["error"]["kind"] == "Unavailable"
    return done.stderr


def test_locked_by_another_program(told: Shop) -> None:
    with closing(sqlite3.connect(told.journal, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        done = told.andon("note", "is anybody there", code=3)
        explains(done, "locked", "fuser", str(told.journal))
        other.execute("ROLLBACK")
    told.andon("note", "is anybody there")
    assert told.ask("audit")["whole"]


@contextmanager
def disk(place: Path, size: str) -> Iterator[None]:
    """Have a disk of its own at `place`."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("needs a disk of its own, which only root can mount")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_on_a_full_disk(shop: Shop) -> None:
    place = shop.home / "disk"
    place.mkdir()
    shop.environment["ANDON_JOURNAL"] = str(place / "journal.db")
    with disk(place, "700k"):
        shop.declare()
        noted = 0
        with (place / "filler").open("wb", 0) as filler, pytest.raises(OSError, match="No space"):
            while True:
                filler.write(b"x" * 1024)
        for _ in range(200):
            done = shop.quickly("note", f"note {noted} {'x' * 3000}", code=(0, 3))
            if done.returncode:
                break
            noted += 1
        explains(done, "disk")
        shop.andon("status")
        shop.andon("evidence", "add", "app.py", code=3)
        assert shop.ask("audit")["whole"]
        kept = [text for text in shop.texts() if text.startswith("note:")]
        assert len(kept) == noted
        (place / "filler").unlink()
        shop.andon("note", "room again")
        assert shop.ask("audit")["whole"]


def test_on_a_read_only_disk(shop: Shop) -> None:
    place = shop.home / "disk"
    place.mkdir()
    shop.environment["ANDON_JOURNAL"] = str(place / "journal.db")
    with disk(place, "4m"):
        shop.declare()
        subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        unavailable(shop, "note", "nobody hears me")
        shop.andon("status")
        shop.andon("timeline")
        assert shop.ask("audit")["whole"]
        subprocess.run(["mount", "-o", "remount,rw", place], check=True)
        shop.andon("note", "heard")


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not bind root")
def test_in_a_directory_that_may_not_be_written(told: Shop) -> None:
    told.journal.chmod(0o444)
    told.journal.parent.chmod(0o555)
    unavailable(told, "note", "nobody hears me")
    told.andon("status")
    told.journal.parent.chmod(0o755)
    told.journal.chmod(0o644)
    told.andon("note", "heard")


def test_with_no_place_for_it(shop: Shop) -> None:
    (shop.home / "file").write_text("a file\n")
    for place in ("/dev/null/journal.db", str(shop.home / "file" / "journal.db"), "/proc/journal.db"):
        unavailable(shop, "declare", "broken", "--no-capture", "--journal", place)
    unavailable(shop, "declare", "broken", "--no-capture", "--journal", str(shop.repository))
    unavailable(shop, "status", "--journal", str(shop.repository))
    shop.andon("declare", "broken", "--no-capture", XDG_DATA_HOME="/proc/nowhere", code=3)
    shop.andon("declare", "broken", "--no-capture", XDG_CACHE_HOME="/proc/nowhere", TMPDIR="/proc/nowhere")


@pytest.mark.parametrize("harm", ["empty", "cut", "random", "text", "directory"])
def test_damaged(told: Shop, harm: str) -> None:
    for leftover in told.journal.parent.glob("journal.db-*"):
        leftover.unlink()
    backup = told.home / "backup.db"
    shutil.copy(told.journal, backup)
    size = told.journal.stat().st_size
    match harm:
        case "empty":
            os.truncate(told.journal, 0)
        case "cut":
            os.truncate(told.journal, size * 2 // 3)
        case "random":
            told.journal.write_bytes(os.urandom(size))
        case "text":
            told.journal.write_text("a diary\n" * 1000)
        case "directory":
            told.journal.unlink()
            told.journal.mkdir()
    before = told.journal.read_bytes() if harm != "directory" else b""
    for words in (("note", "x"), ("audit",), ("declare", "again", "--no-capture"), ("timeline",)):
        unavailable(told, *words)
    told.andon("doctor", code=(1, 3))
    if harm != "directory":
        assert told.journal.read_bytes() == before, "what is left of it was touched"
    else:
        told.journal.rmdir()
    shutil.copy(backup, told.journal)
    told.andon("note", "restored")
    assert told.ask("audit")["whole"]


def alter(shop: Shop, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(shop.journal)) as database:
        database.execute(statement, values)
        database.commit()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET data = replace(data, 'called ben', 'called eve') WHERE stream = 'INC-1'",
        "UPDATE event SET actor = 'eve' WHERE stream = 'INC-1' AND seq = 1",
        "DELETE FROM event WHERE stream = 'INC-1' AND seq = 4",
        "UPDATE event SET data = 'no JSON' WHERE stream = 'INC-1' AND seq = 3",
        "UPDATE event SET data = x'fffe00' WHERE stream = 'INC-1' AND seq = 3",
        "UPDATE head SET seq = seq - 1 WHERE stream = 'INC-1'",
    ],
)
def test_falsified(told: Shop, statement: str) -> None:
    drop_guards(told)
    alter(told, statement)
    done = told.andon("audit", code=1)
    assert "ALTERED" in done.stdout
    assert re.search(r"INC-1 .*event \d+", done.stdout), done.stdout
    altered = told.ask("audit", code=1)
    assert not altered["whole"]
    assert [s["stream"] for s in altered["streams"] if not s["whole"]] == ["INC-1"]
    assert "altered" in told.andon("doctor", code=1).stdout
    for words in (("status",), ("note", "x"), ("timeline",), ("close",), ("board",)):
        told.quickly(*words, code=(0, 1, 2, 3))


def drop_guards(shop: Shop) -> None:
    """Take away what the schema does against alteration: whoever falsifies would do that, too."""
    with closing(sqlite3.connect(shop.journal)) as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in names:
            database.execute(f"DROP TRIGGER {name}")
        database.commit()


def test_falsified_evidence(told: Shop) -> None:
    drop_guards(told)
    (evidence, *_) = told.json("evidence", "list")
    with closing(sqlite3.connect(told.journal)) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        (table,) = [name for name in tables if "evidence" in name]
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    assert {"content"} <= set(columns), columns
    alter(told, f"UPDATE {table} SET content = x'00' WHERE hash LIKE ?", f"%{evidence['evidence'][7:]}")
    done = told.andon("audit", code=1)
    assert evidence["evidence"] in done.stdout
    assert told.json("audit", code=1)["damaged"] == [evidence["evidence"]]
    told.andon("evidence", "show", evidence["evidence"], code=(0, 1, 2, 3))
    alter(told, f"DELETE FROM {table} WHERE hash LIKE ?", f"%{evidence['evidence'][7:]}")
    assert told.json("audit", code=1)["missing"] == [evidence["evidence"]]
    told.andon("evidence", "show", evidence["evidence"], code=2)


def test_of_a_newer_andon(told: Shop) -> None:
    alter(told, "PRAGMA user_version = 99")
    assert "upgrade" in unavailable(told, "note", "x")
    told.andon("status")
    told.andon("timeline")
    assert told.ask("audit")["whole"]


def test_of_another_program(shop: Shop) -> None:
    place = shop.home / "orders.db"
    with closing(sqlite3.connect(place)) as database:
        database.execute("CREATE TABLE orders (id INTEGER)")
        database.commit()
    before = place.read_bytes()
    unavailable(shop, "declare", "broken", "--no-capture", "--journal", str(place))
    assert place.read_bytes() == before


def test_nobody_has_a_home(shop: Shop) -> None:
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        shop.environment.pop(name)
    shop.environment["ANDON_JOURNAL"] = str(shop.home / "elsewhere" / "journal.db")
    assert shop.declare() == "INC-1"
    assert "declared" in shop.andon("status").stdout
    assert not (shop.repository / "~").exists()


def test_a_configured_path_is_meant_from_the_root(shop: Shop) -> None:
    shop.configure(extra='journal = "data/journal.db"')
    below = shop.repository / "deep" / "below"
    below.mkdir(parents=True)
    shop.andon("declare", "broken", "--no-capture", cwd=below)
    assert shop.json("status")["incident"] == "INC-1"
    assert (shop.repository / "data" / "journal.db").exists()

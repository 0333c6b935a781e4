"""The old release would not start on the newer schema: the way down first, then back; or a second outage."""

from __future__ import annotations

import pexpect

from tests.acceptance.drilled import check_the_end, drill
from tests.acceptance.test_drill_interactive import choose, start


def test_the_way_down_goes_before_the_way_back(tmp_path) -> None:
    done = drill("boot-migrate-trap", tmp_path)
    check_the_end(done)
    assert done.running() == "v1.4.0"
    timeline = done.timeline()
    assert any("rollback" in text and "rollback-unsafe" in text for text in timeline)
    assert done.checks()["migrations-reversible"] == "signed"
    after = (done.home / "production" / "shop.log").read_text().rpartition("shop 1.4.0 listens")[2]
    assert "POST /checkout 201" in after
    assert "ERROR" not in after


def test_whoever_signs_what_nobody_looked_at_meets_the_trap(tmp_path) -> None:
    terminal = start(tmp_path, "boot-migrate-trap")
    choose(terminal, "What do you do", "pull the cord now")
    choose(terminal, "How bad is it", "P0")
    choose(terminal, "What comes first", "acknowledge it")
    choose(terminal, "What now", "roll back at once")
    terminal.expect("release step failed")
    terminal.expect("no migration found for version 3")
    choose(terminal, "What now", "take the migration back")
    terminal.expect("0003_notes.down.sql: done")
    choose(terminal, "When do you say", "after the smoke tests")
    choose(terminal, "close it", "write the postmortem")
    terminal.expect(r"score: (\d+) of (\d+)")
    assert int(terminal.match.group(1)) < int(terminal.match.group(2))
    terminal.expect(pexpect.EOF)
    terminal.wait()
    terminal.close()
    assert terminal.exitstatus == 0

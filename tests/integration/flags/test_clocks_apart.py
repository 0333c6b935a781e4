"""Clocks that are years apart: versions decide, never the time of anybody, and no age is made up."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from andon.cli.flags_status import _ago
from andon.flags.client import connect
from andon.flags.last_good import read, write
from andon.server import flag_service
from tests.fakes.flag_stream import PATIENCE, FlagStream, flag, until
from tests.flag_server import running_server, switch

#: Milliseconds since 1970: then, and in 2100.
LONG_AGO, FAR_AHEAD = 1, 4_102_444_800_000
NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize("version", [LONG_AGO, FAR_AHEAD])
def test_a_client_obeys_a_server_whose_clock_is_decades_away(version: int, tmp_path: Path) -> None:
    keep = str(tmp_path / "kept.json")
    with FlagStream({"a": flag(True)}, version) as server, connect(server.address, keep=keep) as flags:
        assert flags.wait_ready(60) and flags.boolean("a", False) is True
        killed = server.patch({"a": flag(False)})
        until(lambda: server.confirmed(killed))
        assert flags.boolean("a", True) is False
        status = flags.status()
        assert status.age is not None and 0 <= status.age < PATIENCE and status.problem == ""
        until(lambda: Path(keep).exists() and read(keep)[1] == killed)


def test_a_server_whose_clock_is_set_back_still_numbers_upwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_server(tmp_path, {"a": switch(), "b": switch()}) as server:
        first = server.put("a")
        monkeypatch.setattr(flag_service, "_milliseconds", lambda: LONG_AGO)
        second = server.put("b")
    with running_server(tmp_path, {"a": switch(), "b": switch(), "c": switch()}) as server:
        third = server.put("c")
        _, answer, _ = server.ask("GET", "/flags/v1/flags")
    assert first < second < third
    assert {one["flag"] for one in answer["overrides"]} == {"a", "b", "c"}


def test_a_server_whose_clock_was_ahead_is_followed_after_it_is_put_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as ahead:
        ahead.setattr(flag_service, "_milliseconds", lambda: FAR_AHEAD)
        with running_server(tmp_path, {"a": switch()}) as server:
            assert server.put("a") >= FAR_AHEAD
            with connect(server.address) as flags:
                assert flags.wait_ready(60) and flags.boolean("a", True) is False
    with running_server(tmp_path) as server, connect(server.address) as flags:
        assert flags.wait_ready(60)
        status, _, _ = server.ask("DELETE", "/flags/v1/overrides/kill/a?operation=op-a")
        assert status == 200
        until(lambda: flags.boolean("a", False))


def test_a_file_from_the_future_is_used_and_not_called_new(tmp_path: Path) -> None:
    keep = tmp_path / "kept.json"
    write(str(keep), {"flags": {"a": flag(False)}}, 7)
    later = time.time() + 86_400
    os.utime(keep, (later, later))
    assert read(str(keep))[2] is None
    with FlagStream() as gone:
        gone.close()
        with connect(gone.address, keep=str(keep)) as flags:
            status = flags.status()
            assert (status.source, status.version, status.age) == ("last-good", 7, None)
            assert flags.boolean("a", True) is False
            assert "never confirmed" in repr(flags)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(3, "3.0 s ago"), (-0.4, "0.0 s ago"), (-90, "at 03:01:30, 1 min 30 s ahead of this clock")],
)
def test_a_moment_after_now_is_told_as_another_clocks(seconds: float, told: str) -> None:
    assert _ago(NOW - timedelta(seconds=seconds), NOW) == told

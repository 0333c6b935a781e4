"""The last search without an incident: kept for its owner alone, found again, replaced by the next."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from andon.cli.gap_last import keep_last, last_page, last_search
from andon.desk.gap.find import Found
from andon.gaps.verdict import Search, Verdict
from andon.gaps.words import Answer


def found(name: str, incident: object = None) -> Found:
    search = Search(id=name, verdict=Verdict(answer=Answer.UNKNOWN))
    return Found(search=search, incident=cast(Any, incident), page=f"<html>{name}</html>")


def desk(root: Path) -> Any:
    return SimpleNamespace(config=SimpleNamespace(root=str(root)))


def test_the_last_search_is_found_again_by_its_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    here = desk(tmp_path / "shop")
    assert last_search(here) == "" and last_page(here) == ("", "")
    keep_last(here, found("G1"))
    keep_last(here, found("G2"))
    keep_last(here, found("G3", incident=object()))
    assert last_page(here) == ("G2", "<html>G2</html>")
    assert stat.S_IMODE(os.stat(last_search(here)).st_mode) == 0o600
    assert last_search(desk(tmp_path / "other")) == ""


def test_where_nothing_can_be_kept_nothing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cache").write_text("a file")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    keep_last(desk(tmp_path), found("G1"))
    assert last_search(desk(tmp_path)) == ""

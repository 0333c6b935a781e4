"""While it searches, a terminal sees which world is tried and how much time is left; nobody else does."""

from __future__ import annotations

import io
import sys

import pytest

from andon.cli.gap_find import _Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "quiet", "is_told"),
    [(Terminal(), False, True), (Terminal(), True, False), (io.StringIO(), False, False)],
    ids=["terminal", "json", "pipe"],
)
def test_what_runs_now_and_the_time_left(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, quiet: bool, is_told: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    with _Progress(quiet=quiet, minutes=10) as progress:
        progress("the tests' own world, unchanged, 30 times")
        progress("the tests' world with production's data\x1b[31m")
    said = stream.getvalue()
    assert ("2  the tests' world with production's data" in said) is is_told
    assert (" s left)" in said) is is_told
    assert "\x1b[31m" not in said
    assert said.endswith("\r\x1b[K") is is_told

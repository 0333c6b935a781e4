"""What lasts is told on standard error, each step by its name; what is over at once is not."""

from __future__ import annotations

import time

import pytest

from andon.cli import ticking as module
from andon.cli.ticking import ticking


def test_a_step_that_lasts_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOMENTS", (0.01, 0.02))
    told, deadline = "", time.monotonic() + 10
    with ticking(600) as step:
        step("the tests run\x1b[2J")
        while "... 0.02 s" not in told and time.monotonic() < deadline:
            told += capsys.readouterr().err
    assert "the tests run" in told and "... 0.01 s (limit 600 s)" in told and "\x1b" not in told


def test_a_step_that_is_over_at_once_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    with ticking() as step:
        for name in ("one", "two"):
            step(name)
    assert capsys.readouterr().err == ""


def test_what_goes_wrong_in_between_comes_out(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), ticking() as step:
        step("one")
        raise KeyboardInterrupt
    assert capsys.readouterr().err == ""

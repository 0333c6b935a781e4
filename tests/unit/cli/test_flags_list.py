"""What a flag system says of itself stands above its list: the list alone may be wrong."""

from __future__ import annotations

import argparse
import json
from typing import Any

import pytest

from andon.cli.flags_list import run
from andon.errors import Unavailable
from tests.fakes.flag_system import FakeFlagSystem
from tests.fakes.journal import FakeRedactor

BEHIND = "behind: a process has version 9, this state only 7: it is an old copy"


class Desk:
    """As much of a desk as a list needs."""

    def __init__(self) -> None:
        self.flag_system: Any = FakeFlagSystem()
        self.redactor = FakeRedactor()


@pytest.mark.parametrize("as_json", [False, True])
def test_what_the_system_says_of_itself_is_told_and_is_no_success(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    desk, arguments = Desk(), argparse.Namespace(json=as_json, key="")
    assert run(desk, arguments) == 0  # type: ignore[arg-type]
    capsys.readouterr()
    desk.flag_system.problems = (BEHIND,)
    assert run(desk, arguments) == 3  # type: ignore[arg-type]
    told = capsys.readouterr().out
    assert json.loads(told)["problems"] == [BEHIND] if as_json else BEHIND in told


def test_a_system_that_does_not_say_how_it_is_is_doubted(capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk()

    def silent() -> None:
        raise Unavailable("it does not answer")

    desk.flag_system.health = silent
    assert run(desk, argparse.Namespace(json=False, key="")) == 3  # type: ignore[arg-type]
    assert "could not be asked: it does not answer" in capsys.readouterr().out

"""A table in colours: the codes are ours, take no room, and are of nobody else."""

from __future__ import annotations

import pytest

from andon.cli.terminal import rows, style


@pytest.fixture(autouse=True)
def in_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("TERM", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")


def test_columns_stand_below_each_other_and_keep_their_colours(capsys: pytest.CaptureFixture[str]) -> None:
    rows([("a", style("blocks", "red"), "one"), ("bcd", "no", "two")])
    assert capsys.readouterr().out.splitlines() == [
        "  a    \x1b[31mblocks\x1b[0m  one",
        "  bcd  no      two",
    ]


def test_a_part_of_a_table_is_as_wide_as_its_least(capsys: pytest.CaptureFixture[str]) -> None:
    rows([("a", style("x", "red"), "one")], least=(3, 6))
    assert capsys.readouterr().out == "  a    \x1b[31mx\x1b[0m       one\n"


def test_the_codes_of_others_are_spelled_out_also_within_our_own(capsys: pytest.CaptureFixture[str]) -> None:
    rows([("\x1b[2J", style("\x1b[31mred", "green"), "\x1b[0m")])
    assert capsys.readouterr().out == "  \\x1b[2J  \x1b[32m\\x1b[31mred\x1b[0m  \\x1b[0m\n"

"""Stages and times as people give them, and what is no stage and no time."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError

import pytest

from andon.cli.flags_rollout import configure, wishes_of
from andon.cli.rollout_words import percent, refuse_mixed, span
from andon.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "value"), [("5%", 5.0), ("5", 5.0), ("0.5%", 0.5), (" 100% ", 100.0), ("1e1", 10.0)]
)
def test_percent(text: str, value: float) -> None:
    assert percent(text) == value


@pytest.mark.parametrize("text", ["", "%", "five", "0%", "-5%", "101%", "nan", "inf", "5%%", "5% 25%"])
def test_no_percent(text: str) -> None:
    with pytest.raises(ArgumentTypeError):
        percent(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("90s", 90.0),
        ("10m", 600.0),
        ("10min", 600.0),
        ("2h", 7200.0),
        ("1d", 86_400.0),
        ("30", 30.0),
        ("0", 0),
    ],
)
def test_span(text: str, value: float) -> None:
    assert span(text) == value


@pytest.mark.parametrize("text", ["", "m", "soon", "10 weeks", "-1m", "nan", "inf", "31d", "1e400s", "10M"])
def test_no_span(text: str) -> None:
    with pytest.raises(ArgumentTypeError):
        span(text)


def parsed(*words: str) -> object:
    parser = ArgumentParser()
    configure(parser)
    return parser.parse_args(words)


def test_the_words_of_the_issue() -> None:
    given = parsed("new-pricing", "5%", "25%", "100%", "--every", "10m", "--watch")
    found = wishes_of(given)  # type: ignore[arg-type]
    assert (found.stages, found.every, found.watch) == ((5.0, 25.0, 100.0), 600.0, None)
    assert wishes_of(parsed("k", "5%", "--watch=90s")).watch == 90.0  # type: ignore[arg-type]
    assert wishes_of(parsed("k", "5%", "--no-watch")).watch == 0.0  # type: ignore[arg-type]


def test_stages_begin_a_rollout() -> None:
    with pytest.raises(InvalidInput):
        refuse_mixed(parsed("k", "5%", "--stop"))  # type: ignore[arg-type]
    with pytest.raises(SystemExit):
        parsed("k", "--stop", "--back")

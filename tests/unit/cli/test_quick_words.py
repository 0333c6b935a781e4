"""The quick reading of words agrees with argparse on everything it does not leave to it."""

from __future__ import annotations

import argparse
import contextlib
import io
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.cli.commands import COMMANDS
from andon.cli.quick_words import SUPPRESS, Unusual, Words

Declaration = tuple[tuple[str, ...], dict[str, Any]]

#: Every kind of word that a command of Andon declares.
KINDS: list[Declaration] = [
    (("title",), {"nargs": "+"}),
    (("--severity", "-s"), {"default": "P1", "choices": ["P0", "P1"]}),
    (("--because",), {"default": "", "metavar": "TEXT", "help": "why"}),
    (("--no-capture",), {"action": "store_true"}),
    (("--watch",), {"type": float, "default": 10.0}),
    (("--limit",), {"type": int, "default": "20"}),
    (("--as",), {"dest": "actor", "default": argparse.SUPPRESS}),
    (("--json",), {"action": "store_true", "default": argparse.SUPPRESS}),
    (("--to",), {"required": True}),
]
texts = st.sampled_from([
    "--severity", "-s", "P0", "P9", "--because", "--because=x", "--because=", "--no-capture",
    "--no-capture=1", "--watch", "1.5", "-1", "--limit", "--limit=7", "-", "--", "--as", "ada", "--json",
    "--js", "-sP0", "--to", "v1", "--to=v1", "-h", "-z", "title", "", "x y", "-x y",
])  # fmt: skip


def agree(argv: list[str], *declarations: Declaration) -> bool:
    """Say whether the quick reading read it; fail when it read something else than argparse."""
    parser, words = argparse.ArgumentParser(prog="andon x"), Words("andon x")
    for names, options in declarations:
        parser.add_argument(*names, **options)
        words.add_argument(*names, **options)
    try:
        quick = vars(words.read(argv))
    except Unusual:
        return False
    with contextlib.redirect_stderr(io.StringIO()) as complaint:
        try:
            slow = vars(parser.parse_args(argv))
        except SystemExit:
            pytest.fail(f"argparse refuses {argv}: {complaint.getvalue()}")
    assert quick == slow
    return True


@given(st.lists(texts, max_size=8), st.lists(st.sampled_from(KINDS), unique_by=lambda kind: kind[0][0]))
def test_what_is_read_is_read_as_argparse_reads_it(argv: list[str], kinds: list[Declaration]) -> None:
    agree(argv, *kinds)


@given(st.lists(texts, max_size=4))
def test_positionals_are_placed_as_argparse_places_them(argv: list[str]) -> None:
    agree(argv, (("choice",), {"choices": ["P0", "v1"]}), (("id",), {"nargs": "?"}), KINDS[3])


@pytest.mark.parametrize(
    "argv",
    [
        ["Checkout is down", "--severity", "P0", "--no-capture", "--to", "v1"],
        ["--to=v1", "--watch", "2", "--as", "ada", "Checkout", "is", "down"],
        ["a", "--to", "v1"],
    ],
)
def test_the_usual_is_read_quickly(argv: list[str]) -> None:
    assert agree(argv, *KINDS)


@pytest.mark.parametrize(
    "argv",
    [
        ["--help"],
        ["a", "--sev", "P0"],
        ["a", "--watch", "soon"],
        ["a", "--severity", "P9"],
        ["--nothing"],
        [],
    ],
)
def test_the_rest_is_left_to_argparse(argv: list[str]) -> None:
    assert not agree(argv, *KINDS)


def test_a_word_that_leaves_no_trace_has_argparse_s_name_for_it() -> None:
    assert SUPPRESS == argparse.SUPPRESS


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_can_declare_its_words(command: str) -> None:
    module = import_module(f"andon.cli.{COMMANDS[command].module}")
    with contextlib.suppress(Unusual):
        module.configure(Words(f"andon {command}"))

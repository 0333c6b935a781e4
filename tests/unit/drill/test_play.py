"""Command lines are shown as a person would have typed them, and can be pasted."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.drill.play import typed


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (("ack",), "andon ack"),
        (("declare", "Checkout fails", "--severity", "P0"), 'andon declare "Checkout fails" --severity P0'),
        (("note", "it's late"), 'andon note "it\'s late"'),
        (("note", 'a "quoted" $HOME'), "andon note 'a \"quoted\" $HOME'"),
    ],
)
def test_words_are_quoted_like_a_person_would(command, shown) -> None:
    assert typed(command) == shown


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]))))
def test_what_is_shown_means_the_same_command(words) -> None:
    assert shlex.split(typed(tuple(words))) == ["andon", *words]

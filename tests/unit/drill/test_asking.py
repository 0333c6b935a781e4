"""The menu of the interactive drill."""

import io

import pytest

from andon.drill.asking import Asking
from andon.drill.script import Decision, Option
from andon.drill.telling import Telling
from andon.errors import InvalidInput

DECISION = Decision(
    name="response",
    question="What now?",
    options=(
        Option(label="roll back", points=2, because="fast"),
        Option(label="wait", points=0, because="slow"),
    ),
)


def ask(typed: str) -> tuple[Option, str]:
    shown = io.StringIO()
    return Asking(Telling(shown), io.StringIO(typed))(DECISION, DECISION.options), shown.getvalue()


def test_a_number_chooses() -> None:
    option, shown = ask("2\n")
    assert option.label == "wait"
    assert "What now?" in shown
    assert "1  roll back" in shown


@pytest.mark.parametrize("typed", ["0\n1\n", "3\n1\n", "roll back\n1\n", "\n1\n", "-1\n 1 \n", "²\n1\n"])
def test_anything_else_is_asked_again(typed: str) -> None:
    option, shown = ask(typed)
    assert option.label == "roll back"
    assert "a number from 1 to 2" in shown


def test_the_end_of_the_answers_is_an_error_with_a_way_out() -> None:
    with pytest.raises(InvalidInput) as problem:
        ask("7\n")
    assert "andon drill" in problem.value.remedy

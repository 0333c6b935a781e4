"""With several incidents open, the next step names the one it is for."""

from __future__ import annotations

import pytest

from andon.cli.output import named


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("andon ack", "andon ack -i INC-3"),
        ('andon resolve --cause "..."', 'andon resolve -i INC-3 --cause "..."'),
        (
            "andon postmortem edit; andon postmortem publish",
            "andon postmortem -i INC-3 edit; andon postmortem -i INC-3 publish",
        ),
        ("", ""),
    ],
)
def test_a_command_is_given_its_incident(command: str, expected: str) -> None:
    assert named(command, "INC-3") == expected

"""Asks a person to decide, with a numbered menu on a plain terminal."""

from __future__ import annotations

from typing import TextIO

from andon.drill.script import Decision, Option
from andon.drill.telling import Telling
from andon.errors import InvalidInput


class Asking:
    """Puts the questions of a drill to whoever sits at the terminal."""

    def __init__(self, telling: Telling, answers: TextIO) -> None:
        """Remember where to write and where to read."""
        self._telling = telling
        self._answers = answers

    def __call__(self, decision: Decision, options: tuple[Option, ...]) -> Option:
        """Return the chosen option; raises InvalidInput when nobody answers any more.

        The options are shown by the alphabet, so that their order gives nothing away.
        """
        options = tuple(sorted(options, key=lambda option: option.label))
        self._telling.line()
        self._telling.say(decision.question)
        for number, option in enumerate(options, start=1):
            self._telling.line(f"    {self._telling.paint(str(number), 'cyan')}  {option.label}")
        while True:
            self._telling.prompt(f"  your decision [1-{len(options)}]: ")
            line = self._answers.readline()
            if not line:
                raise InvalidInput(
                    "nobody answers: the interactive drill needs somebody at the keyboard",
                    rule="interactive",
                    remedy="andon drill, without --interactive, takes the decisions itself",
                )
            if line.strip().isdecimal() and 1 <= int(line) <= len(options):
                return options[int(line) - 1]
            self._telling.remark(f"a number from 1 to {len(options)}, please")

"""A port `AuditTools` whose programs answer what a test put in."""

from __future__ import annotations

from collections.abc import Mapping

from andon.desk.values import AuditAnswer
from andon.response.audits.plan import Question


class FakeAuditTools:
    """Knows the programs that were put in; keeps what they were asked."""

    def __init__(self, programs: Mapping[str, AuditAnswer]) -> None:
        self.programs = dict(programs)
        self.asked: list[Question] = []

    def has(self, program: str, /) -> bool:
        return program in self.programs

    def ask(self, question: Question, timeout: float, /) -> AuditAnswer:
        self.asked.append(question)
        return self.programs[question.program]

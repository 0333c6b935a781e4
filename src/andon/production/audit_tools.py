"""Running audit tools on lock files alone, in a directory of their own: nothing of the repository runs."""

from __future__ import annotations

import os
import shutil

from andon.desk.values import AuditAnswer
from andon.errors import AndonError
from andon.production.process import run
from andon.production.scan_place import place_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.response.audits.plan import Question

#: Bytes of an answer.
_LIMIT = 64 << 20


class ProgramsOnPath:
    """The port `AuditTools`."""

    def has(self, program: str) -> bool:
        """True when it is on PATH."""
        return shutil.which(program) is not None

    def ask(self, question: Question, timeout: float) -> AuditAnswer:
        """Run a tool on the files of a question; never raises for how it ends."""
        try:
            with place_for(dict(question.files)) as place:
                done = run(
                    question.arguments,
                    cwd=os.path.join(place, question.directory),
                    env={"NO_COLOR": "1", "CI": "1"},
                    timeout=timeout,
                    limit=_LIMIT,
                    head=_LIMIT,
                    apart=True,
                )
        except AndonError as problem:
            return AuditAnswer(code=-1, failure=str(problem))
        failure = done.failure or (done.ending if done.timed_out else "")
        if done.left_out:
            failure = f"it says more than {_LIMIT >> 20} MB"
        return AuditAnswer(code=done.code, content=done.raw, account=done.account, failure=failure)

"""Smoke tests that are commands: exit code 0 passes, another one fails, what could not run is unknown."""

from __future__ import annotations

import shlex

from andon.desk.values import ProbeReport
from andon.incident.words import Verdict
from andon.production.process import last_lines, run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from andon.production.process import Finished

#: Exit codes with which shells and `env` say that what they should run is not there.
_NOT_THERE = (126, 127)


class CommandProbe:
    """One command."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        covers: str = "",
        critical: bool = False,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = 60.0,
    ) -> None:
        """Take the argument list and how many seconds it may take."""
        self.name = name
        self.covers = covers
        self.critical = critical
        self._arguments = tuple(arguments)
        self._cwd = cwd
        self._env = env
        self._timeout = timeout

    def run(self) -> ProbeReport:
        """Run it once; never raises. A time limit that was reached is unknown: it may be this machine."""
        done = run(self._arguments, cwd=self._cwd, env=self._env, timeout=self._timeout)
        verdict = _verdict(done)
        said = last_lines(done.output, 2000)
        summary = done.ending
        if verdict is not Verdict.PASSED and said and not done.failure:
            summary = f"{done.ending}: {said.splitlines()[-1].strip()[:160]}"
        if verdict is Verdict.UNKNOWN and done.code in _NOT_THERE and not done.failure:
            summary += " (what it should run is not there)"
        detail = f"{shlex.join(self._arguments)}\n{done.ending}\n{said}".rstrip()
        return ProbeReport(verdict=verdict, summary=summary, detail=detail, seconds=done.seconds)


def _verdict(done: Finished) -> Verdict:
    if done.succeeded:
        return Verdict.PASSED
    if done.failure or done.timed_out or done.code in _NOT_THERE:
        return Verdict.UNKNOWN
    return Verdict.FAILED

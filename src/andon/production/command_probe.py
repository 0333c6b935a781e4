"""Smoke tests that are commands: exit code 0 passes, another one fails, what could not run is unknown."""

from __future__ import annotations

import shlex

from andon.desk.values import ProbeReport
from andon.incident.words import Verdict
from andon.production.left_behind import PLACE, LeftBehind
from andon.production.process import first_words, last_lines, run

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
        unknown: Sequence[int] = (),
        keep_screenshot: bool = True,
        keep_trace: bool = False,
    ) -> None:
        """Take the argument list, how many seconds it may take, and exit codes that say nothing.

        `{attachments}` in the arguments, and ANDON_ATTACHMENTS, name a directory for what it leaves behind.
        """
        self.name = name
        self.covers = covers
        self.critical = critical
        self._arguments = tuple(arguments)
        self._cwd = cwd
        self._env = env
        self._timeout = timeout
        self._unknown = (*_NOT_THERE, *unknown)
        self._keep_screenshot, self._keep_trace = keep_screenshot, keep_trace

    def run(self) -> ProbeReport:
        """Run it once; never raises. A time limit that was reached is unknown: it may be this machine."""
        with LeftBehind(keep_screenshot=self._keep_screenshot, keep_trace=self._keep_trace) as left:
            if left.failure and any(PLACE in part for part in self._arguments):
                return ProbeReport(verdict=Verdict.UNKNOWN, summary=left.failure, detail=left.failure)
            return self._run(left)

    def _run(self, left: LeftBehind) -> ProbeReport:
        arguments = tuple(part.replace(PLACE, left.place) for part in self._arguments)
        env = {**(self._env or {}), **({"ANDON_ATTACHMENTS": left.place} if left.place else {})}
        done = run(arguments, cwd=self._cwd, env=env, timeout=self._timeout)
        verdict = self._verdict(done)
        said = last_lines(done.output, 2000)
        summary = done.ending
        if verdict is not Verdict.PASSED and said and not done.failure:
            summary = f"{done.ending}: {first_words(said.splitlines()[-1].strip(), 160)}"
        if verdict is Verdict.UNKNOWN and done.code in _NOT_THERE and not done.failure:
            summary += " (what it should run is not there)"
        return ProbeReport(
            verdict=verdict,
            summary=summary,
            detail=f"{shlex.join(self._arguments)}\n{done.ending}\n{said}".rstrip(),
            seconds=done.seconds,
            attachments=() if verdict is Verdict.PASSED else left.everything(),
        )

    def _verdict(self, done: Finished) -> Verdict:
        if done.failure or done.timed_out or done.code in self._unknown:
            return Verdict.UNKNOWN
        return Verdict.PASSED if done.code == 0 else Verdict.FAILED

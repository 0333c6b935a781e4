"""Runs Andon as a responder would: `andon ...` as a process of its own, in the production's repository."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from andon.drill.environment import environment

#: Seconds one command may take before the drill gives up on it.
LIMIT = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How one command line ended."""

    command: tuple[str, ...]
    code: int
    output: str


class Session:
    """One responder at a terminal in the repository that broke."""

    def __init__(self, repository: str, settings: Mapping[str, str]) -> None:
        """Remember where commands run and which variables they see."""
        self.repository = repository
        self.settings = {**settings, "ANDON_DELIVERY": "manual"}
        self.environment = environment(self.settings)

    def run(self, *arguments: str) -> Ran:
        """Run `andon` with these arguments and return its exit code and everything it printed.

        The command is ended with the drill: an interruption stops it before it is passed on.
        """
        with self._start(arguments, stderr=subprocess.STDOUT) as process:
            output, _ = self._finish(process)
        return Ran(command=arguments, code=process.returncode, output=output)

    def ask(self, *arguments: str) -> dict[str, object]:
        """Run a command with `--json` and return its answer; raises RuntimeError when there is none."""
        with self._start((*arguments, "--json"), stderr=subprocess.PIPE) as process:
            output, complaint = self._finish(process)
        with suppress(ValueError):
            answer = json.loads(output)
            if isinstance(answer, dict):
                return answer
        raise RuntimeError(f"andon {' '.join(arguments)} --json: {complaint.strip() or output.strip()}")

    def only_incident(self) -> str:
        """Return the id of the open incident, "" while there is none."""
        return str(self.ask("status").get("incident", ""))

    def _start(self, arguments: tuple[str, ...], stderr: int) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "andon", *arguments],
            cwd=self.repository,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            encoding="utf-8",
            errors="replace",
        )

    def _finish(self, process: subprocess.Popen[str]) -> tuple[str, str]:
        try:
            output, complaint = process.communicate(timeout=LIMIT)
        except BaseException:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
            process.kill()
            raise
        return output, complaint or ""

"""Runs Andon as a responder would: `andon ...` as a process of its own, in the production's repository."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from andon.drill.environment import environment

#: Seconds one command may take before the drill gives up on it.
LIMIT = 600.0


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
        #: Everything that the commands have printed.
        self.heard: list[str] = []

    def at(self, place: str) -> Session:
        """Return the same responder in another repository; what is heard there is heard here."""
        there = Session(place, self.settings)
        there.heard = self.heard
        return there

    def run(self, *arguments: str) -> Ran:
        """Run `andon` with these arguments and return its exit code and everything it printed.

        The command is ended with the drill: an interruption stops it before it is passed on.
        """
        with self._start(arguments, stderr=subprocess.STDOUT) as process:
            output, _ = self._finish(process)
        self.heard.append(output)
        return Ran(command=arguments, code=process.returncode, output=output)

    def run_until(self, words: str, then: Callable[[], str], *arguments: str) -> Ran:
        """Run `andon` and do something in between: when it has printed `words`, before it goes on.

        What `then` returns stands in the output where it happened; without the words it never happens.
        """
        told, done = [], False
        with self._start(arguments, stderr=subprocess.STDOUT) as process:
            with self._watched(process):
                for line in process.stdout or ():
                    told.append(line)
                    if words in line and not done:
                        done = True
                        told.append(then() + "\n")
            process.wait(timeout=LIMIT)
        self.heard += told
        return Ran(command=arguments, code=process.returncode, output="".join(told))

    def ask(self, *arguments: str) -> dict[str, object]:
        """Run a command with `--json` and return its answer; raises RuntimeError when there is none."""
        with self._start((*arguments, "--json"), stderr=subprocess.PIPE) as process:
            output, complaint = self._finish(process)
        self.heard += (output, complaint)
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
        with self._watched(process):
            output, complaint = process.communicate(timeout=LIMIT)
        return output, complaint or ""

    @contextmanager
    def _watched(self, process: subprocess.Popen[str]) -> Iterator[None]:
        """End the command when we are interrupted while it runs."""
        try:
            yield
        except BaseException:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
            process.kill()
            raise

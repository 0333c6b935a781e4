"""Any scanner that writes SARIF, run as the team says in `[[scanner]]`."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import tempfile

from andon.errors import Unavailable
from andon.production.process import run
from andon.production.scan_place import place_for
from andon.record import replace
from andon.response.findings.finding import Scan
from andon.response.findings.sarif import LARGEST, read_sarif

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from andon.config.model_team import ScannerConfig
    from andon.desk.ports_repository import Checkouts

#: Where the canaries lie, so that they meet no file of the repository.
_CANARIES = "andon-canary"


class CommandScanner:
    """The port `Scanner` with a command that writes a SARIF file to `{output}`."""

    def __init__(self, config: ScannerConfig, checkouts: Checkouts) -> None:
        """Take the configuration, and where a whole commit is checked out."""
        self.name = config.name
        self.is_whole = config.files == "all"
        self._config = config
        self._checkouts = checkouts

    def covers(self, path: str, text: str) -> bool:
        """True for the endings it is configured for; for every file when there are none."""
        del text
        return not self._config.endings or path.lower().endswith(
            tuple(e.lower() for e in self._config.endings)
        )

    def scan(self, commit: str, texts: Mapping[str, str]) -> tuple[Scan, ...]:
        """Return what it finds at a commit; raises Unavailable, InvalidInput when it did not look.

        Beside the files lies the canary, if there is one: a scanner that says nothing of it reads nothing.
        """
        canary = {f"{_CANARIES}/{name}": text for name, text in self._config.canary}
        if not self.is_whole:
            with place_for({**texts, **canary}) as place:
                scans = self._here(place, tuple(texts) + tuple(canary))
            return self._without(scans, canary)
        if canary:
            with place_for(canary) as place:
                self._without(self._here(place, tuple(canary)), canary)
        with self._checkouts.open() as tree, _output() as output:
            tree.switch(commit, fresh=True)
            attempt = tree.run(_filled(self._config.command, output), self._config.timeout)
            if attempt.is_missing or attempt.timed_out:
                raise self._did_not_look(attempt.ending)
            return self._read(output, "", (), attempt.ending)

    def _here(self, place: str, paths: tuple[str, ...]) -> tuple[Scan, ...]:
        with _output() as output:
            done = run(_filled(self._config.command, output), cwd=place, timeout=self._config.timeout)
            if done.failure or done.timed_out:
                raise self._did_not_look(done.ending)
            return self._read(output, place, paths, done.account)

    def _read(self, output: str, root: str, paths: Sequence[str], ending: str) -> tuple[Scan, ...]:
        try:
            with open(output, "rb") as file:
                content = file.read(LARGEST + 1)
        except OSError as problem:
            raise self._did_not_look(f"it wrote no SARIF file ({ending})") from problem
        scans = read_sarif(content, where=f"what {self.name} wrote", root=root, paths=paths)
        return tuple(replace(s, problems=tuple(f"{self.name}: {p}" for p in s.problems)) for s in scans)

    def _without(self, scans: tuple[Scan, ...], canary: Mapping[str, str]) -> tuple[Scan, ...]:
        """Return the scans without the canary's findings; raises Unavailable when it has none."""
        heard = {f.path for scan in scans for f in scan.findings}
        if missing := sorted(name for name in canary if name not in heard):
            name = missing[0].partition("/")[2]
            raise self._did_not_look(f"it finds nothing in its canary {name}")
        return tuple(replace(s, findings=tuple(f for f in s.findings if f.path not in canary)) for s in scans)

    def _did_not_look(self, why: str) -> Unavailable:
        return Unavailable(
            f"the scanner {self.name} did not look: {why}",
            where="andon.toml [[scanner]]",
            rule="no-new-finding",
            remedy=f"run it yourself: {shlex.join(self._config.command)}",
        )


def _filled(command: Sequence[str], output: str) -> list[str]:
    return [word.replace("{output}", output) for word in command]


@contextlib.contextmanager
def _output() -> Iterator[str]:
    """A path for the SARIF file, in a private directory that is removed again."""
    directory = tempfile.mkdtemp(prefix="andon-sarif-")
    try:
        yield os.path.join(directory, "output.sarif")
    finally:
        shutil.rmtree(directory, ignore_errors=True)

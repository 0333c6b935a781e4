"""Running the smoke tests again and again after a change: until they settle, then beside the watched logs."""

from __future__ import annotations

from andon.desk.looking import look
from andon.incident.words import Verdict
from andon.record import replace
from andon.response.flapping import is_settled, steadiness

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.desk.looking import Look
    from andon.desk.ports import Desk
    from andon.incident.events import ProbeOutcome

#: Seconds between two rounds while they settle, and while the logs are watched: a smoke test is work, too.
PAUSE, WATCH_PAUSE = 0.5, 2.0


class Trials:
    """Every run of the smoke tests since a change."""

    def __init__(self, desk: Desk) -> None:
        """Take the desk; nothing is run yet."""
        self._desk = desk
        self._in_a_row = desk.config.verify.in_a_row
        self._settling: dict[str, list[Verdict]] = {probe.name: [] for probe in desk.probes}
        self._watched: dict[str, list[Verdict]] = {probe.name: [] for probe in desk.probes}
        self._last_at = 0.0

    def settle(self, patience: float, tell: Callable[[str], None]) -> None:
        """Run the tests until all pass `in_a_row` times, or one does not after `patience` seconds."""
        deadline = self._desk.clock.monotonic() + patience
        told = ""
        while self._settling:
            seen = self._run(self._settling)
            waiting = [p.name for p in seen.probes if p.verdict is not Verdict.PASSED]
            if all(is_settled(runs, self._in_a_row) for runs in self._settling.values()):
                return
            if waiting and self._desk.clock.monotonic() >= deadline:
                return
            names = ", ".join(waiting)
            if names and names != told:
                tell(f"waiting for {names} (at most {patience:.0f} s)")
                told = names
            self._desk.clock.sleep(PAUSE)

    def again(self) -> None:
        """Run the tests once more while the logs are watched, when the last time is long enough ago."""
        if self._watched and self._desk.clock.monotonic() - self._last_at >= WATCH_PAUSE:
            self._run(self._watched)

    def conclude(self, *, keep: str = "all") -> Look:
        """Run the tests a last time, keep what they say, and return the verdict over all runs of each."""
        seen = self._run(self._watched, keep=keep)
        return replace(seen, probes=tuple(self._judged(probe) for probe in seen.probes))

    def _judged(self, probe: ProbeOutcome) -> ProbeOutcome:
        found = steadiness(self._settling[probe.name], self._watched[probe.name], self._in_a_row)
        if not found.remark:
            return replace(probe, verdict=found.verdict)
        last = f"; the last time it {_SAID[probe.verdict]}: {probe.summary}"
        return replace(probe, verdict=found.verdict, summary=f"{found.remark}{last}")

    def _run(self, into: dict[str, list[Verdict]], keep: str = "none") -> Look:
        seen = look(self._desk, keep=keep, with_logs=False)
        for probe in seen.probes:
            into[probe.name].append(probe.verdict)
        self._last_at = self._desk.clock.monotonic()
        return seen


_SAID = {Verdict.PASSED: "passed", Verdict.FAILED: "failed", Verdict.UNKNOWN: "was unknown"}

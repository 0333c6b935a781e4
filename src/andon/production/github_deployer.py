"""GitHub Actions: a workflow deploys, its runs are the releases, and a run of ours is found by the operation.

Sources: documentation of `gh workflow run`, `gh run list|view|watch` and of a workflow's `run-name`;
since gh 2.87 `gh workflow run` prints the address of the run it made. The run's name has to say what it
deploys, because a run started by hand is recorded at the branch's commit, whatever it deploys.
"""

from __future__ import annotations

import re
import shlex
import time

from andon.desk.values import ReleaseOnDisk
from andon.errors import Unavailable
from andon.incident.words import Outcome, ReleaseVerdict
from andon.production.releases import commit_in, moment_in
from andon.production.running import RunningVersion
from andon.production.tool_answer import ask_json, unavailable
from andon.production.tool_deployer import Act, Ending, Step, ToolDeployer
from andon.production.version import is_version
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_FIELDS = "databaseId,displayTitle,event,headSha,status,conclusion,createdAt"
_MOST = 50
_ADDRESS = re.compile(r"/actions/runs/(\d{1,18})\b")
#: Conclusions of a run that did not deploy, or not completely.
_ABORTED = ("failure", "cancelled", "timed_out", "startup_failure", "action_required")
#: Seconds until a run that was just started has to be in the list, and between two looks.
_APPEARS, _PAUSE = 30.0, 1.0


class _Run(Record):
    """One run of the workflow."""

    id: int
    version: str
    title: str
    commit: str
    status: str
    conclusion: str
    created_at: datetime | None


class GitHubDeployer(ToolDeployer):
    """Deploys by starting a workflow with a version, and follows the run of this very operation."""

    kind = "github-actions"
    programs: tuple[str, ...] = ("gh",)

    def __init__(
        self,
        workflow: str,
        *,
        repository: str = "",
        ref: str = "",
        title: str = "deploy {version} {operation}",
        running: Sequence[str] = (),
        appears: float = _APPEARS,
        pause: float = _PAUSE,
        cwd: str | None = None,
        timeout: float = 900.0,
        patience: float = 30.0,
    ) -> None:
        """Take the workflow's file, where it is, and how its runs are named.

        `running` is the command that asks production itself; without it the last run is believed. A new run
        is looked for during `appears` seconds, every `pause` seconds.
        """
        super().__init__(cwd=cwd, timeout=timeout, patience=patience)
        self._workflow = workflow
        self._repository = (f"--repo={repository}",) if repository else ()
        self._ref = (f"--ref={ref}",) if ref else ()
        self._title = _pattern(title)
        self._asked = RunningVersion(running, cwd=cwd) if running else None
        self._appears = appears
        self._pause = pause

    def releases(self) -> tuple[ReleaseOnDisk, ...]:
        """Return the versions of the last runs, newest first; one that only ever failed is marked."""
        found: dict[str, ReleaseOnDisk] = {}
        for one in self._runs():
            known = found.get(one.version)
            is_bad = one.conclusion in _ABORTED
            if not one.version or (known and (is_bad or known.verdict is not ReleaseVerdict.ABORTED)):
                continue
            found[one.version] = ReleaseOnDisk(
                version=one.version,
                commit=one.commit,
                artefact=f"run {one.id}",
                deployed_at=one.created_at,
                verdict=ReleaseVerdict.ABORTED if is_bad else ReleaseVerdict.UNKNOWN,
            )
        return tuple(found.values())

    def running(self) -> str:
        """Return what production says, else what the last run deployed; raises Unavailable."""
        if self._asked:
            return self._asked.ask()
        runs = [one for one in self._runs() if one.version]
        if not runs:
            return ""
        last = runs[0]
        if last.conclusion != "success":
            state = last.conclusion or last.status
            raise unavailable(
                shlex.join(self._gh("run", "view", str(last.id))),
                f"the last run ({last.version}) is {state}: what runs is not known unless `running` tells",
            )
        return last.version

    def _steps(self, version: str, operation: str) -> tuple[Step, ...]:
        given = (f"--raw-field=version={version}", f"--raw-field=operation={operation}")
        return (Step(arguments=self._gh("workflow", "run", self._workflow, *self._ref, *given)),)

    def describe(self, version: str) -> tuple[str, ...]:
        """Return the commands `deploy` would run and what to know about them; raises InvalidInput."""
        first, *rest = super().describe(version)
        watch = f"find the run with the operation in its name, run {shlex.join(self._watching('RUN'))}"
        return (first, watch, *rest)

    def _warnings(self, version: str) -> tuple[str, ...]:
        told = "" if self._is_known(version) else f"no run among the last {_MOST} deployed {version}"
        return (
            *((told,) if told else ()),
            "the workflow file is the one of the branch it starts on, not the one of the old version",
        )

    def _carry_out(self, act: Act) -> Ending | None:
        """Start the workflow once, find its run, follow it, and believe only how GitHub says it ended."""
        run = self._run_of(act.operation)
        if run == 0:
            start = self._steps(act.version, act.operation)[0]
            done = act.run(start)
            if not done.succeeded:
                return self._failed(act.version, start.shown, done)
            named = _ADDRESS.search(done.output)
            run = int(named[1]) if named else self._await(act)
        if run == 0:
            detail = (
                f"the workflow was started, but no run with {act.operation} in its name appeared: "
                "whether it deploys is not known; the workflow needs a run-name with inputs.operation"
            )
            return Ending(outcome=Outcome.UNKNOWN, detail=detail)
        act.run(Step(arguments=self._watching(str(run))))
        return self._ended(run, act)

    def _ended(self, run: int, act: Act) -> Ending | None:
        asked = self._gh("run", "view", str(run), "--json=status,conclusion,url")
        answer = ask_json(asked, cwd=self._cwd)
        status, conclusion = answer.text("status"), answer.text("conclusion")
        if status != "completed":
            detail = (
                f"run {run} for {act.version} is {status or 'of unknown status'} after {self._timeout:.0f} s"
            )
            return Ending(outcome=Outcome.UNKNOWN, detail=f"{detail}: {shlex.join(self._watching(str(run)))}")
        if conclusion != "success":
            detail = f"run {run} for {act.version} ended with {conclusion or 'no conclusion'}"
            shown = shlex.join(self._gh("run", "view", str(run), "--log-failed"))
            return Ending(outcome=Outcome.FAILED, detail=f"{detail}: {shown}")
        return None

    def _await(self, act: Act) -> int:
        """Return the number of the run with our operation, 0 when none appears in time."""
        deadline = time.monotonic() + min(self._appears, act.left)
        while True:
            try:
                run = self._run_of(act.operation)
            except Unavailable:
                run = 0
            if run or time.monotonic() >= deadline:
                return run
            time.sleep(self._pause)

    def _run_of(self, operation: str) -> int:
        # An undo's operation begins with the operation it undoes: only the whole word counts.
        whole = re.compile(rf"(?<![\w-]){re.escape(operation)}(?![\w-])")
        return next((one.id for one in self._runs() if whole.search(one.title)), 0)

    def _is_known(self, version: str) -> bool:
        return any(release.version == version for release in self.releases())

    def _watching(self, run: str) -> tuple[str, ...]:
        return self._gh("run", "watch", run, "--exit-status", "--interval=5")

    def _gh(self, *words: str) -> tuple[str, ...]:
        return ("gh", *words, *self._repository)

    def _runs(self) -> tuple[_Run, ...]:
        """Return the last runs of the workflow, newest first; raises Unavailable."""
        asked = self._gh(
            "run", "list", f"--workflow={self._workflow}", f"--json={_FIELDS}", f"--limit={_MOST}"
        )
        found = []
        for entry in ask_json(asked, cwd=self._cwd).entries():
            title = entry.text("displayTitle")
            named = self._title.fullmatch(title.strip())
            version = named["version"] if named else ""
            by_hand = entry.text("event") == "workflow_dispatch"
            head = entry.text("headSha")
            found.append(
                _Run(
                    id=entry.whole("databaseId") or 0,
                    version=version if is_version(version) else "",
                    title=title,
                    commit=commit_in(version if by_hand else head),
                    status=entry.text("status"),
                    conclusion=entry.text("conclusion"),
                    created_at=moment_in(entry.text("createdAt")),
                )
            )
        return tuple(sorted(found, key=lambda one: one.id, reverse=True))


def _pattern(title: str) -> re.Pattern[str]:
    """Return what finds the version in a run's name; the operation is missing where others started it."""
    parts = re.split(r"(\s*\{operation\}|\{version\})", title)
    known = {"{version}": r"(?P<version>\S{1,128})", "{operation}": r"(?:\s*\S{1,128})?"}
    return re.compile("".join(known.get(part.strip(), re.escape(part)) for part in parts))

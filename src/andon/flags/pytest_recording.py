"""What the pytest plugin records: which flags a test asked for, in which state; written at the end.

An object of this module is registered as a plugin of its own, so that a run without the report has none of
these hooks.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

from andon.errors import InvalidInput
from andon.flags import testing
from andon.flags.tested_states import (
    LARGEST,
    StateReport,
    collected,
    from_plain,
    merged,
    to_plain,
)

if TYPE_CHECKING:
    from collections.abc import Generator

_seen = pytest.StashKey[list[tuple[str, str, Any]]]()
#: What a report carries; pytest-xdist sends every attribute of a report whose type JSON has.
_ATTACHED = "andon_flag_states"
#: Seconds that git may take to say which commit is checked out, and whether something differs.
GIT_TIMEOUT = 30.0


class Recording:
    """The report of one run, made on the controller of pytest-xdist where there is one."""

    def __init__(self, path: str, root: str, *, is_worker: bool) -> None:
        """Take where the report goes; a worker only sends what it saw."""
        self.path = path
        self.is_worker = is_worker
        self._root = root
        self._ran: dict[str, tuple[tuple[str, str, Any], ...]] = {}
        self._failed: set[str] = set()
        self._report: StateReport | None = None
        self._problem = ""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Note what a test asks for, whatever made the flags: its fixtures, a module, or the test itself."""
        with testing.watched() as asked:
            try:
                return (yield)
            finally:
                item.stash[_seen] = asked()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach it to the test's report, which pytest-xdist brings to the controller."""
        report = yield
        if call.when == "call":
            setattr(report, _ATTACHED, item.stash.get(_seen, []))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test that passed asked for; one that did not pass, or clean up, shows nothing."""
        if report.outcome == "failed":
            self._failed.add(report.nodeid)
            self._ran.pop(report.nodeid, None)
        elif report.when == "call" and report.outcome == "passed":
            seen = getattr(report, _ATTACHED, ())
            self._failed.discard(report.nodeid)  # it was run again
            self._ran[report.nodeid] = tuple((flag, variant, value) for flag, variant, value in seen)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report, whole or not at all; that it cannot be written fails no test."""
        if self.is_worker or session.config.option.collectonly:
            return
        commit, is_clean = _commit(self._root, self.path)
        ran = [(*state, test) for test, states in self._ran.items() for state in states]
        now = StateReport(commit=commit, is_clean=is_clean, states=collected(ran))
        self._report = merged(_read(self.path), now, self._failed)
        try:
            _write(self.path, json.dumps(to_plain(self._report), indent=1).encode())
        except OSError as problem:
            self._problem = problem.strerror or str(problem)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the report is, and which flags ran in one state only."""
        if self._report is None:
            return
        if self._problem:
            terminalreporter.section("feature flags")
            terminalreporter.line(f"the report was not written: {self.path}: {self._problem}")
            return
        states: dict[str, list[str]] = {}
        for state in self._report.states:
            states.setdefault(state.flag, []).append(state.variant)
        if not states:
            return
        terminalreporter.section("feature flags")
        flags = "1 flag" if len(states) == 1 else f"{len(states)} flags"
        terminalreporter.line(f"{flags} asked for; which states: {self.path}")
        for flag, variants in states.items():
            if len(variants) == 1:
                terminalreporter.line(f"only ever {_shown(variants[0])}: {_shown(flag)}")


def _shown(text: str) -> str:
    """Return text for a terminal: whatever a flag is called, it is one line without control characters."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text[:200])


def _commit(root: str, report: str) -> tuple[str, bool]:
    """Return the commit that is checked out, "" for none, and whether nothing differs from it.

    A file that git does not know differs too: it may be a test. But in a checkout that `andon ship test` made
    nobody but the commands left any.
    """
    commit = _git(root, "rev-parse", "--verify", "HEAD")
    if not commit:
        return "", False
    is_own = os.environ.get("ANDON_COMMIT") == commit
    status = ("status", "--porcelain", f"--untracked-files={'no' if is_own else 'all'}", "-z")
    changed = _git(root, *status)
    own = os.path.relpath(os.path.realpath(report), _git(root, "rev-parse", "--show-toplevel") or root)
    found = [entry for entry in (changed or "").split("\0") if entry and entry[3:] != own]
    return commit, changed is not None and not found


def _git(root: str, *arguments: str) -> str | None:
    """Return what git says; None when it does not answer."""
    try:
        done = subprocess.run(
            ["git", "--no-optional-locks", "-C", root, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=GIT_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return os.fsdecode(done.stdout).strip("\n") if done.returncode == 0 else None


def _read(path: str) -> StateReport | None:
    """Return the report of an earlier run; None when there is none that can be read."""
    try:
        with open(path, "rb") as file:
            return from_plain(json.loads(file.read(LARGEST)), path)
    except (OSError, ValueError, RecursionError, InvalidInput):
        return None


def _write(path: str, content: bytes) -> None:
    directory = os.path.dirname(path) or "."
    handle, temporary = tempfile.mkstemp(prefix=".andon-flag-states-", dir=directory)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise

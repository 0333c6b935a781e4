"""One run of the team's suite: what it is told, where it may write, and that nothing of it is left behind."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import tempfile

from andon.production.gap.left_running import RUN, stop_marked
from andon.production.process import NOT_STARTED, Finished, run
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from andon.gaps.experiment import Conditions

#: What is loaded into the team's own runner: for node, and for Python.
INJECT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "inject")
_PRELOAD = os.path.join(INJECT, "preload.cjs")
#: Milliseconds by which an assertion that timed out on a slow network is tried longer, at least and at most.
_LONGER, _LONGEST = 2000.0, 10_000.0
#: Milliseconds a page gets to come to rest beyond the longest delay.
_REST = 3000.0


class Team(Record):
    """The suite as its team runs it."""

    command: tuple[str, ...]
    directory: str
    url_variable: str = "BASE_URL"
    #: A directory in which one run may leave for the next what it worked out; "" for none.
    kept: str = ""


class Run(Record):
    """A directory for one run, and the environment that tells the suite what it is to do."""

    place: str
    env: Mapping[str, str]
    asked: Mapping[str, Any]


@contextlib.contextmanager
def room(
    team: Team,
    url: str,
    tests: Sequence[str],
    conditions: Conditions,
    home: str,
    *,
    times: int,
    options: bool = True,
) -> Iterator[Run]:
    """Make the directory of one run below `home` and say what the suite is told there.

    `options` is False where a runner's own options and reports stay as they are. When it is left, every
    process of the run is ended, browsers in sessions of their own as well.
    """
    place = tempfile.mkdtemp(prefix="suite-", dir=home)
    mark = secrets.token_hex(8)
    asked = {**_asked(url, tests, conditions, place, times, team.kept), "options": options}
    env = {
        RUN: mark,
        "ANDON_GAP_ASKED": json.dumps(asked),
        "NODE_OPTIONS": _node_options(),
        "PYTHONPATH": os.pathsep.join(filter(None, (INJECT, os.environ.get("PYTHONPATH", "")))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PLAYWRIGHT_HTML_OPEN": "never",
        "FORCE_COLOR": "0",
        **dict.fromkeys(
            (
                "BASE_URL",
                "PLAYWRIGHT_BASE_URL",
                "PLAYWRIGHT_TEST_BASE_URL",
                "PYTEST_BASE_URL",
                team.url_variable,
            ),
            url,
        ),
    }
    try:
        yield Run(place=place, env=env, asked=asked)
    finally:
        stop_marked(mark)


def cannot_run(team: Team, remedy: str = "correct the command, or install it") -> str:
    """Return why the suite's command cannot be started here, with the way out; "" when it can."""
    if not os.path.isdir(team.directory):
        return f"the directory {team.directory} does not exist: correct directory under [gap]"
    first = team.command[0] if team.command else ""
    if not first or not (shutil.which(first) or shutil.which(os.path.join(team.directory, first))):
        return f"{first or 'suite under [gap]'} cannot be run: {remedy}"
    return ""


def started(team: Team, command: Sequence[str], one: Run, patience: float) -> Finished:
    """Run a command of the team's in its directory, for `patience` seconds at most."""
    if not os.path.isdir(team.directory):
        return Finished(code=NOT_STARTED, failure=f"the directory {team.directory} does not exist")
    return run(command, cwd=team.directory, env=one.env, timeout=max(patience, 0.1))


def out_of_time(done: Finished, patience: float) -> str:
    """Return what to say of a run that was stopped; "" for one that ended by itself."""
    if not done.timed_out:
        return ""
    return f"the suite did not end within {patience:.0f} s and was stopped with its browsers"


def _asked(
    url: str, tests: Sequence[str], conditions: Conditions, place: str, times: int, kept: str
) -> dict[str, Any]:
    held = max((amount for _, amount in conditions.delays), default=0.0)
    is_slow = bool(conditions.latency or conditions.down or conditions.up or held)
    longer = min(max(_LONGER, 8 * conditions.latency, 2 * held), _LONGEST) if is_slow else 0.0
    settle = held + _REST if held else 0.0
    return {
        "url": url,
        "home": place,
        "tests": list(tests),
        "times": times,
        "latency": conditions.latency,
        "down": conditions.down,
        "up": conditions.up,
        "slack": conditions.slack,
        "longer": longer if conditions.slack <= 1 and conditions.is_patient else 0.0,
        "enough": conditions.enough,
        "settle": settle,
        "room": longer + settle + 10 * conditions.latency,
        "kept": kept,
        "pictures": times == 1 or conditions.enough > 0,
    }


def _node_options() -> str:
    quoted = _PRELOAD.replace("\\", "\\\\").replace('"', '\\"')
    return f'{os.environ.get("NODE_OPTIONS", "")} --require "{quoted}"'.strip()

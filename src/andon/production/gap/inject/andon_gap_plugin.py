"""Loaded into the team's own pytest by `-p andon_gap_plugin`: chooses and repeats tests, says how they went.

It runs in the team's interpreter, whatever its version, without Andon being installed there. What it writes
are JSON lines in `seen-PID.jsonl` of the run's own directory.
"""

from __future__ import annotations

import json
import os
import sys
import time

import pytest
from andon_gap_browser import Browsers

_MESSAGE = 8000


def _keep():
    """Let what pytest makes of its plugins and of the tests be found by the next run, outside the repository.

    Nothing may be written beside the sources, so each run would rewrite the assertions of every plugin anew,
    which takes seconds where plugins are large.
    """
    asked = json.loads(os.environ.get("ANDON_GAP_ASKED") or "null") or {}
    if asked.get("kept") and hasattr(sys, "pycache_prefix"):
        sys.pycache_prefix = asked["kept"]
        sys.dont_write_bytecode = False


_keep()


class Run:
    """What was asked for, and where what is seen goes."""

    def __init__(self, asked):
        self.asked = asked
        self.current = {}
        self._path = os.path.join(asked["home"], "seen-%d.jsonl" % os.getpid())
        self._left = 20000

    def write(self, line):
        """Add one line; a full disk is no reason for a test to fail."""
        self._left -= 1
        if self._left < 0:
            return
        try:
            with open(self._path, "a", encoding="utf-8") as file:
                file.write(json.dumps(dict(self.current, **line)) + "\n")
        except OSError:
            pass


class Plugin:
    """The hooks; registered only in a run of Andon's."""

    def __init__(self, run):
        self._run = run
        self._browsers = Browsers(run)
        self._began = time.monotonic()
        self._left = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config):
        option = config.option
        self._browsers.were = [
            str(one) for one in (getattr(option, "base_url", None), _ini(config, "base_url")) if one
        ]
        # Cookies that were kept for `localhost` are not sent to 127.0.0.1, though it is the same machine.
        if any(
            one.startswith(("http://localhost:", "https://localhost:")) for one in self._browsers.were[:1]
        ):
            self._run.asked["url"] = self._run.asked["url"].replace("//127.0.0.1", "//localhost")
        wanted = {
            "base_url": self._run.asked["url"],
            "output": os.path.join(self._run.asked["home"], "output"),
            "reruns": 0,
            "maxfail": 0,
            "tracing": "off",
            "video": "off",
            "screenshot": "off",
        }
        for name, value in wanted.items():
            if hasattr(option, name):
                setattr(option, name, value)

    def pytest_collection_modifyitems(self, config, items):
        wanted = self._run.asked["tests"]
        self._left = len(items)
        if not wanted:
            return
        kept = [item for item in items if any(_is(item.nodeid, one) for one in wanted)]
        left = [item for item in items if item not in kept]
        if left:
            config.hook.pytest_deselected(items=left)
        items[:] = kept
        self._left = len(kept)
        if not kept:
            self._run.write({"what": "none", "told": "none of the tests asked for was found"})

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item, nextitem):
        from _pytest.runner import runtestprotocol

        self._browsers.patch(sys.modules)
        started = time.monotonic()
        times, number, is_last = self._run.asked["times"], 0, False
        enough = self._share()
        while not is_last:
            # It must be known before a round whether it is the last: what one round takes, the next will.
            began = time.monotonic()
            took = (began - started) / number if number else 0.0
            is_last = number >= times - 1 or (enough is not None and began + 2 * took >= enough)
            self._run.current = {"test": item.nodeid, "round": number}
            self._browsers.begin()
            item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
            # All rounds but the last leave what is above the test set up, the browser for one.
            following = nextitem if is_last else item.parent
            runtestprotocol(item, nextitem=following, log=True)
            item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
            number += 1
        self._run.current = {}
        return True

    def _share(self):
        """Return until when the next test may be repeated: all that are left get alike; None for no end."""
        now, enough = time.monotonic(), self._run.asked.get("enough")
        left, self._left = max(self._left, 1), self._left - 1
        return now + max(self._began + enough - now, 0.0) / left if enough else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report):
        if report.when == "call" and report.failed:
            self._browsers.has_failed = True
        line = {
            "what": "report",
            "when": report.when,
            "outcome": "expected" if hasattr(report, "wasxfail") else report.outcome,
            "seconds": report.duration,
            "told": "",
        }
        if report.failed:
            line["told"] = _message(report)
        self._run.write(line)

    def pytest_collectreport(self, report):
        if report.failed:
            self._run.write(
                {"what": "error", "told": "%s: %s" % (report.nodeid, str(report.longrepr)[-_MESSAGE:])}
            )


def _message(report):
    crash = getattr(report.longrepr, "reprcrash", None)
    short = "%s\n" % crash.message if crash is not None else ""
    said = report.longreprtext
    return short[:_MESSAGE] + said[-_MESSAGE:]


def _is(nodeid, wanted):
    """True when a test is the one asked for, or in the file, the class or the parameters asked for."""
    wanted = wanted.replace("\\", "/")
    while wanted.startswith("./"):
        wanted = wanted[2:]
    for own in (nodeid, nodeid.rpartition("[")[0] if nodeid.endswith("]") else ""):
        if own and (own == wanted or own.endswith("/" + wanted)):
            return True
    return nodeid.startswith((wanted + "::", wanted.rstrip("/") + "/")) or ("/" + wanted + "::") in nodeid


def _ini(config, name):
    try:
        return config.getini(name)
    except (KeyError, ValueError):
        return ""


@pytest.hookimpl(hookwrapper=True)
def pytest_cmdline_main(config):
    """Run the tests one after the other here, also where they are spread over processes otherwise."""
    if getattr(config.option, "numprocesses", None) is not None:
        config.option.numprocesses = 0
        config.option.dist = "no"
        config.option.tx = []
    yield


def pytest_addoption(parser):
    """Begin: the options are about to be known."""
    asked = os.environ.get("ANDON_GAP_ASKED", "")
    if asked:
        parser.extra_info["andon"] = "gap"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """Register the hooks of this run."""
    asked = os.environ.get("ANDON_GAP_ASKED", "")
    if asked and not config.pluginmanager.has_plugin("andon-gap-run"):
        config.pluginmanager.register(Plugin(Run(json.loads(asked))), "andon-gap-run")

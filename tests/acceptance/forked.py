"""Runs commands of Andon in forks of a process that has imported it: for steps that are not a test's point.

Starting Python and importing Andon takes most of a short command's time. A fork has its own memory,
environment, directory and streams, as the installed program has; only finding modules is left out.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

#: What a program reads from the environment once, when it starts.
AT_START = {"LC_ALL": "C.UTF-8", "TZ": "UTC"}
#: The longest that a command may take, in seconds: what never ends fails, a busy machine does not.
PATIENCE = 600

#: Takes one order a line: forks, becomes the command, and answers with its exit code.
SERVER = """\
import json, os, pkgutil, signal, sys
from importlib import import_module

import andon.__main__, andon.cli

for module in pkgutil.iter_modules(andon.cli.__path__, "andon.cli."):
    import_module(module.name)
import andon.wiring.opening, hashlib, sqlite3, subprocess, tomllib, urllib.request

orders, answers = os.dup(0), os.dup(1)
os.dup2(os.open(os.devnull, os.O_RDWR), 0)
with open(orders) as lines:
    for line in lines:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            os.close(answers)
            os.close(orders)
            for number, place in enumerate(order["streams"], 1):
                os.dup2(os.open(place, os.O_WRONLY), number)
            os.chdir(order["cwd"])
            os.environ.clear()
            os.environ.update(order["environment"])
            sys.argv = ["andon", *order["words"]]
            signal.alarm(order["patience"])
            andon.__main__.run()
        os.write(answers, b"%d\\n" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def run_forked(
    words: tuple[str, ...], cwd: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end, without standard input, and return its exit code and what it wrote."""
    assert AT_START.items() <= environment.items()
    server = _server(environment.get("PYTHONPATH", ""))
    assert server.stdin is not None
    assert server.stdout is not None
    with tempfile.NamedTemporaryFile() as output, tempfile.NamedTemporaryFile() as errors:
        order = {
            "words": words,
            "cwd": str(cwd),
            "environment": environment,
            "streams": [output.name, errors.name],
            "patience": PATIENCE,
        }
        server.stdin.write(json.dumps(order).encode() + b"\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        return subprocess.CompletedProcess(["andon", *words], code, output.read(), errors.read())


@cache
def _server(python_path: str) -> subprocess.Popen[bytes]:
    """Return the process that forks, one for all tests of this process; it ends when its input does."""
    environment = {**AT_START, "PATH": os.environ["PATH"]}
    if python_path:
        environment["PYTHONPATH"] = python_path
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=os.path.dirname(sys.executable),
        env=environment,
    )
    atexit.register(_end, server)
    return server


def _end(server: subprocess.Popen[bytes]) -> None:
    assert server.stdin is not None and server.stdout is not None
    server.stdin.close()
    server.wait(timeout=PATIENCE)
    server.stdout.close()

"""Forks at the worst moment: before the first set came, in the lookup of a name, while a set is applied.

Real processes of a fresh interpreter: what this one has loaded long ago would hide what a new one loads late.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.flag_stream import PATIENCE, FlagStream, flag, until
from tests.fakes.flag_tls import certificate

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
KEYS = {
    "new-pricing": flag(True),
    "drawn": {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "targeting": {
            "if": [
                {"sem_ver": [{"var": "v"}, ">=", "1.2.0"]},
                {"fractional": [{"var": "x"}, ["on", 50], ["off", 50]]},
                "off",
            ]
        },
    },
}

#: Records what is imported after `connect` has returned, and by which thread; each import takes its time.
NOTED = """
import sys, threading, time
late, is_noted = [], False
def note(event, args):
    if event == "import" and is_noted:
        late.append(f"{threading.current_thread().name}: {args[0]}")
sys.addaudithook(note)
"""
LIFE = (
    NOTED
    + """
from andon.flags.client import connect, from_file
def until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, flags.status()
        time.sleep(0.01)
import json, os, ssl
address, trusted, file, keep = sys.argv[1:]
tls = ssl.create_default_context(cafile=trusted) if trusted else None
flags = connect(address, tls=tls, keep=keep, name="shop")
read = from_file(file, every=0.01)
is_noted = True
until(lambda: flags.status().connected and flags.wait_ready(0))
print("ready", flush=True)
until(lambda: not flags.boolean("new-pricing", True))
about = {"targetingKey": "ann", "x": 0.5, "v": "1.3.0"}
for asked in (flags, read):
    asked.boolean("drawn", False, about), asked.number_details("drawn", 0.5, about)
until(lambda: flags.status().problem and not flags.status().connected)
with open(file, "wb") as opened:
    opened.write(b'{"flags": ')
until(lambda: read.status().problem)
with open(file, "w") as opened:
    json.dump({"flags": [{"key": "a", "state": "ENABLED", "variants": {"on": True}}, {"key": "a"}]}, opened)
until(lambda: "earlier one" in read.status().problem)
with open(file, "w") as opened:
    json.dump({"flags": {"new-pricing": {"state": "ENABLED", "variants": {"on": True},
        "defaultVariant": "on"}}}, opened)
until(lambda: read.boolean("new-pricing", False))
flags.close(), read.close()
is_noted = False
print(json.dumps(late))
"""
)
FORKS = """
import os, socket, sys, threading, time
address, count, opened = sys.argv[1], int(sys.argv[2]), sys.argv[3]
class Slow:  # whatever is imported late takes long, so that a fork falls into it
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread() is not threading.main_thread():
            time.sleep(0.02)
sys.meta_path.insert(0, Slow())
if opened:  # no name is found before this file is there
    quick = socket.getaddrinfo
    def lookup(*words, **more):
        end = time.monotonic() + 120
        while not os.path.exists(opened) and time.monotonic() < end:
            time.sleep(0.01)
        return quick(*words, **more)
    socket.getaddrinfo = lookup
from andon.flags.client import connect
flags = connect(address, name="shop")
children = []
for number in range(count):
    child = os.fork()
    if not child:
        end = time.monotonic() + 60
        while flags.boolean("new-pricing", True) and time.monotonic() < end:
            time.sleep(0.005)
        problem = flags.status().problem if flags.boolean("new-pricing", True) else ""
        os.write(2, problem.encode())
        os.read(0, 1)  # it is confirmed meanwhile
        os._exit(1 if problem else 0)
    children.append(child)
    time.sleep(0.003)
print("forked", flush=True)
print(sum(os.waitpid(child, 0)[1] != 0 for child in children))
"""


def program(text: str, *words: str) -> subprocess.Popen[str]:
    """Start a program in a fresh interpreter; what it waits for on its input ends with `communicate`."""
    warned = ["-W", "ignore::DeprecationWarning"]
    return subprocess.Popen(
        [sys.executable, *warned, "-c", text, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(started: subprocess.Popen[str]) -> None:
    """End a program, and what is left of its pipes."""
    started.kill()
    for pipe in (started.stdin, started.stdout, started.stderr):
        if pipe is not None:
            pipe.close()
    started.wait()


@pytest.fixture
def server() -> Iterator[FlagStream]:
    with FlagStream(KEYS, 100) as made:
        yield made


@pytest.mark.parametrize("is_secret", [False, True], ids=["http", "https"])
def test_no_thread_and_no_evaluation_imports_anything_later(tmp_path: Path, is_secret: bool) -> None:
    """What is imported late is imported by half in a process that is forked meanwhile: codecs too."""
    trusted, tls = certificate(tmp_path) if is_secret else ("", None)
    file = tmp_path / "flags.json"
    file.write_text(json.dumps({"flags": KEYS}))
    with FlagStream(KEYS, 100, tls=tls) as server:
        address = f"http{'s' if is_secret else ''}://localhost:{server.port}"
        life = program(LIFE, address, trusted, str(file), str(tmp_path / "kept.json"))
        try:
            assert life.stdout is not None and life.stdout.readline() == "ready\n"
            version = server.patch({"new-pricing": flag(False)})
            until(lambda: server.confirmed(version))
            server.send(b"event: put\ndata: {no JSON\n\n")
            server.script = lambda connection, _: connection.sendall(b"HTTP/1.1 503 No\r\n\r\n") and False
            told, wrong = life.communicate(timeout=2 * PATIENCE)
        finally:
            end(life)
    assert life.returncode == 0, wrong
    assert json.loads(told) == []


@pytest.mark.parametrize("is_slow", [False, True], ids=["at once", "in the lookup of the name"])
def test_processes_forked_before_the_first_set_came_follow_the_server(
    server: FlagStream, tmp_path: Path, is_slow: bool
) -> None:
    count, opened, began = 8, tmp_path / "opened", time.monotonic()
    forks = program(FORKS, f"http://localhost:{server.port}", str(count), str(opened) if is_slow else "")
    try:
        assert forks.stdout is not None and forks.stdout.readline() == "forked\n"
        assert time.monotonic() - began < 2 * PATIENCE, "a fork waited for the network"
        opened.touch()
        until(lambda: server.connected == count + 1)
        version = server.patch({"new-pricing": flag(False)})
        until(lambda: len(server.confirmed(version)) == count + 1)
        told, wrong = forks.communicate(timeout=2 * PATIENCE)
    finally:
        end(forks)
    assert told == "0\n" and wrong == ""


APPLYING = """
import json, os, sys, threading, time
from andon.flags import following, processes
from andon.flags.client import connect
processes.FORK_PATIENCE = 60  # a busy machine may apply a set for longer than a program would wait
busy = [False]
class Slow:
    @staticmethod
    def loads(text):
        busy[0] = True
        time.sleep(0.01)
        found = json.loads(text)
        busy[0] = False
        return found
following.json = Slow
flags = connect(sys.argv[1], name="shop")
flags.wait_ready(60)
for _ in range(40):
    child = os.fork()
    if not child:
        os._exit(3 if busy[0] else 0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        print("forked in the middle")
print("done", flush=True)
"""


def test_a_fork_waits_until_a_set_is_applied(server: FlagStream) -> None:
    """Otherwise the forked process has whatever lock or half of a set the thread just held."""
    forks = program(APPLYING, server.address)
    stop = threading.Event()

    def flood() -> None:
        while not stop.wait(0.025):
            server.patch({"new-pricing": flag(True)})

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        told, wrong = forks.communicate(timeout=2 * PATIENCE)
    finally:
        stop.set()
        thread.join()
        end(forks)
    assert (told, wrong) == ("done\n", "")


CALLBACK = """
import os, sys, threading, time
from andon.flags import processes
from andon.flags.client import connect
processes.FORK_PATIENCE = 120  # as long as a fork waits that is held up
flags = connect(sys.argv[1], name="shop")
lock, called = threading.Lock(), threading.Event()
def callback(keys):
    called.set()
    with lock:  # the main thread has it, and forks
        pass
flags.on_change(callback)
with lock:
    called.wait(60)
    began = time.monotonic()
    child = os.fork()
    if not child:
        os._exit(0)
    took = time.monotonic() - began
    os.waitpid(child, 0)
print(took < 60, flush=True)
"""


def test_a_callback_that_waits_for_who_forks_holds_nothing_up(server: FlagStream) -> None:
    forks = program(CALLBACK, server.address)
    told, wrong = forks.communicate(timeout=2 * PATIENCE)
    assert (told, wrong) == ("True\n", "")


def test_two_threads_that_fork_at_once_leave_the_flags_followed(server: FlagStream) -> None:
    forks = program(
        """
import os, sys, threading
from andon.flags.client import connect
flags = connect(sys.argv[1], name="shop")
flags.wait_ready(60)
def fork():
    for _ in range(25):
        child = os.fork()
        if not child:
            os._exit(0)
        os.waitpid(child, 0)
threads = [threading.Thread(target=fork) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("forked", flush=True)
while flags.boolean("new-pricing", True): pass
print("off", flush=True)
flags.close()
""",
        server.address,
    )
    try:
        assert forks.stdout is not None and forks.stdout.readline() == "forked\n"
        server.patch({"new-pricing": flag(False)})
        told, wrong = forks.communicate(timeout=2 * PATIENCE)
    finally:
        end(forks)
    assert (told, wrong) == ("off\n", "")

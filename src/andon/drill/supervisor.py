"""Starts, stops and restarts the processes of a practice production, by process id and start time.

Copied into every practice production as its restart command, so it imports the standard library only.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from urllib.request import urlopen

#: Seconds a process may take to answer before that counts as a failure (one that dies fails at once), and
#: seconds it may take to end before it is killed.
PATIENCE, FAREWELL = 60.0, 15.0


class Closed(Exception):
    """This production has been taken down; nothing may start in it any more."""


def began(pid: int) -> str:
    """Return when a process began, in the system's own words; "" when it is gone or a zombie."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return "" if os.path.isdir("/proc/self") else _began_by_ps(pid)
    return "" if fields[0] in (b"Z", b"X") else fields[19].decode()


def _began_by_ps(pid: int) -> str:
    answer = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
    ).stdout.strip()
    return "" if answer.startswith("Z") else answer.partition(" ")[2].strip()


def stop(pid: int, birth: str, patience: float = FAREWELL) -> None:
    """End the process that began at `birth`: SIGTERM, then SIGKILL; a reused process id is never touched."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if not _send(pid, birth, sign):
            return
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if began(pid) != birth:
                return
            time.sleep(0.01)


def _send(pid: int, birth: str, sign: int) -> bool:
    with contextlib.ExitStack() as stack:
        handle = -1
        try:
            if hasattr(os, "pidfd_open"):
                with contextlib.suppress(OSError):  # a kernel without process handles
                    handle = os.pidfd_open(pid)
                    stack.callback(os.close, handle)
            if not birth or began(pid) != birth:
                return False
            if handle >= 0:
                signal.pidfd_send_signal(handle, sign)
            else:
                os.kill(pid, sign)
        except ProcessLookupError:
            return False
        return True


@contextlib.contextmanager
def locked(production: str, name: str) -> Iterator[None]:
    """Hold one of the production's locks; the kernel lets go of it when the holder dies."""
    with open(os.path.join(production, "run", f"{name}.lock"), "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def recorded(production: str, name: str) -> tuple[int, str] | None:
    """Return process id and start time of a process this production started; None when it never did."""
    try:
        with open(os.path.join(production, "run", f"{name}.pid"), encoding="utf-8") as file:
            entry = json.load(file)
        return int(entry["pid"]), str(entry["began"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def running(production: str, name: str) -> bool:
    """Say whether the process of that name is alive."""
    entry = recorded(production, name)
    return entry is not None and bool(entry[1]) and began(entry[0]) == entry[1]


def register(production: str, name: str) -> None:
    """Write down the current process before it does anything; raises Closed when it came too late."""
    with locked(production, "processes"):
        if os.path.exists(os.path.join(production, "run", "closed")):
            raise Closed
        path = os.path.join(production, "run", f"{name}.pid")
        with open(f"{path}.new", "w", encoding="utf-8") as file:
            json.dump({"pid": os.getpid(), "began": began(os.getpid())}, file)
        os.replace(f"{path}.new", path)


def close(production: str) -> None:
    """Stop everything that was started here and let nothing start again.

    What others depend on goes last: the shop is not to see its payments fail because the drill is over.
    """
    with locked(production, "processes"), open(os.path.join(production, "run", "closed"), "w"):
        pass
    for entry in sorted(os.listdir(os.path.join(production, "run")), key=lambda n: (n == "payments.pid", n)):
        name, extension = os.path.splitext(entry)
        if extension == ".pid":
            stop_named(production, name)


def stop_named(production: str, name: str) -> None:
    """End the process of that name if it runs."""
    entry = recorded(production, name)
    if entry is not None:
        stop(*entry)


def launch(
    production: str, name: str, arguments: list[str], directory: str, env: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, its output in `run/NAME.out`; it registers itself."""
    command = [sys.executable, "-B", os.path.join(production, "service.py"), "run", name, *arguments]
    with open(os.path.join(production, "run", f"{name}.out"), "ab") as output:
        return subprocess.Popen(
            command,
            cwd=directory,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def run(production: str, name: str, arguments: list[str]) -> None:
    """Become the program: `-m MODULE ...` or `FILE ...`, watched so that it ends with its production."""
    register(production, name)
    threading.Thread(target=_end_with_owner, args=(production,), daemon=True).start()
    if arguments[0] == "-m":
        sys.path[0] = os.getcwd()
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")


def _end_with_owner(production: str) -> None:
    """End this process when the production's owner is gone: then its lock is free, or its file missing."""
    while True:
        try:
            with open(os.path.join(production, "run", "owner.lock"), "rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            os._exit(0)
        except BlockingIOError:
            time.sleep(0.5)
        except OSError:
            os._exit(0)


def restart(production: str) -> int:
    """Stop the shop and start the release `current` points at; 0 once that very process answers healthy."""
    with open(os.path.join(production, "shop.json"), encoding="utf-8") as file:
        port = json.load(file)["port"]
    with locked(production, "restart"):
        release = os.path.realpath(os.path.join(production, "current"))
        if release_step(production, release) != 0:
            print(f"shop {os.path.basename(release)}: its release step failed", file=sys.stderr)
            return 1
        stop_named(production, "shop")
        child = launch(production, "shop", ["-m", "shop", os.path.join(production, "shop.json")], release)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and child.poll() is None:
            if healthy(port) == child.pid:
                print(f"shop {os.path.basename(release)} is up, process {child.pid}")
                return 0
            time.sleep(0.02)
    why = f"ended with {child.returncode}" if child.poll() is not None else "did not answer in time"
    print(f"shop {os.path.basename(release)} {why}; see run/shop.out", file=sys.stderr)
    return 1


def release_step(production: str, release: str) -> int:
    """Run what the Procfile of a release has before its start, as a platform does; 0 without one."""
    try:
        with open(os.path.join(release, "Procfile"), encoding="utf-8") as file:
            commands = [line.partition(":")[2] for line in file if line.startswith("release:")]
    except FileNotFoundError:
        return 0
    for command in commands:
        places = {"python": sys.executable, "$DATABASE": os.path.join(production, "shop.db")}
        words = [places.get(word, word) for word in command.split()]
        code = subprocess.run(words, cwd=release, check=False).returncode
        if code != 0:
            return code
    return 0


def healthy(port: int) -> int:
    """Return the process id the health page gives, 0 while there is no healthy answer."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return int(json.load(answer)["pid"])
    except (OSError, ValueError, KeyError):
        return 0


def main(arguments: list[str]) -> int:
    """Obey `restart`, `stop` or `run NAME PROGRAM...` in the production this file lies in."""
    production = os.path.dirname(os.path.abspath(__file__))
    match arguments:
        case ["restart"]:
            return restart(production)
        case ["stop"]:
            stop_named(production, "shop")
            return 0
        case ["run", name, *program] if program:
            run(production, name, program)
            return 0
    print("usage: service.py restart | stop | run NAME PROGRAM...", file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Closed:
        sys.exit("this production has been taken down")

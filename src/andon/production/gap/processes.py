"""What an application started: found by a mark in its environment, looked at, and ended by its ids.

Reads /proc. Where there is none (macOS) only the process group is known, and nothing can be looked at.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: Seconds to end by itself after SIGTERM, before SIGKILL.
GRACE = 1.5
_PAUSE = 0.005
_LISTENS = "0A"


def members(pid: int, mark: str) -> tuple[int, ...]:
    """Return the living processes that carry a mark in their environment or are of the session of `pid`."""
    wanted = mark.encode()
    return tuple(
        one
        for one in _all()
        if (_session(one) == pid or wanted in _bytes(f"/proc/{one}/environ")) and not _is_dead(one)
    )


def environment_of(pid: int) -> dict[str, str]:
    """Return the variables that a process was given; {} when that cannot be read."""
    pairs = (part.partition(b"=") for part in _bytes(f"/proc/{pid}/environ").split(b"\0"))
    return {
        name.decode("utf-8", "surrogateescape"): value.decode("utf-8", "surrogateescape")
        for name, equals, value in pairs
        if equals
    }


def listening(port: int) -> set[int]:
    """Return the processes that listen on a port, as far as they can be seen."""
    return {pid for pid in _all() if port in ports_of(pid)}


def ports_of(pid: int) -> set[int]:
    """Return the TCP ports on which a process listens."""
    held = set()
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                held.add(os.readlink(f"/proc/{pid}/fd/{name}"))
    except OSError:
        return set()
    sockets = {one[8:-1] for one in held if one.startswith("socket:[")}
    return {port for inode, port in _listeners(pid) if inode in sockets} if sockets else set()


def _listeners(pid: int) -> Iterable[tuple[str, int]]:
    """Yield inode and port of what listens in the network of a process: proc(5), /proc/net/tcp."""
    for kind in ("tcp", "tcp6"):
        for line in _bytes(f"/proc/{pid}/net/{kind}").decode("ascii", "replace").splitlines()[1:]:
            fields = line.split()
            if len(fields) > 9 and fields[3] == _LISTENS:
                yield fields[9], int(fields[1].rpartition(":")[2], 16)


def end(process: subprocess.Popen[bytes], mark: str) -> None:
    """End a process, its group and all that carry the mark, gently and then for certain.

    Who interrupts it gets no gentle end, but an end.
    """
    try:
        is_over = _told_to_end(process, mark, signal.SIGTERM)
    except BaseException:
        _told_to_end(process, mark, signal.SIGKILL)
        raise
    if not is_over:
        _told_to_end(process, mark, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):  # in the kernel, where no signal reaches it
        process.wait(GRACE)


def _told_to_end(process: subprocess.Popen[bytes], mark: str, sign: signal.Signals) -> bool:
    """Send a signal to all of them and say whether they are gone within GRACE."""
    others = [pid for pid in members(process.pid, mark) if pid != process.pid]
    if process.poll() is not None and not others:
        return True
    _tell_group(process.pid, sign)
    for pid in others:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, sign)
    return _gone(process, mark, time.monotonic() + GRACE)


def _gone(process: subprocess.Popen[bytes], mark: str, deadline: float) -> bool:
    while time.monotonic() < deadline:
        if process.poll() is not None and not members(process.pid, mark):
            return True
        time.sleep(_PAUSE)
    return False


def _tell_group(group: int, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, sign)


def parents() -> dict[int, int]:
    """Return every process that can be seen, with its parent."""
    return {pid: int(stat[1]) for pid in _all() if len(stat := _stat(pid)) > 1}


def _is_dead(pid: int) -> bool:
    """True for a process that has ended and waits for its parent to notice."""
    return _stat(pid)[:1] in ([b"Z"], [b"X"], [])


def _session(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[3]) if len(fields) > 3 else -1


def _stat(pid: int) -> list[bytes]:
    """Return the fields of proc(5) /proc/PID/stat after the name: state, parent, group, session."""
    return _bytes(f"/proc/{pid}/stat").rpartition(b")")[2].split()


def _all() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""

"""The one way to run a command: argument list, time limit, bounded output, no process left behind.

What commands mean is left to the adapters; one that cannot be started is an outcome, not an exception.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
import tempfile
import time

from andon.record import Record
from andon.secrets.spoken import hidden

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO

#: Bytes of output that are kept: half from the beginning, half from the end.
LIMIT = 1 << 20
#: Seconds a command gets to end by itself after SIGTERM, before SIGKILL.
GRACE = 2.0
#: Seconds we go on reading after the command ended, when something it started still holds its output open.
LINGER = 0.2
#: Characters beyond a cut that are looked through for secrets.
_LOOK = 1 << 16
#: Bytes by which a cut moves, to fall between two lines.
_SLACK = 4096
#: Exit code of a command that could not be started, as in a shell.
NOT_STARTED = 127

#: What git sets for its hooks, and would lead a command we start into another repository than its own.
FOREIGN = frozenset(
    "GIT_" + name
    for name in (
        "DIR", "WORK_TREE", "IMPLICIT_WORK_TREE", "INDEX_FILE", "OBJECT_DIRECTORY", "COMMON_DIR", "PREFIX",
        "ALTERNATE_OBJECT_DIRECTORIES", "NAMESPACE", "GRAFT_FILE", "SHALLOW_FILE", "QUARANTINE_PATH",
        "REPLACE_REF_BASE", "NO_REPLACE_OBJECTS", "CONFIG", "CONFIG_PARAMETERS", "CONFIG_COUNT",
        "CEILING_DIRECTORIES", "INTERNAL_SUPER_PREFIX",
    )
)  # fmt: skip

#: Terminal escape sequences: CSI, the string kinds (OSC, DCS, SOS, PM, APC), and the short ones.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
#: Control characters but tab and newline, and those that turn the direction of writing.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


#: What runs now, in any thread.
_running: set[subprocess.Popen[bytes]] = set()


class Finished(Record):
    """How a command ended."""

    #: Exit code; negative: killed by that signal; NOT_STARTED when `failure` says why it never ran.
    code: int
    #: What it printed, as it came; standard error is in here too unless it was kept apart.
    raw: bytes = b""
    #: Standard error, when it was kept apart.
    errors: bytes = b""
    #: Bytes that were left out of the middle of `raw`.
    left_out: int = 0
    timed_out: bool = False
    seconds: float = 0.0
    #: Why it could not be started; "" when it ran.
    failure: str = ""

    @property
    def succeeded(self) -> bool:
        """True when it ran to its end and exited with 0."""
        return self.code == 0 and not self.timed_out and not self.failure

    @property
    def output(self) -> str:
        """What it printed, safe to show."""
        return clean(self.raw)

    @property
    def account(self) -> str:
        """How it ended and the last it said, of its errors if they were kept apart; for a message."""
        said = "" if self.failure else last_lines(clean(self.errors or self.raw), 300)
        return f"{self.ending}: {said}" if said else self.ending

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        if self.failure:
            return self.failure
        if self.timed_out:
            return f"did not end within its time limit and was stopped after {self.seconds:.0f} s"
        if self.code < 0:
            return f"killed by {_signal_name(-self.code)}"
        return f"exit code {self.code}"


def clean(content: bytes) -> str:
    """Return text without terminal sequences, control characters and undecodable bytes; lines end in LF."""
    text = content.decode("utf-8", "replace")
    text = _ESCAPES.sub("", text.replace("\r\n", "\n"))
    return _CONTROLS.sub("", text.replace("\r", "\n"))


def last_lines(text: str, characters: int = 2000) -> str:
    """Return whole lines from the end, at most so many characters; a longer single line is cut in front.

    It is without secrets before it is cut, for half a secret would not be recognised as one; and it is cut
    between two words when it has any.
    """
    text = text.strip()
    if len(text) <= characters:
        return text
    text = hidden(text[-characters - _LOOK :])
    if len(text) <= characters:
        return f"... {text}"
    tail = text[-characters:]
    first, newline, rest = tail.partition("\n")
    return f"... {rest if newline else first.partition(' ')[2] or first}"


def first_words(text: str, characters: int) -> str:
    """Return the beginning of a text, at most so many characters, cut as `last_lines` cuts."""
    if len(text) <= characters:
        return text
    text = hidden(text[: characters + _LOOK])
    beginning = text[: characters + 1]
    return beginning.rpartition(" ")[0] or beginning[:characters]


def run(
    arguments: Sequence[str],
    *,
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 60.0,
    limit: int = LIMIT,
    head: int | None = None,
    apart: bool = False,
    leaves_service: bool = False,
    given: bytes = b"",
) -> Finished:
    """Run a command to its end or its time limit (seconds) and return how it went; raises nothing for it.

    The command runs in a session of its own; `given` is its standard input, from an unnamed file so that
    neither side waits for the other. At its time limit, or when we are
    interrupted, its whole process group gets SIGTERM and, GRACE seconds later, SIGKILL. `limit` bytes of
    output are kept, `head` of them from the beginning (default: half). `apart` keeps standard error apart.
    `leaves_service` says that the command starts something that outlives it: its output then goes to an
    unnamed file, because a service that inherited a pipe would die of SIGPIPE once we are gone.
    """
    if not arguments:
        return Finished(code=NOT_STARTED, failure="no command is configured")
    began = time.monotonic()
    kept = _Kept(limit, limit // 2 if head is None else head)
    errors = _Kept(min(limit, 1 << 16), 1 << 14)
    with contextlib.ExitStack() as stack:
        sink = _sink(stack) if leaves_service else subprocess.PIPE
        try:
            source = _source(stack, given) if given else subprocess.DEVNULL
            process = subprocess.Popen(
                list(arguments),
                cwd=cwd,
                env=environment(env),
                stdin=source,
                stdout=sink,
                stderr=subprocess.PIPE if apart else subprocess.STDOUT,
                start_new_session=True,
                # Only what was made inheritable on purpose passes: the lock of the operation under way,
                # which a deploy tool holds on to even when Andon itself is killed (desk/operation.py).
                close_fds=not leaves_service,
            )
        except (OSError, ValueError) as error:
            return Finished(code=NOT_STARTED, failure=_why_not(arguments[0], cwd, error))
        _running.add(process)
        try:
            timed_out = _attend(process, kept, errors, began + timeout)
        except BaseException:
            _stop(process)
            raise
        finally:
            _running.discard(process)
            _close(process)
        if not isinstance(sink, int):
            kept.read(sink)
    return Finished(
        code=-signal.SIGKILL if process.returncode is None else process.returncode,
        raw=kept.content(),
        errors=errors.content(),
        left_out=kept.left_out,
        timed_out=timed_out,
        seconds=time.monotonic() - began,
    )


def stop_all() -> None:
    """End what other threads still run: for somebody who leaves without waiting for them."""
    for process in tuple(_running):
        _stop(process)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return our environment without git's pointers to another repository, with `extra` put in."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in FOREIGN and not name.startswith(("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"))
    }
    return inherited | dict(extra or {})


def _sink(stack: contextlib.ExitStack) -> IO[bytes] | int:
    """Return an unnamed file; a pipe where there is no room for one: a full disk must not stop a rollback."""
    try:
        return stack.enter_context(tempfile.TemporaryFile())
    except OSError:
        return subprocess.PIPE


def _source(stack: contextlib.ExitStack, given: bytes) -> IO[bytes]:
    file = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    file.write(given)
    file.seek(0)
    return file


class _Kept:
    """The beginning and the end of a stream, in bounded memory."""

    def __init__(self, limit: int, head: int) -> None:
        self._head_size, self._tail_size = head, max(limit - head, 0)
        self._head, self._tail = bytearray(), bytearray()
        self.left_out = 0

    def add(self, chunk: bytes) -> None:
        room = self._head_size - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        self._tail += chunk
        if len(self._tail) > 2 * self._tail_size + 65536:
            self._trim()

    def read(self, file: IO[bytes]) -> None:
        """Take the beginning and the end of a file without reading its middle."""
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        self.add(file.read(self._head_size))
        rest = max(file.tell(), size - self._tail_size)
        self.left_out += rest - file.tell()
        file.seek(rest)
        self.add(file.read(self._tail_size))

    def content(self) -> bytes:
        self._trim()
        if not self.left_out or not self._head_size or not self._tail_size:
            return bytes(self._head + self._tail)
        # Between two lines when one ends nearby: half a secret would not be recognised as one.
        first = self._head.rfind(b"\n", max(len(self._head) - _SLACK, 0)) + 1 or len(self._head)
        last = self._tail.find(b"\n", 0, _SLACK) + 1
        self.left_out += len(self._head) - first + last
        del self._head[first:], self._tail[:last]
        return bytes(self._head) + b"\n... %d bytes left out ...\n" % self.left_out + bytes(self._tail)

    def _trim(self) -> None:
        surplus = len(self._tail) - self._tail_size
        if surplus > 0:
            self.left_out += surplus
            del self._tail[:surplus]


def _attend(process: subprocess.Popen[bytes], kept: _Kept, errors: _Kept, deadline: float) -> bool:
    """Read until the command ended; returns whether it had to be stopped."""
    with selectors.DefaultSelector() as selector:
        for stream, into in ((process.stdout, kept), (process.stderr, errors)):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ, into)
        while selector.get_map() and process.poll() is None:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            _read(selector, min(left, 0.05))
        timed_out = _outlasts(process, deadline)
        if timed_out:
            _stop(process)
        enough = time.monotonic() + LINGER
        while selector.get_map() and (left := enough - time.monotonic()) > 0:
            _read(selector, left)
    return timed_out


def _outlasts(process: subprocess.Popen[bytes], deadline: float) -> bool:
    try:
        process.wait(max(deadline - time.monotonic(), 0.0))
    except subprocess.TimeoutExpired:
        return True
    return False


def _read(selector: selectors.BaseSelector, patience: float) -> None:
    for key, _ in selector.select(patience):
        chunk = os.read(key.fd, 1 << 16)
        key.data.add(chunk)
        if not chunk:
            selector.unregister(key.fileobj)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the whole process group, gently and then for certain."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if not _signal_group(process.pid, sign):
            break
        enough = time.monotonic() + GRACE
        while time.monotonic() < enough:
            process.poll()
            if not _signal_group(process.pid, 0):
                break
            time.sleep(0.01)
    with contextlib.suppress(subprocess.TimeoutExpired):  # in the kernel, where no signal reaches it
        process.wait(GRACE)


def _signal_group(group: int, sign: int) -> bool:
    try:
        os.killpg(group, sign)
    except (ProcessLookupError, PermissionError):  # macOS answers the second for a group of zombies
        return False
    return True


def _close(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _why_not(program: str, cwd: str | None, error: Exception) -> str:
    if cwd is not None and not os.path.isdir(cwd):
        return f"cannot run {program!r}: the directory {cwd} does not exist"
    if isinstance(error, FileNotFoundError) and os.path.exists(os.path.join(cwd or "", program)):
        return f"cannot run {program!r}: the interpreter its first line names does not exist"
    if isinstance(error, FileNotFoundError):
        return f"cannot run {program!r}: no such program; install it, or correct the command in andon.toml"
    if isinstance(error, PermissionError):
        return f"cannot run {program!r}: it is not executable (chmod +x), or may not be run by this user"
    return f"cannot run {program!r}: {getattr(error, 'strerror', None) or error}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

"""The team's application, started in a world of an experiment, and stopped with all that it started.

It runs in a session of its own, on a free port of this machine, with the variables of its world and nothing
else of Andon's own environment than what a process needs to run at all (`NEEDED`).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import threading
import time

from andon.errors import Unavailable
from andon.gaps.environment.values import is_secret
from andon.production.gap.health import Answered, ask
from andon.production.gap.ports import free_port
from andon.production.gap.processes import end, environment_of, listening, members, ports_of
from andon.production.process import FOREIGN, clean, last_lines
from andon.secrets.spoken import hidden_anyhow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from andon.config.model_gap import WorldConfig
    from andon.gaps.experiment import Setting

#: What a process gets of our own environment unless its world says otherwise.
NEEDED = (
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "LANG", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)  # fmt: skip
#: By this variable we know again what the application started, wherever it went.
MARK = "ANDON_GAP_WORLD"
#: Seconds an application may take until it answers.
PATIENCE = 20.0
#: Seconds after which an application that answers with an error, but answers, counts as up.
_UNWELL = 3.0
#: Seconds between two questions to its health path: at first, and at most.
_SOON, _SELDOM = 0.005, 0.05
#: Seconds in which a process whose memory is gone is surely over, and where that cannot be seen.
_OVER, _UNSEEN = 2.0, 0.05
#: Characters of its last line.
_LINE = 300
#: Ports that are tried when somebody else was faster.
_TRIES = 3
#: Bytes of its log that are read at once.
_LOG = 256 * 1024
#: Bytes beyond which its log is emptied, and seconds between two looks at it.
LARGEST_LOG, _LOOKED_AT = 64 << 20, 0.25


class DidNotStart(Unavailable):
    """The application did not come up."""

    def __init__(self, message: str, *, log: str = "", has_exited: bool = False, remedy: str = "") -> None:
        """Keep what it wrote, without secrets, and whether it ended by itself."""
        super().__init__(message, remedy=remedy)
        self.log = log
        self.has_exited = has_exited


class App:
    """An application that answers."""

    def __init__(
        self, url: str, port: int, process: subprocess.Popen[bytes], mark: str, log: str, hide: _Hide
    ) -> None:
        """Take where it answers, its first process, the mark of its processes, and the place of its log."""
        self.url = url
        self.port = port
        self._process = process
        self._mark = mark
        self._log = log
        self._hide = hide

    @property
    def pid(self) -> int:
        """The process that was started."""
        return self._process.pid

    def is_alive(self) -> bool:
        """True while the process that was started runs."""
        return self._process.poll() is None

    def ended(self) -> str:
        """Return how it ended by itself, with the last line of its log, without secrets; "" while it runs."""
        if self.is_alive() and environment_of(self.pid):
            return ""
        with contextlib.suppress(subprocess.TimeoutExpired):  # its connections break a moment before its end
            self._process.wait(_OVER if os.path.isdir("/proc/self") else _UNSEEN)
        code = self._process.poll()
        if code is None or members(self.pid, self._mark):
            return ""
        said = last_lines(self.log_since().strip().rpartition("\n")[2], _LINE)
        words = f"the application {_how(code)} during the run"
        return f"{words}; it said last: {said}" if said else f"{words}; it said nothing"

    def log_mark(self) -> int:
        """Return how long its log is now, in bytes."""
        try:
            return os.path.getsize(self._log)
        except OSError:
            return 0

    def log_since(self, mark: int = 0) -> str:
        """Return what it wrote after a mark, without secrets; of very much the end."""
        return self._hide(_read(self._log, mark))

    def environment(self) -> tuple[tuple[str, str], ...]:
        """Return the variables of the process that listens, as they were given to it; () when unknown."""
        pids = members(self.pid, self._mark)
        first = [pid for pid in pids if self.port in ports_of(pid)]
        for pid in (*first, *(pid for pid in (self.pid, *pids) if pid not in first)):
            if found := environment_of(pid):
                found.pop(MARK, None)
                return tuple(sorted(found.items()))
        return ()


@contextlib.contextmanager
def running(world: WorldConfig, setting: Setting, root: str, *, patience: float = PATIENCE) -> Iterator[App]:
    """Start the application with a setting, wait until it answers, and stop it when the context is left.

    `patience` is in seconds. Raises DidNotStart with what was tried and the last lines of its log.
    """
    arguments = setting.start or world.start
    if not arguments:
        raise DidNotStart("nothing says how the application is started", remedy="start under [gap.test]")
    directory = os.path.join(root, world.directory if setting.directory is None else setting.directory)
    for attempt in range(_TRIES):
        with _started(arguments, directory, world, setting) as starting:
            base = _wait(starting, world.health, patience, setting)
            if base is None and attempt < _TRIES - 1:
                continue
            if base is None:
                raise starting.failed("every port that was tried was taken by somebody else")
            yield App(base, starting.port, starting.process, starting.mark, starting.log, starting.hide)
            return


class _Starting:
    """An application that was started and has not answered yet."""

    def __init__(
        self, arguments: tuple[str, ...], process: subprocess.Popen[bytes], port: int, mark: str, log: str,
        hide: _Hide,
    ) -> None:  # fmt: skip
        self.arguments, self.process, self.port = arguments, process, port
        self.mark, self.log, self.hide = mark, log, hide

    def text(self) -> str:
        return self.hide(_read(self.log, 0))

    def failed(self, why: str, remedy: str = "") -> DidNotStart:
        said = last_lines(self.text(), 600)
        told = f"{self.arguments[0]}: {why}" + (f"; it said: {said}" if said else "; it said nothing")
        ended = self.process.poll() is not None
        return DidNotStart(told, log=self.text(), has_exited=ended, remedy=remedy)


class _Hide:
    """Takes secrets out of what an application writes: what looks like one, and this world's own."""

    def __init__(self, values: tuple[str, ...]) -> None:
        self._values = values

    def __call__(self, text: str) -> str:
        for value in self._values:
            text = text.replace(value, "[hidden]")
        return hidden_anyhow(text)


@contextlib.contextmanager
def _started(
    arguments: tuple[str, ...], directory: str, world: WorldConfig, setting: Setting
) -> Iterator[_Starting]:
    port, mark = free_port(), secrets.token_hex(12)
    variables = _variables(world, setting, port, mark)
    hide = _Hide(secret_values(setting.variables))
    filled = tuple(part.replace("{port}", str(port)) for part in arguments)
    log = os.path.join(setting.home, "app.log")
    process: subprocess.Popen[bytes] | None = None
    over = threading.Event()
    try:
        with _opened(log) as output:
            process = _begin(filled, directory, variables, output)
        threading.Thread(target=_keep_small, args=(log, over), daemon=True).start()
        yield _Starting(arguments, process, port, mark, log, hide)
    finally:
        over.set()
        if process is not None:
            end(process, mark)


def _keep_small(log: str, over: threading.Event) -> None:
    """Empty a log that grows without end, so that it does not fill the disk; it is appended to."""
    while not over.wait(_LOOKED_AT):
        with contextlib.suppress(OSError):
            if os.path.getsize(log) > LARGEST_LOG:
                os.truncate(log, 0)


def _opened(log: str) -> IO[bytes]:
    try:
        return open(log, "ab")
    except OSError as problem:
        raise DidNotStart(f"its log cannot be written: {problem.strerror}") from problem


def _begin(
    arguments: tuple[str, ...], directory: str, variables: dict[str, str], output: IO[bytes]
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            arguments,
            cwd=directory,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as problem:
        # The message of ValueError would name a variable's value.
        why = problem.strerror if isinstance(problem, OSError) else "a variable cannot be given to a process"
        if not os.path.isdir(directory):
            why = "the directory it is started in does not exist"
        raise DidNotStart(
            f"{arguments[0]} cannot be started: {why}", remedy="correct start under [gap.test] in andon.toml"
        ) from None


def _variables(world: WorldConfig, setting: Setting, port: int, mark: str) -> dict[str, str]:
    needed = {
        name: os.environ[name]
        for name in NEEDED
        if name in os.environ and name not in FOREIGN and name not in setting.absent
    }
    own = {name: value for name, value in setting.variables.items() if name not in setting.absent}
    unbuffered = {} if "PYTHONUNBUFFERED" in setting.absent else {"PYTHONUNBUFFERED": "1"}
    return unbuffered | needed | own | {world.port_variable: str(port), MARK: mark}


def _wait(starting: _Starting, health: str, patience: float, setting: Setting) -> str | None:
    """Return the address once it answers; None when its port was taken; raises DidNotStart."""
    began, pause = time.monotonic(), _SOON
    unwell_since = 0.0
    while True:
        code = starting.process.poll()
        if code is not None and not members(starting.process.pid, starting.mark):
            _refuse_ended(starting, code)
            return None
        answered = ask(starting.port, health)
        now = time.monotonic()
        if answered is not None and not _is_its_own(starting):
            return None
        if answered is not None and answered.status < 500:
            return answered.base
        if answered is not None:
            unwell_since = unwell_since or now
        if answered is not None and now - unwell_since > min(_UNWELL, patience):
            setting.remarks.append(f"its health path {health} answers {answered.status}")
            return answered.base
        if now - began > patience:
            raise _silent(starting, health, patience, answered)
        time.sleep(pause)
        pause = min(pause * 1.3, _SELDOM)


def _refuse_ended(starting: _Starting, code: int) -> None:
    """Raise DidNotStart unless it ended because its port was taken."""
    text = starting.text().lower()
    if "address already in use" in text or "eaddrinuse" in text:
        return
    raise starting.failed(f"it {_how(code)} before it answered")


def _how(code: int) -> str:
    return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"


def _is_its_own(starting: _Starting) -> bool:
    """False when it is known that somebody else listens on the port."""
    own = members(starting.process.pid, starting.mark)
    return any(starting.port in ports_of(pid) for pid in own) or not listening(starting.port)


def _silent(starting: _Starting, health: str, patience: float, answered: Answered | None) -> DidNotStart:
    own = {port for pid in members(starting.process.pid, starting.mark) for port in ports_of(pid)}
    if answered is None and own and starting.port not in own:
        where = " and ".join(str(port) for port in sorted(own))
        return starting.failed(
            f"it listens on port {where} and not on {starting.port}, which it was given",
            "put {port} into start, or name the variable it reads with port_variable",
        )
    return starting.failed(
        f"nothing answered at 127.0.0.1:{starting.port}{health} for {patience:g} s",
        "correct health under [gap.test], or say how it is told its port: {port} in start, or port_variable",
    )


def secret_values(variables: dict[str, str]) -> tuple[str, ...]:
    """Return the values that must not be seen in what the application says, longest first."""
    found = {v for key, v in variables.items() if len(v.strip()) >= 6 and is_secret(key, v)}
    found |= {value.strip() for value in found}
    return tuple(sorted(found, key=lambda value: (-len(value), value)))


def _read(path: str, mark: int) -> str:
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            begin = mark if mark <= size else 0  # it was emptied meanwhile
            file.seek(max(begin, size - _LOG))
            return clean(file.read(_LOG))
    except OSError:
        return ""

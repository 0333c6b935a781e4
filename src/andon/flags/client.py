"""What a program holds to read its flags: `connect` to a flag server, or `from_file` without one.

Imports nothing that costs time: what connections need is imported by `connect`. No evaluation ever waits for
the network, a file or a lock.
"""

from __future__ import annotations

import time

from andon.flags.evaluator import Evaluator
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from typing import Any, Protocol, TypeVar

    from andon.flags.details import Details
    from andon.flags.following import Following
    from andon.flags.in_force import InForce
    from andon.flags.quiet import Quiet
    from andon.flags.stream import Stream
    from andon.flags.watching import Watching

    T = TypeVar("T")

    class Value(Protocol[T]):
        """How a flag is read: its key, what to return when it has no value, and about whom it is asked."""

        def __call__(self, key: str, default: T, context: Mapping[str, Any] | None = None, /) -> T:
            """Return the value; never raises."""


__all__ = ["Flags", "Status", "connect", "from_file"]

#: How long `close` waits for its thread, and the end of a program for every client, in seconds.
CLOSING, EXITING = 0.5, 0.25


class Status(Record):
    """How fresh the flags of this process are."""

    #: Where the set in force is from: `stream`, `file`, `last-good`; `nothing`: callers get their defaults.
    source: str
    #: Its version; 0 for a file that was bundled with the program.
    version: int
    #: Seconds since a server (or the file itself) last confirmed the set in force; None: nobody ever did.
    age: float | None
    #: The stream is open now; of a file, always.
    connected: bool
    #: What is wrong, in one line; "" when nothing is.
    problem: str
    #: This process as the server lists it.
    process: str
    #: Exceptions that callbacks raised.
    callback_errors: int


class Flags:
    """The flags of a program.

    `boolean`, `string`, `integer`, `number`, `object` and their `..._details` are the evaluator's own,
    bound here so that a call costs no second one.
    """

    if TYPE_CHECKING:
        boolean: Value[bool]
        string: Value[str]
        integer: Value[int]
        number: Value[float]
        object: Value[Any]

        boolean_details: Callable[..., Details]
        string_details: Callable[..., Details]
        integer_details: Callable[..., Details]
        number_details: Callable[..., Details]
        object_details: Callable[..., Details]

    def __init__(self, in_force: InForce, worker: Stream | Watching, app: str, where: str) -> None:
        """Bind the evaluator's methods and start the thread; use `connect` or `from_file`."""
        from andon.flags import processes

        self.evaluator = in_force.evaluator
        for method in ("boolean", "string", "integer", "number", "object"):
            setattr(self, method, getattr(in_force.evaluator, method))
            setattr(self, f"{method}_details", getattr(in_force.evaluator, f"{method}_details"))
        self._in_force, self._worker = in_force, worker
        self._app, self._where = app, where
        self._is_closed = False
        #: What a set of a file was worth when this program started: (by the monotonic clock, age then).
        self._began: tuple[float, float | None] = (time.monotonic(), None)
        self._identity = processes.identify(app)
        worker.start(self._identity)
        processes.enter(self)

    def status(self) -> Status:
        """Return how fresh the flags are; never waits."""
        in_force, worker = self._in_force, self._worker
        return Status(
            source=in_force.source,
            version=in_force.evaluator.version,
            age=self._age(),
            connected=worker.is_connected and not self._is_closed,
            problem="; ".join(worker.problems()),
            process=self._identity.name,
            callback_errors=in_force.callback_errors,
        )

    def _age(self) -> float | None:
        now = time.monotonic()
        if (contact := self._worker.contact) is not None:
            return now - contact
        begun, age = self._began
        return None if age is None else age + now - begun

    def wait_ready(self, seconds: float) -> bool:
        """Wait, `seconds` at most, until the set comes from the server (or the file); say whether it does.

        A program need not wait: until then its flags are those of the last good file.
        """
        return self._in_force.is_ready.wait(seconds)

    def on_change(self, callback: Callable[[frozenset[str]], Any]) -> None:
        """Have `callback` called, in the thread of the flags, with the keys of the flags that changed.

        It should not take long: the next change waits for it. What it raises is counted (`callback_errors`).
        """
        self._in_force.listen(callback)

    def on_status(self, callback: Callable[[Status], Any]) -> None:
        """Have `callback` called, in the thread of the flags, when connection or problem are others."""
        self._in_force.listen_to_state(lambda: callback(self.status()))

    def close(self) -> None:
        """Say good-bye to the server and end the thread; evaluations go on with the set in force."""
        self._close(CLOSING)

    def _close(self, seconds: float) -> None:
        from andon.flags import processes

        if not self._is_closed:
            self._is_closed = True
            processes.leave(self)
            self._worker.stop(seconds)

    def at_exit(self) -> None:
        """Close at the end of the program, quickly."""
        self._close(EXITING)

    @property
    def quiet(self) -> Quiet:
        """What the thread of the flags holds while it works: a fork waits for it."""
        return self._in_force.quiet

    def after_fork(self) -> None:
        """Go on in a forked process, as a client of its own; called by the interpreter."""
        from andon.flags import processes

        self._identity = processes.identify(self._app, self._identity.process)
        self._in_force.renew()
        self._worker.after_fork(self._identity)

    def __enter__(self) -> Flags:
        """Use it in a `with` statement, which closes it."""
        return self

    def __exit__(self, *_: Any) -> None:
        """Close."""
        self.close()

    def __repr__(self) -> str:
        """Say where the flags come from; the token is not in it."""
        found = self.status()
        age = "never confirmed" if found.age is None else f"confirmed {found.age:.0f} s ago"
        state = "connected" if found.connected else "not connected"
        return f"<Flags {self._where}: {found.source}, version {found.version}, {age}, {state}>"


def connect(
    server: str,
    *,
    token: str = "",
    keep: str = "",
    file: str = "",
    name: str = "",
    tls: ssl.SSLContext | None = None,
    hashing: str = "v3",
    silence: float = 15.0,
) -> Flags:
    """Follow the flag server at `server`; returns at once, whether it answers or not.

    Until it answers the flags are those of the last good file `keep` (which is then kept up to date), else
    those of the flag file `file`, else every caller gets its default. `name` says which program this is.
    Without a byte for `silence` seconds the connection counts as broken. Raises InvalidInput for an address
    or a token that cannot be one.
    """
    from andon.flags import last_good, processes
    from andon.flags.address import check_token, read_address
    from andon.flags.in_force import InForce
    from andon.flags.stream import Stream

    address = read_address(server)
    check_token(token)
    if address.is_secret and tls is None:
        import ssl

        tls = ssl.create_default_context()
    in_force = InForce(Evaluator(hashing=hashing))
    following, age, problem = _first_set(in_force, keep, file)
    keeping = last_good.Keeping(keep, processes.draw)
    keeping.problem = problem
    secret = tls if address.is_secret else None
    worker = Stream(address, token, secret, following, in_force, keeping, processes.draw, silence)
    flags = Flags(in_force, worker, name, str(address))
    flags._began = (flags._began[0], age)
    return flags


def _first_set(in_force: InForce, keep: str, file: str) -> tuple[Following, float | None, str]:
    """Put the first set in force; return it, its age, and what is wrong with the files."""
    from andon.errors import AndonError
    from andon.flags import last_good
    from andon.flags.following import Following
    from andon.flags.opening import open_file
    from andon.flags.reading import read_document

    problems: list[str] = []
    try:
        if keep:
            document, version, age = last_good.read(keep)
            in_force.load(document, version, "last-good")
            return Following(document, version), age, ""
    except FileNotFoundError:
        pass
    except AndonError as error:
        problems.append(str(error))
    try:
        if file:
            with open_file(file) as opened:
                document = read_document(opened.read(last_good.MOST + 1), file)
            in_force.load(document, 0, "file")
            return Following(document, 0), None, "; ".join(problems)
    except (OSError, AndonError) as error:
        problems.append(str(error))
    return Following(), None, "; ".join(problems)


def from_file(
    path: str, *, overrides: str = "", name: str = "", hashing: str = "v3", every: float = 0.25
) -> Flags:
    """Read flags from a file, and again whenever it changes; no server is needed.

    The overrides beside it (`PATH.overrides.json` unless another file is named) are obeyed: a kill
    there reaches this program within `every` seconds. `status` says what is wrong with either file; what
    was good before stays in force.
    """
    from andon.flags.in_force import InForce
    from andon.flags.watching import Watching

    in_force = InForce(Evaluator(hashing=hashing))
    worker = Watching(path, overrides or f"{path}.overrides.json", in_force, every)
    return Flags(in_force, worker, name, path)

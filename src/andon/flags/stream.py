"""The thread that follows a flag server: connects, applies, acknowledges, and comes back when it breaks.

It decides nothing about flags (`following`) and nothing about bytes (`wire`, `http_reply`, `sse`); it waits,
in one place, for all of them. Whatever happens to it, the program goes on with the set in force.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress

from andon.errors import AndonError, InvalidInput, Unavailable
from andon.flags import wire
from andon.flags.acknowledging import Acknowledging
from andon.flags.address import request
from andon.flags.following import OutOfStep
from andon.flags.http_reply import Reply
from andon.flags.pace import Pace
from andon.flags.sse import Events

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable
    from typing import Any

    from andon.flags.address import Address
    from andon.flags.following import Following
    from andon.flags.in_force import InForce
    from andon.flags.last_good import Keeping
    from andon.flags.processes import Identity

PATH = "/flags/v1/stream"
#: In seconds: for one way to the server to open; a stream on which no byte came has stalled.
CONNECT, SILENCE = 5.0, 15.0
#: A forked process that soon becomes another program should not be counted as a client, in seconds.
FORK_PAUSE = 0.02
#: What the last message may take when a program ends, in seconds.
FAREWELL = 0.2


class Stream:
    """Follows one server, in one thread of this process."""

    def __init__(
        self,
        address: Address,
        token: str,
        tls: ssl.SSLContext | None,
        following: Following,
        in_force: InForce,
        keeping: Keeping,
        draw: Callable[[], float],
        silence: float = SILENCE,
    ) -> None:
        """Prepare; `start` connects."""
        self._address, self._tls, self._draw, self._silence = address, tls, draw, silence
        self._headers = {"Authorization": f"Bearer {token}" if token else ""}
        self._following, self._in_force, self._keeping = following, in_force, keeping
        self._pace = Pace(draw)
        self._acknowledging = Acknowledging(
            address, self._headers, tls, in_force.evaluator.counts, Pace(draw)
        )
        #: How to reach the server without asking for its name again.
        self._way: tuple[Any, Any] | None = None
        self._wire: wire.Wire | None = None
        self._awake: socket.socket | None = None
        self._waker: socket.socket | None = None
        self._thread: threading.Thread | None = None
        #: Ask for the whole set, not for what has changed.
        self._wants_whole = True
        self._is_closing = False
        self.is_connected = False
        #: When a server last confirmed the set in force, by the monotonic clock; None when it never did.
        self.contact: float | None = None
        #: What is wrong with the connection, in one line; "" when nothing is.
        self.problem = "the flag server has not answered yet"

    # ---- from other threads

    def start(self, identity: Identity, pause: float = 0.0) -> None:
        """Start the thread; it connects after `pause` seconds.

        Where the system gives no thread or socket, that is a problem to be seen; the flags stay as they are.
        """
        self._identity = identity
        try:
            self._awake, self._waker = wire.wake_pair()
            thread = threading.Thread(target=self._run, args=(pause,), name="andon-flags", daemon=True)
            thread.start()
            self._thread = thread
        except (RuntimeError, OSError) as error:
            self.problem = f"the flags cannot be kept fresh: {error}"
            for end in (self._awake, self._waker):
                if end is not None:
                    end.close()
            self._awake = self._waker = None

    def stop(self, seconds: float) -> None:
        """Have the thread say good-bye and end; wait for that, `seconds` at most."""
        self._is_closing = True
        if self._waker is not None:
            with suppress(OSError):  # it is awake already, or gone
                self._waker.send(b"x")
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def after_fork(self, identity: Identity) -> None:
        """Go on in a forked process: close what was inherited, and connect for oneself."""
        for inherited in (self._wire, self._awake, self._waker):
            if inherited is not None:
                inherited.close()
        self._wire = self._awake = self._waker = self._thread = None
        self._acknowledging.renew()
        self._following.connected()
        self._pace = Pace(self._draw)
        self.is_connected = False
        self.problem = "the flag server has not answered since this process was forked"
        self.start(identity, FORK_PAUSE)

    def problems(self) -> tuple[str, ...]:
        """Return everything that is wrong, in lines for people."""
        behind = self._following.behind
        older = f"the server has version {behind}, older than {self._following.version} which stays in force"
        found = (self.problem, older if behind else "", self._acknowledging.problem, self._keeping.problem)
        return tuple(problem for problem in found if problem)

    # ---- in the thread

    def _run(self, pause: float) -> None:
        with self._in_force.quiet:
            self._work(pause)

    def _work(self, pause: float) -> None:
        self._rest(pause)
        while not self._is_closing:
            begun, is_urgent = time.monotonic(), False
            try:
                self._follow()
            except OutOfStep as missed:
                self._wants_whole = is_urgent = True
                self._lost(str(missed))
            except InvalidInput as error:
                self._wants_whole = True
                self._lost(f"what the server sends cannot be understood: {error.message}"[:300])
            except AndonError as error:
                self._lost(error.message)
            except OSError as error:
                self._lost(f"{self._address}: {error.strerror or type(error).__name__}: {error}"[:300])
            except Exception as error:  # noqa: BLE001  # a bug here must not freeze the flags of a program
                self._wants_whole = True
                self._lost(f"{type(error).__name__}: {error}"[:300])
            finally:
                self._hang_up()
            self._pace.lasted(time.monotonic() - begun)
            self._rest(self._pace.pause(is_urgent=is_urgent))
        self._end()

    def _follow(self) -> None:
        """Connect and stay connected; returns only when this client closes."""
        self._wire = stream = self._dial()
        headers = {
            **self._headers,
            "Accept": "text/event-stream",
            "Cache-Control": "no-store",
            "Andon-Process": self._identity.process,
            "Andon-Process-Name": self._identity.name,
            "Last-Event-ID": "" if self._wants_whole else str(self._following.version),
        }
        stream.send(request(self._address, "GET", PATH, headers))
        reply, events = Reply(), Events()
        self._following.connected()
        heard = spoken = time.monotonic()
        while not self._is_closing:
            self._wait(stream, heard + self._silence)
            now = time.monotonic()
            if came := stream.work():
                heard = now
                if self._take(reply, events, came):
                    spoken = now
            if now - heard > self._silence or now - spoken > 4 * self._silence:
                raise Unavailable(f"the stream stalled: nothing came for {now - spoken:.0f} s")
            if reply.is_complete or stream.has_ended:
                raise Unavailable("the server ended the stream")
            self._acknowledging.work(now)
            self._keeping.work(now, self._following.document, self._following.version)

    def _dial(self) -> wire.Wire:
        """Return an open connection: by the way that was good last, else by any."""
        if self._way is not None:
            try:
                return self._open(self._way)
            except OSError:
                self._way = None  # perhaps the name means another place by now
        broken: OSError = OSError("no way to the server")
        for way in wire.resolve(self._address):
            try:
                opened = self._open(way)
            except OSError as error:
                broken = error
                continue
            self._way = way
            return opened
        raise broken

    def _open(self, way: tuple[Any, Any]) -> wire.Wire:
        self._wire = opened = wire.Wire(*way, self._tls, self._address.host)
        until = time.monotonic() + CONNECT
        try:
            while not self._is_closing:
                opened.work()
                if opened.is_open:
                    break
                if time.monotonic() > until:
                    raise TimeoutError("the server did not answer")
                self._pause([opened.waits(), *self._wakes()], until - time.monotonic())
        except OSError:
            opened.close()
            raise
        return opened

    def _take(self, reply: Reply, events: Events, came: bytes) -> bool:
        """Apply what came; return whether a message of the server was in it."""
        was_open = bool(reply.status)
        body = reply.feed(came)
        if not was_open and reply.status:
            self._check(reply)
        messages = events.feed(body) if body else []
        if events.retry is not None:
            self._pace.least = events.retry / 1000
        changed: frozenset[str] = frozenset()
        try:
            for name, text, _ in messages:
                changed |= self._message(name, text)
        finally:
            if messages:
                self._acknowledge()
                self._in_force.tell(changed)
        return bool(messages)

    def _message(self, name: str, text: str) -> frozenset[str]:
        """Put one message in force; return the keys of flags that it changes."""
        following = self._following
        change = following.take(name, text)
        now = time.monotonic()
        keys: frozenset[str] = frozenset()
        if change is not None:
            keys = self._in_force.apply(following.document, change, "stream")
            following.commit(change)
            self._keeping.changed(now)
        if following.is_in_step:
            self._in_force.source = "stream"
            self.contact = now
            self._wants_whole = False
            self._keeping.confirmed(now, following.version)
            self._in_force.is_ready.set()
        return keys

    def _acknowledge(self) -> None:
        if self._following.version:
            self._acknowledging.applied(self._following.version)
            self._acknowledging.work(time.monotonic())

    def _check(self, reply: Reply) -> None:
        """Judge the head of the reply to the stream's request; raises Unavailable."""
        kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        coding = reply.headers.get("content-encoding", "identity").lower()
        if reply.status in (401, 403):
            why = f"the server does not accept this token (HTTP {reply.status})"
        elif 300 <= reply.status < 400:
            why = f"the server sends elsewhere (HTTP {reply.status}); the token is not taken there"
        elif reply.status != 200:
            why = f"the server answers HTTP {reply.status}"
        elif kind != "text/event-stream" or coding != "identity":
            why = "what answers is no flag server: no event stream"
        else:
            self._opened()
            return
        self._pace.least = max(self._pace.least, 1.0)
        raise Unavailable(why)

    def _opened(self) -> None:
        self.is_connected = True
        self.problem = ""
        self._pace.least = 0.0
        if self._way is not None:
            self._acknowledging.begin(self._identity, self._way, time.monotonic())
        if not self._wants_whole:
            self._acknowledge()  # what this process has may be all there is
        self._in_force.tell_state()

    def _lost(self, why: str) -> None:
        is_news = self.is_connected or why != self.problem
        self.is_connected = False
        self.problem = "".join(sign if sign.isprintable() else "?" for sign in why)
        if is_news:
            self._in_force.tell_state()

    def _hang_up(self) -> None:
        if self._wire is not None and not self._is_closing:
            self._wire.close()
            self._wire = None

    def _wait(self, stream: wire.Wire, until: float) -> None:
        """Wait for anything that concerns this thread."""
        until = min(until, self._acknowledging.due(), self._keeping.due())
        seconds = 0.0 if stream.has_more else until - time.monotonic()
        sockets = [*self._wakes(), stream.waits(), *self._acknowledging.waits()]
        self._pause(sockets, seconds)

    def _pause(self, sockets: list[tuple[int, bool]], seconds: float) -> None:
        """Wait for sockets; the only time, but for callbacks, at which the program can fork."""
        self._in_force.quiet.during(wire.wait, sockets, seconds)

    def _rest(self, seconds: float) -> None:
        """Let time pass without a connection."""
        until = time.monotonic() + seconds
        while not self._is_closing and (now := time.monotonic()) < until:
            self._keeping.work(now, self._following.document, self._following.version)
            self._pause(self._wakes(), min(until, self._keeping.due()) - now)

    def _wakes(self) -> list[tuple[int, bool]]:
        return [] if self._awake is None else [(self._awake.fileno(), False)]

    def _end(self) -> None:
        """Say what was still to be said, and close."""
        until = time.monotonic() + FAREWELL
        self._keeping.work(float("inf"), self._following.document, self._following.version)
        acknowledging = self._acknowledging
        if self.is_connected:
            while not acknowledging.is_quiet and time.monotonic() < until:
                self._give(until)
            acknowledging.farewell(time.monotonic())
            while not acknowledging.is_quiet and time.monotonic() < until:
                self._give(until)
        self.is_connected = False
        self.problem = "closed"
        ends: tuple[socket.socket | wire.Wire | Acknowledging | None, ...] = (
            acknowledging, self._wire, self._awake, self._waker,
        )  # fmt: skip
        for end in ends:
            if end is not None:
                end.close()

    def _give(self, until: float) -> None:
        self._pause(self._acknowledging.waits(), until - time.monotonic())
        self._acknowledging.work(time.monotonic())

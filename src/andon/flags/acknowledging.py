"""What a process tells the flag server: which version it has in force, and what it served how often.

Goes over a connection of its own, in the thread of the stream, never waiting; when it fails, the stream does
not notice.
"""

from __future__ import annotations

import json

from andon.errors import InvalidInput
from andon.flags.address import request
from andon.flags.http_reply import Reply
from andon.flags.wire import Wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    from andon.flags.address import Address
    from andon.flags.pace import Pace
    from andon.flags.processes import Identity

    #: How often each variant of each flag was served.
    Counts: TypeAlias = Mapping[tuple[str, str], int]

#: In seconds: between two messages with counts; until an answer is given up.
COUNTS_EVERY, PATIENCE = 10.0, 5.0
#: How many counts one message holds; what is more goes with the next.
COUNTS_AT_ONCE = 1_000
PATH = "/flags/v1/acknowledgements"


class Acknowledging:
    """Tells the server what has been applied, one message at a time."""

    def __init__(
        self,
        address: Address,
        headers: dict[str, str],
        tls: ssl.SSLContext | None,
        counts: Callable[[], Counts],
        pace: Pace,
    ) -> None:
        """Connect to nothing yet; `counts` returns what was served since the program began."""
        self._address, self._headers, self._tls = address, headers, tls
        self._counts, self._pace = counts, pace
        self._way: tuple[Any, Any] | None = None
        self._wire: Wire | None = None
        self._reply = Reply()
        #: What the message on its way says, and when it was sent; None when none is.
        self._under_way: tuple[int, dict[tuple[str, str], int], float] | None = None
        self._applied = self._acknowledged = -1
        self._told: dict[tuple[str, str], int] = {}
        self._counts_due = 0.0
        self._next_attempt = 0.0
        #: Why the server does not take them; "" when it does.
        self.problem = ""

    def begin(self, identity: Identity, way: tuple[Any, Any], now: float) -> None:
        """Use the way on which the stream has just been opened."""
        self._identity, self._way = identity, way
        self._next_attempt = 0.0
        self._counts_due = now + COUNTS_EVERY
        self._acknowledged = -1

    def applied(self, version: int) -> None:
        """Have a version acknowledged, at the next `work`."""
        if version != self._applied:
            self._applied = version
            self._next_attempt = 0.0

    def waits(self) -> list[tuple[int, bool]]:
        """Return what to wait for, as `wait` takes it."""
        return [self._wire.waits()] if self._wire is not None else []

    def due(self) -> float:
        """Return when there is something to do even if nothing comes."""
        if self._way is None:
            return float("inf")
        if self._under_way is not None:
            return self._under_way[2] + PATIENCE
        if self._applied > self._acknowledged:
            return self._next_attempt
        return max(self._counts_due, self._next_attempt)

    def work(self, now: float) -> None:
        """Read what has come, send what is due. Never raises, never waits."""
        if self._way is None:
            return
        try:
            self._receive()
            if self._under_way is not None and now - self._under_way[2] > PATIENCE:
                raise InvalidInput("no answer to an acknowledgement")
            if self._under_way is None and now >= self._next_attempt:
                self._send(now)
        except (OSError, InvalidInput) as error:
            self._failed(now, str(error))

    def farewell(self, now: float) -> None:
        """Send the last counts with the word that this process closes; `is_quiet` says when that is done."""
        self._applied = max(self._applied, 0)
        if self._way is None or self._under_way is not None:
            return
        try:
            self._send(now, is_closing=True)
        except OSError as error:
            self._failed(now, str(error))

    @property
    def is_quiet(self) -> bool:
        """Say whether no message is under way."""
        return self._under_way is None

    def _receive(self) -> None:
        if self._wire is None:
            return
        came = self._wire.work()
        if came and self._under_way is None:
            raise InvalidInput("an answer to nothing")
        if came:
            self._reply.feed(came)
            if self._reply.is_complete:
                self._answered(self._reply)
        if self._wire is not None and self._wire.has_ended:
            if self._under_way is not None:
                raise InvalidInput("closed before it answered")
            self._hang_up()  # the server closes what is idle: nothing is lost

    def _answered(self, reply: Reply) -> None:
        if self._under_way is None:
            return
        version, counts, _ = self._under_way
        if not 200 <= reply.status < 300:
            if reply.status < 500:
                self._told.update(counts)  # what is refused once is refused again, and a version waits for it
            raise InvalidInput(f"acknowledgements are answered with HTTP {reply.status}")
        self._acknowledged = version
        self._told.update(counts)
        self._under_way = None
        self._pace.failures = 0
        self.problem = ""
        if reply.headers.get("connection", "").lower() == "close":
            self._hang_up()

    def _send(self, now: float, *, is_closing: bool = False) -> None:
        new: dict[tuple[str, str], int] = {}
        if is_closing or now >= self._counts_due:
            self._counts_due = now + COUNTS_EVERY
            new = self._new_counts()
        if not new and not is_closing and self._applied <= self._acknowledged:
            return
        if self._wire is None and self._way is not None:
            self._wire = Wire(*self._way, self._tls, self._address.host)
        message = self._message(new)
        if is_closing:
            message["closing"] = True
        body = json.dumps(message).encode("ascii")
        self._reply = Reply()
        self._under_way = (self._applied, new, now)
        if self._wire is not None:
            self._wire.send(request(self._address, "POST", PATH, self._headers, body))

    def _message(self, new: dict[tuple[str, str], int]) -> dict[str, Any]:
        told = [(*pair, self._difference(pair, count)) for pair, count in new.items()]
        return {
            "process": self._identity.process,
            "name": self._identity.name,
            "version": self._applied,
            "counts": told,
            "forked_from": self._identity.forked_from,
        }

    def _new_counts(self) -> dict[tuple[str, str], int]:
        """Return what has been served since it was last told, as it stands now."""
        told = self._told
        new: dict[tuple[str, str], int] = {}
        for pair, count in self._counts().items():
            if count != told.get(pair, 0):
                new[pair] = count
                if len(new) >= COUNTS_AT_ONCE:
                    self._counts_due = 0.0
                    break
        return new

    def _difference(self, pair: tuple[str, str], count: int) -> int:
        before = self._told.get(pair, 0)
        return count - before if count > before else count  # a flag that was defined anew counts from 0

    def _failed(self, now: float, why: str) -> None:
        """Try again later; what was counted is told then."""
        self._hang_up()
        self.problem = why
        self._next_attempt = now + self._pace.pause()

    def _hang_up(self) -> None:
        self._under_way = None
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def close(self) -> None:
        """Close the connection."""
        self._hang_up()

    def renew(self) -> None:
        """Begin anew in a forked process: what the parent counted so far is the parent's to tell."""
        self._hang_up()
        self._way = None
        self._applied = self._acknowledged = -1
        self._pace.failures, self.problem = 0, ""
        self._told = dict(self._counts())

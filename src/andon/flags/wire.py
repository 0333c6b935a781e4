"""One connection to the flag server that never blocks: TCP, TLS where it is asked for, bytes in and out.

Imported by `connect`, never by a thread: a process that forks while a thread imports would inherit a lock
that nobody opens.
"""

from __future__ import annotations

import os
import select
import socket
from contextlib import suppress

from andon.errors import Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable
    from typing import Any

    from andon.flags.address import Address

#: How many bytes are read at once.
AT_ONCE = 256 * 1024


def resolve(address: Address) -> list[tuple[Any, Any]]:
    """Return family and place of every way to the server; raises Unavailable when the name is not known."""
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unavailable(f"{address.host} is not known: {error}") from None
    return [(family, place) for family, _, _, _, place in found]


class Wire:
    """A connection, from the first packet on."""

    def __init__(self, family: Any, place: Any, tls: ssl.SSLContext | None, host: str) -> None:
        """Begin to connect; raises OSError when that is refused at once."""
        self._socket: socket.socket = socket.socket(family, socket.SOCK_STREAM)
        self._tls, self._host = tls, host
        self._is_connecting = True
        self._is_greeting = False
        self._needs_write = True
        self._unsent = b""
        #: The peer has closed.
        self.has_ended = False
        #: More may be here already than `work` returned; a wait would not notice.
        self.has_more = False
        try:
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            with suppress(BlockingIOError):
                self._socket.connect(place)
        except OSError:
            self._socket.close()
            raise

    def waits(self) -> tuple[int, bool]:
        """Return the socket's number and whether it waits for room to write, for `wait`."""
        return self._socket.fileno(), self._needs_write or (self.is_open and bool(self._unsent))

    @property
    def is_open(self) -> bool:
        """Say whether bytes can go through: connected, and encrypted where that was asked for."""
        return not self._is_connecting and not self._is_greeting

    @property
    def has_sent(self) -> bool:
        """Say whether everything that was to be sent is with the system."""
        return not self._unsent

    def send(self, content: bytes) -> None:
        """Send as soon as it can be sent; raises OSError."""
        self._unsent += content
        if self.is_open:
            self._push()

    def work(self) -> bytes:
        """Do what can be done without waiting; return what came. Raises OSError for a broken connection."""
        if not self.is_open and not self._open():
            return b""
        self._push()
        came: list[bytes] = []
        size, self.has_more = 0, False
        while True:
            if size >= AT_ONCE:
                self.has_more = True
                break
            try:
                piece = self._socket.recv(AT_ONCE)
            except (BlockingIOError, InterruptedError):
                break
            except OSError as error:
                if _wanted(error):
                    break
                raise
            if not piece:
                self.has_ended = True
                break
            came.append(piece)
            size += len(piece)
            if self._tls is None and len(piece) < AT_ONCE:
                break  # nothing more is here; to ask would cost as much as to wait
        return came[0] if len(came) == 1 else b"".join(came)

    def close(self) -> None:
        """Close this process's end; never shuts down a connection that another process may share."""
        self._socket.close()

    def _open(self) -> bool:
        if self._is_connecting:
            if error := self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise OSError(error, os.strerror(error))
            try:
                self._socket.getpeername()
            except OSError:
                return False  # not yet
            self._is_connecting = self._needs_write = False
            if self._tls is not None:
                self._socket = self._tls.wrap_socket(
                    self._socket, server_hostname=self._host, do_handshake_on_connect=False
                )
                self._is_greeting = True
        return not self._is_greeting or self._greet()

    def _greet(self) -> bool:
        """Go on with the TLS handshake; return whether it is done."""
        try:
            self._socket.do_handshake()  # type: ignore[attr-defined]  # an SSLSocket by now
        except OSError as error:
            if not (wanted := _wanted(error)):
                raise
            self._needs_write = wanted == "write"
            return False
        self._is_greeting = self._needs_write = False
        return True

    def _push(self) -> None:
        while self._unsent:
            try:
                sent = self._socket.send(self._unsent)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if _wanted(error):
                    return
                raise
            self._unsent = self._unsent[sent:]


def wait(sockets: Iterable[tuple[int, bool]], seconds: float) -> None:
    """Wait until one of the numbered sockets can be read (or written, where asked), `seconds` at most."""
    if not hasattr(select, "poll"):
        known = list(sockets)
        writers = [number for number, writes in known if writes]
        select.select([number for number, _ in known], writers, writers, max(0.0, seconds))
        return
    poll = select.poll()
    for number, writes in sockets:
        poll.register(number, select.POLLIN | (select.POLLOUT if writes else 0))
    poll.poll(max(0.0, seconds) * 1000)


def wake_pair() -> tuple[socket.socket, socket.socket]:
    """Return two ends of which a byte into the second wakes whoever waits for the first."""
    ends = socket.socketpair()
    for end in ends:
        end.setblocking(False)
    return ends


def _wanted(error: OSError) -> str:
    """Return what a TLS socket waits for, `read` or `write`; "" when it is a real error."""
    return {"SSLWantReadError": "read", "SSLWantWriteError": "write"}.get(type(error).__name__, "")

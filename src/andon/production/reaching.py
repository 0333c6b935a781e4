"""Reaching a service over the network within a time limit, and what it means when it cannot be reached.

What a customer would meet as well is a failure: refused, reset, timed out, a bad certificate. What only says
something about this machine is unknown, and never a pass: no name resolution, no route, no free descriptor.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import os
import queue
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from andon.errors import InvalidInput
from andon.incident.words import Verdict
from andon.production.process import clean, first_words

if TYPE_CHECKING:
    from collections.abc import Callable

Seen = TypeVar("Seen")

#: What says that this machine cannot see, not that the service is down.
_OURS = {
    errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EMFILE, errno.ENFILE,
    errno.EACCES, errno.EPERM, errno.ENOBUFS, errno.ENOMEM, errno.EAFNOSUPPORT,
}  # fmt: skip


class Unusable(Exception):
    """The probe itself cannot be run: it is written wrongly, or a file of it cannot be read."""


class Exchange(Generic[Seen]):
    """A conversation on a thread of its own, so that neither a resolver nor a dripping server can hold us."""

    def __init__(self, ask: Callable[[Exchange[Seen]], Seen]) -> None:
        """Take what talks to the service; it may raise anything."""
        self._ask = ask
        self._outcome: queue.SimpleQueue[Seen | Exception] = queue.SimpleQueue()
        self._socket: Callable[[], socket.socket | None] = lambda: None

    def watch(self, socket_now: Callable[[], socket.socket | None]) -> None:
        """Remember how to find what has to be cut off when time is up."""
        self._socket = socket_now

    def result(self, timeout: float) -> Seen | Exception:
        """Return the answer or what went wrong; TimeoutError after `timeout` seconds, the connection cut."""
        threading.Thread(target=self._work, daemon=True, name="andon-probe").start()
        try:
            return self._outcome.get(timeout=timeout)
        except queue.Empty:
            return TimeoutError()
        finally:
            self._cut()

    def _work(self) -> None:
        try:
            self._outcome.put(self._ask(self))
        except Exception as error:  # noqa: BLE001 - handed over to the thread that waits, and judged there
            self._outcome.put(error)

    def _cut(self) -> None:
        found = self._socket()
        if found is not None:
            with contextlib.suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)


def secure_context(ca_file: str) -> ssl.SSLContext:
    """Return what checks certificates: the system's authorities and those in `ca_file`; raises Unusable."""
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ValueError) as error:  # no such file, no certificate in it, a NUL in its name
            raise Unusable(f"the certificate authority {ca_file} cannot be read: {error}") from error
    return context


def why(error: Exception, timeout: float) -> tuple[Verdict, str]:
    """Tell what a customer would meet as well (failed) from what only this machine meets (unknown)."""
    if isinstance(error, Unusable | InvalidInput):
        return Verdict.UNKNOWN, f"this probe cannot be run: {error}"
    if isinstance(error, socket.gaierror):
        return Verdict.UNKNOWN, f"the name cannot be resolved from here: {error.strerror}"
    if isinstance(error, TimeoutError):
        return Verdict.FAILED, f"no answer within {timeout:g} s"
    if isinstance(error, ssl.SSLCertVerificationError):
        return Verdict.FAILED, f"the certificate is not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return Verdict.FAILED, f"no secure connection: {error.reason or error}"
    if isinstance(error, ConnectionRefusedError):
        return Verdict.FAILED, "connection refused: nothing listens there"
    if isinstance(error, http.client.RemoteDisconnected | ConnectionError):
        return Verdict.FAILED, "the connection was closed before there was an answer"
    if isinstance(error, http.client.IncompleteRead):
        return Verdict.FAILED, "the connection was closed in the middle of the answer"
    if isinstance(error, http.client.HTTPException):
        said = first_words(clean(str(error).encode("utf-8", "replace")).strip(), 120)
        return Verdict.FAILED, f"the answer is not HTTP or cannot be followed: {said or type(error).__name__}"
    if isinstance(error, OSError):
        verdict = Verdict.UNKNOWN if error.errno in _OURS else Verdict.FAILED
        reason = os.strerror(error.errno) if error.errno else str(error)
        return verdict, f"cannot be reached{' from here' if verdict is Verdict.UNKNOWN else ''}: {reason}"
    return Verdict.UNKNOWN, f"this probe cannot be run: {type(error).__name__}: {error}"

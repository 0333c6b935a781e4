"""Running the flag server: one process, one event loop, and a quick end with a thousand open streams."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from typing import TYPE_CHECKING

from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from andon.errors import InvalidInput, Unavailable
from andon.record import Record
from andon.server.flag_app import flag_app
from andon.server.flag_service import FlagService
from andon.server.flag_state import StateDirectory
from andon.server.flag_watch import Watch, read_definitions

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from andon.server.flag_access import Access

#: Bytes of a request's head.
_HEAD = 1 << 15
#: Seconds in which the head of a connection's first request has to come.
_PATIENCE = 20.0
#: Milliseconds after which a peer that does not answer counts as gone.
_USER_TIMEOUT = 20_000
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Settings(Record):
    """What `andon flags serve` is started with."""

    host: str
    port: int
    #: The file of definitions.
    file: str
    #: The directory of the state.
    state: str
    access: Access
    #: Number versions above this one; 0 for the usual.
    after: int = 0
    #: Web pages that may evaluate by OFREP.
    origins: tuple[str, ...] = ()


class Connection(HttpToolsProtocol):
    """uvicorn's connection, which bounds the head of a request and lends streams its transport."""

    _head = 0
    _is_in_head = False
    _awaited: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Keep the transport for streams and set the socket up for them."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}
        self._awaited = self.loop.call_later(_PATIENCE, transport.abort)
        end = transport.get_extra_info("socket")
        if end is not None and end.family in (socket.AF_INET, socket.AF_INET6):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _USER_TIMEOUT)

    def on_message_begin(self) -> None:
        """Count the head from here on."""
        self._head, self._is_in_head = 0, True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop counting and waiting."""
        self._is_in_head = False
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _stop_waiting(self) -> None:
        if self._awaited is not None:
            self._awaited.cancel()
            self._awaited = None

    def data_received(self, data: bytes) -> None:
        """Refuse a head that is too large before it is kept."""
        super().data_received(data)
        if self._is_in_head:
            self._head += len(data)
            if self._head > _HEAD and not self.transport.is_closing():
                self.transport.write(_TOO_LARGE)
                self.transport.close()


class FlagServer(Server):
    """uvicorn's server, which ends the streams before it waits for connections to end."""

    def __init__(
        self, config: Config, service: FlagService, watch: Watch, ready: Callable[[str], None]
    ) -> None:
        """Take what to run, and what is called with the address once requests are answered."""
        super().__init__(config)
        self._service = service
        self._watch = watch
        self._ready = ready
        self._beside: list[asyncio.Task[None]] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, begin to watch the file, and say so."""
        await super().startup(sockets)
        self._beside = [asyncio.create_task(self._service.run()), asyncio.create_task(self._watch.run())]
        for task in self._beside:
            task.add_done_callback(self._has_ended)
        if sockets:
            self._ready(_address(sockets[0]))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then everything else."""
        for task in self._beside:
            task.cancel()
        try:
            self._service.stop()
        finally:
            await super().shutdown(sockets)

    def _has_ended(self, task: asyncio.Task[None]) -> None:
        """Say that something which goes on for ever broke: streams and overrides go on without it."""
        if not task.cancelled() and (bug := task.exception()) is not None:
            self._service.broke(f"this is a bug in Andon: {type(bug).__name__} beside the server")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """End in good order at the first signal, at once at the second."""
        self.force_exit = self.should_exit
        self.should_exit = True


def serve(settings: Settings, ready: Callable[[str], None], tell: Callable[[str], None]) -> int:
    """Serve until a signal; return the exit code. `ready` gets the address, `tell` what somebody should know.

    Raises Refused, Conflict, InvalidInput or Unavailable when it cannot start.
    """
    settings.access.check(settings.host)
    directory = StateDirectory(settings.state)
    directory.open()
    try:
        server, listening = prepared(settings, directory, ready, tell)
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listening])
        return 0
    finally:
        directory.close()


def prepared(
    settings: Settings,
    directory: StateDirectory,
    ready: Callable[[str], None],
    tell: Callable[[str], None],
) -> tuple[FlagServer, socket.socket]:
    """Return a server with everything in force, and the socket it will listen on; raises as `serve` does."""
    findings: tuple[str, ...] = ()
    try:
        document, _ = read_definitions(settings.file)
    except (InvalidInput, Unavailable) as problem:
        document = directory.read_extra("definitions")
        if not isinstance(document, dict):
            raise
        findings = (f"{problem}: the last good definitions stay in force",)
        tell(findings[0])
    service = FlagService(directory, document, after=settings.after, tell=tell)
    service.findings = findings
    _raise_open_files()
    listening = _bind(settings)
    config = Config(
        flag_app(service, settings.access, settings.origins),
        http=Connection,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        backlog=4096,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    return FlagServer(config, service, Watch(settings.file, service, tell), ready), listening


def _bind(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
        listening.setblocking(False)
    except (OSError, OverflowError) as problem:
        listening.close()
        raise Unavailable(
            f"cannot listen there: {getattr(problem, 'strerror', None) or problem}",
            where=f"{settings.host}:{settings.port}",
            rule="flag-server",
            remedy="another port: andon flags serve --port 0 takes a free one",
        ) from problem
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _raise_open_files() -> None:
    """Allow as many open streams as the system lets this user have."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft < most:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))

"""Server-sent events out of bytes that arrive in any pieces. Pure: knows neither sockets nor flags.

Follows the event stream format of the HTML standard (section 9.2.6), with a bound on what one event may hold.
"""

from __future__ import annotations

from andon.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    #: Its name, its data, and the id that stood last.
    Event: TypeAlias = tuple[str, str, str]

#: What one event may hold, in bytes: as much as a flag file may.
MOST = 20 * 1024 * 1024


class Events:
    """Collects bytes until they are events."""

    def __init__(self, most: int = MOST) -> None:
        """Start before the first byte; an event of more than `most` bytes is refused."""
        self._most = most
        #: The beginning of a line whose end has not come.
        self._begun: list[bytes] = []
        #: How many bytes of this event wait: of the line that has begun, and of the data before it.
        self._begun_size = self._data_size = 0
        self._is_after_cr = False
        self._is_first_line = True
        self._name = ""
        self._data: list[bytes] = []
        #: The id that stood last; it holds for every event until another stands.
        self.last_id = ""
        #: How long the server asks to wait before a new connection, in milliseconds; None unless it asked.
        self.retry: int | None = None

    def feed(self, arrived: bytes) -> list[Event]:
        """Take bytes as they came; return the events that are complete with them.

        Raises InvalidInput for an event larger than the bound; what is left of the stream is then worthless.
        """
        if self._is_after_cr and arrived:
            self._is_after_cr = False
            if arrived[:1] == b"\n":
                arrived = arrived[1:]
        if b"\n" not in arrived and b"\r" not in arrived:
            self._keep(arrived)
            return []
        if self._begun:
            arrived = b"".join((*self._begun, arrived))
            self._begun, self._begun_size = [], 0
        self._is_after_cr = arrived[-1:] == b"\r"
        lines = arrived.splitlines()  # of bytes: at LF, CR and CRLF only
        last = lines.pop() if arrived[-1:] not in (b"\n", b"\r") else b""
        found = [event for line in lines if (event := self._line(line)) is not None]
        self._keep(last)
        return found

    def _keep(self, begun: bytes) -> None:
        if begun:
            self._begun.append(begun)
            self._begun_size += len(begun)
            self._bound()

    def _bound(self) -> None:
        if self._begun_size + self._data_size > self._most:
            raise InvalidInput(f"an event of more than {self._most // 1024} KiB", rule="flag-stream")

    def _line(self, line: bytes) -> Event | None:
        if self._is_first_line:
            self._is_first_line = False
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line:
            return self._event()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._data_size += len(value)
            self._bound()
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")[:100]
        elif field == b"id" and b"\0" not in value:
            self.last_id = value.decode("utf-8", "replace")[:100]
        elif field == b"retry" and value.isdigit() and len(value) < 10:
            self.retry = int(value)
        return None

    def _event(self) -> Event | None:
        name, data = self._name, self._data
        self._name, self._data, self._data_size = "", [], 0
        if not data:
            return None
        return name or "message", b"\n".join(data).decode("utf-8", "replace"), self.last_id

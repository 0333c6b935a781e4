"""An HTTP/1.1 reply out of bytes that arrive in any pieces: its head, and its body as it comes. Pure.

Reads what a server of flags may send and refuses the rest; it never asks a peer what it meant.
"""

from __future__ import annotations

from andon.errors import InvalidInput

#: What a head may hold, and a line that says how long a piece is, in bytes.
MOST_HEAD, MOST_LINE = 64 * 1024, 1024


def wrong(what: str) -> InvalidInput:
    """Return the error for bytes that are no reply."""
    return InvalidInput(what, rule="flag-stream")


class Reply:
    """One reply, fed with bytes."""

    def __init__(self) -> None:
        """Start before the first byte of a reply."""
        #: 0 until the head is there.
        self.status = 0
        #: Names in lower case.
        self.headers: dict[str, str] = {}
        #: Nothing more belongs to this reply.
        self.is_complete = False
        self._waiting = b""
        self._is_chunked = False
        #: Bytes left of the body, or of the piece of it; -1 when only the end of the connection ends it.
        self._left = -1
        #: In a chunked body: `size`, `bytes`, `end` of a piece, or the `trailer` after the last.
        self._expects = "size"

    def feed(self, arrived: bytes) -> bytes:
        """Take bytes as they came; return those of the body. Raises InvalidInput for what is no reply."""
        if not self.status:
            self._waiting += arrived
            if not self._head():
                return b""
            arrived, self._waiting = self._waiting, b""
        if self.is_complete:
            return b""
        if self._is_chunked:
            return self._pieces(arrived)
        if self._left < 0:
            return arrived
        body = arrived[: self._left]
        self._left -= len(body)
        self.is_complete = not self._left
        return body

    def _head(self) -> bool:
        """Read the head when it is whole; interim replies (1xx) are passed over."""
        while True:
            end = self._waiting.find(b"\r\n\r\n", 0, MOST_HEAD + 4)
            if end < 0:
                if len(self._waiting) > MOST_HEAD or self._waiting[:7] != b"HTTP/1."[: len(self._waiting)]:
                    raise wrong("what answers does not speak HTTP/1.1")
                return False
            lines = self._waiting[:end].decode("latin-1").split("\r\n")
            self._waiting = self._waiting[end + 4 :]
            protocol, _, rest = lines[0].partition(" ")
            if not protocol.startswith("HTTP/1.") or not (rest[:3].isascii() and rest[:3].isdigit()):
                raise wrong("what answers does not speak HTTP/1.1")
            status = int(rest[:3])
            if status >= 200:
                break
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.strip().lower()] = value.strip()
        self.status = status
        self._frame()
        return True

    def _frame(self) -> None:
        """Decide what ends the body."""
        if self.status in (204, 304):
            self.is_complete = True
        elif coding := self.headers.get("transfer-encoding", ""):
            if coding.lower() != "chunked":
                raise wrong("a body in a transfer encoding that was not asked for")
            self._is_chunked = True
        elif (length := self.headers.get("content-length")) is not None:
            if not (length.isascii() and length.isdigit()) or len(length) > 15:
                raise wrong("a body whose length is no number")
            self._left = int(length)
            self.is_complete = not self._left

    def _pieces(self, arrived: bytes) -> bytes:
        """Take the framing off a chunked body."""
        rest, body = self._waiting + arrived if self._waiting else arrived, []
        self._waiting = b""
        while rest and not self.is_complete:
            if self._expects == "bytes":
                piece = rest[: self._left]
                body.append(piece)
                rest = rest[len(piece) :]
                self._left -= len(piece)
                if not self._left:
                    self._expects = "end"
                continue
            line, end, after = rest.partition(b"\n")
            if len(line) > MOST_LINE:
                raise wrong("a body in pieces whose sizes cannot be read")
            if not end:
                self._waiting = rest
                break
            rest = after
            self._boundary(line.removesuffix(b"\r"))
        return b"".join(body) if len(body) != 1 else body[0]

    def _boundary(self, line: bytes) -> None:
        """Take a line that stands between two pieces."""
        if self._expects == "end":
            if line:
                raise wrong("a piece of the body that is longer than its size")
            self._expects = "size"
        elif self._expects == "trailer":
            self.is_complete = not line
        else:
            digits = line.partition(b";")[0].strip()
            if not digits or len(digits) > 12 or digits.strip(b"0123456789abcdefABCDEF"):
                raise wrong("a body in pieces whose sizes cannot be read")
            self._left = int(digits, 16)
            self._expects = "bytes" if self._left else "trailer"

"""Confirmations, answered where their bytes arrive: a kill brings one from every process at the same moment.

Only what is written as plainly as `andon.flags.client` writes it, in one piece; everything else, and whatever
is not let in or makes no sense, goes the usual way through parser and framework, and is answered there.
"""

from __future__ import annotations

from andon.errors import AndonError
from andon.server.flag_access import NotLetIn, admit, bearer, read_json
from andon.server.flag_api import CONFIRM, confirm

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.server.flag_access import Access
    from andon.server.flag_service import FlagService

_START = f"POST {CONFIRM} HTTP/1.1\r\n".encode()
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
#: Bytes of a request that is answered here.
_LONGEST = 1 << 14
#: The headers it may have, each once: none of them changes how the body is read.
_KNOWN = {b"host", b"user-agent", b"accept-encoding", b"authorization", b"content-type", b"content-length"}


class QuickConfirmations:
    """Answers confirmations of one server."""

    def __init__(self, service: FlagService, access: Access) -> None:
        """Take the service, and who may confirm."""
        self._service = service
        self._access = access

    def takes(self, data: bytes) -> bool:
        """Note a confirmation and return True; False when the bytes have to go the usual way."""
        if not data.startswith(_START) or len(data) > _LONGEST:
            return False
        head, end, body = data[len(_START) :].partition(b"\r\n\r\n")
        headers: dict[bytes, bytes] = {}
        for line in head.split(b"\r\n"):
            name, colon, value = line.partition(b":")
            name = name.lower()
            if not colon or name in headers or name not in _KNOWN:
                return False
            headers[name] = value.strip()
        if not end or headers.get(b"content-length") != b"%d" % len(body):
            return False
        if headers.get(b"content-type") != b"application/json":
            return False
        try:
            token = bearer(headers.get(b"authorization", b"").decode("latin-1"))
            admit(self._access, token, headers.get(b"host", b"").decode("latin-1"), to_switch=False)
            confirm(self._service, read_json(body))
        except (AndonError, NotLetIn):
            return False  # refused again, in words, on the usual way
        return True

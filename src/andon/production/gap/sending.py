"""Sending the failing request itself, as often as is asked, and reading what the application said to it."""

from __future__ import annotations

import http.client
import time
from urllib.parse import quote, urlsplit

from andon.gaps.failure import Seen, is_the_failure, normal
from andon.production.gap.front import PROBE_HEADER
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.gaps.failure import Failure

#: Seconds between two requests: identities made of the time must not collide because of us.
PACE = 0.05
#: Seconds an answer may take where nobody waits for a slow one.
_PATIENCE = 30.0
#: Bytes of an answer that are read, and characters that are kept of it, and of the log.
_LARGEST, _KEPT = 1 << 20, 1 << 16
#: Seconds for what an application writes to its log after it answered.
_LATE = 0.15
#: What a request says that Andon sent itself.
HEADER = (PROBE_HEADER, "1")
_SAFE = "/?&=%:@!$'()*+,;~-._[]"


class Sender(Record):
    """Sends one failing request to an application."""

    failure: Failure
    #: The request with the secrets that it needs; no word of it is kept.
    sends: Failure
    #: Returns what the application logged after a place in its log, and where the log ends.
    log: Callable[[int], tuple[str, int]]
    #: Takes secrets out of a text.
    redact: Callable[[str], str]

    def send(self, url: str, deadline: float) -> Seen:
        """Send it once; an answer that never came is status 0 with the reason as its text."""
        failure = self.failure
        place = self.log(-1)[1]
        began = time.monotonic()
        patience = max(min(max(_PATIENCE, 2 * failure.slower_than), deadline - began), 0.2)
        status, said = _exchange(url, self.sends, patience)
        seconds = time.monotonic() - began
        seen = self._seen(status, said, self.log(place)[0], seconds)
        if (
            failure.text
            and seen.status == (failure.status or seen.status)
            and not is_the_failure(failure, seen)
        ):
            enough = time.monotonic() + _LATE
            while time.monotonic() < enough and normal(failure.text) not in normal(seen.text):
                time.sleep(0.03)  # the log is written by another process, perhaps after the answer
                seen = self._seen(status, said, self.log(place)[0], seconds)
        return seen

    def _seen(self, status: int, said: str, logged: str, seconds: float) -> Seen:
        text = self.redact(f"{said[:_KEPT]}\n{logged[-_KEPT:]}".strip())
        return Seen(
            method=self.failure.method,
            path=self.failure.path,
            status=status,
            text=text,
            seconds=round(seconds, 4),
            is_replay=True,
        )


def _exchange(url: str, failure: Failure, patience: float) -> tuple[int, str]:
    split = urlsplit(url)
    headers = dict((HEADER, ("Accept", "*/*")))
    if failure.content_type:
        headers["Content-Type"] = failure.content_type
    elif failure.body:
        headers["Content-Type"] = (
            "application/json"
            if failure.body.lstrip()[:1] in ("{", "[")
            else "application/x-www-form-urlencoded"
        )
    body = failure.body.encode() if failure.body else None
    began = time.monotonic()
    connection = http.client.HTTPConnection(split.hostname or "127.0.0.1", split.port or 80, timeout=patience)
    try:
        connection.request(failure.method, quote(failure.path, safe=_SAFE), body=body, headers=headers)
        answer = connection.getresponse()
        got = bytearray()
        while len(got) < _LARGEST and (piece := answer.read1(_LARGEST - len(got))):
            got += piece
            if time.monotonic() - began > patience:  # the socket's own limit is for each piece
                raise TimeoutError
        return answer.status, got.decode("utf-8", "replace")
    except TimeoutError:
        return 0, f"no answer within {patience:.0f} s"
    except (OSError, http.client.HTTPException, ValueError) as problem:
        return 0, f"no answer: {type(problem).__name__}"
    finally:
        connection.close()

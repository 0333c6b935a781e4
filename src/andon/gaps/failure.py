"""What production showed when it failed, and whether what an experiment saw is the same failure. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from andon.record import Record

#: What differs between two sights of one failure: identities, moments, numbers, addresses.
_VARIES = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b0x[0-9a-f]+\b|\b[0-9a-f]{12,}\b"
    r"|\d+(?:[.,:]\d+)*",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")


class Failure(Record):
    """How production failed: a request and its answer, or a text that a page showed."""

    method: str = "GET"
    #: Path and query of the request; "" when only a text is known.
    path: str = ""
    #: What was sent with it.
    body: str = ""
    content_type: str = ""
    #: Status of the answer; 0 when the answer's status was no failure, or is not known.
    status: int = 0
    #: A text that the answer, the page, the log or the tests' message held.
    text: str = ""
    #: A text that should have been there and was not.
    absent: str = ""
    #: Seconds beyond which an answer counts as the failure; 0 when time is not what failed.
    slower_than: float = 0.0
    #: Where this is known from: a smoke test, the log, the command line.
    source: str = ""

    @property
    def can_be_sent(self) -> bool:
        """True when the request itself can be repeated."""
        return bool(self.path)

    @property
    def endpoint(self) -> str:
        """Path without query."""
        return urlsplit(self.path).path

    @property
    def is_told(self) -> bool:
        """True when there is something by which the failure can be known again."""
        return bool(self.status or self.text or self.absent or self.slower_than)


class Seen(Record):
    """One answer of an application, or one failed test, as an experiment saw it."""

    method: str = ""
    #: Path and query; "" for a test's failure.
    path: str = ""
    status: int = 0
    #: Body of the answer, lines of the log since the world began, message of the test: redacted, cut.
    text: str = ""
    seconds: float = 0.0
    #: The test that failed; "" for an answer.
    test: str = ""
    #: True for an answer to the failing request itself as Andon sent it.
    is_replay: bool = False


def normal(text: str) -> str:
    """Return a text without what differs from one sight of a failure to the next, in lower case."""
    return _SPACE.sub(" ", _VARIES.sub("#", text)).strip().lower()


def template(path: str) -> str:
    """Return a path without query, with `{}` for each segment that is a number, a UUID or a digest."""
    segments = urlsplit(path).path.split("/")
    return "/".join("{}" if _is_identity(segment) else segment for segment in segments)


def endpoint_of(method: str, path: str) -> str:
    """Return where a request goes, whoever it is about: `GET /orders/{}`."""
    return f"{method.upper()} {template(path)}"


def _is_identity(segment: str) -> bool:
    return any(c.isdigit() for c in segment) and bool(_VARIES.fullmatch(segment))


def is_the_failure(failure: Failure, seen: Seen) -> bool:
    """True when what was seen is production's failure; a failure that is not told matches nothing."""
    if not failure.is_told:
        return False
    if seen.test:
        wanted = failure.text or failure.absent
        return bool(wanted) and normal(wanted) in normal(seen.text)
    if failure.path and endpoint_of(seen.method, seen.path) != endpoint_of(failure.method, failure.path):
        return False
    if failure.status and seen.status != failure.status:
        return False
    if failure.text and normal(failure.text) not in normal(seen.text):
        return False
    if failure.absent and normal(failure.absent) in normal(seen.text):
        return False
    return not failure.slower_than or seen.seconds > failure.slower_than

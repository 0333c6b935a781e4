"""Answers as the switchboard gives them: the service's addresses in them lead back to the switchboard."""

from __future__ import annotations

from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.gaps.dependency.answers import Answer

_ADDRESSES = ("location", "content-location", "link")


def as_own(answer: Answer, addresses: tuple[tuple[str, str], ...]) -> Answer:
    """Return the answer with addresses replaced (old and new, in this order) in redirects, links and JSON.

    Scripts and pages stay byte for byte as they are, for their digests are compared.
    """
    headers = tuple((n, _put(v, addresses) if n in _ADDRESSES else v) for n, v in answer.headers)
    body = answer.body
    if answer.media_type.endswith("json"):
        for old, new in addresses:
            body = body.replace(old.encode(), new.encode())
            body = body.replace(_escaped(old), _escaped(new))
    return replace(answer, headers=headers, body=body)


def _escaped(address: str) -> bytes:
    return address.replace("/", "\\/").encode()


def _put(value: str, addresses: tuple[tuple[str, str], ...]) -> str:
    for old, new in addresses:
        value = value.replace(old, new)
    return value

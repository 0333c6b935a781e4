"""The seam of the gate: what of a content is a secret, and how sure that is. Pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.secrets.finding import Hit


def hits(content: bytes, path: str) -> Iterator[Hit]:
    """Yield the secrets in a content, by place and without overlaps; `path` says what kind of file it is.

    `path` is "" for a message or a name. The content is what a person would read: decoding is the caller's.
    """
    from andon.secrets.finding import Hit, Tier
    from andon.secrets.gate import _secrets

    for start, kind, value in _secrets(content, path):
        yield Hit(start=start, end=start + len(value), kind=kind, tier=Tier.BLOCK, value=value)

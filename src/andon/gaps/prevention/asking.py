"""What a generated test asks of an answer, whatever its language: by how production failed."""

from __future__ import annotations

from andon.gaps.failure import normal
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.gaps.failure import Failure

#: Characters of a text of the failure that are looked for; less than the least is in every page.
_MOST, _LEAST = 100, 5


class Wanted(Record):
    """What an answer must be; unset fields are not asked for."""

    #: The status must be below this one, or must not be this one.
    below: int = 0
    other_than: int = 0
    #: Texts in lower case, with single spaces, that it must not hold, and as written, that it must.
    without: str = ""
    holding: str = ""
    #: Seconds.
    within: float = 0.0


def wanted(failure: Failure) -> Wanted:
    """Return what to ask so that an answer that fails as production did does not pass.

    A text is asked for only where the status does not tell already: it may stand in the log alone. What
    varies in it (identities, numbers) is left out.
    """
    fails_by_status = failure.status >= 400
    needle = max(normal(failure.text).split("#"), key=len).strip()[:_MOST]
    return Wanted(
        below=500 if failure.status >= 500 else 0,
        other_than=failure.status if fails_by_status and failure.status < 500 else 0,
        without=needle if not fails_by_status and len(needle) >= _LEAST else "",
        holding=failure.absent,
        within=failure.slower_than,
    )


def one_line(text: str, most: int = 160) -> str:
    """Return a text that can stand in a comment: one line of printable characters, cut."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= most else f"{flat[: most - 3]}..."

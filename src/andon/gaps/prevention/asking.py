"""What a generated test asks of an answer, whatever its language: by how production failed."""

from __future__ import annotations

from andon.gaps.failure import normal
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.gaps.failure import Failure
    from andon.gaps.verdict import Search

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


def mark(search: Search) -> str:
    """Return what the message of a generated test begins with, by which its failure is known."""
    return f"andon {search.id}"


def heading(search: Search, needs: str, *, is_turned: bool = False) -> tuple[str, ...]:
    """Return the lines that a generated test is headed by; `needs` is the world that it is of use in."""
    shown = "When it was written it was red with the gap, and green without it."
    if is_turned:
        shown = (
            "It passes while the request fails, for that fails in every world that is known. Once the cause"
            " is mended it is red: let it do no more than check(answer) from then on."
        )
    return (
        f"Written by Andon, search {search.id}: {one_line(search.verdict.summary)}",
        shown,
        *((one_line(needs, 300),) if needs else ()),
    )

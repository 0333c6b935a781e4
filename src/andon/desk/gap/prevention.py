"""What is made of a search so that the gap does not come back: values."""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.gaps.prevention.explaining import Explanation
    from andon.gaps.verdict import Search
    from andon.incident.state import Incident


class Made(Record):
    """One thing that prevents the next gap of the sort."""

    #: `test`, `parity`, `monitoring`, `regression`, `semantics`.
    what: str
    #: Relative to the root.
    path: str
    #: The whole text of the file; "" for what goes into a file of the team's.
    text: str = ""
    proof: str = ""
    #: What somebody has to do about it, and the kind of work that is.
    title: str = ""
    kind: str = "other"


class Prevention(Record):
    """All that was made of a search, and what could not be."""

    search: Search
    explanation: Explanation
    made: tuple[Made, ...]
    not_made: tuple[str, ...] = ()
    #: A `[[smoke]]` table for andon.toml; "" for none.
    smoke: str = ""
    #: The entry of the regression log, as its fields.
    regression: dict[str, str]
    incident: Incident | None = None
    written: bool = False

"""What is made of a search so that the gap does not come back: values."""

from __future__ import annotations

from andon.desk.gap.failure import Told
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.gaps.prevention.explaining import Explanation
    from andon.gaps.verdict import Search
    from andon.incident.state import Incident


class Wanted(Record):
    """What the command line asks for."""

    told: Told = Told()
    #: A file with `andon gap --json`; "" for the search that the incident keeps.
    search: str = ""
    artefacts: tuple[str, ...] = ()
    write: bool = False
    #: Do not run the test: then it is not kept.
    prove: bool = True
    minutes: float = 5.0
    consents: tuple[str, ...] = ()


class Made(Record):
    """One thing that prevents the next gap of the sort."""

    #: A word of `incident.gap_events.GapPrevented.what`.
    what: str
    #: Relative to the root; for the answers, where they are.
    path: str
    #: The whole text of the file; "" for what goes into a file of the team's.
    text: str = ""
    proof: str = ""
    #: What somebody has to do about it, and the kind of work that is.
    title: str = ""
    kind: str = "other"
    #: Where it can be seen that nothing is left to do; "" where something is.
    done: str = ""


class Prevention(Record):
    """All that was made of a search, and what could not be."""

    search: Search
    explanation: Explanation
    made: tuple[Made, ...]
    not_made: tuple[str, ...] = ()
    #: Tables for andon.toml: a `[[smoke]]`, and a `[[known_error]]` for the logs; "" for none.
    smoke: str = ""
    known_error: str = ""
    #: The entry of the regression log, as its fields; none where nothing is known that could come back.
    regression: dict[str, str]
    incident: Incident | None = None
    written: bool = False

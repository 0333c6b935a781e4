"""The signature with which a failure shows in the log: by the incident, else by what an experiment logged."""

from __future__ import annotations

from andon.desk.redacting import redacted
from andon.response.kinds import ALGORITHM
from andon.response.logs import scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.gaps.verdict import Search
    from andon.incident.state import Incident


def log_signature(desk: Desk, state: Incident | None, search: Search) -> str:
    """Return the signature by which Andon's watch of the logs knows the failure again; "" where it has none.

    An experiment's log names it where there is a stack trace, or a message that says it is severe: the text
    of an answer is no log. Of several, the one that production's log has as well, else the most frequent.
    """
    found = state.assessment.broken if state is not None and state.assessment is not None else ()
    production = [f.sign for f in found if f.source == "log" and f.sign and f.algorithm == ALGORITHM]
    logged = _logged(search)
    both = [sign for sign in logged if redacted(desk, sign) in production]
    return redacted(desk, next(iter(both or production or logged), ""))


def _logged(search: Search) -> list[str]:
    """Return the signatures in what was seen of the failure, most frequent first."""
    sights = [r.seen for _, r in search.replays if r.reproduced and r.seen is not None and not r.seen.test]
    text = "\n".join(seen.text.partition("\n")[2] for seen in sights)
    return [kind.signature for kind in scan(text.encode()).signatures]

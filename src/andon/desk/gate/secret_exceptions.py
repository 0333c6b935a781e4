"""Which of the found secrets somebody answers for, by the file on the protected branch.

Never by the change that is judged: who brings a secret could bring its exception along.
"""

from __future__ import annotations

from andon.record import Record
from andon.response.gates.table import Point
from andon.secrets.exceptions import NAME, hash_of, matching, read_exemptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from andon.desk.gate.context import GateContext
    from andon.desk.gate.secret_reading import Sighting
    from andon.desk.ports import Desk
    from andon.secrets.exceptions import Exemption, Exemptions

#: Values of one run for which the hash is computed; each takes about 50 ms.
MOST_TRIED = 40


class Excepted(Record):
    """What is left of the sightings, and what somebody answers for."""

    left: tuple[Sighting, ...]
    excepted: tuple[tuple[Sighting, Exemption], ...] = ()
    #: What is wrong with the file, as `file:line: what`.
    problems: tuple[str, ...] = ()


def without_excepted(context: GateContext, sightings: Sequence[Sighting]) -> Excepted:
    """Return the sightings without those that the reviewed file excepts today; raises Unavailable."""
    inside = [s for s in sightings if s.finding.path]
    if not inside:
        return Excepted(left=tuple(sightings))
    commit = reviewed_commit(context)
    found = exemptions_at(context.desk, commit, context.desk.clock.now().date())
    return apart(sightings, found)


def apart(sightings: Sequence[Sighting], found: Exemptions) -> Excepted:
    """Return the sightings that no exception is for, and the others with theirs."""
    problems = tuple(f"{NAME}:{problem}" for problem in found.problems)
    paths = {(e.path, e.kind) for e in found.entries}
    hashes: dict[bytes, str] = {}
    left, excepted = [], []
    for sighting in sightings:
        finding = sighting.finding
        value = finding.sealed.value
        if (finding.path, finding.kind) not in paths or (value not in hashes and len(hashes) >= MOST_TRIED):
            left.append(sighting)
            continue
        hashes[value] = hashes.get(value) or hash_of(value, found.salt)
        entry = matching(found.entries, finding.path, finding.kind, hashes[value])
        if entry is None:
            left.append(sighting)
        else:
            excepted.append((sighting, entry))
    return Excepted(left=tuple(left), excepted=tuple(excepted), problems=problems)


def exemptions_at(desk: Desk, commit: str, today: date) -> Exemptions:
    """Return the reviewed file as it is in a commit; empty without one. Raises Unavailable."""
    content = desk.ranges.file(commit, NAME) if commit else None
    return read_exemptions(content or b"", today)


def reviewed_commit(context: GateContext) -> str:
    """Return the commit whose exceptions count: that of the protected branch before; "" for none."""
    from andon.response.gates.protected import is_protected

    asked = context.asked
    if asked.head and context.target_branch and is_protected(context.target_branch, context.protected):
        return asked.onto or asked.base
    return protected_tip(context.desk, is_server=context.point is Point.PRE_RECEIVE)


def protected_tip(desk: Desk, *, is_server: bool = False) -> str:
    """Return where the default branch stands: on the remote if that is known, else here; "" for nowhere."""
    ranges = desk.ranges
    default = ranges.default_branch()
    if not default:
        return ""
    remote = "" if is_server else ranges.commit(f"refs/remotes/origin/{default}")
    return remote or ranges.commit(f"refs/heads/{default}")

"""Proving that nothing survived a purge: every byte of the mirror and of what is cloned from it."""

from __future__ import annotations

from andon.errors import Refused
from andon.incident.leak_events import PurgeVerified
from andon.incident.leaking import leak_of
from andon.incident.words import Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.leak.accounts import Proof
    from andon.desk.ports import Desk
    from andon.desk.ports_histories import Tell
    from andon.incident.state import Incident
    from andon.secrets.leak.credential import Credential

#: Survivors that the event names; all are in the evidence.
_NAMED = 50


class VerifyOptions(Record):
    """Where the mirror is, and what a person answers for."""

    room: str
    credentials: Sequence[Credential]
    #: Objects that cannot be read (a locked archive) and that somebody has looked at.
    accepted: Sequence[str] = ()


def verify(desk: Desk, state: Incident, options: VerifyOptions, tell: Tell) -> tuple[PurgeVerified, Proof]:
    """Search the purged mirror and fresh clones of it; raises Refused, Unavailable.

    What could not be read is unknown, and unknown is no pass.
    """
    purged = leak_of(state).purged
    if purged is None:
        raise Refused("nothing was purged yet", where=state.id, rule="leak-purge", remedy="andon leak purge")
    proof = desk.histories.verify(options.room, options.credentials, options.accepted, tell)
    verdict = verdict_of(proof)
    stored = desk.evidence.put(proof_in_words(proof).encode(), "text/plain")
    event = PurgeVerified(
        operation=purged.operation,
        verdict=verdict,
        summary=summary_of(proof),
        objects=proof.objects,
        survivors=proof.survivors[:_NAMED],
        evidence=stored.evidence,
    )
    return event, proof


def verdict_of(proof: Proof) -> Verdict:
    """Return passed only when all was read, nothing was found and nothing is damaged."""
    if proof.survivors or proof.damage:
        return Verdict.FAILED
    return Verdict.UNKNOWN if proof.unread else Verdict.PASSED


def summary_of(proof: Proof) -> str:
    """Return the outcome in one line."""
    read = (
        f"{proof.objects} objects and {proof.files} other files read, in the mirror and {proof.clones} clones"
    )
    if proof.survivors:
        return f"{len(proof.survivors)} places still hold a secret; {read}"
    if proof.damage:
        return f"git fsck finds damage: {proof.damage}"
    if proof.unread:
        return f"nothing found, but {len(proof.unread)} objects could not be read; {read}"
    return f"nothing survived; {read}"


def proof_in_words(proof: Proof) -> str:
    """Return everything the search has to say."""
    lines = [summary_of(proof)]
    lines += [f"still there: {one}" for one in proof.survivors]
    lines += [f"not read: {one}" for one in proof.unread]
    return "\n".join(lines) + "\n"

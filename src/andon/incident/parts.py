"""What events are made of: a smoke test's answer, a finding, a fact, an objection,
a leaked secret. None is an event."""

from __future__ import annotations

from andon.incident.words import EvidenceHash, Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

# ---- parts of events


class ProbeOutcome(Record):
    """One smoke test's answer."""

    name: str
    verdict: Verdict
    #: What it proves when it passes: the configured component, else "".
    covers: str = ""
    critical: bool = False
    #: One line: status, latency in milliseconds, what was expected.
    summary: str = ""
    evidence: EvidenceHash | None = None


class Finding(Record):
    """A part of production that is broken, with why we believe so."""

    component: str
    symptom: str
    #: `probe`, `log`, `alert` or `report`.
    source: str
    #: The smoke test that shows it, or the log's error signature; "" for a report.
    sign: str = ""
    evidence: EvidenceHash | None = None
    #: How the error signature was grouped (`andon.response.kinds.ALGORITHM`): others say nothing about it.
    algorithm: int = 1


class Fact(Record):
    """A statement that speaks for or against a response."""

    text: str
    #: `rollback`, `hotfix`, `kill-switch`, `workaround`, or "" when it is only worth knowing.
    speaks_for: str = ""
    against: str = ""


class ShownObjection(Record):
    """A place in a hotfix that a rule spoke against, as it was shown to whoever may justify it."""

    rule: str
    #: Twelve hexadecimal digits: `andon skip RULE:FINGERPRINT`.
    fingerprint: str
    #: `path:line`, `path`, or "".
    place: str = ""
    text: str = ""


class RuleAnswer(Record):
    """How one rule of a gate was answered, in short."""

    rule: str
    verdict: Verdict
    #: `passes`, `blocks`, `warns` or `waived`: what followed from it.
    effect: str
    summary: str = ""


class GapLook(Record):
    """What the search says of one of the five kinds of difference."""

    #: `environment`, `data`, `dependency`, `scale`, `network`.
    kind: str
    #: Passed: it was looked at, to blame or not. Unknown: it could not be tried.
    verdict: Verdict
    is_to_blame: bool
    told: str


class LeakedCredential(Record):
    """One secret that got out, without any part of it."""

    #: The digits of its keyed hash, as in `[redacted:KIND:DIGITS]`.
    mark: str
    kind: str
    #: Where it was first seen: `path:line`, with the commit when there is one; an alert's address.
    seen_at: str = ""
    #: How this provider's secrets are replaced.
    rotation: str = ""


class LeakPlace(Record):
    """One object or name of the repository that holds a secret, or an encoding of it."""

    #: Of the credential.
    mark: str
    #: `blob`, `commit`, `tag`, `note`, `file-name`, `ref-name`, `reflog`, `index`.
    kind: str
    #: The object's id, or the reference's name without the secret.
    name: str
    #: How it is written there: `plain`, `base64`, `utf-16`, `gzip`, ...
    encoding: str = "plain"
    #: Paths at which commits have it, as far as they are listed, without the secret.
    paths: tuple[str, ...] = ()
    #: The commit that brought it, with its author and moment; "" and None for what no commit has.
    commit: str = ""
    author: str = ""
    at: datetime | None = None
    #: False for what no branch, tag or other reference reaches.
    is_reachable: bool = True


class ExposedTo(Record):
    """A remote, and since when it had the secret."""

    remote: str
    #: Its address without a password.
    address: str
    #: `public`, `private`, `unknown`.
    visibility: str
    refs: tuple[str, ...] = ()
    since: datetime | None = None
    #: What shows all this.
    evidence: str = ""


class RefPush(Record):
    """One reference that a push replaces."""

    ref: str
    #: What the remote has now, on which the push insists, and what it gets; "" for none, and for removal.
    old: str
    new: str
    #: Why the host will not take it; "" when it may.
    refused: str = ""

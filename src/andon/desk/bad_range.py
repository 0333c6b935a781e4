"""The commits that an incident took out of production, or that somebody names, and which are suspect."""

from __future__ import annotations

from andon.desk.deployments import commit_of, read_ledger
from andon.errors import AndonError, NotFound, Refused
from andon.incident.words import Outcome
from andon.record import Record
from andon.response.culprits import Candidate, frames_in, rank

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.desk.values import Commit
    from andon.incident.ledger import Ledger
    from andon.incident.state import Incident
    from andon.response.culprits import Suspect

#: Logs of the incident that are read for stack frames.
_LOGS = 8


class BadRange(Record):
    """The commits of the main line after a good one, up to a bad one."""

    #: Commit ids of the two ends, and what they were called.
    good: str
    bad: str
    good_name: str
    bad_name: str
    #: Oldest first; the last one is `bad`.
    commits: tuple[Commit, ...]

    def subject_of(self, commit: str) -> str:
        """Return the first line of a commit's message; "" for one outside the range."""
        return next((c.subject for c in self.commits if c.id == commit), "")


def bad_range(desk: Desk, state: Incident | None, good: str, bad: str) -> BadRange:
    """Return the range between two releases or commits; by default what the incident took out of production.

    Raises Refused when the incident does not say, or when the good one does not come before the bad one.
    """
    if not good or not bad:
        good, bad = _of_incident(desk, state)
    ledger = read_ledger(desk)
    ends = (_commit(desk, ledger, good), _commit(desk, ledger, bad))
    if ends[0] == ends[1]:
        raise Refused(
            f"{good} and {bad} are the same commit",
            where=ends[0][:10],
            rule="bad-range",
            remedy="name two that differ: andon releases",
        )
    commits = desk.repository.line(*ends)
    if not commits or desk.repository.line(ends[1], ends[0]):
        raise Refused(
            f"{good} does not come before {bad}, so nothing is known to lie between good and bad",
            where=desk.repository.root,
            rule="bad-range",
            remedy="name a good commit that the bad one has in its history: git merge-base "
            f"{ends[0][:10]} {ends[1][:10]}; when the clone is shallow, first: git fetch --unshallow",
        )
    return BadRange(
        good=ends[0],
        bad=ends[1],
        good_name=good[:10] if good == ends[0] else good,
        bad_name=bad[:10] if bad == ends[1] else bad,
        commits=commits,
    )


def _of_incident(desk: Desk, state: Incident | None) -> tuple[str, str]:
    """Return the releases at the ends: what a rollback went back to and took out, else what was assessed."""
    rolled_back = [
        o
        for o in (state.operations if state else ())
        if o.purpose == "rollback" and o.outcome is Outcome.SUCCEEDED and o.from_version
    ]
    found = state.assessment if state else None
    if rolled_back:
        return rolled_back[0].version, rolled_back[0].from_version
    if found is not None and found.last_known_good and (found.suspect_version or found.running_version):
        return found.last_known_good, found.suspect_version or found.running_version
    raise Refused(
        "which release was good and which was bad is not known",
        where=state.id if state else desk.config.service,
        rule="bad-range",
        remedy="andon assess; or name two releases or commits: andon bisect GOOD BAD --suspects",
    )


def _commit(desk: Desk, ledger: Ledger, name: str) -> str:
    release = ledger.find(name)
    if release is not None and release.commit:
        return desk.repository.commit_of(release.commit)
    found = commit_of(desk, name)
    if found or release is None:
        return found or desk.repository.commit_of(name)
    raise NotFound(
        f"which commit release {name} was made of is not known",
        where=desk.config.service,
        rule="bad-range",
        remedy=f"andon deployed {name} --commit COMMIT; or name the commit itself",
    )


def suspects(desk: Desk, state: Incident | None, found: BadRange) -> tuple[Suspect, ...]:
    """Return the commits of the range, most suspect first, by the incident's errors and by age."""
    touched = dict(desk.repository.touched(found.good, found.bad))
    candidates = [Candidate(commit=c.id, files=touched.get(c.id, ())) for c in found.commits]
    return rank(candidates, frames_in(_texts(desk, state)) if state is not None else ())


def _texts(desk: Desk, state: Incident) -> list[str]:
    """Return the signatures of the incident's errors and the logs it kept; one that is lost is left out."""
    broken = state.assessment.broken if state.assessment else ()
    texts = [text for finding in broken for text in (finding.sign, finding.symptom)]
    for kept in [e for e in state.evidence if e.kind == "log"][:_LOGS]:
        try:
            texts.append(desk.evidence.get(kept.evidence).content.decode("utf-8", "replace"))
        except AndonError:
            continue
    return texts

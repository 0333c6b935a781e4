"""Does nothing but the hotfix reach the protected branches? Judges what arrives at one of them."""

from __future__ import annotations

from andon.record import Record
from andon.response.gates.results import Objection, at_most, failed, passed, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.response.change import ChangeCommit
    from andon.response.gates.results import RuleResult

RULE = "only-the-hotfix"


class Arrival(Record):
    """What is written to one branch while a hotfix is due."""

    #: The branch that is written to, and whether it is protected.
    branch: str
    is_protected: bool
    #: The branch of the hotfix, "" when none was started; and whether it could be found.
    hotfix: str
    is_found: bool = True
    incident: str = ""
    deletes: bool = False
    rewinds: bool = False
    #: The incident whose purge replaces exactly this history, as planned; "" for none.
    purge_of: str = ""
    #: The commits at which the branch stands before and after.
    way: str = ""
    #: The commits that arrive, and the ids of those that the hotfix does not have, as such or picked.
    commits: tuple[ChangeCommit, ...] = ()
    strays: frozenset[str] = frozenset()
    #: By the id of a merge: files in which it differs from all its parents; those the hotfix changes.
    merged: tuple[tuple[str, tuple[str, ...]], ...] = ()
    #: By the id of a merge: a file that is not what git makes of its parents, and had no conflict.
    by_hand: tuple[tuple[str, str], ...] = ()
    hotfix_files: frozenset[str] = frozenset()


def judge_arrival(arrival: Arrival) -> RuleResult:
    """Return whether what arrives is the hotfix, merged, forwarded or picked, or nothing at all."""
    a = arrival
    if not a.is_protected:
        return passed(RULE, f"{a.branch or 'what is written to'} is not a protected branch")
    if a.purge_of:
        return passed(RULE, f"{a.branch} becomes what the purge of {a.purge_of} planned for it")
    if a.deletes or a.rewinds:
        what = "removed" if a.deletes else "set back"
        found = Objection(
            rule=RULE, text=f"{a.branch} is {what} during {a.incident}", snippet=f"{what} {a.branch} {a.way}"
        )
        return failed(RULE, found.text, f"leave it as it is until {a.incident} is resolved", (found,))
    if not a.commits:
        return passed(RULE, f"nothing new reaches {a.branch}")
    if a.hotfix and not a.is_found:
        return unknown(
            RULE, f"{a.hotfix} is not in this repository", f"git push origin {a.hotfix}, from where it is"
        )
    merged, by_hand = dict(a.merged), dict(a.by_hand)
    found_strays = [
        c
        for c in a.commits
        if c.id in a.strays and (c.id in by_hand or not _is_its_merge(c, merged, a.hotfix_files))
    ]
    if not found_strays:
        return passed(RULE, f"all that reaches {a.branch} is of {a.hotfix}")
    objections = at_most(20, [_objection(c, a) for c in found_strays])
    remedy = f"push {a.hotfix} alone" if a.hotfix else "andon hotfix start"
    rest = f"{len(found_strays)} commits that are not of {a.hotfix or 'any hotfix'} reach {a.branch}"
    return failed(RULE, rest, f"{remedy}; the rest after {a.incident} is resolved", objections)


def judge_release(tag: str, hotfix: str, incident: str, *, is_of_it: bool | None, commit: str) -> RuleResult:
    """Return whether a release is made of the hotfix; `is_of_it` is None where its branch is not found."""
    if not hotfix:
        what, remedy = (
            f"{tag} releases {commit[:10]}; {incident} has no hotfix branch yet",
            "andon hotfix start",
        )
    elif is_of_it is None:
        return unknown(
            RULE, f"{hotfix} is not in this repository", f"git push origin {hotfix}, from where it is"
        )
    elif is_of_it:
        return passed(RULE, f"{tag} is at a commit of {hotfix}")
    else:
        what = f"{tag} releases {commit[:10]}, which is not of {hotfix}"
        remedy = f"tag a commit of {hotfix}; other releases after {incident} is resolved"
    return failed(RULE, what, remedy, (Objection(rule=RULE, text=what, snippet=f"{tag} {commit}"),))


def judge_place(branch: str, hotfix: str, incident: str) -> RuleResult:
    """Return whether a commit is made on the branch of the hotfix: a hint, before it is pushed anywhere."""
    if hotfix and branch == hotfix:
        return passed(RULE, f"this is {hotfix}")
    if not branch:  # a rebase, or a merge that Andon makes in a checkout of its own
        return passed(RULE, "on no branch; it is judged when it is pushed")
    if hotfix:
        return failed(
            RULE, f"this commit is on {branch}, the hotfix of {incident} is {hotfix}", f"git switch {hotfix}"
        )
    return failed(
        RULE, f"this commit is on {branch}; {incident} has no hotfix branch yet", "andon hotfix start"
    )


def _is_its_merge(commit: ChangeCommit, merged: dict[str, tuple[str, ...]], files: frozenset[str]) -> bool:
    """True for a merge that adds nothing of its own but the solution of conflicts in the hotfix's files."""
    return len(commit.parents) > 1 and files.issuperset(merged.get(commit.id, ("",)))


def _objection(commit: ChangeCommit, arrival: Arrival) -> Objection:
    text = f"{commit.id[:10]} is not of {arrival.hotfix or 'any hotfix'}: {commit.subject[:60]}"
    if path := dict(arrival.by_hand).get(commit.id):
        text = f"{commit.id[:10]} merges, and {path} is neither what git makes of it nor a conflict solved"
    return Objection(rule=RULE, text=text, snippet=f"{arrival.branch} {commit.id}")


def merges_in(commits: Sequence[ChangeCommit], strays: frozenset[str]) -> tuple[ChangeCommit, ...]:
    """Return the merges among the strays: of these it has to be found out what they add."""
    return tuple(c for c in commits if c.id in strays and len(c.parents) > 1)

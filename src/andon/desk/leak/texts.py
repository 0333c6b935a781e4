"""What other people have to do after a purge: collaborators, owners of forks, the host's support. Pure."""

from __future__ import annotations

from andon.desk.leak.accounts import KEPT_BY_HOST
from andon.incident.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.leak.accounts import PushPlan

#: Commits and objects that a text names one by one.
_NAMED = 10


def for_collaborators(plan: PushPlan, first_changed: Sequence[str]) -> str:
    """Return what everybody with a clone has to do."""
    first = first_changed[0] if first_changed else "FIRST_CHANGED"
    lines = [
        f"The history of {plan.address}",
        "was written anew to take a leaked secret out of it.",
        "",
        "Does your clone have the old history? It does when one of these prints `commit`:",
        "",
        *(f"    git cat-file -t {commit}" for commit in first_changed[:_NAMED]),
        *_and_more(first_changed),
        "",
        "Nothing of yours is in it: delete the clone and clone again.",
        "That is the safest way.",
        "",
        "Work of yours is in it that nobody else has: note where the branch",
        "you started from was (OLD), then",
        "",
        f"    git fetch --prune --prune-tags --force {plan.remote}",
        f"    git rebase --onto {plan.remote}/BRANCH OLD YOUR-BRANCH",
        "",
        "For a branch without work of yours:",
        "",
        "    git checkout BRANCH",
        f"    git reset --keep {plan.remote}/BRANCH",
        "",
        "Then let go of the old commits:",
        "",
        "    git stash list          # a stash keeps old commits: apply it and drop it",
        "    git reflog expire --expire=now --all",
        "    git gc --prune=now",
        "",
        "This has to fail now:",
        "",
        f"    git cat-file -t {first}",
        "",
        "Never merge the old history with the new one, and never pull with a",
        "merge: one such merge that is pushed brings the secret back for",
        "everybody.",
    ]
    return "\n".join(lines) + "\n"


def for_forks(plan: PushPlan, first_changed: Sequence[str]) -> str:
    """Return what whoever owns a fork or a mirror has to do."""
    lines = [
        f"Your fork or mirror of {plan.address}",
        "may still serve a secret that was taken out of the original.",
        "",
        "It does when it has one of these commits:",
        "",
        *(f"    {commit}" for commit in first_changed[:_NAMED]),
        *_and_more(first_changed),
        "",
        "Delete it and fork again; or, when it has work of its own, bring that",
        "over to the new history as described for clones, push it with",
        "--force-with-lease, delete the branches and tags of the old one, and",
        "ask the host's support to remove what no branch reaches any more. A",
        "fork can keep commits of the original readable, and the original",
        "those of a fork: both have to be clean.",
    ]
    return "\n".join(lines) + "\n"


def for_support(
    plan: PushPlan, first_changed: Sequence[str], pull_requests: int, lfs: Sequence[str] = ()
) -> str:
    """Return the request to whoever runs the host."""
    kept = [one for one in plan.refs if one.refused == KEPT_BY_HOST]
    lines = [
        f"Repository: {plan.address}",
        f"Pull requests whose commits were written anew: {pull_requests}",
        "First commits that changed:",
        *(f"    {commit}" for commit in first_changed[:_NAMED]),
        *_and_more(first_changed),
        "Large file objects that no commit names any more: " + (", ".join(lfs[:_NAMED]) or "none"),
        "",
        "A secret was committed to this repository. The history was written anew without it, and its",
        "branches and tags are replaced. The old commits can still be read by their ids, in pull requests",
        "and in cached pages. Please",
        "",
        "1. take the old commits out of the references that only you can change"
        + (f" ({len(kept)} were seen, such as {kept[0].ref})" if kept else "")
        + ",",
        "2. remove cached views of the old commits and of these pull requests,",
        "3. collect what nothing reaches any more, in this repository and in",
        "   the network of its forks,",
        "4. remove the large file objects named above, if there are any.",
    ]
    return "\n".join(lines) + "\n"


def plan_in_words(plan: PushPlan) -> str:
    """Return what a push would do to each reference."""
    changing = counted(sum(not one.refused for one in plan.refs), "reference")
    lines = [f"{plan.address} ({plan.remote}): {changing} to change, {plan.unchanged} to stay"]
    for one in plan.refs:
        if one.refused:
            lines.append(f"{one.ref} is not pushed: {one.refused}")
        elif not one.new:
            lines.append(f"{one.ref} is removed, if it still is {one.old[:12]}")
        elif not one.old:
            lines.append(f"{one.ref} is made: {one.new[:12]}")
        else:
            lines.append(f"{one.ref} becomes {one.new[:12]}, if it still is {one.old[:12]}")
    lines.append("A branch that the host protects has to be opened for this push, and closed again.")
    return "\n".join(lines) + "\n"


def _and_more(commits: Sequence[str]) -> list[str]:
    return [f"    ... and {len(commits) - _NAMED} more, in the evidence"] if len(commits) > _NAMED else []

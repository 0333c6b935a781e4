"""Bringing a hotfix back: is it on the main line, and if not, how does it get there?"""

from __future__ import annotations

from andon.desk.deployments import read_ledger
from andon.desk.recording import record
from andon.errors import AndonError, NotFound, Refused
from andon.incident.commands import MergeHotfix
from andon.incident.events import HotfixMerged
from andon.incident.hotfix_state import in_production
from andon.incident.hotfixing import begun
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.events import HotfixStarted
    from andon.incident.state import Incident


class Homecoming(Record):
    """Where a hotfix stands with the main line."""

    incident: Incident
    hotfix: HotfixStarted
    #: The commit that was shipped.
    commit: str
    #: The main line, as it is called here.
    main: str
    #: What was found out; None when the main line lacks it.
    merged: HotfixMerged | None = None
    #: Commits of it that the main line lacks, newest last.
    missing: tuple[str, ...] = ()
    #: True when the main line had it once, and somebody took it back there.
    is_taken_back: bool = False

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands that bring it there by hand. What was merged once does not merge again."""
        merge = f"git merge --no-ff {self.hotfix.branch}"
        if self.is_taken_back:
            merge = f"git cherry-pick {self.hotfix.base_commit[:12]}..{self.commit[:12]}"
        return (f"git switch {self.main}", merge, "git push", "andon hotfix finish")


def main_line(desk: Desk) -> str:
    """Return the name of the main line; raises NotFound when neither the configuration nor git says."""
    main = desk.config.hotfix.main or desk.branches.main_line()
    if not main:
        raise NotFound(
            "which branch is the main line is not known",
            where=desk.branches.root,
            rule="hotfix-merged",
            remedy='[hotfix] main = "NAME" in andon.toml',
        )
    return main


def finish_hotfix(
    desk: Desk, state: Incident, *, merge: bool = False, stated: str = "", reason: str = ""
) -> Homecoming:
    """Find out whether the main line has the hotfix that was shipped, and record it when it does.

    With `merge` it is merged when that goes by itself. `stated` is a commit on the main line of which a
    person says, with a `reason`, that it does the same. Raises Refused when nothing was shipped, or when it
    does not merge by itself.
    """
    hotfix = begun(state)
    commit = shipped_commit(desk, state)
    main = main_line(desk)
    home = Homecoming(incident=state, hotfix=hotfix, commit=commit, main=main)
    known = state.hotfix_merged if state.hotfix_merged and state.hotfix_merged.commit == commit else None
    if known is not None and not stated and _still_there(desk, main, hotfix.base_commit, known):
        return replace(home, merged=known)
    found: HotfixMerged | None
    if stated:
        found = _stated(desk, state, main, commit, stated, reason)
    else:
        lines = _lines(desk, main)
        found = seen_on(desk, lines, hotfix.base_commit, commit)
        is_back = found is None and _is_taken_back(desk, lines, hotfix.base_commit, commit)
        home = replace(home, is_taken_back=is_back)
        if found is None and merge:
            _refuse_taken_back(home)
            found = _merge(desk, state, main, commit)
    if found is None:
        missing = desk.branches.unpicked(_lines(desk, main)[0], hotfix.base_commit, commit)
        return replace(home, missing=missing or ((commit,) if home.is_taken_back else ()))
    state = record(desk, state, MergeHotfix(merged=found))
    return Homecoming(incident=state, hotfix=hotfix, commit=commit, main=main, merged=found)


def _still_there(desk: Desk, main: str, base: str, known: HotfixMerged) -> bool:
    """True when what was found out before still holds: nobody rewrote the main line, or reverted it there."""
    lines = _lines(desk, main)
    if known.seen_by == "stated":
        return any(desk.branches.contains(desk.branches.tip(line), known.merge_commit) for line in lines)
    return seen_on(desk, lines, base, known.commit) is not None


def _is_taken_back(desk: Desk, lines: tuple[str, ...], base: str, commit: str) -> bool:
    return any(_was_on(desk, desk.branches.tip(line), base, commit) for line in lines)


def _was_on(desk: Desk, tip: str, base: str, commit: str) -> str:
    """Return how a commit's history has a fix, whatever its files say: `ancestry`, `patch` or ""."""
    if desk.branches.contains(tip, commit):
        return "ancestry"
    return "" if base == commit or desk.branches.unpicked(tip, base, commit) else "patch"


def _refuse_taken_back(home: Homecoming) -> None:
    if home.is_taken_back:
        raise Refused(
            f"{home.main} had the hotfix, and somebody took it back there: merging does not bring it again",
            where=home.incident.id,
            rule="hotfix-merged",
            remedy="; ".join(home.commands),
        )


def shipped_commit(desk: Desk, state: Incident) -> str:
    """Return the commit of the hotfix that is in production; raises Refused when none is."""
    hotfix = begun(state)
    act = in_production(state)
    if act is None:
        was = any(o.purpose == "hotfix" for o in state.operations)
        raise Refused(
            "the hotfix is not in production" + (" any more" if was else " yet"),
            where=state.id,
            rule="hotfix-merged",
            remedy="andon status" if was else "andon hotfix ship",
        )
    plan = state.hotfix_plan
    if plan is not None and plan.operation == act.id:
        return plan.commit
    release = read_ledger(desk).find(act.version)  # deployed by hand
    if release is not None and release.commit:
        return release.commit
    return desk.branches.tip(hotfix.branch) or hotfix.base_commit


def _lines(desk: Desk, main: str) -> tuple[str, ...]:
    """Return the main line as others have it, and as it is here, as far as they are there."""
    names = (f"origin/{main}", main)
    found = tuple(name for name in names if desk.branches.tip(name))
    if not found:
        raise NotFound(
            f"there is no branch {main} here, nor on origin",
            where=desk.branches.root,
            rule="hotfix-merged",
            remedy='git fetch; or [hotfix] main = "NAME" in andon.toml',
        )
    return found


def seen_on(desk: Desk, lines: tuple[str, ...], base: str, commit: str) -> HotfixMerged | None:
    """Return how one of the branches has a fix; None when none has it.

    By ancestry (merged), by patch (cherry-picked, rebased: every commit of it), or by content: taking the
    whole fix back from the branch's files would work, so that it is in them (squashed, or done again). What
    was merged or picked and then reverted is not there.
    """
    for line in lines:
        tip = desk.branches.tip(line)
        how = _was_on(desk, tip, base, commit)
        if how and desk.branches.lacks_content(tip, base, commit):
            continue
        if not how and base != commit and desk.branches.has_content(tip, base, commit):
            how = "content"
        if how:
            return HotfixMerged(commit=commit, into=line, merge_commit=tip, seen_by=how)
    return None


def _stated(desk: Desk, state: Incident, main: str, commit: str, stated: str, reason: str) -> HotfixMerged:
    if not reason.strip():
        raise Refused(
            "that another commit does the same is said by somebody, for a reason",
            where=state.id,
            rule="evidence-or-a-name",
            remedy=f'andon hotfix finish --same-as {stated} --reason "how you know"',
        )
    named = desk.repository.commit_of(stated)
    for line in _lines(desk, main):
        if desk.branches.contains(desk.branches.tip(line), named):
            return HotfixMerged(
                commit=commit, into=line, merge_commit=named, seen_by="stated", reason=reason.strip()
            )
    raise Refused(
        f"{stated} is not on {main}", where=state.id, rule="hotfix-merged", remedy="andon hotfix finish"
    )


def _merge(desk: Desk, state: Incident, main: str, commit: str) -> HotfixMerged:
    if not desk.branches.tip(main):
        raise Refused(
            f"there is no branch {main} here to merge into",
            where=state.id,
            rule="hotfix-merged",
            remedy=f"git switch {main}; andon hotfix finish --merge",
        )
    upstream = desk.branches.tip(f"origin/{main}")
    if upstream and not desk.branches.contains(desk.branches.tip(main), upstream):
        raise Refused(
            f"{main} here lacks what origin/{main} has: the merge could not be pushed",
            where=state.id,
            rule="clean-merge",
            remedy=f"git switch {main}; git pull; andon hotfix finish --merge",
        )
    version = state.hotfix_plan.to_version if state.hotfix_plan else commit[:10]
    merged = desk.branches.merge(commit, main, f"Bring hotfix {version} of {state.id} to {main}")
    return HotfixMerged(commit=commit, into=main, merge_commit=merged, seen_by="ancestry")


def is_only_here(desk: Desk, found: HotfixMerged) -> bool:
    """True when the main line has it here, and the one of the remote does not."""
    upstream = desk.branches.tip(f"origin/{found.into}")
    try:
        return bool(upstream) and not desk.branches.contains(upstream, found.merge_commit)
    except AndonError:
        return False

"""Does nothing but the hotfix reach the protected branches? Gathers what arrives and what the hotfix has."""

from __future__ import annotations

from andon.response.gates.only_the_hotfix import Arrival, judge_arrival, judge_place, judge_release, merges_in
from andon.response.gates.table import Point

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult


def check(context: GateContext) -> RuleResult:
    """Hint at a commit beside the hotfix; object to anything else that is pushed to a protected branch."""
    stands, asked = context.standing, context.asked
    if context.point is Point.PRE_COMMIT:
        return judge_place(asked.branch, stands.hotfix_branch, stands.incident_id)
    from andon.response.gates.protected import is_protected, looks_like_release  # a commit waits for no `re`

    if looks_like_release(asked.target) and not asked.deletes and asked.head:
        return _released(context, _planned_by(context))
    branch = context.target_branch
    guarded = is_protected(branch, context.protected)
    arrival = Arrival(
        branch=branch,
        is_protected=guarded,
        hotfix=stands.hotfix_branch,
        incident=stands.incident_id,
        deletes=asked.deletes,
        rewinds=asked.rewinds,
        purge_of=_planned_by(context) if guarded and (asked.deletes or asked.rewinds) else "",
        way=f"{asked.onto or asked.base} {asked.head}",
    )
    if not guarded or asked.deletes or asked.rewinds or not context.commits:
        return judge_arrival(arrival)
    return judge_arrival(_told(context, arrival))


def _planned_by(context: GateContext) -> str:
    """Return the incident in response whose newest plan for a purge's push is what happens here; "" for none.

    A plan is only recorded once nothing survived the purge: `andon leak push`.
    """
    asked = context.asked
    new = dict(asked.beside).get(asked.target, asked.head)  # of a tag, itself and not its commit
    is_tag = asked.target.startswith("refs/tags/")
    wanted = (asked.target, asked.onto or asked.base, "" if asked.deletes else new)
    for one in (context.standing.incident, *context.standing.others):
        plans = context.desk.journal.read_types(one.id, ("PurgePushPlanned",)) if one else ()
        planned = getattr(plans[-1].event, "refs", ()) if plans else ()
        if one and any(
            (p.ref, wanted[1] if is_tag else p.old, p.new) == wanted for p in planned if not p.refused
        ):
            return one.id
    return ""


def _released(context: GateContext, purge: str) -> RuleResult:
    stands, head = context.standing, context.asked.head
    heads = hotfix_heads(context)
    is_of_it = any(context.desk.ranges.is_ancestor(head, one) for one in heads) if heads else None
    tag = context.asked.target.removeprefix("refs/tags/")
    if purge:
        return judge_arrival(
            Arrival(
                branch=tag,
                is_protected=True,
                hotfix=stands.hotfix_branch,
                incident=stands.incident_id,
                purge_of=purge,
            )
        )
    return judge_release(tag, stands.hotfix_branch, stands.incident_id, is_of_it=is_of_it, commit=head)


def _told(context: GateContext, arrival: Arrival) -> Arrival:
    """Return the arrival with what the hotfix has of it, and what its merges add."""
    from andon.record import replace

    commits = context.commits
    heads = hotfix_heads(context)
    strays = frozenset(commit.id for commit in commits)
    for head in heads:
        strays &= frozenset(context.desk.ranges.not_in(context.asked.head, head))
    merges = merges_in(commits, strays)
    merged = tuple(
        (change.head, tuple(file.path for file in change.files))
        for change in context.desk.changes.each(merges)
    )
    files: frozenset[str] = frozenset()
    if heads and any(paths for _, paths in merged):
        base = context.standing.hotfix_base or context.desk.ranges.merge_base(heads[0], (context.asked.base,))
        files = frozenset(f.path for f in context.desk.changes.between(base, heads[0]).files)
    return replace(
        arrival,
        commits=commits,
        strays=strays,
        merged=merged,
        by_hand=tuple((m.id, paths[0]) for m in merges if (paths := context.desk.ranges.by_hand(m))),
        hotfix_files=files,
        is_found=bool(heads),
    )


def hotfix_heads(context: GateContext) -> tuple[str, ...]:
    """Return the commits at which the hotfix's branch stands: in this push, here, on the remotes."""
    branch = context.standing.hotfix_branch
    beside = tuple(new for ref, new in context.asked.beside if ref == f"refs/heads/{branch}")
    return tuple(dict.fromkeys((*beside, *context.desk.ranges.heads_of(branch)))) if branch else ()

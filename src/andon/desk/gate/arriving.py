"""What a gate is asked about where commits leave or arrive: the references of a push, a build."""

from __future__ import annotations

from andon.desk.gate.context import Asked
from andon.errors import AndonError
from andon.record import replace
from andon.response.gates.pushed import MOST, Known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.ports import Desk
    from andon.response.gates.ci import Build
    from andon.response.gates.pushed import RefUpdate

#: Commits of one push that are judged; of a push with more nothing could be decided.
MOST_COMMITS = 10_000
_DEEPEN = "git fetch --unshallow --tags"


def pushed(desk: Desk, updates: Sequence[RefUpdate], remote: str, address: str) -> tuple[Asked, ...]:
    """Return what is asked about each reference that is about to be pushed to a remote."""
    if not updates:
        return ()
    named = desk.ranges.remote_of(remote, address)
    current = desk.ranges.branch()
    found = []
    for update in updates:
        branch = update.local.removeprefix("refs/heads/") if update.local.startswith("refs/heads/") else ""
        branch = current if update.local == "HEAD" else branch
        found.append((update, branch))
    return _all(desk, found, Known(remote=named))


def received(desk: Desk, updates: Sequence[RefUpdate]) -> tuple[Asked, ...]:
    """Return what is asked about each reference that arrives here."""
    return _all(desk, [(update, update.branch) for update in updates], Known(own=True))


def _all(desk: Desk, updates: Sequence[tuple[RefUpdate, str]], known: Known) -> tuple[Asked, ...]:
    beside = tuple((update.ref, update.new) for update, _ in updates if update.new)
    asked = []
    for number, (update, branch) in enumerate(updates):
        one = Asked(branch=branch, target=update.ref, head=update.new, beside=beside)
        if number >= MOST:
            why = f"more than {MOST} references are written at once"
            asked.append(replace(one, problem=why, remedy="push them in several parts"))
            continue
        try:
            asked.append(_one(desk, update, one, known))
        except AndonError as problem:
            asked.append(replace(one, problem=str(problem), remedy=problem.remedy or "git fsck"))
    return tuple(asked)


def _one(desk: Desk, update: RefUpdate, asked: Asked, known: Known) -> Asked:
    ranges = desk.ranges
    if update.is_deletion:
        return replace(asked, base=update.old, onto=ranges.commit(update.old), deletes=True)
    head = ranges.commit(update.new)
    if not head:
        why = f"{update.new[:10]} is no commit, and nothing of it was judged"
        return replace(asked, problem=why, remedy="look at it yourself: git show " + update.new[:10])
    old = ranges.commit(update.old) if update.old else ""
    rewinds = bool(update.old) and not (old and ranges.is_ancestor(old, head))
    message = ranges.tag_message(update.new) if update.new != head else ""
    asked = replace(asked, head=head, onto=old, rewinds=rewinds, message=message)
    arriving, edges = ranges.arriving(head, _there(desk, update, known, old), MOST_COMMITS)
    if old:
        base = ranges.merge_base(old, (head,))
    elif not arriving:
        base = head
    else:
        base = ranges.merge_base(head, edges) if edges else ""
    return _bounded(desk, replace(asked, base=base, arriving=arriving))


def _there(desk: Desk, update: RefUpdate, known: Known, old: str) -> Known:
    """Return what need not be judged again where it is written to.

    To a protected branch everything is new that it does not have itself: what stands on another branch of the
    same place may have got there unseen, and may be kept from this one.
    """
    from andon.response.gates.protected import is_protected

    default = desk.ranges.default_branch() or "main"
    if not is_protected(update.branch, desk.config.gates.protected or (default,)):
        return replace(known, commits=(*known.commits, *((old,) if old else ())))
    if not old and (known.own or known.remote != "*"):
        place = "refs/heads/" if known.own else f"refs/remotes/{known.remote}/"
        old = desk.ranges.commit(place + default)
    return Known(commits=(old,)) if old else known


def _bounded(desk: Desk, asked: Asked) -> Asked:
    """Return what is asked, or why it is too much or too little to judge."""
    arriving = asked.arriving or ()
    if len(arriving) > MOST_COMMITS:
        why = f"more than {MOST_COMMITS} commits arrive at once"
        return replace(asked, problem=why, remedy="push them in several parts")
    missing = {*desk.ranges.cut_off()} & {commit.id for commit in arriving}
    if missing:
        why = f"this clone is shallow: what came before {min(missing)[:10]} is not here"
        return replace(asked, problem=why, remedy=_DEEPEN)
    return asked


def built(desk: Desk, build: Build) -> Asked:
    """Return what is asked about a build in CI: from where it left the branch it goes to, to its commit."""
    ranges = desk.ranges
    asked = Asked(branch=build.branch, target=f"refs/heads/{build.target}" if build.target else "")
    try:
        return _built(desk, build, replace(asked, branch=asked.branch or ranges.branch()))
    except AndonError as problem:
        return replace(asked, problem=str(problem), remedy=problem.remedy)


def _built(desk: Desk, build: Build, asked: Asked) -> Asked:
    ranges = desk.ranges
    head = next((c for name in build.heads if (c := ranges.commit(name))), "")
    if not head:
        why = f"the commit to judge is not here: {(build.heads or ('HEAD',))[0][:80]}"
        return replace(asked, problem=why, remedy=_deepen(build))
    asked = replace(asked, head=head)
    names = build.bases or _default(desk)
    named = next((name for name in names if ranges.commit(name)), "")
    base = ranges.commit(named) if named else ""
    if not base and build.bases:
        why = f"the commit it is compared with is not here: {build.bases[0][:80]}"
        return replace(asked, problem=why, remedy=_deepen(build))
    if not base:
        why = "nothing says what it is compared with"
        return replace(asked, problem=why, remedy="andon gate ci --base origin/main")
    start = ranges.merge_base(base, (head,))
    if not start and ranges.cut_off():
        why = "this clone is shallow: where the branch began is not in it"
        return replace(asked, problem=why, remedy=_deepen(build))
    if base == head:
        why = f"{head[:10]} is compared with itself: nothing was judged"
        return replace(asked, problem=why, remedy="andon gate ci --base COMMIT-BEFORE-THE-PUSH")
    arriving, _ = ranges.arriving(head, Known(commits=(base,)), MOST_COMMITS)
    if not arriving and not build.bases:
        why = f"nothing says what it is compared with: all of it is on {_short(named)} already"
        return replace(asked, problem=why, remedy="andon gate ci --base COMMIT-BEFORE-THE-PUSH")
    found = _bounded(desk, replace(asked, base=start, onto=_tip(desk, build) or base, arriving=arriving))
    rewinds = build.is_push and start != base
    return replace(found, rewinds=rewinds, remedy=_deepen(build) if found.remedy == _DEEPEN else found.remedy)


def _tip(desk: Desk, build: Build) -> str:
    """Return where the branch stands now that a request is for; "" for a push, or when it is not here."""
    is_request = bool(build.target) and not build.is_push and build.target != build.branch
    return desk.ranges.commit(f"refs/remotes/origin/{build.target}") if is_request else ""


def _default(desk: Desk) -> tuple[str, ...]:
    name = desk.ranges.default_branch()
    return (f"refs/remotes/origin/{name}", f"refs/heads/{name}") if name else ()


def _short(reference: str) -> str:
    return reference.removeprefix("refs/heads/").removeprefix("refs/remotes/")


def _deepen(build: Build) -> str:
    return f"{_DEEPEN}{'; ' + build.deepen if build.deepen else ''}"

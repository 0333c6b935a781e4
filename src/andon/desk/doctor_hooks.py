"""The doctor's look at git's hooks: are they asked, and did anything reach a branch that no gate has seen?"""

from __future__ import annotations

import re

from andon.desk.diagnosis import Diagnosis, missing, ok
from andon.desk.hooks import look_at_hooks
from andon.errors import AndonError
from andon.incident.words import counted
from andon.response.hooks.plan import HookState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from andon.desk.hooks import HooksReport
    from andon.desk.ports import Desk

#: The first git that runs a hook when a reference moves (its release notes).
_FIRST = (2, 28)
#: Commits that are looked at, newest first, and those that are named.
_MOST, _NAMED = 10_000, 5


def hooks_and_receipts(desk: Desk) -> Iterator[Diagnosis]:
    """Yield what is to say about hooks, `core.hooksPath`, git's age, receipts, fetched secrets and bans."""
    for part in (_hooks, _place, _git, _receipts, _tainted, _bans):
        yield from _guarded(part, desk)


def _guarded(part: Callable[[Desk], Iterator[Diagnosis]], desk: Desk) -> Iterator[Diagnosis]:
    try:
        yield from part(desk)
    except AndonError as problem:
        subject = part.__name__.strip("_")
        yield Diagnosis(subject=subject, state="broken", summary=str(problem), fix=problem.remedy)


def _hooks(desk: Desk) -> Iterator[Diagnosis]:
    report = look_at_hooks(desk)
    out = [h.name for h in report.hooks if h.state is HookState.OUT]
    old = [h.name for h in report.hooks if h.state is HookState.OUTDATED]
    if not report.are_in:
        told = [f"not in: {', '.join(out)}"] * bool(out) + [f"outdated: {', '.join(old)}"] * bool(old)
        yield missing("hooks", "; ".join(told), "andon hooks install")
    elif idle := _not_run(desk, report):
        yield Diagnosis(
            subject="hooks",
            state="broken",
            summary=f"not executable, so git passes over them: {', '.join(idle)}",
            fix=f"chmod +x {' '.join(f'{report.directory}/{name}' for name in idle)}",
        )
    else:
        yield ok("hooks", f"in {report.directory}: {', '.join(h.name for h in report.hooks)}")


def _not_run(desk: Desk, report: HooksReport) -> list[str]:
    """Return hooks of ours that git would not start."""
    files = desk.hook_files
    ours = [hook.name for hook in report.hooks if hook.state is HookState.IN]
    return [name for name in ours if not files.is_run(name)]


def _place(desk: Desk) -> Iterator[Diagnosis]:
    place = desk.hook_files.place()
    if not place.setting or place.is_own:
        return
    scope = place.scope or "local"
    where = "git runs no hooks at all" if place.directory == "/dev/null" else "git looks for hooks elsewhere"
    yield Diagnosis(
        subject="core.hooksPath",
        state="broken",
        summary=f"set to {place.setting} ({scope}): {where}",
        fix="andon hooks install" if scope != "local" else "git config --local --unset core.hooksPath",
    )


def _git(desk: Desk) -> Iterator[Diagnosis]:
    told = desk.references.version()
    found = re.search(r"(\d+)\.(\d+)", told)
    if found and (int(found[1]), int(found[2])) < _FIRST:
        summary = f"{told} runs no hook reference-transaction: commit --no-verify, am and rebase are not seen"
        yield missing("git", summary, "install git 2.28 or later; until then the push and CI are checked")


def _receipts(desk: Desk) -> Iterator[Diagnosis]:
    """Name commits of the branches that came after the hooks and that no gate here has seen."""
    if not desk.receipts.has_begun:
        return
    before = desk.receipts.before()
    if not before:
        summary = "the file with the receipts was changed by somebody else, or its key was lost"
        yield Diagnosis(subject="receipts", state="broken", summary=summary, fix="andon hooks install")
        return
    since = desk.references.since([one for one in before if one != "-"], _MOST)
    passed = desk.receipts.passed()
    unseen = [(c, author) for c, author, content in since if c not in passed and content not in passed]
    if not unseen:
        yield ok("receipts", f"{counted(len(since), 'commit')} since the hooks, each was judged")
        return
    named = ", ".join(f"{commit[:10]} ({author})" for commit, author in unseen[:_NAMED])
    more = f" and {len(unseen) - _NAMED} more" if len(unseen) > _NAMED else ""
    yield Diagnosis(
        subject="receipts",
        state="broken",
        summary=f"{counted(len(unseen), 'commit')} on a branch that no gate here has seen: {named}{more}",
        fix=f"andon gate ci --base {unseen[-1][0][:10]}~1 --head {unseen[0][0][:10]}",
    )


def _tainted(desk: Desk) -> Iterator[Diagnosis]:
    tainted = sorted(desk.tainted.all())
    if tainted:
        named = ", ".join(one[:10] for one in tainted[:_NAMED])
        summary = f"{named}: {counted(len(tainted), 'commit')} with a secret inside, which came by a fetch"
        yield Diagnosis(subject="fetched", state="broken", summary=summary, fix="andon leak start")


def _bans(desk: Desk) -> Iterator[Diagnosis]:
    text = desk.bans.read()
    if not text:
        return
    from andon.secrets.bans import read_bans

    try:
        bans = read_bans(text)
    except ValueError as problem:
        summary = f"line {problem} of {desk.bans.place} is none of a ban list: nothing can be pushed"
        yield Diagnosis(subject="bans", state="broken", summary=summary, fix="andon gate ban FILE")
        return
    yield ok("bans", f"{counted(len(bans), 'thing')} cannot come back")

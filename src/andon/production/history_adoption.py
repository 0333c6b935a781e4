"""Bringing the user's own clone to the purged history, and looking whether anything is left in it."""

from __future__ import annotations

import contextlib
import os

from andon.desk.leak.accounts import Adoption
from andon.errors import Refused, Unavailable
from andon.production.history_git import MirrorGit
from andon.production.history_push import read_map
from andon.production.history_references import read_references
from andon.production.history_verify import survivors_in
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.production.history_mirror import HistoryMirror

#: Where the new history is fetched to, until every reference has moved.
_CLEAN = "refs/andon/clean/"
#: What git is in the middle of when one of these is there.
_UNDER_WAY = (
    ("rebase-merge", "a rebase"),
    ("rebase-apply", "a rebase or am"),
    ("MERGE_HEAD", "a merge"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
    ("BISECT_LOG", "a bisect"),
)
_CAME_LATER = " has commits that came after the purge: purge again, or git rebase --onto and delete it"
#: Notes of git that keep old commits or their messages.
_NOTES = (
    "ORIG_HEAD",
    "FETCH_HEAD",
    "MERGE_MSG",
    "COMMIT_EDITMSG",
    "SQUASH_MSG",
    "AUTO_MERGE",
    "NOTES_EDITMSG",
)


class _Step(Record):
    ref: str
    old: str
    new: str

    def shown(self, name: str) -> str:
        return f"{name}: {self.old[:12]} -> {self.new[:12] or 'removed'}"


def adopt(mirror: HistoryMirror, *, write: bool, tell: Callable[[str], None]) -> Adoption:
    """Return what would move in the user's clone, or move it, drop the old objects and search it.

    What hinders it (changes in the work tree, a stash, something half done, commits of one's own on the old
    history) is named with what to do, and nothing is done then. Raises Refused, Unavailable.
    """
    if not mirror.is_whole:
        raise Refused(
            "there is no purged mirror here",
            where=mirror.path,
            rule="leak-adopt",
            remedy="andon leak purge --yes",
        )
    git = MirrorGit(mirror.root, mirror.remover, is_ours=False)
    steps = _steps(mirror, git)
    hindrances = (*_unsettled(git), *_newer(mirror, git, steps))
    shown = tuple(step.shown(_clean(mirror, step.ref)) for step in steps)
    if not write or hindrances:
        return Adoption(steps=shown, hindrances=hindrances)
    _fetch(mirror, git, tell)
    try:
        _move(git, steps, tell)
    finally:
        _remove(git, _CLEAN)
    _forget(git, tell)
    tell("searching this clone again")
    git_dir = git.line("rev-parse", "--absolute-git-dir")
    tree = "" if git.line("rev-parse", "--is-bare-repository") == "true" else mirror.root
    return Adoption(steps=shown, hindrances=(), survivors=survivors_in(git_dir, tree, mirror.remover, tell))


def _steps(mirror: HistoryMirror, git: MirrorGit) -> tuple[_Step, ...]:
    kept = read_map(mirror)
    steps = []
    for one in read_references(git):
        default = (_clean(mirror, one.name), kept.objects.get(one.object, one.object))
        name, new = kept.references.get((one.name, one.object), default)
        if name != one.name:
            steps.append(_Step(ref=one.name, old=one.object, new=""))
            if name:
                steps.append(_Step(ref=name, old="", new=new))
        elif new != one.object:
            steps.append(_Step(ref=one.name, old=one.object, new=new))
    return tuple(steps)


def _unsettled(git: MirrorGit) -> tuple[str, ...]:
    """Return what is half done in the clone."""
    found = []
    place = git.line("rev-parse", "--absolute-git-dir")
    for name, what in _UNDER_WAY:
        if os.path.lexists(os.path.join(place, name)):
            found.append(f"{what} is under way: finish or abort it")
    if git.line("rev-parse", "--is-bare-repository") != "true":
        changed = git.answer("status", "--porcelain", "-z", "--untracked-files=no").split(b"\0")
        if len(changed) > 1:
            found.append(
                f"{len(changed) - 1} tracked files have changes: commit them elsewhere, or take them back"
            )
        found += _hidden(git)
    if git.ask("rev-parse", "--verify", "--quiet", "refs/stash").succeeded:
        found.append(
            "there is a stash, and it hangs on the old history: apply it and drop it, or git stash clear"
        )
    if os.path.isfile(os.path.join(git.objects_directory(), "info", "alternates")):
        found.append(
            "objects are borrowed from another repository, which keeps the old ones: git repack -a -d, then "
            "remove objects/info/alternates; the other one has to be cleaned as well"
        )
    others = git.answer("worktree", "list", "--porcelain").count(b"worktree ") - 1
    if others > 0:
        found.append(f"{others} linked work trees are on the old history: git worktree remove")
    return tuple(found)


def _hidden(git: MirrorGit) -> list[str]:
    """Return what has changes that git was told not to look at; they would be lost, or git would stop."""
    flags = {"h": "assume-unchanged", "S": "skip-worktree", "s": "skip-worktree"}
    top = git.line("rev-parse", "--show-toplevel")
    found = []
    for entry in git.answer("ls-files", "-v", "-z", "--full-name", ":/").split(b"\0"):
        flag = flags.get(entry[:1].decode("ascii", "replace"), "")
        path = entry[2:].decode("utf-8", "surrogateescape")
        if not flag or not os.path.isfile(os.path.join(top, path)):
            continue  # what a sparse checkout leaves out is not there
        now = git.ask("hash-object", "--path", path, "--", os.path.join(top, path))
        kept = git.ask("rev-parse", "--verify", "--quiet", f":0:{path}")
        if now.raw != kept.raw:
            shown = git.remover.clean_name(entry[2:]).decode("utf-8", "replace")
            found.append(
                f"{shown} has changes and is marked {flag}: keep a copy, then "
                f"git update-index --no-{flag} and git checkout -- of it"
            )
    return found


def _newer(mirror: HistoryMirror, git: MirrorGit, steps: tuple[_Step, ...]) -> tuple[str, ...]:
    """Return what stands on the old history and is not known to the purge: commits that came after it."""
    first = read_map(mirror).first
    moving = {step.ref for step in steps}
    found: list[str] = []
    for commit in first:
        listed = git.ask("for-each-ref", "--contains", commit, "--format=%(refname)")
        names = listed.raw.decode("utf-8", "surrogateescape").splitlines()
        found += [_clean(mirror, name) + _CAME_LATER for name in names if name not in moving]
        detached = not git.ask("symbolic-ref", "--quiet", "HEAD").succeeded
        if detached and git.ask("merge-base", "--is-ancestor", commit, "HEAD").succeeded:
            found.append("HEAD is on the old history without a branch: git switch to a branch first")
    return tuple(dict.fromkeys(found))


def _fetch(mirror: HistoryMirror, git: MirrorGit, tell: Callable[[str], None]) -> None:
    tell("fetching the new history from the mirror")
    words = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--refmap=")
    git.answer(*words, "--", mirror.path, f"+refs/*:{_CLEAN}*")


def _move(git: MirrorGit, steps: tuple[_Step, ...], tell: Callable[[str], None]) -> None:
    """Move the branch that is checked out with its files, then every other reference, in one transaction."""
    tell(f"moving {len(steps)} references")
    head = git.ask("symbolic-ref", "--quiet", "HEAD").raw.decode("utf-8", "surrogateescape").strip()
    bare = git.line("rev-parse", "--is-bare-repository") == "true"
    new_head = next((s.new for s in steps if s.ref == head and s.new), "")
    if not bare and (new_head or not head):
        target = new_head or ""
        if target:
            git.answer("read-tree", "-m", "-u", "HEAD", target)
    orders = []
    for step in steps:
        if not step.new:
            orders.append(f"delete {step.ref}\0{step.old}\0")
        elif step.old:
            orders.append(f"update {step.ref}\0{step.new}\0{step.old}\0")
        else:
            orders.append(f"create {step.ref}\0{step.new}\0")
    gone = [s for s in steps if not s.new and s.ref == head]
    if gone:
        made = next((s.ref for s in steps if not s.old and s.ref.startswith("refs/heads/")), "")
        if made:
            git.answer("update-ref", made, next(s.new for s in steps if s.ref == made))
            git.answer("read-tree", "-m", "-u", "HEAD", made)
            git.answer("symbolic-ref", "HEAD", made)
            orders = [order for order in orders if not order.startswith(f"create {made}\0")]
    git.answer(
        "update-ref", "--no-deref", "--stdin", "-z", given="".join(orders).encode("utf-8", "surrogateescape")
    )


def _remove(git: MirrorGit, prefix: str) -> None:
    orders = "".join(f"delete {r.name}\0\0" for r in read_references(git) if r.name.startswith(prefix))
    if orders:
        git.answer(
            "update-ref", "--no-deref", "--stdin", "-z", given=orders.encode("utf-8", "surrogateescape")
        )


def _forget(git: MirrorGit, tell: Callable[[str], None]) -> None:
    """Drop the logs and every object that nothing reaches any more."""
    tell("dropping the logs and the old objects of this clone")
    place = git.line("rev-parse", "--absolute-git-dir")
    for name in _NOTES:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(place, name))
    git.answer("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")
    done = git.ask("gc", "--quiet", "--prune=now")
    if not done.succeeded:
        raise Unavailable(
            f"the old objects could not be dropped: {git.told(done)}",
            where=git.git_dir,
            rule="leak-adopt",
            remedy="git gc --prune=now, then the same again",
        )


def _clean(mirror: HistoryMirror, ref: str) -> str:
    return mirror.remover.clean_name(ref.encode("utf-8", "surrogateescape")).decode(
        "utf-8", "surrogateescape"
    )

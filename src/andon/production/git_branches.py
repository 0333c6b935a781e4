"""Branches of the user's repository: making one, going there, marking a version, merging a fix.

The one adapter that changes the repository. It never throws work away: no force, no reset, no deleted branch.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile

from andon.errors import Conflict, NotFound, Refused, Unavailable
from andon.production.process import clean, run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.production.process import Finished

#: Seconds one question may take, and one step that writes files.
TIMEOUT, WRITING = 30.0, 600.0
#: Names under which the main line is looked for when the remote does not say.
_MAIN = ("main", "master", "trunk", "develop")
#: Lines around a change that have to be the same for it to count as the same change.
_CONTEXT = "--unified=3"
_ENVIRONMENT = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_MERGE_AUTOEDIT": "no", "GIT_EDITOR": "true"}


class GitBranches:
    """The port `Branches`."""

    def __init__(self, root: str) -> None:
        """Keep the root of a work tree; nothing is asked before the first question."""
        self.root = root

    # -- looking -----------------------------------------------------------------------------------

    def tip(self, branch: str) -> str:
        """Return the commit a branch or remote branch stands at, "" when there is no such branch."""
        for name in (f"refs/heads/{branch}", f"refs/remotes/{branch}"):
            answer = self._ask("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
            if answer.code == 0:
                return clean(answer.raw).strip()
        return ""

    def place_of(self, branch: str) -> str:
        """Return the work tree in which a branch is checked out, "" for none."""
        place = ""
        for line in self._answer("worktree", "list", "--porcelain").split(b"\n"):
            if line.startswith(b"worktree "):
                place = os.fsdecode(line.removeprefix(b"worktree "))
            elif line == b"branch refs/heads/" + os.fsencode(branch) and os.path.isdir(place):
                return place
        return ""

    def uncommitted(self, place: str = "") -> tuple[str, ...]:
        """Return the tracked files that differ from the last commit in a work tree (default: this one)."""
        answer = self._answer("status", "--porcelain", "-z", "--untracked-files=no", place=place)
        fields, found = iter(answer.split(b"\0")), []
        for field in fields:
            if len(field) > 3:
                found.append(field[3:].decode("utf-8", "backslashreplace"))
                if field[:1] in b"RC":
                    next(fields, None)  # the name before
        return tuple(found)

    def main_line(self) -> str:
        """Return the main branch: what the remote says, else the first of the usual names; "" for none."""
        for remote in ("origin", "upstream"):
            answer = self._ask("symbolic-ref", "--quiet", "--short", f"refs/remotes/{remote}/HEAD")
            if answer.code == 0:
                return clean(answer.raw).strip().removeprefix(f"{remote}/")
        return next((name for name in _MAIN if self.tip(name) or self.tip(f"origin/{name}")), "")

    def contains(self, holder: str, commit: str) -> bool:
        """True when `commit` is `holder` or came before it; raises NotFound for one that is not there."""
        answer = self._ask("merge-base", "--is-ancestor", commit, holder)
        if answer.code not in (0, 1):
            raise NotFound(
                f"git does not know {commit[:12]} or {holder[:12]}",
                where=self.root,
                remedy="git fetch --all --tags; in a shallow clone: git fetch --unshallow",
            )
        return answer.code == 0

    def unpicked(self, holder: str, base: str, head: str) -> tuple[str, ...]:
        """Return the commits in base..head of which `holder` has neither themselves nor the same patch."""
        answer = self._answer("cherry", holder, head, base)
        lines = clean(answer).splitlines()
        return tuple(line[2:].strip() for line in lines if line.startswith("+ "))

    def has_content(self, holder: str, base: str, head: str) -> bool:
        """True when everything that leads from `base` to `head` is in the files of `holder` already.

        It is when taking the whole change back from them would work. Nothing is written but a scratch index.
        """
        return self._applies(holder, base, head, "--reverse", empty=True)

    def lacks_content(self, holder: str, base: str, head: str) -> bool:
        """True when the change from `base` to `head` could be made on `holder`, but not be taken back."""
        if not self._applies(holder, base, head, empty=False):
            return False
        return not self._applies(holder, base, head, "--reverse", empty=True)

    def _applies(self, holder: str, base: str, head: str, *how: str, empty: bool) -> bool:
        patch = self._answer(
            "diff", _CONTEXT, "--binary", "--no-color", "--no-ext-diff", "--no-renames", base, head, "--"
        )
        if not patch.strip():
            return empty
        with tempfile.TemporaryDirectory(prefix="andon-index-") as scratch:
            extra = {"GIT_INDEX_FILE": os.path.join(scratch, "index")}
            if self._ask("read-tree", holder, extra=extra).code != 0:
                return False
            words = ("apply", "--cached", "--check", *how, "-")
            return self._ask(*words, extra=extra, given=patch).code == 0

    # -- changing ----------------------------------------------------------------------------------

    def start(self, branch: str, commit: str, place: str = "") -> str:
        """Make a branch at a commit, unless it is there, and check it out; return the work tree it is in.

        In this work tree, or in a new one at `place`. Raises Refused when git would lose something.
        """
        words = (branch,) if self.tip(branch) else ("-c", branch, commit)
        if not place:
            self._do("switch", "--quiet", "--no-track", *words, remedy="andon hotfix start --worktree")
            return self.root
        added = (place, branch) if self.tip(branch) else ("-b", branch, place, commit)
        self._do(
            "worktree", "add", "--quiet", *added, remedy=f"make room for it: {place}; git worktree prune"
        )
        return os.path.abspath(place)

    def lend(self, file: str, place: str) -> bool:
        """Put an untracked copy of one of our files at the root of `place`; False where there is one."""
        target = os.path.join(place, os.path.basename(file))
        if not os.path.isfile(file) or os.path.lexists(target):
            return False
        shutil.copyfile(file, target)
        return True

    def mark(self, version: str, commit: str) -> bool:
        """Make a tag at a commit; False when it is there already, or when no tag can be called that.

        Raises Conflict when it is elsewhere.
        """
        name = f"refs/tags/{version}"
        if self._ask("check-ref-format", name).code != 0:
            return False
        known = self._ask("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        there = clean(known.raw).strip() if known.code == 0 else ""
        if there and there != commit:
            raise Conflict(
                f"the tag {version} is at {there[:10]}, not at {commit[:10]}",
                where=self.root,
                rule="one-version-one-commit",
                remedy="andon hotfix ship ANOTHER_VERSION",
            )
        if there:
            return False
        self._do("update-ref", name, commit, "0" * len(commit), remedy="git tag")
        return True

    def merge(self, commit: str, into: str, message: str) -> str:
        """Merge a commit into a local branch, and return the merge; raises Refused and leaves nothing.

        Where the branch is checked out and clean it is done there, so that its files follow; else in a work
        tree of our own, which is gone afterwards. The team's hooks run as for any merge.
        """
        place = self.place_of(into)
        if place and self.uncommitted(place):
            raise Refused(
                f"{into} is checked out with uncommitted changes",
                where=place,
                rule="clean-merge",
                remedy="commit or stash them, then: andon hotfix finish --merge",
            )
        if place:
            return self._merge_at(place, commit, into, message)
        before = self.tip(into)
        with self._own_place(before) as own:
            merged = self._merge_at(own, commit, into, message)
            self._do("update-ref", f"refs/heads/{into}", merged, before, remedy="andon hotfix finish --merge")
        return merged

    @contextlib.contextmanager
    def _own_place(self, commit: str) -> Iterator[str]:
        place = tempfile.mkdtemp(prefix="andon-merge-")
        tree = os.path.join(place, "tree")
        try:
            self._do("worktree", "add", "--quiet", "--detach", tree, commit, remedy="git worktree prune")
            yield tree
        finally:
            self._ask("worktree", "remove", "--force", "--force", tree)
            shutil.rmtree(place, ignore_errors=True)
            self._ask("worktree", "prune")

    def _merge_at(self, place: str, commit: str, into: str, message: str) -> str:
        if self._ask("rev-parse", "--verify", "--quiet", "MERGE_HEAD", place=place).code == 0:
            raise Refused(  # `merge --abort` below would end theirs
                f"a merge is under way in the work tree of {into}",
                where=place,
                rule="clean-merge",
                remedy="end it: git commit; or git merge --abort; then: andon hotfix finish --merge",
            )
        words = ("merge", "--no-ff", "--no-edit", "--quiet", "-m", message, commit)
        answer = self._ask(*words, place=place, timeout=WRITING)
        if answer.code == 0:
            return clean(self._answer("rev-parse", "HEAD", place=place)).strip()
        unmerged = self._ask("diff", "--name-only", "--diff-filter=U", "-z", place=place).raw.split(b"\0")
        names = [name.decode("utf-8", "backslashreplace") for name in unmerged if name]
        self._ask("merge", "--abort", place=place)
        what = f"it conflicts in {', '.join(names[:5])}" if names else f"git says: {_told(answer)}"
        raise Refused(
            f"the hotfix does not merge into {into} by itself: {what}; nothing was changed",
            where=self.root,
            rule="clean-merge",
            remedy=f"git switch {into}; git merge --no-ff {commit[:12]}; then: andon hotfix finish",
        )

    # -- git ---------------------------------------------------------------------------------------

    def _do(self, *words: str, remedy: str) -> None:
        answer = self._ask(*words, timeout=WRITING)
        if answer.code != 0:
            raise Refused(
                f"git {words[0]} refuses: {_told(answer)}", where=self.root, rule="git", remedy=remedy
            )

    def _answer(self, *words: str, place: str = "") -> bytes:
        answer = self._ask(*words, place=place)
        if answer.code != 0:
            if b"not a git repository" in answer.errors:
                raise NotFound(
                    "this is not a git repository",
                    where=place or self.root,
                    remedy="run the command inside the repository",
                )
            raise Unavailable(f"git {words[0]} failed: {_told(answer)}", where=place or self.root)
        return answer.raw

    def _ask(
        self,
        *words: str,
        place: str = "",
        extra: dict[str, str] | None = None,
        given: bytes = b"",
        timeout: float = TIMEOUT,
    ) -> Finished:
        argv: Sequence[str] = ["git", "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.quotepath=off"]
        return run(
            [*argv, *words],
            cwd=place or self.root,
            env={**_ENVIRONMENT, **(extra or {})},
            timeout=timeout,
            limit=1 << 26,
            head=0,
            apart=True,
            given=given,
        )


def _told(answer: Finished) -> str:
    lines = [line.strip() for line in clean(answer.errors).splitlines() if line.strip()]
    return "; ".join(lines[:3]) if lines else answer.ending

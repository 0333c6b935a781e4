"""What git's references tell about a push, a build or a commit: which commits arrive, and on which branch."""

from __future__ import annotations

import os

from andon.errors import Unavailable
from andon.production.quick_git import QuickGit
from andon.production.workplace import common_directory, git_directory
from andon.response.change import ChangeCommit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.response.gates.pushed import Known

#: Bytes of git's own small files that are read.
_SMALL = 1 << 20
#: Tags of tags that are followed.
_DEEP = 16
_USUAL = ("refs/heads/main", "refs/heads/master")


class GitRanges:
    """The port `Ranges`."""

    def __init__(self, root: str, git: QuickGit | None = None) -> None:
        """Keep the root; nothing is asked before the first question."""
        self.root = root
        self._made = git

    @property
    def _git(self) -> QuickGit:
        if self._made is None:
            self._made = QuickGit(self.root)
        return self._made

    def commit(self, name: str) -> str:
        """Return the commit that a name or a tag stands for; "" when it is not here, or no commit."""
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        answer = self._git.ask(*asked)
        return answer.raw.decode("ascii", "replace").strip() if answer.code == 0 else ""

    def tag_message(self, name: str) -> str:
        """Return an annotated tag as git keeps it, with the tags that it tags; "" for anything else."""
        told: list[str] = []
        for _ in range(_DEEP):
            answer = self._git.ask("cat-file", "tag", name)
            if answer.code != 0:
                return "\n".join(told)
            told.append(answer.raw.decode("utf-8", "backslashreplace"))
            name = told[-1].partition("\n")[0].removeprefix("object ")
        raise Unavailable(f"a tag of more than {_DEEP} tags is not judged", where=name[:10])

    def branch(self) -> str:
        """Return the branch that is checked out, or that is being rebased; "" when HEAD is detached."""
        own = git_directory(self.root)
        if own is None:
            return ""
        for name in ("rebase-merge/head-name", "rebase-apply/head-name"):
            if (rebased := _read(os.path.join(own, name)).strip()).startswith("refs/heads/"):
                return rebased.removeprefix("refs/heads/")
        head = _read(os.path.join(own, "HEAD")).strip()
        if head.startswith("ref: refs/heads/") and not head.endswith("/.invalid"):
            return head.removeprefix("ref: refs/heads/")
        if not head.startswith("ref: "):
            return ""
        answer = self._git.ask("symbolic-ref", "--quiet", "--short", "HEAD")  # references in another store
        return answer.raw.decode("utf-8", "backslashreplace").strip() if answer.code == 0 else ""

    def default_branch(self) -> str:
        """Return the branch that a clone begins with: that of the remote, of a bare repository; else main."""
        if not os.path.lexists(os.path.join(self.root, ".git")):
            answer = self._git.ask("symbolic-ref", "--quiet", "--short", "HEAD")
            return answer.raw.decode("utf-8", "backslashreplace").strip() if answer.code == 0 else ""
        form = "--format=%(refname) %(symref)"
        found = dict(
            line.split(" ", 1)
            for line in self._git.answer("for-each-ref", form, "refs/remotes/*/HEAD", *_USUAL)
            .decode("utf-8", "backslashreplace")
            .splitlines()
        )
        remote = found.get("refs/remotes/origin/HEAD") or next((s for s in found.values() if s), "")
        if remote:
            return remote.split("/", 3)[3]
        return next((name.removeprefix("refs/heads/") for name in _USUAL if name in found), "")

    def is_ancestor(self, one: str, other: str) -> bool:
        """True when `other` reaches `one`."""
        return self._git.ask("merge-base", "--is-ancestor", one, other).code == 0

    def merge_base(self, one: str, others: Sequence[str]) -> str:
        """Return the newest commit that `one` has in common with any of the others; "" for none."""
        answer = self._git.ask("merge-base", one, *others)
        return answer.raw.decode("ascii", "replace").strip() if answer.code == 0 else ""

    def arriving(
        self, head: str, known: Known, limit: int = 10_000
    ) -> tuple[tuple[ChangeCommit, ...], tuple[str, ...]]:
        """Return the commits that `head` reaches and nothing known does, newest first, and those just before.

        One more than `limit` commits are returned when there are more.
        """
        form = "--format=%m%H%n%P%n%B"
        options = ("-z", "--no-color", "--boundary", f"--max-count={limit + 1}", form)
        answer = self._git.answer("log", *options, head, *_excluded(known), "--", limit=1 << 28)
        found, edges = [], []
        for entry in answer.split(b"\0"):
            if not entry:
                continue
            identity, parents, message = [*entry.decode("utf-8", "replace").split("\n", 2), "", ""][:3]
            if identity.startswith("-"):
                edges.append(identity[1:])
            else:
                told = message.rstrip("\n")
                found.append(ChangeCommit(id=identity[1:], message=told, parents=tuple(parents.split())))
        return tuple(found), tuple(edges)

    def not_in(self, head: str, other: str, limit: int = 10_000) -> tuple[str, ...]:
        """Return what `head` reaches and `other` neither reaches nor has in another commit, newest first."""
        options = ("--cherry-pick", "--right-only", f"--max-count={limit}")
        answer = self._git.answer("rev-list", *options, f"{other}...{head}", "--")
        return tuple(answer.decode("ascii", "replace").split())

    def by_hand(self, merge: ChangeCommit) -> tuple[str, ...] | None:
        """Return the files of a merge that are not what git makes of its two parents, conflicts apart.

        None when that cannot be told: more parents, or a git older than 2.38.
        """
        if len(merge.parents) != 2:
            return None
        options = ("--write-tree", "--name-only", "--no-messages", "-z")
        answer = self._git.ask("merge-tree", *options, *merge.parents)
        tree, *conflicts = answer.raw.split(b"\0")
        if answer.code not in (0, 1) or answer.is_cut or not tree:
            return None
        words = ("-r", "-z", "--name-only", "--no-renames", tree.decode("ascii", "replace"), merge.id)
        other = self._git.answer("diff-tree", *words).split(b"\0")
        return tuple(p.decode("utf-8", "backslashreplace") for p in other if p and p not in conflicts)

    def heads_of(self, branch: str) -> tuple[str, ...]:
        """Return the commits at which a branch stands, here and on the remotes."""
        if not branch or any(letter in branch for letter in "*?[\\"):
            return ()
        places = (f"refs/heads/{branch}", f"refs/remotes/*/{branch}")
        answer = self._git.answer("for-each-ref", "--format=%(objectname)", *places)
        return tuple(dict.fromkeys(answer.decode("ascii", "replace").split()))

    def cut_off(self) -> tuple[str, ...]:
        """Return the commits whose parents are left out of this clone; empty for a whole one."""
        shared = common_directory(self.root)
        return tuple(_read(os.path.join(shared, "shallow")).split()) if shared else ()

    def remote_of(self, name: str, address: str) -> str:
        """Return the remote whose branches are known here: by its name or address; "*" when there is none."""
        found = name if name != address else self._named_by(address)
        if not found or any(letter in found for letter in "*?[\\"):
            return "*"
        known = self._git.answer("for-each-ref", "--count=1", "--format=x", f"refs/remotes/{found}/")
        return found if known.strip() else "*"

    def _named_by(self, address: str) -> str:
        answer = self._git.ask("config", "-z", "--get-regexp", r"^remote\..*\.(url|pushurl)$")
        for entry in answer.raw.decode("utf-8", "backslashreplace").split("\0"):
            key, _, value = entry.partition("\n")
            if value and value == address:
                return key.removeprefix("remote.").rpartition(".")[0]
        return ""

    def remotes(self) -> tuple[str, ...]:
        """Return the remotes that are configured, and those whose branches are known here."""
        configured = self._git.answer("remote").decode("utf-8", "backslashreplace").splitlines()
        told = self._git.answer("for-each-ref", "--format=%(refname:lstrip=2)", "refs/remotes/")
        known = (line.partition("/")[0] for line in told.decode("utf-8", "backslashreplace").splitlines())
        return tuple(dict.fromkeys(name for name in (*configured, *known) if name))

    def settings(self, *names: str) -> dict[str, str]:
        """Return git's settings of these names (in lower case) that are given."""
        wanted = "|".join(name.replace(".", r"\.") for name in names)
        answer = self._git.ask("config", "-z", "--get-regexp", f"^({wanted})$")
        entries = answer.raw.decode("utf-8", "backslashreplace").split("\0")
        return {key: value for key, _, value in (entry.partition("\n") for entry in entries) if key}

    def file(self, commit: str, path: str) -> bytes | None:
        """Return a file of a commit; None when there is none. Raises Unavailable for a large one."""
        answer = self._git.ask("cat-file", "blob", f"{commit}:{path}", limit=_SMALL)
        if answer.is_cut:
            raise Unavailable(f"it is larger than {_SMALL} bytes", where=f"{commit[:10]}:{path}")
        return answer.raw if answer.code == 0 else None


def _excluded(known: Known) -> tuple[str, ...]:
    words: list[str] = [*known.commits]
    if known.own:
        words += [*(f"--exclude={pattern}" for pattern in known.but), "--all"]
    if known.remote == "*":
        words.append("--remotes")
    elif known.remote:
        words.append(f"--remotes={known.remote}/*")
    return ("--not", *words) if words else ()


def _read(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(_SMALL).decode("utf-8", "backslashreplace")
    except OSError:
        return ""

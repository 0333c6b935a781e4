"""What a repository knows before a reference moves: its history, also what only its logs still name."""

from __future__ import annotations

import os

from andon.errors import Unavailable
from andon.incident.digest import digest
from andon.production.quick_git import QuickGit
from andon.production.workplace import common_directory, git_directory
from andon.response.change import ChangedFile, Kind
from andon.response.gates.moved import UNJUDGED, content_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from andon.production.quick_git import Answer

#: Bytes of a log of references, from its end: some thousand moves.
_LOG = 1 << 20
#: Files of a tree that a tag names by itself.
_FILES = 1 << 26
#: All references but those that nobody judged as they moved: the stash, and what git keeps for itself.
_ALL = (*(f"--exclude={pattern}" for pattern in UNJUDGED), "--all")
_RAW = ("--raw", "--no-abbrev", "--no-renames", "--no-color", "--no-ext-diff", "--format=commit %H")


class GitReferences:
    """The port `References`."""

    def __init__(self, root: str, git: QuickGit | None = None) -> None:
        """Keep the root; nothing is asked before the first question."""
        self.root = root
        self._made = git

    @property
    def _git(self) -> QuickGit:
        if self._made is None:
            self._made = QuickGit(self.root)
        return self._made

    def exists(self, ref: str) -> bool:
        """True when there is a reference of this name."""
        return self._git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", ref).code == 0

    def files(self, identity: str) -> tuple[ChangedFile, ...]:
        """Return what a tag of a file or a tree holds; raises Unavailable for what is neither."""
        kind = self._git.answer("cat-file", "-t", f"{identity}^{{}}").strip()
        whole = self._git.answer("rev-parse", "--verify", f"{identity}^{{}}").decode("ascii").strip()
        if kind == b"blob":
            return (ChangedFile(path="", kind=Kind.ADDED, new_mode="100644", new_object=whole),)
        if kind != b"tree":
            raise Unavailable(f"{identity[:10]} is neither a commit nor a file", where=self.root)
        found = []
        for entry in self._git.answer("ls-tree", "-r", "-z", whole, limit=_FILES).split(b"\0"):
            head, _, path = entry.partition(b"\t")
            if path:
                mode, _, name = head.decode("ascii").split(" ")
                told = path.decode("utf-8", "backslashreplace")
                found.append(ChangedFile(path=told, kind=Kind.ADDED, new_mode=mode, new_object=name))
        return tuple(found)

    def versions(self, path: str, but: Collection[str], limit: int = 50) -> tuple[str, ...]:
        """Return what the known history had at a path, newest first, without what `but` brought."""
        return tuple(dict.fromkeys(new for _, new in self._touching(("--", path), but, limit) if new))

    def holds(self, identity: str, but: Collection[str]) -> bool:
        """True when the known history brought this very content, and not only commits in `but`."""
        found = self._touching((f"--find-object={identity}",), but, 100)
        return any(new == identity for _, new in found)

    def messages(self, but: Collection[str]) -> Iterator[str]:
        """Yield every message of the known history, without those in `but`."""
        answer = self._git.answer("log", "-z", "--format=%H%n%B", *self._tips(), "--", limit=1 << 28)
        for entry in answer.split(b"\0"):
            identity, _, message = entry.decode("utf-8", "replace").partition("\n")
            if identity and identity not in but:
                yield message.rstrip("\n")

    def reached(self, head: str, commits: Collection[str]) -> tuple[str, ...]:
        """Return which of `commits` a reference gets that moves to `head`, and no branch or tag has here."""
        answer = self._git.answer("rev-list", head, "--not", "--branches", "--tags", limit=1 << 28)
        return tuple(one for one in answer.decode("ascii", "replace").split() if one in commits)

    def is_start_of_replay(self, new: str) -> bool:
        """True when HEAD is about to go where a rebase will put commits, before the first of them."""
        own = git_directory(self.root) or self.root
        for place in ("rebase-merge", "rebase-apply"):
            if _read(os.path.join(own, place, "onto")).strip() == new:
                return not _read(os.path.join(own, place, "done")).strip()
        return False

    def is_replaying(self) -> bool:
        """True while a rebase, a series of picks or a mailbox is under way."""
        own = git_directory(self.root) or self.root
        return any(os.path.isdir(os.path.join(own, n)) for n in ("rebase-merge", "rebase-apply", "sequencer"))

    def is_partial(self) -> bool:
        """True for a clone that fetches contents when they are asked for."""
        asked = r"^(extensions\.partialclone|remote\..*\.promisor)$"
        return self._git.ask("config", "--get-regexp", asked).code == 0

    def index(self) -> tuple[str, str]:
        """Return the tree of what is staged, and the commit it will follow; "" where there is none."""
        tree = self._git.ask("write-tree")
        return _said(tree), self._branch_tip() or _said(self._git.ask("rev-parse", "-q", "--verify", "HEAD"))

    def _branch_tip(self) -> str:
        """Return where HEAD is as far as git's loose files say it: a process less before each commit."""
        own, shared = git_directory(self.root), common_directory(self.root)
        head = _read(os.path.join(own, "HEAD")).strip() if own else ""
        name = head.removeprefix("ref: ")
        if not shared or not name.startswith("refs/heads/") or ".." in name:
            return ""
        tip = _read(os.path.join(shared, name)).strip()
        return tip if len(tip) in (40, 64) and not tip.strip("0123456789abcdef") else ""

    def tips(self) -> tuple[str, ...]:
        """Return the commits at which the branches of this repository stand."""
        answer = self._git.answer("for-each-ref", "--format=%(objectname)", "refs/heads/")
        return tuple(dict.fromkeys(answer.decode("ascii", "replace").split()))

    def since(self, before: Sequence[str], limit: int) -> tuple[tuple[str, str, str], ...]:
        """Return commits of the branches that nothing in `before` reaches, newest first.

        Each with its author and what a receipt of its content would be called (`response.gates.moved`).
        """
        given = "".join(f"^{one}\n" for one in before).encode()
        form = "--format=%H%n%an%n%T %P%n%B"
        words = ("-z", "--branches", "--ignore-missing", f"--max-count={limit}", form, "--stdin")
        found = []
        for entry in self._git.answer("log", *words, given=given, limit=1 << 28).split(b"\0"):
            identity, author, made, message = [*entry.decode("utf-8", "replace").split("\n", 3), *[""] * 3][
                :4
            ]
            if identity:
                tree, _, parents = made.partition(" ")
                found.append((identity, author, digest(content_of(tree, parents, message).encode())))
        return tuple(found)

    def version(self) -> str:
        """Return git's version as it tells it."""
        return self._git.answer("version").decode("ascii", "replace").strip()

    def _touching(self, words: tuple[str, ...], but: Collection[str], limit: int) -> list[tuple[str, str]]:
        """Return (commit, content) of the newest changes in the known history that `words` choose."""
        options = [word for word in words if word.startswith("--find")]
        paths = words if not options else ("--",)
        asked = ("--literal-pathspecs", "log", f"--max-count={limit}", *_RAW, *options, *self._tips(), *paths)
        found, commit = [], ""
        for line in self._git.answer(*asked).decode("utf-8", "backslashreplace").splitlines():
            if line.startswith("commit "):
                commit = line[7:]
            elif line.startswith(":") and commit not in but:
                new = line.split(" ")[3]
                found.append((commit, new if new.strip("0") else ""))
        return found

    def _tips(self) -> tuple[str, ...]:
        """Return what begins the known history: references, and where HEAD was before."""
        own, shared = git_directory(self.root), common_directory(self.root)
        if own is None or shared is None:
            return _ALL
        logged = _read(os.path.join(own, "logs", "HEAD"))[-_LOG:].splitlines()
        moves = [word for line in logged for word in line.split(" ", 2)[:2]]
        moves.append(_read(os.path.join(own, "ORIG_HEAD")).strip())
        ids = [one for one in dict.fromkeys(moves) if len(one) in (40, 64) and one.strip("0")]
        return ("--ignore-missing", *ids[-500:], *_ALL)


def _said(answer: Answer) -> str:
    return answer.raw.decode("ascii", "replace").strip() if answer.code == 0 else ""


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""

"""The git repository in which the command was given, asked through the git command."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime

from andon.desk.values import Commit, FileChange
from andon.errors import InvalidInput, NotFound, Unavailable
from andon.production.process import clean, run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.production.process import Finished

#: Seconds one question to git may take.
TIMEOUT = 30.0
#: Bytes of an answer; a list of names is never cut, a longer one is an error.
LIMIT = 1 << 26

#: Files whose content one question asks for.
_BATCH = 30

#: What a file went through, by git's letter; what else there is (a type change) counts as changed.
_KINDS = {b"A": "added", b"D": "removed", b"M": "changed"}
#: How git writes the mode of a submodule.
_SUBMODULE = b"160000"
_OBJECT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
#: What a tag, branch, commit or `HEAD~3` can look like; never an option, a range or a search.
_REFERENCE = re.compile(r"(?![-:^])(?!.*\.\.)[^\x00-\x20\x7f*?\[\\]{1,250}")
_SETTINGS = (
    "core.quotepath=off",
    "i18n.logOutputEncoding=UTF-8",
    "log.showSignature=false",
    "core.fsmonitor=false",
)
_ENVIRONMENT = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


class GitRepository:
    """A repository on this machine: a work tree, a linked worktree, a submodule or a bare repository."""

    def __init__(self, root: str, *, timeout: float = TIMEOUT) -> None:
        """Keep the root; nothing is asked before the first question."""
        self.root = root
        self._timeout = timeout

    def commit_of(self, reference: str) -> str:
        """Return the full commit id of a tag, branch or commit; raises NotFound, InvalidInput."""
        if not _REFERENCE.fullmatch(reference):
            raise InvalidInput(
                f"{reference[:120]!r} cannot name a commit",
                where=self.root,
                remedy="give a tag, a branch or a commit id",
            )
        commit = self._resolve(reference)
        if not commit:
            raise NotFound(
                f"no tag, branch or commit is called {reference!r}",
                where=self.root,
                remedy=self._how_to_find(),
            )
        return commit

    def head(self) -> str:
        """Return the commit id of HEAD; raises NotFound in an empty repository."""
        commit = self._resolve("HEAD")
        if not commit:
            raise NotFound(
                "the repository has no commit yet", where=self.root, remedy="make the first one: git commit"
            )
        return commit

    def tags(self) -> tuple[tuple[str, str], ...]:
        """Return (tag, commit id), oldest first; tags of something else than a commit are left out."""
        fields = "%(refname:lstrip=2)%00%(objecttype) %(objectname)%00%(*objecttype) %(*objectname)"
        # The last key counts most; of tags made in the same second the smaller version is the older one.
        order = ("--sort=version:refname", "--sort=creatordate")
        answer = self._answer("for-each-ref", *order, f"--format={fields}", "refs/tags")
        found = []
        for line in answer.decode("utf-8", "replace").splitlines():
            name, direct, peeled = line.split("\0")
            commit = self._peeled(name, direct, peeled)
            if commit:
                found.append((name, commit))
        return tuple(found)

    def changed_files(self, base: str, head: str) -> tuple[str, ...]:
        """Return the paths that differ between two commits, both names of a renamed one.

        Bytes of a name that are not UTF-8 come as `\\xNN`. Raises NotFound, and Unavailable when a submodule
        differs: which files that are, only another repository knows.
        """
        return tuple(change.path for change in self.changes(base, head))

    def changes(self, base: str, head: str) -> tuple[FileChange, ...]:
        """Return the files that differ between two commits; as `changed_files` otherwise."""
        commits = (self.commit_of(base), self.commit_of(head))
        answer = self._answer("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-ext-diff", *commits)
        fields = answer.split(b"\0")
        names = [name.decode("utf-8", "backslashreplace") for name in fields[1::2]]
        for modes, name in zip(fields[::2], names, strict=False):
            if _SUBMODULE in modes[1:].split(b" ")[:2]:
                raise Unavailable(
                    f"the submodule {name} differs, and so may any file in it",
                    where=self.root,
                    remedy=f"look into it yourself: git -C {name} log",
                )
        kinds = [_KINDS.get(modes.rpartition(b" ")[2][:1], "changed") for modes in fields[::2]]
        return tuple(FileChange(path=name, kind=kind) for name, kind in zip(names, kinds, strict=False))

    def content(self, commit: str, path: str) -> bytes | None:
        """Return a file as it is in a commit; None when there is none. Raises NotFound, Unavailable."""
        whole = bool(_OBJECT.fullmatch(commit))
        place = f"{commit if whole else self.commit_of(commit)}:{path}"
        answer = self._ask("cat-file", "blob", place)
        if answer.code == 0:
            return answer.raw
        if whole:  # asked only now: a range is read with one question a file
            self.commit_of(commit)
        return (
            None if self._ask("cat-file", "-e", place).code != 0 else self._answer("cat-file", "blob", place)
        )

    def contents(self, commit: str, paths: Sequence[str], largest: int) -> dict[str, bytes]:
        """Return files as they are in a commit, by path, in two questions; raises NotFound, Unavailable.

        Left out is what is not there, no file, or longer than `largest` bytes.
        """
        whole = commit if _OBJECT.fullmatch(commit) else self.commit_of(commit)
        plain = [path for path in dict.fromkeys(paths) if "\n" not in path]
        asked = "".join(f"{whole}:{path}\n" for path in plain).encode("utf-8", "surrogateescape")
        if not asked:
            return {}
        answer = self._answer(
            "cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", given=asked
        )
        objects: dict[str, str] = {}
        for path, line in zip(plain, answer.decode("utf-8", "replace").split("\n"), strict=False):
            name, _, rest = line.partition(" ")
            kind, _, size = rest.partition(" ")
            if _OBJECT.fullmatch(name) and kind == "blob" and size.isdecimal() and int(size) <= largest:
                objects[path] = name
        if not objects:
            self.commit_of(whole)  # not even the commit may be there
        found = self._blobs(list(dict.fromkeys(objects.values())))
        return {path: found[name] for path, name in objects.items() if name in found}

    def _blobs(self, names: Sequence[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for first in range(0, len(names), _BATCH):
            asked = "".join(f"{name}\n" for name in names[first : first + _BATCH]).encode()
            answer, place = self._answer("cat-file", "--batch", given=asked), 0
            while (end := answer.find(b"\n", place)) >= 0:
                name, _, rest = answer[place:end].decode("ascii", "replace").partition(" ")
                kind, _, size = rest.partition(" ")
                if kind != "blob" or not size.isdecimal():
                    raise Unavailable(f"git cannot read the object {name[:64]}", where=self.root)
                found[name] = answer[end + 1 : end + 1 + int(size)]
                place = end + 2 + int(size)
        return found

    def search(
        self, commit: str, words: Sequence[str], endings: Sequence[str], limit: int
    ) -> tuple[str, ...]:
        """Return the paths of text files in a commit that hold one of `words`, at most `limit`, by path.

        Only files whose name has one of `endings` are looked at. Raises NotFound, Unavailable.
        """
        told = [part for word in words for part in ("-e", word)]
        places = [f":(glob)**/*{ending}" for ending in endings]
        whole = self.commit_of(commit)
        form = ("--name-only", "-z", "-I", "-F", "--no-color", "--full-name", "--no-recurse-submodules")
        answer = self._ask("grep", *form, *told, whole, "--", *places)
        if answer.code not in (0, 1):
            raise Unavailable(f"git grep failed: {_first_line(answer)}", where=self.root)
        names = (n.partition(b":")[2].decode("utf-8", "backslashreplace") for n in answer.raw.split(b"\0"))
        return tuple(sorted(name for name in names if name))[:limit]

    def files(self, commit: str, under: str = "") -> tuple[str, ...]:
        """Return the paths of all files in a commit, or of those below a directory; raises NotFound."""
        below = ("--", under.rstrip("/") + "/") if under.strip("/") else ()
        answer = self._answer(
            "ls-tree", "-r", "-z", "--name-only", "--full-tree", self.commit_of(commit), *below
        )
        return tuple(name.decode("utf-8", "backslashreplace") for name in answer.split(b"\0") if name)

    def line(self, base: str, head: str) -> tuple[Commit, ...]:
        """Return the commits of the main line after `base` up to `head`, oldest first; raises NotFound."""
        span = f"{self.commit_of(base)}..{self.commit_of(head)}"
        form = "--format=%H%x00%ct%x00%an%x00%s"
        answer = self._answer("log", "--no-color", "--first-parent", "--reverse", form, span, "--")
        found = []
        for row in answer.decode("utf-8", "replace").split("\n"):
            commit, _, rest = row.partition("\0")
            seconds, _, rest = rest.partition("\0")
            author, _, subject = rest.partition("\0")
            if commit and seconds.isdecimal():
                moment = datetime.fromtimestamp(int(seconds), UTC)
                told = clean(subject.encode()).strip()
                found.append(Commit(id=commit, subject=told, committed_at=moment, author=author))
        return tuple(found)

    def touched(self, base: str, head: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the commits of `line` with the files each of them changed; raises NotFound."""
        span = f"{self.commit_of(base)}..{self.commit_of(head)}"
        form = ("--first-parent", "-m", "--reverse", "--no-renames", "--no-ext-diff", "--name-only", "-z")
        answer = self._answer("log", "--no-color", *form, "--format=%x01%H", span, "--")
        found: list[tuple[str, list[str]]] = []
        for field in answer.split(b"\0"):
            text = field.removeprefix(b"\n").decode("utf-8", "backslashreplace")
            if text[:1] == "\x01" and _OBJECT.fullmatch(text[1:]):
                found.append((text[1:], []))
            elif text and found:
                found[-1][1].append(text)
        return tuple((commit, tuple(paths)) for commit, paths in found)

    def commits(self, base: str, head: str, limit: int = 50) -> tuple[str, ...]:
        """Return `short-id subject` of the commits in base..head, newest first; raises NotFound."""
        span = f"{self.commit_of(base)}..{self.commit_of(head)}"
        answer = self._answer(
            "log", "--no-color", f"--max-count={max(limit, 0)}", "--format=%h %s", span, "--"
        )
        return tuple(line.strip() for line in clean(answer).split("\n") if line.strip())

    def is_shallow(self) -> bool:
        """Say whether history was left out when the repository was cloned."""
        return self._ask("rev-parse", "--is-shallow-repository").raw.strip() == b"true"

    def _resolve(self, reference: str) -> str:
        """Return the commit id; "" when there is none."""
        answer = self._ask("rev-parse", "--verify", "--quiet", "--end-of-options", reference + "^{commit}")
        commit = answer.raw.decode("ascii", "replace").strip().rpartition("\n")[2]
        return commit if answer.code == 0 and _OBJECT.fullmatch(commit) else ""

    def _peeled(self, name: str, direct: str, peeled: str) -> str:
        kind, _, commit = direct.partition(" ")
        if kind == "tag":
            kind, _, commit = peeled.partition(" ")
        if kind == "tag":  # a tag of a tag: older git peels once only
            try:
                return self.commit_of(f"refs/tags/{name}")
            except (NotFound, InvalidInput):
                return ""
        return commit if kind == "commit" else ""

    def _how_to_find(self) -> str:
        if self.is_shallow():
            return "history was left out of this clone: git fetch --unshallow --tags"
        return "fetch what others pushed: git fetch --tags"

    def _answer(self, *arguments: str, given: bytes = b"") -> bytes:
        answer = self._ask(*arguments, given=given)
        if answer.code != 0:
            raise Unavailable(f"git {arguments[0]} failed: {_first_line(answer)}", where=self.root)
        return answer.raw

    def _ask(self, *arguments: str, given: bytes = b"") -> Finished:
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        answer = run(
            ["git", "--no-pager", *settings, *arguments],
            cwd=self.root,
            env=_ENVIRONMENT,
            timeout=self._timeout,
            limit=LIMIT,
            head=0,
            apart=True,
            given=given,
        )
        self._complain(answer, arguments[0])
        return answer

    def _complain(self, answer: Finished, command: str) -> None:
        if answer.failure and not os.path.isdir(self.root):
            raise NotFound("this directory is gone", where=self.root, remedy="cd into the repository again")
        if answer.failure:
            raise Unavailable(answer.failure, where=self.root, remedy="install git and put it on PATH")
        if answer.timed_out or answer.left_out:
            what = answer.ending if answer.timed_out else f"its answer is larger than {LIMIT} bytes"
            raise Unavailable(f"git {command}: {what}", where=self.root)
        if b"dubious ownership" in answer.errors:
            raise Unavailable(
                "the repository belongs to another user, and git refuses to read it",
                where=self.root,
                remedy=f"git config --global --add safe.directory {self.root}",
            )
        if b"not a git repository" in answer.errors:
            raise NotFound(
                "this is not a git repository",
                where=self.root,
                remedy="run the command inside the repository, or make one: git init",
            )


def _first_line(answer: Finished) -> str:
    lines = clean(answer.errors).strip().splitlines()
    return lines[0] if lines else answer.ending

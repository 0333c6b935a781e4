"""Changes as git sees them: what is staged, and what a range of commits alters."""

from __future__ import annotations

import os

from andon.errors import NotFound, Unavailable
from andon.production.git_diff import read_diff
from andon.production.quick_git import QuickGit
from andon.record import replace
from andon.response.change import Change, ChangeCommit, Everything

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.response.change import ChangedFile

#: Bytes of a diff; of a larger change only the names of its files are known.
_DIFF = 1 << 26
#: Commits that are compared by one process.
_TOGETHER = 200
#: Files larger than this (bytes) are not compared line by line, as if they were binary.
LARGEST = 4 << 20
#: Bytes of contents that are read together.
_AT_ONCE = 1 << 24
_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_DIFF_OPTIONS = (
    "--raw", "-z", "--no-abbrev", "--full-index", "--no-color", "--no-ext-diff", "--no-textconv",
    "--find-renames", "--ignore-submodules=none", "--submodule=short", "--no-indent-heuristic",
    "--diff-algorithm=myers",
)  # fmt: skip
_PATCH = ("--patch", "--unified=0", "--inter-hunk-context=0")


class GitChanges:
    """The port `Changes`."""

    def __init__(self, root: str, git: QuickGit | None = None) -> None:
        """Keep the root; nothing is asked before the first question."""
        self.root = root
        self._made = git

    @property
    def _git(self) -> QuickGit:
        if self._made is None:
            self._made = QuickGit(self.root)
        return self._made

    def staged(self, base: str = "") -> Change:
        """Return what a commit of the index changes, or all since `base`; raises NotFound, Unavailable."""
        start = self._commit(base) if base else ""
        return self._change(start, "", ("diff", "--cached", *((start,) if start else ())))

    def between(self, base: str, head: str) -> Change:
        """Return what leads from one commit to another; "" as base is the empty tree."""
        start, end = self._commit(base) if base else "", self._commit(head)
        change = self._change(start, end, ("diff-tree", "-r", start or self._empty_tree(), end))
        return replace(change, commits=self.commits((start,) if start else (), end))

    def commits(self, without: Sequence[str], head: str, limit: int = 10_000) -> tuple[ChangeCommit, ...]:
        """Return the commits that `head` reaches and none of `without` does, newest first."""
        form = "--format=%H%n%P%n%B"
        options = ("-z", "--no-color", f"--max-count={limit}", form, self._commit(head))
        excluded = [f"^{self._commit(one)}" for one in without]
        answer = self._git.answer("log", *options, *excluded, "--")
        found = []
        for entry in answer.split(b"\0"):
            if entry:
                identity, parents, message = [*entry.decode("utf-8", "replace").split("\n", 2), "", ""][:3]
                told = message.rstrip("\n")
                found.append(ChangeCommit(id=identity, message=told, parents=tuple(parents.split())))
        return tuple(found)

    def merge_base(self, one: str, other: str) -> str:
        """Return the newest commit that both have; "" when they have none in common."""
        answer = self._git.ask("merge-base", self._commit(one), self._commit(other))
        return answer.raw.decode("ascii", "replace").strip() if answer.code == 0 else ""

    def each(self, commits: Sequence[ChangeCommit]) -> Iterator[Change]:
        """Return which files each commit changes against its first parent, one commit after the other.

        Of a merge only the files are told that differ from all its parents. The lines that differ are not
        told: comparing contents takes git much longer than naming them.
        """
        merged = self._merged([commit.id for commit in commits if len(commit.parents) > 1])
        for first in range(0, len(commits), _TOGETHER):
            part = commits[first : first + _TOGETHER]
            plain = self._together([commit for commit in part if commit.id not in merged])
            for commit in part:
                if commit.id not in merged:
                    yield next(plain)
                    continue
                only = merged[commit.id]
                change = self._alone(commit) if only else Change(base=commit.parents[0], head=commit.id)
                files = tuple(f for f in change.files if f.path in only)
                yield replace(change, files=files, commits=(commit,))

    def _alone(self, commit: ChangeCommit) -> Change:
        parent = commit.parents[0] if commit.parents else ""
        change = self._change(parent, commit.id, ("diff-tree", "-r", parent or self._empty_tree(), commit.id))
        return replace(change, commits=(commit,))

    def _together(self, commits: Sequence[ChangeCommit]) -> Iterator[Change]:
        """Return what ordinary commits change, by one process of git; one by one when that is too much.

        What stands between their differences nobody can have known who made a commit.
        """
        if len(commits) < 2:
            yield from map(self._alone, commits)
            return
        mark = os.urandom(16).hex()
        words = ("--stdin", "-r", "--root", f"--pretty=format:{mark}%H", *_DIFF_OPTIONS)
        asked = "".join(f"{commit.id}\n" for commit in commits).encode()
        answer = self._git.ask("diff-tree", *words, given=asked, limit=_DIFF)
        parts = answer.raw.split(mark.encode())[1:]
        if answer.is_cut or answer.code != 0 or len(parts) != len(commits):
            yield from map(self._alone, commits)
            return
        for commit, part in zip(commits, parts, strict=True):
            told = part[len(commit.id) :].lstrip(b"\0\n")
            parent = commit.parents[0] if commit.parents else ""
            yield Change(base=parent, head=commit.id, files=read_diff(told), commits=(commit,))

    def _merged(self, merges: Sequence[str]) -> dict[str, frozenset[str]]:
        """Return by its id the files in which each merge differs from all its parents."""
        if not merges:
            return {}
        mark = os.urandom(16).hex()
        words = ("--stdin", "-c", "-r", "-z", "--name-only", f"--pretty=format:{mark}%H")
        asked = "".join(f"{merge}\n" for merge in merges).encode()
        answer = self._git.answer("diff-tree", *words, given=asked, limit=1 << 28)
        found = dict.fromkeys(merges, frozenset[str]())
        for part in answer.split(mark.encode())[1:]:
            name, told = part[: len(merges[0])], part[len(merges[0]) :]
            # A zero byte ends the header where paths follow, however these begin.
            paths = told.split(b"\0")[1:]
            found[name.decode("ascii")] = frozenset(p.decode("utf-8", "backslashreplace") for p in paths if p)
        return found

    def with_texts(self, change: Change, largest: int = LARGEST) -> Change:
        """Return the change with the text of its files before and after, as far as they are texts.

        What is larger than `largest` bytes, binary or a submodule says so in `unread`.
        """
        wanted = [f for f in change.files if not f.is_submodule]
        objects = sorted({o for f in wanted for o in (f.old_object, f.new_object) if o.strip("0")})
        contents = self._blobs(objects, largest)
        return replace(change, files=tuple(_with_text(f, contents) for f in change.files))

    def blob(self, identity: str) -> bytes:
        """Return the content of an object; raises Unavailable when it is not there."""
        return self._git.answer("cat-file", "blob", identity)

    def content(self, head: str, path: str) -> bytes | None:
        """Return a file as it is in a commit, or in the index for ""; None when it is not there."""
        return self.contents(head, (path,)).get(path)

    def contents(self, head: str, paths: Sequence[str]) -> dict[str, bytes]:
        """Return the files that are there, by path; what is no file (a folder, a submodule) is not there.

        Raises Unavailable for a file larger than LARGEST and when git does not answer.
        """
        asked = [path for path in paths if path and "\n" not in path]
        if not asked:
            return {}
        named = "".join(f"{head}:{path}\n" for path in asked).encode("utf-8", "surrogateescape")
        lines = self._git.answer("cat-file", "--batch-check", given=named).decode("utf-8", "replace")
        found: dict[str, str] = {}
        for path, line in zip(asked, lines.splitlines(), strict=True):
            words = line.split(" ")
            if len(words) == 3 and words[1] == "blob" and words[2].isdecimal():
                found[path] = words[0]
        contents = self._blobs(sorted(set(found.values())), LARGEST)
        unread = next((path for path, name in found.items() if isinstance(contents[name], str)), None)
        if unread is not None:
            raise Unavailable(f"{unread} cannot be read: {contents[found[unread]]!s}", where=self.root)
        return {path: content for path, name in found.items() if isinstance(content := contents[name], bytes)}

    def objects(self, identities: Sequence[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield each object with its content in pieces, however large; read one before asking for the next.

        Raises Unavailable for one that is not there.
        """
        wanted = list(dict.fromkeys(identities))
        if not wanted:
            return
        asked = "".join(f"{one}\n" for one in wanted).encode()
        answer = self._git.ask("cat-file", "--batch", given=asked, limit=_AT_ONCE)
        if answer.code == 0 and not answer.is_cut:
            yield from _split(answer.raw, self.root)
            return
        told = self._git.answer("cat-file", "--batch-check", given=asked).decode("ascii", "replace")
        group: list[str] = []
        room = _AT_ONCE
        for line in told.splitlines():
            name, *words = line.split(" ")
            if len(words) != 2 or not words[1].isdecimal():
                raise _not_there(name, self.root)
            size = int(words[1]) + 200
            if group and size > room:
                yield from self._group(group)
                group, room = [], _AT_ONCE
            if size > room:
                yield name, self._git.pieces("cat-file", words[0], name)
            else:
                group.append(name)
                room -= size
        if group:
            yield from self._group(group)

    def _group(self, names: Sequence[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        asked = "".join(f"{one}\n" for one in names).encode()
        return _split(self._git.answer("cat-file", "--batch", given=asked, limit=2 * _AT_ONCE), self.root)

    def stream(self, identities: Sequence[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Do what `objects` does with one process for all, however many: for a history.

        Each time git is asked again it has forgotten what it unpacked of the versions before.
        """
        wanted = dict.fromkeys(identities)
        if not wanted:
            return
        from andon.production.git_stream import stream

        yield from stream(self._git, list(wanted))

    def first_commits(self, identities: Sequence[str]) -> dict[str, str]:
        """Return the oldest commit that brings each of these objects; what no commit brings is left out."""
        found: dict[str, str] = {}
        for first in range(0, len(identities), _TOGETHER):
            part = identities[first : first + _TOGETHER]
            asked = frozenset(part)
            form = ("--all", "--raw", "-m", "-z", "--root", "--no-abbrev", "--no-renames", "--format=%x01%H")
            wanted = (f"--find-object={identity}" for identity in part)
            told = self._git.answer("log", *form, *wanted, limit=1 << 30, timeout=3600.0)
            commit = ""
            for entry in told.decode("utf-8", "replace").split("\0"):
                if entry.startswith("\x01"):
                    commit = entry[1:].strip()
                elif entry.lstrip("\n").startswith(":"):
                    new = entry.split(" ")[3]
                    if new in asked:
                        found[new] = commit  # the newest comes first, so the last one stays
        return found

    def everything(self, *, unreachable: bool = False) -> Everything:
        """Return every object that a reference reaches, with a path where it has one, and all names.

        `unreachable`: what the logs of the references remember too, and what nothing reaches any more. Raises
        Unavailable when an object is missing.
        """
        words = (
            "--objects",
            "--reverse",
            "--all",
            *(("--reflog", "--indexed-objects") if unreachable else ()),
        )
        listed = self._git.answer("rev-list", *words, limit=1 << 30, timeout=3600.0).split(b"\n")
        paths = dict(
            (line[:end], line[end + 1 :]) if (end := line.find(b" ")) > 0 else (line, b"")
            for line in listed
            if line
        )
        every = ("--batch-all-objects", "--unordered") if unreachable else ()
        given = b"" if unreachable else b"\n".join(paths) + b"\n"
        form = "--batch-check=%(objectname) %(objecttype)"
        told = self._git.answer("cat-file", form, *every, given=given, limit=1 << 30, timeout=3600.0)
        kinds: dict[str, str] = {}
        for line in told.decode("ascii", "replace").splitlines():
            identity, _, kind = line.partition(" ")
            if kind not in ("blob", "commit", "tag", "tree"):
                raise _not_there(identity, self.root)
            kinds[identity] = kind
        # What a reference reaches comes first, the oldest before what was made from it.
        ordered = {identity.decode("ascii", "replace"): path for identity, path in paths.items()}
        objects = tuple(
            (identity, kinds[identity], ordered.get(identity, b"").decode("utf-8", "backslashreplace"))
            for identity in dict.fromkeys((*ordered, *kinds))
            if identity in kinds
        )
        names = self._git.answer("for-each-ref", "--format=%(refname)").decode("utf-8", "backslashreplace")
        return Everything(objects=objects, names=tuple(names.splitlines()))

    def _change(self, base: str, head: str, words: tuple[str, ...]) -> Change:
        big = ("-c", f"core.bigFileThreshold={LARGEST}")
        answer = self._git.ask(*big, words[0], *_DIFF_OPTIONS, *_PATCH, *words[1:], "--", limit=_DIFF)
        problems: tuple[str, ...] = ()
        if answer.is_cut:
            answer = self._git.ask(*big, words[0], *_DIFF_OPTIONS, *words[1:], "--", limit=_DIFF)
            problems = (f"the change is larger than {_DIFF} bytes: only the names of its files are known",)
        if answer.code != 0 or answer.is_cut:
            raise Unavailable(f"git {words[0]} failed: {answer.errors or answer.code}", where=self.root)
        files = self._opened(read_diff(answer.raw), (*big, words[0], *_DIFF_OPTIONS, *_PATCH, *words[1:]))
        if problems:
            files = tuple(replace(f, unread="the whole change is too large") for f in files)
        return Change(base=base, head=head, files=files, problems=problems)

    def _opened(self, files: tuple[ChangedFile, ...], words: tuple[str, ...]) -> tuple[ChangedFile, ...]:
        """Return the files with the lines of those that only an attribute calls binary."""
        hidden = [f.path for f in files if f.is_binary]
        if not hidden:
            return files
        given = "".join(f"{path}\0" for path in hidden).encode("utf-8", "surrogateescape")
        told = self._git.answer("check-attr", "-z", "--stdin", "diff", given=given).split(b"\0")
        marked = {path for path, value in zip(hidden, told[2::3], strict=False) if value != b"unspecified"}
        if not marked:
            return files
        answer = self._git.ask(*words[:3], "--text", *words[3:], "--", limit=_DIFF)
        lines = read_diff(answer.raw) if answer.code == 0 and not answer.is_cut else ()
        if len(lines) != len(files):
            return files
        return tuple(
            line if file.path in marked and not _has_zeros(line) else file
            for file, line in zip(files, lines, strict=True)
        )

    def _commit(self, reference: str) -> str:
        name = f"{reference}^{{commit}}"
        answer = self._git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        found = answer.raw.decode("ascii", "replace").strip()
        if answer.code != 0 or not found:
            raise NotFound(
                f"no commit is called {reference[:120]!r}", where=self.root, remedy="git fetch --all --tags"
            )
        return found

    def _empty_tree(self) -> str:
        form = self._git.ask("rev-parse", "--show-object-format").raw.strip()
        return _EMPTY_TREE if form != b"sha256" else self._made_empty_tree()

    def _made_empty_tree(self) -> str:
        return self._git.answer("hash-object", "-t", "tree", "--stdin").decode("ascii").strip()

    def _blobs(self, objects: Sequence[str], largest: int) -> dict[str, bytes | str]:
        """Return the content of each object, or in words why it is not read."""
        if not objects:
            return {}
        asked = "".join(f"{one}\n" for one in objects).encode()
        sizes = self._git.answer("cat-file", "--batch-check", given=asked).decode("ascii", "replace")
        found: dict[str, bytes | str] = {}
        small = []
        for line in sizes.splitlines():
            name, kind, *size = line.split(" ")
            if kind == "missing" or not size:
                found[name] = "its content is not in this repository"
            elif int(size[0]) > largest:
                found[name] = f"larger than {largest} bytes"
            else:
                small.append(name)
        for first in range(0, len(small), 200):
            self._read(small[first : first + 200], found)
        return found

    def _read(self, names: Sequence[str], found: dict[str, bytes | str]) -> None:
        asked = "".join(f"{one}\n" for one in names).encode()
        answer, place = self._git.answer("cat-file", "--batch", given=asked, limit=1 << 30), 0
        while (end := answer.find(b"\n", place)) >= 0:
            name, _, size = answer[place:end].decode("ascii", "replace").split(" ")
            found[name] = answer[end + 1 : end + 1 + int(size)]
            place = end + 2 + int(size)


def _split(answer: bytes, root: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield what `git cat-file --batch` answers."""
    place = 0
    while (end := answer.find(b"\n", place)) >= 0:
        name, *told = answer[place:end].decode("ascii", "replace").split(" ")
        if len(told) != 2:
            raise _not_there(name, root)
        place = end + 2 + int(told[1])
        yield name, iter((answer[end + 1 : place - 1],))


def _not_there(name: str, root: str) -> Unavailable:
    remedy = "git fetch --refetch"
    return Unavailable(f"the content of {name[:10]} is not in this repository", where=root, remedy=remedy)


def _has_zeros(file: ChangedFile) -> bool:
    return any("\0" in line for hunk in file.hunks for line in (*hunk.removed, *hunk.added))


def _with_text(file: ChangedFile, contents: dict[str, bytes | str]) -> ChangedFile:
    if file.is_submodule:
        return file
    sides, why = [], ""
    for name in (file.old_object, file.new_object):
        content = contents.get(name) if name else None
        if isinstance(content, str):
            why, content = content, None
        if content is not None and b"\0" in content[:8192]:
            why, content = "binary", None
        sides.append(content.decode("utf-8", "backslashreplace") if content is not None else None)
    return replace(file, before=sides[0], after=sides[1], unread=file.unread or why)

"""What git ignores: by the rules of a commit alone, as every clone has them, and here with all there are.

For the rules of a commit its .gitignore files are laid out in an empty repository of their own, in which git
is asked: nothing of this work tree, of `.git/info/exclude` or of the user's excludes file can have a say.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from contextlib import contextmanager

from andon.errors import NotFound, Unavailable
from andon.production.git import GitRepository
from andon.production.process import clean, run
from andon.secrets.ignore_audit import IgnoreRule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.production.process import Finished

#: Seconds one question may take.
TIMEOUT = 60.0
#: Bytes of an answer, of one .gitignore, and of one file of the work tree that is read.
_ANSWER, _RULES, _FILE = 1 << 27, 1 << 20, 1 << 20
#: .gitignore files of a commit that are laid out at most.
_MOST = 5000
_NAME = ".gitignore"
_LINK, _SUBMODULE = "120000", "160000"
_SETTINGS = ("core.fsmonitor=false", "core.quotepath=off")
#: Nothing but what is laid out counts; a rule must hold where upper and lower case differ too.
_ALONE = ("core.excludesFile=/dev/null", "core.ignorecase=false")
_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C",
}


class GitIgnores:
    """The port `Ignores`."""

    def __init__(self, root: str) -> None:
        """Keep the root; nothing is asked before the first question."""
        self.root = root
        self._listed: dict[str, tuple[tuple[str, str], ...]] = {}

    @property
    def has_work_tree(self) -> bool:
        """True unless the repository is bare."""
        return os.path.lexists(os.path.join(self.root, ".git"))

    def files(self, commit: str) -> tuple[str, ...]:
        """Return the paths of the files in a commit, links among them."""
        return tuple(path for mode, path in self._entries(commit) if mode != _SUBMODULE)

    def submodules(self, commit: str) -> tuple[str, ...]:
        """Return where other repositories begin, into which nobody looks from here."""
        return tuple(path for mode, path in self._entries(commit) if mode == _SUBMODULE)

    def committed(
        self, commit: str, paths: Sequence[str], added: Sequence[str] = ()
    ) -> dict[str, IgnoreRule]:
        """Return the rule of a commit that decides about each path, with `added` at the end of the first.

        That is the .gitignore at the root. "" for no commit: no rules but `added`. Raises Unavailable.
        """
        above = {place for path in paths for place in _above(path)}
        wanted = [
            path
            for mode, path in (self._entries(commit) if commit else ())
            if path.rpartition("/")[2] == _NAME and mode not in (_LINK, _SUBMODULE)  # git follows none
            and path.rpartition("/")[0] in above
        ]  # fmt: skip
        if len(wanted) > _MOST:
            raise Unavailable(f"more than {_MOST} {_NAME} files are not judged", where=self.root)
        texts = GitRepository(self.root).contents(commit, wanted, _RULES) if wanted else {}
        if unread := [path for path in wanted if path not in texts]:
            raise Unavailable("its rules cannot be read, or are longer than 1 MB", where=unread[0])
        if added:
            first = texts.get(_NAME, b"")
            texts[_NAME] = first + b"\n" * (not first.endswith(b"\n")) + "\n".join((*added, "")).encode()
        with _laid_out(texts) as place:
            return _decided(place, paths, _ALONE)

    def here(self, paths: Sequence[str]) -> dict[str, IgnoreRule]:
        """Return what git says here, with all the rules of this machine; empty where it does not say."""
        if not self.has_work_tree:
            return {}
        try:
            return _decided(self.root, paths, ())
        except Unavailable:  # a directory of the commit is a link or a submodule here
            return {}

    def tracked_although_ignored(self) -> tuple[str, ...]:
        """Return the files of the index that git would ignore if they were new; none in a bare one."""
        if not self.has_work_tree:
            return ()
        return _names(_answer(self.root, "ls-files", "-z", "-c", "-i", "--exclude-standard"))

    def untracked(self) -> tuple[str, ...]:
        """Return the files here that are in no commit yet, ignored ones too.

        Left out are those in a directory that is ignored as a whole, such as node_modules.
        """
        if not self.has_work_tree:
            return ()
        ask = ("ls-files", "-z", "-o", "--exclude-standard")
        found = (*_names(_answer(self.root, *ask)), *_names(_answer(self.root, *ask, "-i", "--directory")))
        return tuple(path for path in dict.fromkeys(found) if not path.endswith("/"))

    def content_here(self, path: str) -> bytes | None:
        """Return a file of the work tree; None for what is no file, not readable, or longer than 1 MB."""
        inside = os.path.realpath(os.path.dirname(os.path.join(self.root, path)))
        root = os.path.realpath(self.root)
        if inside != root and not inside.startswith(root + os.sep):
            return None
        try:
            handle = os.open(
                os.path.join(inside, os.path.basename(path)), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            )
            with os.fdopen(handle, "rb") as file:
                found = os.fstat(handle)
                if not stat.S_ISREG(found.st_mode) or found.st_size > _FILE:
                    return None
                return file.read(_FILE)
        except (OSError, ValueError):
            return None

    def _entries(self, commit: str) -> tuple[tuple[str, str], ...]:
        if commit not in self._listed:
            answer = _answer(self.root, "ls-tree", "-r", "-z", "--full-tree", commit)
            found = []
            for entry in answer.split(b"\0"):
                told, tab, name = entry.partition(b"\t")
                if tab:
                    found.append(
                        (told[:6].decode("ascii", "replace"), name.decode("utf-8", "surrogateescape"))
                    )
            self._listed[commit] = tuple(found)
        return self._listed[commit]


def _above(path: str) -> Iterator[str]:
    """Yield the directories in which a path lies, up to the root."""
    while path:
        path = path.rpartition("/")[0]
        yield path


@contextmanager
def _laid_out(texts: dict[str, bytes]) -> Iterator[str]:
    """Make an empty repository with these files in its work tree, and remove it again; raises Unavailable."""
    try:
        place = tempfile.mkdtemp(prefix="andon-ignores-")
    except OSError as problem:
        raise _cannot(problem) from problem
    try:
        _answer(place, "init", "-q", "--template=")
        for name, text in texts.items():
            _write(place, name, text)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _write(place: str, name: str, text: bytes) -> None:
    parts = name.split("/")
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts) or "\0" in name:
        raise Unavailable("git has a file under a name that no work tree can hold", where=name)
    try:
        os.makedirs(os.path.join(place, *parts[:-1]), exist_ok=True)
        with open(os.path.join(place, *parts), "xb") as file:
            file.write(text)
    except OSError as problem:
        raise _cannot(problem) from problem


def _cannot(problem: OSError) -> Unavailable:
    return Unavailable(
        f"the rules cannot be laid out for git: {problem.strerror}",
        where=_NAME,
        remedy="make room in the temporary directory",
    )


def _decided(place: str, paths: Sequence[str], settings: Sequence[str]) -> dict[str, IgnoreRule]:
    """Return git's rule for each path; a path git cannot be asked about is left out."""
    names = [path for path in dict.fromkeys(paths) if path and "\0" not in path]
    if not names:
        return {}
    given = b"".join(b"./" + name.encode("utf-8", "surrogateescape") + b"\0" for name in names)
    asked = ("check-ignore", "--no-index", "-v", "-n", "-z", "--stdin")
    answer = _ask(place, *asked, settings=settings, given=given)
    if answer.code not in (0, 1):
        raise Unavailable(f"git check-ignore failed: {_first_line(answer)}", where=place)
    found = {}
    fields = iter(answer.raw.split(b"\0"))
    for source, line, pattern, path in zip(fields, fields, fields, fields, strict=False):
        told = [part.decode("utf-8", "surrogateescape") for part in (source, pattern, path)]
        rule = IgnoreRule(source=told[0], line=int(line) if line.isdigit() else 0, pattern=told[1])
        found[told[2].removeprefix("./")] = rule
    return found


def _names(answer: bytes) -> tuple[str, ...]:
    return tuple(name.decode("utf-8", "surrogateescape") for name in answer.split(b"\0") if name)


def _answer(place: str, *arguments: str) -> bytes:
    answer = _ask(place, *arguments)
    if answer.code != 0:
        raise Unavailable(f"git {arguments[0]} failed: {_first_line(answer)}", where=place)
    return answer.raw


def _ask(place: str, *arguments: str, settings: Sequence[str] = (), given: bytes = b"") -> Finished:
    told = [part for setting in (*_SETTINGS, *settings) for part in ("-c", setting)]
    answer = run(
        ["git", "--no-pager", *told, *arguments],
        cwd=place,
        env=_ENVIRONMENT,
        timeout=TIMEOUT,
        limit=_ANSWER,
        head=0,
        apart=True,
        given=given,
    )
    if answer.failure:
        raise Unavailable(answer.failure, where=place, remedy="install git and put it on PATH")
    if answer.timed_out or answer.left_out:
        what = answer.ending if answer.timed_out else "its answer is too large"
        raise Unavailable(f"git {arguments[0]}: {what}", where=place)
    if b"not a git repository" in answer.errors:
        raise NotFound(
            "this is not a git repository", where=place, remedy="run the command inside the repository"
        )
    return answer


def _first_line(answer: Finished) -> str:
    lines = clean(answer.errors).strip().splitlines()
    return lines[0] if lines else answer.ending

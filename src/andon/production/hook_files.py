"""The files of git's hooks: where git looks for them, read and replaced whole, whatever interrupts it."""

from __future__ import annotations

import os
import stat
import sys

from andon.errors import InvalidInput, NotFound, Unavailable
from andon.production.quick_git import QuickGit
from andon.production.workplace import common_directory, git_directory
from andon.response.hooks.plan import HookPlace, Launcher
from andon.response.hooks.script import CLIENT, is_framework

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: lefthook's configuration files, in the order in which it looks for them.
_LEFTHOOK = tuple(
    f"{head}{ending}"
    for head in ("lefthook", ".lefthook", ".config/lefthook")
    for ending in (".yml", ".yaml", ".toml", ".json", ".jsonc")
)
#: Bytes of a hook that are read.
_LIMIT = 1 << 24


class GitHookFiles:
    """The port `HookFiles`."""

    def __init__(self, root: str) -> None:
        """Take the root of the work tree, or the bare repository."""
        self.root = root
        self._found: HookPlace | None = None

    def place(self) -> HookPlace:
        """Return where git looks for hooks; raises NotFound outside a repository, Unavailable."""
        if self._found is None:
            self._found = self._place()
        return self._found

    def _place(self) -> HookPlace:
        own, shared = git_directory(self.root), common_directory(self.root)
        if own is None or shared is None:
            raise NotFound(
                "this is not a git repository, so it has no hooks",
                where=self.root,
                rule="hooks-place",
                remedy="git init; or go where the repository is",
            )
        git = QuickGit(self.root)
        path = (
            git.answer("rev-parse", "--git-path", "hooks")
            .removesuffix(b"\n")
            .decode("utf-8", "surrogateescape")
        )
        is_bare = git.answer("rev-parse", "--is-bare-repository").strip() == b"true"
        asked = git.ask("config", "--show-scope", "-z", "--get", "core.hooksPath")
        scope, _, setting = asked.raw.decode("utf-8", "surrogateescape").partition("\0")
        directory = os.path.normpath(os.path.join(self.root, path))
        whole = os.path.realpath(directory)
        in_git = _is_inside(whole, shared) or _is_inside(whole, own)
        in_tree = not is_bare and not in_git and _is_inside(whole, self.root)
        lefthook = "" if is_bare else self._lefthook()
        return HookPlace(
            directory=directory,
            setting=setting.removesuffix("\0"),
            scope=scope,
            is_own=in_git or in_tree,
            is_in_work_tree=in_tree,
            is_bare=is_bare,
            lefthook=lefthook,
            asked=() if is_bare else self._asked(directory, lefthook),
        )

    def _lefthook(self) -> str:
        return next((name for name in _LEFTHOOK if os.path.isfile(os.path.join(self.root, name))), "")

    def _asked(self, directory: str, lefthook: str) -> tuple[str, ...]:
        """Return the hooks for which the pre-commit framework, lefthook or husky is told to ask our gate."""
        framework = _content(os.path.join(self.root, ".pre-commit-config.yaml")) or b""
        jobs = (_content(os.path.join(self.root, lefthook)) or b"") if lefthook else b""
        found = []
        for name, gate in CLIENT.items():
            wanted = f"andon gate {gate}".encode()
            husky = _content(os.path.join(self.root, ".husky", name)) or b""
            theirs = is_framework(_content(os.path.join(directory, name)))
            if (
                (theirs and f"id: andon-{name}".encode() in framework)
                or wanted in husky
                or (name.encode() in jobs and wanted in jobs)
            ):
                found.append(name)
        return tuple(found)

    def launcher(self) -> Launcher:
        """Return how a hook starts this Andon; empty where that would not work, so that PATH decides."""
        from andon.production.process import run

        if self.place().is_in_work_tree or not sys.executable:
            return Launcher()
        start = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "hook_start.py")
        done = run([sys.executable, "-I", "-S", start, "--version"], timeout=30.0)
        if done.code != 0 or not done.output.startswith("andon "):
            return Launcher()
        return Launcher(python=sys.executable, start=start)

    def read(self, name: str) -> bytes | None:
        """Return a file's content; None when there is none. Raises InvalidInput for what is no file."""
        path = self._path(name)
        if os.path.isdir(path):
            raise InvalidInput("a directory stands where a hook belongs", where=path, rule="hooks-place")
        content = _content(path)
        if content is None and os.path.lexists(path):
            if os.path.islink(path) and not os.path.exists(path):
                return b""  # a link that leads nowhere: somebody's all the same
            raise Unavailable(
                "the hook cannot be read", where=path, rule="hooks-place", remedy=f"ls -l {path}"
            )
        return content

    def is_run(self, name: str) -> bool:
        """True for a file that git would start: it passes over one that is not executable."""
        return os.access(self._path(name), os.X_OK)

    def write(self, name: str, text: str) -> None:
        """Put an executable file in place, whole or not at all; raises Unavailable."""
        self._do(lambda: self._written(name, text.encode()))

    def keep(self, name: str, other: str) -> None:
        """Give a file a second name, with its mode, its links and its content; raises Unavailable."""
        if not os.path.lexists(self._path(other)):
            self._do(lambda: self._kept(name, other))

    def put_back(self, name: str, other: str) -> None:
        """Give a file another name, over what stands there; raises Unavailable."""
        self._do(lambda: os.replace(self._path(name), self._path(other)))

    def remove(self, name: str) -> None:
        """Remove a file; raises Unavailable."""
        self._do(lambda: os.unlink(self._path(name)))

    def _path(self, name: str) -> str:
        return os.path.join(self.place().directory, name)

    def _do(self, deed: Callable[[], None]) -> None:
        directory = self.place().directory
        try:
            os.makedirs(directory, exist_ok=True)
            deed()
            _sync(directory)
        except OSError as problem:
            raise Unavailable(
                f"the hooks cannot be changed: {problem.strerror}",
                where=directory,
                rule="hooks-place",
                remedy=f"look at who may write there: ls -ld {directory}",
            ) from problem

    def _written(self, name: str, content: bytes) -> None:
        draft = self._path(f".{name}.andon-{os.getpid()}")
        try:
            end = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o777)
            with open(end, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(end)
                mode = stat.S_IMODE(os.fstat(end).st_mode)
                os.fchmod(end, mode | (mode & 0o444) >> 2)
            os.replace(draft, self._path(name))
        except BaseException:
            if os.path.lexists(draft):
                os.unlink(draft)
            raise

    def _kept(self, name: str, other: str) -> None:
        path, kept = self._path(name), self._path(other)
        if os.path.islink(path):
            os.symlink(os.readlink(path), kept)
            return
        try:
            os.link(path, kept)
        except OSError:  # a file system without links
            from shutil import copy2

            draft = self._path(f".{other}.{os.getpid()}")
            copy2(path, draft)
            os.replace(draft, kept)


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read(_LIMIT)
    except OSError:
        return None


def _is_inside(whole: str, place: str) -> bool:
    above = os.path.realpath(place)
    return whole == above or whole.startswith(above + os.sep)


def _sync(directory: str) -> None:
    end = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(end)
    finally:
        os.close(end)

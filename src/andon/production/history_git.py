"""Git as a purge asks it: in a mirror of our own, without hooks, replacements, other configuration."""

from __future__ import annotations

import contextlib
import os
from typing import cast

from andon.errors import Refused, Unavailable
from andon.production.process import clean, last_lines, run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from subprocess import Popen
    from typing import IO

    from andon.production.process import Finished
    from andon.secrets.leak.removal import Remover

#: What every git of a purge is told: no other objects in the place of these, no question, no other words.
QUIET = {
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "LC_ALL": "C",
}
#: Seconds one step may take: a large history is cloned and packed.
TIMEOUT = 6 * 3600.0
#: Bytes of an answer; a longer one is an error, never cut.
LIMIT = 1 << 30
_SETTINGS = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "core.quotePath=off",
    "core.logAllRefUpdates=false",
    "commit.gpgSign=false",
    "tag.gpgSign=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.ext.allow=never",
)
_WORDS = tuple(word for setting in _SETTINGS for word in ("-c", setting))


class MirrorGit:
    """Git in one directory; what it says is cleaned of the secrets before anybody sees it."""

    def __init__(self, git_dir: str, remover: Remover, *, is_ours: bool = True) -> None:
        """Take the directory; in one that is not ours the user's configuration counts."""
        self.git_dir = git_dir
        self.remover = remover
        own = {"GIT_CONFIG_GLOBAL": os.devnull} if is_ours else {"GIT_CONFIG_NOSYSTEM": ""}
        self.environment = {**QUIET, **own}
        if not is_ours:
            del self.environment["GIT_CONFIG_NOSYSTEM"]

    def words(self, *words: str) -> list[str]:
        """Return the whole argument list."""
        return ["git", "-C", self.git_dir, *_WORDS, *words]

    def objects_directory(self) -> str:
        """Return where the objects are."""
        return os.path.join(self.git_dir, self.line("rev-parse", "--git-path", "objects"))

    def refuse_incomplete(self) -> None:
        """Raise Refused for a clone that does not have its whole history."""
        if self.line("rev-parse", "--is-shallow-repository") == "true":
            raise _incomplete(
                "this clone is shallow: most of its history is elsewhere",
                self.git_dir,
                "git fetch --unshallow",
            )
        settings = self.ask("config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$")
        if settings.raw.strip():
            told = "this clone is partial: some objects are elsewhere"
            raise _incomplete(told, self.git_dir, "clone it again without --filter, and start there")

    def ask(self, *words: str, given: bytes = b"", timeout: float = TIMEOUT) -> Finished:
        """Run git and return how it went."""
        return run(
            self.words(*words),
            env=self.environment,
            given=given,
            timeout=timeout,
            limit=LIMIT,
            head=LIMIT,
            apart=True,
        )

    def answer(self, *words: str, given: bytes = b"", timeout: float = TIMEOUT) -> bytes:
        """Return what git prints; raises Unavailable when it fails."""
        done = self.ask(*words, given=given, timeout=timeout)
        if not done.succeeded or done.left_out:
            raise Unavailable(
                f"git {words[0]} failed: {self.told(done)}",
                where=self.git_dir,
                rule="leak-purge",
                remedy="andon leak",
            )
        return done.raw

    def line(self, *words: str, given: bytes = b"") -> str:
        """Return git's answer of one line."""
        return self.answer(*words, given=given).decode("utf-8", "surrogateescape").strip()

    def told(self, done: Finished) -> str:
        """Return how a command ended, without the secrets."""
        said = self.remover.clean_name(done.errors or done.raw)
        return f"{done.ending}: {last_lines(clean(said), 300)}"

    @contextlib.contextmanager
    def objects(self) -> Iterator[ObjectReader]:
        """Read objects one after another."""
        import subprocess

        from andon.production.process import environment

        child = subprocess.Popen(
            self.words("cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(self.environment),
        )
        try:
            yield ObjectReader(child)
        finally:
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
            child.wait()


class ObjectReader:
    """A `git cat-file --batch` that is asked again and again."""

    def __init__(self, child: Popen[bytes]) -> None:
        """Take the process."""
        self._to = cast("IO[bytes]", child.stdin)
        self._from = cast("IO[bytes]", child.stdout)

    def read(self, name: str) -> tuple[str, bytes]:
        """Return an object's kind and content; raises Unavailable for one that is not there."""
        try:
            self._to.write(name.encode() + b"\n")
            self._to.flush()
            head = self._from.readline().split()
        except OSError as problem:
            raise Unavailable(f"git stopped: {problem.strerror}", where=name, rule="leak-purge") from problem
        if len(head) != 3:
            raise Unavailable(
                "an object is not there", where=name, rule="leak-purge", remedy="git fsck --full"
            )
        content = self._from.read(int(head[2]) + 1)[:-1]
        return head[1].decode(), content


def _incomplete(why: str, where: str, remedy: str) -> Refused:
    return Refused(why, where=where, rule="leak-whole-clone", remedy=remedy)

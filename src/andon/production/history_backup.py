"""Writing a whole history into one private file, so that a purge can be taken back."""

from __future__ import annotations

import hashlib
import os
import subprocess

from andon.desk.leak.accounts import BundleFile
from andon.errors import Refused, Unavailable
from andon.production.history_git import MirrorGit
from andon.production.history_mirror import free_bytes, size_of
from andon.production.process import clean, environment, last_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from andon.secrets.leak.removal import Remover

#: How backups are called; the moment keeps a later one from standing in for an earlier.
PREFIX, SUFFIX = "backup-", ".bundle"
#: Beside a backup: the day after which it has to go.
DATE = ".delete-after"
_SPARE = 64 << 20
_PIECE = 1 << 20


def back_up(
    root: str, room: str, remover: Remover, delete_after: datetime, now: datetime, tell: Callable[[str], None]
) -> BundleFile:
    """Write and verify a bundle of everything that references, logs and the index reach.

    A bundle names references only; what it holds besides (older stashes, what logs remember) is listed by id.
    What nothing at all reaches any more is not in it. Raises Refused (nothing there), Unavailable.
    """
    git = MirrorGit(root, remover, is_ours=False)
    git.refuse_incomplete()
    references = git.answer("for-each-ref", "--format=%(refname)").count(b"\n")
    if not references and not git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}").succeeded:
        raise Refused(
            "there is no commit to keep",
            where=root,
            rule="leak-backup",
            remedy='git rm --cached FILE; then andon leak skip purge --reason "nothing is committed yet"',
        )
    os.makedirs(room, mode=0o700, exist_ok=True)
    needed = size_of(git.objects_directory()) + _SPARE
    if (free := free_bytes(room)) < needed:
        raise Unavailable(
            f"a backup may need {needed >> 20} MiB here, and {free >> 20} MiB are free",
            where=room,
            rule="leak-backup",
            remedy="make room on this disk; nothing was begun",
        )
    path = os.path.join(room, f"{PREFIX}{now:%Y%m%dT%H%M%S%f}{SUFFIX}")
    tell("writing everything as it is now into a private bundle")
    _write(git, path)
    try:
        tell("verifying the bundle")
        done = git.ask("bundle", "verify", "--quiet", path)
        if not done.succeeded:
            raise _failed(root, git.told(done))
        digest, size = _digest(path)
        with open(path + DATE, "w", encoding="ascii", opener=_private) as file:
            file.write(delete_after.isoformat())
    except BaseException:
        os.unlink(path)
        raise
    unnamed = (
        git.ask("reflog", "show", "--format=%H", "refs/stash", "--").raw.decode("ascii", "replace").split()
    )
    return BundleFile(path=path, sha256=digest, size=size, references=references, unnamed=tuple(unnamed[1:]))


def _write(git: MirrorGit, path: str) -> None:
    """Let git write into a file that is private from its first byte."""
    words = git.words("bundle", "create", "--quiet", "-", "--all", "--reflog", "--indexed-objects")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "wb") as file:
            done = subprocess.run(
                words,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.PIPE,
                env=environment(git.environment),
                check=False,
            )
            os.fsync(file.fileno())
        if done.returncode != 0:
            said = last_lines(clean(git.remover.clean_name(done.stderr)), 300)
            raise _failed(git.git_dir, f"exit code {done.returncode}: {said}")
    except OSError as problem:
        os.unlink(path)
        raise _failed(git.git_dir, problem.strerror or str(problem)) from problem
    except BaseException:
        os.unlink(path)
        raise


def _digest(path: str) -> tuple[str, int]:
    made, size = hashlib.sha256(), 0
    with open(path, "rb") as file:
        while piece := file.read(_PIECE):
            made.update(piece)
            size += len(piece)
    return made.hexdigest(), size


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _failed(root: str, why: str) -> Unavailable:
    return Unavailable(
        f"no backup could be made: {why}",
        where=root,
        rule="leak-backup",
        remedy="git fsck --full says what is damaged; with room on the disk, the same again",
    )

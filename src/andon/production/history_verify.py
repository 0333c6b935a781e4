"""Searching everything a purge leaves: every object, file, log and name of the mirror and of its clones."""

from __future__ import annotations

import os
import shutil

from andon.desk.leak.accounts import Proof
from andon.errors import Refused, Unavailable
from andon.production.history_git import MirrorGit
from andon.production.history_scan import scan
from andon.secrets.leak.finder import CARRIED
from andon.secrets.leak.inside import inside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from andon.production.history_mirror import HistoryMirror
    from andon.production.history_scan import Found
    from andon.secrets.leak.removal import Remover

#: Survivors whose path is looked up; each needs a walk through the history.
_LOOKED_UP = 20
#: Where the objects are: read as objects, not as files.
_PACKED = (".pack", ".idx", ".rev", ".bitmap", ".mtimes", ".graph")
_PIECE = 4 << 20
CLONES = ("clone.git", "clone")


def verify(mirror: HistoryMirror, accepted: Sequence[str], tell: Callable[[str], None]) -> Proof:
    """Search the mirror, a fresh mirror clone and a fresh ordinary clone; raises Refused, Unavailable.

    What a clone has is the mirror's object when it has the same id: only others are read again.
    """
    if not mirror.is_whole:
        raise Refused(
            "there is no purged mirror here, or it is not whole",
            where=mirror.path,
            rule="leak-verify",
            remedy="andon leak purge --yes",
        )
    tell("reading every object of the mirror")
    found = scan(mirror.path, mirror.remover, tell, with_trees=False)
    survivors, files = _outside(mirror.path, mirror.remover)
    survivors = [*_told(found, mirror.git, "mirror"), *survivors]
    unread = {name: why for name, why in found.unread.items() if name not in accepted}
    tell("checking that the mirror is whole: git fsck")
    check = mirror.git.ask("fsck", "--full", "--no-dangling", "--no-progress")
    damage = "" if check.code == 0 else mirror.git.told(check)
    known = _ids(mirror.git)
    for number, name in enumerate(CLONES):
        path = os.path.join(mirror.room, name)
        tell(f"cloning the mirror again ({number + 1} of {len(CLONES)})")
        try:
            _clone(mirror, path, bare=number == 0)
            git_dir = path if number == 0 else os.path.join(path, ".git")
            git = MirrorGit(git_dir, mirror.remover)
            if _ids(git) - known:
                survivors += _told(scan(git_dir, mirror.remover, tell, with_trees=False), git, name)
            more, count = _outside(path, mirror.remover)
            survivors += [f"{name}: {one}" for one in more]
            files += count
        finally:
            shutil.rmtree(path, ignore_errors=True)
    return Proof(
        objects=found.objects,
        files=files,
        clones=len(CLONES),
        survivors=tuple(dict.fromkeys(survivors)),
        unread=tuple(f"{name}: {why}" for name, why in unread.items()),
        damage=damage,
    )


def survivors_in(
    git_dir: str, work_tree: str, remover: Remover, tell: Callable[[str], None]
) -> tuple[str, ...]:
    """Return what of any repository still holds a secret: objects, logs, index, files, the work tree."""
    git = MirrorGit(git_dir, remover, is_ours=False)
    found = scan(git_dir, remover, tell, with_trees=False)
    outside, _ = _outside(git_dir, remover)
    work, _ = _outside(work_tree, remover) if work_tree else ([], 0)
    return (
        *_told(found, git, "repository"),
        *outside,
        *(f"work tree: {one}" for one in work if one not in outside),
    )


def _clone(mirror: HistoryMirror, path: str, *, bare: bool) -> None:
    shutil.rmtree(path, ignore_errors=True)
    kind = ("--mirror",) if bare else ()
    done = mirror.git.ask("clone", *kind, "--no-local", "--quiet", "--template=", "--", mirror.path, path)
    if not done.succeeded:
        raise Unavailable(
            f"the mirror cannot be cloned: {mirror.git.told(done)}",
            where=mirror.path,
            rule="leak-verify",
            remedy="make room on this disk; or begin anew: andon leak purge --yes",
        )


def _ids(git: MirrorGit) -> set[bytes]:
    return set(
        git.answer("cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)").split()
    )


def _told(found: Found, git: MirrorGit, place: str) -> list[str]:
    """Return what holds a secret among the objects, with the path where that is quickly found."""
    told: list[str] = []
    groups = (("blob", found.blobs), ("commit", found.commits), ("tag", found.tags), ("tree", found.trees))
    for kind, holders in groups:
        for name, places in holders.items():
            how = ", ".join(sorted({encoding for _, encoding in places}))
            where = _path(git, name) if kind == "blob" and len(told) < _LOOKED_UP else ""
            told.append(f"{place}: {kind} {name} ({how}){where}")
    return told


def _path(git: MirrorGit, blob: str) -> str:
    words = ("log", "--all", "--reflog", "-1", "--format=", "--name-only", f"--find-object={blob}")
    lines = git.ask(*words).raw.splitlines()
    return f" at {git.remover.clean_name(lines[0]).decode('utf-8', 'replace')}" if lines else ""


def _outside(place: str, remover: Remover) -> tuple[list[str], int]:
    """Return what holds a secret among the files that are no objects, and how many were read."""
    survivors, count = [], 0
    for path in _files(place):
        name = os.path.relpath(path, place).encode("utf-8", "surrogateescape")
        shown = remover.clean_name(name).decode("utf-8", "replace")
        if remover.holds(name):
            survivors.append(f"the name of {shown}")
        count += 1
        hows = dict.fromkeys(how for content in _pieces(path) for _, how in remover.holds(content))
        hows |= dict.fromkeys(how for _, how in _archived(path, remover))
        if hows:
            survivors.append(f"{shown} ({', '.join(hows)})")
    return survivors, count


def _archived(path: str, remover: Remover) -> Iterable[tuple[str, str]]:
    content = next(iter(_pieces(path)), b"")
    return inside(remover.finder, content, {}) if len(content) < _PIECE else ()


def _files(place: str) -> Iterator[str]:
    for directory, below, names in os.walk(place):
        below.sort()
        for name in (*names, *(b for b in below if os.path.islink(os.path.join(directory, b)))):
            path = os.path.join(directory, name)
            if not (name.endswith(_PACKED) and "objects" in directory.split(os.sep)) and not _is_loose(path):
                yield path


def _is_loose(path: str) -> bool:
    """True for the file of one object: `objects/ab/cdef...`, which is read as an object."""
    parts = path.split(os.sep)
    return len(parts) > 2 and parts[-3] == "objects" and len(parts[-2]) == 2 and len(parts[-1]) in (38, 62)


def _pieces(path: str) -> Iterator[bytes]:
    """Yield a file's content, piece by piece with an overlap; of a link its target."""
    try:
        if os.path.islink(path):
            yield os.fsencode(os.readlink(path))
            return
        if not os.path.isfile(path):
            return
        kept = b""
        with open(path, "rb") as file:
            while piece := file.read(_PIECE):
                yield kept + piece
                kept = piece[-CARRIED:]
    except OSError as problem:
        raise Unavailable(
            f"a file cannot be read: {problem.strerror}", where=path, rule="leak-verify", remedy="chmod u+r"
        ) from problem

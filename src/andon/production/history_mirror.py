"""The fresh mirror clone that a purge works in: made, searched, written anew, wiped."""

from __future__ import annotations

import contextlib
import json
import os
import shutil

from andon.errors import Refused, Unavailable
from andon.production.history_git import MirrorGit
from andon.production.history_references import (
    REMOTES,
    TIPS,
    Moved,
    Mover,
    apply,
    move,
    move_notes,
    read_commit_map,
    read_references,
)
from andon.production.history_remote import address_of, reaching
from andon.production.history_rewriting import rewrite
from andon.production.history_scan import scan, signed
from andon.production.history_unchanged import differences
from andon.record import Record, replace
from andon.secrets.leak.lines import lines_of_change

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.production.history_references import Reference
    from andon.production.history_scan import Found
    from andon.secrets.leak.lines import Lines
    from andon.secrets.leak.removal import Remover

#: How much room a purge needs: times what the objects take now (clone, new objects, packing them again).
ROOM = 3
#: The file in which the old and new ids are kept.
MAP = "map.json"
#: What is left beside the objects.
_SPARE = 64 << 20


class Survey(Record):
    """What a purge would change, known before anything is."""

    found: Found
    lines: Lines
    references: tuple[str, ...]
    #: References whose name holds a secret.
    names: tuple[str, ...]
    #: Commits in which a file is left out altogether.
    removals: int
    #: Signed commits that get another id, and lose the signature with it.
    signatures: int

    @property
    def is_clean(self) -> bool:
        """True when there is nothing to take out."""
        return not (self.lines.changed or self.names or self.references)


class Purged(Record):
    """What a purge did to the mirror."""

    mirror: str
    commits: dict[str, str]
    moved: tuple[Moved, ...]
    first_changed: tuple[str, ...]
    #: Old blob to new blob.
    blobs: dict[str, str]
    #: Blobs that could not be cleaned in place: a note stands for them.
    noted: tuple[str, ...]
    signatures: int
    tags: int
    notes: int
    lfs: tuple[str, ...]
    #: Files left out, in how many versions.
    removed: int
    #: What old tools wrote and git writes otherwise, as far as it is listed.
    odd: tuple[str, ...]


class HistoryMirror:
    """A mirror of the repository at `root`, in the private directory `room`."""

    def __init__(self, root: str, room: str, remover: Remover, name: str = "mirror.git") -> None:
        """Take the places; nothing is made before `make`."""
        self.root, self.room, self.remover = root, room, remover
        self.path = os.path.join(room, name)
        self._marker = self.path + ".whole"
        self.git = MirrorGit(self.path, remover)
        self._replacements: tuple[Reference, ...] = ()
        self._theirs = MirrorGit(root, remover, is_ours=False)

    @property
    def is_whole(self) -> bool:
        """True when the mirror was made to its end, and by us."""
        return os.path.isfile(self._marker) and os.path.isdir(self.path)

    def refuse_unfit(self) -> None:
        """Raise Refused for a repository that cannot be copied whole or written anew; Unavailable."""
        git = self._theirs
        git.refuse_incomplete()
        width = git.line("rev-parse", "--show-object-format")
        if width != "sha1":
            raise _unfit(
                f"git-filter-repo cannot write a {width} repository anew",
                self.root,
                "remove the secrets in a new repository, or convert this one first",
            )
        if not _has_filter_repo():
            raise _unfit("git-filter-repo is not installed", self.root, "pip install git-filter-repo")
        self._refuse_full_disk()

    def make(self, tell: Callable[[str], None], remotes: Sequence[str] = ()) -> None:
        """Make the mirror from nothing; what an earlier attempt left is removed first. Raises Unavailable.

        `remotes` are asked over the network for what they have and this clone does not.
        """
        self.remove()
        os.makedirs(self.room, mode=0o700, exist_ok=True)
        tell("cloning everything that a reference reaches into a mirror of its own")
        source = os.path.abspath(self.root)
        words = ("clone", "--mirror", "--no-local", "--quiet", "--template=", "--", source, self.path)
        done = self._theirs.ask(*words)
        if not done.succeeded:
            self.remove()
            raise Unavailable(
                f"no complete copy of the repository can be made: {self._theirs.told(done)}",
                where=self.root,
                rule="leak-purge",
                remedy="git fsck --full says what is damaged; a full disk needs room; then the same again",
            )
        os.chmod(self.path, 0o700)
        for remote in remotes:
            self._fetch(remote, tell)
        # A replacement would be read instead of the object itself, by every git that is not told otherwise.
        self._replacements = tuple(r for r in read_references(self.git) if r.name.startswith("refs/replace/"))
        if self._replacements:
            orders = "".join(f"delete {r.name}\0\0" for r in self._replacements)
            self.git.answer("update-ref", "--no-deref", "--stdin", "-z", given=orders.encode())
        descriptor = os.open(self._marker, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(source)
            file.flush()
            os.fsync(file.fileno())

    def survey(self, remove_paths: Sequence[str], tell: Callable[[str], None]) -> Survey:
        """Look through the mirror and return what a purge would change; raises Unavailable."""
        found = scan(self.path, self.remover, tell)
        removals = self._commits_with(remove_paths)
        holders = {c for c, tree in found.tree_of.items() if tree in found.tainted_trees}
        holders |= {*found.commits, *removals}
        lines = lines_of_change(found.parents, holders)
        references: list[str] = []
        names: list[str] = []
        touched = {*lines.changed, *found.tags, *found.blobs, *found.tainted_trees}
        for one in (*read_references(self.git), *self._replacements):
            written = one.name.encode("utf-8", "surrogateescape")
            shown = self.remover.clean_name(written).decode("utf-8", "replace")
            if shown.encode() != written and self.remover.holds(written):
                names.append(shown)
            if (
                one in self._replacements
                or one.object in touched
                or (one.kind == "tag" and self._target(one.object) in touched)
            ):
                references.append(shown)
        return Survey(
            found=found,
            lines=lines,
            references=tuple(references),
            names=tuple(names),
            removals=len(removals),
            signatures=signed(self.path, lines.changed),
        )

    def purge(self, survey: Survey, remove_paths: Sequence[str], tell: Callable[[str], None]) -> Purged:
        """Write the mirror anew without the secrets, prove that nothing else changed, and wipe the rest.

        Raises Unavailable; the mirror is then of no use, and is made again the next time.
        """
        found = survey.found
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._marker)
        references = read_references(self.git)
        trees = {
            r.object: r.object for r in references if r.kind == "tree" and r.object in found.tainted_trees
        }
        tips = [*survey.lines.last]
        wrapped = {tree: self._commit_of(tree) for tree in trees}
        tips += wrapped.values()
        written = rewrite(
            self.git,
            self.room,
            tips=tips,
            before=survey.lines.before if not wrapped else (),
            blobs=[*found.blobs],
            commits=[*found.commits],
            paths=[p.encode("utf-8", "surrogateescape") for p in remove_paths],
            total=len(survey.lines.changed),
            tell=tell,
        )
        commits = read_commit_map(os.path.join(self.path, "filter-repo", "commit-map")) if tips else {}
        new_trees = {
            tree: self.git.line("rev-parse", f"{commits[c]}^{{tree}}") for tree, c in wrapped.items()
        }
        mover = Mover(self.git, commits, new_trees, frozenset(found.blobs))
        moved = move(self.git, read_references(self.git), mover)
        apply(self.git, moved)
        moved += tuple(
            Moved(old_name=r.name, new_name="", old=r.object, new="", shown_old=r.name)
            for r in self._replacements
        )
        notes = 0
        for number, one in enumerate(moved):
            if one.new_name.startswith("refs/notes/") and (
                count := move_notes(self.git, one.new_name, commits)
            ):
                notes += count
                new = self.git.line("rev-parse", "--verify", one.new_name)
                moved = (*moved[:number], replace(one, new=new), *moved[number + 1 :])
        tell("comparing every commit that was written anew with what it was")
        wrong, odd = differences(self.path, self.remover, commits, written.blobs, remove_paths, tell)
        if wrong:
            raise Unavailable(
                f"the new history differs in more than the secrets: {wrong[0]}",
                where=self.path,
                rule="leak-purge",
                remedy="nothing was pushed and the original is untouched; report this, and keep the backup",
            )
        self.wipe(tell)
        self._keep_map(commits, moved, survey.lines.first)
        return Purged(
            mirror=self.path,
            commits={old: new for old, new in commits.items() if old != new and old in found.parents},
            moved=tuple(m for m in moved if m.is_changed and not m.old_name.startswith(TIPS)),
            first_changed=survey.lines.first,
            blobs=written.blobs,
            noted=written.noted,
            signatures=survey.signatures + mover.signatures,
            tags=mover.tags,
            notes=notes,
            lfs=written.lfs,
            removed=written.removed,
            odd=odd,
        )

    def wipe(self, tell: Callable[[str], None]) -> None:
        """Remove what the rewriting left in the mirror: notes, logs, every object no reference reaches."""
        tell("removing the old objects from the mirror")
        for name in ("filter-repo", "logs"):
            shutil.rmtree(os.path.join(self.path, name), ignore_errors=True)
        for name in ("FETCH_HEAD", "ORIG_HEAD", "COMMIT_EDITMSG", "NOTES_EDITMSG"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self.path, name))
        self.git.answer("pack-refs", "--all", "--prune")
        # What is stored small already stays so; looking for more takes longer than the mirror lives.
        self.git.answer("repack", "-a", "-d", "-q", "--window=0", "--no-write-bitmap-index")
        self.git.answer("prune", "--expire=now")
        with open(self._marker, "w", encoding="utf-8", opener=_private) as file:
            file.write("purged\n")

    def remove(self) -> None:
        """Remove the mirror, whole or half."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._marker)
        shutil.rmtree(self.path, ignore_errors=True)
        if os.path.lexists(self.path):
            raise Unavailable(
                "an old mirror cannot be removed",
                where=self.path,
                rule="leak-purge",
                remedy=f"rm -rf {self.path}",
            )

    def _refuse_full_disk(self) -> None:
        needed = ROOM * size_of(self._theirs.objects_directory()) + _SPARE
        os.makedirs(self.room, mode=0o700, exist_ok=True)
        free = free_bytes(self.room)
        if free < needed:
            raise Unavailable(
                f"a purge needs about {needed >> 20} MiB here, and {free >> 20} MiB are free",
                where=self.room,
                rule="leak-room",
                remedy="make room on this disk; nothing was begun",
            )

    def _fetch(self, remote: str, tell: Callable[[str], None]) -> None:
        address = address_of(self.root, remote, self.remover)
        tell(f"asking {remote} for what this clone does not have")
        git = reaching(self.root, self.path, self.remover)
        words = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=")
        done = git.ask(*words, "--", address, f"+refs/*:{REMOTES}{remote}/*")
        if not done.succeeded:
            raise Unavailable(
                f"{remote} cannot be asked: {git.told(done)}",
                where=self.root,
                rule="leak-purge",
                remedy="when it can be reached, the same again; without it: andon leak purge --yes --offline",
            )

    def _commits_with(self, paths: Sequence[str]) -> frozenset[str]:
        """Return the commits that put something at one of these paths."""
        if not paths:
            return frozenset()
        words = (
            "log",
            "--all",
            "--full-history",
            "-m",
            "--no-renames",
            "--diff-filter=AMT",
            "--format=%H",
            "--",
        )
        answer = self.git.answer("--literal-pathspecs", *words, *paths)
        return frozenset(answer.decode("ascii").split())

    def _target(self, tag: str) -> str:
        done = self.git.ask("rev-parse", "--verify", "--quiet", f"{tag}^{{}}")
        return done.raw.decode("ascii", "replace").strip()

    def _commit_of(self, tree: str) -> str:
        identity = ("-c", "user.name=Andon", "-c", "user.email=andon@localhost")
        return self.git.line(*identity, "commit-tree", tree, "-m", "a tree by itself")

    def _keep_map(self, commits: dict[str, str], moved: Sequence[Moved], first: Sequence[str]) -> None:
        refs = [[m.old_name, m.new_name, m.old, m.new] for m in moved if not m.old_name.startswith(TIPS)]
        kept = {"commits": commits, "refs": refs, "first": list(first)}
        with open(os.path.join(self.room, MAP), "w", encoding="utf-8", opener=_private) as file:
            json.dump(kept, file, ensure_ascii=True)


def free_bytes(place: str) -> int:
    """Return how many bytes this user may still write at a place."""
    about = os.statvfs(place)
    return about.f_bavail * about.f_frsize


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def size_of(directory: str) -> int:
    """Return how many bytes the files below a directory have."""
    total = 0
    for place, _, names in os.walk(directory):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total


def _has_filter_repo() -> bool:
    from importlib.util import find_spec

    return find_spec("git_filter_repo") is not None


def _unfit(why: str, where: str, remedy: str) -> Refused:
    return Refused(why, where=where, rule="leak-purge", remedy=remedy)

"""Where every reference of a mirror points after a purge: branches, tags, notes, their names, HEAD."""

from __future__ import annotations

from andon.errors import Unavailable
from andon.production.history_rewrite_child import clean_blob
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from andon.production.history_git import MirrorGit, ObjectReader

#: Where the ends of the lines that are written anew are kept meanwhile.
TIPS = "refs/andon/tip/"
#: Where what a remote has is fetched to.
REMOTES = "refs/andon/remote/"
_SIGNATURES = (
    b"-----BEGIN PGP SIGNATURE-----",
    b"-----BEGIN SSH SIGNATURE-----",
    b"-----BEGIN SIGNED MESSAGE-----",
)


class Reference(Record):
    """One reference and what it points to directly."""

    name: str
    kind: str
    object: str


class Moved(Record):
    """A reference before and after; a new name or object of "" when it is gone."""

    old_name: str
    new_name: str
    old: str
    new: str
    #: The old name without a secret in it.
    shown_old: str = ""

    @property
    def is_changed(self) -> bool:
        """True when it has another name or points to something else."""
        return (self.old_name, self.old) != (self.new_name, self.new)


def read_references(git: MirrorGit) -> tuple[Reference, ...]:
    """Return every reference of the mirror."""
    answer = git.answer("for-each-ref", "--format=%(objecttype) %(objectname) %(refname)")
    found = []
    for line in answer.decode("utf-8", "surrogateescape").splitlines():
        kind, name, ref = line.split(" ", 2)
        found.append(Reference(name=ref, kind=kind, object=name))
    return tuple(found)


class Mover:
    """Finds what stands for an object of the old history, and writes the tags anew."""

    def __init__(
        self, git: MirrorGit, commits: Mapping[str, str], trees: Mapping[str, str], blobs: frozenset[str]
    ) -> None:
        """Take old to new commits and trees, and the blobs that hold something."""
        self._git = git
        self._new: dict[str, str] = {**commits, **trees}
        self._blobs = blobs
        self.signatures = 0
        self.tags = 0

    def new(self, kind: str, name: str, reader: ObjectReader) -> str:
        """Return the object that stands for an old one; the same one when nothing of it changes."""
        if name not in self._new:
            if kind == "tag":
                self._new[name] = self._tag(name, reader)
            elif kind == "blob" and name in self._blobs:
                content, _ = clean_blob(self._git.remover, reader.read(name)[1])
                self._new[name] = self._git.line("hash-object", "-w", "--stdin", given=content)
            else:
                self._new[name] = name
        return self._new[name]

    def _tag(self, name: str, reader: ObjectReader) -> str:
        _, content = reader.read(name)
        head, gap, message = content.partition(b"\n\n")
        lines = head.split(b"\n")
        target, kind = lines[0][7:].decode(), lines[1][5:].decode()
        new_target = self.new(kind, target, reader)
        remover = self._git.remover
        if new_target == target and not remover.holds(content):
            return name
        message, was_signed = without_signature(message)
        self.signatures += was_signed
        self.tags += 1
        new = [b"object " + new_target.encode()]
        in_signature = False
        for line in lines[1:]:
            in_signature = line.startswith(b"gpgsig") or (in_signature and line.startswith(b" "))
            if not in_signature:
                clean = (
                    remover.clean_name
                    if line.startswith(b"tag ")
                    else lambda text: remover.clean(text).content
                )
                new.append(clean(line))
        written = b"\n".join(new) + gap + remover.clean(message).content
        return self._git.line("hash-object", "-t", "tag", "-w", "--literally", "--stdin", given=written)


def without_signature(message: bytes) -> tuple[bytes, bool]:
    """Return a tag's message without the signature at its end, and whether there was one."""
    for begin in _SIGNATURES:
        at = message.find(begin)
        if at == 0 or (at > 0 and message[at - 1 : at] == b"\n"):
            return message[:at], True
    return message, False


def move(git: MirrorGit, references: tuple[Reference, ...], mover: Mover) -> tuple[Moved, ...]:
    """Return where each reference goes; our own ones go away."""
    taken = {r.name for r in references}
    found = []
    with git.objects() as reader:
        for one in references:
            if one.name.startswith(TIPS):
                found.append(
                    Moved(old_name=one.name, new_name="", old=one.object, new="", shown_old=one.name)
                )
                continue
            new = mover.new(one.kind, one.object, reader)
            name = git.remover.clean_name(one.name.encode("utf-8", "surrogateescape"))
            renamed = shown = name.decode("utf-8", "surrogateescape")
            if renamed != one.name:
                count = 2
                free = renamed
                while free in taken:
                    free, count = f"{renamed}-{count}", count + 1
                renamed = free
                taken.add(renamed)
            found.append(Moved(old_name=one.name, new_name=renamed, old=one.object, new=new, shown_old=shown))
    return tuple(found)


def apply(git: MirrorGit, moved: tuple[Moved, ...]) -> None:
    """Point every reference to its new object, under its new name; HEAD follows its branch."""
    head = git.ask("symbolic-ref", "HEAD")
    branch = head.raw.decode("utf-8", "surrogateescape").strip() if head.succeeded else ""
    gone, made = [], []
    for one in moved:
        if one.new_name != one.old_name:
            gone.append(f"delete {one.old_name}\0\0")
        if one.new_name and one.is_changed:
            made.append(f"update {one.new_name}\0{one.new}\0\0")
        if one.old_name == branch and one.new_name and one.new_name != branch:
            git.answer("symbolic-ref", "HEAD", one.new_name)
    for orders in (gone, made):
        if orders:
            given = "".join(orders).encode("utf-8", "surrogateescape")
            git.answer("update-ref", "--no-deref", "--stdin", "-z", given=given)
    if not head.succeeded:
        _detached(git, moved)


def _detached(git: MirrorGit, moved: tuple[Moved, ...]) -> None:
    """Let a HEAD that is no branch point to a branch: what it pointed to may be gone."""
    branches = sorted(m.new_name for m in moved if m.new_name.startswith("refs/heads/"))
    git.answer("symbolic-ref", "HEAD", branches[0] if branches else "refs/heads/main")


def move_notes(git: MirrorGit, ref: str, commits: Mapping[str, str]) -> int:
    """Hang the notes of `ref` to the new commits, with one more commit; returns how many notes moved."""
    tip = git.line("rev-parse", "--verify", ref)
    listed = git.answer("ls-tree", "-r", "-z", "--full-tree", tip)
    orders = []
    for entry in listed.split(b"\0"):
        about, _, path = entry.partition(b"\t")
        name = path.replace(b"/", b"").decode("ascii", "replace")
        new = commits.get(name, name)
        if entry and new != name:
            mode, _, blob = about.decode().split(" ")
            old = path.decode()
            at, fanned = 0, []
            for part in old.split("/"):
                fanned.append(new[at : at + len(part)])
                at += len(part)
            orders.append(f"D {old}\nM {mode} {blob} {'/'.join(fanned)}\n")
    if not orders:
        return 0
    when = git.line("log", "-1", "--format=%ct", tip)
    told = "Notes follow the commits that were written anew\n"
    stream = (
        f"commit {ref}\ncommitter Andon <andon@localhost> {when} +0000\n"
        f"data {len(told)}\n{told}\nfrom {tip}\n" + "".join(orders) + "\ndone\n"
    )
    git.answer("fast-import", "--quiet", "--force", "--done", given=stream.encode())
    return len(orders)


def read_commit_map(path: str) -> dict[str, str]:
    """Return old to new commits from git-filter-repo's account; raises Unavailable."""
    try:
        with open(path, encoding="ascii") as file:
            lines = file.read().splitlines()[1:]
    except OSError as problem:
        raise Unavailable(
            f"the account of the new commits cannot be read: {problem.strerror}",
            where=path,
            rule="leak-purge",
            remedy="andon leak purge --yes",
        ) from problem
    return dict(line.split() for line in lines)

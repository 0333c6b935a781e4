"""What the work on a history says of itself: forecasts, accounts and proofs, without any secret in them."""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.parts import RefPush


class BundleFile(Record):
    """A backup on the disk."""

    path: str
    sha256: str
    size: int
    references: int
    #: What is in it without a name of its own: ids of older stashes and the like.
    unnamed: tuple[str, ...] = ()


class PurgeForecast(Record):
    """What a purge would change; nothing was changed yet."""

    objects: int
    #: Contents that hold a secret, commits and tags whose own text does.
    blobs: int
    messages: int
    tags: int
    #: Commits that get another id, of all.
    commits: int
    all_commits: int
    references: tuple[str, ...]
    #: References whose name holds a secret, with the name they get.
    names: tuple[str, ...]
    #: File names that hold one, in how many directories.
    file_names: int
    #: Commits that put something at a path which is left out altogether.
    removals: int
    first_changed: tuple[str, ...]
    #: Objects that could not be read to their end, with the reason.
    unread: tuple[str, ...] = ()
    #: Commits that are signed and lose their signature.
    signatures: int = 0

    @property
    def is_nothing(self) -> bool:
        """True when nothing would change."""
        return not (self.commits or self.references or self.names)


class MovedReference(Record):
    """A reference before and after the purge; "" for what is gone."""

    old_name: str
    new_name: str
    old: str
    new: str


class PurgeAccount(Record):
    """What a purge did in the mirror."""

    mirror: str
    commits: int
    references: tuple[MovedReference, ...]
    first_changed: tuple[str, ...]
    blobs: int
    #: Contents that could not be cleaned in place: a note stands for them.
    noted: tuple[str, ...] = ()
    signatures: int = 0
    tags: int = 0
    notes: int = 0
    #: Objects of a large file storage that nothing names any more.
    lfs: tuple[str, ...] = ()
    removed: int = 0
    #: Commits whose trees, parents, people and messages were compared with the old ones.
    compared: int = 0
    #: What old tools had written and git writes otherwise today (modes, people, messages); as far as listed.
    odd: tuple[str, ...] = ()

    @property
    def pull_requests(self) -> int:
        """How many pull requests of the host hold what was rewritten."""
        return len(
            {
                r.old_name.split("/pull/")[1].split("/")[0]
                for r in self.references
                if "/pull/" in r.old_name and r.old_name.endswith("/head")
            }
        )


class Proof(Record):
    """What a search through every byte of the mirror and its clones found."""

    objects: int
    files: int
    clones: int
    #: What still holds a secret: kind, id or place, encoding, path.
    survivors: tuple[str, ...]
    #: What could not be read, with the reason.
    unread: tuple[str, ...]
    #: What `git fsck` had to say; "" for nothing.
    damage: str = ""


#: Why a reference is not even tried that belongs to the host, such as a pull request.
KEPT_BY_HOST = "the host keeps this itself; its support has to remove it"


class PushPlan(Record):
    """How the new history gets to a remote."""

    remote: str
    #: Its address without a password.
    address: str
    refs: tuple[RefPush, ...]
    #: References of the remote that stay as they are.
    unchanged: int = 0


class Pushed(Record):
    """How a push went."""

    pushed: tuple[str, ...]
    #: References that were not taken, with the reason.
    failed: tuple[str, ...]
    #: References that the host keeps itself and takes from nobody, and that hold what was rewritten.
    kept: tuple[str, ...] = ()


class Removal(Record):
    """What the clean-up removed and what is left."""

    removed: tuple[str, ...]
    #: What should be gone and is not, with the reason.
    left: tuple[str, ...]
    #: Backups whose day has not come, with the day.
    kept: tuple[str, ...] = ()


class Adoption(Record):
    """What bringing the user's own clone to the new history would do, or did."""

    #: Reference, old object, new object ("" for removed), as text.
    steps: tuple[str, ...]
    #: Why it cannot be done yet; empty when it can.
    hindrances: tuple[str, ...]
    #: What still holds a secret afterwards; None before.
    survivors: tuple[str, ...] | None = None

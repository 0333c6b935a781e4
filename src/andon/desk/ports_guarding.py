"""What guards a repository needs from outside: its hooks, and what it knows before a reference moves.

That is its history, its receipts, what is tainted and what is banned. For type checking only, as `ports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from andon.response.change import ChangedFile
    from andon.response.hooks.plan import HookPlace, Launcher


class References(Protocol):
    """What a repository knows before a reference moves. Everything that asks git raises Unavailable."""

    def exists(self, ref: str) -> bool:
        """True when there is a reference of this name."""

    def files(self, identity: str) -> tuple[ChangedFile, ...]:
        """Return what a tag of a file or a tree holds."""

    def versions(self, path: str, but: Collection[str], limit: int = ...) -> tuple[str, ...]:
        """Return the contents of a path in the known history, newest first, without those of `but`.

        Known is what any reference but the stash reaches, and where HEAD was before.
        """

    def holds(self, identity: str, but: Collection[str]) -> bool:
        """True when a commit of the known history that is not in `but` brought this very content."""

    def messages(self, but: Collection[str]) -> Iterator[str]:
        """Yield every message of the known history, without those of commits in `but`."""

    def reached(self, head: str, commits: Collection[str]) -> tuple[str, ...]:
        """Return which of `commits` `head` reaches and no branch or tag does."""

    def is_start_of_replay(self, new: str) -> bool:
        """True when HEAD is about to go where a rebase will put commits, before the first of them."""

    def is_replaying(self) -> bool:
        """True while a rebase, a series of picks or a mailbox is under way."""

    def is_partial(self) -> bool:
        """True for a clone that fetches contents when they are asked for."""

    def index(self) -> tuple[str, str]:
        """Return the tree of what is staged, and the commit it will follow; "" where there is none."""

    def tips(self) -> tuple[str, ...]:
        """Return the commits at which the branches of this repository stand."""

    def since(self, before: Sequence[str], limit: int) -> tuple[tuple[str, str, str], ...]:
        """Return commits of the branches that nothing in `before` reaches, newest first.

        Each with its author and what a receipt of its content would be called (`response.gates.moved`).
        """

    def version(self) -> str:
        """Return git's version as it tells it."""


class Receipts(Protocol):
    """Which commits a gate of this repository judged; kept by several processes at once."""

    @property
    def has_begun(self) -> bool:
        """True when a beginning was recorded."""

    def passed(self) -> frozenset[str]:
        """Return the commits that have a receipt that was made here; raises Unavailable."""

    def before(self) -> tuple[str, ...]:
        """Return the commits that, with all before them, need none; raises Unavailable."""

    def give(self, commits: Iterable[str], rules: str) -> None:
        """Write that these commits passed under a set of rules; raises Unavailable."""

    def keep_staged(self, tree: str, parent: str) -> None:
        """Keep what was staged and passed, for the commit that follows; raises Unavailable."""

    def give_worded(self, message: str, rules: str) -> None:
        """Give a receipt for what was kept last, as a commit with this message; raises Unavailable."""

    def begin(self, commits: Iterable[str]) -> None:
        """Write that what these commits reach needs no receipt; raises Unavailable."""


class Tainted(Protocol):
    """Commits of other repositories that hold a secret."""

    def all(self) -> frozenset[str]:
        """Return the commits that are remembered; raises Unavailable."""

    def remember(self, commits: Collection[str], ref: str) -> None:
        """Keep commits, with the reference they came by; raises Unavailable."""

    def forget(self, commits: Collection[str]) -> None:
        """Drop commits; raises Unavailable."""

    def waiting(self) -> tuple[str, ...]:
        """Return the moves, in lines of git's hook, that a fetch left to be judged; raises Unavailable."""

    def caught_up(self, lines: int) -> None:
        """Drop the first lines of those; raises Unavailable."""


class BanFile(Protocol):
    """The list of what must not come back into this repository."""

    @property
    def place(self) -> str:
        """Where it is."""

    def read(self) -> str:
        """Return the list as text; "" when there is none. Raises Unavailable."""

    def write(self, text: str) -> None:
        """Replace the list, whole or not at all; raises Unavailable."""


class HookFiles(Protocol):
    """The hooks of the repository; a process that dies leaves the old file or the new one."""

    def place(self) -> HookPlace:
        """Return where git looks for hooks; raises NotFound outside a repository, Unavailable."""

    def launcher(self) -> Launcher:
        """Return how a hook starts this Andon; empty where that is left to PATH."""

    def read(self, name: str) -> bytes | None:
        """Return a file's content; None when there is none. Raises InvalidInput, Unavailable."""

    def is_run(self, name: str) -> bool:
        """True for a file that git would start: it passes over one that is not executable."""

    def write(self, name: str, text: str) -> None:
        """Put an executable file in place; raises Unavailable."""

    def keep(self, name: str, other: str) -> None:
        """Give a file a second name, if that is free, with its mode and content; raises Unavailable."""

    def put_back(self, name: str, other: str) -> None:
        """Give a file another name, over what stands there; raises Unavailable."""

    def remove(self, name: str) -> None:
        """Remove a file; raises Unavailable."""


class GuardingDesk(Protocol):
    """A desk that guards the repository: its hooks, and what its gates remember."""

    @property
    def hook_files(self) -> HookFiles:
        """The files of git's hooks."""

    @property
    def references(self) -> References:
        """What the repository knows before a reference moves."""

    @property
    def receipts(self) -> Receipts:
        """Which commits a gate of this repository judged."""

    @property
    def tainted(self) -> Tainted:
        """Which commits that were fetched hold a secret."""

    @property
    def bans(self) -> BanFile:
        """What must not come back into this repository."""

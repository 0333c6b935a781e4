"""Commits of other repositories that hold a secret: they are here, and must not get onto a branch of ours."""

from __future__ import annotations

from andon.production.own_files import OwnFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection


class TaintedFile:
    """The port `Tainted`."""

    def __init__(self, root: str) -> None:
        """Take the root of the work tree, or the bare repository."""
        self._file = OwnFile(root, "tainted")
        #: What the shell of the hook leaves for later.
        self._later = OwnFile(root, "fetched")

    def all(self) -> frozenset[str]:
        """Return the commits that are remembered; raises Unavailable."""
        return frozenset(line.split(" ")[0] for line in self._file.read().splitlines() if line)

    def remember(self, commits: Collection[str], ref: str) -> None:
        """Keep commits, with the reference they came by; raises Unavailable."""
        known = self.all()
        self._file.add([f"{commit} {ref}" for commit in commits if commit not in known])

    def forget(self, commits: Collection[str]) -> None:
        """Drop commits that hold no secret any more by today's rules; raises Unavailable."""
        lines = self._file.read().splitlines()
        kept = [line for line in lines if line and line.split(" ")[0] not in commits]
        if len(kept) != len(lines):
            self._file.put("".join(f"{line}\n" for line in kept))

    def waiting(self) -> tuple[str, ...]:
        """Return the moves, in lines of git's hook, that a fetch left to be judged; raises Unavailable."""
        return tuple(line for line in self._later.read().splitlines() if line)

    def caught_up(self, lines: int) -> None:
        """Drop the first lines of those; raises Unavailable."""
        left = self.waiting()[lines:]
        self._later.put("".join(f"{line}\n" for line in left))

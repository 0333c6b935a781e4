"""The objects of a whole history from one process of git, which remembers what it unpacked."""

from __future__ import annotations

import tempfile

from andon.errors import Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.production.quick_git import QuickGit

#: Bytes of a content that is handed over whole; of a larger one, piece by piece.
_AT_ONCE = 1 << 24
#: Seconds for what is read of a whole history.
_A_HISTORY = 24 * 3600.0


def stream(git: QuickGit, identities: Sequence[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each object with its content in pieces; raises Unavailable for one that is not there.

    What is asked goes through a file, so that neither side waits for the other.
    """
    with tempfile.NamedTemporaryFile() as file:
        file.write("".join(f"{one}\n" for one in identities).encode())
        file.flush()
        told = git.pieces("cat-file", "--batch", "--buffer", source=file.name, timeout=_A_HISTORY)
        try:
            yield from _streamed(told, git.root)
        finally:
            told.close()


def _streamed(told: Iterator[bytes], root: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield what `git cat-file --batch` answers piece by piece; only a large content is not held whole."""
    held, at = b"", 0
    for piece in told:
        held, at = held[at:] + piece, 0
        while (end := held.find(b"\n", at)) >= 0:
            name, *words = held[at:end].decode("ascii", "replace").split(" ")
            if len(words) != 2:
                raise Unavailable(
                    f"the content of {name[:10]} is not in this repository",
                    where=root,
                    remedy="git fetch --refetch",
                )
            start, stop = end + 1, end + 1 + int(words[1])
            if stop < len(held):
                yield name, iter((held[start:stop],))
            elif stop - start <= _AT_ONCE:
                parts, size = [held[start:]], len(held) - start
                while size <= stop - start:
                    parts.append(next(told, b""))
                    size += len(parts[-1])
                    if not parts[-1]:
                        raise Unavailable(f"git cat-file ends within {name[:10]}", where=root)
                held, start, stop = b"".join(parts), 0, stop - start
                yield name, iter((held[:stop],))
            else:
                rest = _Rest(held[start:], stop - start, told)
                yield name, rest.pieces()
                held, stop = rest.ended(name, root), 0
            at = stop + 1


class _Rest:
    """The rest of a content that is read in pieces, and what comes after it."""

    def __init__(self, first: bytes, size: int, told: Iterator[bytes]) -> None:
        self._piece, self._left, self._told = first, size, told

    def pieces(self) -> Iterator[bytes]:
        while self._left > len(self._piece):
            self._left -= len(self._piece)
            piece, self._piece = self._piece, b""
            if piece:
                yield piece
            self._piece = next(self._told, b"")
            if not self._piece:
                return
        if self._left:
            piece, self._piece, self._left = self._piece[: self._left], self._piece[self._left :], 0
            yield piece

    def ended(self, name: str, root: str) -> bytes:
        """Leave out what nobody read; return what follows, from the line end after the content on."""
        for _ in self.pieces():
            pass
        if self._left:
            raise Unavailable(f"git cat-file ends within {name[:10]}", where=root)
        return self._piece or next(self._told, b"\n")

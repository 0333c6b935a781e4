"""Small files of ours in git's directory, shared by all worktrees; several processes may add lines."""

from __future__ import annotations

import os

from andon.errors import Unavailable
from andon.production.workplace import common_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: Bytes of a file that are read.
LIMIT = 1 << 26


class OwnFile:
    """One file below `andon/` in the directory that git shares between worktrees; mode 0600."""

    def __init__(self, root: str, name: str) -> None:
        """Take the root of the work tree, or the bare repository."""
        shared = common_directory(root)
        self.path = os.path.join(shared, "andon", name) if shared else ""

    def read(self) -> str:
        """Return what it holds; "" when there is none. Raises Unavailable when it cannot be read."""
        if not self.path:
            return ""
        try:
            with open(self.path, encoding="utf-8", errors="replace") as file:
                content = file.read(LIMIT + 1)
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except OSError as problem:
            raise self._unavailable(problem) from problem
        if len(content) > LIMIT:
            raise Unavailable(f"it is larger than {LIMIT} bytes", where=self.path)
        return content

    @property
    def size(self) -> int:
        """Bytes it holds; 0 when there is none."""
        try:
            return os.stat(self.path).st_size if self.path else 0
        except OSError:
            return 0

    def add(self, lines: Sequence[str]) -> None:
        """Add lines by one write, so that lines of two processes never mix; raises Unavailable."""
        if not lines or not self.path:
            return
        content = "".join(f"{line}\n" for line in lines).encode()
        try:
            os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
            end = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(end, content)
            finally:
                os.close(end)
        except OSError as problem:
            raise self._unavailable(problem) from problem

    def put(self, content: str, *, lasts: bool = True) -> None:
        """Replace it whole or not at all; raises Unavailable.

        `lasts`: False for what may be lost when the machine stops, so that nobody waits for the disk.
        """
        draft = f"{self.path}.{os.getpid()}"
        try:
            os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
            end = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(end, "wb") as file:
                file.write(content.encode())
                file.flush()
                if lasts:
                    os.fsync(end)
            os.replace(draft, self.path)
        except OSError as problem:
            if os.path.lexists(draft):
                os.unlink(draft)
            raise self._unavailable(problem) from problem

    def _unavailable(self, problem: OSError) -> Unavailable:
        return Unavailable(
            f"{problem.strerror}", where=self.path, remedy=f"look at who may write there: ls -l {self.path}"
        )

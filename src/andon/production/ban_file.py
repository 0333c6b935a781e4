"""The ban list in git's directory: what a push or a fetch must not bring back."""

from __future__ import annotations

from andon.production.own_files import OwnFile


class GitBanFile:
    """The port `BanFile`."""

    def __init__(self, root: str) -> None:
        """Take the root of the work tree, or the bare repository."""
        self._file = OwnFile(root, "banned")

    @property
    def place(self) -> str:
        """Where it is."""
        return self._file.path

    def read(self) -> str:
        """Return the list as text; "" when there is none. Raises Unavailable."""
        return self._file.read()

    def write(self, text: str) -> None:
        """Replace the list, whole or not at all; raises Unavailable."""
        self._file.put(text)

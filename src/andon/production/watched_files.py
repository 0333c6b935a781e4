"""When the files were written whose change changes production without a release."""

from __future__ import annotations

import os
from datetime import UTC, datetime


class FilesOnDisk:
    """Files on this machine, relative to the repository's root or by their whole path."""

    def __init__(self, root: str) -> None:
        """Keep the root."""
        self._root = root

    def changed_at(self, path: str, /) -> datetime | None:
        """Return when a file was last written; None when it is not there or cannot be looked at."""
        try:
            seconds = os.stat(os.path.join(self._root, os.path.expanduser(path))).st_mtime
            return datetime.fromtimestamp(seconds, UTC)
        except (OSError, ValueError, OverflowError):
            return None

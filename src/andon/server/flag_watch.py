"""The file of definitions while the server runs: read when it changes; the last good one stays in force."""

from __future__ import annotations

import asyncio
import os

from andon.errors import AndonError, InvalidInput, Unavailable
from andon.server.flag_state import digest_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from andon.server.flag_service import FlagService

#: Seconds between two looks.
LOOK = 0.2
#: For how many looks a file has to stay the same before it is read. Half of a YAML file reads as a whole one
#: with fewer flags, so that more patience is due.
_SETTLED, _SETTLED_YAML = 1, 5
#: Bytes of a flag file.
LIMIT = 1 << 26


def read_definitions(path: str) -> tuple[dict[str, Any], str]:
    """Return the document in a file and its digest; raises InvalidInput with the line, Unavailable."""
    from andon.flags.opening import open_file
    from andon.flags.reading import read_document

    try:
        with open_file(path) as file:
            content = file.read(LIMIT + 1)
    except OSError as problem:
        raise Unavailable(
            f"the flag file cannot be read: {problem.strerror}",
            where=path,
            rule="flag-file",
            remedy=f"ls -l {path}",
        ) from problem
    if len(content) > LIMIT:
        raise InvalidInput(f"the flag file is larger than {LIMIT} bytes", where=path, rule="flag-file")
    document = read_document(content, path)
    try:
        return document, digest_of(document)
    except (ValueError, TypeError, RecursionError) as problem:
        raise InvalidInput(
            f"the flag file has what JSON cannot have: {problem}", where=path, rule="flag-file"
        ) from problem


class Watch:
    """Looks at one file, and puts in force what it says."""

    def __init__(self, path: str, service: FlagService, tell: Callable[[str], None]) -> None:
        """Take the file, which was read just now, and whom to tell when it cannot be used."""
        self._path = path
        self._service = service
        self._tell = tell
        self._read: tuple[object, ...] = ()
        self._seen: tuple[object, ...] = ()
        self._looks = 0
        self._settled = _SETTLED_YAML if path.endswith((".yaml", ".yml")) else _SETTLED
        self._beside = f"{path}.overrides.json"

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """Look once; a file that is still being written is left for the next time."""
        self._look_beside()
        stamp = _stamp(self._path)
        if stamp != self._seen:
            self._seen, self._looks = stamp, 0
            return
        self._looks += 1
        if stamp == self._read or self._looks < self._settled:
            return
        try:
            document, digest = await asyncio.to_thread(read_definitions, self._path)
            if _stamp(self._path) != stamp:
                return  # it changed while it was read
            self._read = stamp
            await self._service.define(document, digest)
        except AndonError as problem:
            self._read = stamp
            told = f"{problem}: the last good definitions stay in force"
            if self._service.findings != (told,):
                self._service.findings = (told,)
                self._tell(told)
            return
        if self._service.findings:
            self._service.findings = ()
            self._tell(f"{self._path}: it can be read again, and is in force")

    def _look_beside(self) -> None:
        """Notice overrides that somebody put beside the file: a server has its own and does not obey them."""
        told = (
            f"{self._beside} is there, which this server does not obey: kills belong into the server; "
            "[flags] server in andon.toml"
        )
        found = (told,) if os.path.exists(self._beside) else ()
        if found != self._service.beside:
            self._service.beside = found
            if found:
                self._tell(told)


def _stamp(path: str) -> tuple[object, ...]:
    try:
        at = os.stat(path)
    except OSError as problem:
        return (problem.errno,)
    return at.st_dev, at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns

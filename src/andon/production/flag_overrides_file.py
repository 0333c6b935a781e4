"""Flags in a file, and the overrides beside it in `FILE.overrides.json`: a kill switch without a server.

Processes that read the flags with `andon.flags.client.from_file` obey both. Which do, a file cannot say.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from datetime import UTC, datetime
from shlex import quote

from andon.desk.flags.values import Confirmed, FlagHealth, FlagUsage
from andon.errors import InvalidInput, NotFound, Unavailable
from andon.flags.opening import open_file
from andon.flags.overrides import from_plain, refuse_another, refuse_unfit, to_plain
from andon.production.flag_seen import seen_of
from andon.production.flag_words import state_in_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from andon.desk.flags.values import FlagSeen
    from andon.flags.overrides import Override

#: Bytes of a file that are read.
_LIMIT = 1 << 26


class FlagsInFile:
    """The port `FlagSystem` over a file of this machine."""

    kind = "andon"

    def __init__(self, path: str) -> None:
        """Take the file of definitions."""
        self.address = path
        self._beside = f"{path}.overrides.json"

    def flags(self) -> tuple[FlagSeen, ...]:
        """Return every flag as it stands now."""
        definitions, (_, overrides) = self._definitions(), self._read()
        return tuple(self._seen(key, flag, overrides) for key, flag in definitions.items())

    def find(self, key: str, /) -> FlagSeen:
        """Return one flag; raises NotFound."""
        definitions = self._definitions()
        if key not in definitions:
            raise NotFound(f"there is no flag {key}", where=self.address, remedy="andon flags list")
        return self._seen(key, definitions[key], self._read()[1])

    def put(self, override: Override, /) -> str:
        """Put an override into the file; return its version."""
        refuse_unfit(override, self._definitions(), self.address)
        with self._alone():
            version, overrides = self._read()
            if override in overrides:
                return str(version)
            kept = [one for one in overrides if (one.flag, one.layer) != (override.flag, override.layer)]
            return self._write(version, [*kept, override])

    def take(self, key: str, layer: str, operation: str, only: str = "", /) -> str:  # noqa: ARG002 - a file keeps no acts
        """Take an override out of the file; return its version."""
        definitions = self._definitions()
        with self._alone():
            version, overrides = self._read()
            standing = [one.operation for one in overrides if (one.flag, one.layer) == (key, layer)]
            refuse_another(standing[0] if standing else None, only, key, self._beside)
            kept = [one for one in overrides if (one.flag, one.layer) != (key, layer)]
            if len(kept) < len(overrides):
                return self._write(version, kept)
        if key not in definitions:
            raise NotFound(f"there is no flag {key}", where=self.address, remedy="andon flags list")
        return str(version)

    def confirmations(self, version: str, patience: float, tell: Callable[[str], None], /) -> Confirmed:  # noqa: ARG002
        """Say that nobody can know."""
        return Confirmed(
            connected=0,
            confirmed=0,
            can_confirm=False,
            detail=f"processes that read {self.address} on this machine have it within a second; "
            "which do, a file cannot say (andon flags serve can)",
        )

    def health(self) -> FlagHealth:
        """Say where kills are kept, and that nobody confirms them."""
        return FlagHealth(summary=f"kills are kept in {self._beside}; who obeys them, a file cannot say")

    def usage(self) -> tuple[FlagUsage, ...]:
        """Return nothing: nobody counts."""
        return ()

    # ---- the two files

    def _seen(self, key: str, flag: Any, overrides: tuple[Override, ...]) -> FlagSeen:
        above = [one for one in overrides if one.flag == key]
        if not isinstance(flag, dict):
            return seen_of(key, {}, above, state="its definition cannot be used")
        layers = {one.layer: one for one in above}
        now = datetime.now(UTC)
        return seen_of(
            key, flag, above, state=state_in_words(flag, layers.get("kill"), layers.get("rollout"), now)
        )

    def _definitions(self) -> dict[str, Any]:
        from andon.flags.reading import read_document

        content = self._content(self.address)
        if content is None:
            raise Unavailable(
                "the file of flags is not there",
                where=self.address,
                rule="flag-file",
                remedy="[flags] file in andon.toml",
            )
        found = read_document(content, self.address).get("flags")
        return found if isinstance(found, dict) else {}

    def _read(self) -> tuple[int, tuple[Override, ...]]:
        """Return the version and the overrides; raises InvalidInput rather than forget a kill."""
        content = self._content(self._beside)
        if content is None:
            return 0, ()
        try:
            kept = json.loads(content)
            version, listed = kept["version"], kept["overrides"]
            if not isinstance(version, int) or not isinstance(listed, list):
                raise TypeError
        except (ValueError, TypeError, KeyError, RecursionError) as problem:
            raise InvalidInput(
                "what stands above the flags cannot be read, so nobody knows what is killed",
                where=self._beside,
                rule="flag-override",
                remedy=f"mend it, or move it away and kill again what must be off: "
                f"mv {self._beside} {self._beside}.damaged",
            ) from problem
        return version, tuple(from_plain(one, self._beside) for one in listed)

    def _write(self, version: int, overrides: list[Override]) -> str:
        """Replace the overrides whole or not at all, on the disk when this returns."""
        number = max(version + 1, time.time_ns() // 1_000_000)
        plain = {"version": number, "overrides": [to_plain(one) for one in overrides]}
        draft = f"{self._beside}.{os.getpid()}.new"
        try:
            mode = os.stat(self.address).st_mode & 0o666  # whoever may read the flags reads what is above
            end = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
            with open(end, "wb") as file:
                file.write(json.dumps(plain, indent=2).encode() + b"\n")
                file.flush()
                os.fsync(end)
            os.replace(draft, self._beside)
            directory = os.open(os.path.dirname(self._beside) or ".", os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
        except OSError as problem:
            with contextlib.suppress(OSError):
                os.unlink(draft)
            raise self._unavailable(problem) from problem
        return str(number)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep others from writing meanwhile; the system releases the lock of whoever dies."""
        try:
            lock = os.open(f"{self._beside}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as problem:
            raise self._unavailable(problem) from problem
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _content(self, path: str) -> bytes | None:
        try:
            with open_file(path) as file:
                content = file.read(_LIMIT + 1)
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise self._unavailable(problem) from problem
        if len(content) > _LIMIT:
            raise InvalidInput(
                f"it is larger than {_LIMIT} bytes",
                where=path,
                rule="flag-file",
                remedy=f"see what it is: ls -l {quote(path)}",
            )
        return content

    def _unavailable(self, problem: OSError) -> Unavailable:
        return Unavailable(
            f"the overrides beside the flags cannot be used: {problem.strerror}",
            where=self._beside,
            rule="flag-override",
            remedy=f"who may write there: ls -ld {os.path.dirname(self._beside) or '.'}",
        )

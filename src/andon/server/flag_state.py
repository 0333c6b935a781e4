"""The directory in which a flag server keeps what it must not forget: overrides, the version, the counts.

A state that cannot be read stops the server from starting: a kill is never forgotten in silence.
"""

from __future__ import annotations

import fcntl
import json
import os
from hashlib import sha256

from andon.errors import AndonError, Conflict, InvalidInput, Unavailable
from andon.flags.overrides import Override, from_plain, to_plain
from andon.record import Record
from andon.server.flag_changes import LONG, Change, ChangeLog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

#: What the first line of a state must say; a later format gets another number.
FORMAT = 1
#: Bytes of a file in the directory that are read.
_LIMIT = 1 << 28


class Placed(Record):
    """An override and the version of the set that brought it."""

    override: Override
    version: int


class State(Record):
    """What is in force: the newest version, the definitions it was made of, and what stands above them."""

    version: int = 0
    #: Digest of the definitions that the version was made of; "" before there were any.
    definitions: str = ""
    placed: tuple[Placed, ...] = ()


class StateDirectory:
    """Files of one flag server; locked while it runs."""

    def __init__(self, path: str) -> None:
        """Keep the path; `open` makes it and takes the lock."""
        self.path = path
        self._lock = -1
        self._changes = ChangeLog(self._file("changes.log"))
        #: True when the last change that was begun was not finished; it was never answered.
        self.is_torn = False

    # ---- one server at a time

    def open(self) -> None:
        """Make the directory and lock it; raises Conflict when another server has it, Unavailable."""
        try:
            os.makedirs(self.path, mode=0o700, exist_ok=True)
            lock = os.open(self._file("lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as problem:
            raise self._unavailable("the state directory cannot be used", problem) from problem
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            holder = os.pread(lock, 20, 0).decode(errors="replace").strip()
            os.close(lock)
            raise Conflict(
                f"another flag server (process {holder or 'unknown'}) keeps its state here",
                where=self.path,
                rule="flag-state",
                remedy="use that one, or stop it; or give this one another directory: "
                "andon flags serve --state DIR",
            ) from problem
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._lock = lock

    def close(self) -> None:
        """Release the lock."""
        self._changes.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    # ---- overrides and the version

    def read(self) -> State:
        """Return what is kept, an empty State in a new directory; raises InvalidInput for a damaged one."""
        path = self._file("state.json")
        content = self._content(path)
        try:
            changes, self.is_torn = self._changes.read()
        except OSError as problem:
            raise self._unavailable("the changes cannot be read", problem) from problem
        except InvalidInput as problem:
            raise self._damaged(problem.where, problem.message) from problem
        if content is None:
            if changes or self._content(self._file("usage.json")) is not None:
                raise self._damaged(path, "it is gone, although this directory was used before")
            return State()
        try:
            kept = json.loads(content)
            state, told = kept["state"], kept["sha256"]
            if kept["format"] != FORMAT:
                raise self._damaged(path, f"it has format {str(kept['format'])[:20]}, not {FORMAT}")
            if _digest(state) != told:
                raise self._damaged(path, "its digest does not match its content")
            placed = tuple(
                Placed(override=from_plain(one["override"], path), version=int(one["version"]))
                for one in state["overrides"]
            )
            whole = State(version=int(state["version"]), definitions=state["definitions"], placed=placed)
            return self._changed(whole, changes)
        except AndonError:
            raise
        except (ValueError, TypeError, KeyError, RecursionError) as problem:
            raise self._damaged(path, f"it cannot be read ({type(problem).__name__})") from problem

    def _changed(self, state: State, changes: Iterable[Change]) -> State:
        """Return the state with the changes that came after it."""
        version = state.version
        placed = {(one.override.flag, one.override.layer): one for one in state.placed}
        for change in changes:
            if change.version <= state.version:
                continue  # it is in the state already: the server ended before they were cleared
            if change.previous != version:
                raise self._damaged(self._changes.path, f"a change after version {version} is missing")
            version = change.version
            if change.override is None:
                placed.pop((change.flag, change.layer), None)
            else:
                placed[change.flag, change.layer] = Placed(override=change.override, version=version)
        return State(version=version, definitions=state.definitions, placed=tuple(placed.values()))

    def add(self, change: Change, state: State) -> None:
        """Keep a change, which makes `state`, so that it survives a power cut; raises Unavailable."""
        if self._changes.size > LONG:
            self.write(state)
            return
        try:
            self._changes.append(change)
        except OSError as problem:
            raise self._unavailable("what is to be in force cannot be kept", problem) from problem

    def write(self, state: State) -> None:
        """Keep a state so that it survives a power cut from here on; raises Unavailable."""
        plain = {
            "version": state.version,
            "definitions": state.definitions,
            "overrides": [
                {"override": to_plain(one.override), "version": one.version} for one in state.placed
            ],
        }
        kept = {"format": FORMAT, "sha256": _digest(plain), "state": plain}
        self._replace("state.json", json.dumps(kept, indent=1).encode())
        try:
            self._changes.clear()
        except OSError as problem:
            raise self._unavailable("changes that are in the state cannot be cleared", problem) from problem

    # ---- what helps, and may be lost

    def read_extra(self, name: str) -> Any:
        """Return `usage`, `definitions`, `processes` or `held` as kept; None when it cannot be read."""
        try:
            content = self._content(self._file(f"{name}.json"))
            return None if content is None else json.loads(content)
        except (AndonError, ValueError, RecursionError):
            return None

    def write_extra(self, name: str, value: Mapping[str, Any] | list[list[str]]) -> None:
        """Keep `usage`, `definitions`, `processes` or `held`; raises Unavailable."""
        self._replace(f"{name}.json", json.dumps(value).encode())

    # ----

    def _file(self, name: str) -> str:
        return os.path.join(self.path, name)

    def _content(self, path: str) -> bytes | None:
        try:
            with open(path, "rb") as file:
                content = file.read(_LIMIT + 1)
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise self._unavailable("the state cannot be read", problem) from problem
        if len(content) > _LIMIT:
            raise self._damaged(path, f"it is larger than {_LIMIT} bytes")
        return content

    def _replace(self, name: str, content: bytes) -> None:
        """Replace a file whole or not at all; it and its name are on the disk when this returns."""
        path = self._file(name)
        draft = f"{path}.new"
        try:
            end = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with open(end, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(end)
            os.replace(draft, path)
            directory = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
        except OSError as problem:
            raise self._unavailable("what is to be in force cannot be kept", problem) from problem

    def _unavailable(self, told: str, problem: OSError) -> Unavailable:
        return Unavailable(
            f"{told}: {problem.strerror}",
            where=self.path,
            rule="flag-state",
            remedy=f"may this user write there, is the disk full? ls -ld {self.path}; df {self.path}",
        )

    def _damaged(self, path: str, why: str) -> InvalidInput:
        return InvalidInput(
            f"the state of the flag server is damaged: {why}; without it, kills that are in force would be "
            "forgotten",
            where=path,
            rule="flag-state",
            remedy=f"put back a copy of {path}; or start without any override, and kill again what must be "
            f"off: mv {self.path} {self.path}.damaged",
        )


def digest_of(document: object) -> str:
    """Return a digest of JSON values that does not depend on the order of keys."""
    return _digest(document)


def _digest(plain: object) -> str:
    return sha256(
        json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
    ).hexdigest()

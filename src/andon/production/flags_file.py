"""A file of flags in flagd's format, which flagd or somebody else reads: a kill edits the one flag in it.

The file is replaced whole or not at all, and only when nobody else wrote it meanwhile. How the text is edited
is in `flag_standing`.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import time
from datetime import UTC, datetime
from shlex import quote

from andon.desk.flags.values import Confirmed, FlagHealth
from andon.errors import Conflict, InvalidInput, NotFound, Refused, Unavailable
from andon.flags.overrides import KILL, ROLLOUT, from_plain, refuse_another, refuse_unfit, to_plain
from andon.production.flag_outline import outline
from andon.production.flag_seen import seen_of
from andon.production.flag_standing import Standing, definition_of, is_as_written, standing_in, with_layers
from andon.production.flag_words import state_in_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from andon.config.model_production import FlagSystemConfig
    from andon.desk.flags.values import FlagSeen, FlagUsage
    from andon.flags.overrides import Override
    from andon.production.flag_outline import Member, Outline

#: Bytes of a file that are read.
LARGEST = 16 << 20
#: Seconds to wait for another process of Andon that writes, and how often a file is read again that changed.
_PATIENCE, _TRIES = 5.0, 5


def open_system(config: FlagSystemConfig, root: str) -> FlagFile:
    """Return the flag system of `system = "file"`."""
    return FlagFile(os.path.join(root, config.file), config.file)


class FlagFile:
    """The port `FlagSystem` over one file."""

    kind = "file"

    def __init__(self, path: str, shown: str = "") -> None:
        """Take the file's path, and how it is called towards people."""
        self._path = path
        self.address = shown or path

    def flags(self) -> tuple[FlagSeen, ...]:
        """Return every flag; raises InvalidInput with file and line for a file that cannot be read."""
        found = self._outline(self._read())
        standing = standing_in(found)
        return tuple(_seen(found, key, standing.get(key)) for key in found.flags)

    def find(self, key: str, /) -> FlagSeen:
        """Return one flag; raises NotFound."""
        found = self._outline(self._read())
        self._flag(found, key)
        return _seen(found, key, standing_in(found).get(key))

    def put(self, override: Override, /) -> str:
        """Put an override above a flag in the file; raises Refused, NotFound, Unavailable.

        A kill goes above whatever stands there, also when somebody edited a flag that has a rollout: then the
        edited text is what it gives back.
        """

        override = from_plain(to_plain(override))  # so that it is the same when it is read again

        def edit(found: Outline) -> str:
            flag = self._flag(found, override.flag)
            standing = standing_in(found).get(override.flag)
            if standing is not None and not is_as_written(found, override.flag, standing):
                if override.layer != KILL:
                    raise self._edited(found, override.flag)
                standing = None
            if standing is None:
                standing = Standing(before=found.text[flag.start : flag.end], layers=())
            definition = definition_of(found, override.flag, standing)
            refuse_unfit(override, {override.flag: definition}, self.address)
            if override in standing.layers:
                return found.text
            others = tuple(layer for layer in standing.layers if layer.layer != override.layer)
            layered = Standing(before=standing.before, layers=(*others, override))
            return with_layers(found, override.flag, layered)

        return self._change(edit)

    def take(self, key: str, layer: str, _operation: str, only: str = "", /) -> str:
        """Take a layer away; with the last one the flag's text is what it was, byte for byte."""

        def edit(found: Outline) -> str:
            self._flag(found, key)
            standing = standing_in(found).get(key)
            if standing is None or not any(one.layer == layer for one in standing.layers):
                return found.text
            if not is_as_written(found, key, standing):
                raise self._edited(found, key)
            there = next(one for one in standing.layers if one.layer == layer)
            refuse_another(there.operation, only, key, self.address)
            left = tuple(one for one in standing.layers if one.layer != layer)
            return with_layers(found, key, Standing(before=standing.before, layers=left))

        return self._change(edit)

    def confirmations(self, _version: str, _patience: float, _tell: Callable[[str], None], /) -> Confirmed:
        """Return that nobody can say who has read the file."""
        detail = f"{self.address} is written; who has read it, nobody can say: flagd looks by itself"
        return Confirmed(connected=0, confirmed=0, can_confirm=False, detail=detail)

    def health(self) -> FlagHealth:
        """Return whether a kill could be written, as far as that can be told without writing."""
        path = os.path.realpath(self._path)
        try:
            self._refuse_mount(path)
        except Refused as problem:
            return FlagHealth(problems=(f"{problem.message}: {problem.remedy}",))
        problems = []
        if not os.access(os.path.dirname(path), os.W_OK):
            problems.append("its directory cannot be written, so no flag can be switched")
        if os.stat(path).st_nlink > 1:
            problems.append("it has another name (a hard link), which would keep the old flags")
        return FlagHealth(summary="who reads it, it cannot say", problems=tuple(problems))

    def usage(self) -> tuple[FlagUsage, ...]:
        """Return nothing: a file does not know who reads it."""
        return ()

    # ---- the file

    def _outline(self, content: bytes) -> Outline:
        try:
            return outline(content.decode("utf-8"), self.address)
        except UnicodeDecodeError as problem:
            line = content.count(b"\n", 0, problem.start) + 1
            raise InvalidInput(
                "it is not in UTF-8", where=f"{self.address}:{line}", rule="flag-file"
            ) from problem

    def _flag(self, found: Outline, key: str) -> Member:
        flag = found.flags.get(key)
        if flag is None:
            raise NotFound(f"there is no flag {key}", where=self.address, remedy="andon flags")
        if not isinstance(flag.value, dict):
            where = f"{self.address}:{found.line(flag.start)}"
            raise InvalidInput(f"the flag {key} is no object", where=where, rule="flag-file")
        return flag

    def _edited(self, found: Outline, key: str) -> Refused:
        return Refused(
            f"somebody edited the flag {key} since Andon switched it, so what was before is not put over it",
            where=f"{self.address}:{found.line(found.flags[key].key_start)}",
            rule="flag-edited",
            remedy=f"make the flag by hand what it shall be, and take {key} out of `$andon` in the file",
        )

    def _read(self) -> bytes:
        try:
            with open(self._path, "rb") as file:
                content = file.read(LARGEST + 1)
        except OSError as problem:
            raise self._unavailable(problem, "read") from problem
        if len(content) > LARGEST:
            raise InvalidInput(
                f"it is larger than {LARGEST >> 20} MB",
                where=f"{self.address}:1",
                rule="flag-file",
                remedy=f"put the flags' file there again: git log {quote(self.address)}",
            )
        return content

    def _change(self, edit: Callable[[Outline], str]) -> str:
        """Write what `edit` makes of the text, unless that is the same; return the version."""
        path = os.path.realpath(self._path)
        self._refuse_mount(path)
        with self._alone(path):
            for _ in range(_TRIES):
                content = self._read()
                made = edit(self._outline(content)).encode("utf-8")
                if made == content or self._replace(path, content, made):
                    return hashlib.sha256(made).hexdigest()[:12]
        raise Conflict(
            "somebody else writes this file again and again, so nothing was written",
            where=self.address,
            rule="flag-file",
            remedy="stop what writes it, then the same command again",
        )

    def _replace(self, path: str, old: bytes, new: bytes) -> bool:
        """Put new content in the file's place, with its mode and owner; False when it changed meanwhile."""
        draft = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{os.getpid()}")
        try:
            known = os.stat(path)
            if known.st_nlink > 1:
                raise Refused(
                    "the file has another name (a hard link), which would keep the old flags",
                    where=self.address,
                    rule="flag-file",
                    remedy=f"make it a file of its own, or a symbolic link: find . -samefile {self.address}",
                )
            end = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            try:
                with open(end, "wb") as file:
                    _keep_rights(end, path, known)
                    file.write(new)
                    file.flush()
                    os.fsync(end)
                if self._read() != old:
                    return False
                os.replace(draft, path)
            finally:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(draft)
            directory = os.open(os.path.dirname(path), os.O_RDONLY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
        except OSError as problem:
            raise self._unavailable(problem, "written") from problem
        return True

    @contextlib.contextmanager
    def _alone(self, path: str) -> Iterator[None]:
        """Keep other processes of Andon from writing in this directory meanwhile."""
        try:
            end = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY)
        except OSError as problem:
            raise self._unavailable(problem, "written") from problem
        try:
            until = time.monotonic() + _PATIENCE
            while True:
                try:
                    fcntl.flock(end, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError as problem:
                    if time.monotonic() > until:
                        raise Unavailable(
                            f"another process has written flags for more than {_PATIENCE:g} s",
                            where=self.address,
                            rule="flag-file",
                            remedy="the same command again",
                        ) from problem
                    time.sleep(0.02)
            yield
        finally:
            os.close(end)

    def _refuse_mount(self, path: str) -> None:
        """Refuse a Kubernetes ConfigMap or Secret: links into a directory that is replaced as a whole."""
        place = os.path.join(os.path.dirname(self._path), "..data")
        if os.path.islink(place) and os.path.realpath(place) in (path, os.path.dirname(path)):
            raise Refused(
                "it is mounted from a ConfigMap or Secret, and what is written here would not last",
                where=self.address,
                rule="flag-file",
                remedy="kubectl edit configmap NAME; or let [flags] file name the file that it is made from",
            )

    def _unavailable(self, problem: OSError, verb: str) -> Unavailable:
        remedy = f"look at who may write there: ls -ld {os.path.dirname(self.address) or '.'} {self.address}"
        if problem.errno == errno.ENOENT:
            remedy = "file in [flags] of andon.toml"
        elif problem.errno == errno.EROFS:
            remedy = "write it where it is mounted from; file in [flags] of andon.toml names it"
        elif problem.errno == errno.EBUSY:
            remedy = "it is mounted as a single file: mount its directory, and change it from there"
        return Unavailable(
            f"it cannot be {verb}: {problem.strerror}", where=self.address, rule="flag-file", remedy=remedy
        )


def _seen(found: Outline, key: str, standing: Standing | None) -> FlagSeen:
    value, now = found.flags[key].value, datetime.now(UTC)
    if not isinstance(value, dict):
        return seen_of(key, {}, state=f"line {found.line(found.flags[key].start)}: no flag")
    if standing is None:
        return seen_of(key, value, state=state_in_words(value, None, None, now))
    if not is_as_written(found, key, standing):
        layers = " and ".join(layer.layer for layer in standing.layers)
        told = state_in_words(value, None, None, now)
        return seen_of(key, value, state=f"edited since the {layers}: {told}")
    definition = definition_of(found, key, standing)
    above = {layer.layer: layer for layer in standing.layers}
    told = state_in_words(definition, above.get(KILL), above.get(ROLLOUT), now)
    return seen_of(key, definition, standing.layers, state=told)


def _keep_rights(end: int, path: str, known: os.stat_result) -> None:
    """Give the new file the owner, group, mode and labels of the one it replaces; raises OSError."""
    now = os.fstat(end)
    if (now.st_uid, now.st_gid) != (known.st_uid, known.st_gid):
        os.fchown(end, known.st_uid, known.st_gid)
    os.fchmod(end, known.st_mode & 0o7777)
    for name in getattr(os, "listxattr", lambda _path: ())(path):
        with contextlib.suppress(OSError):  # a label that the file system gives by itself
            os.setxattr(end, name, os.getxattr(path, name))

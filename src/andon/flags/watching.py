"""Flags out of a file, and the overrides beside it: read when they change, the last good in force until then.

A kill works without any server: it is an override in `FILE.overrides.json`, which every process that reads
the file obeys a quarter of a second later.
"""

from __future__ import annotations

import json
import os
import threading
import time

from andon.errors import AndonError, InvalidInput
from andon.flags.following import LARGEST, Change
from andon.flags.opening import open_file
from andon.flags.overrides import effective, from_plain
from andon.flags.reading import read_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from andon.flags.following import Document
    from andon.flags.in_force import InForce
    from andon.flags.overrides import Override
    from andon.flags.processes import Identity

    #: Layer and flag, and what stands there.
    Layers: TypeAlias = dict[tuple[str, str], Override]

#: How often it is looked whether a file has changed, in seconds.
EVERY = 0.25
#: A file that was written so recently may be written again without a later time, in seconds.
YOUNG = 2.0
#: No larger file is read.
MOST = 20 * 1024 * 1024


class Watched:
    """One file, and whether its content is news."""

    def __init__(self, path: str) -> None:
        """Look at nothing yet."""
        self.path = path
        self._seen: tuple[int, ...] | None = None
        self._content: bytes | None = None
        self._is_young = True

    def news(self) -> bytes | None:
        """Return the content when it is another than before, else None.

        Raises FileNotFoundError, OSError, and InvalidInput for a file that is too large.
        """
        with open_file(self.path) as file:
            about = os.fstat(file.fileno())
            seen = (about.st_mtime_ns, about.st_ctime_ns, about.st_ino, about.st_size)
            if seen == self._seen and not self._is_young:
                return None
            self._seen, self._is_young = seen, abs(time.time() - about.st_mtime) < YOUNG
            content = file.read(MOST + 1)
        if len(content) > MOST:
            raise InvalidInput("larger than 20 MiB", where=self.path, rule="flag-file")
        if content == self._content:
            return None
        self._content = content
        return content

    def forget(self) -> None:
        """Have the next look read the file whatever it has."""
        self._seen = self._content = None


class Watching:
    """Reads one flag file and its overrides, in one thread of this process."""

    #: A file is always reached; what is wrong with it is a problem of its own.
    is_connected = True

    def __init__(self, path: str, overrides: str, in_force: InForce, every: float = EVERY) -> None:
        """Read both files now, so that the first evaluation has them; never raises for what they hold."""
        self._definitions, self._overridden = Watched(path), Watched(overrides)
        self._in_force, self._every = in_force, every
        self._document: Document | None = None
        self._held_back: bytes | None = None
        self._layers: Layers = {}
        self._layers_version = self._version = 0
        self._effective: Document = {"flags": {}}
        self._file_problem = self._layers_problem = ""
        self._thread: threading.Thread | None = None
        #: When the file was last looked at and found good, by the monotonic clock.
        self.contact: float | None = None
        with in_force.quiet:
            self.look()

    # ---- from other threads

    def start(self, identity: Identity) -> None:  # noqa: ARG002  # as Stream.start
        """Start the thread; where the system gives none, that is a problem to be seen."""
        self._stopped = threading.Event()
        try:
            thread = threading.Thread(target=self._run, name="andon-flags", daemon=True)
            thread.start()
            self._thread = thread
        except RuntimeError as error:
            self._file_problem = f"{self._definitions.path} is not watched: {error}"

    def stop(self, seconds: float) -> None:
        """Have the thread end; wait for that, `seconds` at most."""
        self._stopped.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def after_fork(self, identity: Identity) -> None:
        """Go on in a forked process; what the parent was just reading is read again."""
        self._definitions.forget()
        self._overridden.forget()
        self._thread = None
        self.start(identity)

    def problems(self) -> tuple[str, ...]:
        """Return everything that is wrong, in lines for people, with file and line."""
        return tuple(problem for problem in (self._file_problem, self._layers_problem) if problem)

    # ---- in the thread

    def _run(self) -> None:
        while not self._stopped.wait(self._every):
            with self._in_force.quiet:
                self._look_again()

    def _look_again(self) -> None:
        before = self.problems()
        try:
            self.look()
        except Exception as error:  # noqa: BLE001  # a bug here must not freeze the flags of a program
            self._file_problem = f"{self._definitions.path}: {type(error).__name__}: {error}"[:300]
            self._definitions.forget()
        if self.problems() != before:
            self._in_force.tell_state()

    def look(self) -> None:
        """Read what has changed and put it in force."""
        is_new = self._look_at_definitions()
        is_new = self._look_at_overrides() or is_new
        if self._document is None:
            return
        if not self._file_problem:
            self.contact = time.monotonic()
        if not is_new:
            return
        made = apply_layers(self._document, self._layers)
        self._version = max(self._version + 1, self._layers_version)
        change = Change(version=self._version, document=made)
        keys = self._in_force.apply(self._effective, change, "file")
        self._effective = made
        self._in_force.is_ready.set()
        self._in_force.tell(keys)

    def _look_at_definitions(self) -> bool:
        path = self._definitions.path
        try:
            content = self._settled(self._definitions.news())
            if content is None:
                return False
            self._document = read_document(content, path)
        except FileNotFoundError:
            self._file_problem = f"{path}: there is no such file"
            self._definitions.forget()
            return False
        except OSError as error:
            self._file_problem = f"{path}: {error.strerror or error}"
            self._definitions.forget()
            return False
        except AndonError as error:
            self._file_problem = str(error)
            return False
        self._file_problem = ""
        return True

    def _settled(self, content: bytes | None) -> bytes | None:
        """Hold back YAML until it is found unchanged: half a file reads as a whole one with fewer flags."""
        if content is None:
            content, self._held_back = self._held_back, None
        elif self._document is not None and not content.lstrip().startswith(b"{"):
            content, self._held_back = None, content
        return content

    def _look_at_overrides(self) -> bool:
        path = self._overridden.path
        try:
            content = self._overridden.news()
            if content is None:
                return False
            layers, version, problem = read_overrides(content, path)
        except FileNotFoundError:
            self._overridden.forget()
            gone = f"{path} is gone: its overrides stay in force in this process" if self._layers else ""
            self._layers_problem = gone
            return False
        except (OSError, AndonError) as error:
            stays = " (the overrides read before stay in force)" if self._layers else ""
            self._layers_problem = f"{error}{stays}"
            return False
        if version < self._layers_version:
            older = f"version {version}, older than {self._layers_version}"
            self._layers_problem = f"{path} has {older}: not applied"
            return False
        if problem:
            layers = {**self._layers, **layers}  # what cannot be read may be a kill that was in force
        self._layers, self._layers_version, self._layers_problem = layers, version, problem
        return True


def read_overrides(content: bytes, path: str) -> tuple[Layers, int, str]:
    """Return what a file of overrides holds, its version, and what is wrong with some of it, or "".

    Raises InvalidInput for a file of which nothing can be used.
    """
    try:
        found = json.loads(content)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise InvalidInput(f"no JSON: {error}", where=f"{path}:{line}", rule="flag-overrides") from None
    except RecursionError:
        raise InvalidInput("no JSON: too deep", where=path, rule="flag-overrides") from None
    version = found.get("version") if isinstance(found, dict) else None
    listed = found.get("overrides") if isinstance(found, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version < LARGEST:
        raise InvalidInput("overrides without a version", where=path, rule="flag-overrides")
    if not isinstance(listed, list):
        raise InvalidInput("no list of overrides", where=path, rule="flag-overrides")
    layers: Layers = {}
    problem = ""
    for number, plain in enumerate(listed):
        try:
            override = from_plain(plain, f"{path}: overrides[{number}]")
        except InvalidInput as error:
            problem = problem or str(error)
            continue
        layers[override.layer, override.flag] = override
    return layers, version, problem


def apply_layers(document: Document, layers: Layers) -> Document:
    """Return a set with its overrides applied; one of a flag that is not there does nothing."""
    if not layers:
        return document
    flags: dict[str, Any] = dict(document.get("flags", {}))
    by_flag: dict[str, list[Override]] = {}
    for override in layers.values():
        by_flag.setdefault(override.flag, []).append(override)
    for key, overrides in by_flag.items():
        if isinstance(flags.get(key), dict):
            flags[key] = effective(flags[key], overrides)
    return {**document, "flags": flags}

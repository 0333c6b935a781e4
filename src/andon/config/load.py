"""Finding and loading the configuration fast: the parsed form is cached under the file's exact identity.

Reading TOML costs as much start-up time as everything else a status needs; the cache (mode 0600, in the
user's cache directory) is used only while device, inode, size and both times of the file are unchanged.
"""

from __future__ import annotations

import os
import stat
import time

from andon.config.compact import dumps, loads
from andon.config.model import Config, from_plain, to_plain
from andon.errors import Unavailable

NAME = "andon.toml"
#: Changes when the model changes, so that an older cache is never read.
_FORMAT = 21
#: Bytes; a configuration is a hundredth of this.
_LARGEST = 1024 * 1024
#: A file changed this recently, in nanoseconds, could change again under the same times: it is not cached.
_RACY = 20_000_000


def load_config(root: str, default_service: str) -> Config:
    """Return the configuration of the repository at `root`; defaults when it has no `andon.toml`.

    Raises InvalidInput for a broken file and Unavailable when it cannot be read.
    """
    path = os.path.join(root, NAME)
    try:
        found = os.stat(path)
    except FileNotFoundError as problem:
        if os.path.islink(path):
            raise _unreadable(path, "it is a link that leads nowhere") from problem
        return Config(service=default_service, root=root)
    except OSError as problem:
        raise _unreadable(path, problem.strerror) from problem
    if not stat.S_ISREG(found.st_mode):
        raise _unreadable(path, "it is not a file")
    if found.st_size > _LARGEST:
        raise _unreadable(path, f"it is larger than {_LARGEST} bytes")
    identity = [_FORMAT, path, default_service, found.st_dev, found.st_ino, found.st_size]
    identity += [found.st_mtime_ns, found.st_ctime_ns]
    cache = cache_file("config", path, found, ending="cache")
    config = _from_cache(cache, identity)
    return config if config is not None else _from_file(path, root, default_service, cache, identity)


def cache_directory() -> str:
    """Return Andon's directory for things that can be made again; "" for somebody without a home."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # a relative one is to be ignored: XDG base directory specification
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "andon") if os.path.isabs(base) else ""


def cache_file(kind: str, path: str, found: os.stat_result, *, ending: str = "json") -> str:
    """Return where what was made from the file at `path` is kept; "" when it is not to be kept."""
    directory = cache_directory()
    is_settled = abs(time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns)) > _RACY
    name = "".join(c if c.isalnum() else "-" for c in path)[-120:]
    return os.path.join(directory, f"{kind}-{name}.{ending}") if directory and is_settled else ""


def _from_cache(cache: str, identity: list[object]) -> Config | None:
    """Return the cached configuration, or None: a cache that cannot be used is no error."""
    try:
        with open(cache, encoding="utf-8", errors="surrogatepass", newline="") as file:
            stored = loads(file.read())
        return from_plain(stored["config"]) if stored["identity"] == identity else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _from_file(path: str, root: str, service: str, cache: str, identity: list[object]) -> Config:
    from andon.config.read import read_config  # tomllib: only when the cache is cold

    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as problem:
        raise _unreadable(path, problem.strerror) from problem
    config = read_config(content, path=path, root=root, default_service=service)
    plain = {"identity": identity, "config": to_plain(config)}
    write_private(cache, dumps(plain).encode("utf-8", "surrogatepass"))
    return config


def write_private(path: str, content: bytes) -> None:
    """Write a cache file that only its owner can read, whole or not at all; failing to is no error."""
    if not path:
        return
    temporary = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError:
        try:
            os.unlink(temporary)
        except OSError:
            return


def _unreadable(path: str, why: str | None) -> Unavailable:
    return Unavailable(
        f"the configuration cannot be read: {why}",
        where=path,
        rule="configuration",
        remedy="make it a text file that you may read; or move it away, and begin anew: andon init",
    )

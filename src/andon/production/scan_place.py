"""A private directory in which a scanner finds the files it is to look at, and nothing else.

Its names are safe whatever the files are called in the repository; no link, filter or hook of it is followed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile

from andon.errors import Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextlib.contextmanager
def place_for(files: Mapping[str, str]) -> Iterator[str]:
    """Write the texts under their names into a new directory and remove it again; raises Unavailable."""
    place = _made()
    try:
        for name, text in files.items():
            _write(place, name, text)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _made() -> str:
    try:
        return tempfile.mkdtemp(prefix="andon-scan-")
    except OSError as problem:
        raise _cannot("a directory for it", problem.strerror) from problem


def _write(place: str, name: str, text: str) -> None:
    path = os.path.normpath(os.path.join(place, name))
    if not path.startswith(place + os.sep) or "\0" in path:
        raise _cannot(name, "it would not be inside")
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "xb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
    except OSError as problem:
        raise _cannot(name, problem.strerror) from problem


def _cannot(name: str, why: str | None) -> Unavailable:
    return Unavailable(
        f"a file cannot be laid out for a scanner: {why}",
        where=name,
        rule="no-new-finding",
        remedy="make room in the temporary directory; or: andon gate ci --sarif-base A --sarif-head B",
    )

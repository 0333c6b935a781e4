"""Reading what a run of a suite left on disk. The one module here that opens files."""

from __future__ import annotations

import os
import stat

from andon.gaps.artefacts.archive import Room
from andon.gaps.artefacts.cleaning import clean
from andon.gaps.artefacts.found import Piece
from andon.gaps.artefacts.joining import joined
from andon.gaps.artefacts.pictures import MOST, last_frames
from andon.gaps.artefacts.sorting import HEAD, Sorting, may_be_an_artefact
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from andon.gaps.artefacts.cleaning import Redacting
    from andon.gaps.beliefs import Beliefs
    from andon.gaps.experiment import Picture

#: Files of a directory that are looked at, and bytes of one, and of all, that are read.
FILES, FILE, ALL = 20_000, 128 << 20, 512 << 20
#: Directories in which no suite leaves anything.
_NOT_WALKED = frozenset((".git", "node_modules", ".venv", "venv", "__pycache__"))
#: Artefacts that have to be read to be told: nothing shorter is one.
_SHORTEST = 20


def read_artefacts(
    paths: Iterable[str], redactor: Redacting, *, root: str = "", directory: str = ""
) -> Beliefs:
    """Return what reports and traces say; files are told by their content, and named relative to `root`.

    Never raises for a file: what is missing, unreadable or broken is a problem of the beliefs. With a
    `directory`, the suite's own, artefacts that name none of its files are told to be another suite's.
    No text of the beliefs holds a credential that is in the artefacts.
    """
    sorting, left = Sorting(), ALL
    pieces: list[Piece] = []
    for path in paths:
        found, before = _files(os.path.join(root, path)), len(pieces)
        for file in found:
            name = os.path.relpath(file, root) if root else file
            content = _content(file, min(FILE, left))
            if isinstance(content, str):
                pieces.append(Piece(sort="nothing that could be read", problems=(content,), source=name))
            elif content:
                left -= len(content)
                pieces += sorting.pieces(content, name)
        if len(pieces) == before and not os.path.exists(os.path.join(root, path)):
            pieces.append(_nothing(path, "there is no such file or directory"))
    beliefs = joined(pieces)
    problems = (*beliefs.problems, *_missing(beliefs, pieces), *_foreign(beliefs, directory))
    return clean(replace(beliefs, problems=problems), sorting.secrets, redactor)


def pictures(path: str, redactor: Redacting) -> tuple[Picture, ...]:
    """Return what the pages looked like at the end of each test whose trace is in a file or directory.

    Titles are redacted; what is in the pixels cannot be.
    """
    found: list[Picture] = []
    room = Room()
    for file in _files(path):
        content = _content(file, FILE)
        if isinstance(content, bytes) and content.startswith(b"PK"):
            found += last_frames(content, room)
        if len(found) >= MOST:
            break
    return tuple(
        replace(
            one, title=redactor.redact(one.title.encode("utf-8", "replace"))[0].decode("utf-8", "replace")
        )
        for one in found[:MOST]
    )


def _nothing(source: str, problem: str) -> Piece:
    return Piece(sort="nothing", problems=(problem,), source=source)


def _files(path: str) -> Iterator[str]:
    """Yield a file, or the files of a directory in order; no link is followed out of it."""
    if not os.path.isdir(path):
        yield path
        return
    count = 0
    for here, directories, names in os.walk(path):
        directories[:] = sorted(name for name in directories if name not in _NOT_WALKED)
        for name in sorted(names):
            count += 1
            if count > FILES:
                return
            yield os.path.join(here, name)


def _content(path: str, most: int) -> bytes | str:
    """Return what is in a file, b"" for one that is no artefact, or why it could not be read."""
    try:
        status = os.stat(path) if os.path.isdir(os.path.dirname(path) or ".") else None
        if status is None or not stat.S_ISREG(status.st_mode) or status.st_size < _SHORTEST:
            return b""
        with open(path, "rb") as file:
            head = file.read(HEAD)
            if not may_be_an_artefact(head):
                return b""
            if status.st_size > most:
                return f"it is too large: {status.st_size >> 20} MiB"
            return head + file.read(most)
    except FileNotFoundError:
        return b""
    except OSError as error:
        return f"it could not be read: {error.strerror or type(error).__name__}"


def _missing(beliefs: Beliefs, pieces: list[Piece]) -> Iterator[str]:
    """Yield what a search would want and the artefacts do not have."""
    if not beliefs.tests:
        yield (
            "no report and no trace was found: run the suite with --trace on "
            "(pytest-playwright: --tracing on)"
        )
        return
    silent = sum(1 for test in beliefs.tests if not test.is_traced and test.outcome in ("passed", "flaky"))
    if silent:
        named = sum(len(test.traces) for piece in pieces for test in piece.tests)
        hint = "the traces that its report names were not given" if named else "run the suite with --trace on"
        yield f"{silent} of {len(beliefs.tests)} tests left no trace, so where they went is not known: {hint}"


def _foreign(beliefs: Beliefs, directory: str) -> Iterator[str]:
    """Yield a problem when no file that the artefacts name is in the suite's directory."""
    named = {
        test.id.partition("::")[0] if "::" in test.id else test.id.rpartition(":")[0] or test.id
        for test in beliefs.tests
    } - {""}
    if not directory or not named or beliefs.flavour == "junit":
        return
    wanted = {name.replace("\\", "/").rpartition("/")[2] for name in named}
    for file in _files(directory):
        if os.path.basename(file) in wanted and any(file.endswith(os.sep + name) for name in named):
            return
    yield "the artefacts are another suite's: none of the test files they name is in the suite's directory"

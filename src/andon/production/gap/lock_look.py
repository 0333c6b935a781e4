"""The lock files of the tests' tree and of production's: another directory, or the commit that it runs."""

from __future__ import annotations

import os

from andon.gaps.environment.locks import compare_locks, is_lock, packages
from andon.production.gap.plain_file import read
from andon.production.process import run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.config.model_gap import WorldConfig
    from andon.gaps.experiment import Difference
    from andon.gaps.failure import Failure

#: Seconds for git, and bytes of one file.
_TIMEOUT, _LARGEST = 10.0, 16 << 20


def compare_trees(
    test: WorldConfig, prod: WorldConfig, commit: str, root: str, failure: Failure
) -> tuple[Difference, ...]:
    """Return the packages whose versions differ; `commit` is production's, "" when it is not known."""
    here = os.path.join(root, test.directory)
    found: list[Difference] = []
    for name in sorted(_locks(here)):
        ours = packages(name, _file(os.path.join(here, name)))
        theirs = packages(name, _theirs(name, test, prod, commit, root))
        if ours and theirs:
            found += compare_locks(name, ours, theirs, failure)
    return tuple(found)


def _locks(directory: str) -> list[str]:
    try:
        return [name for name in os.listdir(directory) if is_lock(name)]
    except OSError:
        return []


def _theirs(name: str, test: WorldConfig, prod: WorldConfig, commit: str, root: str) -> str:
    if prod.directory and prod.directory != test.directory:
        return _file(os.path.join(root, prod.directory, name))
    if not commit:
        return ""
    command = ("git", "show", "--end-of-options", f"{commit}:./{name}")
    done = run(
        command,
        cwd=os.path.join(root, test.directory),
        timeout=_TIMEOUT,
        limit=_LARGEST,
        head=_LARGEST,
        apart=True,
    )
    return done.raw.decode("utf-8", "replace") if done.succeeded else ""


def _file(path: str) -> str:
    try:
        return read(path, _LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""

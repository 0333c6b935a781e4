"""What the code of a release brings along, read from git: its schema, names of settings, lock files."""

from __future__ import annotations

import re
from hashlib import sha256

from andon.errors import AndonError
from andon.record import Record
from andon.response.risks.configuration import is_provider, provided_names
from andon.response.risks.lockfiles import is_lockfile
from andon.response.schema.layouts import is_candidate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from andon.desk.ports import Desk

#: Files that are read for one release; a repository with more has its settings elsewhere.
_MOST = 60
#: Bytes of a file that declares settings.
_LARGEST = 1_000_000
#: How a migration is numbered: `0007_orders.py`, `V1.2__orders.sql`, `20260301_orders`.
_NUMBER = re.compile(r"[A-Za-z]?(\d[\d._]*)")


class CodeFacts(Record):
    """What came along with a commit; "" for what it does not have, or what could not be read."""

    #: The newest migration: its path, or how many there are and their hash where names tell no order.
    schema: str = ""
    #: Hash of the names of all settings that its files declare; the values are never read into it.
    config_names: str = ""
    #: Hash of its lock files.
    lockfiles: str = ""


def code_facts(desk: Desk, commit: str) -> CodeFacts:
    """Return what the code at `commit` brings along; nothing when git cannot say."""
    if not commit:
        return CodeFacts()
    try:
        paths = desk.repository.files(commit)
        providers = [path for path in paths if is_provider(path)][:_MOST]
        locks = [path for path in paths if is_lockfile(path)][:_MOST]
        names = {name for path in providers for name in _names(desk, commit, path)}
        contents = [(path, desk.repository.content(commit, path) or b"") for path in locks]
    except AndonError:
        return CodeFacts()
    return CodeFacts(
        schema=_newest([path for path in paths if is_candidate(path, desk.config.migrations)]),
        config_names=_hash(sorted(names)),
        lockfiles=_hash(f"{path}:{sha256(content).hexdigest()}" for path, content in contents),
    )


def _names(desk: Desk, commit: str, path: str) -> frozenset[str]:
    content = desk.repository.content(commit, path) or b""
    if len(content) > _LARGEST or b"\0" in content:
        return frozenset()
    return provided_names(path, content.decode("utf-8", "replace"))


def _newest(paths: Sequence[str]) -> str:
    """Return the migration with the highest number; a count and a hash where the names have none."""
    numbered = [(key, path) for path in paths if (key := _key(path))]
    if numbered and len(numbered) * 2 >= len(paths):
        return max(numbered)[1]
    return f"{len(paths)} files, {_hash(sorted(paths))}" if paths else ""


def _key(path: str) -> tuple[int, ...]:
    """Return the number of a migration; of a directory for each, the directory's."""
    for part in reversed(path.split("/")[-2:]):
        found = _NUMBER.match(part)
        if found:
            return tuple(int(digits) for digits in re.findall(r"\d+", found[1])[:8])
    return ()


def _hash(parts: Iterable[str]) -> str:
    listed = list(parts)
    return sha256("\n".join(listed).encode()).hexdigest()[:16] if listed else ""

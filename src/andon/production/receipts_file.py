"""Receipts: which commits a gate of this repository has judged, each with a seal that only it can make."""

from __future__ import annotations

import os

from andon.incident.digest import digest
from andon.production.own_files import OwnFile
from andon.response.gates.moved import content_of
from andon.secrets.key_file import read_or_make_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: Bytes beyond which what is there twice, or was sealed by nobody, is left out.
_LARGE = 1 << 23
_PASSED, _BEFORE, _CONTENT = "passed", "before", "content"


class GitReceipts:
    """The port `Receipts`."""

    def __init__(self, root: str) -> None:
        """Take the root of the work tree, or the bare repository."""
        self._file = OwnFile(root, "receipts")
        #: What was judged last before a commit; the hook of references reads it in the shell.
        self._last = OwnFile(root, "passed")
        self._made: bytes | None = None

    @property
    def has_begun(self) -> bool:
        """True when a beginning was recorded: what came after it needs a receipt."""
        return self._file.size > 0

    def passed(self) -> frozenset[str]:
        """Return the commits, and the digests of contents, that have a receipt that was made here."""
        return frozenset(subject for kind, subject in self._sealed() if kind != _BEFORE)

    def before(self) -> tuple[str, ...]:
        """Return where the branches stood when receipts began: that and what came before needs none."""
        return tuple(commit for kind, commit in self._sealed() if kind == _BEFORE)

    def give(self, commits: Iterable[str], rules: str) -> None:
        """Write that these commits passed under a set of rules; raises Unavailable."""
        self._add(_PASSED, commits, rules)

    def keep_staged(self, tree: str, parent: str) -> None:
        """Keep what was staged and passed, for the commit that follows; raises Unavailable."""
        self._last.put(f"{tree} {parent}\n", lasts=False)

    def give_worded(self, message: str, rules: str) -> None:
        """Give a receipt for what was kept last, as a commit with this message; raises Unavailable."""
        tree, _, parent = self._last.read().partition("\n")[0].partition(" ")
        if parent:
            content = content_of(tree, parent, message)
            self._last.put(f"{content}\n", lasts=False)
            self._add(_CONTENT, [digest(content.encode())], rules)

    def begin(self, commits: Iterable[str]) -> None:
        """Write that what these commits reach was there before receipts began; raises Unavailable."""
        self._add(_BEFORE, [*commits] or ["-"], "-")

    def _add(self, kind: str, commits: Iterable[str], rules: str) -> None:
        lines = []
        for commit in dict.fromkeys(commits):
            told = f"{kind} {commit} {rules}"
            lines.append(f"{told} {self._seal(told)}")
        if self._file.size > _LARGE:
            self._file.put("".join(f"{line}\n" for line in dict.fromkeys(self._valid())))
        self._file.add(lines)

    def _sealed(self) -> Iterable[tuple[str, str]]:
        return ((words[0], words[1]) for words in (line.split(" ") for line in self._valid()))

    def _valid(self) -> Iterable[str]:
        for line in self._file.read().splitlines():
            told, _, seal = line.rpartition(" ")
            if told.count(" ") == 2 and self._seal(told) == seal:
                yield line

    def _seal(self, told: str) -> str:
        from _blake2 import blake2b  # as fast as a hash can be had without loading OpenSSL

        if self._made is None:
            self._made = read_or_make_key(os.path.join(os.path.dirname(self._file.path), "key"))
        return str(blake2b(told.encode(), key=self._made, digest_size=12).hexdigest())

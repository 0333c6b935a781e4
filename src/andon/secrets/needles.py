"""Where the literals that secrets contain stand in a content; RE2 looks when there is much of it. Pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

#: Bytes, of one content or of all so far, above which loading RE2 (10 ms) costs less than doing without:
#: the standard library reads about 5 MB/s for 300 literals, RE2 200 MB/s (bench/redaction.py).
MUCH = 1 << 15
#: Bytes that RE2 may keep of what it learnt; it goes on more slowly when they do not suffice.
_MEMORY = 1 << 26


class Needles:
    """Literals, and where they stand in a content. Both ways of looking give the same answer."""

    def __init__(self, literals: Iterable[bytes], *, folded: bool = False) -> None:
        """Take the literals; `folded` ones are in lower case and stand for any case (of ASCII)."""
        self.literals = tuple(dict.fromkeys(literal for literal in literals if literal))
        self.folded = folded
        self._read = 0
        self._fast: _Fast | None = None
        self._may_be_fast = bool(self.literals)

    def find(self, content: bytes) -> dict[bytes, list[int]]:
        """Return the literals that are there, each with every place where it begins, in order."""
        if self._may_be_fast:
            self._read += len(content)
            if self._fast is None and self._read >= MUCH:
                self._fast = _Fast.of(self.literals, folded=self.folded)
                self._may_be_fast = self._fast is not None
            if self._fast is not None:
                return self._fast.find(content)
        return self.find_plainly(content)

    def find_plainly(self, content: bytes) -> dict[bytes, list[int]]:
        """Do what `find` does with the standard library alone: at once, but slow on much text."""
        text = content.lower() if self.folded else content
        found: dict[bytes, list[int]] = {}
        for literal in self.literals:
            at = text.find(literal)
            if at >= 0:
                places = found[literal] = []
                while at >= 0:
                    places.append(at)
                    at = text.find(literal, at + 1)
        return found

    def find_fast(self, content: bytes) -> dict[bytes, list[int]] | None:
        """Do what `find` does with RE2 alone; None where RE2 is not installed."""
        fast = _Fast.of(self.literals, folded=self.folded)
        return None if fast is None else fast.find(content)


class _Fast:
    """One automaton for all literals."""

    def __init__(self, literals: tuple[bytes, ...], folded: bool, re2: Any) -> None:
        from andon.secrets.quick_re2 import search_of

        options = re2.Options()
        options.case_sensitive = not folded
        options.encoding = re2.Options.Encoding.LATIN1
        options.longest_match = True
        options.never_capture = True
        options.log_errors = False
        options.max_mem = _MEMORY
        self._search = search_of(re2.compile(b"|".join(map(re2.escape, literals)), options))
        self._folded = folded
        self._all = frozenset(literals)
        self._prefixes = _prefixes(literals)
        #: By literal: those that begin where it begins, and after how many bytes another one may begin.
        self._known: dict[bytes, tuple[tuple[bytes, ...], int]] = {}

    @classmethod
    def of(cls, literals: tuple[bytes, ...], *, folded: bool) -> _Fast | None:
        """Return the automaton; None where RE2 is not installed (musl has no wheel) or has too much to do."""
        try:
            import re2
        except ImportError:
            return None
        try:
            return cls(literals, folded, re2)
        except re2.error:  # too many literals for its memory
            return None

    def find(self, content: bytes) -> dict[bytes, list[int]]:
        """Return the literals that are there, each with every place where it begins, in order."""
        found: dict[bytes, list[int]] = {}
        search, known, folded = self._search, self._known, self._folded
        start, end = search(content, 0)
        while start >= 0:
            longest = content[start:end].lower() if folded else content[start:end]
            told = known.get(longest)
            if told is None:
                told = known[longest] = self._learn(longest)
            for literal in told[0]:
                places = found.get(literal)
                if places is None:
                    places = found[literal] = []
                places.append(start)
            start, end = search(content, start + told[1])
        return found

    def _learn(self, longest: bytes) -> tuple[tuple[bytes, ...], int]:
        size = len(longest)
        here = tuple(longest[:n] for n in range(1, size + 1) if longest[:n] in self._all)
        for step in range(1, size):
            rest = longest[step:]
            if rest in self._prefixes or any(rest[:n] in self._all for n in range(1, len(rest))):
                return here, step
        return here, size


def _prefixes(literals: tuple[bytes, ...]) -> frozenset[bytes]:
    return frozenset(literal[:n] for literal in literals for n in range(1, len(literal) + 1))

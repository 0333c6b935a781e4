"""An expression that the standard library reads at once, and RE2 once there is much to read. Pure."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.secrets.quick_re2 import Search

#: Bytes, of one content or of all so far, above which loading RE2 costs less than doing without.
MUCH = 1 << 15


class Expression:
    """An expression without look-around and back-references; both ways of reading find the same.

    With `exact` an expression for the standard library alone decides at every place that this one finds: it
    must match nowhere else.
    """

    def __init__(self, pattern: bytes, exact: bytes = b"") -> None:
        """Take the patterns; they are compiled when they are first needed."""
        self.pattern = pattern
        self.exact = exact or pattern
        self._read = 0
        self._fast: Search | None = None
        self._may_be_fast = True

    def spans(self, content: bytes) -> Iterator[tuple[int, int]]:
        """Yield where it matches, from left to right and without overlaps."""
        if self._may_be_fast:
            self._read += len(content)
            if self._fast is None and self._read >= MUCH:
                self._fast = fast_search(self.pattern)
                self._may_be_fast = self._fast is not None
            if self._fast is not None:
                return self._spans_fast(self._fast, content)
        return self.spans_plainly(content)

    def spans_plainly(self, content: bytes) -> Iterator[tuple[int, int]]:
        """Do what `spans` does with the standard library alone."""
        return (found.span() for found in re.finditer(self.exact, content))

    def _spans_fast(self, search: Search, content: bytes) -> Iterator[tuple[int, int]]:
        decide = None if self.exact == self.pattern else re.compile(self.exact).match
        start, end = search(content, 0)
        while start >= 0:
            if decide is None:
                yield start, end
            elif exact := decide(content, start):
                yield exact.span()
                end = exact.end()
            else:
                end = start + 1
            start, end = search(content, end)


def fast_search(pattern: bytes) -> Search | None:
    """Return RE2's search from a place; None where it is not installed (musl has no wheel)."""
    try:
        import re2
    except ImportError:
        return None
    from andon.secrets.quick_re2 import search_of

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    return search_of(re2.compile(pattern, options))

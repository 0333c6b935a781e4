"""Finds leaked values in contents of any size, in every form, with how each is written. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from andon.record import Record
from andon.secrets.leak.encodings import forms_of, written_how

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, TypeAlias

    from andon.secrets.leak.credential import Credential
    from andon.secrets.leak.encodings import Form

    #: A compiled pattern of `re` or of RE2.
    Engine: TypeAlias = Any

#: Bytes of patterns that are compiled into one automaton; RE2 gives up its quick way on much larger ones.
_TOGETHER = 1 << 20
#: Memory RE2 may take for one automaton.
_MEMORY = 128 << 20
#: Bytes of a content that are carried over to its next part: longer than any value in its widest form.
CARRIED = 1 << 16


#: How packed data begins: gzip, zip, bzip2, xz, PDF, and all but the last in base64.
PACKED = (
    rb"\x1f\x8b\x08|PK\x03\x04|1AY&SY|\xfd7zXZ\x00|%PDF-1|%PDF-2"
    rb"|H4sI[A-Za-z]|UEsDB[A-Za-z]|QlpoO[A-Za-z]|/Td6WFoA"
)


class Span(Record):
    """A place in a content where a credential stands."""

    start: int
    end: int
    mark: str
    kind: str
    #: How it is written there.
    encoding: str


class Finder:
    """Looks for some credentials in all their forms at once."""

    def __init__(self, credentials: Iterable[Credential]) -> None:
        """Prepare for these credentials; of two in one place, the longer one has it."""
        self.credentials = tuple(sorted(credentials, key=lambda c: (-len(c.value), c.value)))
        forms = [form for credential in self.credentials for form in forms_of(credential)]
        self._groups = [
            # What is packed is noticed on the way: a pattern more costs this automaton nothing.
            (_compiled([*(f.pattern for f in group), *(() if number else (PACKED,))]), group)
            for number, group in enumerate(_grouped(forms))
        ]
        #: What says which form a match is of, made when something was found.
        self._deciders: dict[int, Callable[[bytes], int]] = {}
        self._told = lru_cache(maxsize=4096)(self._recognised)

    def holds(self, content: bytes) -> bool:
        """True when a credential stands somewhere in the content."""
        return any(engine.search(content) is not None for engine, _ in self._groups)

    def spans(self, content: bytes) -> list[Span]:
        """Return where credentials stand, by place; one that lies inside another one's place is left out."""
        return self.scan(content)[0]

    def scan(self, content: bytes) -> tuple[list[Span], list[int]]:
        """Return the same, and where something packed may begin."""
        found: list[Span] = []
        packed: list[int] = []
        for number, (engine, _) in enumerate(self._groups):
            found += self._search(content, number, engine, packed)
        return self._longest(found), packed

    def _longest(self, found: list[Span]) -> list[Span]:
        if len(self._groups) < 2 or len(found) < 2:
            return found
        found.sort(key=lambda span: (span.start, -span.end))
        kept: list[Span] = []
        for span in found:
            if not kept or span.end > kept[-1].end:
                kept.append(span)
        return kept

    def told(self, content: bytes) -> tuple[tuple[str, str], ...]:
        """Return (mark, encoding) of what a content holds, each once."""
        return tuple(dict.fromkeys((span.mark, span.encoding) for span in self.spans(content)))

    def without(self, text: str) -> str:
        """Return a name or an address without the credentials in it: markers stand in their place."""
        content = text.encode("utf-8", "surrogateescape")
        spans = self.spans(content)
        if not spans:
            return text
        parts, at = [], 0
        for span in spans:
            parts += [
                content[at : max(span.start, at)],
                f"[redacted:{_word(span.kind)}:{span.mark}]".encode(),
            ]
            at = max(span.end, at)
        return b"".join((*parts, content[at:])).decode("utf-8", "surrogateescape")

    def _search(self, content: bytes, number: int, engine: Engine, packed: list[int]) -> list[Span]:
        found: list[Span] = []
        at = end = 0
        while (match := engine.search(content, at)) is not None:
            start, stop = match.span()
            # The next may begin inside this one and reach beyond it.
            at = start + 1
            if stop <= end:
                continue
            told = self._told(number, content[start:stop])
            if told is None:
                packed.append(start)
                continue
            end = stop
            mark, kind, encoding, tail = told
            found.append(
                Span(start=stop - tail if tail else start, end=stop, mark=mark, kind=kind, encoding=encoding)
            )
        return found

    def _recognised(self, number: int, matched: bytes) -> tuple[str, str, str, int] | None:
        """Return mark, kind, encoding and tail of the first form that matches; None for what is packed."""
        forms = self._groups[number][1]
        form = next((f for f in forms if f.piece == matched and not f.tail), None)
        if form is None:
            if re.fullmatch(PACKED, matched):
                return None
            if number not in self._deciders:
                self._deciders[number] = _decider([f.pattern for f in forms])
            form = forms[self._deciders[number](matched)]
        credential = form.credential
        return credential.mark, credential.kind, written_how(form, matched), form.tail


def _word(kind: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", kind.lower()).strip("-") or "secret"


def _grouped(forms: list[Form]) -> Iterator[list[Form]]:
    group: list[Form] = []
    size = 0
    for form in forms:
        if group and size + len(form.pattern) > _TOGETHER:
            yield group
            group, size = [], 0
        group.append(form)
        size += len(form.pattern)
    if group:
        yield group


def _compiled(patterns: list[bytes]) -> Engine:
    """Return one automaton for all patterns: RE2's; where there is none, Python's, ten times slower."""
    whole = b"|".join(b"(?:%s)" % pattern for pattern in patterns)
    try:
        import re2
    except ImportError:
        return re.compile(whole, re.DOTALL)
    try:
        return re2.compile(whole, _options(re2))
    except re2.error:
        return re.compile(whole, re.DOTALL)


def _decider(patterns: list[bytes]) -> Callable[[bytes], int]:
    """Return what says which pattern, the first, matches all of a text that one of them matches."""

    def one_by_one(matched: bytes) -> int:
        return next(n for n, pattern in enumerate(patterns) if re.fullmatch(pattern, matched, re.DOTALL))

    try:
        import re2
    except ImportError:
        return one_by_one
    together = re2.Set.FullMatchSet(_options(re2))
    for pattern in patterns:
        together.Add(pattern)
    together.Compile()

    def at_once(matched: bytes) -> int:
        found = together.Match(matched)  # nothing when it runs out of memory
        return min(found) if found else one_by_one(matched)

    return at_once


def _options(re2: Any) -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = _MEMORY
    options.log_errors = False
    options.dot_nl = True
    return options

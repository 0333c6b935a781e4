"""Beliefs without credentials: those that the artefacts held, and what looks like one. Pure."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from andon.gaps.artefacts import loose
from andon.gaps.artefacts.kept_out import is_secret_name
from andon.gaps.artefacts.literals import MASK, Literals
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Protocol

    from andon.gaps.artefacts.kept_out import Credentials
    from andon.gaps.beliefs import Assertion, Beliefs, Exchange, TestBelief

    class Redacting(Protocol):
        """What takes secrets out of a text."""

        def redact(self, content: bytes) -> tuple[bytes, int]:
            """Return the content without secrets and how many were replaced."""


#: Bytes of a body that are cleaned and kept; of a longer one nothing is, since half a document misleads.
BODY = 256 << 10
#: Bytes of all bodies together.
BODIES = 32 << 20
#: Between texts that are cleaned together, and how many bytes are.
_BETWEEN, _TOGETHER = "\n\x1e\x00\x1e\n", 1 << 18


def clean(beliefs: Beliefs, secrets: Credentials, redactor: Redacting) -> Beliefs:
    """Return beliefs in which no text holds a secret, with how many were taken out.

    Where there are more credentials than can be taken out, every text that could hold one is left out.
    """
    if secrets.is_full:
        beliefs = _bare(beliefs)
    masking = _Masking()
    beliefs = replace(
        beliefs,
        base_url=_without_password(beliefs.base_url),
        tests=_with_bodies(beliefs.tests, masking.body),
    )
    texts: dict[str, str] = {}
    _walk(beliefs, lambda said: texts.setdefault(said, said))
    cleaning = _Cleaning(Literals(secrets.values), redactor)
    texts = dict(zip(texts, cleaning.all(list(texts)), strict=True))
    told = _walk(beliefs, texts.__getitem__)
    told = replace(told, tests=_with_bodies(told.tests, cleaning.whole, beliefs.tests))
    return replace(told, redactions=masking.count + cleaning.count)


class _Masking:
    """Masks what stands under a secret's name in JSON, each value by one of its type."""

    def __init__(self) -> None:
        self.count = 0
        self._room = BODIES

    def body(self, said: str, _: str = "") -> str:
        """Return a body without the values that are secret by their names; "" for one that is too long."""
        if not said or len(said) > BODY or len(said) > self._room:
            return ""
        self._room -= len(said)
        document = _document(said)
        if document is None:
            return said
        try:
            masked = self._masked(document)
            return said if masked == document else json.dumps(masked, ensure_ascii=False)
        except (RecursionError, ValueError):
            return ""

    def _masked(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._masked(one) for one in value]
        if not isinstance(value, dict):
            return value
        return {k: self._mask(v) if is_secret_name(k) else self._masked(v) for k, v in value.items()}

    def _mask(self, value: Any) -> Any:
        if isinstance(value, str) and value:
            self.count += 1
            return MASK
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value:
            self.count += 1
            return 0
        return [self._mask(one) for one in value] if isinstance(value, list) else self._masked(value)


class _Cleaning:
    """Takes secrets out of texts, many at a time, and counts them."""

    def __init__(self, recorded: Literals, redactor: Redacting) -> None:
        self._recorded = recorded
        self._redactor = redactor
        self.count = 0

    def all(self, texts: Sequence[str]) -> list[str]:
        """Return texts without secrets, in order."""
        clean: list[str] = []
        batch: list[str] = []
        size = 0
        for said in texts:
            batch.append(said.replace(_BETWEEN, "\n"))
            size += len(batch[-1])
            if size > _TOGETHER:
                clean += self._together(batch)
                batch, size = [], 0
        return clean + self._together(batch)

    def _together(self, batch: Sequence[str]) -> list[str]:
        """Return a batch without secrets; in halves when a secret was found across two texts."""
        if not batch:
            return []
        said, count = self._recorded.take_out(_BETWEEN.join(batch))
        content, more = self._redactor.redact(said.encode("utf-8", "replace"))
        parts = content.decode("utf-8", "replace").split(_BETWEEN)
        if len(parts) != len(batch):
            half = len(batch) // 2
            return self._together(batch[:half]) + self._together(batch[half:]) if half else [MASK]
        self.count += count + more
        return parts

    def whole(self, clean: str, before: str) -> str:
        """Return a clean body that is a document still; cleaned value by value when it is none any more."""
        document = _document(before)
        if clean == before or document is None or _document(clean) is not None:
            return clean
        try:
            return json.dumps(self._each(document), ensure_ascii=False)
        except (RecursionError, ValueError):
            return ""

    def _each(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.all([value])[0]
        if isinstance(value, list):
            return [self._each(one) for one in value]
        if isinstance(value, dict):
            return {self.all([k])[0]: self._each(v) for k, v in value.items()}
        return value


def _document(said: str) -> Any:
    begins = said.lstrip()[:1]
    return loose.parsed(said.encode("utf-8", "replace")) if begins in ("{", "[") else None


def _with_bodies(
    tests: Sequence[TestBelief],
    change: Callable[[str, str], str],
    before: Sequence[TestBelief] | None = None,
) -> tuple[TestBelief, ...]:
    """Return tests with every body changed; the change is given what the body was before, too."""
    changed = []
    for test, old in zip(tests, before or tests, strict=True):
        pairs = zip(test.exchanges, old.exchanges, strict=True)
        exchanges = tuple(
            replace(e, sent=change(e.sent, was.sent), answer=change(e.answer, was.answer)) for e, was in pairs
        )
        changed.append(replace(test, exchanges=exchanges))
    return tuple(changed)


def _walk(beliefs: Beliefs, text: Callable[[str], str]) -> Beliefs:
    """Return beliefs with every text in them changed."""
    return replace(
        beliefs,
        tests=tuple(_test(test, text) for test in beliefs.tests),
        read=tuple(map(text, beliefs.read)),
        problems=tuple(map(text, beliefs.problems)),
        base_url=text(beliefs.base_url),
        viewport=text(beliefs.viewport),
        locale=text(beliefs.locale),
        timezone=text(beliefs.timezone),
        browser=text(beliefs.browser),
        version=text(beliefs.version),
        commit=text(beliefs.commit),
    )


def _test(test: TestBelief, text: Callable[[str], str]) -> TestBelief:
    return replace(
        test,
        id=text(test.id),
        title=text(test.title),
        exchanges=tuple(_exchange(one, text) for one in test.exchanges),
        assertions=tuple(_assertion(one, text) for one in test.assertions),
        console_errors=tuple(map(text, test.console_errors)),
    )


def _assertion(one: Assertion, text: Callable[[str], str]) -> Assertion:
    return replace(
        one,
        expression=text(one.expression),
        locator=text(one.locator),
        expected=text(one.expected),
        file=text(one.file),
    )


def _exchange(exchange: Exchange, text: Callable[[str], str]) -> Exchange:
    return replace(
        exchange,
        method=text(exchange.method),
        origin=text(exchange.origin),
        path=text(exchange.path),
        resource=text(exchange.resource),
        content_type=text(exchange.content_type),
        headers=tuple((text(name), text(value)) for name, value in exchange.headers),
        sent=text(exchange.sent),
        answer=text(exchange.answer),
        problem=text(exchange.problem),
    )


def _bare(beliefs: Beliefs) -> Beliefs:
    """Return beliefs with where the tests went, and nothing of what was said there."""

    def bare(e: Exchange) -> Exchange:
        return replace(e, path=urlsplit(e.path).path, headers=(), sent="", answer="", problem="")

    told = "the artefacts hold more credentials than can be taken out: no body, header or value was kept"
    tests = tuple(
        replace(test, exchanges=tuple(map(bare, test.exchanges)), assertions=(), console_errors=())
        for test in beliefs.tests
    )
    return replace(beliefs, tests=tests, problems=(*beliefs.problems, told))


def _without_password(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

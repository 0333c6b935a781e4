"""Beliefs without credentials: those that the artefacts held, and what looks like one. Pure."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from andon.gaps.artefacts import loose
from andon.gaps.artefacts.kept_out import NAMES
from andon.record import Record, replace
from andon.secrets.redaction import PatternRedactor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol, TypeVar

    from andon.gaps.artefacts.kept_out import Credentials
    from andon.gaps.beliefs import Beliefs, Exchange, TestBelief

    R = TypeVar("R", bound=Record)

    class Redacting(Protocol):
        """What takes secrets out of a text."""

        def redact(self, content: bytes) -> tuple[bytes, int]:
            """Return the content without secrets and how many were replaced."""


#: Bytes of a body that are cleaned and kept; of a longer one nothing is, since half a document misleads.
BODY = 256 << 10
#: Bytes of all bodies together.
BODIES = 64 << 20
#: What stands for a text under a name that is secret.
MASK = "[redacted]"


class Cleaner:
    """Takes secrets out of texts, and counts them; the same text is looked at once."""

    def __init__(self, secrets: Credentials, redactor: Redacting) -> None:
        self._recorded = PatternRedactor(known=secrets.values)
        self._redactor = redactor
        self._known: dict[str, str] = {}
        self._room = 0 if secrets.is_full else BODIES
        self.count = 0

    def text(self, said: str) -> str:
        """Return a text without secrets."""
        if not said:
            return said
        if (clean := self._known.get(said)) is None:
            first, count = self._recorded.redact(said.encode("utf-8", "replace"))
            second, more = self._redactor.redact(first)
            self.count += count + more
            clean = second.decode("utf-8", "replace")
            if len(said) < 4096 and len(self._known) < 50_000:
                self._known[said] = clean
        return clean

    def body(self, said: str) -> str:
        """Return a body without secrets; a JSON document stays one."""
        if not said or len(said) > BODY or len(said) > self._room:
            return ""
        self._room -= len(said)
        document = loose.parsed(said.encode("utf-8", "replace")) if said.lstrip()[:1] in ("{", "[") else None
        if document is None:
            return self.text(said)
        try:
            masked = self._masked(document)
            clean = self.text(json.dumps(masked, ensure_ascii=False) if masked != document else said)
            if loose.parsed(clean.encode()) is None:
                clean = json.dumps(self._one_by_one(masked), ensure_ascii=False)
        except RecursionError:
            return ""
        return clean

    def _masked(self, value: Any) -> Any:
        """Return a document with what stands under a secret's name masked, each value by one of its type."""
        if isinstance(value, list):
            return [self._masked(one) for one in value]
        if not isinstance(value, dict):
            return value
        return {k: self._mask(v) if NAMES.search(k) else self._masked(v) for k, v in value.items()}

    def _mask(self, value: Any) -> Any:
        if isinstance(value, str) and value:
            self.count += 1
            return MASK
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value:
            self.count += 1
            return 0
        if isinstance(value, list):
            return [self._mask(one) for one in value]
        return self._masked(value)

    def _one_by_one(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self._one_by_one(one) for one in value]
        return (
            {self.text(k): self._one_by_one(v) for k, v in value.items()}
            if isinstance(value, dict)
            else value
        )


def clean(beliefs: Beliefs, secrets: Credentials, redactor: Redacting) -> Beliefs:
    """Return beliefs in which no text holds a secret, with how many were taken out."""
    cleaner = Cleaner(secrets, redactor)
    told = replace(
        beliefs,
        tests=tuple(_test(test, cleaner) for test in beliefs.tests),
        base_url=cleaner.text(_without_password(beliefs.base_url)),
        read=tuple(map(cleaner.text, beliefs.read)),
        problems=tuple(map(cleaner.text, beliefs.problems)),
        **{
            f: cleaner.text(getattr(beliefs, f)[:200])
            for f in ("locale", "timezone", "browser", "version", "commit")
        },
    )
    problems = told.problems
    if secrets.is_full:
        problems += ("the artefacts hold too many credentials to take out of bodies: no body was kept",)
    return replace(told, problems=problems, redactions=cleaner.count)


def _test(test: TestBelief, cleaner: Cleaner) -> TestBelief:
    return replace(
        test,
        id=cleaner.text(test.id),
        title=cleaner.text(test.title),
        exchanges=tuple(_exchange(one, cleaner) for one in test.exchanges),
        assertions=tuple(
            _texts(one, cleaner, ("expression", "locator", "expected", "file")) for one in test.assertions
        ),
        console_errors=tuple(map(cleaner.text, test.console_errors)),
    )


def _exchange(exchange: Exchange, cleaner: Cleaner) -> Exchange:
    return replace(
        _texts(exchange, cleaner, ("method", "path", "content_type", "problem")),
        headers=tuple((cleaner.text(name), cleaner.text(value)) for name, value in exchange.headers),
        sent=cleaner.body(exchange.sent),
        answer=cleaner.body(exchange.answer),
    )


def _texts(record: R, cleaner: Cleaner, fields: tuple[str, ...]) -> R:
    return replace(record, **{field: cleaner.text(getattr(record, field)) for field in fields})


def _without_password(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

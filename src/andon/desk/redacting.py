"""Takes secrets out of every text of an event before it is recorded, whoever or whatever wrote it."""

from __future__ import annotations

from andon.errors import Unavailable
from andon.incident.events import ProtocolAdopted
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from andon.desk.ports import Desk
    from andon.incident.events import Event


def without_secrets(events: Iterable[Event], redact: Callable[[str], str]) -> tuple[Event, ...]:
    """Return the events with every text passed through `redact`.

    A team's protocol is left as it is: it is a document of the repository, and long.
    """
    return tuple(event if isinstance(event, ProtocolAdopted) else _clean(event, redact) for event in events)


def redacted(desk: Desk, text: str) -> str:
    """Return `text` without the secrets the redactor knows."""
    content, _ = desk.redactor.redact(text.encode("utf-8", "replace"))
    return content.decode("utf-8", "replace")


def shown(desk: Desk, value: Any) -> Any:
    """Return a value as it may be shown: without secrets in any text of it, mappings and lists included.

    For what was read elsewhere and is in no journal, such as a flag's definition, whose texts anybody wrote.
    """
    texts: dict[str, str] = {}
    _deep(value, lambda text: texts.setdefault(text, text))
    if not _may_hold_secrets(desk, texts):
        return value
    clean = {text: desk.redactor.redact_words(text) for text in texts}
    return _deep(value, lambda text: clean[text])


def _may_hold_secrets(desk: Desk, texts: Iterable[str]) -> bool:
    """Look through all texts in one pass: of a thousand flags one by one it would take a second and more."""
    try:
        return bool(desk.redactor.redact("\n".join(texts).encode("utf-8", "backslashreplace"))[1])
    except Unavailable:
        return True  # a secret file cannot be read: what a secret looks like is known all the same


def _deep(value: Any, redact: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {_clean(key, redact): _deep(part, redact) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_deep(part, redact) for part in value)
    if isinstance(value, Record):
        return replace(value, **{field: _deep(getattr(value, field), redact) for field in value.__fields__})
    return _clean(value, redact)


def _readable(text: str) -> str:
    """Return a text that any journal can keep: bytes of another encoding are spelled out, not lost."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return text


def _clean(value: Any, redact: Callable[[str], str]) -> Any:
    """Return a value without secrets; the very same object when it held none."""
    if type(value) is str:  # not a word of the model, which is a kind of str
        return redact(value if value.isascii() else _readable(value))
    if isinstance(value, tuple):
        parts = tuple(_clean(part, redact) for part in value)
        return value if all(new is old for new, old in zip(parts, value, strict=True)) else parts
    if isinstance(value, Record):
        changed = {}
        for field in value.__fields__:
            old = getattr(value, field)
            new = _clean(old, redact)
            if new is not old:
                changed[field] = new
        return replace(value, **changed) if changed else value
    return value

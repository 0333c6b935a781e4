"""The redactor where no desk is at hand: for errors, reports of bugs, the last words of a tool."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: Of the desk that was opened last, at the end.
_hiding: list[Callable[[str], str]] = []


def hide_with(hide: Callable[[str], str]) -> None:
    """Have texts pass `hide` from now on, in this process."""
    _hiding[:] = [hide]


def hidden(text: str) -> str:
    """Return a text without secrets, as the desk knows them that was opened last; as it is without a desk."""
    return _hiding[-1](text) if _hiding and text else text


def hidden_anyhow(text: str) -> str:
    """Return a text without secrets; without a desk, without what looks like one."""
    if _hiding:
        return hidden(text)
    from andon.secrets.service import ServiceRedactor

    return ServiceRedactor("", (), str).redact_words(text)

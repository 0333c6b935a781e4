"""Text into Markdown that means nothing but itself, and back: titles and findings come from strangers."""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufff9-\ufffb]"
)
_SPECIAL = re.compile(r"[\\`*\[\]<>#|~!&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_LIST_START = re.compile(r"^(?:(?=[-+=])|([0-9]{1,9})(?=[.)]))")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def seen(text: str) -> str:
    """Return `text` with line feeds as line ends and what cannot be seen replaced by U+FFFD."""
    return _UNSEEN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def normal(text: str) -> str:
    """Return a person's text as it is kept: without blank lines around it and blanks at the ends of lines."""
    lines = [line.rstrip() for line in seen(text).split("\n")]
    return "\n".join(lines).strip("\n")


def one_line(text: str) -> str:
    """Return `text` on one line, with single spaces."""
    return " ".join(seen(text).split())


def escaped(text: str) -> str:
    """Return one line of Markdown that shows `text` and does nothing else; `unescaped` is the inverse."""
    return _LIST_START.sub(r"\g<0>\\", _SPECIAL.sub(r"\\\g<0>", one_line(text)))


def unescaped(markdown: str) -> str:
    """Return Markdown text without its backslash escapes."""
    return _ESCAPED.sub(r"\1", markdown)

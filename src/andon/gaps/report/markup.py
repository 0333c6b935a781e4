"""HTML and SVG out of values nobody vouches for: what was not made here is escaped. Pure."""

from __future__ import annotations

import html
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: Characters that are not shown: controls, and those that turn the direction of writing.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")
#: Elements without an end.
_VOID = frozenset(("img", "meta", "br", "line", "rect", "circle", "polyline", "path"))


class Markup(str):
    """A piece of markup that was made here."""

    __slots__ = ()


def text(said: str, most: int = 4000) -> Markup:
    """Return a text as markup, cut to `most` characters."""
    said = said if len(said) <= most else said[: most - 1] + "…"
    said = _UNSEEN.sub("\u00b7", said.encode("utf-8", "replace").decode())
    return Markup(html.escape(said, quote=True))


def element(name: str, /, *inner: Markup | str | None, **attributes: str | float | None) -> Markup:
    """Return an element; texts in it are escaped. `class_` and `data_label` are written as HTML has them."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(_plain(value), 4_000_000)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{said}>" if name in ("img", "meta", "br") else f"<{name}{said}/>")
    return Markup(f"<{name}{said}>{joined(inner)}</{name}>")


def joined(parts: Iterable[Markup | str | None]) -> Markup:
    """Return parts one after the other; texts are escaped."""
    return Markup("".join(p if isinstance(p, Markup) else text(p) for p in parts if p is not None))


def listed(entries: Iterable[Markup | str], **attributes: str) -> Markup:
    """Return a list; nothing for no entries."""
    found = [element("li", entry) for entry in entries]
    return element("ul", *found, **attributes) if found else Markup()


def figure(number: float) -> str:
    """Return a number as people write it: three digits that count, no exponent."""
    if number and abs(number) < 0.001:
        return "0"
    if abs(number) >= 1000:
        return f"{number:,.0f}".replace(",", " ")
    return f"{number:.3g}"


def seconds(amount: float) -> str:
    """Return a duration in the unit that suits it."""
    if amount < 1:
        return f"{amount * 1000:.0f} ms"
    return f"{amount:.1f} s" if amount < 100 else f"{amount / 60:.0f} min"


def _plain(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")

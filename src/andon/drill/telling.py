"""How the drill tells its story on a terminal or into a file: chapters, frames, proofs, customers."""

from __future__ import annotations

import os
import shutil
import textwrap
import time
from collections.abc import Iterable, Sequence
from typing import TextIO

_COLOURS = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_PLAIN = str.maketrans({"━": "=", "│": "|", "✓": "+", "✗": "x", "·": "-", "█": "#", "░": ".", "→": ">"})

#: Narrowest and widest text the story is set in.
NARROW, WIDE = 60, 100


class Telling:
    """Writes the story to one stream; colours and pauses only where a person is watching."""

    def __init__(self, stream: TextIO, *, fast: bool = False) -> None:
        """Look at the stream once: is it a terminal, may it have colours, can it show the signs used here?"""
        self._stream = stream
        watched = stream.isatty()
        self._colours = watched and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self._pauses = watched and not fast
        self._signs = _can_show("━│✓✗·█░→", stream.encoding)
        self._began = time.monotonic()
        self._chapters = 0

    @property
    def width(self) -> int:
        """Columns the story uses; 80 where nobody can say."""
        return max(NARROW, min(WIDE, shutil.get_terminal_size((80, 24)).columns))

    def line(self, text: str = "") -> None:
        """Write one line, and let it be seen at once."""
        self._stream.write((text if self._signs else text.translate(_PLAIN)) + "\n")
        self._stream.flush()

    def prompt(self, text: str) -> None:
        """Write the beginning of a line that a person ends."""
        self._stream.write(text)
        self._stream.flush()

    def paint(self, text: str, colour: str) -> str:
        """Return the text in a colour where colours are wanted."""
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if self._colours else text

    def pause(self, seconds: float) -> None:
        """Give a reader time; nobody waits where nobody reads."""
        if self._pauses:
            time.sleep(seconds)

    def chapter(self, title: str) -> None:
        """Begin a numbered part, with the drill's own clock at the right."""
        self._chapters += 1
        gone = time.monotonic() - self._began
        head, clock = f"━━ {self._chapters}. {title} ", f" {int(gone // 60):02d}:{gone % 60:04.1f} ━━"
        self.line()
        self.line(self.paint(head + "━" * (self.width - len(head) - len(clock)) + clock, "bold"))

    def say(self, text: str) -> None:
        """Tell what happens or what the responder thinks."""
        for paragraph in text.split("\n"):
            self.line(textwrap.fill(paragraph, self.width - 2, initial_indent="  ", subsequent_indent="  "))

    def command(self, words: str) -> None:
        """Show the command line that is about to run."""
        self.line()
        shown = textwrap.wrap(words, self.width - 8, break_long_words=False, break_on_hyphens=False)
        for number, piece in enumerate(shown):
            more = " \\" if number + 1 < len(shown) else ""
            self.line(self.paint(("  $ " if number == 0 else "      ") + piece + more, "cyan"))

    def frame(self, text: str, *, limit: int = 0) -> None:
        """Show somebody else's words with a bar at their left, at most `limit` lines of them (0: all)."""
        lines = [piece for line in text.rstrip().splitlines() for piece in _fitted(line, self.width - 6)]
        hidden = len(lines) - limit if limit else 0
        for line in lines[:limit] if hidden > 0 else lines:
            self.line(f"  {self.paint('│', 'dim')} {line}")
        if hidden > 0:
            self.line(self.paint(f"  │ ... {hidden} more line{'s' if hidden > 1 else ''}", "dim"))

    def proof(self, text: str, evidence: str) -> None:
        """Say that an item of the protocol was just proven, and by what."""
        self._sign("✓", "green", f"{text}: {evidence}" if evidence else text)

    def failure(self, text: str, evidence: str = "") -> None:
        """Say that something did not go as it should."""
        self._sign("✗", "red", f"{text}: {evidence}" if evidence else text)

    def remark(self, text: str) -> None:
        """Add a small aside."""
        self._sign("·", "dim", text)

    def _sign(self, sign: str, colour: str, text: str) -> None:
        indent = textwrap.fill(text, self.width - 4, initial_indent="    ", subsequent_indent="    ")
        self.line(f"  {self.paint(sign, colour)} {indent[4:]}")

    def customers(self, fine: int, lost: int) -> None:
        """Show how the synthetic customers have fared since the last look."""
        seen = fine + lost
        bar = "█" * round(14 * fine / seen) if seen else ""
        colour = "green" if seen and not lost else "red" if lost else "dim"
        counts = f"{fine} served, {lost} turned away" if seen else "nobody came"
        self.line(f"  {self.paint('customers', 'dim')} {self.paint(f'{bar:░<14}', colour)} {counts}")

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """Show names and values in two columns."""
        pairs = [(row[0], " ".join(row[1:])) for row in rows]
        space = max((len(name) for name, _ in pairs), default=0) + 2
        for name, value in pairs:
            text = textwrap.fill(
                value,
                self.width - 2,
                initial_indent=" " * (space + 2),
                subsequent_indent=" " * (space + 2),
                break_long_words=False,
                break_on_hyphens=False,
            )
            self.line(f"  {self.paint(f'{name:<{space}}', 'dim')}{text[space + 2 :]}")


def _fitted(line: str, width: int) -> list[str]:
    """Return a line in pieces no wider than `width`, further ones indented like the first and a bit more."""
    shown = "".join(c if c.isprintable() else "?" for c in line.expandtabs(4))
    if len(shown) <= width:
        return [shown]
    indent = " " * min(len(shown) - len(shown.lstrip()) + 2, width // 2)
    return textwrap.wrap(shown, width, subsequent_indent=indent, drop_whitespace=True) or [""]


def _can_show(signs: str, encoding: str | None) -> bool:
    try:
        signs.encode(encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True

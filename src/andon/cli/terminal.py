"""What reaches a terminal: text without control characters, colour where somebody sees it, questions."""

from __future__ import annotations

import os
import sys

from andon.errors import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: C0 and C1 controls except newline and tab, the bidirectional overrides and the line separators: each can
#: make a terminal show something else than what is there.
_HARMFUL = {
    **{code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)},
    **{code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F)},
    0x2028: "\\u2028",
    0x2029: "\\u2029",
    0xFEFF: "\\ufeff",
}
_STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
}


def clean(text: str) -> str:
    """Return text that shows what it is: control characters and overrides are spelled out."""
    safe = text.translate(_HARMFUL)
    return safe.encode("utf-8", "backslashreplace").decode()


def one_line(text: str, width: int = 0) -> str:
    """Return clean text on a single line, cut to `width` characters when that is positive."""
    flat = " ".join(clean(text).split())
    return flat if width <= 0 or len(flat) <= width else flat[: max(width - 1, 1)] + "…"


def is_interactive() -> bool:
    """True when there is a person who can be asked."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def colours() -> bool:
    """True when standard output shows colours and nobody asked for none."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


class Styled(str):
    """Text with the codes of its styles, which a table must neither count nor take for somebody else's."""

    __slots__ = ("names", "plain")
    plain: str
    names: tuple[str, ...]


def style(text: str, *names: str) -> str:
    """Return `text` in the named styles; unchanged where there are no colours."""
    if not names or not colours():
        return text
    styled = Styled(f"\x1b[{';'.join(_STYLES[n] for n in names)}m{text}\x1b[0m")
    styled.plain, styled.names = text, names
    return styled


def say(text: str = "") -> None:
    """Print text that may come from anywhere."""
    print(clean(text))


def width() -> int:
    """Return the number of columns: COLUMNS, else the terminal's, else 100."""
    wanted = os.environ.get("COLUMNS", "")
    if wanted.isdecimal() and int(wanted) > 0:
        return max(int(wanted), 40)
    try:
        return max(os.get_terminal_size(sys.stdout.fileno()).columns, 40)
    except (OSError, ValueError):
        return 100


def rows(table: Iterable[Sequence[str]], *, indent: str = "  ", least: Sequence[int] = ()) -> None:
    """Print rows with aligned columns; on a terminal the last column is wrapped where it begins.

    `least`: how wide the first columns are at least, for tables that are printed in parts.
    """
    kept = [list(row) for row in table]
    if not kept:
        return
    lines = [[one_line(cell.plain if isinstance(cell, Styled) else cell) for cell in row] for row in kept]
    widths = [max(len(row[i]) for row in lines) for i in range(len(lines[0]) - 1)]
    widths = [max(pair) for pair in zip(widths, (*least, *[0] * len(widths)), strict=False)]
    margin = len(indent) + sum(widths) + 2 * len(widths)
    room = width() - margin
    for cells, row in zip(kept, lines, strict=True):
        padded = [
            _as_was(c, text) + " " * (w - len(text)) for c, text, w in zip(cells, row, widths, strict=False)
        ]
        folded = _folded(row[-1], room) if sys.stdout.isatty() and room >= 20 else [row[-1]]
        told = [_as_was(cells[-1], part) for part in folded]
        print((indent + "".join(f"{cell}  " for cell in padded) + told[0]).rstrip())
        for rest in told[1:]:
            print(" " * margin + rest)


def _as_was(cell: str, text: str) -> str:
    """Return clean text in the styles that the cell has."""
    return style(text, *cell.names) if isinstance(cell, Styled) else text


def _folded(text: str, room: int) -> list[str]:
    """Return the words of `text` in lines of at most `room` characters; a longer word stands alone."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines


def next_line(text: str, command: str) -> None:
    """Print the last line of every command: what now, and how."""
    arrow = style("next:", "bold", "cyan")
    print(f"{arrow} {one_line(text)}" + (f"  ->  {style(one_line(command), 'bold')}" if command else ""))


def confirm(question: str, *, yes: bool) -> None:
    """Ask before production is touched; raises Refused when the answer is no or nobody can be asked."""
    if yes:
        return
    if not is_interactive():
        raise Refused(
            f"{question} nobody is there to confirm it",
            rule="confirm-before-acting",
            remedy="give --yes when you mean it",
        )
    try:
        answer = input(f"{clean(question)} [y/N] ")
    except EOFError:
        print()
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise Refused("not confirmed; nothing was done", rule="confirm-before-acting", remedy="--yes")

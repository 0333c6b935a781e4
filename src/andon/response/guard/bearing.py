"""How much a piece of a change has to do with what is known about the incident."""

from __future__ import annotations

import math

from andon.record import Record
from andon.response.guard.pieces import names_in, parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.response.guard.context import CulpritLines, IncidentContext
    from andon.response.guard.pieces import Piece, Rarity

#: What a frame or a suspect says by its file alone, and by its function or lines.
_BY_FILE, _BY_PLACE = 0.5, 0.95


class Known(Record):
    """An incident's context, made ready once for all pieces."""

    files: tuple[str, ...]
    symbols: frozenset[str]
    names: frozenset[str]
    name_parts: frozenset[str]
    culprit_files: frozenset[str]
    culprit_lines: tuple[CulpritLines, ...]

    @property
    def is_empty(self) -> bool:
        """True when nothing is known."""
        return not (self.files or self.symbols or self.names or self.culprit_files or self.culprit_lines)


def known(context: IncidentContext) -> Known:
    """Return a context with its names taken apart."""
    names = {name for text in context.words for name in names_in(text)}
    return Known(
        files=tuple(path.replace("\\", "/") for path in context.files),
        symbols=frozenset(symbol.rpartition(".")[2] for symbol in context.symbols),
        names=frozenset(names),
        name_parts=frozenset(part for name in names for part in parts(name)),
        culprit_files=frozenset(context.culprit_files),
        culprit_lines=context.culprit_lines,
    )


def bearing(piece: Piece, about: Known, rarity: Rarity) -> float:
    """Return 0 for a piece that nothing known points at, up to 1 for one that a frame or a suspect names."""
    against = 1 - _BY_PLACE if is_pointed_at(piece, about) else 1.0
    if any(_same_path(piece.path, path) for path in about.files):
        against *= 1 - _BY_FILE
    if piece.path in about.culprit_files:
        against *= 1 - _BY_FILE
    if about.names:
        told = rarity.sum(piece.names & about.names) + 2 * (piece.symbol in about.names)
        told += len(piece.name_parts & about.name_parts) / 4
        against *= math.exp(-told / 2)
    return 1 - against


def is_pointed_at(piece: Piece, about: Known) -> bool:
    """True for a piece in a function of a frame (in its file, where that is known) or in suspected lines."""
    if piece.touches & about.symbols:
        return not about.files or any(_same_path(piece.path, path) for path in about.files)
    return any(
        lines.path == piece.path and lines.line <= piece.end_line and piece.line <= lines.end_line
        for lines in about.culprit_lines
    )


def _same_path(path: str, framed: str) -> bool:
    """Whether a path of the repository is that of a frame, which may be absolute or of another machine."""
    return framed == path or framed.endswith("/" + path)

"""What speaks for two pieces of a change belonging together, as numbers between 0 and 1 with a name each."""

from __future__ import annotations

import math

from andon.response.guard.pieces import parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.response.guard.pieces import Piece, Rarity


def between(a: Piece, b: Piece, rarity: Rarity) -> dict[str, float]:
    """Return every sign that two pieces belong together, or do not; the same whichever comes first."""
    same_file = a.path == b.path
    same_function = same_file and bool(a.function) and a.function == b.function
    shared = a.names & b.names
    delta = a.delta & b.delta
    defined = (a.defines & b.names) | (b.defines & a.names)
    both_words = (a.words & b.words) - shared
    return {
        "constant": 1.0,
        "same function": float(same_function),
        "same class": float(same_file and not same_function and bool(a.owner) and a.owner == b.owner),
        "same file": float(same_file and not same_function and not (a.owner and a.owner == b.owner)),
        "near": 1.0 / (1.0 + _distance(a, b) / 10.0) if same_file else 0.0,
        "shared names": _full(rarity.sum(shared)),
        "rarest shared name": max((rarity.of(n) for n in shared), default=0.0),
        "rarest shared new name": max((rarity.of(n) for n in delta), default=0.0),
        "shared words": _full(rarity.sum(both_words)),
        "defines what it uses": max((rarity.of(n) for n in defined), default=0.0),
        "names its function": _names(a, b, rarity),
        "names its file": float(
            not same_file and any(_stem(y) in x.words | x.around for x, y in ((a, b), (b, a)))
        ),
        "same edit": _alike(a.edit, b.edit),
        "alike name parts": _alike(a.name_parts, b.name_parts),
        "one is a test": float((a.role == "test") != (b.role == "test")),
        "one is a document": float("document" in (a.role, b.role)),
        "one is a comment": float(a.is_comment != b.is_comment),
        "import for it": _import(a, b),
        "same directory": float(not same_file and a.path.rpartition("/")[0] == b.path.rpartition("/")[0]),
        "alike paths": 0.0 if same_file else _alike(_path_parts(a), _path_parts(b)),
        "few names": 1.0 / (1.0 + min(len(a.names), len(b.names))),
    }


def _full(total: float) -> float:
    """Press a sum of rarities between 0 and 1."""
    return 1.0 - math.exp(-total)


def _distance(a: Piece, b: Piece) -> int:
    """Lines between two pieces of one file."""
    return max(a.line - b.end_line, b.line - a.end_line, 0)


def _names(a: Piece, b: Piece, rarity: Rarity) -> float:
    """One piece, or the function around it, names the function or class in which the other stands."""
    if a.path == b.path and a.function == b.function:
        return 0.0
    found = [
        rarity.of(y.symbol)
        for x, y in ((a, b), (b, a))
        if y.symbol and (y.symbol in x.names or y.symbol in x.around)
    ]
    return max(found, default=0.0)


def _alike(a: frozenset[str], b: frozenset[str]) -> float:
    """Share of common elements (Jaccard)."""
    together = len(a | b)
    return len(a & b) / together if together else 0.0


def _stem(piece: Piece) -> str:
    """The name by which others import a file."""
    directory, _, name = piece.path.rpartition("/")
    stem = name.partition(".")[0]
    return directory.rpartition("/")[2] if stem in ("__init__", "index", "mod") else stem


def _path_parts(piece: Piece) -> frozenset[str]:
    return frozenset(parts(piece.path))


def _import(a: Piece, b: Piece) -> float:
    """One only imports, and the other uses what it imports."""
    for x, y in ((a, b), (b, a)):
        if x.is_import and not y.is_import and x.path == y.path:
            return float(bool(x.defines & y.names))
    return 0.0

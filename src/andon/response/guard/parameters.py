"""The parameters of a definition, as far as counting and naming them goes."""

from __future__ import annotations

import re
from collections import Counter

from andon.response.guard.structure import SymbolKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.response.guard.reading import Sides
    from andon.response.guard.structure import Symbol

#: Characters of a parameter list that are read.
_LONGEST = 4000
_OPEN, _CLOSE = "([{<", ")]}>"
_NO_PARAMETER = frozenset(("self", "cls", "*", "/", "&self", "&mut self", "mut self", "this"))
_LITERAL = re.compile(r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\n]*|//[^\n]*|=>|->""")


def parameters(symbol: Symbol, text: str) -> tuple[str, ...]:
    """Return each parameter as it is written; none where there is no parameter list."""
    start = symbol.start + len(symbol.head) + len(symbol.name)
    plain = _LITERAL.sub("0", text[start : start + _LONGEST])
    begin = plain.find("(")
    if begin < 0 or begin > 200:
        return ()
    found, depth, piece = [], 0, ""
    for letter in plain[begin + 1 :]:
        if letter in _CLOSE:
            if depth == 0:
                break
            depth -= 1
        elif letter in _OPEN:
            depth += 1
        if letter == "," and depth == 0:
            found.append(piece)
            piece = ""
        else:
            piece += letter
    found.append(piece)
    return tuple(p for p in (" ".join(part.split()) for part in found) if p and p not in _NO_PARAMETER)


def new_parameters(sides: Sides) -> Iterator[tuple[Symbol, str]]:
    """Yield what is public and takes more than before, with the first parameter that is new."""
    old, new = _single(sides.before.symbols), _single(sides.after.symbols)
    for qualified, symbol in new.items():
        if qualified not in old or not (symbol.is_public or _is_constructor(symbol)):
            continue
        before = parameters(old[qualified], sides.file.before or "")
        after = parameters(symbol, sides.file.after or "")
        if len(after) > len(before):
            names = {_name(p) for p in before}
            yield symbol, next((_name(p) for p in after if _name(p) not in names), after[-1])


def _is_constructor(symbol: Symbol) -> bool:
    outer = symbol.qualified.split(".")[:-1]
    hidden = any(name.startswith("_") for name in outer)
    return symbol.name in ("__init__", "initialize", "constructor", "__construct") and not hidden


def _single(symbols: tuple[Symbol, ...]) -> dict[str, Symbol]:
    """Return functions by name; one that is defined several times is left out."""
    counts = Counter(s.qualified for s in symbols)
    kinds = (SymbolKind.FUNCTION, SymbolKind.METHOD)
    return {
        s.qualified: s for s in symbols if s.kind in kinds and counts[s.qualified] == 1 and not s.is_local
    }


def _name(parameter: str) -> str:
    """Return a parameter without its default and type, where the language writes the name first."""
    return re.split(r"[:=?]", parameter, maxsplit=1)[0].strip().lstrip("*&.")

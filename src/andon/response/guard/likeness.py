"""Which definitions a change took away, brought, moved or renamed, by comparing their bodies."""

from __future__ import annotations

from collections import Counter

from andon.record import Record
from andon.response.guard.lines import squeezed
from andon.response.guard.structure import SymbolKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.response.guard.reading import Sides
    from andon.response.guard.structure import Symbol

#: Share of equal lines from which two bodies are one that was moved or renamed.
ALIKE = 0.6
#: Definitions on each side that are compared with each other; more is a change that `minimal` names.
_MOST = 300


class Placed(Record):
    """A definition in its file."""

    sides: Sides
    symbol: Symbol
    #: Lines of its body without blanks, the first one (its name) left out.
    body: tuple[str, ...]


class Pair(Record):
    """A definition before, and what it is now."""

    before: Placed
    after: Placed

    @property
    def is_moved(self) -> bool:
        """True when it stands in another file, class or namespace now."""
        old, new = self.before, self.after
        return old.sides.path != new.sides.path or _outer(old.symbol) != _outer(new.symbol)

    @property
    def is_renamed(self) -> bool:
        """True when it has another name now."""
        return self.before.symbol.name != self.after.symbol.name


class Difference(Record):
    """What a change did to the definitions."""

    gone: tuple[Placed, ...] = ()
    new: tuple[Placed, ...] = ()
    pairs: tuple[Pair, ...] = ()


def _outer(symbol: Symbol) -> str:
    return symbol.qualified[: -len(symbol.name)].rstrip(".")


def _key(symbol: Symbol) -> tuple[str, bool]:
    return symbol.qualified, symbol.kind is SymbolKind.CLASS


def compare(files: Sequence[Sides]) -> Difference:
    """Match what is gone with what is new by name, then by body; local functions are left out."""
    gone: list[Placed] = []
    new: list[Placed] = []
    for sides in files:
        if sides.file.before is not None and sides.before.unread:
            continue  # nothing is known of one side, so nothing of what is new on the other
        if sides.file.after is not None and sides.after.unread:
            continue
        old_keys = Counter(_key(s) for s in sides.before.symbols if _counts(s))
        new_keys = Counter(_key(s) for s in sides.after.symbols if _counts(s))
        gone += _placed(sides, sides.before.symbols, sides.file.before, old_keys - new_keys)
        new += _placed(sides, sides.after.symbols, sides.file.after, new_keys - old_keys)
    pairs = _pairs(gone[:_MOST], new[:_MOST])
    old = {id(pair.before) for pair in pairs}
    now = {id(pair.after) for pair in pairs}
    return Difference(
        gone=tuple(p for p in gone if id(p) not in old),
        new=tuple(p for p in new if id(p) not in now),
        pairs=tuple(pairs),
    )


def _counts(symbol: Symbol) -> bool:
    return not symbol.is_local and symbol.kind not in (SymbolKind.BLOCK, SymbolKind.SCOPE)


def _placed(
    sides: Sides, symbols: Sequence[Symbol], text: str | None, wanted: Counter[tuple[str, bool]]
) -> list[Placed]:
    found = []
    for symbol in symbols:
        if wanted[_key(symbol)] > 0 and _counts(symbol):
            wanted[_key(symbol)] -= 1
            found.append(Placed(sides=sides, symbol=symbol, body=body_of(symbol, text or "")))
    return found


def body_of(symbol: Symbol, text: str) -> tuple[str, ...]:
    """Return the lines of a definition without blanks, and without what stands before and beside its name."""
    start = symbol.start + len(symbol.head) + len(symbol.name)
    lines = text[start : symbol.end].split("\n")
    squeeze = [squeezed(line) for line in lines]
    return tuple(line for line in squeeze if line)


def _pairs(gone: list[Placed], new: list[Placed]) -> list[Pair]:
    """Match greedily: the same name first, then the most alike; an inner definition goes with its class."""
    scored = []
    for i, old in enumerate(gone):
        for j, now in enumerate(new):
            if (old.symbol.kind is SymbolKind.CLASS) != (now.symbol.kind is SymbolKind.CLASS):
                continue
            same = old.symbol.name == now.symbol.name
            score = alike(old.body, now.body)
            if score >= (ALIKE if not same else ALIKE / 2) and (len(old.body) > 1 or same):
                scored.append((same, score, i, j))
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    pairs = []
    for _, _, i, j in sorted(scored, key=lambda s: (not s[0], -s[1], s[2], s[3])):
        if i not in taken_old and j not in taken_new:
            taken_old.add(i)
            taken_new.add(j)
            pairs.append(Pair(before=gone[i], after=new[j]))
    return pairs


def alike(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the share of equal lines of two bodies, from 0 to 1 (Dice's coefficient; any order)."""
    if not one or not other:
        return 1.0 if not one and not other else 0.0
    common = sum((Counter(one) & Counter(other)).values())
    return 2 * common / (len(one) + len(other))

"""Joins the items of a document to the checks of the catalogue: by explicit id, or by what the words say."""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from andon.protocol.catalogue import CATALOGUE, CheckKind
from andon.protocol.document import Document, Item, Placed
from andon.protocol.words import is_prohibition, key_words, main_clause
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Words = frozenset[str]


#: The explicit id that says: no check, a person signs this.
MANUAL = "manual"


class How(StrEnum):
    """What joined an item to its check."""

    EXPLICIT = "explicit"
    PHRASE = "phrase"
    NONE = "none"


class Binding(Record):
    """An item and the check it binds to."""

    item: Item
    placed: Placed
    #: None when nothing fits, several fit equally well, or the explicit id is unknown or `manual`.
    check: CheckKind | None
    how: How
    #: Ids of the checks that fit the words equally well; more than one means ambiguous.
    candidates: tuple[str, ...] = ()

    @property
    def is_ambiguous(self) -> bool:
        """True when the words mean several checks at once."""
        return self.how is How.NONE and len(self.candidates) > 1

    @property
    def is_deliberately_manual(self) -> bool:
        """True when the document says that a person signs this and no check is meant."""
        return self.item.check_id == MANUAL

    @property
    def has_unknown_id(self) -> bool:
        """True when the item names a check that the catalogue does not have."""
        return self.how is How.EXPLICIT and self.check is None and not self.is_deliberately_manual


class Tally(Record):
    """How many items bind to what."""

    items: int
    machine: int
    manual: int
    unbound: int


def bind(document: Document) -> tuple[Binding, ...]:
    """Return one binding for each item somebody has to settle, in the document's order."""
    return tuple(
        _bind(placed, placed.node) for placed in document.placed_items if isinstance(placed.node, Item)
    )


def tally(bindings: Iterable[Binding]) -> Tally:
    """Count the bindings; a line the document itself leaves to a person counts as manual."""
    kinds = [b.check.kind if b.check else "manual" if b.is_deliberately_manual else "" for b in bindings]
    machine, manual = kinds.count("machine"), kinds.count("manual")
    return Tally(items=len(kinds), machine=machine, manual=manual, unbound=kinds.count(""))


def candidates_for(text: str, titles: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the ids of the checks whose most specific phrase `text` contains, under these headings.

    The main clause decides; what stands in parentheses is asked only when the main clause says nothing. A
    prohibition ("do not ...") is nothing to check off and fits no check.
    """
    if is_prohibition(text):
        return ()
    above = key_words(" . ".join(titles))
    return _fitting(key_words(main_clause(text)), above) or _fitting(key_words(text), above)


def _bind(placed: Placed, item: Item) -> Binding:
    unbound = Binding(item=item, placed=placed, check=None, how=How.NONE)
    if item.check_id:
        return replace(unbound, check=CATALOGUE.get(item.check_id), how=How.EXPLICIT)
    candidates = candidates_for(item.text, placed.titles)
    if len(candidates) == 1:
        return replace(unbound, check=CATALOGUE[candidates[0]], how=How.PHRASE, candidates=candidates)
    return replace(unbound, candidates=candidates)


def _fitting(words: Words, above: Words) -> tuple[str, ...]:
    scores = {
        check: max((_score(words, above, *phrase) for phrase in phrases), default=0)
        for check, phrases in _phrases().items()
    }
    best = max(scores.values())
    return tuple(check for check, score in scores.items() if score == best) if best else ()


def _score(words: Words, above: Words, headings: Words, wanted: Words) -> int:
    """How specific a phrase is, in words; 0 when it does not fit."""
    return len(wanted) + len(headings) if wanted <= words and headings <= above else 0


@cache
def _phrases() -> dict[str, tuple[tuple[Words, Words], ...]]:
    """Each check's phrases as (words of a heading above, words of the item)."""
    return {check.id: tuple(_cut(phrase) for phrase in check.phrases) for check in CATALOGUE.values()}


def _cut(phrase: str) -> tuple[Words, Words]:
    headings, _, words = phrase.rpartition(">")
    return key_words(headings), key_words(words)

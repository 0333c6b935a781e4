"""Which hunks do not belong to a fix: the rule `connected` of the hotfix guard.

The pieces of a change are linked by what they share; where all links between two sides are weak, there are
two changes in one, and the side that looks less like the fix is objected to. What a sign is worth: `weights`.
"""

from __future__ import annotations

import math

from andon.incident.words import counted
from andon.record import Record
from andon.response.gates.results import Objection
from andon.response.guard.bearing import bearing, is_pointed_at, known
from andon.response.guard.cuts import cuts, likeness_to_a_fix, signs
from andon.response.guard.evidence import between
from andon.response.guard.pieces import Rarity, pieces_of
from andon.response.guard.reading import read_change
from andon.response.guard.weights import CUT, FIX, LINK, SURE_OF_THE_FIX, TWO_THINGS, weigh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.response.change import Change, ChangedFile
    from andon.response.guard.context import IncidentContext
    from andon.response.guard.cuts import Cut, Links
    from andon.response.guard.pieces import Piece
    from andon.response.guard.reading import Sides

#: Hunks that are compared with each other; 99 in 100 of the 501 fixes have fewer than 20.
MOST_PIECES = 60
#: Sides that are cut off one after the other before it is plain that this is no fix.
_MOST_CUTS = 8
#: A piece that has less to do with the incident has nothing to do with it.
_NO_BEARING = 0.1


class Compared(Record):
    """The pieces of a change with what links them."""

    pieces: tuple[Piece, ...]
    links: Links
    #: How much each has to do with the incident, from 0 to 1; whether a frame or a suspect names its place.
    bearings: tuple[float, ...]
    pointed: tuple[bool, ...]
    #: Whether anything is known about the incident.
    has_context: bool


def unconnected(
    change: Change, context: IncidentContext, sides: Sequence[Sides] | None = None
) -> tuple[Objection, ...]:
    """Return an objection to every hunk that does not belong to the fix; none when all hunks do.

    `sides` are the files of the change as `reading.read_change` gives them, when they have been read already.
    A change of more than 60 hunks is not compared: that is one objection of the rule `minimal`.
    """
    too_large = too_large_to_compare(change.files)
    if too_large:
        return (Objection(rule="minimal", text=too_large),)
    return separate(compare(sides if sides is not None else read_change(change), context))


def too_large_to_compare(files: Sequence[ChangedFile]) -> str:
    """Say why hunks are not compared; "" when they can be."""
    hunks = sum(len(file.hunks) for file in files)
    if hunks <= MOST_PIECES:
        return ""
    where = f"{hunks} hunks in {counted(len(files), 'file')}"
    return f"{where}: too large to judge, since no more than {MOST_PIECES} hunks are compared"


def compare(sides: Sequence[Sides], context: IncidentContext) -> Compared:
    """Compare every two hunks of a change, in an order of their own: that of the files does not count."""
    pieces = tuple(sorted(pieces_of(sides), key=lambda p: (p.path, p.hunk.new_start, p.hunk.old_start)))
    rarity = Rarity(sides)
    links: Links = [[0.0] * len(pieces) for _ in pieces]
    for i, a in enumerate(pieces):
        for j, b in enumerate(pieces[:i]):
            links[i][j] = links[j][i] = weigh(between(a, b, rarity), LINK)
    about = known(context)
    return Compared(
        pieces=pieces,
        links=links,
        bearings=tuple(0.0 if about.is_empty else bearing(piece, about, rarity) for piece in pieces),
        pointed=tuple(is_pointed_at(piece, about) for piece in pieces),
        has_context=not about.is_empty,
    )


def separate(compared: Compared, rule: str = "connected", above: float = TWO_THINGS) -> tuple[Objection, ...]:
    """Cut off what does not belong to the fix, side by side, and object to each hunk of it.

    `above` is how sure it has to be, as the logarithm of the odds that the sides of a cut are two things.
    """
    left = tuple(range(len(compared.pieces)))
    objections: list[Objection] = []
    for _ in range(_MOST_CUTS):
        score, cut = weakest(compared, left)
        if cut is None or score <= above:
            break
        fix, rest, is_sure = fix_of(compared, cut)
        objections += [_objection(rule, compared, number, fix) for number in rest]
        if not is_sure:
            objections += [_either(rule, compared, number, rest) for number in fix]
            break
        left = fix
    return tuple(sorted(objections, key=lambda o: (o.path, o.line, o.end_line, o.text)))


def weakest(compared: Compared, among: tuple[int, ...]) -> tuple[float, Cut | None]:
    """Return the cut between some pieces that most looks like two things, with how much it does."""
    best, found = -math.inf, None
    for cut in cuts(compared.pieces, compared.links, among):
        score = weigh(signs(cut, compared.pieces, compared.links, compared.bearings), CUT)
        if score > best:
            best, found = score, cut
    return best, found


def fix_of(compared: Compared, cut: Cut) -> tuple[tuple[int, ...], tuple[int, ...], bool]:
    """Return the side that is the fix, the other, and whether that is sure enough to name the other alone."""
    small, large = (
        weigh(
            likeness_to_a_fix([compared.pieces[n] for n in side], [compared.bearings[n] for n in side]), FIX
        )
        for side in (cut.small, cut.large)
    )
    named = tuple(any(compared.pointed[n] for n in side) for side in (cut.small, cut.large))
    is_sure = abs(small - large) >= SURE_OF_THE_FIX or named[0] != named[1]
    is_small = named[0] if named[0] != named[1] else small > large
    return (cut.small, cut.large, is_sure) if is_small else (cut.large, cut.small, is_sure)


def _objection(rule: str, compared: Compared, number: int, fix: tuple[int, ...]) -> Objection:
    """Say why a hunk does not belong to the fix."""
    piece = compared.pieces[number]
    nearest = max(fix, key=lambda n: (compared.links[number][n], -n))
    other = compared.pieces[nearest]
    reasons = [_shared(piece, other), _far(piece, other)]
    if compared.has_context and compared.bearings[number] < _NO_BEARING:
        reasons.append("nothing known about the incident points at them")
    place = f" of `{piece.symbol}`" if piece.symbol else ""
    text = f"these lines{place} do not seem to belong to the fix: the closest of it is {_place(other)}, they "
    return _at(rule, piece, text + " and ".join((", ".join(reasons[:-1]), reasons[-1])))


def _either(rule: str, compared: Compared, number: int, rest: tuple[int, ...]) -> Objection:
    """Say that nothing tells which of two sides is the fix."""
    piece = compared.pieces[number]
    others = ", ".join(_place(compared.pieces[n]) for n in rest[:3])
    more = f" and {len(rest) - 3} more" if len(rest) > 3 else ""
    why = "does not tell which" if compared.has_context else "is not enough to tell which"
    known_ = f"what is known about the incident {why}"
    text = f"these lines or {others}{more} belong to the fix, hardly both; {known_}"
    return _at(rule, piece, text)


def _at(rule: str, piece: Piece, text: str) -> Objection:
    if piece.as_text:
        text += f"; judged as text, since {piece.as_text}"
    snippet = "\n".join((piece.function or piece.owner, *(piece.hunk.added or piece.hunk.removed)))[:400]
    return Objection(
        rule=rule, path=piece.path, line=piece.line, end_line=piece.end_line, text=text, snippet=snippet
    )


def _place(piece: Piece) -> str:
    lines = f"{piece.line}" if piece.line == piece.end_line else f"{piece.line}-{piece.end_line}"
    return f"{piece.path}:{lines}"


def _shared(piece: Piece, other: Piece) -> str:
    shared = sorted(piece.names & other.names)
    if not shared:
        return "share no name with it"
    return (
        f"share only {', '.join(f'`{name[:40]}`' for name in shared[:3])}"
        if len(shared) < 4
        else (f"share only common names ({len(shared)})")
    )


def _far(piece: Piece, other: Piece) -> str:
    if piece.path != other.path:
        return "stand in another file"
    lines = max(piece.line - other.end_line, other.line - piece.end_line, 0)
    return f"are {lines} lines away"

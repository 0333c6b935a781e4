"""Which hunks do not belong to a fix: the rule `connected` of the hotfix guard.

The pieces of a change are linked by what they share; where all links between two sides are weak, there are
two changes in one, and the side that looks less like the fix is objected to. What a sign is worth: `weights`.
"""

from __future__ import annotations

from andon.record import Record
from andon.response.gates.results import Objection
from andon.response.guard.bearing import bearing, known
from andon.response.guard.cuts import cuts, likeness_to_a_fix, signs
from andon.response.guard.evidence import between
from andon.response.guard.pieces import Rarity, pieces_of
from andon.response.guard.reading import read_change
from andon.response.guard.weights import CUT, FIX, LINK, SURE_OF_THE_FIX, TWO_THINGS, weigh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.response.change import Change
    from andon.response.guard.context import IncidentContext
    from andon.response.guard.cuts import Cut, Links
    from andon.response.guard.pieces import Piece
    from andon.response.guard.reading import Sides

RULE = "connected"
#: Hunks that are compared with each other; 99 in 100 of the 501 fixes have fewer than 20.
MOST_PIECES = 60
#: Sides that are cut off one after the other before it is plain that this is no fix.
_MOST_CUTS = 8


class Compared(Record):
    """The pieces of a change with what links them."""

    pieces: tuple[Piece, ...]
    links: Links
    #: How much each has to do with the incident, from 0 to 1.
    bearings: tuple[float, ...]
    #: Whether anything is known about the incident.
    has_context: bool


def unconnected(
    change: Change, context: IncidentContext, sides: Sequence[Sides] | None = None
) -> tuple[Objection, ...]:
    """Return an objection to every hunk that does not belong to the fix; none when all hunks do.

    `sides` are the files of the change as `reading.read_change` gives them, when they have been read already.
    A change of more than 60 hunks is not compared: that is one objection of the rule `minimal`.
    """
    count = sum(len(file.hunks) for file in change.files)
    if count > MOST_PIECES:
        return (_too_large(count, len(change.files)),)
    if count < 2:
        return ()
    compared = compare(sides if sides is not None else read_change(change), context)
    left = tuple(range(len(compared.pieces)))
    objections: list[Objection] = []
    for _ in range(_MOST_CUTS):
        cut = weakest(compared, left)
        if cut is None:
            break
        fix, rest, is_sure = fix_of(compared, cut)
        objections += [_objection(compared, number, fix) for number in rest]
        if not is_sure:
            objections += [_either(compared, number, rest) for number in fix]
            break
        left = fix
    return tuple(sorted(objections, key=lambda o: (o.path, o.line, o.end_line, o.text)))


def compare(sides: Sequence[Sides], context: IncidentContext) -> Compared:
    """Compare every two hunks of a change, in an order of their own: that of the files does not count."""
    pieces = tuple(sorted(pieces_of(sides), key=lambda p: (p.path, p.hunk.new_start, p.hunk.old_start)))
    rarity = Rarity(sides)
    links: Links = [[0.0] * len(pieces) for _ in pieces]
    for i, a in enumerate(pieces):
        for j, b in enumerate(pieces[:i]):
            links[i][j] = links[j][i] = weigh(between(a, b, rarity), LINK)
    about = known(context)
    bearings = tuple(0.0 if about.is_empty else bearing(piece, about, rarity) for piece in pieces)
    return Compared(pieces=pieces, links=links, bearings=bearings, has_context=not about.is_empty)


def weakest(compared: Compared, among: tuple[int, ...]) -> Cut | None:
    """Return the cut between some pieces that most looks like two things, None when no cut does enough."""
    best, found = TWO_THINGS, None
    for cut in cuts(compared.pieces, compared.links, among):
        score = weigh(signs(cut, compared.pieces, compared.links, compared.bearings), CUT)
        if score > best:
            best, found = score, cut
    return found


def fix_of(compared: Compared, cut: Cut) -> tuple[tuple[int, ...], tuple[int, ...], bool]:
    """Return the side that is the fix, the other, and whether that is sure enough to name the other alone."""
    small, large = (
        weigh(
            likeness_to_a_fix([compared.pieces[n] for n in side], [compared.bearings[n] for n in side]), FIX
        )
        for side in (cut.small, cut.large)
    )
    is_sure = abs(small - large) >= SURE_OF_THE_FIX
    return (cut.small, cut.large, is_sure) if small > large else (cut.large, cut.small, is_sure)


def _objection(compared: Compared, number: int, fix: tuple[int, ...]) -> Objection:
    """Say why a hunk does not belong to the fix."""
    piece = compared.pieces[number]
    nearest = max(fix, key=lambda n: (compared.links[number][n], -n))
    other = compared.pieces[nearest]
    reasons = [_shared(piece, other), _far(piece, other)]
    if compared.has_context:
        reasons.append(_bearing(compared.bearings[number]))
    place = f" of `{piece.symbol}`" if piece.symbol else ""
    text = (
        f"these lines{place} do not belong to the fix: closest to them is {_place(other)}, and they "
        + ", ".join(reason for reason in reasons if reason)
    )
    return _at(piece, text)


def _either(compared: Compared, number: int, rest: tuple[int, ...]) -> Objection:
    """Say that nothing tells which of two sides is the fix."""
    piece = compared.pieces[number]
    known_ = (
        "what is known about the incident does not tell"
        if compared.has_context
        else "nothing is known that tells"
    )
    others = ", ".join(_place(compared.pieces[n]) for n in rest[:3])
    more = f" and {len(rest) - 3} more" if len(rest) > 3 else ""
    return _at(piece, f"either these lines or {others}{more} belong to the fix, not both; {known_} which")


def _at(piece: Piece, text: str) -> Objection:
    if piece.as_text:
        text += f"; judged as text, since {piece.as_text}"
    snippet = "\n".join((piece.function or piece.owner, *(piece.hunk.added or piece.hunk.removed)))[:400]
    return Objection(
        rule=RULE, path=piece.path, line=piece.line, end_line=piece.end_line, text=text, snippet=snippet
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


def _bearing(value: float) -> str:
    return "have nothing to do with what is known about the incident" if value < 0.1 else ""


def _too_large(hunks: int, files: int) -> Objection:
    return Objection(
        rule="minimal",
        text=f"{hunks} hunks in {files} files are too large to judge: up to {MOST_PIECES} hunks are compared",
    )

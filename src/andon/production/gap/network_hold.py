"""Whether a network that was flipped was really slow: the manipulation check, by what was measured. Pure."""

from __future__ import annotations

from andon.gaps.experiment import Held
from andon.gaps.failure import endpoint_of
from andon.gaps.words import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from andon.gaps.beliefs import Exchange
    from andon.gaps.experiment import Part, Ran

#: Part of the milliseconds asked for that must be measured: clocks are coarse.
_ENOUGH = 0.9


def held(parts: Sequence[Part], ran: Ran, connections: int, database_variable: str) -> Held:
    """Return whether every one of these parts of the network took hold; None as soon as one is not known.

    `connections` are those that the relay before the database carried.
    """
    looks = [_look(part, ran, connections, database_variable) for part in parts]
    verdicts = [verdict for verdict, _ in looks]
    holds = False if False in verdicts else None if None in verdicts else True
    return Held(kind=Kind.NETWORK, holds=holds, told="; ".join(dict.fromkeys(told for _, told in looks)))


def _look(part: Part, ran: Ran, connections: int, variable: str) -> tuple[bool | None, str]:
    amount = part.amount or 0.0
    match part.place:
        case ("browser",):
            return _browser(amount, ran)
        case ("link", "database"):
            if connections:
                return True, f"{connections} connections to the database went through a link of {amount:g} ms"
            return False, (
                "the application opened no connection to the database during the run: it ignores "
                f"{variable}, or the journey does not use it"
            )
        case ("link", name):
            return _service(name, amount, ran)
        case ("delay", endpoint):
            return _delay(endpoint, amount, ran)
    return None, f"nobody knows how to check {part.name}"


def _browser(amount: float, ran: Ran) -> tuple[bool | None, str]:
    if ran.fastest_document:
        fastest = ran.fastest_document * 1000
        told = f"the fastest document took {fastest:.0f} ms, where {amount:g} ms were asked for"
        return fastest >= _ENOUGH * amount, told
    answered = [one.seconds * 1000 for one in ran.exchanges if one.status and not one.is_mocked]
    if not answered:
        return None, "no request was seen, so nobody knows whether it was slow"
    told = f"the fastest answer took {min(answered):.0f} ms, where {amount:g} ms were asked for"
    return min(answered) >= _ENOUGH * amount, told


def _service(name: str, amount: float, ran: Ran) -> tuple[bool | None, str]:
    slowest = _slowest(ran.exchanges)
    if slowest >= _ENOUGH * amount:
        return True, f"an answer took {slowest:.0f} ms with {name} {amount:g} ms away"
    return None, f"no answer took {amount:g} ms: nobody knows whether {name} was asked"


def _delay(endpoint: str, amount: float, ran: Ran) -> tuple[bool | None, str]:
    own = [one for one in ran.exchanges if endpoint_of(one.method, one.path) == endpoint]
    if not own:
        return False, f"{endpoint} was not asked at all"
    slowest = _slowest(own)
    return slowest >= _ENOUGH * amount, f"an answer of {endpoint} came after {slowest:.0f} ms"


def _slowest(exchanges: Iterable[Exchange]) -> float:
    return max((one.seconds * 1000 for one in exchanges if not one.is_mocked), default=0.0)

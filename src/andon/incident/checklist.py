"""The checklist as a fold: each item of the adopted protocol with where it stands and what proves it."""

from __future__ import annotations

from enum import StrEnum

from andon.errors import InvalidInput, NotFound
from andon.incident.proof import answer, beats_signature, is_only_a_leak, signature
from andon.incident.words import Choice, Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.state import Incident
    from andon.protocol.compiled import ProtocolItem


class Standing(StrEnum):
    """Where an item stands."""

    PASSED = "passed"
    FAILED = "failed"
    SIGNED = "signed"
    SKIPPED = "skipped"
    #: The machine cannot tell yet, or a person has not signed yet.
    OPEN = "open"
    #: The response that was chosen does not need it.
    NOT_APPLICABLE = "not applicable"

    @property
    def settled(self) -> bool:
        """True when nobody has to do anything about the item any more."""
        return self not in (Standing.OPEN, Standing.FAILED)


class Line(Record):
    """One item with its standing."""

    item: ProtocolItem
    standing: Standing
    summary: str
    proof: tuple[int, ...] = ()
    by: str = ""


def checklist(state: Incident) -> tuple[Line, ...]:
    """Return every item of the adopted protocol with its standing, in the document's order."""
    if state.protocol is None:
        return ()
    return tuple(_line(state, item) for item in state.protocol.items)


def open_lines(state: Incident) -> tuple[Line, ...]:
    """Return the items that still need somebody now; what waits for the action item of a kill has one."""
    found = tuple(line for line in checklist(state) if not line.standing.settled)
    if not state.flag_acts:
        return found
    from andon.incident.flag_checks import waits_for_its_action  # most incidents touch no flag

    return tuple(line for line in found if not waits_for_its_action(state, line.item.check))


def applies(state: Incident, item: ProtocolItem) -> bool:
    """True when the response that was chosen needs the item; before a choice, only the common items."""
    if item.check.startswith("leak-"):
        return state.leak is not None
    if item.check in _NOT_OF_A_LEAK and is_only_a_leak(state):
        return False
    if item.check == "deployed" and state.decision is not None and not state.operations:
        return state.decision.choice not in (Choice.WORKAROUND, Choice.KILL_SWITCH)
    if item.when in ("always", "review", ""):
        return True
    if item.when == "gap":
        return state.tests_had_passed or (state.gap is not None and state.gap.ended is not None)
    return state.decision is not None and item.when == state.decision.choice.value


#: Nothing is deployed to end a leak.
_NOT_OF_A_LEAK = frozenset(("deployed",))


def _only_for(item: ProtocolItem) -> str:
    if item.check.startswith("leak-"):
        return "a leaked secret"
    return "what is deployed" if item.check in _NOT_OF_A_LEAK else item.when


def _key(item: ProtocolItem) -> str:
    return item.check or item.key


def _line(state: Incident, item: ProtocolItem) -> Line:
    shortcut = next((s for s in state.shortcuts if s.item in (item.key, _key(item))), None)
    signed = signature(state, item.key, _key(item))
    if shortcut is not None:
        summary = f"skipped: {shortcut.reason} (follow-up {shortcut.action})"
        return Line(item=item, standing=Standing.SKIPPED, summary=summary)
    if not applies(state, item):
        return Line(item=item, standing=Standing.NOT_APPLICABLE, summary=f"only for: {_only_for(item)}")
    result = answer(state, item.check)
    if result is not None and result.verdict is Verdict.PASSED:
        return Line(item=item, standing=Standing.PASSED, summary=result.summary, proof=result.proof)
    if (
        result is not None
        and result.verdict is Verdict.FAILED
        and (signed is None or beats_signature(state, item.check, result))
    ):
        return Line(item=item, standing=Standing.FAILED, summary=result.summary, proof=result.proof)
    if signed is not None:
        return Line(
            item=item,
            standing=Standing.SIGNED,
            summary=signed.reason,
            proof=(signed.mark.seq,),
            by=signed.mark.actor,
        )
    summary = result.summary if result is not None else "a person signs this"
    return Line(item=item, standing=Standing.OPEN, summary=summary)


def find_item(state: Incident, wanted: str) -> ProtocolItem:
    """Return the item that `wanted` names: its key, its check, or words that only one item contains."""
    items = state.protocol.items if state.protocol else ()
    wanted = wanted.strip()
    exact = [i for i in items if wanted and wanted in (i.key, i.check)]
    if exact:
        return exact[0]
    words = wanted.lower().split()
    close = [i for i in items if words and all(w in i.text.lower() for w in words)]
    if len(close) == 1:
        return close[0]
    if close:
        names = ", ".join(f"{i.key} ({i.text[:40]})" for i in close[:5])
        raise InvalidInput(
            f"{wanted!r} fits {len(close)} items: {names}", where=state.id, remedy="name one by its key"
        )
    raise NotFound(
        f"no item of the protocol is called {wanted!r}", where=state.id, remedy="andon status --checklist"
    )

"""Deciding on what a person vouches for: signing an item, and skipping one."""

from __future__ import annotations

from andon.errors import Refused
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.checklist import find_item
from andon.incident.policy import NEVER_JUSTIFIED, free_id, refuse_unjustifiable
from andon.incident.proof import answer, beats_signature
from andon.incident.shortcut_words import allowed_shortcut, objection_named
from andon.protocol.compiled import ProtocolItem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.state import Incident


def sign(state: Incident, command: c.SignItem) -> tuple[e.Event, ...]:
    """Return the signature; raises Refused when the machine has evidence against it."""
    demand_reason(state, "signing", command.reason, f'andon sign {command.item} --reason "what you saw"')
    item = _item_to_sign(state, command.item)
    result = answer(state, item.check)
    if result is not None and beats_signature(state, item.check, result):
        raise Refused(
            f"the machine has evidence against it: {result.summary}",
            where=f"{state.id} {item.key}",
            rule="evidence-beats-signature",
            remedy=_way_past(item),
        )
    return (e.ItemSigned(item=item.check or item.key, reason=command.reason),)


def _way_past(item: ProtocolItem) -> str:
    """Return how to get on when the machine says no: never by a signature, and not always by a shortcut."""
    again = "fix it, then: andon verify"
    if item.check in NEVER_JUSTIFIED:
        return f'{again}; or, for a harmless error: andon verify --ignoring "WORDS" --reason "why"'
    return f'{again}; or andon skip {item.key} --reason "why"'


def _told(objection: e.ShownObjection) -> str:
    return f"{objection.rule} {objection.place}: {objection.text}".replace(" : ", ": ")


#: What a rule may ask a signature for, whether or not the team's protocol has an item for it.
_GATES = ("failure-resolved", "impact-confirmed", "migrations-reversible")


def _item_to_sign(state: Incident, wanted: str) -> ProtocolItem:
    items = state.protocol.items if state.protocol else ()
    if wanted in _GATES and not any(i.check == wanted for i in items):
        return ProtocolItem(key=wanted, text=wanted, check=wanted)
    return find_item(state, wanted)


_KINDS = (
    ("verif", "verification"),
    ("smoke", "verification"),
    ("test", "tests"),
    ("clean", "cleanup"),
    ("memory", "memory"),
    ("regression", "regressions"),
    ("solution", "memory"),
    ("monitor", "monitoring"),
    ("alarm", "monitoring"),
    ("alert", "monitoring"),
    ("dashboard", "monitoring"),
)


def kind_of_work(words: str) -> str:
    """Return the kind of deferred work that `words` describe: tests, cleanup, memory, ... or other."""
    lowered = words.lower()
    return next((kind for stem, kind in _KINDS if stem in lowered), "other")


def skip(state: Incident, command: c.TakeShortcut) -> tuple[e.Event, ...]:
    """Return the shortcut with the action item that pays it back; raises Refused.

    What the protocol allows while in HOTFIX is justified in advance and needs no reason; all else needs one.
    """
    emergency = state.severity.is_emergency and state.status.in_response
    policy = allowed_shortcut(state, command.item)
    reason = command.reason.strip()
    objection = objection_named(state, command.item)
    if state.leak is not None and command.item.startswith("leak:"):
        from andon.incident.leaking import skip_stage  # most incidents are none

        demand_reason(state, "a shortcut", reason, f'andon skip {command.item} --reason "why"')
        return skip_stage(state, command)
    if objection is not None:
        key, text = f"guard:{objection.rule}:{objection.fingerprint}", _told(objection)
    elif policy is not None:
        key, text = f"policy:{policy}", policy
        reason = reason or ("the protocol allows it in HOTFIX" if emergency else "")
    else:
        key, text = _skipped_item(state, command.item)
    demand_reason(state, "a shortcut", reason, f'andon skip {command.item} --reason "why"')
    if any(s.item == key for s in state.shortcuts):
        raise Refused(f"{text} is skipped already", where=state.id, rule="skip-once", remedy="andon actions")
    action = free_id(state, command.action)
    title = f"Look again at what was justified: {text}" if objection else f"Do what was skipped: {text}"
    return (
        e.ShortcutTaken(item=key, reason=reason, action=action, pre_justified=emergency and not objection),
        e.ActionOpened(
            action=action,
            title=title,
            origin=f"shortcut:{key}",
            owner=command.owner,
            due_at=command.due_at,
            kind="other" if objection else kind_of_work(text),
        ),
    )


def _skipped_item(state: Incident, wanted: str) -> tuple[str, str]:
    item = find_item(state, wanted)
    refuse_unjustifiable(item.check, f"{state.id} {item.key}")
    if item.phase == "review" and state.needs_postmortem:
        raise Refused(
            f"the review after the emergency is not skipped: {item.text}",
            where=f"{state.id} {item.key}",
            rule="never-justified",
            remedy=f'andon sign {item.key} --reason "why there is nothing to do"',
        )
    return item.key, item.text


def demand_reason(state: Incident, what: str, reason: str, remedy: str) -> None:
    """Raise Refused when nobody says why."""
    if not reason.strip():
        raise Refused(f"{what} needs a reason", where=state.id, rule="evidence-or-a-name", remedy=remedy)

"""What the words of `andon skip` name: a shortcut that the protocol allows, or one objection of the guard."""

from __future__ import annotations

from andon.errors import InvalidInput, Refused
from andon.incident import events as e
from andon.incident.policy import NEVER_JUSTIFIED_RULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.state import Incident

#: A word for a shortcut, and the beginnings of words by which protocols speak of it.
_MEANT = {
    "memory": ("memory", "solution", "regression"),
    "solutions": ("solution",),
    "regressions": ("regression",),
    "verification": ("verif",),
    "tests": ("test",),
    "classification": ("classif",),
    "cleanup": ("clean",),
}
#: Words by which a protocol allows a verification to be made easier, not to be left out.
_RELAXED = ("relax", "manual", "by hand", "later")
_FINGERPRINT = 12


def allowed_shortcut(state: Incident, wanted: str) -> str | None:
    """Return the allowed shortcut of the protocol that `wanted` names; None when it names none.

    Raises InvalidInput with the candidates when it fits several, and Refused for what the protocol forbids.
    """
    protocol = state.protocol
    if protocol is None or any(wanted.strip() in (i.key, i.check) for i in protocol.items):
        return None
    words = wanted.lower().split()
    if not words:
        return None
    close = _close(protocol.allowed, words)
    if not close:
        forbidden = [line for line in protocol.forbidden if all(word in line.lower() for word in words)]
        if forbidden:
            raise Refused(
                f"the protocol forbids it: {forbidden[0]}",
                where=state.id,
                rule="never-justified",
                remedy="what it allows instead: andon gear",
            )
        return None
    if len(close) > 1:
        raise InvalidInput(
            f"{wanted!r} fits {len(close)} allowed shortcuts: {'; '.join(close)}",
            where=state.id,
            rule="which-shortcut",
            remedy=f'more of its words: andon skip "{close[0]}"',
        )
    if "verif" in close[0].lower() and not any(word in close[0].lower() for word in _RELAXED):
        raise Refused(
            f"verification can be made easier, never left out: {close[0]}",
            where=state.id,
            rule="never-justified",
            remedy='andon verify; or andon sign failure-resolved --reason "what you saw"',
        )
    return close[0]


def _close(allowed: tuple[str, ...], words: list[str]) -> list[str]:
    """Return the lines with all the words; else those that speak of what a single word stands for."""
    exact = [line for line in allowed if line.lower().split() == words]
    close = exact or [line for line in allowed if all(word in line.lower() for word in words)]
    if close or len(words) > 1:
        return close
    stems = _MEANT.get(words[0], ())
    return [line for line in allowed if any(stem in line.lower() for stem in stems)]


def is_relaxed(state: Incident) -> bool:
    """True when somebody took the shortcut that lets people verify by hand."""
    return any(s.item.startswith("policy:") and "verif" in s.item.lower() for s in state.shortcuts)


def objection_named(state: Incident, wanted: str) -> e.ShownObjection | None:
    """Return the objection that `RULE:FINGERPRINT` names; None when `wanted` has another form.

    Raises Refused for a rule that nothing justifies, for a whole rule, and for an objection that the guard
    never showed.
    """
    _refuse_a_whole_rule(state, wanted.strip())
    rule, colon, fingerprint = wanted.strip().removeprefix("guard:").rpartition(":")
    is_one = len(fingerprint) == _FINGERPRINT and not fingerprint.strip("0123456789abcdef")
    if not colon or not is_one or " " in rule:
        return None
    _refuse_never_justified(state, rule)
    shown = (o for check in reversed(state.hotfix_checks) for o in check.objections)
    found = next((o for o in shown if (o.rule, o.fingerprint) == (rule, fingerprint)), None)
    if found is None:
        raise Refused(
            f"the guard has shown no objection {rule}:{fingerprint}",
            where=state.id,
            rule="justify-what-was-shown",
            remedy="andon hotfix check, and take it from there",
        )
    return found


def _refuse_never_justified(state: Incident, rule: str) -> None:
    if rule in NEVER_JUSTIFIED_RULES:
        raise Refused(
            f"{rule} can never be justified: {NEVER_JUSTIFIED_RULES[rule]}",
            where=state.id,
            rule="never-justified",
            remedy="mend it, then: andon hotfix check",
        )


def _refuse_a_whole_rule(state: Incident, wanted: str) -> None:
    """Raise Refused for the name of a rule alone: a person answers for what was shown, one by one."""
    items = state.protocol.items if state.protocol else ()
    if any(wanted in (item.key, item.check) for item in items):
        return
    last = state.hotfix_checks[-1] if state.hotfix_checks else None
    if last is None or all(answer.rule != wanted for answer in last.answers):
        return
    _refuse_never_justified(state, wanted)
    names = [f"{o.rule}:{o.fingerprint}" for o in last.objections if o.rule == wanted]
    raise Refused(
        f"{wanted} is justified one objection at a time; the guard has shown {len(names) or 'none'}",
        where=state.id,
        rule="justify-what-was-shown",
        remedy=f'andon skip {names[0]} --reason "why"' if names else "andon hotfix check",
    )


def is_justified(state: Incident, rule: str, fingerprint: str) -> bool:
    """True when a person answers for this objection."""
    return any(s.item == f"guard:{rule}:{fingerprint}" for s in state.shortcuts)


def named_shortcut(state: Incident, shortcut: e.ShortcutTaken) -> str:
    """Return what was skipped in words: a line of the protocol's policy, or what the guard objected to."""
    if shortcut.item.startswith("leak:rotate:"):
        return f"replacing the leaked secret {shortcut.item.removeprefix('leak:rotate:')}"
    if shortcut.item.startswith("leak:"):
        return f"of the response to the leak: {shortcut.item.removeprefix('leak:')}"
    if not shortcut.item.startswith("guard:"):
        return shortcut.item.removeprefix("policy:")
    title = next((a.title for a in state.actions if a.id == shortcut.action), "")
    return f"the hotfix guard: {title.partition(': ')[2] or shortcut.item}"

"""What was done to flags says about the items of a protocol: is it off, is it on again, was it mended."""

from __future__ import annotations

from shlex import quote

from andon.incident.flag_state import confirmed_in_words, kills_in_force, reached_everybody
from andon.incident.words import Outcome, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from andon.incident.flag_state import FlagAct
    from andon.incident.state import ActionItem, Incident

    #: Verdict, summary, and where in the history it is proven (0 for nowhere).
    Answer: TypeAlias = tuple[Verdict, str, int]

_PASSED, _FAILED, _UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN
#: Follow-ups of a kill: they wait for its action item and do not keep an incident open meanwhile.
OF_A_KILL = frozenset(("proper-fix", "feature-restored"))


def newest_kill(state: Incident) -> FlagAct | None:
    """Return the last act that killed a flag, however it ended."""
    return next((a for a in reversed(state.flag_acts) if a.planned.purpose == "kill"), None)


def last_flag_change(state: Incident) -> FlagAct | None:
    """Return the last act that the flag system took; None without one."""
    taken = [act for act in state.flag_acts if act.succeeded]
    return max(taken, key=lambda act: act.ended_seq) if taken else None


def kill_applied(state: Incident) -> Answer | None:
    """Say whether the kill switch is in force; None when Andon switched nothing or cannot know who has it."""
    act = newest_kill(state)
    if act is None:
        return None
    flag, ended = act.planned.flag, act.ended
    if ended is None or ended.outcome is Outcome.UNKNOWN:
        return _UNKNOWN, f"how the kill of {flag} ended is not known: andon flags kill {quote(flag)}", act.seq
    if ended.outcome is Outcome.FAILED:
        return _FAILED, f"the kill of {flag} failed: {ended.detail}", act.ended_seq
    back = _taken_back(state, act)
    if back is not None and back.planned.purpose == "undo":
        return _UNKNOWN, f"the kill of {flag} was taken back by {back.id}", back.ended_seq
    if back is not None:
        return _PASSED, f"{flag} was off for everybody, and is on again since {back.id}", act.ended_seq
    if not ended.can_confirm:
        return None
    told = f"{flag} gives everybody {act.planned.variant}: {confirmed_in_words(ended)}"
    return (_PASSED if reached_everybody(ended) else _UNKNOWN), told, act.ended_seq


def _taken_back(state: Incident, kill: FlagAct) -> FlagAct | None:
    """Return the act that took a kill back."""
    later = (a for a in reversed(state.flag_acts) if a.succeeded and a.planned.flag == kill.planned.flag)
    return next((a for a in later if a.seq > kill.seq and a.planned.purpose in ("undo", "enable")), None)


def feature_restored(state: Incident) -> Answer:
    """Say whether every flag that was killed is on again after tests, or gone for good."""
    killed = [act for act in state.flag_acts if act.planned.purpose == "kill" and act.succeeded]
    if not killed:
        return _UNKNOWN, "no flag was killed through Andon", 0
    told = []
    for flag in dict.fromkeys(act.planned.flag for act in killed):
        newest = [act for act in killed if act.planned.flag == flag][-1]
        action = action_of(state, flag)
        if kills_in_force(state.flag_acts, flag):
            if action is None or action.state != "done":
                owner = f", tracked as {action.id} ({action.owner})" if action else ""
                return (
                    _UNKNOWN,
                    f"{flag} is still off{owner}: andon flags enable {quote(flag)}",
                    newest.ended_seq,
                )
            told.append(f"{flag}: {action.proof}")
            continue
        back = _taken_back(state, newest)
        if back is None or back.planned.purpose == "undo":
            return _UNKNOWN, f"the kill of {flag} was undone; no tests were asked for", newest.ended_seq
        if back.planned.skipped:
            left_out = ", ".join(back.planned.skipped)
            return _UNKNOWN, f"{flag} is on again without {left_out}", back.ended_seq
        told.append(f"{flag} is on again ({back.id})")
    return _PASSED, "; ".join(told), killed[-1].ended_seq


def proper_fix(state: Incident) -> Answer:
    """Say whether what is on again was mended."""
    fixed = [a for a in state.flag_acts if a.planned.purpose == "enable" and a.succeeded and a.planned.fix]
    if not fixed:
        return _UNKNOWN, "no fix is on record", 0
    return _PASSED, f"{fixed[-1].planned.flag}: {fixed[-1].planned.fix}", fixed[-1].seq


def action_of(state: Incident, flag: str) -> ActionItem | None:
    """Return the newest follow-up that a kill of a flag opened."""
    origins = {f"kill:{act.id}" for act in state.flag_acts if act.planned.flag == flag}
    return next((a for a in reversed(state.actions) if a.origin in origins), None)


def waits_for_its_action(state: Incident, check: str) -> bool:
    """True for what comes after a kill and somebody has as an open action item."""
    return check in OF_A_KILL and any(
        a.origin.startswith("kill:") and a.state == "open" and a.owner for a in state.actions
    )


def kill_step(state: Incident) -> tuple[str, str]:
    """Return what the chosen kill switch still needs, as a sentence and a command; "" when it is done."""
    act, found = newest_kill(state), state.assessment
    if act is not None and not act.is_over:
        told = f"how the kill of {act.planned.flag} ended is not known: the same command finishes it"
        return told, _command(act.planned.flag)
    if act is not None and not act.succeeded:
        return f"the kill of {act.planned.flag} was not taken: try again", _command(act.planned.flag)
    decided = state.marks["ResponseDecided"].seq if "ResponseDecided" in state.marks else 0
    if act is not None and act.seq > decided:
        return "", ""
    if found is not None and found.flag and found.flag_off[:3] == ("andon", "flags", "kill"):
        return f"turn {found.flag} off for everybody", _command(found.flag)
    return "", ""


def _command(flag: str) -> str:
    return f"andon flags kill {quote(flag)}"

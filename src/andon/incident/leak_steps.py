"""What comes next in the response to a leak, in a sentence and the command that does it."""

from __future__ import annotations

from andon.incident.leak_state import HERE, Stage
from andon.incident.leaking import command_word, residual
from andon.incident.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.leak_state import Leak
    from andon.incident.state import Incident

_TEXTS = {
    Stage.LOCATE: "find every place that holds the secret",
    Stage.EXPOSURE: "find out since when it could be read, and by whom",
    Stage.BACKUP: "keep everything as it is in one file, before anything is rewritten",
    Stage.PURGE: "take it out of the whole history, in a fresh mirror; without --yes it only tells",
    Stage.VERIFY: "search the rewritten history, and a fresh clone of it, byte by byte",
    Stage.BAN: "keep a stale clone from pushing it back",
    Stage.CLEAN_UP: "remove what the work left behind",
}


def leak_step(state: Incident, leak: Leak) -> tuple[str, str]:
    """Return what comes next and its command; ("", "") when every stage is done."""
    stage = leak.stage
    match stage:
        case Stage.DONE:
            return "", ""
        case Stage.ROTATE:
            waiting = leak.waiting_for_revocation
            text = f"replace {counted(len(waiting), 'secret')}, first {waiting[0].kind} {waiting[0].mark}"
            return text, f'andon leak rotate {waiting[0].mark} --reason "how it is known to be dead"'
        case Stage.VERIFY if leak.verified is not None:
            return f"the purge is not proven: {leak.verified.summary}", "andon leak purge --yes"
        case Stage.PUSH:
            left = [name for name in leak.unpushed if name != HERE]
            if not left:
                return "bring this clone to the rewritten history; --yes does it", "andon leak adopt"
            text = f"push the rewritten history to {', '.join(left)}; without --yes it only plans"
            return text, "andon leak push"
        case Stage.JUDGE:
            proposed, why = residual(state)
            return f"say what the leak still means ({why})", f'andon leak judge {proposed} --reason "..."'
        case _:
            return _TEXTS[stage], f"andon leak {command_word(stage)}"

"""What the response to a leak says about the items of a protocol."""

from __future__ import annotations

from andon.incident.leak_state import Stage
from andon.incident.words import Verdict, counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from andon.incident.leak_state import Leak

    #: Verdict, summary, and the event that proves it ("" for none).
    Answer: TypeAlias = tuple[Verdict, str, str]

_PASSED, _FAILED, _UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN


def leak_answer(leak: Leak, check: str) -> Answer | None:
    """Return what the leak answers to a check; None for one that it says nothing about."""
    match check:
        case "leak-located" | "broken-part-identified":
            return _located(leak)
        case "break-time-identified":
            return _since(leak)
        case "leak-revoked" | "failure-resolved":
            return _revoked(leak)
        case "rollback-weighed":
            return _PASSED, "no rollback takes back what somebody has read: the secret is replaced", ""
        case "leak-purged" | "response-applied":
            return _purged(leak)
        case "leak-cleaned":
            return _cleaned(leak)
        case "evidence-captured" if leak.located is not None and leak.located.evidence is not None:
            return _PASSED, "every place is on record", "LeakLocated"
        case _:
            return None


def _located(leak: Leak) -> Answer:
    found = leak.located
    if found is None:
        return _UNKNOWN, "where the secrets are is not known yet", ""
    told = f"{counted(len(leak.credentials), 'secret')}: {found.summary}"
    return (_PASSED if found.verdict is _PASSED else _UNKNOWN), told, "LeakLocated"


def _since(leak: Leak) -> Answer:
    if leak.exposure is None or leak.exposure.since is None:
        return _UNKNOWN, "since when it could be read is not known yet", ""
    return _PASSED, leak.exposure.summary, "ExposureAssessed"


def _revoked(leak: Leak) -> Answer:
    left = leak.unrevoked
    if left:
        told = ", ".join(f"{c.kind} {c.mark}" for c in left)
        return _UNKNOWN, f"nobody answers for it that these are dead: {told}", ""
    return _PASSED, f"{counted(len(leak.credentials), 'secret')} revoked", "CredentialRevoked"


def _purged(leak: Leak) -> Answer:
    if Stage.PURGE in leak.passed_over:
        return _UNKNOWN, "left out on the record: the history still holds it", "ShortcutTaken"
    if leak.verified is not None and leak.verified.verdict is _FAILED:
        return _FAILED, leak.verified.summary, "PurgeVerified"
    if not leak.is_verified:
        return _UNKNOWN, "nothing proves that the history is free of it", ""
    if leak.unpushed and Stage.PUSH not in leak.passed_over:
        return _UNKNOWN, f"the old history is still in {', '.join(leak.unpushed)}", "PurgeVerified"
    return _PASSED, leak.verified.summary if leak.verified else "", "PurgeVerified"


def _cleaned(leak: Leak) -> Answer:
    if leak.cleaned is None:
        return _UNKNOWN, "what the work left behind is not removed yet", ""
    return leak.cleaned.verdict, leak.cleaned.summary, "LeakCleaned"

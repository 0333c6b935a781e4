"""What counts as proof: a machine's answer, a signature that still holds, a current verification."""

from __future__ import annotations

from andon.incident.check_result import CheckResult
from andon.incident.checks import CHECKS
from andon.incident.production_checks import last_change, verification_is_current
from andon.incident.trial import trial_failed
from andon.incident.words import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.incident.state import Incident, Signature

#: Checks on what production does after a change: what was signed before the last act says nothing now.
AFTER_CHANGE = frozenset(("failure-resolved", "critical-paths-pass", "no-new-failures", "logs-clean"))

#: Judged on the text of a plan, before a person acts on it: runs the way down, switches a migrate step off.
JUDGED_BEFORE = frozenset(("migrations-reversible",))


def answer(state: Incident, check: str) -> CheckResult | None:
    """Return what the machine says about a check; None when it has nothing to say and a person signs."""
    if is_only_a_leak(state) and state.leak is not None:
        from andon.incident.leak_checks import leak_answer  # most incidents are none

        found = leak_answer(state.leak, check)
        if found is not None:
            verdict, summary, event = found
            proof = (state.marks[event].seq,) if event in state.marks else ()
            return CheckResult(verdict=verdict, summary=summary, proof=proof)
    if check in CHECKS:
        return CHECKS[check](state)
    looked = state.checked.get(check) if check else None
    return CheckResult(verdict=looked.verdict, summary=looked.summary) if looked is not None else None


def beats_signature(state: Incident, check: str, result: CheckResult | None) -> bool:
    """True when the machine has evidence that no signature stands against.

    What is judged before the act leaves room for a person: what they vouch for is what they have done since.
    """
    if result is None or result.verdict is not Verdict.FAILED:
        return False
    return check not in JUDGED_BEFORE or trial_failed(state)


def signature(state: Incident, *names: str) -> Signature | None:
    """Return the signature under one of the names, if it still holds after the last act on production."""
    for name in names:
        found = state.signed.get(name)
        if found is not None and (name not in AFTER_CHANGE or found.mark.seq > last_change(state)):
            return found
    return None


def recovery(state: Incident) -> str:
    """Return what shows that the harm has stopped, or "" for nothing.

    `verification`, `signature`, or `revocation` of every secret where a leak is all that happened. A failed
    verification beats any signature, and a leaked secret of which nobody has said anything beats both.
    """
    if state.leak is not None:
        if state.leak.waiting_for_revocation or not state.leak.credentials:
            return ""
        if is_only_a_leak(state) and state.leak.is_contained:
            return "revocation"
        if is_only_a_leak(state):
            return "signature" if signature(state, "failure-resolved") else ""
    if state.verification is not None and verification_is_current(state):
        if state.verification.verdict is Verdict.PASSED:
            return "verification"
        if state.verification.verdict is Verdict.FAILED:
            return ""
    return "signature" if signature(state, "failure-resolved") else ""


def is_only_a_leak(state: Incident) -> bool:
    """True when secrets got out and nothing else is known to be broken."""
    if state.leak is None or state.operations or state.flag_acts or state.decision is not None:
        return False
    verified = state.verification
    if verified is not None and verified.verdict is Verdict.FAILED and verification_is_current(state):
        return False
    return state.assessment is None or not state.assessment.broken


def proven_at(state: Incident) -> datetime | None:
    """Return when what `recovery` goes by was recorded; None without such a thing."""
    match recovery(state):
        case "verification":
            return state.marks["VerificationRan"].at
        case "signature":
            return state.signed["failure-resolved"].mark.at
        case "revocation":
            return state.marks["CredentialRevoked"].at
        case _:
            return None

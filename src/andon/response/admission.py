"""Whether a version may go into production, as far as the ledger knows: what a pipeline asks first."""

from __future__ import annotations

from andon.incident.words import ReleaseVerdict, Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.ledger import Block, Ledger
    from andon.response.bad_ranges import Contains


class Admission(Record):
    """An answer to "may this be deployed?"."""

    #: Passed: nothing is known against it. Failed: it was judged bad, or is blocked. Unknown: it may have the
    #: fault of a blocked release.
    verdict: Verdict
    #: `nothing-against-it`, `blocked-release`, `judged-bad`, `code-unknown`, `history-unknown` or
    #: `has-blocked-code`.
    rule: str
    reason: str
    incident: str = ""
    #: The blocked or bad release that stands in the way; "" for none.
    because_of: str = ""


def admit(
    ledger: Ledger, version: str, commit: str = "", contains: Contains | None = None, *, has_fix: bool = False
) -> Admission:
    """Return whether `version` may be deployed.

    `contains` is asked whether the code of `version` holds that of a blocked release; `has_fix` says that
    somebody knows it holds the fix as well.
    """
    release = ledger.find(version)
    code = commit or (release.commit if release else "")
    block = ledger.block_on(version, code)
    if block is not None:
        named = version if block.version == version else f"{version} is the code of {block.version}, which"
        return _refused("blocked-release", f"{named} is blocked{_in(block)}: {block.reason}", block)
    bad = [r for r in ledger.releases if r.verdict is ReleaseVerdict.BAD]
    same = next((r for r in bad if r.version == version or (code and r.commit == code)), None)
    if same is not None:
        named = version if same.version == version else f"{version} is the code of {same.version}, which"
        why = f"{named} was judged bad: {same.reason or 'no reason given'}"
        return Admission(
            verdict=Verdict.FAILED,
            rule="judged-bad",
            reason=why,
            incident=same.incident,
            because_of=same.version,
        )
    if has_fix or (release is not None and release.verdict is ReleaseVerdict.GOOD):
        why = f"judged good: {release.reason}" if release and not has_fix else "said to have the fix"
        return Admission(verdict=Verdict.PASSED, rule="nothing-against-it", reason=f"{version} is {why}")
    for block in reversed(ledger.blocks):
        if not code and block.commit:
            why = f"which commit {version} is made from is not known"
            return _unknown("code-unknown", f"{why}, and {block.version} is blocked{_in(block)}", block)
        has_it = contains(version, block.version) if contains is not None else False
        if has_it is None and code and block.commit:
            why = f"{block.version} is blocked{_in(block)}, and whether {version} has its code is not known"
            return _unknown("history-unknown", f"{why}: git here does not have both commits", block)
        if has_it:
            why = f"{version} has the code of {block.version}, which is blocked{_in(block)}: {block.reason}"
            return _unknown("has-blocked-code", f"{why}; nothing says that it is fixed", block)
    if not ledger.releases and not ledger.blocks:
        why = "the ledger here knows of no release at all, so it has nothing to say"
        return Admission(verdict=Verdict.UNKNOWN, rule="empty-ledger", reason=why)
    return Admission(
        verdict=Verdict.PASSED, rule="nothing-against-it", reason=f"nothing is known against {version}"
    )


def _in(block: Block) -> str:
    return f" since {block.incident}" if block.incident else ""


def _refused(rule: str, reason: str, block: Block) -> Admission:
    return Admission(
        verdict=Verdict.FAILED, rule=rule, reason=reason, incident=block.incident, because_of=block.version
    )


def _unknown(rule: str, reason: str, block: Block) -> Admission:
    return Admission(
        verdict=Verdict.UNKNOWN, rule=rule, reason=reason, incident=block.incident, because_of=block.version
    )

"""Is it shown that a fix cures what it is for: red without it, green with it, or by whom it will be seen?"""

from __future__ import annotations

import re

from andon.incident.words import Verdict
from andon.record import Record
from andon.response.gates.results import failed, passed, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.response.gates.results import RuleResult

RULE = "red-then-green"
#: Exit codes with which test runners say that they ran no test: pytest 4 (usage) and 5 (none collected),
#: unittest 5 (none found, from Python 3.12). A test that did not run is not red.
NOTHING_RAN = (4, 5)
#: Exit codes with which a shell says that a signal ended what it ran: INT, KILL, TERM.
_STOPPED = (130, 137, 143)
_GIVE_A_TEST = "andon hotfix check --test COMMAND..., a test that fails without the fix and passes with it"
_BY_HAND = 'andon skip verification, then look yourself: andon sign failure-resolved --reason "what you saw"'


#: A path below a directory of tests, or a file that is named as one.
_TEST = re.compile(
    r"(?i)(?:^|/)(?:tests?|specs?|__tests__|e2e|testdata|fixtures)/"
    r"|(?:^|/)(?:tests?[_-][^/]*|conftest|[^/]*[_-](?:tests?|spec)|[^/]*\.(?:test|spec|cy|e2e))\.\w+$"
    r"|(?:^|/)[^/]*(?-i:[a-z0-9](?:Tests?|TestCase|Spec|IT)|/Test[A-Z]\w*)\.\w+$"
)


def is_test(path: str) -> bool:
    """True for a test, or for what lies beside tests."""
    return bool(_TEST.search(path))


class RedGreen(Record):
    """How the same test went without the fix and with it."""

    command: str
    before: Verdict
    after: Verdict
    #: How each ended, in words.
    before_ending: str = ""
    after_ending: str = ""
    #: Why it being red without the fix says nothing of the fix; "" for nothing.
    doubt: str = ""


class Proof(Record):
    """What there is to show that a fix cures the failure."""

    #: Smoke tests that failed in this incident, and those of them that exist and are critical.
    failed_probes: tuple[str, ...] = ()
    critical_probes: tuple[str, ...] = ()
    #: Log signatures of the failure.
    signatures: tuple[str, ...] = ()
    test: RedGreen | None = None
    #: Who says that they saw it with the fix, and what; "" for nobody.
    seen_by_hand: str = ""
    #: True when somebody took the shortcut that the protocol allows: verification by hand.
    is_relaxed: bool = False


def how_it_went(
    code: int, *, is_missing: bool, timed_out: bool, ran: int | None = None, not_passed: int = 0
) -> Verdict:
    """Return what an exit code says of a test: a test that did not run, or not to its end, says nothing.

    `ran` and `not_passed` are what the runner printed, as far as that is known: with no test that ran it says
    nothing, nor when exit code 0 stands beside tests that failed.
    """
    if is_missing or timed_out or code < 0 or code in NOTHING_RAN or code in _STOPPED:
        return Verdict.UNKNOWN
    if ran == 0 or (code == 0 and not_passed):
        return Verdict.UNKNOWN
    return Verdict.PASSED if code == 0 else Verdict.FAILED


def red_then_green(proof: Proof) -> RuleResult:
    """Return whether the fix is proven, or will be by the smoke test that showed the failure.

    A test that passes without the fix as well proves nothing about it; one that fails with it proves that it
    is no fix. Verification is never skipped entirely: without a test, a smoke test that failed or a person
    who looked, it is unknown, and unknown stops it.
    """
    test = proof.test
    if test is not None and test.after is Verdict.FAILED:
        both = test.before is Verdict.FAILED
        what = "fails with the fix as it does without" if both else "fails with the fix"
        return failed(
            RULE, f"{test.command} {what}: {test.after_ending}", "mend the fix, commit it, check again"
        )
    if test is not None and (test.before, test.after, test.doubt) == (Verdict.FAILED, Verdict.PASSED, ""):
        return passed(RULE, f"{test.command} fails without the fix ({test.before_ending}) and passes with it")
    told = _no_proof(test)
    if proof.seen_by_hand:
        return passed(RULE, f"{told}seen by hand, {proof.seen_by_hand}; verified again after deployment")
    later = _later(proof)
    could_not = test is not None and Verdict.UNKNOWN in (test.before, test.after)
    if later and not could_not:
        return passed(RULE, f"{told}to be proven after deployment: {later}")
    if proof.is_relaxed and proof.critical_probes:
        by = later or f"{', '.join(proof.critical_probes)} are run then"
        return passed(RULE, f"{told}verification is relaxed; to be proven after deployment: {by}")
    if could_not and test is not None:
        ending = test.after_ending if test.after is Verdict.UNKNOWN else test.before_ending
        return unknown(RULE, f"{test.command} could not be run to its end: {ending}", _BY_HAND)
    if proof.failed_probes:
        return unknown(
            RULE, f"{told}no smoke test is left that would show the failure or its end", _GIVE_A_TEST
        )
    if proof.signatures:
        seen = proof.signatures[0][:120]
        return unknown(RULE, f"{told}the failure is only known from the log ({seen})", _GIVE_A_TEST)
    return unknown(
        RULE, f"{told}nothing was seen failing in this incident", f"andon assess; or {_GIVE_A_TEST}"
    )


def _later(proof: Proof) -> str:
    """Return which smoke tests will show it, "" when none that failed is still there."""
    again = [name for name in proof.failed_probes if name in proof.critical_probes]
    if not again:
        return ""
    return (
        f"{', '.join(again)} failed and has to pass"
        if len(again) == 1
        else f"{', '.join(again)} have to pass"
    )


def _no_proof(test: RedGreen | None) -> str:
    """Return why the test settles nothing, for the beginning of a sentence."""
    if test is None:
        return ""
    if test.before is Verdict.PASSED and test.after is Verdict.PASSED:
        return f"{test.command} passes without the fix as well; "
    if test.doubt and test.before is Verdict.FAILED:
        return f"{test.command} fails without the fix for another reason ({test.doubt}); "
    return ""

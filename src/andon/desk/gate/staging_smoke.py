"""Do the smoke tests pass on staging? They are run now, all at once, and once more when they pass."""

from __future__ import annotations

from andon.desk.looking import ask_probes
from andon.incident.words import Verdict, counted
from andon.response.gates.results import Objection, failed, passed, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult

RULE = "staging-smoke"
_SETTING = '[[staging]] in andon.toml, with name = "checkout" and url = "https://staging.example/checkout"'


def check(context: GateContext) -> RuleResult:
    """Run them; every one has to pass twice, and none that cannot be run counts as a pass."""
    desk = context.desk
    if not desk.staging:
        return unknown(RULE, "no smoke test of staging is configured", _SETTING)
    limits = [p.timeout for p in desk.config.staging]
    outcomes = ask_probes(desk, desk.staging, limits)
    if all(o.verdict is Verdict.PASSED for o in outcomes):  # once may be luck
        outcomes = ask_probes(desk, desk.staging, limits)
    broken = [o for o in outcomes if o.verdict is Verdict.FAILED]
    silent = [o for o in outcomes if o.verdict is Verdict.UNKNOWN]
    told = "; ".join(f"{o.name}: {o.summary}" for o in (*broken, *silent)[:3])
    if broken:
        objections = tuple(
            Objection(rule=RULE, text=f"{o.name}: {o.summary}", snippet=o.name) for o in (*broken, *silent)
        )
        return failed(RULE, told, "mend staging, or what is on it; then: andon ship check", objections)
    if silent:
        return unknown(RULE, told, "[[staging]] in andon.toml: each must be able to answer from here")
    return passed(RULE, f"{counted(len(outcomes), 'smoke test')} passed, twice")

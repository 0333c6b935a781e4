"""The checks an item of a protocol can bind to: what the machine can answer, and what a person must.

A machine check is a fold over the incident's history (`andon.incident.checks` holds one function for each);
a manual check is a named kind of thing a person vouches for. Read by every command, so it imports nothing.
"""

from __future__ import annotations

from andon.record import Record

#: What a person is asked for when the machine cannot know.
MANUAL_KINDS = {
    "judgement": "somebody looked and says so",
    "analysis": "somebody found out and writes down what",
    "record": "something is written or entered in its place",
    "follow-up": "work for after the incident, tracked until it is done",
}


class CheckKind(Record):
    """One check of the catalogue and the wordings that mean it.

    A phrase is a set of words that must all be in the item's text; words before `>` must be in a heading
    above the item. Words are compared stemmed and without regard to order (`andon.protocol.words`).
    """

    id: str
    title: str
    #: `machine` or `manual`.
    kind: str
    #: The part of an incident it belongs to when the headings do not say (`compiled.PHASES`).
    phase: str
    phrases: tuple[str, ...]
    #: One of MANUAL_KINDS for a manual check, or "".
    manual: str = ""
    #: True for work that comes after the act whose heading it stands under.
    is_afterwards: bool = False


def _machine(phase: str, check: str, title: str, phrases: str, *, is_afterwards: bool = False) -> CheckKind:
    return CheckKind(
        id=check,
        title=title,
        kind="machine",
        phase=phase,
        phrases=_cut(phrases),
        is_afterwards=is_afterwards,
    )


def _manual(phase: str, manual: str, check: str, title: str, phrases: str) -> CheckKind:
    return CheckKind(id=check, title=title, kind="manual", phase=phase, phrases=_cut(phrases), manual=manual)


def _cut(phrases: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in phrases.split(";"))


_CHECKS = (
    _machine(
        "declare",
        "impact-confirmed",
        "Production is known to be hurt",
        "confirm impact; verify impact; confirm production affected; confirm users affected; "
        "confirm customers affected; confirm outage; verify outage; "
        "check customers affected; check users affected",
    ),
    _machine(
        "declare",
        "severity-declared",
        "The incident has a severity",
        "declare severity; assign severity; set severity; choose severity; determine severity; "
        "classify severity; agree severity; pick severity; select severity; decide severity",
    ),
    _machine(
        "declare",
        "stakeholders-notified",
        "The stakeholders were told",
        "notify stakeholders; inform stakeholders; tell stakeholders; alert stakeholders; "
        "notify team; notify customers; notify support; inform team; inform customers; "
        "announce incident",
    ),
    _machine(
        "declare",
        "gear-hotfix",
        "The service is in HOTFIX",
        "switch gear hotfix; enter gear hotfix; activate gear hotfix; set gear hotfix; "
        "move gear hotfix; shift gear hotfix; gear hotfix active",
    ),
    _machine(
        "assess",
        "broken-part-identified",
        "What is broken is known",
        "identify what broken; determine what broken; find what broken; what failing; "
        "identify affected service; identify affected component; identify affected feature; "
        "identify failing component; identify failing service",
    ),
    _machine(
        "assess",
        "break-time-identified",
        "When it broke is known",
        "identify when broke; determine when broke; find when broke; when started; when did break; "
        "when first seen; identify start time",
    ),
    _machine(
        "assess",
        "evidence-captured",
        "Evidence of the failure is stored",
        "capture evidence; collect evidence; gather evidence; save evidence; preserve evidence; "
        "capture logs; collect logs; save logs; grab logs; gather logs; capture screenshots",
    ),
    _machine(
        "choose",
        "rollback-weighed",
        "Rolling back was weighed against fixing",
        "rollback faster; rollback versus hotfix; rollback vs hotfix; decide rollback hotfix; "
        "decide whether rollback; compare rollback hotfix; rollback quicker",
    ),
    _machine(
        "act",
        "response-applied",
        "The chosen response was carried out",
        "apply fix; apply hotfix; apply rollback; apply response; execute rollback; "
        "perform rollback; rollback critical; rollback immediately; disable flag; turn off flag; "
        "kill switch; disable feature",
    ),
    _machine(
        "act",
        "deployed",
        "A deployment reached production",
        "deploy production; deploy fix; deploy hotfix; ship fix; ship production; ship hotfix; "
        "release fix production; deployment completed",
    ),
    _machine(
        "act",
        "failure-resolved",
        "The reported failure is gone",
        "failure resolved; issue resolved; problem resolved; fix resolves; failure gone; error gone; "
        "symptom gone; verify fix works; confirm service restored; verify service restored",
    ),
    _machine(
        "act",
        "no-new-failures",
        "Nothing new broke",
        "new failures; new errors; side effects; confirm new issues; new issues introduced; "
        "confirm new problems",
    ),
    _machine(
        "act",
        "critical-paths-pass",
        "The critical paths pass their smoke tests",
        "smoke critical paths; break critical paths; critical paths pass; critical paths work; "
        "verify critical paths; test critical paths; run smoke tests; smoke tests pass; smoke tests green",
    ),
    _machine(
        "act",
        "last-known-good",
        "The last known good release is known",
        "last known good; last good version; last good release; last good build; "
        "last working version; last stable version; last stable release; last good tag; last good commit",
    ),
    _machine(
        "act",
        "migrations-reversible",
        "No migration stands in the way of going back",
        "database migrations; migrations reversible; schema migrations; schema changes reversible; "
        "migrations backward compatible",
    ),
    _manual(
        "act",
        "judgement",
        "no-data-corruption",
        "Going back does not damage data",
        "data corruption; corrupt data; rollback data loss; data integrity",
    ),
    _manual(
        "act",
        "judgement",
        "dependencies-compatible",
        "What the old release depends on still fits it",
        "dependencies compatible; dependency compatibility; apis compatible; services compatible",
    ),
    _machine(
        "act",
        "previous-version-deployed",
        "The earlier release is running again",
        "deploy previous version; deploy previous release; redeploy previous; redeploy last version; "
        "redeploy last release; deploy last known good; redeploy last known good; deploy earlier release; "
        "deploy last good release; redeploy last good release; restore previous version; "
        "restore previous release; deploy last good tag; redeploy last good tag; rollback last good tag; "
        "deploy last good commit; redeploy last good commit; rollback last good commit",
    ),
    _machine(
        "act",
        "logs-clean",
        "The logs show no new errors after the change",
        "monitor logs; watch logs; check logs; tail logs; logs clean; error rate normal",
    ),
    _machine(
        "policy",
        "fix-minimal",
        "The fix is the smallest that works",
        "minimal fix; smallest fix; fix scope creep; small fix only; minimal change; smallest change",
    ),
    _machine(
        "policy",
        "fix-no-new-vulnerability",
        "The fix opens no security hole",
        "fix security vulnerabilities; introduce vulnerabilities; new vulnerabilities; "
        "fix security hole; fix security risk",
    ),
    _machine(
        "policy",
        "fix-no-secrets",
        "The fix shows no secret",
        "fix secrets; expose secrets; leak secrets; secrets logs; secrets commits; leak credentials; "
        "expose credentials; expose passwords; leak passwords; secrets diff; credentials diff; "
        "passwords diff; passwords logs; passwords commits",
    ),
    _machine(
        "act",
        "leak-located",
        "Every place that holds a leaked secret is known",
        "find leaked secrets; locate leaked secrets; locate exposed secrets; find exposed secrets; "
        "search history secrets; scan history secrets; scan history credentials",
    ),
    _machine(
        "act",
        "leak-revoked",
        "Every leaked secret is revoked",
        "rotate secrets; rotate credentials; rotate keys; revoke secrets; revoke credentials; revoke keys; "
        "deactivate keys; deactivate credentials; replace leaked secrets; invalidate credentials",
    ),
    _machine(
        "act",
        "leak-purged",
        "The history is free of it, proven and pushed",
        "purge history; purge secrets; remove secrets history; remove credentials history; "
        "clean git history; rewrite history; scrub history",
    ),
    _machine(
        "act",
        "leak-cleaned",
        "Nothing that holds it was left lying about",
        "remove mirror repositories; delete mirror repositories; clean up mirror; delete mirrors; "
        "remove temporary mirror; remove temporary clones; delete temporary clones",
    ),
    _machine(
        "gap",
        "gap-environment",
        "Do the environments differ?",
        "environment difference; configuration difference; config difference; staging production differ",
    ),
    _machine(
        "gap",
        "gap-data",
        "Does the data differ?",
        "data difference; test data differs",
    ),
    _machine(
        "gap",
        "gap-dependency",
        "Does something outside differ?",
        "dependency difference; third party difference; api version difference",
    ),
    _machine(
        "gap",
        "gap-scale",
        "Does the load differ?",
        "scale difference; load difference; volume difference; traffic difference",
    ),
    _machine(
        "gap",
        "gap-network",
        "Does the network differ?",
        "network difference; latency difference",
    ),
    _machine(
        "gap",
        "gap-missed",
        "What the tests did not see",
        "what miss; what did not catch; what tests overlook",
    ),
    _machine(
        "gap",
        "gap-why",
        "Why the tests did not see it",
        "why miss; why not caught; why tests pass; why tests overlook",
    ),
    _machine(
        "gap",
        "gap-tests-improved",
        "How the tests will see it next time",
        "improve tests; tests improved catch; tests catch next time",
    ),
    _machine(
        "review",
        "postmortem-scheduled",
        "The postmortem has a date",
        "schedule postmortem; book postmortem; plan postmortem; schedule review; schedule incident review; "
        "postmortem calendar; review calendar",
    ),
    _machine(
        "review",
        "cause-documented",
        "What broke, why, and the way it was mended are written down",
        "document what broke; document root cause; document cause; write root cause; "
        "write what broke; record root cause; document what happened; document what went wrong",
    ),
    _machine(
        "review",
        "shortcuts-listed",
        "What was skipped is listed",
        "identify skipped; list skipped; list shortcuts; record shortcuts; document shortcuts; "
        "document skipped; record skipped",
    ),
    _machine(
        "review",
        "follow-ups-created",
        "Follow-up work is tracked",
        "create followup; file followup; open followup; create action items; track action items; "
        "create tasks deferred; create tickets; file tickets; track deferred",
    ),
    _machine(
        "review",
        "regressions-updated",
        "The regression log has an entry",
        "update regressions; log regression; regression log; record regression; "
        "add regression entry; regressions md",
    ),
    _machine(
        "prevention",
        "test-added",
        "A test covers the failure",
        "add test; write test; regression test; add coverage; test covers failure",
    ),
    _machine(
        "prevention",
        "environment-parity",
        "The test environment is closer to production",
        "environment match production; environment mirror production; environment closer production; "
        "staging match production; staging mirror production; staging closer production; "
        "environment parity",
    ),
    _machine(
        "prevention",
        "monitoring-added",
        "Monitoring would see it next time",
        "add monitoring; add alerting; add alert; improve monitoring; improve alerting; "
        "create alert; alert added",
    ),
    _machine(
        "prevention",
        "semantics-updated",
        "What verification means is corrected",
        "verification semantics; update tests checking wrong; tests assert wrong",
    ),
    _machine(
        "template",
        "skipped-tests",
        "Tests: skipped or not",
        "skipped > tests",
    ),
    _machine(
        "template",
        "skipped-cleanup",
        "Cleanup: skipped or not",
        "skipped > cleanup; skipped > clean code",
    ),
    _machine(
        "template",
        "skipped-memory",
        "Memory updates: skipped or not",
        "skipped > memory; skipped > documentation; skipped > knowledge base",
    ),
    _machine(
        "template",
        "skipped-verification",
        "Full verification: skipped or not",
        "skipped > verification; skipped > full verification",
    ),
    _machine(
        "template",
        "deferred-work-done",
        "The work that was put off is done",
        "complete deferred; finish deferred; deferred work done; complete skipped; finish skipped",
    ),
    _machine(
        "template",
        "lessons-documented",
        "The lessons are written down",
        "document lessons; record lessons; write lessons; lessons learned documented; share lessons",
    ),
    _machine(
        "act",
        "proper-fix",
        "The real fix is made with full rigour",
        "fix gear build; proper fix; permanent fix",
        is_afterwards=True,
    ),
    _machine(
        "act",
        "feature-restored",
        "The feature is on again, tested",
        "reenable; enable again; re enable; turn flag back",
        is_afterwards=True,
    ),
)

#: Every check by its id, in the order of an incident.
CATALOGUE: dict[str, CheckKind] = {check.id: check for check in _CHECKS}


def machine_checks() -> frozenset[str]:
    """Return the ids of the checks the machine answers today."""
    return frozenset(check.id for check in _CHECKS if check.kind == "machine")

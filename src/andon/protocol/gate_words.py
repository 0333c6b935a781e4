"""Which wording of a policy line a gate rule answers for; the rules are in `andon.response.gates.table`.

A phrase is a set of words that must all be in the line, stemmed, as for the checks of the catalogue. The
longest that fits wins; when two rules fit equally well, a person signs the line.
"""

from __future__ import annotations

from functools import cache

from andon.protocol.words import key_words

#: The rule that answers the same question as a check of the catalogue.
RULE_OF_CHECK = {
    "fix-minimal": "minimal",
    "fix-no-new-vulnerability": "no-new-finding",
    "fix-no-secrets": "secrets",
    "failure-resolved": "red-then-green",
    "critical-paths-pass": "red-then-green",
}

_PHRASES = {
    "configuration": "configuration read; andon toml",
    "gear-known": "gear known",
    "readable": "change read",
    "secrets": "secret; credential; password; api key; key password",
    "conflict-markers": "merge conflict; conflict marker",
    "links-inside": "link outside repository; symbolic link",
    "regression-tests": "regression test; regression log test; test regression log exist",
    "tests-kept": "delete test; remove test; skip test; disable test; test deleted; test skipped; keep test",
    "names-incident": "message incident; commit names incident",
    "only-the-hotfix": "nothing but hotfix; protected branch hotfix",
    "minimal": "smallest change; minimal change; small change; scope creep",
    "no-feature": "new feature; add feature; anything new; feature",
    "no-refactoring": "refactor; tidy code; rename; reformat; unrelated code",
    "connected": "one purpose; belong one fix; one fix",
    "no-new-finding": "vulnerability; security hole; security implication; trade security; security finding",
    "red-then-green": "skip verification; without verified; verification entirely; smoke test prove",
    "ship-recorded": "ship decision; decision recorded; release decision",
    "tests-green": "test suite; test pass; full test; whole test; all test",
    "rollback-plan": "rollback plan; way back; rollback tested",
    "audit-fresh": "dependency audit; audit dependency",
    "staging-smoke": "staging; smoke staging",
    "flags-off": "flag; feature flag; flag off; flag owner; new feature flag; flag purpose owner",
    "flags-tested": "both state flag; flag tested; state flag tested; flag on off tested",
    "flags-tidy": "stale flag; flag expired; expired feature flag; nested flag; nest flag; left over flag; "
    "remove flag; remove feature flag; leave flag; flag indefinitely; flag configuration; permanent flag",
    "no-open-incident": "open incident; P0 P1 open",
    "no-late-postmortem": "postmortem late; postmortem overdue",
    "no-overdue-action": "action overdue; followup overdue",
    "hotfix-merged": "hotfix merged; hotfix main; merge hotfix; hotfix main line",
}
#: Every rule that a line can name with `{#rule}`.
RULES = frozenset(_PHRASES)


def rule_for(text: str) -> str:
    """Return the gate rule that answers for a line, "" for none or several."""
    words = key_words(text)
    scores = {
        rule: max((len(p) for p in phrases if p <= words), default=0) for rule, phrases in _cut().items()
    }
    best = max(scores.values())
    found = [rule for rule, score in scores.items() if score == best]
    return found[0] if best and len(found) == 1 else ""


@cache
def _cut() -> dict[str, tuple[frozenset[str], ...]]:
    return {rule: tuple(key_words(p) for p in phrases.split(";")) for rule, phrases in _PHRASES.items()}

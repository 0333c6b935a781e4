"""The postmortem of a leak: its security impact from the events, in the document and in the team's log."""

from __future__ import annotations

from datetime import timedelta

from andon.incident import events as e
from andon.incident.evolve import fold
from andon.incident.leak_state import HERE
from andon.incident.words import Severity
from andon.review.incident_log import read_entries, write_entry
from andon.review.log_entry import entry_of
from andon.review.paper import read_sections, to_markdown
from andon.review.postmortem import Postmortem, draft
from tests.unit.incident.cases import (
    MARK,
    OTHER_MARK,
    START,
    adopted,
    backed_up,
    banned,
    cleaned,
    declared,
    exposed,
    history,
    hurt,
    leaked,
    located,
    mitigated,
    purge_verified,
    purged,
    push_planned,
    pushed,
    resolved,
    revoked,
)

PLACE = e.LeakPlace(
    mark=MARK, kind="blob", name="f" * 40, paths=(".env.prod",), commit="c" * 40, author="ann"
)
NAMELESS = e.LeakPlace(mark=MARK, kind="commit", name="e" * 40)
BEGUN = (
    declared(Severity.P0),
    adopted(),
    hurt(),
    leaked(MARK, OTHER_MARK),
    located(places=(PLACE, NAMELESS)),
)
WHOLE = (
    *BEGUN,
    exposed("origin", since=START - timedelta(days=3)),
    revoked(MARK),
    revoked(OTHER_MARK),
    mitigated(),
    backed_up(),
    purged(),
    purge_verified(),
    push_planned(),
    pushed(),
    banned(),
    cleaned("b.bundle: the backup is kept until 2026-03-31"),
    resolved("no gate ran before the commit"),
    e.LeakJudged(residual=Severity.P4, reason="the old keys answer 401"),
)


def postmortem(*events: e.Event) -> Postmortem:
    told = history(*events)
    return draft(fold(told), told, START + timedelta(hours=3))


def values(*events: e.Event) -> dict[str, str]:
    return {field.key: field.value for field in postmortem(*events).fields}


def test_it_began_when_what_leaked_could_first_be_read() -> None:
    told = values(*WHOLE)
    assert told["summary/when"].startswith("2026-") and "could first be read" in told["summary/when"]
    assert "3 d" in told["summary/duration"] and "to detect" in told["summary/duration"]
    assert values(*BEGUN)["summary/when"].endswith("when it began is not known")


def test_an_incident_without_a_leak_has_no_such_sections() -> None:
    assert "security" not in {s.key for s in postmortem(declared(), adopted()).sections}


def test_the_exposure_is_a_window_that_ends_when_the_last_secret_is_dead() -> None:
    told = values(*WHOLE)["security/exposure"]
    assert "from 2026-02-26 02:00:00 UTC until 2026-03-01 02:07:00 UTC (every secret revoked)" in told
    assert "origin (public)" in told
    assert "and still at" in values(*BEGUN, exposed("origin"))["security/exposure"]


def test_the_credentials_are_named_by_kind_and_mark_and_said_to_be_dead_or_not() -> None:
    told = values(*WHOLE)["security/credentials"].splitlines()
    assert told == [
        f"- github-token {MARK} (REDACTED): revoked 2026-03-01 02:06:00 UTC by ann",
        f"- github-token {OTHER_MARK} (REDACTED): revoked 2026-03-01 02:07:00 UTC by ann",
    ]
    skip = e.RevocationSkipped(mark=OTHER_MARK, reason="the partner answers on Monday", action="A1")
    half = values(*BEGUN, revoked(MARK), skip)
    assert f"{OTHER_MARK} (REDACTED): STILL WORKS (follow-up A1)" in half["security/credentials"]
    assert half["security/mitigation"].startswith("1 of 2 credentials revoked")
    assert half["security/residual"].startswith("P0 CRITICAL by rule, not judged yet")


def test_risk_before_and_after() -> None:
    told = values(*WHOLE)
    assert told["security/risk"] == "P0 CRITICAL: 2 credentials in use, on remotes that are public"
    assert told["security/residual"] == ("P4 INFORMATIONAL: the old keys answer 401 (judged by ann)")
    assert told["security/mitigation"].startswith("2 credentials revoked, the last 7 min after")


def test_what_is_left_of_the_work() -> None:
    told = values(*WHOLE)
    assert told["artefacts/backup"].endswith("to be deleted after 2026-03-31")
    assert told["artefacts/cleaned"].startswith("2 commits rewritten, 1 reference changed")
    assert told["artefacts/files"].splitlines()[0] == "- .env.prod (cleaned)"
    assert "1 place without a path" in told["artefacts/files"]
    assert told["artefacts/push"] == "- origin: 1 reference, each on a lease"
    assert "refuses 3 objects" in told["artefacts/ban"]
    assert "None was made" in values(*BEGUN)["artefacts/backup"]


def test_what_is_not_done_yet_is_not_said_to_be() -> None:
    whole_file = (declared(Severity.P0), hurt(), leaked(MARK, paths=(".env.prod",)), located(places=(PLACE,)))
    told = values(*whole_file)
    assert told["artefacts/files"] == "- .env.prod (leaked whole)"
    assert told["security/risk"].endswith("and who could read them is not known yet")
    mine = values(*WHOLE, pushed(HERE))["artefacts/push"].splitlines()[-1]
    assert mine == "- this clone: 1 reference, brought to the new history"
    twice = values(*WHOLE, banned(), banned())
    assert twice["artefacts/ban"].count("refuses") == 1


def test_the_story_tells_every_step() -> None:
    told = values(*WHOLE)
    assert "leak reported" in told["timeline/detection"]
    assert "leak located" in told["timeline/response"]
    assert f"{MARK} revoked" in told["timeline/resolution"]
    assert "purge verified" in told["timeline/verification"]
    assert MARK in told["cause/what-broke"]


def test_people_s_words_win_and_come_back_exactly() -> None:
    words = e.SectionWritten(section="security/risk", text="P0: the key could delete every backup.")
    made = postmortem(*WHOLE, words)
    assert made.find("security/risk").value == words.text  # type: ignore[union-attr]
    assert read_sections(to_markdown(made)) == {"security/risk": words.text}


def test_the_log_has_the_sections_of_the_founding_form() -> None:
    told = history(*WHOLE)
    state = fold(told)
    text = write_entry(entry_of(draft(state, told, START + timedelta(hours=3)), state))
    (entry,) = read_entries(f"## Incident Log\n\n{text}", "log")
    titles = [section.title for section in entry.sections]
    assert titles[-2:] == ["Resolution Artifacts", "Security Impact Assessment"]
    labels = [item.label for item in entry.sections[-1].items]
    assert labels == [
        "Exposure duration",
        "Affected credentials",
        "Mitigation",
        "Risk",
        "Post-rotation risk",
    ]

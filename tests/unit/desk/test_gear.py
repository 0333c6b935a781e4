"""The gear that holds, what the team's document says about it, and hard gates, on a desk in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.config.model import Config
from andon.desk.casefile import load, service_stream
from andon.desk.gate.answered import gate_record
from andon.desk.gate.standing import standing
from andon.desk.gear import declare, gear_now, gear_policy
from andon.desk.hard_gates import harden, relax
from andon.desk.postmortem import prepare
from andon.errors import Conflict, InvalidInput, NotFound, Refused
from andon.incident.events import IncidentDeclared, RuleViolated
from andon.incident.words import CommandId, Gear, IncidentId, Severity
from andon.response.gates.hardening import asked_in, proposals
from andon.response.gates.table import Level
from tests.fakes.desk import FakeDesk
from tests.unit.protocol.founding import GEARS, LEVELS, needs_founding


def break_it(desk: FakeDesk) -> None:
    event = IncidentDeclared(incident=IncidentId("INC-1"), service="shop", title="x", severity=Severity.P0)
    desk.another("bob").append("INC-1", (event,))


def violated(desk: FakeDesk, rule: str, *subjects: str) -> None:
    for subject in subjects:
        event = RuleViolated(rule=rule, point="pre-commit", gear="BUILD", subject=subject)
        desk.another("bob").append(service_stream(desk), (event,))


def test_a_gear_is_declared_by_name_or_level_and_said_once(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    assert declare(desk, "l2", "friday")[0].gear is Gear.SHIP
    assert declare(desk.another("bob"), "SHIP", "")[1] is False
    now = gear_now(desk)
    assert (now.gear, now.why, now.by, now.since) == (Gear.SHIP, "friday", "ann", desk.clock.now())
    with pytest.raises(InvalidInput):
        declare(desk, "TURBO", "")


def test_an_emergency_wins_and_gives_the_gear_back(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    declare(desk, "EXPLORE", "spike")
    break_it(desk)
    assert gear_now(desk).gear is Gear.HOTFIX
    assert (standing(desk).gear, standing(desk).incident is not None) == (Gear.HOTFIX, True)
    with pytest.raises(Refused, match="it resolves"):
        declare(desk, "BUILD", "quickly")
    assert gear_now(desk).declared.gear is Gear.EXPLORE


def test_somebody_who_keeps_writing_cannot_slip_a_gear_in_between(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    real = desk.append

    def others_first(*given: object, **named: object) -> object:
        many = len(desk.journal.read(service_stream(desk)))
        other = FakeDesk(tmp_path, journal=desk.journal)
        event = RuleViolated(rule="minimal", point="pre-commit", gear="BUILD", subject="x")
        other.append(service_stream(other), (event,), command=CommandId(f"other-{many}"))
        return real(*given, **named)  # type: ignore[arg-type]

    desk.append = others_first  # type: ignore[method-assign,assignment]
    with pytest.raises(Conflict):
        declare(desk, "SHIP", "")


def policy_of(root: Path, text: str, gear: Gear) -> tuple[str, str, list[str]]:
    (root / "I.md").write_text(text, encoding="utf-8")
    found = gear_policy(FakeDesk(root, config=Config(service="shop", protocol="I.md")), gear)
    return found.source, found.silent, [line.text for line in found.lines]


def test_the_teams_document_speaks_where_it_has_a_list(tmp_path: Path) -> None:
    text = "## SHIP\n### Required\n- Ask Ann\n"
    assert policy_of(tmp_path, text, Gear.SHIP) == ("I.md", "", ["Ask Ann"])
    source, silent, lines = policy_of(tmp_path, text, Gear.BUILD)
    assert (source, silent) == ("built-in", "I.md") and lines


def test_the_built_in_protocol_has_lists_for_every_gear(tmp_path: Path) -> None:
    for gear in Gear:
        found = gear_policy(FakeDesk(tmp_path), gear)
        assert found.source == "built-in" and not found.silent
        assert {line.kind for line in found.lines} == {"allowed", "required", "forbidden"}
        assert all(line.line > 0 for line in found.lines)


@needs_founding
@pytest.mark.parametrize("path", [GEARS, LEVELS], ids=lambda path: path.stem)
def test_the_founding_documents_give_their_lists_for_hotfix_exactly(tmp_path: Path, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    source, silent, told = policy_of(tmp_path, text, Gear.HOTFIX)
    assert (source, silent) == ("I.md", "")
    starts = [
        n
        for n, line in enumerate(lines)
        if line.startswith(("**Allowed short", "**Required dur", "**Forbidden dur"))
    ]
    assert len(starts) == 3
    wanted = []
    for start in starts:
        for line in lines[start + 1 :]:
            if not line.startswith("- "):
                break
            wanted.append(line.removeprefix("- ").removeprefix("[ ] "))
    assert told == wanted and len(told) == 14
    assert policy_of(tmp_path, text, Gear.SHIP)[1] == "I.md"


# ---- hard gates


def test_the_third_violation_proposes_a_hard_gate(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    violated(desk, "tests-kept", "a", "b", "b")
    assert proposals(gate_record(desk)) == ()
    violated(desk, "tests-kept", "c")
    violated(desk, "configuration", "a", "b", "c")  # it blocks everywhere: nothing to propose
    (proposal,) = proposals(gate_record(desk))
    assert (proposal.rule, proposal.strikes) == ("tests-kept", 3)
    assert proposal.command.startswith("andon gate harden tests-kept --reason")


def test_a_hard_gate_blocks_where_the_rule_warned_and_can_be_taken_back(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    violated(desk, "tests-kept", "a", "b", "c")
    record = harden(desk, "tests-kept", "it happened thrice")
    assert record.hardened == ("tests-kept",) and proposals(record) == ()
    for gear, blocks in ((Gear.BUILD, True), (Gear.EXPLORE, False)):
        hard = {
            rule
            for asked in asked_in(gear, record.hardened)
            if asked.level is Level.BLOCKS
            for rule in asked.rules
        }
        assert ("tests-kept" in hard) is blocks  # off stays off
    with pytest.raises(Refused, match="already"):
        harden(desk.another("bob"), "tests-kept", "again")
    record = relax(desk.another("bob"), "tests-kept", "the team knows now")
    assert (record.hardened, record.strikes("tests-kept")) == ((), 0)


@pytest.mark.parametrize(
    ("rule", "reason", "kind", "words"),
    [
        ("secrets", "x", Refused, "blocks already in BUILD"),
        ("regression-tests", "x", Refused, "blocks already in BUILD"),
        ("ship-recorded", "x", Refused, "warns in no gear"),
        ("turbo", "x", NotFound, "no gate rule"),
        ("tests-kept", "  ", Refused, "needs a reason"),
    ],
)
def test_what_cannot_be_hardened(
    tmp_path: Path, rule: str, reason: str, kind: type[Exception], words: str
) -> None:
    desk = FakeDesk(tmp_path)
    with pytest.raises(kind, match=words):
        harden(desk, rule, reason)
    assert gate_record(desk).hardened == ()


def test_only_a_hard_gate_is_relaxed(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="not hardened"):
        relax(FakeDesk(tmp_path), "tests-kept", "x")


def test_the_postmortem_proposes_the_hard_gate(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    break_it(desk)
    violated(desk, "tests-kept", "a", "b")
    assert "Proposed" not in prepare(desk, load(desk, "INC-1")).markdown
    violated(desk, "tests-kept", "c")
    assert "a hard gate, for tests-kept" in prepare(desk, load(desk, "INC-1")).markdown

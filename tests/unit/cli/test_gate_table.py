"""What a gate shows: one line where all is well, else a table, the places, and the way out."""

from __future__ import annotations

import pytest

from andon.cli.gate_table import Judged, plain, show, show_table, verdict_of
from andon.incident.words import Gear, Verdict
from andon.record import replace
from andon.response.gates.judge import Waived, judge
from andon.response.gates.results import Objection, RuleResult, failed, passed, unknown
from andon.response.gates.table import Point, rules_at

FINE = tuple(passed(rule.id, "fine") for rule in rules_at(Point.PRE_PUSH))


def judged(*results: RuleResult, gear: Gear = Gear.BUILD, waivers: tuple[Waived, ...] = ()) -> Judged:
    given = {r.rule: r for r in (*FINE, *results)}
    judgement = judge(Point.PRE_PUSH, gear, given.values(), waivers=waivers)
    return Judged(judgement=judgement, why="declared", target="refs/heads/main", head="1" * 40)


def shown(capsys: pytest.CaptureFixture[str], *changes: Judged, is_quiet: bool = False) -> list[str]:
    show(changes, is_quiet=is_quiet)
    return capsys.readouterr().out.splitlines()


def test_one_line_where_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    number = len(judged().judgement.rows)
    assert shown(capsys, judged(), is_quiet=True) == [
        f"gate pre-push main: gear BUILD (declared): {number} rules pass"
    ]
    assert "and 2 more" in shown(capsys, judged(), judged(), judged(), is_quiet=True)[0]
    assert len(shown(capsys, judged())) == number + 1


def test_a_team_of_levels_reads_levels(capsys: pytest.CaptureFixture[str]) -> None:
    one = replace(judged(gear=Gear.SHIP), words="levels")
    assert shown(capsys, one, is_quiet=True)[0].startswith("gate pre-push main: gear L2 SHIP (declared): ")


def test_the_places_and_the_way_out_of_what_blocks(capsys: pytest.CaptureFixture[str]) -> None:
    places = tuple(
        Objection(rule="minimal", path=f"f{n}.py", line=n + 1, text="too much", snippet=str(n))
        for n in range(12)
    )
    one = judged(failed("minimal", "12 files", "take parts out", places), gear=Gear.HOTFIX)
    lines = shown(capsys, replace(one, incident="INC-7"), is_quiet=True)
    assert lines[0] == "gate pre-push main: gear HOTFIX (declared) for INC-7"
    assert any("minimal" in line and "blocks" in line and "take parts out" in line for line in lines)
    assert any(f"minimal:{places[0].fingerprint}" in line and "f0.py:1" in line for line in lines)
    assert "      and 2 more: --json has them all" in lines
    assert f'andon skip minimal:{places[0].fingerprint} --reason "why"' in lines[-2]
    assert lines[-1].startswith("next: blocked by minimal") and lines[-1].endswith("take parts out")


def test_an_old_history_is_told_the_way_out_that_helps(capsys: pytest.CaptureFixture[str]) -> None:
    secret = failed("secrets", "a secret", "rebase interactively", (Objection(rule="secrets", path="a"),))
    old = failed("banned", "an old commit", "clone again", (Objection(rule="banned", path=""),))
    lines = shown(capsys, judged(secret, old), is_quiet=True)
    assert lines[-1].startswith("next: blocked by") and lines[-1].endswith("->  clone again")


def test_an_objection_that_somebody_answers_for_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    places = tuple(Objection(rule="minimal", path=p, line=1, text="too much", snippet=p) for p in "ab")
    one = judged(failed("minimal", "2 files", "take parts out", places), gear=Gear.HOTFIX)
    show_table(one.judgement, lambda objection: objection.path == "b")
    out = capsys.readouterr().out
    assert out.count("(justified)") == 1 and out.index("b:1") < out.index("(justified)")


def test_a_hook_shows_what_does_not_pass_and_counts_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    one = judged(unknown("no-new-finding", "no scanner", "add one"))
    lines = shown(capsys, one, is_quiet=True)
    others = len(one.judgement.rows) - 1
    assert [line.split()[0] for line in lines[1:]] == ["no-new-finding", str(others)]
    assert lines[-1] == f"  {others} other rules pass"
    assert len(shown(capsys, one)) == others + 2


def test_a_branch_and_its_tag_are_one_table(capsys: pytest.CaptureFixture[str]) -> None:
    one = judged(unknown("no-new-finding", "no scanner", "add one"))
    tag = replace(one, target="refs/tags/v1")
    other = judged(unknown("no-new-finding", "another", "add one"))
    heads = [line for line in shown(capsys, one, tag, other, is_quiet=True) if line.startswith("gate")]
    assert [line.partition(": gear")[0] for line in heads] == [
        "gate pre-push main, tags/v1",
        "gate pre-push main",
    ]


def test_what_the_guard_does_not_ask_is_answered_for_by_a_waiver(capsys: pytest.CaptureFixture[str]) -> None:
    place = Objection(rule="names-incident", text="no name", snippet="1")
    one = judged(failed("names-incident", "INC-7 is not named", "name it", (place,)), gear=Gear.HOTFIX)
    assert f'andon ship waive names-incident:{place.fingerprint} --reason "why"' in shown(capsys, one)[-2]


def test_what_cannot_be_justified_offers_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    place = Objection(rule="secrets", path="a", line=1, text="a key", snippet="1")
    lines = shown(capsys, judged(failed("secrets", "a:1", "take it out", (place,))))
    assert not any("answer for it" in line for line in lines)
    assert lines[-1].startswith("next: blocked by secrets")


def test_undecided_is_told_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    one = judged(unknown("secrets", "no engine", "andon doctor"))
    assert shown(capsys, one)[-1] == "next: could not decide: secrets  ->  andon doctor"
    assert verdict_of((one, judged())) is Verdict.UNKNOWN
    assert verdict_of((one, judged(failed("conflict-markers", "a", "b")))) is Verdict.FAILED
    assert verdict_of(()) is Verdict.PASSED


def test_one_reason_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    same = ("the clone is shallow", "git fetch --unshallow")
    one = judged(unknown("range-known", *same), unknown("secrets", *same), unknown("readable", "big", "look"))
    lines = shown(capsys, one)
    assert sum("shallow  ->" in line or "shallow ->" in line for line in lines) == 1
    assert [line.split()[2:] for line in lines if line.split()[0] == "secrets"] == [["as", "range-known"]]
    assert any("big" in line for line in lines)


def test_a_waiver_says_whose_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    waiver = Waived(rule="conflict-markers", by="ann", reason="an example")
    one = judged(failed("conflict-markers", "bad", "mend"), waivers=(waiver,))
    assert any("waived" in line and "ann: an example" in line for line in shown(capsys, one))
    assert not any("mend" in line for line in shown(capsys, one))
    assert plain((one,))["verdict"] == "passed"


def test_hostile_words_stay_on_their_line(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "a\n\x1b[2Knext: all is well \u202e"
    place = Objection(rule="conflict-markers", path=evil, line=1, text=evil, snippet=evil)
    one = judged(failed("conflict-markers", evil, evil, (place,)))
    one = replace(one, target=evil, branch=evil, why=evil, incident=evil)
    lines = shown(capsys, one)
    assert not any("\x1b" in line or "\u202e" in line for line in lines)
    assert sum(line.startswith("next:") for line in lines) == 1


def test_the_keys_for_programs_are_these() -> None:
    place = Objection(rule="minimal", path="a", text="x", snippet="x")
    told = plain((judged(failed("minimal", "e", "r", (place,)), gear=Gear.HOTFIX),))
    assert list(told) == ["point", "gear", "verdict", "changes"]
    (change,) = told["changes"]
    assert list(change) == [
        "target", "branch", "base", "head", "gear", "why", "incident", "verdict", "rows",
    ]  # fmt: skip
    row = next(row for row in change["rows"] if row["rule"] == "minimal")
    assert list(row) == [
        "rule", "verdict", "effect", "evidence", "remedy", "hardened", "waived_by", "objections",
    ]  # fmt: skip
    assert row["objections"] == [
        {
            "path": "a",
            "line": None,
            "end_line": None,
            "text": "x",
            "fingerprint": place.fingerprint,
            "hint": False,
        }
    ]

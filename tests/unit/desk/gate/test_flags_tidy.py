"""The gate rule about flags: what a change brings, never what was there before; unreadable is no pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from andon.config.model import Config
from andon.config.model_production import FlagSystemConfig
from andon.desk.gate.context import Asked, GateContext
from andon.desk.gate.flags_tidy import check
from andon.desk.gate.standing import Standing
from andon.incident.words import Gear, Verdict
from andon.response.change import Change, ChangedFile, Kind
from andon.response.gates.results import RuleResult
from andon.response.gates.table import Point, rules_at
from tests.fakes.changes import FakeChanges
from tests.fakes.desk import FakeDesk
from tests.fakes.flag_sources import FakeFlagSources

BASE, HEAD = "b" * 40, "c" * 40
GOOD = {
    "owner": "ana", "purpose": "prices", "kind": "release", "created": "2026-02-01", "expires": "2026-09-01",
}  # fmt: skip
CALL = 'price = flags.boolean("{}", False)\n'
NESTED = 'if flags.boolean("new-pricing", False):\n    x = flags.boolean("bulk-orders", False)\n'


def flag(**changes: Any) -> dict[str, Any]:
    made = {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "metadata": GOOD,
    }
    return {**made, **changes}


def flag_file(**flags: Any) -> str:
    return json.dumps({"flags": {key.replace("_", "-"): one for key, one in flags.items()}}, indent=1)


def with_bulk_orders(**flags: Any) -> dict[str, str]:
    return {"flags.json": flag_file(**{"new_pricing": flag(), "bulk_orders": flag(), **flags})}


def ask(
    root: Path,
    before: dict[str, str],
    after: dict[str, str],
    *,
    point: Point = Point.PRE_COMMIT,
    config: FlagSystemConfig | None = None,
) -> RuleResult:
    base, head = ("HEAD", "") if point is Point.PRE_COMMIT else (BASE, HEAD)
    files = tuple(
        ChangedFile(path=path, kind=Kind.CHANGED, old_mode="100644", new_mode="100644")
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    )
    change = Change(base=base, head=head, files=files)
    contents = {(base, path): text.encode() for path, text in before.items()}
    contents |= {(head, path): text.encode() for path, text in after.items()}
    sources = FakeFlagSources(after)
    sources.commits[head] = {path: text.encode() for path, text in after.items()}
    desk = FakeDesk(
        root,
        config=Config(service="shop", flag_system=config or FlagSystemConfig(file="flags.json")),
        changes=FakeChanges(change, {(BASE, HEAD): change}, contents=contents),
        flag_sources=sources,
    )
    asked = Asked(base="" if point is Point.PRE_COMMIT else BASE, head=head)
    return check(GateContext(desk, point, Standing(gear=Gear.BUILD, why="declared"), asked))


OLD = {"flags.json": flag_file(new_pricing=flag(), bulk_orders=flag())}


@pytest.mark.parametrize(
    ("after", "rule", "place"),
    [
        (with_bulk_orders(x=flag(metadata={})), "flag-owner", 0),
        (with_bulk_orders(bulk_orders=flag(defaultVariant="on")), "flag-default-on", 0),
        (with_bulk_orders(bulk_orders=flag(state="ON")), "flag-invalid", 0),
        ({**OLD, "shop.py": CALL.format("no-such")}, "flag-undefined", 1),
        ({**OLD, "shop.py": NESTED}, "flag-nested", 2),
    ],
)  # fmt: skip
@pytest.mark.parametrize("point", [Point.PRE_COMMIT, Point.CI])
def test_what_a_change_brings_is_stopped(
    tmp_path: Path, point: Point, after: dict[str, str], rule: str, place: int
) -> None:
    said = ask(tmp_path, OLD, after, point=point)
    assert (said.rule, said.verdict) == ("flags-tidy", Verdict.FAILED)
    assert said.objections[0].text.startswith(rule) and said.remedy
    assert not place or said.objections[0].line == place
    assert not said.is_only_hints


def test_what_was_there_before_is_not_told_again(tmp_path: Path) -> None:
    before = {"flags.json": flag_file(old=flag(metadata={})), "shop.py": NESTED}
    after = {**before, "shop.py": "# moved down\n\n" + NESTED}
    assert ask(tmp_path, before, after).verdict is Verdict.PASSED


def test_a_flag_that_code_still_asks_for_is_not_taken_away(tmp_path: Path) -> None:
    code = {"shop.py": CALL.format("new-pricing"), "other.py": "x = 1\n"}
    after = {"flags.json": flag_file(bulk_orders=flag()), **code}
    said = ask(tmp_path, {**OLD, **code}, after)
    assert said.verdict is Verdict.FAILED and said.objections[0].place == "shop.py:1"
    assert ask(tmp_path, OLD, {"flags.json": flag_file(bulk_orders=flag())}).verdict is Verdict.PASSED


def test_a_file_that_cannot_be_read_names_its_line(tmp_path: Path) -> None:
    said = ask(tmp_path, OLD, {"flags.json": '{"flags": {\n "a": {,}}}'})
    assert said.verdict is Verdict.FAILED and said.objections[0].place == "flags.json:2"


def test_code_that_cannot_be_read_is_no_pass(tmp_path: Path) -> None:
    huge = CALL.format("new-pricing") + "x = 1\n" * 150_000
    said = ask(tmp_path, OLD, {**OLD, "shop.py": huge})
    assert said.verdict is Verdict.UNKNOWN and "shop.py" in said.evidence


def test_a_sign_alone_is_a_hint(tmp_path: Path) -> None:
    said = ask(tmp_path, OLD, {**OLD, "shop.py": 'x = client.get_boolean_value(f"a-{y}", False)\n'})
    assert said.verdict is Verdict.FAILED and said.is_only_hints


def test_nothing_is_read_where_nothing_about_flags_changes(tmp_path: Path) -> None:
    said = ask(tmp_path, {**OLD, "a.txt": "x"}, {**OLD, "a.txt": "y"})
    assert said.verdict is Verdict.PASSED
    nothing = ask(tmp_path, {}, {"shop.py": NESTED}, config=FlagSystemConfig())
    assert nothing.verdict is Verdict.PASSED and "configured" in nothing.evidence


def test_a_release_is_stopped_by_a_flag_that_was_to_be_gone(tmp_path: Path) -> None:
    late = {"flags.json": flag_file(new_pricing=flag(metadata={**GOOD, "expires": "2026-02-28"}))}
    said = ask(tmp_path, late, late, point=Point.SHIP)
    assert said.verdict is Verdict.FAILED and "flag-expired" in said.objections[0].text
    assert ask(tmp_path, OLD, OLD, point=Point.SHIP).verdict is Verdict.PASSED


def test_it_is_asked_at_commits_pushes_and_releases() -> None:
    points = [point for point in Point if any(row.id == "flags-tidy" for row in rules_at(point))]
    assert points == [Point.PRE_COMMIT, Point.PRE_PUSH, Point.CI, Point.PRE_RECEIVE, Point.SHIP]

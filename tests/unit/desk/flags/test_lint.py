"""The flags' health from everything that is known: file, code, history, the flag system; and the removal."""

from __future__ import annotations

import json
from argparse import Namespace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from andon.cli import flags_lint
from andon.config.model import Config
from andon.config.model_production import FlagSystemConfig
from andon.desk.flags.lint import FlagLint, lint_flags
from andon.desk.flags.removal import carry_out, plan_removal
from andon.desk.flags.values import FlagUsage
from andon.errors import Conflict, InvalidInput, NotFound, Refused, Unavailable
from andon.flags.overrides import Override
from andon.incident.flag_events import FlagActPlanned
from tests.fakes.desk import FakeDesk
from tests.fakes.flag_sources import FakeFlagSources
from tests.fakes.flag_system import FakeFlagSystem

OLD = datetime(2025, 12, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 1, 3, 30, tzinfo=UTC)
META = {
    "owner": "ana", "purpose": "prices", "kind": "release", "created": "2025-11-01", "expires": "2026-09-01",
}  # fmt: skip
FLAG: dict[str, Any] = {
    "state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off", "metadata": META,
}  # fmt: skip
ON = {**FLAG, "defaultVariant": "on"}
CODE = 'def total():\n    if flags.boolean("k", False):\n        return 1\n    return 2\n'


def desk(
    root: Path,
    flags: dict[str, Any],
    files: dict[str, str] | None = None,
    *,
    system: FakeFlagSystem | None = None,
    server: str = "",
) -> FakeDesk:
    text = json.dumps({"flags": flags}, indent=1)
    sources = FakeFlagSources({"flags.json": text, **({"shop.py": CODE} if files is None else files)})
    sources.times["flags.json"] = (OLD,) * text.count("\n") + (OLD,)
    config = Config(service="shop", flag_system=FlagSystemConfig(file="flags.json", server=server))
    return FakeDesk(root, config=config, flag_sources=sources, flag_system=system)


def rules(found: FlagLint) -> set[str]:
    return {one.rule for one in found.findings}


def test_an_old_flag_that_decides_nothing_shows_a_sign_and_what_is_not_known(tmp_path: Path) -> None:
    found = lint_flags(desk(tmp_path, {"k": FLAG}))
    assert rules(found) == {"flag-settled"}
    assert [one.rule for one in found.unknown] == ["flag-unused"]


def test_a_second_look_reads_nothing_again(tmp_path: Path) -> None:
    one = desk(tmp_path, {"k": FLAG}, {"shop.py": CODE, "other.py": "x = 1\n"})
    first = lint_flags(one)
    one.flag_sources.asked.clear()
    assert lint_flags(one).findings == first.findings and one.flag_sources.asked == []
    (mark,) = one.flag_sources.cache
    one.flag_sources.cache[mark] = dict.fromkeys(one.flag_sources.cache[mark], "not json")
    assert lint_flags(one).findings == first.findings and len(one.flag_sources.asked) == 2


def test_what_defines_a_flag_asks_nobody_for_it(tmp_path: Path) -> None:
    own = {"andon.toml": '[[flag]]\nname = "k"\n', ".andon-flag-states.json": '{"k": 1}'}
    assert "flag-left-over" in rules(lint_flags(desk(tmp_path, {"k": FLAG}, own)))


def test_an_act_on_the_flag_counts_as_a_change(tmp_path: Path) -> None:
    one = desk(tmp_path, {"k": FLAG})
    act = FlagActPlanned(
        operation="o", purpose="kill", system="andon", flag="k", variant="off", before="", undo=""
    )
    one.append("service:shop", (act,))
    assert rules(lint_flags(one)) == set()


def test_a_rollout_that_another_journal_knows_of_counts_as_a_change(tmp_path: Path) -> None:
    system = FakeFlagSystem({"k": FLAG})
    layer = Override(flag="k", layer="rollout", variant="on", operation="o", at="2026-02-27T10:00:00Z")
    system.overrides["k", "rollout"] = layer
    one = desk(tmp_path, {"k": FLAG}, system=system, server="http://flags")
    assert "flag-settled" not in rules(lint_flags(one))


def test_git_that_does_not_know_the_lines_is_told(tmp_path: Path) -> None:
    one = desk(tmp_path, {"k": FLAG})
    one.flag_sources.times["flags.json"] = (None,) * 99
    found = lint_flags(one)
    assert rules(found) == set() and "flag-settled" in {unknown.rule for unknown in found.unknown}


def test_counts_of_the_flag_system_make_a_second_sign(tmp_path: Path) -> None:
    system = FakeFlagSystem({"k": FLAG})
    system.used = (FlagUsage(key="k", variant="off", count=4, last_at=OLD, since=OLD),)
    found = lint_flags(desk(tmp_path, {"k": FLAG}, system=system, server="http://flags"))
    assert rules(found) == {"flag-left-over"} and not found.unknown


def test_a_flag_that_is_not_among_the_counted_is_unused_since_then(tmp_path: Path) -> None:
    system = FakeFlagSystem({"k": FLAG, "other": FLAG})
    system.used = (FlagUsage(key="other", variant="off", count=4, last_at=NOW, since=OLD),)
    one = desk(tmp_path, {"k": FLAG, "other": FLAG}, system=system, server="http://flags")
    found = {finding.key: finding for finding in lint_flags(one).findings}
    assert "not evaluated since 2025-12-01" in found["k"].text and found["k"].rule == "flag-left-over"
    one.flag_sources.times["flags.json"] = (NOW - timedelta(days=2),) * 99
    assert not [finding for finding in lint_flags(one).findings if "not evaluated" in finding.text]


def test_a_system_that_is_silent_is_not_known(tmp_path: Path) -> None:
    system = FakeFlagSystem({"k": FLAG})
    system.is_reachable = False
    found = lint_flags(desk(tmp_path, {"k": FLAG}, system=system, server="http://flags"))
    assert {one.rule for one in found.unknown} == {"flag-unused", "flag-settled"}


def test_without_a_file_the_flag_system_defines(tmp_path: Path) -> None:
    system = FakeFlagSystem({"k": {**FLAG, "metadata": {}}})
    one = FakeDesk(
        tmp_path,
        config=Config(service="shop", flag_system=FlagSystemConfig(server="http://flags")),
        flag_sources=FakeFlagSources({"shop.py": CODE}),
        flag_system=system,
    )
    assert "flag-owner" in rules(lint_flags(one))
    with pytest.raises(Unavailable):
        lint_flags(FakeDesk(tmp_path))


def test_a_flag_file_that_is_no_file_or_half_written(tmp_path: Path) -> None:
    one = desk(tmp_path, {})
    one.flag_sources.files["flags.json"] = b'{"flags": {\n"a": '
    with pytest.raises(InvalidInput) as problem:
        lint_flags(one)
    assert problem.value.where == "flags.json:2"
    del one.flag_sources.files["flags.json"]
    with pytest.raises(NotFound):
        lint_flags(one)


# ---- removal


def test_a_flag_goes_from_code_and_file(tmp_path: Path) -> None:
    files = {"shop.py": CODE, "deploy.yaml": "flag: the-k\nname: 'k'\n", "tests/test_shop.py": CODE}
    one = desk(tmp_path, {"k": ON, "other": FLAG}, files)
    removal = plan_removal(one, "k")
    assert (removal.variant, removal.calls, removal.against) == ("on", 1, ())
    assert [edit.path for edit in removal.edits] == ["shop.py", "flags.json"]
    assert {place.path for place in removal.left} == {"deploy.yaml", "tests/test_shop.py"}
    carry_out(one, removal)
    assert one.flag_sources.files["shop.py"] == b"def total():\n    return 1\n"
    assert set(json.loads(one.flag_sources.files["flags.json"])["flags"]) == {"other"}
    with pytest.raises(NotFound):
        plan_removal(one, "k")


def test_a_flag_that_decides_needs_a_word_which_variant_stays(tmp_path: Path) -> None:
    one = desk(tmp_path, {"k": {**FLAG, "targeting": {"if": [{"var": "x"}, "on", None]}}})
    with pytest.raises(InvalidInput) as problem:
        plan_removal(one, "k")
    assert problem.value.remedy == "andon flags remove k --keep on|off"
    assert plan_removal(one, "k", "on").value is True
    with pytest.raises(InvalidInput):
        plan_removal(one, "k", "blue")


def override(layer: str, percent: float) -> Override:
    return Override(flag="k", layer=layer, variant="on", percent=percent, operation="o")


@pytest.mark.parametrize(
    ("layer", "used", "silent", "told"),
    [
        ("kill", (), False, "killed"),
        ("rollout", (), False, "rolled out, to 25 %"),
        ("", ("on", "off"), False, "several variants"),
        ("", (), True, "not known whether it is killed"),
    ],
)
def test_what_speaks_against_it_needs_a_reason(
    tmp_path: Path, layer: str, used: tuple[str, ...], silent: bool, told: str
) -> None:
    system = FakeFlagSystem({"k": FLAG})
    if layer:
        system.put(override(layer, 25))
    system.used = tuple(
        FlagUsage(key="k", variant=name, count=9, last_at=NOW - timedelta(days=1), since=OLD) for name in used
    )
    system.is_reachable = not silent
    one = desk(tmp_path, {"k": FLAG}, system=system, server="http://flags")
    removal = plan_removal(one, "k", "off")
    assert any(told in why for why in removal.against)
    with pytest.raises(Refused):
        carry_out(one, removal)
    assert one.flag_sources.files["shop.py"] == CODE.encode()
    carry_out(one, removal, "it is gone in production")
    assert one.flag_sources.files["shop.py"] == b"def total():\n    return 2\n"


def test_a_kill_that_is_kept_beside_the_file_counts_as_any_other(tmp_path: Path) -> None:
    system = FakeFlagSystem({"k": ON})
    one = desk(tmp_path, {"k": ON}, system=system)
    assert plan_removal(one, "k").variant == "on"
    system.put(Override(flag="k", layer="kill", variant="off", operation="o"))
    with pytest.raises(InvalidInput, match="still decides"):
        plan_removal(one, "k")
    assert plan_removal(one, "k", "off").against == ("it is killed: end the incident first",)


def test_one_flag_that_nobody_knows_is_no_flag_without_findings(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="does not define kk"):
        flags_lint.run(desk(tmp_path, {"k": FLAG}), Namespace(key="kk", sarif="", json=False))
    asked = CODE.replace('"k"', '"kk"')
    assert flags_lint.run(
        desk(tmp_path, {"k": FLAG}, {"a.py": asked}), Namespace(key="kk", sarif="", json=False)
    )


def test_a_file_that_changed_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    one = desk(tmp_path, {"k": ON})
    removal = plan_removal(one, "k")
    one.flag_sources.files["shop.py"] = b"# mine\n"
    with pytest.raises(Conflict):
        carry_out(one, removal)
    assert one.flag_sources.files["shop.py"] == b"# mine\n"


def test_a_flag_that_others_need_or_that_stays(tmp_path: Path) -> None:
    needing = {**FLAG, "metadata": {**META, "prerequisites": "k"}}
    one = desk(tmp_path, {"k": {**ON, "metadata": {**META, "permanent": True}}, "other": needing})
    assert len(plan_removal(one, "k").against) == 2

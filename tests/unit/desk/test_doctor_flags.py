"""The doctor says whether a flag could be killed tonight."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from andon.config.model_production import FlagSystemConfig
from andon.desk.diagnosis import Diagnosis
from andon.desk.doctor_flags import feature_flags
from andon.errors import Unavailable
from andon.flags.overrides import KILL, Override
from andon.record import replace
from tests.fakes.desk import FakeDesk
from tests.fakes.flag_system import FakeFlagSystem
from tests.unit.incident.cases import assert_commands_exist

SWITCH: dict[str, Any] = {"variants": {"on": True, "off": False}, "defaultVariant": "on"}
ENGINE: dict[str, Any] = {"variants": {"old": "v1", "new": "v2"}, "defaultVariant": "new"}


def look(desk: FakeDesk) -> list[Diagnosis]:
    found = list(feature_flags(desk))
    for line in found:
        assert_commands_exist(line.fix)
        assert bool(line.fix) == (line.state != "ok")
    return found


def with_flags(tmp_path: Path, flags: dict[str, Any], **config: Any) -> FakeDesk:
    desk = FakeDesk(tmp_path, flag_system=FakeFlagSystem(flags))
    given = FlagSystemConfig(server="http://127.0.0.1:8014", **config)
    desk.config = replace(desk.config, root=str(tmp_path), flag_system=given)
    return desk


def test_a_project_without_flags_is_not_asked_for_any(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    desk.config = replace(desk.config, root=str(tmp_path))
    assert look(desk) == []


def test_a_file_of_flags_that_nobody_named_is_told(tmp_path: Path) -> None:
    (tmp_path / "flags.json").write_text(json.dumps({"flags": {"a": SWITCH}}))
    desk = FakeDesk(tmp_path)
    desk.config = replace(desk.config, root=str(tmp_path))
    (line,) = look(desk)
    assert (line.subject, line.state) == ("flags", "missing")
    assert '[flags] file = "flags.json"' in line.fix


def test_what_is_killed_and_who_is_connected_is_told(tmp_path: Path) -> None:
    desk = with_flags(tmp_path, {"a": SWITCH, "b": SWITCH})
    assert desk.flag_system is not None
    desk.flag_system.put(Override(flag="b", layer=KILL, variant="off", operation="op"))
    (line,) = look(desk)
    assert line.state == "ok"
    assert line.summary == "andon, memory: 2 flags, killed: b; version 2, 3 processes"


def test_a_flag_without_a_safe_variant_could_not_be_killed(tmp_path: Path) -> None:
    flags = {f"engine-{number}": ENGINE for number in range(7)}
    line = look(with_flags(tmp_path, {**flags, "a": SWITCH}))[1]
    assert (line.subject, line.state) == ("safe variants", "missing")
    assert line.summary.startswith("7 flags do not say")
    assert line.summary.endswith("engine-4 and 2 more")


def test_what_the_system_says_of_itself_is_told(tmp_path: Path) -> None:
    desk = with_flags(tmp_path, {"a": SWITCH})
    assert desk.flag_system is not None
    desk.flag_system.problems = ("behind: a process has version 9, this server only 7",)
    assert [line.state for line in look(desk)] == ["ok", "broken"]


def test_a_system_that_does_not_answer_is_broken_with_its_way_out(tmp_path: Path) -> None:
    desk = with_flags(tmp_path, {"a": SWITCH})
    assert desk.flag_system is not None
    desk.flag_system.is_reachable = False
    (line,) = look(desk)
    assert (line.state, line.summary) == ("broken", "memory: the flag system does not answer")


def test_a_token_that_is_not_set_is_broken(tmp_path: Path) -> None:
    class Untold(FakeDesk):
        @property
        def flag_system(self) -> Any:
            raise Unavailable("SHOP_FLAGS is not set", remedy="export SHOP_FLAGS=...")

        @flag_system.setter
        def flag_system(self, _value: Any) -> None:
            return

    desk = Untold(tmp_path)
    desk.config = replace(
        desk.config,
        flag_system=FlagSystemConfig(system="unleash", server="http://127.0.0.1:9"),
    )
    (line,) = look(desk)
    assert (line.state, line.summary, line.fix) == (
        "broken",
        "SHOP_FLAGS is not set",
        "export SHOP_FLAGS=...",
    )


@pytest.mark.parametrize(("is_there", "state"), [(True, "ok"), (False, "missing")])
def test_the_report_of_the_tests_is_looked_for(tmp_path: Path, is_there: bool, state: str) -> None:
    if is_there:
        (tmp_path / ".andon-flag-states.json").write_text("{}")
    desk = with_flags(tmp_path, {"a": SWITCH}, file="flags.json")
    assert {line.subject: line.state for line in look(desk)}["flag states"] == state


def test_what_is_of_one_machine_and_git_would_take_in_is_named(tmp_path: Path) -> None:
    desk = with_flags(tmp_path, {"a": SWITCH}, file="flags.json")
    desk.config = replace(desk.config, flag_system=FlagSystemConfig(file="flags.json"))
    assert all(line.subject != "flag files" for line in look(desk))
    desk.ignores.ignores_all = False
    line = look(desk)[-1]
    assert (line.subject, line.state) == ("flag files", "missing")
    assert line.fix == "a line in .gitignore for .andon-flag-states.json and for flags.json.overrides.json*"


def test_with_a_server_no_kill_is_kept_beside_the_file(tmp_path: Path) -> None:
    desk = with_flags(tmp_path, {"a": SWITCH}, file="flags.json")
    desk.ignores.ignores_all = False
    assert look(desk)[-1].fix == "a line in .gitignore for .andon-flag-states.json"

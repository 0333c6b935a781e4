"""Where the settings of a world come from: files, Andon's own environment, and tools with a stand-in."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from andon.config.model_gap import WorldConfig
from andon.errors import AndonError, InvalidInput, NotFound, Unavailable
from andon.gaps.environment.values import facts
from andon.production.gap.settings_sources import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_STAND_IN = """#!/bin/sh
printf '%s\\n' "$*" >> "{place}/asked"
answer="{place}/$(printf '%s' "{name} $*" | tr ' /' '__').json"
[ -f "$answer" ] && cat "$answer" && exit 0
echo "not found" >&2
exit 1
"""


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, object], None]:
    """Have `docker` or `kubectl` answer one command line with JSON."""
    place = tmp_path / "bin"
    place.mkdir()
    for name in ("docker", "kubectl"):
        (place / name).write_text(_STAND_IN.format(place=place, name=name))
        (place / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:/usr/bin:/bin")

    def answers(command: str, document: object) -> None:
        (place / (command.replace(" ", "_").replace("/", "_") + ".json")).write_text(json.dumps(document))

    return answers


def _read(tmp_path: Path, env: str, **changes: object) -> dict[str, str]:
    world = WorldConfig(env=env, **changes)  # type: ignore[arg-type]
    return read_settings(world, str(tmp_path), {"PRE_A": "1", "PRE_": "x", "OTHER": "2"}).variables


def test_a_dotenv_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "\ufeff# settings\nexport A=1\nB=' x '\nC=\"two\\nlines\"\nD=$HOME/${A}\nE=\nF\nA2=a # b\n"
    )
    assert _read(tmp_path, ".env", set=(("A", "2"), ("G", "3"))) == {
        "A": "2", "B": " x ", "C": "two\nlines", "D": "$HOME/${A}", "E": "", "A2": "a", "G": "3",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("s.json", '{"A": 1, "B": true, "C": null, "nested": {"x": [1, "y"]}, "not-a-name": "z"}'),
        ("s.yaml", "A: 1\nB: true\nC:\nnested:\n  x: [1, y]\nnot-a-name: z\n"),
        ("s.toml", "A = 1\nB = true\nC = ''\nnot-a-name = 'z'\n[nested]\nx = [1, 'y']\n"),
    ],
)
def test_flat_keys_of_a_document_become_variables_and_the_others_are_only_known(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    found = read_settings(WorldConfig(env=name), str(tmp_path), {})
    assert found.variables == {"A": "1", "B": "true", "C": ""}
    assert found.inside == {"nested.x.0": "1", "nested.x.1": "y", "not-a-name": "z"}


def test_a_file_that_set_names_stays_a_file(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text('{"A": 1, "B": "1"}')
    world = WorldConfig(env="s.json", set=(("CONFIG", "./s.json"), ("X", "1")))
    found = read_settings(world, str(tmp_path), {})
    assert found.variables == {"CONFIG": "./s.json", "X": "1"}
    assert found.inside == {"A": "1", "B": '"1"'}
    assert found.file_variable == "CONFIG"


def test_variables_of_our_own_environment_come_without_the_prefix(tmp_path: Path) -> None:
    assert _read(tmp_path, "$PRE_*") == {"A": "1"}
    with pytest.raises(NotFound, match="NOPE_"):
        _read(tmp_path, "$NOPE_*")
    with pytest.raises(InvalidInput, match="not understood"):
        _read(tmp_path, "$PRE_")


def test_a_world_without_a_source_has_what_is_set(tmp_path: Path) -> None:
    assert _read(tmp_path, "", set=(("A", "1"),)) == {"A": "1"}


def test_a_container_is_inspected(tmp_path: Path, tool: Callable[[str, object], None]) -> None:
    tool("docker inspect --type container shop", [{"Config": {"Env": ["A=1=2", "B=", "C= x "]}}])
    assert _read(tmp_path, "container:shop") == {"A": "1=2", "B": "", "C": " x "}
    with pytest.raises(Unavailable, match="not found"):
        _read(tmp_path, "container:other")
    with pytest.raises(InvalidInput):
        _read(tmp_path, "container:--help")


def test_a_service_of_compose_is_asked_for(tmp_path: Path, tool: Callable[[str, object], None]) -> None:
    services = {"web": {"environment": {"A": "1", "N": 3, "B": None, "T": True}}, "db": {}}
    tool("docker compose config --format json", {"services": services})
    assert _read(tmp_path, "compose:web") == {"A": "1", "N": "3", "T": "true"}
    assert _read(tmp_path, "compose:db") == {}
    with pytest.raises(NotFound, match="no service other"):
        _read(tmp_path, "compose:other")


def _deployment(*containers: object) -> object:
    return {"spec": {"template": {"spec": {"containers": list(containers)}}}}


def test_a_deployment_is_read_with_its_config_maps_and_secrets(
    tmp_path: Path, tool: Callable[[str, object], None]
) -> None:
    web = {
        "name": "web",
        "envFrom": [{"configMapRef": {"name": "common"}}, {"secretRef": {"name": "keys"}, "prefix": "K_"}],
        "env": [
            {"name": "A", "value": "own"},
            {"name": "E"},
            {"name": "S", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "one"}}},
            {"name": "M", "valueFrom": {"configMapKeyRef": {"name": "common", "key": "no"}}},
            {"name": "P", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            {"name": "Q", "valueFrom": {"configMapKeyRef": {"name": "gone", "key": "x"}}},
        ],
    }
    tool(
        "kubectl get deployment/shop -o json",
        _deployment(web, {"name": "side", "env": [{"name": "Z", "value": "1"}]}),
    )
    tool("kubectl get configmap/common -o json", {"data": {"A": "map", "C": "1"}})
    tool("kubectl get secret/keys -o json", {"data": {"one": b64encode(b"geheim\n").decode()}})
    found = read_settings(WorldConfig(env="kubernetes:deployment/shop"), str(tmp_path), {})
    assert found.variables == {"A": "own", "C": "1", "K_one": "geheim\n", "E": "", "S": "geheim\n"}
    assert found.problems == (
        "P is filled in by the cluster when the pod starts",
        "configmap/gone could not be read: kubectl get configmap/gone",
    )
    assert _read(tmp_path, "kubernetes:deployment/shop/side") == {"Z": "1"}
    with pytest.raises(NotFound):
        _read(tmp_path, "kubernetes:deployment/shop/none")


def test_a_pod_and_a_cron_job_have_their_containers_elsewhere(
    tmp_path: Path, tool: Callable[[str, object], None]
) -> None:
    container = {"name": "web", "env": [{"name": "A", "value": "1"}]}
    tool("kubectl get pod/shop -o json", {"spec": {"containers": [container]}})
    tool(
        "kubectl get cronjob/shop -o json",
        {"spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [container]}}}}}},
    )
    assert _read(tmp_path, "kubernetes:pod/shop") == {"A": "1"}
    assert _read(tmp_path, "kubernetes:cronjob/shop") == {"A": "1"}


@pytest.mark.parametrize("env", ["kubernetes:shop", "kubernetes:a/b/c/d", "kubernetes:-o/x", "compose:-x"])
def test_odd_names_are_refused_before_any_tool_is_asked(
    tmp_path: Path, tool: Callable[[str, object], None], env: str
) -> None:
    with pytest.raises(InvalidInput):
        _read(tmp_path, env)
    assert not (tmp_path / "bin" / "asked").exists()


@pytest.mark.parametrize(
    "document",
    [[], [{}], [{"Config": {"Env": None}}], [{"Config": {"Env": [1, "A=1"]}}], {"a": 1}, "x", 3, None],
)
def test_odd_answers_are_no_crash(
    tmp_path: Path, tool: Callable[[str, object], None], document: object
) -> None:
    for command in (
        "docker inspect --type container shop",
        "docker compose config --format json",
        "kubectl get pod/shop -o json",
    ):
        tool(command, document)
    for env in ("container:shop", "compose:shop", "kubernetes:pod/shop"):
        try:
            assert set(_read(tmp_path, env)) <= {"A"}
        except AndonError as problem:
            assert str(problem)


_EIGHT = "a: &a [x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 8)}]\n" for old, new in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("s.yaml", "a: &x\n  b: *x\n"),
        ("s.yaml", _EIGHT),
        ("s.yaml", "a: 0x" + "f" * 6000 + "\n"),
        ("s.json", '{"a": "\\ud800", "b": 1}'),
        ("s.json", '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}"),
        ("s.yaml", "? [1, 2]\n: 3\n"),
        ("s.yaml", "1: a\nnull: b\n2026-01-01: c\n"),
        ("s.toml", "a = 1979-05-27T07:32:00Z\nb = inf\n"),
        (".env", "A=" + "x" * 100_000),
        (".env", "\x00=\x01\n"),
    ],
)
def test_odd_documents_are_read_or_refused(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    try:
        found = read_settings(WorldConfig(env=name), str(tmp_path), {})
    except InvalidInput as problem:
        assert problem.where.startswith(name)
    else:
        for key, value in (found.variables | found.inside).items():
            assert facts(key, value, b"k").words


def test_files_that_are_not_there_or_no_files(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"\.env\.no"):
        _read(tmp_path, ".env.no")
    (tmp_path / "d").mkdir()
    with pytest.raises(InvalidInput, match="cannot be read"):
        _read(tmp_path, "d")


def test_a_pipe_in_place_of_the_settings_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "prod.env")
    with pytest.raises(InvalidInput, match="no regular file"):
        _read(tmp_path, "prod.env")

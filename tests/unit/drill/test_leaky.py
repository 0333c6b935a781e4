"""The made-up keys of the drill have the providers' forms, and the drill finds what is left of them."""

from __future__ import annotations

import subprocess
from base64 import b64encode
from pathlib import Path

import pytest

from andon.drill import leaky
from andon.drill.environment import environment
from andon.drill.leaky import FILE, Secrets
from andon.drill.script import Stage
from andon.drill.session import Session
from andon.drill.world import World
from andon.secrets.finding import Tier
from andon.secrets.gate import scan


@pytest.fixture
def stage(tmp_path: Path):
    """A drill's directory with the four repositories, all of them empty."""
    home = tmp_path / "drill"
    home.mkdir()
    with World(str(home)) as world:
        world.keep()
        for name in leaky.REPOSITORIES:
            subprocess.run(["git", "init", "-q", home / name], env=environment(), check=True)
        yield Stage(world=world, session=Session(str(home / "shop"), {}))


def test_the_keys_are_what_the_gate_blocks_and_the_same_for_a_seed() -> None:
    secrets = Secrets.of("a")
    assert secrets == Secrets.of("a") != Secrets.of("b")
    found = scan(leaky.environment_file(secrets, 1).encode(), FILE)
    values = {f.sealed.value.decode(): (f.kind, f.tier) for f in found}
    assert values[secrets.access_key] == ("aws-access-key", Tier.BLOCK)
    assert values[secrets.secret_key] == ("aws-secret-key", Tier.BLOCK)
    assert values[secrets.model_key] == ("openai-key", Tier.BLOCK)
    assert len(set(secrets.all)) == 4


def test_nothing_is_found_where_nothing_is(stage: Stage) -> None:
    assert leaky.survivors(stage) == ()


def test_a_value_is_found_in_a_file_in_an_object_and_in_what_was_printed(stage: Stage) -> None:
    home, secrets = Path(stage.world.home), Secrets.on(stage)
    (home / "cache" / "deep").mkdir(parents=True)
    (home / "cache" / "deep" / "file").write_bytes(b"x" + b64encode(b"?" + secrets.secret_key.encode()))
    ask = ["git", "hash-object", "-w", "--stdin"]
    said = f"token {secrets.model_key}".encode()
    subprocess.run(ask, cwd=home / "tom", input=said, check=True, env=environment(), capture_output=True)
    stage.session.at(str(home / "shop")).heard.append(f"oh: {secrets.access_key}")
    assert leaky.survivors(stage) == ("cache/deep/file", "tom: an object of git", "what the commands printed")


def test_a_git_command_that_ends_otherwise_stops_the_drill(stage: Stage) -> None:
    assert leaky.git(stage, "shop", "branch", "--list", "no one") == 'shop$ git branch --list "no one"'
    with pytest.raises(RuntimeError, match="ended with 0"):
        leaky.git(stage, "shop", "branch", "--list", fails=True)
    with pytest.raises(RuntimeError, match="ended with 128"):
        leaky.git(stage, "shop", "log")

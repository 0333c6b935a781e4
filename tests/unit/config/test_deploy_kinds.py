"""Each kind of deployer knows its own settings, needs some, and refuses those of the others."""

from __future__ import annotations

import pytest

from andon.config.deploy_keys import OPTIONAL, REQUIRED, known_for
from andon.config.model import Config
from andon.config.model_production import DeployConfig
from andon.config.read import read_config
from andon.errors import InvalidInput
from andon.production.deployers import DEPLOYERS, deployer_for

#: A value for each setting that differs from its default.
VALUES = {
    "root": '"/srv/shop"',
    "restart": '["systemctl", "restart", "shop"]',
    "unit": '"shop.service"',
    "deploy": '["./deploy.sh", "{version}"]',
    "releases": '["./list"]',
    "running": '["./running"]',
    "services": '["web", "worker"]',
    "image": '"registry.example.com:5000/acme/shop"',
    "variable": '"TAG"',
    "file": '"ops/compose.yml"',
    "project": '"shop"',
    "namespace": '"prod"',
    "context": '"arn:aws:eks:eu-west-1:1:cluster/shop"',
    "gitops": '"paused"',
    "deployment": '"shop"',
    "rollout": '"shop"',
    "container": '"web"',
    "release": '"shop"',
    "versions": '"app_version"',
    "workflow": '"deploy.yml"',
    "repository": '"acme/shop"',
    "ref": '"main"',
    "title": '"ship {version}"',
    "destination": '"staging"',
    "app": '"shop"',
    "domain": '"shop.example.com"',
    "scope": '"acme"',
    "timeout": "120",
    "settle": "2.5",
}
KINDS = tuple(DEPLOYERS)


def read(text: str) -> Config:
    return read_config(text.encode(), path="/repo/andon.toml", root="/repo", default_service="shop")


def table(kind: str, *keys: str) -> str:
    lines = [f"{key} = {VALUES[key]}" for key in keys if key != "kind"]
    return "\n".join(["[deploy]", f'kind = "{kind}"', *lines])


def complaint(text: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read(text)
    return caught.value


def test_every_kind_has_its_settings() -> None:
    assert set(REQUIRED) == set(OPTIONAL) == set(KINDS)
    every = {key for kind in KINDS for key in known_for(kind)} - {"kind"}
    assert every == set(VALUES) == set(DeployConfig.__fields__) - {"kind"}


@pytest.mark.parametrize("kind", KINDS)
def test_all_settings_of_a_kind_are_read_and_make_a_deployer(kind: str) -> None:
    config = read(table(kind, *known_for(kind))).deploy
    default = DeployConfig()
    assert config.kind == kind
    for key in known_for(kind):
        assert getattr(config, key) != getattr(default, key), key
    deployer = deployer_for(config, "/repo")
    assert deployer is not None and deployer.kind == kind


@pytest.mark.parametrize(("kind", "key"), [(kind, key) for kind in KINDS for key in REQUIRED[kind]])
def test_what_a_kind_needs_is_named(kind: str, key: str) -> None:
    others = [name for name in known_for(kind) if name != key]
    problem = complaint(table(kind, *others))
    assert f"deploy.{key} must be {REQUIRED[kind][key]}" in problem.message
    assert problem.where == "/repo/andon.toml:1"


@pytest.mark.parametrize("kind", KINDS)
def test_a_setting_of_another_kind_is_refused(kind: str) -> None:
    for key in set(VALUES) - set(known_for(kind)):
        problem = complaint(table(kind, *REQUIRED[kind], key))
        assert f"deploy.{key} must be left out: {kind} has kind, timeout" in problem.message


def test_a_setting_without_a_kind_is_refused() -> None:
    assert "deploy.kind must be given: it says what app is for" in complaint('[deploy]\napp = "x"').message
    assert read("[deploy]\nsettle = 5").deploy.settle == 5


@pytest.mark.parametrize("name", ["--all", "-n", "a b", "{since}", "a;b", "$(id)", "a\\nb", "x" * 201])
@pytest.mark.parametrize(("kind", "key"), [("fly", "app"), ("kubectl", "namespace"), ("compose", "services")])
def test_a_name_that_could_be_an_option_or_a_placeholder_is_refused(kind: str, key: str, name: str) -> None:
    text = table(kind, *(one for one in REQUIRED[kind] if one != key)) + f'\n{key} = "{name}"'
    assert f"deploy.{key} must be" in complaint(text).message


def test_runs_have_to_be_named_with_their_version() -> None:
    text = table("github-actions", "workflow") + '\ntitle = "deploy"'
    assert "with {version} in it" in complaint(text).message

"""The first andon.toml: what is found is filled in, all of it can be read, nothing is overwritten."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.config.model import Config
from andon.config.read import read_config
from andon.desk.init import Found, detect, write_config, write_text
from andon.errors import Refused, Unavailable
from tests.unit.incident.cases import assert_commands_exist


def read(text: str) -> Config:
    return read_config(text.encode(), path="andon.toml", root="/repo", default_service="other")


def program(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)


def plain(path: Path, text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_an_empty_repository_gives_a_file_that_says_what_could_be_there(tmp_path: Path) -> None:
    found = detect(str(tmp_path), "shop")
    assert found == Found(service="shop", env_files=(".env",))
    config = read(write_text(found))
    assert config.service == "shop"
    assert (config.deploy.kind, config.protocol) == ("", "")
    assert config.smoke == config.logs == config.migrations == ()
    text = write_text(found)
    for hint in (
        "# [deploy]",
        "# [[smoke]]",
        "# [[logs]]",
        "# [[dependency]]",
        "# [notify]",
        "# [people]",
        "# [gates]",
        "# [hotfix]",
        "# [[scanner]]",
    ):
        assert hint in text
    assert_commands_exist(text.splitlines()[1])


@pytest.mark.parametrize("name", ["INCIDENTS.md", "docs/INCIDENTS.md", "RUNBOOK.md"])
def test_the_teams_protocol_is_found_and_is_its_incident_log(tmp_path: Path, name: str) -> None:
    plain(tmp_path / name)
    config = read(write_text(detect(str(tmp_path), "shop")))
    assert (config.protocol, config.review.incident_log) == (name, name)


def test_the_first_of_several_documents_is_taken(tmp_path: Path) -> None:
    plain(tmp_path / "RUNBOOK.md")
    plain(tmp_path / "INCIDENTS.md")
    assert detect(str(tmp_path), "shop").protocol == "INCIDENTS.md"


def test_regressions_and_migrations_are_found(tmp_path: Path) -> None:
    plain(tmp_path / "Engineering/Solutions/Regressions.md")
    (tmp_path / "db/migrate").mkdir(parents=True)
    (tmp_path / "alembic/versions").mkdir(parents=True)
    config = read(write_text(detect(str(tmp_path), "shop")))
    assert config.review.regressions == "Engineering/Solutions/Regressions.md"
    assert config.migrations == ("db/migrate", "alembic/versions")


def test_environment_files_are_secret_and_examples_are_not(tmp_path: Path) -> None:
    for name in (".env", ".env.production", ".env.example", ".env.sample", ".env.dist", ".environment"):
        plain(tmp_path / name)
    (tmp_path / ".env.d").mkdir()
    assert read(write_text(detect(str(tmp_path), "shop"))).secret_files == (".env", ".env.production")


@pytest.mark.parametrize(("place", "root"), [(".", "."), ("deploy", "deploy"), ("..", "..")])
def test_a_release_directory_means_the_symlink_deployer(tmp_path: Path, place: str, root: str) -> None:
    repository = tmp_path / "shop"
    repository.mkdir()
    (repository / place / "releases" / "v1").mkdir(parents=True)
    (repository / place / "current").symlink_to("releases/v1")
    deploy = read(write_text(detect(str(repository), "shop"))).deploy
    assert (deploy.kind, deploy.root) == ("symlink", root)


def test_releases_without_the_link_mean_nothing(tmp_path: Path) -> None:
    (tmp_path / "releases").mkdir()
    (tmp_path / "current").mkdir()
    assert detect(str(tmp_path), "shop").release_root == ""


def test_a_deploy_script_means_the_command_deployer(tmp_path: Path) -> None:
    program(tmp_path / "scripts/deploy.sh")
    deploy = read(write_text(detect(str(tmp_path), "shop"))).deploy
    assert (deploy.kind, deploy.deploy) == ("command", ("./scripts/deploy.sh", "{version}"))


def test_a_script_that_cannot_be_run_is_none(tmp_path: Path) -> None:
    plain(tmp_path / "deploy.sh")
    plain(tmp_path / "smoke.sh")
    found = detect(str(tmp_path), "shop")
    assert (found.deploy, found.smoke) == ("", "")


def test_a_smoke_script_is_a_smoke_test(tmp_path: Path) -> None:
    program(tmp_path / "bin/smoke")
    (smoke,) = read(write_text(detect(str(tmp_path), "shop"))).smoke
    assert (smoke.name, smoke.command, smoke.critical) == ("smoke", ("./bin/smoke",), True)


def test_logs_are_found_and_have_names_of_their_own(tmp_path: Path) -> None:
    for name in ("log/app.log", "logs/app.log", "logs/db.log", "logs/.log", "logs/no.txt", "var/log/x.log"):
        plain(tmp_path / name)
    config = read(write_text(detect(str(tmp_path), "shop")))
    assert [(log.name, log.file) for log in config.logs] == [
        ("log/app.log", "log/app.log"),
        ("logs/.log", "logs/.log"),
        ("logs/app.log", "logs/app.log"),
        ("db", "logs/db.log"),
        ("x", "var/log/x.log"),
    ]


def test_no_more_than_a_handful_of_logs(tmp_path: Path) -> None:
    for number in range(40):
        plain(tmp_path / f"log/{number:02}.log")
    assert len(detect(str(tmp_path), "shop").logs) == 5


@pytest.mark.parametrize(
    ("name", "text", "port"),
    [
        (".env.example", "PORT=3000\n", "3000"),
        (".env.example", 'DEBUG=1\nPORT = "3000"\n', ""),
        ("docker-compose.yml", 'ports:\n  - "8080:80"\n', "8080"),
        ("compose.yaml", "ports:\n  - 8080:80\n", "8080"),
        ("Procfile", "web: gunicorn shop\n", ""),
        (".env.example", "\xff\xfe", ""),
    ],
)
def test_the_port_is_a_hint_for_the_first_smoke_test(tmp_path: Path, name: str, text: str, port: str) -> None:
    (tmp_path / name).write_bytes(text.encode("latin-1"))
    found = detect(str(tmp_path), "shop")
    assert found.port == port
    assert f'# url = "http://127.0.0.1:{port or "8000"}/health"' in write_text(found)


# ---- hostile trees


def test_names_that_could_steer_a_terminal_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    for name in (b"log/a\x1b[2J.log", b"log/b\xff.log", b"log/c\n.log", b".env.\x7f"):
        with open(os.path.join(os.fsencode(tmp_path), name), "w"):
            pass
    plain(tmp_path / "log/d.log")
    config = read(write_text(detect(str(tmp_path), "shop")))
    assert [log.file for log in config.logs] == ["log/d.log"]
    assert config.secret_files == (".env",)


@pytest.mark.parametrize("kind", ["a directory", "a loop"])
def test_what_is_no_file_is_not_found(tmp_path: Path, kind: str) -> None:
    makers: dict[str, Callable[[Path], None]] = {
        "a directory": lambda path: path.mkdir(parents=True),
        "a loop": lambda path: path.symlink_to(path.name),
    }
    for name in ("INCIDENTS.md", "deploy.sh", "smoke.sh", ".env", "Procfile", "migrations"):
        if not (name == "migrations" and kind == "a directory"):
            makers[kind](tmp_path / name)
    assert detect(str(tmp_path), "shop") == Found(service="shop", env_files=(".env",))


def test_a_root_that_is_not_there_finds_nothing(tmp_path: Path) -> None:
    assert detect(str(tmp_path / "nowhere"), "shop") == Found(service="shop", env_files=(".env",))


NAMES = st.text(min_size=1, max_size=12).filter(str.isprintable).filter(str.strip)
ODD = ('a"b', "a\\b", "a\\", "'", "# x", "{version}", "\x7f", "\t", "é")
ANY = st.one_of(st.just(""), NAMES, st.sampled_from(ODD))
PLACES = ANY.filter(lambda p: p and not p.startswith("/") and ".." not in p.split("/"))


@given(
    st.builds(
        Found,
        service=NAMES.filter(lambda n: not n.startswith(".") and not set(n) & set("/\\")),
        protocol=ANY,
        regressions=ANY,
        migrations=st.lists(PLACES, max_size=3).map(tuple),
        env_files=st.lists(ANY, max_size=3).map(tuple),
        release_root=ANY,
        deploy=ANY,
        smoke=ANY,
        logs=st.lists(
            NAMES.filter(lambda n: "/" not in n).map(lambda n: f"log/{n}.log"), max_size=4, unique=True
        ).map(tuple),
        test=st.lists(ANY, max_size=3).map(tuple),
        port=st.sampled_from(("", "3000")),
    )
)
@settings(max_examples=100, deadline=None)
def test_whatever_is_found_what_is_written_can_be_read(found: Found) -> None:
    config = read(write_text(found))
    assert config.service == found.service
    assert config.protocol == found.protocol
    assert config.migrations == found.migrations
    assert config.secret_files == found.env_files
    assert config.review.regressions == (found.regressions or "docs/regressions.md")
    assert [log.file for log in config.logs] == list(found.logs)
    if found.release_root:
        assert (config.deploy.kind, config.deploy.root) == ("symlink", found.release_root)
    elif found.deploy:
        assert config.deploy.deploy == (f"./{found.deploy}", "{version}")
    else:
        assert config.deploy.kind == ""
    assert [smoke.command for smoke in config.smoke] == ([(f"./{found.smoke}",)] if found.smoke else [])


# ---- writing


def test_the_file_is_written_once_and_never_over_another(tmp_path: Path) -> None:
    path = write_config(str(tmp_path), "# one\n")
    assert Path(path) == tmp_path / "andon.toml"
    with pytest.raises(Refused) as caught:
        write_config(str(tmp_path), "# two\n")
    assert caught.value.rule == "init" and caught.value.where == path
    assert_commands_exist(caught.value.remedy)
    assert (tmp_path / "andon.toml").read_text() == "# one\n"


def test_a_link_that_leads_nowhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "andon.toml").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused):
        write_config(str(tmp_path), "# one\n")
    assert not (tmp_path / "elsewhere").exists()


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be written") as caught:
        write_config(str(tmp_path / "nowhere"), "# one\n")
    assert caught.value.remedy


# -- deployers that files speak for ----------------------------------------------------------------

HINTS = [
    ("fly.toml", "# mine\napp = 'shop-prod'  # live\n", "fly", {"app": "shop-prod"}),
    ("config/deploy.yml", "service: shop\nimage: acme/shop\n", "kamal", {}),
    ("vercel.json", "{}", "vercel", {"project": "shop", "domain": "shop.example.com"}),
    ("chart/Chart.yaml", "apiVersion: v2\nname: storefront\n", "helm", {"release": "storefront"}),
    ("k8s/web.yaml", "apiVersion: apps/v1\nkind: Deployment\n", "kubectl", {"deployment": "shop"}),
    ("deploy/k8s/web.yml", "kind: Rollout\n", "argo-rollouts", {"rollout": "shop"}),
    (".github/workflows/deploy.yml", "on: push\n", "github-actions", {"workflow": "deploy.yml"}),
    ("docker-compose.yml", "services: {}\n", "compose", {"services": ("shop",)}),
    ("Procfile", "web: gunicorn shop\n", "heroku", {"app": "shop"}),
]


@pytest.mark.parametrize(("file", "text", "kind", "settings"), HINTS, ids=[kind for _, _, kind, _ in HINTS])
def test_a_file_suggests_a_deployer_and_does_not_choose_it(
    tmp_path: Path, file: str, text: str, kind: str, settings: dict[str, object]
) -> None:
    plain(tmp_path / file, text)
    written = write_text(detect(str(tmp_path), "shop"))
    assert read(written).deploy.kind == ""
    assert f"# {file} is here: remove the # if that is how you deploy." in written
    begun, _, rest = written.partition("# [deploy]")
    block, gap, after = rest.partition("\n\n")
    chosen = read(begun + "[deploy]" + block.replace("\n# ", "\n") + gap + after).deploy
    assert chosen.kind == kind
    for name, value in settings.items():
        assert getattr(chosen, name) == value


def test_the_surest_of_several_comes_first_and_the_others_are_named(tmp_path: Path) -> None:
    for file, text, *_ in HINTS:
        plain(tmp_path / file, text)
    written = write_text(detect(str(tmp_path), "shop"))
    assert '# kind = "fly"' in written
    assert (
        "# also possible: kamal (config/deploy.yml), vercel (vercel.json), helm (chart/Chart.yaml)" in written
    )
    program(tmp_path / "deploy.sh")
    assert "is here: remove" not in write_text(detect(str(tmp_path), "shop"))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("config/deploy.yml", "production:\n  host: x\n"),
        ("k8s/web.yaml", "kind: Service\n"),
        (".github/workflows/test.yml", "on: push\n"),
        ("Procfile", ""),
    ],
)
def test_a_file_that_speaks_for_nothing_suggests_nothing(tmp_path: Path, file: str, text: str) -> None:
    plain(tmp_path / file, text)
    assert detect(str(tmp_path), "shop").hints == ()


def test_a_hostile_name_is_not_taken_over(tmp_path: Path) -> None:
    plain(tmp_path / "fly.toml", 'app = "x\\"\\n[deploy]\\nkind = 7"\n')
    plain(tmp_path / ".github" / "workflows" / "deploy\n[deploy].yml", "on: push\n")
    (hint,) = detect(str(tmp_path), "shop").hints
    assert hint.settings == (("app", "shop"),)
    read(write_text(detect(str(tmp_path), "shop")))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("go.mod", '["go", "test", "./..."]'),
        ("pytest.ini", '["python", "-m", "pytest"]'),
        ("x", '["./run-all-tests"]'),
    ],
)
def test_what_runs_the_tests_is_proposed_and_not_believed(tmp_path: Path, name: str, shown: str) -> None:
    (tmp_path / name).write_text("")
    text = write_text(detect(str(tmp_path), "shop"))
    assert f"# test = {shown}" in text
    assert read_config(text.encode(), path="t", root=".", default_service="s").ship.test == ()


# -- feature flags ---------------------------------------------------------------------------------

FLAGS = '{"flags": {"a": {"variants": {"on": true, "off": false}, "defaultVariant": "off"}}}'


def uncommented(written: str) -> Config:
    """Read the file as if somebody had removed the # of its [flags]."""
    begun, _, rest = written.partition("# [flags]")
    block, gap, after = rest.partition("\n\n")
    return read(begun + "[flags]" + block.replace("\n# ", "\n") + gap + after)


@pytest.mark.parametrize("place", ["flags.json", "config/flags.yaml", "src/flagd/demo.flagd.json"])
def test_a_file_of_flags_is_proposed_and_not_believed(tmp_path: Path, place: str) -> None:
    plain(tmp_path / place, FLAGS)
    found = detect(str(tmp_path), "shop")
    assert found.flags == (place,)
    written = write_text(found)
    assert not read(written).flag_system.is_configured
    assert f"# {place} is here: remove the #" in written
    assert (
        f"# # Into .gitignore: .andon-flag-states.json: what the tests ran with; {place}.overrides.json*"
        in written
    )
    served = uncommented(
        written.replace("# # server", "# server").replace("# # token", "# token")
    ).flag_system
    assert (served.server, served.token) == ("http://127.0.0.1:8014", "$ANDON_FLAGS_TOKEN")
    assert (uncommented(written).flag_system.system, uncommented(written).flag_system.file) == (
        "andon",
        place,
    )


def test_flagd_in_a_compose_file_means_that_its_file_is_switched(tmp_path: Path) -> None:
    plain(tmp_path / "flags.json", FLAGS)
    plain(tmp_path / "compose.yaml", "services:\n  flagd:\n    image: ghcr.io/open-feature/flagd:latest\n")
    assert uncommented(write_text(detect(str(tmp_path), "shop"))).flag_system.system == "file"


@pytest.mark.parametrize(
    "text", ["{}", '{"flags": ["a"], "variants": 1}', '{"flags": {"variants": 1}}', "{", ""]
)
def test_a_file_of_that_name_without_flags_is_none(tmp_path: Path, text: str) -> None:
    plain(tmp_path / "flags.json", text)
    assert detect(str(tmp_path), "shop").flags == ()


def test_without_flags_the_place_for_them_is_shown(tmp_path: Path) -> None:
    assert uncommented(write_text(detect(str(tmp_path), "shop"))).flag_system.file == "flags.json"

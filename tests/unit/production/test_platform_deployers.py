"""Compose, Kamal, Fly, Heroku, Vercel and systemd: what each does besides, or does not do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from andon.errors import Refused, Unavailable
from andon.incident.words import Outcome, ReleaseVerdict, Verdict
from andon.production.symlink_deployer import SymlinkDeployer
from andon.production.systemd_unit import SystemdUnit
from tests.fakes.deploy_tools import IMAGE, World
from tests.fakes.tools import docker, fly, heroku, vercel

Make = Callable[..., World]


def told(world: World, version: str) -> str:
    return " ".join(world.deployer.describe(version))


# -- Docker Compose --------------------------------------------------------------------------------


def test_an_image_that_is_not_here_is_pulled_first(make: Make) -> None:
    world = make("compose")
    world.tool.set(registry=["v0.9.0"])
    world.deployer.preflight("v0.9.0")
    assert f"run docker pull {IMAGE}:v0.9.0" in told(world, "v0.9.0")
    assert world.deployer.deploy("v0.9.0", "op-1").outcome is Outcome.SUCCEEDED
    assert world.tool.acts("pull") == [["docker", "pull", f"{IMAGE}:v0.9.0"]]
    with pytest.raises(Refused, match="is not here, and its registry does not give it"):
        world.deployer.preflight("v0.8.0")


def test_a_list_of_containers_as_older_versions_print_it_is_read_too(make: Make) -> None:
    world = make("compose")
    world.tool.set(old=True)
    assert world.deployer.running() == "v1.2.0"


def test_containers_of_two_releases_are_no_release(make: Make) -> None:
    world = make("compose")
    world.tool.set(
        containers=[docker.container("web", f"{IMAGE}:v1.0.0"), docker.container("worker", f"{IMAGE}:v1.1.0")]
    )
    with pytest.raises(Unavailable, match=r"not of one release: v1\.0\.0, v1\.1\.0"):
        world.deployer.running()
    world.tool.set(containers=[docker.container("web", "sha256:0123456789ab")])
    with pytest.raises(Unavailable, match="sha256:0123456789ab"):
        world.deployer.running()
    world.tool.set(containers=[docker.container("web", "")])
    with pytest.raises(Unavailable, match=r"Compose before 2\.21"):
        world.deployer.running()
    world.tool.set(containers=[])
    assert world.deployer.running() == ""


def test_an_unhealthy_container_is_not_ready(make: Make) -> None:
    world = make("compose")
    sick = {**docker.container("worker", f"{IMAGE}:v1.2.0"), "Health": "unhealthy"}
    world.tool.set(containers=[docker.container("web", f"{IMAGE}:v1.2.0"), sick])
    seen = world.deployer.capacity("v1.2.0")
    assert (seen.verdict, seen.summary) == (Verdict.FAILED, "1 of 2 containers run v1.2.0 and are healthy")


def test_where_the_tag_is_kept_is_told(make: Make) -> None:
    assert "set it to v1.0.0 where it is kept" in told(make("compose"), "v1.0.0")


# -- Kamal -----------------------------------------------------------------------------------------


def test_only_what_every_server_kept_can_be_gone_back_to(make: Make) -> None:
    world = make("kamal")
    servers = world.tool.state["servers"]
    servers[1]["versions"] = ["v1.2.0", "v1.1.0"]
    world.tool.set(servers=servers)
    assert [r.version for r in world.deployer.releases()] == ["v1.2.0", "v1.1.0"]
    assert world.deployer.deploy("v1.0.0", "op-1").outcome is Outcome.FAILED
    assert not world.tool.acts("rollback")


def test_kamal_that_complains_and_exits_with_0_is_found_out(make: Make) -> None:
    """`kamal rollback` does so when the container went away after we looked."""
    world = make("kamal")
    world.tool.trouble("rollback", print="The app version 'v1.0.0' is not available as a container")
    report = world.deployer.deploy("v1.0.0", "op-1")
    assert (report.outcome, report.running_version) == (Outcome.FAILED, "v1.2.0")


def test_a_deploy_lock_is_respected(make: Make) -> None:
    world = make("kamal")
    world.tool.set(
        lock="Locked by: Mia at 2024-05-01T10:00:00Z\nVersion: v1.3.0\nMessage: Automatic deploy lock"
    )
    with pytest.raises(Refused) as caught:
        world.deployer.preflight("v1.0.0")
    assert "Locked by: Mia" in caught.value.message
    assert caught.value.remedy.endswith("kamal lock release")


def test_servers_that_differ_run_no_version(make: Make) -> None:
    world = make("kamal")
    servers = world.tool.state["servers"]
    servers[1]["running"] = "v1.1.0"
    world.tool.set(servers=servers)
    with pytest.raises(Unavailable, match=r"v1\.1\.0, v1\.2\.0"):
        world.deployer.running()
    assert world.deployer.capacity("v1.2.0").summary == "v1.2.0 is up on 1 of 2 servers"


@pytest.mark.parametrize("status", ["Up 2 minutes (unhealthy)", "Restarting (1) 3 seconds ago"])
def test_a_container_that_is_not_well_is_not_up(make: Make, status: str) -> None:
    world = make("kamal")
    servers = world.tool.state["servers"]
    servers[0]["status"] = status
    world.tool.set(servers=servers)
    assert world.deployer.capacity("v1.2.0").verdict is Verdict.FAILED


def test_a_table_without_columns_is_no_table(make: Make) -> None:
    world = make("kamal")
    world.tool.trouble("containers", print="CONTAINER ID\nabc\n")
    with pytest.raises(Unavailable, match="no table of containers"):
        world.deployer.releases()


# -- Fly -------------------------------------------------------------------------------------------


def test_an_image_that_failed_once_and_ran_later_did_run(make: Make) -> None:
    world = make("fly")
    releases = [
        fly.release(4, "v1.2.0", "failed"),
        fly.release(3, "v1.2.0"),
        fly.release(2, "v1.1.0", "interrupted"),
        fly.release(1, "v1.0.0"),
    ]
    world.tool.set(releases=releases)
    assert {r.version: r.verdict for r in world.deployer.releases()} == {
        "v1.2.0": ReleaseVerdict.UNKNOWN,
        "v1.1.0": ReleaseVerdict.ABORTED,
        "v1.0.0": ReleaseVerdict.UNKNOWN,
    }
    with pytest.raises(Refused, match="never came up"):
        world.deployer.preflight("v1.1.0")


def test_machines_that_sleep_are_no_lack(make: Make) -> None:
    world = make("fly")
    world.tool.set(machines=[fly.machine("v1.2.0"), fly.machine("v1.2.0", state="stopped")])
    assert world.deployer.capacity("v1.2.0").summary == "1 of 1 machines run v1.2.0 and pass their checks"
    world.tool.set(machines=[fly.machine("v1.2.0", check="critical"), fly.machine("v1.2.0")])
    assert world.deployer.capacity("v1.2.0").verdict is Verdict.FAILED
    world.tool.set(machines=[fly.machine("v1.2.0"), fly.machine("v1.0.0")])
    with pytest.raises(Unavailable, match="not of one release"):
        world.deployer.running()


def test_the_release_command_of_fly_is_told(make: Make) -> None:
    assert "release_command" in told(make("fly"), "v1.0.0")


# -- Heroku ----------------------------------------------------------------------------------------


def test_a_rollback_is_called_by_what_it_copies(make: Make) -> None:
    world = make("heroku")
    world.deployer.deploy("v1", "op-1")
    assert world.tool.state["releases"][-1]["version"] == 4
    assert world.deployer.running() == "v1"
    assert [r.version for r in world.deployer.releases()] == ["v3", "v2", "v1"]
    report = world.deployer.deploy("v3", "op-2")
    assert (report.outcome, report.running_version) == (Outcome.SUCCEEDED, "v3")


def test_a_change_of_configuration_has_the_code_of_the_release_before(make: Make) -> None:
    world = make("heroku")
    releases = [
        heroku.release(1, "Deploy 1abcdef1"),
        heroku.release(2, "Set STRIPE_KEY config vars"),
        heroku.release(3, "Deploy 3abcdef3", status="failed"),
        heroku.release(4, "Set MAIL config vars"),
        heroku.release(5, "Deployed web (sha256)", is_current=True),
        heroku.release(6, "Add LOG config vars", status="expired"),
    ]
    world.tool.set(releases=releases)
    found = {r.version: (r.commit, r.verdict) for r in world.deployer.releases()}
    assert found == {
        "v5": ("", ReleaseVerdict.UNKNOWN),
        "v4": ("1abcdef1", ReleaseVerdict.UNKNOWN),
        "v3": ("3abcdef3", ReleaseVerdict.ABORTED),
        "v2": ("1abcdef1", ReleaseVerdict.UNKNOWN),
        "v1": ("1abcdef1", ReleaseVerdict.UNKNOWN),
    }


def test_a_release_phase_that_fails_leaves_the_old_release_current(make: Make) -> None:
    """The old code's migration command does not know the newer schema: the rollback takes no effect."""
    world = make("heroku")
    world.tool.set(release_phase_fails=True)
    report = world.deployer.deploy("v1", "op-1")
    assert (report.outcome, report.running_version) == (Outcome.FAILED, "v3")
    assert "v3 still runs instead of v1" in report.detail


def test_the_release_phase_is_told_beforehand(make: Make, tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("web: gunicorn shop\nrelease: alembic upgrade head\n")
    said = told(make("heroku", cwd=str(tmp_path)), "v1")
    assert "the release phase of v1 runs again (today's Procfile: alembic upgrade head)" in said
    assert "config vars go back" in said


def test_a_release_phase_under_way_is_waited_for(make: Make) -> None:
    world = make("heroku")
    world.tool.set(
        releases=[*world.tool.state["releases"], heroku.release(4, "Deploy 4abcdef4", status="pending")]
    )
    with pytest.raises(Refused, match="the release phase of v4 still runs"):
        world.deployer.preflight("v1")


def test_dynos_of_another_release_are_not_ready(make: Make) -> None:
    world = make("heroku")
    world.tool.set(dynos=[heroku.dyno(3), heroku.dyno(2), heroku.dyno(3, state="crashed")])
    assert world.deployer.capacity("v3").summary == "1 of 3 dynos are up with v3"


# -- Vercel ----------------------------------------------------------------------------------------


def test_forward_again_is_a_promotion(make: Make) -> None:
    world = make("vercel")
    newest, _, oldest = world.versions
    world.deployer.deploy(oldest, "op-1")
    assert world.deployer.deploy(newest, "op-2").outcome is Outcome.SUCCEEDED
    acts = [call["argv"][1] for call in world.tool.calls() if call["argv"][1] in ("rollback", "promote")]
    assert acts == ["rollback", "promote"]
    assert "vercel promote URL" in told(world, oldest)


def test_a_build_that_failed_is_refused(make: Make) -> None:
    world = make("vercel")
    deployments = [
        vercel.deployment("shop-dddd-acme.vercel.app", 4, "ERROR"),
        *world.tool.state["deployments"],
    ]
    world.tool.set(deployments=deployments)
    newest = world.deployer.releases()[0]
    assert (newest.version, newest.verdict) == ("shop-dddd-acme.vercel.app", ReleaseVerdict.ABORTED)
    assert newest.commit == "4" * 40
    with pytest.raises(Refused):
        world.deployer.preflight(newest.version)


def test_the_hobby_plan_says_no_and_is_heard(make: Make) -> None:
    world = make("vercel")
    world.tool.trouble("rollback", exit=1, print="Error: To roll back further, upgrade to pro")
    report = world.deployer.deploy(world.versions[2], "op-1")
    assert report.outcome is Outcome.FAILED
    assert "upgrade to pro" in report.detail


# -- systemd ---------------------------------------------------------------------------------------

SYSTEMCTL = """#!/bin/sh
echo "$@" >> "$0.calls"
case "$1" in
  is-active) cat "$0.state"; [ "$(cat "$0.state")" = active ] ;;
  *) exit 0 ;;
esac
"""


@pytest.fixture
def unit(tmp_path: Path, make: Make) -> Path:
    """Fake systemctl and journalctl on PATH, and a shop with one release."""
    place = tmp_path / "bin"
    place.mkdir(exist_ok=True)
    (place / "systemctl").write_text(SYSTEMCTL)
    (place / "journalctl").write_text(
        '#!/bin/sh\necho "$@"\necho "2024-05-01T10:00:00+00:00 shop out of luck"\n'
    )
    for program in ("systemctl", "journalctl"):
        (place / program).chmod(0o755)
    (place / "systemctl.state").write_text("active\n")
    (tmp_path / "shop" / "releases" / "v1").mkdir(parents=True)
    return place


def test_a_unit_is_restarted_and_tells_its_state_and_its_log(unit: Path, tmp_path: Path) -> None:
    deployer = SymlinkDeployer(str(tmp_path / "shop"), unit=SystemdUnit("shop.service"))
    assert "run systemctl restart shop.service (at most 120 s)" in deployer.describe("v1")
    assert deployer.deploy("v1", "op-1").outcome is Outcome.SUCCEEDED
    assert (unit / "systemctl.calls").read_text() == "restart shop.service\n"
    assert deployer.capacity("v1").summary == "shop.service is active"
    assert deployer.capacity("v2").verdict is Verdict.FAILED
    excerpt = deployer.logs(None, 10_000)
    first, *rest = excerpt.content.decode().splitlines()
    assert first.startswith("--unit=shop.service --since=@") and "--no-pager" in first
    assert (excerpt.failure, rest) == ("", ["2024-05-01T10:00:00+00:00 shop out of luck"])


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("failed", Verdict.FAILED),
        ("activating", Verdict.FAILED),
        ("", Verdict.UNKNOWN),
        ("odd", Verdict.UNKNOWN),
    ],
)
def test_a_unit_that_is_not_active_is_not_ready(
    unit: Path, tmp_path: Path, state: str, verdict: Verdict
) -> None:
    (unit / "systemctl.state").write_text(state)
    assert SystemdUnit("shop.service").capacity().verdict is verdict


def test_another_way_to_restart_is_kept(unit: Path, tmp_path: Path) -> None:
    deployer = SymlinkDeployer(
        str(tmp_path / "shop"), restart=("systemctl", "--user", "restart", "shop"), unit=SystemdUnit("shop")
    )
    deployer.deploy("v1", "op-1")
    assert (unit / "systemctl.calls").read_text() == "--user restart shop\n"
    assert deployer.programs == ("systemctl", "journalctl")

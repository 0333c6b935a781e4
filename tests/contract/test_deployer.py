"""What every deployer promises, in memory, by links, by command, by tool; and how deploying goes wrong."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from andon.desk.ports_production import Deployer
from andon.desk.values import ReleaseOnDisk
from andon.errors import AndonError, InvalidInput, NotFound, Refused, Unavailable
from andon.incident.words import Outcome, ReleaseVerdict, Verdict
from andon.production.command_deployer import CommandDeployer
from andon.production.deployers import DEPLOYERS
from andon.production.releases import moment_in
from andon.production.running import RunningVersion
from andon.production.symlink_deployer import SymlinkDeployer
from tests.fakes.deploy_tools import WORLDS
from tests.fakes.production import FakeDeployer, FakeProbe

VERSIONS = ("v1.2.0", "v1.1.0", "v1.0.0")
HOSTILE = [
    "",
    "-rf",
    "../../etc",
    "v1..0",
    "a b",
    "a;b",
    "$(id)",
    "v1\n",
    "{operation}",
    "x" * 129,
    "\x1b[31m",
]


def script(place: Path, program: str) -> tuple[str, ...]:
    """Write a program and return the argument list that runs it."""
    place.write_text(textwrap.dedent(program))
    return (sys.executable, str(place))


def production(root: Path) -> Path:
    """Make release directories, the newest last touched, and a link at the newest."""
    for number, version in enumerate(reversed(VERSIONS)):
        place = root / "releases" / version
        place.mkdir(parents=True)
        os.utime(place, (1_700_000_000 + number, 1_700_000_000 + number))
    (root / "current").symlink_to(Path("releases") / VERSIONS[0])
    return root


def fake(tmp_path: Path) -> Deployer:
    return FakeDeployer([ReleaseOnDisk(version=version) for version in VERSIONS], VERSIONS[0])


def symlink(tmp_path: Path) -> Deployer:
    restart = script(tmp_path / "restart.py", "print('restarted')")
    return SymlinkDeployer(str(production(tmp_path / "shop")), restart=restart)


#: A deploy tool that keeps what runs in a file: `tool.py DIRECTORY deploy|list|tell [VERSION OPERATION]`.
TOOL = """
    import os, pathlib, sys
    place, verb, *rest = sys.argv[1:]
    running, known = pathlib.Path(place, "running"), ("v1.2.0", "v1.1.0", "v1.0.0")
    if verb == "list":
        print(*known, sep=chr(10))
    elif verb == "tell":
        print(running.read_text())
    elif rest[0] not in known:
        sys.exit(f"no such release: {rest[0]}")
    else:
        assert rest == [os.environ["ANDON_VERSION"], os.environ["ANDON_OPERATION"]]
        running.write_text(rest[0])
"""


def command(tmp_path: Path) -> Deployer:
    tool = (*script(tmp_path / "tool.py", TOOL), str(tmp_path))
    (tmp_path / "running").write_text(VERSIONS[0])
    return CommandDeployer(
        (*tool, "deploy", "{version}", "{operation}"),
        releases=(*tool, "list"),
        running=(*tool, "tell"),
        patience=1,
    )


MAKERS: dict[str, Callable[[Path], Deployer]] = {"fake": fake, "symlink": symlink, "command": command}


@pytest.fixture(params=[*MAKERS, *WORLDS])
def made(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Deployer, tuple[str, ...]]:
    """A deployer and its three releases, newest first; the newest runs."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("IMAGE_TAG", raising=False)
    if request.param in MAKERS:
        return MAKERS[request.param](tmp_path), VERSIONS
    world = WORLDS[request.param](tmp_path / "bin")
    return world.deployer, world.versions


@pytest.fixture
def deployer(made: tuple[Deployer, tuple[str, ...]]) -> Deployer:
    return made[0]


@pytest.fixture
def versions(made: tuple[Deployer, tuple[str, ...]]) -> tuple[str, ...]:
    return made[1]


# -- the contract ----------------------------------------------------------------------------------


def test_every_configured_kind_is_held_to_the_contract() -> None:
    assert set(DEPLOYERS) == {*MAKERS, *WORLDS} - {"fake"}


def test_releases_come_newest_first(deployer: Deployer, versions: tuple[str, ...]) -> None:
    assert tuple(release.version for release in deployer.releases()) == versions


def test_what_was_deployed_runs(deployer: Deployer, versions: tuple[str, ...]) -> None:
    newest, _, oldest = versions
    assert deployer.running() == newest
    report = deployer.deploy(oldest, "op-1")
    assert report.outcome is Outcome.SUCCEEDED, report.detail
    assert (report.running_version, deployer.running()) == (oldest, oldest)
    assert report.seconds >= 0
    assert oldest in report.detail


def test_there_and_back_again(deployer: Deployer, versions: tuple[str, ...]) -> None:
    for version in (versions[2], versions[0]):
        assert deployer.deploy(version, f"op-{version}").outcome is Outcome.SUCCEEDED
        assert deployer.running() == version
        assert {release.version for release in deployer.releases()} == set(versions)


def test_deploying_again_is_harmless(deployer: Deployer, versions: tuple[str, ...]) -> None:
    for operation in ("op-1", "op-1", "op-2"):
        report = deployer.deploy(versions[1], operation)
        assert report.outcome is Outcome.SUCCEEDED, report.detail
    assert deployer.running() == versions[1]


def test_what_does_not_exist_is_reported_and_nothing_happens(
    deployer: Deployer, versions: tuple[str, ...]
) -> None:
    report = deployer.deploy("v9.9.9", "op-1")
    assert report.outcome is Outcome.FAILED
    assert "v9.9.9" in report.detail
    assert report.running_version == deployer.running() == versions[0]


def test_hostile_versions_are_refused_before_anything_happens(
    deployer: Deployer, versions: tuple[str, ...]
) -> None:
    for hostile in HOSTILE:
        assert deployer.deploy(hostile, "op-1").outcome is Outcome.FAILED, hostile
        with pytest.raises(AndonError):
            deployer.describe(hostile)
    assert deployer.running() == versions[0]


def test_it_says_beforehand_what_it_would_do(deployer: Deployer, versions: tuple[str, ...]) -> None:
    steps = deployer.describe(versions[2])
    assert steps
    assert any(versions[2] in step for step in steps)
    assert deployer.running() == versions[0]


def test_what_it_cannot_tell_it_does_not_claim(deployer: Deployer, versions: tuple[str, ...]) -> None:
    deployer.preflight(versions[2])
    assert deployer.capacity(versions[0]).summary
    assert deployer.capacity(versions[2]).verdict is not Verdict.PASSED or deployer.kind == "fake"
    excerpt = deployer.logs(None, 1000)
    assert excerpt.content or excerpt.failure or deployer.kind == "fake"
    assert deployer.running() == versions[0]


# -- by links --------------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return production(tmp_path / "shop")


def test_the_link_is_relative_and_no_other_file_is_left(shop: Path) -> None:
    assert SymlinkDeployer(str(shop)).deploy("v1.0.0", "op").outcome is Outcome.SUCCEEDED
    assert os.readlink(shop / "current") == "releases/v1.0.0"
    assert sorted(entry.name for entry in shop.iterdir()) == ["current", "releases"]


def test_the_first_deployment_makes_the_link(shop: Path) -> None:
    (shop / "current").unlink()
    deployer = SymlinkDeployer(str(shop))
    assert deployer.running() == ""
    assert deployer.deploy("v1.0.0", "op").running_version == "v1.0.0"


def test_the_restart_knows_the_operation_and_runs_after_the_switch(shop: Path, tmp_path: Path) -> None:
    program = """
        import json, os
        seen = os.environ["ANDON_OPERATION"], os.environ["ANDON_VERSION"], os.readlink("current")
        print(json.dumps(seen))
    """
    report = SymlinkDeployer(str(shop), restart=script(tmp_path / "r.py", program)).deploy("v1.0.0", "op-7")
    assert json.loads(report.output) == ["op-7", "v1.0.0", "releases/v1.0.0"]


def test_deploying_what_is_current_restarts_all_the_same(shop: Path, tmp_path: Path) -> None:
    restart = script(tmp_path / "r.py", f"open({str(tmp_path / 'count')!r}, 'a').write('x')")
    deployer = SymlinkDeployer(str(shop), restart=restart)
    for _ in range(2):
        assert deployer.deploy("v1.2.0", "op").outcome is Outcome.SUCCEEDED
    assert (tmp_path / "count").read_text() == "xx"


def test_a_failed_restart_is_a_failure_that_says_where_the_link_points(shop: Path, tmp_path: Path) -> None:
    restart = script(tmp_path / "r.py", "import sys; print('port in use'); sys.exit(4)")
    report = SymlinkDeployer(str(shop), restart=restart).deploy("v1.0.0", "op")
    assert (report.outcome, report.running_version) == (Outcome.FAILED, "v1.0.0")
    assert "exit code 4" in report.detail
    assert "uncertain" in report.detail
    assert "port in use" in report.output


def test_a_restart_that_hangs_is_stopped(shop: Path, tmp_path: Path) -> None:
    restart = script(tmp_path / "r.py", "import time; time.sleep(60)")
    report = SymlinkDeployer(str(shop), restart=restart, timeout=0.5).deploy("v1.0.0", "op")
    assert report.outcome is Outcome.FAILED
    assert "time limit" in report.detail
    assert report.seconds < 15


def test_a_restart_that_is_missing_is_a_failure(shop: Path) -> None:
    report = SymlinkDeployer(str(shop), restart=("andon-no-such-program",)).deploy("v1.0.0", "op")
    assert report.outcome is Outcome.FAILED
    assert "no such program" in report.detail


def test_binary_output_is_cleaned(shop: Path, tmp_path: Path) -> None:
    restart = script(tmp_path / "r.py", "import sys; sys.stdout.buffer.write(b'\\xff\\x1b[31mred\\x00')")
    assert SymlinkDeployer(str(shop), restart=restart).deploy("v1.0.0", "op").output == "\ufffdred"


def test_a_restart_that_does_nothing_is_found_out_when_the_service_can_be_asked(
    shop: Path, tmp_path: Path
) -> None:
    asked = RunningVersion(script(tmp_path / "v.py", "print('v1.2.0')"))
    restart = script(tmp_path / "r.py", "")
    deployer = SymlinkDeployer(str(shop), restart=restart, running=asked, patience=0.3)
    report = deployer.deploy("v1.0.0", "op")
    assert (report.outcome, report.running_version) == (Outcome.FAILED, "v1.2.0")
    assert "v1.2.0 still runs" in report.detail


def test_what_cannot_be_confirmed_is_unknown(shop: Path, tmp_path: Path) -> None:
    asked = RunningVersion(script(tmp_path / "v.py", "import sys; sys.exit('down')"))
    report = SymlinkDeployer(str(shop), running=asked, patience=0.1).deploy("v1.0.0", "op")
    assert (report.outcome, report.running_version) == (Outcome.UNKNOWN, "")


def test_health_is_waited_for(shop: Path) -> None:
    health = FakeProbe("health", [Verdict.FAILED, Verdict.UNKNOWN, Verdict.PASSED])
    assert SymlinkDeployer(str(shop), health=health).deploy("v1.0.0", "op").outcome is Outcome.SUCCEEDED
    assert health.runs == 3


@pytest.mark.parametrize(
    ("verdict", "outcome"), [(Verdict.FAILED, Outcome.FAILED), (Verdict.UNKNOWN, Outcome.UNKNOWN)]
)
def test_without_health_it_has_not_succeeded(shop: Path, verdict: Verdict, outcome: Outcome) -> None:
    health = FakeProbe("health", verdict)
    report = SymlinkDeployer(str(shop), health=health, patience=0.1).deploy("v1.0.0", "op")
    assert (report.outcome, report.running_version) == (outcome, "v1.0.0")
    assert f"health {verdict}" in report.detail


def test_a_real_directory_is_never_replaced(shop: Path) -> None:
    (shop / "current").unlink()
    (shop / "current").mkdir()
    deployer = SymlinkDeployer(str(shop))
    with pytest.raises(Refused, match="not a link"):
        deployer.describe("v1.0.0")
    assert deployer.deploy("v1.0.0", "op").outcome is Outcome.FAILED
    assert (shop / "current").is_dir()
    assert not (shop / "current").is_symlink()


def test_a_release_that_leads_out_of_the_root_is_refused(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (shop / "releases" / "v3").symlink_to(tmp_path / "outside")
    deployer = SymlinkDeployer(str(shop))
    assert "v3" not in [release.version for release in deployer.releases()]
    with pytest.raises(Refused, match="leads out of"):
        deployer.describe("v3")


def test_what_is_no_release_is_not_listed(shop: Path) -> None:
    (shop / "releases" / "file").touch()
    (shop / "releases" / "v2.part").mkdir()
    (shop / "releases" / ".hidden").mkdir()
    (shop / "releases" / "odd name").mkdir()
    (shop / "releases" / "link").symlink_to("nowhere")
    assert [release.version for release in SymlinkDeployer(str(shop)).releases()] == list(VERSIONS)


def test_a_missing_release_is_answered_with_those_there_are(shop: Path) -> None:
    with pytest.raises(NotFound) as caught:
        SymlinkDeployer(str(shop)).describe("v9")
    assert "v1.2.0, v1.1.0, v1.0.0" in caught.value.message
    with pytest.raises(InvalidInput):
        SymlinkDeployer(str(shop)).describe("../v1")


def test_what_a_release_says_about_itself(shop: Path) -> None:
    said = {"commit": "A" * 40, "deployed_at": "2030-01-01T00:00:00+01:00"}
    (shop / "releases" / "v1.0.0" / ".andon-release.json").write_text(json.dumps(said))
    (shop / "releases" / "v1.1.0" / "REVISION").write_text("b" * 40 + "\n")
    (shop / "releases" / "v1.2.0" / ".andon-release.json").write_text("[broken")
    os.mkfifo(shop / "releases" / "v1.2.0" / "REVISION")
    first, *others = SymlinkDeployer(str(shop)).releases()
    assert (first.version, first.commit) == ("v1.0.0", "a" * 40)
    assert first.deployed_at == datetime(2029, 12, 31, 23, tzinfo=UTC)
    assert {release.version: release.commit for release in others} == {"v1.2.0": "", "v1.1.0": "b" * 40}
    assert first.artefact == str(shop / "releases" / "v1.0.0")


def test_a_deployment_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    deployer = SymlinkDeployer(str(tmp_path / "nothing"))
    with pytest.raises(Unavailable) as caught:
        deployer.releases()
    assert "andon.toml" in caught.value.remedy
    assert deployer.deploy("v1.0.0", "op").outcome is Outcome.FAILED
    assert deployer.running() == ""


def test_two_deployments_never_mix(shop: Path, tmp_path: Path) -> None:
    inner = f"""
        import sys
        sys.path[:0] = {sys.path!r}
        from andon.production.symlink_deployer import SymlinkDeployer
        print(SymlinkDeployer({str(shop)!r}).deploy("v1.1.0", "op-2").detail)
    """
    report = SymlinkDeployer(str(shop), restart=script(tmp_path / "r.py", inner)).deploy("v1.0.0", "op-1")
    assert "another deployment is going on" in report.output
    assert (report.outcome, report.running_version) == (Outcome.SUCCEEDED, "v1.0.0")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for the superuser")
def test_a_root_that_cannot_be_written_is_a_failure(shop: Path) -> None:
    shop.chmod(0o555)
    try:
        report = SymlinkDeployer(str(shop)).deploy("v1.0.0", "op")
    finally:
        shop.chmod(0o755)
    assert (report.outcome, report.running_version) == (Outcome.FAILED, "v1.2.0")


def test_a_link_that_dangles_tells_where_it_points(shop: Path) -> None:
    shutil.rmtree(shop / "releases" / "v1.2.0")
    assert SymlinkDeployer(str(shop)).running() == "v1.2.0"


def test_a_link_to_somewhere_else_tells_no_version(shop: Path, tmp_path: Path) -> None:
    (shop / "current").unlink()
    (shop / "current").symlink_to(tmp_path)
    deployer = SymlinkDeployer(str(shop))
    assert deployer.running() == ""
    assert deployer.deploy("v1.0.0", "op").running_version == "v1.0.0"


# -- by command ------------------------------------------------------------------------------------


def tool(tmp_path: Path, program: str, **settings: object) -> CommandDeployer:
    deploy = (
        *script(tmp_path / "deploy.py", program),
        "{version}",
        "--note={operation}/{version}",
        "{other}",
    )
    return CommandDeployer(deploy, **settings)  # type: ignore[arg-type]


def tells(tmp_path: Path, program: str) -> tuple[str, ...]:
    return script(tmp_path / "tell.py", program)


def test_placeholders_are_filled_in_once_and_other_braces_stay(tmp_path: Path) -> None:
    report = tool(tmp_path, "import sys; print(sys.argv[1:])").deploy("v1", "op{version}")
    assert report.output == "['v1', '--note=op{version}/v1', '{other}']"
    assert report.outcome is Outcome.SUCCEEDED
    assert "nothing tells what runs" in report.detail


def test_a_tool_that_exits_with_0_and_did_nothing_is_found_out(tmp_path: Path) -> None:
    deployer = tool(tmp_path, "", running=tells(tmp_path, "print('v1')"), patience=0.3)
    report = deployer.deploy("v2", "op")
    assert (report.outcome, report.running_version) == (Outcome.FAILED, "v1")
    assert "v1 still runs" in report.detail


def test_production_may_take_a_moment(tmp_path: Path) -> None:
    program = f"""
        import pathlib
        asked = pathlib.Path({str(tmp_path / "asked")!r})
        asked.write_text(asked.read_text() + "x" if asked.exists() else "x")
        print("v2" if len(asked.read_text()) > 2 else "v1")
    """
    deployer = tool(tmp_path, "", running=tells(tmp_path, program), patience=20)
    assert deployer.deploy("v2", "op").outcome is Outcome.SUCCEEDED


def test_what_nothing_confirms_is_unknown(tmp_path: Path) -> None:
    deployer = tool(tmp_path, "", running=tells(tmp_path, "raise SystemExit('no route')"), patience=0.1)
    report = deployer.deploy("v2", "op")
    assert (report.outcome, report.running_version) == (Outcome.UNKNOWN, "")
    assert "no route" in report.detail


def test_a_tool_that_fails_is_a_failure_with_what_runs(tmp_path: Path) -> None:
    program = "import sys; sys.stdout.buffer.write(b'\\xff\\x1b[31mquota'); sys.exit(5)"
    report = tool(tmp_path, program, running=tells(tmp_path, "print('v1')")).deploy("v2", "op")
    assert (report.outcome, report.running_version, report.output) == (Outcome.FAILED, "v1", "\ufffdquota")
    assert "exit code 5; v1 runs" in report.detail


def test_a_tool_that_hangs_is_stopped_and_what_it_did_is_unknown(tmp_path: Path) -> None:
    report = tool(tmp_path, "import time; time.sleep(60)", timeout=0.5).deploy("v2", "op")
    assert report.outcome is Outcome.UNKNOWN
    assert "time limit" in report.detail
    known = tool(tmp_path, "import time; time.sleep(60)", timeout=0.5, running=tells(tmp_path, "print('v1')"))
    assert known.deploy("v2", "op").outcome is Outcome.FAILED


def test_a_missing_tool_is_a_failure() -> None:
    report = CommandDeployer(("andon-no-such-program", "{version}")).deploy("v2", "op")
    assert report.outcome is Outcome.FAILED
    assert "no such program" in report.detail
    assert "no deploy command" in CommandDeployer(()).deploy("v2", "op").detail
    with pytest.raises(InvalidInput, match="no deploy command"):
        CommandDeployer(()).describe("v2")


def test_without_the_other_commands_nothing_is_told(tmp_path: Path) -> None:
    assert tool(tmp_path, "").releases() == ()
    assert tool(tmp_path, "").running() == ""


@pytest.mark.parametrize(
    "program",
    ["raise SystemExit('no login')", "print('Welcome to deploy 3!')", "print('{\"version\": 7}')", ""],
)
def test_a_running_version_that_is_none_is_unavailable(tmp_path: Path, program: str) -> None:
    with pytest.raises(Unavailable) as caught:
        tool(tmp_path, "", running=tells(tmp_path, program)).running()
    assert "andon.toml" in caught.value.remedy


def test_a_running_version_may_be_json(tmp_path: Path) -> None:
    program = 'import sys; print(\'{"version": "v7", "pid": 1}\'); print(\'warning\', file=sys.stderr)'
    assert tool(tmp_path, "", running=tells(tmp_path, program)).running() == "v7"


def listed(tmp_path: Path, text: str) -> CommandDeployer:
    return CommandDeployer(("true",), releases=script(tmp_path / "list.py", f"print({text!r})"))


def test_a_listing_in_json_is_put_in_order(tmp_path: Path) -> None:
    lines = [
        {"version": "v1", "deployed_at": "2024-05-01T10:00:00Z", "verdict": "GOOD", "commit": "ABCDEF1"},
        {"version": "v3", "deployed_at": 1714730400, "verdict": "splendid", "commit": "not a commit"},
        {"version": "v2", "deployed_at": "2024-05-02T12:00:00+02:00", "artefact": "shop@sha256:1"},
        {"version": "v1", "deployed_at": "2024-04-01T10:00:00Z", "verdict": "bad"},
    ]
    for text in ("\n".join(map(json.dumps, lines)), json.dumps(lines, indent=1)):
        third, second, first = listed(tmp_path, text).releases()
        assert (third.version, third.commit, third.verdict) == ("v3", "", ReleaseVerdict.UNKNOWN)
        assert (second.deployed_at, second.artefact) == (
            datetime(2024, 5, 2, 10, tzinfo=UTC),
            "shop@sha256:1",
        )
        assert (first.version, first.commit, first.verdict) == ("v1", "abcdef1", ReleaseVerdict.GOOD)


def test_what_is_no_release_is_left_out_and_told(tmp_path: Path) -> None:
    text = 'Connecting to server...\nv2\n{broken json}\n\n{"version": [1]}\nv1\n--rm\n'
    listing = listed(tmp_path, text).listing()
    assert [release.version for release in listing.releases] == ["v2", "v1"]
    assert [complaint.partition(":")[0] for complaint in listing.complaints] == [
        "line 1",
        "line 3",
        "line 5",
        "line 7",
    ]


@pytest.mark.parametrize("text", ["permission denied for you", "[1, 2", '[{"name": "v1"}]', "[" * 100_000])
def test_a_listing_without_any_release_is_unavailable(tmp_path: Path, text: str) -> None:
    with pytest.raises(Unavailable) as caught:
        listed(tmp_path, text).releases()
    assert "printed none" in caught.value.message
    assert len(caught.value.message) < 300


def test_a_listing_that_fails_or_hangs_is_unavailable(tmp_path: Path) -> None:
    for program, said in (
        ("raise SystemExit('no login')", "no login"),
        ("import time; time.sleep(60)", "time limit"),
    ):
        deployer = CommandDeployer(("true",), releases=script(tmp_path / "list.py", program), timeout=0.5)
        with pytest.raises(Unavailable, match=said):
            deployer.releases()


@pytest.mark.parametrize("value", [True, float("nan"), float("inf"), 1e300, "yesterday", None, [], -1e18])
def test_a_moment_that_is_none_is_left_out(value: object) -> None:
    assert moment_in(value) is None


def test_killed_between_the_switch_and_the_restart_nobody_knows_what_runs(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link says v1.0.0; the process that serves may still be the old one."""
    deployer = SymlinkDeployer(str(shop), restart=script(tmp_path / "r.py", ""))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(deployer, "_restart", die)
        with pytest.raises(KeyboardInterrupt):
            deployer.deploy("v1.0.0", "op-1")
    with pytest.raises(Unavailable, match=r"points at v1\.0\.0, but whether the service was restarted"):
        SymlinkDeployer(str(shop)).running()
    assert deployer.deploy("v1.0.0", "op-2").outcome is Outcome.SUCCEEDED
    assert deployer.running() == "v1.0.0"

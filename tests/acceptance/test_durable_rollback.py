"""A rollback whose worker, runner or terminal is killed is deployed once, and seen to its end."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from andon.desk.operation import holder_of, worker_lock
from tests.acceptance.shop import PATIENCE, Shop, checked, explains, wait_for
from tests.acceptance.test_ctrl_c import is_running
from tests.campaigns.rollback_kills import disturbed

#: A deploy tool that waits for somebody to make the file `go`.
WAITS = "(here / 'busy').write_text(str(os.getpid()))\nwhile not (here / 'go').exists(): time.sleep(0.01)"

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes in /proc")


@pytest.fixture
def ready(shop: Shop) -> Shop:
    """A shop with a broken release, where a rollback is decided and the deploy tool waits."""
    shop.deploy_by_command(WAITS)
    shop.quickly("verify")
    shop.break_it()
    shop.declare()
    shop.quickly("assess")
    shop.quickly("decide", "rollback", "--reason", "alone", "--yes")
    return shop


def begun(shop: Shop) -> str:
    """Wait until the deploy tool is at work, and return its process."""
    busy = shop.place / "busy"
    return str(wait_for(lambda: busy.exists() and busy.read_text(), "the deploy tool"))


def worker_of(shop: Shop) -> int:
    """Return the process that works on the shop's journal."""
    return int(wait_for(lambda: holder_of(worker_lock(str(shop.journal), "shop")), "the worker"))


def kill_together(runner: int, tool: int) -> None:
    """Kill both so that neither the runner nor anybody else sees the one end while the other lives."""
    os.kill(runner, signal.SIGSTOP)
    os.kill(tool, signal.SIGKILL)
    os.kill(runner, signal.SIGKILL)


def assert_rolled_back_once(shop: Shop) -> None:
    texts = shop.texts()
    for beginning in ("rollback started", "deployment succeeded", "verification passed", "operation "):
        assert len([text for text in texts if text.startswith(beginning)]) == 1, (beginning, texts)
    assert len(shop.deploys()) == 1 and shop.running() == "v1.1.0"
    assert shop.ask("audit")["whole"]


def test_the_worker_is_killed_in_the_middle_and_the_command_starts_another(ready: Shop) -> None:
    process = ready.start("rollback", "--yes", "--watch", "5")
    tool = begun(ready)
    os.kill(worker_of(ready), signal.SIGKILL)
    assert is_running(tool), "the deployment outlives the worker"
    (ready.place / "go").touch()
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, (output, errors)
    assert b"the worker is gone; starting another one (1 of 3)" in output
    assert_rolled_back_once(ready)


def test_everybody_is_killed_and_somebody_comes_back(ready: Shop) -> None:
    process = ready.start("rollback", "--yes", "--watch", "5")
    begun(ready)
    worker = worker_of(ready)
    process.kill()  # first: it would start another worker
    process.communicate()
    os.kill(worker, signal.SIGKILL)
    (ready.place / "go").touch()
    wait_for(lambda: ready.running() == "v1.1.0", "the deploy tool, which goes on")
    shown = ready.andon("workflows").stdout
    assert "nobody works on it; take it up  ->  andon workflows resume" in shown
    assert ready.json("status")["next"]["command"] == "andon rollback --resume"
    assert ready.json("rollback", "--resume")["outcome"] == "succeeded"
    assert_rolled_back_once(ready)


def test_the_worker_is_killed_while_it_watches(ready: Shop) -> None:
    process = ready.start("rollback", "--yes", "--watch", "5")
    begun(ready)
    ready.production.answers.clear()
    (ready.place / "go").touch()
    wait_for(lambda: any(t.startswith("deployment succeeded") for t in ready.texts()), "the deployment")
    os.kill(worker_of(ready), signal.SIGKILL)
    ready.production.answers.set()
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, (output, errors)
    assert_rolled_back_once(ready)


def test_the_runner_and_its_tool_are_killed_before_it_took_effect(ready: Shop) -> None:
    process = ready.start("rollback", "--yes", "--watch", "5")
    tool = begun(ready)
    operation = ready.json("workflows")["workflows"][0]["operation"]
    lock = Path(ready.environment["XDG_DATA_HOME"]) / "andon" / "operations" / operation
    kill_together(int(holder_of(str(lock))), int(tool))
    output, _ = process.communicate(timeout=PATIENCE)
    assert (
        process.returncode == 1 and b"it was interrupted before it took effect; v1.2.0 still runs" in output
    )
    (ready.place / "go").touch()
    ready.andon("rollback", "--yes", "--watch", "10")
    assert len(ready.deploys()) == 2, "again, because a person said so"
    assert ready.running() == "v1.1.0"


def test_a_deploy_tool_that_hangs_is_ended_by_its_time_limit(ready: Shop) -> None:
    ready.deploy_by_command("time.sleep(600)", timeout=2)
    done = ready.andon("rollback", "--yes", "--watch", "10", code=(1, 3))
    assert "did not end within its time limit" in done.stdout
    assert len(ready.deploys()) <= 1, "none, where starting it took two seconds; but not again by itself"


def test_exit_0_and_nothing_done_is_seen(ready: Shop) -> None:
    ready.deploy_by_command("sys.exit(0)")
    done = ready.andon("rollback", "--yes", "--watch", "10", code=(1, 3))
    assert "verification passed" not in done.stdout
    assert ready.running() == "v1.2.0"
    explains(ready.andon("mitigate", code=1))


def test_a_second_person_approves_and_a_change_stops_it(ready: Shop) -> None:
    (ready.place / "go").touch()
    ready.andon("rollback", "--ask")
    told = ready.texts()[-1]
    assert told.startswith("rollback planned")
    operation = told.rpartition(" ")[2]
    assert ready.running() == "v1.2.0"
    done = ready.andon("rollback", "--approve", operation, "--yes", "--watch", "10", ANDON_ACTOR="ben")
    assert f"operation {operation}" in done.stdout
    entries = ready.json("timeline")["entries"]
    assert {e["actor"] for e in entries if "approved" in e["text"] or "started" in e["text"]} == {"ben"}
    assert_rolled_back_once(ready)


def test_nobody_here_starts_workers_and_andon_worker_does_it(ready: Shop) -> None:
    (ready.place / "go").touch()
    process = ready.start("rollback", "--yes", "--watch", "10", ANDON_WORKER="manual")
    worker = ready.start("worker")
    try:
        output, errors = process.communicate(timeout=PATIENCE)
        done = checked(("rollback",), _as_done(process, output, errors), 0)
        assert "verification passed" in done.stdout
        assert_rolled_back_once(ready)
        assert ready.json("workflows")["worker"] == worker.pid
    finally:
        worker.send_signal(signal.SIGTERM)
        said, complaints = worker.communicate(timeout=PATIENCE)
    assert worker.returncode == 0 and b"working on" in said, complaints


def _as_done(process, output: bytes, errors: bytes):  # type: ignore[no-untyped-def]
    import subprocess

    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


@pytest.mark.slow
def test_a_worker_that_was_held_for_dead_stops_when_it_wakes(tmp_path: Path, empty_postgres_url: str) -> None:
    """It was only stopped; by then its work has another owner, and it must not go on beside it."""
    with disturbed(tmp_path, seed=1, journal=empty_postgres_url) as campaign:
        shop = campaign.shop
        (shop.place / "mode").write_text(WAITS)
        campaign.begin()
        follower = shop.start("rollback", "--to", "v1.1.0", "--yes", "--watch", "10")
        operation = str(wait_for(campaign.approved, "the approval"))
        begun(shop)
        worker = wait_for(lambda: campaign.at_work(operation), "a worker")
        os.kill(worker.pid, signal.SIGSTOP)
        try:
            wait_for(lambda: campaign.at_work(operation) not in (None, worker), "the other worker")
        finally:
            os.kill(worker.pid, signal.SIGCONT)
        assert worker.wait(timeout=PATIENCE) == 70
        (shop.place / "go").touch()
        output, errors = follower.communicate(timeout=PATIENCE)
        assert follower.returncode == 0, (output, errors)
        campaign.check(operation, shop.deploys())


@pytest.mark.slow
def test_a_share_of_the_campaign(tmp_path: Path) -> None:
    with disturbed(tmp_path, seed=20260301) as campaign:
        tally = campaign.run(kills=3)
    assert tally.killed >= 3


@pytest.mark.slow
def test_a_share_of_the_campaign_with_two_workers(tmp_path: Path, empty_postgres_url: str) -> None:
    with disturbed(tmp_path, seed=2, journal=empty_postgres_url) as campaign:
        tally = campaign.run(kills=2, takeovers=1)
    assert tally.takeovers

"""andon releases, andon deployed and what they make andon status say, on a desk of fakes."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from andon.cli.main import _module, _parser
from andon.desk.deployments import block_release, judge, read_ledger, record_deployment, survey
from andon.desk.values import ReleaseOnDisk
from andon.errors import InvalidInput, NotFound
from andon.incident.words import ReleaseVerdict
from tests.fakes.desk import FakeDesk
from tests.fakes.production import FakeDeployer, FakeRepository
from tests.unit.desk.shop import COMMITS, ago, declared, on_disk, shop
from tests.unit.incident.cases import assert_commands_exist


def andon(desk: Any, *words: str) -> int:
    """Run a command as the command line does."""
    module = _module(words[0])
    code = module.run(desk, _parser(words[0], module).parse_args(words[1:]))
    assert isinstance(code, int)
    return code


def told(desk: Any, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """Run a command with --json and return what it printed."""
    andon(desk, *words, "--json")
    return json.loads(capsys.readouterr().out)


def test_the_list_has_verdicts_with_evidence_ranges_blocks_and_tags(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = (*COMMITS, ("d" * 40, "fourth", ("shop/cart.py",), ("v4", "v4.1")))
    desk = shop(tmp_path, repository=FakeRepository(str(tmp_path), history))
    proof = desk.evidence.put(b"checkout: 500", "text/plain").evidence
    judge(desk, "v3", ReleaseVerdict.BAD, "it lost orders", incident="INC-1", evidence=proof)
    block_release(desk, "v3", "INC-1", "it lost orders")
    found = told(desk, capsys, "releases")
    assert [r["version"] for r in found["releases"]] == ["v3", "v2", "v1"]
    assert found["releases"][0]["evidence"] == proof and found["releases"][0]["verdict"] == "bad"
    assert [(r["version"], r["releases"]) for r in found["open_bad_ranges"]] == [("v3", ["v3"])]
    assert [b["version"] for b in found["blocked"]] == ["v3"]
    assert [(t["version"], t["source"]) for t in found["tagged"]] == [("v4", "tag"), ("v4.1", "tag")]
    assert andon(desk, "releases") == 0
    text = capsys.readouterr().out
    digest = proof.rpartition(":")[2][:12]
    assert f"it lost orders (evidence {digest})" in text
    assert "v3: v3 was judged bad in INC-1: it lost orders" in text
    assert "BLOCKED RELEASE IS BACK: v3 runs" in text
    assert "nobody saw it deployed" in text
    assert_commands_exist(text)


def test_a_tag_is_a_release_and_never_a_deployment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = FakeDesk(tmp_path, repository=FakeRepository(str(tmp_path), COMMITS))
    found = told(desk, capsys, "releases")
    assert [t["version"] for t in found["tagged"]] == ["v1", "v2", "v3"]
    assert (found["releases"], found["running"]) == ([], "")
    assert read_ledger(desk).deployments == ()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("v1",), 0, "yes: v1 is judged good: watched"),
        (("v3",), 1, "NO: v3 is blocked since INC-1: it lost orders"),
        (("v3-again", "--commit", "c" * 40), 1, "NO: v3-again is the code of v3, which is blocked"),
        (("v9",), 3, "unknown: which commit v9 is made from is not known, and v3 is blocked since INC-1"),
        (("v4",), 3, "unknown: v4 has the code of v3, which is blocked since INC-1"),
        (("v4", "--with-fix"), 0, "yes: v4 is said to have the fix"),
    ],
)
def test_a_pipeline_is_told_what_may_be_deployed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, said: str
) -> None:
    history = (*COMMITS, ("d" * 40, "fourth", ("shop/cart.py",), ("v4",)))
    desk = shop(tmp_path, repository=FakeRepository(str(tmp_path), history))
    block_release(desk, "v3", "INC-1", "it lost orders")
    assert andon(desk, "releases", "check", *words) == code
    text = capsys.readouterr().out
    assert said in text
    assert_commands_exist(text)
    assert andon(desk, "releases", "check", *words, "--json") == code


def test_an_empty_ledger_says_neither_yes_nor_no(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = FakeDesk(tmp_path, repository=FakeRepository(str(tmp_path), COMMITS))
    assert andon(desk, "releases", "check", "v1") == 3
    text = capsys.readouterr().out
    assert "unknown: the ledger here knows of no release at all" in text
    assert_commands_exist(text)


def test_asking_records_nothing(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    length = read_ledger(desk).length
    andon(desk, "releases", "check", "v9")
    assert read_ledger(desk).length == length


def test_a_release_is_blocked_and_unblocked_with_a_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = shop(tmp_path)
    for verb in ("block", "unblock"):
        with pytest.raises(InvalidInput) as caught:
            andon(desk, "releases", verb, "v2")
        assert_commands_exist(caught.value.remedy)
    andon(desk, "releases", "block", "v2", "--reason", "it loses orders")
    assert andon(desk, "releases", "check", "v2") == 1
    andon(desk, "releases", "unblock", "v2", "--reason", "it was the database")
    assert andon(desk, "releases", "check", "v2") == 0
    with pytest.raises(NotFound):
        andon(desk, "releases", "unblock", "v2", "--reason", "again")


def test_a_blocked_release_that_comes_back_is_recorded_and_cried_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = shop(tmp_path)
    record_deployment(desk, "v2", source="rollback")
    block_release(desk, "v3", "INC-1", "it lost orders")
    andon(desk, "status")
    assert "BLOCKED" not in capsys.readouterr().out
    assert andon(desk.another("bot"), "deployed", "v3") == 1
    text = capsys.readouterr().out
    assert "BLOCKED RELEASE IS BACK: v3, blocked since INC-1: it lost orders" in text
    ledger = read_ledger(desk)
    assert ledger.running is not None and ledger.running.version == "v3", "the truth counts"
    andon(desk, "status")
    assert "BLOCKED RELEASE IS BACK: v3 runs, blocked since INC-1: it lost orders" in capsys.readouterr().out
    declared(desk)
    andon(desk, "status")
    assert "BLOCKED RELEASE IS BACK" in capsys.readouterr().out
    assert told(desk, capsys, "status")["blocked_release_is_back"].startswith("v3 runs")
    andon(desk.another("ann"), "deployed", "v2")
    andon(desk, "status")
    assert "BLOCKED" not in capsys.readouterr().out, "it is gone again"


def test_a_verdict_on_a_blocked_release_is_no_deployment(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    block_release(desk, "v3", "INC-1", "it lost orders")
    assert andon(desk, "deployed", "v3", "--verdict", "bad", "--reason", "it lost orders") == 0


# ---- andon deployed


def test_what_git_knows_of_the_code_is_recorded_with_it(tmp_path: Path) -> None:
    history = (
        ("a" * 40, "first", ("migrations/0001_a.sql", ".env.example", "poetry.lock"), ("v1",)),
        ("b" * 40, "second", ("migrations/0010_b.sql", ".env.example"), ("v2",)),
        ("c" * 40, "third", ("shop/cart.py",), ("v3",)),
    )
    environment = {
        ("a" * 40, ".env.example"): b"PAYMENTS_URL=https://one\n",
        ("b" * 40, ".env.example"): b"PAYMENTS_URL=https://two\nMAIL_HOST=x\n",
        ("c" * 40, ".env.example"): b"MAIL_HOST=other\nPAYMENTS_URL=secret\n",
    }
    desk = FakeDesk(tmp_path, repository=FakeRepository(str(tmp_path), history, environment))
    for version in ("v1", "v2", "v3"):
        andon(desk.another("ann"), "deployed", version)
    one, two, three = read_ledger(desk).releases
    assert [r.schema for r in (one, two, three)] == [
        "migrations/0001_a.sql",
        "migrations/0010_b.sql",
        "migrations/0010_b.sql",
    ]
    assert one.config_names != two.config_names == three.config_names, "names only, never values"
    assert one.lockfiles and one.lockfiles == two.lockfiles
    assert "secret" not in repr(read_ledger(desk))


def test_migrations_without_numbers_are_counted_and_hashed(tmp_path: Path) -> None:
    paths = ("alembic/versions/ab12_orders.py", "alembic/versions/cd34_prices.py")
    history = (("a" * 40, "first", paths[:1], ("v1",)), ("b" * 40, "second", paths[1:], ("v2",)))
    desk = FakeDesk(tmp_path, repository=FakeRepository(str(tmp_path), history))
    for version in ("v1", "v2"):
        record_deployment(desk, version)
    one, two = read_ledger(desk).releases
    assert one.schema.startswith("1 files, ") and two.schema.startswith("2 files, ")


def test_a_release_that_git_does_not_know_is_recorded_all_the_same(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    words = ("deployed", "till-7", "--artefact", "registry/till:7", "--schema", "0012_orders.sql")
    assert andon(desk, *words) == 0
    release = read_ledger(desk).releases[0]
    assert (release.artefact, release.schema) == ("registry/till:7", "0012_orders.sql")
    assert (release.commit, release.config_names) == ("", "")


def test_a_deployment_that_broke_off_does_not_run(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    andon(desk, "deployed", "v1")
    andon(desk.another("ann"), "deployed", "v2", "--aborted")
    ledger = read_ledger(desk)
    assert ledger.running is not None and ledger.running.version == "v1"
    aborted = ledger.find("v2")
    assert aborted is not None and aborted.verdict is ReleaseVerdict.ABORTED


@pytest.mark.parametrize(("option", "kind"), [("--config", "configuration"), ("--flag", "flag")])
def test_a_change_without_a_release_is_recorded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, kind: str
) -> None:
    desk = FakeDesk(tmp_path)
    assert andon(desk, "deployed", option, "PAYMENTS_URL", "--at", "10m") == 0
    assert f"{kind} changed" in capsys.readouterr().out
    change = read_ledger(desk).changes[0]
    assert (change.kind, change.what) == (kind, "PAYMENTS_URL")
    assert change.changed_at == desk.clock.now() - timedelta(minutes=10)
    assert read_ledger(desk).releases == ()


@pytest.mark.parametrize(
    "words", [(), ("v1", "--config", "X"), ("--config", "X", "--flag", "Y"), ("two words",), ("",)]
)
def test_what_cannot_be_recorded_is_refused_with_a_way_out(tmp_path: Path, words: tuple[str, ...]) -> None:
    desk = FakeDesk(tmp_path)
    with pytest.raises(InvalidInput) as caught:
        andon(desk, "deployed", *words)
    assert_commands_exist(caught.value.remedy)
    assert read_ledger(desk).length == 0


# ---- a deployer that lies


def test_an_empty_list_is_a_gap_and_not_no_release(tmp_path: Path) -> None:
    desk = shop(tmp_path, deployer=FakeDeployer((), running="v3"))
    found = survey(desk)
    assert found.available is None
    assert ("releases", "the deployer lists none, so what can be deployed is not known") in found.failures


def test_an_aborted_release_on_the_list_is_entered_as_one_that_does_not_run(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path, deployer=FakeDeployer((), running="v1"))
    assert desk.deployer is not None
    desk.deployer.available = (
        ReleaseOnDisk(version="v2", deployed_at=ago(desk, 5), verdict=ReleaseVerdict.ABORTED),
        ReleaseOnDisk(version="v1", deployed_at=ago(desk, 50)),
    )
    ledger = survey(desk).ledger
    assert ledger.running is not None and ledger.running.version == "v1"
    aborted = ledger.find("v2")
    assert aborted is not None and aborted.verdict is ReleaseVerdict.ABORTED
    length = ledger.length
    assert survey(desk).ledger.length == length, "entered once"


def test_a_release_that_is_only_listed_as_bad_is_judged_once(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path, deployer=FakeDeployer(on_disk("v1"), running="v1"))
    record_deployment(desk, "v1", deployed_at=ago(desk, 50))
    assert desk.deployer is not None
    desk.deployer.available = (ReleaseOnDisk(version="v1", verdict=ReleaseVerdict.BAD),)
    found = survey(desk).ledger
    release = found.find("v1")
    assert release is not None
    assert (release.verdict, release.reason) == (ReleaseVerdict.BAD, "listed as bad by fake")
    assert survey(desk).ledger.length == found.length

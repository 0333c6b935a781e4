"""How long a leaked value could be read: from what reflogs, tracking branches and commits tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from andon.config.model import Config
from andon.config.model_team import LeakConfig
from andon.desk.leak.exposure import Alert, Exposure, assess_exposure
from andon.desk.leak.locate import locate
from andon.secrets.leak.credential import Credential
from tests.fakes.desk import FakeDesk
from tests.fakes.remote_hosts import FakeRemoteHosts
from tests.leaked import commit, git, repository, token

SECRET = token(11)
CREDENTIAL = Credential(mark="aaaaaa", kind="github-token", value=SECRET.encode())
#: When things happened, an hour apart; the desk's clock stands a day later.
START = datetime(2026, 2, 1, 10, 0, tzinfo=UTC)
NOW = START + timedelta(days=1)


def hour(number: float) -> datetime:
    return START + timedelta(hours=number)


def clock(number: float) -> dict[str, str]:
    """The environment in which git believes that it is so many hours after the start."""
    at = f"{int(hour(number).timestamp())} +0000"
    return {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}


def assess(place: Path, hosts: FakeRemoteHosts | None = None, **given: object) -> Exposure:
    leak = given.pop("leak", LeakConfig())
    assert isinstance(leak, LeakConfig)
    desk = FakeDesk(place, config=Config(service="shop", leak=leak), remote_hosts=hosts)
    desk.clock.moment = NOW
    exposure = assess_exposure(
        desk,
        locate(desk, [CREDENTIAL], lambda _: None),
        lambda _: None,
        **given,  # type: ignore[arg-type]
    )
    kept = b"".join(desk.evidence.get(name).content for name in desk.evidence.hashes())
    assert SECRET.encode() not in kept
    assert SECRET not in repr(exposure)
    return exposure


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A clone of a bare remote, from before the leak."""
    first = repository(tmp_path / "first")
    git(tmp_path, "clone", "-q", "--bare", str(first), "remote.git", **clock(-10))
    git(tmp_path, "clone", "-q", str(tmp_path / "remote.git"), "shop", **clock(-9))
    return tmp_path / "shop"


def test_what_was_never_pushed_was_exposed_to_nobody(shop: Path) -> None:
    commit(shop, ".env", f"KEY={SECRET}\n", **clock(0))
    exposure = assess(shop)
    assert (exposure.event.since, exposure.event.until, exposure.event.remotes) == (None, None, ())
    assert "no remote that is known here has or had it" in exposure.event.summary


def test_a_push_from_here_says_exactly_when(shop: Path) -> None:
    commit(shop, ".env", f"KEY={SECRET}\n", **clock(0))
    git(shop, "tag", "v1")
    git(shop, "push", "-q", "origin", "main", **clock(2))
    event = assess(shop, leak=LeakConfig(public_remotes=("origin",))).event
    assert (event.since, event.until) == (hour(2), None)
    (origin,) = event.remotes
    assert (origin.remote, origin.visibility, origin.refs) == (
        "origin",
        "public",
        ("refs/remotes/origin/main",),
    )
    assert "pushed from here" in origin.evidence
    assert event.summary.endswith("22 h: origin (public); tags: 1")


def test_what_others_pushed_lies_between_their_commit_and_our_fetch(shop: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(tmp_path / "remote.git"), "other")
    commit(tmp_path / "other", ".env", f"KEY={SECRET}\n", **clock(1))
    git(tmp_path / "other", "push", "-q", "origin", "main")
    git(shop, "fetch", "-q", **clock(5))
    exposure = assess(shop)
    (origin,) = exposure.event.remotes
    assert exposure.event.since == hour(1)
    assert "at the latest 2026-02-01 15:00 UTC: fetched" in origin.evidence
    assert "at the earliest 2026-02-01 11:00 UTC" in origin.evidence
    assert "23 h (at least 19 h)" in exposure.event.summary


def test_an_earlier_look_without_it_makes_the_window_smaller(shop: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(tmp_path / "remote.git"), "other")
    commit(other, "a.txt", "a", **clock(0))
    git(other, "push", "-q", "origin", "main")
    git(shop, "fetch", "-q", **clock(3))
    commit(other, ".env", f"KEY={SECRET}\n", **clock(-5))  # its clock is behind
    git(other, "push", "-q", "origin", "main")
    git(shop, "fetch", "-q", **clock(5))
    event = assess(shop).event
    assert event.since == hour(3)
    assert "was seen without it then" in event.remotes[0].evidence


def test_a_date_in_the_future_counts_for_nothing(shop: Path, tmp_path: Path) -> None:
    commit(shop, "a.txt", "a", **clock(1))
    commit(shop, ".env", f"KEY={SECRET}\n", **clock(24 * 365))
    git(shop, "update-ref", "refs/remotes/origin/main", "HEAD", **clock(24 * 300))
    event = assess(shop).event
    assert event.since == hour(1)
    assert "has no date that can be true" in event.remotes[0].evidence


def test_it_ends_when_the_last_reference_lost_it(shop: Path) -> None:
    clean = git(shop, "rev-parse", "HEAD")
    commit(shop, ".env", f"KEY={SECRET}\n", **clock(0))
    git(shop, "push", "-q", "origin", "main", **clock(2))
    git(shop, "push", "-q", "origin", "main:side", **clock(3))
    git(shop, "push", "-q", "-f", "origin", f"{clean}:main", **clock(4))
    assert assess(shop).event.until is None
    git(shop, "push", "-q", "-f", "origin", f"{clean}:side", **clock(6))
    event = assess(shop).event
    assert (event.since, event.until) == (hour(2), hour(6))
    assert "until 2026-02-01 16:00 UTC, 4 h" in event.summary


def test_a_revoked_credential_ends_it(shop: Path) -> None:
    commit(shop, ".env", f"KEY={SECRET}\n", **clock(0))
    git(shop, "push", "-q", "origin", "main", **clock(2))
    assert assess(shop, revoked={"aaaaaa": hour(7)}).event.until == hour(7)
    assert assess(shop, revoked={"bbbbbb": hour(7)}).event.until is None


def test_a_rewritten_commit_may_have_been_there_before(shop: Path) -> None:
    moved = {**clock(3), "GIT_AUTHOR_DATE": clock(-2)["GIT_AUTHOR_DATE"]}
    commit(shop, ".env", f"KEY={SECRET}\n", **moved)
    git(shop, "push", "-q", "origin", "main", **clock(4))
    assert "an earlier version may have been pushed before" in assess(shop).event.remotes[0].evidence


def test_an_alert_bounds_what_nobody_else_saw(shop: Path) -> None:
    commit(shop, ".env", f"KEY={SECRET}\n", **clock(0))
    exposure = assess(shop, alerts=(Alert(at=hour(6), text="alert 12"),))
    assert exposure.event.since == hour(0)
    (told,) = exposure.event.remotes
    assert "at the latest 2026-02-01 16:00 UTC: an alert of the host, alert 12" in told.evidence


def test_a_served_repository_knows_from_its_own_log(tmp_path: Path) -> None:
    first = repository(tmp_path / "first")
    commit(first, ".env", f"KEY={SECRET}\n", **clock(0))
    git(tmp_path, "init", "-q", "--bare", "served.git")
    git(tmp_path / "served.git", "config", "core.logAllRefUpdates", "true")
    git(first, "push", "-q", str(tmp_path / "served.git"), "main", **clock(3))
    event = assess(tmp_path / "served.git").event
    assert event.since == hour(3)
    assert event.remotes[0].remote == "this repository"


def test_only_when_asked_the_network_is(shop: Path) -> None:
    tip = commit(shop, ".env", f"KEY={SECRET}\n", **clock(0))
    git(shop, "remote", "set-url", "origin", f"https://ann:{SECRET}@git.example.com/shop.git")
    address = git(shop, "remote", "get-url", "origin")
    hosts = FakeRemoteHosts(
        {"origin": (("refs/heads/main", tip), ("refs/pull/7/head", tip), ("refs/heads/new", "f" * 40))},
        {address: ("public", "its host lets anybody clone it")},
    )
    assert assess(shop, hosts).event.remotes == ()
    assert hosts.asked == []
    exposure = assess(shop, hosts, ask_remote=True)
    (origin,) = exposure.event.remotes
    assert origin.visibility == "public"
    assert origin.refs == ("refs/heads/main", "refs/pull/7/head")
    assert origin.address == "https://git.example.com/shop.git"
    assert exposure.notes == ("1 references of origin are not here: git fetch",)
    assert exposure.event.since == hour(0)


def test_a_remote_that_does_not_answer_is_told(shop: Path) -> None:
    exposure = assess(shop, FakeRemoteHosts(), ask_remote=True)
    assert exposure.notes == ("origin did not answer: its references cannot be listed",)


def test_several_credentials_have_windows_of_their_own(shop: Path) -> None:
    other = Credential(mark="bbbbbb", kind="token", value=token(12).encode())
    commit(shop, ".env", f"KEY={SECRET}\n", **clock(0))
    git(shop, "push", "-q", "origin", "main", **clock(2))
    commit(shop, "b.env", f"KEY={token(12)}\n", **clock(3))
    git(shop, "push", "-q", "origin", "main", **clock(4))
    desk = FakeDesk(shop)
    desk.clock.moment = NOW
    located = locate(desk, [CREDENTIAL, other], lambda _: None)
    exposure = assess_exposure(desk, located, lambda _: None, revoked={"aaaaaa": hour(5), "bbbbbb": hour(6)})
    assert "2026-02-01 12:00" in " ".join(exposure.evidence["aaaaaa"]["origin"])
    assert "2026-02-01 14:00" in " ".join(exposure.evidence["bbbbbb"]["origin"])
    assert (exposure.event.since, exposure.event.until) == (hour(2), hour(6))


def test_what_could_not_be_searched_is_no_all_clear(shop: Path, tmp_path: Path) -> None:
    git(tmp_path / "remote.git", "config", "uploadpack.allowFilter", "true")
    address = f"file://{tmp_path}/remote.git"
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", address, "partial")
    assert "not known: not everything could be searched" in assess(tmp_path / "partial").event.summary

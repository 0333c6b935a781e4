"""From the backup to the clean-up through the use cases, with what the incident keeps of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.desk.declare import declare
from andon.desk.leak.adopt import AdoptOptions, adopt
from andon.desk.leak.backup import BackupOptions, back_up
from andon.desk.leak.cleanup import CleanUpOptions, clean_up
from andon.desk.leak.purge import PurgeOptions, forecast_in_words, foresee, purge
from andon.desk.leak.push import PushOptions, plan_push, push
from andon.desk.leak.tidying import tidy
from andon.desk.leak.verify import VerifyOptions, verify
from andon.desk.recording import record
from andon.errors import Refused
from andon.incident.commands import RecordLeak
from andon.incident.leak_events import CredentialRevoked, ExposureAssessed, LeakLocated, LeakReported
from andon.incident.parts import LeakedCredential
from andon.incident.state import Incident
from andon.incident.words import Severity, Verdict
from tests.fakes.desk import FakeDesk
from tests.integration.leaked import git
from tests.integration.test_leak_push import Shop, quiet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.leak_state import LeakEvent


class Response:
    """An incident with a leak, ready for its backup."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.desk = shop, FakeDesk(shop.root)
        self.state: Incident = declare(self.desk, title="a key is public", severity=Severity.P1).incident
        known = LeakedCredential(mark=shop.leaked.mark, kind=shop.leaked.kind)
        self.keep(LeakReported(source="value", credentials=(known,)))
        found = LeakLocated(verdict=Verdict.PASSED, summary="found", objects=9, holders=1, commits=3)
        self.keep(found)
        self.keep(ExposureAssessed(since=None, until=None, summary="since then"))

    def keep(self, event: LeakEvent) -> None:
        self.state = record(self.desk, self.state, RecordLeak(event=event))

    def revoke(self) -> None:
        self.keep(CredentialRevoked(mark=self.shop.leaked.mark, statement="the old one answers 401"))

    @property
    def purging(self) -> PurgeOptions:
        return PurgeOptions(room=self.shop.room, credentials=(self.shop.leaked,))


@pytest.fixture
def response(tmp_path: Path) -> Response:
    """A shop with a leak and its incident."""
    return Response(Shop(tmp_path))


def test_the_whole_way(response: Response) -> None:
    desk, shop = response.desk, response.shop
    room, secrets = shop.room, (shop.leaked,)
    response.revoke()
    kept, _ = back_up(desk, response.state, BackupOptions(room=room, credentials=secrets, days=7), quiet)
    response.keep(kept)
    forecast = foresee(desk, response.state, response.purging, quiet)
    assert f"{forecast.commits} of {forecast.all_commits} commits" in forecast_in_words(forecast)
    purged, _, account = purge(desk, response.state, response.purging, quiet)
    response.keep(purged)
    assert purged.commits == forecast.commits == account.commits
    proof, _ = verify(desk, response.state, VerifyOptions(room=room, credentials=secrets), quiet)
    response.keep(proof)
    assert (proof.verdict, proof.survivors) == (Verdict.PASSED, ())
    options = PushOptions(room=room, credentials=secrets)
    planned, _, texts = plan_push(desk, response.state, options, quiet)
    response.keep(planned)
    done, _ = push(desk, response.state, options, quiet)
    response.keep(done)
    assert "refs/heads/main" in done.pushed
    assert (done.failed, done.kept) == ((), ("refs/pull/3/head",))
    assert (
        adopt(desk, response.state, AdoptOptions(room=room, credentials=secrets, write=True), quiet).survivors
        == ()
    )
    cleaned, _ = clean_up(desk, response.state, CleanUpOptions(room=room), quiet)
    response.keep(cleaned)
    assert cleaned.verdict is Verdict.PASSED
    assert [Path(one.partition(":")[0]).suffix for one in cleaned.left] == [".bundle"]
    told = repr(desk.history(response.state.id)) + texts.whole
    assert shop.leaked.value.decode() not in told
    for one in (purged.evidence, proof.evidence, planned.evidence):
        assert one is not None
        assert shop.leaked.value not in desk.evidence.get(one).content
    assert not shop.holds(shop.root)
    assert git(shop.remote, "rev-parse", "main") == git(shop.root, "rev-parse", "main")


def test_an_older_backup_that_waits_for_its_day_is_no_failure_of_the_clean_up(response: Response) -> None:
    desk, room = response.desk, response.desk.leak_room.place(response.state.id)
    response.revoke()
    for days in (7, 9):
        options = BackupOptions(room=room, credentials=(response.shop.leaked,), days=days)
        response.keep(back_up(desk, response.state, options, quiet)[0])
        desk.clock.sleep(1)
    event = tidy(desk, response.state, quiet)
    assert event.verdict is Verdict.PASSED, event.summary
    assert len(event.left) == 2
    assert tidy(desk, response.state, quiet, with_backup=True).left == ()


def test_nothing_is_purged_before_it_is_revoked_and_kept(response: Response) -> None:
    with pytest.raises(Refused) as caught:
        purge(response.desk, response.state, response.purging, quiet)
    assert caught.value.rule == "rotate-first"
    response.revoke()
    with pytest.raises(Refused) as caught:
        purge(response.desk, response.state, response.purging, quiet)
    assert caught.value.rule == "leak-backup"
    assert not Path(response.shop.room, "mirror.git").exists()


def test_nothing_is_pushed_before_it_is_purged(response: Response) -> None:
    desk, shop = response.desk, response.shop
    response.revoke()
    before = shop.at_remote()
    options = PushOptions(room=shop.room, credentials=(shop.leaked,))
    for stage in (plan_push, push):
        with pytest.raises(Refused) as caught:
            stage(desk, response.state, options, quiet)
        assert caught.value.rule == "leak-purge"
    assert shop.at_remote() == before

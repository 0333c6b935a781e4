"""A search from the incident's failing smoke test to its record, and what happens when it is cut short."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from andon.config.model import Config
from andon.config.model_gap import GapConfig, GapDependencyConfig, WorldConfig
from andon.config.model_production import ProbeConfig
from andon.desk.assess import run_assessment
from andon.desk.gap.consent import Consents, asked, missing
from andon.desk.gap.failure import Told, failure_of, in_words
from andon.desk.gap.find import Wanted, find, planned, prepare
from andon.desk.gap.kept import plain_search, read_search
from andon.desk.gap.proposal import proposed
from andon.desk.values import ProbeReport
from andon.errors import InvalidInput, NotFound, Unavailable
from andon.gaps.experiment import Curve, Difference, Load, Observed
from andon.gaps.words import Answer, Kind
from andon.incident.state import Incident
from andon.incident.words import Verdict
from andon.record import replace
from tests.fakes.desk import FakeDesk
from tests.fakes.gap_works import FakeWorks
from tests.fakes.production import FakeLogSource, FakeProbe
from tests.unit.desk.shop import declared
from tests.unit.gaps.model_laboratory import ModelLaboratory, look, part

CONFIG = Config(
    service="shop",
    smoke=(ProbeConfig(name="checkout", url="http://shop.example.com/orders/12?full=1", method="GET"),),
    gap=GapConfig(suite=("pytest",)),
    gap_test=WorldConfig(start=("python3", "app.py")),
    gap_prod=WorldConfig(url="https://shop.example.com", env="prod.env", users=30),
    gap_dependencies=(
        GapDependencyConfig(world="prod", name="payments", url="https://payments.example.com/v1"),
        GapDependencyConfig(world="test", name="payments", recording="payments.har"),
    ),
)
ZONE = part(Kind.ENVIRONMENT, "STORE_TZ")
TOLD = Told(url="/orders/12", status=500, text="KeyError: 'STORE_TZ'")


class Answering500(FakeProbe):
    """A smoke test that says what the HTTP one says of a status."""

    def run(self) -> ProbeReport:
        return replace(super().run(), summary="500 in 12 ms, expected 200 to 299")


def desk_at(root: Path) -> FakeDesk:
    probe = Answering500("checkout", Verdict.FAILED, critical=True)
    desk = FakeDesk(root, config=CONFIG, probes=(probe,))
    laboratory = ModelLaboratory(differs=(ZONE,), fails=lambda world: ZONE in world)
    desk.gap_works = FakeWorks(laboratory, look(Kind.ENVIRONMENT, (("STORE_TZ",), 4)))
    return desk


def begin(desk: FakeDesk) -> Incident:
    """Pull the cord and look."""
    return run_assessment(desk, declared(desk)).incident


def test_the_gap_is_found_and_recorded_with_what_it_says_of_each_kind(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    state = begin(desk)
    said: list[str] = []
    found = find(desk, state, prepare(desk, state, Wanted(told=TOLD)), said.append)
    assert (found.search.verdict.answer, found.search.verdict.place) == (Answer.ENVIRONMENT, ("STORE_TZ",))
    assert found.incident is not None and found.incident.gap is not None
    ended = found.incident.gap.ended
    assert ended is not None and ended.answer == "environment"
    looks = {one.kind: one for one in ended.looks}
    assert looks["environment"].is_to_blame and looks["environment"].verdict is Verdict.PASSED
    assert looks["data"].verdict is Verdict.UNKNOWN  # nobody looked
    assert ended.evidence is not None
    kept = read_search(json.loads(desk.evidence.get(ended.evidence).content))
    assert kept.verdict == found.search.verdict
    assert said and not desk.gap_works.is_open


def test_a_load_says_what_it_came_to_where_scale_is_to_blame(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    users = part(Kind.SCALE, "users", amount=30, least=1)
    laboratory = ModelLaboratory(
        differs=(users,), fails=lambda world: any(p.place == ("users",) for p in world)
    )
    desk.gap_works = FakeWorks(laboratory)
    curve = Curve(name="median answer", x="users", y="ms", points=((1, 2.0), (2, 3.0)))
    desk.gap_works.load = Load(curves=(curve,), told="no knee up to 32 users", requests=900)
    found = find(desk, None, prepare(desk, None, Wanted(told=TOLD)), lambda _: None).search
    assert found.verdict.reasons[-1] == "a bounded load on the tests' own world: no knee up to 32 users"
    assert curve in found.curves and found.requests >= 900
    assert any(one.name == "fails, by users at once" for one in found.curves)


def test_a_search_survives_being_kept(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    found = find(desk, None, prepare(desk, None, Wanted(told=TOLD)), lambda _: None)
    plain = json.loads(json.dumps(plain_search(found.search)))
    assert plain_search(read_search(plain)) == plain
    assert found.search.failure is not None
    assert read_search(plain).failure == found.search.failure


def test_it_is_on_record_before_anything_is_started(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    state = begin(desk)
    seen = []
    desk.gap_works.looking = lambda: seen.extend(type(r.event).__name__ for r in desk.history(state.id)[-1:])
    find(desk, state, prepare(desk, state, Wanted(told=TOLD)), lambda _: None)
    assert seen == ["GapSearchStarted"]


@pytest.mark.parametrize("problem", [KeyboardInterrupt(), Unavailable("no room")])
def test_a_search_that_is_cut_short_is_given_up_on_record(tmp_path: Path, problem: BaseException) -> None:
    desk = desk_at(tmp_path)
    state = begin(desk)

    def fail() -> None:
        raise problem

    desk.gap_works.looking = fail
    with pytest.raises(type(problem)):
        find(desk, state, prepare(desk, state, Wanted(told=TOLD)), lambda _: None)
    last = desk.history(state.id)[-1].event
    assert getattr(last, "answer", "") == "given up"
    assert not desk.gap_works.is_open


def test_observing_builds_no_world(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    found = find(desk, None, prepare(desk, None, Wanted(told=TOLD, observe=True)), lambda _: None)
    assert not found.search.replays
    assert any("--observe" in one for one in found.search.verdict.not_tried)
    assert found.search.verdict.answer in (Answer.ENVIRONMENT, Answer.UNKNOWN)


def test_secrets_reach_no_part_of_it(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    secret = "hunter2-canary"
    difference = Difference(
        kind=Kind.ENVIRONMENT, place=("STORE_TZ",), test="-", production=secret, weight=4, summary=secret
    )
    desk.gap_works.observed = (Observed(kind=Kind.ENVIRONMENT, differences=(difference,), looked=secret),)
    desk.redactor.know((secret.encode(),))
    state = begin(desk)
    found = find(desk, state, prepare(desk, state, Wanted(told=TOLD)), lambda _: None)
    assert secret not in json.dumps(plain_search(found.search))


def test_the_failure_is_the_failing_smoke_tests(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    state = begin(desk)
    told = failure_of(desk.config, state, Told())
    assert (told.path, told.status, told.source) == ("/orders/12?full=1", 500, "smoke test checkout")
    more = failure_of(desk.config, state, Told(text="KeyError"))
    assert (more.path, more.text) == ("/orders/12?full=1", "KeyError")
    own = failure_of(
        desk.config, state, Told(url="https://shop.example.com/x?y=1", status=404, method="post")
    )
    assert (own.path, own.status, own.method) == ("/x?y=1", 404, "POST")
    assert in_words(own) == "POST /x?y=1, answers 404"


def test_without_a_failing_smoke_test_it_is_what_the_log_says(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    desk.probes = ()
    lines = "".join(
        f"2026-03-01T01:59:{n:02}Z ERROR shop could not bill order {n}: KeyError: 'STORE_TZ'\n"
        for n in range(10, 40)
    )
    desk.logs = (FakeLogSource("shop", lines.encode()),)
    told = failure_of(replace(desk.config, smoke=()), begin(desk), Told())
    assert "KeyError: 'STORE_TZ'" in told.text
    assert (told.path, told.status, told.source.partition(" of ")[0]) == ("", 0, "log")


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (Told(), InvalidInput),
        (Told(url="/x"), InvalidInput),
        (Told(probe="nobody"), NotFound),
        (Told(url="/x", status=500, method="BREW"), InvalidInput),
    ],
)
def test_what_is_no_failure_is_refused(told: Told, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        failure_of(CONFIG, None, told)


def test_only_other_machines_need_consent() -> None:
    hosts = asked(CONFIG, Consents(()))
    assert missing(hosts) == ("shop.example.com", "payments.example.com")
    may = Consents(("https://Shop.example.com/", "container:shop"))
    assert missing(asked(CONFIG, may)) == ("payments.example.com",)
    assert may("shop.example.com") and may("localhost") and may("container:shop")
    assert not may("payments.example.com") and not may("example.com")
    for wrong in ("", "*.example.com", "a/b"):
        with pytest.raises(InvalidInput):
            Consents((wrong,))


def test_looking_into_a_container_needs_consent_and_is_in_the_plan() -> None:
    config = replace(CONFIG, gap_prod=WorldConfig(env="container:shop"), gap_dependencies=())
    assert missing(asked(config, Consents(()))) == ("container:shop",)
    assert missing(asked(config, Consents(("container:shop",)))) == ()
    hosts = [(one.host, one.needs_consent) for one in asked(config, Consents(()))]
    assert hosts == [("(docker inspect)", False), ("container:shop", True)]


def test_no_password_of_a_database_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICA", "postgresql://ann:hunter2@db.example.com/shop")
    for place in ("$REPLICA", "postgresql://ann:hunter2@db.example.com/shop"):
        desk = desk_at(tmp_path)
        desk.config = replace(desk.config, gap_prod=WorldConfig(database=place))
        told = planned(desk, prepare(desk, None, Wanted(told=TOLD, plan=True)))
        text = repr([getattr(told, f) for f in told.__fields__])
        assert "db.example.com" in told.consents_missing
        assert "hunter2" not in text


def test_the_plan_opens_no_laboratory(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    told = planned(desk, prepare(desk, None, Wanted(told=TOLD, plan=True)))
    assert desk.gap_works.opened == 0
    names = [step.name for step in told.steps]
    assert names[:2] == ["read", "coverage"] and "control" in names and names[-1] == "narrow"
    assert any(line.startswith("data: nothing of it differs") for line in told.not_flipped)
    assert told.artefacts["endpoints"] == [] and told.artefacts["console_errors"] == []
    assert told.loads[0] == "other hosts: read only, with consent, at most 5 requests a second"


def test_nothing_configured_is_refused_with_a_way_out(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    desk.config = Config(service="shop", root=str(tmp_path))
    with pytest.raises(InvalidInput) as refused:
        prepare(desk, None, Wanted(told=TOLD))
    assert refused.value.rule == "gap-configured"


def test_a_block_to_begin_with_is_made_of_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "e2e").mkdir()
    (tmp_path / "e2e" / "playwright.config.ts").write_text("")
    (tmp_path / "package.json").write_text('{"scripts": {"start": "node server.js"}}')
    (tmp_path / ".env.test").write_text("A=1\n")
    block = proposed(str(tmp_path))
    assert (
        'directory = "e2e"' in block and 'start = ["npm", "start"]' in block and 'env = ".env.test"' in block
    )
    (tmp_path / "package.json").write_text("not JSON")
    assert "# start" in proposed(str(tmp_path))


def test_the_block_to_begin_with_is_guessed_from_names_and_from_what_playwright_is_told(
    tmp_path: Path,
) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "deploy").mkdir()
    for name in (".env", "deploy/production.env", "app.py"):
        (tmp_path / name).write_text("A=1\n")
    (tmp_path / "tests" / "test_shop.py").write_text("import urllib.request\n")
    block = tomllib.loads(proposed(str(tmp_path)))
    assert block["gap"]["suite"] == ["python3", "-m", "pytest", "-q"]
    assert (block["gap"]["test"]["env"], block["gap"]["prod"]["env"]) == (".env", "deploy/production.env")
    assert block["gap"]["test"]["start"] == ["python3", "app.py"]
    (tmp_path / "playwright.config.ts").write_text(
        "use: { baseURL: process.env.SHOP_URL || 'http://localhost:8000' },\n"
        "webServer: { command: 'node serve.js', url: 'http://localhost:8000' },\n"
    )
    block = tomllib.loads(proposed(str(tmp_path)))
    assert block["gap"]["suite"] == ["npx", "playwright", "test"]
    assert block["gap"]["url_variable"] == "SHOP_URL"
    assert block["gap"]["test"]["start"] == ["node", "serve.js"]

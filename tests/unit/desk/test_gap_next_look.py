"""The cheapest next step of a search that does not know: one consent, one option, more time, one setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.config.model import Config, GapConfig, WorldConfig
from andon.desk.gap.failure import Told
from andon.desk.gap.find import Wanted, find, prepare
from andon.desk.gap.next_look import with_next_look
from andon.gaps import beliefs
from andon.gaps.verdict import Search, Verdict
from andon.gaps.words import Answer, Kind, Tier
from andon.record import replace
from tests.fakes.desk import FakeDesk
from tests.fakes.gap_works import FakeWorks
from tests.unit.gaps.model_laboratory import ModelLaboratory, part

AGAIN = "andon gap --url /orders/12 --status 500"
HERE = Config(
    service="shop",
    gap=GapConfig(suite=("pytest",)),
    gap_test=WorldConfig(start=("python3", "app.py"), env="test.env", database="sqlite:test.db"),
    gap_prod=WorldConfig(env="prod.env", database="sqlite:prod.db", users=30, network="fast-3g"),
)
AWAY = replace(HERE, gap_prod=replace(HERE.gap_prod, url="https://shop.example.com"))
NO_START = replace(HERE, gap_test=replace(HERE.gap_test, start=()))
BUY = beliefs.TestBelief(id="test_shop.py::test_buy", title="buy", outcome="passed")
KNOWN = beliefs.Beliefs(flavour="pytest", tests=(BUY,))
WANTED = Wanted(told=Told(url="/orders/12", status=500), again=AGAIN)
ONLY = replace(WANTED, only=(Kind.DATA,))


def step(
    root: Path, config: Config, wanted: Wanted, *, known: bool = True, **found: object
) -> tuple[str, str]:
    """Return what a search that does not know says is next."""
    prepared = prepare(FakeDesk(root, config=config), None, wanted)
    prepared = replace(prepared, beliefs=KNOWN) if known else prepared
    verdict = Verdict(answer=Answer.UNKNOWN, next_step="look", next_command="andon gap --plan")
    search = replace(Search(id="G1", verdict=verdict), **found)
    told = with_next_look(search, config, prepared).verdict
    return told.next_step, told.next_command


@pytest.mark.parametrize(
    ("config", "wanted", "words", "command"),
    [
        (AWAY, WANTED, "let shop.example.com be read", f"{AGAIN} --i-own-this shop.example.com"),
        (
            replace(AWAY, gap_test=WorldConfig()),
            replace(ONLY, observe=True, minutes=3),
            "let shop.example.com be read",
            f"{AGAIN} --minutes 3 --only data --i-own-this shop.example.com --observe",
        ),
        (NO_START, WANTED, "[gap.test] has no start", "andon gap --plan"),
        (HERE, replace(WANTED, observe=True), "without --observe", AGAIN),
        (HERE, ONLY, "environment, dependency, scale, network", AGAIN),
        (HERE, WANTED, "production's dependency, of which nothing is known", "andon gap --plan"),
        (
            AWAY,
            replace(WANTED, consents=("shop.example.com",)),
            "production's dependency",
            "andon gap --plan",
        ),
    ],
    ids=["a host", "a host, as it was asked", "a start", "observed", "one kind", "undescribed", "consented"],
)
def test_the_cheapest_thing_is_named(
    tmp_path: Path, config: Config, wanted: Wanted, words: str, command: str
) -> None:
    told, given = step(tmp_path, config, wanted)
    assert words in told
    assert given == command


def test_a_search_that_was_cut_short_needs_more_time(tmp_path: Path) -> None:
    assert step(tmp_path, HERE, WANTED, seconds=599.0) == ("give it more time", f"{AGAIN} --minutes 30")


def test_what_is_not_narrowed_for_want_of_time_gets_more_of_it(tmp_path: Path) -> None:
    flipped = Verdict(answer=Answer.DATA, tier=Tier.FLIPPED, next_step="x", next_command="andon gap prevent")
    assert step(tmp_path, HERE, WANTED, verdict=flipped)[1] == "andon gap prevent"
    told, given = step(tmp_path, HERE, WANTED, verdict=flipped, seconds=599.0)
    assert "the exact place" in told and given == f"{AGAIN} --minutes 30"


def test_without_what_the_suite_left_it_is_run_once(tmp_path: Path) -> None:
    told, given = step(tmp_path, HERE, WANTED, known=False)
    assert "with traces" in told and given == AGAIN


def test_a_world_that_does_not_start_is_mended_first(tmp_path: Path) -> None:
    why = "the tests' own world could not be tried: python3: it ended with exit code 2 before it answered"
    kept = Verdict(answer=Answer.UNKNOWN, not_tried=(why,), next_command="andon gap --plan")
    assert step(tmp_path, HERE, WANTED, verdict=kept) == (
        f"mend what kept it from being tried: {why}",
        AGAIN,
    )


def test_a_flip_that_could_not_be_made_is_mended_first(tmp_path: Path) -> None:
    kept = Verdict(
        answer=Answer.UNKNOWN,
        not_tried=("environment: TOKEN is not flipped", "data alone: the database refuses"),
        next_command="andon gap --plan",
    )
    assert step(tmp_path, HERE, WANTED, verdict=kept) == (
        "mend what kept it from being tried: data alone: the database refuses",
        AGAIN,
    )


def test_what_says_something_of_its_own_is_left(tmp_path: Path) -> None:
    own = Verdict(answer=Answer.UNKNOWN, next_step="run the suite as it passed")
    assert step(tmp_path, AWAY, WANTED, verdict=own) == ("run the suite as it passed", "")
    found = Verdict(
        answer=Answer.DATA, kinds=(Kind.DATA,), tier=Tier.OBSERVED, next_step="prove it",
        next_command="andon gap --plan",
    )  # fmt: skip
    assert step(tmp_path, HERE, WANTED, verdict=found) == ("prove it", "andon gap --plan")
    assert step(tmp_path, HERE, replace(WANTED, observe=True), verdict=found)[1] == AGAIN
    assert "[gap.test] has no start" in step(tmp_path, NO_START, WANTED, verdict=found)[0]


def test_a_search_says_it(tmp_path: Path) -> None:
    """Nothing of what is described fails: the verdict asks for what is not described."""
    desk = FakeDesk(tmp_path, config=HERE)
    desk.gap_works = FakeWorks(ModelLaboratory((part(Kind.DATA, "orders"),), lambda world: False))
    found = find(desk, None, replace(prepare(desk, None, WANTED), beliefs=KNOWN), lambda _: None)
    assert found.search.verdict.answer is Answer.UNKNOWN
    assert "production's dependency" in found.search.verdict.next_step
    assert "[[gap.prod.dependency]]" in found.page

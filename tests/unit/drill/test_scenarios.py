"""Every scenario is complete: its releases can be built, its decisions have one best answer."""

from datetime import UTC, datetime

import pytest

from andon.drill.releases import HISTORY, Release, Repository
from andon.drill.scenarios import SCENARIOS, bad_release, cause_unclear, known_quick_fix
from andon.drill.script import Decision, Step

NAMES = tuple(SCENARIOS)


@pytest.fixture
def shop(tmp_path) -> Repository:
    made = Repository(str(tmp_path / "shop"))
    made.create()
    for release in HISTORY:
        made.release(release, datetime(2026, 1, 1, tzinfo=UTC))
    return made


@pytest.mark.parametrize("release", [bad_release.RELEASE, cause_unclear.RELEASE, known_quick_fix.HOTFIX])
def test_the_release_of_a_scenario_follows_the_history_and_compiles(shop, release: Release) -> None:
    shop.release(release, datetime(2026, 1, 2, tzinfo=UTC))
    assert shop.git("describe", "--tags").strip() == release.version
    for name in shop.git("ls-files", "*.py").split():
        compile(shop.read(name), name, "exec")
    assert f'__version__ = "{release.version[1:]}"' in shop.read("shop/__init__.py")


@pytest.mark.parametrize("release", [bad_release.RELEASE, cause_unclear.RELEASE])
def test_a_release_that_breaks_production_had_green_tests(shop, release: Release) -> None:
    shop.release(release, datetime(2026, 1, 2, tzinfo=UTC))
    assert shop.test()[0] == 0


def test_the_hotfix_is_red_before_and_green_after(shop) -> None:
    shop.edit(known_quick_fix.TEST)
    code, words = shop.test()
    assert code != 0
    assert "IndexError" in words
    shop.edit(known_quick_fix.FIX)
    assert shop.test()[0] == 0


def decisions(name: str) -> list[Decision]:
    return [part for part in SCENARIOS[name].script if isinstance(part, Decision)]


@pytest.mark.parametrize("name", NAMES)
def test_every_decision_has_one_best_option_that_ends_it(name: str) -> None:
    assert len(decisions(name)) >= 5
    for decision in decisions(name):
        points = sorted((o.points for o in decision.options), reverse=True)
        assert points[0] > points[1], decision.name
        assert not decision.best.again, decision.name
        assert all(o.because for o in decision.options)


@pytest.mark.parametrize("name", NAMES)
def test_the_way_through_proves_something_at_every_stage(name: str) -> None:
    steps: list[Step] = []
    for part in SCENARIOS[name].script:
        steps.extend([part] if isinstance(part, Step) else part.best.steps)
    proven = {check for step in steps for check in step.proves}
    assert {"impact-confirmed", "evidence-captured", "broken-part-identified", "failure-resolved"} <= proven
    assert {"no-new-failures", "postmortem-scheduled", "cause-documented"} <= proven


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_is_called_by_its_name(name: str) -> None:
    assert SCENARIOS[name].name == name
    assert SCENARIOS[name].summary

"""Every scenario is complete: its releases can be built, its decisions have one best answer."""

from datetime import UTC, datetime

import pytest

from andon.drill.releases import HISTORY, Release, Repository
from andon.drill.scenarios import (
    SCENARIOS,
    bad_release,
    boot_migrate_trap,
    cause_unclear,
    irreversible_migration,
    known_quick_fix,
    two_bad_releases,
    worker_killed,
)
from andon.drill.script import Decision, Step

NAMES = tuple(SCENARIOS)


@pytest.fixture
def shop(tmp_path) -> Repository:
    made = Repository(str(tmp_path / "shop"))
    made.create()
    for release in HISTORY:
        made.release(release, datetime(2026, 1, 1, tzinfo=UTC))
    return made


@pytest.mark.parametrize(
    "release",
    [
        bad_release.RELEASE,
        cause_unclear.RELEASE,
        known_quick_fix.HOTFIX,
        irreversible_migration.RELEASE,
        two_bad_releases.FIRST,
    ],
    ids=lambda release: release.message,
)
def test_the_release_of_a_scenario_follows_the_history_and_compiles(shop, release: Release) -> None:
    shop.release(release, datetime(2026, 1, 2, tzinfo=UTC))
    assert shop.git("describe", "--tags").strip() == release.version
    for name in shop.git("ls-files", "*.py").split():
        compile(shop.read(name), name, "exec")
    assert f'__version__ = "{release.version[1:]}"' in shop.read("shop/__init__.py")


@pytest.mark.parametrize(
    "release",
    [bad_release.RELEASE, cause_unclear.RELEASE, irreversible_migration.RELEASE, two_bad_releases.FIRST],
    ids=lambda release: release.message,
)
def test_a_release_that_breaks_production_had_green_tests(shop, release: Release) -> None:
    shop.release(release, datetime(2026, 1, 2, tzinfo=UTC))
    assert shop.test()[0] == 0


def test_the_release_of_the_boot_trap_had_green_tests_on_its_own_past(shop) -> None:
    for release in (boot_migrate_trap.STRICT, boot_migrate_trap.RELEASE):
        shop.release(release, datetime(2026, 1, 2, tzinfo=UTC))
        assert shop.test()[0] == 0


def test_the_shop_that_warms_up_has_green_tests(shop) -> None:
    shop.release(worker_killed.WARM, datetime(2026, 1, 2, tzinfo=UTC))
    assert shop.test()[0] == 0
    shop.release(bad_release.RELEASE, datetime(2026, 1, 3, tzinfo=UTC))
    assert shop.test()[0] == 0


def test_the_second_bad_release_had_green_tests_too(shop) -> None:
    for release in (two_bad_releases.FIRST, two_bad_releases.SECOND):
        shop.release(release, datetime(2026, 1, 2, tzinfo=UTC))
    assert shop.test()[0] == 0


@pytest.mark.parametrize(
    ("before", "test", "cure", "error"),
    [
        ((), known_quick_fix.TEST, known_quick_fix.FIX, "IndexError"),
        (
            (irreversible_migration.RELEASE,),
            irreversible_migration.TEST,
            irreversible_migration.CURE,
            "KeyError",
        ),
        (
            (boot_migrate_trap.STRICT, boot_migrate_trap.RELEASE),
            boot_migrate_trap.TEST,
            boot_migrate_trap.CURE,
            "KeyError",
        ),
        (
            (two_bad_releases.FIRST, two_bad_releases.SECOND),
            two_bad_releases.TEST,
            two_bad_releases.CURE,
            "TypeError",
        ),
    ],
    ids=["known-quick-fix", "irreversible-migration", "boot-migrate-trap", "two-bad-releases"],
)
def test_the_test_is_red_before_the_cure_and_green_after(shop, before, test, cure, error) -> None:
    for release in before:
        shop.release(release, datetime(2026, 1, 2, tzinfo=UTC))
    shop.edit(test)
    code, words = shop.test()
    assert code != 0
    assert error in words
    shop.edit(cure)
    assert shop.test()[0] == 0


#: Nobody pulls the cord: what watches the rollout declares the incident, with its evidence.
BY_ITSELF = {"bad-rollout"}


def decisions(name: str) -> list[Decision]:
    return [part for part in SCENARIOS[name].script if isinstance(part, Decision)]


@pytest.mark.parametrize("name", NAMES)
def test_every_decision_has_one_best_option_that_ends_it(name: str) -> None:
    # What the machine decides and declares by itself is asked of nobody.
    assert len(decisions(name)) >= (3 if name in BY_ITSELF else 5)
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
    declared = set() if name in BY_ITSELF else {"impact-confirmed", "evidence-captured"}
    assert {*declared, "broken-part-identified", "failure-resolved"} <= proven
    assert {"no-new-failures", "cause-documented"} <= proven
    assert "postmortem-scheduled" in proven or name in BY_ITSELF, "its one customer in twenty is a P2"


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_is_called_by_its_name(name: str) -> None:
    assert SCENARIOS[name].name == name
    assert SCENARIOS[name].summary

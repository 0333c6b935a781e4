"""The scenarios by name; each file is one way for a production to break."""

from __future__ import annotations

from andon.drill.scenarios import (
    bad_release,
    bad_rollout,
    boot_migrate_trap,
    cause_unclear,
    dependency_down,
    irreversible_migration,
    kill_switch,
    known_quick_fix,
    leak,
    tests_passed,
    two_bad_releases,
    worker_killed,
)
from andon.drill.script import Scenario

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        bad_release.SCENARIO,
        cause_unclear.SCENARIO,
        known_quick_fix.SCENARIO,
        dependency_down.SCENARIO,
        irreversible_migration.SCENARIO,
        two_bad_releases.SCENARIO,
        boot_migrate_trap.SCENARIO,
        worker_killed.SCENARIO,
        leak.SCENARIO,
        kill_switch.SCENARIO,
        bad_rollout.SCENARIO,
        tests_passed.SCENARIO,
    )
}

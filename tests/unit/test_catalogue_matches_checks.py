"""What a protocol can bind to and what the machine can answer are the same list."""

from __future__ import annotations

from andon.incident.checks import CHECKS
from andon.incident.policy import NEVER_JUSTIFIED
from andon.incident.proof import AFTER_CHANGE
from andon.incident.signing import _GATES
from andon.protocol.catalogue import CATALOGUE


def test_every_machine_check_has_its_function_and_the_other_way_round() -> None:
    machine = {check.id for check in CATALOGUE.values() if check.kind == "machine"}
    assert machine == set(CHECKS)


def test_the_rules_name_checks_that_exist() -> None:
    for names in (NEVER_JUSTIFIED, AFTER_CHANGE, _GATES):
        assert set(names) <= set(CATALOGUE)
    assert set(_GATES) <= set(CHECKS)


def test_no_manual_check_pretends_to_be_answered() -> None:
    manual = {check.id for check in CATALOGUE.values() if check.kind == "manual"}
    assert manual and not manual & set(CHECKS)

"""Every rule that something answers has an example that it stops and one that it lets through."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from andon.desk.gate.guard import NOT_YET
from andon.desk.gate.rules import MODULES, check_for
from andon.errors import AndonError
from andon.incident.words import Verdict
from andon.response.gates.results import RuleResult, unknown
from andon.response.gates.table import RULES
from tests.unit.desk.gate.examples import EXAMPLES, Example

TESTS = Path(__file__).resolve().parents[3]
#: Rules whose examples need more than a small change: the file that has them.
ELSEWHERE = {
    "configuration": "integration/test_gate_bad_input.py",
    "environment-files": "integration/test_secret_audit.py",
    "connected": "unit/response/guard/test_links.py",
    "loose-ends": "unit/response/guard/test_connected.py",
}


def answer(rule: str, example: Example, root: Path) -> RuleResult:
    if MODULES[rule] == "guard" and find_spec("andon.response.guard.judge") is None:
        pytest.skip("the guard is not here yet")
    check = check_for(rule)
    assert check is not None
    try:
        said = check(example.context(root))
        if said.evidence == NOT_YET:
            pytest.skip(f"the guard does not answer {rule} yet")
        return said
    except AndonError as problem:  # as desk.gate.run does
        return unknown(rule, str(problem), problem.remedy)


@pytest.mark.parametrize("rule", EXAMPLES)
def test_it_is_stopped(rule: str, tmp_path: Path) -> None:
    said = answer(rule, EXAMPLES[rule][0](), tmp_path)
    assert said.rule == rule and said.verdict is not Verdict.PASSED
    assert said.evidence and said.remedy


@pytest.mark.parametrize("rule", EXAMPLES)
def test_it_is_let_through(rule: str, tmp_path: Path) -> None:
    said = answer(rule, EXAMPLES[rule][1](), tmp_path)
    assert (said.rule, said.verdict, said.objections) == (rule, Verdict.PASSED, ())


def test_every_rule_has_examples() -> None:
    for rule in MODULES:
        if rule not in EXAMPLES:
            assert _is_tested(rule), f"{rule}: add it to tests/unit/desk/gate/examples.py"
    assert set(MODULES) <= {row.id for row in RULES}


def _is_tested(rule: str) -> bool:
    """Say whether a test of its own names the rule, with both of its verdicts."""
    files = [TESTS / ELSEWHERE[rule]] if rule in ELSEWHERE else sorted((TESTS / "unit").rglob("test_*.py"))
    for file in files:
        if not file.exists():
            pytest.skip(f"{file} is not here yet")
        text = file.read_text(encoding="utf-8")
        if f'"{rule}"' in text and (rule in ELSEWHERE or ("PASSED" in text and "FAILED" in text)):
            return True
    return False


def test_objections_name_their_rule(tmp_path: Path) -> None:
    for rule, (stopped, _) in EXAMPLES.items():
        said = answer(rule, stopped(), tmp_path)
        assert all(o.rule == rule and len(o.fingerprint) == 12 for o in said.objections)

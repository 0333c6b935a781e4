"""What is asked of a hotfix stands in `andon.toml` and the regression log: a fix does not ask for less."""

from __future__ import annotations

import pytest

from andon.incident.words import Verdict
from tests.unit.response.guard.edits import edit, judged

TOML = """service = "shop"

[[smoke]]
name = "front page"
url = "https://shop.example/"
status = 200
text = "Welcome to the shop"
json_has = ["cart.total", "cart.count"]
max_latency = 800
expect_headers = { server = "shop", etag = "" }

[[smoke]]
name = "database"
tcp = "db.example:5432"
tls = true

[[smoke]]
name = "checkout"
command = ["./smoke", "checkout"]
unknown = [2]

[[logs]]
name = "app"
file = "/var/log/shop.log"

[[known_error]]
signature = "price is None"

[verify]
in_a_row = 3

[ship]
test = ["./run-all-tests"]
audits = ["pip-audit", "npm audit"]
audit_days = 3

[[staging]]
name = "front page"
url = "https://staging.example/"

[gates]
protected = ["main", "release/*"]
ship_branches = true
severity = "medium"
unscanned = [".sql"]

[[scanner]]
name = "own"
command = ["./scan", "{output}"]
canary = { "a.js" = "eval(x)" }
"""
LOOSER = [
    ("status = 200\n", "status = [200, 500]\n", "status"),
    ("status = 200\n", "", "status"),
    ('text = "Welcome to the shop"\n', 'text = "shop"\n', "text"),
    ('text = "Welcome to the shop"\n', 'text = ""\n', "text"),
    ('"cart.total", "cart.count"', '"cart.total"', "json_has"),
    ("max_latency = 800", "max_latency = 8000", "max_latency"),
    ("max_latency = 800\n", "", "max_latency"),
    ("max_latency = 800", "max_latency = 800\ntimeout = 60", "timeout"),
    ("max_latency = 800", "max_latency = 800\nredirects = 5", "redirects"),
    ("max_latency = 800", "max_latency = 800\ncritical = false", "critical"),
    (', etag = ""', "", "expect_headers"),
    ('server = "shop"', 'server = ""', "expect_headers"),
    ('url = "https://shop.example/"', 'url = "https://shop.example/ping"', "url"),
    ("tls = true\n", "", "tls"),
    ('["./smoke", "checkout"]', '["true"]', "command"),
    ("unknown = [2]", "unknown = [1, 2]", "unknown"),
    ('[[logs]]\nname = "app"\nfile = "/var/log/shop.log"\n', "", "log `app` is gone"),
    ('[[known_error]]\nsignature = "price is None"\n', "", "known error `price is None` is gone"),
    ("in_a_row = 3", "in_a_row = 1", "in_a_row"),
    ("[verify]\nin_a_row = 3\n", "", "in_a_row"),
    ('["./run-all-tests"]', '["true"]', "test"),
    ('test = ["./run-all-tests"]\n', "", "test"),
    (', "npm audit"', "", "audits"),
    ("audit_days = 3", "audit_days = 90", "audit_days"),
    ('[[staging]]\nname = "front page"\nurl = "https://staging.example/"\n', "", "staging"),
    (', "release/*"', "", "protected"),
    ("ship_branches = true\n", "", "ship_branches"),
    ('severity = "medium"', 'severity = "critical"', "severity"),
    ('severity = "medium"\n', "", "severity"),
    ('[".sql"]', '[".sql", ".py"]', "unscanned"),
    ('canary = { "a.js" = "eval(x)" }\n', "", "canary"),
    ('canary = {', 'endings = [".js"]\ncanary = {', "endings"),
    ('["./scan", "{output}"]', '["true"]', "scanner"),
    ("[gates]", "[gates", "cannot be read"),
]  # fmt: skip
STRICTER = [
    ("status = 200\n", "status = 200\ntimeout = 2\n"),
    ('text = "Welcome to the shop"', 'text = "Welcome to the shop of pears"'),
    ('"cart.total", "cart.count"', '"cart.total", "cart.count", "cart.tax"'),
    ("max_latency = 800", "max_latency = 500"),
    ("unknown = [2]", "unknown = []"),
    ("in_a_row = 3", "in_a_row = 5"),
    ("audit_days = 3", "audit_days = 1"),
    ('severity = "medium"', 'severity = "low"'),
    ('[".sql"]', "[]"),
    ('"main", "release/*"', '"main", "release/*", "stable"'),
    ('service = "shop"', 'service = "store"'),
    ('name = "checkout"', 'name = "paying"'),
    ("[verify]", '[notify]\nP0 = ["mailto://a@example.com"]\n\n[verify]'),
]
LOG = """# Regressions

## REG-1 Prices below zero

- Symptom: a cart with a negative sum
- Test: tests/test_cart.py::test_sum

## REG-2 Two charges

- Symptom: charged twice
- Test: tests/test_pay.py::test_once
"""


@pytest.mark.parametrize(("old", "new", "word"), LOOSER)
def test_a_setting_that_asks_for_less_is_named(old: str, new: str, word: str) -> None:
    assert old in TOML
    changed = TOML.replace(old, new, 1)
    result = judged(edit("andon.toml", TOML, changed))["tests-kept"]
    assert result.verdict is Verdict.FAILED, changed
    assert any(word in objection.text for objection in result.objections)
    back = judged(edit("andon.toml", changed, TOML))["tests-kept"]
    may_object = {"url", "command", "test", "scanner"}  # another command, whichever of them is the better
    assert back.verdict is Verdict.PASSED or word in may_object, [o.text for o in back.objections]


@pytest.mark.parametrize(("old", "new"), STRICTER)
def test_a_setting_that_asks_for_more_passes(old: str, new: str) -> None:
    assert old in TOML
    result = judged(edit("andon.toml", TOML, TOML.replace(old, new, 1)))["tests-kept"]
    assert result.verdict is Verdict.PASSED, [o.text for o in result.objections]


def test_settings_that_were_empty_stand_for_everything() -> None:
    before = "[ship]\naudit_days = 3\n\n[gates]\nship_branches = true\n"
    for old, new in (("[ship]", '[ship]\naudits = ["a"]'), ("[gates]", '[gates]\nprotected = ["x"]')):
        result = judged(edit("andon.toml", before, before.replace(old, new)))["tests-kept"]
        assert result.verdict is Verdict.FAILED


def test_settings_that_move_out_of_sight_are_gone() -> None:
    result = judged(edit("old.toml", TOML, TOML, old_path="andon.toml"))["tests-kept"]
    assert len(result.objections) >= 5


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (LOG[LOG.index("\n## REG-2") :], ""),
        (LOG, None),
        ("- Test: tests/test_pay.py::test_once\n", ""),
        ("## REG-2 Two", "Two"),
    ],
)
def test_an_entry_of_the_regression_log_stays_with_its_test(old: str, new: str | None) -> None:
    result = judged(edit("docs/regressions.md", LOG, None if new is None else LOG.replace(old, new)))
    assert result["tests-kept"].verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("## REG-2", "## REG-3 More\n\n- Test: a.py::test_b\n\n## REG-2"),
        ("test_pay.py::test_once", "test_pay.py::test_only_once"),
        ("charged twice", "charged twice or more"),
    ],
)
def test_an_entry_of_the_regression_log_may_be_written_on(old: str, new: str) -> None:
    result = judged(edit("docs/regressions.md", LOG, LOG.replace(old, new)))["tests-kept"]
    assert result.verdict is Verdict.PASSED, [o.text for o in result.objections]

"""The strict reader of rule files refuses what Prometheus does, so that passing it means something."""

from __future__ import annotations

import re

import pytest

from tests.unit.gaps.prevention.rule_file import Expression, rule_groups

FILE = """\
groups:
  - name: shop
    rules:
      - alert: Gap
        expr: sum(rate(http_requests_total{status=~"5.."}[5m])) > 0.01
        for: 2m
        labels:
          severity: page
        annotations:
          summary: production fails again
"""


def test_a_rule_file_is_read() -> None:
    assert rule_groups(FILE)[0]["rules"][0]["alert"] == "Gap"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("groups:", "group:"),
        ("for: 2m", "for: 2 minutes"),
        ("for: 2m", "for: m"),
        ("for: 2m", "duration: 2m"),
        ("alert: Gap", "alarm: Gap"),
        ("severity: page", "severity-of: page"),
        ("severity: page", "severity: 5"),
        ("severity: page", "alertname: page"),
        ("production fails again", '"of {{y}}"'),
        ("[5m]", ""),
        ("> 0.01", ">"),
        ("    rules:", "    rules: []\n    others:"),
    ],
)
def test_a_file_that_prometheus_refuses_is_refused(old: str, new: str) -> None:
    with pytest.raises((AssertionError, KeyError)):
        rule_groups(FILE.replace(old, new))


@pytest.mark.parametrize(
    "text",
    [
        "up == 1",
        'sum by (le) (rate(seen_bucket{path=~"/a\\\\.b"}[5m])) / 2',
        "histogram_quantile(0.95, sum by (le) (rate(seen_bucket[5m]))) > 0.5",
        '{__name__="up"}',
        "(up + up) * 2 >= 1e3",
    ],
)
def test_an_expression_is_read(text: str) -> None:
    Expression(text).check()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sum(up",
        "up)",
        "up[5m]",
        "rate(up)",
        "rate(up[5m]) rate(up[5m])",
        "up[5 m]",
        'up{path="a"',
        "up{path=a}",
        'up{pa-th="a"}',
        'up{path=~"("}',
        'up{path="\\ud83d\\ude00"}',
        'up{path="\\x"}',
        "nothing_known(up)",
    ],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises((AssertionError, KeyError, re.error)):
        Expression(text).check()

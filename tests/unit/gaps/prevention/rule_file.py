"""A strict reader of Prometheus rule files, for promtool is not on every machine.

By the documents of Prometheus: "Defining recording rules" and "Alerting rules" for the file, "Querying
basics", "Operators" and "Functions" for expressions. What the project does not use is refused.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

_GROUP = {"name", "interval", "limit", "query_offset", "labels", "rules"}
_RULE = {"alert", "expr", "for", "keep_firing_for", "labels", "annotations"}
_DURATION = re.compile(r"0|(?=\d)(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
#: What a template does between its braces: a text that stands for itself is all that is used here.
_TEMPLATE = re.compile(r'\{\{\s*"(?:[^"\\]|\\.)*"\s*\}\}')
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\\n]|\\(?:[abfnrtv\\"]|u(?!d[89a-f])[0-9a-f]{4}))*")"""
    r"|(?P<duration>\d+(?:ms|[smhdwy]))|(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
    r"|(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)|(?P<mark>=~|!~|!=|==|>=|<=|[-+*/%^(){}\[\],=<>]))",
    re.IGNORECASE,
)
_AGGREGATIONS = {"sum", "avg", "min", "max", "count"}
#: Functions that are used, with how many arguments each takes, and which of them must be a range.
_FUNCTIONS = {"rate": (1, 0), "increase": (1, 0), "histogram_quantile": (2, None)}
_OPERATORS = {"+", "-", "*", "/", "%", "==", "!=", ">", "<", ">=", "<="}


def rule_groups(text: str) -> list[dict[str, Any]]:
    """Return the groups of a rule file; raises AssertionError for what Prometheus would refuse."""
    file = yaml.safe_load(text)
    assert set(file) == {"groups"}, file
    names = [group["name"] for group in file["groups"]]
    assert len(set(names)) == len(names), names
    for group in file["groups"]:
        assert {"name", "rules"} <= set(group) <= _GROUP, group
        assert isinstance(group["name"], str) and group["name"]
        assert group["rules"]
        for rule in group["rules"]:
            _check_rule(rule)
    return list(file["groups"])


def _check_rule(rule: dict[str, Any]) -> None:
    assert {"alert", "expr"} <= set(rule) <= _RULE, rule
    assert all(isinstance(rule[key], str) and rule[key] for key in ("alert", "expr")), rule
    for key in ("for", "keep_firing_for"):
        assert key not in rule or _DURATION.fullmatch(rule[key]), rule[key]
    for key in ("labels", "annotations"):
        for name, value in rule.get(key, {}).items():
            assert _LABEL.fullmatch(name) and not name.startswith("__") and name != "alertname", name
            assert isinstance(value, str), value
            assert "{{" not in _TEMPLATE.sub("", value), value
    Expression(rule["expr"]).check()


class Expression:
    """An expression of PromQL, as a walk over its tokens."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            assert found is not None, f"no token: {text[at:]!r}"
            self.tokens.append((found.lastgroup or "", found[found.lastgroup or 0]))
            at = found.end()
        self.at = 0

    def check(self) -> None:
        """Raise AssertionError for what is no expression, or is a range at the end."""
        assert not self.operation(), "an alert's expression is no range"
        assert self.at == len(self.tokens), self.tokens[self.at :]

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, *wanted: str, kind: str = "") -> str:
        assert self.at < len(self.tokens), f"it ends before {wanted or kind}"
        found, text = self.tokens[self.at]
        assert (text in wanted) if wanted else (found == kind), f"{text!r}, not {wanted or kind}"
        self.at += 1
        return text

    def operation(self) -> bool:
        """Walk over operands and operators; return whether it is a range."""
        is_range = self.operand()
        while self.peek() in _OPERATORS:
            self.take(*_OPERATORS)
            assert not is_range and not self.operand(), "operators are for no ranges"
        return is_range

    def operand(self) -> bool:
        kind = self.tokens[self.at][0] if self.at < len(self.tokens) else ""
        if kind == "number":
            self.take(kind="number")
            return False
        if self.peek() == "(":
            self.take("(")
            is_range = self.operation()
            self.take(")")
            return is_range
        if self.peek() == "{":
            return self.selector()
        name = self.take(kind="name")
        if name in _AGGREGATIONS:
            self.grouping()
            assert self.arguments() == [False], f"{name} is of one vector"
            self.grouping()
            return False
        if self.peek() == "(":
            count, range_at = _FUNCTIONS[name]
            given = self.arguments()
            assert given == [at == range_at for at in range(count)], f"{name}{given}"
            return False
        return self.selector()

    def grouping(self) -> None:
        if self.peek() in ("by", "without"):
            self.take("by", "without")
            self.take("(")
            while self.peek() != ")":
                assert _LABEL.fullmatch(self.take(kind="name"))
                if self.peek() == ",":
                    self.take(",")
            self.take(")")

    def arguments(self) -> list[bool]:
        self.take("(")
        given = [self.operation()]
        while self.peek() == ",":
            self.take(",")
            given.append(self.operation())
        self.take(")")
        return given

    def selector(self) -> bool:
        """Walk over the matchers and the range of a selector; return whether it has a range."""
        if self.peek() == "{":
            self.take("{")
            while self.peek() != "}":
                assert _LABEL.fullmatch(self.take(kind="name"))
                matcher = self.take("=", "!=", "=~", "!~")
                value = yaml.safe_load(self.take(kind="string"))
                if "~" in matcher:
                    re.compile(value)
                if self.peek() == ",":
                    self.take(",")
            self.take("}")
        if self.peek() != "[":
            return False
        self.take("[")
        assert _DURATION.fullmatch(self.take(kind="duration"))
        self.take("]")
        return True

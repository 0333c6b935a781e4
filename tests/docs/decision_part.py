"""The rule table and the tables of policy, made from the code that decides."""

from __future__ import annotations

from andon.config.model_team import DecisionConfig
from andon.incident.policy import NEVER_JUSTIFIED
from andon.response.choice import RULES
from tests.docs.marked import table
from tests.docs.records_part import Field, described


def rules() -> str:
    """Return the rule table in the order in which it is read."""
    rows = [
        (number, f"`{rule.name}`", f"`{rule.choice}`", rule.because)
        for number, rule in enumerate(RULES, start=1)
    ]
    return table(("", "rule", "recommends", "because"), rows)


def thresholds() -> str:
    """Return the thresholds with their settings and defaults, in minutes."""
    meanings = {field.name: field.meaning for field in _fields("config/model_team.py", "DecisionConfig")}
    meanings |= {field.name: field.meaning for field in _fields("response/choice.py", "Thresholds")}
    rows = [
        (f"`[decision] {name}`", f"{value:g}", meanings[name])
        for name, value in DecisionConfig.__defaults__.items()
    ]
    return table(("setting", "minutes", "means"), rows)


def never_justified() -> str:
    """Return the checks that nobody can skip."""
    return table(("check", "because"), ((f"`{check}`", why) for check, why in NEVER_JUSTIFIED.items()))


def _fields(module: str, record: str) -> tuple[Field, ...]:
    return next(r.fields for r in described(module) if r.name == record)

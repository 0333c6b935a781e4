"""What can be wrong with a flag: the table of rules (docs/reference/flag-lint.md), and one finding."""

from __future__ import annotations

import re

from andon.incident.digest import digest
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class LintRule(Record):
    """One row of the table."""

    id: str
    #: What it asks, as a question that yes answers well.
    asks: str
    #: A sign alone proves nothing: it is told, and never stops anybody.
    is_sign: bool = False


RULES: tuple[LintRule, ...] = (
    LintRule(id="flag-invalid", asks="Can the flag be evaluated as it is written?"),
    LintRule(id="flag-owner", asks="Does it say who answers for it, what for, of which kind, since when?"),
    LintRule(id="flag-default-on", asks="Is a new feature off for everybody until somebody turns it on?"),
    LintRule(id="flag-expired", asks="Is it gone by the day on which it was to be gone?"),
    LintRule(id="flag-cycle", asks="Do its prerequisites end somewhere, at flags that exist?"),
    LintRule(id="rollout-not-monotone", asks="Does everybody who has it at 5 % still have it at 50 %?"),
    LintRule(id="flag-as-setting", asks="Does it switch something, rather than configure it?", is_sign=True),
    LintRule(id="flag-undefined", asks="Is every flag that the code asks for defined?"),
    LintRule(id="flag-nested", asks="Is no flag asked for inside a branch of another flag?"),
    LintRule(id="flag-dynamic", asks="Does the code say which flag it asks for?", is_sign=True),
    LintRule(id="flag-unreferenced", asks="Does the code ask for it?", is_sign=True),
    LintRule(id="flag-settled", asks="Does it still decide something?", is_sign=True),
    LintRule(id="flag-unused", asks="Is it still evaluated?", is_sign=True),
    LintRule(id="flag-left-over", asks="Do several signs agree that it is still needed?"),
)
BY_ID = {rule.id: rule for rule in RULES}


class FlagFinding(Record):
    """One thing that is wrong with one flag, or with one place that asks for it."""

    rule: str
    #: The flag; "" where nobody can say which one is meant.
    key: str
    #: Relative to the root of the repository; line from 1, 0 where none is known.
    path: str
    line: int = 0
    #: What is wrong, in one sentence, with what it was seen by.
    text: str
    #: The deed or command that makes it right.
    remedy: str = ""
    #: What stays the same when other lines move; "" for the text itself.
    subject: str = ""

    @property
    def is_sign(self) -> bool:
        """True when it is one sign of several, which stops nobody."""
        return BY_ID[self.rule].is_sign

    @property
    def place(self) -> str:
        """`path:line`, or `path`."""
        return f"{self.path}:{self.line}" if self.line else self.path

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that name this finding, whatever moves around it."""
        words = "\0".join((self.rule, self.path, self.key, self.subject or self.text))
        return digest(words.encode("utf-8", "backslashreplace"))[:12]


def command(verb: str, key: str, *words: str) -> str:
    """Return a command about a flag that a person may paste, whatever the file has as its key."""
    plain = re.fullmatch(r"[\w][\w.:/-]*", key, re.ASCII)
    given = key if plain else "'" + key.replace("'", "'\\''") + "'"
    return " ".join(("andon flags", verb, given, *words))


def in_order(findings: Iterable[FlagFinding]) -> tuple[FlagFinding, ...]:
    """Return findings by rule in the order of the table, then by place; each once."""
    order = {rule.id: number for number, rule in enumerate(RULES)}
    unique = {(f.rule, f.path, f.line, f.key, f.text): f for f in findings}
    return tuple(sorted(unique.values(), key=lambda f: (order[f.rule], f.path, f.line, f.key)))

"""What ruff's security rules (`S`, after bandit) say, read from its JSON.

Ruff does not grade: what bandit says of the same rule is taken (its documentation, "Complete Test Plugin
Listing" and "Blacklist Plugins"); a rule that is not in the table is medium.
"""

from __future__ import annotations

import json
import re

from andon.errors import Unavailable
from andon.response.findings.finding import Finding, Grade, Scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

TOOL = "ruff"
_LOW = (
    "S101", "S105", "S106", "S107", "S110", "S112", "S311", "S401", "S403", "S404", "S405", "S406", "S407",
    "S408", "S409", "S504", "S603", "S606", "S607",
)  # fmt: skip
_HIGH = (
    "S103", "S201", "S202", "S304", "S312", "S321", "S324", "S402", "S411", "S412", "S413", "S415", "S501",
    "S502", "S503", "S505", "S507", "S602", "S605", "S609", "S701",
)  # fmt: skip
_GRADES = dict.fromkeys(_LOW, Grade.LOW) | dict.fromkeys(_HIGH, Grade.HIGH)
#: An `assert` is a habit, not a weakness; of 255 fixes of public projects 3 add one outside of tests.
_LEFT_OUT = ("S101",)
_TEST_FILE = re.compile(
    r"(?i)(?:^|/)(?:tests?|testing)/|(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.pyi?$",
)
_SILENCED = re.compile(r"#\s*(?:ruff:\s*)?noqa\b", re.IGNORECASE)
_LONGEST = 500


def read_ruff(content: bytes, texts: Mapping[str, str], names: Mapping[str, str]) -> Scan:
    """Return what ruff found; `names` has the path of every file by the name it had when it was looked at.

    S101 is left out, and what is low in tests: made-up passwords, chance. A file that it cannot parse is a
    problem: none of its rules looked at it. Raises Unavailable for anything but a list of findings.
    """
    try:
        listed = json.loads(content)
    except (ValueError, RecursionError) as problem:
        raise _odd("it is not JSON") from problem
    if not isinstance(listed, list):
        raise _odd("it is not a list")
    found: list[Finding] = []
    broken: dict[str, str] = {}
    for entry in listed:
        if not isinstance(entry, dict):
            raise _odd("an entry is not a table")
        path = names.get(str(entry.get("filename", "")).replace("\\", "/").rpartition("/")[2], "")
        code, message = entry.get("code"), str(entry.get("message", ""))[:_LONGEST]
        line, end, silencer = (_row(entry, key) for key in ("location", "end_location", "noqa_row"))
        if not isinstance(code, str) or code == "invalid-syntax":
            broken.setdefault(path, f"{path}:{line}: it is not Python that ruff can read: {message}")
            continue
        grade = _GRADES.get(code, Grade.MEDIUM)
        if code in _LEFT_OUT or (grade is Grade.LOW and _TEST_FILE.search(path)):
            continue
        lines = texts.get(path, "").split("\n")
        quiet = any(0 < n <= len(lines) and _SILENCED.search(lines[n - 1]) for n in {line, silencer})
        found.append(
            Finding(
                tool=TOOL,
                rule=code,
                grade=grade,
                path=path,
                line=line,
                end_line=max(end, line),
                message=message,
                is_silenced=quiet or _is_silenced_file(lines),
            )
        )
    return Scan(tool=TOOL, findings=tuple(found), problems=tuple(broken.values()), broken=tuple(broken))


def _row(entry: dict[str, object], key: str) -> int:
    value = entry.get(key)
    row = value.get("row") if isinstance(value, dict) else value
    return row if type(row) is int and 0 < row < 1 << 31 else 0


def _is_silenced_file(lines: list[str]) -> bool:
    return any(re.match(r"\s*#\s*(?:ruff|flake8):\s*noqa\b", line, re.IGNORECASE) for line in lines[:200])


def _odd(why: str) -> Unavailable:
    return Unavailable(
        f"what ruff answers is not understood: {why}",
        where="ruff check --output-format json",
        rule="no-new-finding",
        remedy="ruff --version; then bring ruff up to date",
    )

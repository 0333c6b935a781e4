"""Asking an installed scanner for secrets as well, never over the network; what it quotes is not read.

Both tools can ask providers whether a secret works, and one looks for a new version of itself: both are
switched off by flag and by environment, and each repository's own rules and comments are not believed.
"""

from __future__ import annotations

import os
import shutil
import tempfile

from andon.errors import InvalidInput
from andon.production.process import run
from andon.response.findings.finding import Finding, Grade, Scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: Bytes of an answer, and seconds to wait for it: one of the tools compiles its rules for 14 s at first.
_LARGEST, _PATIENCE = 32 << 20, 900.0
_WORDS = {
    "kingfisher": (
        "scan", "--no-validate", "--no-update-check", "--no-ignore", "--redact", "--git-history", "none",
        "--format", "sarif", "--",
    ),
    "betterleaks": (
        "auto", "--no-banner", "--no-allow-signatures", "--redact", "-l", "error", "-o", "-", "--",
    ),
}  # fmt: skip
#: What would send a secret away, whoever set it.
_DANGEROUS = ("BETTERLEAKS_", "KINGFISHER_", "KF_", "GITLEAKS_")


def ask_scanner(tool: str, paths: Sequence[str]) -> tuple[Scan, ...]:
    """Return what a scanner finds in files and directories; one that is not installed has not looked.

    Raises InvalidInput for a tool that is not known here.
    """
    if tool not in _WORDS:
        raise InvalidInput(
            f"{tool[:40]!r} is no scanner that can be asked",
            where="--second-opinion",
            rule="secrets",
            remedy=f"one of: {', '.join(_WORDS)}; or run it yourself: --merge FILE.sarif",
        )
    if shutil.which(tool) is None:
        told = f"{tool} was not asked, as it is not on PATH: install it, or leave --second-opinion out"
        return (Scan(tool=tool, problems=(told,)),)
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith(_DANGEROUS)}
    named = [os.path.abspath(path) for path in paths]
    with tempfile.TemporaryDirectory(prefix="andon-second-") as place:  # no rules of a repository lie there
        done = run(
            [tool, *_WORDS[tool], *named],
            cwd=place,
            env=surroundings,
            timeout=_PATIENCE,
            limit=_LARGEST,
            head=_LARGEST,
            apart=True,
        )
    if done.failure:
        return (Scan(tool=tool, problems=(f"{tool} was not asked: {done.failure}",)),)
    root = os.getcwd()
    if tool == "kingfisher":
        return _of_sarif(tool, done.output, root)
    return _of_betterleaks(done.output, root)


def _of_sarif(tool: str, answer: str, root: str) -> tuple[Scan, ...]:
    from andon.response.findings.sarif import read_sarif

    if not answer.strip():
        return (Scan(tool=tool, problems=(f"{tool} said nothing",)),)
    try:
        return read_sarif(answer.encode("utf-8", "surrogateescape"), where=tool, root=root)
    except InvalidInput as problem:
        return (Scan(tool=tool, problems=(f"{tool} gave no answer that can be read: {problem}",)),)


def _of_betterleaks(answer: str, root: str) -> tuple[Scan, ...]:
    import json

    tool = "betterleaks"
    try:
        told = json.loads(answer) if answer.strip() else None
    except ValueError:
        told = None
    scan = told.get("scan") if isinstance(told, dict) else None
    entries = told.get("findings") if isinstance(told, dict) else None
    if not isinstance(entries, list) or not isinstance(scan, dict):
        return (Scan(tool=tool, problems=(f"{tool} gave no answer that can be read",)),)
    state = scan.get("state")
    problems = () if state == "complete" else (f"{tool} says that its search is {str(state)[:40]}",)
    found = tuple(_finding(entry, root) for entry in entries if isinstance(entry, dict))
    return (Scan(tool=tool, findings=found, problems=problems),)


def _finding(entry: dict[str, object], root: str) -> Finding:
    place = entry.get("location")
    told = place if isinstance(place, dict) else {}
    path, line = str(told.get("path") or ""), told.get("start_line")
    return Finding(
        tool="betterleaks",
        rule=str(entry.get("rule_id") or "without a rule")[:200],
        grade=Grade.HIGH if entry.get("confidence") == "high" else Grade.MEDIUM,
        path=os.path.relpath(path, root) if os.path.isabs(path) else path,
        line=line if isinstance(line, int) else 0,
    )

"""The doctor's look at what the gates ask: scanners, audit tools, what proves a hotfix, secret files."""

from __future__ import annotations

import os

from andon.desk.audit_due import audit_is_due, last_audit
from andon.desk.diagnosis import Diagnosis, missing, ok
from andon.desk.prevent import tools_needed
from andon.desk.secret_files import look_at_secret_files
from andon.errors import AndonError
from andon.incident.words import Verdict, counted
from andon.response.audits.plan import INSTALL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.desk.ports import Desk


_AUDIT = "andon secrets audit"


def gate_tools(desk: Desk) -> Iterator[Diagnosis]:
    """Name the tools the gates would ask and cannot, before a release or a hotfix waits for them."""
    for scanner in desk.config.scanners:
        yield _program(desk, f"scanner {scanner.name}", scanner.command, "its [[scanner]] in andon.toml")
    yield from _audits(desk)
    hotfix = desk.config.hotfix
    if hotfix.test:
        yield _program(desk, "hotfix test", hotfix.test, "[hotfix] test in andon.toml")
    else:
        yield ok("hotfix test", "none: a smoke test that failed, or a person, has to show that it cures")
    if hotfix.build:
        yield _program(desk, "hotfix build", hotfix.build, "[hotfix] build in andon.toml")


def _audits(desk: Desk) -> Iterator[Diagnosis]:
    try:
        tools = tools_needed(desk)
    except AndonError:
        return  # no commit yet, or no repository: that is told already
    for tool, is_here in tools:
        if is_here:
            yield ok(f"audit {tool}", "is here, and so is a lock file it reads")
        else:
            yield missing(
                f"audit {tool}",
                "a lock file is here, and what would audit it is not on the PATH",
                INSTALL.get(tool, "andon prevent audit"),
            )


def secret_files(desk: Desk) -> Iterator[Diagnosis]:
    """Say whether git keeps secret files out, whether any are in, and when that was audited last."""
    try:
        found = look_at_secret_files(desk)
    except AndonError as problem:
        yield Diagnosis(
            subject="secret files", state="unknown", summary=str(problem), fix=problem.remedy or _AUDIT
        )
        return
    if found.verdict is Verdict.PASSED:
        yield ok("secret files", f"git ignores them by committed rules, and none is in ({found.summary})")
    else:
        first = found.findings[0]
        more = len(found.findings) - 1
        told = f"{first.path} {first.text}".strip() + (
            f", and {counted(more, 'more finding')}" if more else ""
        )
        state = "broken" if found.severe else "missing"
        yield Diagnosis(subject="secret files", state=state, summary=told, fix=_AUDIT)
    try:
        last = last_audit(desk)
    except AndonError:
        return  # the journal is told already
    if last is None:
        yield missing("secret audit", "never: nobody would be reminded to look again", _AUDIT)
    elif audit_is_due(desk, last):
        told = f"of {last:%Y-%m-%d}, older than {desk.config.secrets.audit_days} days"
        yield missing("secret audit", told, _AUDIT)
    else:
        yield ok("secret audit", f"of {last:%Y-%m-%d}")


def _program(desk: Desk, subject: str, command: tuple[str, ...], fix: str) -> Diagnosis:
    """Say whether the program of a command is there: a path from the root, or a name on the PATH."""
    from shutil import which  # only here: no everyday command looks for programs

    program = command[0]
    place = os.path.join(desk.config.root, program) if os.sep in program else program
    if which(place) is not None:
        return ok(subject, " ".join(command))
    where = "is no program in the repository" if os.sep in program else "is not on the PATH"
    return Diagnosis(subject=subject, state="broken", summary=f"{program} {where}", fix=fix)

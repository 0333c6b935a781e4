"""andon secrets audit: would git keep secret files out, and are any committed already?"""

from __future__ import annotations

from andon.cli.as_json import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, style
from andon.incident.words import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.desk.secret_files import SecretFilesAudit
    from andon.desk.team_files import Change
    from andon.secrets.ignore_audit import IgnoreFinding

_SHOWN = {
    Verdict.PASSED: ("clean", "green"),
    Verdict.FAILED: ("open", "yellow"),
    Verdict.UNKNOWN: ("unknown", "yellow"),
}
#: Findings of a kind that are listed; --json has them all.
_MOST = 30


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's words."""
    parser.add_argument(
        "--write", action="store_true", help="append the lines that lack to the .gitignore at the root"
    )


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Audit, record and show. Return 0 (nothing open), 1 (something is) or 3 (could not be read)."""
    from andon.desk.secret_files import audit_secret_files, write_rules  # not for the other verbs

    found = audit_secret_files(desk)
    written = write_rules(desk, found.proposal) if arguments.write else None
    if wants_json(arguments):
        print_json(_plain(found, written))
    else:
        _show(found, written)
        if arguments.write and not found.proposal.lines:
            print("  .gitignore lacks nothing: nothing was written")
    return {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.UNKNOWN: 3}[found.verdict]


def _plain(found: SecretFilesAudit, written: Change | None) -> dict[str, object]:
    return {
        "verdict": found.verdict.value,
        "commit": found.commit,
        "summary": found.summary,
        "findings": [whole(finding) for finding in found.findings],
        "gitignore": list(found.proposal.lines),
        "written": bool(written and written.changed),
        "notes": list(found.notes),
        "at": found.at,
    }


def _show(found: SecretFilesAudit, written: Change | None) -> None:
    from andon.secrets.ignore_audit import Kind

    word, colour = ("SEVERE", "red") if found.severe else _SHOWN[found.verdict]
    print(f"{style(word, 'bold', colour)}  {one_line(found.summary)}")
    for kind in dict.fromkeys(finding.kind for finding in found.findings):
        of_kind = [finding for finding in found.findings if finding.kind is kind]
        for finding in of_kind[:_MOST]:
            print(f"  {_told(finding)}")
        if len(of_kind) > _MOST:
            print(f"  and {len(of_kind) - _MOST} more: andon secrets audit --json")
        if kind is not Kind.NO_RULE:
            for remedy in dict.fromkeys(f.remedy for f in of_kind[:_MOST]):
                print(style(f"    -> {one_line(remedy, 300)}", "dim"))
    for note in found.notes:
        print(style(f"  note: {one_line(note, 300)}", "dim"))
    _next(found, written)


def _told(finding: IgnoreFinding) -> str:
    place = f"{finding.path}:{finding.line}" if finding.line else finding.path
    return one_line(f"{place} {finding.text}".strip(), 400)


def _next(found: SecretFilesAudit, written: Change | None) -> None:
    lines = found.proposal.lines
    if written is not None:
        done = "has them now" if written.changed else "had them already, and they are not committed"
        print(f"  .gitignore {done}: {one_line(' '.join(lines), 400)}")
        next_line("look at it and commit it; only a committed rule holds", "git add .gitignore")
    elif found.is_written:
        next_line("the .gitignore here has what lacks; only a committed rule holds", "git add .gitignore")
    elif lines:
        print("  .gitignore lacks:")
        for line in lines:
            print(f"    {one_line(line)}")
        next_line("add these lines", "andon secrets audit --write")
    elif found.findings:
        next_line("mend what is named, then look again", "andon secrets audit")
    else:
        next_line("nothing is open; it is on record for the SHIP gate", "andon ship check")

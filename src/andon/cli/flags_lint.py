"""andon flags lint: what is wrong with the flags, by rule and place, and what could not be found out."""

from __future__ import annotations

from andon.cli.output import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, style
from andon.desk.flags.lint import lint_flags
from andon.desk.redacting import shown
from andon.errors import NotFound, Unavailable
from andon.incident.words import counted
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.flags.lint import FlagLint
    from andon.desk.ports import Desk
    from andon.flags.hygiene.finding import FlagFinding

#: Findings of one rule that are shown without --json.
_MOST = 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's words."""
    parser.add_argument("key", nargs="?", default="", help="only this flag")
    parser.add_argument("--sarif", metavar="FILE", default="", help="write the findings as SARIF 2.1.0 too")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Print the findings; 1 when one is more than a sign, 3 when code that asks could not be read.

    How often flags are evaluated nobody may count: that is told, and does not stop anybody.
    """
    found = lint_flags(desk)
    found = replace(found, findings=shown(desk, found.findings), unknown=shown(desk, found.unknown))
    key = arguments.key
    findings = found.of(key) if key else found.findings
    if key and key not in found.defined.flags and not findings:
        raise NotFound(
            f"{found.defined.path} does not define {key}, and no code was seen to ask for it",
            where=key,
            rule="flag",
            remedy="andon flags list",
        )
    if arguments.sarif:
        _write_sarif(arguments.sarif, found, findings)
    code = _code(found, findings)
    if wants_json(arguments):
        print_json(_plain(found, findings))
        return code
    for rule in dict.fromkeys(one.rule for one in findings):
        _print_rule(rule, [one for one in findings if one.rule == rule])
    for unknown in found.unknown:
        print(f"{style(unknown.rule, 'yellow')}  not known: {one_line(unknown.why)}")
    firm = sum(not one.is_sign for one in findings)
    told = f"{counted(firm, 'finding')}, {counted(len(findings) - firm, 'sign')}"
    about = one_line(key) if key else counted(len(found.defined.flags), "flag")
    print(f"{told} about {about} in {one_line(found.defined.path)}")
    print(_searched(found))
    if first := next((one for one in findings if not one.is_sign), None):
        next_line(one_line(first.text), one_line(first.remedy))
    return code


def _code(found: FlagLint, findings: tuple[FlagFinding, ...]) -> int:
    if any(not one.is_sign for one in findings):
        return 1
    return 3 if found.scan.unread else 0


def _print_rule(rule: str, findings: list[FlagFinding]) -> None:
    print(style(rule, "dim" if findings[0].is_sign else "red"))
    for one in findings[:_MOST]:
        print(f"  {one_line(one.place)}  {one_line(one.text, 300)}")
    if len(findings) > _MOST:
        print(f"  and {len(findings) - _MOST} more: --json shows all")


def _searched(found: FlagLint) -> str:
    scan = found.scan
    skipped = ", ".join(f"{count} {why}" for why, count in sorted(scan.skipped.items()))
    told = f"{counted(scan.searched, 'file')} searched, {scan.remembered} of them known from before"
    return told + (f"; not searched: {skipped}" if skipped else "")


def _plain(found: FlagLint, findings: tuple[FlagFinding, ...]) -> dict[str, object]:
    return {
        "defined_in": found.defined.path,
        "flags": len(found.defined.flags),
        "findings": [
            {**whole(one), "is_sign": one.is_sign, "fingerprint": one.fingerprint} for one in findings
        ],
        "unknown": [whole(one) for one in found.unknown],
        "searched": found.scan.searched,
        "remembered": found.scan.remembered,
        "skipped": found.scan.skipped,
        "unread": list(found.scan.unread),
        "computed_keys": found.scan.computed,
    }


def _write_sarif(path: str, found: FlagLint, findings: tuple[FlagFinding, ...]) -> None:
    import json

    from andon import __version__
    from andon.cli.flag_sarif import sarif_of

    report = sarif_of(findings, found.scan.unread, __version__)
    try:
        with open(path, "w", encoding="utf-8", errors="backslashreplace") as file:
            json.dump(report, file, indent=1)
            file.write("\n")
    except OSError as problem:
        raise Unavailable(f"{problem.strerror}", where=path, remedy="another place for --sarif") from problem

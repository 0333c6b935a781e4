"""andon ship: may this commit be released? Ask, prove, waive, and record the decision."""

from __future__ import annotations

import os

from andon.cli.gate_table import CODES, Judged, plain, show
from andon.cli.output import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, rows, style
from andon.cli.ticking import ticking
from andon.errors import InvalidInput, NotFound, Unavailable
from andon.incident.words import Gear, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.desk.ship import Checked, Decided
    from andon.incident.events import SuiteRan
    from andon.incident.gate_record import Shipped

EPILOG = """\
examples:
  andon ship check
  andon ship test
  andon ship test --junit reports/junit.xml
  andon ship waive staging-smoke --reason "staging is rebuilt until Thursday" --until 3d
  andon ship waive audit-fresh:0f3a5b7c9d1e --reason "the weak function is never called"
  andon ship record v1.4.0"""

_COLOURS = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.UNKNOWN: "yellow"}
#: Bytes of a test report.
_LARGEST = 64 * 1024 * 1024
#: Ended waivers that are still listed.
_ENDED = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    check = verbs.add_parser("check", help="ask every rule of the gate about a commit (the default)")
    check.add_argument("commit", nargs="?", default="", help="a commit, tag or branch (default: HEAD)")
    record = verbs.add_parser("record", help="ask again, and record the decision to ship when it passes")
    record.add_argument(
        "version", nargs="?", default="", help="what the release is called (default: its tag)"
    )
    record.add_argument("--commit", default="", help="the commit (default: the version's tag, else HEAD)")
    test = verbs.add_parser("test", help="run the whole test command on a commit, in a checkout of its own")
    test.add_argument("commit", nargs="?", default="", help="a commit, tag or branch (default: HEAD)")
    test.add_argument("--junit", default="", metavar="FILE", help="take this report of CI instead of running")
    waive = verbs.add_parser("waive", help="answer for passing a rule, for some days")
    waive.add_argument("rule", help="the rule as the table names it, or RULE:FINGERPRINT for one objection")
    waive.add_argument("--reason", "-r", default="", help="why it may pass for now")
    waive.add_argument(
        "--until", default="", metavar="DAY", help="2026-05-01, 5d, 2w (default: 7d, most: 30d)"
    )
    waive.add_argument("--subject", default="", metavar="FINGERPRINT", help="only for this one objection")
    waive.add_argument("--withdraw", action="store_true", help="end the waiver")
    verbs.add_parser("waivers", help="who answers for what, why, and until when")
    abandon = verbs.add_parser("abandon", help="give up what was committed to ship")
    abandon.add_argument("--reason", "-r", default="", help="why")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Do what the verb says; without one, check HEAD."""
    match arguments.verb:
        case "record":
            return _record(desk, arguments)
        case "test":
            return _test(desk, arguments)
        case "waive":
            return _waive(desk, arguments)
        case "waivers":
            return _waivers(desk, arguments)
        case "abandon":
            return _abandon(desk, arguments)
        case _:
            return _check(desk, arguments)


def _check(desk: Desk, arguments: argparse.Namespace) -> int:
    from andon.desk.ship import check_ship

    with ticking() as tell:
        checked = check_ship(desk, getattr(arguments, "commit", ""), tell)
    code = CODES[checked.judgement.verdict]
    if wants_json(arguments):
        print_json({"commit": checked.commit, **plain(_judged(checked))})
        return code
    _show(checked, desk.config.words)
    if code == 0:
        next_line(f"{checked.commit[:10]} may be shipped", "andon ship record")
    return code


def _judged(checked: Checked, words: str = "gears") -> tuple[Judged, ...]:
    return (
        Judged(
            judgement=checked.judgement,
            why=checked.why,
            incident=checked.incident,
            base=checked.base,
            head=checked.commit,
            words=words,
        ),
    )


def _show(checked: Checked, words: str) -> None:
    """Print the table, what blocks, and in HOTFIX the other way."""
    since = f", compared with {checked.base[:10]}, which runs" if checked.base else ""
    print(f"commit {style(checked.commit[:10], 'bold')}{since}")
    if checked.judgement.gear is Gear.HOTFIX:
        print("in HOTFIX nothing is shipped but the hotfix, by its own gate: andon hotfix check")
    show(_judged(checked, words))


def _record(desk: Desk, arguments: argparse.Namespace) -> int:
    from andon.desk.ship import record_ship

    with ticking() as tell:
        decided = record_ship(desk, arguments.version, arguments.commit, tell)
    if decided.shipped is not None:
        return _recorded(arguments, decided, decided.shipped, desk.config.words)
    if decided.checked is None:
        return 4
    code = CODES[decided.checked.judgement.verdict]
    if wants_json(arguments):
        told = {"commit": decided.checked.commit, "recorded": False, **plain(_judged(decided.checked))}
        print_json(told)
        return code
    print(style("not recorded", "bold", "red") + ": the gate does not let it through")
    _show(decided.checked, desk.config.words)
    return code


def _recorded(arguments: argparse.Namespace, decided: Decided, shipped: Shipped, words: str) -> int:
    event = shipped.event
    if wants_json(arguments):
        told = {**whole(event), "by": shipped.by, "at": shipped.at, "repeated": decided.was_recorded}
        print_json({"recorded": True, **told})
        return 0
    if decided.checked is not None:
        _show(decided.checked, words)
    again = "was recorded before" if decided.was_recorded else "recorded"
    print(f"{style(again, 'bold', 'green')}: ship {one_line(event.version)} ({event.commit[:10]})")
    print(f"  decided by {one_line(shipped.by)} on {shipped.at:%Y-%m-%d %H:%M UTC}")
    if event.waived:
        print(f"  waived: {one_line(', '.join(event.waived))}")
    next_line("deploy it, and say so", f"andon deployed {event.version}")
    return 0


def _test(desk: Desk, arguments: argparse.Namespace) -> int:
    from andon.desk.suite import run_suite, take_report

    if arguments.junit:
        name = os.path.basename(arguments.junit)
        suite = take_report(desk, arguments.commit, _content(arguments.junit), name)
    else:
        with ticking(desk.config.ship.timeout) as tell:
            suite = run_suite(desk, arguments.commit, tell)
    if wants_json(arguments):
        print_json(whole(suite))
    else:
        _show_suite(desk, suite)
    return CODES[suite.verdict]


def _show_suite(desk: Desk, suite: SuiteRan) -> None:
    word = style(suite.verdict.value, "bold", _COLOURS[suite.verdict])
    took = f"  {suite.seconds:.1f} s" if suite.seconds else ""
    print(f"tests on {suite.commit[:10]}  {word}  {one_line(suite.summary)}{took}")
    if suite.verdict is not Verdict.PASSED and suite.evidence is not None and suite.command[0] != "junit":
        from andon.cli.terminal import say

        text = desk.evidence.get(suite.evidence).content.decode("utf-8", "replace")
        said = text.partition("\n\n")[2].strip()
        say("\n".join(f"  | {line}" for line in said.splitlines()[-20:]))
    if suite.verdict is Verdict.PASSED:
        next_line("green on this commit", "andon ship check")
    else:
        next_line("not green", "mend it and commit; then: andon ship test")


def _content(file: str) -> bytes:
    """Return what a report holds; raises NotFound, Unavailable, InvalidInput."""
    try:
        if not os.path.isfile(file):
            raise NotFound("there is no such file", where=file, remedy="andon ship test --junit FILE")
        with open(file, "rb") as report:
            content = report.read(_LARGEST + 1)
    except OSError as problem:
        raise Unavailable(
            f"it cannot be read: {problem.strerror}", where=file, remedy="check its permissions"
        ) from problem
    if len(content) > _LARGEST:
        raise InvalidInput(
            f"it is larger than {_LARGEST} bytes", where=file, rule="tests-green", remedy="andon ship test"
        )
    return content


def _ask_again(rule: str) -> None:
    """Say what asks the rule again: not every rule is one of a release."""
    from andon.response.gates.table import Point, rules_at

    if any(row.id == rule for row in rules_at(Point.SHIP)):
        next_line("ask again", "andon ship check")
    else:
        next_line("do again what it stopped", "git commit, or git push")


def _waive(desk: Desk, arguments: argparse.Namespace) -> int:
    from andon.desk.waiving import grant, withdraw

    if arguments.withdraw:
        gone = withdraw(desk, arguments.rule, arguments.reason, arguments.subject)
        if wants_json(arguments):
            print_json({**whole(gone), "withdrawn": True})
            return 0
        print(f"withdrawn: {one_line(gone.rule)} {one_line(gone.subject)}".rstrip())
        _ask_again(gone.rule)
        return 0
    given = grant(desk, arguments.rule, arguments.reason, arguments.until, arguments.subject)
    if wants_json(arguments):
        print_json({**whole(given), "by": desk.actor})
        return 0
    what = given.rule + (f", only {given.subject}" if given.subject else "")
    print(f"{style('waived', 'bold', 'cyan')}: {one_line(what)}, by {one_line(desk.actor)}")
    print(f"  until the end of {given.until:%Y-%m-%d} (UTC): {one_line(given.reason)}")
    _ask_again(given.rule)
    return 0


def _waivers(desk: Desk, arguments: argparse.Namespace) -> int:
    from andon.desk.waiving import granted, holds

    found = granted(desk)
    held = [w for w in found if holds(desk, w)]
    ended = [w for w in found if not holds(desk, w)][-_ENDED:]
    if wants_json(arguments):
        told = [{**whole(w.granted), "by": w.by, "at": w.at, "holds": w in held} for w in (*ended, *held)]
        print_json({"waivers": told})
        return 0
    if not held and not ended:
        print("  no waiver was granted")
    rows(
        (
            style("holds", "cyan") if waiver in held else style("ended", "dim"),
            waiver.granted.rule,
            waiver.granted.subject or "whole rule",
            f"until {waiver.granted.until:%Y-%m-%d}",
            waiver.by,
            waiver.granted.reason,
        )
        for waiver in (*ended, *held)
    )
    if held:
        next_line("take one back", f"andon ship waive {held[-1].granted.rule} --withdraw")
    else:
        next_line("nothing is waived", "andon ship check")
    return 0


def _abandon(desk: Desk, arguments: argparse.Namespace) -> int:
    from andon.desk.ship import abandon_ship

    event = abandon_ship(desk, arguments.reason)
    if wants_json(arguments):
        print_json({**whole(event), "abandoned": True})
        return 0
    print(f"given up: {one_line(event.reason)}")
    next_line("what holds now", "andon gear")
    return 0

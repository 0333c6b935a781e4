"""andon regressions: the team's regression log."""

from __future__ import annotations

from andon.cli.output import finish, print_json, summary, wants_json
from andon.cli.terminal import next_line, one_line, rows, say
from andon.desk import regressions as desk_regressions
from andon.desk.casefile import load
from andon.desk.team_files import read_given
from andon.incident.words import Verdict
from andon.review.regressions import FIELDS, OPTIONAL, entry_called, lint, read_fields, write_entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.desk.regressions import Checked
    from andon.response.gates.named_tests import Found

EPILOG = """\
example:
  andon regressions add --symptom "checkout answers 500 for old products" \\
    --root-cause "the price field is missing in rows from before March" \\
    --incorrect-behaviour "a missing price raised an error" \\
    --correct-solution "read the price with a default and fill in old rows" \\
    --enforced-path "only shop.pricing reads prices" \\
    --prevention-mechanism "a test buys an old product" \\
    --test tests/test_pricing.py::test_old_product
  andon regressions test REG-3 tests/test_pricing.py::test_old_product
  andon regressions check"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    verbs.add_parser("list", help="the entries of the log")
    add = verbs.add_parser("add", help="append an entry, and put it on record")
    for field, _, meaning in FIELDS:
        default = {"date": " (default: today)", "author": " (default: you)"}.get(field, "")
        add.add_argument(f"--{field.replace('_', '-')}", default="", help=f"{meaning}{default}")
    for field, _, meaning in OPTIONAL:
        add.add_argument(f"--{field}", default="", metavar="PATH::NAME", help=meaning)
    add.add_argument(
        "--from", dest="source", default="", metavar="FILE", help="a text with labels: **Symptom:** ..."
    )
    show = verbs.add_parser("show", help="print an entry")
    show.add_argument("entry", help="its id, such as REG-1")
    test = verbs.add_parser("test", help="let an entry name the test that fails when it comes back")
    test.add_argument("entry", help="its id, such as REG-1")
    test.add_argument("test", metavar="PATH::NAME", help="such as tests/test_prices.py::test_old_product")
    verbs.add_parser("check", help="do the tests that the entries name still exist, and run?")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Do what the verb says; without one, list."""
    match arguments.verb:
        case "add":
            return _add(desk, arguments)
        case "show":
            return _show(desk, arguments)
        case "test":
            return _name_test(desk, arguments)
        case "check":
            return _check(desk, arguments)
        case _:
            return _list(desk, arguments)


def _add(desk: Desk, arguments: argparse.Namespace) -> int:
    state = load(desk, getattr(arguments, "incident", None), closed_too=True)
    given = read_fields(read_given(arguments.source)) if arguments.source else {}
    given |= {field: text for field, _, _ in (*FIELDS, *OPTIONAL) if (text := getattr(arguments, field))}
    state, entry = desk_regressions.add(desk, state, given)
    if wants_json(arguments):
        print_json({**summary(state, desk.clock.now()), "entry": entry})
        return 0
    told = f"{entry.id} is in {desk.config.review.regressions}: {entry.symptom}"
    return finish(arguments, state, desk.clock.now(), told)


def _show(desk: Desk, arguments: argparse.Namespace) -> int:
    entries = desk_regressions.entries(desk)
    entry = entry_called(entries, arguments.entry, desk.config.review.regressions)
    if wants_json(arguments):
        print_json({"entry": entry, "incomplete": list(lint(entry))})
        return 0
    say(write_entry(entry).rstrip("\n"))
    if entry.test:
        next_line("is it there, and does it run?", "andon regressions check")
    else:
        next_line("which test keeps it from coming back?", f"andon regressions test {entry.id} PATH::NAME")
    return 0


def _name_test(desk: Desk, arguments: argparse.Namespace) -> int:
    entry = desk_regressions.name_test(desk, arguments.entry, arguments.test)
    if wants_json(arguments):
        print_json({"entry": entry})
        return 0
    print(f"{entry.id} names {one_line(entry.test)}")
    next_line("is it there, and does it run?", "andon regressions check")
    return 0


def _check(desk: Desk, arguments: argparse.Namespace) -> int:
    found = desk_regressions.checked(desk)
    verdicts = [checked.verdict for checked in found]
    code = 1 if Verdict.FAILED in verdicts else 3 if Verdict.UNKNOWN in verdicts else 0
    if wants_json(arguments):
        plain = [
            {
                "entry": one.entry.id,
                "line": one.entry.line,
                "verdict": one.verdict.value if one.verdict else "",
                "tests": [
                    {"test": name, "state": what.state.value if what else "", "why": what.why if what else ""}
                    for name, what in one.tests
                ],
                "offered": one.offer,
            }
            for one in found
        ]
        print_json({"file": desk.config.review.regressions, "entries": plain})
        return code
    table = []
    for one in found:
        place = f"{one.entry.file}:{one.entry.line}"
        table += [(one.entry.id, place, *_told(name, what)) for name, what in one.tests]
        if not one.tests:
            table.append((one.entry.id, place, "names none", one.entry.symptom))
    rows(table)
    if not found:
        print(f"no entries in {one_line(desk.config.review.regressions)}")
    _next_after_check(found, code)
    return code


def _told(name: str, what: Found | None) -> tuple[str, str]:
    if what is None:
        return "no test", "it names no path in the repository"
    return what.state.value, f"{name} ({what.why})" if what.why else name


def _next_after_check(found: tuple[Checked, ...], code: int) -> None:
    offer = next((one for one in found if one.offer), None)
    if code == 1:
        bad = next(one for one in found if one.verdict is Verdict.FAILED)
        next_line("bring it back, or name another", f"andon regressions test {bad.entry.id} PATH::NAME")
    elif offer is not None:
        told = "its prevention mechanism speaks of a test; is it the one?"
        next_line(told, f"andon regressions test {offer.entry.id} {offer.offer}")
    elif not found:
        next_line("the first entry is written after an incident", "andon regressions add")
    else:
        next_line("the gates ask the same of every commit", "andon gear")


def _list(desk: Desk, arguments: argparse.Namespace) -> int:
    entries = desk_regressions.entries(desk)
    name = desk.config.review.regressions
    if wants_json(arguments):
        print_json({"file": name, "entries": list(entries)})
        return 0
    if not entries:
        print(f"no entries in {one_line(name)}")
    rows((e.id, e.date, e.incident, "incomplete" if lint(e) else "", e.symptom) for e in entries)
    command = f"andon regressions show {entries[-1].id}" if entries else "andon regressions add"
    next_line("what keeps it from coming back?", command)
    return 0

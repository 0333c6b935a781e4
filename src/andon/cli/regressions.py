"""andon regressions: the team's regression log."""

from __future__ import annotations

from andon.cli.output import finish, print_json, summary, wants_json
from andon.cli.terminal import next_line, one_line, rows, say
from andon.desk import regressions as desk_regressions
from andon.desk.casefile import load
from andon.desk.team_files import read_given
from andon.errors import NotFound
from andon.review.regressions import FIELDS, lint, read_fields, write_entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk

EPILOG = """\
example:
  andon regressions add --symptom "checkout answers 500 for old products" \\
    --root-cause "the price field is missing in rows from before March" \\
    --incorrect-behaviour "a missing price raised an error" \\
    --correct-solution "read the price with a default and fill in old rows" \\
    --enforced-path "only shop.pricing reads prices" \\
    --prevention-mechanism "tests/test_pricing.py buys an old product\""""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    verbs.add_parser("list", help="the entries of the log")
    add = verbs.add_parser("add", help="append an entry, and put it on record")
    for field, _, meaning in FIELDS:
        default = {"date": " (default: today)", "author": " (default: you)"}.get(field, "")
        add.add_argument(f"--{field.replace('_', '-')}", default="", help=f"{meaning}{default}")
    add.add_argument(
        "--from", dest="source", default="", metavar="FILE", help="a text with labels: **Symptom:** ..."
    )
    show = verbs.add_parser("show", help="print an entry")
    show.add_argument("entry", help="its id, such as REG-1")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Do what the verb says; without one, list."""
    match arguments.verb:
        case "add":
            return _add(desk, arguments)
        case "show":
            return _show(desk, arguments)
        case _:
            return _list(desk, arguments)


def _add(desk: Desk, arguments: argparse.Namespace) -> int:
    state = load(desk, getattr(arguments, "incident", None), closed_too=True)
    given = read_fields(read_given(arguments.source)) if arguments.source else {}
    given |= {field: text for field, _, _ in FIELDS if (text := getattr(arguments, field))}
    state, entry = desk_regressions.add(desk, state, given)
    if wants_json(arguments):
        print_json({**summary(state, desk.clock.now()), "entry": entry})
        return 0
    told = f"{entry.id} is in {desk.config.review.regressions}: {entry.symptom}"
    return finish(arguments, state, desk.clock.now(), told)


def _show(desk: Desk, arguments: argparse.Namespace) -> int:
    entries = desk_regressions.entries(desk)
    wanted = arguments.entry.strip().upper()
    entry = next((e for e in entries if wanted in (e.id, e.id.removeprefix("REG-"))), None)
    if entry is None:
        raise NotFound(
            f"there is no entry {one_line(arguments.entry, 40)!r}",
            where=desk.config.review.regressions,
            remedy="andon regressions list",
        )
    if wants_json(arguments):
        print_json({"entry": entry, "incomplete": list(lint(entry))})
        return 0
    say(write_entry(entry).rstrip("\n"))
    return 0


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

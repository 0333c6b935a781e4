"""andon gap prevent: the test, the parity check, the rule and the answers that a gap leaves behind."""

from __future__ import annotations

import difflib
import os
import shlex
import sys

from andon.cli.gap_last import last_search
from andon.cli.output import headline, print_json, summary, wants_json
from andon.cli.terminal import next_line, one_line, rows, say, style
from andon.desk.casefile import load, open_ids
from andon.desk.gap.failure import Told
from andon.desk.gap.prevent import prevent
from andon.desk.gap.prevention import Wanted
from andon.desk.team_files import path_in, read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.gap.prevention import Made, Prevention
    from andon.desk.ports import Desk
    from andon.incident.state import Incident


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's words."""
    parser.add_argument(
        "--write", action="store_true", help="write the files and put them on record (default: show them)"
    )
    parser.add_argument(
        "--search",
        default="",
        metavar="FILE",
        help="output of andon gap --json (default: the incident's, else the last one)",
    )
    parser.add_argument(
        "--no-proof", action="store_true", help="run nothing: then no test is made, for none is kept unproven"
    )
    parser.add_argument("--minutes", type=float, default=5.0, metavar="N", help="for the proof (default: 5)")
    parser.add_argument(
        "--i-own-this", action="append", default=[], metavar="HOST", help="this host may be asked, read-only"
    )


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Make what prevents the gap; return 0 when all of it was made, 1 when something could not be."""
    named = getattr(arguments, "incident", None)
    state = load(desk, named) if named or (open_ids(desk) and not arguments.search) else None
    search = arguments.search or (last_search(desk) if state is None else "")
    wanted = Wanted(
        told=Told(),
        search=search,
        write=arguments.write,
        prove=not arguments.no_proof,
        minutes=arguments.minutes,
        consents=tuple(arguments.i_own_this),
    )
    quiet = wants_json(arguments) or not sys.stderr.isatty()
    found = prevent(desk, state, wanted, lambda text: None if quiet else print(text, file=sys.stderr))
    code = 1 if found.not_made else 0
    if wants_json(arguments):
        incident = summary(found.incident, desk.clock.now()) if found.incident is not None else None
        print_json({**_plain(found), "incident": incident})
        return code
    if search and not arguments.search:
        print(style(f"of the last search, {one_line(found.search.id)}; it belongs to no incident", "dim"))
    _tell(desk, found, f" --search {shlex.quote(arguments.search)}" if arguments.search else "")
    return code


def _tell(desk: Desk, found: Prevention, given: str) -> None:
    told = found.explanation
    for question, answer in (
        ("what did the tests miss?", told.missed),
        ("why did they miss it?", told.why),
        ("what catches it?", told.catch),
        ("what do they ask wrongly?", told.semantics),
    ):
        if answer:
            print(style(question, "bold"))
            rows(((answer,),))
    for one in found.made:
        _made(desk, one, found.written)
    for why in found.not_made:
        print(f"{style('not made', 'bold', 'yellow')}  {one_line(why, 400)}")
    for table, purpose in (
        (found.smoke, "to ask it in production"),
        (found.known_error, "to know it in the logs"),
    ):
        if table:
            print(style(f"for andon.toml, {purpose}", "bold"))
            say(table)
    if found.written:
        if found.incident is not None:
            _items(found.incident, found.search.id)
            print(headline(found.incident))
        next_line("check it in CI", "andon gap parity")
    else:
        step = (
            "write these files and put them on record" if found.incident is not None else "write these files"
        )
        next_line(step, f"andon gap prevent{given} --write")


def _items(state: Incident, search: str) -> None:
    """Say how many action items came of it, and how many are left to do."""
    own = [action for action in state.actions if action.origin == f"gap:{search}"]
    left = sum(action.state == "open" for action in own)
    print(f"{len(own)} action items, {left} of them open: andon actions")


def _made(desk: Desk, one: Made, is_written: bool) -> None:
    word = "written" if is_written and one.text else one.what
    proof = f": {one_line(one.proof)}" if one.proof else ""
    print(f"{style(word, 'bold', 'green')}  {style(one_line(one.path), 'bold')}{proof}")
    if one.title:
        rows(((one.title,),))
    if one.text and not is_written:
        before = read_text(path_in(desk.config.root, one.path)) or ""
        name = os.path.normpath(one.path)
        for line in difflib.unified_diff(
            before.splitlines(),
            one.text.splitlines(),
            f"a/{name}" if before else "/dev/null",
            f"b/{name}",
            lineterm="",
        ):
            say(f"  {line}")


def _plain(found: Prevention) -> dict[str, object]:
    told = found.explanation
    return {
        "search": found.search.id,
        "missed": told.missed,
        "why": told.why,
        "catch": told.catch,
        "semantics": told.semantics,
        "proposals": list(told.proposals),
        "made": [
            {"what": m.what, "path": m.path, "proof": m.proof, "title": m.title, "text": m.text}
            for m in found.made
        ],
        "not_made": list(found.not_made),
        "smoke": found.smoke,
        "known_error": found.known_error,
        "regression": found.regression,
        "written": found.written,
    }

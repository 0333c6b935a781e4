"""andon secrets scan: what is found, where, how sure; never what it says."""

from __future__ import annotations

import sys
import time

from andon.cli.as_json import print_json, wants_json
from andon.cli.gate_table import CODES
from andon.cli.terminal import next_line, one_line, rows, style
from andon.desk import secret_scan
from andon.errors import InvalidInput
from andon.incident.words import Verdict
from andon.secrets.finding import Tier

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from andon.desk.gate.secret_reading import SecretSearch
    from andon.desk.ports import Desk
    from andon.desk.secret_scan import Scanned, Told

#: Findings that are shown to a person; the others are counted.
_MOST = 50
#: Seconds between two lines about how far it is.
_EVERY = 1.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words of the verb."""
    words_of_a_place(parser)
    parser.add_argument(
        "--sarif", metavar="FILE", default="", help="write SARIF 2.1.0 too; - for standard output"
    )
    parser.add_argument(
        "--merge", action="append", default=[], metavar="FILE", help="take in what another tool found (SARIF)"
    )
    parser.add_argument(
        "--second-opinion",
        action="append",
        default=[],
        metavar="TOOL",
        help="ask an installed scanner too, offline: kingfisher, betterleaks (files and directories only)",
    )
    parser.add_argument("--verbose", action="store_true", help="show what is excepted too")


def words_of_a_place(parser: argparse.ArgumentParser) -> None:
    """Declare where it is looked."""
    parser.add_argument(
        "paths", nargs="*", default=[], metavar="PATH", help="files and directories, as they are on disk"
    )
    parser.add_argument("--staged", action="store_true", help="what a commit would bring (the default)")
    parser.add_argument("--range", metavar="A..B", default="", help="each commit of a range by itself")
    parser.add_argument("--history", action="store_true", help="every object that a reference reaches, once")
    parser.add_argument(
        "--unreachable", action="store_true", help="with --history: what nothing reaches any more too"
    )
    parser.add_argument("--stdin", action="store_true", help="what comes on standard input")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Look, show, and return 0 (none), 1 (a secret) or 3 (it could not be decided)."""
    search = look(desk, arguments)
    _merge(search, arguments)
    scanned = secret_scan.finished(desk, search)
    if arguments.sarif:
        _write_sarif(scanned, arguments.sarif)
    if wants_json(arguments):
        print_json(_plain(scanned))
    elif arguments.sarif != "-":
        _show(scanned, verbose=arguments.verbose)
    return 0 if scanned.result.is_only_hints else CODES[scanned.result.verdict]


def look(desk: Desk, arguments: argparse.Namespace) -> SecretSearch:
    """Search where the words say; raises InvalidInput for more than one place."""
    given = [
        name
        for name, value in (
            ("PATH", arguments.paths),
            ("--staged", arguments.staged),
            ("--range", arguments.range),
            ("--history", arguments.history),
            ("--stdin", arguments.stdin),
        )
        if value
    ]
    if len(given) > 1 or (arguments.unreachable and not arguments.history):
        told = " and ".join(given) if len(given) > 1 else "--unreachable without --history"
        raise InvalidInput(
            f"{told} cannot be asked together" if len(given) > 1 else f"{told} means nothing",
            where="andon secrets",
            rule="usage",
            remedy="name one place: andon secrets scan --history",
        )
    patience = secret_scan.PATIENCE_FOR_A_HISTORY if arguments.history else secret_scan.PATIENCE
    search = secret_scan.begin(desk, patience)
    if arguments.paths:
        from andon.production.files_on_disk import contents_below

        secret_scan.look_at_files(search, contents_below(arguments.paths))
    elif arguments.range:
        secret_scan.look_at_range(desk, search, arguments.range)
    elif arguments.history:
        secret_scan.look_at_history(desk, search, unreachable=arguments.unreachable, tell=_progress())
    elif arguments.stdin:
        search.pieces("standard input", _standard_input())
    else:
        secret_scan.look_at_staged(desk, search)
    return search


def _standard_input() -> Iterator[bytes]:
    while piece := sys.stdin.buffer.read(1 << 20):
        yield piece


def _progress() -> Callable[[int, int], None] | None:
    """Return what says how far it is, where somebody sees it."""
    if not sys.stderr.isatty():
        return None
    last = time.monotonic()

    def tell(done: int, of: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _EVERY:
            last = time.monotonic()
            print(f"{done} of {of} objects read ...", file=sys.stderr)

    return tell


def _merge(search: SecretSearch, arguments: argparse.Namespace) -> None:
    if not (arguments.merge or arguments.second_opinion):
        return
    from andon.desk.gate.given_files import read_given_sarif
    from andon.production.second_opinion import ask_scanner

    for name in arguments.merge:
        secret_scan.merge(search, read_given_sarif(name))
    if arguments.second_opinion and not arguments.paths:
        raise InvalidInput(
            "a second opinion is asked of files only",
            where="--second-opinion",
            rule="usage",
            remedy="andon secrets scan . --second-opinion kingfisher",
        )
    for tool in arguments.second_opinion:
        secret_scan.merge(search, ask_scanner(tool, tuple(arguments.paths)))


def _plain(scanned: Scanned) -> dict[str, object]:
    return {
        "verdict": "passed" if scanned.result.is_only_hints else scanned.result.verdict.value,
        "evidence": scanned.result.evidence,
        "files": scanned.files,
        "commits": scanned.commits,
        "findings": [_finding(one) for one in scanned.told],
        "problems": list(scanned.problems),
    }


def _finding(told: Told) -> dict[str, object]:
    return {
        "kind": told.kind,
        "tier": told.tier.value,
        "mark": told.mark,
        "path": told.objection.path,
        "line": told.objection.line,
        "commit": told.commit or None,
        "written_as": list(told.how),
        "text": told.objection.text,
        "fingerprint": told.objection.fingerprint,
        "excepted": told.excepted or None,
    }


def _show(scanned: Scanned, *, verbose: bool) -> None:
    left = [one for one in scanned.told if not one.excepted]
    shown = scanned.told if verbose else left
    rows(
        (
            _word(one),
            one.objection.fingerprint,
            one.objection.place or "-",
            one.objection.text + (f"; excepted by {one.excepted}" if one.excepted else ""),
        )
        for one in shown[:_MOST]
    )
    if len(shown) > _MOST:
        print(f"  and {len(shown) - _MOST} more: --json shows all")
    for problem in scanned.problems:
        print(f"  {style('does not count', 'yellow')}  {one_line(problem, 300)}")
    result = scanned.result
    if result.verdict is Verdict.PASSED:
        if result.evidence == "none":
            next_line("nothing was read: nothing is staged, or in the range", "andon secrets scan --history")
        else:
            next_line(one_line(result.evidence, 300), "")
    elif result.is_only_hints:
        next_line("nothing that is surely a secret; look at these yourself", "andon secrets except --help")
    elif result.verdict is Verdict.UNKNOWN:
        print(f"  {style('could not decide', 'bold', 'yellow')}  {one_line(result.evidence, 400)}")
        if result.evidence.startswith("the answer of "):
            next_line("what is here was looked at; what the other scanner says is not known", "")
        else:
            next_line(result.remedy, "")
    else:
        sure = sum(one.tier is Tier.BLOCK for one in left)
        first = next(one.mark for one in left if one.tier is Tier.BLOCK)
        next_line(
            f"{sure} of {len(left)} surely secret: take out what was never pushed; for each that was",
            f"andon leak start --finding {first}",
        )


def _word(told: Told) -> str:
    if told.excepted:
        return style("excepted", "cyan")
    return style("secret", "bold", "red") if told.tier is Tier.BLOCK else style("review", "yellow")


def _write_sarif(scanned: Scanned, place: str) -> None:
    import json

    from andon import __version__
    from andon.errors import Unavailable
    from andon.incident.words import Gear
    from andon.record import replace
    from andon.response.gates.judge import Effect, GateRow, Judgement
    from andon.response.gates.sarif_report import sarif_report
    from andon.response.gates.table import Point

    result = scanned.result
    effect = Effect.PASSES if result.verdict is Verdict.PASSED else Effect.BLOCKS
    sure = tuple(o for o in result.objections if not o.is_hint)
    hints = tuple(o for o in result.objections if o.is_hint)
    table = [
        GateRow(result=replace(result, objections=sure), effect=effect),
        GateRow(result=replace(result, objections=hints), effect=Effect.WARNS),
    ]
    table = [row for row in table if row.result.objections or (row.effect is effect and not hints)]
    judgement = Judgement(point=Point.CI, gear=Gear.BUILD, rows=tuple(table))
    text = json.dumps(sarif_report([judgement], __version__), indent=2, ensure_ascii=True) + "\n"
    if place == "-":
        print(text, end="")
        return
    try:
        with open(place, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as problem:
        raise Unavailable(f"it cannot be written: {problem.strerror}", where=place) from problem

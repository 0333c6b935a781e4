"""andon gap report: write the page of the newest search into a file."""

from __future__ import annotations

import sys

from andon.cli.gap_last import last_page
from andon.cli.output import print_json, wants_json
from andon.cli.terminal import next_line, say
from andon.desk.casefile import load, open_ids
from andon.desk.gap.report import Report, report
from andon.errors import NotFound, Refused, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.incident.state import Incident


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument(
        "--out", default="", metavar="FILE", help="default: gap-SEARCH.html here; - for standard output"
    )
    parser.add_argument("--force", action="store_true", help="overwrite the file")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Write the page; return 0."""
    named = getattr(arguments, "incident", None)
    name, page = last_page(desk) if not named and not open_ids(desk) else ("", "")
    state = None if page else _incident(desk, named)
    found = Report(search=name, page=page) if state is None else report(desk, state)
    if arguments.out == "-":
        sys.stdout.buffer.write(found.page.encode())
        return 0
    file = arguments.out or f"gap-{found.search}.html"
    _write(file, found, force=arguments.force)
    if wants_json(arguments):
        print_json(
            {"incident": state.id if state is not None else None, "search": found.search, "file": file}
        )
        return 0
    say(f"the report of search {found.search} is in {file}: one page that needs no network")
    next_line("keep the gap from coming back", "andon gap prevent")
    return 0


def _incident(desk: Desk, named: str | None) -> Incident:
    """Return the incident that is meant; where there was none yet, what is lacking is a search."""
    try:
        return load(desk, named, closed_too=True)
    except NotFound as problem:
        if named:
            raise
        raise NotFound(
            "nothing was searched here yet", where=desk.config.service, rule="gap-report", remedy="andon gap"
        ) from problem


def _write(file: str, found: Report, *, force: bool) -> None:
    try:
        with open(file, "w" if force else "x", encoding="utf-8") as into:
            into.write(found.page)
    except FileExistsError as problem:
        raise Refused(
            "there is a file of that name",
            where=file,
            rule="gap-report",
            remedy="andon gap report --force, or --out FILE",
        ) from problem
    except OSError as problem:
        raise Unavailable(
            f"the report cannot be written: {problem.strerror}",
            where=file,
            rule="gap-report",
            remedy="andon gap report --out FILE",
        ) from problem

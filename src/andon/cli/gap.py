"""andon gap: the tests passed and production failed. Which difference between the two worlds is to blame."""

from __future__ import annotations

from importlib import import_module

from andon.cli.amounts import count

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from types import ModuleType

    from andon.desk.ports import Desk

EPILOG = """\
examples:
  andon gap --plan                                what would run, which hosts are asked, what is missing
  andon gap                                       the open incident's failing smoke test is what is looked for
  andon gap --url /orders/812 --status 500        a request that production answers so
  andon gap --text "Total: NaN"                   a text that a page, a log or a test shows
  andon gap --url /stock/7 --absent '"left":0'    a text that should have been in the answer
  andon gap --observe                             read only, build no world
  andon gap --i-own-this shop.example.com         that host may be asked: read-only, 5 requests a second
  andon gap prevent                               the test, the check, the rule that keep it from coming back

Worlds are built on this machine out of copies, one after the other, and taken down again. Exit codes: 0 the
gap is found, by experiment or by reading; 1 it is no gap between the worlds (no test goes there, a mock, an
input that no test tries, a test that wavers, another build); 3 it could not be told, and the verdict says
what would tell."""

#: The verbs and the modules that run them.
VERBS = {
    "report": ("gap_report", "write the newest search as a page"),
    "prevent": (
        "gap_prevent",
        "what keeps it from coming back: test, parity check, monitoring rule, answers",
    ),
    "parity": ("gap_parity", "for CI: are the tests' and production's worlds still alike where they must be"),
}
KINDS = ("environment", "data", "dependency", "scale", "network")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    failed = parser.add_argument_group("how production failed (default: what the incident knows)")
    failed.add_argument("--url", default="", metavar="PATH", help="the request: a path with query, or a URL")
    failed.add_argument("--method", default="", metavar="NAME", help="default: GET")
    failed.add_argument(
        "--body", default="", metavar="TEXT", help="what was sent with it; @FILE reads a file"
    )
    failed.add_argument("--content-type", default="", metavar="TYPE", help="of the body")
    failed.add_argument("--status", type=count, default=0, metavar="N", help="the status it answered with")
    failed.add_argument("--text", default="", help="what the answer, the page or the log said")
    failed.add_argument(
        "--absent", default="", metavar="TEXT", help="what should have been there and was not"
    )
    failed.add_argument(
        "--slower-than", type=float, default=0.0, metavar="SECONDS", help="it answers, but too slowly"
    )
    failed.add_argument(
        "--from-probe", default="", metavar="NAME", help="the request of a configured smoke test"
    )
    how = parser.add_argument_group("how to look")
    how.add_argument("--plan", action="store_true", help="tell what would run; start nothing")
    how.add_argument("--observe", action="store_true", help="rest on what can be read; build no world")
    how.add_argument(
        "--artefacts", action="append", default=[], metavar="PATH", help="what the run that passed left"
    )
    how.add_argument("--only", action="append", default=[], choices=KINDS, help="one kind; may be repeated")
    how.add_argument(
        "--minutes", type=float, default=0.0, metavar="N", help="for the whole search (default: 10)"
    )
    how.add_argument(
        "--i-own-this", action="append", default=[], metavar="HOST", help="this host may be asked, read-only"
    )
    how.add_argument("--report", default="", metavar="FILE", help="write the page there")
    how.add_argument(
        "--yes", "-y", action="store_true", help="ask nothing; hosts without consent are left out"
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    for verb, (name, summary) in VERBS.items():
        _module(name).configure(verbs.add_parser(verb, help=summary))


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Do what the verb says; without one, find the gap."""
    name = VERBS[arguments.verb][0] if arguments.verb else "gap_find"
    return int(_module(name).run(desk, arguments))


def _module(name: str) -> ModuleType:
    return import_module(f"andon.cli.{name}")

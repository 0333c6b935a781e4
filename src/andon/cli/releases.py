"""andon releases: the ledger of deployments with what is known of each release."""

from __future__ import annotations

from andon.cli.amounts import count
from andon.cli.output import print_json, wants_json
from andon.cli.terminal import next_line, one_line, rows
from andon.desk.casefile import open_ids
from andon.desk.deployments import survey

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("--limit", type=count, default=20, help="newest first (default 20)")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Ask the deployer, bring the ledger up to date, print it."""
    production = survey(desk)
    releases = sorted(production.ledger.releases, key=lambda r: r.deployed_at, reverse=True)
    if wants_json(arguments):
        print_json({"running": production.running, "releases": releases[: arguments.limit]})
        return 0
    for source, reason in production.failures:
        print(f"unknown: {one_line(source)}: {one_line(reason)}")
    rows(
        (
            "->" if r.version == production.running else "",
            r.version,
            r.verdict.value,
            f"{r.deployed_at:%Y-%m-%d %H:%M:%S}",
            r.commit[:10],
            f"{r.source} {r.reason}",
        )
        for r in releases[: arguments.limit]
    )
    unknown = [r for r in releases if r.verdict.value == "unknown"]
    if not releases:
        next_line("record what is in production", "andon deployed VERSION")
    elif open_ids(desk):
        next_line("an incident is open", "andon status")
    elif unknown:
        next_line(
            f"{len(unknown)} of them nobody knows to be good; if you know one",
            f'andon deployed {unknown[0].version} --verdict good --reason "how you know"',
        )
    else:
        next_line("see whether what runs is good", "andon verify")
    return 0

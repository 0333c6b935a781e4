"""andon audit: prove that no event and no evidence was altered."""

from __future__ import annotations

from andon.cli.output import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, rows, style
from andon.desk.audit import audit

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("id", nargs="?", help="one incident (default: everything)")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Recompute every chain and every evidence hash."""
    found = audit(desk, arguments.id or getattr(arguments, "incident", None))
    if wants_json(arguments):
        print_json(
            {
                "whole": found.is_whole,
                "streams": [{**whole(r), "whole": r.is_whole} for r in found.streams],
                "evidence": found.evidence,
                "damaged": list(found.damaged),
                "missing": list(found.missing),
                "unanchored": list(found.unanchored),
            }
        )
        return 0 if found.is_whole else 1
    rows(
        (
            "whole" if r.is_whole else "ALTERED",
            r.stream,
            f"{r.verified} events",
            f"head {r.head[:16]}" if r.is_whole else f"event {r.broken_at}: {r.reason}",
        )
        for r in found.streams
    )
    for word, hashes in (("ALTERED", found.damaged), ("MISSING", found.missing)):
        for evidence in hashes:
            print(f"  {style(word, 'bold', 'red')}  evidence {one_line(evidence)}")
    for text in found.unanchored:
        print(f"  {style('ALTERED', 'bold', 'red')}  {one_line(text)}")
    print(f"  {found.evidence} pieces of evidence verified")
    if found.is_whole:
        next_line("nothing was altered", "andon status")
        return 0
    next_line("keep this journal as it is; compare it with a backup or another copy", "andon audit --json")
    return 1

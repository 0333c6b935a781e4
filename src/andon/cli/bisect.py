"""andon bisect: find the commit that broke it, by a command that shows the failure, in its own checkouts."""

from __future__ import annotations

import sys

from andon.cli.amounts import count, seconds
from andon.cli.output import headline, print_json, say_next, summary, wants_json, whole
from andon.cli.terminal import next_line, one_line, rows, style
from andon.desk.bad_range import bad_range, suspects
from andon.desk.casefile import load, open_ids
from andon.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.bad_range import BadRange
    from andon.desk.bisect import Searched
    from andon.desk.bisect_runs import Wanted
    from andon.desk.ports import Desk
    from andon.incident.state import Incident
    from andon.response.culprits import Suspect

EPILOG = """\
Without GOOD and BAD the range is the incident's: from the last known good release to the bad one. --run takes
the rest of the line, so it comes last. Its command runs in a checkout of each commit that is tried, never in
your own work tree: exit code 0 is good, 125 cannot tell, any other is bad. ANDON_COMMIT names the commit.

examples:
  andon bisect --suspects
  andon bisect --run python -m pytest -q tests/test_checkout.py
  andon bisect v1.3.0 v1.4.0 --setup "npm ci" --timeout 120 --run node smoke.js"""

#: Suspects that are listed.
_LISTED = 20
_CONFIDENCE = {
    "proven": "it fails, and the commit before it passes, each twice",
    "likely": "the test wavers: some commit passed and failed, or could be asked once only",
    "narrowed": "one of these; those between cannot be tested",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("good", nargs="?", default="", help="a release, tag or commit that works")
    parser.add_argument("bad", nargs="?", default="", help="a later one that does not")
    parser.add_argument(
        "--smoke", default="", metavar="NAME", help="a configured smoke test that is a command"
    )
    parser.add_argument("--suspects", action="store_true", help="only rank the commits; run nothing")
    parser.add_argument("--resume", action="store_true", help="go on with the search that was cut short")
    parser.add_argument(
        "--setup", default="", metavar="COMMAND", help="run first in every checkout, without a shell"
    )
    parser.add_argument(
        "--timeout", type=seconds, default=600.0, metavar="SECONDS", help="for each command (default 600)"
    )
    parser.add_argument(
        "--on-timeout",
        choices=["skip", "bad"],
        default="skip",
        help="what a test without end says (default skip)",
    )
    parser.add_argument(
        "--votes",
        type=count,
        default=1,
        metavar="N",
        help="answers that must agree on each commit (default 1)",
    )
    parser.add_argument("--fresh", action="store_true", help="remove ignored files, too, before every commit")
    parser.add_argument(
        "--run", dest="argv", nargs="...", default=None, metavar="COMMAND", help="the test; comes last"
    )


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Rank the suspects, or search, or go on with a search."""
    if bool(arguments.good) != bool(arguments.bad):
        raise InvalidInput(
            "name both ends of the range, or neither",
            where="andon bisect",
            rule="bad-range",
            remedy="andon bisect GOOD BAD --suspects",
        )
    try:
        return _rank_or_search(desk, arguments)
    except KeyboardInterrupt:
        told = "interrupted; the checkout is removed, and what was tested is kept"
        print(f"{told}: andon bisect --resume", file=sys.stderr)
        return 130


def _rank_or_search(desk: Desk, arguments: argparse.Namespace) -> int:
    from andon.desk.bisect import resume, search
    from andon.response.culprits import likelier

    told = not wants_json(arguments)

    def tell(line: str) -> None:
        if told:
            print(style(f"  {one_line(line)}", "dim"), flush=True)

    if arguments.resume:
        return _show(desk, arguments, resume(desk, tell))
    state = _incident(desk, arguments)
    wanted = None if arguments.suspects else _wanted(desk, arguments)
    within = bad_range(desk, state, arguments.good, arguments.bad)
    ranked = suspects(desk, state, within)
    if wanted is None:
        return _show_suspects(arguments, state, within, ranked)
    tell(
        f"{len(within.commits)} commits after {within.good_name} up to {within.bad_name}; nothing uncommitted"
    )
    return _show(desk, arguments, search(desk, state, within, wanted, likelier(ranked), tell))


def _incident(desk: Desk, arguments: argparse.Namespace) -> Incident | None:
    """Return the incident that is meant; None when none is open and none is named."""
    named = getattr(arguments, "incident", None)
    return load(desk, named) if named or open_ids(desk) else None


def _wanted(desk: Desk, arguments: argparse.Namespace) -> Wanted:
    import shlex

    from andon.desk.bisect import smoke_command
    from andon.desk.bisect_runs import Wanted

    if bool(arguments.argv) == bool(arguments.smoke):
        raise InvalidInput(
            "one command must show the failure: --run COMMAND, or --smoke NAME",
            where="andon bisect",
            rule="usage",
            remedy="andon bisect --run COMMAND; or only rank the commits: andon bisect --suspects",
        )
    try:
        setup = tuple(shlex.split(arguments.setup))
    except ValueError as problem:
        raise InvalidInput(
            f"--setup cannot be read: {problem}",
            where="andon bisect",
            rule="usage",
            remedy="close the quotes",
        ) from problem
    return Wanted(
        command=tuple(arguments.argv) if arguments.argv else smoke_command(desk, arguments.smoke),
        setup=setup,
        timeout=arguments.timeout,
        on_timeout=arguments.on_timeout,
        votes=max(arguments.votes, 1),
        fresh=arguments.fresh,
    )


def _show_suspects(
    arguments: argparse.Namespace, state: Incident | None, within: BadRange, ranked: tuple[Suspect, ...]
) -> int:
    commits = {commit.id: commit for commit in within.commits}
    if wants_json(arguments):
        print_json(
            {
                "good": within.good,
                "bad": within.bad,
                "suspects": [{**whole(s), "subject": commits[s.commit].subject} for s in ranked],
            }
        )
        return 0
    print(
        style(
            f"{len(ranked)} commits after {one_line(within.good_name)} up to {one_line(within.bad_name)}",
            "bold",
        )
    )
    rows(
        (
            f"{number}",
            suspect.commit[:10],
            f"{commits[suspect.commit].committed_at:%Y-%m-%d %H:%M}",
            commits[suspect.commit].author[:20],
            commits[suspect.commit].subject[:70] + _why(suspect),
        )
        for number, suspect in enumerate(ranked[:_LISTED], start=1)
    )
    if len(ranked) > _LISTED:
        print(f"  and {len(ranked) - _LISTED} older ones that nothing else speaks against")
    ends = "" if state else f"{within.good_name} {within.bad_name} "
    next_line("give a command that shows the failure", f"andon bisect {ends}--run COMMAND")
    return 0


def _why(suspect: Suspect) -> str:
    return f" (the errors pass through {', '.join(suspect.files[:3])})" if suspect.files else ""


def _show(desk: Desk, arguments: argparse.Namespace, done: Searched) -> int:
    code = 3 if done.found.confidence == "narrowed" else 0
    now = desk.clock.now()
    if wants_json(arguments):
        print_json(
            {
                **(summary(done.incident, now) if done.incident else {}),
                **whole(done.found),
                "subjects": [done.range.subject_of(commit) for commit in done.found.commits],
                "good": done.range.good,
                "bad": done.range.bad,
                "runs": len(done.runs),
            }
        )
        return code
    authors = {commit.id: commit.author for commit in done.range.commits}
    for commit in done.found.commits:
        subject = one_line(done.range.subject_of(commit), 90)
        print(f"{style(commit[:10], 'bold', 'red')}  {subject}  ({one_line(authors[commit], 40)})")
    print(f"  {done.found.confidence}: {_CONFIDENCE[done.found.confidence]}")
    print(f"  {len(done.runs)} runs over {len(done.range.commits)} commits")
    if done.incident is not None:
        print(headline(done.incident))
        say_next(done.incident)
    else:
        next_line("look at it", f"git show {done.found.commits[-1][:10]}")
    return code

"""andon hotfix: a branch from what runs, the guard, the way to production, and back to the main line."""

from __future__ import annotations

import os

from andon.cli.amounts import seconds
from andon.cli.output import finish, print_json, summary, wants_json, whole
from andon.cli.terminal import next_line, one_line, style
from andon.desk.casefile import load
from andon.errors import InvalidInput
from andon.incident.hotfix_state import merged_home
from andon.incident.next_step import next_step

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.hotfix_finish import Homecoming
    from andon.desk.hotfix_start import Begun
    from andon.desk.ports import Desk
    from andon.incident.state import Incident

EPILOG = """\
examples:
  andon hotfix start                 a branch from the release that runs, never from main
  andon hotfix check                 the guard: minimal, nothing new, proven, nothing leaked
  andon hotfix check --test python -m pytest tests/test_orders.py
  andon skip minimal:4f3c2a1e9b07 --reason "the fourth file is its test"
  andon hotfix ship                  the guard again, the plan with its way back, your yes, deploy, verify
  andon hotfix finish                is the fix on the main line? A fix that is not comes back as a bug

ship is carried out by a worker, whatever becomes of this terminal; said again, it follows what is under way.
check and ship exit with 1 when the guard objects, with 3 when it could not decide."""


#: How it is known that a fix is on the main line.
_SEEN = {
    "ancestry": "its commits are there",
    "patch": "the same patches are there",
    "content": "what it changes is there",
    "stated": "another commit does the same",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    start = verbs.add_parser("start", help="make the branch from the release that runs")
    start.add_argument("name", nargs="?", default="", help="a word for the branch: hotfix/INC-7-NAME")
    start.add_argument(
        "--worktree", action="store_true", help="in a work tree of its own (default: if needed)"
    )
    check = verbs.add_parser("check", help="ask the guard about what is committed on the branch")
    check.add_argument(
        "--test", nargs="...", default=None, metavar="COMMAND", help="proves the fix; comes last"
    )
    ship = verbs.add_parser("ship", help="guard, plan, approval, deployment, verification")
    ship.add_argument("version", nargs="?", default="", help="default: what runs, with -hotfix.1 behind it")
    ship.add_argument("--plan", action="store_true", help="show the plan and make nothing")
    ship.add_argument("--yes", "-y", action="store_true", help="do not ask")
    ship.add_argument("--ask", action="store_true", help="record the plan; somebody else approves it")
    ship.add_argument("--approve", metavar="OPERATION", help="approve the plan that somebody recorded")
    ship.add_argument("--resume", action="store_true", help="follow what is under way")
    ship.add_argument("--no-verify", action="store_true", help="verify later: andon verify")
    ship.add_argument("--watch", type=seconds, default=10.0, metavar="SECONDS", help="watch logs this long")
    end = verbs.add_parser("finish", help="is it on the main line? Record it, or say how it gets there")
    end.add_argument("--merge", action="store_true", help="merge it there, when that goes by itself")
    end.add_argument("--same-as", dest="stated", default="", metavar="COMMIT", help="this one does the same")
    end.add_argument("--reason", "-r", default="", help="how you know that")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Do what the verb says; without one, say where the hotfix stands."""
    wanted = getattr(arguments, "incident", None)
    match arguments.verb:
        case "start":
            return _start(desk, arguments, load(desk, wanted))
        case "check":
            from andon.cli.hotfix_check import run_check  # the parser of structures: only where it is needed

            return run_check(desk, arguments, load(desk, wanted))
        case "ship":
            from andon.cli.hotfix_ship import run_ship

            return run_ship(desk, arguments, load(desk, wanted))
        case "finish":
            return _finish(desk, arguments, load(desk, wanted, closed_too=True))
        case _:
            return _stand(desk, arguments, load(desk, wanted))


# ---- where it stands


def _stand(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    if wants_json(arguments):
        print_json({**summary(state, desk.clock.now()), **_plain(state)})
        return 0
    hotfix = state.hotfix
    if hotfix is None:
        return finish(arguments, state, desk.clock.now(), "no hotfix was started")
    place = desk.branches.place_of(hotfix.branch)
    told = [f"{hotfix.branch} from {hotfix.base_version} ({hotfix.base_commit[:10]})"]
    told.append(f"checked out in {place}" if place else "checked out nowhere")
    if state.hotfix_checks:
        last = state.hotfix_checks[-1]
        told.append(f"the guard said of {last.commit[:10]}: {last.verdict}")
    if merged := merged_home(state):
        told.append(f"on the main line: {merged.into}")
    return finish(arguments, state, desk.clock.now(), *told)


def _plain(state: Incident) -> dict[str, object]:
    return {
        "hotfix": whole(state.hotfix) if state.hotfix else None,
        "checked": whole(state.hotfix_checks[-1]) if state.hotfix_checks else None,
        "merged": whole(merged) if (merged := merged_home(state)) else None,
    }


# ---- start


def _start(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    from andon.desk.hotfix_start import start_hotfix

    begun = start_hotfix(desk, state, arguments.name, apart=arguments.worktree)
    if wants_json(arguments):
        more = {"place": begun.place, "is_new": begun.is_new, "notes": list(begun.notes)}
        print_json({**summary(begun.incident, desk.clock.now()), **_plain(begun.incident), **more})
        return 0
    _tell_start(begun)
    step = next_step(begun.incident)
    elsewhere = os.path.realpath(begun.place) != os.path.realpath(desk.config.root)
    next_line(step.text, f"cd {begun.place}; {step.command}" if elsewhere else step.command)
    return 0


def _tell_start(begun: Begun) -> None:
    hotfix = begun.hotfix
    verb = "made from" if begun.is_new else "is there already, made from"
    print(
        f"{style(one_line(hotfix.branch), 'bold')} {verb} {one_line(hotfix.base_version)} "
        f"({hotfix.base_commit[:10]}), the release that runs"
    )
    print(f"  in {one_line(begun.place)}")
    for note in begun.notes:
        print(f"  note: {one_line(note, 300)}")
    protocol = begun.incident.protocol
    if protocol is None:
        return
    for title, lines in (
        ("allowed, with one word each: andon skip WORD", protocol.allowed),
        ("required", protocol.required),
        ("forbidden", protocol.forbidden),
    ):
        if lines:
            print(style(title, "bold"))
        for line in lines:
            print(f"  {one_line(line)}")


# ---- finish


def _finish(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    from andon.desk.hotfix_finish import finish_hotfix, is_only_here

    if arguments.merge and arguments.stated:
        raise InvalidInput(
            "either it is merged, or another commit does the same",
            rule="hotfix-merged",
            remedy="andon hotfix finish --merge",
        )
    home = finish_hotfix(desk, state, merge=arguments.merge, stated=arguments.stated, reason=arguments.reason)
    if wants_json(arguments):
        _print_home(desk, home)
        return 0 if home.merged else 1
    if home.merged is None:
        return _missing(home)
    told = f"the hotfix is on {home.merged.into}: {_SEEN.get(home.merged.seen_by, home.merged.seen_by)}"
    if is_only_here(desk, home.merged):
        told += f"; others do not have it yet: git push origin {home.merged.into}"
    return finish(arguments, home.incident, desk.clock.now(), told)


def _print_home(desk: Desk, home: Homecoming) -> None:
    print_json(
        {
            **summary(home.incident, desk.clock.now()),
            "commit": home.commit,
            "main": home.main,
            "merged": whole(home.merged) if home.merged else None,
            "missing": list(home.missing),
            "taken_back": home.is_taken_back,
            "commands": [] if home.merged else list(home.commands),
        }
    )


def _missing(home: Homecoming) -> int:
    what = "had the hotfix, and it was taken back there:" if home.is_taken_back else "lacks the hotfix:"
    print(style("not on the main line", "bold", "red") + f"  {one_line(home.main)} {what}")
    for commit in home.missing[:10]:
        print(f"  {commit[:12]}")
    print("  the next release from there brings the failure back; bring the fix there:")
    for command in home.commands:
        print(f"    {one_line(command)}")
    if not home.is_taken_back:
        next_line("or, when it merges by itself", "andon hotfix finish --merge")
    return 1

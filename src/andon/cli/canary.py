"""andon canary: give a release to more and more of the traffic, watched; taken out when it breaks."""

from __future__ import annotations

from andon.cli.flags_rollout import carried_on, show_plan, told, wishes_of
from andon.cli.output import wants_json
from andon.cli.rollout_followed import follow_rollout
from andon.cli.rollout_words import declare_words, refuse_mixed
from andon.cli.terminal import confirm
from andon.desk.canary import canary_of, plan_canary
from andon.desk.flags.rollout import resume_rollout, risks, start_rollout, stop_rollout, take_back_rollout
from andon.desk.flags.rollouts import newest_of
from andon.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk

EPILOG = """\
For deployers that divide traffic: argo-rollouts. The stages are those at which the Rollout's own strategy
waits (setWeight, then pause: {}); nothing in it is changed. A failing stage is aborted by itself, and an
incident is declared. Ctrl-C only stops the telling.

examples:
  andon canary v1.4.0 5% 25% 100% --every 10m    spread it, watched
  andon canary                                    how it stands
  andon canary --back                             take it out"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("version", nargs="?", default="", help="the tag of the new image")
    declare_words(parser)


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Begin a canary, or show or steer the one that there is."""
    if arguments.version:
        return _begin(desk, arguments)
    refuse_mixed(arguments)
    rollout = newest_of(desk, canary_of(desk).name, "release")
    if arguments.stop:
        return told(desk, arguments, stop_rollout(desk, rollout, arguments.reason))
    if arguments.back:
        confirm(f"take {rollout.planned.variant} out, from {rollout.percent:g} %?", yes=arguments.yes)
        return told(desk, arguments, take_back_rollout(desk, rollout, arguments.reason))
    if arguments.resume:
        return carried_on(desk, arguments, resume_rollout(desk, rollout, arguments.reason))
    if arguments.follow:
        return follow_rollout(desk, arguments, rollout)
    told(desk, arguments, rollout)
    return 0


def _begin(desk: Desk, arguments: argparse.Namespace) -> int:
    given = [word for word in ("follow", "stop", "back", "resume") if getattr(arguments, word)]
    if given:
        raise InvalidInput(
            f"a version begins a canary, --{given[0]} is for the one that there is",
            rule="rollout",
            remedy=f"andon canary --{given[0]}",
        )
    plan = plan_canary(desk, arguments.version, wishes_of(arguments))
    if not wants_json(arguments):
        show_plan(plan, risks(desk, plan))
    if not arguments.ask:
        confirm(f"give {plan.variant} to {plan.stages[0]:g} % of the traffic?", yes=arguments.yes)
    rollout = start_rollout(desk, plan)
    if arguments.ask:
        told(desk, arguments, rollout)
        return 0
    return carried_on(desk, arguments, rollout)

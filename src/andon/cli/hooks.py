"""andon hooks: put the gates into git's hooks, take them out again, or look at them."""

from __future__ import annotations

from andon.cli.as_json import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, rows, style
from andon.desk.hooks import install_hooks, look_at_hooks, uninstall_hooks
from andon.response.hooks.plan import HookState

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.hooks import HookReport, HooksReport
    from andon.desk.ports import Desk

_COLOURS = {
    HookState.IN: "green",
    HookState.CALLED: "green",
    HookState.OUTDATED: "yellow",
    HookState.OUT: "yellow",
}
_MEANS = {
    HookState.IN: "asks the gate",
    HookState.CALLED: "another tool calls it, and it asks the gate",
    HookState.OUTDATED: "is of another Andon, or starts one that is elsewhere now",
    HookState.OUT: "is not in",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("deed", choices=("install", "uninstall", "status"), help="what to do")
    parser.add_argument("--server", action="store_true", help="pre-receive, where commits are pushed to")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Do it and say how each hook stands; `status` returns 1 when one is missing or outdated."""
    deeds = {"install": install_hooks, "uninstall": uninstall_hooks, "status": look_at_hooks}
    report = deeds[arguments.deed](desk, server=arguments.server)
    is_fine = report.are_in or arguments.deed == "uninstall"
    if wants_json(arguments):
        print_json({**whole(report), "hooks": [whole(hook) for hook in report.hooks]})
        return 0 if is_fine else 1
    _show(report)
    server = " --server" if arguments.server else ""
    if arguments.deed == "uninstall":
        next_line("the gates are asked in CI and by hand", "andon gate pre-commit")
    elif is_fine and arguments.server:
        next_line("a push is judged now; see that the journal can be asked from here", "andon doctor")
    elif is_fine:
        next_line("see what the gate says now", "andon gate pre-commit")
    else:
        next_line("not every hook asks the gate", f"andon hooks install{server}")
    return 0 if is_fine else 1


def _show(report: HooksReport) -> None:
    print(f"hooks in {one_line(report.directory)}")
    rows([_cells(hook) for hook in report.hooks])
    for note in report.notes:
        print(f"  {one_line(note)}")


def _cells(hook: HookReport) -> tuple[str, str, str]:
    told = hook.told or _MEANS[hook.state] + (", and so is another hook" if hook.keeps_another else "")
    return hook.name, style(hook.state.value, _COLOURS[hook.state]), told
